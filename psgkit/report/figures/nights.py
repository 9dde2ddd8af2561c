"""Indices of one person over nights, below the time line of doses."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from psgkit.core.symptom_diary import SYMPTOM_SITES
from psgkit.followup.change import IndexCourse
from psgkit.followup.walk import NightCourse
from psgkit.report.figures.drawn_text import harmless, put_text, text_style
from psgkit.report.figures.frame import (
    SMALL,
    as_svg,
    axes_or_new,
    bare,
    put_legend,
    say_nothing_there,
)
from psgkit.report.followup.lanes import (
    DRAWN,
    DoseStep,
    days_of,
    dose_steps,
    drawn_indices,
    scale_of,
)
from psgkit.report.page_model import Figure
from psgkit.report.palette import LIGHT
from psgkit.report.symptoms import SYMPTOM_SITE_WORDS, symptom_colour
from psgkit.report.words.language import _
from psgkit.report.words.number_format import number, unit_in_words
from psgkit.report.words.words import group_title, index_label

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_INCHES_A_LANE, _INCHES_AROUND, _WIDTH_IN = 0.42, 0.9, 9.0
_WIDTH, _LANE, _HIGHEST = 400.0, 23.0, 500.0
"""Of the Axes in reports, in points."""
_FEWEST = 2.0
"""Lanes; room to say that there is nothing to draw."""
_PANEL = 1.9
"""Height of an index, where a lane of doses is 1."""
_LINE = 1.1
"""How much of it the line may use; the rest is for the numbers above the dots."""
_SYMPTOMS = 1.5
"""Height of the entries of a site in the diary of symptoms."""
_WORST = 10.0
_SMALLEST, _LARGEST = 0.1, 0.42
"""Height of the smallest and the largest dose."""
_MARGIN_SHARE = 0.05
_LONGEST = 60
_SIGNS_ACROSS = 95.0
"""About how many small characters go across the axis of a figure of nights."""


def plot_nights(
    course: NightCourse,
    axes: "Axes | None" = None,
    *,
    indices: Sequence[str] = DRAWN,
    legend: bool = True,
) -> "Axes":
    """Draw indices over the nights, one panel each, below doses and diary of symptoms.

    All panels are on one Axes; its x axis is in days. An index has one scale from 0 in the panels
    of all groups; values are written at the dots. Indices that are 0 or missing on every night are
    left out.

    Parameters
    ----------
    course : NightCourse
        From ``psgkit.followup.walk.follow_nights``.
    axes : matplotlib Axes, optional
        Without it one is made on a new figure, high enough for all panels.
    indices : sequence of str
        Names of indices, in the order in which they are drawn.
    legend : bool

    Returns
    -------
    matplotlib Axes

    Examples
    --------
    >>> from psgkit.followup.walk import follow_nights
    >>> from psgkit.followup.reported import read_reported_night
    >>> from psgkit.profile.context.read import read_context
    >>> folder = "sample_data/case"
    >>> nights = [read_reported_night(f"{folder}/night-{n}.json") for n in (1, 2, 3)]
    >>> axes = plot_nights(follow_nights(nights, read_context(f"{folder}/context.toml")))
    >>> axes.get_xlabel()
    'day'
    """
    panels = drawn_indices(course, indices)
    height = lanes_high(course, indices)
    axes = axes_or_new(axes, (_WIDTH_IN, height * _INCHES_A_LANE + _INCHES_AROUND))
    if not panels or not _is_dated(course):
        say_nothing_there(axes, _("No night has a day and an index to draw."))
        return axes
    _put_days(axes, course)
    steps = dose_steps(course)
    rows = _dose_rows(course)
    names: list[tuple[float, str]] = []
    y = 0.0
    for drug, some in steps.items():
        names.append((y + 0.5, harmless(drug, 24)))
        _draw_doses(axes, some, rows[drug], y)
        y += max(rows[drug]) + 1
    for site in _symptom_sites(course):
        names.append((y + 0.5 * _SYMPTOMS, _symptom_name(site)))
        _draw_symptoms(axes, course, site, y)
        y += _SYMPTOMS
    for one in panels:
        names.append((y + 0.5 * _PANEL, _panel_name(one)))
        _draw_index(axes, course, one, (y, scale_of(one.name, panels)))
        y += _PANEL
    axes.set_ylim(y + 0.15, -0.1)
    _put_names(axes, names)
    simulated = sum(night.report.simulated for night in course.nights)
    if simulated:
        said = _(
            "{n} of {all} nights are SIMULATED: no person was recorded",
            n=simulated,
            all=len(course.nights),
        )
        axes.set_title(said, fontsize=SMALL, color=LIGHT["plm"], loc="left")
    if legend:
        _legend(axes, steps)
    return axes


def nights_figure(course: NightCourse) -> Figure:
    """Return the figure of nights for page and PDF.

    Examples
    --------
    >>> from psgkit.followup.walk import follow_nights
    >>> from psgkit.followup.reported import read_reported_night
    >>> nights = [read_reported_night(f"sample_data/case/night-{n}.json") for n in (1, 2)]
    >>> nights_figure(follow_nights(nights)).svg[-7:-1]
    '</svg>'
    """
    height = min(max(lanes_high(course), _FEWEST) * _LANE, _HIGHEST)
    simulated = any(night.report.simulated for night in course.nights)
    return Figure(
        svg=as_svg(lambda axes: plot_nights(course, axes), _WIDTH, height),
        title=_("Doses and indices over the nights (simulated)")
        if simulated
        else _("Doses and indices over the nights"),
    )


def lanes_high(course: NightCourse, indices: Sequence[str] = DRAWN) -> float:
    """Return the height of the figure in lanes of doses."""
    rows = _dose_rows(course) if _is_dated(course) else {}
    doses = sum(max(some) + 1 for some in rows.values())
    symptoms = _SYMPTOMS * len(_symptom_sites(course))
    return doses + symptoms + _PANEL * len(drawn_indices(course, indices))


def _is_dated(course: NightCourse) -> bool:
    return any(night.on_line.day is not None for night in course.nights)


def _dose_rows(course: NightCourse) -> dict[str, list[int]]:
    """Return the lane of each step of each drug."""
    return {drug: _rows_of(some, days_of(course)) for drug, some in dose_steps(course).items()}


def _put_days(axes: "Axes", course: NightCourse) -> None:
    """Lay out the days, with a line at each night."""
    first, last = days_of(course)
    margin = max((last - first) * _MARGIN_SHARE, 1.0)
    axes.set_xlim(first - margin, last + margin)
    axes.set_xlabel(_("day"), fontsize=SMALL)
    bare(axes)
    axes.tick_params(axis="x", labelsize=SMALL)
    axes.locator_params(axis="x", integer=True)
    for night in course.nights:
        if night.on_line.day is not None:
            axes.axvline(night.on_line.day, color=LIGHT["line"], linewidth=0.8, zorder=0)


def _rows_of(steps: Sequence[DoseStep], days: tuple[float, float]) -> list[int]:
    """Return the lane of each step: a new one where its label would overlap the one before."""
    across = max(days[1] - days[0], 2.0) * (1 + 2 * _MARGIN_SHARE)
    rows, row, free = [], 0, -float("inf")
    for step in steps:
        at = max(step.first_day, days[0] - across)
        row += at < free
        rows.append(row)
        free = at + across * (len(step.words) + 2) / _SIGNS_ACROSS
    return rows


def _draw_doses(axes: "Axes", steps: Sequence[DoseStep], rows: Sequence[int], top: float) -> None:
    """Draw the doses of one drug as steps, higher for more, with their labels above."""
    left, right = axes.get_xlim()
    for step, row in zip(steps, rows, strict=True):
        bottom = top + row + 0.92
        first = max(step.first_day - 0.5, left)
        seen = min(max(step.seen_until + 0.5, first), right)
        last = min(step.last_day + 0.5, right)
        size = _SMALLEST + (_LARGEST - _SMALLEST) * step.share
        bars = [(first, seen - first, LIGHT["asleep"])]
        if last > seen:
            bars.append((seen, last - seen, LIGHT["movement"]))
        for begin, width, colour in bars:
            axes.broken_barh([(begin, width)], (bottom - size, size), color=colour, linewidth=0)
        late = first + (right - left) * len(step.words) / _SIGNS_ACROSS > right
        put_text(
            axes,
            (right if late else first, bottom - _LARGEST - 0.1),
            step.words,
            {"fontsize": SMALL, "color": LIGHT["faint"], "ha": "right" if late else "left"},
            _LONGEST,
        )


def _draw_index(
    axes: "Axes",
    course: NightCourse,
    one: IndexCourse,
    place: tuple[float, tuple[float, float]],
) -> None:
    """Draw one index: a dot with its value for each night, joined in their order."""
    top, (lowest, highest) = place
    bottom = top + _PANEL - 0.12
    points = [
        (night.on_line.day, bottom - (index.value - lowest) / (highest - lowest) * _LINE, index)
        for night, index in zip(course.nights, one.nights, strict=True)
        if night.on_line.day is not None and index.value is not None
    ]
    axes.axhline(bottom, color=LIGHT["line"], linewidth=0.8, zorder=0)
    axes.plot(
        [day for day, _y, _index in points],
        [y for _day, y, _index in points],
        color=LIGHT["faint"],
        linewidth=1.2,
        marker="o",
        markersize=5,
        markerfacecolor=LIGHT["plm"],
        markeredgecolor=LIGHT["paper"],
    )
    for day, y, index in points:
        axes.annotate(
            number(index.value or 0.0, one.unit, one.name),
            (day, y),
            (0, 5),
            textcoords="offset points",
            ha="center",
            va="bottom",
            fontsize=SMALL,
        )


def _symptom_sites(course: NightCourse) -> list[str]:
    """Return the sites with an entry of the diary on the line."""
    there = {one.site for one in course.symptom_points}
    return [site for site in SYMPTOM_SITES if site in there]


def _symptom_name(site: str) -> str:
    where = SYMPTOM_SITE_WORDS[site]
    return _("Diary: {site}\nseverity 0-10", site=where)


def _draw_symptoms(axes: "Axes", course: NightCourse, site: str, top: float) -> None:
    """Draw the entries of a site at their clock times, each a stem as high as its severity."""
    bottom, high = top + _SYMPTOMS - 0.12, _SYMPTOMS - 0.3
    points = [one for one in course.symptom_points if one.site == site]
    days = [one.day for one in points]
    heights = [bottom - one.severity / _WORST * high for one in points]
    colour = symptom_colour(site)
    for at in (bottom, bottom - high):
        axes.axhline(at, color=LIGHT["line"], linewidth=0.6, zorder=0)
    axes.vlines(days, heights, bottom, color=colour, linewidth=0.9, alpha=0.6)
    axes.plot(days, heights, linestyle="", marker="o", markersize=2.6, color=colour)


def _panel_name(one: IndexCourse) -> str:
    """Return group, index and unit, on two lines."""
    unit = unit_in_words(one.unit)
    named = index_label(one.name, one.group)
    return f"{harmless(group_title(one.group), 36)}\n{harmless(named, 36)}" + (
        f", {unit}" if unit else ""
    )


def _put_names(axes: "Axes", names: Sequence[tuple[float, str]]) -> None:
    """Write drugs and indices at the left."""
    axes.set_yticks([place for place, _name in names], [name for _place, name in names])
    for label in axes.get_yticklabels():
        label.update(text_style(label.get_text()))
        label.set_fontsize(SMALL)
    axes.tick_params(axis="y", length=0)


def _legend(axes: "Axes", steps: dict[str, list[DoseStep]]) -> None:
    """Draw the legend of the colours."""
    words = [(LIGHT["plm"], _("one night; an index has one scale in all its panels, from 0"))]
    if steps:
        words.append((LIGHT["asleep"], _("dose in force")))
    if any(step.last_day > step.seen_until for some in steps.values() for step in some):
        words.append((LIGHT["movement"], _("dose whose end is not stated")))
    put_legend(axes, words, 0.5)
