"""The change of an index between two phases, with an interval over nights."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangeRule:
    """When a change gets an interval, and how; the numbers are ours.

    Attributes
    ----------
    min_nights : int
        In each of the two phases; with fewer the spread between nights is not known.
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


def change_between(
    before: ArrayLike,
    after: ArrayLike,
    rule: ChangeRule = ChangeRule(),
) -> Change:
    """Return the change between the nights of two phases, each night counting the same.

    The interval resamples whole nights within each phase, because movements of one night are not
    independent.  Drawing from few nights shows too little spread: deviations are enlarged by
    sqrt(n / (n - 1)) and the interval by Student's t (Welch) over the normal quantile.

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
    """Return why there is no interval, or None if there are nights enough."""
    if min(before_n, after_n) >= rule.min_nights:
        return None
    nights = "night" if before_n == 1 else "nights"
    return (
        f"{before_n} {nights} before and {after_n} after with a value: an interval needs "
        f"{rule.min_nights} in each phase"
    )


def _all_alike(old: NDArray[np.float64], new: NDArray[np.float64]) -> str | None:
    """Return why there is no interval where nights do not differ at all, as with counts of 0."""
    if np.ptp(old) or np.ptp(new):
        return None
    return "the nights of each phase have one value: their spread is not known"


def _known(values: ArrayLike) -> NDArray[np.float64]:
    """Return the values that there are."""
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
    """Return the degrees of freedom of the difference (Welch), few where one phase spreads most."""
    parts = [values.var(ddof=1) / len(values) for values in (old, new)]
    each = [part**2 / (len(values) - 1) for part, values in zip(parts, (old, new), strict=True)]
    return float(sum(parts) ** 2 / sum(each))


def _drawn(
    values: NDArray[np.float64], resamples: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return how far the means of resampled nights lie from the mean, shape (resamples,)."""
    n = len(values)
    deviations = (values - values.mean()) * np.sqrt(n / (n - 1))
    drawn: NDArray[np.float64] = deviations[rng.integers(n, size=(resamples, n))].mean(axis=1)
    return drawn
