"""The result of a recording of days: wear, rhythm, each night and each day."""

from collections.abc import Mapping
from dataclasses import field
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.days.activity import Activity
from psgkit.core.days.day_clock import DayClock
from psgkit.core.days.sleep_wake import SleepWake
from psgkit.core.finding import Finding
from psgkit.core.index import Index
from psgkit.core.index_group import HasIndices
from psgkit.core.intervals import Intervals, no_intervals
from psgkit.core.movements import ScoredMovements
from psgkit.core.night_report import Profile
from psgkit.core.postures import Postures
from psgkit.core.rhythms import Rhythms
from psgkit.core.shown import Shown, drawing
from psgkit.core.symptom_diary import SymptomDiary

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Groups = Mapping[str, Mapping[str, Index]]


@dataclass(frozen=True, kw_only=True, slots=True)
class NightWindow:
    """The sleep window (time in bed to sleep) between one noon and the next.

    Attributes
    ----------
    evening : date
        Local date on which the day from noon to noon begins.
    bounds_s : (float, float)
        That day, seconds from the start of the recording; it may reach beyond its ends.
    span_s : (float, float) or None
        The window; None with a ``reason``.
    source : str
        ``sleep diary``, or the rule that found it.
    cut_off : bool
        Whether the window ends at time without data, so that the night may be longer.
    """

    evening: date
    bounds_s: tuple[float, float]
    span_s: tuple[float, float] | None
    source: str = ""
    reason: str = ""
    cut_off: bool = False

    def spans(self) -> Intervals:
        """Return the window as intervals, none without one."""
        if self.span_s is None:
            return no_intervals(np.float64)
        return np.array([self.span_s])


def _clock_h(bounds_s: tuple[float, float]) -> float:
    """Return the length of a day in hours of the clock, to whole minutes despite drift."""
    return round((bounds_s[1] - bounds_s[0]) / 60) / 60


@dataclass(frozen=True, kw_only=True, slots=True)
class NightRow:
    """One night: its window, and indices by group."""

    window: NightWindow
    indices: Groups

    @property
    def clock_h(self) -> float:
        """Return how many hours the day from noon to noon has: 23, 24 or 25."""
        return _clock_h(self.window.bounds_s)


@dataclass(frozen=True, kw_only=True, slots=True)
class DayRow:
    """One local day from midnight to midnight: its length, observed time and indices."""

    date: date
    bounds_s: tuple[float, float]
    seen_h: float
    indices: Groups

    @property
    def clock_h(self) -> float:
        """Return how many hours the day has: 23, 24 or 25."""
        return _clock_h(self.bounds_s)


@dataclass(frozen=True, kw_only=True, slots=True)
class LeftOut:
    """Excluded time of one sensor: reason, rule, share and times."""

    place: str
    kind: str
    rule: str
    share: float
    spans_s: Intervals


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class DaysReport(HasIndices, Shown):
    """The result of one recording of days.

    Attributes
    ----------
    source, sha256 : str, str or None
        File name without its folder, and digest of its bytes.
    clock : DayClock
    duration_s : float
    device : str
    settings : mapping
        Every setting used, as plain values.
    sensors : tuple of mappings
        ``place``, ``labels``, ``rate_hz``, ``what`` of each sensor or column of counts.
    findings : tuple of Finding
    left_out : tuple of LeftOut
    activity : Activity or None
        Of the sensor that the rhythm is taken from, named by ``activity_of``; one value a minute.
    light : Activity or None
        Light in lux, where the device measured it.
    sleep : SleepWake or None
        An estimate from movement; its label names place and method.
    nights, days : tuples of NightRow and DayRow
    movements : mapping of group to ScoredMovements
        Of the nights only.
    postures, rhythms : Postures, Rhythms
        Of the whole recording.
    markers_s : float64 array
        Presses of the event button.
    indices : mapping of group to mapping of name to Index
        Over all days: ``rest_activity``, ``sleep_estimated``, ``akathisia`` and
        ``accelerometer_<place>``.
    profile : Profile
    symptoms : SymptomDiary or None
        What the person wrote down, where a diary was given.
    """

    source: str
    sha256: str | None
    clock: DayClock
    duration_s: float
    device: str
    settings: Mapping[str, Any]
    sensors: tuple[Mapping[str, Any], ...]
    findings: tuple[Finding, ...]
    left_out: tuple[LeftOut, ...]
    activity: Activity | None
    activity_of: str
    sleep: SleepWake | None
    nights: tuple[NightRow, ...]
    days: tuple[DayRow, ...]
    movements: Mapping[str, ScoredMovements]
    postures: Postures
    rhythms: Rhythms
    indices: Groups
    profile: Profile
    light: Activity | None = None
    markers_s: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    version: str = field(default="")
    symptoms: SymptomDiary | None = None

    def _line(self) -> str:
        days = self.duration_s / 86400
        return f"{self.source}: {days:.1f} days, {len(self.nights)} nights"

    def plot(self, axes: "Axes | None" = None) -> "Axes":
        """Draw the actogram; see ``psgkit.plot_actogram``."""
        return drawing("plot_actogram")(self, axes)  # type: ignore[no-any-return]

    def to_frame(self) -> "pd.DataFrame":
        """Return one row an index over all days: group, name, label, value, unit, reason."""
        return drawing("indices_frame")(self)  # type: ignore[no-any-return]

    @property
    def sleep_label(self) -> str:
        """Return the name under which estimated sleep must be shown."""
        return self.sleep.label if self.sleep is not None else ""

    @property
    def implausible_sleep(self) -> bool:
        """Return whether far more or far less sleep is estimated than a day holds."""
        return any(one.code == "days.implausible_sleep" for one in self.findings)

    @property
    def count_scale_unknown(self) -> bool:
        """Return whether sleep is estimated from counts of an unknown scale."""
        unknown = ("days.count_scale", "warning")
        return any((one.code, one.severity) == unknown for one in self.findings)
