"""WASM 2006, AASM 3 and variants of a rule set, clause by clause."""

from dataclasses import replace

import numpy as np
import pytest

from psgkit.core.bounds import Span
from psgkit.core.events import Events
from psgkit.core.hypnogram import Hypnogram
from psgkit.core.movements import Movements, ScoredMovements
from psgkit.scoring.rules import (
    AASM_3,
    RULE_SETS,
    WASM_2006,
    WASM_2016,
    BilateralRule,
    RespiratoryRule,
    ScoringRules,
    SeriesRule,
)
from psgkit.scoring.score import score_movements

TICK_S = 1 / 64
Rows = list[tuple[float, float]]
OLDER = pytest.mark.parametrize("rules", [WASM_2006, AASM_3], ids=lambda rules: rules.name)


def at(onsets: list[float], duration_s: float = 1.0) -> Rows:
    return [(t, t + duration_s) for t in onsets]


def legs(left: Rows, right: Rows | None = None) -> Movements:
    rows = [*((*row, "left_leg") for row in left), *((*row, "right_leg") for row in right or [])]
    return Movements.of([r[0] for r in rows], [r[1] for r in rows], [r[2] for r in rows])


def scored(rules: ScoringRules, left: Rows, right: Rows | None = None) -> ScoredMovements:
    return score_movements(legs(left, right), rules=rules)


def sizes(found: ScoredMovements) -> list[int]:
    return [int((found.series == n).sum()) for n in range(1, found.series.max(initial=0) + 1)]


def one(kind: str, onset_s: float, end_s: float) -> Events:
    return Events.of([onset_s], [end_s], [kind], [""])


# what both older rule sets share


@OLDER
@pytest.mark.parametrize(("apart_s", "joins"), [(5.0, True), (90.0, True), (90.0 + TICK_S, False)])
def test_older_rules_intervals_of_5_to_90_s_join(
    rules: ScoringRules, apart_s: float, *, joins: bool
) -> None:
    assert bool(scored(rules, at([apart_s * n for n in range(4)])).plm.all()) is joins


@OLDER
def test_older_rules_a_movement_after_less_than_5_s_is_passed_over(rules: ScoringRules) -> None:
    found = scored(rules, at([0.0, 20.0, 24.0, 40.0, 60.0]))
    assert found.series.tolist() == [1, 1, 0, 1, 1]
    assert found.imi_s.tolist()[1:] == [20.0, 4.0, 20.0, 20.0]


@OLDER
def test_older_rules_a_train_of_short_intervals_is_measured_from_the_last_one_kept(
    rules: ScoringRules,
) -> None:
    found = scored(rules, at([0.0, 3.0, 6.0, 9.0, 12.0, 15.0, 18.0]))
    assert found.series.tolist() == [1, 0, 1, 0, 1, 0, 1]
    assert found.imi_s.tolist()[1:] == [3.0, 6.0, 3.0, 6.0, 3.0, 6.0]


@OLDER
def test_older_rules_a_movement_that_is_no_candidate_is_ignored(rules: ScoringRules) -> None:
    found = scored(rules, [*at([0.0, 20.0, 60.0, 80.0]), (30.0, 41.0)])
    assert found.candidate.tolist() == [True, True, False, True, True]
    assert found.series.tolist() == [1, 1, 0, 1, 1]
    assert found.imi_s[3] == 40.0


@OLDER
def test_older_rules_know_no_limit_of_parts_or_of_both_legs(rules: ScoringRules) -> None:
    chain = scored(rules, at([10.0, 12.0, 14.0]), at([11.0, 13.0]))
    assert chain.candidate.all()
    both = scored(rules, [(10.0, 20.0)], [(14.0, 24.0), (24.5, 34.0)])
    assert both.candidate.all()


@OLDER
def test_older_rules_a_leg_for_longer_than_10_s_is_no_candidate(rules: ScoringRules) -> None:
    assert scored(rules, [(10.0, 20.0), (40.0, 50.0 + TICK_S)]).candidate.tolist() == [True, False]


@OLDER
def test_older_rules_a_gap_in_the_recording_ends_a_series(rules: ScoringRules) -> None:
    found = score_movements(
        legs(at([0.0, 20.0, 40.0, 60.0, 80.0])), rules=rules, unobserved=np.array([[45.0, 50.0]])
    )
    assert sizes(found) == []
    assert np.isnan(found.imi_s[3])


