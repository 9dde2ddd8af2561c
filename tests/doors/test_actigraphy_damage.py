"""Damaged and partly unknown recordings of days: damage costs itself only, and it is counted."""

import sqlite3
import sys
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "io" / "actigraphy"))
from device_maker import (
    ACTIWARE_EN,
    AWD,
    MTN,
    START_S,
    log_of,
    packet,
    steps,
    write_agd,
    write_bin,
    write_cwa,
    write_gt3x,
)

from psgkit.core.days.day_recording import DayRecording
from psgkit.errors import PsgkitError
from psgkit.io.actigraphy.read import DayOptions, read_days

STEPS = np.random.default_rng(0).integers(-256, 256, (9600, 3))
TRIALS = Path(__file__).resolve().parents[2].parent / "shared" / "trials" / "files"
with_trials = pytest.mark.skipif(not TRIALS.is_dir(), reason="no folder shared beside it")


def said(days: DayRecording) -> dict[str, str]:
    return {one.code: one.message for one in days.findings}


def known_s(days: DayRecording) -> float:
    assert days.recording is not None
    return sum(part.duration_s for part in days.recording.segments)


# GENEActiv: pages of 3 s, 32 of them


def bin_pages(path: Path) -> tuple[bytes, list[bytes]]:
    head, *pages = write_bin(path, STEPS).read_bytes().split(b"Recorded Data")
    return head, [b"Recorded Data" + page for page in pages]


def shortened(page: bytes) -> bytes:
    return page[:-500] + b"\r\n"


PAGES: dict[str, Callable[[bytes], bytes]] = {
    "no digits": lambda page: page[:-20] + b"ZZZZZZZZZZZZZZZZZZ\r\n",
    "short": shortened,
    "a line lost": lambda page: page.replace(b"Unassigned:\r\n", b""),
    "a line too many": lambda page: page.replace(b"Unassigned:", b"Unassigned:\r\nNoise:"),
    "no time": lambda page: page.replace(b"Page Time:2024", b"Page Time:20x4"),
    "another century": lambda page: page.replace(b"Page Time:2024", b"Page Time:2094"),
    "no temperature": lambda page: page.replace(b"Temperature:25.0", b"Temperature:warm"),
    "zeros": lambda page: page[:14] + bytes(len(page) - 16) + b"\r\n",
}


@pytest.mark.parametrize("damage", PAGES)
def test_a_damaged_page_costs_itself(damage: str, tmp_path: Path) -> None:
    head, pages = bin_pages(tmp_path / "a.bin")
    pages[10] = PAGES[damage](pages[10])
    file = tmp_path / "b.bin"
    file.write_bytes(head + b"".join(pages))
    days = read_days(file)
    assert said(days)["accelerometer.damaged"].startswith("1 damaged")
    assert (days.duration_s, known_s(days)) == (
        pytest.approx(96.0, abs=0.1), pytest.approx(93.0, abs=0.1),
    )  # fmt: skip


@pytest.mark.parametrize("cut_bytes", [1, 100, 3650, 3700])
def test_a_file_that_was_cut_keeps_its_whole_pages(cut_bytes: int, tmp_path: Path) -> None:
    whole = write_bin(tmp_path / "a.bin", STEPS).read_bytes()
    file = tmp_path / "b.bin"
    file.write_bytes(whole[:-cut_bytes])
    days = read_days(file)
    # the last byte is only the end of its line
    assert days.duration_s == pytest.approx(96.0 if cut_bytes == 1 else 93.0, abs=0.1)
    assert ("accelerometer.cut" in said(days)) is (cut_bytes > 1)


@with_trials
@pytest.mark.parametrize(("name", "duration_s"), [("cut.bin", 114.0), ("whole.bin", 120.0)])
def test_the_page_that_is_cut(name: str, duration_s: float) -> None:
    days = read_days(TRIALS / "bin_truncated" / name)
    assert days.duration_s == duration_s
    assert ("accelerometer.cut" in said(days)) is (name == "cut.bin")


# Axivity: blocks of 0.8 s, 120 of them


def blocks_changed(raw: bytearray, damage: str) -> bytes:
    at = 1024 + 30 * 512
    if damage == "a bit":
        raw[at + 100] ^= 0x40
    elif damage == "no head":
        raw[at : at + 4] = b"\0\0\0\0"
    elif damage == "zeros":
        raw[at : at + 512] = bytes(512)
    elif damage == "bytes lost":
        del raw[at + 50 : at + 250]
    elif damage == "bytes inserted":
        raw[at:at] = b"\xaa" * 77
    else:
        del raw[-100:]
    return bytes(raw)


