"""The kinds of weeks, as data: activity by day, and when the movements of each kind occur.

Nights are those of ``body_kinds``. By day people sit, walk and lie down twice, for a while after
breakfast and in the evening, awake. Movements of RLS and of restless arms and back come at rest and
more in the evening (the urge is "worse in the evening or night", criterion of the IRLSSG); restless
feet come seated, by day (Rapoport 1994, Poyurovsky 2000, abstracts). Frequency, length and the
lower rate in the morning are psgkit's own choice and are not fitted to any data.
"""

from collections.abc import Mapping
from dataclasses import replace

from psgkit.core.dataclass import dataclass
from psgkit.core.site import Site
from psgkit.simulate.plan.body_kinds import (
    BODY_KINDS,
    EVERYWHERE,
    FEW_ISOLATED,
    LARGE,
    PAM_SERIES,
    RESTLESS_FEET,
    TRUNK_SERIES,
    WRISTS,
    BodyKind,
    TrainProcess,
)
from psgkit.simulate.plan.kinds import PLM_SERIES_AWAKE, MovementProcess
from psgkit.simulate.plan.spread import Spread

MORNING_SHARE = 0.15
"""Rate of movements at rest in the morning, as a share of that in the evening; own choice."""

GESTURES = replace(
    LARGE,
    per_h=80.0,
    weights={"W": 1.0},
    duration_s=Spread(median=6.0, log_sd=0.6, low=1.5, high=20.0),
    sides=(
        (WRISTS, 0.45),
        ((Site.LEFT_ARM,), 0.2),
        ((Site.RIGHT_ARM,), 0.2),
        (EVERYWHERE, 0.15),
    ),
    arousal_share=0.0,
    apart_s=5.0,
)
"""Movements of the hands and sometimes the whole body while up; psgkit's own choice."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DayKind:
    """One kind of week.

    Attributes
    ----------
    body : BodyKind
        Of its nights.
    at_rest : tuple of MovementProcess
        What moves while lying awake in the evening; rarer in the morning.
    seated : tuple of TrainProcess
        Trains while up and not walking.
    """

    body: BodyKind
    at_rest: tuple[MovementProcess, ...]
    seated: tuple[TrainProcess, ...] = ()


def _awake(process: MovementProcess) -> MovementProcess:
    return replace(process, weights={"W": 1.0}, fade=0.0, arousal_share=0.0)


DAY_KINDS: Mapping[str, DayKind] = {
    "healthy": DayKind(body=BODY_KINDS["healthy"], at_rest=(_awake(FEW_ISOLATED),)),
    "rls": DayKind(
        body=BODY_KINDS["rls"],
        at_rest=(replace(_awake(PLM_SERIES_AWAKE), per_h=60.0), _awake(FEW_ISOLATED)),
    ),
    "ras": DayKind(
        body=BODY_KINDS["ras"],
        at_rest=(replace(_awake(PAM_SERIES), per_h=60.0), _awake(FEW_ISOLATED)),
    ),
    "rbs": DayKind(
        body=BODY_KINDS["rbs"],
        at_rest=(replace(_awake(TRUNK_SERIES), per_h=60.0), _awake(FEW_ISOLATED)),
    ),
    "akathisia": DayKind(
        body=BODY_KINDS["akathisia"],
        at_rest=(_awake(FEW_ISOLATED),),
        seated=(replace(RESTLESS_FEET, per_h={"up": 40.0}),),
    ),
}
