"""Measure the time to merge the tables of a cohort of synthetic nights.

    python scripts/benchmark_cohort.py [--nights 10000] [--movements 200] [--out FILE.csv]

The nights are copies of the rows of one simulated night with movements of the length that is asked
for; only reading, merging and writing are measured, as processor time.  Every night has files of
its own.
"""

import argparse
import csv
import resource
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

import psgkit
from psgkit.cohort.ledger import LedgerRow, writing
from psgkit.cohort.plan.night_identity import NightIdentity
from psgkit.cohort.tables.merge import merge_tables, refresh_tables
from psgkit.cohort.tables.night_chunk import NIGHTS_FOLDER
from psgkit.cohort.tables.rows import ROWS_FILE, rows_as_bytes
from psgkit.core.movements import Movements
from psgkit.core.night_report import NightReport
from psgkit.io.new_files import new_file

MERGE_TARGET_S = 30.0
GROUPS = ("control", "rls", "rls treated")


@dataclass(frozen=True)
class Row:
    """One line of the result."""

    what: str
    value: float
    unit: str
    target: float | None

    def line(self) -> str:
        """Return the row as printed."""
        if self.target is None:
            return f"{self.what:<62} {self.value:8.2f} {self.unit}"
        verdict = "ok" if self.value <= self.target else "MISSED"
        return f"{self.what:<62} {self.value:8.2f} {self.unit:<3} <= {self.target:<6g} {verdict}"


def main() -> None:
    """Run all measurements."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nights", type=int, default=10_000)
    parser.add_argument("--movements", type=int, default=200, help="of each night")
    parser.add_argument("--out", type=Path, default=Path("benchmark_cohort.csv"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        cohort = Path(folder) / "cohort"
        make_cohort(cohort, options.nights, options.movements)
        rows = measured(cohort, options.nights)
    for row in rows:
        print(row.line(), flush=True)
    with new_file(options.out) as part, part.open("x", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(("what", "value", "unit", "target"))
        table.writerows((row.what, f"{row.value:.3f}", row.unit, row.target) for row in rows)


def measured(cohort: Path, nights_n: int) -> list[Row]:
    """Return time and memory of merging these nights."""
    before_mb = peak_mb()
    began, began_by_clock = time.process_time(), time.perf_counter()
    written = merge_tables(cohort)
    merged_s, clock_s = time.process_time() - began, time.perf_counter() - began_by_clock
    grown_mb = peak_mb() - before_mb
    began = time.perf_counter()
    if refresh_tables(cohort):
        raise SystemExit("tables that are up to date were merged again")
    size_mb = sum(path.stat().st_size for path in written) / 2**20
    return [
        Row(f"{nights_n} finished nights: merge all tables", merged_s, "s", MERGE_TARGET_S),
        Row("  by the clock, whatever else the machine does", clock_s, "s", None),
        Row("  see that they are up to date", time.perf_counter() - began, "s", None),
        Row("  memory that merging added at its peak", grown_mb, "MB", None),
        Row("  size of the tables, Parquet and CSV", size_mb, "MB", None),
    ]


def peak_mb() -> float:
    """Return the most memory this process had so far."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


def make_cohort(folder: Path, nights_n: int, movements_n: int) -> None:
    """Write the ledger and the rows of ``nights_n`` nights, four to a subject."""
    night = psgkit.simulate_night("rls", hours=0.5, seed=1)
    report = psgkit.analyse_night(night.recording, night.hypnogram, night.events)
    report = with_movements(report, movements_n)
    folder.mkdir(parents=True)
    rows = []
    for number in range(nights_n):
        identity = NightIdentity(
            night_id=f"n{number:06d}",
            subject=f"s{number // 4:05d}",
            session=str(number % 4),
            recording=f"n{number:06d}.edf",
            extra={"group": GROUPS[number // 4 % len(GROUPS)]},
        )
        rows.append(LedgerRow(identity=identity, state="done", key=str(number)))
    content = rows_as_bytes(report, rows[0].identity)
    for row in rows:
        place = folder / NIGHTS_FOLDER / row.night_id
        place.mkdir(parents=True)
        (place / ROWS_FILE).write_bytes(content)
    with writing(folder / "ledger.sqlite") as ledger:
        ledger.write(rows, {})


def with_movements(report: NightReport, n: int) -> NightReport:
    """Return the report with its movements repeated until there are ``n``."""
    scored = report.movements
    chosen = np.resize(np.arange(len(scored)), n)
    columns = {
        name: getattr(scored, name)[chosen] for name in scored.__slots__ if name != "movements"
    }
    movements: Movements = scored.movements.taken(chosen)
    return replace(report, movements=replace(scored, movements=movements, **columns))


if __name__ == "__main__":
    main()
