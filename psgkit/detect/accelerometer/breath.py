"""Fit the breath that sways a resting sensor, so that it is not taken for the edge of a movement.

Breath tilts a sensor on the trunk by 5 to 30 mg, more than many movements.  Its rate drifts and
its shape is no sine: the seconds beside a movement are fitted with a few harmonics of the rate
that fits them best, and the fit is continued into the movement.  The numbers are psgkit's own
choice.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from psgkit.conditioning.acceleration.motion import GRID_HZ
from psgkit.core.dataclass import dataclass
from psgkit.core.frozen import frozen
from psgkit.core.intervals import Intervals
from psgkit.core.ranges import check_ranges

_BLOCK_TICKS = 8
"""A mean of a quarter of a second has little noise and all of the breath."""
_BLOCK_S = _BLOCK_TICKS / GRID_HZ
_LEAST_SWAY = 0.4
"""Rest that sways less than this share of the threshold of an edge makes none."""
_RIDGE = 0.01
"""Keeps a fit to less than one breath from swinging far beyond what it was fitted to."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BreathRule:
    """How breath beside a movement is fitted.

    Attributes
    ----------
    low_hz, high_hz, step_hz : float
        Rates that are tried: 6 to 39 breaths a minute.
    harmonics : int
    window_s : float
        Seconds beside the movement that are fitted, as far as no other movement fills them.
    recent_s : float
        The weight of a second falls by a factor of e in this time, as the rate drifts.
    shortest_s : float
        With less rest than this, the mean of the rest is used.
    min_share : float
        Least share of the variance of the rest that must be breath.
    edge_of_rest : float
        An edge deviates by more than this multiple of the root mean square of what the fit leaves.
    """

    low_hz: float = 0.1
    high_hz: float = 0.65
    step_hz: float = 0.025
    harmonics: int = 2
    window_s: float = 10.0
    recent_s: float = 6.0
    shortest_s: float = 3.0
    min_share: float = 0.6
    edge_of_rest: float = 2.0

    def __post_init__(self) -> None:
        check_ranges(self)
        if not 0 < self.low_hz < self.high_hz:
            raise ValueError(
                f"breath needs 0 < low_hz < high_hz, got {self.low_hz} and {self.high_hz}"
            )
        if min(self.step_hz, self.recent_s) <= 0 or self.harmonics < 1:
            raise ValueError(f"step_hz, recent_s and harmonics must be positive, got {self}")
        if not _BLOCK_S <= self.shortest_s <= self.window_s:
            raise ValueError(
                f"breath needs {_BLOCK_S:g} <= shortest_s <= window_s, got {self.shortest_s} and "
                f"{self.window_s}"
            )
        if not 0 <= self.min_share < 1:
            raise ValueError(f"min_share must be at least 0 and below 1, got {self.min_share}")


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Breath:
    """Fits of some movements, one row each.

    Attributes
    ----------
    row : array of int, shape (k,)
        Number of the movement; movements beside which nothing breathes have no row.
    stop : array of int, shape (k,)
        Tick at which the fitted rest ends.
    hz : array, shape (k,)
    factor : array, shape (k, 1 + 2 * harmonics, n_axes)
        Of the mean, and of the sines and cosines.
    left_g : array, shape (k,)
        Root mean square of what the fit leaves.
    """

    row: NDArray[np.int64]
    stop: NDArray[np.int64]
    hz: NDArray[np.float64]
    factor: NDArray[np.float64]
    left_g: NDArray[np.float64]

    def at(self, ticks: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the rest at ``ticks``, shape (k, n), as shape (k, n, n_axes)."""
        since_s = (ticks + 0.5 - self.stop[:, None]) / GRID_HZ
        waves = _waves(self.hz[:, None] * since_s, self.factor.shape[1] // 2)
        return np.asarray(np.matmul(waves, self.factor), dtype=np.float32)


def breath_before(
    smooth_g: NDArray[np.float32],
    rest: Intervals,
    quiet_g: NDArray[np.float32],
    rule: BreathRule,
) -> Breath:
    """Return the breath in the rest before each movement.

    Parameters
    ----------
    smooth_g : array, shape (n, n_axes)
    rest : Intervals
        Ticks, one row a movement, in the order of movements; empty ones may end before they begin.
    quiet_g : array, shape (n_movements,)
        Deviation from rest at which an edge is found.
    rule : BreathRule

    Examples
    --------
    >>> at_s = (np.arange(640) + 0.5) / 32
    >>> sway = 0.01 * np.sin(2 * np.pi * 0.25 * at_s)[:, None].astype("f4")
    >>> found = breath_before(sway, np.array([[0, 400]]), np.array([0.004]), BreathRule())
    >>> ahead = np.arange(400, 464)
    >>> bool(np.abs(found.at(ahead[None])[0] - sway[ahead]).max() < 0.001)
    True
    """
    wall, stop = rest.T
    n_blocks = round(rule.window_s / _BLOCK_S)
    blocks = np.minimum((stop - wall) // _BLOCK_TICKS, n_blocks)
    row = np.flatnonzero(blocks >= rule.shortest_s / _BLOCK_S)
    known = np.arange(n_blocks) < blocks[row, None]
    first = stop[row, None] - _BLOCK_TICKS * (1 + np.arange(n_blocks))
    ticks = np.maximum(first, 0)[:, :, None] + np.arange(_BLOCK_TICKS)
    means = smooth_g[ticks].mean(axis=2, dtype=np.float64)
    weight = known * np.exp(-np.arange(n_blocks) * _BLOCK_S / rule.recent_s)
    weight /= weight.sum(axis=1, keepdims=True)
    middle = (weight[:, :, None] * means).sum(axis=1)
    means -= middle[:, None]
    total = (weight[:, :, None] * means**2).sum(axis=(1, 2))
    # most rests are still
    sways = np.flatnonzero(total > (_LEAST_SWAY * quiet_g[row]) ** 2)
    hz, factor, left = _best_fit(means[sways], weight[sways], rule)
    factor[:, 0] += middle[sways]
    breathes = left < (1 - rule.min_share) * total[sways]
    row = row[sways[breathes]]
    return Breath(
        row=row,
        stop=stop[row],
        hz=hz[breathes],
        factor=factor[breathes],
        left_g=np.sqrt(left[breathes]),
    )


def _best_fit(
    means: NDArray[np.float64], weight: NDArray[np.float64], rule: BreathRule
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return the rate that fits each row of means best, its factors, and the variance it leaves."""
    n, n_blocks = weight.shape
    hz, waves, products = _designs(rule, n_blocks)
    n_waves = waves.shape[2]
    # the normal equations of every movement at every rate, solved at once
    ridge = np.append(0.0, np.full(n_waves - 1, _RIDGE))
    gram = (weight @ products).reshape(n, len(hz), n_waves, n_waves) + np.diag(ridge)
    weighted = (weight[:, :, None] * means).transpose(0, 2, 1)
    sums = weighted @ waves.transpose(1, 0, 2).reshape(n_blocks, -1)
    wanted = sums.reshape(n, means.shape[2], len(hz), n_waves).transpose(0, 2, 3, 1)
    factor = np.linalg.solve(gram, wanted)
    explained = (factor * (wanted + ridge[:, None] * factor)).sum(axis=(2, 3))
    best = explained.argmax(axis=1)
    at = np.arange(n), best
    left = np.maximum((weighted * means.transpose(0, 2, 1)).sum(axis=(1, 2)) - explained[at], 0.0)
    return hz[best], factor[at], left


@lru_cache(maxsize=4)
def _designs(
    rule: BreathRule, n_blocks: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return the rates, their waves at the blocks, and the products of these, one column each."""
    hz = np.arange(rule.low_hz, rule.high_hz + rule.step_hz / 2, rule.step_hz)
    since_s = -(np.arange(n_blocks) + 0.5) * _BLOCK_S
    waves = _waves(hz[:, None] * since_s, rule.harmonics)
    products = (waves[:, :, :, None] * waves[:, :, None, :]).transpose(1, 0, 2, 3)
    return frozen(hz), frozen(waves), frozen(products.reshape(n_blocks, -1))


def _waves(turns: NDArray[np.float64], harmonics: int) -> NDArray[np.float64]:
    """Return one, and the sines and cosines of ``turns`` and of their multiples, in a last axis."""
    angle = 2 * np.pi * turns[..., None] * np.arange(1, harmonics + 1)
    return np.concatenate((np.ones((*turns.shape, 1)), np.sin(angle), np.cos(angle)), axis=-1)
