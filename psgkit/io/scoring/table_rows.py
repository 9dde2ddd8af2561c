"""When each row of a table of stages or events happened."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.finding import Finding
from psgkit.core.message import translatable
from psgkit.errors import TableError
from psgkit.io.scoring.clocks import written_time
from psgkit.io.scoring.columns import Column, columns_of, first_with
from psgkit.io.scoring.stage_rows import USUAL_EPOCH_S
from psgkit.io.scoring.time_columns import NOTHING, Times, durations_in, fault, times_in
from psgkit.io.text.tables import SAME_TIME_S, Table, quoted

_TIME_WORDS = ("time", "zeit", "heure", "hora", "clock", "uhr", "onset", "start", "date", "sec")
_OF_SAMPLES = "offset"
"""In tables of FieldTrip, beside a duration, no end but a number of samples."""
_FEWEST_N = 3
"""Rows from which rising numbers in a column without a name that is known are times."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class RowTimes:
    """Times of the rows of a table.

    Attributes
    ----------
    onset_s, duration_s : float64 arrays, shape (n,)
        NaN for a row without a usable onset, and for an unknown duration.
    zero : datetime or None
        Clock time from which onsets count; None if from the start of the recording.
    is_assumed : bool
        Whether the table has no times, and one epoch a row was assumed.
    used : frozenset of int
        Numbers of the columns that were read.
    findings : tuple of Finding
    """

    onset_s: NDArray[np.float64]
    duration_s: NDArray[np.float64]
    zero: datetime | None
    is_assumed: bool
    used: frozenset[int]
    findings: tuple[Finding, ...]


def row_times(table: Table, start: datetime | None, *, with_epochs: bool) -> RowTimes:
    """Return when each row of a table begins and how long it lasts.

    Parameters
    ----------
    table : Table
    start : datetime or None
        Clock time of second 0 of the recording.
    with_epochs : bool
        Whether rows without times may be epochs, numbered or one after the other.

    Raises
    ------
    TableError
        If the times are missing or not understood; the message says what to write.
    """
    columns = columns_of(table.header)
    onset = first_with(columns, "onset")
    dates = first_with(columns, "date")
    if onset is None and dates is not None and _has_clock(table, dates):
        onset, dates = replace(dates, meaning="onset"), None
    if onset is None:
        if not with_epochs:
            raise _no_onset(table)
        return _epochs(table, columns)
    table.text(onset.name)  # refuses two of that name
    end, duration = first_with(columns, "end"), first_with(columns, "duration")
    if end is not None and duration is not None and end.name == _OF_SAMPLES:
        end = None
    return _spans(table, (onset, end, duration), dates, start)


def _has_clock(table: Table, column: Column) -> bool:
    first = next((cell for cell in table.columns[column.at] if cell.casefold() not in NOTHING), "")
    return written_time(first) is not None


def _no_onset(table: Table) -> TableError:
    found = f"the columns {', '.join(map(repr, table.header[:12]))}"
    advice = "Name the column of the times onset_s, and that of the durations duration_s."
    return TableError(f"{table.where}, header line", found, "a column onset_s or onset", advice)


# --- tables with times ---------------------------------------------------------------------------


