"""The words and number formats of reports: one vocabulary for the terminal, HTML, PDF and tables.

Between a number and its unit stands a thin space (U+2009), which a terminal shows as a plain one,
and before a negative one a minus sign (U+2212).
What is said lies in ``texts_en.toml``; here is only which text, and how numbers are written.
"""

import math
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache

from psgkit.core.index import Index
from psgkit.core.postures import POSTURES
from psgkit.report.index_labels import INDEX_LABELS, INDEX_OF_GROUP
from psgkit.report.numbers import finite
from psgkit.report.texts import TextTable, has_text, text

SEVERITIES = ("error", "warning", "info")
NO_VALUE = "\u2013"
THIN = "\u2009"

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
_ONE_DECIMAL = ("1/h", "%", "pct", "min", "s", "mm")
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


def unit_in_words(unit: str) -> str:
    """Return a unit as it is printed; nothing for counts and ratios."""
    return text(f"unit.{unit}") if has_text(f"unit.{unit}") else unit


def with_unit(shown: str, unit: str) -> str:
    r"""Return a number in words with its unit after a thin space.

    Examples
    --------
    >>> with_unit("7.5", "1/h"), with_unit("31", "1")
    ('7.5\u2009/h', '31')
    """
    return f"{shown}{THIN}{unit_in_words(unit)}".rstrip()


def digits(value: float, decimals: int) -> str:
    """Return a number with its decimals and its thousands parted; never minus zero, never nan.

    Examples
    --------
    >>> digits(12345.678, 1), digits(-0.01, 1), digits(float("nan"), 1) == NO_VALUE
    ('12,345.7', '0.0', True)
    """
    if not math.isfinite(value):
        return NO_VALUE
    return _as_written(f"{round(value, decimals) + 0.0:,.{decimals}f}")


def _as_written(shown: str) -> str:
    """Return a number with the signs of the language."""
    return shown.translate(
        _signs(text("number.thousands"), text("number.decimal"), text("number.minus"))
    )


@cache
def _signs(thousands: str, decimal: str, minus: str) -> dict[int, str]:
    return {ord(","): thousands, ord("."): decimal, ord("-"): minus}


def signed(value: float, decimals: int) -> str:
    """Return a number with its sign, none if it rounds to nothing.

    Examples
    --------
    >>> signed(0.456, 2), signed(-0.001, 2), signed(-1.0, 2)
    ('+0.46', '0.00', '\u22121.00')
    """
    shown = digits(value, decimals)
    return f"+{shown}" if round(value, decimals) > 0 else shown


def number(value: float, unit: str, name: str = "") -> str:
    """Return a value with the decimals its unit deserves, without the unit.

    Examples
    --------
    >>> number(23.4567, "1/h"), number(0.6512, "1"), number(31.0, "1", "plm_n")
    ('23.5', '0.65', '31')
    """
    if name.endswith("_n") or unit in ("n", "count"):
        return digits(value, 0 if value == int(value) else 1)
    return digits(value, 1 if unit in _ONE_DECIMAL else 2)


def value_in_words(index: Index) -> str:
    r"""Return the value of an index with its unit, or why there is none.

    Examples
    --------
    >>> value_in_words(Index.rate("plms_index", 30, 4.0, otherwise="no sleep scored"))
    '7.5\u2009/h'
    >>> value_in_words(Index.missing("plms_index", "1/h", "no sleep scored"))
    'not available: no sleep scored'
    """
    index = finite(index)
    if index.value is None:
        return text("words.not_available", reason=index.reason)
    return with_unit(number(index.value, index.unit, index.name), index.unit)


def short_number(value: float) -> str:
    """Return a setting without needless zeros.

    Examples
    --------
    >>> short_number(10.0), short_number(0.5), short_number(2e6)
    ('10', '0.5', '2000000')
    """
    if not math.isfinite(value):
        return NO_VALUE
    shown = f"{value + 0.0:.6g}"
    return _as_written(f"{Decimal(shown):f}" if "e" in shown else shown)


def hours_minutes(seconds: float) -> str:
    r"""Return a duration in hours and minutes, below ten minutes in seconds.

    Examples
    --------
    >>> hours_minutes(29045.0), hours_minutes(90.0)
    ('8\u2009h 04\u2009min', '90\u2009s')
    """
    if seconds < 600:  # noqa: PLR2004 - ten minutes
        return with_unit(short_number(round(seconds)), "s")
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{with_unit(digits(hours, 0), 'h')} {with_unit(f'{minutes:02d}', 'min')}"


def yes_or_no(value: bool) -> str:  # noqa: FBT001 - the value itself
    """Return a flag as a word."""
    return text("words.yes") if value else text("words.no")


def counted(key: str, n: int) -> str:
    """Return how many there are of something: the text ``KEY.one`` or ``KEY.many``."""
    return text(f"{key}.{'one' if n == 1 else 'many'}", n=digits(n, 0))


def listed(words: "list[str] | tuple[str, ...]") -> str:
    """Return words as a list on one line."""
    return text("words.list").join(words)


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
