"""Which columns of a table hold stages and events, and which rows are which."""

import re
from collections.abc import Callable
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.finding import Finding
from psgkit.core.hypnogram import ASLEEP
from psgkit.core.message import translatable
from psgkit.core.regex import regex
from psgkit.errors import InputFileError, TableError
from psgkit.io.scoring.bids_levels import Levels, named_stages
from psgkit.io.scoring.columns import columns_of, first_with
from psgkit.io.scoring.marks import Wanted
from psgkit.io.scoring.recognise import KNOWN_FORMATS
from psgkit.io.scoring.stage_codes import StageCodes, stage_codes_of
from psgkit.io.scoring.table_rows import row_times
from psgkit.io.scoring.words import (
    kind_of_text,
    number_of_word,
    plain_stage,
    says_plm,
    stage_among_events,
    stage_of_word,
)
from psgkit.io.text.tables import Table

STAGE_COLUMNS = ("stage", "trial_type", "stage_hum", "sleep_stage", "description")
"""Columns that may hold the stage, as messages list them."""
MIXED_COLUMNS = ("trial_type", "description")
"""Columns that by their definition hold other events as well."""
MOVEMENT_TABLE = frozenset(("onset_s", "modality", "n_parts", "candidate"))
"""Columns of ``movements.csv``, each row of which is a movement."""
MOST_NAMED_N = 12
_SAME_LENGTH_S = 0.5
_SHARE_OF_EPOCHS = 0.8
_SHORTEST_EPOCH_S = 5.0

