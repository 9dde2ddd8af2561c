"""The review file: nothing is lost by a crash, and no line of it is believed unseen."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psgkit.errors import InputFileError, PsgkitError
from psgkit.review.marks import Mark, Scoring, Stages, Window
from psgkit.review.review_file import (
    ReviewedNight,
    is_review_file,
    open_for_review,
    read_review,
    review_from,
)
from tests.review.nights import session_in

NIGHT = ReviewedNight(file="night.edf", sha256=None, start=None, duration_s=600.0)
MARK = Mark.as_found(id="m1", kind="lm", onset_s=3.0, end_s=5.0, site="left_leg", origin="detected")
BASE = Scoring(
    marks={"m1": MARK}, stages=Stages(codes=("W",) * 20), lights=Window(off_s=0.0, on_s=600.0)
)
ADD = {"action": "add", "kind": "lm", "site": "left_leg", "onset_s": 10.0, "end_s": 12.0}


def begun(path: Path) -> list[bytes]:
    """Return the lines of a file with a start, a change, an undo and a redo."""
    session = session_in(path.parent)
    session.apply(ADD)
    session.apply({"action": "stage", "first_epoch": 2, "codes": ["N2", "R"]})
    session.undo()
    session.redo()
    session.close()
    return path.read_bytes().splitlines()


def test_what_was_done_is_there_after_it_is_opened_again(tmp_path: Path) -> None:
    session = session_in(tmp_path, "AB")
    session.apply(ADD)
    session.apply({"action": "reject", "id": session.state()["marks"][0]["id"]})
    session.undo()
    session.close()
    again = session_in(tmp_path, "CD")
    assert again.scoring == session.scoring
    assert again.state()["history"] == {"undo": 1, "redo": 1}
    again.redo()
    again.undo()
    again.undo()
    assert again.scoring == again.base
    again.close()
    assert read_review(tmp_path / "review.jsonl").scorers == ("AB", "CD")


def test_a_second_window_on_a_file_is_refused_with_words(tmp_path: Path) -> None:
    session = session_in(tmp_path, "AB")
    with pytest.raises(InputFileError, match=r"open in another window .last change by AB"):
        open_for_review(tmp_path / "review.jsonl", "CD")
    session.close()
    session_in(tmp_path, "CD").close()


def test_half_a_line_is_kept_apart_and_said(tmp_path: Path) -> None:
    path = tmp_path / "review.jsonl"
    whole = begun(path)
    with path.open("ab") as file:
        file.write(b'{"type":"change","who":"A')
    assert [one.code for one in read_review(path).findings] == ["review.torn"]
    assert path.read_bytes().endswith(b'"who":"A')
    file_open, review = open_for_review(path, "AB")
    file_open.close()
    assert review is not None
    assert [one.code for one in review.findings] == ["review.torn"]
    assert path.read_bytes().splitlines() == whole
    assert (tmp_path / "review.jsonl.torn").read_bytes() == b'{"type":"change","who":"A\n'


@pytest.mark.parametrize("cut", [1, 10, 100])
def test_a_file_cut_anywhere_in_its_last_line_loses_only_that_line(
    tmp_path: Path, cut: int
) -> None:
    path = tmp_path / "review.jsonl"
    begun(path)
    content = path.read_bytes()
    path.write_bytes(content[:-cut])
    again = session_in(tmp_path)
    assert again.state()["history"] == {"undo": 1, "redo": 1}
    again.close()


KILLED = """
import sys
from pathlib import Path
from tests.review.nights import session_in
session = session_in(Path(sys.argv[1]))
for number in range(1000):
    at = 1.0 + 3 * number
    session.apply(dict(action="add", kind="arousal", onset_s=at, end_s=at + 2))
    print(number, flush=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_what_was_answered_is_there_after_the_process_was_killed(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path)],
        stdout=subprocess.PIPE,
        env=environment,
        cwd=root,
    ) as child:
        assert child.stdout is not None
        answered = [int(child.stdout.readline()) for _ in range(5)]
        child.send_signal(signal.SIGKILL)
    again = session_in(tmp_path)
    assert again.state()["history"]["undo"] > answered[-1]
    added = [mark for mark in again.scoring.marks.values() if mark.origin == "added"]
    assert len(added) == again.state()["history"]["undo"]
    again.close()


