"""Measure the EMG of one stretch: amplitude, resting level, and the runs the rule needs.

Everything is computed on a stretch with its neighbourhood, so that stretches that follow each other
give together what the whole signal would give, and memory does not grow with the recording.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from psgkit.conditioning.band import Band, filter_zero_phase, mirror_ends, response_samples
from psgkit.conditioning.envelope import cell_means, centred_mean, running_sum
from psgkit.conditioning.mains import MainsLine, without_mains
from psgkit.conditioning.resting import HOP_CELLS, RestingLevelRule, ramp_between, resting_level
from psgkit.conditioning.usable import Unusable, UsableRule, bridged, find_unusable, widened
from psgkit.core.bounds import odd_samples_nearest, samples_at_least
from psgkit.core.intervals import Intervals, paint, runs_of_true
from psgkit.core.signal import Signal
from psgkit.detect.emg_rule import LimbMovementRule
from psgkit.detect.limb_movements import ActivityRuns

_FINE_PER_CELL = 5
"""Fine cells of about 0.02 s make up one cell of the resting level."""

_LONGEST_STRETCH = 2.0
"""Windows grow at most to twice their length: quiet lasts only 0.5 s."""


@dataclass(frozen=True, kw_only=True, slots=True)
class EmgConditioning:
    """How raw EMG becomes an amplitude with a resting level.

    The pass band is that of the AASM manual and WASM 2016 (10-100 Hz); the rest is ours.

    Attributes
    ----------
    band : Band
    rest : RestingLevelRule
    usable : UsableRule
    mains : {"auto", "off", "50", "60"}
        Which hum to take out; ``auto`` looks for either.
    """

    band: Band = field(default_factory=Band)
    rest: RestingLevelRule = field(default_factory=RestingLevelRule)
    usable: UsableRule = field(default_factory=UsableRule)
    mains: str = "auto"

    def __post_init__(self) -> None:
        if self.mains not in ("auto", "off", "50", "60"):
            raise ValueError(f"mains must be auto, off, 50 or 60, got {self.mains!r}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Grid:
    """Lengths in whole samples that a rate gives."""

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
        fine = max(1, round(rule.edge_window_s * rate_hz))
        longer = min(band.width_hz / band.clipped(rate_hz).width_hz, _LONGEST_STRETCH)
        return cls(
            fine=fine,
            cell=fine * _FINE_PER_CELL,
            hop=fine * _FINE_PER_CELL * HOP_CELLS,
            edge_window=max(3, odd_samples_nearest(longer * rule.edge_window_s, rate_hz)),
            amplitude_window=max(3, odd_samples_nearest(longer * rule.amplitude_window_s, rate_hz)),
            morphology=-(-samples_at_least(rule.morphology_s, rate_hz) // fine),
        )


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class MeasuredStretch:
    """What the samples of one stretch contribute; runs are in samples of the signal.

    ``cells_uv`` is the mean rectified EMG of each cell less the resting level, NaN where unusable;
    ``rest_uv`` the resting level at each hop.
    """

    runs: ActivityRuns
    unusable: Unusable
    cells_uv: NDArray[np.float32]
    rest_uv: NDArray[np.float32]


def filtered_stretch(
    signal: Signal, stretch: tuple[int, int], conditioning: EmgConditioning
) -> tuple[NDArray[np.float32], Unusable]:
    """Return the band-passed samples of a stretch, and what is unusable, in its own samples."""
    first, last = stretch
    n, pad = len(signal.samples), response_samples(signal.rate_hz)
    low, high = max(0, first - pad), min(n, last + pad)
    raw = np.asarray(signal.samples[low:high])
    unusable = find_unusable(raw, signal.rate_hz, signal.limits, conditioning.usable)
    whole = mirror_ends(bridged(raw, unusable.runs()), pad - (first - low), pad - (high - last))
    band = conditioning.band.clipped(signal.rate_hz)
    filtered = filter_zero_phase(whole, band, signal.rate_hz)
    return filtered, unusable.cut(first - low, last - low)


def measure_stretch(
    signal: Signal,
    core: tuple[int, int],
    rule: LimbMovementRule,
    conditioning: EmgConditioning,
    line: MainsLine | None,
) -> MeasuredStretch:
    """Return amplitude and runs of the samples ``core``, which starts on a hop."""
    rate_hz = signal.rate_hz
    grid = Grid.of(rate_hz, rule, conditioning.band)
    reach = grid.hop * (samples_at_least(conditioning.rest.window_s, rate_hz) // grid.hop + 1)
    low, high = max(0, core[0] - reach), min(len(signal.samples), core[1] + reach)
    filtered, unusable = filtered_stretch(signal, (low, high), conditioning)
    if line is not None:
        filtered = without_mains(filtered, low, rate_hz, line)
    margin = samples_at_least(conditioning.usable.margin_s, rate_hz)
    blocked = widened(unusable.runs(), margin, high - low)
    sums = running_sum(np.abs(filtered, out=filtered))
    cells = _masked_cells(sums, blocked, grid)
    rest = resting_level(cells, conditioning.rest)
    first, last = core[0] - low, core[1] - low
    above = cells - ramp_between(rest, grid.hop, (0, len(cells) * grid.cell), grid.cell)
    window = max(0, first - grid.amplitude_window), min(high - low, last + grid.amplitude_window)
    return MeasuredStretch(
        runs=_runs(sums, rest, window, grid, rule).moved(low, blocked),
        unusable=unusable.cut(first, last),
        cells_uv=above[first // grid.cell : last // grid.cell].astype(np.float32),
        rest_uv=rest[first // grid.hop : -(-last // grid.hop)].astype(np.float32),
    )


def _masked_cells(sums: NDArray[np.float64], blocked: Intervals, grid: Grid) -> NDArray[np.float64]:
    cells = cell_means(sums, grid.cell)
    if len(blocked):
        touched = np.column_stack((blocked[:, 0] // grid.cell, -(-blocked[:, 1] // grid.cell)))
        cells[paint(touched, len(cells))] = np.nan
    return cells


def _runs(
    sums: NDArray[np.float64],
    rest: NDArray[np.float64],
    window: tuple[int, int],
    grid: Grid,
    rule: LimbMovementRule,
) -> ActivityRuns:
    """Return the runs inside ``window``, in samples of ``sums``."""
    level = ramp_between(rest, grid.hop, window)
    above_rest = centred_mean(sums, grid.amplitude_window, window)
    above_rest -= level
    edges = _Edges(sums, level, window[0], grid)
    low = runs_of_true(above_rest <= rule.offset_above_rest_uv)
    starts = low[:, 0] - edges.distance(low[:, 0], -1, rule.offset_above_rest_uv)
    stops = low[:, 1] + edges.distance(low[:, 1], 1, rule.offset_above_rest_uv)
    reached = runs_of_true(above_rest >= rule.onset_above_rest_uv)[:, 0]
    # forward from half a window before: there the mean first meets the samples that made it rise
    begin = np.maximum(reached - grid.amplitude_window // 2, 0)
    onset = begin + edges.distance(begin, 1, rule.onset_above_rest_uv)
    return ActivityRuns(
        low=np.column_stack((starts, stops)) + window[0],
        triggers=onset + window[0],
        sustained=_sustained(sums, rest, window, grid, rule),
        unusable=low[:0],
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Edges:
    """Where bursts really begin and end.

    The mean over the amplitude window smears a burst by half its length to both sides; a brief mean
    around single samples says where it crosses a threshold.  ``first`` is the sample of ``sums``
    that ``level_uv`` begins with.
    """

    sums: NDArray[np.float64]
    level_uv: NDArray[np.float32]
    first: int
    grid: Grid

    def distance(
        self, edges: NDArray[np.int64], direction: int, above_rest_uv: float
    ) -> NDArray[np.int64]:
        """Return how many samples lie between each edge and the nearest active sample.

        No more than the amplitude window is looked at; beyond the array everything is active.
        """
        reach, half = self.grid.amplitude_window, self.grid.edge_window // 2
        steps = np.arange(reach) if direction > 0 else np.arange(-1, -reach - 1, -1)
        at = edges[:, None] + steps
        outside = (at < 0) | (at >= len(self.level_uv))
        at = np.clip(at, 0, len(self.level_uv) - 1)
        low = np.maximum(at + self.first - half, 0)
        high = np.minimum(at + self.first + half + 1, len(self.sums) - 1)
        brief = (self.sums[high] - self.sums[low]) / (high - low)
        active = outside | (brief - self.level_uv[at] >= above_rest_uv)
        return np.where(active.any(axis=1), active.argmax(axis=1), reach)


def _sustained(
    sums: NDArray[np.float64],
    rest: NDArray[np.float64],
    window: tuple[int, int],
    grid: Grid,
    rule: LimbMovementRule,
) -> Intervals:
    """Return where windows start in which at least half of the fine cells pass the morphology test.

    At least half above a level is the median at or above it, without sorting.
    """
    begin, end = window[0] // grid.fine, (window[1] // grid.fine) + grid.morphology
    fine = cell_means(sums[begin * grid.fine : end * grid.fine + 1], grid.fine)
    stretch = begin * grid.fine, (begin + len(fine)) * grid.fine
    level = ramp_between(rest, grid.hop, stretch, grid.fine)
    passes = running_sum((fine - level >= rule.morphology_above_rest_uv).astype(np.float32))
    if len(passes) <= grid.morphology:
        return np.empty((0, 2), dtype=np.int64)
    counts = passes[grid.morphology :] - passes[: -grid.morphology]
    return (runs_of_true(2 * counts >= grid.morphology) + begin) * grid.fine
