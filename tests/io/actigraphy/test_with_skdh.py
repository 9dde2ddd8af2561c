"""Axivity CWA and GENEActiv BIN: as scikit-digital-health reads them, in a process of its own."""

import gc
import importlib.util
import io
import json
import tempfile
import warnings
from pathlib import Path

import numpy as np
import pytest
from device_maker import write_bin, write_cwa

from psgkit.core.days.day_recording import DayRecording
from psgkit.errors import InputFileError
from psgkit.io.actigraphy import skdh_reading
from psgkit.io.actigraphy.read import DayOptions, read_days

pytest.importorskip("skdh", reason="scikit-digital-health is not installed")

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
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of times without a zone
            skdh_reading.main(end, str(made), str(folder))
        monkeypatch.setattr(skdh_reading, "CWA_BLOCKS", 7)
        monkeypatch.setattr(skdh_reading, "BIN_PAGES", 4)
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


def test_blocks_of_an_axivity_are_numbered_anew_and_wrong_checksums_stay_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write_cwa(tmp_path / "a.cwa", STEPS)
    content = bytearray(file.read_bytes())
    content[1024 + 512 * 8 + 100] ^= 1
    file.write_bytes(bytes(content))
    monkeypatch.setattr(skdh_reading, "CWA_BLOCKS", 7)
    second = list(skdh_reading.cwa_pieces(file))[1]
    blocks = np.frombuffer(second[1024:], dtype=np.uint8).reshape(7, 512)
    assert np.ascontiguousarray(blocks[:, 10:14]).view("<u4").ravel().tolist() == list(range(7))
    sums = np.ascontiguousarray(blocks).view("<u2").sum(axis=1, dtype=np.uint16)
    assert (sums == 0).tolist() == [True, False, *[True] * 5]


@pytest.mark.parametrize("end", ["cwa", "bin"])
def test_damage_ends_in_a_recording_or_in_one_typed_error(tmp_path: Path, end: str) -> None:
    # some seconds: every file starts a process that imports scikit-digital-health
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


def test_without_scikit_digital_health_the_message_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write_cwa(tmp_path / "a.cwa", STEPS)
    monkeypatch.setattr("psgkit.io.actigraphy.with_skdh.find_spec", lambda _: None)
    assert importlib.util.find_spec("skdh") is not None
    with pytest.raises(InputFileError, match=r"psgkit\[accel\]"):
        read_days(file, BERLIN)


def test_no_room_is_made_for_minutes_between_times_that_lie_years_apart() -> None:
    columns = skdh_reading.Columns(rate_hz=100.0)
    found = {
        "time": np.array([0.0, 0.01, 0.02, 30 * 366 * 86400.0]),
        "accel": np.zeros((4, 3)),
        "light": np.zeros(4),
    }
    columns.add(found, [io.BytesIO() for _ in "xyz"])
    assert columns.too_long
    assert sum(map(len, columns.sums.values())) == 0
