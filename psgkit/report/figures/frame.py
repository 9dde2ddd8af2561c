"""Shared parts of figures: new Axes, SVG, time axis, legend, note on an empty Axes."""

import io
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from psgkit.report.palette import LIGHT
from psgkit.report.words.number_format import clock

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.patches import Patch

SMALL = "small"
_HOUR_S = 3600.0
_STEPS_H = (1 / 60, 5 / 60, 0.25, 0.5, 1, 2, 3, 6, 12, 24)
_TICKS_AT_MOST = 13
_BELOW_TICKS_IN = 0.28
_POINTS = 72.0
_LETTER_EM, _BESIDE_EM = 0.55, 3.2
"""Width of a letter of a legend, and of the field and the space beside its words."""
_COLUMNS = 5


_STYLE: Any = {
    "svg.fonttype": "none",  # text stays text
    "svg.hashsalt": "psgkit",  # the names of clip paths are the same each time
    "font.family": ["DejaVu Sans"],
    "font.size": 7.6,
    "text.color": LIGHT["ink"],
    "axes.edgecolor": LIGHT["ink"],
    "axes.labelcolor": LIGHT["ink"],
    "axes.linewidth": 0.5,
    "xtick.color": LIGHT["ink"],
    "ytick.color": LIGHT["ink"],
    "xtick.labelsize": 6.8,
    "ytick.labelsize": 6.8,
    "xtick.major.width": 0.5,
    "ytick.major.width": 0.5,
}


def as_svg(draw: "Callable[[Axes], object]", width: float, height: float) -> str:
    """Return the drawing of ``draw`` as SVG, the same text for the same figure.

    ``width`` and ``height`` of the Axes are in points; labels enlarge the drawing.
    """
    from matplotlib.figure import Figure

    drawn = io.StringIO()
    about = {"Date": None, "Creator": "psgkit"}
    with _own_style():
        figure = Figure(figsize=(width / _POINTS, height / _POINTS))
        draw(figure.add_axes((0.0, 0.0, 1.0, 1.0)))
        figure.savefig(drawn, format="svg", metadata=about, bbox_inches="tight", pad_inches=0.03)
    return "\n".join(line.rstrip() for line in drawn.getvalue().splitlines()) + "\n"


@contextmanager
def _own_style() -> Iterator[None]:
    """Draw in the style of reports, independent of the user's matplotlib settings."""
    import matplotlib

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_STYLE)
        yield


def axes_or_new(axes: "Axes | None", size_in: tuple[float, float]) -> "Axes":
    """Return ``axes``, or one on a new figure of that size outside pyplot."""
    if axes is not None:
        return axes
    from matplotlib.figure import Figure

    return Figure(figsize=size_in, layout="constrained").add_subplot()


def put_clock(axes: "Axes", start: datetime | None, span_s: tuple[float, float]) -> None:
    """Label an axis of seconds with full hours, by the clock or from the start of the recording."""
    from matplotlib.ticker import FuncFormatter, MultipleLocator

    step_s, past_s = clock_step(start, span_s)
    axes.xaxis.set_major_locator(MultipleLocator(step_s, offset=-past_s))
    axes.xaxis.set_major_formatter(
        FuncFormatter(lambda seconds, _: clock(start, round(seconds)).rsplit(":", 1)[0])
    )
    axes.set_xlim(*span_s)


def clock_step(start: datetime | None, span_s: tuple[float, float]) -> tuple[float, float]:
    """Return seconds between ticks, and the time of day of the start in seconds.

    Examples
    --------
    >>> clock_step(datetime(2026, 1, 1, 22, 30), (0.0, 8 * 3600.0))
    (3600.0, 81000.0)
    """
    hours = (span_s[1] - span_s[0]) / _HOUR_S
    whole_days = 24.0 * max(1, math.ceil(hours / 24 / _TICKS_AT_MOST))
    step_h = next((step for step in _STEPS_H if hours / step <= _TICKS_AT_MOST), whole_days)
    if start is None:
        return step_h * _HOUR_S, 0.0
    past_s = start.hour * _HOUR_S + start.minute * 60.0 + start.second + start.microsecond / 1e6
    return step_h * _HOUR_S, past_s


def add_boxes(
    axes: "Axes", boxes: NDArray[np.float64], colour: str, outline: float = 0.0, zorder: float = 1.0
) -> None:
    """Draw boxes of left, right, top and bottom as one shape: an SVG of thousands stays small."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    if len(boxes):
        corners = boxes[:, [0, 2, 1, 2, 1, 3, 0, 3]].reshape(-1, 4, 2)
        shape = Path.make_compound_path_from_polys(corners)
        axes.add_artist(PathPatch(shape, color=colour, linewidth=outline, zorder=zorder))


def bare(axes: "Axes", sides: Sequence[str] = ("top", "right", "left")) -> None:
    """Hide spines of an Axes and draw its ticks faintly."""
    for side in sides:
        axes.spines[side].set_visible(False)
    axes.tick_params(axis="x", length=3, color=LIGHT["faint"])


def say_nothing_there(axes: "Axes", words: str) -> None:
    """Write in the middle of an empty Axes why it is empty."""
    axes.set_axis_off()
    axes.text(
        0.5, 0.5, words, ha="center", va="center", color=LIGHT["faint"], transform=axes.transAxes
    )


def patches(colours: Sequence[tuple[str, str]]) -> "list[Patch]":
    """Return one colour patch for each line of a legend."""
    from matplotlib.patches import Patch

    return [Patch(facecolor=colour, label=words) for colour, words in colours]


def columns_that_fit(axes: "Axes", labels: Sequence[str], most: int = 9) -> int:
    """Return how many columns of a legend fit below an Axes, by the estimated width of labels.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> narrow = Figure(figsize=(3.0, 2.0)).add_subplot()
    >>> columns_that_fit(narrow, ["a long label of a legend"] * 4), columns_that_fit(narrow, "ab")
    (1, 2)
    """
    from matplotlib.font_manager import FontProperties

    figure = axes.get_figure(root=True)
    width_in = axes.get_window_extent().width / (figure.dpi if figure is not None else 1.0)
    room = width_in * _POINTS / FontProperties(size=SMALL).get_size_in_points()
    for columns in range(min(len(labels), most), 1, -1):
        high = -(-len(labels) // columns)
        taken = [labels[first : first + high] for first in range(0, len(labels), high)]
        if sum(_BESIDE_EM + _LETTER_EM * max(map(len, some)) for some in taken) <= room:
            return columns
    return 1


def put_legend(
    axes: "Axes", colours: Sequence[tuple[str, str]], below_in: float = _BELOW_TICKS_IN
) -> None:
    """Put a legend below the tick labels of an Axes."""
    from matplotlib.transforms import ScaledTranslation

    lower = ScaledTranslation(0.0, -below_in, axes.figure.dpi_scale_trans)
    axes.legend(
        handles=patches(colours),
        loc="upper left",
        bbox_to_anchor=(0.0, 0.0),
        bbox_transform=axes.transAxes + lower,
        ncols=columns_that_fit(axes, [words for _, words in colours], _COLUMNS),
        frameon=False,
        fontsize=SMALL,
        handlelength=1.0,
        columnspacing=1.4,
        borderaxespad=0.0,
        borderpad=0.0,
    )
