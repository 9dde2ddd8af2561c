"""The PDF of one person's nights: the figure of doses and indices, then the page."""

from dataclasses import replace
from functools import partial

from psgkit.core.lab import Letterhead
from psgkit.nights.follow import NightCourse
from psgkit.report.figures.nights import lanes_high, plot_nights
from psgkit.report.nights_page import page_about_nights
from psgkit.report.pdf.bands import WIDE
from psgkit.report.pdf.page import page_as_pdf
from psgkit.report.pdf.pieces import Drawing

_LANE, _AROUND, _HIGHEST = 23.0, 52.0, 560.0
_FEWEST = 2.0
"""Room to say that there is nothing to draw."""
_MARGINS = (112.0, 12.0, 18.0, 46.0)


def nights_as_pdf(course: NightCourse, letterhead: Letterhead | None = None) -> bytes:
    """Return nights as a PDF: the figure, then the main indices and their changes."""
    drawing = Drawing(
        width=WIDE,
        height=min(max(lanes_high(course), _FEWEST) * _LANE + _AROUND, _HIGHEST),
        draw=partial(plot_nights, course),
        margins=_MARGINS,
    )
    page = replace(page_about_nights(course), letterhead=letterhead)
    return page_as_pdf(page, drawing)
