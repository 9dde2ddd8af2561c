"""Report of an immobilisation test as JSON and CSV, schema ``psgkit.sit/1``.

Conventions of the night report: a missing value is null beside its reason, never NaN.
"""

from collections.abc import Mapping
from typing import Any

from psgkit._version import __version__
from psgkit.core.index import Index
from psgkit.document.outside_text import bare_name
from psgkit.document.rows import MOVEMENT_COLUMNS, movement_rows
from psgkit.document.values import plain, tidy, tidy_column
from psgkit.document.write import TEST_SCHEMA, as_lines, channel_row, index_json, profile_row
from psgkit.report.csv_tables import as_csv
from psgkit.report.words.language import marked
from psgkit.sit.report import DiscomfortMean, SitReport, SitStep

_LEFT_OUT = frozenset(("respiratory", "arousal", "plmnr", "series_nr", "imi_nr_s"))
COLUMNS = (*(name for name in MOVEMENT_COLUMNS if name not in _LEFT_OUT), "counted")
"""Columns of a movement; arousals and breathing are not scored in this test."""
STATEMENT = marked(
    "Published values are listed for the reader; nothing is compared with them: a test is no "
    "diagnosis."
)


def sit_as_json(report: SitReport) -> str:
    """Return the report as JSON text; the same report always gives the same bytes."""
    return as_lines(sit_as_dict(report))


def sit_as_dict(report: SitReport) -> dict[str, Any]:
    """Return the report as plain values, keyed as in the schema."""
    part, protocol = report.test.part, report.test.protocol
    return {
        "schema": TEST_SCHEMA,
        "psgkit": {"version": __version__},
        "recording": {
            "file": bare_name(report.source),
            "sha256": report.sha256,
            "start": report.start.isoformat() if report.start else None,
            "duration_s": tidy(report.duration_s),
            "segments": [
                {"start_s": tidy(one.start_s), "duration_s": tidy(one.duration_s)}
                for one in report.segments
            ],
        },
        "settings": plain(report.settings),
        "protocol": {
            "name": protocol.name,
            "title": protocol.title,
            "from_s": tidy(part.from_s),
            "to_s": tidy(part.to_s),
            "source": part.source,
            "duration_s": tidy(part.duration_s),
            "awake_s": tidy(report.awake_s),
            "movement": protocol.movement,
        },
        "channels": [channel_row(channel) for channel in report.channels],
        "reviewed": plain(report.reviewed),
        "findings": plain(report.findings),
        "movements": sit_movement_rows(report),
        "indices": _indices(report.indices),
        "per_10_min": [_step(step) for step in report.steps],
        "discomfort": _discomfort(report),
        "rhythm": {name: index_json(index) for name, index in report.rhythm.items()},
        "references": plain(report.references),
        "profile": profile_row(report.profile),
        "statement": STATEMENT,
    }


def sit_movement_rows(report: SitReport) -> list[dict[str, Any]]:
    """Return one mapping for each movement by the older rule, with whether it begins awake."""
    rows = movement_rows(report.movements)
    return [
        {name: row[name] for name in COLUMNS[:-1]} | {"counted": counted}
        for row, counted in zip(rows, report.counted.tolist(), strict=True)
    ]


def sit_movements_csv(report: SitReport) -> str:
    """Return one line for each movement."""
    return as_csv(COLUMNS, sit_movement_rows(report))


def _indices(groups: Mapping[str, Mapping[str, Index]]) -> dict[str, Any]:
    return {
        group: {name: index_json(index) for name, index in indices.items()}
        for group, indices in groups.items()
    }


def _step(step: SitStep) -> dict[str, Any]:
    return {
        "from_s": tidy(step.from_s),
        "to_s": tidy(step.to_s),
        "awake_s": tidy(step.awake_s),
        "indices": _indices(step.indices),
        "discomfort": _mean(step.discomfort),
    }


def _mean(found: DiscomfortMean) -> dict[str, Any]:
    return {
        "mean": tidy(found.mean.value),
        "unit": found.mean.unit or None,
        "n": found.n,
        "reason": found.mean.reason,
    }


def _discomfort(report: SitReport) -> dict[str, Any]:
    """Return the mean of all answers, those of the parts of the body, and every answer."""
    answers = report.test.discomfort
    prompts: list[dict[str, Any]] = []
    if answers is not None:
        columns = (tidy_column(answers.time_s), tidy_column(answers.score), answers.site.tolist())
        prompts = [
            {"time_s": time_s, "score": score, "site": site or None}
            for time_s, score, site in zip(*columns, strict=True)
        ]
    return {
        **_mean(report.discomfort["all"]),
        "scale": None if answers is None else f"0-{answers.scale_max:g}",
        "by_site": {site: _mean(mean) for site, mean in report.discomfort.items() if site != "all"},
        "prompts": prompts,
    }
