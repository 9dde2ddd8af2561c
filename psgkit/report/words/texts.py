"""Texts of the PDF by key from ``texts_en.toml``."""

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
    >>> text("pdf.more", n=3)
    'and 3 more on the HTML page.'
    """
    found = english_texts()[key]
    return found.format_map(values) if values else found


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
