"""Where a recording points: by what moves periodically or rhythmically, not by place alone."""

from typing import Any

import pytest

from psgkit.core.events import Events
from psgkit.core.hypnogram import Hypnogram
from psgkit.core.night_report import NightReport
from psgkit.night.scored import score_night
from psgkit.profile.answer.matrix import matrix_of
from psgkit.profile.answer.recorded import Recorded, recording_sentence
from psgkit.profile.answer.rule import verdict_of
from psgkit.profile.answer.signs import signs_of
from psgkit.profile.context.model import Context, Symptom
from psgkit.profile.evidence.from_indices import Value
from psgkit.profile.evidence.items import all_evidence
from psgkit.profile.evidence.of_night import _entry, _found, profile_of

ITEMS = {item.id: item for item in all_evidence().items}
ROWS = ("Periodic or rhythmic", "Lying or seated")
ALONE = [
    ("place_legs", 90.0, "rls", "restless legs"),
    ("place_arms", 67.0, "ras", "restless arms"),
    ("place_back", 70.0, "rbs", "a restless back"),
    ("relief_legs", 0.0, "rls", "restless legs"),
    ("relief_arms", 0.1, "ras", "restless arms"),
    ("relief_back", 0.2, "rbs", "a restless back"),
]
PERIODIC = {
    "rls": ("periodic_legs", 0.7),
    "ras": ("periodic_arms", 0.6),
    "rbs": ("periodic_back", 0.8),
}


def entry(name: str, value: float) -> dict[str, Any]:
    return _entry(_found(ITEMS[name], Value(value=value), set()))


@pytest.mark.parametrize(("name", "value", "condition", "noun"), ALONE)
def test_place_and_relief_point_nowhere_alone_and_add_to_what_is_periodic(
    name: str, value: float, condition: str, noun: str
) -> None:
    where = entry(name, value)
    assert where["supports"] == [condition]
    alone = Recorded(evidence=[where], met=())
    assert alone.points_to == []
    assert f"for {noun}" not in recording_sentence(alone)
    both = Recorded(evidence=[where, entry(*PERIODIC[condition])], met=())
    assert both.points_to == [condition]
    assert where["brief"] in recording_sentence(both)


@pytest.mark.parametrize("name", ["rest_relief_legs", "rest_evening_legs"])
def test_discomfort_in_a_test_is_said_and_points_nowhere_alone(name: str) -> None:
    asked = Recorded(evidence=[entry(name, 6.0)], met=("rest_test",), kind="rest_test")
    assert asked.points_to == []
    assert "speaks for restless legs (leg discomfort 6.0" in recording_sentence(asked)


def test_a_place_makes_no_weak_answer_moderate() -> None:
    asked = signs_of(Context(symptoms=(Symptom(site="arms", urge=True, rest=True),)))
    place = entry("place_arms", 80.0)
    found = {
        shown: verdict_of(asked, Recorded(evidence=rows, met=()).signs).sites["arms"]
        for shown, rows in (
            ("place", [place]),
            ("periodic", [place, entry("periodic_arms", 0.7)]),
        )
    }
    assert found == {"place": "weak", "periodic": "moderate"}


def test_a_ratio_compared_with_healthy_people_still_points() -> None:
    assert Recorded(evidence=[entry("ankle_waist", 4.0)], met=()).points_to == ["akathisia"]


def night(asleep_n: int, awake_n: int) -> NightReport:
    """Return ten minutes awake and twenty asleep with a series in each."""
    onset_s = [20.0 + 20.0 * n for n in range(awake_n)] + [
        700.0 + 20.0 * n for n in range(asleep_n)
    ]
    legs = ["left_leg"] * len(onset_s)
    events = Events.of(onset_s, [at + 1.0 for at in onset_s], ["lm"] * len(onset_s), legs)
    return score_night(events, Hypnogram.of(["W"] * 20 + ["N2"] * 40))


@pytest.mark.parametrize(("asleep_n", "awake_n", "there"), [(6, 12, False), (14, 0, True)])
def test_periodicity_in_sleep_needs_periodic_movements_in_sleep(
    asleep_n: int, awake_n: int, *, there: bool
) -> None:
    report = night(asleep_n, awake_n)
    assert report.legs.plm_n.value >= 10
    assert report.legs.plms_n.value == asleep_n
    (piece,) = [one for one in profile_of(report).evidence if one["id"] == "periodic_legs"]
    assert (piece["value"] is not None) is there
    if not there:
        assert "10 periodic leg movements asleep" in piece["reason"]


@pytest.mark.parametrize(
    ("rows", "rhythm", "posture"),
    [
        ([("rest_upright_rhythm", 50.0)], "rhythmic", "upright"),
        ([("rest_lying_periodic", 60.0)], "periodic", "not asked"),
        ([("rest_upright_rhythm", 2.0), ("rest_lying_periodic", 0.0)], "neither", "not asked"),
        ([("rest_relief_legs", 6.0)], "not recorded", "not asked"),
    ],
)
def test_the_matrix_reads_a_rest_test_as_it_reads_a_night(
    rows: list[tuple[str, float]], rhythm: str, posture: str
) -> None:
    test = Recorded(evidence=[entry(*row) for row in rows], met=("rest_test",), kind="rest_test")
    found = {row["feature"]: row["finding"] for row in matrix_of(None, signs_of(Context()), test)}
    assert found[ROWS[0]] == rhythm
    assert found[ROWS[1]].startswith(posture)
