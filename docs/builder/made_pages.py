"""Pages made from psgkit itself: indices, commands, rule sets, public names, decision records."""

import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import typer

import psgkit
from psgkit.cli.app import app
from psgkit.scoring.rule_sources import SOURCES
from psgkit.scoring.rules import PROTOCOL_RULES, RULE_SETS, ScoringRules

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|$~])")
_CERTAINTY = {"confirmed": "read in the source", "second-hand": "second-hand", "open": "open"}

PUBLIC_NAMES = {
    "Read": ("read_recording", "read_hypnogram", "read_events", "read_report", "read_days"),
    "Analyse": ("analyse_night", "analyse_many", "score_night", "analyse_days"),
    "In parts": ("detect_movements", "score_movements", "threshold_sensitivity"),
    "Movements in time": ("arousal_hazard", "cumulative_plm", "minute_series"),
    "Settings": ("Settings", "WASM_2016", "WASM_2006", "AASM_3"),
    "Draw": (
        *("plot_night", "plot_hypnogram", "plot_recording", "plot_movements", "plot_movement"),
        *("plot_imi", "plot_heart_rate", "plot_profile", "plot_nights", "plot_actogram"),
        "plot_sensitivity",
    ),
    "Studies": ("summary", "compare_groups", "compare_events", "compare_stages"),
    "Nights with known truth": ("simulate_night",),
    "What reading and analysing return": (
        *("Recording", "Signal", "Hypnogram", "Events", "Movements", "NightReport", "DaysReport"),
    ),
    "Errors": ("PsgkitError",),
}
FURTHER_NAMES = (
    "psgkit.io.bridge.to_mne",
    "psgkit.io.bridge.as_recording",
    "psgkit.io.actigraphy.read.DayOptions",
    "psgkit.days.settings.DaysSettings",
    "psgkit.followup.walk.follow_nights",
    "psgkit.followup.reported.read_reported_night",
    "psgkit.profile.context.read.read_context",
)
"""Names outside the public ones that the tutorials use."""


def write_pages(source: Path) -> None:
    """Write every generated page below ``source``; a page that did not change is left alone."""
    pages = {
        "reference/glossary.md": _glossary(),
        "reference/rules.md": _rules(),
        **_commands(),
        **_api(),
        "decisions/index.md": _decisions(source / "decisions"),
    }
    for name, text in pages.items():
        path = source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def escaped(text: str) -> str:
    """Return plain words as Markdown that shows them as they are."""
    return _SPECIAL.sub(r"\\\1", text)


def _glossary() -> str:
    call = [sys.executable, "-m", "psgkit", "indices", "--json"]
    done = subprocess.run(call, capture_output=True, check=True)
    subjects = json.loads(done.stdout)["subjects"]
    total = sum(len(subject["indices"]) for subject in subjects)
    lines = [
        "# Glossary of indices",
        "",
        f"All {total} indices, as `psgkit indices` prints them; `psgkit indices WORD` finds some,",
        "and `psgkit indices --json` gives them to programs. A value that cannot be computed is",
        "missing, with its reason; it is never zero. Tables of many nights call an index",
        "`group__name`, such as `legs__plms_index`. Mean and standard deviation over nights end in",
        "`_mean` and `_sd`.",
        "",
    ]
    for subject in subjects:
        groups = ", ".join(f"`{group}`" for group in subject["groups"])
        word = "Group" if len(subject["groups"]) == 1 else "Groups"
        lines += [f"## {escaped(subject['title'])}", "", f"{word} of a report: {groups}.", ""]
        for index in subject["indices"]:
            lines += _entry(index, subject["name"])
    return "\n".join(lines)


