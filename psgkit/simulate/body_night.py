"""A night of the whole body: muscles of legs, arms and trunk, accelerometers, and the truth."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from psgkit.core.dataclass import dataclass
from psgkit.core.events import Events
from psgkit.core.frozen import words
from psgkit.core.hypnogram import UNSCORED, Hypnogram
from psgkit.core.intervals import group_of_connected
from psgkit.core.recording import Channel, Recording, Segment
from psgkit.core.rhythms import Rhythms
from psgkit.core.site import Site
from psgkit.simulate.plan.activation import Activation, as_movements, in_order
from psgkit.simulate.plan.body_kinds import EVERYWHERE, LARGE, BodyKind
from psgkit.simulate.plan.course import Course, plan_course, stream, with_get_ups
from psgkit.simulate.plan.distractors import plan_distractors
from psgkit.simulate.plan.group import QUIET_S, Span, make_group
from psgkit.simulate.plan.kinds import ChannelPlan, NightKind
from psgkit.simulate.plan.options import EPOCH_S, SimulationOptions
from psgkit.simulate.plan.plan import MovementPlan, plan_movements
from psgkit.simulate.plan.scored import annotations_of, scored_events
from psgkit.simulate.plan.sleep import simulate_hypnogram
from psgkit.simulate.plan.spread import Spread
from psgkit.simulate.signals.accelerometer import (
    SENSOR_PLANS,
    Motion,
    SensorPlan,
    simulate_accelerometer,
)
from psgkit.simulate.signals.attitude import (
    Attitude,
    limb_attitude,
    postures_of,
    trunk_attitude,
    turns_of,
)
from psgkit.simulate.signals.emg import Scene, simulate_emg
from psgkit.simulate.signals.heart import beat_times
from psgkit.simulate.signals.jerks import Jerk, as_accelerometer_movements, jerks_of
from psgkit.simulate.signals.trains import Train, plan_trains, rhythms_of
from psgkit.simulate.signals.walking import strides_hz, walking_bursts
from psgkit.simulate.simulated import (
    START,
    SimulatedNight,
    ecg_channel,
    simulated_finding,
    voltage_channel,
)

SOMETIMES_SHARE = 0.5
PART_OF_ROLE = {"leg": "legs", "arm": "arms", "trunk": "trunk"}
RHYTHMIC_SITES = (Site.LEFT_LEG, Site.RIGHT_LEG, Site.LEFT_ARM, Site.RIGHT_ARM)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class BodyPlan:
    """Events and activations of a night, independent of the sensors.

    ``changes`` are the movements of getting up and lying down, ``bursts`` those of rhythms and of
    walking, which are no movements; ``walks`` have a span and its strides per second.
    """

    duration_s: float
    course: Course
    hypnogram: Hypnogram
    night: NightKind
    plan: MovementPlan
    changes: tuple[Activation, ...]
    large_s: tuple[Span, ...]
    trunk: Attitude
    trains: tuple[Train, ...]
    walks: tuple[tuple[Span, float], ...]
    bursts: tuple[Activation, ...]

    @property
    def movements(self) -> list[Activation]:
        """Return the movements, those of getting up and lying down among them, in order."""
        return in_order([*self.plan.activations, *self.changes])


def plan_body(kind: BodyKind, n_epochs: int, seed: int, options: SimulationOptions) -> BodyPlan:
    """Return the events and activations of a night of ``kind``, independent of the sensors."""
    duration_s = n_epochs * EPOCH_S
    course = plan_course(seed, kind.course, duration_s)
    sleep = kind.night.sleep
    if kind.other_sleep is not None and stream(seed, "other sleep").random() < SOMETIMES_SHARE:
        sleep = kind.other_sleep
    asleep = simulate_hypnogram(stream(seed, "sleep"), sleep, n_epochs, course.lights_s)
    hypnogram = with_get_ups(seed, kind.course, course, asleep)
    chosen = stream(seed, "sometimes").random(len(kind.sometimes)) < SOMETIMES_SHARE
    added = [one for one, present in zip(kind.sometimes, chosen, strict=True) if present]
    night = replace(kind.night, sleep=sleep, processes=(*added, *kind.night.processes))
    kept_free_s = (*course.up_s, *course.relief_s)
    lying = course.lying(hypnogram)
    plan = plan_movements(stream(seed, "movements"), night, lying, options, kept_free_s)
    changes = changes_of(stream(seed, "changes"), course, options)
    large_s = moving_spans([one for one in plan.activations if one.kind == "large"])
    seated = seated_movements(stream(seed, "seated"), kind, course, hypnogram, options)
    plan = replace(plan, activations=tuple(in_order([*plan.activations, *seated])))
    hz = strides_hz(stream(seed, "strides"), course.walks_s)
    moving_s = moving_spans([*plan.activations, *changes])
    taken_s = np.array([*moving_s, *course.walks_s, *course.relief_s]).reshape(-1, 2)
    rng = stream(seed, "trains")
    trains = plan_trains(rng, kind.trains, course, hypnogram, taken_s)
    bursts = [burst for train in trains for burst in train.bursts()]
    return BodyPlan(
        duration_s=duration_s,
        course=course,
        hypnogram=hypnogram,
        night=night,
        plan=plan,
        changes=tuple(changes),
        large_s=large_s,
        trunk=trunk_attitude(seed, course, large_s, kind.course.turn_share),
        trains=trains,
        walks=tuple(zip(course.walks_s, hz.tolist(), strict=True)),
        bursts=tuple(in_order([*bursts, *walking_bursts(course.walks_s, hz)])),
    )


def simulate_body_night(
    kind: BodyKind, n_epochs: int, seed: int, options: SimulationOptions
) -> SimulatedNight:
    """Return a night of ``kind``, recorded by the sensors of ``options``.

    Examples
    --------
    >>> from psgkit.simulate.plan.body_kinds import BODY_KINDS
    >>> few = SimulationOptions(sensors="legs+lumbar", ecg_rate_hz=None)
    >>> night = simulate_body_night(BODY_KINDS["rbs"], 40, 1, few)
    >>> night.recording.labels()
    ['LAT', 'RAT', 'Lumbar X', 'Lumbar Y', 'Lumbar Z']
    """
    body = plan_body(kind, n_epochs, seed, options)
    name = kind.night.name
    distractors = plan_distractors(
        stream(seed, "distractors"),
        body.night,
        [*body.movements, *body.bursts],
        body.duration_s,
        options,
    )
    muscles = [one for one in body.night.channels if options.records(PART_OF_ROLE[one.role])]
    sensors = [one for one in SENSOR_PLANS if options.records(one.part)]
    sites = {one.site for one in muscles}
    truth = [one for one in body.movements if one.site in sites]
    distractors = tuple(one for one in distractors if one.site in sites)
    worn_at = {one.site: one.label for one in sensors}
    jerks = jerks_of(stream(seed, "jerks"), body.movements, options.seen_by_accelerometer)
    seen = [one for one in jerks if one.site in worn_at]
    events = _events(seed, body)
    recording = Recording(
        source=f"simulated-{name}",
        start=START,
        segments=(Segment(start_s=0.0, duration_s=body.duration_s),),
        channels=(
            *_voltages(seed, body, muscles, [*truth, *distractors, *body.bursts], options),
            *_accelerations(seed, body, sensors, jerks, options),
        ),
        annotations=annotations_of(body.hypnogram, events),
        findings=(simulated_finding(name, seed),),
    )
    return SimulatedNight(
        kind=name,
        seed=seed,
        recording=recording,
        hypnogram=body.hypnogram,
        events=events,
        truth=as_movements(truth, muscles),
        truth_kinds=words([one.kind for one in truth]),
        distractors=as_movements(distractors, muscles),
        distractor_kinds=words([one.kind for one in distractors]),
        truth_accelerometer=as_accelerometer_movements(seen, worn_at),
        truth_accelerometer_kinds=words([one.kind for one in seen]),
        postures=postures_of(body.trunk, body.course, body.duration_s),
        turns=turns_of(body.trunk),
        rhythms=_rhythms(body, muscles, sensors),
    )


def seated_movements(
    rng: np.random.Generator,
    kind: BodyKind,
    course: Course,
    hypnogram: Hypnogram,
    options: SimulationOptions,
) -> list[Activation]:
    """Return the movements of being up without walking, away from all that happens in bed."""
    if not kind.seated:
        return []
    up = np.array(course.states(hypnogram)) == "up"
    ups_s = np.array([*course.up_s, (hypnogram.end_s, hypnogram.end_s)])
    in_bed_s = zip(ups_s[:-1, 1].tolist(), ups_s[1:, 0].tolist(), strict=True)
    plan = plan_movements(
        rng,
        replace(kind.night, processes=kind.seated),
        replace(hypnogram, stages=words(np.where(up, "W", UNSCORED).tolist())),
        replace(options, respiratory_per_h=0.0),
        (*in_bed_s, *course.walks_s),
    )
    return list(plan.activations)


def changes_of(
    rng: np.random.Generator, course: Course, options: SimulationOptions
) -> list[Activation]:
    """Return the movements of getting up and lying down, of the whole body."""
    found: list[Activation] = []
    for from_s, to_s in course.change_s:
        length_s = to_s - from_s - options.bilateral_lag_s
        lasting = Spread(median=length_s, log_sd=0.0, low=length_s, high=length_s)
        process = replace(LARGE, duration_s=lasting, sides=((EVERYWHERE, 1.0),))
        made = make_group(rng, process, options)
        found += [one.later(from_s - made.activations[0].onset_s) for one in made.activations]
    return found


def moving_spans(activations: Sequence[Activation]) -> tuple[Span, ...]:
    """Return the spans with any movement; pauses below ``QUIET_S`` are bridged."""
    if not activations:
        return ()
    ordered = in_order(activations)
    onset_s = np.array([one.starts_s for one in ordered])
    end_s = np.array([one.stops_s for one in ordered])
    order = np.argsort(onset_s, kind="stable")
    onset_s, end_s = onset_s[order], end_s[order]
    first = np.flatnonzero(np.diff(group_of_connected(onset_s, end_s + QUIET_S), prepend=-1))
    ends_s = np.maximum.reduceat(end_s, first)
    return tuple(zip(onset_s[first].tolist(), ends_s.tolist(), strict=True))


def _events(seed: int, body: BodyPlan) -> Events:
    """Return the scored events, and when the sleeper left the bed and came back."""
    rng = stream(seed, "scorer")
    scored = scored_events(rng, body.night, body.plan, body.hypnogram, body.course.lights_s)
    ups_s, downs_s = np.round(body.course.get_ups_s, 3), np.round(body.course.lie_downs_s, 3)
    kinds = ["get_up"] * len(ups_s) + ["lie_down"] * len(downs_s)
    times_s = np.concatenate((ups_s, downs_s))
    return scored.joined_with(Events.of(times_s, times_s, kinds, [""] * len(kinds)))


def _voltages(
    seed: int,
    body: BodyPlan,
    muscles: Sequence[ChannelPlan],
    activations: Sequence[Activation],
    options: SimulationOptions,
) -> list[Channel]:
    scene = Scene(
        duration_s=body.duration_s,
        beats_s=beat_times(stream(seed, "heart"), body.duration_s, options),
        turns_s=body.trunk.starts_s,
        options=options,
    )
    channels = []
    for plan in muscles:
        own = [one for one in activations if one.site == plan.site]
        samples = simulate_emg(stream(seed, f"emg {plan.label}"), scene, plan, own)
        channels.append(voltage_channel(plan, samples, options.rate_hz))
    if options.ecg_rate_hz is not None:
        channels.append(ecg_channel(stream(seed, "ecg"), scene, options.ecg_rate_hz))
    return channels


def _accelerations(
    seed: int,
    body: BodyPlan,
    sensors: Sequence[SensorPlan],
    jerks: Sequence[Jerk],
    options: SimulationOptions,
) -> list[Channel]:
    channels: list[Channel] = []
    for plan in sensors:
        attitude = body.trunk
        if plan.site != Site.TRUNK:
            rng = stream(seed, f"attitude {plan.place}")
            attitude = limb_attitude(rng, body.trunk, body.large_s, plan.pitch_up_deg)
        motion = Motion(
            attitude=attitude,
            jerks=[one for one in jerks if one.site == plan.site],
            trains=[one for one in body.trains if one.site == plan.site],
            walks=body.walks,
        )
        channels += simulate_accelerometer(seed, plan, motion, body.duration_s, options)
    return channels


def _rhythms(
    body: BodyPlan, muscles: Sequence[ChannelPlan], sensors: Sequence[SensorPlan]
) -> Rhythms:
    """Return the trains as recorded by muscles and by accelerometers."""
    labels = {one.site: one.label for one in muscles if one.site in RHYTHMIC_SITES}
    places = {one.site: one.place for one in sensors}
    return Rhythms.joined(
        [
            rhythms_of(body.trains, body.hypnogram, "emg", labels),
            rhythms_of(body.trains, body.hypnogram, "accelerometer", places),
        ]
    )
