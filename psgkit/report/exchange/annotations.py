"""Night report to annotations of Luna (``.annot``): class, instance, channel, start, stop, meta.

Times are seconds from the start of the recording.
"""

import json
import tempfile
import warnings
from datetime import timedelta
from pathlib import Path

from psgkit.core.bounds import SLACK_S
from psgkit.core.hypnogram import Hypnogram
from psgkit.core.night_report import NightReport
from psgkit.document.outside_text import visible
from psgkit.errors import InputFileError
from psgkit.io.bridge.outgoing import annotations_of
from psgkit.io.edf.write import Annotation
from psgkit.report.exchange.marks import ScoredMark, scored_marks

_HEADER = "class\tinstance\tchannel\tstart\tstop\tmeta"
_CLASSES = {"lm": "LM", "plm_series": "PLM_series"}
_EMPTY = "."


def luna_annot(report: NightReport) -> str:
    """Return the text of an annotation file, with results of scoring as meta data."""
    lines = [_HEADER, *map(_line, scored_marks(report))]
    return "".join(f"{line}\n" for line in lines)


def _line(mark: ScoredMark) -> str:
    meta = ";".join(f"{key}={value}" for key, value in mark.facts.items())
    cells = (
        _CLASSES.get(mark.kind, mark.kind),
        _EMPTY,
        visible(mark.place) or _EMPTY,
        _seconds(mark.onset_s),
        _seconds(mark.onset_s + mark.duration_s),
        meta or _EMPTY,
    )
    return "\t".join(cells)


def _seconds(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".")


_START: Annotation = (0.0, 0.0, "Recording start")
"""In a CSV file MNE counts from the first annotation; without this one times would be lost."""


def mne_files(report: NightReport, stem: str) -> dict[str, bytes]:
    """Return ``-annot.fif`` and ``-annot.csv``, as ``mne.read_annotations`` takes them.

    A known start is ``orig_time``; MNE calls local time UTC.
    """
    marks = [(m.onset_s, m.duration_s, visible(m.whole_text)) for m in scored_marks(report)]
    found = annotations_of([_START, *marks], report.start)
    files = {}
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        for ending in ("fif", "csv"):
            name = f"{stem}-annot.{ending}"
            path = Path(folder) / name
            found.save(path, verbose="error")
            files[name] = path.read_bytes()
    return files


_NAMES = {
    "W": "WAKE",
    "N1": "N1",
    "N2": "N2",
    "N3": "N3",
    "R": "REM",
    "UNSCORED": "UNS",
    "SLEEP": "SLEEP",
}
_NUMBERS = {"W": 0, "N1": 1, "N2": 2, "N3": 3, "R": 4, "UNSCORED": -2}


def yasa_files(report: NightReport, stem: str) -> dict[str, str]:
    """Return ``_hypnogram.json`` (``yasa.Hypnogram.from_json``) and ``_hypnogram.txt``.

    The text file cannot express a first epoch that begins before the recording; then only the JSON
    is written, which states the start.

    Raises
    ------
    InputFileError
        If there are no scored stages, or neither file can state their start.
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
        "scorer": hypnogram.stages_from if hypnogram.estimated_by else None,
        "proba": None,
    }
    return json.dumps(found, indent=2) + "\n"


def _frequency(epoch_s: float) -> str:
    """Return the length of an epoch as a pandas frequency.

    Examples
    --------
    >>> _frequency(30.0), _frequency(7.5)
    ('30s', '7500ms')
    """
    return f"{epoch_s:.0f}s" if epoch_s == int(epoch_s) else f"{round(epoch_s * 1000)}ms"
