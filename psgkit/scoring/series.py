"""Link candidates into periodic series."""

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.intervals import drop_shorter_than, runs_of_true
from psgkit.scoring.rules import SeriesRule


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Linked:
    """Interval before each movement (NaN where none) and its series (0 outside)."""

    imi_s: NDArray[np.float64]
    series: NDArray[np.int64]


def link_series(
    onset_s: NDArray[np.float64],
    candidate: NDArray[np.bool_],
    breaks_s: NDArray[np.float64],
    rule: SeriesRule,
) -> Linked:
    """Return intervals and series of movements in onset order.

    Parameters
    ----------
    onset_s : array, shape (n,)
        Sorted.
    candidate : array of bool, shape (n,)
        Movements that may join a series.
    breaks_s : array, shape (m,)
        Sorted times no interval spans: gaps, and movements that end a series.
    rule : SeriesRule

    Examples
    --------
    >>> onset = np.array([0.0, 20, 40, 47, 67, 87, 107])
    >>> link_series(onset, np.ones(7, bool), np.array([]), SeriesRule()).series.tolist()
    [0, 0, 0, 1, 1, 1, 1]
    """
    imi_s = np.full(len(onset_s), np.nan)
    series = np.zeros(len(onset_s), dtype=np.int64)
    rows = np.flatnonzero(candidate)
    times = onset_s[rows]
    block = np.searchsorted(breaks_s, times, side="left")
    if rule.after_short_imi == "skip":
        kept, imi = _skipping_short(times, block, rule)
        imi_s[rows] = imi
        rows, imi = rows[kept], imi[kept]
    else:
        imi = np.diff(times, prepend=np.nan)
        imi[np.flatnonzero(np.diff(block)) + 1] = np.nan
        imi_s[rows] = imi
    joins = rule.imi_s.contains(imi)
    # a run of intervals within bounds includes the movement before the first
    runs = runs_of_true(joins)
    if rule.after_short_imi == "end":
        runs = _without_openers(runs, rule.imi_s.is_below(imi))
    runs = np.column_stack((runs[:, 0] - 1, runs[:, 1]))
    for number, (first, last) in enumerate(drop_shorter_than(rule.min_movements, runs), start=1):
        series[rows[first:last]] = number
    return Linked(imi_s=imi_s, series=series)


def _without_openers(runs: NDArray[np.int64], short: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the runs less an opening movement after a too short interval, which may open none."""
    barred = short[runs[:, 0] - 1] if len(runs) else np.empty(0, dtype=bool)
    return np.column_stack((runs[:, 0] + barred, runs[:, 1]))


def _skipping_short(
    times: NDArray[np.float64], block: NDArray[np.int64], rule: SeriesRule
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Return which movements are kept, and the interval of each from the last kept one."""
    kept = np.ones(len(times), dtype=bool)
    imi = np.full(len(times), np.nan)
    last = 0
    for row in range(1, len(times)):
        if block[row] == block[last]:
            imi[row] = times[row] - times[last]
            kept[row] = not rule.imi_s.is_below(imi[row : row + 1])[0]
        if kept[row]:
            last = row
    return kept, imi
