"""Rhythm of rest and activity: vectors by hand, slow twins, bounds and invariances."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from psgkit.core.days.activity import Activity, ActivityHours
from psgkit.core.days.sleep_wake import SleepWake
from psgkit.core.index import Index
from psgkit.indices.days.cosinor import CosinorRule, cosinor_indices
from psgkit.indices.days.rest_activity import (
    RestActivityRule,
    average_day,
    interdaily_stability,
    intradaily_variability,
    rest_activity_indices,
)
from psgkit.indices.days.rest_movement import RestMovementRule, RestPart, rate_ratio, time_shares
from psgkit.indices.days.rest_transitions import (
    TransitionRule,
    local_line,
    transition_indices,
    transition_probability,
)
from psgkit.indices.days.sleep_regularity import RegularityRule, night_spread, sleep_regularity

LENIENT = RestActivityRule(min_days=0.0, min_clock_hour_n=1)


def hourly(level: list[float], first_hour: int = 0) -> ActivityHours:
    values = np.array(level, dtype=float)
    clock = (first_hour + np.arange(len(values))) % 24
    return ActivityHours(level=values, clock_hour=clock, valid_h=float(np.isfinite(values).sum()))


def by_minute(level: NDArray[np.float64], first_min: float = 0.0) -> Activity:
    return Activity(level=level, clock_min=(first_min + np.arange(len(level))) % 1440)


def days(n: int, seed: int = 0) -> NDArray[np.float64]:
    """Return days of noise, louder from 8 to 22 h."""
    rng = np.random.default_rng(seed)
    clock = np.arange(n * 1440) % 1440
    return rng.gamma(1.0, np.where((clock >= 480) & (clock < 1320), 50.0, 2.0))


# stability and variability


def test_is_and_iv_of_two_days_by_hand() -> None:
    # day one: 1 in hour 0, else 0; day two: 3 in hour 0, else 0.  N 48, mean 4/48
    level = [1.0] + [0.0] * 23 + [3.0] + [0.0] * 23
    mean = 4 / 48
    within = (1 - mean) ** 2 + (3 - mean) ** 2 + 46 * mean**2
    between = (2 - mean) ** 2 + 23 * mean**2
    found = interdaily_stability(hourly(level), LENIENT)
    assert found.value == pytest.approx(48 * between / (24 * within))
    assert found.denominator_h == 48
    # steps: 1 -> 0, 0 -> 3, 3 -> 0: squares 1 + 9 + 9
    varied = intradaily_variability(hourly(level), LENIENT)
    assert varied.value == pytest.approx(48 * 19 / (47 * within))


levels = st.lists(st.one_of(st.floats(0, 100), st.just(math.nan)), min_size=48, max_size=120)


@given(level=levels)
def test_is_lies_between_zero_and_one_and_iv_is_not_negative(level: list[float]) -> None:
    stable = interdaily_stability(hourly(level), LENIENT).value
    varied = intradaily_variability(hourly(level), LENIENT).value
    if stable is not None:
        assert -1e-9 <= stable <= 1 + 1e-9
    assert varied is None or varied >= 0


@given(level=levels, gain=st.floats(0.01, 100))
def test_gain_changes_neither_is_nor_iv(level: list[float], gain: float) -> None:
    for index in (interdaily_stability, intradaily_variability):
        once = index(hourly(level), LENIENT).value
        scaled = index(hourly([gain * value for value in level]), LENIENT).value
        if once is not None and scaled is not None and np.nanvar(level) > 1e-6:
            assert scaled == pytest.approx(once, rel=1e-6)


def test_is_equals_that_of_variances_but_for_the_stated_factor() -> None:
    level = np.random.default_rng(0).gamma(1.0, 10.0, 24 * 7)
    found = interdaily_stability(hourly(level.tolist()), LENIENT).value
    variances = level.reshape(7, 24).mean(axis=0).var(ddof=1) / level.var(ddof=1)
    n, p = len(level), 24
    assert found is not None
    assert variances / found == pytest.approx(p / (p - 1) * (n - 1) / n)


def test_missing_hours_are_left_out_and_no_step_leads_across_them() -> None:
    level = [1.0, math.nan, 5.0, 6.0] + [0.0] * 20
    twice = hourly(level * 2)
    known = [v for v in level * 2 if not math.isnan(v)]
    steps = [0 - 6, 0, *[0] * 18, 1 - 0, 6 - 5, 6 - 5, 0 - 6]
    found = intradaily_variability(twice, LENIENT)
    within = sum((v - np.mean(known)) ** 2 for v in known)
    pairs = 23 + 23 + 1 - 4
    assert found.value == pytest.approx(len(known) * sum(s**2 for s in steps) / (pairs * within))
    assert interdaily_stability(twice, LENIENT).reason == (
        "1 h was seen on 0 days, every hour of the clock is needed on 1"
    )


# least and most active hours


def test_l5_and_m10_of_a_day_by_hand_begin_where_they_should() -> None:
    clock = np.arange(3 * 1440) % 1440
    level = np.where((clock >= 23 * 60) | (clock < 4 * 60), 1.0, 4.0)
    level[(clock >= 600) & (clock < 1200)] = 9.0
    found = rest_activity_indices(by_minute(level))
    assert found["l5"].value == 1.0
    assert found["l5_start_h"].value == 23.0, "around midnight"
    assert (found["m10"].value, found["m10_start_h"].value) == (9.0, 10.0)
    assert found["relative_amplitude"].value == pytest.approx(0.8)
    assert found["relative_amplitude"].denominator_h == 72


def test_a_minute_that_no_day_has_takes_only_the_windows_that_hold_it() -> None:
    clock = np.arange(3 * 1440) % 1440
    level = np.where((clock >= 23 * 60) | (clock < 4 * 60), 1.0, 4.0)
    level[(clock >= 600) & (clock < 1200)] = 9.0
    level[(clock == 5 * 60) | (clock == 21 * 60)] = np.nan
    found = rest_activity_indices(by_minute(level))
    assert (found["l5"].value, found["l5_start_h"].value) == (1.0, 23.0)
    assert (found["m10"].value, found["m10_start_h"].value) == (9.0, 10.0)
    # without midnight the calm that is left is too short: 5:01 to 10:00, and a loud minute
    level[clock == 0] = np.nan
    moved = rest_activity_indices(by_minute(level))
    assert moved["l5"].value == pytest.approx((299 * 4 + 9) / 300)
    assert moved["l5_start_h"].value == pytest.approx(5 + 1 / 60)
    level[clock == 13 * 60] = np.nan
    assert rest_activity_indices(by_minute(level))["m10"].reason == (
        "no 10 h of the average day without a minute that was never valid"
    )


def test_the_average_day_equals_a_loop_with_gaps() -> None:
    rng = np.random.default_rng(1)
    level = rng.gamma(1.0, 1.0, 2000)
    level[rng.random(2000) < 0.3] = np.nan
    activity = by_minute(level, 700.0)
    found = average_day(activity)
    for minute in range(0, 1440, 37):
        own = [v for v, m in zip(level, activity.clock_min, strict=True) if m == minute]
        own = [v for v in own if not math.isnan(v)]
        expected = float(np.mean(own)) if own else math.nan
        assert found[minute] == pytest.approx(expected, nan_ok=True)


def test_relative_amplitude_lies_between_zero_and_one_and_knows_no_gain() -> None:
    level = days(3)
    once = rest_activity_indices(by_minute(level))
    louder = rest_activity_indices(by_minute(7.5 * level))
    assert once["relative_amplitude"].value is not None
    assert 0 <= once["relative_amplitude"].value <= 1
    assert louder["relative_amplitude"].value == pytest.approx(once["relative_amplitude"].value)
    assert louder["l5_start_h"] == once["l5_start_h"]


def test_a_day_earlier_is_the_same_rhythm() -> None:
    level = days(4)
    shifted = np.roll(level, 1440)
    first, second = (rest_activity_indices(by_minute(x)) for x in (level, shifted))
    assert first["interdaily_stability"].value == pytest.approx(
        second["interdaily_stability"].value
    )
    assert first["m10_start_h"] == second["m10_start_h"]


# a day on which clocks change


def test_days_on_which_clocks_change_have_23_and_25_hours() -> None:
    spring = np.concatenate((np.arange(0, 120), np.arange(180, 1440)))
    autumn = np.concatenate((np.arange(0, 180), np.arange(120, 1440)))
    for clock, n_hours in ((spring, 23), (autumn, 25)):
        level = np.arange(float(len(clock)))
        found = Activity(level=level, clock_min=clock.astype(float)).hours(1.0)
        assert len(found) == n_hours
        assert found.valid_h == n_hours
    assert np.bincount(found.clock_hour)[2] == 2, "2 h comes twice in autumn"


def test_every_index_says_how_many_hours_it_rests_on() -> None:
    clock = np.concatenate((np.arange(1440), np.arange(0, 120), np.arange(180, 1440)))
    activity = Activity(level=days(2)[: len(clock)], clock_min=clock.astype(float))
    rule = RestActivityRule(min_days=1.9, min_clock_hour_n=1)
    for name, index in rest_activity_indices(activity, rule).items():
        assert index.denominator_h == 47, name


# reasons


def test_nothing_and_too_little_and_no_change_give_reasons() -> None:
    empty = rest_activity_indices(by_minute(np.empty(0)))
    short = rest_activity_indices(by_minute(days(1)))
    still = rest_activity_indices(by_minute(np.zeros(3 * 1440)))
    missing = rest_activity_indices(by_minute(np.full(3 * 1440, np.nan)))
    for found in (empty, short, missing):
        assert all("valid hours, 48 are needed" in (one.reason or "") for one in found.values())
    assert still["interdaily_stability"].reason == "activity was the same in every hour"
    assert still["relative_amplitude"].reason == "no activity at all"
    assert still["l5"].value == 0.0


def test_a_time_of_day_outside_the_day_is_refused() -> None:
    with pytest.raises(ValueError, match="1440"):
        Activity(level=np.zeros(1), clock_min=np.array([1440.0]))


# regularity of sleep


def sleep_of(state: NDArray[np.int8]) -> SleepWake:
    return SleepWake(state=state, epoch_s=60.0)


def test_sri_of_the_same_and_of_opposite_days() -> None:
    day = np.repeat([1, 0], [480, 960])
    assert sleep_regularity(sleep_of(np.tile(day, 5))).value == 100.0
    other = np.concatenate((day, 1 - day, day, 1 - day, day))
    assert sleep_regularity(sleep_of(other)).value == -100.0


def test_sri_by_hand_with_epochs_that_nobody_scored() -> None:
    day = np.repeat([1, 0], [480, 960])
    later = np.roll(day, 60)  # an hour later to bed and up: two hours differ
    week = np.concatenate((day, later, day, later, day)).astype(np.int8)
    found = sleep_regularity(sleep_of(week))
    assert found.value == pytest.approx(-100 + 200 * 22 / 24)
    assert found.denominator_h == 96
    week[1440 + 60 : 1440 + 540] = -1  # the sleep of the second day was not seen
    # pairs with the first and the third day: 16 h are left of each, one hour of them differs
    holes = sleep_regularity(sleep_of(week), RegularityRule(min_days=1))
    assert holes.value == pytest.approx(-100 + 200 * (15 + 15 + 22 + 22) / (16 + 16 + 24 + 24))


def test_sri_needs_days_and_epochs_that_divide_them() -> None:
    day = np.zeros(1440, dtype=np.int8)
    assert sleep_regularity(sleep_of(np.tile(day, 2))).reason is not None
    odd = SleepWake(state=np.zeros(100), epoch_s=7.0)
    assert sleep_regularity(odd).reason == "epochs of 7 s do not divide 24 h"
    assert sleep_regularity(SleepWake(state=np.empty(0), epoch_s=60.0)).reason is not None


# transitions


def test_transition_probability_by_hand() -> None:
    # N(1) 6, N(2) 4, N(5) 1: 2/6 in one epoch, 3/4 in three
    t, p, weight = transition_probability(np.array([1, 1, 2, 2, 2, 5]))
    assert t.tolist() == [1, 2]
    assert p == pytest.approx([2 / 6, 3 / 4 / 3])
    assert weight == pytest.approx([math.sqrt(10), math.sqrt(5)])


def test_kra_of_memoryless_rest_is_its_rate_and_kar_that_of_activity() -> None:
    rng = np.random.default_rng(0)
    lengths = np.stack((rng.geometric(0.05, 8000), rng.geometric(0.3, 8000)), axis=1).ravel()
    level = np.repeat(np.arange(len(lengths)) % 2, lengths).astype(float)
    found = transition_indices(by_minute(level))
    assert found["kra"].value == pytest.approx(0.05, rel=0.05)
    assert found["kar"].value == pytest.approx(0.30, rel=0.05)
    assert found["kra"].unit == "1/epoch"


def test_three_lengths_of_rest_are_one_too_few_and_the_reason_says_so() -> None:
    lengths = [1, 2, 3] * 10
    level = np.concatenate([np.array([1.0] + [0.0] * n) for n in lengths] + [np.ones(1)])
    found = transition_indices(by_minute(level))["kra"]
    assert found.reason == "3 different lengths of rest, 4 are needed"


def test_runs_cut_by_a_gap_or_an_end_are_left_out() -> None:
    level = np.array([0, 0, 1, 0, 0, 0, 1, 0, math.nan, 0, 1], dtype=float)
    found = transition_indices(by_minute(level), TransitionRule(min_runs_n=3))
    assert found["kra"].reason == "1 whole runs of rest, 3 are needed"
    assert found["kar"].reason == "2 whole runs of activity, 3 are needed"


def test_local_line_equals_a_loop_of_weighted_regressions() -> None:
    rng = np.random.default_rng(2)
    x = np.sort(rng.uniform(0, 50, 40))
    y = np.sin(x / 5) + rng.normal(0, 0.1, 40)
    k = 12
    expected = []
    for here in x:
        reach = np.sort(np.abs(x - here))[k - 1]
        near = np.abs(x - here) / reach
        weight = np.where(near <= 0.999, np.where(near <= 0.001, 1, (1 - near**3) ** 3), 0)
        slope, level = np.polyfit(x, y, 1, w=np.sqrt(weight))
        expected.append(level + slope * here)
    assert local_line(x, y, 0.3) == pytest.approx(np.array(expected), abs=1e-9)


# cosinor


def wave(n_days: int, acrophase_h: float, noise: float, seed: int = 0) -> ActivityHours:
    rng = np.random.default_rng(seed)
    clock = np.arange(24 * n_days) % 24
    level = 10 + 4 * np.cos(2 * np.pi * (clock + 0.5 - acrophase_h) / 24)
    level = level + noise * rng.normal(size=len(level))
    return ActivityHours(level=level, clock_hour=clock, valid_h=float(len(clock)))


def value(index: Index) -> float:
    assert index.value is not None, index.reason
    return index.value


@pytest.mark.parametrize("acrophase_h", [0.25, 9.0, 15.5, 23.9])
def test_cosinor_finds_a_wave_that_is_there(acrophase_h: float) -> None:
    found = cosinor_indices(wave(7, acrophase_h, 1.0, 1), "mg")
    off = (value(found["acrophase_h"]) - acrophase_h + 12) % 24 - 12
    assert abs(off) < 0.3
    low, high = (value(found[f"amplitude_{end}"]) for end in ("low", "high"))
    assert low < value(found["amplitude"]) < high
    assert low < 4 < high
    span = (value(found["acrophase_high_h"]) - value(found["acrophase_low_h"])) % 24
    assert 0 < span < 2
    inside = (acrophase_h - value(found["acrophase_low_h"])) % 24
    assert inside < span


def test_the_confidence_region_holds_the_truth_as_often_as_it_says() -> None:
    held = 0
    for seed in range(300):
        found = cosinor_indices(wave(3, 15.0, 3.0, seed), "mg", CosinorRule(confidence=0.8))
        low, high = (found[f"amplitude_{end}"].value for end in ("low", "high"))
        assert low is not None
        assert high is not None
        held += low <= 4 <= high
    # limits of a joint region are wider than of one coefficient: at least as often, not always
    assert 0.8 <= held / 300 < 1


def test_noise_has_no_acrophase() -> None:
    rng = np.random.default_rng(3)
    level = rng.normal(10, 1, 96)
    found = cosinor_indices(
        ActivityHours(level=level, clock_hour=np.arange(96) % 24, valid_h=96.0), "mg"
    )
    assert "confidence region holds an amplitude of 0" in (found["acrophase_h"].reason or "")
    assert found["amplitude_low"].value == 0.0


def test_cosinor_of_flat_short_or_one_sided_data_has_reasons() -> None:
    flat = ActivityHours(level=np.ones(72), clock_hour=np.arange(72) % 24, valid_h=72.0)
    short = ActivityHours(level=np.ones(5), clock_hour=np.arange(5), valid_h=5.0)
    one = ActivityHours(level=np.arange(72.0), clock_hour=np.arange(72) % 3, valid_h=72.0)
    reasons = [cosinor_indices(h, "mg")["mesor"].reason for h in (flat, short, one)]
    assert reasons == [
        "activity was the same in every hour",
        "5.0 valid hours, 48 are needed",
        "fewer than 4 different hours of the clock were seen",
    ]


# movements at rest, shares, spread


def test_the_ratio_of_rates_is_per_hour_of_rest_seen() -> None:
    day = RestPart(words="day", spans=np.array([[0.0, 3600.0], [7200.0, 10800.0]]))
    night = RestPart(words="night", spans=np.array([[20_000.0, 34_400.0]]))
    onsets = np.array([10.0, 5000.0, 8000.0, 9000.0, 21_000.0, 22_000.0])
    found = rate_ratio("day_night_ratio", onsets, (day, night))
    assert found.value == pytest.approx((3 / 2) / (2 / 4))
    assert found.denominator_h == 6
    # the other way round it is the inverse; twice the rest at the same events is half the rate
    back = rate_ratio("day_night_ratio", onsets, (night, day))
    assert found.value * back.value == pytest.approx(1.0)


def test_a_ratio_without_enough_rest_says_how_much_there_was() -> None:
    day = RestPart(words="day", spans=np.array([[0.0, 1800.0]]))
    night = RestPart(words="night", spans=np.array([[20_000.0, 34_400.0]]))
    found = rate_ratio("day_night_ratio", np.array([1.0]), (day, night))
    assert found.reason == (
        "0.5 h of rest (day) and 4.0 h (night) were seen, 1 h of each are needed"
    )
    with pytest.raises(ValueError, match="hours of the clock"):
        RestMovementRule(day_h=(20.0, 8.0))


def test_shares_of_time_add_up_to_one_or_say_why_not() -> None:
    spans = {
        "lying": np.array([[0.0, 100.0]]),
        "upright": np.array([[100.0, 150.0], [200.0, 250.0]]),
        "walking": np.empty((0, 2)),
    }
    found = time_shares(spans)
    assert sum(index.value or 0 for index in found.values()) == pytest.approx(1.0)
    assert found["upright_share"].value == pytest.approx(0.5)
    nothing = time_shares({kind: np.empty((0, 2)) for kind in spans})
    assert {index.reason for index in nothing.values()} == {"no posture known"}
    assert time_shares(spans, "no trunk sensor")["lying_share"].reason == "no trunk sensor"


def test_the_spread_over_nights_leaves_out_nights_without_a_value() -> None:
    nights = [Index.plain("x", v, "1") for v in (1.0, 2.0, 6.0)]
    nights.append(Index.missing("x", "not worn", unit="1"))
    found = night_spread("x", nights)
    assert found["x_mean"].value == 3.0
    assert found["x_sd"].value == pytest.approx(math.sqrt(7))
    assert found["x_sd"].numerator == 3
    assert night_spread("x", nights[2:])["x_sd"].reason == "1 of 2 nights have it, 3 are needed"
