"""Any page as a PDF: its head, a figure, its sections one after the other."""

from psgkit.report.parts import Page
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
