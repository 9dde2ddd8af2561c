"""The window of sleep: blocks, gaps, thresholds; and against another program on the same angles."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from psgkit.sleep.from_movement.sleep_window import (
    WindowRule,
    angle_rest,
    longest_rest,
    running_median,
)


def minutes(*parts: tuple[bool, int]) -> NDArray[np.bool_]:
    return np.repeat([rest for rest, _ in parts], [n for _, n in parts])


def test_a_block_of_exactly_thirty_minutes_is_too_short_and_thirty_one_are_not() -> None:
    assert len(longest_rest(minutes((False, 9), (True, 30), (False, 9)), 60.0)) == 0
    assert longest_rest(minutes((False, 9), (True, 31), (False, 9)), 60.0).tolist() == [[9, 40]]


def test_a_gap_of_an_hour_parts_blocks_and_one_of_59_minutes_does_not() -> None:
    blocks = ((True, 40), (False, 60), (True, 50))
    assert longest_rest(minutes(*blocks), 60.0).tolist() == [[100, 150]]
    near = ((True, 40), (False, 59), (True, 50))
    assert longest_rest(minutes(*near), 60.0).tolist() == [[0, 149]]


def test_short_blocks_within_a_gap_do_not_shorten_it() -> None:
    nap = minutes((True, 40), (False, 25), (True, 10), (False, 25), (True, 40))
    assert longest_rest(nap, 60.0).tolist() == [[0, 40]]


@given(rest=st.lists(st.booleans(), max_size=40))
def test_the_longest_rest_equals_a_loop(rest: list[bool]) -> None:
    rule = WindowRule(min_block_s=2.0, max_gap_s=3.0)
    blocks: list[list[int]] = []
    row = 0
    while row < len(rest):
        end = row
        while end < len(rest) and rest[end]:
            end += 1
        if end - row > 2:
            if blocks and row - blocks[-1][1] < 3:
                blocks[-1][1] = end
            else:
                blocks.append([row, end])
        row = max(end, row + 1)
    longest = max(blocks, key=lambda b: b[1] - b[0], default=None)
    expected = [] if longest is None else [longest]
    assert longest_rest(np.array(rest, dtype=bool), 1.0, rule).tolist() == expected


def test_the_threshold_is_fifteen_times_the_tenth_percentile_within_its_limits() -> None:
    rule = WindowRule(smooth_s=5.0)
    # tenth percentile 0.02: threshold 0.30
    steps = np.repeat([0.02, 0.29, 0.31], [200, 100, 100])
    angle = np.cumsum(steps)
    rest = angle_rest(angle, 5.0, rule)
    assert rest[1:300].all()
    assert not rest[300:].any()
    # of a very still arm: no less than 0.13; of a restless one: no more than 0.50
    still = angle_rest(np.cumsum(np.repeat([0.0001, 0.12, 0.14], [200, 100, 100])), 5.0, rule)
    assert still[1:300].all()
    assert not still[300:].any()
    restless = angle_rest(np.cumsum(np.repeat([0.49, 0.51], [200, 100])), 5.0, rule)
    assert restless[1:200].all()
    assert not restless[200:].any()


def test_what_is_missing_is_no_rest() -> None:
    angle = np.zeros(400)
    angle[100:150] = math.nan
    rest = angle_rest(angle)
    assert not rest[71:181].any()
    assert rest[40:60].all()
    assert not angle_rest(np.full(100, math.nan)).any()
    assert len(angle_rest(np.empty(0))) == 0


def test_the_running_median_of_an_even_width_reaches_one_farther_back() -> None:
    found = running_median(np.arange(6.0), 4)
    assert np.isnan(found[[0, 1, 5]]).all()
    assert found[2:5].tolist() == [1.5, 2.5, 3.5]


def test_the_window_is_that_of_scikit_digital_health_within_ten_seconds() -> None:
    tso = pytest.importorskip("skdh.sleep.tso")
    rate_hz, epoch_s = 10.0, 5.0
    rng = np.random.default_rng(4)
    n_epochs = 6 * 720
    # four hours of night between an hour of evening and an hour of morning, one angle an epoch
    angle = np.where(
        (np.arange(n_epochs) > 720) & (np.arange(n_epochs) < 5 * 720),
        30 + rng.normal(0, 0.05, n_epochs),
        rng.uniform(-60, 60, n_epochs),
    )
    angle[2000:2100] = rng.uniform(-60, 60, 100)  # a short time up
    sample = np.repeat(np.radians(angle), int(rate_hz * epoch_s))
    accel = np.stack((np.cos(sample), np.zeros(len(sample)), np.sin(sample)), axis=1)
    time = np.arange(len(sample)) / rate_hz
    _, _, first, last = tso.get_total_sleep_opportunity(
        rate_hz, time, accel, None, np.array([0]), np.array([len(sample)]), 30, 60, 0.13, 0.50, 10,
        15.0, 0.0, 0.0, lambda _: None,
    )  # fmt: skip
    rest = angle_rest(angle, epoch_s)
    ours = longest_rest(rest, epoch_s)[0] * rate_hz * epoch_s
    # its median over 5 s around each sample mixes neighbouring epochs
    assert abs(ours[0] - first) <= 2 * rate_hz * epoch_s
    assert abs(ours[1] - last) <= 2 * rate_hz * epoch_s
