"""How well two scorings of one night agree, event by event.

Conventions
-----------
A reference event and a candidate event *may* be paired when their onsets are no further apart than
the tolerance, ends included, compared with the slack of ``psgkit.core.bounds``.  Each event is
paired at most once.  Among all ways to pair, the one with the most pairs is taken, and among those
the one whose onsets lie closest together in sum.  That optimum is found exactly: on a line pairs
never need to cross, so a table of the best pairing of every two beginnings of the lists suffices.

A score without a denominator is None, never 0: precision without a candidate, recall without a
reference, F1 without either.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from psgkit.core.bounds import Span
from psgkit.core.events import Events
from psgkit.core.frozen import frozen
from psgkit.core.movements import Movements

Scoring: TypeAlias = Events | Movements
_Rows: TypeAlias = NDArray[np.int64]
_Pairs: TypeAlias = list[tuple[int, int]]


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
    return _compare_rows(
        reference,
        candidate,
        (np.arange(len(reference)), np.arange(len(candidate))),
        _tolerated(onset_tolerance_s),
    )


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
    return {
        site: _compare_rows(
            reference,
            candidate,
            (np.flatnonzero(reference.site == site), np.flatnonzero(candidate.site == site)),
            tolerated,
        )
        for site in sites
    }


def _tolerated(onset_tolerance_s: float) -> Span:
    """Return the onset differences that match."""
    if not 0 <= onset_tolerance_s < np.inf:
        raise ValueError(
            f"the onset tolerance must be finite and not negative, got {onset_tolerance_s} s"
        )
    return Span(low=-onset_tolerance_s, high=onset_tolerance_s)


def _compare_rows(
    reference: Scoring, candidate: Scoring, rows: tuple[_Rows, _Rows], tolerated: Span
) -> Agreement:
    """Return the agreement of the given ``rows`` of both tables."""
    pairs = match_onsets(reference.onset_s[rows[0]], candidate.onset_s[rows[1]], tolerated)
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