def _entry(index: dict[str, Any], subject: str) -> Iterator[str]:
    anchor = re.sub(r"\W+", "-", f"{subject}-{index['name']}").strip("-")
    unit = "" if index["unit"] == "1" else f", {escaped(index['unit'])}"
    yield f"[`{index['name']}`]{{#{anchor}}} {escaped(index['label'])}{unit}"
    facts = [escaped(index["definition"])]
    if index["denominator"]:
        facts.append(f"Divided by: {escaped(index['denominator'])}.")
    if index["synonyms"]:
        facts.append(f"Also called {escaped(', '.join(index['synonyms']))}.")
    if index["label_of_accelerometer"]:
        facts.append(f"Of an accelerometer: {escaped(index['label_of_accelerometer'])}.")
    facts.append(f"Source: {escaped(index['source'])}.")
    yield ":   " + "\n    ".join(facts)
    yield ""


def _rules() -> str:
    rules = [*RULE_SETS.values(), *PROTOCOL_RULES.values()]
    names = list(_numbers(rules[0]))
    lines = [
        "# Rules and their sources",
        "",
        "`--rules NAME` chooses a rule set, `wasm2016` by default; a settings file changes any",
        "number of it (see [](../howto/settings.md)). *Read in the source* means that it was",
        "read in the publication itself, *second-hand* in a table or a program of the field that",
        "quotes it, and *open* that the publication leaves it open, or was not read, and psgkit",
        "chose one reading.",
        "",
        "## Side by side",
        "",
        "| field | " + " | ".join(f"`{one.name}`" for one in rules) + " |",
        "|---" * (len(rules) + 1) + "|",
    ]
    for name in names:
        values = [_value(_numbers(one)[name]) for one in rules]
        lines.append(f"| `{name}` | " + " | ".join(values) + " |")
    for one in rules:
        lines += ["", f"## {one.title}", "", f"{escaped(one.reference)}.", ""]
        for name in names:
            certainty, _, words = SOURCES[one.name][name].partition(": ")
            lines += [f"`{name}` {_value(_numbers(one)[name])}"]
            lines += [f":   {_CERTAINTY[certainty]}: {escaped(words)}", ""]
    return "\n".join([*lines, ""])


def _numbers(rules: ScoringRules) -> dict[str, object]:
    flat: dict[str, object] = {}
    for field in fields(rules):
        value = getattr(rules, field.name)
        if is_dataclass(value):
            inner = {one.name: getattr(value, one.name) for one in fields(value)}
            flat |= {f"{field.name}.{name}": inside for name, inside in inner.items()}
        elif field.name in SOURCES[rules.name]:
            flat[field.name] = value
    return flat


def _value(value: object) -> str:
    if hasattr(value, "low") and hasattr(value, "high"):
        return f"{value.low:g} to {value.high:g}"
    if isinstance(value, tuple):
        return escaped(", ".join(map(str, value)))
    return f"{value:g}" if isinstance(value, float) else escaped(str(value))


def _commands() -> dict[str, str]:
    group: Any = typer.main.get_command(app)
    context = group.make_context("psgkit", ["--help"], resilient_parsing=True)
    pages = {}
    rows = []
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        rows.append(f"| [`psgkit {name}`]({name}.md) | {escaped(command.short_help)} |")
        pages[f"reference/commands/{name}.md"] = _command(command, f"psgkit {name}", context)
    shown = [
        "# Commands",
        "",
        *_blocks(group.help),
        "| command | |",
        "|---|---|",
        *rows,
        "",
        "## Options of every command",
        "",
        "They stand before the command: `psgkit --language de report night.edf`.",
        "",
        *_options(group, context),
        "## Exit codes",
        "",
        *_blocks(group.epilog),
        "```{toctree}",
        ":hidden:",
        "",
        *group.list_commands(context),
        "```",
        "",
    ]
    return {**pages, "reference/commands/index.md": "\n".join(shown)}


def _command(command: Any, name: str, parent: Any) -> str:  # noqa: ANN401 - of click
    context = type(parent)(command, info_name=name, resilient_parsing=True)
    usage = " ".join(["Usage:", name, *command.collect_usage_pieces(context)])
    lines = [f"# {name}", "", *_blocks(command.help or ""), "```text", usage, "```", ""]
    lines += _options(command, context)
    if command.epilog:
        lines += ["## More", "", *_blocks(command.epilog)]
    return "\n".join(lines)


