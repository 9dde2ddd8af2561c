"""``psgkit context``: the clinical context of a person, its template and its check."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from psgkit.errors import SettingsError


def context(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="Clinical context (TOML) to check.")
    ] = None,
    new: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a commented template here.")
    ] = None,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON schema of a context file.")
    ] = False,
) -> None:
    """Check a file with what a recording cannot tell: symptoms, drugs, blood, other conditions.

    Every field may be left out; what is left out is unknown, never "no".  Names and dates of birth
    are refused.  A template is never written over a file that exists.

    \b
    Examples:
      psgkit context --new subject.toml
      psgkit context subject.toml
      psgkit context --schema > context.schema.json
    """
    if sum((file is not None, new is not None, schema)) != 1:
        wanted = "one of FILE, --new FILE and --schema"
        raise SettingsError("context", "none or several of them", wanted)
    if new is not None:
        from psgkit.profile.context.template import write_template

        write_template(new)
        sys.stderr.write(f"wrote {new}\n")
    elif schema:
        import json

        from psgkit.profile.context.template import context_schema

        sys.stdout.write(json.dumps(context_schema(), indent=2, ensure_ascii=False) + "\n")
    elif file is not None:
        sys.stdout.write(_summary(file))


def _summary(file: Path) -> str:
    from psgkit.cli.options import printed_width
    from psgkit.profile.context.read import read_context
    from psgkit.report.context import context_page
    from psgkit.report.terminal import page_as_text

    page = context_page(read_context(file))
    return page_as_text(page, width=printed_width(), colour=sys.stdout.isatty())
