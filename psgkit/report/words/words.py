"""What reports call things: indices, groups, places, settings; one vocabulary for all of them.

What is said lies in ``texts_en.toml``; here is only which text.  How numbers are written:
``number_format.py``.
"""

from psgkit.core.postures import POSTURES
from psgkit.report.words.index_labels import INDEX_LABELS, INDEX_OF_GROUP
from psgkit.report.words.number_format import digits, unit_in_words
from psgkit.report.words.texts import TextTable, has_text, text

SEVERITIES = ("error", "warning", "info")
PERIODICITY = (
    "periodicity_index_wasm_sleep",
    "periodicity_index_wasm_wake",
    "periodicity_index_ferri",
    "imi_log_mean_s",
    "imi_log_sd",
)
MOVEMENT_MARK = "plm_n"
"""A group that has this index is about movements and series."""
STAGE_NAMES = TextTable("stage", ("W", "N1", "N2", "N3", "R", "UNSCORED"))
BREAKDOWN_TITLES = TextTable("breakdown", ("stage", "side", "half", "third", "hour", "posture"))
POSTURE_NAMES = TextTable("posture", POSTURES)
SENSOR_PREFIX = "accelerometer"
"""Groups of accelerometers begin with it; their movements are never called PLM."""
_ACRONYMS = frozenset(
    ("lm", "lms", "lmm", "clm", "clms", "clmw", "plm", "plms", "plmw", "imi", "sfi", "nrem", "rem")
)
_UNIT_SUFFIXES = {
    "min": "min",
    "pct": "%",
    "s": "s",
    "h": "h",
    "hz": "Hz",
    "uv": "uV",
    "n": "n",
    "mg": "mg",
    "deg": "deg",
}


def disclaimer(version: str) -> str:
    """Return what stands at the end of every report, with the version that wrote it."""
    return text("words.footer", disclaimer=text("words.disclaimer"), version=version)


def name_in_words(name: str) -> str:
    """Return the name of a setting, or an index nobody has a word for, without its unit.

    Examples
    --------
    >>> name_in_words("clm_nrem_index"), name_in_words("min_duration_s")
    ('CLM NREM index', 'Min duration')
    """
    parts = name.split("_")
    if len(parts) > 1 and parts[-1] in _UNIT_SUFFIXES:
        parts = parts[:-1]
    worded = " ".join(part.upper() if part in _ACRONYMS else part for part in parts)
    return capitalised(worded)


def capitalised(words: str) -> str:
    """Return words with a capital at their start, the rest as it is."""
    return words[:1].upper() + words[1:]


def word_of(table: str, name: str) -> str:
    """Return what the texts call a name in one of their tables; else the name as words."""
    key = f"{table}.{name}"
    return text(key) if name and has_text(key) else name.replace("_", " ")


def unit_of_name(name: str) -> str:
    """Return the unit that the end of a name states, or nothing."""
    suffix = name.rsplit("_", 1)[-1] if "_" in name else ""
    return unit_in_words(_UNIT_SUFFIXES[suffix]) if suffix in _UNIT_SUFFIXES else ""


def index_label(name: str, group: str = "") -> str:
    """Return what an index is called; accelerometer ones are never called PLM.

    Examples
    --------
    >>> index_label("plms_index", "legs"), index_label("plms_index", "accelerometer_left_ankle")
    ('PLMS index', 'Periodic movements in sleep')
    >>> index_label("legs_up_rate")
    'Leg movements, rate while up'
    """
    if group.startswith(SENSOR_PREFIX) and has_text(f"index_sensor.{name}"):
        return text(f"index_sensor.{name}")
    return INDEX_LABELS.get(name) or _label_of_place(name) or name_in_words(name)


def _label_of_place(name: str) -> str:
    """Return what an index is called whose name holds a group or a place, else nothing."""
    for part in INDEX_OF_GROUP:
        if name.endswith(f"_{part}"):
            return text(f"index_of_group.{part}", group=group_title(name.removesuffix(f"_{part}")))
    if name.startswith("rest_activity_mg_"):
        place = site_in_words(name.removeprefix("rest_activity_mg_"))
        return text("index.rest_activity_mg_at", place=place)
    return ""


def group_title(group: str) -> str:
    """Return the heading of a group of indices.

    Examples
    --------
    >>> group_title("legs"), group_title("accelerometer_left_ankle")
    ('Leg movements', 'Accelerometer, left ankle')
    """
    if group.startswith(f"{SENSOR_PREFIX}_"):
        place = site_in_words(group.removeprefix(f"{SENSOR_PREFIX}_"))
        return text("group.accelerometer", place=place)
    return text(f"group.{group}") if has_text(f"group.{group}") else name_in_words(group)


def group_note(group: str) -> str:
    """Return how far the numbers of a group of movements can be trusted; empty for legs.

    Examples
    --------
    >>> group_note("arms")
    'Leg rules applied to the arm, no published standard.'
    """
    known = SENSOR_PREFIX if group.startswith(SENSOR_PREFIX) else group
    return text(f"group_note.{known}") if has_text(f"group_note.{known}") else ""


def site_in_words(site: str) -> str:
    """Return a part of the body, or the place of a sensor, as words."""
    return word_of("site", site) or text("words.not_stated")


def condition_in_words(condition: str) -> str:
    """Return the condition a piece of evidence speaks for or against."""
    return word_of("condition", condition)


def yes_or_no(value: bool) -> str:  # noqa: FBT001 - the value itself
    """Return a flag as a word."""
    return text("words.yes") if value else text("words.no")


def counted(key: str, n: int) -> str:
    """Return how many there are of something: the text ``KEY.one`` or ``KEY.many``."""
    return text(f"{key}.{'one' if n == 1 else 'many'}", n=digits(n, 0))


def listed(words: "list[str] | tuple[str, ...]") -> str:
    """Return words as a list on one line."""
    return text("words.list").join(words)
