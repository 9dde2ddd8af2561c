"""Detect limb jerks in one accelerometer, however long."""

from collections.abc import Iterator
from dataclasses import field, replace

import numpy as np
from numpy.typing import NDArray

from psgkit.conditioning.acceleration.calibration import (
    CalibrationResult,
    CalibrationRule,
    calibrate,
)
from psgkit.conditioning.acceleration.gravity import GravityTrack, calibrated_limits, track_part
from psgkit.conditioning.acceleration.motion import (
    GRID_HZ,
    Calibration,
    FilteredMotion,
    MotionBands,
    filtered_motion,
    motion_stretches,
)
from psgkit.conditioning.emg.band import Band
from psgkit.conditioning.emg.usable import Unusable
from psgkit.core.acceleration import Acceleration
from psgkit.core.bounds import samples_at_least
from psgkit.core.dataclass import dataclass
from psgkit.core.frozen import words
from psgkit.core.intervals import Intervals, group_of_connected, paint, total, union
from psgkit.core.movements import Movements
from psgkit.core.ranges import check_ranges
from psgkit.core.site import Site
from psgkit.detect.accelerometer.rule import AccelerometerRule
from psgkit.detect.accelerometer.stretch import MovedStretch, Pieces, moved_in
from psgkit.detect.accelerometer.trains.find import (
    MotionScan,
    RhythmRule,
    StretchTrains,
    joined_trains,
    scan_motion,
    trains_on_grid,
)
from psgkit.detect.accelerometer.trains.grid import MotionGrid
from psgkit.detect.trace import TakeStretch

MIN_RATE_HZ = 10.0
"""Lower rates do not record the band that separates a limb jerk from a slow turn."""

