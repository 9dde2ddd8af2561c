"""Statistics of a cohort: rank tests, Holm's correction, reliability, distributions, outliers."""

import math
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from psgkit.cohort.summary.nights import CohortNights
from psgkit.core.dataclass import dataclass

MIN_SUBJECTS = 3
"""In a group that is tested; with fewer no ranks can be far from chance.  psgkit's own choice."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RankTest:
    """One test; ``p`` is None exactly when ``reason`` is set.

    Attributes
    ----------
    name : {"mann_whitney", "kruskal_wallis"}
    statistic, p : float or None
        U of the first group, or H; two-sided.
    groups_n : int
        Groups large enough for the test.
    """

    name: str
    statistic: float | None = None
    p: float | None = None
    groups_n: int = 0
    reason: str | None = None


def mann_whitney(first: ArrayLike, second: ArrayLike) -> RankTest:
    """Return the two-sided test of two groups by Mann and Whitney (1947).

    Exact for small groups without ties, else the normal approximation with correction for ties.

    Examples
    --------
    >>> round(mann_whitney([1.0, 2.0, 3.0], [4.0, 5.0, 6.0]).p, 3)
    0.1
    """
    from scipy.stats import mannwhitneyu

    groups = [np.asarray(values, dtype=np.float64) for values in (first, second)]
    sizes = [len(group) for group in groups]
    if min(sizes) < MIN_SUBJECTS:
        reason = f"a test needs {MIN_SUBJECTS} subjects in each group, there are {_both(sizes)}"
        return RankTest(name="mann_whitney", reason=reason)
    if _alike(groups):
        return RankTest(name="mann_whitney", reason="all values are alike")
    found = mannwhitneyu(*groups, alternative="two-sided")
    return RankTest(
        name="mann_whitney", statistic=float(found.statistic), p=float(found.pvalue), groups_n=2
    )


def kruskal_wallis(groups: Sequence[ArrayLike]) -> RankTest:
    """Return the test of several groups by Kruskal and Wallis (1952).

    Groups of fewer than ``MIN_SUBJECTS`` are left out.

    Examples
    --------
    >>> kruskal_wallis([[1.0, 2.0, 3.0], [2.0]]).reason
    'a test needs 2 groups of 3 subjects, there is 1'
    """
    from scipy.stats import kruskal

    arrays = [np.asarray(values, dtype=np.float64) for values in groups]
    large = [group for group in arrays if len(group) >= MIN_SUBJECTS]
    if len(large) < 2:  # noqa: PLR2004 - one group has nothing to differ from
        there = "there is 1" if large else "there is none"
        reason = f"a test needs 2 groups of {MIN_SUBJECTS} subjects, {there}"
        return RankTest(name="kruskal_wallis", groups_n=len(large), reason=reason)
    if _alike(large):
        return RankTest(name="kruskal_wallis", groups_n=len(large), reason="all values are alike")
    found = kruskal(*large)
    return RankTest(
        name="kruskal_wallis",
        statistic=float(found.statistic),
        p=float(found.pvalue),
        groups_n=len(large),
    )


def holm(p: ArrayLike) -> NDArray[np.float64]:
    """Return p values corrected for their number (Holm 1979, Scand J Stat 6:65-70).

    The probability that any true null hypothesis is rejected at a level is at most that level,
    however the tests depend on each other.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03]).round(3).tolist()
    [0.03, 0.06, 0.06]
    """
    values = np.asarray(p, dtype=np.float64)
    order = np.argsort(values, kind="stable")
    stepped = values[order] * np.arange(len(values), 0, -1)
    corrected = np.empty_like(values)
    corrected[order] = np.minimum(np.maximum.accumulate(stepped), 1.0)
    return corrected


def _alike(groups: Sequence[NDArray[np.float64]]) -> bool:
    return bool(np.ptp(np.concatenate(groups)) == 0)


def _both(sizes: Sequence[int]) -> str:
    return " and ".join(str(size) for size in sizes)


MIN_SUBJECTS_reliability = 3
"""With several nights each; psgkit's own choice."""
COVERAGE = 0.95


