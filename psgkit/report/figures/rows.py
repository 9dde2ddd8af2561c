"""Rows of a drawing over time: stages as steps, and lanes of marks below each other."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from psgkit.core.hypnogram import Hypnogram
from psgkit.report.figures.drawn_text import harmless, text_style
from psgkit.report.figures.frame import SMALL, add_boxes
from psgkit.report.lanes import NightLane, stage_levels
from psgkit.report.palette import LIGHT, stage_colour
from psgkit.report.words.words import STAGE_NAMES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LEVEL = 0.62
"""Height of a stage, where a lane with its gap is 1."""
INCHES_A_LANE, INCHES_AROUND, WIDTH_IN = 0.27, 0.85, 10.0
_BOX = 0.62
_STYLES = {"arousals": "arousal"}
"""Names of lanes whose colour has another name."""
_LONGEST_NAME = 28
_THINNEST = 0.8
_SERIES_DROP, _SERIES_ALPHA = 0.11, 0.55


def draw_stages(axes: "Axes", hypnogram: Hypnogram) -> None:
    """Draw each run of a stage as a bar at its level, joined by thin lines."""
    from matplotlib.collections import LineCollection

    stages = hypnogram.stages
    first = np.flatnonzero(np.concatenate(([True], stages[1:] != stages[:-1])))
    edges_s = hypnogram.start_s + np.append(first, len(stages)) * hypnogram.epoch_s
    named = stages[first]
    levels = stage_levels(hypnogram)
    level = np.array([levels.index(one) if one in levels else np.nan for one in named])
    y = (level + 0.5) * LEVEL
    bars = np.stack([np.column_stack((edges_s[:-1], y)), np.column_stack((edges_s[1:], y))], axis=1)
    steps = np.stack(
        [np.column_stack((edges_s[1:-1], y[:-1])), np.column_stack((edges_s[1:-1], y[1:]))], axis=1
    )
    known = np.isfinite(y)
    joined = known[:-1] & known[1:]
    axes.add_collection(
        LineCollection(list(steps[joined]), colors=LIGHT["faint"], linewidths=0.6), autolim=False
    )
    colours = [stage_colour(str(one)) for one in named[known]]
    axes.add_collection(
        LineCollection(list(bars[known]), colors=colours, linewidths=2.6, capstyle="butt"),
        autolim=False,
    )


def draw_lane(axes: "Axes", lane: NightLane, top: float) -> None:
    """Draw the spans of one lane, each wide enough to be visible, and each series below them."""
    edges = top + 0.5 * (1 - _BOX), top + 0.5 * (1 + _BOX)
    for style, spans in lane.by_style():
        boxes = np.column_stack((spans, np.tile(edges, (len(spans), 1))))
        add_boxes(axes, boxes, LIGHT[_STYLES.get(style, style)], _THINNEST)
    if len(lane.series):
        axes.hlines(
            np.full(len(lane.series), top + 0.5 * (1 + _BOX) + _SERIES_DROP),
            lane.series[:, 0],
            lane.series[:, 1],
            colors=LIGHT["plm"],
            linewidths=1.0,
            alpha=_SERIES_ALPHA,
        )


def name_lanes(axes: "Axes", levels: Sequence[str], top: float, titles: Sequence[str]) -> None:
    """Write the stages and the lanes at the left."""
    places = [(row + 0.5) * LEVEL for row in range(len(levels))]
    places += [top + row + 0.5 for row in range(len(titles))]
    names = [STAGE_NAMES[stage] for stage in levels]
    names += [harmless(title, _LONGEST_NAME) for title in titles]
    axes.set_yticks(places, names)
    for label in axes.get_yticklabels():
        label.update(text_style(label.get_text()))
        label.set_fontsize(SMALL)
    axes.tick_params(axis="y", length=0)