_CORE_S = 1800.0
_MARGIN_S = 150.0
"""The noise floor uses 2 min on each side; the slowest filter needs half a minute to settle."""
_NEAR_TICKS = int(0.75 * GRID_HZ)
"""A movement this near to turning belongs to the turn."""
_AWAY_ROWS = 2
_MEAN_ROWS = 4
"""Gravity beside a turn: a mean of 2 s, 1 s away from it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AccelerometerDetection:
    """Settings of movement detection in an accelerometer.

    Attributes
    ----------
    rule : AccelerometerRule
    bands : MotionBands
        For limbs.
    trunk_bands : MotionBands
        For the trunk: every breath tilts it by some mg, below 0.8 Hz (psgkit's own choice).
    calibration : CalibrationRule
    """

    rule: AccelerometerRule = field(default_factory=AccelerometerRule)
    bands: MotionBands = field(default_factory=MotionBands)
    trunk_bands: MotionBands = field(
        default_factory=lambda: MotionBands(movement=Band(low_hz=0.8, high_hz=10.0, order=2))
    )
    calibration: CalibrationRule = field(default_factory=CalibrationRule)

    def __post_init__(self) -> None:
        check_ranges(self)

    def bands_at(self, site: Site) -> MotionBands:
        """Return the bands for a sensor worn at ``site``."""
        return self.trunk_bands if site == Site.TRUNK else self.bands


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class AccelerometerResult:
    """Movements of one stretch of a sensor, with gravity, noise floor and unusable time.

    Attributes
    ----------
    movements : Movements
        Limb jerks.
    gross : Movements
        Changes of position and movements of more than 10 s; they end a series.
    gross_angle_deg : float64 array, shape (n_gross,)
        How far each turned the direction of gravity.
    gravity : GravityTrack
    unusable : Intervals
        Seconds, margins included: no movement can be found there.
    share : dict of str to float
        Share of the stretch that is ``missing``, ``flat``, ``saturated``.
    noise_floor_g : float
        Median over the stretch of the mean magnitude at rest; NaN if nothing could be measured.
    calibration : CalibrationResult
    scan : MotionScan or None
        The rhythmic trains, if they were asked for.
    """

    movements: Movements
    gross: Movements
    gross_angle_deg: NDArray[np.float64]
    gravity: GravityTrack
    unusable: Intervals
    share: dict[str, float]
    noise_floor_g: float
    calibration: CalibrationResult
    scan: MotionScan | None = None


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class SortedMovements:
    """Jerks, and gross movements with the angle by which each changed the direction of gravity."""

    jerks: Pieces
    gross: Pieces
    angle_deg: NDArray[np.float64]


def detect_accelerometer(
    acceleration: Acceleration,
    detection: AccelerometerDetection | None = None,
    calibration: CalibrationResult | None = None,
    rhythm: RhythmRule | None = None,
    take: TakeStretch | None = None,
) -> AccelerometerResult:
    """Return the limb jerks of one stretch of a sensor.

    Parameters
    ----------
    acceleration : Acceleration
    detection : AccelerometerDetection, optional
    calibration : CalibrationResult, optional
        Of the whole recording; found from this stretch by default.
    rhythm : RhythmRule, optional
        Rhythmic trains to detect in the same pass.
    take : callable, optional
        Called with the trace of each stretch.

    Raises
    ------
    ValueError
        If the rate is below 10 Hz.

    Examples
    --------
    >>> from psgkit.core.signal import Signal
    >>> rng = np.random.default_rng(0)
    >>> samples = rng.normal([0, 0, 1], 0.003, (60 * 50, 3))
    >>> samples[1000:1100, 0] += 0.1 * np.sin(2 * np.pi * 3 * np.arange(100) / 50)
    >>> axes = tuple(Signal(samples=axis, rate_hz=50.0, unit="g") for axis in samples.T)
    >>> found = detect_accelerometer(Acceleration(axes=axes, place="left_ankle")).movements
    >>> found.onset_s.round(1).tolist(), found.end_s.round(1).tolist()
    ([20.0], [22.0])
    """
    detection = detection or AccelerometerDetection()
    if acceleration.rate_hz < MIN_RATE_HZ:
        raise ValueError(
            f"an accelerometer needs at least {MIN_RATE_HZ:g} Hz, got {acceleration.rate_hz:g} Hz"
        )
    calibration = calibration or calibrate(acceleration, detection.calibration)
    n_axes, start_s = len(acceleration.axes), acceleration.start_s
    moved: list[MovedStretch] = []
    tracks, blocked, unusable = [], [], []
    trains: list[StretchTrains] = []
    # a rule with another grid needs another pass
    shared = rhythm if rhythm and rhythm.band.grid_hz == GRID_HZ else None
    for motion in filtered_stretches(acceleration, calibration.calibration, detection, shared):
        part = moved_in(motion, detection.rule, None if take is None else start_s)
        if take is not None and part.trace is not None:
            take(part.trace)
        moved.append(replace(part, trace=None))
        tracks.append(track_part(motion, start_s))
        blocked.append(motion.blocked)
        unusable.append(motion.unusable)
        if shared:
            trains.append(trains_on_grid(_as_grid(motion, start_s), shared))
    track = GravityTrack.joined(tracks, start_s, n_axes)
    tracks.clear()  # the largest object of a week: do not keep it twice
    pieces = Pieces.joined([part.pieces for part in moved], n_axes)
    turning = union(*(part.turning for part in moved))
    found = sort_movements(pieces, turning, track, detection.rule)
    floors = np.concatenate([np.empty(0), *(part.floor_g for part in moved)])
    return AccelerometerResult(
        movements=_as_movements(found.jerks, acceleration),
        gross=_as_movements(found.gross, acceleration),
        gross_angle_deg=found.angle_deg,
        gravity=track,
        unusable=start_s + union(*blocked) / GRID_HZ,
        share=_shares(unusable, len(acceleration)),
        noise_floor_g=float(np.nanmedian(floors)) if np.isfinite(floors).any() else float("nan"),
        calibration=calibration,
        scan=_scan(trains, acceleration, calibration.calibration, rhythm),
    )


def filtered_stretches(
    acceleration: Acceleration,
    calibration: Calibration,
    detection: AccelerometerDetection,
    rhythm: RhythmRule | None = None,
) -> Iterator[FilteredMotion]:
    """Yield the whole sensor in its bands, and in that of ``rhythm``, stretch by stretch."""
    limits = calibrated_limits(acceleration, calibration)
    bands = detection.bands_at(acceleration.site)
    for stretch in motion_stretches(acceleration, calibration, core_s=_CORE_S, margin_s=_MARGIN_S):
        yield filtered_motion(stretch, bands, limits, rhythm.band if rhythm else None)


def sort_movements(
    pieces: Pieces, turning: Intervals, track: GravityTrack, rule: AccelerometerRule
) -> SortedMovements:
    """Return the limb jerks and the gross movements.

    Movements during one turn of gravity are judged together: a turn of some seconds shows as one
    movement when it starts and another when it stops, each with part of the angle.
    """
    if not len(pieces):
        return SortedMovements(jerks=pieces, gross=pieces, angle_deg=np.empty(0))
    group = _groups(pieces.ticks, turning)
    opens = np.concatenate(([True], group[1:] != group[:-1]))
    whole = pieces.merged(opens)
    angle = angles_deg(whole.before_g, whole.after_g)
    span = _spans(whole.ticks, turning)
    before, after = _beside(span, track)
    turned = span[:, 1] - span[:, 0] > whole.ticks[:, 1] - whole.ticks[:, 0]
    by_track = np.where(turned, angles_deg(before, after), 0.0)
    angle = np.fmax(angle, by_track)
    chord = np.linalg.norm(whole.after_g - whole.before_g, axis=1)
    by_tilt = (angle >= rule.tilt_deg) & (whole.peak_g <= rule.tilt_of_chord * chord)
    changed = (angle >= rule.position_change_deg) | by_tilt
    # a group that did not change the position is as many movements as it has
    alone = pieces.rows(~changed[np.cumsum(opens) - 1])
    long = alone.ticks[:, 1] - alone.ticks[:, 0] > rule.gross_s * GRID_HZ
    longer = alone.rows(long)
    gross = Pieces.concatenated(whole.rows(changed), longer)
    angles = np.concatenate((angle[changed], angles_deg(longer.before_g, longer.after_g)))
    order = np.argsort(gross.ticks[:, 0], kind="stable")
    least = samples_at_least(rule.min_duration_s, GRID_HZ)
    enough = alone.ticks[:, 1] - alone.ticks[:, 0] >= least
    return SortedMovements(
        jerks=alone.rows(~long & enough), gross=gross.rows(order), angle_deg=angles[order]
    )


def angles_deg(before_g: NDArray[np.float64], after_g: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the angle between two directions of gravity, 0 to 180 degrees, row by row.

    With fewer than three axes the missing component completes gravity to 1 g, with the same sign
    before and after, which gives the smallest possible angle.

    Examples
    --------
    >>> angles_deg(np.array([[0.0, 0.0, 1.0]]), np.array([[0.0, 0.9, 0.0]])).round(1).tolist()
    [90.0]
    >>> angles_deg(np.array([[0.0]]), np.array([[0.5]])).round(1).tolist()
    [30.0]
    """
    if before_g.shape[1] < 3:  # noqa: PLR2004 - space has three
        before_g, after_g = _completed(before_g), _completed(after_g)
    lengths = np.linalg.norm(before_g, axis=1) * np.linalg.norm(after_g, axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        cosine = np.einsum("ij,ij->i", before_g, after_g) / lengths
    return np.asarray(np.degrees(np.arccos(np.clip(np.nan_to_num(cosine, nan=1.0), -1, 1))))


def _as_grid(motion: FilteredMotion, start_s: float) -> MotionGrid:
    """Return the rhythm band of a stretch as the grid in which trains are detected."""
    return MotionGrid(
        motion_g=motion.other_g.T,
        usable=~paint(motion.missing - motion.first, len(motion)),
        rate_hz=GRID_HZ,
        start_s=start_s + motion.first / GRID_HZ,
        core_s=(start_s + motion.core[0] / GRID_HZ, start_s + motion.core[1] / GRID_HZ),
    )


def _scan(
    trains: list[StretchTrains],
    acceleration: Acceleration,
    calibration: Calibration,
    rhythm: RhythmRule | None,
) -> MotionScan | None:
    if rhythm is None or rhythm.band.grid_hz == GRID_HZ:
        return joined_trains(trains, acceleration, rhythm) if rhythm else None
    return scan_motion(acceleration, calibration, rhythm)


def _groups(ticks: Intervals, turning: Intervals) -> NDArray[np.int64]:
    """Return a group number for each movement; movements of one turn share it."""
    wide = np.column_stack((ticks[:, 0], ticks[:, 1] + 1))
    if not len(turning):
        return np.arange(len(ticks), dtype=np.int64)
    reach = np.column_stack((turning[:, 0] - _NEAR_TICKS, turning[:, 1] + _NEAR_TICKS))
    rows = np.concatenate((wide, reach))
    order = np.argsort(rows[:, 0], kind="stable")
    numbers = np.empty(len(rows), dtype=np.int64)
    numbers[order] = group_of_connected(rows[order, 0], rows[order, 1])
    return numbers[: len(ticks)]


def _spans(ticks: Intervals, turning: Intervals) -> Intervals:
    """Return each movement extended by the turns it overlaps, as half-open ticks."""
    if not len(turning):
        return ticks
    first = np.searchsorted(turning[:, 1] + _NEAR_TICKS, ticks[:, 0], side="left")
    last = np.searchsorted(turning[:, 0] - _NEAR_TICKS, ticks[:, 1], side="right") - 1
    found = last >= first
    first, last = np.minimum(first, len(turning) - 1), np.maximum(last, 0)
    low = np.where(found, np.minimum(ticks[:, 0], turning[first, 0]), ticks[:, 0])
    high = np.where(found, np.maximum(ticks[:, 1], turning[last, 1]), ticks[:, 1])
    return np.column_stack((low, high))


def _beside(
    span: Intervals, track: GravityTrack
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the mean gravity before and after each span of ticks."""
    n = len(track)
    if not n:
        nothing = np.full((len(span), track.gravity_g.shape[1]), np.nan)
        return nothing, nothing
    first = (span[:, 0] * track.rate_hz // GRID_HZ).astype(np.int64) - _AWAY_ROWS
    last = -(-span[:, 1] * track.rate_hz // GRID_HZ).astype(np.int64) + _AWAY_ROWS
    offsets = np.arange(_MEAN_ROWS)
    rows_before = np.clip(first[:, None] - 1 - offsets, 0, n - 1)
    rows_after = np.clip(last[:, None] + offsets, 0, n - 1)
    before = track.gravity_g[rows_before].mean(axis=1, dtype=np.float64)
    after = track.gravity_g[rows_after].mean(axis=1, dtype=np.float64)
    return before, after


def _completed(seen_g: NDArray[np.float64]) -> NDArray[np.float64]:
    square = np.einsum("ij,ij->i", seen_g, seen_g)
    missing = np.sqrt(np.maximum(1 - square, 0))
    return np.column_stack((seen_g, missing))


def _as_movements(pieces: Pieces, acceleration: Acceleration) -> Movements:
    n = len(pieces)
    length = pieces.ticks[:, 1] - pieces.ticks[:, 0]
    seconds = acceleration.start_s + pieces.ticks / GRID_HZ
    return Movements(
        onset_s=seconds[:, 0],
        end_s=seconds[:, 1],
        site=words([str(acceleration.site)] * n),
        n_parts=np.ones(n, dtype=np.int64),
        amplitude=pieces.total_g / length,
        channels=(acceleration.labels,) * n,
        modality=words(["accelerometer"] * n),
        amplitude_unit=words(["g"] * n),
    )


def _shares(parts: list[Unusable], n_samples: int) -> dict[str, float]:
    return {
        kind: sum(total(getattr(part, kind)) for part in parts) / max(n_samples, 1)
        for kind in ("missing", "flat", "saturated")
    }
