"""Reports of nights with a few indices, as small as a report can be."""

import json
from datetime import datetime
from pathlib import Path, PurePath
from typing import Any

from psgkit.core.index import Index
from psgkit.followup.reported import ReportedNight

Values = dict[str, float | None]


def index_row(value: float | None) -> dict[str, Any]:
    reason = "no leg was recorded" if value is None else None
    parts = {"numerator": None, "denominator_h": None}
    return {"value": value, "unit": "1/h", **parts, "reason": reason}


def document(legs: Values, start: str | None = None, **other: Any) -> dict[str, Any]:  # noqa: ANN401
    return {
        "schema": "psgkit.night/1",
        "psgkit": {"version": "0.1.0"},
        "recording": {"file": "a.edf", "sha256": None, "start": start, "duration_s": 28800.0},
        "settings": {"rules": {"name": "wasm2016"}},
        "findings": [],
        "indices": {"legs": {name: index_row(value) for name, value in legs.items()}},
        **other,
    }


def write_report(path: Path, legs: Values, start: str | None = None, **other: Any) -> Path:  # noqa: ANN401
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document(legs, start, **other)), encoding="utf-8")
    return path


def night(name: str, plms: float | None, start: str | None = None) -> ReportedNight:
    index = (
        Index.missing("plms_index", "no leg was recorded", unit="1/h")
        if plms is None
        else Index.plain("plms_index", plms, "1/h")
    )
    return ReportedNight(
        path=PurePath(name),
        recording=None,
        sha256=None,
        start=datetime.fromisoformat(start) if start else None,
        duration_s=28800.0,
        version="0.1.0",
        rules="wasm2016",
        indices={"legs": {"plms_index": index}},
    )
