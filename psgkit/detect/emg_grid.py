"""Where amplitude is looked at, and where on the samples a burst begins and ends."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from psgkit.conditioning.band import Band
from psgkit.conditioning.resting import HOP_CELLS
from psgkit.core.bounds import odd_samples_nearest, samples_at_least
from psgkit.detect.emg_rule import LimbMovementRule

_STEPS_PER_S = 200.0
"""The amplitude is a mean over 0.1 s: looking at it every 5 ms loses nothing."""

_FINE_PER_CELL = 5
"""Fine cells of about 0.02 s make up one cell of the resting level."""

_LONGEST_STRETCH = 2.0
"""Windows grow at most to twice their length: quiet lasts only 0.5 s."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Grid:
    """Lengths in whole samples that a rate gives, but for ``amplitude_window``, in steps.

    ``fine``, ``cell`` and ``hop`` are multiples of ``step``; ``morphology`` counts fine cells.
    """

    step: int
    fine: int
    cell: int
    hop: int
    edge_window: int
    amplitude_window: int
    morphology: int

    @classmethod
    def of(cls, rate_hz: float, rule: LimbMovementRule, band: Band) -> "Grid":
        """Return the grid of a rate.

        A mean over a narrower band is less steady; where the rate cuts the band, the windows grow
        by as much, so that faint bursts are told from movements at every rate.
        """
        step = max(1, int(rate_hz / _STEPS_PER_S))
        fine = step * max(1, round(rule.edge_window_s * rate_hz / step))
        longer = min(band.width_hz / band.clipped(rate_hz).width_hz, _LONGEST_STRETCH)
        window_s = longer * rule.amplitude_window_s
        return cls(
            step=step,
            fine=fine,
            cell=fine * _FINE_PER_CELL,
            hop=fine * _FINE_PER_CELL * HOP_CELLS,
            edge_window=max(3, odd_samples_nearest(longer * rule.edge_window_s, rate_hz)),
            amplitude_window=max(3, odd_samples_nearest(window_s, rate_hz / step)),
            morphology=-(-samples_at_least(rule.morphology_s, rate_hz) // fine),
        )


@dataclass(frozen=True, slots=True, eq=False)
class EdgeFinder:
    """Find where bursts really begin and end.

    The mean over the amplitude window smears a burst by half its length to both sides.  It begins
    with the first sample that reaches the onset threshold, as the rule says; single samples of
    noise lie above the offset threshold at any time, so a brief mean says where it ends.

    Attributes
    ----------
    rectified : array, shape (n,)
    level_uv : array
        Resting level at every step from sample ``first`` of ``rectified`` on.
    first : int
    grid : Grid
    """

    rectified: NDArray[np.float32]
    level_uv: NDArray[np.float32]
    first: int
    grid: Grid

    def to_sample(self, edges: NDArray[np.int64], above_rest_uv: float) -> NDArray[np.int64]:
        """Return how many samples after each edge a sample reaches the threshold."""
        return self._distance(edges, 1, above_rest_uv, window=1)

    def to_mean(
        self, edges: NDArray[np.int64], direction: int, above_rest_uv: float
    ) -> NDArray[np.int64]:
        """Return how many samples before or after each edge a brief mean reaches the threshold."""
        return self._distance(edges, direction, above_rest_uv, window=self.grid.edge_window)

    def _distance(
        self, edges: NDArray[np.int64], direction: int, above_rest_uv: float, *, window: int
    ) -> NDArray[np.int64]:
        """Return how many samples lie between each edge and the nearest active sample.

        Parameters
        ----------
        edges : array, shape (k,)
            Samples from ``first`` on.
        direction : {1, -1}
            Forward or backward.
        above_rest_uv : float
            A sample is active if the mean around it lies at least this far above rest.
        window : int
            Samples in that mean, odd.

        Returns
        -------
        array, shape (k,)
            No more than the amplitude window; beyond the signal everything is active.
        """
        reach = self.grid.amplitude_window * self.grid.step
        nearest = edges if direction > 0 else edges - reach
        at = nearest[:, None] + np.arange(-(window // 2), reach + window // 2) + self.first
        values = self.rectified[np.clip(at, 0, len(self.rectified) - 1)]
        sums = np.pad(np.cumsum(values, axis=1, dtype=np.float64), ((0, 0), (1, 0)))
        brief = (sums[:, window:] - sums[:, :-window]) / window
        samples = nearest[:, None] + np.arange(reach)
        steps = np.clip(samples // self.grid.step, 0, len(self.level_uv) - 1)
        outside = (samples < 0) | (samples >= len(self.level_uv) * self.grid.step)
        active = outside | (brief - self.level_uv[steps] >= above_rest_uv)
        if direction < 0:
            active = active[:, ::-1]
        return np.where(active.any(axis=1), active.argmax(axis=1), reach)
