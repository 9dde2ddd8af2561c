"""Find the movements in one stretch of one sensor: noise floor, thresholds, edges."""

from dataclasses import fields, replace

import numpy as np
from numpy.typing import NDArray

from psgkit.conditioning.acceleration.gravity import vector_norm
from psgkit.conditioning.acceleration.motion import GRID_HZ, FilteredMotion
from psgkit.conditioning.emg.envelope import centred_mean, running_sum
from psgkit.conditioning.emg.resting import (
    CELL_S,
    HOP_CELLS,
    RestingLevelRule,
    low_levels,
    ramp_between,
    resting_level,
)
from psgkit.core.bounds import odd_samples_nearest, samples_at_least
from psgkit.core.dataclass import dataclass
from psgkit.core.intervals import (
    Intervals,
    complement,
    drop_shorter_than,
    intersect,
    paint,
    runs_of_true,
    union,
)
from psgkit.detect.accelerometer.breath import breath_before
from psgkit.detect.accelerometer.rule import AccelerometerRule
from psgkit.detect.trace import StretchTrace

_CELL_TICKS = 16
_CELL_S = _CELL_TICKS / GRID_HZ
_HOP_TICKS = _CELL_TICKS * HOP_CELLS
"""The floor is taken from cells of half a second, every 5 s."""

