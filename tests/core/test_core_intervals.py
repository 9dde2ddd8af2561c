"""Laws of interval arithmetic: every function says the same as a painted mask or a plain loop."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from psgkit.core.intervals import (
    Intervals,
    complement,
    contains,
    drop_shorter_than,
    group_of_connected,
    intersect,
    no_intervals,
    paint,
    runs_of_true,
    total,
    union,
)

N = 40
masks = st.lists(st.booleans(), max_size=N).map(lambda values: np.array(values, dtype=bool))
full_masks = st.lists(st.booleans(), min_size=N, max_size=N).map(
    lambda values: np.array(values, dtype=bool)
)
dtypes = st.sampled_from([np.int64, np.float64])


@st.composite
def rows(draw: st.DrawFn) -> Intervals:
    """Draw intervals within ``[0, N]``, sorted or not, overlapping or not, some of length 0."""
    pairs = draw(st.lists(st.tuples(st.integers(0, N), st.integers(0, N)), max_size=12))
    found = np.array([sorted(pair) for pair in pairs], dtype=draw(dtypes))
    return found.reshape(-1, 2)


@st.composite
def disjoint(draw: st.DrawFn) -> Intervals:
    """Draw sorted intervals within ``[0, N]`` that do not meet."""
    return runs_of_true(draw(full_masks)).astype(draw(dtypes))


def painted(runs: Intervals) -> NDArray[np.bool_]:
    return paint(runs.astype(np.int64), N)


def is_sorted_disjoint_and_without_empty_rows(runs: Intervals) -> bool:
    edges = runs.ravel()
    return bool((np.diff(edges) > 0).all())


@given(masks)
def test_painting_the_runs_of_a_mask_gives_the_mask_back(mask: NDArray[np.bool_]) -> None:
    runs = runs_of_true(mask)
    assert np.array_equal(paint(runs, mask.size), mask)
    assert is_sorted_disjoint_and_without_empty_rows(runs)
    assert runs.dtype == np.int64


@given(rows())
def test_painting_overlapping_rows_is_painting_one_after_the_other(runs: Intervals) -> None:
    mask = np.zeros(N, dtype=bool)
    for start, stop in runs.astype(int):
        mask[start:stop] = True
    assert np.array_equal(painted(runs), mask)


def test_painting_stops_at_both_ends_of_the_mask() -> None:
    assert paint(np.array([[-5, 1], [3, 99]]), 4).tolist() == [True, False, False, True]


@given(st.lists(rows(), max_size=4))
def test_a_union_covers_what_any_of_its_parts_covers(many: list[Intervals]) -> None:
    found = union(*many)
    covered = np.any([painted(runs) for runs in many], axis=0) if many else np.zeros(N, bool)
    assert np.array_equal(painted(found), covered)
    assert is_sorted_disjoint_and_without_empty_rows(found)


@given(rows())
def test_a_union_is_idempotent(runs: Intervals) -> None:
    once = union(runs)
    assert np.array_equal(union(once), once)
    assert np.array_equal(union(once, once), once)


@given(st.data(), st.lists(rows(), min_size=1, max_size=4))
def test_a_union_is_free_of_order(data: st.DataObject, many: list[Intervals]) -> None:
    shuffled = data.draw(st.permutations(many))
    assert np.array_equal(union(*shuffled), union(*many))
    everything = np.concatenate(many)
    order = data.draw(st.permutations(range(len(everything))))
    assert np.array_equal(union(everything[list(order)]), union(everything))


@given(disjoint())
def test_a_complement_partitions(runs: Intervals) -> None:
    rest = complement(runs, 0, N)
    assert np.array_equal(painted(rest), ~painted(runs))
    assert is_sorted_disjoint_and_without_empty_rows(rest)
    assert total(rest) + total(runs) == N
    assert union(rest, runs).tolist() == [[0, N]]


@given(disjoint())
def test_the_complement_of_the_complement_is_the_union(runs: Intervals) -> None:
    back = complement(complement(runs, 0, N), 0, N)
    assert np.array_equal(back, union(runs))


@given(disjoint(), st.integers(-5, N + 5), st.integers(0, N))
def test_a_complement_sees_only_its_window(runs: Intervals, start: int, length: int) -> None:
    rest = complement(runs, start, start + length)
    points = np.arange(-10, 2 * N + 10) + 0.5
    wanted = (points >= start) & (points < start + length) & ~contains(runs, points)
    assert np.array_equal(contains(rest, points), wanted)


def test_a_complement_within_a_fraction_of_a_second_keeps_the_fraction() -> None:
    assert complement(np.array([[1, 2]]), 0.25, 2.75).tolist() == [[0.25, 1.0], [2.0, 2.75]]
    assert complement(no_intervals(), 0.0, 0.5).tolist() == [[0.0, 0.5]]


@given(disjoint(), disjoint())
def test_an_intersection_is_what_both_cover(first: Intervals, second: Intervals) -> None:
    both = intersect(first, second)
    assert np.array_equal(painted(both), painted(first) & painted(second))
    assert is_sorted_disjoint_and_without_empty_rows(both)


@given(disjoint(), disjoint())
def test_de_morgan_holds_for_intersection_and_union(first: Intervals, second: Intervals) -> None:
    outside = union(complement(first, 0, N), complement(second, 0, N))
    assert np.array_equal(painted(intersect(first, second)), painted(complement(outside, 0, N)))


@given(disjoint(), disjoint())
def test_an_intersection_is_free_of_order(first: Intervals, second: Intervals) -> None:
    assert np.array_equal(intersect(first, second), intersect(second, first))


@given(disjoint(), st.integers(0, 3))
def test_intervals_of_fractions_intersect_as_whole_ones_do(first: Intervals, shift: int) -> None:
    second = first + shift
    assert np.array_equal(intersect(first / 7, second / 7), intersect(first, second) / 7)


@given(disjoint(), st.lists(st.integers(-2, N + 2), max_size=20))
def test_a_point_is_contained_where_the_mask_is_painted(runs: Intervals, points: list[int]) -> None:
    mask = painted(runs)
    wanted = [bool(0 <= point < N and mask[point]) for point in points]
    assert contains(runs, np.array(points, dtype=np.int64)).tolist() == wanted


@given(rows(), st.integers(0, N))
def test_runs_that_are_long_enough_stay(runs: Intervals, length: int) -> None:
    wanted = [row for row in runs.tolist() if row[1] - row[0] >= length]
    assert drop_shorter_than(length, runs).tolist() == wanted


@given(disjoint())
def test_the_total_is_the_number_of_painted_samples(runs: Intervals) -> None:
    assert total(runs) == painted(runs).sum()


@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 20)), max_size=15).map(sorted),
    st.sampled_from([1.0, 1 / 3]),
)
def test_connected_groups_equal_a_plain_loop(pairs: list[tuple[int, int]], unit: float) -> None:
    group, reach_so_far, wanted = 0, None, []
    for start, length in pairs:
        if reach_so_far is not None and start >= reach_so_far:
            group += 1
        reach_so_far = max(reach_so_far or 0, start + length)
        wanted.append(group)
    starts = np.array([start for start, _ in pairs], dtype=np.float64)
    reach = np.array([start + length for start, length in pairs], dtype=np.float64)
    assert group_of_connected(starts * unit, reach * unit).tolist() == wanted


EMPTY = no_intervals()
OF_NOTHING: dict[str, Callable[[], NDArray[np.generic]]] = {
    "runs_of_true": lambda: runs_of_true(np.empty(0, dtype=bool)),
    "runs_of_true of a quiet mask": lambda: runs_of_true(np.zeros(3, dtype=bool)),
    "union of nothing": union,
    "union of empty lists": lambda: union(EMPTY, EMPTY),
    "union of rows of length 0": lambda: union(np.array([[3.0, 3.0]])),
    "intersect": lambda: intersect(EMPTY, np.array([[0, 5]])),
    "intersect the other way": lambda: intersect(np.array([[0.0, 5.0]]), EMPTY),
    "complement of everything": lambda: complement(np.array([[0, 9]]), 0, 9),
    "complement in no window": lambda: complement(EMPTY, 4, 4),
    "drop_shorter_than": lambda: drop_shorter_than(1, EMPTY),
}


@pytest.mark.parametrize("name", OF_NOTHING)
def test_nothing_in_nothing_out(name: str) -> None:
    assert OF_NOTHING[name]().shape == (0, 2)


def test_nothing_contains_and_groups_nothing() -> None:
    assert contains(EMPTY, np.array([0.0, 1.0])).tolist() == [False, False]
    assert contains(np.array([[0.0, 1.0]]), np.empty(0)).tolist() == []
    assert group_of_connected(np.empty(0), np.empty(0)).tolist() == []
    assert total(EMPTY) == 0
    assert paint(EMPTY, 3).tolist() == [False] * 3
    assert complement(EMPTY, 0, 9).tolist() == [[0, 9]]


@given(st.lists(rows(), min_size=1, max_size=3))
def test_no_function_changes_its_argument(many: list[Intervals]) -> None:
    before = [runs.copy() for runs in many]
    for runs in many:
        runs.setflags(write=False)
    runs = union(*many)
    complement(runs, 0, N)
    intersect(runs, runs)
    drop_shorter_than(2, many[0])
    painted(many[0])
    assert all(np.array_equal(now, then) for now, then in zip(many, before, strict=True))
