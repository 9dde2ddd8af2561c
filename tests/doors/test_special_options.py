"""Pipes, devices and endless links given to any option of any command are refused at once."""

import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import get_type_hints

import pytest
from alarm import failing_after
from command_list import commands
from planted import fill
from rounds import first_of

Run = Callable[..., tuple[int, str, str]]
CALLS = {name: command.callback for name, command in commands().items()}
LINES = {
    "report": "report night.edf",
    "review": "review night.edf --no-browser --port 0",
    "check": "check night.edf",
    "batch": "batch nights --out cohort --jobs 1",
    "score": "score events.csv",
    "stage": "stage eeg.edf",
    "compare": "compare truth.csv truth.csv",
    "context": "context",
    "nights": "nights night-1.json night-2.json",
    "export": "export report.json --to edf",
    "days": "days week.csv --tz Europe/Berlin",
    "cohort": "cohort nights",
    "simulate": "simulate healthy --hours 0.1",
    "settings": "settings",
}
"""What an option is added to; of an argument the first word is kept."""
ARGUMENTS = {"recordings", "recording", "source", "events", "reference", "candidates", "file"}
ARGUMENTS |= {"reports", "folder"}
WHOLE = {
    ("cohort", "out"): "cohort nights --out NAME",
    ("review", "consensus"): "review night.edf --no-browser --port 0 --consensus NAME NAME",
    ("settings", "file"): "settings --settings NAME",
    ("export", "recording"): "export report.json --to edf --recording NAME",
    ("compare", "candidates"): "compare truth.csv NAME",
}
"""Lines that do not follow from those above."""
BESIDE = {
    "parts": "--protocol rest-test",
    "discomfort": "--protocol sit --from 22:30 --to 22:40",
    "keep_trace": "--out out",
    "tls_ca": "--scheduler tls://127.0.0.1:1 --tls-cert subject.toml --tls-key subject.toml",
    "tls_cert": "--scheduler tls://127.0.0.1:1 --tls-ca subject.toml --tls-key subject.toml",
    "tls_key": "--scheduler tls://127.0.0.1:1 --tls-ca subject.toml --tls-cert subject.toml",
    "to": "--form html",
}
"""What an option needs beside it, or is not looked at without."""


ENDS = {
    ("batch", "channels"): (4,),  # each night fails with the reason
    ("cohort", "out"): (2, 3),  # what is no batch is refused first
    ("stage", "out"): (0, 2, 3),  # a link is replaced, a pipe is refused
    ("context", "ask"): (0, 2, 3),  # the same
}
"""Where another end than a refusal of the file is right."""


def options() -> list[tuple[str, str]]:
    """Return each parameter of each command that is a path."""
    return [
        (name, parameter)
        for name, call in CALLS.items()
        for parameter, hint in get_type_hints(call).items()
        if "Path" in str(hint) or (name, parameter) == ("batch", "source")
    ]


@pytest.fixture(autouse=True)
def never_waits() -> Iterator[None]:
    """Turn a wait for a pipe, or endless reading, into a failure."""
    with failing_after(120):
        yield


def special(folder: Path, kind: str, suffix: str) -> str:
    path = folder / f"special{suffix}"
    if kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to({"device": "/dev/zero", "circle": path.name}[kind])
    return path.name


def words_of(command: str, parameter: str, name: str) -> list[str]:
    if whole := WHOLE.get((command, parameter)):
        return [name if word == "NAME" else word for word in whole.split()]
    base = LINES[command].split()
    if parameter not in ARGUMENTS or (command, parameter) == ("cohort", "source"):
        if parameter == "out":
            base = [word for word in base if word not in ("--out", "cohort")]
            base = base or ["cohort"]
        option = "--settings" if parameter == "file" else f"--{parameter.replace('_', '-')}"
        beside = BESIDE.get(parameter, "").split()
        return [command, *base[1:], *beside, option, name]
    return [command, name, *base[2:]]


@pytest.mark.parametrize("kind", first_of(["pipe", "device", "circle"]))
@pytest.mark.parametrize(("command", "parameter"), options())
def test_no_option_waits_for_a_special_file(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    psgkit: Run,
    command: str,
    parameter: str,
    kind: str,
) -> None:
    fill(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    suffix = {"recording": ".edf", "recordings": ".edf", "reports": ".json"}.get(parameter, "")
    words = words_of(command, parameter, special(tmp_path, kind, suffix))
    code, out, error = psgkit(*words)
    said = out + error
    assert code in ENDS.get((command, parameter), (2, 3)), (words, said)
    assert "special" in said or (command, parameter) in ENDS, (words, said)
    assert "Traceback" not in said
