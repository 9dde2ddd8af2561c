"""A few hundred nights of a batch, read into one piece of every table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from psgkit.cohort.ledger import LedgerRow
from psgkit.cohort.rows import PARTS, ROWS_FILE, read_rows
from psgkit.cohort.schema import FACTS, NIGHT_ID, arrow_type, carried_name
from psgkit.cohort.wide_rows import wide_indices
from psgkit.errors import PsgkitError
from psgkit.report.outside_text import encodable

if TYPE_CHECKING:
    import pyarrow as pa

NIGHTS_FOLDER = "nights"


@dataclass(frozen=True, kw_only=True, slots=True)
class Chunk:
    """Pieces of the tables, for the same nights.

    Attributes
    ----------
    wide : table
        A row a night: identity, state, facts, and the indices that any of these nights has.
    units : mapping of str to str
        Unit of each index column.
    long : mapping of str to table
        ``indices``, ``movements`` and ``findings``, with ``night_id``.
    """

    wide: "pa.Table"
    units: Mapping[str, str]
    long: "Mapping[str, pa.Table]"


def chunk_of(rows: Sequence[LedgerRow], folder: Path) -> Chunk:
    """Return the pieces of these nights, in the order of ``rows``.

    A night that is done but whose rows cannot be read is a failed one, with that reason.
    """
    found: dict[int, dict[str, pa.Table]] = {}
    lost: dict[int, PsgkitError] = {}
    for number, row in enumerate(rows):
        if row.state == "done":
            try:
                found[number] = read_rows(folder / NIGHTS_FOLDER / row.night_id / ROWS_FILE)
            except PsgkitError as error:
                lost[number] = error
    parts = {name: _Part.of(name, found) for name in PARTS}
    indices = parts["indices"]
    columns, units = wide_indices(indices.table, indices.night, len(rows))
    return Chunk(
        wide=_wide(rows, lost, parts["facts"], columns),
        units=units,
        long={name: part.keyed(rows) for name, part in parts.items() if name != "facts"},
    )


@dataclass(frozen=True, slots=True)
class _Part:
    """One table of several nights, and which night each row belongs to."""

    table: "pa.Table"
    night: Any

    @classmethod
    def of(cls, name: str, found: "Mapping[int, Mapping[str, pa.Table]]") -> "_Part":
        """Return the rows of one part of all nights that have any."""
        import pyarrow as pa

        fields = [(column.name, arrow_type(column.kind)) for column in PARTS[name]]
        empty = pa.schema(fields).empty_table()
        tables = [one[name] for one in found.values()]
        numbers = np.fromiter(found, dtype=np.int64, count=len(found))
        return cls(
            pa.concat_tables([empty, *tables]),
            np.repeat(numbers, [table.num_rows for table in tables]),
        )

    def keyed(self, rows: Sequence[LedgerRow]) -> "pa.Table":
        """Return the table with the key of the night in front."""
        import pyarrow as pa

        keys = pa.array([row.night_id for row in rows], pa.string()).take(pa.array(self.night))
        return self.table.add_column(0, NIGHT_ID.name, keys)


def _wide(
    rows: Sequence[LedgerRow],
    lost: Mapping[int, PsgkitError],
    facts: _Part,
    indices: "Mapping[str, pa.Array]",
) -> "pa.Table":
    """Return the piece of the table of nights."""
    import pyarrow as pa

    heads = [_head(row, lost.get(number)) for number, row in enumerate(rows)]
    columns = {name: _text([head[name] for head in heads]) for name in heads[0]}
    for name in sorted({name for row in rows for name in row.identity.extra}):
        cells = [row.identity.extra.get(name) for row in rows]
        columns[carried_name(encodable(name))] = _text(cells)
    # where there are no facts of a night, its place in the column is taken by a null
    place = np.full(len(rows), -1)
    place[facts.night] = np.arange(facts.table.num_rows)
    where = pa.array(np.maximum(place, 0), mask=place < 0)
    for column in FACTS:
        known = facts.table[column.name]
        columns[column.name] = (
            known.take(where) if len(known) else pa.nulls(len(rows), arrow_type(column.kind))
        )
    return pa.table({**columns, **indices})


def _head(row: LedgerRow, lost: PsgkitError | None) -> dict[str, str]:
    """Return what the ledger knows of a night, or that its rows were lost."""
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
    """Return text as Arrow has it; nothing where nothing is stated."""
    import pyarrow as pa

    return pa.array([encodable(cell) if cell else None for cell in cells], pa.string())
