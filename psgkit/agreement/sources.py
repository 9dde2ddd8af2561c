"""One side of a comparison: the events and stages of a file of any format."""

import os
from datetime import datetime

import numpy as np

from psgkit.core.dataclass import dataclass
from psgkit.core.events import KNOWN_KINDS, Events
from psgkit.core.finding import Finding
from psgkit.core.hypnogram import Hypnogram
from psgkit.document.read import read_report
from psgkit.document.scoring import events_of_report, is_night_report
from psgkit.errors import InputFileError
from psgkit.io.scoring.clocks import shift_of_file_s
from psgkit.io.scoring.read import read_scoring
from psgkit.io.scoring.stage_codes import StageCodes
from psgkit.io.text.read import file_name

COMPARED_KINDS = tuple(kind for kind in KNOWN_KINDS if not kind.startswith("lights"))
"""Kinds of events that are compared; lights are one moment a night."""
EMPTY_SAYS_NONE = ("a table of events", "BIDS events")
"""Formats in which a file without rows states that there was no movement."""
_WANTED = "movements, other events or stages"


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Scored:
    """The scoring of a night by one scorer or program.

    Attributes
    ----------
    name : str
        Of the file.
    events : Events
    states_kinds : frozenset of str
        Kinds that were looked for: those that occur, or movements if the table is empty.  Other
        kinds may be absent or not scored.
    hypnogram : Hypnogram or None
    start : datetime or None
        Clock time of second 0, if the file says.
    rules_name : str
        Rules by which movements of both sides were joined; empty for scoring by hand.
    findings : tuple of Finding
    """

    name: str
    events: Events
    states_kinds: frozenset[str]
    hypnogram: Hypnogram | None = None
    start: datetime | None = None
    rules_name: str = ""
    findings: tuple[Finding, ...] = ()


def read_scored(
    path: str | os.PathLike[str],
    recording_start: datetime | None = None,
    codes: StageCodes | None = None,
) -> Scored:
    """Return the events and stages of a file.

    Parameters
    ----------
    path : path
        A ``report.json`` of psgkit, or any scoring that ``read_scoring`` knows.
    recording_start : datetime, optional
        Clock time of second 0 of the other scoring: times are brought to that clock if the file
        has one of its own.
    codes : StageCodes, optional
        What words or numbers for stages mean.

    Raises
    ------
    InputFileError
        If the file cannot be read, or holds neither events nor stages.
    TableError
        If a row is faulty, a stage is not known, or stages overlap.
    """
    if is_night_report(path):
        return _of_report(path, recording_start)
    found = read_scoring(path, recording_start, codes=codes)
    events = Events.none() if found.events is None else found.events
    states_kinds = _kinds_in(events)
    if found.events is not None and not len(events) and found.format in EMPTY_SAYS_NONE:
        states_kinds = frozenset({"lm"})
    hypnogram = found.hypnogram if found.hypnogram is not None and len(found.hypnogram) else None
    if not states_kinds and hypnogram is None:
        what = f"{found.format} with {len(events)} entries, none a known event or a stage"
        raise InputFileError(file_name(path), what, _WANTED)
    return Scored(
        name=file_name(path),
        events=events,
        states_kinds=states_kinds,
        hypnogram=hypnogram,
        start=found.start,
        findings=(*found.findings, *_about_estimate(hypnogram, file_name(path))),
    )


def _of_report(path: str | os.PathLike[str], recording_start: datetime | None) -> Scored:
    """Return the stages and the EMG movements of a night report.

    Movements of accelerometers are not comparable with those of the EMG: they are left out.
    """
    report, name = read_report(path), file_name(path)
    shift_s, findings = shift_of_file_s(report.start, recording_start, name)
    events, about_sensors = events_of_report(report, name)
    hypnogram = report.hypnogram
    if hypnogram is not None and shift_s:
        hypnogram = hypnogram.moved(shift_s)
    return Scored(
        name=name,
        events=events.of_kind(["lm"]).shifted(shift_s),
        # a report without movements states that there were none
        states_kinds=frozenset({"lm"}),
        hypnogram=hypnogram,
        start=report.start,
        rules_name=report.settings["rules"]["name"],
        findings=(*about_sensors, *findings, *_about_estimate(hypnogram, name)),
    )


def _about_estimate(hypnogram: Hypnogram | None, name: str) -> tuple[Finding, ...]:
    """Return that the stages of a file are no scoring."""
    if hypnogram is None or not hypnogram.estimated_by:
        return ()
    return (Finding("warning", "stages.estimated", name, hypnogram.stages_from),)


def _kinds_in(events: Events) -> frozenset[str]:
    """Return the kinds in ``events`` that can be compared."""
    return frozenset(np.unique(events.kind).tolist()) & frozenset(COMPARED_KINDS)
