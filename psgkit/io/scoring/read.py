"""Read the stages and events of a scorer's file; the format is recognised by its content."""

import os
from datetime import datetime

from psgkit.core.events import Events
from psgkit.core.finding import Finding
from psgkit.core.hypnogram import Hypnogram
from psgkit.errors import InputFileError
from psgkit.io.scoring.bids_levels import levels_beside
from psgkit.io.scoring.build import scoring_of
from psgkit.io.scoring.event_files import events_of_recording, events_of_text
from psgkit.io.scoring.hypnogram_files import hypnogram_of_recording
from psgkit.io.scoring.marks import Scoring
from psgkit.io.scoring.recognise import vendor_reader
from psgkit.io.scoring.stage_tables import hypnogram_of_text
from psgkit.io.scoring.tables import scoring_of_table
from psgkit.io.text.read import file_name, open_kind, read_text


def read_hypnogram(
    path: str | os.PathLike[str], recording_start: datetime | None = None
) -> Hypnogram:
    r"""Return the hypnogram in a file.

    Parameters
    ----------
    path : path
        A table (``onset_s,duration_s,stage``; BIDS events), one stage a line, EDF+ annotations, or
        a file of a scoring program; see ``psgkit.io.scoring``.
    recording_start : datetime, optional
        Clock time of second 0 of the recording, to align a file that has its own.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "night.txt"
    >>> _ = file.write_text("W\nN1\nN2\n")
    >>> read_hypnogram(file).stages.tolist()
    ['W', 'N1', 'N2']

    Raises
    ------
    InputFileError
        If the file cannot be read, or is a recording without stages.
    TableError
        If a column is missing, a time is no number, a stage word is not known, or rows overlap.
    """
    return read_hypnogram_with_findings(path, recording_start)[0]


def read_hypnogram_with_findings(
    path: str | os.PathLike[str], recording_start: datetime | None = None
) -> tuple[Hypnogram, tuple[Finding, ...]]:
    """Return the hypnogram in a file, and what was decided while reading it.

    Parameters and errors are those of ``read_hypnogram``.
    """
    found = scored_stages(path, recording_start)
    hypnogram = found.hypnogram if found.hypnogram is not None else Hypnogram.of([])
    return hypnogram, tuple(one for one in found.findings if not one.code.startswith("events."))


def read_events(path: str | os.PathLike[str], recording_start: datetime | None = None) -> Events:
    r"""Return the events in a file.

    Parameters
    ----------
    path : path
        A table (``onset_s,duration_s,kind,site``; ``end_s`` may stand for the duration), EDF+
        annotations, or a file of a scoring program; see ``psgkit.io.scoring``.
    recording_start : datetime, optional
        Clock time of second 0 of the recording, to align a file that has its own.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "events.csv"
    >>> _ = file.write_text("onset_s,duration_s,kind,site\n60,2.5,lm,left_leg\n")
    >>> read_events(file).end_s.tolist()
    [62.5]

    Raises
    ------
    InputFileError
        If the file cannot be read.
    TableError
        If a column is missing, a time is no number, an end lies before its onset, or a site is
        not known.
    """
    return read_events_with_findings(path, recording_start)[0]


def read_events_with_findings(
    path: str | os.PathLike[str], recording_start: datetime | None = None
) -> tuple[Events, tuple[Finding, ...]]:
    """Return the events in a file, and what was decided while reading it.

    Parameters and errors are those of ``read_events``.
    """
    found = scored_events(path, recording_start)
    events = found.events if found.events is not None else Events.none()
    return events, tuple(one for one in found.findings if not one.code.startswith("hypnogram."))


