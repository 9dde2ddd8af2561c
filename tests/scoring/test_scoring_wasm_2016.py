"""WASM 2016, clause by clause.

The number in a name is the section of the rule sheet that states the clause; ``order`` stands for
the order of work that two independent implementations share.
"""

import math

import numpy as np
import pytest

from psgkit.core.events import Events
from psgkit.core.hypnogram import Hypnogram
from psgkit.core.movements import Movements, ScoredMovements
from psgkit.scoring.score import score_movements

TICK_S = 1 / 64
"""Times of a whole number of ticks are exact, so that a boundary is a boundary."""

Rows = list[tuple[float, float]]
RHYTHM: Rows = [(t, t + 1.0) for t in (100.0, 120.0, 140.0, 160.0)]
"""Four candidates 20 s apart: the shortest series."""


def legs(left: Rows, right: Rows | None = None) -> Movements:
    """Return movements of the left and the right leg from (onset, end)."""
    rows = [*((*row, "left_leg") for row in left), *((*row, "right_leg") for row in right or [])]
    return Movements.of([r[0] for r in rows], [r[1] for r in rows], [r[2] for r in rows])


def scored(left: Rows, right: Rows | None = None) -> ScoredMovements:
    return score_movements(legs(left, right))


def at(onsets: list[float], duration_s: float = 1.0) -> Rows:
    return [(t, t + duration_s) for t in onsets]


def events(*rows: tuple[float, float, str]) -> Events:
    return Events.of(
        [r[0] for r in rows], [r[1] for r in rows], [r[2] for r in rows], [""] * len(rows)
    )


def series_sizes(found: ScoredMovements) -> list[int]:
    return [int((found.series == n).sum()) for n in range(1, found.series.max(initial=0) + 1)]


# 1.4 a limb movement of one leg


def test_wasm_2016_1_4_a_movement_of_exactly_half_a_second_is_kept() -> None:
    found = scored([(10.0, 10.5)])
    assert found.candidate.tolist() == [True]


def test_wasm_2016_1_4_a_shorter_movement_is_dropped() -> None:
    assert len(scored([(10.0, 10.5 - TICK_S)])) == 0


def test_wasm_2016_1_4_a_movement_of_exactly_10_s_is_a_candidate() -> None:
    assert scored([(10.0, 20.0)]).candidate.tolist() == [True]


def test_wasm_2016_1_4_a_longer_movement_stays_as_no_candidate() -> None:
    assert scored([(10.0, 20.0 + TICK_S)]).candidate.tolist() == [False]
    assert scored([(10.0, 400.0)]).movements.duration_s.tolist() == [390.0]


def test_wasm_2016_1_4_a_too_short_movement_breaks_no_series() -> None:
    assert series_sizes(scored([*RHYTHM, (130.0, 130.4)])) == [4]


# 1.5 movements of both legs


def both(*left: tuple[float, float], right: Rows) -> tuple[list[str], list[int], list[bool]]:
    """Return sites, parts and candidates."""
    found = scored(list(left), right)
    return (
        found.movements.site.tolist(),
        found.movements.n_parts.tolist(),
        found.candidate.tolist(),
    )


def test_wasm_2016_1_5_overlapping_movements_of_both_legs_are_one() -> None:
    found = scored([(10.0, 13.0)], [(12.0, 15.0)])
    assert found.movements.intervals().tolist() == [[10.0, 15.0]]
    assert found.movements.site.tolist() == ["both_legs"]
    assert found.movements.n_parts.tolist() == [2]
    assert found.candidate.tolist() == [True]


def test_wasm_2016_1_5_a_movement_within_one_of_the_other_leg_ends_with_the_longer() -> None:
    found = scored([(10.0, 16.0)], [(12.0, 13.0)])
    assert found.movements.intervals().tolist() == [[10.0, 16.0]]


def test_wasm_2016_1_5_movements_that_touch_are_one() -> None:
    assert both((10.0, 13.0), right=[(13.0, 15.0)]) == (["both_legs"], [2], [True])


def test_wasm_2016_1_5_a_gap_below_half_a_second_connects_the_legs() -> None:
    assert both((10.0, 13.0), right=[(13.5 - TICK_S, 15.0)]) == (["both_legs"], [2], [True])


def test_wasm_2016_1_5_a_gap_of_exactly_half_a_second_does_not_connect_the_legs() -> None:
    sites, parts, _ = both((10.0, 13.0), right=[(13.5, 15.0)])
    assert (sites, parts) == (["left_leg", "right_leg"], [1, 1])


