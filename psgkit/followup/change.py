"""Indices over nights, their change between two phases, and its comparison with published spread.

Published spreads are known from abstracts and citations only and are about legs in RLS; none exists
for arms, trunk, wake or sleep indices.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.index import Index
from psgkit.followup.match_context import Phase, PlacedNight

_FEWEST = 2
_SLACK = 1e-9


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangeRule:
    """When and how the interval of a change is computed; the numbers are psgkit's own choice.

    Attributes
    ----------
    min_nights : int
        Nights needed in each phase; with fewer the spread between nights is unknown.
    coverage : float
        Of the interval.
    resamples, seed : int
        Of the bootstrap over nights.
    """

    min_nights: int = 3
    coverage: float = 0.95
    resamples: int = 2000
    seed: int = 1

    def __post_init__(self) -> None:
        if self.min_nights < 2 or self.resamples < 1 or not 0 < self.coverage < 1:  # noqa: PLR2004
            raise ValueError(
                "min_nights of at least 2, resamples of at least 1 and a coverage between 0 and 1 "
                f"are wanted, got {self.min_nights}, {self.resamples}, {self.coverage}"
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """Mean of the later phase less mean of the earlier one.

    Attributes
    ----------
    before, after, change : float or None
        Means over nights and their difference; None with ``reason``.
    before_n, after_n : int
        Nights that have a value.
    low, high : float or None
        Interval of the change; None with ``interval_reason``.
    """

    before: float | None
    after: float | None
    before_n: int
    after_n: int
    change: float | None
    low: float | None
    high: float | None
    reason: str | None
    interval_reason: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class PublishedSpread:
    """One published within-person spread.

    Attributes
    ----------
    index : str
        Name of the index.
    groups : tuple of str
        Groups, or beginnings of groups, that it may be compared with.
    size : float
        The spread.
    kind : {"difference", "percent"}
        ``difference``: in the unit of the index.  ``percent``: of the mean of the two values,
        which is psgkit's own choice, because the source does not state the base.
    of_log : bool
        The percentage is that of the natural logarithm of the index.
    source, population, grade : str
    """

    index: str
    groups: tuple[str, ...]
    size: float
    kind: Literal["difference", "percent"]
    of_log: bool = False
    source: str
    population: str
    grade: str

    def covers(self, group: str, index: str) -> bool:
        """Return whether this spread is about an index.

        Examples
        --------
        >>> PUBLISHED_SPREAD[0].covers("legs", "plms_index")
        True
        """
        return index == self.index and group in self.groups

    def limit(self, before: float, after: float) -> float | None:
        """Return the largest difference within the spread, in the unit of the index.

        None where a percentage is undefined: of a mean of 0, or without a logarithm.

        Examples
        --------
        >>> PUBLISHED_SPREAD[0].limit(40.0, 20.0), PUBLISHED_SPREAD[1].limit(40.0, 20.0)
        (25.1, 12.96)
        """
        if self.kind == "difference":
            return self.size
        if self.of_log:
            return self._limit_of_log(before, after)
        middle = (before + after) / 2
        return self.size / 100 * middle if middle > 0 else None

    def _limit_of_log(self, before: float, after: float) -> float | None:
        """Return the limit around ``before`` on the side where ``after`` lies."""
        if min(before, after) <= 0:
            return None
        step = self.size / 100 * abs(math.log(before) + math.log(after)) / 2
        return before * (math.exp(step) - 1 if after >= before else 1 - math.exp(-step))


@dataclass(frozen=True, kw_only=True, slots=True)
class Compared:
    """Comparison of a change with one published spread; ``limit`` is in the unit of the index."""

    spread: PublishedSpread
    limit: float | None
    inside: bool | None


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class IndexCourse:
    """One index over the nights: an ``Index`` per night, and the spread between nights.

    ``mean``, ``sd`` (n - 1) and ``span`` (largest less smallest) are over all nights that have a
    value; ``sd`` and ``span`` need two.
    """

    group: str
    name: str
    unit: str
    nights: tuple[Index, ...]
    mean: float | None
    sd: float | None
    span: float | None


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class PhaseChange:
    """The change of one index from one phase to another, by their numbers in ``phases``."""

    first: int
    second: int
    group: str
    name: str
    unit: str
    change: Change
    compared: tuple[Compared, ...]

    @property
    def verdict(self) -> str | None:
        """Return ``inside`` or ``outside`` the published spreads; None without any."""
        known = [one.inside for one in self.compared if one.inside is not None]
        return None if not known else "inside" if any(known) else "outside"


_ANKLES = ("accelerometer_left_ankle", "accelerometer_right_ankle")
PUBLISHED_SPREAD = (
    PublishedSpread(
        index="plms_index",
        groups=("legs", *_ANKLES),
        size=25.1,
        kind="difference",
        source="Trotti 2009, Sleep Med 10:668-671",
        population="20 people with RLS, ankle sensor: highest less lowest of 10 to 15 nights, "
        "in the mean; no limit for two nights",
        grade="one study, from its abstract",
    ),
    PublishedSpread(
        index="plms_index",
        groups=("legs",),
        size=43.2,
        kind="percent",
        source="Skeba 2016, Sleep Med 17:138",
        population="night-to-night variation of PLMS per hour",
        grade="one study, as cited by another",
    ),
    PublishedSpread(
        index="imi_log_mean_s",
        groups=("legs",),
        size=3.6,
        kind="percent",
        of_log=True,
        source="Skeba 2016, Sleep Med 17:138",
        population="night-to-night variation of the mean ln interval",
        grade="one study, as cited by another",
    ),
)


def index_courses(nights: Sequence[PlacedNight]) -> list[IndexCourse]:
    """Return every index of any night, in the order of the reports."""
    units: dict[tuple[str, str], str] = {}
    for night in nights:
        for group, indices in night.report.indices.items():
            for name, index in indices.items():
                units.setdefault((group, name), index.unit)
    groups = list(dict.fromkeys(group for group, _ in units))
    ordered = sorted(units.items(), key=lambda one: groups.index(one[0][0]))
    return [_course(nights, group, name, unit) for (group, name), unit in ordered]


def _course(nights: Sequence[PlacedNight], group: str, name: str, unit: str) -> IndexCourse:
    values = tuple(_index_of(night.report.indices, group, name, unit) for night in nights)
    known = np.array([one.value for one in values if one.value is not None])
    several = len(known) >= _FEWEST
    return IndexCourse(
        group=group,
        name=name,
        unit=unit,
        nights=values,
        mean=float(known.mean()) if len(known) else None,
        sd=float(known.std(ddof=1)) if several else None,
        span=float(known.max() - known.min()) if several else None,
    )


def _index_of(
    indices: Mapping[str, Mapping[str, Index]], group: str, name: str, unit: str
) -> Index:
    """Return an index of one night; missing if its unit differs from that of the other nights."""
    found = indices.get(group, {}).get(name)
    if found is None:
        return Index.missing(name, "not in the report of this night", unit=unit)
    if found.unit != unit:
        why = f"in {found.unit}, not in {unit} as in the first night"
        return Index.missing(name, why, unit=unit)
    return found


def phase_changes(
    nights: Sequence[PlacedNight],
    phases: Sequence[Phase],
    indices: Sequence[IndexCourse],
    rule: ChangeRule,
) -> list[PhaseChange]:
    """Return the changes of every index that has a value in any night."""
    pairs = [(one, one + 1) for one in range(len(phases) - 1)]
    if len(phases) > _FEWEST:
        pairs.append((0, len(phases) - 1))
    measured = [one for one in indices if one.mean is not None]
    return [_phase_change(nights, pair, course, rule) for pair in pairs for course in measured]


def _phase_change(
    nights: Sequence[PlacedNight], pair: tuple[int, int], course: IndexCourse, rule: ChangeRule
) -> PhaseChange:
    values = [
        [
            np.nan if index.value is None else index.value
            for night, index in zip(nights, course.nights, strict=True)
            if night.phase == phase
        ]
        for phase in pair
    ]
    change = change_between(values[0], values[1], rule)
    compared = [
        _compared(spread, change)
        for spread in PUBLISHED_SPREAD
        if spread.covers(course.group, course.name)
    ]
    return PhaseChange(
        first=pair[0],
        second=pair[1],
        group=course.group,
        name=course.name,
        unit=course.unit,
        change=change,
        compared=tuple(compared),
    )


def _compared(spread: PublishedSpread, change: Change) -> Compared:
    """Compare a change with a published spread; a change as large as the spread is inside."""
    if change.before is None or change.after is None or change.change is None:
        return Compared(spread=spread, limit=None, inside=None)
    limit = spread.limit(change.before, change.after)
    inside = None if limit is None else abs(change.change) <= limit + _SLACK
    return Compared(spread=spread, limit=limit, inside=inside)


def change_between(
    before: ArrayLike,
    after: ArrayLike,
    rule: ChangeRule = ChangeRule(),
) -> Change:
    """Return the change between two phases, each night with the same weight.

    The interval resamples whole nights within each phase, because movements of one night are not
    independent.  As few nights underestimate the spread, deviations are enlarged by
    sqrt(n / (n - 1)), and the interval by Student's t (Welch) over the normal quantile.

    Parameters
    ----------
    before, after : array_like, shape (n,), (m,)
        One value a night; NaN where a night has none.
    rule : ChangeRule

    Examples
    --------
    >>> found = change_between([10.0, 14.0], [4.0])
    >>> found.change, found.interval_reason
    (-8.0, '2 nights before and 1 after with a value: an interval needs 3 in each phase')
    """
    old, new = _known(before), _known(after)
    change = low = high = reason = interval_reason = None
    if not (len(old) and len(new)):
        side = "after" if len(old) else "before"
        reason = interval_reason = f"no night {side} the change has a value"
    else:
        change = float(new.mean() - old.mean())
        interval_reason = _too_few(len(old), len(new), rule) or _all_alike(old, new)
        if interval_reason is None:
            low, high = _interval(old, new, rule)
    return Change(
        before=float(old.mean()) if len(old) else None,
        after=float(new.mean()) if len(new) else None,
        before_n=len(old),
        after_n=len(new),
        change=change,
        low=low,
        high=high,
        reason=reason,
        interval_reason=interval_reason,
    )


def _too_few(before_n: int, after_n: int, rule: ChangeRule) -> str | None:
    """Return why there is no interval, or None if both phases have enough nights."""
    if min(before_n, after_n) >= rule.min_nights:
        return None
    nights = "night" if before_n == 1 else "nights"
    return (
        f"{before_n} {nights} before and {after_n} after with a value: an interval needs "
        f"{rule.min_nights} in each phase"
    )


def _all_alike(old: NDArray[np.float64], new: NDArray[np.float64]) -> str | None:
    """Return why equal nights, as with counts of 0, give no interval."""
    if np.ptp(old) or np.ptp(new):
        return None
    return "the nights of each phase have one value: their spread is not known"


def _known(values: ArrayLike) -> NDArray[np.float64]:
    """Return the finite values."""
    given = np.asarray(values, dtype=np.float64).reshape(-1)
    return given[np.isfinite(given)]


def _interval(
    old: NDArray[np.float64], new: NDArray[np.float64], rule: ChangeRule
) -> tuple[float, float]:
    """Return the ends of the interval of the difference of the means."""
    from scipy.special import ndtri, stdtrit

    rng = np.random.default_rng(rule.seed)
    drift = _drawn(new, rule.resamples, rng) - _drawn(old, rule.resamples, rng)
    tail = (1 - rule.coverage) / 2
    wider = float(stdtrit(_freedom(old, new), tail) / ndtri(tail))
    low, high = np.quantile(drift, [tail, 1 - tail]) * wider
    change = new.mean() - old.mean()
    return float(change + low), float(change + high)


def _freedom(old: NDArray[np.float64], new: NDArray[np.float64]) -> float:
    """Return the degrees of freedom of the difference (Welch)."""
    parts = [values.var(ddof=1) / len(values) for values in (old, new)]
    each = [part**2 / (len(values) - 1) for part, values in zip(parts, (old, new), strict=True)]
    return float(sum(parts) ** 2 / sum(each))


def _drawn(
    values: NDArray[np.float64], resamples: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return the deviation of the means of resampled nights from the mean, shape (resamples,)."""
    n = len(values)
    deviations = (values - values.mean()) * np.sqrt(n / (n - 1))
    drawn: NDArray[np.float64] = deviations[rng.integers(n, size=(resamples, n))].mean(axis=1)
    return drawn
