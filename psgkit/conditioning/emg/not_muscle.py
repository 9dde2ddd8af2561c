"""Parts of band-passed EMG that no muscle made: sway of a cable, and hum of an open electrode.

Muscles show above 25 Hz; a swaying cable ends below, and its filtered edges reach the thresholds of
a movement.  An electrode that is off shows hum and little else.  Both are judged by the spectrum of
half a second, only where the amplitude exceeds rest.  The numbers are psgkit's own choice: half a
second of real movements, recorded with surface electrodes, has 45 to 100 % of its amplitude above
25 Hz, of cables 10 to 25 %.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from psgkit.conditioning.emg.band import Band, filter_zero_phase, mirror_ends, response_samples
from psgkit.core.intervals import Intervals, runs_of_true, union


@dataclass(frozen=True, kw_only=True, slots=True)
class NotMuscleRule:
    """When EMG above rest is no muscle, and what remains of it.

    Attributes
    ----------
    enabled : bool
    from_hz : float
        Cables sway below.
    least_share : float
        Least share of the amplitude above ``from_hz``; below it the part above alone is kept.
    most_crest : float
        Where a cable sways, the largest tenth of a second within a second is at most this many
        times the median; heart beats are as slow, but leave pauses.
    most_hum : float
        Largest share of the amplitude that is one tone of ``hum_hz``; above it nothing is kept.
    hum_hz : tuple of float
    margin_s : float
        How far around activity above rest the spectrum is looked at.
    """

    enabled: bool = True
    from_hz: float = 25.0
    least_share: float = 0.3
    most_crest: float = 3.5
    most_hum: float = 0.85
    hum_hz: tuple[float, ...] = (50.0, 60.0)
    margin_s: float = 0.5

    def __post_init__(self) -> None:
        if not (self.from_hz > 0 and 0 <= self.least_share < 1 and self.most_hum > 0):
            raise ValueError(f"shares of muscle must be positive and below 1, got {self}")


_LEAST_ABOVE = 1.3
"""The band must reach this many times ``from_hz``, or nothing of muscle lies above."""

_WINDOW_CELLS = 5
"""Cells of 0.1 s over which a spectrum is judged."""
_STEADY_CELLS = 11
"""Cells in which a cable keeps swaying and a heart pauses."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class NotMuscle:
    """Which cells of a stretch no muscle made, and the samples of its active parts above 25 Hz.

    Attributes
    ----------
    swaying, humming : bool array, shape (n_cells,)
    parts : Intervals
        Samples of the active parts, disjoint.
    above : float32 array
        Samples of all parts, one behind the other, without what lies below ``from_hz``.
    """

    swaying: NDArray[np.bool_]
    humming: NDArray[np.bool_]
    parts: Intervals
    above: NDArray[np.float32]

    def any(self) -> bool:
        """Return whether there is any."""
        return bool(self.swaying.any() or self.humming.any())

    def removed_from(self, samples: NDArray[np.float32], edges: NDArray[np.int64]) -> None:
        """Remove sway and hum from ``samples`` in place; ``edges`` are those of the cells."""
        wanted = _of_parts(self.parts)
        cell = np.searchsorted(edges, wanted, side="right") - 1
        swaying = self.swaying[cell]
        samples[wanted[swaying]] = self.above[swaying]
        # the filter spreads the edges of hum over the cells beside
        humming = runs_of_true(self.humming)
        for first, stop in humming:
            begin, end = max(first - 1, 0), min(stop + 1, len(edges) - 1)
            samples[edges[begin] : edges[end]] = 0.0


def not_muscle(
    samples: NDArray[np.float32],
    cells_uv: NDArray[np.floating],
    active: NDArray[np.bool_],
    edges: NDArray[np.int64],
    band: Band,
    rate_hz: float,
    rule: NotMuscleRule,
) -> NotMuscle | None:
    """Return which active cells no muscle made; None if there are none to look at.

    Parameters
    ----------
    samples : float32 array, shape (n,)
        Band-passed, without mains hum.
    cells_uv : array, shape (n_cells,)
        Mean rectified amplitude of each cell, NaN where unusable.
    active : bool array, shape (n_cells,)
        Cells above rest.
    edges : int64 array, shape (n_cells + 1,)
        First sample of each cell, and the end of the last.
    band : Band
        The pass band, clipped to the rate.
    rate_hz : float
    rule : NotMuscleRule
    """
    if not rule.enabled or band.high_hz < _LEAST_ABOVE * rule.from_hz or not active.any():
        return None
    margin = round(rule.margin_s * 10)
    runs = runs_of_true(active) + np.array([-margin, margin])
    cells = union(np.clip(runs, 0, len(active)))
    parts = edges[cells]
    wanted = _of_parts(parts)
    own = samples[wanted]
    pad = response_samples(rate_hz)
    high = Band(low_hz=rule.from_hz, high_hz=band.high_hz, order=band.order)
    above = filter_zero_phase(mirror_ends(own, pad, pad), high, rate_hz)
    which = _of_parts(cells)
    starts = np.searchsorted(wanted, edges[which])
    size = _smoothed(np.add.reduceat(np.abs(own), starts))
    share = _smoothed(np.add.reduceat(np.abs(above), starts)) / size
    tone = np.zeros(len(which))
    for frequency_hz in rule.hum_hz:
        if frequency_hz < band.high_hz:
            turned = own * np.exp(-2j * np.pi * frequency_hz / rate_hz * wanted)
            sums = _smoothed(np.add.reduceat(turned, starts))
            # a sine of amplitude a has a mean rectified value of 2 a / pi
            tone = np.maximum(tone, 4 / np.pi * np.abs(sums) / size)
    swaying, humming = np.zeros((2, len(active)), dtype=np.bool_)
    slow = which[share < rule.least_share * _of_full_band(band, rule.from_hz)]
    if len(slow):
        swaying[slow] = _steady(cells_uv, rule)[slow]
    humming[which] = tone > rule.most_hum
    return NotMuscle(swaying=swaying, humming=humming, parts=parts, above=above)


def _steady(cells_uv: NDArray[np.floating], rule: NotMuscleRule) -> NDArray[np.bool_]:
    """Return around which cells the amplitude keeps its height, as heart beats and pops do not."""
    padded = np.pad(np.nan_to_num(cells_uv), _STEADY_CELLS // 2, "edge")
    around = np.lib.stride_tricks.sliding_window_view(padded, _STEADY_CELLS)
    return np.asarray(around.max(axis=1) <= rule.most_crest * np.median(around, axis=1))


def _of_full_band(band: Band, from_hz: float) -> float:
    """Return how much less of the amplitude lies above a frequency than in the full band."""
    full = Band()
    here, there = (max(one.high_hz - from_hz, 0.0) / one.width_hz for one in (band, full))
    return min(1.0, float(np.sqrt(here / there)))


def _of_parts(parts: Intervals) -> NDArray[np.int64]:
    """Return the numbers in half-open intervals, one behind the other."""
    length = parts[:, 1] - parts[:, 0]
    ends = np.cumsum(length)
    return np.asarray(np.arange(ends[-1]) + np.repeat(parts[:, 0] - ends + length, length))


def _smoothed(cells: NDArray[np.inexact]) -> NDArray[np.inexact]:
    """Return the sum over the window of cells around each."""
    half = _WINDOW_CELLS // 2
    sums = np.append(0, np.cumsum(cells))
    at = np.arange(len(cells))
    return np.asarray(sums[np.minimum(at + half + 1, len(cells))] - sums[np.maximum(at - half, 0)])
