"""Schema of the tables of a cohort: every column with type, unit and meaning.

``nights`` has one row for each night, failed ones included; ``indices`` one for each night and
index, with numerator and denominator of every value and the reason of every missing one.  Of
recordings of days, ``days`` has one row for each recording, ``day_nights`` for each night, and
``day_indices`` for each index of a recording, a night or a day.  ``movements`` and ``findings``
hold those of nights and days.  All are keyed and sorted by ``night_id``.  Columns and types change
only with the number in ``SCHEMA``; columns may be added, so read them by name.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from psgkit.cohort.tables.index_columns import (
    DAY_NIGHT_COLUMNS,
    DAYS_COLUMNS,
    INDEX_COLUMNS,
    SEPARATOR,
    column_in_words,
    is_count,
)
from psgkit.core.dataclass import dataclass
from psgkit.report.words.language import in_language

if TYPE_CHECKING:
    import pyarrow as pa


SCHEMA = "psgkit.cohort.tables/1"
NIGHT_TABLES = ("nights", "indices", "movements", "findings")
TABLES = (*NIGHT_TABLES, "days", "day_nights", "day_indices")
WIDE = ("nights", "days", "day_nights")
"""Tables with a column an index; the others have a row each, and the same columns everywhere."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: ``kind`` is text, float, int, bool or time; ``unit`` is empty for text."""

    name: str
    kind: str
    about: str
    unit: str = ""


STAGES_ABOUT = "Who or what gave the stages: scored, or estimated by a program; null without stages"
NIGHT_ID = Column("night_id", "text", "Key of the night in every table, and name of its folder")
IDENTITY = (
    NIGHT_ID,
    Column("subject", "text", "Subject as a manifest or BIDS states it; null if none does"),
    Column("session", "text", "Session as a manifest or BIDS states it; null if none does"),
    Column("recording", "text", "What the recording is called here"),
)
STATE = (
    Column("state", "text", "done, failed, set_aside (killed its workers twice) or pending"),
    Column("reason", "text", "Why there is no result; null for a night that is done"),
    Column("error_kind", "text", "Kind of the error; null for a night that is done"),
)
FACTS = (
    Column("sha256", "text", "Digest of the recording"),
    Column("start", "time", "Start of the recording, local clock time without a zone"),
    Column("duration_s", "float", "From the start to the last sample, gaps included", "s"),
    Column("recorded_s", "float", "Of that, recorded", "s"),
    Column("segments_n", "int", "Stretches without a gap"),
    Column("lights_off_s", "float", "Start of the analysed night, from the start", "s"),
    Column("lights_on_s", "float", "End of the analysed night, from the start", "s"),
    Column("hypnogram", "bool", "Whether stages were given"),
    Column("channels_used", "text", "Labels of the channels the analysis used, joined by +"),
    Column("sites_used", "text", "What those measure and where, sorted, joined by +"),
    Column("movements_n", "int", "Movements of all sites, rows of this night in movements"),
    Column("rules", "text", "Name of the rule set"),
    Column("settings_id", "text", "Hash of every setting: nights with one hash are comparable"),
    Column("psgkit_version", "text", "Version of psgkit that analysed the night"),
    Column("simulated", "bool", "Whether the recording says that it is simulated"),
    Column("errors_n", "int", "Findings that say that something could not be used"),
    Column("warnings_n", "int", "Findings that affect the result"),
    Column("quality_flags", "text", "What limits the night, joined by +; null if nothing does"),
    Column("cautions", "text", "Codes of the cautions of its report, joined by +; null if none"),
    Column("caution_messages", "text", "Sentences of those cautions, a line each; null if none"),
    Column("reviewed_by", "text", "Who reviewed the scoring; null if not reviewed"),
    Column("reviewed_at", "text", "When, as ISO 8601; null if not reviewed"),
    Column("reviewed_changed_n", "int", "Movements that the review changed; null if not reviewed"),
    Column("stages_from", "text", STAGES_ABOUT),
)
LATER_COLUMNS = (
    *("caution_messages", "reviewed_by", "reviewed_at", "reviewed_changed_n"),
    "stages_from",
)
"""Columns that rows written by earlier versions lack; they are null there."""
INDICES = (
    NIGHT_ID,
    Column("group", "text", "Group of indices, such as legs"),
    Column("name", "text", "Name of the index"),
    Column("value", "float", "Value; null where it cannot be computed, with a reason"),
    Column("unit", "text", "Unit of the value"),
    Column("numerator", "float", "What was counted, if anything was"),
    Column("denominator_h", "float", "Hours it was divided by, for rates", "h"),
    Column("reason", "text", "Why there is no value; null where there is one"),
    Column("stages_from", "text", f"{STAGES_ABOUT}, and for what needs none"),
)
MOVEMENTS = (
    NIGHT_ID,
    Column("onset_s", "float", "Onset from the start of the recording", "s"),
    Column("end_s", "float", "End, excluded", "s"),
    Column("duration_s", "float", "End less onset", "s"),
    Column("site", "text", "Part of the body; null if not stated"),
    Column("modality", "text", "emg, accelerometer or scored (by a person or program)"),
    Column("channels", "text", "Labels of the channels in which it was detected, joined by +"),
    Column("n_parts", "int", "Movements of single channels that make up this one"),
    Column("candidate", "bool", "May join a series (CLM)"),
    Column("respiratory", "bool", "Tied to a respiratory event"),
    Column("arousal", "bool", "Tied to an arousal"),
    Column("stage", "text", "W, N1, N2, N3, R or UNSCORED"),
    Column("imi_s", "float", "From the onset of the candidate before; null if there is none", "s"),
    Column("plm", "bool", "Candidate in a series"),
    Column("series", "int", "Number of the series in its site; null outside"),
    Column("plmnr", "bool", "The same without respiratory candidates; null for one of those"),
    Column("series_nr", "int", "Number of that series; null outside"),
    Column("amplitude", "float", "Mean above rest, in amplitude_unit; null if not measured"),
    Column("amplitude_unit", "text", "uV or g"),
    Column("imi_nr_s", "float", "As imi_s, without respiratory candidates", "s"),
    Column("intensity", "float", "Area above rest: amplitude times duration_s; null without one"),
)
FINDINGS = (
    NIGHT_ID,
    Column("severity", "text", "info, warning (affects the result) or error (not usable)"),
    Column("code", "text", "Stable name for programs"),
    Column("where", "text", "File, channel or field"),
    Column("message", "text", "What was found, wanted and done"),
)
CARRIED_ABOUT = "Carried over from the manifest, as it was written"


