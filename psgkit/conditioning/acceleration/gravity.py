"""Direction of gravity and movement of a sensor twice a second, for posture, turns and rest."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from psgkit.conditioning.acceleration.motion import (
    GRID_HZ,
    Calibration,
    FilteredMotion,
    MotionBands,
    filtered_motion,
    motion_stretches,
)
from psgkit.core.acceleration import Acceleration
from psgkit.core.dataclass import dataclass
from psgkit.core.frozen import frozen
from psgkit.core.intervals import paint

TRACK_HZ = 2.0
_TICKS = int(GRID_HZ / TRACK_HZ)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class GravityTrack:
    """Gravity and movement of one sensor, row ``k`` for ``[k, k + 1) / rate_hz`` from its start.

    Attributes
    ----------
    start_s : float
        Time of the beginning of row 0, seconds from the start of the recording.
    rate_hz : float
    gravity_g : float32 array, shape (n, n_axes)
        Calibrated acceleration below the band of movements.
    movement_g : float32 array, shape (n,)
        Mean magnitude of the band of movements.
    usable : bool array, shape (n,)
        False where any sample is missing, saturated, or of a device that is off; gravity is
        interpolated there.
    """

    start_s: float
    rate_hz: float = TRACK_HZ
    gravity_g: NDArray[np.float32]
    movement_g: NDArray[np.float32]
    usable: NDArray[np.bool_]

    def __post_init__(self) -> None:
        if self.gravity_g.ndim != 2:  # noqa: PLR2004 - rows and axes
            raise ValueError(f"gravity has rows and axes, got shape {self.gravity_g.shape}")
        if not len(self.gravity_g) == len(self.movement_g) == len(self.usable):
            raise ValueError("gravity, movement and usable must have one row each")
        object.__setattr__(self, "gravity_g", frozen(self.gravity_g, dtype=np.float32))
        object.__setattr__(self, "movement_g", frozen(self.movement_g, dtype=np.float32))
        object.__setattr__(self, "usable", frozen(self.usable, dtype=np.bool_))

    def __len__(self) -> int:
        return len(self.movement_g)

    @property
    def end_s(self) -> float:
        """Return the time at which the last row ends."""
        return self.start_s + len(self) / self.rate_hz

    def times_s(self) -> NDArray[np.float64]:
        """Return the time of the middle of each row, seconds from the start of the recording."""
        return np.asarray(self.start_s + (np.arange(len(self)) + 0.5) / self.rate_hz)

    @classmethod
    def joined(cls, parts: "Sequence[GravityTrack]", start_s: float, n_axes: int) -> "GravityTrack":
        """Return the rows of consecutive parts of one signal that starts at ``start_s``."""
        empty = np.empty((0, n_axes), dtype=np.float32)
        return cls(
            start_s=start_s,
            gravity_g=_in_a_row([empty, *(part.gravity_g for part in parts)]),
            movement_g=_in_a_row([empty[:, 0], *(part.movement_g for part in parts)]),
            usable=_in_a_row([np.empty(0, dtype=bool), *(part.usable for part in parts)]),
        )


def _in_a_row(parts: list[NDArray[Any]]) -> NDArray[Any]:
    """Return one read-only array, made without a second copy."""
    whole = np.concatenate(parts)
    whole.setflags(write=False)
    return whole


def gravity_track(
    acceleration: Acceleration,
    calibration: Calibration | None = None,
    bands: MotionBands | None = None,
) -> GravityTrack:
    """Return gravity and movement of a whole sensor; a last part of less than a row is left out.

    Examples
    --------
    >>> from psgkit.core.signal import Signal
    >>> rng = np.random.default_rng(0)
    >>> axes = [Signal(samples=rng.normal(g, 0.002, 3000), rate_hz=50.0, unit="g") for g in (0, 1)]
    >>> track = gravity_track(Acceleration(axes=tuple(axes), place="lumbar"))
    >>> len(track), np.round(track.gravity_g[60], 2).tolist(), bool(track.usable.all())
    (120, [0.0, 1.0], True)
    """
    calibration, bands = calibration or Calibration(), bands or MotionBands()
    limits = calibrated_limits(acceleration, calibration)
    parts = [
        track_part(filtered_motion(stretch, bands, limits), stretch.start_s)
        for stretch in motion_stretches(acceleration, calibration)
    ]
    return GravityTrack.joined(parts, acceleration.start_s, len(acceleration.axes))


def track_part(motion: FilteredMotion, start_s: float) -> GravityTrack:
    """Return the rows whose first tick lies in the core of a stretch; whole rows only.

    ``start_s`` is the time of tick 0.
    """
    begin = -(-motion.core[0] // _TICKS)
    end = min(-(-motion.core[1] // _TICKS), (motion.first + len(motion)) // _TICKS)
    end = max(begin, end)
    low = begin * _TICKS - motion.first
    rows = slice(low, low + (end - begin) * _TICKS)
    norm = vector_norm(motion.fast_g[rows])
    bad = paint(motion.blocked - motion.first, len(motion))[rows]
    ticks = motion.gravity_g[rows]
    # gravity is so slow that the two middle ticks of a row give its mean
    gravity = (ticks[_TICKS // 2 - 1 :: _TICKS] + ticks[_TICKS // 2 :: _TICKS]) * np.float32(0.5)
    return GravityTrack(
        start_s=start_s + begin / TRACK_HZ,
        gravity_g=gravity,
        movement_g=norm.reshape(-1, _TICKS).mean(axis=1),
        usable=np.logical_not(bad.reshape(-1, _TICKS).any(axis=1)),
    )


def vector_norm(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the length of each row.

    Examples
    --------
    >>> vector_norm(np.array([[3.0, 4.0]], dtype=np.float32)).tolist()
    [5.0]
    """
    # axis by axis: numpy is slow over rows of three
    square = rows[:, 0] ** 2
    for axis in rows.T[1:]:
        square += axis**2
    return np.asarray(np.sqrt(square))


def calibrated_limits(
    acceleration: Acceleration, calibration: Calibration
) -> tuple[tuple[float, float] | None, ...]:
    """Return the limits of each axis in calibrated g."""
    limits: list[tuple[float, float] | None] = []
    for row, axis in enumerate(acceleration.axes):
        if axis.limits is None or not len(calibration.gain):
            limits.append(axis.limits)
            continue
        low, high = (
            float((value - calibration.offset_g[row]) * calibration.gain[row])
            for value in axis.limits
        )
        limits.append((low, high))
    return tuple(limits)
