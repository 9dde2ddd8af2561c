"""The kinds of simulated nights in a laboratory, like for like, as data.

All five kinds have the same channels, the same evening (wired up, then about 45 minutes seated) and
the same ordinary movements of healthy people, so that a kind differs from another only by what its
literature says.  ``simulate_night`` and ``psgkit simulate`` use them; weeks at home, and the nights
of ``sample_data``, are those of ``body_kinds``.

What has a source (abstracts, unless another word is there):

- Healthy people move awake, too: 20 % lie above 15/h of periodic leg movements awake (Michaud 2002,
  Eur Neurol 48:108), arms move periodically at 8.8/h awake in the median (Gabelia 2014, Sleep Med
  15:1150).  Trains of the feet at 1-2 Hz for 10-15 s are seen while falling asleep (Wichniak 2001,
  Mov Disord 16:1164, second hand).  Sleep efficiency 87 % in young, 80 % in old adults (Mitterling
  2015, Sleep 38:867).
- Restless legs: sleep begins later, is shorter and more broken, with more N1 and less REM sleep
  (Hornyak 2007, Sleep 30:861), and as much N3 (meta-analysis of 26 studies, Geng 2022, Front Neurol
  13:961136).  The urge comes at rest, seated or lying (Allen 2014, Sleep Med 15:860).
- Akathisia: rhythmic movements of the feet below 4 Hz, mostly while seated (Rapoport 1994, J Clin
  Psychiatry 55:473), by day and in the evening (Poyurovsky 2000, Eur Neuropsychopharmacol 10:171),
  periodic leg movements in 5 of 9 (Walters 1991, Sleep 14:339).  Its sleep: more awakenings and
  less efficient, but without a long latency (Walters 1991), or as in others (Poyurovsky 2000); here
  half of the nights each.
- Restless arms and a restless back: no recording of sleep was found; their sleep lies between that
  of healthy people and of restless legs.  The published restless back was worse lying and better up
  (Sun 2022, Psychiatry Clin Psychopharmacol 32:351), so it does not move while seated.

All other numbers are psgkit's own choice and are not fitted to any data.
"""

from collections.abc import Mapping
from dataclasses import replace

from psgkit.simulate.plan.body_kinds import (
    ANYWHERE_ISOLATED,
    BODY_CHANNELS,
    FEW_LEG_SERIES,
    LARGE,
    NORMAL_COURSE,
    PAM_SERIES,
    RELIEVED,
    RESTLESS_FEET,
    SCRATCH,
    TRUNK_SERIES,
    WRISTS,
    BodyKind,
    CoursePlan,
    TrainProcess,
)
from psgkit.simulate.plan.kinds import (
    PLM_SERIES,
    PLM_SERIES_AWAKE,
    RESPIRATORY,
    SHORT_INTERVAL,
    MovementProcess,
    NightKind,
    SleepPlan,
)
from psgkit.simulate.plan.spread import Spread

EVENING_MIN = Spread(median=45.0, log_sd=0.2, low=30.0, high=60.0)
"""Seated before going to bed, in a night of eight hours: the same for all kinds."""
BREATHING = replace(RESPIRATORY, per_h=1.0)

SLEEP = SleepPlan(
    latency_min=Spread(median=12.0, log_sd=0.5, low=3.0, high=45.0),
    cycle_min=Spread(median=92.0, log_sd=0.1, low=70.0, high=115.0),
    wake_bouts_per_h=1.6,
    wake_bout_min=Spread(median=1.5, log_sd=0.8, low=0.5, high=15.0),
    n3_share=0.22,
    spontaneous_arousals_per_h=10.0,
)
SLEEP_OF_LEGS = replace(
    SLEEP,
    latency_min=Spread(median=22.0, log_sd=0.5, low=5.0, high=75.0),
    wake_bouts_per_h=2.6,
    wake_bout_min=Spread(median=2.6, log_sd=0.8, low=0.5, high=25.0),
    n1_factor=1.6,
    rem_factor=0.8,
)
SLEEP_OF_ARMS = replace(
    SLEEP,
    latency_min=Spread(median=17.0, log_sd=0.5, low=4.0, high=60.0),
    wake_bouts_per_h=2.1,
    wake_bout_min=Spread(median=2.2, log_sd=0.8, low=0.5, high=20.0),
    n1_factor=1.3,
    rem_factor=0.9,
)
SLEEP_OF_BACK = replace(
    SLEEP,
    latency_min=Spread(median=19.0, log_sd=0.5, low=4.0, high=60.0),
    wake_bouts_per_h=2.0,
    wake_bout_min=Spread(median=2.4, log_sd=0.8, low=0.5, high=20.0),
    n1_factor=1.3,
    rem_factor=0.9,
)
SLEEP_OF_AKATHISIA = replace(SLEEP, latency_min=replace(SLEEP.latency_min, median=13.0))
BROKEN_SLEEP_OF_AKATHISIA = replace(
    SLEEP_OF_AKATHISIA,
    wake_bouts_per_h=2.2,
    wake_bout_min=Spread(median=2.0, log_sd=0.8, low=0.5, high=20.0),
    n1_factor=1.2,
)

