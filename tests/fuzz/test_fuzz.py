"""What fuzzing found stays mended, and a short round of new damage finds nothing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from rounds import cases
from targets import TARGETS, outcome

HERE = Path(__file__).resolve().parent
FINDS = sorted((HERE.parent / "fuzz_finds").iterdir())
COUNT = 2 * cases(200).max_examples


@pytest.mark.parametrize("find", FINDS, ids=lambda path: path.name)
def test_a_find_is_read_or_refused_with_an_error_of_psgkit(find: Path, tmp_path: Path) -> None:
    path = tmp_path / find.name
    path.write_bytes(find.read_bytes())
    assert outcome(find.name.partition("-")[0], path) in ("read", "refused")


def test_each_kind_of_find_has_a_target() -> None:
    assert {find.name.partition("-")[0] for find in FINDS} <= set(TARGETS)


def test_new_damage_finds_nothing(tmp_path: Path) -> None:
    """The same files in each run: ``scripts/fuzz --seed N`` tries others."""
    tests = HERE.parent
    folders = [tests.parent, tests, tests / "io", tests / "io" / "actigraphy", HERE]
    paths = os.pathsep.join([*map(str, folders), os.environ.get("PYTHONPATH", "")])
    call = [sys.executable, HERE / "run.py", "--count", COUNT, "--jobs", 1, "--seed", 1]
    done = subprocess.run(
        [*map(str, call), "--finds", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": paths},
    )
    assert done.returncode == 0, done.stdout + done.stderr[-3000:]
    assert "0 finds, 0 files left" in done.stdout
