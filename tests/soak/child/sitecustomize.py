"""Every process of a soaked batch: note what is on the disk, and let the clock jump.

Python imports this when a process starts, workers included.  The notes are what a power cut
leaves on a disk that keeps nothing it was not asked to keep, see ``disks.PlainFolder``.
"""

import os
import random
import time

_NOTES = os.environ.get("SOAK_NOTES")
_CLOCK = os.environ.get("SOAK_CLOCK")


def _note_what_is_synced(notes: str) -> None:
    fsync = os.fsync

    def noting(number: int) -> None:
        fsync(number)
        found = os.fstat(number)
        line = f"{found.st_ino} {found.st_size} {found.st_mtime_ns}\n"
        with open(notes, "a", encoding="ascii") as file:  # noqa: PTH123 - nothing else is loaded
            file.write(line)

    os.fsync = noting


def _let_the_clock_jump() -> None:
    """Move the time of day by up to a year, in any direction, about once a second."""
    chance, now, now_ns = random.Random(), time.time, time.time_ns
    state = [0.0, 0.0]

    def offset_s() -> float:
        if time.monotonic() > state[0]:
            state[:] = [time.monotonic() + chance.expovariate(1.0), chance.uniform(-3e7, 3e7)]
        return state[1]

    time.time = lambda: now() + offset_s()
    time.time_ns = lambda: now_ns() + int(offset_s() * 1e9)


if _NOTES:
    _note_what_is_synced(_NOTES)
if _CLOCK:
    _let_the_clock_jump()
