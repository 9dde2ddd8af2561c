"""The matrix of a profile: what each condition expects of a feature, and what was found."""

from typing import TYPE_CHECKING

from psgkit.core.night_report import NightReport
from psgkit.report.figures.drawn_text import put_text
from psgkit.report.figures.frame import SMALL, axes_or_new, say_nothing_there
from psgkit.report.night.answer import PLUS, matrix_part
from psgkit.report.page_model import Cell, MatrixRow
from psgkit.report.palette import LIGHT
from psgkit.report.words.language import _

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_INCHES_A_ROW, _INCHES_AROUND, _WIDTH_IN = 0.27, 0.85, 9.0
_LEFT = (-3.4, -1.75)
"""Where features and findings begin, in columns of a condition; psgkit's own choice."""
_LONGEST = 40
_CELL_HEIGHT = 0.9


def plot_profile(report: NightReport, axes: "Axes | None" = None, *, legend: bool = True) -> "Axes":
    """Draw the matrix: what is expected of a feature in each condition, beside what was found.

    One row for each feature, one column for each condition. A cell that the finding fits is blue
    with a plus, one that it does not fit is orange with a minus; without either the literature
    leaves it open, or nothing was found. It is no score: nothing is added up.

    Parameters
    ----------
    report : NightReport
    axes : matplotlib Axes, optional
    legend : bool

    Returns
    -------
    matplotlib Axes

    Examples
    --------
    >>> from psgkit import analyse_night, simulate_night
    >>> night = simulate_night("rls", hours=0.5, seed=1)
    >>> axes = plot_profile(analyse_night(night.recording, night.hypnogram, night.events))
    >>> axes.get_title(loc="left")
    'Evidence only, never a diagnosis.'
    """
    matrix = matrix_part(report.profile.matrix)
    axes = axes_or_new(axes, (_WIDTH_IN, len(matrix.rows) * _INCHES_A_ROW + _INCHES_AROUND))
    axes.set_title(
        _("Evidence only, never a diagnosis."), loc="left", fontsize=SMALL, color=LIGHT["faint"]
    )
    if not matrix.rows:
        say_nothing_there(axes, _("This report has no matrix of expectations and findings."))
        return axes
    bold = {"va": "center", "fontsize": SMALL, "fontweight": "bold"}
    for at, words in zip(_LEFT, matrix.head, strict=False):
        put_text(axes, (at, -1.0), words, bold)
    for column, words in enumerate(matrix.head[len(_LEFT) :]):
        put_text(axes, (column, -1.0), words, {**bold, "ha": "center"})
    for number, row in enumerate(matrix.rows):
        _draw_row(axes, number, row)
    n_conditions = len(matrix.head) - len(_LEFT)
    axes.set_xlim(_LEFT[0], n_conditions - 0.5)
    axes.set_ylim(len(matrix.rows) - 0.4, -1.5)
    axes.set_axis_off()
    if legend:
        below = {"va": "top", "fontsize": SMALL, "color": LIGHT["faint"]}
        put_text(axes, (_LEFT[0], len(matrix.rows) - 0.3), matrix.foot, below, longest=300)
    return axes


def _draw_row(axes: "Axes", number: int, row: MatrixRow) -> None:
    """Write a feature and its finding, and draw a cell for each condition."""
    axes.axhline(number + 0.5, color=LIGHT["line"], linewidth=0.6)
    colour = LIGHT["ink" if row.found else "faint"]
    style = {"va": "center", "fontsize": SMALL, "color": colour}
    put_text(axes, (_LEFT[0], number), row.feature, style, _LONGEST)
    weight = {"fontweight": "bold"} if row.found else {}
    put_text(axes, (_LEFT[1], number), row.finding, {**style, **weight}, _LONGEST)
    for column, cell in enumerate(row.cells):
        _draw_cell(axes, column, number, cell)


def _draw_cell(axes: "Axes", column: int, number: int, cell: Cell) -> None:
    from matplotlib.patches import Rectangle

    if cell.sign:
        corner = (column - 0.5, number - 0.5 * _CELL_HEIGHT)
        colour = LIGHT["fits" if cell.sign == PLUS else "unfit"]
        axes.add_patch(Rectangle(corner, 0.97, _CELL_HEIGHT, facecolor=colour, edgecolor="none"))
    style = {"ha": "center", "va": "center", "fontsize": SMALL}
    colour = LIGHT["ink" if cell.sign else "faint"]
    put_text(
        axes,
        (column, number),
        f"{cell.sign} {cell.words}".strip(),
        {**style, "color": colour},
        _LONGEST,
    )
