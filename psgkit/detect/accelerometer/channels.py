"""Choose the usable accelerometer channels, group them into sensors, and detect in each sensor."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from psgkit.conditioning.acceleration.calibration import CalibrationResult, calibrate
from psgkit.conditioning.acceleration.motion import GRID_HZ
from psgkit.core.acceleration import Acceleration
from psgkit.core.dataclass import dataclass
from psgkit.core.finding import Finding
from psgkit.core.intervals import Intervals, complement, intersect, total, union
from psgkit.core.message import translatable
from psgkit.core.movements import Movements
from psgkit.core.recording import Channel, Recording, Status
from psgkit.detect.accelerometer.detect import (
    MIN_RATE_HZ,
    AccelerometerDetection,
    AccelerometerResult,
    detect_accelerometer,
    filtered_stretches,
)
from psgkit.detect.accelerometer.stretch import moved_in
from psgkit.detect.accelerometer.trains.find import RhythmRule
from psgkit.detect.emg.channels import GroupDetection
from psgkit.detect.trace import StretchTrace, TraceRecorder

ROLE = "accelerometer"
_FINE_STEP_G = 0.005
"""A recorder with larger steps loses movements of a few mg (psgkit's own choice)."""

GROUP_PREFIX = "accelerometer_"
"""Name of the group of indices of a sensor: this and its name."""

_WORTH_SAYING = 0.001
_HIGH_FLOOR_G = 0.015
"""At this noise floor half of the movements near the 20 mg threshold are missed; a quiet sensor has
a few mg (psgkit's own choice)."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Sensor:
    """The axes of one accelerometer in a recording.

    Attributes
    ----------
    name : str
        Where it is worn; further sensors there are numbered: ``left_ankle``, ``left_ankle_2``.
    channels : tuple of Channel
    parts : tuple of Acceleration
        One per segment.
    """

    name: str
    channels: tuple[Channel, ...]
    parts: tuple[Acceleration, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        """Return the labels of the channels."""
        return tuple(channel.label for channel in self.channels)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class SensorDetection:
    """Movements of one sensor.

    Attributes
    ----------
    sensor : Sensor
    group : GroupDetection
        Limb jerks, and the time in which they could be detected.
    gross : Movements
        Changes of position and movements of more than 10 s; each ends a series.
    results : tuple of AccelerometerResult
        One per segment, with gravity and the angles of gross movements.
    calibration : CalibrationResult
    """

    sensor: Sensor
    group: GroupDetection
    gross: Movements
    results: tuple[AccelerometerResult, ...]
    calibration: CalibrationResult


def choose_accelerometers(
    recording: Recording, detection: AccelerometerDetection | None = None
) -> Recording:
    """Return the recording with the status of every accelerometer channel set, and the reason.

    Examples
    --------
    >>> choose_accelerometers(
    ...     Recording(source="empty", start=None, segments=(), channels=())
    ... ).channels
    ()
    """
    rule = (detection or AccelerometerDetection()).rule
    changed: dict[str, Channel] = {}
    findings: list[Finding] = []
    candidates = [c for c in recording.with_role(ROLE) if c.status != "refused"]
    refused = {c.label: _why_not(c, rule.max_step_g) for c in candidates}
    fitting = [c for c in candidates if not refused[c.label]]
    refused |= misfit_rates(fitting)
    for channel in candidates:
        why = refused[channel.label]
        status: Status = "refused" if why else "used"
        changed[channel.label] = replace(channel, status=status, reason=why)
        where = translatable(f"channel {channel.label!r}")
        if why:
            findings.append(Finding("warning", "accelerometer.refused", where, why))
        elif channel.resolution is not None and channel.resolution > _FINE_STEP_G:
            message = translatable(
                f"one step of the recorder is {1000 * channel.resolution:.3g} mg: movements below "
                "it are not seen"
            )
            findings.append(Finding("warning", "accelerometer.coarse_step", where, message))
    chosen = recording.with_channels(changed)
    return chosen.with_findings(*findings, *_missing_axes(chosen))


def accelerometers(recording: Recording) -> tuple[Sensor, ...]:
    """Return the sensors whose channels ``choose_accelerometers`` found usable, in file order.

    Raises
    ------
    ValueError
        If the samples of a channel do not fill the segments.
    """
    sensors = []
    for name, channels in axes_together(_used(recording)).items():
        signals = [recording.signals(channel) for channel in channels]
        parts = tuple(
            Acceleration(axes=axes, place=name, site=channels[0].site)
            for axes in zip(*signals, strict=True)
        )
        sensors.append(Sensor(name=name, channels=channels, parts=parts))
    return tuple(sensors)


def detect_sensors(
    recording: Recording,
    detection: AccelerometerDetection | None = None,
    rhythm: RhythmRule | None = None,
    recorder: TraceRecorder | None = None,
    calibrations: Mapping[str, CalibrationResult] | None = None,
) -> tuple[dict[str, SensorDetection], list[Finding]]:
    """Return the movements of each sensor, by the name of its group of indices, and findings.

    ``recording`` comes from ``choose_accelerometers``.  With ``rhythm`` rhythmic trains are
    detected too; a ``recorder`` keeps the traces.  ``calibrations`` are those already known, by
    the names of sensors.
    """
    detection = detection or AccelerometerDetection()
    found: dict[str, SensorDetection] = {}
    findings: list[Finding] = []
    for sensor in accelerometers(recording):
        known = (calibrations or {}).get(sensor.name)
        detected = detect_sensor(recording, sensor, detection, rhythm, recorder, known)
        found[GROUP_PREFIX + sensor.name] = detected
        findings.extend(_findings(detected))
    return found, findings


def detect_sensor(
    recording: Recording,
    sensor: Sensor,
    detection: AccelerometerDetection,
    rhythm: RhythmRule | None = None,
    recorder: TraceRecorder | None = None,
    calibration: CalibrationResult | None = None,
) -> SensorDetection:
    """Return the movements of one sensor over all segments."""
    calibration = calibration or calibrate(sensor.parts, detection.calibration)
    fitted = _fitted(detection, sensor)
    traced = recorder.channel(sensor.channels, sensor.name) if recorder else None
    take = traced.take if traced else None
    results = tuple(
        detect_accelerometer(part, fitted, calibration, rhythm, take) for part in sensor.parts
    )
    blocked = union(*(result.unusable for result in results))
    if traced:
        traced.unusable_s = blocked
    usable = complement(blocked, 0.0, recording.duration_s)
    seen = intersect(usable, recording.recorded()) if results else np.empty((0, 2))
    reason = "" if total(seen) else translatable(f"no usable time in {', '.join(sensor.labels)}")
    return SensorDetection(
        sensor=sensor,
        group=GroupDetection(
            movements=Movements.joined([result.movements for result in results]),
            observed=seen,
            reason=reason,
        ),
        gross=Movements.joined([result.gross for result in results]),
        results=results,
        calibration=calibration,
    )


def traces_of_sensor(
    sensor: Sensor, wanted: Intervals, detection: AccelerometerDetection
) -> Iterator[StretchTrace]:
    """Yield the traces of the stretches that ``wanted`` seconds touch."""
    calibration = calibrate(sensor.parts, detection.calibration).calibration
    fitted = _fitted(detection, sensor)
    for part in sensor.parts:
        for motion in filtered_stretches(part, calibration, fitted):
            begin_s, end_s = (part.start_s + tick / GRID_HZ for tick in motion.core)
            if ((wanted[:, 0] < end_s) & (wanted[:, 1] > begin_s)).any():
                trace = moved_in(motion, fitted.rule, part.start_s).trace
                if trace is not None:
                    yield trace


def _fitted(detection: AccelerometerDetection, sensor: Sensor) -> AccelerometerDetection:
    """Return the rule for a sensor that stores acceleration in steps of this size."""
    step_g = max((channel.resolution or 0.0) for channel in sensor.channels)
    return replace(detection, rule=detection.rule.for_step(step_g))


def axes_together(channels: Sequence[Channel]) -> dict[str, tuple[Channel, ...]]:
    """Return the channels of each sensor, by its name, in file order.

    Axes of one place and one rate form a sensor.  A repeated axis letter starts a second sensor at
    that place, whose name is numbered.  A channel without an axis letter is a one-axis sensor.

    Examples
    --------
    >>> import numpy as np
    >>> def axis(label, letter):
    ...     return Channel(label=label, rate_hz=50.0, samples=np.zeros(0), place="hip", axis=letter)
    >>> found = axes_together([axis("X", "x"), axis("Y", "y"), axis("X-1", "x"), axis("H", "")])
    >>> [(name, [channel.label for channel in axes]) for name, axes in found.items()]
    [('hip', ['X', 'Y']), ('hip_2', ['X-1']), ('hip_3', ['H'])]
    """
    sensors: list[list[Channel]] = []
    for channel in channels:
        home = next((axes for axes in sensors if _takes(axes, channel)), None)
        if home is None:
            sensors.append([channel])
        else:
            home.append(channel)
    named: dict[str, tuple[Channel, ...]] = {}
    for axes in sensors:
        place = axes[0].place or "recorder"
        name, number = place, 2
        while name in named:
            name, number = f"{place}_{number}", number + 1
        named[name] = tuple(axes)
    return named


def misfit_rates(channels: Sequence[Channel]) -> dict[str, str]:
    """Return why axes are refused whose rate differs from the rest of their sensor.

    X at 100 Hz and Y at 50 Hz are one sensor; X, Y at both rates are two.
    """
    refused = {}
    places = {channel.place for channel in channels if channel.axis}
    for place in sorted(places):
        by_rate: dict[float, list[Channel]] = {}
        for channel in channels:
            if channel.place == place and channel.axis:
                by_rate.setdefault(channel.rate_hz, []).append(channel)
        letters = [channel.axis for group in by_rate.values() for channel in group]
        if len(by_rate) == 1 or len(set(letters)) < len(letters):
            continue
        kept = max(by_rate.values(), key=len)
        for channel in channels:
            if channel.place == place and channel.axis and channel not in kept:
                refused[channel.label] = translatable(
                    f"{channel.rate_hz:g} Hz, but {', '.join(other.label for other in kept)} of "
                    f"the same sensor have {kept[0].rate_hz:g} Hz"
                )
    return refused


def _why_not(channel: Channel, max_step_g: float) -> str:
    if not channel.unit:
        return translatable("unit unknown: acceleration needs one; state it in a channel map")
    if channel.unit != "g":
        return translatable(f"unit {channel.unit!r} is not an acceleration")
    if channel.rate_hz < MIN_RATE_HZ:
        return translatable(
            f"{channel.rate_hz:g} Hz: too slow for limb jerks, at least {MIN_RATE_HZ:g} Hz are "
            "needed"
        )
    if channel.resolution is not None and channel.resolution > max_step_g:
        return translatable(
            f"one step of the recorder is {1000 * channel.resolution:.3g} mg: too coarse, at most "
            f"{1000 * max_step_g:g} mg are"
        )
    return ""


def _missing_axes(recording: Recording) -> Iterable[Finding]:
    for name, channels in axes_together(_used(recording)).items():
        if len(channels) == 3:  # noqa: PLR2004 - space has three
            continue
        labels = ", ".join(channel.label for channel in channels)
        message = translatable(
            f"{len(channels)} of 3 axes ({labels}): movements across it are not seen, and angles "
            "are the smallest that fit"
        )
        yield Finding(
            "info", "accelerometer.missing_axis", translatable(f"accelerometer {name}"), message
        )


def _used(recording: Recording) -> list[Channel]:
    return [c for c in recording.with_role(ROLE) if c.status == "used"]


def _takes(axes: list[Channel], channel: Channel) -> bool:
    first = axes[0]
    letters = {axis.axis for axis in axes}
    return (
        bool(channel.axis and first.axis)
        and channel.axis not in letters
        and (first.place, first.site, first.rate_hz)
        == (channel.place, channel.site, channel.rate_hz)
    )


def _findings(detected: SensorDetection) -> Iterable[Finding]:
    where = translatable(f"accelerometer {detected.sensor.name}")
    yield from detected.calibration.findings
    lengths = np.array([len(part) for part in detected.sensor.parts], dtype=np.float64)
    seen_h = total(detected.group.observed) / 3600
    for kind in ("missing", "flat", "saturated"):
        shares = np.array([result.share[kind] for result in detected.results])
        share = float((shares * lengths).sum() / max(lengths.sum(), 1))
        if share >= _WORTH_SAYING:
            what = translatable("flat (the device is off)") if kind == "flat" else kind
            message = translatable(
                f"{what} for {100 * share:.1f} % of the time; taken out of the denominators, "
                f"{seen_h:.2f} h are left"
            )
            yield Finding("warning", f"accelerometer.{kind}", where, message)
    floors = [r.noise_floor_g for r in detected.results if np.isfinite(r.noise_floor_g)]
    if floors and max(floors) >= _HIGH_FLOOR_G:
        message = translatable(
            f"{1000 * max(floors):.0f} mg at the quietest: noisy, or never at rest; movements "
            "of less than that are not seen"
        )
        yield Finding("warning", "accelerometer.high_floor", where, message)
