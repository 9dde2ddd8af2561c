"""Report of days into a folder: complete files or none."""

from pathlib import Path

from psgkit.core.days_report import DaysReport
from psgkit.report.actogram import actogram_picture
from psgkit.report.days_json import days_as_json, days_csv, indices_csv, minutes_csv, nights_csv
from psgkit.report.days_page import page_about_days
from psgkit.report.html import page_as_html
from psgkit.report.pdf.days import days_as_pdf
from psgkit.report.write import encoded, write_contents


def days_as_html(report: DaysReport) -> str:
    """Return the report as an HTML page with the actogram at its top."""
    return page_as_html(page_about_days(report), actogram_picture(report))


def write_days(report: DaysReport, folder: str | Path, *, pdf: bool = False) -> list[Path]:
    """Return the files written into ``folder``, ``report.json`` last; a PDF if it is wanted.

    Raises
    ------
    SettingsError
        If the folder cannot be made or written to.
    """
    texts = {
        "nights.csv": nights_csv(report),
        "days.csv": days_csv(report),
        "indices.csv": indices_csv(report),
        "minutes.csv": minutes_csv(report),
        "report.html": days_as_html(report),
        "report.json": days_as_json(report),
    }
    contents = {"report.pdf": days_as_pdf(report)} if pdf else {}
    return write_contents({**contents, **encoded(texts)}, Path(folder))
