"""Period of a movement and how well it repeats, whatever the orientation of the sensor.

The measure is the autocorrelation of the whole vector (the products of all axes summed): it does
not change when the sensor is rotated, and unlike that of the norm it does not beat twice a swing.
Its window grows with the lag, so that it always spans the cycles a train must have, and the energy
of the noise floor, which does not repeat itself, is taken out of the denominator.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.intervals import paint
from psgkit.core.ranges import check_ranges
from psgkit.detect.accelerometer.trains.grid import MotionGrid

_DENSE = 22
"""All lags up to this are tried, every second one up to twice this, then every fourth: about equal
relative steps."""
_EDGE_LOW, _EDGE_HIGH = 0.95, 1.04
"""Slack for a frequency measured at an end of the range."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PeriodRule:
    """When a step counts as periodic; the numbers are psgkit's own choice.

    Attributes
    ----------
    low_hz, high_hz : float
        Fundamental frequencies looked for.
    cycles, least_s : float
        Minimum length of the window in cycles and in seconds.
    hop_s : float
        Time between steps.
    least_correlation : float
        1 is perfect repetition, 0 none.
    valley : float
        Minimum rise of the correlation from its lowest value at shorter lags.
    octave : float
        A shorter period is preferred if its correlation is at least this share of the best, because
        a movement also repeats after two periods.
    least_share : float
        Minimum energy of the weakest quarter of the window, as a share of the mean quarter; it
        excludes a single jerk that rings.
    least_rms_g, above_floor : float
        Minimum size of the movement, and minimum ratio of its energy to that of the floor.
    floor_percentile, floor_most_g : float
        The floor is this percentile of the minutes around, limited to ``floor_most_g`` for sensors
        that never rest.
    """

    low_hz: float = 0.5
    high_hz: float = 4.0
    cycles: float = 4.0
    least_s: float = 3.0
    hop_s: float = 0.5
    least_correlation: float = 0.7
    valley: float = 0.5
    octave: float = 0.88
    least_share: float = 0.3
    least_rms_g: float = 0.004
    above_floor: float = 2.0
    floor_percentile: float = 10.0
    floor_most_g: float = 0.01

    def __post_init__(self) -> None:
        check_ranges(self)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class PeriodTrack:
    """Steps that are periodic.

    Attributes
    ----------
    first, last : int64 arrays, shape (n,)
        Samples of the grid that the window of the step spans.
    frequency_hz, correlation : float64 arrays, shape (n,)
    """

    first: NDArray[np.int64]
    last: NDArray[np.int64]
    frequency_hz: NDArray[np.float64]
    correlation: NDArray[np.float64]

    def where(self, chosen: NDArray[Any]) -> "PeriodTrack":
        """Return the steps that a mask or an index array chooses."""
        return PeriodTrack(
            first=self.first[chosen],
            last=self.last[chosen],
            frequency_hz=self.frequency_hz[chosen],
            correlation=self.correlation[chosen],
        )


def energy_sums(grid: MotionGrid) -> NDArray[np.float64]:
    """Return the running sum of energy in g squared, shape ``(n + 1,)``, first entry 0."""
    energy = np.einsum("ij,ij->j", grid.motion_g, grid.motion_g)
    return np.concatenate(([0.0], np.cumsum(energy, dtype=np.float64)))


def floor_energy(sums: NDArray[np.float64], rate_hz: float, rule: PeriodRule) -> float:
    """Return the energy per sample of the noise floor: a low percentile of one-second means.

    Examples
    --------
    >>> sums = np.cumsum(np.concatenate(([0.0], np.full(200, 1e-6), np.full(100, 1.0))))
    >>> round(floor_energy(sums, 20.0, PeriodRule()) * 1e6, 3)
    1.0
    """
    seconds = np.diff(sums[:: max(1, round(rate_hz))]) / max(1, round(rate_hz))
    if not len(seconds):
        return 0.0
    low = float(np.percentile(seconds, rule.floor_percentile))
    return min(low, rule.floor_most_g**2)


