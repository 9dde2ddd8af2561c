"""Finished is finished on the disk; what is damaged is made again; what is withdrawn is gone."""

import csv
import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest
from killing import spawned_by
from small_nights import small_night, variants

from psgkit.cli.batch.observers import RunLog
from psgkit.cohort import ledger as ledger_module
from psgkit.cohort.ledger import LedgerRow, reading
from psgkit.cohort.out_folder import make_nights_folder
from psgkit.cohort.run import night_task
from psgkit.cohort.run.batch import BatchRequest, BatchResult, WorkerChoice, known_of, run_batch
from psgkit.cohort.run.dask_workers import local_workers
from psgkit.cohort.run.engine import Ended, Stop, WorkersError
from psgkit.cohort.tables.merge import refresh_tables
from psgkit.errors import PsgkitError


@dataclass
class Watched:
    """What a batch told."""

    steps: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    def planned(self, _found: object, plan: object) -> None:
        self.steps = sorted(step.night.night_id for step in plan.steps)

    def said(self, text: str) -> None:
        self.texts.append(text)

    def night(self, row: LedgerRow) -> None: ...
    def lost(self, *_: object) -> None: ...


@pytest.fixture(scope="module")
def contents(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    return list(variants(small_night(tmp_path_factory.mktemp("small")), 4))


@pytest.fixture
def study(tmp_path: Path, contents: list[bytes]) -> Path:
    """Return a folder of three nights, named by their content."""
    folder = tmp_path / "nights"
    folder.mkdir()
    for i, content in enumerate(contents[:3]):
        (folder / f"n{i}.edf").write_bytes(content)
    return folder


def run(study: Path, **how: object) -> tuple[BatchResult, Watched]:
    watch = Watched()
    request = BatchRequest(**{"source": str(study), "out": study.parent / "out", **how})
    result = run_batch(request, WorkerChoice(), watch, Stop())
    refresh_tables(request.out, verify=request.verify)
    return result, watch


def nights_in_tables(out: Path) -> int:
    with (out / "nights.csv").open(encoding="utf-8", newline="") as file:
        return len(list(csv.DictReader(file)))


# on the disk before it is called done


def test_every_byte_is_on_the_disk_before_a_night_is_called_done(
    study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[tuple[str, str]] = []
    fsync, replace, write = os.fsync, os.replace, ledger_module.Ledger.write

    def spied_fsync(number: int) -> None:
        calls.append(("sync", str(Path(f"/proc/self/fd/{number}").readlink())))
        fsync(number)

    def spied_replace(source: Path, target: Path) -> None:
        calls.append(("name", str(target)))
        replace(source, target)

    def spied_write(self: ledger_module.Ledger, rows: list[LedgerRow], files: dict) -> None:
        rows = list(rows)
        calls.extend(("done", row.night_id) for row in rows if row.state == "done")
        write(self, rows, files)

    if not Path("/proc/self/fd").is_dir():
        pytest.skip("names of open files are not known here")
    monkeypatch.setattr(os, "fsync", spied_fsync)
    monkeypatch.setattr(os, "replace", spied_replace)
    monkeypatch.setattr(ledger_module.Ledger, "write", spied_write)
    result, _ = run(study)
    folder = study.parent / "out" / "nights"
    done = [name for what, name in calls if what == "done"]
    assert (result.states["done"], len(done)) == (3, 3)
    for night_id in done:
        named = calls.index(("name", str(folder / night_id)))
        before = [path for what, path in calls[:named] if what == "sync"]
        for file in (folder / night_id).iterdir():
            assert any(path.endswith(f"/{file.name}") for path in before), file.name
        after = calls[named : calls.index(("done", night_id))]
        assert ("sync", str(folder)) in after
    for table in ("nights.csv", "nights.parquet", "batch.json"):
        named = calls.index(("name", str(study.parent / "out" / table)))
        assert any(
            what == "sync" and Path(path).name.startswith(f".{table}.")
            for what, path in calls[:named]
        )


# damaged results


@pytest.mark.parametrize(
    ("damage", "again"),
    [("emptied", "failed"), ("cut", "missing"), ("missing", "missing"), ("all emptied", "failed")],
)
def test_a_damaged_result_is_made_again(study: Path, damage: str, again: str) -> None:
    run(study)
    nights = sorted((study.parent / "out" / "nights").iterdir())
    page = nights[1] / "report.json"
    whole = page.read_bytes()
    match damage:
        case "emptied":
            page.write_bytes(b"")
        case "cut":
            page.write_bytes(whole[:-1])
        case "missing":
            page.unlink()
        case "all emptied":
            for path in nights[1].iterdir():
                path.write_bytes(b"")
    _, watch = run(study, again=again)
    assert watch.steps == [nights[1].name]
    assert watch.texts == ["1 night whose results were damaged: done again"]
    assert page.read_bytes() == whole
    assert run(study)[1].steps == []


def test_a_changed_byte_is_found_when_every_byte_is_compared(study: Path) -> None:
    run(study)
    page = next((study.parent / "out" / "nights").iterdir()) / "report.html"
    whole = page.read_bytes()
    page.write_bytes(whole[:-2] + b"??")
    assert run(study)[1].steps == []
    assert run(study, verify=True)[1].steps == [page.parent.name]
    assert page.read_bytes() == whole


@pytest.mark.parametrize("name", ["nights.csv", "movements.csv", "indices.parquet"])
def test_an_emptied_table_is_made_again(study: Path, name: str) -> None:
    run(study)
    table = study.parent / "out" / name
    whole = table.read_bytes()
    table.write_bytes(b"")
    run(study)
    assert table.read_bytes() == whole


def test_an_emptied_batch_file_is_written_again_and_nights_stay(study: Path) -> None:
    run(study)
    facts = study.parent / "out" / "batch.json"
    whole = facts.read_bytes()
    facts.write_bytes(b"")
    _, watch = run(study)
    assert (watch.steps, facts.read_bytes()) == ([], whole)
    assert watch.texts == ["batch.json could not be read and is written again"]


# nights that the source no longer holds


def test_a_replaced_recording_leaves_no_ghost(study: Path, contents: list[bytes]) -> None:
    run(study)
    out = study.parent / "out"
    before = {path.name for path in (out / "nights").iterdir()}
    (study / "n0.edf").write_bytes(contents[3])
    result, watch = run(study)
    after = {path.name for path in (out / "nights").iterdir()}
    assert (len(watch.steps), result.states["done"], len(after)) == (1, 3, 3)
    gone = before - after
    assert {path.name for path in (out / "superseded").iterdir()} == gone
    assert watch.texts == [
        "1 night that the source no longer holds: moved to superseded/ (--purge deletes them)"
    ]
    assert nights_in_tables(out) == 3
    assert set(known_of(out).rows) == after


@pytest.mark.parametrize("purge", [False, True])
def test_a_withdrawn_recording_leaves_the_tables(study: Path, *, purge: bool) -> None:
    run(study)
    out = study.parent / "out"
    (study / "n1.edf").unlink()
    result, watch = run(study, purge=purge)
    assert (watch.steps, result.states["done"], nights_in_tables(out)) == ([], 2, 2)
    assert (out / "superseded").exists() != purge
    with reading(out / "ledger.sqlite") as ledger:
        assert len(ledger.known_files()) == (2 if purge else 3)
    if not purge:
        _, watch = run(study, purge=True)
        assert watch.texts == ["1 night that the source no longer holds: deleted"]
        assert not (out / "superseded").exists()


def test_a_night_that_comes_back_is_done_again(study: Path, contents: list[bytes]) -> None:
    run(study)
    (study / "n1.edf").unlink()
    run(study)
    (study / "n1.edf").write_bytes(contents[1])
    result, watch = run(study)
    assert (len(watch.steps), result.states["done"]) == (1, 3)


def test_a_folder_of_no_ledger_is_moved_away(study: Path) -> None:
    run(study)
    out = study.parent / "out"
    shutil.copytree(next((out / "nights").iterdir()), out / "nights" / "ghost")
    _, watch = run(study)
    assert not (out / "nights" / "ghost").exists()
    assert len(watch.texts) == 1


def test_a_file_that_changes_while_it_is_read_is_done_again(
    study: Path, contents: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    analysed = night_task._analysed
    changes = iter([contents[3]])

    def meanwhile(task: object, found: object) -> object:
        result = analysed(task, found)
        content = next(changes, None)
        if content is not None:
            task.night.recording.write_bytes(content)
        return result

    (study / "n1.edf").unlink()
    (study / "n2.edf").unlink()
    monkeypatch.setattr(night_task, "_analysed", meanwhile)
    result, _ = run(study)
    assert result.states["done"] == 1
    report = json.loads(next((study.parent / "out/nights").glob("*/report.json")).read_text())
    assert report["recording"]["start"].endswith("20:00:03")


def test_a_file_that_never_comes_to_rest_fails_with_that_reason(
    study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    analysed = night_task._analysed

    def meanwhile(task: object, found: object) -> object:
        result = analysed(task, found)
        path = task.night.recording
        os.utime(path, ns=(1, path.stat().st_mtime_ns + 10**9))
        return result

    monkeypatch.setattr(night_task, "_analysed", meanwhile)
    result, _ = run(study)
    assert result.states["failed"] == 3
    assert {row.reason for row in result.failures} == {night_task.CHANGES}
    assert not list((study.parent / "out/nights").iterdir())


# a full disk


def full_disk(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_disk_that_is_full_when_tables_are_made_is_no_fault_of_the_settings(
    study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("psgkit.cohort.tables.merge._merged", full_disk)
    with pytest.raises(PsgkitError, match=r"no room to write the tables.*Nights are comp") as error:
        run(study)
    assert error.value.exit_code == 3
    monkeypatch.undo()
    run(study)
    assert nights_in_tables(study.parent / "out") == 3


def test_a_disk_that_is_full_when_the_folder_or_the_log_is_made(
    study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "mkdir", full_disk)
    with pytest.raises(PsgkitError, match="No space left") as error:
        make_nights_folder(study)
    assert error.value.exit_code == 3
    with RunLog(study.parent / "log.jsonl") as log:
        monkeypatch.setattr("psgkit.cli.batch.observers.json.dumps", full_disk)
        with pytest.raises(PsgkitError, match="No space left") as error:
            log.write("start")
    assert error.value.exit_code == 3


# many at once, and what is left over


def test_a_ledger_that_is_just_being_made_holds_no_night(tmp_path: Path) -> None:
    (tmp_path / "ledger-1-of-2.sqlite").write_bytes(b"")
    assert known_of(tmp_path).rows == {}


@pytest.mark.slow
def test_shards_that_start_at_one_moment_all_end_well(study: Path) -> None:
    shards_n = 8
    call = [sys.executable, "-m", "psgkit", "batch", str(study), "--out", "out", "--shard"]
    started = [
        subprocess.Popen(
            [*call, f"{number + 1}/{shards_n}"],
            cwd=study.parent,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(shards_n)
    ]
    ended = [(one.communicate()[1], one.returncode) for one in started]
    assert ended == [("", 0)] * shards_n
    assert run(study)[0].states["done"] == 3


def test_half_written_nights_of_lost_workers_are_removed_at_the_end(
    study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work_on = night_task.work_on

    def leaving_a_part(task: night_task.NightTask) -> night_task.NightOutcome:
        (task.out / "nights" / f".part-{task.owner}.lost").mkdir(exist_ok=True)
        return work_on(task)

    monkeypatch.setattr("psgkit.cohort.run.engine.work_on", leaving_a_part)
    run(study)
    assert not list((study.parent / "out" / "nights").glob(".*"))


# the start and the end of a run


class LosingWorkers:
    """Workers that end at every night they get."""

    is_this_process = False

    def __init__(self) -> None:
        self.lost: list[Ended] = []

    def has_room(self) -> bool:
        return not self.lost

    def begin(self, task: night_task.NightTask) -> None:
        self.lost.append(Ended(night_id=task.night.night_id, outcome=None))

    def wait(self, _timeout_s: float) -> list[Ended]:
        lost, self.lost = self.lost, []
        return lost


def test_a_memory_limit_too_small_for_any_night_stops_the_run_and_blames_none(
    study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("psgkit.cohort.run.batch._workers", lambda *_: nullcontext(LosingWorkers()))
    request = BatchRequest(source=str(study), out=study.parent / "out")
    with pytest.raises(WorkersError, match="2 workers that ended at their first night"):
        run_batch(request, WorkerChoice(memory_limit=10**8), Watched(), Stop())
    assert {row.state for row in known_of(request.out).rows.values()} == {"pending"}


@pytest.mark.parametrize("is_asked", [True, False])
def test_workers_that_fail_to_start_because_of_a_stop_are_no_error(
    study: Path, monkeypatch: pytest.MonkeyPatch, *, is_asked: bool
) -> None:
    def failing(*_: object) -> None:
        raise WorkersError("--jobs", "no workers", "some")

    monkeypatch.setattr("psgkit.cohort.run.batch._workers", failing)
    request = BatchRequest(source=str(study), out=study.parent / "out")
    stop = Stop(is_asked=is_asked)
    with nullcontext() if is_asked else pytest.raises(WorkersError):
        result = run_batch(request, WorkerChoice(), Watched(), stop)
        assert (result.was_stopped, result.states["pending"]) == (True, 3)


@pytest.mark.slow
def test_a_worker_that_is_killed_while_it_starts_is_started_again(tmp_path: Path) -> None:
    killed = []

    def kill_the_first() -> None:
        while not killed:
            for one in spawned_by(psutil.Process()):
                one.kill()
                killed.append(one)

    with ThreadPoolExecutor(1) as killer:
        killer.submit(kill_the_first)
        with local_workers(1, None, tmp_path, print) as workers:
            assert len(killed) == 1
            assert len(workers._workers()) == 1


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "killpg"), reason="no process groups here")
def test_an_interrupt_at_any_moment_of_the_start_is_no_traceback(study: Path) -> None:
    call = [sys.executable, "-m", "psgkit", "batch", str(study), "--out", "out", "--jobs", "2"]
    started_s = time.monotonic()
    subprocess.run(call, cwd=study.parent, check=True, capture_output=True)
    whole_s = time.monotonic() - started_s
    for share in (0.3, 0.5, 0.7):
        shutil.rmtree(study.parent / "out", ignore_errors=True)
        batch = subprocess.Popen(
            call, cwd=study.parent, stderr=subprocess.PIPE, text=True, start_new_session=True
        )
        time.sleep(share * whole_s)
        os.killpg(batch.pid, signal.SIGINT)
        _, told = batch.communicate()
        assert "Traceback" not in told
        assert batch.returncode in (0, 130, -signal.SIGINT)
