"""Merge the rows of nights into the tables of a cohort.

Nights are read in the order of ``night_id``, a few hundred at a time, so that memory does not grow
with their number and the result does not depend on workers or shards.  The columns of the wide
table of nights are known only after all nights, so its pieces are kept in a temporary file.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from psgkit.cohort.ledger import Fingerprint, LedgerRow, fingerprint_of, ledger_paths, nights_of
from psgkit.cohort.out_folder import only_run
from psgkit.cohort.tables.night_chunk import Chunk, chunk_of
from psgkit.cohort.tables.schema import FACTS, TABLES, WIDE, arrow_schema, columns_of_table
from psgkit.core.dataclass import dataclass
from psgkit.document.outside_text import FORMULA_INSIDE, csv_cell
from psgkit.errors import PsgkitError, SettingsError
from psgkit.extras import require
from psgkit.io.new_files import PART, is_full, part_of, put_in_place
from psgkit.report.write import write_texts

if TYPE_CHECKING:
    import pyarrow as pa


NIGHTS_AT_ONCE = 256
"""Nights in memory, and in a row group of Parquet; psgkit's own choice."""
MERGER = "tables"
"""Name of the lock that admits one merge at a time."""
FINGERPRINT = "psgkit.ledger"
"""Metadata of ``nights.parquet``: the fingerprint of the ledgers it was merged from."""


@dataclass(slots=True)
class _Shared:
    """Columns and metadata of the pieces so far."""

    carried: dict[str, None] = field(default_factory=dict)
    units: dict[str, dict[str, str]] = field(default_factory=dict)
    ledgers: Fingerprint = field(default_factory=Fingerprint)


def merge_tables(out: str | Path) -> list[Path]:
    """Write the tables into the folder of a batch, ``nights.parquet`` last, and return their paths.

    All are replaced together or, if anything fails, none.

    Raises
    ------
    InputFileError
        If there is no ledger, or one that cannot be read.
    SettingsError
        If the tables cannot be written.
    PsgkitError
        If the disk is full.
    """
    folder = Path(out)
    try:
        with nights_of(folder) as nights, only_run(folder, MERGER):
            sweep_tables(folder, TABLES)
            return _merged(folder, nights)
    except OSError as error:
        if is_full(error):
            found, wanted = "no room to write the tables", "room on the disk"
            advice = "Nights are complete, tables as they were; the same call makes them."
            raise PsgkitError(folder.name, found, wanted, advice) from error
        raise SettingsError(
            where=folder.name,
            found=error.strerror or str(error),
            wanted="a folder that the tables can be written to",
        ) from error


def refresh_tables(out: str | Path, *, verify: bool = False) -> list[Path]:
    """Write the tables again if ledgers or tables have changed, and return their paths, else none.

    With ``verify`` they are written in any case.

    A folder with tables and without ledger is not changed.
    """
    require("pyarrow")
    from pyarrow import ArrowInvalid, parquet

    folder = Path(out)
    paths = [folder / f"{name}.parquet" for name in TABLES]
    there = not verify and all(path.is_file() for path in paths) and _are_whole(folder)
    if paths[0].is_file() and not ledger_paths(folder):
        return []
    if there:
        try:
            schema = parquet.read_schema(paths[0])
            metadata = schema.metadata or {}
        except ArrowInvalid:
            metadata = {}
        # tables of an earlier version, without columns that this one writes, are written again
        known = metadata and {column.name for column in FACTS} <= set(schema.names)
        if known and metadata.get(FINGERPRINT.encode()) == fingerprint_of(folder).encode():
            return []
    return merge_tables(folder)


SIZES_FILE = ".tables.json"
"""Sizes of the tables, written after them: a table that was cut off or emptied is made again."""


def _sizes_of(paths: Iterable[Path]) -> str:
    return json.dumps({path.name: path.stat().st_size for path in paths}, indent=1) + "\n"


def _are_whole(folder: Path) -> bool:
    """Return whether all tables have the sizes with which they were written."""
    try:
        sizes = json.loads((folder / SIZES_FILE).read_text(encoding="utf-8"))
        return all((folder / name).stat().st_size == size for name, size in sizes.items())
    except (OSError, ValueError, AttributeError):
        return False


def _merged(folder: Path, nights: Iterator[LedgerRow]) -> list[Path]:
    """Return the tables after both passes: long tables first, then the wide ones."""
    done: list[tuple[Path, Path]] = []
    # nights come last: their table has the fingerprint of the ledgers
    waiting = {name: part_of(folder / name) for name in reversed(WIDE)}
    shared = _Shared()
    try:
        with ExitStack() as opened:
            pieces = {name: opened.enter_context(path.open("xb")) for name, path in waiting.items()}
            _long_tables(folder, nights, _Pass(done=done, pieces=pieces, shared=shared))
        for name, path in waiting.items():
            with path.open("rb") as own:
                _wide_table((folder, name), own, shared, done)
        paths = put_in_place(done)
        write_texts({SIZES_FILE: _sizes_of(paths)}, folder)
        return paths
    finally:
        for path in (*waiting.values(), *(part for part, _ in done)):
            path.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class _Pass:
    """Temporary files and columns of the first pass."""

    done: list[tuple[Path, Path]]
    pieces: Mapping[str, Any]
    shared: _Shared


def _long_tables(folder: Path, nights: Iterator[LedgerRow], found: _Pass) -> None:
    """Write the long tables, and the pieces of the wide ones."""
    with ExitStack() as opened:
        files: dict[str, TableFiles] = {
            name: opened.enter_context(
                table_files(folder, name, arrow_schema(columns_of_table(name)), found.done)
            )
            for name in TABLES
            if name not in WIDE
        }
        while rows := list(islice(nights, NIGHTS_AT_ONCE)):
            chunk = chunk_of(rows, folder)
            for name, table in files.items():
                table.write(chunk.long[name])
            _note(chunk, rows, found)


