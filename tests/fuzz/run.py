"""Read damaged files of every kind, in processes with limits of memory and time.

    scripts/fuzz [--count N] [--minutes M] [--kind KIND ...] [--seed S] [--jobs J]

Prints a line a kind: how many files were read, refused, and what was found.  A find is an error
that is not psgkit's own, a process that died, or too much time or memory; its file is kept in
``--finds`` and the test of this room reads it again in each run.  Exit code 1 if there was any.
"""

import argparse
import json
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import TypeAlias

from mutations import damaged
from seeds import KINDS, seeds
from targets import SLOW, TARGETS, outcome

FINDS = Path(__file__).resolve().parents[1] / "fuzz_finds"
MEMORY_BYTES = 3 * 2**30
MOST_S = 10
"""Of processor time, for one file of at most 200 kB."""
_AT_ONCE = 500
"""Files that one process reads before the next begins."""
File: TypeAlias = tuple[str, int]
"""Kind and number."""


class TooLongError(BaseException):
    """No reader may catch it."""


def main(given: Sequence[str] | None = None) -> int:
    """Run the rounds; return 1 if anything was found."""
    parser = argparse.ArgumentParser(prog="scripts/fuzz", description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=20_000, help="files in all (20000)")
    parser.add_argument("--minutes", type=float, default=10.0, help="stop after (10)")
    parser.add_argument("--kind", action="append", choices=KINDS, help="only these; again for more")
    parser.add_argument("--seed", type=int, default=0, help="the same seed, the same files (0)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes at once")
    parser.add_argument("--finds", type=Path, default=FINDS, help="folder for what was found")
    parser.add_argument("--child", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args(given)
    if options.child:
        return read_all([(kind, int(number)) for kind, number in map(_split, options.child)])
    return hunt(options)


def hunt(options: argparse.Namespace) -> int:
    """Start the processes, keep what they find, and print the counts."""
    waiting = files(options.kind or KINDS, options.count, options.seed)
    end = time.monotonic() + 60 * options.minutes
    counts: Counter[tuple[str, str]] = Counter()
    running: list[tuple[subprocess.Popen[str], list[File]]] = []
    while waiting or running:
        while waiting and len(running) < options.jobs and time.monotonic() < end:
            own, waiting = waiting[:_AT_ONCE], waiting[_AT_ONCE:]
            running.append((started(own), own))
        if not running:
            break
        process, own = running.pop(0)
        said, _nothing = process.communicate()
        done = taken(said, counts, options.finds)
        if process.returncode and done < len(own):
            # the process died in the middle of a file
            kind, number = own[done]
            keep(kind, number, f"died with {process.returncode}", options.finds)
            counts[kind, "found"] += 1
            waiting = [*own[done + 1 :], *waiting]
    for kind in dict.fromkeys(one for one, _what in counts):
        numbers = ", ".join(f"{counts[kind, what]} {what}" for what in ("read", "refused", "found"))
        sys.stdout.write(f"{kind:12} {numbers}\n")
    found = sum(n for (_kind, what), n in counts.items() if what == "found")
    total = sum(counts.values())
    sys.stdout.write(f"{total} files, {found} finds, {len(waiting)} files left\n")
    return 1 if found else 0


def files(kinds: Sequence[str], count: int, seed: int) -> list[File]:
    """Return kind and number of each file, the kinds by turns."""
    share = count / sum(SLOW.get(kind, 1.0) for kind in kinds)
    first = seed * 10_000_000
    several = [
        (k / n, kind, first + k)
        for kind in kinds
        for n in [max(1, round(share * SLOW.get(kind, 1.0)))]
        for k in range(n)
    ]
    return [(kind, number) for _turn, kind, number in sorted(several)]


def started(own: Sequence[File]) -> "subprocess.Popen[str]":
    """Start a process that reads files."""
    call = [sys.executable, str(Path(__file__)), "--child"]
    call += [f"{kind}:{number}" for kind, number in own]
    return subprocess.Popen(call, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def _split(word: str) -> tuple[str, str]:
    kind, _colon, number = word.partition(":")
    return kind, number


def taken(said: str, counts: "Counter[tuple[str, str]]", finds: Path) -> int:
    """Count what a process said, keep its finds, and return how many files it finished."""
    rows = [json.loads(line) for line in said.splitlines()]
    for row in rows:
        counts[row["kind"], row["what"]] += 1
        if row["what"] == "found":
            keep(row["kind"], row["number"], row["error"], finds)
    return len(rows)


def keep(kind: str, number: int, error: str, finds: Path) -> None:
    """Write a find to its folder, and say so."""
    finds.mkdir(parents=True, exist_ok=True)
    path = finds / f"{kind}-{number}.{TARGETS[kind][0]}"
    path.write_bytes(made(kind, number))
    sys.stderr.write(f"{path.name}: {error}\n")


def made(kind: str, number: int) -> bytes:
    """Return the damaged file of a number; the same each time."""
    rng = random.Random(f"{kind} {number}")
    several = seeds(kind)
    return damaged(rng.choice(several), rng.choice(several), rng)


def read_all(own: Sequence[File]) -> int:
    """Read damaged files, and print what came of each as a line of JSON."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    signal.signal(signal.SIGVTALRM, _too_long)
    with tempfile.TemporaryDirectory() as folder:
        for kind, number in own:
            path = Path(folder) / f"file.{TARGETS[kind][0]}"
            path.write_bytes(made(kind, number))
            row: dict[str, object] = {"kind": kind, "number": number}
            signal.setitimer(signal.ITIMER_VIRTUAL, MOST_S)
            try:
                row["what"] = outcome(kind, path)
            except (Exception, TooLongError) as error:  # noqa: BLE001 - it is what is looked for
                row |= {"what": "found", "error": f"{type(error).__name__}: {error}"[:300]}
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            sys.stdout.write(json.dumps(row) + "\n")
            sys.stdout.flush()
    return 0


def _too_long(_number: int, _frame: FrameType | None) -> None:
    raise TooLongError(f"more than {MOST_S} s")


if __name__ == "__main__":
    sys.exit(main())
