"""Every command and example in README works, and those of how-to pages that no build runs."""

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
from psgkit.io.channels.channel_map import parse_channel_map
from psgkit.settings import settings_from

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
HOW_TO = ROOT / "docs" / "howto"


def blocks(language: str, text: str = README) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text, flags=re.DOTALL)


def how_to(page: str) -> str:
    return (HOW_TO / page).read_text(encoding="utf-8")


def commands() -> list[str]:
    text = "\n".join(blocks("bash")).replace("\\\n", " ")
    return [line.split("#")[0].strip() for line in text.splitlines() if line.strip()]


PSGKIT_COMMANDS = [line for line in commands() if line.startswith("psgkit ")]
(BATCH,) = [line for line in PSGKIT_COMMANDS if line.startswith("psgkit batch ")]
(COHORT,) = [line for line in PSGKIT_COMMANDS if line.startswith("psgkit cohort ")]
SCRIPTS = {
    *("scripts/report", "scripts/report my-night.edf", "scripts/test", "scripts/test --all"),
    "scripts/docs --serve",
}
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

    rows = r"^\| (DuckDB|pandas|R) \| `(.+)` \|$"
    lines = dict(re.findall(rows, how_to("cluster.md"), flags=re.MULTILINE))
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


def test_examples_of_a_channel_map_and_of_settings_change_what_they_say() -> None:
    import tomllib

    channel_map, codes = (
        tomllib.loads(blocks("toml", how_to(page))[0])
        for page in ("channel-maps.md", "stage-codes.md")
    )
    assert channel_map == {
        "EMG 7": {"role": "leg", "site": "left_leg", "unit": "uV"},
        "EMG 8": {"role": "leg", "site": "right_leg"},
    }
    text = how_to("channel-maps.md")
    assert [c.label for c in parse_channel_map(blocks("toml", text)[0], "").channels] == [
        *channel_map
    ]
    assert codes["stage_codes"]["1"] == "R"
    (settings,) = blocks("toml", how_to("settings.md"))
    changed = settings_from(tomllib.loads(settings))
    assert (changed.rules.series.min_movements, changed.rules.series.after_short_imi) == (5, "end")
    assert (changed.lab.name, changed.mounting.up) == ("Sleep laboratory", "+y")


def test_every_link_of_the_readme_leads_to_a_file() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", README)
    assert len(links) > 10
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_readme_stays_within_two_screens() -> None:
    assert README.count("\n") <= 90


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