LEGS_AWAKE = replace(
    PLM_SERIES_AWAKE, per_h=7.0, fade=0.0, size=replace(PLM_SERIES_AWAKE.size, median=5.0)
)
ARMS_AWAKE = replace(
    LEGS_AWAKE,
    per_h=9.0,
    sides=((WRISTS[:1], 0.4), (WRISTS[1:], 0.4), (WRISTS, 0.2)),
)
ISOLATED_AWAKE = replace(ANYWHERE_ISOLATED, per_h=8.0, weights={"W": 1.0}, arousal_share=0.0)
ORDINARY: tuple[MovementProcess, ...] = (
    FEW_LEG_SERIES,
    LEGS_AWAKE,
    ARMS_AWAKE,
    LARGE,
    replace(SHORT_INTERVAL, per_h=1.5),
    ISOLATED_AWAKE,
    ANYWHERE_ISOLATED,
)
"""What moves in every kind: movements of healthy people."""
ORDINARY_FEET = TrainProcess(
    kind="rhythm",
    per_h={"up": 3.0, "W": 1.0},
    sides=RESTLESS_FEET.sides,
    frequency_hz=Spread(median=1.5, log_sd=0.3, low=0.5, high=3.0),
    duration_s=Spread(median=12.0, log_sd=0.4, low=6.0, high=40.0),
    amplitude_g=RESTLESS_FEET.amplitude_g,
    jitter=0.05,
    alternating_share=0.5,
)
ORDINARY_SCRATCH = replace(SCRATCH, per_h={"W": 2.0, "N1": 0.5, "N2": 0.1})

SEATED: Mapping[str, float] = {"W": 1.0}
"""Processes of people seated have only this weight: their stage is wake."""
FIDGETS = replace(ISOLATED_AWAKE, per_h=15.0)
LEGS_SEATED = replace(PLM_SERIES_AWAKE, per_h=40.0, weights=SEATED, fade=0.0)
ARMS_SEATED = replace(PAM_SERIES, per_h=40.0, weights=SEATED, fade=0.0, arousal_share=0.0)


def _night(name: str, sleep: SleepPlan, *processes: MovementProcess) -> NightKind:
    return NightKind(
        name=name,
        channels=BODY_CHANNELS,
        sleep=sleep,
        processes=processes,
        respiratory=BREATHING,
    )


def _evening(course: CoursePlan) -> CoursePlan:
    return replace(course, evening_min=EVENING_MIN)


LAB_KINDS: Mapping[str, BodyKind] = {
    kind.night.name: kind
    for kind in (
        BodyKind(
            night=_night("healthy", SLEEP, *ORDINARY),
            course=_evening(NORMAL_COURSE),
            trains=(ORDINARY_FEET, ORDINARY_SCRATCH),
            seated=(FIDGETS,),
        ),
        BodyKind(
            night=_night(
                "rls",
                SLEEP_OF_LEGS,
                *(PLM_SERIES, PLM_SERIES_AWAKE, replace(SHORT_INTERVAL, per_h=2.5), *ORDINARY),
            ),
            course=_evening(RELIEVED),
            trains=(ORDINARY_FEET, ORDINARY_SCRATCH),
            seated=(LEGS_SEATED, FIDGETS),
        ),
        BodyKind(
            night=_night("ras", SLEEP_OF_ARMS, PAM_SERIES, *ORDINARY),
            course=_evening(RELIEVED),
            trains=(ORDINARY_FEET, ORDINARY_SCRATCH),
            seated=(ARMS_SEATED, FIDGETS),
        ),
        BodyKind(
            night=_night("rbs", SLEEP_OF_BACK, TRUNK_SERIES, *ORDINARY),
            course=_evening(replace(RELIEVED, turn_share=0.8)),
            trains=(ORDINARY_FEET, replace(SCRATCH, per_h={"W": 8.0, "N1": 4.0, "N2": 1.5})),
            seated=(FIDGETS,),
        ),
        BodyKind(
            night=_night("akathisia", SLEEP_OF_AKATHISIA, *ORDINARY),
            course=_evening(
                replace(
                    NORMAL_COURSE,
                    evening_walks_per_h=10.0,
                    get_ups_per_h=0.25,
                    up_min=Spread(median=6.0, log_sd=0.3, low=3.0, high=12.0),
                    walking_share=0.4,
                )
            ),
            trains=(replace(RESTLESS_FEET, per_h={"up": 60.0, "W": 2.0}), ORDINARY_SCRATCH),
            sometimes=(replace(PLM_SERIES, per_h=20.0),),
            seated=(FIDGETS,),
            other_sleep=BROKEN_SLEEP_OF_AKATHISIA,
        ),
    )
}
"""Every kind has ``ORDINARY`` movements and, first, those that make the kind."""
