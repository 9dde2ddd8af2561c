"""How alike sleep and wake are at times 24 hours apart (Phillips et al., Sci Rep 2017;7:3216).

``SRI = -100 + 200 P(same state 24 h apart)``, over pairs of epochs both of which are scored: 100
for sleep at the same times every day, 0 for chance of a half, -100 for the opposite.  24 hours are
elapsed hours: on a change of clocks it is the body that is asked, not the clock.
"""

from dataclasses import dataclass

import numpy as np

from psgkit.core.days.sleep_wake import UNSCORED, SleepWake
from psgkit.core.index import Index

_DAY_S = 86400.0
_HOUR_S = 3600.0


@dataclass(frozen=True, kw_only=True, slots=True)
class RegularityRule:
    """How much must be scored: pairs that add up to ``min_days``; ours (5 nights are advised)."""

    min_days: float = 2.0


def sleep_regularity(sleep: SleepWake, rule: RegularityRule | None = None) -> Index:
    """Return the sleep regularity index; ``denominator_h`` is how long pairs were scored.

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
        return Index.missing(name, "1", f"epochs of {sleep.epoch_s:g} s do not divide 24 h")
    early, late = sleep.state[:-apart], sleep.state[apart:]
    scored = (early != UNSCORED) & (late != UNSCORED)
    hours = float(scored.sum() * sleep.epoch_s / _HOUR_S)
    if hours < rule.min_days * 24 or not scored.any():
        return Index.missing(
            name,
            "1",
            f"{hours:.1f} h scored both then and 24 h later, {rule.min_days * 24:g} h are needed",
        )
    same = float(np.count_nonzero(early[scored] == late[scored]))
    return Index(
        name=name,
        value=-100.0 + 200.0 * same / float(scored.sum()),
        unit="1",
        numerator=same * sleep.epoch_s / _HOUR_S,
        denominator_h=hours,
    )
