"""Evidence of a night for or against RLS, RAS, RBS and akathisia."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from psgkit.core.night_report import NightReport
from psgkit.profile.evidence.items import CONDITIONS
from psgkit.report.figures.drawn_text import harmless, text_style
from psgkit.report.figures.frame import SMALL, axes_or_new, columns_that_fit, say_nothing_there
from psgkit.report.night.profile import grade_in_words
from psgkit.report.palette import LIGHT
from psgkit.report.words.language import _
from psgkit.report.words.words import condition_in_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_INCHES_A_ROW, _INCHES_AROUND, _WIDTH_IN = 0.4, 0.95, 10.0
_LONGEST = 400
_LINES = 2
_LETTER_EM = 0.52
"""Width of a letter of running text, in sizes of the font; a little more than the mean."""
_FEWEST_LETTERS = 24
_GRADES = ("several_studies", "one_study", "case_report", "derived_by_us")
_SIZES = (90.0, 62.0, 40.0, 26.0)
_WORDS_SHARE = 5.2
"""How wide the words are, in columns of a condition; psgkit's own choice, like the sizes."""


def plot_profile(report: NightReport, axes: "Axes | None" = None, *, legend: bool = True) -> "Axes":
    """Draw which measured evidence supports or speaks against which condition.

    One row for each finding, one column for each condition: an upward triangle supports, a
    downward one speaks against. The larger it is, the better the evidence; a hollow one is
    psgkit's own reasoning without a published source. It is no score: nothing is added up.

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
    pieces = [one for one in report.profile.evidence if one.get("supports") or one.get("against")]
    axes = axes_or_new(axes, (_WIDTH_IN, len(pieces) * _INCHES_A_ROW + _INCHES_AROUND))
    axes.set_title(
        _("Evidence only, never a diagnosis."), loc="left", fontsize=SMALL, color=LIGHT["faint"]
    )
    if not pieces:
        say_nothing_there(axes, _("No evidence was measured that bears on the question."))
        return axes
    for row, piece in enumerate(pieces):
        _draw_row(axes, row, piece)
    axes.set_xlim(-_WORDS_SHARE, len(CONDITIONS) - 0.5)
    axes.set_ylim(len(pieces) - 0.4, -0.6)
    axes.set_xticks(range(len(CONDITIONS)), [condition_in_words(one) for one in CONDITIONS])
    axes.set_yticks([])
    axes.tick_params(axis="x", length=0, top=True, labeltop=True, bottom=False, labelbottom=False)
    for side in axes.spines.values():
        side.set_visible(False)
    if legend:
        _legend(axes, pieces)
    return axes


def _draw_row(axes: "Axes", row: int, piece: Mapping[str, Any]) -> None:
    """Write a finding and draw its triangles."""
    axes.axhline(row + 0.5, color=LIGHT["line"], linewidth=0.6)
    said = harmless(str(piece.get("text") or piece.get("id") or ""), _LONGEST)
    lines = textwrap.wrap(said, _letters_a_line(axes))
    if len(lines) > _LINES:
        lines = [*lines[: _LINES - 1], f"{lines[_LINES - 1].rstrip('.')}\u2026"]
    place = {"va": "center", "fontsize": SMALL, "linespacing": 1.15}
    axes.text(-_WORDS_SHARE, row, "\n".join(lines), **{**text_style(said), **place})
    for key, marker, colour in (
        ("supports", "^", LIGHT["asleep"]),
        ("against", "v", LIGHT["plm"]),
    ):
        columns = [CONDITIONS.index(name) for name in piece.get(key) or () if name in CONDITIONS]
        _mark(axes, columns, row, (marker, colour, str(piece.get("grade") or "")))


def _letters_a_line(axes: "Axes") -> int:
    """Return about how many small letters fit beside the columns of the conditions."""
    from matplotlib.font_manager import FontProperties

    width_pt = 72.0 * axes.get_window_extent().width / axes.figure.dpi
    share = _WORDS_SHARE / (_WORDS_SHARE + len(CONDITIONS) - 0.5)
    letter_pt = _LETTER_EM * FontProperties(size=SMALL).get_size_in_points()
    return max(_FEWEST_LETTERS, int((share * width_pt - letter_pt) / letter_pt))


def _mark(axes: "Axes", columns: Sequence[int], row: float, kind: tuple[str, str, str]) -> None:
    marker, colour, grade = kind
    size = _SIZES[_GRADES.index(grade)] if grade in _GRADES else _SIZES[-1]
    filled = grade != _GRADES[-1] and grade in _GRADES
    axes.scatter(
        columns,
        [row] * len(columns),
        s=size,
        marker=marker,
        facecolors=colour if filled else "none",
        edgecolors=colour,
        linewidths=1.2,
    )


def _legend(axes: "Axes", pieces: Sequence[Mapping[str, Any]]) -> None:
    """Draw the legend of marks and grades."""
    from matplotlib.lines import Line2D

    def mark(marker: str, colour: str, grade: str, words: str) -> Line2D:
        filled = grade != _GRADES[-1]
        return Line2D(
            [],
            [],
            linestyle="none",
            marker=marker,
            markersize=_SIZES[_GRADES.index(grade)] ** 0.5,
            markerfacecolor=colour if filled else "none",
            markeredgecolor=colour,
            label=words,
        )

    seen = {str(piece.get("grade")) for piece in pieces}
    handles = [
        mark("^", LIGHT["asleep"], "one_study", _("supports")),
        mark("v", LIGHT["plm"], "one_study", _("speaks against")),
    ]
    handles += [
        mark("^", LIGHT["faint"], grade, harmless(grade_in_words(grade)))
        for grade in _GRADES
        if grade in seen
    ]
    axes.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(0.0, 0.0),
        ncols=columns_that_fit(axes, [str(one.get_label()) for one in handles]),
        frameon=False,
        fontsize=SMALL,
        handletextpad=0.2,
    )
