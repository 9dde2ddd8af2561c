"""Small files of devices, written by hand from the descriptions of their formats."""

import io
import sqlite3
import struct
import zipfile
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

TICKS_AT_1970 = 621_355_968_000_000_000
START_S = 1_706_702_400  # 2024-01-31 12:00:00, as the device shows it


def packet(kind: int, time_s: int, payload: bytes) -> bytes:
    head = struct.pack("<BBIH", 0x1E, kind, time_s, len(payload))
    check = 0
    for byte in head + payload:
        check ^= byte
    return head + payload + bytes([~check & 0xFF])


def packed_12(samples: np.ndarray) -> bytes:
    """Return samples (n, 3) in x, y, z as 12-bit numbers in y, x, z."""
    values = np.asarray(samples)[:, [1, 0, 2]].ravel() & 0xFFF
    nibbles = np.stack((values >> 8, values >> 4 & 15, values & 15), axis=1).ravel()
    if len(nibbles) % 2:
        nibbles = np.append(nibbles, 0)
    return bytes((nibbles[0::2] << 4 | nibbles[1::2]).astype(np.uint8))


def plain_16(samples: np.ndarray) -> bytes:
    return np.asarray(samples).astype("<i2").tobytes()


def steps(seconds: int, rate: int, seed: int = 0) -> np.ndarray:
    """Return numbers of a device, shape (seconds, rate, 3)."""
    return np.random.default_rng(seed).integers(-2048, 2048, (seconds, rate, 3))


def log_of(samples: np.ndarray, *, kind: int = 26, times_s: Sequence[int] | None = None) -> bytes:
    times = times_s if times_s is not None else range(START_S, START_S + len(samples))
    pack = plain_16 if kind == 26 else packed_12
    return b"".join(
        packet(kind, at, pack(second)) for at, second in zip(times, samples, strict=True)
    )


