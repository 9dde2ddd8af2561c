"""A page as PDF: its content as JSON, set by a typst template.

Text reaches a template as data, never as typst source.  The file is PDF/A-2b if the start of the
recording is known, embeds its fonts, and has the same bytes for the same page.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from psgkit.core.lab import Letterhead
from psgkit.extras import require
from psgkit.report.figures.drawn_text import ALWAYS_THERE, harmless, other_fonts
from psgkit.report.page_model import (
    Bars,
    Figure,
    Matrix,
    MatrixRow,
    Notes,
    Page,
    Part,
    Remarks,
    Section,
    Simulated,
    Table,
)
from psgkit.report.palette import LIGHT
from psgkit.report.words.language import _, language
from psgkit.report.words.number_format import digits
from psgkit.report.words.words import SEVERITY_NAMES, word_of

MOST_ROWS = 60
"""Rows of one part that are printed; psgkit's own choice.  The HTML page has all of them."""
_LONGEST, _LONGEST_LINE = 3000, 110
_PAPERS = {"a4": "a4", "letter": "us-letter"}
"""Names of paper in typst."""
_DATE = ("year", "month", "day", "hour", "minute", "second")


def page_as_pdf(page: Page, figure: Figure | None = None, start: datetime | None = None) -> bytes:
    """Return a page as a PDF, with at most one figure below its head.

    ``start`` of the recording becomes the date of the document.

    Examples
    --------
    >>> page = Page(
    ...     title="a", subtitle="b", banners=(), headline=(), sections=(), disclaimer="c"
    ... )
    >>> page_as_pdf(page)[:5]
    b'%PDF-'
    """
    return typeset("page.typ", page, start, {"figure": figure})


def typeset(template: str, page: Page, start: datetime | None, more: Mapping[str, Any]) -> bytes:
    """Return a page set by a template of this folder; ``more`` is data for that template only."""
    require("typst")
    import matplotlib
    import typst

    letterhead = page.letterhead or Letterhead()
    running = " \u00b7 ".join(filter(None, (letterhead.name, page.title, page.subtitle)))
    simulated = [one for one in page.banners if isinstance(one, Simulated)]
    words = printable(
        {
            **{name: getattr(page, name) for name in ("title", "subtitle", "banners", "headline")},
            "cautions": [(one.severity, one.message, one.advice) for one in page.cautions],
            "sections": page.sections,
            "disclaimer": page.disclaimer,
            "lab": letterhead.name,
            "language": language(),
            **more,
        }
    )
    strange = other_fonts(json.dumps(words, ensure_ascii=False))
    content = {
        **words,
        "running": harmless(running, _LONGEST_LINE),
        "simulated": harmless("".join(simulated[:1]), _LONGEST_LINE),
        "logo": None if letterhead.logo is None else [*letterhead.logo.png],
        "paper": _PAPERS[letterhead.paper],
        "fonts": [ALWAYS_THERE, *strange],
        "colours": dict(LIGHT),
        "start": None if start is None else {name: getattr(start, name) for name in _DATE},
    }
    fonts = typst.Fonts(
        include_system_fonts=bool(strange),
        include_embedded_fonts=False,
        font_paths=[Path(matplotlib.get_data_path(), "fonts", "ttf")],
    )
    return typst.compile(
        Path(__file__).parent / template,
        font_paths=fonts,
        sys_inputs={"content": json.dumps(content)},
        pdf_standards=[] if start is None else ["a-2b"],  # PDF/A requires a date
    )


def printable(value: Any) -> Any:  # noqa: ANN401 - whatever a page is made of
    """Return content as plain data; every text becomes one line of letters that a font has."""
    match value:
        case str():
            return harmless(value, _LONGEST)
        case Mapping():
            return {name: printable(one) for name, one in value.items()}
        case list() | tuple():
            return [printable(one) for one in value]
        case Figure():
            words = {"alt": value.title, "legend": value.legend}
            return {"svg": value.svg, **printable(words)}
        case Section():
            words = {"title": value.title, "note": value.note}
            return printable({**words, "parts": [one for one in value.parts if _rows(one)]})
    return printable(_part(value)) if hasattr(value, "kind") else value


def _rows(part: Part) -> tuple[Any, ...]:
    return part.lines if isinstance(part, Notes) else part.rows


def _part(part: Part) -> dict[str, Any]:
    """Return a part of at most ``MOST_ROWS`` rows, and how many more the HTML page has."""
    rows = _rows(part)
    kept = rows[:MOST_ROWS]
    content: dict[str, Any] = {"kind": part.kind, "title": part.title, "more": ""}
    if isinstance(part, Table):
        content |= {"head": part.head, "n_text": part.n_text, "foot": part.foot}
        while 1 < len(kept) < len(rows) and not any(kept[-1][1:]):
            kept = kept[:-1]  # the last row must not be a heading of rows below it
    if isinstance(part, Bars):
        content["longest"] = part.longest
    if isinstance(part, Remarks):
        kept = tuple(map(_remark, kept))
    if isinstance(part, Matrix):
        content |= {"head": part.head, "foot": part.foot}
        if part.sources:
            sources = _("Expectations: {sources}.", sources="; ".join(part.sources))
            content["foot"] = f"{part.foot} {sources}"
        kept = tuple(map(_matrix_row, part.rows))
    if len(kept) < len(rows):
        content["more"] = _("and {n} more on the HTML page.", n=digits(len(rows) - len(kept), 0))
    return {**content, "rows": kept}


def _matrix_row(row: MatrixRow) -> dict[str, Any]:
    cells = [{"words": cell.words, "sign": cell.sign} for cell in row.cells]
    return {"feature": row.feature, "finding": row.finding, "found": row.found, "cells": cells}


def _remark(row: tuple[str, str, str, str]) -> tuple[str, str, str]:
    """Return a finding: severity, its word, place and message."""
    severity, where, message, code = row
    said = f"{where}: {message}" if where else message
    return severity, word_of(SEVERITY_NAMES, severity), f"{said} ({code})" if code else said
