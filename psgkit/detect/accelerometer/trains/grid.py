"""Resample a stretch of an accelerometer to one low rate and one band, whatever its own rate.

Everything rhythmic lies below 10 Hz, so a common grid is enough, and trains found on it do not
depend on the rate of the sensor.  The change of rate is one Fourier transform that is cut off: no
aliasing, no delay, and the band costs nothing more.
"""

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from psgkit.conditioning.acceleration.motion import MotionStretch
from psgkit.conditioning.emg.band import mirror_ends
from psgkit.conditioning.transforms import irfft_rows, rfft_rows
from psgkit.core.bounds import SLACK_S, samples_at_least
from psgkit.core.dataclass import dataclass
from psgkit.core.frozen import frozen
from psgkit.core.ranges import check_ranges

_MIRROR_S = 4.0
"""Length of the mirror image at true ends; exceeds the response of the lower band edge."""
_HALVED_ABOVE = 12.0
"""A rate above this multiple of the band is halved before the transform, to save time."""
_WHOLE_S = 30.0
"""Transforms last a multiple of this, which is whole samples at all usual rates."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MotionBand:
    """Band of the signal that is kept, and its rate.

    Attributes
    ----------
    low_hz : float
        Frequency of half amplitude; gravity, breathing and turns lie below.
    high_hz : float
        Full amplitude up to here, none from ``1.25 * high_hz`` on.
    grid_hz : float
        Rate of the result.
    """

    low_hz: float = 0.35
    high_hz: float = 6.5
    grid_hz: float = 32.0

    def __post_init__(self) -> None:
        check_ranges(self)

    def gain(self, frequency_hz: NDArray[np.float64]) -> NDArray[np.float32]:
        """Return the factor for each frequency.

        Examples
        --------
        >>> MotionBand().gain(np.array([0.0, 0.35, 2.0, 9.0])).round(2).tolist()
        [0.0, 0.5, 1.0, 0.0]
        """
        with np.errstate(divide="ignore"):
            lower = 1 / (1 + (self.low_hz / frequency_hz) ** 6)
        way = np.clip((frequency_hz - self.high_hz) / (0.25 * self.high_hz), 0, 1)
        return np.asarray(lower * (0.5 + 0.5 * np.cos(np.pi * way)), dtype=np.float32)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class MotionGrid:
    """Movement of one stretch, in g, on the grid.

    Attributes
    ----------
    motion_g : float32 array, shape (n_axes, n)
        Without gravity.
    usable : bool array, shape (n,)
        False where the sensor was missing.
    rate_hz : float
        The grid rate asked for, to within rounding to whole samples.
    start_s : float
        Time of the first sample, seconds from the start of the recording.
    core_s : (float, float)
        Seconds that belong to this stretch.
    """

    motion_g: NDArray[np.float32]
    usable: NDArray[np.bool_]
    rate_hz: float
    start_s: float
    core_s: tuple[float, float]


def motion_grid(stretch: MotionStretch, band: MotionBand) -> MotionGrid:
    """Return a stretch on the common grid.

    Examples
    --------
    >>> still = np.tile(np.float32([0, 0, 1]), (3000, 1))
    >>> stretch = MotionStretch(
    ...     samples_g=still, first=0, core=(0, 3000), rate_hz=50.0, start_s=0.0)
    >>> grid = motion_grid(stretch, MotionBand())
    >>> grid.motion_g.shape, float(abs(grid.motion_g).max())
    ((3, 1920), 0.0)
    """
    filled, bad = _filled(stretch.samples_g)
    thin, halved = _thinned(filled, stretch.rate_hz, band)
    n, rate_hz = thin.shape[1], stretch.rate_hz / 2 ** len(halved)
    pad = min(samples_at_least(_MIRROR_S, rate_hz), n - 1)
    n_fft = _length(n + 2 * pad, rate_hz)
    n_out = round(n_fft * band.grid_hz / rate_hz)
    grid_hz = n_out * rate_hz / n_fft
    gain = _gain(band, n_out, grid_hz / n_out, halved)
    motion = _resampled(_closed(thin, pad, n_fft), n_out, gain)
    first = math.ceil(pad * grid_hz / rate_hz - SLACK_S)
    count = math.floor((pad + n - 1) * grid_hz / rate_hz + SLACK_S) + 1 - first
    delay_s = first / grid_hz - pad / rate_hz + sum(1.5 / rate for rate in halved)
    source = np.round((np.arange(count) / grid_hz + delay_s) * stretch.rate_hz).astype(np.int64)
    return MotionGrid(
        motion_g=motion[:, first : first + count],
        usable=~bad[np.clip(source, 0, len(bad) - 1)],
        rate_hz=grid_hz,
        start_s=stretch.start_s + stretch.first / stretch.rate_hz + delay_s,
        core_s=(
            stretch.start_s + stretch.core[0] / stretch.rate_hz,
            stretch.start_s + stretch.core[1] / stretch.rate_hz,
        ),
    )


def _thinned(
    axes: NDArray[np.float32], rate_hz: float, band: MotionBand
) -> tuple[NDArray[np.float32], tuple[float, ...]]:
    """Return axes at a rate halved while it is high, and the rates that were halved.

    Weighted means of four samples leave at most a fiftieth of what would alias into the band; the
    gain restores what they take from the band itself.
    """
    halved: tuple[float, ...] = ()
    while rate_hz >= _HALVED_ABOVE * band.high_hz and axes.shape[1] > rate_hz:
        last = axes.shape[1] - 3
        middle = axes[:, 1 : last + 1 : 2] + axes[:, 2 : last + 2 : 2]
        outer = axes[:, :last:2] + axes[:, 3::2]
        axes = np.float32(0.125) * outer + np.float32(0.375) * middle
        halved, rate_hz = (*halved, rate_hz), rate_hz / 2
    return axes, halved


def _filled(samples_g: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return axes first, missing samples replaced by the last one, and which were missing."""
    axes = np.ascontiguousarray(samples_g.T)
    if np.isfinite(axes.sum(dtype=np.float64)):
        return axes, np.zeros(axes.shape[1], dtype=bool)
    bad = np.asarray(np.isnan(axes.sum(axis=0)) | np.isinf(axes).any(axis=0), dtype=np.bool_)
    good = np.flatnonzero(~bad)
    if not len(good):
        return np.zeros_like(axes), bad
    last = good[np.maximum(np.searchsorted(good, np.arange(len(bad)), side="right") - 1, 0)]
    return axes[:, last], bad


