"""The rule of leaning, clause by clause, with contexts made for each."""

from dataclasses import replace

import pytest

from psgkit.profile.answer.recorded import Recorded
from psgkit.profile.answer.rule import RULE, RecordedSigns, Verdict, leaning_of, verdict_of
from psgkit.profile.answer.signs import signs_of
from psgkit.profile.context.facts import CRITERIA
from psgkit.profile.context.model import Bars, Conditions, Context, Drug, Symptom
from psgkit.profile.evidence.items import Item, all_evidence
from psgkit.report.words.language import in_language
from psgkit.report.words.messages import translated

ITEMS = all_evidence().items
FIVE = dict.fromkeys(CRITERIA, True)
HALOPERIDOL = Drug(name="haloperidol", dose=5, unit="mg/day", start=0)


def back(**answers: object) -> Context:
    return Context(symptoms=(Symptom(site="back", **answers),))  # type: ignore[arg-type]


def verdict(context: Context, recorded: RecordedSigns | None = None) -> Verdict:
    return verdict_of(signs_of(context), recorded)


@pytest.mark.parametrize(
    ("answers", "wanted"),
    [
        (FIVE, "moderate"),
        ({"rest": True, "relief": "partly"}, "weak"),
        ({"rest": True, "evening": "partly"}, "open"),
        ({"rest": True, "not_explained": True}, "open"),
        ({"rest": True}, "open"),
        ({}, "open"),
        ({**FIVE, "urge": False}, "against"),
        ({**FIVE, "evening": False}, "against"),
        ({**FIVE, "evening": False, "course": "chronic_persistent"}, "open"),
        ({**FIVE, "rest": False, "course": "chronic_persistent"}, "against"),
        ({"rest": True, "relief": True, "not_explained": False}, "against"),
    ],
)
def test_a_site_is_answered_by_its_criteria(answers: dict[str, object], wanted: str) -> None:
    assert verdict(back(**answers)).sites == {"back": wanted}


def test_not_asked_denied_and_partly_are_three_things() -> None:
    asked = [verdict(back(rest=True, relief=True, evening=one)) for one in (None, False, "partly")]
    assert [one.sites["back"] for one in asked] == ["weak", "against", "weak"]
    alone = [verdict(back(rest=True, evening=one)) for one in (True, "partly", None)]
    assert [one.sites["back"] for one in alone] == ["weak", "open", "open"]


@pytest.mark.parametrize("name", ["radiculopathy", "cramps", "propriospinal_myoclonus"])
def test_a_present_mimic_leaves_a_site_open_until_criterion_5_is_answered(name: str) -> None:
    mimic = Conditions(**{name: True})
    part = replace(back(rest=True, relief=True), conditions=mimic)
    assert verdict(part).sites["back"] == "open"
    assert verdict(replace(back(**FIVE), conditions=mimic)).sites["back"] == "moderate"


@pytest.mark.parametrize(
    ("score", "inner", "drugs", "wanted"),
    [
        (3, True, (HALOPERIDOL,), "moderate"),
        (3, True, (), "weak"),
        (3, None, (HALOPERIDOL,), "weak"),
        (None, True, (HALOPERIDOL,), "weak"),
        (3, True, (Drug(name="pramipexole"),), "open"),
        (1, True, (HALOPERIDOL,), "open"),
        (1, None, (HALOPERIDOL,), "not shown"),
        (None, False, (HALOPERIDOL,), "less likely"),
        (None, None, (HALOPERIDOL,), "open"),
    ],
)
def test_akathisia_is_answered_by_scale_inner_restlessness_and_drugs(
    score: int | None, inner: object, drugs: tuple[Drug, ...], wanted: str
) -> None:
    bars = () if score is None else (Bars(global_score=score),)
    symptoms = (Symptom(site="other", inner_restlessness=inner),)  # type: ignore[arg-type]
    assert verdict(Context(symptoms=symptoms, bars=bars, drugs=drugs)).akathisia == wanted


