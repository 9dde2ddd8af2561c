"""Modules and settings that lie among recordings are neither run nor obeyed, by any command."""

import os
import random
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from command_list import commands
from planted import ROOT, environment, fill, plant, run_lines, serve
from rounds import first_of

FUZZ = ROOT / "tests" / "fuzz"
COMMANDS = sorted(commands())
SHORTER = {"simulate": ["--hours", "0.1"], "batch": ["--jobs", "2"]}
SERVING = {"review"}
NOT_HERE = ("tls://", "--port", "> ", "--days 7")
"""Examples that need another machine, a shell, or long."""


def examples(command: str) -> list[list[str]]:
    """Return the examples in the help of a command, without the name of the program."""
    text = (commands()[command].help or "").split("Examples:")[1]
    lines = re.findall(rf"^ *psgkit ({command}.*)$", text, flags=re.MULTILINE)
    return [
        [*shlex.split(line), *SHORTER.get(command, [])]
        for line in lines
        if not any(words in line for words in NOT_HERE)
    ]


def first_that_can_run(command: str, folder: Path) -> list[str]:
    """Return the first example whose files are there, else the first."""
    found = examples(command)
    files = (".edf", ".csv", ".json", ".toml")
    ready = [
        line
        for line in found
        if all((folder / word).exists() for word in line if word.endswith(files))
    ]
    return (ready or found)[0]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "study"
    place.mkdir()
    fill(place)
    return place


def planted(folder: Path) -> Path:
    """Plant a folder and return the file that tells which modules ran; it is not there yet."""
    mark = folder.parent / "ran"
    plant(folder, mark)
    return mark


def check_that_nothing_ran(mark: Path) -> None:
    assert not mark.exists(), mark.read_text(encoding="utf-8")[:2000]


@pytest.mark.timeout(600)
def test_no_command_runs_what_lies_in_the_working_folder(folder: Path) -> None:
    """The commands are those of the program, their lines those of its help: a new one is here."""
    lines = [first_that_can_run(name, folder) for name in COMMANDS if name not in SERVING]
    # the cohort is that of the batch
    lines.remove(first_that_can_run("cohort", folder))
    lines.append(["cohort", "cohort"])
    lines[lines.index(first_that_can_run("stage", folder))] = ["stage", "eeg.edf"]
    mark = planted(folder)
    ends = run_lines(lines, folder, folder.parent / "bin" / "psgkit")
    assert [(line, end) for line, end in zip(lines, ends, strict=True) if end[0]] == []
    check_that_nothing_ran(mark)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("command", [name for name in COMMANDS if name not in SERVING])
def test_no_example_of_the_help_runs_it_either(folder: Path, command: str) -> None:
    mark = planted(folder)
    ends = run_lines(examples(command), folder, folder.parent / "bin" / "psgkit")
    assert [end for end in ends if end[0] not in (0, 2, 3, 4)] == []
    check_that_nothing_ran(mark)


@pytest.mark.parametrize("command", sorted(SERVING))
def test_a_command_that_serves_a_page_runs_nothing(folder: Path, command: str) -> None:
    mark = planted(folder)
    program = folder.parent / "bin" / "psgkit"
    program.parent.mkdir()
    words = [*examples(command)[0], "--no-browser", "--port", "0"]
    said = serve(words, folder, program)
    assert "http://127.0.0.1:" in said, said
    check_that_nothing_ran(mark)


@pytest.mark.timeout(600)
def test_recordings_of_every_kind_are_read_without_it(tmp_path: Path) -> None:
    """Some are read by a process apart, which must not search the working folder either."""
    with pytest.MonkeyPatch.context() as patch:
        for one in (FUZZ, ROOT / "tests" / "io", ROOT / "tests" / "io" / "actigraphy"):
            patch.syspath_prepend(str(one))
        from seeds import KINDS, seeds
        from targets import TARGETS
    folder = tmp_path / "study"
    folder.mkdir()
    names = []
    for kind in KINDS:
        content = random.Random(kind).choice(seeds(kind))
        names.append(f"{kind}.{TARGETS[kind][0]}")
        (folder / names[-1]).write_bytes(content)
    for name in ("night.fif", "night.vhdr", "night.set", "night.gdf", "night.cnt"):
        (folder / name).write_bytes(b"damaged" * 100)
        names.append(name)
    mark = planted(folder)
    lines = [["check", *names]]
    lines += [["days", name, "--tz", "UTC"] for name in names if name[:3] in ("cwa", "bin", "gt3")]
    lines += [["report", name] for name in ("night.fif", "edf.edf")]
    ends = run_lines(lines, folder, tmp_path / "bin" / "psgkit")
    assert [end for end in ends if end[0] not in (0, 3)] == []
    check_that_nothing_ran(mark)


