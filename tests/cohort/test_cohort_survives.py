"""Damaged files, exhausted memory, killed workers, Ctrl-C: each costs one night, or nothing.

These tests take long because worker processes start in seconds, not in milliseconds.
"""

import filecmp
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from killing import Mistreatment, events, run_batch_badly, spawned_by
from small_nights import HUGE, exhausting_workers, small_night, variants

from psgkit.cohort.ledger import reading
from psgkit.cohort.plan.plan import ENDED_TWO
from psgkit.cohort.run.batch import BatchRequest, WorkerChoice, run_batch
from psgkit.cohort.run.engine import Stop

SEED = 20160606
MEMORY = "350MB"
"""Twice what a worker needs for a small night, a third of what it takes for the huge one."""


class Unwatched:
    """Nobody looks."""

    def planned(self, *_: object) -> None: ...
    def night(self, *_: object) -> None: ...
    def lost(self, *_: object) -> None: ...
    def said(self, *_: object) -> None: ...


@pytest.fixture(autouse=True)
def _exhausting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = os.environ.get("PYTHONPATH", "")
    monkeypatch.setenv("PYTHONPATH", exhausting_workers(tmp_path / "plug", before))


@dataclass(frozen=True, kw_only=True)
class Study:
    """Recordings with a manifest, and what a serial run makes of the good ones."""

    manifest: Path
    good: list[str]
    damaged: list[str]
    serial: Path


def make_study(folder: Path, good_n: int, damaged_n: int) -> Study:
    """Return a study: good nights, damaged ones in all ways of breaking, and one that is huge."""
    data = folder / "data"
    data.mkdir()
    *nights, huge = variants(small_night(data), good_n + 1)
    good = [f"G{i:03d}" for i in range(good_n)]
    damaged = [f"D{i:02d}" for i in range(damaged_n)]
    for name, content in zip(good, nights, strict=True):
        (data / f"{name}.edf").write_bytes(content)
    breaks = [
        lambda _: b"",
        lambda night: night[:200],
        lambda night: b"\x00" * len(night),
        lambda night: night[:252] + b"????" + night[256:],
        lambda night: night.replace(b"uV      ", b"mmHg    ").replace(b"LAT", b"Sa?")[:700],
    ]
    for i, name in enumerate(damaged):
        (data / f"{name}.edf").write_bytes(breaks[i % len(breaks)](nights[i]))
    (data / f"{HUGE}.edf").write_bytes(huge)
    order = [HUGE, *good, *damaged]
    random.Random(SEED).shuffle(order)
    order.remove(HUGE)
    manifest = folder / "nights.csv"
    rows = "".join(f"data/{name}.edf,{name}\n" for name in [HUGE, *order])
    manifest.write_text("recording,subject\n" + rows)
    alone = folder / "good.csv"
    alone.write_text("recording,subject\n" + "".join(f"data/{name}.edf,{name}\n" for name in good))
    serial = folder / "serial"
    request = BatchRequest(source=str(alone), out=serial)
    done = run_batch(request, WorkerChoice(), Unwatched(), Stop())
    assert done.states["done"] == good_n
    return Study(manifest=manifest, good=good, damaged=damaged, serial=serial)


def check_nothing_was_lost(study: Study, out: Path) -> None:
    """Every good night once and as done alone, every damaged one told, the huge one set aside."""
    with reading(out / "ledger.sqlite") as ledger:
        rows = {row.night_id: row for row in ledger.rows()}
    assert {name: row.state for name, row in rows.items() if row.state != "failed"} == {
        **dict.fromkeys(study.good, "done"),
        HUGE: "set_aside",
    }
    assert {name for name, row in rows.items() if row.state == "failed"} == {*study.damaged}
    assert all(rows[name].reason for name in study.damaged)
    assert rows[HUGE].reason == ENDED_TWO
    assert sorted(path.name for path in (out / "nights").iterdir()) == study.good
    for name in study.good:
        mine, alone = out / "nights" / name, study.serial / "nights" / name
        files = sorted(path.name for path in alone.iterdir())
        assert sorted(path.name for path in mine.iterdir()) == files
        same, other, broken = filecmp.cmpfiles(mine, alone, files, shallow=False)
        assert (other, broken) == ([], []), name
        assert len(same) == len(files)
    check_tables(study, out)