@dataclass(frozen=True, kw_only=True, slots=True)
class Reliability:
    """Night-to-night reliability of one index.

    Attributes
    ----------
    icc, low, high : float or None
        ICC(1,1) with its 95 % interval; None with ``reason``.  Below 0 means that nights of one
        person differ more than those of different people.
    within_sd : float or None
        Standard deviation of the nights of one person, in the unit of the index.
    subjects_n, nights_n : int
        Subjects with several nights that have a value, and those nights.
    reason : str or None
    """

    icc: float | None = None
    low: float | None = None
    high: float | None = None
    within_sd: float | None = None
    subjects_n: int = 0
    nights_n: int = 0
    reason: str | None = None


def icc_one_way(values: ArrayLike, subject: ArrayLike) -> Reliability:
    """Return the reliability of a single night.

    The interval comes from the F distribution; with unequal numbers of nights it is approximate,
    with the mean number of nights of the analysis of variance (Searle 1971) in place of the number.
    Subjects with one night are left out.

    Parameters
    ----------
    values : array_like, shape (n,)
        One value a night; NaN where a night has none.
    subject : array_like, shape (n,)
        Subject of each night.

    Examples
    --------
    >>> found = icc_one_way([1.0, 1.2, 5.0, 5.1, 9.0, 8.7], ["a", "a", "b", "b", "c", "c"])
    >>> round(found.icc, 3), found.subjects_n
    (0.998, 3)
    """
    x = np.asarray(values, dtype=np.float64)
    known = np.isfinite(x)
    _, code = np.unique(np.asarray(subject)[known], return_inverse=True)
    x = x[known]
    several = np.bincount(code)[code] > 1 if len(x) else np.zeros(0, dtype=bool)
    x, code = x[several], np.unique(code[several], return_inverse=True)[1]
    nights = np.bincount(code)
    n, total = len(nights), len(x)
    if n < MIN_SUBJECTS_reliability:
        reason = f"needs {MIN_SUBJECTS_reliability} subjects with several nights, there are {n}"
        return Reliability(reason=reason, subjects_n=n, nights_n=total)
    centred = x - x.mean()
    means = np.bincount(code, centred) / nights
    between = float((nights * means**2).sum()) / (n - 1)
    within = float(((centred - means[code]) ** 2).sum()) / (total - n)
    if between + within <= 0:
        return Reliability(reason="all values are alike", subjects_n=n, nights_n=total)
    mean_nights = (total - float((nights**2).sum()) / total) / (n - 1)
    low, high = _interval(between, within, mean_nights, (n - 1, total - n))
    return Reliability(
        icc=_icc(between, within, mean_nights),
        low=low,
        high=high,
        within_sd=math.sqrt(within),
        subjects_n=n,
        nights_n=total,
    )


def _icc(between: float, within: float, nights: float) -> float:
    return (between - within) / (between + (nights - 1) * within)


def _interval(
    between: float, within: float, nights: float, freedom: tuple[int, int]
) -> tuple[float, float]:
    """Return the 95 % interval of Shrout and Fleiss, case 1."""
    from scipy.special import fdtri

    if within <= 0:
        return 1.0, 1.0
    upper = 1 - (1 - COVERAGE) / 2
    ratio = between / within
    low = ratio / float(fdtri(*freedom, upper))
    high = ratio * float(fdtri(*freedom[::-1], upper))
    return (low - 1) / (low + nights - 1), (high - 1) / (high + nights - 1)


Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Distribution:
    """One index in one group, or in all nights.

    Attributes
    ----------
    column, unit : str
    group : str or None
        None for all finished nights.
    subjects : float array
        Mean over the nights of each subject, sorted.
    nights_n, missing_n : int
        Finished nights with a value and without one.
    estimated_n : int or None
        Of those with a value, nights whose stages a program estimated; None for an index that needs
        no stages.
    """

    column: str
    unit: str
    group: str | None
    subjects: Floats
    nights_n: int
    missing_n: int
    estimated_n: int | None = None

    @property
    def subjects_n(self) -> int:
        """Return how many subjects have a value."""
        return len(self.subjects)

    def quantiles(self, shares: Sequence[float]) -> list[float | None]:
        """Return quantiles over subjects; None without subjects."""
        if not len(self.subjects):
            return [None] * len(shares)
        return [float(value) for value in np.quantile(self.subjects, shares)]

    @property
    def mean(self) -> float | None:
        """Return the mean over subjects; None without subjects."""
        return float(self.subjects.mean()) if len(self.subjects) else None

    @property
    def sd(self) -> float | None:
        """Return the standard deviation between subjects; None with fewer than two."""
        return float(self.subjects.std(ddof=1)) if len(self.subjects) > 1 else None


