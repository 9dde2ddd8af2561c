"""Large muscle group movements (LMM): several parts of the body at once.

Ferri et al. 2021, Sleep 44:zsab092 (position paper; abstract read, amplitude wording not): 3-45 s
in adults, any combination of two or more channels that overlap in time, and no other movement type.
How much they must overlap and what counts as "another type" are psgkit's own choice.
"""

from collections.abc import Sequence
from dataclasses import field

import numpy as np
from numpy.typing import NDArray

from psgkit.core.bounds import SLACK_S, Span
from psgkit.core.dataclass import dataclass
from psgkit.core.frozen import words
from psgkit.core.intervals import Intervals, covered_at_least, intersect, no_intervals, union
from psgkit.core.movements import Movements
from psgkit.core.ranges import check_ranges
from psgkit.core.site import GROUP_SITES, Site


@dataclass(frozen=True, kw_only=True, slots=True)
class LargeMovementRule:
    """When movements of several channels are one large movement.

    Attributes
    ----------
    duration_s : Span
        From the first onset to the last end.  Confirmed: abstract, 3-45 s in adults.
    min_parts : int
        Parts of the body (legs, arms, trunk) that move at once.  The abstract asks for two or more
        channels; both legs together are one part (psgkit's own choice: they may be bilateral).
    together_s : float
        Least total time of simultaneous movement (psgkit's own choice: limb movements that merely
        coincide are shorter).
    member_share : float
        A movement is part of a large one if at least this share of it lies within (psgkit's own
        choice).
    """

    duration_s: Span = field(default_factory=lambda: Span(low=3.0, high=45.0))
    min_parts: int = 2
    together_s: float = 3.0
    member_share: float = 0.5

    def __post_init__(self) -> None:
        check_ranges(self)


def find_large_movements(
    channels: Sequence[Movements], leg_plm: Intervals, rule: LargeMovementRule
) -> Movements:
    """Return the large movements in tables of single channels, at site ``whole_body``.

    Parameters
    ----------
    channels : sequence of Movements
        EMG and accelerometers.
    leg_plm : array, shape (n, 2)
        Periodic leg movements, seconds; a movement that contains one is a limb movement.
    rule : LargeMovementRule

    Returns
    -------
    Movements
        ``n_parts`` counts the parts of the body, ``channels`` names all channels.

    Examples
    --------
    >>> arm = Movements.of([10.0], [20.0], "left_arm")
    >>> back = Movements.of([12.0, 90.0], [19.0, 91.0], "trunk")
    >>> large = find_large_movements([arm, back], np.empty((0, 2)), LargeMovementRule())
    >>> large.onset_s.tolist(), large.end_s.tolist(), large.n_parts.tolist()
    ([10.0], [20.0], [2])
    """
    every = Movements.joined(list(channels))
    parts = np.array([body_part(site) for site in every.site.tolist()], dtype=np.str_)
    spans = every.intervals()
    of_part = {part: union(spans[parts == part]) for part in np.unique(parts)}
    groups = union(*of_part.values()) if of_part else no_intervals(np.float64)
    if not len(groups):
        return Movements.of([], [], [])
    n_parts = sum((_totals(one, groups) > 0).astype(np.int64) for one in of_part.values())
    together = _totals(covered_at_least(rule.min_parts, *of_part.values()), groups)
    lasts = groups[:, 1] - groups[:, 0]
    is_large = (
        rule.duration_s.contains(lasts)
        & (together >= rule.together_s - SLACK_S)
        & ~(_totals(leg_plm, groups) > 0)
    )
    return _as_movements(every, groups[is_large], np.asarray(n_parts)[is_large])


def part_of_large(
    movements: Movements, large: Movements, rule: LargeMovementRule
) -> NDArray[np.bool_]:
    """Return which ``movements`` belong to one of the ``large`` ones."""
    inside = _totals(large.intervals(), movements.intervals())
    lasts = np.maximum(movements.duration_s, SLACK_S)
    return np.asarray(inside / lasts >= rule.member_share)


def body_part(site: str) -> str:
    """Return the part of the body of a site: ``legs``, ``arms``, ``trunk``, or the site itself."""
    return next((name for name, sites in GROUP_SITES.items() if site in sites), site)


def _totals(spans: Intervals, within: Intervals) -> NDArray[np.float64]:
    """Return how many seconds of disjoint ``spans`` lie within each of sorted ``within``."""
    found = np.zeros(len(within))
    for row in _batches(within):
        shared = intersect(within[row], spans)
        at = np.searchsorted(within[row, 0], shared[:, 0], side="right") - 1
        np.add.at(found, row[at], shared[:, 1] - shared[:, 0])
    return found


def _batches(rows: Intervals) -> list[NDArray[np.int64]]:
    """Return the row numbers in batches of disjoint intervals."""
    free = np.arange(len(rows))
    batches = []
    while len(free):
        reach = np.concatenate(([-np.inf], np.maximum.accumulate(rows[free, 1])[:-1]))
        chosen = rows[free, 0] >= reach
        batches.append(free[chosen])
        free = free[~chosen]
    return batches


def _as_movements(every: Movements, spans: Intervals, n_parts: NDArray[np.int64]) -> Movements:
    n = len(spans)
    row = np.searchsorted(spans[:, 0], every.onset_s, side="right") - 1
    inside = (row >= 0) & (every.onset_s < spans[np.maximum(row, 0), 1]) if n else row >= 0
    labels: list[dict[str, None]] = [{} for _ in range(n)]
    for movement in np.flatnonzero(inside).tolist():
        labels[row[movement]].update(dict.fromkeys(every.channels[movement]))
    found = sorted(set(every.modality[inside].tolist())) if n else []
    modality = found[0] if len(found) == 1 else "emg"
    return Movements(
        onset_s=spans[:, 0],
        end_s=spans[:, 1],
        site=words([Site.WHOLE_BODY] * n),
        n_parts=n_parts,
        amplitude=np.full(n, np.nan),
        channels=tuple(tuple(names) for names in labels),
        modality=words([modality] * n),
        amplitude_unit=words([""] * n),
    )
