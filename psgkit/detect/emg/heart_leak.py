"""Count heart beats that leak into a limb channel as quiet.

A QRS complex in the 10-100 Hz band is a blip of some 0.1 s.  Alone it is too short for a movement,
but it interrupts the quiet that ends one, and at a fast heart rate quiet never comes.  Blips that
follow each other as regularly as a heart are therefore counted as quiet.  The numbers are psgkit's
own choice, in the spirit of MATPLM (Johns Hopkins), which rewrites the signal around regular peaks.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from psgkit.conditioning.cardiac.beats import Beats
from psgkit.conditioning.cardiac.removal import RemovalRule, remove_beats
from psgkit.core.dataclass import dataclass
from psgkit.core.intervals import Intervals, contains, union
from psgkit.core.ranges import check_ranges
from psgkit.detect.emg.limb_movements import ActivityRuns
from psgkit.detect.emg.stretch import Amplitude, EmgMeter
from psgkit.detect.emg.trains.bursts import Bursts, later, stretch_bursts
from psgkit.detect.emg.trains.find import Cleared, Train
from psgkit.detect.emg.trains.rule import CardiacTrainRule


@dataclass(frozen=True, kw_only=True, slots=True)
class CardiacBlipRule:
    """When brief peaks (blips) of EMG are heart beats.

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
        Fewer regular blips than this within ``window_s`` are attributed to chance.
    min_share : float
        So are regular blips that make up less than this share of the blips there.
    max_faint_s, faint_apart_s, faint_quiet_s : float
        Blips no longer than the first that stay below the onset threshold are quiet without a
        rhythm, if the amplitude is low for the second length on both sides and for the third on
        one.  0 switches this off.
    """

    enabled: bool = True
    max_blip_s: float = 0.2
    min_interval_s: float = 0.4
    max_interval_s: float = 1.5
    max_change: float = 1.25
    window_s: float = 30.0
    min_beats_per_window: int = 8
    min_share: float = 0.5
    max_faint_s: float = 0.2
    faint_apart_s: float = 0.1
    faint_quiet_s: float = 0.5

    def __post_init__(self) -> None:
        check_ranges(self)


def without_cardiac_blips(
    runs: ActivityRuns,
    rate_hz: float,
    rule: CardiacBlipRule,
    known_s: NDArray[np.float64] | None = None,
) -> tuple[ActivityRuns, int]:
    """Return the runs with heart beats counted as low, and the number of beats that were active.

    The rhythm is searched for in blips of the amplitude and in spikes of single samples, where a
    leak too weak to lift the amplitude every time still shows all its beats.  Blips at beats known
    from an ECG, in sorted seconds, need no rhythm.
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


def without_faint_blips(runs: ActivityRuns, rate_hz: float, rule: CardiacBlipRule) -> ActivityRuns:
    """Return the runs with faint blips at the edge of quiet counted as low.

    A faint blip is brief, stays below the onset threshold, and has low amplitude on both sides: at
    least ``faint_apart_s``, and ``faint_quiet_s`` on one of them.  Single heart beats and the
    scatter of rest look like this.  They delay the quiet that ends a movement, so that a twitch
    becomes a movement.  No movement is split: quiet lies beside the blip already.
    """
    if not rule.enabled or not rule.max_faint_s:
        return runs
    low = runs.low
    length_s = (low[:, 1] - low[:, 0]) / rate_hz
    beside = np.column_stack((length_s[:-1], length_s[1:]))
    apart = (beside.min(axis=1) >= rule.faint_apart_s) & (beside.max(axis=1) >= rule.faint_quiet_s)
    gaps = np.column_stack((low[:-1, 1], low[1:, 0]))[apart]
    blips = _no_longer_than(rule.max_faint_s * rate_hz, gaps)
    first = np.searchsorted(runs.reached[:, 1], blips[:, 0], side="right")
    begins = np.append(runs.reached[:, 0], np.iinfo(np.int64).max)[first]
    return replace(runs, low=union(low, blips[begins >= blips[:, 1]]))


