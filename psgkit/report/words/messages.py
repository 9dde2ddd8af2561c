"""Findings, reasons and rules in the language of the reader.

These texts are made in English (``core/message.py``) and may come from a report read back from
JSON. A text is recognised by the templates of the catalogue; its fields are translated likewise
where they are texts themselves.
"""

import re
from functools import cache, lru_cache
from string import Formatter

from psgkit.core.dataclass import dataclass
from psgkit.core.regex import regex
from psgkit.report.words.language import is_english, language, locale, messages_of

_SEPARATORS = ("; ", ", ", ": ", " and ", " or ")
"""Between parts of a field, widest first."""
_QUOTED = regex(r"'[^']*'|\"[^\"]*\"")
"""Labels and other words of a file, which no language changes."""
_DECIMAL = regex(r"-?\d+\.\d+")
_LEAST_WORDS = 3
"""A template between two fields with fewer words is recognised within other texts only."""


@dataclass(frozen=True, slots=True)
class _Template:
    """One text of the catalogue: what it looks like in English, and its translation."""

    literals: tuple[str, ...]
    pattern: re.Pattern[str]
    translation: str
    alone: bool
    """Whether it may be a whole text, not only the field of another."""

    def fields(self, text: str) -> tuple[str, ...] | None:
        """Return the fields of a text that was made by this template, None for another."""
        if not all(literal in text for literal in self.literals):
            return None
        found = self.pattern.fullmatch(text)
        return None if found is None else found.groups()


def translated(text: str) -> str:
    """Return a text of a finding, reason or rule in the current language.

    A text without a translation, such as one that a user wrote, is returned as it is.

    Examples
    --------
    >>> from psgkit.report.words.language import in_language
    >>> with in_language("de"):
    ...     translated("no usable time in 'LAT'; not scored")
    "keine verwertbare Zeit in 'LAT'; nicht gescort"
    """
    return text if is_english() or not text else _translated(language(), text)


@lru_cache(maxsize=4096)
def _translated(code: str, text: str) -> str:
    parts = text.split("; ")
    shown: list[str] = []
    while parts:  # several reasons, each as long as one of the catalogue can be
        for n in range(len(parts), 0, -1):
            found = _reason(code, "; ".join(parts[:n]))
            if found is not None:
                break
        else:
            whole = None if shown else _by_template(code, text, alone=True)
            if whole is not None:
                return whole
            found = parts[0]
        shown.append(found)
        parts = parts[n:]
    return "; ".join(shown)


def _reason(code: str, text: str) -> str | None:
    """Return one reason, which may begin with the channels that have it; None if unknown."""
    found = _by_template(code, text, alone=True, one=True)
    if found is not None:
        return found
    channels, colon, reason = text.rpartition(": ")
    of_channels = _by_template(code, reason, alone=True, one=True) if colon else None
    return None if of_channels is None else f"{channels}: {of_channels}"


def _by_template(code: str, text: str, *, alone: bool, one: bool = False) -> str | None:
    """Return a text of the catalogue in the language, None for any other text.

    ``alone``: it is not the field of another. ``one``: its fields hold no other reason.
    """
    exact, templates = _catalogue(code)
    for whole in (text, text.rstrip(".")):
        if whole in exact:
            return exact[whole] + text[len(whole) :]
    for template in templates:
        if template.alone or not alone:
            fields = template.fields(text)
            if fields is not None and not (one and any("; " in field for field in fields)):
                return template.translation.format(*(_field(code, field) for field in fields))
    return None


def _field(code: str, text: str) -> str:
    """Return a field in the language: a number, a text of the catalogue, or a list of them."""
    if _QUOTED.fullmatch(text):
        return text
    if _DECIMAL.fullmatch(text):
        return text.replace(".", str(locale().number_symbols["latn"]["decimal"]))
    found = _by_template(code, text, alone=False)
    if found is not None:
        return found
    for separator in _SEPARATORS:
        if separator in text:
            word = separator.strip()
            joined = separator.replace(word, _by_template(code, word, alone=False) or word)
            return joined.join(_field(code, part) for part in text.split(separator))
    return text


@cache
def _catalogue(code: str) -> tuple[dict[str, str], tuple[_Template, ...]]:
    """Return the texts without fields, and the templates, most specific first."""
    exact, templates = {}, []
    for english, translation in messages_of(code):
        parts = [
            (literal, name) for literal, name, _form, _conversion in Formatter().parse(english)
        ]
        if all(name is None for _literal, name in parts):
            exact[english] = translation
            continue
        literals = tuple(literal for literal, _name in parts if literal)
        pattern = "".join(
            re.escape(literal) + ("" if name is None else "(.*?)") for literal, name in parts
        )
        between_fields = parts[0][0] == "" and parts[-1][1] is not None
        words_n = sum(len(literal.split()) for literal in literals)
        template = _Template(
            literals=literals,
            pattern=re.compile(pattern, re.DOTALL),
            translation=translation,
            alone=words_n >= _LEAST_WORDS or not between_fields,
        )
        templates.append(template)
    templates.sort(key=lambda one: -sum(map(len, one.literals)))
    return exact, tuple(templates)
