"""Movements of accelerometers in a review: marked, corrected, kept, and scored again."""

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from psgkit.document.write import night_as_dict
from psgkit.errors import ReviewError
from psgkit.night.scored import score_night
from psgkit.night.walk import MeasuredNight, report_of_measured
from psgkit.review.apply import corrected_by, fitted, night_facts
from psgkit.review.consensus import consensus_of
from psgkit.review.finish import finished_events
from psgkit.review.marks import SENSOR_KINDS, Mark, Scoring
from psgkit.review.rescore import Rescorer, hypnogram_of
from psgkit.review.review_file import read_review
from psgkit.review.session import ReviewSession
from psgkit.review.start import with_start
from tests.review.nights import base_of, measured, session_in

LEFT, RIGHT = "left_ankle", "right_ankle"


@cache
def night() -> MeasuredNight:
    return measured("akathisia")


def without_file() -> ReviewSession:
    return ReviewSession.of(Rescorer(night=night(), base=base_of(night())), "AB")


def of_sensor(scoring: Scoring, name: str = LEFT, kind: str = SENSOR_KINDS[0]) -> list[Mark]:
    return [one for one in scoring.marks.values() if one.sensor == name and one.kind == kind]


def jerks_n(session: ReviewSession, name: str = LEFT) -> float | None:
    return session.report.indices[f"accelerometer_{name}"]["lm_n"].value


def alone(session: ReviewSession) -> Mark:
    """Return a jerk that counts by itself: rejecting it changes the count by one."""
    views = {one["id"]: one for one in session.state()["marks"]}
    return next(one for one in of_sensor(session.scoring) if views[one.id]["candidate"])


def test_each_jerk_and_gross_movement_is_a_mark_and_the_night_scores_as_without_a_review() -> None:
    session = without_file()
    for name, group in night().motion.groups.items():
        sensor = name.removeprefix("accelerometer_")
        jerks, gross = (of_sensor(session.base, sensor, kind) for kind in SENSOR_KINDS)
        assert [one.onset_s for one in jerks] == group.movements.onset_s.tolist()
        assert [one.end_s for one in gross] == group.gross.end_s.tolist()
    assert of_sensor(session.base)
    assert of_sensor(session.base, kind="gross_movement")
    assert night_as_dict(session.report) == night_as_dict(report_of_measured(night()))


def test_a_rejected_jerk_counts_no_more_and_legs_stay_as_they_were() -> None:
    session = without_file()
    before, legs = jerks_n(session), session.report.indices["legs"]
    assert before is not None
    session.apply({"action": "reject", "id": alone(session).id})
    assert jerks_n(session) == before - 1
    assert session.report.indices["legs"] == legs
    session.undo()
    assert jerks_n(session) == before
    assert night_as_dict(session.report) == night_as_dict(session.before)


def test_a_jerk_is_added_moved_sent_to_the_other_ankle_and_taken_back() -> None:
    session = without_file()
    n = {name: len(of_sensor(session.scoring, name)) for name in (LEFT, RIGHT)}
    delta = session.apply(
        {"action": "add", "kind": SENSOR_KINDS[0], "sensor": LEFT, "onset_s": 30.0, "end_s": 32.0}
    )
    (made,) = (one for one in delta["marks"] if one["origin"] == "added")
    assert (made["site"], made["sensor"]) == ("left_leg", LEFT)
    span = {"onset_s": 30.5, "end_s": 32.5}
    session.apply({"action": "move", "id": made["id"], **span})
    session.apply({"action": "change", "id": made["id"], "sensor": RIGHT})
    mark = session.scoring.marks[made["id"]]
    assert (mark.site, mark.sensor, mark.channels) == (
        "right_leg",
        RIGHT,
        session.sensors[RIGHT].channels,
    )
    assert len(of_sensor(session.scoring, RIGHT)) == n[RIGHT] + 1
    moved = session.report.movements.movements
    assert ((moved.onset_s == span["onset_s"]) & (moved.modality == "accelerometer")).sum() == 1
    for _ in range(3):
        session.undo()
    assert session.scoring == session.base


