"""Another language: every page says other words, and no English is left."""

import json
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from rounds import first_of

import psgkit
from psgkit.document.masking import names_kept
from psgkit.profile.evidence.items import STATEMENT
from psgkit.report.words.words import name_in_words
from psgkit.sit.report import REFERENCES
from tests.report.conftest import in_other_letters
from tests.report.every_page import REPORTS, SAMPLES, Rendered, rendered

PACKAGE = Path(psgkit.__file__).parent
NAMES = {"psgkit", "context", "REM", "BibTeX"}
"""What is called the same in every language."""
TRANSLATED = frozenset(("message", "reason", "rule", "why"))
"""Fields of a night's document that are shown in the language of the reader."""


@pytest.fixture(autouse=True)
def names_are_shown() -> Iterator[None]:
    """Keep the words of recordings in the documents, so that they are known on the pages."""
    with names_kept(kept=True):
        yield


def strings_in(value: Any, skipped: frozenset[str] = frozenset()) -> Iterator[str]:  # noqa: ANN401
    """Yield every text of a document that is not one of a closed list, as ``left_leg`` is."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name not in skipped:
                yield from strings_in(inner, skipped)
    elif isinstance(value, list):
        for inner in value:
            yield from strings_in(inner, skipped)
    elif isinstance(value, str) and not re.fullmatch("[a-z_]+", value):
        yield value


def names_in(settings: Any) -> Iterator[str]:  # noqa: ANN401 - what JSON holds
    """Yield what settings are called and set to, which a page repeats as their file has it."""
    if isinstance(settings, dict):
        for name, inner in settings.items():
            yield name_in_words(name)
            yield name_in_words(name).lower()
            yield from names_in(inner)
    elif isinstance(settings, list):
        for inner in settings:
            yield from names_in(inner)
    elif isinstance(settings, str):
        yield settings.replace("_", " ")


@cache
def evidence_words() -> frozenset[str]:
    """Return what lies in files of evidence, and in the context of the patient."""
    found = set()
    for path in (*PACKAGE.rglob("*.toml"), SAMPLES / "case" / "context.toml"):
        found |= set(strings_in(tomllib.loads(path.read_text(encoding="utf-8"))))
    return frozenset(
        found | {one.text for told in REFERENCES.values() for one in told} | {STATEMENT}
    )


def words_of(said: str) -> set[str]:
    """Return the words in Latin letters."""
    return set(re.findall(r"[A-Za-z]{2,}", said))


def signs_in(said: str) -> set[str]:
    """Return the words in the other letters."""
    return set(re.findall("[\u0410-\u0449]{2,}", said))


def from_outside(shown: Rendered) -> set[str]:
    """Return the words that are not of the page: of the recording, its findings and reasons."""
    document = json.loads(shown.json)
    skipped = TRANSLATED if document.get("schema", "").startswith("psgkit.night/") else frozenset()
    told = {*strings_in(document, skipped), *evidence_words()}
    if not skipped:
        told |= set(names_in(document.get("settings")))
    told |= {found["where"] for found in document.get("findings", ())}
    return {word for one in told for word in words_of(one)} | NAMES


@pytest.mark.usefixtures("other_letters")
@pytest.mark.parametrize("kind", first_of([kind for kind in REPORTS if kind != "context"], 3))
def test_no_word_of_a_page_stays_english(kind: str) -> None:
    shown = rendered(kind, with_profile=False)  # evidence is data of its own
    known = from_outside(shown)
    for name, said in shown.seen.items():
        left = words_of(said) - known
        if name == "PDF":  # which cuts words of the recording at the end of a cell
            left = {one for one in left if not any(one in word for word in known)}
        assert not left, (name, sorted(left))
        assert len(signs_in(said)) > 20, name


@pytest.mark.parametrize("kind", ["agreement", "cohort"])
def test_an_english_page_has_words_that_would_be_noticed(kind: str) -> None:
    shown = rendered(kind, with_profile=False)
    for name, said in shown.seen.items():
        assert len(words_of(said) - from_outside(shown)) > 15, name


@pytest.mark.usefixtures("other_letters")
def test_the_page_of_a_context_shows_the_other_language() -> None:
    shown = rendered("context").terminal  # what the patient told stays as it was told
    assert len(signs_in(shown)) > 20


@pytest.mark.usefixtures("other_letters")
def test_evidence_stands_in_a_page_of_the_other_language() -> None:
    shown = rendered("night")
    for said in shown.seen.values():
        assert in_other_letters("Evidence") in said
        assert "Walters" in said
