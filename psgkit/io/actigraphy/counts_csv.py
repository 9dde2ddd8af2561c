"""Activity counts in delimited tables: one row an epoch, whoever wrote them.

Lines before the header are skipped.  The delimiter, the epoch and the order of day and month are
found in the table.
"""

import numpy as np

from psgkit.core.days.day_recording import DayRecording
from psgkit.core.finding import Finding
from psgkit.io.actigraphy.columns import (
    CountColumns,
    counts_of,
    fault_without_columns,
    find_columns,
    markers_of,
    tracks_of,
)
from psgkit.io.actigraphy.epochs import epoch_grid
from psgkit.io.actigraphy.times import places_of, read_instants
from psgkit.io.text.read import lines_of
from psgkit.io.text.tables import Table, delimiter_of, parse_table

FORMAT = "a table of activity counts"
MOST_PREAMBLE_LINES = 60


def header_line(text: str) -> int | None:
    r"""Return which line, from 0, names a column of times and one of counts; None if none does.

    Examples
    --------
    >>> header_line("Serial Number: X\n\nDate;Time;Activity\n01.02.2024;12:00;3\n")
    2
    """
    for number, line in enumerate(lines_of(text[:65536])[:MOST_PREAMBLE_LINES]):
        columns = columns_of_line(line)
        if columns.has_times and columns.has_counts:
            return number
    return None


def read_counts_table(
    text: str, where: str, zone: str, *, day_first: bool | None = None
) -> DayRecording:
    r"""Return the counts in a table.

    Parameters
    ----------
    text, where : str
        The table, and the name of its file.
    zone : str
        Time zone, empty if it is not stated.
    day_first : bool, optional
        Order of ``03/04/2024``; left out, it is told from the rows.

    Raises
    ------
    TableError
        If a column is missing, a time or a count cannot be read, or the epoch cannot be told.

    Examples
    --------
    >>> text = "time,counts\n2024-01-31T12:00,5\n2024-01-31T12:01,\n2024-01-31T12:03,7\n"
    >>> days = read_counts_table(text, "week.csv", "Europe/Berlin")
    >>> days.counts[0].counts.tolist(), days.counts[0].epoch_s
    ([5.0, nan, nan, 7.0], 60.0)
    """
    skipped = header_line(text)
    lines = lines_of(text)
    if skipped is None:
        first = next((line for line in lines if line.strip()), "")
        raise fault_without_columns(where, parse_table(first, where).header)
    # empty lines in place of the preamble keep the numbers of the lines
    table = parse_table("\n" * skipped + "\n".join(lines[skipped:]), where)
    days = recording_of_table(table, find_columns(table.header), zone, day_first=day_first)
    if any("simulated" in line.lower() for line in lines[:skipped]):
        message = "the table says that nobody was recorded: it is simulated"
        return days.with_findings(Finding("info", "counts.simulated", where, message))
    return days


def recording_of_table(
    table: Table, columns: CountColumns, zone: str, *, day_first: bool | None = None
) -> DayRecording:
    """Return the recording in a table whose columns are known; errors as ``read_counts_table``."""
    if columns.time is not None:
        cells = table.text(columns.time)
        name = columns.time
    else:
        parts = (table.text(columns.date or ""), table.text(columns.clock or ""))
        cells = tuple(f"{day} {clock}" for day, clock in zip(*parts, strict=True))
        name = f"{columns.date} and {columns.clock}"
    times = read_instants(cells, places_of(table, name), day_first=day_first)
    grid = epoch_grid(times, zone, table.where)
    counts = counts_of(table, columns, grid)
    empty = [one.label for one in counts if bool(np.isnan(one.counts).all())]
    findings = [
        Finding("warning", "counts.empty", f"{table.where}, column {label!r}", "no count at all")
        for label in empty
    ]
    return DayRecording(
        source=table.where,
        clock=grid.clock,
        duration_s=grid.duration_s,
        counts=counts,
        tracks=tracks_of(table, columns, grid),
        markers_s=markers_of(table, columns, grid),
        findings=(*grid.findings, *findings),
    )


def columns_of_line(line: str) -> CountColumns:
    """Return which columns a header line names."""
    delimiter = delimiter_of(line) or "\t"
    names = [cell.strip().strip('"').casefold() for cell in line.split(delimiter)]
    return find_columns(tuple(names))
