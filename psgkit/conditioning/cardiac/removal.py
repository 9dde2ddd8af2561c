"""Subtract heart beats whose times are known from band-passed samples.

Template subtraction, as used for trunk and diaphragm EMG.  The template of a beat is the mean of
its neighbours, aligned to fractions of a sample, in which beats during movements have little
weight.  It is subtracted with the height and lag that fit the beat, or the usual ones where the
deviation may be chance.  The numbers are psgkit's own choice.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from psgkit.conditioning.emg.envelope import running_sum
from psgkit.conditioning.transforms import fast_length, irfft_rows, rfft_rows
from psgkit.core.bounds import samples_nearest
from psgkit.core.dataclass import dataclass
from psgkit.core.ranges import check_ranges

_BAND_HZ = 90.0
"""Width of the pass band, which determines the number of independent samples of noise."""
_GROUP = 8
"""Number of beats that share a template."""
_ENOUGH = 0.05
_TIMES_NOISE = 3.0
"""Remains of a beat make it odd only above this multiple of the noise beside it."""
FEWEST_BEATS = 3
"""Fewest beats that give a template."""
_STRIDE = 16
_WRAP = 8
"""Padding of rows, so that shifted samples do not wrap around."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RemovalRule:
    """How beats are subtracted.

    Attributes
    ----------
    before_s, after_s : float
        Extent of a beat, from P wave to T wave.
    next_share : float
        Where the next beat is nearer than that, it begins at this share of the interval.
    complex_s : float
        Half length of the QRS complex, in which height and lag are fitted.
    neighbours : int
        Beats on each side in the template.
    height_spread, lag_spread_s : float
        Usual deviation of a beat from its neighbours.
    min_height, max_height : float
        A beat outside this range has another shape; it is not subtracted but marked as odd.
    max_lag_s : float
    odd_share : float
        A beat is also odd if this share of its energy is left after the subtraction.
    times_noise : float
        Least energy of the template, as a multiple of that of noise alone.
    """

    before_s: float = 0.3
    after_s: float = 0.5
    next_share: float = 0.62
    complex_s: float = 0.1
    neighbours: int = 20
    height_spread: float = 0.3
    lag_spread_s: float = 0.003
    min_height: float = 0.4
    max_height: float = 2.0
    max_lag_s: float = 0.01
    odd_share: float = 0.3
    times_noise: float = 4.0

    def __post_init__(self) -> None:
        check_ranges(self)
        if min(self.before_s, self.after_s) < self.complex_s:
            raise ValueError(
                "before_s and after_s reach from a beat beyond complex_s, got "
                f"{self.before_s}, {self.after_s} and {self.complex_s}"
            )


def spike_removal() -> RemovalRule:
    """Return the rule for spikes of a pacemaker: brief, in time to a sample, of steady height."""
    return RemovalRule(
        before_s=0.06, after_s=0.06, complex_s=0.03, height_spread=0.15, odd_share=0.5
    )


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Removed:
    """Samples without heart beats, and the position of the beats.

    Attributes
    ----------
    samples : float32 array, shape (n,)
    middle : array, shape (k,)
        Middle of the QRS complex of each beat that shows in the samples.
    odd : bool array, shape (k,)
        Beats of another shape than their neighbours, which are still in the samples.
    peak_uv : array, shape (k,)
        Largest sample of the template of each.
    """

    samples: NDArray[np.float32]
    middle: NDArray[np.float64]
    odd: NDArray[np.bool_]
    peak_uv: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class BeatRows:
    """Spectra of one row of samples a beat, ``before`` to ``after`` it."""

    spectrum: NDArray[np.complex64]
    before: int
    after: int

    @classmethod
    def of(
        cls, filtered: NDArray[np.float32], whole: NDArray[np.int64], before: int, after: int
    ) -> "BeatRows":
        """Return the rows around the samples ``whole``."""
        padded = np.pad(filtered, (before, after + 1))
        rows = np.lib.stride_tricks.sliding_window_view(padded, before + after + 1)[whole]
        return cls(spectrum_of(rows), before, after)

    @property
    def width(self) -> int:
        """Return how many samples a row has."""
        return self.before + self.after + 1

    def at(self) -> NDArray[np.int64]:
        """Return the samples of a row, counted from the beat."""
        return np.arange(-self.before, self.after + 1)

    def earlier(self, samples: NDArray[np.float64]) -> NDArray[np.float32]:
        """Return the rows, each moved by its number of samples."""
        return moved_later(self.spectrum, -samples)[:, : self.width]


