"""Sleep and wake from movement: formulas by hand, slow twins, missing epochs, another program."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from psgkit.core.days.sleep_wake import ASLEEP, AWAKE, UNSCORED, SleepWake
from psgkit.sleep.from_movement.actigraphy import (
    COUNT_METHODS,
    count_method,
    estimated_label,
    in_epochs,
    sleep_from_counts,
)
from psgkit.sleep.from_movement.cole_kripke import COLE_KRIPKE, cole_kripke
from psgkit.sleep.from_movement.oakley import auto_threshold, oakley, oakley_weights
from psgkit.sleep.from_movement.sadeh import SADEH, sadeh, sleep_index
from psgkit.sleep.from_movement.sustained_inactivity import sustained_inactivity
from psgkit.sleep.from_movement.webster import WEBSTER, webster

Counts = NDArray[np.float64]
some_counts = st.lists(
    st.one_of(st.floats(0, 500), st.just(math.nan), st.just(0.0)), min_size=0, max_size=60
).map(np.array)


def impulse(height: float, n: int = 21, at: int = 10) -> Counts:
    counts = np.zeros(n)
    counts[at] = height
    return counts


# Cole-Kripke


def test_cole_kripke_looks_four_minutes_back_and_two_forward() -> None:
    # one minute of counts so high that every weight alone says wake
    awake = np.flatnonzero(cole_kripke(impulse(1000.0)) == AWAKE)
    assert awake.tolist() == list(range(8, 15))


def test_cole_kripke_of_the_one_minute_weights_by_hand() -> None:
    # 0.23 x 4.4 = 1.012 at its own minute; 0.106 x 4.4 four minutes later is not enough
    state = cole_kripke(impulse(4.4))
    assert np.flatnonzero(state == AWAKE).tolist() == [10]
    # 0.230 x 4.347 is 0.99981
    assert (cole_kripke(impulse(4.347)) == ASLEEP).all()
    assert cole_kripke(np.full(30, 1 / 0.665))[10] == AWAKE, "a sum of exactly 1 is wake"


def test_cole_kripke_scale_and_cap_are_those_of_actilife() -> None:
    # 10,000 / 100 is 100; of 50,000 / 100 only 300 are left: 0.106 x 300 = 31.8, but 0.106 x 100
    # decides nothing else, so the cap is seen in the sum
    counts = np.array([50_000.0] + [0.0] * 4)
    uncapped = cole_kripke(counts, scale=1e-5)
    capped = cole_kripke(counts, scale=1e-5, cap=0.3)
    assert uncapped.tolist() == [1] * 5
    assert capped.tolist() == [1] * 5
    assert cole_kripke(counts, scale=0.01)[4] == AWAKE
    assert cole_kripke(counts, scale=0.01, cap=9.0)[4] == ASLEEP  # 0.106 x 9 = 0.954


@pytest.mark.parametrize(("printed", "misprint"), [("30s", "30s_pyactigraphy")])
def test_the_weights_in_dispute_are_variants_that_differ(printed: str, misprint: str) -> None:
    counts = impulse(100.0)  # 1.21 at 0.0121, 0.12 at 0.0012
    assert cole_kripke(counts, printed)[10] == AWAKE
    assert cole_kripke(counts, misprint)[10] == ASLEEP


@pytest.mark.parametrize("variant", COLE_KRIPKE)
@given(counts=some_counts)
def test_cole_kripke_equals_a_loop_over_epochs(variant: str, counts: Counts) -> None:
    weights = COLE_KRIPKE[variant].weights
    expected = []
    for row in range(len(counts)):
        total, complete = 0.0, True
        for offset, weight in zip(range(-4, 3), weights, strict=True):
            value = counts[row + offset] if 0 <= row + offset < len(counts) else 0.0
            if math.isnan(value):
                complete = False
            else:
                total += weight * value
        if math.isnan(counts[row]):
            expected.append(UNSCORED)
        elif total >= 1 - 1e-12:
            expected.append(AWAKE)
        else:
            expected.append(ASLEEP if complete else UNSCORED)
    found = cole_kripke(counts, variant)
    near_limit = [row for row in range(len(counts)) if found[row] != expected[row]]
    assert all(expected[row] == AWAKE for row in near_limit)
    assert len(near_limit) <= 1


# Sadeh


def test_sadeh_index_by_hand() -> None:
    counts = np.array([0, 60, 0, 0, 120, 30, 0, 50, 99, 100, 0, 0], dtype=float)
    # at 5: 11 epochs 0..10 mean 459/11, natural 60, 50, 99 = 3, last six 0 60 0 0 120 30
    mean, natural = 459 / 11, 3
    sd = math.sqrt(sum((v - 35) ** 2 for v in (0, 60, 0, 0, 120, 30)) / 5)
    wanted = 7.601 - 0.065 * mean - 1.08 * natural - 0.056 * sd - 0.703 * math.log(31)
    assert sleep_index(counts)[5] == pytest.approx(wanted, abs=1e-12)


def test_sadeh_variants_differ_between_minus_four_and_zero() -> None:
    counts = np.full(11, 100.0)
    ps = sleep_index(counts)[5]
    # 7.601 - 6.5 - 0 - 0 - 0.703 ln 101 = -2.143
    assert ps == pytest.approx(-2.1434, abs=1e-4)
    assert sadeh(counts, "ps0")[5] == AWAKE
    assert sadeh(counts, "ps-4")[5] == ASLEEP


def test_sadeh_limits_of_both_variants_are_as_stated() -> None:
    assert SADEH["ps0"].includes_least
    assert not SADEH["ps-4"].includes_least
    # 7.601 - 0.065 x 300 would be far below -4: what is above 300 changes nothing
    lots = np.full(11, 300.0)
    assert (sadeh(lots, "ps-4") == sadeh(np.full(11, 5000.0), "ps-4")).all()


@given(counts=some_counts)
def test_sadeh_index_equals_a_loop_over_epochs(counts: Counts) -> None:
    padded = np.concatenate((np.zeros(5), counts, np.zeros(5)))
    for row in range(len(counts)):
        around = padded[row : row + 11]
        last = padded[row : row + 6]
        natural = sum(50 <= value < 100 for value in around)
        wanted = (
            7.601
            - 0.065 * np.mean(around)
            - 1.08 * natural
            - 0.056 * np.std(last, ddof=1)
            - 0.703 * np.log(counts[row] + 1)
        )
        assert sleep_index(counts)[row] == pytest.approx(wanted, nan_ok=True, abs=1e-9)


# Oakley


def test_oakley_weights_of_short_epochs_add_up_to_those_of_a_minute() -> None:
    minute = oakley_weights(60.0).weights
    for epoch_s in (15.0, 30.0):
        n = round(60 / epoch_s)
        weights = oakley_weights(epoch_s).weights
        assert len(weights) == 4 * n + 1
        assert weights[0] == minute[0]
        assert weights[n] == minute[1]
        assert max(weights) == n
    with pytest.raises(ValueError, match="15, 30 or 60"):
        oakley_weights(10.0)


def test_oakley_total_of_exactly_the_threshold_is_sleep() -> None:
    assert oakley(impulse(40.0), "medium", epoch_s=60.0)[10] == ASLEEP
    assert oakley(impulse(40.1), "medium", epoch_s=60.0)[10] == AWAKE
    assert oakley(impulse(40.1), "high", epoch_s=60.0)[10] == ASLEEP
    assert oakley(impulse(20.5), "low", epoch_s=60.0)[10] == AWAKE


def test_oakley_automatic_threshold_by_hand() -> None:
    # 8 counts in a minute with 4 or more, 3 in one without: 0.888 x 11 / 1
    assert auto_threshold(np.array([8.0, 3.0, 0.0]), 60.0) == pytest.approx(9.768)
    assert math.isnan(auto_threshold(np.zeros(5), 60.0))
    assert (oakley(np.zeros(5), "auto", epoch_s=60.0) == ASLEEP).all()


# Webster


def test_webster_rules_a_to_c_turn_one_three_and_four_minutes() -> None:
    for wake, turned in ((3, 0), (4, 1), (9, 1), (10, 3), (14, 3), (15, 4), (60, 4)):
        state = np.array([ASLEEP] * 30 + [AWAKE] * wake + [ASLEEP] * 30, dtype=np.int8)
        found = webster(state)
        assert (found != state).sum() == turned, wake
        assert (found[30 + wake : 30 + wake + turned] == AWAKE).all()


def test_webster_rule_d_takes_ten_minutes_of_wake_and_e_is_in_one_variant() -> None:
    def island(sleep: int, wake: int) -> NDArray[np.int8]:
        return np.array([AWAKE] * wake + [ASLEEP] * sleep + [AWAKE] * wake, dtype=np.int8)

    assert (webster(island(6, 12), variant="a-d") == AWAKE).all()
    assert (webster(island(6, 10), variant="a-e") == AWAKE).all()
    assert (webster(island(6, 9), variant="a-e") == ASLEEP).sum() == 5, "a to c leave 6 - 1"
    assert (webster(island(10, 20), variant="a-e") == AWAKE).all()
    # four go by rule c, ten are more than six: only rule e would take the rest
    assert (webster(island(14, 20), variant="a-e") == AWAKE).all()
    assert (webster(island(15, 20), variant="a-e") == ASLEEP).sum() == 11


def test_webster_never_touches_or_looks_across_unscored_epochs() -> None:
    state = np.array([AWAKE] * 20 + [UNSCORED] + [ASLEEP] * 5 + [AWAKE] * 20, dtype=np.int8)
    assert (webster(state) == state).all()


@pytest.mark.parametrize("variant", WEBSTER)
@given(state=st.lists(st.sampled_from([0, 0, 1, 1, 1, -1]), max_size=200))
def test_webster_only_turns_sleep_to_wake(variant: str, state: list[int]) -> None:
    before = np.array(state, dtype=np.int8)
    after = webster(before, variant=variant)
    assert (after[before != ASLEEP] == before[before != ASLEEP]).all()


# sustained inactivity


@given(
    angles=st.lists(
        st.one_of(st.sampled_from([0.0, 1.0, 6.0, 40.0]), st.just(math.nan)), max_size=80
    )
)
def test_sustained_inactivity_equals_a_walk_from_epoch_to_epoch(angles: list[float]) -> None:
    expected = [UNSCORED if math.isnan(a) else AWAKE for a in angles]
    first = 0
    for row in range(1, len(angles) + 1):
        ended = row == len(angles) or not abs(angles[row] - angles[row - 1]) <= 5
        if ended:
            if row - first >= 6 and not math.isnan(angles[first]):
                expected[first:row] = [ASLEEP] * (row - first)
            first = row
    # six epochs of 50 s are five minutes
    assert sustained_inactivity(np.array(angles), epoch_s=50.0).tolist() == expected


# what holds for all


@pytest.mark.parametrize("name", COUNT_METHODS)
def test_a_missing_epoch_is_never_asleep_and_stillness_is_sleep(name: str) -> None:
    method = count_method(name)
    counts = np.zeros(200)
    assert (method.apply(counts, 1.0) == ASLEEP).all()
    counts[50:60] = np.nan
    state = method.apply(counts, 1.0)
    assert (state[50:60] == UNSCORED).all()
    assert (state[[20, 100]] == ASLEEP).all()
    assert (method.apply(np.full(200, np.nan), 1.0) == UNSCORED).all()
    assert len(method.apply(np.empty(0), 1.0)) == 0


@pytest.mark.parametrize("name", COUNT_METHODS)
def test_more_counts_than_any_limit_are_wake(name: str) -> None:
    state = count_method(name).apply(np.full(100, 10_000.0), 1.0)
    assert (state == AWAKE).all()


def test_every_method_says_where_its_numbers_are_from_and_has_a_title_of_its_own() -> None:
    methods = [count_method(name) for name in COUNT_METHODS]
    assert all(method.source for method in methods)
    assert len({method.title for method in methods}) == len(methods)


def test_a_scoring_from_movement_is_called_an_estimate_with_place_and_method() -> None:
    found = sleep_from_counts(np.zeros(5), "sadeh_ps-4", place="left_wrist")
    assert found.label == "sleep estimated from left wrist movement by Sadeh 1994 (PS above -4)"
    assert estimated_label("", "X").startswith("sleep estimated from movement")
    with pytest.raises(ValueError, match="no method 'sadeh'"):
        sleep_from_counts(np.zeros(5), "sadeh")


def test_counts_are_summed_into_longer_epochs_only_where_all_are_there() -> None:
    assert in_epochs(np.array([1.0, 2.0, 3.0, np.nan, 5.0]), 2).tolist()[0] == 3.0
    assert np.isnan(in_epochs(np.array([1.0, 2.0, 3.0, np.nan, 5.0]), 2)[1])


def test_states_other_than_the_three_are_refused() -> None:
    with pytest.raises(ValueError, match="asleep"):
        SleepWake(state=np.array([2]), epoch_s=60.0)


# another program


def skdh_predictions() -> Callable[..., NDArray[np.int64]]:
    module = pytest.importorskip("skdh.sleep.sleep_classification")
    function: Callable[..., NDArray[np.int64]] = module.compute_sleep_predictions
    return function


def test_cole_kripke_agrees_with_scikit_digital_health_minute_by_minute() -> None:
    predict = skdh_predictions()
    rng = np.random.default_rng(1)
    index = rng.gamma(0.3, 0.3, 20_000)
    theirs = predict(index, rescore=False)
    assert 0.2 < theirs.mean() < 0.9, "both states must occur"
    assert (cole_kripke(index, "activity_index") == theirs).all()


def test_webster_agrees_with_scikit_digital_health_in_rules_a_to_c() -> None:
    predict = skdh_predictions()
    rng = np.random.default_rng(2)
    # sleep long enough that no rescored minute is counted as wake of the next stretch
    lengths = rng.integers(20, 60, 400)
    lengths[::2] = rng.integers(1, 30, 200)
    index = np.where(np.repeat(np.arange(400) % 2, lengths) == 1, 0.0, 50.0)
    first = cole_kripke(index, "activity_index")
    theirs = predict(index, rescore=True)
    # its rule d takes a mask for row numbers and turns the first two stretches to wake
    begin = int(np.flatnonzero(np.diff(first))[2])
    ours = webster(first, variant="a-c")
    assert (ours[begin:] == theirs[begin:]).all()
    assert (ours != first).sum() > 300, "rescoring must happen"


def test_webster_measures_wake_as_it_was_scored_first() -> None:
    # scikit-digital-health counts the three minutes that rescoring made as wake of the next stretch
    state = np.array([1] * 20 + [0] * 15 + [1, 0, 0, 0] + [1] * 20, dtype=np.int8)
    assert webster(state, variant="a-c").tolist() == [1] * 20 + [0] * 19 + [1] * 20
