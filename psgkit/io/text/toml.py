"""Read a TOML file of settings, channels or clinical context, within stated bounds.

The parser of the standard library takes memory that grows with the square of the depth of a key:
a key of 100 kB took 9.8 GB.  Size and depth are therefore checked before it is called.
"""

import math
import os
import re
from collections.abc import Iterator
from typing import Any

from psgkit.core.regex import regex
from psgkit.errors import InputFileError, SettingsError
from psgkit.io.files import first_bytes
from psgkit.io.text.own_files import own_file_of_text
from psgkit.io.text.read import decode_text, file_name

MOST_TOML_BYTES = 2**20
"""A context of a hundred nights is 50 kB; psgkit's own choice."""
DEEPEST_KEY = 16
"""Parts of a dotted key, and levels of arrays and tables within each other; psgkit's settings have
five; psgkit's own choice."""
_LARGEST_WHOLE = 2**63 - 1
"""TOML has whole numbers of 64 bits."""
_TOKEN = regex(
    r'"""(?:\\.|[^\\])*?(?:"""|\Z)'
    r"|'''.*?(?:'''|\Z)"
    r"|#[^\n]*"
    r"|(?P<bracket>[\[\]{}])"
    # a part of a key, or a value on one line; an unclosed text ends with its line
    r"|(?P<part>\"(?:\\.|[^\"\\\n])*\"?|'[^'\n]*'?|[^\s.=,#\"'\[\]{}]+)"
    r"|(?P<dot>\.)"
    r"|(?P<end>[\n=,])",
    re.DOTALL,
)


def read_toml_text(path: str | os.PathLike[str], wanted: str, advice: str = "") -> str:
    """Return the text of a TOML file; ``wanted`` and ``advice`` are for messages.

    An empty file is an empty text.

    Raises
    ------
    SettingsError
        If it is missing, a folder, a pipe or device, unreadable, too large or not text.
    """
    where = file_name(path)
    try:
        content = first_bytes(path, MOST_TOML_BYTES + 1, where, wanted)
        if len(content) > MOST_TOML_BYTES:
            found = f"more than {MOST_TOML_BYTES // 2**20} MB"
            raise SettingsError(where, found, wanted, "Check that this is the file you meant.")
        return decode_text(content, where).removeprefix("\ufeff")
    except InputFileError as error:
        raise SettingsError(error.where, error.found, wanted, advice) from None


def parse_toml(text: str, where: str, wanted: str, advice: str = "") -> dict[str, Any]:
    r"""Return the tables of a TOML text; ``where`` names it in messages.

    Examples
    --------
    >>> parse_toml("[emg]\nrate = 1", "lab.toml", "settings (TOML)")
    {'emg': {'rate': 1}}

    Raises
    ------
    SettingsError
        If it is no TOML, too large or nested too deeply.
    """
    import tomllib

    if len(text) > MOST_TOML_BYTES:
        raise SettingsError(where, f"more than {MOST_TOML_BYTES // 2**20} MB", wanted, advice)
    own = own_file_of_text(text)
    if own is not None:
        raise SettingsError(where, own.words, wanted, own.read_by)
    line = _too_deep_at(text)
    if line:
        found = f"keys or values nested in more than {DEEPEST_KEY} levels"
        raise SettingsError(f"{where}, line {line}", found, wanted, advice)
    try:
        content = tomllib.loads(text)
    except ValueError as error:
        # TOMLDecodeError is a ValueError, and so is the error of a number of 5000 digits
        place = re.search(r"\(at (line \d+), column \d+\)", str(error))
        # "end of document" is its last line with content
        last = f"line {len(text.rstrip().splitlines())}" if "end of document" in str(error) else ""
        at = f", {place[1] if place else last}" if place or last else ""
        twice = re.search(r"twice|overwrite", str(error), re.IGNORECASE)
        found = f"a name that is written twice ({error})" if twice else f"no TOML: {error}"
        wanted = "each name once" if twice else wanted
        raise SettingsError(f"{where}{at}", found, wanted, advice) from None
    return content


def refuse_odd_numbers(content: object, where: str) -> None:
    """Raise ``SettingsError`` for a number that is not finite, or whole with more than 64 bits.

    Examples
    --------
    >>> refuse_odd_numbers({"emg": {"rate": 1.0}}, "lab.toml")
    """
    for place, value in _numbers(content):
        if isinstance(value, float) and not math.isfinite(value):
            raise SettingsError(f"{where}: {place}", f"{value}", "a finite number")
        if isinstance(value, int) and not -_LARGEST_WHOLE - 1 <= value <= _LARGEST_WHOLE:
            found = f"a whole number of {value.bit_length()} bits"
            raise SettingsError(f"{where}: {place}", found, "a number of at most 64 bits")


def _too_deep_at(text: str) -> int:
    """Return the line where keys or brackets are nested too deeply; 0 if none are."""
    brackets = dots = 0
    for token in _TOKEN.finditer(text):
        kind = token.lastgroup
        if kind == "bracket":
            brackets = max(0, brackets + (1 if token[0] in "[{" else -1))
            dots = 0
        elif kind == "dot":
            dots += 1
        elif kind == "end":
            dots = 0
        if brackets > DEEPEST_KEY or dots >= DEEPEST_KEY:
            return text.count("\n", 0, token.start()) + 1
    return 0


def _numbers(content: object, place: str = "") -> Iterator[tuple[str, object]]:
    """Yield place and value of every number; the depth has been checked."""
    if isinstance(content, dict):
        for name, value in content.items():
            yield from _numbers(value, f"{place}.{name}" if place else str(name))
    elif isinstance(content, list):
        for at, value in enumerate(content):
            yield from _numbers(value, f"{place}[{at}]")
    elif isinstance(content, int | float):
        yield place, content
