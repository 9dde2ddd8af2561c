"""Measure one stretch of EMG: filter, hum, heart beats, amplitude, resting level, runs.

Each stretch is computed with its neighbourhood, so that consecutive stretches together give the
result of the whole signal, and memory does not grow with the recording.
"""

from dataclasses import field, replace

import numpy as np
from numpy.typing import NDArray

from psgkit.conditioning.cardiac.removal import Removed
from psgkit.conditioning.emg.band import Band, filter_zero_phase, mirror_ends, response_samples
from psgkit.conditioning.emg.band_lost import BandLost, BandLostRule
from psgkit.conditioning.emg.envelope import (
    cell_means,
    centred_mean,
    running_sum,
    step_means,
    step_peaks,
)
from psgkit.conditioning.emg.mains import MainsLine, without_mains
from psgkit.conditioning.emg.not_muscle import NotMuscle, NotMuscleRule, not_muscle
from psgkit.conditioning.emg.resting import (
    CELL_S,
    HOP_CELLS,
    RestingLevelRule,
    ramp_between,
    resting_level,
)
from psgkit.conditioning.emg.usable import Unusable, UsableRule, bridged, read_stretch, widened
from psgkit.core.bounds import samples_at_least
from psgkit.core.dataclass import dataclass
from psgkit.core.intervals import (
    Intervals,
    drop_shorter_than,
    no_intervals,
    paint,
    runs_of_true,
    union,
)
from psgkit.core.ranges import check_ranges
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
    not_muscle : NotMuscleRule
        What is taken out because no muscle made it.
    band_lost : BandLostRule
        How amplitudes are corrected for the part of the band that a low rate or a filter takes.
    """

    band: Band = field(default_factory=Band)
    rest: RestingLevelRule = field(default_factory=RestingLevelRule)
    usable: UsableRule = field(default_factory=UsableRule)
    mains: str = "auto"
    not_muscle: NotMuscleRule = field(default_factory=NotMuscleRule)
    band_lost: BandLostRule = field(default_factory=BandLostRule)

    def __post_init__(self) -> None:
        check_ranges(self)
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


@dataclass(frozen=True, slots=True, eq=False)
class RejectedSpans:
    """What would have been a movement if a muscle had made it, by one reason.

    ``spans`` are cells of a stretch, or samples of the signal; ``above_uv`` is the mean above rest.
    """

    reason: str
    spans: Intervals
    above_uv: NDArray[np.float64]

    @classmethod
    def of(
        cls,
        reason: str,
        cells: NDArray[np.bool_],
        above_uv: NDArray[np.float64],
        rule: LimbMovementRule,
    ) -> "RejectedSpans":
        """Return the runs of cells that are long and high enough for a movement."""
        hold, shortest = round(rule.offset_hold_s / CELL_S), round(rule.min_duration_s / CELL_S)
        runs = runs_of_true(cells)
        joined = union(runs + np.array([0, hold])) - np.array([0, hold])
        spans = drop_shorter_than(shortest, joined)
        sums = running_sum(above_uv)
        mean = (sums[spans[:, 1]] - sums[spans[:, 0]]) / (spans[:, 1] - spans[:, 0])
        reached = np.append(0, np.cumsum(above_uv >= rule.onset_above_rest_uv))
        high = reached[spans[:, 1]] > reached[spans[:, 0]]
        return cls(reason, spans[high], mean[high])

    def within(self, first: int, stop: int, edges: NDArray[np.int64]) -> "RejectedSpans":
        """Return those that start in cells ``[first, stop)``, in samples by ``edges``."""
        own = (self.spans[:, 0] >= first) & (self.spans[:, 0] < stop)
        return RejectedSpans(self.reason, edges[self.spans[own]], self.above_uv[own])


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class MeasuredStretch:
    """Measurements of one stretch; runs are in samples of the signal.

    ``cells_uv`` is the mean rectified EMG of each cell less the resting level, 0 where unusable;
    ``rest_uv`` the resting level at each hop; ``bursts`` those that start in the stretch, in
    seconds of the signal: all, and those left when brief ones are removed; ``heart`` the heart
    beats that were subtracted; ``trace`` is set on request; ``rejected`` what would have been a
    movement, by reason.
    """

    runs: ActivityRuns
    unusable: Unusable
    cells_uv: NDArray[np.float32]
    rest_uv: NDArray[np.float32]
    bursts: tuple[Bursts, Bursts]
    heart: HeartLeft | None = None
    trace: StretchTrace | None = None
    rejected: tuple[RejectedSpans, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Amplitude:
    """The amplitude of a stretch and its resting level.

    ``rectified`` is EMG without hum and heart beats; ``sums`` the running sum of its means over
    steps; ``cells_uv`` its means over cells, NaN where unusable; ``rest_uv`` the resting level at
    the edges of hops; ``heart`` the heart beats that were subtracted; ``not_muscle`` what was taken
    out because no muscle made it, and ``above_uv`` each cell above rest before.
    """

    rectified: NDArray[np.float32]
    sums: NDArray[np.float64]
    cells_uv: NDArray[np.float64]
    rest_uv: NDArray[np.float64]
    heart: HeartLeft | None = None
    not_muscle: NotMuscle | None = None
    above_uv: NDArray[np.float64] | None = None

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
    ``lost`` is the part of the band that is missing.
    """

    signal: Signal
    grid: Grid
    rule: LimbMovementRule
    rhythm: EmgRhythmRule
    conditioning: EmgConditioning
    mains: MainsLine | None = None
    heart: HeartFilter | None = None
    lost: BandLost = field(default_factory=lambda: BandLost(top_hz=Band().high_hz))

    def around(self, core: tuple[int, int]) -> tuple[int, int]:
        """Return the samples on which the resting level of ``core`` depends."""
        hop, rate_hz = self.grid.hop, self.signal.rate_hz
        reach = hop * (samples_at_least(self.conditioning.rest.window_s, rate_hz) // hop + 1)
        return max(0, core[0] - reach), min(len(self.signal.samples), core[1] + reach)

    def filtered(self, stretch: tuple[int, int]) -> tuple[NDArray[np.float32], Unusable]:
        """Return the band-passed samples of a stretch as if nothing of the band were missing."""
        filtered, unusable = filtered_stretch(self.signal, stretch, self.conditioning)
        if self.lost.factor != 1:
            filtered = filtered * np.float32(self.lost.factor)
        return filtered, unusable

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
        filtered, unusable = self.filtered((low, high))
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
            rejected=self._rejected(found, (first, last), low),
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
            found = Amplitude.of(np.abs(cleared), blocked, grid, rest)
            return self._muscle_alone(found, cleared, blocked)
        removed = replace(removed, samples=cleared)
        rectified, left = self.heart.rectified(removed, filtered, core)
        found = Amplitude.of(rectified, blocked, grid, rest, left)
        rectified, swing_uv = self.heart.without_breathing(
            rectified, found.cells_uv, found.rest_uv, grid
        )
        if not swing_uv:
            return found
        return Amplitude.of(rectified, blocked, grid, rest, replace(left, breathing_uv=swing_uv))

    def _muscle_alone(
        self, found: Amplitude, cleared: NDArray[np.float32], blocked: Intervals
    ) -> Amplitude:
        """Return the amplitude of cleared samples without what no muscle made."""
        grid, rate_hz, rule = self.grid, self.signal.rate_hz, self.conditioning.not_muscle
        above = found.above_rest()
        edges = grid.edges(0, len(above), HOP_CELLS) * grid.step
        band = self.conditioning.band.clipped(rate_hz)
        band = replace(band, high_hz=min(band.high_hz, max(self.lost.top_hz, band.low_hz + 1)))
        other = not_muscle(cleared, found.cells_uv, above, edges, band, rate_hz, rule)
        if other is None or not other.any():
            return found
        other.removed_from(cleared, edges)
        blocked = union(blocked, edges[runs_of_true(other.noisy)])
        alone = Amplitude.of(np.abs(cleared, out=cleared), blocked, grid, self.conditioning.rest)
        return replace(alone, not_muscle=other, above_uv=above)

    def _rejected(
        self, found: Amplitude, core: tuple[int, int], low: int
    ) -> tuple[RejectedSpans, ...]:
        """Return what was taken out and would have been a movement that starts in ``core``."""
        if found.not_muscle is None or found.above_uv is None:
            return ()
        other = found.not_muscle
        kinds = {"sway": other.swaying, "hum": other.humming, "noise": other.noisy}
        spans = [
            RejectedSpans.of(reason, cells, found.above_uv, self.rule)
            for reason, cells in kinds.items()
        ]
        first, stop = self.grid.cell_of(core[0]), self.grid.cell_of(core[1])
        edges = low + self.grid.edges(0, len(found.above_uv), HOP_CELLS) * self.grid.step
        return tuple(one.within(first, stop, edges) for one in spans if len(one.spans))

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
        in_blocks = n // _BLOCK_STEPS * _BLOCK_STEPS
        reached = np.zeros(n, dtype=bool)
        # most blocks are quiet: their largest sample is below the lowest threshold, if it is known
        first = np.arange(0, in_blocks, _BLOCK_STEPS)
        highest = np.maximum.reduceat(rectified[: in_blocks * step], first * step)
        may = ~(highest < np.minimum.reduceat(on[:in_blocks], first))
        samples = rectified[: in_blocks * step].reshape(-1, _BLOCK_STEPS * step)
        peaks = step_peaks(samples[may].ravel(), step).reshape(-1, _BLOCK_STEPS)
        blocks = reached[:in_blocks].reshape(-1, _BLOCK_STEPS)
        blocks[may] = peaks >= on[:in_blocks].reshape(-1, _BLOCK_STEPS)[may]
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
