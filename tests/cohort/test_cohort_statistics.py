"""Effect sizes, rank tests and reliability: worked examples, laws, reasons where there is none."""

import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from psgkit.cohort.summary.effect_sizes import (
    EffectRule,
    cliffs_delta,
    effects_between,
    hedges_g,
    small_sample_factor,
)
from psgkit.cohort.summary.statistics import holm, icc_one_way, kruskal_wallis, mann_whitney

values = st.lists(st.integers(-50, 50).map(float), min_size=2, max_size=25).map(np.array)


# effect sizes


def test_hedges_g_by_hand() -> None:
    """Means 5 and 3, variances 4 and 1, 3 and 3 subjects: d = 2 / sqrt(2.5), J of 4 degrees."""
    first, second = np.array([3.0, 5.0, 7.0]), np.array([2.0, 3.0, 4.0])
    factor = math.gamma(2) / (math.sqrt(2) * math.gamma(1.5))
    assert hedges_g(first, second) == pytest.approx(factor * 2 / math.sqrt(2.5))
    assert factor == pytest.approx(0.7979, abs=1e-4)


@pytest.mark.parametrize("freedom", [2, 5, 10, 50, 500])
def test_the_correction_for_small_groups_is_near_its_well_known_approximation(freedom: int) -> None:
    assert small_sample_factor(freedom) == pytest.approx(1 - 3 / (4 * freedom - 1), abs=0.01)


def test_cliffs_delta_by_hand() -> None:
    """Of 9 pairs the first is higher in 6, equal in 1 and lower in 2."""
    found = cliffs_delta(np.array([3.0, 5.0, 1.0]), np.array([0.0, 3.0, 2.0]))
    assert found == pytest.approx((6 - 2) / 9)


@given(values, values)
def test_effects_change_their_sign_when_groups_change_places(
    first: np.ndarray, second: np.ndarray
) -> None:
    assert cliffs_delta(first, second) == pytest.approx(-cliffs_delta(second, first))
    np.testing.assert_allclose(hedges_g(first, second), -hedges_g(second, first), atol=1e-12)


@given(values, values)
def test_cliffs_delta_is_what_counting_every_pair_gives(
    first: np.ndarray, second: np.ndarray
) -> None:
    counted = np.sign(first[:, None] - second[None, :]).mean()
    assert cliffs_delta(first, second) == pytest.approx(counted)
    assert -1 <= counted <= 1


@given(values, values)
def test_cliffs_delta_knows_order_only(first: np.ndarray, second: np.ndarray) -> None:
    bent = [np.sign(x) * np.abs(x) ** 3 + 2 * x for x in (first, second)]
    assert cliffs_delta(*bent) == cliffs_delta(first, second)


@given(values, values, st.floats(0.1, 50), st.floats(-1000, 1000))
def test_hedges_g_does_not_know_the_unit(
    first: np.ndarray, second: np.ndarray, scale: float, shift: float
) -> None:
    moved = hedges_g(scale * first + shift, scale * second + shift)
    np.testing.assert_allclose(moved, hedges_g(first, second), atol=1e-6)


@given(values, values)
def test_cliffs_delta_is_the_u_of_mann_and_whitney(first: np.ndarray, second: np.ndarray) -> None:
    u = scipy.stats.mannwhitneyu(first, second, method="asymptotic").statistic
    assert cliffs_delta(first, second) == pytest.approx(2 * u / (len(first) * len(second)) - 1)


def test_intervals_come_from_whole_groups_drawn_again() -> None:
    """The slow way, a resample at a time, gives the same spread."""
    random = np.random.default_rng(4)
    first, second = random.gamma(2, 3, 30), random.gamma(2, 2, 20)
    found = effects_between(first, second, EffectRule(resamples=4000))
    g, delta = [], []
    for _ in range(4000):
        a, b = random.choice(first, len(first)), random.choice(second, len(second))
        g.append(hedges_g(a, b))
        delta.append(cliffs_delta(a, b))
    for effect, drawn in ((found.hedges_g, g), (found.cliffs_delta, delta)):
        low, high = np.quantile(drawn, [0.025, 0.975])
        assert (effect.low, effect.high) == pytest.approx((low, high), abs=0.05)
        assert effect.low < effect.value < effect.high


def test_intervals_are_the_same_every_time_and_in_however_many_pieces() -> None:
    random = np.random.default_rng(5)
    first, second = random.normal(0, 1, 40), random.normal(0.5, 1, 30)
    found = effects_between(first, second)
    assert found == effects_between(first, second)
    # each piece draws the first group, then the second: other pieces are other draws, as good
    pieces = effects_between(first, second, EffectRule(cells_at_once=1000))
    assert pieces.hedges_g.low == pytest.approx(found.hedges_g.low, abs=0.06)


def test_large_groups_are_drawn_less_often_but_often_enough() -> None:
    rule = EffectRule()
    assert rule.resamples_of(200) == 2000
    assert rule.resamples_of(8000) == 1000
    assert rule.resamples_of(10**6) == 400


