"""ActiGraph AGD: an SQLite database with tables ``settings`` and ``data``.

The file is opened read-only and not trusted: only plain tables are read, values are checked, and
queries have a time limit.
"""

import sqlite3
from array import array
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.days.counts import Counts
from psgkit.core.days.day_recording import DayRecording, Track
from psgkit.core.finding import Finding
from psgkit.core.frozen import read_only, smallest
from psgkit.core.site import Site
from psgkit.errors import InputFileError
from psgkit.io.actigraphy.counts_tables import ACTIGRAPH_AXIS_1
from psgkit.io.actigraphy.epochs import MOST_EPOCHS, EpochGrid, epoch_grid
from psgkit.io.actigraphy.row_times import MOST_UNREADABLE
from psgkit.io.actigraphy.times import TICKS_AT_1970, TICKS_PER_S, ReadInstants
from psgkit.io.actigraphy.zones import stated_zone, zone_findings
from psgkit.io.channels.roles import RoleAssignment, role_of_label
from psgkit.io.text.tables import quoted

FORMAT = "ActiGraph AGD"
SIGNATURE = b"SQLite format 3\x00"
EARLIEST_TICKS = TICKS_AT_1970 - 5_364_662_400 * TICKS_PER_S
"""1800: dates may be shifted on purpose."""
LATEST_TICKS = TICKS_AT_1970 + 4_102_444_800 * TICKS_PER_S
AXES = ("axis1", "axis2", "axis3")
LONGEST_EPOCH_S = 3600
_MOST_BYTES = 1_000_000
_MOST_STEPS = 2_000
"""Of a million operations of SQLite each: a year of seconds needs about a thousand."""
_BLOCK_ROWS = 2**15


def read_agd(path: Path, zone: str) -> DayRecording:
    """Return the counts of an AGD file: those of axis 1, with all axes.

    Parameters
    ----------
    path : Path
    zone : str
        Time zone, empty if it is not stated.

    Raises
    ------
    InputFileError
        If it is no database, a table or column is missing, or a value is no number.
    """
    with _opened(path) as base:
        settings = _settings(base, path.name)
        columns = _columns(base, path.name, "data")
        axes = [name for name in AXES if name in columns]
        if "datatimestamp" not in columns or not axes:
            found = f"the columns {', '.join(map(quoted, sorted(columns)[:12]))}"
            wanted = "dataTimestamp and axis1"
            raise InputFileError(f"{path.name}, table data", found, wanted)
        others = sorted(set(columns) - {"datatimestamp", *axes, "lux"})
        names = ["datatimestamp", *axes, *(["lux"] if "lux" in columns else [])]
        rows = _rows(base, path.name, [columns[name] for name in names])
    epoch_s = _epoch_s(settings, path.name)
    stated = stated_zone(settings.get("timezone", settings.get("time zone", "")))
    grid = epoch_grid(ReadInstants(at=rows.at.pop()), zone or stated, path.name, epoch_s)
    values = _axes(rows, len(axes), grid)
    worn = role_of_label(f"acc {settings.get('side', '')} {settings.get('limb', '')}"[:80], "g")
    return DayRecording(
        source=path.name,
        clock=grid.clock,
        duration_s=grid.duration_s,
        counts=(_counts(values, axes, grid, worn),),
        tracks=_tracks(rows, names, grid),
        device=f"ActiGraph {settings.get('devicename', '')[:30]}".strip(),
        findings=(
            *grid.findings,
            *rows.findings,
            *_unused(others, path.name),
            *zone_findings(stated, zone, grid.clock, path.name),
        ),
    )


def _unused(columns: list[str], where: str) -> tuple[Finding, ...]:
    if not columns:
        return ()
    message = f"{len(columns)} columns are not used: {', '.join(map(quoted, columns[:12]))}"
    return (Finding("info", "counts.columns", f"{where}, table data", message),)


def _counts(
    values: NDArray[np.floating], axes: list[str], grid: EpochGrid, worn: RoleAssignment
) -> Counts:
    return Counts(
        place=worn.place if worn.role == "accelerometer" else "",
        site=worn.site if worn.role == "accelerometer" else Site.NONE,
        counts=read_only(values[:, 0].astype(np.float64)),
        epoch_s=grid.epoch_s,
        definition=ACTIGRAPH_AXIS_1 if axes[0] == AXES[0] else f"{axes[0]} without axis 1",
        label=axes[0],
        axis_names=tuple(axes),
        axes=values,
    )


def _axes(rows: "_Rows", axes_n: int, grid: EpochGrid) -> NDArray[np.floating]:
    short = all(block.itemsize == 4 for blocks in rows.columns[:axes_n] for block in blocks)  # noqa: PLR2004
    values = np.empty((grid.n_epochs, axes_n), dtype=np.float32 if short else np.float64)
    for number in range(axes_n):
        values[:, number] = grid.filled(rows.taken(number))
    return read_only(values)


