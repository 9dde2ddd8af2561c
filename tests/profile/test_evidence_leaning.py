"""The rule: enough families, published, ahead, nothing against, everything recorded."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psgkit.profile.evidence.items import CONDITIONS
from psgkit.profile.evidence.leaning import Weighed, leaning, leaning_rule, supporting_families

RULE = leaning_rule()
FAMILIES = ("place", "time_structure", "amount", "posture", "relief", "sleep")
GRADES = ("several_studies", "one_study", "case_report", "derived_by_us")


def item(family: str, **changed: object) -> Weighed:
    made = Weighed(
        id=family,
        family=family,
        grade="one_study",
        beside=False,
        supports=("rls",),
        against=(),
    )
    return replace(made, **changed)  # type: ignore[arg-type]


ENOUGH = [item("place"), item("amount"), item("relief")]
ITEMS = st.lists(
    st.builds(
        item,
        st.sampled_from(FAMILIES),
        grade=st.sampled_from(GRADES),
        beside=st.booleans(),
        supports=st.sampled_from([(), *[(name,) for name in CONDITIONS], ("rls", "ras", "rbs")]),
        against=st.just(()),
    ),
    max_size=12,
)


def test_enough_families_lean() -> None:
    assert leaning(ENOUGH, RULE.recorded) == "rls"


def test_two_conditions_with_enough_of_their_own_are_told_apart_by_no_count() -> None:
    # as of simulated akathisia with periodic movements awake, which are counted twice for rls
    restless = ("place", "time_structure", "amount", "relief")
    rls = [item(family) for family in restless]
    moved = [
        item(family, id=f"akathisia {family}", supports=("akathisia",))
        for family in ("place", "time_structure", "posture")
    ]
    assert leaning(rls, RULE.recorded) == "rls"
    assert leaning(moved, RULE.recorded) == "akathisia"
    assert leaning([*rls, *moved[:2]], RULE.recorded) == "rls"
    assert leaning([*rls, *moved], RULE.recorded) is None


@pytest.mark.parametrize("lacking", range(3))
def test_one_family_less_does_not(lacking: int) -> None:
    assert leaning(ENOUGH[:lacking] + ENOUGH[lacking + 1 :], RULE.recorded) is None


def test_two_items_of_a_family_count_once() -> None:
    assert leaning([item("place"), item("amount"), item("amount", id="b")], RULE.recorded) is None


def test_answers_do_not_count_as_measured() -> None:
    answered = [item("place"), item("amount"), item("criteria", beside=True)]
    assert leaning(answered, RULE.recorded) is None


def test_our_reasoning_alone_never_leans() -> None:
    ours = [replace(one, grade="derived_by_us") for one in ENOUGH]
    assert leaning(ours, RULE.recorded) is None


@pytest.mark.parametrize("grade", GRADES)
def test_a_study_against_it_forbids_and_less_does_not(grade: str) -> None:
    against = item("skin", grade=grade, supports=(), against=("rls",))
    wanted = None if grade in RULE.strong_grades else "rls"
    assert leaning([*ENOUGH, against], RULE.recorded) == wanted


@pytest.mark.parametrize("family", RULE.decisive)
def test_an_answer_against_it_forbids_whatever_its_grade(family: str) -> None:
    answer = item(family, grade="case_report", beside=True, supports=(), against=("rls",))
    assert leaning([*ENOUGH, answer], RULE.recorded) is None


def test_a_divided_family_supports_nothing() -> None:
    against = item("relief", id="b", grade="derived_by_us", supports=(), against=("rls",))
    assert supporting_families([*ENOUGH, against], "rls") == {"place", "amount"}


def test_two_conditions_that_are_even_stay_open() -> None:
    both = [replace(one, supports=("rls", "ras")) for one in ENOUGH]
    assert leaning(both, RULE.recorded) is None


def test_a_contradiction_leaves_everything_open() -> None:
    assert (
        leaning([*ENOUGH, item("contradiction", supports=(), contradicts=True)], RULE.recorded)
        is None
    )


@pytest.mark.parametrize("absent", RULE.recorded)
def test_a_channel_that_was_left_out_never_leads_to_a_leaning(absent: str) -> None:
    recorded = [name for name in RULE.recorded if name != absent]
    assert leaning(ENOUGH, recorded) is None


def test_nothing_leans_toward_nothing() -> None:
    assert leaning([], RULE.recorded) is None


@given(ITEMS)
def test_a_leaning_has_what_the_rule_asks_for(items: list[Weighed]) -> None:
    toward = leaning(items, RULE.recorded)
    if toward is None:
        return
    families = supporting_families(items, toward)
    assert len(families) >= RULE.least_families
    assert set(RULE.must_have[toward]) <= families
    others = [supporting_families(items, name) for name in CONDITIONS if name != toward]
    assert all(len(families) > len(other) for other in others)


@given(ITEMS, st.randoms())
def test_the_order_of_items_does_not_matter(items: list[Weighed], random: object) -> None:
    mixed = list(items)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert leaning(mixed, RULE.recorded) == leaning(items, RULE.recorded)
