"""The tables of a cohort, merged from what its nights left.

Nights are taken in the order of their ``night_id``, a few hundred at a time, so that memory does
not grow with their number, and neither the order in which they were finished nor the worker or
shard that did it shows.  The wide table of nights needs every column before its first row, so its
pieces wait in a file beside the tables until all nights were seen.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from psgkit.cohort.cohort_ledgers import Fingerprint, fingerprint_of, nights_of
from psgkit.cohort.index_columns import INDEX_COLUMNS
from psgkit.cohort.ledger import LedgerRow, ledger_paths
from psgkit.cohort.night_chunk import Chunk, chunk_of
from psgkit.cohort.out_folder import only_run
from psgkit.cohort.schema import (
    FINDINGS,
    INDICES,
    MOVEMENTS,
    TABLES,
    arrow_schema,
    night_columns,
)
from psgkit.cohort.table_files import TableFiles, part_of, sweep_tables, table_files
from psgkit.errors import SettingsError

if TYPE_CHECKING:
    import pyarrow as pa

NIGHTS_AT_ONCE = 256
"""Nights in memory, and in a row group of Parquet; the number is ours."""
MERGER = "tables"
"""Whose lock keeps a folder for one merge at a time."""
FINGERPRINT = "psgkit.ledger"
"""Metadata of ``nights.parquet``: the fingerprint of the ledgers it was merged from."""


@dataclass(slots=True)
class _Seen:
    """What the pieces so far have in common."""

    carried: dict[str, None] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    ledgers: Fingerprint = field(default_factory=Fingerprint)


def merge_tables(out: str | Path) -> list[Path]:
    """Return the tables written into the folder of a batch, ``nights.parquet`` last.

    All of them are replaced together or, if anything fails, none.

    Raises
    ------
    InputFileError
        If there is no ledger, or one that cannot be read.
    SettingsError
        If the tables cannot be written.
    """
    folder = Path(out)
    try:
        with nights_of(folder) as nights, only_run(folder, MERGER):
            sweep_tables(folder, TABLES)
            return _merged(folder, nights)
    except OSError as error:
        raise SettingsError(
            where=folder.name,
            found=error.strerror or str(error),
            wanted="a folder that the tables can be written to",
        ) from error


def refresh_tables(out: str | Path) -> list[Path]:
    """Return the tables written anew because the ledgers say more than they do, else nothing.

    A folder that has tables and no ledger is left as it is.
    """
    from pyarrow import ArrowInvalid, parquet

    folder = Path(out)
    paths = [folder / f"{name}.parquet" for name in TABLES]
    there = all(path.is_file() for path in paths)
    if there and not ledger_paths(folder):
        return []
    if there:
        try:
            metadata = parquet.read_schema(paths[0]).metadata or {}
        except ArrowInvalid:
            metadata = {}
        if metadata.get(FINGERPRINT.encode()) == fingerprint_of(folder).encode():
            return []
    return merge_tables(folder)


def _merged(folder: Path, nights: Iterator[LedgerRow]) -> list[Path]:
    """Return the tables after both passes: rows as they come, then the wide table of nights."""
    done: list[tuple[Path, Path]] = []
    waiting = part_of(folder / TABLES[0])
    seen = _Seen()
    try:
        with waiting.open("xb") as pieces:
            _long_tables(folder, nights, _Pass(done=done, pieces=pieces, seen=seen))
        with waiting.open("rb") as pieces:
            _wide_table(folder, pieces, seen, done)
        return [part.replace(path) for part, path in done]
    finally:
        waiting.unlink(missing_ok=True)
        for part, _ in done:
            part.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class _Pass:
    """Where the first pass leaves what it found."""

    done: list[tuple[Path, Path]]
    pieces: Any
    seen: _Seen


def _long_tables(folder: Path, nights: Iterator[LedgerRow], found: _Pass) -> None:
    """Write indices, movements and findings, and the pieces of the table of nights."""
    with ExitStack() as opened:
        files: dict[str, TableFiles] = {
            name: opened.enter_context(table_files(folder, name, arrow_schema(columns), found.done))
            for name, columns in zip(TABLES[1:], (INDICES, MOVEMENTS, FINDINGS), strict=True)
        }
        while rows := list(islice(nights, NIGHTS_AT_ONCE)):
            chunk = chunk_of(rows, folder)
            for name, table in files.items():
                table.write(chunk.long[name])
            _note(chunk, rows, found)


def _note(chunk: Chunk, rows: list[LedgerRow], found: _Pass) -> None:
    """Keep the piece of the wide table, and what its columns are."""
    import pyarrow as pa

    for row in rows:
        found.seen.ledgers.add(row)
        found.seen.carried.update(dict.fromkeys(row.identity.extra))
    found.seen.units.update(chunk.units)
    with pa.ipc.new_stream(found.pieces, chunk.wide.schema) as stream:
        stream.write_table(chunk.wide)


def _wide_table(folder: Path, pieces: Any, seen: _Seen, done: list[tuple[Path, Path]]) -> None:  # noqa: ANN401
    """Write the table of nights from its pieces; what a piece does not have is null."""
    import pyarrow as pa

    more = {name: unit for name, unit in seen.units.items() if name not in INDEX_COLUMNS}
    schema = arrow_schema(night_columns(sorted(seen.carried), more))
    schema = schema.with_metadata({**schema.metadata, FINGERPRINT: seen.ledgers.hexdigest()})
    with table_files(folder, TABLES[0], schema, done) as table:
        for piece in _streams(pieces):
            known = dict(zip(piece.column_names, piece.columns, strict=True))
            columns = [
                known[column.name]
                if column.name in known
                else pa.nulls(piece.num_rows, column.type)
                for column in schema
            ]
            table.write(pa.table(columns, schema=schema))


def _streams(pieces: Any) -> "Iterator[pa.Table]":  # noqa: ANN401
    """Yield the tables of Arrow streams that lie one after the other in a file."""
    import pyarrow as pa

    while pieces.peek(1):
        with pa.ipc.open_stream(pieces) as stream:
            yield stream.read_all()
