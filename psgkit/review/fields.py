"""Values of a change or of a line of a review file, checked one by one.

Both come from outside, as JSON.  A wrong value raises ``ReviewError`` with its field, what was
found and what was wanted; nothing is converted in silence.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from psgkit.errors import ReviewError

MOST_TEXT_N = 2000
"""Characters of a comment or a name; psgkit's own choice."""
_SHOWN_N = 60


def shown(value: object) -> str:
    """Return a value from outside as a message shows it: short.

    Examples
    --------
    >>> shown("x" * 100)[-4:], shown(None)
    ('x...', 'nothing')
    """
    if value is None:
        return "nothing"
    text = repr(value)
    return text if len(text) <= _SHOWN_N else f"{text[:_SHOWN_N]}..."


def table(value: object, where: str) -> Mapping[str, Any]:
    """Return a value that must be a JSON object."""
    if not isinstance(value, Mapping):
        raise ReviewError(where, shown(value), 'an object, such as {"action": "accept"}')
    return value


def rows(value: object, where: str) -> Sequence[Any]:
    """Return a value that must be a list."""
    if not isinstance(value, (list, tuple)):
        raise ReviewError(where, shown(value), "a list")
    return value


def number(value: object, where: str, low: float = -1e9, high: float = 1e9) -> float:
    """Return a value that must be a number within bounds, both included.

    Examples
    --------
    >>> number(3, "change: onset_s")
    3.0
    """
    good = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not (good and math.isfinite(float_of(value)) and low <= float_of(value) <= high):
        raise ReviewError(where, shown(value), f"a number from {low:g} to {high:g}")
    return float_of(value)


def float_of(value: object) -> float:
    """Return an int or a float as a float, infinite where it is too large for one."""
    try:
        return float(value)  # type: ignore[arg-type]
    except OverflowError:
        return math.inf


def whole(value: object, where: str, low: int = 0, high: int = 10**9) -> int:
    """Return a value that must be a whole number within bounds, both included."""
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise ReviewError(where, shown(value), f"a whole number from {low} to {high}")
    return value


def text(value: object, where: str, most_n: int = MOST_TEXT_N) -> str:
    """Return a value that must be a text, of at most ``most_n`` characters that can be stored."""
    if not isinstance(value, str) or len(value) > most_n:
        raise ReviewError(where, shown(value), f"a text of at most {most_n} characters")
    if any("\ud800" <= letter <= "\udfff" for letter in value):
        raise ReviewError(where, shown(value), "a text of Unicode characters")
    return value


def one_of(value: object, where: str, known: Collection[str]) -> str:
    """Return a value that must be one of some words."""
    if not isinstance(value, str) or value not in known:
        words = ", ".join(word or "an empty text" for word in known)
        raise ReviewError(where, shown(value), f"one of {words}")
    return value
