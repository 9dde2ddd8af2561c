"""Read a hypnogram from any file of a scorer, and from EDF+ annotations."""

from datetime import datetime

import numpy as np

from psgkit.core.finding import Finding
from psgkit.core.hypnogram import Hypnogram
from psgkit.core.recording import Annotations, Recording
from psgkit.errors import InputFileError
from psgkit.io.scoring.scored_annotations import clock_shift_s, unusable_findings, usable_rows
from psgkit.io.scoring.stage_rows import StageRows, filled_durations_s, hypnogram_from_rows
from psgkit.io.scoring.stage_words import stage_of_annotation


def hypnogram_of_recording(
    recording: Recording, recording_start: datetime | None = None
) -> tuple[Hypnogram, tuple[Finding, ...]]:
    """Return the hypnogram in the annotations of a scorer's file, aligned by clock.

    The times are shifted by the difference of the two starts when both are known.

    Raises
    ------
    InputFileError
        If no annotation is a stage.
    TableError
        If stages overlap, or one has an unknown word.
    """
    shift_s, about_clock = clock_shift_s(recording, recording_start)
    hypnogram = hypnogram_from_annotations(recording.annotations, shift_s, recording.source)
    if hypnogram is None:
        raise InputFileError(
            recording.source,
            f"{len(recording.annotations)} annotations, none of them a sleep stage",
            "annotations such as 'Sleep stage N2'",
        )
    findings = (*recording.findings, *unusable_findings(recording), *about_clock)
    return hypnogram, (*findings, *_duration_findings(recording))


def hypnogram_from_annotations(
    annotations: Annotations, shift_s: float = 0.0, where: str = "annotations"
) -> Hypnogram | None:
    """Return the hypnogram that annotations describe; None if none of them is a stage.

    An annotation without duration lasts until the next stage, the last one for an epoch of 30 s.
    If at least a quarter of the neighbours state the same stage the file marks every epoch; then
    none lasts longer than the commonest distance, so that a hole in the scoring is not filled.

    Parameters
    ----------
    annotations : Annotations
    shift_s : float
        Added to every onset.
    where : str
        Name of the file, for messages.

    Examples
    --------
    >>> marks = Annotations(
    ...     onset_s=(0.0, 90.0), duration_s=(0.0, 0.0), text=("Sleep stage W", "Sleep stage N1")
    ... )
    >>> hypnogram_from_annotations(marks).stages.tolist()
    ['W', 'W', 'W', 'N1']

    Raises
    ------
    TableError
        If a stage word is not known, or stages overlap.
    """
    found = _stage_rows(annotations)
    if not found:
        return None
    onset_s = np.array([onset for onset, _, _ in found])
    duration_s = np.array([duration for _, duration, _ in found])
    stages = [stage for _, _, stage in found]
    return hypnogram_from_rows(
        StageRows(
            onset_s=onset_s + shift_s,
            duration_s=filled_durations_s(onset_s, duration_s, stages),
            stages=stages,
            places=[f"annotation at {onset:g} s" for onset in onset_s],
            where=where,
        )
    )


def _stage_rows(annotations: Annotations) -> list[tuple[float, float, str]]:
    """Return onset, duration and stage of the annotations that state one, in time order, once."""
    found = [
        (onset_s, duration_s, stage)
        for onset_s, duration_s, text in usable_rows(annotations)
        if (stage := stage_of_annotation(text)) is not None
    ]
    return sorted(set(found))


def _duration_findings(recording: Recording) -> tuple[Finding, ...]:
    """Say how many stages had no duration."""
    n_without = sum(duration_s == 0 for _, duration_s, _ in _stage_rows(recording.annotations))
    if not n_without:
        return ()
    message = f"{n_without} stages have no duration and are taken to last until the next one"
    return (Finding("info", "hypnogram.no_duration", recording.source, message),)
