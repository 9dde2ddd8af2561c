"""ENMO, MAD and z-angle of a sensor, epoch by epoch, from its samples.

Conventions: epochs follow each other from the first sample; each begins with the first sample at or
after its time, at any rate.  A missing sample makes its epoch NaN.  Functions on arrays take
acceleration in g, shape ``(n, 3)``, and the first sample of each epoch.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from psgkit.conditioning.acceleration.motion import Calibration
from psgkit.core.acceleration import Acceleration
from psgkit.core.days.epoch_motion import EPOCH_S, MEASURES, EpochMotion

_EPOCHS_AT_ONCE = 360
_N_AXES = 3
_EDGE = 1e-6
_UP = 2


def epoch_motion(
    acceleration: Acceleration, calibration: Calibration | None = None, epoch_s: float = EPOCH_S
) -> EpochMotion:
    """Return movement and angle of every whole epoch of a sensor, read half an hour at a time.

    Examples
    --------
    >>> from psgkit.core.signal import Signal
    >>> axes = [Signal(samples=np.full(500, g), rate_hz=50.0, unit="g") for g in (0.0, 0.0, 1.0)]
    >>> found = epoch_motion(Acceleration(axes=tuple(axes), place="left_wrist"))
    >>> found.z_angle_deg.tolist(), found.enmo_g.tolist()
    ([90.0, 90.0], [0.0, 0.0])
    """
    if len(acceleration.axes) != _N_AXES:
        raise ValueError(f"{acceleration.place}: three axes are needed, got {acceleration.labels}")
    calibration = calibration or Calibration()
    rate_hz = acceleration.rate_hz
    n_epochs = int(np.floor(len(acceleration) / rate_hz / epoch_s + _EDGE))
    first = np.ceil(np.arange(n_epochs + 1) * epoch_s * rate_hz - _EDGE).astype(np.int64)
    first = np.minimum(first, len(acceleration))
    found = np.full((len(MEASURES), n_epochs), np.nan)
    for begin in range(0, n_epochs, _EPOCHS_AT_ONCE):
        end = min(begin + _EPOCHS_AT_ONCE, n_epochs)
        samples_g = calibration.applied(acceleration.read(int(first[begin]), int(first[end])))
        starts = first[begin:end] - first[begin]
        norm_g = np.sqrt(np.einsum("ij,ij->i", samples_g, samples_g), dtype=np.float64)
        found[0, begin:end] = enmo(norm_g, starts)
        found[1, begin:end] = mad(norm_g, starts)
        found[2, begin:end] = z_angle(samples_g, starts)
    return EpochMotion(
        **dict(zip(MEASURES, found, strict=True)), epoch_s=epoch_s, start_s=acceleration.start_s
    )


def joined_epochs(parts: Sequence[EpochMotion]) -> EpochMotion:
    """Return the epochs of all segments of a sensor on the grid of the first; NaN between them.

    Epochs of a segment off that grid go to the nearest epoch of the grid.
    """
    epoch_s, start_s = parts[0].epoch_s, parts[0].start_s
    firsts = [round((part.start_s - start_s) / epoch_s) for part in parts]
    n_epochs = max(first + len(part) for first, part in zip(firsts, parts, strict=True))
    found = np.full((len(MEASURES), n_epochs), np.nan)
    for first, part in zip(firsts, parts, strict=True):
        for row, name in zip(found, MEASURES, strict=True):
            row[first : first + len(part)] = getattr(part, name)
    return EpochMotion(**dict(zip(MEASURES, found, strict=True)), epoch_s=epoch_s, start_s=start_s)


def enmo(norm_g: NDArray[np.float64], first: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the mean excess of the norm over 1 g in each epoch.

    Examples
    --------
    >>> enmo(np.array([1.5, 0.5, 1.0, 1.25]), np.array([0, 2])).tolist()
    [0.25, 0.125]
    """
    return _epoch_mean(np.maximum(norm_g - 1.0, 0.0), first)


def mad(norm_g: NDArray[np.float64], first: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the mean distance of the norm from its mean over each epoch.

    Examples
    --------
    >>> mad(np.array([1.5, 0.5, 1.0, 1.5]), np.array([0, 2])).tolist()
    [0.5, 0.25]
    """
    lengths = np.diff(first, append=len(norm_g))
    return _epoch_mean(np.abs(norm_g - np.repeat(_epoch_mean(norm_g, first), lengths)), first)


def z_angle(samples_g: NDArray[np.float32], first: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the angle of the third axis above the horizontal, in degrees, over each epoch.

    It is that of the median of each axis over the epoch.  The paper takes a median over 5 s around
    every sample and averages the angles over the epoch, which at rest is the same.
    """
    medians = _epoch_medians(samples_g, first)
    flat = np.hypot(medians[:, 0], medians[:, 1])
    angle = np.degrees(np.arctan2(medians[:, _UP], flat))
    return np.asarray(angle, dtype=np.float64)


def _epoch_mean(values: NDArray[np.float64], first: NDArray[np.int64]) -> NDArray[np.float64]:
    if not len(first):
        return np.empty(0)
    return np.asarray(np.add.reduceat(values, first) / np.diff(first, append=len(values)))


def _epoch_medians(samples_g: NDArray[np.float32], first: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return the median of each axis over each epoch; epochs differ in length by a sample."""
    lengths = np.diff(first, append=len(samples_g))
    found = np.empty((len(first), samples_g.shape[1]), dtype=np.float32)
    for length in np.unique(lengths).tolist():
        rows = np.flatnonzero(lengths == length)
        for column, axis in zip(found.T, samples_g.T, strict=True):
            views = np.lib.stride_tricks.sliding_window_view(axis, length)[first[rows]]
            half = length // 2
            ordered = np.partition(views, half, axis=1)
            upper = ordered[:, half]
            # for an even number, the largest of the lower half is the other middle value
            lower = upper if length % 2 else ordered[:, :half].max(axis=1)
            # NaN sorts last and would give the median of the other samples
            missing = np.isnan(ordered[:, half:].sum(axis=1))
            column[rows] = np.where(missing, np.nan, (lower + upper) / 2)
    return found
