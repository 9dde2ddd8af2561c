"""Stages and events in tables of any program, and in lists of one stage a line.

A table has columns for the time, and for the stage, the event or both; ``columns`` knows their
names, ``time_columns`` their times, ``stage_codes`` and ``words`` their words.  Without times,
epochs of 30 s from the start of the recording are assumed, with a finding.
"""

from collections.abc import Sequence
from itertools import dropwhile

import numpy as np

from psgkit.core.events import KNOWN_KINDS, Events
from psgkit.core.finding import Finding
from psgkit.core.hypnogram import Hypnogram
from psgkit.core.message import translatable
from psgkit.core.stage_estimate import PROBABILITY_COLUMNS
from psgkit.errors import InputFileError, TableError
from psgkit.io.scoring.build import events_of_marks
from psgkit.io.scoring.clocks import shift_of_marks_s
from psgkit.io.scoring.columns import columns_of, first_with
from psgkit.io.scoring.marks import Mark, Scoring, Wanted
from psgkit.io.scoring.recognise import KNOWN_FORMATS
from psgkit.io.scoring.stage_codes import read_stages
from psgkit.io.scoring.stage_rows import (
    USUAL_EPOCH_S,
    StageRows,
    filled_durations_s,
    gridded,
)
from psgkit.io.scoring.table_parts import (
    MOST_NAMED_N,
    NOTHING_KNOWN,
    Found,
    Parts,
    TableContext,
    parts_of,
)
from psgkit.io.scoring.table_rows import RowTimes, row_times
from psgkit.io.scoring.table_text import COMMENT_SIGNS, is_list, table_in
from psgkit.io.scoring.words import KNOWN_WORDS, number_of_word, stage_of_word
from psgkit.io.text.read import lines_of
from psgkit.io.text.tables import Table, quoted, refuse_several_nights

LIST_HEADERS = ("stage", "stages", "sleep_stage", "hypnogram", "hypno", "stage_hum")
_FEWEST_ON_A_LINE_N = 4
_NO_EVENT = frozenset(("", "n/a", "nan", "none", "-", "."))
_BESIDE_STAGES = frozenset(("case", "scorer", "review", "probability", *PROBABILITY_COLUMNS))
"""Columns of ``psgkit stage``: who gave each stage and how sure; the stage itself is read."""


def scoring_of_table(
    text: str, where: str, context: TableContext = NOTHING_KNOWN, wanted: Wanted | None = None
) -> Scoring:
    r"""Return the stages, events or both in a table or list.

    Parameters
    ----------
    text, where : str
        Content and name of the file.
    context : TableContext
    wanted : str, optional
        ``stages`` or ``events``: the table is read as these, and errors refer to them.

    Examples
    --------
    >>> text = "onset\tduration\ttrial_type\n0\t30\tSleep stage W\n12\t3\tarousal\n"
    >>> found = scoring_of_table(text, "sub-1_events.tsv")
    >>> found.format, found.hypnogram.stages.tolist(), found.events.kind.tolist()
    ('BIDS events', ['W'], ['arousal'])

    Raises
    ------
    InputFileError
        If the header does not show what the table contains.
    TableError
        If a column is missing, times or stages may mean two things, or most rows are faulty.
    """
    if wanted != "events" and is_list(text):
        return _of_list(text, where, context) if wanted else _of_any_list(text, where, context)
    table = table_in(text, where)
    refuse_several_nights(table)
    if wanted != "events" and (line := _night_on_one_line(table)):
        return _of_list("\n".join(line), where, context)
    parts = parts_of(table, context, wanted)
    times = row_times(table, context.start, with_epochs=parts.event_at is None)
    shift_s, about_clock = shift_of_marks_s(times.zero, context.start, where)
    hypnogram: Hypnogram | None = None
    events: Events | None = None
    about_stages: Found = ()
    about_events: Found = ()
    if parts.stage_at is not None and wanted != "events":
        hypnogram, about_stages = _hypnogram(table, parts, times, shift_s)
    if parts.event_at is not None and wanted != "stages":
        events, about_events = _events(table, parts, times, shift_s)
    return Scoring(
        hypnogram=hypnogram,
        events=events,
        format=_format_of(table, hypnogram, events),
        findings=(
            *parts.findings,
            *times.findings,
            *about_clock,
            *about_stages,
            *about_events,
            *_unread_columns(table, parts, times),
        ),
        start=context.start if context.start is not None else times.zero,
    )


