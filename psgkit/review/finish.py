"""What a signed review writes: the report, the finished scoring as a table, and as EDF+.

``reviewed_events.csv`` holds everything ``psgkit score`` needs to score the night again: movements,
other events, lights, and the time in which no movement could be seen (kind ``artifact``).
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from psgkit._version import __version__
from psgkit.analysis.artefacts import without_artefacts
from psgkit.core.events import Events
from psgkit.core.intervals import complement
from psgkit.core.lab import Letterhead
from psgkit.core.night_report import NightReport
from psgkit.core.reviewed import Reviewed
from psgkit.core.site import GROUP_SITES
from psgkit.core.stage_source import is_estimate
from psgkit.core.trace import NightTrace
from psgkit.review.marks import ALL_KINDS, MOVEMENT_KINDS, Mark, Scoring
from psgkit.review.rescore import Rescorer, corrected, events_of, hypnogram_of
from psgkit.review.review_file import Signature

EVENTS_FILE = "reviewed_events.csv"
STAGES_FILE = "reviewed_stages.csv"
ANNOTATIONS_FILE = "reviewed_annotations.edf"
_WHOLE_GROUP = {"legs": "both_legs", "arms": "both_arms", "trunk": "trunk"}


def counts_of(base: Scoring, now: Scoring) -> dict[str, int]:
    """Return how much of a scoring a review changed, by ``psgkit.core.reviewed.COUNTS``.

    A movement that was joined to another, or changed into another kind, counts as changed.
    """
    counts = {}
    every = {**base.marks, **now.marks}
    for name, is_movement in (("movements", True), ("events", False)):
        own = {key for key, mark in every.items() if _was_movement(mark) == is_movement}
        here = [now.marks[key] for key in own if key in now.marks]
        counts[f"{name}_n"] = sum(key in base.marks for key in own)
        counts[f"{name}_changed_n"] = len(own) - len(here) + sum(one.is_changed for one in here)
        if is_movement:
            counts["movements_undecided_n"] = sum(one.status == "undecided" for one in here)
    pairs = zip(base.stages.codes, now.stages.codes, strict=True)
    counts["epochs_n"] = len(base.stages.codes)
    counts["epochs_changed_n"] = sum(before != after for before, after in pairs)
    counts["lights_changed_n"] = int(base.lights != now.lights)
    return counts


def _was_movement(mark: Mark) -> bool:
    """Return whether a mark was found, or added, as a movement."""
    return (mark.found or mark.now).kind in MOVEMENT_KINDS


def reviewed_by(
    base: Scoring, now: Scoring, signature: Signature, *, signed: bool = True, blind: bool = False
) -> Reviewed:
    """Return who reviewed a night and how much was changed."""
    return Reviewed(
        by=signature.by,
        at=signature.at,
        version=__version__,
        changes=counts_of(base, now),
        signed=signed,
        blind=blind,
        comment=signature.comment,
    )


def finished_events(rescorer: Rescorer, scoring: Scoring, report: NightReport) -> Events:
    """Return a finished scoring as a table that ``psgkit score`` scores alike."""
    counted = [mark for mark in scoring.marks.values() if mark.counts]
    kept = rescorer.night.scorer.events
    others = kept.where(~np.isin(kept.kind, [*ALL_KINDS, "lights_off", "lights_on"]))
    rows = [*_lights(report), *_unseen(rescorer, scoring)]
    added = Events.of(
        [row[0] for row in rows],
        [row[1] for row in rows],
        [row[2] for row in rows],
        [row[3] for row in rows],
    )
    return events_of(counted).joined_with(others).joined_with(added)


_Row = tuple[float, float, str, str]


def _lights(report: NightReport) -> Iterator[_Row]:
    lights = report.lights
    if lights.off_is_stated:
        yield lights.off_s, lights.off_s, "lights_off", ""
    if lights.on_is_stated:
        yield lights.on_s, lights.on_s, "lights_on", ""


def _unseen(rescorer: Rescorer, scoring: Scoring) -> Iterator[_Row]:
    """Yield the time in which no movement of a group could be seen."""
    night = corrected(rescorer.night, scoring, rescorer.base)
    duration_s = night.recording.duration_s
    groups = without_artefacts(night.detected, night.scorer.events, duration_s)
    for name in GROUP_SITES:
        if groups[name].reason:
            continue
        for onset_s, end_s in complement(groups[name].observed, 0.0, duration_s).tolist():
            yield onset_s, end_s, "artifact", _WHOLE_GROUP[name]


def write_finished(
    rescorer: Rescorer,
    scoring: Scoring,
    report: NightReport,
    folder: Path,
    trace: NightTrace | None = None,
    letterhead: Letterhead | None = None,
) -> list[Path]:
    """Write report and finished scoring into ``folder`` and return the files.

    Parameters
    ----------
    report : NightReport
        Of ``scoring``, with who reviewed it.

    Raises
    ------
    PsgkitError
        If the folder cannot be written to, or EDF cannot hold the marks.
    """
    from psgkit.report.exchange.edf import annotations_alone
    from psgkit.report.write import write_contents, write_report

    events = finished_events(rescorer, scoring, report).to_frame().to_csv(index=False)
    contents = {EVENTS_FILE: events.encode(), ANNOTATIONS_FILE: annotations_alone(report)}
    if report.hypnogram is not None:
        table = hypnogram_of(scoring.stages).to_frame()
        if is_estimate(report.stages_from):
            table["scorer"] = report.stages_from
        stages = table.to_csv(index=False)
        contents[STAGES_FILE] = stages.encode()
    written = write_contents(contents, folder)
    return [*written, *write_report(report, folder, trace, letterhead=letterhead)]
