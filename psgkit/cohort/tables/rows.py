"""Rows of one finished night for the tables of its cohort: one small Arrow file.

The file holds four consecutive Arrow streams: the facts of the night (one row), its indices, its
movements, its findings.  Columns are those of ``schema`` without key, identity and state, which the
ledger has.  The same report always gives the same bytes, on every machine.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from psgkit._version import __version__
from psgkit.cohort.plan.night_identity import NightIdentity, Protocol
from psgkit.cohort.tables.quality import caution_codes, day_flags, quality_flags
from psgkit.cohort.tables.schema import (
    DAY_INDICES,
    DAY_NIGHT_FACTS,
    DAYS_FACTS,
    FACTS,
    FINDINGS,
    INDICES,
    LATER_COLUMNS,
    MOVEMENTS,
    Column,
    arrow_type,
)
from psgkit.core.days.days_report import DaysReport, Groups
from psgkit.core.days.sleep_wake import UNSCORED
from psgkit.core.finding import Finding
from psgkit.core.index_catalogue import in_order
from psgkit.core.intervals import intersect, total
from psgkit.core.night_report import NightReport
from psgkit.document.outside_text import bare_name, encodable
from psgkit.document.rows import movement_rows
from psgkit.document.values import plain, tidy
from psgkit.document.write import index_row
from psgkit.errors import InputFileError
from psgkit.io.files import first_bytes
from psgkit.io.new_files import new_file

if TYPE_CHECKING:
    import pyarrow as pa


ROWS_FILE = "rows.arrow"
PARTS: Mapping[Protocol, Mapping[str, tuple[Column, ...]]] = {
    "night": {
        "facts": FACTS,
        "indices": INDICES[1:],
        "movements": MOVEMENTS[1:],
        "findings": FINDINGS[1:],
    },
    "days": {
        "facts": DAYS_FACTS,
        "day_indices": DAY_INDICES,
        "movements": MOVEMENTS[1:],
        "findings": FINDINGS[1:],
        "nights": DAY_NIGHT_FACTS,
    },
}
"""The streams of a file and their columns; ``night_id`` is added when nights are merged."""
_SETTINGS_ID_DIGITS = 12
MOST_ROWS_BYTES = 256 * 2**20
"""A night has less than 1 MB, a year of an actigraph some 50 MB; psgkit's own choice."""


def write_rows(report: NightReport, identity: NightIdentity, path: str | Path) -> Path:
    """Write the rows of a night to ``path`` atomically and return it.

    Findings name files by ``identity``, because the name of a recording may be that of a patient.
    """
    return write_bytes(rows_as_bytes(report, identity), Path(path))


def write_bytes(content: bytes, path: Path) -> Path:
    """Write the content to ``path`` atomically and return it."""
    with new_file(path) as part:
        part.write_bytes(content)
    return path


def rows_as_bytes(report: NightReport, identity: NightIdentity) -> bytes:
    """Return the rows of a night as the bytes of its file."""
    rows = {
        "facts": [_facts(report, identity)],
        "indices": [*_indices(report)],
        "movements": [
            {**row, "channels": encodable("+".join(row["channels"]))}
            for row in movement_rows(report.movements)
        ],
        "findings": [*_findings(report, identity)],
    }
    return rows_in_streams(rows, "night")


def rows_in_streams(rows: Mapping[str, Sequence[Mapping[str, Any]]], protocol: Protocol) -> bytes:
    """Return rows by the names of ``PARTS`` as consecutive Arrow streams."""
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression="lz4")
    for name, columns in PARTS[protocol].items():
        table = _table(columns, rows[name])
        with pa.ipc.new_stream(sink, table.schema, options=options) as stream:
            stream.write_table(table)
    written: bytes = sink.getvalue().to_pybytes()
    return written


def read_rows(path: str | Path, protocol: Protocol = "night") -> "dict[str, pa.Table]":
    """Return the tables of one night, or of one recording of days, by the names of ``PARTS``.

    Raises
    ------
    InputFileError
        If the file is missing, damaged or of another version.
    """
    import pyarrow as pa

    try:
        # one read of a small file is faster than many, and keeps no file open
        source = pa.BufferReader(_content_of(path))
        tables = {}
        # for a file this small threads cost more than they save
        alone = pa.ipc.IpcReadOptions(use_threads=False)
        for name in PARTS[protocol]:
            with pa.ipc.open_stream(source, options=alone) as stream:
                tables[name] = stream.read_all()
    except OSError as error:
        raise _unusable(path, error.strerror or "a file that cannot be read") from error
    except (pa.ArrowException, UnicodeDecodeError) as error:
        raise _unusable(path, str(error)) from error
    for name, columns in PARTS[protocol].items():
        names = [column.name for column in columns]
        tables[name] = _with_later(tables[name], columns)
        if tables[name].schema.names != names:
            raise _unusable(path, f"{name} with the columns {tables[name].schema.names}")
    return tables


def _with_later(table: "pa.Table", columns: Sequence[Column]) -> "pa.Table":
    """Return a table with the columns that earlier versions did not write, as null."""
    import pyarrow as pa

    for column in columns:
        if column.name in LATER_COLUMNS and column.name not in table.schema.names:
            nothing = pa.nulls(table.num_rows, arrow_type(column.kind))
            table = table.append_column(column.name, nothing)
    return table


def _content_of(path: str | Path) -> bytes:
    """Return the bytes of a file of rows, which psgkit wrote."""
    try:
        content = first_bytes(path, MOST_ROWS_BYTES + 1, str(path), "the rows of a night")
    except InputFileError as error:
        raise _unusable(path, error.found) from None
    if len(content) > MOST_ROWS_BYTES:
        raise _unusable(path, f"more than {MOST_ROWS_BYTES // 2**20} MB")
    return content


