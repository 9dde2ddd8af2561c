"""Sections of a page as bands of one or two columns, shortened to what a printed page takes."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from psgkit.report.figures.drawn_text import harmless
from psgkit.report.page_model import Bars, Facts, Notes, Part, Remarks, Section, Table
from psgkit.report.pdf.layout import A4, Band, Placed, laid_out
from psgkit.report.pdf.pieces import FAINT, Line, paragraph
from psgkit.report.pdf.sections import cut, heading, part_lines
from psgkit.report.pdf.tables import breaks_words, share_broken

WIDE, HALF = A4.column_width(1), A4.column_width(2)
_MOST_NOTES = 10
_TOO_BROKEN = 0.35
"""A table of which more would be broken in a column takes the whole width."""
_NEARLY_EMPTY = 0.3
"""A last page that is filled less is spared where printing less spares it."""
_LONGEST_CELL, _LONGEST_FACT, _LONGEST_NOTE = 260, 130, 3000


@dataclass(frozen=True, kw_only=True, slots=True)
class Amount:
    """How many rows of a part are printed; the HTML page has all of them. Ours.

    Attributes
    ----------
    wide : int
        Of a table of numbers across the page.
    bearing : int
        Of a table of sentences: what bears on the question first of all.
    silent : int
        Of each table of evidence after that.
    lists : bool
        Whether tables with a row for each of what was found, as turns, are printed.
    """

    table: int
    facts: int
    bars: int
    remarks: int
    wide: int
    bearing: int
    silent: int
    lists: bool = True


ALL = Amount(table=13, facts=14, bars=26, remarks=8, wide=36, bearing=24, silent=4)
_MOST = Amount(table=11, facts=10, bars=14, remarks=6, wide=18, bearing=24, silent=3)
_SOME = Amount(table=6, facts=8, bars=10, remarks=4, wide=10, bearing=20, silent=2)
_FEW = Amount(table=3, facts=4, bars=6, remarks=3, wide=4, bearing=4, silent=1, lists=False)
STEPS = ((ALL, ALL), (ALL, _MOST), (ALL, _SOME), (_MOST, _SOME), (_MOST, _FEW), (_SOME, _FEW))
"""What is printed of what matters most and of the rest, until all finds room."""


def fitted(
    bands: Callable[[Amount, Amount], Iterable[Band]], most_pages: int
) -> tuple[list[list[Placed]], int]:
    """Return pages with as much in them as leaves nothing out, and how many lines were left out.

    Rows of tables give way to what would find no room at all, and to a last page that would be
    nearly empty.
    """
    spread: list[list[Placed]] = []
    for most, rest in STEPS:
        pages, left_out = laid_out(tuple(bands(most, rest)), A4, most_pages)
        if left_out:
            continue
        if not spread:
            spread = pages
        if len(pages) < max(2, len(spread)) or _filled(pages[-1]) >= _NEARLY_EMPTY:
            return pages, 0
    return (spread, 0) if spread else (pages, left_out)


def _filled(page: Iterable[Placed]) -> float:
    """Return down to which share of its height a page is filled."""
    lowest = max((placed.y + placed.line.height for placed in page), default=A4.top)
    return (lowest - A4.top) / (A4.floor - A4.top)


def shortened(part: Part, amount: Amount = ALL) -> Part:
    """Return a part with cells and rows that a printed page can take."""
    most = _most_of(part, amount)
    if isinstance(part, Table | Facts):
        longest = _LONGEST_FACT if isinstance(part, Facts) else _LONGEST_CELL
        rows = tuple(tuple(_cell(cell, longest) for cell in row) for row in part.rows)
        return cut(replace(part, rows=rows), most)  # type: ignore[arg-type]
    if isinstance(part, Notes):
        return cut(replace(part, lines=tuple(harmless(s, _LONGEST_NOTE) for s in part.lines)), most)
    return cut(part, most)


def _most_of(part: Part, amount: Amount) -> int:
    """Return how many rows of a part are printed."""
    match part:
        case Facts():
            return amount.facts
        case Table():
            if part.n_text == len(part.head):
                return amount.bearing
            return amount.wide if is_wide(part) else amount.table
        case Bars():
            return amount.bars
        case Remarks():
            return amount.remarks
        case Notes():
            return _MOST_NOTES


def _cell(text: str, longest: int) -> str:
    """Return a cell as it is where it is short, so that a marked number stays marked."""
    return text if len(text) <= longest else harmless(text, longest)


def is_wide(part: Part) -> bool:
    """Return whether a part needs the whole width."""
    return isinstance(part, Remarks) or (
        isinstance(part, Table)
        and (share_broken(part, HALF) > _TOO_BROKEN or breaks_words(part, HALF))
    )


def bands_of_sections(sections: Iterable[Section], amount: Amount = ALL) -> tuple[Band, ...]:
    """Return sections as bands: wide parts across the page, others in two columns."""
    strips = [strip for section in sections for strip in _strips(section, amount)]
    return joined(strips)


def joined(strips: Iterable[tuple[int, list[Line]]]) -> tuple[Band, ...]:
    """Return strips of lines, each with its number of columns, as bands; alike ones become one."""
    return tuple(
        Band(lines=tuple(line for _, lines in alike for line in lines), columns=columns)
        for columns, alike in groupby(strips, key=lambda strip: strip[0])
    )


def _strips(section: Section, amount: Amount) -> Iterator[tuple[int, list[Line]]]:
    """Yield the parts of a section, its title with the first of them."""
    title: list[Line] | None = None
    for part in section.parts:
        short = shortened(part, amount)
        columns, width = (1, WIDE) if is_wide(part) else (2, HALF)
        lines = part_lines(short, width)
        if title is None:
            title = heading(section.title, width)
            if section.note:
                title += paragraph(section.note, width, FAINT, with_next=True)
            lines = [*title, *lines]
        yield columns, lines
