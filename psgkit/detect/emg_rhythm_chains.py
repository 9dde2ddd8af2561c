"""Runs of bursts whose intervals are alike, and where such a run really begins and ends."""

import numpy as np
from numpy.typing import NDArray

from psgkit.core.intervals import Intervals
from psgkit.detect.emg_rhythm_bursts import Bursts
from psgkit.detect.emg_rhythm_rule import EmgRhythmRule

_SLACK_S = 0.06
"""Bursts as short as the means they are found in are uneven by some cells..."""

_CENTRE_SLACK_S = 0.03
"""...and their centres by half as much."""


def chains_of(bursts: Bursts, unusable_s: Intervals, rule: EmgRhythmRule) -> NDArray[np.int64]:
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


def even_part(
    bursts: Bursts, chain: tuple[int, int], rule: EmgRhythmRule
) -> tuple[int, int] | None:
    """Return first and last burst of a chain without odd ends, and with what goes on beyond them.

    A movement beside a train is often taken for its first or last burst; a burst that two merged
    into, or one too faint, ends a chain too early.
    """
    first, last = chain
    own = bursts.part(first, last + 1)
    like = np.flatnonzero(alike(own, own, rule))
    interval_s = np.diff(own.centre_s)
    cycles = cycles_of(interval_s)
    each_s = interval_s / cycles
    period_s = np.median(each_s)
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
    return np.maximum(np.round(interval_s / np.median(interval_s)), 1.0)


def alike(some: Bursts, own: Bursts, rule: EmgRhythmRule) -> NDArray[np.bool_]:
    """Return which bursts are about as wide and as high as the median of ``own``."""
    width = (some.width_s + _SLACK_S) / (np.median(own.width_s) + _SLACK_S)
    peak = some.peak_uv / np.median(own.peak_uv)
    wide, high = (np.maximum(ratio, 1 / ratio) for ratio in (width, peak))
    return np.asarray((wide <= rule.max_width_change) & (high <= rule.max_peak_change))


def _extended(bursts: Bursts, core: tuple[int, int], step: int, rule: EmgRhythmRule) -> int:
    """Return the end of a chain with the bursts beyond that go on at its pace.

    One may be missing if the next two go on.
    """
    own = bursts.part(core[0], core[1] + 1)
    period_s = float(np.median(np.diff(own.centre_s)))
    limit_s = rule.max_odd_interval * period_s + _CENTRE_SLACK_S

    def fits(burst: int, at: int, cycles: int) -> bool:
        if not 0 <= burst < len(bursts):
            return False
        off_s = abs(bursts.centre_s[burst] - bursts.centre_s[at]) - cycles * period_s
        here = bursts.part(burst, burst + 1)
        return bool(abs(off_s) <= limit_s and alike(here, own, rule)[0])

    end = core[0] if step < 0 else core[1]
    while True:
        new = end + step
        if fits(new, end, 1):
            end = new
        elif fits(new, end, 2) and fits(new + step, new, 1):
            end = new + step
        else:
            return end