def hypnogram_of_text(
    text: str, where: str, context: TableContext = NOTHING_KNOWN
) -> tuple[Hypnogram, Found]:
    r"""Return the hypnogram in a text, and the findings of reading it.

    Parameters and errors are those of ``scoring_of_table``.

    Examples
    --------
    >>> hypnogram_of_text("start,end,stage\n0,60,W\n", "night.csv")[0].stages.tolist()
    ['W', 'W']
    """
    found = scoring_of_table(text, where, context, "stages")
    return found.hypnogram if found.hypnogram is not None else Hypnogram.of([]), found.findings


def events_of_text(
    text: str, where: str, context: TableContext = NOTHING_KNOWN
) -> tuple[Events, Found]:
    r"""Return the events in the text of a table, and the findings of reading it.

    Kinds are stripped and in lower case; other words for a known kind (``EEG arousal``) become
    that kind, and unknown kinds stay.

    Examples
    --------
    >>> text = "onset;end_s;kind\n12,5;15;EEG arousal\n"
    >>> events_of_text(text, "events.csv")[0].kind.tolist()
    ['arousal']
    """
    found = scoring_of_table(text, where, context, "events")
    return found.events if found.events is not None else Events.none(), found.findings


def _unread_columns(table: Table, parts: Parts, times: RowTimes) -> Found:
    """Say which columns were not read."""
    used = {*times.used, parts.stage_at, parts.event_at}
    known = {one.at for one in columns_of(table.header) if one.meaning in ("place", "epoch")}
    if parts.is_movements:
        return ()
    names = [
        name
        for at, name in enumerate(table.header)
        if at not in used | known and "stage" not in name and name not in _BESIDE_STAGES
    ]
    if not names:
        return ()
    said = ", ".join(map(repr, names[:MOST_NAMED_N]))
    more = f" and {len(names) - MOST_NAMED_N} more" if len(names) > MOST_NAMED_N else ""
    message = translatable(f"{len(names)} columns are not read: {said}{more}")
    return (Finding("info", "table.columns", table.where, message),)


# --- stages --------------------------------------------------------------------------------------


def _hypnogram(
    table: Table, parts: Parts, times: RowTimes, shift_s: float
) -> tuple[Hypnogram, Found]:
    """Return the hypnogram in the rows that are stages."""
    rows = np.flatnonzero(parts.is_stage & np.isfinite(times.onset_s)).tolist()
    if parts.stage_at is None or not len(rows):
        return Hypnogram.of([]), ()
    words = [table.columns[parts.stage_at][row] for row in rows]
    spots = [f"line {table.lines[row]}" for row in rows]
    read = read_stages(words, spots, table.where, parts.codes)
    order = np.argsort(times.onset_s[rows], kind="stable")
    onset_s = times.onset_s[rows][order]
    duration_s = np.nan_to_num(times.duration_s[rows][order], nan=0.0)
    stages = [read.stages[k] for k in order.tolist()]
    findings = list(read.findings)
    if n_without := int((duration_s <= 0).sum()):
        message = translatable(
            f"{n_without} stages have no duration and are taken to last until the next one"
        )
        findings.append(Finding("info", "hypnogram.no_duration", table.where, message))
    lasting_s = filled_durations_s(onset_s, duration_s, stages)
    kept = lasting_s > 0
    hypnogram, about_grid = gridded(
        StageRows(
            onset_s=onset_s[kept] + shift_s,
            duration_s=lasting_s[kept],
            stages=[stage for stage, keep in zip(stages, kept, strict=True) if keep],
            places=[spots[k] for k, keep in zip(order.tolist(), kept, strict=True) if keep],
            where=table.where,
        )
    )
    return hypnogram, (*findings, *about_grid)


