"""Nights of two minutes for tests of batches: real recordings, quick to write and to analyse."""

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import numpy as np

from psgkit.core.recording import Channel, Recording, Segment
from psgkit.io.edf.write import write_edf

MINUTES = 2
RATE_HZ = 100.0
CLOCK = slice(176, 184)
"""Where an EDF header holds the time of day: nights that differ in it alone are other nights."""


def small_night(folder: Path) -> bytes:
    """Return the bytes of a recording of two legs with movements, some of them periodic."""
    rng = np.random.default_rng(11)
    n = int(60 * MINUTES * RATE_HZ)
    channels = []
    for label in ("LAT", "RAT"):
        emg = 1.5 * rng.standard_normal(n)
        for onset_s in np.arange(8.0, 60.0 * MINUTES - 6, 21.0):
            start = int(onset_s * RATE_HZ)
            emg[start : start + 200] += 45 * rng.standard_normal(200)
        channels.append(Channel(label=label, unit="uV", rate_hz=RATE_HZ, samples=emg))
    recording = Recording(
        source="small",
        start=datetime(2001, 1, 1, 22, 30),
        segments=(Segment(start_s=0.0, duration_s=60.0 * MINUTES),),
        channels=tuple(channels),
    )
    path = folder / "small.edf"
    write_edf(recording, path, note="SIMULATED")
    content = path.read_bytes()
    path.unlink()
    return content


def variants(content: bytes, n: int) -> Iterator[bytes]:
    """Return ``n`` recordings that start a second apart."""
    night = bytearray(content)
    for i in range(n):
        night[CLOCK] = f"{20 + i // 3600:02d}.{i // 60 % 60:02d}.{i % 60:02d}".encode()
        yield bytes(night)


GREEDY = """
import sys, time

held = []


def take(event, arguments):
    if event == "open" and str(arguments[0]).endswith(HUGE_NAME) and not held:
        for _ in range(40):
            held.append(bytearray(b"x") * (25 << 20))
            time.sleep(0.1)


if any("multiprocessing.spawn" in one for one in sys.orig_argv):
    sys.addaudithook(take)
"""
HUGE = "HUGE"


def exhausting_workers(folder: Path, before: str) -> str:
    """Return a PYTHONPATH with which workers take 1 GB, slowly, as they open the night ``HUGE``.

    psgkit reads no recording that takes so much.  A library that leaks, or a recording of a kind
    that is not thought of, could: memory grows until the worker is ended.
    """
    folder.mkdir()
    code = GREEDY.replace("HUGE_NAME", repr(f"{HUGE}.edf"))
    (folder / "sitecustomize.py").write_text(code, encoding="utf-8")
    return os.pathsep.join([str(folder), *([before] if before else [])])


def annotations_alone() -> bytes:
    """Return an EDF+ file that holds what a scorer wrote, and no signal."""
    text = b"+0\x14\x14\x00+0\x1530\x14Sleep stage W\x14\x00"
    header = _header([("EDF Annotations", "", 60)], records_n=1, record_s=30)
    return header + text.ljust(120, b"\x00")


def _header(signals: list[tuple[str, str, int]], records_n: int, record_s: int) -> bytes:
    """Return an EDF+ header with these signals: label, unit, samples a record."""
    n = len(signals)
    labels, units, samples_n = zip(*signals, strict=True)
    kind = "EDF+C" if "EDF Annotations" in labels else ""
    fields = [
        ("0", 8), ("X X X X", 80), ("Startdate X X X X", 80), ("01.01.01", 8), ("22.30.00", 8),
        (256 * (n + 1), 8), (kind, 44), (records_n, 8), (record_s, 8), (n, 4),
    ]  # fmt: skip
    columns = [
        (labels, 16), ([""] * n, 80), (units, 8), ([-1000] * n, 8), ([1000] * n, 8),
        ([-32768] * n, 8), ([32767] * n, 8), ([""] * n, 80), (samples_n, 8), ([""] * n, 32),
    ]  # fmt: skip
    text = [str(value).ljust(width) for value, width in fields]
    text += [str(cell).ljust(width) for cells, width in columns for cell in cells]
    return "".join(text).encode("ascii")
