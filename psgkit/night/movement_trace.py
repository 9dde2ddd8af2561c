"""One movement as its detector saw it: the samples and levels around it, at their full rates."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from psgkit.core.excerpts import window_around
from psgkit.core.night_report import NightReport
from psgkit.core.recording import Recording
from psgkit.detect.accelerometer.channels import accelerometers
from psgkit.detect.emg.channels import EMG_GROUPS
from psgkit.detect.emg.ecg import AskedHearts
from psgkit.detect.trace import Seen, emg_seen, sensor_seen
from psgkit.io.bridge import as_recording
from psgkit.night.excerpts import as_used
from psgkit.settings import Settings

if TYPE_CHECKING:
    import mne

_LENGTH_S = 30.0
"""What a scorer sees of a signal at once: an epoch."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class SeenMovement:
    """The neighbourhood of a movement in one channel or sensor.

    Attributes
    ----------
    label, unit : str
    span_s : (float, float)
        What is shown, seconds from the start of the recording.
    stretches : tuple of Seen
        One, or more where the neighbourhood was measured in pieces.
    """

    label: str
    unit: str
    span_s: tuple[float, float]
    stretches: tuple[Seen, ...]


def see_movement(
    recording: "Recording | mne.io.BaseRaw",
    report: NightReport,
    row: int,
    channel: str,
    settings: Settings,
) -> SeenMovement:
    """Return what the detector saw around a movement in a channel, 30 s of it or more.

    Parameters
    ----------
    recording : Recording or mne.io.Raw
        The one the report is of.
    report : NightReport
    row : int
        Of ``report.movements``.
    channel : str
        Label of a channel the movement was seen in.
    settings : Settings
        Those of the report.

    Raises
    ------
    ValueError
        If the recording has no such channel in use.
    """
    found = report.movements.movements
    window = window_around(found.onset_s[row : row + 1], found.end_s[row : row + 1], _LENGTH_S)
    window = np.clip(window, 0, max(1, int(np.ceil(report.duration_s))))
    span_s = (float(window[0, 0]), float(window[0, 1]))
    chosen = as_used(as_recording(recording), report, settings)
    for sensor in accelerometers(chosen):
        if channel in sensor.labels:
            seen = tuple(sensor_seen(sensor, window, settings.accelerometer))
            named = ", ".join(sensor.labels)
            return SeenMovement(label=named, unit="g", span_s=span_s, stretches=seen)
    used = {
        one.label: one
        for role in EMG_GROUPS.values()
        for one in chosen.with_role(role)
        if one.status == "used"
    }
    if channel not in used:
        known = ", ".join(used) or "none"
        raise ValueError(f"the recording has no channel {channel!r} in use; in use are {known}")
    group = next(name for name, role in EMG_GROUPS.items() if role == used[channel].role)
    asked = AskedHearts(chosen, settings.emg.heart)
    stretches: list[Seen] = []
    for number, signal in enumerate(chosen.signals(used[channel])):
        heart = (
            asked.hearts().filter_of(signal, number) if group in settings.emg.heart.groups else None
        )
        stretches += emg_seen(signal, window, settings.emg, heart)
    return SeenMovement(label=channel, unit="uV", span_s=span_s, stretches=tuple(stretches))
