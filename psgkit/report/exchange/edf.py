"""Night report as EDF+: annotations only, or with the signals of the recording."""

from dataclasses import replace
from pathlib import Path

from psgkit.core.night_report import NightReport
from psgkit.core.recording import Recording
from psgkit.document.outside_text import visible
from psgkit.errors import InputFileError, SettingsError
from psgkit.io.channels.roles import role_of_label
from psgkit.io.edf.write import (
    LABEL_CHARACTERS,
    TEXT_BYTES,
    Annotation,
    annotation_edf,
    write_edf,
)
from psgkit.report.exchange.marks import scored_marks


def annotations_alone(report: NightReport) -> bytes:
    """Return an EDF+ file with the marks that starts when the recording starts.

    Raises
    ------
    InputFileError
        If EDF cannot hold the start of the recording.
    """
    try:
        return annotation_edf(_marks(report), report.start)
    except ValueError as error:
        wanted = "a night that EDF+ can hold"
        raise InputFileError(visible(report.source), str(error), wanted) from None


def write_beside_signals(report: NightReport, recording: Recording, path: Path) -> Path:
    """Write a copy of the recording with the marks as its only annotations, and return its path.

    It is written block by block and renamed when complete.

    Raises
    ------
    InputFileError
        If EDF+C cannot hold it: a gap, a rate or a text that does not fit.
    SettingsError
        If the folder cannot be made or written to.
    """
    wanted = "a recording that EDF+C can hold"
    advice = "Without --recording the annotations are written alone."
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return write_edf(_readable(recording), path, _short_marks(report)).path
    except ValueError as error:
        raise InputFileError(visible(report.source), str(error), wanted, advice) from None
    except OSError as error:
        found = error.strerror or str(error)
        raise SettingsError(str(path.parent), found, "a folder that can be written to") from error


def _readable(recording: Recording) -> Recording:
    """Return the recording without unreadable channels.

    A difference is written with the range of its samples; one whose name is too long for EDF is
    left out, and follows from its electrodes when the copy is read.
    """
    kept = tuple(
        replace(channel, limits=None) if channel.electrodes else channel
        for channel in recording.channels
        if channel.status != "refused"
        and not (channel.electrodes and len(channel.label) > LABEL_CHARACTERS)
    )
    return Recording(
        source=recording.source,
        start=recording.start,
        segments=recording.segments,
        channels=kept,
    )


def _marks(report: NightReport) -> list[Annotation]:
    return [
        (mark.onset_s, mark.duration_s, visible(mark.whole_text)) for mark in scored_marks(report)
    ]


def _short_marks(report: NightReport) -> list[Annotation]:
    """Return the marks; one at a channel whose name is too long beside signals is at its site."""
    marks = []
    for mark in scored_marks(report):
        text = visible(mark.whole_text)
        if len(text.encode()) > TEXT_BYTES:
            site = role_of_label(mark.place).site.replace("_", " ")
            text = visible(replace(mark, place=site).whole_text)
        marks.append((mark.onset_s, mark.duration_s, text))
    return marks
