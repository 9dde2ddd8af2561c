"""A session: changes, undo and redo, what a page shows, and scoring equal to ``psgkit score``."""

import random
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from psgkit.core.events import Events
from psgkit.document.write import night_as_dict
from psgkit.errors import ReviewError
from psgkit.night.scored import score_night
from psgkit.night.walk import report_of_measured
from psgkit.review import view
from psgkit.review.doubt import SCALES_S
from psgkit.review.marks import KINDS, MOVEMENT_SITES
from psgkit.review.rescore import Rescorer, events_of, hypnogram_of
from psgkit.review.review_file import read_review
from psgkit.review.session import ReviewSession
from tests.review.nights import base_of, measured, session_in

STAGES = ("W", "N1", "N2", "N3", "R")


def without_file(kind: str = "rls") -> ReviewSession:
    night = measured(kind)
    return ReviewSession.of(Rescorer(night=night, base=base_of(night)), "AB")


def random_change(session: ReviewSession, dice: random.Random) -> dict[str, Any]:
    """Return one change of any kind, as a scorer could make it."""
    marks = list(session.scoring.marks.values())
    mark = dice.choice(marks)
    onset_s = round(dice.uniform(0, 3500), 2)
    end_s = onset_s + round(dice.uniform(0.2, 12), 2)
    alike = [one.id for one in marks if (one.kind, one.site) == (mark.kind, mark.site)]
    first = dice.randrange(len(session.scoring.stages.codes) - 3)
    site = dice.choice(MOVEMENT_SITES)
    changes: list[dict[str, Any]] = [
        {"action": "accept", "id": mark.id},
        {"action": "reject", "id": mark.id},
        {"action": "reset", "id": mark.id},
        {"action": "comment", "id": mark.id, "text": f"look {onset_s}"},
        {"action": "add", "kind": "lm", "site": site, "onset_s": onset_s, "end_s": end_s},
        {"action": "add", "kind": dice.choice(KINDS[1:]), "onset_s": onset_s, "end_s": end_s},
        {"action": "move", "id": mark.id, "onset_s": onset_s, "end_s": end_s},
        {"action": "change", "id": mark.id, "kind": "lm", "site": site},
        {"action": "split", "id": mark.id, "at_s": (mark.onset_s + mark.end_s) / 2},
        {"action": "stage", "first_epoch": first, "codes": dice.choices(STAGES, k=3)},
        {"action": "lights", "off_s": dice.uniform(0, 900), "on_s": dice.uniform(2000, 3600)},
    ]
    if len(alike) > 1:
        changes.append({"action": "join", "ids": dice.sample(alike, 2)})
    return dice.choice(changes)


def rows(session: ReviewSession) -> dict[str, Any]:
    return night_as_dict(session.report)


def test_what_was_found_is_scored_as_without_a_review() -> None:
    assert rows(without_file()) == night_as_dict(report_of_measured(measured()))


