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
from psgkit.profile.answer.recorded import Kind, Recorded
from psgkit.profile.answer.statement import answer_of_context, with_answer
from psgkit.profile.context.model import Context
from psgkit.profile.context.read import ContextFile, read_context
from psgkit.profile.evidence.items import STATEMENT
from psgkit.profile.evidence.of_night import profile_of_test
from psgkit.report.context_answer import answer_page
from psgkit.report.night.answer import answer_sections
from psgkit.report.night.profile import section_of_profile
from psgkit.report.page_model import Facts, Matrix, Notes, Table
from psgkit.report.words.language import in_language

FILES = sorted((Path(__file__).parent / "vignettes").glob("*.toml"))
ENGLISH = re.compile(
    r"\b(the|of|and|or|is|are|not|with|after|for|by|to|no|only|speaks?|fits?|can|it|open|which|this"
    r"|that|from|until|toward|leaves?|lean|days?|asked|met|denied|as|on|at|under|its|were|has|have"
    r"|times|points|hour|legs|arms|back|restless|akathisia|restlessness|relief|worse|evening|lying|sleep|drug)\b",
    re.IGNORECASE,
)
TERMS = re.compile(r"Restless-(Legs|Arms|Back)|Restless Legs|et al\. \d{4}, [^:]*:|\(psgkit[^)]*\)")
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
    """What was read, compared and found; titles of journals stay as they are."""
    profile = profile_of_test({}, context=read_context(file).context)
    with in_language("de"):
        for part in section_of_profile(profile).parts:
            rows = part.rows if isinstance(part, Table) else ()
            lines = part.lines if isinstance(part, Notes) else ()
            for text in (*lines, *(cell for row in rows for cell in row)):
                said = text.partition("Quelle: ")[0]
                assert english_in(said) == [], said
