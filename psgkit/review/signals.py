"""Signals of a review as the page draws them: smallest and largest value of each pixel.

A window of a few seconds is read from the file as it is.  For longer windows each channel has a
pyramid: its smallest and largest values over stretches of 2, 4, 8... times ``_BASE`` samples.  It
is built block by block where a window needs it, so that no channel is ever in memory whole.  A
filter is applied before, to each block with a margin, and looks the same in every window.

Blocks of a long window take seconds to read and filter, from a slow disk minutes.  An answer that
may not take so long is made of the blocks that are there, spread over the window, and is marked as
partial; the same request, sent again, is answered with more blocks.
"""

import struct
from collections.abc import Callable, Sequence
from dataclasses import field
from threading import Lock
from time import monotonic
from typing import Any

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.recording import Channel, Recording
from psgkit.core.signal import Signal
from psgkit.core.trace import SLOW_HZ, NightTrace, TraceChannel

MOST_WIDTH_PX = 8192
"""Pixels of a window at most: two screens of the widest kind."""
_BASE = 16
_MOST_BINS = 2**19
"""Bins of a channel's lowest level at most, 4 MB; longer or faster recordings get wider bins."""
_BLOCK_SAMPLES = 2**17
_FEWEST_BLOCK_BINS = 2**6
"""Of a block, however wide its bins are."""
_RAW_PER_PX = 2.0
"""Samples a pixel below which the samples themselves are drawn."""
_MARGIN_PERIODS = 3.0
"""Periods of the lowest frequency of a filter that are read before and after a block."""
_LONGEST_MARGIN_S = 30.0

MIN_MAX, SAMPLES, LEVEL, REST, ON, OFF = range(6)
"""Kinds of a line: pairs of smallest and largest value, samples, and those of an envelope."""
_HEAD = struct.Struct("<4sI")
_LINE = struct.Struct("<IIIIdd")
MAGIC = b"PSGR"


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


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Line:
    """One line to draw: ``values`` from ``first_s`` on, one (or one pair) each ``step_s``."""

    channel: int
    kind: int
    first_s: float
    step_s: float
    values: NDArray[np.float32]
    partial: bool = False
    """Whether parts of it are not read yet, and NaN for now."""


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


class SignalStore:
    """Serves windows of the channels of a recording; several threads may ask.

    Examples
    --------
    >>> from psgkit import simulate_night
    >>> store = SignalStore(simulate_night("rls", hours=0.1).recording)
    >>> line = store.line(0, Window(from_s=0.0, to_s=300.0, width_px=100))
    >>> line.kind == MIN_MAX, line.values.shape
    (True, (200,))
    """

    __slots__ = ("_lock", "_pyramids", "clock", "recording")

    def __init__(self, recording: Recording, clock: Callable[[], float] = monotonic) -> None:
        self.recording = recording
        self.clock = clock
        self._pyramids: dict[tuple[int, Filter], list[Pyramid]] = {}
        self._lock = Lock()

    def line(
        self,
        channel: int,
        window: Window,
        chosen: Filter | None = None,
        within_s: float | None = None,
    ) -> Line:
        """Return one channel over a window: its samples, or smallest and largest values.

        NaN stands where nothing was recorded.  The answer is partial if it would take longer than
        ``within_s``; each call reads at least one block more.
        """
        chosen = chosen or Filter()
        stretches = self._stretches(channel, chosen)
        rate_hz = self.recording.channels[channel].rate_hz
        if window.step_s * rate_hz < _RAW_PER_PX:
            return _samples(stretches, window, channel, rate_hz)
        pairs = np.full((window.width_px, 2), np.nan, dtype=np.float32)
        until = None if within_s is None else self.clock() + within_s
        whole = [stretch.fill(window, pairs, until) for stretch in stretches]
        return Line(
            channel=channel,
            kind=MIN_MAX,
            first_s=window.from_s,
            step_s=window.step_s,
            values=pairs.reshape(-1),
            partial=not all(whole),
        )

    def _stretches(self, channel: int, chosen: Filter) -> "list[Pyramid]":
        with self._lock:
            key = (channel, chosen)
            if key not in self._pyramids:
                source = self.recording.channels[channel]
                for other in [k for k in self._pyramids if k[0] == channel]:
                    del self._pyramids[other]  # a channel keeps one filter at a time
                self._pyramids[key] = [
                    Pyramid(signal=signal, chosen=chosen, bin_n=_bin_of(source), clock=self.clock)
                    for signal in self.recording.signals(source)
                    if len(signal.samples)
                ]
            return self._pyramids[key]


