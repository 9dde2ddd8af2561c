"""Short centred means of the rectified signal."""

import numpy as np
from numpy.typing import NDArray


def running_sum(samples: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return sums of the first 0, 1, 2 ... samples, shape ``(n + 1,)``.

    Differences of it are means over any window; float64 keeps them free of drift.
    """
    sums = np.empty(len(samples) + 1, dtype=np.float64)
    sums[0] = 0.0
    np.cumsum(samples, dtype=np.float64, out=sums[1:])
    return sums


def centred_mean(sums: NDArray[np.float64], window: int) -> NDArray[np.float32]:
    """Return the mean over ``window`` (odd) samples around each, from ``running_sum``.

    At the ends the window is cut, and the mean is over what is left of it.

    Examples
    --------
    >>> centred_mean(running_sum(np.array([0.0, 3.0, 6.0, 9.0])), 3).tolist()
    [1.5, 3.0, 6.0, 7.5]
    """
    n = len(sums) - 1
    half = window // 2
    out = np.empty(n, dtype=np.float32)
    if n <= window:
        at = np.arange(n)
        low, high = np.maximum(at - half, 0), np.minimum(at + half + 1, n)
        out[:] = (sums[high] - sums[low]) / (high - low)
        return out
    np.subtract(sums[window:], sums[:-window], out=out[half : n - half], casting="same_kind")
    out[half : n - half] *= np.float32(1 / window)
    counts = np.arange(half + 1, window)
    out[:half] = sums[half + 1 : window] / counts
    out[n - half :] = (sums[n] - sums[n - window + 1 : n - half]) / counts[::-1]
    return out


def cell_means(sums: NDArray[np.float64], cell: int) -> NDArray[np.float64]:
    """Return the means over consecutive cells of ``cell`` samples; a last part is left out."""
    return np.diff(sums[::cell]) / cell
