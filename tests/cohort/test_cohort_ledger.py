"""The ledger of a batch: what is written is there, whole, and can be read while others write."""

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from psgkit.cohort import out_folder as shared_disk
from psgkit.cohort.ledger import KnownFile, LedgerRow, ledger_paths, reading, writing
from psgkit.cohort.plan.night_identity import NightIdentity
from psgkit.errors import InputFileError


def night(name: str, **values: object) -> LedgerRow:
    identity = NightIdentity(night_id=name, subject="7", extra={"group": "é; 'x'"})
    return LedgerRow(identity=identity, **{"state": "pending", **values})


def test_what_is_written_is_read_in_order_of_names(tmp_path: Path) -> None:
    done = night("b", state="done", key="k", seconds=1.5, peak_bytes=2**40, host="node-1")
    failed = night("a", state="failed", kind="EdfFormatError", reason="found nothing")
    known = {"place": KnownFile(size_bytes=3, changed_ns=2**60, sha256="ab", name_hash="cd")}
    with writing(tmp_path / "ledger.sqlite") as ledger:
        ledger.write([done, failed], known)
        with reading(tmp_path / "ledger.sqlite") as other:
            assert list(other.rows()) == [failed, done]
            assert other.known_files() == known


def test_a_row_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    with writing(tmp_path / "ledger.sqlite") as ledger:
        ledger.write([night("a"), night("b")], {})
        ledger.write([night("a", state="done")], {})
        assert [row.state for row in ledger.rows()] == ["done", "pending"]


def test_starts_without_an_end_are_counted(tmp_path: Path) -> None:
    with writing(tmp_path / "ledger.sqlite") as ledger:
        ledger.write([night("a")], {})
        for _ in range(3):
            ledger.started("a")
        ledger.not_started("a")
        assert [row.starts_n for row in ledger.rows()] == [2]
        ledger.write([night("a", state="done")], {})
        ledger.not_started("a")
        assert [row.starts_n for row in ledger.rows()] == [0]