def check_tables(study: Study, out: Path) -> None:
    import pandas as pd

    nights = pd.read_parquet(out / "nights.parquet")
    assert sorted(nights.night_id) == sorted([HUGE, *study.good, *study.damaged])
    assert set(nights.night_id[nights.state == "done"]) == {*study.good}
    movements = pd.read_parquet(out / "movements.parquet")
    assert set(movements.night_id) == {*study.good}
    assert not movements.duplicated(["night_id", "onset_s", "site"]).any()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_200_nights_survive_damage_exhaustion_kills_and_two_interruptions(tmp_path: Path) -> None:
    study = make_study(tmp_path, good_n=189, damaged_n=10)
    out, log, chance = tmp_path / "out", tmp_path / "log.jsonl", random.Random(SEED)
    call = [study.manifest, "--out", out, "--jobs", "2", "--memory-limit", MEMORY]
    first = run_batch_badly(call, log, Mistreatment(kill_after=[20, 45], stop_after=70), chance)
    assert (first.returncode, first.stderr.count("stopping")) == (130, 1), first.stderr
    assert "go on with: psgkit batch" in first.stdout
    second = run_batch_badly(call, log, Mistreatment(kill_after=[15], stop_after=60), chance)
    assert second.returncode == 130, second.stderr
    last = run_batch_badly(call, log, Mistreatment(), chance)
    assert last.returncode == 4, last.stderr
    check_nothing_was_lost(study, out)
    ends = [one["night_id"] for one in events(log) if one["event"] == "night"]
    assert len(ends) == len(set(ends)) == 200
    assert sum(one["event"] == "worker_lost" for one in events(log)) >= 2
    again = run_batch_badly(call, log, Mistreatment(), chance)
    assert again.returncode == 4
    assert len([one for one in events(log) if one["event"] == "night"]) == 200


# a scheduler and workers that were started by somebody else


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """A scheduler and two workers, each in a working folder of its own."""

    address: str
    credentials: Path
    nannies: list[psutil.Process]

    def workers(self, _run: psutil.Process) -> list[psutil.Process]:
        """Return the processes that do the nights."""
        return [worker for nanny in self.nannies for worker in spawned_by(nanny)]


def start_dask(folder: Path, *arguments: str) -> subprocess.Popen[bytes]:
    folder.mkdir()
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "dask", *arguments],
            cwd=folder,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


@pytest.fixture
def cluster(tmp_path: Path, _exhausting: None) -> Iterator[Cluster]:
    """Start ``dask scheduler`` and two ``dask worker`` as documented, with TLS on loopback."""
    from distributed import Security

    here = "127.0.0.1"
    tls = Security.temporary()
    (tmp_path / "cert.pem").write_text(tls.tls_client_cert)
    (tmp_path / "key.pem").write_text(tls.tls_client_key)
    files = ("--tls-ca-file", tmp_path / "cert.pem", "--tls-cert", tmp_path / "cert.pem")
    with_tls = [*map(str, files), "--tls-key", str(tmp_path / "key.pem")]
    contact = tmp_path / "scheduler.json"
    with ExitStack() as opened:

        def start(name: str, *arguments: str) -> psutil.Process:
            process = start_dask(tmp_path / name, *arguments)
            opened.callback(end, process)
            return psutil.Process(process.pid)

        to_scheduler = (
            f"--protocol tls --host {here} --port 0 --no-dashboard --dashboard-address {here}:0"
        )
        start(
            "scheduler",
            "scheduler",
            *to_scheduler.split(),
            *with_tls,
            "--scheduler-file",
            str(contact),
        )
        wait_for(contact.exists)
        to_worker = f"--host {here} --nworkers 1 --nthreads 1 --dashboard-address {here}:0"
        memory = ("--memory-limit", MEMORY, "--scheduler-file", str(contact))
        nannies = [
            start(
                name,
                "worker",
                *to_worker.split(),
                *memory,
                *with_tls,
                "--local-directory",
                str(tmp_path / name),
            )
            for name in ("worker-1", "worker-2")
        ]
        address = json.loads(contact.read_text())["address"]
        assert address.startswith(f"tls://{here}:")
        yield Cluster(address=address, credentials=tmp_path, nannies=nannies)


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process and all it started."""
    started = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
    for one in [*started, process]:
        one.kill()
    process.wait()


def wait_for(condition: Callable[[], bool], at_most_s: float = 60.0) -> None:
    until_s = time.monotonic() + at_most_s
    while not condition():
        assert time.monotonic() < until_s
        time.sleep(0.05)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_workers_elsewhere_survive_the_same(tmp_path: Path, cluster: Cluster) -> None:
    study = make_study(tmp_path, good_n=36, damaged_n=3)
    out, log, chance = tmp_path / "out", tmp_path / "log.jsonl", random.Random(SEED)
    cert, key = cluster.credentials / "cert.pem", cluster.credentials / "key.pem"
    tls = ["--tls-ca", cert, "--tls-cert", cert, "--tls-key", key]
    call = [study.manifest, "--out", out, "--scheduler", cluster.address, *tls]
    for _ in range(2):
        bad = Mistreatment(kill_after=[4], stop_after=12, workers_of=cluster.workers)
        interrupted = run_batch_badly(call, log, bad, chance)
        assert interrupted.returncode == 130, interrupted.stderr
    last = run_batch_badly(call, log, Mistreatment(), chance)
    assert last.returncode == 4, last.stderr
    check_nothing_was_lost(study, out)
    ends = [one["night_id"] for one in events(log) if one["event"] == "night"]
    assert len(ends) == len(set(ends)) == 40
    assert listening_elsewhere(cluster) == set()


def listening_elsewhere(cluster: Cluster) -> set[str]:
    """Return the addresses other than loopback that a worker listens at."""
    return {
        found.laddr.ip
        for process in [*cluster.nannies, *cluster.workers(cluster.nannies[0])]
        for found in process.net_connections(kind="inet")
        if found.status == psutil.CONN_LISTEN and found.laddr.ip != "127.0.0.1"
    }
