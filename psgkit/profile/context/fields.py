"""Declaration of one field of a clinical context: question, example, bounds, place in the file.

One declaration serves the template, the JSON schema and the check of a file, so that the three
cannot differ.  The keys of the metadata are those pydantic takes from a dataclass field.
"""

from collections.abc import Sequence
from dataclasses import MISSING, Field, field, fields
from datetime import date
from types import UnionType
from typing import Any, Literal, TypeAlias, Union, get_args, get_origin

from psgkit.core.regex import regex
from psgkit.io.text.read import lines_of

When: TypeAlias = date | int
"""A calendar date, or a day counted from the person's own day 0; a published case has no dates."""

Answer: TypeAlias = bool | Literal["partly"]
"""What was answered; a question that was not asked has no answer, which is not "no"."""

Site: TypeAlias = Literal["legs", "arms", "back", "other"]


def asked(question: str, example: Any, **limits: Any) -> Any:  # noqa: ANN401 - any field
    """Return a field that may be left out."""
    return field(default=None, metadata=_metadata(question, example, limits))


def required(question: str, example: Any, **limits: Any) -> Any:  # noqa: ANN401 - any field
    """Return a field that its row must have."""
    return field(metadata=_metadata(question, example, limits))


def section(cls: type[Any], question: str) -> Any:  # noqa: ANN401 - any section
    """Return a table of the file, empty when left out."""
    return field(default_factory=cls, metadata={"description": question})


def rows(question: str) -> Any:  # noqa: ANN401 - any rows
    """Return a list of tables of the file, empty when left out."""
    return field(default=(), metadata={"description": question})


def name_in_file(one: "Field[Any]") -> str:
    """Return what a field is called in a file; ``global`` is no name in Python."""
    return str(one.metadata.get("alias", one.name))


def fields_in_file(cls: type[Any]) -> dict[str, "Field[Any]"]:
    """Return the fields of a section by the names they have in a file."""
    return {name_in_file(one): one for one in fields(cls)}


def is_required(one: "Field[Any]") -> bool:
    """Return whether a row must have this field."""
    return one.default is MISSING and one.default_factory is MISSING


def _metadata(question: str, example: Any, limits: dict[str, Any]) -> dict[str, Any]:  # noqa: ANN401
    shown = example.isoformat() if isinstance(example, date) else example
    return {"description": question, "examples": [shown], **limits}


_WHEN = 'a date (2024-03-31) or a day ("day 14")'


def choices_of(hint: Any) -> list[str]:  # noqa: ANN401 - any type hint
    """Return the words a field may be one of; none if any text or number will do.

    Examples
    --------
    >>> choices_of(Literal["low", "high"] | None)
    ['low', 'high']
    """
    found: list[str] = []
    for leaf in _leaves(hint):
        if get_origin(leaf) is Literal:
            found += [str(choice) for choice in get_args(leaf)]
    return found


def takes_when(hint: Any) -> bool:  # noqa: ANN401 - any type hint
    """Return whether a field takes a day as well as a date.

    Examples
    --------
    >>> takes_when(date | int | None), takes_when(int | None)
    (True, False)
    """
    leaves = _leaves(hint)
    return date in leaves and int in leaves


def wanted_of(hint: Any) -> str:  # noqa: ANN401 - any type hint
    """Return the values of a field in words; empty for numbers, whose bounds are stated.

    Examples
    --------
    >>> wanted_of(bool | Literal["partly"] | None), wanted_of(bool | None), wanted_of(float)
    ('true, false or "partly"', 'true or false', '')
    """
    leaves, choices = _leaves(hint), choices_of(hint)
    if takes_when(hint):
        return _WHEN
    if bool in leaves:
        return f'true, false or "{choices[0]}"' if choices else "true or false"
    listed = any(get_origin(part) is tuple for part in _members(hint))
    if choices:
        return f"{'a list of ' if listed else 'one of '}{', '.join(choices)}"
    return 'a list of texts, ["..."]' if listed else ""


def _members(hint: Any) -> tuple[Any, ...]:  # noqa: ANN401 - any type hint
    return get_args(hint) if get_origin(hint) in {Union, UnionType} else (hint,)


def _leaves(hint: Any) -> list[Any]:  # noqa: ANN401 - any type hint
    """Return the plain types and Literals of a union, and of the items of a list."""
    found: list[Any] = []
    for part in _members(hint):
        if get_origin(part) is tuple:
            found += [leaf for item in get_args(part) if item is not ... for leaf in _leaves(item)]
        elif get_origin(part) in {Union, UnionType}:
            found += _leaves(part)
        else:
            found.append(part)
    return found


_HEADER = regex(r"""^\s*\[(\[?)\s*["']?([^\]"']+?)["']?\s*\]""")
_KEY = regex(r"""^\s*([\w."' -]+?)\s*=""")

Place = Sequence[str | int]
"""Names and numbers that lead to a field: ``("drugs", 1, "dose")``, numbers from 0."""


def line_of(text: str, place: Place) -> int | None:
    r"""Return the line, from 1, of a field or else of the nearest table around it.

    Examples
    --------
    >>> text = '[person]\nage = 50\n[[drugs]]\nname = "x"\n[[drugs]]\nname = "y"\ndose = 1'
    >>> line_of(text, ("drugs", 1, "dose")), line_of(text, ("drugs", 0, "dose"))
    (7, 3)
    """
    lines = dict(_places(text))
    for length in range(len(place), 0, -1):
        wanted = tuple(place[:length])
        # one table may stand for a list of one
        alone = tuple(part for part in wanted if part != 0 or isinstance(part, str))
        for one in (wanted, alone):
            if one in lines:
                return lines[one]
    return None


def name_of(place: Place) -> str:
    """Return the name of a field in messages: ``drugs 2, dose`` for ``("drugs", 1, "dose")``.

    Examples
    --------
    >>> name_of(("drugs", 1, "dose")), name_of(("person", "age"))
    ('drugs 2, dose', 'person, age')
    """
    words: list[str] = []
    for part in place:
        if isinstance(part, int) and words:
            words[-1] += f" {part + 1}"
        else:
            words.append(str(part))
    return ", ".join(words)


def place_in(where: str, text: str, place: Place) -> str:
    """Return file, line and field for a message."""
    line = line_of(text, place)
    numbered = where if line is None else f"{where}, line {line}"
    return f"{numbered}: {name_of(place)}" if place else numbered


def _places(text: str) -> list[tuple[tuple[str | int, ...], int]]:
    """Return every table and key with its line, first lines last so that they win in a dict."""
    found: list[tuple[tuple[str | int, ...], int]] = []
    table: tuple[str | int, ...] = ()
    counts: dict[str, int] = {}
    in_text = False
    for number, line in enumerate(lines_of(text), start=1):
        was_in_text = in_text
        if (line.count('"""') + line.count("'''")) % 2:
            in_text = not in_text
        if was_in_text:
            continue
        header, key = _HEADER.match(line), _KEY.match(line)
        if header:
            table = _table(header[2].strip(), bool(header[1]), counts)
            outer = str(table[0]).partition(".")[0].strip()
            found += [(table, number), ((outer,), number)]
        elif key:
            names = tuple(part.strip(" \"'") for part in key[1].split("."))
            found += [((*table, *names[: n + 1]), number) for n in range(len(names))]
    return found[::-1]


def _table(name: str, listed: bool, counts: dict[str, int]) -> tuple[str | int, ...]:  # noqa: FBT001
    if not listed:
        return tuple(part.strip(" \"'") for part in name.split("."))
    counts[name] = counts.get(name, -1) + 1
    return (name, counts[name])
