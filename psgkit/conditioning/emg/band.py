"""Zero-phase band-pass filtering by overlap-save, without ``scipy.signal``.

The result equals ``scipy.signal.sosfiltfilt`` of a Butterworth band-pass: filtering forward and
backward multiplies the spectrum by ``|H(f)|**2``, which has a closed form.  Blocks of one length
are transformed together; their overlap holds the whole impulse response, so that a stretch of a
night filtered by itself gives the samples that filtering the night would give.
"""

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from psgkit.conditioning.transforms import irfft_rows, rfft_rows
from psgkit.core.bounds import samples_at_least
from psgkit.core.dataclass import dataclass
from psgkit.core.ranges import check_ranges

RESPONSE_S = 1.0
"""The impulse response of a 10 Hz edge of order 4 is below 1e-6 of its peak after 0.6 s."""

_BLOCK_RESPONSES = 32


@dataclass(frozen=True, kw_only=True, slots=True)
class Band:
    """Pass band of a Butterworth filter, run forward and backward.

    ``order`` is that of one pass at each edge, as in ``scipy.signal.butter(order, ..., "band")``.
    """

    low_hz: float = 10.0
    high_hz: float = 100.0
    order: int = 4

    def __post_init__(self) -> None:
        check_ranges(self)
        if not 0 < self.low_hz < self.high_hz:
            raise ValueError(
                f"a band needs 0 < low < high, got {self.low_hz} and {self.high_hz} Hz"
            )

    @property
    def width_hz(self) -> float:
        """Return how wide the band is."""
        return self.high_hz - self.low_hz

    def clipped(self, rate_hz: float) -> "Band":
        """Return the band limited to 0.45 of a rate."""
        high_hz = min(self.high_hz, 0.45 * rate_hz)
        if high_hz == self.high_hz:
            return self
        return Band(low_hz=self.low_hz, high_hz=high_hz, order=self.order)


@lru_cache(maxsize=8)
def zero_phase_gain(band: Band, rate_hz: float, n_fft: int) -> NDArray[np.float32]:
    """Return ``|H|**2`` at the ``n_fft // 2 + 1`` frequencies of a real transform.

    Examples
    --------
    >>> gain = zero_phase_gain(Band(), 500.0, 1000)
    >>> [round(float(gain[k]), 2) for k in (0, 20, 100, 200)]
    [0.0, 0.5, 1.0, 0.5]
    """
    warped = np.tan(np.pi * np.arange(n_fft // 2 + 1) / n_fft)
    low, high = (math.tan(math.pi * edge / rate_hz) for edge in (band.low_hz, band.high_hz))
    with np.errstate(divide="ignore", over="ignore"):
        distance = (warped**2 - low * high) / (warped * (high - low))
        gain = (1 / (1 + distance ** (2 * band.order))).astype(np.float32)
    gain.setflags(write=False)
    return gain


def response_samples(rate_hz: float) -> int:
    """Return how many samples on each side a filtered sample depends on."""
    return samples_at_least(RESPONSE_S, rate_hz)


def filter_zero_phase(
    padded: NDArray[np.floating], band: Band, rate_hz: float
) -> NDArray[np.float32]:
    """Return ``padded`` filtered, less ``response_samples(rate_hz)`` at each end.

    Parameters
    ----------
    padded : array, shape (n + 2 * response_samples,)
        The samples with their neighbours, or at a true end mirrored by ``mirror_ends``.
    band : Band
        Must lie below half the rate; see ``Band.clipped``.
    """
    pad = response_samples(rate_hz)
    n = len(padded) - 2 * pad
    n_fft = 1 << (min(_BLOCK_RESPONSES * pad, n + 2 * pad) - 1).bit_length()
    hop = n_fft - 2 * pad
    n_blocks = -(-n // hop)
    filled = np.zeros(n_blocks * hop + 2 * pad, dtype=np.float32)
    filled[: len(padded)] = padded
    blocks = np.lib.stride_tricks.sliding_window_view(filled, n_fft)[::hop]
    spectrum = rfft_rows(blocks)
    spectrum *= zero_phase_gain(band, rate_hz, n_fft)
    filtered = irfft_rows(spectrum, n_fft)
    kept: NDArray[np.float32] = filtered[:, pad : pad + hop].reshape(-1)[:n]
    return kept


def mirror_ends(samples: NDArray[np.floating], before: int, after: int) -> NDArray[np.floating]:
    """Return ``samples`` with an odd reflection added at true ends, as ``sosfiltfilt`` pads.

    Examples
    --------
    >>> mirror_ends(np.array([1.0, 2.0, 4.0]), 2, 1).tolist()
    [-2.0, 0.0, 1.0, 2.0, 4.0, 6.0]
    """
    if not len(samples) or not (before or after):
        return samples
    head = 2 * samples[0] - np.resize(samples[1:][:before], before)[::-1] if before else []
    tail = 2 * samples[-1] - np.resize(samples[:-1][::-1][:after], after) if after else []
    if len(samples) == 1:
        head, tail = np.full(before, samples[0]), np.full(after, samples[0])
    return np.concatenate((head, samples, tail)).astype(samples.dtype)
