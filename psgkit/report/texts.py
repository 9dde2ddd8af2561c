"""Every text of the reports, by key, from one file a language: a translation is a file."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

_LANGUAGE = "en"


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
    found: Any = _texts()
    for part in key.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    if not isinstance(found, str):
        raise KeyError(f"no text {key!r} in texts_{_LANGUAGE}.toml")
    return found.format_map(values) if values else found


@cache
def _texts() -> Mapping[str, Any]:
    """Return all texts, read once."""
    return tomllib.loads(
        files(__package__).joinpath(f"texts_{_LANGUAGE}.toml").read_text(encoding="utf-8")
    )
