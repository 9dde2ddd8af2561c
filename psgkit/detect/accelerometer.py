"""Detect limb jerks in one accelerometer, however long."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from psgkit.conditioning.band import Band
from psgkit.conditioning.calibration import CalibrationResult, CalibrationRule, calibrate
from psgkit.conditioning.gravity import GravityTrack, calibrated_limits, track_part
from psgkit.conditioning.motion import Calibration, motion_stretches
from psgkit.conditioning.motion_filter import (
    GRID_HZ,
    FilteredMotion,
    MotionBands,
    filtered_motion,
)
from psgkit.conditioning.usable import Unusable
from psgkit.core.acceleration import Acceleration
from psgkit.core.frozen import words
from psgkit.core.intervals import Intervals, paint, total, union
from psgkit.core.movements import Movements
from psgkit.core.site import Site
from psgkit.detect.accelerometer_rule import AccelerometerRule
from psgkit.detect.accelerometer_stretch import MovedStretch, Pieces, moved_in
from psgkit.detect.accelerometer_turns import sort_movements
from psgkit.detect.motion_rhythm import (
    MotionScan,
    RhythmRule,
    StretchTrains,
    joined_trains,
    scan_motion,
    trains_on_grid,
)
from psgkit.detect.motion_rhythm_grid import MotionGrid

MIN_RATE_HZ = 10.0
"""Below this nothing is left of the band in which a limb jerk can be told from a slow turn."""

_CORE_S = 1800.0
_MARGIN_S = 150.0
"""The floor looks two minutes to each side, and the slowest filter rings for half a minute."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AccelerometerDetection:
    """Everything that turns acceleration into movements, as data.

    Attributes
    ----------
    rule : AccelerometerRule
    bands : MotionBands
        For limbs.
    trunk_bands : MotionBands
        For the trunk: every breath tilts it by some mg, below 0.8 Hz.  That number is ours.
    calibration : CalibrationRule
    """

    rule: AccelerometerRule = field(default_factory=AccelerometerRule)
    bands: MotionBands = field(default_factory=MotionBands)
    trunk_bands: MotionBands = field(
        default_factory=lambda: MotionBands(movement=Band(low_hz=0.8, high_hz=10.0, order=2))
    )
    calibration: CalibrationRule = field(default_factory=CalibrationRule)

    def bands_at(self, site: Site) -> MotionBands:
        """Return the bands for a sensor worn at ``site``."""
        return self.trunk_bands if site == Site.TRUNK else self.bands


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class AccelerometerResult:
    """Movements of one stretch of a sensor, and what was met on the way.

    Attributes
    ----------
    movements : Movements
        Limb jerks.
    gross : Movements
        Changes of position and movements of more than 10 s: no jerks, but they end a series.
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


def detect_accelerometer(
    acceleration: Acceleration,
    detection: AccelerometerDetection | None = None,
    calibration: CalibrationResult | None = None,
    rhythm: RhythmRule | None = None,
) -> AccelerometerResult:
    """Return the limb jerks of one stretch of a sensor.

    Parameters
    ----------
    acceleration : Acceleration
    detection : AccelerometerDetection, optional
    calibration : CalibrationResult, optional
        Of the whole recording; found from this stretch by default.
    rhythm : RhythmRule, optional
        Trains to be looked for in the same walk: reading and transforming is most of the work.

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
    # a rule with a grid of its own needs a walk of its own
    shared = rhythm if rhythm and rhythm.band.grid_hz == GRID_HZ else None
    for motion in filtered_stretches(acceleration, calibration.calibration, detection, shared):
        moved.append(moved_in(motion, detection.rule))
        tracks.append(track_part(motion, start_s))
        blocked.append(motion.blocked)
        unusable.append(motion.unusable)
        if shared:
            trains.append(trains_on_grid(_as_grid(motion, start_s), shared))
    track = GravityTrack.joined(tracks, start_s, n_axes)
    tracks.clear()  # of a week it is the largest thing kept, and need not be there twice
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


def _as_grid(motion: FilteredMotion, start_s: float) -> MotionGrid:
    """Return the band of rhythms as trains are looked for in it."""
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
