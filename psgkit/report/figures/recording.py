"""Channels of a recording over time, one below the other."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from psgkit.core.recording import Channel, Recording
from psgkit.report.figures.drawn_text import harmless, text_style
from psgkit.report.figures.frame import SMALL, axes_or_new, bare, put_clock, say_nothing_there
from psgkit.report.palette import LIGHT, site_colour
from psgkit.report.words.language import _
from psgkit.report.words.number_format import short_number, unit_in_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LENGTH_S = 30.0
"""What a scorer sees at once: an epoch."""
_WIDTH_IN, _INCHES_A_CHANNEL, _INCHES_AROUND = 10.0, 0.55, 0.7
_POINTS = 2000
"""Of a line: more samples are drawn by the smallest and largest of each step."""
_LONGEST_NAME = 28
_SPREAD_PCT = (1.0, 99.0)
_LANE = 0.9
"""Share of its lane that the middle 98 % of a signal fill."""


def plot_recording(
    recording: Recording,
    start: float = 0.0,
    stop: float | None = None,
    channels: Sequence[str] | None = None,
    axes: "Axes | None" = None,
) -> "Axes":
    """Draw channels one below the other, each scaled to its own lane; gaps stay empty.

    Parameters
    ----------
    recording : Recording
    start, stop : float
        Seconds from the start of the recording; ``stop`` is 30 s later by default.
    channels : sequence of str, optional
        Labels; by default those with a role, or all if none has one.
    axes : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    KeyError
        If the recording has no such channel.
    ValueError
        If ``stop`` does not lie after ``start``.

    Examples
    --------
    >>> from psgkit import plot_recording, simulate_night
    >>> night = simulate_night("rls", hours=0.2, seed=1)
    >>> axes = plot_recording(night.recording, 60, 90)
    >>> [float(edge) for edge in axes.get_xlim()]
    [60.0, 90.0]
    """
    stop = min(start + _LENGTH_S, recording.duration_s) if stop is None else stop
    shown = _chosen(recording, channels)
    height_in = len(shown) * _INCHES_A_CHANNEL + _INCHES_AROUND
    axes = axes_or_new(axes, (_WIDTH_IN, height_in))
    if not shown or not recording.duration_s:
        say_nothing_there(axes, _("Nothing was recorded."))
        return axes
    if not stop > start:
        raise ValueError(f"stop must lie after start, got {start} to {stop} s")
    for row, channel in enumerate(shown):
        _draw(axes, recording, channel, row + 0.5, (start, stop))
    axes.set_yticks(
        [row + 0.5 for row in range(len(shown))],
        [harmless(_name(channel), _LONGEST_NAME) for channel in shown],
    )
    for label in axes.get_yticklabels():
        label.update(text_style(label.get_text()))
        label.set_fontsize(SMALL)
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(len(shown), 0.0)
    put_clock(axes, recording.start, (start, stop))
    bare(axes)
    return axes


def _chosen(recording: Recording, labels: Sequence[str] | None) -> tuple[Channel, ...]:
    if labels is not None:
        return tuple(recording.channel(label) for label in labels)
    used = tuple(channel for channel in recording.channels if channel.role)
    return used or recording.channels


def _name(channel: Channel) -> str:
    unit = unit_in_words(channel.unit)
    return f"{channel.label} ({unit})" if unit else channel.label


def _draw(
    axes: "Axes",
    recording: Recording,
    channel: Channel,
    middle: float,
    span_s: tuple[float, float],
) -> None:
    """Draw one channel about ``middle``, and write how much its lane holds."""
    parts = list(_parts(recording, channel, span_s))
    values = np.concatenate([part for _, part in parts]) if parts else np.empty(0)
    known = values[np.isfinite(values)]
    if not len(known):
        return
    low, high = np.percentile(known, _SPREAD_PCT)
    size = float(high - low) or 1.0
    colour = site_colour(str(channel.site)) if str(channel.site) else LIGHT["ink"]
    for times_s, part in parts:
        y = middle - (part - (low + high) / 2) / size * _LANE / 2
        axes.plot(times_s, np.clip(y, middle - 0.5, middle + 0.5), color=colour, linewidth=0.5)
    axes.annotate(
        short_number(size, 2),
        (1.0, middle),
        xycoords=axes.get_yaxis_transform(),
        xytext=(4, 0),
        textcoords="offset points",
        va="center",
        color=LIGHT["faint"],
        fontsize=SMALL,
    )


def _parts(
    recording: Recording, channel: Channel, span_s: tuple[float, float]
) -> Iterator[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Yield times and values of each stretch within the span."""
    for signal in recording.signals(channel):
        rate = signal.rate_hz
        first = max(0, int(np.ceil((span_s[0] - signal.start_s) * rate)))
        last = min(len(signal.samples), int(np.ceil((span_s[1] - signal.start_s) * rate)))
        if last <= first:
            continue
        values = np.asarray(signal.samples[first:last], dtype=np.float64)
        step = -(-len(values) // _POINTS) * 2
        if len(values) > _POINTS:
            whole = len(values) - len(values) % step
            rows = values[:whole].reshape(-1, step)
            values = np.column_stack((rows.min(axis=1), rows.max(axis=1))).ravel()
        else:
            step = 2
        index = np.asarray(first + np.arange(len(values)) * (step / 2), dtype=np.float64)
        yield signal.start_s + index / rate, values
