"""Tables beside a recording of days: sleep diary, event markers, common events with a reference.

A diary has one row a night: ``date`` (of the evening) and any of ``bed``, ``lights_off``,
``sleep``, ``wake``, ``up``; naps in ``nap_start`` and ``nap_end``, times without the device in
``off_start`` and ``off_end``.  Cells are clock times (``23:15``) or dates with times, or empty.

The first clock time of a night is of the date if it is from noon on, and of the day after if it is
before noon; every later one follows the one before it.  So somebody who goes to bed at 8 and rises
at 16 slept on the day after the date, and a night may end past noon.  A time of waking or rising
alone is of the day after.  A cell that cannot be read costs its night or span only, with a finding.

Markers have one time for each row.  A common event of device and reference (a PSG) is a row of
``device_time`` and ``reference_time``, dates with times, or of ``device_s`` and ``reference_s``,
seconds since the device started.
"""

import os
from collections.abc import Mapping
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from psgkit.core.days.clock_drift import ClockError, ClockFit, correct_clock
from psgkit.core.days.day_clock import DayClock
from psgkit.core.days.diary import DIARY_TIMES, Diary
from psgkit.core.finding import Finding
from psgkit.core.frozen import words
from psgkit.core.intervals import Intervals
from psgkit.errors import TableError
from psgkit.io.actigraphy.counts_tables import MISSING_WORDS, unused_columns
from psgkit.io.actigraphy.row_times import times_of_rows
from psgkit.io.actigraphy.times import (
    as_datetime,
    is_instant,
    places_of,
    read_clock,
    read_instants,
    seconds_of_instants,
)
from psgkit.io.text.read import file_name, read_text
from psgkit.io.text.tables import Table, parse_table, quoted

NOON = timedelta(hours=12)
DAY = timedelta(days=1)
LONGEST_STEP = timedelta(hours=18)
"""Longest time from one event of a night to the next; psgkit's own choice."""
MORNING_H, NOON_H = 4.0, 12.0
_DATES = ("date", "night", "evening", "day")
_RISES = ("wake_s", "up_s")
_COLUMNS = {
    "bed_s": ("bed", "to_bed", "bedtime", "bed_time", "in_bed"),
    "lights_off_s": ("lights_off", "lights off", "lightsoff", "lights_out", "lights out"),
    "sleep_s": ("sleep", "asleep", "sleep_onset", "fell_asleep"),
    "wake_s": ("wake", "woke", "wake_up", "wakeup", "wake up", "final_wake", "awake"),
    "up_s": ("up", "out_of_bed", "get_up", "got_up", "rise", "out of bed"),
}
_SPANS = {
    "naps_s": (("nap_start", "nap_from", "nap start"), ("nap_end", "nap_to", "nap end")),
    "not_worn_s": (
        ("off_start", "not_worn_from", "off_from", "device_off"),
        ("off_end", "not_worn_to", "off_to", "device_on"),
    ),
}
_MARKER_TIMES = ("time", "timestamp", "datetime", "marker", "event_time", "date_time")


def read_diary(
    path: str | os.PathLike[str], clock: DayClock, *, day_first: bool | None = None
) -> tuple[Diary, tuple[Finding, ...]]:
    r"""Return the diary in a table, and findings about it.

    Raises
    ------
    InputFileError
        If the file cannot be read.
    TableError
        If the column ``date`` or every time is missing, or no night at all can be read: a cell is
        no time, a night occurs twice, or its times are out of order; the message names the line.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "diary.csv"
    >>> _ = file.write_text("date,lights_off,wake\n2024-01-31,23:30,07:00\n")
    >>> diary, _ = read_diary(file, DayClock.of(datetime(2024, 1, 31, 12)))
    >>> (diary.nights_s() / 3600).tolist()
    [[11.5, 19.0]]
    """
    return diary_of_text(read_text(path), file_name(path), clock, day_first=day_first)


