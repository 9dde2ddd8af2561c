"""A review applied to a night read again, compared, decided between, and written when signed."""

from dataclasses import replace
from pathlib import Path

import pytest

from psgkit.agreement.comparison import compare_scorings
from psgkit.document.read import read_report
from psgkit.errors import InputFileError
from psgkit.night.files import NightChoice, NightFiles
from psgkit.review.apply import fitted, review_folder, reviewed_report_of_files
from psgkit.review.compare import read_scored_or_reviewed
from psgkit.review.finish import ANNOTATIONS_FILE, EVENTS_FILE, STAGES_FILE
from psgkit.review.marks import Scoring, Window
from psgkit.review.review_file import Review, read_review
from psgkit.review.walk import ReviewChoice, open_review
from psgkit.settings import Settings
from psgkit.simulate.files import write_night
from tests.night_store import kept_folder, simulated


def folder_of_night() -> Path:
    return kept_folder("night to review", _written)


def _written(path: Path) -> None:
    write_night(simulated("rls", hours=0.5), path)


def files_of(folder: Path, review: Path | None = None) -> NightFiles:
    return NightFiles(
        hypnogram=folder / "hypnogram.csv", events=folder / "events.csv", review=review
    )


@pytest.fixture
def signed(tmp_path: Path) -> Path:
    """Return the folder of a review with four changes, signed."""
    folder = folder_of_night()
    chosen = ReviewChoice(files=files_of(folder), scorer="AB", folder=tmp_path)
    session = open_review(folder / "night.edf", chosen)
    moved = [mark["id"] for mark in session.state()["marks"] if mark["kind"] == "lm"]
    session.apply({"action": "reject", "id": moved[0]})
    session.apply({"action": "accept", "id": moved[1]})
    session.apply({"action": "add", "kind": "lm", "site": "left_leg", "onset_s": 2, "end_s": 4})
    session.apply({"action": "stage", "first_epoch": 3, "codes": ["R", "R"]})
    session.sign("done")
    session.close()
    return tmp_path


def test_the_signed_report_is_the_report_with_the_review(signed: Path) -> None:
    folder = folder_of_night()
    again = reviewed_report_of_files(
        folder / "night.edf", files_of(folder, signed / "review.jsonl"), NightChoice()
    )
    written = read_report(signed / "report.json")
    assert written.reviewed is not None
    assert again.reviewed is not None
    assert dict(again.reviewed.changes) == dict(written.reviewed.changes)
    assert again.reviewed.changes["movements_changed_n"] == 2
    assert again.reviewed.changes["epochs_changed_n"] == 2
    assert again.reviewed.signed
    assert {name: one.value for name, one in again.indices["legs"].items()} == {
        name: pytest.approx(one.value) for name, one in written.indices["legs"].items()
    }
    assert not [one for one in again.findings if one.code.startswith("review.")]
    page = (signed / "report.html").read_text(encoding="utf-8")
    assert "2 of " in page
    assert "not yet reviewed" not in page


def test_the_signed_files_score_alike(signed: Path) -> None:
    from psgkit.document.scoring import read_any_scoring
    from psgkit.night.scored import score_night

    events = read_any_scoring(signed / EVENTS_FILE).events
    stages = read_any_scoring(signed / STAGES_FILE, wanted="stages").hypnogram
    assert events is not None
    written = read_report(signed / "report.json")
    scored = score_night(events, stages, duration_s=written.duration_s)
    for name in ("plms_index", "plmw_index", "lm_n", "plm_n", "series_n", "imi_log_mean_s"):
        own, other = written.indices["legs"][name], scored.indices["legs"][name]
        assert own.value == pytest.approx(other.value)
    assert (signed / ANNOTATIONS_FILE).stat().st_size > 0


def test_other_settings_apply_a_review_by_time_and_count_what_no_longer_fits(signed: Path) -> None:
    folder = folder_of_night()
    settings = Settings()
    rule = replace(settings.emg.rule, onset_above_rest_uv=60.0, offset_above_rest_uv=30.0)
    changed = replace(settings, emg=replace(settings.emg, rule=rule))
    review = read_review(signed / "review.jsonl")
    found = reviewed_report_of_files(
        folder / "night.edf",
        files_of(folder, signed / "review.jsonl"),
        NightChoice(settings=changed),
    )
    codes = {one.code: one.message for one in found.findings if one.code.startswith("review.")}
    assert "review.by_time" in codes
    assert {"review.gone", "review.kept", "review.rejected"} & codes.keys()
    onsets = found.movements.movements.onset_s
    assert 2.0 in onsets
    assert len(review.base.marks) > 0


def test_a_review_of_another_night_is_refused(signed: Path) -> None:
    review = read_review(signed / "review.jsonl")
    short = replace(review.night, sha256="1" * 64, duration_s=1.0)
    with pytest.raises(InputFileError, match="outside the recording"):
        fitted(
            review,
            Scoring(marks={}, stages=review.base.stages, lights=Window(off_s=0, on_s=1)),
            short,
        )


def blind_of(folder: Path, out: Path) -> Review:
    """Return the review of a second scorer, who marked two movements without seeing any."""
    chosen = ReviewChoice(files=files_of(folder), scorer="CD", folder=out, blind=True)
    session = open_review(folder / "night.edf", chosen)
    assert not [mark for mark in session.state()["marks"] if mark["kind"] == "lm"]
    assert session.state()["indices"]["before"] == {}
    for at in (2.1, 300.0):
        mark = {"kind": "lm", "site": "left_leg", "onset_s": at, "end_s": at + 2}
        session.apply({"action": "add", **mark})
    session.close()
    return read_review(out / "review_blind_CD.jsonl")


def test_two_reviews_are_compared_and_decided_between(signed: Path) -> None:
    folder = folder_of_night()
    blind = blind_of(folder, signed)
    assert blind.night.blind
    both = [
        read_scored_or_reviewed(signed / name) for name in ("review.jsonl", "review_blind_CD.jsonl")
    ]
    found = compare_scorings(*both)
    row = next(one for one in found["events"] if one["kind"] == "lm" and one["site"] is None)
    assert row["candidate_n"] == 2
    assert row["onset"]["matched_n"] >= 1
    assert found["stages"]["compared_n"] == 60
    chosen = ReviewChoice(
        files=files_of(folder),
        scorer="EF",
        folder=signed,
        consensus=(signed / "review.jsonl", signed / "review_blind_CD.jsonl"),
    )
    session = open_review(folder / "night.edf", chosen)
    marks = session.state()["marks"]
    said = [mark["comment"] for mark in marks if mark["status"] == "undecided"]
    assert "only AB" in said
    assert [mark["status"] for mark in marks if mark["onset_s"] == 2.0] == ["accepted"]
    assert session.state()["stages"]["codes"][3] == "UNSCORED"
    assert [one.code for one in session.findings] == ["review.consensus"]
    session.close()


def test_a_batch_takes_the_review_beside_a_recording() -> None:
    assert review_folder(Path("a/night.edf")) == Path("a/night_review")
