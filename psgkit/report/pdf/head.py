"""The top of the first page: laboratory, title, what must not be missed, figures that matter."""

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from psgkit.core.lab import Letterhead, Logo
from psgkit.report.figures.drawn_text import harmless
from psgkit.report.page_model import Page, Simulated
from psgkit.report.palette import LIGHT
from psgkit.report.pdf.draw import Running
from psgkit.report.pdf.layout import A4
from psgkit.report.pdf.pieces import (
    Box,
    Drawing,
    Font,
    Line,
    Piece,
    Words,
    paragraph,
    space,
    wrapped,
)
from psgkit.report.words.texts import text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LAB = Font(size=10.0, bold=True, colour=LIGHT["faint"])
_LAB_LINES = 2
_LOGO_WIDTH, _LOGO_HEIGHT, _LOGO_GAP, _BELOW_LAB = 140.0, 36.0, 12.0, 8.0
_TITLE = Font(size=15.0, bold=True)
_SUBTITLE = Font(size=9.0, colour=LIGHT["faint"])
_BANNER = Font(size=8.0, colour=LIGHT["ink"])
_VALUE = Font(size=12.5, bold=True)
_LABEL = Font(size=6.8, colour=LIGHT["faint"])
_TILES_ACROSS = 4
_TILE_HEIGHT = 35.0
_TILE_LINES = 2
_FOOT_SIZE = 6.4
_LONGEST_TITLE, _LONGEST_NAME, _LONGEST_FOOT = 120, 90, 800
_LONGEST_LAB = 50


def running_of(page: Page, left_out: int = 0) -> Running:
    """Return what stands on every sheet of a page; ``left_out`` lines found no room."""
    named = "" if page.letterhead is None else page.letterhead.name
    by = f"{harmless(named, _LONGEST_LAB)} \u00b7 " if named else ""
    foot = wrapped(harmless(page.disclaimer, _LONGEST_FOOT), _FOOT_SIZE, A4.column_width(1))
    more = (text("pdf.left_out"),) if left_out else ()
    simulated = [one for one in page.banners if isinstance(one, Simulated)]
    return Running(
        head=harmless(f"{by}{page.title} \u00b7 {page.subtitle}", _LONGEST_TITLE),
        foot=tuple(foot),
        last=more,
        banner=_one_line(simulated[0]) if simulated else "",
    )


def _one_line(words: str) -> str:
    """Return what fits on one line above a sheet, and that there is more."""
    room = A4.column_width(1) - _FOOT_SIZE
    first, *more = wrapped(harmless(words, _LONGEST_FOOT), _FOOT_SIZE, room, bold=True)
    return f"{first}\u2026" if more else first


def head_lines(page: Page, width: float) -> list[Line]:
    """Return who makes the report, title, banners and the figures that matter most."""
    lines = _letterhead(page.letterhead, width) if page.letterhead is not None else []
    lines += paragraph(page.title, width, _TITLE)
    lines += paragraph(harmless(page.subtitle, _LONGEST_NAME), width, _SUBTITLE)
    lines.append(space(4.0))
    for banner in page.banners:
        lines += _banner(banner, width)
    return [*lines, *_tiles(page.headline, width)]


def _letterhead(letterhead: Letterhead, width: float) -> list[Line]:
    """Return the name of the laboratory at the left and its logo at the right."""
    room = width
    pieces: list[Piece] = []
    if letterhead.logo is not None:
        logo = letterhead.logo
        size = min(_LOGO_WIDTH / logo.width_px, _LOGO_HEIGHT / logo.height_px)
        wide, high = size * logo.width_px, size * logo.height_px
        draw = partial(_draw_logo, logo)
        margins = (width - wide, 0.0, 0.0, _LOGO_HEIGHT - high)
        pieces.append(Drawing(width=width, height=_LOGO_HEIGHT, draw=draw, margins=margins))
        room -= wide + _LOGO_GAP
    names = paragraph(harmless(letterhead.name, _LONGEST_NAME), room, _LAB)[:_LAB_LINES]
    words = [
        replace(piece, base=piece.base + line * names[0].height)
        for line, name in enumerate(names)
        for piece in name.pieces
        if isinstance(piece, Words)
    ]
    least = sum(line.height for line in names)
    height = max(_LOGO_HEIGHT if pieces else 0.0, least)
    return [Line(height=height, pieces=(*words, *pieces)), space(_BELOW_LAB)]


def _draw_logo(logo: Logo, axes: "Axes") -> None:
    """Draw the pixels of a logo."""
    import io

    import numpy as np
    from PIL import Image

    with Image.open(io.BytesIO(logo.png)) as picture:
        axes.imshow(np.asarray(picture), aspect="auto", interpolation="none")
    axes.set_axis_off()


def _banner(words: str, width: float) -> list[Line]:
    """Return one thing that must not be missed, on coloured ground."""
    lines = paragraph(words, width - 16.0, _BANNER, indent=8.0)
    ground = [
        Box(x=0.0, y=0.0, width=width, height=line.height + 0.5, colour=LIGHT["alert"])
        for line in lines
    ]
    edge = [
        Box(x=0.0, y=0.0, width=2.5, height=line.height + 0.5, colour=LIGHT["warning"])
        for line in lines
    ]
    painted = [
        Line(height=line.height, pieces=(box, side, *line.pieces), with_next=True)
        for line, box, side in zip(lines, ground, edge, strict=True)
    ]
    return [*painted, space(3.0)]


def _tiles(figures: tuple[tuple[str, str], ...], width: float) -> list[Line]:
    """Return the figures that matter most, four a row, each value above its label."""
    lines = []
    across = width / _TILES_ACROSS
    for first in range(0, len(figures), _TILES_ACROSS):
        pieces: list[Words | Box] = []
        for column, (label, value) in enumerate(figures[first : first + _TILES_ACROSS]):
            x = column * across
            pieces += [
                Box(x=x, y=2.0, width=2.0, height=_TILE_HEIGHT - 5.0, colour=LIGHT["accent"]),
                Words(x=x + 7.0, text=harmless(value, 22), font=_VALUE, base=14.5),
            ]
            named = wrapped(harmless(label, _LONGEST_NAME), _LABEL.size, across - 14.0)
            pieces += [
                Words(x=x + 7.0, text=line, font=_LABEL, base=23.0 + 7.6 * row)
                for row, line in enumerate(named[:_TILE_LINES])
            ]
        lines.append(Line(height=_TILE_HEIGHT, pieces=tuple(pieces)))
    return lines