def test_only_what_was_compared_moves_akathisia_against_the_other() -> None:
    # relief, lying and evening were not compared between akathisia and restless legs
    assert verdict(back(rest=True, relief=True, lying=True, evening=True)).akathisia == "open"
    assert verdict(back(rest=True, sensations=("itching",))).akathisia == "less likely"


def test_while_akathisia_leans_a_site_needs_what_separates_it() -> None:
    shared = {"urge": True, "rest": True, "relief": True, "inner_restlessness": True}
    assert verdict(back(**shared)).sites["back"] == "open"
    assert verdict(back(**shared, evening=True)).sites["back"] == "weak"
    both = verdict(back(**shared, sensations=("tingling",)))
    assert both.sites["back"] == "weak"
    assert both.leaning == ("rbs", "akathisia")


def test_a_recording_strengthens_and_contradicts_but_never_leans_alone() -> None:
    weak = back(rest=True, relief=True)
    agrees = RecordedSigns(supports=frozenset({"rbs"}))
    assert verdict(weak, agrees).sites["back"] == "moderate"
    against = RecordedSigns(supports=frozenset({"rbs"}), against=frozenset({"rbs"}))
    assert verdict(weak, against).sites["back"] == "weak"
    contradicted = RecordedSigns(contradicted=frozenset({"back"}))
    assert verdict(back(**FIVE), contradicted).sites["back"] == "open"
    assert verdict(Context(), RecordedSigns(supports=frozenset({"akathisia"}))).leaning == ()


def test_a_simulated_recording_changes_nothing() -> None:
    for signs in (
        RecordedSigns(supports=frozenset({"rbs"}), simulated=True),
        RecordedSigns(contradicted=frozenset({"back"}), simulated=True),
    ):
        weak = back(rest=True, relief=True)
        assert verdict(weak, signs) == verdict(weak)


def test_both_and_neither_are_answers() -> None:
    both = leaning_of(Verdict(sites={"legs": "moderate"}, akathisia="weak"), ["a"])
    assert both is not None
    assert (both["toward"], both["strength"]) == ("both", "weak")
    neither = leaning_of(Verdict(sites={"legs": "against"}, akathisia="not shown"), [])
    assert neither is not None
    assert (neither["toward"], neither["conditions"]) == ("none", [])
    assert leaning_of(Verdict(sites={"legs": "against"}, akathisia="open"), []) is None


def measured(item: Item) -> dict[str, object]:
    """Return the entry of an item of which a band supports something."""
    supports = next(band.supports for band in item.bands if band.supports)
    entry = {"value": 1.0, "supports": supports, "against": ()}
    return {"id": item.id, "family": item.family, "compared_with": item.compared_with, **entry}


def test_the_printed_rule_says_by_what_a_recording_agrees() -> None:
    pointing = [
        item
        for item in ITEMS
        if not item.from_context and any(band.supports for band in item.bands)
    ]
    alone = [one for one in pointing if Recorded(evidence=[measured(one)], met=()).points_to]
    silent = [one for one in pointing if one not in alone]
    assert {one.family for one in alone if one.compared_with == "none"} == {"time_structure"}
    kinds = {"place", "relief", "evening"}
    assert silent
    assert all(any(kind in one.id for kind in kinds) for one in silent)
    asleep = [one.least[-1] for one in pointing if one.id.startswith("periodic_")]
    assert [(least, "asleep" in words) for _path, least, words in asleep] == [(10, True)] * 3
    agrees = RULE[5].partition("It agrees by ")[2]
    assert agrees.startswith("rhythmic or periodic movement (asleep, ten or more) or a finding")
    for words in ("compared with other people", "if nothing speaks against", *kinds, "not enough"):
        assert words in agrees
    with in_language("de"):
        german = translated(RULE[5])
    for words in ("im Schlaf ab zehn", "mit anderen Menschen verglichenen", "Ort, Besserung"):
        assert words in german


def test_the_rule_is_short_and_printed() -> None:
    assert len(RULE) <= 7
    assert all(len(line) <= 300 for line in RULE)
    assert "psgkit's own choice" in RULE[0]
