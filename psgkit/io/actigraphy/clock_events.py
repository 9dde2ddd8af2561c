"""Tables of common events: what a device and a reference, such as a PSG, both saw.

A row an event: ``device_time`` as the device wrote it and ``reference_time`` as the reference did,
dates with times; or ``device_s`` and ``reference_s``, seconds since the device started.
"""

import os

import numpy as np
from numpy.typing import NDArray

from psgkit.core.days.clock_drift import ClockError, ClockFit, correct_clock
from psgkit.core.days.day_clock import DayClock
from psgkit.errors import TableError
from psgkit.io.actigraphy.times import places_of, read_instants, seconds_of_instants
from psgkit.io.text.read import file_name, read_text
from psgkit.io.text.tables import Table, parse_table

_NAMES = {"device": ("device_time", "device_s"), "reference": ("reference_time", "reference_s")}


def read_clock_events(
    path: str | os.PathLike[str], clock: DayClock, *, day_first: bool | None = None
) -> ClockFit:
    r"""Return how the clock of a device ran, by the common events in a table.

    Parameters
    ----------
    path : path
    clock : DayClock
        As the device has it.
    day_first : bool, optional
        Order of ``03/04/2024``; left out, it is told from the rows.

    Raises
    ------
    InputFileError
        If the file cannot be read.
    TableError
        If a column is missing or a cell is no time; the message names line and column.
    ClockError
        If the events cannot tell a drift, or contradict each other.

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
