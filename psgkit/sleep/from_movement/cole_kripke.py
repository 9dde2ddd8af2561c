"""Sleep and wake from activity counts by Cole et al., Sleep 1992;15:461-469.

An epoch is sleep if the weighted sum of its count, four before and two after it lies below a limit.
The paper could not be opened: weights are those of three programs that agree, or are named after
the only program that has them.  They were fitted to counts of one early device; ``scale`` converts
others.
"""

import numpy as np
from numpy.typing import NDArray

from psgkit.sleep.from_movement.count_window import CountWeights, states, weighted_sum

_BEFORE = 4
_ROUNDING = 1e-9


def _weights(name: str, values: tuple[float, ...], epoch_s: float, source: str) -> CountWeights:
    title = f"Cole-Kripke 1992 ({name})"
    return CountWeights(weights=values, before=_BEFORE, epoch_s=epoch_s, title=title, source=source)


_AGREED = "as GGIR, pyActigraphy and actigraph.sleepr have it"
_SLEEPR = "as actigraph.sleepr has it"
_PY = "as pyActigraphy has it; taken for a misprint"

COLE_KRIPKE = {
    "1min": _weights(
        "1 min", tuple(0.001 * w for w in (106, 54, 58, 76, 230, 74, 67)), 60.0, _AGREED
    ),
    "30s": _weights("30 s", tuple(1e-4 * w for w in (50, 30, 14, 28, 121, 8, 50)), 30.0, _SLEEPR),
    "10s": _weights(
        "10 s", tuple(1e-5 * w for w in (550, 378, 413, 699, 1736, 287, 309)), 10.0, _SLEEPR
    ),
    "30s_pyactigraphy": _weights(
        "30 s, pyActigraphy", tuple(1e-4 * w for w in (50, 30, 14, 28, 12, 8, 50)), 30.0, _PY
    ),
    "10s_pyactigraphy": _weights(
        "10 s, pyActigraphy",
        tuple(1e-5 * w for w in (550, 378, 413, 699, 1736, 287, 300)),
        10.0,
        _PY,
    ),
    "activity_index": _weights(
        "1 min, activity index",
        tuple(2 * 0.243 * w for w in (4.64, 6.87, 3.75, 5.07, 16.19, 5.84, 4.024)),
        60.0,
        "as scikit-digital-health has it for its activity index, its limit of 0.5 brought to 1",
    ),
}
"""Variants by name; the sum is compared with 1 in all."""


def cole_kripke(
    counts: NDArray[np.float64], variant: str = "1min", *, scale: float = 1.0, cap: float = np.inf
) -> NDArray[np.int8]:
    """Return the state of each epoch: asleep where the weighted sum is below 1.

    Parameters
    ----------
    counts : float64 array, shape (n,)
        NaN where missing; epochs as long as the variant says.
    variant : str
        One of ``COLE_KRIPKE``.
    scale, cap : float
        Counts are multiplied and then limited; ActiLife uses 0.01 and 300 for its own counts.

    Examples
    --------
    >>> cole_kripke(np.array([0.0, 0.0, 4.0, 5.0, np.nan])).tolist()
    [1, 1, 0, 0, -1]
    """
    weights = COLE_KRIPKE[variant]
    total, complete = weighted_sum(np.minimum(counts * scale, cap), weights)
    # a sum of exactly 1 is wake, despite rounding
    return states(total >= 1.0 - _ROUNDING, complete, counts)
