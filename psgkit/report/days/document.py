"""Report of days as JSON (schema ``psgkit.days/1``) and CSV; conventions of the night report."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from psgkit.core.days.activity import Activity
from psgkit.core.days.clock_drift import ClockFit
from psgkit.core.days.days_report import DayRow, DaysReport, NightRow
from psgkit.core.days.sleep_wake import ASLEEP, AWAKE
from psgkit.core.index import Index
from psgkit.core.intervals import contains
from psgkit.core.movements import ScoredMovements
from psgkit.document.masking import masked
from psgkit.document.outside_text import bare_name
from psgkit.document.rows import movement_rows
from psgkit.document.values import plain, tidy, tidy_column
from psgkit.document.write import INDEX_FIELDS, as_lines, index_json, index_row, profile_row
from psgkit.report.csv_tables import as_csv
from psgkit.report.symptoms import symptom_rows

SCHEMA = "psgkit.days/1"
_INDEX = ("group", "name", *INDEX_FIELDS)
NIGHT_COLUMNS = (
    *("evening", "clock_h", "window_start", "window_end", "window_from", "cut_off", "sleep_by"),
    *_INDEX,
)
DAY_COLUMNS = ("date", "clock_h", "seen_h", *_INDEX)
OVERALL_COLUMNS = _INDEX
MINUTE_COLUMNS = ("local_time", "onset_s", "activity", "unit", "asleep")
_MOVEMENT = (
    *("onset_s", "end_s", "duration_s", "site", "candidate", "imi_s", "plm", "series"),
    *("amplitude", "amplitude_unit"),
)
_STATES = {ASLEEP: "asleep", AWAKE: "awake"}


def days_as_json(report: DaysReport) -> str:
    """Return the report as JSON text; the same report always gives the same bytes."""
    return as_lines(days_as_dict(masked(report)))


def days_as_dict(report: DaysReport) -> dict[str, Any]:
    """Return the report as plain values, keyed as in the schema."""
    return {
        "schema": SCHEMA,
        "psgkit": {"version": report.version},
        "recording": {
            "file": bare_name(report.source),
            "sha256": report.sha256,
            "start": report.clock.start.isoformat(),
            "zone": report.clock.zone or None,
            "duration_s": tidy(report.duration_s),
            "device": report.device or None,
            "clock_correction": _correction(report.clock.fit),
        },
        "settings": plain(report.settings),
        "sensors": plain(report.sensors),
        "left_out": [
            {
                "place": one.place,
                "kind": one.kind,
                "rule": one.rule,
                "share": tidy(one.share),
                "spans_s": [tidy_column(span) for span in one.spans_s],
            }
            for one in report.left_out
        ],
        "findings": plain(report.findings),
        "markers_s": tidy_column(report.markers_s),
        "sleep": _sleep(report),
        "activity": None if report.activity is None else _activity(report.activity, report),
        "nights": [_night(night, report) for night in report.nights],
        "days": [_day(day) for day in report.days],
        "movements": {name: _movements(one, report) for name, one in report.movements.items()},
        "postures": _spans(report.postures.onset_s, report.postures.end_s)
        | {"posture": report.postures.posture.tolist()},
        "rhythms": _spans(report.rhythms.onset_s, report.rhythms.end_s)
        | {
            "place": report.rhythms.place.tolist(),
            "kind": report.rhythms.kind.tolist(),
            "frequency_hz": tidy_column(report.rhythms.frequency_hz),
        },
        "indices": {group: _named(indices) for group, indices in report.indices.items()},
        "profile": profile_row(report.profile),
        "symptoms": symptom_rows(report.symptoms),
    }


def _named(indices: Mapping[str, Index]) -> dict[str, Any]:
    return {name: index_json(index) for name, index in indices.items()}


def _correction(fit: ClockFit | None) -> dict[str, Any] | None:
    """Return how the clock of the device was corrected; None if it was not."""
    if fit is None:
        return None
    return {
        "events_n": len(fit.residual_s),
        "offset_s": tidy(fit.offset_s),
        "drift_ppm": tidy(fit.drift_ppm),
        "residual_s": tidy_column(fit.residual_s),
    }


def _sleep(report: DaysReport) -> dict[str, Any] | None:
    """Return sleep and wake as runs of epochs; single epochs of five seconds make a long file."""
    sleep = report.sleep
    if sleep is None:
        return None
    return {
        "label": sleep.label,
        "epoch_s": plain(sleep.epoch_s),
        **{
            f"{word}_s": [tidy_column(span) for span in sleep.stretches(state)]
            for state, word in _STATES.items()
        },
    }


def _activity(activity: Activity, report: DaysReport) -> dict[str, Any]:
    return {
        "of": report.activity_of or None,
        "unit": activity.unit,
        "epoch_s": plain(activity.epoch_s),
        "start_s": tidy(activity.start_s),
        "level": tidy_column(activity.level),
    }


def _night(night: NightRow, report: DaysReport) -> dict[str, Any]:
    window = night.window
    return {
        "evening": window.evening.isoformat(),
        "clock_h": tidy(night.clock_h),
        "bounds_s": tidy_column(np.array(window.bounds_s)),
        "window_s": None if window.span_s is None else tidy_column(np.array(window.span_s)),
        "window_from": window.source or None,
        "cut_off": window.cut_off,
        "reason": window.reason or None,
        "sleep_by": report.sleep_label or None,
        "indices": {group: _named(indices) for group, indices in night.indices.items()},
    }


def _day(day: DayRow) -> dict[str, Any]:
    return {
        "date": day.date.isoformat(),
        "clock_h": tidy(day.clock_h),
        "bounds_s": tidy_column(np.array(day.bounds_s)),
        "seen_h": tidy(day.seen_h),
        "indices": {group: _named(indices) for group, indices in day.indices.items()},
    }


def _movements(scored: ScoredMovements, report: DaysReport) -> list[dict[str, Any]]:
    """Return the movements of the nights, with estimated sleep in place of a stage."""
    if report.sleep is None:
        asleep: list[bool | None] = [None] * len(scored)
    else:
        spans = report.sleep.stretches(ASLEEP)
        asleep = contains(spans, scored.movements.onset_s).tolist()
    return [
        {**{key: row[key] for key in _MOVEMENT}, "asleep_estimated": state}
        for row, state in zip(movement_rows(scored), asleep, strict=True)
    ]


def _spans(onset_s: Any, end_s: Any) -> dict[str, Any]:  # noqa: ANN401 - columns of a table
    return {"onset_s": tidy_column(onset_s), "end_s": tidy_column(end_s)}


def nights_csv(report: DaysReport) -> str:
    """Return one line for each night and index."""
    return as_csv(NIGHT_COLUMNS, _night_lines(report))


def days_csv(report: DaysReport) -> str:
    """Return one line for each day and index."""
    return as_csv(DAY_COLUMNS, _day_lines(report))


def indices_csv(report: DaysReport) -> str:
    """Return one line for each index over all days."""
    return as_csv(OVERALL_COLUMNS, _lines(report.indices, {}))


def minutes_csv(report: DaysReport) -> str:
    """Return one line for each epoch of activity, with its local time and estimated sleep."""
    return as_csv(MINUTE_COLUMNS, _minute_lines(report))


def _night_lines(report: DaysReport) -> Iterator[dict[str, Any]]:
    for night in report.nights:
        span = night.window.span_s or (None, None)
        ends = [None if at is None else report.clock.local(at).isoformat() for at in span]
        place = {
            "evening": night.window.evening.isoformat(),
            "clock_h": tidy(night.clock_h),
            "window_start": ends[0],
            "window_end": ends[1],
            "window_from": night.window.source or None,
            "cut_off": night.window.cut_off,
            "sleep_by": report.sleep_label or None,
        }
        yield from _lines(night.indices, place)


def _day_lines(report: DaysReport) -> Iterator[dict[str, Any]]:
    for day in report.days:
        place = {
            "date": day.date.isoformat(),
            "clock_h": tidy(day.clock_h),
            "seen_h": tidy(day.seen_h),
        }
        yield from _lines(day.indices, place)


def _lines(
    groups: Mapping[str, Mapping[str, Index]], place: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    for group, indices in groups.items():
        for name, index in indices.items():
            yield {**place, "group": group, "name": name, **index_row(index)}


def _minute_lines(report: DaysReport) -> Iterator[dict[str, Any]]:
    activity = report.activity
    if activity is None:
        return
    starts_s = activity.start_s + np.arange(len(activity)) * activity.epoch_s
    middles = starts_s + activity.epoch_s / 2
    words = np.full(len(activity), "", dtype="<U6")
    if report.sleep is not None:
        for state, word in _STATES.items():
            words[contains(report.sleep.stretches(state), middles)] = word
    columns = zip(tidy_column(starts_s), tidy_column(activity.level), words.tolist(), strict=True)
    for start_s, level, word in columns:
        yield {
            "local_time": report.clock.local(start_s or 0.0).isoformat(timespec="seconds"),
            "onset_s": start_s,
            "activity": level,
            "unit": activity.unit,
            "asleep": word or None,
        }
