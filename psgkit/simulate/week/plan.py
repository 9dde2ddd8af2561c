"""A plan of days and nights: hours awake and nights, one after the other, by local time.

A part of a day is planned like a night, around second 0, so that what holds for nights (attitude,
jerks, trains, walks) holds for it.  Nothing lies across the border of two parts, so that each can
be drawn alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np

from psgkit.core.dataclass import dataclass
from psgkit.core.days.day_clock import DayClock
from psgkit.core.frozen import words
from psgkit.core.hypnogram import UNSCORED, Hypnogram
from psgkit.core.intervals import Intervals
from psgkit.core.postures import Postures
from psgkit.core.site import Site
from psgkit.simulate.body_night import BodyPlan, changes_of, moving_spans, plan_body
from psgkit.simulate.plan.activation import Activation, in_order
from psgkit.simulate.plan.course import Course, stream
from psgkit.simulate.plan.group import Span
from psgkit.simulate.plan.kinds import MovementProcess
from psgkit.simulate.plan.options import EPOCH_S, SimulationOptions
from psgkit.simulate.plan.plan import SECONDS_PER_H, MovementPlan, plan_movements
from psgkit.simulate.plan.spread import Spread
from psgkit.simulate.signals.accelerometer import SensorPlan
from psgkit.simulate.signals.attitude import Attitude, limb_attitude, postures_of, trunk_attitude
from psgkit.simulate.signals.trains import plan_trains
from psgkit.simulate.signals.walking import strides_hz
from psgkit.simulate.week.kinds import DAY_KINDS, GESTURES, MORNING_SHARE, DayKind

NIGHT_AT = timedelta(hours=22)
UP_AT = timedelta(hours=31)
"""Seven in the morning after; all times of a day in this module count from its midnight."""

SPREAD_MIN = 25.0
MOST_SDS = 1.5
EVENING_REST_S = (5400.0, 2700.0)
"""Start and end of the rest lying down, before the night; psgkit's own choice."""

MORNING_REST_S = (5400.0, 7500.0)
"""The same, after getting up."""

CONNECT_S = 3.0
WALKS_PER_H = 8.0
WALK_S = Spread(median=70.0, log_sd=0.8, low=15.0, high=900.0)
APART_S = 20.0
CHANGE_S = 6.0
STANDS_S = 10.0
TURN_SHARE = 0.15
"""Share of the large movements while up in which the trunk turns."""

_SEEDS = 2**33


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class WeekPart:
    """Hours awake, or a night.

    Attributes
    ----------
    start_s : float
        From the start of the recording.
    seed : int
        Of everything in it.
    body : BodyPlan
        Times count from ``start_s``.
    is_night : bool
    """

    start_s: float
    seed: int
    body: BodyPlan
    is_night: bool

    @property
    def end_s(self) -> float:
        """Return the end of the part."""
        return self.start_s + self.body.duration_s


def plan_week(
    kind: str, clock: DayClock, days: int, seed: int, options: SimulationOptions
) -> tuple[WeekPart, ...]:
    """Return the parts of ``days`` days from noon to noon.

    Examples
    --------
    >>> clock = DayClock.of(datetime(2001, 3, 24, 12), "Europe/Berlin")
    >>> parts = plan_week("healthy", clock, 1, 0, SimulationOptions())
    >>> [part.is_night for part in parts], round(parts[-1].end_s / 3600, 3)
    ([False, True, False], 23.0)
    """
    return tuple(
        part
        for number, bounds in enumerate(clock.day_bounds_s(days * 86400.0).tolist()[:days])
        for part in _day(DAY_KINDS[kind], clock, number, bounds, seed, options)
    )


def _day(
    kind: DayKind,
    clock: DayClock,
    number: int,
    bounds_s: Sequence[float],
    seed: int,
    options: SimulationOptions,
) -> Iterator[WeekPart]:
    """Yield the afternoon, the night and the morning of day ``number`` from noon to noon."""
    begin_s, end_s = bounds_s
    rng = stream(seed, f"day {number}")
    local = clock.local(begin_s)
    midnight = datetime(local.year, local.month, local.day)
    late_min = SPREAD_MIN * rng.standard_normal(2).clip(-MOST_SDS, MOST_SDS)
    night_s, up_s = (
        _whole(clock.seconds_of(midnight + at + timedelta(minutes=float(late))) - begin_s)
        for at, late in zip((NIGHT_AT, UP_AT), late_min, strict=True)
    )
    seeds = [seed + _SEEDS * (3 * number + one + 1) for one in range(3)]
    evening = DayPart(
        duration_s=night_s,
        rest_s=(night_s - EVENING_REST_S[0], night_s - EVENING_REST_S[1]),
        share=1.0,
    )
    morning = DayPart(duration_s=end_s - begin_s - up_s, rest_s=MORNING_REST_S, share=MORNING_SHARE)
    bodies = (
        plan_day_part(kind, evening, seeds[0], options),
        plan_body(kind.body, round((up_s - night_s) / EPOCH_S), seeds[1], options),
        plan_day_part(kind, morning, seeds[2], options),
    )
    for row, (offset_s, body) in enumerate(zip((0.0, night_s, up_s), bodies, strict=True)):
        yield WeekPart(start_s=begin_s + offset_s, seed=seeds[row], body=body, is_night=row == 1)


