"""Night report to annotations of MNE-Python, as FIF and as CSV."""

import tempfile
import warnings
from pathlib import Path

from psgkit.core.night_report import NightReport
from psgkit.io.bridge.outgoing import annotations_of
from psgkit.io.movement_marks import Mark
from psgkit.report.exchange.marks import scored_marks
from psgkit.report.outside_text import visible

_START: Mark = (0.0, 0.0, "Recording start")
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
