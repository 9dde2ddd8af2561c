"""Headers of EDF and BDF as recorders and anonymisers leave them: start, rates, version."""

import json
from collections.abc import Callable
from datetime import datetime
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from edf_maker import annotations, edf_bytes, ordinary, tal

from psgkit.errors import EdfFormatError
from psgkit.io.edf.record_duration import meant_duration
from psgkit.io.edf.repair import repair_edf
from psgkit.io.read import read_recording
from psgkit.io.scoring.read import read_events, read_hypnogram

NUMBERS = np.arange(-20, 20)
Run = Callable[..., tuple[int, str, str]]


def written(folder: Path, *signals: dict, **fields: object) -> Path:
    path = folder / "night.edf"
    path.write_bytes(edf_bytes(signals or [ordinary(NUMBERS)], **fields))
    return path


# --- start ---------------------------------------------------------------------------------------

NO_DATE = datetime(1985, 1, 1, 22, 15, 30)
START = datetime(2024, 3, 2, 22, 15, 30)


@pytest.mark.parametrize(
    ("fields", "start", "codes"),
    [
        ({}, START, []),
        # a date that was wiped, or is none
        ({"startdate": "00.00.00"}, NO_DATE, ["edf.date_unknown"]),
        ({"startdate": ""}, NO_DATE, ["edf.date_unknown"]),
        ({"startdate": "xx.xx.xx"}, NO_DATE, ["edf.date_unknown"]),
        ({"startdate": "X"}, NO_DATE, ["edf.date_unknown"]),
        ({"startdate": "31.02.24"}, NO_DATE, ["edf.date_unknown"]),
        ({"startdate": "29.02.23"}, NO_DATE, ["edf.date_unknown"]),
        ({"startdate": "42.00.00"}, NO_DATE, ["edf.date_unknown"]),
        ({"startdate": "00.00.00", "starttime": "00.00.00"}, None, ["edf.start_unknown"]),
        ({"startdate": "02.03.24", "starttime": "xx.xx.xx"}, None, ["edf.start_unknown"]),
        ({"startdate": "01.01.85"}, NO_DATE, []),
        # leap days, and a leap second
        ({"startdate": "29.02.24"}, datetime(2024, 2, 29, 22, 15, 30), []),
        ({"startdate": "29.02.00"}, datetime(2000, 2, 29, 22, 15, 30), []),
        (
            {"recording": "Startdate 29-FEB-1900 X X X", "startdate": "29.02.00"},
            datetime(2000, 2, 29, 22, 15, 30),
            ["edf.startdate"],
        ),
        ({"starttime": "23.59.60"}, datetime(2024, 3, 3), []),
        ({"starttime": "24.00.00"}, None, ["edf.start_unknown"]),
        # two digits of the year
        ({"startdate": "02.03.84"}, datetime(2084, 3, 2, 22, 15, 30), []),
        ({"startdate": "02.03.85"}, datetime(1985, 3, 2, 22, 15, 30), []),
        ({"startdate": "02.03.99"}, datetime(1999, 3, 2, 22, 15, 30), []),
        ({"startdate": "2.3.2024"}, START, []),
        # separators
        ({"starttime": "22:15:30"}, START, []),
        ({"startdate": "02/03/24", "starttime": "22:15.30"}, START, []),
        ({"startdate": "02-03-24"}, START, []),
        # EDF+
        ({"recording": "Startdate 02-MAR-2024 X X X"}, START, []),
        ({"recording": "Startdate 2-mar-2024 X X X"}, START, []),
        ({"recording": "Startdate X X X X"}, START, []),
        ({"recording": "Startdate 31-FEB-2024 X X X"}, START, ["edf.startdate"]),
        ({"recording": "Startdate 02-MRZ-2024 X X X"}, START, ["edf.startdate"]),
        ({"recording": "Startdate 2024-03-02 X X X"}, START, ["edf.startdate"]),
        ({"recording": "Startdate 02-MAR-24 X X X"}, START, ["edf.startdate"]),
        ({"recording": "Startdate 02-MAR-2024 X X X", "startdate": "00.00.00"}, START, []),
        (
            {"recording": "Startdate 31-FEB-2024 X X X", "startdate": "00.00.00"},
            NO_DATE,
            ["edf.startdate", "edf.date_unknown"],
        ),
        (
            {"recording": "Startdate 03-MAR-2024 X X X"},
            datetime(2024, 3, 3, 22, 15, 30),
            ["edf.dates_differ"],
        ),
        (
            {"recording": "Startdate 02-MAR-2024 X X X", "startdate": "01.01.85"},
            START,
            ["edf.dates_differ"],
        ),
        # shifted before 1925, as BIDS asks
        (
            {"recording": "Startdate 23-JAN-1918 X X X", "startdate": "23.01.18"},
            datetime(1918, 1, 23, 22, 15, 30),
            [],
        ),
        (
            {"recording": "Startdate 23-JAN-1880 X X X", "startdate": "23.01.yy"},
            datetime(1880, 1, 23, 22, 15, 30),
            [],
        ),
        (
            {"recording": "Startdate 31-DEC-1969 X X X", "startdate": "31.12.69"},
            datetime(1969, 12, 31, 22, 15, 30),
            [],
        ),
    ],
)
def test_start(fields: dict, start: datetime | None, codes: list[str], tmp_path: Path) -> None:
    found = read_recording(written(tmp_path, **fields))
    assert found.start == start
    assert [f.code for f in found.findings if f.severity == "warning"] == codes
    assert found.channels[0].samples[:].tolist() == NUMBERS.tolist()


