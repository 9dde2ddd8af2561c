"""Activity over several days, epoch by epoch, with the time of day of each epoch."""

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.frozen import check_same_length, frozen

MINUTES_PER_DAY = 1440.0
_MINUTES_PER_HOUR = 60.0
_SECONDS_PER_HOUR = 3600.0
_ROUNDING = 1e-9


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Activity:
    """How much the person moved in consecutive epochs.

    Attributes
    ----------
    level : float64 array, shape (n,)
        Mean activity of the epoch in ``unit``; NaN where nothing was recorded or worn.
    clock_min : float64 array, shape (n,)
        Local time at which the epoch begins, minutes after midnight: it jumps when clocks change.
    epoch_s, start_s : float
        Length of an epoch, and start of the first, seconds from the start of the recording.
    unit : str
        ``mg``, ``counts``.
    """

    level: NDArray[np.float64]
    clock_min: NDArray[np.float64]
    epoch_s: float = 60.0
    start_s: float = 0.0
    unit: str = "counts"

    def __post_init__(self) -> None:
        level, clock = frozen(self.level), frozen(self.clock_min)
        check_same_length("Activity", level=level, clock_min=clock)
        if len(clock) and not (clock.min() >= 0 and clock.max() < MINUTES_PER_DAY):
            raise ValueError("a time of day lies in [0, 1440) minutes")
        if not self.epoch_s > 0:
            raise ValueError(f"an epoch needs a positive length, got {self.epoch_s} s")
        object.__setattr__(self, "level", level)
        object.__setattr__(self, "clock_min", clock)

    def __len__(self) -> int:
        return len(self.level)

    @property
    def valid_h(self) -> float:
        """Return the hours that have a value."""
        return float(np.isfinite(self.level).sum() * self.epoch_s / _SECONDS_PER_HOUR)

    def hours(self, min_valid: float) -> "ActivityHours":
        """Return the mean of every hour of the clock that is valid for a share of ``min_valid``.

        When clocks go back the repeated hour is two hours of the same number; when they go forward
        one hour is missing and is not filled.

        Examples
        --------
        >>> clock = np.concatenate((np.arange(120, 180), np.arange(120, 180)))
        >>> found = Activity(level=np.ones(120), clock_min=clock).hours(0.5)
        >>> found.level.tolist(), found.clock_hour.tolist()
        ([1.0, 1.0], [2, 2])
        """
        if not len(self):
            return ActivityHours(level=np.empty(0), clock_hour=np.empty(0, np.int64), valid_h=0.0)
        hour = (self.clock_min // _MINUTES_PER_HOUR).astype(np.int64)
        new = (np.diff(hour, prepend=-1) != 0) | (np.diff(self.clock_min, prepend=0.0) < 0)
        first = np.flatnonzero(new)
        known = np.isfinite(self.level)
        count = np.add.reduceat(known.astype(np.int64), first)
        sums = np.add.reduceat(np.where(known, self.level, 0.0), first)
        share = count * self.epoch_s / _SECONDS_PER_HOUR
        mean = np.divide(sums, count, out=np.full(len(first), np.nan), where=count > 0)
        level = np.where(share >= min_valid, mean, np.nan)
        valid_h = float(share[np.isfinite(level)].sum())
        return ActivityHours(level=level, clock_hour=hour[first], valid_h=valid_h)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ActivityHours:
    """Activity of consecutive hours, the hour of the clock of each, and how much of it is valid."""

    level: NDArray[np.float64]
    clock_hour: NDArray[np.int64]
    valid_h: float

    def __len__(self) -> int:
        return len(self.level)

    @property
    def is_flat(self) -> bool:
        """Return whether all valid hours have the same value, to within rounding.

        Examples
        --------
        >>> hours = np.arange(2)
        >>> ActivityHours(level=np.array([0.3, 0.1 * 3]), clock_hour=hours, valid_h=2.0).is_flat
        True
        """
        known = self.level[np.isfinite(self.level)]
        return not len(known) or bool(np.ptp(known) <= _ROUNDING * np.abs(known).max())
