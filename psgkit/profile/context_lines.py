"""Find the line of a field in the text of a TOML file; the parser of Python does not tell it."""

import re
from collections.abc import Sequence

from psgkit.io.text import lines_of

_HEADER = re.compile(r"""^\s*\[(\[?)\s*["']?([^\]"']+?)["']?\s*\]""")
_KEY = re.compile(r"""^\s*([\w."' -]+?)\s*=""")

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
    """Return how messages call a field: ``drugs 2, dose`` for ``("drugs", 1, "dose")``.

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
    """Return the place of a table; rows of a list are counted."""
    if not listed:
        return tuple(part.strip(" \"'") for part in name.split("."))
    counts[name] = counts.get(name, -1) + 1
    return (name, counts[name])
