"""Keep heart beats that leak into a limb channel from joining movements.

A QRS complex in the 10-100 Hz band is a blip of some 0.1 s.  Alone it is too short for a movement,
but it interrupts the quiet that ends one, and at a fast heart rate quiet never comes.  Blips that
follow each other as regularly as a heart are therefore counted as quiet.  The numbers are ours, in
the spirit of MATPLM (Johns Hopkins), which rewrites the signal around regular peaks.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from psgkit.core.intervals import Intervals, contains, union
from psgkit.detect.limb_movements import ActivityRuns


@dataclass(frozen=True, kw_only=True, slots=True)
class CardiacBlipRule:
    """When blips are heart beats.

    Attributes
    ----------
    enabled : bool
    max_blip_s : float
        A QRS complex, widened by filter and window, is shorter.
    min_interval_s, max_interval_s : float
        Heart rates from 40 to 150 a minute.
    max_change : float
        Largest ratio of neighbouring intervals; sinus rhythm changes less.
    window_s : float
        Stretch over which beats are counted.
    min_beats_per_window : int
        Fewer regular blips than this within ``window_s`` are chance.
    min_share : float
        So are regular ones that make up less than this share of the blips there.
    """

    enabled: bool = True
    max_blip_s: float = 0.2
    min_interval_s: float = 0.4
    max_interval_s: float = 1.5
    max_change: float = 1.25
    window_s: float = 30.0
    min_beats_per_window: int = 8
    min_share: float = 0.5


def without_cardiac_blips(
    runs: ActivityRuns,
    rate_hz: float,
    rule: CardiacBlipRule,
    known_s: NDArray[np.float64] | None = None,
) -> tuple[ActivityRuns, int]:
    """Return the runs with heart beats counted as low, and how many would have been active.

    The rhythm is looked for in blips of the amplitude and in spikes of single samples: a leak that
    lifts the amplitude only now and then still shows all its beats in the samples.  Blips at beats
    that are known otherwise, in sorted seconds, need no rhythm.
    """
    gaps = np.column_stack((runs.low[:-1, 1], runs.low[1:, 0]))
    blips = _no_longer_than(rule.max_blip_s * rate_hz, gaps)
    spikes = _no_longer_than(rule.max_blip_s * rate_hz, runs.spikes)
    times_s = _apart(np.concatenate((blips, spikes)).mean(axis=1) / rate_hz, rule.max_blip_s)
    known_s = np.empty(0) if known_s is None else known_s
    if not rule.enabled or len(times_s) + len(known_s) < rule.min_beats_per_window:
        return runs, 0
    beats_s = np.concatenate((times_s[are_beats(times_s, rule)], known_s))
    around = np.column_stack((beats_s - rule.max_blip_s / 2, beats_s + rule.max_blip_s / 2))
    leaked = blips[contains(union(around), blips.mean(axis=1) / rate_hz)]
    return replace(runs, low=union(runs.low, leaked)), len(leaked)


def _no_longer_than(length: float, runs: Intervals) -> Intervals:
    return runs[runs[:, 1] - runs[:, 0] <= length]


def _apart(times_s: NDArray[np.float64], least_s: float) -> NDArray[np.float64]:
    """Return sorted times less those that follow another at once: one beat seen twice."""
    ordered = np.sort(times_s)
    return ordered[np.diff(ordered, prepend=-np.inf) > least_s]


def are_beats(times_s: NDArray[np.float64], rule: CardiacBlipRule) -> NDArray[np.bool_]:
    """Return which blips at ``times_s`` (sorted) belong to a heart rhythm.

    Examples
    --------
    >>> regular = np.arange(20) * 0.8
    >>> bool(are_beats(regular, CardiacBlipRule()).all())
    True
    >>> bool(are_beats(regular**1.7, CardiacBlipRule()).any())
    False
    """
    interval = np.diff(times_s)
    plausible = (interval >= rule.min_interval_s) & (interval <= rule.max_interval_s)
    ratio = interval[1:] / np.maximum(interval[:-1], 1e-9)
    steady = (ratio <= rule.max_change) & (ratio >= 1 / rule.max_change)
    pair = steady & plausible[1:] & plausible[:-1]
    # a pair of like intervals makes beats of the three blips around them
    regular = np.zeros(len(times_s), dtype=bool)
    for shift in range(3):
        regular[shift : shift + len(pair)] |= pair
    at = times_s[regular]
    near, of_all = (_within(times_s, there, rule.window_s / 2) for there in (at, times_s))
    in_rhythm = (near >= rule.min_beats_per_window) & (near >= rule.min_share * of_all)
    # within a rhythm every blip is as likely a beat whose neighbour hid in a movement
    return np.asarray(in_rhythm & (regular | _beside_regular(times_s, at, rule)))


def _within(
    times_s: NDArray[np.float64], others_s: NDArray[np.float64], reach_s: float
) -> NDArray[np.int64]:
    """Return how many of ``others_s`` (sorted) lie within reach of each time."""
    after = np.searchsorted(others_s, times_s + reach_s)
    return np.asarray(after - np.searchsorted(others_s, times_s - reach_s))


def _beside_regular(
    times_s: NDArray[np.float64], beats_s: NDArray[np.float64], rule: CardiacBlipRule
) -> NDArray[np.bool_]:
    if not len(beats_s):
        return np.zeros(len(times_s), dtype=bool)
    after = np.minimum(np.searchsorted(beats_s, times_s), len(beats_s) - 1)
    before = np.maximum(after - 1, 0)
    gap = np.minimum(np.abs(beats_s[after] - times_s), np.abs(times_s - beats_s[before]))
    return np.asarray(gap <= 2 * rule.max_interval_s)
