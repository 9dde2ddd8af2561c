"""The actogram of a report of days as plain geometry; the template turns it into SVG."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from psgkit.core.days.days_report import DaysReport
from psgkit.core.intervals import Intervals
from psgkit.report.days.actogram import SHOWN_H, ActogramDay, actogram_days
from psgkit.report.html.pictures import Label, Picture, Shape
from psgkit.report.words.language import Words, _, marked
from psgkit.report.words.number_format import day_and_month, unit_in_words
from psgkit.report.words.words import site_in_words

_WIDTH = 1000.0
_LEFT, _RIGHT, _TOP = 96.0, 24.0, 8.0
_LINE, _GAP = 52.0, 7.0
_MARK, _POSTURE, _SLEEP = 8.0, 5.0, 4.0
"""From the top of a line: marks, light, bars of activity, sleep, posture."""
_LIGHT = 4.0
_TICK_H = 6
_AXIS = 26.0
_DROP = 4.0
LEGEND = Words(
    {
        "activity": marked("activity"),
        "band": marked("window of sleep"),
        "asleep": marked("asleep (estimated)"),
        "not-worn": marked("not recorded or not worn"),
        "plm": marked("periodic movement in the night"),
        "rhythm": marked("rhythmic train"),
        "light": marked("light"),
        "posture-lying": marked("lying", "posture"),
        "posture-upright": marked("up", "posture"),
        "posture-walking": marked("walking", "posture"),
    }
)
"""Words for the styles of the palette, in the order of the legend."""


def actogram_picture(report: DaysReport) -> Picture | None:
    """Return the double-plotted actogram; None if there is no activity."""
    if report.activity is None:
        return None
    days = actogram_days(report)
    parts: dict[str, list[str]] = {"not-worn": [], "band": [], "grid": []}
    labels: list[Label] = []
    for row, day in enumerate(days):
        top = _TOP + row * (_LINE + _GAP)
        for style, path in _line(day, top):
            parts.setdefault(style, []).append(path)
        labels.append(("lane", _LEFT - 8, top + _LINE / 2 + _DROP, day_and_month(day.evening)))
    bottom = _TOP + len(days) * (_LINE + _GAP)
    hours = range(0, int(SHOWN_H) + 1, _TICK_H)
    parts["grid"] += [f"M{_x(hour):.1f} {_TOP:.1f}V{bottom:.1f}" for hour in hours]
    labels += [("tick", _x(hour), bottom + 15, f"{(12 + hour) % 24:02d}:00") for hour in hours]
    drawn = {style for style, paths in parts.items() if any(paths)}
    unit = unit_in_words(report.activity.unit)
    what = _("activity of {place}, {unit}", place=site_in_words(report.activity_of), unit=unit)
    return Picture(
        width=_WIDTH,
        height=bottom + _AXIS,
        title=f"{_('Actogram: each line shows two days, from noon')}; {what}",
        shapes=tuple(_in_order(parts)),
        labels=tuple(labels),
        legend=tuple((style, words) for style, words in LEGEND.items() if style in drawn),
    )


def _in_order(parts: dict[str, list[str]]) -> Iterator[Shape]:
    """Return one path a style: a page with thousands of marks stays small."""
    for style, paths in parts.items():
        yield (style, "".join(paths))


def _x(hour: float) -> float:
    return _LEFT + hour / SHOWN_H * (_WIDTH - _LEFT - _RIGHT)


def _line(day: ActogramDay, top: float) -> Iterator[Shape]:
    """Yield the shapes of one line, from back to front."""
    bottom = top + _LINE
    foot = bottom - _POSTURE
    floor = foot - _SLEEP
    yield "not-worn", _boxes(day.spans["not-worn"], top, bottom)
    yield "band", _boxes(day.spans["window"], top, bottom)
    head = top + _MARK + (_LIGHT if len(day.light) else 0.0)
    yield "activity", _bars(day.bars, head, floor)
    yield "light", _bars(day.light, top + _MARK - 1, top + _MARK + _LIGHT - 1)
    yield "asleep", _boxes(day.spans["asleep"], floor, foot)
    for style in ("posture-lying", "posture-upright", "posture-walking"):
        yield style, _boxes(day.spans[style], foot, bottom)
    half = top + _MARK / 2
    yield "plm", _ticks(day.marks["plm"], top, half)
    yield "rhythm", _ticks(day.marks["rhythm"], half, top + _MARK - 1)
    yield "grid", f"M{_LEFT:.1f} {bottom:.1f}H{_WIDTH - _RIGHT:.1f}"


def _boxes(spans: Intervals, top: float, bottom: float) -> str:
    return "".join(
        f"M{_x(begin):.1f} {top:.1f}H{_x(end):.1f}V{bottom:.1f}H{_x(begin):.1f}z"
        for begin, end in spans.tolist()
        if end > begin
    )


def _bars(rows: NDArray[np.float64], head: float, floor: float) -> str:
    return "".join(
        f"M{_x(begin):.1f} {floor:.1f}V{floor - height * (floor - head):.1f}"
        f"H{_x(end):.1f}V{floor:.1f}z"
        for begin, end, height in rows.tolist()
        if height > 0
    )


def _ticks(hours: NDArray[np.float64], top: float, bottom: float) -> str:
    """Return a mark a quarter of a point wide at each place; marks on one place are one."""
    places = np.unique(np.round([_x(hour) for hour in hours.tolist()], 1))
    return "".join(f"M{x:.1f} {top:.1f}V{bottom:.1f}h.4V{top:.1f}z" for x in places.tolist())
