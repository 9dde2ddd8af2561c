"""Movements by site over time."""

from typing import TYPE_CHECKING

import numpy as np

from psgkit.core.movements import Movements, ScoredMovements
from psgkit.report.figures.frame import axes_or_new, bare, put_clock, put_legend, say_nothing_there
from psgkit.report.figures.rows import (
    INCHES_A_LANE,
    INCHES_AROUND,
    WIDTH_IN,
    draw_lane,
    name_lanes,
)
from psgkit.report.lanes import movement_lanes
from psgkit.report.palette import LIGHT
from psgkit.report.words.language import _
from psgkit.report.words.words import MARK_NAMES

if TYPE_CHECKING:
    from datetime import datetime

    from matplotlib.axes import Axes


def plot_movements(
    movements: Movements | ScoredMovements,
    axes: "Axes | None" = None,
    *,
    start: "datetime | None" = None,
) -> "Axes":
    """Draw each movement as a mark in the lane of its site; scored ones coloured by series.

    Parameters
    ----------
    movements : Movements or ScoredMovements
    axes : matplotlib Axes, optional
        Without it one is made on a new figure, high enough for all lanes.
    start : datetime, optional
        Start of the recording, for clock times; else hours from the start.

    Returns
    -------
    matplotlib Axes
        Its x axis is in seconds from the start of the recording.

    Examples
    --------
    >>> from psgkit import plot_movements
    >>> axes = plot_movements(Movements.of([10.0, 30.0], [12.0, 33.0], "left_leg"))
    >>> [label.get_text() for label in axes.get_yticklabels()]
    ['Left leg']
    """
    scored = movements if isinstance(movements, ScoredMovements) else _unscored(movements)
    lanes = list(movement_lanes(scored))
    axes = axes_or_new(axes, (WIDTH_IN, len(lanes) * INCHES_A_LANE + INCHES_AROUND))
    if not lanes:
        say_nothing_there(axes, _("No movements."))
        return axes
    for row, lane in enumerate(lanes):
        draw_lane(axes, lane, float(row))
    axes.set_ylim(len(lanes) + 0.1, -0.15)
    name_lanes(axes, (), 0.0, [lane.title for lane in lanes])
    put_clock(axes, start, (0.0, float(scored.movements.end_s.max())))
    bare(axes)
    axes.grid(axis="x", color=LIGHT["line"], linewidth=0.6)
    axes.set_axisbelow(True)
    if scored is movements:
        seen = {style for lane in lanes for style in lane.styles.tolist()}
        kinds = [kind for kind in ("plm", "candidate", "movement") if kind in seen]
        put_legend(axes, [(LIGHT[kind], MARK_NAMES[kind]) for kind in kinds])
    return axes


def _unscored(movements: Movements) -> ScoredMovements:
    """Return movements of which scoring has said nothing."""
    n = len(movements)
    flags, numbers = np.zeros(n, dtype=np.bool_), np.zeros(n, dtype=np.int64)
    return ScoredMovements(
        movements=movements,
        candidate=flags,
        respiratory=flags,
        arousal=flags,
        stage=np.full(n, "UNSCORED"),
        imi_s=np.full(n, np.nan),
        series=numbers,
        imi_nr_s=np.full(n, np.nan),
        series_nr=numbers,
    )
