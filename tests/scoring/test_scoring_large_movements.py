"""Large muscle group movements: clauses of the rule and laws."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from psgkit.core.movements import Movements
from psgkit.scoring.large_movements import (
    LargeMovementRule,
    find_large_movements,
    part_of_large,
)

RULE = LargeMovementRule()
NO_PLM = np.empty((0, 2))


def at(site: str, *spans: tuple[float, float]) -> Movements:
    return Movements.of([a for a, _ in spans], [b for _, b in spans], site)


def found(*tables: Movements, plm: np.ndarray = NO_PLM) -> list[tuple[float, float]]:
    large = find_large_movements(tables, plm, RULE)
    return list(zip(large.onset_s.tolist(), large.end_s.tolist(), strict=True))


def test_two_parts_of_the_body_at_once_are_one_large_movement() -> None:
    assert found(at("left_leg", (10, 16)), at("trunk", (12, 20))) == [(10, 20)]


def test_two_parts_one_after_the_other_are_none() -> None:
    assert found(at("left_leg", (10, 16)), at("trunk", (16.1, 20))) == []


@pytest.mark.parametrize(
    ("end_s", "wanted"), [(12.999, False), (13.0, True), (55.0, True), (55.001, False)]
)
def test_it_lasts_3_to_45_seconds_both_included(end_s: float, *, wanted: bool) -> None:
    assert bool(found(at("left_arm", (10, end_s)), at("trunk", (10, end_s)))) is wanted


@pytest.mark.parametrize(("shared_s", "wanted"), [(2.999, False), (3.0, True)])
def test_the_parts_move_together_for_three_seconds(shared_s: float, *, wanted: bool) -> None:
    assert bool(found(at("left_arm", (10, 15)), at("trunk", (15 - shared_s, 20)))) is wanted


def test_both_legs_are_one_part_of_the_body() -> None:
    assert found(at("left_leg", (10, 25)), at("right_leg", (10, 25))) == []


def test_one_site_seen_by_two_channels_is_one_site() -> None:
    assert found(at("trunk", (10, 20)), at("trunk", (10, 20))) == []


def test_a_periodic_leg_movement_is_another_type() -> None:
    tables = at("left_leg", (10, 14)), at("left_arm", (10, 14))
    assert found(*tables) == [(10, 14)]
    assert found(*tables, plm=np.array([[10.0, 14.0]])) == []


def test_both_arms_and_the_trunk_are_two_parts() -> None:
    large = find_large_movements(
        [at("left_arm", (10, 20)), at("trunk", (10, 20)), at("right_arm", (18, 24))], NO_PLM, RULE
    )
    assert large.site.tolist() == ["whole_body"]
    assert large.n_parts.tolist() == [2]
    assert large.end_s.tolist() == [24]


def test_movements_that_lie_half_within_belong_to_it() -> None:
    large = find_large_movements([at("left_arm", (10, 20)), at("trunk", (10, 20))], NO_PLM, RULE)
    arm = at("left_arm", (9, 11), (9, 10.9), (15, 16), (19, 25))
    order = {(9.0, 10.9): False, (9.0, 11.0): True, (15.0, 16.0): True, (19.0, 25.0): False}
    belongs = part_of_large(arm, large, RULE).tolist()
    spans = zip(arm.onset_s.tolist(), arm.end_s.tolist(), strict=True)
    assert dict(zip(spans, belongs, strict=True)) == order


def test_no_movement_makes_no_large_one() -> None:
    assert found() == []
    assert found(at("trunk")) == []


spans = st.lists(
    st.tuples(st.integers(0, 400), st.integers(1, 60)).map(lambda p: (p[0], p[0] + p[1])),
    max_size=8,
)


@given(spans, spans, spans)
def test_large_movements_are_disjoint_and_do_not_depend_on_the_order_of_channels(
    arm: list[tuple[int, int]], leg: list[tuple[int, int]], back: list[tuple[int, int]]
) -> None:
    tables = [at("left_arm", *arm), at("left_leg", *leg), at("trunk", *back)]
    one = found(*tables)
    assert one == found(*reversed(tables))
    assert all(first[1] < second[0] for first, second in pairwise(one))


@given(spans, spans)
def test_every_second_of_it_is_a_second_of_some_channel(
    arm: list[tuple[int, int]], back: list[tuple[int, int]]
) -> None:
    seconds = {s for a, b in (*arm, *back) for s in range(a, b)}
    for onset, end in found(at("left_arm", *arm), at("trunk", *back)):
        assert set(range(int(onset), int(end))) <= seconds
