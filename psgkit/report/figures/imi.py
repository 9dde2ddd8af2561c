"""Histogram of intervals between movements."""

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from psgkit.core.night_report import ImiHistogram, NightReport
from psgkit.report.figures.frame import SMALL, axes_or_new, bare, put_legend, say_nothing_there
from psgkit.report.html.pictures import imi_bounds_s
from psgkit.report.palette import LIGHT
from psgkit.report.words.language import _
from psgkit.report.words.number_format import short_number, value_in_words
from psgkit.report.words.words import group_title, index_label

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SIZE_IN = (7.0, 3.0)
_BELOW_LABEL_IN = 0.48
_TICKS_S = (0.5, 1, 2, 5, 10, 20, 30, 45, 90, 180, 360, 720)
_PERIODICITY = ("periodicity_index_wasm_sleep", "periodicity_index_wasm_wake")


def plot_imi(
    report: NightReport,
    axes: "Axes | None" = None,
    *,
    group: str = "legs",
    legend: bool = True,
) -> "Axes":
    """Draw the histogram of inter-movement intervals, logarithmic, wake on top of sleep.

    The band marks the intervals that the rules of this report accept in a series; the title has
    the periodicity indices.

    Parameters
    ----------
    report : NightReport
    axes : matplotlib Axes, optional
    group : str
        ``legs``, ``arms``, ``trunk`` or ``accelerometer_left_ankle`` and the like.
    legend : bool

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    ValueError
        If the report has no such group of indices.

    Examples
    --------
    >>> from psgkit import analyse_night, simulate_night
    >>> night = simulate_night("rls", hours=0.5, seed=1)
    >>> axes = plot_imi(analyse_night(night.recording, night.hypnogram, night.events))
    >>> axes.get_xscale()
    'log'
    """
    if group not in report.indices:
        known = ", ".join(report.imi) or "none"
        raise ValueError(f"no group {group!r} with intervals in this report; it has {known}")
    axes = axes_or_new(axes, _SIZE_IN)
    histogram = report.imi.get(group)
    if histogram is None or not (histogram.sleep_n + histogram.wake_n).any():
        say_nothing_there(axes, _("No intervals between movements."))
        return axes
    _draw_columns(axes, histogram)
    words = [(LIGHT["asleep"], _("in sleep"))]
    if histogram.wake_n.any():
        words.append((LIGHT["awake"], _("in wake")))
    bounds_s = imi_bounds_s(report.settings)
    if bounds_s is not None:
        axes.axvspan(*bounds_s, color=LIGHT["band"], linewidth=0, zorder=0)
        low, high = map(short_number, bounds_s)
        words.append(
            (LIGHT["band"], _("{low} to {high} s: may belong to a series", low=low, high=high))
        )
    _put_words(axes, report, group)
    if legend:
        put_legend(axes, words, _BELOW_LABEL_IN)
    return axes


def _draw_columns(axes: "Axes", histogram: ImiHistogram) -> None:
    """Draw sleep, and wake on top of it; a first edge of 0 becomes one bin below the next."""
    from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

    edges_s = np.array(histogram.edges_s)
    if edges_s[0] <= 0:
        edges_s[0] = edges_s[1] ** 2 / edges_s[min(2, len(edges_s) - 1)]
    total = histogram.sleep_n + histogram.wake_n
    style: dict[str, Any] = {"edgecolor": LIGHT["paper"], "linewidth": 0.3}
    axes.stairs(histogram.sleep_n, edges_s, fill=True, color=LIGHT["asleep"], **style)
    if histogram.wake_n.any():
        axes.stairs(
            total, edges_s, baseline=histogram.sleep_n, fill=True, color=LIGHT["awake"], **style
        )
    axes.set_xscale("log")
    full = np.flatnonzero(total)
    first, last = edges_s[full[0]], edges_s[full[-1] + 1]
    axes.set_xlim(min(first, 4.0), max(last, 120.0))
    axes.set_ylim(0.0, math.ceil(1.12 * float(total.max())))
    axes.xaxis.set_major_locator(FixedLocator(_TICKS_S))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda seconds, _place: short_number(seconds)))
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))


def _put_words(axes: "Axes", report: NightReport, group: str) -> None:
    """Label the axes; the title names the group and its periodicity indices."""
    bare(axes, ("top", "right"))
    axes.set_axisbelow(True)
    axes.set_ylabel(_("intervals"), fontsize=SMALL)
    axes.set_xlabel(_("interval between movements, s"), fontsize=SMALL)
    axes.tick_params(labelsize=SMALL)
    periodicity_lines = [
        f"{index_label(name, group)} {value_in_words(report.indices[group][name])}"
        for name in _PERIODICITY
        if name in report.indices[group] and report.indices[group][name].value is not None
    ]
    axes.set_title("\n".join((group_title(group), *periodicity_lines)), loc="left", fontsize=SMALL)
