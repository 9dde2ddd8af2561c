"""Checked files to CSV, one row a channel; a file without channels has one row of its own.

Conventions are those of the tables of a report: a missing value is an empty cell, flags are
``true`` and ``false``, and no cell begins like a formula.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any

from psgkit.check.as_json import channel_as_dict
from psgkit.check.survey import CheckedChannel, CheckedFile
from psgkit.report.numbers import tidy
from psgkit.report.outside_text import csv_cell

ANALYSES = ("legs", "arms", "trunk")
COLUMNS = (
    *("file", "status", "error", "format", "simulated", "start", "duration_s", "recorded_s"),
    *("segments_n", "warnings_n", "channel", "role", "site", "rule", "unit", "stored_unit"),
    *("rate_hz", "range_low", "range_high", "resolution", "looked_at_s", "flat", "saturated"),
    *("mains", "mains_hz"),
    *(f"usable_{name}" for name in ANALYSES),
    *(f"reason_{name}" for name in ANALYSES),
)


def channels_csv(files: Sequence[CheckedFile]) -> str:
    """Return one line a channel of all files."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for file in files:
        writer.writerows([_cell(row.get(column)) for column in COLUMNS] for row in _rows(file))
    return text.getvalue()


def _rows(file: CheckedFile) -> Iterator[dict[str, Any]]:
    graver = sum(row.finding.severity != "info" for row in file.findings)
    about: dict[str, Any] = {
        "file": file.name,
        "status": "unreadable" if file.error else "read",
        "error": str(file.error) if file.error else None,
        "format": file.format,
    }
    if file.error is None:
        about |= {
            "simulated": file.simulated,
            "start": file.start.isoformat() if file.start else None,
            "duration_s": tidy(file.duration_s),
            "recorded_s": tidy(file.recorded_s),
            "segments_n": len(file.segments),
            "warnings_n": graver,
        }
    if not file.channels:
        yield about
    for row in file.channels:
        yield about | _channel(row)


def _channel(row: CheckedChannel) -> dict[str, Any]:
    said = channel_as_dict(row)
    low, high = said["range"] or (None, None)
    flat: dict[str, Any] = (
        said | said["shares"] | {"channel": said["label"], "range_low": low, "range_high": high}
    )
    for use in row.uses:
        flat[f"usable_{use.analysis}"] = use.usable
        flat[f"reason_{use.analysis}"] = use.reason
    return flat


def _cell(value: Any) -> Any:  # noqa: ANN401 - whatever a row holds
    if isinstance(value, bool):
        return "true" if value else "false"
    return csv_cell(value) if isinstance(value, str) else value
