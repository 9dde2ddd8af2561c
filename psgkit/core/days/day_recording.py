"""A recording of days: accelerometers or counts, their clock, diary and event marks."""

from dataclasses import field, replace

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.days.counts import Counts
from psgkit.core.days.day_clock import DayClock
from psgkit.core.days.diary import Diary
from psgkit.core.days.epoch_motion import EpochMotion
from psgkit.core.finding import Finding
from psgkit.core.frozen import frozen, frozen_numbers
from psgkit.core.intervals import Intervals, complement, no_intervals, total, union
from psgkit.core.recording import Recording


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Track:
    """A slow quantity recorded with the acceleration, such as light or temperature.

    Attributes
    ----------
    name, unit : str
        ``light`` in ``lux``, ``temperature`` in ``degC``, ``battery`` in ``V``; other names stay
        as the file has them.
    values : float64 or float32 array, shape (n,)
        NaN where missing.
    epoch_s, start_s : float
        Time from one value to the next, and of the first, seconds from the start.
    """

    name: str
    unit: str
    values: NDArray[np.floating]
    epoch_s: float
    start_s: float = 0.0

    def __post_init__(self) -> None:
        if not (np.isfinite(self.epoch_s) and self.epoch_s > 0):
            raise ValueError(f"{self.name}: values need a positive distance, got {self.epoch_s} s")
        object.__setattr__(self, "values", frozen_numbers(self.values))

    def __len__(self) -> int:
        return len(self.values)

    def epoch_starts_s(self) -> NDArray[np.float64]:
        """Return the time of each value."""
        return np.asarray(self.start_s + np.arange(len(self.values)) * self.epoch_s, np.float64)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class DayRecording:
    """The content of one recording of days.

    Attributes
    ----------
    source : str
        Name of the file, without its folder.
    clock : DayClock
    duration_s : float
        From second 0 to the end of the last sample or epoch, gaps included.
    recording : Recording or None
        Raw accelerometers, in g, with roles and places; samples are read when they are used.
        ``psgkit.detect.accelerometer.channels`` turns it into sensors.
    counts : tuple of Counts
        Counts of the device, one per place and definition.
    epochs : EpochMotion or None
        ENMO and arm angle that another program measured, in place of samples.
    tracks : tuple of Track
    diary : Diary
    markers_s : float64 array, shape (n,)
        Presses of the event button.
    device : str
        Maker and model, if the file says; never a serial number.
    findings : tuple of Finding
        About the file; those about the clock are in ``clock.findings()``.
    """

    source: str
    clock: DayClock
    duration_s: float
    recording: Recording | None = None
    counts: tuple[Counts, ...] = ()
    epochs: EpochMotion | None = None
    tracks: tuple[Track, ...] = ()
    diary: Diary = field(default_factory=Diary)
    markers_s: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    device: str = ""
    findings: tuple[Finding, ...] = ()

    def __post_init__(self) -> None:
        if not (np.isfinite(self.duration_s) and self.duration_s >= 0):
            raise ValueError(f"{self.source}: a recording lasts 0 s or more, got {self.duration_s}")
        object.__setattr__(self, "markers_s", frozen(np.sort(self.markers_s)))

    def track(self, name: str) -> Track | None:
        """Return the first track called ``name``, None if there is none."""
        return next((track for track in self.tracks if track.name == name), None)

    def day_bounds_s(self, at_hour: int = 12) -> Intervals:
        """Return the local days that overlap the recording; see ``DayClock.day_bounds_s``."""
        return self.clock.day_bounds_s(self.duration_s, at_hour)

    def with_findings(self, *findings: Finding) -> "DayRecording":
        """Return the recording with more findings."""
        return replace(self, findings=(*self.findings, *findings))


EXCLUDED_KINDS = ("gap", "non_wear", "saturated", "artefact")
"""Why time is left out: nothing recorded, not worn, saturated, or not from a body."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Excluded:
    """Time of one sensor or column of counts that is left out for one reason.

    Attributes
    ----------
    kind : str
        One of ``EXCLUDED_KINDS``.
    rule : str
        The rule that excludes it, with its source, in words.
    spans_s : float64 array, shape (n, 2)
        Disjoint, half-open, seconds.
    share : float
        Of the duration of the recording; kinds may overlap.
    """

    kind: str
    rule: str
    spans_s: Intervals
    share: float

    def __post_init__(self) -> None:
        if self.kind not in EXCLUDED_KINDS:
            raise ValueError(f"kind must be one of {', '.join(EXCLUDED_KINDS)}, got {self.kind!r}")
        object.__setattr__(self, "spans_s", frozen(np.reshape(self.spans_s, (-1, 2))))


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Wear:
    """When one sensor, or one column of counts, was worn.

    Attributes
    ----------
    name : str
        Place of the sensor, or label of the counts.
    duration_s : float
        Of the recording.
    excluded : tuple of Excluded
    reason : str
        Why no time is left; empty if some is.
    findings : tuple of Finding
    """

    name: str
    duration_s: float
    excluded: tuple[Excluded, ...] = ()
    reason: str = ""
    findings: tuple[Finding, ...] = ()

    @property
    def left_out_s(self) -> Intervals:
        """Return all time that is left out, disjoint."""
        spans = [one.spans_s for one in self.excluded if len(one.spans_s)]
        return union(*spans) if spans else no_intervals(np.float64)

    @property
    def observed_s(self) -> Intervals:
        """Return the time that is left, disjoint, half-open; none if there is a ``reason``."""
        if self.reason:
            return no_intervals(np.float64)
        return complement(self.left_out_s, 0.0, self.duration_s)

    @property
    def share(self) -> float:
        """Return the observed share of the duration, NaN for none."""
        return total(self.observed_s) / self.duration_s if self.duration_s else float("nan")

    def share_of(self, kind: str) -> float:
        """Return the share of the duration that is left out as ``kind``, NaN for no duration."""
        spans = [one.spans_s for one in self.excluded if one.kind == kind and len(one.spans_s)]
        if not self.duration_s:
            return float("nan")
        return total(union(*spans)) / self.duration_s if spans else 0.0
