"""Facts that follow from a context: never more than was told."""

from dataclasses import fields, replace
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psgkit.profile.context.causes import mimics, secondary_causes
from psgkit.profile.context.drug_classes import drug_classes, known_drug
from psgkit.profile.context.drug_names import drug_key
from psgkit.profile.context.drugs import onset_after_drugs, responses_by_class
from psgkit.profile.context.facts import CRITERIA, bars_ratings, criteria_met, first_site
from psgkit.profile.context.laboratory import against_range, latest_laboratory, serum_levels
from psgkit.profile.context.model import (
    Bars,
    Conditions,
    Context,
    Drug,
    Laboratory,
    Person,
    Response,
    Serum,
    Skin,
    Symptom,
)
from psgkit.profile.context.timeline import daily_mg, date_of, day_of, drug_time_line, times_per_day

ANSWERS = st.sampled_from([None, True, False, "partly"])


def steps(*rows: tuple[float, int | None, int | None]) -> Context:
    return Context(
        drugs=tuple(
            Drug(name="amisulpride", dose=dose, unit="g/day", start=start, stop=stop)
            for dose, start, stop in rows
        ),
        symptoms=(Symptom(site="back", onset=14),),
    )


# criteria


@given(st.tuples(*[ANSWERS] * 5))
def test_every_criterion_is_in_exactly_one_column(answers: tuple[object, ...]) -> None:
    symptom = Symptom(site="arms", **dict(zip(CRITERIA, answers, strict=True)))
    found = criteria_met(Context(symptoms=(symptom,)), "arms")
    columns = (found.met, found.partly, found.missing, found.unknown)
    assert sorted(name for column in columns for name in column) == sorted(CRITERIA)
    assert len(found.unknown) == answers.count(None)


@given(st.tuples(*[ANSWERS] * 5), st.integers(0, 4))
def test_taking_an_answer_away_only_makes_it_unknown(answers: tuple[object, ...], at: int) -> None:
    symptom = Symptom(site="legs", **dict(zip(CRITERIA, answers, strict=True)))
    before = criteria_met(Context(symptoms=(symptom,)), "legs")
    after = criteria_met(Context(symptoms=(replace(symptom, **{CRITERIA[at]: None}),)), "legs")
    assert CRITERIA[at] in after.unknown
    for column in ("met", "partly", "missing"):
        kept = [name for name in getattr(before, column) if name != CRITERIA[at]]
        assert list(getattr(after, column)) == kept


def test_partial_relief_meets_the_third_criterion_and_partly_no_other() -> None:
    symptom = Symptom(site="legs", **dict.fromkeys(CRITERIA, "partly"))
    found = criteria_met(Context(symptoms=(symptom,)), "legs")
    assert found.met == ("relief",)
    assert found.partly == ("urge", "rest", "evening", "not_explained")


def test_a_site_nobody_told_of_has_no_criteria() -> None:
    assert criteria_met(steps(), "legs") is None


@pytest.mark.parametrize(
    ("symptoms", "first"),
    [
        ((), None),
        ((Symptom(site="arms"),), "arms"),
        ((Symptom(site="arms", onset=3), Symptom(site="legs", onset=2)), "legs"),
        ((Symptom(site="arms", onset=3), Symptom(site="legs")), None),
        ((Symptom(site="arms", onset=3), Symptom(site="legs", onset=3)), None),
        ((Symptom(site="arms", began_first=True), Symptom(site="legs", onset=2)), "arms"),
    ],
)
def test_where_it_began(symptoms: tuple[Symptom, ...], first: str | None) -> None:
    assert first_site(Context(symptoms=symptoms)) == first


# drugs along time


def test_a_dose_without_a_stop_ends_the_day_before_the_next() -> None:
    first, second = drug_time_line(steps((0.4, 0, None), (0.6, 7, None)))
    assert (first.first_day, first.last_day, first.end_is_next) == (0, 6, True)
    assert (second.first_day, second.last_day, second.end_is_next) == (7, None, False)


def test_a_stated_stop_is_kept() -> None:
    first, _ = drug_time_line(steps((0.4, 0, 3), (0.6, 7, None)))
    assert (first.last_day, first.end_is_next) == (3, False)


