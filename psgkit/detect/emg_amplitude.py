"""Measure the EMG of one stretch: amplitude, resting level, and the runs the rule needs.

Everything is computed on a stretch with its neighbourhood, so that stretches that follow each other
give together what the whole signal would give, and memory does not grow with the recording.
"""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from psgkit.conditioning.band import Band, filter_zero_phase, mirror_ends, response_samples
from psgkit.conditioning.envelope import (
    cell_means,
    centred_mean,
    running_sum,
    step_means,
    step_peaks,
)
from psgkit.conditioning.mains import MainsLine, without_mains
from psgkit.conditioning.resting import (
    HOP_CELLS,
    RestingLevelRule,
    ramp_between,
    resting_level,
)
from psgkit.conditioning.usable import Unusable, UsableRule, bridged, find_unusable, widened
from psgkit.core.bounds import samples_at_least
from psgkit.core.intervals import Intervals, paint, runs_of_true, union
from psgkit.core.signal import Signal
from psgkit.detect.emg_grid import HOP_FINE, EdgeFinder, Grid
from psgkit.detect.emg_rhythm_bursts import Bursts, later, stretch_bursts
from psgkit.detect.emg_rhythm_rule import EmgRhythmRule
from psgkit.detect.emg_rule import LimbMovementRule
from psgkit.detect.limb_movements import ActivityRuns
from psgkit.detect.trunk import HeartFilter, HeartLeft


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


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Interference:
    """What is in a signal beside EMG, and is taken out: hum, the heart and breathing."""

    mains: MainsLine | None = None
    heart: HeartFilter | None = None


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class MeasuredStretch:
    """What the samples of one stretch contribute; runs are in samples of the signal.

    ``cells_uv`` is the mean rectified EMG of each cell less the resting level, 0 where unusable (no
    movement reaches there); ``rest_uv`` the resting level at each hop; ``bursts`` those that start
    in the stretch, in seconds of the signal: all, and those left without brief ones; ``heart`` what
    was taken out.
    """

    runs: ActivityRuns
    unusable: Unusable
    cells_uv: NDArray[np.float32]
    rest_uv: NDArray[np.float32]
    bursts: tuple[Bursts, Bursts]
    heart: HeartLeft | None = None


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
    rules: tuple[LimbMovementRule, EmgRhythmRule],
    conditioning: EmgConditioning,
    interference: Interference,
) -> MeasuredStretch:
    """Return amplitude and runs of the samples ``core``, which starts on a hop."""
    (rule, rhythm), rate_hz = rules, signal.rate_hz
    grid = Grid.of(rate_hz, rule, conditioning.band)
    reach = grid.hop * (samples_at_least(conditioning.rest.window_s, rate_hz) // grid.hop + 1)
    low, high = max(0, core[0] - reach), min(len(signal.samples), core[1] + reach)
    first, last = core[0] - low, core[1] - low
    filtered, unusable = filtered_stretch(signal, (low, high), conditioning)
    rectified, left = _rectified(filtered, (first, last), low, rate_hz, interference)
    margin = samples_at_least(conditioning.usable.margin_s, rate_hz)
    blocked = widened(unusable.runs(), margin, high - low)
    sums = running_sum(step_means(rectified, grid.step))
    cells = masked_cells(sums, blocked, grid)
    rest = resting_level(cells, conditioning.rest)
    if interference.heart is not None and left is not None:
        rectified, swing_uv = interference.heart.without_breathing(rectified, cells, rest, grid)
        if swing_uv:
            left = replace(left, breathing_uv=swing_uv)
            sums = running_sum(step_means(rectified, grid.step))
            cells = masked_cells(sums, blocked, grid)
            rest = resting_level(cells, conditioning.rest)
    above = np.nan_to_num(cells - ramp_between(rest, HOP_CELLS, (0, len(cells))))
    window = max(0, first - grid.overlap), min(high - low, last + grid.overlap)
    return MeasuredStretch(
        runs=_runs(rectified, sums, rest, window, (grid, rule)).moved(low, blocked),
        unusable=unusable.cut(first, last),
        cells_uv=above[grid.cell_of(first) : grid.cell_of(last)].astype(np.float32),
        rest_uv=rest[first // grid.hop : -(-last // grid.hop)].astype(np.float32),
        bursts=later(
            stretch_bursts(sums, rest, above, (first, last), (grid, rate_hz, rhythm)), low / rate_hz
        ),
        heart=left,
    )


def _rectified(
    filtered: NDArray[np.float32],
    core: tuple[int, int],
    low: int,
    rate_hz: float,
    interference: Interference,
) -> tuple[NDArray[np.float32], HeartLeft | None]:
    """Return rectified EMG without hum and heart, and what the heart left."""
    line, heart = interference.mains, interference.heart
    if heart is None:
        if line is not None:
            filtered = without_mains(filtered, low, rate_hz, line)
        return np.abs(filtered, out=filtered), None
    # beats would disturb the estimate of hum, hum does not that of beats
    removed = heart.removed(filtered, low)
    if line is not None:
        removed = replace(removed, samples=without_mains(removed.samples, low, rate_hz, line))
    return heart.rectified(removed, filtered, core)


def masked_cells(sums: NDArray[np.float64], blocked: Intervals, grid: Grid) -> NDArray[np.float64]:
    """Return the mean of each cell of the resting level; nan where the signal is blocked."""
    n_cells = grid.cell_of((len(sums) - 1) * grid.step)
    cells = cell_means(sums, grid.edges(0, n_cells, HOP_CELLS))
    if len(blocked):
        touched = np.column_stack(
            (grid.cell_of(blocked[:, 0]), grid.cell_of(blocked[:, 1] - 1) + 1)
        )
        cells[paint(touched, len(cells))] = np.nan
    return cells


def _runs(
    rectified: NDArray[np.float32],
    sums: NDArray[np.float64],
    rest: NDArray[np.float64],
    window: tuple[int, int],
    settings: tuple[Grid, LimbMovementRule],
) -> ActivityRuns:
    """Return the runs inside ``window``, in samples of ``rectified``.

    The amplitude is looked at every ``grid.step`` samples; where it crosses a threshold the edge is
    looked for on the samples themselves.
    """
    grid, rule = settings
    step = grid.step
    level = ramp_between(rest, grid.hop, window, step)
    steps = window[0] // step, min(window[0] // step + len(level), len(sums) - 1)
    above_rest = centred_mean(sums, grid.amplitude_window, steps)
    above_rest -= level[: len(above_rest)]
    edges = EdgeFinder(rectified, level, window[0], grid)
    low = edges.exact(runs_of_true(above_rest <= rule.offset_above_rest_uv), rule)
    starts = low[:, 0] - edges.to_mean(low[:, 0], -1, rule.offset_above_rest_uv)
    stops = low[:, 1] + edges.to_mean(low[:, 1], 1, rule.offset_above_rest_uv)
    reached = runs_of_true(above_rest >= rule.onset_above_rest_uv) * step
    # forward from half a window before: there the mean first meets the sample that made it rise
    last_low = np.append(0, stops)[np.searchsorted(starts, reached[:, 0])]
    begin = np.maximum(reached[:, 0] - grid.amplitude_window * step // 2, last_low)
    onset = begin + edges.to_sample(begin, rule.onset_above_rest_uv)
    return ActivityRuns(
        low=np.column_stack((starts, stops)) + window[0],
        reached=np.column_stack((onset, np.maximum(reached[:, 1], onset + 1))) + window[0],
        sustained=_sustained(sums, rest, window, settings),
        unusable=low[:0],
        spikes=_spikes(rectified, level, window[0], settings),
    )


def _spikes(
    rectified: NDArray[np.float32],
    level: NDArray[np.float32],
    first: int,
    settings: tuple[Grid, LimbMovementRule],
) -> Intervals:
    """Return where single samples reach the onset threshold, those near each other together."""
    grid, rule = settings
    peaks = step_peaks(rectified[first : first + len(level) * grid.step], grid.step)
    reached = runs_of_true(peaks - level[: len(peaks)] >= rule.onset_above_rest_uv)
    gap = grid.amplitude_window
    joined = union(np.column_stack((reached[:, 0], reached[:, 1] + gap)))
    return np.column_stack((joined[:, 0], joined[:, 1] - gap)) * grid.step + first


def _sustained(
    sums: NDArray[np.float64],
    rest: NDArray[np.float64],
    window: tuple[int, int],
    settings: tuple[Grid, LimbMovementRule],
) -> Intervals:
    """Return where windows start in which at least half of the fine cells pass the morphology test.

    At least half above a level is the median at or above it, without sorting.
    """
    grid, rule = settings
    begin, n_fine = grid.fine_of(window[0]), grid.fine_of((len(sums) - 1) * grid.step)
    end = min(grid.fine_of(window[1]) + grid.morphology, n_fine)
    fine = cell_means(sums, grid.edges(begin, end, HOP_FINE))
    level = ramp_between(rest, HOP_FINE, (begin, end))
    passes = running_sum((fine - level >= rule.morphology_above_rest_uv).astype(np.float32))
    if len(passes) <= grid.morphology:
        return np.empty((0, 2), dtype=np.int64)
    counts = passes[grid.morphology :] - passes[: -grid.morphology]
    return (runs_of_true(2 * counts >= grid.morphology) + begin) * grid.hop // HOP_FINE