def _tracks(rows: "_Rows", names: list[str], grid: EpochGrid) -> tuple[Track, ...]:
    if "lux" not in names:
        return ()
    lux = read_only(grid.filled(rows.taken(names.index("lux") - 1)))
    return (Track(name="light", unit="lux", values=lux, epoch_s=grid.epoch_s),)


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a database of unknown origin read-only, without extensions."""
    steps = iter(range(_MOST_STEPS))
    try:
        uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        with closing(sqlite3.connect(uri, uri=True)) as base:
            base.text_factory = lambda raw: raw.decode("utf-8", errors="replace")
            base.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _MOST_BYTES)
            base.set_progress_handler(lambda: int(next(steps, None) is None), 1_000_000)
            for setting in ("trusted_schema = OFF", "cell_size_check = ON", "query_only = ON"):
                base.execute(f"PRAGMA {setting}")
            yield base
    except (sqlite3.Error, OverflowError) as error:
        found = f"a database that cannot be read ({str(error)[:80]})"
        raise InputFileError(path.name, found, "an AGD file of ActiGraph") from None


def _columns(base: sqlite3.Connection, where: str, table: str) -> dict[str, str]:
    """Return the plain columns of a plain table, by their names in lower case."""
    kinds = base.execute("SELECT type FROM sqlite_master WHERE name = ?", (table,)).fetchall()
    if kinds != [("table",)]:
        raise InputFileError(where, f"no table {table!r}", "an AGD file of ActiGraph")
    rows = base.execute(f"PRAGMA table_xinfo({table})").fetchmany(200)
    # hidden columns are computed by expressions of the file
    return {str(row[1]).lower(): str(row[1]) for row in rows if row[6] == 0}


def _settings(base: sqlite3.Connection, where: str) -> dict[str, str]:
    columns = _columns(base, where, "settings")
    if not {"settingname", "settingvalue"} <= set(columns):
        found = f"the columns {', '.join(map(quoted, sorted(columns)[:12]))}"
        raise InputFileError(f"{where}, table settings", found, "settingName and settingValue")
    query = "SELECT settingName, settingValue FROM settings LIMIT 1000"
    return {str(name).lower(): str(value) for name, value in base.execute(query)}


def _epoch_s(settings: dict[str, str], where: str) -> float:
    text = settings.get("epochlength", "")
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= LONGEST_EPOCH_S):
        found = repr(text[:20]) if text else "nothing"
        wanted = f"whole seconds, at most {LONGEST_EPOCH_S}"
        raise InputFileError(f"{where}, setting epochlength", found, wanted)
    return float(text)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Rows:
    """The rows of ``data`` that have a time, and what was not read.

    Millions of rows are held in blocks, in half the memory where that changes no number; lists let
    a reader take what it needs and hold it no longer.
    """

    at: list[NDArray[np.datetime64]]
    columns: list[list[NDArray[np.floating]]]
    findings: tuple[Finding, ...]

    def taken(self, number: int) -> NDArray[np.floating]:
        """Return a column, and hold it no longer."""
        blocks, self.columns[number] = self.columns[number], []
        return np.concatenate(blocks)


def _rows(base: sqlite3.Connection, where: str, columns: list[str]) -> _Rows:
    """Return the rows of ``data``, times exact to a tenth of a second, and what was not read.

    Rows without a time are left out, cells that are no count are missing; a table in which more
    than a tenth of the rows have such a cell is refused.
    """
    chosen = ", ".join('"' + name.replace('"', '""') + '"' for name in columns)
    at_us = array("q")
    held: list[list[NDArray[np.floating]]] = [[] for _ in columns[1:]]
    untimed = _Faults("ticks of a date since 1800 in dataTimestamp", "left out")
    odd = _Faults("a count of 0 or more, or nothing", "taken as missing")
    n_rows = 0
    found = base.execute(f"SELECT {chosen} FROM data LIMIT {MOST_EPOCHS + 1}")
    while block := found.fetchmany(_BLOCK_ROWS):
        cells = array("d")
        for first, *counts in block:
            n_rows += 1
            if not isinstance(first, int) or not EARLIEST_TICKS <= first <= LATEST_TICKS:
                untimed.add(n_rows, repr(first)[:40])
                continue
            wrong = [cell for cell in counts if cell is not None and not _is_count(cell)]
            if wrong:
                kind = "" if isinstance(wrong[0], int | float) else "a value that is no number, "
                odd.add(n_rows, kind + repr(wrong[0])[:40])
            at_us.append(round((first - TICKS_AT_1970) / TICKS_PER_S * 1e6))
            cells.extend(float(cell) if _is_count(cell) else np.nan for cell in counts)
        numbers = np.frombuffer(cells, dtype=np.float64).reshape(-1, len(held))
        for blocks, column in zip(held, numbers.T, strict=True):
            blocks.append(smallest(column))
    if not n_rows:
        raise InputFileError(f"{where}, table data", "no row", "epochs")
    if n_rows > MOST_EPOCHS:
        raise InputFileError(f"{where}, table data", "too many rows", f"at most {MOST_EPOCHS}")
    findings = (*untimed.findings(n_rows, where), *odd.findings(n_rows, where))
    at = np.frombuffer(at_us, dtype="datetime64[us]")
    return _Rows(at=[at], columns=held, findings=findings)


@dataclass(slots=True)
class _Faults:
    """How many rows lack something, and the first of them."""

    wanted: str
    done: str
    n: int = 0
    row: int = 0
    found: str = ""

    def add(self, row: int, found: str) -> None:
        """Count a row."""
        if not self.n:
            self.row, self.found = row, found
        self.n += 1

    def findings(self, n_rows: int, where: str) -> tuple[Finding, ...]:
        """Return the finding about them; raise ``InputFileError`` if they are too many."""
        if not self.n:
            return ()
        if self.n > MOST_UNREADABLE * n_rows:
            raise InputFileError(f"{where}, table data, row {self.row}", self.found, self.wanted)
        message = (
            f"{self.n} of {n_rows} rows lack {self.wanted}, first row {self.row}: {self.found}; "
            f"{self.done}"
        )
        return (Finding("warning", "counts.cell", f"{where}, table data", message),)


def _is_count(cell: object) -> bool:
    return isinstance(cell, int | float) and 0 <= cell < np.inf
