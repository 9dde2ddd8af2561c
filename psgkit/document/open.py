"""Open a night report (``report.json``, schema ``psgkit.night/1``) and read what it is about."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from psgkit.core.events import Events
from psgkit.core.finding import Finding
from psgkit.core.hypnogram import Hypnogram
from psgkit.core.index import Index
from psgkit.document.fields import (
    NUMBER,
    NUMBER_OR_NULL,
    TABLE,
    TEXT,
    TEXT_OR_NULL,
    Kind,
    Node,
    inside,
    members,
    naming,
    rows,
    taken,
)
from psgkit.document.read_tables import hypnogram_of, movements_of
from psgkit.errors import InputFileError
from psgkit.io.text.read import file_name, read_text

SCHEMA = "psgkit.night/1"
TEST_SCHEMA = "psgkit.sit/1"
_COURSE_SCHEMA = "psgkit.nights/"
_SEVERITY = Kind("info, warning or error", lambda value: value in ("info", "warning", "error"))
_WRITES_ONE = "psgkit report --out DIR writes one."


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportHead:
    """What a report says of the recording, of how it was scored, and what was odd."""

    source: str
    sha256: str | None
    start: datetime | None
    duration_s: float
    version: str
    settings: Mapping[str, Any]
    rules_name: str
    findings: tuple[Finding, ...]


def is_report(path: str | os.PathLike[str]) -> bool:
    """Return whether a text file is a JSON object, as a report is."""
    return read_text(path).lstrip("\ufeff \t\r\n").startswith("{")


def open_report(path: str | os.PathLike[str]) -> Node:
    """Return a parsed night report.

    Raises
    ------
    InputFileError
        If the file cannot be read, is no JSON or of another schema.
    """
    report = open_document(path, f"a night report ({SCHEMA})", _WRITES_ONE)
    if schema_of(report) != SCHEMA:
        raise _another_schema(report)
    return report


def open_test_report(path: str | os.PathLike[str]) -> Node:
    """Return a parsed report of an immobilisation test.

    Raises
    ------
    InputFileError
        As ``open_report``.
    """
    advice = "psgkit report RECORDING --protocol sit --out DIR writes one as sit.json."
    wanted = f"a report of an immobilisation test ({TEST_SCHEMA})"
    report = open_document(path, wanted, advice)
    if schema_of(report) != TEST_SCHEMA:
        raise InputFileError(report.file, _schema_in_words(report), wanted, advice)
    return report


def is_test_report(path: str | os.PathLike[str]) -> bool:
    """Return whether a JSON file is the report of an immobilisation test.

    Raises
    ------
    InputFileError
        If the file cannot be read or is no JSON.
    """
    wanted = f"a night report ({SCHEMA})"
    return schema_of(open_document(path, wanted, _WRITES_ONE)) == TEST_SCHEMA


def open_document(path: str | os.PathLike[str], wanted: str, advice: str) -> Node:
    """Return a parsed JSON file of whatever schema.

    Raises
    ------
    InputFileError
        If the file cannot be read or is no JSON.
    """
    where = file_name(path)
    try:
        text = read_text(path)
    except InputFileError as error:
        raise InputFileError(where, error.found, wanted, advice) from error
    try:
        found = json.loads(text.lstrip("\ufeff"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise InputFileError(where, f"broken JSON ({error})", wanted) from None
    return Node(value=found, name="", file=where)


def schema_of(document: Node) -> object:
    """Return the schema that a document states, None without one."""
    return document.value.get("schema") if isinstance(document.value, Mapping) else None


def _no_constant(word: str) -> float:
    raise ValueError(f"{word} is no JSON number")


def _another_schema(report: Node) -> InputFileError:
    """Return why a JSON file is no night report."""
    schema = schema_of(report)
    advice = "psgkit report --out DIR writes one as report.json."
    if isinstance(schema, str) and schema.startswith(_COURSE_SCHEMA):
        advice = "Give the reports of the nights, not what was made of them."
    if schema == TEST_SCHEMA:
        advice = "It is a test: psgkit report NIGHT --sit FILE puts it beside its night."
    return InputFileError(report.file, _schema_in_words(report), f"the schema {SCHEMA!r}", advice)


def _schema_in_words(report: Node) -> str:
    schema = schema_of(report)
    return f"JSON with the schema {schema!r}" if schema else "JSON without a schema"


def head_of(report: Node) -> ReportHead:
    """Return what a report is about."""
    recording, settings = inside(report, "recording"), inside(report, "settings")
    return ReportHead(
        source=taken(inside(recording, "file"), TEXT_OR_NULL) or "",
        sha256=taken(inside(recording, "sha256"), TEXT_OR_NULL),
        start=start_of(recording),
        duration_s=taken(inside(recording, "duration_s"), NUMBER),
        version=taken(inside(inside(report, "psgkit"), "version"), TEXT),
        settings=taken(settings, TABLE),
        rules_name=taken(inside(inside(settings, "rules"), "name"), TEXT),
        findings=tuple(_finding(row) for row in rows(inside(report, "findings"))),
    )


def start_of(recording: Node) -> datetime | None:
    """Return when a recording began; None where its report does not tell."""
    start = inside(recording, "start")
    text = taken(start, TEXT_OR_NULL)
    with naming(start, "a date and time (ISO 8601) or null"):
        return datetime.fromisoformat(text) if text else None


def _finding(row: Node) -> Finding:
    words = (taken(inside(row, key), TEXT) for key in ("code", "where", "message"))
    return Finding(taken(inside(row, "severity"), _SEVERITY), *words)


def indices_of(groups: Node) -> dict[str, dict[str, Index]]:
    """Return the indices of a report by group and name."""
    return {group: named_indices(node) for group, node in members(groups).items()}


def named_indices(node: Node) -> dict[str, Index]:
    """Return indices by name."""
    return {name: _index(name, row) for name, row in members(node).items()}


def _index(name: str, row: Node) -> Index:
    numbers = {
        key: taken(inside(row, key), NUMBER_OR_NULL)
        for key in ("value", "numerator", "denominator_h")
    }
    unit, reason = taken(inside(row, "unit"), TEXT), taken(inside(row, "reason"), TEXT_OR_NULL)
    with naming(row, "a value or the reason why there is none"):
        return Index(name=name, unit=unit, reason=reason, **numbers)


MUSCLE_MODALITIES = ("emg", "scored")
"""What is comparable with movements that somebody scored in the EMG."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ScoredReport:
    """What a night report says that can be compared: movements as events of kind ``lm``, stages."""

    events: Events
    hypnogram: Hypnogram | None
    start: datetime | None
    rules_name: str
    findings: tuple[Finding, ...]


def read_scored_report(path: str | os.PathLike[str]) -> ScoredReport:
    """Return the movements and the stages of a night report.

    Movements that an accelerometer found are left out, and a finding says so: they are not
    comparable with those of the EMG.

    Raises
    ------
    InputFileError
        If the file is no JSON, of another schema, or a field of it is broken.
    """
    document = open_report(path)
    head, found = head_of(document), movements_of(inside(document, "movements"))
    kept = found.where(np.isin(found.modality, MUSCLE_MODALITIES))
    left_out_n = len(found) - len(kept)
    message = f"{left_out_n} movements of accelerometers are left out: not comparable with EMG"
    left_out = (Finding("info", "report.modality", document.file, message),)
    return ScoredReport(
        events=Events.of(kept.onset_s, kept.end_s, ["lm"] * len(kept), kept.site),
        hypnogram=hypnogram_of(document),
        start=head.start,
        rules_name=head.rules_name,
        findings=left_out if left_out_n else (),
    )
