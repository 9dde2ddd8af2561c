"""Any page as a PDF: its head, a figure, its sections one after the other."""

from dataclasses import replace
from functools import partial

from psgkit.core.days.days_report import DaysReport
from psgkit.core.lab import Letterhead
from psgkit.followup.walk import NightCourse
from psgkit.report.days.page import page_about_days
from psgkit.report.figures.actogram import plot_actogram
from psgkit.report.figures.nights import lanes_high, plot_nights
from psgkit.report.followup.page import page_about_nights
from psgkit.report.page_model import Page
from psgkit.report.pdf.bands import WIDE, Amount, bands_of_sections, fitted, joined
from psgkit.report.pdf.draw import pdf_bytes
from psgkit.report.pdf.head import head_lines, running_of
from psgkit.report.pdf.layout import Band
from psgkit.report.pdf.pieces import Drawing
from psgkit.report.pdf.sections import figure_lines

_MOST_PAGES = 6
"""Of a page that is no night; ours."""


def page_as_pdf(page: Page, drawing: Drawing | None = None) -> bytes:
    """Return a page as a PDF of at most six sheets, with one figure below its head or none.

    Examples
    --------
    >>> page = Page(
    ...     title="a", subtitle="b", banners=(), headline=(), sections=(), disclaimer="c"
    ... )
    >>> page_as_pdf(page)[:5]
    b'%PDF-'
    """
    figure = figure_lines(drawing) if drawing is not None else []
    top = joined([(1, [*head_lines(page, WIDE), *figure])])

    def bands(_: Amount, amount: Amount) -> tuple[Band, ...]:
        return (*top, *bands_of_sections(page.sections, amount))

    pages, left_out = fitted(bands, _MOST_PAGES)
    return pdf_bytes(pages, running_of(page, left_out), f"{page.title} \u00b7 {page.subtitle}")


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


_LANE, _AROUND_nights, _HIGHEST_nights = 23.0, 52.0, 560.0
_FEWEST = 2.0
"""Room to say that there is nothing to draw."""
_MARGINS_nights = (112.0, 12.0, 18.0, 46.0)


def nights_as_pdf(course: NightCourse, letterhead: Letterhead | None = None) -> bytes:
    """Return nights as a PDF: the figure, then the main indices and their changes."""
    drawing = Drawing(
        width=WIDE,
        height=min(max(lanes_high(course), _FEWEST) * _LANE + _AROUND_nights, _HIGHEST_nights),
        draw=partial(plot_nights, course),
        margins=_MARGINS_nights,
    )
    page = replace(page_about_nights(course), letterhead=letterhead)
    return page_as_pdf(page, drawing)
