"""Measure one stretch of EMG: filter, hum, heart beats, amplitude, resting level, runs.

Each stretch is computed with its neighbourhood, so that consecutive stretches together give the
result of the whole signal, and memory does not grow with the recording.
"""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from psgkit.conditioning.cardiac.removal import Removed
from psgkit.conditioning.emg.band import Band, filter_zero_phase, mirror_ends, response_samples
from psgkit.conditioning.emg.envelope import (
    cell_means,
    centred_mean,
    running_sum,
    step_means,
    step_peaks,
)
from psgkit.conditioning.emg.mains import MainsLine, without_mains
from psgkit.conditioning.emg.resting import (
    HOP_CELLS,
    RestingLevelRule,
    ramp_between,
    resting_level,
)
from psgkit.conditioning.emg.usable import Unusable, UsableRule, bridged, read_stretch, widened
from psgkit.core.bounds import samples_at_least
from psgkit.core.intervals import (
    Intervals,
    complement,
    drop_shorter_than,
    no_intervals,
    paint,
    runs_of_true,
    union,
)
from psgkit.core.signal import Signal
from psgkit.detect.emg.grid import HOP_FINE, EdgeFinder, Grid
from psgkit.detect.emg.limb_movements import ActivityRuns, LimbMovementRule
from psgkit.detect.emg.trains.bursts import Bursts, later, stretch_bursts
from psgkit.detect.emg.trains.rule import EmgRhythmRule
from psgkit.detect.emg.trunk import HeartFilter, HeartLeft
from psgkit.detect.trace import StretchTrace


@dataclass(frozen=True, kw_only=True, slots=True)
class EmgConditioning:
    """Settings that turn raw EMG into an amplitude with a resting level.

    The pass band is that of the AASM manual and WASM 2016 (10-100 Hz); the rest is psgkit's own
    choice.

    Attributes
    ----------
    band : Band
    rest : RestingLevelRule
    usable : UsableRule
    mains : {"auto", "off", "50", "60"}
        Which hum to subtract; ``auto`` looks for either.
    """

    band: Band = field(default_factory=Band)
    rest: RestingLevelRule = field(default_factory=RestingLevelRule)
    usable: UsableRule = field(default_factory=UsableRule)
    mains: str = "auto"

    def __post_init__(self) -> None:
        if self.mains not in ("auto", "off", "50", "60"):
            raise ValueError(f"mains must be auto, off, 50 or 60, got {self.mains!r}")


def filtered_stretch(
    signal: Signal, stretch: tuple[int, int], conditioning: EmgConditioning
) -> tuple[NDArray[np.float32], Unusable]:
    """Return the band-passed samples of a stretch, and what is unusable, in its own samples."""
    first, last = stretch
    n, pad = len(signal.samples), response_samples(signal.rate_hz)
    low, high = max(0, first - pad), min(n, last + pad)
    raw, unusable = read_stretch(signal, low, high, conditioning.usable)
    whole = mirror_ends(bridged(raw, unusable.runs()), pad - (first - low), pad - (high - last))
    band = conditioning.band.clipped(signal.rate_hz)
    filtered = filter_zero_phase(whole, band, signal.rate_hz)
    return filtered, unusable.cut(first - low, last - low)


