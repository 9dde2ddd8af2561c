"""Read the movements and stages of a night report (``report.json``, schema ``psgkit.night/1``)."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from psgkit.core.events import Events
from psgkit.core.finding import Finding
from psgkit.core.hypnogram import STAGES, Hypnogram
from psgkit.core.site import Site
from psgkit.errors import InputFileError
from psgkit.io.stage_rows import StageRows, hypnogram_from_rows
from psgkit.io.text import file_name, read_text

SCHEMA = "psgkit.night/1"
MUSCLE_MODALITIES = ("emg", "scored")
"""What is comparable with movements that somebody scored in the EMG."""
_SITES = frozenset(site.value for site in Site)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ScoredReport:
    """What a night report says that can be compared: movements as events of kind ``lm``, stages."""

    events: Events
    hypnogram: Hypnogram | None
    start: datetime | None
    rules_name: str
    findings: tuple[Finding, ...]


def is_report(path: str | os.PathLike[str]) -> bool:
    """Return whether a text file is a JSON object, as a report is."""
    return read_text(path).lstrip("\ufeff \t\r\n").startswith("{")


def read_scored_report(path: str | os.PathLike[str]) -> ScoredReport:
    """Return the movements and the stages of a night report.

    Movements that an accelerometer found are left out, and a finding says so: they are not
    comparable with those of the EMG.

    Raises
    ------
    InputFileError
        If the file is no JSON, of another schema, or a row of it is broken.
    """
    where = file_name(path)
    try:
        found = json.loads(read_text(path))
    except (ValueError, RecursionError) as error:
        raise InputFileError(where, f"broken JSON ({error})", f"a report ({SCHEMA})") from None
    schema = found.get("schema")
    if schema != SCHEMA:
        raise InputFileError(where, f"JSON with the schema {schema!r}", f"the schema {SCHEMA!r}")
    try:
        return _report_of(found, where)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        what = f"a broken report ({type(error).__name__}: {error})"
        raise InputFileError(where, what, f"a report as psgkit writes it ({SCHEMA})") from None


def _report_of(found: Mapping[str, Any], where: str) -> ScoredReport:
    """Return what a parsed report says."""
    rows = [row for row in found["movements"] if row["modality"] in MUSCLE_MODALITIES]
    sites = [row["site"] or "" for row in rows]
    unknown = sorted(set(sites) - _SITES)
    if unknown:
        raise ValueError(f"unknown sites {unknown}")
    events = Events.of(
        [row["onset_s"] for row in rows], [row["end_s"] for row in rows], ["lm"] * len(rows), sites
    )
    left_out_n = len(found["movements"]) - len(rows)
    message = f"{left_out_n} movements of accelerometers are left out: not comparable with EMG"
    start = found["recording"]["start"]
    return ScoredReport(
        events=events,
        hypnogram=_hypnogram_of(found["hypnogram"], where),
        start=datetime.fromisoformat(start) if start else None,
        rules_name=str(found["settings"]["rules"]["name"]),
        findings=(Finding("info", "report.modality", where, message),) if left_out_n else (),
    )


def _hypnogram_of(rows: list[Mapping[str, Any]], where: str) -> Hypnogram | None:
    """Return the hypnogram of a report; None if it has none."""
    if not rows:
        return None
    stages = [row["stage"] for row in rows]
    if not set(stages) <= set(STAGES):
        raise ValueError(f"unknown stages {sorted(set(stages) - set(STAGES))}")
    return hypnogram_from_rows(
        StageRows(
            onset_s=np.array([row["onset_s"] for row in rows], dtype=np.float64),
            duration_s=np.array([row["duration_s"] for row in rows], dtype=np.float64),
            stages=stages,
            places=[f"hypnogram row {number}" for number in range(1, len(rows) + 1)],
            where=where,
        )
    )