@pytest.mark.parametrize("journal", ["WAL", "DELETE"])
def test_what_was_written_survives_a_kill(tmp_path: Path, journal: str) -> None:
    code = (
        "import os, signal, sys\nfrom pathlib import Path\n"
        "from psgkit.cohort.ledger import LedgerRow, writing\n"
        "from psgkit.cohort.plan.night_identity import NightIdentity\n"
        "with writing(Path(sys.argv[1]), sys.argv[2]) as ledger:\n"
        "    for n in range(20):\n"
        "        one = NightIdentity(night_id=f'n{n:02d}')\n"
        "        ledger.write([LedgerRow(identity=one, state='done')], {})\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    path = tmp_path / "ledger.sqlite"
    ended = subprocess.run([sys.executable, "-c", code, path, journal], check=False)
    assert ended.returncode == -signal.SIGKILL
    with reading(path) as ledger:
        assert sum(row.state == "done" for row in ledger.rows()) == 20
    assert [file.name for file in tmp_path.iterdir()] == ["ledger.sqlite"]
    with writing(path) as ledger:
        assert sum(row.state == "done" for row in ledger.rows()) == 20


def test_a_change_that_a_kill_cut_short_is_undone_by_who_reads_next(tmp_path: Path) -> None:
    code = (
        "import os, signal, sqlite3, sys\n"
        "ledger = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "ledger.execute('PRAGMA cache_size = 1')\n"
        "ledger.execute('BEGIN')\n"
        "for n in range(2000):\n"
        "    ledger.execute('UPDATE nights SET reason = ?', (str(n) * 500,))\n"
        "    ledger.execute('INSERT INTO nights SELECT ?, subject, session, recording, extra, '\n"
        "        'state, key, kind, reason, seconds, peak_bytes, host, starts_n, protocol,'\n"
        "        'results FROM nights '\n"
        "        'WHERE night_id = ?', (f'x{n}', 'a'))\n"
        "    if os.path.getsize(sys.argv[1]) > 100_000: break\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    path = tmp_path / "ledger.sqlite"
    with writing(path, "DELETE") as ledger:
        ledger.write([night("a"), night("b")], {})
        before = list(ledger.rows())
    ended = subprocess.run([sys.executable, "-c", code, path], check=False)
    assert ended.returncode == -signal.SIGKILL
    assert path.with_name("ledger.sqlite-journal").stat().st_size > 0
    with reading(path) as ledger:
        assert list(ledger.rows()) == before
    assert [file.name for file in tmp_path.iterdir()] == ["ledger.sqlite"]


def test_who_reads_thousands_of_nights_keeps_nobody_from_writing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("psgkit.cohort.ledger.BUSY_S", 0.0)
    monkeypatch.setattr("psgkit.cohort.ledger.ROWS_AT_ONCE", 3)
    path = tmp_path / "ledger-1-of-2.sqlite"
    with writing(path, "DELETE") as ledger:
        ledger.write([night(f"n{i}") for i in range(10)], {})
        with reading(path) as other:
            rows = other.rows()
            seen = [next(rows)]
            ledger.write([night(f"n{i}", state="done") for i in range(10)], {})
            seen += rows
    assert [row.night_id for row in seen] == [f"n{i}" for i in range(10)]
    assert seen[-1].state == "done"


def test_who_reads_cannot_write(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    with writing(path) as ledger:
        ledger.write([night("a")], {})
    refused = pytest.raises(InputFileError, match="readonly")
    with refused, reading(path) as ledger:
        ledger.write([night("b")], {})


@pytest.mark.parametrize(
    ("kind", "elsewhere"),
    [("ext4", ""), ("xfs", ""), ("tmpfs", ""), ("overlay", ""), ("fuseblk", ""), ("nfs4", "yes"),
     ("cifs", "yes"), ("lustre", "yes"), ("gpfs", "yes"), ("fuse.sshfs", "yes")],
)  # fmt: skip
def test_the_disk_of_another_machine_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, elsewhere: str
) -> None:
    mounts = tmp_path / "mountinfo"
    where = str(tmp_path / "lab data").replace(" ", "\\040")
    mounts.write_text(
        "22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw\n"
        f"31 22 0:40 / {where} rw,relatime shared:2 - {kind} server:/export rw\n"
    )
    monkeypatch.setattr(shared_disk, "MOUNTS", mounts)
    assert shared_disk.is_network(tmp_path / "lab data" / "cohort") is bool(elsewhere)
    assert not shared_disk.is_network(tmp_path / "lab data 2")


def test_a_file_that_is_no_ledger_is_named(tmp_path: Path) -> None:
    (tmp_path / "ledger.sqlite").write_bytes(os.urandom(8192))
    no_ledger = pytest.raises(InputFileError, match=r"ledger\.sqlite: found file is not a database")
    with no_ledger, reading(tmp_path / "ledger.sqlite"):
        pass
    with pytest.raises(InputFileError, match="no such file"), reading(tmp_path / "none.sqlite"):
        pass


def test_a_ledger_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "ledger.sqlite") as newer:
        newer.execute("PRAGMA user_version = 99")
    newer.close()
    newer_than_ours = pytest.raises(InputFileError, match="version 99, wanted version 3")
    with newer_than_ours, writing(tmp_path / "ledger.sqlite"):
        pass


def test_a_ledger_that_knew_nights_alone_is_read_and_written_on(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    with writing(path) as ledger:
        ledger.write([night("a")], {})
    with closing(sqlite3.connect(path)) as old, old:
        old.execute("ALTER TABLE nights DROP COLUMN protocol")
        old.execute("PRAGMA user_version = 1")
    with reading(path) as ledger:
        assert [row.identity.protocol for row in ledger.rows()] == ["night"]
    days = replace(night("b"), identity=replace(night("b").identity, protocol="days"))
    with writing(path) as ledger:
        ledger.write([days], {})
        assert [row.identity.protocol for row in ledger.rows()] == ["night", "days"]


def test_the_ledgers_of_shards_are_found(tmp_path: Path) -> None:
    for name in ("ledger-1-of-2.sqlite", "ledger-2-of-2.sqlite", "ledger.sqlite-wal", "x.sqlite"):
        (tmp_path / name).touch()
    found = [path.name for path in ledger_paths(tmp_path)]
    assert found == ["ledger-1-of-2.sqlite", "ledger-2-of-2.sqlite"]


def test_a_ledger_is_read_where_nothing_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "ledger.sqlite"
    with writing(path) as ledger:
        ledger.write([night("a", state="done")], {})
    before = sorted(file.name for file in tmp_path.iterdir())
    assert before == ["ledger.sqlite"]
    monkeypatch.setattr(os, "access", lambda *_: False)
    with reading(path) as ledger:
        assert [row.night_id for row in ledger.rows()] == ["a"]
        assert sorted(file.name for file in tmp_path.iterdir()) == before
    with writing(path) as writer:  # somebody else writes there after all: that is seen
        writer.write([night("b")], {})
        with reading(path) as ledger:
            assert [row.night_id for row in ledger.rows()] == ["a", "b"]
