"""Stages over time."""

from typing import TYPE_CHECKING

from psgkit.core.hypnogram import Hypnogram
from psgkit.report.figures.frame import axes_or_new, bare, put_clock, say_nothing_there
from psgkit.report.figures.rows import (
    INCHES_A_LANE,
    INCHES_AROUND,
    LEVEL,
    WIDTH_IN,
    draw_stages,
    name_lanes,
)
from psgkit.report.lanes import stage_levels
from psgkit.report.palette import LIGHT
from psgkit.report.words.language import _

if TYPE_CHECKING:
    from datetime import datetime

    from matplotlib.axes import Axes

_TALLER = 1.6
"""A hypnogram alone has more room than one above the lanes of a night."""


def plot_hypnogram(
    hypnogram: Hypnogram, axes: "Axes | None" = None, *, start: "datetime | None" = None
) -> "Axes":
    """Draw the stages as coloured steps; unscored time is left empty.

    Parameters
    ----------
    hypnogram : Hypnogram
    axes : matplotlib Axes, optional
        Without it one is made on a new figure.
    start : datetime, optional
        Start of the recording, for clock times; else hours from the start.

    Returns
    -------
    matplotlib Axes
        Its x axis is in seconds from the start of the recording.

    Examples
    --------
    >>> from psgkit import plot_hypnogram
    >>> axes = plot_hypnogram(Hypnogram.of(["W", "N1", "N2", "N2", "R"]))
    >>> [label.get_text() for label in axes.get_yticklabels()]
    ['Wake', 'R', 'N1', 'N2', 'N3']
    """
    levels = stage_levels(hypnogram)
    height_in = len(levels) * LEVEL * INCHES_A_LANE * _TALLER + INCHES_AROUND
    axes = axes_or_new(axes, (WIDTH_IN, height_in))
    if not len(hypnogram):
        say_nothing_there(axes, _("No stages."))
        return axes
    draw_stages(axes, hypnogram)
    axes.set_ylim(len(levels) * LEVEL + 0.1, -0.1)
    name_lanes(axes, levels, 0.0, [])
    put_clock(axes, start, (hypnogram.start_s, hypnogram.end_s))
    bare(axes)
    axes.grid(axis="x", color=LIGHT["line"], linewidth=0.6)
    axes.set_axisbelow(True)
    return axes
