"""Left and right from two labels of one recording that differ in one word or letter.

``Tib g`` and ``Tib d``, ``Leg s`` and ``Leg d`` or ``Tib 3`` and ``Tib 4`` say together what none
of them says alone.  Words that are a side by themselves are in ``label_words``.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import get_args

from psgkit.core.dataclass import dataclass
from psgkit.core.message import translatable
from psgkit.io.channels.label_words import ARM_PLACES, LEG_PLACES, Side, sides_in

_LETTERS = (
    "g:d s:d i:d e:d l:d l:p v:h v:o iz:de sn:ds le:ri va:ho le:pr ve:ho sol:sag vas:oik"
    " sin:des left:des left:d left:p left:h left:de left:pr g:right s:right i:right"
)
"""Short forms, left before right: French, Italian, Spanish, Portuguese, Polish, Swedish and Danish,
Finnish; last those of which one half is a side already."""
_PAIRS = tuple(tuple(pair.split(":")) for pair in _LETTERS.split())
_COUNTED = (("0", "1"), ("", "1"), ("", "2"))
"""Numbers of two channels that are not counted from 1: readers leave out the first number."""
_LIMBS = frozenset([*LEG_PLACES, *ARM_PLACES])
_SIDES: tuple[Side, ...] = get_args(Side)
_Parts = Mapping[str, list[int]]


@dataclass(frozen=True, slots=True)
class PairedSide:
    """The words of a label with its side, and how it is known."""

    words: str
    rule: str


def sides_of_pairs(labels: Sequence[str], kinds: Sequence[str]) -> dict[int, PairedSide]:
    """Return the labels whose side another label tells, by their place in the list.

    Parameters
    ----------
    labels : sequence of str
        All labels of a recording as ``plain_words``.
    kinds : sequence of str
        What each channel measures: only channels of one kind are a pair.

    Examples
    --------
    >>> found = sides_of_pairs(["tib g", "tib d", "leg", "leg"], ["voltage"] * 4)
    >>> [one.words for one in found.values()]
    ['tib left', 'tib right', 'leg left', 'leg right']
    >>> found[1].rule
    "right by its name beside 'tib g'"
    >>> found[3].rule
    'right is assumed: the second of two channels of this name'
    """
    limbs = {
        row: (kind, words)
        for row, (words, kind) in enumerate(zip(labels, kinds, strict=True))
        if _LIMBS.intersection(words.split()) and len(sides_in(words)) < len(_SIDES)
    }
    found: dict[int, PairedSide] = {}
    for stem, by_part in _stems(limbs).items():
        for row, side, rule in (*_by_letters(by_part, labels), *_by_numbers(stem, by_part, labels)):
            words = " ".join(side if word == "*" else word for word in stem[1:])
            found.setdefault(row, PairedSide(words, rule))
    return found | _by_order({row: one for row, one in limbs.items() if row not in found})


def _stems(limbs: Mapping[int, tuple[str, str]]) -> dict[tuple[str, ...], dict[str, list[int]]]:
    """Return labels by what is left without one word, and by that word; it may be missing."""
    stems: dict[tuple[str, ...], dict[str, list[int]]] = {}
    for row, (kind, words) in limbs.items():
        parts = words.split()
        stems.setdefault((kind, *parts, "*"), {}).setdefault("", []).append(row)
        for at, part in enumerate(parts):
            if part not in _LIMBS:
                stem = (kind, *parts[:at], "*", *parts[at + 1 :])
                stems.setdefault(stem, {}).setdefault(part, []).append(row)
    return stems


def _by_order(limbs: Mapping[int, tuple[str, str]]) -> dict[int, PairedSide]:
    """Return the sides of two equal labels: the first is taken as the left one."""
    equal: dict[tuple[str, str], list[int]] = {}
    for row, one in limbs.items():
        if not sides_in(one[1]):
            equal.setdefault(one, []).append(row)
    return {
        row: PairedSide(
            f"{words} {side}",
            translatable(f"{side} is assumed: the {order} of two channels of this name"),
        )
        for (_, words), rows in equal.items()
        if len(rows) == len(_SIDES)
        for side, row, order in zip(_SIDES, rows, ("first", "second"), strict=True)
    }


def _by_letters(by_part: _Parts, labels: Sequence[str]) -> Iterator[tuple[int, Side, str]]:
    """Yield the rows that short forms make a pair, each with its side and the rule."""
    for pair in _PAIRS:
        rows = [by_part.get(part, []) for part in pair]
        if all(len(one) == 1 for one in rows):
            for side, part, (row,), (other,) in zip(_SIDES, pair, rows, rows[::-1], strict=True):
                if part != side:
                    yield row, side, translatable(f"{side} by its name beside {labels[other]!r}")


def _by_numbers(
    stem: tuple[str, ...], by_part: _Parts, labels: Sequence[str]
) -> Iterator[tuple[int, Side, str]]:
    """Yield the rows that consecutive numbers make a pair; 1 and 2 alone are a side already."""
    numbers = sorted((part for part in by_part if part.isdecimal()), key=int)
    if len(numbers) == 1 and "" in by_part:
        numbers = ["", *numbers]
    if len(numbers) != len(_SIDES) or any(len(by_part[part]) != 1 for part in numbers):
        return
    first, second = numbers
    odd_even = first.isdecimal() and int(first) % 2 == 1 and int(second) == int(first) + 1
    rows = [by_part[part][0] for part in numbers]
    whole = " ".join(stem[1:])
    one, other = (" ".join(whole.replace("*", part).split()) for part in numbers)
    is_pair = f"{one} {other}" in labels
    if is_pair or not (odd_even or (first, second) in _COUNTED) or sides_in(whole):
        return
    for side, row, part in zip(_SIDES, rows, numbers, strict=True):
        beside = repr(labels[rows[1]])
        yield (
            row,
            side,
            translatable(f"{side} is assumed from the number {part}")
            if part
            else translatable(f"{side} is assumed: it has no number beside {beside}"),
        )
