"""``psgkit settings``: what is set, and where it comes from; the defaults of a laboratory."""

import json
import math
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from psgkit.cli.options import RulesName, default_settings_file, say, settings_of


def settings(
    file: Annotated[
        Path | None,
        typer.Option("--settings", metavar="FILE", help="Settings (TOML), not the defaults."),
    ] = None,
    rules: RulesName = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the settings as JSON.")] = False,
) -> None:
    """Print every setting that commands would use here, as TOML, and where it comes from.

    Without --settings, commands read psgkit.toml of the working folder, else that of the user's
    configuration folder, which this command names. Lines that differ from psgkit's own numbers are
    marked. The output is a settings file: change what should be otherwise and name it psgkit.toml.

    \b
    Examples:
      psgkit settings
      psgkit settings --rules aasm3
      psgkit settings > psgkit.toml
      psgkit settings --settings ours.toml --json
    """
    from psgkit.settings import Settings

    source = file or default_settings_file()
    chosen = settings_of(file, rules)
    found, usual = ({**one.as_dict(), "lab": asdict(one.lab)} for one in (chosen, Settings()))
    if as_json:
        document = {"source": None if source is None else str(source), "settings": found}
        sys.stdout.write(json.dumps(document, indent=2) + "\n")
        return
    say(_where(source))
    sys.stdout.write("\n".join(_toml(found, usual)) + "\n")


def _where(source: Path | None) -> str:
    if source is not None:
        return f"settings of {source}"
    from psgkit.cli.options import SETTINGS_NAME, user_settings_file

    return (
        "psgkit's own settings; other defaults go into "
        f"{SETTINGS_NAME} here, or into {user_settings_file()}"
    )


def _toml(found: Mapping[str, Any], usual: Mapping[str, Any], path: str = "") -> Iterator[str]:
    """Yield the lines of a table and of those below it; what is not set is a comment."""
    tables = {name: value for name, value in found.items() if isinstance(value, Mapping)}
    for name, value in found.items():
        if name not in tables:
            line = f"{name} = {_value(value)}" if _is_set(value) else f"# {name} is not set"
            yield line if value == usual.get(name) else f"{line}  # psgkit: {usual.get(name)}"
    for name, table in tables.items():
        below = f"{path}.{name}" if path else name
        yield from ("", f"[{below}]")
        known = usual.get(name)
        yield from _toml(table, known if isinstance(known, Mapping) else {}, below)


def _is_set(value: object) -> bool:
    return value is not None and value not in (math.inf, -math.inf)


def _value(value: object) -> str:
    """Return a number, text, truth value or array as TOML writes it."""
    return json.dumps(value, ensure_ascii=False)
