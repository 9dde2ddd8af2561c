"""The published case gives the published facts and no others (Sun, Tao, Jin 2022)."""

from pathlib import Path

import pytest

from psgkit.profile.context.causes import mimics, secondary_causes
from psgkit.profile.context.drugs import attempts, onset_after_drugs, responses_by_class
from psgkit.profile.context.facts import all_criteria, bars_ratings, first_site
from psgkit.profile.context.laboratory import latest_laboratory, serum_levels
from psgkit.profile.context.read import read_context
from psgkit.profile.context.timeline import drug_time_line

FILE = read_context(Path(__file__).parents[2] / "sample_data" / "case" / "context.toml")
CASE = FILE.context


def test_the_back_alone_began_two_weeks_after_amisulpride() -> None:
    assert first_site(CASE) == "back"
    (found,) = onset_after_drugs(CASE)
    assert (found.drug, found.drug_class, found.days) == ("amisulpride", "antipsychotic", 14)


def test_rest_and_relief_are_met_and_the_evening_is_not_documented() -> None:
    (criteria,) = all_criteria(CASE)
    assert {"rest", "relief"} <= set(criteria.met)
    assert "evening" in criteria.unknown
    assert criteria.missing == ()


def test_three_classes_failed_and_less_amisulpride_helped_in_a_week() -> None:
    found = {(one.drug_class, one.direction): one for one in responses_by_class(CASE, "back")}
    assert found["benzodiazepine", "more"].failed == ("estazolam",)
    assert found["anticholinergic", "more"].failed == ("benzhexol",)
    assert found["beta_blocker", "more"].failed == ("metoprolol",)
    less = found["antipsychotic", "less"]
    assert (less.helped, less.shortest_days) == (("amisulpride",), 7)
    assert len(found) == 4


def test_the_levels_fell_less_than_the_dose() -> None:
    high, low = serum_levels(CASE)
    assert (high.value, high.daily_mg, low.value, low.daily_mg) == (431, 600, 325, 400)
    assert (high.per_mg, low.per_mg) == pytest.approx((431 / 600, 325 / 400))


def test_blood() -> None:
    prolactin = latest_laboratory(CASE, "prolactin")
    assert (prolactin.value, prolactin.unit, prolactin.status) == (52.76, "ng/mL", "high")
    assert (prolactin.low, prolactin.high) == (2.10, 17.0)
    normal = "ferritin haemoglobin trace_elements egfr renal_function liver_function"
    for name in normal.split():
        assert latest_laboratory(CASE, name).status == "normal"


def test_what_the_values_exclude_and_what_nobody_told() -> None:
    status = {one.name: one.status for one in (*secondary_causes(CASE), *mimics(CASE))}
    assert status["end_stage_renal_disease"] == "excluded"
    # ferritin is called normal without a value, which may be one of 35 ug/L
    assert status["iron_deficiency"] == "not_known"
    assert status["drug_rash"] == "excluded"
    assert status["parkinsons_disease"] == status["radiculopathy"] == "not_known"


def test_no_night_was_recorded_and_no_scale_rated() -> None:
    assert CASE.polysomnography is False
    assert bars_ratings(CASE) == ()


def test_only_the_day_of_the_higher_dose_is_known() -> None:
    known = [step for step in drug_time_line(CASE) if step.first_day is not None]
    assert [(step.drug, step.daily_mg, step.first_day) for step in known] == [
        ("amisulpride", 600, 0)
    ]


def test_doses_and_days_of_what_was_tried() -> None:
    tried = {one.drug: (one.mg_a_day, one.days, one.effect) for one in attempts(CASE)}
    assert tried == {
        "estazolam": (1, None, "no_change"),
        "benzhexol": (4, 7, "no_change"),
        "metoprolol": (50, None, "no_change"),
    }


def test_both_levels_lie_above_the_usual_range() -> None:
    assert [level.status for level in serum_levels(CASE)] == ["high", "high"]
    assert all((level.low, level.high) == (100, 320) for level in serum_levels(CASE))


def test_what_is_not_said_of_the_patient_is_not_in_the_file() -> None:
    assert CASE.skin.scratching_helps is None
    assert CASE.symptoms[0].urge is None
    assert CASE.symptoms[0].evening is None
    assert (CASE.symptoms[0].localised, CASE.symptoms[0].lying) == (True, True)


def test_nothing_in_the_file_is_odd() -> None:
    assert FILE.findings == ()


def test_the_nights_say_that_they_are_simulated() -> None:
    assert len(CASE.nights) == 3
    assert all("simulated" in str(night.label) for night in CASE.nights)
