"""GT3X: samples to the bit, gaps, damage, and archives that mean harm."""

import zipfile
from pathlib import Path

import numpy as np
import pytest
from device_maker import (
    START_S,
    TICKS_AT_1970,
    log_of,
    packed_12,
    packet,
    steps,
    write_gt3x,
)
from hypothesis import given
from hypothesis import strategies as st
from rounds import cases

from psgkit.core.days.day_recording import DayRecording
from psgkit.errors import InputFileError, PsgkitError
from psgkit.io.actigraphy import gt3x_log
from psgkit.io.actigraphy.read import DayOptions, read_days


def samples_g(days: DayRecording) -> np.ndarray:
    assert days.recording is not None
    return np.stack([one.samples[:] for one in days.recording.channels], axis=1)


def codes(days: DayRecording) -> list[str]:
    return [one.code for one in days.findings if one.code != "days.zone"]


def test_the_example_of_the_description_of_the_format_is_read_to_the_digit(tmp_path: Path) -> None:
    example = bytes.fromhex("00 60 08 EB D0 07 00 9E BF 00 70 08 EB F0".replace(" ", ""))
    file = write_gt3x(tmp_path / "a.gt3x", packet(0, START_S, example), rate=30)
    with zipfile.ZipFile(file, "a") as archive:
        assert archive.namelist() == ["info.txt", "log.bin"]
    days = read_days(
        write_gt3x(file, packet(0, START_S, example), extra="Acceleration Scale: 341.0")
    )
    found = samples_g(days)[:3].round(3)
    assert found.tolist() == pytest.approx(
        np.array([[0.023, 0.018, -0.947], [0.026, 0.021, -0.941], [0.023, 0.021, -0.941]])
    )
    assert np.isnan(samples_g(days)[3:]).all()
    assert codes(days) == ["gt3x.size"]


@pytest.mark.parametrize("kind", [0, 26])
@pytest.mark.parametrize("rate", [30, 100])
def test_samples_of_both_kinds_come_back_to_the_bit(tmp_path: Path, kind: int, rate: int) -> None:
    made = steps(70, rate)
    days = read_days(
        write_gt3x(tmp_path / "a.gt3x", log_of(made, kind=kind), rate=rate),
        DayOptions(zone="Europe/Berlin"),
    )
    assert np.array_equal(np.rint(samples_g(days) * 256), made.reshape(-1, 3))
    assert days.clock.start.isoformat() == "2024-01-31T12:00:00+01:00"
    assert days.duration_s == 70.0
    assert not codes(days)


def test_other_packets_and_zeros_between_are_passed_over(tmp_path: Path) -> None:
    made = steps(6, 30)
    parts = [log_of(made[row : row + 1], times_s=[START_S + row]) for row in range(6)]
    battery, metadata = packet(2, START_S, b"\x01\x10"), packet(6, START_S, b'{"Name":"x"}' * 9)
    usb = packet(26, START_S + 2, b"\x01")
    light = [
        packet(5, START_S + at, value.to_bytes(2, "little")) for at, value in ((0, 9), (3, 11))
    ]
    scale = packet(21, START_S, bytes.fromhex("0000370000004009"))
    log = metadata + scale + parts[0] + battery + light[0] + parts[1] + b"\0" * 7 + parts[2] + usb
    days = read_days(write_gt3x(tmp_path / "a.gt3x", log + light[1] + b"".join(parts[3:])))
    assert np.array_equal(np.rint(samples_g(days) * 256), made.reshape(-1, 3))
    track = days.track("light")
    assert track is not None
    assert track.values.tolist() == [10.0]
    assert not codes(days)


def test_seconds_that_are_missing_are_gaps_and_nothing_is_joined(tmp_path: Path) -> None:
    times = [START_S + at for at in (0, 1, 2, 10, 11)]
    days = read_days(write_gt3x(tmp_path / "a.gt3x", log_of(steps(5, 30), times_s=times)))
    assert days.recording is not None
    assert [(one.start_s, one.duration_s) for one in days.recording.segments] == [
        (0.0, 3.0),
        (10.0, 2.0),
    ]
    assert codes(days) == ["gt3x.gap"]
    assert days.duration_s == 12.0


def test_damage_costs_the_packets_it_hits_and_is_counted(tmp_path: Path) -> None:
    made = steps(40, 30)
    log = bytearray(log_of(made))
    size = 180 + 9
    log[10 * size + 50] ^= 0x40  # within a payload
    log[20 * size] = 0x55  # a separator
    days = read_days(write_gt3x(tmp_path / "a.gt3x", bytes(log)))
    assert {"gt3x.checksum", "gt3x.lost", "gt3x.gap"} <= set(codes(days))
    kept = np.delete(made, [10, 20], axis=0).reshape(-1, 3)
    assert np.array_equal(np.rint(samples_g(days) * 256), kept)


