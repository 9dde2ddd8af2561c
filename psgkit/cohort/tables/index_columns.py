"""Index columns of the tables of a cohort, and their labels.

Indices of the catalogue always have a column, null where a night has no value, ordered by unit.
A group that is not listed (accelerometers, movements before and after getting up) and an index
marked so in the catalogue have columns only in a cohort where some night reports them, after the
others, by name.
"""

from collections.abc import Iterable, Mapping

from psgkit.core import index_catalogue as catalogue
from psgkit.core.index_catalogue.days import OVER_NIGHTS
from psgkit.core.index_catalogue.entry import ACTIVITY as ACTIVITY_LEVEL
from psgkit.report.words.language import _
from psgkit.report.words.number_format import unit_in_words
from psgkit.report.words.words import group_title, index_label

SEPARATOR = "__"
OF_DAYS = "days."
"""Before the name of an index column of ``days.parquet``, wherever nights have columns, too."""
ACTIVITY = ACTIVITY_LEVEL.unit
"""Unit of what is in the unit of the recording, which the column ``activity_unit`` holds."""
_NIGHT_GROUPS = (
    *("sleep", "disruption", "legs", "arms", "trunk", "whole_body", "rhythms", "posture"),
    *("akathisia", "scratch", "heart_rate", "rem_atonia"),
)


def _columns(groups: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Return the unit of each index column: by group, then by unit, counts before other numbers."""
    found = {}
    for group, names in groups.items():
        units = {name: catalogue.unit_of(name, group) for name in names}
        for unit in dict.fromkeys(units.values()):
            of_unit = [name for name in units if units[name] == unit]
            for name in sorted(of_unit, key=catalogue.is_count, reverse=True):
                found[f"{group}{SEPARATOR}{name}"] = unit
    return found


def _over_nights(group: str) -> list[str]:
    """Return the names of means and spreads over the nights of a recording of days."""
    return [f"{name}{end}" for name in OVER_NIGHTS[group] for end in catalogue.SPREADS]


INDEX_COLUMNS: Mapping[str, str] = _columns(
    {group: catalogue.column_names(group) for group in _NIGHT_GROUPS}
)
"""Unit of every index that is always a column, by ``group__name``, in the order of the columns."""
DAYS_COLUMNS: Mapping[str, str] = _columns(
    {
        "rest_activity": catalogue.column_names("rest_activity"),
        # the ratio of day and night belongs to rest_activity here
        "akathisia": [n for n in catalogue.column_names("akathisia") if n != "day_night_ratio"],
        **{group: _over_nights(group) for group in OVER_NIGHTS},
    }
)
"""The same of ``days``."""
DAY_NIGHT_COLUMNS: Mapping[str, str] = _columns(
    {
        "sleep_estimated": catalogue.column_names("sleep_estimated"),
        "posture": OVER_NIGHTS["posture"],
    }
)
"""The same of ``day_nights``."""


def is_count(column: str) -> bool:
    """Return whether an index is a count, a whole number.

    Examples
    --------
    >>> is_count("legs__plm_n"), is_count("legs__plms_index")
    (True, False)
    """
    return catalogue.is_count(column.partition(SEPARATOR)[2])


def group_of(column: str) -> str:
    """Return the group of an index column, with the prefix of days.

    Examples
    --------
    >>> group_of("legs__plms_index"), group_of("days.rest_activity__l5")
    ('legs', 'days.rest_activity')
    """
    return column.partition(SEPARATOR)[0]


def group_in_words(group: str) -> str:
    """Return the label of a group of indices.

    Examples
    --------
    >>> group_in_words("legs"), group_in_words("days.rest_activity")
    ('Leg movements', 'Days: Rhythm of rest and activity')
    """
    title = group_title(group.removeprefix(OF_DAYS))
    return _("Days: {title}", title=title) if group.startswith(OF_DAYS) else title


def column_in_words(column: str) -> str:
    """Return the label of an index column, without its unit.

    Examples
    --------
    >>> column_in_words("legs__plms_index")
    'Leg movements: PLMS index'
    >>> column_in_words("days.sleep_estimated__tst_min_sd")
    'Days: Sleep, estimated: Total sleep time, SD'
    """
    group, _separator, name = column.partition(SEPARATOR)
    return f"{group_in_words(group)}: {_label(name, group)}"


def label_with_unit(column: str, unit: str) -> str:
    """Return the label of an index with its unit, without its group.

    Examples
    --------
    >>> label_with_unit("legs__plms_index", "1/h")
    'PLMS index (/h)'
    """
    group, _separator, name = column.partition(SEPARATOR)
    worded = unit_in_words(unit)
    return f"{_label(name, group)} ({worded})" if worded else _label(name, group)


def _label(name: str, group: str) -> str:
    """Return the label of an index, marked as mean or SD over the nights of a recording."""
    base, ending = catalogue.base_of(name)
    label = index_label(base, group.removeprefix(OF_DAYS))
    if not ending:
        return label
    return _("{label}, mean", label=label) if ending == "_mean" else _("{label}, SD", label=label)
