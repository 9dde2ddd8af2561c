"""What the tests of the page share: a server in a process of its own, and a real browser."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
DESK = {"width": 1300, "height": 820}
Starter = Callable[..., tuple[subprocess.Popen[str], str]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Starter]:
    """Return what starts a server on a review file: its process, and its address."""
    running = []

    def started(program: str, scorer: str = "AB") -> tuple[subprocess.Popen[str], str]:
        environment = {
            **os.environ,
            "PYTHONPATH": f"{REPOSITORY}{os.pathsep}{REPOSITORY / 'tests'}",
        }
        process = subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path), scorer],
            stdout=subprocess.PIPE, text=True, env=environment, cwd=REPOSITORY,
        )  # fmt: skip
        running.append(process)
        assert process.stdout is not None
        return process, process.stdout.readline().strip()

    yield started
    for process in running:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.fixture
def open_page(browser: Any) -> Iterator[Callable[..., Any]]:  # noqa: ANN401
    """Return what opens the page; the test fails for an error, or a request elsewhere."""
    problems: list[str] = []
    contexts = []

    def opened(url: str, *, lost: bool = False, **wanted: Any) -> Any:  # noqa: ANN401
        context = browser.new_context(**{"viewport": DESK, **wanted})
        contexts.append(context)
        page = context.new_page()
        own = url.split("?", maxsplit=1)[0]
        if not lost:
            page.on("console", lambda said: problems.append(said.text))
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("request", lambda asked: asked.url.startswith(own) or problems.append(asked.url))
        page.goto(url)
        page.set_default_timeout(60_000)
        page.wait_for_selector("body[data-ready=yes]")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert problems == []
