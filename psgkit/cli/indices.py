"""``psgkit indices``: the glossary of every index, from the catalogue."""

import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from psgkit.errors import SettingsError

if TYPE_CHECKING:
    from psgkit.core.index_catalogue.entry import IndexEntry, Subject

SCHEMA = "psgkit.indices/1"


def indices(
    word: Annotated[
        str | None,
        typer.Argument(
            metavar="[WORD]", help="Part of a name, label or better-known name, or a group."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the glossary as JSON.")] = False,
) -> None:
    """Explain the indices: name, label, unit, definition, source and better-known names.

    \b
    Examples:
      psgkit indices
      psgkit indices plms
      psgkit indices WASO
      psgkit indices rem_atonia
      psgkit indices --json
    """
    from psgkit.cli.options import printed_width
    from psgkit.core.index_catalogue import CATALOGUE

    chosen = [
        (s, [e for e in s.entries if (word or "").casefold() in s.groups or _fits(e, word or "")])
        for s in CATALOGUE
    ]
    chosen = [(subject, entries) for subject, entries in chosen if entries]
    if not chosen:
        raise _nothing_fits(word or "", [e for s in CATALOGUE for e in s.entries])
    if as_json:
        sys.stdout.write(_as_json(chosen))
    else:
        sys.stdout.write("\n".join(_as_text(chosen, min(printed_width(), 100))) + "\n")


def _fits(entry: "IndexEntry", word: str) -> bool:
    """Return whether a word is part of what an index is called, whatever its case."""
    index_names = (entry.name, entry.label, entry.of_sensor, *entry.synonyms)
    return any(word.casefold() in one.casefold() for one in index_names) or bool(
        entry.field_of(word)
    )


def _nothing_fits(word: str, entries: Iterable["IndexEntry"]) -> SettingsError:
    import difflib

    called = {n.casefold(): n for e in entries for n in (e.name, e.label, *e.synonyms)}
    near = [called[one] for one in difflib.get_close_matches(word.casefold(), called)]
    return SettingsError(
        where="indices",
        found=repr(word),
        wanted="part of the name, label or better-known name of an index",
        advice=f"Did you mean {', '.join(near)}?" if near else "psgkit indices lists them all.",
    )


def _as_text(chosen: list[tuple["Subject", list["IndexEntry"]]], width: int) -> Iterator[str]:
    """Yield the lines of the glossary, a blank line between indices."""
    import textwrap

    indent = " " * 4
    for subject, entries in chosen:
        groups = ", ".join(_groups(subject))
        yield from textwrap.wrap(f"{subject.title} (in {groups})", width)
        yield ""
        for entry in entries:
            unit = "" if entry.unit == "1" else f" [{entry.unit}]"
            yield from textwrap.wrap(
                _written(f"  {entry.name}: {entry.label}{unit}"), width, subsequent_indent=indent
            )
            definition = entry.definition
            if entry.kind.word == "rate":
                definition = f"{definition.removesuffix('.')}, per {entry.denominator}."
            said = f"Source: {entry.source}."
            if entry.needs_stages():
                said += " Depends on sleep stages."
            elif entry.stages == "rules":
                said += " Depends on sleep stages by rules without candidates in wake."
            if entry.synonyms:
                said += f" Also called {', '.join(entry.synonyms)}."
            for text in (definition, said):
                yield from textwrap.wrap(
                    text, width, initial_indent=indent, subsequent_indent=indent
                )
        yield ""


def _groups(subject: "Subject") -> list[str]:
    return [f"{group}<place>" if group.endswith("_") else group for group in subject.groups]


def _as_json(chosen: list[tuple["Subject", list["IndexEntry"]]]) -> str:
    import json

    from psgkit._version import __version__

    document = {
        "schema": SCHEMA,
        "psgkit": {"version": __version__},
        "subjects": [
            {
                "name": subject.name,
                "title": subject.title,
                "groups": [
                    _written(f"{g}{{place}}" if g[-1] == "_" else g) for g in subject.groups
                ],
                "indices": [_row(entry) for entry in entries],
            }
            for subject, entries in chosen
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _row(entry: "IndexEntry") -> dict[str, Any]:
    return {
        "name": _written(entry.name),
        "label": _written(entry.label),
        "unit": entry.unit,
        "kind": entry.kind.word,
        "definition": entry.definition,
        "denominator": entry.denominator or None,
        "needs_stages": "by rules" if entry.stages == "rules" else entry.needs_stages(),
        "source": entry.source,
        "synonyms": list(entry.synonyms),
        "label_of_accelerometer": entry.of_sensor or None,
        "cohort_column": entry.column,
    }


def _written(text: str) -> str:
    """Return a name with its field as a placeholder: ``<group>_up_rate``."""
    return text.replace("{", "<").replace("}", ">")
