"""Elapsed seconds of a recording and local time, across changes to and from summer time.

Seconds from the start of the recording are elapsed seconds of the device and never jump.  Local
time jumps twice a year; a day from noon to noon then lasts 23 or 25 hours.  Where the drift of the
device is known, local time is that of the reference.  A date before 1970 was shifted on purpose (as
BIDS asks): clock changes of its year say nothing about the recording, and none are looked for.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import cached_property
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
from numpy.typing import ArrayLike, NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.days.clock_drift import ClockFit
from psgkit.core.days.stated_offsets import StatedOffsets
from psgkit.core.finding import Finding
from psgkit.core.intervals import Intervals, no_intervals
from psgkit.core.regex import regex

DAY_S = 86400.0
HOUR_S = 3600.0
YEARS = range(1800, 2100)
FIRST_TRUE_YEAR = 1970
"""Actigraphs are younger: an earlier year was shifted on purpose."""
LONGEST_S = 400 * DAY_S
"""Time from the start for which clock changes are looked up."""

_FIXED = regex(r"(?:UTC|GMT)\s*([+-])(\d{1,2})(?::?(\d{2}))?(?::00)?", re.IGNORECASE)
_PROBE_S = 6 * HOUR_S
"""Step of the search for clock changes; no zone changes twice within it."""


class UnknownZoneError(ValueError):
    """A time zone that is not in the database of zones."""


@dataclass(frozen=True, kw_only=True)
class DayClock:
    """When the recording started, and in which time zone it was worn.

    Attributes
    ----------
    start : datetime
        Local time of second 0, with its offset from UTC.
    zone : str
        Name in the IANA database, such as ``Europe/Berlin``, or an offset such as ``UTC+01:00``;
        empty if it was not stated.  Then every day is taken to have 24 hours, with a finding.
    stated : StatedOffsets or None
        Offsets from UTC that the file states row by row; ``zone`` is then their text.
    fit : ClockFit or None
        Offset and drift of the device against a reference; see ``corrected``.

    Examples
    --------
    >>> clock = DayClock.of(datetime(2024, 3, 30, 12, 0), "Europe/Berlin")
    >>> (np.diff(clock.day_bounds_s(2 * 86400)) / 3600).ravel().tolist()
    [23.0, 24.0, 24.0]
    >>> clock.local(15 * 3600.0).isoformat()
    '2024-03-31T04:00:00+02:00'
    """

    start: datetime
    zone: str = ""
    fit: ClockFit | None = None
    stated: StatedOffsets | None = None

    def __post_init__(self) -> None:
        if self.start.tzinfo is None:
            raise ValueError(f"a clock needs an offset from UTC, got {self.start.isoformat()}")
        if self.start.year not in YEARS:
            raise ValueError(f"a start between {YEARS[0]} and {YEARS[-1]}, got {self.start.year}")
        object.__setattr__(self, "start", self.start.astimezone(self._tz))

    @classmethod
    def of(cls, start: datetime, zone: str = "") -> "DayClock":
        """Return the clock of a recording that started at the local time ``start``.

        A naive ``start`` is local time, the first of a repeated hour.  Without a zone local time
        is kept and its offset from UTC dropped.

        Raises
        ------
        UnknownZoneError
            If there is no such zone.
        """
        read_off = start.tzinfo is None or not zone or _is_shifted(start)
        tz = _zone(zone)
        own = UTC if _is_shifted(start) else tz
        return cls(start=start.replace(tzinfo=own) if read_off else start, zone=zone)

    @classmethod
    def of_offsets(cls, start_utc: datetime, offsets: StatedOffsets) -> "DayClock":
        """Return the clock of a recording whose rows state their offsets from UTC.

        Examples
        --------
        >>> offsets = StatedOffsets((0.0, 3600.0), (1711846800.0, 7200.0))
        >>> clock = DayClock.of_offsets(datetime(2024, 3, 31), offsets)
        >>> clock.local(0.0).hour, clock.local(7200.0).hour, clock.zone
        (1, 4, 'UTC+01:00, UTC+02:00')
        """
        start = start_utc.replace(tzinfo=UTC)
        return cls(start=start.astimezone(offsets), zone=str(offsets), stated=offsets)

    def corrected(self, fit: ClockFit) -> "DayClock":
        """Return the clock corrected for the drift of the device.

        ``fit`` relates seconds of this clock (device) to true ones (reference).

        Examples
        --------
        >>> from psgkit.core.days.clock_drift import correct_clock
        >>> clock = DayClock.of(datetime(2024, 1, 1, 12))
        >>> fit = correct_clock([0.0, 100000.0], [60.0, 100070.0])
        >>> [f"{clock.corrected(fit).local(at):%H:%M:%S}" for at in (0.0, 100000.0)]
        ['12:01:00', '15:47:50']
        """
        return replace(self, start=self.local(fit.offset_s), fit=fit)

    @property
    def _pace(self) -> float:
        """Return true seconds per second of the device."""
        return 1.0 if self.fit is None else 1.0 + self.fit.drift

    @property
    def _tz(self) -> tzinfo:
        if _is_shifted(self.start):
            return UTC
        return _zone(self.zone) if self.stated is None else self.stated

    @property
    def zone_stated(self) -> bool:
        """Return whether the zone is known, and so the changes of the clock."""
        return bool(self.zone) and not _is_shifted(self.start)

    def findings(self) -> tuple[Finding, ...]:
        """Return the findings about the clock: drift, a shifted date, a missing time zone."""
        drift = () if self.fit is None else (self.fit.finding(),)
        if _is_shifted(self.start):
            message = (
                f"the year {self.start.year} is taken as shifted on purpose: times of day hold, "
                "dates do not; days are taken as 24 h, and no clock change is looked for"
            )
            return (*drift, Finding("info", "days.shifted_date", "date", message))
        if self.zone_stated:
            return drift
        message = "time zone not stated: days are taken as 24 h, and no clock change is looked for"
        return (*drift, Finding("warning", "days.zone", "time zone", message))

    def local(self, seconds: float) -> datetime:
        """Return the local time at ``seconds``."""
        moment = self.start.astimezone(UTC) + timedelta(seconds=self._pace * seconds)
        return moment.astimezone(self._tz)

    def seconds_of(self, local: datetime) -> float:
        """Return the seconds of a local time, which may be naive.

        A time that the clock skips counts as if the clock had not changed yet; a repeated time is
        the first, or the second if its ``fold`` is 1.
        """
        aware = local.replace(tzinfo=self._tz) if local.tzinfo is None else local
        passed = aware.astimezone(UTC) - self.start.astimezone(UTC)
        return passed.total_seconds() / self._pace

    def shifts(self, duration_s: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return when local time changed in ``[0, duration_s)``, and by how many seconds.

        Examples
        --------
        >>> clock = DayClock.of(datetime(2024, 10, 26, 12, 0), "Europe/Berlin")
        >>> [part.tolist() for part in clock.shifts(86400.0)]
        [[54000.0], [-3600.0]]
        """
        inside = self._changes_s[0] < duration_s
        return self._changes_s[0][inside], self._changes_s[1][inside]

    @cached_property
    def _changes_s(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        rows = list(self._changes()) if self.zone_stated else []
        table = np.array(rows, dtype=np.float64).reshape(-1, 2)
        return table[:, 0], table[:, 1]

    def _changes(self) -> Iterator[tuple[float, float]]:
        at = 0.0
        while at < LONGEST_S:
            if self._offset_s(at) != self._offset_s(at + _PROBE_S):
                low, high = at, at + _PROBE_S
                while high - low > 0.5:  # noqa: PLR2004 - clocks change on whole seconds
                    middle = (low + high) / 2
                    same = self._offset_s(middle) == self._offset_s(at)
                    low, high = (middle, high) if same else (low, middle)
                # whole seconds of UTC, whatever the fraction of the start
                fraction = self.start.microsecond / 1e6
                moment = round(self._pace * high + fraction) - fraction
                yield moment / self._pace, self._offset_s(at + _PROBE_S) - self._offset_s(at)
            at += _PROBE_S

    def _offset_s(self, seconds: float) -> float:
        offset = self.local(seconds).utcoffset()
        return offset.total_seconds() if offset is not None else 0.0

    def wall_s(self, seconds: ArrayLike) -> NDArray[np.float64]:
        """Return local time as seconds since the first local midnight.

        Modulo a day it is the time of day; its whole days count local dates.

        Examples
        --------
        >>> clock = DayClock.of(datetime(2024, 3, 31, 1, 0), "Europe/Berlin")
        >>> (clock.wall_s([0.0, 3600.0, 7200.0]) / 3600).tolist()
        [1.0, 3.0, 4.0]
        """
        at = np.asarray(seconds, dtype=np.float64)
        moments, shift_s = self._changes_s
        passed = np.concatenate(([0.0], np.cumsum(shift_s)))
        after_s = self._pace * at + passed[np.searchsorted(moments, at, side="right")]
        return np.asarray(after_s + self._start_of_day_s)

    @property
    def _start_of_day_s(self) -> float:
        clock = self.start
        seconds = clock.hour * HOUR_S + clock.minute * 60 + clock.second
        return seconds + clock.microsecond / 1e6

    def time_of_day_h(self, seconds: ArrayLike) -> NDArray[np.float64]:
        """Return the local time of day, hours in ``[0, 24)``.

        Examples
        --------
        >>> DayClock.of(datetime(2024, 1, 1, 22, 30)).time_of_day_h([0.0, 7200.0]).tolist()
        [22.5, 0.5]
        """
        return np.asarray(np.mod(self.wall_s(seconds), DAY_S) / HOUR_S)

    def minute_of_day(self, seconds: ArrayLike) -> NDArray[np.float64]:
        """Return the local time of day, minutes in ``[0, 1440)``, to a millionth.

        Examples
        --------
        >>> DayClock.of(datetime(2024, 1, 1, 22, 30)).minute_of_day([0.0, 5399.9999999]).tolist()
        [1350.0, 0.0]
        """
        # rounding just below midnight gives midnight
        return np.asarray(np.mod(np.round(60.0 * self.time_of_day_h(seconds), 6), 1440.0))

    def day_bounds_s(self, duration_s: float, at_hour: int = 12) -> Intervals:
        """Return whole local days that overlap ``[0, duration_s)``, shape ``(n, 2)``.

        Parameters
        ----------
        duration_s : float
        at_hour : int
            Hour at which a day begins: 12 for noon to noon (one night each), 0 for midnight.

        Returns
        -------
        float64 array
            Half-open, seconds from the start of the recording; the first may begin before it and
            the last end after it.  Days last 23, 24 or 25 hours.
        """
        edges = [self.seconds_of(moment) for moment in self._day_starts(duration_s, at_hour)]
        if len(edges) < 2:  # noqa: PLR2004 - a day has two edges
            return no_intervals(np.float64)
        bounds = np.column_stack((edges[:-1], edges[1:]))
        return bounds[(bounds[:, 1] > 0) & (bounds[:, 0] < duration_s)]

    def day_dates(self, duration_s: float, at_hour: int = 12) -> tuple[date, ...]:
        """Return the local date on which each of ``day_bounds_s`` begins."""
        bounds = self.day_bounds_s(duration_s, at_hour)
        return tuple(self.local(start_s).date() for start_s in bounds[:, 0])

    def _day_starts(self, duration_s: float, at_hour: int) -> Iterator[datetime]:
        if not duration_s > 0:
            return
        day = self.start.date() - timedelta(days=1)
        last = self.local(duration_s).date() + timedelta(days=1)
        while day <= last:
            yield datetime(day.year, day.month, day.day, at_hour)
            day += timedelta(days=1)


def _is_shifted(start: datetime) -> bool:
    return start.year < FIRST_TRUE_YEAR


def fixed_zone(text: str) -> str:
    """Return the offset from UTC in a text as a zone, empty if there is none.

    Examples
    --------
    >>> fixed_zone("GMT +01:00"), fixed_zone("utc-5"), fixed_zone("Europe/Berlin")
    ('UTC+01:00', 'UTC-05:00', '')
    """
    match = _FIXED.fullmatch(text.strip())
    if match is None or int(match[2]) > 14 or int(match[3] or 0) > 59:  # noqa: PLR2004 - clocks
        return ""
    return f"UTC{match[1]}{int(match[2]):02d}:{int(match[3] or 0):02d}"


def _zone(name: str) -> tzinfo:
    """Return the zone; UTC, whose clock never changes, for an empty name."""
    fixed = fixed_zone(name)
    if fixed:
        shift = timedelta(hours=int(fixed[4:6]), minutes=int(fixed[7:9]))
        return timezone(-shift if fixed[3] == "-" else shift, fixed)
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        # ValueError: a path, or a NUL; OSError: a folder of the database
        raise UnknownZoneError(
            f"no time zone {name[:40]!r}; wanted a name of the IANA database, as in Europe/Berlin, "
            "or an offset, as in UTC+01:00"
        ) from None