def _unusable(path: str | Path, found: str) -> InputFileError:
    """Return why the rows of a night cannot be read."""
    where = "/".join(Path(path).parts[-2:])
    return InputFileError(
        where, encodable(found), f"rows of a night ({ROWS_FILE})", "Analyse the night again."
    )


def _table(columns: Sequence[Column], rows: Sequence[Mapping[str, Any]]) -> "pa.Table":
    """Return rows as a table, without metadata, which the merge adds."""
    import pyarrow as pa

    arrays = [pa.array([row[c.name] for row in rows], arrow_type(c.kind)) for c in columns]
    return pa.table(arrays, names=[column.name for column in columns])


def _facts(report: NightReport, identity: NightIdentity) -> dict[str, Any]:
    """Return the facts of the whole night, keyed by ``FACTS``."""
    reviewed = report.reviewed
    said = (_renaming(report, identity)(one.message) for one in report.cautions)
    used = [channel for channel in report.channels if channel.status == "used"]
    sites = {f"{c.role}:{c.place or c.site}".rstrip(":") for c in used}
    settings = plain(report.settings)
    return {
        "sha256": report.sha256,
        "start": report.start.replace(tzinfo=None) if report.start else None,
        "duration_s": tidy(report.duration_s),
        "recorded_s": tidy(sum(segment.duration_s for segment in report.segments)),
        "segments_n": len(report.segments),
        "lights_off_s": tidy(report.lights.off_s),
        "lights_on_s": tidy(report.lights.on_s),
        "hypnogram": report.hypnogram is not None,
        "channels_used": encodable("+".join(channel.label for channel in used)) or None,
        "sites_used": "+".join(sorted(sites)) or None,
        "movements_n": len(report.movements),
        "rules": str(settings.get("rules", {}).get("name", "")) or None,
        **how_analysed(settings, report.findings),
        "quality_flags": "+".join(quality_flags(report)) or None,
        "cautions": "+".join(map(encodable, caution_codes(report))) or None,
        "caution_messages": "\n".join(" ".join(one.split()) for one in said) or None,
        "reviewed_by": None if reviewed is None else encodable(reviewed.by),
        "reviewed_at": None if reviewed is None else encodable(reviewed.at),
        "reviewed_changed_n": (
            None if reviewed is None else reviewed.changes.get("movements_changed_n")
        ),
        "stages_from": report.stages_from,
    }


def how_analysed(settings: Mapping[str, Any], findings: Sequence[Finding]) -> dict[str, Any]:
    """Return the facts of the analysis that nights and recordings of days share."""
    severities = [finding.severity for finding in findings]
    return {
        "settings_id": hash_of_settings(settings),
        "psgkit_version": __version__,
        "simulated": any(finding.says_simulated for finding in findings),
        "errors_n": severities.count("error"),
        "warnings_n": severities.count("warning"),
    }


def hash_of_settings(settings: Mapping[str, Any]) -> str:
    """Return a short hash of all settings except the lights, which differ between nights."""
    kept = {name: value for name, value in settings.items() if not name.startswith("lights_")}
    text = json.dumps(kept, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:_SETTINGS_ID_DIGITS]


def _indices(report: NightReport) -> Iterator[dict[str, Any]]:
    """Yield one row for each index of the whole night."""
    for group, indices in report.indices.items():
        for name in in_order(indices):
            row = index_row(indices[name])
            reason = None if row["reason"] is None else encodable(row["reason"])
            yield {"group": group, "name": name, **row, "reason": reason}


def _findings(report: NightReport, identity: NightIdentity) -> Iterator[dict[str, Any]]:
    """Yield one row for each finding, without the file name."""
    renamed = _renaming(report, identity)
    for found in report.findings:
        yield {
            "severity": found.severity,
            "code": found.code,
            "where": renamed(found.where),
            "message": renamed(found.message),
        }


def _renaming(report: NightReport, identity: NightIdentity) -> Callable[[str], str]:
    """Return what takes the name of the recording out of a text."""
    stem = bare_name(report.source).rpartition(".")[0]
    # the recording and what lies beside it under the same name: Smith.edf, Smith_stages.csv
    named = re.compile(rf"(?<!\w){re.escape(stem)}(?=[\w-]*\.\w)")

    def renamed(text: str) -> str:
        return encodable(named.sub(identity.night_id, text) if stem else text)

    return renamed


def write_day_rows(report: DaysReport, path: str | Path) -> Path:
    """Write the rows of a recording of days to ``path`` and return it."""
    return write_bytes(day_rows_as_bytes(report), Path(path))


def day_rows_as_bytes(report: DaysReport) -> bytes:
    """Return the rows of a recording of days as the bytes of its file."""
    rows = {
        "facts": [_facts_of_days(report)],
        "day_indices": [*_indices_of_days(report)],
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


def _facts_of_days(report: DaysReport) -> dict[str, Any]:
    """Return the facts of the whole recording."""
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
    """Return the source of the activity: ``counts`` of a device, or ``acceleration``."""
    own = [one for one in report.sensors if one["place"] == report.activity_of]
    if report.activity is None or not own:
        return None
    return "counts" if str(own[0]["what"]).startswith("counts") else "acceleration"


def _site(sensor: Mapping[str, Any]) -> str:
    what = "activity" if str(sensor["what"]).startswith("counts") else "accelerometer"
    return encodable(f"{what}:{sensor['place']}").rstrip(":")


def _indices_of_days(report: DaysReport) -> Iterator[dict[str, Any]]:
    """Yield one row for each index: over all days, then of every night and every day."""
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
    """Yield the movements of the nights; their stage is not known."""
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
