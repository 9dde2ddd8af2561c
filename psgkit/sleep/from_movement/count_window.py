"""Weighted sums and window statistics of counts around each epoch, with missing epochs.

Conventions: counts are zero beyond the ends of a recording, as in all programs.  A missing count
(NaN) within it is not zero: results that depend on it are unknown.
"""

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.days.sleep_wake import ASLEEP, AWAKE, UNSCORED


@dataclass(frozen=True, kw_only=True, slots=True)
class CountWeights:
    """Weights of the epochs of a window, and the limit for wake.

    Attributes
    ----------
    weights : tuple of float
        From the earliest epoch to the latest.
    before : int
        How many of them lie before the epoch that is scored.
    epoch_s : float
        Length of the epochs the weights are for.
    title, source : str
        Name, and source of the numbers.
    """

    weights: tuple[float, ...]
    before: int
    epoch_s: float
    title: str
    source: str

    def __post_init__(self) -> None:
        if not 0 <= self.before < len(self.weights):
            raise ValueError(f"{self.title}: the scored epoch must lie in its window")
        if not self.epoch_s > 0 or min(self.weights) < 0:
            raise ValueError(f"{self.title}: a positive epoch and weights of 0 or more are needed")


def windows(values: NDArray[np.float64], before: int, after: int) -> NDArray[np.float64]:
    """Return the window around each epoch, zero beyond the ends, shape ``(n, before + 1 + after)``.

    Examples
    --------
    >>> windows(np.array([1.0, 2.0]), 1, 1).tolist()
    [[0.0, 1.0, 2.0], [1.0, 2.0, 0.0]]
    """
    padded = np.pad(values, (before, after))
    if not len(values):
        return np.empty((0, before + 1 + after))
    return np.lib.stride_tricks.sliding_window_view(padded, before + 1 + after)


def weighted_sum(
    counts: NDArray[np.float64], weights: CountWeights
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the weighted sum of known counts around each epoch, and whether all are known."""
    after = len(weights.weights) - weights.before - 1
    known = windows(np.nan_to_num(counts), weights.before, after)
    gaps = windows(np.isnan(counts).astype(np.float64), weights.before, after)
    factor = np.asarray(weights.weights)
    return known @ factor, gaps @ (factor > 0) == 0


def states(
    wake: NDArray[np.bool_], complete: NDArray[np.bool_], counts: NDArray[np.float64]
) -> NDArray[np.int8]:
    """Return the state of each epoch.

    Counts are never negative, so an epoch that is wake without the missing counts is wake with
    them.  An epoch that could be either, or is missing itself, is unscored.
    """
    known = np.where(complete, ASLEEP, UNSCORED)
    return np.where(np.isnan(counts), UNSCORED, np.where(wake, AWAKE, known)).astype(np.int8)