def _spans(
    table: Table,
    times: tuple[Column, Column | None, Column | None],
    date: Column | None,
    start: datetime | None,
) -> RowTimes:
    onset, end, duration = times
    dates = () if date is None or not _holds_dates(table, date) else table.columns[date.at]
    began = times_in(table, onset, start, dates)
    used = {onset.at} | ({date.at} if date is not None and dates else set())
    findings = list(began.findings)
    unread = np.flatnonzero(np.isnan(began.seconds))
    if len(unread):
        row = int(unread[0])
        if 2 * len(unread) >= len(table):
            raise fault(
                table, onset, row, "seconds from the start of the recording, or a clock time"
            )
        message = translatable(
            f"{len(unread)} of {len(table)} rows have no readable onset and are left out, first "
            f"{quoted(table.columns[onset.at][row])} in line {table.lines[row]}"
        )
        findings.append(Finding("warning", "table.rows", table.where, message))
    duration_s = np.full(len(table), np.nan)
    if duration is not None:
        lasting = durations_in(table, duration)
        duration_s = lasting.seconds.copy()
        used.add(duration.at)
        findings += _bad_durations(table, duration, lasting.stated & np.isnan(duration_s))
    if end is not None:
        used.add(end.at)
        lasting_s = _until_end_s(table, end, began, start)
        wrong = lasting_s < 0
        if duration is None:
            findings += _bad_ends(table, end, began.seconds, wrong)
            duration_s = np.where(wrong, np.nan, lasting_s)
        else:
            findings += _contradictions(table, end, np.abs(lasting_s - duration_s))
            duration_s = np.where(np.isnan(duration_s) & ~wrong, lasting_s, duration_s)
    return RowTimes(
        onset_s=began.seconds,
        duration_s=duration_s,
        zero=began.zero,
        is_assumed=False,
        used=frozenset(used),
        findings=tuple(findings),
    )


def _until_end_s(
    table: Table, end: Column, began: Times, start: datetime | None
) -> NDArray[np.float64]:
    """Return the seconds from the onsets to the ends in a column."""
    anchor = began.zero if began.zero is not None else start
    ended = times_in(table, replace(end, is_elapsed=True) if began.zero is None else end, anchor)
    late_s = 0.0
    if ended.zero is not None and began.zero is not None:
        late_s = (ended.zero - began.zero).total_seconds()
    return np.asarray(ended.seconds + late_s - began.seconds)


def _holds_dates(table: Table, column: Column) -> bool:
    cells = [cell for cell in table.columns[column.at] if cell.casefold() not in NOTHING]
    return bool(cells) and written_time(f"{cells[0].split()[0].split('T')[0]} 00:00:00") is not None


def _bad_durations(table: Table, column: Column, wrong: NDArray[np.bool_]) -> list[Finding]:
    if not wrong.any():
        return []
    row = int(np.argmax(wrong))
    message = translatable(
        f"{int(wrong.sum())} of {len(table)} durations are none and taken as unknown, first "
        f"{quoted(table.columns[column.at][row])} in line {table.lines[row]}"
    )
    return [Finding("warning", "table.durations", table.where, message)]


def _bad_ends(
    table: Table, end: Column, onset_s: NDArray[np.float64], wrong: NDArray[np.bool_]
) -> list[Finding]:
    if not wrong.any():
        return []
    row = int(np.argmax(wrong))
    if 2 * wrong.sum() >= len(table):
        raise fault(table, end, row, f"an end at or after the onset, {onset_s[row]:g} s")
    message = translatable(
        f"{int(wrong.sum())} of {len(table)} ends lie before their onset, and their durations are "
        f"taken as unknown, first in line {table.lines[row]}"
    )
    return [Finding("warning", "table.durations", table.where, message)]


def _contradictions(table: Table, end: Column, apart_s: NDArray[np.float64]) -> list[Finding]:
    wrong = apart_s > SAME_TIME_S
    if not wrong.any():
        return []
    row = int(np.argmax(wrong))
    if 2 * wrong.sum() >= len(table):
        raise fault(table, end, row, "onset plus duration")
    message = translatable(
        f"{int(wrong.sum())} of {len(table)} ends are not onset plus duration: the durations "
        f"count, first in line {table.lines[row]}"
    )
    return [Finding("warning", "table.durations", table.where, message)]


# --- one epoch a row -----------------------------------------------------------------------------


