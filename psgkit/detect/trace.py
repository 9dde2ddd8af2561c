"""Collect the trace of a night in the same pass in which its movements are detected.

The detectors measure a channel in stretches.  Where a trace is wanted, each stretch comes with the
arrays behind its result (``StretchTrace``); they are decimated at once (``ChannelRecorder``) and
dropped, so that memory grows by some 60 bytes per second and channel, whatever the sampling rate.
"""

from collections.abc import Callable, Sequence
from dataclasses import field, replace

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.intervals import Intervals, no_intervals
from psgkit.core.recording import Channel, Recording
from psgkit.core.trace import (
    FAST_LINES,
    MISSING,
    SLOW_HZ,
    SLOW_LINES,
    NightTrace,
    TraceChannel,
    encoded,
)

_RATES_HZ = (20.0, 10.0, 5.0, 2.0)
MOST_CODES = 32_000_000
"""Codes, and bytes, of ``FAST_LINES`` in memory at most: 24 h of six channels at the full rate, a
week of two at a quarter of it.  Psgkit's own choice."""
_SCALES = {"uV": 0.05, "g": 4e-5}
"""Scales of the codes: the largest values that can be shown are 800 uV and 0.6 g."""
_LINES = {"uV": FAST_LINES, "g": FAST_LINES[1:]}
_LINES_OF_ROLE = {"leg": 3, "arm": 3, "trunk": 3, "accelerometer": 1}
"""Fast lines for each channel of a role; the axes of an accelerometer share two."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class StretchTrace:
    """One stretch of a channel at its own rate, as its detector measured it.

    Attributes
    ----------
    core_s : (float, float)
        Seconds that belong to this stretch; the arrays may start before and end after.
    start_s, rate_hz : float
        Time of the first sample, and samples a second.
    samples : float32 array, shape (n,)
        Filtered, without hum and heart beats; NaN where the signal is unusable.
    step : int
        Samples from one value of the levels to the next.
    level, rest, on, off : float32 arrays, shape (n_steps,)
        Envelope, resting level, and thresholds at which a movement starts and ends.
    """

    core_s: tuple[float, float]
    start_s: float
    rate_hz: float
    samples: NDArray[np.float32]
    step: int
    level: NDArray[np.float32]
    rest: NDArray[np.float32]
    on: NDArray[np.float32]
    off: NDArray[np.float32]

    def line(self, name: str) -> tuple[NDArray[np.float32], float]:
        """Return the values of a line of a trace, and how many there are a second."""
        if name in ("low", "high"):
            return self.samples, self.rate_hz
        values: NDArray[np.float32] = getattr(self, name)
        return values, self.rate_hz / self.step


TakeStretch = Callable[[StretchTrace], None]
"""What a detector calls with each stretch it has measured."""


@dataclass(kw_only=True, slots=True, eq=False)
class ChannelRecorder:
    """Decimates the stretches of one channel into its trace.

    The detector sets ``unusable_s`` after the last stretch.
    """

    channel: TraceChannel
    rate_hz: float
    unusable_s: Intervals = field(default_factory=lambda: no_intervals(np.float64))

    def take(self, stretch: StretchTrace) -> None:
        """Write the bins that start in the stretch."""
        for name, codes in self.channel.lines.items():
            rate_hz = SLOW_HZ if name in SLOW_LINES else self.rate_hz
            first, stop = (int(np.ceil(s * rate_hz - 1e-6)) for s in stretch.core_s)
            stop = min(stop, len(codes))
            values, values_hz = stretch.line(name)
            if first >= stop or not len(values):
                continue
            at = (np.arange(first, stop + 1) / rate_hz - stretch.start_s) * values_hz
            found = _in_middle(values, at) if name in SLOW_LINES else _extreme(name, values, at)
            codes[first:stop] = encoded(found, self.channel.scale)


def _in_middle(values: NDArray[np.float32], at: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return the value in the middle between each two positions."""
    middle = np.rint((at[:-1] + at[1:]) / 2).astype(np.int64)
    return values[np.clip(middle, 0, len(values) - 1)]


def _extreme(
    name: str, values: NDArray[np.float32], at: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Return the smallest value between each two positions for ``low``, else the largest."""
    edges = np.clip(np.ceil(at - 1e-6).astype(np.int64), 0, len(values))
    first = np.minimum(edges[:-1], len(values) - 1)
    stop = np.maximum(edges[1:], first + 1)
    shortest, longest = int((stop - first).min()), int((stop - first).max())
    pick = np.minimum if name == "low" else np.maximum
    # of 1, 2, 4 ... consecutive values: numpy takes three times as long to reduce short rows
    width = 1
    while 2 * width <= shortest:
        values = pick(values[:-width], values[width:])
        width *= 2
    found = values[first]
    for offset in range(width, longest, width):
        found = pick(found, values[np.minimum(first + offset, stop - width)])
    return found


class TraceRecorder:
    """Collects the trace of one night; ``analyse_night`` takes one where a trace is wanted.

    Examples
    --------
    >>> from psgkit import analyse_night, simulate_night
    >>> recorder = TraceRecorder()
    >>> report = analyse_night(simulate_night("rls", hours=0.1).recording, recorder=recorder)
    >>> [channel.label for channel in recorder.trace().channels], recorder.trace().rate_hz
    (['LAT', 'RAT'], 20.0)
    """

    __slots__ = ("_channels", "_duration_s", "_rate_hz")

    def __init__(self) -> None:
        self._channels: list[ChannelRecorder] = []
        self._duration_s, self._rate_hz = 0.0, _RATES_HZ[0]

    def start(self, recording: Recording) -> None:
        """Choose the rate of the trace of a recording whose channels have been chosen."""
        lines = [_LINES_OF_ROLE.get(c.role, 0) for c in recording.channels if c.status == "used"]
        codes_per_hz = sum(lines) * recording.duration_s
        fitting = [rate for rate in _RATES_HZ if rate * codes_per_hz <= MOST_CODES]
        self._duration_s = recording.duration_s
        self._rate_hz = (fitting or _RATES_HZ[-1:])[0]

    def channel(self, channels: Sequence[Channel], place: str) -> ChannelRecorder:
        """Return the recorder of the next channel, or of the axes of the next accelerometer."""
        unit = channels[0].unit
        rates = dict.fromkeys(_LINES[unit], self._rate_hz) | dict.fromkeys(SLOW_LINES, SLOW_HZ)
        seconds = max(1, int(np.ceil(self._duration_s)))
        added = TraceChannel(
            labels=tuple(channel.label for channel in channels),
            place=place,
            unit=unit,
            scale=_SCALES[unit],
            lines={
                name: np.full(round(seconds * rate_hz), MISSING, dtype=np.int8)
                for name, rate_hz in rates.items()
            },
        )
        self._channels.append(ChannelRecorder(channel=added, rate_hz=self._rate_hz))
        return self._channels[-1]

    def trace(self, sha256: str | None = None) -> NightTrace:
        """Return the recorded trace, with the digest of the recording if it is a file."""
        return NightTrace(
            duration_s=self._duration_s,
            rate_hz=self._rate_hz,
            sha256=sha256,
            channels=tuple(
                replace(one.channel, unusable_s=one.unusable_s) for one in self._channels
            ),
        )
