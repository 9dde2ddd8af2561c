"""Take mains hum out of a band-passed signal without a notch.

A notch rings around every movement.  Hum is the same sine all night, so its amplitude and phase are
estimated from half-second pieces, the quiet ones counting most, smoothed over a few seconds, and
subtracted.  Movements hardly enter the estimate and do not ring.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from psgkit.core.bounds import samples_nearest

_PIECE_S = 0.5
_SMOOTH_PIECES = 6
"""Weighted mean over this many pieces to each side: 3 s, short enough for a line that drifts."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MainsLine:
    """A line and how strong it is: ``share`` of the rectified resting amplitude."""

    frequency_hz: float
    amplitude_uv: float
    share: float


def find_mains(
    pieces: list[NDArray[np.float32]],
    rate_hz: float,
    high_hz: float,
    frequencies: tuple[float, ...],
) -> MainsLine | None:
    """Return the strongest of ``frequencies`` in the band-passed ``pieces``, or None.

    A line counts when its amplitude, in the median over the pieces, is more than 3 times what noise
    of the neighbouring frequencies would give.
    """
    best = None
    for frequency in frequencies:
        if frequency >= high_hz:
            continue
        beside = (frequency - 4.0, frequency - 3.0, frequency + 3.0, frequency + 4.0)
        line = float(np.median([_amplitude(piece, rate_hz, frequency) for piece in pieces]))
        floor = float(
            np.median([_amplitude(piece, rate_hz, f) for piece in pieces for f in beside])
        )
        quiet = float(np.median([np.abs(piece).mean() for piece in pieces]))
        if line > 3 * floor and quiet > 0 and (best is None or line > best.amplitude_uv):
            # a sine of amplitude a has a mean rectified value of 2 a / pi
            best = MainsLine(
                frequency_hz=frequency, amplitude_uv=line, share=min(1.0, 2 * line / np.pi / quiet)
            )
    return best


def _amplitude(piece: NDArray[np.float32], rate_hz: float, frequency_hz: float) -> float:
    turn = np.exp(-2j * np.pi * frequency_hz / rate_hz * np.arange(len(piece)))
    taper = np.hanning(len(piece))
    return float(2 * np.abs((piece * taper) @ turn) / taper.sum())


def without_mains(
    filtered: NDArray[np.float32], first: int, rate_hz: float, line: MainsLine
) -> NDArray[np.float32]:
    """Return ``filtered`` less the line.

    Parameters
    ----------
    filtered : array, shape (n,)
        Band-passed samples.
    first : int
        Number of the first of them in the signal: pieces are the same whatever stretch is read.
    rate_hz : float
    line : MainsLine
    """
    piece = samples_nearest(_PIECE_S, rate_hz)
    head = -first % piece
    n_pieces = (len(filtered) - head) // piece
    if n_pieces < 2:  # noqa: PLR2004 - nothing to interpolate between
        return filtered
    body = filtered[head : head + n_pieces * piece].reshape(n_pieces, piece)
    step = 2 * np.pi * line.frequency_hz / rate_hz
    start = np.exp(-1j * step * (((first + head) // piece + np.arange(n_pieces)) * piece))
    turn = np.exp(1j * step * np.arange(piece))
    phasor = 2 / piece * (body @ turn.conj().astype(np.complex64)) * start
    weight = 1 / np.maximum((body.astype(np.float64) ** 2).mean(axis=1), 1e-12) ** 2
    kernel = np.ones(2 * _SMOOTH_PIECES + 1)
    smooth = np.convolve(phasor * weight, kernel, "same") / np.convolve(weight, kernel, "same")
    # each sample takes the phasor interpolated between the middles of its two nearest pieces
    at = (np.arange(-head, len(filtered) - head) + 0.5) / piece - 0.5
    place = np.arange(n_pieces)
    drift = np.interp(at, place, smooth.real) + 1j * np.interp(at, place, smooth.imag)
    wave = np.exp(1j * step * (first + np.arange(len(filtered))))
    return np.asarray(filtered - (drift * wave).real, dtype=np.float32)
