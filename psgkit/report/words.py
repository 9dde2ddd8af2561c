"""The words and number formats of reports: one vocabulary for the terminal, HTML and tables."""

from datetime import datetime, timedelta

from psgkit.core.index import Index
from psgkit.report.index_labels import INDEX_LABELS
from psgkit.report.texts import text

TITLE = text("report.title")
DISCLAIMER = (
    "Research software, not a medical device. A scorer must review this report before it is used."
)
PROFILE_NOTE = "Evidence only, never a diagnosis."
SEVERITIES = ("error", "warning", "info")
NO_VALUE = "\u2013"
NOT_STATED = "not stated"

PERIODICITY = (
    "periodicity_index_wasm_sleep",
    "periodicity_index_wasm_wake",
    "periodicity_index_ferri",
    "imi_log_mean_s",
    "imi_log_sd",
)
MOVEMENT_MARK = "plm_n"
"""A group that has this index is about movements and series."""

STAGE_NAMES = {"W": "Wake", "N1": "N1", "N2": "N2", "N3": "N3", "R": "R", "UNSCORED": "Unscored"}
BREAKDOWN_TITLES = {
    "stage": "By stage",
    "side": "By side",
    "half": "By half of the night",
    "third": "By third of the night",
    "hour": "By hour from lights off",
    "posture": "By posture",
}

_GROUP_TITLES = {
    "sleep": "Sleep",
    "disruption": "Sleep disruption",
    "legs": "Leg movements",
    "arms": "Arm movements",
    "trunk": "Trunk movements",
    "whole_body": "Large movements of the whole body",
    "posture": "Posture and turns",
    "movement_relief": "Movements before and after getting up",
    "rhythms": "Rhythmic trains",
    "akathisia": "Rhythm and activity at rest",
    "scratch": "Scratching",
    "sit": text("sit.beside_night"),
    "rhythm_seated": text("sit.rhythm"),
}
_GROUP_NOTES = {
    "legs": "",
    "whole_body": (
        "Large muscle group movements after Ferri et al. 2021, the amount of overlap is ours. "
        "Healthy adults have a median of 6.8 an hour of sleep."
    ),
    "posture": "From the direction of gravity at the trunk.",
    "movement_relief": (
        "The signal's nearest view of relief by moving: movement rates lying before getting up, "
        "while up, and after lying down again."
    ),
    "akathisia": (
        "No published threshold. Rhythm at 0.5 to 4 Hz also occurs in healthy half-sleep and in "
        "tremor."
    ),
    "sit": text("sit.beside_night_note"),
    "rhythm_seated": text("sit.rhythm_note"),
    "scratch": (
        "Experimental: rhythmic wrist movement at 2 to 8 Hz. Tremor looks alike; healthy people "
        "scratch too."
    ),
}
_BODY_PARTS = {"arms": "arm", "trunk": "trunk"}
_ACCELEROMETER = "accelerometer"
# An accelerometer misses a good third of what EMG shows, so the EMG names do not apply to it.
_ACCELEROMETER_WORDS = (
    ("PLMS index", "Periodic movements in sleep"),
    ("PLMW index", "Periodic movements in wake"),
    (" (PLMnr)", ""),
    (" (PLMS)", ""),
    (" (PLMW)", ""),
    (" (PLM)", ""),
    (" (LM)", ""),
    (" (CLM)", ""),
    ("CLM", "Candidate movements"),
    ("PLM index", "Periodic movements"),
    ("PLMS", "Periodic movements in sleep"),
    ("PLMW", "Periodic movements in wake"),
    ("PLMnr", "Periodic movements without respiratory"),
    ("PLM", "Periodic movements"),
    ("LM", "Movements"),
    ("Limb movements", "Movements"),
)
_UNITS = {
    "1/h": "/h",
    "1": "",
    "pct": "%",
    "n": "",
    "count": "",
    "ln s": "",
    "uV": "\u00b5V",
    "deg": "\u00b0",
    "deg/s": "\u00b0/s",
}
_ONE_DECIMAL = ("1/h", "%", "pct", "min", "s")
_ACRONYMS = frozenset(
    ("lm", "lms", "lmm", "clm", "clms", "clmw", "plm", "plms", "plmw", "imi", "sfi", "nrem", "rem")
)
_CONDITIONS = {"rls": "RLS", "ras": "RAS", "rbs": "RBS"}
_UNIT_SUFFIXES = {
    "min": "min",
    "pct": "%",
    "s": "s",
    "h": "h",
    "hz": "Hz",
    "uv": "\u00b5V",
    "n": "",
    "mg": "mg",
    "deg": "\u00b0",
}


