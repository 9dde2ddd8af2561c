"""A plan of days and nights: parts awake and nights, one after the other, as local clocks say.

Nothing lies across the border of two parts, so that each can be drawn on its own.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from psgkit.core.days.day_clock import DayClock
from psgkit.core.frozen import words
from psgkit.core.hypnogram import Hypnogram
from psgkit.core.postures import Postures
from psgkit.core.site import Site
from psgkit.simulate.body_night import BodyPlan, moving_spans, plan_body
from psgkit.simulate.plan.course import stream
from psgkit.simulate.plan.group import Span
from psgkit.simulate.plan.options import EPOCH_S, SimulationOptions
from psgkit.simulate.signals.accelerometer import SensorPlan
from psgkit.simulate.signals.attitude import Attitude, limb_attitude, postures_of
from psgkit.simulate.week.kinds import DAY_KINDS, MORNING_SHARE, DayKind
from psgkit.simulate.week.part import DayPart, plan_day_part

NIGHT_AT = timedelta(hours=22)
UP_AT = timedelta(hours=31)
"""Seven in the morning after; all times of a day in this module count from its midnight."""

SPREAD_MIN = 25.0
MOST_SDS = 1.5
EVENING_REST_S = (5400.0, 2700.0)
"""From how long before the night to how long before it somebody rests lying; ours."""

MORNING_REST_S = (5400.0, 7500.0)
"""The same, after getting up."""

CONNECT_S = 3.0
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
        for part in _day(DAY_KINDS[kind], (number, bounds[0], bounds[1]), (clock, seed), options)
    )


def _day(
    kind: DayKind,
    place: tuple[int, float, float],
    origin: tuple[DayClock, int],
    options: SimulationOptions,
) -> Iterator[WeekPart]:
    """Yield the afternoon, the night and the morning of one day from noon to noon."""
    number, begin_s, end_s = place
    clock, seed = origin
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
    """Return when which sensor lies on a table: all for a while every third day, one now and then.

    Only by day, while somebody is up.
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