def _whole(seconds: float) -> float:
    return EPOCH_S * round(seconds / EPOCH_S)


def week_attitude(plan: SensorPlan, parts: Sequence[WeekPart]) -> Attitude:
    """Return how one sensor lies in the field of gravity, all the time."""
    attitudes = [_attitude(plan, part) for part in parts]
    starts_s: list[float] = []
    ends_s: list[float] = []
    for part, attitude in zip(parts, attitudes, strict=True):
        if part is not parts[0]:
            starts_s.append(part.start_s - CONNECT_S)
            ends_s.append(part.start_s)
        starts_s += (attitude.starts_s + part.start_s).tolist()
        ends_s += (attitude.ends_s + part.start_s).tolist()
    return Attitude(
        starts_s=np.array(starts_s),
        ends_s=np.array(ends_s),
        roll_deg=np.concatenate([one.roll_deg for one in attitudes]),
        pitch_deg=np.concatenate([one.pitch_deg for one in attitudes]),
    )


def _attitude(plan: SensorPlan, part: WeekPart) -> Attitude:
    body = part.body
    if plan.site == Site.TRUNK:
        return body.trunk
    large_s = body.large_s
    if not part.is_night:
        own = [one for one in body.plan.activations if one.kind == "large"]
        large_s = moving_spans([one for one in own if one.site == plan.site])
    rng = stream(part.seed, f"attitude {plan.place}")
    return limb_attitude(rng, body.trunk, large_s, plan.pitch_up_deg)


def week_hypnogram(parts: Sequence[WeekPart]) -> Hypnogram:
    """Return the stages of all epochs; W by day."""
    return Hypnogram.of(np.concatenate([part.body.hypnogram.stages for part in parts]))


def week_postures(parts: Sequence[WeekPart]) -> Postures:
    """Return the postures of the trunk, part after part."""
    tables = [postures_of(one.body.trunk, one.body.course, one.body.duration_s) for one in parts]
    starts_s = [np.full(len(t), part.start_s) for t, part in zip(tables, parts, strict=True)]
    shift_s = np.concatenate(starts_s)
    return Postures(
        onset_s=np.concatenate([one.onset_s for one in tables]) + shift_s,
        end_s=np.concatenate([one.end_s for one in tables]) + shift_s,
        posture=words(np.concatenate([one.posture for one in tables]).tolist()),
        angle_deg=np.concatenate([one.angle_deg for one in tables]),
    )


def off_spans(
    rng: np.random.Generator, parts: Sequence[WeekPart], places: Sequence[str]
) -> tuple[tuple[str, Span], ...]:
    """Return when a sensor lies on a table: all for hours in some parts of days, one in others.

    Only by day, while the person is up.
    """
    found: list[tuple[str, Span]] = []
    for number, part in enumerate(one for one in parts if not one.is_night):
        wanted = {1: list(places), 3: [places[number % len(places)]]}.get(number % 6, [])
        length_s = float(rng.uniform(4500.0, 9000.0))
        first_s = max(part.body.course.up_s, key=lambda span: span[1] - span[0])
        room_s = first_s[1] - first_s[0] - length_s - 1200.0
        at_s = part.start_s + first_s[0] + 600.0 + float(rng.uniform()) * max(room_s, 0.0)
        if room_s > 0:
            found += [(place, (round(at_s, 3), round(at_s + length_s, 3))) for place in wanted]
    return tuple(found)


# hours awake


@dataclass(frozen=True, kw_only=True, slots=True)
class DayPart:
    """Hours awake: their length, the rest lying down, and the rate of movements at rest.

    Attributes
    ----------
    duration_s : float
        Whole epochs of 30 s.
    rest_s : (float, float)
        Lying down to rest, awake.
    share : float
        Rate of movements at rest, as a share of that in the evening.
    """

    duration_s: float
    rest_s: Span
    share: float


