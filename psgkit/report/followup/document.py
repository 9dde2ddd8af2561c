"""Nights of one person as JSON (schema ``psgkit.nights/1``) and CSV.

Nights and phases are numbered from 1, as on the page; conventions are those of the night report.
"""

from collections.abc import Iterator
from typing import Any

from psgkit._version import __version__
from psgkit.document.masking import masked
from psgkit.document.outside_text import bare_name
from psgkit.document.values import plain, tidy
from psgkit.document.write import INDEX_FIELDS, as_lines, index_row, profile_row
from psgkit.followup.change import Compared, IndexCourse, PhaseChange
from psgkit.followup.doses import DoseSpan
from psgkit.followup.match_context import PlacedNight
from psgkit.followup.walk import NightCourse
from psgkit.profile.context.laboratory import serum_levels
from psgkit.profile.evidence.items import STATEMENT
from psgkit.report.csv_tables import as_csv
from psgkit.report.symptoms import symptom_rows

SCHEMA = "psgkit.nights/1"
COLUMNS = (
    *("night", "label", "day", "date", "phase", "phase_label", "report", "group", "name"),
    *INDEX_FIELDS,
)


def nights_as_json(course: NightCourse) -> str:
    """Return the nights as JSON text; the same nights always give the same bytes."""
    return as_lines(nights_as_dict(masked(course)))


def nights_as_dict(course: NightCourse) -> dict[str, Any]:
    """Return the nights as plain values, keyed as in the schema."""
    file = course.context
    levels = () if file is None else serum_levels(file.context)
    return {
        "schema": SCHEMA,
        "psgkit": {"version": __version__},
        "context": None if file is None else bare_name(file.source),
        "settings": plain(course.rule),
        "nights": [_night(number, night) for number, night in enumerate(course.nights, 1)],
        "phases": [
            {
                "number": number,
                "label": phase.label,
                "doses": [dose.words for dose in phase.doses],
                "nights_n": phase.nights_n,
            }
            for number, phase in enumerate(course.phases, 1)
        ],
        "doses": [_span(span) for span in course.spans],
        "serum": [plain(level) for level in levels],
        "indices": [_course(one) for one in course.indices],
        "changes": [_change(one) for one in course.changes],
        "symptoms": symptom_rows(course.symptoms),
        "answer": None if course.answer is None else profile_row(course.answer),
        "findings": [plain(found) for found in course.findings],
        "statement": STATEMENT,
    }


def nights_csv(course: NightCourse) -> str:
    """Return one line for each night and index."""
    return as_csv(COLUMNS, _lines(course))


def _lines(course: NightCourse) -> Iterator[dict[str, Any]]:
    for number, night in enumerate(course.nights):
        row = _night(number + 1, night)
        phase = None if night.phase is None else course.phases[night.phase].label
        place = {
            "night": row["number"],
            **{name: row[name] for name in ("label", "day", "date", "phase", "report")},
            "phase_label": phase,
        }
        for one in course.indices:
            found = index_row(one.nights[number])
            yield {**place, "group": one.group, "name": one.name, **found}


def _night(number: int, night: PlacedNight) -> dict[str, Any]:
    report = night.report
    return {
        "number": number,
        "label": night.label,
        "day": night.on_line.day,
        "date": night.evening.isoformat() if night.evening else None,
        "phase": None if night.phase is None else night.phase + 1,
        "report": report.name,
        "recording": report.recording,
        "sha256": report.sha256,
        "start": report.start.isoformat() if report.start else None,
        "duration_s": tidy(report.duration_s),
        "rules": report.rules,
        "simulated": report.simulated,
        "stages_from": report.stages_from,
        "cautions": [one.code for one in report.cautions],
    }


def _span(span: DoseSpan) -> dict[str, Any]:
    return {
        "drug": span.dose.drug,
        "dose": span.dose.words,
        "first_day": span.first_day,
        "last_day": span.last_day,
        "before_day": span.before_day,
        "seen_until_day": span.seen_until,
        "of_night_day": span.of_night,
    }


def _course(one: IndexCourse) -> dict[str, Any]:
    nights = [index_row(index) for index in one.nights]
    return {
        "group": one.group,
        "name": one.name,
        "unit": one.unit,
        "values": [row["value"] for row in nights],
        "reasons": [row["reason"] for row in nights],
        "mean": tidy(one.mean),
        "sd": tidy(one.sd),
        "range": tidy(one.span),
    }


def _change(one: PhaseChange) -> dict[str, Any]:
    change = one.change
    return {
        "from_phase": one.first + 1,
        "to_phase": one.second + 1,
        "group": one.group,
        "name": one.name,
        "unit": one.unit,
        "before": tidy(change.before),
        "before_n": change.before_n,
        "after": tidy(change.after),
        "after_n": change.after_n,
        "change": tidy(change.change),
        "low": tidy(change.low),
        "high": tidy(change.high),
        "reason": change.reason,
        "interval_reason": change.interval_reason,
        "published": [_compared(compared) for compared in one.compared],
        "within_published_spread": None if one.verdict is None else one.verdict == "inside",
    }


def _compared(one: Compared) -> dict[str, Any]:
    spread = one.spread
    return {
        "source": spread.source,
        "population": spread.population,
        "grade": spread.grade,
        "size": spread.size,
        "kind": spread.kind,
        "of_log": spread.of_log,
        "limit": tidy(one.limit),
        "inside": one.inside,
    }
