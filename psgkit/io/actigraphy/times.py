"""Dates and times in tables of actigraphs, in any order and with any separators.

Conventions: instants are numpy ``datetime64[us]`` without a zone, in local or device time; offsets
from UTC are separate, in seconds.
"""

import re
from array import array
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.days.day_clock import YEARS, DayClock
from psgkit.core.regex import regex
from psgkit.errors import TableError
from psgkit.io.text.lines import Cells, blocks_of
from psgkit.io.text.tables import Table, quoted

Instants = NDArray[np.datetime64]
Places = Callable[[int], str]
UNIX_FROM_S, UNIX_TO_S = 3e8, 4.1e9
"""Numbers between are seconds since 1970: the years 1979 to 2099."""
TICKS_PER_S, TICKS_AT_1970 = 10_000_000, 621_355_968_000_000_000
"""What the software of ActiGraph counts in, from the year 1 on."""

_BETWEEN = regex(r"(?<=\d)[T\s,]+(?=\d)", re.ASCII)
_DATE = regex(r"(\d{1,4})[./-](\d{1,2}|[A-Za-z]{3,5}\.?)[./-](\d{1,4})", re.ASCII)
_CLOCK = regex(
    r"(\d{1,2})[:.h](\d{2})(?:[:.](\d{2})(?:[.,:](\d{1,6})\d*)?)?\s*([AaPp]\.?[Mm]\.?)?", re.ASCII
)
_ZONE = regex(r"\s*\[([A-Za-z0-9_+/-]{1,40})\]\s*$", re.ASCII)
"""A name of a zone behind a time, as ``[Europe/London]`` in tables of the UK Biobank tools."""
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_OTHER_MONTHS = {"ene": 1, "gen": 1, "abr": 4, "avr": 4, "mai": 5, "mag": 5, "giu": 6, "lug": 7}
_OTHER_MONTHS |= {"ago": 8, "set": 9, "okt": 10, "ott": 10, "dic": 12, "dez": 12, "mrz": 3}
"""Short names in Spanish, Italian, French, Portuguese and German that differ."""
_MONTH_OF = {name: number for number, name in enumerate(_MONTHS, 1)} | _OTHER_MONTHS
_OWN_CENTURY = 100
_LATEST_SHORT_YEAR = 70  # as strptime: 69 is 2069, 70 is 1970
_NO_TIME = timedelta()
MOST_DISTINCT = 250_000
"""Seconds of a day and days of two centuries in two ways of writing; psgkit's own choice."""
WANTED = "a date with time, as in 2024-01-31 23:15:00"


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ReadInstants:
    """A column of times.

    Attributes
    ----------
    at : datetime64[us] array, shape (n,)
        Local or device time.
    offset_s : float64 array or None
        Offset from UTC of each, if the texts state it.
    day_first : bool or None
        Order of day and month decided from the column; None if the texts are unambiguous.
    zone : str
        Name of a zone behind every time; empty without one.
    """

    at: Instants
    offset_s: NDArray[np.float64] | None = None
    day_first: bool | None = None
    zone: str = ""

    def of_rows(self, rows: NDArray[np.int64]) -> "ReadInstants":
        """Return the times of some rows."""
        offset_s = None if self.offset_s is None else self.offset_s[rows]
        return replace(self, at=self.at[rows], offset_s=offset_s)


def read_instants(
    cells: Sequence[str], where: Places, *, day_first: bool | None = None
) -> ReadInstants:
    """Return a column of texts as times.

    Parameters
    ----------
    cells : sequence of str
        ISO times, with or without offset; day, month and year in any order with ``.``, ``/`` or
        ``-``; or seconds since 1970.
    where : function of int
        Returns the place of the cell of a row, for messages.
    day_first : bool, optional
        Order of ``03/04/2024``; by default the order in which the column increases steadily.

    Raises
    ------
    TableError
        If a cell is no time, some have an offset and others none, or the order of day and month
        is unknown.

    Examples
    --------
    >>> read_instants(["29.02.2024 23:59", "01.03.2024 00:00"], str).at.astype(str).tolist()
    ['2024-02-29T23:59:00.000000', '2024-03-01T00:00:00.000000']
    """
    if cells and cells[0].endswith("]"):
        return _with_zone(cells, where, day_first=day_first)
    iso = _iso(cells, where)
    if iso is None:
        return _other_texts(cells, where, day_first=day_first)
    _check_years(iso.at, where)
    return iso