def test_a_detected_jerk_goes_back_to_its_own_ankle() -> None:
    session = without_file()
    mark = of_sensor(session.scoring)[0]
    session.apply({"action": "change", "id": mark.id, "sensor": RIGHT})
    session.apply({"action": "reset", "id": mark.id})
    assert session.scoring == session.base


def test_a_jerk_called_gross_ends_series_and_is_no_jerk_any_more() -> None:
    session = without_file()
    before = jerks_n(session)
    assert before is not None
    session.apply({"action": "change", "id": alone(session).id, "kind": "gross_movement"})
    assert jerks_n(session) == before - 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"action": "add", "kind": "accelerometer_movement", "sensor": "nose"}, "change: sensor"),
        ({"action": "add", "kind": "gross_movement"}, "change: sensor"),
        ({"action": "change", "kind": "lm"}, "change: kind"),
        ({"action": "change", "kind": "artifact"}, "change: kind"),
        ({"action": "change", "site": "right_leg"}, "change: site"),
        ({"action": "change", "sensor": 5}, "change: sensor"),
    ],
)
def test_what_no_accelerometer_of_the_night_can_have_is_refused(
    change: dict[str, Any], field: str
) -> None:
    session = without_file()
    own = {"id": of_sensor(session.scoring)[0].id, "onset_s": 3.0, "end_s": 4.0}
    with pytest.raises(ReviewError) as caught:
        session.apply({**own, **change})
    assert caught.value.where == field
    assert session.scoring is session.base


def test_a_movement_in_emg_does_not_become_one_of_an_accelerometer() -> None:
    session = without_file()
    mark = next(one for one in session.scoring.marks.values() if one.kind == "lm")
    with pytest.raises(ReviewError):
        session.apply({"action": "change", "id": mark.id, "kind": "accelerometer_movement"})


def test_marks_of_two_accelerometers_are_not_joined() -> None:
    session = without_file()
    ids = [of_sensor(session.scoring, name)[0].id for name in (LEFT, RIGHT)]
    with pytest.raises(ReviewError):
        session.apply({"action": "join", "ids": ids})


def test_jerks_are_ranked_by_their_margin() -> None:
    views = [one for one in without_file().state()["marks"] if one["sensor"] == LEFT]
    doubtful = [one for one in views if one["doubt"] > 0]
    assert doubtful
    assert {"g"} >= {one["margin"]["unit"] for one in doubtful} - {"s", "movements"}
    assert any(one["plm"] or one["candidate"] for one in views)


def corrected(folder: Path) -> ReviewSession:
    """Return a session with changes of accelerometers, kept in ``folder``."""
    session = session_in(folder, kind="akathisia")
    first, second, *_ = of_sensor(session.scoring)
    session.apply({"action": "reject", "id": first.id})
    session.apply({"action": "change", "id": second.id, "sensor": RIGHT})
    session.apply(
        {"action": "add", "kind": SENSOR_KINDS[0], "sensor": LEFT, "onset_s": 50.0, "end_s": 52.0}
    )
    session.close()
    return session


def test_the_review_file_holds_them_and_a_report_with_it_counts_alike(tmp_path: Path) -> None:
    session = corrected(tmp_path)
    review = read_review(tmp_path / "review.jsonl")
    assert review.now == session.scoring
    report = corrected_by(review, night(), "0" * 64)
    assert report.indices == session.report.indices
    assert report.reviewed is not None
    assert report.reviewed.changes["movements_changed_n"] == 3
    assert not [one for one in report.findings if one.code.startswith("review.")]


def test_the_table_of_events_has_them_and_scores_as_the_session(tmp_path: Path) -> None:
    session = corrected(tmp_path)
    table = finished_events(session.rescorer, session.scoring, session.report)
    n = sum(one.counts for one in session.scoring.marks.values() if one.of_sensor)
    assert np.isin(table.kind, SENSOR_KINDS).sum() == n
    scored = score_night(
        table,
        hypnogram_of(session.scoring.stages),
        session.rescorer.night.settings,
        duration_s=session.recording.duration_s,
    )
    for name, index in scored.indices["legs"].items():
        assert index.value == session.report.indices["legs"][name].value, name


