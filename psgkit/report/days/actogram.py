"""Data of an actogram, day by day in hours from noon, for the page and for figures.

Line ``k`` shows the day from noon ``k`` and the next one side by side, in local time: where clocks
are put forward an hour is empty, where they are put back two hours overlap.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.days.days_report import DaysReport
from psgkit.core.days.sleep_wake import ASLEEP
from psgkit.core.intervals import Intervals, intersect, union
from psgkit.core.postures import LYING
from psgkit.detect.accelerometer.channels import GROUP_PREFIX

SHOWN_H = 48.0
_DAY_S = 86400.0
_HOUR_S = 3600.0
_BIN_S = 600.0
_LOUDEST = 99.0
_ANKLES = ("ankle", "foot", "shin", "calf", "leg")
_JOIN_S = 120.0
"""Sleep that is broken for less than this is drawn in one piece: it would be less than a line."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ActogramDay:
    """One line of an actogram, in hours.

    Attributes
    ----------
    evening : date
    bars : float64 arrays of shape (n, 3)
        Activity: begin and end in hours, height from 0 to 1.
    light : likewise
        Empty where no light was measured.
    spans : mapping of style to Intervals
    marks : mapping of style to hours
    symptoms : mapping of site to float64 arrays of shape (n, 2)
        Entries of a diary: hour and severity.
    """

    evening: date
    bars: NDArray[np.float64]
    light: NDArray[np.float64]
    spans: Mapping[str, Intervals]
    marks: Mapping[str, NDArray[np.float64]]
    symptoms: Mapping[str, NDArray[np.float64]]


def actogram_days(report: DaysReport) -> tuple[ActogramDay, ...]:
    """Return the lines of an actogram, one for each noon-to-noon day of the recording."""
    bounds = report.clock.day_bounds_s(report.duration_s, 12)
    dates = report.clock.day_dates(report.duration_s, 12)
    bars = _bars(report)
    light = _light(report)
    spans, marks = _spans(report), _marks(report)
    found = []
    for row, evening in enumerate(dates):
        noon_s = float(bounds[row, 0])
        two_days = np.array([[noon_s, float(bounds[min(row + 1, len(bounds) - 1), 1])]])
        clock = _Clock(report, noon_s)
        found.append(
            ActogramDay(
                evening=evening,
                bars=clock.bars(bars, two_days),
                light=clock.bars(light, two_days),
                spans={
                    style: clock.spans(intersect(own, two_days)) for style, own in spans.items()
                },
                marks={style: clock.hours(_within(own, two_days)) for style, own in marks.items()},
                symptoms=_symptoms(report, evening, last=row == len(dates) - 1),
            )
        )
    return tuple(found)


def _symptoms(report: DaysReport, evening: date, *, last: bool) -> dict[str, NDArray[np.float64]]:
    """Return the entries of a diary on a line, by site; times of the person's clock are local."""
    noon = datetime.combine(evening, time(12))
    shown_h = SHOWN_H / 2 if last else SHOWN_H
    found: dict[str, list[tuple[float, float]]] = {}
    for one in () if report.symptoms is None else report.symptoms.entries:
        hour = (one.at.replace(tzinfo=None) - noon).total_seconds() / _HOUR_S
        if 0.0 <= hour < shown_h:
            found.setdefault(one.site, []).append((hour, one.severity))
    return {site: np.array(points) for site, points in found.items()}


