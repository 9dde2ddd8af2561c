"""How well two scorings of one night agree, event by event.

Conventions
-----------
By onset, a reference event and a candidate event *may* be paired when their onsets are no further
apart than the tolerance, ends included, compared with the slack of ``psgkit.core.bounds``.  By
overlap, they may when they share time.  Each event is paired at most once.  Among all ways to pair,
the one with the most pairs is taken, and among those the one whose onsets lie closest together in
sum, or whose shares of common time are largest.

A score without a denominator is None, never 0: precision without a candidate, recall without a
reference, F1 without either.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from psgkit.agreement.pairing import Pairs, match_onsets, match_overlaps
from psgkit.core.bounds import Span
from psgkit.core.events import Events
from psgkit.core.frozen import frozen
from psgkit.core.movements import Movements

Scoring: TypeAlias = Events | Movements
_Rows: TypeAlias = NDArray[np.int64]


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
    """Which events of two scorings belong together.

    Attributes
    ----------
    n_reference, n_candidate : int
        How many events were compared.
    reference_row, candidate_row : int64 arrays, shape (n_matched,)
        The pairs, as rows of the two tables that were given, in time order.
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

    Sites and kinds are not looked at: compare what belongs together, or use ``compare_by_site``.

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
    pairs = match_onsets(reference.onset_s, candidate.onset_s, _tolerated(onset_tolerance_s))
    return _agreement(reference, candidate, pairs, _all_rows(reference, candidate))


def compare_overlaps(
    reference: Scoring, candidate: Scoring, *, least_share: float = 0.0
) -> Agreement:
    """Return which events of ``candidate`` share time with which of ``reference``.

    An event that lasts no time shares none.  Sites and kinds are not looked at.

    Parameters
    ----------
    reference, candidate : Events or Movements
    least_share : float
        Time that two events share, as a share of the time that they cover together, from which on
        they match; with 0 any overlap does.

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
    pairs = match_overlaps(reference.intervals(), candidate.intervals(), least_share)
    return _agreement(reference, candidate, pairs, _all_rows(reference, candidate))


def compare_by_site(
    reference: Scoring, candidate: Scoring, *, onset_tolerance_s: float = 0.5
) -> dict[str, Agreement]:
    """Return the agreement of each site that occurs in either scoring, by name.

    An event is compared with events of the very same site only: ``both_legs`` does not match
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
        pairs = match_onsets(reference.onset_s[rows[0]], candidate.onset_s[rows[1]], tolerated)
        found[site] = _agreement(reference, candidate, pairs, rows)
    return found


def _all_rows(reference: Scoring, candidate: Scoring) -> tuple[_Rows, _Rows]:
    """Return every row of both tables."""
    return np.arange(len(reference)), np.arange(len(candidate))


def _tolerated(onset_tolerance_s: float) -> Span:
    """Return the onset differences that match."""
    if not 0 <= onset_tolerance_s < np.inf:
        raise ValueError(
            f"the onset tolerance must be finite and not negative, got {onset_tolerance_s} s"
        )
    return Span(low=-onset_tolerance_s, high=onset_tolerance_s)


def _agreement(
    reference: Scoring, candidate: Scoring, pairs: Pairs, rows: tuple[_Rows, _Rows]
) -> Agreement:
    """Return the agreement of the given ``rows`` of both tables, paired as ``pairs`` say."""
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
