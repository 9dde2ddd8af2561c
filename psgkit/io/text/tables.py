"""Delimited tables: commas, tabs or semicolons, a header line, and cells that know their line.

The delimiter is decided by the header line alone.  A decimal comma is understood where the comma
is not the delimiter.  Every fault is a ``TableError`` that names the file, the line and the column.
"""

import csv
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.regex import regex
from psgkit.errors import TableError
from psgkit.io.text.lines import LONGEST_LINE, Cells, ColumnsBuilder, TextLines
from psgkit.io.text.own_files import own_file_of_text
from psgkit.io.text.read import MOST_LINES

MAX_TIME_S = 1e9
"""Thirty years: a time beyond is a clock or a sample number in the wrong column."""
SAME_TIME_S = 1e-2
"""How far an end may lie from onset plus duration where a table gives all three."""

MOST_COLUMNS = 1000
"""psgkit's own choice; tables of scorings and counts have tens."""

_NUMBER = regex(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)(e[+-]?\d+)?", re.IGNORECASE | re.ASCII)
_LONGEST_QUOTE = 40


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """A table as text; ``where`` is the name of its file.

    Names of columns are stripped and in lower case, cells are stripped; ``lines`` has the line of
    each row in the file, from 1.
    """

    where: str
    delimiter: str
    header: tuple[str, ...]
    columns: tuple[Sequence[str], ...]
    lines: Sequence[int]

    def __len__(self) -> int:
        return len(self.lines)

    def first_of(self, names: Sequence[str]) -> str | None:
        """Return the first of ``names`` that is a column, None if none is."""
        return next((name for name in names if name in self.header), None)

    def one_of(self, names: Sequence[str]) -> str:
        """Return the first of ``names`` that is a column; raise ``TableError`` if none is."""
        found = self.first_of(names)
        if found is None:
            raise TableError(
                f"{self.where}, header line",
                f"the columns {', '.join(map(repr, self.header))}",
                f"a column {' or '.join(names)}",
            )
        return found

    def text(self, name: str) -> Sequence[str]:
        """Return the cells of the column ``name``; raise ``TableError`` if there are two."""
        if self.header.count(name) > 1:
            raise TableError(
                f"{self.where}, header line", f"several columns called {name!r}", "one of them"
            )
        return self.columns[self.header.index(name)]

    def numbers(self, name: str) -> NDArray[np.float64]:
        """Return the column ``name`` as finite numbers; raise ``TableError`` for any other cell."""
        cells = self.text(name)
        with_point = any("." in cell for cell in cells)
        values = [self._number(row, name, cell) for row, cell in enumerate(cells)]
        if with_point:
            for row, cell in enumerate(cells):
                if "," in cell:
                    raise self.fault(row, name, "a point in every number, as in other rows")
        return np.array(values, dtype=np.float64)

    def times_s(self, name: str) -> NDArray[np.float64]:
        """Return the column ``name`` as seconds of at most thirty years."""
        values = self.numbers(name)
        for row in np.flatnonzero(np.abs(values) > MAX_TIME_S):
            raise self.fault(int(row), name, "seconds from the start of the recording")
        return values

    def with_rows(self, rows: Sequence[int]) -> "Table":
        """Return the table of some rows, which keep their line numbers."""
        columns = tuple(
            Cells(column[row] for row in rows)
            if isinstance(column, Cells)
            else tuple(column[row] for row in rows)
            for column in self.columns
        )
        return replace(self, columns=columns, lines=tuple(self.lines[row] for row in rows))

    def fault(self, row: int, column: str, wanted: str, advice: str = "") -> TableError:
        """Return the error for the cell in ``row`` of ``column``."""
        cell = self.text(column)[row]
        where = f"{self.where}, line {self.lines[row]}, column {column!r}"
        return TableError(where, quoted(cell), wanted, advice)

    def _number(self, row: int, name: str, cell: str) -> float:
        """Return one cell as a number."""
        match = _NUMBER.fullmatch(cell)
        if match is None or ("," in cell and self.delimiter == ","):
            advice = "Write a moment without duration as 0." if "duration" in name else ""
            raise self.fault(row, name, "a number of seconds", advice)
        value = float(cell.replace(",", "."))
        if not math.isfinite(value):
            raise self.fault(row, name, "a finite number")
        return value


def quoted(cell: str) -> str:
    """Return a cell as messages show it.

    Examples
    --------
    >>> quoted("N7"), quoted("")
    ("'N7'", 'an empty cell')
    """
    if not cell:
        return "an empty cell"
    return repr(cell if len(cell) <= _LONGEST_QUOTE else cell[:_LONGEST_QUOTE] + "...")


def delimiter_of(header_line: str) -> str:
    """Return the delimiter that occurs most often in a header line; empty if none does.

    Examples
    --------
    >>> delimiter_of("onset;duration;stage"), delimiter_of("stage")
    (';', '')
    """
    best = max("\t;,", key=header_line.count)
    return best if best in header_line else ""


def parse_table(
    text: str | TextLines, where: str, *, open_ended: bool = False, most_rows: int = MOST_LINES
) -> Table:
    r"""Return the table in ``text``; lines without any cell are ignored.

    In an ``open_ended`` one, separators beyond the last column belong to its text.

    Examples
    --------
    >>> table = parse_table("Onset; Stage\n\n30,5;N2\n", "night.csv")
    >>> table.numbers("onset").tolist(), table.text("stage"), table.lines
    ([30.5], ('N2',), (3,))

    Raises
    ------
    TableError
        If there is no header, a row has too few or too many cells, a quote is left open, or there
        are more than ``most_rows`` or ``MOST_COLUMNS``.
    """
    lines = TextLines.of(text)
    own = own_file_of_text(lines.head)
    if own is not None:
        raise TableError(where, own.words, "a delimited table", own.read_by)
    return table_of_lines(lines, where, open_ended=open_ended, most_rows=most_rows)


