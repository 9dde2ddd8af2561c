"""Find heart beats in an ECG channel, or in any channel into which the heart leaks.

A QRS complex is a burst of energy between 8 and 30 Hz with the same shape from beat to beat.  Peaks
of energy are therefore compared with their mean shape.  Peaks of noise and movements have no common
shape, so a signal without an ECG has no beats.  The result does not depend on polarity or unit.
The numbers are psgkit's own choice.
"""

from dataclasses import field

import numpy as np
from numpy.typing import NDArray

from psgkit.conditioning.cardiac.pulses import PulseRule, without_pulses
from psgkit.conditioning.emg.band import Band, filter_zero_phase, mirror_ends, response_samples
from psgkit.conditioning.emg.envelope import centred_mean, running_sum, step_means
from psgkit.conditioning.emg.usable import UsableRule, bridged, read_stretch
from psgkit.core.bounds import samples_at_least, samples_nearest
from psgkit.core.dataclass import dataclass
from psgkit.core.intervals import Intervals, contains, drop_shorter_than, union
from psgkit.core.ranges import UPPER, check_ranges
from psgkit.core.signal import Signal

_STEPS_PER_S = 200.0
_STRETCH_S = 600.0
_MARGIN_S = 60.0
_BLOCK_S = 1.5
"""Longest interval between beats of a slow heart."""
_FEWEST = 3
"""Fewest peaks whose mean is a shape."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BeatRule:
    """When a peak of energy is a heart beat.

    Attributes
    ----------
    low_hz, high_hz : float
        Band in which QRS complexes stand out.
    energy_s : float
        Length of the mean that makes one peak of a complex.
    apart_s : float
        Beats are at least this far apart: 240 a minute.
    level_share : float
        A beat reaches this share of the usual height of beats around it.
    level_s : float
        Length of that surrounding.
    shape_s, lag_s : float
        Half length of the shape, and largest distance of a peak of energy from the best fit.
    likeness : float
        Correlation with the shape from which a peak is a beat.
    min_share, min_regular : float
        Least share of the peaks around that fit the shape, and least share of these that follow
        each other as regularly as a heart.
    sure_share : float
        Share of fitting peaks from which regularity is not required: hearts may be irregular.
    max_change : float
        Largest ratio of neighbouring intervals that counts as regular.
    max_interval_s : float
        A longer interval ends a rhythm.
    min_rhythm_s : float
        Shortest rhythm.
    pulses : PulseRule
        Spikes, which are no part of a beat.
    """

    low_hz: float = 8.0
    high_hz: float = 30.0
    energy_s: float = 0.07
    apart_s: float = 0.25
    level_share: float = 0.45
    level_s: float = 30.0
    shape_s: float = 0.08
    lag_s: float = 0.012
    likeness: float = 0.6
    min_share: float = 0.35
    min_regular: float = 0.4
    sure_share: float = 0.7
    max_change: float = 1.25
    max_interval_s: float = 2.5
    min_rhythm_s: float = 8.0
    pulses: PulseRule = field(default_factory=PulseRule)

    def __post_init__(self) -> None:
        check_ranges(self, max_change=(1.0, UPPER))
        if self.low_hz >= self.high_hz:
            raise ValueError(f"low_hz lies below high_hz, got {self.low_hz} and {self.high_hz}")


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Beats:
    """Heart beats, and the stretches with a rhythm.

    Attributes
    ----------
    times_s : array, shape (n,)
        Seconds from the start of the recording, sorted.
    covered : Intervals
        Seconds in which beats follow each other; outside, the beats are unknown.
    """

    times_s: NDArray[np.float64]
    covered: Intervals

    @classmethod
    def at(cls, times_s: NDArray[np.float64], rule: BeatRule) -> "Beats":
        """Return the beats at sorted times, without those outside a rhythm."""
        if not len(times_s):
            return cls(times_s=times_s, covered=np.empty((0, 2)))
        reach = rule.max_interval_s / 2
        near = union(np.column_stack((times_s - reach, times_s + reach)))
        covered = drop_shorter_than(rule.min_rhythm_s + 2 * reach, near)
        # a rhythm ends at its last beat
        covered = np.column_stack((covered[:, 0] + reach, covered[:, 1] - reach + 1e-6))
        return cls(times_s=times_s[contains(covered, times_s)], covered=covered)

    def filled(self, other: "Beats") -> "Beats":
        """Return these beats, and those of ``other`` outside the rhythms of these."""
        extra = other.times_s[~contains(self.covered, other.times_s)]
        return Beats(
            times_s=np.sort(np.concatenate((self.times_s, extra))),
            covered=union(self.covered, other.covered),
        )


def find_beats(signal: Signal, rule: BeatRule) -> Beats:
    """Return the heart beats in ``signal``.

    Parameters
    ----------
    signal : Signal
        In any unit, of at least 50 Hz.
    rule : BeatRule

    Examples
    --------
    >>> at = np.arange(60 * 200)
    >>> noise = np.random.default_rng(0).standard_normal(len(at))
    >>> ecg = Signal(samples=noise + 40 * (at % 160 < 4), rate_hz=200.0)
    >>> round(float(np.diff(find_beats(ecg, BeatRule()).times_s).mean()), 3)
    0.8
    """
    rate_hz, n = signal.rate_hz, len(signal.samples)
    core, margin = (samples_at_least(s, rate_hz) for s in (_STRETCH_S, _MARGIN_S))
    found = [np.empty(0)]
    for first in range(0, n, core):
        low, high = max(0, first - margin), min(n, first + core + margin)
        at = _beats_of_stretch(signal, low, high, rule)
        found.append(at[(at >= first) & (at < first + core)])
    return Beats.at(signal.start_s + np.concatenate(found) / rate_hz, rule)


def _beats_of_stretch(signal: Signal, low: int, high: int, rule: BeatRule) -> NDArray[np.float64]:
    """Return the positions of beats in a stretch, in fractional samples of the signal."""
    rate_hz, pad = signal.rate_hz, response_samples(signal.rate_hz)
    raw, unusable = read_stretch(signal, low, high, UsableRule())
    raw, blocked = raw.astype(np.float32), unusable.runs()
    band = Band(low_hz=rule.low_hz, high_hz=rule.high_hz, order=2).clipped(rate_hz)
    # the spikes of a pacemaker have more energy than the beats they cause
    clear = without_pulses(bridged(raw, blocked), rate_hz, rule.pulses)
    whole = mirror_ends(clear, pad, pad)
    filtered = filter_zero_phase(whole, band, rate_hz)
    peaks = _energy_peaks(filtered, rate_hz, rule)
    peaks = peaks[~contains(blocked, peaks)]
    if len(peaks) < _FEWEST:
        return np.empty(0)
    at, likeness, height = _fitted(filtered, peaks, rate_hz, rule)
    return low + at[_are_beats(at, likeness >= rule.likeness, height, rule.level_s * rate_hz, rule)]


def _are_beats(
    at: NDArray[np.float64],
    alike: NDArray[np.bool_],
    height: NDArray[np.float64],
    reach: float,
    rule: BeatRule,
) -> NDArray[np.bool_]:
    """Return which peaks are beats, judged with the peaks around them."""
    share = _mean_around(at, alike, reach)
    usual_height = _mean_around(at, alike * height, reach) / np.maximum(share, 1e-9)
    regular = np.zeros(len(at))
    regular[alike] = _mean_around(at[alike], _are_regular(at[alike], rule.max_change), reach)
    beats = alike & (share >= rule.min_share) & (regular >= rule.min_regular)
    # where nearly all peaks fit, odd ones are beats, too; low peaks are not, as a heart may stop
    high = height >= rule.level_share * usual_height
    return np.asarray(high & (beats | (share >= rule.sure_share)))


def _energy_peaks(
    filtered: NDArray[np.float32], rate_hz: float, rule: BeatRule
) -> NDArray[np.int64]:
    """Return the samples of local maxima of energy that reach the height of beats around."""
    step = max(1, int(rate_hz / _STEPS_PER_S))
    power = step_means(filtered**2, step)
    window = samples_nearest(rule.energy_s, rate_hz / step) | 1
    height = np.sqrt(np.maximum(centred_mean(running_sum(power), window), 0))
    reach = samples_nearest(rule.apart_s, rate_hz / step)
    is_peak = (height > 0) & (height >= _largest_around(height, reach))
    at = np.flatnonzero(is_peak)
    block = samples_nearest(_BLOCK_S, rate_hz / step)
    level = _usual_height(height, block, samples_nearest(rule.level_s / _BLOCK_S, 1.0))
    at = at[height[at] >= rule.level_share * level[np.minimum(at // block, len(level) - 1)]]
    return at * step + step // 2


def _largest_around(values: NDArray[np.float32], reach: int) -> NDArray[np.float32]:
    """Return the moving maximum over ``reach`` values on each side, by doubling windows."""
    width, filled = 2 * reach + 1, np.pad(values, reach, constant_values=-np.inf)
    done = 1
    while done < width:
        shift = min(done, width - done)
        filled = np.maximum(filled[: len(filled) - shift], filled[shift:])
        done += shift
    return filled


def _usual_height(height: NDArray[np.float32], block: int, n_around: int) -> NDArray[np.float32]:
    """Return the median height of the largest peaks of the blocks around each block."""
    n_blocks = max(1, len(height) // block)
    largest = height[: n_blocks * block].reshape(n_blocks, -1).max(axis=1)
    # a disconnected electrode has no beats whose height could be measured
    known = np.where(largest > 0, largest, np.nan)
    padded = np.pad(known, n_around // 2, constant_values=np.nan)
    around = np.lib.stride_tricks.sliding_window_view(padded, n_around // 2 * 2 + 1)
    some = ~np.isnan(around).all(axis=1)
    usual = np.full(n_blocks, np.inf, dtype=np.float32)
    usual[some] = np.nanmedian(around[some], axis=1)
    return usual


def _fitted(
    filtered: NDArray[np.float32], peaks: NDArray[np.int64], rate_hz: float, rule: BeatRule
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return where the mean shape fits best around each peak, how well, and how high peaks are."""
    half, lag = samples_nearest(rule.shape_s, rate_hz), samples_nearest(rule.lag_s, rate_hz) + 1
    reach = half + lag
    rows = np.lib.stride_tricks.sliding_window_view(np.pad(filtered, reach), 2 * reach + 1)[peaks]
    norm = np.sqrt(np.einsum("ij,ij->i", rows, rows)) + 1e-30
    # normalise each peak: one large artefact must not become the shape
    unit = rows / norm[:, None]
    shape = unit[:, lag : len(unit[0]) - lag].mean(axis=0)
    best = np.zeros(len(peaks))
    likeness = np.zeros(len(peaks))
    for _ in range(2):
        fits = _likeness(rows, shape)
        at = np.clip(fits.argmax(axis=1), 1, 2 * lag - 1)
        row = np.arange(len(peaks))
        before, here, after = (fits[row, at + k] for k in (-1, 0, 1))
        bend = np.minimum(before + after - 2 * here, -1e-9)
        best = at - lag + np.clip((before - after) / (2 * bend), -0.5, 0.5)
        likeness = here
        good = likeness >= min(rule.likeness, float(np.median(likeness)))
        columns = at[good, None] + np.arange(2 * half + 1)
        shape = unit[np.flatnonzero(good)[:, None], columns].mean(axis=0)
    return peaks + best, likeness, norm.astype(np.float64)


