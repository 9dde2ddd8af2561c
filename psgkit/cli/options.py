"""Options that several commands share, and what becomes of them."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from psgkit.document.masking import show_names
from psgkit.document.outside_text import visible
from psgkit.errors import SettingsError
from psgkit.extras import require
from psgkit.io.new_files import share_files

if TYPE_CHECKING:
    from psgkit.core.lab import Lab
    from psgkit.io.scoring.stage_codes import StageCodes
    from psgkit.settings import Settings


HypnogramFile: TypeAlias = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Stages, in any format of a scoring program.")
]
StageCodesText: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--stage-codes", metavar="MAP", help='What codes of stages mean: "0=W,1=R,2=N1,3=N2,4=N3".'
    ),
]
RulesName: TypeAlias = Annotated[
    str | None, typer.Option(metavar="NAME", help="wasm2016 (default), wasm2006 or aasm3.")
]
SettingsFile: TypeAlias = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Settings (TOML) that change any number.")
]
Symptoms: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Diary of symptoms: time, site, severity (0-10); posture, moving_helped, words.",
    ),
]
EventsFile: TypeAlias = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Arousals, respiratory events, lights; any format."),
]
Sidecar: TypeAlias = Annotated[
    bool, typer.Option("--sidecar", help="Use the scoring files beside the recording.")
]
ChannelMap: TypeAlias = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Channel map (TOML): role, site, unit by label."),
]
ContextFile: TypeAlias = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Clinical context (TOML); see psgkit context --new."),
]
LightsOff: TypeAlias = Annotated[
    str | None, typer.Option(metavar="T", help="Clock time (23:15) or seconds.")
]
LightsOn: TypeAlias = Annotated[
    str | None, typer.Option(metavar="T", help="Clock time (06:40) or seconds.")
]
OutFolder: TypeAlias = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Write the files here.")
]
AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="Print the report as JSON.")]
AsPdf: TypeAlias = Annotated[bool, typer.Option("--pdf", help="Write a PDF, too; needs --out.")]
Full: TypeAlias = Annotated[
    bool, typer.Option("--full", help="Print every section, not only the answer and main figures.")
]


Subject: TypeAlias = Annotated[
    str, typer.Option(metavar="NAME", help="Whose night it is, for the head of page and PDF only.")
]
PatientLine: TypeAlias = Annotated[
    bool,
    typer.Option("--patient-line", help="An empty line for the patient on the PDF, for a pen."),
]
Quiet: TypeAlias = Annotated[
    bool, typer.Option("--quiet", "-q", help="Print nothing but errors; needs --out.")
]
StageBy: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--stage", metavar="METHOD", help="Estimate stages from the EEG if none were scored: yasa."
    ),
]
Restage: TypeAlias = Annotated[
    bool, typer.Option("--restage", help="Estimate them although a scorer staged; gives kappa.")
]


def with_staging(settings: "Settings", method: str | None, *, restage: bool) -> "Settings":
    """Return the settings with a staging method, whose library is checked to be installed."""
    from dataclasses import replace

    from psgkit.sleep.staging.method import METHODS, staging_method

    name = settings.staging.method if method is None else method
    if restage and not name:
        raise SettingsError("--restage", "no --stage", f"--stage {METHODS[0]} beside it")
    if not name:
        return settings
    staging_method(name)  # refused before hours of samples
    again = restage or settings.staging.restage
    return replace(settings, staging=replace(settings.staging, method=name, restage=again))


def refuse_pdf_without_folder(
    folder: Path | None, *, pdf: bool, patient_line: bool = False
) -> None:
    """Raise if a PDF is wanted without a folder to write it into, or a line on it without it."""
    if patient_line and not pdf:
        raise SettingsError("--patient-line", "no --pdf", "a PDF to print it on", "Add --pdf.")
    if pdf and folder is None:
        raise SettingsError("--pdf", "no --out", "a folder for the PDF", "Add --out DIR.")
    if pdf:
        # before a night is analysed for a PDF that could not be written
        require("typst")


def codes_of(text: str | None) -> "StageCodes | None":
    """Return the stated codes of stages, None if none are."""
    from psgkit.io.scoring.stage_codes import parse_stage_codes

    return None if text is None else parse_stage_codes(text)


SETTINGS_NAME = "psgkit.toml"
"""Defaults of a laboratory: in the working folder, else in the user's configuration folder."""


def user_settings_file() -> Path:
    """Return where the defaults of this user are, whether there are any or not."""
    from platformdirs import user_config_path

    return user_config_path("psgkit", appauthor=False) / SETTINGS_NAME


def default_settings_file() -> Path | None:
    """Return the settings that hold where none are named; the working folder's come first."""
    here = Path(SETTINGS_NAME)
    return next((one for one in (here, user_settings_file()) if one.is_file()), None)


def settings_of(path: Path | None, rules: str | None) -> "Settings":
    """Return the settings of a file, or the defaults, with the rule set called ``rules``.

    A file of defaults is named on standard error, because it changes results unasked.
    """
    from psgkit.settings import Settings, read_settings, rules_named

    if path is None:
        path = default_settings_file()
        if path is not None:
            say(f"settings of {path}")
    if path is not None:
        settings = read_settings(path, rules)
        use_lab(settings.lab)
        return settings
    return Settings(rules=rules_named(rules)) if rules is not None else Settings()


def use_lab(lab: "Lab") -> None:
    """Write files from here on as the laboratory wants them: who reads them, what they quote."""
    share_files(wanted=lab.shared)
    show_names(wanted=lab.show_names)


def say(*lines: str) -> None:
    """Write lines to standard error; names and labels in them may hold commands for a terminal."""
    sys.stderr.write("".join(f"{visible(line)}\n" for line in lines))


@contextmanager
def busy(what: str) -> Iterator[None]:
    """Show that ``what`` is going on, on standard error, if that is a terminal."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(what):
        yield


@contextmanager
def counted(what: str, total: int) -> Iterator[Callable[[], None]]:
    """Show a bar on standard error, if that is a terminal; give the function that moves it."""
    if not sys.stderr.isatty() or total <= 1:
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda: bar.advance(task)


def printed_width() -> int:
    """Return how wide a report is printed: as the terminal, from 60 to 110; 100 into a file."""
    import shutil

    if not sys.stdout.isatty():
        return 100
    return min(max(shutil.get_terminal_size().columns, 60), 110)