def diary_of_text(
    text: str, where: str, clock: DayClock, *, day_first: bool | None = None
) -> tuple[Diary, tuple[Finding, ...]]:
    """Return the diary in the text of a table; errors as ``read_diary``."""
    table = parse_table(text, where)
    found = {name: table.first_of(names) for name, names in _COLUMNS.items()}
    if not any(found.values()):
        wanted = "one of bed, lights_off, sleep, wake, up"
        raise TableError(f"{where}, header line", f"the columns {_listed(table)}", wanted)
    read = _NightReader(table, found, clock, _dates(table, day_first=day_first))
    nights, lost = read.nights()
    if lost and not nights:
        raise lost[0]
    spans, lost_spans = read.spans()
    diary = Diary(
        date=words([str(day.date()) for day, _ in nights]),
        **{
            name: np.array([times[name] for _, times in nights], dtype=np.float64)
            for name in DIARY_TIMES
        },
        naps_s=spans["naps_s"],
        not_worn_s=spans["not_worn_s"],
    )
    findings = [
        *_lost(lost, f"of {len(table)} nights", where),
        *_lost(lost_spans, "naps or times without the device", where),
        *_by_day(diary, clock, where),
        *_unused(table, found, where),
    ]
    return diary, tuple(findings)


def _lost(faults: list[TableError], of: str, where: str) -> tuple[Finding, ...]:
    """Return a finding that counts the rows left out, with the first fault."""
    if not faults:
        return ()
    message = f"{len(faults)} {of} cannot be read and are left out, first {faults[0]}"
    return (Finding("warning", "diary.row", where, message),)


def _by_day(diary: Diary, clock: DayClock, where: str) -> tuple[Finding, ...]:
    """Return a finding about nights that begin in the morning."""
    from_s = np.where(np.isnan(diary.lights_off_s), diary.bed_s, diary.lights_off_s)
    hours = clock.time_of_day_h(from_s[np.isfinite(from_s)])
    by_day_n = int(np.count_nonzero((hours >= MORNING_H) & (hours < NOON_H)))
    if not by_day_n:
        return ()
    message = (
        f"{by_day_n} of {len(diary)} nights begin between {MORNING_H:g} and {NOON_H:g} h: taken as "
        "of the day after their date; a date with a time (2024-01-31 08:15) leaves no doubt"
    )
    return (Finding("warning", "diary.by_day", where, message),)


def _unused(table: Table, found: Mapping[str, str | None], where: str) -> tuple[Finding, ...]:
    known = {*filter(None, found.values()), *_DATES}
    known |= {name for pair in _SPANS.values() for names in pair for name in names}
    others = [name for name in table.header if name not in known]
    if not others:
        return ()
    named = ", ".join(quoted(name) for name in others[:12])
    message = f"{len(others)} of {len(table.header)} columns are not used: {named}"
    return (Finding("info", "diary.columns", where, message),)


def read_markers(
    path: str | os.PathLike[str], clock: DayClock, *, day_first: bool | None = None
) -> tuple[NDArray[np.float64], tuple[Finding, ...]]:
    """Return the times of presses of the event button, seconds from the start, and findings.

    The table has a column ``time`` of dates with times, or ``onset_s`` of seconds.

    Raises
    ------
    InputFileError, TableError
        If the file cannot be read, the column is missing, or a tenth of the cells are no time.
    """
    return markers_of_text(read_text(path), file_name(path), clock, day_first=day_first)


def markers_of_text(
    text: str, where: str, clock: DayClock, *, day_first: bool | None = None
) -> tuple[NDArray[np.float64], tuple[Finding, ...]]:
    """Return the markers in the text of a table, and findings; errors as ``read_markers``."""
    table = parse_table(text, where)
    onset = table.first_of(("onset_s", "onset"))
    column = onset or table.one_of(_MARKER_TIMES)
    unused = unused_columns(table, frozenset((column,)))
    if onset:
        return np.sort(table.times_s(onset)), unused
    cells = table.text(column)
    if not cells:
        return np.empty(0), unused
    place = places_of(table, column)
    times, _, found = times_of_rows(cells, place, where, day_first=day_first)
    return np.sort(seconds_of_instants(times, clock)), (*unused, *found)


