"""From the samples of a stretch to what the rule compares: filter, hum, heart, resting level."""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from psgkit.conditioning.emg.band import Band, filter_zero_phase, mirror_ends, response_samples
from psgkit.conditioning.emg.envelope import cell_means, centred_mean, running_sum, step_means
from psgkit.conditioning.emg.mains import MainsLine, without_mains
from psgkit.conditioning.emg.resting import (
    HOP_CELLS,
    RestingLevelRule,
    ramp_between,
    resting_level,
)
from psgkit.conditioning.emg.usable import Unusable, UsableRule, bridged, find_unusable, widened
from psgkit.core.bounds import samples_at_least
from psgkit.core.intervals import Intervals, paint
from psgkit.core.signal import Signal
from psgkit.detect.emg.grid import Grid
from psgkit.detect.emg.trunk import HeartFilter, HeartLeft


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

    rate_hz: float
    mains: MainsLine | None = None
    heart: HeartFilter | None = None

    def taken_out(self, filtered: NDArray[np.float32], low: int) -> NDArray[np.float32]:
        """Return band-passed samples, the first of which is ``low``, without hum and beats."""
        # beats would disturb the estimate of hum, hum does not that of beats
        if self.heart is not None:
            filtered = self.heart.removed(filtered, low).samples
        if self.mains is None:
            return filtered
        return without_mains(filtered, low, self.rate_hz, self.mains)


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


def neighbourhood(
    signal: Signal, core: tuple[int, int], grid: Grid, rest: RestingLevelRule
) -> tuple[int, int]:
    """Return the samples that the resting level of ``core`` looks at."""
    reach = grid.hop * (samples_at_least(rest.window_s, signal.rate_hz) // grid.hop + 1)
    return max(0, core[0] - reach), min(len(signal.samples), core[1] + reach)


def blocked_in(unusable: Unusable, n: int, rate_hz: float, rule: UsableRule) -> Intervals:
    """Return what cannot be trusted of ``n`` samples, margins included."""
    return widened(unusable.runs(), samples_at_least(rule.margin_s, rate_hz), n)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Amplitude:
    """The amplitude of a stretch and what it is compared with.

    ``rectified`` is without hum and heart; ``sums`` the running sum of its means over steps;
    ``cells_uv`` its means over cells, NaN where unusable; ``rest_uv`` the resting level at the
    edges of hops; ``heart`` what was taken out.
    """

    rectified: NDArray[np.float32]
    sums: NDArray[np.float64]
    cells_uv: NDArray[np.float64]
    rest_uv: NDArray[np.float64]
    heart: HeartLeft | None = None

    def at_steps(
        self, window: tuple[int, int], grid: Grid
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the envelope and the resting level at every step of ``window``."""
        level = ramp_between(self.rest_uv, grid.hop, window, grid.step)
        return envelope_at(self.sums, window, len(level), grid), level


def amplitude_of(
    filtered: NDArray[np.float32],
    place: tuple[int, int, int],
    blocked: Intervals,
    settings: tuple[Grid, EmgConditioning],
    interference: Interference,
) -> Amplitude:
    """Return the amplitude of band-passed samples, which are overwritten.

    ``place`` is the first sample, counted in the signal, and where the core begins and ends,
    counted from it; ``blocked`` what is unusable, counted from it likewise.
    """
    (low, first, last), (grid, conditioning) = place, settings
    rate_hz = interference.rate_hz
    rectified, left = _rectified(filtered, (first, last), low, rate_hz, interference)
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
    return Amplitude(rectified=rectified, sums=sums, cells_uv=cells, rest_uv=rest, heart=left)


def envelope_at(
    sums: NDArray[np.float64], window: tuple[int, int], n_steps: int, grid: Grid
) -> NDArray[np.float32]:
    """Return the mean that is compared with the thresholds, at every step of ``window``."""
    begin = window[0] // grid.step
    return centred_mean(sums, grid.amplitude_window, (begin, min(begin + n_steps, len(sums) - 1)))


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
