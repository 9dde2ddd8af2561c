"""The resting level of rectified EMG, which follows slow changes but not movements.

Every second the low level of the minute before and of the minute after is taken, and the larger of
the two counts.  The low level of a minute is the mean of what lies within the offset threshold (or
70 %) of its 20th percentile, so that movements may fill up to 80 % of it.  Looking to both sides
separately lets the level follow a step (a new posture, a drying electrode) at once: a window across
the step would keep the old level for half its length and score the difference as movement.

The method is psgkit's own choice; rule sheets only ask that the level follows the night.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True, slots=True)
class RestingLevelRule:
    """How the resting level is found.

    Attributes
    ----------
    window_s : float
        Length of the window on each side.
    quantile : float
        Least share of the window that is at rest.
    within_uv, within_share : float
        Cells up to this far above the quantile count as rest, or up to this share of it, whichever
        is more, because means of loud noise scatter more.
    min_share : float
        Share of the window that must be usable for a level to be given.
    """

    window_s: float = 60.0
    quantile: float = 0.2
    within_uv: float = 2.0
    within_share: float = 0.7
    min_share: float = 0.1

    def __post_init__(self) -> None:
        if not (
            self.window_s > 0 and 0 < self.quantile < 1 and self.within_uv > 0 <= self.within_share
        ):
            raise ValueError(f"resting level needs positive settings, got {self}")


CELL_S = 0.1
HOP_CELLS = 10
"""The level is computed on cells of 0.1 s, every 10 cells."""


def resting_level(cells_uv: NDArray[np.float64], rule: RestingLevelRule) -> NDArray[np.float64]:
    """Return the level at the edges of hops of ``HOP_CELLS`` cells, shape ``(n_hops + 1,)``.

    Parameters
    ----------
    cells_uv : array, shape (n_cells,)
        Means of the rectified signal over cells of ``CELL_S``; NaN where it is unusable.

    Returns
    -------
    array
        NaN where too little of both sides is usable.
    """
    n_hops = len(cells_uv) // HOP_CELLS
    window = max(1, round(rule.window_s / CELL_S / HOP_CELLS))
    if n_hops == 0:
        return np.full(1, low_levels(cells_uv[None, :], rule)[0] if len(cells_uv) else np.nan)
    width = min(window, n_hops)
    # float32 halves the memory that is moved and is finer than any level
    cells = cells_uv.astype(np.float32)
    views = np.lib.stride_tricks.sliding_window_view(cells, width * HOP_CELLS)[::HOP_CELLS]
    levels = low_levels(views, rule)
    edge = np.arange(n_hops + 1)
    after = levels[np.minimum(edge, len(levels) - 1)]
    before = levels[np.clip(edge - width, 0, len(levels) - 1)]
    return np.asarray(np.fmax(before, after))


def low_levels(windows_uv: NDArray[np.floating], rule: RestingLevelRule) -> NDArray[np.float64]:
    """Return the low level of each row, NaN where too few of its cells are usable."""
    n_usable = windows_uv.shape[1] - np.count_nonzero(np.isnan(windows_uv), axis=1)
    width = windows_uv.shape[1]
    whole = bool(n_usable.min(initial=width) == width)
    if whole:
        rank = int(rule.quantile * (width - 1))
        low = np.partition(windows_uv, rank, axis=1)[:, rank]
    else:
        ranked = np.sort(windows_uv, axis=1)  # NaN last
        rank = (rule.quantile * np.maximum(n_usable - 1, 0)).astype(np.int64)[:, None]
        low = np.take_along_axis(ranked, rank, axis=1)[:, 0]
    limit = low + np.maximum(rule.within_uv, rule.within_share * low)
    near = windows_uv <= limit[:, None]
    counts = np.count_nonzero(near, axis=1)
    # a product is quicker than a choice, but NaN times 0 is NaN
    known = windows_uv if whole else np.nan_to_num(windows_uv)
    sums = np.einsum("ij,ij->i", known, near.astype(known.dtype))
    enough = n_usable >= max(1.0, rule.min_share * width)
    return np.where(enough, sums / np.maximum(counts, 1), np.nan)


def ramp_between(
    edges_uv: NDArray[np.float64], hop: int, stretch: tuple[int, int], step: int = 1
) -> NDArray[np.float32]:
    """Return the level at every ``step``-th sample of a stretch, linear between hop edges.

    Parameters
    ----------
    edges_uv : array, shape (n_hops + 1,)
        The level is constant after the last edge and interpolated at edges without a level.
    hop : int
        Samples from edge to edge, a multiple of ``step``.
    stretch : (int, int)
        First sample, a multiple of ``step``, and the one after the last.
    step : int

    Examples
    --------
    >>> ramp_between(np.array([0.0, 8.0]), 4, (0, 6)).tolist()
    [0.0, 2.0, 4.0, 6.0, 8.0, 8.0]
    """
    first, last = stretch
    count = -(-(last - first) // step)
    known = np.flatnonzero(~np.isnan(edges_uv))
    if not len(known):
        return np.full(count, np.nan, dtype=np.float32)
    edges = np.interp(np.arange(len(edges_uv)), known, edges_uv[known])
    begin, end = first // hop, -(-last // hop)
    at = np.clip(np.arange(begin, end + 1), 0, len(edges) - 1)
    level = edges[at].astype(np.float32)
    share = np.arange(0, hop, step, dtype=np.float32) / np.float32(hop)
    ramp = np.outer(np.diff(level), share)
    ramp += level[:-1, None]
    return ramp.reshape(-1)[(first - begin * hop) // step :][:count]
