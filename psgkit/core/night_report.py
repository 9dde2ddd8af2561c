"""The complete result of one night; reports only format it."""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from psgkit._version import __version__
from psgkit.core.caution import Caution
from psgkit.core.dataclass import dataclass
from psgkit.core.events import Events
from psgkit.core.finding import Finding
from psgkit.core.hypnogram import Hypnogram
from psgkit.core.index import Index
from psgkit.core.index_group import HasIndices
from psgkit.core.movements import ScoredMovements
from psgkit.core.postures import Postures, Turns
from psgkit.core.recording import Channel, Segment
from psgkit.core.rejected import Rejected
from psgkit.core.reviewed import Reviewed, ReviewStart
from psgkit.core.rhythms import Rhythms
from psgkit.core.shown import Shown, drawing
from psgkit.core.sleeper import Sleeper
from psgkit.core.stage_estimate import StageEstimate
from psgkit.core.threshold_index import ThresholdIndex

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

RECORDING_START, RECORDING_END = "start of the recording", "end of the recording"
"""Sources of lights off and on when neither is stated."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Lights:
    """The analysis window ``[off_s, on_s)`` and where each end comes from."""

    off_s: float
    on_s: float
    off_source: str
    on_source: str

    @property
    def off_is_stated(self) -> bool:
        """Return whether lights off is stated and lies within the recording.

        Examples
        --------
        >>> lights = Lights(off_s=0.0, on_s=9.0, off_source=RECORDING_START, on_source="option")
        >>> lights.off_is_stated
        False
        """
        return not self.off_source.startswith(RECORDING_START)

    @property
    def on_is_stated(self) -> bool:
        """Return whether lights on is stated and lies within the recording."""
        return not self.on_source.startswith(RECORDING_END)


@dataclass(frozen=True, kw_only=True, slots=True)
class BreakdownRow:
    """Indices of one part of the night or body.

    ``by`` is ``night``, ``stage``, ``hour``, ``half``, ``third`` or ``side``; ``level`` is which
    one: ``all``, ``sleep``, ``N2``, ``3`` (third hour from lights off), ``first``, ``left_leg``.
    """

    group: str
    by: str
    level: str
    indices: Mapping[str, Index]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ImiHistogram:
    """How many inter-movement intervals fall into each logarithmic bin.

    ``edges_s`` has one more entry than ``sleep_n`` and ``wake_n``; a bin excludes its upper edge.
    """

    edges_s: NDArray[np.float64]
    sleep_n: NDArray[np.int64]
    wake_n: NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class HeartRateCurve:
    """Change of heart rate around the onset of movements: median and quartiles over movements.

    Attributes
    ----------
    n : int
        Number of movements.
    at_s : array, shape (n_times,)
        Seconds from the onset.
    median, low, high : arrays, shape (n_times,)
        Beats a minute more than before the movement; median, lower and upper quartile.
    """

    n: int
    at_s: NDArray[np.float64]
    median: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, slots=True)
class Profile:
    """Evidence for RLS, RAS, RBS and akathisia; never a diagnosis.

    Attributes
    ----------
    statement : str
        What a recording cannot show.
    evidence : tuple of mappings
        One an item, whether it could be measured or not.
    leaning : mapping or None
        ``toward`` and ``because``; None is "undetermined".
    rule : str
        The rule for a leaning, in words.
    missing : tuple of mappings
        Channels or answers that would supply unmeasured items.
    answers, timing, recording, together : str
        What the answers, the dates of drugs and symptoms, and the recording say, and all of them
        together; a sentence each.
    cautions : tuple of str
        What else could explain the answers.
    matrix : tuple of mappings
        One a feature: what each condition expects, and what was found.
    questions : mapping
        How both questions are answered (``sites``, ``akathisia``), and where the recording alone
        points (``recording``).
    """

    statement: str
    evidence: tuple[Mapping[str, Any], ...] = ()
    leaning: Mapping[str, Any] | None = None
    rule: str = ""
    missing: tuple[Mapping[str, Any], ...] = ()
    answers: str = ""
    timing: str = ""
    recording: str = ""
    together: str = ""
    cautions: tuple[str, ...] = ()
    matrix: tuple[Mapping[str, Any], ...] = ()
    questions: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class NightReport(HasIndices, Shown):
    """The result of one night.

    ``report["legs"]["plms_index"]`` and ``report.legs.plms_index`` are the same index.

    Attributes
    ----------
    source, sha256 : str, str or None
        File name without its folder, and digest of its bytes.
    start, duration_s, segments
        Start, duration and recorded stretches.
    settings : mapping
        Every setting used, as plain values: ``{"rules": {"name": ...}, "conditioning": ...}``.
    channels, findings : tuples
    cautions : tuple of Caution
        What a reader must know before the numbers; drawn from all other parts.
    movements : ScoredMovements
        All sites, in onset order.
    hypnogram : Hypnogram or None
        Aligned to the recording; None when no stages were given.
    events : Events
    lights : Lights
    indices : mapping of group to mapping of name to Index
        Groups ``sleep``, ``disruption``, ``legs``, ``arms``...
    breakdown : tuple of BreakdownRow
    imi : mapping of group to ImiHistogram
    heart_rate : mapping of str to HeartRateCurve
        By kind and part of the leg movements: ``plms_all``, ``isolated_no_arousal``...
    profile : Profile
    postures, turns : Postures, Turns
        Of the trunk sensor.
    rhythms : Rhythms
        Trains of bursts, of all sensors.
    rejected : Rejected
        What looked like a movement of a limb but was made by no muscle.
    relief : tuple of mappings
        Movements before, while and after being up, one per group and episode.
    sensitivity : tuple of ThresholdIndex
        The index of the legs at other thresholds of EMG; empty unless asked for.
    staging : StageEstimate or None
        Where the stages were estimated, not scored.
    version : str
        Of the psgkit that made the report.
    reviewed : Reviewed or None
        None if no scorer reviewed it.
    person : Sleeper
        Age and sex, as far as a clinical context states them: for the norms beside values.
    review_start : ReviewStart or None
        For a review on the page of this report; not in ``report.json``.
    """

    source: str
    sha256: str | None
    start: datetime | None
    duration_s: float
    segments: tuple[Segment, ...]
    settings: Mapping[str, Any]
    channels: tuple[Channel, ...]
    findings: tuple[Finding, ...]
    movements: ScoredMovements
    hypnogram: Hypnogram | None
    events: Events
    lights: Lights
    indices: Mapping[str, Mapping[str, Index]]
    profile: Profile
    postures: Postures = field(default_factory=Postures.none)
    turns: Turns = field(default_factory=Turns.none)
    rhythms: Rhythms = field(default_factory=Rhythms.none)
    rejected: Rejected = field(default_factory=Rejected.none)
    relief: tuple[Mapping[str, Any], ...] = ()
    breakdown: tuple[BreakdownRow, ...] = ()
    imi: Mapping[str, ImiHistogram] = field(default_factory=dict)
    heart_rate: Mapping[str, HeartRateCurve] = field(default_factory=dict)
    cautions: tuple[Caution, ...] = ()
    staging: StageEstimate | None = None
    sensitivity: tuple[ThresholdIndex, ...] = ()
    version: str = __version__
    reviewed: Reviewed | None = None
    person: Sleeper = field(default_factory=Sleeper)
    review_start: ReviewStart | None = None

    @property
    def stages_from(self) -> str | None:
        """Return who or what gave the stages: ``scored``, or the words of an estimate.

        None without stages.
        """
        return None if self.hypnogram is None else self.hypnogram.stages_from

    def _line(self) -> str:
        hours = self.duration_s / 3600
        return f"{self.source}: {hours:.1f} h, {len(self.movements)} movements"

    def plot(self, axes: "Axes | None" = None) -> "Axes":
        """Draw the night on one time axis; see ``psgkit.plot_night``."""
        return drawing("plot_night")(self, axes)  # type: ignore[no-any-return]

    def to_frame(self) -> "pd.DataFrame":
        """Return one row an index: group, name, label, value, unit, reason and the like."""
        return drawing("indices_frame")(self)  # type: ignore[no-any-return]
