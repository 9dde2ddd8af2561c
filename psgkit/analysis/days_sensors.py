"""The sensors of a recording of days: which can be used, when each was worn, what they show."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from psgkit.analysis.days_measure import worn_track
from psgkit.analysis.days_settings import DaysSettings
from psgkit.analysis.sensors import Motion, look_at_sensors
from psgkit.core.activity import Activity
from psgkit.core.day_recording import DayRecording, Excluded, Wear
from psgkit.core.days_report import LeftOut
from psgkit.core.finding import Finding
from psgkit.core.hypnogram import SLEEP_STAGES, Hypnogram
from psgkit.core.intervals import Intervals, complement, contains, intersect, total
from psgkit.core.recording import Recording
from psgkit.detect.accelerometer_channels import (
    GROUP_PREFIX,
    Sensor,
    accelerometers,
    choose_accelerometers,
)
from psgkit.detect.emg_channels import GroupDetection

_NO_RECORDING = Recording(source="", start=None, segments=(), channels=())
_LIGHT = "light"
_DAY_MIN = 1440.0


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class DaySensors:
    """A recording with its accelerometers chosen, and when each sensor was worn.

    Attributes
    ----------
    recording : DayRecording
    sensors : tuple of Sensor
    wear : mapping of place, or label of counts, to Wear
    findings : tuple of Finding
    """

    recording: DayRecording
    sensors: tuple[Sensor, ...]
    wear: Mapping[str, Wear]
    findings: tuple[Finding, ...]

    @property
    def worn(self) -> dict[str, Intervals]:
        """Return when each sensor was worn and recorded."""
        return {name: wear.observed_s for name, wear in self.wear.items()}

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        """Return what was left out of each sensor, and why."""
        return tuple(
            LeftOut(
                place=name,
                kind=one.kind,
                rule=one.rule,
                share=one.share,
                spans_s=one.spans_s,
            )
            for name, wear in self.wear.items()
            for one in wear.excluded
        )

    def motion(self, hypnogram: Hypnogram | None, settings: DaysSettings) -> Motion:
        """Return what all accelerometers show while they were worn."""
        asleep = None if hypnogram is None else hypnogram.stretches(SLEEP_STAGES)
        recording = self.recording.recording or _NO_RECORDING
        return _worn(look_at_sensors(recording, settings.night, asleep), self.worn)

    def described(self) -> tuple[dict[str, Any], ...]:
        """Return what a report says about each sensor and each column of counts."""
        found: list[dict[str, Any]] = [
            {
                "place": sensor.name,
                "what": "acceleration",
                "labels": list(sensor.labels),
                "rate_hz": sensor.channels[0].rate_hz,
            }
            for sensor in self.sensors
        ]
        found += [
            {
                "place": counts.place,
                "what": f"counts: {counts.definition or 'definition not stated'}",
                "labels": [counts.label],
                "rate_hz": 1 / counts.epoch_s,
            }
            for counts in self.recording.counts
        ]
        return tuple(found)

    def light(self) -> Activity | None:
        """Return light by the clock, where the device measured it."""
        track = self.recording.track(_LIGHT)
        if track is None or not len(track):
            return None
        hours = self.recording.clock.time_of_day_h(track.epoch_starts_s())
        return Activity(
            level=track.values,
            clock_min=np.mod(np.round(60.0 * hours, 6), _DAY_MIN),
            epoch_s=track.epoch_s,
            start_s=track.start_s,
            unit=track.unit,
        )


def see_sensors(recording: DayRecording, settings: DaysSettings) -> DaySensors:
    """Return the sensors that can be used and when each was worn."""
    findings: tuple[Finding, ...] = ()
    sensors: tuple[Sensor, ...] = ()
    if recording.recording is not None:
        told = len(recording.recording.findings)
        chosen = choose_accelerometers(recording.recording, settings.night.accelerometer)
        findings = chosen.findings[told:]
        recording = replace(recording, recording=chosen)
        sensors = accelerometers(chosen)
    wear = {sensor.name: _wear_of_sensor(sensor, recording) for sensor in sensors}
    wear |= {
        counts.place or counts.label: _wear(
            counts.place or counts.label, counts.spans(~counts.missing), recording
        )
        for counts in recording.counts
    }
    told_of_wear = tuple(finding for one in wear.values() for finding in one.findings)
    return DaySensors(
        recording=recording, sensors=sensors, wear=wear, findings=(*findings, *told_of_wear)
    )


def _wear_of_sensor(sensor: Sensor, recording: DayRecording) -> Wear:
    spans = [[part.start_s, part.start_s + part.duration_s] for part in sensor.parts]
    return _wear(sensor.name, np.array(spans).reshape(-1, 2), recording)


def _wear(name: str, recorded: Intervals, recording: DayRecording) -> Wear:
    gaps = complement(recorded, 0.0, recording.duration_s)
    share = total(gaps) / recording.duration_s if recording.duration_s else 0.0
    excluded = Excluded(kind="gap", rule="nothing recorded", spans_s=gaps, share=share)
    return Wear(name=name, duration_s=recording.duration_s, excluded=(excluded,))


def _worn(motion: Motion, worn: Mapping[str, Intervals]) -> Motion:
    """Return what was seen while each sensor was worn."""
    kept = np.ones(len(motion.rhythms), dtype=np.bool_)
    for place, spans in worn.items():
        kept &= (motion.rhythms.place != place) | contains(spans, motion.rhythms.onset_s)
    return replace(
        motion,
        groups={
            name: _worn_group(group, worn[name.removeprefix(GROUP_PREFIX)])
            for name, group in motion.groups.items()
        },
        tracks={place: worn_track(track, worn[place]) for place, track in motion.tracks.items()},
        rhythms=motion.rhythms.where(kept),
    )


def _worn_group(group: GroupDetection, worn: Intervals) -> GroupDetection:
    observed = intersect(group.observed, worn)
    inside = contains(worn, group.movements.onset_s)
    reason = group.reason or ("" if len(observed) else "never worn")
    return replace(group, movements=group.movements.where(inside), observed=observed, reason=reason)
