"""How far two groups lie apart, with bootstrap intervals over subjects.

Conventions: one value a subject; the effect is that of the first group against the second, positive
where the first has the higher values.

Hedges' g is the difference of means in units of the pooled standard deviation, corrected for small
groups (Hedges 1981, J Educ Stat 6:107-128).  Cliff's delta is the share of pairs in which the first
is higher less the share in which the second is (Cliff 1993, Psychol Bull 114:494-509); it asks only
which of two values is higher, so it stays the same under any monotone change of scale.
"""

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from psgkit.core.dataclass import dataclass

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, slots=True)
class EffectRule:
    """Conditions and settings of bootstrap intervals of effects; psgkit's own choice.

    Attributes
    ----------
    min_subjects : int
        Fewest subjects in each group for an interval.
    coverage : float
        Of the percentile interval.
    resamples, fewest_resamples, seed : int
        Of the bootstrap over subjects; large groups get fewer, down to ``fewest_resamples``.
    draws_at_most : int
        Subjects drawn in all resamples of an effect together.
    cells_at_once : int
        Numbers held in memory at a time.
    """

    min_subjects: int = 5
    coverage: float = 0.95
    resamples: int = 2000
    fewest_resamples: int = 400
    seed: int = 1
    draws_at_most: int = 8_000_000
    cells_at_once: int = 1_000_000

    def __post_init__(self) -> None:
        if self.min_subjects < 2 or not 0 < self.coverage < 1:  # noqa: PLR2004
            raise ValueError(
                "min_subjects of at least 2 and a coverage between 0 and 1 are wanted, got "
                f"{self.min_subjects}, {self.coverage}"
            )
        if not 1 <= self.fewest_resamples <= self.resamples:
            raise ValueError(f"resamples must not be below {self.fewest_resamples}")

    def resamples_of(self, subjects_n: int) -> int:
        """Return the number of resamples for groups of this size."""
        affordable = self.draws_at_most // max(subjects_n, 1)
        return max(self.fewest_resamples, min(self.resamples, affordable))


USUAL_RULE = EffectRule()
_APART = "the groups do not overlap, and so no bootstrap sample does"


@dataclass(frozen=True, kw_only=True, slots=True)
class Effect:
    """One effect size; it and its interval are None exactly when they have a reason."""

    value: float | None
    reason: str | None = None
    low: float | None = None
    high: float | None = None
    interval_reason: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Effects:
    """Both effect sizes of the first group against the second."""

    hedges_g: Effect
    cliffs_delta: Effect


def effects_between(first: ArrayLike, second: ArrayLike, rule: EffectRule = USUAL_RULE) -> Effects:
    """Return both effect sizes with intervals, or why there are none.

    Parameters
    ----------
    first, second : array_like, shape (n,), (m,)
        One finite value a subject.
    rule : EffectRule

    Examples
    --------
    >>> found = effects_between([2.0, 4.0, 6.0], [1.0, 3.0, 5.0])
    >>> round(found.hedges_g.value, 2), round(found.cliffs_delta.value, 2)
    (0.4, 0.33)
    >>> found.hedges_g.interval_reason
    'an interval needs 5 subjects in each group, there are 3 and 3'
    """
    a, b = (np.asarray(values, dtype=np.float64) for values in (first, second))
    few = _too_few(a, b, rule) or _nothing_differs(a, b)
    without = effects_without_interval(a, b, few or "nothing to draw from")
    found = (without.hedges_g, without.cliffs_delta)
    if few is not None or all(one.value is None for one in found):
        return without
    drawn = [*zip(*_resampled(a, b, rule), strict=True)]
    g, delta = (
        _with_interval(one, np.concatenate(values), rule)
        for one, values in zip(found, drawn, strict=True)
    )
    if without.cliffs_delta.value in (-1.0, 1.0):
        delta = replace(without.cliffs_delta, interval_reason=_APART)
    return Effects(hedges_g=g, cliffs_delta=delta)


def effects_without_interval(first: Floats, second: Floats, interval_reason: str) -> Effects:
    """Return both effect sizes, and why they have no interval."""
    g, delta = hedges_g(first, second), cliffs_delta(first, second)
    reasons = (_why_no_g(first, second), _why_no_delta(first, second))
    found = [
        Effect(value=None, reason=reason, interval_reason=reason)
        if math.isnan(value)
        else Effect(value=value, interval_reason=interval_reason)
        for value, reason in zip((g, delta), reasons, strict=True)
    ]
    return Effects(hedges_g=found[0], cliffs_delta=found[1])


def hedges_g(first: Floats, second: Floats) -> float:
    """Return Hedges' g; NaN without two subjects in each group or any spread.

    Examples
    --------
    >>> hedges_g(np.array([1.0, 1.0]), np.array([1.0, 1.0]))
    nan
    """
    if min(len(first), len(second)) < 2:  # noqa: PLR2004 - a spread needs two
        return math.nan
    # the centre is taken out so that large values with a small spread keep their digits
    centre = float(np.concatenate((first, second)).mean())
    found = _g_of(_moments(first - centre), _moments(second - centre))
    return float(found)


