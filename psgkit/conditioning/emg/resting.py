"""The resting level of rectified EMG, which follows slow changes but not movements.

Every second the low level of the minute before and of the minute after is taken, and the larger of
the two counts.  The low level of a minute is the mean of what lies within the offset threshold (or
70 %) of its 20th percentile, so that movements may fill up to 80 % of it.  Looking to both sides
separately lets the level follow a step (a new posture, a drying electrode) at once: a window across
the step would keep the old level for half its length and score the difference as movement.

The method is psgkit's own choice; rule sheets only ask that the level follows the night.
"""

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.ranges import check_ranges


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
        check_ranges(self)
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
    levels = (
        low_levels(views, rule) if np.isnan(cells).any() else low_levels_of_hops(cells, width, rule)
    )
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


_SHARED = 8
"""Number of consecutive windows that are ranked together: what they share is sorted once."""


def low_levels_of_hops(
    cells_uv: NDArray[np.float32], width: int, rule: RestingLevelRule
) -> NDArray[np.float64]:
    """Return the low level of every window of ``width`` hops, one window a hop.

    Equal to ``low_levels`` of the windows, without passing over each of them; every cell must be
    usable.
    """
    low = _ranked(cells_uv, width, int(rule.quantile * (width * HOP_CELLS - 1)))
    limit = low + np.maximum(np.float32(rule.within_uv), np.float32(rule.within_share) * low)
    return _means_within(cells_uv, width, limit)


def _ranked(cells_uv: NDArray[np.float32], width: int, rank: int) -> NDArray[np.float32]:
    """Return the cell of a rank in every window of ``width`` hops."""
    view = np.lib.stride_tricks.sliding_window_view
    n = len(cells_uv) // HOP_CELLS - width + 1
    above = width * HOP_CELLS - 1 - rank
    group = min(_SHARED, width, 1 + min(rank, above) // HOP_CELLS, n)
    whole, others = n // group * group, (group - 1) * HOP_CELLS
    out = np.empty(n, dtype=np.float32)
    # of what all windows of a group share, only those matter that the others can push to the rank
    core = view(cells_uv[others:], width * HOP_CELLS - others)[:: HOP_CELLS * group]
    around = view(cells_uv, width * HOP_CELLS + others)[:: HOP_CELLS * group][: whole // group]
    few = np.empty((len(around), 2 * others + 1), dtype=np.float32)
    few[:, : others + 1] = np.sort(core[: len(around)], axis=1)[:, rank - others : rank + 1]
    for row in range(group):
        before, after = others - row * HOP_CELLS, row * HOP_CELLS
        few[:, others + 1 : others + 1 + before] = around[:, row * HOP_CELLS : others]
        few[:, others + 1 + before :] = around[:, width * HOP_CELLS : width * HOP_CELLS + after]
        out[row:whole:group] = np.partition(few, others, axis=1)[:, others]
    if whole < n:
        last = view(cells_uv[whole * HOP_CELLS :], width * HOP_CELLS)[::HOP_CELLS][: n - whole]
        out[whole:] = np.partition(last, rank, axis=1)[:, rank]
    return out


def _means_within(
    cells_uv: NDArray[np.float32], width: int, limit_uv: NDArray[np.float32]
) -> NDArray[np.float64]:
    """Return the mean of the cells up to the limit of each window of ``width`` hops."""
    n_hops, n = len(cells_uv) // HOP_CELLS, len(limit_uv)
    hops = cells_uv[: n_hops * HOP_CELLS].reshape(n_hops, HOP_CELLS)
    # limits of all windows that a hop is part of
    limits = np.lib.stride_tricks.sliding_window_view(np.pad(limit_uv, width - 1, "edge"), width)
    whole = hops.max(axis=1) <= limits.min(axis=1)
    part = np.flatnonzero(~whole & (hops.min(axis=1) <= limits.max(axis=1)))
    sums, counts = (
        _window_sums(np.where(whole, of_hop, 0.0), width)
        for of_hop in (hops.sum(axis=1, dtype=np.float64), np.full(n_hops, float(HOP_CELLS)))
    )
    if len(part):
        cells = np.sort(hops[part], axis=1)
        below = np.zeros((len(part), width), dtype=np.int64)
        for cell in cells.T:
            below += cell[:, None] <= limits[part]
        up_to = np.pad(np.cumsum(cells, axis=1, dtype=np.float64), ((0, 0), (1, 0)))
        window = part[:, None] + np.arange(1 - width, 1)
        inside = (window >= 0) & (window < n)
        own = np.take_along_axis(up_to, below, axis=1)
        sums += np.bincount(window[inside], own[inside], n)
        counts += np.bincount(window[inside], below[inside], n)
    return np.asarray(sums / np.maximum(counts, 1))


def _window_sums(values: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    sums = np.concatenate(([0.0], np.cumsum(values)))
    return np.asarray(sums[width:] - sums[:-width])


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
