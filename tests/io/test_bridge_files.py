"""Formats that MNE reads and psgkit does not: the same recording whatever it is written in."""

import contextlib
from datetime import UTC, datetime
from pathlib import Path

import mne
import numpy as np
import pytest

from psgkit.core.recording import Recording
from psgkit.errors import InputFileError
from psgkit.io.bridge import mne_child
from psgkit.io.bridge.incoming import FORMATS
from psgkit.io.read import read_recording

RATE_HZ = 200.0
MEASURED = datetime(2024, 1, 31, 22, 30, 15, tzinfo=UTC)


def legs_uv() -> np.ndarray:
    return np.random.default_rng(0).integers(-300, 300, (2, 4000)).astype(np.float64)


def fif(folder: Path) -> Path:
    info = mne.create_info(["LAT", "RAT"], RATE_HZ, "emg")
    raw = mne.io.RawArray(legs_uv() * 1e-6, info, verbose="error")
    raw.set_meas_date(MEASURED)
    raw.set_annotations(mne.Annotations([5.0], [2.0], ["EEG arousal"], orig_time=MEASURED))
    path = folder / "night_raw.fif"
    raw.save(path, fmt="double", verbose="error")
    return path


def brainvision(folder: Path) -> Path:
    (folder / "night.vhdr").write_text(
        "Brain Vision Data Exchange Header File Version 1.0\n"
        "[Common Infos]\nCodepage=UTF-8\nDataFile=night.eeg\nMarkerFile=night.vmrk\n"
        "DataFormat=BINARY\nDataOrientation=MULTIPLEXED\nNumberOfChannels=2\n"
        f"SamplingInterval={1e6 / RATE_HZ:g}\n"
        "[Binary Infos]\nBinaryFormat=INT_16\n"
        "[Channel Infos]\nCh1=LAT,,0.5,\N{MICRO SIGN}V\nCh2=RAT,,0.5,\N{MICRO SIGN}V\n",
        encoding="utf-8",
    )
    (folder / "night.vmrk").write_text(
        "Brain Vision Data Exchange Marker File, Version 1.0\n"
        "[Common Infos]\nCodepage=UTF-8\nDataFile=night.eeg\n"
        "[Marker Infos]\nMk1=New Segment,,1,1,0,20240131223015000000\n"
        "Mk2=Comment,EEG arousal,1001,400,0\n",
        encoding="utf-8",
    )
    (folder / "night.eeg").write_bytes((legs_uv().T * 2).astype("<i2").tobytes())
    return folder / "night.vhdr"


def eeglab(folder: Path) -> Path:
    from scipy.io import savemat

    places = [
        {"labels": label, "type": "EMG"} | dict.fromkeys(("X", "Y", "Z"), np.empty((0, 0)))
        for label in ("LAT", "RAT")
    ]
    fields = ("labels", "type", "X", "Y", "Z")
    chanlocs = np.array(
        [tuple(place[field] for field in fields) for place in places],
        dtype=[(field, object) for field in fields],
    )
    about = {
        "setname": "night",
        "nbchan": 2.0,
        "trials": 1.0,
        "pnts": 4000.0,
        "srate": RATE_HZ,
        "xmin": 0.0,
        "xmax": 3999 / RATE_HZ,
        "data": legs_uv(),
        "chanlocs": chanlocs,
        "event": np.array(
            [("EEG arousal", 1001.0, 400.0)],
            dtype=[("type", object), ("latency", object), ("duration", object)],
        ),
    }
    savemat(folder / "night.set", {"EEG": about}, appendmat=False)
    return folder / "night.set"


def check_night(found: Recording, path: Path) -> None:
    assert found.source == path.name
    assert found.path == str(path)
    assert found.duration_s == 20.0
    assert [(c.label, c.role, str(c.site), c.unit) for c in found.channels] == [
        ("LAT", "leg", "left_leg", "uV"),
        ("RAT", "leg", "right_leg", "uV"),
    ]
    for channel, wanted in zip(found.channels, legs_uv(), strict=True):
        np.testing.assert_allclose(channel.samples[:], wanted, rtol=1e-6, atol=1e-6)
        np.testing.assert_allclose(channel.samples[70:95], wanted[70:95], rtol=1e-6, atol=1e-6)
    (row,) = [n for n, text in enumerate(found.annotations.text) if "EEG arousal" in text]
    assert found.annotations.onset_s[row] == pytest.approx(5.0)
    assert found.annotations.duration_s[row] == pytest.approx(2.0)
    codes = [finding.code for finding in found.findings]
    assert "mne.reader" in codes
    assert "mne.bridge" in codes


