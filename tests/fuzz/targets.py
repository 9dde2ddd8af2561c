"""What is done with a file of each kind; it ends in a result or in one error of psgkit."""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

import numpy as np
from edf_fuzzer import look_at_everything

from psgkit.core.days.day_clock import DayClock
from psgkit.document.read import read_report
from psgkit.document.scoring import read_any_scoring
from psgkit.document.write import night_as_json
from psgkit.errors import PsgkitError
from psgkit.io.actigraphy.diary import read_diary, read_markers
from psgkit.io.actigraphy.read import DayOptions, read_days
from psgkit.io.channels.channel_map import read_channel_map
from psgkit.io.read import read_recording
from psgkit.io.scoring.marks import Wanted
from psgkit.io.symptoms import read_symptoms
from psgkit.settings import read_settings

START = datetime(2015, 4, 15, 23, 0)
CLOCK = DayClock.of(datetime(2001, 3, 23, 12, 0), "Europe/Berlin")


def _edf(path: Path) -> None:
    look_at_everything(read_recording(path))


def _scoring(path: Path) -> None:
    read_n = 0
    wishes: tuple[Wanted | None, ...] = (None, "stages", "events")
    for wanted in wishes:
        try:
            found = read_any_scoring(path, START, wanted)
        except PsgkitError as error:
            refused = error
            continue
        read_n += 1
        if found.events is not None:
            assert np.isfinite(found.events.intervals()).all()
        if found.hypnogram is not None:
            assert np.isfinite([found.hypnogram.start_s, found.hypnogram.end_s]).all()
    if not read_n:
        raise refused


def _days(path: Path) -> None:
    days = read_days(path, DayOptions(zone="Europe/Berlin"))
    assert days.duration_s >= 0
    assert all(np.isfinite(one.epoch_s) and one.epoch_s > 0 for one in days.counts)


def _diary(path: Path) -> None:
    for read in (read_diary, read_markers):
        try:
            read(path, CLOCK)
        except PsgkitError:
            continue


def _discomfort(path: Path) -> None:
    from psgkit.sit.read_discomfort import read_discomfort

    found, _findings = read_discomfort(path, (0.0, 3600.0), datetime(2026, 1, 3, 20, 0), 10.0)
    assert found is not None


def _report(path: Path) -> None:
    read = read_report(path)
    again = night_as_json(read)
    path.write_text(again, encoding="utf-8")
    assert night_as_json(read_report(path)) == again


def _context(path: Path) -> None:
    from psgkit.profile.context.read import read_context

    read_context(path)


def _manifest(path: Path) -> None:
    from psgkit.cohort.plan.manifest import read_manifest

    read_manifest(path, lambda file: file.name)


def _review(path: Path) -> None:
    from psgkit.review.review_file import read_review

    read_review(path)


TARGETS: Mapping[str, tuple[str, Callable[[Path], object]]] = {
    "edf": ("edf", _edf),
    "scoring": ("txt", _scoring),
    "awd": ("awd", _days),
    "mtn": ("mtn", _days),
    "actiware": ("csv", _days),
    "actiware_de": ("csv", _days),
    "agd": ("agd", _days),
    "gt3x": ("gt3x", _days),
    "cwa": ("cwa", _days),
    "bin": ("bin", _days),
    "counts": ("csv", _days),
    "actilife": ("csv", _days),
    "diary": ("csv", _diary),
    "discomfort": ("csv", _discomfort),
    "symptoms": ("csv", read_symptoms),
    "channels": ("toml", read_channel_map),
    "settings": ("toml", read_settings),
    "context": ("toml", _context),
    "report": ("json", _report),
    "manifest": ("csv", _manifest),
    "review": ("jsonl", _review),
}
"""Suffix of the file and what is done with it, by kind."""

SLOW = {"cwa": 0.01, "bin": 0.01, "gt3x": 0.3, "agd": 0.3, "report": 0.3}
"""Share of the usual number of files for kinds that take long: some are read in a process apart."""


def outcome(kind: str, path: Path) -> str:
    """Return ``read`` or ``refused``; whatever else is raised is a find."""
    try:
        TARGETS[kind][1](path)
    except PsgkitError:
        return "refused"
    return "read"