def period_track(
    grid: MotionGrid, sums: NDArray[np.float64], rule: PeriodRule, floor: float
) -> PeriodTrack:
    """Return the periodic steps of a stretch.

    Parameters
    ----------
    grid : MotionGrid
    sums : float64 array, shape (n + 1,)
        Of ``energy_sums``.
    rule : PeriodRule
    floor : float
        Of ``floor_energy``.

    Examples
    --------
    >>> swing = 0.1 * np.sin(2 * np.pi * 1.25 * np.arange(400) / 20.0)
    >>> grid = MotionGrid(
    ...     motion_g=swing[None].astype(np.float32), usable=np.ones(400, bool),
    ...     rate_hz=20.0, start_s=0.0, core_s=(0.0, 20.0))
    >>> track = period_track(grid, energy_sums(grid), PeriodRule(), 0.0)
    >>> round(float(np.median(track.frequency_hz)), 2)
    1.25
    """
    hop = max(1, _samples(rule.hop_s, grid.rate_hz))
    n_blocks = grid.motion_g.shape[1] // hop
    steps = _loud_steps(sums, grid.rate_hz, rule, floor)
    if not len(steps) or not n_blocks:
        return _no_steps()
    # only the surroundings of loud steps are searched; no window crosses from piece to piece
    reach = _samples(max(rule.least_s, rule.cycles / rule.low_hz) / 2, grid.rate_hz) // hop + 2
    near = paint(np.column_stack((steps - reach, steps + reach)), n_blocks)
    lags = _lags(rule, grid.rate_hz)
    blocks = grid.motion_g[:, : n_blocks * hop].T.reshape(n_blocks, -1)[near]
    place = np.cumsum(near, dtype=np.int64)[steps] - 1
    part = _Blocks(motion=blocks, hop=hop, n_axes=len(grid.motion_g), steps=place)
    height = _correlations(part, lags, (rule, grid.rate_hz, floor))
    found = _peaks(height, lags, rule)
    return _judged(steps * hop, found, (sums, grid.rate_hz), rule, floor)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Blocks:
    """Samples in blocks of a hop, axes side by side for fast products, and the steps to search."""

    motion: NDArray[np.float32]
    hop: int
    n_axes: int
    steps: NDArray[np.int64]


def _samples(seconds: float, rate_hz: float) -> int:
    return round(seconds * rate_hz)


def _no_steps() -> PeriodTrack:
    none, nothing = np.empty(0, dtype=np.int64), np.empty(0)
    return PeriodTrack(first=none, last=none, frequency_hz=nothing, correlation=nothing)


