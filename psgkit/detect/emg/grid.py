"""The time grid on which amplitude is compared with thresholds, and exact edges on the samples."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from psgkit.conditioning.emg.band import Band
from psgkit.conditioning.emg.resting import HOP_CELLS
from psgkit.core.bounds import odd_samples_nearest, samples_at_least
from psgkit.core.dataclass import dataclass
from psgkit.core.intervals import Intervals
from psgkit.detect.emg.limb_movements import LimbMovementRule

Sample = TypeVar("Sample", int, NDArray[np.int64])

_STEPS_PER_S = 200.0
"""The amplitude is a mean over 0.1 s: it is computed every 5 ms, and on samples near its edges."""

HOP_FINE = 50
"""Fine cells of 0.02 s in a hop of the resting level, which lasts a second."""

_HOP_S = 1.0
_FINE_S = _HOP_S / HOP_FINE
_OVERLAP_S = 0.25
"""Overlap of neighbouring stretches; longer than any window."""

_LONGEST_STRETCH = 2.0
"""Windows grow at most to twice their length, because quiet need last only 0.5 s."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Grid:
    """Lengths in samples at one rate, chosen so that a shift by whole seconds changes nothing.

    Attributes
    ----------
    step : int
        Samples from one value of the amplitude to the next.
    hop : int
        Samples in a hop of the resting level, a multiple of ``step``.  Cells divide it into
        ``HOP_CELLS``, fine cells into ``HOP_FINE`` parts that are as equal as whole steps allow.
    overlap : int
        Samples that neighbouring stretches share, a multiple of ``step``.
    edge_window : int
        Samples of the mean by which the end of a burst is placed, odd.
    amplitude_window : int
        Steps of the mean that is compared with the thresholds, odd.
    morphology : int
        Fine cells of the morphology test.
    """

    step: int
    hop: int
    overlap: int
    edge_window: int
    amplitude_window: int
    morphology: int

    @classmethod
    def of(cls, rate_hz: float, rule: LimbMovementRule, band: Band) -> "Grid":
        """Return the grid of a rate.

        A mean over a narrower band is less steady: where the rate cuts the band, the windows grow
        in proportion, so that faint bursts are distinguished from movements at every rate.
        """
        step = max(1, int(rate_hz / _STEPS_PER_S))
        longer = min(band.width_hz / band.clipped(rate_hz).width_hz, _LONGEST_STRETCH)
        window_s = longer * rule.amplitude_window_s
        return cls(
            step=step,
            hop=step * max(HOP_FINE, round(_HOP_S * rate_hz / step)),
            overlap=step * samples_at_least(_OVERLAP_S, rate_hz / step),
            edge_window=max(3, odd_samples_nearest(longer * rule.edge_window_s, rate_hz)),
            amplitude_window=max(3, odd_samples_nearest(window_s, rate_hz / step)),
            morphology=samples_at_least(rule.morphology_s / _FINE_S, 1.0),
        )

    def edges(self, first: int, last: int, per_hop: int) -> NDArray[np.int64]:
        """Return where parts of a hop begin and end, in steps, shape ``(last - first + 1,)``."""
        return np.arange(first, last + 1) * self.hop // (per_hop * self.step)

    def cell_of(self, sample: Sample) -> Sample:
        """Return the cell that a sample lies in, to within a step."""
        return sample * HOP_CELLS // self.hop

    def fine_of(self, sample: Sample) -> Sample:
        """Return the fine cell that a sample lies in, to within a step."""
        return sample * HOP_FINE // self.hop


@dataclass(frozen=True, slots=True, eq=False)
class EdgeFinder:
    """Finds where bursts begin and end on the samples.

    The mean over the amplitude window widens a burst by half the window on both sides.  The burst
    begins with the first sample that reaches the onset threshold, as the rule states.  Its end is
    placed by a brief mean, because single samples of noise exceed the offset threshold at any time.

    Attributes
    ----------
    rectified : array, shape (n,)
    threshold_uv : array
        Threshold at every step from sample ``first`` of ``rectified`` on.
    first : int
    grid : Grid
    """

    rectified: NDArray[np.float32]
    threshold_uv: NDArray[np.float32]
    first: int
    grid: Grid

    def exact(self, low: Intervals) -> Intervals:
        """Return runs of steps at or below the threshold as runs of samples.

        Each crossing is located on the samples around its step, independent of where steps begin.
        """
        step = self.grid.step
        if step == 1 or not len(low):
            return low * step
        window = self.grid.amplitude_window * step | 1
        at = low.ravel() * step
        samples = at[:, None] + np.arange(-2 * step, 2 * step + 1)
        is_low = self._above(samples, window) <= 0
        # a run of low samples starts where the first low one is, and stops where the first high one
        is_low[1::2] = ~is_low[1::2]
        crossing = np.where(is_low.any(axis=1), is_low.argmax(axis=1) - 2 * step, 0)
        # a run cut by the border of the stretch continues beyond it
        inside = (at > 0) & (at < len(self.threshold_uv) * step)
        return (at + np.where(inside, crossing, 0)).reshape(-1, 2)

    def _above(self, samples: NDArray[np.int64], window: int) -> NDArray[np.float64]:
        """Return the mean around consecutive samples less the threshold, row by row."""
        half, n = window // 2, samples.shape[1]
        around = samples[:, :1] + self.first + np.arange(-half, n + half)
        values = self.rectified[np.clip(around, 0, len(self.rectified) - 1)]
        sums = np.pad(np.cumsum(values, axis=1, dtype=np.float64), ((0, 0), (1, 0)))
        steps = np.clip(samples // self.grid.step, 0, len(self.threshold_uv) - 1)
        return np.asarray(
            (sums[:, window:] - sums[:, :-window]) / window - self.threshold_uv[steps]
        )

    def to_sample(self, edges: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return how many samples after each edge a sample reaches the threshold."""
        return self._distance(edges, 1, window=1)

    def to_mean(self, edges: NDArray[np.int64], direction: int) -> NDArray[np.int64]:
        """Return how many samples before or after each edge a brief mean reaches the threshold."""
        return self._distance(edges, direction, window=self.grid.edge_window)

    def _distance(
        self, edges: NDArray[np.int64], direction: int, *, window: int
    ) -> NDArray[np.int64]:
        """Return how many samples lie between each edge and the nearest active sample.

        Active means at or above the threshold in the mean over ``window`` samples.  The result is
        limited to the amplitude window; beyond the signal everything is active.
        """
        reach = self.grid.amplitude_window * self.grid.step
        nearest = edges if direction > 0 else edges - reach
        samples = nearest[:, None] + np.arange(reach)
        outside = (samples < 0) | (samples >= len(self.threshold_uv) * self.grid.step)
        active = outside | (self._above(samples, window) >= 0)
        if direction < 0:
            active = active[:, ::-1]
        return np.where(active.any(axis=1), active.argmax(axis=1), reach)
