"""Write a clinical context as TOML, and read one back as plain data to go on with it."""

import json
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from psgkit.errors import SettingsError
from psgkit.io.new_files import new_file
from psgkit.io.text.read import lines_of
from psgkit.io.text.toml import parse_toml, read_toml_text
from psgkit.profile.context.fields import fields_in_file
from psgkit.profile.context.model import Context
from psgkit.profile.context.read import parse_context

HEAD = "# Clinical context of one person, written by psgkit context --ask."


def context_as_toml(given: Mapping[str, Any]) -> str:
    """Return plain data of a context as the text of a file.

    Examples
    --------
    >>> print(context_as_toml({"person": {"age": 50}, "drugs": [{"name": "x"}]}))
    # Clinical context of one person, written by psgkit context --ask.
    <BLANKLINE>
    [person]
    age = 50
    <BLANKLINE>
    [[drugs]]
    name = "x"
    <BLANKLINE>
    """
    order = list(fields_in_file(Context))
    names = sorted(given, key=lambda name: order.index(name) if name in order else len(order))
    return "\n".join([HEAD, *_lines(given, names)]) + "\n"


def begun_context(path: Path) -> dict[str, Any]:
    """Return what a file begun by ``--ask`` holds, or nothing where there is no file yet.

    Raises
    ------
    SettingsError
        If it holds comments of its own, which would be lost, or is no context.
    """
    if not path.exists():
        return {}
    wanted = "a clinical context (TOML)"
    text = read_toml_text(path, wanted)
    own = [line for line in lines_of(text) if line.lstrip().startswith("#") and line != HEAD]
    if own:
        instead = "a file that --ask wrote, or a new name: comments would be lost"
        raise SettingsError(path.name, f"comments, such as {own[0][:40]!r}", instead)
    parse_context(text, path.name)
    return parse_toml(text, path.name, wanted)


def write_context(given: Mapping[str, Any], path: Path) -> None:
    """Write a context in one step: a stopped interview leaves a whole file.

    Raises
    ------
    SettingsError
        If it cannot be written.
    """
    try:
        with new_file(path) as part:
            part.write_bytes(context_as_toml(given).encode("utf-8"))
    except (OSError, ValueError) as error:
        found = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise SettingsError(path.name, found.lower(), "a place to write to") from error


def _lines(given: Mapping[str, Any], names: list[str]) -> Iterator[str]:
    tables = [name for name in names if isinstance(given[name], (dict, list))]
    for name in names:
        if name not in tables:
            yield f"{name} = {_value(given[name])}"
    for name in tables:
        rows = given[name] if isinstance(given[name], list) else [given[name]]
        for row in rows:
            yield ""
            yield f"[[{name}]]" if isinstance(given[name], list) else f"[{name}]"
            yield from (f"{key} = {_value(value)}" for key, value in row.items())


def _value(value: Any) -> str:  # noqa: ANN401 - as TOML gives
    if isinstance(value, date):
        return value.isoformat()
    # JSON leaves one control character as it is that TOML refuses
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
