"""Short centred means of the rectified signal."""

import numpy as np
from numpy.typing import NDArray


def step_means(samples: NDArray[np.float32], step: int) -> NDArray[np.float32]:
    """Return the means over consecutive steps of ``step`` samples; a last part is left out.

    Examples
    --------
    >>> step_means(np.array([1, 3, 5, 7, 9], dtype=np.float32), 2).tolist()
    [2.0, 6.0]
    """
    if step == 1:
        return samples
    whole = samples[: len(samples) // step * step]
    # sums of columns: sums along rows of a few samples take ten times as long
    sums = whole[::step] + whole[1::step]
    for offset in range(2, step):
        sums += whole[offset::step]
    sums *= np.float32(1 / step)
    return sums


def step_peaks(samples: NDArray[np.float32], step: int) -> NDArray[np.float32]:
    """Return the largest of each ``step`` consecutive samples; a last part is left out.

    Examples
    --------
    >>> step_peaks(np.array([1, 3, 7, 5, 9], dtype=np.float32), 2).tolist()
    [3.0, 7.0]
    """
    whole = samples[: len(samples) // step * step]
    peaks = whole[::step]
    for offset in range(1, step):
        peaks = np.maximum(peaks, whole[offset::step])
    return peaks


def running_sum(samples: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return sums of the first 0, 1, 2 ... samples, shape ``(n + 1,)``.

    Differences of it are means over any window; float64 keeps them free of drift.
    """
    sums = np.empty(len(samples) + 1, dtype=np.float64)
    sums[0] = 0.0
    # copied first: sums that convert as they go take twice as long
    sums[1:] = samples
    np.cumsum(sums[1:], out=sums[1:])
    return sums


def centred_mean(
    sums: NDArray[np.float64], window: int, stretch: tuple[int, int] | None = None
) -> NDArray[np.float32]:
    """Return the mean over ``window`` (odd) samples around each sample of a stretch.

    At the ends of the signal the mean is over the part of the window within it.

    Parameters
    ----------
    sums : array, shape (n + 1,)
        From ``running_sum``.
    window : int
    stretch : (int, int), optional
        First sample and the one after the last; all of them by default.

    Examples
    --------
    >>> centred_mean(running_sum(np.array([0.0, 3.0, 6.0, 9.0])), 3).tolist()
    [1.5, 3.0, 6.0, 7.5]
    """
    n, half = len(sums) - 1, window // 2
    first, last = stretch or (0, n)
    inner = min(max(first, half), last), max(min(last, n - half), min(max(first, half), last))
    out = np.empty(last - first, dtype=np.float32)
    whole = out[inner[0] - first : inner[1] - first]
    upper = sums[inner[0] + half + 1 : inner[1] + half + 1]
    np.subtract(upper, sums[inner[0] - half : inner[1] - half], out=whole, casting="same_kind")
    whole *= np.float32(1 / window)
    for begin, end in ((first, inner[0]), (inner[1], last)):
        at = np.arange(begin, end)
        low, high = np.maximum(at - half, 0), np.minimum(at + half + 1, n)
        out[begin - first : end - first] = (sums[high] - sums[low]) / (high - low)
    return out


def cell_means(sums: NDArray[np.float64], edges: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the means between consecutive ``edges``, from ``running_sum``.

    Examples
    --------
    >>> cell_means(running_sum(np.array([1.0, 3.0, 5.0, 7.0])), np.array([0, 1, 4])).tolist()
    [1.0, 5.0]
    """
    return np.asarray(np.diff(sums[edges]) / np.diff(edges))
