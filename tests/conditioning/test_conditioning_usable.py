"""What cannot be trusted: missing, flat, saturated; wherever it lies."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from psgkit.conditioning.emg.usable import UsableRule, bridged, find_unusable, widened

RATE_HZ = 100.0
LIMITS = (-200.0, 200.0)
N = 1000


def noise() -> np.ndarray:
    return np.random.default_rng(0).normal(0, 5, N).astype(np.float32)


@pytest.mark.parametrize("kind", ["missing", "flat", "saturated"])
@pytest.mark.parametrize("value", [1, -1])
@pytest.mark.parametrize(
    "where", [(0, 150), (N - 150, N), (300, 450), (0, N)], ids=["start", "end", "inside", "all"]
)
def test_an_unusable_stretch_is_found_where_it_lies(
    kind: str, value: int, where: tuple[int, int]
) -> None:
    samples = noise()
    levels = {"missing": np.nan, "flat": 1.5 * value, "saturated": LIMITS[(value + 1) // 2]}
    samples[slice(*where)] = levels[kind]
    found = find_unusable(samples, RATE_HZ, LIMITS, UsableRule())
    for name in ("missing", "flat", "saturated"):
        wanted = [list(where)] if name == kind else []
        assert getattr(found, name).tolist() == wanted, name
    assert found.runs().tolist() == [list(where)]


def test_durations_are_inclusive_and_shorter_ones_stay() -> None:
    samples = noise()
    samples[100:200] = 3.0  # 1 s: flat
    samples[300:399] = 3.0  # 0.99 s: not
    samples[500:520] = LIMITS[1]  # 0.2 s: saturated
    samples[600:619] = LIMITS[0]  # a strong movement, cut off
    samples[700] = np.nan
    found = find_unusable(samples, RATE_HZ, LIMITS, UsableRule())
    assert found.flat.tolist() == [[100, 200]]
    assert found.saturated.tolist() == [[500, 520]]
    assert found.missing.tolist() == [[700, 701]]


def test_without_limits_a_stuck_value_is_flat() -> None:
    samples = noise()
    samples[100:260] = 200.0
    found = find_unusable(samples, RATE_HZ, None, UsableRule())
    assert found.flat.tolist() == [[100, 260]]
    assert found.saturated.tolist() == []


def test_a_limit_is_met_whatever_scaling_rounded() -> None:
    low, high = -3276.8, 3276.7
    samples = noise()
    samples[100:150] = np.float32(high * (1 + 1e-7))
    samples[300:350] = np.float32(low * (1 - 1e-7))
    found = find_unusable(samples, RATE_HZ, (low, high), UsableRule())
    assert found.saturated.tolist() == [[100, 150], [300, 350]]


values = st.lists(st.sampled_from([0.0, 1.0, 2.0, np.nan]), min_size=1, max_size=40)


@given(values, st.integers(1, 5), st.integers(1, 5))
def test_runs_equal_those_of_a_loop(samples: list[float], flat_n: int, stuck_n: int) -> None:
    rule = UsableRule(flat_s=flat_n / 10, saturated_s=stuck_n / 10)
    found = find_unusable(np.array(samples), 10.0, (0.0, 2.0), rule)
    wanted: dict[str, list[list[int]]] = {"missing": [], "flat": [], "saturated": []}
    start = 0
    for stop in range(1, len(samples) + 1):
        if stop < len(samples) and (
            samples[stop] == samples[start] or np.isnan([samples[stop], samples[start]]).all()
        ):
            continue
        if np.isnan(samples[start]):
            wanted["missing"].append([start, stop])
        elif samples[start] in (0.0, 2.0):
            if stop - start >= max(2, stuck_n):
                wanted["saturated"].append([start, stop])
        elif stop - start >= max(2, flat_n):
            wanted["flat"].append([start, stop])
        start = stop
    assert {kind: getattr(found, kind).tolist() for kind in wanted} == wanted


def test_long_runs_are_found_whatever_lies_around_them() -> None:
    rng, rule, found_n = np.random.default_rng(1), UsableRule(), 0
    for _ in range(300):
        samples = np.round(rng.normal(size=rng.integers(0, 400)) * rng.choice([0.5, 3.0, 50.0]))
        rate_hz = float(rng.integers(10, 100))
        for first in rng.integers(0, len(samples) + 1, 2).tolist():
            samples[first : first + int(rng.integers(0, 1.3 * rate_hz))] = 7.0
        wanted, first = [], 0
        for stop in range(1, len(samples) + 1):
            if stop == len(samples) or samples[stop] != samples[first]:
                if stop - first >= rate_hz:
                    wanted.append([first, stop])
                first = stop
        assert find_unusable(samples, rate_hz, None, rule).flat.tolist() == wanted
        found_n += len(wanted)
    assert found_n


def test_nothing_is_unusable_in_no_samples() -> None:
    assert find_unusable(np.empty(0), RATE_HZ, LIMITS, UsableRule()).runs().tolist() == []


def test_a_cut_counts_from_its_first_sample() -> None:
    samples = noise()
    samples[100:300] = np.nan
    cut = find_unusable(samples, RATE_HZ, LIMITS, UsableRule()).cut(250, 400)
    assert cut.missing.tolist() == [[0, 50]]


def test_a_straight_line_bridges_what_is_unusable() -> None:
    samples = np.array([1.0, 2.0, np.nan, np.nan, 8.0, 8.0, np.nan])
    runs = np.array([[2, 4], [6, 7]])
    assert bridged(samples, runs).tolist() == [1.0, 2.0, 4.0, 6.0, 8.0, 8.0, 8.0]
    assert np.isnan(samples[2])
    assert bridged(samples[2:], np.array([[0, 2], [4, 5]])).tolist() == [8.0] * 5
    assert bridged(np.full(3, np.nan), np.array([[0, 3]])).tolist() == [0.0] * 3
    assert bridged(samples, runs[:0]) is samples


def test_margins_stay_inside_the_signal_and_join_what_they_touch() -> None:
    runs = np.array([[1, 2], [20, 22], [27, 28], [38, 40]])
    assert widened(runs, 3, 40).tolist() == [[0, 5], [17, 31], [35, 40]]
    assert widened(runs[:0], 3, 40).tolist() == []
