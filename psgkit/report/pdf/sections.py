"""Sections of a page as lines of a PDF column."""

from dataclasses import replace

from psgkit.report.page_model import Bars, Facts, Notes, Part, Remarks, Table
from psgkit.report.palette import LIGHT
from psgkit.report.pdf.pieces import BOLD, FAINT, Box, Drawing, Font, Line, paragraph, space
from psgkit.report.pdf.tables import bars_lines, facts_lines, remarks_lines, table_lines
from psgkit.report.words.texts import text

_TITLE = Font(size=9.6, bold=True, colour=LIGHT["ink"])
_BELOW_PART = 5.0
_ABOVE_TITLE = 7.0
_LONG_PARAGRAPH = 8


def heading(title: str, width: float) -> list[Line]:
    """Return the title of a section with a rule below."""
    rule = Line(height=5.0, pieces=(Box(x=0.0, y=1.0, width=width, height=0.8),), with_next=True)
    kept = space(_ABOVE_TITLE)
    return [kept, *paragraph(title, width, _TITLE, with_next=True), rule]


def part_lines(part: Part, width: float) -> list[Line]:
    """Return one part between its title and its foot."""
    if isinstance(part, Notes):
        body = [line for one in part.lines for line in _unbroken(paragraph(one, width))]
    elif not part.rows:
        return []
    else:
        body = _rows_lines(part, width)
    title = paragraph(part.title, width, BOLD, with_next=True) if part.title else []
    foot = paragraph(part.foot, width, FAINT) if isinstance(part, Table) and part.foot else []
    if foot and body:  # what explains a table stays with its last row
        body = [*body[:-1], replace(body[-1], with_next=True)]
    return [*title, *body, *foot, space(_BELOW_PART)]


def _unbroken(lines: list[Line]) -> list[Line]:
    """Return a paragraph that goes on in another column only if it is long."""
    if len(lines) > _LONG_PARAGRAPH:
        return lines
    return [*(replace(line, with_next=True) for line in lines[:-1]), *lines[-1:]]


def _rows_lines(part: Facts | Table | Bars | Remarks, width: float) -> list[Line]:
    match part:
        case Facts():
            return facts_lines(part, width)
        case Table():
            return table_lines(part, width)
        case Bars():
            return bars_lines(part, width)
        case Remarks():
            return remarks_lines(part, width)


def figure_lines(drawing: Drawing) -> list[Line]:
    """Return a figure as one strip."""
    return [Line(height=drawing.height, pieces=(drawing,)), space(_BELOW_PART)]


def cut(part: Part, most: int, beside: int = 0) -> Part:
    """Return a part of at most ``most`` rows, and how many more the HTML page has.

    ``beside`` counts rows of other parts that are left out.

    Examples
    --------
    >>> cut(Notes(lines=("a", "b", "c", "d")), 3).lines
    ('a', 'b', 'and 2 more on the HTML page.')
    """
    n = len(part.lines if isinstance(part, Notes) else part.rows)
    if n <= most and not beside:
        return part
    if isinstance(part, Table):
        kept = min(n, most)
        while kept > 1 and part.n_text == 1 and not any(part.rows[kept - 1][1:]):
            kept -= 1  # what only names the rows below it is not the last one
        more = text("pdf.more", n=n - kept + beside)
        return replace(part, rows=part.rows[:kept], foot=" ".join(filter(None, (more, part.foot))))
    kept = min(n, most - 1)
    more = text("pdf.more", n=n - kept + beside)
    if isinstance(part, Notes):
        return replace(part, lines=(*part.lines[:kept], more))
    if isinstance(part, Facts):
        return replace(part, rows=(*part.rows[:kept], (more, "")))
    if isinstance(part, Bars):
        return replace(part, rows=(*part.rows[:kept], (more, None, "")))
    return replace(part, rows=(*part.rows[:kept], ("", "", more, "")))
