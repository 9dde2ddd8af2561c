"""Catalogues of texts: complete, compiled, and with the fields of the English texts."""

import gettext
import re
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))
import translations

from psgkit.report.words.language import MESSAGE, in_language
from psgkit.report.words.messages import translated
from psgkit.report.words.rule_words import rule_facts
from psgkit.scoring.rules import RULE_SETS

LANGUAGES = translations.languages()


def texts_of(catalog: Catalog) -> dict[tuple[str | None, str], Message]:
    """Return the messages of a catalogue by context and text."""
    found = {}
    for message in catalog:
        first = message.id[0] if isinstance(message.id, tuple) else message.id
        if first:
            found[message.context, first] = message
    return found


def forms_of(message: Message) -> Iterator[tuple[str, str]]:
    """Yield each English form with its translation."""
    if isinstance(message.id, tuple):
        yield from zip(message.id, message.string, strict=True)
    else:
        yield str(message.id), str(message.string)


def fields_of(text: str) -> set[str]:
    return {name for _text, name, _form, _conversion in Formatter().parse(text) if name}


def test_the_template_has_the_texts_of_the_code() -> None:
    with translations.TEMPLATE.open("rb") as file:
        written = texts_of(read_po(file))
    assert set(written) == set(texts_of(translations.collected())), translations.__doc__


@pytest.mark.parametrize("folder", LANGUAGES, ids=lambda folder: folder.name)
def test_every_text_is_translated_with_its_fields(folder: Path) -> None:
    catalog = translations.catalogue_of(folder)
    messages = texts_of(catalog)
    assert set(messages) == set(texts_of(translations.collected()))
    assert not catalog.obsolete
    for message in messages.values():
        assert not message.fuzzy, message.id
        for english, form in forms_of(message):
            assert form, english
            assert fields_of(english) == fields_of(form), english
            assert english.startswith(" ") == form.startswith(" "), english


@pytest.mark.parametrize("folder", LANGUAGES, ids=lambda folder: folder.name)
def test_the_compiled_catalogue_is_that_of_the_texts(folder: Path) -> None:
    with (folder / "LC_MESSAGES" / "psgkit.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for (context, english), message in texts_of(translations.catalogue_of(folder)).items():
        if isinstance(message.id, tuple):
            assert tuple(compiled.ngettext(*message.id, n) for n in (1, 2)) == message.string
        elif context is None:
            assert compiled.gettext(english) == message.string
        else:
            assert compiled.pgettext(context, english) == message.string


@pytest.mark.parametrize("folder", LANGUAGES, ids=lambda folder: folder.name)
def test_each_finding_and_reason_is_recognised_by_its_template(folder: Path) -> None:
    """Whatever its fields: labels, which stay as they are, or numbers."""
    messages = texts_of(translations.catalogue_of(folder))
    found = [(text, one) for (context, text), one in messages.items() if context == MESSAGE]
    assert len(found) > 300
    with in_language(folder.name):
        for english, message in found:
            labels = [f"'left_{k}_or'" for k in range(len(fields_of(english)))]
            shown, wanted = english.format(*labels), str(message.string).format(*labels)
            if len(re.sub(r"\{\d\}", " ", english).split()) <= 2 or english[0] in ",;":
                continue  # a part of others
            assert translated(shown) == wanted
            if str(message.string).endswith("}") or not english.endswith("}"):
                assert translated(f"{shown}; unknown note") == f"{wanted}; unknown note"


@pytest.mark.parametrize("folder", LANGUAGES, ids=lambda folder: folder.name)
def test_a_text_that_psgkit_did_not_make_stays_as_it_is(folder: Path) -> None:
    with in_language(folder.name):
        for text in ("", "my own note, 3.5", "'left' and 'right' for me", "{0} {", "sleep.edf"):
            assert translated(text) == text


def test_fields_are_translated_where_they_are_texts_and_numbers_as_the_language_writes_them() -> (
    None
):
    with in_language("de"):
        for english, german in {
            "no sleep scored between lights off and on": "gescort: Schlaf",
            "no N1 or N2 scored between lights off and on": "gescort: N1 oder N2",
            "50 Hz hum of 0.9 uV, 30 % of the resting amplitude; subtracted": "mit 0,9 uV, 30 %",
            "'LAT', 'left': no usable time in 'LAT'": "'LAT', 'left': keine verwertbare Zeit",
        }.items():
            assert german in translated(english)


@pytest.mark.parametrize("folder", LANGUAGES, ids=lambda folder: folder.name)
@pytest.mark.parametrize("name", RULE_SETS)
def test_every_setting_of_a_rule_set_has_a_word(folder: Path, name: str) -> None:
    english = dict(rule_facts({"rules": asdict(RULE_SETS[name])}))["Values"]
    with in_language(folder.name):
        translated_rows = rule_facts({"rules": asdict(RULE_SETS[name])})
    shown = next(value for _label, value in translated_rows if value.count(";") > 5)
    same = {"IMI"}
    kept = {word for one in english.split(";") for word in re.findall("[A-Za-z]{3,}", one)}
    assert not kept & set(re.findall("[A-Za-z]{3,}", shown)) - same
