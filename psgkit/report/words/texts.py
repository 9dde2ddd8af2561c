"""Every text of the reports, by key, from one file a language: a translation is a file."""

import difflib
import os
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib.resources import files
from pathlib import Path
from string import Formatter
from typing import Any

from psgkit.errors import SettingsError

_ENGLISH = "texts_en.toml"
_chosen: ContextVar[Mapping[str, str] | None] = ContextVar("texts", default=None)


def text(key: str, **values: object) -> str:
    """Return the text at ``key``, with ``values`` in its ``{fields}``.

    Parameters
    ----------
    key : str
        Dotted, as the tables of the file nest.

    Raises
    ------
    KeyError
        If there is no such text, or a field of it has no value.

    Examples
    --------
    >>> text("report.title")
    'Night report'
    """
    try:
        found = _texts()[key]
    except KeyError:
        raise KeyError(f"no text {key!r} in the texts of reports ({_ENGLISH})") from None
    return found.format_map(values) if values else found


def has_text(key: str) -> bool:
    """Return whether there is a text at ``key``."""
    return key in _texts()


@contextmanager
def in_language(path: str | os.PathLike[str]) -> Iterator[None]:
    """Take all texts from another file within the block: a copy of ``texts_en.toml``, translated.

    What the file lacks stays English.

    Parameters
    ----------
    path : path
        TOML with the same tables and keys; ``{fields}`` stay as they are.

    Raises
    ------
    SettingsError
        If the file cannot stand for the English one; it names file and key.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "texts_de.toml")
    ...     _ = path.write_text('stage.W = "Wach"')
    ...     with in_language(path):
    ...         text("stage.W"), text("stage.UNSCORED")
    ('Wach', 'Unscored')
    """
    token = _chosen.set({**english_texts(), **read_translation(path, english_texts(), _ENGLISH)})
    try:
        yield
    finally:
        _chosen.reset(token)


class TextTable(Mapping[str, str]):
    """The texts at ``TABLE.KEY`` for keys in a fixed order, looked up when they are used.

    Examples
    --------
    >>> TextTable("stage", ("W", "N1"))["W"]
    'Wake'
    """

    def __init__(self, table: str, keys: tuple[str, ...]) -> None:
        self._table, self._keys = table, dict.fromkeys(keys)

    def __getitem__(self, key: str) -> str:
        if key not in self._keys:
            raise KeyError(key)
        return text(f"{self._table}.{key}")

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)


def _texts() -> Mapping[str, str]:
    chosen = _chosen.get()
    return english_texts() if chosen is None else chosen


@cache
def english_texts() -> Mapping[str, str]:
    """Return the texts of the package by dotted key, read once."""
    content = files(__package__).joinpath(_ENGLISH).read_text(encoding="utf-8")
    return dict(flat(tomllib.loads(content)))


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
