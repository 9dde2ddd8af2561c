"""A hypnogram from text: rows with times, one epoch a row, or one stage a line."""

from dataclasses import replace
from itertools import dropwhile
from types import MappingProxyType

import numpy as np

from psgkit.core.finding import Finding
from psgkit.core.hypnogram import Hypnogram
from psgkit.errors import TableError
from psgkit.io.scoring.bids_levels import Levels, named_stages
from psgkit.io.scoring.event_words import kind_of_text
from psgkit.io.scoring.stage_rows import USUAL_EPOCH_S, StageRows, hypnogram_from_rows
from psgkit.io.scoring.stage_words import KNOWN_WORDS, stage_of_word, stages_of_words
from psgkit.io.text.read import lines_of
from psgkit.io.text.tables import (
    Table,
    delimiter_of,
    parse_table,
    quoted,
    refuse_several_nights,
    spans_s,
)

STAGE_COLUMNS = ("stage", "trial_type", "stage_hum", "sleep_stage", "description")
"""Columns that may hold the stage, the preferred one first."""
MIXED_COLUMNS = ("trial_type", "description")
"""Columns that by their definition hold other events as well."""
TIME_COLUMNS = ("onset_s", "onset", "duration_s", "duration")
NO_LEVELS: Levels = MappingProxyType({})
LIST_HEADERS = ("stage", "stages", "sleep_stage", "hypnogram", "hypno", "stage_hum")


def hypnogram_of_text(
    text: str, where: str, levels: Levels = NO_LEVELS
) -> tuple[Hypnogram, tuple[Finding, ...]]:
    r"""Return the hypnogram a text describes, and what was decided while reading it.

    Parameters
    ----------
    text : str
        A table with onset, duration (or end) and stage; a table with one epoch a row, maybe
        numbered in a column ``epoch``; or one stage a line.  Without times, epochs of 30 s from
        the start of the recording are assumed, and a finding says so.
    where : str
        Name of the file.
    levels : mapping
        What the codes in each column stand for; see ``psgkit.io.scoring.bids_levels``.

    Examples
    --------
    >>> hypnogram_of_text("onset_s,duration_s,stage\n0,60,W\n", "night.csv")[0].stages.tolist()
    ['W', 'W']

    Raises
    ------
    TableError
        If a column is missing, a time is no number, a stage word is not known, or rows overlap.
    """
    first_line = next((line for line in lines_of(text) if line.strip()), "")
    if not delimiter_of(first_line):
        return _from_list(text, where)
    table = parse_table(text, where)
    refuse_several_nights(table)
    column = table.one_of(STAGE_COLUMNS)
    table, about_codes = _named(table, column, levels)
    hypnogram, findings = _from_table(table, column)
    return hypnogram, (*about_codes, *findings)


def _from_table(table: Table, column: str) -> tuple[Hypnogram, tuple[Finding, ...]]:
    """Return the hypnogram of a table, with or without times."""
    if table.first_of(TIME_COLUMNS) is None:
        return _from_epochs(table, column)
    return _from_spans(table, column)


def _named(table: Table, column: str, levels: Levels) -> tuple[Table, tuple[Finding, ...]]:
    """Return the table with the codes of a column replaced by the stages they stand for."""
    cells = table.text(column)
    codes = {cell for cell in cells if cell.lstrip("+-").isdigit()}
    if not codes or column not in levels:
        return table, ()
    stage_of = named_stages(codes, levels[column])
    if not stage_of:
        message = f"the JSON beside the table does not name every code in {column!r}; not used"
        return table, (Finding("warning", "hypnogram.levels", table.where, message),)
    named = tuple(stage_of.get(cell, cell) for cell in cells)
    at = table.header.index(column)
    columns = (*table.columns[:at], named, *table.columns[at + 1 :])
    said = ", ".join(f"{code} is {stage}" for code, stage in stage_of.items())
    message = f"codes as the JSON beside the table says: {said}"
    return replace(table, columns=columns), (
        Finding("info", "hypnogram.levels", table.where, message),
    )


