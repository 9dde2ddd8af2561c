"""Sleep and wake from activity counts as the Actiwatch program does it (Oakley 1997).

The report of 1997 could not be opened; weights and thresholds are those of programs that rebuild
it.
"""

import numpy as np
from numpy.typing import NDArray

from psgkit.sleep.from_movement.count_window import CountWeights, states, weighted_sum

_NEAR, _FAR = 0.2, 0.04
"""Weights of the first and the second minute on both sides."""
_MINUTE_S = 60.0
_AUTO = 0.888
_MOBILE_COUNT_S = 15.0
_ROUNDING = 1e-9

OAKLEY_THRESHOLDS = {"low": 20.0, "medium": 40.0, "high": 80.0}
"""Wake above it; ``medium`` is the default of the program.  ``auto`` is found from the counts."""


def oakley_weights(epoch_s: float) -> CountWeights:
    """Return the weights for epochs of 15, 30 or 60 s.

    Examples
    --------
    >>> oakley_weights(60.0).weights
    (0.04, 0.2, 1.0, 0.2, 0.04)
    >>> oakley_weights(30.0).weights
    (0.04, 0.04, 0.2, 0.2, 2.0, 0.2, 0.2, 0.04, 0.04)
    """
    if epoch_s not in (15.0, 30.0, 60.0):
        raise ValueError(f"Oakley weights are for epochs of 15, 30 or 60 s, got {epoch_s:g} s")
    n = round(_MINUTE_S / epoch_s)
    side = (*(_FAR,) * n, *(_NEAR,) * n)
    return CountWeights(
        weights=(*side, float(n), *side[::-1]),
        before=2 * n,
        epoch_s=epoch_s,
        title=f"Oakley 1997 ({epoch_s:g} s)",
        source="as pyActigraphy has it",
    )


def auto_threshold(counts: NDArray[np.float64], epoch_s: float) -> float:
    """Return 0.888 times the counts per mobile minute; NaN if no epoch was mobile.

    An epoch is mobile from one count per 15 s on (from the manual of the program, by hearsay).

    Examples
    --------
    >>> auto_threshold(np.array([0.0, 10.0, 20.0]), 60.0).__round__(3)
    13.32
    """
    mobile = counts >= epoch_s / _MOBILE_COUNT_S
    if not mobile.any():
        return float("nan")
    return float(_AUTO * np.nansum(counts) / (mobile.sum() * epoch_s / _MINUTE_S))


def oakley(
    counts: NDArray[np.float64], threshold: str = "medium", *, epoch_s: float, scale: float = 1.0
) -> NDArray[np.int8]:
    """Return the state of each epoch: asleep where the weighted sum is at most the threshold.

    Parameters
    ----------
    counts : float64 array, shape (n,)
        NaN where missing.
    threshold : str
        ``low``, ``medium``, ``high`` (20, 40, 80) or ``auto``.
    epoch_s : float
        15, 30 or 60 s.
    scale : float
        Counts are multiplied by it first.

    Examples
    --------
    >>> oakley(np.array([0.0, 0.0, 41.0, 0.0, 0.0, 500.0]), epoch_s=60.0).tolist()
    [1, 1, 0, 1, 0, 0]
    """
    scaled = counts * scale
    auto = threshold == "auto"
    limit = auto_threshold(scaled, epoch_s) if auto else OAKLEY_THRESHOLDS[threshold]
    total, complete = weighted_sum(scaled, oakley_weights(epoch_s))
    # without a mobile epoch no sum exceeds the threshold
    return states(total > np.nan_to_num(limit, nan=np.inf) + _ROUNDING, complete, counts)
