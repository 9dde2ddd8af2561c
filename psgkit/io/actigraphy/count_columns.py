"""Columns of tables of activity counts by their meaning, in the languages that devices write."""

from psgkit.core.dataclass import dataclass
from psgkit.io.channels.label_words import plain_words
from psgkit.io.channels.places import PLACES
from psgkit.io.text.tables import delimiter_of

TIME_WORDS: tuple[str, ...] = (
    *("time", "timestamp", "datetime", "date time", "date and time", "epoch", "zeitpunkt"),
    *("epoch start", "start time", "local time", "datatimestamp", "measurement timestamp"),
    *("datum zeit", "date heure", "data ora", "fecha hora", "data hora", "timenum"),
)
DATE_WORDS: tuple[str, ...] = (
    *("date", "datum", "data", "fecha", "day", "dato", "jour", "dia", "giorno", "tag"),
    *("paivamaara", "kuupaev", "日付", "日期"),
)
CLOCK_WORDS: tuple[str, ...] = (
    *("time", "zeit", "heure", "uhrzeit", "ora", "clock", "hora", "tijd", "tid", "hour"),
    *("klokkeslett", "klokkeslaet", "klockslag", "godzina", "czas", "cas", "aika", "kellonaika"),
    *("時刻", "時間", "时间"),
)
COUNT_WORDS: tuple[str, ...] = (
    *("counts", "count", "activity", "activity counts", "activity count", "act", "ac"),
    *("pim", "zcm", "tat", "motion", "mw"),
    *("aktivitat", "activite", "attivita", "actividad", "atividade", "activiteit", "aktivitet"),
    *("aktywnosc", "aktivita", "aktiivisuus", "活動量", "活动量", "活動", "活动"),
)
MAGNITUDE_WORDS = ("vm", "vector magnitude", "vectormagnitude", "magnitude", "vmu")
ACTIGRAPH_AXES = (
    ("axis1", "axis2", "axis3"),
    ("axis 1", "axis 2", "axis 3"),
    ("activity", "activity horizontal", "3rd axis"),
    ("activity", "activity horizontal", "activity 3rd axis"),
)
"""Names by which ActiLife calls its axes, from the first on; a table may have fewer than three."""
AXIS_WORDS = (("x", "y", "z"), ("counts x", "counts y", "counts z"), ("axis x", "axis y", "axis z"))
MARKER_WORDS: tuple[str, ...] = (
    *("marker", "event", "button", "event marker", "markierung", "marqueur", "indicatore"),
    *("marcador", "marcatore", "markering", "markor", "markor", "znacznik", "マーカー"),
)
TRACK_WORDS: dict[str, tuple[str, ...]] = {
    "light": (
        *("light", "lux", "white light", "photopic light", "lightlux", "ambient light"),
        *("weisses licht", "lumiere blanche", "luce bianca", "luz blanca", "luz branca"),
        *("wit licht", "vitt ljus", "hvidt lys", "hvitt lys", "swiatlo biale", "照度"),
    ),
    "temperature": ("temperature", "temp", "skin temperature", "temperatur", "temperatura"),
}
TRACK_UNITS = {"light": "lux", "temperature": "degC"}


@dataclass(frozen=True, kw_only=True, slots=True)
class CountColumns:
    """Columns of a table by their meaning; names are those of the header.

    ``counts`` pairs a column with the place of the device, empty if the header states none;
    ``of_actigraph`` states that the axes are named as ActiLife names them; ``also`` has columns
    that the reader of one maker uses beside these.
    """

    time: str | None = None
    date: str | None = None
    clock: str | None = None
    counts: tuple[tuple[str, str], ...] = ()
    axes: tuple[str, ...] = ()
    of_actigraph: bool = False
    magnitude: str | None = None
    marker: str | None = None
    tracks: tuple[tuple[str, str], ...] = ()
    also: tuple[str, ...] = ()

    @property
    def has_times(self) -> bool:
        """Return whether rows have a time."""
        return self.time is not None or None not in (self.date, self.clock)

    @property
    def has_counts(self) -> bool:
        """Return whether rows have a count."""
        return bool(self.counts or self.axes or self.magnitude)

    @property
    def used(self) -> frozenset[str]:
        """Return the names of the columns that are read."""
        one = (self.time, self.date, self.clock, self.marker)
        placed = [name for name, _ in self.counts]
        axes = self.axes if not placed or len(self.counts) == 1 else ()
        magnitude = () if placed or self.of_actigraph else (self.magnitude,)
        tracks = [name for _, name in self.tracks]
        names = (*one, *placed, *axes, *magnitude, *tracks, *self.also)
        return frozenset(name for name in names if name is not None)


