"""Corrected copies: what is changed, what is left; samples and originals are never touched."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from edf_maker import annotations, edf_bytes, ordinary, tal

from psgkit.errors import InputFileError
from psgkit.io.edf.read import read_edf
from psgkit.io.edf.repair import Repair, in_ascii, log_lines, repair_edf

NUMBERS = np.arange(40) - 20


def repaired(folder: Path, raw: bytes) -> tuple[Repair, bytes]:
    path, target = folder / "night.edf", folder / "copies" / "night.edf"
    path.write_bytes(raw)
    done = repair_edf(path, target)
    assert path.read_bytes() == raw
    return done, target.read_bytes()


WRONG: list[tuple[dict[str, Any], int, str, int, str]] = [
    ({"n_records": -1}, 0, "number of records", 236, "10"),
    ({"n_records": 99}, 3, "number of records", 236, "9"),
    ({"header_bytes": 1}, 0, "header size", 184, "512"),
    ({"record_s": "0,5"}, 0, "record duration", 244, "0.5"),
    ({"starttime": "22:15:30"}, 0, "start time", 176, "22.15.30"),
    ({"startdate": "2-3-24"}, 0, "start date", 168, "02.03.24"),
    ({"patient": "M\xfcller"}, 0, "patient field", 8, "Muller"),
    ({"recording": "\xb5V\x01"}, 0, "recording field", 88, "uV"),
]


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_field_is_corrected_and_a_second_run_changes_nothing(
    tmp_path: Path, wrong: tuple[dict[str, Any], int, str, int, str]
) -> None:
    fields, cut, field, byte, new = wrong
    raw = edf_bytes([ordinary(NUMBERS)], **fields)
    done, copy = repaired(tmp_path, raw[: len(raw) - cut])
    change = next(change for change in done.changes if change.field == field)
    assert (change.byte, change.new) == (byte, new)
    assert copy[byte : byte + 8] == new.encode().ljust(8)
    assert copy[512:] == raw[512 : len(copy)]
    again = repair_edf(tmp_path / "copies" / "night.edf", tmp_path / "again.edf")
    assert again.changes == ()
    assert (tmp_path / "again.edf").read_bytes() == copy


def test_a_copy_reads_without_a_finding_and_with_the_same_samples(tmp_path: Path) -> None:
    signal = ordinary(
        NUMBERS,
        label="Tib. g\xe9",
        unit="\xb5V",
        physical_min="-3276,8",
        physical_max="3276,7",
        digital_min=" -32768",
    )
    raw = edf_bytes([signal], n_records=-1, header_bytes=7, tail=b"123")
    done, _ = repaired(tmp_path, raw)
    before, after = read_edf(tmp_path / "night.edf"), read_edf(done.path)
    assert before.findings
    assert after.findings == ()
    assert after.channels[0].samples[:].tolist() == before.channels[0].samples[:].tolist()
    assert after.channels[0].label == "Tib. ge"
    assert after.channels[0].stored_unit == "uV"
    assert done.left == ()


@pytest.mark.parametrize(
    ("tail", "claimed", "lost"), [(b"12345", 10, "5 bytes"), (b"", 7, "3 records and 0 bytes")]
)
def test_what_follows_the_last_record_is_left_out_and_said(
    tmp_path: Path, tail: bytes, claimed: int, lost: str
) -> None:
    done, copy = repaired(tmp_path, edf_bytes([ordinary(NUMBERS)], n_records=claimed, tail=tail))
    assert [(c.field, c.byte, c.old) for c in done.changes] == [
        ("end of file", 512 + 8 * claimed, lost)
    ]
    assert len(copy) == 512 + 8 * claimed


def test_nothing_is_changed_in_a_file_that_is_right(tmp_path: Path) -> None:
    notes = annotations([tal(f"+{i}") for i in range(10)])
    raw = edf_bytes([ordinary(NUMBERS), notes], reserved="EDF+C")
    done, copy = repaired(tmp_path, raw)
    assert (done.changes, done.left) == ((), ())
    assert copy == raw


@pytest.mark.parametrize(
    ("fields", "signal", "what"),
    [
        ({"startdate": "31.02.24"}, {}, "the time of day is kept"),
        ({}, {"physical_min": "7", "physical_max": "7"}, "both 7"),
        ({}, {"unit": ""}, "not stated"),
    ],
)
def test_what_nobody_wrote_is_left_and_said(
    tmp_path: Path, fields: dict[str, Any], signal: dict[str, Any], what: str
) -> None:
    raw = edf_bytes([ordinary(NUMBERS, **signal)], **fields)
    done, copy = repaired(tmp_path, raw)
    assert copy == raw
    assert any(what in message for _, message in done.left)


def test_the_log_has_a_line_a_change_and_no_line_can_be_forged(tmp_path: Path) -> None:
    raw = edf_bytes([ordinary(NUMBERS, label="a\nb\tc", unit="")], n_records=-1)
    done, _ = repaired(tmp_path, raw)
    lines = log_lines("night.edf", done)
    assert len(lines) == len(done.changes) + len(done.left) == 3
    assert all(line.count("\t") == 4 and "\n" not in line for line in lines)
    assert "night.edf\tnumber of records\t236\t'-1'\t'10'" in lines


def test_the_original_is_never_the_target(tmp_path: Path) -> None:
    path = tmp_path / "night.edf"
    path.write_bytes(edf_bytes([ordinary(NUMBERS)]))
    (tmp_path / "link.edf").hardlink_to(path)
    for target in (path, tmp_path / "link.edf"):
        with pytest.raises(InputFileError, match="the original"):
            repair_edf(path, target)


@pytest.mark.parametrize(
    ("text", "plain"),
    [("\u00c9veil", "Eveil"), ("k\u2126", "kOhm"), ("\u4e2d", "?"), ("a\x01b", "a b")],
)
def test_letters_become_ascii(text: str, plain: str) -> None:
    assert in_ascii(text) == plain
