"""What a report of days (``psgkit.days/1``) holds, for its JSON Schema.

``report.days.document`` writes such reports; nothing reads them back.  A test compares both.
"""

from typing import Annotated, Any, Literal, NotRequired

from pydantic import TypeAdapter, WithJsonSchema
from typing_extensions import TypedDict  # pydantic takes no other before Python 3.12

from psgkit.document.model import (
    Count,
    FindingRow,
    Flag,
    FlagOrNull,
    IndexGroups,
    Number,
    NumberOrNull,
    Objects,
    PostureWord,
    ProfileRow,
    SiteOrNull,
    Span,
    Text,
    TextOrNull,
    Version,
)

_Date = Annotated[Text, WithJsonSchema({"type": "string", "format": "date"})]
_Spans = list[list[Number]]
"""Stretches of time, each onset and end in seconds from the start."""


class ClockCorrection(TypedDict):
    """How the clock of the device was corrected by events that another recording saw."""

    events_n: Count
    offset_s: NumberOrNull
    drift_ppm: NumberOrNull
    residual_s: list[NumberOrNull]


class WornDevice(TypedDict):
    """What was recorded, when (local time), and on which device."""

    file: Text
    sha256: TextOrNull
    start: Text
    zone: TextOrNull
    duration_s: Number
    device: TextOrNull
    clock_correction: ClockCorrection | None


class LeftOutTime(TypedDict):
    """Time of one sensor that is in no denominator, and by which rule."""

    place: Text
    kind: Text
    rule: Text
    share: NumberOrNull
    spans_s: _Spans


class EstimatedSleep(TypedDict):
    """Sleep estimated from movement by the method in ``label``."""

    label: Text
    epoch_s: Number
    asleep_s: _Spans
    awake_s: _Spans


class ActivityCourse(TypedDict):
    """Activity, a value an epoch."""

    of: TextOrNull
    unit: Text
    epoch_s: Number
    start_s: NumberOrNull
    level: list[NumberOrNull]


class DayNightRow(TypedDict):
    """A night between two noons, its window in bed, and its indices."""

    evening: _Date
    clock_h: Number
    bounds_s: list[Number]
    window_s: list[Number] | None
    window_from: TextOrNull
    cut_off: Flag
    reason: TextOrNull
    sleep_by: TextOrNull
    indices: IndexGroups


class LocalDay(TypedDict):
    """A day from midnight to midnight, the hours seen of it, and its indices."""

    date: _Date
    clock_h: Number
    bounds_s: list[Number]
    seen_h: Number
    indices: IndexGroups


class NightMovement(Span):
    """A movement in a night; ``asleep_estimated`` is null where sleep was not estimated."""

    duration_s: Number
    site: SiteOrNull
    candidate: Flag
    imi_s: NumberOrNull
    plm: Flag
    series: int | None
    amplitude: NumberOrNull
    amplitude_unit: TextOrNull
    asleep_estimated: FlagOrNull


class PostureColumns(TypedDict):
    """Postures, one list a column."""

    onset_s: list[Number]
    end_s: list[Number]
    posture: list[PostureWord]


class TrainColumns(TypedDict):
    """Trains of bursts, one list a column."""

    onset_s: list[Number]
    end_s: list[Number]
    place: list[Text]
    kind: list[Text]
    frequency_hz: list[NumberOrNull]


class DaysDocument(TypedDict):
    """A report of days and nights of an actigraph."""

    schema: Literal["psgkit.days/1"]
    psgkit: Version
    recording: WornDevice
    settings: dict[str, Any]
    sensors: Objects
    left_out: list[LeftOutTime]
    findings: list[FindingRow]
    markers_s: list[Number]
    sleep: EstimatedSleep | None
    activity: ActivityCourse | None
    nights: list[DayNightRow]
    days: list[LocalDay]
    movements: dict[str, list[NightMovement]]
    postures: PostureColumns
    rhythms: TrainColumns
    indices: IndexGroups
    profile: ProfileRow
    # reports of the first versions lack it
    symptoms: NotRequired[dict[str, Any] | None]


def days_document() -> TypeAdapter[DaysDocument]:
    """Return what describes a report of days."""
    return TypeAdapter(DaysDocument)
