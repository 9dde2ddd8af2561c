"""A German page holds no English sentence: every voice, caution and row of any answers."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rounds import cases
from test_every_sentence import DRUGS, ENTRIES, contexts, diaries

from psgkit.core.night_report import Profile
from psgkit.core.symptom_diary import SymptomDiary
from psgkit.io.channels.roles import role_of_label
from psgkit.profile.answer.recorded import Kind, Recorded
from psgkit.profile.answer.statement import answer_of_context, with_answer
from psgkit.profile.context.checks import KNOWN_TESTS
from psgkit.profile.context.drug_classes import drug_classes, drug_notes
from psgkit.profile.context.drug_effects import drug_effect_texts
from psgkit.profile.context.model import Context, Drug, Laboratory, Serum, Symptom
from psgkit.profile.context.read import ContextFile, parse_context, read_context
from psgkit.profile.evidence.items import STATEMENT, Item, all_evidence
from psgkit.profile.evidence.of_night import _likelihood, profile_of_test
from psgkit.report.context import context_page
from psgkit.report.context_answer import answer_page
from psgkit.report.night.answer import answer_sections
from psgkit.report.night.profile import (
    evidence_in_words,
    likelihood_in_words,
    section_of_profile,
)
from psgkit.report.page_model import Facts, Matrix, Notes, Page, Table
from psgkit.report.words.language import in_language
from psgkit.report.words.messages import translated, words_in_words

FILES = sorted((Path(__file__).parent / "vignettes").glob("*.toml"))
ENGLISH = re.compile(
    r"\b(the|of|and|or|is|are|not|with|after|for|by|to|no|only|speaks?|fits?|can|it|open|which|this"
    r"|that|from|until|toward|leaves?|lean|days?|asked|met|denied|as|on|at|under|its|were|has|have"
    r"|times|points|hour|legs|arms|back|restless|akathisia|restlessness|relief|worse|evening|lying|sleep|drug)\b",
    re.IGNORECASE,
)
TERMS = re.compile(r"Restless-(Legs|Arms|Back)|Restless Legs|\d{4}, [^:;.]*:|\(psgkit[^)]*\)")
"""English that German physicians say, titles of journals, and commands."""


def english_in(text: str) -> list[str]:
    """Return the English words of a German text, without names of drugs and medical terms."""
    bare = TERMS.sub("", text)
    for name in DRUGS:
        bare = re.sub(name, "", bare, flags=re.IGNORECASE)
    return ENGLISH.findall(re.sub(r"\d[\d.,]* to \d[\d.,]* \S+", "", bare))


def texts_of(profile: Profile) -> Iterator[str]:
    """Yield all that the section of the answer prints."""
    for section in answer_sections(profile):
        yield from (section.title, section.note)
        for part in section.parts:
            match part:
                case Facts():
                    yield from (f"{name}: {said}" for name, said in part.rows)
                case Notes():
                    yield from (part.title, *part.lines)
                case Matrix():
                    yield from (*part.head, part.foot)
                    for row in part.rows:
                        yield from (row.feature, row.finding, *(cell.words for cell in row.cells))


def test_english_is_found_where_it_stands() -> None:
    assert english_in("Sprechen für ein Restless-Back-Syndrom") == []
    assert english_in("Akathisia is undecided") == ["Akathisia", "is"]


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_a_published_case_is_german(file: Path) -> None:
    context = read_context(file).context
    english = answer_of_context(context)
    with in_language("de"):
        for text in texts_of(english):
            assert english_in(text) == [], text
        page = answer_page(ContextFile(source="subject.toml", context=context))
        for warned in page.cautions:
            assert english_in(warned.message) == [], warned.message
    assert answer_of_context(context) == english


@cases(200)
@given(contexts(), diaries())
def test_what_any_answers_say_is_german(context: Context, diary: SymptomDiary | None) -> None:
    with in_language("de"):
        for text in texts_of(answer_of_context(context, diary)):
            assert english_in(text) == [], text
            assert text.count("(") == text.count(")"), text


@given(
    st.lists(st.sampled_from([one for one in ENTRIES if one["brief"]]), max_size=12),
    st.sets(st.sampled_from(["emg_legs", "emg_arms", "emg_trunk", "ankle", "waist", "sit"])),
    st.sampled_from(["night", "test", "rest_test", "days"]),
    st.booleans(),
)
def test_what_any_recording_says_is_german(
    entries: list[dict[str, object]], met: set[str], kind: Kind, simulated: object
) -> None:
    found = Recorded(evidence=entries, met=met, kind=kind, simulated=bool(simulated))
    with in_language("de"):
        for text in texts_of(with_answer(Profile(statement=STATEMENT), None, found)):
            assert english_in(text) == [], text


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_the_evidence_of_a_published_case_is_german(file: Path) -> None:
    """What was read, compared and found, and the sources; titles of journals stay as they are."""
    profile = profile_of_test({}, context=read_context(file).context)
    with in_language("de"):
        for part in section_of_profile(profile).parts:
            rows = part.rows if isinstance(part, Table) else ()
            lines = part.lines if isinstance(part, Notes) else ()
            for text in (*lines, *(cell for row in rows for cell in row)):
                assert english_in(text) == [], text
                assert "published" not in text


def texts_of_page(page: Page) -> Iterator[str]:
    """Yield what a page of a context prints, without the words of the person."""
    for section in page.sections:
        for part in section.parts:
            match part:
                case Table():
                    yield from (part.title, part.foot, *part.head)
                    yield from (cell for row in part.rows for cell in row)
                case Notes():
                    yield from (part.title, *part.lines)
                case Facts() if section.key != "criteria":
                    yield from (text for row in part.rows for text in row)


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_the_whole_page_of_a_published_case_is_german(file: Path) -> None:
    with in_language("de"):
        for text in texts_of_page(context_page(read_context(file))):
            assert english_in(text) == [], text


@pytest.mark.parametrize("text", [*drug_effect_texts(), *drug_notes()])
def test_what_drugs_do_is_german(text: str) -> None:
    with in_language("de"):
        said = words_in_words(text)
    assert english_in(said) == []
    assert said != text or re.search(r"[A-Z][a-z]+ (et al\. )?\d{4}, |Chesson|Vinson", text)


def page_of(**rows: object) -> ContextFile:
    return ContextFile(source="subject.toml", context=Context(**rows))


def rows_of(file: ContextFile, key: str, number: int) -> tuple[tuple[str, ...], ...]:
    """Return the rows of a table of a section."""
    (section,) = (one for one in context_page(file).sections if one.key == key)
    return [part.rows for part in section.parts if isinstance(part, Table)][number]


@pytest.mark.parametrize("name", drug_classes())
def test_every_class_of_drugs_has_a_german_word(name: str) -> None:
    file = page_of(drugs=(Drug(name="moonshine", drug_class=name),))
    ((_name, english, *_times),) = rows_of(file, "drugs", 0)
    with in_language("de"):
        ((_name, said, *_times),) = rows_of(file, "drugs", 0)
    assert said != english
    assert english_in(said) == []


@pytest.mark.parametrize("name", sorted(KNOWN_TESTS - {"crp", "egfr", "tsh"}))
def test_every_laboratory_test_has_a_german_name(name: str) -> None:
    file = page_of(laboratory=(Laboratory(name=name, value=3.0, unit="g/L"),))
    ((english, *_rest),) = rows_of(file, "blood", 0)
    with in_language("de"):
        ((said, _value, reason),) = rows_of(file, "blood", 0)
    assert said != english
    assert reason == "kein Referenzbereich"


@pytest.mark.parametrize("drug", ["risperidone", "amisulpride"])
def test_whose_range_a_level_has_is_german(drug: str) -> None:
    usual = Serum(drug=drug, value=50.0, unit="ng/mL", dose=4.0, dose_unit="mg/day")
    stated = Serum(drug=drug, value=5.0, unit="ng/mL", low=1.0, high=9.0)
    file = page_of(serum=(usual, stated))
    with in_language("de"):
        agnp, own = (row[-1] for row in rows_of(file, "blood", 0))
    assert english_in(agnp) == []
    assert "AGNP-Konsensus" in agnp
    assert ("gemeinsam gemessen mit 9-hydroxyrisperidone" in agnp) == (drug == "risperidone")
    assert own == "normal (1-9; wie angegeben)"


ODD = """
day_0 = 2026-01-01
[[symptoms]]
site = "legs"
times_per_week = 1
course = "chronic_persistent"
[[drugs]]
name = "moonshine"
[[drugs]]
name = "haloperidoll"
[[drugs]]
name = "olanzapine and fluoxetine"
[[drugs]]
name = "quetiapine 300 mg"
[[drugs]]
name = "risperidone"
dose = 2
unit = "tablets"
[[drugs]]
name = "sertraline"
dose = 50
unit = "mg/day"
start = "day 0"
stop = "day 9"
[[drugs]]
name = "sertraline"
dose = 100
unit = "mg/day"
start = "day 5"
stop = "day 12"
[[responses]]
drug = "propranolol"
change = "started"
effect = "no_change"
[[laboratory]]
name = "unobtainium"
value = 3
[[laboratory]]
name = "ferritin"
[[bars]]
seated_min = 1
global = 2
[[nights]]
file = "night.edf"
date = "day 90"
"""


def test_findings_about_a_context_are_german() -> None:
    findings = parse_context(ODD).findings
    codes = {one.code.removeprefix("context.") for one in findings}
    assert codes >= {
        *("unknown_drug", "dose_in_name", "daily_dose", "drug_not_listed", "doses_overlap"),
        *("unknown_test", "no_value", "no_unit", "no_range", "bars_too_short", "course"),
        "night_outside",
    }
    with in_language("de"):
        for one in findings:
            said = translated(one.message)
            assert said != one.message
            bare = re.sub(r"'[^']*'|\"[^\"]*\"|mg/day", "", said)  # labels, and what to write
            assert english_in(bare) == [], said


COUNTED = [item for item in all_evidence().items if item.counts is not None]


@pytest.mark.parametrize("item", COUNTED, ids=[item.id for item in COUNTED])
@pytest.mark.parametrize("value", [0.0, 1000.0])
def test_a_likelihood_ratio_is_german(item: Item, value: float) -> None:
    assert item.counts is not None
    with in_language("de"):
        assert english_in(likelihood_in_words(_likelihood(item.counts, value))) == []


@pytest.mark.parametrize("site", ["legs", "arms", "back"])
def test_where_movements_were_against_the_answers_is_german(site: str) -> None:
    where = "(legs: 16, arms: 2, trunk: 0)"
    text = next(one.text for one in all_evidence().items if one.id == f"contradiction_{site}")
    said = text.format(value="0 %", words=f" {where}")
    with in_language("de"):
        german = evidence_in_words({"id": f"contradiction_{site}", "text": said})
    assert "(Beine: 16, Arme: 2, Rumpf: 0)" in german
    assert english_in(german) == []


@pytest.mark.parametrize(("days", "said"), [(1, "1 Tag nach"), (2, r"2 Tag\w nach")])
def test_one_day_is_one_day_in_both_languages(days: int, said: str) -> None:
    symptom = Symptom(site="legs", onset=days)
    file = page_of(symptoms=(symptom,), drugs=(Drug(name="haloperidol", start=0),))
    english = " ".join(texts_of_page(context_page(file)))
    assert f"began {days} day{'s' if days > 1 else ''} after haloperidol" in english
    with in_language("de"):
        german = " ".join(texts_of_page(context_page(file)))
    assert re.search(f"begann {said} Beginn von haloperidol", german)


@pytest.mark.parametrize("label", ["Left Ankle X", "Wrist R X", "Hip X", "Sternum X", "Chest X"])
def test_where_a_sensor_is_worn_is_german(label: str) -> None:
    rule = role_of_label(label, "g").rule
    with in_language("de"):
        said = translated(rule)
    assert "Ort: " in said
    place = said.partition("Ort: ")[2].removeprefix("links ").removeprefix("rechts ")
    assert place not in rule
    assert place[0].isupper()
