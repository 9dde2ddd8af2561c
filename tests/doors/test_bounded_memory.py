"""Memory stays small, whatever a header or a table claims."""

import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from psgkit.io.edf.samples import EdfSamples

if sys.platform != "linux":
    pytest.skip("peak memory is read from /proc", allow_module_level=True)

MB_OF_CHECK = 200
MB_OF_A_TABLE = 300
MB_OF_A_MILLION_ROWS = 150
HUGE_MB = 3000
"""Address space of the child: an attack must not fill the machine that tests it."""

CHILD = """
import resource, sys
from pathlib import Path
from psgkit import cli
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv.pop(1)) << 20,) * 2)
sys.argv = ["psgkit", *sys.argv[1:]]
try:
    code = cli.main() or 0
except SystemExit as end:
    code = end.code or 0
"""
PEAK = """
lines = Path("/proc/self/status").read_text().splitlines()
peak = next(line for line in lines if line.startswith("VmHWM"))
print(f"\\ncode {code} peak_kb {peak.split()[1]}")
"""
MB_OF_PROGRAM = 80
REFUSED = """
import sys
from pathlib import Path
from psgkit.errors import TableError
from psgkit.io.actigraphy.read import read_days
try:
    code = len(read_days(sys.argv[2]).counts[0])
except TableError:
    code = 0
"""
READ = """
import sys
from pathlib import Path
from psgkit.io.actigraphy.read import read_days
code = int(len(read_days(sys.argv[2]).counts[0]) != int(sys.argv[3]))
"""


