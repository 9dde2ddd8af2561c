"""Nights to review: simulated, measured once in a run."""

from functools import cache
from pathlib import Path

from psgkit.night.walk import MeasuredNight, measure_night
from psgkit.review.apply import night_facts
from psgkit.review.marks import Scoring
from psgkit.review.rescore import Rescorer, scoring_of
from psgkit.review.review_file import open_for_review
from psgkit.review.session import ReviewSession
from tests.night_store import simulated


@cache
def measured(kind: str = "rls", hours: float = 1.0) -> MeasuredNight:
    """Return a night with stages, arousals and leg movements, measured."""
    night = simulated(kind, hours=hours)
    return measure_night(night.recording, night.hypnogram, night.events)


def base_of(night: MeasuredNight) -> Scoring:
    """Return the scoring before any change."""
    return scoring_of(night)


def session_in(folder: Path, scorer: str = "AB", kind: str = "rls") -> ReviewSession:
    """Return a session whose file is in ``folder``; it goes on where the file ended."""
    night = measured(kind)
    file, review = open_for_review(folder / "review.jsonl", scorer)
    if review is None:
        facts = night_facts(night, "0" * 64, blind=False)
        file.append("start", **facts.as_dict(), base=base_of(night).as_dict())
    return ReviewSession.of(Rescorer(night=night, base=base_of(night)), scorer, review, file=file)