def _note(chunk: Chunk, rows: list[LedgerRow], found: _Pass) -> None:
    """Keep the pieces of the wide tables, and their columns."""
    import pyarrow as pa

    for row in rows:
        found.shared.ledgers.add(row)
        found.shared.carried.update(dict.fromkeys(row.identity.extra))
    for name, piece in chunk.wide.items():
        found.shared.units.setdefault(name, {}).update(chunk.units[name])
        with pa.ipc.new_stream(found.pieces[name], piece.schema) as stream:
            stream.write_table(piece)


def _wide_table(
    where: tuple[Path, str],
    pieces: Any,  # noqa: ANN401
    shared: _Shared,
    done: list[tuple[Path, Path]],
) -> None:
    """Write a wide table from its pieces; a column missing in a piece is null."""
    import pyarrow as pa

    folder, name = where
    columns = columns_of_table(name, sorted(shared.carried), shared.units.get(name))
    schema = arrow_schema(columns)
    if name == TABLES[0]:
        schema = schema.with_metadata({**schema.metadata, FINGERPRINT: shared.ledgers.hexdigest()})
    with table_files(folder, name, schema, done) as table:
        for piece in _streams(pieces):
            known = dict(zip(piece.column_names, piece.columns, strict=True))
            cells = [
                known[column.name]
                if column.name in known
                else pa.nulls(piece.num_rows, column.type)
                for column in schema
            ]
            table.write(pa.table(cells, schema=schema))


def _streams(pieces: Any) -> "Iterator[pa.Table]":  # noqa: ANN401
    """Yield the tables of consecutive Arrow streams in a file."""
    import pyarrow as pa

    while pieces.peek(1):
        with pa.ipc.open_stream(pieces) as stream:
            yield stream.read_all()


# the pattern of ``csv_cell`` in the syntax of RE2, which Arrow uses
_FORMULA = r"\A *[=+\-@\t\r\n\x{ff1d}\x{ff0b}\x{ff0d}\x{ff20}]"


def sweep_tables(folder: Path, names: Iterable[str]) -> None:
    """Remove temporary files of a killed merge; no merge may be running."""
    for name in names:
        for path in folder.glob(f".{name}.*{PART}"):
            path.unlink(missing_ok=True)


class TableFiles:
    """A Parquet file and the CSV file beside it, under temporary names until they are complete."""

    def __init__(self, schema: "pa.Schema", parquet: Any, csv: Any) -> None:  # noqa: ANN401
        self._schema = schema
        self._parquet = parquet
        self._csv = csv

    def write(self, table: "pa.Table") -> None:
        """Append the rows of ``table``, whose columns are those of the schema."""
        import pyarrow as pa

        if not table.num_rows:
            return
        table = pa.table(table.columns, schema=self._schema)
        self._parquet.write_table(table, row_group_size=table.num_rows)
        self._csv.write_table(_for_csv(table))


@contextmanager
def table_files(
    folder: Path, name: str, schema: "pa.Schema", done: list[tuple[Path, Path]]
) -> Iterator[TableFiles]:
    """Open both files of a table; ``done`` collects renames that the caller makes or discards."""
    import pyarrow as pa
    from pyarrow import csv, parquet

    parts = {}
    for suffix in ("csv", "parquet"):
        path = folder / f"{name}.{suffix}"
        parts[suffix] = part_of(path)
        done.append((parts[suffix], path))
    flat = pa.schema([(csv_cell(f.name), _csv_type(f.type)) for f in schema])
    options = csv.WriteOptions(quoting_style="needed")
    with ExitStack() as opened:
        as_csv = opened.enter_context(csv.CSVWriter(parts["csv"], flat, write_options=options))
        as_parquet = opened.enter_context(
            parquet.ParquetWriter(parts["parquet"], schema, compression="zstd")
        )
        yield TableFiles(schema, as_parquet, as_csv)


def _csv_type(kind: Any) -> Any:  # noqa: ANN401 - a type of pyarrow, which is not typed
    import pyarrow as pa

    return pa.string() if pa.types.is_timestamp(kind) else kind


def _for_csv(table: "pa.Table") -> "pa.Table":
    """Return a table for CSV: no text is taken for a formula by a spreadsheet, times are ISO."""
    import pyarrow as pa

    columns = [
        _harmless(column)
        if pa.types.is_string(column.type)
        else _iso(column)
        if pa.types.is_timestamp(column.type)
        else column
        for column in table.columns
    ]
    return pa.table(columns, names=[csv_cell(name) for name in table.column_names])


def _harmless(column: Any) -> Any:  # noqa: ANN401 - a column of pyarrow, which is not typed
    """Return ``csv_cell`` of every cell."""
    import pyarrow as pa
    import pyarrow.compute as pc

    # thousands of rows share a few texts, most of them harmless
    coded = pc.dictionary_encode(pa.chunked_array(column, pa.string()).combine_chunks())
    texts = coded.dictionary
    whole = pc.replace_substring(texts, "\0", "")
    whole = pc.replace_substring_regex(whole, FORMULA_INSIDE, r"\1'\2")
    risky = pc.match_substring_regex(whole, _FORMULA)
    if not pc.any(risky).as_py() and whole.equals(texts):
        return column
    mended = pc.if_else(risky, pc.binary_join_element_wise("'", whole, ""), whole)
    return mended.take(coded.indices)


def _iso(column: Any) -> Any:  # noqa: ANN401
    """Return clock times as ``2001-01-01T22:30:00.000000``."""
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.replace_substring(column.cast(pa.string()), " ", "T")
