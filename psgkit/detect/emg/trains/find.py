"""Find rhythmic trains among the bursts of one limb channel.

Trains are found before limb movements are formed: at 1 Hz and more the pauses are too short to end
a movement, so a train would become one long movement that breaks series; slower, it would become
many short-interval ones.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.intervals import Intervals, contains, union
from psgkit.detect.emg.trains.bursts import Bursts, leaking, median, without_beats
from psgkit.detect.emg.trains.rule import CardiacTrainRule, EmgRhythmRule


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Train:
    """One rhythmic train of one channel.

    Attributes
    ----------
    bursts : Bursts
        Seconds from the first sample of the signal; of the recording after ``later``.
    cycles : int
        From the first burst to the last, including those whose burst is too faint to detect.
    regularity : float
        One minus the coefficient of variation of the intervals, never below 0.
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
        return median(self.bursts.width_s)

    def later(self, seconds: float) -> "Train":
        """Return the train ``seconds`` later."""
        return replace(self, bursts=self.bursts.later(seconds))


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Cleared:
    """Bursts of a signal after subtraction of its heart beats; times in seconds of the signal.

    Attributes
    ----------
    choices : tuple of (Bursts, Bursts)
        Sets searched for trains: all bursts, and those left when brief ones are removed.
    known_s : Intervals
        Where the beats are known; elsewhere nothing was subtracted.
    beats_s : array, shape (n,)
        Sorted.
    """

    choices: tuple[tuple[Bursts, Bursts], ...]
    known_s: Intervals
    beats_s: NDArray[np.float64]


def find_trains(
    both: tuple[Bursts, Bursts],
    unusable_s: Intervals,
    duration_s: float,
    rule: EmgRhythmRule,
    cleared: Cleared | None = None,
) -> tuple[Train, ...]:
    """Return the rhythmic trains among bursts, in onset order, none overlapping another.

    Parameters
    ----------
    both : (Bursts, Bursts)
        All bursts, and those left when brief ones are removed.
    unusable_s : Intervals
        No train spans it.
    duration_s : float
        Of the signal.
    rule : EmgRhythmRule
    cleared : Cleared, optional
        Takes the place of ``both`` where heart beats are known.

    Examples
    --------
    >>> at, ones = np.arange(10.0, 20.0, 0.5), np.full(20, 20.0)
    >>> many = Bursts(start_s=at, end_s=at + 0.2, centre_s=at + 0.1, area_uv_s=ones, peak_uv=ones,
    ...     trough_uv=0 * ones)
    >>> train, = find_trains((many, many), np.empty((0, 2)), 60.0, EmgRhythmRule())
    >>> round(train.frequency_hz, 6), len(train.bursts), train.onset_s
    (2.0, 20, 10.0)
    """
    if not rule.enabled:
        return ()
    found = _candidates(both, unusable_s, duration_s, rule)
    if cleared is not None:
        known = _within(found, cleared.known_s)
        found = [train for train, there in zip(found, known, strict=True) if not there]
        for choice in cleared.choices:
            others = _candidates(choice, unusable_s, duration_s, rule)
            known = _within(others, cleared.known_s)
            found += [train for train, there in zip(others, known, strict=True) if there]
    whole = _rejoined(_best_apart(found), unusable_s, rule)
    return tuple(train for train in whole if not _is_polyclonic(train, rule))


def _is_polyclonic(train: Train, rule: EmgRhythmRule) -> bool:
    """Return whether a train is so short, and its pauses so brief, that it is one movement."""
    pause_s = train.bursts.start_s[1:] - train.bursts.end_s[:-1]
    short = train.end_s - train.onset_s <= rule.polyclonic_s
    return bool(short and pause_s.max() < rule.polyclonic_pause_s)


def _within(trains: list[Train], spans_s: Intervals) -> NDArray[np.bool_]:
    """Return which trains have their middle within spans."""
    return contains(spans_s, np.array([(train.onset_s + train.end_s) / 2 for train in trains]))


