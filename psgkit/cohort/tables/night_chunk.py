"""Pieces of the tables for a few hundred nights of a batch."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from psgkit.cohort.ledger import LedgerRow
from psgkit.cohort.plan.night_identity import Protocol
from psgkit.cohort.tables.index_columns import SEPARATOR, is_count
from psgkit.cohort.tables.rows import PARTS, ROWS_FILE, read_rows
from psgkit.cohort.tables.schema import (
    DAYS_FACTS,
    FACTS,
    IDENTITY,
    NIGHT_ID,
    STATE,
    Column,
    arrow_type,
    carried_name,
)
from psgkit.core.dataclass import dataclass
from psgkit.document.outside_text import encodable
from psgkit.errors import PsgkitError

if TYPE_CHECKING:
    import pyarrow as pa


NIGHTS_FOLDER = "nights"


@dataclass(frozen=True, kw_only=True, slots=True)
class Chunk:
    """Pieces of the tables, for the same nights and recordings of days.

    Attributes
    ----------
    wide : mapping of str to table
        ``nights``, ``days`` and ``day_nights``: one row each with identity, state, facts and
        indices.
    units : mapping of str to mapping of str to str
        Unit of each index column, by table.
    long : mapping of str to table
        ``indices``, ``movements``, ``findings`` and ``day_indices``, with ``night_id``.
    """

    wide: "Mapping[str, pa.Table]"
    units: Mapping[str, Mapping[str, str]]
    long: "Mapping[str, pa.Table]"


def chunk_of(rows: Sequence[LedgerRow], folder: Path) -> Chunk:
    """Return the pieces of these nights, in the order of ``rows``.

    A finished night whose rows cannot be read becomes a failed one, with the reason.
    """
    found: dict[int, dict[str, pa.Table]] = {}
    lost: dict[int, PsgkitError] = {}
    for number, row in enumerate(rows):
        if row.state == "done":
            try:
                path = folder / NIGHTS_FOLDER / row.night_id / ROWS_FILE
                found[number] = read_rows(path, row.identity.protocol)
            except PsgkitError as error:
                lost[number] = error
    wide: dict[str, pa.Table] = {}
    units: dict[str, Mapping[str, str]] = {}
    parts: dict[str, dict[str, _Part]] = {}
    for protocol, table in _TABLE_OF.items():
        mine = [n for n, row in enumerate(rows) if row.identity.protocol == protocol]
        own = {place: found[n] for place, n in enumerate(mine) if n in found}
        gone = {place: lost[n] for place, n in enumerate(mine) if n in lost}
        chosen = [rows[n] for n in mine]
        parts[table] = {
            name: _Part.of_all(PARTS[protocol][name], name, own) for name in PARTS[protocol]
        }
        indices = parts[table][_INDICES[table]].where("of", "recording")
        columns, units[table] = wide_indices(indices.table, indices.night, len(chosen))
        wide[table] = _wide((chosen, gone), parts[table]["facts"], (_FACTS[table], columns))
    days = [row for row in rows if row.identity.protocol == "days"]
    wide["day_nights"], units["day_nights"] = _day_nights(parts["days"], days)
    nights = [row for row in rows if row.identity.protocol == "night"]
    order = [row.night_id for row in rows]
    return Chunk(
        wide=wide,
        units=units,
        long={
            "indices": parts["nights"]["indices"].keyed(nights),
            "day_indices": parts["days"]["day_indices"].keyed(days),
            **{
                name: _in_order(
                    [parts["nights"][name].keyed(nights), parts["days"][name].keyed(days)], order
                )
                for name in ("movements", "findings")
            },
        },
    )


_TABLE_OF: Mapping[Protocol, str] = {"night": "nights", "days": "days"}
_INDICES = {"nights": "indices", "days": "day_indices"}
_FACTS = {"nights": FACTS, "days": DAYS_FACTS}


def _in_order(tables: "Sequence[pa.Table]", order: Sequence[str]) -> "pa.Table":
    """Return the rows of nights and of recordings of days in the order of all of them."""
    import pyarrow as pa
    import pyarrow.compute as pc

    there = [table for table in tables if table.num_rows]
    if len(there) < 2:  # noqa: PLR2004 - a single kind is in order
        return there[0] if there else tables[0]
    whole = pa.concat_tables(there)
    place = pc.index_in(whole[NIGHT_ID.name], pa.array(order, pa.string())).to_numpy()
    return whole.take(pa.array(np.argsort(place, kind="stable")))


def _day_nights(
    parts: "Mapping[str, _Part]", rows: Sequence[LedgerRow]
) -> "tuple[pa.Table, Mapping[str, str]]":
    """Return the nights of recordings of days, one row each, and the units of their indices."""
    nights, indices = parts["nights"], parts["day_indices"].where("of", "night")
    # a night is identified by its recording and the date of its evening
    place = {
        key: n for n, key in enumerate(zip(nights.night, nights.texts("evening"), strict=True))
    }
    own = zip(indices.night, indices.texts("date"), strict=True)
    which = np.array([place[key] for key in own], dtype=np.int64)
    columns, units = wide_indices(indices.table, which, nights.table.num_rows)
    table = nights.keyed(rows)
    for name, column in columns.items():
        table = table.append_column(name, column)
    return table, units


@dataclass(frozen=True, slots=True)
class _Part:
    """One table of several nights, with the night of each row."""

    table: "pa.Table"
    night: Any

    @classmethod
    def of_all(
        cls, columns: Sequence[Column], name: str, found: "Mapping[int, Mapping[str, pa.Table]]"
    ) -> "_Part":
        """Return the rows of one part of all nights."""
        import pyarrow as pa

        fields = [(column.name, arrow_type(column.kind)) for column in columns]
        empty = pa.schema(fields).empty_table()
        tables = [one[name] for one in found.values()]
        numbers = np.fromiter(found, dtype=np.int64, count=len(found))
        return cls(
            pa.concat_tables([empty, *tables]),
            np.repeat(numbers, [table.num_rows for table in tables]),
        )

    def where(self, column: str, value: str) -> "_Part":
        """Return the rows with a value in a column; all of them if there is no such column."""
        import pyarrow.compute as pc

        if column not in self.table.column_names:
            return self
        chosen = pc.equal(self.table[column], value)
        return _Part(self.table.filter(chosen), self.night[chosen.to_numpy()])

    def texts(self, column: str) -> list[str]:
        """Return one column as Python values."""
        found: list[str] = self.table[column].to_pylist()
        return found

    def keyed(self, rows: Sequence[LedgerRow]) -> "pa.Table":
        """Return the table with ``night_id`` as its first column."""
        import pyarrow as pa

        keys = pa.array([row.night_id for row in rows], pa.string()).take(pa.array(self.night))
        return self.table.add_column(0, NIGHT_ID.name, keys)


def _wide(
    nights: tuple[Sequence[LedgerRow], Mapping[int, PsgkitError]],
    facts: _Part,
    columns_of: "tuple[Sequence[Column], Mapping[str, pa.Array]]",
) -> "pa.Table":
    """Return the piece of the table of nights, or of recordings of days."""
    import pyarrow as pa

    rows, lost = nights
    named, indices = columns_of
    heads = [_head(row, lost.get(number)) for number, row in enumerate(rows)]
    columns = {name: _text([head[name] for head in heads]) for name in _HEAD_NAMES}
    for name in sorted({name for row in rows for name in row.identity.extra}):
        cells = [row.identity.extra.get(name) for row in rows]
        columns[carried_name(encodable(name))] = _text(cells)
    # a night without facts has null in the column
    place = np.full(len(rows), -1)
    place[facts.night] = np.arange(facts.table.num_rows)
    where = pa.array(np.maximum(place, 0), mask=place < 0)
    for column in named:
        known = facts.table[column.name]
        columns[column.name] = (
            known.take(where) if len(known) else pa.nulls(len(rows), arrow_type(column.kind))
        )
    return pa.table({**columns, **indices})


_HEAD_NAMES = tuple(column.name for column in (*IDENTITY, *STATE))


def _head(row: LedgerRow, lost: PsgkitError | None) -> dict[str, str]:
    """Return the ledger's columns of a night, or a failed state if its rows were lost."""
    identity = row.identity
    state, reason, kind = row.state, row.reason, row.kind
    if lost is not None:
        state, reason, kind = "failed", str(lost), type(lost).__name__
    return {
        "night_id": row.night_id,
        "subject": identity.subject,
        "session": identity.session,
        "recording": identity.recording,
        "state": state,
        "reason": reason,
        "error_kind": kind,
    }


