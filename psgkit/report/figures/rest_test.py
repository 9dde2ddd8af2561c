"""Picture of a rest test: envelope of each channel, rhythm, periodic movements, discomfort."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from psgkit.core.trace import TraceChannel
from psgkit.report.figures.drawn_text import harmless
from psgkit.report.figures.frame import (
    SMALL,
    add_boxes,
    as_svg,
    axes_or_new,
    bare,
    put_clock,
    put_legend,
)
from psgkit.report.page_model import Figure
from psgkit.report.palette import LIGHT
from psgkit.report.sit.rest_words import part_name, site_name
from psgkit.report.words.language import _
from psgkit.report.words.words import site_in_words
from psgkit.sit.rest_test import RestTestReport

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WIDTH, _LANE, _AROUND = 400.0, 34.0, 30.0
_WIDTH_IN, _INCHES_A_LANE = 9.0, 0.6
_POINTS_ACROSS = 1500
"""Values of a line at most: more than a page can show."""
_HIGH_SHARE = 99.5
"""Percentile of an envelope that fills its lane; higher values are cut."""


def plot_rest_test(
    report: RestTestReport, axes: "Axes | None" = None, *, legend: bool = True
) -> "Axes":
    """Draw the measured signals of a rest test with its parts, movements and discomfort.

    One lane for each channel: its envelope, periodic movements below it, and rhythmic trains as
    bars. Then one lane for each site of discomfort, from 0 to the end of the scale.

    Parameters
    ----------
    report : RestTestReport
    axes : matplotlib Axes, optional
    legend : bool

    Returns
    -------
    matplotlib Axes

    Examples
    --------
    >>> from psgkit.simulate import simulate_night
    >>> from psgkit.sit.rest_parts import RestPart
    >>> from psgkit.sit.rest_test import analyse_rest_test
    >>> recording = simulate_night("rls", hours=0.2, seed=1).recording
    >>> part = RestPart(posture="lying", session="evening", from_s=0.0, to_s=600.0, source="")
    >>> axes = plot_rest_test(analyse_rest_test(recording, [part]))
    >>> [label.get_text()[:8] for label in axes.get_yticklabels()]
    ['left leg', 'right le']
    """
    channels, sites = report.trace.channels, _sites(report)
    lanes = len(channels) + len(sites)
    axes = axes_or_new(axes, (_WIDTH_IN, (lanes + 1) * _INCHES_A_LANE))
    span_s = (
        max(min(one.part.from_s for one in report.parts) - 60.0, 0.0),
        min(max(one.part.to_s for one in report.parts) + 660.0, report.duration_s),
    )
    for one in report.parts:
        part = one.part
        axes.axvspan(part.from_s, part.to_s, color=LIGHT["line"], alpha=0.45, linewidth=0, zorder=0)
        axes.text(part.from_s, -0.12, part_name(part), fontsize=SMALL, va="bottom")
    names = []
    for lane, channel in enumerate(channels):
        _draw_channel(axes, report, channel, lane, span_s)
        names.append(harmless(f"{site_in_words(channel.place)} ({channel.label})", 30))
    for lane, site in enumerate(sites, start=len(channels)):
        _draw_discomfort(axes, report, site, lane)
        names.append(_("discomfort, {site}", site=site_name(site)))
    axes.set_yticks(np.arange(lanes) + 0.5, names, fontsize=SMALL)
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(max(lanes, 1) + 0.05, -0.6)
    bare(axes)
    put_clock(axes, report.start, span_s)
    if legend:
        words = [
            (LIGHT["movement"], _("envelope")),
            (LIGHT["plm"], _("periodic movement")),
            (LIGHT["asleep"], _("rhythmic train")),
            (LIGHT["line"], _("part of the test")),
        ]
        put_legend(axes, words)
    return axes


def rest_test_figure(report: RestTestReport) -> Figure:
    """Return the figure for page and PDF."""
    lanes = len(report.trace.channels) + len(_sites(report))
    return Figure(
        svg=as_svg(lambda axes: plot_rest_test(report, axes), _WIDTH, lanes * _LANE + _AROUND),
        title=_("Signals, movements and discomfort in each posture"),
    )


def _sites(report: RestTestReport) -> list[str]:
    return [] if report.answers is None else sorted(set(report.answers.site.tolist()))


def _draw_channel(
    axes: "Axes",
    report: RestTestReport,
    channel: TraceChannel,
    lane: int,
    span_s: tuple[float, float],
) -> None:
    rate_hz = report.trace.rate_hz
    first, stop = (round(second * rate_hz) for second in span_s)
    level = _largest(channel.values("level")[first:stop])
    known = level[np.isfinite(level)]
    full = float(np.percentile(known, _HIGH_SHARE)) if len(known) else 0.0
    time_s = np.linspace(span_s[0], span_s[1], len(level), endpoint=False)
    height = np.clip(level / full, 0.0, 1.0) if full else np.zeros(len(level))
    axes.fill_between(
        time_s, lane + 0.78 - 0.7 * height, lane + 0.78, color=LIGHT["movement"], linewidth=0
    )
    movements = report.movements.movements
    mine = report.movements.plm & (movements.site == channel.place)
    _put_spans(
        axes, movements.onset_s[mine], movements.end_s[mine], (lane + 0.8, lane + 0.9), "plm"
    )
    trains = report.trains
    here = (trains.place == channel.place) | np.isin(trains.place, channel.labels)
    _put_spans(axes, trains.onset_s[here], trains.end_s[here], (lane + 0.91, lane + 0.99), "asleep")


def _put_spans(
    axes: "Axes",
    onset_s: NDArray[np.float64],
    end_s: NDArray[np.float64],
    between: tuple[float, float],
    colour: str,
) -> None:
    edges = (np.full(len(onset_s), between[0]), np.full(len(onset_s), between[1]))
    add_boxes(axes, np.column_stack((onset_s, end_s, *edges)), LIGHT[colour], 0.4, 2.0)


def _largest(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the largest of each run of values, so that at most ``_POINTS_ACROSS`` are left."""
    step = max(1, -(-len(values) // _POINTS_ACROSS))
    if not len(values):
        return values
    filled = np.where(np.isfinite(values), values, -np.inf)
    found = np.maximum.reduceat(filled, np.arange(0, len(values), step))
    return np.where(np.isfinite(found), found, np.nan)


def _draw_discomfort(axes: "Axes", report: RestTestReport, site: str, lane: int) -> None:
    answers = report.answers
    if answers is None:
        return
    mine = answers.at(site)
    axes.plot(
        mine.time_s,
        lane + 0.9 - 0.8 * mine.score / mine.scale_max,
        color=LIGHT["plm"],
        marker="o",
        markersize=3,
        linewidth=1.0,
    )
