"""Every text of the reports, by key, from one file a language: a translation is a file."""

import os
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib.resources import files

from psgkit.report.translations import flat, read_translation

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