def _blocks(text: str) -> Iterator[str]:
    """Yield the paragraphs of a help text: plain ones, and those that keep their lines as code."""
    for block in re.split(r"\n\s*\n", text.strip("\n")):
        if not block.startswith("\b"):
            yield escaped(" ".join(block.split()))
            yield ""
            continue
        kept = block.lstrip("\b").strip("\n").split("\n")
        if kept[0].endswith(":") and not kept[0].startswith(" "):
            yield f"**{escaped(kept.pop(0).rstrip(':'))}**"
            yield ""
        yield "```text"
        yield from (line.removeprefix("  ") for line in kept)
        yield "```"
        yield ""


def _options(command: Any, context: Any) -> Iterator[str]:  # noqa: ANN401 - of click
    rows = [parameter.get_help_record(context) for parameter in command.get_params(context)]
    for names, words in filter(None, rows):
        yield f"`{' '.join(names.split())}`"
        yield f":   {escaped(' '.join(words.split()))}"
        yield ""


def _api() -> dict[str, str]:
    listed = {name for names in PUBLIC_NAMES.values() for name in names}
    missing = set(psgkit.__all__) - listed - {"__version__"}
    if missing:
        raise SystemExit(f"docs/builder/made_pages.py: no place in PUBLIC_NAMES for {missing}")
    pages, lines = (
        {},
        [
            "Python API",
            "==========",
            "",
            "Everything below is imported from ``psgkit``; other names may change.",
            "A recording may also be an ``mne.io.Raw``, a hypnogram a ``yasa.Hypnogram``.",
            "",
        ],
    )
    for title, names in PUBLIC_NAMES.items():
        lines += [title, "-" * len(title), "", *_table((f"psgkit.{name}" for name in names), pages)]
    lines += [
        "Further names",
        "-------------",
        "",
        "Used in tutorials, from the modules named.",
        "",
    ]
    lines += _table(FURTHER_NAMES, pages)
    lines += [".. toctree::", "   :hidden:", ""]
    lines += [f"   {Path(name).stem}" for name in pages]
    return {**pages, "reference/api/index.rst": "\n".join([*lines, ""])}


def _table(names: Iterable[str], pages: dict[str, str]) -> Iterator[str]:
    yield from (".. list-table::", "   :widths: 35 65", "")
    for name in names:
        module, _, last = name.rpartition(".")
        found = getattr(__import__(module, fromlist=[last]), last)
        kind = "class" if isinstance(found, type) else "function" if callable(found) else "data"
        first = (found.__doc__ or "").split("\n")[0]
        if kind == "data":
            first = f"The rules of {found.title}."
        yield f"   * - :doc:`{last} <{name}>`"
        yield f"     - {first}"
        pages[f"reference/api/{name}.rst"] = _stub(name, kind, found)
    yield ""


def _stub(name: str, kind: str, found: Any) -> str:  # noqa: ANN401 - whatever is public
    last = name.rpartition(".")[2]
    lines = [last, "=" * len(last), ""]
    if kind == "data":
        lines += [f".. py:data:: {name}", "", f"   {found.title}: {found.reference}.", ""]
        lines += ["   Every number and its source: :doc:`/reference/rules`."]
    else:
        lines += [f".. auto{kind}:: {name}"]
        lines += ["   :members:"] if kind == "class" else []
    return "\n".join([*lines, ""])


def _decisions(folder: Path) -> str:
    records = sorted(path for path in folder.glob("[0-9]*.md"))
    lines = ["# Decision records", "", "Why psgkit is as it is: context, choice, consequences.", ""]
    lines += ["```{toctree}", ":maxdepth: 1", "", *(path.stem for path in records), "```", ""]
    return "\n".join(lines)
