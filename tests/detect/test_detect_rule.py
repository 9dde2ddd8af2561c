"""The limb-movement rule against a state machine that looks at one sample after the other."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rounds import cases

from psgkit.core.intervals import complement, intersect, union
from psgkit.detect.emg.limb_movements import (
    ActivityRuns,
    LimbMovementRule,
    activity_runs,
    find_limb_movements,
)

RULE = LimbMovementRule()
RATES_HZ = [4.0, 5.0, 6.25, 7.3, 8.0, 10.0, 100 / 9, 12.8, 16.0, 18.2, 20.0, 25.0]


def state_machine(
    above_rest_uv: list[float], rate_hz: float, rule: LimbMovementRule
) -> list[list[int]]:
    """Return the movements; every duration is compared in seconds."""
    found = []
    onset: int | None = None
    low_since: int | None = None
    n = len(above_rest_uv)
    for sample, amplitude in enumerate([*above_rest_uv, None]):
        if amplitude is None:
            # the record ends before quiet does
            if onset is not None:
                found.append([onset, n])
            break
        if amplitude <= rule.offset_above_rest_uv:
            low_since = sample if low_since is None else low_since
            is_quiet = (sample + 1 - low_since) / rate_hz >= rule.offset_hold_s - 1e-7
            if is_quiet and onset is not None:
                found.append([onset, low_since])
                onset = None
        else:
            low_since = None
            if amplitude >= rule.onset_above_rest_uv and onset is None:
                onset = sample
    return [
        [start, stop]
        for start, stop in found
        if (stop - start) / rate_hz >= rule.min_duration_s - 1e-7
    ]


amplitudes = st.lists(
    st.tuples(st.sampled_from([0.0, 1.9, 2.0, 2.1, 5.0, 7.9, 8.0, 30.0]), st.integers(1, 14)),
    max_size=14,
).map(lambda runs: [value for value, count in runs for _ in range(count)])
rules = st.builds(
    LimbMovementRule,
    offset_hold_s=st.sampled_from([0.5, 0.3, 1.0]),
    min_duration_s=st.sampled_from([0.5, 0.25, 0.6]),
    amplitude_window_s=st.just(0.1),
)


@cases(1500)
@given(amplitudes, st.sampled_from(RATES_HZ), rules, st.sampled_from([0.0, 1.5, 4.0]))
def test_movements_equal_those_of_a_state_machine(
    above: list[float], rate_hz: float, rule: LimbMovementRule, rest_uv: float
) -> None:
    amplitude = np.array(above) + rest_uv
    rest = np.full(len(above), rest_uv)
    found = find_limb_movements(activity_runs(amplitude, rest, rule), len(above), rate_hz, rule)
    wanted = state_machine((amplitude - rest).tolist(), rate_hz, rule)
    assert found.tolist() == wanted


stretches = st.lists(st.integers(0, 120), max_size=6, unique=True).map(
    lambda ends: np.array(sorted(ends)[: len(ends) // 2 * 2], dtype=np.int64).reshape(-1, 2)
)


@cases(700)
@given(amplitudes, stretches, st.sampled_from(RATES_HZ))
def test_a_masked_stretch_cuts_the_signal_in_two(
    above: list[float], masked: np.ndarray, rate_hz: float
) -> None:
    n = len(above)
    masked = intersect(masked, np.array([[0, n]]))
    runs = activity_runs(np.array(above), np.zeros(n), RULE)
    found = find_limb_movements(replace(runs, unusable=masked), n, rate_hz, RULE)
    wanted = []
    for start, stop in complement(masked, 0, n).tolist():
        wanted.extend(
            [start + a, start + b] for a, b in state_machine(above[start:stop], rate_hz, RULE)
        )
    assert found.tolist() == wanted


@given(amplitudes, st.integers(0, 150), st.sampled_from(RATES_HZ))
def test_runs_measured_in_two_stretches_join_to_those_of_the_whole(
    above: list[float], cut: int, rate_hz: float
) -> None:
    n = len(above)
    cut = min(cut, n)
    samples, rest = np.array(above), np.zeros(n)
    first = activity_runs(samples[:cut], rest[:cut], RULE)
    nothing = first.low[:0]
    second = activity_runs(samples[cut:], rest[cut:], RULE).moved(cut, nothing)
    joined = ActivityRuns.joined([first, second])
    whole = activity_runs(samples, rest, RULE)
    assert joined.low.tolist() == whole.low.tolist()
    found = find_limb_movements(joined, n, rate_hz, RULE)
    assert found.tolist() == find_limb_movements(whole, n, rate_hz, RULE).tolist()


def test_nothing_moves_in_no_samples() -> None:
    runs = activity_runs(np.empty(0), np.empty(0), RULE)
    assert find_limb_movements(runs, 0, 200.0, RULE).tolist() == []
    assert find_limb_movements(ActivityRuns.joined([]), 0, 200.0, RULE).tolist() == []


@pytest.mark.parametrize("rate_hz", [4.0, 10.0, 25.0, 200.0, 256.0, 512.0, 1000.0])
def test_wasm_2016_a_movement_of_exactly_half_a_second_counts(rate_hz: float) -> None:
    shortest = int(np.ceil(0.5 * rate_hz))
    for length, wanted in ((shortest, 1), (shortest - 1, 0)):
        amplitude = np.zeros(round(4 * rate_hz))
        first = round(1.5 * rate_hz)
        amplitude[first : first + length] = 20.0
        runs = activity_runs(amplitude, np.zeros(len(amplitude)), RULE)
        found = find_limb_movements(runs, len(amplitude), rate_hz, RULE)
        assert found.tolist() == [[first, first + length]] * wanted


@pytest.mark.parametrize(("level", "movements"), [(8.0, 1), (7.999, 0)])
def test_wasm_2016_eight_microvolts_above_rest_start_a_movement(
    level: float, movements: int
) -> None:
    amplitude = np.full(100, 3.0)
    amplitude[40:60] += level
    runs = activity_runs(amplitude, np.full(100, 3.0), RULE)
    assert len(find_limb_movements(runs, 100, 20.0, RULE)) == movements


@pytest.mark.parametrize(("gap", "movements"), [(9, 1), (10, 2)])
def test_wasm_2016_half_a_second_of_quiet_ends_a_movement(gap: int, movements: int) -> None:
    amplitude = np.zeros(200)
    amplitude[50:80] = amplitude[80 + gap : 110 + gap] = 12.0
    amplitude[80 : 80 + gap] = 2.0
    runs = activity_runs(amplitude, np.zeros(200), RULE)
    found = find_limb_movements(runs, 200, 20.0, RULE)
    assert len(found) == movements
    assert found[0, 0] == 50
    assert found[-1, 1] == 110 + gap


def test_a_movement_goes_on_to_the_end_of_the_record() -> None:
    amplitude = np.zeros(100)
    amplitude[60:] = 12.0
    amplitude[92:] = 0.0  # 0.4 s: too short for quiet
    runs = activity_runs(amplitude, np.zeros(100), RULE)
    assert find_limb_movements(runs, 100, 20.0, RULE).tolist() == [[60, 100]]


def test_a_movement_needs_one_sustained_window_inside_it() -> None:
    amplitude = np.zeros(300)
    amplitude[50:90] = amplitude[150:190] = 12.0
    runs = activity_runs(amplitude, np.zeros(300), RULE)
    for sustained, wanted in (
        ([], []),
        ([[0, 300]], [[50, 90], [150, 190]]),
        ([[55, 60]], [[50, 90]]),
        ([[160, 170]], [[150, 190]]),
        ([[100, 140], [200, 300]], []),
    ):
        windows = np.array(sustained, dtype=np.int64).reshape(-1, 2)
        found = find_limb_movements(replace(runs, sustained=windows), 300, 20.0, RULE)
        assert found.tolist() == wanted


@given(stretches, stretches)
def test_joined_runs_are_those_of_any_order(first: np.ndarray, second: np.ndarray) -> None:
    nothing = first[:0]
    parts = [
        ActivityRuns(low=low, reached=low, sustained=low, unusable=nothing)
        for low in (first, second)
    ]
    one, other = ActivityRuns.joined(parts), ActivityRuns.joined(parts[::-1])
    for name in ("low", "reached", "sustained", "unusable"):
        assert getattr(one, name).tolist() == getattr(other, name).tolist()
    assert one.low.tolist() == union(first, second).tolist()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"offset_above_rest_uv": 8.0}, "8.0 and 8.0 uV"),
        ({"offset_above_rest_uv": 0.0}, "0.0 and 8.0 uV"),
        ({"amplitude_window_s": 0.5}, "windows must satisfy"),
        ({"edge_window_s": 0.2}, "windows must satisfy"),
        ({"edge_window_s": 0.0}, "edge_window_s must be a finite number above 0"),
        ({"min_duration_s": 0.0}, "durations must be positive"),
        ({"morphology_above_rest_uv": -1.0}, "must be a finite number from 0"),
    ],
)
def test_a_rule_that_contradicts_itself_is_refused(fields: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        LimbMovementRule(**fields)
