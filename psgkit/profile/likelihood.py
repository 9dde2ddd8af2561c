"""Likelihood ratios from counts in two groups, with Jeffreys intervals.

With five of nine people a ratio is anybody's guess; the interval says so.  Both shares have the
posterior Beta(x + 1/2, n - x + 1/2) (Jeffreys); the ratio is the median of the ratio of the two,
and the interval holds the middle 95 % of it, so that 0 of 4 gives no infinity.  Ratios of several
items are never multiplied: the items are not independent.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

_STEPS = 1000
_COVERAGE = 0.95


@dataclass(frozen=True, kw_only=True, slots=True)
class LikelihoodRatio:
    """How many times as likely a finding is in one group as in another."""

    ratio: float
    low: float
    high: float


@cache
def likelihood_ratio(
    of: tuple[int, int], over: tuple[int, int], *, present: bool = True
) -> LikelihoodRatio:
    """Return the likelihood ratio of a finding, or of its absence.

    Parameters
    ----------
    of, over : (int, int)
        People with the finding, and all people, in the two groups.
    present : bool
        Whether the finding is there; if not, the ratio is that of its absence.

    Raises
    ------
    ValueError
        If a group has no people, or more with the finding than there are.

    Examples
    --------
    >>> found = likelihood_ratio((11, 11), (5, 9))
    >>> round(found.low, 1), round(found.ratio, 1), round(found.high, 1)
    (1.1, 1.7, 3.8)
    """
    for with_it, people in (of, over):
        if not 0 <= with_it <= people or not people:
            raise ValueError(f"counts need 0 <= with <= all and someone, got {with_it}, {people}")
    if not present:
        of, over = (of[1] - of[0], of[1]), (over[1] - over[0], over[1])
    first, second = _posterior(*of), _posterior(*over)
    edges = np.linspace(0.0, np.pi / 2, _STEPS + 1)
    cumulated = np.concatenate(([0.0], np.cumsum(first)))
    sines = np.sin(0.5 * (edges[:-1] + edges[1:]))
    tail = (1.0 - _COVERAGE) / 2

    def below(ln_ratio: float) -> float:
        """Return how probable it is that the ratio is lower, summed over the second share."""
        angles = np.arcsin(np.minimum(sines * np.exp(0.5 * ln_ratio), 1.0))
        return float(np.interp(angles, edges, cumulated) @ second)

    low, middle, high = (float(np.exp(_search(below, level))) for level in (tail, 0.5, 1.0 - tail))
    return LikelihoodRatio(ratio=middle, low=low, high=high)


def _posterior(with_it: int, people: int) -> NDArray[np.float64]:
    """Return the weights of a share, the square of the sine of angles in equal steps.

    Over the angle the two singularities of the density are gone.
    """
    angle = (np.arange(_STEPS) + 0.5) * (np.pi / 2 / _STEPS)
    logs = 2 * with_it * np.log(np.sin(angle)) + 2 * (people - with_it) * np.log(np.cos(angle))
    weights = np.exp(logs - logs.max())
    return np.asarray(weights / weights.sum())


def _search(below: Callable[[float], float], level: float) -> float:
    """Return where a growing function reaches ``level``, by halving."""
    low, high = -25.0, 25.0
    for _ in range(40):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if below(middle) < level else (low, middle)
    return 0.5 * (low + high)
