"""A few simulated nights, and cohorts whose nights are variations of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import night_store

from psgkit.cohort.ledger import LedgerRow, writing
from psgkit.cohort.plan.night_identity import NightIdentity
from psgkit.cohort.tables.night_chunk import NIGHTS_FOLDER
from psgkit.cohort.tables.rows import ROWS_FILE, write_rows
from psgkit.core.index import Index
from psgkit.core.night_report import NightReport


def simulated_report(kind: str = "rls", seed: int = 1) -> NightReport:
    """Return the report of half an hour; the same one every time."""
    return night_store.analysed(kind, hours=0.5, seed=seed)


def with_values(report: NightReport, values: Mapping[str, float | None]) -> NightReport:
    """Return the report with other values of some indices, by ``group__name``."""
    indices = {group: dict(named) for group, named in report.indices.items()}
    for column, value in values.items():
        group, name = column.split("__", 1)
        unit = indices[group][name].unit
        indices[group][name] = (
            Index.missing(name, "left out on purpose", unit=unit)
            if value is None
            else Index.plain(name, value, unit)
        )
    return replace(report, indices=indices)


@dataclass(frozen=True, kw_only=True)
class Night:
    """One night of a made-up cohort; without a report it failed."""

    night_id: str
    subject: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)
    report: NightReport | None = None
    reason: str = "broken.edf: found no header, wanted an EDF file."
    state: str = "failed"


def row_of(night: Night) -> LedgerRow:
    identity = NightIdentity(
        night_id=night.night_id,
        subject=night.subject,
        recording=f"{night.night_id}.edf",
        extra=night.extra,
    )
    if night.report is not None:
        return LedgerRow(identity=identity, state="done", key=night.night_id)
    return LedgerRow(
        identity=identity, state=night.state, kind="EdfFormatError", reason=night.reason
    )


def write_cohort(folder: Path, nights: Sequence[Night], ledger_name: str = "ledger.sqlite") -> Path:
    """Write what a batch leaves of ``nights``, without tables."""
    for night in nights:
        if night.report is not None:
            place = folder / NIGHTS_FOLDER / night.night_id
            place.mkdir(parents=True, exist_ok=True)
            write_rows(night.report, row_of(night).identity, place / ROWS_FILE)
    folder.mkdir(parents=True, exist_ok=True)
    with writing(folder / ledger_name) as ledger:
        ledger.write([row_of(night) for night in nights], {})
    return folder
