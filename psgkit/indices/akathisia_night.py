"""What the features of akathisia are computed from: movement and trains in waking rest."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from psgkit.core.bounds import SLACK_S
from psgkit.core.intervals import (
    Intervals,
    complement,
    intersect,
    no_intervals,
    runs_of_true,
    union,
)
from psgkit.core.postures import Postures
from psgkit.core.rhythms import Rhythms
from psgkit.core.site import GROUP_SITES, Site
from psgkit.sleep.time_in_stages import SECONDS_PER_HOUR, NightTime

_WAIST = ("waist", "lumbar", "belt", "hip", "back", "abdomen")
"""Places of the trunk in the order they are taken for a waist; any other trunk sensor follows."""
_NOT_ANKLE = ("thigh", "knee", "hip")
_MG = 1000.0
NO_ANKLE = "no accelerometer at an ankle or foot"


class MovementTrack(Protocol):
    """How much a sensor moves, row ``k`` for ``[k, k + 1) / rate_hz`` from ``start_s``."""

    @property
    def start_s(self) -> float:
        """Return the time of the beginning of row 0."""

    @property
    def rate_hz(self) -> float:
        """Return the rows a second."""

    @property
    def movement_g(self) -> NDArray[np.float32]:
        """Return the mean magnitude of movement, without gravity."""

    @property
    def usable(self) -> NDArray[np.bool_]:
        """Return which rows can be trusted."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class AkathisiaNight:
    """What the features are computed from.

    Attributes
    ----------
    time : NightTime
        Its observed time is that of leg EMG, which counts where no ankle has an accelerometer.
    rhythms : Rhythms
        Of all sensors and modalities.
    tracks, sites : mappings of place to MovementTrack, and to Site
        Of all accelerometers.
    walking, disturbed : Intervals
        What is no rest: walking; turns and gross movements.
    walking_known : bool
        Whether any sensor could tell walking.
    postures : Postures or None
        None without a trunk sensor.
    leg_emg : bool
        Whether trains were looked for in leg EMG.
    start : datetime or None
        Clock time of second 0.
    """

    time: NightTime
    rhythms: Rhythms
    tracks: Mapping[str, MovementTrack] = field(default_factory=dict)
    sites: Mapping[str, Site] = field(default_factory=dict)
    walking: Intervals = field(default_factory=lambda: no_intervals(np.float64))
    disturbed: Intervals = field(default_factory=lambda: no_intervals(np.float64))
    walking_known: bool = True
    postures: Postures | None = None
    leg_emg: bool = False
    start: datetime | None = None

    def ankles(self) -> list[str]:
        """Return the places of accelerometers at ankles and feet."""
        return [
            place
            for place, site in self.sites.items()
            if site in GROUP_SITES["legs"]
            and place in self.tracks
            and not any(word in place for word in _NOT_ANKLE)
        ]

    def waist(self) -> str:
        """Return the place of the trunk sensor nearest to a waist, empty without one."""
        trunk = [p for p, s in self.sites.items() if s == Site.TRUNK and p in self.tracks]
        order = [next((k for k, w in enumerate(_WAIST) if w in p), len(_WAIST)) for p in trunk]
        return trunk[int(np.argmin(order))] if trunk else ""

    def observed(self) -> Intervals:
        """Return when a train could have been seen at a leg."""
        ankles = self.ankles()
        if ankles:
            return union(*(usable_time(self.tracks[place]) for place in ankles))
        return self.time.observed if self.leg_emg else no_intervals(np.float64)

    def trains(self) -> Rhythms:
        """Return the trains at ankles and feet, or of leg EMG where no ankle has a sensor."""
        ankles = self.ankles()
        if ankles:
            return self.rhythms.where(
                (self.rhythms.kind == "rhythm") & np.isin(self.rhythms.place, ankles)
            )
        legs = np.isin(self.rhythms.site, GROUP_SITES["legs"])
        return self.rhythms.where(legs & (self.rhythms.modality == "emg"))

    def still(self, stages: tuple[str, ...] | None) -> Intervals:
        """Return observed time in ``stages`` (None: any) less walking, turns, gross movements."""
        seen = self.observed()
        if stages is not None and self.time.hypnogram is not None:
            seen = intersect(seen, self.time.hypnogram.stretches(stages))
        if not len(seen):
            return seen
        moved = union(self.walking.astype(np.float64), self.disturbed.astype(np.float64))
        return intersect(seen, complement(moved, float(seen[0, 0]), float(seen[-1, 1])))

    def rest(self) -> Intervals:
        """Return waking rest: wake, or all time without a hypnogram, less what is no rest."""
        return self.still(("W",))

    def why_no_rest(self) -> str:
        """Return why there is no waking rest, in words."""
        if not self.ankles() and not self.leg_emg:
            return f"{NO_ANKLE}, and no leg EMG"
        return "no waking rest while a leg could be seen"


def usable_time(track: MovementTrack) -> Intervals:
    """Return when a track can be trusted, in seconds."""
    return np.asarray(track.start_s + runs_of_true(track.usable) / track.rate_hz)


def mean_mg(track: MovementTrack, within: Intervals) -> tuple[float, float]:
    """Return the mean movement ``within`` in mg, and the hours it was seen; NaN for none."""
    # rows whose middle lies within; sums by run, since a week has a million rows
    rows = np.ceil((union(within) - track.start_s) * track.rate_hz - 0.5 - SLACK_S)
    edges = np.clip(rows, 0, len(track.movement_g)).astype(np.int64)
    edges = edges[edges[:, 0] < edges[:, 1]].ravel()
    if not len(edges):
        return float("nan"), 0.0
    # sums run to the next edge, the last one to the end of the rows
    usable, starts = track.usable[: edges[-1]], edges[:-1]
    moved_g = np.where(usable, track.movement_g[: edges[-1]], np.float32(0))
    seen_n = int(np.add.reduceat(usable, starts, dtype=np.int64)[::2].sum())
    total_g = float(np.add.reduceat(moved_g, starts, dtype=np.float64)[::2].sum())
    hours = seen_n / track.rate_hz / SECONDS_PER_HOUR
    return (_MG * total_g / seen_n if seen_n else float("nan")), hours
