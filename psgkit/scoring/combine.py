"""Join movements of one site, then of both sides, and say which are candidates."""

from itertools import chain, pairwise

import numpy as np
from numpy.typing import NDArray

from psgkit.core.bounds import SLACK_S
from psgkit.core.dataclass import dataclass
from psgkit.core.frozen import words
from psgkit.core.intervals import group_of_connected
from psgkit.core.movements import Movements
from psgkit.core.site import BOTH_SIDES, Site
from psgkit.scoring.rules import BilateralRule, ScoringRules


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Combined:
    """Movements of one group of sites after joining, and which of them are candidates."""

    movements: Movements
    candidate: NDArray[np.bool_]


def combine(
    movements: Movements, rules: ScoringRules, gaps_s: NDArray[np.float64] | None = None
) -> Combined:
    """Return the movements of one group of sites, joined.

    Nothing is joined across a gap; ``gaps_s`` are the sorted times at which gaps begin.

    First movements of one site with too short a gap become one, and those still too short are
    dropped; the duration of each decides whether it is a candidate; then movements of both sides
    are linked.  A linked movement is a candidate if all its parts are and it keeps the limits on
    parts and duration.

    Examples
    --------
    >>> from psgkit.scoring.rules import WASM_2016
    >>> legs = Movements.of([10.0, 13.4], [13.0, 15.0], ["left_leg", "right_leg"])
    >>> joined = combine(legs, WASM_2016).movements
    >>> joined.site.tolist(), joined.onset_s.tolist(), joined.end_s.tolist()
    (['both_legs'], [10.0], [15.0])
    """
    gaps = np.empty(0) if gaps_s is None else gaps_s
    of_site = [movements.where(movements.site == site) for site in np.unique(movements.site)]
    joined = Movements.joined([_joined(one, rules.join_within_s, gaps) for one in of_site])
    long_enough = joined.duration_s >= rules.min_duration_s - SLACK_S
    single = joined.where(long_enough)
    limit_s = np.full(len(single), rules.candidate_max_duration_s)
    already_both = np.isin(single.site, [Site.BOTH_LEGS, Site.BOTH_ARMS])
    limit_s[already_both] = rules.bilateral.max_duration_s or rules.candidate_max_duration_s
    candidate = single.duration_s <= limit_s + SLACK_S
    return _linked(single, candidate, rules.bilateral, gaps)


def _joined(movements: Movements, within_s: float, gaps_s: NDArray[np.float64]) -> Movements:
    group = _connected(movements, within_s, gaps_s)
    return _merged(movements, group, n_parts=np.bincount(group) * 0 + 1)


