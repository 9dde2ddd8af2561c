"""The top of the first page: laboratory, title, what must not be missed, figures that matter."""

from psgkit.report.figures.drawn_text import harmless
from psgkit.report.palette import LIGHT
from psgkit.report.parts import Page
from psgkit.report.pdf.draw import Running
from psgkit.report.pdf.layout import A4
from psgkit.report.pdf.measure import wrapped
from psgkit.report.pdf.pieces import Box, Font, Line, Words, paragraph, space
from psgkit.report.texts import text

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


def running_of(page: Page, left_out: int = 0) -> Running:
    """Return what stands on every sheet of a page; ``left_out`` lines found no room."""
    foot = wrapped(harmless(page.disclaimer, _LONGEST_FOOT), _FOOT_SIZE, A4.column_width(1))
    more = (text("pdf.left_out"),) if left_out else ()
    simulated = [one for one in page.banners if "simulat" in one.lower()]
    return Running(
        head=harmless(f"{page.title} \u00b7 {page.subtitle}", _LONGEST_NAME),
        foot=tuple(foot),
        last=more,
        banner=harmless(simulated[0], _LONGEST_TITLE) if simulated else "",
    )


def head_lines(page: Page, width: float) -> list[Line]:
    """Return title, banners and the figures that matter most."""
    lines = paragraph(page.title, width, _TITLE)
    lines += paragraph(harmless(page.subtitle, _LONGEST_NAME), width, _SUBTITLE)
    lines.append(space(4.0))
    for banner in page.banners:
        lines += _banner(banner, width)
    return [*lines, *_tiles(page.headline, width)]


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