_TURN_TICKS = int(GRID_HZ)
_TURN_STEP = 8
_TURN_DEG = 1.5
"""Gravity turns where the direction of its 1 s mean changes by this angle within 2 s; noise of 5 mg
changes it by a tenth of this."""
_TURN_BLOCK_TICKS = int(60 * GRID_HZ)
_TURN_QUANTILE = 0.65
_TURN_OF_SWAY = 1.8
"""Breath of 30 mg turns a trunk by 3 degrees: a turn exceeds 1.5 times what the steps of a sine
reach, judged by this quantile of three minutes."""
_SEARCH_TICKS = int(8 * GRID_HZ)
"""Greatest distance of an exact edge from the coarse one."""
_BEFORE_TICKS = int(0.5 * GRID_HZ)
_REST_TICKS = int(2 * GRID_HZ)
_GAP_TICKS = int(0.25 * GRID_HZ)
"""Gap between the coarse movement and the 2 s or less whose mean counts as rest."""
Surroundings = tuple[NDArray[np.float32], Intervals]
"""Threshold of the deviation at each tick, and the blocked ticks."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Pieces:
    """Table of movements, or of their parts in the core of a stretch.

    Attributes
    ----------
    ticks : Intervals
        From tick 0 of the signal.
    before_g, after_g : arrays, shape (n, n_axes)
        Mean acceleration of the rest before and after.
    total_g : array, shape (n,)
        Magnitude above the floor, summed over ticks.
    peak_g : array, shape (n,)
        Largest magnitude.
    """

    ticks: Intervals
    before_g: NDArray[np.float64]
    after_g: NDArray[np.float64]
    total_g: NDArray[np.float64]
    peak_g: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.ticks)

    def rows(self, chosen: NDArray[np.integer] | NDArray[np.bool_]) -> "Pieces":
        """Return some rows."""
        return Pieces(**{f.name: getattr(self, f.name)[chosen] for f in fields(self)})

    @classmethod
    def joined(cls, parts: "list[Pieces]", n_axes: int) -> "Pieces":
        """Return the movements of consecutive stretches; pieces that touch are one movement."""
        empty = cls(
            ticks=np.empty((0, 2), dtype=np.int64),
            before_g=np.empty((0, n_axes)),
            after_g=np.empty((0, n_axes)),
            total_g=np.empty(0),
            peak_g=np.empty(0),
        )
        rows = cls.concatenated(empty, *parts)
        return rows.merged(np.concatenate(([True], rows.ticks[1:, 0] > rows.ticks[:-1, 1])))

    @classmethod
    def concatenated(cls, *parts: "Pieces") -> "Pieces":
        """Return the rows of all ``parts``."""
        columns = {
            f.name: np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(cls)
        }
        return cls(**columns)

    def merged(self, opens: NDArray[np.bool_]) -> "Pieces":
        """Return one row for each movement that ``opens``, joined with the rows that follow it."""
        if not len(self):
            return self
        first = np.flatnonzero(opens[: len(self)])
        last = np.append(first[1:], len(self)) - 1
        return Pieces(
            ticks=np.column_stack((self.ticks[first, 0], self.ticks[last, 1])),
            before_g=self.before_g[first],
            after_g=self.after_g[last],
            total_g=np.add.reduceat(self.total_g, first),
            peak_g=np.maximum.reduceat(self.peak_g, first),
        )


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class MovedStretch:
    """Movements in the core of a stretch.

    Attributes
    ----------
    pieces : Pieces
    turning : Intervals
        Ticks in which gravity turns.
    floor_g : float32 array, shape (n_hops,)
        Noise floor every 5 s.
    trace : StretchTrace or None
        The arrays behind all this, where asked for.
    """

    pieces: Pieces
    turning: Intervals
    floor_g: NDArray[np.float32]
    trace: StretchTrace | None = None


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Magnitude:
    """Magnitude of the motion of a stretch with its noise floor and swell, tick by tick.

    Attributes
    ----------
    skip : int
        Ticks of the stretch before the first one here.
    norm_g, floor_g, swell_g : float32 arrays, shape (n,)
    hops_g : array
        The floor at the edges of hops.
    blocked : Intervals
        Ticks that cannot be trusted, from the first one here.
    """

    skip: int
    norm_g: NDArray[np.float32]
    floor_g: NDArray[np.float32]
    swell_g: NDArray[np.float32]
    hops_g: NDArray[np.float64]
    blocked: Intervals


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Edges:
    """Movements with the acceleration at rest before and after each."""

    ticks: Intervals
    before_g: NDArray[np.float64]
    after_g: NDArray[np.float64]


def moved_in(
    motion: FilteredMotion, rule: AccelerometerRule, start_s: float | None = None
) -> MovedStretch:
    """Return the movements in the core of a stretch, measured with the samples around it.

    With ``start_s``, the time of tick 0 of the signal, the result has a trace.
    """
    rule = rule.for_axes(motion.fast_g.shape[1])
    found = magnitude_of(motion, rule)
    skip, norm, blocked, hops = found.skip, found.norm_g, found.blocked, found.hops_g
    n, floor, swell = len(norm), found.floor_g, found.swell_g
    level = centred_mean(running_sum(norm), odd_samples_nearest(rule.level_s, GRID_HZ))
    off, on = thresholds(floor, swell, rule)
    coarse = _coarse(level, off, on, blocked, rule)
    quiet = np.maximum(rule.edge_above_floor * floor, rule.off_above_swell * swell)
    edges = edges_of(coarse, motion.smooth_g[skip:], (quiet, blocked), rule)
    ticks = edges.ticks + motion.first + skip
    sums = running_sum(norm - np.nan_to_num(floor))
    low, high = motion.core
    clipped = np.clip(ticks, low, high)
    inside = clipped[:, 1] > clipped[:, 0]
    local = clipped - motion.first - skip
    pieces = Pieces(
        ticks=clipped,
        before_g=edges.before_g,
        after_g=edges.after_g,
        total_g=sums[np.clip(local[:, 1], 0, n)] - sums[np.clip(local[:, 0], 0, n)],
        peak_g=_peaks(norm, local),
    ).rows(inside)
    shift = motion.first + skip
    first_hop, last_hop = ((tick - shift) // _HOP_TICKS for tick in motion.core)
    trace = None
    if start_s is not None:
        samples = norm.copy()
        samples[paint(blocked, n)] = np.nan
        trace = StretchTrace(
            core_s=(start_s + low / GRID_HZ, start_s + high / GRID_HZ),
            start_s=start_s + shift / GRID_HZ,
            rate_hz=GRID_HZ,
            samples=samples,
            step=1,
            level=level,
            rest=floor,
            on=on,
            off=off,
        )
    return MovedStretch(
        pieces=pieces,
        turning=intersect(turning_runs(motion), np.array([[low, high]])),
        floor_g=hops[max(first_hop, 0) : max(last_hop, 1)].astype(np.float32),
        trace=trace,
    )


def magnitude_of(motion: FilteredMotion, rule: AccelerometerRule) -> Magnitude:
    """Return the magnitude of a stretch with its floor and swell."""
    skip = -motion.first % _HOP_TICKS  # all stretches share one grid of floor values
    n = max(len(motion) - skip, 0)
    blocked = np.clip(motion.blocked - motion.first - skip, 0, n)
    blocked = drop_shorter_than(1, blocked)
    norm = vector_norm(motion.fast_g[skip:])
    hops, swell = background(norm, blocked, rule)
    return Magnitude(
        skip=skip,
        norm_g=norm,
        floor_g=ramp_between(hops, _HOP_TICKS, (0, n)),
        swell_g=ramp_between(swell, _HOP_TICKS, (0, n)),
        hops_g=hops,
        blocked=blocked,
    )


def background(
    norm_g: NDArray[np.float32], blocked: Intervals, rule: AccelerometerRule
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the noise floor and the swell at the edges of hops of 5 s.

    The floor is the level between recurring movements; the swell is the level of the loudest half
    second in every 5 s, which includes breath and pulse.  NaN where too little is usable.
    """
    whole = len(norm_g) // _CELL_TICKS * _CELL_TICKS
    cells = norm_g[:whole].reshape(-1, _CELL_TICKS).mean(axis=1).astype(np.float64)
    bad = paint(blocked, len(norm_g))[:whole].reshape(-1, _CELL_TICKS).any(axis=1)
    cells[bad] = np.nan
    resting = RestingLevelRule(
        window_s=rule.floor_window_s * CELL_S / _CELL_S,
        quantile=rule.floor_quantile,
        within_uv=1e-6,
        within_share=0.5,
    )
    floor = np.minimum(resting_level(cells, resting), rule.max_floor_g)
    n_hops = len(cells) // HOP_CELLS
    if not n_hops:
        return floor, floor
    with np.errstate(invalid="ignore"):
        peaks = np.fmax.reduce(cells[: n_hops * HOP_CELLS].reshape(-1, HOP_CELLS), axis=1)
    width = min(n_hops, max(1, round(rule.floor_window_s / _CELL_S / HOP_CELLS)))
    views = np.lib.stride_tricks.sliding_window_view(peaks, width)
    levels = low_levels(views, replace(resting, quantile=rule.swell_quantile, within_share=0.25))
    edge = np.arange(n_hops + 1)
    after = levels[np.minimum(edge, len(levels) - 1)]
    before = levels[np.clip(edge - width, 0, len(levels) - 1)]
    return floor, np.minimum(np.fmax(before, after), rule.max_swell_g)