def test_a_review_made_before_accelerometers_were_marked_counts_them_as_found(
    tmp_path: Path,
) -> None:
    review = read_review(_older(tmp_path))
    facts = night_facts(night(), "0" * 64, blind=False)
    now, findings = fitted(review, base_of(night()), facts, night().motion.groups_by_sensor())
    assert [one.code for one in findings] == ["review.without_sensors"]
    rejected = [one for one in now.marks.values() if not one.counts]
    assert len(rejected) == 1
    assert of_sensor(now) == of_sensor(base_of(night()))


def _older(folder: Path) -> Path:
    """Return a review whose file has no marks of accelerometers, and one rejected movement."""
    session = session_in(folder, kind="akathisia")
    assert session.file is not None
    kept = {name: one for name, one in session.base.marks.items() if not one.of_sensor}
    base = replace(session.base, marks=kept)
    facts = night_facts(night(), "0" * 64, blind=False)
    session.file.append("start", **facts.as_dict(), base=base.as_dict(), now=base.as_dict())
    session.apply({"action": "reject", "id": next(iter(kept))})
    session.close()
    return folder / "review.jsonl"


def test_marks_of_an_accelerometer_that_is_not_there_now_are_counted(tmp_path: Path) -> None:
    corrected(tmp_path)
    review = read_review(tmp_path / "review.jsonl")
    base = base_of(night())
    kept = {name: one for name, one in base.marks.items() if one.sensor != LEFT}
    facts = night_facts(night(), "1" * 64, blind=False)
    there = night().motion.groups_by_sensor().keys() - {LEFT}
    now, findings = fitted(review, replace(base, marks=kept), facts, there)
    assert not of_sensor(now)
    said = {one.code: str(one.message) for one in findings}
    assert said["review.sensors"].startswith("1 marks of accelerometers")


def test_two_reviews_that_differ_in_a_jerk_have_a_consensus(tmp_path: Path) -> None:
    reviews = []
    for who in ("AB", "CD"):
        session = session_in(tmp_path / who, who, kind="akathisia")
        jerk = of_sensor(session.scoring)[0]
        span = {"onset_s": jerk.onset_s, "end_s": jerk.end_s + (0.0 if who == "AB" else 2.0)}
        session.apply({"action": "move", "id": jerk.id, **span})
        session.close()
        reviews.append(read_review(tmp_path / who / "review.jsonl"))
    found = consensus_of(reviews[0], reviews[1], base_of(night())).disagreements
    assert [one.kind for one in found.values() if one.marks[0]] in ([], ["edges"])


def test_the_page_of_a_report_knows_the_jerks_of_each_row() -> None:
    report = report_of_measured(night())
    base = base_of(night())
    facts = night_facts(night(), "0" * 64, blind=False)
    start = with_start(report, facts, base, base).review_start
    assert start is not None
    moved = report.movements.movements
    sensed = np.flatnonzero(moved.modality == "accelerometer")
    for row in sensed.tolist():
        own = [base.marks[name] for name in start.marks[row]]
        assert {name for one in own for name in one.channels} <= set(moved.channels[row])
    limbs = [row for row in sensed.tolist() if moved.site[row] != "whole_body"]
    assert limbs
    assert all(start.marks[row] for row in limbs)


def test_an_artefact_hides_an_accelerometer_also_where_no_jerk_is_left() -> None:
    session = without_file()
    group = f"accelerometer_{LEFT}"
    for mark in of_sensor(session.scoring):
        session.apply({"action": "reject", "id": mark.id})
    before = session.report.indices[group]["lm_index_recording"].denominator_h
    span = {"onset_s": 600.0, "end_s": 1200.0}
    session.apply({"action": "add", "kind": "artifact", "site": "left_leg", **span})
    after = session.report.indices[group]["lm_index_recording"].denominator_h
    assert before is not None
    assert after is not None
    assert before - after == pytest.approx(600 / 3600, abs=0.01)
