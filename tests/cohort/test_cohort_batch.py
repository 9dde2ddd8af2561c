"""A batch does what is missing, changed or failed, once; its results are those of ``report``."""

import errno
import filecmp
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from small_nights import small_night, variants

from psgkit.cli.batch.observers import RunLog
from psgkit.cohort.ledger import LedgerRow, reading, writing
from psgkit.cohort.out_folder import only_run
from psgkit.cohort.plan.night_identity import NightIdentity
from psgkit.cohort.run import night_task
from psgkit.cohort.run.batch import BatchRequest, BatchResult, WorkerChoice, known_of, run_batch
from psgkit.cohort.run.engine import Stop
from psgkit.cohort.run.night_task import OutputError
from psgkit.document.read import read_report
from psgkit.document.trace_file import read_trace
from psgkit.errors import InputFileError, SettingsError
from psgkit.report.html.page import night_as_html
from psgkit.settings import settings_from

STAGES = "onset_s,duration_s,stage\n0,60,N2\n60,60,W\n"


@dataclass
class Watched:
    """What a batch told."""

    rows: list[LedgerRow] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    stop: Stop = field(default_factory=Stop)
    stop_after: int | None = None

    def planned(self, _found: object, plan: object) -> None:
        self.steps = sorted(step.night.night_id for step in plan.steps)

    def night(self, row: LedgerRow) -> None:
        self.rows.append(row)
        self.stop.is_asked |= len(self.rows) == self.stop_after

    def lost(self, *_: object) -> None: ...
    def said(self, *_: object) -> None: ...


