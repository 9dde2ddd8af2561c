"""Likelihood ratios: against drawn posteriors, their laws, and what is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from psgkit.profile.evidence.of_night import likelihood_ratio

GROUP = st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@pytest.mark.parametrize(
    ("of", "over"),
    [((11, 11), (5, 9)), ((87, 100), (10, 50)), ((3, 22), (7, 91)), ((3, 4), (1, 4))],
)
def test_it_is_the_middle_of_drawn_ratios(of: tuple[int, int], over: tuple[int, int]) -> None:
    rng = np.random.default_rng(1)
    drawn = [rng.beta(x + 0.5, n - x + 0.5, 400_000) for x, n in (of, over)]
    wanted = np.quantile(drawn[0] / drawn[1], [0.025, 0.5, 0.975])
    found = likelihood_ratio(of, over)
    assert [found.low, found.ratio, found.high] == pytest.approx(wanted, rel=0.02)


@given(GROUP, GROUP)
def test_exchanging_the_groups_inverts_it(of: tuple[int, int], over: tuple[int, int]) -> None:
    there, back = likelihood_ratio(of, over), likelihood_ratio(over, of)
    assert there.low < there.ratio < there.high
    assert np.log(there.ratio) == pytest.approx(-np.log(back.ratio), abs=0.02)


@given(GROUP, GROUP)
def test_absence_is_the_presence_of_the_others(of: tuple[int, int], over: tuple[int, int]) -> None:
    absent = likelihood_ratio(of, over, present=False)
    others = likelihood_ratio((of[1] - of[0], of[1]), (over[1] - over[0], over[1]))
    assert absent == others


@given(GROUP)
def test_a_group_against_itself_says_nothing(group: tuple[int, int]) -> None:
    found = likelihood_ratio(group, group)
    assert found.ratio == pytest.approx(1.0, abs=0.02)
    assert found.low < 1.0 < found.high


def test_more_people_are_surer() -> None:
    few, many = likelihood_ratio((4, 5), (2, 5)), likelihood_ratio((80, 100), (40, 100))
    assert many.high / many.low < few.high / few.low


@pytest.mark.parametrize("group", [(0, 0), (3, 2), (-1, 4)])
def test_groups_that_cannot_be_are_refused(group: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="someone"):
        likelihood_ratio(group, (1, 2))
