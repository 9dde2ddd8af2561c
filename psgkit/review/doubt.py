"""Rank movements by how near they lie to a bound of a rule, so that review starts where it matters.

For each rule a movement has a margin: how far a value is from the bound that decides.  A margin
becomes a doubt between 0 and 1 by a scale: the distance at which two careful scorers no longer
differ.  The scales are psgkit's own choice.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.events import Events
from psgkit.core.intervals import Intervals, runs_of_true
from psgkit.core.movements import Movements, ScoredMovements
from psgkit.core.site import BOTH_SIDES, GROUP_SITES
from psgkit.indices.movement import PERIODIC_IMI
from psgkit.scoring.rules import ScoringRules

SCALES_S = {
    "duration_min": 0.2,
    "duration_max": 1.0,
    "interval_min": 0.75,
    "interval_max": 3.0,
    "join_gap": 0.2,
    "bilateral_gap": 0.2,
    "respiratory_window": 0.5,
    "arousal_window": 0.3,
}
AMPLITUDE_SCALE = 0.5
"""Of the onset threshold."""
JUST_A_SERIES, ALMOST_A_SERIES = 0.6, 0.5
"""Doubt of a movement whose series has the fewest movements allowed, or would with one more."""
NEAR = 0.5
"""Doubt from which a movement counts as near a bound."""
LOW_AMPLITUDE = 1.5
"""Times the onset threshold up to which an amplitude counts as low."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Doubts:
    """The rule each movement is nearest to: its value, its bound, and the doubt."""

    rule: NDArray[np.str_]
    value: NDArray[np.float64]
    bound: NDArray[np.float64]
    unit: NDArray[np.str_]
    doubt: NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Lane:
    """What is scored together: EMG of the limbs, or one accelerometer.

    Attributes
    ----------
    sites : tuple of tuple of str
        Sites that make one series.
    unit : str
        Of amplitudes and of the threshold.
    onset : float or array
        Threshold of an onset above rest, one for all movements or one each.
    """

    sites: tuple[tuple[str, ...], ...]
    unit: str
    onset: float | NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Judged:
    """Movements of single channels, and the row of the scored one each is part of (-1: none)."""

    movements: Movements
    scored: ScoredMovements
    row: NDArray[np.int64]
    events: Events
    rules: ScoringRules
    lane: Lane


def rows_of(
    movements: Movements,
    scored: ScoredMovements,
    groups: Sequence[Sequence[str]] = tuple(GROUP_SITES.values()),
) -> NDArray[np.int64]:
    """Return the row of the scored movement that each movement is part of; -1 if none."""
    found = np.full(len(movements), -1, dtype=np.int64)
    table = scored.movements
    for sites in groups:
        own = np.flatnonzero(np.isin(movements.site, sites))
        rows = np.flatnonzero(np.isin(table.site, sites))
        if len(own) and len(rows):
            found[own] = _containing(movements.taken(own), table.taken(rows), rows)
    return found


_BACK_N = 8
_SLACK_S = 1e-6


