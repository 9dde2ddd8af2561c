"""The two tables of a cohort that hold a row a recording, read as far as they are wanted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from psgkit.cohort.plan.night_identity import Protocol
from psgkit.cohort.tables.index_columns import OF_DAYS, SEPARATOR
from psgkit.cohort.tables.schema import DAYS_FACTS, FACTS, IDENTITY, STATE
from psgkit.errors import InputFileError

if TYPE_CHECKING:
    import pyarrow as pa

Words = NDArray[np.object_]
HEADS: Mapping[Protocol, tuple[str, ...]] = {
    "night": tuple(column.name for column in (*IDENTITY, *STATE, *FACTS)),
    "days": tuple(column.name for column in (*IDENTITY, *STATE, *DAYS_FACTS)),
}
_FILES: Mapping[Protocol, tuple[str, str]] = {
    "night": ("nights.parquet", "indices.parquet"),
    "days": ("days.parquet", "day_indices.parquet"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class TablePart:
    """What one table holds of what is wanted."""

    table: "pa.Table"
    protocol: Protocol
    units: Mapping[str, str]
    reasons: Mapping[str, Mapping[str, int]]

    def cells(self, name: str) -> Words:
        """Return a column as Python has it; None where the table has no such column."""
        if name == "protocol":
            return np.full(len(self.table), self.protocol, dtype=object)
        if name not in self.table.column_names:
            return np.full(len(self.table), None, dtype=object)
        return _words(self.table[name])

    def values(self, name: str) -> NDArray[np.float64]:
        """Return an index; NaN for all where the table has none of it."""
        if name not in self.units:
            return np.full(len(self.table), np.nan)
        own = name.removeprefix(OF_DAYS)
        found: NDArray[np.float64] = self.table[own].to_numpy().astype(np.float64)
        return found


@dataclass(frozen=True, kw_only=True, slots=True)
class CohortTable:
    """One of the two tables that hold a row a recording."""

    folder: Path
    protocol: Protocol
    schema: "pa.Schema | None"
    rows_n: int

    @classmethod
    def open(cls, folder: Path, protocol: Protocol) -> "CohortTable":
        """Return the table; that of days may be missing where no batch made the tables anew."""
        from pyarrow import ArrowInvalid, parquet

        path = folder / _FILES[protocol][0]
        if protocol == "days" and not path.is_file():
            return cls(folder=folder, protocol=protocol, schema=None, rows_n=0)
        try:
            schema = parquet.read_schema(path)
            rows_n = parquet.read_metadata(path).num_rows
        except (OSError, ArrowInvalid) as error:
            raise _no_table(path.name, error) from None
        _check_columns(path.name, schema, HEADS[protocol])
        return cls(folder=folder, protocol=protocol, schema=schema, rows_n=rows_n)

    @property
    def names(self) -> list[str]:
        """Return the columns of the table."""
        return [] if self.schema is None else list(self.schema.names)

    def index_names(self) -> list[str]:
        """Return its indices as they are called where nights have some, too."""
        mark = OF_DAYS if self.protocol == "days" else ""
        return [f"{mark}{name}" for name in self.names if SEPARATOR in name]

    def read(self, wanted: Sequence[str], by: str | None) -> TablePart:
        """Return what is wanted of the table."""
        import pyarrow as pa
        from pyarrow import ArrowInvalid, parquet

        table_name, index_file = _FILES[self.protocol]
        if self.schema is None:
            return TablePart(table=pa.table({}), protocol=self.protocol, units={}, reasons={})
        own = {
            name: name.removeprefix(OF_DAYS)
            for name in wanted
            if name.startswith(OF_DAYS) == (self.protocol == "days")
        }
        columns = dict.fromkeys([*HEADS[self.protocol], *own.values()])
        if by in self.names:
            columns[by] = None
        try:
            table = parquet.read_table(self.folder / table_name, columns=list(columns))
            reasons = _reasons(self.folder / index_file, list(own.values()))
        except (OSError, ArrowInvalid) as error:
            raise _no_table(table_name, error) from None
        return TablePart(
            table=table,
            protocol=self.protocol,
            units={name: _unit(self.schema, column) for name, column in own.items()},
            reasons={name: reasons[column] for name, column in own.items()},
        )


def _no_table(where: str, error: Exception) -> InputFileError:
    return InputFileError(
        where, f"no table ({error})", "the tables of a batch", "psgkit batch writes them."
    )


def _check_columns(where: str, schema: "pa.Schema", head: Sequence[str]) -> None:
    """Refuse a table that psgkit did not write."""
    missing = [name for name in head if name not in schema.names]
    if missing:
        raise InputFileError(
            where,
            f"no column {missing[0]!r}",
            "the nights of a cohort",
            "psgkit batch writes them.",
        )


def _reasons(path: Path, wanted: Sequence[str]) -> dict[str, dict[str, int]]:
    """Return how often each reason is given for a missing value, most frequent first."""
    import pyarrow.compute as pc
    from pyarrow import parquet

    found: dict[str, dict[str, int]] = {name: {} for name in wanted}
    names = sorted({name.split(SEPARATOR, 1)[1] for name in wanted})
    # a piece at a time: the table has a row a night and index
    with parquet.ParquetFile(path) as file:
        for number in range(file.num_row_groups):
            names_of = ["group", "name", "reason"]
            about_days = "of" in file.schema_arrow.names
            piece = file.read_row_group(
                number, columns=[*names_of, *(["of"] if about_days else [])]
            )
            if about_days:
                piece = piece.filter(pc.equal(piece["of"], "recording"))
            missing = pc.and_(pc.is_valid(piece["reason"]), pc.is_in(piece["name"], _set_of(names)))
            counted = (
                piece.filter(missing)
                .group_by(["group", "name", "reason"])
                .aggregate([([], "count_all")])
            )
            for row in counted.to_pylist():
                column = f"{row['group']}{SEPARATOR}{row['name']}"
                if column in found:
                    counts = found[column]
                    counts[row["reason"]] = counts.get(row["reason"], 0) + row["count_all"]
    return {
        name: dict(sorted(counts.items(), key=lambda one: (-one[1], one[0])))
        for name, counts in found.items()
    }


def _set_of(names: Sequence[str]) -> Any:  # noqa: ANN401 - pyarrow is not typed
    """Return a set that Arrow looks values up in."""
    import pyarrow as pa

    return pa.array(names, pa.string())


def _words(column: Any) -> Words:  # noqa: ANN401 - a column of pyarrow, which is not typed
    """Return the cells of a column as Python has them."""
    cells = np.empty(len(column), dtype=object)
    cells[:] = column.to_pylist()
    return cells


def _unit(schema: "pa.Schema", name: str) -> str:
    """Return the unit of an index column."""
    metadata = schema.field(name).metadata or {}
    return str(metadata.get(b"unit", b"").decode())