# WASM 2006


def test_wasm_2006_legs_are_combined_below_half_a_second_from_end_to_onset() -> None:
    assert len(scored(WASM_2006, [(10.0, 12.0)], [(12.5 - TICK_S, 14.0)])) == 1
    assert len(scored(WASM_2006, [(10.0, 12.0)], [(12.5, 14.0)])) == 2


@pytest.mark.parametrize(
    ("onset_s", "end_s", "tied"),
    [
        (498.0, 499.5, True),
        (498.0, 499.5 - TICK_S, False),
        (500.5, 501.5, True),
        (500.5 + TICK_S, 502.0, False),
    ],
)
def test_wasm_2006_respiratory_movements_lie_half_a_second_around_the_end(
    onset_s: float, end_s: float, *, tied: bool
) -> None:
    apnea = one("apnea", 480.0, 500.0)
    found = score_movements(legs([(onset_s, end_s)]), None, apnea, WASM_2006)
    assert found.respiratory.tolist() == [tied]
    assert found.candidate.tolist() == [True]


# AASM 3


def test_aasm_3_legs_with_onsets_less_than_5_s_apart_are_one() -> None:
    found = scored(AASM_3, [(10.0, 12.0)], [(15.0 - TICK_S, 16.0)])
    assert found.movements.intervals().tolist() == [[10.0, 16.0]]
    assert found.movements.site.tolist() == ["both_legs"]
    assert found.candidate.tolist() == [True]


def test_aasm_3_legs_with_onsets_of_exactly_5_s_apart_are_two() -> None:
    assert len(scored(AASM_3, [(10.0, 12.0)], [(15.0, 16.0)])) == 2


def test_aasm_3_legs_that_overlap_with_onsets_farther_apart_are_two() -> None:
    assert len(scored(AASM_3, [(10.0, 18.0)], [(16.0, 20.0)])) == 2


def test_aasm_3_the_first_movement_sets_the_clock() -> None:
    found = scored(AASM_3, at([10.0, 17.0]), at([13.0]))
    assert found.movements.n_parts.tolist() == [2, 1]
    found = scored(AASM_3, at([10.0, 16.0]), at([14.0, 18.0]))
    assert found.movements.onset_s.tolist() == [10.0, 16.0]


def test_aasm_3_two_movements_of_one_leg_are_never_one() -> None:
    found = scored(AASM_3, at([10.0, 13.0]), at([14.0]))
    assert found.movements.site.tolist() == ["left_leg", "both_legs"]


def test_aasm_3_each_leg_is_judged_by_itself() -> None:
    assert scored(AASM_3, [(10.0, 20.0)], [(14.0, 24.0)]).candidate.tolist() == [True]
    assert scored(AASM_3, [(10.0, 20.5)], [(14.0, 15.0)]).candidate.tolist() == [False]


@pytest.mark.parametrize("kind", ["apnea", "hypopnea", "rera"])
@pytest.mark.parametrize(
    ("onset_s", "end_s", "tied"),
    [
        (470.0, 479.5, True),
        (470.0, 479.5 - TICK_S, False),
        (485.0, 486.0, True),
        (500.5, 502.0, True),
        (500.5 + TICK_S, 502.0, False),
    ],
)
def test_aasm_3_nothing_is_scored_from_half_a_second_before_to_after_a_respiratory_event(
    kind: str, onset_s: float, end_s: float, *, tied: bool
) -> None:
    found = score_movements(legs([(onset_s, end_s)]), None, one(kind, 480.0, 500.0), AASM_3)
    assert found.respiratory.tolist() == [tied]
    assert found.candidate.tolist() == [not tied]


def test_aasm_3_a_respiratory_movement_is_in_no_series_and_breaks_none() -> None:
    apnea = one("apnea", 38.0, 42.0)
    found = score_movements(legs(at([0.0, 20.0, 40.0, 60.0, 80.0])), None, apnea, AASM_3)
    assert found.series.tolist() == [1, 1, 0, 1, 1]
    assert found.series_nr.tolist() == found.series.tolist()
    assert found.imi_s[3] == 40.0


def test_aasm_3_a_movement_that_reaches_into_sleep_is_one_in_sleep() -> None:
    stages = Hypnogram.of(["W", "N1", "W", "N2"])
    rows = [(29.0, 31.0), (61.0, 62.0), (85.0, 90.0), (85.0 + 3, 90.25)]
    found = [score_movements(legs([row]), stages, rules=AASM_3).stage[0] for row in rows]
    assert found == ["N1", "W", "W", "N2"]


