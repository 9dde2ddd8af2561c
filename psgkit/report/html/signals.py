"""Pieces of signal, packed to stand in a page: 8-bit codes, deflated, as base64.

The page's program unpacks them with the browser's own ``DecompressionStream`` when a signal is
opened first, so that they cost nothing before.
"""

import base64
import zlib
from dataclasses import replace
from typing import Any

import numpy as np

from psgkit.core.excerpts import ExcerptChannel, SignalExcerpts, Trace
from psgkit.report.words.number_format import unit_in_words
from psgkit.report.words.words import site_in_words

MOST_BYTES = 2_000_000
"""Of base64 in a page; mail servers are content with pages below 3 MB."""

_LEVEL = 6
_SLOWEST_HZ = 2.5


def packed(excerpts: SignalExcerpts) -> tuple[dict[str, Any], str]:
    """Return where each trace lies, for the page's program, and all traces as base64.

    Traces that take too much room lose every other value: the smallest or largest of two is kept.

    Examples
    --------
    >>> packed(SignalExcerpts())
    ({'windows': [], 'channels': []}, '')
    """
    if not excerpts.channels:
        return {"windows": [], "channels": []}, ""
    text = _as_base64(excerpts)
    while len(text) > MOST_BYTES and _fastest(excerpts) > _SLOWEST_HZ:
        channels = tuple(_halved(channel) for channel in excerpts.channels)
        excerpts = replace(excerpts, channels=channels)
        text = _as_base64(excerpts)
    at = 0
    channels_at = []
    for channel in excerpts.channels:
        series = {}
        for trace in channel.traces:
            series[trace.name] = {"at": at, "rate_hz": trace.rate_hz}
            at += len(trace.codes)
        channels_at.append(
            {
                "label": channel.label,
                "place": site_in_words(channel.place),
                **_scaled(channel),
                "series": series,
                "rows": channel.rows.tolist(),
            }
        )
    return {"windows": excerpts.windows.tolist(), "channels": channels_at}, text


def _scaled(channel: ExcerptChannel) -> dict[str, Any]:
    """Return unit and scale; acceleration in thousandths of g."""
    if channel.unit == "g":
        return {"unit": "mg", "scale": 1000 * channel.scale}
    return {"unit": unit_in_words(channel.unit), "scale": channel.scale}


def _as_base64(excerpts: SignalExcerpts) -> str:
    """Return all codes, channel after channel and trace after trace."""
    codes = [trace.codes for channel in excerpts.channels for trace in channel.traces]
    squeezed = zlib.compress(np.concatenate(codes).tobytes(), _LEVEL)
    return base64.b64encode(squeezed).decode("ascii")


def _fastest(excerpts: SignalExcerpts) -> float:
    return max(trace.rate_hz for channel in excerpts.channels for trace in channel.traces)


def _halved(channel: ExcerptChannel) -> ExcerptChannel:
    """Return the channel with half as many values of what has most of them."""
    fastest = max(trace.rate_hz for trace in channel.traces)
    traces = [_coarser(one) if one.rate_hz == fastest else one for one in channel.traces]
    return replace(channel, traces=tuple(traces))


def _coarser(trace: Trace) -> Trace:
    """Return every two values as one, an odd last one by itself."""
    whole = np.append(trace.codes, trace.codes[-1:]) if len(trace.codes) % 2 else trace.codes
    pick = np.min if trace.name == "low" else np.max
    codes = np.asarray(pick(whole.reshape(-1, 2), axis=1), dtype=np.int8)
    return Trace(name=trace.name, rate_hz=trace.rate_hz / 2, codes=codes)