def test_dates_and_days_give_the_same_line() -> None:
    drug = Drug(name="x", start=date(2024, 2, 28), stop=date(2024, 3, 1))
    (step,) = drug_time_line(Context(drugs=(drug,), day_0=date(2024, 2, 27)))
    assert (step.first_day, step.last_day) == (1, 3)
    assert (step.first_date, step.last_date) == (date(2024, 2, 28), date(2024, 3, 1))


@pytest.mark.parametrize(
    ("dose", "unit", "frequency", "mg"),
    [
        (0.6, "g/day", None, 600.0),
        (0.6, "g / d", "twice daily", 600.0),
        (300, "mg", "twice daily", 600.0),
        (200, "mg", "3/day", 600.0),
        (200, "mg", "3 times a day", 600.0),
        (280, "mg", "every 28 days", 10.0),
        (500, "mcg", "once daily", 0.5),
        (70, "ug", "weekly", 0.01),
        (7, "mg/week", None, 1.0),
        (5, "mg", None, None),
        (5, "mg", "as needed", None),
        (5, "mg", "14 d", None),
        (5, "drops/day", None, None),
        (None, "mg/day", None, None),
    ],
)
def test_the_dose_of_a_day(
    dose: float | None, unit: str, frequency: str | None, mg: float | None
) -> None:
    found = daily_mg(Drug(name="x", dose=dose, unit=unit, frequency=frequency))
    assert found == (None if mg is None else pytest.approx(mg))


@pytest.mark.parametrize("words", ["", "0/day", "every 0 days", "often", "2 days"])
def test_a_frequency_that_says_nothing(words: str) -> None:
    assert times_per_day(words) is None


def onsets(context: Context) -> list[tuple[str, int]]:
    return [(one.event, one.days) for one in onset_after_drugs(context)]


def test_onset_counts_from_each_start_and_each_rise_latest_first() -> None:
    context = steps((0.2, 0, None), (0.6, 10, None), (0.4, 12, None))
    assert onsets(context) == [("dose_raised", 4), ("started", 14)]


def test_a_drug_of_the_same_day_counts_and_a_later_one_does_not() -> None:
    assert onsets(steps((0.6, 14, None))) == [("started", 0)]
    assert onsets(steps((0.6, 15, None))) == []


def test_without_a_day_of_onset_or_start_nothing_is_counted() -> None:
    assert onsets(steps((0.6, None, None))) == []
    assert onsets(replace(steps((0.6, 0, None)), symptoms=(Symptom(site="back"),))) == []


def test_a_rise_is_not_claimed_from_a_dose_that_is_not_known() -> None:
    lower = Drug(name="amisulpride", start=0)
    higher = Drug(name="amisulpride", dose=0.6, unit="g/day", start=7)
    context = Context(drugs=(lower, higher), symptoms=(Symptom(site="back", onset=14),))
    assert onsets(context) == [("started", 14)]


def test_a_drug_taken_up_again_is_a_start() -> None:
    assert onsets(steps((0.6, 0, 3), (0.6, 10, None))) == [("started", 4), ("started", 14)]
    assert onsets(steps((0.6, 0, 3), (0.6, 4, None))) == [("started", 14)]


@pytest.mark.parametrize(("stop", "taken"), [(20, True), (14, True), (13, False), (None, None)])
def test_whether_a_drug_was_still_taken_at_the_onset(
    *, stop: int | None, taken: bool | None
) -> None:
    (found,) = onset_after_drugs(steps((0.6, 0, stop)))
    assert found.still_taken is taken


def test_spellings_and_salts_of_a_drug_are_one_drug() -> None:
    assert drug_key("Benzhexol  Hydrochloride") == drug_key("trihexyphenidyl") == "trihexyphenidyl"


def test_no_drug_has_two_classes_and_every_class_is_described() -> None:
    classes = drug_classes()
    assert {"antipsychotic", "antidepressant", "antihistamine", "dopaminergic"} <= set(classes)
    assert {"beta_blocker", "anticholinergic", "benzodiazepine"} <= set(classes)
    assert all(one.title and one.source for one in classes.values())
    for name in ("amisulpride", "estazolam", "metoprolol", "benzhexol"):
        assert known_drug(name).drug_class in classes


