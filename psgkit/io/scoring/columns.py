"""What the columns of a table mean, by the words in their names; units behind the name.

A name is split into words; words that only say of what (``event``, ``sleep``) are ignored.
"""

import re
from collections.abc import Sequence
from typing import Literal

from psgkit.core.dataclass import dataclass
from psgkit.core.regex import regex
from psgkit.io.text.read import without_accents

Meaning = Literal["onset", "end", "duration", "epoch", "date", "stage", "event", "place"]

COLUMN_WORDS: dict[Meaning, str] = {
    "onset": (
        "onset start begin beginning starttime onsettime begintime starts begins from datetime"
        " timestamp startdatetime datetimestart time clock clocktime timeofday t0 tstart starttijd"
        " beginn anfang startzeit anfangszeit beginnzeit zeit uhrzeit zeitpunkt zeitstempel debut"
        " heuredebut heurededebut heure temps horodatage inicio comienzo horainicio horadeinicio"
        " horainicial hora tiempo tempo inizio orainizio oradiinizio ora orario aanvang begintijd"
        " tijd tijdstip klokslag starttid tid tidpunkt klockslag begynnelse poczatek czas godzina"
    ),
    "end": (
        "end stop finish endtime stoptime offset until to ends stopp ende endzeit bis fin heurefin"
        " heuredefin horafin horafinal horadefin final fine orafine oradifine fim termino horafim"
        " einde eind eindtijd slut sluttid koniec"
    ),
    "duration": (
        "duration dur length lasting durationtime dauer lange duree longueur duracion durata"
        " duracao duur varaktighet varighed varighet czastrwania"
    ),
    "epoch": (
        "epoch epochs epochnumber epochno epochnr epochindex epochid number no nr num index idx #"
        " id epoche epochennummer epoque numero numeroepoque epoca numeroepoca epok nummer segment"
        " window"
    ),
    "date": "date datum fecha data jour day tag dia giorno dag dzien",
    "stage": (
        "stage trialtype sleepstage stages sleepstages hypnogram hypno hypnogramme sleepscore"
        " stadium schlafstadium schlafphase schlafstadien stade stades stadedesommeil stadesommeil"
        " phase phasedesommeil fase fasesueno fasedesueno fasedelsueno estadio estadiosueno"
        " estadiodesueno estagio estagiosono fasesono fasedosono stadio stadiosonno stadiodelsonno"
        " fasesonno fasedelsonno slaapstadium slaapfase somnstadium sovnstadie sovnstadium stadie"
        " faza fazasnu stadiumsnu state score scoring sleep"
    ),
    "event": (
        "kind eventtype event trialtype annotation annotations description label type name text"
        " class eventname eventlabel eventconcept concept ereignis ereignistyp bezeichnung"
        " beschreibung anmerkung evenement typeevenement libelle evento etiqueta descripcion"
        " anotacion tipo etichetta descrizione annotazione descricao anotacao gebeurtenis"
        " omschrijving handelse beskrivning beskrivelse haendelse zdarzenie opis value marker"
    ),
    "place": (
        "site location channel side leg limb place channels signal electrode bein seite ort kanal"
        " lokalisation extremitat korperseite emplacement lieu canal cote jambe membre ubicacion"
        " lado pierna extremidad lato gamba canale posizionedelcanale arto perna kant zijde been"
        " sida ben kroppsdel noga strona bodypart"
    ),
}
"""Words for each column in ten languages, without accents and blanks, the preferred ones first."""
CLOCK_WORDS_TEXT = (
    "clock clocktime timeofday uhrzeit heure hora ora orario tijdstip klokslag klockslag godzina"
)
CLOCK_WORDS = frozenset(CLOCK_WORDS_TEXT.split())
"""Names of columns that can only be times of day."""
_RANK = {
    meaning: {word: rank for rank, word in enumerate(words.split())}
    for meaning, words in COLUMN_WORDS.items()
}
_BY_WHOM_TEXT = (
    "relative elapsed absolute local rel abs utc of the de du des la del di do der score scorer"
    " manual final expert consensus hum human aasm rk rechtschaffen reference visual"
)
_BY_WHOM = frozenset(_BY_WHOM_TEXT.split())
_OF_WHAT_TEXT = (
    "event events stage sleep epoch recording mark marker annotation interval bout score"
)
_OF_WHAT = frozenset(_OF_WHAT_TEXT.split())
_TIMES: tuple[Meaning, ...] = ("onset", "end", "duration", "date")
_RELATIVE = frozenset(["relative", "elapsed", "rel", "since", "seit", "ecoule"])
_UNIT_WORDS = {
    1.0: (
        "s sec secs second seconds sek sekunde sekunden seconde secondes segundo segundos secondo"
        " secondi seconden sekunder"
    ),
    1e-3: "ms msec msecs millisecond milliseconds millisekunden",
    60.0: "min mins minute minutes minuten minutos minuti minuter",
    3600.0: "h hr hrs hour hours stunden heures horas ore uur",
}
UNIT_S = {word: unit_s for unit_s, words in _UNIT_WORDS.items() for word in words.split()}
"""Seconds of each unit by its names."""
_OTHER_UNITS_TEXT = "samples sample smp points frames frame ticks epochs us ns usec page pages"
_OTHER_UNITS = frozenset(_OTHER_UNITS_TEXT.split())
_CLOCK_UNIT = regex(r"h{1,2}[:.]?mm|hh|clock|iso|utc|time", re.I)


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """One column of a table.

    Attributes
    ----------
    at : int
        Its number.
    name : str
        As the header has it.
    meaning : str or None
        None if its name means nothing here.
    unit_s : float or None
        Seconds of its unit; None if not stated.
    other_unit : str
        A unit that is no time, such as ``samples``.
    is_clock, is_elapsed : bool
        Whether the name says time of day, or time since the start.
    rank : int
        Low for the preferred one of several columns of one meaning.
    """

    at: int
    name: str
    meaning: Meaning | None
    unit_s: float | None = None
    other_unit: str = ""
    is_clock: bool = False
    is_elapsed: bool = False
    rank: int = 0


