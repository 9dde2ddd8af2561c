"""One spelling of a drug's name: salts, depots, forms, trade names, combinations, typing errors.

A name is never replaced: where it is not known, it is kept, and a likely typing error is suggested.
"""

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from psgkit.core.regex import regex

_BETWEEN = regex(r"[\s/+&,;_-]+")
_JOINING = frozenset({"and", "with", "plus"})
_MARKS = str.maketrans("", "", "\u00ae\u2122\u00a9.'\u2019")
_STRENGTH = regex(r"\d+(?:mg|g|ug|mcg|ml|h|month|months|week|weeks|%)?|mg|ug|mcg|ml")
_BRACKETS = regex(r"\(([^()]*)\)|\[([^\[\]]*)\]")
_MILLIGRAM = regex(r"(?<![\w.,])(\d+(?:[.,]\d+)?) ?mg\b")
_HANDED = regex(r"[(\[]([a-z+-]{1,2})[)\]][\s-]*")
_SHORTEST_WITH_ERRORS = 6
"""Shorter names differ by one letter too often."""
_SHORTEST_NATIONAL = 6
_FOLDS = (
    ("ph", "f"),
    ("th", "t"),
    ("rh", "r"),
    ("ch", "k"),
    ("ae", "e"),
    ("oe", "e"),
    ("y", "i"),
    ("c", "k"),
    ("q", "k"),
    ("z", "s"),
)
"""Letters that sound alike, or that languages write differently."""


