"""Two reviews of one night: sides of a comparison, and the start of a third, the consensus."""

import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from itertools import count

from psgkit.agreement.sources import COMPARED_KINDS, Scored, read_scored
from psgkit.core.finding import Finding
from psgkit.core.hypnogram import UNSCORED
from psgkit.core.message import translatable
from psgkit.errors import InputFileError
from psgkit.io.scoring.clocks import shift_of_file_s
from psgkit.io.scoring.stage_codes import StageCodes
from psgkit.review.apply import matched
from psgkit.review.marks import Mark, Scoring, Stages
from psgkit.review.rescore import events_of, hypnogram_of
from psgkit.review.review_file import Review, is_review_file, read_review


def read_scored_or_reviewed(
    path: str | os.PathLike[str],
    recording_start: datetime | None = None,
    codes: StageCodes | None = None,
) -> Scored:
    """Return one side of a comparison: the result of a review, or a scoring of any other format.

    Parameters and errors are those of ``psgkit.agreement.sources.read_scored``.

    Raises
    ------
    ReviewError
        If a line of a review is wrong.
    """
    if not is_review_file(path):
        return read_scored(path, recording_start, codes)
    return scored_of_review(read_review(path), recording_start)


def scored_of_review(review: Review, recording_start: datetime | None = None) -> Scored:
    """Return the marks and stages of a review as one side of a comparison.

    A reviewer looked for movements even if none are left; for other kinds only where some were
    found or marked.
    """
    shift_s, about_clock = shift_of_file_s(review.night.start, recording_start, review.name)
    marks = review.now.marks.values()
    events = events_of(mark for mark in marks if mark.counts)
    known = {mark.kind for mark in (*marks, *review.base.marks.values())} | {"lm"}
    stages = review.now.stages
    hypnogram = None
    if any(code != UNSCORED for code in stages.codes):
        moved = replace(stages, onset_s=stages.onset_s + shift_s)
        hypnogram = hypnogram_of(moved)
    return Scored(
        name=review.name,
        events=events.shifted(shift_s),
        states_kinds=frozenset(known) & frozenset(COMPARED_KINDS),
        hypnogram=hypnogram,
        start=review.night.start,
        findings=(*review.findings, *about_clock),
    )


def consensus_of(
    first: Review, second: Review, base: Scoring
) -> tuple[Scoring, tuple[Finding, ...]]:
    """Return the scoring with which the consensus of two reviews begins, and what differs.

    Marks that both have are accepted, with the span of the first.  Marks of one alone are
    undecided, with a comment that names who has them.  Epochs that differ are UNSCORED until
    someone decides.

    Parameters
    ----------
    first, second : Review
    base : Scoring
        Of the recording, before any change.

    Raises
    ------
    InputFileError
        If they are of different recordings.
    """
    for review in (first, second):
        if review.now.stages.epoch_s != base.stages.epoch_s or len(review.now.stages.codes) != len(
            base.stages.codes
        ):
            found = f"{len(review.now.stages.codes)} epochs of {review.now.stages.epoch_s:g} s"
            wanted = f"{len(base.stages.codes)} epochs of {base.stages.epoch_s:g} s, as recorded"
            raise InputFileError(review.name, found, wanted)
    if first.night.sha256 != second.night.sha256:
        found = f"reviews of {first.night.file} and {second.night.file}"
        raise InputFileError(f"{first.name} and {second.name}", found, "two of one recording")
    own, other = (
        {mark.id: mark for mark in review.now.marks.values() if mark.counts}
        for review in (first, second)
    )
    pairs = matched(own.values(), other.values())
    # marks keep their ids, so that it can be counted what the consensus changed
    marks = {**first.now.marks}
    for name, mark in own.items():
        both = name in pairs
        marks[name] = replace(mark, status="accepted") if both else _alone(mark, first)
    for mark in other.values():
        if mark.id in pairs.values():
            continue
        rejected = first.base == second.base and marks.get(mark.id)
        name = mark.id if rejected and not rejected.counts else _free(marks)
        kept = mark if name == mark.id else replace(mark, id=name, origin="added", found=None)
        marks[name] = _alone(kept, second)
    alone_n = len(own) + len(other) - 2 * len(pairs)
    stages, differ_n = _stages_of_both(first.now.stages, second.now.stages)
    message = translatable(
        f"both have {len(pairs)} marks, {alone_n} only one of them; {differ_n} epochs differ"
    )
    finding = Finding("info", "review.consensus", f"{first.name} and {second.name}", message)
    return Scoring(marks=marks, stages=stages, lights=first.now.lights), (finding,)


def _free(marks: Mapping[str, Mark]) -> str:
    return next(name for name in map("c{}".format, count(1)) if name not in marks)


def _alone(mark: Mark, review: Review) -> Mark:
    who = review.last[0]
    said = f"only {who}: {mark.comment}" if mark.comment else f"only {who}"
    return replace(mark, status="undecided", comment=said)


def _stages_of_both(first: Stages, second: Stages) -> tuple[Stages, int]:
    pairs = list(zip(first.codes, second.codes, strict=True))
    codes = tuple(one if one == other else UNSCORED for one, other in pairs)
    return replace(first, codes=codes), sum(one != other for one, other in pairs)