def _iso(cells: Sequence[str], where: Places) -> ReadInstants | None:
    """Return ISO times, None if a cell is none."""
    at = np.empty(len(cells), dtype="datetime64[us]")
    offset_s = np.full(len(cells) if cells and _is_aware(cells[0]) else 0, np.nan)
    first = 0
    for block in blocks_of(cells):
        try:
            found = [datetime.fromisoformat(cell) for cell in block]
        except ValueError:
            return None
        aware = [one.tzinfo is not None for one in found]
        if not all(one is bool(len(offset_s)) for one in aware):
            row = first + aware.index(not len(offset_s))
            wanted = "an offset from UTC in all rows, or none"
            raise TableError(where(row), quoted(cells[row]), wanted)
        part = slice(first, first + len(block))
        at[part] = [one.replace(tzinfo=None) for one in found]
        if len(offset_s):
            offset_s[part] = [(one.utcoffset() or _NO_TIME).total_seconds() for one in found]
        first = part.stop
    return ReadInstants(at=at, offset_s=offset_s if len(offset_s) else None)


def _is_aware(cell: str) -> bool:
    """Return whether an ISO time states its offset from UTC."""
    try:
        return datetime.fromisoformat(cell).tzinfo is not None
    except ValueError:
        return False


def _with_zone(cells: Sequence[str], where: Places, *, day_first: bool | None) -> ReadInstants:
    """Return times behind each of which the same zone is named."""
    first = match[1] if (match := _ZONE.search(cells[0])) else ""
    for row, cell in enumerate(cells):
        match = _ZONE.search(cell)
        if match is None or match[1] != first:
            raise TableError(where(row), quoted(cell), f"the zone [{first}] in every row")
    plain = Cells(_ZONE.sub("", cell) for cell in cells)
    return replace(read_instants(plain, where, day_first=day_first), zone=first)


def read_clock(text: str) -> timedelta | None:
    """Return the time since midnight in ``text``, None if it is no time of day.

    Examples
    --------
    >>> str(read_clock("09:38:00 PM")), read_clock("25:00")
    ('21:38:00', None)
    """
    match = _CLOCK.fullmatch(text.strip())
    if match is None:
        return None
    hour, minute, second = (int(match[group] or 0) for group in (1, 2, 3))
    microsecond = int((match[4] or "0").ljust(6, "0"))
    half = (match[5] or "").lower()[:1]
    if half:
        if not 1 <= hour <= 12:  # noqa: PLR2004 - hours of half a day
            return None
        hour = hour % 12 + (12 if half == "p" else 0)
    if hour > 23 or minute > 59 or second > 59:  # noqa: PLR2004 - what a clock shows
        return None
    return timedelta(hours=hour, minutes=minute, seconds=second, microseconds=microsecond)


def _other_texts(cells: Sequence[str], where: Places, *, day_first: bool | None) -> ReadInstants:
    """Return non-ISO times: seconds since 1970, or days and months in some order."""
    unix = _unix(cells)
    if unix is not None:
        return unix
    orders = (True, False) if day_first is None else (day_first,)
    split = _split(cells, where)
    read: dict[bool, Instants] = {}
    faults: list[TableError] = []
    for order in orders:
        try:
            read[order] = _ordered(split, where, day_first=order)
        except TableError as fault:
            # a traceback would hold every array until it is collected
            faults.append(fault.with_traceback(None))
    del split
    if not read:
        raise faults[0]
    if len(read) == 1 or np.array_equal(read[True], read[False]):
        order, at = next(iter(read.items()))
        clear = day_first is None and len(read) > 1
        return ReadInstants(at=at, day_first=None if clear else order)
    steady = {order: _longest_step_s(at) for order, at in read.items()}
    if steady[True] == steady[False]:
        wanted = "dates whose day and month can be told apart"
        advice = "Write dates as 2024-01-31, or say which comes first with --dates dmy or mdy."
        raise TableError(where(0), quoted(cells[0]), wanted, advice)
    order = min(steady, key=lambda one: steady[one])
    return ReadInstants(at=read[order], day_first=order)


def _unix(cells: Sequence[str]) -> ReadInstants | None:
    try:
        seconds = np.fromiter(map(float, cells), np.float64, len(cells))
    except ValueError:
        return None
    if not ((seconds >= UNIX_FROM_S) & (seconds <= UNIX_TO_S)).all():
        return None
    at = np.round(seconds * 1e6).astype(np.int64).view("datetime64[us]")
    return ReadInstants(at=at, offset_s=np.zeros(len(at)))