def test_random_edits_and_as_many_undos_end_where_they_began(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    session = without_file()
    began, began_report = session.state(), rows(session)
    # every state is scored in other tests; here what counts is the last
    once = session.report
    with monkeypatch.context() as patch:
        patch.setattr(Rescorer, "report", lambda *_: once)
        patch.setattr(ReviewSession, "_mark_views", lambda _: {})
        for name in ("index_views", "caution_views"):
            patch.setattr(view, name, lambda _: {})
        dice = random.Random(17)
        for _ in range(1000):
            session.apply(random_change(session, dice))
        changed = session.scoring
        undone, left = 0, 1
        while left:
            left = session.undo()["history"]["undo"]
            undone += 1
        assert undone > 900
        assert session.scoring == session.base
        for _ in range(undone):
            session.redo()
        assert session.scoring == changed
        for _ in range(undone):
            session.undo()
    session.report = session.rescorer.report(session.scoring)
    assert rows(session) == began_report
    ended = session.state()
    assert {key: ended[key] for key in ("stages", "lights", "indices")} == {
        key: began[key] for key in ("stages", "lights", "indices")
    }


def test_deltas_lead_to_the_same_page_as_the_whole_state() -> None:
    session = without_file()
    page = {mark["id"]: mark for mark in session.state()["marks"]}
    dice = random.Random(5)
    for number in range(25):
        delta = session.undo() if number % 7 == 6 else session.apply(random_change(session, dice))
        for name in delta["removed"]:
            del page[name]
        page |= {mark["id"]: mark for mark in delta["marks"]}
        state = session.state()
        assert page == {mark["id"]: mark for mark in state["marks"]}
        assert delta["indices"]["after"] == state["indices"]["after"]
        assert delta["version"] == state["version"]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_corrected_night_equals_the_score_of_its_marks_in_every_column(seed: int) -> None:
    session = without_file()
    dice = random.Random(seed)
    for _ in range(40):
        session.apply(random_change(session, dice))
    lights = session.scoring.lights
    ends = Events.of(
        [lights.off_s, lights.on_s],
        [lights.off_s, lights.on_s],
        ["lights_off", "lights_on"],
        ["", ""],
    )
    marks = [mark for mark in session.scoring.marks.values() if mark.counts]
    # what lies in a large movement is no movement of an arm or of the trunk by itself
    scored = score_night(
        events_of(marks).joined_with(ends),
        hypnogram_of(session.scoring.stages),
        duration_s=session.report.duration_s,
    )
    legs = ("left_leg", "right_leg", "both_legs")
    own, other = (
        report.movements.where(np.isin(report.movements.movements.site, legs)).to_frame()
        for report in (session.report, scored)
    )
    measured_only = ["amplitude", "amplitude_unit", "intensity", "channels", "modality"]
    measured_only += ["series", "series_nr"]
    assert own.drop(columns=measured_only).equals(other.drop(columns=measured_only))
    for column in ("series", "series_nr"):
        assert own[column].rank(method="dense").equals(other[column].rank(method="dense"))
    assert {name: index.value for name, index in session.report.indices["legs"].items()} == {
        name: index.value for name, index in scored.indices["legs"].items()
    }
    assert session.report.indices["sleep"] == scored.indices["sleep"]


def test_what_counts_already_is_not_scored_again_when_it_is_accepted() -> None:
    session = without_file()
    mark = next(mark for mark in session.scoring.marks.values() if mark.kind == "lm")
    before = session.report
    delta = session.apply({"action": "accept", "id": mark.id})
    assert session.report is before
    assert [one["status"] for one in delta["marks"]] == ["accepted"]
    session.apply({"action": "reject", "id": mark.id})
    assert session.report is not before
    session.apply({"action": "accept", "id": mark.id})
    assert rows(session) == night_as_dict(before)


def test_an_artefact_takes_its_time_and_its_movements_out() -> None:
    session = without_file()
    before = session.report.indices["legs"]["plm_index_recording"]
    delta = session.apply(
        {"action": "add", "kind": "artifact", "site": "both_legs", "onset_s": 0.0, "end_s": 1800.0}
    )
    after = session.report.indices["legs"]["plm_index_recording"]
    assert before.denominator_h == pytest.approx(1.0)
    assert after.denominator_h == pytest.approx(0.5)
    hidden = [mark for mark in delta["marks"] if "artefact" in mark["flags"]]
    assert hidden
    assert not any(mark["candidate"] or mark["plm"] for mark in hidden)
    assert session.report.movements.movements.onset_s.min() > 1800.0
    # at one leg it leaves the other observed
    session.undo()
    session.apply(
        {"action": "add", "kind": "artifact", "site": "left_leg", "onset_s": 0.0, "end_s": 1800.0}
    )
    one = session.report.indices["legs"]["plm_index_recording"]
    assert one.denominator_h == pytest.approx(1.0)
    assert (
        "left_leg"
        not in session.report.movements.where(
            session.report.movements.movements.onset_s < 1700
        ).movements.site.tolist()
    )


WRONG = {
    "no action": {},
    "unknown action": {"action": "explode"},
    "unknown id": {"action": "accept", "id": "m999999"},
    "id of another type": {"action": "accept", "id": ["m1"]},
    "end before onset": {"action": "move", "id": "m1", "onset_s": 9, "end_s": 8},
    "no length": {"action": "move", "id": "m1", "onset_s": 9, "end_s": 9},
    "outside": {"action": "move", "id": "m1", "onset_s": -1, "end_s": 8},
    "after the end": {
        "action": "add",
        "kind": "lm",
        "site": "left_leg",
        "onset_s": 1,
        "end_s": 1e6,
    },
    "not finite": {"action": "move", "id": "m1", "onset_s": float("nan"), "end_s": 8},
    "huge": {"action": "move", "id": "m1", "onset_s": 10**400, "end_s": 8},
    "true is no number": {"action": "move", "id": "m1", "onset_s": True, "end_s": 8},
    "movement without a site": {"action": "add", "kind": "lm", "onset_s": 1, "end_s": 2},
    "unknown kind": {"action": "add", "kind": "snore", "onset_s": 1, "end_s": 2},
    "split outside": {"action": "split", "id": "m1", "at_s": 3599},
    "join of one": {"action": "join", "ids": ["m1", "m1"]},
    "unknown stage": {"action": "stage", "first_epoch": 0, "codes": ["N9"]},
    "too many stages": {"action": "stage", "first_epoch": 119, "codes": ["W", "W", "W", "W"]},
    "lights on before off": {"action": "lights", "off_s": 200, "on_s": 100},
    "long comment": {"action": "comment", "id": "m1", "text": "x" * 9999},
    "neither kind nor site": {"action": "change", "id": "m1"},
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_change_is_refused_and_changes_nothing(name: str) -> None:
    session = without_file()
    before = session.scoring
    with pytest.raises(ReviewError, match=r"found .* wanted"):
        session.apply(WRONG[name])
    assert session.scoring is before
    assert session.state()["history"] == {"undo": 0, "redo": 0}


def test_nothing_to_undo_is_said(tmp_path: Path) -> None:
    session = session_in(tmp_path)
    with pytest.raises(ReviewError, match="nothing to undo"):
        session.undo()
    with pytest.raises(ReviewError, match="nothing to redo"):
        session.redo()
    session.close()


def test_who_signs_may_give_another_name_than_the_one_who_began(tmp_path: Path) -> None:
    session = session_in(tmp_path, "root")
    session.folder = tmp_path / "signed"
    mark = next(iter(session.scoring.marks))
    session.apply({"action": "accept", "id": mark})
    assert session.sign("", " A. Meier ")["reviewed"]["by"] == "A. Meier"
    session.apply({"action": "reject", "id": mark})
    session.close()
    review = read_review(tmp_path / "review.jsonl")
    assert review.scorers == ("root", "A. Meier")
    assert review.last[0] == "A. Meier"


@pytest.mark.parametrize("by", [5, "x" * 201, None])
def test_a_name_that_is_none_signs_nothing(tmp_path: Path, by: Any) -> None:  # noqa: ANN401
    session = session_in(tmp_path)
    session.folder = tmp_path / "signed"
    with pytest.raises(ReviewError):
        session.sign("", by)
    session.close()
    assert read_review(tmp_path / "review.jsonl").signed is None


def test_every_rule_of_a_margin_has_words_on_the_page() -> None:
    script = files("psgkit.review").joinpath("page", "panel.js").read_text("utf-8")
    said = script[script.index("const RULES = {") : script.index("};", script.index("const RULES"))]
    for rule in (*SCALES_S, "amplitude", "series"):
        assert f"{rule}: [_(" in said, rule
