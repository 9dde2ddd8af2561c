"""What names and labels from outside may do to a terminal, a pipe and a spreadsheet: nothing."""

import io
import os
import pty
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest

from psgkit.cohort.tables.merge import _harmless
from psgkit.document.outside_text import csv_cell

CALL = [sys.executable, "-m", "psgkit"]
ESCAPE = "\x1b]0;owned\x07\x1b[31m"


def hostile_edf(folder: Path) -> Path:
    """Write a record of one channel whose label and unit hold escape sequences."""
    label, unit = "EMG\x1b[31m LAT", "uV"
    fields = [
        *("0".ljust(8), "X X X X".ljust(80), "X".ljust(80), "01.01.2422.00.00"),
        *("512".ljust(8), "".ljust(44), "1".ljust(8), "1".ljust(8), "1".ljust(4)),
        *(label.ljust(16), "".ljust(80), unit.ljust(8), "-100".ljust(8), "100".ljust(8)),
        *("-32768".ljust(8), "32767".ljust(8), "".ljust(80), "200".ljust(8), "".ljust(32)),
    ]
    raw = "".join(fields).encode("latin-1") + bytes(400)
    file = folder / "night.edf"
    file.write_bytes(raw)
    return file


def on_a_terminal(*arguments: str, folder: Path) -> str:
    """Return what a command writes to a terminal."""
    outer, inner = pty.openpty()
    done = subprocess.Popen([*CALL, *arguments], stdout=inner, stderr=inner, cwd=folder)
    os.close(inner)
    seen = io.BytesIO()
    while True:
        try:
            block = os.read(outer, 65536)
        except OSError:  # a terminal whose other end was closed
            break
        if not block:
            break
        seen.write(block)
    done.wait()
    os.close(outer)
    return seen.getvalue().decode("utf-8", errors="replace")


def test_check_shows_the_escapes_of_labels_on_a_terminal(tmp_path: Path) -> None:
    file = hostile_edf(tmp_path)
    seen = on_a_terminal("check", "--csv", file.name, folder=tmp_path)
    assert "\\x1b[31m" in seen
    assert "\x1b[31m LAT" not in seen


@pytest.mark.parametrize("command", ["report", "check", "days", "score"])
def test_an_error_shows_the_escapes_of_a_file_name(command: str, tmp_path: Path) -> None:
    name = f"night{ESCAPE}.csv"
    (tmp_path / name).write_text("mood\nfine\n")
    done = subprocess.run(
        [*CALL, command, name], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert done.returncode in {2, 3}
    assert "\x1b" not in done.stderr + done.stdout
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp437"])
@pytest.mark.parametrize(
    "arguments",
    [["indices"], ["settings"], ["check", "night.edf"], ["--language", "de", "indices", "plms"]],
)
def test_a_stdout_that_is_not_utf_8_gets_question_marks(
    encoding: str, arguments: list[str], tmp_path: Path
) -> None:
    hostile_edf(tmp_path)
    done = subprocess.run(
        [*CALL, *arguments],
        capture_output=True,
        cwd=tmp_path,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": encoding, "LC_ALL": "C"},
    )
    assert b"Traceback" not in done.stderr
    assert done.returncode in {0, 2}
    assert done.stdout or done.returncode


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=cmd", "'=cmd"),
        ("EMG;=cmd|calc", "EMG;'=cmd|calc"),
        ("EMG; @SUM(A1)", "EMG; '@SUM(A1)"),
        ("a;+1;-2", "a;'+1;'-2"),
        ("a\t=1", "a\t'=1"),
        ("a;\uff1d1", "a;'\uff1d1"),
        ("left;right", "left;right"),
        ("a-b=c", "a-b=c"),
    ],
)
def test_no_cell_becomes_a_formula_behind_another_separator(text: str, cell: str) -> None:
    assert csv_cell(text) == cell
    assert _harmless(pa.chunked_array([[text, "plain"]])).to_pylist() == [cell, "plain"]
