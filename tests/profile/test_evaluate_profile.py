"""The evaluation of the profile on simulated people runs, and says what it is."""

import csv
import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from psgkit.profile.answer.statement import answer_of_context

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "evaluate_profile.py"


@pytest.fixture(scope="module")
def script() -> dict[str, Any]:
    return runpy.run_path(str(SCRIPT))


def people(script: dict[str, Any], montage: str = "drawn") -> list[Any]:
    return list(script["scenarios"](6, (0.2, 0.3), 3, montage))


def test_people_of_a_number_differ_by_their_kind_alone(script: dict[str, Any]) -> None:
    chosen = people(script)
    by_number: dict[int, set[tuple[object, ...]]] = {}
    for one in chosen:
        same = (one.hours, one.severity, one.sedated, one.habit, one.sensors)
        by_number.setdefault(one.number, set()).add(same)
    assert [len(found) for found in by_number.values()] == [1] * 6
    assert len({found for same in by_number.values() for found in same}) == 6
    assert len({one.seed for one in chosen}) == len(chosen) == 30


def test_severity_changes_what_makes_a_kind_and_nothing_ordinary(script: dict[str, Any]) -> None:
    ordinary = script["ORDINARY"]
    for one in people(script):
        made, kind = script["kind_of"](one), script["LAB_KINDS"][one.kind]
        assert all(process in made.night.processes for process in ordinary)
        rate = one.severity * (0.6 if one.sedated else 1.0)
        first, before = made.night.processes[0], kind.night.processes[0]
        wanted = before.per_h if before in ordinary else before.per_h * rate
        assert first.per_h == pytest.approx(wanted)
        assert made.course.evening_min == kind.course.evening_min


def test_answers_lean_toward_what_was_simulated_and_never_elsewhere(
    script: dict[str, Any],
) -> None:
    right = dict.fromkeys(script["KINDS"], 0)
    for kind in script["KINDS"]:
        for seed in range(20):
            answered = script["answers_of"](kind, np.random.default_rng(seed))
            toward, _ = script["leaning_of"](answer_of_context(answered))
            assert toward <= {kind}, (kind, seed)
            right[kind] += kind in toward
    assert right.pop("healthy") == 0
    assert min(right.values()) >= 10


def test_the_table_counts_every_person_and_claims_no_accuracy(
    script: dict[str, Any], tmp_path: Path
) -> None:
    chosen = [one for one in people(script, "legs") if one.number == 0]
    found = [script["evaluate"](one) for one in chosen if one.kind in {"healthy", "rls"}]
    printed = script["table"](found)
    assert printed.startswith(
        "What the profile says of 2 simulated people: agreement with psgkit's"
    )
    assert "Nothing here is an accuracy." in printed
    assert "%" not in printed
    for question in ("Question 1", "Question 2"):
        assert question in printed
    out = tmp_path / "said.csv"
    script["write_rows"](found, out)
    with out.open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["voice"] for row in rows] == ["recording", "answers", "together"] * 2
    assert {row["question_1"] for row in rows} <= set(script["Q1"])
    assert {row["question_2"] for row in rows} <= set(script["Q2"])


def test_nobody_is_refused(script: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        script["main"](["--people", "0"])
    assert "at least 1" in capsys.readouterr().err