def _loud_steps(
    sums: NDArray[np.float64], rate_hz: float, rule: PeriodRule, floor: float
) -> NDArray[np.int64]:
    """Return the steps with movement before and after, which may be part of a train."""
    n, half = len(sums) - 1, max(1, _samples(rule.least_s / 2, rate_hz))
    hop = max(1, _samples(rule.hop_s, rate_hz))
    steps = np.arange(n // hop)
    centres = steps * hop
    before = (sums[centres] - sums[np.maximum(centres - half, 0)]) / half
    after = (sums[np.minimum(centres + half, n)] - sums[centres]) / half
    # half of the required energy: the window may reach farther than this check
    wanted = 0.5 * max(rule.least_rms_g**2, rule.above_floor * floor)
    return steps[np.minimum(before, after) >= wanted]


def _lags(rule: PeriodRule, rate_hz: float) -> NDArray[np.int64]:
    """Return the lags to try: down to half the shortest period, where the valley lies."""
    shortest = max(1, int(rate_hz / rule.high_hz / 2))
    longest = int(np.ceil(rate_hz / rule.low_hz)) + 3
    edges = [shortest, _DENSE, 2 * _DENSE, longest + 4]
    parts = [np.arange(edges[k], edges[k + 1], 2**k) for k in range(3)]
    return np.unique(np.concatenate(parts))


def _correlations(
    part: _Blocks, lags: NDArray[np.int64], how: tuple[PeriodRule, float, float]
) -> NDArray[np.float32]:
    """Return the correlation at each lag and step, shape ``(n_lags, n_steps)``."""
    rule, rate_hz, floor = how
    n, width = part.motion.shape
    flat = np.pad(part.motion.reshape(-1), (0, int(lags[-1]) * part.n_axes))
    square = flat.reshape(-1, part.n_axes) ** 2 @ np.ones(part.n_axes, dtype=np.float32)
    energy = np.concatenate(([0.0], np.cumsum(square, dtype=np.float64)))
    found = np.zeros((len(lags), len(part.steps)), dtype=np.float32)
    products = np.zeros(n + 1)
    window, stop = (0, 0), n * part.hop + 1
    for row, lag in enumerate(lags.tolist()):
        later = flat[lag * part.n_axes :][: n * width].reshape(n, width)
        products[1:] = np.einsum("ij,ij->i", part.motion, later)
        np.cumsum(products[1:], out=products[1:])
        span = max(rule.cycles * lag, rule.least_s * rate_hz)
        length, half = max(1, round((span - lag) / part.hop)), round(span / 2 / part.hop)
        if window != (length, half):
            # most lags share one window
            window = length, half
            begin = np.clip(part.steps - half, 0, max(n - length, 0))
            end = np.minimum(begin + length, n)
            here = energy[: stop : part.hop]
            before = here[end] - here[begin]
        there = energy[lag : stop + lag : part.hop]
        both = before + there[end] - there[begin]
        # noise does not repeat; at most three quarters of the energy count as noise
        below = np.maximum(0.5 * both - floor * length * part.hop, 0.125 * both) + 1e-12
        found[row] = (products[end] - products[begin]) / below
    return found


def _peaks(
    height: NDArray[np.float32], lags: NDArray[np.int64], rule: PeriodRule
) -> tuple[NDArray[np.float64], ...]:
    """Return for each step the lag between samples, its correlation and the valley before it."""
    middle = height[1:-1]
    is_peak = (middle >= height[:-2]) & (middle > height[2:])
    peaks = np.where(is_peak, middle, np.float32(-1))
    row = np.argmax(peaks >= rule.octave * peaks.max(axis=0), axis=0) + 1
    steps = np.arange(height.shape[1])
    left, top, right = (height[row + k, steps].astype(np.float64) for k in (-1, 0, 1))
    before, after = lags[row] - lags[row - 1], lags[row + 1] - lags[row]
    # parabola through three points, which may be unequally spaced
    rise, fall = (top - left) / before, (right - top) / after
    curve = (fall - rise) / (before + after)
    slope = (rise * after + fall * before) / (before + after)
    bent = np.minimum(curve, -1e-9)
    shift = np.clip(-slope / (2 * bent), -before, after)
    valley = np.minimum.accumulate(height, axis=0)[row, steps]
    return lags[row] + shift, top + slope * shift + bent * shift**2, valley.astype(np.float64)


def _judged(
    centres: NDArray[np.int64],
    found: tuple[NDArray[np.float64], ...],
    signal: tuple[NDArray[np.float64], float],
    rule: PeriodRule,
    floor: float,
) -> PeriodTrack:
    """Return the steps that meet the rule."""
    (lag, height, valley), (sums, rate_hz) = found, signal
    frequency = rate_hz / lag
    span = np.maximum(rule.cycles / frequency, rule.least_s) * rate_hz
    quarters = np.round(centres + np.outer(np.linspace(-0.5, 0.5, 5), span)).astype(np.int64)
    ok = (quarters[0] >= -rate_hz * rule.hop_s) & (
        quarters[-1] <= len(sums) - 1 + rate_hz * rule.hop_s
    )
    quarters = np.clip(quarters, 0, len(sums) - 1)
    energy = np.diff(sums[quarters], axis=0)
    mean = energy.sum(axis=0) / span
    ok &= (height >= rule.least_correlation) & (height - valley >= rule.valley)
    ok &= (frequency >= rule.low_hz * _EDGE_LOW) & (frequency <= rule.high_hz * _EDGE_HIGH)
    ok &= mean >= max(rule.least_rms_g**2, rule.above_floor * floor)
    ok &= energy.min(axis=0) >= rule.least_share * mean * span / 4
    return PeriodTrack(
        first=quarters[0][ok],
        last=quarters[-1][ok],
        frequency_hz=frequency[ok],
        correlation=np.minimum(height[ok], 1.0),
    )
