"""Read the stages and events of a scorer's file; the format is recognised by its content."""

import os
from dataclasses import replace
from datetime import datetime
from functools import partial

from psgkit.core.events import Events
from psgkit.core.finding import Finding
from psgkit.core.hypnogram import Hypnogram
from psgkit.core.message import translatable
from psgkit.core.stage_source import program_in
from psgkit.errors import InputFileError
from psgkit.io.edf.read import read_edf
from psgkit.io.scoring.annotations import scoring_of_recording
from psgkit.io.scoring.bids_levels import levels_beside
from psgkit.io.scoring.build import scoring_of
from psgkit.io.scoring.marks import Scoring, Wanted
from psgkit.io.scoring.recognise import checked_format
from psgkit.io.scoring.stage_codes import StageCodes, parse_stage_codes
from psgkit.io.scoring.table_parts import TableContext
from psgkit.io.scoring.tables import scoring_of_table
from psgkit.io.text.read import file_name, open_kind, read_text

_LACKING = {
    "stages": ("without sleep stages", "a file with stages"),
    "events": ("with stages only", "a file with events"),
}


def read_hypnogram(
    path: str | os.PathLike[str],
    recording_start: datetime | None = None,
    stage_codes: str | None = None,
) -> Hypnogram:
    r"""Return the hypnogram in a file.

    Parameters
    ----------
    path : path
        A table (``onset_s,duration_s,stage``; BIDS events), one stage a line, EDF+ annotations, or
        a file of a scoring program; see ``psgkit.io.scoring``.
    recording_start : datetime, optional
        Clock time of second 0 of the recording, to align a file that has its own.
    stage_codes : str, optional
        What words or numbers of the file mean, as in ``0=W,1=R,2=N1``.

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
        If a column is missing, times or stages may mean two things, or most rows are faulty.
    """
    codes = None if stage_codes is None else parse_stage_codes(stage_codes, "stage_codes")
    return read_hypnogram_with_findings(path, recording_start, codes)[0]


def read_hypnogram_with_findings(
    path: str | os.PathLike[str],
    recording_start: datetime | None = None,
    codes: StageCodes | None = None,
) -> tuple[Hypnogram, tuple[Finding, ...]]:
    """Return the hypnogram in a file, and the findings of reading it.

    Parameters and errors are those of ``read_hypnogram``.
    """
    found = read_scoring(path, recording_start, "stages", codes)
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
        If a column is missing, times may mean two things, or most rows are faulty.
    """
    return read_events_with_findings(path, recording_start)[0]


def read_events_with_findings(
    path: str | os.PathLike[str], recording_start: datetime | None = None
) -> tuple[Events, tuple[Finding, ...]]:
    """Return the events in a file, and the findings of reading it.

    Parameters and errors are those of ``read_events``.
    """
    found = read_scoring(path, recording_start, "events")
    events = found.events if found.events is not None else Events.none()
    return events, tuple(one for one in found.findings if not one.code.startswith("hypnogram."))


def read_scoring(
    path: str | os.PathLike[str],
    start: datetime | None = None,
    wanted: Wanted | None = None,
    codes: StageCodes | None = None,
) -> Scoring:
    r"""Return the stages and events in a file of any known format.

    Parameters
    ----------
    path : path
        EDF+ annotations, a table, one stage a line, or a file of one of the programs in
        ``psgkit.io.scoring.recognise.FORMATS``.  The content decides which it is.
    start : datetime, optional
        Clock time of second 0 of the recording, to align times of day.
    wanted : str, optional
        ``stages`` or ``events``: a file without them is refused, and a table or list is read as
        these alone, so that a fault in it is named as such.
    codes : StageCodes, optional
        What words or numbers for stages mean.

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
        If the file cannot be read, is of no known format, or lacks what is wanted.
    TableError
        If most stages are not known, or a time is none; the message names the line.
    """
    if open_kind(path) == "edf":
        return scoring_of_recording(read_edf(os.fspath(path)), start, wanted, codes)
    text, where = read_text(path), file_name(path)
    program = checked_format(text, where)
    if program is None:
        context = TableContext(levels=partial(levels_beside, path), start=start, codes=codes)
        return _with_source(scoring_of_table(text, where, context, wanted), text)
    found = scoring_of(program.marks(text, where, start), program.name, where, start, codes)
    if wanted and (found.hypnogram if wanted == "stages" else found.events) is None:
        lacks, what = _LACKING[wanted]
        raise InputFileError(where, f"{program.name} {lacks}", what)
    return _with_source(found, text)


def _with_source(scoring: Scoring, text: str) -> Scoring:
    """Return a scoring whose stages are called an estimate, if the file says so of them."""
    program = program_in(text)
    if scoring.hypnogram is None or not program:
        return scoring
    return replace(scoring, hypnogram=replace(scoring.hypnogram, estimated_by=program))


def outside_findings(events: Events, duration_s: float, where: str) -> tuple[Finding, ...]:
    """Return a finding on events outside a recording of ``duration_s``.

    Examples
    --------
    >>> late = Events.of([5000.0], [5001.0], ["arousal"], [""])
    >>> outside_findings(late, 3600.0, "events.csv")[0].message
    '1 of 1 events lie outside the recording of 3600 s'
    """
    if duration_s <= 0:
        return ()
    n_outside = int(((events.end_s < 0) | (events.onset_s > duration_s)).sum())
    if not n_outside:
        return ()
    message = translatable(
        f"{n_outside} of {len(events)} events lie outside the recording of {duration_s:g} s"
    )
    return (Finding("warning", "events.outside", where, message),)
