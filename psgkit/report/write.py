"""Write reports into a folder: complete files or none.

All files are rendered before the first is written, and each is renamed into place, so that no file
is ever incomplete and an older report survives a failure.

Pages of days and of several nights, and PDFs, are imported in the functions that write them,
because loading them takes longer than writing the report of a night.
"""

import contextlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from psgkit.core.lab import Letterhead
from psgkit.core.night_report import NightReport
from psgkit.core.trace import NightTrace
from psgkit.document.masking import masked
from psgkit.document.outside_text import encodable
from psgkit.document.trace_file import TRACE_FILE, trace_as_npz
from psgkit.document.write import night_as_json
from psgkit.errors import PsgkitError, SettingsError
from psgkit.io.new_files import is_full, part_of, put_in_place
from psgkit.report.csv_tables import (
    course_csvs,
    indices_csv,
    movements_csv,
    sensor_csvs,
    stages_csv,
)
from psgkit.report.html.page import night_as_html, page_as_html

if TYPE_CHECKING:
    from psgkit.core.days.days_report import DaysReport
    from psgkit.followup.walk import NightCourse


def write_report(
    report: NightReport,
    folder: str | Path,
    trace: NightTrace | None = None,
    *,
    pdf: bool = False,
    keep_trace: bool = False,
    letterhead: Letterhead | None = None,
) -> list[Path]:
    """Write a night report into ``folder``, created if missing, and return the files.

    ``report.json`` is written last: when it is new, so are the others.

    Parameters
    ----------
    report : NightReport
    folder : path
    trace : NightTrace, optional
        For the signals on the page.
    pdf : bool
        Whether ``report.pdf`` is written as well.
    keep_trace : bool
        Whether the trace is written as ``trace.npz``.
    letterhead : Letterhead, optional
        Laboratory, as ``psgkit.io.logo.read_letterhead`` reads it from the settings.

    Raises
    ------
    SettingsError
        If the folder cannot be made or written to.
    """
    report = masked(report)
    texts = {
        "movements.csv": movements_csv(report),
        "indices.csv": indices_csv(report),
        **sensor_csvs(report),
        **course_csvs(report),
        **_estimated(report),
        "report.html": night_as_html(report, trace, letterhead),
        "report.json": night_as_json(report),
    }
    contents = {}
    if pdf:
        from psgkit.report.pdf.night import night_as_pdf

        contents["report.pdf"] = night_as_pdf(report, letterhead)
    if keep_trace and trace is not None:
        contents[TRACE_FILE] = trace_as_npz(trace, report)
    return write_contents({**contents, **encoded(texts)}, Path(folder))


def _estimated(report: NightReport) -> dict[str, str]:
    """Return the table of estimated stages, if they were estimated."""
    if report.staging is None:
        return {}
    # reports of earlier versions have no such setting, and no estimate either
    least = report.settings["staging"]["min_probability"]
    return {"stages.csv": stages_csv(report.staging, least)}


def write_texts(texts: dict[str, str], folder: Path) -> list[Path]:
    """Write texts by file name into ``folder`` and return the files.

    Raises
    ------
    SettingsError
        If the folder cannot be made or written to.
    """
    return write_contents(encoded(texts), folder)


def encoded(texts: Mapping[str, str]) -> dict[str, bytes]:
    """Return texts as UTF-8; lone surrogates are replaced."""
    return {name: encodable(text).encode("utf-8") for name, text in texts.items()}


def write_contents(contents: Mapping[str, bytes], folder: Path) -> list[Path]:
    """Write bytes by relative path into ``folder`` and return the files.

    Raises
    ------
    SettingsError
        If the folder cannot be made or written to.
    PsgkitError
        If the disk is full; no file is written then.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return _write_all(contents, folder)
    except OSError as error:
        if is_full(error):
            # all are written under hidden names before the first is renamed
            raise PsgkitError(
                where=str(folder),
                found="no room to write",
                wanted=f"room for {', '.join(contents)}",
                advice="None of them was written; files that were there before stay as they were.",
            ) from error
        raise SettingsError(
            where=str(folder),
            found=error.strerror or str(error),
            wanted="a folder that can be written to",
        ) from error


def _write_all(contents: Mapping[str, bytes], folder: Path) -> list[Path]:
    """Write all ``contents`` and return their paths; remove temporary files if one fails."""
    with contextlib.ExitStack() as cleanup:
        written = []
        for name, content in contents.items():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            part = part_of(target)
            cleanup.callback(part.unlink, missing_ok=True)
            with part.open("xb") as file:
                file.write(content)
            written.append((part, target))
        return put_in_place(written)


def write_days(report: "DaysReport", folder: str | Path, *, pdf: bool = False) -> list[Path]:
    """Return the files written into ``folder``, ``report.json`` last; a PDF if it is wanted.

    Raises
    ------
    SettingsError
        If the folder cannot be made or written to.
    """
    from psgkit.report.days import document
    from psgkit.report.days.page import page_about_days
    from psgkit.report.figures.actogram import actogram_figure
    from psgkit.report.pdf.typeset import page_as_pdf

    report = masked(report)
    page, actogram = page_about_days(report), actogram_figure(report)
    texts = {
        "nights.csv": document.nights_csv(report),
        "days.csv": document.days_csv(report),
        "indices.csv": document.indices_csv(report),
        "minutes.csv": document.minutes_csv(report),
        "report.html": page_as_html(page, actogram),
        "report.json": document.days_as_json(report),
    }
    contents = {"report.pdf": page_as_pdf(page, actogram, report.clock.start)} if pdf else {}
    return write_contents({**contents, **encoded(texts)}, Path(folder))


def write_nights(
    course: "NightCourse",
    folder: str | Path,
    *,
    pdf: bool = False,
    letterhead: Letterhead | None = None,
) -> list[Path]:
    """Return the files written into ``folder``, ``nights.json`` last; a PDF if it is wanted.

    ``letterhead`` says on page and PDF who makes them.

    Raises
    ------
    SettingsError
        If the folder cannot be made or written to.
    """
    from psgkit.report.figures.nights import nights_figure
    from psgkit.report.followup import document
    from psgkit.report.followup.page import page_about_nights
    from psgkit.report.pdf.typeset import page_as_pdf

    course = masked(course)
    full, main = (
        replace(page_about_nights(course, every_index=every), letterhead=letterhead)
        for every in (True, False)
    )
    figure = nights_figure(course)
    starts = (night.report.start for night in course.nights)
    last = max(filter(None, starts), default=None)
    texts = {
        "nights.csv": document.nights_csv(course),
        "nights.svg": figure.svg,
        "nights.html": page_as_html(full, figure),
        "nights.json": document.nights_as_json(course),
    }
    contents = {"nights.pdf": page_as_pdf(main, figure, last)} if pdf else {}
    return write_contents({**contents, **encoded(texts)}, Path(folder))
