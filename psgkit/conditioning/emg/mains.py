"""Remove mains hum from a band-passed signal without a notch.

A notch rings around every movement.  Hum is one steady sine, so its amplitude and phase are
estimated from half-second pieces, weighted towards quiet ones, smoothed over a few seconds, and
subtracted.  Movements have little weight in the estimate and do not ring.  At a piece where hum is
switched on or off the estimate comes from one side alone.
"""

import numpy as np
from numpy.typing import NDArray

from psgkit.core.bounds import samples_nearest
from psgkit.core.dataclass import dataclass

_PIECE_S = 0.5
_SMOOTH_PIECES = 6
"""Weighted mean over this many pieces to each side: 3 s, short enough for a line that drifts."""
_DRIFT_PIECES = 40
"""Pieces on each side from which the frequency of the line is taken."""
_MOST_DRIFT_HZ = 0.3

_IN_FAVOUR = 0.1
"""Share of the hum by which the mean of one side must fit better than the mean around."""

_TIMES_BESIDE = 3.0
_HUM_QUANTILE = 0.8
"""Quantile of the pieces that shows hum: it may be on for as little as a fifth of the night."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MainsLine:
    """Mains hum: its amplitude, and ``share``, its part of the rectified resting amplitude."""

    frequency_hz: float
    amplitude_uv: float
    share: float


def find_mains(
    pieces: NDArray[np.float32],
    rate_hz: float,
    high_hz: float,
    frequencies: tuple[float, ...],
) -> MainsLine | None:
    """Return the strongest of ``frequencies`` in band-passed pieces, or None.

    A line counts when its amplitude, in the upper part of the pieces, is more than 3 times that of
    the frequencies beside it: hum may be on for part of the night only.

    Parameters
    ----------
    pieces : array, shape (n_pieces, n)
        Short stretches from all over the signal.
    rate_hz, high_hz : float
        Rate, and upper edge of the band.
    frequencies : tuple of float

    Examples
    --------
    >>> hum = np.sin(2 * np.pi * 50 * np.arange(1000) / 500) + 1e-3 * np.arange(1000) % 0.01
    >>> round(find_mains(hum[None, :].astype(np.float32), 500.0, 100.0, (50.0, 60.0)).amplitude_uv)
    1
    """
    quiet_uv = float(np.median(np.abs(pieces).mean(axis=1)))
    lines = []
    for frequency in frequencies:
        if frequency < high_hz and quiet_uv > 0:
            near = frequency + np.array([0.0, -4.0, -3.0, 3.0, 4.0])
            each = _amplitudes(pieces, near / rate_hz)
            line, *beside = np.quantile(each, _HUM_QUANTILE, axis=0).tolist()
            if line > _TIMES_BESIDE * float(np.median(beside)):
                # a sine of amplitude a has a mean rectified value of 2 a / pi
                share = min(1.0, 2 * line / np.pi / quiet_uv)
                lines.append(MainsLine(frequency_hz=frequency, amplitude_uv=line, share=share))
    return max(lines, key=lambda line: line.amplitude_uv, default=None)


def _amplitudes(
    pieces: NDArray[np.float32], turns_per_sample: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the amplitude of a sine of each frequency in each piece."""
    n = pieces.shape[1]
    taper = np.hanning(n)
    waves = np.exp(-2j * np.pi * np.outer(np.arange(n), turns_per_sample)) * taper[:, None]
    return np.asarray(2 * np.abs(pieces @ waves) / taper.sum())


def without_mains(
    filtered: NDArray[np.float32], first: int, rate_hz: float, line: MainsLine
) -> NDArray[np.float32]:
    """Return ``filtered`` less the line.

    Parameters
    ----------
    filtered : array, shape (n,)
        Band-passed samples.
    first : int
        Number of the first one in the signal, so that the phase continues from stretch to stretch.
    rate_hz : float
    line : MainsLine
    """
    n, piece = len(filtered), samples_nearest(_PIECE_S, rate_hz)
    if n < piece:
        return filtered
    n_pieces = -(-n // piece)
    step = 2 * np.pi * line.frequency_hz / rate_hz
    phase = np.exp(1j * step * (first + np.arange(n_pieces) * piece))
    turn = np.exp(1j * step * np.arange(piece))
    phasor = _smooth_phasor(filtered[: n // piece * piece].reshape(-1, piece), turn, phase)
    phasor = np.pad(phasor, (1, 1 + n_pieces - len(phasor)), "edge")
    # a sample takes the phasor between the middles of its piece and of the nearer neighbour
    at = (np.arange(piece) + 0.5) / piece - 0.5
    basis = np.stack((np.maximum(-at, 0), 1 - np.abs(at), np.maximum(at, 0))) * turn
    around = np.stack((phasor[:-2], phasor[1:-1], phasor[2:]), axis=1) * phase[:, None]
    left = np.concatenate((around.real, around.imag), axis=1).astype(np.float32)
    right = np.concatenate((basis.real, -basis.imag)).astype(np.float32)
    return filtered - (left @ right).reshape(-1)[:n]


def _smooth_phasor(
    pieces: NDArray[np.float32], turn: NDArray[np.complex128], phase: NDArray[np.complex128]
) -> NDArray[np.complex128]:
    """Return amplitude and phase of the line in each piece, weighted towards quiet pieces.

    Each is a mean over the pieces around, or over those before or after where that fits better:
    hum that is switched would otherwise be subtracted where it is off, and left where it is on.
    """
    n_pieces, piece = pieces.shape
    raw = 2 / piece * (pieces @ turn.conj().astype(np.complex64)) * phase[:n_pieces].conj()
    power = np.einsum("ij,ij->i", pieces, pieces) / piece
    weight = 1 / np.maximum(power.astype(np.float64), 1e-6) ** 2
    turned = _drift(raw / np.sqrt(np.maximum(power, 1e-6)))
    raw = raw * turned.conj()
    reach = 2 * _SMOOTH_PIECES
    padded = np.pad(np.stack((raw * weight, weight)), ((0, 0), (reach, reach)))
    weighted, weights = np.lib.stride_tricks.sliding_window_view(padded, reach + 1, axis=1).sum(2)
    around, before, after = (
        weighted[first : first + n_pieces] / weights[first : first + n_pieces].real
        for first in (_SMOOTH_PIECES, 0, reach)
    )
    # where hum is switched on or off, the mean of one side fits and the mean around does not
    choices = np.stack((around, before, after))
    misfit = np.abs(raw - choices)
    misfit[0] -= _IN_FAVOUR * np.abs(around)
    return np.asarray(choices[np.argmin(misfit, axis=0), np.arange(n_pieces)] * turned)


def _drift(phasors: NDArray[np.complex128]) -> NDArray[np.complex128]:
    """Return how the phase of the line turns from piece to piece, as factors of length 1.

    The grid wanders by 0.2 Hz about its frequency: within a few seconds the phase turns once.
    ``phasors`` are those of the pieces, each divided by the root of its power, so that pieces with
    little else than hum count most.
    """
    pairs = np.pad(phasors[1:] * phasors[:-1].conj(), (_DRIFT_PIECES, _DRIFT_PIECES))
    sums = np.append(0, np.cumsum(pairs))
    angle = np.angle(sums[2 * _DRIFT_PIECES + 1 :] - sums[: -2 * _DRIFT_PIECES - 1])
    most = 2 * np.pi * _MOST_DRIFT_HZ * _PIECE_S
    return np.exp(1j * np.append(0, np.cumsum(np.clip(angle, -most, most))))