def name_in_words(name: str) -> str:
    """Return a column or index name as words, without its unit.

    Examples
    --------
    >>> name_in_words("clm_nrem_index"), name_in_words("min_duration_s")
    ('CLM NREM index', 'Min duration')
    """
    parts = name.split("_")
    if len(parts) > 1 and parts[-1] in _UNIT_SUFFIXES:
        parts = parts[:-1]
    worded = " ".join(part.upper() if part in _ACRONYMS else part for part in parts)
    return worded[:1].upper() + worded[1:]


def unit_of_name(name: str) -> str:
    """Return the unit that the end of a name states, or nothing."""
    return _UNIT_SUFFIXES.get(name.rsplit("_", 1)[-1], "") if "_" in name else ""


def index_label(name: str, group: str = "") -> str:
    """Return what an index is called; accelerometer ones are never called PLM.

    Examples
    --------
    >>> index_label("plms_index", "legs"), index_label("plms_index", "accelerometer_left_ankle")
    ('PLMS index', 'Periodic movements in sleep')
    """
    label = INDEX_LABELS.get(name) or name_in_words(name)
    if group.startswith(_ACCELEROMETER):
        for emg_word, word in _ACCELEROMETER_WORDS:
            label = label.replace(emg_word, word)
    return label


def group_title(group: str) -> str:
    """Return the heading of a group of indices.

    Examples
    --------
    >>> group_title("legs"), group_title("accelerometer_left_ankle")
    ('Leg movements', 'Accelerometer, left ankle')
    """
    if group.startswith(f"{_ACCELEROMETER}_"):
        return "Accelerometer, " + site_in_words(group.removeprefix(f"{_ACCELEROMETER}_"))
    return _GROUP_TITLES.get(group) or name_in_words(group)


def group_note(group: str) -> str:
    """Return how far the numbers of a group of movements can be trusted; empty for legs.

    Examples
    --------
    >>> group_note("arms")
    'Leg rules applied to the arm, no published standard.'
    """
    if group in _GROUP_NOTES:
        return _GROUP_NOTES[group]
    if group.startswith(_ACCELEROMETER):
        return "Estimated, not comparable with EMG."
    part = _BODY_PARTS.get(group)
    if part is None:
        return ""
    return f"Leg rules applied to the {part}, no published standard."


def site_in_words(site: str) -> str:
    """Return a site as words."""
    return site.replace("_", " ") or NOT_STATED


def condition_in_words(condition: str) -> str:
    """Return the condition a piece of evidence speaks for or against."""
    return _CONDITIONS.get(condition, condition)


def unit_in_words(unit: str) -> str:
    """Return a unit as it is printed; nothing for counts and ratios."""
    return _UNITS.get(unit, unit)


def number(value: float, unit: str, name: str = "") -> str:
    """Return a value with the decimals its unit deserves, without the unit.

    Examples
    --------
    >>> number(23.4567, "1/h"), number(0.6512, "1"), number(31.0, "1", "plm_n")
    ('23.5', '0.65', '31')
    """
    if name.endswith("_n") or unit in ("n", "count"):
        return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"
    decimals = 1 if unit in _ONE_DECIMAL else 2
    return f"{round(value, decimals) + 0.0:.{decimals}f}"


def value_in_words(index: Index) -> str:
    """Return the value of an index with its unit, or why there is none.

    Examples
    --------
    >>> value_in_words(Index.rate("plms_index", 30, 4.0, otherwise="no sleep scored"))
    '7.5 /h'
    >>> value_in_words(Index.missing("plms_index", "1/h", "no sleep scored"))
    'not available: no sleep scored'
    """
    if index.value is None:
        return f"not available: {index.reason}"
    return f"{number(index.value, index.unit, index.name)} {unit_in_words(index.unit)}".rstrip()


def short_number(value: float) -> str:
    """Return a setting without needless zeros.

    Examples
    --------
    >>> short_number(10.0), short_number(0.5)
    ('10', '0.5')
    """
    return f"{value:.6g}"


def hours_minutes(seconds: float) -> str:
    """Return a duration in hours and minutes, below ten minutes in seconds.

    Examples
    --------
    >>> hours_minutes(29045.0), hours_minutes(90.0)
    ('8 h 04 min', '90 s')
    """
    if seconds < 600:  # noqa: PLR2004 - ten minutes
        return f"{short_number(round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60:02d} min"


def elapsed(seconds: float) -> str:
    """Return a time from the start of the recording.

    Examples
    --------
    >>> elapsed(3725.4), elapsed(-30.0)
    ('1:02:05', '-0:00:30')
    """
    whole = int(abs(seconds))
    sign = "-" if seconds < 0 and whole else ""
    return f"{sign}{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def clock(start: datetime | None, seconds: float) -> str:
    """Return a time as the clock showed it, or from the start of the recording if unknown."""
    if start is None:
        return elapsed(seconds)
    try:
        return (start + timedelta(seconds=seconds)).strftime("%H:%M:%S")
    except OverflowError:  # a header may claim the year 9999
        return elapsed(seconds)
