"""The nights of a cohort as arrays: subject, group and chosen indices.

Recordings of days follow the nights; the names of their indices begin with ``days.``, and neither
kind has the indices of the other.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from psgkit.cohort.plan.night_identity import Protocol
from psgkit.cohort.tables.index_columns import ACTIVITY, DAYS_COLUMNS, OF_DAYS, SEPARATOR
from psgkit.cohort.tables.merge import refresh_tables
from psgkit.cohort.tables.schema import DAYS_FACTS, FACTS, IDENTITY, LATER_COLUMNS, STATE
from psgkit.core.dataclass import dataclass
from psgkit.core.index_catalogue import is_clock, needs_stages
from psgkit.core.message import translatable
from psgkit.core.stage_source import is_estimate
from psgkit.errors import InputFileError, SettingsError
from psgkit.io.files import is_folder, real_path
from psgkit.scoring.rules import RULE_SETS

if TYPE_CHECKING:
    import pyarrow as pa


Words = NDArray[np.object_]
PLMS = "legs__plms_index"
"""The index that the table of all nights shows, whatever is compared."""
HEADS: Mapping[Protocol, tuple[str, ...]] = {
    "night": (*(column.name for column in (*IDENTITY, *STATE, *FACTS)), PLMS),
    "days": tuple(column.name for column in (*IDENTITY, *STATE, *DAYS_FACTS)),
}
_FILES: Mapping[Protocol, tuple[str, str]] = {
    "night": ("nights.parquet", "indices.parquet"),
    "days": ("days.parquet", "day_indices.parquet"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class TablePart:
    """The wanted columns of one table."""

    table: "pa.Table"
    protocol: Protocol
    units: Mapping[str, str]
    reasons: Mapping[str, Mapping[str, int]]

    def cells(self, name: str) -> Words:
        """Return a column as Python values; all None if the table has no such column."""
        if name == "protocol":
            return np.full(len(self.table), self.protocol, dtype=object)
        if name not in self.table.column_names:
            return np.full(len(self.table), None, dtype=object)
        return _words(self.table[name])

    def values(self, name: str) -> NDArray[np.float64]:
        """Return the values of an index; all NaN if the table has no such column."""
        if name not in self.units:
            return np.full(len(self.table), np.nan)
        own = name.removeprefix(OF_DAYS)
        found: NDArray[np.float64] = self.table[own].to_numpy().astype(np.float64)
        return found


@dataclass(frozen=True, kw_only=True, slots=True)
class CohortTable:
    """One of the two tables with one row for each recording."""

    folder: Path
    protocol: Protocol
    schema: "pa.Schema | None"
    rows_n: int

    @classmethod
    def open(cls, folder: Path, protocol: Protocol) -> "CohortTable":
        """Return the table; that of days is missing where an older version made the tables."""
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
        """Return the names of its indices; those of days begin with ``days.``."""
        mark = OF_DAYS if self.protocol == "days" else ""
        return [f"{mark}{name}" for name in self.names if SEPARATOR in name]

    def read(self, wanted: Sequence[str], by: str | None) -> TablePart:
        """Return the wanted columns of the table."""
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
        head = [name for name in HEADS[self.protocol] if name in self.names]
        columns = dict.fromkeys([*head, *own.values()])
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
    """Raise for a table that psgkit did not write."""
    # tables of earlier versions lack the later columns, which are null then
    missing = [name for name in head if name not in (*schema.names, *LATER_COLUMNS)]
    if missing:
        raise InputFileError(
            where,
            f"no column {missing[0]!r}",
            "the nights of a cohort",
            "psgkit batch writes them.",
        )


def _reasons(path: Path, wanted: Sequence[str]) -> dict[str, dict[str, int]]:
    """Return the number of values missing for each reason, most frequent first."""
    import pyarrow.compute as pc
    from pyarrow import parquet

    found: dict[str, dict[str, int]] = {name: {} for name in wanted}
    names = sorted({name.split(SEPARATOR, 1)[1] for name in wanted})
    # a piece at a time: the table has one row for each night and index
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
    """Return values as an Arrow value set."""
    import pyarrow as pa

    return pa.array(names, pa.string())


def _words(column: Any) -> Words:  # noqa: ANN401 - a column of pyarrow, which is not typed
    """Return the cells of a column as Python values."""
    cells = np.empty(len(column), dtype=object)
    cells[:] = column.to_pylist()
    return cells


def _unit(schema: "pa.Schema", name: str) -> str:
    metadata = schema.field(name).metadata or {}
    return str(metadata.get(b"unit", b"").decode())


STAGES_CHOICES = ("scored", "estimated")
_SLEEP_ONLY = {one.name for one in RULE_SETS.values() if one.in_wake == "no_candidate"}
"""Rule sets by which all movements depend on stages."""
USUAL_GROUP = "group"
GROUPS_AT_MOST = 50
"""More are no groups but values of a measurement; psgkit's own choice."""
_HEAD = tuple(dict.fromkeys([*HEADS["night"], *HEADS["days"]]))
_MIXED_UNITS = "activity of these recordings is not in one unit of one kind"


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class CohortNights:
    """All nights of a cohort, then all recordings of days; arrays have one entry for each.

    Attributes
    ----------
    name : str
        Name of the folder, without its parents.
    by : str or None
        The grouping column.
    protocol : object array of str
        ``night`` or ``days``.
    head : mapping of str to object array
        Identity, state and facts by name of the column; None where there is nothing.
    subject : object array of str
        Subject of the night; a night without a stated subject counts as another subject.
    group : object array of str or None
    values : mapping of str to float array
        Indices by ``group__name``; NaN where missing.
    units : mapping of str to str
    reasons : mapping of str to mapping of str to int
        Number of nights for each reason of a missing value, by index.
    stages : str or None
        ``scored`` or ``estimated`` if indices of sleep are those of such nights alone.
    """

    name: str
    by: str | None
    protocol: Words
    head: Mapping[str, Words]
    subject: Words
    group: Words
    values: Mapping[str, NDArray[np.float64]]
    units: Mapping[str, str]
    reasons: Mapping[str, Mapping[str, int]]
    stages: str | None = None

    def __len__(self) -> int:
        return len(self.subject)

    @property
    def done(self) -> NDArray[np.bool_]:
        """Return the mask of nights with a result."""
        return np.asarray(self.head["state"] == "done")

    def having(self, column: str) -> NDArray[np.bool_]:
        """Return the mask of finished nights, or recordings of days, to which an index applies."""
        kind = "days" if column.startswith(OF_DAYS) else "night"
        return np.asarray(self.done & (self.protocol == kind), dtype=np.bool_)

    @property
    def estimated(self) -> NDArray[np.bool_]:
        """Return the mask of nights whose stages a program estimated."""
        found = [is_estimate(one) for one in self.head.get("stages_from", [None] * len(self))]
        return np.asarray(np.array(found) & (self.protocol == "night"), dtype=np.bool_)

    def needs_stages(self, column: str) -> bool:
        """Return whether an index of nights depends on stages, by the rules of any of them."""
        group, _separator, name = column.partition(SEPARATOR)
        rules = set(self.head.get("rules", ())) & _SLEEP_ONLY
        return not column.startswith(OF_DAYS) and needs_stages(name, group, sleep_only=bool(rules))

    def groups(self) -> list[str]:
        """Return the groups of finished nights, sorted."""
        found = {group for group in self.group[self.done] if group is not None}
        return sorted(found, key=lambda group: (group.casefold(), group))


