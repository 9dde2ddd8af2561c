"""Change of heart rate around leg movements in sleep."""

from typing import TYPE_CHECKING

from psgkit.core.night_report import NightReport
from psgkit.report.figures.frame import SMALL, axes_or_new, bare, put_legend, say_nothing_there
from psgkit.report.night.heart_rate import CURVE_NAMES
from psgkit.report.palette import LIGHT
from psgkit.report.words.language import _
from psgkit.report.words.messages import translated
from psgkit.report.words.number_format import digits

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SIZE_IN = (7.0, 3.0)
_BELOW_LABEL_IN = 0.48
_COLOURS = ("asleep", "awake")
_REASON_OF = "heart_plms_n"


def plot_heart_rate(
    report: NightReport,
    axes: "Axes | None" = None,
    *,
    part: str = "all",
    legend: bool = True,
) -> "Axes":
    """Draw how heart rate changes around PLM and isolated leg movements in sleep.

    Lines are medians over movements, bands their quartiles; 0 is the mean from 10 to 5 s before
    the onset.  For all movements a thin line shows the median at times in sleep without one.

    Parameters
    ----------
    report : NightReport
    axes : matplotlib Axes, optional
    part : str
        ``all``, ``arousal``, ``no_arousal``, ``nrem`` or ``rem``.
    legend : bool

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    ValueError
        If there is no such part.

    Examples
    --------
    >>> from psgkit import analyse_night, simulate_night
    >>> night = simulate_night("rls", hours=0.5, seed=1)
    >>> axes = plot_heart_rate(analyse_night(night.recording, night.hypnogram, night.events))
    >>> axes.get_ylabel() in ("change of heart rate, beats/min", "")
    True
    """
    parts = [name.removeprefix("plms_") for name in CURVE_NAMES if name.startswith("plms_")]
    if part not in parts:
        raise ValueError(f"no part {part!r} of the movements; parts are {', '.join(parts)}")
    axes = axes_or_new(axes, _SIZE_IN)
    drawn = []
    for kind, colour in zip(("plms", "isolated"), _COLOURS, strict=True):
        curve = report.heart_rate.get(f"{kind}_{part}")
        if curve is not None:
            shade = LIGHT[colour]
            axes.fill_between(
                curve.at_s, curve.low, curve.high, color=shade, alpha=0.2, linewidth=0
            )
            axes.plot(curve.at_s, curve.median, color=shade, linewidth=1.4)
            name = _(CURVE_NAMES[f"{kind}_{part}"])
            drawn.append((shade, _("{name}, {n}", name=name, n=digits(curve.n, 0))))
    if drawn and part == "all":
        drawn += _control(report, axes)
    if not drawn:
        index = report.indices.get("heart_rate", {}).get(_REASON_OF)
        why = index.reason if index is not None and index.reason else ""
        say_nothing_there(
            axes, translated(why) if why else _("No response of heart rate to movements.")
        )
        return axes
    bare(axes, ("top", "right"))
    axes.axvline(0.0, color=LIGHT["faint"], linewidth=0.6)
    axes.axhline(0.0, color=LIGHT["line"], linewidth=0.6, zorder=0)
    axes.set_xlim(-10.0, 20.0)
    axes.set_xlabel(_("time from the onset of a movement, s"), fontsize=SMALL)
    axes.set_ylabel(_("change of heart rate, beats/min"), fontsize=SMALL)
    axes.tick_params(labelsize=SMALL)
    if legend:
        put_legend(axes, drawn, _BELOW_LABEL_IN)
    return axes


def _control(report: NightReport, axes: "Axes") -> list[tuple[str, str]]:
    """Draw the median at times without a movement and return its line of the legend."""
    curve = report.heart_rate.get("control_all")
    if curve is None:
        return []
    axes.plot(curve.at_s, curve.median, color=LIGHT["faint"], linewidth=1.0)
    name = _(CURVE_NAMES["control_all"])
    return [(LIGHT["faint"], _("{name}, {n}", name=name, n=digits(curve.n, 0)))]