LevelsBeside = Callable[[], Levels]
"""Returns what the codes in each column stand for; called only for a column that has codes."""
Found = tuple[Finding, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class TableContext:
    """What is known of a table besides its text.

    Attributes
    ----------
    levels : callable
        See ``psgkit.io.scoring.bids_levels``.
    start : datetime or None
        Clock time of second 0 of the recording.
    codes : StageCodes or None
        What its words and numbers for stages mean.
    """

    levels: LevelsBeside = dict
    start: datetime | None = None
    codes: StageCodes | None = None


NOTHING_KNOWN = TableContext()


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Parts:
    """Columns with the words for stages and for events, and which rows are which."""

    stage_at: int | None
    event_at: int | None
    is_stage: NDArray[np.bool_]
    is_event: NDArray[np.bool_]
    codes: StageCodes | None = None
    is_movements: bool = False
    findings: Found = ()


def parts_of(table: Table, context: TableContext, wanted: Wanted | None) -> Parts:
    """Return which columns of a table hold stages and events, and which rows are which.

    Raises
    ------
    InputFileError, TableError
        If what is wanted is not there, or may be in several columns.
    """
    if set(table.header) >= MOVEMENT_TABLE and wanted != "stages":
        return _movement_rows(table)
    stage_at, text_at = _stage_column(table), _text_column(table)
    _refuse_without_columns(table, stage_at, text_at, wanted)
    if stage_at is not None and text_at is not None and not _holds_both(table, context, text_at):
        # a table of events may state the stage beside each
        if wanted == "stages" and not _states_stages(table, text_at, context.codes).any():
            raise _stages_beside_events(table, stage_at)
        stage_at = None
    is_stage, is_event = _rows(table, stage_at, text_at, context, wanted)
    if wanted == "stages" and len(table) and not is_stage.any():
        found = f"{len(table)} rows, all of them events"
        advice = "Give this file with --events."
        raise InputFileError(table.where, found, "a table with stages", advice)
    event_at = stage_at if text_at is None else text_at
    stage_at = text_at if stage_at is None else stage_at
    has_events = bool(is_event.any()) or (text_at is not None and not len(table))
    keeps_stages = wanted == "stages" or (wanted is None and (is_stage.any() or not has_events))
    codes, said = context.codes, _about_others(table, is_stage, is_event, wanted)
    if stage_at is not None and keeps_stages and is_stage.any():
        name = table.header[stage_at]
        about_codes: Found = ()
        if codes is None:
            codes, about_codes = _level_codes(table, name, context.levels)
        said = (*about_codes, *_about_column(table, name), *said)
    return Parts(
        stage_at=stage_at if keeps_stages else None,
        event_at=event_at if wanted == "events" or (wanted is None and has_events) else None,
        is_stage=is_stage,
        is_event=is_event,
        codes=codes,
        findings=said,
    )


def _holds_both(table: Table, context: TableContext, text_at: int) -> bool:
    """Return whether the column of stages beside one of events has the stage of every epoch."""
    in_text = _states_stages(table, text_at, context.codes).any()
    return not in_text and _is_every_epoch(table, context)


def _rows(
    table: Table,
    stage_at: int | None,
    text_at: int | None,
    context: TableContext,
    wanted: Wanted | None,
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which rows are stages, and which are events."""
    if stage_at is None and text_at is not None:
        is_stage = _states_stages(table, text_at, context.codes)
        if wanted == "stages" and not is_stage.any():
            is_stage = np.array([not _is_event(w) for w in table.columns[text_at]], dtype=bool)
        return is_stage, ~is_stage
    if stage_at is not None and text_at is not None:
        is_event = np.array([bool(word) for word in table.columns[text_at]], dtype=bool)
        return np.ones(len(table), dtype=bool), is_event
    # a list of stages may hold events that are known as such
    words = () if stage_at is None else table.columns[stage_at]
    is_event = np.array([_is_event(word) for word in words], dtype=bool)
    return ~is_event, is_event


def _movement_rows(table: Table) -> Parts:
    """Return the rows of ``movements.csv``; those of accelerometers are left out."""
    from_emg = np.array([word != "accelerometer" for word in table.text("modality")], dtype=bool)
    findings: Found = ()
    if n_others := int((~from_emg).sum()):
        message = translatable(
            f"{n_others} movements of accelerometers are left out: not comparable with EMG"
        )
        findings = (Finding("info", "report.modality", table.where, message),)
    return Parts(
        stage_at=None,
        event_at=table.header.index("modality"),
        is_stage=~from_emg & from_emg,
        is_event=from_emg,
        is_movements=True,
        findings=findings,
    )


def _stage_column(table: Table) -> int | None:
    """Return the column that holds nothing but stages; refuse several that are as good."""
    columns = [one for one in columns_of(table.header) if one.name not in MIXED_COLUMNS]
    best = first_with(columns, "stage")
    if best is None:
        return None
    equal = [one for one in columns if one.meaning == "stage" and one.rank == best.rank]
    if len(equal) > 1:
        named = " and ".join(repr(one.name) for one in equal)
        raise TableError(
            f"{table.where}, header line",
            f"several columns of stages: {named}",
            "one of them",
            "Name the right one stage, and take the others out.",
        )
    return best.at


def _text_column(table: Table) -> int | None:
    """Return the column that holds events, or events and stages."""
    for name in ("kind", *MIXED_COLUMNS):
        if name in table.header:
            table.text(name)
            return table.header.index(name)
    found = first_with(columns_of(table.header), "event")
    return None if found is None else found.at


_SAYS_STAGE = regex(r"(sleep[ _-]*)stage\b", re.I)


def _states_stages(table: Table, at: int, codes: StageCodes | None) -> NDArray[np.bool_]:
    """Return which rows of a column of events state a stage, if only an unknown one."""
    words = table.columns[at]
    known = {word: _states_stage(word, codes) for word in set(words)}
    found = np.array([known[word] for word in words], dtype=bool)
    if found.any() or not words:
        return found
    numbers = [number_of_word(plain_stage(word)) is not None for word in words]
    stages = [stage_of_word(word) for word in words]
    # words such as "sleep" are stages where they stand among stages alone
    if all(numbers) or (all(stages) and ASLEEP in stages):
        return ~found
    return found


def _states_stage(word: str, codes: StageCodes | None) -> bool:
    if codes is not None and codes.stage(word) is not None:
        return True
    return stage_among_events(word) is not None or _SAYS_STAGE.match(word.strip()) is not None


def _is_event(word: str) -> bool:
    """Return whether a word is an event and no stage."""
    return stage_of_word(word) is None and (kind_of_text(word) is not None or says_plm(word))


def _is_every_epoch(table: Table, context: TableContext) -> bool:
    """Return whether rows follow each other as epochs do, and not as events."""
    if len(table) < 2:  # noqa: PLR2004 - one row follows nothing
        return False
    times = row_times(table, context.start, with_epochs=True)
    if times.is_assumed:
        return True
    steps_s = np.diff(np.sort(times.onset_s[np.isfinite(times.onset_s)]))
    usual_s = float(np.median(steps_s)) if len(steps_s) else 0.0
    same = np.abs(steps_s - usual_s) < _SAME_LENGTH_S
    return usual_s >= _SHORTEST_EPOCH_S and float(same.mean()) >= _SHARE_OF_EPOCHS


def _stages_beside_events(table: Table, stage_at: int) -> TableError:
    return TableError(
        f"{table.where}, column {table.header[stage_at]!r}",
        "stages beside events, and not of every epoch",
        "a row for each epoch or for each change of stage",
        "Give this file with --events, and the stages in a file of their own with --hypnogram.",
    )


def _refuse_without_columns(
    table: Table, stage_at: int | None, text_at: int | None, wanted: Wanted | None
) -> None:
    if wanted == "stages" and stage_at is None and text_at is None:
        table.one_of(STAGE_COLUMNS)
    if wanted == "events" and text_at is None:
        table.one_of(("kind", "trial_type", "description", "event"))
    if stage_at is None and text_at is None:
        found = f"the columns {', '.join(map(repr, table.header[:MOST_NAMED_N]))}"
        raise InputFileError(table.where, found, KNOWN_FORMATS)


def _level_codes(
    table: Table, column: str, levels: LevelsBeside
) -> tuple[StageCodes | None, Found]:
    """Return the codes of a column as the JSON beside the table explains them."""
    codes = {cell for cell in table.text(column) if cell.lstrip("+-").isdigit()}
    named = levels().get(column) if codes else None
    if named is None:
        return None, ()
    stage_of = named_stages(codes, named)
    if not stage_of:
        message = translatable(
            f"the JSON beside the table does not name every code in {column!r}; not used"
        )
        return None, (Finding("warning", "hypnogram.levels", table.where, message),)
    return stage_codes_of(stage_of, "the JSON beside the table"), ()


def _about_column(table: Table, column: str) -> Found:
    """Say which column was read, unless there was only one and it is called ``stage``."""
    others = [name for name in table.header if "stage" in name and name != column]
    if column == "stage" and not others:
        return ()
    message = translatable(f"stages are read from the column {column!r}")
    if others:
        message = f"{message}; " + translatable(f"not read: {', '.join(map(repr, others))}")
    return (Finding("info", "hypnogram.column", table.where, message),)


def _about_others(
    table: Table,
    is_stage: NDArray[np.bool_],
    is_event: NDArray[np.bool_],
    wanted: Wanted | None,
) -> Found:
    """Count the rows that are left out because others are wanted."""
    if wanted is None:
        return ()
    n_others = int((is_event & ~is_stage if wanted == "stages" else is_stage & ~is_event).sum())
    if not n_others:
        return ()
    if wanted == "events":
        message = translatable(f"{n_others} rows are stages and are left out")
        return (Finding("info", "events.stages", table.where, message),)
    message = translatable(f"{n_others} rows are events and are left out")
    return (Finding("info", "hypnogram.events", table.where, message),)
