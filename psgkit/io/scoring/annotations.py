"""Stages and events in the annotations of a recording or of a scorer's EDF+ file."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import numpy as np

from psgkit.core.events import Events
from psgkit.core.finding import Finding
from psgkit.core.hypnogram import Hypnogram
from psgkit.core.message import translatable
from psgkit.core.recording import Annotations, Recording
from psgkit.core.site import Site
from psgkit.core.stage_source import program_in
from psgkit.errors import InputFileError, TableError
from psgkit.io.edf.annotations import MOST_ANNOTATIONS, TOO_MANY_ANNOTATIONS
from psgkit.io.scoring.clocks import shift_of_file_s
from psgkit.io.scoring.marks import Scoring, Wanted
from psgkit.io.scoring.stage_codes import OPTION, StageCodes, read_stages
from psgkit.io.scoring.stage_rows import StageRows, filled_durations_s, gridded
from psgkit.io.scoring.words import (
    LONGEST_TEXT,
    SITED_KINDS,
    kind_of_text,
    site_of_text,
    stage_of_annotation,
)
from psgkit.io.text.tables import MAX_TIME_S

EDF_FORMAT = "EDF+ annotations"


def scoring_of_recording(
    recording: Recording,
    recording_start: datetime | None = None,
    wanted: Wanted | None = None,
    codes: StageCodes | None = None,
) -> Scoring:
    """Return the scoring in the annotations of a scorer's file, aligned by clock.

    The times are shifted by the difference of the two starts when both are known.

    Parameters
    ----------
    recording : Recording
        The scorer's file.
    recording_start : datetime, optional
        Clock time of second 0 of the scored recording.
    wanted : str, optional
        ``stages`` or ``events``, to read only these and to refuse a file without them.
    codes : StageCodes, optional
        What words for stages mean.

    Raises
    ------
    InputFileError
        If the file has no annotations at all, or no stage among them where stages are wanted.
    TableError
        If most stages overlap or have an unknown word.
    """
    marks, where = recording.annotations, recording.source
    for finding in recording.findings:
        if finding.code == TOO_MANY_ANNOTATIONS:
            wanted_n = f"at most {MOST_ANNOTATIONS} annotations"
            advice = "Export stages and events alone, or give them as a table."
            raise InputFileError(where, finding.message, wanted_n, advice)
    shift_s, about_clock = shift_of_file_s(recording.start, recording_start, where)
    findings = [*recording.findings, *_unusable_findings(marks, where), *about_clock]
    hypnogram = events = None
    if wanted != "events":
        hypnogram, about_stages = staged_annotations(marks, shift_s, where, codes)
        if hypnogram is None and wanted == "stages":
            found = f"{len(marks)} annotations, none of them a sleep stage"
            advice = f'Say what its words mean, as in {OPTION} "A=W,B=N1".' if len(marks) else ""
            raise InputFileError(where, found, "annotations such as 'Sleep stage N2'", advice)
        findings += about_stages
    if wanted != "stages":
        if not len(marks):
            found = "a recording without annotations"
            raise InputFileError(where, found, "annotations or a table")
        events = events_from_annotations(marks, shift_s, codes)
        findings += moment_findings(events, where)
    has_stages_only = hypnogram is not None and events is not None and not len(events)
    return Scoring(
        hypnogram=hypnogram,
        events=None if has_stages_only else events,
        format=EDF_FORMAT,
        findings=tuple(dict.fromkeys(findings)),
        start=recording_start or recording.start,
    )


def hypnogram_from_annotations(
    annotations: Annotations, shift_s: float = 0.0, where: str = "annotations"
) -> Hypnogram | None:
    """Return the hypnogram in annotations, without the findings of ``staged_annotations``.

    Examples
    --------
    >>> marks = Annotations(
    ...     onset_s=(0.0, 90.0), duration_s=(0.0, 0.0), text=("Sleep stage W", "Sleep stage N1")
    ... )
    >>> hypnogram_from_annotations(marks).stages.tolist()
    ['W', 'W', 'W', 'N1']
    """
    return staged_annotations(annotations, shift_s, where)[0]


def staged_annotations(
    annotations: Annotations,
    shift_s: float = 0.0,
    where: str = "annotations",
    codes: StageCodes | None = None,
) -> tuple[Hypnogram | None, tuple[Finding, ...]]:
    """Return the hypnogram in annotations, None if none of them is a stage, and findings.

    An annotation without duration lasts until the next stage, the last one for an epoch of 30 s.
    If at least a quarter of the neighbours have the same stage, the file marks every epoch; then
    none lasts longer than the most frequent distance, so that unscored time is not filled.

    Parameters
    ----------
    annotations : Annotations
    shift_s : float
        Added to every onset.
    where : str
        Name of the file, for messages.
    codes : StageCodes, optional
        What words for stages mean.

    Raises
    ------
    TableError
        If most stages are not known or overlap.
    """
    found = _staged(annotations, codes)
    if not found:
        return None, ()
    spots = [f"annotation at {onset:g} s" for onset, _, _ in found]
    read = read_stages([word for _, _, word in found], spots, where, codes)
    onset_s = np.array([onset for onset, _, _ in found])
    duration_s = np.array([duration for _, duration, _ in found])
    findings = list(read.findings)
    if n_without := int((duration_s == 0).sum()):
        message = translatable(
            f"{n_without} stages have no duration and are taken to last until the next one"
        )
        findings.append(Finding("info", "hypnogram.no_duration", where, message))
    lasting_s = filled_durations_s(onset_s, duration_s, read.stages)
    kept = lasting_s > 0
    hypnogram, about_grid = gridded(
        StageRows(
            onset_s=onset_s[kept] + shift_s,
            duration_s=lasting_s[kept],
            stages=[stage for stage, keep in zip(read.stages, kept, strict=True) if keep],
            places=[spot for spot, keep in zip(spots, kept, strict=True) if keep],
            where=where,
        )
    )
    said = next(filter(None, map(program_in, annotations.text)), "")
    return replace(hypnogram, estimated_by=said), (*findings, *about_grid)


def events_from_annotations(
    annotations: Annotations, shift_s: float = 0.0, codes: StageCodes | None = None
) -> Events:
    """Return the annotations that are no sleep stages as events.

    An unknown text, or the beginning of a long one, is kept as the kind of its event.  A
    movement has the site of the channel after ``@@``.

    Examples
    --------
    >>> marks = Annotations(
    ...     onset_s=(0.0, 5.0), duration_s=(30.0, 2.0), text=("Sleep stage W", "LM@@EMG RAT")
    ... )
    >>> events_from_annotations(marks).to_frame().values.tolist()
    [[5.0, 2.0, 'lm', 'right_leg']]
    """
    rows = []
    for onset_s, duration_s, text in _usable_rows(annotations):
        if _is_stage(text) or (codes is not None and codes.stage(text) is not None):
            continue
        kind = kind_of_text(text)
        site = site_of_text(text) if kind in SITED_KINDS else Site.NONE
        # every kind takes the room of the longest, and a long text is a comment
        known = kind or text[:LONGEST_TEXT]
        rows.append((onset_s + shift_s, onset_s + shift_s + duration_s, known, site))
    if not rows:
        return Events.none()
    onset_s_of, end_s_of, kinds, sites = zip(*rows, strict=True)
    return Events.of(onset_s_of, end_s_of, kinds, sites)


def moment_findings(events: Events, where: str) -> tuple[Finding, ...]:
    """Return a finding on movements without duration."""
    n_moments = int(np.sum((events.kind == "lm") & (events.end_s <= events.onset_s)))
    if not n_moments:
        return ()
    message = translatable(f"{n_moments} movements last 0 s and are too short for every rule")
    return (Finding("warning", "events.no_duration", where, message),)


def _usable_rows(annotations: Annotations) -> Iterator[tuple[float, float, str]]:
    """Yield onset, duration and text of the annotations whose times are within thirty years."""
    rows = zip(annotations.onset_s, annotations.duration_s, annotations.text, strict=True)
    for onset_s, duration_s, text in rows:
        if abs(onset_s) <= MAX_TIME_S and 0 <= duration_s <= MAX_TIME_S:
            yield onset_s, duration_s, text


def _unusable_findings(annotations: Annotations, where: str) -> tuple[Finding, ...]:
    """Return a finding on annotations with impossible times."""
    n_dropped = len(annotations) - sum(1 for _ in _usable_rows(annotations))
    if not n_dropped:
        return ()
    message = translatable(
        f"{n_dropped} annotations have an impossible onset or duration and are left out"
    )
    return (Finding("warning", "annotations.time", where, message),)


def _staged(
    annotations: Annotations, codes: StageCodes | None = None
) -> list[tuple[float, float, str]]:
    """Return onset, duration and words of the annotations that state a stage, in time order, once.

    Known stages have their own name; codes and unknown words stay.
    """
    found = set()
    for onset_s, duration_s, text in _usable_rows(annotations):
        if codes is not None and codes.stage(text) is not None:
            found.add((onset_s, duration_s, text))
            continue
        try:
            stage = stage_of_annotation(text)
        except TableError:
            stage = text.split("@@", maxsplit=1)[0].strip()
        if stage is not None:
            found.add((onset_s, duration_s, stage))
    return sorted(found)


def _is_stage(text: str) -> bool:
    """Return whether an annotation states a sleep stage, known or not."""
    try:
        return stage_of_annotation(text) is not None
    except TableError:
        return True
