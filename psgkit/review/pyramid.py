"""Smallest and largest values of a signal in steps of 2, 4, 8... samples, built block by block.

A filter is applied before, to each block with a margin, and looks the same in every window.  Blocks
are built where a window needs them, or by ``psgkit.review.reading`` beforehand.
"""

from collections.abc import Callable
from dataclasses import field
from itertools import pairwise
from threading import Lock
from time import monotonic
from typing import Any

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.signal import Signal

_BASE = 16
MOST_BINS = 2**19
"""Bins of a channel's lowest level at most, 4 MB; longer or faster recordings get wider bins."""
_BLOCK_SAMPLES = 2**17
_FEWEST_BLOCK_BINS = 2**6
"""Of a block, however wide its bins are."""
_MARGIN_PERIODS = 3.0
"""Periods of the lowest frequency of a filter that are read before and after a block."""
_LONGEST_MARGIN_S = 30.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Filter:
    """Band of a channel on the page; detection has its own.

    Attributes
    ----------
    low_hz, high_hz, notch_hz : float or None
        High-pass, low-pass and mains frequency; None leaves out the filter.
    """

    low_hz: float | None = None
    high_hz: float | None = None
    notch_hz: float | None = None

    def sections(self, rate_hz: float) -> NDArray[np.float64] | None:
        """Return second-order sections for a rate, or None where nothing is to be filtered.

        Frequencies that the rate cannot hold are left out.

        Examples
        --------
        >>> Filter(low_hz=10.0, high_hz=100.0).sections(256.0).shape
        (2, 6)
        >>> Filter(high_hz=100.0).sections(100.0) is None
        True
        """
        from scipy.signal import butter, iirnotch, tf2sos

        most = 0.49 * rate_hz
        found = []
        if self.low_hz is not None and self.low_hz < most:
            found.append(butter(2, self.low_hz, "high", fs=rate_hz, output="sos"))
        if self.high_hz is not None and self.high_hz < most:
            found.append(butter(2, self.high_hz, "low", fs=rate_hz, output="sos"))
        if self.notch_hz is not None and self.notch_hz < most:
            found.append(tf2sos(*iirnotch(self.notch_hz, 30.0, fs=rate_hz)))
        return np.vstack(found) if found else None

    @property
    def margin_s(self) -> float:
        """Return how much must be read beside what is filtered."""
        lowest = self.low_hz or self.notch_hz or self.high_hz
        return min(_MARGIN_PERIODS / lowest, _LONGEST_MARGIN_S) if lowest else 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """Seconds ``from_s`` to ``to_s``, drawn ``width_px`` wide."""

    from_s: float
    to_s: float
    width_px: int

    @property
    def step_s(self) -> float:
        """Return the seconds of a pixel."""
        return (self.to_s - self.from_s) / self.width_px

    def edges(self) -> NDArray[np.float64]:
        """Return the times between pixels, one more than there are pixels."""
        return np.linspace(self.from_s, self.to_s, self.width_px + 1)


def bin_of(samples_n: int, most_bins: int = MOST_BINS) -> int:
    """Return the samples in a bin of the lowest level: a power of two.

    Examples
    --------
    >>> bin_of(1000), bin_of(8 * 3600 * 512)
    (16, 32)
    """
    bin_n = _BASE
    while samples_n > bin_n * most_bins:
        bin_n *= 2
    return bin_n


