"""The sensors of a recording of days: calibration, wear and movements.

A sensor is an accelerometer or a column of counts.  Time not worn is left out from here on.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from psgkit.analysis.sensors import Motion, look_at_sensors
from psgkit.conditioning.acceleration.calibration import CalibrationResult, calibrate
from psgkit.conditioning.acceleration.motion import Calibration
from psgkit.conditioning.wear.counts import counts_wear, filled_by_time_of_day, without
from psgkit.conditioning.wear.sensors import sensor_wear, wear_of
from psgkit.core.dataclass import dataclass
from psgkit.core.days.activity import Activity
from psgkit.core.days.counts import Counts
from psgkit.core.days.day_recording import DayRecording, Wear
from psgkit.core.days.days_report import LeftOut, NightWindow
from psgkit.core.finding import Finding
from psgkit.core.hypnogram import SLEEP_STAGES, Hypnogram
from psgkit.core.intervals import Intervals, contains, intersect, runs_of_true, union
from psgkit.core.recording import Recording
from psgkit.core.site import GROUP_SITES
from psgkit.days.measure import EPOCHS, worn_track
from psgkit.days.settings import CleaningRule, DaysSettings
from psgkit.detect.accelerometer.channels import (
    GROUP_PREFIX,
    Sensor,
    accelerometers,
    choose_accelerometers,
)
from psgkit.detect.emg.channels import GroupDetection

LITTLE_WORN = 0.7
"""Share of the time; a sensor worn for less gets a warning.  psgkit's own choice."""
_NO_RECORDING = Recording(source="", start=None, segments=(), channels=())
_LIGHT = "light"
_N_AXES = 3


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class CleanSensor:
    """An accelerometer with its calibration and when it was worn."""

    sensor: Sensor
    calibration: CalibrationResult
    wear: Wear


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class CleanCounts:
    """Counts without the time not worn; filled epochs are marked ``imputed``."""

    counts: Counts
    wear: Wear


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class CleanDays:
    """The usable data of a recording of days.

    Attributes
    ----------
    recording : Recording or None
        With the status of every accelerometer channel.
    sensors : tuple of CleanSensor
    counts : tuple of CleanCounts
    findings : tuple of Finding
    """

    recording: Recording | None
    sensors: tuple[CleanSensor, ...]
    counts: tuple[CleanCounts, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class DaySensors:
    """A recording with its accelerometers chosen, and when each sensor was worn.

    Attributes
    ----------
    recording : DayRecording
    sensors : tuple of Sensor
    calibrated : mapping of place to CalibrationResult
    wear : mapping of place, or label of counts, to Wear
    findings : tuple of Finding
    """

    recording: DayRecording
    sensors: tuple[Sensor, ...]
    calibrated: Mapping[str, CalibrationResult]
    wear: Mapping[str, Wear]
    findings: tuple[Finding, ...]

    @property
    def calibrations(self) -> dict[str, Calibration]:
        """Return the calibration of each sensor."""
        return {name: one.calibration for name, one in self.calibrated.items()}

    @property
    def worn(self) -> dict[str, Intervals]:
        """Return when each sensor was worn and recorded."""
        return {name: wear.observed_s for name, wear in self.wear.items()}

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        """Return the excluded time of each sensor, with the rule."""
        return tuple(
            LeftOut(place=name, kind=one.kind, rule=one.rule, share=one.share, spans_s=one.spans_s)
            for name, wear in self.wear.items()
            for one in wear.excluded
        )

    def motion(
        self,
        hypnogram: Hypnogram | None,
        windows: Sequence[NightWindow],
        settings: DaysSettings,
    ) -> Motion:
        """Return the movements of all accelerometers while worn; scratching in the nights only."""
        asleep = None if hypnogram is None else hypnogram.stretches(SLEEP_STAGES)
        recording = self.recording.recording or _NO_RECORDING
        nights = union(*(window.spans() for window in windows))
        # by the same rule the sensors need not be calibrated again
        same = settings.night.accelerometer.calibration == settings.cleaning.calibration
        motion = look_at_sensors(
            recording,
            settings.night,
            asleep,
            nights,
            calibrations=self.calibrated if same else None,
        )
        return _while_worn(motion, self.worn)

    def described(self) -> tuple[dict[str, Any], ...]:
        """Return the description of each sensor and each column of counts for a report."""
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
        epochs = self.recording.epochs
        if epochs is not None:
            known = {
                "ENMO": np.isfinite(epochs.enmo_g).any(),
                "arm angle": np.isfinite(epochs.z_angle_deg).any(),
            }
            what = " and ".join(name for name, has in known.items() if has)
            found.append(
                {"place": "", "what": what, "labels": [EPOCHS], "rate_hz": 1 / epochs.epoch_s}
            )
        return tuple(found)

    def light(self) -> Activity | None:
        """Return light by the clock, where the device measured it."""
        track = self.recording.track(_LIGHT)
        if track is None or not len(track):
            return None
        return Activity(
            level=np.asarray(track.values, np.float64),
            clock_min=self.recording.clock.minute_of_day(track.epoch_starts_s()),
            epoch_s=track.epoch_s,
            start_s=track.start_s,
            unit=track.unit,
        )


def find_sensors(recording: DayRecording, settings: DaysSettings) -> DaySensors:
    """Return the usable sensors, calibrated, and when each was worn.

    In the returned recording counts are missing where the device was not worn.
    """
    parts = [clean_days(part, rule) for part, rule in _by_limb(recording, settings)]
    cleaned = [one for part in parts for one in part.sensors]
    counts = tuple(one for part in parts for one in part.counts)
    wear = {one.sensor.name: one.wear for one in cleaned}
    wear |= {one.counts.place or one.counts.label: one.wear for one in counts}
    epochs = recording.epochs
    if epochs is not None:
        lost = np.isnan(epochs.enmo_g) & np.isnan(epochs.z_angle_deg)
        spans_s = epochs.start_s + runs_of_true(lost) * epochs.epoch_s
        reason = "no epoch was measured" if lost.all() else ""
        kinds = [("gap", "no epoch, or marked as invalid", spans_s)]
        wear[EPOCHS] = wear_of(EPOCHS, recording.duration_s, kinds, reason)
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
        calibrated={one.sensor.name: one.calibration for one in cleaned},
        wear=wear,
        findings=tuple(dict.fromkeys(found for part in parts for found in part.findings)),
    )


