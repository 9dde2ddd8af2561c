"""Tables of activity counts: cells, epochs, and what of a table is not read.

Cells that are no count and rows that are cut are missing, with a finding, up to a tenth of them; a
table with more is refused.
"""

import csv
from array import array
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from psgkit.core.days.counts import Counts
from psgkit.core.days.day_recording import DayRecording, Track
from psgkit.core.finding import Finding
from psgkit.core.frozen import read_only, smallest
from psgkit.errors import TableError
from psgkit.io.actigraphy.count_columns import (
    TRACK_UNITS,
    CountColumns,
    columns_of_line,
    find_columns,
)
from psgkit.io.actigraphy.epochs import MOST_ROWS, EpochGrid, epoch_grid
from psgkit.io.actigraphy.row_times import MOST_UNREADABLE, settled, times_of_rows
from psgkit.io.actigraphy.times import places_of
from psgkit.io.actigraphy.zones import zone_findings, zone_in_lines
from psgkit.io.channels.places import site_of_place
from psgkit.io.text.lines import Cells, TextLines, blocks_of
from psgkit.io.text.read import lines_of
from psgkit.io.text.tables import Table, delimiter_of, parse_table, quoted, table_of_lines

MISSING_WORDS = frozenset(
    ("", "nan", "na", "n/a", "nv", "nd", "n.d.", "null", "none", "-", "--", ".", "kz", "missing")
)
ACTIGRAPH_AXIS_1 = "ActiGraph counts of axis 1, those that its sleep scoring takes"
_LARGEST = 1e12
_WANTED_COUNT = (
    "a count of 0 or more (acceleration is not read from tables), or an empty cell if it is missing"
)
_NOTED_COLUMNS = 12


def numbers(
    table: Table, name: str, findings: list[Finding], *, least: float = -_LARGEST
) -> NDArray[np.float64]:
    """Return a column as numbers, NaN for missing values and for cells that are no number.

    A finding with the number of such cells is added to ``findings``.

    Raises
    ------
    TableError
        If more than a tenth of the cells are no number from ``least`` on; the message names the
        first of them.
    """
    cells = table.text(name)
    found, stated = np.empty(len(cells)), np.empty(len(cells), dtype=bool)
    first = 0
    for block in blocks_of(cells):
        part = slice(first, first + len(block))
        found[part], stated[part] = _numbers_of(block)
        first = part.stop
    wrong = ~stated & ~((found >= least) & (found <= _LARGEST))
    if not wrong.any():
        return found
    rows = np.flatnonzero(wrong)
    wanted = _WANTED_COUNT if least == 0 else "a number, or an empty cell if it is missing"
    fault = table.fault(int(rows[0]), name, wanted)
    if len(rows) > MOST_UNREADABLE * len(cells):
        raise fault
    message = (
        f"{len(rows)} of {len(cells)} cells are no such number, first {fault.where}: "
        f"{fault.found}; taken as missing"
    )
    findings.append(Finding("warning", "counts.cell", f"{table.where}, column {name!r}", message))
    return np.where(wrong, np.nan, found)


