"""Results of all accelerometers of a recording: jerks, trains, walking, posture."""

from collections.abc import Mapping, Sequence
from dataclasses import field, replace

import numpy as np
from numpy.typing import NDArray

from psgkit.conditioning.acceleration.calibration import CalibrationResult
from psgkit.conditioning.acceleration.gravity import GravityTrack
from psgkit.core.acceleration import Acceleration
from psgkit.core.dataclass import dataclass
from psgkit.core.finding import Finding
from psgkit.core.intervals import Intervals, complement, contains, intersect, no_intervals, union
from psgkit.core.message import translatable
from psgkit.core.movements import Movements
from psgkit.core.recording import Recording
from psgkit.core.rhythms import Rhythms
from psgkit.core.site import GROUP_SITES, Site
from psgkit.detect.accelerometer.channels import GROUP_PREFIX, SensorDetection, detect_sensors
from psgkit.detect.accelerometer.trains.find import MotionScan, why_unseen
from psgkit.detect.accelerometer.trains.scratch import SCRATCH, scan_scratch
from psgkit.detect.emg.channels import GroupDetection
from psgkit.detect.posture.detect import TrunkPostures, find_postures_by_gait
from psgkit.detect.posture.gait import GaitRule, measured_gait
from psgkit.detect.posture.walking import Walking, walking_intervals
from psgkit.detect.trace import TraceRecorder
from psgkit.scoring.large_movements import body_part
from psgkit.settings import Settings

_TRUNK_PLACES = ("lumbar", "waist", "back", "sternum", "chest", "recorder")
"""Places from which posture is taken, the best first; any other trunk sensor comes after them."""
_MOSTLY = 0.5
"""What lies at least half in a rhythmic train or in walking belongs to it: psgkit's own choice."""
_N_AXES = 3
_NO_TRUNK = translatable("no accelerometer at the trunk")
_NO_WRIST = translatable("no accelerometer at a wrist")


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Motion:
    """Results of all accelerometers.

    Attributes
    ----------
    groups : mapping of ``accelerometer_<place>`` to GroupDetection
        Without walking and rhythmic trains.
    tracks, sites : mappings of place to GravityTrack and to Site
    walking : Walking
    trunk : TrunkPostures
    rhythms : Rhythms
        Trains and scratching; no steps.
    gross : Intervals
        Changes of position and other movements of more than 10 s at any sensor, seconds.
    scratch_seen : Intervals
        Time observed for scratching, seconds; ``scratch_reason`` is why there is none.
    findings : tuple of Finding
    """

    groups: Mapping[str, GroupDetection]
    tracks: Mapping[str, GravityTrack]
    sites: Mapping[str, Site]
    walking: Walking
    trunk: TrunkPostures
    rhythms: Rhythms
    gross: Intervals
    scratch_seen: Intervals = field(default_factory=lambda: no_intervals(np.float64))
    scratch_reason: str = _NO_WRIST
    findings: tuple[Finding, ...] = ()

    def groups_by_sensor(self) -> dict[str, str]:
        """Return the name of the group of indices of each sensor, by the name of the sensor."""
        return {name.removeprefix(GROUP_PREFIX): name for name in self.groups}

    def with_movements(
        self, movements: Mapping[str, Movements], gross: Mapping[str, Movements]
    ) -> "Motion":
        """Return the same sensors with other jerks and gross movements, by group."""
        groups = {
            name: replace(group, movements=movements[name], gross=gross[name])
            for name, group in self.groups.items()
        }
        return replace(self, groups=groups, gross=_gross(groups))


def _gross(groups: Mapping[str, GroupDetection]) -> Intervals:
    return union(*(group.gross.intervals() for group in groups.values()))


