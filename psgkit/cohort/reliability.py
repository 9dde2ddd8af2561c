"""How alike the nights of one person are, beside how much people differ: ICC(1,1).

The one-way random model of Shrout and Fleiss 1979 (Psychol Bull 86:420-428): nights of a person are
interchangeable, because the second night of one has nothing in common with the second of another.
ICC(1,1) is the share of the variance of a single night that lies between people.  It grows with
how different the people are, so it holds for a cohort, not for an index.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

MIN_SUBJECTS = 3
"""With several nights each; the number is ours."""
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
        Whose night it is.

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
    if n < MIN_SUBJECTS:
        reason = f"needs {MIN_SUBJECTS} subjects with several nights, there are {n}"
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
    """Return ICC(1,1) from mean squares."""
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
