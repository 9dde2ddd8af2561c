"""Dates and clock times of scoring programs, and their conversion to the recording's clock.

Day and month come in either order; the order that fits one night is used.  Times without a date may
cross midnight: each is the occurrence nearest to the one before.
"""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from psgkit.core.dataclass import dataclass
from psgkit.core.finding import Finding
from psgkit.core.message import translatable
from psgkit.core.regex import regex
from psgkit.errors import TableError
from psgkit.io.text.tables import quoted

DAY_S = 86400.0
HALF_DAY_S = DAY_S / 2
HALF_DAY_H = 12
TWO_DIGIT_YEARS_UNTIL = 84
"""The rule of EDF: 00 to 84 are after 2000, 85 to 99 before."""
LONGEST_TIME = 40
YEARS = (1800, 2200)
MOST_DAYS_N = 100
"""Clock times that cross midnight more often are in no order."""
PLACEHOLDER_DATES = ("1985-01-01", "1970-01-01", "1900-01-01", "2000-01-01", "2001-01-01")
"""Dates that stand where the real one was removed."""
SHIFTED_BEFORE = 1925
"""BIDS asks to shift dates to before this year where they must not be known."""
NO_DAY = datetime(2000, 1, 1)
"""Day of clock times of which only the differences count."""

_MOMENT = regex(
    r"""
    (?: (?P<a>\d{1,4}) (?P<sep>[./-]) (?P<b>\d{1,2}) (?P=sep) (?P<c>\d{1,4}) [T,\s-]+ )?
    (?P<hour>\d{1,2}) : (?P<minute>\d{2}) (?: : (?P<second>\d{2}) (?: [.,] (?P<part>\d{1,9}) )? )?
    (?: \s? (?P<half>[ap])\.?m\.? )? (?: \s? (?P<zone> Z | UTC | GMT | [+-]\d{2}:?\d{2} ) )?
    """,
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
_DOTTED = regex(r"(^|[T\s])(\d{1,2})\.(\d\d)\.(\d\d)(?=$|[.,]\d+$)")
"""A clock time with dots, alone or after a date."""
_SPELT = regex(r"(\d{1,2}) ?h ?(\d\d)(?: ?(?:m|min|') ?(?:(\d\d) ?(?:s|sec|'')?)?)?$", re.I)
"""``22h40`` and ``22 h 40 min 10 s``."""
_AFTER_CLOCK = regex(r" ?(?:uhr|hrs?|h)$", re.I)


@dataclass(frozen=True, kw_only=True, slots=True)
class WrittenTime:
    """A time as it was written.

    Attributes
    ----------
    numbers : tuple of int or None
        The three numbers of the date, in the order written; None for a clock time only.
    clock_s : float
        Seconds since midnight.
    has_half : bool
        Whether a.m. or p.m. is stated.
    zone_s : float or None
        Seconds by which its time zone is ahead of UTC; None if not stated.
    """

    numbers: tuple[int, int, int] | None
    clock_s: float
    has_half: bool
    zone_s: float | None = None


def written_time(text: str) -> WrittenTime | None:
    """Return the time in a text, None if it is no time.

    Examples
    --------
    >>> written_time("9/23/2020 01:00:00 PM").clock_s, written_time("01:01:00,750").clock_s
    (46800.0, 3660.75)
    >>> written_time("25:00:00") is None
    True
    """
    if len(text) > LONGEST_TIME:
        return None
    match = _MOMENT.fullmatch(_with_colons(text.strip()))
    if match is None:
        return None
    hour, minute, second = int(match["hour"]), int(match["minute"]), int(match["second"] or 0)
    if hour > 23 or minute > 59 or second > 59:  # noqa: PLR2004 - what a clock shows
        return None
    if match["half"] and 1 <= hour <= HALF_DAY_H:
        hour = hour % HALF_DAY_H + (HALF_DAY_H if match["half"].lower() == "p" else 0)
    part = float(f"0.{match['part']}") if match["part"] else 0.0
    numbers = None if match["a"] is None else (int(match["a"]), int(match["b"]), int(match["c"]))
    return WrittenTime(
        numbers=numbers,
        clock_s=hour * 3600.0 + minute * 60 + second + part,
        has_half=match["half"] is not None,
        zone_s=_zone_s(match["zone"]),
    )


def _with_colons(text: str) -> str:
    """Return a time as written with colons: ``22.40.10``, ``22h40`` and ``22:40 Uhr``."""
    spelt = _SPELT.search(text)
    if spelt:
        return f"{text[: spelt.start()]}{spelt[1]}:{spelt[2]}:{spelt[3] or '00'}"
    return _AFTER_CLOCK.sub("", _DOTTED.sub(r"\1\2:\3:\4", text))


def _zone_s(written: str | None) -> float | None:
    if written is None:
        return None
    hours = re.fullmatch(r"([+-])(\d{2}):?(\d{2})", written)
    if hours is None:
        return 0.0
    ahead_s = int(hours[2]) * 3600.0 + int(hours[3]) * 60.0
    return -ahead_s if hours[1] == "-" else ahead_s


def times_of(texts: Sequence[str], spots: Sequence[str], where: str) -> list[WrittenTime]:
    """Return every text as a time; raise ``TableError`` with the place of one that is none."""
    found = []
    for text, spot in zip(texts, spots, strict=True):
        time = written_time(text)
        if time is None:
            wanted = "a clock time such as 23:15:00, maybe after a date"
            raise TableError(f"{where}, {spot}", quoted(text), wanted)
        found.append(time)
    return found


def moments_of(
    times: Sequence[WrittenTime], anchor: datetime | None, where: str
) -> tuple[list[datetime], tuple[Finding, ...]]:
    """Return times of one file as date and time, in its order.

    Parameters
    ----------
    times : sequence of WrittenTime
        All with a date, or all without.
    anchor : datetime or None
        Time near the first one: decides the order of day and month, and the day of times without
        a date.
    where : str
        Name of the file.

    Examples
    --------
    >>> clock = [written_time("23:59:30"), written_time("00:00:00")]
    >>> [f"{moment:%d %H:%M}" for moment in moments_of(clock, datetime(2024, 1, 5, 23), "f")[0]]
    ['05 23:59', '06 00:00']

    Raises
    ------
    TableError
        If only some have a date, or no order of the numbers gives valid dates.
    """
    moments, findings = _moments(times, anchor, where)
    zones = {time.zone_s for time in times if time.zone_s is not None}
    if len(zones) > 1:
        first_s = next(time.zone_s for time in times if time.zone_s is not None)
        moments = [
            moment + timedelta(seconds=first_s - (first_s if time.zone_s is None else time.zone_s))
            for moment, time in zip(moments, times, strict=True)
        ]
        message = translatable(
            f"times in {len(zones)} time zones are brought to that of the first one"
        )
        findings = (*findings, Finding("warning", "clock.zones", where, message))
    return moments, findings


def _moments(
    times: Sequence[WrittenTime], anchor: datetime | None, where: str
) -> tuple[list[datetime], tuple[Finding, ...]]:
    """Return times as written, in their own zones, as moments."""
    dated = [time for time in times if time.numbers is not None]
    if not dated:
        return _near(times, anchor, where), ()
    if len(dated) < len(times):
        raise TableError(where, "times with and without a date", "all of them with, or without")
    return _dated(times, anchor, where)


def _near(times: Sequence[WrittenTime], anchor: datetime | None, where: str) -> list[datetime]:
    """Return clock times as moments, the first within half a day of the anchor."""
    if not times:
        return []
    day = (anchor or NO_DAY).replace(hour=0, minute=0, second=0, microsecond=0)
    clock_s = unrolled_s([time.clock_s for time in times])
    if anchor is not None:
        apart_s = (day - anchor).total_seconds() + clock_s[0]
        back = round(apart_s / DAY_S) * DAY_S
        clock_s = [second - back for second in clock_s]
    days_n = (max(clock_s) - min(clock_s)) / DAY_S
    if days_n > MOST_DAYS_N:
        found = f"clock times that cross midnight {days_n:.0f} times"
        raise TableError(where, found, "times in the order of the night")
    return [day + timedelta(seconds=second) for second in clock_s]


def unrolled_s(clock_s: Sequence[float]) -> list[float]:
    """Return clock times as seconds that continue over midnight.

    Examples
    --------
    >>> unrolled_s([86370.0, 0.0, 86399.0, 30.0])
    [86370.0, 86400.0, 86399.0, 86430.0]
    """
    days_n = 0
    found = list(clock_s[:1])
    for before, now in pairwise(clock_s):
        days_n -= round((now - before) / DAY_S)
        found.append(now + days_n * DAY_S)
    return found


def _dated(
    times: Sequence[WrittenTime], anchor: datetime | None, where: str
) -> tuple[list[datetime], tuple[Finding, ...]]:
    """Return dated times as moments, in the order of day and month that fits best."""
    fitting = [moments for order in ("dmy", "mdy") if (moments := _in_order(times, order))]
    if not fitting:
        raise TableError(where, "dates that no order of day and month explains", "dates")
    if len(fitting) == 1 or fitting[0] == fitting[1]:
        return fitting[0], ()
    spans_s = [(max(moments) - min(moments)).total_seconds() for moments in fitting]
    if abs(spans_s[0] - spans_s[1]) > DAY_S:
        return fitting[spans_s.index(min(spans_s))], ()
    if anchor is None:
        return fitting[0], ()
    apart_s = [abs((moments[0] - anchor).total_seconds()) for moments in fitting]
    if min(apart_s) < DAY_S:
        return fitting[apart_s.index(min(apart_s))], ()
    best = fitting[1] if times[0].has_half else fitting[0]
    message = translatable(
        f"dates such as {best[0]:%Y-%m-%d} may have day and month the other way round; neither is "
        "the day of the recording"
    )
    return best, (Finding("warning", "clock.date_order", where, message),)


def _in_order(times: Sequence[WrittenTime], order: str) -> list[datetime]:
    """Return the times with the numbers of dates in ``order``; empty if that is impossible."""
    found = []
    midnights: dict[tuple[int, int, int], datetime] = {}
    for time in times:
        numbers = time.numbers or (0, 0, 0)
        if numbers not in midnights:
            try:
                midnights[numbers] = _midnight(numbers, order)
            except ValueError:
                return []
        found.append(midnights[numbers] + timedelta(seconds=time.clock_s))
    return found


def _midnight(numbers: tuple[int, int, int], order: str) -> datetime:
    """Return the start of a day; raise ``ValueError`` if the numbers are no date."""
    first, second, third = numbers
    if first > 31:  # noqa: PLR2004 - no day and no month, so a year
        return _plausible(datetime(first, second, third))
    if third < 100:  # noqa: PLR2004 - a year of two digits
        third += 2000 if third <= TWO_DIGIT_YEARS_UNTIL else 1900
    day, month = (first, second) if order == "dmy" else (second, first)
    return _plausible(datetime(third, month, day))


def _plausible(day: datetime) -> datetime:
    """Return the day; raise ``ValueError`` for an implausible year."""
    if not YEARS[0] <= day.year <= YEARS[1]:
        raise ValueError(f"the year {day.year}")
    return day


def shift_of_marks_s(
    zero: datetime | None, start: datetime | None, where: str
) -> tuple[float, tuple[Finding, ...]]:
    """Return the shift in seconds from marks counted from ``zero`` to the recording's clock.

    Parameters
    ----------
    zero : datetime or None
        Clock time of second 0 of the marks; None if they count from the start of the recording.
    start : datetime or None
        Clock time of second 0 of the recording; None if it is not known.
    where : str
        Name of the file.
    """
    if zero is None:
        return 0.0, ()
    if start is None:
        message = translatable(
            f"the start of the recording is not known: times are counted from {zero:%H:%M:%S}, "
            "where this file begins"
        )
        return 0.0, (Finding("info", "clock.own", where, message),)
    return _shift_between_s(zero, start, where)


def shift_of_file_s(
    file_start: datetime | None, start: datetime | None, where: str
) -> tuple[float, tuple[Finding, ...]]:
    """Return the shift in seconds from a file with a separate start to another clock.

    Parameters
    ----------
    file_start : datetime or None
        Clock time of second 0 of the file; None if not stated.
    start : datetime or None
        Clock time of second 0 of the scored recording; None if not known.
    where : str
        Name of the file.

    Examples
    --------
    >>> shift_of_file_s(datetime(2024, 1, 1, 22), datetime(2024, 1, 1, 22, 0, 30), "s.edf")
    (-30.0, ())
    """
    if start is None:
        return 0.0, ()
    if file_start is None:
        message = translatable(
            "the file does not say when it starts; taken to start with the recording"
        )
        return 0.0, (Finding("warning", "clock.unknown", where, message),)
    return _shift_between_s(file_start, start, where)


def _shift_between_s(
    zero: datetime, start: datetime, where: str
) -> tuple[float, tuple[Finding, ...]]:
    """Return the seconds from ``start`` to ``zero``; by the time of day if a date was removed."""
    apart_s = _apart_s(zero, start)
    if abs(apart_s) < DAY_S or not (_is_no_real_date(zero) or _is_no_real_date(start)):
        return apart_s, _days_apart_findings(apart_s, where)
    aligned_s = (apart_s + HALF_DAY_S) % DAY_S - HALF_DAY_S
    dates = (f"{zero:%Y-%m-%d}", f"{start:%Y-%m-%d}")
    message = translatable(
        f"the dates {dates[0]} of this file and {dates[1]} of the recording differ, and one of "
        "them is a placeholder; aligned by the time of day alone"
    )
    return aligned_s, (Finding("warning", "clock.placeholder_date", where, message),)


def _is_no_real_date(moment: datetime) -> bool:
    """Return whether a date stands where the real one was removed, or was shifted."""
    return moment.year < SHIFTED_BEFORE or f"{moment:%Y-%m-%d}" in PLACEHOLDER_DATES


def _apart_s(zero: datetime, start: datetime) -> float:
    """Return the seconds from ``start`` to ``zero``, both in local time."""
    # an EDF has local time without a zone; MNE calls the same time UTC
    return (zero.replace(tzinfo=None) - start.replace(tzinfo=None)).total_seconds()


def _days_apart_findings(apart_s: float, where: str) -> tuple[Finding, ...]:
    """Return a finding if a file starts a day or more before or after the recording."""
    if abs(apart_s) < DAY_S:
        return ()
    message = translatable(
        f"the file starts {abs(apart_s) / DAY_S:.1f} days {'after' if apart_s > 0 else 'before'} "
        "the recording; its times are aligned by clock all the same"
    )
    return (Finding("warning", "clock.days_apart", where, message),)
