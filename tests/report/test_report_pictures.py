"""The histogram of intervals: columns that add up, on a logarithmic axis."""

import re
from dataclasses import asdict

import numpy as np
import pytest

from psgkit.core.night_report import ImiHistogram
from psgkit.report.html.pictures import Picture, imi_bounds_s, imi_picture
from psgkit.scoring.rules import WASM_2016


def path(picture: Picture, style: str) -> str:
    return "".join(d for name, d in picture.shapes if name == style)


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
    assert band[0] == pytest.approx(picture.width / 2)


def test_a_first_edge_of_zero_does_not_break_the_logarithm() -> None:
    histogram = ImiHistogram(
        edges_s=np.array([0.0, 2.0, 4.0, 8.0]),
        sleep_n=np.array([1, 1, 1]),
        wake_n=np.array([0, 0, 0]),
    )
    picture = imi_picture(histogram, None)
    assert picture is not None
    assert path(picture, "asleep").startswith("M18.0 ")


@pytest.mark.parametrize(
    "settings", [{}, {"rules": {}}, {"rules": {"series": {}}}, {"rules": {"series": {"imi_s": 3}}}]
)
def test_rules_that_state_no_interval_give_no_band(settings: dict[str, object]) -> None:
    assert imi_bounds_s(settings) is None


def test_the_band_is_the_interval_of_the_rules_in_use() -> None:
    assert imi_bounds_s({"rules": WASM_2016}) == (10.0, 90.0)
    assert imi_bounds_s({"rules": asdict(WASM_2016)}) == (10.0, 90.0)
