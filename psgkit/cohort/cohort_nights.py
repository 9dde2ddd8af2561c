"""The nights of a cohort as arrays: whose they are, in which group, and the indices of interest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from psgkit.cohort.index_columns import SEPARATOR
from psgkit.cohort.schema import FACTS, IDENTITY, STATE, TABLES
from psgkit.cohort.tables import refresh_tables
from psgkit.errors import InputFileError, SettingsError

if TYPE_CHECKING:
    import pyarrow as pa

USUAL_GROUP = "group"
GROUPS_AT_MOST = 50
"""More are no groups but values of a measurement; the number is ours."""
_HEAD = tuple(column.name for column in (*IDENTITY, *STATE, *FACTS))

Words = NDArray[np.object_]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class CohortNights:
    """All nights of a cohort, sorted by ``night_id``; every array has a night an entry.

    Attributes
    ----------
    name : str
        Of the folder, without those it lies in.
    by : str or None
        The column that makes the groups.
    head : mapping of str to object array
        Identity, state and facts by name of the column; None where there is nothing.
    subject : object array of str
        Whose night it is; a night of which that is not stated is a subject of its own.
    group : object array of str or None
    values : mapping of str to float array
        Indices by ``group__name``; NaN where there is none.
    units : mapping of str to str
    reasons : mapping of str to mapping of str to int
        Why values are missing, and in how many nights.
    """

    name: str
    by: str | None
    head: Mapping[str, Words]
    subject: Words
    group: Words
    values: Mapping[str, NDArray[np.float64]]
    units: Mapping[str, str]
    reasons: Mapping[str, Mapping[str, int]]

    def __len__(self) -> int:
        return len(self.subject)

    @property
    def done(self) -> NDArray[np.bool_]:
        """Return which nights have a result."""
        return np.asarray(self.head["state"] == "done")

    def groups(self) -> list[str]:
        """Return the groups that some finished night is in, sorted."""
        found = {group for group in self.group[self.done] if group is not None}
        return sorted(found, key=lambda group: (group.casefold(), group))


def read_cohort(folder: str | Path, indices: Sequence[str], by: str | None = None) -> CohortNights:
    """Return the nights of a cohort, after its tables were brought up to date.

    Parameters
    ----------
    folder : path
        What ``psgkit batch`` wrote, or a folder with its tables.
    indices : sequence of str
        ``group__name``; ``accelerometer_*__name`` stands for every accelerometer there is.
    by : str, optional
        Column that makes the groups; ``group`` if there is one.

    Raises
    ------
    InputFileError
        If there is neither a ledger nor tables, or they cannot be read.
    SettingsError
        If there is no such column.
    """
    from pyarrow import ArrowInvalid, parquet

    out = Path(folder)
    if not out.is_dir():
        raise InputFileError(out.name, "no such folder", "the folder of a batch")
    refresh_tables(out)
    path = out / f"{TABLES[0]}.parquet"
    try:
        schema = parquet.read_schema(path)
        _check_columns(path.name, schema)
        by = _grouping(by, schema)
        wanted = _expanded(indices, schema)
        columns = list(dict.fromkeys([*_HEAD, *([by] if by else []), *wanted]))
        nights = parquet.read_table(path, columns=columns)
        reasons = _reasons(out / f"{TABLES[1]}.parquet", wanted)
    except (OSError, ArrowInvalid) as error:
        raise InputFileError(
            path.name, f"no table ({error})", "the tables of a batch", "psgkit batch writes them."
        ) from None
    head = {name: _words(nights[name]) for name in _HEAD}
    return CohortNights(
        name=out.resolve().name,
        by=by,
        head=head,
        subject=_whose(head),
        group=_labels(nights[by], by) if by else np.full(len(nights), None),
        values={name: nights[name].to_numpy().astype(np.float64) for name in wanted},
        units={name: _unit(schema, name) for name in wanted},
        reasons=reasons,
    )


def _check_columns(where: str, schema: "pa.Schema") -> None:
    """Refuse a table that is not one of ours."""
    missing = [name for name in _HEAD if name not in schema.names]
    if missing:
        raise InputFileError(
            where,
            f"no column {missing[0]!r}",
            "the nights of a cohort",
            "psgkit batch writes them.",
        )


def _grouping(by: str | None, schema: "pa.Schema") -> str | None:
    """Return the column that makes the groups, if there is any."""
    if by is None:
        return USUAL_GROUP if USUAL_GROUP in schema.names else None
    if by in schema.names and SEPARATOR not in by:
        return by
    known = [name for name in schema.names if SEPARATOR not in name]
    own = [name for name in known if name not in _HEAD] or ["none"]
    raise SettingsError(
        where="--by",
        found=repr(by),
        wanted=f"a column of the manifest ({', '.join(own)}) or one of {', '.join(_HEAD)}",
    )


def _expanded(indices: Sequence[str], schema: "pa.Schema") -> list[str]:
    """Return the index columns there are, in the order asked for."""
    found: dict[str, None] = {}
    for wanted in indices:
        start, star, end = wanted.partition("*")
        if not star:
            if wanted not in schema.names or SEPARATOR not in wanted:
                raise SettingsError(
                    where="--index",
                    found=repr(wanted),
                    wanted="an index column of nights.parquet, such as legs__plms_index",
                    advice="psgkit cohort --schema lists them.",
                )
            found[wanted] = None
            continue
        found |= dict.fromkeys(
            name
            for name in schema.names
            if name.startswith(start) and name.endswith(end) and SEPARATOR in name
        )
    return list(found)


def _reasons(path: Path, wanted: Sequence[str]) -> dict[str, dict[str, int]]:
    """Return how often each reason is given for a missing value, most frequent first."""
    import pyarrow.compute as pc
    from pyarrow import parquet

    found: dict[str, dict[str, int]] = {name: {} for name in wanted}
    names = sorted({name.split(SEPARATOR, 1)[1] for name in wanted})
    # a piece at a time: the table has a row a night and index
    with parquet.ParquetFile(path) as file:
        for number in range(file.num_row_groups):
            piece = file.read_row_group(number, columns=["group", "name", "reason"])
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


def _whose(head: Mapping[str, Words]) -> Words:
    """Return the subject of each night; the key cannot be that of a stated subject."""
    stated, ids = head["subject"], head["night_id"]
    cells = np.empty(len(ids), dtype=object)
    cells[:] = [
        f"night {night}" if whose is None else f"subject {whose}"
        for whose, night in zip(stated, ids, strict=True)
    ]
    return cells


def _labels(column: Any, by: str) -> Words:  # noqa: ANN401
    """Return the group of each night as text."""
    cells = _words(column)
    shown = [None if cell is None or str(cell).strip() == "" else str(cell) for cell in cells]
    groups_n = len({cell for cell in shown if cell is not None})
    if groups_n > GROUPS_AT_MOST:
        raise SettingsError(
            where="--by",
            found=f"{groups_n} values of {by!r}",
            wanted=f"at most {GROUPS_AT_MOST} groups",
            advice="Put the nights into groups in a column of the manifest.",
        )
    cells[:] = shown
    return cells


def _unit(schema: "pa.Schema", name: str) -> str:
    """Return the unit of an index column."""
    metadata = schema.field(name).metadata or {}
    return str(metadata.get(b"unit", b"").decode())