def _candidates(
    both: tuple[Bursts, Bursts], unusable_s: Intervals, duration_s: float, rule: EmgRhythmRule
) -> list[Train]:
    """Return candidates for trains, which may overlap."""
    found: list[Train] = []
    choices, shown_s = without_beats(both, duration_s, rule.heart)
    for bursts in choices:
        for gap_s, trough in rule.joins:
            found.extend(_trains_in(bursts.across(gap_s, trough), unusable_s, rule))
    # beats on top of a faint movement look like a short train
    in_doubt = _within(found, shown_s)
    found = [
        train
        for train, doubt in zip(found, in_doubt, strict=True)
        if not doubt or len(train.bursts) >= rule.heart.min_bursts
    ]
    may_be_beats = _within(found, union(shown_s, leaking(both[0], duration_s, rule.heart)))
    return [
        train
        for train, doubt in zip(found, may_be_beats, strict=True)
        if not doubt or _is_no_heart(train, rule.heart)
    ]


def _is_no_heart(train: Train, rule: CardiacTrainRule) -> bool:
    """Return whether bursts are wider or faster than heart beats, or too numerous and regular."""
    even = train.regularity >= rule.brief_min_regularity
    fast = train.frequency_hz > rule.fastest_hz
    many = len(train.bursts) >= rule.brief_min_bursts
    return train.burst_s > rule.odd_beat_s or fast or (many and even)


def _trains_in(bursts: Bursts, unusable_s: Intervals, rule: EmgRhythmRule) -> list[Train]:
    """Return the trains among bursts that have been joined."""
    found = []
    for whole in chains_of(bursts, unusable_s, rule).tolist():
        chain = even_part(bursts, (whole[0], whole[1]), rule)
        train = _train_of(bursts, chain, rule) if chain is not None else None
        if chain is not None and train is not None:
            found.append((chain, train))
    long = np.zeros(len(bursts), dtype=bool)
    for (first, last), train in found:
        if len(train.bursts) >= rule.sure_bursts:
            long[first : last + 1] = True
    others_s = bursts.centre_s[~long]
    alone = []
    for (first, _), train in found:
        reach_s = max(rule.context_s, rule.context_cycles / train.frequency_hz)
        low, high = np.searchsorted(others_s, (train.onset_s - reach_s, train.end_s + reach_s))
        n = len(train.bursts)
        strays = high - low - (0 if long[first] else n)
        if n >= rule.min_share * (n + strays):
            alone.append(train)
    return alone


def _train_of(bursts: Bursts, chain: tuple[int, int], rule: EmgRhythmRule) -> Train | None:
    own = bursts.part(chain[0], chain[1] + 1)
    interval_s = np.diff(own.centre_s)
    cycles = cycles_of(interval_s)
    each_s = interval_s / cycles
    spread = float(np.std(each_s, ddof=1) / np.mean(each_s))
    train = Train(bursts=own, cycles=int(cycles.sum()), regularity=max(0.0, 1.0 - spread))
    return train if _is_train(train, cycles, rule) else None


def _is_train(train: Train, cycles: NDArray[np.float64], rule: EmgRhythmRule) -> bool:
    """Return whether a chain is fast, regular and distinct enough to be a train."""
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
    high = median(bursts.peak_uv) >= rule.train_above_rest_uv
    deep = median(bursts.trough_uv[:-1] / bursts.peak_uv[:-1]) <= rule.max_trough
    return bool(high and deep and np.mean(alike(bursts, bursts, rule)) >= rule.min_alike_share)


def _best_apart(found: list[Train]) -> tuple[Train, ...]:
    """Return the longest and most regular of overlapping trains."""
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
    """Return the trains, joining parts that an odd or a faint burst had separated."""
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


_SLACK_S = 0.06
"""Intervals of bursts as short as the averaging window vary by some cells..."""