def test_fif(tmp_path: Path) -> None:
    path = fif(tmp_path)
    found = read_recording(path)
    check_night(found, path)
    assert found.start == MEASURED.replace(tzinfo=None)
    (about,) = [f for f in found.findings if f.code == "mne.reader"]
    assert about.message == f"FIF, read by MNE {mne.__version__}"


def test_what_mne_warns_of_becomes_a_finding(tmp_path: Path) -> None:
    path = fif(tmp_path)
    odd = path.rename(tmp_path / "night.fif")  # MNE wants FIF names to end in _raw.fif
    found = read_recording(odd)
    (warning,) = [f for f in found.findings if f.code == "mne.warning"]
    assert "does not conform to MNE naming conventions" in warning.message
    check_night(found, odd)


def test_brainvision(tmp_path: Path) -> None:
    path = brainvision(tmp_path)
    found = read_recording(path)
    check_night(found, path)
    assert found.start == MEASURED.replace(tzinfo=None)


def test_eeglab(tmp_path: Path) -> None:
    path = eeglab(tmp_path)
    found = read_recording(path)
    check_night(found, path)
    assert found.start is None


def test_a_channel_map_holds_for_every_format(tmp_path: Path) -> None:
    path = fif(tmp_path)
    channels = tmp_path / "map.toml"
    channels.write_text('["LAT"]\nrole = "arm"\nsite = "left_arm"\n', encoding="utf-8")
    found = read_recording(path, channels)
    assert (found.channel("LAT").role, str(found.channel("LAT").site)) == ("arm", "left_arm")
    assert found.channel("RAT").role == "leg"


def test_a_night_of_another_format_is_analysed_like_an_edf(tmp_path: Path) -> None:
    from psgkit.io.channels.assign import with_roles
    from psgkit.io.edf.read import read_edf
    from psgkit.night.walk import analyse_night

    edf = Path(__file__).parents[2] / "sample_data" / "healthy" / "night.edf"
    raw = mne.io.read_raw_edf(edf, verbose="error")
    raw.save(tmp_path / "night_raw.fif", fmt="double", verbose="error")
    one = analyse_night(with_roles(read_edf(edf))).movements.movements
    other = analyse_night(read_recording(tmp_path / "night_raw.fif")).movements.movements
    assert len(one) > 3
    np.testing.assert_allclose(one.onset_s, other.onset_s, atol=0.02)
    assert one.site.tolist() == other.site.tolist()


BROKEN = [b"", b"<html>not found</html>", bytes(range(256)) * 40]


@pytest.mark.parametrize(
    ("name", "content"),
    [(f"night{end}", BROKEN[number % len(BROKEN)]) for number, end in enumerate(FORMATS)],
)
def test_a_broken_file_is_one_error_that_names_it(
    name: str, content: bytes, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputFileError, match="night") as caught:
        read_recording(tmp_path / name)
    assert caught.value.exit_code == 3


@pytest.mark.parametrize("end", FORMATS)
def test_a_file_that_is_not_there_is_said_to_be(end: str, tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match="no such file"):
        read_recording(tmp_path / f"night{end}")


# --- files that make the reader fail, in a process of its own ------------------------------------


@pytest.mark.parametrize("at", [8, 4000, 0.5, -40])
def test_a_damaged_fif_is_a_recording_or_one_error(at: float, tmp_path: Path) -> None:
    path = fif(tmp_path)
    content = bytearray(path.read_bytes())
    place = int(at * len(content)) if at == 0.5 else int(at) % len(content)
    # what may be the size of a block, far beyond the file
    content[place : place + 4] = b"\x7f\xff\xff\xf0"
    path.write_bytes(content)
    with contextlib.suppress(InputFileError):
        assert 0 < read_recording(path).duration_s <= 20.0


@pytest.mark.parametrize(
    ("code", "wanted"),
    [
        ("print('x'); raise MemoryError", "cannot read"),
        ("import os; os.abort()", "it stopped with -6"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "it stopped with -9"),
        ("bytearray(6 << 30)", "MemoryError"),
        ("while True: pass", "it stopped with -"),
    ],
)
def test_a_reader_that_crashes_or_hangs_is_one_error(
    code: str, wanted: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    child = tmp_path / "child.py"
    limits = Path(mne_child.__file__).read_text().split("def _refuse")[0]
    child.write_text(f"{limits}\n_limit(2)\n{code}\n")
    monkeypatch.setattr(mne_child, "__file__", str(child))
    with pytest.raises(InputFileError, match=wanted):
        read_recording(fif(tmp_path))
