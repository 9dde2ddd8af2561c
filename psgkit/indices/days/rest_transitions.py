"""Probability of transition from rest to activity (kRA) and back (kAR).

Lim et al., Sleep 2011;34:1569-1579.  For runs of rest, ``p(t)`` is the share of those that last
``t`` epochs or more and end before the next length that occurs, per epoch.  It is smoothed by local
regression over ``t``; kRA is the mean of ``p``, weighted by the square root of the number of runs,
over the longest stretch in which ``p`` lies within one standard deviation of the smoothed line.
kAR is the same for runs of activity.  The paper could not be opened; this follows a program
(pyActigraphy).  Runs cut off by a missing epoch or an end of the recording are left out (psgkit's
own choice).
"""

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.days.activity import Activity
from psgkit.core.index import Index
from psgkit.core.intervals import runs_of_true
from psgkit.core.ranges import check_ranges

_HOUR_S = 3600.0
_LEAST_POINTS = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class TransitionRule:
    """What is rest, and how ``p`` is smoothed.

    Attributes
    ----------
    most_at_rest : float
        Most activity of an epoch of rest; 0, as in the paper.
    span : float
        Share of the points in each local regression, from the paper.
    min_runs_n : int
        Runs needed; psgkit's own choice.
    """

    most_at_rest: float = 0.0
    span: float = 0.3
    min_runs_n: int = 20

    def __post_init__(self) -> None:
        check_ranges(self)
        if not 0 < self.span <= 1 or self.min_runs_n < _LEAST_POINTS:
            raise ValueError(f"a span in (0, 1] and at least 3 runs are needed, got {self}")


def transition_indices(activity: Activity, rule: TransitionRule | None = None) -> dict[str, Index]:
    """Return ``kra`` and ``kar``, per epoch; ``numerator`` is the number of runs behind them.

    Examples
    --------
    >>> level = np.tile(np.repeat([0.0, 1.0], 2), 40)
    >>> clock = np.arange(160.0)
    >>> found = transition_indices(Activity(level=level, clock_min=clock))
    >>> found["kra"].reason
    '1 different lengths of rest, 4 are needed'
    """
    rule = rule or TransitionRule()
    missing = np.isnan(activity.level)
    with np.errstate(invalid="ignore"):
        rest = activity.level <= rule.most_at_rest
    names = {"kra": ("rest", rest & ~missing), "kar": ("activity", ~rest & ~missing)}
    return {
        name: _transition(name, (word, whole_runs(mask, missing)), activity, rule)
        for name, (word, mask) in names.items()
    }


def whole_runs(mask: NDArray[np.bool_], missing: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the lengths of the runs of True that are not cut off by a gap or an end.

    Examples
    --------
    >>> mask = np.array([1, 0, 1, 1, 0, 1, 0, 0], dtype=bool)
    >>> whole_runs(mask, np.array([0, 0, 0, 0, 0, 0, 1, 0], dtype=bool)).tolist()
    [2]
    """
    runs = runs_of_true(mask)
    closed = np.pad(~missing, 1)
    # position k of the padded mask is epoch k - 1
    whole = closed[runs[:, 0]] & closed[runs[:, 1] + 1]
    return np.asarray(runs[whole, 1] - runs[whole, 0], dtype=np.int64)


def transition_probability(
    lengths: NDArray[np.int64],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return the lengths ``t`` that occur, without the longest, with ``p(t)`` and weights.

    Examples
    --------
    >>> t, p, weight = transition_probability(np.array([1, 1, 2, 4]))
    >>> t.tolist(), p.tolist(), (weight**2).round(6).tolist()
    ([1.0, 2.0], [0.5, 0.25], [6.0, 3.0])
    """
    t, count = np.unique(lengths, return_counts=True)
    at_least = np.cumsum(count[::-1])[::-1].astype(np.float64)
    now, later = at_least[:-1], at_least[1:]
    p = (now - later) / now / np.diff(t)
    return t[:-1].astype(np.float64), p, np.sqrt(now + later)


def _transition(
    name: str, runs: tuple[str, NDArray[np.int64]], activity: Activity, rule: TransitionRule
) -> Index:
    word, lengths = runs
    if len(lengths) < rule.min_runs_n:
        why = f"{len(lengths)} whole runs of {word}, {rule.min_runs_n} are needed"
        return Index.missing(name, why)
    t, p, weight = transition_probability(lengths)
    if len(t) < _LEAST_POINTS:
        n = len(np.unique(lengths))
        # the longest has no probability
        why = f"{n} different lengths of {word}, {_LEAST_POINTS + 1} are needed"
        return Index.missing(name, why)
    near = np.abs(p - local_line(t, p, rule.span)) < p.std(ddof=1)
    stretches = runs_of_true(near)
    if not len(stretches):
        return Index.missing(name, "the probability of a change is constant nowhere")
    first, last = stretches[int(np.argmax(stretches[:, 1] - stretches[:, 0]))].tolist()
    value = float(np.average(p[first:last], weights=weight[first:last]))
    runs_n = float(len(lengths))
    return Index.plain(name, value, numerator=runs_n, denominator_h=activity.valid_h)


def local_line(x: NDArray[np.float64], y: NDArray[np.float64], span: float) -> NDArray[np.float64]:
    """Return a local linear regression with tricube weights at every ``x``, which is sorted.

    Each one takes the ``span * n`` points that are nearest (Cleveland, J Am Stat Assoc
    1979;74:829-836, without its robust repetition).

    Examples
    --------
    >>> x = np.arange(10.0)
    >>> bool(np.allclose(local_line(x, 2 * x + 1, 0.5), 2 * x + 1))
    True
    """
    n = len(x)
    k = min(n, max(2, int(span * n + 1e-10)))
    distance = np.abs(x[:, None] - x[None, :])
    reach = np.partition(distance, k - 1, axis=1)[:, k - 1 : k]
    # 0.999 and 0.001 of the reach are where the Fortran original cuts to 0 and to 1
    near = np.clip(distance / np.maximum(reach, 1e-300), 0.0, 1.0)
    weight = np.where(near <= 0.999, np.where(near <= 0.001, 1.0, (1 - near**3) ** 3), 0.0)  # noqa: PLR2004
    weight /= weight.sum(axis=1, keepdims=True)
    centre = weight @ x
    off = x[None, :] - centre[:, None]
    spread = (weight * off**2).sum(axis=1)
    level = weight @ y
    tilt = (weight * off) @ y
    flat = np.sqrt(spread) <= 0.001 * (x[-1] - x[0])
    slope = np.divide(tilt, spread, out=np.zeros(n), where=~flat)
    return np.asarray(level + slope * (x - centre))