def thresholds(
    floor: NDArray[np.float32], swell: NDArray[np.float32], rule: AccelerometerRule
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the off and the on threshold at each tick."""
    quiet = np.maximum(rule.off_above_floor * floor, rule.off_above_swell * swell)
    loud = np.maximum(rule.on_above_floor * floor, rule.on_above_swell * swell)
    return np.maximum(quiet, rule.min_off_g), np.maximum(loud, rule.min_on_g)


def edges_of(
    coarse: Intervals, smooth_g: NDArray[np.float32], around: Surroundings, rule: AccelerometerRule
) -> Edges:
    """Return the movements with exact edges, however short.

    Parameters
    ----------
    coarse : Intervals
        Ticks, disjoint.
    smooth_g : array, shape (n, n_axes)
    around : tuple
    rule : AccelerometerRule
    """
    quiet, blocked = around
    n, n_axes = smooth_g.shape
    if not len(coarse):
        empty = np.empty((0, n_axes))
        return Edges(ticks=coarse, before_g=empty, after_g=empty)
    walls = np.sort(np.concatenate((coarse.ravel(), blocked.ravel(), [0, n])))
    forward = _Side(smooth_g, quiet, rule)
    before, onset = forward.edge(coarse, walls)
    # the same backwards in time
    mirrored = n - coarse[::-1, ::-1]
    backward = _Side(smooth_g[::-1], quiet[::-1], rule)
    after, end = backward.edge(mirrored, n - walls[::-1])
    ticks = np.column_stack((onset, np.maximum(n - end[::-1], onset + 1)))
    # the edge of a weak movement may be found too far away: clip it at its neighbours
    ticks[:-1, 1] = np.minimum(ticks[:-1, 1], np.maximum(ticks[1:, 0], ticks[:-1, 0] + 1))
    return Edges(ticks=ticks, before_g=before, after_g=after[::-1])


def turning_runs(motion: FilteredMotion) -> Intervals:
    """Return the ticks in which gravity turns, from tick 0 of the signal."""
    n_steps, second = len(motion) // _TURN_STEP, _TURN_TICKS // _TURN_STEP
    if n_steps < 3 * second:
        return np.empty((0, 2), dtype=np.int64)
    ticks = motion.smooth_g[: n_steps * _TURN_STEP]
    steps = np.add.reduce([ticks[row::_TURN_STEP] for row in range(_TURN_STEP)])
    seconds = np.add.reduce([steps[row : n_steps - second + 1 + row] for row in range(second)])
    moved = np.linalg.norm(seconds[2 * second :] - seconds[: -2 * second], axis=1) / _TURN_TICKS
    least = 2 * np.sin(np.radians(_TURN_DEG) / 2)
    turning = runs_of_true(moved >= np.maximum(least, _TURN_OF_SWAY * _usual(moved, motion.first)))
    runs = turning * _TURN_STEP + 3 * _TURN_TICKS // 2 + motion.first
    return union(np.column_stack((runs[:, 0], runs[:, 1])))


def _usual(moved: NDArray[np.float64], first: int) -> NDArray[np.float64]:
    """Return the level that steps of gravity around each step mostly stay below: that of breath.

    Blocks begin at the same ticks of the signal in all stretches.
    """
    block = _TURN_BLOCK_TICKS // _TURN_STEP
    skip = first % _TURN_BLOCK_TICKS // _TURN_STEP
    n_blocks = -(-(skip + len(moved)) // block)
    padded = np.full((n_blocks + 2) * block, np.nan)
    padded[block + skip : block + skip + len(moved)] = moved
    around = np.lib.stride_tricks.sliding_window_view(padded, 3 * block)[::block]
    level = _known_quantile(around, _TURN_QUANTILE)
    return np.repeat(level, block)[skip : skip + len(moved)]


def _known_quantile(rows: NDArray[np.float64], share: float) -> NDArray[np.float64]:
    """Return the quantile of the values in each row that are not NaN.

    ``numpy.nanquantile`` gives the same and takes ten times as long, because it goes row by row.
    """
    ranked = np.sort(rows, axis=1)  # NaN last
    at = share * np.maximum(np.count_nonzero(~np.isnan(rows), axis=1) - 1, 0)
    low = np.floor(at).astype(np.int64)
    row = np.arange(len(rows))
    below, above = ranked[row, low], ranked[row, np.ceil(at).astype(np.int64)]
    rise, part = above - below, at - low
    # from the nearer one, as numpy does, for the same last digit
    return np.asarray(np.where(2 * part < 1, below + rise * part, above - rise * (1 - part)))


def _coarse(
    level: NDArray[np.float32],
    off: NDArray[np.float32],
    on: NDArray[np.float32],
    blocked: Intervals,
    rule: AccelerometerRule,
) -> Intervals:
    """Return active stretches that reach the on threshold, widened by the mean."""
    n = len(level)
    if not n or not np.isfinite(on).any():
        return np.empty((0, 2), dtype=np.int64)
    low = runs_of_true(level <= off)
    reached = runs_of_true(level >= on)
    low = intersect(low, complement(blocked, 0, n))
    quiet_runs = drop_shorter_than(samples_at_least(rule.hold_s, GRID_HZ), low)
    active = complement(union(quiet_runs, blocked), 0, n)
    begins = np.append(reached[:, 0], n)
    row = np.searchsorted(reached[:, 1], active[:, 0], side="right")
    return active[begins[row] < active[:, 1]]


def _peaks(norm: NDArray[np.float32], ticks: Intervals) -> NDArray[np.float64]:
    if not len(ticks):
        return np.empty(0)
    padded = np.append(norm, np.float32(0))
    edges = np.clip(ticks, 0, len(norm)).ravel()
    return np.maximum.reduceat(padded, edges)[::2].astype(np.float64)


@dataclass(frozen=True, slots=True)
class _Side:
    """Finds the edges of movements in one direction of time."""

    smooth_g: NDArray[np.float32]
    quiet: NDArray[np.float32]
    rule: AccelerometerRule

    def edge(
        self, coarse: Intervals, walls: NDArray[np.int64]
    ) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Return the rest before each movement, and the tick at which it begins."""
        begin = coarse[:, 0]
        wall = walls[np.searchsorted(walls, begin, side="left") - 1]
        wall = np.where(begin > wall, wall, 0) if len(walls) else np.zeros_like(begin)
        wall = np.minimum(wall, begin)
        rest = self._rest(begin, wall)
        earliest = np.maximum(begin - _BEFORE_TICKS, wall)
        at = earliest[:, None] + np.arange(_SEARCH_TICKS + _BEFORE_TICKS)
        within = at < coarse[:, 1:]
        at = np.minimum(at, len(self.quiet) - 1)
        off = self.smooth_g[at] - rest[:, None, :].astype(np.float32)
        quiet = self.quiet[np.minimum(begin, len(self.quiet) - 1)]
        quiet = np.maximum(quiet, self.rule.min_off_g)
        still = np.column_stack((wall + _GAP_TICKS, begin - _GAP_TICKS))
        breath = breath_before(self.smooth_g, still, quiet, self.rule.breath)
        off[breath.row] = self.smooth_g[at[breath.row]] - breath.at(at[breath.row])
        quiet[breath.row] = np.maximum(
            quiet[breath.row], self.rule.breath.edge_of_rest * breath.left_g
        )
        deviation = np.sqrt(np.einsum("ijk,ijk->ij", off, off))
        deviation[~within] = 0.0
        peak = deviation.max(axis=1)
        limit = np.maximum(quiet, self.rule.edge_of_peak * peak)
        excess = np.cumsum(np.where(within, deviation - limit[:, None], 0.0), axis=1)
        # nothing after the peak is the onset
        top = np.argmax(deviation, axis=1)
        later = np.arange(at.shape[1]) > top[:, None]
        excess[later] = np.inf
        lowest = np.argmin(excess, axis=1)
        starts_at_once = excess[np.arange(len(excess)), lowest] >= 0
        return rest, np.where(starts_at_once, earliest, earliest + lowest + 1)

    def _rest(self, begin: NDArray[np.int64], wall: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the mean acceleration between each movement and the one before it."""
        stop = np.where(begin - wall > 2 * _GAP_TICKS, begin - _GAP_TICKS, begin)
        start = np.maximum(wall, stop - _REST_TICKS)
        # a movement at the very beginning has no rest before it: its first tick stands for it
        stop = np.maximum(stop, np.minimum(start + 1, len(self.smooth_g)))
        start = np.minimum(start, stop - 1)
        at = start[:, None] + np.arange(_REST_TICKS)
        rows = self.smooth_g[np.minimum(at, len(self.smooth_g) - 1)].astype(np.float64)
        rows[at >= stop[:, None]] = 0.0
        return np.asarray(rows.sum(axis=1) / (stop - start)[:, None])
