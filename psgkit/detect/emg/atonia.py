"""Muscle activity in REM sleep, of one EMG channel: when it is raised, and its bursts.

The amplitude is the mean rectified EMG from 10 to 100 Hz over 0.1 s; only REM sleep is read.  Its
background is the lowest mean over 30 s within an episode of REM sleep, after RBDtector
(Röthenbacher et al. 2022, doi 10.1038/s41598-022-25163-9; it takes the root mean square).  Muscle
activity is

- sustained where the amplitude is at least twice the background, or above 10 uV: an episode that is
  tonic from end to end has no quiet background to compare with;
- a burst where it is at least twice the background for 0.1 s or longer, pauses below 0.25 s
  bridged; a strong burst where it is at least four times.

For the same reason an episode whose background is at least twice the lowest of the night, NREM
sleep included, takes that lowest; and where the amplitude lies above the lowest of NREM sleep is
kept apart, as the AASM manual up to 2.5 compares tonic activity with that (unconfirmed).  This, and
the mean in place of the peaks that a scorer sees, are psgkit's own choice.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from psgkit.conditioning.emg.envelope import centred_mean, running_sum, step_means
from psgkit.core.bounds import SLACK_S, samples_at_least
from psgkit.core.dataclass import dataclass
from psgkit.core.intervals import (
    Intervals,
    contains,
    drop_shorter_than,
    group_of_connected,
    intersect,
    no_intervals,
    paint,
    runs_of_true,
    total,
    union,
)
from psgkit.core.ranges import check_ranges
from psgkit.core.signal import Signal
from psgkit.detect.emg.detect import EmgDetection, meter_of
from psgkit.detect.emg.stretch import EmgMeter

_PIECE_S = 600.0
_BACKGROUND_EVERY_S = 1.0
_PROBES = 24


@dataclass(frozen=True, kw_only=True, slots=True)
class AtoniaRule:
    """What counts as muscle activity in REM sleep.

    Frauscher et al. 2012 (Sleep 35:835-847) has tonic, phasic and "any" activity in mini-epochs of
    3 s.  Factors and durations are those that OSG states for SleepRT, made with Innsbruck, and that
    RBDtector uses; ``strong_factor`` is that of the AASM manual up to 2.5.  What cannot be
    confirmed is marked so below.

    Attributes
    ----------
    factor : float
        Amplitude over the background of tonic, phasic and any activity.
    strong_factor : float
        The same of bursts by the AASM manual up to version 2.5.
    tonic_uv : float
        Amplitude above which activity is sustained whatever the background (unconfirmed); 0: none.
    tonic_share : float
        An epoch is tonic if more than this share of it is sustained.
    shortest_s, longest_s : float
        Duration of a phasic burst.
    bridge_s : float
        Shorter pauses do not end a burst.
    mini_epoch_s, epoch_s : float
    above_nrem : float
        Amplitude over the lowest of NREM sleep that is no longer as quiet (psgkit's own choice).
    background_s, least_background_s : float
        Length of the mean that gives the background, and how much of it must be usable.
    joined_s : float
        REM sleep less than this apart is one episode, with one background.
    least_rem_min : float
        Shares are not given for less REM sleep (psgkit's own choice).
    min_rate_hz : float
        Slower channels are not measured (psgkit's own choice).
    """

    factor: float = 2.0
    strong_factor: float = 4.0
    tonic_uv: float = 10.0
    tonic_share: float = 0.5
    above_nrem: float = 1.25
    shortest_s: float = 0.1
    longest_s: float = 5.0
    bridge_s: float = 0.25
    mini_epoch_s: float = 3.0
    epoch_s: float = 30.0
    background_s: float = 30.0
    least_background_s: float = 15.0
    joined_s: float = 150.0
    least_rem_min: float = 5.0
    min_rate_hz: float = 100.0

    def __post_init__(self) -> None:
        check_ranges(
            self,
            factor=(1.0, 100.0),
            strong_factor=(1.0, 100.0),
            above_nrem=(1.0, 100.0),
            mini_epoch_s=(0.5, 60.0),
        )
        if not 0 < self.least_background_s <= self.background_s:
            raise ValueError(
                "AtoniaRule needs 0 < least_background_s <= background_s, got "
                f"{self.least_background_s} and {self.background_s}"
            )
        if self.epoch_s < self.mini_epoch_s:
            raise ValueError(
                f"AtoniaRule needs epoch_s >= mini_epoch_s, got {self.epoch_s} and "
                f"{self.mini_epoch_s}"
            )


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class MuscleActivity:
    """Activity of one muscle in REM sleep; all times in seconds of the recording.

    Attributes
    ----------
    label : str
    seen : Intervals
        Usable REM sleep with a background.
    sustained : Intervals
        Where the amplitude is raised, however short.
    bursts, strong : Intervals
        Bursts of any duration, by ``factor`` and by ``strong_factor``.
    above_nrem : Intervals
        Where it is above the lowest of NREM sleep.
    background_uv : array, shape (n_episodes,)
        NaN where too little of an episode is usable.
    nrem_uv : float
        Lowest mean over 30 s in samples of NREM sleep; NaN without any.
    taken_n : int
        Episodes that take the lowest background of the night.
    """

    label: str
    seen: Intervals
    sustained: Intervals
    bursts: Intervals
    strong: Intervals
    above_nrem: Intervals
    background_uv: NDArray[np.float64]
    nrem_uv: float = float("nan")
    taken_n: int = 0

    def quieter_in_nrem(self, times: float) -> bool:
        """Return whether every background is more than ``times`` the lowest of NREM sleep."""
        known = self.background_uv[np.isfinite(self.background_uv)]
        return bool(len(known) and known.min() > times * self.nrem_uv)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Envelope:
    """Amplitude at every step of one stretch of REM sleep, and where it is usable."""

    start_s: float
    step_s: float
    uv: NDArray[np.float32]
    usable: NDArray[np.bool_]

    def seconds(self, runs: Intervals) -> Intervals:
        """Return runs of steps in seconds of the recording."""
        return np.asarray(self.start_s + runs * self.step_s)


def rem_activity(
    signals: tuple[Signal, ...],
    rem_s: Intervals,
    nrem_s: Intervals,
    rule: AtoniaRule,
    detection: EmgDetection,
) -> MuscleActivity:
    """Return the activity of one muscle in REM sleep.

    Parameters
    ----------
    signals : tuple of Signal
        The segments of one channel, in microvolts.
    rem_s, nrem_s : Intervals
        Stretches of REM sleep, and of NREM sleep, of which some 30 s are read; seconds.
    rule : AtoniaRule
    detection : EmgDetection
        Band, hum and unusable signal, as for limb EMG.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> emg_uv = rng.standard_normal(120 * 200)
    >>> emg_uv[60 * 200 : 61 * 200] *= 10
    >>> signal = Signal(samples=emg_uv, rate_hz=200.0, unit="uV")
    >>> rem_s, nrem_s = np.array([[0.0, 120.0]]), np.empty((0, 2))
    >>> found = rem_activity((signal,), rem_s, nrem_s, AtoniaRule(), EmgDetection())
    >>> found.bursts.round(1).tolist()
    [[60.0, 61.0]]
    """
    envelopes = [one for signal in signals for one in _envelopes(signal, rem_s, detection)]
    starts_s = np.array([one.start_s for one in envelopes])
    ends_s = np.array([one.start_s + len(one.uv) * one.step_s for one in envelopes])
    episode = group_of_connected(starts_s, ends_s + rule.joined_s)
    lowest_uv = np.array([_lowest_mean(one, rule) for one in envelopes])
    probes_s = _probes(nrem_s, rule.background_s)
    probes = [one for signal in signals for one in _envelopes(signal, probes_s, detection)]
    nrem_uv = _lowest([_lowest_mean(one, rule) for one in probes])
    background_uv, taken_n = _backgrounds(lowest_uv, episode, nrem_uv, rule.factor)
    seen, sustained, bursts, strong, above = [], [], [], [], []
    for one, number in zip(envelopes, episode.tolist(), strict=True):
        level_uv = background_uv[number]
        if not level_uv > 0:
            continue
        loud = one.uv >= rule.factor * level_uv
        if rule.tonic_uv > 0:
            loud |= one.uv > rule.tonic_uv
        seen.append(one.seconds(runs_of_true(one.usable)))
        sustained.append(one.seconds(runs_of_true(loud & one.usable)))
        bursts.append(_bursts(one, rule.factor * level_uv, rule))
        strong.append(_bursts(one, rule.strong_factor * level_uv, rule))
        above.append(one.seconds(runs_of_true((one.uv > rule.above_nrem * nrem_uv) & one.usable)))
    return MuscleActivity(
        label=signals[0].label if signals else "",
        seen=_joined(seen),
        sustained=_joined(sustained),
        bursts=_joined(bursts),
        strong=_joined(strong),
        above_nrem=_joined(above),
        background_uv=background_uv,
        nrem_uv=nrem_uv,
        taken_n=taken_n,
    )


def _envelopes(signal: Signal, rem_s: Intervals, detection: EmgDetection) -> Iterator[_Envelope]:
    """Yield the amplitude of each stretch of REM sleep in a segment."""
    within = np.array([[signal.start_s, signal.start_s + signal.duration_s]])
    stretches = intersect(union(rem_s), within)
    if not len(stretches):
        return
    meter = meter_of(signal, detection, None)
    for begin_s, end_s in stretches.tolist():
        first, last = (round((at - signal.start_s) * signal.rate_hz) for at in (begin_s, end_s))
        if last - first >= meter.grid.step:
            yield _envelope(meter, first, min(last, len(signal.samples)))


def _envelope(meter: EmgMeter, first: int, last: int) -> _Envelope:
    """Return the amplitude of the samples ``first`` to ``last``, read in pieces."""
    rate_hz, step, window = meter.signal.rate_hz, meter.grid.step, meter.grid.amplitude_window
    half, n = window // 2, len(meter.signal.samples)
    before = min(half, first // step)
    low, high = first - before * step, min(n, last + half * step)
    length = step * round(_PIECE_S * rate_hz / step)
    means, runs = [], []
    for begin in range(low, high, length):
        end = min(begin + length, high)
        filtered, unusable = meter.filtered((begin, end))
        rectified = np.abs(meter.without_hum(filtered, begin))
        means.append(step_means(rectified, step))
        runs.append(unusable.runs() + begin - first)
    sums = running_sum(np.concatenate(means))
    count = min((last - first) // step, len(sums) - 1 - before)
    margin = samples_at_least(meter.conditioning.usable.margin_s, rate_hz)
    blocked = union(*runs)
    if len(blocked):
        blocked = np.column_stack((blocked[:, 0] - margin, blocked[:, 1] + margin))
    blocked = np.column_stack((blocked[:, 0] // step, -(-blocked[:, 1] // step)))
    return _Envelope(
        start_s=meter.signal.start_s + first / rate_hz,
        step_s=step / rate_hz,
        uv=centred_mean(sums, window, (before, before + count)),
        usable=~paint(blocked, count),
    )


def _lowest_mean(envelope: _Envelope, rule: AtoniaRule) -> float:
    """Return the lowest mean over ``background_s``; NaN where too little is usable."""
    n = len(envelope.uv)
    width = min(n, round(rule.background_s / envelope.step_s))
    hop = max(1, round(_BACKGROUND_EVERY_S / envelope.step_s))
    starts = np.append(np.arange(0, n - width, hop), n - width)
    sums = running_sum(np.where(envelope.usable, envelope.uv, 0.0))
    counts = running_sum(envelope.usable.astype(np.float32))
    usable_n = counts[starts + width] - counts[starts]
    enough = usable_n * envelope.step_s >= rule.least_background_s - SLACK_S
    if not enough.any():
        return float("nan")
    return float(((sums[starts + width] - sums[starts])[enough] / usable_n[enough]).min())


def _probes(nrem_s: Intervals, length_s: float) -> Intervals:
    """Return pieces of a length, spread evenly over disjoint stretches of NREM sleep."""
    starts_s = np.concatenate(
        [
            np.empty(0),
            *(np.arange(begin, end - length_s + SLACK_S, length_s) for begin, end in nrem_s),
        ]
    )
    if not len(starts_s):
        return no_intervals(np.float64)
    chosen_s = starts_s[np.unique(np.linspace(0, len(starts_s) - 1, _PROBES).astype(np.int64))]
    return np.column_stack((chosen_s, chosen_s + length_s))


def _lowest(levels_uv: list[float]) -> float:
    """Return the lowest known level above zero, NaN without one."""
    known = [level for level in levels_uv if level > 0]
    return min(known, default=float("nan"))


def _backgrounds(
    lowest_uv: NDArray[np.float64], episode: NDArray[np.int64], nrem_uv: float, factor: float
) -> tuple[NDArray[np.float64], int]:
    """Return the background of each episode, and how many take the lowest of the night."""
    n = int(episode[-1]) + 1 if len(episode) else 0
    found = np.full(n, np.inf)
    np.minimum.at(found, episode, np.where(lowest_uv > 0, lowest_uv, np.inf))
    if not np.isfinite(found).any():
        return np.full(n, np.nan), 0
    lowest = float(np.fmin(found.min(), nrem_uv))
    high = found >= factor * lowest
    return np.where(high, lowest, found), int((high & np.isfinite(found)).sum())


def _bursts(envelope: _Envelope, threshold_uv: float, rule: AtoniaRule) -> Intervals:
    """Return the bursts of at least the shortest duration, pauses bridged, in seconds."""
    runs = runs_of_true((envelope.uv >= threshold_uv) & envelope.usable)
    per_s = 1.0 / envelope.step_s
    bridge, shortest = (samples_at_least(s, per_s) for s in (rule.bridge_s, rule.shortest_s))
    joined = union(runs + np.array([0, bridge - 1])) - np.array([0, bridge - 1])
    return envelope.seconds(drop_shorter_than(shortest, joined))


def _joined(parts: list[Intervals]) -> Intervals:
    return union(no_intervals(np.float64), *parts)


_SHORT_S = 0.3
"""Longest burst that one heart beat makes."""
_NEAR_S = 0.1
_FEW_PER_MIN = 6.0
_LEAK_SHARE = 0.1
_LEAK_RATIO = 3.0
_HEART_S = (0.4, 1.5)
_REGULAR_CHANGE = 0.15
_REGULAR_SHARE = 0.6


def may_be_heart(found: MuscleActivity) -> bool:
    """Return whether there are so many brief bursts that heart beats may leak into the channel."""
    brief = _brief(found.bursts)
    return len(brief) >= _FEW_PER_MIN * total(found.seen) / 60.0


def without_beats(
    found: MuscleActivity, beats_s: NDArray[np.float64]
) -> tuple[MuscleActivity, int]:
    """Return the activity without brief bursts at heart beats if these leak, and how many.

    They leak if a brief burst lies at more than a tenth of the beats, and at three times as many as
    of times midway between beats.

    Parameters
    ----------
    found : MuscleActivity
    beats_s : array
        Sorted times of the beats of an ECG.
    """
    beats_s = beats_s[contains(found.seen, beats_s)]
    if len(beats_s) < 2:  # noqa: PLR2004 - an interval
        return found, 0
    middle_s = _brief(found.bursts).mean(axis=1)
    apart_s = np.diff(beats_s)
    between_s = (beats_s[:-1] + apart_s / 2)[apart_s < _HEART_S[1]]
    at, control = (
        _near(times, middle_s).mean() if len(times) else 0.0 for times in (beats_s, between_s)
    )
    if at < _LEAK_SHARE or at < _LEAK_RATIO * control:
        return found, 0
    bursts, n = _away_from(found.bursts, beats_s)
    return replace(found, bursts=bursts, strong=_away_from(found.strong, beats_s)[0]), n


def is_heart_alone(found: MuscleActivity) -> bool:
    """Return whether brief bursts follow each other as regularly as a heart."""
    apart_s = np.diff(_brief(found.bursts).mean(axis=1))
    if len(apart_s) < 2:  # noqa: PLR2004 - a change
        return False
    beating = (apart_s[1:] >= _HEART_S[0]) & (apart_s[1:] <= _HEART_S[1])
    steady = np.abs(np.diff(apart_s)) <= _REGULAR_CHANGE * apart_s[1:]
    return bool((beating & steady).mean() >= _REGULAR_SHARE)


def _brief(bursts: Intervals) -> Intervals:
    return bursts[bursts[:, 1] - bursts[:, 0] <= _SHORT_S]


def _away_from(bursts: Intervals, beats_s: NDArray[np.float64]) -> tuple[Intervals, int]:
    brief = bursts[:, 1] - bursts[:, 0] <= _SHORT_S
    at_beat = brief & _near(bursts.mean(axis=1), beats_s)
    return bursts[~at_beat], int(at_beat.sum())


def _near(times_s: NDArray[np.float64], others_s: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which times have one of the sorted others close by."""
    if not len(others_s):
        return np.zeros(len(times_s), dtype=np.bool_)
    after = np.searchsorted(others_s, times_s)
    nearest = np.minimum(
        np.abs(times_s - others_s[np.minimum(after, len(others_s) - 1)]),
        np.abs(times_s - others_s[np.maximum(after - 1, 0)]),
    )
    return np.asarray(nearest <= _NEAR_S)