def read_cohort(
    folder: str | Path,
    indices: Sequence[str],
    by: str | None = None,
    stages: str | None = None,
) -> CohortNights:
    """Bring the tables of a cohort up to date and return its nights.

    Parameters
    ----------
    folder : path
        Folder written by ``psgkit batch``, or a folder with its tables.
    indices : sequence of str
        ``group__name``; ``accelerometer_*__name`` stands for every accelerometer.
    by : str, optional
        Grouping column; by default ``group`` if there is one.
    stages : str, optional
        ``scored`` or ``estimated``: indices that depend on stages are taken from nights with such
        stages alone.

    Raises
    ------
    InputFileError
        If there are neither ledgers nor tables, or they cannot be read.
    SettingsError
        If there is no such column.
    """
    out = Path(folder)
    if not is_folder(out):
        raise InputFileError(out.name, "no such folder", "the folder of a batch")
    refresh_tables(out)
    tables = [CohortTable.open(out, "night"), CohortTable.open(out, "days")]
    by = _grouping(by, dict.fromkeys(name for table in tables for name in table.names))
    wanted = _expanded(indices, [one for table in tables for one in table.index_names()])
    # without recordings of days there are no indices of days; an empty cohort has those of nights
    used = [table for table in tables if table.rows_n] or tables[:1]
    parts = [table.read(wanted if table in used else (), by) for table in tables]
    head = {name: np.concatenate([part.cells(name) for part in parts]) for name in _HEAD}
    names = [*dict.fromkeys(name for part in parts for name in part.units)]
    group = np.concatenate([part.cells(by or "") for part in parts])
    nights = CohortNights(
        name=real_path(out).name,
        by=by,
        protocol=np.concatenate([part.cells("protocol") for part in parts]),
        head=head,
        subject=_whose(head),
        group=_labels(group, by) if by else group,
        values={name: np.concatenate([part.values(name) for part in parts]) for name in names},
        units={name: unit for part in parts for name, unit in part.units.items()},
        reasons={name: found for part in parts for name, found in part.reasons.items()},
    )
    return _without_mixed_units(nights if stages is None else with_stages_alone(nights, stages))


