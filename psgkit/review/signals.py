"""Signals of a review as the page draws them: smallest and largest value of each pixel.

A window of a few seconds is read from the file as it is.  For longer windows each channel has a
pyramid (``psgkit.review.pyramid``), so that no channel is ever in memory whole.

Blocks of a long window take seconds to read and filter, from a slow disk minutes.  An answer is
made of the blocks that are there, spread over the window, and is marked as partial; the same
request, sent again, is answered with more blocks.
"""

import struct
from collections.abc import Callable, Sequence
from dataclasses import replace
from threading import Lock
from time import monotonic

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.recording import Recording
from psgkit.core.trace import SLOW_HZ, NightTrace, TraceChannel
from psgkit.review.pyramid import MOST_BINS, Filter, Pyramid, Window, bin_of

MOST_WIDTH_PX = 8192
"""Pixels of a window at most: two screens of the widest kind."""
_RAW_BINS = 2**14
"""Bins of a channel before its filter is applied: enough for long windows."""
_RAW_PER_PX = 2.0
"""Samples a pixel below which the samples themselves are drawn."""
MIN_MAX, SAMPLES, LEVEL, REST, ON, OFF = range(6)
"""Kinds of a line: pairs of smallest and largest value, samples, and those of an envelope."""
_HEAD = struct.Struct("<4sI")
_LINE = struct.Struct("<IIIIdd")
MAGIC = b"PSGR"


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
    unfiltered: bool = False
    """Whether parts of it are not filtered yet."""


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

    __slots__ = ("_lock", "_pyramids", "_raw", "clock", "recording")

    def __init__(self, recording: Recording, clock: Callable[[], float] = monotonic) -> None:
        self.recording = recording
        self.clock = clock
        self._pyramids: dict[tuple[int, Filter], list[Pyramid]] = {}
        self._raw: dict[int, list[Pyramid]] = {}
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
        until = None if within_s is None else self.clock() + within_s
        return self._line(channel, window, chosen or Filter(), until, build=True)

    def ready(self, channel: int, window: Window, chosen: Filter | None = None) -> Line:
        """Return one channel as ``line`` does, of what is there already; it never waits.

        Where a filter is not applied yet, the line is that of the signal as it was recorded.
        """
        chosen = chosen or Filter()
        line = self._line(channel, window, chosen, None, build=False)
        if not line.partial or chosen == Filter():
            return line
        pairs = np.full((window.width_px, 2), np.nan, dtype=np.float32)
        for stretch in self.raw(channel):
            if window.step_s * stretch.signal.rate_hz >= 2 * stretch.bin_n:
                stretch.fill(window, pairs, build=False)
        values = np.asarray(line.values.reshape(-1, 2))
        unknown = np.isnan(values[:, 0]) & np.isfinite(pairs[:, 0])
        if not unknown.any():
            return line
        if chosen.low_hz is not None:
            pairs -= np.nanmedian(pairs)  # where the filtered signal lies
        values = np.where(unknown[:, None], pairs, values)
        return replace(line, values=values.reshape(-1), unfiltered=True)

    def _line(
        self, channel: int, window: Window, chosen: Filter, until: float | None, *, build: bool
    ) -> Line:
        stretches = self.stretches(channel, chosen)
        rate_hz = self.recording.channels[channel].rate_hz
        if window.step_s * rate_hz < _RAW_PER_PX:
            return _samples(stretches, window, channel, rate_hz)
        pairs = np.full((window.width_px, 2), np.nan, dtype=np.float32)
        whole = [stretch.fill(window, pairs, until, build=build) for stretch in stretches]
        return Line(
            channel=channel,
            kind=MIN_MAX,
            first_s=window.from_s,
            step_s=window.step_s,
            values=pairs.reshape(-1),
            partial=not all(whole),
        )

    def stretches(self, channel: int, chosen: Filter) -> list[Pyramid]:
        """Return the pyramids of a channel, one for each stretch without a gap."""
        with self._lock:
            key = (channel, chosen)
            if key not in self._pyramids:
                for other in [k for k in self._pyramids if k[0] == channel]:
                    del self._pyramids[other]  # a channel keeps one filter at a time
                self._pyramids[key] = self._made(channel, chosen, MOST_BINS)
            return self._pyramids[key]

    def raw(self, channel: int) -> list[Pyramid]:
        """Return coarse pyramids of a channel without a filter, which are built in a moment."""
        with self._lock:
            if channel not in self._raw:
                self._raw[channel] = self._made(channel, Filter(), _RAW_BINS)
            return self._raw[channel]

    def _made(self, channel: int, chosen: Filter, most_bins: int) -> list[Pyramid]:
        source = self.recording.channels[channel]
        bin_n = bin_of(len(source.samples), most_bins)
        return [
            Pyramid(signal=signal, chosen=chosen, bin_n=bin_n, clock=self.clock)
            for signal in self.recording.signals(source)
            if len(signal.samples)
        ]


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
        head = line.channel, line.kind, len(values), int(line.partial) + 2 * int(line.unfiltered)
        parts.append(_LINE.pack(*head, line.first_s, line.step_s))
        parts.append(values.tobytes() + bytes(-values.nbytes % 8))
    return b"".join(parts)