def _closed(axes: NDArray[np.float32], pad: int, n_fft: int) -> NDArray[np.float32]:
    """Return axes mirrored at their ends, less the line between them, as the transform needs."""
    n = axes.shape[1]
    closed = np.zeros((len(axes), n_fft), dtype=np.float32)
    ramp = np.linspace(0, 1, n + 2 * pad, dtype=np.float32)
    for row, axis in zip(closed, axes, strict=True):
        inner = row[: n + 2 * pad]
        inner[:] = mirror_ends(axis, pad, pad)
        inner -= inner[0] + (inner[-1] - inner[0]) * ramp
    return closed


@lru_cache(maxsize=8)
def _gain(
    band: MotionBand, n_out: int, step_hz: float, halved: tuple[float, ...]
) -> NDArray[np.float32]:
    """Return the gain at the frequencies of the result; cached, as most stretches share it."""
    hz = step_hz * np.arange(n_out // 2 + 1, dtype=np.float64)
    gain = band.gain(hz)
    for rate_hz in halved:
        gain = gain / np.maximum(np.cos(np.pi * hz / rate_hz), 0.5) ** 3
    return frozen(gain, dtype=np.float32)


def _length(n: int, rate_hz: float) -> int:
    """Return how many samples to transform."""
    whole = math.ceil(n / rate_hz / _WHOLE_S - SLACK_S) * _WHOLE_S
    return max(round(whole * rate_hz), n)


def _resampled(
    axes: NDArray[np.float32], n_out: int, gain: NDArray[np.float32]
) -> NDArray[np.float32]:
    n_fft = axes.shape[1]
    spectrum = rfft_rows(axes)
    kept = np.zeros((len(axes), n_out // 2 + 1), dtype=np.complex64)
    shared = min(kept.shape[1], spectrum.shape[1])
    kept[:, :shared] = spectrum[:, :shared] * (gain[:shared] * np.float32(n_out / n_fft))
    return irfft_rows(kept, n_out)