@pytest.mark.parametrize(
    ("first", "second", "g_reason", "interval_reason"),
    [
        ([1.0], [2.0, 3.0], "a spread needs 2 subjects", "an interval needs 5 subjects"),
        ([], [2.0, 3.0], "a spread needs 2 subjects", "a pair needs a subject in each group"),
        ([2.0, 2.0], [2.0, 2.0], "no spread within", "an interval needs 5 subjects"),
        ([2.0] * 6, [2.0] * 6, "no spread within", "all values are alike"),
        ([2.0] * 6, [3.0] * 6, "no spread within", "the groups do not overlap"),
    ],
)
def test_what_cannot_be_computed_has_a_reason(
    first: list[float], second: list[float], g_reason: str, interval_reason: str
) -> None:
    found = effects_between(first, second)
    assert found.hedges_g.value is None
    assert found.hedges_g.reason.startswith(g_reason)
    assert found.cliffs_delta.low is None
    assert found.cliffs_delta.interval_reason.startswith(interval_reason)
    for effect in (found.hedges_g, found.cliffs_delta):
        assert (effect.value is None) == (effect.reason is not None)
        assert (effect.low is None) == (effect.interval_reason is not None)


@given(values, values)
def test_an_effect_has_a_value_or_a_reason(first: np.ndarray, second: np.ndarray) -> None:
    found = effects_between(first, second, EffectRule(resamples=20, fewest_resamples=20))
    for effect in (found.hedges_g, found.cliffs_delta):
        assert (effect.value is None) == (effect.reason is not None)
        assert (effect.low is None) == (effect.interval_reason is not None)


@pytest.mark.parametrize(
    "change", [{"min_subjects": 1}, {"coverage": 1.0}, {"resamples": 10, "fewest_resamples": 20}]
)
def test_a_rule_that_makes_no_sense_is_refused(change: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"wanted|below"):
        EffectRule(**change)


# rank tests


def test_holm_by_hand() -> None:
    """Holm's own steps: 4 x 0.005, 3 x 0.01, 2 x 0.03, 0.04 raised to the one before."""
    assert holm([0.01, 0.04, 0.03, 0.005]).tolist() == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([]).tolist() == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_holm_never_lowers_a_p_value_and_keeps_their_order(p: list[float]) -> None:
    raw, corrected = np.array(p), holm(p)
    assert (corrected >= raw - 1e-12).all()
    assert (corrected <= np.minimum(1, raw * len(p)) + 1e-12).all()
    assert (np.diff(corrected[np.argsort(raw, kind="stable")]) >= 0).all()


def test_rank_tests_of_too_little_have_a_reason() -> None:
    assert mann_whitney([1.0, 2.0], [3.0, 4.0, 5.0]).reason.endswith("there are 2 and 3")
    assert mann_whitney([1.0] * 4, [1.0] * 3).reason == "all values are alike"
    assert kruskal_wallis([[1.0] * 3, [1.0] * 3]).reason == "all values are alike"
    assert kruskal_wallis([]).reason.endswith("there is none")


def test_small_groups_are_left_out_of_the_test_of_all() -> None:
    large = [[1.0, 2.0, 3.0, 9.0], [4.0, 5.0, 6.0, 7.0], [2.0, 8.0, 9.5]]
    found = kruskal_wallis([*large, [100.0]])
    assert found.groups_n == 3
    assert found.p == pytest.approx(scipy.stats.kruskal(*large).pvalue)


# reliability


def test_icc_of_the_example_of_shrout_and_fleiss() -> None:
    """Shrout and Fleiss 1979, tables 2 to 4: MSB 11.24, MSW 6.26, ICC(1,1) 0.17."""
    ratings = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    found = icc_one_way(np.ravel(ratings), np.repeat(np.arange(6), 4))
    assert found.icc == pytest.approx(0.1657, abs=1e-4)
    assert found.within_sd**2 == pytest.approx(6.264, abs=1e-3)
    # their formulas for the interval of case 1, F(5, 18) and F(18, 5)
    assert (found.low, found.high) == pytest.approx((-0.133, 0.723), abs=1e-3)
    assert (found.subjects_n, found.nights_n) == (6, 24)


@given(st.lists(st.tuples(st.integers(0, 4), st.floats(-50, 50)), max_size=40))
def test_icc_lies_between_its_bounds_and_has_a_value_or_a_reason(
    nights: list[tuple[int, float]],
) -> None:
    found = icc_one_way([value for _, value in nights], [whose for whose, _ in nights])
    assert (found.icc is None) == (found.reason is not None)
    if found.icc is not None:
        assert -1 <= found.icc <= 1 + 1e-9
        assert found.low - 1e-9 <= found.icc <= found.high + 1e-9


def test_icc_leaves_out_single_nights_and_missing_values() -> None:
    several = icc_one_way([1.0, 2.0, 5.0, 5.5, 9.0, 8.0], list("aabbcc"))
    with_more = icc_one_way(
        [1.0, 2.0, 5.0, 5.5, 9.0, 8.0, 100.0, np.nan, np.nan, 3.0], list("aabbccdaee")
    )
    assert with_more == several


def test_icc_finds_the_share_of_variance_it_was_made_with() -> None:
    random = np.random.default_rng(6)
    subject = np.repeat(np.arange(800), 3)
    values = random.normal(0, 2, 800)[subject] + random.normal(0, 1, 2400)
    found = icc_one_way(values, subject)
    assert found.icc == pytest.approx(4 / 5, abs=0.03)
    assert found.within_sd == pytest.approx(1.0, abs=0.05)


def test_icc_without_repeated_nights_says_what_it_needs() -> None:
    found = icc_one_way([1.0, 2.0, 3.0], ["a", "b", "c"])
    assert found.reason == "needs 3 subjects with several nights, there are 0"
    alike = icc_one_way([2.0] * 6, list("aabbcc"))
    assert alike.reason == "all values are alike"
