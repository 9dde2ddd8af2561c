"""Pipes, sockets and devices are refused at once, through whichever door they come."""

import os
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alarm import failing_after

from psgkit import cli
from psgkit.check.survey import check_file
from psgkit.cohort.plan.content import look_at, name_hash_by
from psgkit.cohort.plan.manifest import read_manifest
from psgkit.cohort.plan.sources import find_nights
from psgkit.cohort.run.scheduler_access import _credentials
from psgkit.cohort.tables.rows import read_rows
from psgkit.days.settings import read_days_settings
from psgkit.document.read import read_report
from psgkit.document.trace_file import read_trace
from psgkit.errors import PsgkitError
from psgkit.io.actigraphy.read import DayOptions, kind_of_days, read_days
from psgkit.io.channels.channel_map import read_channel_map
from psgkit.io.logo import read_logo
from psgkit.io.read import read_recording
from psgkit.io.scoring.read import read_scoring
from psgkit.profile.context.read import read_context
from psgkit.profile.context.write import begun_context
from psgkit.settings import read_settings
from psgkit.sit.read_discomfort import read_discomfort

SPECIAL = ("pipe", "socket", "/dev/zero", "link to /dev/zero", "link to pipe")


@pytest.fixture(autouse=True)
def never_waits() -> Iterator[None]:
    """Turn a wait for a pipe, or endless reading, into a failure."""
    with failing_after(60):
        yield


def special(folder: Path, kind: str, suffix: str) -> Path:
    """Return a special file in ``folder``."""
    path, other = folder / f"night{suffix}", folder / "other"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "socket":
        here = Path.cwd()
        os.chdir(folder)  # names of sockets are short
        with socket.socket(socket.AF_UNIX) as door:
            door.bind(path.name)
        os.chdir(here)
    elif kind == "link to /dev/zero":
        path.symlink_to("/dev/zero")
    elif kind == "link to pipe":
        os.mkfifo(other)
        path.symlink_to(other)
    else:
        return Path(kind)
    return path


def week() -> Path:
    file = Path(tempfile.mkdtemp()) / "week.csv"
    file.write_text("time,counts\n2024-01-31T12:00,5\n2024-01-31T12:01,0\n", encoding="utf-8")
    return file


DOORS: dict[str, tuple[str, Callable[[Path], object]]] = {
    "settings": (".toml", read_settings),
    "days settings": (".toml", read_days_settings),
    "context": (".toml", read_context),
    "begun context": (".toml", begun_context),
    "channel map": (".toml", read_channel_map),
    "logo": (".png", read_logo),
    "recording": (".edf", read_recording),
    "FIF": (".fif", read_recording),
    "days": (".csv", read_days),
    "CWA": (".cwa", read_days),
    "GT3X": (".gt3x", read_days),
    "diary": (".csv", lambda f: read_days(week(), DayOptions(zone="UTC", diary=f))),
    "markers": (".csv", lambda f: read_days(week(), DayOptions(zone="UTC", markers=f))),
    "clock": (".csv", lambda f: read_days(week(), DayOptions(zone="UTC", clock=f))),
    "scoring": (".txt", read_scoring),
    "report": (".json", read_report),
    "discomfort": (".csv", lambda f: read_discomfort(f, 60.0)),
    "manifest": (".csv", lambda f: read_manifest(f, str)),
    "rows": (".arrow", read_rows),
    "trace": (".npz", read_trace),
    "certificate": (".pem", lambda f: _credentials({"ca": f, "cert": f, "key": f})),
}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("kind", SPECIAL)
def test_no_door_waits_for_a_special_file(tmp_path: Path, kind: str, door: str) -> None:
    suffix, read = DOORS[door]
    path = special(tmp_path, kind, suffix)
    with pytest.raises(PsgkitError, match=r"a pipe or device|no such file|not a regular file"):
        read(path)


@pytest.mark.parametrize("kind", SPECIAL)
@pytest.mark.parametrize("suffix", [".edf", ".csv", ".fif", ".bin"])
def test_check_and_batch_refuse_special_files(tmp_path: Path, kind: str, suffix: str) -> None:
    path = special(tmp_path, kind, suffix)
    assert kind_of_days(path) == ""
    error = check_file(path).error
    assert error is not None
    assert "pipe or device" in error.found
    with pytest.raises(OSError, match="not a regular file"):
        look_at(path)
    # as of any file that cannot be read, the name is a hash of its path
    assert len(name_hash_by({}, path)) == 32


@pytest.mark.parametrize("kind", ["pipe", "socket", "link to /dev/zero"])
def test_a_special_recording_in_a_folder_is_a_night_that_fails(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    kind: str,
) -> None:
    source = tmp_path / "source"
    source.mkdir()
    special(source, kind, ".edf")
    found = find_nights(str(source), lambda path: name_hash_by({}, path))
    assert [night.asked_as for night in found.nights] == ["night.edf"]
    out = str(tmp_path / "out")
    monkeypatch.setattr("sys.argv", ["psgkit", "batch", str(source), "--out", out, "--jobs", "1"])
    with pytest.raises(SystemExit) as end:
        cli.main()
    said = capsys.readouterr()
    assert end.value.code != 0
    assert "pipe or device" in said.out + said.err


@pytest.mark.parametrize("command", ["report", "check", "batch", "cohort", "days", "score"])
def test_a_name_longer_than_any_file_can_have_is_refused_with_words(
    command: str, psgkit: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    words = ["--out", tmp_path / "out"] if command == "batch" else []
    code, said, errors = psgkit(command, "9" * 400, *words)
    assert code == 3
    assert "found " in (said + errors).casefold()
