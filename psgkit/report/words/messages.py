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
_DECIMAL = regex(r"(-?\d+)\.(\d+)( (?!times|points|an)[^\s.]+)?")
"""A number, with or without its unit."""
_PARENTHESES = regex(r"[()]")
_LEAST_WORDS = 3
"""A template between two fields with fewer words is recognised within other texts only."""


@dataclass(frozen=True, slots=True)
class _Template:
    """One text of the catalogue: what it looks like in English, and its translation."""

    literals: tuple[str, ...]
    patterns: tuple[re.Pattern[str], re.Pattern[str]]
    translation: str
    is_small: bool
    """It begins with a small letter, which is a capital where a sentence begins with it."""
    begins: bool
    """It begins with several words of its own, by which it is known."""
    moves_first: bool
    """It begins with a field, and its translation does not."""
    alone: bool
    """Whether it may be a whole text, not only the field of another."""

    def fields(self, text: str) -> tuple[str, ...] | None:
        """Return the fields of a text that was made by this template, None for another."""
        first, *others = self.literals
        if first[1:] not in text or not all(literal in text for literal in others):
            return None
        for pattern in self.patterns:  # the first field as short, then as long as it can be
            found = pattern.fullmatch(text)
            if found is not None and all(map(_is_balanced, found.groups())):
                return found.groups()
        return None


def _is_balanced(text: str) -> bool:
    """Return whether parentheses that open also close, so that a field is no piece of two."""
    return not _PARENTHESES.search(text) or _depths_end_at_zero(text)


def _depths_end_at_zero(text: str) -> bool:
    depth = 0
    for sign in _PARENTHESES.findall(text):
        depth += 1 if sign == "(" else -1
        if depth < 0:
            return False
    return depth == 0


def split_outside(text: str, separator: str) -> list[str]:
    """Return the parts of a text between separators that stand outside parentheses.

    Examples
    --------
    >>> split_outside("rest (2; 3); evening", "; ")
    ['rest (2; 3)', 'evening']
    """
    parts: list[str] = []
    for part in text.split(separator):
        if parts and not _is_balanced(parts[-1]):
            parts[-1] += separator + part
        else:
            parts.append(part)
    return parts if all(map(_is_balanced, parts)) else text.split(separator)


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
    parts = split_outside(text, "; ")
    shown: list[str] = []
    while parts:  # several reasons, each as long as one of the catalogue can be
        for n in range(len(parts), 0, -1):
            found = _reason(code, "; ".join(parts[:n]), several=n > 1)
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


def sentence_in_words(text: str) -> str:
    """Return a sentence of a profile, clauses between semicolons, in the current language.

    Examples
    --------
    >>> from psgkit.report.words.language import in_language
    >>> with in_language("de"):
    ...     sentence_in_words("No recording.")
    'Keine Aufzeichnung.'
    """
    if is_english() or not text:
        return text
    said = translated(text.removesuffix("."))
    return _capital(said) + "." * text.endswith(".")


def words_in_words(text: str) -> str:
    """Return a few words, such as the finding of a row, in the current language.

    Examples
    --------
    >>> from psgkit.report.words.language import in_language
    >>> with in_language("de"):
    ...     words_in_words("legs and arms")
    'Beine und Arme'
    """
    return text if is_english() or not text else _field(language(), text)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _reason(code: str, text: str, *, several: bool) -> str | None:
    """Return one reason, which may begin with the channels that have it; None if unknown."""
    found = _by_template(code, text, alone=True, one=several)
    if found is not None:
        return found
    channels, colon, reason = text.rpartition(": ")
    known = bool(colon) and "; " not in channels
    of_channels = _by_template(code, reason, alone=True, one=several) if known else None
    return None if of_channels is None else f"{channels}: {of_channels}"


