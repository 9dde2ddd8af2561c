"""Course of a night: times seated, lying, up and walking, and the stages that follow."""

from dataclasses import replace
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.hypnogram import UNSCORED, Hypnogram
from psgkit.simulate.plan.body_kinds import CoursePlan
from psgkit.simulate.plan.group import Span
from psgkit.simulate.plan.options import EPOCH_S
from psgkit.simulate.plan.plan import SECONDS_PER_H

USUAL_NIGHT_S = 8.0 * SECONDS_PER_H
SHORTER_POWER = 0.75  # so that a night of an hour holds some minutes of evening
MOST_UP_SHARE = 0.1  # of a short night
IN_BED_BEFORE_LIGHTS_OFF_S = (10.0, 20.0)
CHANGE_S = (4.0, 8.0)
"""How long getting up and lying down take."""

STANDS_S = 8.0
"""Up without walking, at the least, after getting up and before lying down."""

SHORTEST_WALK_S = 10.0
EVENING_WALK_S = (20.0, 120.0)
SHORTEST_NIGHT_WITH_GET_UPS_S = 1200.0
LEAST_COUNTS_FROM_S = 2400.0
GET_UPS_APART_S = 2400.0
GET_UPS_APART_SHARE = 0.3  # of a short night
FIRST_MARGIN_SHARE, LAST_MARGIN_SHARE = 0.12, 0.08
TRIES = 64
N1_AFTER_WAKE_N = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Course:
    """The course of a night; all spans in seconds, in order.

    Attributes
    ----------
    lights_s : (off, on)
    up_s : tuple of (from, to)
        From the start of getting up to the end of lying down; the first is the evening and
        starts at 0.
    change_s : tuple of (from, to)
        Each getting up and lying down.
    walks_s, relief_s : tuple of (from, to)
    """

    lights_s: Span
    up_s: tuple[Span, ...]
    change_s: tuple[Span, ...]
    walks_s: tuple[Span, ...]
    relief_s: tuple[Span, ...] = ()

    @property
    def get_ups_s(self) -> tuple[float, ...]:
        """Return the times of leaving the bed."""
        return tuple(onset_s for onset_s, _ in self.up_s[1:])

    @property
    def lie_downs_s(self) -> tuple[float, ...]:
        """Return the times of lying down, that of the evening included."""
        return tuple(end_s for _, end_s in self.up_s)

    def states(self, hypnogram: Hypnogram) -> list[str]:
        """Return the stage of each epoch, ``up`` if more than half of it is spent up."""
        middles_s = hypnogram.epoch_starts_s() + 0.5 * hypnogram.epoch_s
        return [
            "up" if up else stage
            for up, stage in zip(_within(middles_s, self.up_s), hypnogram.stages, strict=True)
        ]

    def lying(self, hypnogram: Hypnogram) -> Hypnogram:
        """Return the stages with epochs out of bed or of relief as not scored."""
        middles_s = hypnogram.epoch_starts_s() + 0.5 * hypnogram.epoch_s
        away = _within(middles_s, (*self.up_s, *self.relief_s))
        return replace(hypnogram, stages=np.where(away, UNSCORED, hypnogram.stages))


def stream(seed: int, part: str) -> np.random.Generator:
    """Return the random generator of one part of a night, independent of the other parts.

    Examples
    --------
    >>> bool(stream(1, "turns").random() == stream(1, "turns").random())
    True
    """
    return np.random.default_rng([seed, crc32(part.encode())])


def plan_course(seed: int, plan: CoursePlan, duration_s: float) -> Course:
    """Return the times out of bed by ``plan`` in a night of ``duration_s``.

    Examples
    --------
    >>> from psgkit.simulate.plan.body_kinds import BODY_KINDS
    >>> course = plan_course(1, BODY_KINDS["rbs"].course, 28800.0)
    >>> len(course.up_s) > 1, len(course.relief_s) == len(course.get_ups_s)
    (True, True)
    """
    rng = stream(seed, "course")
    shorter = min(1.0, duration_s / USUAL_NIGHT_S)
    lies_s = round(60.0 * plan.evening_min.one(rng) * shorter**SHORTER_POWER, 3)
    off_s = round(lies_s + rng.uniform(*IN_BED_BEFORE_LIGHTS_OFF_S), 3)
    on_s = round(duration_s - rng.uniform(30.0, 180.0) * shorter, 3)
    starts_s = _get_ups(stream(seed, "get ups"), plan, (off_s, on_s))
    lengths_s = [60.0 * plan.up_min.one(rng) for _ in starts_s]
    ups_s = [(0.0, lies_s)]
    for start_s, length_s in zip(starts_s, lengths_s, strict=True):
        ups_s.append((start_s, round(start_s + min(length_s, MOST_UP_SHARE * duration_s), 3)))
    changes_s = [_change(rng, ups_s[0][1], ends=True)]
    for from_s, to_s in ups_s[1:]:
        changes_s += [_change(rng, from_s, ends=False), _change(rng, to_s, ends=True)]
    walks_s = _evening_walks(stream(seed, "evening"), plan, changes_s[0][0])
    for before, after in zip(changes_s[1::2], changes_s[2::2], strict=True):
        walks_s += _walks(plan, before[1], after[0])
    relief_s: list[Span] = []
    if plan.relief_min is not None:
        relief = stream(seed, "relief")
        relief_s = [(to_s, to_s + 60.0 * plan.relief_min.one(relief)) for _, to_s in ups_s[1:]]
    return Course(
        lights_s=(off_s, on_s),
        up_s=tuple(ups_s),
        change_s=tuple(changes_s),
        walks_s=tuple(walks_s),
        relief_s=tuple(relief_s),
    )


