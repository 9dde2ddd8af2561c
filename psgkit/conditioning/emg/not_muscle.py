"""Parts of band-passed EMG that no muscle made: sway of a cable, hum or noise of an open electrode.

Muscles show above 25 Hz; a swaying cable ends below, and its filtered edges reach the thresholds of
a movement.  An electrode that is off shows hum and little else.  Both are judged by the spectrum of
half a second, only where the amplitude exceeds rest.  The numbers are psgkit's own choice: half a
second of real movements, recorded with surface electrodes, has 45 to 100 % of its amplitude above
25 Hz, of cables 10 to 25 %.

An open input may also show the noise of the amplifier: loud, of one height, and equally strong at
all frequencies.  Muscles are rarely so steady or so white, and movements of the legs are shorter:
noise is looked for in twenty seconds of one height.
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from psgkit.conditioning.emg.band import Band, filter_zero_phase, mirror_ends, response_samples
from psgkit.core.dataclass import dataclass
from psgkit.core.intervals import Intervals, drop_shorter_than, runs_of_true, union
from psgkit.core.ranges import check_ranges


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
    least_added_uv : float
        Where rest is exceeded by this much, the spectrum is looked at, and the share is also taken
        of what is added to rest.
    most_crest : float
        Where a cable sways, the largest tenth of a second within a second is at most this many
        times the median; heart beats are as slow, but leave pauses.
    most_hum : float
        Largest share of the amplitude that is one tone of ``hum_hz``; above it nothing is kept.
    hum_hz : tuple of float
    margin_s : float
        How far around activity above rest the spectrum is looked at.
    noise_uv : float
        Noise of an open input is looked for from this amplitude on; 0 switches it off.
    noise_times_rest : float
        It is at least this many times the median amplitude around.
    noise_s : float
        It lasts at least this long: no movement of the legs does.
    most_noise_swing : float
        Largest standard deviation of its amplitude over 0.1 s, as a share of the mean.
    most_noise_db : float
        Largest difference between the parts of the band.
    """

    enabled: bool = True
    from_hz: float = 25.0
    least_share: float = 0.3
    least_added_uv: float = 2.0
    most_crest: float = 3.5
    most_hum: float = 0.85
    hum_hz: tuple[float, ...] = (50.0, 60.0)
    margin_s: float = 0.5
    noise_uv: float = 8.0
    noise_times_rest: float = 3.0
    noise_s: float = 20.0
    most_noise_swing: float = 0.23
    most_noise_db: float = 2.2

    def __post_init__(self) -> None:
        check_ranges(self)
        if not (self.from_hz > 0 and 0 <= self.least_share < 1 and self.most_hum > 0):
            raise ValueError(f"shares of muscle must be positive and below 1, got {self}")


_LEAST_ABOVE = 1.3
"""The band must reach this many times ``from_hz``, or nothing of muscle lies above."""

_WINDOW_CELLS = 5
"""Cells of 0.1 s over which a spectrum is judged."""
_PIECE_CELLS = 10
"""Cells whose spectrum is taken at once where noise is looked for."""
_NOISE_BANDS = 4
_HUM_BESIDE_HZ = 2.0
_OF_REST = 0.75
"""Power of rest above ``from_hz``, as a share of what white noise would have there."""
_STEADY_CELLS = 11
"""Cells in which a cable keeps swaying and a heart pauses."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class NotMuscle:
    """Which cells of a stretch no muscle made, and the samples of its active parts above 25 Hz.

    Attributes
    ----------
    swaying, humming, noisy : bool array, shape (n_cells,)
    parts : Intervals
        Samples of the active parts, disjoint.
    above : float32 array
        Samples of all parts, one behind the other, without what lies below ``from_hz``.
    """

    swaying: NDArray[np.bool_]
    humming: NDArray[np.bool_]
    noisy: NDArray[np.bool_]
    parts: Intervals
    above: NDArray[np.float32]

    def any(self) -> bool:
        """Return whether there is any."""
        return bool(self.swaying.any() or self.humming.any() or self.noisy.any())

    def removed_from(self, samples: NDArray[np.float32], edges: NDArray[np.int64]) -> None:
        """Remove sway, hum and noise from ``samples`` in place; ``edges`` are of the cells."""
        if self.swaying.any():
            wanted = _of_parts(self.parts)
            cell = np.searchsorted(edges, wanted, side="right") - 1
            swaying = self.swaying[cell]
            samples[wanted[swaying]] = self.above[swaying]
        # the filter spreads the edges of hum over the cells beside
        for first, stop in runs_of_true(self.humming | self.noisy):
            begin, end = max(first - 1, 0), min(stop + 1, len(edges) - 1)
            samples[edges[begin] : edges[end]] = 0.0


def not_muscle(
    samples: NDArray[np.float32],
    cells_uv: NDArray[np.floating],
    above_uv: NDArray[np.floating],
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
    above_uv : array, shape (n_cells,)
        The same less the resting level.
    edges : int64 array, shape (n_cells + 1,)
        First sample of each cell, and the end of the last.
    band : Band
        The pass band, clipped to the rate.
    rate_hz : float
    rule : NotMuscleRule
    """
    if not rule.enabled or band.high_hz < _LEAST_ABOVE * rule.from_hz:
        return None
    noisy = _noisy(samples, cells_uv, edges, band, rate_hz, rule)
    active = (above_uv >= rule.least_added_uv) | noisy
    if not active.any():
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
    high_part = _smoothed(np.add.reduceat(np.abs(above), starts))
    tones = [one / rate_hz for one in rule.hum_hz if one < band.high_hz]
    tone = _tone(own, starts, edges[which], tones) / size
    swaying, humming = np.zeros((2, len(active)), dtype=np.bool_)
    least = rule.least_share * _of_full_band(band, rule.from_hz)
    length = np.diff(edges)[which]
    rest = _smoothed(np.nan_to_num(cells_uv - above_uv)[which] * length)
    added = size - rest > rule.least_added_uv * _smoothed(length)
    # powers of rest and of what is added to it are summed, not amplitudes
    white = (band.high_hz - rule.from_hz) / band.width_hz
    high_power = high_part**2 - _OF_REST * white * rest**2
    slow = which[
        (high_part < least * size) | (added & (high_power < least**2 * (size**2 - rest**2)))
    ]
    swaying[slow] = _steady(cells_uv, slow, rule)
    humming[which] = tone > rule.most_hum
    return NotMuscle(swaying=swaying, humming=humming, noisy=noisy, parts=parts, above=above)


