"""Names of files, which may be names of patients, taken out of what is written about a night."""

import re
from collections.abc import Callable
from dataclasses import replace

from psgkit.cohort.planned import PlannedNight
from psgkit.core.night_report import NightReport
from psgkit.errors import PsgkitError


def renaming(night: PlannedNight) -> Callable[[str], str]:
    """Return the function that puts the name of the night in place of those of its files.

    A night that is to keep its names is not changed.
    """
    shown = night.identity.recording
    if shown == night.recording.name:
        return str
    names: dict[str, str] = {}
    for purpose, path in night.files_by_purpose():
        called = shown if purpose == "recording" else f"{night.night_id}_{purpose}{path.suffix}"
        beside = path.name.startswith(night.recording.stem)
        if beside and purpose == "sidecar":
            called = night.night_id + path.name[len(night.recording.stem) :]
        names |= {str(path): called, str(path.absolute()): called, path.name: called}
        names |= {str(path.parent.absolute()): night.night_id}
    # the longest first: a path holds the name of its file
    pattern = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    found = re.compile(pattern)
    return lambda text: found.sub(lambda match: names[match[0]], text)


def renamed_report(report: NightReport, rename: Callable[[str], str]) -> NightReport:
    """Return the report with its recording and its findings renamed."""
    return replace(
        report,
        source=rename(report.source),
        findings=tuple(
            replace(found, where=rename(found.where), message=rename(found.message))
            for found in report.findings
        ),
    )


def renamed_error(error: PsgkitError, rename: Callable[[str], str]) -> str:
    """Return the message of an error with the files renamed."""
    return rename(str(error))
