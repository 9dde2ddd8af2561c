"""Night report as CSV tables for spreadsheets and for the readers of psgkit.

Conventions are those of ``psgkit.report.csv_tables``.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from psgkit.core.night_report import NightReport
from psgkit.core.stage_source import is_estimate
from psgkit.document.rows import MOVEMENT_COLUMNS, epoch_rows, movement_rows
from psgkit.report.csv_tables import INDEX_COLUMNS, as_csv, index_lines, sensor_csvs
from psgkit.report.exchange.marks import SENSOR_KIND, scored_marks

_EVENT_COLUMNS = ("onset_s", "duration_s", "kind", "site")
_STAGE_COLUMNS = ("onset_s", "duration_s", "stage", "scorer")
_ACCELEROMETER = "accelerometer"
_TOKENS = {
    "lm": "movements",
    "lms": "movements_sleep",
    "lmw": "movements_wake",
    "clm": "candidates",
    "clms": "candidates_sleep",
    "clmw": "candidates_wake",
    "clmsr": "candidates_sleep_respiratory",
    "plm": "periodic",
    "plms": "periodic_sleep",
    "plmw": "periodic_wake",
    "plmnr": "periodic_nr",
    "plmsnr": "periodic_sleep_nr",
}


def tables_of(report: NightReport) -> dict[str, str]:
    """Return movements, indices, events, stages, postures, turns, trains as CSV by file name."""
    lines = (
        {**line, "name": honest_name(line["name"], line["group"])} for line in index_lines(report)
    )
    return {
        "movements.csv": as_csv(MOVEMENT_COLUMNS, map(_movement, movement_rows(report.movements))),
        "indices.csv": as_csv(INDEX_COLUMNS, lines),
        "events.csv": as_csv(_EVENT_COLUMNS, event_lines(report)),
        **_if_any("hypnogram.csv", _STAGE_COLUMNS, _stage_lines(report)),
        **sensor_csvs(report),
    }


def event_lines(report: NightReport) -> list[dict[str, Any]]:
    """Return movements, scored events and lights as a table of events that psgkit reads.

    A bilateral movement is one line; movements of a scorer appear once, as movements.
    """
    moved = [
        {**row, "kind": SENSOR_KIND if row["modality"] == _ACCELEROMETER else "lm"}
        for row in movement_rows(report.movements)
    ]
    others = [
        {
            "onset_s": mark.onset_s,
            "duration_s": mark.duration_s,
            "kind": mark.kind,
            "site": mark.place.replace(" ", "_") or None,
        }
        for mark in scored_marks(report)
        if mark.sort == "event"
    ]
    rows = sorted((*moved, *others), key=lambda row: float(row["onset_s"]))
    return [{name: row[name] for name in _EVENT_COLUMNS} for row in rows]


def _stage_lines(report: NightReport) -> list[dict[str, Any]]:
    """Return the epochs; ``scorer`` is empty unless a program estimated them."""
    source = report.stages_from if is_estimate(report.stages_from) else None
    return [{**row, "scorer": source} for row in epoch_rows(report.hypnogram)]


def honest_name(name: str, group: str) -> str:
    """Return the name of an index; in accelerometer groups without LM, CLM and PLM.

    Examples
    --------
    >>> honest_name("plms_index", "legs"), honest_name("plms_index", "accelerometer_left_ankle")
    ('plms_index', 'periodic_sleep_index')
    """
    if not group.startswith(_ACCELEROMETER):
        return name
    return "_".join(_TOKENS.get(token, token) for token in name.split("_"))


def _movement(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row of the table of movements; PLM is empty for those of an accelerometer."""
    return {**row, **({"plm": None, "plmnr": None} if row["modality"] == _ACCELEROMETER else {})}


def _if_any(name: str, columns: Sequence[str], rows: list[dict[str, Any]]) -> dict[str, str]:
    return {name: as_csv(columns, rows)} if rows else {}
