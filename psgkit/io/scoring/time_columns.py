"""Times in a column of a table, whichever way they are written, as seconds.

Numbers are seconds (or what the unit behind the name says), Unix times or days of a spreadsheet;
texts are clock times, dates with times, or time elapsed (``0 days 00:00:30``).  A cell that is no
time costs its row as long as most are times.
"""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.finding import Finding
from psgkit.core.message import translatable
from psgkit.core.regex import regex
from psgkit.errors import TableError
from psgkit.io.scoring.clocks import DAY_S, WrittenTime, moments_of, written_time
from psgkit.io.scoring.columns import Column
from psgkit.io.text.tables import MAX_TIME_S, Table, quoted

NOTHING = frozenset(("", "n/a", "na", "nan", "nat", "none", "null", "-", "--", ".", "?"))
"""Cells that state no time."""
_NUMBER = regex(r"[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:e[+-]?\d+)?", re.IGNORECASE | re.ASCII)
_ELAPSED = regex(
    r"(?P<sign>[+-])?(?:(?P<days>\d{1,3})(?: days?,? \+?|\+|d ))?"
    r"(?P<hours>\d{1,3}):(?P<minutes>\d\d):(?P<seconds>\d\d(?:[.,]\d+)?)",
    re.ASCII,
)
_DOTTED_PAIR = regex(r"\d{1,2}[.,]\d\d")
_SIX_DIGITS = regex(r"[0-2]\d[0-5]\d[0-5]\d")
_UNIX = ((1e9, 4.2e9, 1.0), (1e12, 4.2e12, 1e-3), (1e15, 4.2e15, 1e-6), (1e18, 4.2e18, 1e-9))
"""From, to and seconds of the units of Unix times between 2001 and 2103."""
_SPREADSHEET_DAYS = (20_000.0, 80_000.0)
"""Days of a spreadsheet between 1954 and 2119."""
_SPREADSHEET_ZERO = datetime(1899, 12, 30)
_UNIX_ZERO = datetime(1970, 1, 1)
_FEWEST_DECIMALS_N = 4
_LONGEST_NIGHT_DAYS = 2.0
_FEWEST_COUNTED_N = 3
_WHOLE_S = 0.05
"""A time of day in days, of 10 digits, is a whole second to this many seconds."""
_WANTED = "a number of seconds (30.5), a clock time (22:40:30) or a date with time"


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Times:
    """The times of a column.

    Attributes
    ----------
    seconds : float64 array, shape (n,)
        NaN where the cell is none.
    stated : bool array, shape (n,)
        Whether the cell states anything; one that does and is NaN is no time.
    zero : datetime or None
        Clock time from which seconds count; None if from the start of the recording.
    findings : tuple of Finding
    """

    seconds: NDArray[np.float64]
    stated: NDArray[np.bool_]
    zero: datetime | None = None
    findings: tuple[Finding, ...] = ()


def times_in(
    table: Table, column: Column, anchor: datetime | None, dates: Sequence[str] = ()
) -> Times:
    """Return the times of a column.

    Parameters
    ----------
    table : Table
    column : Column
    anchor : datetime or None
        Start of the recording, or another time near the first one.
    dates : sequence of str
        Cells of a column with the dates of clock times; may be empty.

    Raises
    ------
    TableError
        If most of the cells are no times, or may be two things.
    """
    if column.other_unit:
        raise TableError(
            f"{table.where}, header line",
            f"the column {column.name!r}, in {column.other_unit}",
            "times in s, ms, min or h, or clock times",
            "Divide by the rate and call the column onset_s or duration_s.",
        )
    cells = table.columns[column.at]
    stated = np.array([cell.casefold() not in NOTHING for cell in cells], dtype=bool)
    if not stated.any():
        return Times(seconds=np.full(len(cells), np.nan), stated=stated)
    numbers = _numbers(table, column, stated)
    n_numbers = int(np.isfinite(numbers).sum())
    if not dates and 2 * n_numbers >= stated.sum():
        return _of_numbers(table, column, numbers, stated)
    return _of_texts(table, column, stated, anchor, dates)


