"""A recording: channels at their own rates, recorded stretches and annotations."""

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Literal

import numpy as np

from psgkit.core.dataclass import dataclass
from psgkit.core.finding import Finding
from psgkit.core.intervals import Intervals
from psgkit.core.shown import Shown, drawing
from psgkit.core.signal import Samples, Signal
from psgkit.core.site import Site
from psgkit.core.sleeper import Sleeper

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NO_DATE = date(1985, 1, 1)
"""Date of a recording whose date is not known but whose time of day is; the first date of EDF,
which anonymised copies have, too."""

Status = Literal["used", "refused", "ignored"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Segment:
    """A stretch of time without a gap."""

    start_s: float
    duration_s: float

    @property
    def end_s(self) -> float:
        """Return the end, excluded."""
        return self.start_s + self.duration_s


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Channel:
    """One channel of a recording.

    Attributes
    ----------
    label : str
        As in the file; a repeated label is numbered (``EMG``, ``EMG-1``).
    role, site : str, Site
        Its use (``leg``, ``arm``, ``trunk``, ``chin``...) and site; see ``io.roles``.
    place : str
        Where an accelerometer is worn, as in ``left_ankle``; its axes have one place.
    axis : str
        Which axis of an accelerometer: ``x``, ``y``, ``z``, or empty if it is the only one.
    rule : str
        The rule that decided the role, in words.
    unit, stored_unit : str
        Unit of the samples after conversion, and the one in the file.
    rate_hz : float
        Exact.
    resolution : float or None
        Smallest step of the recorder, in ``unit``.
    samples : array or file view
        All samples, segment after segment.
    limits : (float, float) or None
        Smallest and largest value that could be stored, in ``unit``.
    status, reason : str
        Whether the analysis used it, and why not.
    doubt : str
        Why its label forbids to score it as it is stored; empty if nothing does.
    electrodes : tuple of Channel
        The two stored channels whose difference this one is; empty for a stored channel.
    """

    label: str
    rate_hz: float
    samples: Samples
    unit: str = ""
    stored_unit: str = ""
    role: str = ""
    site: Site = Site.NONE
    place: str = ""
    axis: str = ""
    rule: str = ""
    resolution: float | None = None
    limits: tuple[float, float] | None = None
    status: Status = "ignored"
    reason: str = ""
    doubt: str = ""
    electrodes: "tuple[Channel, ...]" = ()


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Annotations:
    """Free text with a time, as stored in the recording.

    ``onset_s`` and ``duration_s`` are parallel to ``text``; a duration that was not given is 0.
    """

    onset_s: tuple[float, ...] = ()
    duration_s: tuple[float, ...] = ()
    text: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.text)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class Recording(Shown):
    """The content of one recording.

    Attributes
    ----------
    source : str
        Name of the file, without its folder.
    start : datetime or None
        Wall-clock time of second 0; None when the file does not say.
    segments : tuple of Segment
        In time order; a continuous recording has one.
    channels : tuple of Channel
        In file order.
    annotations : Annotations
    findings : tuple of Finding
    path : str
        Path of the file; empty for a recording made in memory.
    sleeper : Sleeper
        Age and sex as the header states them.
    """

    source: str
    start: datetime | None
    segments: tuple[Segment, ...]
    channels: tuple[Channel, ...]
    annotations: Annotations = field(default_factory=Annotations)
    findings: tuple[Finding, ...] = ()
    path: str = ""
    sleeper: Sleeper = field(default_factory=Sleeper)

    @property
    def duration_s(self) -> float:
        """Return the time from second 0 to the end of the last segment, gaps included."""
        return max((segment.end_s for segment in self.segments), default=0.0)

    def _line(self) -> str:
        start = "" if self.start is None else f", from {self.start:%Y-%m-%d %H:%M}"
        hours = self.duration_s / 3600
        return f"{self.source}: {hours:.1f} h, {len(self.channels)} channels{start}"

    def plot(
        self,
        start: float = 0.0,
        stop: float | None = None,
        channels: Sequence[str] | None = None,
        axes: "Axes | None" = None,
    ) -> "Axes":
        """Draw channels over time, in seconds; see ``psgkit.plot_recording``."""
        return drawing("plot_recording")(self, start, stop, channels, axes)  # type: ignore[no-any-return]

    def recorded(self) -> Intervals:
        """Return the stretches that were recorded, seconds, shape ``(n, 2)``."""
        rows = [(segment.start_s, segment.end_s) for segment in self.segments]
        return np.array(rows, dtype=np.float64).reshape(-1, 2)

    def channel(self, label: str) -> Channel:
        """Return the channel called ``label``; raise ``KeyError`` that lists the labels."""
        for channel in self.channels:
            if channel.label == label:
                return channel
        raise KeyError(f"no channel {label!r}; there are {', '.join(self.labels())}")

    def labels(self) -> list[str]:
        """Return the labels of all channels."""
        return [channel.label for channel in self.channels]

    def with_role(self, role: str) -> tuple[Channel, ...]:
        """Return the channels that serve ``role``."""
        return tuple(channel for channel in self.channels if channel.role == role)

    def signals(self, channel: Channel) -> tuple[Signal, ...]:
        """Return the contiguous stretches of ``channel``, one a segment.

        Raises
        ------
        ValueError
            If the samples do not fill the segments.
        """
        from psgkit.core.signal import SampleSlice

        counts = [round(segment.duration_s * channel.rate_hz) for segment in self.segments]
        if sum(counts) != len(channel.samples):
            raise ValueError(
                f"{channel.label}: {len(channel.samples)} samples, the segments need {sum(counts)}"
            )
        starts = np.cumsum([0, *counts])
        electrodes = [self.signals(electrode) for electrode in channel.electrodes]
        return tuple(
            Signal(
                samples=SampleSlice(channel.samples, int(first), count),
                rate_hz=channel.rate_hz,
                unit=channel.unit,
                label=channel.label,
                site=channel.site,
                start_s=segment.start_s,
                limits=channel.limits,
                electrodes=tuple(stretches[row] for stretches in electrodes),
            )
            for row, (segment, first, count) in enumerate(
                zip(self.segments, starts, counts, strict=False)
            )
        )

    def with_channels(self, changed: Mapping[str, Channel]) -> "Recording":
        """Return the recording with the channels in ``changed`` (by label) replaced."""
        return replace(
            self, channels=tuple(changed.get(channel.label, channel) for channel in self.channels)
        )

    def with_findings(self, *findings: Finding) -> "Recording":
        """Return the recording with more findings."""
        return replace(self, findings=(*self.findings, *findings))
