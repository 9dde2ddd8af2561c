"""Stages of a night on the clock of its recording, and whether they fit it."""

import numpy as np

from psgkit.core.caution import CautionRule
from psgkit.core.finding import Finding
from psgkit.core.hypnogram import UNSCORED, Hypnogram
from psgkit.core.message import translatable
from psgkit.core.recording import Recording
from psgkit.errors import TableError
from psgkit.io.scoring.annotations import hypnogram_from_annotations, staged_annotations
from psgkit.io.scoring.stage_codes import StageCodes
from psgkit.sleep.alignment import align, outside_findings
from psgkit.sleep.stage_agreement import compare_stages

_SAME_KAPPA = 0.999
_MOVED_KAPPA, _BETTER = 0.8, 0.15
"""Agreement, and gain, from which two hypnograms are one that was moved; psgkit's own choice."""
_FARTHEST_H = 3
_FEWEST_N = 40
"""Epochs that both scored, from which they are compared; psgkit's own choice."""


def stages_of(
    recording: Recording, given: Hypnogram | None, rule: CautionRule
) -> tuple[Hypnogram | None, tuple[Finding, ...]]:
    """Return the given stages, else those annotated in the recording, and how they fit it.

    Raises
    ------
    HypnogramError
        If the given stages are of another night; those of the recording itself never are.
    """
    own = given is None
    findings: list[Finding] = []
    stages = given
    if own:
        stages, about = usable_stages(recording)
        findings += about
    elif given is not None and not (given.stages != UNSCORED).any():
        return None, (_nothing_scored("hypnogram"),)
    if stages is not None and recording.duration_s:
        where = recording.source if own else "hypnogram"
        findings += outside_findings(stages, recording.duration_s, where)
        stages = align(stages, recording.duration_s, own=own)
    if not own and stages is not None:
        findings += _beside_annotated(recording, stages, rule)
    return stages, tuple(findings)


def given_estimate(given: Hypnogram | None) -> tuple[Finding, ...]:
    """Return that the given or annotated stages say that a program estimated them."""
    if given is None or not given.estimated_by:
        return ()
    message = translatable(
        f"estimated by {given.estimated_by}, not scored, as the file of the stages says"
    )
    return (Finding("warning", "staging.estimated", "stages", message),)


def usable_stages(
    recording: Recording, codes: StageCodes | None = None
) -> tuple[Hypnogram | None, tuple[Finding, ...]]:
    """Return the stages annotated in a recording; None, with a finding, if they cannot be used."""
    where = recording.source
    try:
        hypnogram, findings = staged_annotations(recording.annotations, where=where, codes=codes)
    except TableError as error:
        message = translatable(f"the annotated stages are not used: {error}")
        return None, (Finding("warning", "stages.unusable", where, message),)
    if hypnogram is not None and not (hypnogram.stages != UNSCORED).any():
        return None, (*findings, _nothing_scored(where))
    return hypnogram, findings


def _nothing_scored(where: str) -> Finding:
    message = translatable("no epoch has a stage: all are unscored")
    return Finding("warning", "stages.unusable", where, message)


def _beside_annotated(
    recording: Recording, given: Hypnogram, rule: CautionRule
) -> tuple[Finding, ...]:
    """Return how given stages agree with those annotated in the recording."""
    try:
        annotated = hypnogram_from_annotations(recording.annotations, where=recording.source)
    except TableError as error:
        message = translatable(
            f"the stages annotated in the recording cannot be compared with the given ones: {error}"
        )
        return (Finding("info", "stages.annotated", recording.source, message),)
    if annotated is None:
        return ()
    agreement = compare_stages(annotated, given)
    kappa, n = agreement.kappa, agreement.compared_n
    if kappa is None or n < _FEWEST_N or kappa >= _SAME_KAPPA:
        return ()
    moved_min = _moved_min(annotated, given, kappa)
    if moved_min is not None:
        message = translatable(
            f"the given stages agree with those annotated in the recording by a kappa of only "
            f"{kappa:.2f} ({n:.0f} epochs), and well when they are moved by {moved_min:g} min"
        )
    elif kappa < rule.min_kappa:
        message = translatable(
            f"the given stages agree with those annotated in the recording by a kappa of only "
            f"{kappa:.2f} ({n:.0f} epochs): they may be of another night"
        )
    else:
        message = translatable(
            f"the given stages agree with those annotated in the recording by a kappa of "
            f"{kappa:.2f} ({n:.0f} epochs); the given ones are used"
        )
        return (Finding("info", "stages.annotated", "hypnogram", message),)
    return (Finding("warning", "stages.annotated", "hypnogram", message),)


def _moved_min(annotated: Hypnogram, given: Hypnogram, kappa: float) -> float | None:
    """Return by how many minutes the given stages are off; None if no shift makes them agree."""
    wanted = max(_MOVED_KAPPA, kappa + _BETTER)
    if kappa >= _MOVED_KAPPA:
        return None
    most = round(60 * _FARTHEST_H * 60 / given.epoch_s)
    best, best_s = 0.0, 0.0
    for shift_s in sorted((np.arange(-most, most + 1) * given.epoch_s).tolist(), key=abs):
        moved = given.moved(shift_s)
        agreement = compare_stages(annotated, moved)
        if agreement.compared_n >= _FEWEST_N and (agreement.kappa or 0.0) > best + 1e-9:
            best, best_s = agreement.kappa or 0.0, shift_s
    return best_s / 60 if best >= wanted else None
