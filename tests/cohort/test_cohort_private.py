"""Results are read by their owner only, unless asked; a full disk leaves no half of a file."""

import os
import resource
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from small_nights import small_night, variants

LIMIT_BYTES = 60_000
"""Less than the page of a night, more than the ledger: what a full disk or a quota does."""


@pytest.fixture
def umask_of_a_lab() -> Iterator[None]:
    before = os.umask(0o002)
    yield
    os.umask(before)


def called(*words: object, limit: int = 0) -> subprocess.CompletedProcess[str]:
    def small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    line = [sys.executable, "-m", "psgkit", *map(str, words)]
    before = small_files if limit else None
    return subprocess.run(
        line, capture_output=True, text=True, check=False, preexec_fn=before, timeout=300
    )


def read_by_others(folder: Path) -> list[str]:
    """Return what others than the owner may read, write or enter."""
    return [
        path.name
        for path in [folder, *folder.rglob("*")]
        if stat.S_IMODE(path.stat().st_mode) & 0o077
    ]


def recordings(folder: Path, n: int) -> Path:
    data = folder / "data"
    data.mkdir()
    for number, content in enumerate(variants(small_night(folder), n)):
        (data / f"{number}.edf").write_bytes(content)
    return data


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.usefixtures("umask_of_a_lab")
def test_only_the_owner_reads_a_batch(tmp_path: Path, jobs: int) -> None:
    out = tmp_path / "out"
    done = called("batch", recordings(tmp_path, 2), "--out", out, "--jobs", jobs)
    assert done.returncode == 0, done.stderr
    assert len(list(out.rglob("report.json"))) == 2
    assert read_by_others(out) == []


@pytest.mark.usefixtures("umask_of_a_lab")
def test_a_report_is_private_unless_the_lab_shares(tmp_path: Path) -> None:
    night = recordings(tmp_path, 1) / "0.edf"
    settings = tmp_path / "lab.toml"
    settings.write_text("[lab]\nshared = true\n")
    assert called("report", night, "--out", tmp_path / "own").returncode == 0
    assert read_by_others(tmp_path / "own") == []
    for name, words in {"lab": ["--settings", settings], "option": []}.items():
        first = ["--shared"] if name == "option" else []
        done = called(*first, "report", night, "--out", tmp_path / name, *words)
        assert done.returncode == 0, done.stderr
        assert stat.S_IMODE((tmp_path / name / "report.json").stat().st_mode) == 0o664


def test_a_full_disk_ends_a_report_with_what_was_not_written(tmp_path: Path) -> None:
    night = recordings(tmp_path, 1) / "0.edf"
    out = tmp_path / "out"
    done = called("report", night, "--out", out, limit=LIMIT_BYTES)
    assert (done.returncode, "Traceback" in done.stderr) == (3, False), done.stderr
    assert "no room to write" in done.stderr
    assert "report.html" in done.stderr
    assert list(out.iterdir()) == []


def test_a_full_disk_ends_a_batch_and_the_same_call_goes_on(tmp_path: Path) -> None:
    data, out = recordings(tmp_path, 1), tmp_path / "out"
    words = ["batch", data, "--out", out, "--jobs", 1]
    done = called(*words, limit=LIMIT_BYTES)
    assert (done.returncode, "Traceback" in done.stderr) == (3, False), done.stderr
    assert list(out.rglob("report.*")) == []
    assert called(*words).returncode == 0
    assert len(list(out.rglob("report.json"))) == 1


def test_a_full_output_is_one_line() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    line = [sys.executable, "-m", "psgkit", "indices"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(line, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, "Traceback" in done.stderr) == (3, False), done.stderr
