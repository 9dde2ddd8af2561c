"""Sections of a page as bands of one or two columns, shortened to what a printed page takes."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby

from psgkit.report.figures.drawn_text import harmless
from psgkit.report.parts import Bars, Facts, Notes, Part, Remarks, Section, Table
from psgkit.report.pdf.layout import A4, Band
from psgkit.report.pdf.pieces import FAINT, Line, paragraph
from psgkit.report.pdf.sections import cut, heading, part_lines
from psgkit.report.pdf.tables import share_broken

WIDE, HALF = A4.column_width(1), A4.column_width(2)
_MOST: dict[type[Part], int] = {Table: 13, Facts: 14, Bars: 26, Remarks: 8, Notes: 10}
"""Rows of a part that are printed; the HTML page has all of them. Ours, as the next are."""
_MOST_WIDE = 36
_TOO_BROKEN = 0.35
"""A table of which more would be broken in a column takes the whole width."""
_LONGEST_CELL, _LONGEST_FACT, _LONGEST_NOTE = 260, 130, 3000


def shortened(part: Part) -> Part:
    """Return a part with cells and rows that a printed page can take."""
    wide_numbers = is_wide(part) and isinstance(part, Table) and part.n_text < len(part.head)
    most = _MOST_WIDE if wide_numbers else _MOST[type(part)]
    if isinstance(part, Table | Facts):
        longest = _LONGEST_FACT if isinstance(part, Facts) else _LONGEST_CELL
        rows = tuple(tuple(_cell(cell, longest) for cell in row) for row in part.rows)
        return cut(replace(part, rows=rows), most)  # type: ignore[arg-type]
    if isinstance(part, Notes):
        return cut(replace(part, lines=tuple(harmless(s, _LONGEST_NOTE) for s in part.lines)), most)
    return cut(part, most)


def _cell(text: str, longest: int) -> str:
    """Return a cell as it is where it is short, so that a marked number stays marked."""
    return text if len(text) <= longest else harmless(text, longest)


def is_wide(part: Part) -> bool:
    """Return whether a part needs the whole width."""
    return isinstance(part, Remarks) or (
        isinstance(part, Table) and share_broken(part, HALF) > _TOO_BROKEN
    )


def bands_of_sections(sections: Iterable[Section]) -> tuple[Band, ...]:
    """Return sections as bands: wide parts across the page, others in two columns."""
    strips = [strip for section in sections for strip in _strips(section)]
    return joined(strips)


def joined(strips: Iterable[tuple[int, list[Line]]]) -> tuple[Band, ...]:
    """Return strips of lines, each with its number of columns, as bands; alike ones become one."""
    return tuple(
        Band(lines=tuple(line for _, lines in alike for line in lines), columns=columns)
        for columns, alike in groupby(strips, key=lambda strip: strip[0])
    )


def _strips(section: Section) -> Iterator[tuple[int, list[Line]]]:
    """Yield the parts of a section, its title with the first of them."""
    title: list[Line] | None = None
    for part in section.parts:
        short = shortened(part)
        columns, width = (1, WIDE) if is_wide(part) else (2, HALF)
        lines = part_lines(short, width)
        if title is None:
            title = heading(section.title, width)
            if section.note:
                title += paragraph(section.note, width, FAINT, with_next=True)
            lines = [*title, *lines]
        yield columns, lines
