"""A disk that is full, or a limit of file sizes: any command ends with 3 and says what is there."""

import re
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from command_list import WRITING_LINES
from planted import environment, fill

MORE_LINES = [
    "context --form pdf --to form.pdf",
    "export own/report.json --to edf --recording night.edf --out edf",
    "export report.json --to wide --out wide",
    "export report.json --to html --out pages",
    "simulate healthy --days 2 --out days",
    "simulate healthy --hours 0.1 --sensors legs --out legs",
]
LINES = [*WRITING_LINES, *MORE_LINES]


def called(line: str, folder: Path, most_bytes: int) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder where no file may grow beyond ``most_bytes``."""
    return subprocess.run(
        [sys.executable, "-m", "psgkit", *line.split()],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes,) * 2),
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("study")
    fill(place)
    for line in ("batch nights --out cohort --jobs 1", "report night.edf --out own"):
        made = called(line, place, resource.RLIM_INFINITY)
        assert made.returncode == 0, made.stderr
    return place


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "sqlite" not in path.name
    }


@pytest.mark.timeout(600)
@pytest.mark.parametrize("most_bytes", [50, pytest.param(12_000, marks=pytest.mark.slow)])
@pytest.mark.parametrize("line", LINES)
def test_a_full_disk_is_exit_code_3_and_what_was_written(
    folder: Path, line: str, most_bytes: int
) -> None:
    # a new folder: what is there already is no result of this call
    line = re.sub(r"--(?:out|repair|anonymise) ", rf"\g<0>{most_bytes}-", line)
    before = files_of(folder)
    done = called(line, folder, most_bytes)
    flat = " ".join(done.stderr.split())
    if done.returncode == 0:
        # all its files are small
        assert most_bytes > 50
        return
    assert (done.returncode, "Traceback" in flat) == (3, False), flat
    after = files_of(folder)
    assert before.items() <= after.items()
    new = sorted(after.keys() - before.keys())
    if line.startswith("batch") or "ledger.sqlite: found disk I/O error" in flat:
        # a ledger has files of its own; nights that are done stay
        return
    assert "The disk is full" in flat
    complete = flat.split("Written, and complete: ")[1].split(". Not written: ")[0]
    assert sorted(complete.split(", ") if complete != "nothing" else []) == new, flat