def night_columns(
    carried: Sequence[str] = (), more_units: Mapping[str, str] | None = None
) -> tuple[Column, ...]:
    """Return the columns of ``nights``.

    Parameters
    ----------
    carried : sequence of str
        Columns of the manifest; see ``carried_name``.
    more_units : mapping of str to str, optional
        Unit of each index column that only some cohorts have.
    """
    indices = index_columns_of(INDEX_COLUMNS, more_units)
    return (*IDENTITY, *_carried(carried), *STATE, *FACTS, *indices)


def days_columns(
    carried: Sequence[str] = (), more_units: Mapping[str, str] | None = None
) -> tuple[Column, ...]:
    """Return the columns of ``days``; parameters as for ``night_columns``."""
    indices = index_columns_of(DAYS_COLUMNS, more_units)
    return (*IDENTITY, *_carried(carried), *STATE, *DAYS_FACTS, *indices)


def columns_of_table(
    name: str, carried: Sequence[str] = (), more_units: Mapping[str, str] | None = None
) -> tuple[Column, ...]:
    """Return the columns of a table by its name; the last two parameters are for wide tables."""
    if name == "nights":
        return night_columns(carried, more_units)
    if name == "days":
        return days_columns(carried, more_units)
    if name == "day_nights":
        return (NIGHT_ID, *DAY_NIGHT_FACTS, *index_columns_of(DAY_NIGHT_COLUMNS, more_units))
    long = {"indices": INDICES, "movements": MOVEMENTS, "findings": FINDINGS}
    return {**long, "day_indices": (NIGHT_ID, *DAY_INDICES)}[name]


def _carried(names: Sequence[str]) -> Iterator[Column]:
    for name in names:
        yield Column(carried_name(name), "text", CARRIED_ABOUT)


def carried_name(name: str) -> str:
    """Return the column of ``nights`` that holds a column of the manifest.

    It keeps its name, unless that is or looks like a column of psgkit.

    Examples
    --------
    >>> carried_name("group"), carried_name("state"), carried_name("legs__plms_index")
    ('group', 'carried_state', 'carried_legs__plms_index')
    """
    own = {column.name for column in (*IDENTITY, *STATE, *FACTS, *DAYS_FACTS)}
    # SQL ignores case, so "State" would be taken for "state"
    lower = name.lower()
    clash = not name or lower in own or SEPARATOR in name or lower.startswith("carried_")
    return f"carried_{name}" if clash else name


def arrow_schema(columns: Sequence[Column]) -> "pa.Schema":
    """Return columns as an Arrow schema, with description and unit as metadata."""
    import pyarrow as pa

    fields = [
        pa.field(
            column.name,
            arrow_type(column.kind),
            nullable=column.name != NIGHT_ID.name,
            metadata={"description": column.about, "unit": column.unit},
        )
        for column in columns
    ]
    return pa.schema(fields, metadata={"psgkit.schema": SCHEMA})