def test_wasm_2016_1_5_a_chain_is_one_movement_from_first_onset_to_last_end() -> None:
    found = scored([(10.0, 12.0), (13.0, 15.0)], [(12.25, 12.9)])
    assert found.movements.intervals().tolist() == [[10.0, 15.0]]
    assert found.movements.n_parts.tolist() == [3]


def test_wasm_2016_1_5_four_parts_are_a_candidate() -> None:
    found = both((10.0, 11.0), (12.0, 13.0), right=[(11.0, 12.0), (13.0, 14.0)])
    assert found == (["both_legs"], [4], [True])


def test_wasm_2016_1_5_five_parts_are_no_candidate() -> None:
    found = both((10.0, 11.0), (12.0, 13.0), (14.0, 15.0), right=[(11.0, 12.0), (13.0, 14.0)])
    assert found == (["both_legs"], [5], [False])


def test_wasm_2016_1_5_both_legs_for_exactly_15_s_are_a_candidate() -> None:
    assert both((10.0, 18.0), right=[(17.0, 25.0)])[2] == [True]


def test_wasm_2016_1_5_both_legs_for_longer_are_no_candidate() -> None:
    assert both((10.0, 18.0), right=[(17.0, 25.0 + TICK_S)])[2] == [False]


def test_wasm_2016_1_5_one_part_that_is_no_candidate_spoils_the_whole() -> None:
    assert both((10.0, 20.0 + TICK_S), right=[(12.0, 14.0)]) == (["both_legs"], [2], [False])


def test_wasm_2016_1_5_a_group_that_fails_stays_and_breaks_the_series() -> None:
    left = at([0.0, 20.0, 40.0, 60.0, 100.0, 120.0, 140.0, 160.0])
    assert series_sizes(scored(left)) == [8]
    too_long = scored([*left, (80.0, 88.0)], [(87.0, 96.0)])
    assert len(too_long) == 9
    assert series_sizes(too_long) == [4, 4]


def test_wasm_2016_1_5_a_movement_given_for_both_legs_may_last_15_s() -> None:
    given = Movements.of([10.0, 60.0], [25.0, 75.0 + TICK_S], "both_legs")
    assert score_movements(given).candidate.tolist() == [True, False]


# 1.6 series


def test_wasm_2016_1_6_four_candidates_are_a_series() -> None:
    found = scored(RHYTHM)
    assert found.series.tolist() == [1, 1, 1, 1]
    assert found.plm.tolist() == [True] * 4


def test_wasm_2016_1_6_three_candidates_are_none() -> None:
    assert not scored(RHYTHM[:3]).plm.any()


def test_wasm_2016_1_6_the_interval_runs_from_onset_to_onset() -> None:
    found = scored([(100.0, 101.0), (120.0, 129.0), (140.0, 141.0)], [(128.0, 130.0)])
    assert found.imi_s.tolist()[1:] == [20.0, 20.0]


@pytest.mark.parametrize("apart_s", [10.0, 90.0])
def test_wasm_2016_1_6_an_interval_of_exactly_a_limit_joins(apart_s: float) -> None:
    assert series_sizes(scored(at([apart_s * n for n in range(4)]))) == [4]


@pytest.mark.parametrize("apart_s", [10.0 - TICK_S, 90.0 + TICK_S])
def test_wasm_2016_1_6_an_interval_beyond_a_limit_does_not_join(apart_s: float) -> None:
    assert series_sizes(scored(at([apart_s * n for n in range(9)]))) == []


def test_wasm_2016_1_6_a_long_interval_ends_the_series_and_its_movement_opens_the_next() -> None:
    onsets = [0.0, 20.0, 40.0, 60.0, 151.0, 171.0, 191.0, 211.0]
    assert scored(at(onsets)).series.tolist() == [1] * 4 + [2] * 4


def test_wasm_2016_1_6_a_short_interval_ends_the_series_and_its_movement_opens_the_next() -> None:
    onsets = [0.0, 20.0, 40.0, 60.0, 65.0, 85.0, 105.0, 125.0]
    assert scored(at(onsets)).series.tolist() == [1] * 4 + [2] * 4


def test_wasm_2016_1_6_a_short_interval_is_not_bridged() -> None:
    found = scored(at([0.0, 20.0, 40.0, 45.0, 60.0]))
    assert found.imi_s.tolist()[1:] == [20.0, 20.0, 5.0, 15.0]
    assert series_sizes(found) == []