def _from_spans(table: Table, column: str) -> tuple[Hypnogram, tuple[Finding, ...]]:
    """Return the hypnogram of a table with onsets."""
    onset_s, end_s = spans_s(table)
    words = table.text(column)
    kept = list(range(len(table)))
    findings = list(_column_findings(table, column))
    if column in MIXED_COLUMNS:
        kept = [row for row in kept if not _is_event(words[row])]
    if len(kept) < len(table):
        message = f"{len(table) - len(kept)} rows are events and are left out"
        findings.append(Finding("info", "hypnogram.events", table.where, message))
    stages, about_numbers = stages_of_words(
        [words[row] for row in kept], [table.lines[row] for row in kept], table.where
    )
    rows = StageRows(
        onset_s=onset_s[kept],
        duration_s=(end_s - onset_s)[kept],
        stages=stages,
        places=[f"line {table.lines[row]}" for row in kept],
        where=table.where,
    )
    return hypnogram_from_rows(rows), (*findings, *about_numbers)


def _from_epochs(table: Table, column: str) -> tuple[Hypnogram, tuple[Finding, ...]]:
    """Return the hypnogram of a table with one epoch a row and no times."""
    if "epoch" in table.header:
        numbers = table.numbers("epoch")
        for row in np.flatnonzero(np.diff(numbers) != 1):
            wanted = f"{numbers[row] + 1:g}: every epoch has a row"
            raise table.fault(int(row) + 1, "epoch", wanted)
    stages, about_numbers = stages_of_words(table.text(column), table.lines, table.where)
    findings = (*_column_findings(table, column), _epoch_finding(table.where), *about_numbers)
    return Hypnogram.of(stages, USUAL_EPOCH_S), findings


def _from_list(text: str, where: str) -> tuple[Hypnogram, tuple[Finding, ...]]:
    """Return the hypnogram of a text with one stage a line."""
    stripped = enumerate((line.strip(" \t\"'") for line in lines_of(text.rstrip())), start=1)
    numbered = list(dropwhile(lambda line: not line[1], stripped))
    if not numbered:
        raise TableError(where, "no line with text", "a stage on every line")
    first_line, first = numbered[0]
    if first.casefold() in LIST_HEADERS:
        numbered = numbered[1:]
    elif stage_of_word(first) is None and not first.lstrip("+-")[:1].isdigit():
        raise TableError(
            f"{where}, line {first_line}",
            quoted(first),
            f"a table with onset, duration and stage, or one stage a line ({KNOWN_WORDS})",
        )
    for line, word in numbered:
        if not word:
            # Left out, it would move every later epoch.
            raise TableError(f"{where}, line {line}", "an empty line", "a stage on every line")
    lines, words = [line for line, _ in numbered], [word for _, word in numbered]
    stages, about_numbers = stages_of_words(words, lines, where)
    return Hypnogram.of(stages, USUAL_EPOCH_S), (_epoch_finding(where), *about_numbers)


def _is_event(word: str) -> bool:
    """Return whether a word is an event and no stage."""
    return stage_of_word(word) is None and kind_of_text(word) is not None


def _epoch_finding(where: str) -> Finding:
    """Say that the times were assumed."""
    message = "no times in the file: 30 s epochs from the start of the recording are assumed"
    return Finding("info", "hypnogram.epochs_assumed", where, message)


def _column_findings(table: Table, column: str) -> tuple[Finding, ...]:
    """Say which column was read, unless there was only one and it is called ``stage``."""
    others = [name for name in table.header if "stage" in name and name != column]
    if column == "stage" and not others:
        return ()
    beside = f"; not read: {', '.join(others)}" if others else ""
    message = f"stages are read from the column {column!r}{beside}"
    return (Finding("info", "hypnogram.column", table.where, message),)
