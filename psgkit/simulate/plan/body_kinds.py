"""The kinds of nights at home with sensors on the whole body, as data: of weeks and sample data.

Nights in a laboratory, which ``simulate_night`` makes, are in ``lab_kinds``.

They follow the literature where it exists: periodic arm movements awake and in light sleep, part
of them with the legs (Chabli 2000, Gabelia 2014, abstracts); rhythmic, regular movements of the
feet below 4 Hz while seated, and otherwise ordinary nights (Rapoport 1994, Poyurovsky 2000,
abstracts), with periodic leg movements in half of the people (Walters 1991, abstract); large
movements 6.8 an hour of sleep, 12 s long (Ferri 2021, abstract). No recording of a restless back is
published: that kind is an analogy. All other numbers are psgkit's own choice and are not fitted to
any data.
"""

from collections.abc import Mapping
from dataclasses import replace

from psgkit.core.dataclass import dataclass
from psgkit.core.site import Site
from psgkit.simulate.plan.kinds import (
    ALONE,
    HEALTHY,
    ISOLATED,
    LEGS,
    NO_INTERVAL_S,
    ONE_LEG_OR_BOTH,
    PLM_SERIES,
    PLM_SERIES_AWAKE,
    RLS,
    SHORT_INTERVAL,
    ChannelPlan,
    MovementProcess,
    NightKind,
    Sides,
    SleepPlan,
)
from psgkit.simulate.plan.spread import Spread

