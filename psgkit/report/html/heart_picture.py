"""Drawing of the heart-rate response to movements for the HTML report."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from psgkit.core.night_report import HeartRateCurve
from psgkit.report.html.pictures import Label, Picture, Shape
from psgkit.report.words.language import _
from psgkit.report.words.number_format import short_number, with_unit

_WIDTH, _SIDE, _TOP, _HEIGHT, _BELOW = 420.0, 40.0, 12.0, 150.0, 24.0
_TICKS_S = (-10, -5, 0, 5, 10, 15, 20)
_LINE = 0.9
"""Half the thickness of a median."""


def heart_picture(curves: Mapping[str, HeartRateCurve]) -> Picture | None:
    """Return medians of PLM and isolated LM in sleep, with the quartiles of PLM; None if empty."""
    styles = {"control_all": "movement", "plms_all": "asleep", "isolated_all": "awake"}
    drawn = {name: curves[name] for name in styles if name in curves}
    if not drawn:
        return None
    first = drawn.get("plms_all") or next(iter(drawn.values()))
    every = np.concatenate([(one.low, one.high) for one in drawn.values()])
    low, high = min(-1.0, float(every.min())), max(1.0, float(every.max()))
    x = _SIDE + (first.at_s - first.at_s[0]) / np.ptp(first.at_s) * (_WIDTH - 2 * _SIDE)

    def y(values: NDArray[np.float64] | float) -> NDArray[np.float64]:
        return _TOP + (high - np.asarray(values, dtype=np.float64)) / (high - low) * _HEIGHT

    shapes: list[Shape] = [("band", _between(x, y(first.high), y(first.low)))]
    for name, curve in drawn.items():
        shapes.append((styles[name], _between(x, y(curve.median) - _LINE, y(curve.median) + _LINE)))
    onset = float(np.interp(0.0, first.at_s, x))
    shapes.append(("grid", f"M{x[0]:.1f} {y(0.0):.1f}H{x[-1]:.1f}M{onset:.1f} {_TOP}v{_HEIGHT}"))
    bottom = _TOP + _HEIGHT
    marks = [low, 0.0, high]
    labels: tuple[Label, ...] = (
        *(
            ("tick", float(np.interp(t, first.at_s, x)), bottom + 15, with_unit(str(t), "s"))
            for t in _TICKS_S
        ),
        *(
            ("count", 4.0, float(y(one)) + shift, short_number(round(one, 1)))
            for one, shift in zip(marks, (-2.0, 3.0, 3.0), strict=True)
        ),
    )
    words = {
        "plms_all": _("PLM in sleep, median"),
        "isolated_all": _("isolated LM, median"),
        "control_all": _("without a leg movement, median"),
    }
    return Picture(
        width=_WIDTH,
        height=bottom + _BELOW,
        title=_("Change of heart rate around the onset of leg movements in sleep, beats/min"),
        shapes=tuple(shapes),
        labels=labels,
        legend=(
            *((styles[name], words[name]) for name in drawn),
            ("band", _("quartiles, PLM") if "plms_all" in drawn else _("quartiles of the first")),
        ),
    )


def _between(x: NDArray[np.float64], upper: NDArray[np.float64], lower: NDArray[np.float64]) -> str:
    """Return the path of the area between two lines."""
    there = zip(x.tolist(), upper.tolist(), strict=True)
    back = zip(x[::-1].tolist(), lower[::-1].tolist(), strict=True)
    points = [f"{one:.1f} {height:.1f}" for one, height in (*there, *back)]
    return "M" + "L".join(points) + "z"
