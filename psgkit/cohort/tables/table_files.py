"""One table of a cohort as Parquet and CSV, written piece by piece, seen whole or not at all."""

import secrets
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from psgkit.document.outside_text import csv_cell

if TYPE_CHECKING:
    import pyarrow as pa

# what ``csv_cell`` looks for, in the words of the library that Arrow uses for patterns
_FORMULA = r"\A *[=+\-@\t\r\n\x{ff1d}\x{ff0b}\x{ff0d}\x{ff20}]"

_PART = ".part"


def part_of(path: Path) -> Path:
    """Return a unique name for what is to be ``path`` when it is complete."""
    return path.with_name(f".{path.name}.{secrets.token_hex(4)}{_PART}")


def sweep_tables(folder: Path, names: Iterable[str]) -> None:
    """Remove what a merge was writing when it was killed; none must be going on."""
    for name in names:
        for path in folder.glob(f".{name}.*{_PART}"):
            path.unlink(missing_ok=True)


class TableFiles:
    """A Parquet file and the CSV file beside it, both still under names of their own."""

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
    """Open both files of a table; ``done`` gets what must be renamed once all is written.

    The caller renames or removes what is in ``done``.
    """
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
    """Return the type a column has in CSV."""
    import pyarrow as pa

    return pa.string() if pa.types.is_timestamp(kind) else kind


def _for_csv(table: "pa.Table") -> "pa.Table":
    """Return a table whose text no spreadsheet takes for a formula; times are written as ISO."""
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
    """Return what ``csv_cell`` makes of every cell."""
    import pyarrow as pa
    import pyarrow.compute as pc

    # thousands of rows share a few texts, most of which are harmless
    coded = pc.dictionary_encode(pa.chunked_array(column, pa.string()).combine_chunks())
    texts = coded.dictionary
    whole = pc.replace_substring(texts, "\0", "")
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