def _numbers_of(cells: Sequence[str]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return cells as numbers, infinite where they are none, and which of them are missing."""
    try:
        found = np.array(cells, dtype=np.float64)
    except ValueError:
        known = [cell.lower() in MISSING_WORDS for cell in cells]
        return np.array([_number(cell) for cell in cells]), np.array(known, dtype=bool)
    return found, np.isnan(found)


def _number(cell: str) -> float:
    if cell.lower() in MISSING_WORDS:
        return float("nan")
    try:
        # a comma within a cell is quoted, or not the delimiter: a decimal comma
        return float(cell.replace(",", "."))
    except ValueError:
        return float("inf")


def counts_of(
    table: Table, columns: CountColumns, grid: EpochGrid, findings: list[Finding]
) -> tuple[Counts, ...]:
    """Return the counts in a table, one for each place; of an ActiGraph those of axis 1.

    Raises
    ------
    TableError
        If more than a tenth of the counts are no number or below 0.
    """
    alone = not columns.counts or len(columns.counts) == 1
    names = columns.axes if alone else ()
    read = [smallest(grid.filled(numbers(table, name, findings, least=0))) for name in names]
    axes = read_only(np.column_stack(read)) if read else np.empty((grid.n_epochs, 0))
    del read
    whole = partial(Counts, epoch_s=grid.epoch_s, axis_names=names, axes=axes)
    if columns.counts:
        return tuple(
            whole(
                counts=grid.filled(numbers(table, name, findings, least=0)),
                definition=f"column {name!r} of the device",
                place=place,
                site=site_of_place(place),
                label=name,
            )
            for name, place in columns.counts
        )
    if columns.of_actigraph:
        counts = read_only(axes[:, 0].astype(np.float64))
        return (whole(counts=counts, definition=ACTIGRAPH_AXIS_1, label=columns.axes[0]),)
    if columns.magnitude:
        values = grid.filled(numbers(table, columns.magnitude, findings, least=0))
        definition = f"column {columns.magnitude!r} of the device"
    else:
        values = np.zeros(grid.n_epochs)
        for axis in axes.T:
            values += axis.astype(np.float64) ** 2
        np.sqrt(values, out=values)
        definition = f"vector magnitude of the columns {', '.join(columns.axes)} of the device"
    return (whole(counts=read_only(values), definition=definition),)


def tracks_of(
    table: Table, columns: CountColumns, grid: EpochGrid, findings: list[Finding]
) -> tuple[Track, ...]:
    """Return light and temperature in a table."""
    return tuple(
        Track(
            name=kind,
            unit=TRACK_UNITS[kind],
            values=read_only(smallest(grid.filled(numbers(table, name, findings)))),
            epoch_s=grid.epoch_s,
        )
        for kind, name in columns.tracks
    )


def markers_of(table: Table, columns: CountColumns, grid: EpochGrid) -> NDArray[np.float64]:
    """Return the start of each epoch in which the button was pressed, in seconds."""
    if columns.marker is None:
        return np.empty(0)
    idle = MISSING_WORDS | {"0", "0.0", "false", "no"}
    cells = table.text(columns.marker)
    pressed = np.fromiter((cell.lower() not in idle for cell in cells), bool, len(cells))
    return np.asarray(grid.epoch[pressed[grid.row]] * grid.epoch_s, dtype=np.float64)


def fault_without_columns(where: str, header: tuple[str, ...]) -> TableError:
    """Return the error for a table in which times or counts were not found."""
    return TableError(
        f"{where}, header line",
        f"the columns {', '.join(map(repr, header[:12]))}",
        "a column of times (time, or date and time) and one of counts (counts, activity, vm, "
        "axis1 to axis3, x y z, or counts_left_ankle and other places)",
    )


FORMAT = "a table of activity counts"
MOST_PREAMBLE_LINES = 60


def header_line(text: str) -> int | None:
    r"""Return the line, from 0, that names a column of times and one of counts; None without one.

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
    text: str | TextLines, where: str, zone: str, *, day_first: bool | None = None
) -> DayRecording:
    r"""Return the counts in a table.

    Parameters
    ----------
    text, where : str or TextLines, str
        The table, and the name of its file.
    zone : str
        Time zone, empty if it is not stated.
    day_first : bool, optional
        Order of ``03/04/2024``; left out, the rows decide.

    Raises
    ------
    TableError
        If a column is missing, a time or a count cannot be read, or the epoch cannot be determined.

    Examples
    --------
    >>> text = "time,counts\n2024-01-31T12:00,5\n2024-01-31T12:01,\n2024-01-31T12:03,7\n"
    >>> days = read_counts_table(text, "week.csv", "Europe/Berlin")
    >>> days.counts[0].counts.tolist(), days.counts[0].epoch_s
    ([5.0, nan, nan, 7.0], 60.0)
    """
    lines = TextLines.of(text)
    skipped = header_line(lines.head)
    if skipped is None:
        first = next((line for line in lines if line.strip()), "")
        raise fault_without_columns(where, parse_table(first, where).header)
    table, findings = whole_rows(lines, skipped, where)
    preamble = lines.first(skipped)
    stated = zone_in_lines(preamble)
    columns = find_columns(table.header)
    days = recording_of_table(table, columns, zone or stated, day_first=day_first)
    findings = (*findings, *zone_findings(stated, zone, days.clock, where))
    if any("simulated" in line.lower() for line in preamble):
        message = "the table states that it is simulated; no person was recorded"
        findings = (*findings, Finding("info", "counts.simulated", where, message))
    return days.with_findings(*findings)


