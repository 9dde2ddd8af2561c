"""Files that cannot be read: one typed error that names file, field, byte, value and wish."""

import os
from pathlib import Path

import numpy as np
import pytest
from edf_maker import N_RECORDS_OFFSET, annotations, edf_bytes, ordinary, tal

from psgkit.errors import EdfFormatError, InputFileError
from psgkit.io.edf.anonymise import anonymise_edf, hashed_name
from psgkit.io.edf.read import MOST_SURPLUS_BYTES, read_edf
from psgkit.io.edf.repair import repair_edf

NUMBERS = np.arange(40)
SIGNAL = ordinary(NUMBERS)
HTML = b"<!DOCTYPE html>\n<html><head><title>404 Not Found</title></head></html>\n" * 20
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"


def error_of(folder: Path, raw: bytes) -> EdfFormatError:
    path = folder / "night.edf"
    path.write_bytes(raw)
    with pytest.raises(EdfFormatError) as caught:
        read_edf(path)
    return caught.value


@pytest.mark.parametrize(
    ("raw", "field", "byte", "found"),
    [
        (edf_bytes([SIGNAL], record_s=0), "record duration", 244, "'0'"),
        (edf_bytes([SIGNAL], record_s=-1), "record duration", 244, "'-1'"),
        (edf_bytes([SIGNAL], record_s="one"), "record duration", 244, "'one'"),
        (edf_bytes([SIGNAL], record_s="inf"), "record duration", 244, "'inf'"),
        (edf_bytes([SIGNAL], record_s="1e308"), "record duration", 244, "'1e308'"),
        (edf_bytes([SIGNAL], record_s="1e-320"), "record duration", 244, "'1e-320'"),
        (edf_bytes([SIGNAL], ns="9999"), "number of signals", 252, "'9999'"),
        (edf_bytes([SIGNAL], ns="-3"), "number of signals", 252, "'-3'"),
        (edf_bytes([SIGNAL], ns="abcd"), "number of signals", 252, "'abcd'"),
        (edf_bytes([SIGNAL], ns="0"), "number of signals", 252, "'0'"),
        (edf_bytes([SIGNAL], ns="1.5"), "number of signals", 252, "'1.5'"),
        (edf_bytes([SIGNAL])[:300], "number of signals", 252, "'1'"),
        (HTML, "version", 0, "'<!DOCTYP'"),
        (POINTER, "version", 0, "'version'"),
        (os.urandom(8).replace(b"0", b"1") * 100, "version", 0, ""),
        (b"\x00" * 1000, "version", 0, "''"),
    ],
)
def test_a_header_that_cannot_be_trusted_is_refused(
    tmp_path: Path, raw: bytes, field: str, byte: int, found: str
) -> None:
    error = error_of(tmp_path, raw)
    assert error.where == f"night.edf: {field} (byte {byte})"
    assert found in error.found
    assert error.wanted
    assert error.exit_code == 3


def swapped(per_record: str) -> bytes:
    """Return a file whose second signal of two claims other samples a record than it has."""
    raw = bytearray(edf_bytes([SIGNAL, SIGNAL]))
    raw[256 + 216 * 2 + 8 : 256 + 216 * 2 + 16] = per_record.encode().ljust(8)
    return bytes(raw)


@pytest.mark.parametrize("per_record", ["99999999", "1e7", "-4", "4.5", "many", "nan", ""])
def test_samples_per_record_that_cannot_be_are_refused_before_anything_is_allocated(
    tmp_path: Path, per_record: str
) -> None:
    error = error_of(tmp_path, swapped(per_record))
    assert error.where == f"night.edf: samples per record of signal 2 (byte {256 + 216 * 2 + 8})"
    assert error.found == repr(per_record)


def test_no_samples_in_any_record_is_refused(tmp_path: Path) -> None:
    error = error_of(tmp_path, edf_bytes([ordinary([], 0)]) + b"data")
    assert error.where == "night.edf: samples per record of signal 1 (byte 472)"


def test_a_file_cut_off_inside_its_first_record_is_refused(tmp_path: Path) -> None:
    raw = edf_bytes([SIGNAL, ordinary(NUMBERS, 8)])
    error = error_of(tmp_path, raw[: 256 * 3 + 5])
    assert "cut off" in str(error)


def test_a_web_page_and_a_git_lfs_pointer_are_called_by_their_names(tmp_path: Path) -> None:
    assert "web page" in error_of(tmp_path, HTML).advice
    assert "git lfs pull" in error_of(tmp_path, POINTER).advice


