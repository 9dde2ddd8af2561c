"""Read the tables of psgkit, of BIDS and of YASA, and lists of one stage a line, as a scoring."""

import numpy as np

from psgkit.core.events import Events
from psgkit.core.finding import Finding
from psgkit.core.hypnogram import Hypnogram
from psgkit.errors import InputFileError, TableError
from psgkit.io.scoring.bids_levels import Levels
from psgkit.io.scoring.event_files import events_of_text
from psgkit.io.scoring.marks import Scoring
from psgkit.io.scoring.recognise import KNOWN_FORMATS
from psgkit.io.scoring.stage_tables import (
    MIXED_COLUMNS,
    NO_LEVELS,
    STAGE_COLUMNS,
    TIME_COLUMNS,
    hypnogram_of_text,
)
from psgkit.io.scoring.stage_words import stage_among_events, stage_of_word
from psgkit.io.text.read import lines_of
from psgkit.io.text.tables import Table, delimiter_of, parse_table

EVENT_COLUMNS = ("kind", "trial_type")


def scoring_of_table(text: str, where: str, levels: Levels = NO_LEVELS) -> Scoring:
    r"""Return what a table holds: stages, events or both.

    Examples
    --------
    >>> text = "onset\tduration\ttrial_type\n0\t30\tSleep stage W\n12\t3\tarousal\n"
    >>> found = scoring_of_table(text, "sub-1_events.tsv")
    >>> found.format, found.hypnogram.stages.tolist(), found.events.kind.tolist()
    ('BIDS events', ['W'], ['arousal'])

    Raises
    ------
    InputFileError
        If nothing in the header says what the table holds.
    TableError
        If a row is faulty.
    """
    first_line = next((line for line in lines_of(text) if line.strip()), "")
    if not delimiter_of(first_line):
        return _of_list(text, where)
    table = parse_table(text, where)
    stages = _stages(table, text, where, levels)
    events = _events(table, text, where)
    if stages is None and events is None:
        found = f"the columns {', '.join(map(repr, table.header[:12]))}"
        raise InputFileError(where, found, KNOWN_FORMATS)
    is_bids = "onset" in table.header and table.delimiter == "\t"
    return Scoring(
        hypnogram=stages[0] if stages is not None else None,
        events=events[0] if events is not None else None,
        format="BIDS events" if is_bids else f"a table of {_named(stages, events)}",
        findings=(*(stages[1] if stages else ()), *(events[1] if events else ())),
    )


def _of_list(text: str, where: str) -> Scoring:
    """Return the scoring of a text without columns."""
    try:
        hypnogram, findings = hypnogram_of_text(text, where)
    except TableError as error:
        lines = [line.strip(" \t\"'") for line in lines_of(text) if line.strip()]
        if any(stage_of_word(line) is not None for line in lines[:3]):
            raise
        raise InputFileError(error.where, error.found, KNOWN_FORMATS) from None
    return Scoring(hypnogram=hypnogram, events=None, format="one stage a line", findings=findings)


def _named(stages: object, events: object) -> str:
    """Return what a table holds, in words."""
    if stages is None:
        return "events"
    return "stages" if events is None else "stages and events"


def _stages(
    table: Table, text: str, where: str, levels: Levels
) -> tuple[Hypnogram, tuple[Finding, ...]] | None:
    """Return the hypnogram of a table, None if it holds none."""
    column = table.first_of(STAGE_COLUMNS)
    if column is None:
        return None
    if column in MIXED_COLUMNS and not any(map(_is_stage, table.text(column))):
        return None
    if "kind" in table.header and "stage" not in table.header:
        return None
    return hypnogram_of_text(text, where, levels)


def _events(table: Table, text: str, where: str) -> tuple[Events, tuple[Finding, ...]] | None:
    """Return the events of a table, None if it holds none."""
    column = table.first_of(EVENT_COLUMNS)
    if column is None or table.first_of(TIME_COLUMNS) is None:
        return None
    words = table.text(column)
    if words and all(map(_is_stage, words)):
        return None
    events, findings = events_of_text(text, where)
    mask = [not _is_stage(kind) for kind in events.kind.tolist()]
    return events.where(np.array(mask, dtype=bool)), findings


def _is_stage(word: str) -> bool:
    """Return whether a word of a mixed column states a stage."""
    return stage_among_events(word) is not None