def remove_beats(
    filtered: NDArray[np.float32],
    beats: NDArray[np.float64],
    rate_hz: float,
    rule: RemovalRule,
) -> Removed:
    """Return ``filtered`` less its heart beats.

    Parameters
    ----------
    filtered : float32 array, shape (n,)
        Band-passed samples.
    beats : array, shape (k,)
        Positions of beats in fractional samples, sorted.
    rate_hz : float
    rule : RemovalRule

    Examples
    --------
    >>> noise = np.random.default_rng(0).standard_normal(12000).astype(np.float32)
    >>> beats = np.arange(50.0, 11900.0, 160.0)
    >>> leaked = noise + 50 * np.isin(np.arange(12000), beats)
    >>> cleaned = remove_beats(leaked.astype(np.float32), beats, 200.0, RemovalRule())
    >>> bool(np.abs(cleaned.samples).max() < 10)
    True
    """
    reach = samples_nearest(rule.complex_s, rate_hz)
    beats = beats[(beats >= reach) & (beats < len(filtered) - reach)]
    if len(beats) < FEWEST_BEATS:
        nothing = np.empty(0)
        return Removed(samples=filtered, middle=nothing, odd=nothing > 0, peak_uv=nothing)
    whole = np.rint(beats).astype(np.int64)
    owned = _owned(whole, rate_hz, rule)
    noise = _power_beside(filtered, whole, owned, reach)
    height, lag, odd = _fitted(filtered, beats, noise, rate_hz, rule)
    long = BeatRows.of(filtered, whole, *(samples_nearest(s, rate_hz) for s in _extent(rule)))
    mine = (long.at() >= owned[:, :1]) & (long.at() < owned[:, 1:])
    weight = np.where(odd, 0.0, height) / noise
    usual = _neighbourly_mean(long.earlier(lag) * mine, mine, (weight, height), rule)
    group = np.arange(len(beats)) // _GROUP
    part = usual[:, long.before - reach : long.before + reach + 1].astype(np.float64) ** 2
    energy = part.sum(axis=1)
    chance = np.median(noise) * part.shape[1] / min(2 * rule.neighbours + 1, len(beats))
    shows = (energy > rule.times_noise * chance)[group]
    template = moved_later(spectrum_of(usual)[group], lag)[:, : long.width]
    template *= (height * shows).astype(np.float32)[:, None]
    centre = (part @ np.arange(-reach, reach + 1)) / np.maximum(energy, 1e-30)
    return Removed(
        samples=_less(filtered, template, whole, owned, long.before),
        middle=(whole + lag + centre[group])[shows],
        odd=odd[shows],
        peak_uv=np.abs(usual).max(axis=1)[group][shows].astype(np.float64),
    )


def joined(parts: Sequence[Removed]) -> Removed:
    """Return removals one after the other as one; the last has the samples without all beats."""
    middle, odd, peak_uv = (
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("middle", "odd", "peak_uv")
    )
    order = np.argsort(middle, kind="stable")
    return Removed(
        samples=parts[-1].samples, middle=middle[order], odd=odd[order], peak_uv=peak_uv[order]
    )


