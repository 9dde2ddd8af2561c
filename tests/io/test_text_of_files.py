"""Text files: which bytes become which text, and what is refused."""

import contextlib
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psgkit.errors import InputFileError, PsgkitError
from psgkit.io.text import read as text_module
from psgkit.io.text.read import decode_text, open_kind, read_text

WORDS = "Heure de début,Éveil\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_unicode_is_read_with_and_without_a_mark(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "t.csv").write_bytes(WORDS.encode(encoding))
    assert read_text(tmp_path / "t.csv") == WORDS


def test_a_big_endian_mark_is_honoured(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(b"\xfe\xff" + WORDS.encode("utf-16-be"))
    assert read_text(tmp_path / "t.csv") == WORDS


def test_what_is_not_unicode_is_latin_1(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(WORDS.encode("latin-1"))
    assert read_text(tmp_path / "t.csv") == WORDS


def test_the_real_noxturnal_export_is_utf_16(shared: Path) -> None:
    text = read_text(shared / "data/nox-psg/noxturnal-events_1.csv")
    assert text.startswith("Heure de début,Heure de fin,Événement,Durée,")


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "an empty file"),
        (b" \r\n\n", "an empty file"),
        (b"0       X X X X", "an EDF recording"),
        (b"\xffBIOSEMI X", "a BDF recording"),
        (b"PK\x03\x04\x14\x00", "a spreadsheet workbook"),
        (b"onset,stage\n0,\x01\n", "byte value 1 at character 14"),
        (b"W\x00\n", "binary content"),
    ],
)
def test_content_that_is_no_text_is_named(tmp_path: Path, content: bytes, found: str) -> None:
    (tmp_path / "t.csv").write_bytes(content)
    with pytest.raises(InputFileError, match=f"t.csv: found .*{found}"):
        read_text(tmp_path / "t.csv")


def test_a_missing_file_is_a_typed_error_without_the_folder(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match=r"^night\.csv: found no such file"):
        read_text(tmp_path / "night.csv")


def test_a_folder_is_a_typed_error(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match="found a folder"):
        read_text(tmp_path)


def test_a_pipe_is_refused_instead_of_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputFileError, match="found a pipe or device"):
        read_text(tmp_path / "pipe")


def test_a_name_that_cannot_be_a_name_is_a_typed_error() -> None:
    with pytest.raises(InputFileError):
        read_text("night\0.csv")
    with pytest.raises(InputFileError):
        read_text("n" * 5000)


def test_a_file_beyond_the_limit_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_module, "MOST_NIGHT_BYTES", 10)
    (tmp_path / "t.csv").write_text("12345678901")
    with pytest.raises(InputFileError, match="more than"):
        read_text(tmp_path / "t.csv")
    (tmp_path / "t.csv").write_text("1234567890")
    assert len(read_text(tmp_path / "t.csv")) == 10


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1))
def test_whatever_is_text_in_utf_8_comes_back(text: str) -> None:
    assert decode_text(text.encode("utf-8-sig"), "t") == text


@given(st.binary(max_size=200))
def test_random_bytes_end_in_text_or_a_typed_error(content: bytes) -> None:
    with contextlib.suppress(PsgkitError):
        assert "\0" not in decode_text(content, "t")


@pytest.mark.parametrize(
    ("name", "head", "kind"),
    [
        ("a.txt", b"0       rest", "edf"),
        ("a.txt", b"\xffBIOSEMI", "edf"),
        ("a.edf", b"<html>", "edf"),
        ("a.BDF", b"version https://git-lfs", "edf"),
        ("a.csv", b"onset_s,duration_s,stage", "text"),
        ("a.csv", b"0\nW\n", "text"),
        ("a.csv", b"", "text"),
    ],
)
def test_the_first_bytes_tell_a_recording_from_a_table(
    tmp_path: Path, name: str, head: bytes, kind: str
) -> None:
    (tmp_path / name).write_bytes(head)
    assert open_kind(tmp_path / name) == kind


def test_asking_for_the_kind_of_a_missing_file_is_a_typed_error(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match="no such file"):
        open_kind(tmp_path / "a.edf")
