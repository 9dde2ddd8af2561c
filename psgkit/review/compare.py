"""A review as one side of a comparison."""

import os
from dataclasses import replace
from datetime import datetime

from psgkit.agreement.sources import COMPARED_KINDS, Scored, read_scored
from psgkit.core.hypnogram import UNSCORED
from psgkit.io.scoring.clocks import shift_of_file_s
from psgkit.io.scoring.stage_codes import StageCodes
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