def test_repeated_and_earlier_seconds_are_left_out(tmp_path: Path) -> None:
    times = [START_S + at for at in (0, 1, 1, 0, 2)]
    days = read_days(write_gt3x(tmp_path / "a.gt3x", log_of(steps(5, 30), times_s=times)))
    assert days.duration_s == 3.0
    assert codes(days) == ["gt3x.order"]


def test_old_files_hold_packed_samples_only(tmp_path: Path) -> None:
    made = steps(20, 40)
    file = tmp_path / "old.gt3x"
    with zipfile.ZipFile(file, "w") as archive:
        ticks = TICKS_AT_1970 + START_S * 10_000_000
        archive.writestr("info.txt", f"Sample Rate: 40\nStart Date: {ticks}\nSerial Number: NEO1\n")
        archive.writestr("activity.bin", packed_12(made.reshape(-1, 3)))
    days = read_days(file)
    assert np.array_equal(np.rint(samples_g(days) * 341), made.reshape(-1, 3))
    assert days.clock.start.hour == 12


def test_the_place_comes_from_the_file_and_the_name_of_the_person_does_not(tmp_path: Path) -> None:
    extra = "Side: Left\r\nLimb: Wrist\r\nAcceleration Min: -8.0\r\nAcceleration Max: 8.0\r\n"
    days = read_days(write_gt3x(tmp_path / "a.gt3x", log_of(steps(5, 30)), extra=extra))
    assert days.recording is not None
    one = days.recording.channels[0]
    assert (one.place, one.axis, one.limits) == ("left_wrist", "x", (-8.0, 8.0))
    assert "Secret" not in repr(days)


@pytest.mark.parametrize(
    ("info", "match"),
    [
        ("Sample Rate: 0\n", "10 to 256 Hz"),
        ("Sample Rate: 99999999999\n", "10 to 256 Hz"),
        ("nothing\n", "Sample Rate"),
    ],
)
def test_a_rate_that_no_device_has_is_refused(tmp_path: Path, info: str, match: str) -> None:
    file = tmp_path / "a.gt3x"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("info.txt", info)
        archive.writestr("log.bin", log_of(steps(5, 30)))
    with pytest.raises(InputFileError, match=match):
        read_days(file)


def test_a_log_without_samples_a_year_of_days_and_a_plain_zip_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match="no second of samples"):
        read_days(write_gt3x(tmp_path / "a.gt3x", packet(2, START_S, b"\x01\x10")))
    times = [START_S, START_S + 500 * 86400]
    with pytest.raises(InputFileError, match="at most 400"):
        read_days(write_gt3x(tmp_path / "a.gt3x", log_of(steps(2, 30), times_s=times)))
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr("x.txt", "x")
    with pytest.raises(InputFileError, match="no GT3X file"):
        read_days(tmp_path / "b.zip")


def test_an_archive_that_unpacks_to_too_much_is_refused_before_it_fills_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gt3x_log, "MOST_LOG_BYTES", 100_000)
    file = write_gt3x(tmp_path / "bomb.gt3x", b"\0" * 10_000_000)
    assert file.stat().st_size < 100_000
    with pytest.raises(InputFileError, match="when unpacked"):
        read_days(file)


def test_slices_are_read_alike_in_any_order(tmp_path: Path) -> None:
    made = steps(2500, 30, seed=4)
    days = read_days(write_gt3x(tmp_path / "a.gt3x", log_of(made, kind=0)))
    assert days.recording is not None
    axis = days.recording.channels[1].samples
    whole = made.reshape(-1, 3)[:, 1] / 256
    for first, last in ((74000, 75000), (0, 7), (30000, 62000), (74999, 80000), (5, 5)):
        assert axis[first:last] == pytest.approx(whole[first:last])
    assert len(axis) == 75000


def test_more_packets_than_a_device_writes_are_refused_before_they_fill_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    light, other = (packet(kind, START_S, b"\x05\x00") for kind in (5, 2))
    file = write_gt3x(tmp_path / "a.gt3x", log_of(steps(2, 30)) + 40 * (light + other))
    assert read_days(file).duration_s == 2.0
    monkeypatch.setattr(gt3x_log, "MOST_PACKETS", 81)
    with pytest.raises(InputFileError, match=r"a\.gt3x: found more than 81 packets"):
        read_days(file)


@cases(60)
@given(cut=st.integers(0, 4000), at=st.integers(0, 4000), noise=st.binary(max_size=300))
def test_any_damage_ends_in_a_recording_or_in_one_typed_error(
    tmp_path: Path, cut: int, at: int, noise: bytes
) -> None:
    log = bytearray(log_of(steps(20, 30)))
    log[at : at + len(noise)] = noise
    file = tmp_path / "a.gt3x"
    for content in (bytes(log)[:cut], bytes(log)):
        write_gt3x(file, content)
        try:
            found = samples_g(read_days(file))
        except PsgkitError:
            continue
        assert found.shape[1] == 3
    raw = bytearray(file.read_bytes())
    raw[at % len(raw) :] = raw[at % len(raw) : cut] + noise
    file.write_bytes(bytes(raw))
    try:
        samples_g(read_days(file))
    except PsgkitError:
        return
