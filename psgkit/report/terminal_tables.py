"""Tables of a page on a terminal: as wide as it is, without a word broken if that can be."""

from collections.abc import Sequence
from dataclasses import replace

from psgkit.report.outside_text import visible
from psgkit.report.parts import Table

BETWEEN = 3
"""Characters from one column to the next."""
_SHORT = 20
"""A cell of the body up to this long stays on one line; ours."""


def pieces_of(part: Table, width: int) -> list[Table]:
    """Return a table as it is if it fits, else as tables one below the other.

    Each begins with the first column, and no word of it is broken unless it is longer than the
    terminal is wide.

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
    """Return how wide each column is: as its cells, the widest ones less where room is short.

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
        # the one with most to give, not the longest word
        found[spare.index(max(spare))] -= 1
    return found


def _columns(part: Table) -> list[tuple[str, ...]]:
    """Return the cells of each column as they are shown, its head first."""
    return [tuple(map(visible, cells)) for cells in zip(part.head, *part.rows, strict=True)]


def _wide(cell: str) -> int:
    """Return how many characters a cell takes; some letters take two."""
    from rich.cells import cell_len

    return cell_len(cell)


def _least(cells: tuple[str, ...]) -> int:
    """Return how narrow a column may be."""
    head, *body = cells
    longest = max(map(_wide, head.split()), default=0)
    for cell in body:
        words = [cell] if _wide(cell) <= _SHORT else cell.split()
        longest = max(longest, *map(_wide, words), 0)
    return longest


def _whole(widths: Sequence[int]) -> int:
    """Return how wide columns are together."""
    return sum(widths) + BETWEEN * (len(widths) - 1)


def _piece(part: Table, columns: Sequence[int]) -> Table:
    """Return some columns of a table."""
    return replace(
        part,
        head=tuple(part.head[column] for column in columns),
        rows=tuple(tuple(row[column] for column in columns) for row in part.rows),
        n_text=sum(column < part.n_text for column in columns),
    )
