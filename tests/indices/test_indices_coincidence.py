"""Arm movements beside leg movements, and movements of all limbs counted once: by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from psgkit.core.hypnogram import Hypnogram
from psgkit.core.movements import Movements
from psgkit.core.night_report import Lights
from psgkit.indices.movement import GroupNight
from psgkit.indices.whole_body import coincidence_indices, coincident, limb_movement_indices
from psgkit.scoring.rules import WASM_2016
from psgkit.scoring.score import score_movements
from psgkit.sleep.time_in_stages import NightTime

HALF_AND_HALF = Hypnogram.of(["W"] * 60 + ["N2"] * 60)  # wake to 1800 s, sleep to 3600 s
LIGHTS = Lights(off_s=0.0, on_s=3600.0, off_source="", on_source="")
Rows = list[tuple[float, float]]


def group(
    site: str,
    rows: Rows,
    *,
    hypnogram: Hypnogram | None = HALF_AND_HALF,
    observed: Rows | None = None,
    reason: str = "",
) -> GroupNight:
    movements = Movements.of([row[0] for row in rows], [row[1] for row in rows], site)
    return GroupNight(
        scored=score_movements(movements, hypnogram),
        time=NightTime(
            hypnogram=hypnogram,
            lights=LIGHTS,
            observed=np.array(observed or [(0.0, 3600.0)]),
        ),
        rules=WASM_2016,
        reason=reason,
    )


def shares(arms: GroupNight, legs: GroupNight) -> tuple[float | None, float | None]:
    found = coincidence_indices(arms, legs)
    return (
        found["arm_leg_coincidence_wake"].value,
        found["arm_leg_coincidence_sleep"].value,
    )


def test_shares_in_wake_and_sleep_apart() -> None:
    arms = group("left_arm", [(100, 102), (200, 202), (300, 302), (400, 402), (2000, 2002)])
    legs = group("right_leg", [(101, 103), (202.4, 204), (2001.9, 2003)])
    assert shares(arms, legs) == (0.5, 1.0)
    index = coincidence_indices(arms, legs)["arm_leg_coincidence_wake"]
    assert (index.numerator, index.unit) == (2.0, "1")


@pytest.mark.parametrize(
    ("leg", "meets"),
    [
        ((90.0, 99.49), False),
        ((90.0, 99.5), False),
        ((90.0, 99.51), True),
        ((90.0, 120.0), True),
        ((100.5, 101.0), True),
        ((102.49, 103.5), True),
        ((102.5, 103.5), False),
    ],
)
def test_half_a_second_to_either_side_is_excluded(leg: tuple[float, float], *, meets: bool) -> None:
    arms = group("left_arm", [(100.0, 102.0)])
    assert shares(arms, group("left_leg", [leg]))[0] == float(meets)


def test_a_leg_movement_that_is_no_candidate_counts_and_such_an_arm_movement_does_not() -> None:
    arms = group("left_arm", [(100, 102), (200, 230)])
    legs = group("left_leg", [(80, 110), (210, 211)])
    assert shares(arms, legs)[0] == 1.0


def test_both_arms_at_once_are_one_movement() -> None:
    rows = Movements.of([100.0, 100.2], [102.0, 103.0], ["left_arm", "right_arm"])
    both = group("left_arm", [])
    both = GroupNight(scored=score_movements(rows, HALF_AND_HALF), time=both.time, rules=WASM_2016)
    index = coincidence_indices(both, group("left_leg", [(101, 102)]))["arm_leg_coincidence_wake"]
    assert (index.value, index.numerator) == (1.0, 1.0)


def test_arm_movements_while_no_leg_was_seen_are_left_out() -> None:
    arms = group("left_arm", [(100, 102), (900, 902)])
    legs = group("left_leg", [(101, 103)], observed=[(0.0, 600.0)])
    assert shares(arms, legs)[0] == 1.0


def test_no_arms_no_legs_and_no_stages_are_reasons() -> None:
    some = [(100.0, 102.0)]
    gone = group("left_arm", [], reason="no arm EMG channel in the recording")
    found = coincidence_indices(gone, group("left_leg", some))
    assert {index.reason for index in found.values()} == {"no arm EMG channel in the recording"}
    found = coincidence_indices(group("left_arm", some), group("left_leg", some, reason="none"))
    assert {index.reason for index in found.values()} == {"none"}
    unstaged = group("left_arm", some, hypnogram=None)
    found = coincidence_indices(unstaged, group("left_leg", some, hypnogram=None))
    assert all("no hypnogram" in str(index.reason) for index in found.values())
    found = coincidence_indices(group("left_arm", some), group("left_leg", []))
    assert found["arm_leg_coincidence_wake"].value == 0.0
    assert "no candidate arm" in str(found["arm_leg_coincidence_sleep"].reason)


# every limb, once


def test_coincident_movements_of_all_limbs_count_once() -> None:
    groups = [
        group("left_leg", [(100, 102), (500, 501), (2000, 2001)]),
        group("left_arm", [(101, 104), (2001.4, 2002), (2500, 2501)]),
        group("trunk", [(104.4, 105), (1000, 1001)]),
    ]
    found = limb_movement_indices(groups)
    wake, sleep = found["limb_movement_index_wake"], found["limb_movement_index_sleep"]
    assert (wake.value, wake.numerator, wake.denominator_h) == (6.0, 3.0, 0.5)
    assert (sleep.value, sleep.numerator, sleep.denominator_h) == (4.0, 2.0, 0.5)


def test_a_chain_counts_by_the_stage_of_its_first_movement() -> None:
    groups = [group("left_leg", [(1799.0, 1801.0)]), group("left_arm", [(1800.5, 1802.0)])]
    found = limb_movement_indices(groups)
    assert found["limb_movement_index_wake"].numerator == 1.0
    assert found["limb_movement_index_sleep"].numerator == 0.0


def test_hours_are_those_in_which_any_group_was_seen() -> None:
    groups = [
        group("left_leg", [], observed=[(0.0, 600.0)]),
        group("left_arm", [], observed=[(300.0, 900.0)]),
        group("trunk", [], reason="none"),
    ]
    found = limb_movement_indices(groups)
    assert found["limb_movement_index_wake"].denominator_h == 0.25
    assert found["limb_movement_index_sleep"].value is None


def test_without_any_group_there_is_a_reason() -> None:
    found = limb_movement_indices([group("left_leg", [], reason="no leg EMG channel")])
    assert {index.reason for index in found.values()} == {"no leg EMG channel"}
    assert all(index.value is None for index in limb_movement_indices([]).values())


SPANS = st.lists(
    st.tuples(st.integers(0, 400), st.integers(5, 60)).map(lambda row: (row[0], row[0] + row[1])),
    max_size=12,
)


@given(SPANS, SPANS)
def test_coincidence_is_what_comparing_every_pair_finds(arms: Rows, legs: Rows) -> None:
    """Times are tenths of a second, so that gaps of exactly half a second occur."""
    table = Movements.of([a / 10 for a, _ in arms], [b / 10 for _, b in arms], "left_arm")
    wanted = [
        any(c - b < 5 and a - d < 5 for c, d in legs) for a, b in sorted(arms, key=lambda r: r[0])
    ]
    others = np.array([(c / 10, d / 10) for c, d in legs]).reshape(-1, 2)
    assert coincident(table, others, 0.5).tolist() == wanted


@given(SPANS, SPANS)
def test_one_group_more_never_adds_more_than_its_own_movements(legs: Rows, arms: Rows) -> None:
    alone = group("left_leg", legs)
    both = limb_movement_indices([alone, group("left_arm", arms)])["limb_movement_index_wake"]
    one = limb_movement_indices([alone])["limb_movement_index_wake"]
    assert both.numerator is not None
    assert one.numerator is not None
    assert both.numerator <= one.numerator + len(arms)
