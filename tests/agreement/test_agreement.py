"""Agreement: identical, disjoint, empty and swapped lists first; then the optimum itself."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rounds import processor_s
from scipy.optimize import linear_sum_assignment

from psgkit.agreement import compare_by_site, compare_events
from psgkit.core.bounds import SLACK_S
from psgkit.core.events import Events
from psgkit.core.movements import Movements

# Multiples of a hundredth make equal onsets and exact tolerances common.
ONSETS = st.lists(st.integers(0, 600).map(lambda k: k / 100), max_size=9)
TOLERANCES = st.sampled_from([0.0, 0.05, 0.5, 3.0])


def lm(onsets_s: list[float], site: str = "left_leg") -> Movements:
    return Movements.of(onsets_s, [onset + 2.0 for onset in onsets_s], site)


def test_identical_lists_agree_completely() -> None:
    events = lm([1.0, 20.0, 20.1, 300.0])
    agreement = compare_events(events, events)
    assert agreement.reference_row.tolist() == agreement.candidate_row.tolist() == [0, 1, 2, 3]
    assert agreement.precision == agreement.recall == agreement.f1 == 1.0
    assert not agreement.onset_error_s.any()
    assert not agreement.end_error_s.any()


def test_disjoint_lists_share_nothing_and_score_zero() -> None:
    agreement = compare_events(lm([1.0]), lm([10.0]))
    assert agreement.n_matched == 0
    assert (agreement.precision, agreement.recall, agreement.f1) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("reference", "candidate", "scores"),
    [
        ([], [], (None, None, None)),
        ([], [5.0], (0.0, None, 0.0)),
        ([5.0], [], (None, 0.0, 0.0)),
    ],
)
def test_a_score_without_denominator_is_none(
    reference: list[float], candidate: list[float], scores: tuple[float | None, ...]
) -> None:
    agreement = compare_events(lm(reference), lm(candidate))
    assert agreement.n_matched == 0
    assert (agreement.precision, agreement.recall, agreement.f1) == scores


def test_swapping_the_lists_swaps_precision_and_recall_and_the_sign_of_errors() -> None:
    one, other = lm([1.0, 20.0, 40.0]), lm([1.2, 39.9])
    there, back = compare_events(one, other), compare_events(other, one)
    assert (there.precision, there.recall) == (back.recall, back.precision) == (1.0, 2 / 3)
    assert there.reference_row.tolist() == back.candidate_row.tolist()
    assert there.onset_error_s.tolist() == (-back.onset_error_s).tolist()


def test_errors_are_candidate_minus_reference() -> None:
    agreement = compare_events(
        Movements.of([10.0], [12.0], ""), Movements.of([10.25], [11.5], ""), onset_tolerance_s=0.5
    )
    assert agreement.onset_error_s.tolist() == [0.25]
    assert agreement.end_error_s.tolist() == [-0.5]


@pytest.mark.parametrize("at_s", [0.0, 0.1, 3600.7, 28799.3])
def test_onsets_exactly_the_tolerance_apart_match_anywhere_in_the_night(at_s: float) -> None:
    assert compare_events(lm([at_s]), lm([at_s + 0.5])).n_matched == 1
    assert compare_events(lm([at_s + 0.5]), lm([at_s])).n_matched == 1
    beyond_s = 0.5 + 3 * SLACK_S
    assert compare_events(lm([at_s]), lm([at_s + beyond_s])).n_matched == 0


def test_pairs_outnumber_closeness() -> None:
    # 1.0 with 1.0 is closer, but leaves 1.4 and 0.6 alone.
    agreement = compare_events(lm([1.0, 1.4]), lm([0.6, 1.0]))
    assert agreement.n_matched == 2


def test_among_equally_many_pairs_the_closest_are_taken() -> None:
    agreement = compare_events(lm([1.0]), lm([0.6, 1.1, 1.4]))
    assert agreement.candidate_row.tolist() == [1]


def test_each_event_is_used_once() -> None:
    agreement = compare_events(lm([5.0, 5.0, 5.0]), lm([5.0, 5.1]))
    assert agreement.n_matched == 2
    assert len(set(agreement.reference_row.tolist())) == 2


def test_scored_events_and_detected_movements_can_be_compared() -> None:
    events = Events.of([3.0, 60.0], [5.0, 63.0], ["lm", "lm"], ["left_leg", ""])
    assert compare_events(events, lm([60.1])).recall == 0.5


def test_sites_are_compared_apart_and_rows_are_those_of_the_whole_tables() -> None:
    reference = Movements.of([1.0, 2.0, 3.0], [1.5, 2.5, 3.5], ["left_leg", "right_leg", "trunk"])
    candidate = Movements.of([1.0, 2.0, 9.0], [1.5, 2.5, 9.5], ["right_leg", "right_leg", ""])
    by_site = compare_by_site(reference, candidate)
    assert list(by_site) == ["", "left_leg", "right_leg", "trunk"]
    assert by_site["left_leg"].n_matched == 0
    assert by_site["left_leg"].precision is None
    assert by_site["right_leg"].reference_row.tolist() == [1]
    assert by_site["right_leg"].candidate_row.tolist() == [1]


@pytest.mark.parametrize("tolerance_s", [-0.1, float("nan"), float("inf")])
def test_an_impossible_tolerance_is_refused(tolerance_s: float) -> None:
    with pytest.raises(ValueError, match="tolerance must be finite and not negative"):
        compare_events(lm([]), lm([]), onset_tolerance_s=tolerance_s)
    with pytest.raises(ValueError, match="tolerance must be finite and not negative"):
        compare_by_site(lm([]), lm([]), onset_tolerance_s=tolerance_s)


@given(reference=ONSETS, candidate=ONSETS, tolerance_s=TOLERANCES)
def test_the_pairing_is_the_best_there_is(
    reference: list[float], candidate: list[float], tolerance_s: float
) -> None:
    one, other = lm(reference), lm(candidate)
    found = compare_events(one, other, onset_tolerance_s=tolerance_s)

    apart_s = np.abs(one.onset_s[:, None] - other.onset_s[None, :])
    allowed = apart_s <= tolerance_s + SLACK_S
    rows, columns = linear_sum_assignment(np.where(allowed, apart_s - 1e4, 0.0))
    best = allowed[rows, columns]
    assert found.n_matched == best.sum()
    total_s = apart_s[rows, columns][best].sum()
    assert np.abs(found.onset_error_s).sum() == pytest.approx(total_s, abs=1e-6)


@given(reference=ONSETS, candidate=ONSETS, tolerance_s=TOLERANCES)
def test_swapping_never_changes_the_counts(
    reference: list[float], candidate: list[float], tolerance_s: float
) -> None:
    there = compare_events(lm(reference), lm(candidate), onset_tolerance_s=tolerance_s)
    back = compare_events(lm(candidate), lm(reference), onset_tolerance_s=tolerance_s)
    assert there.n_matched == back.n_matched
    assert there.f1 == back.f1


@given(reference=ONSETS, candidate=ONSETS, shift=st.integers(0, 30000))
def test_the_time_of_night_does_not_matter(
    reference: list[float], candidate: list[float], shift: int
) -> None:
    here = compare_events(lm(reference), lm(candidate))
    later = compare_events(
        lm([onset + shift for onset in reference]), lm([onset + shift for onset in candidate])
    )
    assert later.n_matched == here.n_matched


def test_eight_times_the_movements_in_one_stretch_take_less_than_their_square() -> None:
    def night(n: int) -> Callable[[], object]:
        rng = np.random.default_rng(1)
        onsets_s = np.sort(rng.uniform(0, 14.4 * n, n))
        one, other = lm(onsets_s.tolist()), lm((onsets_s + rng.normal(0, 0.2, n)).tolist())
        assert compare_events(one, other).recall > 0.9
        assert compare_events(one, other, onset_tolerance_s=600.0).recall == 1.0
        return lambda: compare_events(one, other, onset_tolerance_s=600.0)

    assert processor_s(night(4000)) < 48 * processor_s(night(500))
