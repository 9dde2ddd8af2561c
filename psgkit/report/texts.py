"""Every text of the reports, by key, from one file a language: a translation is a file."""

import os
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

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
    """
    content = Path(path).read_text(encoding="utf-8")
    token = _chosen.set({**_english(), **_flat(tomllib.loads(content))})
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
    return _english() if chosen is None else chosen


@cache
def _english() -> Mapping[str, str]:
    """Return the texts of the package by dotted key, read once."""
    content = files(__package__).joinpath(_ENGLISH).read_text(encoding="utf-8")
    return _flat(tomllib.loads(content))


def _flat(table: Mapping[str, Any], before: str = "") -> dict[str, str]:
    """Return the texts of a table and of those in it by dotted key."""
    found: dict[str, str] = {}
    for key, value in table.items():
        name = f"{before}{key}"
        found.update(_flat(value, f"{name}.") if isinstance(value, Mapping) else {name: value})
    return found
