"""Whether ranks differ between groups by more than chance, corrected for how often it was asked."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

MIN_SUBJECTS = 3
"""In a group that is tested; with fewer no ranks can be far from chance.  The number is ours."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RankTest:
    """One test; ``p`` is None exactly when ``reason`` is set.

    Attributes
    ----------
    name : {"mann_whitney", "kruskal_wallis"}
    statistic, p : float or None
        U of the first group, or H; two-sided.
    groups_n : int
        Groups that were large enough to take part.
    """

    name: str
    statistic: float | None = None
    p: float | None = None
    groups_n: int = 0
    reason: str | None = None


def mann_whitney(first: ArrayLike, second: ArrayLike) -> RankTest:
    """Return whether one of two groups tends to higher values (Mann and Whitney 1947), two-sided.

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
    """Return whether any of several groups tends to other values (Kruskal and Wallis 1952).

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

    The chance that any true null hypothesis is rejected at a level stays below that level,
    whatever the tests have to do with each other.

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
    """Return whether there is only one value in all groups."""
    return bool(np.ptp(np.concatenate(groups)) == 0)


def _both(sizes: Sequence[int]) -> str:
    return " and ".join(str(size) for size in sizes)
