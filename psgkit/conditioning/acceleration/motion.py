"""Walk through an accelerometer in stretches, calibrated, with neighbourhood: memory stays low."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from psgkit.core.acceleration import Acceleration
from psgkit.core.bounds import samples_at_least


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Calibration:
    """What turns stored g into true g, axis by axis: ``(stored - offset_g) * gain``.

    Empty arrays change nothing.
    """

    offset_g: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    gain: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))

    def applied(self, samples_g: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return calibrated samples, shape ``(n, n_axes)``."""
        if not len(self.gain):
            return samples_g
        moved = np.empty_like(samples_g)
        # column by column: numpy is slow over rows of three
        for row, (offset, gain) in enumerate(zip(self.offset_g, self.gain, strict=True)):
            np.subtract(samples_g[:, row], np.float32(offset), out=moved[:, row])
            moved[:, row] *= np.float32(gain)
        return moved


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class MotionStretch:
    """Samples ``core`` of a sensor with what lies around them.

    Attributes
    ----------
    samples_g : float32 array, shape (n, n_axes)
        Calibrated; samples ``first`` to ``first + n`` of the signal.
    first : int
    core : (int, int)
        Samples of the signal this stretch answers for; cores follow each other without a gap.
    rate_hz : float
    start_s : float
        Time of sample 0 of the signal, seconds from the start of the recording.
    """

    samples_g: NDArray[np.float32]
    first: int
    core: tuple[int, int]
    rate_hz: float
    start_s: float

    def seconds(self, samples: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the times of samples of the signal."""
        return np.asarray(self.start_s + samples / self.rate_hz)


def motion_stretches(
    acceleration: Acceleration,
    calibration: Calibration,
    *,
    core_s: float = 900.0,
    margin_s: float = 30.0,
    wanted: Callable[[float, float], bool] | None = None,
) -> Iterator[MotionStretch]:
    """Yield the whole sensor in stretches of ``core_s`` with ``margin_s`` on both sides.

    Cores begin at multiples of whole seconds as near as samples allow.  Those for which ``wanted``
    says no, asked with begin and end of all of it in seconds of the recording, are not even read.

    Examples
    --------
    >>> from psgkit.core.signal import Signal
    >>> axis = Signal(samples=np.zeros(1000), rate_hz=10.0, unit="g")
    >>> sensor = Acceleration(axes=(axis,), place="left_ankle")
    >>> walk = motion_stretches(sensor, Calibration(), core_s=60.0, margin_s=5.0)
    >>> [(part.first, part.core, len(part.samples_g)) for part in walk]
    [(0, (0, 600), 650), (550, (600, 1000), 450)]
    """
    rate_hz, n = acceleration.rate_hz, len(acceleration)
    length, margin = samples_at_least(core_s, rate_hz), samples_at_least(margin_s, rate_hz)
    for begin in range(0, n, length):
        end = min(begin + length, n)
        first, last = max(0, begin - margin), min(n, end + margin)
        ends_s = (acceleration.start_s + sample / rate_hz for sample in (first, last))
        if wanted and not wanted(*ends_s):
            continue
        yield MotionStretch(
            samples_g=calibration.applied(acceleration.read(first, last)),
            first=first,
            core=(begin, end),
            rate_hz=rate_hz,
            start_s=acceleration.start_s,
        )
