"""Two reviews decided between: where they differ, what each decision does, undo and resuming."""

import random
from pathlib import Path

import pytest

from psgkit.core.hypnogram import UNSCORED
from psgkit.errors import InputFileError, ReviewError
from psgkit.review.consensus import EDGES_S, Consensus, consensus_of
from psgkit.review.marks import Mark, Scoring
from psgkit.review.session import ReviewSession
from tests.review.nights import base_of, consensus_in, measured, reviews_in
from tests.review.test_session import random_change


def of_kind(session: ReviewSession, kind: str) -> str:
    """Return the id of the first disagreement of a kind."""
    assert session.consensus is not None
    rows = session.consensus.disagreements.values()
    return next(one.id for one in rows if one.kind == kind)


def decide(session: ReviewSession, name: str, take: str) -> None:
    session.apply({"action": "decide", "id": name, "take": take})


def counted(scoring: Scoring) -> set[tuple[object, ...]]:
    """Return what is scored, whatever the marks are called."""
    return {
        (mark.kind, mark.site, mark.onset_s, mark.end_s)
        for mark in scoring.marks.values()
        if mark.counts
    }


def test_each_way_to_differ_is_one_disagreement(tmp_path: Path) -> None:
    first, second = reviews_in(tmp_path)
    found = consensus_of(first, second, base_of(measured()))
    kinds = sorted(one.kind for one in found.disagreements.values())
    # the epochs of 10 to 12 differ as N1 and N2, then as R and N2
    assert kinds == [
        "edges", "kind", "lights", "only_first", "only_first", "only_second", "site",
        "stages", "stages",
    ]  # fmt: skip
    onsets = [one.onset_s for one in found.disagreements.values()]
    assert onsets == sorted(onsets)
    assert found.names == ("AB", "CD")
    codes = found.start.stages.codes
    assert codes[10:13] == (UNSCORED,) * 3
    assert sum(code == UNSCORED for code in codes) == 3
    left = [mark for mark in found.start.marks.values() if mark.status == "undecided"]
    assert len(left) == 6


def test_edges_that_differ_by_less_than_the_bound_are_those_of_the_first(tmp_path: Path) -> None:
    first, second = reviews_in(tmp_path)
    found = consensus_of(first, second, base_of(measured()))
    moved = [mark for mark in first.now.marks.values() if mark.site == "left_leg"]
    name = next(m.id for m in moved if 0 < _apart(m, second.now.marks[m.id]) < EDGES_S)
    assert found.start.marks[name].status == "accepted"
    assert found.start.marks[name].now == first.now.marks[name].now


def _apart(mark: Mark, other: Mark) -> float:
    return max(abs(mark.onset_s - other.onset_s), abs(mark.end_s - other.end_s))


@pytest.mark.parametrize(("take", "side"), [("first", 0), ("second", 1)])
def test_taking_one_side_everywhere_is_its_scoring(tmp_path: Path, take: str, side: int) -> None:
    session = consensus_in(tmp_path)
    consensus: Consensus | None = session.consensus
    assert consensus is not None
    for name in consensus.disagreements:
        decide(session, name, take)
    theirs = consensus.reviews[side].now
    own = counted(session.scoring)
    if side:  # marks nearer than the bound keep the edges of the first
        assert len(own) == len(counted(theirs))
        assert len(own - counted(theirs)) == 1
    else:
        assert own == counted(theirs)
    assert session.scoring.stages == theirs.stages
    assert session.scoring.lights == theirs.lights
    state = session.state()
    assert len(state["decided"]) == len(consensus.disagreements)
    assert not [mark for mark in state["marks"] if mark["status"] == "undecided"]
    assert state["indices"]["sides"][0]["legs"] != state["indices"]["sides"][1]["legs"]
    session.close()


