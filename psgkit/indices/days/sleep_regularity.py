"""Regularity of sleep: sleep regularity index, mean and spread of an index over nights.

Sleep regularity index (Phillips et al., Sci Rep 2017;7:3216):
``SRI = -100 + 200 P(same state 24 h apart)``, over pairs of epochs both of which are scored: 100
for sleep at the same times every day, 0 for chance of a half, -100 for the opposite.  24 hours are
elapsed hours, not hours of the clock, which differ when clocks change.
"""

from collections.abc import Sequence

import numpy as np

from psgkit.core.dataclass import dataclass
from psgkit.core.days.sleep_wake import ASLEEP, UNSCORED, SleepWake
from psgkit.core.index import Index
from psgkit.core.ranges import check_ranges

MIN_NIGHTS = 3
"""Nights needed for a spread; psgkit's own choice."""
_DAY_S = 86400.0
_HOUR_S = 3600.0


@dataclass(frozen=True, kw_only=True, slots=True)
class RegularityRule:
    """When the index is computed; psgkit's own choice.

    Attributes
    ----------
    min_days : float
        Pairs must add up to this (5 nights are advised).
    min_share : float
        Sleep and wake must each take at least this share of the pairs: who never sleeps, or
        always, is regular by the formula alone.
    """

    min_days: float = 2.0
    min_share: float = 0.02

    def __post_init__(self) -> None:
        check_ranges(self)


def sleep_regularity(sleep: SleepWake, rule: RegularityRule | None = None) -> Index:
    """Return the sleep regularity index; ``denominator_h`` is the duration of scored pairs.

    Examples
    --------
    >>> day = np.repeat([1, 0], [480, 960])
    >>> sleep_regularity(SleepWake(state=np.tile(day, 4), epoch_s=60.0)).value
    100.0
    """
    rule = rule or RegularityRule()
    name = "sleep_regularity_index"
    apart = round(_DAY_S / sleep.epoch_s)
    if abs(apart * sleep.epoch_s - _DAY_S) > 0:
        return Index.missing(name, f"epochs of {sleep.epoch_s:g} s do not divide 24 h")
    early, late = sleep.state[:-apart], sleep.state[apart:]
    scored = (early != UNSCORED) & (late != UNSCORED)
    hours = float(scored.sum() * sleep.epoch_s / _HOUR_S)
    if hours < rule.min_days * 24 or not scored.any():
        needed_h = rule.min_days * 24
        why = f"{hours:.1f} h scored both then and 24 h later, {needed_h:g} h are needed"
        return Index.missing(name, why)
    asleep = 0.5 * float((early[scored] == ASLEEP).mean() + (late[scored] == ASLEEP).mean())
    if not rule.min_share <= asleep <= 1.0 - rule.min_share:
        which = "sleep" if asleep < rule.min_share else "wake"
        share = 100 * min(asleep, 1.0 - asleep)
        why = (
            f"{which} takes {share:.1f} % of the time scored, {100 * rule.min_share:g} % are needed"
        )
        return Index.missing(name, why)
    same = float(np.count_nonzero(early[scored] == late[scored]))
    value = -100.0 + 200.0 * same / float(scored.sum())
    same_h = same * sleep.epoch_s / _HOUR_S
    return Index.plain(name, value, numerator=same_h, denominator_h=hours)


def night_spread(
    name: str, nights: Sequence[Index], min_nights: int = MIN_NIGHTS
) -> dict[str, Index]:
    """Return mean and standard deviation (of a sample) over the nights that have a value.

    ``numerator`` is the number of these nights.

    Examples
    --------
    >>> nights = [Index.plain("tst_min", minutes, "min") for minutes in (400.0, 420.0, 440.0)]
    >>> found = night_spread("tst_min", nights)
    >>> found["tst_min_mean"].value, found["tst_min_sd"].value
    (420.0, 20.0)
    """
    if not nights:
        raise ValueError(f"{name}: no nights at all")
    unit = nights[0].unit
    values = np.array([night.value for night in nights if night.value is not None])
    names = (f"{name}_mean", f"{name}_sd")
    if len(values) < min_nights:
        why = f"{len(values)} of {len(nights)} nights have it, {min_nights} are needed"
        return {key: Index.missing(key, why, unit=unit) for key in names}
    found = (values.mean(), values.std(ddof=1))
    return {
        key: Index.plain(key, value, unit, numerator=float(len(values)))
        for key, value in zip(names, found, strict=True)
    }
