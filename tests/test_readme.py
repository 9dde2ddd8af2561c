"""Every command and example in README works."""

import io
import re
import shlex
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
from night_store import kept_folder

from psgkit.cli import main
from psgkit.settings import settings_from

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


def commands() -> list[str]:
    text = "\n".join(blocks("bash")).replace("\\\n", " ")
    return [line.split("#")[0].strip() for line in text.splitlines() if line.strip()]


PSGKIT_COMMANDS = [line for line in commands() if line.startswith("psgkit ")]
(BATCH,) = [line for line in PSGKIT_COMMANDS if line.startswith("psgkit batch ")]
(COHORT,) = [line for line in PSGKIT_COMMANDS if line.startswith("psgkit cohort ")]
SCRIPTS = {"scripts/report", "scripts/report my-night.edf", "scripts/test", "scripts/test --all"}
OTHERS = {*SCRIPTS, 'pip install ".[pdf]"'}


def test_every_command_is_run_here_or_is_a_set_up() -> None:
    assert len(PSGKIT_COMMANDS) == len(set(PSGKIT_COMMANDS)) >= 6
    assert set(commands()) - set(PSGKIT_COMMANDS) == OTHERS


def run(line: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "psgkit", *shlex.split(line)[1:]],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def run_here(line: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    """Run a command in this process, as a start of Python costs more than most of them."""
    out, err = io.StringIO(), io.StringIO()
    code: object = 0
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.chdir(folder)
        patch.setattr(sys, "argv", shlex.split(line))
        try:
            main()
        except SystemExit as leaving:
            code = leaving.code or 0
    return subprocess.CompletedProcess([], int(str(code)), out.getvalue(), err.getvalue())


def run_batch(folder: Path) -> None:
    (folder / "sample_data").symlink_to(ROOT / "sample_data")
    done = run(BATCH, folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout


@pytest.fixture
def after_a_batch() -> Path:
    """Return a folder in which the batch of the README was run."""
    return kept_folder(BATCH, run_batch)


def test_the_batch_and_the_cohort_of_the_readme(after_a_batch: Path) -> None:
    done = run(COHORT, after_a_batch)
    assert done.returncode == 0, done.stderr
    assert done.stdout


@pytest.mark.parametrize("line", [one for one in PSGKIT_COMMANDS if one not in {BATCH, COHORT}])
def test_command_of_the_readme(line: str, tmp_path: Path) -> None:
    (tmp_path / "sample_data").symlink_to(ROOT / "sample_data")
    done = run_here(line, tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout or line.startswith(("psgkit simulate", "psgkit export"))


def test_lines_that_read_the_tables_of_a_cohort(
    after_a_batch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those for DuckDB and pandas are run; the one for R names the same file and a real column."""
    import duckdb
    import pandas

    lines = dict(re.findall(r"^\| (DuckDB|pandas|R) \| `(.+)` \|$", README, flags=re.MULTILINE))
    monkeypatch.chdir(after_a_batch)
    ((rules, nights_n, median),) = duckdb.sql(lines["DuckDB"]).fetchall()
    described = eval(lines["pandas"], {"pandas": pandas})
    assert (rules, nights_n) == ("wasm2016", 5)
    assert described.loc["wasm2016", "50%"] == pytest.approx(median)
    assert re.fullmatch(r'nights <- arrow::read_parquet\("cohort/nights.parquet"\)', lines["R"])


def test_library_example_of_the_readme(tmp_path: Path) -> None:
    (tmp_path / "sample_data").symlink_to(ROOT / "sample_data")
    (code,) = blocks("python")
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    f1 = float(re.search(r"F1 (\d\.\d+)", done.stdout)[1])
    assert f1 >= 0.99


def test_settings_example_of_the_readme_changes_what_it_says() -> None:
    import tomllib

    channel_map, settings = (tomllib.loads(text) for text in blocks("toml"))
    assert channel_map == {"EMG 7": {"role": "leg", "site": "left_leg", "unit": "uV"}}
    changed = settings_from(settings).rules
    assert (changed.series.min_movements, changed.series.after_short_imi) == (5, "end")


@pytest.mark.parametrize(
    "command", ["report", "score", "simulate", "compare", "check", "export", "batch"]
)
def test_every_command_is_in_the_readme_and_its_help_has_examples(command: str) -> None:
    assert f"psgkit {command}" in README
    done = subprocess.run(
        [sys.executable, "-m", "psgkit", command, "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert f"psgkit {command}" in done.stdout.split("Examples:")[1]
