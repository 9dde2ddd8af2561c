"""Signals of a page: the parts of the trace around movements, packed as text.

They are 8-bit codes, deflated, as base64.  The script of the page unpacks them with
``DecompressionStream`` when the first signal is opened.
"""

import base64
import zlib
from dataclasses import field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.intervals import Intervals, no_intervals, union
from psgkit.core.night_report import NightReport
from psgkit.core.trace import SLOW_HZ, SLOW_LINES, NightTrace, TraceChannel, window_around
from psgkit.report.words.number_format import unit_in_words
from psgkit.report.words.words import site_in_words

MOST_BYTES = 2_000_000
"""Of base64 in a page; mail servers accept pages below 3 MB."""
MOST_CODES = 8_000_000
"""Codes kept at most; they shrink to a fifth when packed."""

_LENGTH_S = 30.0
"""What a scorer sees of a signal at once: an epoch."""
_RATES_HZ = (20.0, 10.0, 5.0)
_LEVELS = (4, 6)
"""Of compression: 6 takes five times as long as 4 and saves 3 %, which few pages need."""
_SAVED_AT_MOST = 1.04
"""The slower level is of no use where the faster one gives more than this times too many bytes."""
_SLOWEST_HZ = 2.5


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One line of a channel: the codes of all windows, one window after another."""

    name: str
    rate_hz: float
    codes: NDArray[np.int8]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ExcerptChannel:
    """The part of a channel's trace that a page shows.

    ``rows`` are the movements detected in it, as rows of the night's table.
    """

    channel: TraceChannel
    lines: tuple[Line, ...]
    rows: NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Excerpts:
    """The part of a trace that a page shows.

    ``windows`` are whole seconds from the start of the recording, disjoint.
    """

    windows: Intervals = field(default_factory=lambda: no_intervals(np.int64))
    channels: tuple[ExcerptChannel, ...] = ()


def excerpts_of(trace: NightTrace, report: NightReport) -> Excerpts:
    """Return 30 s of every channel that the report used around each movement.

    Examples
    --------
    >>> from psgkit import analyse_night, simulate_night
    >>> from psgkit.detect.trace import TraceRecorder
    >>> recorder = TraceRecorder()
    >>> night = simulate_night("rls", hours=0.5, seed=1)
    >>> report = analyse_night(night.recording, recorder=recorder)
    >>> [line.name for line in excerpts_of(recorder.trace(), report).channels[0].lines]
    ['low', 'high', 'level', 'rest', 'on', 'off']
    """
    used = {channel.label for channel in report.channels if channel.status == "used"}
    channels = [channel for channel in trace.channels if used.issuperset(channel.labels)]
    windows, rate_hz = windows_shown(report, len(channels), trace.rate_hz)
    if not len(windows):
        return Excerpts()
    return Excerpts(
        windows=windows,
        channels=tuple(
            ExcerptChannel(
                channel=channel,
                lines=tuple(
                    _cut(channel, name, windows, trace.rate_hz, rate_hz) for name in channel.lines
                ),
                rows=_rows_of(report, channel),
            )
            for channel in channels
        ),
    )


def windows_shown(
    report: NightReport, n_channels: int, fastest_hz: float
) -> tuple[Intervals, float]:
    """Return the windows shown, and the number of values per second.

    All windows around movements if they are not too long.  Else the rate is reduced and, if that
    is not enough, only a sample of movements from the whole night is shown.
    """
    found = report.movements.movements
    every = window_around(found.onset_s, found.end_s, _LENGTH_S)
    every = np.clip(every, 0, max(1, int(np.ceil(report.duration_s))))
    measured = np.flatnonzero(found.modality != "scored") if n_channels else np.empty(0, np.int64)
    rates = [rate for rate in _RATES_HZ if rate <= fastest_hz] or [fastest_hz]
    thin = 1
    while True:
        kept = measured[::thin]
        windows = union(every[kept]) if len(kept) else every[:0]
        if seconds_in(windows) * n_channels * 3 * (rates[0] + SLOW_HZ) <= MOST_CODES:
            return windows, rates[0]
        if len(rates) > 1:
            rates.pop(0)
        else:
            thin *= 2


def seconds_in(windows: Intervals) -> int:
    """Return the total duration of disjoint ``windows`` in seconds."""
    return int((windows[:, 1] - windows[:, 0]).sum())


def _rows_of(report: NightReport, channel: TraceChannel) -> NDArray[np.int64]:
    """Return the movements that were detected in a channel."""
    found = report.movements.movements
    modality = "emg" if channel.unit == "uV" else "accelerometer"
    inside = [channel.labels[0] in names for names in found.channels]
    return np.flatnonzero(np.array(inside, dtype=bool) & (found.modality == modality))


def _cut(
    channel: TraceChannel, name: str, windows: Intervals, rate_hz: float, wanted_hz: float
) -> Line:
    """Return the codes of a line inside the windows, at the rate wanted for fast lines."""
    stored_hz = SLOW_HZ if name in SLOW_LINES else rate_hz
    codes = channel.lines[name]
    edges = np.rint(windows * stored_hz).astype(np.int64)
    parts = [codes[first:stop] for first, stop in edges.tolist()]
    line = Line(name=name, rate_hz=stored_hz, codes=np.concatenate([codes[:0], *parts]))
    return line if name in SLOW_LINES else _coarser(line, round(stored_hz / wanted_hz))


def _coarser(line: Line, n: int) -> Line:
    """Return the smallest or the largest of every ``n`` codes; a remainder counts as one."""
    if n == 1:
        return line
    codes = np.append(line.codes, np.repeat(line.codes[-1:], -len(line.codes) % n))
    pick = np.min if line.name == "low" else np.max
    fewer = np.asarray(pick(codes.reshape(-1, n), axis=1), dtype=np.int8)
    return Line(name=line.name, rate_hz=line.rate_hz / n, codes=fewer)


def packed(excerpts: Excerpts) -> tuple[dict[str, Any], str]:
    """Return the places of the lines, for the script of the page, and all lines as base64.

    Lines that are too long are halved: of two values the smallest or largest is kept.

    Examples
    --------
    >>> packed(Excerpts())
    ({'windows': [], 'channels': []}, '')
    """
    channels = excerpts.channels
    if not channels:
        return {"windows": [], "channels": []}, ""
    text = _as_base64(channels)
    while len(text) > MOST_BYTES and _fastest(channels) > _SLOWEST_HZ:
        channels = tuple(_halved(channel) for channel in channels)
        text = _as_base64(channels)
    at = 0
    channels_at = []
    for one in channels:
        series = {}
        for line in one.lines:
            series[line.name] = {"at": at, "rate_hz": line.rate_hz}
            at += len(line.codes)
        channels_at.append(
            {
                "label": one.channel.label,
                "place": site_in_words(one.channel.place),
                **_scaled(one.channel),
                "series": series,
                "rows": one.rows.tolist(),
            }
        )
    return {"windows": excerpts.windows.tolist(), "channels": channels_at}, text


def _scaled(channel: TraceChannel) -> dict[str, Any]:
    """Return unit and scale; acceleration in mg."""
    if channel.unit == "g":
        return {"unit": "mg", "scale": 1000 * channel.scale}
    return {"unit": unit_in_words(channel.unit), "scale": channel.scale}


def _as_base64(channels: tuple[ExcerptChannel, ...]) -> str:
    """Return all codes, channel after channel and line after line."""
    codes = [line.codes for channel in channels for line in channel.lines]
    content = np.concatenate(codes).tobytes()
    for level in _LEVELS:
        text = base64.b64encode(zlib.compress(content, level)).decode("ascii")
        if len(text) <= MOST_BYTES or len(text) > _SAVED_AT_MOST * MOST_BYTES:
            break
    return text


def _fastest(channels: tuple[ExcerptChannel, ...]) -> float:
    return max(line.rate_hz for channel in channels for line in channel.lines)


def _halved(channel: ExcerptChannel) -> ExcerptChannel:
    """Return the channel with half as many values of the lines that have most."""
    fastest = max(line.rate_hz for line in channel.lines)
    lines = [_coarser(line, 2) if line.rate_hz == fastest else line for line in channel.lines]
    return replace(channel, lines=tuple(lines))
