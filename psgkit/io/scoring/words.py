"""Words for sleep stages and for events, in the languages that scoring programs write.

The words for stages are a closed table: a word that is not in it is never guessed.  Bare numbers
mean different things in different files; ``psgkit.io.scoring.stage_codes`` reads them.

The words for events are patterns.  A pattern fits the whole text or not at all: "no arousal" is
not an arousal.  A text that fits no pattern is kept as it is.
"""

import re

from psgkit.core.hypnogram import ASLEEP, UNSCORED
from psgkit.core.regex import regex
from psgkit.core.site import Site
from psgkit.errors import TableError
from psgkit.io.channels.roles import role_of_label
from psgkit.io.text.read import without_accents
from psgkit.io.text.tables import quoted

# --- stages --------------------------------------------------------------------------------------

_WORDS_OF = {
    "W": (
        "w wake awake wakefulness s0 eveil eveille veille wach wachheit wakker waak vigilia"
        " despierto veglia sveglio wachzustand wakestate waking vigil acordado desperto vaken vagen"
        " czuwanie"
    ),
    "N1": "n1 s1 nrem1 nrem-1 ns1",
    "N2": "n2 s2 nrem2 nrem-2 ns2",
    "N3": ("n3 s3 n4 s4 nrem3 nrem-3 nrem4 nrem-4 ns3 ns4 sws n3/n4 s3/s4 lent-profond tiefschlaf"),
    "R": (
        "r rem srem rem-sleep paradoxal sommeil-paradoxal rem-schlaf rapideyemovementsleep"
        " rapideyemovement mor paradox remsleep"
    ),
    UNSCORED: (
        "unscored ? u uns unknown unscorable unscoreable undefined not-scored non-scored notscored"
        " noscore art artefact artifact a mt m mvt movement mouvement bewegung movement-time n/a"
        " nan"
        " unbewertet nicht-bewertet non-cote unsure no-stage nostage not-rated"
    ),
    ASLEEP: (
        "sleep asleep nrem non-rem nonrem nrem-sleep light light-sleep deep deep-sleep core core-"
        "sleep schlaf schlafend leichtschlaf sommeil dort endormi leger profond sommeil-leger"
        " sommeil-profond sueno dormido ligero profundo sonno leggero profondo slaap slapend"
        " lichte-slaap diepe-slaap quiet-sleep sleeping"
    ),
}
_STAGE_OF = {word: stage for stage, words in _WORDS_OF.items() for word in words.split()}
_NUMBERS_AFTER_STAGE = {0: "W", 1: "N1", 2: "N2", 3: "N3", 4: "N3", 5: "R", 6: UNSCORED}
"""Of Rechtschaffen and Kales, as in ``Sleep stage 4``."""
_NUMBERS_AFTER_STAGE |= dict.fromkeys((-2, -1, 8, 9), UNSCORED)
_PREFIX = regex(
    r"(sleep[ _-]*)?(stage|stade|stadium|phase|schlafstadium|fase|estadio|estagio|etapa|stadio"
    r"|stadie|faza)[ _:-]*|(sleep|sommeil|schlaf|sueno|sonno|sono)[ _-]+"
)
_INTEGER = regex(r"[+-]?\d{1,3}(\.0+)?", re.ASCII)
# Annotations are free text: "2" may be a count and "S 1" a stimulus.  These alone are stages.
_ALONE = regex(
    r"w|wake|n[1-4]|r|rem|movement[ -]?time"
    r"|sleep[ _-]+([ns]?[0-4]|w|wake|r|rem|unscored)|stage[ _-]+([ns]?[0-4]|w|wake|r|rem)",
    re.IGNORECASE | re.ASCII,
)
_EVENTS_TOO = regex(
    r"art[ei]fact|art|a|mt?|mvt|movement|mouvement|bewegung|u|unsure|unknown|undefined|n/a|nan"
    r"|sleep|asleep|sleeping|light|deep|core|quiet sleep|dort|endormi|leger|profond|ligero|profundo"
    r"|leggero|profondo|schlaf|schlafend|sommeil|sueno|dormido|sonno|slaap|slapend"
)
"""Words that state a stage in a list of stages, and an event or nothing in a list of events."""

