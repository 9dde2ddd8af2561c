"""Pictures of leg movements in time: hazard of arousals, cumulative PLM, minutes of the night."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from psgkit.core.night_report import NightReport
from psgkit.indices.night_course import cumulative_columns, hazards, minute_columns
from psgkit.report.html.pictures import Label, Picture, Shape
from psgkit.report.night.course import CUMULATIVE, HAZARD, HAZARD_NAMES, MINUTES
from psgkit.report.words.language import _
from psgkit.report.words.number_format import clock, short_number, with_unit

_WIDTH, _SIDE, _TOP, _HEIGHT, _BELOW = 420.0, 40.0, 18.0, 120.0, 24.0
_BOTTOM = _TOP + _HEIGHT
_LINE = 0.9
_HOUR_S = 3600.0
Floats = NDArray[np.float64]


def course_pictures(report: NightReport) -> dict[str, Picture]:
    """Return the pictures by the section at whose end they are shown."""
    found = {
        HAZARD: _hazard_picture(report),
        CUMULATIVE: _cumulative_picture(report),
        MINUTES: _minute_picture(report),
    }
    return {key: picture for key, picture in found.items() if picture is not None}


def _hazard_picture(report: NightReport) -> Picture | None:
    styles = {"plms": "asleep", "other": "awake"}
    drawn = [one for one in hazards(report) if one.part == "all"]
    if not drawn:
        return None
    edges = np.append(drawn[0].at_s, drawn[0].at_s[-1] + 1).astype(np.float64)
    x = _SIDE + (edges - edges[0]) / np.ptp(edges) * (_WIDTH - 2 * _SIDE)
    percent = [100 * np.nan_to_num(one.per_s) for one in drawn]
    usual = 100 * drawn[0].usual_per_s
    top = max(1.0, usual, *(float(one.max()) for one in percent))
    shapes: list[Shape] = []
    for one, values in zip(drawn, percent, strict=True):
        height = values / top * _HEIGHT
        path = _columns(x, height) if one.kind == "plms" else _steps(x, height)
        shapes.append((styles[one.kind], path))
    usual_at = _BOTTOM - usual / top * _HEIGHT
    onset = float(np.interp(0.0, edges, x))
    shapes.append(("grid", f"M{x[0]:.1f} {usual_at:.1f}H{x[-1]:.1f}M{onset:.1f} {_TOP}v{_HEIGHT}"))
    ticks: list[Label] = [
        ("tick", float(np.interp(at, edges, x)), _BOTTOM + 15, with_unit(str(at), "s"))
        for at in (-10, -5, 0, 5, 10, 15, 20)
    ]
    return _picture(
        _("Share of leg movements in which an arousal begins, % a second"),
        shapes,
        [*ticks, _top_label(top, "%")],
        [(styles[one.kind], HAZARD_NAMES[f"{one.kind}_all"]) for one in drawn],
    )


def _cumulative_picture(report: NightReport) -> Picture | None:
    columns = cumulative_columns(report)
    top = float(max(columns["plms_n"][-1], columns["plmw_n"][-1]))
    times_s = np.array(columns["time_s"])
    if not top or np.ptp(times_s) <= 0:
        return None
    x = _along(times_s, times_s[0], times_s[-1])
    shapes: list[Shape] = []
    legend = []
    names = (
        ("plms_n", "asleep", _("PLM in sleep, so far")),
        ("plmw_n", "awake", _("PLM in wake, so far")),
    )
    for name, style, words in names:
        y = _BOTTOM - np.array(columns[name]) / top * _HEIGHT
        if columns[name][-1]:
            shapes.append((style, _line(x, y)))
            legend.append((style, words))
    # an even night is a straight line
    shapes.append(("grid", f"M{x[0]:.1f} {_BOTTOM}H{x[-1]:.1f}"))
    return _picture(
        _("Periodic leg movements from lights off on"),
        shapes,
        [*_hours(report, times_s[0], times_s[-1]), _top_label(top, "")],
        legend,
    )


def _minute_picture(report: NightReport) -> Picture | None:
    columns = minute_columns(report)
    intensity = np.array(columns["intensity_uv_s"])
    if not intensity.any():
        return None
    start_s = np.array(columns["start_s"])
    end_s = float(start_s[-1]) + 60.0
    x = _along(np.append(start_s, end_s), 0.0, end_s)
    asleep = np.array([bool(stage) and stage != "W" for stage in columns["stage"]])
    height = intensity / intensity.max() * _HEIGHT
    shapes: list[Shape] = [
        ("asleep", _columns(x, np.where(asleep, height, 0.0))),
        ("awake", _columns(x, np.where(asleep, 0.0, height))),
        ("grid", f"M{x[0]:.1f} {_BOTTOM}H{x[-1]:.1f}"),
    ]
    return _picture(
        _("Intensity of leg movements in each minute"),
        shapes,
        [*_hours(report, 0.0, end_s), _top_label(float(intensity.max()), "\u00b5V\u00b7s")],
        [("asleep", _("in sleep")), ("awake", _("in wake or unscored"))],
    )


def _picture(
    title: str, shapes: list[Shape], labels: list[Label], legend: Sequence[tuple[str, str]]
) -> Picture:
    return Picture(
        width=_WIDTH,
        height=_BOTTOM + _BELOW,
        title=title,
        shapes=tuple(shapes),
        labels=tuple(labels),
        legend=tuple(legend),
    )


def _along(times_s: Floats, first_s: float, last_s: float) -> Floats:
    return np.asarray(_SIDE + (times_s - first_s) / (last_s - first_s) * (_WIDTH - 2 * _SIDE))


def _hours(report: NightReport, first_s: float, last_s: float) -> list[Label]:
    """Return a label at most every hour, six at most."""
    every_s = _HOUR_S * max(1, int(np.ceil((last_s - first_s) / _HOUR_S / 6)))
    times_s = np.arange(first_s, last_s + 1.0, every_s)
    places = _along(times_s, first_s, last_s)
    return [
        ("tick", float(at), _BOTTOM + 15, clock(report.start, float(time_s))[:5])
        for at, time_s in zip(places, times_s, strict=True)
    ]


def _top_label(top: float, unit: str) -> Label:
    number = short_number(round(top, 1) if top < 100 else round(top))  # noqa: PLR2004 - digits
    return ("count", 4.0, _TOP - 5, with_unit(number, unit) if unit else number)


def _columns(x: Floats, height: Floats) -> str:
    return "".join(
        f"M{x[k]:.1f} {_BOTTOM:.1f}V{_BOTTOM - tall:.1f}H{x[k + 1]:.1f}V{_BOTTOM:.1f}z"
        for k, tall in enumerate(height.tolist())
        if tall > 0
    )


def _steps(x: Floats, height: Floats) -> str:
    """Return the path of a thin line of steps."""
    return _line(np.repeat(x, 2)[1:-1], np.repeat(_BOTTOM - height, 2))


def _line(x: Floats, y: Floats) -> str:
    """Return the path of a thin line."""
    upper = zip(x.tolist(), (y - _LINE).tolist(), strict=True)
    lower = zip(x[::-1].tolist(), (y[::-1] + _LINE).tolist(), strict=True)
    return "M" + "L".join(f"{a:.1f} {b:.1f}" for a, b in (*upper, *lower)) + "z"