ANKLES = (Site.LEFT_LEG, Site.RIGHT_LEG)
WRISTS = (Site.LEFT_ARM, Site.RIGHT_ARM)
BODY_CHANNELS = (
    *LEGS,
    ChannelPlan(label="FDS L", role="arm", site=Site.LEFT_ARM, cardiac_share=1.5),
    ChannelPlan(label="FDS R", role="arm", site=Site.RIGHT_ARM, cardiac_share=0.7),
    ChannelPlan(label="Paraspinal T8", role="trunk", site=Site.TRUNK, cardiac_share=1.0),
    ChannelPlan(label="Paraspinal L3", role="trunk", site=Site.TRUNK, cardiac_share=0.6),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainProcess:
    """A source of rhythmic trains.

    Attributes
    ----------
    kind : str
        ``rhythm`` or ``scratch``.
    per_h : mapping of state to float
        Trains per hour of a stage, or of being ``up`` without walking.
    sides : Sides
        Sites that take part.
    frequency_hz, duration_s : Spread
    amplitude_g : Spread
        Amplitude of the sine at each sensor.
    jitter : float
        Standard deviation of a cycle as a share of its length.
    alternating_share : float
        Share of the trains of two sites that alternate.
    """

    kind: str
    per_h: Mapping[str, float]
    sides: Sides
    frequency_hz: Spread
    duration_s: Spread
    amplitude_g: Spread
    jitter: float
    alternating_share: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class CoursePlan:
    """Times out of bed; durations in minutes for a night of eight hours or more.

    Attributes
    ----------
    evening_min : Spread
        Awake and upright before lying down; shorter in a shorter night.
    evening_walks_per_h : float
    get_ups_per_h, get_ups_least : float, int
        Leaving the bed between lights off and on; at least ``get_ups_least`` in 40 min or more.
    up_min : Spread
    walking_share : float
        Share of being up at night that is spent walking.
    awake_before_min, awake_after_min : Spread
        Awake in bed around it.
    relief_min : Spread or None
        Time without movements after lying down again; None if getting up does not help.
    turn_share : float
        Share of the large movements in which the sleeper turns over.
    """

    evening_min: Spread
    evening_walks_per_h: float
    get_ups_per_h: float
    get_ups_least: int
    up_min: Spread
    walking_share: float
    awake_before_min: Spread
    awake_after_min: Spread
    relief_min: Spread | None
    turn_share: float


@dataclass(frozen=True, kw_only=True, slots=True)
class BodyKind:
    """One kind of night of the whole body.

    Attributes
    ----------
    night : NightKind
        Sleep, and what moves in bed.
    course : CoursePlan
    trains : tuple of TrainProcess
    sometimes : tuple of MovementProcess
        Each occurs in half of the nights.
    seated : tuple of MovementProcess
        What moves while up and not walking; its stage is W.
    other_sleep : SleepPlan or None
        Sleep of half of the nights, where the literature disagrees.
    """

    night: NightKind
    course: CoursePlan
    trains: tuple[TrainProcess, ...]
    sometimes: tuple[MovementProcess, ...] = ()
    seated: tuple[MovementProcess, ...] = ()
    other_sleep: SleepPlan | None = None


EVERYWHERE = (*ANKLES, *WRISTS, Site.TRUNK)
LARGE = MovementProcess(
    kind="large",
    per_h=6.8,
    weights={"W": 2.0, "N1": 1.3, "N2": 1.0, "N3": 0.5, "R": 1.2},
    size=ALONE,
    interval_s=NO_INTERVAL_S,
    duration_s=Spread(median=12.0, log_sd=0.5, low=3.0, high=45.0),
    sides=(
        (EVERYWHERE, 0.6),
        ((*WRISTS, Site.TRUNK), 0.2),
        ((*ANKLES, Site.TRUNK), 0.2),
    ),
    arousal_share=0.6,
    apart_s=20.0,
)
PAM_SERIES = replace(
    PLM_SERIES,
    per_h=32.0,
    weights={"W": 1.5, "N1": 1.0, "N2": 0.5, "R": 0.1},
    size=Spread(median=9.0, log_sd=0.45, low=4.0, high=30.0),
    sides=(
        ((Site.LEFT_ARM,), 0.2),
        ((Site.RIGHT_ARM,), 0.2),
        (WRISTS, 0.35),
        ((*WRISTS, *ANKLES), 0.1),
        ((Site.LEFT_ARM, Site.LEFT_LEG), 0.075),
        ((Site.RIGHT_ARM, Site.RIGHT_LEG), 0.075),
    ),
    fade=0.3,
    arousal_share=0.2,
)
TRUNK_SERIES = replace(
    PLM_SERIES,
    per_h=36.0,
    weights={"W": 1.2, "N1": 1.0, "N2": 0.9, "R": 0.1},
    size=Spread(median=9.0, log_sd=0.45, low=4.0, high=30.0),
    interval_s=Spread(median=26.0, log_sd=0.35, low=10.6, high=80.0),
    duration_s=Spread(median=1.6, log_sd=0.4, low=0.65, high=5.0),
    sides=(((Site.TRUNK,), 1.0),),
    fade=0.3,
)
SCRATCH = TrainProcess(
    kind="scratch",
    per_h={"W": 3.0, "N1": 1.0, "N2": 0.4},
    sides=(((Site.LEFT_ARM,), 0.5), ((Site.RIGHT_ARM,), 0.5)),
    frequency_hz=Spread(median=4.0, log_sd=0.3, low=2.0, high=8.0),
    duration_s=Spread(median=6.0, log_sd=0.6, low=2.0, high=30.0),
    amplitude_g=Spread(median=0.15, log_sd=0.4, low=0.05, high=0.5),
    jitter=0.08,
)
RESTLESS_FEET = TrainProcess(
    kind="rhythm",
    per_h={"up": 60.0, "W": 12.0},
    sides=(((Site.LEFT_LEG,), 0.3), ((Site.RIGHT_LEG,), 0.3), (ANKLES, 0.4)),
    frequency_hz=Spread(median=1.6, log_sd=0.4, low=0.5, high=4.0),
    duration_s=Spread(median=25.0, log_sd=0.8, low=6.0, high=180.0),
    amplitude_g=Spread(median=0.09, log_sd=0.4, low=0.03, high=0.3),
    jitter=0.03,
    alternating_share=0.5,
)

NORMAL_COURSE = CoursePlan(
    evening_min=Spread(median=12.0, log_sd=0.2, low=8.0, high=18.0),
    evening_walks_per_h=4.0,
    get_ups_per_h=0.12,
    get_ups_least=0,
    up_min=Spread(median=4.0, log_sd=0.3, low=2.0, high=8.0),
    walking_share=0.25,
    awake_before_min=Spread(median=2.0, log_sd=0.3, low=1.0, high=5.0),
    awake_after_min=Spread(median=4.0, log_sd=0.3, low=2.0, high=10.0),
    relief_min=None,
    turn_share=0.4,
)
RELIEVED = replace(
    NORMAL_COURSE,
    get_ups_per_h=0.4,
    get_ups_least=1,
    awake_before_min=Spread(median=8.0, log_sd=0.3, low=4.0, high=15.0),
    awake_after_min=Spread(median=4.0, log_sd=0.3, low=2.0, high=8.0),
    relief_min=Spread(median=15.0, log_sd=0.15, low=10.0, high=20.0),
)


def _named(night: NightKind, name: str, *processes: MovementProcess) -> NightKind:
    """Return ``night`` under ``name``, of the whole body, moved by ``processes``."""
    return replace(night, name=name, channels=BODY_CHANNELS, processes=processes)


FEW_LEG_SERIES = replace(PLM_SERIES, per_h=2.5, fade=0.0, size=replace(PLM_SERIES.size, median=5.0))
FEW_ISOLATED = replace(ISOLATED, per_h=2.0)
ANYWHERE_ISOLATED = replace(
    FEW_ISOLATED, sides=(*ONE_LEG_OR_BOTH, (WRISTS, 0.3), ((Site.TRUNK,), 0.2))
)

BODY_KINDS: Mapping[str, BodyKind] = {
    kind.night.name: kind
    for kind in (
        BodyKind(
            night=_named(HEALTHY, "healthy", FEW_LEG_SERIES, ANYWHERE_ISOLATED, LARGE),
            course=NORMAL_COURSE,
            trains=(replace(SCRATCH, per_h={"W": 2.0, "N1": 0.5, "N2": 0.1}),),
        ),
        BodyKind(
            night=_named(RLS, "rls", PLM_SERIES, PLM_SERIES_AWAKE, LARGE, SHORT_INTERVAL, ISOLATED),
            course=RELIEVED,
            trains=(replace(SCRATCH, per_h={"W": 2.0, "N1": 0.5, "N2": 0.1}),),
        ),
        BodyKind(
            night=_named(RLS, "ras", PAM_SERIES, ANYWHERE_ISOLATED, LARGE),
            course=RELIEVED,
            trains=(SCRATCH,),
        ),
        BodyKind(
            night=_named(RLS, "rbs", TRUNK_SERIES, FEW_ISOLATED, replace(LARGE, per_h=11.0)),
            course=replace(RELIEVED, get_ups_per_h=0.6, turn_share=0.8),
            trains=(replace(SCRATCH, per_h={"W": 8.0, "N1": 4.0, "N2": 1.5}),),
        ),
        BodyKind(
            night=_named(HEALTHY, "akathisia", ANYWHERE_ISOLATED, LARGE),
            course=replace(
                NORMAL_COURSE,
                evening_min=Spread(median=45.0, log_sd=0.2, low=30.0, high=60.0),
                evening_walks_per_h=8.0,
                get_ups_per_h=0.4,
                get_ups_least=1,
                up_min=Spread(median=6.0, log_sd=0.3, low=3.0, high=12.0),
                walking_share=0.4,
            ),
            trains=(RESTLESS_FEET,),
            sometimes=(replace(PLM_SERIES, per_h=20.0),),
        ),
    )
}