def test_no_drug_is_listed_twice() -> None:
    import tomllib
    from importlib.resources import files

    table = tomllib.loads(files("psgkit.profile.context").joinpath("drugs.toml").read_text())
    listed = [drug for row in table["classes"].values() for drug in row["drugs"]]
    assert len(listed) == len(set(listed))
    assert set(table["aliases"].values()) | set(table["notes"]) <= set(listed) | {"valproic"}
    assert not set(table["aliases"]) & set(listed)


def test_a_stated_class_wins_over_the_table() -> None:
    drug = Drug(name="amisulpride", drug_class="other")
    assert drug_time_line(Context(drugs=(drug,)))[0].drug_class == "other"


# responses


def test_less_and_more_of_a_class_are_told_apart() -> None:
    rows = (
        Response(change="started", drug="amisulpride", effect="worse"),
        Response(change="dose_reduced", drug="amisulpride", effect="relieved", after_days=3),
        Response(change="stopped", drug="risperidone", effect="gone", after_days=2),
        Response(change="stopped", drug="haloperidol"),
        Response(change="not_a_drug", words="cold shower", effect="no_change"),
        Response(change="started", drug="moonshine", effect="no_change"),
    )
    more, less, other, unknown = responses_by_class(Context(responses=rows))
    assert (more.direction, more.worsened, more.helped) == ("more", ("amisulpride",), ())
    assert less.helped == ("amisulpride", "risperidone")
    assert (less.unknown_effect, less.shortest_days) == (("haloperidol",), 2)
    assert (other.drug_class, other.failed) == ("not_a_drug", ("cold shower",))
    assert (unknown.drug_class, unknown.failed) == ("unknown", ("moonshine",))


def test_a_response_of_another_site_is_left_out() -> None:
    row = Response(change="started", drug="estazolam", site="legs", effect="gone")
    assert responses_by_class(Context(responses=(row,)), "back") == ()
    assert responses_by_class(Context(responses=(replace(row, site=None),)), "back")


# BARS


@pytest.mark.parametrize(("score", "akathisia"), [(1, False), (2, True), (None, None)])
def test_a_global_of_two_is_akathisia(*, score: int | None, akathisia: bool | None) -> None:
    (rating,) = bars_ratings(Context(bars=(Bars(global_score=score),)))
    assert rating.akathisia is akathisia


@pytest.mark.parametrize(
    ("objective", "awareness", "pseudo"),
    [(2, 0, True), (2, 1, False), (0, 0, False), (2, None, None)],
)
def test_movements_without_awareness_are_pseudoakathisia(
    *, objective: int, awareness: int | None, pseudo: bool | None
) -> None:
    bars = Bars(objective=objective, awareness=awareness, distress=1)
    (rating,) = bars_ratings(Context(bars=(bars,)))
    assert rating.pseudoakathisia is pseudo
    assert rating.total == (None if awareness is None else objective + awareness + 1)


# blood


def test_a_drug_level_is_divided_by_the_dose_of_its_day() -> None:
    base = steps((0.6, 0, 9), (0.4, 10, None))
    rows = tuple(Serum(drug="Amisulpride", value=400, unit="ng/mL", date=day) for day in (9, 10))
    first, second = serum_levels(replace(base, serum=rows))
    assert (first.daily_mg, second.daily_mg) == (600, 400)
    assert second.per_mg == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (Serum(drug="amisulpride", value=1), "neither the day nor the dose"),
        (Serum(drug="amisulpride", value=1, date=-1), "no dose of it on day -1"),
        (Serum(drug="risperidone", value=1, date=5), "no dose of it on day 5"),
        (Serum(drug="amisulpride", date=5), "no value"),
        (Serum(drug="amisulpride", value=1, dose=2, dose_unit="tablets"), "no mass per day"),
    ],
)
def test_why_a_level_per_dose_is_missing(row: Serum, reason: str) -> None:
    (level,) = serum_levels(replace(steps((0.6, 0, 9)), serum=(row,)))
    assert level.per_mg is None
    assert reason in level.reason


def test_the_latest_value_with_a_range_counts() -> None:
    rows = (
        Laboratory(name="prolactin", value=60, low=2, high=18, date=20),
        Laboratory(name="Prolactin", value=10, low=2, high=18, date=5),
        Laboratory(name="prolactin", value=99, date=30),
    )
    latest = latest_laboratory(Context(laboratory=rows), "prolactin")
    assert (latest.value, latest.status) == (60, "high")