KNOWN_WORDS = "W N1 N2 N3 R UNSCORED, WAKE REM, S1 S2 S3 S4, 0 1 2 3 4 5, 'Sleep stage N2', ?"
"""What error messages list: one of each kind."""


def stage_of_word(word: str) -> str | None:
    """Return the stage a word means; None for an unknown word and for a bare number.

    Case, accents and a leading ``Sleep stage`` do not matter; after ``Sleep stage`` the numbers
    are those of Rechtschaffen and Kales.

    Examples
    --------
    >>> stage_of_word("Sleep stage 4"), stage_of_word("\u00c9veil"), stage_of_word("4")
    ('N3', 'W', None)
    """
    plain = plain_stage(word)
    bare = plain[match.end() :] if (match := _PREFIX.match(plain)) else plain
    if bare != plain and (number := number_of_word(bare)) is not None:
        return _NUMBERS_AFTER_STAGE.get(number)
    for text in (bare, plain):
        for joint in ("-", ""):
            if stage := _STAGE_OF.get(re.sub(r"[ _]+", joint, text)):
                return stage
    return None


def stage_of_annotation(text: str) -> str | None:
    """Return the stage an annotation states; None if it states none.

    ``Sleep stage X`` is one for every word of the table, and so are ``W N1 N2 N3 R`` alone.

    Examples
    --------
    >>> stage_of_annotation("Sleep stage R"), stage_of_annotation("N2"), stage_of_annotation("2")
    ('R', 'N2', None)

    Raises
    ------
    TableError
        If the text begins with ``Sleep stage`` and goes on with an unknown word.
    """
    words = text.split("@@", maxsplit=1)[0].strip()
    if re.match(r"sleep[ _-]*stage\b", words, re.IGNORECASE):
        stage = stage_of_word(words)
        if stage is None:
            raise TableError(f"annotation {quoted(words)}", "an unknown stage", KNOWN_WORDS)
        return stage
    return stage_of_word(words) if _ALONE.fullmatch(words) else None


def stage_among_events(text: str) -> str | None:
    """Return the stage that a mark states in a list that holds stages and events.

    Examples
    --------
    >>> stage_among_events("SLEEP-S2"), stage_among_events("Movement"), stage_among_events("MJ")
    ('N2', None, None)
    """
    return None if _EVENTS_TOO.fullmatch(plain_stage(text)) else stage_of_word(text)


def plain_stage(word: str) -> str:
    """Return ``word`` in lower case, without accents and with single blanks.

    Examples
    --------
    >>> plain_stage(" Sleep  Stage W ")
    'sleep stage w'
    """
    return " ".join(without_accents(word).split())


def number_of_word(plain: str) -> int | None:
    """Return the whole number a word in lower case is, None if it is none.

    Examples
    --------
    >>> number_of_word("2.0"), number_of_word("n2")
    (2, None)
    """
    return int(float(plain)) if _INTEGER.fullmatch(plain) else None


# --- events --------------------------------------------------------------------------------------

SITED_KINDS = ("lm", "artifact")
"""Kinds that happen at a place on the body; the channel of an arousal is where it was seen."""

_SIDE = r"(?: (?:left|right|l|r|gauche|droite|links|rechts|both|bilateral|beide))?"
_CAUSE = (
    r"(?:eeg|cortical|asda|aasm|standard|micro|spont(?:an(?:e[aeos]?|eous)?)?|res|resp|respiratory|rera|plms?|lms?|limb|leg"
    r"|movement|snore|noise|desat|apnea|hypopnea|aro|external|american sleep disorders association"
    r"|(?:resulting |due |arising )?(?:from|to|by)|effort|periodic|chin emg|cheshire)"
)
_KIND_OF_APNEA = (
    r"(?:obstructi(?:ve|f)|obstruktive?|central[e]?|zentrale?|mixed|mixte|gemischte?|unclassified)"
)
_APNEA = r"(?:apno?e[ae]?s?|apnoe)"