_CENTRE_SLACK_S = 0.03
"""...and those of their centres by half as much."""


def chains_of(bursts: Bursts, unusable_s: Intervals, rule: EmgRhythmRule) -> NDArray[np.int64]:
    """Return first and last burst of runs with similar intervals, shape ``(n, 2)``."""
    interval_s = np.diff(bursts.centre_s)
    if len(interval_s) < rule.min_bursts - 1:
        return np.empty((0, 2), dtype=np.int64)
    wide = bursts.width_s > rule.max_single_burst_s
    masked = np.searchsorted(unusable_s[:, 0], bursts.centre_s)
    allowed = ~(wide[1:] | wide[:-1]) & (masked[1:] == masked[:-1])
    # pad the ends with as many long as short intervals, which leaves the median unchanged
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


def even_part(
    bursts: Bursts, chain: tuple[int, int], rule: EmgRhythmRule
) -> tuple[int, int] | None:
    """Return first and last burst of a chain, without odd ends and extended at its pace.

    A movement beside a train is often taken for its first or last burst; two merged bursts, or a
    faint one, end a chain too early.
    """
    first, last = chain
    own = bursts.part(first, last + 1)
    like = np.flatnonzero(alike(own, own, rule))
    interval_s = np.diff(own.centre_s)
    cycles = cycles_of(interval_s)
    each_s = interval_s / cycles
    period_s = median(each_s)
    odd = np.abs(each_s - period_s) > rule.max_odd_interval * period_s + _CENTRE_SLACK_S
    even = np.flatnonzero(~odd & (cycles == 1))
    if not len(even) or not len(like):
        return None
    begin, end = max(even[0], like[0]), min(even[-1] + 1, like[-1])
    if end - begin < rule.min_bursts - 1:
        return None
    core = first + int(begin), first + int(end)
    return _extended(bursts, core, -1, rule), _extended(bursts, core, 1, rule)


def cycles_of(interval_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how many cycles each interval spans: more than one where a burst was missed."""
    return np.maximum(np.round(interval_s / median(interval_s)), 1.0)


def alike(some: Bursts, own: Bursts, rule: EmgRhythmRule) -> NDArray[np.bool_]:
    """Return which bursts are about as wide and as high as the median of ``own``."""
    return _alike(some, median(own.width_s), median(own.peak_uv), rule)


def _alike(some: Bursts, width_s: float, peak_uv: float, rule: EmgRhythmRule) -> NDArray[np.bool_]:
    """Return which bursts are about as wide and as high as given."""
    width = (some.width_s + _SLACK_S) / (width_s + _SLACK_S)
    peak = some.peak_uv / peak_uv
    wide, high = (np.maximum(ratio, 1 / ratio) for ratio in (width, peak))
    return np.asarray((wide <= rule.max_width_change) & (high <= rule.max_peak_change))


def _extended(bursts: Bursts, core: tuple[int, int], step: int, rule: EmgRhythmRule) -> int:
    """Return the end of a chain extended by bursts at its pace.

    One burst may be missing if two follow.
    """
    own = bursts.part(core[0], core[1] + 1)
    period_s = median(np.diff(own.centre_s))
    limit_s = rule.max_odd_interval * period_s + _CENTRE_SLACK_S
    width_s, peak_uv = median(own.width_s), median(own.peak_uv)

    def fits(burst: int, at: int, cycles: int) -> bool:
        if not 0 <= burst < len(bursts):
            return False
        off_s = abs(bursts.centre_s[burst] - bursts.centre_s[at]) - cycles * period_s
        if abs(off_s) > limit_s:
            return False
        here = bursts.part(burst, burst + 1)
        return bool(_alike(here, width_s, peak_uv, rule)[0])

    end = core[0] if step < 0 else core[1]
    while True:
        new = end + step
        if fits(new, end, 1):
            end = new
        elif fits(new, end, 2) and fits(new + step, new, 1):
            end = new + step
        else:
            return end