def cliffs_delta(first: Floats, second: Floats) -> float:
    """Return Cliff's delta; NaN without subjects in both groups.

    Examples
    --------
    >>> cliffs_delta(np.array([3.0, 4.0]), np.array([1.0, 2.0]))
    1.0
    """
    if not (len(first) and len(second)):
        return math.nan
    ordered = np.sort(second)
    below = np.searchsorted(ordered, first, "left")
    above = len(second) - np.searchsorted(ordered, first, "right")
    return float((below.sum() - above.sum()) / (len(first) * len(second)))


def small_sample_factor(freedom: int) -> float:
    """Return Hedges' exact correction J for so many degrees of freedom.

    Examples
    --------
    >>> round(small_sample_factor(10), 4)
    0.9227
    """
    return math.exp(
        math.lgamma(freedom / 2) - math.lgamma((freedom - 1) / 2) - 0.5 * math.log(freedom / 2)
    )


def _why_no_g(first: Floats, second: Floats) -> str:
    n, m = len(first), len(second)
    if min(n, m) < 2:  # noqa: PLR2004 - as above
        return f"a spread needs 2 subjects in each group, there are {n} and {m}"
    return "no spread within the groups"


def _why_no_delta(first: Floats, second: Floats) -> str:
    return f"a pair needs a subject in each group, there are {len(first)} and {len(second)}"


def _too_few(first: Floats, second: Floats, rule: EffectRule) -> str | None:
    """Return why there are too few subjects for an interval."""
    n, m = len(first), len(second)
    if min(n, m) >= rule.min_subjects:
        return None
    return f"an interval needs {rule.min_subjects} subjects in each group, there are {n} and {m}"


def _nothing_differs(first: Floats, second: Floats) -> str | None:
    """Return why values that are all the same give no interval."""
    alike = not len(first) or not np.ptp(np.concatenate((first, second)))
    return "all values are alike" if alike else None


def _with_interval(effect: Effect, drawn: Floats, rule: EffectRule) -> Effect:
    drawn = drawn[np.isfinite(drawn)]
    if effect.value is None or not len(drawn):
        return effect
    tail = (1 - rule.coverage) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail]).tolist()
    return Effect(value=effect.value, low=low, high=high)


def _resampled(a: Floats, b: Floats, rule: EffectRule) -> Iterator[tuple[Floats, Floats]]:
    """Yield g and delta of resamples, block by block; groups keep their sizes."""
    random = np.random.default_rng(rule.seed)
    # ranks among the values of the smaller group decide which of two values is higher
    known = np.unique(min(a, b, key=len))
    place_a, place_b = _places(a, known), _places(b, known)
    centre = float(np.concatenate((a, b)).mean())
    left = rule.resamples_of(len(a) + len(b))
    at_once = max(1, rule.cells_at_once // (len(a) + len(b)))
    while left > 0:
        rows = min(at_once, left)
        left -= rows
        drawn_a = random.integers(0, len(a), (rows, len(a)))
        drawn_b = random.integers(0, len(b), (rows, len(b)))
        g = _g_of(_moments((a - centre)[drawn_a]), _moments((b - centre)[drawn_b]))
        n_a = _counts(place_a[drawn_a], 2 * len(known) + 1)
        n_b = _counts(place_b[drawn_b], 2 * len(known) + 1)
        below = np.cumsum(n_b, axis=1) - n_b
        delta = (n_a * (2 * below + n_b - len(b))).sum(axis=1) / (len(a) * len(b))
        yield g, delta


def _places(values: Floats, known: Floats) -> NDArray[np.intp]:
    """Return ranks among known values: 2k + 1 at the k-th, 2k between it and the one before."""
    return np.searchsorted(known, values, "left") + np.searchsorted(known, values, "right")


def _counts(places: NDArray[np.intp], places_n: int) -> NDArray[np.intp]:
    """Return the count of each rank in each row, shape ``(rows, places_n)``."""
    rows = len(places)
    apart = places + places_n * np.arange(rows)[:, None]
    return np.bincount(apart.ravel(), minlength=rows * places_n).reshape(rows, places_n)


_Moments = tuple[Floats, Floats, int]
"""Mean, sum of squares about it, and how many."""


def _moments(values: Floats) -> _Moments:
    mean = values.mean(axis=-1, keepdims=True)
    return mean[..., 0], ((values - mean) ** 2).sum(axis=-1), values.shape[-1]


def _g_of(first: _Moments, second: _Moments) -> Floats:
    """Return Hedges' g from the moments of both groups; NaN where there is no spread."""
    (mean_a, squares_a, n), (mean_b, squares_b, m) = first, second
    freedom = n + m - 2
    spread = np.sqrt((squares_a + squares_b) / freedom)
    found: Floats = np.divide(
        small_sample_factor(freedom) * (mean_a - mean_b),
        spread,
        out=np.full(np.shape(spread), np.nan),
        where=spread > 0,
    )
    return found