@dataclass(kw_only=True, slots=True, eq=False)
class Pyramid:
    """Smallest and largest values of one stretch without a gap, built where they are needed."""

    signal: Signal
    chosen: Filter
    bin_n: int
    clock: Callable[[], float] = monotonic
    _levels: list[NDArray[np.float32]] = field(default_factory=list)
    _built: Any = None
    _sections: Any = None
    _lock: Any = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self._sections = self.chosen.sections(self.signal.rate_hz)

    @property
    def block_bins(self) -> int:
        """Return the bins of the lowest level that are built together: a power of two."""
        return max(_BLOCK_SAMPLES // self.bin_n, _FEWEST_BLOCK_BINS)

    @property
    def block_samples(self) -> int:
        """Return the samples of a block."""
        return self.bin_n * self.block_bins

    @property
    def blocks_n(self) -> int:
        """Return how many blocks there are."""
        return -(-len(self.signal.samples) // self.block_samples)

    def missing(self, from_s: float, to_s: float) -> list[int]:
        """Return the blocks of a span that are not built, spread over it, the first ones first."""
        rate_hz, n = self.signal.rate_hz, len(self.signal.samples)
        first, last = (round((at - self.signal.start_s) * rate_hz) for at in (from_s, to_s))
        first, last = max(first, 0), min(last, n)
        if first >= last:
            return []
        blocks = np.arange(first // self.block_samples, -(-last // self.block_samples))
        return _spread(blocks if not self._levels else blocks[~self._built[blocks]])

    def build(self, block: int) -> None:
        """Build a block, unless it is there."""
        with self._lock:
            if not self._levels:
                self._make_levels()
            if not self._built[block]:
                self._build_block(block)
                self._built[block] = True

    @property
    def has_begun(self) -> bool:
        """Return whether any block was built, or asked for."""
        return bool(self._levels)

    @property
    def is_whole(self) -> bool:
        """Return whether all blocks are built."""
        return bool(self._levels) and bool(self._built.all())

    def lowest_level(self) -> NDArray[np.float32]:
        """Return smallest and largest values of the lowest level, for a file."""
        return self._levels[0]

    def take_level(self, lowest: NDArray[np.float32]) -> bool:
        """Take over the lowest level from a file; return whether it is of this pyramid's size."""
        with self._lock:
            self._make_levels()
            if lowest.shape != self._levels[0].shape or lowest.dtype != np.float32:
                return False
            self._levels[0][:] = lowest
            for below, level in pairwise(self._levels):
                halves = below[: 2 * len(level)].reshape(-1, 2, 2)
                level[:, 0] = np.fmin(halves[:, 0, 0], halves[:, 1, 0])
                level[:, 1] = np.fmax(halves[:, 0, 1], halves[:, 1, 1])
            self._built[:] = True
        return True

    def fill(
        self,
        window: Window,
        pairs: NDArray[np.float32],
        until: float | None = None,
        *,
        build: bool = True,
    ) -> bool:
        """Write smallest and largest values into the pixels that this stretch covers.

        Returns whether all of them are known: what is not built at the time ``until`` stays NaN;
        without ``build`` all that is not there now.
        """
        rate_hz, n = self.signal.rate_hz, len(self.signal.samples)
        edges = np.rint((window.edges() - self.signal.start_s) * rate_hz).astype(np.int64)
        np.clip(edges, 0, n, out=edges)
        there = np.flatnonzero(edges[1:] > edges[:-1])
        if not len(there):
            return True
        first, last = int(edges[there[0]]), int(edges[there[-1] + 1])
        per_px = window.step_s * rate_hz
        whole = True
        if per_px < 2 * self.bin_n:
            values = self.samples(first, last)
            starts = edges[there] - first
            lowest, highest = _extremes_of(values)
            low, high = lowest.reduceat(values, starts), highest.reduceat(values, starts)
        else:
            whole = self._build(first, last, until) if build else self._has(first, last)
            if not self._levels:
                return False
            low, high = self._from_levels(edges[there[0] : there[-1] + 2], per_px)
        # a pixel that two stretches share shows both
        pairs[there, 0] = np.fmin(pairs[there, 0], low)
        pairs[there, 1] = np.fmax(pairs[there, 1], high)
        return whole

    def _from_levels(
        self, edges: NDArray[np.int64], per_px: float
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        level = min(int(np.log2(per_px / (2 * self.bin_n))), len(self._levels) - 1)
        bins = self._levels[level]
        starts = np.minimum(edges[:-1] // (self.bin_n << level), len(bins) - 1)
        stop = min(-(-int(edges[-1]) // (self.bin_n << level)), len(bins))
        part = bins[starts[0] : max(stop, starts[-1] + 1)]
        begin = starts - starts[0]
        return np.fmin.reduceat(part[:, 0], begin), np.fmax.reduceat(part[:, 1], begin)

    def _has(self, first: int, last: int) -> bool:
        size = self.block_samples
        return bool(self._levels) and bool(self._built[first // size : -(-last // size)].all())

    def _build(self, first: int, last: int, until: float | None) -> bool:
        """Build the blocks between two samples that are not there yet; return whether all are."""
        left = -1.0 if until is None else max(until - self.clock(), 0.0)
        if not self._lock.acquire(timeout=left):
            return False  # another request builds them
        try:
            if not self._levels:
                self._make_levels()
            size = self.block_samples
            blocks = np.arange(first // size, -(-last // size))
            missing = blocks[~self._built[blocks]]
            for n, block in enumerate(_spread(missing)):
                if n and until is not None and self.clock() >= until:
                    return False
                self._build_block(block)
                self._built[block] = True
        finally:
            self._lock.release()
        return True

    def _make_levels(self) -> None:
        n_bins = -(-len(self.signal.samples) // self.bin_n)
        self._built = np.zeros(-(-n_bins // self.block_bins), dtype=bool)
        whole, levels = len(self._built) * self.block_bins, []
        while whole >= 2:  # noqa: PLR2004 - a level of two bins is the last
            levels.append(np.full((whole, 2), np.nan, dtype=np.float32))
            if whole % 2:
                break
            whole //= 2
        self._levels = levels

    def _build_block(self, block: int) -> None:
        size = self.block_samples
        values = self.samples(block * size, min((block + 1) * size, len(self.signal.samples)))
        missing = -len(values) % self.bin_n
        if missing:
            values = np.concatenate((values, np.full(missing, np.nan, dtype=np.float32)))
        lowest, highest = _extremes_of(values)
        low = high = values
        while len(low) * self.bin_n > len(values):  # by halves: quicker than over short rows
            low, high = lowest(low[0::2], low[1::2]), highest(high[0::2], high[1::2])
        at = block * self.block_bins
        self._levels[0][at : at + len(low)] = np.column_stack((low, high))
        stop = at + self.block_bins
        for below, level in zip(self._levels, self._levels[1:], strict=False):
            at, stop = at // 2, max(-(-stop // 2), at // 2 + 1)
            from_below = below[2 * at : 2 * stop].reshape(-1, 2, 2)
            level[at:stop, 0] = np.fmin(from_below[:, 0, 0], from_below[:, 1, 0])
            level[at:stop, 1] = np.fmax(from_below[:, 0, 1], from_below[:, 1, 1])

    def samples(self, first: int, last: int) -> NDArray[np.float32]:
        """Return some samples, filtered; NaN and infinite ones are NaN."""
        if self._sections is None:
            return finite(self.signal.samples[first:last])
        from scipy.signal import sosfiltfilt

        margin = round(self.chosen.margin_s * self.signal.rate_hz)
        begin, end = max(0, first - margin), min(len(self.signal.samples), last + margin)
        values = finite(self.signal.samples[begin:end])
        known = np.isfinite(values)
        if not known.any():
            return values[first - begin : last - begin]
        filled = values if known.all() else np.where(known, values, values[known].mean())
        padding = min(3 * 2 * len(self._sections) + 3, len(filled) - 1)
        found = sosfiltfilt(self._sections, filled, padlen=padding).astype(np.float32)
        found[~known] = np.nan
        return np.asarray(found[first - begin : last - begin])


def _spread(blocks: NDArray[np.int64]) -> list[int]:
    """Return blocks in an order in which any first part of them lies all over the window.

    Examples
    --------
    >>> _spread(np.arange(5))
    [0, 4, 2, 1, 3]
    """
    bits = len(blocks).bit_length()
    order = sorted(range(len(blocks)), key=lambda row: f"{row:0{bits}b}"[::-1])
    return [int(blocks[row]) for row in order]


def _extremes_of(values: NDArray[np.float32]) -> tuple[np.ufunc, np.ufunc]:
    """Return what takes the smaller and the larger value, and not NaN; quicker without any."""
    return (np.fmin, np.fmax) if np.isnan(values).any() else (np.minimum, np.maximum)


def import_filters() -> None:
    """Import what filters need, which takes longer than a page may wait."""
    from scipy import signal  # noqa: F401


def finite(values: NDArray[Any]) -> NDArray[np.float32]:
    """Return samples as float32, NaN for what is no number."""
    found = np.array(values, dtype=np.float32)
    found[~np.isfinite(found)] = np.nan
    return found
