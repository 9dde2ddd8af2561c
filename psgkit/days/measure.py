"""Activity, arm angle and counts of a recording of days, before scoring."""

from collections.abc import Mapping, Sequence
from dataclasses import field, replace

import numpy as np
from numpy.typing import NDArray

from psgkit.conditioning.acceleration.activity_counts import MG_PER_G, OPEN_COUNTS, activity_counts
from psgkit.conditioning.acceleration.epoch_motion import epoch_motion, joined_epochs
from psgkit.conditioning.acceleration.gravity import GravityTrack, gravity_track
from psgkit.conditioning.acceleration.motion import Calibration
from psgkit.core.dataclass import dataclass
from psgkit.core.days.activity import Activity
from psgkit.core.days.counts import Counts
from psgkit.core.days.day_recording import DayRecording
from psgkit.core.days.epoch_motion import EpochMotion
from psgkit.core.finding import Finding
from psgkit.core.intervals import Intervals, contains, no_intervals
from psgkit.core.site import GROUP_SITES, Site
from psgkit.days.settings import DaysSettings
from psgkit.detect.accelerometer.channels import Sensor, accelerometers
from psgkit.sleep.from_movement.actigraphy import VAN_HEES

MINUTE_S = 60.0
EPOCHS = "epochs"
"""Name of the wear of ENMO and angle that were read from a table."""
_N_AXES = 3


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Measured:
    """The sensor used for sleep and rhythm, and its measurements.

    Attributes
    ----------
    place, site : str, Site
        Where the sensor was worn.
    epochs : EpochMotion or None
        ENMO, MAD and arm angle; None without three axes of acceleration.
    counts : Counts or None
        Of the device if it has counts, else of psgkit.
    activity : Activity or None
        One value per minute.
    worn : Intervals
        When it was worn and recorded, seconds.
    reason : str
        Why there is no activity.
    findings : tuple of Finding
    """

    place: str = ""
    site: Site = Site.NONE
    epochs: EpochMotion | None = None
    counts: Counts | None = None
    activity: Activity | None = None
    worn: Intervals = field(default_factory=lambda: no_intervals(np.float64))
    reason: str = ""
    findings: tuple[Finding, ...] = ()


def measure(
    recording: DayRecording,
    worn: Mapping[str, Intervals],
    calibrations: Mapping[str, Calibration],
    settings: DaysSettings,
) -> Measured:
    """Return the data for the estimate of sleep: the angle of an arm, or counts.

    Counts are computed from acceleration here only if the method for sleep needs them; otherwise
    ``with_activity`` computes them later from the signals that the detector has filtered.

    Parameters
    ----------
    recording : DayRecording
        With its accelerometers chosen by ``choose_accelerometers``.
    worn : mapping of place or label of counts to Intervals
        When each was worn and recorded.
    calibrations : mapping of place to Calibration
    """
    sensors = () if recording.recording is None else accelerometers(recording.recording)
    sensor = _chosen({one.name: one.channels[0].site for one in sensors}, settings)
    own = next((one for one in sensors if one.name == sensor), None)
    if own is not None:
        return _of_sensor(own, calibrations[own.name], worn[own.name], settings)
    label = _chosen({one.place or one.label: one.site for one in recording.counts}, settings)
    counts = next((one for one in recording.counts if (one.place or one.label) == label), None)
    if counts is not None:
        return Measured(
            place=counts.place,
            site=counts.site,
            counts=counts,
            worn=worn[counts.place or counts.label],
            findings=tuple(_about_place(counts.place, counts.site)),
        )
    if recording.epochs is not None and not settings.sleep_place:
        return Measured(
            epochs=recording.epochs,
            worn=worn[EPOCHS],
            findings=tuple(_about_place("", Site.NONE)),
        )
    wanted = f" at {settings.sleep_place}" if settings.sleep_place else ""
    return Measured(reason=f"no accelerometer that can be used and no counts{wanted}")


def with_activity(
    measured: Measured,
    tracks: Mapping[str, GravityTrack],
    recording: DayRecording,
    settings: DaysSettings,
) -> Measured:
    """Return the measurements with the activity of every minute added.

    Parameters
    ----------
    tracks : mapping of place to GravityTrack
        Of all accelerometers, usable only while they were worn.
    """
    counts = measured.counts
    if counts is None and measured.place in tracks:
        counts = open_counts([tracks[measured.place]], measured.place, measured.site, settings)
    if counts is None and (measured.epochs is None or recording.epochs is None):
        return measured
    activity, reason = _activity(counts, measured.epochs, recording, settings)
    findings = measured.findings
    if counts is None and settings.activity_by == "counts":
        message = "the file has no counts: the rhythm is that of ENMO"
        findings = (*findings, Finding("info", "days.activity_by", "rhythm", message))
    return replace(measured, counts=counts, activity=activity, reason=reason, findings=findings)


def _chosen(sites: Mapping[str, Site], settings: DaysSettings) -> str:
    """Return the place in the settings, else a wrist, an arm, or the first sensor."""
    if settings.sleep_place:
        return settings.sleep_place if settings.sleep_place in sites else ""

    def rank(place: str) -> int:
        return 0 if "wrist" in place else 1 if sites[place] in GROUP_SITES["arms"] else 2

    return min(sites, key=rank, default="")


