"""Texts by key from ``texts_en.toml``: labels of indices, and of the PDF."""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any


def text(key: str, **values: object) -> str:
    """Return the text at ``key``, with ``values`` in its ``{fields}``.

    Raises
    ------
    KeyError
        If there is no such text, or a field of it has no value.

    Examples
    --------
    >>> text("index.tst_min")
    'Total sleep time'
    """
    found = english_texts()[key]
    return found.format_map(values) if values else found


def has_text(key: str) -> bool:
    """Return whether there is a text at ``key``."""
    return key in english_texts()


class TextTable(Mapping[str, str]):
    """The texts at ``TABLE.KEY`` for keys in a fixed order, looked up when they are used.

    Examples
    --------
    >>> TextTable("index", ("tst_min", "se_pct"))["tst_min"]
    'Total sleep time'
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


@cache
def english_texts() -> Mapping[str, str]:
    """Return the texts of the package by dotted key, read once."""
    content = files(__package__).joinpath("texts_en.toml").read_text(encoding="utf-8")
    return dict(_flat(tomllib.loads(content)))


def _flat(table: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Yield what a table and those in it hold, by dotted key."""
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{before}{key}.")
        else:
            yield f"{before}{key}", value
