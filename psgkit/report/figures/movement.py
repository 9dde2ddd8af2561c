"""The signal around one movement, with the measures of its detection."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from psgkit.core.intervals import Intervals
from psgkit.core.night_report import NightReport
from psgkit.core.recording import Recording
from psgkit.core.trace import SLOW_HZ, SLOW_LINES, NightTrace, window_around
from psgkit.detect.accelerometer.channels import (
    accelerometers,
    choose_accelerometers,
    traces_of_sensor,
)
from psgkit.detect.emg.channels import EMG_GROUPS, choose_channels
from psgkit.detect.emg.detect import traces_around
from psgkit.detect.emg.ecg import LazyEcgBeats
from psgkit.detect.trace import StretchTrace
from psgkit.document.values import plain
from psgkit.io.bridge import as_recording
from psgkit.report.figures.drawn_text import harmless, text_style
from psgkit.report.figures.frame import SMALL, axes_or_new, bare, columns_that_fit
from psgkit.report.palette import LIGHT, site_colour
from psgkit.report.words.number_format import clock, digits, unit_in_words, with_unit
from psgkit.report.words.words import (
    MARK_NAMES,
    STAGE_NAMES,
    TRACE_NAMES,
    capitalised,
    site_in_words,
)
from psgkit.settings import Settings, settings_from

if TYPE_CHECKING:
    import mne
    from matplotlib.axes import Axes

_LENGTH_S = 30.0
"""What a scorer sees of a signal at once: an epoch."""
_SIZE_IN = (9.0, 3.4)
_TICK_S = 5.0
_LONGEST = 60
_LEGEND_IN = 0.3
_NAMES = ("signal", "level", "rest", "on", "off")
"""The lines in the order in which they are drawn and named."""

_Lines = dict[str, tuple[NDArray[np.float64], NDArray[np.floating]]]
"""Times in seconds, and values, of each of ``_NAMES``."""


def plot_movement(
    recording: "Recording | mne.io.BaseRaw | NightTrace",
    report: NightReport,
    movement: int,
    axes: "Axes | None" = None,
    *,
    channel: str | None = None,
) -> "Axes":
    """Draw 30 s of a channel around a movement: signal, envelope, resting level, thresholds.

    All lines are measures of the detector with the settings of the report. The scored span is
    coloured, other movements of the channel more faintly. For an accelerometer the magnitude is
    drawn.

    Parameters
    ----------
    recording : Recording, mne.io.Raw or NightTrace
        The recording of the report, measured again around the movement, or a trace, as returned
        by ``psgkit.document.trace_file.read_trace``, which shows the smallest and largest value
        of the signal in each 1/20 s.
    report : NightReport
    movement : int
        Row of ``report.movements``, counted from 0.
    axes : matplotlib Axes, optional
    channel : str, optional
        One of the channels in which the movement was detected; without it the first of them.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    ValueError
        If there is no such movement, or it was not detected in that channel.

    Examples
    --------
    >>> from psgkit import analyse_night, simulate_night
    >>> night = simulate_night("rls", hours=0.5, seed=1)
    >>> axes = plot_movement(night.recording, analyse_night(night.recording), 3)
    >>> axes.get_ylabel()
    'µV'
    """
    label = _channel_of(report, movement, channel)
    found = report.movements.movements
    rows = slice(movement, movement + 1)
    window = window_around(found.onset_s[rows], found.end_s[rows], _LENGTH_S)
    window = np.clip(window, 0, max(1, int(np.ceil(report.duration_s))))
    if isinstance(recording, NightTrace):
        label, unit, pieces = _kept(recording, label, window)
    else:
        label, unit, pieces = _measured(as_recording(recording), report, label, window)
    axes = axes_or_new(axes, _SIZE_IN)
    _draw_spans(axes, report, movement, label)
    for lines in pieces:
        _draw_lines(axes, lines, site_colour(str(found.site[movement])))
    axes.set_xlim(float(window[0, 0]), float(window[0, 1]))
    _put_times(axes, report)
    bare(axes, ("top", "right"))
    axes.set_ylabel(unit_in_words(unit), fontsize=SMALL)
    axes.tick_params(labelsize=SMALL)
    title = harmless(_title(report, movement, label), 2 * _LONGEST)
    axes.set_title(title, loc="left", fontsize=SMALL, **text_style(title))
    _legend(axes)
    return axes


def _channel_of(report: NightReport, movement: int, channel: str | None) -> str:
    found = report.movements.movements
    if not 0 <= movement < len(found):
        raise ValueError(f"no movement {movement}: the report has {len(found)}, counted from 0")
    labels = found.channels[movement]
    if not labels or found.modality[movement] == "scored":
        raise ValueError(
            f"movement {movement} was marked by a scorer, in no channel of a recording"
        )
    if channel is not None and channel not in labels:
        raise ValueError(f"movement {movement} was seen in {', '.join(labels)}, not in {channel!r}")
    return labels[0] if channel is None else channel


def _measured(
    recording: Recording, report: NightReport, channel: str, window: Intervals
) -> tuple[str, str, list[_Lines]]:
    """Return label, unit and lines of a channel, measured again around a movement."""
    settings = settings_from(plain(report.settings))
    chosen = _as_used(recording, report, settings)
    for sensor in accelerometers(chosen):
        if channel in sensor.labels:
            traces = traces_of_sensor(sensor, window, settings.accelerometer)
            return ", ".join(sensor.labels), "g", [_lines_of(one, window) for one in traces]
    groups = {
        one.label: group
        for group, role in EMG_GROUPS.items()
        for one in chosen.with_role(role)
        if one.status == "used"
    }
    if channel not in groups:
        known = ", ".join(groups) or "none"
        raise ValueError(f"the recording has no channel {channel!r} in use; in use are {known}")
    has_heart = groups[channel] in settings.emg.heart.groups
    beats = LazyEcgBeats(chosen, settings.emg.heart)
    pieces = []
    for number, signal in enumerate(chosen.signals(chosen.channel(channel))):
        heart = beats.known().filter_of(signal, number) if has_heart else None
        pieces += [
            _lines_of(one, window) for one in traces_around(signal, window, settings.emg, heart)
        ]
    return channel, "uV", pieces


def _as_used(recording: Recording, report: NightReport, settings: Settings) -> Recording:
    """Return the recording with the channels that the report used."""
    chosen = choose_channels(recording, settings.emg)
    chosen = choose_accelerometers(chosen, settings.accelerometer)
    used = {channel.label for channel in report.channels if channel.status == "used"}
    refused = {
        channel.label: replace(channel, status="refused")
        for channel in chosen.channels
        if channel.status == "used" and channel.label not in used
    }
    return chosen.with_channels(refused)


def _lines_of(stretch: StretchTrace, window: Intervals) -> _Lines:
    """Return the lines of one stretch, within the window and the core of the stretch."""
    first, last = np.maximum(window[0, 0], stretch.core_s[0]), min(window[0, 1], stretch.core_s[1])

    def inside(
        values: NDArray[np.float32], rate_hz: float
    ) -> tuple[NDArray[np.float64], NDArray[np.floating]]:
        times_s = stretch.start_s + np.arange(len(values)) / rate_hz
        shown = (times_s >= first) & (times_s <= last)
        return times_s[shown], values[shown]

    names = ("high", *_NAMES[1:])
    return {name: inside(*stretch.line(of)) for name, of in zip(_NAMES, names, strict=True)}


def _kept(trace: NightTrace, channel: str, window: Intervals) -> tuple[str, str, list[_Lines]]:
    """Return label, unit and lines of a channel from a trace."""
    one = next((one for one in trace.channels if channel in one.labels), None)
    if one is None:
        known = ", ".join(one.label for one in trace.channels) or "none"
        raise ValueError(f"the trace has no channel {channel!r}; it has {known}")

    def line(name: str) -> tuple[NDArray[np.float64], NDArray[np.floating]]:
        rate_hz = SLOW_HZ if name in SLOW_LINES else trace.rate_hz
        first, stop = np.rint(window[0] * rate_hz).astype(int)
        values = one.values(name)[first:stop]
        return (np.arange(first, first + len(values)) + 0.5) / rate_hz, values

    times_s, high = line("high")
    if "low" in one.lines:
        # alternately the smallest and the largest value of each bin
        low = line("low")[1]
        times_s, high = np.repeat(times_s, 2), np.column_stack((low, high)).ravel()
    lines = {"signal": (times_s, high), **{name: line(name) for name in _NAMES[1:]}}
    return one.label, one.unit, [lines]


def _draw_spans(axes: "Axes", report: NightReport, movement: int, label: str) -> None:
    """Colour the movements of the channel."""
    found = report.movements.movements
    for row in range(len(found)):
        if row == movement or label in found.channels[row]:
            axes.axvspan(
                found.onset_s[row],
                found.end_s[row],
                color=LIGHT["plm"] if row == movement else LIGHT["movement"],
                alpha=0.22,
                linewidth=0,
                zorder=0,
            )


def _draw_lines(axes: "Axes", lines: _Lines, colour: str) -> None:
    styles: dict[str, dict[str, object]] = {
        "signal": {"color": LIGHT["movement"], "linewidth": 0.5},
        "level": {"color": colour, "linewidth": 1.3},
        "rest": {"color": LIGHT["faint"], "linewidth": 1.0, "linestyle": "--"},
        "on": {"color": LIGHT["ink"], "linewidth": 1.0},
        "off": {"color": LIGHT["ink"], "linewidth": 1.0, "linestyle": ":"},
    }
    for name in _NAMES:
        axes.plot(*lines[name], **styles[name])  # type: ignore[arg-type]


def _put_times(axes: "Axes", report: NightReport) -> None:
    """Label the axis with clock times to the second."""
    from matplotlib.ticker import FuncFormatter, MultipleLocator

    start = report.start
    past_s = 0.0 if start is None else start.second + start.microsecond / 1e6
    axes.xaxis.set_major_locator(MultipleLocator(_TICK_S, offset=-past_s))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda seconds, _place: clock(start, seconds)))


def _title(report: NightReport, movement: int, label: str) -> str:
    scored = report.movements
    found = scored.movements
    kind = "plm" if scored.plm[movement] else "candidate"
    kind = kind if scored.candidate[movement] or scored.plm[movement] else "movement"
    stage = str(scored.stage[movement])
    return " \u00b7 ".join(
        (
            capitalised(site_in_words(str(found.site[movement]))),
            label[:_LONGEST],
            MARK_NAMES[kind],
            STAGE_NAMES.get(stage, stage),
            with_unit(digits(found.duration_s[movement], 2), "s"),
        )
    )


def _legend(axes: "Axes") -> None:
    """Name the lines below the axis; signal, envelope and levels were drawn in this order."""
    from matplotlib.transforms import ScaledTranslation

    labels = [TRACE_NAMES[name] for name in _NAMES]
    lower = ScaledTranslation(0.0, -_LEGEND_IN, axes.figure.dpi_scale_trans)
    axes.legend(
        handles=axes.lines[: len(_NAMES)],
        labels=labels,
        loc="upper left",
        bbox_to_anchor=(0.0, 0.0),
        bbox_transform=axes.transAxes + lower,
        ncols=columns_that_fit(axes, labels),
        frameon=False,
        fontsize=SMALL,
        borderaxespad=0.0,
    )