def test_a_result_that_contradicts_its_range_is_no_status() -> None:
    row = Laboratory(name="tsh", value=9, low=0.4, high=4, result="normal")
    latest = latest_laboratory(Context(laboratory=(row,)), "tsh")
    assert latest.status is None
    assert latest.reason == "stated as normal, but high by its range"


# causes


def status_of(context: Context, name: str) -> str:
    found = {one.name: one.status for one in (*secondary_causes(context), *mimics(context))}
    return found[name]


def lab(*rows: tuple[str, float, float | None, float | None]) -> tuple[Laboratory, ...]:
    return tuple(
        Laboratory(name=name, value=value, unit="ug/L", low=low, high=high)
        for name, value, low, high in rows
    )


def test_of_nothing_told_nothing_is_known() -> None:
    every = (*secondary_causes(Context()), *mimics(Context()))
    assert {one.status for one in every} == {"not_known"}
    assert all(one.because for one in every)


@pytest.mark.parametrize("name", [one.name for one in fields(Conditions)])
def test_a_stated_condition_decides_its_cause(name: str) -> None:
    known = {one.name for one in (*secondary_causes(Context()), *mimics(Context()))}
    if name in known:
        assert status_of(Context(conditions=Conditions(**{name: True})), name) == "present"
        assert status_of(Context(conditions=Conditions(**{name: False})), name) == "excluded"
    else:
        asked_for_akathisia = {"adhd", "tardive_dyskinesia", "propriospinal_myoclonus"}
        others = {"dialysis", "renal_disease", "liver_disease", "diabetes", "family_history"}
        assert name in others | asked_for_akathisia


@pytest.mark.parametrize(
    ("stated", "rows", "status"),
    [
        (None, lab(("ferritin", 12, 30, 400)), "present"),
        (None, lab(("ferritin", 80, 30, 400)), "excluded"),
        (None, lab(("ferritin", 80, None, 400)), "excluded"),
        (None, lab(("ferritin", 80, None, None)), "excluded"),
        (None, lab(("ferritin", 35, 30, 400)), "possible"),
        (None, lab(("ferritin", 75, 30, 400)), "possible"),
        (None, lab(("ferritin", 75.1, 30, 400)), "excluded"),
        (None, lab(("ferritin", 35, None, None)), "possible"),
        (None, lab(("ferritin", 35, 30, 400), ("crp", 50, None, 5)), "possible"),
        (None, lab(("ferritin", 500, 30, 400)), "not_known"),
        (None, lab(("ferritin", 500, 30, 400), ("crp", 2, None, 5)), "excluded"),
        (None, lab(("ferritin", 150, 30, 400), ("TSAT", 15, 16, 45)), "possible"),
        (None, lab(("transferrin saturation", 15, 16, 45)), "possible"),
        (False, lab(("ferritin", 35, 30, 400)), "possible"),
        (True, lab(("ferritin", 35, 30, 400)), "present"),
        (None, lab(("ferritin", 80, 30, 400), ("crp", 50, None, 5)), "not_known"),
        (None, lab(("ferritin", 12, 30, 400), ("crp", 50, None, 5)), "present"),
        (False, lab(("ferritin", 12, 30, 400)), "contradictory"),
        (True, lab(("ferritin", 80, 30, 400)), "contradictory"),
        (True, lab(("ferritin", 12, 30, 400)), "present"),
    ],
)
def test_iron_deficiency(*, stated: bool | None, rows: tuple[Laboratory, ...], status: str) -> None:
    context = Context(conditions=Conditions(iron_deficiency=stated), laboratory=rows)
    assert status_of(context, "iron_deficiency") == status


def test_a_low_ferritin_in_the_range_of_the_laboratory_is_said_with_its_source() -> None:
    context = Context(laboratory=lab(("ferritin", 35, 30, 400)))
    (iron,) = [one for one in secondary_causes(context) if one.name == "iron_deficiency"]
    assert "75 ug/L" in iron.because
    assert "Allen et al. 2018" in iron.because
    assert "transferrin saturation is not stated" in iron.because


