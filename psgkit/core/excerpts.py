"""Pieces of the signals around movements, small enough to be shown on a page.

Conventions: windows are whole seconds, half-open, sorted and disjoint; the values of a trace lie
window after window, ``rate_hz`` of them a second; a value is a signed square root in 8 bits, so
that rest and a movement a hundred times as large are both to be seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from psgkit.core.intervals import Intervals, no_intervals

MISSING = -128
"""Code of a value that is not known."""

_LARGEST = 127


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Trace:
    """One line of a channel: ``low`` and ``high`` (smallest and largest value), ``level`` (the
    envelope that is scored), ``rest``, ``on``, ``off`` (resting level and thresholds).
    """  # noqa: D205

    name: str
    rate_hz: float
    codes: NDArray[np.int8]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ExcerptChannel:
    """The traces of one channel or sensor.

    Attributes
    ----------
    label, place : str
        What the recording calls it, and where it was worn.
    unit : str
        ``uV`` or ``g``.
    scale : float
        A code ``q`` stands for ``sign(q) q**2 scale`` of the unit.
    traces : tuple of Trace
    rows : int64 array
        Movements that were seen in it, as rows of the night's table.
    """

    label: str
    place: str
    unit: str
    scale: float
    traces: tuple[Trace, ...]
    rows: NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class SignalExcerpts:
    """What was embedded of the signals of a night.

    Attributes
    ----------
    windows : Intervals
        Seconds from the start of the recording.
    channels : tuple of ExcerptChannel
    left_out_n : int
        Movements around which nothing was kept, because there are too many.
    """

    windows: Intervals = field(default_factory=lambda: no_intervals(np.int64))
    channels: tuple[ExcerptChannel, ...] = ()
    left_out_n: int = 0


def encoded(values: NDArray[np.floating], scale: float) -> NDArray[np.int8]:
    """Return values as codes; what is not finite is ``MISSING``.

    Examples
    --------
    >>> codes = encoded(np.array([0.0, 2.0, -8.0, np.nan]), 0.02)
    >>> codes.tolist(), decoded(codes, 0.02).round(6).tolist()
    ([0, 10, -20, -128], [0.0, 2.0, -8.0, nan])
    """
    with np.errstate(invalid="ignore"):
        codes = np.rint(np.sign(values) * np.sqrt(np.abs(values) / scale))
        codes = np.clip(codes, -_LARGEST, _LARGEST)
    return np.where(np.isfinite(values), codes, MISSING).astype(np.int8)


def decoded(codes: NDArray[np.int8], scale: float) -> NDArray[np.float64]:
    """Return the values that ``codes`` stand for, NaN where there is none."""
    whole = codes.astype(np.float64)
    return np.where(codes == MISSING, np.nan, np.sign(whole) * whole**2 * scale)


def window_around(
    onset_s: NDArray[np.float64], end_s: NDArray[np.float64], length_s: float
) -> Intervals:
    """Return from where to where ``length_s`` around each movement goes, in whole seconds.

    A movement longer than half of it has a quarter of it to each side.

    Examples
    --------
    >>> window_around(np.array([100.0, 100.0]), np.array([102.0, 140.0]), 30.0).tolist()
    [[86, 116], [92, 148]]
    """
    half = np.maximum(length_s / 2, (end_s - onset_s) / 2 + length_s / 4)
    middle = (onset_s + end_s) / 2
    return np.column_stack((np.floor(middle - half), np.ceil(middle + half))).astype(np.int64)


def seconds_in(windows: Intervals) -> int:
    """Return how many seconds disjoint ``windows`` last together."""
    return int((windows[:, 1] - windows[:, 0]).sum())


def joined_codes(parts: Sequence[NDArray[np.int8]]) -> NDArray[np.int8]:
    """Return the codes of consecutive windows as one array."""
    return np.concatenate(parts) if parts else np.empty(0, dtype=np.int8)