def masked_cells(sums: NDArray[np.float64], blocked: Intervals, grid: Grid) -> NDArray[np.float64]:
    """Return the mean of each cell of the resting level, NaN where the signal is blocked.

    ``sums`` is the running sum of the mean rectified EMG of each step.
    """
    n_cells = grid.cell_of((len(sums) - 1) * grid.step)
    cells = cell_means(sums, grid.edges(0, n_cells, HOP_CELLS))
    if len(blocked):
        touched = np.column_stack(
            (grid.cell_of(blocked[:, 0]), grid.cell_of(blocked[:, 1] - 1) + 1)
        )
        cells[paint(touched, len(cells))] = np.nan
    return cells


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class MeasuredStretch:
    """Measurements of one stretch; runs are in samples of the signal.

    ``cells_uv`` is the mean rectified EMG of each cell less the resting level, 0 where unusable;
    ``rest_uv`` the resting level at each hop; ``bursts`` those that start in the stretch, in
    seconds of the signal: all, and those left when brief ones are removed; ``heart`` the heart
    beats that were subtracted; ``trace`` is set on request.
    """

    runs: ActivityRuns
    unusable: Unusable
    cells_uv: NDArray[np.float32]
    rest_uv: NDArray[np.float32]
    bursts: tuple[Bursts, Bursts]
    heart: HeartLeft | None = None
    trace: StretchTrace | None = None


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Amplitude:
    """The amplitude of a stretch and its resting level.

    ``rectified`` is EMG without hum and heart beats; ``sums`` the running sum of its means over
    steps; ``cells_uv`` its means over cells, NaN where unusable; ``rest_uv`` the resting level at
    the edges of hops; ``heart`` the heart beats that were subtracted.
    """

    rectified: NDArray[np.float32]
    sums: NDArray[np.float64]
    cells_uv: NDArray[np.float64]
    rest_uv: NDArray[np.float64]
    heart: HeartLeft | None = None

    @classmethod
    def of(
        cls,
        rectified: NDArray[np.float32],
        blocked: Intervals,
        grid: Grid,
        rest: RestingLevelRule,
        heart: HeartLeft | None = None,
    ) -> "Amplitude":
        """Return the amplitude of rectified EMG of which ``blocked`` cannot be trusted."""
        sums = running_sum(step_means(rectified, grid.step))
        cells = masked_cells(sums, blocked, grid)
        return cls(
            rectified=rectified,
            sums=sums,
            cells_uv=cells,
            rest_uv=resting_level(cells, rest),
            heart=heart,
        )

    def above_rest(self) -> NDArray[np.float64]:
        """Return each cell less the resting level, 0 where unusable."""
        level = ramp_between(self.rest_uv, HOP_CELLS, (0, len(self.cells_uv)))
        return np.nan_to_num(self.cells_uv - level)

    def at_steps(
        self, window: tuple[int, int], grid: Grid
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the envelope and the resting level at every step of a window of samples.

        The envelope is the mean that is compared with the thresholds.
        """
        level = ramp_between(self.rest_uv, grid.hop, window, grid.step)
        begin = window[0] // grid.step
        end = min(begin + len(level), len(self.sums) - 1)
        return centred_mean(self.sums, grid.amplitude_window, (begin, end)), level


_BLOCK_STEPS = 128
"""Number of steps passed over at once where no sample reaches the onset threshold."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class EmgMeter:
    """Measures the stretches of one EMG signal.

    ``mains`` is the hum to subtract, ``heart`` the filter of heart beats; None to leave them in.
    """

    signal: Signal
    grid: Grid
    rule: LimbMovementRule
    rhythm: EmgRhythmRule
    conditioning: EmgConditioning
    mains: MainsLine | None = None
    heart: HeartFilter | None = None

    def around(self, core: tuple[int, int]) -> tuple[int, int]:
        """Return the samples on which the resting level of ``core`` depends."""
        hop, rate_hz = self.grid.hop, self.signal.rate_hz
        reach = hop * (samples_at_least(self.conditioning.rest.window_s, rate_hz) // hop + 1)
        return max(0, core[0] - reach), min(len(self.signal.samples), core[1] + reach)

    def blocked(self, unusable: Unusable, n: int) -> Intervals:
        """Return the unusable runs of ``n`` samples, margins included."""
        margin = samples_at_least(self.conditioning.usable.margin_s, self.signal.rate_hz)
        return widened(unusable.runs(), margin, n)

    def without_hum(self, filtered: NDArray[np.float32], low: int) -> NDArray[np.float32]:
        """Return band-passed samples, the first of which is number ``low``, without hum."""
        if self.mains is None:
            return filtered
        return without_mains(filtered, low, self.signal.rate_hz, self.mains)

    def measure(self, core: tuple[int, int], *, traced: bool = False) -> MeasuredStretch:
        """Return amplitude and runs of the samples ``core``, which starts on a hop.

        With ``traced`` the result has a trace.
        """
        grid = self.grid
        low, high = self.around(core)
        first, last = core[0] - low, core[1] - low
        window = max(0, first - grid.overlap), min(high - low, last + grid.overlap)
        filtered, unusable = filtered_stretch(self.signal, (low, high), self.conditioning)
        blocked = self.blocked(unusable, high - low)
        # beats disturb the estimate of hum, but hum does not disturb that of beats
        removed = None if self.heart is None else self.heart.removed(filtered, low)
        cleared = self.without_hum(filtered if removed is None else removed.samples, low)
        shown = _usable_part(cleared, unusable, (first, window[1])) if traced else None
        found = self._amplitude(filtered, cleared, removed, (first, last), blocked)
        envelope, level = found.at_steps(window, grid)
        above = found.above_rest()
        rate_hz = self.signal.rate_hz
        bursts = stretch_bursts(
            found.sums, found.rest_uv, above, (first, last), grid, rate_hz, self.rhythm
        )
        return MeasuredStretch(
            runs=self._runs_by_thresholds(found, envelope, level, window).moved(low, blocked),
            unusable=unusable.cut(first, last),
            cells_uv=above[grid.cell_of(first) : grid.cell_of(last)].astype(np.float32),
            rest_uv=found.rest_uv[first // grid.hop : -(-last // grid.hop)].astype(np.float32),
            bursts=later(bursts, low / rate_hz),
            heart=found.heart,
            trace=None
            if shown is None
            else self._trace(core, shown, envelope, level, (first - window[0]) // grid.step),
        )

    def _amplitude(
        self,
        filtered: NDArray[np.float32],
        cleared: NDArray[np.float32],
        removed: Removed | None,
        core: tuple[int, int],
        blocked: Intervals,
    ) -> Amplitude:
        """Return the amplitude of cleared samples, which are overwritten."""
        grid, rest = self.grid, self.conditioning.rest
        if self.heart is None or removed is None:
            return Amplitude.of(np.abs(cleared, out=cleared), blocked, grid, rest)
        removed = replace(removed, samples=cleared)
        rectified, left = self.heart.rectified(removed, filtered, core)
        found = Amplitude.of(rectified, blocked, grid, rest, left)
        rectified, swing_uv = self.heart.without_breathing(
            rectified, found.cells_uv, found.rest_uv, grid
        )
        if not swing_uv:
            return found
        return Amplitude.of(rectified, blocked, grid, rest, replace(left, breathing_uv=swing_uv))

    def _trace(
        self,
        core: tuple[int, int],
        samples: NDArray[np.float32],
        envelope: NDArray[np.float32],
        rest: NDArray[np.float32],
        skip: int,
    ) -> StretchTrace:
        """Return the trace from the start of ``core`` on; arrays at steps begin ``skip`` before."""
        rate_hz = self.signal.rate_hz
        start_s, end_s = (self.signal.start_s + sample / rate_hz for sample in core)
        level, rest = envelope[skip:], rest[skip : len(envelope)]
        off, on = self.rule.thresholds(rest)
        return StretchTrace(
            core_s=(start_s, end_s),
            start_s=start_s,
            rate_hz=rate_hz,
            samples=samples,
            step=self.grid.step,
            level=level,
            rest=rest,
            on=on,
            off=off,
        )

    def _runs_by_thresholds(
        self,
        found: Amplitude,
        envelope: NDArray[np.float32],
        level: NDArray[np.float32],
        window: tuple[int, int],
    ) -> ActivityRuns:
        """Compare the amplitude with rest + 8 uV (onset) and rest + 2 uV (offset) in ``window``.

        The runs are in samples of the stretch with its neighbourhood: the amplitude is compared
        every ``grid.step`` samples, and edges are placed on the samples.
        """
        grid, rule, step = self.grid, self.rule, self.grid.step
        off, on = rule.thresholds(level)
        low_edges = EdgeFinder(found.rectified, off, window[0], grid)
        low = low_edges.exact(runs_of_true(envelope <= off[: len(envelope)]))
        starts = low[:, 0] - low_edges.to_mean(low[:, 0], -1)
        stops = low[:, 1] + low_edges.to_mean(low[:, 1], 1)
        edges = EdgeFinder(found.rectified, on, window[0], grid)
        reached = runs_of_true(envelope >= on[: len(envelope)]) * step
        # search from half a window before: there the mean first includes the sample that raised it
        last_low = np.append(0, stops)[np.searchsorted(starts, reached[:, 0])]
        begin = np.maximum(reached[:, 0] - grid.amplitude_window * step // 2, last_low)
        onset = begin + edges.to_sample(begin)
        return ActivityRuns(
            low=np.column_stack((starts, stops)) + window[0],
            reached=np.column_stack((onset, np.maximum(reached[:, 1], onset + 1))) + window[0],
            sustained=self._sustained(found, window),
            unusable=no_intervals(),
            spikes=self._spikes(found.rectified, on, window[0]),
        )

    def _spikes(
        self, rectified: NDArray[np.float32], on: NDArray[np.float32], first: int
    ) -> Intervals:
        """Return where single samples reach the onset threshold, those near each other as one."""
        step, gap = self.grid.step, self.grid.amplitude_window
        samples = rectified[first : first + len(on) * step]
        reached = runs_of_true(self._reached(samples, on))
        joined = union(np.column_stack((reached[:, 0], reached[:, 1] + gap)))
        return np.column_stack((joined[:, 0], joined[:, 1] - gap)) * step + first

    def _reached(
        self, rectified: NDArray[np.float32], on: NDArray[np.float32]
    ) -> NDArray[np.bool_]:
        """Return the steps in which a sample reaches the onset threshold."""
        step = self.grid.step
        n = min(len(on), len(rectified) // step)
        blocks = n // _BLOCK_STEPS, _BLOCK_STEPS
        in_blocks = n // _BLOCK_STEPS * _BLOCK_STEPS
        reached = np.zeros(n, dtype=bool)
        samples = rectified[: in_blocks * step].reshape(blocks[0], _BLOCK_STEPS * step)
        thresholds = on[:in_blocks].reshape(blocks)
        # most blocks are quiet: their largest sample is below the lowest threshold, if it is known
        may = ~(samples.max(axis=1) < thresholds.min(axis=1))
        peaks = step_peaks(samples[may].ravel(), step).reshape(-1, _BLOCK_STEPS)
        reached[:in_blocks].reshape(blocks)[may] = peaks >= thresholds[may]
        last = step_peaks(rectified[in_blocks * step : n * step], step)
        reached[in_blocks:] = last >= on[in_blocks:n]
        return reached

    def _sustained(self, found: Amplitude, window: tuple[int, int]) -> Intervals:
        """Return where windows start in which at least half of the fine cells pass the morphology
        test: at least half above a level is the median at or above it, without sorting.
        """  # noqa: D205
        grid, rule = self.grid, self.rule
        begin, n_fine = grid.fine_of(window[0]), grid.fine_of((len(found.sums) - 1) * grid.step)
        end = min(grid.fine_of(window[1]) + grid.morphology, n_fine)
        fine = cell_means(found.sums, grid.edges(begin, end, HOP_FINE))
        level = ramp_between(found.rest_uv, HOP_FINE, (begin, end))
        passes = running_sum((fine >= rule.morphology_threshold(level)).astype(np.float32))
        if len(passes) <= grid.morphology:
            return no_intervals()
        counts = passes[grid.morphology :] - passes[: -grid.morphology]
        return (runs_of_true(2 * counts >= grid.morphology) + begin) * grid.hop // HOP_FINE


def _usable_part(
    samples: NDArray[np.float32], unusable: Unusable, part: tuple[int, int]
) -> NDArray[np.float32]:
    """Return a copy of part of the samples, NaN where they are unusable."""
    out = samples[slice(*part)].copy()
    runs = unusable.runs()
    if len(runs):
        out[paint(runs - part[0], len(out))] = np.nan
    return out


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
        cls, measured: MeasuredStretch, core: tuple[int, int], meter: EmgMeter
    ) -> "ActiveCells":
        """Return the active cells of ``core``, and its last: a movement may end just behind it."""
        grid = meter.grid
        first = grid.cell_of(core[0])
        hold = samples_at_least(meter.rule.offset_hold_s, meter.signal.rate_hz)
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
        # one more cell, so that the end of the last one is an index
        padded = np.append(self.above_uv, np.float32(0))
        sums = np.add.reduceat(padded, np.column_stack((begin, end)).ravel())[::2]
        return np.asarray(sums / (end - begin), dtype=np.float64)
