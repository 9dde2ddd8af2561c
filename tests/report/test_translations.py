"""Catalogues of texts: complete, compiled, and with the fields of the English texts."""

import gettext
import sys
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))
import translations

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
        for english, translated in forms_of(message):
            assert translated, english
            assert fields_of(english) == fields_of(translated), english
            assert english.startswith(" ") == translated.startswith(" "), english


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
