"""All commands under one name."""

from typing import Annotated

import typer

from psgkit._version import __version__
from psgkit.cli.batch.command import EPILOG as BATCH_EPILOG
from psgkit.cli.batch.command import batch
from psgkit.cli.check import check
from psgkit.cli.cohort import cohort
from psgkit.cli.compare import compare
from psgkit.cli.context import context
from psgkit.cli.days import days
from psgkit.cli.export import export
from psgkit.cli.indices import indices
from psgkit.cli.nights import nights
from psgkit.cli.report import report
from psgkit.cli.review import review
from psgkit.cli.schema import schema
from psgkit.cli.score import score
from psgkit.cli.settings import settings
from psgkit.cli.simulate import simulate
from psgkit.cli.stage import stage
from psgkit.document.masking import show_names
from psgkit.io.new_files import share_files

app = typer.Typer(
    name="psgkit",
    help=(
        "Periodic limb and trunk movements and sleep disruption from polysomnography.\n\n"
        "Research software, not a medical device: a scorer must review what it finds."
    ),
    no_args_is_help=True,
    epilog=(
        "Data go to standard output, all else to standard error. Exit codes: 0 done; 1 a bug; "
        "2 bad usage or settings; 3 the input cannot be used, and the message says why; "
        "4 a batch finished and some nights failed."
    ),
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
    language: Annotated[
        str,
        typer.Option(
            metavar="CODE",
            help="Language of reports: en, or de for German. JSON and CSV stay English.",
        ),
    ] = "en",
    shared: Annotated[
        bool,
        typer.Option("--shared", help="Let others read new files as the umask says."),
    ] = False,
    names: Annotated[
        bool,
        typer.Option(
            "--show-names", help="Keep in findings of files what they quote from a recording."
        ),
    ] = False,
) -> None:
    """See the help of the program."""
    share_files(wanted=shared)
    show_names(wanted=names)
    if language != "en":
        from psgkit.report.words.language import in_language

        context.with_resource(in_language(language))


# a line each, short enough for a list of commands at 80 columns
app.command(short_help="Report one night: movements, series, sleep, disruption.")(report)
app.command(short_help="Look at a night, correct its scoring and sign it.")(review)
app.command(short_help="Say what files hold and what they can be used for.")(check)
app.command(epilog=BATCH_EPILOG, short_help="Report many nights, each once.")(batch)
app.command(short_help="Score movements that a scorer marked.")(score)
app.command(short_help="Estimate the stages of an unscored night.")(stage)
app.command(short_help="Say how well two scorings agree.")(compare)
app.command(short_help="Check a clinical context; --new writes a template.")(context)
app.command(short_help="Follow one person over nights, along the doses.")(nights)
app.command(short_help="Write reports for other tools: BIDS, EDF+, Luna...")(export)
app.command(short_help="Report days and nights of an actigraph.")(days)
app.command(short_help="Summarise the nights of a batch, by groups.")(cohort)
app.command(short_help="Make a night, or days, whose truth is known.")(simulate)
app.command(short_help="Explain the indices: unit, definition, source.")(indices)
app.command(short_help="Print what is set, and where it comes from.")(settings)
app.command(short_help="Print the JSON Schema of what psgkit writes.")(schema)