def durations_in(table: Table, column: Column) -> Times:
    """Return the durations of a column: numbers with their unit, or ``00:00:30``."""
    cells = table.columns[column.at]
    stated = np.array([cell.casefold() not in NOTHING for cell in cells], dtype=bool)
    seconds = np.full(len(cells), np.nan)
    factor = 1.0 if column.unit_s is None else column.unit_s
    for row in np.flatnonzero(stated).tolist():
        elapsed = _elapsed_s(cells[row])
        if elapsed is not None:
            seconds[row] = elapsed
    numbers = _numbers(table, column, stated) * factor
    seconds = np.where(np.isfinite(numbers), numbers, seconds)
    seconds[~((seconds >= 0) & (seconds <= MAX_TIME_S))] = np.nan
    unread = np.flatnonzero(stated & np.isnan(seconds))
    if len(unread) and 2 * len(unread) >= stated.sum():
        wanted = "a duration of 0 or more, in seconds (2.5) or as 00:00:02.5"
        advice = "Write n/a where it is not known, 0 for a moment."
        raise fault(table, column, int(unread[0]), wanted, advice)
    return Times(seconds=seconds, stated=stated)


def fault(table: Table, column: Column, row: int, wanted: str, advice: str = "") -> TableError:
    """Return the error for the cell of a column in a row."""
    where = f"{table.where}, line {table.lines[row]}, column {column.name!r}"
    return TableError(where, quoted(table.columns[column.at][row]), wanted, advice)


# --- numbers -------------------------------------------------------------------------------------


