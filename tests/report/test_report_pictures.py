"""The drawings: everything inside the frame, times where they belong."""

import re
from dataclasses import asdict, replace
from datetime import datetime

import numpy as np
import pytest
from night_fixtures import empty_night, hostile_night, night_without_stages, ordinary_night, scored

from psgkit.core.hypnogram import Hypnogram
from psgkit.core.night_report import ImiHistogram, Lights
from psgkit.core.recording import Segment
from psgkit.report.pictures import Picture, imi_bounds_s, imi_picture, night_overview
from psgkit.scoring.rules import WASM_2016


def overview(**changed: object) -> Picture:
    picture = night_overview(ordinary_night(**changed))
    assert picture is not None
    return picture


def path(picture: Picture, style: str) -> str:
    return "".join(d for name, d in picture.shapes if name == style)


def ticks(picture: Picture) -> dict[str, float]:
    return {text: x for style, x, _, text in picture.labels if style == "tick"}


@pytest.mark.parametrize("night", [ordinary_night, hostile_night, night_without_stages])
def test_every_point_lies_inside_the_picture(night: object) -> None:
    picture = night_overview(night())  # type: ignore[operator]
    assert picture is not None
    for _, d in picture.shapes:
        for x in re.findall(r"[MH](-?[\d.]+)", d):
            assert 0 <= float(x) <= picture.width
        for y in re.findall(r"(?:M[\d.]+ |V)(-?[\d.]+)", d):
            assert 0 <= float(y) <= picture.height


def test_a_night_without_length_has_no_picture() -> None:
    assert night_overview(empty_night()) is None


def test_each_kind_of_movement_is_drawn_once_for_each_movement() -> None:
    picture = overview()
    assert path(picture, "plm").count("M") == 32
    assert path(picture, "candidate").count("M") == 8
    assert path(picture, "arousals").count("M") == 1
    assert path(picture, "respiratory").count("M") == 1


def test_ticks_are_full_hours_by_the_clock() -> None:
    assert list(ticks(overview())) == [f"{hour:02d}:00" for hour in (23, 0, 1, 2, 3, 4, 5, 6)]


def test_ticks_count_from_the_start_without_a_clock() -> None:
    assert list(ticks(overview(start=None))) == [f"{hour}:00" for hour in range(9)]


@pytest.mark.parametrize("hours", [0.2, 1.0, 8.0, 24.0, 168.0, 3000.0])
def test_there_are_a_few_ticks_however_long_it_lasts(hours: float) -> None:
    night = replace(
        ordinary_night(start=datetime(2024, 3, 1, 22, 0)),
        duration_s=hours * 3600,
        hypnogram=None,
        movements=scored(0),
        segments=(Segment(start_s=0.0, duration_s=hours * 3600),),
    )
    picture = night_overview(night)
    assert picture is not None
    assert 1 <= len([label for label in picture.labels if label[0] == "tick"]) <= 14


def test_stages_step_through_the_levels_and_unscored_lifts_the_pen() -> None:
    hypnogram = Hypnogram.of(["W", "N2", "UNSCORED", "R", "R"])
    picture = overview(hypnogram=hypnogram, duration_s=150.0, movements=scored(0))
    steps = path(picture, "hypnogram")
    assert steps.count("M") == 2
    assert steps.count("V") == 1
    assert path(picture, "rem").count("M") == 1


def test_time_before_lights_off_and_gaps_are_shaded() -> None:
    gap = (Segment(start_s=0.0, duration_s=9000.0), Segment(start_s=10000.0, duration_s=18800.0))
    assert path(overview(), "outside").count("M") == 2
    assert path(overview(segments=gap), "outside").count("M") == 3
    whole = Lights(off_s=0.0, on_s=28800.0, off_source="", on_source="")
    assert path(overview(lights=whole), "outside") == ""


def test_columns_of_the_histogram_stack_to_the_total() -> None:
    histogram = ImiHistogram(
        edges_s=np.array([1.0, 10.0, 100.0]), sleep_n=np.array([3, 0]), wake_n=np.array([1, 2])
    )
    picture = imi_picture(histogram, (10.0, 90.0))
    assert picture is not None
    assert path(picture, "asleep").count("M") == 1
    assert path(picture, "awake").count("M") == 2
    heights = [float(y) for y in re.findall(r"V([\d.]+)", path(picture, "awake"))]
    assert min(heights) == 22.0  # 3 asleep and 1 awake are the tallest and reach the top
    band = [float(x) for x in re.findall(r"[MH]([\d.]+)", path(picture, "band"))]
    assert band[0] == pytest.approx((128 + 978) / 2)


def test_a_first_edge_of_zero_does_not_break_the_logarithm() -> None:
    histogram = ImiHistogram(
        edges_s=np.array([0.0, 2.0, 4.0, 8.0]),
        sleep_n=np.array([1, 1, 1]),
        wake_n=np.array([0, 0, 0]),
    )
    picture = imi_picture(histogram, None)
    assert picture is not None
    assert path(picture, "asleep").startswith("M128.0 ")


@pytest.mark.parametrize(
    "settings", [{}, {"rules": {}}, {"rules": {"series": {}}}, {"rules": {"series": {"imi_s": 3}}}]
)
def test_rules_that_state_no_interval_give_no_band(settings: dict[str, object]) -> None:
    assert imi_bounds_s(settings) is None


def test_the_band_is_the_interval_of_the_rules_in_use() -> None:
    assert imi_bounds_s({"rules": WASM_2016}) == (10.0, 90.0)
    assert imi_bounds_s({"rules": asdict(WASM_2016)}) == (10.0, 90.0)
