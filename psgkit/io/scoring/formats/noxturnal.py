"""Read the event list of Noxturnal: CSV in the language of the program.

A header such as ``Start Time,End Time,Event,Duration`` or ``Heure de début,...``; a second line
``[],[],[],[s]`` of units; then stages and events in time order, with dates and whole seconds.
"""

import re
from datetime import datetime

from psgkit.core.regex import regex
from psgkit.errors import TableError
from psgkit.io.scoring.clocks import moments_of, times_of, written_time
from psgkit.io.scoring.formats.column_words import CELL_OF, column_called
from psgkit.io.scoring.marks import Mark, MarkList
from psgkit.io.scoring.words import stage_among_events
from psgkit.io.text.tables import Table, parse_table

_UNIT = r' *"?\[[^\],;\t\n]{0,8}\]"? *'
_UNITS = rf"{_UNIT}(?:[,;\t]{_UNIT})+[,;\t]? *(?=\n|\Z)"
_COLUMNS = "".join(f"(?=.*{CELL_OF[name]})" for name in ("onset", "end", "event", "duration"))
_BLANK_LINES = r"(?:[ \t]*\n)*+"
HEAD = regex(rf"\A{_BLANK_LINES}(?:.+\n{_BLANK_LINES}{_UNITS}|{_COLUMNS})", re.IGNORECASE)
"""A second line of units, or a header with all four columns."""


def noxturnal_marks(text: str, where: str, start: datetime | None) -> MarkList:
    r"""Return the marks of an event list.

    Examples
    --------
    >>> text = "Start Time,End Time,Event,Duration,\n[],[],[],[s],\n"
    >>> row = "25/07/2018 23:46:00,25/07/2018 23:46:30,N2,30,\n"
    >>> noxturnal_marks(text + row, "night.csv", None).marks[0].stage
    'N2'

    Raises
    ------
    TableError
        If a column is missing, or a time or a duration is none.
    """
    table = parse_table(text, where)
    rows = [row for row in range(len(table)) if not _is_units(table, row)]
    onset_at, end_at = _column(table, "onset", 0), _column(table, "end", 1)
    event_at, duration_at = _column(table, "event", 2), column_called("duration", table.header)
    place_at = column_called("place", table.header)
    spots = [f"line {table.lines[row]}" for row in rows]
    cells = [table.columns[onset_at][row] for row in rows]
    moments, findings = moments_of(times_of(cells, spots, where), start, where)
    if not moments:
        return MarkList()
    zero = min(moments)
    marks = []
    for row, moment, spot in zip(rows, moments, spots, strict=True):
        if duration_at is None:
            duration_s = _until_s(table.columns[end_at][row], moment, where, spot)
        else:
            duration_s = _seconds(table.columns[duration_at][row], where, spot)
        said = table.columns[event_at][row]
        marks.append(
            Mark(
                onset_s=(moment - zero).total_seconds(),
                duration_s=duration_s,
                text=said,
                place="" if place_at is None else table.columns[place_at][row],
                spot=spot,
                stage=stage_among_events(said),
            )
        )
    return MarkList(marks=tuple(marks), zero=zero, findings=findings)


def _column(table: Table, name: str, usual: int) -> int:
    """Return the column with a name in any language, else the usual one."""
    found = column_called(name, table.header)
    if found is None and usual >= len(table.header):
        wanted = "the columns start, end, event and duration"
        raise TableError(f"{table.where}, header line", f"{len(table.header)} columns", wanted)
    return usual if found is None else found


def _is_units(table: Table, row: int) -> bool:
    """Return whether a row holds units and no event."""
    cells = [column[row] for column in table.columns if column[row]]
    return all(cell.startswith("[") and cell.endswith("]") for cell in cells)


def _seconds(cell: str, where: str, spot: str) -> float:
    """Return a duration cell in seconds; an empty one is a moment."""
    if not cell:
        return 0.0
    clock = written_time(cell) if ":" in cell else None
    if clock is not None:
        return clock.clock_s
    if not re.fullmatch(r"\d{1,9}(?:[.,]\d{1,9})?", cell):
        raise TableError(f"{where}, {spot}", f"the duration {cell[:40]!r}", "seconds")
    return float(cell.replace(",", "."))


def _until_s(cell: str, onset: datetime, where: str, spot: str) -> float:
    """Return the seconds from an onset to the end written in a cell."""
    (end,), _ = moments_of(times_of([cell], [spot], where), onset, where)
    if end < onset:
        raise TableError(f"{where}, {spot}", f"the end {cell[:40]!r}", "an end after the onset")
    return (end - onset).total_seconds()
