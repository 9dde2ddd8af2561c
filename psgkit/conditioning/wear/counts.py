"""When a device that stores activity counts was worn: long runs of zeros are non-wear.

Both rules were made for minutes of ActiGraph counts at the hip.  Shorter epochs are summed to
minutes.  Counts of other devices are zero more or less easily, so the share of time is always
reported.
"""

from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from psgkit.conditioning.wear.sensors import union_of, wear_of
from psgkit.core.dataclass import dataclass
from psgkit.core.days.counts import Counts
from psgkit.core.days.day_clock import DAY_S, DayClock
from psgkit.core.days.day_recording import Wear
from psgkit.core.days.diary import Diary
from psgkit.core.frozen import read_only
from psgkit.core.intervals import (
    Intervals,
    complement,
    contains,
    drop_shorter_than,
    runs_of_true,
)
from psgkit.core.ranges import check_ranges

MINUTE_S = 60.0
_BLOCK = 2**16
STUCK_EPOCHS = 30
"""Number of equal counts above zero in a row that means a stuck device (psgkit's own choice)."""

SATURATED_EPOCHS = 5
"""Number of largest counts in a row that means a counter at its limit (psgkit's own choice)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ZeroRunRule:
    """Which runs of zero counts are non-wear.

    Attributes
    ----------
    name : str
        With the source.
    min_run_min : int
        Shortest run of zeros.
    spike_min : int
        Longest interruption.
    spike_below : float
        Most counts per minute of an interruption.
    around_min : int
        Zeros required before and after an interruption.
    """

    name: str
    min_run_min: int
    spike_min: int
    spike_below: float
    around_min: int

    def __post_init__(self) -> None:
        check_ranges(self, spike_below=(0.0, np.inf))


CHOI_2011 = ZeroRunRule(
    name="Choi et al., Med Sci Sports Exerc 2011;43:357-364",
    min_run_min=90,
    spike_min=2,
    spike_below=np.inf,
    around_min=30,
)
TROIANO_2008 = ZeroRunRule(
    name="Troiano et al., Med Sci Sports Exerc 2008;40:181-188",
    min_run_min=60,
    spike_min=2,
    spike_below=100.0,
    around_min=1,
)


def counts_wear(
    counts: Counts, duration_s: float, rule: ZeroRunRule = CHOI_2011, diary: Diary | None = None
) -> Wear:
    """Return when the device was worn, by its counts.

    Parameters
    ----------
    counts : Counts
    duration_s : float
        Of the recording.
    rule : ZeroRunRule
    diary : Diary, optional
        Its times of not wearing the device count too.

    Examples
    --------
    >>> minutes = np.concatenate((np.arange(1, 61), np.zeros(120), np.arange(60)))
    >>> wear = counts_wear(Counts(counts=minutes, epoch_s=60.0), 14400.0)
    >>> wear.observed_s.tolist()
    [[0.0, 3600.0], [10860.0, 14400.0]]
    """
    values = counts.counts
    known = np.isfinite(values)
    name = counts.place or counts.label
    outside = complement(np.array([[counts.start_s, counts.end_s]]), 0.0, duration_s)
    saturated = _in_long_runs(_at_the_end(values), SATURATED_EPOCHS)
    kinds = [
        ("gap", "no count", union_of([outside, counts.spans(~known)])),
        ("non_wear", rule.name, zero_runs_s(counts, rule)),
        (
            "saturated",
            f"the largest count {SATURATED_EPOCHS} times in a row or more",
            counts.spans(saturated),
        ),
        (
            "artefact",
            f"the same count above 0 {STUCK_EPOCHS} times in a row or more",
            counts.spans(_stuck(values) & ~saturated),
        ),
    ]
    if diary is not None and len(diary.not_worn_s):
        kinds.append(("non_wear", "the diary", diary.not_worn_s))
    return wear_of(name, duration_s, kinds, _reason(values))


def zero_runs_s(counts: Counts, rule: ZeroRunRule) -> Intervals:
    """Return the runs of zeros that count as non-wear by ``rule``, in seconds.

    Examples
    --------
    >>> minutes = np.zeros(100)
    >>> minutes[50] = 500.0
    >>> hour = Counts(counts=minutes, epoch_s=60.0)
    >>> zero_runs_s(hour, CHOI_2011).tolist(), zero_runs_s(hour, TROIANO_2008).tolist()
    ([[0.0, 6000.0]], [])
    """
    minutes, step_s = _minutes(counts)
    # lengths in whole steps, which are minutes unless epochs are longer
    steps = {
        name: int(np.ceil(getattr(rule, name) * MINUTE_S / step_s - 1e-9))
        for name in ("min_run_min", "spike_min", "around_min")
    }
    zero = minutes == 0
    with np.errstate(invalid="ignore"):
        spike = (minutes > 0) & (minutes <= rule.spike_below * step_s / MINUTE_S)
    bridged = zero.copy()
    runs = runs_of_true(zero)
    for before, after in pairwise(runs):
        between = slice(int(before[1]), int(after[0]))
        short = between.stop - between.start <= steps["spike_min"]
        wide = min(before[1] - before[0], after[1] - after[0]) >= steps["around_min"]
        if short and wide and spike[between].all():
            bridged[between] = True
    found = drop_shorter_than(steps["min_run_min"], runs_of_true(bridged))
    return np.asarray(counts.start_s + found * step_s, dtype=np.float64)


def without(counts: Counts, wear: Wear) -> Counts:
    """Return the counts, missing in excluded time.

    Examples
    --------
    >>> counts = Counts(counts=np.array([1.0, 2.0]), epoch_s=60.0)
    >>> nothing = Wear(name="x", duration_s=120.0, reason="never worn")
    >>> without(counts, nothing).counts.tolist()
    [nan, nan]
    """
    observed_s = wear.observed_s
    kept = np.empty(len(counts), dtype=bool)
    for first in range(0, len(counts), _BLOCK):
        number = np.arange(first, min(first + _BLOCK, len(counts)))
        middles_s = counts.start_s + number * counts.epoch_s + 0.5 * counts.epoch_s
        kept[first : first + _BLOCK] = contains(observed_s, middles_s)
    # axes of four bytes stay so
    axes = counts.axes.copy()
    axes[~kept] = np.nan
    worn = np.where(kept, counts.counts, np.nan)
    return replace(counts, counts=read_only(worn), axes=read_only(axes))


def filled_by_time_of_day(counts: Counts, clock: DayClock) -> Counts:
    """Return the counts with missing epochs filled and marked as ``imputed``.

    An epoch becomes the mean of the measured epochs at its local time of day; without any it stays
    missing.  Used on request only, because filling reduces spread and raises regularity.

    Examples
    --------
    >>> from datetime import datetime
    >>> two_days = np.array([1.0, 2.0, 3.0, np.nan])
    >>> counts = Counts(counts=two_days, epoch_s=43200.0)
    >>> filled = filled_by_time_of_day(counts, DayClock.of(datetime(2024, 1, 1)))
    >>> filled.counts.tolist(), filled.imputed.tolist()
    ([1.0, 2.0, 3.0, 2.0], [False, False, False, True])
    """
    missing = counts.missing
    slots = max(1, round(DAY_S / counts.epoch_s))
    of_day_h = clock.time_of_day_h(counts.epoch_starts_s() + 0.5 * counts.epoch_s)
    slot = np.minimum((of_day_h / 24.0 * slots).astype(np.int64), slots - 1)
    known = ~missing
    sums = np.bincount(slot[known], weights=counts.counts[known], minlength=slots)
    times_n = np.bincount(slot[known], minlength=slots)
    with np.errstate(invalid="ignore"):
        mean = np.where(times_n > 0, sums / np.maximum(times_n, 1), np.nan)
    filled = np.where(missing, mean[slot], counts.counts)
    return replace(counts, counts=filled, imputed=missing & np.isfinite(filled))


def _minutes(counts: Counts) -> tuple[NDArray[np.float64], float]:
    """Return counts a minute and how long a step is; longer epochs stay as they are."""
    per_minute = round(MINUTE_S / counts.epoch_s)
    if per_minute <= 1 or abs(per_minute * counts.epoch_s - MINUTE_S) > 1e-6:  # noqa: PLR2004
        return counts.counts, counts.epoch_s
    whole = len(counts) // per_minute * per_minute
    return counts.counts[:whole].reshape(-1, per_minute).sum(axis=1), MINUTE_S


def _in_long_runs(mask: NDArray[np.bool_], least: int) -> NDArray[np.bool_]:
    kept = np.zeros(len(mask), dtype=bool)
    for first, last in drop_shorter_than(least, runs_of_true(mask)):
        kept[first:last] = True
    return kept


def _at_the_end(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return where counts equal the largest; nowhere if all are equal or missing."""
    known = values[np.isfinite(values)]
    if not len(known) or known.max() <= 0:
        return np.zeros(len(values), dtype=bool)
    return np.asarray(values == known.max())


def _stuck(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return where a count above zero stays the same for long."""
    same = np.concatenate(([False], (values[1:] == values[:-1]) & (values[1:] > 0)))
    found = np.zeros(len(values), dtype=bool)
    for first, last in drop_shorter_than(STUCK_EPOCHS - 1, runs_of_true(same)):
        found[first - 1 : last] = True
    return found


def _reason(values: NDArray[np.float64]) -> str:
    """Return why the counts cannot be used at all, else an empty text."""
    known = values[np.isfinite(values)]
    if not len(known):
        return "every count is missing"
    return "every count is 0" if known.max() == 0 else ""
