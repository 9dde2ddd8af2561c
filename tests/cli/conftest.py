"""Fixtures of the tests of the command line."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from psgkit.cli import main
from psgkit.simulate import simulate_night, write_night


@pytest.fixture(scope="session")
def good(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return the files of a short night."""
    return write_night(simulate_night("rls", hours=0.3, seed=3), tmp_path_factory.mktemp("night"))


@pytest.fixture
def psgkit(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Return a function that runs a command: exit code, standard output, standard error."""

    def run(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["psgkit", *map(str, words)])
        code: object = 0
        try:
            main()
        except SystemExit as leaving:
            code = leaving.code or 0
        captured = capsys.readouterr()
        return int(str(code)), captured.out, captured.err

    return run