@pytest.fixture(scope="module")
def contents(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    return list(variants(small_night(tmp_path_factory.mktemp("small")), 4))


@pytest.fixture
def study(tmp_path: Path, contents: list[bytes]) -> Path:
    """Return a manifest of three nights, the third of them damaged."""
    for i, content in enumerate([*contents[:2], contents[2][:300]]):
        (tmp_path / f"Smith{i}.edf").write_bytes(content)
    (tmp_path / "Smith0_stages.csv").write_text(STAGES)
    manifest = tmp_path / "nights.csv"
    manifest.write_text("recording,subject,group\nSmith0.edf,A,x\nSmith1.edf,B,y\nSmith2.edf,C,y\n")
    return manifest


def run(source: Path, watch: Watched | None = None, **how: object) -> tuple[BatchResult, Watched]:
    watch = watch or Watched()
    request = BatchRequest(**{"source": str(source), "out": source.parent / "out", **how})
    return run_batch(request, WorkerChoice(), watch, watch.stop), watch


def rows_of(manifest: Path) -> dict[str, LedgerRow]:
    return dict(known_of(manifest.parent / "out").rows)


# what is done, and what is not done again


def test_each_night_is_done_once_and_the_damaged_one_says_why(study: Path) -> None:
    result, watch = run(study)
    assert result.states == {"done": 2, "failed": 1, "set_aside": 0, "pending": 0}
    assert watch.steps == ["A", "B", "C"]
    rows = rows_of(study)
    assert (rows["C"].kind, "C.edf" in rows["C"].reason) == ("EdfFormatError", True)
    assert rows["A"].seconds > 0
    assert rows["A"].peak_bytes > 10**7
    assert sorted(path.name for path in (study.parent / "out" / "nights").iterdir()) == ["A", "B"]
    again, watch = run(study)
    assert (again.states, watch.steps, watch.rows) == (result.states, [], [])


def test_a_file_that_was_touched_is_looked_at_and_not_done_again(study: Path) -> None:
    run(study)
    before = (study.parent / "out/nights/A/report.json").stat().st_mtime_ns
    for name in ("Smith0.edf", "Smith2.edf"):
        os.utime(study.parent / name, ns=(1, 1))
    result, watch = run(study)
    assert watch.steps == ["A", "C"]
    assert result.states["done"] == 2
    assert (study.parent / "out/nights/A/report.json").stat().st_mtime_ns == before
    assert run(study)[1].steps == []


@pytest.mark.parametrize("change", ["recording", "sidecar", "lights", "new sidecar", "deleted"])
def test_what_has_changed_is_done_again(study: Path, contents: list[bytes], change: str) -> None:
    run(study)
    folder = study.parent
    before = (folder / "out/nights/A/report.json").read_bytes()
    match change:
        case "recording":
            (folder / "Smith0.edf").write_bytes(contents[3])
        case "sidecar":
            (folder / "Smith0_stages.csv").write_text(STAGES.replace("N2", "R"))
        case "new sidecar":
            (folder / "Smith0_arousals.csv").write_text("onset_s,duration_s,kind\n9,3,arousal\n")
        case "lights":
            text = study.read_text().replace("group\nSmith0.edf,A,x", "lights_off\nSmith0.edf,A,30")
            study.write_text(text.replace(",y\n", ",\n"))
        case "deleted":
            shutil.rmtree(folder / "out/nights/A")
    result, watch = run(study)
    assert watch.steps == ["A"]
    assert result.states["done"] == 2
    is_new = (folder / "out/nights/A/report.json").read_bytes() != before
    assert is_new == (change != "deleted")


def test_a_night_that_breaks_after_it_was_done_leaves_no_old_result(study: Path) -> None:
    run(study)
    (study.parent / "Smith0.edf").write_bytes(b"")
    result, _ = run(study)
    assert result.states["failed"] == 2
    assert not (study.parent / "out/nights/A").exists()


def test_a_failed_night_is_tried_again_when_asked_or_when_its_file_is_another(
    study: Path, contents: list[bytes]
) -> None:
    run(study)
    assert run(study, again="failed")[1].steps == ["C"]
    assert run(study, again="all")[1].steps == ["A", "B", "C"]
    (study.parent / "Smith2.edf").write_bytes(contents[2])
    result, watch = run(study)
    assert (watch.steps, result.states["done"]) == (["C"], 3)


def test_a_missing_file_costs_its_night_and_is_read_once_it_is_there(
    study: Path, contents: list[bytes]
) -> None:
    study.write_text("recording,subject\nSmith0.edf,A\nSmith9.edf,D\n")
    result, _ = run(study)
    assert (result.states["done"], result.states["failed"]) == (1, 1)
    assert "no such file" in rows_of(study)["D"].reason
    assert run(study)[1].steps == []
    (study.parent / "Smith9.edf").write_bytes(contents[3])
    assert run(study)[0].states["done"] == 2


def test_another_group_in_the_manifest_changes_the_ledger_and_no_night(study: Path) -> None:
    run(study)
    study.write_text(study.read_text().replace("A,x", "A,z"))
    _, watch = run(study)
    assert watch.steps == []
    assert rows_of(study)["A"].identity.extra["group"] == "z"


def test_a_fault_of_ours_costs_one_night_and_says_where(
    study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = night_task.reviewed_report_of_files

    def faulty(path: Path, *others: object) -> object:
        if path.name == "Smith0.edf":
            raise ZeroDivisionError("Smith, John, born 1950")
        return real(path, *others)

    monkeypatch.setattr(night_task, "reviewed_report_of_files", faulty)
    result, _ = run(study)
    assert (result.states["done"], result.states["failed"]) == (1, 2)
    row = rows_of(study)["A"]
    assert row.kind == "ZeroDivisionError"
    assert "a fault of psgkit in" in row.reason
    assert "Smith" not in row.reason


# the same as report; no names


def report(*arguments: object) -> bytes:
    command = [sys.executable, "-m", "psgkit", "report", *map(str, arguments), "--json"]
    return subprocess.run(command, capture_output=True, check=True).stdout


def test_a_night_of_a_batch_is_to_the_byte_what_report_says(study: Path) -> None:
    run(study, keep_names=True)
    for name, recording, options in (("A", "Smith0.edf", ["--sidecar"]), ("B", "Smith1.edf", [])):
        written = (study.parent / "out/nights" / name / "report.json").read_bytes()
        assert written == report(study.parent / recording, *options)


def test_a_kept_trace_makes_the_page_again_without_the_recording(study: Path) -> None:
    result, _ = run(study, keep_trace=True)
    assert result.states["done"] == 2
    for row in rows_of(study).values():
        if row.state == "done":
            folder = study.parent / "out" / "nights" / row.identity.night_id
            report = read_report(folder / "report.json")
            page = night_as_html(report, read_trace(folder / "trace.npz"))
            assert page == (folder / "report.html").read_text(encoding="utf-8")
            assert b"Smith" not in (folder / "trace.npz").read_bytes()
    with pytest.raises(SettingsError, match="keep_trace"):
        run(study)


def test_without_names_it_differs_in_the_name_alone(study: Path) -> None:
    run(study)
    written = (study.parent / "out/nights/A/report.json").read_text()
    alone = report(study.parent / "Smith0.edf", "--sidecar").decode()
    assert written == alone.replace("Smith0", "A")


def test_no_name_of_a_file_gets_into_results_ledger_or_log(
    tmp_path: Path, contents: list[bytes]
) -> None:
    folder = tmp_path / "data" / "Xylander_Erna"
    folder.mkdir(parents=True)
    (folder / "Xylander Erna.edf").write_bytes(contents[0])
    (folder / "Xylander Erna_stages.csv").write_text(STAGES)
    (folder / "Xylander Erna_events.csv").write_text("onset_s,duration_s,kind\n900,3,arousal\n")
    (folder / "Xylander Bert.edf").write_bytes(contents[1][:300])
    (folder / "Xylander Bert_a.csv").write_text("onset_s,duration_s,stage\n0,30,N9\n")
    (folder / "Xylander Kurt.edf").write_bytes(contents[2])
    (folder / "Xylander Kurt.csv").write_text("onset_s,duration_s,stage\n0,30,N9\n")
    command = [sys.executable, "-m", "psgkit", "batch", tmp_path / "data", "--jobs", "1"]
    command += ["--out", tmp_path / "out", "--log", tmp_path / "out.log"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 4, done.stderr
    assert "3 nights: 1 done, 2 failed" in done.stdout
    # the terminal names files, so that its user knows which they are
    assert "Xylander_Erna/Xylander Bert.edf (" in done.stdout
    for path in [*(tmp_path / "out").rglob("*"), tmp_path / "out.log"]:
        assert "xylander" not in path.name.casefold()
        if path.is_file():
            content = path.read_bytes().lower()
            assert b"xylander" not in content, path.name
            assert str(tmp_path).encode() not in content, path.name


# folders of other batches


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"settings": settings_from({"rules": {"base": "aasm3"}})}, "rules.name 'wasm2016' there"),
        ({"keep_names": True}, "keep_names False there, True now"),
    ],
)
def test_other_settings_are_refused_and_said_unless_forced(
    study: Path, how: dict[str, object], message: str
) -> None:
    run(study)
    with pytest.raises(SettingsError, match=message):
        run(study, **how)
    result, watch = run(study, again="all", **how)
    assert (watch.steps, result.states["done"]) == (["A", "B", "C"], 2)
    assert run(study, **how)[1].steps == []


