"""How the command line ends when it is interrupted, or has too little memory: one line."""

import os
import signal
import threading

import pytest
from command_list import commands

from psgkit import cli


def ended(capsys: pytest.CaptureFixture[str]) -> tuple[object, str]:
    with pytest.raises(SystemExit) as leaving:
        cli.main()
    return leaving.value.code, capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "wanted"),
    [
        (KeyboardInterrupt(), (130, "psgkit: stopped\n")),
        (MemoryError(), (3, "psgkit: more memory was needed than this process may have\n")),
        (
            ImportError("libscipy.so: failed to map segment from shared object"),
            (3, "psgkit: more memory was needed than this process may have\n"),
        ),
    ],
)
def test_what_ends_the_program_is_one_line(
    error: BaseException,
    wanted: tuple[int, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def failing() -> None:
        raise error

    monkeypatch.setattr(cli, "_run", failing)
    assert ended(capsys) == wanted


def test_a_fault_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing() -> None:
        raise ImportError("no module named numpy")

    monkeypatch.setattr(cli, "_run", failing)
    with pytest.raises(ImportError, match="numpy"):
        cli.main()


@pytest.mark.skipif(os.name == "nt", reason="no signals to a process")
def test_an_interrupt_that_a_library_swallows_still_stops_the_program(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def swallowing() -> None:
        try:
            signal.raise_signal(signal.SIGINT)
            threading.Event().wait(10)
        except KeyboardInterrupt:
            raise ValueError("an error of a library") from None

    before = signal.getsignal(signal.SIGINT)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    monkeypatch.setattr(cli, "_run", swallowing)
    try:
        assert ended(capsys) == (130, "psgkit: stopped\n")
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["reports"], "Did you mean 'report'"),
        (["report"], "Missing argument 'RECORDING'"),
        (["report", "x.edf", "--subject"], "requires an argument"),
        (["simulate", "rls", "--seed", "x"], "'--seed'"),
        (["--language"], "requires an argument"),
    ],
)
def test_what_is_typed_wrongly_is_said_in_words(typed: list[str], said: str) -> None:
    from typer.testing import CliRunner

    from psgkit.cli.app import app

    done = CliRunner().invoke(app, typed)
    assert done.exit_code == 2
    assert said in done.output


def test_an_option_of_two_values_that_is_not_given_is_none() -> None:
    """``psgkit review`` without ``--consensus`` is no consensus of no files."""
    context = commands()["review"].make_context("review", ["night.edf"])
    assert context.params["consensus"] is None
