"""Movements before, while and after being up, as an indirect sign of relief by movement.

Restlessness is relieved by movement while it lasts (IRLSSG criterion 3; for the back the seed case
describes relief on getting up).  Sensors do not measure relief; they show whether there are fewer
movements after getting up than in the minutes lying before.  A ratio below 1 fits relief but also
falling asleep again; a ratio above 1 also fits periodic movements of that sleep.  The rate while up
leaves out walking, because steps are not jerks.  The windows are psgkit's own choice.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.index import Index, all_missing
from psgkit.core.intervals import Intervals, contains, intersect, total, union
from psgkit.core.message import translatable
from psgkit.core.postures import LYING, Postures
from psgkit.core.ranges import check_ranges
from psgkit.indices.posture import OutOfBedRule, out_of_bed

_SECONDS_PER_HOUR = 3600.0
_PARTS = ("before", "up", "after")


@dataclass(frozen=True, kw_only=True, slots=True)
class ReliefRule:
    """The minutes that are compared; the numbers are psgkit's own choice.

    Attributes
    ----------
    lying_s : float
        Length of the windows before getting up and after lying down again.
    min_lying_s : float
        Least observed time lying on each side of an episode that counts.
    min_up_s : float
        Least observed time up and not walking for a rate while up.
    margin_s : float
        Left out around getting up and lying down, whose movements are the change itself.
    min_episodes : int
        Fewest episodes for an interval of the ratio.
    coverage : float
        Of the interval.
    resamples, seed : int
        Of the bootstrap over episodes.
    out_of_bed : OutOfBedRule
    """

    lying_s: float = 900.0
    min_lying_s: float = 180.0
    min_up_s: float = 10.0
    margin_s: float = 10.0
    min_episodes: int = 3
    coverage: float = 0.95
    resamples: int = 2000
    seed: int = 1
    out_of_bed: OutOfBedRule = OutOfBedRule()

    def __post_init__(self) -> None:
        check_ranges(self, seed=(0, 2**32 - 1))
        if not 0 < self.min_lying_s <= self.lying_s:
            raise ValueError(
                f"relief needs 0 < min_lying_s <= lying_s, got {self.min_lying_s}, {self.lying_s}"
            )
        if not 0 < self.coverage < 1 or self.min_episodes < 1 or self.resamples < 1:
            raise ValueError(
                "relief needs 0 < coverage < 1, min_episodes and resamples of 1 or more"
            )
        if min(self.min_up_s, self.margin_s) < 0:
            raise ValueError("min_up_s and margin_s of relief must not be negative")


@dataclass(frozen=True, kw_only=True, slots=True)
class ReliefEpisode:
    """One episode out of lying, for one group of sites.

    Attributes
    ----------
    group : str
    up_onset_s, up_end_s : float
        When the trunk was up.
    before_n, up_n, after_n : int
        Movements that begin in the observed time of each part.
    before_h, up_h, after_h : float
        Observed hours; 0 where there is too little to count.
    """

    group: str
    up_onset_s: float
    up_end_s: float
    before_n: int
    before_h: float
    up_n: int
    up_h: float
    after_n: int
    after_h: float


@dataclass(frozen=True, kw_only=True, slots=True)
class MovementRelief:
    """All episodes, and the indices of the group ``movement_relief`` by name."""

    episodes: tuple[ReliefEpisode, ...]
    indices: Mapping[str, Index]


def movement_relief(
    groups: Mapping[str, tuple[NDArray[np.float64], Intervals]],
    postures: Postures,
    window: Intervals,
    rule: ReliefRule,
    reason: str = "",
) -> MovementRelief:
    """Compare movement rates before, while and after being up.

    Parameters
    ----------
    groups : mapping of name to (onsets, observed)
        Onsets of movements, seconds, shape ``(n,)``, and the time in which they could be detected,
        seconds, shape ``(m, 2)``.
    postures : Postures
    window : Intervals
        Lights off and on, seconds, shape ``(1, 2)``.
    reason : str
        Why there are no postures; every index is then missing for this reason.

    Returns
    -------
    MovementRelief
        For ``legs`` there are ``legs_episodes_n`` (episodes with enough time lying before and
        after), ``legs_before_rate``, ``legs_up_rate``, ``legs_after_rate`` (movements per hour of
        all episodes together), ``legs_relief_ratio`` (after / before) and ``legs_up_ratio`` (up /
        before), each from the episodes that have both parts, with ``..._low`` and ``..._high``, the
        percentile bootstrap over episodes (which is too narrow for a handful of them).

    Examples
    --------
    >>> night = Postures(onset_s=[0, 900, 1000], end_s=[900, 1000, 1900],
    ...     posture=["supine", "upright", "left"], angle_deg=[0, np.nan, 90])
    >>> legs = (np.array([100.0, 300, 500, 700, 1500]), np.array([[0.0, 1900.0]]))
    >>> rule = ReliefRule(lying_s=800, margin_s=0.0)
    >>> found = movement_relief({"legs": legs}, night, np.array([[0.0, 1900.0]]), rule)
    >>> found.indices["legs_relief_ratio"].value
    0.25
    """
    up = np.empty((0, 2)) if reason else out_of_bed(postures, window, rule.out_of_bed)
    lying = intersect(union(postures.stretches(LYING)), window)
    standing = intersect(union(postures.stretches(("upright",))), window)
    parts = [_parts(up, at, lying, standing, rule) for at in range(len(up))]
    episodes = []
    indices = {"episodes_n": Index.plain("episodes_n", len(up))}
    for group, (onset_s, observed) in groups.items():
        rows = [
            _episode(group, bout, _counted(onset_s, observed, stretches, rule))
            for bout, stretches in zip(up, parts, strict=True)
        ]
        episodes += rows
        indices |= _pooled(group, rows, rule)
    if reason:
        indices = all_missing(indices, reason)
    return MovementRelief(episodes=tuple(episodes), indices=indices)


def _parts(
    up: Intervals, at: int, lying: Intervals, standing: Intervals, rule: ReliefRule
) -> dict[str, Intervals]:
    """Return the stretches of each part of one episode; none reaches into the neighbours."""
    onset_s, end_s = up[at]
    earliest = up[at - 1, 1] + rule.margin_s if at else -np.inf
    latest = up[at + 1, 0] - rule.margin_s if at + 1 < len(up) else np.inf
    leaves, returns = onset_s - rule.margin_s, end_s + rule.margin_s
    spans = {
        "before": (lying, max(leaves - rule.lying_s, earliest), leaves),
        "up": (standing, onset_s + rule.margin_s, end_s - rule.margin_s),
        "after": (lying, returns, min(returns + rule.lying_s, latest)),
    }
    return {
        name: intersect(posture, np.array([[start, max(start, stop)]]))
        for name, (posture, start, stop) in spans.items()
    }


def _counted(
    onset_s: NDArray[np.float64],
    observed: Intervals,
    parts: Mapping[str, Intervals],
    rule: ReliefRule,
) -> dict[str, tuple[int, float]]:
    """Return movements and observed hours of each part; neither where there is too little."""
    fewest = {"before": rule.min_lying_s, "up": rule.min_up_s, "after": rule.min_lying_s}
    counted = {}
    for name, part in parts.items():
        time = intersect(part, union(observed))
        enough = total(time) >= max(fewest[name], 1e-6) - 1e-6
        found = (int(contains(time, onset_s).sum()), total(time) / _SECONDS_PER_HOUR)
        counted[name] = found if enough else (0, 0.0)
    return counted


def _episode(
    group: str, bout: NDArray[np.float64], counted: Mapping[str, tuple[int, float]]
) -> ReliefEpisode:
    (before_n, before_h), (up_n, up_h), (after_n, after_h) = (counted[part] for part in _PARTS)
    return ReliefEpisode(
        group=group,
        up_onset_s=float(bout[0]),
        up_end_s=float(bout[1]),
        before_n=before_n,
        before_h=before_h,
        up_n=up_n,
        up_h=up_h,
        after_n=after_n,
        after_h=after_h,
    )


def _pooled(group: str, rows: list[ReliefEpisode], rule: ReliefRule) -> dict[str, Index]:
    """Return rates and ratios of a group over all its episodes together."""
    number = {part: np.array([getattr(row, f"{part}_n") for row in rows]) for part in _PARTS}
    hours = {part: np.array([getattr(row, f"{part}_h") for row in rows]) for part in _PARTS}
    complete = (hours["before"] > 0) & (hours["after"] > 0)
    why = "" if rows else translatable("no time out of bed between lights off and on")
    found = [Index.plain(f"{group}_episodes_n", complete.sum())]
    for part in _PARTS:
        words = (
            translatable("up without walking")
            if part == "up"
            else translatable(f"lying {part} being up")
        )
        lack = why or translatable(f"not enough observed time {words}")
        name = f"{group}_{part}_rate"
        found.append(Index.rate(name, number[part].sum(), hours[part].sum(), otherwise=lack))
    for name, part in (("relief_ratio", "after"), ("up_ratio", "up")):
        both = (hours["before"] > 0) & (hours[part] > 0)
        table = np.array([number["before"], hours["before"], number[part], hours[part]])
        found += _ratio(f"{group}_{name}", table[:, both], rule, why)
    return {index.name: index for index in found}


def _ratio(
    name: str, table: NDArray[np.float64], rule: ReliefRule, reason: str
) -> tuple[Index, ...]:
    """Return the ratio of the pooled rates with its interval; ``table`` has an episode a column."""
    low, high = f"{name}_low", f"{name}_high"
    n = table.shape[1]
    if not n:
        reason = reason or translatable(
            "no time of getting up with enough observed time in both parts"
        )
    elif not table[0].sum():
        reason = translatable("no movement in the time lying before getting up")
    if reason:
        return tuple(all_missing((name, low, high), reason).values())
    value = Index.plain(name, _ratio_of(table.sum(axis=1)[:, None])[0])
    if n < rule.min_episodes:
        few = translatable(
            f"{n} times of getting up are too few for an interval ({rule.min_episodes} needed)"
        )
        return value, *all_missing((low, high), few).values()
    draws = np.random.default_rng(rule.seed).integers(0, n, (rule.resamples, n))
    ratios = _ratio_of(table[:, draws].sum(axis=2))
    tail = (1.0 - rule.coverage) / 2
    ends = np.quantile(ratios, [tail, 1.0 - tail], method="inverted_cdf")
    why = translatable("too few movements before getting up to bound the ratio")
    return value, *(
        Index.plain(one, end if np.isfinite(end) else None, otherwise=why)
        for one, end in zip((low, high), ends, strict=True)
    )


def _ratio_of(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return rate / rate before; infinite without movements before."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = (sums[2] / sums[3]) / (sums[0] / sums[1])
    return np.where(sums[0] > 0, ratio, np.inf)
