"""Which events of two sorted lists are paired: the best of all ways to do it, exactly.

Conventions: each event is paired at most once.  Of all ways to pair, the one with the most pairs is
taken, and among those the one whose pairs are closest (onsets) or share most (overlaps).
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from psgkit.core.bounds import SLACK_S, Span
from psgkit.core.intervals import Intervals, group_of_connected

Pairs: TypeAlias = list[tuple[int, int]]


def match_overlaps(reference: Intervals, candidate: Intervals, least_share: float) -> Pairs:
    """Return the best pairs of intervals that overlap, by row of the two lists.

    A pair is allowed when the two share time, and that is at least ``least_share`` of the time that
    they cover together.  Long intervals may hold several others, so that pairs may need to cross:
    each group of connected intervals is an assignment problem of its own.
    """
    merged = np.concatenate((reference, candidate))
    order = np.argsort(merged[:, 0], kind="stable")
    group = np.empty(len(merged), dtype=np.int64)
    group[order] = group_of_connected(merged[order, 0], merged[order, 1])
    n_groups = int(group.max(initial=-1)) + 1
    reference_rows = _rows_by_group(group[: len(reference)], n_groups)
    candidate_rows = _rows_by_group(group[len(reference) :], n_groups)
    pairs: Pairs = []
    for first, second in zip(reference_rows, candidate_rows, strict=True):
        if len(first) and len(second):
            shared = _shares(reference[first], candidate[second])
            allowed = (shared > 0) & (shared >= least_share)
            pairs.extend((int(first[a]), int(second[b])) for a, b in _assigned(allowed, shared))
    return sorted(pairs)


def _rows_by_group(group: NDArray[np.int64], n_groups: int) -> list[NDArray[np.int64]]:
    """Return the rows of each group."""
    order = np.argsort(group, kind="stable")
    return np.split(order, np.searchsorted(group[order], np.arange(1, n_groups)))


def _shares(reference: Intervals, candidate: Intervals) -> NDArray[np.float64]:
    """Return the shared time of every two intervals, as a share of what they cover together."""
    low = np.maximum(reference[:, None, 0], candidate[None, :, 0])
    high = np.minimum(reference[:, None, 1], candidate[None, :, 1])
    shared_s = np.where(high - low > SLACK_S, high - low, 0.0)
    lengths_s = np.diff(reference)[:, 0][:, None] + np.diff(candidate)[:, 0][None, :]
    return np.asarray(shared_s / np.maximum(lengths_s - shared_s, SLACK_S))


def _assigned(allowed: NDArray[np.bool_], shared: NDArray[np.float64]) -> Pairs:
    """Return the most allowed pairs, and among as many those that share most."""
    if allowed.shape == (1, 1):  # nearly every group of a real night
        return [(0, 0)] if allowed[0, 0] else []
    from scipy.optimize import linear_sum_assignment

    # all shares together weigh less than one pair
    gain = np.where(allowed, 1 + 0.5 * shared / min(allowed.shape), 0.0)
    rows, columns = linear_sum_assignment(gain, maximize=True)
    pairs = zip(rows.tolist(), columns.tolist(), strict=True)
    return [(a, b) for a, b in pairs if allowed[a, b]]


def match_onsets(
    reference_s: NDArray[np.float64], candidate_s: NDArray[np.float64], tolerated: Span
) -> Pairs:
    """Return the best pairs of two sorted lists of onsets.

    Wherever two neighbouring onsets of the merged lists are further apart than the tolerance, no
    pair reaches across, so each stretch in between is a small problem of its own.
    """
    merged = np.sort(np.concatenate((reference_s, candidate_s)))
    cuts = merged[1:][tolerated.is_above(np.diff(merged))]
    reference_cuts = [0, *np.searchsorted(reference_s, cuts), len(reference_s)]
    candidate_cuts = [0, *np.searchsorted(candidate_s, cuts), len(candidate_s)]
    pairs: Pairs = []
    for k in range(len(reference_cuts) - 1):
        i, i_end = int(reference_cuts[k]), int(reference_cuts[k + 1])
        j, j_end = int(candidate_cuts[k]), int(candidate_cuts[k + 1])
        if i_end - i == j_end - j == 1:  # nearly every stretch of a real night
            pairs.append((i, j))
        elif i_end > i and j_end > j:
            nearby = _onsets_of_stretch(reference_s[i:i_end], candidate_s[j:j_end], tolerated)
            pairs.extend((i + a, j + b) for a, b in nearby)
    return pairs


def _onsets_of_stretch(
    reference_s: NDArray[np.float64], candidate_s: NDArray[np.float64], tolerated: Span
) -> Pairs:
    """Return the best pairs of one stretch.

    Cell ``(i, j)`` holds the best score of the first ``i`` and ``j`` onsets.  A pair scores 1 less
    a penalty so small that all penalties together weigh less than one pair.
    """
    n, m = len(reference_s), len(candidate_s)
    penalty_per_s = 0.5 / ((tolerated.high + 1.0) * min(n, m))
    best = np.zeros(m + 1)
    from_left = np.zeros((n + 1, m + 1), dtype=bool)
    paired = np.zeros((n + 1, m + 1), dtype=bool)
    for i in range(1, n + 1):
        apart_s = candidate_s - reference_s[i - 1]
        gain = np.where(tolerated.contains(apart_s), 1 - penalty_per_s * np.abs(apart_s), -np.inf)
        with_pair = best[:-1] + gain
        paired[i, 1:] = with_pair > best[1:]
        best[1:] = np.maximum(best[1:], with_pair)
        reached = np.maximum.accumulate(best)
        from_left[i, 1:] = reached[:-1] >= best[1:]
        best = reached
    return _trace_back(paired, from_left)


def _trace_back(paired: NDArray[np.bool_], from_left: NDArray[np.bool_]) -> Pairs:
    """Return the pairs on the way from the last cell of the table to the first, in time order."""
    i, j = paired.shape[0] - 1, paired.shape[1] - 1
    pairs: Pairs = []
    while i and j:
        if from_left[i, j]:
            j -= 1
        elif paired[i, j]:
            i, j = i - 1, j - 1
            pairs.append((i, j))
        else:
            i -= 1
    return pairs[::-1]
