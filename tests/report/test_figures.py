"""Figures show what the report says, on any night, and leave pyplot alone."""

import io
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, StepPatch
from numpy.typing import NDArray
from rounds import first_of

import psgkit
from psgkit import plot_imi, plot_night, plot_nights, plot_profile
from psgkit.core.hypnogram import Hypnogram
from psgkit.core.night_report import NightReport
from psgkit.core.recording import Segment
from psgkit.report.palette import LIGHT, stage_colour
from tests.report.night_fixtures import (
    empty_night,
    hostile_night,
    night_without_stages,
    ordinary_night,
    scored,
)
from tests.report.test_report_nights import course_of


def night_of_two_minutes() -> NightReport:
    return ordinary_night(
        n=0,
        duration_s=120.0,
        segments=(Segment(start_s=0.0, duration_s=120.0),),
        hypnogram=Hypnogram.of(["W"] * 4),
        imi={},
    )


def night_of_a_day() -> NightReport:
    day_s = 86400.0
    return ordinary_night(
        duration_s=day_s,
        segments=(Segment(start_s=0.0, duration_s=day_s),),
        hypnogram=Hypnogram.of(["W", "N1", "N2", "N3", "R"] * 576),
    )


def night_with_gaps() -> NightReport:
    parts = tuple(Segment(start_s=3000.0 * k, duration_s=2000.0) for k in range(10))
    return ordinary_night(segments=parts)


def night_without_a_clock() -> NightReport:
    return ordinary_night(start=None)


def night_at_the_end_of_time() -> NightReport:
    return ordinary_night(start=datetime(9999, 12, 31, 23, 59))


def night_of_unscored_epochs() -> NightReport:
    return ordinary_night(hypnogram=Hypnogram.of(["UNSCORED"] * 960))


def night_of_many_movements() -> NightReport:
    moved = scored(3000)
    quick = replace(
        moved.movements, onset_s=9.0 * np.arange(3000), end_s=9.0 * np.arange(3000) + 1.5
    )
    return ordinary_night(movements=replace(moved, movements=quick))


NIGHTS: dict[str, Callable[[], NightReport]] = {
    "ordinary": ordinary_night,
    "without stages": night_without_stages,
    "without anything": empty_night,
    "without movements": lambda: ordinary_night(n=0, imi={}),
    "hostile": hostile_night,
    "two minutes": night_of_two_minutes,
    "24 hours": night_of_a_day,
    "gaps": night_with_gaps,
    "no clock": night_without_a_clock,
    "end of time": night_at_the_end_of_time,
    "unscored": night_of_unscored_epochs,
    "3000 movements": night_of_many_movements,
}


def drawn(axes: Axes) -> None:
    """Let both kinds of backend draw the figure, where a warning is an error."""
    axes.get_figure().savefig(io.BytesIO(), format="png", dpi=60)
    axes.get_figure().savefig(io.BytesIO(), format="pdf")


@pytest.mark.parametrize("name", first_of(NIGHTS, 3))
def test_every_night_is_drawn(name: str) -> None:
    report = NIGHTS[name]()
    drawn(plot_night(report))
    drawn(plot_profile(report))
    if "legs" in report.indices:
        drawn(plot_imi(report))


@pytest.mark.parametrize("plot", [plot_night, plot_imi, plot_profile])
def test_an_axes_that_is_given_is_drawn_on_and_returned(plot: Callable[..., Axes]) -> None:
    figure = Figure()
    axes = figure.add_subplot()
    assert plot(ordinary_night(), axes) is axes
    assert figure.axes == [axes]


