"""The figure and the page of nights."""

import re
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.colors import to_hex

from psgkit import plot_nights
from psgkit.core.index import Index
from psgkit.followup.reported import ReportedNight
from psgkit.followup.walk import NightCourse, follow_nights
from psgkit.profile.context.read import parse_context
from psgkit.report.figures.nights import nights_figure
from psgkit.report.followup.page import few_nights_warning, page_about_nights
from psgkit.report.page_model import Table
from psgkit.report.palette import LIGHT
from psgkit.report.terminal import page_as_text
from tests.report.drawn_svg import assert_words_inside

TEXT = """
[[drugs]]
name = "amisulpride"
dose = 0.6
unit = "g/day"
start = "day 0"
[[drugs]]
name = "amisulpride"
dose = 0.4
unit = "g/day"
start = "day 40"
[[serum]]
drug = "amisulpride"
value = 431
unit = "ng/mL"
low = 100
high = 320
dose = 600
dose_unit = "mg/day"
"""


def course_of(values: dict[int, tuple[float, float]], text: str = TEXT) -> NightCourse:
    """Return nights by day with the PLMS index of legs and of trunk."""
    from pathlib import PurePath

    reports = [
        ReportedNight(
            path=PurePath(f"n{day}.json"),
            recording=None,
            sha256=None,
            start=None,
            duration_s=1.0,
            version="0.1.0",
            rules="wasm2016",
            indices={
                group: {"plms_index": Index.plain("plms_index", value, "1/h")}
                for group, value in zip(("legs", "trunk"), pair, strict=True)
            },
        )
        for day, pair in values.items()
    ]
    rows = "".join(f'[[nights]]\nfile = "n{day}.json"\ndate = "day {day}"\n' for day in values)
    return follow_nights(reports, parse_context(text + rows, "c.toml"))


def test_one_index_has_one_scale_in_all_its_panels() -> None:
    axes = plot_nights(course_of({0: (10.0, 40.0), 20: (20.0, 0.0), 40: (5.0, 20.0)}))
    legs, trunk = (line for line in axes.lines if len(line.get_xdata()) == 3)
    assert list(legs.get_xdata()) == list(trunk.get_xdata()) == [0, 20, 40]
    # 10 an hour are as high in one panel as in the other: 20 to 5 is 15, 40 to 0 is 40
    (leg_y, trunk_y) = (line.get_ydata() for line in (legs, trunk))
    assert (leg_y[2] - leg_y[1]) / 15 == pytest.approx((trunk_y[1] - trunk_y[0]) / 40)


def test_the_doses_stand_above_with_their_levels() -> None:
    axes = plot_nights(course_of({0: (10.0, 40.0), 50: (20.0, 0.0)}))
    words = {one.get_text(): one.get_position()[1] for one in axes.texts if "g/day" in str(one)}
    assert set(words) == {"0.6 g/day · 431\u2009ng/mL", "0.4 g/day"}
    assert max(words.values()) < min(line.get_ydata()[0] for line in axes.lines[-2:])
    doses = [one for one in axes.collections if to_hex(one.get_facecolor()[0]) == LIGHT["asleep"]]
    first, second = (np.ptp(one.get_paths()[0].vertices[:, 1]) for one in doses)
    assert first > second > 0


def test_everything_is_drawn_inside_the_figure() -> None:
    svg = nights_figure(
        course_of({day: (float(day + 300), 3.0) for day in range(-200, 400, 3)})
    ).svg
    assert_words_inside(svg)


def test_without_days_or_with_nothing_but_zeros_the_figure_says_that_there_is_nothing() -> None:
    course = course_of({0: (1.0, 2.0), 5: (3.0, 4.0)})
    nameless = [replace(one.report, path=one.report.path / "x") for one in course.nights]
    for empty in (
        course_of({0: (0.0, 0.0), 5: (0.0, 0.0)}),
        follow_nights(nameless, course.context),
    ):
        assert "No night has a day and an index to draw." in nights_figure(empty).svg


def test_how_little_few_nights_tell() -> None:
    assert "Two nights say very little" in str(
        few_nights_warning(course_of({0: (1, 2), 50: (3, 4)}))
    )
    some = course_of({0: (1, 2), 1: (1, 2), 2: (3, 4), 50: (3, 4)})
    assert "(amisulpride 0.4 g/day)" in str(few_nights_warning(some))
    enough = {day: (float(day), 2.0) for day in (0, 1, 2, 50, 51, 52)}
    assert few_nights_warning(course_of(enough)) is None


def test_a_page_of_many_nights_breaks_its_tables() -> None:
    course = course_of({day: (float(day), 2.0) for day in range(20)})
    page = page_about_nights(course)
    tables = [part for one in page.sections for part in one.parts if isinstance(part, Table)]
    assert max(len(table.head) for table in tables) <= 10
    shown = page_as_text(page)
    assert all(len(line) <= 100 for line in shown.splitlines())
    assert "Night 20" in shown
    assert "nothing is compared" in shown


def test_an_interval_is_shown_with_its_signs() -> None:
    days = (0, 1, 2, 50, 51, 52)
    course = course_of({day: (40.0 + day % 3 - 20 * (day > 40), 2.0) for day in days})
    shown = page_as_text(page_about_nights(course))
    assert re.search(r"\u2212\d+\.\d to \u2212\d+\.\d", shown)
    assert "inside" in shown


def test_the_page_begins_with_the_means_of_the_phases_in_their_order() -> None:
    course = course_of({0: (40, 0), 10: (50, 0), 50: (6, 0), 60: (8, 0)})
    words = " ".join(page_as_text(page_about_nights(course), width=120).split())
    assert "amisulpride 0.6 g/day \u2192 amisulpride 0.4 g/day." in words
    assert "Leg movements: PLMS index 45.0 \u2192 7.0 /h" in words
    assert words.index("Summary") < words.index("Doses in force")


def test_without_phases_the_page_begins_with_each_night() -> None:
    course = course_of({0: (40, 0), 1: (50, 0)})
    alone = replace(
        course, context=None, phases=(), nights=tuple(replace(n, phase=None) for n in course.nights)
    )
    words = " ".join(page_as_text(page_about_nights(alone), width=120).split())
    assert "Leg movements: PLMS index 40.0 \u2192 50.0 /h" in words
