"""The sensors of a recording of days: which can be used, when each was worn, what they show."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from psgkit.analysis.sensors import Motion, look_at_sensors
from psgkit.conditioning.acceleration.motion import Calibration
from psgkit.core.days.activity import Activity
from psgkit.core.days.day_recording import DayRecording, Wear
from psgkit.core.days.days_report import LeftOut, NightWindow
from psgkit.core.finding import Finding
from psgkit.core.hypnogram import SLEEP_STAGES, Hypnogram
from psgkit.core.intervals import Intervals, contains, intersect, union
from psgkit.core.recording import Recording
from psgkit.core.site import GROUP_SITES
from psgkit.days.cleaning import CleaningRule, clean_days
from psgkit.days.measure import worn_track
from psgkit.days.settings import DaysSettings
from psgkit.detect.accelerometer.channels import GROUP_PREFIX, Sensor
from psgkit.detect.emg.channels import GroupDetection

_NO_RECORDING = Recording(source="", start=None, segments=(), channels=())
_LIGHT = "light"
_N_AXES = 3


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class DaySensors:
    """A recording with its accelerometers chosen, and when each sensor was worn.

    Attributes
    ----------
    recording : DayRecording
    sensors : tuple of Sensor
    calibrations : mapping of place to Calibration
    wear : mapping of place, or label of counts, to Wear
    findings : tuple of Finding
    """

    recording: DayRecording
    sensors: tuple[Sensor, ...]
    calibrations: Mapping[str, Calibration]
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

    def motion(
        self,
        hypnogram: Hypnogram | None,
        windows: Sequence[NightWindow],
        settings: DaysSettings,
    ) -> Motion:
        """Return what all accelerometers show while they were worn; scratching of nights only."""
        asleep = None if hypnogram is None else hypnogram.stretches(SLEEP_STAGES)
        recording = self.recording.recording or _NO_RECORDING
        nights = union(*(window.spans() for window in windows))
        return _worn(look_at_sensors(recording, settings.night, asleep, nights), self.worn)

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
        return Activity(
            level=track.values,
            clock_min=self.recording.clock.minute_of_day(track.epoch_starts_s()),
            epoch_s=track.epoch_s,
            start_s=track.start_s,
            unit=track.unit,
        )


def see_sensors(recording: DayRecording, settings: DaysSettings) -> DaySensors:
    """Return the sensors that can be used, calibrated, and when each was worn.

    What was not worn is missing in the counts of a device from here on.
    """
    parts = [clean_days(part, rule) for part, rule in _by_limb(recording, settings)]
    cleaned = [one for part in parts for one in part.sensors]
    counts = tuple(one for part in parts for one in part.counts)
    wear = {one.sensor.name: one.wear for one in cleaned}
    wear |= {one.counts.place or one.counts.label: one.wear for one in counts}
    chosen = {
        channel.label: channel
        for part in parts
        if part.recording is not None
        for channel in part.recording.channels
    }
    whole = recording.recording
    return DaySensors(
        recording=replace(
            recording,
            recording=None if whole is None else whole.with_channels(chosen),
            counts=tuple(one.counts for one in counts),
        ),
        sensors=tuple(one.sensor for one in cleaned),
        calibrations={one.sensor.name: one.calibration.calibration for one in cleaned},
        wear=wear,
        findings=tuple(dict.fromkeys(found for part in parts for found in part.findings)),
    )


def _by_limb(
    recording: DayRecording, settings: DaysSettings
) -> Iterator[tuple[DayRecording, CleaningRule]]:
    """Yield the arms with the counts, and the rest, each with the rule for what is not worn."""
    whole = recording.recording
    if whole is None:
        yield recording, settings.cleaning
        return
    arms = [channel.site in GROUP_SITES["arms"] for channel in whole.channels]
    own = tuple(c for c, is_arm in zip(whole.channels, arms, strict=True) if is_arm)
    others = tuple(c for c, is_arm in zip(whole.channels, arms, strict=True) if not is_arm)
    yield replace(recording, recording=replace(whole, channels=own)), settings.cleaning
    stricter = settings.cleaning.non_wear
    longer = replace(stricter, window_blocks=settings.still_blocks, min_axes=_N_AXES)
    rest = replace(recording, recording=replace(whole, channels=others), counts=())
    yield rest, replace(settings.cleaning, non_wear=longer)


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
