"""The drawings of the HTML report as plain geometry; the template turns them into SVG.

A picture is shapes (a style name and an SVG path) and texts (a style name, a place and the text).
Thousands of movements of one kind are one path, so a page stays small.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from psgkit.core.hypnogram import Hypnogram
from psgkit.core.intervals import complement, union
from psgkit.core.night_report import ImiHistogram, NightReport
from psgkit.report.lanes import lane_legend, lanes
from psgkit.report.numbers import plain
from psgkit.report.words import STAGE_NAMES, clock, short_number

Shape: TypeAlias = tuple[str, str]
Label: TypeAlias = tuple[str, float, float, str]

_WIDTH = 1000.0
_LEFT, _RIGHT = 128.0, 22.0
_TOP = 22.0
_LEVELS = ("W", "R", "N1", "N2", "N3")
_LEVEL_HEIGHT = 17.0
_LANE_HEIGHT, _LANE_GAP = 16.0, 9.0
_TEXT_DROP = 4.0
_AXIS_HEIGHT = 24.0
_HOUR_S = 3600.0
_TICKS_AT_MOST = 13
_IMI_HEIGHT = 150.0
_IMI_TICKS_S = (1, 2, 5, 10, 20, 45, 90, 180, 360)


@dataclass(frozen=True, kw_only=True, slots=True)
class Picture:
    """A drawing: its size, what it shows in one sentence, shapes, texts and a legend."""

    width: float
    height: float
    title: str
    shapes: tuple[Shape, ...]
    labels: tuple[Label, ...]
    legend: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Axis:
    """Seconds of the night to places on the page."""

    first_s: float
    last_s: float

    def x(self, seconds: NDArray[np.float64] | float) -> Any:  # noqa: ANN401
        """Return the place of a time; times outside the night are put at its edge."""
        share = (np.clip(seconds, self.first_s, self.last_s) - self.first_s) / (
            self.last_s - self.first_s
        )
        return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)


def night_overview(report: NightReport) -> Picture | None:
    """Return stages, movements, arousals and breathing on one time axis; None without a length."""
    hypnogram = report.hypnogram
    edges = [0.0, report.duration_s]
    if hypnogram is not None and len(hypnogram):
        edges += [hypnogram.start_s, hypnogram.end_s]
    edges += report.movements.movements.end_s.tolist()[-1:]
    if not max(edges) > min(edges):
        return None
    axis = _Axis(first_s=min(edges), last_s=max(edges))
    shapes: list[Shape] = []
    labels: list[Label] = []
    y = _TOP
    if hypnogram is not None and len(hypnogram):
        shapes += _hypnogram(hypnogram, axis, y)
        labels += [
            ("lane", _LEFT - 8, y + _level_y(stage) + _TEXT_DROP, STAGE_NAMES[stage])
            for stage in _LEVELS
        ]
        y += len(_LEVELS) * _LEVEL_HEIGHT + _LANE_GAP
    for title, lane in lanes(report):
        labels.append(("lane", _LEFT - 8, y + _LANE_HEIGHT / 2 + _TEXT_DROP, title))
        shapes += [(style, _boxes(axis.x(spans), y)) for style, spans in lane]
        y += _LANE_HEIGHT + _LANE_GAP
    shaded, ticks = _time_frame(report, axis, y)
    return Picture(
        width=_WIDTH,
        height=y + _AXIS_HEIGHT,
        title="Sleep stages, movements and events of the night",
        shapes=(*shaded, *shapes),
        labels=(*labels, *ticks),
        legend=(
            ("plm", "PLM (in a series)"),
            ("candidate", "candidate outside series"),
            ("movement", "other movement"),
            ("outside", "lights on, or not recorded"),
            *lane_legend(report),
        ),
    )


def _level_y(stage: str) -> float:
    """Return the height of a stage within the hypnogram."""
    return (_LEVELS.index(stage) + 0.5) * _LEVEL_HEIGHT


def _hypnogram(hypnogram: Hypnogram, axis: _Axis, top: float) -> list[Shape]:
    """Return the steps of the stages, and R once more as a thick line; nothing where unscored."""
    stages = hypnogram.stages
    first = np.flatnonzero(np.concatenate(([True], stages[1:] != stages[:-1])))
    ends = np.concatenate((first[1:], [len(stages)]))
    steps: list[str] = []
    rem: list[str] = []
    pen_down = False
    for stage, begin, end in zip(stages[first], first, ends, strict=True):
        if stage not in _LEVELS:
            pen_down = False
            continue
        x0, x1 = (axis.x(hypnogram.start_s + k * hypnogram.epoch_s) for k in (begin, end))
        y = top + _level_y(str(stage))
        steps.append(f"{'V' if pen_down else f'M{x0:.1f} '}{y:.1f}H{x1:.1f}")
        pen_down = True
        if stage == "R":
            rem.append(f"M{x0:.1f} {y:.1f}H{x1:.1f}")
    return [("hypnogram", "".join(steps)), ("rem", "".join(rem))]


def _boxes(spans: NDArray[np.float64], top: float) -> str:
    """Return one path of upright boxes, each wide enough to be seen."""
    widths = np.maximum(spans[:, 1] - spans[:, 0], 0.8)
    return "".join(
        f"M{x:.1f} {top:.1f}h{width:.1f}v{_LANE_HEIGHT:.0f}h-{width:.1f}z"
        for x, width in zip(spans[:, 0].tolist(), widths.tolist(), strict=True)
    )


def _time_frame(report: NightReport, axis: _Axis, bottom: float) -> tuple[list[Shape], list[Label]]:
    """Return what lies outside lights off to on or was not recorded, and the time axis."""
    recorded = np.array([(s.start_s, s.end_s) for s in report.segments]).reshape(-1, 2)
    night = np.array([(report.lights.off_s, report.lights.on_s)])
    dark = [complement(union(part), axis.first_s, axis.last_s) for part in (recorded, night)]
    outside = axis.x(union(*dark)) if len(recorded) else axis.x(dark[1])
    boxes = "".join(f"M{a:.1f} {_TOP - 8:.1f}H{b:.1f}V{bottom:.1f}H{a:.1f}z" for a, b in outside)
    lines: list[str] = []
    labels: list[Label] = []
    for seconds in _tick_times(report, axis):
        x = float(axis.x(seconds))
        lines.append(f"M{x:.1f} {_TOP - 8:.1f}V{bottom:.1f}")
        shown = clock(report.start, seconds).rsplit(":", 1)[0]
        labels.append(("tick", x, bottom + 15, shown))
    return [("outside", boxes), ("grid", "".join(lines))], labels


def _tick_times(report: NightReport, axis: _Axis) -> Iterable[float]:
    """Return full hours by the clock, or from the start if there is no clock; not too many."""
    hours = (axis.last_s - axis.first_s) / _HOUR_S
    step_s = _HOUR_S * next(
        (n for n in (1 / 60, 5 / 60, 0.25, 1, 2, 3, 6, 12, 24) if hours / n <= _TICKS_AT_MOST),
        24.0 * math.ceil(hours / 24 / _TICKS_AT_MOST),
    )
    start = report.start
    past_s = 0.0
    if start is not None:
        past_s = start.hour * _HOUR_S + start.minute * 60.0 + start.second + start.microsecond / 1e6
    first = math.ceil((axis.first_s + past_s) / step_s)
    last = math.floor((axis.last_s + past_s) / step_s)
    return [k * step_s - past_s for k in range(first, last + 1)]


def imi_picture(histogram: ImiHistogram, bounds_s: tuple[float, float] | None) -> Picture | None:
    """Return the histogram of inter-movement intervals, sleep below wake; None if it is empty.

    ``bounds_s`` are the intervals that may belong to a series, drawn as a band.
    """
    total = histogram.sleep_n + histogram.wake_n
    edges_s = histogram.edges_s
    if not total.any() or edges_s[-1] <= 0:
        return None
    # A first edge of 0 has no logarithm; it is drawn as if the bin were as wide as the next one.
    lowest_s = edges_s[0] if edges_s[0] > 0 else edges_s[1] ** 2 / edges_s[min(2, len(total))]
    log_first, log_last = math.log(lowest_s), math.log(edges_s[-1])

    def x(seconds: float) -> float:
        share = (math.log(max(seconds, lowest_s)) - log_first) / (log_last - log_first)
        return _LEFT + min(share, 1.0) * (_WIDTH - _LEFT - _RIGHT)

    places = [x(float(edge)) for edge in edges_s]
    bottom, scale = _TOP + _IMI_HEIGHT, _IMI_HEIGHT / float(total.max())
    shapes: list[Shape] = []
    if bounds_s is not None:
        low, high = (x(bound) for bound in bounds_s)
        shapes.append(("band", f"M{low:.1f} {_TOP:.1f}H{high:.1f}V{bottom:.1f}H{low:.1f}z"))
    shapes.append(("asleep", _columns(places, 0 * total, histogram.sleep_n, bottom, scale)))
    shapes.append(("awake", _columns(places, histogram.sleep_n, total, bottom, scale)))
    shapes.append(("grid", f"M{_LEFT:.1f} {bottom:.1f}H{_WIDTH - _RIGHT:.1f}"))
    ticks = [value for value in _IMI_TICKS_S if lowest_s <= value <= edges_s[-1]]
    return Picture(
        width=_WIDTH,
        height=bottom + _AXIS_HEIGHT,
        title="Intervals between movements in seconds, logarithmic",
        shapes=tuple(shapes),
        labels=(
            *(("tick", x(value), bottom + 15, f"{short_number(value)} s") for value in ticks),
            ("lane", _LEFT - 8, _TOP + _TEXT_DROP + 6, f"{int(total.max())} intervals"),
        ),
        legend=(("asleep", "in sleep"), ("awake", "in wake"), ("band", "may belong to a series")),
    )


def _columns(
    places: list[float],
    low_n: NDArray[np.int64],
    high_n: NDArray[np.int64],
    bottom: float,
    scale: float,
) -> str:
    """Return one path of columns from ``low_n`` to ``high_n``."""
    return "".join(
        f"M{places[k]:.1f} {bottom - scale * low:.1f}V{bottom - scale * high:.1f}"
        f"H{places[k + 1]:.1f}V{bottom - scale * low:.1f}z"
        for k, (low, high) in enumerate(zip(low_n.tolist(), high_n.tolist(), strict=True))
        if high > low
    )


def imi_bounds_s(settings: Mapping[str, Any]) -> tuple[float, float] | None:
    """Return the intervals that may belong to a series, if the rules state them."""
    series = plain(settings.get("rules", {})).get("series")
    span = series.get("imi_s") if isinstance(series, Mapping) else None
    if not isinstance(span, Mapping) or not {"low", "high"} <= span.keys():
        return None
    return float(span["low"]), float(span["high"])
