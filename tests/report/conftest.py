"""A language of other letters, for all tests of reports."""

from collections.abc import Iterator
from gettext import NullTranslations
from string import Formatter

import pytest

from psgkit.report.words import language, messages

LETTERS = str.maketrans(
    {chr(97 + k): chr(0x430 + k) for k in range(26)}
    | {chr(65 + k): chr(0x410 + k) for k in range(26)}
)
"""Latin letters as others, which no page holds otherwise."""


def in_other_letters(message: str) -> str:
    """Return a text in other letters, with its fields as they were."""
    pieces = []
    for literal, name, _form, _conversion in Formatter().parse(message):
        pieces.append(literal.translate(LETTERS).replace("{", "{{").replace("}", "}}"))
        pieces.append("" if name is None else f"{{{name}}}")
    return "".join(pieces)


class OtherLetters(NullTranslations):
    """A language that writes every text in other letters."""

    def gettext(self, message: str) -> str:
        return in_other_letters(message.rpartition("\x04")[2])

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return in_other_letters(msgid1 if n == 1 else msgid2)


@pytest.fixture
def other_letters(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Report in a language whose letters, names of days and months are not Latin."""
    monkeypatch.setattr(language, "languages", lambda: ("en", "ru"))
    monkeypatch.setattr(language, "_catalogue", lambda _code: OtherLetters())
    english = [message for message, _german in language.messages_of("de")]
    in_letters = [(message, in_other_letters(message)) for message in english]
    monkeypatch.setattr(messages, "messages_of", lambda _code: in_letters)
    with language.in_language("ru"):
        yield
