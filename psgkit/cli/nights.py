"""``psgkit nights``: the same person over several nights, along the doses."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from psgkit.cli.options import (
    AsPdf,
    OutFolder,
    Symptoms,
    refuse_pdf_without_folder,
    say,
    settings_of,
)
from psgkit.errors import SettingsError

if TYPE_CHECKING:
    from psgkit.core.finding import Finding
    from psgkit.core.symptom_diary import SymptomDiary


def nights(
    reports: Annotated[
        list[Path],
        typer.Argument(metavar="REPORT", help="report.json of each night, in any order."),
    ],
    context: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Clinical context (TOML): [[drugs]] and [[nights]]."),
    ] = None,
    symptoms: Symptoms = None,
    dates: Annotated[
        str | None,
        typer.Option(
            metavar="ORDER", help="Date order of that diary where it is ambiguous: dmy or mdy."
        ),
    ] = None,
    out: OutFolder = None,
    settings: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Settings (TOML); only [lab] counts.")
    ] = None,
    pdf: AsPdf = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Follow one person over nights: indices along the doses, and their change.

    A night reported with --sit carries its immobilisation test along; the report of a test alone
    is left out.  [[nights]] of the context says which night is which (file, date or day, label);
    without a context nights are ordered by the start of their recordings, and there are no phases.
    Of the settings only [lab] counts: the name and logo on page and PDF.

    \b
    Examples:
      psgkit nights before/report.json after/report.json
      psgkit nights night-*.json --context subject.toml --out course
      psgkit nights night-*.json --context subject.toml --json
      psgkit nights night-*.json --symptoms diary.csv
    """
    from psgkit.cli.options import printed_width
    from psgkit.followup.reported import read_reported_nights
    from psgkit.followup.walk import follow_nights
    from psgkit.io.logo import read_letterhead
    from psgkit.profile.context.read import read_context
    from psgkit.report.followup.document import nights_as_json
    from psgkit.report.followup.page import page_about_nights
    from psgkit.report.terminal import page_as_text
    from psgkit.report.write import write_nights

    refuse_pdf_without_folder(out, pdf=pdf)
    letterhead = None if settings is None else read_letterhead(settings_of(settings, None).lab)
    file = None if context is None else read_context(context)
    nights, found = read_reported_nights(reports)
    diary, about = (None, ()) if symptoms is None else _diary(symptoms, dates)
    course = follow_nights(nights, file, about_reports=(*found, *about), symptoms=diary)
    if out is not None:
        written = write_nights(course, out, pdf=pdf, letterhead=letterhead)
        say(*(f"wrote {path}" for path in written))
    if as_json:
        sys.stdout.write(nights_as_json(course))
    else:
        page = page_about_nights(course)
        sys.stdout.write(page_as_text(page, width=printed_width(), colour=sys.stdout.isatty()))


def _diary(path: Path, dates: str | None) -> "tuple[SymptomDiary, tuple[Finding, ...]]":
    """Return the diary of symptoms in a file, its dates in the order that ``--dates`` states."""
    from psgkit.io.symptoms import read_symptoms

    order = {None: None, "dmy": True, "mdy": False}
    if dates not in order:
        raise SettingsError("--dates", repr(dates), "one of dmy, mdy")
    return read_symptoms(path, day_first=order[dates])
