"""Values of a parsed report, each checked when it is taken; what is wrong is named by its field."""

import reprlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from psgkit.errors import InputFileError, PsgkitError

_ADVICE = "It is no report as psgkit writes it (psgkit.night/1)."
_LARGEST = 1e300
_MOST_COUNTED = 2**53
"""Beyond this a float skips whole numbers."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Node:
    """One value of a parsed file, with its name in there (``movements[3].onset_s``)."""

    value: Any
    name: str
    file: str


@dataclass(frozen=True, slots=True)
class Kind:
    """What a value must be, in words and as a test."""

    wanted: str
    accepts: Callable[[Any], bool]


def _is_number(value: object) -> bool:
    plain = isinstance(value, int | float) and not isinstance(value, bool)
    return plain and -_LARGEST < value < _LARGEST  # type: ignore[operator]


def _is_count(value: object) -> bool:
    return type(value) is int and 0 <= value <= _MOST_COUNTED


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def or_null(kind: Kind) -> Kind:
    """Return the kind that takes null as well."""
    return Kind(f"{kind.wanted} or null", lambda value: value is None or kind.accepts(value))


NUMBER = Kind("a finite number", _is_number)
COUNT = Kind("a whole number from 0", _is_count)
TEXT = Kind("a text", _is_text)
FLAG = Kind("true or false", lambda value: isinstance(value, bool))
TABLE = Kind("an object", lambda value: isinstance(value, Mapping))
TABLE_OR_NULL = or_null(TABLE)
NUMBER_OR_NULL = or_null(NUMBER)
COUNT_OR_NULL = or_null(COUNT)
TEXT_OR_NULL = or_null(TEXT)
FLAG_OR_NULL = or_null(FLAG)
_LIST = Kind("a list", lambda value: isinstance(value, list))
_MEMBER = Kind("an object with this key", lambda _: False)


def taken(node: Node, kind: Kind) -> Any:  # noqa: ANN401 - a value of that kind
    """Return the value of a node after looking at its kind.

    Examples
    --------
    >>> taken(Node(value=3, name="a", file="f"), NUMBER)
    3
    """
    if not kind.accepts(node.value):
        raise broken(node, kind.wanted)
    return node.value


def broken(node: Node, wanted: str) -> InputFileError:
    """Return the error that names the field, what is in it and what was wanted."""
    found = reprlib.repr(node.value) if node.value is not _MEMBER else "nothing"
    return InputFileError(node.file, f"{found} at {node.name}", wanted, _ADVICE)


def inside(node: Node, key: str) -> Node:
    """Return the member ``key`` of an object; raise if it has none."""
    name = f"{node.name}.{key}" if node.name else key
    found = taken(node, TABLE)
    if key not in found:
        raise broken(Node(value=_MEMBER, name=name, file=node.file), "a value or null")
    return Node(value=found[key], name=name, file=node.file)


def has(node: Node, key: str) -> bool:
    """Return whether an object has the member ``key``: one that older reports lack."""
    return key in taken(node, TABLE)


def members(node: Node) -> dict[str, Node]:
    """Return all members of an object by their keys."""
    return {key: inside(node, key) for key in taken(node, TABLE)}


def rows(node: Node) -> list[Node]:
    """Return the entries of a list."""
    return [
        Node(value=value, name=f"{node.name}[{row}]", file=node.file)
        for row, value in enumerate(taken(node, _LIST))
    ]


def column(table: Node, key: str, kind: Kind) -> list[Any]:
    """Return one member of every row of a table.

    Examples
    --------
    >>> column(Node(value=[{"a": 1}, {"a": 2}], name="t", file="f"), "a", COUNT)
    [1, 2]
    """
    found: Sequence[Any] = taken(table, _LIST)
    values = [row.get(key, _MEMBER) if isinstance(row, Mapping) else _MEMBER for row in found]
    if not all(map(kind.accepts, values)):
        row = [kind.accepts(value) for value in values].index(False)
        taken(inside(rows(table)[row], key), kind)
    return values


@contextmanager
def naming(node: Node, wanted: str) -> Iterator[None]:
    """Turn what a noun refuses (``ValueError``) into an error that names the field."""
    try:
        yield
    except InputFileError:
        raise
    except PsgkitError as error:
        found = f"{error.found} at {node.name}"
        raise InputFileError(node.file, found, error.wanted, _ADVICE) from None
    except (ValueError, OverflowError) as error:
        raise InputFileError(node.file, f"{error} at {node.name}", wanted, _ADVICE) from None