def _by_template(
    code: str, text: str, *, alone: bool, one: bool = False, closing: bool = False
) -> str | None:
    """Return a text of the catalogue in the language, None for any other text.

    ``alone``: it is not the field of another. ``one``: its fields hold no other reason.
    ``closing``: its last parenthesis is its own.
    """
    exact, templates = _catalogue(code)
    for whole in (text, text.rstrip(".")):
        if whole in exact:
            return exact[whole] + text[len(whole) :]
    first_small = text[:1].lower() + text[1:]
    if first_small in exact:
        return _capital(exact[first_small])
    for template in templates:
        if (template.alone or not alone) and (not closing or template.literals[-1].endswith(")")):
            fields = template.fields(text)
            no_reasons = one or not template.alone
            if fields is None or (no_reasons and any("; " in f"{field} " for field in fields)):
                continue
            if template.moves_first and (small := _begun_small(code, fields[0])):
                fields = (small, *fields[1:])
            shown = template.translation.format(*(_field(code, field) for field in fields))
            began = template.is_small and text[:1].isupper()
            return _capital(shown) if began else shown
    return None


def _field(code: str, text: str) -> str:
    """Return a field in the language: a number, a text of the catalogue, or a list of them."""
    known = _known(code, text)
    if known is not None:
        return known
    for separator in _SEPARATORS:
        parts = split_outside(text, separator)
        if len(parts) > 1:
            return _joint(code, separator).join(_field(code, part) for part in parts)
    return text


def _known(code: str, text: str, *, alone: bool = False) -> str | None:
    """Return a field in the language if all of it is known, else None.

    A list of known parts, each of which could be a text alone, comes before a template that would
    read over the whole of it.
    """
    if _QUOTED.fullmatch(text):
        return text
    decimal = _DECIMAL.fullmatch(text)
    if decimal:
        sign = str(locale().number_symbols["latn"]["decimal"])
        return f"{decimal[1]}{sign}{decimal[2]}{decimal[3] or ''}"
    for separator in ("; ", ", ", " and ", " or "):
        parts = split_outside(text, separator)
        shown = [_known(code, part, alone=True) for part in parts] if len(parts) > 1 else [None]
        if text not in _catalogue(code)[0] and None not in shown:
            return _joint(code, separator).join(one for one in shown if one is not None)
    if text.endswith(")"):
        found = _by_template(code, text, alone=alone, closing=True)
        if found is not None:
            return found
        before, opened, within = text.removesuffix(")").partition(" (")
        whole = bool(opened) and _is_balanced(within)
        if whole and (_known(code, before) or _known(code, within)) is not None:
            return f"{_field(code, before)} ({_field(code, within)})"
    return _by_template(code, text, alone=alone)


def _begun_small(code: str, text: str) -> str:
    """Return a field that began a sentence without its capital, if it is known so; else nothing."""
    small = text[:1].lower() + text[1:]
    return small if small != text and _known(code, small) is not None else ""


def _joint(code: str, separator: str) -> str:
    """Return a separator in the language."""
    word = separator.strip()
    return separator.replace(word, _by_template(code, word, alone=False) or word)


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
        patterns = [
            regex(
                "".join(
                    _escaped(literal, first=number == 0) + ("" if name is None else field)
                    for number, (literal, name) in enumerate(parts)
                ),
                re.DOTALL,
            )
            for field in ("(.*?)", "(.*)")
        ]
        between_fields = parts[0][0] == "" and parts[-1][1] is not None
        words_n = sum(len(literal.split()) for literal in literals)
        template = _Template(
            literals=literals,
            patterns=(patterns[0], patterns[1]),
            translation=translation,
            is_small=english[:1].islower(),
            begins=len(parts[0][0].split()) >= _LEAST_WORDS,
            moves_first=english.startswith("{0}") and not translation.startswith("{0}"),
            alone=words_n >= _LEAST_WORDS or not between_fields,
        )
        templates.append(template)
    # a text that begins as a template does is that one, however long another that has it as a field
    templates.sort(key=lambda one: (not one.begins, -sum(map(len, one.literals))))
    return exact, tuple(templates)


def _escaped(literal: str, *, first: bool) -> str:
    """Return a literal as a pattern; a small letter that begins a text may be a capital."""
    if not first or not literal[:1].islower():
        return re.escape(literal)
    return f"[{literal[0]}{literal[0].upper()}]{re.escape(literal[1:])}"
