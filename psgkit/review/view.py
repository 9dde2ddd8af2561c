"""A scoring and its report as plain values, as the page of a review shows them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from psgkit.analysis.artefacts import hidden_by_artefact
from psgkit.core.hypnogram import UNSCORED
from psgkit.core.index_catalogue import in_order
from psgkit.core.movements import ScoredMovements
from psgkit.core.night_report import NightReport
from psgkit.core.recording import Recording
from psgkit.core.site import GROUP_SITES
from psgkit.core.trace import SLOW_HZ, NightTrace
from psgkit.document.values import plain, tidy, tidy_column
from psgkit.document.write import index_row
from psgkit.report.night.cautions import warned
from psgkit.report.words.words import site_in_words
from psgkit.review.doubt import LOW_AMPLITUDE, NEAR, Doubts, Judged, Lane, doubts_of, rows_of
from psgkit.review.marks import Mark, Scoring, SensorPlace
from psgkit.review.rescore import hypnogram_of, marks_in_order, movements_of
from psgkit.settings import Settings

FLAGS = ("short_interval", "near_bound", "low_amplitude", "one_leg", "artefact")
"""What lists of marks are filtered by."""
_ONE_LEG = ("left_leg", "right_leg")
View = dict[str, Any]


def recording_view(recording: Recording) -> View:
    """Return name, length and recorded stretches of a recording."""
    return {
        "file": recording.source,
        "duration_s": recording.duration_s,
        "start": recording.start.isoformat() if recording.start else None,
        "segments": [{"onset_s": part.start_s, "end_s": part.end_s} for part in recording.segments],
    }


def sensor_views(sensors: Mapping[str, SensorPlace]) -> list[View]:
    """Return the accelerometers with their names for readers."""
    return [
        {"name": name, "title": site_in_words(name), "site": place.site}
        for name, place in sensors.items()
    ]


def channel_views(
    recording: Recording, sensors: Mapping[str, SensorPlace] | None = None
) -> list[View]:
    """Return the channels of a recording; their id is their position."""
    sensor_of = {label: name for name, place in (sensors or {}).items() for label in place.channels}
    return [
        {
            "id": number,
            "label": channel.label,
            "role": channel.role or None,
            "site": str(channel.site) or None,
            "place": channel.place or None,
            "sensor": sensor_of.get(channel.label, ""),
            "unit": channel.unit or None,
            "rate_hz": channel.rate_hz,
            "status": channel.status,
            "reason": channel.reason or None,
        }
        for number, channel in enumerate(recording.channels)
    ]


def index_views(report: NightReport) -> dict[str, dict[str, Any]]:
    """Return all indices by group and name, as ``report.json`` has them."""
    return {
        group: {name: index_row(indices[name]) for name in in_order(indices)}
        for group, indices in report.indices.items()
    }


def caution_views(report: NightReport) -> list[View]:
    """Return what a reader must know before the numbers, in the current language."""
    return [plain(warned(one)) for one in report.cautions]


def answer_view(report: NightReport) -> View:
    """Return what answers, dates and recording say, and all of them together."""
    profile = report.profile
    return {name: getattr(profile, name) for name in ("answers", "timing", "recording", "together")}


class MarkViews:
    """Views of the marks of one review; what scoring does not change is kept between changes."""

    def __init__(
        self,
        settings: Settings,
        sensors: Mapping[str, SensorPlace] | None = None,
        trace: NightTrace | None = None,
    ) -> None:
        self.settings = settings
        self.sensors = sensors or {}
        self.trace = trace
        self._kept: dict[str, tuple[Mark, View]] = {}

    def of(self, scoring: Scoring, report: NightReport) -> dict[str, View]:
        """Return each mark by its id, with what scoring says of it."""
        marks = list(scoring.marks.values())
        onsets = np.array([mark.onset_s for mark in marks])
        stages = hypnogram_of(scoring.stages).stage_at(onsets).tolist()
        views = {
            mark.id: {**self._plain(mark), "stage": stage or UNSCORED}
            for mark, stage in zip(marks, stages, strict=True)
        }
        scored = report.movements
        by_sensor = scored.movements.modality == "accelerometer"
        moved = marks_in_order(mark for mark in marks if mark.kind == "lm" and mark.counts)
        onset_uv = self.settings.emg.rule.onset_above_rest_uv
        muscle = scored.where(~by_sensor) if by_sensor.any() else scored
        lane = Lane(sites=tuple(GROUP_SITES.values()), unit="uV", onset=onset_uv)
        _add_scores(views, moved, report, muscle, lane, self.settings)
        jerks: dict[str, list[Mark]] = {}
        for mark in marks:
            if mark.kind == "accelerometer_movement" and mark.counts:
                jerks.setdefault(mark.sensor, []).append(mark)
        if jerks:
            labels = [frozenset(one) for one in scored.movements.channels]
        for sensor, own in jerks.items():
            place = self.sensors[sensor]
            at = by_sensor & np.array([not one.isdisjoint(place.channels) for one in labels], bool)
            moved = marks_in_order(own)
            lane = Lane(sites=((place.site,),), unit="g", onset=self._onset_g(place, moved))
            _add_scores(views, moved, report, scored.where(at), lane, self.settings)
        return views

    def _onset_g(self, place: SensorPlace, marks: Sequence[Mark]) -> NDArray[np.float64] | float:
        """Return the threshold of an onset at each mark, as it was when the sensor was measured."""
        least = self.settings.accelerometer.rule.min_on_g
        traced = (
            next((one for one in self.trace.channels if one.labels == place.channels), None)
            if self.trace
            else None
        )
        if traced is None:
            return least
        onset_g = traced.values("on")
        row = (np.array([mark.onset_s for mark in marks]) * SLOW_HZ).astype(np.int64)
        found = onset_g[np.clip(row, 0, len(onset_g) - 1)]
        return np.asarray(np.where(np.isfinite(found), found, least))

    def _plain(self, mark: Mark) -> View:
        kept = self._kept.get(mark.id)
        if kept is None or kept[0] is not mark:
            kept = mark, _view(mark)
            self._kept[mark.id] = kept
        return kept[1]


def _view(mark: Mark) -> View:
    return {
        "id": mark.id,
        "kind": mark.kind,
        "onset_s": mark.onset_s,
        "end_s": mark.end_s,
        "site": mark.site,
        "sensor": mark.sensor,
        "origin": mark.origin,
        "status": mark.status,
        "changed": mark.is_changed,
        "plm": False,
        "candidate": False,
        "imi_s": None,
        "series": 0,
        "stage": UNSCORED,
        "respiratory": False,
        "arousal": False,
        "amplitude": tidy(mark.amplitude),
        "amplitude_unit": mark.amplitude_unit,
        "margin": None,
        "doubt": 0.0,
        "flags": [],
        "comment": mark.comment,
    }


def _add_scores(
    views: Mapping[str, View],
    marks: Sequence[Mark],
    report: NightReport,
    scored: ScoredMovements,
    lane: Lane,
    settings: Settings,
) -> None:
    """Add what scoring says of each movement to its view; ``scored`` are those of the lane."""
    moved = movements_of(list(marks))
    hidden = hidden_by_artefact(moved, report.events)
    row = rows_of(moved, scored, lane.sites)
    row[hidden] = -1
    judged = Judged(
        movements=moved,
        scored=scored,
        row=row,
        events=report.events,
        rules=settings.rules,
        lane=lane,
    )
    doubts = doubts_of(judged)
    doubt = np.where([mark.status == "undecided" for mark in marks], np.round(doubts.doubt, 3), 0.0)
    said: dict[str, list[Any]] = {
        "flags": _flag_names(_flags(judged, doubts, hidden)),
        "doubt": doubt.tolist(),
        "margin": _margins(doubts),
    }
    known = row >= 0
    for view, values in zip((views[mark.id] for mark in marks), _rows(said), strict=True):
        view.update(values)
    at = row[known]
    said = {
        "plm": scored.plm[at].tolist(),
        "candidate": scored.candidate[at].tolist(),
        "imi_s": tidy_column(scored.imi_s[at]),
        "series": scored.series[at].tolist(),
        "stage": scored.stage[at].tolist(),
        "respiratory": scored.respiratory[at].tolist(),
        "arousal": scored.arousal[at].tolist(),
    }
    of_scored = (views[marks[number].id] for number in np.flatnonzero(known).tolist())
    for view, values in zip(of_scored, _rows(said), strict=True):
        view.update(values)


def _rows(columns: Mapping[str, list[Any]]) -> Iterator[View]:
    """Yield the values of each row by the names of their columns."""
    return (dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True))


def _flag_names(flags: Mapping[str, NDArray[np.bool_]]) -> list[list[str]]:
    """Return the names of the flags of each mark."""
    code = np.array([holds * 2**bit for bit, holds in enumerate(flags.values())]).sum(axis=0)
    names = {
        one: [name for bit, name in enumerate(flags) if one & 2**bit]
        for one in np.unique(code).tolist()
    }
    return [names[one] for one in code.tolist()]


def _margins(doubts: Doubts) -> list[View | None]:
    columns = {
        "rule": doubts.rule.tolist(),
        "value": tidy_column(doubts.value),
        "bound": tidy_column(doubts.bound),
        "unit": doubts.unit.tolist(),
    }
    return [row if row["rule"] else None for row in _rows(columns)]


def _flags(
    judged: Judged, doubts: Doubts, hidden: NDArray[np.bool_]
) -> dict[str, NDArray[np.bool_]]:
    """Return which movements each filter of the lists shows."""
    scored, row = judged.scored, judged.row
    known = row >= 0
    at = np.maximum(row, 0)
    if len(scored):
        short = judged.rules.series.imi_s.is_below(scored.imi_s) & ~scored.plm & scored.candidate
        short_here = known & short[at]
        one = known & np.isin(scored.movements.site[at], _ONE_LEG)
    else:
        short_here = one = np.zeros(len(row), dtype=bool)
    amplitude = judged.movements.amplitude
    measured = judged.movements.amplitude_unit == judged.lane.unit
    low = measured & (np.nan_to_num(amplitude, nan=np.inf) < LOW_AMPLITUDE * judged.lane.onset)
    return dict(zip(FLAGS, (short_here, doubts.doubt >= NEAR, low, one, hidden), strict=True))


def filtered(views: Iterable[View], flag: str) -> list[View]:
    """Return the marks with a flag, the most doubtful first.

    Examples
    --------
    >>> marks = [{"id": "m1", "flags": ["one_leg"], "doubt": 0.2, "onset_s": 3.0}]
    >>> [mark["id"] for mark in filtered(marks, "one_leg")]
    ['m1']
    """
    if flag not in FLAGS:
        raise ValueError(f"flag must be one of {', '.join(FLAGS)}, got {flag!r}")
    chosen = [view for view in views if flag in view["flags"]]
    return sorted(chosen, key=lambda view: (-view["doubt"], view["onset_s"]))
