"""Rescoring of sleep and wake after Webster et al., Sleep 1982;5:389-399.

Short sleep after long wake, and between two stretches of wake, is scored wake.  Rule d
takes at most 6 min of sleep between at least 10 min of wake (pyActigraphy describes 15 min;
scikit-digital-health 0.17 states 10 min, but its code uses a mask as row numbers and rescores the
first two stretches of a night instead).
"""

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.days.sleep_wake import ASLEEP, AWAKE
from psgkit.core.intervals import runs_of_true


@dataclass(frozen=True, kw_only=True, slots=True)
class WebsterVariant:
    """The rules, in minutes.

    Attributes
    ----------
    after_wake : tuple of (float, float)
        Rules a to c: least wake, and the sleep after it that is rescored.
    between_wake : tuple of (float, float)
        Rules d and e: longest sleep that is rescored, and least wake on both sides of it.
    title, source : str
    """

    after_wake: tuple[tuple[float, float], ...] = ((4.0, 1.0), (10.0, 3.0), (15.0, 4.0))
    between_wake: tuple[tuple[float, float], ...]
    title: str
    source: str


WEBSTER = {
    "a-e": WebsterVariant(
        between_wake=((6.0, 10.0), (10.0, 20.0)),
        title="Webster 1982, rules a to e",
        source="rule d with 10 min of wake, as in the paper; pyActigraphy describes 15",
    ),
    "a-d": WebsterVariant(
        between_wake=((6.0, 10.0),),
        title="Webster 1982, rules a to d",
        source="as scikit-digital-health describes them: 10 min around at most 6",
    ),
    "a-c": WebsterVariant(
        between_wake=(),
        title="Webster 1982, rules a to c",
        source="what all programs agree on",
    ),
}


def webster(
    state: NDArray[np.int8], epoch_s: float = 60.0, variant: str = "a-e"
) -> NDArray[np.int8]:
    """Return the states after rescoring.

    Rules a to c use wake as first scored; rules d and e use the result of a to c.  An unscored
    epoch ends a stretch of sleep or wake and is never rescored; sleep next to it is not between
    wake.

    Examples
    --------
    >>> webster(np.array([0] * 4 + [1] * 9)).tolist()
    [0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1]
    """
    rules = WEBSTER[variant]
    minutes = epoch_s / 60.0
    found = state.copy()
    wake = runs_of_true(state == AWAKE)
    lasted = (wake[:, 1] - wake[:, 0]) * minutes
    for least, turned in rules.after_wake:
        # minutes become whole epochs, rounded down
        n = int(turned / minutes + 1e-9)
        ends = wake[lasted >= least - 1e-9, 1]
        rows = (ends[:, None] + np.arange(n)).ravel()
        # rescored sleep follows wake directly and ends where another state begins
        owner = np.repeat(ends, n)
        inside = rows < len(state)
        rows, owner = rows[inside], owner[inside]
        broken = np.cumsum(state != ASLEEP)
        unbroken = (state[rows] == ASLEEP) & (broken[rows] == broken[owner - 1])
        found[rows[unbroken]] = AWAKE
    for most, around in rules.between_wake:
        found = _between(found, most / minutes, around / minutes)
    return found


def _between(state: NDArray[np.int8], most: float, around: float) -> NDArray[np.int8]:
    """Return the states with sleep of at most ``most`` epochs in enough wake turned to wake."""
    sleep, wake = runs_of_true(state == ASLEEP), runs_of_true(state == AWAKE)
    long = wake[wake[:, 1] - wake[:, 0] >= around - 1e-9]
    short = sleep[:, 1] - sleep[:, 0] <= most + 1e-9
    turned = short & np.isin(sleep[:, 0], long[:, 1]) & np.isin(sleep[:, 1], long[:, 0])
    found = state.copy()
    for first, last in sleep[turned].tolist():
        found[first:last] = AWAKE
    return found
