"""Axivity CWA and GENEActiv BIN: as actfast reads them, in a process of its own."""

import gc
import io
import json
import tempfile
from pathlib import Path

import numpy as np
import pytest
from device_maker import write_bin, write_cwa

from psgkit.core.days.day_recording import DayRecording
from psgkit.errors import InputFileError
from psgkit.io.actigraphy import accelerometer_child
from psgkit.io.actigraphy.read import DayOptions, read_days

STEPS = np.random.default_rng(0).integers(-256, 256, (8000, 3))
BERLIN = DayOptions(zone="Europe/Berlin")


def samples_g(days: DayRecording) -> np.ndarray:
    assert days.recording is not None
    return np.stack([one.samples[:] for one in days.recording.channels], axis=1)


def test_axivity_samples_come_back_on_an_even_grid_in_local_time(tmp_path: Path) -> None:
    days = read_days(write_cwa(tmp_path / "a.cwa", STEPS), BERLIN)
    assert samples_g(days) == pytest.approx(STEPS / 256, abs=2e-3)
    assert days.clock.start.isoformat() == "2024-01-31T12:00:00+01:00"
    assert days.duration_s == 80.0
    assert days.device == "Axivity"
    assert {one.name for one in days.tracks} == {"temperature"}


def test_a_gap_of_an_axivity_is_a_gap(tmp_path: Path) -> None:
    days = read_days(write_cwa(tmp_path / "a.cwa", STEPS, gap_s=600), BERLIN)
    assert days.recording is not None
    assert [one.code for one in days.findings] == ["skdh.gap"]
    second = days.recording.segments[-1]
    assert second.start_s == pytest.approx(640.0, abs=0.1)
    assert samples_g(days)[-4000:] == pytest.approx(STEPS[-4000:] / 256, abs=0.05)


def test_geneactiv_has_its_place_light_and_temperature_and_no_name(tmp_path: Path) -> None:
    days = read_days(write_bin(tmp_path / "a.bin", STEPS[:7800]), BERLIN)
    assert samples_g(days) == pytest.approx(STEPS[:7800] / 256, abs=2e-3)
    assert days.recording is not None
    assert days.recording.channels[0].place == "left_wrist"
    temperature = days.track("temperature")
    assert temperature is not None
    assert temperature.values.tolist() == [25.0, 25.0]
    assert days.track("light") is not None
    assert "Secret" not in repr(days)


def test_the_columns_are_removed_with_the_recording(tmp_path: Path) -> None:
    before = set(Path(tempfile.gettempdir()).glob("psgkit-*"))
    days = read_days(write_cwa(tmp_path / "a.cwa", STEPS), BERLIN)
    new = set(Path(tempfile.gettempdir()).glob("psgkit-*")) - before
    assert new
    del days
    gc.collect()
    assert not any(one.exists() for one in new)


@pytest.mark.parametrize(("end", "gap_s"), [("cwa", 0), ("cwa", 600), ("bin", 0)])
def test_pieces_give_the_same_columns_as_the_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: str, gap_s: int
) -> None:
    file = tmp_path / f"a.{end}"
    made = write_cwa(file, STEPS, gap_s) if end == "cwa" else write_bin(file, STEPS[:7800])
    folders = [tmp_path / name for name in ("whole", "pieces")]
    for folder in folders:
        folder.mkdir()
        accelerometer_child.main(end, str(made), str(folder))
        monkeypatch.setattr(accelerometer_child, "CWA_BLOCKS", 7)
        monkeypatch.setattr(accelerometer_child, "BIN_PAGES", 4)
    about = [json.loads((folder / "about.json").read_text()) for folder in folders]
    assert about[0] == about[1]
    assert len(about[0]["parts"]) == (2 if gap_s else 1)
    for axis in "xyz":
        whole, pieces = (np.fromfile(folder / axis, "<f4") for folder in folders)
        # the time of a sample is a little uncertain where a piece ends
        assert pieces == pytest.approx(whole, abs=2e-3)
    for name in about[0]["tracks"]:
        whole, pieces = (np.fromfile(folder / name, "<f8") for folder in folders)
        assert pieces == pytest.approx(whole, abs=0.01, nan_ok=True)