def look_at_sensors(
    recording: Recording,
    settings: Settings,
    asleep: Intervals | None = None,
    in_bed: Intervals | None = None,
    recorder: TraceRecorder | None = None,
    calibrations: Mapping[str, CalibrationResult] | None = None,
) -> Motion:
    """Return the results of the accelerometers that ``choose_accelerometers`` found usable.

    ``asleep`` are seconds of scored sleep, for the mounting of a trunk sensor.  Scratching is
    searched within the seconds ``in_bed`` if given, because hand movements by day resemble it.  A
    ``recorder`` keeps the measured signals.  ``calibrations`` are those already known, by the names
    of sensors.
    """
    detected, findings = detect_sensors(
        recording, settings.accelerometer, settings.rhythm, recorder, calibrations
    )
    scans = {name: _scans(one) for name, one in detected.items()}
    tracks = {one.sensor.name: _whole_track(one) for one in detected.values()}
    by_part = zip(*scans.values(), strict=True) if scans else ()
    walking = _joined_walking([walking_intervals(part, rule=settings.walking) for part in by_part])
    trunk = _postures(detected, walking, settings, asleep)
    trains = {name: Rhythms.joined([scan.trains for scan in own]) for name, own in scans.items()}
    scratch, seen, reason = _scratching(detected, walking, in_bed)
    at_rest = {
        name: _not_scratching(own.where(~_mostly_in(own, walking)), scratch)
        for name, own in trains.items()
    }
    groups = {name: _limbs(one, at_rest[name], walking) for name, one in detected.items()}
    if len(walking.intervals):
        findings.append(_about_walking(walking))
    return Motion(
        groups=groups,
        tracks=tracks,
        sites={one.sensor.name: one.sensor.channels[0].site for one in detected.values()},
        walking=walking,
        trunk=trunk,
        rhythms=Rhythms.joined([*at_rest.values(), scratch]),
        gross=_gross(groups),
        scratch_seen=seen,
        scratch_reason=reason,
        findings=(*findings, *(walking.findings if detected else ()), *trunk.findings),
    )


def without_steps(trains: Rhythms, motion: Motion) -> Rhythms:
    """Return the trains of EMG bursts without those made by walking."""
    return trains.where(~_mostly_in(trains, motion.walking))


def _scans(detected: SensorDetection) -> list[MotionScan]:
    return [result.scan for result in detected.results if result.scan]


def _joined_walking(parts: Sequence[Walking]) -> Walking:
    if not parts:
        return walking_intervals([])
    findings = dict.fromkeys(finding for part in parts for finding in part.findings)
    return Walking(
        intervals=union(*(part.intervals for part in parts)),
        basis=next((part.basis for part in parts if part.basis), ""),
        findings=tuple(findings),
    )


def _about_walking(walking: Walking) -> Finding:
    minutes = float(np.diff(walking.intervals, axis=1).sum()) / 60
    message = translatable(
        f"{minutes:.1f} min of walking in {len(walking.intervals)} stretches, seen at "
        f"{walking.basis}; taken out of what the accelerometers count"
    )
    return Finding("info", "walking.found", "walking", message)


def _mostly_in(trains: Rhythms, walking: Walking) -> NDArray[np.bool_]:
    return _share_within(trains.intervals(), walking.intervals) >= _MOSTLY


def _share_within(rows: Intervals, spans: Intervals) -> NDArray[np.float64]:
    """Return the share of each of ``rows`` that disjoint ``spans`` cover."""
    edges = np.concatenate(([0.0], np.cumsum(spans[:, 1] - spans[:, 0])))

    def covered_until(times_s: NDArray[np.float64]) -> NDArray[np.float64]:
        row = np.searchsorted(spans[:, 0], times_s, side="right")
        last = np.maximum(row - 1, 0)
        beyond = np.maximum(spans[last, 1] - times_s, 0.0) if len(spans) else np.zeros(len(row))
        return np.asarray(edges[row] - np.where(row > 0, beyond, 0.0))

    lasts = np.maximum(rows[:, 1] - rows[:, 0], 1e-9)
    return np.asarray((covered_until(rows[:, 1]) - covered_until(rows[:, 0])) / lasts)


def _not_scratching(trains: Rhythms, scratch: Rhythms) -> Rhythms:
    """Return the trains that are no bouts of scratching at the same place."""
    places = np.unique(trains.place)
    own = [trains.where(trains.place == place) for place in places.tolist()]
    bouts = [union(scratch.intervals()[scratch.place == place]) for place in places.tolist()]
    kept = [
        one.where(_share_within(one.intervals(), spans) < _MOSTLY)
        for one, spans in zip(own, bouts, strict=True)
    ]
    return Rhythms.joined(kept) if kept else trains


