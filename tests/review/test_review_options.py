"""What ``psgkit review`` begins with where nothing was typed."""

import json
import subprocess
import sys
from pathlib import Path

from psgkit.cli.commands import Commands
from psgkit.simulate.files import write_night
from tests.night_store import simulated
from tests.review.conftest import REPOSITORY


def test_an_option_of_two_values_that_is_not_given_is_none() -> None:
    command = Commands(name="psgkit").get_command(None, "review")
    given = command.make_context("review", ["night.edf"]).params
    assert given["consensus"] is None
    pair = command.make_context("review", ["night.edf", "--consensus", "a", "b"]).params
    assert pair["consensus"] == (Path("a"), Path("b"))


def test_the_command_prints_an_address_and_begins_a_review(tmp_path: Path) -> None:
    write_night(simulated("rls", hours=0.1), tmp_path)
    words = [sys.executable, "-m", "psgkit", "review", str(tmp_path / "night.edf"), "--no-browser"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY) as process:
        assert process.stdout is not None
        address = process.stdout.readline()
        process.terminate()
    assert address.startswith("http://127.0.0.1:")
    first = (tmp_path / "night_review" / "review.jsonl").read_text(encoding="utf-8").splitlines()[0]
    assert json.loads(first)["type"] == "start"
