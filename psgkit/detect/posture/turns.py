"""Positions that are held and the turns between them, from the direction of gravity.

Angles between directions do not depend on how the sensor is mounted.
"""

import numpy as np
from numpy.typing import NDArray

from psgkit.core.bounds import samples_at_least, samples_nearest
from psgkit.core.dataclass import dataclass
from psgkit.core.intervals import Intervals, drop_shorter_than, paint, runs_of_true
from psgkit.detect.posture.rule import Gravity, TurnRule

Vectors = NDArray[np.float64]

_LOWEST_G = 0.3
_DEAD_S = 5.0
"""Gravity below this for so long shows no direction: a sensor that is worn and works shows 1 g.  A
quick half turn falls below it for a moment, as gravity is low-passed.  These numbers, and those
below, are psgkit's own choice."""

_EARLY, _LATE = 0.1, 0.9
"""A turn is timed between these parts of its way and extended in proportion."""


MOST_POSITIONS = 500
"""Positions compared with each other to find the axes: the longest ones, as weeks have many."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Positions:
    """Directions of gravity that were held for a while, in order of time.

    Attributes
    ----------
    runs : Intervals
        Samples, shape ``(n, 2)``; small movements are included, movements between are left out.
    mean, first, last : float64 arrays, shape (n, 3)
        Unit vectors: of the whole position, of its beginning and of its end.
    still_n : int64 array, shape (n,)
        Samples of stillness within each.
    """

    runs: Intervals
    mean: Vectors
    first: Vectors
    last: Vectors
    still_n: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.runs)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class BareTurns:
    """Turns without postures; ``before`` and ``after`` are samples in the postures around each."""

    onset_s: NDArray[np.float64]
    end_s: NDArray[np.float64]
    angle_deg: NDArray[np.float64]
    before: NDArray[np.int64]
    after: NDArray[np.int64]


def unit_vectors(vectors: NDArray[np.floating]) -> Vectors:
    """Return vectors of length one, float64; null vectors stay 0.

    Examples
    --------
    >>> unit_vectors(np.array([[0.0, 0.0, 2.0], [0.0, 0.0, 0.0]])).tolist()
    [[0.0, 0.0, 1.0], [0.0, 0.0, 0.0]]
    """
    wide = np.asarray(vectors, dtype=np.float64)
    length = np.linalg.norm(wide, axis=-1, keepdims=True)
    return np.asarray(wide / np.where(length > 0, length, 1.0))


def angle_between(one: Vectors, other: Vectors) -> NDArray[np.float64]:
    """Return the angles between unit vectors, degrees, 0 to 180.

    Half the chord keeps small angles exact, where the arc cosine of a product loses them.

    Examples
    --------
    >>> angle_between(np.array([[1.0, 0.0, 0.0]]), np.array([[0.0, 1.0, 0.0]])).round(9).tolist()
    [90.0]
    """
    chord = np.linalg.norm(one - other, axis=-1)
    return np.asarray(np.degrees(2.0 * np.arcsin(np.minimum(chord / 2.0, 1.0))))


def readable(track: Gravity) -> NDArray[np.bool_]:
    """Return which samples show a direction, shape ``(n,)``."""
    finite = np.asarray(np.isfinite(track.gravity_g).all(axis=1))
    length = np.linalg.norm(np.where(finite[:, None], track.gravity_g, 0.0), axis=1)
    low = runs_of_true(length < _LOWEST_G)
    dead = drop_shorter_than(samples_at_least(_DEAD_S, track.rate_hz), low)
    return np.asarray(track.usable & finite & ~paint(dead, len(length)))


def find_positions(track: Gravity, rule: TurnRule) -> Positions:
    """Find the positions that are held: stillness, joined across movements that end at their start.

    Positions too short to count as held are among them.
    """
    good = readable(track)
    ways = unit_vectors(np.where(good[:, None], track.gravity_g, 0.0))
    still = good & ~_moving(ways, good, track.rate_hz, rule)
    pieces = drop_shorter_than(samples_at_least(1.0, track.rate_hz), runs_of_true(still))
    if not len(pieces):
        return _positions(np.empty((0, 2), dtype=np.int64), ways, still, 1)
    window = samples_at_least(rule.still_hold_s, track.rate_hz)
    return _positions(_joined(pieces, ways, still, (window, rule)), ways, still, window)


def _moving(
    ways: Vectors, good: NDArray[np.bool_], rate_hz: float, rule: TurnRule
) -> NDArray[np.bool_]:
    """Return when the direction changes, over a short time or over that of a slow turn."""
    quick = _change_across(ways, rule.still_span_s, rate_hz)
    usual = float(np.median(quick[good])) if good.any() else 0.0
    moving = quick > max(rule.still_deg, rule.noise_factor * usual)
    reach = samples_nearest(rule.max_duration_s / 2, rate_hz)
    near = paint(runs_of_true(moving) + np.array([-reach, reach]), len(moving))
    slow = _change_across(ways, rule.max_duration_s, rate_hz) >= rule.min_angle_deg
    return np.asarray(moving | (slow & ~near))


def _change_across(ways: Vectors, seconds: float, rate_hz: float) -> NDArray[np.float64]:
    """Return the angle between half of ``seconds`` before and half of them after each sample."""
    half = samples_nearest(seconds / 2, rate_hz)
    at = np.arange(len(ways))
    return angle_between(ways[np.minimum(at + half, len(ways) - 1)], ways[np.maximum(at - half, 0)])


def _joined(
    pieces: Intervals, ways: Vectors, still: NDArray[np.bool_], how: tuple[int, TurnRule]
) -> Intervals:
    """Join still pieces of one direction into positions, then once more without fleeting ones."""
    window, rule = how
    runs = _chained(pieces, _positions(pieces, ways, still, window), rule)
    held = drop_shorter_than(window, runs)
    over = _chained(held, _positions(held, ways, still, window), rule)
    inside = np.searchsorted(over[:, 0], runs[:, 0], side="right") - 1
    fleeting = runs[
        (runs[:, 1] - runs[:, 0] < window)
        & ((inside < 0) | (runs[:, 0] >= over[np.maximum(inside, 0), 1]) if len(over) else True)
    ]
    both = np.concatenate((over, fleeting))
    return both[np.argsort(both[:, 0], kind="stable")]


def _chained(runs: Intervals, found: Positions, rule: TurnRule) -> Intervals:
    if not len(runs):
        return runs
    new = np.r_[True, angle_between(found.last[:-1], found.first[1:]) >= rule.same_position_deg]
    first = np.flatnonzero(new)
    return np.column_stack((runs[first, 0], runs[np.r_[first[1:], len(runs)] - 1, 1]))


def _positions(runs: Intervals, ways: Vectors, still: NDArray[np.bool_], window: int) -> Positions:
    """Return runs with their mean directions while still: of the whole, its beginning, its end."""
    summed = np.zeros((len(ways) + 1, 3))
    np.cumsum(np.where(still[:, None], ways, 0.0), axis=0, out=summed[1:])
    count = np.r_[0, np.cumsum(still)]
    start, stop = runs[:, 0], runs[:, 1]
    begun, ending = np.minimum(start + window, stop), np.maximum(stop - window, start)
    return Positions(
        runs=runs,
        mean=unit_vectors(summed[stop] - summed[start]),
        first=unit_vectors(summed[begun] - summed[start]),
        last=unit_vectors(summed[stop] - summed[ending]),
        still_n=(count[stop] - count[start]).astype(np.int64),
    )


def find_turns(track: Gravity, positions: Positions, rule: TurnRule) -> BareTurns:
    """Find the changes between positions that are large, quick and followed by a held position.

    A turn starts from the position held before or, if the change from there took too long, from
    the last pause.  A return to the held position is no turn.
    Gravity is low-passed, so a turn quicker than about 1.5 s appears to take that long.
    """
    good = readable(track)
    ways = unit_vectors(np.where(good[:, None], track.gravity_g, 0.0))
    long = positions.runs[:, 1] - positions.runs[:, 0]
    held = np.flatnonzero(long >= samples_at_least(rule.still_hold_s, track.rate_hz))
    blind = np.r_[0, np.cumsum(~good)]
    rows = []
    for earlier, after in zip(np.r_[-1, held][:-1].tolist(), held.tolist(), strict=True):
        if after == 0:
            continue
        whence = after - 1 if earlier < 0 else earlier
        for before in dict.fromkeys((whence, after - 1)):
            gap = (int(positions.runs[before, 1]), int(positions.runs[after, 0]))
            size = float(angle_between(positions.last[before], positions.first[after]))
            if size < rule.min_angle_deg or blind[gap[1]] > blind[gap[0]]:
                break
            times = _timed(ways, gap, (positions.last[before], positions.first[after]))
            if times[1] - times[0] <= rule.max_duration_s * track.rate_hz + 1:
                rows.append((*times, size, gap[0] - 1, gap[1]))
                break
    return _as_turns(rows, track)


def _timed(ways: Vectors, gap: tuple[int, int], ends: tuple[Vectors, Vectors]) -> tuple[float, ...]:
    """Return start and end of the change of direction from one position to the next, in samples."""
    lead = 4
    low, high = max(0, gap[0] - lead), min(len(ways), gap[1] + lead)
    gone, left = (angle_between(ways[low:high], end) for end in ends)
    way = gone / np.maximum(gone + left, 1e-9)
    late = int(np.argmax(way >= _LATE)) if (way >= _LATE).any() else len(way) - 1
    early = int(np.flatnonzero(np.r_[True, way[1 : late + 1] < _EARLY])[-1])
    start = _crossing(way, early, _EARLY)
    stop = max(_crossing(way, late - 1, _LATE), start)
    more = (stop - start) * _EARLY / (_LATE - _EARLY)
    return max(low + start - more, 0.0), min(low + stop + more, len(ways) - 1.0)


def _crossing(way: NDArray[np.float64], at: int, level: float) -> float:
    """Return where ``way`` reaches ``level`` between samples ``at`` and ``at + 1``."""
    here = min(max(at, 0), len(way) - 2)
    rise = way[here + 1] - way[here]
    return here + float(np.clip((level - way[here]) / rise, 0.0, 1.0)) if rise else float(here)


def _as_turns(rows: list[tuple[float, ...]], track: Gravity) -> BareTurns:
    table = np.array(rows, dtype=np.float64).reshape(-1, 5)
    return BareTurns(
        onset_s=track.start_s + table[:, 0] / track.rate_hz,
        end_s=track.start_s + table[:, 1] / track.rate_hz,
        angle_deg=table[:, 2],
        before=table[:, 3].astype(np.int64),
        after=table[:, 4].astype(np.int64),
    )


def lain_in(positions: Positions, stepping: NDArray[np.bool_]) -> Positions:
    """Return the longest positions, without those spent mostly walking."""
    steps = np.r_[0, np.cumsum(stepping)]
    start, stop = positions.runs[:, 0], positions.runs[:, 1]
    here = (steps[stop] - steps[start]) * 2 < stop - start
    if here.sum() > MOST_POSITIONS:
        here &= positions.still_n >= np.sort(positions.still_n[here])[-MOST_POSITIONS]
    return _where(positions, here)


def slept_in(positions: Positions, slept: NDArray[np.bool_]) -> Positions | None:
    """Return the positions spent mostly asleep; None if there are none."""
    asleep = np.r_[0, np.cumsum(slept)]
    start, stop = positions.runs[:, 0], positions.runs[:, 1]
    here = (asleep[stop] - asleep[start]) * 2 >= stop - start
    return _where(positions, here) if here.any() else None


def _where(positions: Positions, chosen: NDArray[np.bool_]) -> Positions:
    return Positions(
        runs=positions.runs[chosen],
        mean=positions.mean[chosen],
        first=positions.first[chosen],
        last=positions.last[chosen],
        still_n=positions.still_n[chosen],
    )
