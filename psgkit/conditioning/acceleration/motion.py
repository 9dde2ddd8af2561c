"""Read an accelerometer in calibrated stretches, and filter each into bands on one grid of time.

Stretches overlap, so that memory does not grow with the recording.  Every sensor is analysed on the
same grid of ``GRID_HZ``: the spectrum of a stretch is multiplied by the gain of a band, cut off and
transformed back.  Movements, gravity and their edges therefore do not depend on the rate of the
recorder, nor does the cost of later steps.  The gains are those of Butterworth filters run forward
and backward (zero phase), without the warping of digital ones, which depends on the rate.
"""

from collections.abc import Callable, Iterator
from dataclasses import field
from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from psgkit.conditioning.emg.band import Band
from psgkit.conditioning.emg.usable import (
    Unusable,
    UsableRule,
    bridged,
    find_unusable_axes,
    widened,
)
from psgkit.conditioning.transforms import fast_length, irfft_rows, rfft_rows
from psgkit.core.acceleration import Acceleration
from psgkit.core.bounds import samples_at_least
from psgkit.core.dataclass import dataclass
from psgkit.core.frozen import frozen
from psgkit.core.intervals import Intervals, no_intervals, union
from psgkit.core.ranges import check_ranges

GRID_HZ = 32.0
"""Tick ``k`` of a sensor lies in the middle of ``[k, k + 1) / GRID_HZ`` seconds from its start."""

_PAD_S = 15.0
"""Length of the mirror image at true ends: a filter of order 2 at 0.25 Hz decays to 1e-8 in it."""
_BLOCKS = 4
_WHOLE_HZ = 1e-9
"""Tolerance of a whole-Hz rate, at which a stretch is filtered in ``_BLOCKS``: the vector lanes."""
_MAX_BLOCK_S = 120
"""A block may be this much longer than needed, so that it is a whole number of ticks."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Calibration:
    """Offset and gain of each axis: ``(stored - offset_g) * gain`` is true g.

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
    """Samples ``core`` of a sensor with their neighbours on both sides.

    Attributes
    ----------
    samples_g : float32 array, shape (n, n_axes)
        Calibrated; samples ``first`` to ``first + n`` of the signal.
    first : int
    core : (int, int)
        Samples of the signal that belong to this stretch; cores follow each other without a gap.
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


@dataclass(frozen=True, kw_only=True, slots=True)
class MotionBands:
    """How acceleration is split into bands.

    The band of movements, 0.3 to 10 Hz, is the default of the rule sheet (that of a commercial leg
    sensor is 0.3 to 20 Hz); gravity below 0.25 Hz is within its 0.15 to 0.25 Hz.  The other
    numbers are psgkit's own choice.

    Attributes
    ----------
    movement : Band
        Band of movements; its order holds at the upper edge, too.
    gravity_hz : float
        Slower changes are gravity.
    usable : UsableRule
        A sensor has noise: all axes constant for ``flat_s`` mean a device that is off.
    """

    movement: Band = field(default_factory=lambda: Band(low_hz=0.3, high_hz=10.0, order=2))
    gravity_hz: float = 0.25
    usable: UsableRule = field(
        default_factory=lambda: UsableRule(flat_s=10.0, saturated_s=0.2, margin_s=0.5)
    )

    def __post_init__(self) -> None:
        check_ranges(self)
        if not 0 < self.gravity_hz <= self.movement.low_hz:
            raise ValueError(
                f"gravity must lie below the band of movements, got {self.gravity_hz} Hz and "
                f"{self.movement.low_hz} Hz"
            )


class Gain(Protocol):
    """A band of any shape; hashable, for the cache."""

    def __hash__(self) -> int: ...

    def gain(self, frequency_hz: NDArray[np.float64], /) -> NDArray[np.float32]:
        """Return the factor for each frequency."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class FilteredMotion:
    """A stretch on the grid.

    Attributes
    ----------
    first : int
        Tick of the first row.
    core : (int, int)
        Ticks that belong to this stretch.
    fast_g, smooth_g, gravity_g : float32 arrays, shape (n, n_axes)
        Band of movements; everything below its upper edge; gravity.
    other_g : float32 array, shape (n, n_axes)
        One more band; no rows if none was asked for.
    blocked : Intervals
        Ticks that cannot be trusted, margins included, counted from tick 0 of the signal.
    missing : Intervals
        Ticks without samples, counted likewise, without margins.
    unusable : Unusable
        Of the samples of the core, counted from sample 0 of the signal; without margins.
    """

    first: int
    core: tuple[int, int]
    fast_g: NDArray[np.float32]
    smooth_g: NDArray[np.float32]
    gravity_g: NDArray[np.float32]
    other_g: NDArray[np.float32]
    blocked: Intervals
    missing: Intervals
    unusable: Unusable

    def __len__(self) -> int:
        return len(self.fast_g)


