"""What a PDF page is made of, as plain data: words, rules, boxes and figures, line by line.

Places are in points from the left edge and the top of their line.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Literal, TypeAlias

from psgkit.report.figures.drawn_text import ALWAYS_THERE, harmless, has_letter
from psgkit.report.palette import LIGHT

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


_EM = 1000.0
_SLACK = 1e-6
_BROAD = 1.0
"""Width of a letter of another font, in sizes: Chinese letters are square, others narrower."""


def width_of(text: str, size: float, *, bold: bool = False) -> float:
    """Return the width of one line; kerning can only make it narrower.

    Examples
    --------
    >>> width_of("ii", 10.0) < width_of("mm", 10.0) < width_of("mm", 10.0, bold=True)
    True
    """
    return size * sum(_advance(letter, bold) for letter in text)


def wrapped(text: str, size: float, width: float, *, bold: bool = False) -> list[str]:
    """Return ``text`` in lines of at most ``width``; a word that is wider is broken.

    Examples
    --------
    >>> wrapped("PLMS index, per hour", 10.0, 80.0)
    ['PLMS index,', 'per hour']
    """
    lines: list[str] = []
    line = ""
    for word in filter(None, text.split(" ")):  # a thin space joins a number and its unit
        longer = f"{line} {word}" if line else word
        if width_of(longer, size, bold=bold) <= width + _SLACK:
            line = longer
            continue
        if line:
            lines.append(line)
        *whole, line = _broken(word, size, width, bold=bold)
        lines += whole
    return [*lines, line] if line or not lines else lines


def _broken(word: str, size: float, width: float, *, bold: bool) -> list[str]:
    """Return a word in pieces of at most ``width``, each of one letter at least."""
    pieces, used = [""], 0.0
    for letter in word:
        advance = size * _advance(letter, bold)
        if pieces[-1] and used + advance > width + _SLACK:
            pieces.append("")
            used = 0.0
        pieces[-1] += letter
        used += advance
    return pieces


@cache
def _advance(letter: str, bold: bool) -> float:  # noqa: FBT001 - part of the key
    """Return how far a letter moves the pen, in sizes of the font."""
    from matplotlib.font_manager import FontProperties, findfont, get_font
    from matplotlib.ft2font import LoadFlags

    if not has_letter(letter):
        return _BROAD
    weight = "bold" if bold else "normal"
    font = get_font(findfont(FontProperties(family=[ALWAYS_THERE], weight=weight)))
    font.set_size(_EM, 72)
    glyph = font.load_char(ord(letter), flags=LoadFlags.NO_HINTING | LoadFlags.NO_SCALE)
    return float(glyph.horiAdvance) / float(font.units_per_EM)