def test_aasm_3_a_movement_in_sleep_keeps_the_stage_of_its_onset() -> None:
    stages = Hypnogram.of(["N2", "W", "R"])
    assert score_movements(legs([(29.0, 31.0)]), stages, rules=AASM_3).stage[0] == "N2"


def test_aasm_3_a_movement_through_a_whole_epoch_of_sleep_is_one_in_sleep() -> None:
    stages = Hypnogram.of(["W", "N2", "W", "W"], epoch_s=2.0)
    assert score_movements(legs([(0.5, 6.5)]), stages, rules=AASM_3).stage[0] == "N2"


def test_aasm_3_a_movement_out_of_unscored_time_into_sleep_is_one_in_sleep() -> None:
    stages = Hypnogram.of(["N3"], start_s=30.0)
    assert score_movements(legs([(29.0, 31.0)]), stages, rules=AASM_3).stage[0] == "N3"


# variants: a disputed clause is a field


def variant(**changes: object) -> ScoringRules:
    return replace(WASM_2016, series=replace(WASM_2016.series, **changes))  # type: ignore[arg-type]


def test_a_variant_may_forbid_a_movement_after_a_short_interval_to_open_a_series() -> None:
    rows = at([0.0, 5.0, 25.0, 45.0, 65.0])
    assert scored(variant(after_short_imi="restart"), rows).series.tolist() == [0, 1, 1, 1, 1]
    assert sizes(scored(variant(after_short_imi="end"), rows)) == []
    longer = at([0.0, 5.0, 25.0, 45.0, 65.0, 85.0])
    assert scored(variant(after_short_imi="end"), longer).series.tolist() == [0, 0, 1, 1, 1, 1]


def test_a_variant_may_exclude_90_s() -> None:
    rows = at([0.0, 90.0, 180.0, 270.0])
    strict = variant(imi_s=Span(low=10.0, high=90.0, includes_high=False))
    assert sizes(scored(WASM_2016, rows)) == [4]
    assert sizes(scored(strict, rows)) == []


def test_a_variant_may_ask_for_more_movements() -> None:
    rows = at([0.0, 20.0, 40.0, 60.0])
    assert sizes(scored(variant(min_movements=5), rows)) == []
    assert sizes(scored(variant(min_movements=2), rows[:2])) == [2]


def test_a_variant_may_exclude_the_ends_of_the_respiratory_window() -> None:
    window = Span(low=-2.0, high=10.25, includes_low=False, includes_high=False)
    rules = replace(WASM_2016, respiratory=RespiratoryRule(window_s=window))
    rows = legs([(495.0, 498.0), (510.25, 511.0), (503.0, 504.0)])
    found = score_movements(rows, None, one("apnea", 480.0, 500.0), rules)
    assert found.respiratory.tolist() == [False, True, False]


# rule sets refuse what makes no sense


def test_rule_sets_go_by_their_names() -> None:
    assert {name: rules.name for name, rules in RULE_SETS.items()} == {
        name: name for name in ("wasm2016", "wasm2006", "aasm3")
    }


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"min_duration_s": 0.0}, "0 < min_duration_s <= candidate_max_duration_s"),
        ({"min_duration_s": 11.0}, "got 11.0 and 10.0"),
        ({"join_within_s": -0.1}, "join_within_s must be a finite number from 0"),
        ({"arousal_within_s": -0.1}, "arousal_within_s must be a finite number from 0"),
    ],
)
def test_numbers_that_make_no_rule_are_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(WASM_2016, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("part", "changes", "message"),
    [
        (SeriesRule, {"min_movements": 1}, "a series needs 2 or more, got 1"),
        (SeriesRule, {"after_short_imi": "stop"}, "must be one of restart, end, skip, got 'stop'"),
        (SeriesRule, {"no_candidate": "zzz"}, "must be one of breaks, ignored"),
        (BilateralRule, {"within_s": -1.0}, "within_s must be a finite number from 0"),
        (BilateralRule, {"link": "chain"}, "must be one of gap, onset"),
        (RespiratoryRule, {"anchor": "start"}, "must be one of end, whole_event"),
    ],
)
def test_words_that_no_rule_knows_are_refused(
    part: type, changes: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        part(**changes)
