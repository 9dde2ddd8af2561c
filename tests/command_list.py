"""The commands of the program, each loaded: a new one is in every test that walks all of them."""

from typing import Any

import typer

from psgkit.cli.app import app

WRITING_LINES = [
    "report night.edf --hypnogram stages.csv --out report --pdf --keep-trace",
    "check night.edf --repair repaired",
    "check night.edf --anonymise shared",
    "batch nights --out cohort --jobs 1 --log run.jsonl --pdf --keep-trace",
    "cohort cohort --out summary",
    "score events.csv --hypnogram stages.csv --out scored --pdf",
    "stage eeg.edf --out stages-of-eeg.csv",
    "compare truth.csv report.json --out agreement",
    "context --new new.toml",
    "context --form html --to form.html",
    "nights night-1.json night-2.json --context subject.toml --out course --pdf",
    "export report.json --to bids --out bids",
    "days week.csv --tz Europe/Berlin --out week-report --pdf",
    "simulate healthy --hours 0.1 --out made",
]
"""Every command that writes files, with all its options that do so.

``planted.fill`` makes the files that they read; ``cohort`` needs the cohort that ``batch`` makes.
"""


def commands() -> dict[str, Any]:
    """Return the commands by name."""
    group: Any = typer.main.get_command(app)
    context = typer.Context(group)
    found = {name: group.get_command(context, name) for name in group.list_commands(context)}
    assert len(found) >= 16
    return found
