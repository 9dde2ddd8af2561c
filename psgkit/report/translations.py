"""A file of translated texts, checked against the English ones before any page is made."""

import difflib
import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Formatter
from typing import Any

from psgkit.errors import SettingsError


def read_translation(
    path: str | os.PathLike[str], english: Mapping[str, str], reference: str
) -> dict[str, str]:
    """Return the texts of a file by dotted key.

    Parameters
    ----------
    path : path
    english : mapping
        The texts that are translated.
    reference : str
        The file that holds those.

    Raises
    ------
    SettingsError
        If it cannot be read, is no TOML, has a key that English lacks, a value that is no text, or
        other ``{fields}`` than the English text; it names file and key.
    """
    name = Path(path).name
    try:
        content = Path(path).read_text(encoding="utf-8")
        table = tomllib.loads(content)
    except FileNotFoundError:
        raise SettingsError(str(path), "no such file", f"a translation of {reference}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(name, str(error), f"TOML, a translation of {reference}") from None
    except OSError as error:
        raise SettingsError(str(path), str(error.strerror), "a readable file") from None
    found = dict(flat(table))
    for key, value in found.items():
        _check(f"{name}, {key}", key, value, english, reference)
    return found


def flat(table: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Yield what a table and those in it hold, by dotted key."""
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from flat(value, f"{before}{key}.")
        else:
            yield f"{before}{key}", value


def fields_of(text: str) -> set[str]:
    """Return the ``{fields}`` of a text.

    Raises
    ------
    ValueError
        If a brace is not closed, or a field says more than its name.

    Examples
    --------
    >>> sorted(fields_of("{n} of {all}, not {{n}}"))
    ['all', 'n']
    """
    found = set()
    for _, name, form, conversion in Formatter().parse(text):
        if name is None:
            continue
        if not name.isidentifier() or form or conversion:
            raise ValueError(f"a field that is no plain name, {name!r}")
        found.add(name)
    return found


def _check(where: str, key: str, value: object, english: Mapping[str, str], reference: str) -> None:
    """Raise ``SettingsError`` unless ``value`` can stand for the English text at ``key``."""
    if key not in english:
        near = difflib.get_close_matches(key, english, n=1)
        advice = f"Did you mean {near[0]}?" if near else ""
        raise SettingsError(where, "a key that no report uses", f"a key of {reference}", advice)
    if not isinstance(value, str):
        raise SettingsError(where, repr(value), "a text")
    wanted = fields_of(english[key])
    try:
        fields = fields_of(value)
    except ValueError as error:
        raise SettingsError(where, str(error), _named(wanted)) from None
    if fields != wanted:
        raise SettingsError(where, _named(fields), f"{_named(wanted)}, as in {reference}")


def _named(fields: set[str]) -> str:
    """Return fields as they are written."""
    return ", ".join(f"{{{name}}}" for name in sorted(fields)) or "no {fields}"
