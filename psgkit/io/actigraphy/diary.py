"""Tables beside a recording of days: sleep diary, event markers, common events with a reference.

A diary has one row a night: ``date`` (of the evening) and any of ``bed``, ``lights_off``,
``sleep``, ``wake``, ``up``; naps in ``nap_start`` and ``nap_end``, times without the device in
``off_start`` and ``off_end``.  Cells are clock times (``23:15``) or dates with times, or empty.  A
clock time from noon on is of the date, one before noon of the day after.  Markers have one time for
each row.  A common event of device and reference (a PSG) is a row of
``device_time`` and ``reference_time``, dates with times, or of ``device_s`` and ``reference_s``,
seconds since the device started.
"""

import os
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
from psgkit.io.actigraphy.counts_tables import MISSING_WORDS
from psgkit.io.actigraphy.times import (
    as_datetime,
    places_of,
    read_clock,
    read_instants,
    seconds_of_instants,
)
from psgkit.io.text.read import file_name, read_text
from psgkit.io.text.tables import Table, parse_table

NOON = timedelta(hours=12)
DAY = timedelta(days=1)
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
        If the column ``date`` or every time is missing, a cell is no time, a night occurs twice,
        or its times are out of order; the message names the line.

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
    dates = _dates(table, day_first=day_first)
    times = {name: _times(table, column, dates, clock) for name, column in found.items()}
    _check_order(table, times)
    spans = {name: _spans(table, pair, dates, clock) for name, pair in _SPANS.items()}
    diary = Diary(
        date=words([str(day.date()) for day in dates]),
        **times,
        naps_s=spans["naps_s"],
        not_worn_s=spans["not_worn_s"],
    )
    return diary, ()


def read_markers(
    path: str | os.PathLike[str], clock: DayClock, *, day_first: bool | None = None
) -> NDArray[np.float64]:
    """Return the times of presses of the event button, seconds from the start, in order.

    The table has a column ``time`` of dates with times, or ``onset_s`` of seconds.

    Raises
    ------
    InputFileError, TableError
        If the file cannot be read, the column is missing, or a cell is no time.
    """
    return markers_of_text(read_text(path), file_name(path), clock, day_first=day_first)


def markers_of_text(
    text: str, where: str, clock: DayClock, *, day_first: bool | None = None
) -> NDArray[np.float64]:
    """Return the markers in the text of a table; errors as ``read_markers``."""
    table = parse_table(text, where)
    if table.first_of(("onset_s", "onset")):
        return np.sort(table.times_s(table.one_of(("onset_s", "onset"))))
    column = table.one_of(_MARKER_TIMES)
    cells = table.text(column)
    if not cells:
        return np.empty(0)
    times = read_instants(cells, places_of(table, column), day_first=day_first)
    return np.sort(seconds_of_instants(times, clock))


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


def _dates(table: Table, *, day_first: bool | None) -> list[datetime]:
    column = table.one_of(("date", "night", "evening", "day"))
    if not len(table):
        return []
    at = read_instants(table.text(column), places_of(table, column), day_first=day_first).at
    dates = [as_datetime(one) for one in at]
    for row, day in enumerate(dates):
        if day in dates[:row]:
            raise table.fault(row, column, "each night once")
        if read_clock(f"{day:%H:%M:%S}") != timedelta():
            raise table.fault(row, column, "a date without a time")
    return dates


def _times(
    table: Table, column: str | None, dates: list[datetime], clock: DayClock
) -> NDArray[np.float64]:
    if column is None:
        return np.full(len(dates), np.nan)
    return np.array([_time(table, column, row, day, clock) for row, day in enumerate(dates)])


def _time(table: Table, column: str, row: int, day: datetime, clock: DayClock) -> float:
    """Return one cell in seconds; NaN if it is empty."""
    cell = table.text(column)[row]
    if cell.lower() in MISSING_WORDS:
        return float("nan")
    time_of_day = read_clock(cell)
    if time_of_day is not None:
        moment = day + time_of_day
        return clock.seconds_of(moment if time_of_day >= NOON else moment + DAY)
    try:
        return clock.seconds_of(as_datetime(read_instants([cell], str).at[0]))
    except TableError:
        wanted = "a clock time (23:15), a date with time, or nothing"
        raise table.fault(row, column, wanted) from None


def _check_order(table: Table, times: dict[str, NDArray[np.float64]]) -> None:
    rows = np.column_stack([times[name] for name in DIARY_TIMES])
    for row, written in enumerate(rows):
        known = written[np.isfinite(written)]
        if (np.diff(known) < 0).any():
            line = f"{table.where}, line {table.lines[row]}"
            raise TableError(
                line,
                "times of a night that step back",
                "to bed, lights off, asleep, awake, up in this order",
                "Clock times before noon are taken as of the day after the date.",
            )


def _spans(
    table: Table,
    pair: tuple[tuple[str, ...], tuple[str, ...]],
    dates: list[datetime],
    clock: DayClock,
) -> Intervals:
    """Return the spans in two columns; clock times are of the date itself."""
    first, last = table.first_of(pair[0]), table.first_of(pair[1])
    if first is None or last is None:
        return np.empty((0, 2))
    found = []
    for row, day in enumerate(dates):
        cells = (table.text(first)[row], table.text(last)[row])
        if all(cell.lower() in MISSING_WORDS for cell in cells):
            continue
        begin, end = read_clock(cells[0]), read_clock(cells[1])
        if begin is None or end is None:
            column = first if begin is None else last
            raise table.fault(row, column, "a clock time, as in 14:30")
        later = DAY if end < begin else timedelta()
        found.append((clock.seconds_of(day + begin), clock.seconds_of(day + end + later)))
    return np.array(found, dtype=np.float64).reshape(-1, 2)


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
