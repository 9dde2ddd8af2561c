"""Rhythmic trains in an accelerometer, and how much the sensor moves, in one pass.

A train is a movement that repeats itself at 0.5-4 Hz for at least four cycles and five seconds.
Under 4 Hz is where akathisia was measured (Rapoport 1994, Braude and Barnes 1984, abstracts); four
movements are required by the rules for foot tremor and rhythmic movements (AASM, as quoted); every
other number is psgkit's own choice.  Noise of one axis in a band of an octave or two swings
regularly by chance, too: regularity says how far a train can be trusted.
"""

from collections.abc import Iterable, Iterator
from dataclasses import field

import numpy as np
from numpy.typing import NDArray

from psgkit.conditioning.acceleration.motion import Calibration, MotionStretch, motion_stretches
from psgkit.core.acceleration import Acceleration
from psgkit.core.bounds import SLACK_S
from psgkit.core.dataclass import dataclass
from psgkit.core.message import translatable
from psgkit.core.ranges import check_ranges
from psgkit.core.rhythms import Rhythms
from psgkit.core.site import Site
from psgkit.detect.accelerometer.trains.grid import MotionBand, MotionGrid, motion_grid
from psgkit.detect.accelerometer.trains.period import (
    PeriodRule,
    PeriodTrack,
    energy_sums,
    floor_energy,
    period_track,
)

