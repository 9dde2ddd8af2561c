"""Every sensor and every column of counts of days: calibrated, and when it measured a body."""

from dataclasses import dataclass, field

import numpy as np

from psgkit.conditioning.acceleration.calibration import (
    CalibrationResult,
    CalibrationRule,
    calibrate,
)
from psgkit.conditioning.wear.counts import (
    CHOI_2011,
    ZeroRunRule,
    counts_wear,
    filled_by_time_of_day,
    without,
)
from psgkit.conditioning.wear.sensors import NonWearRule, sensor_wear, wear_of
from psgkit.core.days.counts import Counts
from psgkit.core.days.day_recording import DayRecording, Wear
from psgkit.core.finding import Finding
from psgkit.core.recording import Recording
from psgkit.detect.accelerometer.channels import Sensor, accelerometers, choose_accelerometers

DAY_MOMENTS = 1440
"""Still moments looked at over a recording of days; ours."""

LITTLE_WORN = 0.7
"""Worn for less of the time is said; ours."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CleaningRule:
    """How days are cleaned.

    Attributes
    ----------
    calibration : CalibrationRule
    non_wear : NonWearRule
        For samples.
    zero_runs : ZeroRunRule
        For counts.
    fill : bool
        Whether missing epochs of counts are filled by the mean of their time of day, and marked.
    """

    calibration: CalibrationRule = field(
        default_factory=lambda: CalibrationRule(max_windows=DAY_MOMENTS)
    )
    non_wear: NonWearRule = field(default_factory=NonWearRule)
    zero_runs: ZeroRunRule = CHOI_2011
    fill: bool = False


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class CleanSensor:
    """An accelerometer with its calibration and when it was worn."""

    sensor: Sensor
    calibration: CalibrationResult
    wear: Wear


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class CleanCounts:
    """Counts of which only what was worn is left, and when that was.

    ``counts`` has filled epochs (marked ``imputed``) only if that was asked for.
    """

    counts: Counts
    wear: Wear


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class CleanDays:
    """What can be used of days.

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
        findings += [*one.calibration.findings, *one.wear.findings, *_little(one.wear)]
    for other in counts:
        findings += [*other.wear.findings, *_little(other.wear), *_filled(other.counts)]
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


def _little(wear: Wear) -> tuple[Finding, ...]:
    if wear.reason or wear.share >= LITTLE_WORN:
        return ()
    message = f"{100 * wear.share:.0f} % of the time can be used"
    return (Finding("warning", "days.little", wear.name, message),)


def _filled(counts: Counts) -> tuple[Finding, ...]:
    filled = int(np.count_nonzero(counts.imputed))
    if not filled:
        return ()
    share = 100 * filled / len(counts)
    message = f"{filled} epochs ({share:.1f} %) filled by the mean of their time of day, as asked"
    return (Finding("warning", "days.imputed", counts.place or counts.label, message),)
