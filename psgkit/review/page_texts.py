"""Texts of the page of a review: those marked in its scripts, in the current language."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from psgkit.report.words.language import _

_MARKED = re.compile(r"""\b_\(("(?:[^"\\\n]|\\.)*")""")


def marked_in(script: str) -> Iterator[str]:
    """Yield the texts that a script marks by ``_("...")``, as in ``psgkit/review/page``.

    Examples
    --------
    >>> list(marked_in('say(_("All {n} done"), _(name))'))
    ['All {n} done']
    """
    for found in _MARKED.finditer(script):
        yield ast.literal_eval(found[1])


@cache
def marked_texts() -> tuple[str, ...]:
    """Return all texts that the scripts of the page mark."""
    scripts = (one for one in files("psgkit.review").joinpath("page").iterdir())
    sources = [one.read_text("utf-8") for one in scripts if one.name.endswith(".js")]
    return tuple(sorted({text for source in sources for text in marked_in(source)}))


def page_texts() -> dict[str, str]:
    """Return the texts of the page with their translation, without those that are the same."""
    return {text: said for text in marked_texts() if (said := _(text)) != text}
