"""Recordings of days in EDF and other formats: accelerometers, counts, light."""

from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from psgkit.core.days.counts import Counts
from psgkit.core.days.day_clock import DayClock
from psgkit.core.days.day_recording import DayRecording, Track
from psgkit.core.finding import Finding
from psgkit.core.recording import Channel, Recording
from psgkit.errors import InputFileError
from psgkit.io.scoring.words import kind_of_text

FORMAT = "EDF"
SLOWEST_RAW_HZ = 1.0
"""Activity at this rate or slower is counts, not samples of an accelerometer."""

TRACK_EPOCH_S = 60.0
_HALF_A_STEP = 0.5 + 1e-6
_TRACK_ROLES = {"light": "light", "temperature": "temperature"}
_MARKER_WORDS = ("marker", "event marker", "button", "event button", "patient event")


def days_of_recording(
    recording: Recording, zone: str, start: datetime | None = None
) -> DayRecording:
    """Return a recording with channel roles as a recording of days.

    Parameters
    ----------
    recording : Recording
    zone : str
        Time zone, empty if it is not stated.
    start : datetime, optional
        Local time of second 0, if the file does not state it correctly.

    Raises
    ------
    InputFileError
        If its start is unknown, or no channel is an accelerometer or counts.
    """
    begins = start or recording.start
    if begins is None:
        raise InputFileError(
            recording.source,
            "a recording that does not say when it starts",
            "the local time of its start",
            "State the start: days and nights are those of the wall clock.",
        )
    read = [_counts(recording, one) for one in _activity(recording)]
    counts = tuple(one for one, _ in read)
    if not counts and not recording.with_role("accelerometer"):
        raise InputFileError(
            recording.source,
            f"the channels {', '.join(map(repr, recording.labels()[:12])) or 'none'}",
            "an accelerometer or activity counts",
            "A channel map can say which channel is what.",
        )
    clock = DayClock.of(begins, zone)
    pressed = [
        onset_s
        for onset_s, text in zip(
            recording.annotations.onset_s, recording.annotations.text, strict=True
        )
        if text.split("@@")[0].strip().casefold() in _MARKER_WORDS or kind_of_text(text) == "marker"
    ]
    return DayRecording(
        source=recording.source,
        clock=clock,
        duration_s=recording.duration_s,
        recording=recording,
        counts=counts,
        tracks=tuple(_tracks(recording)),
        markers_s=np.array(pressed, dtype=np.float64),
        findings=(*recording.findings, *(finding for _, found in read for finding in found)),
    )


def read_edf_days(
    path: Path, zone: str, channels: str | Path | None, start: datetime | None
) -> DayRecording:
    """Return the days in an EDF file; errors as ``days_of_recording`` and ``read_recording``."""
    from psgkit.io.read import read_recording

    return days_of_recording(read_recording(path, channels), zone, start)


def _activity(recording: Recording) -> tuple[Channel, ...]:
    return tuple(
        one
        for one in recording.with_role("activity")
        if one.rate_hz <= SLOWEST_RAW_HZ and one.status != "refused" and len(one.samples)
    )


def _counts(recording: Recording, channel: Channel) -> tuple[Counts, tuple[Finding, ...]]:
    """Return the counts of a channel, and findings about them."""
    epoch_s = 1.0 / channel.rate_hz
    values = _on_grid(recording, channel, epoch_s)
    # with symmetric limits no digital step is exactly 0; rest must stay 0
    nearest = _HALF_A_STEP * (channel.resolution or 0.0)
    values = np.where(np.abs(values) <= nearest, 0.0, values)
    below = values < 0
    counts = Counts(
        counts=np.where(below, np.nan, values),
        epoch_s=epoch_s,
        definition=f"channel {channel.label!r} of the device",
        place=channel.place,
        site=channel.site,
        label=channel.label,
    )
    if not below.any():
        return counts, ()
    share = 100 * float(below.mean())
    message = f"{int(below.sum())} epochs ({share:.1f} %) have a count below 0; taken as missing"
    return counts, (Finding("warning", "counts.negative", channel.label, message),)


def _tracks(recording: Recording) -> list[Track]:
    """Return light and temperature, as means over a minute if sampled faster."""
    found = []
    for role, name in _TRACK_ROLES.items():
        for channel in recording.with_role(role):
            if channel.status == "refused" or not len(channel.samples):
                continue
            epoch_s = max(TRACK_EPOCH_S, 1.0 / channel.rate_hz)
            values = _on_grid(recording, channel, epoch_s)
            found.append(Track(name=name, unit=channel.unit, values=values, epoch_s=epoch_s))
    return found


def _on_grid(recording: Recording, channel: Channel, epoch_s: float) -> NDArray[np.float64]:
    """Return means of a channel over epochs from second 0, NaN where nothing was recorded."""
    n_epochs = int(np.ceil(recording.duration_s / epoch_s - 1e-9))
    sums, counted = np.zeros(n_epochs), np.zeros(n_epochs)
    for part in recording.signals(channel):
        block = max(1, int(3600 * channel.rate_hz))
        for first in range(0, len(part.samples), block):
            values = np.asarray(part.samples[first : first + block], dtype=np.float64)
            at_s = part.start_s + (first + np.arange(len(values))) / part.rate_hz
            epoch = np.minimum(((at_s + 1e-6) / epoch_s).astype(np.int64), n_epochs - 1)
            known = np.isfinite(values)
            # only the segments in this hour: a year has thousands of hours
            own = slice(int(epoch[0]), int(epoch[-1]) + 1)
            place, width = epoch[known] - own.start, own.stop - own.start
            sums[own] += np.bincount(place, weights=values[known], minlength=width)
            counted[own] += np.bincount(place, minlength=width)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(counted > 0, sums / np.maximum(counted, 1), np.nan))
