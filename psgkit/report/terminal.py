"""Night report for the terminal.

Every text becomes a ``rich.text.Text`` without markup, with control characters escaped, so that no
label or annotation can control the terminal.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from psgkit.core.night_report import NightReport
from psgkit.document.outside_text import visible
from psgkit.report.night.answer import short_matrix
from psgkit.report.night.content import page_about
from psgkit.report.page_model import (
    Bars,
    Facts,
    Matrix,
    Notes,
    Page,
    Part,
    Remarks,
    Section,
    Table,
    Warned,
)
from psgkit.report.words.language import _
from psgkit.report.words.number_format import THIN
from psgkit.report.words.words import SEVERITY_NAMES

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table as RichTable
    from rich.text import Text


_SEVERITY_STYLES = {"error": "bold red", "warning": "yellow", "info": "dim"}
_EDGE = "  "
_GAP = 4
_BAR_SIZE = 40
_BLOCKS = " \u258f\u258e\u258d\u258c\u258b\u258a\u2589\u2588"
_MINIMUM_WIDTH = 40


def night_as_text(
    report: NightReport, *, width: int = 100, colour: bool = False, full: bool = True
) -> str:
    """Return the night report as lines of at most ``width`` characters.

    Parameters
    ----------
    report : NightReport
    width : int
        At least 40.
    colour : bool
        With ANSI colours, for a terminal that has them.
    full : bool
        With all sections; else cautions, the answer and the main figures.

    Raises
    ------
    ValueError
        If the lines would be too short for a table.
    """
    return page_as_text(page_about(report), width=width, colour=colour, full=full)


def page_as_text(page: Page, *, width: int = 100, colour: bool = False, full: bool = True) -> str:
    """Return a page as lines of at most ``width`` characters; see ``night_as_text``."""
    import io

    from rich.console import Console

    if width < _MINIMUM_WIDTH:
        raise ValueError(f"a report needs a width of at least {_MINIMUM_WIDTH}, got {width}")
    lines = io.StringIO()
    console = Console(
        file=lines,
        width=width,
        height=100,
        force_terminal=colour,
        force_jupyter=False,
        no_color=not colour,
        color_system="standard" if colour else None,
        legacy_windows=False,
        highlight=False,
        markup=False,
        emoji=False,
    )
    for renderable in _page(page if full else in_short(page), console):
        console.print(renderable, overflow="fold")
    return "".join(f"{line.rstrip()}\n" for line in lines.getvalue().splitlines())


def in_short(page: Page) -> Page:
    """Return a page without its folded sections and without empty rows of a matrix.

    Its last section names what was left out.
    """
    left = [section.title for section in page.sections if section.folded]
    kept = [_short_section(section) for section in page.sections if not section.folded]
    if left:
        line = _(
            "With --full: {n} more sections, from {first} to {last}.",
            n=len(left),
            first=left[0],
            last=left[-1],
        )
        kept.append(Section(key="full", title="", parts=(Notes(lines=(line,)),)))
    return replace(page, sections=tuple(kept))


def _short_section(section: Section) -> Section:
    parts = [short_matrix(part) if isinstance(part, Matrix) else part for part in section.parts]
    kept = [part for part in parts if not isinstance(part, Matrix) or part.rows]
    return replace(section, parts=tuple(kept))


def _page(page: Page, console: "Console") -> Iterator["RenderableType"]:
    """Return the parts of the page, top to bottom."""
    yield _text(f"{page.title} \u00b7 {page.subtitle}", "bold")
    for banner in page.banners:
        yield _text(f"! {banner}", "bold yellow")
    # an answer without a title is all that a short page has: no line of it is left empty
    short = page.answer is not None and not page.answer.title
    if page.cautions:
        if not short:
            yield ""
        yield _cautions(page.cautions)
    if page.answer is not None:
        if not short:
            yield ""
        yield from _section(page.answer, console)
    if page.headline:
        yield ""
        yield _headline(page.headline)
    for section in page.others:
        yield ""
        yield from _section(section, console)
    if page.disclaimer:
        yield ""
        yield _text(page.disclaimer, "dim")


def _text(shown: str, style: str = "") -> "Text":
    """Return escaped text, with plain in place of thin spaces."""
    from rich.text import Text

    return Text(visible(shown).replace(THIN, " "), style=style)


def _cautions(cautions: tuple[Warned, ...]) -> "RenderableType":
    """Return the cautions, each with its advice behind it."""
    from rich.text import Text

    grid = _grid(columns=2)
    for one in cautions:
        said = Text.assemble(_text(one.message), " ", _text(one.advice, "dim"))
        grid.add_row(_text("(!)", _SEVERITY_STYLES[one.severity]), said)
    return grid


def _headline(figures: tuple[tuple[str, str], ...]) -> "RenderableType":
    """Return the main figures, three on a line."""
    grid = _grid(columns=6)
    for first in range(0, len(figures), 3):
        cells = [
            _text(shown, style)
            for label, value in figures[first : first + 3]
            for shown, style in ((label, "dim"), (value, "bold"))
        ]
        grid.add_row(*cells)
    return _indented(grid)


def _section(section: Section, console: "Console") -> Iterator["RenderableType"]:
    """Return heading and parts of a section; two parts share a line if both fit."""
    from rich.rule import Rule

    if section.title:
        yield Rule(_text(section.title, "bold"), align="left", style="dim", characters="\u2500")
    if section.note:
        yield _indented(_text(section.note, "italic"))
    for number, parts in enumerate(_lines_of_parts(section.parts, console)):
        if number:
            yield ""
        yield _side_by_side(parts)


def _lines_of_parts(
    parts: tuple[Part, ...], console: "Console"
) -> Iterator[list["RenderableType"]]:
    """Return the parts line by line; running text never shares a line."""
    line: list[RenderableType] = []
    used = 0
    for part in parts:
        rendered = _part(part, console.width - len(_EDGE))
        needed = console.measure(rendered).maximum + _GAP
        if isinstance(part, Notes | Remarks):
            needed = console.width
        if line and used + needed > console.width:
            yield line
            line, used = [], 0
        line.append(rendered)
        used += needed
    if line:
        yield line


def _side_by_side(parts: list["RenderableType"]) -> "RenderableType":
    if len(parts) == 1:
        return _indented(parts[0])
    grid = _grid(columns=len(parts), padding=(0, _GAP - 1, 0, 0))
    grid.add_row(*parts)
    return _indented(grid)


def _indented(part: "RenderableType") -> "RenderableType":
    """Return an indented part."""
    from rich.padding import Padding

    return Padding(part, (0, 0, 0, len(_EDGE)))


def _grid(columns: int, padding: tuple[int, int, int, int] = (0, 2, 0, 0)) -> "RichTable":
    """Return a table without rules that never cuts text."""
    from rich.table import Table as RichTable

    grid = RichTable.grid(padding=padding)
    for _column in range(columns):
        grid.add_column(overflow="fold")
    return grid


def _part(part: Part, width: int) -> "RenderableType":
    """Return one part with its title and foot, at most ``width`` wide."""
    from rich.console import Group

    if isinstance(part, Matrix):
        part = _as_table(part)
    shown: list[RenderableType] = [_text(part.title, "bold")] if part.title else []
    if isinstance(part, Table):
        for number, piece in enumerate(pieces_of(part, width)):
            shown += [*([""] if number else []), _table(piece, width)]
    else:
        shown.append(_body(part))
    if isinstance(part, Table) and part.foot:
        shown.append(_text(part.foot, "dim"))
    return Group(*shown)


def _as_table(part: Matrix) -> Table:
    """Return a matrix as a table; a sign before the word says whether the finding agrees."""
    rows = tuple(
        (row.feature, row.finding, *(f"{cell.sign or ' '} {cell.words}" for cell in row.cells))
        for row in part.rows
    )
    return Table(head=part.head, rows=rows, n_text=len(part.head), foot=part.foot)


def _body(part: Facts | Bars | Remarks | Notes) -> "RenderableType":
    from rich.text import Text

    match part:
        case Facts():
            return _facts(part)
        case Bars():
            return _bars(part)
        case Remarks():
            return _remarks(part)
        case Notes():
            return Text("\n").join(map(_text, part.lines))


def _facts(part: Facts) -> "RichTable":
    grid = _grid(columns=2)
    for label, value in part.rows:
        grid.add_row(_text(label, "dim"), _text(value))
    return grid


def _table(part: Table, width: int) -> "RichTable":
    """Return a table with a rule below its head, its columns fitted to the width."""
    from rich import box
    from rich.table import Table as RichTable

    table = RichTable(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1), show_edge=False)
    for column, (head, wide) in enumerate(zip(part.head, widths_of(part, width), strict=True)):
        justify: Literal["left", "right"] = "left" if column < part.n_text else "right"
        table.add_column(
            _text(head), justify=justify, overflow="fold", header_style="bold", width=wide
        )
    for row in part.rows:
        table.add_row(*map(_text, row))
    return table


def _bars(part: Bars) -> "RichTable":
    """Return one bar for each row, the longest ``_BAR_SIZE`` characters long."""
    grid = _grid(columns=3)
    grid.columns[1].justify = "right"
    for label, value, shown in part.rows:
        share = value / part.longest if value and part.longest > 0 else 0.0
        grid.add_row(_text(label, "dim"), _text(shown), _text(_bar(share), "cyan"))
    return grid


def _bar(share: float) -> str:
    """Return a bar in eighths of a character.

    Examples
    --------
    >>> len(_bar(1.0)), _bar(0.0)
    (40, '')
    """
    eighths = round(max(0.0, share) * _BAR_SIZE * 8)
    return (_BLOCKS[-1] * (eighths // 8) + _BLOCKS[eighths % 8]).rstrip()


def _remarks(part: Remarks) -> "RichTable":
    """Return findings, their severity first and in its colour."""
    from rich.text import Text

    grid = _grid(columns=2)
    for severity, where, message, code in part.rows:
        place = _text(f"{where}: " if where else "", "bold")
        message_text = Text.assemble(place, _text(message), _text(f" [{code}]", "dim"))
        word = SEVERITY_NAMES[severity]
        grid.add_row(_text(word, _SEVERITY_STYLES[severity]), message_text)
    return grid


BETWEEN = 3
"""Characters from one column to the next."""
_SHORT = 20
"""A cell of the body up to this long stays on one line; psgkit's own choice."""