WIPED = [
    ({"startdate": "00.00.00"}, "22:17:30"),
    ({"startdate": "00.00.00"}, "2021-09-14T22:17:30"),
    ({"startdate": "01.01.85"}, "2021-09-14T22:17:30"),
    ({"startdate": "xx.xx.xx"}, "2021-09-14 22:17:30"),
    ({"recording": "Startdate 14-SEP-1918 X", "startdate": "14.09.18"}, "2021-09-14T22:17:30"),
]


@pytest.mark.parametrize(("fields", "clock"), WIPED)
def test_scoring_by_the_clock_aligns_without_a_date(
    fields: dict, clock: str, tmp_path: Path
) -> None:
    start = read_recording(written(tmp_path, **fields)).start
    export = tmp_path / "events.txt"
    head = ["RemLogic Event Export", "Patient:\tX", "", "Time [hh:mm:ss]\tEvent\tDuration[s]"]
    export.write_text("\n".join([*head, f"{clock}\tPLM-LM\t2.0", ""]))
    assert read_events(export, start).onset_s.tolist() == [120.0]


@pytest.mark.parametrize(("fields", "clock"), WIPED[1:3])
def test_annotations_in_a_file_of_another_date_align_by_the_time_of_day(
    fields: dict, clock: str, tmp_path: Path
) -> None:
    start = read_recording(written(tmp_path, **fields)).start
    marks = annotations([tal("+0") + tal("+0", "Sleep stage N2", duration="30")], samples=40)
    scored = tmp_path / "stages.edf"
    began = datetime.fromisoformat(clock)
    said = {"startdate": f"{began:%d.%m.%y}", "starttime": f"{began:%H.%M.%S}", "record_s": "0"}
    scored.write_bytes(edf_bytes([marks], reserved="EDF+C", **said))
    hypnogram = read_hypnogram(scored, start)
    assert (hypnogram.start_s, hypnogram.stages.tolist()) == (120.0, ["N2"])


def test_a_page_says_that_the_date_is_not_known(tmp_path: Path, psgkit: Run) -> None:
    path = written(tmp_path, startdate="00.00.00")
    assert "date not known, 22:15:30" in psgkit("check", path)[1]
    (file,) = json.loads(psgkit("check", path, "--json")[1])["files"]
    assert file["start"] == "1985-01-01T22:15:30"


