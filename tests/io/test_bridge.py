"""Recordings of MNE-Python and hypnograms of YASA, as psgkit's own."""

from datetime import UTC, datetime
from pathlib import Path

import mne
import numpy as np
import pandas as pd
import pytest
from edf_maker import annotations, edf_bytes, ordinary, tal, write

from psgkit.core.hypnogram import Hypnogram
from psgkit.io.bridge import as_hypnogram, as_recording, hypnogram_from_yasa, recording_from_mne
from psgkit.io.edf.read import read_edf
from psgkit.io.read import read_recording

MEASURED = datetime(2024, 1, 31, 22, 30, 15, tzinfo=UTC)
RATE_HZ = 200.0


def raw_of(
    samples_uv: np.ndarray, names: tuple[str, ...] = ("LAT", "RAT"), kinds: str | list[str] = "emg"
) -> mne.io.BaseRaw:
    info = mne.create_info(list(names), RATE_HZ, kinds)
    raw = mne.io.RawArray(samples_uv * 1e-6, info, verbose="error")
    raw.set_meas_date(MEASURED)
    return raw


def noise_uv() -> np.ndarray:
    return np.random.default_rng(0).normal(0, 20, (2, 12000))


def test_volts_become_microvolts_and_legs_are_found() -> None:
    samples_uv = noise_uv()
    found = recording_from_mne(raw_of(samples_uv))
    assert found.start == datetime(2024, 1, 31, 22, 30, 15)
    assert found.duration_s == 60.0
    assert [(c.label, c.role, str(c.site), c.unit) for c in found.channels] == [
        ("LAT", "leg", "left_leg", "uV"),
        ("RAT", "leg", "right_leg", "uV"),
    ]
    for channel, wanted in zip(found.channels, samples_uv, strict=True):
        assert channel.rate_hz == RATE_HZ
        np.testing.assert_allclose(channel.samples[:], wanted, rtol=1e-12)
        np.testing.assert_allclose(channel.samples[70:95], wanted[70:95], rtol=1e-12)
        assert len(channel.samples[95:70]) == 0
    assert [f.code for f in found.findings] == ["mne.bridge"]
    assert "200 Hz" in found.findings[0].message


def test_a_channel_that_is_no_voltage_has_no_unit() -> None:
    found = recording_from_mne(raw_of(noise_uv(), ("LAT", "skin"), ["emg", "temperature"]))
    assert found.channel("skin").unit == ""


def test_nothing_is_loaded_until_it_is_asked_for(tmp_path: Path) -> None:
    path = write(tmp_path / "night.edf", [ordinary(np.arange(4000) % 99, 200, label="LAT")])
    raw = mne.io.read_raw_edf(path, verbose="error")
    found = recording_from_mne(raw)
    assert found.channels[0].samples[250:253] == pytest.approx(np.arange(250, 253) % 99)
    assert not raw.preload


def test_an_edf_file_gives_the_same_through_mne_as_by_itself(tmp_path: Path) -> None:
    notes = annotations(
        [tal(f"+{i}") + tal(f"+{i}.5", f"mark {i}", duration="0.5") for i in range(5)]
    )
    legs = [ordinary(np.arange(1000) % 321, 200, label=name) for name in ("LAT", "RAT")]
    path = tmp_path / "night.edf"
    path.write_bytes(edf_bytes([*legs, notes], reserved="EDF+C"))
    direct = read_recording(path)
    bridged = recording_from_mne(mne.io.read_raw_edf(path, verbose="error"))
    assert bridged.source == direct.source
    assert bridged.start == direct.start
    assert bridged.duration_s == direct.duration_s
    assert bridged.annotations.text == direct.annotations.text
    assert bridged.annotations.onset_s == pytest.approx(direct.annotations.onset_s)
    assert bridged.annotations.duration_s == pytest.approx(direct.annotations.duration_s)
    for one, other in zip(bridged.channels, direct.channels, strict=True):
        assert (one.label, one.role, one.site, one.unit) == (
            other.label,
            other.role,
            other.site,
            other.unit,
        )
        np.testing.assert_allclose(one.samples[:], other.samples[:], atol=1e-3)