def peak_mb(*command: str, child: str = CHILD) -> tuple[int, float, str]:
    """Return exit code and peak memory of a command, and what it wrote."""
    done = subprocess.run(
        [sys.executable, "-c", child + PEAK, str(HUGE_MB), *command],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    said = done.stdout + done.stderr
    assert "peak_kb" in done.stdout, said
    words = done.stdout.rsplit("code ", 1)[1].split()
    return int(words[0]), int(words[2]) / 1024, said


def sparse_edf(
    path: Path, labels: Sequence[str], per_record: Sequence[int], n_records: int, **fixed: str
) -> Path:
    """Write a header and a hole in place of the samples."""
    n = len(labels)

    def row(texts: Sequence[object], width: int) -> bytes:
        return b"".join(str(text).ljust(width).encode() for text in texts)

    head = b"0".ljust(8) + row(["X X X X", "Startdate X X X X"], 80) + b"01.01.2422.00.00"
    head += row([256 * (n + 1)], 8) + row([fixed.get("reserved", "")], 44)
    head += row([n_records, fixed.get("record_s", "1")], 8) + row([n], 4) + row(labels, 16)
    head += row([""] * n, 80) + row(["uV"] * n, 8)
    for limit in (-1000, 1000, -32768, 32767):
        head += row([limit] * n, 8)
    head += row([""] * n, 80) + row(per_record, 8) + row([""] * n, 32)
    with path.open("wb") as file:
        file.write(head)
        file.truncate(len(head) + 2 * sum(per_record) * n_records)
    return path


@pytest.mark.parametrize(
    ("labels", "per_record", "n_records", "fixed"),
    [
        (["EMG LAT"], [10_000_000], 60, {"record_s": "1000"}),
        (["EMG LAT", "EMG RAT"], [90_000_000, 90_000_000], 60, {"record_s": "99999"}),
        (["EMG LAT", "EDF Annotations"], [200, 10_000_000], 8, {"reserved": "EDF+C"}),
        (["EMG LAT", "EDF Annotations"], [1, 4], 3_000_000, {"reserved": "EDF+C"}),
        (["EMG LAT", "EDF Annotations"], [1, 4], 3_000_000, {"reserved": "EDF+D"}),
    ],
    ids=["long records", "longest records", "long annotations", "many records", "no stamps"],
)
def test_check_of_a_sparse_recording(
    tmp_path: Path, labels: list[str], per_record: list[int], n_records: int, fixed: dict[str, str]
) -> None:
    path = sparse_edf(tmp_path / "night.edf", labels, per_record, n_records, **fixed)
    code, peak, said = peak_mb("check", str(path))
    assert code in (0, 3), said
    assert peak < MB_OF_CHECK, said


@pytest.mark.parametrize("sample_bytes", [2, 3])
def test_parts_of_long_records_are_the_samples_of_short_ones(
    tmp_path: Path, sample_bytes: int
) -> None:
    n = 2**18 + 5
    raw = np.random.default_rng(1).integers(0, 256, 3 * n * sample_bytes, dtype=np.uint8)
    path = tmp_path / "samples"
    path.write_bytes(raw.tobytes())

    def column(per_record: int) -> EdfSamples:
        return EdfSamples(
            path=path,
            first_byte=0,
            record_bytes=per_record * sample_bytes,
            n_records=3 * n // per_record,
            per_record=per_record,
            sample_bytes=sample_bytes,
            gain=0.5,
            offset=1.0,
        )

    long, short = column(n), column(3)
    for part in (slice(n - 7, n + 9), slice(None), slice(2 * n - 3, 5, -4), slice(5, 5)):
        assert np.array_equal(long[part], short[part])


def test_two_times_far_apart_take_no_memory_for_the_gap(tmp_path: Path) -> None:
    start = np.datetime64("2024-01-01T00:00:00")
    seconds = [*range(2500), 50 * 86400]
    path = tmp_path / "week.csv"
    path.write_text("time,counts\n" + "".join(f"{start + second},5\n" for second in seconds))
    code, peak, said = peak_mb("days", str(path), "--out", str(tmp_path / "out"))
    assert code == 3
    assert peak < MB_OF_A_TABLE, said
    assert "epochs of 1 s" in said
    assert "% gaps" in said


def test_millions_of_tiny_annotations_take_little_memory(tmp_path: Path) -> None:
    samples_n, notes_n, per_note = 3600, 10_000_000, b"+9\x14A\x14\x00"
    path = sparse_edf(
        tmp_path / "night.edf",
        ["EMG LAT", "EDF Annotations"],
        [samples_n, notes_n],
        1,
        reserved="EDF+C",
        record_s="3600",
    )
    n = 2 * notes_n // len(per_note) - 1
    with path.open("r+b") as file:
        file.seek(256 * 3 + 2 * samples_n)
        file.write(b"+0\x14\x14\x00" + per_note * n)
    code, peak, said = peak_mb("check", str(path))
    assert code in (0, 3), said
    assert peak < MB_OF_CHECK, said
    assert f"{n} annotations, more than" in " ".join(said.split())


def annotated_edf(path: Path, notes: bytes, notes_n: int, n_records: int = 1) -> Path:
    """Write records that each hold a start, ``notes`` and padding in ``notes_n`` samples."""
    sparse_edf(path, ["EMG LAT", "EDF Annotations"], [4, notes_n], n_records, reserved="EDF+C")
    with path.open("r+b") as file:
        for number in range(n_records):
            file.seek(256 * 3 + number * 2 * (4 + notes_n) + 8)
            file.write(b"+%d\x14\x14\x00" % number + notes)
    return path


STAGE = b"+9\x14Sleep stage W\x14\x00"
LONG_LISTS = {
    "tiny": (b"+9\x14A\x14\x00" * 3_000_000, "3000001 in one data record"),
    "stages": (STAGE * 900_000, "900001 in one data record"),
    "empty": (b"+9\x14\x14\x00" * 3_000_000, "3000001 in one data record"),
    "of one time": (b"+9\x14" + b"A\x14" * 8_000_000 + b"\x00", "8000001 in one data record"),
    "without text": (b"+9\x14" + b"\x14" * 16_000_000 + b"\x00", "16000001 in one data record"),
    "broken": (b"A\x00" * 8_000_000, "8000001 in one data record"),
}


@pytest.mark.parametrize(("notes", "words"), LONG_LISTS.values(), ids=LONG_LISTS)
def test_an_anonymised_copy_of_a_record_of_millions_of_annotations_is_refused(
    tmp_path: Path, notes: bytes, words: str
) -> None:
    path = annotated_edf(tmp_path / "night.edf", notes, len(notes) // 2 + 9)
    code, peak, said = peak_mb("check", str(path), "--anonymise", str(tmp_path / "out"))
    assert code == 3, said
    assert peak < MB_OF_A_TABLE, said
    flat = " ".join(said.split())
    assert f"night.edf: annotations: found {words}" in flat
    assert "wanted at most 250000. Export the recording with shorter data records" in flat
    assert [*(tmp_path / "out").iterdir()] == []


@pytest.mark.parametrize(
    ("labels", "per_record", "words"),
    [
        (["EMG LAT", "EDF Annotations"], [4, 90_000_000], "180000000 bytes in one data record"),
        (["EMG LAT", "EMG RAT"], [90_000_000, 4], "data records: found 180000008 bytes"),
    ],
    ids=["annotations", "samples"],
)
def test_an_anonymised_copy_of_huge_records_is_refused(
    tmp_path: Path, labels: list[str], per_record: list[int], words: str
) -> None:
    path = sparse_edf(
        tmp_path / "night.edf", labels, per_record, 4, reserved="EDF+C", record_s="9999"
    )
    code, peak, said = peak_mb("check", str(path), "--anonymise", str(tmp_path / "out"))
    assert code == 3, said
    assert peak < MB_OF_CHECK, said
    assert words in " ".join(said.split())
    assert not (tmp_path / "out").exists()


COPIED = {
    "2 million in many records": (b"+9\x14A\x14\x00" * 100, 400, 20_000),
    "most in one record": (STAGE * 249_990, len(STAGE) * 125_000, 1),
    "padding": (STAGE, 15_000_000, 1),
    "a long text": (b"+9\x14" + b"Sleep " * 5_000_000 + b"\x14\x00", 15_000_100, 1),
    "a long onset": (b"+" + b"0" * 20_000_000 + b"9\x14A\x14\x00", 10_000_100, 1),
}


@pytest.mark.parametrize(("notes", "notes_n", "n_records"), COPIED.values(), ids=COPIED)
def test_an_anonymised_copy_takes_little_memory(
    tmp_path: Path, notes: bytes, notes_n: int, n_records: int
) -> None:
    path = annotated_edf(tmp_path / "night.edf", notes, notes_n, n_records)
    out = tmp_path / "out"
    code, peak, said = peak_mb("check", str(path), "--anonymise", str(out), "--keep-names")
    assert code in (0, 3), said
    assert peak < MB_OF_A_TABLE, said
    copy = out / "night.edf"
    assert copy.stat().st_size == path.stat().st_size
    content = copy.read_bytes()
    assert content.count(b"Sleep stage W\x14\x00") == notes.count(STAGE)
    assert b"\x14A\x14" not in content


def seconds_table(path: Path, n: int, row: str) -> Path:
    """Write a table with a row a second, in which ``row`` has places for date, clock and number."""
    start = datetime(2024, 1, 1, 12)
    with path.open("w") as file:
        file.write("date,time,axis1,axis2,axis3,lux\n" if row.count(",") > 1 else "time,counts\n")
        for number in range(n):
            at = start + timedelta(seconds=number)
            file.write(row.format(at=at, n=number % 97 * (number // 3600 % 24 < 15)))
    return path


ROWS = {
    "ISO": "{at:%Y-%m-%dT%H:%M:%S},{n}\n",
    "ISO with zone": "{at:%Y-%m-%dT%H:%M:%S}+01:00,{n}\n",
    "date and clock": "{at:%d.%m.%Y},{at:%H:%M:%S},{n},1,2,3\n",
    "commas": "{at:%Y-%m-%dT%H:%M:%S},{n} \u20ac\n",
}


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_a_table_of_counts_takes_a_few_times_its_size(tmp_path: Path, row: str) -> None:
    n = 250_000
    path = seconds_table(tmp_path / "week.csv", n, row)
    readable = "\u20ac" not in row
    code, peak, said = peak_mb(str(path), str(n), child=READ if readable else REFUSED)
    assert code == 0, said
    size_mb = path.stat().st_size / 2**20
    # as objects of Python it took 28 times its size
    assert peak < MB_OF_PROGRAM + 8 * size_mb, said


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("row", [ROWS["ISO"], ROWS["date and clock"]], ids=["ISO", "clock"])
def test_days_of_a_table_of_63_mb_take_less_than_300(tmp_path: Path, row: str) -> None:
    path = seconds_table(
        tmp_path / "week.csv", 2_900_000 if row.count(",") == 1 else 2_300_000, row
    )
    code, peak, said = peak_mb("days", str(path))
    assert code == 0, said
    assert peak < MB_OF_A_TABLE, said


ATTACKS = {
    "one line": ("n.csv", "time,counts\n" + "x" * (2**20 + 9), "a line of more than"),
    "columns": ("n.csv", "time,counts" + ",a" * 1000, "1002 columns"),
    "rows of a night": ("n.csv", "onset,duration,stage\n" + "0,30,W\n" * 100_001, "100002 lines"),
    "a list": ("n.txt", "W\n" * 100_001, "100001 lines"),
    "XML": ("n.xml", "<PSGAnnotation>" + "<a/>" * 300_001, "more than 300000 elements"),
    "JSON": (
        "n.json",
        '{"schema": "psgkit.night/1", "a": [' + "[]," * 300_001,
        "lists and objects",
    ),
    "large": ("n.json", '{"schema": "psgkit.night/1", "a": "' + "x" * 2**24, "more than 16 MB"),
}


@pytest.mark.parametrize(("name", "text", "words"), ATTACKS.values(), ids=ATTACKS)
def test_what_would_take_much_memory_is_refused_with_its_bound(
    tmp_path: Path, name: str, text: str, words: str
) -> None:
    path = tmp_path / name
    path.write_text(text)
    code, peak, said = peak_mb("days" if "time" in text[:200].lower() else "score", str(path))
    assert code == 3, said
    assert words in " ".join(said.split())
    assert peak < MB_OF_A_TABLE, said


@pytest.mark.slow  # a million rows are read one by one
def test_a_million_epochs_of_an_agd_take_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "week.agd"
    first, second, n = 638_396_640_000_000_000, 10_000_000, 1_000_000
    with closing(sqlite3.connect(path)) as base:
        base.execute("CREATE TABLE settings (settingName TEXT, settingValue TEXT)")
        base.execute("INSERT INTO settings VALUES ('epochlength', '1')")
        base.execute(
            "CREATE TABLE data "
            "(dataTimestamp INTEGER, axis1 INTEGER, axis2 INTEGER, axis3 INTEGER, lux INTEGER)"
        )
        rows = ((first + second * i, i % 97, i % 89, i % 83, i % 79) for i in range(n))
        base.executemany("INSERT INTO data VALUES (?, ?, ?, ?, ?)", rows)
        base.commit()
    code, peak, said = peak_mb(str(path), str(n), child=READ)
    assert code == 0, said
    assert peak < MB_OF_A_MILLION_ROWS, said
