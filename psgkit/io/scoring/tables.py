"""Stages and events in tables of psgkit, BIDS and YASA, and in lists of one stage a line.

A hypnogram is a table with onset, duration (or end) and stage; a table with one epoch in each row,
optionally numbered in a column ``epoch``; or one stage on each line.  Without times, epochs of 30 s
from the start of the recording are assumed, with a finding.  Events are a table with onset,
duration (or end), kind and site.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import dropwhile

import numpy as np

from psgkit.core.events import KNOWN_KINDS, Events
from psgkit.core.finding import Finding
from psgkit.core.hypnogram import Hypnogram
from psgkit.core.message import translatable
from psgkit.core.site import Site
from psgkit.errors import InputFileError, TableError
from psgkit.io.scoring.annotations import moment_findings
from psgkit.io.scoring.bids_levels import Levels, named_stages
from psgkit.io.scoring.marks import Scoring, Wanted
from psgkit.io.scoring.recognise import KNOWN_FORMATS
from psgkit.io.scoring.stage_rows import USUAL_EPOCH_S, StageRows, hypnogram_from_rows
from psgkit.io.scoring.words import (
    KNOWN_WORDS,
    kind_of_text,
    site_of_text,
    stage_among_events,
    stage_of_word,
    stages_of_words,
)
from psgkit.io.text.read import first_line_of, lines_of
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
EVENT_COLUMNS = ("kind", "trial_type")
TIME_COLUMNS = ("onset_s", "onset", "duration_s", "duration")
LIST_HEADERS = ("stage", "stages", "sleep_stage", "hypnogram", "hypno", "stage_hum")
SITES = tuple(site.value for site in Site)

LevelsBeside = Callable[[], Levels]
"""Returns what the codes in each column stand for; called only for a column that has codes."""
Found = tuple[Finding, ...]


def scoring_of_table(
    text: str, where: str, levels: LevelsBeside = dict, wanted: Wanted | None = None
) -> Scoring:
    r"""Return the stages, events or both in a table or list.

    Parameters
    ----------
    text, where : str
        Content and name of the file.
    levels : callable
        See ``psgkit.io.scoring.bids_levels``.
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
        If a column is missing, a time is no number, a word is not known, or rows overlap.
    """
    hypnogram: Hypnogram | None = None
    events: Events | None = None
    about_stages: Found = ()
    about_events: Found = ()
    if wanted == "stages":
        hypnogram, about_stages = hypnogram_of_text(text, where, levels)
        written_as = translatable("a table of stages")
    elif wanted == "events":
        events, about_events = events_of_text(text, where)
        written_as = translatable("a table of events")
    elif not delimiter_of(first_line_of(text)):
        hypnogram, about_stages = _of_any_list(text, where)
        written_as = translatable("one stage a line")
    else:
        table = parse_table(text, where)
        if _holds_stages(table):
            hypnogram, about_stages = _stages(table, levels)
        if _holds_events(table):
            events, about_events = _events(table)
            is_event = [stage_among_events(kind) is None for kind in events.kind.tolist()]
            events = events.where(np.array(is_event, dtype=bool))
        written_as = _format_of(table, hypnogram, events)
    return Scoring(
        hypnogram=hypnogram,
        events=events,
        format=written_as,
        findings=(*about_stages, *about_events),
    )


def hypnogram_of_text(
    text: str, where: str, levels: LevelsBeside = dict
) -> tuple[Hypnogram, Found]:
    r"""Return the hypnogram in a text, and the findings of reading it.

    Parameters and errors are those of ``scoring_of_table``.

    Examples
    --------
    >>> hypnogram_of_text("onset_s,duration_s,stage\n0,60,W\n", "night.csv")[0].stages.tolist()
    ['W', 'W']
    """
    if not delimiter_of(first_line_of(text)):
        return _of_list(text, where)
    return _stages(parse_table(text, where), levels)


def events_of_text(text: str, where: str) -> tuple[Events, Found]:
    r"""Return the events in the text of a table, and the findings of reading it.

    Kinds are stripped and in lower case; other words for a known kind (``EEG arousal``) become
    that kind, and unknown kinds stay.

    Examples
    --------
    >>> text = "onset;end_s;kind\n12,5;15;EEG arousal\n"
    >>> events_of_text(text, "events.csv")[0].kind.tolist()
    ['arousal']

    Raises
    ------
    TableError
        If a column is missing, a time is no number, an end lies before its onset, or a site is
        not known.
    """
    return _events(parse_table(text, where))


# --- stages --------------------------------------------------------------------------------------


def _stages(table: Table, levels: LevelsBeside) -> tuple[Hypnogram, Found]:
    """Return the hypnogram of a table, with or without times."""
    refuse_several_nights(table)
    column = table.one_of(STAGE_COLUMNS)
    table, about_codes = _named(table, column, levels)
    read = _from_epochs if table.first_of(TIME_COLUMNS) is None else _from_spans
    hypnogram, findings = read(table, column)
    return hypnogram, (*about_codes, *_column_findings(table, column), *findings)


def _named(table: Table, column: str, levels: LevelsBeside) -> tuple[Table, Found]:
    """Return the table with the codes of a column replaced by their stages."""
    cells = table.text(column)
    codes = {cell for cell in cells if cell.lstrip("+-").isdigit()}
    named = levels().get(column) if codes else None
    if named is None:
        return table, ()
    stage_of = named_stages(codes, named)
    if not stage_of:
        message = translatable(
            f"the JSON beside the table does not name every code in {column!r}; not used"
        )
        return table, (Finding("warning", "hypnogram.levels", table.where, message),)
    at = table.header.index(column)
    words = tuple(stage_of.get(cell, cell) for cell in cells)
    columns = (*table.columns[:at], words, *table.columns[at + 1 :])
    said = ", ".join(f"{code} is {stage}" for code, stage in stage_of.items())
    message = translatable(f"codes as the JSON beside the table says: {said}")
    found = Finding("info", "hypnogram.levels", table.where, message)
    return replace(table, columns=columns), (found,)


def _from_spans(table: Table, column: str) -> tuple[Hypnogram, Found]:
    onset_s, end_s = spans_s(table)
    words = table.text(column)
    kept = list(range(len(table)))
    findings = []
    if column in MIXED_COLUMNS:
        kept = [row for row in kept if not _is_event(words[row])]
    if len(kept) < len(table):
        message = translatable(f"{len(table) - len(kept)} rows are events and are left out")
        findings.append(Finding("info", "hypnogram.events", table.where, message))
    lines = [table.lines[row] for row in kept]
    stages, about_numbers = stages_of_words([words[row] for row in kept], lines, table.where)
    rows = StageRows(
        onset_s=onset_s[kept],
        duration_s=(end_s - onset_s)[kept],
        stages=stages,
        places=[f"line {line}" for line in lines],
        where=table.where,
    )
    return hypnogram_from_rows(rows), (*findings, *about_numbers)


def _from_epochs(table: Table, column: str) -> tuple[Hypnogram, Found]:
    """Return the hypnogram of a table with one epoch a row and no times."""
    if "epoch" in table.header:
        numbers = table.numbers("epoch")
        for row in np.flatnonzero(np.diff(numbers) != 1):
            wanted = f"{numbers[row] + 1:g}: every epoch has a row"
            raise table.fault(int(row) + 1, "epoch", wanted)
    return _in_usual_epochs(table.text(column), table.lines, table.where)


def _of_list(text: str, where: str) -> tuple[Hypnogram, Found]:
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
            # skipping it would shift every later epoch
            raise TableError(f"{where}, line {line}", "an empty line", "a stage on every line")
    return _in_usual_epochs([word for _, word in numbered], [line for line, _ in numbered], where)


def _of_any_list(text: str, where: str) -> tuple[Hypnogram, Found]:
    """Return the hypnogram of a text that has no columns and may be no list of stages either."""
    try:
        return _of_list(text, where)
    except TableError as error:
        lines = [line.strip(" \t\"'") for line in lines_of(text) if line.strip()]
        if any(stage_of_word(line) is not None for line in lines[:3]):
            raise
        raise InputFileError(error.where, error.found, KNOWN_FORMATS) from None


def _in_usual_epochs(
    words: Sequence[str], lines: Sequence[int], where: str
) -> tuple[Hypnogram, Found]:
    """Return the hypnogram of stages without times, and that their times were assumed."""
    stages, about_numbers = stages_of_words(words, lines, where)
    message = translatable(
        "no times in the file: 30 s epochs from the start of the recording are assumed"
    )
    assumed = Finding("info", "hypnogram.epochs_assumed", where, message)
    return Hypnogram.of(stages, USUAL_EPOCH_S), (assumed, *about_numbers)


def _is_event(word: str) -> bool:
    """Return whether a word is an event and no stage."""
    return stage_of_word(word) is None and kind_of_text(word) is not None


def _column_findings(table: Table, column: str) -> Found:
    """Say which column was read, unless there was only one and it is called ``stage``."""
    others = [name for name in table.header if "stage" in name and name != column]
    if column == "stage" and not others:
        return ()
    message = translatable(f"stages are read from the column {column!r}")
    if others:
        message = f"{message}; " + translatable(f"not read: {', '.join(others)}")
    return (Finding("info", "hypnogram.column", table.where, message),)


# --- events --------------------------------------------------------------------------------------


def _events(table: Table) -> tuple[Events, Found]:
    refuse_several_nights(table)
    onset_s, end_s = spans_s(table)
    column = table.one_of(EVENT_COLUMNS)
    written = table.text(column)
    for row, word in enumerate(written):
        if not word:
            raise table.fault(row, column, f"a kind of event, such as {', '.join(KNOWN_KINDS)}")
    kind_of = {word: kind_of_text(word) or word.lower() for word in set(written)}
    kinds = [kind_of[word] for word in written]
    events = Events.of(onset_s, end_s, kinds, _sites(table, written, kinds))
    findings = moment_findings(events, table.where)
    renamed = sorted(word for word, kind in kind_of.items() if word.lower() != kind)
    if renamed:
        said = ", ".join(translatable(f"{word!r} as {kind_of[word]}") for word in renamed)
        findings = (
            Finding("info", "events.kind", table.where, translatable(f"read {said}")),
            *findings,
        )
    return events, findings


def _sites(table: Table, written: Sequence[str], kinds: Sequence[str]) -> list[str]:
    """Return the site of each row: of its cell, else of the words for its kind."""
    cells = table.text("site") if "site" in table.header else ("",) * len(kinds)
    sites = ["" if cell.lower() == "n/a" else cell.lower() for cell in cells]
    for row, site in enumerate(sites):
        if site not in SITES:
            raise table.fault(row, "site", f"{', '.join(filter(None, SITES))}, or nothing")
        if not site and kinds[row] == "lm":
            sites[row] = site_of_text(written[row]).value
            if not sites[row] and "site" not in table.header:
                raise TableError(
                    f"{table.where}, line {table.lines[row]}",
                    "a movement (lm) in a table without a column site",
                    "a column site",
                    "Name the limb; the cells of other events may stay empty.",
                )
    return sites


# --- which of them a table holds -----------------------------------------------------------------


def _holds_stages(table: Table) -> bool:
    """Return whether a table that may hold anything has stages."""
    column = table.first_of(STAGE_COLUMNS)
    if column is None or ("kind" in table.header and "stage" not in table.header):
        return False
    return column not in MIXED_COLUMNS or any(map(stage_among_events, table.text(column)))


def _holds_events(table: Table) -> bool:
    """Return whether a table that may hold anything has events, or could: it has no rows."""
    column = table.first_of(EVENT_COLUMNS)
    if column is None or table.first_of(TIME_COLUMNS) is None:
        return False
    words = table.text(column)
    return not words or not all(map(stage_among_events, words))


def _format_of(table: Table, hypnogram: Hypnogram | None, events: Events | None) -> str:
    """Return in words what a table holds; raise ``InputFileError`` if it holds neither."""
    if hypnogram is None and events is None:
        found = f"the columns {', '.join(map(repr, table.header[:12]))}"
        raise InputFileError(table.where, found, KNOWN_FORMATS)
    if "onset" in table.header and table.delimiter == "\t":
        return "BIDS events"
    if hypnogram is None:
        return translatable("a table of events")
    return (
        translatable("a table of stages")
        if events is None
        else translatable("a table of stages and events")
    )