def _bin_of(channel: Channel) -> int:
    """Return the samples in a bin of the lowest level: a power of two."""
    bin_n = _BASE
    while len(channel.samples) > bin_n * _MOST_BINS:
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

    def fill(self, window: Window, pairs: NDArray[np.float32], until: float | None = None) -> bool:
        """Write smallest and largest values into the pixels that this stretch covers.

        Returns whether all of them are known: what is not built at the time ``until`` stays NaN.
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
            whole = self._build(first, last, until)
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

    def _build(self, first: int, last: int, until: float | None) -> bool:
        """Build the blocks between two samples that are not there yet; return whether all are."""
        left = -1.0 if until is None else max(until - self.clock(), 0.0)
        if not self._lock.acquire(timeout=left):
            return False  # another request builds them
        try:
            if not self._levels:
                self._make_levels()
            size = self.bin_n * self.block_bins
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
        size = self.bin_n * self.block_bins
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
            return _finite(self.signal.samples[first:last])
        from scipy.signal import sosfiltfilt

        margin = round(self.chosen.margin_s * self.signal.rate_hz)
        begin, end = max(0, first - margin), min(len(self.signal.samples), last + margin)
        values = _finite(self.signal.samples[begin:end])
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


def _finite(values: NDArray[Any]) -> NDArray[np.float32]:
    found = np.array(values, dtype=np.float32)
    found[~np.isfinite(found)] = np.nan
    return found


def _samples(stretches: Sequence[Pyramid], window: Window, channel: int, rate_hz: float) -> Line:
    """Return the samples in a window, NaN between stretches; one more on either side."""
    first = int(np.floor(window.from_s * rate_hz)) - 1
    n = int(np.ceil(window.to_s * rate_hz)) + 2 - first
    values = np.full(n, np.nan, dtype=np.float32)
    for stretch in stretches:
        offset = round(stretch.signal.start_s * rate_hz)
        begin = max(first - offset, 0)
        end = min(first + n - offset, len(stretch.signal.samples))
        if end > begin:
            at = begin + offset - first
            values[at : at + end - begin] = stretch.samples(begin, end)
    return Line(
        channel=channel, kind=SAMPLES, first_s=first / rate_hz, step_s=1 / rate_hz, values=values
    )


def envelope_lines(trace: NightTrace, channel: int, label: str, window: Window) -> list[Line]:
    """Return envelope, resting level and thresholds of a limb channel; none where there are none.

    Examples
    --------
    >>> envelope_lines(NightTrace(duration_s=9.0, rate_hz=20.0), 0, "LAT",
    ...     Window(from_s=0.0, to_s=9.0, width_px=9))
    []
    """
    found = next((one for one in trace.channels if one.labels == (label,)), None)
    if found is None:
        return []
    return [
        _envelope(found, name, kind, trace.rate_hz if name == "level" else SLOW_HZ, channel, window)
        for name, kind in (("level", LEVEL), ("rest", REST), ("on", ON), ("off", OFF))
    ]


def _envelope(
    traced: TraceChannel, name: str, kind: int, rate_hz: float, channel: int, window: Window
) -> Line:
    codes = traced.lines[name]
    first = int(np.clip(np.floor(window.from_s * rate_hz), 0, len(codes)))
    last = int(np.clip(np.ceil(window.to_s * rate_hz) + 1, first, len(codes)))
    thin = max(1, int((last - first) / window.width_px))
    part = codes[first:last]
    if thin > 1 and len(part):
        starts = np.arange(0, len(part), thin)
        part = np.maximum.reduceat(part, starts) if name == "level" else part[starts]
    from psgkit.core.trace import decoded

    return Line(
        channel=channel,
        kind=kind,
        first_s=(first + thin / 2) / rate_hz,
        step_s=thin / rate_hz,
        values=decoded(part, traced.scale).astype(np.float32),
    )


def packed(lines: Sequence[Line]) -> bytes:
    """Return lines as bytes, little-endian: a head each, then its float32 values.

    Examples
    --------
    >>> values = np.zeros(3, dtype=np.float32)
    >>> line = Line(channel=0, kind=SAMPLES, first_s=0.0, step_s=1.0, values=values)
    >>> len(packed([line]))
    56
    """
    parts = [_HEAD.pack(MAGIC, len(lines))]
    for line in lines:
        values = np.ascontiguousarray(line.values, dtype="<f4")
        head = line.channel, line.kind, len(values), int(line.partial)
        parts.append(_LINE.pack(*head, line.first_s, line.step_s))
        parts.append(values.tobytes() + bytes(-values.nbytes % 8))
    return b"".join(parts)