def with_stages_alone(nights: CohortNights, stages: str) -> CohortNights:
    """Return the nights with indices of sleep only where the stages are ``stages``."""
    if stages not in STAGES_CHOICES:
        raise SettingsError("--stages", repr(stages), f"one of {', '.join(STAGES_CHOICES)}")
    staged = np.array([one is not None for one in nights.head["stages_from"]], dtype=np.bool_)
    others = staged & (nights.estimated != (stages == "estimated"))
    why = translatable(f"the stages are not {stages}: left out by --stages {stages}")
    values, reasons = dict(nights.values), dict(nights.reasons)
    for column, found in nights.values.items():
        left_out = others & np.isfinite(found) & nights.having(column)
        if nights.needs_stages(column) and left_out.any():
            values[column] = np.where(left_out, np.nan, found)
            reasons[column] = {**reasons[column], why: int(left_out.sum())}
    return replace(nights, values=values, reasons=reasons, stages=stages)


def _without_mixed_units(nights: CohortNights) -> CohortNights:
    """Return the nights without activity levels if their recordings have several units.

    If all have one unit, it is the unit of these indices.
    """
    levels = [name for name, unit in nights.units.items() if unit == ACTIVITY]
    if not levels:
        return nights
    done = nights.having(levels[0])
    kinds = {
        kind
        for kind in zip(
            nights.head["activity_unit"][done], nights.head["activity_from"][done], strict=True
        )
        if kind[0] is not None
    }
    if len(kinds) > 1:
        nothing = np.full(len(nights), np.nan)
        why = {_MIXED_UNITS: int(done.sum())}
        return replace(
            nights,
            values={**nights.values, **dict.fromkeys(levels, nothing)},
            units={**nights.units, **dict.fromkeys(levels, "")},
            reasons={**nights.reasons, **dict.fromkeys(levels, why)},
        )
    unit = next((unit for unit, _ in kinds), "")
    return replace(nights, units={**nights.units, **dict.fromkeys(levels, unit)})


def _grouping(by: str | None, names: Collection[str]) -> str | None:
    if by is None:
        return USUAL_GROUP if USUAL_GROUP in names else None
    if by in names and SEPARATOR not in by:
        return by
    known = [name for name in names if SEPARATOR not in name]
    own = [name for name in known if name not in _HEAD] or ["none"]
    raise SettingsError(
        where="--by",
        found=repr(by),
        wanted=f"a column of the manifest ({', '.join(own)}) or one of "
        f"{', '.join(name for name in _HEAD if SEPARATOR not in name)}",
    )


def _expanded(indices: Sequence[str], known: Sequence[str]) -> list[str]:
    """Return the existing index columns, in the order asked for."""
    found: dict[str, None] = {}
    for wanted in indices:
        start, star, end = wanted.partition("*")
        if star:
            found |= dict.fromkeys(
                name for name in known if name.startswith(start) and name.endswith(end)
            )
            continue
        column = wanted.removeprefix(OF_DAYS)
        if wanted.startswith(OF_DAYS) and is_clock(column.partition(SEPARATOR)[2]):
            raise SettingsError(
                where="--index",
                found=repr(wanted),
                wanted="an index that has a mean",
                advice="Hours of the clock go round; days.parquet has them.",
            )
        if wanted not in known:
            if wanted in _EXPECTED_OF_DAYS:
                continue
            raise SettingsError(
                where="--index",
                found=repr(wanted),
                wanted="an index column of nights.parquet, such as legs__plms_index, or of "
                "days.parquet, such as days.rest_activity__interdaily_stability",
                advice="psgkit cohort --schema lists them.",
            )
        found[wanted] = None
    return list(found)


_EXPECTED_OF_DAYS = frozenset(f"{OF_DAYS}{name}" for name in DAYS_COLUMNS)
"""Not there only where tables were made before there were recordings of days."""


def _whose(head: Mapping[str, Words]) -> Words:
    """Return the subject of each night; nights without one get a unique key."""
    stated, ids = head["subject"], head["night_id"]
    cells = np.empty(len(ids), dtype=object)
    cells[:] = [
        f"night {night}" if whose is None else f"subject {whose}"
        for whose, night in zip(stated, ids, strict=True)
    ]
    return cells


def _labels(cells: Words, by: str) -> Words:
    """Return the group of each night as text."""
    shown = [None if cell is None or str(cell).strip() == "" else str(cell) for cell in cells]
    groups_n = len({cell for cell in shown if cell is not None})
    if groups_n > GROUPS_AT_MOST:
        raise SettingsError(
            where="--by",
            found=f"{groups_n} values of {by!r}",
            wanted=f"at most {GROUPS_AT_MOST} groups",
            advice="Put the nights into groups in a column of the manifest.",
        )
    labels = np.empty(len(shown), dtype=object)
    labels[:] = shown
    return labels
