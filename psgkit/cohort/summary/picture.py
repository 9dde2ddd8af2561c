"""Drawing of the indices of a cohort: one panel for each index, one row for each group."""

import math
from collections.abc import Callable, Sequence

import numpy as np

from psgkit.cohort.summary.statistics import Distribution
from psgkit.cohort.tables.index_columns import label_with_unit
from psgkit.report.html.pictures import Label, Picture, Shape
from psgkit.report.words.language import _
from psgkit.report.words.number_format import short_number

GROUPS_AT_MOST = 12
DOTS_AT_MOST = 60
"""Subjects of a group that are drawn one by one; of more, those outside the middle 90 %."""
_BOX_FROM = 5
"""Subjects; of fewer a box and a line show less than the dots.  psgkit's own choice."""
_WIDTH = 720.0
_LEFT, _RIGHT = 148.0, 24.0
_NAME_SIGNS = 21
_TITLE, _ROW, _AXIS, _GAP = 20.0, 22.0, 20.0, 14.0
_BOX = 12.0
_DOT = 2.2
_TICKS = 5
_FAR_FROM_ZERO = 0.4
_SPREAD = 0.618034
"""Golden section: dots one after the other in a row are put far apart, the same way every time."""


def distribution_picture(title: str, panels: Sequence[Sequence[Distribution]]) -> Picture | None:
    """Return the panels one below the other; None without any.

    An index with only one value has no panel.

    Parameters
    ----------
    title : str
    panels : sequence of sequences of Distribution
        One for each index, with one row for each group.
    """
    shapes: list[Shape] = []
    labels: list[Label] = []
    y = 0.0
    for rows in panels:
        shown = [row for row in rows if row.subjects_n][:GROUPS_AT_MOST]
        if shown and len({float(row.subjects[end]) for row in shown for end in (0, -1)}) > 1:
            drawn, named, y = _panel(shown, y)
            shapes += drawn
            labels += named
    if not shapes:
        return None
    return Picture(
        width=_WIDTH,
        height=y - _GAP,
        title=title,
        shapes=tuple(shapes),
        labels=tuple(labels),
    )


def _panel(rows: Sequence[Distribution], top: float) -> tuple[list[Shape], list[Label], float]:
    """Return the panel of one index and the top of the next."""
    low, high, ticks = _scale(rows)

    def x(value: float) -> float:
        share = (value - low) / (high - low)
        return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)

    bottom = top + _TITLE + _ROW * len(rows)
    labels: list[Label] = [
        ("name", _LEFT, top + 13, label_with_unit(rows[0].column, rows[0].unit)),
        *(("tick", x(tick), bottom + 14, short_number(tick)) for tick in ticks),
    ]
    parts: dict[str, list[str]] = {name: [] for name in ("whisker", "box", "candidate", "median")}
    for number, row in enumerate(rows):
        middle = top + _TITLE + _ROW * (number + 0.5)
        labels.append(("lane", _LEFT - 8, middle + 4, _short(row.group or _("all"))))
        for name, path in _row(row, middle, x).items():
            parts[name].append(path)
    grid = "".join(f"M{x(tick):.1f} {top + _TITLE:.1f}V{bottom:.1f}" for tick in ticks)
    shapes = [("grid", grid), *((name, "".join(paths)) for name, paths in parts.items())]
    return shapes, labels, bottom + _AXIS + _GAP


def _row(row: Distribution, middle: float, x: Callable[[float], float]) -> dict[str, str]:
    q05, q25, q50, q75, q95 = np.quantile(row.subjects, [0.05, 0.25, 0.5, 0.75, 0.95]).tolist()
    top, bottom = middle - _BOX / 2, middle + _BOX / 2
    alone = row.subjects
    if row.subjects_n > DOTS_AT_MOST:
        outside = alone[(alone < q05) | (alone > q95)]
        step = max(1, math.ceil(len(outside) / DOTS_AT_MOST))
        # the extremes at both ends are kept
        alone = np.concatenate((outside[:: 2 * step], outside[::-1][:: 2 * step]))
    lift = ((np.arange(len(alone)) * _SPREAD + 0.5) % 1 - 0.5) * (_BOX - 2 * _DOT)
    dots = "".join(
        f"M{x(value) - _DOT:.1f} {middle + up:.1f}"
        f"a{_DOT} {_DOT} 0 1 0 {2 * _DOT} 0a{_DOT} {_DOT} 0 1 0 {-2 * _DOT} 0z"
        for value, up in zip(alone.tolist(), lift.tolist(), strict=True)
    )
    median = f"M{x(q50):.1f} {top - 2:.1f}V{bottom + 2:.1f}"
    if row.subjects_n < _BOX_FROM:
        return {"candidate": dots, "median": median}
    return {
        "whisker": f"M{x(q05):.1f} {middle:.1f}H{x(q95):.1f}",
        "box": f"M{x(q25):.1f} {top:.1f}H{max(x(q75), x(q25) + 1):.1f}V{bottom:.1f}H{x(q25):.1f}z",
        "candidate": dots,
        "median": median,
    }


def _scale(rows: Sequence[Distribution]) -> tuple[float, float, list[float]]:
    """Return the ends of the axis and its ticks; it includes 0 unless the values are far from 0."""
    low = min(float(row.subjects[0]) for row in rows)
    high = max(float(row.subjects[-1]) for row in rows)
    if 0 < low < _FAR_FROM_ZERO * high:
        low = 0.0
    span = high - low
    step = 10.0 ** math.floor(math.log10(span / _TICKS))
    step *= next(k for k in (1, 2, 5, 10) if span / (k * step) <= _TICKS)
    first, last = math.floor(low / step), math.ceil(high / step)
    return first * step, last * step, [k * step for k in range(first, last + 1)]


def _short(name: str) -> str:
    """Return a name cut to fit beside its row."""
    return name if len(name) <= _NAME_SIGNS else f"{name[: _NAME_SIGNS - 1]}\u2026"
