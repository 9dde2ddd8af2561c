"""``psgkit batch`` as a user meets it: what it shows and logs, what it refuses, how it exits."""

import io
import json
import os
import pty
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr, redirect_stdout
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

import psutil
import pytest
from rounds import first_of
from small_nights import small_night, variants

from psgkit.cli import main
from psgkit.cli.batch.command import bytes_of
from psgkit.cohort.run.dask_workers import DaskWorkers, WorkerFacts, _why_not
from psgkit.errors import SettingsError

DASK_LIMIT_S = 120


@pytest.fixture(scope="module")
def contents(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    return list(variants(small_night(tmp_path_factory.mktemp("small")), 6))


@pytest.fixture
def study(tmp_path: Path, contents: list[bytes]) -> Path:
    """Return a manifest of four nights: one damaged, one missing."""
    for i, content in enumerate([*contents[:2], contents[2][:300]]):
        (tmp_path / f"n{i}.edf").write_bytes(content)
    (tmp_path / "n0_stages.csv").write_text("onset_s,duration_s,stage\n0,60,N2\n60,60,W\n")
    manifest = tmp_path / "nights.csv"
    rows = "n0.edf,A,x\nn1.edf,B,y\nn2.edf,C,y\nnone.edf,D,y\n"
    manifest.write_text("recording,subject,group\n" + rows)
    return manifest


def batch(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run the command in this process, as a start of Python costs more than these nights."""
    out, err = io.StringIO(), io.StringIO()
    code: object = 0
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(sys, "argv", ["psgkit", "batch", *map(str, arguments)])
        try:
            main()
        except SystemExit as leaving:
            code = leaving.code or 0
    return subprocess.CompletedProcess([], int(str(code)), out.getvalue(), err.getvalue())


def batch_process(*arguments: object, stderr: int) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "psgkit", "batch", *map(str, arguments)]
    return subprocess.run(
        command, stdout=subprocess.PIPE, stderr=stderr, text=True, check=False, timeout=DASK_LIMIT_S
    )


def test_a_dry_run_says_what_would_be_done_and_writes_nothing(study: Path) -> None:
    out = study.parent / "out"
    done = batch(study, "--out", out, "--dry-run")
    assert (done.returncode, done.stderr, out.exists()) == (0, "", False)
    lines = done.stdout.splitlines()
    assert lines[0].split("  ", 1)[0] == "A"
    assert "stages; LAT, RAT" in lines[0]
    assert "no scoring; LAT, RAT" in lines[1]
    assert "CANNOT RUN: n2.edf: number of signals (byte 252): found" in lines[2]
    assert "CANNOT RUN: a file could not be read: No such file or directory" in lines[3]
    assert lines[4] == "manifest: 4 nights, 4 to do, 0 done, 0 failed before"
    assert lines[5] == "of those to do: 1 with a scoring, 2 cannot run"
    assert lines[6].startswith("estimated time: about ")


def test_a_dry_run_of_a_finished_batch_has_nothing_to_do(study: Path) -> None:
    out = study.parent / "out"
    batch(study, "--out", out, "--jobs", "1")
    done = batch(study, "--out", out, "--dry-run")
    assert done.stdout.splitlines()[0] == "manifest: 4 nights, 0 to do, 2 done, 2 failed before"
    other = batch(study, "--out", out, "--dry-run", "--rules", "aasm3")
    assert "would be refused without --force: rules.name 'wasm2016' there" in other.stdout


def test_some_failed_is_exit_code_4_and_silence_on_standard_error(study: Path) -> None:
    done = batch(study, "--out", study.parent / "out", "--jobs", "1")
    assert (done.returncode, done.stderr) == (4, "")
    assert done.stdout.splitlines()[0] == "4 nights: 2 done, 2 failed"
    assert "--retry-failed" in done.stdout
    study.write_text("recording,subject,group\nn0.edf,A,x\nn1.edf,B,y\n")
    fewer = batch(study, "--out", study.parent / "out", "--jobs", "1")
    assert (fewer.returncode, fewer.stdout.splitlines()[0]) == (0, "2 nights: 2 done")


def test_the_log_is_json_lines_with_a_time_each(study: Path) -> None:
    log = study.parent / "run.jsonl"
    batch(study, "--out", study.parent / "out", "--jobs", "1", "--log", log)
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [line["event"] for line in lines] == ["start", *["night"] * 4, "end"]
    assert all(datetime.fromisoformat(line["time"]) for line in lines)
    assert {line["night_id"]: line["state"] for line in lines[1:-1]} == {
        "A": "done",
        "B": "done",
        "C": "failed",
        "D": "failed",
    }
    assert (lines[0]["to_do_n"], lines[-1]["done"], lines[-1]["failed"]) == (4, 2, 2)


def test_on_a_terminal_there_is_a_bar_and_a_line_a_failure(study: Path) -> None:
    ours, theirs = pty.openpty()
    shown: list[bytes] = []

    def listen() -> None:
        while True:
            try:
                shown.append(os.read(ours, 4096))
            except OSError:
                # the other end was closed
                return

    listener = threading.Thread(target=listen)
    listener.start()
    done = batch_process(study, "--out", study.parent / "out", "--jobs", "1", stderr=theirs)
    os.close(theirs)
    listener.join()
    os.close(ours)
    text = b"".join(shown).decode()
    assert done.returncode == 4
    assert "4/4" in text
    assert "2 failed" in text
    assert "line 4: n2.edf (C): number of signals" in text


@pytest.mark.slow
@pytest.mark.timeout(DASK_LIMIT_S)
def test_a_local_cluster_listens_on_loopback_alone_and_prints_nothing(study: Path) -> None:
    log = study.parent / "run.jsonl"
    command = [sys.executable, "-W", "default", "-m", "psgkit", "batch", study, "--jobs", "2"]
    command += ["--out", study.parent / "out", "--log", log]
    listening: set[str] = set()
    with subprocess.Popen(
        list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as run:
        while run.poll() is None:
            listening |= addresses_listened_at(run.pid)
        out, err = run.communicate()
    assert (run.returncode, err) == (4, "")
    assert out.startswith("4 nights: 2 done, 2 failed")
    assert listening == {"127.0.0.1"}


def addresses_listened_at(pid: int) -> set[str]:
    found = set()
    try:
        for process in [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]:
            for one in process.net_connections(kind="inet"):
                if one.status == psutil.CONN_LISTEN:
                    found.add(one.laddr.ip)
    except psutil.NoSuchProcess:
        return found
    return found


# what is refused


@pytest.mark.parametrize(
    ("arguments", "message"),
    first_of(
        [
            (["--jobs", "0"], "--jobs: found 0"),
            (["--shard", "0/4"], "I/N with I from 1 to N"),
            (["--shard", "5/4"], "I/N with I from 1 to N"),
            (["--shard", "one"], "I/N with I from 1 to N"),
            (["--memory-limit", "much"], "a size such as 2GB"),
            (["--force", "--retry-failed"], "one of them"),
            (["--scheduler", "tcp://127.0.0.1:1", "--jobs", "2"], "where the workers are started"),
            (["--rules", "wasm1999"], "'wasm1999'"),
            (["--log", "none/run.jsonl"], "No such file or directory"),
        ],
        3,
    ),
)
def test_bad_usage_is_exit_code_2(study: Path, arguments: Sequence[str], message: str) -> None:
    done = batch(study, "--out", study.parent / "out", *arguments)
    assert (done.returncode, message in done.stderr) == (2, True), done.stderr
    assert not (study.parent / "out" / "nights").exists()


@pytest.mark.timeout(DASK_LIMIT_S)
def test_a_scheduler_that_is_not_there_is_named(study: Path) -> None:
    done = batch(study, "--out", study.parent / "out", "--scheduler", "tcp://127.0.0.1:1")
    assert done.returncode == 3
    assert "tcp://127.0.0.1:1: found no scheduler" in done.stderr


@pytest.mark.parametrize("text", ["", "GB", "-1GB", "1XB", "1 GB GB"])
def test_a_size_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="a size such as"):
        bytes_of(text)


# workers that would give other results


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        (WorkerFacts(version="0.0.9", sees_out=True), r"it has psgkit 0\.0\.9"),
        (WorkerFacts(version="", sees_out=False), "it has psgkit"),
        (ModuleNotFoundError("psgkit"), r"cannot be used there \(ModuleNotFoundError\)"),
    ],
)
def test_a_worker_of_another_version_is_recognised(facts: object, message: str) -> None:
    import re

    assert re.search(message, _why_not(facts))


class OtherWorkers:
    """A client whose workers are not as they should be; dask is not needed to say so."""

    status = "running"
    workers = MappingProxyType(
        {
            "tcp://a": {"status": "running", "nthreads": 1},
            "tcp://b": {"status": "running", "nthreads": 8},
            "tcp://c": {"status": "paused", "nthreads": 1},
        }
    )

    @property
    def scheduler(self) -> "OtherWorkers":
        return self

    def identity(self) -> dict[str, object]:
        return {"workers": self.workers}

    def sync(self, function: Callable[[], object]) -> object:
        return function()

    def scheduler_info(self, **_: object) -> dict[str, object]:
        return {"workers": {}}  # as the copy of a client is every few seconds

    def run(self, _function: object, _out: str, workers: list[str], on_error: str) -> object:
        from psgkit import __version__

        assert on_error == "return"
        versions = {"tcp://a": "0.0.9"}
        return {
            name: WorkerFacts(version=versions.get(name, __version__), sees_out=True)
            for name in workers
        }


def test_workers_of_another_version_get_no_night_and_it_is_said(tmp_path: Path) -> None:
    said: list[str] = []
    workers = DaskWorkers(OtherWorkers(), tmp_path, said.append)
    assert workers.has_room()
    assert workers._idle == ["tcp://b"]
    assert len(said) == 2
    assert "tcp://a gets no night: it has psgkit 0.0.9" in said[0]
    assert "tcp://b has 8 threads" in said[1]
