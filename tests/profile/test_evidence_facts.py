"""Facts of the evidence: item, number, direction and source, as published."""

import pytest

from psgkit.core.events import Events
from psgkit.night.scored import score_night
from psgkit.profile.context.read import parse_context
from psgkit.profile.evidence.from_context import answer_outside
from psgkit.profile.evidence.items import Item, all_evidence
from psgkit.profile.evidence.of_night import profile_of

ITEMS = {item.id: item for item in all_evidence().items}


def said(item: Item) -> str:
    """Return all that an item may print."""
    bands = " ".join(band.says for band in item.bands)
    references = " ".join(reference.words for reference in item.references)
    return f"{item.text} {bands} {references}"


def sources(item: Item) -> str:
    return "; ".join(source.words for source in item.sources)


@pytest.mark.parametrize(
    ("name", "words", "source"),
    [
        ("criteria_legs", "severe disease relief by movement and worsening in the evening", "2014"),
        ("criteria_back", "at least seven published cases", "Umehara"),
        ("place_back", "at least seven published cases", "Zeng"),
        ("place_back", "no recording of the back was found", "Ando"),
        ("ankle_waist", "ADHD gives the same picture", "15:194"),
        ("ankle_waist", "(n = 10)", "Tuisku"),
        ("ankle_waist", "(n = 15)", "Tuisku"),
        ("bars", "not specific: ADHD, tardive dyskinesia and restless legs", "Kang"),
        ("days_evening", "counted by the hour", "Mov Disord 14:102"),
        ("days_evening", "counted by the hour", "Ann Neurol 55:372"),
        ("first_half", "falls steadily over the night", "Sleep Med 6:259"),
        ("first_half", "course over the night", "Sleep Med 9:790"),
        ("day_night", "more activity by day", "Poyurovsky"),
        ("days_day_night", "the night did not differ", "Poyurovsky"),
        ("interval_legs", "higher than in healthy people", "Ferri"),
        ("interval_legs", "against 22 healthy people, asleep (n = 65)", "2006"),
        ("interval_legs", "against 48 healthy people, asleep (n = 107)", "2016"),
        ("large_movements", "not comparable", "Ibrahim"),
        ("sleep_latency", "first 10 minutes of unbroken sleep", "Hornyak"),
        ("inner_restlessness", "tended to report", "Walters"),
        ("plms_one_night", "no limit for two nights", "Sleep Med 10:668"),
        ("akathisia_drugs_failed", "30 % of people with akathisia, placebo 7 %", "59:1071"),
        ("akathisia_drugs_failed", "too little evidence", "CD003727"),
        ("akathisia_drugs_failed", "too little evidence", "CD001946"),
        ("mirtazapine", "28 %", "43:70"),
        ("sleep_efficiency", "contradiction", "Walters"),
        ("secondary_causes", "75 ug/L", "Sleep Med 41:27"),
        ("arm_leg_together", "42.8 %", "Eur Neurol 44:133-138"),
        ("pams_arms", "7.7 %", "Sleep Med 15:1150-1154"),
        ("criteria_legs", "126 fulfilled four criteria", "Sleep Med 10:976-981"),
        ("plms_legs", "above 15/h in 18", "Sleep 37:763-773"),
        ("periodic_legs", "0.60", "J Thorac Dis 13:6476-6494"),
    ],
)
def test_a_fact_stands_with_its_source(name: str, words: str, source: str) -> None:
    assert words in said(ITEMS[name])
    assert source in sources(ITEMS[name])


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("criteria_legs", "lost rest"),
        ("days_evening", "were not counted"),
        ("sleep_latency", "no counts of"),
        ("large_movements", "healthy adults have about 7"),
        ("inner_restlessness", "Inner restlessness was reported"),
        ("plms_one_night", "within that range says nothing"),
        ("interval_legs", "that healthy people also have"),
    ],
)
def test_what_was_wrong_is_gone(name: str, words: str) -> None:
    assert words not in said(ITEMS[name])


def test_relief_of_the_back_is_called_our_own() -> None:
    assert ITEMS["relief_back"].grade == "derived_by_us"
    assert ITEMS["relief_back"].source_status == "ours"


