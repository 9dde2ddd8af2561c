"""What a PDF page is made of, as plain data: words, rules, boxes and figures, line by line.

Places are in points from the left edge and the top of their line.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from psgkit.report.figures.drawn_text import harmless
from psgkit.report.palette import LIGHT
from psgkit.report.pdf.measure import width_of, wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Align: TypeAlias = Literal["left", "right", "center"]

BODY = 7.2
LEADING = 9.4
"""Size of running text and the distance of its lines."""
_LONGEST = 3000


@dataclass(frozen=True, kw_only=True, slots=True)
class Font:
    """How words look."""

    size: float = BODY
    bold: bool = False
    colour: str = LIGHT["ink"]


PLAIN = Font()
FAINT = Font(colour=LIGHT["faint"])
BOLD = Font(bold=True)


@dataclass(frozen=True, kw_only=True, slots=True)
class Words:
    """One line of text; ``x`` is its left edge, its right one or its middle."""

    x: float
    text: str
    font: Font = PLAIN
    align: Align = "left"
    base: float = 7.0
    """How far the base line lies below the top of the line."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Box:
    """A filled box; a thin one is a rule."""

    x: float
    y: float
    width: float
    height: float
    colour: str = LIGHT["line"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Drawing:
    """A figure: what draws it on an Axes, and its margins left, right, top and bottom."""

    width: float
    height: float
    draw: "Callable[[Axes], object]"
    margins: tuple[float, float, float, float]


Piece: TypeAlias = Words | Box | Drawing


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """A strip of a column that is never torn.

    Attributes
    ----------
    height : float
    pieces : tuple
    with_next : bool
        Never the last one of a column or page.
    again : tuple of Line
        What is said once more where a column begins with this line: the head of its table.
    """

    height: float
    pieces: tuple[Piece, ...] = ()
    with_next: bool = False
    again: "tuple[Line, ...]" = field(default=(), repr=False)


def space(height: float) -> Line:
    """Return an empty strip."""
    return Line(height=height)


def paragraph(
    text: str, width: float, font: Font = PLAIN, *, indent: float = 0.0, with_next: bool = False
) -> list[Line]:
    """Return running text of at most ``width``, whatever is in it.

    Examples
    --------
    >>> [line.pieces[0].text for line in paragraph("to be used by a scorer", 45.0)]
    ['to be used', 'by a scorer']
    """
    leading = font.size * LEADING / BODY
    lines = wrapped(harmless(text, _LONGEST), font.size, width - indent, bold=font.bold)
    return [
        Line(
            height=leading,
            pieces=(Words(x=indent, text=one, font=font, base=0.76 * leading),),
            with_next=with_next,
        )
        for one in lines
    ]


def fits(text: str, width: float, font: Font = PLAIN) -> bool:
    """Return whether text fits on one line of ``width``."""
    return width_of(harmless(text, _LONGEST), font.size, bold=font.bold) <= width
