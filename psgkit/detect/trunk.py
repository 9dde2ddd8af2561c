"""Trunk EMG: what the heart and breathing leave in it is taken out before the rule is applied."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from psgkit.conditioning.cardiac_beats import BeatRule, Beats
from psgkit.conditioning.cardiac_removal import RemovalRule, Removed, remove_beats
from psgkit.conditioning.resting import HOP_CELLS
from psgkit.core.bounds import samples_nearest
from psgkit.detect.emg_grid import Grid
from psgkit.detect.trunk_amplitude import (
    BeatAmplitudeRule,
    BreathingRule,
    breathing,
    levelled_at_beats,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class HeartRule:
    """How heart beats and breathing are taken out of EMG.

    Attributes
    ----------
    groups : tuple of str
        Groups of channels it is done for.
    beats : BeatRule
    removal : RemovalRule
    amplitude : BeatAmplitudeRule
    breathing : BreathingRule
    """

    groups: tuple[str, ...] = ("trunk",)
    beats: BeatRule = field(default_factory=BeatRule)
    removal: RemovalRule = field(default_factory=RemovalRule)
    amplitude: BeatAmplitudeRule = field(default_factory=BeatAmplitudeRule)
    breathing: BreathingRule = field(default_factory=BreathingRule)


@dataclass(frozen=True, kw_only=True, slots=True)
class HeartLeft:
    """What was taken out of one stretch, and what is left.

    Attributes
    ----------
    beats_n : int
        Beats that showed in the EMG.
    peak_uv : float
        Median of their peaks.
    before_uv, after_uv : float
        Mean rectified EMG at quiet beats less that between beats, before and after.
    breathing_uv : float
        Root mean square of what breathing added and took, times the root of two.
    """

    beats_n: int
    peak_uv: float
    before_uv: float
    after_uv: float
    breathing_uv: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class HeartFilter:
    """Take the heart beats at known times out of one signal.

    Attributes
    ----------
    beats : Beats
    start_s, rate_hz : float
        Of the signal.
    rule : HeartRule
    source : str
        Where the beats are known from, in words.
    """

    beats: Beats
    start_s: float
    rate_hz: float
    rule: HeartRule
    source: str = ""

    def removed(self, filtered: NDArray[np.float32], first: int) -> Removed:
        """Return the band-passed samples from sample ``first`` on less the beats."""
        at = (self.beats.times_s - self.start_s) * self.rate_hz - first
        inside = at[(at >= 0) & (at < len(filtered))]
        return remove_beats(filtered, inside, self.rate_hz, self.rule.removal)

    def rectified(
        self, removed: Removed, filtered: NDArray[np.float32], core: tuple[int, int]
    ) -> tuple[NDArray[np.float32], HeartLeft]:
        """Return rectified EMG read past the beats, and what was done to samples ``core``."""
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
        """Return the median of what rectified EMG at beats has more than half-way to the next."""
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
        """Return rectified EMG less what breathing adds, and how much that is, in microvolts."""
        found = breathing(cells, rest, self.rule.breathing)
        if found is None:
            return rectified, 0.0
        middles = (np.arange(len(found)) + 0.5) * grid.hop / HOP_CELLS
        steps = np.arange(0, len(rectified), grid.step) + grid.step / 2
        added = np.interp(steps, middles, found).astype(np.float32)
        swing = float(np.sqrt(2 * np.mean(found**2)))
        return rectified - np.repeat(added, grid.step)[: len(rectified)], swing
