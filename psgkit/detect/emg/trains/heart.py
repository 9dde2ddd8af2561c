"""Tell heart beats from rhythmic trains: a QRS complex is brief, and a heart goes on.

Pace alone does not tell them apart, nor does width at a low rate.  Brief bursts are beats where the
same pace fills most of some minutes; a train of a minute does not, and neither does one whose pace
differs from that of the heart around it.
"""

import numpy as np
from numpy.typing import NDArray

from psgkit.core.intervals import Intervals, contains, no_intervals, union
from psgkit.detect.emg.trains.bursts import Bursts
from psgkit.detect.emg.trains.rule import CardiacTrainRule

_FEWEST_BEATS = 3
"""Two like intervals lie between them."""

_BEATS_IN_BIN = 2
"""So many regular beats make a stretch one that beats; see ``CardiacTrainRule.bin_s``."""


def heart_beats(
    bursts: Bursts, duration_s: float, rule: CardiacTrainRule
) -> tuple[NDArray[np.bool_], Intervals]:
    """Return which bursts are heart beats, and the seconds during which a heart shows.

    Examples
    --------
    >>> at, ones = np.arange(0.0, 600.0, 0.9), np.ones(667)
    >>> brief = Bursts(
    ...     start_s=at,
    ...     end_s=at + 0.1,
    ...     centre_s=at + 0.05,
    ...     area_uv_s=ones,
    ...     peak_uv=ones,
    ...     trough_uv=0 * ones,
    ... )
    >>> beats, shown = heart_beats(brief, 600.0, CardiacTrainRule())
    >>> bool(beats.all()), shown.tolist()[0][0]
    (True, 0.0)
    """
    brief = np.flatnonzero(bursts.width_s <= rule.max_burst_s)
    found = np.zeros(len(bursts), dtype=bool)
    times_s = bursts.centre_s[brief]
    regular, interval_s = _regular(times_s, rule)
    if not regular.any():
        return found, no_intervals(np.float64)
    at_s, pace_s = times_s[regular], interval_s[regular]
    beating = _beating(at_s, duration_s, rule)
    shown = []
    for start_s in np.arange(0.0, duration_s, rule.bin_s).tolist():
        window = _window(start_s + rule.bin_s / 2, duration_s, rule)
        bins = beating[int(window[0] / rule.bin_s) : int(np.ceil(window[1] / rule.bin_s))]
        if bins.sum() < max(rule.min_bins, rule.min_share * len(bins)):
            continue
        shown.append((start_s, start_s + rule.bin_s))
        pace = float(np.median(pace_s[slice(*np.searchsorted(at_s, window))]))
        low, high = np.searchsorted(times_s, shown[-1])
        change = np.maximum(interval_s[low:high] / pace, pace / interval_s[low:high])
        found[brief[low:high][regular[low:high] & (change <= rule.max_change)]] = True
    return found, union(np.array(shown, dtype=np.float64).reshape(-1, 2))


def leaking(bursts: Bursts, duration_s: float, rule: CardiacTrainRule) -> Intervals:
    """Return the seconds that brief bursts fill as a heart would, however irregular it beats.

    Examples
    --------
    >>> at, ones = np.arange(0.0, 600.0, 0.9), np.ones(667)
    >>> brief = Bursts(
    ...     start_s=at,
    ...     end_s=at + 0.1,
    ...     centre_s=at + 0.05,
    ...     area_uv_s=ones,
    ...     peak_uv=ones,
    ...     trough_uv=0 * ones,
    ... )
    >>> leaking(brief, 600.0, CardiacTrainRule()).tolist()
    [[0.0, 600.0]]
    >>> len(leaking(brief.part(0, 99), 600.0, CardiacTrainRule()))
    0
    """
    n_bins = max(1, int(np.ceil(duration_s / rule.bin_s)))
    at_s = bursts.centre_s[bursts.width_s <= rule.max_burst_s]
    counts = np.bincount((at_s / rule.bin_s).astype(np.int64), minlength=n_bins)
    window = min(len(counts), max(1, round(rule.window_s / rule.bin_s)))
    sums = np.append(0, np.cumsum(counts >= rule.min_brief_in_bin))
    filled = sums[window:] - sums[:-window] >= max(rule.min_bins, rule.min_share * window)
    first = np.flatnonzero(filled)
    return union(np.column_stack((first, first + window)) * rule.bin_s)


def _beating(
    at_s: NDArray[np.float64], duration_s: float, rule: CardiacTrainRule
) -> NDArray[np.bool_]:
    """Return which bins of the recording hold at least two regular beats."""
    n_bins = max(1, int(np.ceil(duration_s / rule.bin_s)))
    counts = np.bincount((at_s / rule.bin_s).astype(np.int64), minlength=n_bins)
    return np.asarray(counts >= _BEATS_IN_BIN)


def without_beats(
    both: tuple[Bursts, Bursts], duration_s: float, rule: CardiacTrainRule
) -> tuple[list[Bursts], Intervals]:
    """Return the bursts in which to look for trains, and the seconds during which a heart shows.

    Without a heart these are all bursts.  With one they are tried without the beats, without all
    that are brief and about as high, without all brief ones, and as they stand out once what is
    brief is taken off the amplitude: which of them shows a train best depends on how long and high
    its bursts are.
    """
    bursts, long = both
    beats, shown = heart_beats(bursts, duration_s, rule)
    if not beats.any():
        return [bursts], shown
    brief = (bursts.width_s <= rule.max_burst_s) & contains(shown, bursts.centre_s)
    height = bursts.peak_uv / np.median(bursts.peak_uv[beats])
    as_high = (height <= rule.max_peak_change) & (height * rule.max_peak_change >= 1)
    return [
        bursts.where(~beats),
        bursts.where(~(brief & (beats | as_high))),
        bursts.where(~brief),
        long.where(contains(shown, long.centre_s)),
    ], shown


def _regular(
    times_s: NDArray[np.float64], rule: CardiacTrainRule
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Return which times have like intervals beside them, and one of those intervals."""
    found = np.zeros(len(times_s), dtype=bool)
    pace_s = np.full(len(times_s), np.inf)
    interval_s = np.diff(times_s)
    if len(times_s) < _FEWEST_BEATS:
        return found, pace_s
    plausible = rule.interval_s.contains(interval_s)
    ratio = interval_s[1:] / np.maximum(interval_s[:-1], 1e-9)
    pair = (ratio <= rule.max_change) & (ratio >= 1 / rule.max_change)
    pair &= plausible[1:] & plausible[:-1]
    mean_s = (interval_s[1:] + interval_s[:-1]) / 2
    for shift in range(3):
        found[shift : shift + len(pair)] |= pair
        part = pace_s[shift : shift + len(pair)]
        part[pair] = mean_s[pair]
    return found, pace_s


def _window(middle_s: float, duration_s: float, rule: CardiacTrainRule) -> tuple[float, float]:
    """Return the window around ``middle_s``, moved into the recording where it would leave it."""
    length_s = min(rule.window_s, duration_s)
    start_s = min(max(middle_s - length_s / 2, 0.0), duration_s - length_s)
    return start_s, start_s + length_s