def test_both_and_neither(tmp_path: Path) -> None:
    session = consensus_in(tmp_path)
    assert session.consensus is not None
    rows = session.consensus.disagreements
    edges = rows[of_kind(session, "edges")]
    first, second = edges.marks
    assert first is not None
    assert second is not None
    decide(session, edges.id, "both")
    mark = session.scoring.marks[first.id]
    assert (mark.onset_s, mark.end_s) == (second.onset_s, second.end_s)
    site = rows[of_kind(session, "site")]
    decide(session, site.id, "both")
    marks = [session.scoring.marks[mark.id] for mark in site.marks if mark is not None]
    assert {mark.site for mark in marks if mark.status == "accepted"} == {"left_leg", "trunk"}
    decide(session, site.id, "neither")
    assert not session.scoring.marks[site.marks[0].id].counts  # type: ignore[union-attr]
    assert site.marks[1].id not in session.scoring.marks  # type: ignore[union-attr]
    alone = of_kind(session, "only_second")
    decide(session, alone, "neither")
    assert session.state()["decided"][alone] == "neither"
    decide(session, alone, "")
    assert alone not in session.state()["decided"]
    with pytest.raises(ReviewError, match="take"):
        decide(session, of_kind(session, "stages"), "both")
    with pytest.raises(ReviewError, match="disagreement"):
        decide(session, "d99", "first")
    session.close()


def test_what_is_corrected_by_hand_is_decided(tmp_path: Path) -> None:
    session = consensus_in(tmp_path)
    assert session.consensus is not None
    edges = session.consensus.disagreements[of_kind(session, "edges")]
    first = edges.marks[0]
    assert first is not None
    span = {"onset_s": first.onset_s, "end_s": first.end_s + 0.3}
    session.apply({"action": "comment", "id": first.id, "text": "see video"})
    assert session.state()["decided"] == {}
    session.apply({"action": "move", "id": first.id, **span})
    assert session.state()["decided"] == {edges.id: "own"}
    session.undo()
    assert session.state()["decided"] == {}
    stages = of_kind(session, "stages")
    session.apply({"action": "stage", "first_epoch": 10, "codes": ["N1"]})
    assert session.state()["decided"] == {}, "one of its two epochs is left"
    session.apply({"action": "stage", "first_epoch": 11, "codes": ["N2"]})
    assert session.state()["decided"] == {stages: "own"}
    session.close()


def test_random_decisions_undone_and_resumed(tmp_path: Path) -> None:
    session = consensus_in(tmp_path)
    began = session.scoring
    assert session.consensus is not None
    dice = random.Random(3)
    rows = list(session.consensus.disagreements.values())
    for _ in range(25):
        one = dice.choice(rows)
        change = {"action": "decide", "id": one.id, "take": dice.choice((*one.takes, ""))}
        session.apply(dice.choice([change, random_change(session, dice)]))
    changed, history = session.scoring, session.state()["history"]
    session.close()
    session = consensus_in(tmp_path)
    assert session.scoring == changed
    assert session.state()["history"] == history
    for _ in range(history["undo"]):
        session.undo()
    assert session.scoring == began
    session.close()


def test_a_consensus_of_reviews_that_changed_is_refused(tmp_path: Path) -> None:
    session = consensus_in(tmp_path)
    session.close()
    reviewed = tmp_path / "CD" / "review.jsonl"
    lines = reviewed.read_text("utf-8").splitlines(keepends=True)
    reviewed.write_text("".join(lines[:-1]), "utf-8")
    with pytest.raises(InputFileError, match=r"other reviews.*--anew"):
        consensus_in(tmp_path)


def test_a_signed_consensus_says_what_is_left(tmp_path: Path) -> None:
    session = consensus_in(tmp_path)
    session.folder = tmp_path / "signed"
    decide(session, "d1", "first")
    session.sign()
    session.close()
    text = (tmp_path / "signed" / "report.json").read_text("utf-8")
    assert "1 of 9 disagreements are decided" in text