def moved_later(
    spectrum: NDArray[np.complex64], samples: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Return the rows of a spectrum, each delayed by its number of samples.

    Examples
    --------
    >>> later = moved_later(spectrum_of(np.eye(1, 20, 5, dtype=np.float32)), np.array([3.0]))
    >>> int(later[0].argmax())
    8
    """
    n_freq = spectrum.shape[1]
    turn = -2j * np.pi / (2 * (n_freq - 1)) * samples[:, None]
    # products of few exponentials give those of all frequencies
    fine, coarse = np.arange(_STRIDE), _STRIDE * np.arange(-(-n_freq // _STRIDE))
    steps, strides = (np.exp(turn * part).astype(np.complex64) for part in (fine, coarse))
    phase = (strides[:, :, None] * steps[:, None, :]).reshape(len(samples), -1)[:, :n_freq]
    np.multiply(spectrum, phase, out=phase)
    return irfft_rows(phase, 2 * (n_freq - 1))


def spectrum_of(rows: NDArray[np.float32]) -> NDArray[np.complex64]:
    """Return the spectrum of each row, padded to an even length."""
    # even, so that its length follows from that of the spectrum
    n_fft = 2 * fast_length((rows.shape[1] + 1) // 2 + _WRAP, real=False)
    padded = np.zeros((len(rows), n_fft), dtype=np.float32)
    padded[:, : rows.shape[1]] = rows
    return rfft_rows(padded)


def _extent(rule: RemovalRule) -> tuple[float, float]:
    return rule.before_s, rule.after_s


def _owned(whole: NDArray[np.int64], rate_hz: float, rule: RemovalRule) -> NDArray[np.int64]:
    """Return the samples that belong to each beat, relative to it, shape ``(n, 2)``."""
    before, after = (samples_nearest(s, rate_hz) for s in _extent(rule))
    # from here on samples belong to the later beat, without a gap
    border = whole[:-1] + np.round(rule.next_share * np.diff(whole)).astype(np.int64)
    first = np.maximum(np.append(-before, border - whole[1:]), -before)
    last = np.minimum(np.append(border - whole[:-1], after + 1), after + 1)
    return np.column_stack((first, last))


def _power_beside(
    filtered: NDArray[np.float32], whole: NDArray[np.int64], owned: NDArray[np.int64], half: int
) -> NDArray[np.float64]:
    """Return the mean power of the samples of each beat outside its QRS complex."""
    sums = running_sum(np.square(filtered))
    beside = []
    for first, last in (
        (owned[:, 0], np.maximum(owned[:, 0], -half)),
        (np.minimum(owned[:, 1], half + 1), owned[:, 1]),
    ):
        low, high = (np.clip(whole + at, 0, len(filtered)) for at in (first, last))
        beside.append((sums[high] - sums[low], high - low))
    power, count = (np.sum(part, axis=0) for part in zip(*beside, strict=True))
    return np.asarray(power / np.maximum(count, 1) + 1e-12)


def _fitted(
    filtered: NDArray[np.float32],
    beats: NDArray[np.float64],
    noise: NDArray[np.float64],
    rate_hz: float,
    rule: RemovalRule,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Return height and lag of each beat relative to its neighbours, and whether it is odd."""
    whole = np.rint(beats).astype(np.int64)
    half = samples_nearest(rule.complex_s, rate_hz)
    margin = samples_nearest(2 * rule.max_lag_s, rate_hz) + 1
    rows = BeatRows.of(filtered, whole, half + margin, half + margin)
    every = np.ones((len(beats), 1), dtype=bool)
    group = np.arange(len(beats)) // _GROUP
    lag, height, odd = beats - whole, np.ones(len(beats)), np.zeros(len(beats), dtype=bool)
    for _ in range(2):
        aligned = rows.earlier(lag)
        weight = np.where(odd, 0.0, height) / noise
        usual = _neighbourly_mean(aligned, every, (weight, height), rule)
        shapes = np.stack((usual, np.gradient(usual, axis=1)), axis=1)[:, :, margin:-margin]
        height, more, odd = _fit(aligned[:, margin:-margin], shapes[group], noise, rate_hz, rule)
        lag = lag + more
    return height, lag, odd


def _neighbourly_mean(
    aligned: NDArray[np.float32],
    owned: NDArray[np.bool_],
    scale: tuple[NDArray[np.float64], NDArray[np.float64]],
    rule: RemovalRule,
) -> NDArray[np.float32]:
    """Return the mean of the beats around each group of beats, weighted towards quiet ones."""
    weight, height = scale
    # scaled near one, to keep digits; squared, so that movements have almost no weight
    weight = weight / max(float(weight.max()), 1e-30)
    edges = np.arange(0, len(aligned), _GROUP)
    each = np.add.reduceat(aligned * (weight**2).astype(np.float32)[:, None], edges, axis=0)
    mine = np.add.reduceat(owned * (weight**2 * height).astype(np.float32)[:, None], edges, axis=0)
    reach = max(1, round(rule.neighbours / _GROUP))
    low = np.maximum(np.arange(len(edges)) - reach, 0)
    high = np.minimum(np.arange(len(edges)) + reach + 1, len(edges))
    total, weights = (
        np.diff(
            np.cumsum(np.pad(part, ((1, 0), (0, 0))), axis=0, dtype=np.float64)[[low, high]], axis=0
        )[0]
        for part in (each, mine)
    )
    # where few beats have samples, a mean would be that of a single beat
    enough = weights > _ENOUGH * weights.max(axis=1, keepdims=True)
    return np.where(enough, total / np.where(enough, weights, 1.0), 0.0).astype(np.float32)


def _fit(
    beat: NDArray[np.float32],
    shapes: NDArray[np.float32],
    noise: NDArray[np.float64],
    rate_hz: float,
    rule: RemovalRule,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Return height and further lag of each beat, 0 for odd ones, and which are odd."""
    shape, slope = shapes[:, 0], shapes[:, 1]

    def product(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float64]:
        return np.asarray(np.einsum("ij,ij->i", one, other), dtype=np.float64)

    energy, steep = product(shape, shape) + 1e-12, product(slope, slope) + 1e-12
    # neighbouring samples of noise are correlated where the rate is far above the band
    alike = noise * max(1.0, rate_hz / (2 * _BAND_HZ))
    certain = energy * rule.height_spread**2
    height = 1 + (product(beat, shape) / energy - 1) * certain / (certain + alike)
    fits = (height >= rule.min_height) & (height <= rule.max_height)
    kept = np.where(fits, height, 1.0)
    certain = steep * (rule.lag_spread_s * rate_hz) ** 2
    later = -product(beat, slope) / (kept * steep) * certain / (certain + alike)
    most = rule.max_lag_s * rate_hz
    later = np.where(fits, np.clip(later, -most, most), 0.0)
    scaled = kept.astype(np.float32)[:, None]
    left = beat - scaled * shape + scaled * later.astype(np.float32)[:, None] * slope
    left_over, floor = product(left, left), _TIMES_NOISE * noise * beat.shape[1]
    unlike = (left_over > rule.odd_share * kept**2 * energy) & (left_over > floor)
    return np.where(fits, height, 0.0), later, ~fits | unlike


def _less(
    filtered: NDArray[np.float32],
    template: NDArray[np.float32],
    whole: NDArray[np.int64],
    owned: NDArray[np.int64],
    before: int,
) -> NDArray[np.float32]:
    """Return the samples less the part of each template that belongs to its beat."""
    out = filtered.copy()
    first = np.maximum(whole + owned[:, 0], 0)
    last = np.minimum(whole + owned[:, 1], len(out))
    # numbers of all the samples would take five times as long as a slice a beat
    for row, begin, end, shift in zip(
        template, first.tolist(), last.tolist(), (before - whole).tolist(), strict=True
    ):
        out[begin:end] -= row[begin + shift : end + shift]
    return out
