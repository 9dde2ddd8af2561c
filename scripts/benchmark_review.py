"""Time the signals of a review: each answer to a window, as wall clock and as CPU of the server.

A recording of 23 channels (or what ``--channels`` says) is written into a temporary folder, as one
minute repeated.  Prints CSV: the slowest and the median answer of each kind of window, when a cold
window of the whole recording was first drawn, filtered and whole, and what a second opening takes.

    python scripts/benchmark_review.py --hours 8 --rate 512 --channels 23
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from psgkit.io.read import read_recording
from psgkit.review.served import ReviewServer

WIDTH_PX = 1300
_LABELS = (
    "LAT", "RAT", "Left Arm", "Right Arm", "Chin", "ECG", "EOG-L", "EOG-R", "C3-M2", "C4-M1",
    "F3-M2", "F4-M1", "O1-M2", "O2-M1", "Fp1-M2", "Fp2-M1", "F7-M2", "F8-M1", "T3-M2", "T4-M1",
    "P3-M2", "P4-M1", "Cz-M1",
)  # fmt: skip
_BLOCK_S = 60


def write_recording(path: Path, hours: float, rate_hz: int, channels_n: int) -> None:
    """Write an EDF file whose minutes are all alike."""
    records_n = round(hours * 3600)
    labels = _LABELS[:channels_n]

    def column(values: Sequence[str], width: int) -> str:
        return "".join(value.ljust(width) for value in values)

    n = len(labels)
    head = (
        f"{'0':8}{'X X X X':80}{'Startdate X X X X':80}01.01.2622.00.00{256 * (n + 1):<8}{'':44}"
        f"{records_n:<8}{1:<8}{n:<4}"
        + column(labels, 16) + column([""] * n, 80) + column(["uV"] * n, 8)
        + column(["-3276.8"] * n, 8) + column(["3276.7"] * n, 8)
        + column(["-32768"] * n, 8) + column(["32767"] * n, 8)
        + column([""] * n, 80) + column([str(rate_hz)] * n, 8) + column([""] * n, 32)
    )  # fmt: skip
    dice = np.random.default_rng(1)
    minute = dice.normal(0, 60, (_BLOCK_S, n, rate_hz)).astype("<i2")
    minute[20:22, :2] = minute[20:22, :2] * 20
    content = minute.tobytes()
    with path.open("wb") as file:
        file.write(head.encode("ascii"))
        for _ in range(records_n // _BLOCK_S):
            file.write(content)


class Session:
    """What signals need of a review."""

    trace = None
    file = None

    def __init__(self, path: Path, sha256: str) -> None:
        self.recording = read_recording(path)
        self.sha256 = sha256


def served(path: Path, folder: Path) -> ReviewServer:
    """Return a server whose finished pyramids are kept in ``folder``."""
    session = Session(path, "0" * 64)
    return ReviewServer(session=session, port=1, montage_path=folder / "montage.json")  # type: ignore[arg-type]


def ask(
    server: ReviewServer, channels: list[int], from_s: float, to_s: float
) -> tuple[float, float, bool, bool]:
    """Return wall clock and CPU of an answer in ms, whether parts are missing or unfiltered."""
    asked = {
        "channel": ",".join(map(str, channels)), "from": str(from_s), "to": str(to_s),
        "width": str(WIDTH_PX),
    }  # fmt: skip
    wall, cpu = time.perf_counter(), time.thread_time()
    content = server.signals(asked)
    wall, cpu = 1000 * (time.perf_counter() - wall), 1000 * (time.thread_time() - cpu)
    flags, at = [], 8
    for _ in channels:
        n, flag = np.frombuffer(content, "<u4", 2, at + 8).tolist()
        known = bool(np.isfinite(np.frombuffer(content, "<f4", n, at + 32)).any())
        flags.append((flag, known))
        at += 32 + 8 * -(-n // 2)
    return wall, cpu, any(flag & 1 for flag, _ in flags), all(known for _, known in flags)


def windows(server: ReviewServer, channels: list[int], length_s: float, n: int) -> list[str]:
    """Return one line about ``n`` windows of a length, asked for as the page does."""
    rate_hz = max(one.rate_hz for one in server.store.recording.channels)
    size = max(1, min(6, int(150_000 / ((length_s + 20) * rate_hz)) or 6))
    duration_s = server.store.recording.duration_s
    wall, cpu = [], []
    for k in range(n):
        from_s = (duration_s - length_s) * k / max(n - 1, 1)
        for first in range(0, len(channels), size):
            found = ask(server, channels[first : first + size], from_s, from_s + length_s)
            wall.append(found[0])
            cpu.append(found[1])
    figures = [np.median(cpu), max(cpu), np.median(wall), max(wall)]
    return [f"window {length_s:g} s", str(len(wall)), *(f"{one:.1f}" for one in figures)]


def whole(server: ReviewServer, channels: list[int]) -> list[list[str]]:
    """Return lines about the whole recording, asked for until nothing is missing."""
    duration_s = server.store.recording.duration_s
    begun, cpu_begun = time.perf_counter(), time.process_time()
    wall, cpu, drawn = [], [], 0.0
    left = [channels[n : n + 6] for n in range(0, len(channels), 6)]
    seen: set[int] = set()
    while left:
        later = []
        for some in left:
            found = ask(server, some, 0.0, duration_s)
            wall.append(found[0])
            cpu.append(found[1])
            later += [some] if found[2] else []
            seen.update(some if found[3] else [])
        if len(seen) == len(channels) and not drawn:
            drawn = time.perf_counter() - begun
        left = later
        time.sleep(0.2 if left else 0)
    done, cpu_done = time.perf_counter() - begun, time.process_time() - cpu_begun
    figures = [np.median(cpu), max(cpu), np.median(wall), max(wall)]
    return [
        ["whole recording", str(len(wall)), *(f"{one:.1f}" for one in figures)],
        ["every channel drawn after, s", "", "", "", "", f"{drawn:.2f}"],
        [
            "whole recording: filtered after, s (CPU, wall)",
            "",
            "",
            f"{cpu_done:.2f}",
            "",
            f"{done:.2f}",
        ],
    ]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=8.0)
    parser.add_argument("--rate", type=int, default=512)
    parser.add_argument("--channels", type=int, default=23)
    parser.add_argument("--keep", type=Path)
    given = parser.parse_args()
    from psgkit.review.pyramid import import_filters

    import_filters()
    with tempfile.TemporaryDirectory() as name:
        folder = given.keep or Path(name)
        path = folder / "night.edf"
        if not path.exists():
            write_recording(path, given.hours, given.rate, min(given.channels, len(_LABELS)))
        channels = list(range(given.channels))
        rows = [
            ["what", "answers", "CPU median ms", "CPU most ms", "wall median ms", "wall most ms"]
        ]
        for _opening in ("first", "second"):
            server = served(path, folder)
            rows += whole(server, channels)
            rows += [windows(server, channels, length, 12) for length in (60.0, 300.0, 1800.0)]
            kept = folder / "signal_cache"
            while len(list(kept.glob("*.npy"))) < len(channels):
                time.sleep(0.1)
            size = sum(one.stat().st_size for one in kept.glob("*.npy")) / 1e6
            rows.append(["files kept, MB", "", "", "", "", f"{size:.0f}"])
            server.reader.end()
        sys.stdout.write("".join(f"{','.join(row)}\n" for row in rows))


if __name__ == "__main__":
    main()