def test_two_docstrings_agree_with_the_item_on_day_and_night() -> None:
    import psgkit.indices.akathisia as night
    import psgkit.indices.days.rest_movement as days

    for module in (night, days):
        assert "the night did not differ" in " ".join((module.__doc__ or "").split())
        assert "as strong by day" not in (module.__doc__ or "")


def answer(item: str, text: str) -> tuple[float | None, str]:
    value = answer_outside(ITEMS[item], parse_context(text).context)
    return value.value, value.words


def tried(drug: str, effect: str, mg: float | None = None, days: float | None = None) -> str:
    dose = "" if mg is None else f'dose = {mg}\nunit = "mg/day"\n'
    after = "" if days is None else f"after_days = {days}\n"
    return (
        f'[[drugs]]\nname = "{drug}"\n{dose}[[responses]]\nchange = "started"\ndrug = "{drug}"\n'
        f'effect = "{effect}"\n{after}'
    )


@pytest.mark.parametrize(
    ("drug", "counts"),
    [
        ("propranolol", True),
        ("biperiden", True),
        ("benzhexol", True),
        ("pyridoxine", True),
        ("mianserin", True),
        ("lorazepam", False),
        ("clonazepam", False),
        ("clonidine", False),
        ("pregabalin", False),
        ("mirtazapine", False),
        ("haloperidol", False),
    ],
)
def test_what_counts_as_a_treatment_of_akathisia(drug: str, *, counts: bool) -> None:
    value, _ = answer("akathisia_drugs", tried(drug, "relieved"))
    assert value == (1.0 if counts else None)


def test_a_failure_counts_only_in_a_fair_trial() -> None:
    fair, low, short, never = (
        answer("akathisia_drugs_failed", tried(*case))
        for case in (
            ("propranolol", "no_change", 80, 7),
            ("propranolol", "no_change", 20, 7),
            ("propranolol", "no_change", 80, 2),
            ("metoprolol", "no_change", 50, 7),
        )
    )
    assert [one[0] for one in (fair, low, short, never)] == [1, 0, 0, 0]
    item = ITEMS["akathisia_drugs_failed"]
    assert item.bears(1).against == ("akathisia",)
    assert item.bears(0).against == ()
    assert "propranolol 20 mg a day for 7 days (no fair trial" in low[1]


@pytest.mark.parametrize(("effect", "toward"), [("relieved", "akathisia"), ("worse", "rls")])
def test_the_response_to_mirtazapine_separates(effect: str, toward: str) -> None:
    value, words = answer("mirtazapine", tried("Remeron", effect, 15, 5))
    assert toward in ITEMS["mirtazapine"].bears(value or 0).supports
    assert "Remeron 15 mg a day for 5 days" in words
    assert answer("mirtazapine", tried("mirtazapine", "no_change"))[0] == 0
    assert ITEMS["mirtazapine"].bears(0).supports == ()


@pytest.mark.parametrize(
    ("drug", "is_dechallenge"),
    [
        ("sertraline", True),
        ("amisulpride", True),
        ("metoclopramide", True),
        ("tetrabenazine", True),
        ("diphenhydramine", True),
        ("domperidone", False),
        ("pimavanserin", False),
        ("ramipril", False),
    ],
)
def test_stopping_a_drug_that_provokes_is_a_dechallenge(drug: str, *, is_dechallenge: bool) -> None:
    text = f'[[responses]]\nchange = "stopped"\ndrug = "{drug}"\neffect = "gone"\nafter_days = 5'
    value, _ = answer("less_antipsychotic", text)
    assert value == (1.0 if is_dechallenge else None)


def test_the_case_speaks_no_longer_against_akathisia_by_low_doses() -> None:
    from pathlib import Path

    from psgkit.profile.context.read import read_context

    case = Path(__file__).parents[2] / "sample_data" / "case" / "context.toml"
    profile = profile_of(score_night(Events.none()), read_context(case).context)
    failed = next(one for one in profile.evidence if one["id"] == "akathisia_drugs_failed")
    assert failed["against"] == []
    assert "benzhexol 4 mg a day for 7 days" in failed["text"]
    assert "metoprolol 50 mg a day" in failed["text"]