# One line a kind and language.
EVENT_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, regex(pattern))
    for kind, pattern in (
        # "PLM" alone is in RemLogic the bar over a whole series, and stays "plm".
        # RRLM is a respiration-related movement: the rules decide what becomes of it.
        ("lm", rf"(?:plm )?(?:rr)?lm{_SIDE}|plm (?:left|right|l|r|gauche|droite|links|rechts)"),
        (
            "lm",
            rf"(?:(?:isolated|periodic|left|right|bilateral|both|l|r) )*(?:limb|leg)"
            rf" (?:movements?|mvts?){_SIDE}",
        ),
        (
            "lm",
            r"(?:movimientos?|movimenti|movimentos?) (?:periodic[oi]s? )?(?:de |di |da |das |delle "
            r"|della |d )?(?:las? )?(?:piernas?|gamb[ae]|pernas?|extremidades|arti|membros)",
        ),
        ("lm", rf"(?:linker|rechter )?(?:beenbeweging(?:en)?|benbevegelser?|benrorelser?){_SIDE}"),
        ("lm", rf"mj{_SIDE}|mouvements? (?:periodiques? )?(?:de |des )?(?:la )?jambes?{_SIDE}"),
        ("lm", rf"(?:(?:periodische|linke|rechte) )*beinbewegung(?:en)?{_SIDE}"),
        # An autonomic arousal differs from one seen in the EEG, and is not in here.
        ("arousal", rf"(?:{_CAUSE} )*arousals?(?: {_CAUSE})*"),
        ("arousal", rf"micro ?(?:r?eveil|arousal)s?(?: {_CAUSE})*|weckreaktion(?:en)?"),
        ("hypopnea", rf"(?:{_KIND_OF_APNEA} )?hypopno?e[ae]?s?(?: {_KIND_OF_APNEA})?"),
        ("apnea", rf"(?:{_KIND_OF_APNEA} |as )?{_APNEA}(?: {_KIND_OF_APNEA})?"),
        ("hypopnea", r"as hypopnea"),
        # Noxturnal shortens its "A. Obstructive", "A. Mixte".
        ("apnea", rf"a {_KIND_OF_APNEA}"),
        ("hypopnea", rf"h {_KIND_OF_APNEA}"),
        (
            "rera",
            r"(?:resp )?reras?(?: event)?|resp(?:iratory)? effort related arousals?(?: rera)?",
        ),
        ("lights_off", r"lights? (?:off|out)|licht aus"),
        ("lights_off", r"extinction (?:des )?lumieres?|lumieres? eteintes?"),
        ("lights_on", r"lights? on|licht an"),
        ("lights_on", r"allumage (?:des )?lumieres?|lumieres? allumees?"),
        # What psgkit itself exports beside the events of a scorer; no analysis uses them.
        ("accelerometer_movement", r"accelerometer movement"),
        ("large_movement", r"large movement"),
        ("posture", r"posture (?:supine|prone|left|right|lying|upright|walking|unknown)"),
        ("rhythm", r"rhythm (?:foot tremor|alma|high frequency|rhythm|scratch)"),
        (
            "artifact",
            r"(?:(?:movement|eeg|emg|ecg|ekg|signal|breathing|position|spo2|pleth) )?"
            r"art[ei]fa[ck]te?s?",
        ),
    )
)
_PLM = regex(
    rf"plms?{_SIDE}|periodic (?:limb|leg) movements?{_SIDE}|periodische beinbewegung(?:en)?{_SIDE}"
    rf"|mouvements? periodiques? (?:de |des )?jambes?{_SIDE}"
)
_OTHER_WORDS_TEXT = (
    "desat desaturation desaturations entsattigung snore snoring snores ronflement ronflements"
    " schnarchen ronquido position posture supine prone lateral upright koerperlage korperlage"
    " biocal biocals device impedance heart heartrate ekg ecg cap mcap flowgenerator cpap"
    " display video audio av text comment kommentar recording start stop bruxism spindle"
    " kcomplex complex photic machinecal analysis equipment oxygen roomair baseline sensor print"
    " export power battery button stickynote note spo2 saturation tachycardia bradycardia"
    " arrhythmia limitation limitierung autonomic breath breathing pulse rhythm turn"
    " accelerometer large series eyes calibration lights plethysmogram body stage scoring"
    " montage unsure hypoventilation cheyne periodic respiration flow signal movement activity"
    " alma hft"
)
_OTHER_WORDS = frozenset(_OTHER_WORDS_TEXT.split())
"""Words of marks that say nothing of movements, arousals, breathing events or lights."""
_OF_EVENTS = (
    "arousal arousals apnea apnoea apnee apnoe hypopnea hypopnoea hypopnee hypopnoe rera"
    " obstructive obstruktiv central mixed limb movement movements periodic plm plms lms rrlm"
    " left right both bilateral isolated spontaneous respiratory artifact artefact artifacts"
    " lights off on out licht aus an beinbewegung jambe jambes cortical micro"
)
COMMON_WORDS = frozenset(
    [*_OTHER_WORDS, *_OF_EVENTS.split(), *re.findall(r"[a-z]{2,}", " ".join(_STAGE_OF))]
)
"""Words of stages and events: a text of these alone names no person."""
LONGEST_TEXT = 120
"""A longer text is a comment and names no event."""
_LEFT = regex(r"\b(left|l|gauche|links)\b")
_BOTH = regex(r"\b(both|bilateral|beide)\b")
_RIGHT = regex(r"\b(right|r|droite|rechts)\b")
_MOVING_ROLES = ("leg", "arm", "trunk")