def read_scoring(path: str | os.PathLike[str], start: datetime | None = None) -> Scoring:
    r"""Return the stages and events in a file of any known format.

    Parameters
    ----------
    path : path
        EDF+ annotations, a table, one stage a line, or what RemLogic, DOMINO, Noxturnal,
        Compumedics, the NSRR, Embla and Luna write.  The content decides which it is.
    start : datetime, optional
        Clock time of second 0 of the recording, to align times of day.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "night.txt"
    >>> _ = file.write_text("RemLogic Event Export\n\nTime [hh:mm:ss]\tEvent\tDuration[s]\n"
    ...     "23:59:30\tSLEEP-S2\t30\n00:00:00\tSLEEP-REM\t30\n")
    >>> found = read_scoring(file)
    >>> found.format, found.hypnogram.stages.tolist()
    ('RemLogic text', ['N2', 'R'])

    Raises
    ------
    InputFileError
        If the file cannot be read, or is of no known format.
    TableError
        If a stage is not known, or a time is none; the message names the line.
    """
    if open_kind(path) == "edf":
        return _of_edf(path, start)
    text, where = read_text(path), file_name(path)
    reader = vendor_reader(text, where)
    if reader is None:
        return scoring_of_table(text, where, levels_beside(path))
    return scoring_of(reader(text, where, start), start)


def scored_stages(path: str | os.PathLike[str], start: datetime | None = None) -> Scoring:
    """Return the scoring in a file that is expected to hold stages.

    A table or list is read as stages, so that a faulty one is called that; see ``read_scoring``.

    Raises
    ------
    InputFileError, TableError
        As ``read_scoring``, and if there are no stages in the file.
    """
    if open_kind(path) == "edf":
        from psgkit.io.edf.read import read_edf

        recording = read_edf(os.fspath(path))
        hypnogram, findings = hypnogram_of_recording(recording, start)
        return Scoring(
            hypnogram=hypnogram,
            events=None,
            format="EDF+ annotations",
            findings=findings,
            start=start or recording.start,
        )
    text, where = read_text(path), file_name(path)
    reader = vendor_reader(text, where)
    if reader is None:
        hypnogram, findings = hypnogram_of_text(text, where, levels_beside(path))
        return Scoring(
            hypnogram=hypnogram, events=None, format="a table of stages", findings=findings
        )
    found = scoring_of(reader(text, where, start), start)
    if found.hypnogram is None:
        raise InputFileError(where, f"{found.format} without sleep stages", "a file with stages")
    return found


def scored_events(path: str | os.PathLike[str], start: datetime | None = None) -> Scoring:
    """Return the scoring in a file that is expected to hold events.

    A table is read as events, so that a faulty one is called that; see ``read_scoring``.

    Raises
    ------
    InputFileError, TableError
        As ``read_scoring``, and if there are no events in the file.
    """
    if open_kind(path) == "edf":
        from psgkit.io.edf.read import read_edf

        recording = read_edf(os.fspath(path))
        events, findings = events_of_recording(recording, start)
        return Scoring(
            hypnogram=None,
            events=events,
            format="EDF+ annotations",
            findings=findings,
            start=start or recording.start,
        )
    text, where = read_text(path), file_name(path)
    reader = vendor_reader(text, where)
    if reader is None:
        events, findings = events_of_text(text, where)
        return Scoring(hypnogram=None, events=events, format="a table of events", findings=findings)
    found = scoring_of(reader(text, where, start), start)
    if found.events is None:
        raise InputFileError(where, f"{found.format} with stages only", "a file with events")
    return found


def _of_edf(path: str | os.PathLike[str], start: datetime | None) -> Scoring:
    """Return the scoring in the annotations of an EDF+ file."""
    from psgkit.io.edf.read import read_edf

    recording = read_edf(os.fspath(path))
    events, findings = events_of_recording(recording, start)
    has_stages = True
    try:
        hypnogram, about_stages = hypnogram_of_recording(recording, start)
    except InputFileError:
        has_stages = False
    return Scoring(
        hypnogram=hypnogram if has_stages else None,
        events=events if len(events) or not has_stages else None,
        format="EDF+ annotations",
        findings=_once((*(about_stages if has_stages else ()), *findings)),
        start=start or recording.start,
    )


def _once(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Return each finding once."""
    return tuple(dict.fromkeys(findings))