@dataclass(frozen=True, slots=True, eq=False)
class _Clock:
    """Seconds of the recording to hours of local time after a noon."""

    report: DaysReport
    noon_s: float

    def hours(self, seconds: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return hours after the noon."""
        clock = self.report.clock
        return np.asarray((clock.wall_s(seconds) - clock.wall_s(self.noon_s)) / _HOUR_S)

    def spans(self, spans: Intervals) -> Intervals:
        """Return spans in hours; one that ends before it begins, by local time, has no length."""
        if not len(spans):
            return spans
        begin = self.hours(spans[:, 0])
        end = np.maximum(self.hours(spans[:, 1]), begin + 1e-6)
        return np.asarray(np.clip(np.column_stack((begin, end)), 0.0, SHOWN_H))

    def bars(self, rows: NDArray[np.float64], within: Intervals) -> NDArray[np.float64]:
        """Return the bars that begin within an interval, in hours."""
        inside = (rows[:, 0] >= within[0, 0]) & (rows[:, 0] < within[0, 1])
        own = rows[inside]
        begin = self.hours(own[:, 0])
        width = (own[:, 1] - own[:, 0]) / _HOUR_S
        return np.column_stack((begin, np.minimum(begin + width, SHOWN_H), own[:, 2]))


def _within(points: NDArray[np.float64], span: Intervals) -> NDArray[np.float64]:
    return np.asarray(points[(points >= span[0, 0]) & (points < span[0, 1])])


def _bars(report: DaysReport) -> NDArray[np.float64]:
    if report.activity is None:
        return np.empty((0, 3))
    activity = report.activity
    return _binned(activity.level, activity.start_s, activity.epoch_s)


def _light(report: DaysReport) -> NDArray[np.float64]:
    """Return light on a logarithmic scale, because daylight is about 1000 times lamp light."""
    if report.light is None:
        return np.empty((0, 3))
    light = report.light
    return _binned(np.log10(1.0 + np.maximum(light.level, 0.0)), light.start_s, light.epoch_s)


def _binned(level: NDArray[np.float64], start_s: float, epoch_s: float) -> NDArray[np.float64]:
    """Return ten-minute means with begin and end in seconds, scaled to 1 at the 99th percentile."""
    n = max(1, round(_BIN_S / epoch_s))
    rows = level[: len(level) // n * n].reshape(-1, n)
    known = np.isfinite(rows).sum(axis=1)
    sums = np.nansum(rows, axis=1)
    mean = np.divide(sums, known, out=np.full(len(rows), np.nan), where=known > 0)
    begin = start_s + np.arange(len(rows)) * n * epoch_s
    there = np.isfinite(mean)
    most = float(np.percentile(mean[there], _LOUDEST)) if there.any() else 0.0
    height = np.clip(mean[there] / most, 0.0, 1.0) if most > 0 else np.zeros(int(there.sum()))
    return np.column_stack((begin[there], begin[there] + n * epoch_s, height))


def _spans(report: DaysReport) -> dict[str, Intervals]:
    """Return the spans of nights, sleep, unrecorded time and postures."""
    place = report.activity_of
    unseen = [one.spans_s for one in report.left_out if one.place == place]
    edges = [np.array([[-_DAY_S, 0.0], [report.duration_s, report.duration_s + 2 * _DAY_S]])]
    asleep = [] if report.sleep is None else [report.sleep.stretches(ASLEEP)]
    postures = report.postures
    return {
        "window": union(*(night.window.spans() for night in report.nights)),
        "asleep": _closed(union(*asleep)),
        "not-worn": union(*unseen, *edges),
        "posture-lying": union(postures.stretches(LYING)),
        "posture-upright": union(postures.stretches(("upright",))),
        "posture-walking": union(postures.stretches(("walking",))),
    }


def _closed(spans: Intervals) -> Intervals:
    """Return spans with short gaps between them closed."""
    if not len(spans):
        return spans
    longer = np.column_stack((spans[:, 0], spans[:, 1] + _JOIN_S))
    joined = union(longer)
    return np.column_stack((joined[:, 0], joined[:, 1] - _JOIN_S))


def _marks(report: DaysReport) -> dict[str, NDArray[np.float64]]:
    """Return the onsets of periodic movements of the nights and of rhythmic trains."""
    groups = report.movements
    legs = [n for n in groups if any(word in n for word in _ANKLES)] or list(groups)
    plm = [
        groups[name].movements.onset_s[groups[name].plm] for name in legs if GROUP_PREFIX in name
    ]
    trains = report.rhythms.where(report.rhythms.kind == "rhythm")
    return {"plm": _joined(plm), "rhythm": _joined([trains.onset_s])}


def _joined(parts: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    return np.sort(np.concatenate(parts)) if parts else np.empty(0)
