"""Find rhythmic trains among the bursts of one limb channel.

Trains are found before limb movements are formed: at 1 Hz and more the pauses are too short to end
a movement, so a train would become one long movement that breaks series; slower, it would become
many short-interval ones.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from psgkit.core.intervals import Intervals, contains
from psgkit.detect.emg_rhythm_bursts import Bursts
from psgkit.detect.emg_rhythm_heart import without_beats
from psgkit.detect.emg_rhythm_rule import EmgRhythmRule


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Train:
    """One rhythmic train of one channel.

    Attributes
    ----------
    bursts : Bursts
        Seconds from the first sample of the signal, or of the recording; see who returns it.
    cycles : int
        From the first burst to the last, those included whose burst was too faint to be seen.
    regularity : float
        One less the coefficient of variation of the intervals, never below 0.
    """

    bursts: Bursts
    cycles: int
    regularity: float

    @property
    def onset_s(self) -> float:
        """Return the start of the first burst."""
        return float(self.bursts.start_s[0])

    @property
    def end_s(self) -> float:
        """Return the end of the last burst."""
        return float(self.bursts.end_s[-1])

    @property
    def frequency_hz(self) -> float:
        """Return the bursts a second."""
        return self.cycles / float(self.bursts.centre_s[-1] - self.bursts.centre_s[0])

    @property
    def burst_s(self) -> float:
        """Return how long the median burst lasts."""
        return float(np.median(self.bursts.width_s))

    def later(self, seconds: float) -> "Train":
        """Return the train ``seconds`` later."""
        return replace(self, bursts=self.bursts.later(seconds))


def find_trains(
    both: tuple[Bursts, Bursts], unusable_s: Intervals, duration_s: float, rule: EmgRhythmRule
) -> tuple[Train, ...]:
    """Return the rhythmic trains among bursts, in onset order, none overlapping another.

    Parameters
    ----------
    both : (Bursts, Bursts)
        All bursts, and those left without brief ones.
    unusable_s : Intervals
        No train reaches across.
    duration_s : float
        Of the signal.
    rule : EmgRhythmRule

    Examples
    --------
    >>> at, ones = np.arange(10.0, 20.0, 0.5), np.full(20, 20.0)
    >>> many = Bursts(
    ...     start_s=at,
    ...     end_s=at + 0.2,
    ...     centre_s=at + 0.1,
    ...     area_uv_s=ones,
    ...     peak_uv=ones,
    ...     trough_uv=0 * ones,
    ... )
    >>> train, = find_trains((many, many), np.empty((0, 2)), 60.0, EmgRhythmRule())
    >>> train.frequency_hz, len(train.bursts), train.onset_s
    (2.0, 20, 10.0)
    """
    if not rule.enabled:
        return ()
    found: list[Train] = []
    choices, shown_s = without_beats(both, duration_s, rule.heart)
    for bursts in choices:
        for gap_s in rule.join_gaps_s:
            found.extend(_trains_in(bursts.across(gap_s), unusable_s, rule))
    # beats on top of a faint movement make it a train of some bursts
    centres_s = np.array([(train.onset_s + train.end_s) / 2 for train in found])
    in_doubt = contains(shown_s, centres_s)
    found = [
        train
        for train, doubt in zip(found, in_doubt, strict=True)
        if not doubt or len(train.bursts) >= rule.heart.min_bursts
    ]
    return _rejoined(_best_apart(found), unusable_s, rule)


def _trains_in(bursts: Bursts, unusable_s: Intervals, rule: EmgRhythmRule) -> list[Train]:
    """Return the trains among bursts that are not to be joined any further."""
    chains = [
        chain
        for first, last in _chains(bursts, unusable_s, rule).tolist()
        if (chain := _regular_part(bursts, first, last, rule)) is not None
    ]
    long = np.zeros(len(bursts), dtype=bool)
    for first, last, train in chains:
        if len(train.bursts) >= 1.5 * rule.long_bursts:
            long[first : last + 1] = True
    others_s = np.sort(bursts.centre_s[~long])
    found = []
    for first, last, train in chains:
        period_s = 1 / train.frequency_hz
        reach_s = max(rule.context_s, rule.context_cycles * period_s)
        window = train.onset_s - reach_s, train.end_s + reach_s
        low, high = np.searchsorted(others_s, window)
        own = 0 if long[first] else last - first + 1
        strays = high - low - own
        if last - first + 1 >= rule.min_share * (last - first + 1 + strays):
            found.append(train)
    return found


def _chains(bursts: Bursts, unusable_s: Intervals, rule: EmgRhythmRule) -> NDArray[np.int64]:
    """Return first and last burst of runs with like intervals, shape ``(n, 2)``."""
    interval_s = np.diff(bursts.centre_s)
    if len(interval_s) < rule.min_bursts - 1:
        return np.empty((0, 2), dtype=np.int64)
    wide = bursts.width_s > rule.max_single_burst_s
    masked = np.searchsorted(unusable_s[:, 0], bursts.centre_s)
    allowed = ~(wide[1:] | wide[:-1]) & (masked[1:] == masked[:-1])
    # beyond the ends as many intervals are longer as are shorter: the median is that of the rest
    padded = np.concatenate(([0.0, np.inf], interval_s, [np.inf, 0.0]))
    local_s = np.median(np.lib.stride_tricks.sliding_window_view(padded, 5), axis=1)
    change = rule.max_interval_change
    cycles = interval_s / local_s
    in_range = (interval_s * rule.frequency_hz.high * change >= 1) & (
        interval_s * rule.frequency_hz.low <= change
    )
    near = allowed & in_range & (cycles <= change) & (cycles * change >= 1)
    missed = allowed & (cycles > change) & (cycles <= 2 * change**0.5)
    missed[1:-1] &= near[:-2] & near[2:]
    missed[[0, -1]] = False
    linked = near | missed
    step = local_s[1:] / local_s[:-1]
    jump = np.append(False, (step > change) | (step * change < 1))
    begins = linked & (jump | ~np.append(False, linked[:-1]))
    links = np.flatnonzero(linked)
    if not len(links):
        return np.empty((0, 2), dtype=np.int64)
    first = np.flatnonzero(begins)
    count = np.bincount(np.cumsum(begins)[links] - 1)
    enough = count >= rule.min_bursts - 1
    return np.column_stack((first, first + count))[enough]


def _regular_part(
    bursts: Bursts, first: int, last: int, rule: EmgRhythmRule
) -> tuple[int, int, Train] | None:
    """Return the train that a chain makes once odd intervals at its ends are cut, or None."""
    own = bursts.part(first, last + 1)
    like = np.flatnonzero(_alike(own, rule))
    interval_s = np.diff(own.centre_s)
    cycles = np.maximum(np.round(interval_s / np.median(interval_s)), 1.0)
    odd = np.abs(interval_s / cycles / np.median(interval_s / cycles) - 1) > rule.max_odd_interval
    even = np.flatnonzero(~odd & (cycles == 1))
    if not len(even) or not len(like):
        return None
    begin, end = max(even[0], like[0]), min(even[-1] + 1, like[-1])
    if end - begin < rule.min_bursts - 1:
        return None
    first, last = first + int(begin), first + int(end)
    first, last = _extended(bursts, first, last, rule)
    own = bursts.part(first, last + 1)
    interval_s = np.diff(own.centre_s)
    cycles = np.maximum(np.round(interval_s / np.median(interval_s)), 1.0)
    each_s = interval_s / cycles
    spread = float(np.std(each_s, ddof=1) / np.mean(each_s)) if len(each_s) > 1 else 1.0
    train = Train(bursts=own, cycles=int(cycles.sum()), regularity=max(0.0, 1.0 - spread))
    return (first, last, train) if _is_train(train, cycles, rule) else None


def _extended(bursts: Bursts, first: int, last: int, rule: EmgRhythmRule) -> tuple[int, int]:
    """Return the ends of a chain with the bursts beyond that go on at its pace."""
    own = bursts.part(first, last + 1)
    period_s = float(np.median(np.diff(own.centre_s)))
    ends = [first, last]
    for side, step in ((0, -1), (1, 1)):
        while 0 <= (new := ends[side] + step) < len(bursts):
            gap_s = abs(bursts.centre_s[new] - bursts.centre_s[ends[side]])
            if abs(gap_s / period_s - 1) > rule.max_odd_interval:
                break
            if not _alike(bursts.part(new, new + 1), rule, own)[0]:
                break
            ends[side] = new
    return ends[0], ends[1]


def _alike(some: Bursts, rule: EmgRhythmRule, own: Bursts | None = None) -> NDArray[np.bool_]:
    """Return which bursts are about as wide and as high as the median one of their own."""
    own = some if own is None else own
    # bursts as short as the means they are found in are uneven by a cell or two
    width = (some.width_s + 0.06) / (np.median(own.width_s) + 0.06)
    peak = some.peak_uv / np.median(own.peak_uv)
    wide, high = (np.maximum(ratio, 1 / ratio) for ratio in (width, peak))
    return np.asarray((wide <= rule.max_width_change) & (high <= rule.max_peak_change))


def _is_train(train: Train, cycles: NDArray[np.float64], rule: EmgRhythmRule) -> bool:
    """Return whether a chain is fast, even and distinct enough to be a train."""
    n, pace_hz, burst_s = len(train.bursts), train.frequency_hz, train.burst_s
    slack = 1 + rule.frequency_slack
    lowest_hz, highest_hz = rule.frequency_hz.low / slack, rule.frequency_hz.high * slack
    may_be_beats = burst_s <= rule.heart.max_burst_s and pace_hz * rule.heart.interval_s.low <= 1
    duty = burst_s * pace_hz
    return bool(
        n >= (rule.slow_min_bursts if pace_hz < rule.slow_hz else rule.min_bursts)
        and lowest_hz <= pace_hz <= highest_hz
        and (rule.brief_min_duty if may_be_beats else 0.0) <= duty <= rule.max_duty
        and burst_s <= rule.max_burst_s
        and train.regularity >= _least_regularity(n, rule)
        and np.mean(cycles > 1) <= rule.max_missed_share
        and _is_distinct(train.bursts, rule)
    )


def _least_regularity(n: int, rule: EmgRhythmRule) -> float:
    long = min(1.0, (n - rule.min_bursts) / (rule.long_bursts - rule.min_bursts))
    return rule.min_regularity_short + long * (rule.min_regularity - rule.min_regularity_short)


def _is_distinct(bursts: Bursts, rule: EmgRhythmRule) -> bool:
    """Return whether bursts are high, stand apart and are like each other."""
    high = np.median(bursts.peak_uv) >= rule.train_above_rest_uv
    deep = np.median(bursts.trough_uv[:-1] / bursts.peak_uv[:-1]) <= rule.max_trough
    return bool(high and deep and np.mean(_alike(bursts, rule)) >= rule.min_alike_share)


def _best_apart(found: list[Train]) -> tuple[Train, ...]:
    """Return the trains with most bursts and order, less those that overlap a better one."""
    ranked = sorted(found, key=lambda train: -len(train.bursts) * train.regularity**2)
    best: list[Train] = []
    spans = np.empty((0, 2))
    for train in ranked:
        if not ((train.onset_s < spans[:, 1]) & (train.end_s > spans[:, 0])).any():
            best.append(train)
            spans = np.vstack((spans, [[train.onset_s, train.end_s]]))
    return tuple(sorted(best, key=lambda train: train.onset_s))


def _rejoined(
    trains: tuple[Train, ...], unusable_s: Intervals, rule: EmgRhythmRule
) -> tuple[Train, ...]:
    """Return the trains with those joined that an odd burst or a faint one had cut."""
    whole: list[Train] = []
    for train in trains:
        before = whole[-1] if whole else None
        if before is not None and _go_on(before, train, unusable_s, rule):
            whole[-1] = _joined(before, train)
        else:
            whole.append(train)
    return tuple(whole)


def _go_on(one: Train, other: Train, unusable_s: Intervals, rule: EmgRhythmRule) -> bool:
    gap_s = float(other.bursts.centre_s[0] - one.bursts.centre_s[-1])
    ratio = other.frequency_hz / one.frequency_hz
    masked = np.searchsorted(unusable_s[:, 0], [one.end_s, other.onset_s])
    return bool(
        masked[0] == masked[1]
        and max(ratio, 1 / ratio) <= rule.max_change_between
        and gap_s * max(one.frequency_hz, other.frequency_hz) <= rule.join_cycles
    )


def _joined(one: Train, other: Train) -> Train:
    gap_s = float(other.bursts.centre_s[0] - one.bursts.centre_s[-1])
    pace_hz = (one.frequency_hz + other.frequency_hz) / 2
    n = len(one.bursts), len(other.bursts)
    regularity = (n[0] * one.regularity + n[1] * other.regularity) / sum(n)
    return Train(
        bursts=Bursts.joined([one.bursts, other.bursts]),
        cycles=one.cycles + other.cycles + max(1, round(gap_s * pace_hz)),
        regularity=regularity,
    )
