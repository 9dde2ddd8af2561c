"""All commands under one name."""

from typing import Annotated

import typer

from psgkit._version import __version__
from psgkit.cli.commands import Commands
from psgkit.document.masking import show_names
from psgkit.io.new_files import share_files

app = typer.Typer(
    name="psgkit",
    cls=Commands,
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