def test_results_of_another_version_are_refused(study: Path) -> None:
    run(study)
    path = study.parent / "out" / "batch.json"
    facts = json.loads(path.read_text())
    path.write_text(json.dumps({**facts, "psgkit": {"version": "0.0.9"}}))
    with pytest.raises(SettingsError, match=r"psgkit 0\.0\.9 there"):
        run(study)


def test_a_folder_with_other_files_is_refused(study: Path) -> None:
    (study.parent / "out").mkdir()
    (study.parent / "out" / "thesis.docx").touch()
    with pytest.raises(SettingsError, match="other files in it"):
        run(study)


def test_two_runs_never_share_a_folder(study: Path) -> None:
    run(study)
    with only_run(study.parent / "out", "ledger"):
        code = (
            "import sys; sys.argv = ['psgkit', *sys.argv[1:]]\nfrom psgkit.cli import main\nmain()"
        )
        command = [sys.executable, "-c", code, "batch", study, "--out", study.parent / "out"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, "another batch at work" in done.stderr) == (2, True)


def test_a_run_that_was_killed_holds_the_folder_no_longer(tmp_path: Path) -> None:
    code = (
        "import sys, time, pathlib\nfrom psgkit.cohort.out_folder import only_run\n"
        "with only_run(pathlib.Path(sys.argv[1]), 'ledger'):\n"
        "    print('held', flush=True)\n    time.sleep(60)"
    )
    command = [sys.executable, "-c", code, tmp_path]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with (
            pytest.raises(SettingsError, match="another batch at work"),
            only_run(tmp_path, "ledger"),
        ):
            pass
        holder.kill()
        holder.wait()
    with only_run(tmp_path, "ledger"):
        pass


# interruptions


def test_a_wish_to_stop_ends_after_the_night_at_work(study: Path) -> None:
    result, _ = run(study, Watched(stop_after=1))
    assert result.was_stopped
    assert result.states["pending"] == 2
    assert run(study)[0].states["done"] == 2


