"""Large muscle group movements (LMM): several parts of the body at once.

Ferri et al. 2021, Sleep 44:zsab092 (position paper; abstract read, amplitude wording not): 3-45 s
in adults, any combination of two or more channels that overlap in time, and no other movement type.
How much they must overlap and what counts as "another type" are ours.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from psgkit.core.bounds import SLACK_S, Span
from psgkit.core.frozen import words
from psgkit.core.intervals import Intervals, intersect, no_intervals, union
from psgkit.core.movements import Movements
from psgkit.core.site import GROUP_SITES, Site


@dataclass(frozen=True, kw_only=True, slots=True)
class LargeMovementRule:
    """When movements of several channels are one large movement.

    Attributes
    ----------
    duration_s : Span
        From the first onset to the last end.  Confirmed: abstract, 3-45 s in adults.
    min_sites : int
        Sites that move at once.  Confirmed: abstract, two or more channels.
    together_s : float
        For at least this long in total.  Ours: limb movements that merely coincide are shorter.
    one_limb_min_s : float
        The two sides of one pair of limbs alone are large from here on.  Ours: what is shorter
        may be a bilateral candidate of WASM 2016, which is another type.
    member_share : float
        A movement is part of a large one if at least this share of it lies within.  Ours.
    """

    duration_s: Span = field(default_factory=lambda: Span(low=3.0, high=45.0))
    min_sites: int = 2
    together_s: float = 3.0
    one_limb_min_s: float = 15.0
    member_share: float = 0.5


def find_large_movements(
    channels: Sequence[Movements], leg_plm: Intervals, rule: LargeMovementRule
) -> Movements:
    """Return the large movements in tables of single channels, at site ``whole_body``.

    Parameters
    ----------
    channels : sequence of Movements
        EMG and accelerometers; a site that several channels saw is one site.
    leg_plm : array, shape (n, 2)
        Periodic leg movements, seconds: what holds one of them is a limb movement.
    rule : LargeMovementRule

    Returns
    -------
    Movements
        ``n_parts`` counts the sites, ``channels`` names all channels.

    Examples
    --------
    >>> arm = Movements.of([10.0], [20.0], "left_arm")
    >>> back = Movements.of([12.0, 90.0], [19.0, 91.0], "trunk")
    >>> large = find_large_movements([arm, back], np.empty((0, 2)), LargeMovementRule())
    >>> large.onset_s.tolist(), large.end_s.tolist(), large.n_parts.tolist()
    ([10.0], [20.0], [2])
    """
    every = Movements.joined(list(channels))
    of_site = {site: _spans(every, site) for site in sorted(set(every.site.tolist()))}
    groups = union(*of_site.values()) if of_site else no_intervals(np.float64)
    if not len(groups):
        return Movements.of([], [], [])
    touched = np.column_stack([_totals(spans, groups) > 0 for spans in of_site.values()])
    together = _totals(_several_at_once(list(of_site.values()), rule.min_sites), groups)
    lasts = groups[:, 1] - groups[:, 0]
    parts = np.array([_body_part(site) for site in of_site])
    n_parts = np.column_stack(
        [touched[:, parts == part].any(axis=1) for part in np.unique(parts)]
    ).sum(axis=1)
    is_large = (
        rule.duration_s.contains(lasts)
        & (touched.sum(axis=1) >= rule.min_sites)
        & (together >= rule.together_s - SLACK_S)
        & ((n_parts > 1) | (lasts > rule.one_limb_min_s + SLACK_S))
        & ~(_totals(leg_plm, groups) > 0)
    )
    return _as_movements(every, groups[is_large], touched.sum(axis=1)[is_large])


def part_of_large(
    movements: Movements, large: Movements, rule: LargeMovementRule
) -> NDArray[np.bool_]:
    """Return which ``movements`` belong to one of the ``large`` ones."""
    inside = _totals(large.intervals(), movements.intervals())
    lasts = np.maximum(movements.duration_s, SLACK_S)
    return np.asarray(inside / lasts >= rule.member_share)


def _spans(movements: Movements, site: str) -> Intervals:
    return union(movements.intervals()[movements.site == site])


def _body_part(site: str) -> str:
    return next((name for name, sites in GROUP_SITES.items() if site in sites), site)


def _several_at_once(lists: list[Intervals], least: int) -> Intervals:
    """Return where at least ``least`` of the disjoint lists cover the time."""
    starts = np.concatenate([spans[:, 0] for spans in lists])
    stops = np.concatenate([spans[:, 1] for spans in lists])
    times = np.concatenate((starts, stops))
    steps = np.repeat([1, -1], [len(starts), len(stops)])
    order = np.lexsort((steps, times))
    times, count = times[order], np.cumsum(steps[order])
    enough = np.flatnonzero(count[:-1] >= least)
    return union(np.column_stack((times[enough], times[enough + 1])))


def _totals(spans: Intervals, within: Intervals) -> NDArray[np.float64]:
    """Return how many seconds of disjoint ``spans`` lie within each of sorted ``within``."""
    found = np.zeros(len(within))
    for row in _batches(within):
        shared = intersect(within[row], spans)
        at = np.searchsorted(within[row, 0], shared[:, 0], side="right") - 1
        np.add.at(found, row[at], shared[:, 1] - shared[:, 0])
    return found


def _batches(rows: Intervals) -> list[NDArray[np.int64]]:
    """Return the row numbers in batches that are disjoint in themselves."""
    free = np.arange(len(rows))
    batches = []
    while len(free):
        reach = np.concatenate(([-np.inf], np.maximum.accumulate(rows[free, 1])[:-1]))
        chosen = rows[free, 0] >= reach
        batches.append(free[chosen])
        free = free[~chosen]
    return batches


def _as_movements(every: Movements, spans: Intervals, n_sites: NDArray[np.int64]) -> Movements:
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
        n_parts=n_sites,
        amplitude=np.full(n, np.nan),
        channels=tuple(tuple(names) for names in labels),
        modality=words([modality] * n),
        amplitude_unit=words([""] * n),
    )
