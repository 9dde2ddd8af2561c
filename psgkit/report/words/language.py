"""Language of reports: ``_`` translates a text where it is used.

English texts stand in the code. Catalogues of other languages (gettext) lie in ``psgkit/locale``;
``scripts/translations`` collects the texts that are marked by ``_``, ``in_context``, ``plural`` and
``marked``.
"""

import gettext
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING

from psgkit.errors import SettingsError
from psgkit.extras import require

if TYPE_CHECKING:
    from babel import Locale

_DEFAULT = "en"
_CONTEXT_END = "\x04"
"""Between context and text in a catalogue of gettext."""
MESSAGE = "message"
"""Context of texts that are made in English and translated where they are shown."""
_current: ContextVar[str] = ContextVar("language", default=_DEFAULT)


def _(message: str, /, **fields: object) -> str:
    """Return a text in the current language with ``fields`` in its ``{names}``.

    Examples
    --------
    >>> _("{n} movements", n=3)
    '3 movements'
    """
    found = _catalogue(_current.get()).gettext(message)
    if _CONTEXT_END in found:  # not translated
        found = found.partition(_CONTEXT_END)[2]
    return found.format_map(fields) if fields else found


def in_context(context: str, message: str, /, **fields: object) -> str:
    """Return a text whose translation depends on a context, such as ``"posture"`` for ``"left"``.

    Examples
    --------
    >>> in_context("posture", "left")
    'left'
    """
    return _(f"{context}{_CONTEXT_END}{message}", **fields)


def plural(one: str, many: str, n: int, /, **fields: object) -> str:
    """Return a text with a count, ``{n}``, in the form that the number needs.

    Examples
    --------
    >>> plural("{n} night", "{n} nights", 1)
    '1 night'
    """
    found = _catalogue(_current.get()).ngettext(one, many, n)
    return found.format_map({"n": n, **fields})


def marked(message: str, /, context: str = "") -> str:
    """Mark a constant for the catalogue; ``_`` or ``Words`` translates it where it is used.

    Examples
    --------
    >>> _(marked("left", "posture"))
    'left'
    """
    return f"{context}{_CONTEXT_END}{message}" if context else message


class Words(Mapping[str, str]):
    """Texts by name in a fixed order, translated when they are looked up.

    Examples
    --------
    >>> Words({"W": marked("Wake"), "N1": marked("N1")})["W"]
    'Wake'
    """

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts

    def __getitem__(self, name: str) -> str:
        return _(self._texts[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)


@contextmanager
def in_language(code: str) -> Iterator[None]:
    """Report in a language within the block.

    Parameters
    ----------
    code : str
        One of ``languages()``.

    Raises
    ------
    SettingsError
        If there is no catalogue of that language.

    Examples
    --------
    >>> with in_language("en"):
    ...     _("Night report")
    'Night report'
    """
    if code not in languages():
        raise SettingsError("--language", repr(code), f"one of {', '.join(languages())}")
    token = _current.set(code)
    try:
        yield
    finally:
        _current.reset(token)


def is_english() -> bool:
    """Return whether texts are shown as the code has them."""
    return _current.get() == _DEFAULT


def messages_of(code: str) -> Iterator[tuple[str, str]]:
    """Yield the texts of findings, reasons and rules in English, each with its translation."""
    require("babel")
    from babel.messages.mofile import read_mo

    with _compiled(code).open("rb") as file:
        for message in read_mo(file):
            if message.context == MESSAGE:
                yield str(message.id), str(message.string)


def language() -> str:
    """Return the code of the current language, as web pages state it."""
    return _current.get()


def locale() -> "Locale":
    """Return the Babel locale of the current language, for numbers and dates."""
    return _locale(_current.get())


@cache
def languages() -> tuple[str, ...]:
    """Return the codes of English and of every language that has a catalogue.

    Examples
    --------
    >>> languages()[0]
    'en'
    """
    folders = (files("psgkit") / "locale").iterdir()
    return (_DEFAULT, *sorted(folder.name for folder in folders if folder.is_dir()))


@cache
def _locale(code: str) -> "Locale":
    require("babel")
    from babel import Locale

    return Locale(code)


@cache
def _catalogue(code: str) -> gettext.NullTranslations:
    if code == _DEFAULT:
        return gettext.NullTranslations()
    with _compiled(code).open("rb") as file:
        return gettext.GNUTranslations(file)


def _compiled(code: str) -> Traversable:
    return files("psgkit") / "locale" / code / "LC_MESSAGES" / "psgkit.mo"
