"""Reports in a folder: complete or not at all."""

import errno
import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import IO

import pytest
from night_fixtures import empty_night, hostile_night, ordinary_night

from psgkit.core.night_report import NightReport
from psgkit.document.write import night_as_json
from psgkit.errors import PsgkitError, SettingsError
from psgkit.report.write import write_report, write_texts

NAMES = [
    *("arousal_hazard.csv", "cumulative_plm.csv", "indices.csv", "minutes.csv", "movements.csv"),
    *("report.html", "report.json"),
]


def test_all_files_are_written_and_nothing_else(tmp_path: Path) -> None:
    written = write_report(ordinary_night(), tmp_path / "new" / "folder")
    assert sorted(path.name for path in written) == NAMES
    assert sorted(path.name for path in (tmp_path / "new" / "folder").iterdir()) == NAMES
    assert written[-1].name == "report.json"
    assert written[-1].read_bytes() == night_as_json(ordinary_night()).encode("utf-8")


def test_writing_twice_replaces_the_files_with_the_same_bytes(tmp_path: Path) -> None:
    first = {path: path.read_bytes() for path in write_report(ordinary_night(), tmp_path)}
    second = {path: path.read_bytes() for path in write_report(ordinary_night(), tmp_path)}
    assert first == second


@pytest.mark.parametrize("night", [hostile_night, empty_night])
def test_odd_nights_are_written_inside_the_folder(
    tmp_path: Path, night: Callable[[], NightReport]
) -> None:
    written = write_report(night(), tmp_path / "out")
    assert {path.parent for path in written} == {tmp_path / "out"}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    json.loads(written[-1].read_text("utf-8"))


def test_a_report_that_cannot_be_rendered_leaves_no_trace(tmp_path: Path) -> None:
    broken = replace(ordinary_night(), settings={"raw": object()})
    with pytest.raises(TypeError, match="a report cannot hold"):
        write_report(broken, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_disk_that_fills_up_keeps_the_older_report_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_report(ordinary_night(), tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    open_really = Path.open

    def open_until_full(path: Path, *how: str) -> IO[bytes]:
        if "report.html" in path.name:
            raise OSError(errno.ENOSPC, "No space left on device")
        return open_really(path, *how)

    monkeypatch.setattr(Path, "open", open_until_full)
    with pytest.raises(PsgkitError, match="no room to write"):
        write_report(ordinary_night(5), tmp_path)
    monkeypatch.undo()
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_folder_that_is_a_file_is_named_in_the_error(tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("something else")
    with pytest.raises(SettingsError, match=r"taken: found .*, wanted a folder"):
        write_report(ordinary_night(), taken)
    assert taken.read_text() == "something else"


def test_a_link_in_the_folder_is_replaced_and_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.json"
    elsewhere.write_text("untouched")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "report.json").symlink_to(elsewhere)
    write_report(ordinary_night(), tmp_path / "out")
    assert elsewhere.read_text() == "untouched"


def test_half_written_files_of_a_killed_process_are_removed_by_the_next(tmp_path: Path) -> None:
    old, new, other = (
        tmp_path / name
        for name in (".report.json.0a1b2c3d.part", ".report.json.11223344.part", ".notes.old.part")
    )
    for path in (old, new, other):
        path.write_text("half of a night")
        if path != new:
            os.utime(path, (1e9, 1e9))
    write_texts({"report.json": "whole"}, tmp_path)
    # another process may be writing the new one just now
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        [new.name, other.name, "report.json"]
    )