def _text(cells: Sequence[str | None]) -> "pa.Array":
    """Return texts as an Arrow column; empty text is null."""
    import pyarrow as pa

    return pa.array([encodable(cell) if cell else None for cell in cells], pa.string())


def wide_indices(
    indices: "pa.Table", night: NDArray[np.int64], nights_n: int
) -> "tuple[dict[str, pa.Array], dict[str, str]]":
    """Return one column for each index, and the unit of each.

    Parameters
    ----------
    indices : table
        Columns ``group``, ``name``, ``value``, ``unit``; an index occurs once in each night.
    night : int64 array, one entry a row of ``indices``
        Night of each row, from 0.
    nights_n : int
        Rows of the result; a night without an index has null there.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if not indices.num_rows:
        return {}, {}
    keys = pc.binary_join_element_wise(indices["group"], indices["name"], SEPARATOR)
    coded = pc.dictionary_encode(keys).combine_chunks()
    code = coded.indices.to_numpy()
    names = coded.dictionary.to_pylist()
    values = np.full((len(names), nights_n), np.nan)
    values[code, night] = indices["value"].to_numpy()
    _, first = np.unique(code, return_index=True)
    units = indices["unit"].take(pa.array(first)).to_pylist()
    columns = {name: _column(name, row) for name, row in zip(names, values, strict=True)}
    return columns, dict(zip(names, (unit or "" for unit in units), strict=True))


def _column(name: str, values: NDArray[np.float64]) -> Any:  # noqa: ANN401 - pyarrow is not typed
    """Return one index as an Arrow column: counts as integers, null for NaN."""
    import pyarrow as pa

    column = pa.array(values, from_pandas=True)
    return column.cast(pa.int64()) if is_count(name) else column