def whole_rows(lines: Iterable[str], skipped: int, where: str) -> tuple[Table, tuple[Finding, ...]]:
    """Return the table from a header line on, without rows that have too few or too many cells.

    ``lines`` are iterated again where rows are left out.

    Raises
    ------
    TableError
        If more than a tenth of the rows have, or there are more than ``MOST_ROWS``.
    """
    try:
        body = _without(lines, skipped, frozenset())
        return table_of_lines(body, where, most_rows=MOST_ROWS), ()
    except TableError as fault:
        header = next((line for at, line in enumerate(lines) if at == skipped), "")
        delimiter = delimiter_of(header) or "\t"
        n_cells = _n_cells(header, delimiter)
        n_rows, odd = 0, array("q")
        for at, line in enumerate(lines):
            if at > skipped and line.strip():
                n_rows += 1
                if _n_cells(line, delimiter) != n_cells:
                    odd.append(at)
        if not 0 < len(odd) <= MOST_UNREADABLE * n_rows:
            raise
        message = f"{len(odd)} of {n_rows} rows are cut or broken, first {fault}; left out"
        found = (Finding("warning", "counts.row", where, message),)
        body = _without(lines, skipped, frozenset(odd))
        return table_of_lines(body, where, most_rows=MOST_ROWS), found


def _without(lines: Iterable[str], skipped: int, odd: frozenset[int]) -> Iterator[str]:
    """Yield lines, empty in place of the preamble and of odd rows, which keeps line numbers."""
    for at, line in enumerate(lines):
        yield "" if at < skipped or at in odd else line


def _n_cells(line: str, delimiter: str) -> int:
    """Return the number of cells of a line up to its last text; -1 for an open quote."""
    try:
        cells = next(csv.reader([line], delimiter=delimiter, strict=True, skipinitialspace=True))
    except csv.Error:
        return -1
    while cells and not cells[-1].strip():
        cells.pop()
    # an empty cell at the end is a missing value
    return max(len(cells), line.count(delimiter) + 1 if '"' not in line else 0)


def recording_of_table(
    table: Table,
    columns: CountColumns,
    zone: str,
    *,
    day_first: bool | None = None,
    epoch_s: float | None = None,
) -> DayRecording:
    """Return the recording in a table whose columns are known; errors as ``read_counts_table``."""
    table, grid, found = epochs_of_table(table, columns, zone, day_first=day_first, epoch_s=epoch_s)
    findings = [*found, *unused_columns(table, columns.used)]
    counts = counts_of(table, columns, grid, findings)
    empty = [one.label for one in counts if bool(np.isnan(one.counts).all())]
    findings += [
        Finding("warning", "counts.empty", f"{table.where}, column {label!r}", "no count at all")
        for label in empty
    ]
    return DayRecording(
        source=table.where,
        clock=grid.clock,
        duration_s=grid.duration_s,
        counts=counts,
        tracks=tracks_of(table, columns, grid, findings),
        markers_s=markers_of(table, columns, grid),
        device="ActiGraph" if columns.of_actigraph else "",
        findings=tuple(findings),
    )


def epochs_of_table(
    table: Table,
    columns: CountColumns,
    zone: str,
    *,
    day_first: bool | None = None,
    epoch_s: float | None = None,
) -> tuple[Table, EpochGrid, tuple[Finding, ...]]:
    """Return the rows of a table that have a time, their epochs, and findings about both."""
    if columns.time is not None:
        cells: Sequence[str] = table.text(columns.time)
        name = columns.time
    else:
        parts = (table.text(columns.date or ""), table.text(columns.clock or ""))
        cells = Cells(f"{day} {clock}" for day, clock in zip(*parts, strict=True))
        name = f"{columns.date} and {columns.clock}"
    times, rows, found = times_of_rows(
        cells, places_of(table, name), table.where, day_first=day_first
    )
    del cells  # two joined columns take as much as the file
    if len(rows) < len(table):
        table = table.with_rows(rows.tolist())
    times, moved = settled(times, table.where)
    grid = epoch_grid(times, zone, table.where, epoch_s)
    return table, grid, (*found, *moved, *grid.findings)


def unused_columns(table: Table, used: frozenset[str]) -> tuple[Finding, ...]:
    """Return a finding that counts the columns of a table that are not read, if there are any."""
    others = [name or "without a name" for name in table.header if name not in used]
    if not others:
        return ()
    named = ", ".join(quoted(name) for name in others[:_NOTED_COLUMNS])
    more = ", ..." if len(others) > _NOTED_COLUMNS else ""
    message = f"{len(others)} of {len(table.header)} columns are not used: {named}{more}"
    return (Finding("info", "counts.columns", table.where, message),)