def columns_of(header: Sequence[str]) -> tuple[Column, ...]:
    """Return what each column means.

    Examples
    --------
    >>> [one.meaning for one in columns_of(["Start [s]", "Dauer", "Schlafstadium", "SpO2"])]
    ['onset', 'duration', 'stage', None]
    >>> columns_of(["duration_ms"])[0].unit_s
    0.001
    """
    return tuple(_column(at, name) for at, name in enumerate(header))


def _column(at: int, name: str) -> Column:
    plain = without_accents(name)
    in_brackets = " ".join(re.findall(r"[\[(]([^\])]*)[\])]", plain))
    words = re.findall(r"[^\W_]+|#", re.sub(r"[\[(][^\])]*[\])]?", " ", plain))
    unit_s = UNIT_S.get(in_brackets.strip(" ."))
    is_clock = _CLOCK_UNIT.match(in_brackets) is not None
    other = next((one for one in in_brackets.split() if one in _OTHER_UNITS), "")
    if len(words) > 1 and unit_s is None:
        unit_s = UNIT_S.get(words[-1])
        other = other or (words[-1] if words[-1] in _OTHER_UNITS else "")
        words = words[:-1] if unit_s is not None or other else words
    meaning, rank = _meaning(words)
    if not name:
        # the index that pandas writes has no name
        meaning, rank = "epoch", len(_RANK["epoch"])
    if meaning not in ("onset", "end", "duration"):
        return Column(at=at, name=name, meaning=meaning, rank=rank)
    return Column(
        at=at,
        name=name,
        meaning=meaning,
        unit_s=None if is_clock else unit_s,
        other_unit=other,
        is_clock=is_clock or "".join(words) in CLOCK_WORDS,
        is_elapsed=bool(set(words) & _RELATIVE),
        rank=rank - (100 if unit_s is not None else 0),
    )


def _meaning(words: Sequence[str]) -> tuple[Meaning | None, int]:
    """Return the meaning of words: of all, else of those that do not only say whose or of what."""
    bare = [word for word in words if word.rstrip("0123456789") not in {"", *_BY_WHOM}]
    time = [word for word in bare if word not in _OF_WHAT]
    for fewer, some in enumerate((words, bare, time)):
        joined = "".join(some)
        for meaning in _RANK if fewer < 2 else _TIMES:  # noqa: PLR2004 - without of what
            if joined in _RANK[meaning]:
                return meaning, _RANK[meaning][joined] + 50 * fewer
    return None, 0


def first_with(columns: Sequence[Column], *meanings: Meaning) -> Column | None:
    """Return the preferred column that has one of the meanings.

    Examples
    --------
    >>> first_with(columns_of(["time", "onset_s"]), "onset").name
    'onset_s'
    """
    found = [column for column in columns if column.meaning in meanings]
    return min(found, key=lambda column: column.rank, default=None)