def outside_findings(diary: Diary, duration_s: float, where: str) -> tuple[Finding, ...]:
    """Return a finding if nights of a diary lie outside the recording."""
    nights = diary.nights_s()
    outside = int(np.count_nonzero((nights[:, 1] <= 0) | (nights[:, 0] >= duration_s)))
    if not outside:
        return ()
    message = f"{outside} of {len(diary)} nights lie outside the recording"
    return (Finding("warning", "diary.outside", where, message),)


def outside_markers(
    pressed_s: NDArray[np.float64], duration_s: float, where: str
) -> tuple[Finding, ...]:
    """Return a finding if presses of the button lie outside the recording.

    Examples
    --------
    >>> outside_markers(np.array([5.0, 90.0]), 60.0, "m.csv")[0].message
    '1 of 2 presses of the button lie outside the recording'
    """
    outside = int(np.count_nonzero((pressed_s < 0) | (pressed_s > duration_s)))
    if not outside:
        return ()
    message = f"{outside} of {len(pressed_s)} presses of the button lie outside the recording"
    return (Finding("warning", "markers.outside", where, message),)


def _dates(table: Table, *, day_first: bool | None) -> list[datetime | TableError]:
    """Return the date of each row, or what is wrong with it."""
    column = table.one_of(_DATES)
    cells = table.text(column)
    where = places_of(table, column)
    found: list[datetime | TableError] = [
        TableError(where(row), quoted(cell), "a date, as in 2024-01-31")
        for row, cell in enumerate(cells)
    ]
    rows = [row for row, cell in enumerate(cells) if is_instant(cell)]
    if not rows:
        return found
    read = read_instants(
        [cells[row] for row in rows], lambda at: where(rows[at]), day_first=day_first
    )
    for row, at in zip(rows, read.at, strict=True):
        day = as_datetime(at)
        if day in found[:row]:
            found[row] = table.fault(row, column, "each night once")
        elif read_clock(f"{day:%H:%M:%S}") != timedelta():
            found[row] = table.fault(row, column, "a date without a time")
        else:
            found[row] = day
    return found


class _NightReader:
    """Reads the rows of a diary one by one, so that a bad cell costs its row only."""

    def __init__(
        self,
        table: Table,
        columns: Mapping[str, str | None],
        clock: DayClock,
        dates: list[datetime | TableError],
    ) -> None:
        self._table = table
        self._columns = columns
        self._clock = clock
        self._dates = dates

    def nights(self) -> tuple[list[tuple[datetime, dict[str, float]]], list[TableError]]:
        """Return date and times of the nights that can be read, and a fault for each other row."""
        nights, faults = [], []
        for row, day in enumerate(self._dates):
            if isinstance(day, TableError):
                faults.append(day)
                continue
            try:
                nights.append((day, self._night(row, day)))
            except TableError as fault:
                faults.append(fault)
        return nights, faults

    def _night(self, row: int, day: datetime) -> dict[str, float]:
        times = dict.fromkeys(DIARY_TIMES, float("nan"))
        before: datetime | None = None
        for name in DIARY_TIMES:
            column = self._columns[name]
            cell = "" if column is None else self._table.text(column)[row]
            if column is None or cell.lower() in MISSING_WORDS:
                continue
            moment = self._moment(row, column, day, before, rises=name in _RISES)
            seconds = self._clock.seconds_of(moment)
            naive = self._clock.local(seconds).replace(tzinfo=None)
            if before is not None and not timedelta() <= naive - before <= LONGEST_STEP:
                line = f"{self._table.where}, line {self._table.lines[row]}"
                raise TableError(
                    line,
                    "times of a night that step back",
                    "to bed, lights off, asleep, awake, up in this order",
                    "Each clock time follows the one before it by 18 h or less; write a date with "
                    "a time where it does not.",
                )
            times[name], before = seconds, naive
        return times

    def _moment(
        self, row: int, column: str, day: datetime, before: datetime | None, *, rises: bool
    ) -> datetime:
        """Return the local time of a cell; a clock time follows the time before it."""
        cell = self._table.text(column)[row]
        time_of_day = timedelta() if cell.startswith("24:00") else read_clock(cell)
        if time_of_day is None:
            try:
                return as_datetime(read_instants([cell], str).at[0])
            except TableError:
                wanted = "a clock time (23:15), a date with time, or nothing"
                raise self._table.fault(row, column, wanted) from None
        if before is None:
            return day + time_of_day + (DAY if time_of_day < NOON or rises else timedelta())
        midnight = before.replace(hour=0, minute=0, second=0, microsecond=0)
        moment = midnight + time_of_day
        return moment if moment >= before else moment + DAY

    def spans(self) -> tuple[dict[str, Intervals], list[TableError]]:
        """Return naps and times without the device, and a fault for each that cannot be read."""
        found: dict[str, Intervals] = {}
        faults: list[TableError] = []
        for name, (starts, ends) in _SPANS.items():
            first, last = self._table.first_of(starts), self._table.first_of(ends)
            rows: list[tuple[float, float]] = []
            if first is not None and last is not None:
                for row, day in enumerate(self._dates):
                    if isinstance(day, TableError):
                        continue
                    try:
                        rows += self._span(row, day, (first, last))
                    except TableError as fault:
                        faults.append(fault)
            found[name] = np.array(rows, dtype=np.float64).reshape(-1, 2)
        return found, faults

    def _span(self, row: int, day: datetime, columns: tuple[str, str]) -> list[tuple[float, float]]:
        """Return the span of a row, none if it is empty; clock times are of the date itself."""
        cells = [self._table.text(column)[row] for column in columns]
        if all(cell.lower() in MISSING_WORDS for cell in cells):
            return []
        begin, end = (read_clock(cell) for cell in cells)
        if begin is None or end is None:
            column = columns[0] if begin is None else columns[1]
            raise self._table.fault(row, column, "a clock time, as in 14:30")
        later = DAY if end < begin else timedelta()
        edges = (day + begin, day + end + later)
        return [(self._clock.seconds_of(edges[0]), self._clock.seconds_of(edges[1]))]


