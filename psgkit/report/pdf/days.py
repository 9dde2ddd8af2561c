"""The PDF of days on end: the actogram, then the page."""

from functools import partial

from psgkit.core.days_report import DaysReport
from psgkit.report.days_page import page_about_days
from psgkit.report.figures.actogram import plot_actogram
from psgkit.report.pdf.bands import WIDE
from psgkit.report.pdf.page import page_as_pdf
from psgkit.report.pdf.pieces import Drawing

_LINE, _AROUND, _HIGHEST = 30.0, 76.0, 560.0
_MARGINS = (64.0, 10.0, 18.0, 54.0)


def days_as_pdf(report: DaysReport) -> bytes:
    """Return days as a PDF: the actogram, then rhythm, nights and days."""
    lines = max(1, len(report.nights))
    drawing = Drawing(
        width=WIDE,
        height=min(lines * _LINE + _AROUND, _HIGHEST),
        draw=partial(plot_actogram, report),
        margins=_MARGINS,
    )
    return page_as_pdf(page_about_days(report), drawing)