def write_gt3x(path: Path, log: bytes, *, rate: int = 30, extra: str = "") -> Path:
    info = (
        f"Serial Number: MOS2A00\r\nSample Rate: {rate}\r\nSubject Name: Secret Person\r\n"
        f"Start Date: {TICKS_AT_1970 + START_S * 10_000_000}\r\n{extra}"
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("info.txt", info)
        archive.writestr("log.bin", log)
    return path


def write_agd(path: Path, counts: Sequence[Sequence[int]], epoch_s: object = 60) -> Path:
    path.unlink(missing_ok=True)
    with sqlite3.connect(path) as base:
        base.execute(
            "CREATE TABLE settings (settingID INTEGER, settingName TEXT, settingValue TEXT)"
        )
        base.executemany(
            "INSERT INTO settings VALUES (?, ?, ?)",
            [(1, "devicename", "wGT3XBT"), (2, "epochlength", str(epoch_s)),
             (3, "subjectname", "Secret Person")],
        )  # fmt: skip
        base.execute(
            "CREATE TABLE data (dataTimestamp INTEGER, axis1 INTEGER, axis2 INTEGER, axis3 INTEGER,"
            " steps INTEGER, lux INTEGER, inclineOff INTEGER)"
        )
        rows = [
            (TICKS_AT_1970 + (START_S + 60 * row) * 10_000_000, *axes, 0, 7, 0)
            for row, axes in enumerate(counts)
        ]
        base.executemany("INSERT INTO data VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
    base.close()
    return path


MTN = """<?xml version="1.0" encoding="UTF-8"?><motionfile><log2 major="2" minor="1">
 <change user="x" time="2024-05-24 10:49:07"><property><name>+UserID</name>
  <content>Secret Person</content></property></change>
 <change><property><name>=Device</name><content>MW8</content></property></change>
 <change><property><name>+Position</name><content>Wrist (Right)</content></property></change>
 <change><property><name>=StartTime</name><content>2024-01-31 12:00:00</content></property></change>
 <change><channel><name>motion</name><units>Triaxial-Counts</units><epoch>5</epoch>
  <offset>0</offset><data encoding="text">0,3,7,
 15,22,0</data></channel></change>
 <change><channel><name>Light</name><units>lux</units><epoch>5</epoch><offset>0</offset>
  <data encoding="text">1,2,3,4,5,6</data></channel></change>
</log2></motionfile>
"""

ACTIWARE_EN = """"Actiware Export File  (Version 05.00 )"

"-------------------- Subject Properties--------------------"

"Identity:","Secret Person"
"Date of Birth:","01/01/1911"

"----------------- Actiwatch Data Properties ----------------"

"Epoch Length:","30","seconds",""

"--------------------- Marker/Score List --------------------"

"Line","Date","Time","Marker","Interval Status",

"1","31/01/2024","21:00:00","Marker!","ACTIVE",

"-------------------- Epoch-by-Epoch Data -------------------"

"Line:","Line Number"

"Line","Date","Time","Off-Wrist Status","Activity","Marker","White Light","Sleep/Wake",

"1","31/01/2024","12:00:00","0","9","0","0.01","NaN",
"2","31/01/2024","12:00:30","0","0","1","0.02","1",
"3","31/01/2024","12:01:00","1","NaN","0","0.03","1",
"4","31/01/2024","12:01:30","0","5","0","1.50","1",
"""

ACTIWARE_DE = """"Actiware-Exportdatei (Version 05.00 )"

"Identität:","Secret Person"

"Zeile","Datum","Zeit","Status „Nicht am Handgelenk“","Aktivität","Markierung","Weißes Licht"

1,31.01.2024,12:00:00,0,9,0,"184,13"
2,31.01.2024,12:00:30,0,0,1,"0,02"
3,31.01.2024,12:01:00,1,kZ,0,"0,03"
4,31.01.2024,12:01:30,0,5,0,"1,50"
"""

AWD = "Secret Person\n31-Jan-2024\n12:00\n 4 \n57\nV665936\nF\n9\n0 M\n7\n"


def as_bytes(text: str) -> bytes:
    return io.BytesIO(text.encode()).read()


def _stamp(at: datetime) -> int:
    year = at.year - 2000
    return year << 26 | at.month << 22 | at.day << 17 | at.hour << 12 | at.minute << 6 | at.second


def write_cwa(path: Path, samples: np.ndarray, gap_s: int = 0, axes: str = "three") -> Path:
    """Write steps of 1/256 g at 100 Hz, 80 a block (or 40); half of them ``gap_s`` later."""
    start, rate, n = datetime(2024, 1, 31, 12), 100, 40 if "six" in axes else 80
    code = {"three": 0x32, "three of 10 bits": 0x30, "six of 16 bits": 0x62}[axes]
    head = bytearray(1024)
    struct.pack_into("<2sHBHIH", head, 0, b"MD", 1020, 0x17, 1234, 1, 0)
    head[36] = 0x4A
    blocks = [bytes(head)]
    total = len(samples) // n
    for number in range(total):
        at = number * n / rate + (gap_s if number >= total // 2 else 0)
        offset = -round((at - int(at)) * rate)
        moment = _stamp(start + timedelta(seconds=int(at)))
        block = bytearray(512)
        struct.pack_into(
            "<2sHHIIIHHBBBBhH", block, 0, b"AX", 508, 0, 1, number, moment, 100, 300, 0, 150, 0x4A,
            code, offset, n
        )  # fmt: skip
        payload = _cwa_payload(samples[number * n : (number + 1) * n], code)
        block[30 : 30 + len(payload)] = payload
        check = -sum(struct.unpack("<255H", bytes(block[:510]))) & 0xFFFF
        struct.pack_into("<H", block, 510, check)
        blocks.append(bytes(block))
    path.write_bytes(b"".join(blocks))
    return path


def _cwa_payload(samples: np.ndarray, code: int) -> bytes:
    """Return samples of one block: plain, packed into 32 bits each, or behind a gyroscope's."""
    if code == 0x30:
        x, y, z = (samples.T & 0x3FF).astype("<u4")
        return (x | y << 10 | z << 20).astype("<u4").tobytes()
    turns = np.zeros_like(samples)
    return (np.hstack((turns, samples)) if code == 0x62 else samples).astype("<i2").tobytes()


_BIN_HEAD = """Device Identity
Device Unique Serial Code:012967
Device Type:GENEActiv
Device Model:1.1
Device Firmware Version:Ver4.08b
Calibration Date:2012-07-10 16:14:43:000

Device Capabilities
Accelerometer Range:-8 to 8
Accelerometer Resolution:0.0039
Accelerometer Units:g
Light Meter Range:0 to 5000
Light Meter Resolution:5
Light Meter Units:lux
Temperature Sensor Range:0 to 60
Temperature Sensor Resolution:0.25
Temperature Sensor Units:deg. C

Configuration Info
Measurement Frequency:100 Hz
Measurement Period:168 Hours
Start Time:2024-01-31 12:00:00:000
Time Zone:GMT +01:00

Trial Info
Study Centre:
Study Code:
Investigator ID:
Exercise Type:
Config Operator ID:
Config Time:2024-01-31 11:00:00:000
Config Notes:
Extract Operator ID:
Extract Time:2024-02-07 11:00:00:000
Extract Notes:

Subject Info
Device Location Code:left wrist
Subject Code:Secret Person
Date of Birth:1900-1-1
Sex:
Height:
Weight:
Handedness Code:
Subject Notes:

Calibration Data
x gain:25600
x offset:0
y gain:25600
y offset:0
z gain:25600
z offset:0
Volts:300
Lux:800

Memory Status
Number of Pages:{n}

"""
_BIN_PAGE = """Recorded Data
Device Unique Serial Code:012967
Sequence Number:{number}
Page Time:{moment}
Unassigned:
Temperature:25.0
Battery voltage:4.1
Device Status:Recording
Measurement Frequency:100.0
{samples}
"""


def write_bin(path: Path, samples: np.ndarray) -> Path:
    """Write steps of 1/256 g at 100 Hz, 300 a page."""
    start = datetime(2024, 1, 31, 12)
    pages = len(samples) // 300
    parts = [_BIN_HEAD.format(n=pages)]
    for number in range(pages):
        page = samples[number * 300 : (number + 1) * 300] & 0xFFF
        cells = "".join(f"{x:03X}{y:03X}{z:03X}{100 << 2:03X}" for x, y, z in page.tolist())
        moment = (start + timedelta(seconds=3 * number)).strftime("%Y-%m-%d %H:%M:%S:000")
        parts.append(_BIN_PAGE.format(number=number, moment=moment, samples=cells))
    path.write_bytes("".join(parts).replace("\n", "\r\n").encode())
    return path
