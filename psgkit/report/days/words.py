"""Wording of reports of days: clock times and cells of tables."""

from psgkit.core.days.days_report import DaysReport
from psgkit.core.index import Index
from psgkit.core.index_catalogue import is_clock
from psgkit.document.values import finite
from psgkit.report.marked_numbers import Number, index_key
from psgkit.report.words.language import _
from psgkit.report.words.messages import translated
from psgkit.report.words.number_format import NO_VALUE, number, with_unit


def clock_of(hours: float) -> str:
    """Return an hour of the day as a clock shows it.

    Examples
    --------
    >>> clock_of(22.75), clock_of(23.999)
    ('22:45', '00:00')
    """
    minutes = round(hours * 60) % 1440
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def days_cell(index: Index, group: str = "") -> str:
    """Return a value without its unit; with ``group`` it is marked with its place in the JSON."""
    index = finite(index)
    if index.value is None:
        return NO_VALUE
    of_clock = is_clock(index.name)
    said = clock_of(index.value) if of_clock else number(index.value, index.unit, index.name)
    return Number.of(said, f"{index_key(group, index.name)}.value", index.value) if group else said


def days_value(index: Index, group: str) -> str:
    """Return a value with its unit, or why there is none."""
    index = finite(index)
    if index.value is None:
        return _("not available: {reason}", reason=translated(index.reason or ""))
    value = days_cell(index, group)
    whole = value if ":" in value else with_unit(value, index.unit)
    return Number.of(whole, f"{index_key(group, index.name)}.value", index.value)


def local_clock(report: DaysReport, seconds: float) -> str:
    """Return the local time of day at ``seconds``."""
    return f"{report.clock.local(seconds):%H:%M}"