def _likeness(rows: NDArray[np.float32], shape: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the correlation of each row with the shape at each lag."""
    views = np.lib.stride_tricks.sliding_window_view(rows, len(shape), axis=1)
    power = np.lib.stride_tricks.sliding_window_view(rows**2, len(shape), axis=1).sum(axis=2)
    scale = np.sqrt(power * float(shape @ shape)) + 1e-30
    return np.asarray((views @ shape) / scale, dtype=np.float64)


def _mean_around(
    at: NDArray[np.float64], values: NDArray[np.generic], reach: float
) -> NDArray[np.float64]:
    """Return the mean value of the peaks within reach of each peak."""
    first, last = (np.searchsorted(at, at + side * reach) for side in (-1, 1))
    sums = np.append(0.0, np.cumsum(values, dtype=np.float64))
    return np.asarray((sums[last] - sums[first]) / np.maximum(last - first, 1))


def _are_regular(at: NDArray[np.float64], max_change: float) -> NDArray[np.bool_]:
    """Return which peaks have similar intervals before and after."""
    ratio = np.ones(len(at))
    interval = np.diff(at)
    ratio[1:-1] = interval[1:] / np.maximum(interval[:-1], 1e-9)
    return (ratio <= max_change) & (ratio >= 1 / max_change)