def test_wasm_2016_1_6_a_movement_that_is_no_candidate_ends_the_series() -> None:
    long = (65.0, 76.0)
    found = scored([*at([0.0, 20.0, 40.0, 85.0, 105.0, 125.0, 145.0]), long])
    assert found.series.tolist() == [0, 0, 0, 0, 1, 1, 1, 1]


def test_wasm_2016_1_6_no_interval_is_measured_across_a_movement_that_is_no_candidate() -> None:
    found = scored([*at([0.0, 20.0, 60.0, 80.0]), (30.0, 41.0)])
    assert [None if math.isnan(imi) else imi for imi in found.imi_s] == [
        None,
        20.0,
        None,
        None,
        20.0,
    ]


def test_wasm_2016_1_6_a_series_may_end_with_the_last_movement_of_the_night() -> None:
    assert scored(at([0.0, 500.0, 520.0, 540.0, 560.0])).series.tolist() == [0, 1, 1, 1, 1]


def test_wasm_2016_1_6_movements_of_either_leg_and_of_both_make_one_series() -> None:
    found = scored(at([0.0, 40.0, 60.0]), at([20.0, 60.0]))
    assert found.movements.site.tolist() == ["left_leg", "right_leg", "left_leg", "both_legs"]
    assert series_sizes(found) == [4]


def test_wasm_2016_1_6_nothing_to_score_is_no_series() -> None:
    assert series_sizes(scored([])) == []


# 1.7 state, respiration, arousal


def test_wasm_2016_1_7_a_series_runs_across_sleep_and_wake() -> None:
    stages = Hypnogram.of(["N2", "W", "W", "N1", "R"])
    found = score_movements(legs(at([25.0, 45.0, 65.0, 95.0, 125.0])), stages)
    assert found.series.tolist() == [1] * 5
    assert found.stage.tolist() == ["N2", "W", "W", "N1", "R"]


def test_wasm_2016_1_7_a_movement_has_the_stage_of_its_onset() -> None:
    stages = Hypnogram.of(["W", "N2"])
    found = score_movements(legs([(29.0, 33.0), (40.0, 41.0)]), stages)
    assert found.stage.tolist() == ["W", "N2"]
    assert score_movements(legs([(30.0, 31.0)]), stages).stage.tolist() == ["N2"]


def test_wasm_2016_1_7_a_movement_of_both_legs_has_the_stage_of_the_earlier_leg() -> None:
    stages = Hypnogram.of(["W", "N2"])
    found = score_movements(legs([(31.0, 32.0)], [(29.0, 31.5)]), stages)
    assert found.stage.tolist() == ["W"]


def test_wasm_2016_1_7_time_without_a_stage_is_unscored_not_wake() -> None:
    found = score_movements(legs(at([10.0, 70.0])), Hypnogram.of(["UNSCORED", "N2"]))
    assert found.stage.tolist() == ["UNSCORED", "UNSCORED"]
    assert score_movements(legs(RHYTHM)).stage.tolist() == ["UNSCORED"] * 4


APNEA_END_S = 500.0


def tied_to_an_apnea(onset_s: float, end_s: float) -> bool:
    apnea = events((APNEA_END_S - 20.0, APNEA_END_S, "apnea"))
    return bool(score_movements(legs([(onset_s, end_s)]), None, apnea).respiratory[0])


@pytest.mark.parametrize(
    ("onset_s", "end_s", "tied"),
    [
        (APNEA_END_S - 5, APNEA_END_S - 2, True),
        (APNEA_END_S - 5, APNEA_END_S - 2 - TICK_S, False),
        (APNEA_END_S + 10.25, APNEA_END_S + 12, True),
        (APNEA_END_S + 10.25 + TICK_S, APNEA_END_S + 12, False),
        (APNEA_END_S - 9, APNEA_END_S - 1, True),
        (APNEA_END_S + 3, APNEA_END_S + 4, True),
        (APNEA_END_S - 3, APNEA_END_S + 12, True),
        (APNEA_END_S - 18, APNEA_END_S - 10, False),
    ],
)
def test_wasm_2016_1_7_the_respiratory_window_is_around_the_end_and_has_both_its_ends(
    onset_s: float, end_s: float, *, tied: bool
) -> None:
    assert tied_to_an_apnea(onset_s, end_s) is tied


