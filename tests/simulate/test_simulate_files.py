"""Simulated nights as files."""

import csv
import runpy
from pathlib import Path

import numpy as np
import pytest

from psgkit.simulate import SimulatedNight, SimulationOptions, simulate_night, write_night

ROOT = Path(__file__).resolve().parents[2]
SAMPLE_DATA = ROOT / "sample_data"
SCRIPT = runpy.run_path(str(ROOT / "scripts" / "make_sample_data.py"))
NIGHTS = SCRIPT["NIGHTS"]


@pytest.fixture(scope="module")
def night() -> SimulatedNight:
    return simulate_night("rls", hours=1.0, seed=2, options=SimulationOptions(rate_hz=200.0))


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_the_same_night_gives_the_same_bytes(night: SimulatedNight, tmp_path: Path) -> None:
    again = simulate_night("rls", hours=1.0, seed=2, options=SimulationOptions(rate_hz=200.0))
    one, two = write_night(night, tmp_path / "one"), write_night(again, tmp_path / "two" / "deep")
    assert sorted(path.name for path in one.values()) == [
        "distractors.csv",
        "events.csv",
        "hypnogram.csv",
        "night.edf",
        "truth.csv",
    ]
    for name, path in one.items():
        assert path.read_bytes() == two[name].read_bytes(), name


def test_tables_hold_the_night_to_the_millisecond(night: SimulatedNight, tmp_path: Path) -> None:
    paths = write_night(night, tmp_path)
    truth = table(paths["truth"])
    assert list(truth[0]) == ["onset_s", "duration_s", "kind", "site", "note"]
    assert {row["kind"] for row in truth} == {"lm"}
    assert [row["note"] for row in truth] == night.truth_kinds.tolist()
    assert [row["site"] for row in truth] == night.truth.site.tolist()
    onset_s = np.array([float(row["onset_s"]) for row in truth])
    duration_s = np.array([float(row["duration_s"]) for row in truth])
    assert np.array_equal(onset_s, night.truth.onset_s)
    assert np.abs(duration_s - night.truth.duration_s).max() < 1e-9
    stages = table(paths["hypnogram"])
    assert [row["stage"] for row in stages] == night.hypnogram.stages.tolist()
    assert [float(row["onset_s"]) for row in stages] == night.hypnogram.epoch_starts_s().tolist()
    events = table(paths["events"])
    assert list(events[0]) == ["onset_s", "duration_s", "kind", "site"]
    assert [row["kind"] for row in events] == night.events.kind.tolist()
    assert {row["kind"] for row in table(paths["distractors"])} == {"twitch", "faint_burst"}


def test_the_edf_file_alone_holds_stages_and_events(night: SimulatedNight, tmp_path: Path) -> None:
    import pyedflib

    path = write_night(night, tmp_path)["recording"]
    with pyedflib.EdfReader(str(path)) as reader:
        onset_s, _, text = reader.readAnnotations()
        labels = reader.getSignalLabels()
        rates_hz = reader.getSampleFrequencies()
    assert labels == ["LAT", "RAT", "ECG"]
    assert list(rates_hz) == [200.0, 200.0, 128.0]
    stages = [word.removeprefix("Sleep stage ") for word in text if word.startswith("Sleep")]
    assert stages == night.hypnogram.stages.tolist()
    arousals_s = onset_s[np.asarray(text) == "EEG arousal"]
    assert np.abs(arousals_s - night.events.of_kind(("arousal",)).onset_s).max() < 1e-3
    assert list(text).count("Lights off") == list(text).count("Lights on") == 1
    breaths = len(night.events.of_kind(("apnea", "hypopnea")))
    assert list(text).count("Hypopnea") + list(text).count("Obstructive apnea") == breaths


def test_the_header_says_that_the_night_is_simulated(night: SimulatedNight, tmp_path: Path) -> None:
    header = write_night(night, tmp_path)["recording"].read_bytes()[:256]
    assert header[88:168].rstrip() == b"Startdate 01-JAN-2001 X X X SIMULATED_rls_seed_2"
    assert header[8:88].rstrip() == b"X X X X"
    assert header[192:197] == b"EDF+C"


def test_one_step_of_the_edf_file_is_a_tenth_of_a_microvolt(
    night: SimulatedNight, tmp_path: Path
) -> None:
    import pyedflib

    path = write_night(night, tmp_path)["recording"]
    with pyedflib.EdfReader(str(path)) as reader:
        for number, channel in enumerate(night.recording.channels):
            assert reader.getPhysicalDimension(number) == "uV"
            read = reader.readSignal(number)
            assert np.abs(read - np.asarray(channel.samples)).max() <= 0.05 + 1e-3


@pytest.mark.parametrize("kind", NIGHTS)
def test_sample_data_are_what_the_script_writes(kind: str, tmp_path: Path) -> None:
    paths = write_night(SCRIPT["sample_night"](kind), tmp_path)
    assert {path.name for path in paths.values()} == {
        path.name for path in (SAMPLE_DATA / kind).iterdir()
    }
    for path in paths.values():
        if path.suffix == ".csv":
            assert path.read_bytes() == (SAMPLE_DATA / kind / path.name).read_bytes(), path.name
    # Filters may round their last bit otherwise on another machine: a step, no more.
    new, kept = paths["recording"].read_bytes(), (SAMPLE_DATA / kind / "night.edf").read_bytes()
    header_n = int(new[184:192])
    assert len(new) == len(kept)
    assert new[:header_n] == kept[:header_n]
    steps = np.frombuffer(new[header_n:], dtype="<i2").astype(np.int32)
    assert np.abs(steps - np.frombuffer(kept[header_n:], dtype="<i2")).max() <= 1


def test_sample_data_are_small_and_say_that_they_are_simulated() -> None:
    for kind in NIGHTS:
        path = SAMPLE_DATA / kind / "night.edf"
        assert b"SIMULATED" in path.read_bytes()[:256]
        assert path.stat().st_size < 6e6 if kind == "rls" else path.stat().st_size < 4e6