# --- record duration -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "counts", "duration"),
    [
        ("0.003906", [1], Fraction(1, 256)),
        ("0.003907", [1], None),
        (".0039062", [2, 1], Fraction(1, 256)),
        ("0.333333", [100], Fraction(1, 3)),
        ("0.033333", [10], Fraction(1, 30)),
        ("0.007812", [1, 2], Fraction(1, 128)),
        ("0.007813", [1, 2], Fraction(1, 128)),
        ("0.001953", [1], Fraction(1, 512)),
        ("0.000977", [8], Fraction(1, 1024)),
        ("0.000976", [1], Fraction(1, 1024)),
        ("0.000244", [1], Fraction(1, 4096)),
        ("0.142857", [1], Fraction(1, 7)),
        ("0.666667", [200], Fraction(2, 3)),
        ("1.333333", [400, 100], Fraction(4, 3)),
        ("0.039063", [10], Fraction(5, 128)),
        ("3.906e-3", [1], Fraction(1, 256)),
        # meant as they stand
        ("1.000000", [256], None),
        ("0.500000", [128], None),
        ("0.300000", [100], None),
        ("0.999987", [500], None),
        ("30", [1000], None),
        ("0.0039", [1], None),
    ],
)
def test_a_record_duration_cut_to_eight_characters(
    text: str, counts: list[int], duration: Fraction | None
) -> None:
    assert meant_duration(text, counts) == duration


@pytest.mark.parametrize(
    ("text", "per_record", "records_n", "rate_hz"),
    [
        ("0.003906", 1, 256 * 60, 256.0),
        ("0.333333", 100, 180, 300.0),
        ("0.033333", 10, 1800, 300.0),
        ("0.007813", 2, 128 * 60, 256.0),
        ("0,003906", 1, 256 * 60, 256.0),
    ],
)
def test_rates_are_whole_and_a_minute_lasts_a_minute(
    text: str, per_record: int, records_n: int, rate_hz: float, tmp_path: Path
) -> None:
    signal = ordinary(np.zeros(per_record * records_n, dtype=int), per_record=per_record)
    found = read_recording(written(tmp_path, signal, record_s=text))
    assert (found.channels[0].rate_hz, found.duration_s) == (rate_hz, pytest.approx(60, abs=1e-9))
    assert "edf.record_duration" in [finding.code for finding in found.findings]
    assert len(found.signals(found.channels[0])[0].samples) == per_record * records_n


# --- version -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sample_bytes", "version"),
    [
        (2, b"1       "),
        (2, b"O       "),
        (2, b"0      \x01"),
        (2, b"0\x00\x00\x00\x00\x00\x00\x00"),
        (2, b"        "),
        (3, b"\xfeBIOSEMI"),
        (3, b"\xffBIOSEMl"),
        (3, b"\x00BIOSEMI"),
    ],
)
def test_one_bad_byte_of_the_version_is_read_and_repaired(
    sample_bytes: int, version: bytes, tmp_path: Path, psgkit: Run
) -> None:
    path = tmp_path / "night.edf"
    whole = edf_bytes([ordinary(NUMBERS)], sample_bytes=sample_bytes)
    path.write_bytes(version + whole[8:])
    found = read_recording(path)
    assert found.channels[0].samples[:].tolist() == NUMBERS.tolist()
    assert [(f.severity, f.code) for f in found.findings] == [("warning", "edf.version")]
    assert psgkit("check", path, "--repair", tmp_path / "out")[0] == 0
    assert (tmp_path / "out" / "night.edf").read_bytes() == whole
    assert [change.field for change in repair_edf(path, tmp_path / "copy.edf").changes] == [
        "version"
    ]


@pytest.mark.parametrize(
    "version", [b"11      ", b"RIFF\x00\x00\x00\x00", b"MZ      ", b"\xffBIOSEXX"]
)
def test_another_version_is_refused(version: bytes, tmp_path: Path) -> None:
    path = tmp_path / "night.edf"
    path.write_bytes(version + edf_bytes([ordinary(NUMBERS)])[8:])
    with pytest.raises(EdfFormatError, match="version"):
        read_recording(path)


def test_a_bad_byte_before_a_header_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "night.edf"
    path.write_bytes(b"1       " + edf_bytes([ordinary(NUMBERS)], header_bytes=999)[8:])
    with pytest.raises(EdfFormatError, match="version"):
        read_recording(path)
