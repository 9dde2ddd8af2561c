"""The drawing of nights: doses along the days above, indices below, as plain geometry."""

import math
from collections.abc import Sequence

from psgkit.nights.drug_line import DoseSpan
from psgkit.nights.follow import IndexCourse, NightCourse
from psgkit.profile.context_drugs import drug_key
from psgkit.profile.context_laboratory import SerumLevel, serum_levels
from psgkit.report.pictures import Label, Picture, Shape
from psgkit.report.words import group_title, index_label, number, unit_in_words

DRAWN = ("plms_index", "plmw_index", "arousal_index", "se_pct", "sol_min")
"""Indices of the figure: one panel each, for every group that has it; the files have all."""
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
_PANELS_AT_MOST = 14
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
    panels = _panels(course)
    if not days or not panels:
        return None
    told = [
        day for span in course.spans for day in (span.first_day, span.last_day) if day is not None
    ]
    axis = _Days(min(days + told), max(days + told))
    shapes: list[Shape] = []
    labels: list[Label] = []
    y = _TOP
    levels = () if course.context is None else serum_levels(course.context.context)
    for drug in dict.fromkeys(span.dose.key[0] for span in course.spans):
        spans = [span for span in course.spans if span.dose.key[0] == drug]
        labels.append(("lane", _LEFT - 8, y + _LANE / 2 + _DROP, spans[0].dose.drug))
        drawn, named, rows = _doses(spans, levels, axis, y)
        shapes += drawn
        labels += named
        y += rows * (_LANE + _LANE_GAP)
    y += _LANE_GAP if course.spans else 0.0
    grid: list[Shape] = []
    for one in panels:
        alike = [index.value for p in panels if p.name == one.name for index in p.nights]
        scale = min([0.0, *filter(None, alike)]), max([0.0, *filter(None, alike)])
        drawn, named = _panel(course, one, (axis, scale), y)
        shapes += drawn
        labels += named
        y += _PANEL + _PANEL_GAP
    bottom = y - _PANEL_GAP + _DROP
    places = dict.fromkeys(days)
    grid.append(("grid", "".join(f"M{axis.x(d):.1f} {_TOP:.1f}V{bottom:.1f}" for d in places)))
    labels += _ticks(course, axis, bottom)
    simulated = " (simulated)" if any(one.report.simulated for one in course.nights) else ""
    return Picture(
        width=_WIDTH,
        height=bottom + _AXIS_HEIGHT,
        title=f"Doses and indices over the nights{simulated}",
        shapes=(*grid, *shapes),
        labels=tuple(labels),
        legend=(
            ("asleep", "dose in force"),
            ("movement", "dose whose end is not told"),
            ("plm", "one night; one index has one scale in all panels, from 0"),
        ),
    )


def _panels(course: NightCourse) -> list[IndexCourse]:
    """Return the indices that are drawn; those that are 0 or missing on every night are not."""
    found = [
        one
        for one in course.indices
        if one.name in DRAWN and any(index.value for index in one.nights)
    ]
    return sorted(found, key=lambda one: DRAWN.index(one.name))[:_PANELS_AT_MOST]


def _doses(
    spans: Sequence[DoseSpan], levels: Sequence[SerumLevel], axis: _Days, top: float
) -> tuple[list[Shape], list[Label], int]:
    """Return the steps of one drug, higher for more, their words, and how many lanes they take.

    A lane is begun where the words of a dose would run into those of the next one.
    """
    known: list[str] = []
    open_end: list[str] = []
    labels: list[Label] = []
    highest = max(_size(span) for span in spans)
    row, free = 0, 0.0
    for span in sorted(spans, key=_first):
        first = axis.x(_first(span) - 0.5)
        seen = axis.x((axis.last if span.seen_until is None else span.seen_until) + 0.5)
        last = axis.x(_last(span, axis) + 0.5)
        words = _dose_words(span, levels)
        width = _SIGN_WIDTH * len(words)
        at = min(first, _WIDTH - _RIGHT - width)
        row += bool(labels) and at < free
        bottom = top + row * (_LANE + _LANE_GAP) + _LANE
        share = _size(span) / highest if highest else 1.0
        size = _LOWEST_DOSE + (_HIGHEST_DOSE - _LOWEST_DOSE) * share
        known.append(_box(first, max(seen, first + 2), bottom, size))
        if last > seen:
            open_end.append(_box(seen, last, bottom, size))
        labels.append(("dose", at, bottom - _LANE + _DOSE_TEXT, words))
        free = at + width + 2 * _DROP
    return [("movement", "".join(open_end)), ("asleep", "".join(known))], labels, row + 1


def _size(span: DoseSpan) -> float:
    """Return the dose in mg a day, 0 where it is not known."""
    size = span.dose.key[1]
    return size if isinstance(size, float) else 0.0


def _first(span: DoseSpan) -> float:
    """Return the first day of a span; one that is not told is before all others."""
    if span.of_night is not None:
        return span.of_night
    return -math.inf if span.first_day is None else span.first_day


def _last(span: DoseSpan, axis: _Days) -> float:
    """Return the last day of a span that is not contradicted."""
    if span.of_night is not None:
        return span.of_night
    if span.before_day is not None:
        return span.before_day - 1
    return axis.last if span.last_day is None else span.last_day


def _dose_words(span: DoseSpan, levels: Sequence[SerumLevel]) -> str:
    """Return a dose without its drug, and the levels measured at it."""
    told = span.dose.words.removeprefix(span.dose.drug).strip() or span.dose.drug
    at_it = [
        f"{level.value:g} {level.unit or ''}".rstrip()
        for level in levels
        if level.value is not None and (drug_key(level.drug), level.daily_mg) == span.dose.key
    ]
    return " · ".join((told, *at_it))


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
        for (x, y), (_, value) in zip(places, points, strict=True)
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
        labels.append(("tick", x, bottom + 14, f"night {number_}"))
        labels.append(("tick", x, bottom + 28, f"day {night.on_line.day}"))
        free = x + _SIGN_WIDTH * 9
    return labels
