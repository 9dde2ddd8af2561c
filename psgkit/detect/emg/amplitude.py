"""Measure the EMG of one stretch: amplitude, resting level, and the runs the rule needs.

Everything is computed on a stretch with its neighbourhood, so that stretches that follow each other
give together what the whole signal would give, and memory does not grow with the recording.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from psgkit.conditioning.emg.envelope import (
    cell_means,
    running_sum,
    step_peaks,
)
from psgkit.conditioning.emg.resting import (
    HOP_CELLS,
    ramp_between,
)
from psgkit.conditioning.emg.usable import Unusable
from psgkit.core.bounds import samples_at_least
from psgkit.core.intervals import (
    Intervals,
    complement,
    drop_shorter_than,
    paint,
    runs_of_true,
    union,
)
from psgkit.core.signal import Signal
from psgkit.detect.emg.envelope import (
    EmgConditioning,
    Interference,
    amplitude_of,
    blocked_in,
    envelope_at,
    filtered_stretch,
    neighbourhood,
)
from psgkit.detect.emg.grid import HOP_FINE, EdgeFinder, Grid
from psgkit.detect.emg.limb_movements import ActivityRuns, LimbMovementRule
from psgkit.detect.emg.trains.bursts import Bursts, later, stretch_bursts
from psgkit.detect.emg.trains.rule import EmgRhythmRule
from psgkit.detect.emg.trunk import HeartLeft


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
    low, high = neighbourhood(signal, core, grid, conditioning.rest)
    first, last = core[0] - low, core[1] - low
    filtered, unusable = filtered_stretch(signal, (low, high), conditioning)
    blocked = blocked_in(unusable, high - low, rate_hz, conditioning.usable)
    found = amplitude_of(filtered, (low, first, last), blocked, (grid, conditioning), interference)
    sums, rest = found.sums, found.rest_uv
    above = np.nan_to_num(found.cells_uv - ramp_between(rest, HOP_CELLS, (0, len(found.cells_uv))))
    window = max(0, first - grid.overlap), min(high - low, last + grid.overlap)
    return MeasuredStretch(
        runs=_runs(found.rectified, sums, rest, window, (grid, rule)).moved(low, blocked),
        unusable=unusable.cut(first, last),
        cells_uv=above[grid.cell_of(first) : grid.cell_of(last)].astype(np.float32),
        rest_uv=rest[first // grid.hop : -(-last // grid.hop)].astype(np.float32),
        bursts=later(
            stretch_bursts(sums, rest, above, (first, last), (grid, rate_hz, rhythm)), low / rate_hz
        ),
        heart=found.heart,
    )


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
    above_rest = envelope_at(sums, window, len(level), grid)
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


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ActiveCells:
    """Mean EMG above rest of the cells in which a movement may lie.

    Attributes
    ----------
    row : int64 array, shape (n,)
        Number of each cell in the signal, rising.
    above_uv : float32 array, shape (n,)
    """

    row: NDArray[np.int64]
    above_uv: NDArray[np.float32]

    @classmethod
    def of_stretch(
        cls,
        measured: MeasuredStretch,
        core: tuple[int, int],
        settings: tuple[Grid, float, LimbMovementRule],
    ) -> "ActiveCells":
        """Return the cells of ``core`` outside quiet, and its last: an end may lie behind it."""
        grid, rate_hz, rule = settings
        first = grid.cell_of(core[0])
        hold = samples_at_least(rule.offset_hold_s, rate_hz)
        active = complement(drop_shorter_than(hold, measured.runs.low), *core)
        touched = grid.cell_of(active[:, 0]), grid.cell_of(active[:, 1] - 1) + 1
        wanted = paint(np.column_stack(touched) - first, len(measured.cells_uv))
        wanted[-1:] = True
        return cls(row=np.flatnonzero(wanted) + first, above_uv=measured.cells_uv[wanted])

    @classmethod
    def joined(cls, parts: list["ActiveCells"]) -> "ActiveCells":
        """Return the cells of stretches that follow each other."""
        return cls(
            row=np.concatenate([np.empty(0, np.int64), *(part.row for part in parts)]),
            above_uv=np.concatenate([np.empty(0, np.float32), *(part.above_uv for part in parts)]),
        )

    def means(self, found: Intervals, grid: Grid) -> NDArray[np.float64]:
        """Return the mean above rest of each movement over the cells it touches.

        NaN where the signal is too short for a cell.
        """
        if not len(found) or not len(self.row):
            return np.full(len(found), np.nan)
        last_cell = self.row[-1]
        first = np.minimum(grid.cell_of(found[:, 0]), last_cell)
        stop = np.clip(grid.cell_of(found[:, 1] - 1) + 1, first + 1, last_cell + 1)
        begin = np.searchsorted(self.row, first)
        end = np.searchsorted(self.row, stop)
        # one more cell lets an end be an index
        padded = np.append(self.above_uv, np.float32(0))
        sums = np.add.reduceat(padded, np.column_stack((begin, end)).ravel())[::2]
        return np.asarray(sums / (end - begin), dtype=np.float64)