@cache
def drug_table() -> dict[str, Any]:
    """Return the parsed ``drugs.toml``."""
    text = files(__package__).joinpath("drugs.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def drug_key(name: str) -> str:
    """Return one spelling of a drug's name, so that steps, levels and responses meet.

    Salts, esters, forms, strengths, makers and partners of combinations that do not count here are
    left away, and trade names become the generic name; several substances are joined by `` + ``.

    Examples
    --------
    >>> drug_key(" Trihexyphenidyl hydrochloride") == drug_key("benzhexol")
    True
    >>> drug_key("aripiprazole lauroxil"), drug_key("Sinemet CR"), drug_key("levosulpiride")
    ('aripiprazole', 'levodopa', 'levosulpiride')
    >>> drug_key("flupentixol/melitracen")
    'flupentixol + melitracen'
    """
    return _key(name)


@cache
def _key(name: str) -> str:
    written = _without_accents(unicodedata.normalize("NFKC", name).casefold()).translate(_MARKS)
    # (S)-citalopram is another substance than citalopram
    written = _HANDED.sub(r"\1-", written)
    inside = [one or two for one, two in _BRACKETS.findall(written)]
    outside = " ".join(_BRACKETS.sub(" ", written).split())
    keys = [_plain_key(part) for part in (outside, *inside) if part.strip()]
    known = [key for key in keys if key in _substances()]
    # "Abilify (aripiprazole)" is known by either half, "x (moonshine)" by none
    return next(iter(known), keys[0] if keys else " ".join(written.split()))


def _without_accents(name: str) -> str:
    """Return a name without accents and dots: ``quétiapine`` is quetiapine."""
    parts = unicodedata.normalize("NFD", name)
    return "".join(letter for letter in parts if not unicodedata.combining(letter))


def _plain_key(written: str) -> str:
    if written in _spellings():
        return _spellings()[written]
    words = [word for word in _BETWEEN.split(written) if word]
    if " ".join(words) in _spellings():
        return _spellings()[" ".join(words)]
    left_away = _left_away()
    kept = [word for word in words if word not in left_away and not _STRENGTH.fullmatch(word)]
    if not kept:
        return " ".join(words)
    kept = [_without_salt(word) for word in kept]
    whole = " ".join(kept)
    if whole in _spellings():
        return _spellings()[whole]
    parts = {_spellings().get(word) for word in kept}
    if None in parts:
        return whole
    return " + ".join(sorted(part for part in parts if part))


def _without_salt(word: str) -> str:
    """Return a German compound without its salt: ``quetiapinfumarat`` is quetiapin."""
    for salt in _german_salts():
        stem = word.removesuffix(salt)
        if stem != word and stem in _spellings():
            return stem
    return word


def substances_in(name: str) -> tuple[str, ...]:
    """Return the known substances of a combination; one or none if it is no combination.

    Examples
    --------
    >>> substances_in("perphenazine and amitriptyline"), substances_in("levodopa/carbidopa")
    (('amitriptyline', 'perphenazine'), ('levodopa',))
    >>> substances_in("moonshine")
    ()
    """
    parts = tuple(drug_key(name).split(" + "))
    return parts if all(part in _substances() for part in parts) else ()


def strength_in(name: str) -> str | None:
    """Return the number of mg that stands in a name, or None.

    Examples
    --------
    >>> strength_in("Quetiapine XR 300 mg"), strength_in("vitamin B6")
    ('300', None)
    """
    found = _MILLIGRAM.search(name.casefold())
    return found[1].replace(",", ".") if found else None


def nearest_drug(name: str) -> str | None:
    """Return the name of the table that ``name`` is a likely typing error of, or None.

    Likely: one letter too many, missing, wrong or exchanged with its neighbour, letters that sound
    alike, or the same letters in another order; the first letter is the same. Where several
    substances are as near, none is suggested, because a suggestion must not lead to another one.

    Examples
    --------
    >>> nearest_drug("amisulpird"), nearest_drug("Seroqel"), nearest_drug("respiridone")
    ('amisulpride', 'seroquel', 'risperidone')
    >>> nearest_drug("esmirtazapine"), nearest_drug("dexsulpiride")
    (None, None)
    """
    written = drug_key(name)
    if len(written) < _SHORTEST_WITH_ERRORS or written in _substances():
        return None
    near = {
        spelling: _spellings()[spelling]
        for spelling in _spellings()
        if spelling[0] == written[0] and _typing_error(written, spelling)
    }
    if len(set(near.values())) != 1:
        return None
    # the generic name rather than another spelling of it
    generic = next(iter(near.values()))
    return generic if generic in near else next(iter(near))


def _typing_error(written: str, meant: str) -> bool:
    if len(meant) < _SHORTEST_WITH_ERRORS or abs(len(written) - len(meant)) > 2:  # noqa: PLR2004
        return False
    if _one_apart(written, meant) or _one_apart(_folded(written), _folded(meant)):
        return True
    return len(written) > _SHORTEST_WITH_ERRORS and sorted(written) == sorted(meant)


def _folded(name: str) -> str:
    """Return a name by its sound, with double letters and a last e left away."""
    for letters, sound in _FOLDS:
        name = name.replace(letters, sound)
    return re.sub(r"(.)\1", r"\1", name).removesuffix("e")


def _one_apart(one: str, other: str) -> bool:
    """Return whether two names differ by one letter or two exchanged neighbours at most."""
    start = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
    if start is None:
        return abs(len(one) - len(other)) <= 1
    left, right = one[start:], other[start:]
    exchanged = left[1::-1] == right[:2] and left[2:] == right[2:]
    return exchanged or left[1:] == right[1:] or left[1:] == right or left == right[1:]


@cache
def _substances() -> frozenset[str]:
    classes = drug_table()["classes"].values()
    return frozenset(drug for row in classes for drug in row["drugs"])


@cache
def _spellings() -> dict[str, str]:
    """Return every spelling of the table with the substance."""
    table = drug_table()
    international = {**table["aliases"], **{drug: drug for drug in _substances()}}
    return {**_national(international), **table["brands"], **international}


def _national(names: Mapping[str, str]) -> dict[str, str]:
    """Return how German, Spanish and Italian write international names that end with an e.

    Of two names that would be written alike neither is known.
    """
    found: dict[str, str] = {}
    twice = set()
    for name, substance in names.items():
        if len(name) < _SHORTEST_NATIONAL or not name.endswith("e"):
            continue
        for ending in ("", "a", "o"):
            spelling = name.removesuffix("e") + ending
            if found.setdefault(spelling, substance) != substance:
                twice.add(spelling)
    return {spelling: found[spelling] for spelling in found if spelling not in twice}


@cache
def _german_salts() -> tuple[str, ...]:
    """Return the salts as ends of German compounds, longest first."""
    salts = {salt.removesuffix("e") for salt in drug_table()["names"]["salts"]}
    return tuple(sorted(salts, key=len, reverse=True))


@cache
def _left_away() -> frozenset[str]:
    names = drug_table()["names"]
    kinds = ("salts", "forms", "partners", "makers")
    words = frozenset(word for kind in kinds for word in names[kind])
    # German salts and partners end without an e
    german = frozenset(
        word.removesuffix("e") for kind in ("salts", "partners") for word in names[kind]
    )
    return words | german | _JOINING