@pytest.mark.parametrize(
    ("damage", "code", "lost_s"),
    [
        ("a bit", "accelerometer.damaged", 0.8),
        ("no head", "accelerometer.damaged", 0.8),
        ("zeros", "accelerometer.damaged", 0.8),
        ("bytes lost", "accelerometer.damaged", 0.8),
        ("bytes inserted", "accelerometer.damaged", 0.0),
        ("cut", "accelerometer.cut", 0.8),
    ],
)
def test_a_damaged_block_costs_itself(
    damage: str, code: str, lost_s: float, tmp_path: Path
) -> None:
    raw = bytearray(write_cwa(tmp_path / "a.cwa", STEPS).read_bytes())
    file = tmp_path / "b.cwa"
    file.write_bytes(blocks_changed(raw, damage))
    days = read_days(file)
    assert code in said(days)
    assert known_s(days) == pytest.approx(96.0 - lost_s, abs=0.1)
    assert code == "accelerometer.cut" or said(days)[code].startswith("1 damaged")


# GT3X: packets of 1 s


@pytest.mark.parametrize(
    ("damage", "code", "lost_s"),
    [
        ("a bit", "gt3x.checksum", 1),
        ("lost bytes", "gt3x.lost", 1),
        ("noise between", "gt3x.lost", 0),
    ],
)
def test_a_damaged_packet_costs_itself(damage: str, code: str, lost_s: int, tmp_path: Path) -> None:
    log = bytearray(log_of(steps(120, 30)))
    at = 40 * (len(log) // 120)
    if damage == "a bit":
        log[at + 60] ^= 0x10
    elif damage == "lost bytes":
        del log[at + 20 : at + 60]
    else:
        log[at:at] = b"\x55" * 33
    days = read_days(write_gt3x(tmp_path / "a.gt3x", bytes(log)))
    assert code in said(days)
    assert (days.duration_s, known_s(days)) == (120.0, 120.0 - lost_s)


# every reader: rows and columns that are partly unknown


def agd_with(statement: str) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        file = write_agd(folder / "a.agd", [(row, 1, 2) for row in range(40)])
        with sqlite3.connect(file) as base:
            base.execute(statement)
        base.close()
        return file

    return write


def text_as(name: str, text: str) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        file = folder / name
        file.write_text(text, encoding="utf-8")
        return file

    return write


def minute(row: int, pattern: str = "%Y-%m-%d %H:%M:%S") -> str:
    return (datetime(2024, 4, 3, 12) + timedelta(minutes=row)).strftime(pattern)


def table(head: str, row: str, bad: str) -> str:
    """Return forty rows, the sixth with ``bad`` in place of its number."""
    rows = (row.format(at=minute(n), n=bad if n == 5 else n) for n in range(40))
    return head + "\n" + "\n".join(rows) + "\n"


ACTILIFE_HEAD = (
    "--- Data Table File Created By ActiGraph GT3X+ date format M/d/yyyy ---\nStart Time 12:00:00\n"
    "Start Date 4/3/2024\nEpoch Period (hh:mm:ss) 00:01:00\nAxis1,Steps"
)
ACTIWARE_HEAD = '"Actiware Export File"\n\n"Line","Date","Time","Activity","Mobility"'
NO_TIMES = "\n".join(["{n},0"] * 40)
LONG_AWD = AWD + "".join(f"{row}\n" for row in range(40))
LONG_MTN = MTN.replace("15,22,0", ",".join(map(str, range(40))))


def gt3x_with_others(folder: Path) -> Path:
    log = log_of(steps(20, 30))
    heart_rate = packet(4, START_S, b"\x10\x10")
    return write_gt3x(folder / "a.gt3x", log + heart_rate * 3)


def cwa_damaged(folder: Path) -> Path:
    raw = bytearray(write_cwa(folder / "a.cwa", STEPS).read_bytes())
    raw[5000] ^= 1
    (folder / "b.cwa").write_bytes(raw)
    return folder / "b.cwa"


def bin_damaged(folder: Path) -> Path:
    head, pages = bin_pages(folder / "a.bin")
    pages[3] = shortened(pages[3])
    (folder / "b.bin").write_bytes(head + b"".join(pages))
    return folder / "b.bin"


PARTLY_UNKNOWN: dict[str, tuple[Callable[[Path], Path], str, str]] = {
    "table, cell": (text_as("a.csv", table("time,counts", "{at},{n}", "?")), "counts.cell", "1 of"),
    "table, column": (
        text_as("a.csv", table("time,counts,mood,steps", "{at},{n},x,1", "5")),
        "counts.columns", "2 of 4",
    ),
    "table, place": (
        text_as("a.csv", table("time,left_wrist,right_ear", "{at},{n},1", "5")),
        "counts.columns", "1 of 3",
    ),
    "table, light": (text_as("a.csv", table("time,counts,lux", "{at},1,{n}", "?")), "counts.cell",
                     "1 of"),
    "table, time": (
        text_as("a.csv", table("time,counts", "{at},1", "5").replace(minute(5), "noon")),
        "counts.time", "1 of",
    ),
    "ActiLife, cell": (text_as("a.csv", table(ACTILIFE_HEAD, "{n},0", "?")), "counts.cell", "1 of"),
    "ActiLife, column": (text_as("a.csv", table(ACTILIFE_HEAD, "{n},0", "5")), "counts.columns",
                         "1 of"),
    "ActiLife, no names": (
        text_as("a.csv", table(ACTILIFE_HEAD.rpartition("\n")[0], "{n},0,0", "5")),
        "counts.columns", "2 of",
    ),
    "Actiware, cell": (
        text_as("a.csv", table(ACTIWARE_HEAD, '"1","{at}","{n}","0"', "?").replace(" 1", '","1')),
        "counts.cell", "1 of",
    ),
    "Actiware, column": (text_as("a.csv", ACTIWARE_EN), "counts.columns", "2 of 8"),
    "GGIR, cell": (text_as("a.csv", table("timestamp,anglez,ENMO", "{at},{n},0.1", "?")),
                   "counts.cell", "1 of"),
    "GGIR, column": (text_as("a.csv", table("timestamp,anglez,ENMO,temp,HFEN", "{at},{n},0.1,1,1",
                                            "5")), "counts.columns", "2 of 5"),
    "AGD, cell": (agd_with("UPDATE data SET axis1 = 'x' WHERE axis1 = 5"), "counts.cell", "1 of"),
    "AGD, below 0": (agd_with("UPDATE data SET axis1 = -1 WHERE axis1 = 5"), "counts.cell", "1 of"),
    "AGD, time": (agd_with("UPDATE data SET dataTimestamp = 5 WHERE axis1 = 5"), "counts.cell",
                  "1 of"),
    "AGD, column": (agd_with("UPDATE data SET axis1 = 1"), "counts.columns", "2 columns"),
    "AWD, line": (text_as("a.awd", LONG_AWD + "what\n"), "counts.cell", "1 of"),
    "AWD, number": (text_as("a.awd", LONG_AWD + "3 , 5\n"), "awd.second_number", "1 of"),
    "MTN, value": (text_as("a.mtn", LONG_MTN.replace("33,", "x,")), "counts.cell", "1 of"),
    "MTN, below 0": (text_as("a.mtn", LONG_MTN.replace("33,", "-3,")), "counts.cell", "1 of"),
    "MTN, channel": (text_as("a.mtn", LONG_MTN.replace("<name>Light", "<name>Noise")),
                     "mtn.channels", "1 channels"),
    "GT3X, packets": (gt3x_with_others, "gt3x.packets", "3 packets"),
    "CWA, block": (cwa_damaged, "accelerometer.damaged", "1 damaged"),
    "BIN, page": (bin_damaged, "accelerometer.damaged", "1 damaged"),
}  # fmt: skip


@pytest.mark.parametrize("case", PARTLY_UNKNOWN)
def test_what_is_not_read_is_counted(case: str, tmp_path: Path) -> None:
    write, code, count = PARTLY_UNKNOWN[case]
    found = said(read_days(write(tmp_path)))
    assert code in found, found
    assert found[code].startswith(count)
    assert any(sign.isdigit() for sign in found[code])


# a zone in the file


@pytest.mark.parametrize(
    ("asked", "zone", "code"),
    [
        ("", "UTC+01:00", "days.zone_of_file"),
        ("Europe/Berlin", "Europe/Berlin", None),
        ("America/New_York", "America/New_York", "days.zone_contradicts"),
    ],
)
def test_the_zone_of_a_bin_and_of_a_gt3x(
    asked: str, zone: str, code: str | None, tmp_path: Path
) -> None:
    gt3x = write_gt3x(tmp_path / "a.gt3x", log_of(steps(20, 30)), extra="TimeZone: 01:00:00\r\n")
    for file in (write_bin(tmp_path / "a.bin", STEPS[:600]), gt3x):
        days = read_days(file, DayOptions(zone=asked))
        assert days.clock.zone == zone
        assert days.clock.start.isoformat().startswith("2024-01-31T12:00:00")
        found = {one for one in said(days) if one.startswith("days.")}
        assert found == ({code} if code else set())


@pytest.mark.parametrize(("share", "least_s"), [(0.95, 100), (0.5, 40)])
def test_a_gt3x_whose_copy_was_interrupted_is_read_up_to_there(
    share: float, least_s: int, tmp_path: Path
) -> None:
    whole = write_gt3x(tmp_path / "a.gt3x", log_of(steps(120, 30))).read_bytes()
    file = tmp_path / "b.gt3x"
    file.write_bytes(whole[: int(share * len(whole))])
    days = read_days(file)
    assert "gt3x.cut" in said(days)
    assert least_s <= days.duration_s < 120
    file.write_bytes(whole[:60])
    with pytest.raises(PsgkitError, match=r"cut off before .*Copy the file again"):
        read_days(file)


def test_a_zip_that_is_no_gt3x_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.gt3x"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.txt", "x")
    with pytest.raises(PsgkitError, match="no GT3X file"):
        read_days(file)
