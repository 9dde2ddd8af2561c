"""How an index is distributed in a group, one value a subject, and which nights lie far out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from psgkit.cohort.summary.nights import CohortNights

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
    """

    column: str
    unit: str
    group: str | None
    subjects: Floats
    nights_n: int
    missing_n: int

    @property
    def subjects_n(self) -> int:
        """Return how many subjects have a value."""
        return len(self.subjects)

    def quantiles(self, shares: Sequence[float]) -> list[float | None]:
        """Return quantiles over subjects; None without any."""
        if not len(self.subjects):
            return [None] * len(shares)
        return [float(value) for value in np.quantile(self.subjects, shares)]

    @property
    def mean(self) -> float | None:
        """Return the mean over subjects; None without any."""
        return float(self.subjects.mean()) if len(self.subjects) else None

    @property
    def sd(self) -> float | None:
        """Return the standard deviation between subjects; None with fewer than two."""
        return float(self.subjects.std(ddof=1)) if len(self.subjects) > 1 else None


@dataclass(frozen=True, kw_only=True, slots=True)
class OutlierRule:
    """Which nights lie far out: Tukey's outer fences (Tukey 1977, Exploratory Data Analysis).

    ``min_nights`` of a group, with fewer quartiles say little; psgkit's own choice.
    """

    reach_iqr: float = 3.0
    min_nights: int = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Outlier:
    """One night whose value lies outside the outer fences of its own group."""

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
            )


def means_by(values: Floats, code: NDArray[np.intp]) -> Floats:
    """Return the mean of the values of each code that occurs.

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
    """Yield the nights that lie far out, by index, then by night; the group is their own."""
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
    """Yield the nights of one group that lie far out; none where half of the values are alike."""
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
