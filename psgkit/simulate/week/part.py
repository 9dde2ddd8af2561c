"""Hours of a day awake: up, walking now and then, gestures, and a rest lying down.

A part of a day is planned like a night, around second 0, so that what is known about nights -
attitude, jerks, trains, walks - holds for it too.
"""

from dataclasses import dataclass, replace

import numpy as np

from psgkit.core.hypnogram import UNSCORED, Hypnogram
from psgkit.core.intervals import Intervals
from psgkit.simulate.body_night import BodyPlan, changes_of, moving_spans
from psgkit.simulate.plan.activation import Activation, in_order
from psgkit.simulate.plan.course import Course, stream
from psgkit.simulate.plan.group import Span
from psgkit.simulate.plan.kinds import MovementProcess
from psgkit.simulate.plan.options import EPOCH_S, SimulationOptions
from psgkit.simulate.plan.plan import SECONDS_PER_H, MovementPlan, plan_movements
from psgkit.simulate.plan.spread import Spread
from psgkit.simulate.signals.attitude import trunk_attitude
from psgkit.simulate.signals.trains import plan_trains
from psgkit.simulate.signals.walking import strides_hz
from psgkit.simulate.week.kinds import GESTURES, DayKind

WALKS_PER_H = 8.0
WALK_S = Spread(median=70.0, log_sd=0.8, low=15.0, high=900.0)
APART_S = 20.0
CHANGE_S = 6.0
STANDS_S = 10.0
TURN_SHARE = 0.15
"""Share of the large movements while up in which the trunk turns."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DayPart:
    """What is to happen: how long it lasts, when somebody lies down, and how restless they are.

    Attributes
    ----------
    duration_s : float
        Whole epochs of 30 s.
    rest_s : (float, float)
        Lying down to rest, awake.
    share : float
        How often movements at rest come, of what comes in the evening.
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
    rested = _at_rest(seed, kind, (part, course, hypnogram), options)
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
    """Return the gestures of somebody who is up and does not walk."""
    up = np.array([state == "up" for state in course.states(hypnogram)])
    awake = replace(hypnogram, stages=np.where(up, "W", UNSCORED))
    free_s = (*course.walks_s, *course.change_s, *_outside(course.up_s, hypnogram.end_s))
    return _planned(stream(seed, "gestures"), kind, (GESTURES,), awake, (options, free_s))


def _at_rest(
    seed: int,
    kind: DayKind,
    place: tuple[DayPart, Course, Hypnogram],
    options: SimulationOptions,
) -> tuple[Activation, ...]:
    """Return the movements while lying awake."""
    part, course, hypnogram = place
    processes = tuple(replace(one, per_h=part.share * one.per_h) for one in kind.at_rest)
    lying = course.lying(hypnogram)
    rng = stream(seed, "at rest")
    return _planned(rng, kind, processes, lying, (options, (*course.up_s, *course.change_s)))


def _planned(
    rng: np.random.Generator,
    kind: DayKind,
    processes: tuple[MovementProcess, ...],
    hypnogram: Hypnogram,
    limits: tuple[SimulationOptions, tuple[Span, ...]],
) -> tuple[Activation, ...]:
    options, free_s = limits
    night = kind.body.night
    quiet = replace(night, processes=processes, respiratory=replace(night.respiratory, per_h=0.0))
    return plan_movements(rng, quiet, hypnogram, options, free_s).activations


def _outside(spans_s: tuple[Span, ...], end_s: float) -> Intervals:
    edges = np.array([0.0, *np.array(spans_s).ravel(), end_s]).reshape(-1, 2)
    return edges[edges[:, 1] > edges[:, 0]]
