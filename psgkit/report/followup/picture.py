"""The drawing of nights: doses along the days above, indices below, as plain geometry."""

from collections.abc import Sequence

from psgkit.followup.change import IndexCourse
from psgkit.followup.walk import NightCourse
from psgkit.report.followup.lanes import DoseStep, days_of, dose_steps, drawn_indices, scale_of
from psgkit.report.html.pictures import Label, Picture, Shape
from psgkit.report.words.language import _
from psgkit.report.words.number_format import number, unit_in_words
from psgkit.report.words.words import group_title, index_label

_WIDTH = 1000.0
_LEFT, _RIGHT = 210.0, 40.0
_TOP = 22.0
_LANE, _LANE_GAP = 30.0, 8.0
_DOSE_TEXT = 11.0
_LOWEST_DOSE, _HIGHEST_DOSE = 4.0, 14.0
_PANEL, _PANEL_GAP = 62.0, 26.0
_DROP = 4.0
_AXIS_HEIGHT = 34.0
_DOT = 4.0
_SIGN_WIDTH = 6.4
"""About the width of a character of the page's font of 12 px."""
_MARGIN_SHARE = 0.05


class _Days:
    """Days to places on the page."""

    def __init__(self, first: float, last: float) -> None:
        margin = max((last - first) * _MARGIN_SHARE, 1.0)
        self.first, self.last = first - margin, last + margin

    def x(self, day: float) -> float:
        """Return the place of a day; days outside are put at the edge."""
        share = (min(max(day, self.first), self.last) - self.first) / (self.last - self.first)
        return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)


def nights_picture(course: NightCourse) -> Picture | None:
    """Return the figure; None if no night has a day or no index is drawn."""
    days = [night.on_line.day for night in course.nights if night.on_line.day is not None]
    panels = drawn_indices(course)
    if not days or not panels:
        return None
    axis = _Days(*days_of(course))
    shapes: list[Shape] = []
    labels: list[Label] = []
    y = _TOP
    for drug, steps in dose_steps(course).items():
        labels.append(("lane", _LEFT - 8, y + _LANE / 2 + _DROP, drug))
        drawn, named, rows = _doses(steps, axis, y)
        shapes += drawn
        labels += named
        y += rows * (_LANE + _LANE_GAP)
    y += _LANE_GAP if course.spans else 0.0
    grid: list[Shape] = []
    for one in panels:
        drawn, named = _panel(course, one, (axis, scale_of(one.name, panels)), y)
        shapes += drawn
        labels += named
        y += _PANEL + _PANEL_GAP
    bottom = y - _PANEL_GAP + _DROP
    places = dict.fromkeys(days)
    grid.append(("grid", "".join(f"M{axis.x(d):.1f} {_TOP:.1f}V{bottom:.1f}" for d in places)))
    labels += _ticks(course, axis, bottom)
    simulated = any(one.report.simulated for one in course.nights)
    return Picture(
        width=_WIDTH,
        height=bottom + _AXIS_HEIGHT,
        title=(
            _("Doses and indices over the nights (simulated)")
            if simulated
            else _("Doses and indices over the nights")
        ),
        shapes=(*grid, *shapes),
        labels=tuple(labels),
        legend=(
            ("asleep", _("dose in force")),
            ("movement", _("dose whose end is not stated")),
            ("plm", _("one night; one index has one scale in all panels, from 0")),
        ),
    )


def _doses(
    steps: Sequence[DoseStep], axis: _Days, top: float
) -> tuple[list[Shape], list[Label], int]:
    """Return the steps of one drug, higher for more, their words, and how many lanes they take.

    A lane is begun where the words of a dose would run into those of the next one.
    """
    known: list[str] = []
    open_end: list[str] = []
    labels: list[Label] = []
    row, free = 0, 0.0
    for step in steps:
        first = axis.x(step.first_day - 0.5)
        seen, last = axis.x(step.seen_until + 0.5), axis.x(step.last_day + 0.5)
        width = _SIGN_WIDTH * len(step.words)
        at = min(first, _WIDTH - _RIGHT - width)
        row += bool(labels) and at < free
        bottom = top + row * (_LANE + _LANE_GAP) + _LANE
        size = _LOWEST_DOSE + (_HIGHEST_DOSE - _LOWEST_DOSE) * step.share
        known.append(_box(first, max(seen, first + 2), bottom, size))
        if last > seen:
            open_end.append(_box(seen, last, bottom, size))
        labels.append(("dose", at, bottom - _LANE + _DOSE_TEXT, step.words))
        free = at + width + 2 * _DROP
    return [("movement", "".join(open_end)), ("asleep", "".join(known))], labels, row + 1


def _box(first: float, last: float, bottom: float, height: float) -> str:
    return f"M{first:.1f} {bottom:.1f}H{last:.1f}v-{height:.1f}H{first:.1f}z"


def _panel(
    course: NightCourse, one: IndexCourse, axes: tuple[_Days, tuple[float, float]], top: float
) -> tuple[list[Shape], list[Label]]:
    """Return one index over the days: a dot a night, joined in their order.

    The scale begins at 0 and is the same for one index of several groups.
    """
    axis, (lowest, highest) = axes
    bottom = top + _PANEL
    points = [
        (night.on_line.day, index.value)
        for night, index in zip(course.nights, one.nights, strict=True)
        if night.on_line.day is not None and index.value is not None
    ]
    scale = (_PANEL - 16.0) / (highest - lowest)
    places = [(axis.x(day), bottom - (value - lowest) * scale) for day, value in points]
    line = "".join(f"{'L' if k else 'M'}{x:.1f} {y:.1f}" for k, (x, y) in enumerate(places))
    dots = "".join(
        f"M{x - _DOT:.1f} {y:.1f}l{_DOT:.0f} -{_DOT:.0f} {_DOT:.0f} {_DOT:.0f}"
        f" -{_DOT:.0f} {_DOT:.0f}z"
        for x, y in places
    )
    unit = unit_in_words(one.unit)
    labels: list[Label] = [
        ("lane", _LEFT - 8, top + _PANEL / 2, group_title(one.group)),
        (
            "lane",
            _LEFT - 8,
            top + _PANEL / 2 + 14,
            f"{index_label(one.name, one.group)}{', ' + unit if unit else ''}",
        ),
    ]
    labels += [
        ("tick", x, y - 7, number(value, one.unit, one.name))
        for (x, y), (_night, value) in zip(places, points, strict=True)
    ]
    zero = f"M{_LEFT:.1f} {bottom:.1f}H{_WIDTH - _RIGHT:.1f}"
    return [("grid", zero), ("hypnogram", line), ("plm", dots)], labels


def _ticks(course: NightCourse, axis: _Days, bottom: float) -> list[Label]:
    """Return the numbers of the nights and their days below the panels."""
    labels: list[Label] = []
    free = 0.0
    for number_, night in enumerate(course.nights, 1):
        if night.on_line.day is None:
            continue
        x = axis.x(night.on_line.day)
        if x < free:  # the words of two nights would lie on each other
            continue
        labels.append(("tick", x, bottom + 14, _("night {n}", n=number_)))
        labels.append(("tick", x, bottom + 28, _("day {day}", day=night.on_line.day)))
        free = x + _SIGN_WIDTH * 9
    return labels
