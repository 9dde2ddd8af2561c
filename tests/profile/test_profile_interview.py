"""The interview: questions that follow from answers, each skippable, and the file it writes."""

import tomllib
from pathlib import Path

import pytest

from psgkit.errors import SettingsError
from psgkit.profile.context.interview import (
    Given,
    Question,
    answered,
    is_skipped,
    open_questions,
    questions,
)
from psgkit.profile.context.read import context_from, parse_context
from psgkit.profile.context.write import begun_context, context_as_toml, write_context
from psgkit.report.interview import QUESTIONS, hint_of, words_of


def question(given: Given, name: str, about: str = "") -> Question:
    return next(one for one in questions(given) if (one.name, one.about) == (name, about))


def told(*said: tuple[str, str]) -> Given:
    """Return a context after answers by the names of their questions."""
    given: Given = {}
    for name, answer in said:
        given = answered(given, next(q for q in open_questions(given) if q.name == name), answer)
    return given


FULL = told(
    ("age", "50"),
    ("sex", "male"),
    ("sites", "back, legs"),
    ("sensations", "itching, crawling"),
    ("relief", "p"),
    ("onset", "14"),
    ("suspect", "amisulpride"),
    ("dose", "600"),
    ("start", "day 0"),
    ("change", "dose_reduced"),
    ("effect", "gone"),
    ("after_days", "7"),
    ("treatment", "propranolol"),
    ("treatment_dose", "20"),
    ("treatment_effect", "no change"),
    ("treatment_days", "3"),
    ("rash", "n"),
    ("ferritin", "35"),
    ("bars", "1"),
    ("irls", "22"),
)


def test_every_question_has_words_and_about_thirty_are_asked() -> None:
    asked = list(questions(told(("sites", "back"), ("suspect", "x"), ("treatment", "z"))))
    scale = [one for one in asked if one.section == "naranjo"]
    assert len(scale) == 10
    assert asked[-10:] == scale
    assert 28 <= len(asked) - len(scale) <= 38
    assert {one.name for one in questions(FULL)} <= set(QUESTIONS)
    for one in questions(FULL):
        assert len(words_of(one)) <= 80
        assert hint_of(one)


def test_answers_become_a_context() -> None:
    context = context_from(FULL).context
    assert [one.site for one in context.symptoms] == ["back", "legs"]
    assert context.symptoms[0].relief == "partly"
    assert context.symptoms[0].onset == 14
    assert (context.drugs[0].name, context.drugs[0].dose, context.drugs[0].unit) == (
        *("amisulpride", 600),
        "mg/day",
    )
    assert [(one.drug, one.change, one.effect) for one in context.responses] == [
        ("amisulpride", "dose_reduced", "gone"),
        ("propranolol", "started", "no_change"),
    ]
    assert (context.laboratory[0].name, context.laboratory[0].unit) == ("ferritin", "ug/L")
    assert (context.bars[0].global_score, context.irls[0].total) == (1, 22)


def test_the_scale_of_naranjo_is_asked_of_the_suspect() -> None:
    given = told(("suspect", "amisulpride"), ("naranjo_after", "y"), ("naranjo_placebo", "n"))
    (row,) = context_from(given).context.naranjo
    assert (row.drug, row.after, row.placebo, row.known) == ("amisulpride", True, False, None)
    assert not [one for one in questions({}) if one.section == "naranjo"]


def test_what_was_answered_is_not_asked_again() -> None:
    given: Given = {}
    while left := open_questions(given):
        before = len(left)
        answer = {
            "answer": "y",
            "yes_no": "n",
            "judged": "n",
            "number": "1",
            "text": "x",
            "when": "day 3",
        }
        said = answer.get(left[0].kind) or left[0].choices[0]
        given = answered(given, left[0], said)
        assert left[0] not in open_questions(given)
        assert before < 60


def test_questions_about_a_part_come_for_each_part() -> None:
    given = told(("sites", "arms and back"))
    assert [one.about for one in questions(given) if one.name == "urge"] == ["arms", "back"]
    given = answered(given, question(given, "urge", "back"), "yes")
    assert given["symptoms"] == [{"site": "arms"}, {"site": "back", "urge": True}]


@pytest.mark.parametrize(("said", "wanted"), [("y", True), ("nein", False), ("p", "partly")])
def test_criterion_five_is_asked_of_each_part(said: str, wanted: object) -> None:
    given = told(("sites", "legs, back"))
    assert [one.about for one in questions(given) if one.kind == "judged"] == ["legs", "back"]
    given = answered(given, question(given, "not_explained", "back"), said)
    assert [one.not_explained for one in context_from(given).context.symptoms] == [None, wanted]


@pytest.mark.parametrize("said", ["", "not looked at", "Nicht  untersucht", "?"])
def test_not_looked_at_leaves_criterion_five_open(said: str) -> None:
    asked = question(told(("sites", "legs")), "not_explained", "legs")
    assert is_skipped(asked, said)
    assert not is_skipped(asked, "n")
    assert is_skipped(question({}, "sites"), said) == (not said)


def test_a_skipped_change_makes_no_response() -> None:
    given = told(("suspect", "amisulpride"), ("dose", "600"))
    assert "effect" not in {one.name for one in questions(given)}
    assert "responses" not in given


@pytest.mark.parametrize(
    ("name", "said", "wanted"),
    [
        ("age", "fifty", "a number"),
        ("age", "500", "less than or equal to 130"),
        ("sex", "x", "female, male, other"),
        ("sites", "back, nose", "legs, arms, back, other"),
        ("rash", "maybe", "partly"),
        ("neuropathy", "p", "y or n"),
        ("bars", "6", "less than or equal to 5"),
        ("irls", "2.5", "integer"),
    ],
)
def test_an_answer_that_cannot_be_used_is_refused(name: str, said: str, wanted: str) -> None:
    with pytest.raises(SettingsError, match=wanted):
        answered({}, question({}, name), said, "c.toml")


def test_dates_and_days_are_not_mixed() -> None:
    given = told(("sites", "back"), ("onset", "2024-03-31"), ("suspect", "x"))
    with pytest.raises(SettingsError, match="among"):
        answered(given, question(given, "start", "x"), "day 3")


def test_the_file_is_read_back_as_it_was_said(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    write_context(FULL, path)
    assert begun_context(path) == FULL
    assert parse_context(path.read_text()).findings[0].code == "context.no_range"
    assert [one.name for one in tmp_path.iterdir()] == ["c.toml"]


@pytest.mark.parametrize("words", ['"quoted"', "back\\slash", "\u00e4\u4e2d", "a # b", "\x7f"])
def test_any_words_survive_the_file(words: str) -> None:
    given = {"symptoms": [{"site": "back", "words": words}]}
    assert tomllib.loads(context_as_toml(given)) == given


def test_a_file_with_comments_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text("# mine\n[person]\nage = 50\n")
    with pytest.raises(SettingsError, match="comments would be lost"):
        begun_context(path)


@pytest.mark.parametrize("name", ["suspect", "treatment"])
@pytest.mark.parametrize("said", ["no", "None", "n", "keine", "?"])
def test_no_drug_is_not_the_name_of_a_drug(name: str, said: str) -> None:
    """An answer "no" to "Which drug?" made a drug that is called no, and ten questions about it."""
    with pytest.raises(SettingsError, match="Enter if there was none"):
        told((name, said))


def test_two_drugs_in_one_answer_are_refused() -> None:
    with pytest.raises(SettingsError, match="one drug; the others go into"):
        told(("suspect", "amisulpride, aripiprazole"))
