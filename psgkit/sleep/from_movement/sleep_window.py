"""The sleep window (time in bed to sleep): the longest rest between one noon and the next.

Without a diary (HDCZA: van Hees et al., Sci Rep 2018;8:12975): the change of the arm's angle is
smoothed over five minutes and compared with a threshold of the day's own.
"""

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.intervals import (
    Intervals,
    complement,
    no_intervals,
    runs_of_true,
    union,
)
from psgkit.core.ranges import check_ranges


@dataclass(frozen=True, kw_only=True, slots=True)
class WindowRule:
    """How rest becomes the sleep window.

    Numbers of HDCZA from the code of GGIR by the author of the paper; ``min_known`` is psgkit's own
    choice.

    Attributes
    ----------
    smooth_s : float
        Length of the running median.
    percentile, factor : float
        The threshold is this multiple of that percentile of the day,
    least_deg, most_deg : float
        but no less and no more than these.
    min_block_s : float
        Blocks of rest last longer than this.
    min_block_counts_s : float
        The same where rest is sleep scored from counts, which every movement interrupts (psgkit's
        own choice).
    max_gap_s : float
        Gaps shorter than this between blocks are bridged.
    max_unseen_s : float
        Blocks are also joined across time without data up to this, because an arm at rest for an
        hour may count as non-wear (psgkit's own choice).
    marker_within_s : float
        A press of the event button within this time of an end of the window replaces it, because
        people press when they lie down and when they rise (psgkit's own choice).
    min_known : float
        Least recorded and worn share of a day with a window.
    """

    smooth_s: float = 300.0
    percentile: float = 10.0
    factor: float = 15.0
    least_deg: float = 0.13
    most_deg: float = 0.50
    min_block_s: float = 1800.0
    min_block_counts_s: float = 900.0
    max_gap_s: float = 3600.0
    max_unseen_s: float = 10800.0
    marker_within_s: float = 7200.0
    min_known: float = 0.5

    def __post_init__(self) -> None:
        check_ranges(self)


def pressed_window(
    found_s: tuple[float, float], pressed_s: NDArray[np.float64], rule: WindowRule
) -> tuple[tuple[float, float], int]:
    """Return a window whose ends are replaced by the nearest presses, and the number of these.

    Examples
    --------
    >>> pressed_window((1000.0, 30000.0), np.array([400.0, 1500.0, 15000.0]), WindowRule())
    ((1500.0, 30000.0), 1)
    """
    ends = []
    for end in found_s:
        near = pressed_s[np.abs(pressed_s - end) <= rule.marker_within_s]
        ends.append(float(near[np.argmin(np.abs(near - end))]) if len(near) else None)
    first, last = (found if end is None else end for end, found in zip(ends, found_s, strict=True))
    if not first < last:
        return found_s, 0
    return (first, last), sum(end is not None for end in ends)


def angle_rest(
    z_angle_deg: NDArray[np.float64], epoch_s: float = 5.0, rule: WindowRule | None = None
) -> NDArray[np.bool_]:
    """Return, for the epochs of one day, where the arm rests.

    The running median is centred; a missing angle makes its window no rest.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> awake, asleep = rng.normal(0, 30, 720), rng.normal(0, 0.02, 720)
    >>> rest = angle_rest(np.concatenate((awake, asleep)))
    >>> bool(rest[:690].any()), bool(rest[750:1400].all())
    (False, True)
    """
    rule = rule or WindowRule()
    change = np.abs(np.diff(z_angle_deg, prepend=z_angle_deg[:1]))
    smooth = running_median(change, max(1, round(rule.smooth_s / epoch_s)))
    known = smooth[np.isfinite(smooth)]
    if not len(known):
        return np.zeros(len(z_angle_deg), dtype=np.bool_)
    limit = rule.factor * float(np.percentile(known, rule.percentile))
    with np.errstate(invalid="ignore"):
        return np.asarray(smooth < np.clip(limit, rule.least_deg, rule.most_deg))


def running_median(values: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    """Return the centred median of ``width`` values; NaN where the window leaves the array.

    An even width reaches one farther back than forward.

    Examples
    --------
    >>> running_median(np.array([1.0, 9.0, 2.0, 3.0]), 3).tolist()
    [nan, 2.0, 3.0, nan]
    """
    found = np.full(len(values), np.nan)
    if len(values) >= width:
        views = np.lib.stride_tricks.sliding_window_view(values, width)
        first = width // 2
        found[first : first + len(views)] = np.median(views, axis=1)
    return found


def longest_rest(
    rest: NDArray[np.bool_],
    epoch_s: float,
    rule: WindowRule | None = None,
    known: NDArray[np.bool_] | None = None,
) -> Intervals:
    """Return first and last epoch (excluded) of the longest rest, shape ``(0 or 1, 2)``.

    Blocks of rest longer than ``min_block_s`` are joined across gaps that are shorter than
    ``max_gap_s``, not counting what is not ``known``.

    Examples
    --------
    >>> minutes = np.array([True] * 40 + [False] * 59 + [True] * 40 + [False] * 60 + [True] * 60)
    >>> longest_rest(minutes, 60.0).tolist()
    [[0, 139]]
    """
    rule = rule or WindowRule()
    blocks = runs_of_true(rest)
    blocks = blocks[(blocks[:, 1] - blocks[:, 0]) * epoch_s > rule.min_block_s]
    if not len(blocks):
        return no_intervals()
    gaps = complement(blocks, int(blocks[0, 0]), int(blocks[-1, 1]))
    sums = np.arange(len(rest) + 1) if known is None else np.append(0, np.cumsum(known))
    known_s = (sums[gaps[:, 1]] - sums[gaps[:, 0]]) * epoch_s
    unknown_s = (gaps[:, 1] - gaps[:, 0]) * epoch_s - known_s
    short = gaps[(known_s < rule.max_gap_s) & (unknown_s <= rule.max_unseen_s)]
    joined = union(blocks, short)
    longest = int(np.argmax(joined[:, 1] - joined[:, 0]))
    return joined[longest : longest + 1]
