"""Measure days on end against scikit-digital-health: its sleep analysis on the same data.

    python scripts/benchmark_days.py [--quick] [--out benchmark_days.csv]

Each runs in its own process, on the same file, in the same run, and is timed from the start of
the process to its result: start-up, reading and analysis; time is that of the processor, so that a
busy machine does not matter.  psgkit also cleans, scores movements and counts; the other program,
which reads no EDF, gets the samples from psgkit and runs its sleep analysis.  What that analysis
takes alone, with all samples in memory, is printed beside it.  ``--quick`` takes two days instead
of seven.
"""

import argparse
import csv
import json
import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path

import numpy as np
from benchmark import Row, repeat_records

from psgkit.core.recording import Channel, Recording, Segment
from psgkit.io.edf.write import write_edf
from psgkit.io.new_files import new_file

RATE_HZ = 100.0
DAY_S = 86_400
START = datetime(2024, 1, 8, 12, 0)
RISE_H, BED_H = 7, 23
BUSY, TURNING = 0.5, 0.7
"""Shares of waking minutes in which the arm moves, and in which it goes elsewhere."""
PEAK_MB = 600.0
PSGKIT = """
import contextlib, json, os, sys, time
from psgkit.cli import main
sys.argv = ["psgkit", "days", sys.argv[1], "--tz", "Europe/Berlin", "--json"]
with open(os.devnull, "w") as out, contextlib.redirect_stdout(out):
    with contextlib.suppress(SystemExit):
        main()
alone = time.process_time()
"""
THEIRS = """
import json, sys, time, warnings
import numpy as np
from psgkit.io.actigraphy.read import read_days
from skdh.preprocessing import GetDayWindowIndices
from skdh.sleep import Sleep
warnings.simplefilter("ignore")
days = read_days(sys.argv[1]).recording
accel = np.stack([np.asarray(c.samples[:], dtype=np.float64) for c in days.channels], axis=1)
seconds = 1704711600.0 + np.arange(len(accel)) / 100.0
start = time.process_time()
windows = GetDayWindowIndices(bases=[12], periods=[24]).predict(time=seconds, fs=100.0)
Sleep(day_window=(12, 24)).predict(
    time=seconds, accel=accel, fs=100.0, day_ends=windows["day_ends"])
alone = time.process_time() - start
"""
REPORTED = """
status = open("/proc/self/status").read()
peak_mb = int(status.split("VmHWM:")[1].split()[0]) / 1024
print(json.dumps([time.process_time(), alone, peak_mb]))
"""


def main() -> None:
    """Run all measurements."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two days instead of seven")
    parser.add_argument("--out", type=Path, default=Path("benchmark_days.csv"))
    options = parser.parse_args()
    days = 2 if options.quick else 7
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "days.edf"
        write_days(path, days)
        own_s, _, own_mb = measured(PSGKIT, path)
        other_s, alone_s, other_mb = measured(THEIRS, path)
    what = f"{days} days, 3 axes, 100 Hz"
    rows = [
        Row(f"psgkit days / sleep by scikit-digital-health: {what}", own_s / other_s, "x", 1.0),
        Row(f"peak memory of a report: {what}", own_mb, "MB", PEAK_MB),
    ]
    for row in rows:
        print(row.line())
    print(
        f"psgkit {own_s:.1f} s; scikit-digital-health {other_s:.1f} s and {other_mb:.0f} MB, its "
        f"analysis alone {alone_s:.1f} s ({own_s / alone_s:.2f} x)"
    )
    with new_file(options.out) as part, part.open("x", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("what", "value", "unit", "target"))
        writer.writerows((row.what, f"{row.value:.3f}", row.unit, row.target) for row in rows)


def measured(code: str, path: Path) -> tuple[float, float, float]:
    """Return seconds from file to result, those of the analysis, and peak memory in MB.

    The code runs in its own process.
    """
    done = subprocess.run(
        [sys.executable, "-c", code + REPORTED, str(path)],
        check=True,
        capture_output=True,
        text=True,
    )
    took_s, alone_s, peak_mb = json.loads(done.stdout.splitlines()[-1])
    return float(took_s), float(alone_s), float(peak_mb)


def write_days(path: Path, days: int) -> None:
    """Write a wrist that moves from 7 to 23 h and is still but for a turn now and then at night."""
    rng = np.random.default_rng(0)
    minute = int(60 * RATE_HZ)
    clock_h = (12 + np.arange(DAY_S // 60) / 60) % 24
    awake = (clock_h >= RISE_H) & (clock_h < BED_H)
    turned = np.where(awake, rng.random(len(awake)) < TURNING, np.arange(len(awake)) % 25 == 0)
    last = np.maximum.accumulate(np.where(turned, np.arange(len(awake)), 0))
    down = rng.normal(size=(len(awake), 3))[last]
    down /= np.linalg.norm(down, axis=1)[:, None]
    axes = np.repeat(down.astype(np.float32), minute, axis=0)
    loud = np.where(awake & (rng.random(len(awake)) < BUSY), 0.12, 0.003).astype(np.float32)
    axes += np.repeat(loud, minute)[:, None] * rng.standard_normal(axes.shape, dtype=np.float32)
    channels = tuple(
        Channel(label=f"Left Wrist {letter}", rate_hz=RATE_HZ, samples=axis, unit="g")
        for letter, axis in zip("XYZ", axes.T.copy(), strict=True)
    )
    block = Recording(
        source=path.name,
        start=START,
        segments=(Segment(start_s=0.0, duration_s=float(DAY_S)),),
        channels=channels,
    )
    write_edf(block, path, note="SIMULATED benchmark")
    repeat_records(path, days)


if __name__ == "__main__":
    main()
