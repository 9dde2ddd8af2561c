"""Lines into columns, columns into pages: nothing overlaps, nothing leaves the paper."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from psgkit.report.pdf.pieces import Line

_LOWEST_COLUMN = 60.0
"""A band of columns does not begin where less than this is left of a page."""
_STEP = 4.0
_BELOW_COLUMNS = 6.0
_SLACK = 1e-6


@dataclass(frozen=True, kw_only=True, slots=True)
class Frame:
    """Where on the paper lines may stand, in points from its left and upper edge."""

    width: float = 595.28
    height: float = 841.89
    left: float = 40.0
    right: float = 40.0
    top: float = 52.0
    bottom: float = 58.0
    gap: float = 18.0

    def column_width(self, columns: int) -> float:
        """Return the width of each of ``columns``."""
        return (self.width - self.left - self.right - (columns - 1) * self.gap) / columns

    def column_left(self, columns: int, number: int) -> float:
        """Return the left edge of column ``number``, counted from 0."""
        return self.left + number * (self.column_width(columns) + self.gap)

    @property
    def floor(self) -> float:
        """Return where the room for lines ends."""
        return self.height - self.bottom


A4 = Frame()


@dataclass(frozen=True, kw_only=True, slots=True)
class Band:
    """Lines that run through one or two columns side by side."""

    lines: tuple[Line, ...]
    columns: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Placed:
    """A line on the paper: its left edge and its top."""

    x: float
    y: float
    line: Line


@dataclass(kw_only=True, slots=True)
class _Paper:
    """Pages while they are being filled."""

    frame: Frame
    most: int
    pages: list[list[Placed]] = field(default_factory=lambda: [[]])
    y: float = 0.0
    left_out: int = 0

    @property
    def room(self) -> float:
        """Return how much of the page is left."""
        return self.frame.floor - self.y

    @property
    def fresh(self) -> bool:
        """Return whether nothing stands on the page yet."""
        return not self.pages[-1]

    def turn(self) -> bool:
        """Begin another page; return whether there may be one."""
        if len(self.pages) >= self.most:
            return False
        self.pages.append([])
        self.y = self.frame.top
        return True

    def put(self, lines: Sequence[Line], x: float) -> float:
        """Put lines below each other from where the page is filled to; return their height."""
        y = self.y
        for line in lines:
            if line.pieces:
                self.pages[-1].append(Placed(x=x, y=y, line=line))
            y += line.height
        return y - self.y


def laid_out(
    bands: Sequence[Band], frame: Frame = A4, most_pages: int = 3
) -> tuple[list[list[Placed]], int]:
    """Return the pages, and how many lines found no room on the last of them.

    Examples
    --------
    >>> from psgkit.report.pdf.pieces import Box
    >>> box = Box(x=0.0, y=0.0, width=9.0, height=9.0)
    >>> pages, left_out = laid_out([Band(lines=(Line(height=300.0, pieces=(box,)),) * 6)], A4, 2)
    >>> len(pages), left_out
    (2, 2)
    """
    paper = _Paper(frame=frame, most=most_pages, y=frame.top)
    for band in bands:
        rest = list(band.lines)
        while rest and not paper.left_out:
            done = _fill(paper, rest, band.columns)
            if done == 0 and not paper.turn():
                break
            rest = _begun_again(rest[done:])
        paper.left_out += sum(bool(line.pieces) for line in rest)
    return paper.pages, paper.left_out


def _begun_again(rest: list[Line]) -> list[Line]:
    """Return lines for the top of a column: no empty ones, and the head of a table once more."""
    while rest and not rest[0].pieces:
        rest = rest[1:]
    return [*rest[0].again, *rest] if rest else rest


def _fill(paper: _Paper, lines: list[Line], columns: int) -> int:
    """Put what fits on the page, in columns of about the same height; return how many lines."""
    frame = paper.frame
    if columns == 1:
        n = _fitting(lines, paper.room) or (_forced(lines, paper.room) if paper.fresh else 0)
        paper.y += paper.put(lines[:n], frame.left)
        return n
    if paper.room < _LOWEST_COLUMN and not paper.fresh:
        return 0
    blank = next((k for k, line in enumerate(lines) if line.pieces), len(lines))
    paper.y += sum(line.height for line in lines[:blank])  # above both columns
    return blank + _fill_both(paper, lines[blank:])


def _fill_both(paper: _Paper, lines: list[Line]) -> int:
    """Put what fits side by side; return how many lines."""
    frame = paper.frame
    height = _even_height(lines, paper.room)
    n = _fitting(lines, height) or (_forced(lines, height) if paper.fresh else 0)
    beside = _begun_again(lines[n:])
    m = _fitting(beside, height)
    used = [paper.put(lines[:n], frame.column_left(2, 0))]
    used.append(paper.put(beside[:m], frame.column_left(2, 1)))
    paper.y += max(used) + _BELOW_COLUMNS
    return n + max(0, m - (len(beside) - len(lines[n:]))) if m else n


def _even_height(lines: list[Line], room: float) -> float:
    """Return the least height of two columns that hold all lines, or all the room there is."""
    height = 0.5 * sum(line.height for line in lines)
    while height < room:
        rest = _begun_again(lines[_fitting(lines, height) :])
        if _fitting(rest, height) == len(rest):
            return height
        height += _STEP
    return room


def _fitting(lines: Sequence[Line], room: float) -> int:
    """Return how many lines fit, without tearing those that belong together."""
    n = _forced(lines, room, least=0)
    while 0 < n < len(lines) and lines[n - 1].with_next:
        n -= 1
    return n


def _forced(lines: Sequence[Line], room: float, least: int = 1) -> int:
    """Return how many lines fit, torn or not; ``least`` of them in any case."""
    ends = list(accumulate(line.height for line in lines))
    return min(len(lines), max(least, bisect_right(ends, room + _SLACK)))
