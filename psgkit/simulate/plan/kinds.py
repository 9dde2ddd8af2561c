"""The kinds of nights that can be simulated, as data.

A kind states the channels, the sleep and the processes that move the limbs.  A new kind is a new
entry of ``KINDS``; other sites are other channels and other ``sides``.

Rates and spreads are chosen to look like nights of adults: RLS with a PLMS index well above 15/h,
intervals around 20-30 s, more in the first half of the night and in NREM sleep; healthy sleepers
below 5/h.  They are psgkit's own choice and are not fitted to any data.
"""

from collections.abc import Mapping
from dataclasses import replace

from psgkit.core.dataclass import dataclass
from psgkit.core.site import Site
from psgkit.simulate.plan.spread import Spread

APART_S = 91.0
"""Groups keep more than the longest inter-movement interval apart."""

Sides = tuple[tuple[tuple[Site, ...], float], ...]
"""Which sites move together, and how often."""

ONE_LEG_OR_BOTH: Sides = (
    ((Site.LEFT_LEG,), 0.3),
    ((Site.RIGHT_LEG,), 0.3),
    ((Site.LEFT_LEG, Site.RIGHT_LEG), 0.4),
)
MOSTLY_BOTH_LEGS: Sides = (
    ((Site.LEFT_LEG,), 0.15),
    ((Site.RIGHT_LEG,), 0.15),
    ((Site.LEFT_LEG, Site.RIGHT_LEG), 0.7),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class ChannelPlan:
    """A recorded muscle; ``cardiac_share`` is the share of the ECG leak that reaches it."""

    label: str
    role: str
    site: Site
    cardiac_share: float


@dataclass(frozen=True, kw_only=True, slots=True)
class SleepPlan:
    """Parameters of sleep; durations in minutes.

    ``n1_factor`` and ``rem_factor`` multiply the usual shares of N1 and REM sleep of a cycle.
    """

    latency_min: Spread
    cycle_min: Spread
    wake_bouts_per_h: float
    wake_bout_min: Spread
    n3_share: float
    spontaneous_arousals_per_h: float
    n1_factor: float = 1.0
    rem_factor: float = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class MovementProcess:
    """A source of movements that come in groups.

    Attributes
    ----------
    kind : str
        Truth kind of its movements.
    per_h : float
        Movements (both legs together count once) an hour of a stage of weight 1.
    weights : mapping of stage to float
    fade : float
        Relative decrease of the rate from start to end of the night.
    size : Spread
        Movements of a group.
    interval_s, duration_s : Spread
        Onset to onset within a group; length of a movement of one limb.
    sides : Sides
    arousal_share : float
        Share of the movements in sleep that come with an arousal.
    apart_s : float
        Least distance of its groups from all other groups.
    """

    kind: str
    per_h: float
    weights: Mapping[str, float]
    size: Spread
    interval_s: Spread
    duration_s: Spread
    sides: Sides
    fade: float = 0.0
    arousal_share: float = 0.0
    apart_s: float = APART_S


@dataclass(frozen=True, kw_only=True, slots=True)
class RespiratoryPlan:
    """Apneas and hypopneas, which come in runs, and the movements tied to their ends.

    Attributes
    ----------
    per_h : float
        Events an hour of a stage of weight 1.
    size : Spread
        Events of a run.
    interval_s, duration_s : Spread
        Onset to onset within a run; length of an event.
    breathing_s : float
        Least time from the end of all that belongs to one event to the next event.
    apnea_share : float
        The others are hypopneas.
    movement : MovementProcess
        What follows; its ``per_h`` is not used.
    moved_share : float
        Share of the events followed by a movement.
    lag_s : (float, float)
        Onset of the movement, from the end of the event.
    """

    per_h: float
    weights: Mapping[str, float]
    size: Spread
    interval_s: Spread
    duration_s: Spread
    breathing_s: float
    apnea_share: float
    movement: MovementProcess
    moved_share: float
    lag_s: tuple[float, float]


@dataclass(frozen=True, kw_only=True, slots=True)
class NightKind:
    """One kind of night; ``processes`` are placed in their order, so the longest groups first."""

    name: str
    channels: tuple[ChannelPlan, ...]
    sleep: SleepPlan
    processes: tuple[MovementProcess, ...]
    respiratory: RespiratoryPlan

    def __post_init__(self) -> None:
        recorded = {channel.site for channel in self.channels}
        for process in (*self.processes, self.respiratory.movement):
            sites = {site for together, _ in process.sides for site in together}
            if sites - recorded:
                raise ValueError(f"{self.name}: nothing records {sorted(sites - recorded)}")


ALONE = Spread(median=1.0, log_sd=0.0, low=1.0, high=1.0)
NO_INTERVAL_S = ALONE
MOVEMENT_S = Spread(median=2.3, log_sd=0.45, low=0.65, high=9.0)

LEGS = (
    ChannelPlan(label="LAT", role="leg", site=Site.LEFT_LEG, cardiac_share=1.0),
    ChannelPlan(label="RAT", role="leg", site=Site.RIGHT_LEG, cardiac_share=0.6),
)

PLM_SERIES = MovementProcess(
    kind="plm",
    per_h=48.0,
    weights={"N1": 1.0, "N2": 1.0, "N3": 0.4, "R": 0.1},
    size=Spread(median=13.0, log_sd=0.5, low=4.0, high=45.0),
    interval_s=Spread(median=24.0, log_sd=0.32, low=10.6, high=80.0),
    duration_s=MOVEMENT_S,
    sides=ONE_LEG_OR_BOTH,
    fade=0.5,
    arousal_share=0.3,
)
PLM_SERIES_AWAKE = MovementProcess(
    kind="plm",
    per_h=30.0,
    weights={"W": 1.0},
    size=Spread(median=7.0, log_sd=0.35, low=4.0, high=20.0),
    interval_s=Spread(median=18.0, log_sd=0.35, low=10.6, high=60.0),
    duration_s=MOVEMENT_S,
    sides=ONE_LEG_OR_BOTH,
    fade=0.5,
)
LONG = MovementProcess(
    kind="long",
    per_h=1.5,
    weights={"W": 3.0, "N1": 1.0, "N2": 0.7, "N3": 0.2, "R": 0.7},
    size=ALONE,
    interval_s=NO_INTERVAL_S,
    duration_s=Spread(median=14.0, log_sd=0.3, low=10.5, high=25.0),
    sides=MOSTLY_BOTH_LEGS,
    arousal_share=0.5,
)
SHORT_INTERVAL = MovementProcess(
    kind="short_interval",
    per_h=4.0,
    weights={"W": 1.0, "N1": 1.0, "N2": 0.7, "N3": 0.3, "R": 1.0},
    size=Spread(median=3.0, log_sd=0.35, low=2.0, high=6.0),
    interval_s=Spread(median=4.5, log_sd=0.4, low=2.0, high=8.5),
    duration_s=Spread(median=1.2, log_sd=0.4, low=0.65, high=3.0),
    sides=ONE_LEG_OR_BOTH,
    arousal_share=0.1,
)
ISOLATED = MovementProcess(
    kind="isolated",
    per_h=4.0,
    weights={"W": 1.0, "N1": 1.0, "N2": 1.0, "N3": 0.5, "R": 1.0},
    size=Spread(median=1.2, log_sd=0.4, low=1.0, high=3.0),
    interval_s=Spread(median=45.0, log_sd=0.6, low=12.0, high=150.0),
    duration_s=MOVEMENT_S,
    sides=ONE_LEG_OR_BOTH,
    arousal_share=0.15,
)
RESPIRATORY = RespiratoryPlan(
    per_h=1.5,
    weights={"N1": 1.0, "N2": 1.0, "N3": 0.2, "R": 1.5},
    size=Spread(median=2.0, log_sd=0.6, low=1.0, high=8.0),
    interval_s=Spread(median=45.0, log_sd=0.25, low=25.0, high=80.0),
    duration_s=Spread(median=18.0, log_sd=0.35, low=10.0, high=45.0),
    breathing_s=8.0,
    apnea_share=0.3,
    movement=MovementProcess(
        kind="respiratory",
        per_h=0.0,
        weights={},
        size=ALONE,
        interval_s=NO_INTERVAL_S,
        duration_s=MOVEMENT_S,
        sides=MOSTLY_BOTH_LEGS,
        arousal_share=0.7,
    ),
    moved_share=0.6,
    lag_s=(-1.0, 5.0),
)

RLS = NightKind(
    name="rls",
    channels=LEGS,
    sleep=SleepPlan(
        latency_min=Spread(median=22.0, log_sd=0.4, low=6.0, high=60.0),
        cycle_min=Spread(median=90.0, log_sd=0.1, low=70.0, high=115.0),
        wake_bouts_per_h=2.2,
        wake_bout_min=Spread(median=2.5, log_sd=0.8, low=0.5, high=25.0),
        n3_share=0.2,
        spontaneous_arousals_per_h=7.0,
    ),
    processes=(PLM_SERIES, PLM_SERIES_AWAKE, LONG, SHORT_INTERVAL, ISOLATED),
    respiratory=RESPIRATORY,
)
HEALTHY = NightKind(
    name="healthy",
    channels=LEGS,
    sleep=SleepPlan(
        latency_min=Spread(median=11.0, log_sd=0.4, low=3.0, high=35.0),
        cycle_min=Spread(median=92.0, log_sd=0.1, low=70.0, high=115.0),
        wake_bouts_per_h=1.2,
        wake_bout_min=Spread(median=1.2, log_sd=0.7, low=0.5, high=10.0),
        n3_share=0.25,
        spontaneous_arousals_per_h=9.0,
    ),
    processes=(
        replace(PLM_SERIES, per_h=2.5, fade=0.0, size=replace(PLM_SERIES.size, median=5.0)),
        replace(LONG, per_h=1.0),
        replace(SHORT_INTERVAL, per_h=1.5),
        replace(ISOLATED, per_h=3.0),
    ),
    respiratory=replace(RESPIRATORY, per_h=0.7),
)

KINDS: Mapping[str, NightKind] = {kind.name: kind for kind in (HEALTHY, RLS)}
