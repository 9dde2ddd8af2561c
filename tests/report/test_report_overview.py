"""The night on its axis: everything inside the frame, times where they belong."""

import re
from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest
from night_fixtures import empty_night, hostile_night, night_without_stages, ordinary_night, scored

from psgkit.core.events import Events
from psgkit.core.hypnogram import Hypnogram
from psgkit.core.night_report import Lights
from psgkit.core.recording import Segment
from psgkit.night.scored import score_night
from psgkit.report.html.overview import Overview, night_overview, overview_data


def overview(**changed: object) -> Overview:
    found = night_overview(ordinary_night(**changed))
    assert found is not None
    return found


def path(found: Overview, style: str) -> str:
    return "".join(d for name, d in found.shapes if name == style)


@pytest.mark.parametrize("night", [ordinary_night, hostile_night, night_without_stages])
def test_every_point_lies_inside_the_picture(night: object) -> None:
    found = night_overview(night())  # type: ignore[operator]
    assert found is not None
    for _, d in found.shapes:
        for x in re.findall(r"[MH](-?[\d.]+)", d):
            assert found.first_s <= float(x) <= found.last_s
        for y in re.findall(r"(?:M[\d.]+ |V)(-?[\d.]+)", d):
            assert 0 <= float(y) <= found.height


def test_a_night_without_length_has_no_picture() -> None:
    assert night_overview(empty_night()) is None


def test_each_kind_of_movement_is_drawn_once_for_each_movement() -> None:
    found = overview()
    assert path(found, "plm").count("M") == 32
    assert path(found, "candidate").count("M") == 8
    assert path(found, "arousals").count("M") == 1
    assert path(found, "respiratory").count("M") == 1


def test_the_axis_reaches_to_the_end_of_the_last_movement_not_of_the_last_to_begin() -> None:
    found = Events.of([10.0, 20.0], [90.0, 21.0], ["lm", "lm"], ["left_leg", "right_leg"])
    shown = night_overview(replace(score_night(found), duration_s=0.0))
    assert shown is not None
    assert shown.last_s == 90.0


def test_a_series_has_a_bar_from_its_first_to_its_last_movement() -> None:
    bars = path(overview(), "series")
    assert bars.count("M") == 8
    assert bars.startswith("M600.00 ")
    assert "H662.12" in bars  # the fourth movement of the first series ends there


def test_a_series_is_marked_at_each_site_that_has_part_in_it() -> None:
    sites = ["left_leg", "right_leg"] * 20
    assert path(overview(movements=scored(40, site=sites)), "series").count("M") == 16


def test_ticks_are_full_hours_by_the_clock() -> None:
    shown = [text for _, text in overview().ticks]
    assert shown == [f"{hour:02d}:00" for hour in (23, 0, 1, 2, 3, 4, 5, 6)]


def test_ticks_count_from_the_start_without_a_clock() -> None:
    assert [text for _, text in overview(start=None).ticks] == [f"{hour}:00" for hour in range(9)]


@pytest.mark.parametrize("hours", [0.03, 0.2, 1.0, 8.0, 24.0, 168.0, 3000.0])
def test_there_are_a_few_ticks_however_long_it_lasts(hours: float) -> None:
    night = replace(
        ordinary_night(start=datetime(2024, 3, 1, 22, 0)),
        duration_s=hours * 3600,
        hypnogram=None,
        movements=scored(0),
        segments=(Segment(start_s=0.0, duration_s=hours * 3600),),
    )
    found = night_overview(night)
    assert found is not None
    assert 1 <= len(found.ticks) <= 14


def test_stages_step_through_the_levels_and_unscored_lifts_the_pen() -> None:
    hypnogram = Hypnogram.of(["W", "N2", "UNSCORED", "R", "R"])
    found = overview(hypnogram=hypnogram, duration_s=150.0, movements=scored(0))
    assert path(found, "hypnogram").count("M") == 1  # from W to N2; R stands alone
    assert [name for name, _ in found.shapes if name.startswith("stage-")] == [
        "stage-w",
        "stage-n2",
        "stage-r",
    ]
    assert path(found, "stage-r").count("M") == 1
    assert path(found, "stage-unscored") == ""


def test_each_stage_lasts_as_long_in_its_colour_as_it_was_scored() -> None:
    hypnogram = Hypnogram.of(["W", "N1", "N1", "N2", "N3", "R", "N2", "UNSCORED", "N2"])
    found = overview(hypnogram=hypnogram, duration_s=270.0, movements=scored(0))
    for stage in ("W", "N1", "N2", "N3", "R"):
        runs = re.findall(r"M([\d.]+) [\d.]+H([\d.]+)", path(found, f"stage-{stage.lower()}"))
        spent_s = sum(float(end) - float(begin) for begin, end in runs)
        assert spent_s == 30.0 * (hypnogram.stages == stage).sum()


def test_time_before_lights_off_and_gaps_are_told_apart() -> None:
    parts = (Segment(start_s=0.0, duration_s=9000.0), Segment(start_s=10000.0, duration_s=18800.0))
    assert path(overview(), "outside").count("M") == 2
    assert path(overview(), "gap") == ""
    assert path(overview(segments=parts), "gap").startswith("M9000.00 ")
    assert path(overview(segments=parts), "gap").count("M") == 1
    whole = Lights(off_s=0.0, on_s=28800.0, off_source="", on_source="")
    assert path(overview(lights=whole), "outside") == ""
    assert path(overview(lights=whole), "lights") == ""
    assert path(overview(), "lights").count("M") == 2


def test_the_legend_has_what_is_drawn_and_no_more() -> None:
    assert [style for style, _ in overview().legend] == ["plm", "series", "candidate", "outside"]
    still = night_overview(ordinary_night(movements=scored(0)))
    assert still is not None
    assert [style for style, _ in still.legend] == ["outside"]


def test_a_night_of_nothing_still_has_an_axis() -> None:
    night = replace(night_without_stages(), movements=scored(0), events=Events.none())
    found = night_overview(night)
    assert found is not None
    assert [name.title for name in found.names] == ["No movement"]
    assert found.height > 20


def test_the_program_knows_every_movement_and_where_it_is() -> None:
    night = ordinary_night(movements=scored(40, site=["left_leg", "right_leg"] * 20))
    found = night_overview(night)
    assert found is not None
    data = overview_data(found, night)
    rows = {lane["title"]: lane["rows"] for lane in data["lanes"] if "rows" in lane}
    assert rows == {"Left leg": [*range(0, 40, 2)], "Right leg": [*range(1, 40, 2)]}
    assert data["movements"]["onset_s"] == (600 + 20 * np.arange(40.0)).tolist()
    assert data["clock_s"] == 22 * 3600 + 31 * 60 + 5
    stages = next(lane for lane in data["lanes"] if lane["title"] == "Stage")
    assert stages["words"][:3] == ["Wake", "N1", "N2"]
    assert stages["spans"][:2] == [[0.0, 600.0], [600.0, 1200.0]]