def test_a_full_disk_leaves_file_and_scoring_as_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = session_in(tmp_path)
    before, scoring = (tmp_path / "review.jsonl").read_bytes(), session.scoring

    def full(_number: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(InputFileError, match="No space left"):
            session.apply(ADD)
    assert session.scoring is scoring
    assert (tmp_path / "review.jsonl").read_bytes() == before
    session.apply(ADD)
    session.close()
    assert len(read_review(tmp_path / "review.jsonl").done) == 1


def start_line(**changed: object) -> bytes:
    row = {
        "schema": "psgkit.review/1",
        "type": "start",
        "when": "2026-03-01T07:00:00Z",
        "who": "AB",
        **NIGHT.as_dict(),
        "base": BASE.as_dict(),
    }
    return json.dumps(row | changed).encode()


def change_line(**changed: object) -> bytes:
    row = {
        "type": "change",
        "when": "2026-03-01T07:00:00Z",
        "who": "AB",
        "before": {"marks": {"m1": MARK.as_dict()}},
        "after": {"marks": {"m1": MARK.as_dict() | {"status": "rejected"}}},
    }
    return json.dumps(row | changed).encode()


HOSTILE: dict[str, list[bytes]] = {
    "nothing": [],
    "no start": [change_line()],
    "another schema": [start_line(schema="psgkit.review/9")],
    "a list": [b"[]"],
    "no UTF-8": [start_line(), b'{"type":"\xff"}'],
    "nested deeply": [start_line(), b"[" * 200_000],
    "NaN": [start_line(), b'{"type":"change","who":NaN}'],
    "a huge number": [start_line(duration_s=1), b'{"type":' + b"9" * 5000 + b"}"],
    "unknown type": [start_line(), change_line(type="explode")],
    "time of no time": [start_line(when="yesterday")],
    "marks twice": [start_line(base={**BASE.as_dict(), "marks": [MARK.as_dict()] * 2})],
    "end before onset": [
        start_line(base={**BASE.as_dict(), "marks": [MARK.as_dict() | {"end_s": 1.0}]})
    ],
    "unknown stage": [start_line(base={**BASE.as_dict(), "stages": {"codes": ["N7"]}})],
    "another state before": [start_line(), change_line(before={})],
    "the same change twice": [start_line(), change_line(), change_line()],
    "undo of nothing": [start_line(), change_line(type="undo")],
    "stages past the end": [
        start_line(),
        change_line(
            before={"stages": {"first_epoch": 19, "codes": ["W"]}},
            after={"stages": {"first_epoch": 19, "codes": ["N1", "N1"]}},
        ),
    ],
    "mark under another id": [start_line(), change_line(after={"marks": {"m2": MARK.as_dict()}})],
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_wrong_line_is_refused_with_its_number_and_field(name: str) -> None:
    with pytest.raises(PsgkitError, match=r"review\.jsonl.*found .* wanted"):
        review_from(HOSTILE[name], "review.jsonl")


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
KEYS = st.sampled_from(
    ["type", "when", "who", "before", "after", "base", "now", "recording", "blind", "schema"]
)


def read_or_refused(lines: list[bytes]) -> bool:
    """Return whether lines were read; any error but one with words goes up."""
    try:
        review_from(lines, "review.jsonl")
    except PsgkitError:
        return False
    return True


@given(st.dictionaries(KEYS, ANYTHING))
@settings(deadline=None)
def test_lines_of_any_values_are_read_or_refused(changed: dict[str, Any]) -> None:
    known = {"type", "when", "who", "before", "after"}
    was_read = read_or_refused([start_line(), change_line(**changed)])
    assert was_read or changed.keys() & known
    assert read_or_refused([start_line()])
    read_or_refused([start_line(**changed)])


@given(st.binary(max_size=300))
@settings(deadline=None)
def test_any_bytes_are_read_or_refused(line: bytes) -> None:
    assert not read_or_refused([start_line(), b"[" + line])
    read_or_refused([start_line(), line])


def test_other_files_are_no_reviews(tmp_path: Path) -> None:
    other = tmp_path / "report.json"
    other.write_text('{"schema": "psgkit.night/1"}\n')
    assert not is_review_file(other)
    assert not is_review_file(tmp_path / "absent")
    begun(tmp_path / "review.jsonl")
    assert is_review_file(tmp_path / "review.jsonl")
    with pytest.raises(InputFileError, match=r"psgkit\.review/1"):
        read_review(other)
