"""ActiLife tables: a preamble that states start and epoch, then epochs with or without times.

Sleep and rhythm are taken from axis 1, as from an AGD file of the same week.  Without a column of
times rows follow each other from the start that the preamble states; without a header line the
first column is axis 1.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np

from psgkit.core.dataclass import dataclass
from psgkit.core.days.day_recording import DayRecording
from psgkit.core.finding import Finding
from psgkit.core.regex import regex
from psgkit.errors import TableError
from psgkit.io.actigraphy.count_columns import CountColumns, columns_of_line, find_columns
from psgkit.io.actigraphy.counts_tables import recording_of_table, whole_rows
from psgkit.io.actigraphy.times import as_datetime, read_clock, read_instants
from psgkit.io.actigraphy.zones import zone_findings, zone_in_lines
from psgkit.io.text.lines import Cells, TextLines
from psgkit.io.text.read import lines_of
from psgkit.io.text.tables import Table, delimiter_of, quoted

FORMAT = "an ActiLife table"
MOST_HEAD_LINES = 40
_MAGNITUDES = ("vector magnitude", "vm")
MOST_COLUMNS = 10
"""A row of an old file without names may hold many epochs; ActiLife writes at most ten columns."""

_MADE_BY = regex(r"file created by (?:actigraph|actilife)", re.IGNORECASE)
_RAW = regex(r"accelerometer [xyz]\b|epoch period[^0-9]*00:00:00", re.IGNORECASE)
"""ActiLife states an epoch of no length above samples, and the rate of samples above epochs too."""
_DATE_FORMAT = regex(r"date format\s+([dMy./\- ]+?)(?:\s+(?:at|Filter)\b|\s*-|\s*,|\s*$)")
_FIELD = regex(
    r"\s*\"?(start time|start date|epoch period[^0-9]*|epoch length[^0-9]*)\"?[\s:,;]*"
    r"(\S.*?)[\s\",;]*$",
    re.IGNORECASE,
)
_NUMBERS = regex(r"\s*\"?-?\d+([.,]\d+)?\"?\s*([,;\t]\s*\"?-?\d+([.,]\d+)?\"?\s*)*[,;\t]?\s*")


@dataclass(frozen=True, kw_only=True, slots=True)
class ActiLifeHead:
    """The preamble of a table.

    Attributes
    ----------
    said : dict
        ``start time``, ``start date``, ``epoch``, as written.
    day_first : bool or None
        Order of dates, if the first line states it.
    lines : int
        Number of lines of the preamble.
    """

    said: dict[str, str]
    day_first: bool | None
    lines: int


def is_actilife(text: str) -> bool:
    """Return whether a text begins like a table of ActiLife.

    Examples
    --------
    >>> is_actilife("------------ Data Table File Created By ActiGraph GT9X ActiLife v6.13.4")
    True
    """
    return any(_MADE_BY.search(line) for line in lines_of(text[:2000])[:3])


def read_actilife(
    text: str | TextLines, where: str, zone: str, *, day_first: bool | None = None
) -> DayRecording:
    r"""Return the epochs of a table of ActiLife.

    Parameters
    ----------
    text, where : str or TextLines, str
        The file, and its name.
    zone : str
        Time zone, empty if it is not stated.
    day_first : bool, optional
        Order of ``03/04/2024``; by default as the first line states it.

    Raises
    ------
    TableError
        If it holds acceleration, states no start or epoch, or an epoch cannot be read.

    Examples
    --------
    >>> head = (
    ...     "--- Data Table File Created By ActiGraph GT3X+ date format d/M/yyyy ---\n"
    ...     "Start Time 12:00:00\nStart Date 3/4/2024\nEpoch Period (hh:mm:ss) 00:01:00\n"
    ... )
    >>> days = read_actilife(head + "Axis1,Axis2,Axis3\n5,1,2\n0,0,1\n", "week.csv", "")
    >>> days.clock.start.isoformat(), days.counts[0].counts.tolist()
    ('2024-04-03T12:00:00+00:00', [5.0, 0.0])
    """
    lines = TextLines.of(text)
    preamble = lines.first(MOST_HEAD_LINES)
    head = _head(preamble, where)
    order = head.day_first if day_first is None else day_first
    columns = columns_of_line(preamble[head.lines])
    named = columns.has_counts
    if named:
        table, findings = whole_rows(_joined_decimals(lines, head.lines), head.lines, where)
    else:
        names = _names(preamble, head.lines, where)
        table, findings = whole_rows(_Named(lines, head.lines - 1, names), head.lines - 1, where)
    columns = _with_clock(find_columns(table.header), table)
    start = _start(head, where, order) if "start date" in head.said else None
    step_s = _epoch_s(head, where)
    if not columns.has_times:
        if start is None or step_s is None:
            wanted = "a column of times, or Start Date, Start Time and Epoch Period above the table"
            raise TableError(where, "rows without times", wanted)
        table, columns = _timed(table, columns, start, step_s)
    stated = zone_in_lines(preamble[: head.lines])
    days = recording_of_table(table, columns, zone or stated, day_first=order, epoch_s=step_s)
    first = days.clock.start.replace(tzinfo=None)
    if start is not None and first != start:
        message = f"the table states a start at {start}, its first row is of {first}; rows decide"
        findings = (*findings, Finding("warning", "counts.start", where, message))
    days = replace(days, device="ActiGraph")
    return days.with_findings(*findings, *zone_findings(stated, zone, days.clock, where))


def _head(lines: Sequence[str], where: str) -> ActiLifeHead:
    """Return the preamble: all lines before names of counts, or before a row of numbers."""
    said: dict[str, str] = {}
    day_first = None
    for number, line in enumerate(lines[:MOST_HEAD_LINES]):
        if _RAW.search(line):
            raise TableError(
                f"{where}, line {number + 1}",
                "acceleration of each sample, not epochs",
                "a table of epochs",
                "Give the GT3X file of the same recording: psgkit reads its acceleration.",
            )
        if columns_of_line(line).has_counts or _NUMBERS.fullmatch(line):
            return ActiLifeHead(said=said, day_first=day_first, lines=number)
        written = _DATE_FORMAT.search(line)
        if written and "d" in written[1] and "M" in written[1]:
            day_first = written[1].index("d") < written[1].index("M")
        match = _FIELD.match(line)
        if match:
            said["epoch" if "epoch" in match[1].lower() else match[1].lower()] = match[2]
    raise TableError(where, "no row of epochs", "an ActiLife table with Axis1, Axis2, ...")


def _names(lines: Sequence[str], first: int, where: str) -> str:
    """Return a header line for rows without names: axis 1, and columns that are not used."""
    delimiter = delimiter_of(lines[first]) or ","
    n = lines[first].rstrip(delimiter + " ").count(delimiter) + 1
    if n > MOST_COLUMNS:
        raise TableError(
            f"{where}, line {first + 1}",
            f"{n} numbers in a row without names",
            f"a header line, or at most {MOST_COLUMNS} columns",
            "Export the table from ActiLife as CSV with column headers.",
        )
    return delimiter.join(["axis1", *(f"column {number}" for number in range(2, n + 1))])


@dataclass(frozen=True, slots=True)
class _Named(Iterable[str]):
    """Lines with names of columns in place of one of them."""

    lines: TextLines
    at: int
    names: str

    def __iter__(self) -> Iterator[str]:
        for at, line in enumerate(self.lines):
            yield self.names if at == self.at else line


@dataclass(frozen=True, slots=True)
class _Joined(Iterable[str]):
    """Lines in which rows with ``n`` commas have the last of them as a point."""

    lines: TextLines
    header: int
    n: int

    def __iter__(self) -> Iterator[str]:
        for at, line in enumerate(self.lines):
            if at > self.header and line.count(",") == self.n:
                head, _, tail = line.rpartition(",")
                yield f"{head}.{tail}"
            else:
                yield line


def _joined_decimals(lines: TextLines, header: int) -> Iterable[str]:
    """Return the lines with decimal commas of the last column as points.

    With a European locale ActiLife writes the vector magnitude with a decimal comma between commas.
    """
    names = lines.first(header + 1)[header].rstrip(", ")
    last = names.rpartition(",")[2].strip(' "').casefold()
    return _Joined(lines, header, names.count(",") + 1) if last in _MAGNITUDES else lines


def _with_clock(columns: CountColumns, table: Table) -> CountColumns:
    """Return columns with the clock that some tables call epoch."""
    if columns.time and "date" in table.header and "epoch" in table.header:
        return replace(columns, time=None, date="date", clock="epoch")
    return columns


def _start(head: ActiLifeHead, where: str, day_first: bool | None) -> datetime:  # noqa: FBT001
    date, clock = head.said["start date"], head.said.get("start time", "")
    time_of_day = read_clock(clock)
    if time_of_day is None:
        raise TableError(f"{where}, Start Time", quoted(clock), "a time, as in 12:00:00")
    found = read_instants([date], lambda _: f"{where}, Start Date", day_first=day_first)
    return as_datetime(found.at[0]) + time_of_day


def _epoch_s(head: ActiLifeHead, where: str) -> float | None:
    text = head.said.get("epoch")
    if text is None:
        return None
    length = read_clock(text) or (timedelta(seconds=int(text)) if text.isdecimal() else None)
    if length is None or not 1 <= length.total_seconds() <= 3600:  # noqa: PLR2004 - an hour
        wanted = "hours, minutes and seconds, as in 00:01:00"
        raise TableError(f"{where}, Epoch Period", quoted(text), wanted)
    return length.total_seconds()


def _timed(
    table: Table, columns: CountColumns, start: datetime, step_s: float
) -> tuple[Table, CountColumns]:
    """Return a table with a column of times: rows follow each other from the start.

    Lines between that were left out keep their time.
    """
    row = np.array(table.lines, dtype=np.int64) - (table.lines[0] if table.lines else 0)
    times = Cells((start + timedelta(seconds=step_s * int(one))).isoformat() for one in row)
    name = "time of the row"
    timed = replace(table, header=(*table.header, name), columns=(*table.columns, times))
    return timed, replace(columns, time=name, date=None, clock=None)
