"""What all tests share: the folder of real files, the store of a run, rounds of random cases."""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from night_store import STORE

from psgkit import cli

# Rounds of random cases: short unless ``--hypothesis-profile=all`` is given (scripts/test --all).
# The time of a case is not limited, so that a busy machine fails no test.
settings.register_profile(
    "fast",
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.register_profile("all", settings.get_profile("fast"), max_examples=100)
settings.load_profile("fast")


def pytest_configure(config: pytest.Config) -> None:
    """Make the folder of ``night_store.py``, before workers are started."""
    if not hasattr(config, "workerinput"):
        os.environ[STORE] = tempfile.mkdtemp(prefix="psgkit-tests-")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove the folder of ``night_store.py``, after workers have ended."""
    if not hasattr(config, "workerinput"):
        shutil.rmtree(os.environ.pop(STORE))


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of real files that lies beside the repository."""
    folder = Path(__file__).resolve().parents[1].parent / "shared"
    if not folder.is_dir():
        pytest.skip("the folder of real files is not beside the repository")
    return folder


@pytest.fixture
def psgkit(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Return a function that runs a command: exit code, standard output, standard error."""

    def run(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["psgkit", *map(str, words)])
        code: object = 0
        try:
            cli.main()
        except SystemExit as leaving:
            code = leaving.code or 0
        captured = capsys.readouterr()
        return int(str(code)), captured.out, captured.err

    return run


BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Return a headless Chromium; ``scripts/test`` installs one where it can."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.skip(f"none of {', '.join(BROWSERS)} is on the PATH")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
        arguments += ["--disable-background-networking", "--disable-component-update"]
        started = playwright.chromium.launch(executable_path=path, args=arguments)
        yield started
        started.close()
