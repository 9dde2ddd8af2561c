"""Texts of the page of a review, in the current language.

Its scripts mark them by ``_("...")``; of the page itself all texts, titles and labels are meant.
"""

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from importlib.resources import files

from psgkit.core.regex import regex
from psgkit.report.words.language import _, language

_MARKED = regex(r"""\b_\(("(?:[^"\\\n]|\\.)*")""")
_KEY_N = 1
"""Letters of a key or a sign, which is the same in every language."""


def marked_in(script: str) -> Iterator[str]:
    """Yield the texts that a script marks by ``_("...")``, as in ``psgkit/review/page``.

    Examples
    --------
    >>> list(marked_in('say(_("All {n} done"), _(name))'))
    ['All {n} done']
    """
    for found in _MARKED.finditer(script):
        yield ast.literal_eval(found[1])


class _Page(HTMLParser):
    """Collects texts, titles and labels of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        """Collect what an element says of itself."""
        self.texts += [value or "" for name, value in attrs if name in ("title", "aria-label")]

    def handle_data(self, data: str) -> None:
        """Collect a text."""
        self.texts.append(" ".join(data.split()))


def texts_in(page: str) -> list[str]:
    """Return the texts of a page that have a translation: keys and signs have none.

    Examples
    --------
    >>> texts_in('<p title="Undo (u)">All <kbd>a</kbd>')
    ['Undo (u)', 'All']
    """
    found = _Page()
    found.feed(page)
    return [text for text in found.texts if len(text) > _KEY_N and re.search("[a-z]{2}", text)]


@cache
def marked_texts() -> tuple[str, ...]:
    """Return all texts of the page and its scripts."""
    folder = files("psgkit.review").joinpath("page")
    scripts = [one.read_text("utf-8") for one in folder.iterdir() if one.name.endswith(".js")]
    of_scripts = {text for script in scripts for text in marked_in(script)}
    page = texts_in(folder.joinpath("index.html").read_text("utf-8"))
    return tuple(sorted(of_scripts.union(page)))


def page_texts() -> str:
    """Return a script with the language, and each text of the page that differs in it."""
    texts = {text: said for text in marked_texts() if (said := _(text)) != text}
    values = {"language": language(), "texts": texts}
    return "".join(f"export const {name} = {json.dumps(one)};\n" for name, one in values.items())
