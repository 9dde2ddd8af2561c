"""Statistics of methods compared over nights: limits of agreement and intraclass correlation."""

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

MIN_NIGHTS = 3
"""Nights below which limits and correlations are not stated."""


def bland_altman(differences: ArrayLike) -> dict[str, Any]:
    """Return the mean difference and its 95 % limits of agreement (Bland and Altman 1986).

    Examples
    --------
    >>> found = bland_altman([1.0, 2.0, 3.0])
    >>> found["bias"], round(found["low"], 2), round(found["high"], 2)
    (2.0, 0.04, 3.96)
    >>> bland_altman([1.0])["reason"]
    'needs 3 nights, there are 1'
    """
    x = np.asarray(differences, dtype=np.float64)
    if len(x) < MIN_NIGHTS:
        reason = f"needs {MIN_NIGHTS} nights, there are {len(x)}"
        return {"n": len(x), "bias": None, "low": None, "high": None, "reason": reason}
    bias, spread = float(x.mean()), 1.96 * float(x.std(ddof=1))
    return {
        "n": len(x),
        "bias": bias,
        "low": bias - spread,
        "high": bias + spread,
        "reason": None,
    }


def icc_of_raters(values: ArrayLike) -> dict[str, Any]:
    """Return the intraclass correlation of single ratings, one-way, with its 95 % interval.

    This is case 1 of Shrout and Fleiss (1979).

    Parameters
    ----------
    values : array_like, shape (nights, raters)

    Examples
    --------
    >>> round(icc_of_raters([[1.0, 1.2], [5.0, 5.1], [9.0, 8.7]])["icc"], 3)
    0.998
    """
    x = np.asarray(values, dtype=np.float64)
    nights, raters = x.shape if x.ndim == 2 else (0, 0)  # noqa: PLR2004 - a table
    empty: dict[str, Any] = {"nights_n": nights, "icc": None, "low": None, "high": None}
    if nights < MIN_NIGHTS:
        return {**empty, "reason": f"needs {MIN_NIGHTS} nights, there are {nights}"}
    if raters < 2:  # noqa: PLR2004 - agreement is between two
        return {**empty, "reason": "needs two raters of each night"}
    means = x.mean(axis=1)
    between = raters * float(means.var(ddof=1))
    within = float(((x - means[:, None]) ** 2).sum()) / (nights * (raters - 1))
    if between + within <= 0:
        return {**empty, "reason": "all values are alike"}
    icc = (between - within) / (between + (raters - 1) * within)
    low, high = _interval(between, within, nights, raters)
    return {"nights_n": nights, "icc": icc, "low": low, "high": high, "reason": None}


def _interval(between: float, within: float, nights: int, raters: int) -> tuple[float, float]:
    from scipy.special import fdtri

    if within <= 0:
        return 1.0, 1.0
    ratio, above, below = between / within, nights - 1, nights * (raters - 1)
    limits = ratio / fdtri(above, below, 0.975), ratio * fdtri(below, above, 0.975)
    low, high = ((one - 1) / (one + raters - 1) for one in limits)
    return float(low), float(high)


def quartiles(values: ArrayLike) -> dict[str, Any]:
    """Return number, median and quartiles; None for each quantile without a value.

    Examples
    --------
    >>> quartiles([1.0, 2.0, 3.0])["q25"]
    1.5
    """
    x = np.asarray(values, dtype=np.float64)
    x = x[np.isfinite(x)]
    if not len(x):
        return {"n": 0, "median": None, "q25": None, "q75": None}
    q25, median, q75 = np.percentile(x, (25, 50, 75)).tolist()
    return {"n": len(x), "median": median, "q25": q25, "q75": q75}


def mean_of(values: list[float | None]) -> float | None:
    """Return the mean of the values that exist; None without any."""
    known = [one for one in values if one is not None]
    return math.fsum(known) / len(known) if known else None
