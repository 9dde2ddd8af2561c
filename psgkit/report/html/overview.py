"""Overview of a night on one time axis, zoomed in the browser without drawing it again.

Marks are in seconds and stretched to the width of the page.  Their outline has a fixed width, so
that a movement of two seconds is visible in a whole night.
"""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from psgkit.core.dataclass import dataclass
from psgkit.core.hypnogram import Hypnogram
from psgkit.core.intervals import Intervals, complement, union
from psgkit.core.night_report import NightReport
from psgkit.document.values import tidy, tidy_column
from psgkit.report.html.pictures import Shape
from psgkit.report.lanes import NightLane, lane_legend, night_lanes, stage_levels
from psgkit.report.words.language import _
from psgkit.report.words.number_format import clock
from psgkit.report.words.words import MARK_NAMES, STAGE_NAMES

_TOP = 4.0
_LEVEL = 17.0
_LANE, _GAP = 17.0, 9.0
_BAR, _BAR_GAP = 2.5, 2.0
_HOUR_S = 3600.0
_TICKS_AT_MOST = 13
_STEPS_H = (1 / 60, 5 / 60, 0.25, 1, 2, 3, 6, 12, 24)


@dataclass(frozen=True, kw_only=True, slots=True)
class Name:
    """The label of a lane or of a stage; ``height`` in pixels."""

    title: str
    kind: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Overview:
    """The drawing and its data for the script of the page.

    Attributes
    ----------
    first_s, last_s : float
        Ends of the axis.
    height : float
        Pixels.
    names : tuple of Name
        Beside the lanes, top to bottom.
    shapes : tuple of (style, path)
        Horizontal in seconds, vertical in pixels.
    ticks : tuple of (float, str)
        Position in percent, and the time.
    legend : tuple of (style, words)
    lanes : tuple of mappings
        Title, top and height, and for each mark its place and its text or row of the movements.
    """

    first_s: float
    last_s: float
    height: float
    names: tuple[Name, ...]
    shapes: tuple[Shape, ...]
    ticks: tuple[tuple[float, str], ...]
    legend: tuple[tuple[str, str], ...]
    lanes: tuple[dict[str, Any], ...]


def night_overview(report: NightReport) -> Overview | None:
    """Return stages, movements, arousals and breathing on one time axis; None if empty."""
    first_s, last_s = _ends(report)
    if not last_s > first_s:
        return None
    hypnogram = report.hypnogram
    shapes: list[Shape] = []
    names: list[Name] = []
    found: list[dict[str, Any]] = []
    y = _TOP
    if hypnogram is not None and len(hypnogram):
        shapes += _hypnogram(hypnogram, y)
        names += [Name(title=STAGE_NAMES[stage], kind="stage") for stage in stage_levels(hypnogram)]
        names.append(Name(title="", kind="space"))
        found.append(_stage_marks(hypnogram, y))
        y += len(stage_levels(hypnogram)) * _LEVEL + _GAP
    for lane in night_lanes(report):
        names.append(Name(title=lane.title, kind="lane"))
        shapes += _lane_shapes(lane, y)
        found.append(_marks(lane, y))
        y += _LANE + _GAP
    if not names:
        names.append(Name(title=_("No movement"), kind="lane"))
        y += _LANE + _GAP
    shapes = [*_frame(report, (first_s, last_s), y), *shapes]
    return Overview(
        first_s=first_s,
        last_s=last_s,
        height=y,
        names=tuple(names),
        shapes=tuple(shapes),
        ticks=tuple(_ticks(report, first_s, last_s)),
        legend=_legend(report, {style for style, path in shapes if path}),
        lanes=tuple(found),
    )


def _ends(report: NightReport) -> tuple[float, float]:
    """Return begin and end of all data."""
    edges = [0.0, report.duration_s, float(report.movements.movements.end_s.max(initial=0.0))]
    hypnogram = report.hypnogram
    if hypnogram is not None and len(hypnogram):
        edges += [hypnogram.start_s, hypnogram.end_s]
    return min(edges), max(edges)


def _legend(report: NightReport, drawn: set[str]) -> tuple[tuple[str, str], ...]:
    marks = ((style, words) for style, words in MARK_NAMES.items() if style in drawn)
    return (*marks, *lane_legend(report))


def _stage_runs(hypnogram: Hypnogram) -> Iterator[tuple[str, float, float]]:
    stages = hypnogram.stages
    first = np.flatnonzero(np.concatenate(([True], stages[1:] != stages[:-1])))
    ends = np.concatenate((first[1:], [len(stages)]))
    for stage, begin, end in zip(stages[first].tolist(), first, ends, strict=True):
        yield stage, *(hypnogram.start_s + float(k) * hypnogram.epoch_s for k in (begin, end))


