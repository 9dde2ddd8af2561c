"""Measure time and disk space of one whole night of a batch, and estimate those of 100,000.

    python scripts/benchmark_plan.py [--quick] [--out benchmark_plan.csv]

The night is 8 h of 23 channels at 512 Hz, four of them limbs, with 300 movements an hour and leg.
Times are of the processor, so that other programs of this machine do not count; the file lies in
memory after it was read once.
"""

import argparse
import csv
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

from benchmark import Night, write_night

from psgkit.cohort.out_folder import NIGHTS_FOLDER
from psgkit.cohort.run import night_task
from psgkit.cohort.run.batch import BatchRequest, prepare
from psgkit.cohort.run.night_task import NightTask, work_on
from psgkit.io.new_files import new_file

NIGHTS_N = 100_000
CORES_N = 32
DISK_BYTES_A_SECOND = 1e9
"""What a file system that many nodes share gives to one of them, for the plan alone."""
PARTS = {
    "contents_of": "read all bytes for the digest",
    "report_of_files": "read the limbs and analyse",
    "write_report": "write JSON, page and CSV",
    "write_rows": "write rows of the tables",
}


@dataclass(frozen=True)
class Row:
    """One line of the result."""

    what: str
    value: float
    unit: str

    def line(self) -> str:
        """Return the row as printed."""
        return f"{self.what:<72} {self.value:10.2f} {self.unit}"


def main() -> None:
    """Measure a night and print the plan."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one hour instead of eight")
    parser.add_argument("--out", type=Path, default=Path("benchmark_plan.csv"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = list(measured(Path(folder), 1.0 if options.quick else 8.0))
    print(f"load: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    for row in rows:
        print(row.line())
    with new_file(options.out) as part, part.open("x", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(("what", "value", "unit"))
        table.writerows((row.what, f"{row.value:.3f}", row.unit) for row in rows)


def measured(folder: Path, hours: float) -> Iterator[Row]:
    """Yield what a night costs and leaves, then what follows for many."""
    task = task_of(folder, hours)
    size = task.night.recording.stat().st_size
    work_on(task)  # loads libraries and the file
    before = read_bytes()
    spent_s: dict[str, float] = {}
    with timed_parts(spent_s):
        began_s = time.process_time()
        outcome = work_on(replace(task, known_key=""))
        total_s = time.process_time() - began_s
    if outcome.state != "done":
        raise SystemExit(outcome.reason)
    yield Row(f"bytes of the recording ({hours:g} h, 23 channels, 512 Hz)", size / 1e6, "MB")
    yield Row("  read of it and of itself again", (read_bytes() - before) / 1e6, "MB")
    yield Row("processor time of the night", total_s, "s")
    for name, what in PARTS.items():
        yield Row(f"  {what}", spent_s[name], "s")
    yield Row("memory of the process at its peak", outcome.peak_bytes / 1e6, "MB")
    kept = sorted((task.out / NIGHTS_FOLDER / task.night.night_id).iterdir())
    left = sum(path.stat().st_size for path in kept)
    yield Row("results on disk", left / 1e6, "MB")
    for path in kept:
        yield Row(f"  {path.name}", path.stat().st_size / 1e6, "MB")
    yield from plan(size, total_s, left)


def plan(size: float, night_s: float, left: float) -> Iterator[Row]:
    """Yield what a node of many cores does, by its processors and by its disk."""
    day_s = 86400.0
    by_cores = CORES_N * day_s / night_s
    by_disk = DISK_BYTES_A_SECOND * day_s / size
    yield Row(f"{CORES_N} cores, by their processors: nights a day", by_cores, "")
    yield Row(
        f"  bytes a second they then read: nights of {size / 1e6:.0f} MB",
        by_cores * size / day_s / 1e9,
        "GB/s",
    )
    yield Row("  nights a day at 1 GB/s", by_disk, "")
    yield Row(f"{NIGHTS_N} nights: recordings", NIGHTS_N * size / 1e12, "TB")
    yield Row(f"{NIGHTS_N} nights: results", NIGHTS_N * left / 1e12, "TB")
    yield Row(f"{NIGHTS_N} nights: days of such a node", NIGHTS_N / min(by_cores, by_disk), "d")


def task_of(folder: Path, hours: float) -> NightTask:
    """Return a night as a batch would hand it to a worker."""
    data = folder / "data"
    data.mkdir()
    write_night(data / "night.edf", Night(hours=hours, rate_hz=512.0, limbs=4, others=19))
    request = BatchRequest(source=str(data), out=folder / "out")
    _, nights, facts = prepare(request)
    (request.out / NIGHTS_FOLDER).mkdir(parents=True)
    return NightTask(
        night=nights[0],
        settings=request.settings,
        settings_digest=facts.digest,
        out=request.out,
    )


def timed_parts(spent_s: dict[str, float]) -> ExitStack:
    """Return a block in which the parts of a night note the processor time they took."""

    def timed(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def part(*args: Any, **options: Any) -> Any:  # noqa: ANN401 - whatever the part takes
            began_s = time.process_time()
            try:
                return real(*args, **options)
            finally:
                spent_s[name] = time.process_time() - began_s

        return part

    block = ExitStack()
    for name in PARTS:
        block.enter_context(patch.object(night_task, name, timed(name, getattr(night_task, name))))
    return block


def read_bytes() -> int:
    """Return how many bytes this process has read so far, from disk or memory; 0 if unknown."""
    counters = Path("/proc/self/io")
    if not counters.exists():
        return 0
    return int(counters.read_text(encoding="ascii").split("rchar:")[1].split()[0])


if __name__ == "__main__":
    main()