def with_get_ups(seed: int, plan: CoursePlan, course: Course, hypnogram: Hypnogram) -> Hypnogram:
    """Return the stages with wake around each get-up, and N1 after it."""
    rng = stream(seed, "awake")
    shorter = min(1.0, hypnogram.end_s / USUAL_NIGHT_S) ** 0.5
    stages = hypnogram.stages.copy()
    for from_s, to_s in course.up_s[1:]:
        awake_from_s = from_s - 60.0 * plan.awake_before_min.one(rng) * shorter
        awake_to_s = to_s + 60.0 * plan.awake_after_min.one(rng) * shorter
        first, last = int(awake_from_s // EPOCH_S), int(awake_to_s // EPOCH_S) + 1
        stages[max(first, 0) : last] = "W"
        drowsy = stages[last : last + N1_AFTER_WAKE_N]
        drowsy[drowsy != "W"] = "N1"
    return replace(hypnogram, stages=stages)


def _within(times_s: NDArray[np.float64], spans_s: tuple[Span, ...]) -> NDArray[np.bool_]:
    """Return whether each of ``times_s`` lies in any of ``spans_s``."""
    edges_s = np.array(spans_s).reshape(-1, 2)
    inside = (times_s[:, None] >= edges_s[:, 0]) & (times_s[:, None] < edges_s[:, 1])
    return np.asarray(inside.any(axis=1))


def _get_ups(rng: np.random.Generator, plan: CoursePlan, lights_s: Span) -> list[float]:
    """Return the times of getting up at night, with a least distance."""
    dark_s = lights_s[1] - lights_s[0]
    if dark_s < SHORTEST_NIGHT_WITH_GET_UPS_S:
        return []
    due_n = int(rng.poisson(plan.get_ups_per_h * dark_s / SECONDS_PER_H))
    if lights_s[1] >= LEAST_COUNTS_FROM_S:
        due_n = max(due_n, plan.get_ups_least)
    apart_s = min(GET_UPS_APART_S, GET_UPS_APART_SHARE * dark_s)
    first_s = lights_s[0] + FIRST_MARGIN_SHARE * dark_s
    last_s = lights_s[1] - (LAST_MARGIN_SHARE + MOST_UP_SHARE) * dark_s
    kept_s: list[float] = []
    for drawn_s in rng.uniform(first_s, last_s, TRIES).round(3).tolist():
        if len(kept_s) < due_n and all(abs(drawn_s - other_s) >= apart_s for other_s in kept_s):
            kept_s.append(drawn_s)
    return sorted(kept_s)


def _change(rng: np.random.Generator, at_s: float, *, ends: bool) -> Span:
    """Return a getting up that starts, or a lying down that ends, at ``at_s``."""
    length_s = min(round(float(rng.uniform(*CHANGE_S)), 3), at_s / 2)
    return (at_s - length_s, at_s) if ends else (at_s, at_s + length_s)


def _walks(plan: CoursePlan, from_s: float, to_s: float) -> list[Span]:
    """Return the way from the bed and back to it."""
    way_s = 0.5 * plan.walking_share * (to_s - from_s)
    room_s = to_s - from_s - 3.0 * STANDS_S
    if way_s < SHORTEST_WALK_S or 2.0 * way_s > room_s:
        return []
    there, back = from_s + STANDS_S, to_s - STANDS_S
    return [(there, there + way_s), (back - way_s, back)]


def _evening_walks(rng: np.random.Generator, plan: CoursePlan, to_s: float) -> list[Span]:
    """Return the walks before lying down, one of them to the bed."""
    due_n = int(rng.poisson(plan.evening_walks_per_h * to_s / SECONDS_PER_H))
    kept_s: list[Span] = []
    lengths_s = rng.uniform(*EVENING_WALK_S, 1 + due_n)
    starts_s = rng.uniform(size=1 + due_n) * to_s
    for number, (start_s, drawn_s) in enumerate(zip(starts_s, lengths_s, strict=True)):
        length_s = min(float(drawn_s), 0.2 * to_s)
        from_s = float(start_s) if number else to_s - STANDS_S - length_s
        span_s = (from_s, from_s + length_s)
        free = all(span_s[1] + 20.0 < a or span_s[0] > b + 20.0 for a, b in kept_s)
        inside = span_s[0] >= STANDS_S and span_s[1] <= to_s - STANDS_S
        if length_s >= SHORTEST_WALK_S and inside and free:
            kept_s.append(span_s)
    return sorted(kept_s)
