"""Report of a rest test as JSON, schema ``psgkit.rest_test/1``."""

from typing import Any

from psgkit._version import __version__
from psgkit.document.outside_text import bare_name
from psgkit.document.rows import movement_rows
from psgkit.document.values import plain, tidy, tidy_column
from psgkit.document.write import as_lines, channel_row, index_json, profile_row
from psgkit.report.csv_tables import as_csv
from psgkit.report.sit.document import COLUMNS
from psgkit.sit.rest_test import PROTOCOL, RestPartResult, RestTestReport

SCHEMA = "psgkit.rest_test/1"


def rest_test_as_json(report: RestTestReport) -> str:
    """Return the report as JSON text; the same report always gives the same bytes."""
    return as_lines(rest_test_as_dict(report))


def rest_test_as_dict(report: RestTestReport) -> dict[str, Any]:
    """Return the report as plain values, keyed as in the schema."""
    trains = report.trains
    return {
        "schema": SCHEMA,
        "psgkit": {"version": __version__},
        "recording": {
            "file": bare_name(report.source),
            "sha256": report.sha256,
            "start": report.start.isoformat() if report.start else None,
            "duration_s": tidy(report.duration_s),
        },
        "settings": plain(report.settings),
        "protocol": {"name": PROTOCOL.name, "title": PROTOCOL.title},
        "channels": [channel_row(channel) for channel in report.channels],
        "reviewed": plain(report.reviewed),
        "findings": plain(report.findings),
        "parts": [_part(one) for one in report.parts],
        "summary": {name: index_json(index) for name, index in report.summary.items()},
        "answers": _answers(report),
        "movements": _movements(report),
        "rhythms": [
            {
                "onset_s": onset_s,
                "end_s": end_s,
                "site": site or None,
                "place": place,
                "kind": kind,
                "frequency_hz": frequency_hz,
            }
            for onset_s, end_s, site, place, kind, frequency_hz in zip(
                tidy_column(trains.onset_s),
                tidy_column(trains.end_s),
                trains.site.tolist(),
                trains.place.tolist(),
                trains.kind.tolist(),
                tidy_column(trains.frequency_hz),
                strict=True,
            )
        ],
        "profile": profile_row(report.profile),
    }


def rest_movements_csv(report: RestTestReport) -> str:
    """Return one line for each movement in a part."""
    return as_csv(COLUMNS[:-1], _movements(report))


def _movements(report: RestTestReport) -> list[dict[str, Any]]:
    return [{name: row[name] for name in COLUMNS[:-1]} for row in movement_rows(report.movements)]


def _part(one: RestPartResult) -> dict[str, Any]:
    part = one.part
    return {
        "posture": part.posture,
        "session": part.session or None,
        "from_s": tidy(part.from_s),
        "to_s": tidy(part.to_s),
        "source": part.source,
        "awake_s": tidy(one.awake_s),
        "indices": {
            group: {name: index_json(index) for name, index in indices.items()}
            for group, indices in one.indices.items()
        },
        "rhythm": {name: index_json(index) for name, index in one.rhythm.items()},
        "discomfort": [
            {
                "site": each.site or None,
                "n": each.n,
                "mean": index_json(each.mean),
                "rise": index_json(each.rise),
                "relief": index_json(each.relief),
            }
            for each in one.discomfort
        ],
    }


def _answers(report: RestTestReport) -> list[dict[str, Any]]:
    answers = report.answers
    if answers is None:
        return []
    columns = (tidy_column(answers.time_s), tidy_column(answers.score), answers.site.tolist())
    return [
        {"time_s": time_s, "score": score, "site": site or None, "of": answers.scale_max}
        for time_s, score, site in zip(*columns, strict=True)
    ]
