"""Where a movement of a sensor begins and ends, without the smear of filters.

The band of movements rings: a limb that is lifted for a second leaves a tail of a second on both
sides.  So the edges are looked for in the acceleration below 10 Hz itself, as the deviation from
the rest before (for the onset) and after (for the end).  The onset is where the sum of "deviation
less a threshold" is smallest: the point that best parts rest from movement, whatever single ticks
do.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from psgkit.conditioning.motion_filter import GRID_HZ
from psgkit.core.intervals import Intervals
from psgkit.detect.accelerometer_rule import AccelerometerRule

_SEARCH_TICKS = int(8 * GRID_HZ)
"""An edge lies within this of the coarse one."""
_BEFORE_TICKS = int(0.5 * GRID_HZ)
_REST_TICKS = int(2 * GRID_HZ)
_GAP_TICKS = int(0.25 * GRID_HZ)
"""Rest is the mean of up to two seconds, a quarter of a second away from the coarse movement."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Edges:
    """Movements with the acceleration at rest before and after each."""

    ticks: Intervals
    before_g: NDArray[np.float64]
    after_g: NDArray[np.float64]


Surroundings = tuple[NDArray[np.float32], Intervals]
"""What a deviation has to exceed, each tick, and what is blocked."""


def edges_of(
    coarse: Intervals, smooth_g: NDArray[np.float32], around: Surroundings, rule: AccelerometerRule
) -> Edges:
    """Return the movements with exact edges, however short.

    Parameters
    ----------
    coarse : Intervals
        Ticks, disjoint.
    smooth_g : array, shape (n, n_axes)
    around : tuple
    rule : AccelerometerRule
    """
    quiet, blocked = around
    n, n_axes = smooth_g.shape
    if not len(coarse):
        empty = np.empty((0, n_axes))
        return Edges(ticks=coarse, before_g=empty, after_g=empty)
    walls = np.sort(np.concatenate((coarse.ravel(), blocked.ravel(), [0, n])))
    forward = _Side(smooth_g, quiet, rule)
    before, onset = forward.edge(coarse, walls)
    # the same backwards in time
    mirrored = n - coarse[::-1, ::-1]
    backward = _Side(smooth_g[::-1], quiet[::-1], rule)
    after, end = backward.edge(mirrored, n - walls[::-1])
    ticks = np.column_stack((onset, np.maximum(n - end[::-1], onset + 1)))
    # a weak one may be sought too far from either side: none reaches into the next
    ticks[:-1, 1] = np.minimum(ticks[:-1, 1], np.maximum(ticks[1:, 0], ticks[:-1, 0] + 1))
    return Edges(ticks=ticks, before_g=before, after_g=after[::-1])


@dataclass(frozen=True, slots=True)
class _Side:
    """One direction of time."""

    smooth_g: NDArray[np.float32]
    quiet: NDArray[np.float32]
    rule: AccelerometerRule

    def edge(
        self, coarse: Intervals, walls: NDArray[np.int64]
    ) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Return the rest before each movement, and the tick at which it begins."""
        begin = coarse[:, 0]
        wall = walls[np.searchsorted(walls, begin, side="left") - 1]
        wall = np.where(begin > wall, wall, 0) if len(walls) else np.zeros_like(begin)
        wall = np.minimum(wall, begin)
        rest = self._rest(begin, wall)
        earliest = np.maximum(begin - _BEFORE_TICKS, wall)
        at = earliest[:, None] + np.arange(_SEARCH_TICKS + _BEFORE_TICKS)
        within = at < coarse[:, 1:]
        at = np.minimum(at, len(self.quiet) - 1)
        off = self.smooth_g[at] - rest[:, None, :].astype(np.float32)
        deviation = np.sqrt(np.einsum("ijk,ijk->ij", off, off))
        deviation[~within] = 0.0
        quiet = self.quiet[np.minimum(begin, len(self.quiet) - 1)]
        peak = deviation.max(axis=1)
        limit = np.maximum(np.maximum(quiet, self.rule.min_off_g), self.rule.edge_of_peak * peak)
        excess = np.cumsum(np.where(within, deviation - limit[:, None], 0.0), axis=1)
        # nothing after the peak is the onset
        top = np.argmax(deviation, axis=1)
        later = np.arange(at.shape[1]) > top[:, None]
        excess[later] = np.inf
        lowest = np.argmin(excess, axis=1)
        starts_at_once = excess[np.arange(len(excess)), lowest] >= 0
        return rest, np.where(starts_at_once, earliest, earliest + lowest + 1)

    def _rest(self, begin: NDArray[np.int64], wall: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the mean acceleration before each movement, after what came before it."""
        stop = np.where(begin - wall > 2 * _GAP_TICKS, begin - _GAP_TICKS, begin)
        start = np.maximum(wall, stop - _REST_TICKS)
        # a movement at the very beginning has no rest before it: its first tick stands for it
        stop = np.maximum(stop, np.minimum(start + 1, len(self.smooth_g)))
        start = np.minimum(start, stop - 1)
        at = start[:, None] + np.arange(_REST_TICKS)
        rows = self.smooth_g[np.minimum(at, len(self.smooth_g) - 1)].astype(np.float64)
        rows[at >= stop[:, None]] = 0.0
        return np.asarray(rows.sum(axis=1) / (stop - start)[:, None])
