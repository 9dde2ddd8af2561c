"""Checked files as JSON (schema ``psgkit.check/1``; a missing value is null) and CSV."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from psgkit._version import __version__
from psgkit.check.shares import STRETCH_S, STRETCHES_AT_MOST
from psgkit.check.survey import CheckedChannel, CheckedFile, CheckedFinding
from psgkit.check.uses import Use
from psgkit.document.masking import masked, masked_text
from psgkit.document.outside_text import encodable
from psgkit.document.values import plain, tidy
from psgkit.report.csv_tables import as_csv

SCHEMA = "psgkit.check/1"


def files_as_json(files: Sequence[CheckedFile]) -> str:
    """Return the files as JSON text."""
    said = {
        "schema": SCHEMA,
        "psgkit": {"version": __version__},
        "looked_at": {"stretches_at_most": STRETCHES_AT_MOST, "stretch_s": STRETCH_S},
        "files": [masked(file_as_dict(file)) for file in files],
    }
    return encodable(json.dumps(said, ensure_ascii=False, allow_nan=False, indent=1) + "\n")


def file_as_dict(file: CheckedFile) -> dict[str, Any]:
    """Return one file as plain values, keyed as in the schema."""
    return {
        "file": file.name,
        "status": "unreadable" if file.error else "read",
        "error": _error(file),
        "size_bytes": file.size_bytes if file.error is None else None,
        "format": file.format or None,
        "simulated": file.simulated,
        "start": file.start.isoformat() if file.start else None,
        "duration_s": tidy(file.duration_s),
        "recorded_s": tidy(file.recorded_s),
        "segments": [
            {"start_s": tidy(part.start_s), "duration_s": tidy(part.duration_s)}
            for part in file.segments
        ],
        "annotations_n": file.annotations_n,
        "channels": [channel_as_dict(row) for row in file.channels],
        "uses": [_use(use) for use in file.uses],
        "findings": [_finding(row) for row in file.findings],
    }


def channel_as_dict(row: CheckedChannel) -> dict[str, Any]:
    """Return one channel as plain values."""
    channel, shares = row.channel, row.shares
    return {
        "label": channel.label,
        "role": channel.role or None,
        "site": str(channel.site) or None,
        "rule": channel.rule or None,
        "unit": channel.unit or None,
        "stored_unit": channel.stored_unit or None,
        "rate_hz": plain(channel.rate_hz),
        "range": None if channel.limits is None else [tidy(end) for end in channel.limits],
        "resolution": tidy(channel.resolution),
        "shares": {
            "looked_at_s": tidy(shares.looked_at_s),
            "flat": tidy(shares.flat),
            "saturated": tidy(shares.saturated),
            "mains": tidy(shares.mains),
            "mains_hz": shares.mains_hz,
        },
        "uses": [_use(use) for use in row.uses],
    }


def _use(use: Use) -> dict[str, Any]:
    return {"analysis": use.analysis, "usable": use.usable, "reason": use.reason or None}


def _error(file: CheckedFile) -> dict[str, Any] | None:
    if file.error is None:
        return None
    error = file.error
    return {
        "where": error.where,
        "found": error.found,
        "wanted": error.wanted,
        "advice": error.advice or None,
    }


def _finding(row: CheckedFinding) -> dict[str, Any]:
    finding = row.finding
    return {
        "severity": finding.severity,
        "code": finding.code,
        "where": finding.where,
        "byte": row.byte,
        "message": finding.message,
        "advice": row.advice or None,
    }


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
    """Return one line for each channel of all files."""
    empty = dict.fromkeys(COLUMNS)
    return as_csv(COLUMNS, ({**empty, **row} for file in files for row in _rows(file)))


def _rows(file: CheckedFile) -> Iterator[dict[str, Any]]:
    graver = sum(row.finding.severity != "info" for row in file.findings)
    about: dict[str, Any] = {
        "file": file.name,
        "status": "unreadable" if file.error else "read",
        "error": masked_text(str(file.error)) if file.error else None,
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
    said = masked(channel_as_dict(row))
    low, high = said["range"] or (None, None)
    flat: dict[str, Any] = (
        said | said["shares"] | {"channel": said["label"], "range_low": low, "range_high": high}
    )
    for use in masked(row.uses):
        flat[f"usable_{use.analysis}"] = use.usable
        flat[f"reason_{use.analysis}"] = use.reason
    return flat