def _epochs(table: Table, columns: Sequence[Column]) -> RowTimes:
    """Return the times of numbered epochs, or of one epoch a row."""
    number = first_with(columns, "epoch")
    stage_at = {one.at for one in columns if one.meaning in ("stage", "event")}
    _refuse_hidden_times(table, [one for one in columns if one.at not in stage_at])
    rows = np.arange(len(table), dtype=np.float64)
    used = frozenset[int]()
    findings: list[Finding] = []
    numbers = None if number is None else _epoch_numbers(table, number)
    if numbers is not None and number is not None:
        first = numbers[0] if numbers[0] in (0, 1) else 1.0
        rows = numbers - first
        used = frozenset((number.at,))
        findings += _about_numbers(table, number, numbers)
    message = translatable(
        "no times in the file: 30 s epochs from the start of the recording are assumed"
    )
    assumed = Finding("info", "hypnogram.epochs_assumed", table.where, message)
    return RowTimes(
        onset_s=rows * USUAL_EPOCH_S,
        duration_s=np.full(len(table), USUAL_EPOCH_S),
        zero=None,
        is_assumed=True,
        used=used,
        findings=(assumed, *findings),
    )


def _epoch_numbers(table: Table, column: Column) -> NDArray[np.float64] | None:
    """Return the numbers of epochs; None for a column that does not count."""
    cells = table.columns[column.at]
    numbers = np.array([float(c) if c.lstrip("+-").isdigit() else np.nan for c in cells])
    known = np.isfinite(numbers)
    if not len(cells):
        return None
    if 2 * known.sum() <= len(cells):
        row = int(np.argmin(known))
        raise fault(table, column, row, "a whole number for each epoch", "Leave the column out.")
    # an epoch without a number stands between those before and after it
    numbers[~known] = np.interp(np.flatnonzero(~known), np.flatnonzero(known), numbers[known])
    steps = np.diff(numbers)
    back = np.flatnonzero(steps <= 0)
    if len(back):
        row = int(back[0]) + 1
        raise fault(table, column, row, f"{numbers[row - 1] + 1:g}: every epoch once, in order")
    return numbers


def _about_numbers(table: Table, column: Column, numbers: NDArray[np.float64]) -> list[Finding]:
    found = []
    missing_n = int(numbers[-1] - numbers[0]) + 1 - len(numbers)
    if missing_n:
        row = int(np.argmax(np.diff(numbers) > 1))
        message = translatable(
            f"{missing_n} epochs have no row and are left unscored, first {numbers[row] + 1:g} in "
            f"the column {column.name!r}"
        )
        found.append(Finding("warning", "stages.missing_rows", table.where, message))
    if numbers[0] not in (0, 1):
        message = translatable(
            f"the first epoch has the number {numbers[0]:g}: counted from 1, so that "
            f"{max(numbers[0] - 1, 0):g} epochs before it are unscored"
        )
        found.append(Finding("warning", "stages.first_epoch", table.where, message))
    return found


def _refuse_hidden_times(table: Table, columns: Sequence[Column]) -> None:
    """Raise for a column that holds times although nothing in its name is understood."""
    for column in columns:
        if column.meaning == "epoch":
            continue
        cells = table.columns[column.at]
        if _may_be_times(column, cells):
            raise TableError(
                f"{table.where}, column {column.name!r}",
                f"what may be times ({quoted(cells[0] if cells else column.name)})",
                "times in a column onset_s or onset",
                "Name it onset_s (seconds), onset (clock times) or duration_s, or take it out.",
            )


def _may_be_times(column: Column, cells: Sequence[str]) -> bool:
    if column.meaning in ("end", "duration"):
        return True
    stated = [cell for cell in cells if cell.casefold() not in NOTHING]
    if len(stated) < _FEWEST_N:
        return any(word in column.name for word in _TIME_WORDS) or any(map(written_time, stated))
    if 2 * sum(written_time(cell) is not None for cell in stated) >= len(stated):
        return True
    try:
        numbers = np.array([float(cell.replace(",", ".")) for cell in stated])
    except ValueError:
        return any(word in column.name for word in _TIME_WORDS)
    steps = np.diff(numbers)
    # counting rows is no time
    return bool((steps > 0).all() and not (steps == 1).all())
