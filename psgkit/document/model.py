"""What a night report (``psgkit.night/1``) and a test report (``psgkit.sit/1``) must hold.

Pydantic checks a parsed file against these types.  Only functions that read documents import this.
"""

import reprlib
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Annotated, Any, Literal, NotRequired, TypeVar, cast, get_args

import numpy as np
from pydantic import (
    AfterValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    TypeAdapter,
    ValidationError,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema
from typing_extensions import TypedDict  # pydantic takes no other before Python 3.12

from psgkit.core.bounds import SLACK_S
from psgkit.core.dataclass import dataclass
from psgkit.core.finding import Severity
from psgkit.core.hypnogram import STAGES
from psgkit.core.movements import Modality
from psgkit.core.postures import POSTURES
from psgkit.core.recording import Status
from psgkit.core.rejected import REASONS
from psgkit.core.site import Site
from psgkit.document.staging_row import PersonRow, StagingRow
from psgkit.errors import InputFileError

_Document = TypeVar("_Document")
_LARGEST = 1e300
_MOST_COUNTED = 2**53
"""Beyond this a float skips whole numbers."""
_ADVICE = "It is no report as psgkit writes it (psgkit.night/1)."
_WANTED = {"missing": "a value or null", "dict_type": "an object", "list_type": "a list"}
"""What was wanted, by the type of the error; any other error says it in its message."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Words for what a field must hold; they replace what pydantic says."""

    words: str

    def __get_pydantic_core_schema__(
        self,
        source: Any,  # noqa: ANN401 - any type
        handler: GetCoreSchemaHandler,
    ) -> CoreSchema:
        return core_schema.custom_error_schema(
            handler(source), custom_error_type="wanted", custom_error_message=self.words
        )


@dataclass(frozen=True, slots=True, init=False)
class OneOf:
    """A closed vocabulary; None among ``words`` is null."""

    words: tuple[str | None, ...]

    def __init__(self, words: Iterable[str | None]) -> None:
        plain = tuple(word if word is None else str(word) for word in words)
        object.__setattr__(self, "words", plain)

    def __get_pydantic_core_schema__(
        self,
        _source: Any,  # noqa: ANN401 - any type
        _handler: GetCoreSchemaHandler,
    ) -> CoreSchema:
        listed = ", ".join(word for word in self.words if word)
        return core_schema.custom_error_schema(
            core_schema.literal_schema([*self.words]),
            custom_error_type="wanted",
            custom_error_message=f"{'null or ' if None in self.words else ''}one of {listed}",
        )


def refusal(found: str, wanted: str, at: str = "") -> PydanticCustomError:
    """Return why values do not agree; ``at`` is where, from the checked value on."""
    return PydanticCustomError("refused", "{wanted}", {"found": found, "wanted": wanted, "at": at})


_Finite = Annotated[
    float,
    Field(strict=True, ge=-_LARGEST, le=_LARGEST),
    WithJsonSchema({"type": "number"}),
]
_Whole = Annotated[int, Field(strict=True, ge=0, le=_MOST_COUNTED)]
_Word = Annotated[str, Field(strict=True)]
_YesNo = Annotated[bool, Field(strict=True)]

Number = Annotated[_Finite, _Wanted("a finite number")]
NumberOrNull = Annotated[_Finite | None, _Wanted("a finite number or null")]
Count = Annotated[_Whole, _Wanted("a whole number from 0")]
CountOrNull = Annotated[_Whole | None, _Wanted("a whole number from 0 or null")]
Text = Annotated[_Word, _Wanted("a text")]
TextOrNull = Annotated[_Word | None, _Wanted("a text or null")]
Texts = Annotated[list[_Word], _Wanted("a list of texts")]
Flag = Annotated[_YesNo, _Wanted("true or false")]
FlagOrNull = Annotated[_YesNo | None, _Wanted("true or false or null")]
SiteOrNull = Annotated[str | None, OneOf([None, *filter(None, Site)])]
StageWord = Annotated[str, OneOf(STAGES)]
PostureWord = Annotated[str, OneOf(POSTURES)]
ModalityWord = Annotated[Modality, OneOf(get_args(Modality))]
Objects = list[dict[str, Any]]


def _is_iso(text: str | None) -> str | None:
    try:
        datetime.fromisoformat(text or "0001-01-01")
    except ValueError as error:
        wanted = "a date and time (ISO 8601) or null"
        raise refusal(str(error), wanted) from None
    return text


class Version(TypedDict):
    """Which psgkit made the report."""

    version: Text


class SegmentRow(TypedDict):
    """A stretch of the recording without a gap."""

    start_s: Number
    duration_s: Number


class RecordedFile(TypedDict):
    """What was recorded and when; ``start`` is local clock time."""

    file: TextOrNull
    sha256: TextOrNull
    start: Annotated[TextOrNull, AfterValidator(_is_iso)]
    duration_s: Number


class SegmentedFile(RecordedFile):
    """The same with its stretches."""

    segments: list[SegmentRow]


class RuleSet(TypedDict):
    """The scoring rules: their name and every number of theirs."""

    __pydantic_config__ = ConfigDict(extra="allow")  # type: ignore[misc]
    name: Text


class AllSettings(TypedDict):
    """Every setting that was used."""

    __pydantic_config__ = ConfigDict(extra="allow")  # type: ignore[misc]
    rules: RuleSet


class FindingRow(TypedDict):
    """Something odd about the input, and what was done about it."""

    severity: Annotated[Severity, OneOf(get_args(Severity))]
    code: Text
    where: Text
    message: Text


class CautionRow(TypedDict):
    """A reason why numbers may be wrong or not comparable, and what to do about it."""

    code: Text
    severity: Annotated[Severity, OneOf(get_args(Severity))]
    message: Text
    advice: Text
    concerns: Texts


class IndexRow(TypedDict):
    """An index: a value, or the reason why there is none; ``psgkit indices`` says what it is."""

    value: NumberOrNull
    unit: Text
    numerator: NumberOrNull
    denominator_h: NumberOrNull
    reason: TextOrNull
    stages_from: NotRequired[TextOrNull]


def _has_value_or_reason(row: IndexRow) -> IndexRow:
    if (row["value"] is None) != (row["reason"] is not None):
        found = f"value {row['value']} with reason {row['reason']!r}"
        raise refusal(found, "a value or the reason why there is none")
    return row


IndexValue = Annotated[IndexRow, AfterValidator(_has_value_or_reason)]
IndexGroups = dict[str, dict[str, IndexValue]]


class LightsRow(TypedDict):
    """The analysed window, and where each end of it comes from."""

    off_s: Number
    on_s: Number
    off_source: Text
    on_source: Text


class ChannelRow(TypedDict):
    """A channel and what it was used for."""

    label: Text
    role: TextOrNull
    site: SiteOrNull
    unit: TextOrNull
    rate_hz: Number
    status: Annotated[Status, OneOf(get_args(Status))]
    reason: TextOrNull
    place: NotRequired[TextOrNull]
    axis: NotRequired[TextOrNull]
    rule: NotRequired[TextOrNull]


class Span(TypedDict):
    """A stretch of time, seconds from the start of the recording; the end is excluded."""

    onset_s: Number
    end_s: Number


class MovementRow(Span):
    """A movement; ``core.movements.ScoredMovements`` says what each column is."""

    duration_s: Number
    site: SiteOrNull
    modality: ModalityWord
    channels: Texts
    n_parts: Count
    candidate: Flag
    respiratory: Flag
    arousal: Flag
    stage: StageWord
    imi_s: NumberOrNull
    plm: Flag
    series: CountOrNull
    plmnr: FlagOrNull
    series_nr: CountOrNull
    amplitude: NumberOrNull
    amplitude_unit: TextOrNull
    imi_nr_s: NotRequired[NumberOrNull]
    intensity: NotRequired[NumberOrNull]


class EventRow(Span):
    """An event that a scorer marked."""

    kind: Text
    site: SiteOrNull


class PostureRow(Span):
    """A stretch in one posture."""

    posture: PostureWord
    angle_deg: NumberOrNull


class TurnRow(Span):
    """A turn from one posture to another."""

    angle_deg: NumberOrNull
    speed_deg_s: NumberOrNull
    before: Text
    after: Text


class RhythmRow(Span):
    """A train of bursts."""

    site: SiteOrNull
    place: TextOrNull
    modality: ModalityWord
    kind: Text
    frequency_hz: NumberOrNull
    bursts_n: Count
    regularity: NumberOrNull
    alternating: Flag
    stage: StageWord


class RejectedRow(Span):
    """What looked like a movement, and why it is none."""

    site: SiteOrNull
    channel: TextOrNull
    reason: Annotated[str, OneOf(REASONS)]
    amplitude_uv: NumberOrNull


class SensitivityRow(TypedDict):
    """The index of periodic leg movements at other thresholds of EMG."""

    onset_uv: Number
    offset_uv: Number
    movements_n: Count
    name: Text
    index: IndexRow


class EpochRow(TypedDict):
    """An epoch with its stage."""

    onset_s: Number
    duration_s: Number
    stage: StageWord


class Epochs(TypedDict):
    """Start of the first epoch and length of each, with all digits; the rows have six decimals."""

    start_s: Number
    duration_s: Annotated[float, Field(strict=True, gt=0, le=_LARGEST), _Wanted("a length above 0")]
    stages_from: NotRequired[Text]


class BreakdownLine(TypedDict):
    """Indices of a part of the night or of the body."""

    group: Text
    by: Text
    level: Text
    indices: dict[str, IndexValue]


class ImiRow(TypedDict):
    """How many inter-movement intervals lie between two edges."""

    edges_s: list[NumberOrNull]
    sleep_n: list[Count]
    wake_n: list[Count]


class HeartRateRow(TypedDict):
    """Change of heart rate around movements: median and quartiles at times from the onset."""

    n: Count
    at_s: list[Number]
    median: list[Number]
    low: list[Number]
    high: list[Number]


def _of_one_length(row: HeartRateRow) -> HeartRateRow:
    n = len(row["at_s"])
    for name in ("median", "low", "high"):
        found = len(row[name])
        if found != n:
            raise refusal(f"{found} values", f"{n} values, as in at_s", name)
    return row


class ProfileRow(TypedDict):
    """The evidence for and against each disorder; never a diagnosis."""

    statement: Text
    evidence: Objects
    leaning: Annotated[dict[str, Any] | None, _Wanted("an object or null")]
    rule: Text
    missing: Objects
    answers: NotRequired[Text]
    timing: NotRequired[Text]
    recording: NotRequired[Text]
    together: NotRequired[Text]
    cautions: NotRequired[list[Text]]
    matrix: NotRequired[Objects]
    questions: NotRequired[dict[str, Any]]


_SpanRow = TypeVar("_SpanRow", bound=Span)


def _no_end_before_onset(rows: list[_SpanRow]) -> list[_SpanRow]:
    for number, row in enumerate(rows):
        if row["end_s"] < row["onset_s"]:
            raise refusal(str(row["end_s"]), "no end before its onset", f"[{number}].end_s")
    return rows


def _agreeing(rows: list[MovementRow]) -> list[MovementRow]:
    """Refuse movements out of order, or in a series without being PLM, or the other way round."""
    last_s = -_LARGEST
    for number, row in enumerate(_no_end_before_onset(rows)):
        if row["plm"] != bool(row["series"]):
            wanted = f"what series ({row['series']}) says"
            raise refusal(str(row["plm"]), wanted, f"[{number}].plm")
        if row["onset_s"] < last_s:
            wanted = "movements in the order of their onsets"
            raise refusal(str(row["onset_s"]), wanted, f"[{number}].onset_s")
        last_s = row["onset_s"]
    return rows


_Spans = AfterValidator(_no_end_before_onset)


class _Night(TypedDict):
    schema: Literal["psgkit.night/1"]
    psgkit: Version
    settings: AllSettings
    findings: list[FindingRow]
    cautions: NotRequired[list[CautionRow]]
    reviewed: NotRequired[Annotated[dict[str, Any] | None, _Wanted("an object or null")]]
    person: NotRequired[PersonRow]
    epochs: NotRequired[Epochs | None]
    indices: IndexGroups


class NightHead(_Night):
    """The parts of a night report that a course over nights is made from."""

    recording: RecordedFile


class NightDocument(_Night):
    """A night report; earlier versions wrote it without what is not required here."""

    recording: SegmentedFile
    lights: LightsRow
    channels: list[ChannelRow]
    movements: Annotated[list[MovementRow], AfterValidator(_agreeing)]
    postures: Annotated[list[PostureRow], _Spans]
    turns: Annotated[list[TurnRow], _Spans]
    rhythms: Annotated[list[RhythmRow], _Spans]
    rejected: NotRequired[Annotated[list[RejectedRow], _Spans]]
    relief: Objects
    events: NotRequired[Annotated[list[EventRow], _Spans]]
    hypnogram: list[EpochRow]
    staging: NotRequired[StagingRow | None]
    breakdown: list[BreakdownLine]
    imi: dict[str, ImiRow]
    heart_rate: NotRequired[dict[str, Annotated[HeartRateRow, AfterValidator(_of_one_length)]]]
    sensitivity: NotRequired[list[SensitivityRow]]
    profile: ProfileRow


def _epochs_are_the_rows(night: NightDocument) -> NightDocument:
    epochs, rows = night.get("epochs"), night["hypnogram"]
    if epochs is not None:
        starts_s = epochs["start_s"] + np.arange(len(rows)) * epochs["duration_s"]
        if not np.allclose(starts_s, [row["onset_s"] for row in rows], rtol=0, atol=SLACK_S):
            raise refusal(str(epochs), "the times of the rows in hypnogram", "epochs")
    return night


@cache
def night_document() -> TypeAdapter[NightDocument]:
    """Return what checks a night report; it is built when it is first needed."""
    return TypeAdapter(Annotated[NightDocument, AfterValidator(_epochs_are_the_rows)])


@cache
def night_head() -> TypeAdapter[NightHead]:
    """Return what checks the head of a night report."""
    return TypeAdapter(NightHead)


def checked(document: Any, kind: TypeAdapter[_Document], file: str) -> _Document:  # noqa: ANN401
    """Return a parsed file as it is, after looking at every field that ``kind`` has.

    Nothing is converted, so that whole numbers stay whole and keys stay in their order.

    Raises
    ------
    InputFileError
        If a field is missing or wrong; the message names the first one (``movements[3].onset_s``).
    """
    try:
        kind.validate_python(document)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        said = first.get("ctx", {})
        names = (f"[{name}]" if isinstance(name, int) else f".{name}" for name in first["loc"])
        field = "".join((*names, *([f".{said['at']}"] if said.get("at") else [])))
        missing = first["type"] == "missing"
        found = said.get("found") or ("nothing" if missing else reprlib.repr(first["input"]))
        wanted = _WANTED.get(first["type"], first["msg"])
        where = field.replace(".[", "[").lstrip(".")
        raise InputFileError(file, f"{found} at {where}", wanted, _ADVICE) from None
    return cast(_Document, document)