def test_figures_leave_pyplot_alone() -> None:
    code = (
        "import sys, psgkit\n"
        "from psgkit.core.events import Events\n"
        "onsets = [20.0 * k for k in range(9)]\n"
        "table = Events.of(onsets, [t + 1 for t in onsets], ['lm'] * 9, ['left_leg'] * 9)\n"
        "night = psgkit.score_night(table, psgkit.Hypnogram.of(['N2'] * 20))\n"
        "for plot in (psgkit.plot_night, psgkit.plot_imi, psgkit.plot_profile):\n"
        "    plot(night).figure.canvas.draw()\n"
        "assert 'matplotlib' in sys.modules\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def boxes(axes: Axes, colour: str) -> NDArray[np.float64]:
    """Return onset and end of every box of a colour."""
    found = [
        [box[:, 0].min(), box[:, 0].max()]
        for patch in axes.patches
        if isinstance(patch, PathPatch) and to_hex(patch.get_facecolor()) == colour
        for box in patch.get_path().to_polygons()
    ]
    return np.array(sorted(found)).reshape(-1, 2)


@pytest.mark.parametrize("name", ["ordinary", "3000 movements", "gaps", "without stages"])
def test_the_night_shows_every_movement_where_and_as_what_it_was_scored(name: str) -> None:
    report = NIGHTS[name]()
    axes = plot_night(report)
    kinds = {
        "plm": report.movements.plm,
        "candidate": report.movements.candidate & ~report.movements.plm,
        "movement": ~report.movements.candidate & ~report.movements.plm,
    }
    for kind, mask in kinds.items():
        wanted = report.movements.where(mask).movements.intervals()
        np.testing.assert_allclose(boxes(axes, LIGHT[kind]), wanted.reshape(-1, 2))


def test_the_night_shows_each_stage_as_long_as_it_lasted() -> None:
    report = ordinary_night()
    assert report.hypnogram is not None
    spent = dict.fromkeys(("W", "N1", "N2", "N3", "R"), 0.0)
    bars = next(one for one in lines_of(plot_night(report)) if one.get_linewidths()[0] > 2)
    for colour, line in zip(bars.get_colors(), bars.get_segments(), strict=True):
        stage = next(one for one in spent if stage_colour(one) == to_hex(colour))
        spent[stage] += line[1, 0] - line[0, 0]
    assert spent == {one: 30.0 * int((report.hypnogram.stages == one).sum()) for one in spent}


def lines_of(axes: Axes) -> list[LineCollection]:
    return [one for one in axes.collections if isinstance(one, LineCollection)]


def test_the_night_spans_each_series_from_its_first_to_its_last_movement() -> None:
    report = ordinary_night()
    moved = report.movements
    wanted = sorted(
        (
            moved.movements.onset_s[moved.series == k].min(),
            moved.movements.end_s[moved.series == k].max(),
        )
        for k in set(moved.series[moved.plm].tolist())
    )
    found = lines_of(plot_night(report))[-1].get_segments()
    assert [(line[0, 0], line[1, 0]) for line in found] == wanted


def test_the_axis_of_the_night_is_in_seconds_and_shows_full_hours_by_the_clock() -> None:
    axes = plot_night(ordinary_night())
    axes.get_figure().canvas.draw()
    words = [label.get_text() for label in axes.get_xticklabels()]
    ticks = dict(zip(axes.get_xticks(), words, strict=True))
    assert ticks[3600.0 - 31 * 60 - 5] == "23:00"
    assert ticks[2 * 3600.0 - 31 * 60 - 5] == "00:00"


def test_a_part_of_the_night_is_shown_when_asked_for() -> None:
    assert plot_night(ordinary_night(), span_s=(600.0, 1200.0)).get_xlim() == (600.0, 1200.0)


def test_the_histogram_shows_every_interval_and_the_band_of_the_rules() -> None:
    report = ordinary_night()
    axes = plot_imi(report)
    asleep, both = (one.get_data() for one in axes.patches if isinstance(one, StepPatch))
    np.testing.assert_array_equal(asleep.values, report.imi["legs"].sleep_n)
    np.testing.assert_array_equal(both.values - both.baseline, report.imi["legs"].wake_n)
    legend = [one.get_text() for one in axes.get_legend().get_texts()]
    assert legend[-1] == "10 to 90 s: may belong to a series"
    assert "0.81" in axes.get_title(loc="left")


def test_intervals_of_a_group_that_is_not_there_are_refused() -> None:
    with pytest.raises(ValueError, match=r"no group 'ear'.*it has legs"):
        plot_imi(ordinary_night(), group="ear")


def test_the_profile_colours_what_fits_and_what_does_not_and_says_so_with_a_sign() -> None:
    agrees = {"rls": True, "ras": None, "rbs": False, "akathisia": None}
    row = {
        "feature": "Site",
        "finding": "legs",
        "found": True,
        "expected": dict.fromkeys(agrees, "typical"),
        "expects": dict.fromkeys(agrees, ""),
        "agrees": agrees,
        "source": "somebody 1999",
        "sources": dict.fromkeys(agrees, "somebody 1999"),
    }
    report = ordinary_night()
    report = replace(report, profile=replace(report.profile, matrix=(row, row)))
    axes = plot_profile(report)
    cells = [(to_hex(one.get_facecolor()), one.get_center()[0]) for one in axes.patches]
    wanted = [(LIGHT["fits"], pytest.approx(-0.015)), (LIGHT["unfit"], pytest.approx(1.985))]
    assert cells == wanted * 2
    words = [one.get_text() for one in axes.texts]
    assert words.count("+ typical") == words.count("\u2212 typical") == 2
    assert words.count("typical") == 4


def test_nights_show_every_value_at_its_day_and_a_scale_that_begins_at_0() -> None:
    axes = plot_nights(course_of({0: (10.0, 40.0), 20: (20.0, 0.0), 40: (5.0, 20.0)}))
    drawn(axes)
    legs, trunk = (line for line in axes.lines if len(line.get_xdata()) == 3)
    assert list(legs.get_xdata()) == [0, 20, 40]
    zero = max(trunk.get_ydata())
    heights = zero - np.array(trunk.get_ydata())
    np.testing.assert_allclose(heights / heights[0], [1.0, 0.0, 0.5])
    words = {one.get_text() for one in axes.texts}
    assert {
        "10.0",
        "40.0",
        "20.0",
        "0.0",
        "5.0",
        "0.6 g/day · 431\u2009ng/mL",
        "0.4 g/day",
    } <= words


def test_nights_without_a_value_say_so() -> None:
    axes = plot_nights(course_of({0: (0.0, 0.0), 5: (0.0, 0.0)}))
    drawn(axes)
    assert [one.get_text() for one in axes.texts] == ["No night has a day and an index to draw."]


def test_hostile_words_of_doses_are_drawn() -> None:
    text = '[[drugs]]\nname = "$x$<b>\\u202e"\ndose = 1\nunit = "mg/day"\nstart = "day 0"\n'
    drawn(plot_nights(course_of({0: (10.0, 4.0), 5: (1.0, 2.0)}, text)))


def test_the_figures_are_public() -> None:
    assert {"plot_night", "plot_imi", "plot_profile", "plot_nights"} <= set(psgkit.__all__)


@pytest.mark.parametrize("plot", [plot_night, plot_imi])
@pytest.mark.parametrize("across", [1, 3])
def test_a_legend_stays_below_the_axes_it_belongs_to(
    plot: Callable[..., object], across: int
) -> None:
    figure = Figure(figsize=(12.0, 4.0))
    axes = figure.subplots(1, across, squeeze=False)[0]
    plot(ordinary_night(), axes[0])
    figure.draw_without_rendering()
    legend = axes[0].get_legend().get_window_extent()
    assert legend.x1 <= axes[0].get_window_extent().x1 + 2.0
