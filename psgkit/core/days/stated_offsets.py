"""Local time of a file whose rows state their offsets from UTC, without the name of a zone."""

from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class StatedOffsets(tzinfo):
    """Offsets from UTC, each from a moment on.

    Parameters
    ----------
    *offsets : (float, float)
        Moment (seconds since 1970, UTC) from which an offset (seconds) holds, in order; the first
        holds before its moment as well.

    Examples
    --------
    >>> tz = StatedOffsets((0.0, 3600.0), (1711846800.0, 7200.0))
    >>> datetime(2024, 3, 31, 1, tzinfo=UTC).astimezone(tz).isoformat(), str(tz)
    ('2024-03-31T03:00:00+02:00', 'UTC+01:00, UTC+02:00')
    """

    def __init__(self, *offsets: tuple[float, float]) -> None:
        self._offsets = offsets

    def __getinitargs__(self) -> tuple[tuple[float, float], ...]:
        return self._offsets

    def __str__(self) -> str:
        return ", ".join(dict.fromkeys(offset_name(shift) for _, shift in self._offsets))

    def _shift_at(self, utc_s: float) -> float:
        """Return the offset at a moment."""
        held = [shift for from_s, shift in self._offsets if from_s <= utc_s]
        return held[-1] if held else self._offsets[0][1]

    def utcoffset(self, dt: datetime | None, /) -> timedelta:
        """Return the offset of a local time; of a repeated one by its ``fold``."""
        if dt is None:
            return timedelta(seconds=self._offsets[0][1])
        wall_s = (dt.replace(tzinfo=UTC) - _EPOCH).total_seconds()
        fits = {shift for _, shift in self._offsets if self._shift_at(wall_s - shift) == shift}
        if fits:
            # of a repeated time the larger offset comes first
            return timedelta(seconds=min(fits) if dt.fold else max(fits))
        # a time that the clock skips counts as if the clock had not changed yet
        for (_, before), (from_s, after) in pairwise(self._offsets):
            if wall_s - after < from_s <= wall_s - before:
                return timedelta(seconds=before)
        return timedelta(seconds=self._offsets[0][1])

    def dst(self, dt: datetime | None, /) -> timedelta:  # noqa: ARG002 - as tzinfo has it
        """Return no summer time: the offsets do not say which one is."""
        return timedelta()

    def tzname(self, dt: datetime | None, /) -> str:
        """Return the name of the offset at a local time."""
        return offset_name(self.utcoffset(dt).total_seconds())

    def fromutc(self, dt: datetime, /) -> datetime:
        """Return the local time of a moment, with ``fold`` 1 for the second of a repeated time."""
        utc_s = (dt.replace(tzinfo=UTC) - _EPOCH).total_seconds()
        shift = self._shift_at(utc_s)
        local = dt + timedelta(seconds=shift)
        return local if self.utcoffset(local).total_seconds() == shift else local.replace(fold=1)


def offset_name(seconds: float) -> str:
    """Return an offset from UTC as a zone.

    Examples
    --------
    >>> offset_name(-18000.0), offset_name(0.0)
    ('UTC-05:00', 'UTC+00:00')
    """
    minutes = round(abs(seconds) / 60)
    return f"UTC{'-' if seconds < 0 else '+'}{minutes // 60:02d}:{minutes % 60:02d}"