def test_a_damaged_block_of_an_axivity_is_a_gap(tmp_path: Path) -> None:
    file = write_cwa(tmp_path / "a.cwa", STEPS)
    content = bytearray(file.read_bytes())
    content[1024 + 512 * 8 + 100] ^= 1
    file.write_bytes(bytes(content))
    days = read_days(file, BERLIN)
    assert days.recording is not None
    assert [one.start_s for one in days.recording.segments] == pytest.approx([0.0, 7.2])
    kept = np.delete(STEPS, slice(640, 720), axis=0)
    assert samples_g(days) == pytest.approx(kept / 256, abs=2e-3)


@pytest.mark.parametrize("end", ["cwa", "bin"])
def test_a_file_that_ends_within_a_page_is_read_up_to_there_and_that_is_said(
    tmp_path: Path, end: str
) -> None:
    file = tmp_path / f"a.{end}"
    made = write_cwa(file, STEPS) if end == "cwa" else write_bin(file, STEPS[:7800])
    content = made.read_bytes()
    file.write_bytes(content[:-100])
    days = read_days(file, BERLIN)
    assert [one.code for one in days.findings] == ["accelerometer.cut"]
    lost_s = 0.8 if end == "cwa" else 3.0
    assert days.duration_s == pytest.approx((80.0 if end == "cwa" else 78.0) - lost_s)


def test_a_real_page_that_is_cut_is_left_out(shared: Path) -> None:
    folder = shared / "trials" / "files" / "bin_truncated"
    assert read_days(folder / "whole.bin", BERLIN).duration_s == 120.0
    assert read_days(folder / "cut.bin", BERLIN).duration_s == 114.0


@pytest.mark.parametrize("axes", ["three of 10 bits", "six of 16 bits"])
def test_other_packings_of_an_axivity_are_read(tmp_path: Path, axes: str) -> None:
    steps = STEPS[:4000]
    file = write_cwa(tmp_path / "a.cwa", steps, axes=axes)
    assert samples_g(read_days(file, BERLIN)) == pytest.approx(steps / 256, abs=2e-3)


@pytest.mark.parametrize("rate_hz", [99.1, 100.6])
def test_samples_are_spread_evenly_when_the_clock_runs_fast_or_slow(rate_hz: float) -> None:
    true_s = np.arange(8000) / rate_hz
    # as actfast gives them: blocks of 80 begin to 10 ms, and go on by the nominal rate
    begin_s = np.round(true_s[::80], 2)
    time_ns = (begin_s[:, None] * 1e9 + np.arange(80) * 1e7).astype(np.int64).ravel()
    assert accelerometer_child.even_times(time_ns) == pytest.approx(true_s, abs=0.011)
    assert len(accelerometer_child.rising(accelerometer_child.even_times(time_ns))) == 8000


def test_names_in_other_alphabets_do_not_matter(tmp_path: Path) -> None:
    file = write_bin(tmp_path / "a.bin", STEPS[:7800])
    content = file.read_bytes().replace(b"Secret Person", "Jörg Müller".encode("latin-1"))
    file.write_bytes(content)
    assert read_days(file, BERLIN).duration_s == 78.0


@pytest.mark.parametrize("end", ["cwa", "bin"])
def test_damage_ends_in_a_recording_or_in_one_typed_error(tmp_path: Path, end: str) -> None:
    write = write_cwa if end == "cwa" else write_bin
    file = write(tmp_path / f"a.{end}", STEPS)
    content = bytearray(file.read_bytes())
    kept = len(content) // 2
    content[kept : kept + 400] = np.random.default_rng(1).bytes(400)
    said: list[str] = []
    for changed in (content[:kept], content):
        file.write_bytes(bytes(changed))
        try:
            days = read_days(file, BERLIN)
        except InputFileError as error:
            said.append(str(error))
            continue
        assert samples_g(days).shape[1] == 3
    assert not any(str(tmp_path) in one for one in said)


def test_no_room_is_made_for_minutes_between_times_that_lie_years_apart() -> None:
    columns = accelerometer_child.Columns(rate_hz=100.0)
    time_s = np.array([0.0, 0.01, 0.02, 30 * 366 * 86400.0])
    columns.add(time_s, np.zeros((4, 3), np.float32), [io.BytesIO() for _ in "xyz"])
    columns.add_track("light", time_s, np.zeros(4))
    assert columns.too_long
    assert len(columns.sums["light"]) == 1
