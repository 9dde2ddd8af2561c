"""Ranges with stated ends, and conversion of seconds to whole samples.

Times of samples are rarely exact in float64, so every comparison allows one microsecond: 90 s
count as 90 s anywhere in the night.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.ranges import check_ranges

SLACK_S = 1e-6
"""Tolerance of every comparison of times, in seconds; far below a sample, far above rounding."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """A range of seconds with stated ends.

    Examples
    --------
    >>> Span(low=10.0, high=90.0).contains(np.array([9.99, 10.0, 90.0, 90.01])).tolist()
    [False, True, True, False]
    """

    low: float
    high: float
    includes_low: bool = True
    includes_high: bool = True

    def __post_init__(self) -> None:
        check_ranges(self, low=(-86400.0, 86400.0), high=(-86400.0, 86400.0))
        if not self.low <= self.high:
            raise ValueError(f"a span needs low <= high, got {self.low} and {self.high}")

    def contains(self, seconds: NDArray[Any]) -> NDArray[np.bool_]:
        """Return whether each of ``seconds`` lies within; NaN does not."""
        outside = self.is_below(seconds) | self.is_above(seconds) | np.isnan(seconds)
        return np.asarray(~outside)

    def is_below(self, seconds: NDArray[Any]) -> NDArray[np.bool_]:
        """Return whether each of ``seconds`` lies below the lower end."""
        edge = self.low - SLACK_S if self.includes_low else self.low + SLACK_S
        return np.asarray(seconds < edge)

    def is_above(self, seconds: NDArray[Any]) -> NDArray[np.bool_]:
        """Return whether each of ``seconds`` lies above the upper end."""
        edge = self.high + SLACK_S if self.includes_high else self.high - SLACK_S
        return np.asarray(seconds > edge)


def samples_at_least(seconds: float, rate_hz: float) -> int:
    """Return the fewest whole samples that last at least ``seconds``.

    Rounding would accept 12 samples (0.48 s) for 0.5 s at 25 Hz.

    Examples
    --------
    >>> samples_at_least(0.5, 25)
    13
    """
    return math.ceil(seconds * rate_hz - SLACK_S)


def samples_nearest(seconds: float, rate_hz: float) -> int:
    """Return the whole number of samples nearest to ``seconds``, at least one."""
    return max(1, round(seconds * rate_hz))


def odd_samples_nearest(seconds: float, rate_hz: float) -> int:
    """Return the odd number of samples nearest to ``seconds``: a window with a middle."""
    return 2 * round((seconds * rate_hz - 1) / 2) + 1 if seconds * rate_hz > 1 else 1
