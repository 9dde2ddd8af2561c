"""A study whose batch is killed, filled up, cut off and doubled until all its nights are done.

What must hold at the end: every good night once, byte for byte as a serial run makes it, no night
that the source no longer holds, no file left over, and after each power cut every night that the
ledger calls done is whole.
"""

import filecmp
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from disks import Disk, disk
from killing import spawned_by
from small_nights import small_night, variants

from psgkit.cohort.ledger import reading
from psgkit.cohort.results import holds
from psgkit.errors import InputFileError

ROOT = Path(__file__).resolve().parents[2]
_STOPPED, _NO_INPUT, _USAGE, _SOME_FAILED = 130, 3, 2, 4
_ENDS = {
    "none": {0, _SOME_FAILED},
    "kill": {-signal.SIGKILL},
    "kill all": {-signal.SIGKILL},
    "interrupt": {_STOPPED},
    "terminate": {_STOPPED, -signal.SIGTERM},
    "worker": {_STOPPED},
    "full": {_NO_INPUT},
    "power": {-signal.SIGKILL},
}
"""Exit codes that an attack may end in; a batch that was faster than the attack ends as ever."""
_WORKER_SIGNALS = (signal.SIGKILL, signal.SIGSEGV)
_STILL_S = 300.0
"""A batch without an end for so long hangs."""
_ORPHAN_S = 60.0


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How much is soaked.

    Attributes
    ----------
    nights, kills, fills, cuts : int
    seed : int
    minutes : float
        After these no further attack begins; 0 is no limit.
    """

    nights: int = 1000
    kills: int = 100
    fills: int = 2
    cuts: int = 10
    seed: int = 1
    minutes: float = 0.0


@dataclass
class Said:
    """What happened, and what must not have."""

    faults: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


@dataclass
class Life:
    """One start of a batch: its processes and their options."""

    runs: list[subprocess.Popen[str]]
    words: list[list[str]]


class Soak:
    """The study and its tormentor."""

    def __init__(self, at: Path, plan: Plan) -> None:
        self.plan, self.said = plan, Said()
        self._at, self._chance = at, random.Random(plan.seed)
        self._data, self._log = at / "data", at / "log.jsonl"
        self._scratch = at / "scratch"
        for folder in (self._data, self._scratch):
            folder.mkdir()
        # 400 kB a night, superseded ones, tables twice
        self.disk: Disk = disk(at, 100_000_000 + plan.nights * 1_000_000)
        sys.stderr.write(f"the disk is {self.disk.kind}\n")
        self._out = self.disk.folder / "out"
        self._contents = variants(small_night(at), 3 * plan.nights)
        self._damaged_n = max(plan.nights // 50, 1)
        for i in range(plan.nights):
            (self._data / f"n{i:05d}.edf").write_bytes(self._content(i))
        self._began_s = time.monotonic()
        self._attacks_left_n = 0

    def _content(self, number: int) -> bytes:
        content = next(self._contents)
        return content[: 200 + number] if number < self._damaged_n else content

    # attacks

    def run(self) -> Said:
        """Torment the batch, let it end, and look at what it made."""
        try:
            attacks = self._attacks()
            for number, attack in enumerate(attacks):
                self._attacks_left_n = len(attacks) - number
                if self.plan.minutes and time.monotonic() - self._began_s > 60 * self.plan.minutes:
                    self.said.counts["attacks left out for want of time"] += 1
                else:
                    self._live(attack)
                self._say(attack)
            self._end_well()
        finally:
            self.disk.close()
        return self.said

    def _attacks(self) -> list[str]:
        plan = self.plan
        kinds = ("kill", "kill all", "interrupt", "terminate", "worker", "worker")
        attacks = [kinds[i % len(kinds)] for i in range(plan.kills)]
        attacks += ["full"] * plan.fills + ["power"] * plan.cuts
        self._chance.shuffle(attacks)
        return attacks

    def _live(self, attack: str) -> None:
        """Start a batch, attack it, and wait for its end."""
        self._change_the_source()
        self.said.counts[attack] += 1
        if attack == "full":
            with self.disk.filled():
                life = self._start(attack, *self._words(attack))
                self._wait(life, attack)
            return
        life = self._start(attack, *self._words(attack))
        self._wait_for_the_moment(life)
        if self._chance.random() < 0.15:
            self._start_a_second_one(life)
        team = self._team(life)
        self._attack(attack, life, team)
        self._wait(life, attack)
        self._wait_for_orphans(team)
        if attack == "power":
            self._compare_with_the_ledger()

    def _attack(self, attack: str, life: Life, team: list[psutil.Process]) -> None:
        match attack:
            case "kill":
                self._signal(life.runs, signal.SIGKILL)
            case "kill all":
                self._each(team, psutil.Process.kill)
            case "interrupt":
                self._interrupt(life)
            case "terminate":
                self._signal(life.runs, signal.SIGTERM)
            case "worker":
                self._kill_a_worker(life)
                # else the batch would go on to its end
                self._wait_for_the_moment(life)
                self._interrupt(life)
            case "power":
                self._each(team, psutil.Process.suspend)
                self._each(team, psutil.Process.kill)
                self._wait_for_orphans(team)
                self.disk.cut_power()

    def _words(self, attack: str) -> list[list[str]]:
        """Return the options of one batch, or of two shards of it."""
        if attack in ("worker", "full"):
            return [["--jobs", "2"]]
        return self._chance.choice(
            [
                [["--jobs", "2"]],
                [["--jobs", "2"]],
                [["--jobs", "1"]],
                [["--shard", "1/2"], ["--shard", "2/2"]],
            ]
        )

    def _start(self, attack: str, *words: list[str]) -> Life:
        runs = [self._batch(one, is_full=attack == "full") for one in words]
        return Life(runs, list(words))

    def _batch(self, words: list[str], *, is_full: bool = False) -> subprocess.Popen[str]:
        call = ["batch", str(self._data), "--out", str(self._out), "--log", str(self._log)]
        limit = self.disk.before_start(is_full=is_full)
        return subprocess.Popen(
            [sys.executable, "-m", "psgkit", *call, *words],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            env=self._environment(),
            preexec_fn=limit,  # noqa: PLW1509 - one limit of this process alone
        )

    def _environment(self) -> dict[str, str]:
        jumps = {"SOAK_CLOCK": "1"} if self._chance.random() < 0.5 else {}
        path = os.pathsep.join([str(ROOT / "tests" / "soak" / "child"), str(ROOT)])
        threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
        own = {"PYTHONPATH": path, "TMPDIR": str(self._scratch), **threads}
        return {**os.environ, **own, **jumps, **self.disk.environment}

    def _change_the_source(self) -> None:
        """Replace, withdraw or touch recordings, as people and clocks of servers do."""
        files = sorted(self._data.iterdir())
        for path in self._chance.sample(files, min(2, len(files))):
            moment = self._chance.choice([0, 4_000_000_000])
            os.utime(path, (moment, moment))
        # each life has something to do
        for path in self._chance.sample(sorted(self._data.iterdir())[self._damaged_n :], 2):
            path.unlink()
            self.said.counts["withdrawn"] += 1
            new = self._data / f"new-{self.said.counts['withdrawn']:05d}.edf"
            new.write_bytes(self._content(self.plan.nights))

    def _wait_for_the_moment(self, life: Life) -> None:
        """Wait until the batch has done some nights; at times attack while it starts."""
        if self._chance.random() < 0.25:
            time.sleep(self._chance.uniform(0.0, 4.0))
            return
        each_n = max(self._left_n() // max(self._attacks_left_n, 1), 1)
        wanted = self._ended_n() + self._chance.randint(1, each_n)
        while self._ended_n() < wanted and any(one.poll() is None for one in life.runs):
            time.sleep(0.05)
        time.sleep(self._chance.uniform(0.0, 0.3))

    def _start_a_second_one(self, life: Life) -> None:
        """Start a batch on a folder where one is at work: it must say so and change nothing."""
        if not any(one.poll() is None for one in life.runs) or not self._ended_n():
            return
        second = self._batch(["--jobs", "1"])
        # the first may end while the second starts, and the second do its work
        code, said = self._end_of(second)
        self.said.counts["second batches"] += 1
        if "Traceback" in said or code not in (0, _USAGE, _NO_INPUT, _SOME_FAILED):
            self._fault(f"a second batch ended with {code}: {said[-2000:]}")
        self.said.counts["second batches refused"] += "another batch at work" in said

    @staticmethod
    def _team(life: Life) -> list[psutil.Process]:
        found = []
        for one in life.runs:
            with suppress(psutil.NoSuchProcess):
                process = psutil.Process(one.pid)
                found += [process, *process.children(recursive=True)]
        return found

    @staticmethod
    def _signal(runs: list[subprocess.Popen[str]], which: signal.Signals) -> None:
        for one in runs:
            if one.poll() is None:
                one.send_signal(which)

    @staticmethod
    def _interrupt(life: Life) -> None:
        """Press Ctrl-C, which reaches all processes of a terminal."""
        for one in life.runs:
            with suppress(ProcessLookupError):
                os.killpg(one.pid, signal.SIGINT)

    def _kill_a_worker(self, life: Life) -> None:
        for one in life.runs:
            with suppress(psutil.NoSuchProcess):
                if workers := spawned_by(psutil.Process(one.pid)):
                    self._chance.choice(workers).send_signal(self._chance.choice(_WORKER_SIGNALS))
                    self.said.counts["workers killed"] += 1

    @staticmethod
    def _each(team: list[psutil.Process], act: Callable[[psutil.Process], None]) -> None:
        for process in team:
            with suppress(psutil.NoSuchProcess):
                act(process)

    def _wait_for_orphans(self, team: list[psutil.Process]) -> None:
        """Wait until all processes of a batch have ended by themselves."""
        _, alive = psutil.wait_procs(team, timeout=_ORPHAN_S)
        for process in alive:
            with suppress(psutil.NoSuchProcess):
                self._fault(f"still there after its batch: {process.cmdline()}")
                process.kill()

    # the ends of batches

    def _end_of(self, run: subprocess.Popen[str]) -> tuple[int, str]:
        try:
            _, said = run.communicate(timeout=_STILL_S)
        except subprocess.TimeoutExpired:
            self._fault(f"no end after {_STILL_S:.0f} s")
            with suppress(ProcessLookupError):
                os.killpg(run.pid, signal.SIGKILL)
            _, said = run.communicate()
        return run.returncode, said

    def _wait(self, life: Life, attack: str) -> None:
        """Wait for the end; a traceback or another exit code is a fault."""
        for run, words in zip(life.runs, life.words, strict=True):
            code, said = self._end_of(run)
            self.said.counts[f"{attack}: exit code {code}"] += 1
            # SIGINT before Python can handle it ends the process
            early = {-signal.SIGINT} if attack in ("interrupt", "worker") else set()
            refused = {_USAGE} if len(life.runs) > 1 or "another batch" in said else set()
            allowed = {0, _SOME_FAILED} | _ENDS[attack] | early | refused
            if "Traceback" in said or code not in allowed:
                self._fault(f"{' '.join(words)} under {attack!r} ended with {code}: {said[-2000:]}")

    def _say(self, attack: str) -> None:
        minutes = (time.monotonic() - self._began_s) / 60
        sys.stderr.write(f"{minutes:5.1f} min  {attack:<10} {self._ended_n()} ends of nights\n")

    def _fault(self, text: str) -> None:
        self.said.faults.append(text)
        sys.stderr.write(f"FAULT {text}\n")

    def _left_n(self) -> int:
        """Return how many nights of the source are not done."""
        done_n = 0
        for path in self._out.glob("ledger*.sqlite"):
            # the ledger of a shard may be taken over just now
            with suppress(InputFileError), reading(path) as ledger:
                done_n += sum(row.state == "done" for row in ledger.rows())
        return self.plan.nights - done_n

    def _ended_n(self) -> int:
        """Return how many nights the log tells of."""
        if not self._log.exists():
            return 0
        return self._log.read_bytes().count(b'"event": "night"')

    def _compare_with_the_ledger(self) -> None:
        """After a power cut what is called done is whole."""
        for path in sorted(self._out.glob("ledger*.sqlite")):
            with reading(path) as ledger:
                for row in ledger.rows():
                    # a night that was withdrawn leaves its folder first, and the ledger later
                    is_here = not (self._out / "superseded" / row.night_id).is_dir()
                    folder = self._out / "nights" / row.night_id
                    is_done = row.state == "done" and is_here
                    if is_done and not holds(folder, row.results, verify=True):
                        self._fault(f"{row.night_id} is called done and is not whole")

    def _end_well(self) -> None:
        """Let the batch end undisturbed, and compare it with a serial one."""
        for words in (["--jobs", "2"], ["--jobs", "2", "--retry-failed", "--purge"]):
            life = self._start("none", words)
            self._wait(life, "none")
        serial = self._at / "serial"
        call = ["batch", str(self._data), "--out", str(serial), "--jobs", "1"]
        done = subprocess.run(
            [sys.executable, "-m", "psgkit", *call],
            check=False,
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        if done.returncode != _SOME_FAILED:
            self._fault(f"the serial run ended with {done.returncode}: {done.stderr[-2000:]}")
        self._compare(serial, self._out)

    def _compare(self, serial: Path, out: Path) -> None:
        with reading(out / "ledger.sqlite") as ledger:
            rows = list(ledger.rows())
        states = Counter(row.state for row in rows)
        self.said.counts.update({f"nights {state}": n for state, n in states.items()})
        files_n = len(list(self._data.iterdir()))
        wanted = {"done": files_n - self._damaged_n, "failed": self._damaged_n}
        if dict(states) != wanted:
            self._fault(f"nights of the ledger: {dict(states)}, wanted {wanted}")
        alone, mine = (
            {str(path.relative_to(at)) for path in at.rglob("*") if path.name != "lost+found"}
            for at in (serial, out)
        )
        locks = {name for name in mine - alone if name.endswith(".lock")}
        for name in sorted((mine ^ alone) - locks)[:10]:
            self._fault(f"{name} is in one of the folders alone")
        for name in sorted(mine & alone):
            if (out / name).is_file() and "sqlite" not in name:
                self.said.counts["files compared"] += 1
                if not filecmp.cmp(out / name, serial / name, shallow=False):
                    self._fault(f"{name} is not as the serial run makes it")


def soaked(at: Path, plan: Plan) -> Said:
    """Soak a study in a new folder, which is removed if all was well."""
    at.mkdir(parents=True, exist_ok=True)
    said = Soak(at, plan).run()
    if not said.faults:
        shutil.rmtree(at)
    return said


def as_text(said: Said) -> str:
    """Return counts and faults as JSON lines."""
    return json.dumps(dict(sorted(said.counts.items())), indent=1) + "\n"