def test_processes_of_analyse_many_do_not_search_the_working_folder(folder: Path) -> None:
    mark = planted(folder)
    program = folder.parent / "bin" / "many.py"
    program.parent.mkdir()
    program.write_text(
        "import psgkit\n"
        "if __name__ == '__main__':\n"
        "    print(len(psgkit.analyse_many('nights', jobs=2, sidecar=False)))\n"
    )
    done = subprocess.run(
        [sys.executable, str(program)],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.returncode) == ("2\n", 0), done.stderr
    check_that_nothing_ran(mark)


def test_python_m_psgkit_imports_numpy_and_its_like_from_where_they_are_installed(
    folder: Path,
) -> None:
    """Python itself has searched the folder by then: what ``-m`` needs cannot be kept out."""
    code = f"open({str(folder.parent / 'ran')!r}, 'a').write(__name__)\n"
    for name in ("numpy", "json", "typer", "pandas", "yasa", "typst"):
        (folder / f"{name}.py").write_text(code)
    done = subprocess.run(
        [sys.executable, "-m", "psgkit", "report", "night.edf", "--out", "out"],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    check_that_nothing_ran(folder.parent / "ran")


@pytest.mark.parametrize("kind", first_of(["settings", "pipe", "not text"]))
def test_a_style_of_matplotlib_in_the_working_folder_changes_no_picture(
    tmp_path: Path, kind: str
) -> None:

    lines = [
        ["report", "night.edf", "--out", "out", "--pdf", "--hypnogram", "stages.csv"],
        ["nights", "night-1.json", "night-2.json", "--context", "subject.toml", "--out", "course"],
    ]
    made = {}
    for where in ("clean", "styled"):
        folder = tmp_path / where
        folder.mkdir()
        fill(folder)
        style = folder / "matplotlibrc"
        if where == "styled" and kind == "pipe":
            os.mkfifo(style)
        elif where == "styled":
            text = "lines.linewidth: 20\nfont.size: 33\naxes.facecolor: red\ntext.usetex: True\n"
            style.write_bytes(text.encode() if kind == "settings" else b"\xff\xfe\x00")
        ends = run_lines(lines, folder, tmp_path / "bin" / "psgkit")
        assert [end[0] for end in ends] == [0, 0], ends
        made[where] = {
            str(path.relative_to(folder)): path.read_bytes()
            for name in ("out", "course")
            for path in (folder / name).rglob("*")
            if path.is_file()
        }
    assert made["clean"].keys() == made["styled"].keys()
    assert [name for name in made["clean"] if made["clean"][name] != made["styled"][name]] == []


@pytest.mark.slow
@pytest.mark.parametrize("script", sorted((ROOT / "scripts").glob("*.py")), ids=lambda p: p.name)
def test_no_script_runs_it(folder: Path, script: Path) -> None:
    mark = planted(folder)
    subprocess.run(
        [sys.executable, str(script), "--help"],
        cwd=folder,
        env=environment(),
        capture_output=True,
        check=False,
        stdin=subprocess.DEVNULL,
        timeout=300,
    )
    check_that_nothing_ran(mark)


SETS_UP = ("report", "fuzz", "docs", "test", "soak", "test_versions")


def test_setting_up_does_not_search_the_working_folder() -> None:
    """Scripts that install psgkit call venv and pip, for which Python would search it first."""
    for name in (*SETS_UP, "setup.sh"):
        text = (ROOT / "scripts" / name).read_text(encoding="utf-8")
        before_cd = re.split(r"^ *cd \"\$root\"", text, flags=re.MULTILINE)[0]
        for line in before_cd.splitlines():
            if re.search(r" -m (venv|pip)\b", line):
                assert "PYTHONSAFEPATH=1" in line, (name, line)
