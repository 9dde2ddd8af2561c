"""Meaning of the codes in a BIDS table, from the JSON beside it (``Levels`` of a column)."""

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path

from psgkit.io.scoring.words import stage_of_word

MOST_JSON_BYTES = 2**20
FOLDERS_UP_N = 4
"""A table may take its JSON from its folder, or those of the session, the subject, the data set."""
MOST_FILES_N = 10_000

Levels = Mapping[str, Mapping[str, str]]


def levels_beside(path: str | os.PathLike[str]) -> Levels:
    r"""Return the meaning of the codes in each column of a BIDS table; empty without a JSON.

    The JSON of the same name counts before one whose name has fewer parts
    (``task-sleep_events.json``), and a near folder before one above it.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "task-x_events.json").write_text('{"Stage": {"Levels": {"4": "N4"}}}')
    >>> levels_beside(folder / "sub-1_task-x_events.tsv")
    {'stage': {'4': 'N4'}}
    """
    table = Path(path)
    parts = set(table.stem.split("_"))
    if "events" not in parts:
        return _levels_in(table.with_suffix(".json")) if table.suffix == ".tsv" else {}
    for folder in list(table.absolute().parents)[:FOLDERS_UP_N]:
        for name in sorted(_json_names(folder), key=len, reverse=True):
            is_about_it = set(Path(name).stem.split("_")) <= parts
            if is_about_it and (levels := _levels_in(folder / name)):
                return levels
    return {}


def named_stages(codes: set[str], levels: Mapping[str, str]) -> dict[str, str]:
    """Return the stage of each code by its name; empty if any name is unknown.

    Examples
    --------
    >>> named_stages({"0", "4"}, {"0": "Wake (W)", "4": "Stage N4", "5": "REM"})
    {'0': 'W', '4': 'N3'}
    """
    found = {}
    for code in sorted(codes):
        stage = _stage_of_name(levels.get(code, ""))
        if stage is None:
            return {}
        found[code] = stage
    return found


def _stage_of_name(name: str) -> str | None:
    """Return the stage a free description names: as a whole, or by any of its parts."""
    for part in (name, *re.split(r"[()\[\],;:/|]+", name[:200])):
        stage = stage_of_word(part.strip()) if part.strip() else None
        if stage is not None:
            return stage
    return None


def _json_names(folder: Path) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for _, entry in zip(range(MOST_FILES_N), entries, strict=False)]
    except OSError:
        return []
    return [name for name in names if name.endswith("events.json")]


def _levels_in(path: Path) -> dict[str, dict[str, str]]:
    """Return the ``Levels`` in a JSON file; empty if it is no valid JSON."""
    try:
        if not path.is_file():
            return {}
        with path.open("rb") as file:
            content = file.read(MOST_JSON_BYTES)
        described = json.loads(content)
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(described, dict):
        return {}
    found = {}
    for column, about in described.items():
        levels = about.get("Levels") if isinstance(about, dict) else None
        if isinstance(levels, dict):
            said = {str(code): _text(name) for code, name in levels.items()}
            found[str(column).casefold()] = said
    return found


def _text(name: object) -> str:
    """Return the name of a level, which newer files put into an object."""
    return str(name.get("Description", "")) if isinstance(name, dict) else str(name)
