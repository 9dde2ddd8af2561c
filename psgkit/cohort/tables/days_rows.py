"""What a finished recording of days leaves for the tables of its cohort: see ``rows``.

The streams are the facts of the recording (one row), its indices (over all days, of every night,
of every day), its movements, its findings and its nights.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from psgkit.cohort.tables.quality import day_flags
from psgkit.cohort.tables.rows import how_analysed, rows_in_streams, write_bytes
from psgkit.cohort.tables.schema import MOVEMENTS
from psgkit.core.days.days_report import DaysReport, Groups
from psgkit.core.days.sleep_wake import UNSCORED
from psgkit.core.intervals import intersect, total
from psgkit.document.outside_text import encodable
from psgkit.document.rows import movement_rows
from psgkit.document.values import plain, tidy
from psgkit.document.write import index_row


def write_day_rows(report: DaysReport, path: str | Path) -> Path:
    """Return ``path`` after the rows of a recording of days were written to it."""
    return write_bytes(day_rows_as_bytes(report), Path(path))


def day_rows_as_bytes(report: DaysReport) -> bytes:
    """Return the rows of a recording of days as the bytes of its file."""
    rows = {
        "facts": [_facts(report)],
        "day_indices": [*_indices(report)],
        "movements": [*_movements(report)],
        "findings": [
            {
                "severity": one.severity,
                "code": one.code,
                "where": encodable(one.where),
                "message": encodable(one.message),
            }
            for one in report.findings
        ],
        "nights": [*_nights(report)],
    }
    return rows_in_streams(rows, "days")


def _facts(report: DaysReport) -> dict[str, Any]:
    """Return what there is to say about the recording as a whole."""
    settings = plain(report.settings)
    fit = report.clock.fit
    return {
        "sha256": report.sha256,
        "start": report.clock.start.replace(tzinfo=None),
        "zone": report.clock.zone or None,
        "duration_s": tidy(report.duration_s),
        "worn_h": tidy(sum(day.seen_h for day in report.days)),
        "days_n": len(report.days),
        "nights_n": sum(night.window.span_s is not None for night in report.nights),
        "device": encodable(report.device) or None,
        "sites_used": "+".join(sorted({_site(one) for one in report.sensors})) or None,
        "activity_of": report.activity_of or None,
        "activity_unit": report.activity.unit if report.activity is not None else None,
        "activity_from": _activity_from(report),
        "sleep_by": report.sleep_label or None,
        "clock_offset_s": None if fit is None else tidy(fit.offset_s),
        "clock_drift_ppm": None if fit is None else tidy(fit.drift_ppm),
        "movements_n": sum(len(one) for one in report.movements.values()),
        "rules": str(settings.get("night", {}).get("rules", {}).get("name", "")) or None,
        **how_analysed(settings, report.findings),
        "quality_flags": "+".join(day_flags(report)) or None,
    }


def _activity_from(report: DaysReport) -> str | None:
    """Return whether a device counted what the rhythm is taken from."""
    own = [one for one in report.sensors if one["place"] == report.activity_of]
    if report.activity is None or not own:
        return None
    return "counts" if str(own[0]["what"]).startswith("counts") else "acceleration"


def _site(sensor: Mapping[str, Any]) -> str:
    """Return what a sensor measures and where."""
    what = "activity" if str(sensor["what"]).startswith("counts") else "accelerometer"
    return encodable(f"{what}:{sensor['place']}").rstrip(":")


def _indices(report: DaysReport) -> Iterator[dict[str, Any]]:
    """Yield one row an index: over all days, then of every night and of every day."""
    yield from _rows(report.indices, "recording", None)
    for night in report.nights:
        yield from _rows(night.indices, "night", night.window.evening.isoformat())
    for day in report.days:
        yield from _rows(day.indices, "day", day.date.isoformat())


def _rows(groups: Groups, of: str, date: str | None) -> Iterator[dict[str, Any]]:
    for group, indices in groups.items():
        for name, index in indices.items():
            row = index_row(index)
            reason = None if row["reason"] is None else encodable(row["reason"])
            yield {"of": of, "date": date, "group": group, "name": name, **row, "reason": reason}


def _movements(report: DaysReport) -> Iterator[dict[str, Any]]:
    """Yield the movements of the nights, without a stage: none is known."""
    names = [column.name for column in MOVEMENTS[1:]]
    for scored in report.movements.values():
        for row in movement_rows(scored):
            channels = encodable("+".join(row.get("channels") or ()))
            whole = {**dict.fromkeys(names), **row, "channels": channels, "stage": None}
            yield {name: whole[name] for name in names}


def _nights(report: DaysReport) -> Iterator[dict[str, Any]]:
    for night in report.nights:
        window = night.window
        span = window.span_s or (None, None)
        begin, end = (
            None if at is None else report.clock.local(at).replace(tzinfo=None) for at in span
        )
        unscored_s = 0.0
        if report.sleep is not None:
            unscored_s = total(intersect(report.sleep.stretches(UNSCORED), window.spans()))
        yield {
            "evening": window.evening.isoformat(),
            "clock_h": tidy(night.clock_h),
            "window_start": begin,
            "window_end": end,
            "window_from": window.source or None,
            "cut_off": window.cut_off,
            "unseen_min": None if window.span_s is None else tidy(unscored_s / 60),
            "reason": encodable(window.reason) or None,
            "sleep_by": report.sleep_label or None,
        }