def _of_sensor(
    sensor: Sensor, calibration: Calibration, worn: Intervals, settings: DaysSettings
) -> Measured:
    site = sensor.channels[0].site
    epochs, counts = None, None
    if len(sensor.channels) == _N_AXES:
        parts = [epoch_motion(part, calibration) for part in sensor.parts]
        epochs = _worn_epochs(joined_epochs(parts), worn)
    if epochs is None or settings.sleep_by not in {"", VAN_HEES}:
        bands = settings.night.accelerometer.bands
        tracks = [
            worn_track(gravity_track(part, calibration, bands), worn) for part in sensor.parts
        ]
        counts = open_counts(tracks, sensor.name, site, settings)
    return Measured(
        place=sensor.name,
        site=site,
        epochs=epochs,
        counts=counts,
        worn=worn,
        findings=tuple(_about_place(sensor.name, site)),
    )


def _worn_epochs(epochs: EpochMotion, worn: Intervals) -> EpochMotion:
    middles = epochs.start_s + (np.arange(len(epochs)) + 0.5) * epochs.epoch_s
    off = ~contains(worn, middles)
    return EpochMotion(
        enmo_g=np.where(off, np.nan, epochs.enmo_g),
        mad_g=np.where(off, np.nan, epochs.mad_g),
        z_angle_deg=np.where(off, np.nan, epochs.z_angle_deg),
        epoch_s=epochs.epoch_s,
        start_s=epochs.start_s,
    )


def open_counts(
    tracks: Sequence[GravityTrack], place: str, site: Site, settings: DaysSettings
) -> Counts:
    """Return the counts of every minute of all segments, NaN where not usable and between them."""
    start_s = tracks[0].start_s
    firsts = [round((track.start_s - start_s) / MINUTE_S) for track in tracks]
    parts = [activity_counts(track, MINUTE_S, settings.counts) for track in tracks]
    whole = np.full(max(f + len(p) for f, p in zip(firsts, parts, strict=True)), np.nan)
    for first, part in zip(firsts, parts, strict=True):
        whole[first : first + len(part)] = part
    return Counts(
        counts=whole,
        epoch_s=MINUTE_S,
        start_s=start_s,
        definition=OPEN_COUNTS,
        place=place,
        site=site,
    )


def worn_track(track: GravityTrack, worn: Intervals) -> GravityTrack:
    """Return a track that is usable only while it was worn."""
    return GravityTrack(
        start_s=track.start_s,
        rate_hz=track.rate_hz,
        gravity_g=track.gravity_g,
        movement_g=track.movement_g,
        usable=track.usable & contains(worn, track.times_s()),
    )


def _activity(
    counts: Counts | None,
    epochs: EpochMotion | None,
    recording: DayRecording,
    settings: DaysSettings,
) -> tuple[Activity | None, str]:
    """Return the activity of every minute, or why there is none."""
    by = settings.activity_by
    if by == "counts" and counts is None:
        by = "enmo"
    if by == "counts" and counts is not None:
        level, unit, start_s = _minutes_of(counts), "counts/min", counts.start_s
    elif epochs is None:
        return None, f"{by} needs raw acceleration of three axes"
    elif epochs.epoch_s > MINUTE_S or MINUTE_S % epochs.epoch_s:
        return None, f"epochs of {epochs.epoch_s:g} s do not divide a minute"
    else:
        per_minute = round(MINUTE_S / epochs.epoch_s)
        values = epochs.enmo_g if by == "enmo" else epochs.mad_g
        level = MG_PER_G * _mean_of(values, per_minute, settings.min_minute_valid)
        unit, start_s = "mg", epochs.start_s
    if level is None and counts is not None:
        return None, f"epochs of {counts.epoch_s:g} s neither divide a minute nor are minutes"
    if level is None or not np.isfinite(level).any():
        return None, "nothing was recorded and worn"
    epoch_s = max(MINUTE_S, counts.epoch_s) if by == "counts" and counts is not None else MINUTE_S
    starts_s = start_s + np.arange(len(level)) * epoch_s
    clock_min = recording.clock.minute_of_day(starts_s)
    activity = Activity(
        level=level, clock_min=clock_min, epoch_s=epoch_s, start_s=start_s, unit=unit
    )
    return activity, ""


def _minutes_of(counts: Counts) -> NDArray[np.float64] | None:
    """Return counts per minute; None if epochs do not fit into minutes."""
    if counts.epoch_s >= MINUTE_S:
        fits = counts.epoch_s % MINUTE_S == 0
        return counts.counts * (MINUTE_S / counts.epoch_s) if fits else None
    n = MINUTE_S / counts.epoch_s
    if abs(n - round(n)) > 1e-9:  # noqa: PLR2004 - rounding
        return None
    return _mean_of(counts.counts, round(n), 1.0) * round(n)


def _mean_of(values: NDArray[np.float64], n: int, min_valid: float) -> NDArray[np.float64]:
    """Return the mean of every ``n`` values, NaN where less than a share of them is finite."""
    rows = values[: len(values) // n * n].reshape(-1, n)
    known = np.isfinite(rows)
    count = known.sum(axis=1)
    sums = np.where(known, rows, 0.0).sum(axis=1)
    mean = np.divide(sums, count, out=np.full(len(rows), np.nan), where=count > 0)
    return np.where(count >= min_valid * n, mean, np.nan)


def _about_place(place: str, site: Site) -> list[Finding]:
    """Return the warning that the sensor for sleep is not at an arm."""
    if site in GROUP_SITES["arms"]:
        return []
    where = place.replace("_", " ") or "a place that is not stated"
    message = (
        f"sleep and rhythm are taken from {where}: methods and constants are for wrists, and "
        "periodic movements of a leg count as wake"
    )
    return [Finding("warning", "days.place", "sleep", message)]
