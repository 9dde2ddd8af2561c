"""All commands under one name."""

from pathlib import Path
from typing import Annotated

import typer

from psgkit import __version__
from psgkit.cli.batch import EPILOG as BATCH_EPILOG
from psgkit.cli.batch import batch
from psgkit.cli.check import check
from psgkit.cli.cohort import cohort
from psgkit.cli.compare import compare
from psgkit.cli.context import context
from psgkit.cli.days import days
from psgkit.cli.export import export
from psgkit.cli.nights import nights
from psgkit.cli.report import report
from psgkit.cli.score import score
from psgkit.cli.simulate import simulate
from psgkit.errors import SettingsError

app = typer.Typer(
    name="psgkit",
    help=(
        "Periodic limb and trunk movements and sleep disruption from polysomnography.\n\n"
        "Research software, not a medical device: a scorer must review what it finds."
    ),
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"psgkit {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    context: typer.Context,
    version: Annotated[  # noqa: ARG001 - printed by its callback
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
    texts: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Words of the reports in another language: a translated copy of "
            "psgkit/report/texts_en.toml. What it lacks stays English.",
        ),
    ] = None,
) -> None:
    """See the help of the program."""
    if texts is None:
        return
    if context.invoked_subcommand == "batch":  # its workers are processes of their own
        raise SettingsError("--texts", "batch, which writes English", "another command")
    from psgkit.report.texts import in_language

    context.with_resource(in_language(texts))


app.command()(report)
app.command()(check)
app.command(epilog=BATCH_EPILOG)(batch)
app.command()(score)
app.command()(compare)
app.command()(context)
app.command()(nights)
app.command()(export)
app.command()(days)
app.command()(cohort)
app.command()(simulate)