@pytest.mark.parametrize(
    ("row", "status"),
    [
        (Laboratory(name="ferritin", value=78.6, unit="pmol/L"), "possible"),
        (Laboratory(name="ferritin", value=0.035, unit="mg/L"), "possible"),
        (Laboratory(name="ferritin", value=35, unit="ng/mL"), "possible"),
        (Laboratory(name="ferritin", value=35, unit="U/L", low=30), "not_known"),
        (Laboratory(name="ferritin", value=35, low=30), "not_known"),
        (Laboratory(name="ferritin", result="normal"), "not_known"),
        (Laboratory(name="ferritin", result="low"), "present"),
        (Laboratory(name="tsat", value=19, unit="%"), "possible"),
        (Laboratory(name="tsat", value=20, unit="%"), "not_known"),
    ],
)
def test_iron_by_unit_and_by_result(row: Laboratory, status: str) -> None:
    assert status_of(Context(laboratory=(row,)), "iron_deficiency") == status


@pytest.mark.parametrize(
    ("conditions", "rows", "status"),
    [
        (Conditions(dialysis=True), (), "present"),
        (Conditions(renal_disease=False), (), "excluded"),
        (Conditions(renal_disease=True), (), "not_known"),
        (Conditions(), lab(("egfr", 95, 60, None)), "excluded"),
        (Conditions(), lab(("egfr", 40, 60, None)), "not_known"),
        (Conditions(), lab(("creatinine", 70, 60, 110)), "excluded"),
        (Conditions(), lab(("creatinine", 400, 60, 110)), "not_known"),
        (Conditions(dialysis=True), lab(("egfr", 95, 60, None)), "contradictory"),
    ],
)
def test_end_stage_renal_disease(
    conditions: Conditions, rows: tuple[Laboratory, ...], status: str
) -> None:
    context = Context(conditions=conditions, laboratory=rows)
    assert status_of(context, "end_stage_renal_disease") == status


@pytest.mark.parametrize(("sex", "status"), [("male", "excluded"), ("female", "not_known")])
def test_pregnancy_by_sex(sex: str, status: str) -> None:
    assert status_of(Context(person=Person(sex=sex)), "pregnancy") == status


@pytest.mark.parametrize(
    ("skin", "disease", "rash"),
    [
        (Skin(rash=False), "not_known", "excluded"),
        (Skin(rash=False, dermatology=True), "excluded", "excluded"),
        (Skin(rash=True), "not_known", "not_known"),
        (Skin(rash=True, drug_rash=True), "not_known", "present"),
        (Skin(rash=True, drug_rash=False), "not_known", "excluded"),
        (Skin(rash=False, drug_rash=True), "not_known", "contradictory"),
        (Skin(skin_disease=True), "present", "not_known"),
        (Skin(skin_disease=False), "excluded", "not_known"),
        (Skin(rash=True, skin_disease=False), "contradictory", "not_known"),
        (Skin(rash=True, drug_rash=True, skin_disease=False), "excluded", "present"),
    ],
)
def test_skin(skin: Skin, disease: str, rash: str) -> None:
    context = Context(skin=skin)
    assert (status_of(context, "skin_disease"), status_of(context, "drug_rash")) == (disease, rash)


def test_the_start_of_a_recording_has_a_day() -> None:
    context = Context(day_0=date(2024, 3, 1))
    assert day_of(context, datetime(2024, 3, 15, 22, 30)) == 14


def test_a_dose_with_neither_start_nor_stop_still_ends_before_the_next() -> None:
    first, _ = drug_time_line(steps((0.4, None, None), (0.6, 7, None)))
    assert (first.first_day, first.last_day, first.end_is_next) == (None, 6, True)


def test_two_doses_of_one_day_leave_the_first_its_day() -> None:
    first, second = drug_time_line(steps((0.4, 7, None), (0.6, 7, None)))
    assert (first.first_day, first.last_day, second.first_day) == (7, 7, 7)


@pytest.mark.parametrize(
    ("value", "status"), [(29.9, "low"), (30, "normal"), (400, "normal"), (400.1, "high")]
)
def test_both_ends_of_a_range_belong_to_it(value: float, status: str) -> None:
    assert against_range(value, 30, 400) == status


@pytest.mark.parametrize(
    ("zero", "day", "found"),
    [
        (date.max, 0, date.max),
        (date.max, 1, None),
        (date.min, 0, date.min),
        (date.min, -1, None),
    ],
)
def test_a_day_beyond_the_calendar_has_no_date(zero: date, day: int, found: date | None) -> None:
    assert date_of(Context(day_0=zero), day) == found