def _by_limb(
    recording: DayRecording, settings: DaysSettings
) -> Iterator[tuple[DayRecording, CleaningRule]]:
    """Yield the arms with the counts, then all other sensors, each with its rule of non-wear."""
    whole = recording.recording
    if whole is None:
        yield recording, settings.cleaning
        return
    arms = tuple(c for c in whole.channels if c.site in GROUP_SITES["arms"])
    others = tuple(c for c in whole.channels if c.site not in GROUP_SITES["arms"])
    yield replace(recording, recording=replace(whole, channels=arms)), settings.cleaning
    stricter = settings.cleaning.non_wear
    longer = replace(stricter, window_blocks=settings.still_blocks, min_axes=_N_AXES)
    rest = replace(recording, recording=replace(whole, channels=others), counts=())
    yield rest, replace(settings.cleaning, non_wear=longer)


def clean_days(days: DayRecording, rule: CleaningRule | None = None) -> CleanDays:
    """Return the sensors and counts of ``days``, calibrated, with the time they were worn.

    Nothing is filled unless ``rule.fill``.

    Examples
    --------
    >>> from datetime import datetime
    >>> from psgkit.core.days.day_clock import DayClock
    >>> zeros = Counts(counts=np.zeros(1440), epoch_s=60.0)
    >>> days = DayRecording(source="x", clock=DayClock.of(datetime(2024, 1, 1)),
    ...                     duration_s=86400.0, counts=(zeros,))
    >>> clean_days(days).counts[0].wear.reason
    'every count is 0'
    """
    rule = rule or CleaningRule()
    recording = None if days.recording is None else choose_accelerometers(days.recording)
    sensors = () if recording is None else accelerometers(recording)
    cleaned = tuple(_clean_sensor(one, days, rule) for one in sensors)
    counts = tuple(_clean_counts(one, days, rule) for one in days.counts)
    findings: list[Finding] = []
    if recording is not None and days.recording is not None:
        findings += recording.findings[len(days.recording.findings) :]
    for one in cleaned:
        findings += [*one.calibration.findings, *one.wear.findings, *_little_worn(one.wear)]
    for other in counts:
        findings += [*other.wear.findings, *_little_worn(other.wear), *_filled(other.counts)]
    return CleanDays(recording=recording, sensors=cleaned, counts=counts, findings=tuple(findings))


def _clean_sensor(sensor: Sensor, days: DayRecording, rule: CleaningRule) -> CleanSensor:
    calibration = calibrate(sensor.parts, rule.calibration)
    wear = sensor_wear(sensor.parts, days.duration_s, calibration.calibration, rule.non_wear)
    kinds = [(one.kind, one.rule, one.spans_s) for one in wear.excluded]
    if len(days.diary.not_worn_s):
        kinds.append(("non_wear", "the diary", days.diary.not_worn_s))
    return CleanSensor(
        sensor=sensor,
        calibration=calibration,
        wear=wear_of(sensor.name, days.duration_s, kinds),
    )


def _clean_counts(counts: Counts, days: DayRecording, rule: CleaningRule) -> CleanCounts:
    wear = counts_wear(counts, days.duration_s, rule.zero_runs, days.diary)
    kept = without(counts, wear)
    if rule.fill and not wear.reason:
        kept = filled_by_time_of_day(kept, days.clock)
    return CleanCounts(counts=kept, wear=wear)


def _little_worn(wear: Wear) -> tuple[Finding, ...]:
    if wear.reason or wear.share >= LITTLE_WORN:
        return ()
    message = f"{100 * wear.share:.0f} % of the time can be used"
    return (Finding("warning", "days.little", wear.name, message),)


def _filled(counts: Counts) -> tuple[Finding, ...]:
    filled_n = int(np.count_nonzero(counts.imputed))
    if not filled_n:
        return ()
    share = 100 * filled_n / len(counts)
    message = f"{filled_n} epochs ({share:.1f} %) filled by the mean of their time of day, as asked"
    return (Finding("warning", "days.imputed", counts.place or counts.label, message),)


def _while_worn(motion: Motion, worn: Mapping[str, Intervals]) -> Motion:
    """Return the movements of each sensor while it was worn."""
    kept = np.ones(len(motion.rhythms), dtype=np.bool_)
    for place, spans in worn.items():
        kept &= (motion.rhythms.place != place) | contains(spans, motion.rhythms.onset_s)
    return replace(
        motion,
        groups={
            name: _group_while_worn(group, worn[name.removeprefix(GROUP_PREFIX)])
            for name, group in motion.groups.items()
        },
        tracks={place: worn_track(track, worn[place]) for place, track in motion.tracks.items()},
        rhythms=motion.rhythms.where(kept),
    )


def _group_while_worn(group: GroupDetection, worn: Intervals) -> GroupDetection:
    observed = intersect(group.observed, worn)
    inside = contains(worn, group.movements.onset_s)
    reason = group.reason or ("" if len(observed) else "never worn")
    return replace(group, movements=group.movements.where(inside), observed=observed, reason=reason)