def _hypnogram(hypnogram: Hypnogram, top: float) -> list[Shape]:
    """Return each run of a stage as a bar of its colour, joined by thin lines.

    Unscored time is empty.  ``psgkit.plot_hypnogram`` draws the same.
    """
    joints: list[str] = []
    bars: dict[str, list[str]] = {}
    before: float | None = None
    levels = stage_levels(hypnogram)
    for stage, begin, end in _stage_runs(hypnogram):
        if stage not in levels:
            before = None
            continue
        y = top + (levels.index(stage) + 0.5) * _LEVEL
        if before is not None:
            joints.append(f"M{begin:.1f} {before:.1f}V{y:.1f}")
        bars.setdefault(f"stage-{stage.lower()}", []).append(f"M{begin:.1f} {y:.1f}H{end:.1f}")
        before = y
    return [("hypnogram", "".join(joints)), *((name, "".join(one)) for name, one in bars.items())]


def _stage_marks(hypnogram: Hypnogram, top: float) -> dict[str, Any]:
    runs = list(_stage_runs(hypnogram))
    return {
        "title": _("Stage"),
        "top": top,
        "height": len(stage_levels(hypnogram)) * _LEVEL,
        "spans": [[begin, end] for _stage, begin, end in runs],
        "words": [STAGE_NAMES.get(stage, stage) for stage, _begin, _end in runs],
    }


def _lane_shapes(lane: NightLane, top: float) -> Iterator[Shape]:
    """Yield the marks of a lane, one path for each style, and the bars of its series."""
    for style, spans in lane.by_style():
        yield style, _boxes(spans, top, _LANE)
    if len(lane.series):
        yield "series", _boxes(lane.series, top + _LANE + _BAR_GAP, _BAR)


def _marks(lane: NightLane, top: float) -> dict[str, Any]:
    """Return the places of the marks of a lane for the script of the page."""
    where: dict[str, Any] = {"title": lane.title, "top": top, "height": _LANE + _BAR_GAP + _BAR}
    if len(lane.rows):
        return {**where, "rows": lane.rows.tolist()}
    columns = (tidy_column(lane.spans[:, k]) for k in (0, 1))
    return {
        **where,
        "spans": [*map(list, zip(*columns, strict=True))],
        "words": lane.words.tolist(),
    }


def _boxes(spans: Intervals, top: float, height: float) -> str:
    return "".join(
        f"M{begin:.2f} {top:.1f}H{end:.2f}v{height:g}H{begin:.2f}z" for begin, end in spans.tolist()
    )


def _frame(report: NightReport, ends: tuple[float, float], bottom: float) -> list[Shape]:
    """Return the shapes of time outside lights off to on, of unrecorded time, and of the lights."""
    recorded = np.array([(s.start_s, s.end_s) for s in report.segments]).reshape(-1, 2)
    off_s, on_s = report.lights.off_s, report.lights.on_s
    light = complement(union(np.array([(off_s, on_s)])), *ends)
    gaps = complement(union(recorded), *ends) if len(recorded) else recorded
    lines = "".join(f"M{at_s:.2f} 0V{bottom:.1f}" for at_s in (off_s, on_s) if at_s not in ends)
    return [
        ("outside", _boxes(light, 0.0, bottom)),
        ("gap", _boxes(gaps, 0.0, bottom)),
        ("lights", lines),
    ]


def past_midnight_s(report: NightReport) -> float | None:
    """Return the time of day at second 0, in seconds; None if the start is not stated."""
    start = report.start
    if start is None:
        return None
    return start.hour * _HOUR_S + start.minute * 60.0 + start.second + start.microsecond / 1e6


def _ticks(report: NightReport, first_s: float, last_s: float) -> Iterator[tuple[float, str]]:
    """Yield a few full hours by the clock, or from the start of the recording without a clock."""
    hours = (last_s - first_s) / _HOUR_S
    step_s = _HOUR_S * next(
        (n for n in _STEPS_H if hours / n <= _TICKS_AT_MOST),
        24.0 * math.ceil(hours / 24 / _TICKS_AT_MOST),
    )
    past_s = past_midnight_s(report) or 0.0
    first = math.ceil((first_s + past_s) / step_s)
    last = math.floor((last_s + past_s) / step_s)
    for k in range(first, last + 1):
        at_s = k * step_s - past_s
        shown = clock(report.start, at_s).rsplit(":", 1)[0]
        yield 100 * (at_s - first_s) / (last_s - first_s), shown


def overview_data(overview: Overview, report: NightReport) -> dict[str, Any]:
    """Return the data for the script of the page: axis, lanes, and the span of each movement."""
    found = report.movements.movements
    return {
        "first_s": tidy(overview.first_s),
        "last_s": tidy(overview.last_s),
        "height": overview.height,
        "clock_s": past_midnight_s(report),
        "lanes": list(overview.lanes),
        "movements": {"onset_s": tidy_column(found.onset_s), "end_s": tidy_column(found.end_s)},
    }
