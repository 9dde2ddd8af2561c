"""The signal around one movement, as the detector saw it."""

from typing import TYPE_CHECKING

import numpy as np

from psgkit.core.night_report import NightReport
from psgkit.core.recording import Recording
from psgkit.detect.trace import Seen
from psgkit.document.values import plain
from psgkit.night.movement_trace import SeenMovement, see_movement
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
from psgkit.settings import settings_from

if TYPE_CHECKING:
    import mne
    from matplotlib.axes import Axes

_SIZE_IN = (9.0, 3.4)
_TICK_S = 5.0
_LONGEST = 60
_LEGEND_IN = 0.3


def plot_movement(
    recording: "Recording | mne.io.BaseRaw",
    report: NightReport,
    movement: int,
    axes: "Axes | None" = None,
    *,
    channel: str | None = None,
) -> "Axes":
    """Draw 30 s of a channel around a movement: signal, envelope, resting level, thresholds.

    Everything is what the detector measured with the settings of the report. The span that was
    scored is coloured, other movements of the channel more faintly. Of an accelerometer the
    magnitude is drawn.

    Parameters
    ----------
    recording : Recording or mne.io.Raw
        The one the report is of.
    report : NightReport
    movement : int
        Row of ``report.movements``, counted from 0.
    axes : matplotlib Axes, optional
    channel : str, optional
        One of the channels the movement was seen in; without it the first of them.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    ValueError
        If there is no such movement, or it was seen in no such channel.

    Examples
    --------
    >>> from psgkit import analyse_night, simulate_night
    >>> night = simulate_night("rls", hours=0.5, seed=1)
    >>> axes = plot_movement(night.recording, analyse_night(night.recording), 3)
    >>> axes.get_ylabel()
    'µV'
    """
    label = _channel_of(report, movement, channel)
    settings = settings_from(plain(report.settings))
    seen = see_movement(recording, report, movement, label, settings)
    axes = axes_or_new(axes, _SIZE_IN)
    _draw_spans(axes, report, movement, label)
    for stretch in seen.stretches:
        _draw_stretch(axes, stretch, seen, _colour(report, movement))
    axes.set_xlim(*seen.span_s)
    _put_times(axes, report)
    bare(axes, ("top", "right"))
    axes.set_ylabel(unit_in_words(seen.unit), fontsize=SMALL)
    axes.tick_params(labelsize=SMALL)
    title = harmless(_title(report, movement, seen.label), 2 * _LONGEST)
    axes.set_title(title, loc="left", fontsize=SMALL, **text_style(title))
    _legend(axes)
    return axes


def _channel_of(report: NightReport, movement: int, channel: str | None) -> str:
    """Return in which channel the movement is shown."""
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


def _colour(report: NightReport, movement: int) -> str:
    return site_colour(str(report.movements.movements.site[movement]))


def _draw_spans(axes: "Axes", report: NightReport, movement: int, label: str) -> None:
    """Colour what was scored as movements of the channel."""
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


def _draw_stretch(axes: "Axes", stretch: Seen, seen: SeenMovement, colour: str) -> None:
    """Draw the lines of one stretch, within what it answers for."""
    first = max(seen.span_s[0], stretch.core_s[0])
    last = min(seen.span_s[1], stretch.core_s[1])

    def draw(values: np.ndarray, rate_hz: float, **style: object) -> None:
        times_s = stretch.start_s + np.arange(len(values)) / rate_hz
        inside = (times_s >= first) & (times_s <= last)
        axes.plot(times_s[inside], values[inside], **style)  # type: ignore[arg-type]

    slow_hz = stretch.rate_hz / stretch.step
    draw(stretch.samples, stretch.rate_hz, color=LIGHT["movement"], linewidth=0.5)
    draw(stretch.level, slow_hz, color=colour, linewidth=1.3)
    draw(stretch.rest, slow_hz, color=LIGHT["faint"], linewidth=1.0, linestyle="--")
    draw(stretch.on, slow_hz, color=LIGHT["ink"], linewidth=1.0)
    draw(stretch.off, slow_hz, color=LIGHT["ink"], linewidth=1.0, linestyle=":")


def _put_times(axes: "Axes", report: NightReport) -> None:
    """Put the time by the clock, to the second, below the axis."""
    from matplotlib.ticker import FuncFormatter, MultipleLocator

    start = report.start
    past_s = 0.0 if start is None else start.second + start.microsecond / 1e6
    axes.xaxis.set_major_locator(MultipleLocator(_TICK_S, offset=-past_s))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda seconds, _place: clock(start, seconds)))


def _title(report: NightReport, movement: int, label: str) -> str:
    """Return what the movement is, in a line."""
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

    names = ("signal", "level", "rest", "on", "off")
    labels = [TRACE_NAMES[name] for name in names]
    lower = ScaledTranslation(0.0, -_LEGEND_IN, axes.figure.dpi_scale_trans)
    axes.legend(
        handles=axes.lines[: len(names)],
        labels=labels,
        loc="upper left",
        bbox_to_anchor=(0.0, 0.0),
        bbox_transform=axes.transAxes + lower,
        ncols=columns_that_fit(axes, labels),
        frameon=False,
        fontsize=SMALL,
        borderaxespad=0.0,
    )