def _no_longer_than(length: float, runs: Intervals) -> Intervals:
    return runs[runs[:, 1] - runs[:, 0] <= length]


def _apart(times_s: NDArray[np.float64], least_s: float) -> NDArray[np.float64]:
    """Return sorted times without those too soon after another, as of a beat found twice."""
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
    # two similar intervals mark the three blips around them as beats
    regular = np.zeros(len(times_s), dtype=bool)
    for shift in range(3):
        regular[shift : shift + len(pair)] |= pair
    at = times_s[regular]
    near, of_all = (_within(times_s, there, rule.window_s / 2) for there in (at, times_s))
    in_rhythm = (near >= rule.min_beats_per_window) & (near >= rule.min_share * of_all)
    # within a rhythm a blip without a regular neighbour is a beat: a movement hides its neighbour
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


KnownBeats = Callable[[], Beats]
"""Called only where a heart may leak: finding the beats of a night takes as long as a channel."""


def cleared_bursts(
    meter: EmgMeter, stretches: list[tuple[int, int]], beats: Beats, removal: RemovalRule
) -> Cleared | None:
    """Return the bursts of a signal after subtraction of its heart beats, in seconds of the signal.

    None if no beat is known.
    """
    if not len(beats.times_s) or not stretches:
        return None
    own_s = beats.times_s - meter.signal.start_s
    at = own_s * meter.signal.rate_hz
    parts = [_of_stretch(meter, core, at, removal) for core in stretches]
    return Cleared(
        choices=tuple(
            (
                Bursts.joined([part[k][0] for part in parts]),
                Bursts.joined([part[k][1] for part in parts]),
            )
            for k in range(len(parts[0]))
        ),
        known_s=beats.covered - meter.signal.start_s,
        beats_s=own_s,
    )


def _of_stretch(
    meter: EmgMeter, core: tuple[int, int], beats: NDArray[np.float64], removal: RemovalRule
) -> list[tuple[Bursts, Bursts]]:
    """Return the bursts that start in ``core``, with and without those at beats of odd shape.

    Each twice: all bursts, and those left when brief ones are removed.  Bursts at odd beats are
    kept in one version, because a train burst that hides a beat has an odd shape, too.
    """
    signal, grid = meter.signal, meter.grid
    low, high = meter.around(core)
    filtered, unusable = meter.filtered((low, high))
    blocked = meter.blocked(unusable, high - low)
    inside = beats[(beats >= low) & (beats < high)] - low
    removed = remove_beats(filtered, inside, signal.rate_hz, removal)
    samples = meter.without_hum(removed.samples, low)
    found = Amplitude.of(np.abs(samples), blocked, grid, meter.conditioning.rest)
    bursts, opened = stretch_bursts(
        found.sums,
        found.rest_uv,
        found.above_rest(),
        (core[0] - low, core[1] - low),
        grid,
        signal.rate_hz,
        meter.rhythm,
    )
    odd_s = removed.middle[removed.odd] / signal.rate_hz
    others = bursts.where(~_at_odd_beats(bursts, odd_s, meter.rhythm.heart))
    return [later((some, opened), low / signal.rate_hz) for some in (bursts, others)]


def _at_odd_beats(
    bursts: Bursts, odd_s: NDArray[np.float64], rule: CardiacTrainRule
) -> NDArray[np.bool_]:
    """Return which bursts are remains of a heart beat."""
    around = np.column_stack((odd_s - rule.odd_beat_s / 2, odd_s + rule.odd_beat_s / 2))
    brief = bursts.width_s <= rule.odd_beat_s
    return np.asarray(brief & contains(union(around), bursts.centre_s))


def known_near(
    cleared: Cleared | None, trains: tuple[Train, ...], reach_s: float
) -> NDArray[np.float64]:
    """Return the known beats near a train, whose bursts hide the rhythm of the heart."""
    if cleared is None or not trains:
        return np.empty(0)
    near = union(np.array([(train.onset_s - reach_s, train.end_s + reach_s) for train in trains]))
    return cleared.beats_s[contains(near, cleared.beats_s)]
