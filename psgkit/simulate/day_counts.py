"""Activity counts of simulated sensors, by psgkit's own open definition."""

from collections.abc import Sequence

import numpy as np

from psgkit.conditioning.activity_counts import OPEN_COUNTS, activity_counts
from psgkit.conditioning.gravity import gravity_track
from psgkit.core.acceleration import Acceleration
from psgkit.core.counts import Counts
from psgkit.core.recording import Channel, Recording

EPOCH_S = 60.0


def simulated_counts(recording: Recording, epoch_s: float = EPOCH_S) -> tuple[Counts, ...]:
    """Return the counts of each sensor of a simulated recording, missing nowhere."""
    places: dict[str, list[Channel]] = {}
    for channel in recording.channels:
        places.setdefault(channel.place, []).append(channel)
    return tuple(_counts(recording, axes, epoch_s) for axes in places.values())


def _counts(recording: Recording, axes: Sequence[Channel], epoch_s: float) -> Counts:
    signals = [recording.signals(channel)[0] for channel in axes]
    one = axes[0]
    sensor = Acceleration(axes=tuple(signals), place=one.place, site=one.site)
    found = activity_counts(gravity_track(sensor), epoch_s)
    return Counts(
        counts=np.round(found),
        epoch_s=epoch_s,
        definition=OPEN_COUNTS,
        place=one.place,
        site=one.site,
        label=f"counts_{one.place}",
    )
