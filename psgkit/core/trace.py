"""The trace of a night: filtered signal and thresholds of each channel, decimated for display.

A trace covers the whole recording.  A page shows 30 s of it around each movement, and a reviewer
can look at any other part without the recording.  It holds the filtered signal and the levels it
was compared with, not the samples themselves.

Conventions: bin ``k`` of a line at ``rate_hz`` covers the seconds ``[k, k + 1) / rate_hz`` from the
start of the recording.  A value is stored as a signed square root in 8 bits: code ``q`` stands for
``sign(q) q**2 scale`` of the unit, so that rest and a movement a hundred times as large can both be
read, to about 1 uV at 10 uV and 5 uV at 100 uV.
"""

from collections.abc import Mapping
from dataclasses import field

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.intervals import Intervals, no_intervals
from psgkit.core.reviewed import ReviewStart

MISSING = -128
"""Code of a value that is not known."""
LARGEST = 127
"""Code of the largest value; larger ones are clipped to it."""

FAST_LINES = ("low", "high", "level")
"""Smallest and largest value of the filtered signal in each bin, and the largest of its envelope,
which the detector compares with the thresholds."""
SLOW_LINES = ("rest", "on", "off")
"""Resting level, and thresholds at which a movement starts and ends, in the middle of each bin."""
SLOW_HZ = 1.0


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class TraceChannel:
    """The trace of one EMG channel, or of one accelerometer, whose axes become one magnitude.

    Attributes
    ----------
    labels : tuple of str
        The channels of the recording: one of EMG, up to three axes of an accelerometer.
    place : str
        Where it was worn: ``left_leg``, ``lumbar``.
    unit : str
        ``uV`` or ``g``.
    scale : float
        Of the codes, in that unit.
    lines : mapping of str to int8 array
        ``FAST_LINES`` at the rate of the trace, ``SLOW_LINES`` at ``SLOW_HZ``, whole seconds of
        all.  An accelerometer has no ``low``: a magnitude has none.
    unusable_s : Intervals
        Seconds in which no movement can be found, margins included.
    """

    labels: tuple[str, ...]
    place: str
    unit: str
    scale: float
    lines: Mapping[str, NDArray[np.int8]]
    unusable_s: Intervals = field(default_factory=lambda: no_intervals(np.float64))

    @property
    def label(self) -> str:
        """Return the labels in one text."""
        return ", ".join(self.labels)

    def values(self, line: str) -> NDArray[np.float64]:
        """Return one line in ``unit``, NaN where it is not known."""
        return decoded(self.lines[line], self.scale)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class NightTrace:
    """The traces of all channels of a night.

    Attributes
    ----------
    duration_s : float
        Of the recording.
    rate_hz : float
        Bins a second of ``FAST_LINES``: 20, or fewer where the recording is very long.
    channels : tuple of TraceChannel
        Legs, arms, trunk, accelerometers; each in the order of the recording.
    sha256 : str or None
        Digest of the recording, where it is a file.
    review_start : ReviewStart or None
        Of its report, where the trace was read from a file.
    """

    duration_s: float
    rate_hz: float
    channels: tuple[TraceChannel, ...] = ()
    sha256: str | None = None
    review_start: ReviewStart | None = None


def encoded(values: NDArray[np.floating], scale: float) -> NDArray[np.int8]:
    """Return values as codes, ``MISSING`` where not finite.

    Examples
    --------
    >>> codes = encoded(np.array([0.0, 2.0, -8.0, np.nan]), 0.02)
    >>> codes.tolist(), decoded(codes, 0.02).round(6).tolist()
    ([0, 10, -20, -128], [0.0, 2.0, -8.0, nan])
    """
    codes = np.sqrt(np.abs(values) / scale)
    np.minimum(np.rint(codes, out=codes), LARGEST, out=codes)
    np.copysign(codes, values, out=codes)
    codes[~np.isfinite(values)] = MISSING
    return np.asarray(codes, dtype=np.int8)


def decoded(codes: NDArray[np.int8], scale: float) -> NDArray[np.float64]:
    """Return the values that ``codes`` stand for, NaN where there is none."""
    whole = codes.astype(np.float64)
    return np.where(codes == MISSING, np.nan, np.sign(whole) * whole**2 * scale)


def window_around(
    onset_s: NDArray[np.float64], end_s: NDArray[np.float64], length_s: float
) -> Intervals:
    """Return a window of ``length_s`` around each movement, in whole seconds.

    A movement longer than half of ``length_s`` gets a quarter of it as margin on each side.

    Examples
    --------
    >>> window_around(np.array([100.0, 100.0]), np.array([102.0, 140.0]), 30.0).tolist()
    [[86, 116], [92, 148]]
    """
    half = np.maximum(length_s / 2, (end_s - onset_s) / 2 + length_s / 4)
    middle = (onset_s + end_s) / 2
    return np.column_stack((np.floor(middle - half), np.ceil(middle + half))).astype(np.int64)
