"""The sideways direction of the trunk, from its acceleration while walking.

Vertical and forward motion of the trunk repeat with every step, sideways motion with every second
step, the stride.  Odd harmonics of the stride are therefore sideways and even ones are not, the
symmetry behind the harmonic ratio of gait (Bellanca et al. 2013, J Biomech 46:828-831; from memory,
unconfirmed).  The line has no sign: it separates sides from front and back, not left from right.
"""

from collections.abc import Sequence
from dataclasses import field

import numpy as np
from numpy.typing import NDArray

from psgkit.conditioning.acceleration.motion import Calibration
from psgkit.core.acceleration import Acceleration
from psgkit.core.bounds import samples_at_least
from psgkit.core.dataclass import dataclass
from psgkit.core.intervals import Intervals, intersect

_N_AXES = 3
_HARMONICS = 4
_NEAR = 0.25


@dataclass(frozen=True, kw_only=True, slots=True)
class GaitRule:
    """How walking is measured; the numbers are psgkit's own choice.

    Attributes
    ----------
    window_s : float
        Length of a spectrum, two cycles of the slowest stride at least.
    max_windows : int
        At most so many windows are read.
    step_low_hz, step_high_hz : float
        Range of step rates.
    """

    window_s: float = 8.0
    max_windows: int = 60
    step_low_hz: float = 1.2
    step_high_hz: float = 2.6

    def __post_init__(self) -> None:
        if not 0 < self.step_low_hz < self.step_high_hz or self.window_s <= 0:
            raise ValueError("gait needs 0 < step_low_hz < step_high_hz and a positive window_s")


def _no_power() -> NDArray[np.float64]:
    return np.zeros((_N_AXES, _N_AXES))


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Gait:
    """Time of walking, and the acceleration of the trunk in it.

    Attributes
    ----------
    walking : Intervals
        Seconds, shape ``(n, 2)``.
    odd, even : float64 arrays, shape (3, 3)
        Power at odd and even harmonics of the stride, as products of the axes; 0 if not measured.
    """

    walking: Intervals
    odd: NDArray[np.float64] = field(default_factory=_no_power)
    even: NDArray[np.float64] = field(default_factory=_no_power)

    def sideways(self, plane: NDArray[np.float64]) -> tuple[float, float]:
        """Return the angle of the sideways line in ``plane``, degrees, and its clarity, 0-1.

        ``plane`` has two unit vectors at right angles as rows; the angle is from the first to the
        second.
        """
        odd, both = plane @ self.odd @ plane.T, plane @ (self.odd + self.even) @ plane.T
        if not np.trace(both) > 0:
            return 0.0, 0.0
        angles = np.radians(np.arange(180.0))
        lines = np.column_stack((np.cos(angles), np.sin(angles)))
        shares = [np.einsum("ni,ij,nj->n", lines, part, lines) for part in (odd, both)]
        share = shares[0] / np.maximum(shares[1], 1e-12 * np.trace(both))
        best = int(np.argmax(share))
        across = (best + len(angles) // 2) % len(angles)
        return float(best), float(np.clip(share[best] - share[across], 0.0, 1.0))


def measured_gait(
    parts: Sequence[Acceleration], calibration: Calibration, walking: Intervals, rule: GaitRule
) -> Gait:
    """Measure the acceleration of a three-axis trunk sensor while walking.

    ``parts`` are the stretches of one sensor; with other than three axes, or at a rate too low for
    the harmonics, nothing is measured.

    Examples
    --------
    >>> from psgkit.core.signal import Signal
    >>> at = np.arange(0, 40, 0.02)
    >>> waves = [np.sin(2 * np.pi * hz * at) for hz in (0.9, 1.8, 1.8)]
    >>> axes = tuple(Signal(samples=wave, rate_hz=50.0, unit="g") for wave in waves)
    >>> sensor = Acceleration(axes=axes, place="lumbar")
    >>> gait = measured_gait([sensor], Calibration(), np.array([[0.0, 40.0]]), GaitRule())
    >>> angle, plain = gait.sideways(np.eye(3)[:2])
    >>> angle, plain > 0.9
    (0.0, True)
    """
    odd, even, left = _no_power(), _no_power(), rule.max_windows
    for part in parts:
        length = samples_at_least(rule.window_s, part.rate_hz)
        if len(part.axes) != _N_AXES or part.rate_hz < _HARMONICS * rule.step_high_hz:
            continue
        starts = _window_starts(part, walking, length)[:left]
        left -= len(starts)
        for first in starts:
            samples_g = calibration.applied(part.read(first, first + length)).astype(np.float64)
            if np.isfinite(samples_g).all():
                powers = _by_harmonic(samples_g, part.rate_hz, rule)
                odd, even = odd + powers[0], even + powers[1]
    return Gait(walking=walking, odd=odd, even=even)


def _window_starts(acceleration: Acceleration, walking: Intervals, length: int) -> list[int]:
    start_s = acceleration.start_s
    here = intersect(
        np.asarray(walking, dtype=np.float64).reshape(-1, 2),
        np.array([[start_s, start_s + acceleration.duration_s]]),
    )
    inside = np.rint((here - start_s) * acceleration.rate_hz).astype(np.int64)
    return [at for low, high in inside.tolist() for at in range(low, high - length + 1, length)]


def _by_harmonic(
    samples_g: NDArray[np.float64], rate_hz: float, rule: GaitRule
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return products of the axes at odd and at even harmonics, as shares of all of them."""
    n = len(samples_g)
    centred = (samples_g - samples_g.mean(axis=0)) * np.hanning(n)[:, None]
    spectrum = np.fft.rfft(centred, axis=0)
    hz = np.fft.rfftfreq(n, 1.0 / rate_hz)
    power = (np.abs(spectrum) ** 2).sum(axis=1)
    steps = (hz >= rule.step_low_hz) & (hz <= rule.step_high_hz)
    stride_hz = hz[steps][int(np.argmax(power[steps]))] / 2.0
    nearest = np.rint(hz / stride_hz)
    within = (np.abs(hz / stride_hz - nearest) <= _NEAR) & (nearest >= 1)
    within &= nearest <= _HARMONICS
    parts = []
    for rest in (1, 0):
        chosen = spectrum[within & (nearest % 2 == rest)]
        parts.append((chosen.T @ chosen.conj()).real)
    whole = max(float(np.trace(parts[0] + parts[1])), 1e-12)
    return parts[0] / whole, parts[1] / whole