def pieces_of(part: Table, width: int) -> list[Table]:
    """Return a table if it fits, else split into tables one below the other.

    Each has the first column; a word is broken only if it is wider than the terminal.

    Examples
    --------
    >>> days = Table(head=("Date", "Worn, h", "Walking, %"), rows=(("Mon 08 Jan", "12", "6"),))
    >>> [piece.head for piece in pieces_of(days, 40)]
    [('Date', 'Worn, h', 'Walking, %')]
    >>> [piece.head for piece in pieces_of(days, 22)]
    [('Date', 'Worn, h'), ('Date', 'Walking, %')]
    """
    least = [_least(cells) for cells in _columns(part)]
    if _whole(least) <= width:
        return [part]
    found: list[list[int]] = [[0]]
    for column in range(1, len(least)):
        kept = [least[one] for one in (*found[-1], column)]
        if _whole(kept) > width and len(found[-1]) > 1:
            found.append([0])
        found[-1].append(column)
    return [_piece(part, columns) for columns in found]


def widths_of(part: Table, width: int) -> list[int]:
    """Return the width of each column: that of its cells, less for the widest if space is short.

    Examples
    --------
    >>> widths_of(Table(head=("a", "Trains seated"), rows=(("x", "1"),)), 12)
    [1, 8]
    """
    columns = _columns(part)
    found = [max(map(_wide, cells)) for cells in columns]
    least = [_least(cells) for cells in columns]
    while _whole(found) > width:
        spare = [one - floor for one, floor in zip(found, least, strict=True)]
        if max(spare) <= 0:
            break
        # the column that can shrink most
        found[spare.index(max(spare))] -= 1
    return found


def _columns(part: Table) -> list[tuple[str, ...]]:
    """Return the cells of each column as shown, its head first."""
    return [tuple(map(visible, cells)) for cells in zip(part.head, *part.rows, strict=True)]


def _wide(cell: str) -> int:
    """Return the width of a cell in characters; some letters take two."""
    from rich.cells import cell_len

    return cell_len(cell)


def _least(cells: tuple[str, ...]) -> int:
    """Return the least width of a column."""
    head, *body = cells
    longest = max(map(_wide, head.split()), default=0)
    for cell in body:
        words = [cell] if _wide(cell) <= _SHORT else cell.split()
        longest = max(longest, *map(_wide, words), 0)
    return longest


def _whole(widths: Sequence[int]) -> int:
    """Return the total width of columns."""
    return sum(widths) + BETWEEN * (len(widths) - 1)


def _piece(part: Table, columns: Sequence[int]) -> Table:
    return replace(
        part,
        head=tuple(part.head[column] for column in columns),
        rows=tuple(tuple(row[column] for column in columns) for row in part.rows),
        n_text=sum(column < part.n_text for column in columns),
    )
