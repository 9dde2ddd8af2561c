"""Unusable samples: missing, flat, or at the end of the recorder's range."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from psgkit.core.bounds import samples_at_least
from psgkit.core.dataclass import dataclass
from psgkit.core.intervals import (
    Intervals,
    drop_shorter_than,
    intersect,
    no_intervals,
    runs_of_true,
    union,
)
from psgkit.core.ranges import check_ranges
from psgkit.core.signal import Signal


@dataclass(frozen=True, kw_only=True, slots=True)
class UsableRule:
    """When a stretch is unusable.  The durations are psgkit's own choice.

    Attributes
    ----------
    flat_s : float
        Equal samples for at least this long: no electrode.
    saturated_s : float
        Samples at the limit of the range for at least this long.  Peaks of a strong movement that
        are cut off are shorter and stay.
    margin_s : float
        Left out on both sides: the filter rings there.
    """

    flat_s: float = 1.0
    saturated_s: float = 0.2
    margin_s: float = 0.25

    def __post_init__(self) -> None:
        check_ranges(self)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Unusable:
    """Unusable runs of samples by kind, without margin."""

    missing: Intervals
    flat: Intervals
    saturated: Intervals

    def runs(self) -> Intervals:
        """Return all of them together."""
        return union(self.missing, self.flat, self.saturated)

    def cut(self, first: int, last: int, origin: int | None = None) -> "Unusable":
        """Return the runs in samples ``[first, last)``, counted from ``origin`` (or ``first``)."""
        window, origin = np.array([[first, last]]), first if origin is None else origin
        return Unusable(
            missing=intersect(self.missing, window) - origin,
            flat=intersect(self.flat, window) - origin,
            saturated=intersect(self.saturated, window) - origin,
        )


def find_unusable(
    samples: NDArray[np.floating],
    rate_hz: float,
    limits: tuple[float, float] | None,
    rule: UsableRule,
) -> Unusable:
    """Return the unusable runs of ``samples``.

    Examples
    --------
    >>> find_unusable(np.zeros(10), 5.0, None, UsableRule()).flat.tolist()
    [[0, 10]]
    """
    finite = np.isfinite(samples)
    missing = no_intervals() if finite.all() else runs_of_true(~finite)
    shortest = samples_at_least(min(rule.flat_s, rule.saturated_s), rate_hz)
    equal = drop_shorter_than(shortest, _equal_runs(samples, shortest))
    at_limit = np.zeros(len(equal), dtype=bool)
    if limits is not None and len(equal):
        low, high = limits
        # half a step of 16 bits: accepts stored numbers at the limit despite rounding by the scale
        slack = (high - low) / 2**17
        values = samples[equal[:, 0]]
        at_limit = (values <= low + slack) | (values >= high - slack)
    length = equal[:, 1] - equal[:, 0]
    flat = ~at_limit & (length >= samples_at_least(rule.flat_s, rate_hz))
    saturated = at_limit & (length >= samples_at_least(rule.saturated_s, rate_hz))
    return Unusable(missing=missing, flat=equal[flat], saturated=equal[saturated])


_FEW = 4


def _equal_runs(samples: NDArray[np.floating], shortest: int) -> Intervals:
    """Return the runs of equal samples; none if there cannot be any of ``shortest`` samples."""
    same = samples[1:] == samples[:-1]
    # half as many pairs as a run has, less a few: such a part holds a few from its start on
    part = (shortest - 1) // 2
    if part > _FEW and len(same) >= _FEW:
        starts = [same[first : len(same) - _FEW + first + 1 : part] for first in range(_FEW)]
        if not np.logical_and.reduce(starts).any():
            return no_intervals()
    pairs = runs_of_true(same)
    return np.column_stack((pairs[:, 0], pairs[:, 1] + 1))


def read_stretch(
    signal: Signal, first: int, last: int, rule: UsableRule
) -> tuple[NDArray[np.floating], Unusable]:
    """Return samples ``first`` to ``last`` of a signal, and what of them is unusable.

    A difference of two electrodes is unusable where either of them is: with one electrode off, or
    at the limit of the recorder, the difference shows the other one against the reference.  Where
    both show the same it is flat.
    """
    if not signal.electrodes:
        samples = np.asarray(signal.samples[first:last])
        return samples, find_unusable(samples, signal.rate_hz, signal.limits, rule)
    (one, unusable), (other, unusable_too) = (
        read_stretch(electrode, first, last, rule) for electrode in signal.electrodes
    )
    samples = np.asarray(one - other)
    of_both = find_unusable(samples, signal.rate_hz, None, rule)
    joined = Unusable(
        missing=union(unusable.missing, unusable_too.missing),
        flat=union(unusable.flat, unusable_too.flat, of_both.flat),
        saturated=union(unusable.saturated, unusable_too.saturated),
    )
    return samples, joined


def find_unusable_axes(
    samples: NDArray[np.floating],
    rate_hz: float,
    limits: Sequence[tuple[float, float] | None],
    rule: UsableRule,
) -> Unusable:
    """Return the runs of ``(n, n_axes)`` samples missing or saturated in any axis, flat in all."""
    found = [
        find_unusable(axis, rate_hz, limit, rule)
        for axis, limit in zip(samples.T, limits, strict=True)
    ]
    flat = found[0].flat
    for other in found[1:]:
        flat = intersect(flat, other.flat) if len(flat) else flat
    return Unusable(
        missing=union(*(one.missing for one in found)),
        flat=flat,
        saturated=union(*(one.saturated for one in found)),
    )


def bridged(samples: NDArray[np.floating], runs: Intervals) -> NDArray[np.floating]:
    """Return ``samples`` with a straight line across each run, so that no step rings."""
    if not len(runs):
        return samples
    out = samples.copy()
    n = len(samples)
    for start, stop in runs:
        left = samples[start - 1] if start > 0 else None
        right = samples[stop] if stop < n else left
        left = right if left is None else left
        if left is None or right is None:
            out[start:stop] = 0.0
        else:
            out[start:stop] = np.linspace(left, right, stop - start + 2)[1:-1]
    return out


def widened(runs: Intervals, margin: int, n_samples: int) -> Intervals:
    """Return ``runs`` with ``margin`` samples more on both sides, disjoint, inside the signal."""
    if not len(runs):
        return runs
    wide = np.column_stack((runs[:, 0] - margin, runs[:, 1] + margin))
    return union(np.clip(wide, 0, n_samples))