def _containing(own: Movements, table: Movements, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return which of the joined movements contains each; by onset some joined ones overlap."""
    found = np.full(len(own), -1, dtype=np.int64)
    last = np.searchsorted(table.onset_s, own.onset_s + _SLACK_S, side="right") - 1
    both = {site.value: other.value for site, other in BOTH_SIDES.items()}
    joined_site = np.array([both.get(site, site) for site in own.site.tolist()], dtype=np.str_)
    for back in range(_BACK_N):
        at = np.maximum(last - back, 0)
        fits = (last - back >= 0) & (table.end_s[at] >= own.end_s - _SLACK_S)
        fits &= (table.site[at] == own.site) | (table.site[at] == joined_site)
        found = np.where((found < 0) & fits, rows[at], found)
    return found


def doubts_of(judged: Judged) -> Doubts:
    """Return for each movement the rule it is nearest to."""
    n = len(judged.movements)
    best = Doubts(
        rule=np.full(n, "", dtype="<U20"),
        value=np.full(n, np.nan),
        bound=np.full(n, np.nan),
        unit=np.full(n, "", dtype="<U12"),
        doubt=np.zeros(n),
    )
    for name, value, bound, unit, doubt in _margins(judged):
        more = np.nan_to_num(doubt) > best.doubt
        best.rule[more], best.unit[more] = name, unit
        best.bound[more] = np.broadcast_to(bound, n)[more]
        best.value[more], best.doubt[more] = value[more], doubt[more]
    return best


_Margin = tuple[str, NDArray[np.float64], float | NDArray[np.float64], str, NDArray[np.float64]]


def _margins(judged: Judged) -> list[_Margin]:
    moved, rules = judged.movements, judged.rules
    found = [
        _timed("duration_min", moved.duration_s, rules.min_duration_s),
        _timed("duration_max", moved.duration_s, rules.candidate_max_duration_s),
        _amplitude(judged),
        *_intervals(judged),
        *_gaps(moved, rules, judged.lane.sites),
        _series(judged),
    ]
    rule = rules.respiratory
    breaths = judged.events.of_kind(rule.kinds)
    begins = breaths.end_s if rule.anchor == "end" else breaths.onset_s
    windows = np.column_stack((begins + rule.window_s.low, breaths.end_s + rule.window_s.high))
    found.append(_window("respiratory_window", moved, windows))
    near = judged.events.of_kind(["arousal"]).intervals()
    widened = near + np.array([-rules.arousal_within_s, rules.arousal_within_s])
    found.append(_window("arousal_window", moved, widened))
    return found


def _timed(name: str, value: NDArray[np.float64], bound: float) -> _Margin:
    """Return the margin of a time, with a doubt of 1 at its bound."""
    return name, value, bound, "s", np.exp(-np.abs(value - bound) / SCALES_S[name])


def _amplitude(judged: Judged) -> _Margin:
    lane, moved = judged.lane, judged.movements
    value = np.where(moved.amplitude_unit == lane.unit, moved.amplitude, np.nan)
    doubt = np.exp(-np.maximum(value - lane.onset, 0.0) / (AMPLITUDE_SCALE * lane.onset))
    return "amplitude", value, lane.onset, lane.unit, doubt


def _intervals(judged: Judged) -> list[_Margin]:
    """Return the margins of the interval before a movement, or of the one that it ends."""
    scored, span = judged.scored, judged.rules.series.imi_s
    before = scored.imi_s
    after = np.full(len(before), np.nan)
    for group in _by_group(judged):
        rows = group[scored.candidate[group]]
        after[rows[:-1]] = before[rows[1:]]
    both = np.vstack((_at(before, judged.row), _at(after, judged.row)))
    found = []
    for name, bound in (
        *(("interval_min", low) for low in sorted({span.low, PERIODIC_IMI.low})),
        ("interval_max", span.high),
    ):
        far = np.where(np.isnan(both), np.inf, np.abs(both - bound))
        value = np.take_along_axis(both, far.argmin(axis=0)[None], axis=0)[0]
        found.append(_timed(name, value, bound))
    return found


def _by_group(judged: Judged) -> list[NDArray[np.int64]]:
    """Return the rows of each group of sites."""
    site = judged.scored.movements.site
    return [np.flatnonzero(np.isin(site, sites)) for sites in judged.lane.sites]


def _at(values: NDArray[np.float64], row: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the value of each row; NaN for row -1."""
    return np.append(values, np.nan)[row]


def _gaps(moved: Movements, rules: ScoringRules, groups: Sequence[Sequence[str]]) -> list[_Margin]:
    """Return the margins of the gaps to the nearest movement of the same and of the other side."""
    same, other = np.full(len(moved), np.nan), np.full(len(moved), np.nan)
    by_onset = rules.bilateral.link == "onset"
    for sites in groups:
        for site in sites:
            own = np.flatnonzero(moved.site == site)
            others = np.flatnonzero(np.isin(moved.site, sites) & (moved.site != site))
            if len(own) > 1:
                gap = moved.onset_s[own[1:]] - np.maximum.accumulate(moved.end_s[own])[:-1]
                same[own] = np.fmin(np.append(gap, np.nan), np.insert(gap, 0, np.nan))
            if len(own) and len(others):
                other[own] = _nearest(moved, own, others, by_onset=by_onset)
    return [
        _timed("join_gap", same, rules.join_within_s),
        _timed("bilateral_gap", other, rules.bilateral.within_s),
    ]


def _nearest(
    moved: Movements, own: NDArray[np.int64], others: NDArray[np.int64], *, by_onset: bool
) -> NDArray[np.float64]:
    """Return the gap (overlap is below 0), or distance of onsets, to the nearest of the others."""
    onset_s, end_s = moved.onset_s[others], moved.end_s[others]
    right = np.searchsorted(onset_s, moved.onset_s[own], side="left")
    after = np.minimum(right, len(others) - 1)
    before = np.maximum(right - 1, 0)
    if by_onset:
        first = np.abs(onset_s[after] - moved.onset_s[own])
        return np.minimum(first, np.abs(onset_s[before] - moved.onset_s[own]))
    behind = np.where(right < len(others), onset_s[after] - moved.end_s[own], np.inf)
    ahead = np.where(right > 0, moved.onset_s[own] - end_s[before], np.inf)
    return np.minimum(behind, ahead)


def _series(judged: Judged) -> _Margin:
    """Return the margin of the number of movements of a series, or of what is almost one."""
    scored, rule = judged.scored, judged.rules.series
    size = np.full(len(scored), np.nan)
    numbers, counts = np.unique(scored.series[scored.series > 0], return_counts=True)
    sizes = dict(zip(numbers.tolist(), counts.tolist(), strict=True))
    inside = scored.series > 0
    size[inside] = [sizes[number] for number in scored.series[inside].tolist()]
    for group in _by_group(judged):
        rows = group[scored.candidate[group] & ~inside[group]]
        for first, stop in runs_of_true(rule.imi_s.contains(scored.imi_s[rows])).tolist():
            size[rows[max(first - 1, 0) : stop]] = stop - max(first - 1, 0)
    value = _at(size, judged.row)
    doubt = np.where(value == rule.min_movements, JUST_A_SERIES, 0.0)
    doubt = np.where(value == rule.min_movements - 1, ALMOST_A_SERIES, doubt)
    return "series", value, float(rule.min_movements), "movements", doubt


def _window(name: str, moved: Movements, windows: Intervals) -> _Margin:
    """Return by how much a movement reaches into a window (above 0), or misses it (below 0)."""
    reach = np.full(len(moved), np.nan)
    if len(windows):
        order = np.argsort(windows[:, 0], kind="stable")
        starts, stops = windows[order, 0], np.maximum.accumulate(windows[order, 1])
        row = np.searchsorted(starts, moved.end_s, side="right") - 1
        at = np.maximum(row, 0)
        overlap = np.minimum(moved.end_s, stops[at]) - np.maximum(moved.onset_s, starts[at])
        later = np.minimum(row + 1, len(starts) - 1)
        miss = np.where(row + 1 < len(starts), moved.end_s - starts[later], -np.inf)
        reach = np.maximum(np.where(row >= 0, overlap, -np.inf), miss)
    return _timed(name, reach, 0.0)
