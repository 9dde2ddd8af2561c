"""The double-plotted actogram of a recording of days."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from psgkit.core.days.days_report import DaysReport
from psgkit.core.intervals import Intervals
from psgkit.core.symptom_diary import SYMPTOM_SITES
from psgkit.report.days.actogram import SHOWN_H, ActogramDay, actogram_days
from psgkit.report.figures.frame import (
    SMALL,
    add_boxes,
    as_svg,
    axes_or_new,
    bare,
    put_legend,
    say_nothing_there,
)
from psgkit.report.page_model import Figure
from psgkit.report.palette import LIGHT
from psgkit.report.symptoms import SYMPTOM_SITE_WORDS, symptom_colour
from psgkit.report.words.language import Words, _, marked
from psgkit.report.words.number_format import day_and_month, unit_in_words
from psgkit.report.words.words import site_in_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_INCHES_A_LINE, _INCHES_AROUND, _WIDTH_IN = 0.55, 1.1, 10.0
_TOP, _MARKS, _LIGHT, _FLOOR, _FOOT, _BOTTOM = 0.0, 0.14, 0.22, 0.74, 0.81, 0.9
"""Where parts of a line begin, from its top: marks, light, activity, sleep, posture, nothing."""
_DOTS_FROM, _DOTS_STEP, _DOT = 0.24, 0.16, 8.0
"""Place of the dots of a diary in a line, by site, and their size in points."""
_TICK_H = 6
_MARK_H = 0.02
_WIDTH, _LINE, _HIGHEST = 450.0, 30.0, 500.0
"""Of the Axes in reports, in points."""
_LEGEND = Words(
    {
        "activity": marked("activity"),
        "band": marked("window of sleep"),
        "asleep": marked("asleep (estimated)"),
        "not-worn": marked("not recorded or not worn"),
        "plm": marked("periodic movement in the night"),
        "rhythm": marked("rhythmic train"),
        "light": marked("light"),
        "posture-lying": marked("lying", "posture"),
        "posture-upright": marked("up", "posture"),
        "posture-walking": marked("walking", "posture"),
    }
)
"""Words for the styles of the palette, in the order of the legend."""


def plot_actogram(report: DaysReport, axes: "Axes | None" = None, *, legend: bool = True) -> "Axes":
    """Draw the double-plotted actogram: activity, nights, sleep, movements, trains and posture.

    Each line shows two days from noon, in local time; the second is the first of the next line.

    Parameters
    ----------
    report : DaysReport
        From ``psgkit.analyse_days``.
    axes : matplotlib Axes, optional
        Without it one is made on a new figure, high enough for all lines.
    legend : bool

    Returns
    -------
    matplotlib Axes

    Examples
    --------
    >>> from datetime import datetime
    >>> from psgkit.core.days.counts import Counts
    >>> from psgkit.core.days.day_clock import DayClock
    >>> from psgkit.core.days.day_recording import DayRecording
    >>> from psgkit.days.walk import analyse_days
    >>> counts = Counts(counts=100.0 + np.arange(2880) % 50, epoch_s=60.0)
    >>> days = DayRecording(source="x", clock=DayClock.of(datetime(2024, 1, 8, 12)),
    ...                     duration_s=2 * 86400.0, counts=(counts,))
    >>> [float(hour) for hour in plot_actogram(analyse_days(days)).get_xlim()]
    [0.0, 48.0]
    """
    days = actogram_days(report)
    axes = axes_or_new(axes, (_WIDTH_IN, len(days) * _INCHES_A_LINE + _INCHES_AROUND))
    if report.activity is None:
        say_nothing_there(axes, _("no activity to draw"))
        return axes
    drawn: set[str] = set()
    for row, day in enumerate(days):
        drawn |= _draw_day(axes, day, float(row))
        drawn |= _draw_symptoms(axes, day, float(row))
    axes.set_xlim(0.0, SHOWN_H)
    axes.set_ylim(len(days), -0.1)
    hours = list(range(0, int(SHOWN_H) + 1, _TICK_H))
    axes.set_xticks(hours, [f"{(12 + hour) % 24:02d}:00" for hour in hours])
    middles = [row + _BOTTOM / 2 for row in range(len(days))]
    axes.set_yticks(middles, [day_and_month(day.evening) for day in days])
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color=LIGHT["line"], linewidth=0.6)
    axes.set_axisbelow(True)
    bare(axes)
    unit = unit_in_words(report.activity.unit)
    title = _("activity of {place}, {unit}", place=site_in_words(report.activity_of), unit=unit)
    axes.set_title(title, loc="left", fontsize=SMALL, color=LIGHT["faint"])
    if legend:
        shown = [(style, words) for style, words in _LEGEND.items() if style in drawn]
        colours = [(LIGHT[style], words) for style, words in shown]
        put_legend(axes, [*colours, *_symptom_legend(drawn)])
    return axes


def actogram_figure(report: DaysReport) -> Figure | None:
    """Return the actogram for page and PDF; None without activity."""
    if report.activity is None:
        return None
    lines = max(1, len(report.nights))
    height = min(lines * _LINE, _HIGHEST)
    svg = as_svg(lambda axes: plot_actogram(report, axes), _WIDTH, height)
    return Figure(svg=svg, title=_("Actogram: each line shows two days, from noon"))


def _draw_day(axes: "Axes", day: ActogramDay, top: float) -> set[str]:
    """Draw one line and return the styles that are in it."""
    layers = {
        "not-worn": _boxes(day.spans["not-worn"], _TOP, _BOTTOM),
        "band": _boxes(day.spans["window"], _TOP, _BOTTOM),
        "activity": _bars(day.bars, _LIGHT if len(day.light) else _MARKS, _FLOOR),
        "light": _bars(day.light, _MARKS, _LIGHT),
        "asleep": _boxes(day.spans["asleep"], _FLOOR, _FOOT),
        **{
            style: _boxes(day.spans[style], _FOOT, _BOTTOM)
            for style in ("posture-lying", "posture-upright", "posture-walking")
        },
        "plm": _marks(day.marks["plm"], _TOP, _MARKS / 2),
        "rhythm": _marks(day.marks["rhythm"], _MARKS / 2, _MARKS),
    }
    for depth, (style, boxes) in enumerate(layers.items()):
        moved = boxes + np.array([0.0, 0.0, top, top])
        add_boxes(axes, moved, LIGHT[style], zorder=1.0 + 0.1 * depth)
    return {style for style, boxes in layers.items() if len(boxes)}


def _draw_symptoms(axes: "Axes", day: ActogramDay, top: float) -> set[str]:
    """Draw the entries of a diary as dots with their severity, each site a little lower."""
    for site, points in day.symptoms.items():
        y = top + _DOTS_FROM + _DOTS_STEP * SYMPTOM_SITES.index(site)
        # of entries that overlap the most severe stays readable
        for depth, (hour, severity) in enumerate(sorted(points.tolist(), key=lambda one: one[1])):
            axes.plot(
                hour,
                y,
                marker="o",
                markersize=_DOT,
                color=symptom_colour(site),
                markeredgecolor=LIGHT["paper"],
                markeredgewidth=0.5,
                zorder=3.0 + 0.001 * depth,
            )
            axes.text(
                hour,
                y,
                f"{severity:.0f}",
                ha="center",
                va="center_baseline",
                fontsize=_DOT - 3.0,
                color=LIGHT["paper"],
                zorder=3.0 + 0.001 * depth,
            )
    return {f"symptom-{site}" for site in day.symptoms}


def _symptom_legend(drawn: set[str]) -> list[tuple[str, str]]:
    return [
        (
            symptom_colour(site),
            _("diary: {site}, severity 0-10", site=SYMPTOM_SITE_WORDS[site]),
        )
        for site in SYMPTOM_SITES
        if f"symptom-{site}" in drawn
    ]


def _boxes(spans: Intervals, top: float, bottom: float) -> NDArray[np.float64]:
    n = len(spans)
    columns = (spans[:, 0], spans[:, 1], np.full(n, top), np.full(n, bottom))
    return np.column_stack(columns)[spans[:, 1] > spans[:, 0]]


def _bars(rows: NDArray[np.float64], head: float, floor: float) -> NDArray[np.float64]:
    return np.column_stack(
        (rows[:, 0], rows[:, 1], floor - rows[:, 2] * (floor - head), np.full(len(rows), floor))
    )


def _marks(hours: NDArray[np.float64], top: float, bottom: float) -> NDArray[np.float64]:
    n = len(hours)
    return np.column_stack((hours, hours + _MARK_H, np.full(n, top), np.full(n, bottom)))