@cache
def arrow_type(kind: str) -> Any:  # noqa: ANN401 - a type of pyarrow, which is not typed
    """Return the Arrow type of a kind of column."""
    import pyarrow as pa

    types = {
        "text": pa.string(),
        "float": pa.float64(),
        "int": pa.int64(),
        "bool": pa.bool_(),
        "time": pa.timestamp("us"),
    }
    return types[kind]


def schema_as_text() -> str:
    """Return every column of every table as aligned lines."""
    return "\n".join(line for name in TABLES for line in _table(name, columns_of_table(name)))


def _table(name: str, columns: Sequence[Column]) -> Iterator[str]:
    yield f"{name}.parquet, {name}.csv ({SCHEMA})"
    widest = max(len(column.name) for column in columns)
    for column in columns:
        unit = f" [{column.unit}]" if column.unit not in ("", "1") else ""
        yield f"  {column.name:<{widest}}  {column.kind:<5}  {column.about}{unit}"
        if name in ("nights", "days") and column is IDENTITY[-1]:
            yield f"  {'...':<{widest}}  text   {CARRIED_ABOUT}"
    if name in WIDE:
        yield f"  {'...':<{widest}}  float  Indices of other sensors, where a night has them"
    yield ""


@in_language("en")
def index_columns_of(
    always: Mapping[str, str], more_units: Mapping[str, str] | None = None
) -> tuple[Column, ...]:
    """Return the index columns: those of every cohort, then those of this one."""
    more = {name: unit for name, unit in (more_units or {}).items() if name not in always}
    units = {**always, **dict(sorted(more.items()))}
    return tuple(
        Column(name, "int" if is_count(name) else "float", column_in_words(name), unit)
        for name, unit in units.items()
    )


DAYS_FACTS = (
    Column("sha256", "text", "Digest of the recording"),
    Column("start", "time", "Start, local clock time without a zone; corrected if it was"),
    Column("zone", "text", "Time zone it was worn in; null if not stated"),
    Column("duration_s", "float", "From the start to the end, gaps included", "s"),
    Column("worn_h", "float", "Recorded and worn, of the sensor the rhythm is taken from", "h"),
    Column("days_n", "int", "Local days that it touches"),
    Column("nights_n", "int", "Nights whose window is known, rows with one in day_nights"),
    Column("device", "text", "Maker and model, if the file says"),
    Column("sites_used", "text", "What was measured and where, sorted, joined by +"),
    Column("activity_of", "text", "Place whose activity the rhythm is taken from"),
    Column("activity_unit", "text", "What that activity, l5, m10, mesor and amplitude are in"),
    Column("activity_from", "text", "counts (of the device) or acceleration"),
    Column("sleep_by", "text", "How sleep was estimated; it is no polysomnography"),
    Column(
        "clock_offset_s", "float", "Reference less device at the start; null: not corrected", "s"
    ),
    Column("clock_drift_ppm", "float", "How much too slow the device ran; null: not corrected"),
    Column("movements_n", "int", "Movements of all sites at night, its rows in movements"),
    Column("rules", "text", "Name of the rule set of the movements"),
    Column("settings_id", "text", "Hash of every setting: recordings with one are comparable"),
    Column("psgkit_version", "text", "Version of psgkit that analysed the recording"),
    Column("simulated", "bool", "Whether the recording says that it is simulated"),
    Column("errors_n", "int", "Findings that say that something could not be used"),
    Column("warnings_n", "int", "Findings that affect the result"),
    Column("quality_flags", "text", "What limits the recording, joined by +; null if nothing"),
)
DAY_NIGHT_FACTS = (
    Column("evening", "text", "Local date of the noon at which the day of this night begins"),
    Column("clock_h", "float", "Hours from that noon to the next: 23, 24 or 25", "h"),
    Column("window_start", "time", "When the person lay down to sleep, local; null if not known"),
    Column("window_end", "time", "When the person got up, local; null if not known"),
    Column("window_from", "text", "Where the window comes from"),
    Column("cut_off", "bool", "Whether the night may continue unobserved"),
    Column("unseen_min", "float", "Of the window, neither scored asleep nor awake", "min"),
    Column("reason", "text", "Why there is no window; null if there is one"),
    Column("sleep_by", "text", "How sleep was estimated; it is no polysomnography"),
)
DAY_INDICES = (
    Column("of", "text", "recording, night or day: what the index is of"),
    Column("date", "text", "Evening of the night, or date of the day; null for the recording"),
    Column("group", "text", "Group of indices, such as rest_activity"),
    Column("name", "text", "Name of the index"),
    Column("value", "float", "Value; null where it cannot be computed, with a reason"),
    Column("unit", "text", "Unit of the value"),
    Column("numerator", "float", "What was counted, if anything was"),
    Column("denominator_h", "float", "Hours it rests on or was divided by", "h"),
    Column("reason", "text", "Why there is no value; null where there is one"),
    Column("stages_from", "text", "How sleep was estimated; null for what needs no sleep"),
)
