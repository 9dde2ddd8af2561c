"""The index of periodic movements by the onset threshold of EMG."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from psgkit.report.figures.frame import axes_or_new, bare
from psgkit.report.words.language import _

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from psgkit.night.sensitivity import OnsetIndex

_SIZE_IN = (4.0, 3.0)


def plot_sensitivity(found: "Sequence[OnsetIndex]", axes: "Axes | None" = None) -> "Axes":
    """Draw the index at each onset threshold; thresholds without an index are left out.

    Parameters
    ----------
    found : sequence of OnsetIndex
    axes : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes

    Examples
    --------
    >>> plot_sensitivity([]).get_xlabel()
    'Onset threshold above rest, µV'
    """
    axes = axes_or_new(axes, _SIZE_IN)
    shown = [(one.onset_uv, one.index.value) for one in found if one.index.value is not None]
    axes.plot([uv for uv, _value in shown], [value for _uv, value in shown], marker="o")
    axes.set_xticks([uv for uv, _value in shown])
    axes.set_ylim(bottom=0)
    axes.set_xlabel(_("Onset threshold above rest, µV"))
    axes.set_ylabel(_("Periodic movements of the legs per hour"))
    bare(axes)
    return axes