@pytest.mark.parametrize("kind", ["apnea", "hypopnea", "rera"])
def test_wasm_2016_1_7_every_kind_of_respiratory_event_counts(kind: str) -> None:
    found = score_movements(legs([(500.0, 501.0)]), None, events((480.0, 499.0, kind)))
    assert found.respiratory.tolist() == [True]


def test_wasm_2016_1_7_an_arousal_or_an_unknown_event_is_not_respiratory() -> None:
    others = events((480.0, 499.0, "arousal"), (480.0, 499.0, "snore"))
    assert score_movements(legs([(500.0, 501.0)]), None, others).respiratory.tolist() == [False]


def test_wasm_2016_1_7_series_are_first_linked_without_any_respiratory_exclusion() -> None:
    found = score_movements(legs(RHYTHM), None, events((120.0, 139.0, "apnea")))
    assert found.respiratory.tolist() == [False, False, True, False]
    assert found.plm.tolist() == [True] * 4
    assert found.candidate.tolist() == [True] * 4


def test_wasm_2016_1_7_series_are_rebuilt_after_respiratory_candidates_are_removed() -> None:
    found = score_movements(
        legs(at([100.0, 120.0, 140.0, 160.0, 180.0])), None, events((120.0, 139.0, "apnea"))
    )
    assert found.series_nr.tolist() == [1, 1, 0, 1, 1]
    assert np.isnan(found.imi_nr_s[2])
    assert found.imi_nr_s[3] == 40.0
    assert found.imi_s[3] == 20.0


def test_wasm_2016_1_7_removing_is_not_subtracting() -> None:
    found = score_movements(legs(RHYTHM), None, events((120.0, 139.0, "apnea")))
    assert found.plm.sum() == 4
    assert found.plmnr.sum() == 0


def test_wasm_2016_1_7_removing_a_respiratory_candidate_may_close_a_short_interval() -> None:
    onsets = [100.0, 120.0, 140.0, 145.0, 160.0]
    apnea = events((125.0, 134.5, "apnea"))
    found = score_movements(legs(at(onsets)), None, apnea)
    assert found.respiratory.tolist() == [False, False, True, False, False]
    assert not found.plm.any()
    assert found.series_nr.tolist() == [1, 1, 0, 1, 1]


def test_wasm_2016_1_7_a_respiratory_movement_that_is_no_candidate_still_breaks() -> None:
    left = [*at([100.0, 120.0, 160.0, 180.0]), (130.0, 141.0)]
    found = score_movements(legs(left), None, events((120.0, 139.0, "apnea")))
    assert found.respiratory.tolist() == [False, False, True, False, False]
    assert not found.plmnr.any()
    assert found.left_out_nr.tolist() == [False] * 5


def test_wasm_2016_1_7_a_movement_of_both_legs_is_respiratory_if_any_part_is() -> None:
    apnea = events((480.0, 500.0, "apnea"))
    found = score_movements(legs([(495.0, 497.0)], [(497.0, 498.5)]), None, apnea)
    assert found.respiratory.tolist() == [True]


@pytest.mark.parametrize(
    ("arousal", "tied"),
    [
        ((100.0, 105.0), True),
        ((95.0, 99.5), False),
        ((95.0, 99.5 + TICK_S), True),
        ((102.5, 106.0), False),
        ((102.5 - TICK_S, 106.0), True),
        ((90.0, 120.0), True),
        ((100.5, 101.5), True),
        ((101.0, 101.0), True),
    ],
)
def test_wasm_2016_1_7_an_arousal_is_tied_below_half_a_second_in_either_order(
    arousal: tuple[float, float], *, tied: bool
) -> None:
    found = score_movements(legs([(100.0, 102.0)]), None, events((*arousal, "arousal")))
    assert found.arousal.tolist() == [tied]


def test_wasm_2016_1_7_each_movement_finds_its_own_among_nested_arousals() -> None:
    """A long arousal must not hide behind a short one that begins later."""
    nested = events((100.0, 150.0, "arousal"), (101.0, 102.0, "arousal"))
    found = score_movements(legs(at([98.0, 120.0, 140.0, 151.0])), None, nested)
    assert found.arousal.tolist() == [False, True, True, False]


# 12.1 the order of work


def test_wasm_2016_order_movements_of_one_leg_are_joined_before_short_ones_are_dropped() -> None:
    found = scored([(10.0, 10.3), (10.5, 10.8)])
    assert found.movements.duration_s == pytest.approx([0.8])