@dataclass(frozen=True, kw_only=True, slots=True)
class OutlierRule:
    """Rule of outliers: Tukey's outer fences (Tukey 1977, Exploratory Data Analysis).

    A group needs ``min_nights`` for quartiles; psgkit's own choice.
    """

    reach_iqr: float = 3.0
    min_nights: int = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Outlier:
    """One night whose value lies outside the outer fences of its group."""

    night_id: str
    group: str | None
    column: str
    unit: str
    value: float
    low: float
    high: float


def distributions(nights: CohortNights, groups: Sequence[str]) -> Iterator[Distribution]:
    """Yield each index over all finished nights, then in each group."""
    _, subject = np.unique(nights.subject.astype(str), return_inverse=True)
    parts = [
        (None, np.ones(len(nights), dtype=np.bool_)),
        *((name, np.asarray(nights.group == name)) for name in groups),
    ]
    for column, values in nights.values.items():
        able = nights.having(column)
        for group, mine in parts:
            chosen = able & mine
            known = chosen & np.isfinite(values)
            yield Distribution(
                column=column,
                unit=nights.units[column],
                group=group,
                subjects=np.sort(means_by(values[known], subject[known])),
                nights_n=int(known.sum()),
                missing_n=int((chosen & ~known).sum()),
                estimated_n=(
                    int((known & nights.estimated).sum()) if nights.needs_stages(column) else None
                ),
            )


def means_by(values: Floats, code: NDArray[np.intp]) -> Floats:
    """Return the mean of the values of each code, in the order of the codes.

    Examples
    --------
    >>> means_by(np.array([1.0, 3.0, 5.0]), np.array([7, 7, 2])).tolist()
    [5.0, 2.0]
    """
    if not len(values):
        return np.empty(0)
    _, place = np.unique(code, return_inverse=True)
    found: Floats = np.bincount(place, values) / np.bincount(place)
    return found


def outliers(
    nights: CohortNights, groups: Sequence[str], rule: OutlierRule = OutlierRule()
) -> Iterator[Outlier]:
    """Yield the outliers by index, then by night; fences are those of the night's group."""
    parts: list[tuple[str | None, NDArray[np.bool_]]] = [
        (name, nights.done & (nights.group == name)) for name in groups
    ] or [(None, nights.done)]
    for column, values in nights.values.items():
        found = [
            one
            for group, chosen in parts
            for one in _far_out(nights, column, (group, chosen & np.isfinite(values)), rule)
        ]
        yield from sorted(found, key=lambda one: one.night_id)


def _far_out(
    nights: CohortNights,
    column: str,
    part: tuple[str | None, NDArray[np.bool_]],
    rule: OutlierRule,
) -> Iterator[Outlier]:
    """Yield the outliers of one group; none where half of the values are equal."""
    group, known = part
    values = nights.values[column]
    if known.sum() < rule.min_nights:
        return
    first, third = np.quantile(values[known], [0.25, 0.75])
    reach = rule.reach_iqr * (third - first)
    low, high = first - reach, third + reach
    if reach == 0:
        return
    for number in np.flatnonzero(known & ((values < low) | (values > high))):
        yield Outlier(
            night_id=nights.head["night_id"][number],
            group=group,
            column=column,
            unit=nights.units[column],
            value=float(values[number]),
            low=float(low),
            high=float(high),
        )