def find_columns(header: tuple[str, ...]) -> CountColumns:
    """Return the columns of a table by their meaning.

    Examples
    --------
    >>> found = find_columns(("date", "time", "axis1", "axis2", "axis3", "lux"))
    >>> found.date, found.clock, found.axes, found.tracks
    ('date', 'time', ('axis1', 'axis2', 'axis3'), (('light', 'lux'),))
    >>> find_columns(("timestamp", "counts_left_ankle", "counts_right_ankle")).counts
    (('counts_left_ankle', 'left_ankle'), ('counts_right_ankle', 'right_ankle'))
    >>> find_columns(("date", "time", "activity", "activity (horizontal)")).axes
    ('activity', 'activity (horizontal)')
    """
    words = {name: plain_words(name) for name in header}
    date = first_of(words, DATE_WORDS)
    clock = first_of(words, CLOCK_WORDS) if date else None
    time = None if clock else first_of(words, TIME_WORDS) or date
    axes = _actigraph_axes(words)
    of_actigraph = bool(axes)
    if not axes:
        axes = next((found for names in AXIS_WORDS if (found := _all(words, names))), ())
    counts = _counts({name: said for name, said in words.items() if name not in axes})
    tracks = [(kind, first_of(words, names)) for kind, names in TRACK_WORDS.items()]
    return CountColumns(
        time=time,
        date=date if clock else None,
        clock=clock,
        counts=counts,
        axes=axes,
        of_actigraph=of_actigraph and not counts,
        magnitude=first_of(words, MAGNITUDE_WORDS),
        marker=first_of(words, MARKER_WORDS),
        tracks=tuple((kind, name) for kind, name in tracks if name),
    )


def columns_of_line(line: str) -> CountColumns:
    """Return the columns that a header line names."""
    delimiter = delimiter_of(line) or "\t"
    names = [cell.strip().strip('"').casefold() for cell in line.split(delimiter)]
    return find_columns(tuple(names))


def _actigraph_axes(words: dict[str, str]) -> tuple[str, ...]:
    """Return the axes as ActiLife names them, from the first on."""
    for names in ACTIGRAPH_AXES:
        found = [first_of(words, (name,)) for name in names]
        n_known = found.index(None) if None in found else len(found)
        # a column called activity alone is a count of any device
        if n_known > (1 if names[0] == "activity" else 0):
            return tuple(name for name in found[:n_known] if name)
    return ()


def _counts(words: dict[str, str]) -> tuple[tuple[str, str], ...]:
    """Return the columns of counts with their places; one without place only if it is alone."""
    plain = [name for name, said in words.items() if said in COUNT_WORDS]
    placed = []
    for name, said in words.items():
        place = "_".join(part for part in said.split() if part not in COUNT_WORDS)
        if place in PLACES:
            placed.append((name, place))
    return tuple(placed) or tuple((name, "") for name in plain[:1])


def first_of(words: dict[str, str], wanted: tuple[str, ...]) -> str | None:
    """Return the first column whose words are one of ``wanted``, in the order of these."""
    for word in wanted:
        for name, said in words.items():
            if said == plain_words(word):
                return name
    return None


def _all(words: dict[str, str], wanted: tuple[str, ...]) -> tuple[str, ...]:
    found = [first_of(words, (word,)) for word in wanted]
    return tuple(name for name in found if name) if all(found) else ()
