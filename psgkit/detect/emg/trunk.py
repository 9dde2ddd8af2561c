"""Trunk EMG: heart beats and breathing are subtracted before the rule is applied."""

from dataclasses import field

import numpy as np
from numpy.typing import NDArray

from psgkit.conditioning.cardiac.beats import BeatRule, Beats
from psgkit.conditioning.cardiac.removal import (
    FEWEST_BEATS,
    RemovalRule,
    Removed,
    joined,
    remove_beats,
    spike_removal,
)
from psgkit.conditioning.cardiac.spikes import PacedBeats, SpikeRule
from psgkit.conditioning.emg.resting import HOP_CELLS, ramp_between
from psgkit.core.bounds import samples_nearest
from psgkit.core.dataclass import dataclass
from psgkit.core.intervals import paint, runs_of_true
from psgkit.core.ranges import check_ranges
from psgkit.detect.emg.grid import Grid


@dataclass(frozen=True, kw_only=True, slots=True)
class BeatAmplitudeRule:
    """How the amplitude at a beat is estimated from the amplitude around it.

    Attributes
    ----------
    half_s, odd_half_s : float
        Half length of the remains of a subtracted beat, and of a beat that was not subtracted.
    beside_s : float
        Length of the means on both sides.
    most_raised : float
        Largest factor by which amplitude is raised, as subtraction also removes a little EMG.
    """

    half_s: float = 0.07
    odd_half_s: float = 0.16
    beside_s: float = 0.1
    most_raised: float = 2.0

    def __post_init__(self) -> None:
        check_ranges(self)


@dataclass(frozen=True, kw_only=True, slots=True)
class BreathingRule:
    """What counts as breathing in the amplitude.

    Attributes
    ----------
    low_hz, high_hz : float
        Range of 10 to 25 breaths a minute.
    window_s, every_s : float
        Length of the window of a fit, and time between fits.
    quiet_uv, margin_s : float
        Amplitudes above rest plus this, and those within this time of them, are not breathing.
    min_share : float
        Least share of the variance at rest that breathing explains.
    min_uv, max_uv : float
        Lowest and highest amplitude of breathing that is subtracted.
    """

    low_hz: float = 0.16
    high_hz: float = 0.42
    window_s: float = 20.0
    every_s: float = 4.0
    quiet_uv: float = 9.0
    margin_s: float = 0.3
    min_share: float = 0.2
    min_uv: float = 0.3
    max_uv: float = 6.0

    def __post_init__(self) -> None:
        check_ranges(self)
        if self.low_hz >= self.high_hz:
            raise ValueError(f"low_hz lies below high_hz, got {self.low_hz} and {self.high_hz}")


_CELLS_PER_S = 10
_STEPS_HZ = 0.01


