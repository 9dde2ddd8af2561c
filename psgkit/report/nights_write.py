"""Nights of one person into a folder: complete files or none."""

from dataclasses import replace
from pathlib import Path

from psgkit.core.lab import Letterhead
from psgkit.nights.follow import NightCourse
from psgkit.report.figures.nights import nights_svg
from psgkit.report.html import page_as_html
from psgkit.report.nights_json import nights_as_json, nights_csv
from psgkit.report.nights_page import page_about_nights
from psgkit.report.nights_picture import nights_picture
from psgkit.report.pdf.nights import nights_as_pdf
from psgkit.report.write import encoded, write_contents


def write_nights(
    course: NightCourse,
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
    page = replace(page_about_nights(course, every_index=True), letterhead=letterhead)
    texts = {
        "nights.csv": nights_csv(course),
        "nights.svg": nights_svg(course),
        "nights.html": page_as_html(page, nights_picture(course)),
        "nights.json": nights_as_json(course),
    }
    contents = {"nights.pdf": nights_as_pdf(course, letterhead)} if pdf else {}
    return write_contents({**contents, **encoded(texts)}, Path(folder))
