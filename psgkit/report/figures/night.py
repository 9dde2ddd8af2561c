"""The night on one time axis: stages, movements by site, events."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from psgkit.core.intervals import complement, union
from psgkit.core.night_report import NightReport
from psgkit.report.figures.frame import (
    axes_or_new,
    bare,
    put_clock,
    put_legend,
    say_nothing_there,
)
from psgkit.report.figures.rows import (
    INCHES_A_LANE,
    INCHES_AROUND,
    LEVEL,
    WIDTH_IN,
    draw_lane,
    draw_stages,
    name_lanes,
)
from psgkit.report.lanes import NightLane, lane_legend, night_lanes, stage_levels
from psgkit.report.palette import LIGHT
from psgkit.report.words.language import _
from psgkit.report.words.words import MARK_NAMES

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_night(
    report: NightReport,
    axes: "Axes | None" = None,
    *,
    span_s: tuple[float, float] | None = None,
    legend: bool = True,
) -> "Axes":
    """Draw stages, movements of every site, rhythms, posture and events on one time axis.

    All lanes are on one Axes and zoom together. Movements in a series, other candidates and other
    movements have three colours; a line below a lane spans each series. Time outside lights off
    to on, or not recorded, is shaded.

    Parameters
    ----------
    report : NightReport
    axes : matplotlib Axes, optional
        Without it one is made on a new figure, high enough for all lanes.
    span_s : pair of float, optional
        Part of the night shown, seconds from the start of the recording. The x axis is in these
        seconds and labelled with clock times.
    legend : bool
        Whether to explain the colours below the axis.

    Returns
    -------
    matplotlib Axes

    Examples
    --------
    >>> from psgkit import analyse_night, simulate_night
    >>> night = simulate_night("rls", hours=0.5, seed=1)
    >>> axes = plot_night(analyse_night(night.recording, night.hypnogram, night.events))
    >>> [label.get_text() for label in axes.get_yticklabels()][:3]
    ['Wake', 'R', 'N1']
    """
    shown = list(night_lanes(report))
    stages = report.hypnogram
    levels = stage_levels(stages) if stages is not None and len(stages) else ()
    height = len(levels) * LEVEL + len(shown)
    axes = axes_or_new(axes, (WIDTH_IN, height * INCHES_A_LANE + INCHES_AROUND))
    span_s = span_s or night_span_s(report)
    if not span_s[1] > span_s[0]:
        say_nothing_there(axes, _("Nothing was recorded."))
        return axes
    _draw_outside(axes, report, span_s)
    if stages is not None and levels:
        draw_stages(axes, stages)
    top = len(levels) * LEVEL + (0.3 if levels else 0.0)
    for row, lane in enumerate(shown):
        draw_lane(axes, lane, top + row)
    bottom = top + len(shown)
    axes.set_ylim(bottom + 0.1, -0.15)
    name_lanes(axes, levels, top, [lane.title for lane in shown])
    put_clock(axes, report.start, span_s)
    bare(axes)
    axes.grid(axis="x", color=LIGHT["line"], linewidth=0.6)
    axes.set_axisbelow(True)
    if legend:
        _legend(axes, report, shown)
    return axes


def night_span_s(report: NightReport) -> tuple[float, float]:
    """Return begin and end of a night: recording, stages and movements."""
    edges = [0.0, report.duration_s, *report.movements.movements.end_s.tolist()[-1:]]
    if report.hypnogram is not None and len(report.hypnogram):
        edges += [report.hypnogram.start_s, report.hypnogram.end_s]
    return min(edges), max(edges)


def _draw_outside(axes: "Axes", report: NightReport, span_s: tuple[float, float]) -> None:
    """Shade time outside lights off to on, and hatch unrecorded time."""
    night = np.array([(report.lights.off_s, report.lights.on_s)])
    for begin, end in complement(union(night), *span_s):
        axes.axvspan(begin, end, color=LIGHT["shade"], linewidth=0, zorder=0)
    for begin, end in _gaps(report, span_s):
        axes.axvspan(
            begin,
            end,
            facecolor=LIGHT["line"],
            edgecolor=LIGHT["faint"],
            hatch="////",
            lw=0,
            zorder=0.1,
        )


def _gaps(report: NightReport, span_s: tuple[float, float]) -> NDArray[np.float64]:
    """Return the unrecorded parts of the span; empty if no segment is known."""
    recorded = np.array([(one.start_s, one.end_s) for one in report.segments]).reshape(-1, 2)
    return complement(union(recorded), *span_s) if len(recorded) else recorded


def _legend(axes: "Axes", report: NightReport, shown: Sequence[NightLane]) -> None:
    """Draw the legend of the colours that occur."""
    seen = {style for lane in shown for style in lane.styles.tolist()}
    kinds = [kind for kind in ("plm", "candidate", "movement") if kind in seen]
    words = [(LIGHT[kind], MARK_NAMES[kind]) for kind in kinds]
    words += [(LIGHT[name], said) for name, said in lane_legend(report)]
    words.append((LIGHT["shade"], MARK_NAMES["outside"]))
    if len(_gaps(report, night_span_s(report))):
        words.append((LIGHT["line"], MARK_NAMES["gap"]))
    put_legend(axes, words)
