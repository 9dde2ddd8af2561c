"""Symbolic links at the names of outputs: they are replaced or refused, never followed."""

import os
import re
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from command_list import WRITING_LINES, commands
from planted import fill, run_lines

from psgkit.errors import InputFileError, SettingsError
from psgkit.io.new_files import opened_to_append, write_once
from psgkit.profile.context.write import write_context
from psgkit.report.write import write_texts
from psgkit.review.review_file import open_for_review

Run = Callable[..., tuple[int, str, str]]
NIGHT = Path(__file__).resolve().parents[2] / "sample_data" / "healthy" / "night.edf"


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    path = tmp_path / "victim"
    path.write_text("precious")
    return path


def test_simulate_replaces_a_link(tmp_path: Path, victim: Path, psgkit: Run) -> None:
    out = tmp_path / "out"
    words = ("simulate", "healthy", "--sensors", "legs", "--hours", "1", "--out", out)
    assert psgkit(*words)[0] == 0
    names = [path.name for path in out.iterdir() if path.is_file()]
    for name in names:
        (out / name).unlink()
        (out / name).symlink_to(victim)
        (out / f"{name}.part").symlink_to(victim)
    psgkit(*words)
    assert victim.read_text() == "precious"
    assert names


def test_export_beside_signals_replaces_a_link(tmp_path: Path, victim: Path, psgkit: Run) -> None:
    assert psgkit("report", NIGHT, "--out", tmp_path / "night", "--quiet")[0] == 0
    report, out = tmp_path / "night" / "report.json", tmp_path / "out"
    words = ("export", report, "--to", "edf", "--recording", NIGHT, "--out", out)
    code, _, error = psgkit(*words)
    assert code == 0, error
    names = [path.name for path in out.iterdir()]
    for name in names:
        (out / name).unlink()
        (out / name).symlink_to(victim)
        (out / f"{name}.part").symlink_to(victim)
    code, _, error = psgkit(*words)
    assert code == 0, error
    assert victim.read_text() == "precious"
    assert not any((out / name).is_symlink() for name in names)


# every command

WRITING = re.compile(r"^(Write (?!nothing)|Append|Table of epochs|Where the form goes)")


def test_every_option_that_writes_is_among_the_lines() -> None:
    """One that is new is added to ``WRITING_LINES``."""
    for name, command in commands().items():
        mine = {
            word for line in WRITING_LINES if line.startswith(f"{name} ") for word in line.split()
        }
        for option in command.params:
            if WRITING.match(getattr(option, "help", None) or "") and option.name != "reports":
                assert {*option.opts} & mine, (name, option.opts)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("is_there", "left"),
    [(True, "sqlite"), (True, "nothing"), (False, "sqlite")],
)
def test_no_command_writes_where_a_link_leads(tmp_path: Path, left: str, *, is_there: bool) -> None:
    """With a link as its ledger a batch is refused, so it is tried without one as well."""
    folder = tmp_path / "study"
    folder.mkdir()
    fill(folder)
    before = {path for path in folder.rglob("*") if path.is_file()}
    lines, program = [line.split() for line in WRITING_LINES], tmp_path / "bin" / "psgkit"
    ends = run_lines(lines, folder, program)
    assert [(line, end) for line, end in zip(lines, ends, strict=True) if end[0]] == []
    made = [
        path
        for path in folder.rglob("*")
        if path.is_file() and path not in before and left not in path.name
    ]
    assert len(made) > 60
    # readable by their owner alone
    assert [path for path in made if os.name == "posix" and path.stat().st_mode & 0o077] == []
    victim = tmp_path / "victim"
    if is_there:
        victim.write_text("precious")
    for path in made:
        path.unlink()
        path.symlink_to(victim)
    ends = run_lines(lines, folder, program)
    assert [end for end in ends if end[0] not in (0, 2, 3)] == []
    assert (victim.read_text() if victim.exists() else None) == ("precious" if is_there else None)


@pytest.mark.parametrize("is_there", [True, False])
def test_what_is_appended_to_is_no_link(tmp_path: Path, *, is_there: bool) -> None:
    victim, link = tmp_path / "victim", tmp_path / "link"
    if is_there:
        victim.write_text("precious\n")
    link.symlink_to(victim)
    with pytest.raises(OSError, match=f"a symbolic link to {victim}"):
        opened_to_append(link)
    with pytest.raises(InputFileError, match="a symbolic link to"):
        open_for_review(link, "AB")
    with pytest.raises(FileExistsError):
        write_once(link, b"new")
    write_context({"day_0": 1}, link)
    assert not link.is_symlink()
    assert victim.exists() == is_there
    assert not is_there or victim.read_text() == "precious\n"


OF_THEIR_OWN = {
    "accelerometer_child.py",
    "night_task.py",
    "benchmark.py",
    "benchmark_batch.py",
    "benchmark_cohort.py",
    "benchmark_review.py",
}
"""They write into temporary folders that they made themselves, or to the kernel."""


def test_one_way_of_writing_for_all() -> None:
    """What gets its name when it is whole, or is appended to without following links."""
    root = Path(__file__).resolve().parents[2]
    wrong = []
    for path in (*root.glob("psgkit/**/*.py"), *root.glob("scripts/*.py")):
        if path.name in OF_THEIR_OWN:
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            opened = re.search(r"(\w+)\.(?:open\(\"[wa]|write_(?:text|bytes)\()", line)
            if opened and opened[1] != "part" and not line.lstrip().startswith((">>>", "...")):
                wrong.append(f"{path.name}:{number}: {line.strip()}")
    assert wrong == []


@pytest.mark.parametrize("kind", ["pipe", "device"])
def test_a_pipe_or_device_is_not_replaced_by_an_output(tmp_path: Path, kind: str) -> None:
    """``--out /dev/null`` of root must leave the device there."""
    target = tmp_path / "stages.csv"
    if kind == "pipe":
        os.mkfifo(target)
    else:
        try:
            os.mknod(target, stat.S_IFCHR | 0o600, os.makedev(1, 3))
        except PermissionError:
            pytest.skip("only root makes devices")
    with pytest.raises(SettingsError, match=r"stages\.csv, a pipe or device"):
        write_texts({target.name: "new"}, tmp_path)
    assert not target.is_file()
    assert [path.name for path in tmp_path.iterdir()] == [target.name]
