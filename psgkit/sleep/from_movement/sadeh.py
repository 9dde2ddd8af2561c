"""Sleep and wake from activity counts by Sadeh et al., Sleep 1994;17:201-207, minute by minute.

The paper could not be opened; formula and thresholds are those of programs (GGIR, pyActigraphy,
actigraph.sleepr), which disagree on the threshold: each threshold is a named variant.
"""

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.sleep.from_movement.count_window import states, windows

EPOCH_S = 60.0
_HALF, _LAST = 5, 6
_LN_FLOOR = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class SadehVariant:
    """Threshold of the index of sleep (PS), and preparation of counts.

    Attributes
    ----------
    least_ps : float
    includes_least : bool
        Whether an index of exactly that is sleep.
    cap : float
        Upper limit of counts.
    title, source : str
    """

    least_ps: float
    includes_least: bool
    cap: float
    title: str
    source: str


SADEH = {
    "ps0": SadehVariant(
        least_ps=0.0,
        includes_least=True,
        cap=np.inf,
        title="Sadeh 1994 (PS of 0 or more)",
        source="threshold of GGIR and pyActigraphy",
    ),
    "ps-4": SadehVariant(
        least_ps=-4.0,
        includes_least=False,
        cap=300.0,
        title="Sadeh 1994 (PS above -4)",
        source="threshold and limit of counts of ActiLife",
    ),
}
NAT = (50.0, 100.0)
"""Epochs of natural activity have at least the first and less than the second count; programs leave
out exactly 50, the description includes it."""


def sleep_index(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the index PS of each epoch; NaN where any count in its window is missing.

    ``7.601 - 0.065 mean(11 epochs around) - 1.08 n(50 <= count < 100 of them)
    - 0.056 sd(last 6) - 0.703 ln(count + 1)``, with the standard deviation of a sample.

    Examples
    --------
    >>> sleep_index(np.zeros(3)).round(3).tolist()
    [7.601, 7.601, 7.601]
    """
    around = windows(counts, _HALF, _HALF)
    natural = ((around >= NAT[0]) & (around < NAT[1])).sum(axis=1)
    spread = windows(counts, _LAST - 1, 0).std(axis=1, ddof=1)
    return np.asarray(
        7.601
        - 0.065 * around.mean(axis=1)
        - 1.08 * natural
        - 0.056 * spread
        - 0.703 * np.log(counts + _LN_FLOOR)
    )


def sadeh(
    counts: NDArray[np.float64], variant: str = "ps0", *, scale: float = 1.0
) -> NDArray[np.int8]:
    """Return the state of each minute.

    Parameters
    ----------
    counts : float64 array, shape (n,)
        A minute each; NaN where missing.
    variant : str
        One of ``SADEH``.
    scale : float
        Counts are multiplied by it first.

    Examples
    --------
    >>> sadeh(np.array([0.0] * 8 + [400.0] * 3)).tolist()
    [1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0]
    >>> sadeh(np.array([0.0] * 6 + [np.nan])).tolist()
    [1, -1, -1, -1, -1, -1, -1]
    """
    rule = SADEH[variant]
    ps = sleep_index(np.minimum(counts * scale, rule.cap))
    known = np.isfinite(ps)
    asleep = ps >= rule.least_ps if rule.includes_least else ps > rule.least_ps
    found: NDArray[np.int8] = states(known & ~asleep, known, counts)
    return found
