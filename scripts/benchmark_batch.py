"""Measure batches: gain of two workers, cost of the engine, memory, and resuming.

    python scripts/benchmark_batch.py [--quick] [--out benchmark_batch.csv]

Nights are simulated blocks of noise with movements, two legs at 512 Hz.  Figures are ratios inside
one run where they can be.  Those by the clock need a machine that has two cores to spare, so the
load is printed with them, and beside them stand figures by processor time, which other programs
hardly touch.
"""

import argparse
import csv
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from benchmark import Night, write_night

from psgkit.cohort.ledger import LedgerRow, writing
from psgkit.cohort.plan.content import key_of, look_at, place_of, remembered_contents
from psgkit.cohort.plan.plan import plan_nights
from psgkit.cohort.plan.sources import FoundNights
from psgkit.cohort.run.batch import BatchRequest, WorkerChoice, known_of, prepare, run_batch
from psgkit.cohort.run.engine import Stop
from psgkit.io.new_files import new_file

CLOCK_AT = 176
"""Byte of an EDF header with the time of day, which makes other nights of one."""
FINISHED_N = 10_000
WARM_N = 4
"""Nights after which every worker has loaded its libraries."""


@dataclass(frozen=True)
class Row:
    """One line of the result; with ``at_least`` the target is a minimum."""

    what: str
    value: float
    unit: str
    target: float
    at_least: bool = False

    def line(self) -> str:
        """Return the row as printed."""
        good = self.value >= self.target if self.at_least else self.value <= self.target
        sign = ">=" if self.at_least else "<="
        verdict = "ok" if good else "MISSED"
        return (
            f"{self.what:<68} {self.value:9.2f} {self.unit:<8} {sign} {self.target:<6g} {verdict}"
        )


class Watched:
    """Keeps when each night ended and how much memory its worker had."""

    def __init__(self) -> None:
        self.ended_s: list[float] = []
        self.rows: list[LedgerRow] = []
        self.own_bytes: list[int] = []
        self.own_s: list[float] = []
        self.all_s: list[float] = []
        self.team: list[psutil.Process] = []

    def planned(self, _found: FoundNights, _plan: object) -> None:
        """Ignore the plan."""

    def night(self, row: LedgerRow) -> None:
        """Keep time and memory of a night."""
        self.ended_s.append(time.perf_counter())
        self.rows.append(row)
        here = psutil.Process()
        self.own_bytes.append(here.memory_info().rss)
        self.own_s.append(time.process_time())
        if len(self.all_s) < WARM_N:  # looking for them takes longer than the engine
            self.team = [here, *here.children(recursive=True)]
        times = [one.cpu_times() for one in self.team]
        self.all_s.append(sum(one.user + one.system for one in times))

    def lost(self, night_id: str, worker: str) -> None:
        """No worker is lost here."""
        raise SystemExit(f"worker {worker} was lost with {night_id}")

    def said(self, text: str) -> None:
        """Print what is said about workers."""
        print(text, file=sys.stderr)


