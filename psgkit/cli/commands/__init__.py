"""The commands by name: one is loaded when it is called, and the others are not."""

import os
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, get_type_hints

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

SHORT_HELP = {
    "report": "Report one night: movements, series, sleep, disruption.",
    "review": "Look at a night, correct its scoring and sign it.",
    "check": "Say what files hold and what they can be used for.",
    "batch": "Report many nights, each once.",
    "score": "Score movements that a scorer marked.",
    "stage": "Estimate the stages of an unscored night.",
    "compare": "Say how well two scorings agree.",
    "context": "Check a clinical context; --new writes a template.",
    "nights": "Follow one person over nights, along the doses.",
    "export": "Write reports for other tools: BIDS, EDF+, Luna...",
    "days": "Report days and nights of an actigraph.",
    "cohort": "Summarise the nights of a batch, by groups.",
    "simulate": "Make a night, or days, whose truth is known.",
    "indices": "Explain the indices: unit, definition, source.",
    "settings": "Print what is set, and where it comes from.",
    "schema": "Print the JSON Schema of what psgkit writes.",
}
"""The commands in the order of the list, a line each that fits 80 columns."""


class _ReadPlainly:
    """What commands and their group have in common: how options are read."""

    def get_params(self, ctx: Any) -> list[Any]:  # noqa: ANN401 - a context of typer
        """Return the options, which are read without pydantic where nothing has to be checked."""
        parameters: list[Any] = super().get_params(ctx)  # type: ignore[misc]
        annotations = get_type_hints(self.callback)  # type: ignore[attr-defined]
        for parameter in parameters:
            if "process_value" not in vars(parameter):
                _take_plainly(parameter, annotations.get(parameter.name))
        return parameters


class Command(_ReadPlainly, TyperCommand):
    """One command."""


class Commands(_ReadPlainly, TyperGroup):
    """Commands that are loaded when they are called."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401, ARG002 - a context of typer
        """Return the names of all commands."""
        return list(SHORT_HELP)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ANN401, ARG002
        """Return a command by name; None for an unknown one."""
        if cmd_name in SHORT_HELP and cmd_name not in self.commands:
            self.add_command(_command(cmd_name), cmd_name)
        return self.commands.get(cmd_name)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401
        """Return the command that is called; a wrong name is compared with all names."""
        if args[0] not in SHORT_HELP:
            for name in SHORT_HELP:
                self.get_command(ctx, name)
        return super().resolve_command(ctx, args)


def _function(name: str) -> tuple[Callable[..., None], str | None]:
    """Return the function of a command and the end of its help; its module is loaded now."""
    module = import_module(f"psgkit.cli.{'batch.command' if name == 'batch' else name}")
    return getattr(module, name), getattr(module, "EPILOG", None)


def _command(name: str) -> Any:  # noqa: ANN401 - a command of typer
    function, epilog = _function(name)
    alone = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    alone.command(name, cls=Command, short_help=SHORT_HELP[name], epilog=epilog)(function)
    return get_command(alone)


def _take_plainly(parameter: Any, annotation: object) -> None:  # noqa: ANN401 - of typer
    """Take texts, paths and what was not given as they are: typer loads pydantic for them."""
    usual = parameter.process_value
    plain = _PLAIN.get(annotation)
    many = parameter.multiple or parameter.nargs != 1

    def process(context: object, value: Any) -> Any:  # noqa: ANN401
        if not value and parameter.required:
            return usual(context, value)
        if value is None and parameter.callback is not None:
            return parameter.callback(context, parameter, None)
        if value is None:
            # an option of two values that is not given is None, as typer has it
            return () if parameter.multiple or parameter.nargs < 0 else None
        values = value if many else (value,)
        if plain is None or parameter.callback is not None or not all(map(_is_readable, values)):
            return usual(context, value)
        taken = [plain(one) for one in values]
        return taken if many else taken[0]

    parameter.process_value = process


def _is_readable(value: object) -> bool:
    """Return whether a value is no file, or one that can be read; typer words the refusal."""
    return not os.path.exists(str(value)) or os.access(str(value), os.R_OK)  # noqa: PTH110


_PLAIN: dict[object, Callable[[str], object]] = {
    str: str,
    str | None: str,
    Path: Path,
    Path | None: Path,
    list[Path]: Path,
    list[Path] | None: Path,
    list[str]: str,
    list[str] | None: str,
}
"""What is made of the text of an option, by its annotation."""