def plan_day_part(kind: DayKind, part: DayPart, seed: int, options: SimulationOptions) -> BodyPlan:
    """Return what happens in hours awake; it begins and ends upright.

    Examples
    --------
    >>> from psgkit.simulate.week.kinds import DAY_KINDS
    >>> part = DayPart(duration_s=7200.0, rest_s=(3600.0, 5400.0), share=1.0)
    >>> body = plan_day_part(DAY_KINDS["rls"], part, 1, SimulationOptions())
    >>> body.duration_s, len(body.course.up_s), set(body.hypnogram.stages.tolist())
    (7200.0, 2, {'W'})
    """
    hypnogram = Hypnogram.of(["W"] * round(part.duration_s / EPOCH_S))
    course = _course(stream(seed, "course"), part)
    changes = changes_of(stream(seed, "changes"), course, options)
    gestures = _gestures(seed, kind, course, hypnogram, options)
    rested = _at_rest(seed, kind, part.share, course, hypnogram, options)
    plan = MovementPlan(
        activations=tuple(in_order([*gestures, *rested])), arousals_s=(), breaths_s=()
    )
    large_s = moving_spans([one for one in plan.activations if one.kind == "large"])
    moving_s = moving_spans([*plan.activations, *changes])
    trains = plan_trains(
        stream(seed, "trains"),
        kind.seated,
        course,
        hypnogram,
        np.array([*moving_s, *course.walks_s]).reshape(-1, 2),
    )
    hz = strides_hz(stream(seed, "strides"), course.walks_s)
    return BodyPlan(
        duration_s=part.duration_s,
        course=course,
        hypnogram=hypnogram,
        night=kind.body.night,
        plan=plan,
        changes=tuple(changes),
        large_s=large_s,
        trunk=trunk_attitude(seed, course, _upright_stays(large_s, part.rest_s), TURN_SHARE),
        trains=trains,
        walks=tuple(zip(course.walks_s, hz.tolist(), strict=True)),
        bursts=(),
    )


def _upright_stays(large_s: tuple[Span, ...], rest_s: Span) -> tuple[Span, ...]:
    """Return the large movements in which the trunk may turn: only those while lying."""
    return tuple(
        span
        for span in large_s
        if rest_s[0] + CHANGE_S < span[0] and span[1] < rest_s[1] - CHANGE_S
    )


def _course(rng: np.random.Generator, part: DayPart) -> Course:
    lies_s, rises_s = part.rest_s
    ups_s = ((0.0, lies_s), (rises_s, part.duration_s))
    return Course(
        lights_s=(0.0, part.duration_s),
        up_s=ups_s,
        change_s=((lies_s - CHANGE_S, lies_s), (rises_s, rises_s + CHANGE_S)),
        walks_s=tuple(span for up_s in ups_s for span in _walks(rng, up_s)),
    )


def _walks(rng: np.random.Generator, up_s: Span) -> list[Span]:
    """Return walks while up, apart from each other and from getting up and lying down."""
    first_s, last_s = up_s[0] + CHANGE_S + STANDS_S, up_s[1] - CHANGE_S - STANDS_S
    due_n = int(rng.poisson(WALKS_PER_H * max(last_s - first_s, 0.0) / SECONDS_PER_H))
    kept_s: list[Span] = []
    for start_s, length_s in zip(
        rng.uniform(first_s, max(last_s, first_s), due_n).tolist(),
        WALK_S.draw(rng, due_n),
        strict=True,
    ):
        span = (start_s, start_s + float(length_s))
        free = all(span[1] + APART_S < a or span[0] > b + APART_S for a, b in kept_s)
        if free and span[1] <= last_s:
            kept_s.append(span)
    return sorted(kept_s)


def _gestures(
    seed: int,
    kind: DayKind,
    course: Course,
    hypnogram: Hypnogram,
    options: SimulationOptions,
) -> tuple[Activation, ...]:
    """Return the gestures while up and not walking."""
    up = np.array([state == "up" for state in course.states(hypnogram)])
    awake = replace(hypnogram, stages=np.where(up, "W", UNSCORED))
    free_s = (*course.walks_s, *course.change_s, *_outside(course.up_s, hypnogram.end_s))
    return _planned(stream(seed, "gestures"), kind, (GESTURES,), awake, options, free_s)


def _at_rest(
    seed: int,
    kind: DayKind,
    share: float,
    course: Course,
    hypnogram: Hypnogram,
    options: SimulationOptions,
) -> tuple[Activation, ...]:
    """Return the movements while lying awake, ``share`` of those of an evening."""
    processes = tuple(replace(one, per_h=share * one.per_h) for one in kind.at_rest)
    free_s = (*course.up_s, *course.change_s)
    rng = stream(seed, "at rest")
    return _planned(rng, kind, processes, course.lying(hypnogram), options, free_s)


def _planned(
    rng: np.random.Generator,
    kind: DayKind,
    processes: tuple[MovementProcess, ...],
    hypnogram: Hypnogram,
    options: SimulationOptions,
    free_s: tuple[Span, ...],
) -> tuple[Activation, ...]:
    night = kind.body.night
    quiet = replace(night, processes=processes, respiratory=replace(night.respiratory, per_h=0.0))
    return plan_movements(rng, quiet, hypnogram, options, free_s).activations


def _outside(spans_s: tuple[Span, ...], end_s: float) -> Intervals:
    edges = np.array([0.0, *np.array(spans_s).ravel(), end_s]).reshape(-1, 2)
    return edges[edges[:, 1] > edges[:, 0]]