def test_wasm_2016_order_a_gap_below_half_a_second_joins_one_leg() -> None:
    found = scored([(10.0, 12.0), (12.5 - TICK_S, 14.0)])
    assert found.movements.intervals().tolist() == [[10.0, 14.0]]
    assert found.movements.n_parts.tolist() == [1]


def test_wasm_2016_order_a_gap_of_exactly_half_a_second_does_not_join_one_leg() -> None:
    assert len(scored([(10.0, 12.0), (12.5, 14.0)])) == 2


def test_wasm_2016_order_short_movements_are_dropped_before_legs_are_combined() -> None:
    """A twitch of 0.25 s does not bridge two movements of the other leg."""
    found = scored([(10.0, 12.0), (12.5, 14.0)], [(12.125, 12.375)])
    assert found.movements.site.tolist() == ["left_leg", "left_leg"]


def test_wasm_2016_order_the_limit_of_10_s_is_applied_after_joining() -> None:
    assert scored([(10.0, 16.0), (16.25, 22.0)]).candidate.tolist() == [False]


def test_wasm_2016_order_parts_are_judged_before_and_the_whole_after_combining() -> None:
    assert both((10.0, 18.0), right=[(17.0, 26.0)])[2] == [False]
    assert both((10.0, 20.0), right=[(15.0, 25.0)])[2] == [True]


def test_wasm_2016_order_joined_movements_of_one_leg_are_one_part() -> None:
    left = [(10.0, 11.0), (11.25, 12.0), (13.0, 14.0)]
    found = both(*left, right=[(12.0, 13.0), (14.0, 15.0)])
    assert found == (["both_legs"], [4], [True])


def test_wasm_2016_order_a_respiratory_mark_is_made_on_the_combined_movement() -> None:
    apnea = events((480.0, 500.0, "apnea"))
    left, right = (510.5, 511.0), (509.0, 510.0)
    assert score_movements(legs([left]), None, apnea).respiratory.tolist() == [False]
    together = score_movements(legs([(510.25, 511.0)], [right]), None, apnea)
    assert together.respiratory.tolist() == [True]


# what nobody could see


def test_an_unobserved_stretch_ends_a_series_and_the_interval() -> None:
    left = legs(at([0.0, 20.0, 40.0, 60.0, 80.0, 100.0, 120.0, 140.0]))
    found = score_movements(left, unobserved=np.array([[61.5, 63.0]]))
    assert found.series.tolist() == [1] * 4 + [2] * 4
    assert np.isnan(found.imi_s[4])


def test_no_series_spans_an_unobserved_stretch_however_short() -> None:
    assert score_movements(legs(RHYTHM), unobserved=np.array([[110.0, 110.25]])).plm.sum() == 0
    assert score_movements(legs(RHYTHM), unobserved=np.array([[110.0, 110.5]])).plm.sum() == 0


def test_an_unobserved_stretch_that_begins_with_a_movement_comes_after_it() -> None:
    found = score_movements(legs(RHYTHM), unobserved=np.array([[120.0, 139.0]]))
    assert np.isnan(found.imi_s).tolist() == [True, False, True, False]


# which body parts are scored together


def test_legs_arms_and_trunk_have_series_of_their_own() -> None:
    sites = ["left_leg", "right_arm", "trunk", "whole_body"]
    rows = [(t + 3 * k, site) for k, site in enumerate(sites) for t in (0.0, 20.0, 40.0, 60.0)]
    table = Movements.of([r[0] for r in rows], [r[0] + 1 for r in rows], [r[1] for r in rows])
    found = score_movements(table)
    assert sorted(series_sizes(found)) == [4] * 4
    assert all(len(set(found.series[found.movements.site == site].tolist())) == 1 for site in sites)


def test_arms_are_combined_as_legs_are_and_never_with_legs() -> None:
    table = Movements.of(
        [10.0, 11.0, 11.5], [12.0, 13.0, 14.0], ["left_arm", "right_arm", "left_leg"]
    )
    found = score_movements(table)
    assert found.movements.site.tolist() == ["both_arms", "left_leg"]


def test_a_movement_without_a_site_is_one_of_a_leg() -> None:
    table = Movements.of(
        [0.0, 20.0, 40.0, 60.0], [1.0, 21.0, 41.0, 61.0], ["left_leg", "", "right_leg", ""]
    )
    assert series_sizes(score_movements(table)) == [4]