def _limbs(detected: SensorDetection, trains: Rhythms, walking: Walking) -> GroupDetection:
    """Return the jerks of a sensor that are neither steps nor bursts of a train."""
    rhythm = union(trains.intervals())
    movements = _outside(_outside(detected.group.movements, rhythm), walking.intervals)
    gross = _outside(_outside(detected.gross, rhythm), walking.intervals)
    observed = detected.group.observed
    if len(observed):
        ends = float(observed[0, 0]), float(observed[-1, 1])
        observed = intersect(observed, complement(walking.intervals, *ends))
    return replace(
        detected.group,
        movements=movements,
        gross=gross,
        observed=observed,
        usable=((str(detected.sensor.channels[0].site), observed),),
        part=body_part(detected.sensor.channels[0].site) or detected.sensor.name,
    )


def _outside(movements: Movements, spans: Intervals) -> Movements:
    return movements.where(_share_within(movements.intervals(), spans) < _MOSTLY)


def _postures(
    detected: Mapping[str, SensorDetection],
    walking: Walking,
    settings: Settings,
    asleep: Intervals | None,
) -> TrunkPostures:
    """Return the postures of the trunk sensor that is nearest to the waist."""
    sensors = [one.sensor for one in detected.values() if one.sensor.channels[0].site == Site.TRUNK]
    if not sensors:
        return TrunkPostures.none(_NO_TRUNK)
    whole = [sensor for sensor in sensors if len(sensor.channels) == _N_AXES] or sensors
    sensor = min(whole, key=lambda sensor: _rank(sensor.name))
    chosen = detected[GROUP_PREFIX + sensor.name]
    calibration = chosen.calibration.calibration
    gait = measured_gait(sensor.parts, calibration, walking.intervals, GaitRule())
    return find_postures_by_gait(
        _whole_track(chosen),
        gait,
        place=sensor.name,
        mounting=settings.mounting,
        rule=settings.posture,
        asleep=asleep,
    )


def _rank(name: str) -> int:
    return next((k for k, place in enumerate(_TRUNK_PLACES) if place in name), len(_TRUNK_PLACES))


def _scratching(
    detected: Mapping[str, SensorDetection], walking: Walking, in_bed: Intervals | None
) -> tuple[Rhythms, Intervals, str]:
    """Return the scratching bouts at the wrists, the time observed, and why there is none."""
    wrists = [
        one
        for one in detected.values()
        if one.sensor.channels[0].site in GROUP_SITES["arms"] and not one.group.reason
    ]
    slow = [why for one in wrists for part in one.sensor.parts if (why := _too_slow(part))]
    fit = [one for one in wrists if not any(_too_slow(part) for part in one.sensor.parts)]
    if not fit:
        return Rhythms.none(), no_intervals(np.float64), slow[0] if slow else _NO_WRIST
    bouts = Rhythms.joined(
        [
            scan_scratch(
                part, one.calibration.calibration, track=result.gravity, within=in_bed
            ).trains
            for one in fit
            for part, result in zip(one.sensor.parts, one.results, strict=True)
        ]
    )
    seen = union(*(one.group.observed for one in fit))
    if in_bed is not None:
        seen = intersect(seen, in_bed)
        bouts = bouts.where(contains(in_bed, bouts.onset_s))
    inside = contains(walking.intervals, bouts.onset_s)
    return bouts.where(~inside), seen, ""


def _too_slow(part: Acceleration) -> str:
    return why_unseen(part, SCRATCH)


def _whole_track(detected: SensorDetection) -> GravityTrack:
    """Return the track of all segments on one grid; gaps between them are unusable."""
    parts = [result.gravity for result in detected.results]
    if len(parts) == 1:
        return parts[0]
    rate_hz, start_s = parts[0].rate_hz, parts[0].start_s
    n = max(round((part.end_s - start_s) * rate_hz) for part in parts)
    gravity = np.zeros((n, parts[0].gravity_g.shape[1]), dtype=np.float32)
    movement, usable = np.zeros(n, dtype=np.float32), np.zeros(n, dtype=bool)
    for part in parts:
        first = round((part.start_s - start_s) * rate_hz)
        rows = slice(first, first + len(part))
        gravity[rows], movement[rows] = part.gravity_g, part.movement_g
        usable[rows] = part.usable
    return GravityTrack(start_s=start_s, gravity_g=gravity, movement_g=movement, usable=usable)
