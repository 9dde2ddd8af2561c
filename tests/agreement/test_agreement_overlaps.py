"""Matching by overlap: the four limiting cases, then the optimum itself, then the spread."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from psgkit.agreement import Spread, compare_overlaps
from psgkit.core.events import Events
from psgkit.core.movements import Movements

SPANS = st.lists(
    st.tuples(st.integers(0, 300), st.integers(0, 60)).map(
        lambda pair: (pair[0] / 10, (pair[0] + pair[1]) / 10)
    ),
    max_size=9,
)


def lm(*spans: tuple[float, float]) -> Movements:
    return Movements.of([a for a, _ in spans], [b for _, b in spans], "left_leg")


def test_identical_lists_agree_completely() -> None:
    events = lm((1.0, 3.0), (2.0, 9.0), (300.0, 301.0))
    agreement = compare_overlaps(events, events, least_share=1.0)
    assert agreement.precision == agreement.recall == agreement.f1 == 1.0
    assert agreement.reference_row.tolist() == agreement.candidate_row.tolist() == [0, 1, 2]


def test_touching_is_no_overlap() -> None:
    agreement = compare_overlaps(lm((1.0, 3.0)), lm((3.0, 5.0)))
    assert (agreement.precision, agreement.recall, agreement.f1) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("reference", "candidate", "scores"),
    [
        ([], [], (None, None, None)),
        ([], [(1.0, 2.0)], (0.0, None, 0.0)),
        ([(1.0, 2.0)], [], (None, 0.0, 0.0)),
    ],
)
def test_a_score_without_denominator_is_none(
    reference: list[tuple[float, float]],
    candidate: list[tuple[float, float]],
    scores: tuple[float | None, ...],
) -> None:
    agreement = compare_overlaps(lm(*reference), lm(*candidate))
    assert (agreement.precision, agreement.recall, agreement.f1) == scores


def test_onsets_far_apart_match_if_they_share_time() -> None:
    agreement = compare_overlaps(lm((10.0, 20.0)), lm((18.0, 21.0)))
    assert agreement.n_matched == 1
    assert agreement.onset_error_s.tolist() == [8.0]
    assert agreement.end_error_s.tolist() == [1.0]


def test_one_long_event_matches_one_of_several_short_ones() -> None:
    agreement = compare_overlaps(lm((0.0, 10.0)), lm((0.0, 1.0), (2.0, 8.0), (9.0, 10.0)))
    assert agreement.candidate_row.tolist() == [1]
    assert (agreement.precision, agreement.recall) == (1 / 3, 1.0)


def test_pairs_cross_where_that_gives_more_of_them() -> None:
    # the long one could take either, the short one only the first
    agreement = compare_overlaps(lm((0.0, 100.0), (1.0, 2.0)), lm((1.5, 3.0), (50.0, 60.0)))
    assert agreement.reference_row.tolist() == [0, 1]
    assert agreement.candidate_row.tolist() == [1, 0]


def test_an_event_without_duration_shares_no_time() -> None:
    moment = Events.of([5.0], [5.0], ["lm"], ["left_leg"])
    assert compare_overlaps(moment, moment).n_matched == 0


def test_the_least_share_is_of_the_time_both_cover_and_is_included() -> None:
    reference, candidate = lm((0.0, 4.0)), lm((2.0, 8.0))
    assert compare_overlaps(reference, candidate, least_share=0.25).n_matched == 1
    assert compare_overlaps(reference, candidate, least_share=0.26).n_matched == 0


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan")])
def test_an_impossible_share_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        compare_overlaps(lm(), lm(), least_share=share)


@given(reference=SPANS, candidate=SPANS, share=st.sampled_from([0.0, 0.2, 0.5]))
def test_the_pairing_has_the_most_pairs_there_are(
    reference: list[tuple[float, float]], candidate: list[tuple[float, float]], share: float
) -> None:
    one, other = lm(*reference), lm(*candidate)
    found = compare_overlaps(one, other, least_share=share)
    allowed = np.zeros((len(one), len(other)), dtype=bool)
    for row, (a, b) in enumerate(one.intervals()):
        for column, (c, d) in enumerate(other.intervals()):
            shared = min(b, d) - max(a, c)
            covered = (b - a) + (d - c) - shared
            allowed[row, column] = shared > 1e-6 and shared / covered >= share
    rows, columns = linear_sum_assignment(-allowed.astype(float))
    assert found.n_matched == allowed[rows, columns].sum()
    assert allowed[found.reference_row, found.candidate_row].all()
    assert len(set(found.candidate_row.tolist())) == found.n_matched


@given(reference=SPANS, candidate=SPANS)
def test_swapping_never_changes_the_counts(
    reference: list[tuple[float, float]], candidate: list[tuple[float, float]]
) -> None:
    there = compare_overlaps(lm(*reference), lm(*candidate))
    back = compare_overlaps(lm(*candidate), lm(*reference))
    assert (there.n_matched, there.f1) == (back.n_matched, back.f1)


def test_spread_of_errors_is_that_of_their_quantiles() -> None:
    spread = Spread.of(np.arange(-20.0, 21.0))
    assert (spread.n, spread.median_s, spread.q25_s, spread.q75_s) == (41, 0.0, -10.0, 10.0)
    assert (spread.low95_s, spread.high95_s) == (-19.0, 19.0)
    assert Spread.of(np.empty(0)) is None
