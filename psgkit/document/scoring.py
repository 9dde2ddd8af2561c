"""The scoring in a file of any format, a night report among them."""

import os
from datetime import datetime

import numpy as np

from psgkit.core.events import Events
from psgkit.core.finding import Finding
from psgkit.core.message import translatable
from psgkit.core.night_report import NightReport
from psgkit.document.read import is_report, read_report
from psgkit.errors import InputFileError
from psgkit.io.scoring.clocks import shift_of_file_s
from psgkit.io.scoring.marks import Scoring, Wanted
from psgkit.io.scoring.read import read_scoring
from psgkit.io.scoring.recognise import format_of_text
from psgkit.io.scoring.stage_codes import StageCodes
from psgkit.io.text.read import file_name, open_kind, read_text

MUSCLE_MODALITIES = ("emg", "scored")
"""Sources of movements that are comparable with those a scorer marked in the EMG."""
REPORT_FORMAT = "a report of psgkit"


def read_any_scoring(
    path: str | os.PathLike[str],
    start: datetime | None = None,
    wanted: Wanted | None = None,
    codes: StageCodes | None = None,
) -> Scoring:
    """Return the stages and events in a file: of a scoring program, a table, or ``report.json``.

    Parameters and errors are those of ``psgkit.io.scoring.read.read_scoring``.
    """
    if not is_night_report(path):
        return read_scoring(path, start, wanted, codes)
    report, name = read_report(path), file_name(path)
    shift_s, findings = shift_of_file_s(report.start, start, name)
    hypnogram = report.hypnogram
    if wanted == "stages" and hypnogram is None:
        raise InputFileError(name, "a report without stages", "a report with stages")
    if hypnogram is not None and shift_s:
        hypnogram = hypnogram.moved(shift_s)
    events, about_sensors = events_of_report(report, name)
    return Scoring(
        hypnogram=None if wanted == "events" else hypnogram,
        events=None if wanted == "stages" else events.shifted(shift_s),
        format=REPORT_FORMAT,
        findings=(*findings, *about_sensors),
        start=start if start is not None else report.start,
        duration_s=report.duration_s + shift_s,
    )


def is_night_report(path: str | os.PathLike[str]) -> bool:
    """Return whether a file is JSON and not that of another program."""
    if open_kind(path) == "edf" or not is_report(path):
        return False
    return format_of_text(read_text(path)) is None


def events_of_report(report: NightReport, name: str) -> tuple[Events, tuple[Finding, ...]]:
    """Return movements (``lm``) and other events of a report, and what was left out.

    Movements of accelerometers are not comparable with those of the EMG and are left out.
    """
    moved = report.movements.movements
    kept = moved.where(np.isin(moved.modality, MUSCLE_MODALITIES))
    others = report.events.where(report.events.kind != "lm")
    events = Events.of(kept.onset_s, kept.end_s, ["lm"] * len(kept), kept.site).joined_with(others)
    left_out_n = len(moved) - len(kept)
    if not left_out_n:
        return events, ()
    message = translatable(
        f"{left_out_n} movements of accelerometers are left out: not comparable with EMG"
    )
    return events, (Finding("info", "report.modality", name, message),)
