"""Another language: with a file of texts every page says other words, and no English is left."""

import json
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

from psgkit.errors import SettingsError
from psgkit.profile.evidence.items import STATEMENT
from psgkit.report.words.number_format import digits
from psgkit.report.words.texts import english_texts, in_language, text
from psgkit.report.words.words import name_in_words, texts
from psgkit.sit.references import REFERENCES
from tests.report.every_page import REPORTS, SAMPLES, Rendered, rendered

PACKAGE = Path(texts.__file__).parents[1]
SIGNS = str.maketrans(
    {chr(97 + k): chr(0x430 + k) for k in range(26)}
    | {chr(65 + k): chr(0x410 + k) for k in range(26)}
)
"""Latin letters as others, which no page holds otherwise."""
KEPT = ("number.", "words.language")
NAMES = {"psgkit", "context", "REM"}
"""What is called the same in every language."""


def in_signs(said: str) -> str:
    """Return a text in other letters, with its fields as they were."""
    pieces = []
    for literal, name, _, _ in Formatter().parse(said):
        pieces.append(literal.translate(SIGNS).replace("{", "{{").replace("}", "}}"))
        pieces.append("" if name is None else f"{{{name}}}")
    return "".join(pieces)


def as_toml(found: dict[str, str]) -> str:
    """Return texts by dotted key as TOML."""
    return "".join(
        f"{'.'.join(map(json.dumps, key.split('.')))} = {json.dumps(said, ensure_ascii=False)}\n"
        for key, said in found.items()
    )


@pytest.fixture(scope="module")
def translated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the texts of the reports in other letters, as a file."""
    path = tmp_path_factory.mktemp("texts") / "texts_xx.toml"
    found = {k: in_signs(said) for k, said in english_texts().items() if not k.startswith(KEPT)}
    path.write_text(as_toml(found), encoding="utf-8")
    return path


def strings_in(value: Any) -> Iterator[str]:  # noqa: ANN401 - what JSON or TOML holds
    """Yield every text of a document that is not one of a closed list, as ``left_leg`` is."""
    if isinstance(value, (dict, list)):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from strings_in(inner)
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
        if not path.name.startswith("texts_"):
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
    told = {*strings_in(document), *names_in(document.get("settings")), *evidence_words()}
    told |= {found["where"] for found in document.get("findings", ())}
    return {word for one in told for word in words_of(one)} | NAMES


@pytest.mark.parametrize("kind", [kind for kind in REPORTS if kind != "context"])
def test_no_word_of_a_page_stays_english(kind: str, translated: Path) -> None:
    with in_language(translated):
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
        assert len(words_of(said) - from_outside(shown)) > 20, name


def test_the_page_of_a_context_shows_the_other_language(translated: Path) -> None:
    with in_language(translated):
        shown = rendered("context").terminal  # what the patient told stays as it was told
    assert len(signs_in(shown)) > 20


def test_evidence_stands_in_a_page_of_the_other_language(translated: Path) -> None:
    with in_language(translated):
        shown = rendered("night")
    for said in shown.seen.values():
        assert in_signs(text("profile.title")) in said
        assert "Walters" in said


def test_what_a_translation_lacks_stays_english(tmp_path: Path) -> None:
    path = tmp_path / "texts_de.toml"
    path.write_text('[stage]\nW = "Wach"\n[number]\ndecimal = ","\nthousands = "."\n', "utf-8")
    with in_language(path):
        assert (text("stage.W"), text("stage.UNSCORED")) == ("Wach", "Unscored")
        assert digits(-1234.5, 1) == "\u22121.234,5"
    assert text("stage.W") == "Wake"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('[stage]\nX = "Wach"\n', "texts_de.toml, stage.X: found a key that no report uses"),
        (
            '[banner]\nsimulated = "Simuliert"\n',
            "simulated: found no {fields}, wanted {message}",
        ),
        ('[stage]\nW = "{n} wach"\n', "stage.W: found {n}, wanted no {fields}"),
        ('[banner]\nsimulated = "{message"\n', "texts_de.toml, banner.simulated: found "),
        ('[banner]\nsimulated = "{message.x}"\n', "a field that is no plain name, 'message.x'"),
        ('[banner]\nsimulated = "{message:>9}"\n', "a field that is no plain name"),
        ("[stage]\nW = 3\n", "texts_de.toml, stage.W: found 3, wanted a text"),
        ("[stage\n", "texts_de.toml: found "),
        ("stage = 'Wach'\n", "texts_de.toml, stage: found a key that no report uses"),
    ],
)
def test_a_translation_that_cannot_be_used_is_refused_by_file_and_key(
    tmp_path: Path, content: str, said: str
) -> None:
    path = tmp_path / "texts_de.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(SettingsError) as refused, in_language(path):
        pytest.fail("the file was taken")
    assert said in str(refused.value)
    assert text("stage.W") == "Wake"


def test_a_translation_that_is_not_there_or_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "texts_de.toml"
    for found in ("no such file", "utf-8"):
        with pytest.raises(SettingsError, match=found), in_language(path):
            pytest.fail("the file was taken")
        path.write_bytes(b"[stage]\nW = '\xff'\n")