def _ordered(cells: "_Cells", where: Places, *, day_first: bool) -> Instants:
    """Return the times of split cells; each distinct day and time of day is parsed once."""
    days = [_day_of_text(text, day_first=day_first) for text in cells.days]
    clocks = [read_clock(text) if text else timedelta() for text in cells.clocks]
    for found, column in ((days, cells.day), (clocks, cells.clock)):
        wrong = [number for number, one in enumerate(found) if one is None]
        if wrong:
            row = int(np.flatnonzero(np.isin(column, wrong))[0])
            text = f"{cells.days[cells.day[row]]} {cells.clocks[cells.clock[row]]}".strip()
            raise TableError(where(row), quoted(text), WANTED)
    at = np.array(days, dtype="datetime64[us]")[cells.day]
    at = at + np.array(clocks, dtype="timedelta64[us]")[cells.clock]
    _check_years(at, where)
    return np.asarray(at)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Cells:
    """Cells split into day and time of day, each distinct text once."""

    days: tuple[str, ...]
    clocks: tuple[str, ...]
    day: NDArray[np.int32]
    clock: NDArray[np.int32]


def _split(cells: Sequence[str], where: Places) -> _Cells:
    days: dict[str, int] = {}
    clocks: dict[str, int] = {}
    day, time = array("i"), array("i")
    for cell in cells:
        parts = _BETWEEN.split(cell, maxsplit=1)
        clock = parts[1] if len(parts) > 1 else ""
        day.append(days.setdefault(parts[0], len(days)))
        time.append(clocks.setdefault(clock, len(clocks)))
        if len(days) + len(clocks) > MOST_DISTINCT:
            found = f"{quoted(cell)}, after {MOST_DISTINCT} other days and times of day"
            raise TableError(where(len(day) - 1), found, WANTED)
    return _Cells(
        days=tuple(days),
        clocks=tuple(clocks),
        day=np.frombuffer(day, dtype=np.int32),
        clock=np.frombuffer(time, dtype=np.int32),
    )


def _day_of_text(text: str, *, day_first: bool) -> datetime | None:
    match = _DATE.fullmatch(text)
    return _day(*match.groups(), day_first=day_first) if match else None


def _day(first: str, second: str, third: str, *, day_first: bool) -> datetime | None:
    """Return the day of three parts of a date, None if it does not exist."""
    if second[:3].isalpha():
        if second.lower()[:3] not in _MONTH_OF:
            return None
        year, month, day = int(third), _MONTH_OF[second.lower()[:3]], int(first)
    elif len(first) > 2:  # noqa: PLR2004 - a year of four digits
        year, month, day = int(first), int(second), int(third)
    else:
        year = int(third)
        day, month = (int(first), int(second)) if day_first else (int(second), int(first))
    if year < _OWN_CENTURY:
        year += 1900 if year >= _LATEST_SHORT_YEAR else 2000
    try:
        return datetime(year, month, day)
    except ValueError:
        return None


def _longest_step_s(at: Instants) -> float:
    steps_s = np.abs(np.diff(at).astype(np.int64)) / 1e6
    return float(steps_s.max()) if len(steps_s) else 0.0


def _check_years(at: Instants, where: Places) -> None:
    wrong = (at < np.datetime64(f"{YEARS[0]}-01-01")) | (at >= np.datetime64(f"{YEARS[-1]}-01-01"))
    for row in np.flatnonzero(wrong)[:1]:
        found = str(at[row].astype("datetime64[D]"))
        raise TableError(where(int(row)), found, f"a year from {YEARS[0]} on")


def is_instant(cell: str) -> bool:
    """Return whether a cell is a date, with or without a time, in any order of day and month.

    Examples
    --------
    >>> is_instant("31.01.2024 12:00"), is_instant("2024-01-31T12:00+01:00"), is_instant("--")
    (True, True, False)
    """
    for order in (True, False):
        try:
            read_instants([cell], str, day_first=order)
        except TableError:
            continue
        return True
    return False


def seconds_of_instants(times: ReadInstants, clock: DayClock) -> NDArray[np.float64]:
    """Return times as seconds from the start of a recording, in the order of the rows.

    Without an offset from UTC they are local time where the device was worn.
    """
    moments = [as_datetime(one) for one in times.at]
    if times.offset_s is None:
        return np.array([clock.seconds_of(one) for one in moments], dtype=np.float64)
    # a clock without a zone counts as UTC from its start
    wall_s = 0.0 if clock.zone_stated or not moments else float(times.offset_s[0])
    return np.array(
        [
            clock.seconds_of(one.replace(tzinfo=UTC) + timedelta(seconds=wall_s - float(shift_s)))
            for one, shift_s in zip(moments, times.offset_s, strict=True)
        ],
        dtype=np.float64,
    )


def as_datetime(at: np.datetime64) -> datetime:
    """Return one instant as a naive datetime."""
    microseconds = int(at.astype("datetime64[us]").astype(np.int64))
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)).replace(
        tzinfo=None
    )


def places_of(table: Table, column: str) -> Places:
    """Return a function that names the place of the cells of a column, for messages."""
    return lambda row: f"{table.where}, line {table.lines[row]}, column {column!r}"