def kind_of_text(text: str) -> str | None:
    """Return the kind of event a text names; None for a text the table does not know.

    Case, accents and punctuation do not matter.  Of ``A|B`` (an NSRR concept) A counts, and of
    ``A@@channel`` too.

    Examples
    --------
    >>> kind_of_text("EEG arousal"), kind_of_text("APNEA-OBSTRUCTIVE"), kind_of_text("PLM")
    ('arousal', 'apnea', None)
    """
    plain = _plain_event(text)
    return next((kind for kind, pattern in EVENT_PATTERNS if pattern.fullmatch(plain)), None)


def is_other_mark(text: str) -> bool:
    """Return whether a text that names no known kind is a mark that no analysis needs.

    Examples
    --------
    >>> is_other_mark("SNORE-SINGLE"), is_other_mark("XYZ")
    (True, False)
    """
    words = re.findall(r"[^\W_]+", without_accents(text[:LONGEST_TEXT]))
    return bool(_OTHER_WORDS.intersection(words))


def says_plm(text: str) -> bool:
    """Return whether a text is "PLM", of any side: a movement, or the bar over a series.

    Examples
    --------
    >>> says_plm("PLM"), says_plm("Periodic leg movement - left|PLM (Left)"), says_plm("PLM-LM")
    (True, True, False)
    """
    return _PLM.fullmatch(_plain_event(text)) is not None


def site_of_text(text: str) -> Site:
    """Return the site of a scored movement: of its channel after ``@@``, else the side it names.

    A side without a limb is a leg: limb movements are scored in the legs unless a channel says
    otherwise.

    Examples
    --------
    >>> site_of_text("Limb movement@@EMG LAT").value, site_of_text("LM (right)").value
    ('left_leg', 'right_leg')
    """
    _, _, channel = text.partition("@@")
    if channel.strip():
        found = role_of_label(channel)
        return found.site if found.role in _MOVING_ROLES else Site.NONE
    plain = _plain_event(text)
    left, right = _LEFT.search(plain), _RIGHT.search(plain)
    if _BOTH.search(plain):
        return Site.BOTH_LEGS
    if bool(left) == bool(right):
        return Site.NONE
    return Site.LEFT_LEG if left else Site.RIGHT_LEG


def _plain_event(text: str) -> str:
    """Return what names the event, in lower case, without accents, with single blanks."""
    named = re.split(r"@@|\|", text, maxsplit=1)[0]
    # a scorer who writes "arousal?" is not sure, so it is not taken as an arousal
    if len(named) > LONGEST_TEXT or "?" in named:
        return ""
    return " ".join(re.findall(r"[^\W_]+", without_accents(named)))
