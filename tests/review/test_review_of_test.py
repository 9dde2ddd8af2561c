"""A review of a recording with an immobilisation test or a rest test: its indices follow."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from psgkit.night.files import NightFiles
from psgkit.review.session import ReviewSession
from psgkit.review.walk import ReviewChoice, open_review
from psgkit.simulate.files import write_night
from tests.night_store import kept_folder, simulated

Command = Callable[..., tuple[int, str, str]]
PARTS = "posture,from,to,session\nlying,{},{},evening\nseated,{},{},evening\n"


@pytest.fixture(scope="module")
def night() -> Path:
    return kept_folder("a rest to review", fill)


def fill(folder: Path) -> None:
    write_night(simulated("rls", hours=0.6), folder)
    # awake, or no movement counts
    (folder / "awake.csv").write_text(
        "onset_s,duration_s,stage\n" + "".join(f"{30 * k},30,W\n" for k in range(72))
    )


def reviewed(night: Path, folder: Path) -> ReviewSession:
    files = NightFiles(hypnogram=night / "awake.csv")
    chosen = ReviewChoice(files=files, scorer="AB", folder=folder)
    return open_review(night / "night.edf", chosen)


def legs(session: ReviewSession) -> list[str]:
    marks = session.scoring.marks.values()
    return [one.id for one in marks if one.kind == "lm" and one.onset_s < 1700.0]


def command(night: Path, protocol: str, *more: object) -> list[str]:
    names = ("report", night / "night.edf", "--hypnogram", night / "awake.csv")
    return [str(one) for one in (*names, "--protocol", protocol, *more, "--json")]


def clock_of(session: ReviewSession, seconds: float) -> str:
    from datetime import timedelta

    start = session.recording.start
    assert start is not None
    return (start + timedelta(seconds=seconds)).strftime("%H:%M:%S")


def test_rejected_movements_are_gone_from_the_test_and_it_says_who_reviewed(
    night: Path, tmp_path: Path, psgkit: Command
) -> None:
    session = reviewed(night, tmp_path)
    names = legs(session)
    bounds = ("--from", clock_of(session, 0.0), "--to", clock_of(session, 1800.0))
    for name in names:
        session.apply({"action": "reject", "id": name})
    session.apply({"action": "lights", "off_s": 60.0, "on_s": 2000.0})
    session.close()
    plain = found(psgkit, command(night, "sit", *bounds))
    after = found(psgkit, command(night, "sit", *bounds, "--review", tmp_path / "review.jsonl"))
    assert plain["indices"]["legs"]["lm_n"]["value"] > 0
    assert after["indices"]["legs"]["lm_n"]["value"] == 0
    assert plain["reviewed"] is None
    assert after["reviewed"]["by"] == "AB"
    assert after["reviewed"]["changes"]["movements_changed_n"] == len(names)
    assert "review.lights_of_test" in {one["code"] for one in after["findings"]}


def found(psgkit: Command, words: list[str]) -> dict[str, Any]:
    code, out, err = psgkit(*words)
    assert code == 0, err
    read: dict[str, Any] = json.loads(out)
    return read


def test_a_review_without_changes_changes_no_number(
    night: Path, tmp_path: Path, psgkit: Command
) -> None:
    session = reviewed(night, tmp_path)
    bounds = ("--from", clock_of(session, 0.0), "--to", clock_of(session, 1800.0))
    session.close()
    plain = found(psgkit, command(night, "msit", *bounds))
    after = found(psgkit, command(night, "msit", *bounds, "--review", tmp_path / "review.jsonl"))
    assert after["indices"] == plain["indices"]
    assert after["movements"] == plain["movements"]
    codes = [sorted(one["code"] for one in report["findings"]) for report in (plain, after)]
    assert codes[0] == codes[1]


def test_stages_and_artefacts_of_the_review_take_time_from_the_test(
    night: Path, tmp_path: Path, psgkit: Command
) -> None:
    session = reviewed(night, tmp_path)
    bounds = ("--from", clock_of(session, 0.0), "--to", clock_of(session, 1800.0))
    session.apply({"action": "stage", "first_epoch": 0, "codes": ["N1"] * 20})
    span = {"onset_s": 900.0, "end_s": 1200.0}
    session.apply({"action": "add", "kind": "artifact", "site": "both_legs", **span})
    session.close()
    after = found(psgkit, command(night, "sit", *bounds, "--review", tmp_path / "review.jsonl"))
    assert after["protocol"]["awake_s"] == 1200.0
    rate = after["indices"]["legs"]["lm_index"]
    assert rate["denominator_h"] == pytest.approx(900 / 3600, abs=0.02)


def test_a_rest_test_takes_the_review_too(night: Path, tmp_path: Path, psgkit: Command) -> None:
    session = reviewed(night, tmp_path)
    for name in legs(session):
        session.apply({"action": "reject", "id": name})
    at = [clock_of(session, one) for one in (0.0, 600.0, 700.0, 1600.0)]
    session.close()
    (tmp_path / "parts.csv").write_text(PARTS.format(*at))
    parts = ("--parts", tmp_path / "parts.csv")
    plain = found(psgkit, command(night, "rest-test", *parts))
    review = ("--review", tmp_path / "review.jsonl")
    after = found(psgkit, command(night, "rest-test", *parts, *review))
    counts = [
        [one["indices"]["legs"]["lm_n"]["value"] for one in report["parts"]]
        for report in (plain, after)
    ]
    assert sum(counts[0]) > 0
    assert sum(counts[1]) == 0
    assert after["reviewed"]["by"] == "AB"


def test_a_night_has_its_review_and_a_test_beside_it(
    night: Path, tmp_path: Path, psgkit: Command
) -> None:
    session = reviewed(night, tmp_path)
    bounds = ("--from", clock_of(session, 0.0), "--to", clock_of(session, 1800.0))
    session.apply({"action": "reject", "id": legs(session)[0]})
    session.close()
    words = command(night, "sit", *bounds, "--review", tmp_path / "review.jsonl")[:-1]
    code, _out, err = psgkit(*words, "--out", str(tmp_path / "sit"))
    assert code == 0, err
    assert "reviewed by AB" in (tmp_path / "sit" / "sit.html").read_text(encoding="utf-8")
    beside = ("--sit", tmp_path / "sit" / "sit.json", "--review", tmp_path / "review.jsonl")
    names = ("report", night / "night.edf", "--hypnogram", night / "awake.csv", *beside, "--json")
    both = found(psgkit, [str(one) for one in names])
    assert both["reviewed"]["by"] == "AB"
    assert both["indices"]["sit"]
