"""How wide words are, and where lines break, in points."""

from functools import cache

from psgkit.report.figures.drawn_text import ALWAYS_THERE, has_letter

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
