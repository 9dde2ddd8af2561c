"""One side of a comparison: what a file of any kind says about events and stages."""

import os
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from psgkit.core.events import KNOWN_KINDS, Events
from psgkit.core.finding import Finding
from psgkit.core.hypnogram import Hypnogram
from psgkit.core.recording import Recording
from psgkit.errors import InputFileError, PsgkitError, TableError
from psgkit.io.event_files import events_of_recording, read_events_with_findings
from psgkit.io.hypnogram_files import hypnogram_from_annotations, read_hypnogram_with_findings
from psgkit.io.scored_annotations import clock_shift_s
from psgkit.io.scored_report import is_report, read_scored_report
from psgkit.io.text import file_name, open_kind

COMPARED_KINDS = tuple(kind for kind in KNOWN_KINDS if not kind.startswith("lights"))
"""Kinds of events that have an agreement; lights are one moment a night."""
_WANTED = "a table of events or stages, an EDF+ with annotations, or a report.json of psgkit"


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Scored:
    """What one scorer, or one program, says about a night.

    Attributes
    ----------
    name : str
        Of the file.
    events : Events
    states_kinds : frozenset of str
        Kinds that were looked for: those that occur, or movements if the table is empty.  Of the
        others it is not known whether there were none or nobody scored them.
    hypnogram : Hypnogram or None
    start : datetime or None
        Clock time of second 0, if the file says.
    rules_name : str
        Rules by which movements of both sides were joined; empty for what was scored by hand.
    findings : tuple of Finding
    """

    name: str
    events: Events
    states_kinds: frozenset[str]
    hypnogram: Hypnogram | None = None
    start: datetime | None = None
    rules_name: str = ""
    findings: tuple[Finding, ...] = ()


def read_scored(path: str | os.PathLike[str], recording_start: datetime | None = None) -> Scored:
    """Return what a file says about events and stages.

    Parameters
    ----------
    path : path
        A table of events or of stages, an EDF+ with annotations, or a ``report.json`` of psgkit.
    recording_start : datetime, optional
        Clock time of second 0 of the other scoring: times are brought to that clock if the file
        has one of its own.

    Raises
    ------
    InputFileError
        If the file cannot be read, or holds neither events nor stages.
    TableError
        If a stage of an EDF+ is not known, or stages overlap.
    """
    if open_kind(path) == "edf":
        from psgkit.io.edf import read_edf

        return _of_annotations(read_edf(os.fspath(path)), recording_start)
    if is_report(path):
        return _of_report(path, recording_start)
    return _of_text(path, recording_start)


def _of_annotations(recording: Recording, recording_start: datetime | None) -> Scored:
    """Return what the annotations of a recording say."""
    events, findings = events_of_recording(recording, recording_start)
    shift_s, _ = clock_shift_s(recording, recording_start)
    hypnogram = hypnogram_from_annotations(recording.annotations, shift_s, recording.source)
    if not _kinds_in(events) and hypnogram is None:
        found = f"{len(recording.annotations)} annotations, none of them a known event or a stage"
        raise InputFileError(recording.source, found, _WANTED)
    return Scored(
        name=recording.source,
        events=events,
        states_kinds=_kinds_in(events),
        hypnogram=hypnogram,
        start=recording.start,
        findings=findings,
    )


def _of_report(path: str | os.PathLike[str], recording_start: datetime | None) -> Scored:
    """Return the movements and the stages of a night report."""
    report = read_scored_report(path)
    # only name and start matter for the clock
    about = Recording(source=file_name(path), start=report.start, segments=(), channels=())
    shift_s, findings = clock_shift_s(about, recording_start)
    hypnogram = report.hypnogram
    if hypnogram is not None and shift_s:
        hypnogram = Hypnogram.of(hypnogram.stages, hypnogram.epoch_s, hypnogram.start_s + shift_s)
    return Scored(
        name=file_name(path),
        events=report.events.shifted(shift_s),
        # a report without a movement says that there was none
        states_kinds=frozenset({"lm"}),
        hypnogram=hypnogram,
        start=report.start,
        rules_name=report.rules_name,
        findings=(*report.findings, *findings),
    )


def _of_text(path: str | os.PathLike[str], recording_start: datetime | None) -> Scored:
    """Return what a table says: events, stages, or both."""
    events = Events.none()
    stages: Hypnogram | None = None
    states_kinds: frozenset[str] = frozenset()
    findings: tuple[Finding, ...] = ()
    refused: list[PsgkitError] = []
    try:
        events, findings = read_events_with_findings(path, recording_start)
        states_kinds = _kinds_in(events) if len(events) else frozenset({"lm"})
    except (InputFileError, TableError) as error:
        refused.append(error)
    try:
        stages, more = read_hypnogram_with_findings(path, recording_start)
        stages = stages if len(stages) else None
        findings = (*findings, *more)
    except (InputFileError, TableError) as error:
        refused.append(error)
    if not states_kinds and stages is None:
        found = " ".join(("nothing to compare.", *dict.fromkeys(f"{error}" for error in refused)))
        raise InputFileError(file_name(path), found.rstrip("."), _WANTED)
    return Scored(
        name=file_name(path),
        events=events,
        states_kinds=states_kinds,
        hypnogram=stages,
        findings=findings,
    )


def _kinds_in(events: Events) -> frozenset[str]:
    """Return the kinds in ``events`` that can be compared."""
    return frozenset(np.unique(events.kind).tolist()) & frozenset(COMPARED_KINDS)
