"""Run ``psgkit batch`` as a user does, and treat it badly: kill its workers, interrupt it."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

WORKER = "from multiprocessing.spawn import spawn_main"
TOO_LONG_S = 240.0


@dataclass(kw_only=True)
class Mistreatment:
    """What happens to a run.

    ``kill_after`` are numbers of finished nights of this run after which a random worker is killed;
    ``stop_after`` is the number after which the run gets SIGINT, as from a terminal: its whole
    process group.
    """

    kill_after: list[int] = field(default_factory=list)
    stop_after: int | None = None
    workers_of: Callable[[psutil.Process], list[psutil.Process]] | None = None


def run_batch_badly(
    arguments: Sequence[str | Path], log: Path, treatment: Mistreatment, chance: random.Random
) -> subprocess.CompletedProcess[str]:
    """Return how the run ended; its log is followed to know how far it is."""
    before = len(events(log))
    command = [sys.executable, "-m", "psgkit", "batch", *map(str, arguments), "--log", str(log)]
    run = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    began_s = time.monotonic()
    kills = list(treatment.kill_after)
    stop_after = treatment.stop_after
    try:
        while run.poll() is None:
            if time.monotonic() - began_s > TOO_LONG_S:
                raise AssertionError(f"still at work after {TOO_LONG_S} s: {events(log)[-3:]}")
            done_n = sum(one["event"] == "night" for one in events(log)[before:])
            if kills and done_n >= kills[0]:
                kills.pop(0)
                kill_one(treatment.workers_of or spawned_by, psutil.Process(run.pid), chance)
            if stop_after is not None and done_n >= stop_after:
                stop_after = None
                os.killpg(run.pid, signal.SIGINT)
            time.sleep(0.05)
    finally:
        if run.poll() is None:
            os.killpg(run.pid, signal.SIGKILL)
    out, err = run.communicate()
    return subprocess.CompletedProcess(command, run.returncode, out, err)


def kill_one(
    workers_of: Callable[[psutil.Process], list[psutil.Process]],
    run: psutil.Process,
    chance: random.Random,
) -> None:
    workers = workers_of(run)
    if workers:
        with suppress(psutil.NoSuchProcess):
            chance.choice(workers).kill()


def spawned_by(process: psutil.Process) -> list[psutil.Process]:
    """Return the worker processes of a run, in order of their start."""
    found = []
    for child in process.children(recursive=True):
        with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            if any(WORKER in part for part in child.cmdline()):
                found.append((child.create_time(), child.pid, child))
    return [child for _, _, child in sorted(found)]


def events(log: Path) -> list[dict[str, object]]:
    """Return the lines of a log, without one that is being written."""
    if not log.exists():
        return []
    lines = log.read_text(encoding="utf-8").splitlines(keepends=True)
    return [json.loads(line) for line in lines if line.endswith("\n")]