@pytest.mark.parametrize("unit", ["", "g", "nV", "%"])
def test_a_unit_that_mne_takes_for_volts_stays_unknown(tmp_path: Path, unit: str) -> None:
    path = write(tmp_path / "night.edf", [ordinary(np.arange(4000) % 99, 200, unit=unit)])
    found = recording_from_mne(mne.io.read_raw_edf(path, verbose="error"))
    assert found.channels[0].unit == ""


@pytest.mark.parametrize(("unit", "factor"), [("uV", 1.0), ("mV", 1e3), ("V", 1e6)])
def test_units_that_mne_knows_become_microvolts(tmp_path: Path, unit: str, factor: float) -> None:
    numbers = np.arange(4000) % 99
    path = write(tmp_path / "night.edf", [ordinary(numbers, 200, unit=unit)])
    (channel,) = recording_from_mne(mne.io.read_raw_edf(path, verbose="error")).channels
    assert channel.unit == "uV"
    np.testing.assert_allclose(channel.samples[:], numbers * factor, atol=1e-3 * factor)


def test_a_cropped_raw_starts_where_it_was_cropped() -> None:
    raw = raw_of(noise_uv())
    raw.set_annotations(mne.Annotations([20.0], [3.0], ["EEG arousal"], orig_time=MEASURED))
    raw.crop(tmin=12.5)
    found = recording_from_mne(raw)
    assert found.start == datetime(2024, 1, 31, 22, 30, 27, 500000)
    assert found.annotations.onset_s == pytest.approx((7.5,))
    assert found.duration_s == 47.5


def test_a_raw_without_a_date_has_no_start() -> None:
    raw = raw_of(noise_uv())
    raw.set_meas_date(None)
    raw.set_annotations(mne.Annotations([20.0], [3.0], ["EEG arousal"]))
    raw.crop(tmin=12.0)
    found = recording_from_mne(raw)
    assert found.start is None
    assert found.annotations.onset_s == pytest.approx((8.0,))


def test_a_recording_passes_as_it_is_and_a_raw_is_converted(shared: Path) -> None:
    path = shared / "data" / "odd-edf" / "test_generator.bdf"
    recording = read_edf(path)
    assert as_recording(recording) is recording
    assert as_recording(raw_of(noise_uv())).labels() == ["LAT", "RAT"]


@pytest.mark.parametrize("other", [None, np.zeros(3), "night.edf"])
def test_anything_else_is_no_recording(other: object) -> None:
    with pytest.raises(
        ValueError, match=f"wanted a Recording or an mne Raw, got {type(other).__name__}"
    ):
        as_recording(other)  # type: ignore[arg-type]


class Yasa:
    """What of a ``yasa.Hypnogram`` is used."""

    def __init__(self, stages: list[str], freq: str = "30s", n_stages: int = 5) -> None:
        self.hypno = pd.Series(stages, dtype="category")
        self.freq = freq
        self.n_stages = n_stages


def test_words_of_yasa_become_ours() -> None:
    words = ["WAKE", "N1", "N2", "N3", "REM", "ART", "UNS"]
    found = hypnogram_from_yasa(Yasa(words))
    assert found.stages.tolist() == ["W", "N1", "N2", "N3", "R", "UNSCORED", "UNSCORED"]
    assert found.epoch_s == 30.0
    assert as_hypnogram(Yasa(words, "20s")).epoch_s == 20.0


def test_a_hypnogram_that_cannot_tell_stages_apart_is_refused() -> None:
    with pytest.raises(ValueError, match=r"SLEEP.*2 stages"):
        hypnogram_from_yasa(Yasa(["WAKE", "SLEEP"], n_stages=2))


def test_a_hypnogram_passes_as_it_is_and_anything_else_is_none() -> None:
    own = Hypnogram.of(["W", "N1"])
    assert as_hypnogram(own) is own
    assert as_hypnogram(None) is None
    with pytest.raises(ValueError, match="got list"):
        as_hypnogram(["W", "N1"])  # type: ignore[arg-type]
