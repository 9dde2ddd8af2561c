"""The commands of the program, each loaded: a new one is in every test that walks all of them."""

from typing import Any

import typer

from psgkit.cli.app import app


def commands() -> dict[str, Any]:
    """Return the commands by name."""
    group: Any = typer.main.get_command(app)
    context = typer.Context(group)
    found = {name: group.get_command(context, name) for name in group.list_commands(context)}
    assert len(found) >= 16
    return found