def test_a_table_is_sent_to_the_commands_that_take_tables(tmp_path: Path) -> None:
    table = b"# made by hand\ntime,counts\n2024-03-25 12:00,3\n"
    assert "psgkit days takes activity counts" in error_of(tmp_path, table).advice
    for other in (b"\x89PNG\r\n,,", b"time,counts\n\x00", b"a letter of one line\n"):
        assert error_of(tmp_path, other).advice == ""


@pytest.mark.parametrize("size", [1, 100, 255])
def test_a_header_that_is_too_short_is_refused(tmp_path: Path, size: int) -> None:
    error = error_of(tmp_path, edf_bytes([SIGNAL])[:size])
    assert error.where.startswith("night.edf: ")


@pytest.mark.parametrize(
    ("stamps", "row", "found"),
    [
        (["+0", "+0.5", "+2"], 2, "inside the record before"),
        (["+5", "+0", "+2"], 2, "inside the record before"),
        (["+0", "", "+2"], 2, "no time stamp"),
        (["", "+1", "+2"], 1, "no time stamp"),
        (["+0", "+1", "+" + "9" * 20], 3, "1e+20 s"),
        (["+0", "+1", "+" + "9" * 400], 3, ""),
    ],
)
def test_a_discontinuous_file_without_a_sure_time_for_each_record_is_refused(
    tmp_path: Path, stamps: list[str], row: int, found: str
) -> None:
    notes = annotations([tal(stamp) if stamp else b"" for stamp in stamps], 250)
    raw = edf_bytes([ordinary(np.arange(12)), notes], reserved="EDF+D")
    error = error_of(tmp_path, raw)
    assert error.where == f"night.edf: record {row}"
    assert found in error.found


def test_a_missing_file_a_folder_and_an_empty_file_are_said_to_be_that(tmp_path: Path) -> None:
    (tmp_path / "empty.edf").touch()
    (tmp_path / "folder.edf").mkdir()
    for name, found in (
        ("missing.edf", "no such file"),
        ("folder.edf", "a folder"),
        ("empty.edf", "an empty file"),
    ):
        with pytest.raises(InputFileError, match=rf"{name}.*{found}"):
            read_edf(tmp_path / name)


def test_a_path_through_a_file_is_an_input_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputFileError, match=r"night\.edf"):
        read_edf(tmp_path / "file" / "night.edf")


def test_a_name_with_a_nul_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match="night"):
        read_edf(f"{tmp_path}/night\x00.edf")


def test_a_pipe_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.edf")
    with pytest.raises(InputFileError, match=r"pipe\.edf"):
        read_edf(tmp_path / "pipe.edf")


def test_a_record_count_that_promises_too_much_allocates_nothing(tmp_path: Path) -> None:
    raw = bytearray(edf_bytes([SIGNAL]))
    raw[N_RECORDS_OFFSET : N_RECORDS_OFFSET + 8] = b"99999999"
    path = tmp_path / "night.edf"
    path.write_bytes(bytes(raw))
    assert len(read_edf(path).channels[0].samples) == 40


def sparse(path: Path, size: int) -> Path:
    """Make the file ``size`` bytes long; the added bytes take no room on the disk."""
    with path.open("ab") as file:
        file.truncate(size)
    return path


def test_a_file_far_larger_than_its_header_says_is_refused_with_both_sizes(tmp_path: Path) -> None:
    raw = edf_bytes([SIGNAL])
    path = tmp_path / "night.edf"
    path.write_bytes(raw)
    sparse(path, 20 * 10**9)
    with pytest.raises(EdfFormatError) as caught:
        read_edf(path)
    assert caught.value.where.startswith("night.edf: number of records")
    assert caught.value.found == (
        f"a file of 20000000000 bytes, of which the header describes {len(raw)}"
    )
    assert "seek=236" in caught.value.advice
    with pytest.raises(EdfFormatError):
        hashed_name(path)
    with pytest.raises(EdfFormatError):
        anonymise_edf(path, tmp_path / "copy.edf")
    assert repair_edf(path, tmp_path / "whole.edf").path.read_bytes() == raw


@pytest.mark.parametrize("more", [1, MOST_SURPLUS_BYTES])
def test_a_few_bytes_more_are_left_unread(tmp_path: Path, more: int) -> None:
    path = tmp_path / "night.edf"
    path.write_bytes(edf_bytes([SIGNAL]))
    found = read_edf(sparse(path, path.stat().st_size + more)).findings
    assert [one.code for one in found] == ["edf.trailing_bytes"]


def test_records_that_the_header_leaves_to_be_counted_are_no_surplus(tmp_path: Path) -> None:
    path = tmp_path / "night.edf"
    path.write_bytes(edf_bytes([SIGNAL], n_records=-1))
    read_edf(sparse(path, 3 * MOST_SURPLUS_BYTES))
