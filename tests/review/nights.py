"""Nights to review: simulated, measured once in a run."""

from functools import cache
from pathlib import Path

from psgkit.night.walk import MeasuredNight, measure_night
from psgkit.review.apply import night_facts
from psgkit.review.consensus import consensus_of
from psgkit.review.marks import Scoring
from psgkit.review.rescore import Rescorer, scoring_of
from psgkit.review.review_file import Review, open_for_review, read_review
from psgkit.review.session import ReviewSession
from psgkit.review.walk import begun
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


def reviews_in(folder: Path) -> tuple[Review, Review]:
    """Return two reviews of one night that differ in each way: AB's and CD's."""
    reviews = []
    for scorer in ("AB", "CD"):
        session = session_in(folder / scorer, scorer)
        moved = [mark for mark in session.scoring.marks.values() if mark.kind == "lm"]
        own = [mark for mark in moved if mark.site == "left_leg"]
        aroused = next(m for m in session.scoring.marks.values() if m.kind == "arousal")
        breath = {"onset_s": 1700.0, "end_s": 1715.0}
        if scorer == "AB":
            session.apply({"action": "reject", "id": own[0].id})
            session.apply({"action": "stage", "first_epoch": 10, "codes": ["N1", "N1", "R"]})
            session.apply({"action": "add", "kind": "apnea", **breath})
            session.apply({"action": "lights", "off_s": 30.0, "on_s": 3500.0})
        else:
            session.apply({"action": "reject", "id": own[1].id})
            span = {"onset_s": own[2].onset_s - 1.0, "end_s": own[2].end_s + 0.2}
            session.apply({"action": "move", "id": own[2].id, **span})
            span = {"onset_s": own[3].onset_s + 0.1, "end_s": own[3].end_s}
            session.apply({"action": "move", "id": own[3].id, **span})
            session.apply({"action": "change", "id": own[4].id, "site": "trunk"})
            session.apply({"action": "reject", "id": aroused.id})
            session.apply({"action": "add", "kind": "hypopnea", **breath})
            session.apply({"action": "stage", "first_epoch": 10, "codes": ["N2", "N2", "N2"]})
        session.close()
        reviews.append(read_review(folder / scorer / "review.jsonl"))
    return reviews[0], reviews[1]


def consensus_in(folder: Path, scorer: str = "EF") -> ReviewSession:
    """Return the consensus of two reviews; it goes on where its file ended."""
    night = measured()
    base = base_of(night)
    both = [folder / name / "review.jsonl" for name in ("AB", "CD")]
    pair = (read_review(both[0]), read_review(both[1])) if both[0].exists() else reviews_in(folder)
    consensus = consensus_of(*pair, base)
    file, review = open_for_review(folder / "review_consensus.jsonl", scorer)
    review = begun(file, review, base, night_facts(night, "0" * 64, blind=False), consensus)
    rescorer = Rescorer(night=night, base=base)
    return ReviewSession.of(
        rescorer, scorer, review, file=file, consensus=consensus, findings=review.findings
    )
