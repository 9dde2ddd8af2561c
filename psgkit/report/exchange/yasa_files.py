"""Night report to a hypnogram of YASA: its JSON, and one number an epoch.

Numbers are YASA's: 0 wake, 1 N1, 2 N2, 3 N3, 4 REM, -2 unscored.
"""

import json
from datetime import timedelta

from psgkit.core.bounds import SLACK_S
from psgkit.core.hypnogram import Hypnogram
from psgkit.core.night_report import NightReport
from psgkit.errors import InputFileError
from psgkit.report.outside_text import visible

_NAMES = {"W": "WAKE", "N1": "N1", "N2": "N2", "N3": "N3", "R": "REM", "UNSCORED": "UNS"}
_NUMBERS = {"W": 0, "N1": 1, "N2": 2, "N3": 3, "R": 4, "UNSCORED": -2}


def yasa_files(report: NightReport, stem: str) -> dict[str, str]:
    """Return ``_hypnogram.json`` (``yasa.Hypnogram.from_json``) and ``_hypnogram.txt``.

    Numbers alone cannot say that the first epoch begins before the recording: then there is only
    the JSON, whose start says it.

    Raises
    ------
    InputFileError
        If nobody scored stages, or neither file could say when they begin.
    """
    hypnogram = report.hypnogram
    where = visible(report.source)
    if hypnogram is None or not len(hypnogram):
        raise InputFileError(where, "a night without stages", "stages, for a hypnogram")
    aligned = abs(hypnogram.start_s) <= SLACK_S
    if not aligned and report.start is None:
        found = f"stages from {hypnogram.start_s:g} s and no clock time"
        raise InputFileError(where, found, "stages from second 0, or the start of the recording")
    files = {f"{stem}_hypnogram.json": _as_json(report, hypnogram)}
    if aligned:
        numbers = (f"{_NUMBERS[stage]}\n" for stage in hypnogram.stages.tolist())
        files[f"{stem}_hypnogram.txt"] = "".join(numbers)
    return files


def _as_json(report: NightReport, hypnogram: Hypnogram) -> str:
    start = report.start
    began = None if start is None else start + timedelta(seconds=hypnogram.start_s)
    found = {
        "values": [_NAMES[stage] for stage in hypnogram.stages.tolist()],
        "n_stages": 5,
        "freq": _frequency(hypnogram.epoch_s),
        "start": None if began is None else began.isoformat(),
        "scorer": None,
        "proba": None,
    }
    return json.dumps(found, indent=2) + "\n"


def _frequency(epoch_s: float) -> str:
    """Return the length of an epoch as pandas says it.

    Examples
    --------
    >>> _frequency(30.0), _frequency(7.5)
    ('30s', '7500ms')
    """
    return f"{epoch_s:.0f}s" if epoch_s == int(epoch_s) else f"{round(epoch_s * 1000)}ms"
