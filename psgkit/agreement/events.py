"""Agreement of two scorings of one night, event by event.

Conventions
-----------
By onset, two events may be paired if their onsets are at most the tolerance apart (compared with
the slack of ``psgkit.core.bounds``); by overlap, if they share time.  Each event is paired at most
once.  Of all pairings the one with the most pairs is taken, and of those the one with the closest
onsets in sum, or with the largest shares of common time; the result is exact.

A score without a denominator is None, never 0: precision without a candidate, recall without a
reference, F1 without either.
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from psgkit.core.bounds import SLACK_S, Span
from psgkit.core.dataclass import dataclass
from psgkit.core.events import Events
from psgkit.core.frozen import frozen
from psgkit.core.intervals import Intervals, group_of_connected
from psgkit.core.movements import Movements

Scoring: TypeAlias = Events | Movements
_Rows: TypeAlias = NDArray[np.int64]
_Pairs: TypeAlias = list[tuple[int, int]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Spread:
    """How errors are spread: their median, the middle half and the middle 95 %, in seconds."""

    n: int
    median_s: float
    q25_s: float
    q75_s: float
    low95_s: float
    high95_s: float

    @classmethod
    def of(cls, errors_s: NDArray[np.float64]) -> "Spread | None":
        """Return the spread of ``errors_s``, quantiles interpolated linearly; None without any.

        Examples
        --------
        >>> Spread.of(np.array([0.0, 1.0, 2.0, 3.0, 4.0])).q75_s
        3.0
        """
        if not len(errors_s):
            return None
        low95, q25, median, q75, high95 = np.percentile(errors_s, (2.5, 25, 50, 75, 97.5)).tolist()
        return cls(
            n=len(errors_s),
            median_s=median,
            q25_s=q25,
            q75_s=q75,
            low95_s=low95,
            high95_s=high95,
        )


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Agreement:
    """The pairs of events of two scorings, and their errors.

    Attributes
    ----------
    n_reference, n_candidate : int
        Events compared.
    reference_row, candidate_row : int64 arrays, shape (n_matched,)
        The pairs, as rows of the two tables, in time order.
    onset_error_s, end_error_s : float64 arrays, shape (n_matched,)
        Candidate minus reference: positive means the candidate is late.
    """

    n_reference: int
    n_candidate: int
    reference_row: NDArray[np.int64]
    candidate_row: NDArray[np.int64]
    onset_error_s: NDArray[np.float64]
    end_error_s: NDArray[np.float64]

    @property
    def n_matched(self) -> int:
        """Return the number of pairs."""
        return len(self.reference_row)

    @property
    def precision(self) -> float | None:
        """Return the share of candidate events that are paired; None without any."""
        return self.n_matched / self.n_candidate if self.n_candidate else None

    @property
    def recall(self) -> float | None:
        """Return the share of reference events that are paired; None without any."""
        return self.n_matched / self.n_reference if self.n_reference else None

    @property
    def f1(self) -> float | None:
        """Return paired events as a share of all events of both; None without any."""
        n_both = self.n_reference + self.n_candidate
        return 2 * self.n_matched / n_both if n_both else None


def compare_events(
    reference: Scoring, candidate: Scoring, *, onset_tolerance_s: float = 0.5
) -> Agreement:
    """Return which events of ``candidate`` match which of ``reference``.

    Sites and kinds are ignored; ``compare_by_site`` compares site by site.

    Parameters
    ----------
    reference, candidate : Events or Movements
    onset_tolerance_s : float
        Largest distance of two onsets that still match, included.

    Raises
    ------
    ValueError
        If the tolerance is negative or not finite.

    Examples
    --------
    >>> truth = Movements.of([10.0, 30.0, 50.0], [12.0, 32.0, 52.0], "left_leg")
    >>> found = Movements.of([10.25, 50.0], [12.0, 53.0], "left_leg")
    >>> agreement = compare_events(truth, found)
    >>> agreement.n_matched, agreement.precision, round(agreement.recall, 2)
    (2, 1.0, 0.67)
    >>> agreement.onset_error_s.tolist(), agreement.end_error_s.tolist()
    ([0.25, 0.0], [0.0, 1.0])
    """
    pairs = _match_onsets(reference.onset_s, candidate.onset_s, _tolerated(onset_tolerance_s))
    return _agreement(reference, candidate, pairs, _all_rows(reference, candidate))


def compare_overlaps(
    reference: Scoring, candidate: Scoring, *, least_share: float = 0.0
) -> Agreement:
    """Return which events of ``candidate`` share time with which of ``reference``.

    An event without duration matches none.  Sites and kinds are ignored.

    Parameters
    ----------
    reference, candidate : Events or Movements
    least_share : float
        Least common time of a match, as a share of the time that both events cover together; with 0
        any overlap matches.

    Raises
    ------
    ValueError
        If the share is not between 0 and 1.

    Examples
    --------
    >>> truth = Movements.of([10.0, 30.0], [12.0, 32.0], "left_leg")
    >>> found = Movements.of([11.5, 32.0], [13.5, 34.0], "left_leg")
    >>> compare_overlaps(truth, found).n_matched
    1
    >>> compare_overlaps(truth, found, least_share=0.2).n_matched
    0
    """
    if not 0 <= least_share <= 1:
        raise ValueError(f"the least share must lie between 0 and 1, got {least_share}")
    pairs = _match_overlaps(reference.intervals(), candidate.intervals(), least_share)
    return _agreement(reference, candidate, pairs, _all_rows(reference, candidate))


def compare_by_site(
    reference: Scoring, candidate: Scoring, *, onset_tolerance_s: float = 0.5
) -> dict[str, Agreement]:
    """Return the agreement of each site that occurs in either scoring, by name.

    An event is compared with events of the same site only: ``both_legs`` does not match
    ``left_leg``.  Row numbers are those of the whole tables.

    Examples
    --------
    >>> truth = Movements.of([10.0, 30.0], [12.0, 32.0], ["left_leg", "right_leg"])
    >>> found = Movements.of([10.0, 30.0], [12.0, 32.0], "left_leg")
    >>> {site: a.n_matched for site, a in compare_by_site(truth, found).items()}
    {'left_leg': 1, 'right_leg': 0}
    """
    tolerated = _tolerated(onset_tolerance_s)
    sites = sorted({*reference.site.tolist(), *candidate.site.tolist()})
    found = {}
    for site in sites:
        rows = np.flatnonzero(reference.site == site), np.flatnonzero(candidate.site == site)
        pairs = _match_onsets(reference.onset_s[rows[0]], candidate.onset_s[rows[1]], tolerated)
        found[site] = _agreement(reference, candidate, pairs, rows)
    return found


def _all_rows(reference: Scoring, candidate: Scoring) -> tuple[_Rows, _Rows]:
    """Return every row of both tables."""
    return np.arange(len(reference)), np.arange(len(candidate))


def _tolerated(onset_tolerance_s: float) -> Span:
    if not 0 <= onset_tolerance_s < np.inf:
        raise ValueError(
            f"the onset tolerance must be finite and not negative, got {onset_tolerance_s} s"
        )
    return Span(low=-onset_tolerance_s, high=onset_tolerance_s)


def _agreement(
    reference: Scoring, candidate: Scoring, pairs: _Pairs, rows: tuple[_Rows, _Rows]
) -> Agreement:
    """Return the agreement of ``rows`` of both tables with the given pairs."""
    matched = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    first, second = rows[0][matched[:, 0]], rows[1][matched[:, 1]]
    return Agreement(
        n_reference=len(rows[0]),
        n_candidate=len(rows[1]),
        reference_row=frozen(first, dtype=np.int64),
        candidate_row=frozen(second, dtype=np.int64),
        onset_error_s=frozen(candidate.onset_s[second] - reference.onset_s[first]),
        end_error_s=frozen(candidate.end_s[second] - reference.end_s[first]),
    )


def _match_overlaps(reference: Intervals, candidate: Intervals, least_share: float) -> _Pairs:
    """Return the best pairs of intervals that overlap, by row of the two lists.

    A pair is allowed if the two share at least ``least_share`` of the time they cover together.
    Long intervals may contain several others, so that pairs may cross: each group of connected
    intervals is an assignment problem.
    """
    merged = np.concatenate((reference, candidate))
    order = np.argsort(merged[:, 0], kind="stable")
    group = np.empty(len(merged), dtype=np.int64)
    group[order] = group_of_connected(merged[order, 0], merged[order, 1])
    n_groups = int(group.max(initial=-1)) + 1
    reference_rows = _rows_by_group(group[: len(reference)], n_groups)
    candidate_rows = _rows_by_group(group[len(reference) :], n_groups)
    pairs: _Pairs = []
    for first, second in zip(reference_rows, candidate_rows, strict=True):
        if len(first) and len(second):
            shared = _shares(reference[first], candidate[second])
            allowed = (shared > 0) & (shared >= least_share)
            pairs.extend((int(first[a]), int(second[b])) for a, b in _assigned(allowed, shared))
    return sorted(pairs)


def _rows_by_group(group: NDArray[np.int64], n_groups: int) -> list[NDArray[np.int64]]:
    order = np.argsort(group, kind="stable")
    return np.split(order, np.searchsorted(group[order], np.arange(1, n_groups)))


def _shares(reference: Intervals, candidate: Intervals) -> NDArray[np.float64]:
    """Return the common time of every two intervals, as a share of the time both cover together."""
    low = np.maximum(reference[:, None, 0], candidate[None, :, 0])
    high = np.minimum(reference[:, None, 1], candidate[None, :, 1])
    shared_s = np.where(high - low > SLACK_S, high - low, 0.0)
    lengths_s = np.diff(reference)[:, 0][:, None] + np.diff(candidate)[:, 0][None, :]
    return np.asarray(shared_s / np.maximum(lengths_s - shared_s, SLACK_S))


def _assigned(allowed: NDArray[np.bool_], shared: NDArray[np.float64]) -> _Pairs:
    """Return the most allowed pairs, of equally many those with the largest shares."""
    if allowed.shape == (1, 1):  # nearly every group of a real night
        return [(0, 0)] if allowed[0, 0] else []
    from scipy.optimize import linear_sum_assignment

    # all shares together weigh less than one pair
    gain = np.where(allowed, 1 + 0.5 * shared / min(allowed.shape), 0.0)
    rows, columns = linear_sum_assignment(gain, maximize=True)
    pairs = zip(rows.tolist(), columns.tolist(), strict=True)
    return [(a, b) for a, b in pairs if allowed[a, b]]


def _match_onsets(
    reference_s: NDArray[np.float64], candidate_s: NDArray[np.float64], tolerated: Span
) -> _Pairs:
    """Return the best pairs of two sorted lists of onsets.

    No pair reaches across neighbouring onsets of the merged lists that are further apart than the
    tolerance, so each stretch in between is solved alone.
    """
    merged = np.sort(np.concatenate((reference_s, candidate_s)))
    cuts = merged[1:][tolerated.is_above(np.diff(merged))]
    reference_cuts = [0, *np.searchsorted(reference_s, cuts), len(reference_s)]
    candidate_cuts = [0, *np.searchsorted(candidate_s, cuts), len(candidate_s)]
    pairs: _Pairs = []
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
) -> _Pairs:
    """Return the best pairs of one stretch.

    Cell ``(i, j)`` holds the best score of the first ``i`` and ``j`` onsets.  A pair scores 1
    less a penalty; all penalties together are smaller than one pair.
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


def _trace_back(paired: NDArray[np.bool_], from_left: NDArray[np.bool_]) -> _Pairs:
    """Return the pairs on the path from the last cell of the table to the first, in time order."""
    i, j = paired.shape[0] - 1, paired.shape[1] - 1
    pairs: _Pairs = []
    while i and j:
        if from_left[i, j]:
            j -= 1
        elif paired[i, j]:
            i, j = i - 1, j - 1
            pairs.append((i, j))
        else:
            i -= 1
    return pairs[::-1]