def _numbers(table: Table, column: Column, stated: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the cells as numbers, NaN where one is none; refuse two decimal signs."""
    cells = table.columns[column.at]
    values = np.full(len(cells), np.nan)
    has_point = False
    with_comma = []
    for row in np.flatnonzero(stated).tolist():
        cell = cells[row]
        if len(cell) > _LONGEST_NUMBER or not _NUMBER.fullmatch(cell):
            continue
        if "," in cell:
            if table.delimiter == ",":
                continue
            with_comma.append(row)
        has_point |= "." in cell
        values[row] = float(cell.replace(",", "."))
    if has_point and with_comma:
        raise fault(table, column, with_comma[0], "a point in every number, as in other rows")
    return np.where(np.isfinite(values), values, np.nan)


_LONGEST_NUMBER = 40


def _of_numbers(
    table: Table, column: Column, numbers: NDArray[np.float64], stated: NDArray[np.bool_]
) -> Times:
    known = numbers[np.isfinite(numbers)]
    where = f"{table.where}, column {column.name!r}"
    for low, high, unit_s in _UNIX:
        if ((known >= low) & (known <= high)).all() and np.ptp(known) * unit_s < 100 * DAY_S:
            zero = _UNIX_ZERO + timedelta(seconds=float(known.min()) * unit_s)
            message = translatable(
                f"{len(known)} times are taken as Unix times, and UTC as the clock of the "
                f"recording: the first is {zero:%Y-%m-%d %H:%M:%S}"
            )
            return Times(
                seconds=(numbers - known.min()) * unit_s,
                stated=stated,
                zero=zero,
                findings=(Finding("warning", "clock.unix", where, message),),
            )
    if column.unit_s is None and not column.is_elapsed:
        _refuse_numbers_of_epochs(table, column, known)
        _refuse_two_meanings(table, column, stated)
        if days := _spreadsheet_zero(table.columns[column.at], known):
            first, has_date = days
            zero = _SPREADSHEET_ZERO + timedelta(seconds=round(first * DAY_S, 3))
            n, clock = len(known), f"{zero:%H:%M:%S}"
            message = (
                translatable(f"{n} numbers are taken as dates of a spreadsheet, from {clock} on")
                if has_date
                else translatable(
                    f"{n} numbers are taken as times of a spreadsheet, from {clock} on"
                )
            )
            seconds = np.round((numbers - first) * DAY_S, 1)
            return Times(
                seconds=seconds,
                stated=stated,
                zero=zero,
                findings=(Finding("warning", "clock.spreadsheet", where, message),),
            )
    seconds = numbers * (1.0 if column.unit_s is None else column.unit_s)
    seconds[np.abs(seconds) > MAX_TIME_S] = np.nan
    _refuse_if_most(table, column, stated, seconds)
    return Times(seconds=seconds, stated=stated)


def _refuse_numbers_of_epochs(table: Table, column: Column, known: NDArray[np.float64]) -> None:
    """Raise for 0, 1, 2 and so on, which are numbers of epochs rather than seconds."""
    if len(known) >= _FEWEST_COUNTED_N and (np.diff(known) == 1).all():
        raise fault(
            table,
            column,
            0,
            "seconds, and not the numbers of epochs",
            "Call the column epoch for numbers of epochs, onset_s for seconds.",
        )


def _refuse_two_meanings(table: Table, column: Column, stated: NDArray[np.bool_]) -> None:
    """Raise for bare numbers that are as well clock times: ``22.40`` and ``224030``."""
    cells = [table.columns[column.at][row] for row in np.flatnonzero(stated).tolist()]
    if column.name == "onset" or len(cells) < 1:
        # BIDS defines it as seconds
        return
    pairs = all(_DOTTED_PAIR.fullmatch(cell) for cell in cells) and all(
        written_time(re.sub("[.,]", ":", cell)) for cell in cells
    )
    if pairs or all(_SIX_DIGITS.fullmatch(cell) for cell in cells):
        row = int(np.flatnonzero(stated)[0])
        first = cells[0].replace(",", ".")
        clock = first.replace(".", ":") if pairs else f"{first[:2]}:{first[2:4]}:{first[4:]}"
        raise fault(
            table,
            column,
            row,
            "a number that is seconds only, or a clock time only",
            f"Write {clock} for the clock time, or call the column onset_s for seconds.",
        )


def _spreadsheet_zero(
    cells: Sequence[str], known: NDArray[np.float64]
) -> tuple[float, bool] | None:
    """Return the first of the days of a spreadsheet, and whether they are dates; None if none."""
    decimals = max(len(cell.replace(",", ".").partition(".")[2]) for cell in cells)
    if len(known) < 2 or decimals < _FEWEST_DECIMALS_N:  # noqa: PLR2004 - one number says nothing
        return None
    first, span = float(known[0]), float(np.ptp(known))
    has_date = bool((known >= _SPREADSHEET_DAYS[0]).all() and (known <= _SPREADSHEET_DAYS[1]).all())
    is_clock = bool((known >= 0).all() and (known < _LONGEST_NIGHT_DAYS).all())
    if not (has_date or is_clock) or span == 0 or span > _LONGEST_NIGHT_DAYS:
        return None
    seconds = known * DAY_S
    if is_clock and (np.abs(seconds - np.round(seconds)) > _WHOLE_S).any():
        return None
    return first, has_date


# --- texts ---------------------------------------------------------------------------------------


def _of_texts(
    table: Table,
    column: Column,
    stated: NDArray[np.bool_],
    anchor: datetime | None,
    dates: Sequence[str],
) -> Times:
    cells = table.columns[column.at]
    rows = np.flatnonzero(stated).tolist()
    seconds = np.full(len(cells), np.nan)
    written = {row: written_time(_dated(cells[row], row, dates)) for row in rows}
    is_dotted = column.is_clock and all(_DOTTED_PAIR.fullmatch(cells[row]) for row in rows)
    if is_dotted:
        texts = {row: re.sub("[.,]", ":", cells[row]) for row in rows}
        written = {row: written_time(_dated(texts[row], row, dates)) for row in rows}
    elapsed = {row: _elapsed_s(cells[row]) for row in rows}
    clocks = {row: time for row, time in written.items() if time is not None}
    if 2 * len(clocks) < len(rows) or (column.is_elapsed and not dates):
        for row in rows:
            value = elapsed[row]
            seconds[row] = np.nan if value is None else value
        _refuse_if_most(table, column, stated, seconds)
        return Times(seconds=seconds, stated=stated)
    has_date = [time.numbers is not None for time in clocks.values()]
    if any(has_date) and not all(has_date):
        # the rarer of the two is a fault of its rows
        keep = 2 * sum(has_date) >= len(has_date)
        clocks = {row: t for row, t in clocks.items() if (t.numbers is not None) == keep}
    return _of_clocks(table, column, (clocks, stated), anchor)


def _dated(cell: str, row: int, dates: Sequence[str]) -> str:
    """Return a clock time after the date in another column, if that has one."""
    if not dates or dates[row].casefold() in NOTHING:
        return cell
    return f"{dates[row].split()[0].split('T')[0]} {cell}"


def _of_clocks(
    table: Table,
    column: Column,
    found: tuple[dict[int, WrittenTime], NDArray[np.bool_]],
    anchor: datetime | None,
) -> Times:
    """Return clock times in seconds from the first one."""
    clocks, stated = found
    where = f"{table.where}, column {column.name!r}"
    rows = list(clocks)
    moments, findings = moments_of([clocks[row] for row in rows], anchor, table.where)
    zero: datetime | None = min(moments)
    seconds = np.full(len(stated), np.nan)
    seconds[rows] = [(moment - min(moments)).total_seconds() for moment in moments]
    if _counts_from_1970(clocks, min(moments), anchor):
        seconds += (min(moments) - _UNIX_ZERO).total_seconds()
        zero = None
        message = translatable(f"{len(rows)} times of 1970-01-01 are taken as time since the start")
        findings = (*findings, Finding("info", "clock.since_start", where, message))
    elif clocks[rows[0]].numbers is None and clocks[rows[0]].clock_s == 0 and _is_late(anchor):
        zero = None
        message = translatable(
            f"{len(rows)} times begin at 00:00:00, when the recording had long begun: taken as "
            "time since its start"
        )
        findings = (*findings, Finding("warning", "clock.since_start", where, message))
    return Times(seconds=seconds, stated=stated, zero=zero, findings=findings)


def _counts_from_1970(
    clocks: dict[int, WrittenTime], first: datetime, anchor: datetime | None
) -> bool:
    """Return whether dates only carry time since the start, as MNE writes them."""
    has_dates = all(time.numbers is not None for time in clocks.values())
    is_of_1970 = anchor is not None and anchor.date() == _UNIX_ZERO.date()
    return has_dates and first.date() == _UNIX_ZERO.date() and not is_of_1970


def _is_late(anchor: datetime | None) -> bool:
    """Return whether a recording starts so long before midnight that its stages began earlier."""
    if anchor is None:
        return False
    clock_s = anchor.hour * 3600 + anchor.minute * 60 + anchor.second
    return 60 < clock_s < DAY_S - 60  # noqa: PLR2004 - a minute around midnight


def _elapsed_s(cell: str) -> float | None:
    """Return the seconds of ``26:00:30`` or ``0 days 00:00:30``; None if it is neither."""
    match = _ELAPSED.fullmatch(cell) if len(cell) <= _LONGEST_NUMBER else None
    if match is None or int(match["minutes"]) > 59:  # noqa: PLR2004 - minutes
        return None
    hours = 24 * int(match["days"] or 0) + int(match["hours"])
    seconds = float(match["seconds"].replace(",", "."))
    found = hours * 3600.0 + int(match["minutes"]) * 60.0 + seconds
    return -found if match["sign"] == "-" else found


def _refuse_if_most(
    table: Table, column: Column, stated: NDArray[np.bool_], seconds: NDArray[np.float64]
) -> None:
    """Raise for the first cell that is no time, if at least half of them are none."""
    unread = np.flatnonzero(stated & np.isnan(seconds))
    if len(unread) and 2 * len(unread) >= stated.sum():
        advice = "Clock times with dots are written 22.40.30."
        raise fault(table, column, int(unread[0]), _WANTED, advice)