def _noisy(
    samples: NDArray[np.float32],
    cells_uv: NDArray[np.floating],
    edges: NDArray[np.int64],
    band: Band,
    rate_hz: float,
    rule: NotMuscleRule,
) -> NDArray[np.bool_]:
    """Return which cells are the noise of an open input."""
    noisy = np.zeros(len(cells_uv), dtype=np.bool_)
    if not rule.noise_uv or not len(cells_uv):
        return noisy
    n_pieces = max(round(rule.noise_s * 10 / _PIECE_CELLS), 1)
    amplitude_uv = np.nan_to_num(cells_uv)
    usual_uv = rule.noise_times_rest * float(np.median(amplitude_uv))
    loud = amplitude_uv >= max(rule.noise_uv, usual_uv)
    runs = drop_shorter_than(n_pieces * _PIECE_CELLS, runs_of_true(loud))
    if not len(runs):
        return noisy
    length = round(_PIECE_CELLS * rate_hz / 10)
    gain, inner = _noise_bands(length, band, rate_hz, rule)
    for first, stop in runs.tolist():
        n = (stop - first) // _PIECE_CELLS
        starts = first + np.arange(n) * _PIECE_CELLS
        of_cells = cells_uv[first : first + n * _PIECE_CELLS].reshape(n, _PIECE_CELLS)
        around = np.lib.stride_tricks.sliding_window_view(of_cells, n_pieces, axis=0)
        swing = around.std(axis=(1, 2)) / around.mean(axis=(1, 2))
        steady = np.flatnonzero(swing <= rule.most_noise_swing)
        if not len(steady) or edges[starts[-1]] + length > len(samples):
            continue
        pieces = samples[edges[starts][:, None] + np.arange(length)] * np.hanning(length)
        power = np.abs(np.fft.rfft(pieces, axis=1)) ** 2 / gain**2
        parts = np.stack([power[:, one].mean(axis=1) for one in inner])
        level = np.lib.stride_tricks.sliding_window_view(parts, n_pieces, axis=1).mean(axis=2)
        white = 10 * np.log10(level.max(axis=0) / level.min(axis=0)) <= rule.most_noise_db
        found = steady[white[steady]]
        if not len(found):
            continue
        # to the ends of the loud run, which lie within a piece
        begin, end = starts[found[0]], starts[found[-1] + n_pieces - 1] + _PIECE_CELLS
        begin = first if found[0] <= 1 else begin
        noisy[begin : stop if stop - end <= 2 * _PIECE_CELLS else end] = True
    return noisy


def _tone(
    own: NDArray[np.float32],
    starts: NDArray[np.int64],
    first: NDArray[np.int64],
    turns_per_sample: list[float],
) -> NDArray[np.float64]:
    """Return what the strongest tone adds to the sum of rectified samples around each cell.

    ``starts`` are the first samples of the cells in ``own``, ``first`` those in the signal.
    """
    length = np.diff(starts, append=len(own))
    at = np.arange(length.max())
    rows = np.append(own, np.zeros(len(at), np.float32))[starts[:, None] + at]
    rows[at >= length[:, None]] = 0.0
    tone = np.zeros(len(starts))
    for turns in turns_per_sample:
        # a product a cell: exponentials of all samples would take as long as their filter
        angle = 2 * np.pi * turns * at
        waves = np.column_stack((np.cos(angle), -np.sin(angle))).astype(np.float32)
        cosine, sine = (rows @ waves).T
        sums = _smoothed((cosine + 1j * sine) * np.exp(-2j * np.pi * turns * first))
        # a sine of amplitude a has a mean rectified value of 2 a / pi
        tone = np.maximum(tone, 4 / np.pi * np.abs(sums))
    return tone


def _noise_bands(
    length: int, band: Band, rate_hz: float, rule: NotMuscleRule
) -> tuple[NDArray[np.float64], list[NDArray[np.bool_]]]:
    """Return the gain of the band-pass at each frequency, and the parts of the band."""
    at_hz = np.fft.rfftfreq(length, 1 / rate_hz)
    gain = 1 / (1 + (band.low_hz / np.maximum(at_hz, 1e-9)) ** (2 * band.order))
    limits = np.linspace(band.low_hz, 0.95 * band.high_hz, _NOISE_BANDS + 1)
    inner = [(at_hz >= low) & (at_hz < high) for low, high in pairwise(limits.tolist())]
    for hum_hz in rule.hum_hz:
        inner = [one & (np.abs(at_hz - hum_hz) > _HUM_BESIDE_HZ) for one in inner]
    return gain, inner


def _steady(
    cells_uv: NDArray[np.floating], which: NDArray[np.int64], rule: NotMuscleRule
) -> NDArray[np.bool_]:
    """Return around which cells the amplitude keeps its height, as heart beats and pops do not."""
    padded = np.pad(np.nan_to_num(cells_uv), _STEADY_CELLS // 2, "edge")
    around = np.lib.stride_tricks.sliding_window_view(padded, _STEADY_CELLS)[which]
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