def _connected(
    movements: Movements, within_s: float, gaps_s: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Return group numbers of movements that follow each other closely, not across a gap."""
    block = np.searchsorted(gaps_s, movements.onset_s, side="left")
    cuts = np.flatnonzero(np.diff(block)) + 1
    groups: list[NDArray[np.int64]] = []
    n_groups = 0
    for rows in np.split(np.arange(len(movements)), cuts):
        reach = movements.end_s[rows] + within_s - SLACK_S
        groups.append(group_of_connected(movements.onset_s[rows], reach) + n_groups)
        n_groups = int(groups[-1][-1]) + 1 if len(rows) else n_groups
    return np.concatenate(groups)


def _split(
    group: NDArray[np.int64], movements: Movements, gaps_s: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Return the groups, split where a gap begins between two movements."""
    block = np.searchsorted(gaps_s, movements.onset_s, side="left")
    new = (np.diff(group) != 0) | (np.diff(block) != 0)
    return np.concatenate((group[:1] * 0, np.cumsum(new))).astype(np.int64)


def _linked(
    single: Movements,
    candidate: NDArray[np.bool_],
    rule: BilateralRule,
    gaps_s: NDArray[np.float64],
) -> Combined:
    if rule.link == "gap":
        group = _connected(single, rule.within_s, gaps_s)
    else:
        order, group = _groups_by_onset(single, rule.within_s)
        single, candidate = single.taken(order), candidate[order]
        group = _split(group, single, gaps_s)
    n_groups = int(group[-1]) + 1 if len(group) else 0
    parts = np.bincount(group, weights=single.n_parts, minlength=n_groups).astype(np.int64)
    linked = _merged(single, group, n_parts=parts)
    all_candidates = np.bincount(group, weights=~candidate, minlength=n_groups) == 0
    several = np.bincount(group, minlength=n_groups) > 1
    too_many = (parts > rule.max_parts) if rule.max_parts else np.zeros(n_groups, bool)
    too_long = (
        linked.duration_s > rule.max_duration_s + SLACK_S
        if rule.max_duration_s
        else np.zeros(n_groups, bool)
    )
    return Combined(movements=linked, candidate=all_candidates & ~(several & (too_many | too_long)))


def _groups_by_onset(
    single: Movements, within_s: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return an order of the rows and their group numbers in it.

    A movement joins if its onset is near that of the first of the group, not of the last, so that
    chains cannot grow, and its site is not in the group yet.  Of movements that begin together one
    that can join goes first.
    """
    order: list[int] = []
    group: list[int] = []
    first_s, seen = -np.inf, set[str]()
    ends = np.searchsorted(single.onset_s, single.onset_s, side="right").tolist()
    tied: list[int] = []
    for _ in range(len(single)):
        tied = tied or list(range(len(order), ends[len(order)]))
        row = next((row for row in tied if single.site[row] not in seen), tied[0])
        tied.remove(row)
        near = single.onset_s[row] - first_s < within_s - SLACK_S
        if not near or single.site[row] in seen:
            first_s, seen = float(single.onset_s[row]), set()
            group.append(group[-1] + 1 if group else 0)
        else:
            group.append(group[-1])
        seen.add(str(single.site[row]))
        order.append(row)
    return np.array(order, dtype=np.int64), np.array(group, dtype=np.int64)


def _merged(
    movements: Movements, group: NDArray[np.int64], n_parts: NDArray[np.int64]
) -> Movements:
    """Return one movement a group: from the first onset to the last end, of all its sites."""
    if not len(group):
        return movements
    starts = np.flatnonzero(np.concatenate(([True], group[1:] != group[:-1])))
    bounds = [*starts.tolist(), len(group)]
    weight = np.maximum(movements.duration_s, SLACK_S)
    mean = np.add.reduceat(movements.amplitude * weight, starts) / np.add.reduceat(weight, starts)
    rows = list(pairwise(bounds))
    return Movements(
        onset_s=movements.onset_s[starts],
        end_s=np.maximum.reduceat(movements.end_s, starts),
        site=_sites_of(movements.site, rows),
        n_parts=n_parts,
        amplitude=mean,
        channels=tuple([_channels_of(movements.channels[a:b]) for a, b in rows]),
        modality=movements.modality[starts],
        amplitude_unit=movements.amplitude_unit[starts],
    )


def _channels_of(channels: tuple[tuple[str, ...], ...]) -> tuple[str, ...]:
    if len(channels) == 1 and len(channels[0]) == 1:
        return channels[0]
    return tuple(dict.fromkeys(chain.from_iterable(channels)))


def _sites_of(sites: NDArray[np.str_], rows: list[tuple[int, int]]) -> NDArray[np.str_]:
    """Return the site of each group of rows; most groups have one row."""
    given = sites.tolist()
    return words([given[a] if b == a + 1 else _site_of(sites[a:b]) for a, b in rows])


def _site_of(sites: NDArray[np.str_]) -> str:
    first = str(sites[0])
    if (sites == first).all():
        return first
    known = [Site(site) for site in sites.tolist() if site in BOTH_SIDES]
    return str(BOTH_SIDES[known[0]]) if known else first
