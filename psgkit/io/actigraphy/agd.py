"""ActiGraph AGD: an SQLite database with tables ``settings`` and ``data``.

The file is opened read-only and not trusted: only plain tables are read, values are checked, and
queries have a time limit.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from psgkit.core.days.counts import Counts
from psgkit.core.days.day_recording import DayRecording, Track
from psgkit.errors import InputFileError
from psgkit.io.actigraphy.epochs import MOST_EPOCHS, EpochGrid, epoch_grid
from psgkit.io.actigraphy.times import TICKS_AT_1970, TICKS_PER_S, ReadInstants

FORMAT = "ActiGraph AGD"
SIGNATURE = b"SQLite format 3\x00"
LATEST_TICKS = TICKS_AT_1970 + 4_102_444_800 * TICKS_PER_S
AXES = ("axis1", "axis2", "axis3")
LONGEST_EPOCH_S = 3600
_MOST_BYTES = 1_000_000
_MOST_STEPS = 2_000
"""Of a million operations of SQLite each: a year of seconds needs about a thousand."""


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
            found = f"the columns {', '.join(sorted(columns)[:12])}"
            wanted = "dataTimestamp and axis1"
            raise InputFileError(f"{path.name}, table data", found, wanted)
        names = ["datatimestamp", *axes, *(["lux"] if "lux" in columns else [])]
        table = _numbers(base, path.name, [columns[name] for name in names])
    epoch_s = _epoch_s(settings, path.name)
    ticks = _ticks(table[:, 0], path.name)
    grid = epoch_grid(ReadInstants(at=ticks), zone, path.name, epoch_s)
    values = grid.filled(table[:, 1 : 1 + len(axes)])
    if np.nanmin(values, initial=0.0) < 0:
        raise InputFileError(f"{path.name}, table data", "a count below 0", "counts of 0 or more")
    return DayRecording(
        source=path.name,
        clock=grid.clock,
        duration_s=grid.duration_s,
        counts=(_counts(values, axes, grid),),
        tracks=_tracks(table, names, grid),
        device=f"ActiGraph {settings.get('devicename', '')[:30]}".strip(),
        findings=grid.findings,
    )


def _counts(values: NDArray[np.float64], axes: list[str], grid: EpochGrid) -> Counts:
    return Counts(
        counts=values[:, 0],
        epoch_s=grid.epoch_s,
        definition="ActiGraph counts of axis 1, those that its sleep scoring takes",
        label="axis1",
        axis_names=tuple(axes),
        axes=values,
    )


def _tracks(table: NDArray[np.float64], names: list[str], grid: EpochGrid) -> tuple[Track, ...]:
    if "lux" not in names:
        return ()
    lux = grid.filled(table[:, names.index("lux")])
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
        found = f"the columns {', '.join(sorted(columns)[:12])}"
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


def _numbers(base: sqlite3.Connection, where: str, columns: list[str]) -> NDArray[np.float64]:
    """Return the rows of ``data``; the first column stays exact to a tenth of a second."""
    chosen = ", ".join('"' + name.replace('"', '""') + '"' for name in columns)
    rows: list[tuple[float, ...]] = []
    for row in base.execute(f"SELECT {chosen} FROM data LIMIT {MOST_EPOCHS + 1}"):
        if not all(isinstance(cell, int | float) or cell is None for cell in row):
            place = f"{where}, table data, row {len(rows) + 1}"
            raise InputFileError(place, "a value that is no number", "numbers")
        first = row[0]
        if not isinstance(first, int) or not TICKS_AT_1970 <= first <= LATEST_TICKS:
            place = f"{where}, table data, row {len(rows) + 1}, dataTimestamp"
            raise InputFileError(place, repr(first)[:40], "ticks of a date since 1970")
        at_s = (first - TICKS_AT_1970) / TICKS_PER_S
        rows.append((at_s, *(np.nan if cell is None else float(cell) for cell in row[1:])))
    if not rows:
        raise InputFileError(f"{where}, table data", "no row", "epochs")
    if len(rows) > MOST_EPOCHS:
        raise InputFileError(f"{where}, table data", "too many rows", f"at most {MOST_EPOCHS}")
    table = np.array(rows, dtype=np.float64)
    if np.isinf(table).any():
        raise InputFileError(f"{where}, table data", "an infinite value", "numbers")
    return table


def _ticks(at_s: NDArray[np.float64], where: str) -> NDArray[np.datetime64]:
    if not np.isfinite(at_s).all():
        raise InputFileError(f"{where}, dataTimestamp", "a time that is missing", "ticks")
    return np.rint(at_s * 1e6).astype(np.int64).view("datetime64[us]")
