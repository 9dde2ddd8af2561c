"""The index of periodic leg movements by the thresholds of EMG."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from psgkit.core.threshold_index import ThresholdIndex, usual_threshold
from psgkit.report.figures.frame import axes_or_new, bare
from psgkit.report.palette import LIGHT
from psgkit.report.words.language import _
from psgkit.report.words.number_format import short_number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SIZE_IN = (5.0, 3.2)


def plot_sensitivity(found: Sequence[ThresholdIndex], axes: "Axes | None" = None) -> "Axes":
    """Draw the index by onset threshold, and by offset threshold where several were tried.

    Parameters
    ----------
    found : sequence of ThresholdIndex
        From ``threshold_sensitivity``; thresholds without an index are left out.
    axes : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes

    Examples
    --------
    >>> plot_sensitivity([]).get_xlabel()
    'Threshold above rest, µV'
    """
    axes = axes_or_new(axes, _SIZE_IN)
    shown = [(one, one.index.value) for one in found if one.index.value is not None]
    onset_uv = usual_threshold([one.onset_uv for one in found])
    offset_uv = usual_threshold([one.offset_uv for one in found])
    by_onset = [(one.onset_uv, value) for one, value in shown if one.offset_uv == offset_uv]
    by_offset = [(one.offset_uv, value) for one, value in shown if one.onset_uv == onset_uv]
    lines = (
        (by_onset, "plm", "o", _("onset threshold (offset {uv} µV)"), offset_uv),
        (by_offset, "candidate", "s", _("offset threshold (onset {uv} µV)"), onset_uv),
    )
    for points, colour, marker, label, other_uv in lines:
        if len(points) > 1 and other_uv is not None:
            axes.plot(
                *zip(*points, strict=True),
                marker=marker,
                color=LIGHT[colour],
                label=label.format(uv=short_number(other_uv)),
            )
    if axes.lines:
        axes.legend(frameon=False, fontsize="small", loc="best")
    axes.set_xticks(sorted({uv for points, *_rest in lines for uv, _value in points}))
    axes.set_ylim(0, 1.1 * max((value for _, value in shown), default=0) or 1)
    axes.set_xlabel(_("Threshold above rest, µV"))
    axes.set_ylabel(_("Periodic leg movements per hour"))
    bare(axes)
    return axes
