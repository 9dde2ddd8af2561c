"""Wide table for statistics: one row for each night, one column for each index.

Columns: the recording, then ``GROUP_INDEX`` for the whole night in the order of the report, then
``legs_BY_LEVEL_INDEX`` for parts of the night.  A missing value is an empty cell; the report has
the reason.  Names in accelerometer groups do not contain LM or PLM.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from psgkit.core.index import Index
from psgkit.core.index_catalogue import in_order
from psgkit.core.night_report import NightReport
from psgkit.document.outside_text import bare_name
from psgkit.document.values import tidy
from psgkit.document.write import index_row
from psgkit.report.csv_tables import as_csv
from psgkit.report.exchange.tables import honest_name
from psgkit.report.words.language import Words, in_language, marked
from psgkit.report.words.words import group_title, index_label, name_in_words

WIDE_TABLE = "nights_wide.csv"
_ABOUT = Words(
    {
        "recording": marked("Name of the recording"),
        "sha256": marked("Digest of the recording"),
        "start": marked("Start of the recording"),
        "duration_h": marked("Length of the recording"),
        "rules": marked("Rule set"),
        "psgkit": marked("Version of psgkit that made the report"),
        "simulated": marked("Whether the recording is simulated"),
        "stages_from": marked("Who or what gave the stages; empty without stages"),
    }
)
_EXPLAINED = ("column", "group", "part", "label", "unit", "needs_stages")
_SECONDS_PER_HOUR = 3600.0
_SIMULATED = "simulate.simulated"


@in_language("en")
def wide_files(reports: Sequence[NightReport]) -> dict[str, str]:
    """Return ``nights_wide.csv``, one row for each report, and the table of its columns."""
    return {WIDE_TABLE: wide_csv(reports), "nights_wide_columns.csv": _columns_csv(reports)}


def wide_csv(reports: Sequence[NightReport]) -> str:
    """Return a header and one row for each report; a missing value is empty."""
    rows = [_row(report) for report in reports]
    columns = list(dict.fromkeys(name for row in rows for name in row))
    return as_csv(columns, ({**dict.fromkeys(columns), **row} for row in rows))


def _row(report: NightReport) -> dict[str, Any]:
    rules = report.settings.get("rules", {})
    about: dict[str, Any] = {
        "recording": bare_name(report.source),
        "sha256": report.sha256,
        "start": report.start.isoformat() if report.start else None,
        "duration_h": tidy(report.duration_s / _SECONDS_PER_HOUR),
        "rules": str(rules.get("name", "")),
        "psgkit": report.version,
        "simulated": any(found.code == _SIMULATED for found in report.findings),
        "stages_from": report.stages_from,
    }
    return about | {
        column: index_row(index)["value"] for column, _group, _part, index in _cells(report)
    }


def _cells(report: NightReport) -> Iterator[tuple[str, str, str, Index]]:
    """Yield column, group, part of the night and index; parts are those of the legs."""
    for group, indices in report.indices.items():
        for name in in_order(indices):
            yield f"{group}_{honest_name(name, group)}", group, "", indices[name]
    for row in report.breakdown:
        if row.group != "legs":
            continue
        part = f"{row.by}_{row.level}"
        for name in in_order(row.indices):
            yield f"{row.group}_{part}_{name}", row.group, part, row.indices[name]


def _columns_csv(reports: Sequence[NightReport]) -> str:
    """Return one line for each column of the wide table: meaning and unit."""
    rows: dict[str, dict[str, str]] = {
        name: {
            "column": name,
            "group": "",
            "part": "",
            "label": label,
            "unit": "h" if name == "duration_h" else "",
            "needs_stages": "",
        }
        for name, label in _ABOUT.items()
    }
    for report in reports:
        for column, group, part, index in _cells(report):
            rows.setdefault(
                column,
                {
                    "column": column,
                    "group": group_title(group),
                    "part": name_in_words(part) if part else "",
                    "label": index_label(index.name, group),
                    "unit": index.unit,
                    "needs_stages": "true" if index.stages_from is not None else "false",
                },
            )
    return as_csv(_EXPLAINED, rows.values())
