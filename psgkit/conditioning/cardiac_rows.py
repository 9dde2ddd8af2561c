"""Rows of samples, one a heart beat, that can be moved by parts of a sample."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_STRIDE = 16
_WRAP = 8
"""Rows are padded a little, so that what is moved out on one side does not come in on the other."""


@dataclass(frozen=True, slots=True, eq=False)
class BeatRows:
    """One row of samples a beat, ``before`` to ``after`` it, to be moved by parts of a sample."""

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


def spectrum_of(rows: NDArray[np.float32]) -> NDArray[np.complex64]:
    """Return the spectrum of each row, padded to an even length."""
    from scipy.fft import next_fast_len, rfft

    # even, so that its length follows from that of the spectrum
    n_fft = 2 * next_fast_len((rows.shape[1] + 1) // 2 + _WRAP)
    spectrum: NDArray[np.complex64] = rfft(rows, n_fft, axis=1)
    return spectrum


def moved_later(
    spectrum: NDArray[np.complex64], samples: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Return the rows of a spectrum, each as many samples later.

    Examples
    --------
    >>> later = moved_later(spectrum_of(np.eye(1, 20, 5, dtype=np.float32)), np.array([3.0]))
    >>> int(later[0].argmax())
    8
    """
    from scipy.fft import irfft

    n_freq = spectrum.shape[1]
    turn = -2j * np.pi / (2 * (n_freq - 1)) * samples[:, None]
    # exponentials of a few steps and of a few strides make those of all frequencies
    fine, coarse = np.arange(_STRIDE), _STRIDE * np.arange(-(-n_freq // _STRIDE))
    steps, strides = (np.exp(turn * part).astype(np.complex64) for part in (fine, coarse))
    phase = (strides[:, :, None] * steps[:, None, :]).reshape(len(samples), -1)[:, :n_freq]
    moved: NDArray[np.float32] = irfft(spectrum * phase, axis=1, overwrite_x=True)
    return moved
