"""The change between phases: means by hand, intervals over nights, published spread."""

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from psgkit.followup.change import PUBLISHED_SPREAD, ChangeRule, PublishedSpread, change_between

TROTTI, SKEBA, SKEBA_LN = PUBLISHED_SPREAD


def test_the_change_is_the_difference_of_the_means_over_nights() -> None:
    found = change_between([10, 20, 30], [5, 7])
    assert (found.before, found.after, found.change) == (20, 6, -14)
    assert (found.before_n, found.after_n) == (3, 2)


@pytest.mark.parametrize(("before", "after"), [([1, 2], [3, 4, 5]), ([1, 2, 3], [4, 5])])
def test_fewer_than_three_nights_in_a_phase_give_no_interval(
    before: list[float], after: list[float]
) -> None:
    found = change_between(before, after)
    assert (found.low, found.high) == (None, None)
    assert "an interval needs 3 in each phase" in str(found.interval_reason)
    assert found.reason is None


def test_three_nights_in_each_phase_give_an_interval_around_the_change() -> None:
    found = change_between([38, 40, 42], [8, 10, 12])
    assert found.interval_reason is None
    assert found.low < -30 < found.high < 0


def test_the_interval_is_as_wide_as_the_nights_differ() -> None:
    near, far = (change_between([40 - d, 40, 40 + d], [10 - d, 10, 10 + d]) for d in (1, 5))
    assert far.high - far.low == pytest.approx(5 * (near.high - near.low))


def test_the_interval_does_not_depend_on_unit_or_on_a_constant() -> None:
    old, new = np.array([12.0, 15, 21, 9]), np.array([4.0, 2, 9])
    one, other = change_between(old, new), change_between(60 * old + 7, 60 * new + 7)
    assert (other.low, other.high) == pytest.approx((60 * one.low, 60 * one.high))


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(7)
    rule = ChangeRule(resamples=300)
    pairs = [change_between(rng.normal(size=3), rng.normal(size=3), rule) for _ in range(300)]
    held = np.mean([pair.low <= 0 <= pair.high for pair in pairs])
    assert held > 0.9  # a plain percentile bootstrap of three nights holds it in about 0.75


def test_nights_without_a_value_do_not_count() -> None:
    found = change_between([10, np.nan, 20], [5, np.nan])
    assert (found.before_n, found.after_n, found.change) == (2, 1, -10)
    found = change_between([10, 12], [np.nan])
    assert (found.change, found.reason) == (None, "no night after the change has a value")
    assert change_between([], [1]).reason == "no night before the change has a value"


def test_nights_that_do_not_differ_give_no_interval_of_no_width() -> None:
    found = change_between([0, 0, 0], [0, 0, 0])
    assert (found.change, found.low) == (0, None)
    assert "spread is not known" in str(found.interval_reason)


@pytest.mark.parametrize("wrong", [{"min_nights": 1}, {"coverage": 1.0}, {"resamples": 0}])
def test_a_rule_that_cannot_be_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="wanted"):
        ChangeRule(**wrong)


def test_published_spread_by_hand() -> None:
    assert TROTTI.limit(100.0, 10.0) == 25.1
    assert SKEBA.limit(40.0, 10.0) == pytest.approx(0.432 * 25)
    assert SKEBA.limit(0.0, 0.0) is None
    # ln 20 and ln 30 have the mean 3.1984; 3.6 % of it is 0.11514
    assert SKEBA_LN.limit(20.0, 30.0) == pytest.approx(20 * (np.exp(0.115142) - 1), rel=1e-4)
    assert SKEBA_LN.limit(30.0, 20.0) == pytest.approx(30 * (1 - np.exp(-0.115142)), rel=1e-4)
    assert SKEBA_LN.limit(0.0, 20.0) is None


@pytest.mark.parametrize("spread", PUBLISHED_SPREAD)
def test_nothing_is_published_for_other_places_than_the_legs(spread: PublishedSpread) -> None:
    assert spread.covers("legs", spread.index)
    for group in ("trunk", "arms", "accelerometer_lumbar", "accelerometer_left_wrist"):
        assert not spread.covers(group, spread.index)
    assert spread.source
    assert spread.population
    assert spread.grade


# the interval by hand: three nights before, three after


def test_the_interval_is_that_of_all_27_by_27_draws_widened_for_few_nights() -> None:
    """Draw every sample of three nights with replacement, as the bootstrap does at random."""
    old, new = np.array([38.0, 40, 45]), np.array([8.0, 11, 20])
    draws = np.array(list(itertools.product(range(3), repeat=3)))

    def drift(nights: NDArray[np.float64]) -> NDArray[np.float64]:
        # sqrt(3 / 2) undoes that three nights drawn from three show too little spread
        return ((nights - nights.mean())[draws].mean(axis=1)) * np.sqrt(3 / 2)

    every = (drift(new)[:, None] - drift(old)[None, :]).ravel()
    # Welch: variances 13 and 39, so those of the means are 13 / 3 and 13
    freedom = (13 / 3 + 13) ** 2 / ((13 / 3) ** 2 / 2 + 13**2 / 2)
    assert freedom == pytest.approx(3.2)
    wider = 3.0731 / 1.95996  # Student's t at 3.2 degrees of freedom over the normal quantile
    low, high = np.quantile(every, [0.025, 0.975]) * wider
    found = change_between(old, new, ChangeRule(resamples=40_000))
    assert found.change == -28
    assert found.low == pytest.approx(-28 + low, abs=0.5)
    assert found.high == pytest.approx(-28 + high, abs=0.5)


def test_movements_of_one_night_do_not_count_as_many_nights() -> None:
    """Doubling the nights narrows the interval; nothing within a night does, only nights count."""
    few = change_between([38, 40, 45], [8, 11, 20])
    many = change_between([38, 40, 45] * 4, [8, 11, 20] * 4)
    assert many.change == few.change
    assert many.high - many.low < 0.5 * (few.high - few.low)