def table_of_lines(
    lines: Iterable[str], where: str, *, open_ended: bool = False, most_rows: int = MOST_LINES
) -> Table:
    """Return the table in some lines; see ``parse_table``."""
    rest = iter(lines)
    before, first = 0, ""
    for first in rest:
        if first.strip():
            break
        before += 1
    # a table of one column has no delimiter; a tab then separates nothing and quotes still work
    delimiter = delimiter_of(first) or "\t"
    rows = _rows(_numbered_from(before, first, rest), delimiter, where)
    header = next(rows, (0, []))[1]
    if not header:
        raise TableError(where, "no line with text", "a header line")
    names = tuple(_without_empty_tail([name.casefold() for name in header]))
    if len(names) > MOST_COLUMNS:
        wanted = f"at most {MOST_COLUMNS}"
        raise TableError(f"{where}, header line", f"{len(names)} columns", wanted)
    built = ColumnsBuilder(len(names))
    last = len(names) - 1
    for number, (line, row) in enumerate(rows):
        if number >= most_rows:
            advice = (
                "Export longer epochs, or write the rows of each night, or of a part of the time, "
                "to a file of its own."
            )
            raise TableError(where, f"more than {most_rows} rows", f"at most {most_rows}", advice)
        cells = row
        if open_ended and len(row) > len(names):
            cells = [*row[:last], delimiter.join(_without_empty_tail(row[last:]))]
        built.add(line, _fitted(cells, names, f"{where}, line {line}"))
    return Table(
        where=where,
        delimiter=delimiter,
        header=names,
        columns=built.columns(),
        lines=built.lines(),
    )


def _numbered_from(before: int, first: str, rest: Iterable[str]) -> Iterator[str]:
    """Yield the lines of a table with their ends; empty lines keep the numbers of others."""
    yield from ["\n"] * before
    yield first + "\n"
    for line in rest:
        yield line + "\n"


def refuse_several_nights(table: Table) -> None:
    """Raise ``TableError`` if a column ``case`` tells the rows of several nights apart.

    A column ``case`` with one value is ignored.
    """
    if "case" not in table.header:
        return
    cases = table.text("case")
    for row, case in enumerate(cases):
        if case != cases[0]:
            nights = len(set(cases))
            raise TableError(
                f"{table.where}, line {table.lines[row]}, column 'case'",
                f"{quoted(case)} after {quoted(cases[0])}: several nights in one table ({nights})",
                "one night",
                "Write the rows of each case to a table of its own.",
            )


def spans_s(table: Table) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return onsets and ends, from the columns for onset and for duration or end.

    Raises
    ------
    TableError
        If a column is missing, a time is no number, an end lies before its onset, or duration
        and end contradict each other.
    """
    onset_s = table.times_s(table.one_of(("onset_s", "onset")))
    end = table.first_of(("end_s", "end"))
    duration = table.first_of(("duration_s", "duration"))
    if duration is None and end is not None:
        end_s = table.times_s(end)
        for row in np.flatnonzero(end_s < onset_s):
            raise table.fault(int(row), end, f"an end at or after the onset, {onset_s[row]:g} s")
        return onset_s, end_s
    duration = table.one_of(("duration_s", "duration", "end_s"))
    duration_s = table.times_s(duration)
    for row in np.flatnonzero(duration_s < 0):
        raise table.fault(int(row), duration, "a duration of 0 or more")
    if end == "end_s":
        apart_s = np.abs(table.times_s(end) - onset_s - duration_s)
        for row in np.flatnonzero(apart_s > SAME_TIME_S):
            raise table.fault(int(row), end, "onset plus duration")
    return onset_s, onset_s + duration_s


def _rows(lines: Iterable[str], delimiter: str, where: str) -> Iterator[tuple[int, list[str]]]:
    """Yield line number and stripped cells of each line that has any."""
    reader = csv.reader(
        _no_longer(lines, where), delimiter=delimiter, strict=True, skipinitialspace=True
    )
    line = 1
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if any(cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise TableError(
            f"{where}, line {line}", str(error), "a delimited table", "Look for a stray quote."
        ) from error


def _no_longer(lines: Iterable[str], where: str) -> Iterator[str]:
    """Yield lines; raise ``TableError`` for one that would take much memory."""
    for number, line in enumerate(lines, start=1):
        if len(line) > LONGEST_LINE:
            found = f"a line of {len(line)} characters"
            raise TableError(f"{where}, line {number}", found, f"at most {LONGEST_LINE}")
        yield line


def _fitted(row: list[str], names: tuple[str, ...], where: str) -> list[str]:
    """Return ``row`` if it has a cell for each name; empty cells at its end may be too many."""
    surplus = _without_empty_tail(row[len(names) :])
    if surplus or len(row) < len(names):
        n_found = len(names) + len(surplus) if surplus else len(row)
        raise TableError(where, f"{n_found} cells", f"{len(names)}: {', '.join(map(repr, names))}")
    return row[: len(names)]


def _without_empty_tail(cells: list[str]) -> list[str]:
    return cells[: max((at for at, cell in enumerate(cells, start=1) if cell), default=0)]
