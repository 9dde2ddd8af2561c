"""Laid-out pages as the bytes of a PDF: vector figures, embedded TrueType, no date in it."""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from psgkit._version import __version__
from psgkit.report.figures.drawn_text import harmless, text_style
from psgkit.report.palette import LIGHT
from psgkit.report.pdf.layout import A4, Frame, Placed
from psgkit.report.pdf.pieces import Box, Drawing, Words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_INCH = 72.0
_STYLE: Any = {
    "pdf.fonttype": 42,  # TrueType: text can be searched, and publishers take it
    "pdf.compression": 6,
    "font.family": ["DejaVu Sans"],
    "font.size": 7.6,
    "axes.linewidth": 0.5,
    "axes.titlesize": 7.6,
    "xtick.labelsize": 6.8,
    "ytick.labelsize": 6.8,
    "xtick.major.width": 0.5,
    "ytick.major.width": 0.5,
    "legend.fontsize": 6.8,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Running:
    """What stands on every page: above the content, below it, and on the last page only."""

    head: str
    foot: tuple[str, ...]
    last: tuple[str, ...] = ()
    banner: str = ""


def pdf_bytes(pages: Sequence[Sequence[Placed]], running: Running, title: str) -> bytes:
    """Return a PDF of laid-out pages.

    The same pages always give the same bytes: the file does not say when it was made.
    """
    from matplotlib.backends.backend_pdf import PdfPages
    from matplotlib.figure import Figure

    about = {
        "Title": harmless(title, 200),
        "Creator": f"psgkit {__version__}",
        "Producer": "matplotlib",
        "CreationDate": None,
    }
    file = io.BytesIO()
    with own_style(), PdfPages(file, metadata=about) as pdf:
        for number, page in enumerate(pages, 1):
            figure = Figure(figsize=(A4.width / _INCH, A4.height / _INCH))
            for placed in page:
                _draw_line(figure, placed, A4)
            _draw_running(figure, running, (number, len(pages)))
            pdf.savefig(figure)
    return file.getvalue()


@contextmanager
def own_style() -> Iterator[None]:
    """Draw by the style of psgkit, whatever style the reader has set, and give theirs back."""
    import matplotlib

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_STYLE)
        yield


def _draw_line(figure: "Figure", placed: Placed, frame: Frame) -> None:
    for piece in placed.line.pieces:
        match piece:
            case Words():
                _draw_words(figure, piece, (placed.x, placed.y), frame)
            case Box():
                _draw_box(figure, piece, (placed.x, placed.y), frame)
            case Drawing():
                _draw_figure(figure, piece, (placed.x, placed.y), frame)


def _draw_words(figure: "Figure", words: Words, place: tuple[float, float], frame: Frame) -> None:
    figure.text(
        (place[0] + words.x) / frame.width,
        1.0 - (place[1] + words.base) / frame.height,
        words.text,
        fontsize=words.font.size,
        fontweight="bold" if words.font.bold else "normal",
        color=words.font.colour,
        ha=words.align,
        va="baseline",
        **text_style(words.text),
    )


def _draw_box(figure: "Figure", box: Box, place: tuple[float, float], frame: Frame) -> None:
    from matplotlib.patches import Rectangle

    corner = (
        (place[0] + box.x) / frame.width,
        1.0 - (place[1] + box.y + box.height) / frame.height,
    )
    size = (box.width / frame.width, box.height / frame.height)
    figure.add_artist(Rectangle(corner, *size, facecolor=box.colour, linewidth=0))


def _draw_figure(
    figure: "Figure", drawing: Drawing, place: tuple[float, float], frame: Frame
) -> None:
    left, right, top, bottom = drawing.margins
    width = drawing.width - left - right
    height = drawing.height - top - bottom
    axes = figure.add_axes(
        (
            (place[0] + left) / frame.width,
            1.0 - (place[1] + top + height) / frame.height,
            width / frame.width,
            height / frame.height,
        )
    )
    drawing.draw(axes)


def _draw_running(figure: "Figure", running: Running, number: tuple[int, int]) -> None:
    """Draw what stands on every page, and its number."""
    left, right = A4.left, A4.width - A4.right
    style = {"fontsize": 6.4, "color": LIGHT["faint"], "va": "baseline"}

    def put(x: float, y: float, words: str, **more: Any) -> None:  # noqa: ANN401
        shown = {**text_style(words), **style, **more}
        figure.text(x / A4.width, 1.0 - y / A4.height, words, **shown)

    put(left, 30.0, running.head)
    put(right, 30.0, f"{number[0]} / {number[1]}", ha="right")
    if running.banner and number[0] > 1:  # the first page has all banners below its title
        put(left, 41.0, running.banner, color=LIGHT["error"], fontweight="bold")
    foot = (*running.last, *running.foot) if number[0] == number[1] else running.foot
    for row, line in enumerate(foot):
        put(left, A4.height - A4.bottom + 22.0 + 8.4 * row, line)