LEVEL_HZ = 2.0
_RATE_SHARE = 2.5
"""A rate of this many times a frequency records it: twice in theory, the rest is for the filter."""
_HALF_OCTAVE = 0.5
_SMOOTH = 2
"""Half width, in steps, of the median that removes single octave errors."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RhythmRule:
    """Trains of one kind.

    Attributes
    ----------
    kind : str
        Of ``Rhythms``.
    band : MotionBand
    period : PeriodRule
    least_cycles, least_s : float
        Minimum length of a train in cycles and in seconds, less the half cycle by which its ends
        are uncertain.
    least_steps : int
        Minimum number of search steps that agree; a single one is chance among thousands of jerks.
    least_best : float
        Minimum correlation of the best step; single jerks seldom reach it.
    drift : float
        Maximum relative change of frequency from step to step; over a train it may change more.
    join_s : float
        A shorter pause, or less than a cycle, is part of a train.
    edge_share : float
        A train begins and ends where its energy over a cycle reaches this share of its median.
    """

    kind: str = "rhythm"
    band: MotionBand = field(default_factory=MotionBand)
    period: PeriodRule = field(default_factory=PeriodRule)
    least_cycles: float = 4.0
    least_s: float = 5.0
    least_steps: int = 2
    least_best: float = 0.8
    drift: float = 0.2
    join_s: float = 1.5
    edge_share: float = 0.3

    def __post_init__(self) -> None:
        check_ranges(self)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class MotionScan:
    """Trains and level of one sensor.

    Attributes
    ----------
    place, site : str, Site
    trains : Rhythms
        Of one kind, disjoint.
    rms_g : float64 array, shape (n_trains,)
        Amplitude of each train: root mean square of the vector in the band.
    level_g : float32 array, shape (n,)
        Root mean square of every half second; NaN where the sensor was missing.
    level_start_s, level_rate_hz : float
        Time of the first, and values per second.
    """

    place: str
    site: Site
    trains: Rhythms
    rms_g: NDArray[np.float64]
    level_g: NDArray[np.float32]
    level_start_s: float
    level_rate_hz: float = LEVEL_HZ


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class StretchTrains:
    """Trains of one stretch, rows of onset, end, frequency, regularity and rms; and its level."""

    rows: NDArray[np.float64]
    level_g: NDArray[np.float32]


def scan_motion(
    acceleration: Acceleration,
    calibration: Calibration | None = None,
    rule: RhythmRule | None = None,
) -> MotionScan:
    """Return the trains of a sensor and how much it moves.

    Examples
    --------
    >>> from psgkit.core.signal import Signal
    >>> time_s = np.arange(6000) / 50.0
    >>> swing = np.where((time_s > 30) & (time_s < 60), 0.1 * np.sin(2 * np.pi * 1.5 * time_s), 0.0)
    >>> sensor = Acceleration(
    ...     axes=(Signal(samples=swing, rate_hz=50.0, unit="g"),), place="left_ankle")
    >>> trains = scan_motion(sensor).trains
    >>> trains.onset_s.round().tolist(), trains.end_s.round().tolist()
    ([30.0], [60.0])
    >>> trains.frequency_hz.round(1).tolist()
    [1.5]
    """
    rule = rule or RhythmRule()
    walk = motion_stretches(acceleration, calibration or Calibration())
    found = [trains_of_stretch(stretch, rule) for stretch in walk]
    return joined_trains(found, acceleration, rule)


def why_unseen(acceleration: Acceleration, rule: RhythmRule | None = None) -> str:
    """Return why the rate of a sensor is too low for the fastest trains, or an empty text.

    Examples
    --------
    >>> from psgkit.core.signal import Signal
    >>> axis = Signal(samples=np.zeros(10), rate_hz=5.0, unit="g")
    >>> why_unseen(Acceleration(axes=(axis,), place="left_ankle"))
    'left_ankle: 5 Hz, rhythms up to 4 Hz need 10 Hz'
    """
    rule = rule or RhythmRule()
    needed_hz = _RATE_SHARE * rule.period.high_hz
    if acceleration.rate_hz >= needed_hz - SLACK_S:
        return ""
    return translatable(
        f"{acceleration.place}: {acceleration.rate_hz:g} Hz, rhythms up to "
        f"{rule.period.high_hz:g} Hz need {needed_hz:g} Hz"
    )


def trains_of_stretch(stretch: MotionStretch, rule: RhythmRule) -> StretchTrains:
    """Return the trains of one stretch, clipped to its core; see ``joined_trains``."""
    return trains_on_grid(motion_grid(stretch, rule.band), rule)


def trains_on_grid(grid: MotionGrid, rule: RhythmRule) -> StretchTrains:
    """Return the trains of a stretch that is already on the grid of ``rule.band``."""
    sums = energy_sums(grid)
    floor = floor_energy(sums, grid.rate_hz, rule.period)
    track = period_track(grid, sums, rule.period, floor)
    seen = np.concatenate(([0], np.cumsum(~grid.usable)))
    track = track.where(seen[track.first] == seen[track.last])
    rows = [
        row
        for steps in _groups(track, rule)
        if (row := _train(steps, sums, (grid.rate_hz, floor), rule)) is not None
    ]
    table = _disjoint(rows, rule)
    table[:, :2] = np.clip(table[:, :2] + grid.start_s, *grid.core_s)
    return StretchTrains(
        rows=table[table[:, 1] > table[:, 0] + SLACK_S], level_g=_level(grid, sums, seen)
    )


def joined_trains(
    stretches: Iterable[StretchTrains], acceleration: Acceleration, rule: RhythmRule
) -> MotionScan:
    """Return the stretches of one sensor as one scan; a train across a border is one train."""
    parts = list(stretches)
    rows = np.concatenate([np.empty((0, 5)), *(part.rows for part in parts)])
    table = _disjoint(list(rows), rule)
    table = table[table[:, 1] - table[:, 0] >= _least_s(table[:, 2], rule)]
    duration_s = table[:, 1] - table[:, 0]
    trains = Rhythms.of(
        table[:, 0],
        table[:, 1],
        table[:, 2],
        site=acceleration.site,
        modality="accelerometer",
        kind=rule.kind,
        place=acceleration.place,
        bursts_n=np.round(duration_s * table[:, 2]).astype(np.int64),
        regularity=table[:, 3],
    )
    none = [np.empty(0, dtype=np.float32)]
    return MotionScan(
        place=acceleration.place,
        site=acceleration.site,
        trains=trains,
        rms_g=table[:, 4],
        level_g=np.concatenate([*none, *(part.level_g for part in parts)]),
        level_start_s=acceleration.start_s,
    )


def _least_s(frequency_hz: NDArray[np.float64], rule: RhythmRule) -> NDArray[np.float64]:
    """Return the minimum measured length of a train of each frequency."""
    half_cycle = 0.5 / frequency_hz
    return np.maximum(rule.least_s, rule.least_cycles / frequency_hz) - half_cycle - SLACK_S


def _groups(track: PeriodTrack, rule: RhythmRule) -> Iterator[PeriodTrack]:
    """Yield the overlapping steps of each train, which agree in frequency and meet the rule."""
    n = len(track.first)
    if not n:
        return
    edges = np.pad(track.frequency_hz, _SMOOTH, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(edges, 2 * _SMOOTH + 1)
    smooth = np.log(np.median(windows, axis=1))
    apart = track.first[1:] > np.maximum.accumulate(track.last)[:-1]
    apart |= np.abs(np.diff(smooth)) > np.log1p(rule.drift)
    cuts = np.concatenate(([0], np.flatnonzero(apart) + 1))
    best = np.maximum.reduceat(track.correlation, cuts)
    # most are single jerks, and there may be thousands
    chosen = (np.diff(cuts, append=n) >= rule.least_steps) & (best >= rule.least_best)
    for begin, end in np.column_stack((cuts, [*cuts[1:], n]))[chosen].tolist():
        yield track.where(np.arange(begin, end))


def _train(
    steps: PeriodTrack,
    sums: NDArray[np.float64],
    signal: tuple[float, float],
    rule: RhythmRule,
) -> NDArray[np.float64] | None:
    """Return a train as a row, its ends where its energy begins and ends; None if too short."""
    rate_hz, floor = signal
    frequency = float(np.median(steps.frequency_hz))
    cycle = max(2, round(rate_hz / frequency))
    middles = np.arange(steps.first.min(), steps.last.max() + 1)
    begin = np.clip(middles - cycle // 2, 0, len(sums) - 1 - cycle)
    energy = np.maximum((sums[begin + cycle] - sums[begin]) / cycle - floor, 0)
    usual = float(np.median(energy))
    inside = middles[energy >= rule.edge_share * usual]
    onset, end = inside[0] / rate_hz, inside[-1] / rate_hz
    if end - onset < _least_s(np.array(frequency), rule):
        return None
    return np.array([onset, end, frequency, steps.correlation.mean(), np.sqrt(usual)])


def _disjoint(rows: list[NDArray[np.float64]], rule: RhythmRule) -> NDArray[np.float64]:
    """Return rows without overlap: trains that touch and agree in frequency become one."""
    kept: list[NDArray[np.float64]] = []
    for row in sorted(rows, key=lambda row: (row[0], -row[1])):
        last = kept[-1] if kept else None
        if last is None or row[0] > last[1] + max(rule.join_s, 1 / last[2]):
            kept.append(row.copy())
        elif _agree(row[2] / last[2], rule):
            kept[-1] = _merged(last, row)
        elif row[1] > last[1]:
            border = max(row[0], (min(last[1], row[1]) + row[0]) / 2)
            last[1] = min(last[1], border)
            kept.append(np.concatenate(([border], row[1:])))
    return np.array(kept).reshape(-1, 5)


def _agree(ratio: float, rule: RhythmRule) -> bool:
    """Return whether two frequencies are the same, or the same but for an octave error."""
    octaves = abs(np.log2(ratio))
    return bool(min(octaves, abs(octaves - 1)) <= np.log2(1 + rule.drift))


def _merged(first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return two rows as one; if their frequencies are an octave apart, that of the longer."""
    lengths = np.array([first[1] - first[0], second[1] - second[0]])
    mean = np.average([first[2:], second[2:]], axis=0, weights=lengths + SLACK_S)
    if abs(np.log2(first[2] / second[2])) > _HALF_OCTAVE:
        mean[0] = (first, second)[int(np.argmax(lengths))][2]
    return np.array([first[0], max(first[1], second[1]), *mean])


def _level(
    grid: MotionGrid, sums: NDArray[np.float64], bad: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Return the root mean square of each half second of the core, NaN where missing."""
    begin, end = grid.core_s
    count = max(1, round(LEVEL_HZ * (end - begin)))
    times = begin - grid.start_s + np.arange(count + 1) / LEVEL_HZ
    edges = np.clip(np.round(times * grid.rate_hz).astype(np.int64), 0, len(sums) - 1)
    edges[:-1] = np.minimum(edges[:-1], max(len(sums) - 2, 0))
    width = np.maximum(np.diff(edges), 1)
    level = np.sqrt(np.maximum(np.diff(sums[edges]) / width, 0))
    return np.where(np.diff(bad[edges]) > 0, np.nan, level).astype(np.float32)