def _of_list(text: str, where: str, context: TableContext) -> Scoring:
    """Return the stages in a text with one stage a line."""
    stripped = enumerate((line.strip(" \t\"'\ufeff") for line in lines_of(text.rstrip())), start=1)
    numbered = list(dropwhile(lambda line: line[1][:1] in COMMENT_SIGNS, stripped))
    if not numbered:
        raise TableError(where, "no line with text", "a stage on every line")
    first_line, first = numbered[0]
    is_code = context.codes is not None and context.codes.stage(first) is not None
    if first.casefold() in LIST_HEADERS:
        numbered = numbered[1:]
    elif not is_code and stage_of_word(first) is None and not first.lstrip("+-")[:1].isdigit():
        raise TableError(
            f"{where}, line {first_line}",
            quoted(first),
            f"a table with onset, duration and stage, or one stage a line ({KNOWN_WORDS})",
        )
    for line, word in numbered:
        if not word:
            # skipping it would shift every later epoch
            raise TableError(f"{where}, line {line}", "an empty line", "a stage on every line")
    spots = [f"line {line}" for line, _ in numbered]
    read = read_stages([word for _, word in numbered], spots, where, context.codes)
    message = translatable(
        "no times in the file: 30 s epochs from the start of the recording are assumed"
    )
    assumed = Finding("info", "hypnogram.epochs_assumed", where, message)
    return Scoring(
        hypnogram=Hypnogram.of(read.stages, USUAL_EPOCH_S),
        events=None,
        format="one stage a line",
        findings=(assumed, *read.findings),
        start=context.start,
    )


def _of_any_list(text: str, where: str, context: TableContext) -> Scoring:
    """Return the stages in a text that has no columns and may be no list of stages either."""
    try:
        return _of_list(text, where, context)
    except TableError as error:
        lines = [line.strip(" \t\"'") for line in lines_of(text) if line.strip()]
        numbers = [number_of_word(line) is not None for line in lines]
        if any(stage_of_word(line) is not None for line in lines[:3]) or all(numbers):
            raise
        raise InputFileError(error.where, error.found, KNOWN_FORMATS) from None


def _night_on_one_line(table: Table) -> tuple[str, ...]:
    """Return the stages of a night that is written on one line; empty if it is not."""
    if len(table) or len(table.header) < _FEWEST_ON_A_LINE_N:
        return ()
    known = [stage_of_word(word) or number_of_word(word) is not None for word in table.header]
    return table.header if all(known) else ()


# --- events --------------------------------------------------------------------------------------


def _events(table: Table, parts: Parts, times: RowTimes, shift_s: float) -> tuple[Events, Found]:
    place = first_with(columns_of(table.header), "place")
    places: Sequence[str] = ("",) * len(table) if place is None else table.columns[place.at]
    rows = np.flatnonzero(parts.is_event & np.isfinite(times.onset_s)).tolist()
    words: Sequence[str] = ("lm",) * len(table)
    findings: list[Finding] = []
    if parts.event_at is not None and not parts.is_movements:
        words = table.columns[parts.event_at]
        empty = [row for row in rows if words[row].casefold() in _NO_EVENT]
        findings += _about_empty(table, parts.event_at, empty, rows)
        rows = [row for row in rows if words[row].casefold() not in _NO_EVENT]
    marks = [
        Mark(
            onset_s=float(times.onset_s[row]),
            duration_s=float(np.nan_to_num(times.duration_s[row], nan=0.0)),
            text=words[row],
            place="" if places[row].casefold() in _NO_EVENT else places[row],
            spot=f"line {table.lines[row]}",
        )
        for row in rows
    ]
    unknown_n = int(np.isnan(times.duration_s[rows]).sum())
    if unknown_n:
        message = translatable(f"{unknown_n} events have no duration: when they end is not known")
        findings.append(Finding("warning", "events.unknown_duration", table.where, message))
    events, about = events_of_marks(marks, shift_s, table.where, has_sites=True)
    return events, (*findings, *about)


def _about_empty(table: Table, at: int, empty: Sequence[int], rows: Sequence[int]) -> Found:
    if not empty:
        return ()
    if 2 * len(empty) >= len(rows):
        wanted = f"a kind of event, such as {', '.join(KNOWN_KINDS)}"
        raise table.fault(empty[0], table.header[at], wanted)
    message = translatable(
        f"{len(empty)} of {len(rows)} rows name no event and are left out, "
        f"first in line {table.lines[empty[0]]}"
    )
    return (Finding("warning", "table.rows", table.where, message),)


def _format_of(table: Table, hypnogram: Hypnogram | None, events: Events | None) -> str:
    """Return in words what a table holds."""
    if "onset" in table.header and table.delimiter == "\t":
        return "BIDS events"
    if hypnogram is None:
        return translatable("a table of events")
    return (
        translatable("a table of stages")
        if events is None
        else translatable("a table of stages and events")
    )
