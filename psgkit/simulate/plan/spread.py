"""A log-normal quantity with limits: intervals, durations, amplitudes."""

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Spread:
    """A log-normal distribution cut off at ``low`` and ``high``.

    Examples
    --------
    >>> interval_s = Spread(median=24.0, log_sd=0.3, low=10.5, high=85.0)
    >>> bool((interval_s.draw(np.random.default_rng(0), 1000) >= 10.5).all())
    True
    """

    median: float
    log_sd: float
    low: float
    high: float

    def __post_init__(self) -> None:
        # rejection sampling needs a fair share of the distribution inside the limits
        if not 0 < self.low <= self.median <= self.high or self.log_sd < 0:
            raise ValueError(f"a spread needs 0 < low <= median <= high, got {self}")
        if self.low == self.high and self.log_sd > 0:
            raise ValueError(f"a spread of one value has log_sd 0, got {self}")

    def draw(self, rng: np.random.Generator, n: int) -> NDArray[np.float64]:
        """Return ``n`` values; those outside the limits are drawn again."""
        values = self.median * np.exp(self.log_sd * rng.standard_normal(n))
        outside = (values < self.low) | (values > self.high)
        while outside.any():
            again = self.median * np.exp(self.log_sd * rng.standard_normal(int(outside.sum())))
            values[outside] = again
            outside = (values < self.low) | (values > self.high)
        return np.asarray(values)

    def one(self, rng: np.random.Generator) -> float:
        """Return one value."""
        return float(self.draw(rng, 1)[0])
