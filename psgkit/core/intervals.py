"""Arithmetic of half-open intervals.

Conventions
-----------
``Intervals`` are arrays of shape ``(n, 2)``: start included, stop excluded, sorted by start.  They
hold sample numbers (int64) or seconds (float64) and are disjoint unless a function says otherwise.
Every function accepts and returns empty arrays.
"""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Intervals: TypeAlias = NDArray[Any]


def no_intervals(dtype: type[np.generic] = np.int64) -> Intervals:
    """Return no intervals, shape ``(0, 2)``."""
    return np.empty((0, 2), dtype=dtype)


def runs_of_true(mask: NDArray[np.bool_]) -> Intervals:
    """Return the runs of True in ``mask``, shape ``(n_runs, 2)``.

    Examples
    --------
    >>> runs_of_true(np.array([True, False, True, True])).tolist()
    [[0, 1], [2, 4]]
    """
    if mask.size == 0:
        return no_intervals()
    inner = np.flatnonzero(mask[1:] != mask[:-1]) + 1
    head = [0] if mask[0] else []
    tail = [mask.size] if mask[-1] else []
    edges = np.concatenate((head, inner, tail)).astype(np.int64)
    return edges.reshape(-1, 2)


def paint(runs: Intervals, n_samples: int) -> NDArray[np.bool_]:
    """Return the mask of ``n_samples`` that is True inside ``runs``; they may overlap.

    Examples
    --------
    >>> paint(np.array([[1, 3]]), 4).tolist()
    [False, True, True, False]
    """
    steps = np.zeros(n_samples + 1, dtype=np.int32)
    np.add.at(steps, np.clip(runs[:, 0], 0, n_samples), 1)
    np.add.at(steps, np.clip(runs[:, 1], 0, n_samples), -1)
    return np.cumsum(steps[:-1]) > 0


def union(*many: Intervals) -> Intervals:
    """Return the union of all intervals, disjoint; touching ones are joined.

    Examples
    --------
    >>> union(np.array([[0, 2], [5, 6]]), np.array([[2, 3]])).tolist()
    [[0, 3], [5, 6]]
    """
    rows = np.concatenate(many) if many else no_intervals()
    rows = rows[rows[:, 1] > rows[:, 0]]
    if not len(rows):
        return rows
    rows = rows[np.argsort(rows[:, 0], kind="stable")]
    reach = np.maximum.accumulate(rows[:, 1])
    first = np.flatnonzero(np.concatenate(([True], rows[1:, 0] > reach[:-1])))
    last = np.concatenate((first[1:], [len(rows)])) - 1
    return np.column_stack((rows[first, 0], reach[last]))


def covered_at_least(least: int, *lists: Intervals) -> Intervals:
    """Return the time covered by at least ``least`` of the lists, each disjoint in itself.

    Examples
    --------
    >>> first, second = np.array([[0, 5]]), np.array([[3, 9]])
    >>> covered_at_least(2, first, second).tolist()
    [[3, 5]]
    """
    if len(lists) < least:
        return no_intervals(np.float64)
    times = np.concatenate([runs.T.ravel() for runs in lists])
    steps = np.concatenate([np.repeat([1, -1], len(runs)) for runs in lists])
    order = np.lexsort((steps, times))
    times, count = times[order], np.cumsum(steps[order])
    enough = np.flatnonzero(count[:-1] >= least)
    return union(np.column_stack((times[enough], times[enough + 1])))


def complement(runs: Intervals, start: float, stop: float) -> Intervals:
    """Return the part of ``[start, stop)`` outside disjoint ``runs``.

    Examples
    --------
    >>> complement(np.array([[2, 3]]), 0, 5).tolist()
    [[0, 2], [3, 5]]
    """
    inside = np.clip(runs, start, stop)
    edges = np.concatenate(([start], inside.ravel(), [stop])).astype(inside.dtype).reshape(-1, 2)
    return edges[edges[:, 0] < edges[:, 1]]


def intersect(first: Intervals, second: Intervals) -> Intervals:
    """Return the intersection of two disjoint lists.

    Examples
    --------
    >>> intersect(np.array([[0, 5], [7, 9]]), np.array([[3, 8]])).tolist()
    [[3, 5], [7, 8]]
    """
    if not len(first) or not len(second):
        return no_intervals(np.result_type(first, second).type)
    low = np.searchsorted(second[:, 1], first[:, 0], side="right")
    high = np.searchsorted(second[:, 0], first[:, 1], side="left")
    count = np.maximum(high - low, 0)
    row = np.repeat(np.arange(len(first)), count)
    within = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    other = np.repeat(low, count) + within
    return np.column_stack(
        (
            np.maximum(first[row, 0], second[other, 0]),
            np.minimum(first[row, 1], second[other, 1]),
        )
    )


def drop_shorter_than(length: float, runs: Intervals) -> Intervals:
    """Return the ``runs`` of at least ``length``."""
    return runs[runs[:, 1] - runs[:, 0] >= length]


def total(runs: Intervals) -> float:
    """Return the summed length of ``runs``."""
    return float((runs[:, 1] - runs[:, 0]).sum())


def contains(runs: Intervals, points: NDArray[Any]) -> NDArray[np.bool_]:
    """Return, for each of ``points``, whether it lies in one of the disjoint ``runs``.

    Examples
    --------
    >>> contains(np.array([[0.0, 2.0]]), np.array([0.0, 1.9, 2.0])).tolist()
    [True, True, False]
    """
    if not len(runs):
        return np.zeros(len(points), dtype=bool)
    row = np.searchsorted(runs[:, 0], points, side="right") - 1
    return np.asarray((row >= 0) & (points < runs[np.maximum(row, 0), 1]))


def group_of_connected(starts: NDArray[Any], reach: NDArray[Any]) -> NDArray[np.int64]:
    """Return a group number for each interval; one beyond all ``reach`` before it opens a group.

    ``starts`` must be sorted; ``reach`` is the stop plus the largest gap that still connects.

    Examples
    --------
    >>> group_of_connected(np.array([0, 1, 9]), np.array([3, 2, 10])).tolist()
    [0, 0, 1]
    """
    if not len(starts):
        return np.empty(0, dtype=np.int64)
    new = np.concatenate(([False], starts[1:] >= np.maximum.accumulate(reach)[:-1]))
    return np.cumsum(new).astype(np.int64)
