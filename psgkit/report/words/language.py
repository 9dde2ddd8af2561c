"""Language of reports: ``_`` marks and translates a text where it is used.

English texts stand in the code; catalogues of other languages lie in ``psgkit/locale`` (gettext).
"""

import gettext
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib.resources import files

_ENGLISH = gettext.NullTranslations()
_current: ContextVar[gettext.NullTranslations] = ContextVar("language", default=_ENGLISH)


def _(message: str, **fields: object) -> str:
    """Return a text in the current language with ``fields`` in its ``{names}``.

    Examples
    --------
    >>> _("{n} movements", n=3)
    '3 movements'
    """
    found = _current.get().gettext(message)
    return found.format_map(fields) if fields else found


def in_context(context: str, message: str, **fields: object) -> str:
    """Return a text that other languages word by its context, such as ``"stage"`` for ``"Wake"``.

    Examples
    --------
    >>> in_context("sleep stage", "Wake")
    'Wake'
    """
    found = _current.get().pgettext(context, message)
    return found.format_map(fields) if fields else found


def plural(one: str, many: str, n: int, **fields: object) -> str:
    """Return a text with a count, ``{n}``, in the form that the number asks for.

    Examples
    --------
    >>> plural("{n} night", "{n} nights", 1)
    '1 night'
    """
    return _current.get().ngettext(one, many, n).format_map({"n": n, **fields})


def marked(message: str) -> str:
    """Return a text as it is, marked for the catalogue: for constants that are translated later."""
    return message


@contextmanager
def in_language(code: str) -> Iterator[None]:
    """Report in a language of the catalogues within the block.

    Parameters
    ----------
    code : str
        ``"en"``, or the name of a folder in ``psgkit/locale``.

    Raises
    ------
    ValueError
        If there is no catalogue of that language.

    Examples
    --------
    >>> with in_language("en"):
    ...     _("Night report")
    'Night report'
    """
    token = _current.set(_catalogue(code))
    try:
        yield
    finally:
        _current.reset(token)


@cache
def _catalogue(code: str) -> gettext.NullTranslations:
    if code == "en":
        return _ENGLISH
    path = files("psgkit") / "locale" / code / "LC_MESSAGES" / "psgkit.mo"
    if not path.is_file():
        raise ValueError(f"no catalogue of the language {code!r}")
    with path.open("rb") as file:
        return gettext.GNUTranslations(file)