def _fitted(
    above: NDArray[np.float64], quiet: NDArray[np.bool_], rule: BreathingRule
) -> NDArray[np.float32]:
    """Return the fits of overlapping windows, each counting most in its middle."""
    width, every = (round(s * _CELLS_PER_S) for s in (rule.window_s, rule.every_s))
    n_windows = -(-len(above) // every) + 1
    filled = np.zeros(n_windows * every + width, dtype=np.float32)
    weight = np.zeros_like(filled)
    place = slice(width // 2, width // 2 + len(above))
    filled[place], weight[place] = np.where(quiet, above, 0.0), quiet
    rows, weights = (
        np.lib.stride_tricks.sliding_window_view(values, width)[::every][:n_windows]
        for values in (filled, weight)
    )
    taper = np.hanning(width + 2)[1:-1].astype(np.float32)
    waves = _waves(rows, weights * taper, width, rule) * taper
    n_parts = -(-width // every)
    parts = np.zeros((n_windows, n_parts * every), dtype=np.float32)
    parts[:, :width] = waves
    tapers = np.zeros(n_parts * every, dtype=np.float32)
    tapers[:width] = taper
    total = np.zeros((n_windows + n_parts, every), dtype=np.float32)
    for k in range(n_parts):
        total[k : k + n_windows] += parts[:, k * every : (k + 1) * every]
    shares = tapers.reshape(n_parts, every).sum(axis=0)
    return np.asarray((total / shares).reshape(-1)[place], dtype=np.float32)


def _quiet(above: NDArray[np.float64], rule: BreathingRule) -> NDArray[np.bool_]:
    loud = runs_of_true(~(above <= rule.quiet_uv))
    margin = round(rule.margin_s * _CELLS_PER_S)
    return ~paint(loud + np.array([-margin, margin]), len(above))


def _waves(
    rows: NDArray[np.float32], weights: NDArray[np.float32], width: int, rule: BreathingRule
) -> NDArray[np.float32]:
    """Return the breathing in each window, shape ``(n_windows, width)``."""
    at_s = (np.arange(width) - (width - 1) / 2) / _CELLS_PER_S
    rates = np.arange(rule.low_hz, rule.high_hz + _STEPS_HZ / 2, _STEPS_HZ)
    turns = (2 * np.pi * np.outer(rates, at_s)).astype(np.float32)
    total = np.maximum(weights.sum(axis=1), 1e-6)
    centred = rows - (np.einsum("ij,ij->i", rows, weights) / total)[:, None]
    weighted = centred * weights
    # threads slow down so small a product
    cosine, sine = (np.einsum("ij,kj->ik", weighted, f(turns)) for f in (np.cos, np.sin))
    power = cosine**2 + sine**2
    tones = [f(k * turns) for k in (1, 2) for f in (np.cos, np.sin)]
    basis = np.stack((np.ones_like(turns), *tones), axis=1)[power.argmax(axis=1)]
    weighted = basis * weights[:, None, :]
    normal = np.einsum("ijl,ikl->ijk", weighted, basis).astype(np.float64)
    normal += 1e-3 * total[:, None, None] * np.eye(5)
    products = np.einsum("ijl,il->ij", weighted, rows)
    factors = np.linalg.solve(normal, products[:, :, None])[:, :, 0].astype(np.float32)
    factors[:, 0] = 0.0
    waves = np.einsum("ij,ijl->il", factors, basis)
    swing = np.sqrt(np.einsum("ij,ij->i", waves, waves * weights) / total)
    spread = np.sqrt(np.einsum("ij,ij->i", centred, centred * weights) / total)
    uv = np.sqrt(2) * swing
    breathes = (swing**2 >= rule.min_share * spread**2) & (uv >= rule.min_uv)
    # a third of the window must be quiet, or a few cells would decide the fit
    breathes &= total > weights.max(initial=0.0) * width / 6
    limit = np.minimum(1.0, rule.max_uv / np.maximum(uv, 1e-6))
    return np.asarray(waves * (limit * breathes)[:, None], dtype=np.float32)


def breathing(
    cells_uv: NDArray[np.float64], rest_uv: NDArray[np.float64], rule: BreathingRule
) -> NDArray[np.float32] | None:
    """Return what breathing adds to each cell, or None without breathing.

    Parameters
    ----------
    cells_uv : array, shape (n,)
        Mean rectified EMG of cells of 0.1 s, NaN where unusable.
    rest_uv : array
        Resting level at the edges of hops.
    rule : BreathingRule
    """
    width = round(rule.window_s * _CELLS_PER_S)
    if len(cells_uv) < width:
        return None
    above = cells_uv - ramp_between(rest_uv, HOP_CELLS, (0, len(cells_uv)))
    found = _fitted(above, _quiet(above, rule), rule)
    if not found.any():
        return None
    # breathing lowers the resting level, so cells raised by it may not count as quiet at first
    found = _fitted(above, _quiet(above - found, rule), rule)
    return found if found.any() else None


@dataclass(frozen=True, kw_only=True, slots=True)
class HeartRule:
    """How heart beats and breathing are subtracted from EMG.

    Attributes
    ----------
    groups : tuple of str
        Groups of channels they are subtracted from.
    beats : BeatRule
    removal : RemovalRule
    amplitude : BeatAmplitudeRule
    breathing : BreathingRule
    spikes, spike_removal : SpikeRule, RemovalRule
        Of a pacemaker; each spike is shorter than a beat, and has a template of its own.
    """

    groups: tuple[str, ...] = ("trunk",)
    beats: BeatRule = field(default_factory=BeatRule)
    removal: RemovalRule = field(default_factory=RemovalRule)
    amplitude: BeatAmplitudeRule = field(default_factory=BeatAmplitudeRule)
    breathing: BreathingRule = field(default_factory=BreathingRule)
    spikes: SpikeRule = field(default_factory=SpikeRule)
    spike_removal: RemovalRule = field(default_factory=spike_removal)

    def __post_init__(self) -> None:
        check_ranges(self)


@dataclass(frozen=True, kw_only=True, slots=True)
class HeartLeft:
    """Heart beats and breathing subtracted from one stretch, and their remains.

    Attributes
    ----------
    beats_n : int
        Beats that showed in the EMG.
    peak_uv : float
        Median of their peaks.
    before_uv, after_uv : float
        Mean rectified EMG at quiet beats less that between beats, before and after.
    breathing_uv : float
        Amplitude of breathing: its root mean square times the root of two.
    """

    beats_n: int
    peak_uv: float
    before_uv: float
    after_uv: float
    breathing_uv: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class HeartFilter:
    """Subtract the heart beats at known times from one signal.

    Attributes
    ----------
    beats : Beats
    start_s, rate_hz : float
        Of the signal.
    rule : HeartRule
    source : str
        Channel or channels that show the beats, in words.
    pacing : PacedBeats, optional
        The same beats, where a pacemaker is seen.
    """

    beats: Beats
    start_s: float
    rate_hz: float
    rule: HeartRule
    source: str = ""
    pacing: PacedBeats | None = None

    def removed(self, filtered: NDArray[np.float32], first: int) -> Removed:
        """Return band-passed samples, the first of which is number ``first``, without the beats."""
        kinds: tuple[NDArray[np.float64], ...] = (self.beats.times_s,)
        if self.pacing is not None:
            for times_s in self.pacing.apart_s:
                at = self._inside(times_s, first, len(filtered))
                filtered = remove_beats(filtered, at, self.rate_hz, self.rule.spike_removal).samples
            kinds = (self.pacing.paced_s, self.pacing.own_s)
        places = [self._inside(times_s, first, len(filtered)) for times_s in kinds]
        if min(len(at) for at in places) < FEWEST_BEATS:  # a kind without a template
            places = [np.sort(np.concatenate(places))]
        removed = []
        for at in places:
            removed.append(remove_beats(filtered, at, self.rate_hz, self.rule.removal))
            filtered = removed[-1].samples
        return joined(removed)

    def _inside(self, times_s: NDArray[np.float64], first: int, n: int) -> NDArray[np.float64]:
        """Return times as fractional samples after number ``first``, those within ``n`` samples."""
        at = (times_s - self.start_s) * self.rate_hz - first
        return at[(at >= 0) & (at < n)]

    def rectified(
        self, removed: Removed, filtered: NDArray[np.float32], core: tuple[int, int]
    ) -> tuple[NDArray[np.float32], HeartLeft]:
        """Return rectified EMG corrected at beats, and the beats subtracted in samples ``core``."""
        raw = np.abs(removed.samples)
        level = levelled_at_beats(raw, removed, self.rate_hz, self.rule.amplitude)
        inside = (removed.middle >= core[0]) & (removed.middle < core[1])
        if not inside.any():
            return level, HeartLeft(beats_n=0, peak_uv=0.0, before_uv=0.0, after_uv=0.0)
        middle = np.rint(removed.middle[inside]).astype(np.int64)
        before = self._locked(np.abs(filtered), level, middle)
        after = self._locked(level, level, middle)
        left = HeartLeft(
            beats_n=int(inside.sum()),
            peak_uv=float(np.median(removed.peak_uv[inside])),
            before_uv=before,
            after_uv=after,
        )
        return level, left

    def _locked(
        self, rectified: NDArray[np.float32], level: NDArray[np.float32], middle: NDArray[np.int64]
    ) -> float:
        """Return the median excess of rectified EMG at beats over that half-way to the next."""
        half = samples_nearest(0.05, self.rate_hz)
        around = np.arange(-half, half + 1)
        n = len(rectified)
        between = np.append((middle[1:] + middle[:-1]) // 2, middle[-1:])
        at, away = (np.clip(places[:, None] + around, 0, n - 1) for places in (middle, between))
        rest = level[away].mean(axis=1)
        quiet = rest <= np.quantile(rest, 0.5)
        return float(np.median((rectified[at].mean(axis=1) - rest)[quiet]))

    def without_breathing(
        self,
        rectified: NDArray[np.float32],
        cells: NDArray[np.float64],
        rest: NDArray[np.float64],
        grid: Grid,
    ) -> tuple[NDArray[np.float32], float]:
        """Return rectified EMG without what breathing adds, and its amplitude in microvolts."""
        found = breathing(cells, rest, self.rule.breathing)
        if found is None:
            return rectified, 0.0
        middles = (np.arange(len(found)) + 0.5) * grid.hop / HOP_CELLS
        steps = np.arange(0, len(rectified), grid.step) + grid.step / 2
        added = np.interp(steps, middles, found).astype(np.float32)
        swing = float(np.sqrt(2 * np.mean(found**2)))
        return rectified - np.repeat(added, grid.step)[: len(rectified)], swing


def levelled_at_beats(
    rectified: NDArray[np.float32], removed: Removed, rate_hz: float, rule: BeatAmplitudeRule
) -> NDArray[np.float32]:
    """Return rectified EMG scaled at each beat to a mean between those before and after it.

    Examples
    --------
    >>> rectified = np.ones(400, dtype=np.float32)
    >>> rectified[200] = 100
    >>> beat = Removed(
    ...     samples=rectified, middle=np.array([200.0]), odd=np.array([False]), peak_uv=np.ones(1)
    ... )
    >>> round(float(levelled_at_beats(rectified, beat, 200.0, BeatAmplitudeRule()).mean()), 2)
    1.0
    """
    out = rectified.copy()
    beside = samples_nearest(rule.beside_s, rate_hz)
    for odd, half_s in ((False, rule.half_s), (True, rule.odd_half_s)):
        middle = np.rint(removed.middle[removed.odd == odd]).astype(np.int64)
        half = samples_nearest(half_s, rate_hz)
        reach = half + beside
        # beyond the ends the last value continues
        places = np.clip(middle[:, None] + np.arange(-reach, reach + 1), 0, len(out) - 1)
        rows = out[places]
        inner = slice(beside, beside + 2 * half + 1)
        factor = _factor(rows, inner, rule.most_raised)
        out[places[:, inner]] = rows[:, inner] * factor[:, None]
    return out


def _factor(rows: NDArray[np.float32], inner: slice, most_raised: float) -> NDArray[np.float32]:
    """Return the factor that brings the inner part of each row between its two outer parts."""
    left, right = rows[:, : inner.start].mean(axis=1), rows[:, inner.stop :].mean(axis=1)
    here = np.maximum(rows[:, inner].mean(axis=1), np.float32(1e-9))
    wanted = np.clip(here, np.minimum(left, right), np.maximum(left, right))
    return np.asarray(np.clip(wanted / here, 0.0, most_raised), dtype=np.float32)