def test_a_second_interruption_stops_at_once_and_blames_no_night(
    study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(night_task, "reviewed_report_of_files", interrupted)
        for _ in range(3):
            with pytest.raises(KeyboardInterrupt):
                run(study)
    assert [row.starts_n for row in rows_of(study).values()] == [0, 0, 0]
    assert run(study)[0].states["done"] == 2


def test_a_night_that_ends_this_process_twice_is_set_aside(study: Path) -> None:
    code = (
        "import os, signal, sys\nfrom pathlib import Path\n"
        "from psgkit.cohort.run import night_task\nreal = night_task.reviewed_report_of_files\n"
        "def deadly(path, *others):\n"
        "    if path.name == 'Smith0.edf':\n        os.kill(os.getpid(), signal.SIGKILL)\n"
        "    return real(path, *others)\n"
        "night_task.reviewed_report_of_files = deadly\n"
        "from psgkit.cli import main\nsys.argv = ['psgkit', *sys.argv[1:]]\nmain()"
    )
    call = ["batch", study, "--out", study.parent / "out", "--jobs", "1"]
    ends = [
        subprocess.run([sys.executable, "-c", code, *call], capture_output=True, check=False)
        for _ in range(3)
    ]
    assert [end.returncode for end in ends] == [-signal.SIGKILL, -signal.SIGKILL, 4]
    states = {name: row.state for name, row in rows_of(study).items()}
    assert states == {"A": "set_aside", "B": "done", "C": "failed"}
    assert run(study)[1].steps == []
    assert run(study, again="failed")[0].states["done"] == 2


# disks and folders


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """Give a disk of 600 kB, where this user may make one."""
    folder.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", folder],
        capture_output=True,
        check=False,
    )
    if made.returncode:
        pytest.skip("no disk of its own can be made here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


@pytest.mark.skipif(shutil.which("mount") is None, reason="needs mount")
def test_a_full_disk_stops_the_run_and_leaves_nothing_half_written(
    study: Path, tmp_path: Path, contents: list[bytes]
) -> None:
    with small_disk(tmp_path / "disk") as disk:
        rows = []
        for i, content in enumerate(variants(contents[0], 12)):
            (tmp_path / f"n{i}.edf").write_bytes(content)
            rows.append(f"n{i}.edf,N{i:02d}\n")
        study.write_text("recording,subject\n" + "".join(rows))
        with pytest.raises(OutputError, match="no room to write"):
            run(study, out=disk / "out")
        done = [row for row in known_of(disk / "out").rows.values() if row.state == "done"]
        names = sorted(path.name for path in (disk / "out/nights").iterdir())
        assert names == sorted(row.night_id for row in done)
        assert 1 <= len(done) < 12
        sizes = {len(list((disk / "out/nights" / name).iterdir())) for name in names}
        assert len(sizes) == 1
        assert not any(row.state == "failed" for row in known_of(disk / "out").rows.values())


@pytest.mark.skipif(shutil.which("mount") is None, reason="needs mount")
def test_a_ledger_that_has_no_room_says_so_and_keeps_what_it_had(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        path = disk / "ledger.sqlite"
        with writing(path) as ledger:
            ledger.write([pending("A")], {})
        (disk / "fill").write_bytes(bytes(disk_free(disk) - 8192))
        full = pytest.raises(
            InputFileError, match=r"(full|I/O error), wanted .* space\. Finished nights are kept"
        )
        with full, writing(path) as ledger:
            ledger.write([pending(f"n{i:05d}") for i in range(9999)], {})
        (disk / "fill").unlink()
        with reading(path) as ledger:
            assert [row.night_id for row in ledger.rows()] == ["A"]


def pending(name: str) -> LedgerRow:
    return LedgerRow(identity=NightIdentity(night_id=name), state="pending")


def disk_free(folder: Path) -> int:
    found = os.statvfs(folder)
    return found.f_bavail * found.f_bsize


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_log_that_cannot_be_written_is_named() -> None:
    refused = pytest.raises(SettingsError, match="--log /dev/full: found a pipe or device")
    with refused, RunLog(Path("/dev/full")) as log:
        log.write("start")


@pytest.mark.parametrize("fault", [errno.ENOSPC, errno.EDQUOT, errno.EROFS])
def test_a_disk_that_refuses_stops_the_run_and_the_next_call_goes_on(
    study: Path, monkeypatch: pytest.MonkeyPatch, fault: int
) -> None:
    real: Callable[..., object] = Path.replace
    n = 0

    def refusing(path: Path, target: Path) -> object:
        nonlocal n
        n += path.name.startswith(".part")
        if n == 2:
            raise OSError(fault, os.strerror(fault))
        return real(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", refusing)
        with pytest.raises(OutputError, match=os.strerror(fault)):
            run(study)
    out = study.parent / "out"
    assert [path.name for path in (out / "nights").iterdir()] == ["A"]
    result, watch = run(study)
    assert (watch.steps, result.states["done"]) == (["B", "C"], 2)


def test_what_a_killed_run_was_writing_is_swept_away(study: Path) -> None:
    run(study)
    left = study.parent / "out/nights/.part-ledger.0011"
    other = study.parent / "out/nights/.part-ledger-1-of-2.0011"
    for folder in (left, other):
        folder.mkdir()
        (folder / "report.json").write_text("{")
    run(study)
    assert (left.exists(), other.exists()) == (False, True)


# shards


def test_shards_do_every_night_once_and_are_joined_by_a_call_without_shard(study: Path) -> None:
    whole = study.parent / "whole"
    run(study, out=whole)
    steps = [run(study, shard=(i, 3))[1].steps for i in (1, 2, 3)]
    assert sorted(name for part in steps for name in part) == ["A", "B", "C"]
    out = study.parent / "out"
    assert len(list(out.glob("ledger-*-of-3.sqlite"))) == 3
    (out / "nights/.part-ledger-2-of-3.0011").mkdir()
    result, watch = run(study)
    assert sorted(path.name for path in (out / "nights").iterdir()) == ["A", "B"]
    assert (watch.steps, result.states["done"], result.states["failed"]) == ([], 2, 1)
    assert [path.name for path in out.glob("*.sqlite")] == ["ledger.sqlite"]
    for name in ("A", "B"):
        files = [path.name for path in (whole / "nights" / name).iterdir()]
        mine, alone = out / "nights" / name, whole / "nights" / name
        same, _, _ = filecmp.cmpfiles(mine, alone, files, shallow=False)
        assert sorted(same) == sorted(files)


def test_what_shards_did_anew_is_not_done_once_more_by_the_call_that_joins_them(
    study: Path,
) -> None:
    run(study)
    other = settings_from({"rules": {"base": "aasm3"}})
    steps = [run(study, shard=(i, 2), again="all", settings=other)[1].steps for i in (1, 2)]
    assert sorted(name for part in steps for name in part) == ["A", "B", "C"]
    result, watch = run(study, settings=other)
    assert (watch.steps, result.states["done"], result.states["failed"]) == ([], 2, 1)


def test_a_shard_names_its_own_failures_alone(study: Path) -> None:
    results = [run(study, shard=(i, 3))[0] for i in (1, 2, 3)]
    assert [len(result.failures) for result in results] == [
        result.states["failed"] for result in results
    ]
    assert [row.night_id for result in results for row in result.failures] == ["C"]


def test_ledgers_of_shards_can_be_read_from_other_machines(
    study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(study, shard=(1, 1))
    out = study.parent / "out"
    assert journal_of(out / "ledger-1-of-1.sqlite") == "delete"
    run(study)
    assert journal_of(out / "ledger.sqlite") == "wal"
    monkeypatch.setattr("psgkit.cohort.run.batch.is_network", lambda _: True)
    run(study)
    assert journal_of(out / "ledger.sqlite") == "delete"


def journal_of(ledger: Path) -> str:
    with closing(sqlite3.connect(ledger)) as connection:
        (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
    return str(mode)


@pytest.mark.parametrize("how", [{}, {"shard": (1, 1)}])
def test_a_run_that_is_over_leaves_nothing_beside_the_ledger(
    study: Path, how: dict[str, object]
) -> None:
    run(study, **how)
    out = study.parent / "out"
    assert not [path.name for path in out.iterdir() if re.search("-(wal|shm|journal)$", path.name)]


def test_a_shard_knows_what_the_whole_batch_did(study: Path) -> None:
    run(study)
    assert [run(study, shard=(i, 2))[1].steps for i in (1, 2)] == [[], []]


def test_a_ledger_that_says_done_without_a_folder_is_not_believed(study: Path) -> None:
    run(study)
    with writing(study.parent / "out/ledger.sqlite") as ledger:
        rows = [replace(row, state="done") for row in ledger.rows() if row.night_id == "C"]
        ledger.write(rows, {})
    _, watch = run(study)
    assert watch.steps == ["C"]
    with reading(study.parent / "out/ledger.sqlite") as ledger:
        assert {row.night_id: row.state for row in ledger.rows()}["C"] == "failed"