def _listed(table: Table) -> str:
    return ", ".join(map(repr, table.header[:12]))


_NAMES = {"device": ("device_time", "device_s"), "reference": ("reference_time", "reference_s")}


def read_clock_events(
    path: str | os.PathLike[str], clock: DayClock, *, day_first: bool | None = None
) -> ClockFit:
    r"""Return the drift of the clock of a device, from the common events in a table.

    Parameters
    ----------
    path : path
    clock : DayClock
        Clock of the device.
    day_first : bool, optional
        Order of ``03/04/2024``; left out, the rows decide.

    Raises
    ------
    InputFileError
        If the file cannot be read.
    TableError
        If a column is missing or a cell is no time; the message names line and column.
    ClockError
        If the events do not determine a drift, or contradict each other.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from datetime import datetime
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "clock.csv"
    >>> _ = file.write_text(
    ...     "device_time,reference_time\n"
    ...     "2024-01-31 12:00:00,2024-01-31 12:00:10\n2024-02-07 12:00:00,2024-02-07 12:00:40\n"
    ... )
    >>> fit = read_clock_events(file, DayClock.of(datetime(2024, 1, 31, 12)))
    >>> round(fit.offset_s, 2), round(fit.drift_ppm, 1)
    (10.0, 49.6)
    """
    where = file_name(path)
    table = parse_table(read_text(path), where)
    device_s, reference_s = (_seconds(table, who, clock, day_first=day_first) for who in _NAMES)
    try:
        return correct_clock(device_s, reference_s)
    except ClockError as error:
        raise ClockError(where, error.found, error.wanted, error.advice) from None


def _seconds(
    table: Table, who: str, clock: DayClock, *, day_first: bool | None
) -> NDArray[np.float64]:
    """Return one column in seconds from the start of the device."""
    as_times, as_seconds = _NAMES[who]
    column = table.one_of((as_times, as_seconds))
    if column == as_seconds:
        return table.times_s(column)
    wanted = "a date with time, as in 2024-01-31 23:15:00"
    for row, cell in enumerate(table.text(column)):
        if not cell:
            raise table.fault(row, column, wanted)
    if not len(table):
        raise TableError(f"{table.where}, line 2", "no event", "two events or more")
    times = read_instants(table.text(column), places_of(table, column), day_first=day_first)
    return seconds_of_instants(times, clock)