def main() -> None:
    """Run all measurements."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer and shorter nights")
    parser.add_argument("--out", type=Path, default=Path("benchmark_batch.csv"))
    options = parser.parse_args()
    nights_n, hours = (16, 1.0) if options.quick else (24, 8.0)
    rows: list[Row] = []

    def note(row: Row) -> None:
        rows.append(row)
        print(row.line(), flush=True)

    print(f"load before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for row in (*two_against_one(folder, nights_n, hours), *many_short(folder, options.quick)):
            note(row)
        for row in resuming(folder):
            note(row)
    print(f"load after: {os.getloadavg()[0]:.1f}")
    with new_file(options.out) as part, part.open("x", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(("what", "value", "unit", "target"))
        table.writerows((row.what, f"{row.value:.3f}", row.unit, row.target) for row in rows)


@contextmanager
def nights_in(folder: Path, n: int, hours: float) -> Iterator[Path]:
    """Give a folder with ``n`` nights that differ in the time they began."""
    data = folder / "data"
    data.mkdir()
    first = data / "n0000.edf"
    write_night(first, Night(hours=hours, rate_hz=512.0))
    for i in range(n):
        path = data / f"n{i:04d}.edf"
        if path != first:
            shutil.copy(first, path)
        with path.open("r+b") as file:
            file.seek(CLOCK_AT)
            file.write(f"{20 + i // 3600:02d}.{i // 60 % 60:02d}.{i % 60:02d}".encode())
    yield data
    shutil.rmtree(data)


def timed_run(data: Path, out: Path, jobs: int) -> Watched:
    """Return the measures of a batch; its folder is removed."""
    watch = Watched()
    request = BatchRequest(source=str(data), out=out)
    # one process of a cluster for one, so that both have the same to carry
    choice = WorkerChoice(jobs=jobs, memory_limit=2 * 10**9)
    result = run_batch(request, choice, watch, Stop())
    if result.states["done"] != len(watch.rows):
        raise SystemExit(f"not all nights were done: {result.states}")
    shutil.rmtree(out)
    return watch


def nights_a_minute(watch: Watched) -> float:
    """Return the rate after the first nights, which load libraries."""
    spent_s = watch.ended_s[-1] - watch.ended_s[WARM_N - 1]
    return 60 * (len(watch.ended_s) - WARM_N) / spent_s


def processor_s(watch: Watched) -> float:
    """Return the processor time a night, that of workers and of this process together."""
    return (watch.all_s[-1] - watch.all_s[WARM_N - 1]) / (len(watch.all_s) - WARM_N)


def two_against_one(folder: Path, nights_n: int, hours: float) -> Iterator[Row]:
    """Measure how many nights two workers finish for each of one."""
    with nights_in(folder, nights_n, hours) as data:
        size = (data / "n0000.edf").stat().st_size
        runs = [timed_run(data, folder / "out", jobs) for jobs in (1, 2, 1)]
    one = max(nights_a_minute(runs[0]), nights_a_minute(runs[2]))
    two = nights_a_minute(runs[1])
    one_s = min(processor_s(runs[0]), processor_s(runs[2]))
    two_s = processor_s(runs[1])
    yield Row(f"bytes of a night ({hours:g} h, 2 legs, 512 Hz)", size / 1e6, "MB", 1e4)
    yield Row("nights a minute, one worker", one, "1/min", 0, at_least=True)
    yield Row("nights a minute, two workers", two, "1/min", 0, at_least=True)
    yield Row("nights a minute, two workers / one", two / one, "x", 1.7, at_least=True)
    yield Row("processor time of a night, one worker", one_s, "s", 60)
    yield Row(
        "  work two cores then do, if both are free", 2 * one_s / two_s, "x", 1.7, at_least=True
    )


def many_short(folder: Path, quick: bool) -> Iterator[Row]:  # noqa: FBT001 - a switch
    """Measure what the engine adds to a night, and whether memory grows with their number."""
    nights_n = 100 if quick else 400
    with nights_in(folder, nights_n, 0.05) as data:
        watch = timed_run(data, folder / "out", 1)
    steady = watch.rows[nights_n // 4 :]
    first = nights_n // 4 - 1
    spent_s = watch.ended_s[-1] - watch.ended_s[first]
    worked_s = sum(row.seconds or 0.0 for row in steady)
    beside_s = spent_s - worked_s
    yield Row("the engine beside a night", 1e3 * beside_s / len(steady), "ms", 50)
    own_s = watch.own_s[-1] - watch.own_s[first]
    yield Row("  processor time of it in this process", 1e3 * own_s / len(steady), "ms", 50)
    half = len(steady) // 2
    early = max(row.peak_bytes or 0 for row in steady[:half])
    late = max(row.peak_bytes or 0 for row in steady[half:])
    yield Row(
        f"memory of a worker, later / earlier half of {len(steady)} nights", late / early, "x", 1.05
    )
    own = watch.own_bytes
    grown = (own[-1] - own[nights_n // 4]) / 1e6
    yield Row(f"memory of the process that hands out, after {len(steady)} nights", grown, "MB", 10)


def resuming(folder: Path) -> Iterator[Row]:
    """Measure what it takes to see that 10,000 nights are done, of synthetic results."""
    data, out = folder / "finished", folder / "out"
    data.mkdir()
    (out / "nights").mkdir(parents=True)
    rows = []
    for i in range(FINISHED_N):
        (data / f"n{i:05d}.edf").write_bytes(f"recording {i}".encode().ljust(512))
    request = BatchRequest(source=str(data), out=out)
    found, nights, facts = prepare(request)
    files = {place_of(night.recording): look_at(night.recording) for night in nights}
    for night in nights:
        contents = remembered_contents(night, files)
        if contents is None:
            raise SystemExit("a file changed while it was looked at")
        key = key_of(night, contents, facts.digest)
        rows.append(LedgerRow(identity=night.identity, state="done", key=key, seconds=1.0))
        (out / "nights" / night.night_id).mkdir()
    with writing(out / "ledger.sqlite") as ledger:
        ledger.write(rows, files)
    began_s = time.process_time()
    found, nights, facts = prepare(request)
    plan = plan_nights(nights, known_of(out), facts.digest)
    spent_s = time.process_time() - began_s
    if plan.steps or plan.done_n != len(found.nights):
        raise SystemExit(f"{len(plan.steps)} nights would be done again")
    size = (out / "ledger.sqlite").stat().st_size
    yield Row(f"{FINISHED_N} finished nights: ledger", size / 1e6, "MB", 20)
    yield Row(f"{FINISHED_N} finished nights: what is left is known after", spent_s, "s", 5)


if __name__ == "__main__":
    main()