def motion_stretches(
    acceleration: Acceleration,
    calibration: Calibration,
    *,
    core_s: float = 900.0,
    margin_s: float = 30.0,
    wanted: Callable[[float, float], bool] | None = None,
) -> Iterator[MotionStretch]:
    """Yield the whole sensor in stretches of ``core_s`` with ``margin_s`` on both sides.

    Cores begin at multiples of whole seconds as near as samples allow.  A stretch for which
    ``wanted(begin_s, end_s)``, seconds of the recording, is False is not read.

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


def grid_ticks(n_samples: int, rate_hz: float) -> int:
    """Return how many whole ticks ``n_samples`` last.

    Examples
    --------
    >>> grid_ticks(100, 100.0), grid_ticks(99, 100.0)
    (32, 31)
    """
    return int(np.floor(n_samples * GRID_HZ / rate_hz + 1e-6))


def filtered_motion(
    stretch: MotionStretch,
    bands: MotionBands,
    limits: tuple[tuple[float, float] | None, ...] = (),
    other: Gain | None = None,
) -> FilteredMotion:
    """Return a stretch on the grid, in its bands.

    Parameters
    ----------
    stretch : MotionStretch
    bands : MotionBands
    limits : tuple of (float, float) or None
        Smallest and largest value each axis could store, in calibrated g.
    other : Gain, optional
        One more band that is wanted.

    Examples
    --------
    >>> still = MotionStretch(
    ...     samples_g=np.random.default_rng(0).normal([0, 0, 1], 0.002, (3000, 3)).astype("f4"),
    ...     first=0, core=(0, 3000), rate_hz=100.0, start_s=0.0,
    ... )
    >>> found = filtered_motion(still, MotionBands())
    >>> found.fast_g.shape, np.abs(found.gravity_g).mean(axis=0).round(2).tolist()
    ((960, 3), [0.0, 0.0, 1.0])
    """
    rate_hz, n = stretch.rate_hz, len(stretch.samples_g)
    core, shift = stretch.core, stretch.first
    limits = limits or (None,) * stretch.samples_g.shape[1]
    unusable = find_unusable_axes(stretch.samples_g, rate_hz, limits, bands.usable)
    runs = unusable.runs()
    samples = _bridged_axes(stretch.samples_g, runs)
    margin = samples_at_least(bands.usable.margin_s, rate_hz)
    blocked = widened(runs, margin, n) + shift
    first = -int(np.floor(-shift * GRID_HZ / rate_hz + 1e-6))
    last = grid_ticks(shift + n, rate_hz)
    spectra = _spectra(samples, rate_hz)
    # from the first sample of the transform to the first tick
    delay_s = (first + 0.5) / GRID_HZ - (shift - spectra.pad + 0.5) / rate_hz
    size = spectra.values.shape[2], spectra.step_hz, round(delay_s, 9)
    found = [
        spectra.on_grid(factor, max(last - first, 0))
        for factor in _factors(size, bands, other, rate_hz)
    ]
    return FilteredMotion(
        first=first,
        core=(grid_ticks(core[0], rate_hz), grid_ticks(core[1], rate_hz)),
        fast_g=found[0],
        smooth_g=found[1],
        gravity_g=found[2],
        other_g=found[3] if other else found[0][:0],
        blocked=_in_ticks(blocked, rate_hz),
        missing=_in_ticks(unusable.missing + shift, rate_hz),
        unusable=unusable.cut(core[0] - shift, core[1] - shift, -shift),
    )


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Spectra:
    """Spectra below half the grid rate of blocks that overlap, shape ``(n_axes, n_blocks, n)``.

    With their step in Hz, the samples of a block before and after its core, and the ticks of that.
    """

    values: NDArray[np.complex64]
    step_hz: float
    pad: int
    ticks: int

    def on_grid(self, factor: NDArray[np.complex64], count: int) -> NDArray[np.float32]:
        """Return ``count`` ticks of the spectra times ``factor``, shape ``(count, n_axes)``."""
        length = round(GRID_HZ / self.step_hz)
        out = irfft_rows(self.values * factor, length)[:, :, : self.ticks]
        return np.asarray(out.reshape(len(out), -1)[:, :count], dtype=np.float32).T


def _spectra(samples: NDArray[np.float32], rate_hz: float) -> _Spectra:
    n, n_axes = samples.shape
    pad = samples_at_least(_PAD_S, rate_hz)
    # four rows are transformed at once; blocks must begin on a sample and on a tick
    whole = abs(rate_hz - round(rate_hz)) < _WHOLE_HZ and n >= _BLOCKS * 2 * pad
    n_blocks = _BLOCKS if whole else 1
    size = _block_size(-(-n // n_blocks) + 2 * pad, rate_hz)
    hop, step_hz = size - 2 * pad, rate_hz / size
    kept = min(size // 2 + 1, round(GRID_HZ / step_hz) // 2 + 1)
    values = np.empty((n_axes, n_blocks, kept), dtype=np.complex64)
    beyond = (n_blocks - 1) * hop + size - n - pad
    for axis, own in zip(samples.T, values, strict=True):
        # one axis after the other takes a third of the memory
        padded = np.pad(axis, (pad, beyond), mode="symmetric")
        blocks = np.lib.stride_tricks.sliding_window_view(padded, size)[::hop]
        own[:] = rfft_rows(blocks)[:, :kept]
    ticks = round(hop * GRID_HZ / rate_hz) if n_blocks > 1 else round(GRID_HZ / step_hz)
    return _Spectra(values=values, step_hz=step_hz, pad=pad, ticks=ticks)


@lru_cache(maxsize=16)
def _block_size(least: int, rate_hz: float) -> int:
    """Return a number of samples that is quick to transform and close to whole seconds."""
    shortest_s = int(np.ceil(least / rate_hz))
    seconds = np.arange(shortest_s, shortest_s + _MAX_BLOCK_S)
    sizes = np.rint(seconds * rate_hz)
    off = np.round(np.abs(sizes - seconds * rate_hz), 9)
    slow = [fast_length(int(size)) != size for size in sizes]
    return int(sizes[np.lexsort((seconds, slow, off))[0]])


@lru_cache(maxsize=6)
def _factors(
    size: tuple[int, float, float], bands: MotionBands, other: Gain | None, rate_hz: float
) -> tuple[NDArray[np.complex64], ...]:
    """Return the factors of a spectrum, which nearly all stretches share.

    For movements, all below their upper edge, gravity and ``other``.  ``size`` is number and step
    of the frequencies, and a delay in seconds.
    """
    n, step_hz, delay_s = size
    hz = np.asarray(np.arange(n) * step_hz, dtype=np.float64)
    # the lengths of the two transforms differ
    turn = np.exp(2j * np.pi * hz * delay_s) * (round(GRID_HZ / step_hz) * step_hz / rate_hz)
    band = bands.movement.clipped(rate_hz)
    smooth = 1 / (1 + (hz / band.high_hz) ** (4 * band.order))
    high = hz ** (2 * band.order) / (hz ** (2 * band.order) + band.low_hz ** (2 * band.order))
    low = 1 / (1 + (hz / bands.gravity_hz) ** (2 * band.order))
    gains = [smooth * high, smooth, low, *([other.gain(hz)] if other else [])]
    return tuple(frozen(turn * gain, dtype=np.complex64) for gain in gains)


def _bridged_axes(samples_g: NDArray[np.float32], runs: Intervals) -> NDArray[np.float32]:
    if not len(runs):
        return samples_g
    return np.stack([bridged(axis, runs) for axis in samples_g.T]).astype(np.float32).T


def _in_ticks(runs: Intervals, rate_hz: float) -> Intervals:
    """Return the ticks that runs of samples touch."""
    if not len(runs):
        return no_intervals()
    begin = np.floor(runs[:, 0] * GRID_HZ / rate_hz + 1e-6)
    end = np.ceil(runs[:, 1] * GRID_HZ / rate_hz - 1e-6)
    return union(np.column_stack((begin, end)).astype(np.int64))
