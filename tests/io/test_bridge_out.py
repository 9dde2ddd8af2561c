"""Recordings and movements for MNE: units, types, rates, gaps, clock; and back again."""

from datetime import UTC, datetime
from pathlib import Path

import mne
import numpy as np
import pytest
from edf_maker import annotations, ordinary, tal, write

from psgkit.core.movements import Movements
from psgkit.core.recording import Annotations, Channel, Recording, Segment
from psgkit.core.site import Site
from psgkit.io.bridge import from_mne, movements_to_mne, to_mne
from psgkit.io.read import read_recording
from psgkit.io.scoring.annotations import events_from_annotations

START = datetime(2024, 1, 31, 22, 30, 15, 500000)


def channel(label: str, rate_hz: float, samples: np.ndarray, **fields: object) -> Channel:
    return Channel(label=label, rate_hz=rate_hz, samples=samples, **fields)


def night(*channels: Channel, segments: tuple[Segment, ...] | None = None) -> Recording:
    whole = (Segment(start_s=0.0, duration_s=len(channels[0].samples) / channels[0].rate_hz),)
    return Recording(
        source="night.edf",
        start=START,
        segments=segments or whole,
        channels=channels,
        annotations=Annotations(
            onset_s=(-5.0, 1.0, 9.0, 99.0),
            duration_s=(2.0, 0.0, 30.0, 0.0),
            text=("before", "Lights off", "EEG arousal", "after"),
        ),
    )


def noise(n: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 20, n)


def legs() -> Recording:
    return night(
        channel("LAT", 200.0, noise(2000), unit="uV", role="leg", site=Site.LEFT_LEG),
        channel("EEG C4", 100.0, noise(1000, 1), unit="uV", role="eeg"),
        channel("ACC X", 20.0, noise(200, 2), unit="g", role="accelerometer"),
        channel("RAT", 200.0, noise(2000, 3), unit="uV", role="leg", site=Site.RIGHT_LEG),
        channel("aux", 200.0, noise(2000, 4), unit="uV"),
    )


def test_each_rate_becomes_a_raw_and_nothing_is_resampled() -> None:
    raws = to_mne(legs())
    assert {rate_hz: raw.ch_names for rate_hz, raw in raws.items()} == {
        200.0: ["LAT", "RAT", "aux"],
        100.0: ["EEG C4"],
        20.0: ["ACC X"],
    }
    for rate_hz, raw in raws.items():
        assert raw.info["sfreq"] == rate_hz
        assert raw.n_times == 10 * rate_hz


def test_voltages_are_volts_of_the_type_of_their_role_and_the_rest_is_as_it_was() -> None:
    recording = legs()
    raws = to_mne(recording)
    assert raws[200.0].get_channel_types() == ["emg", "emg", "bio"]
    assert raws[100.0].get_channel_types() == ["eeg"]
    assert raws[20.0].get_channel_types() == ["misc"]
    np.testing.assert_allclose(raws[200.0].get_data("LAT")[0], noise(2000) * 1e-6, rtol=1e-12)
    np.testing.assert_array_equal(raws[20.0].get_data()[0], noise(200, 2))


def test_the_clock_and_the_annotations_go_along() -> None:
    raw = to_mne(legs(), ["LAT"])[200.0]
    assert raw.info["meas_date"] == START.replace(tzinfo=UTC)
    assert raw.annotations.description.tolist() == ["Lights off", "EEG arousal"]
    # the last one is cut where the recording ends
    assert raw.annotations.onset.tolist() == [1.0, 9.0]
    assert raw.annotations.duration.tolist() == [0.0, 1.0]


def test_there_and_back_is_the_same() -> None:
    recording = legs()
    back = from_mne(to_mne(recording, ["LAT", "RAT"])[200.0])
    assert back.start == START
    assert back.duration_s == 10.0
    assert back.labels() == ["LAT", "RAT"]
    for label in back.labels():
        one, other = back.channel(label), recording.channel(label)
        assert (one.rate_hz, one.unit, one.role, one.site) == (200.0, "uV", "leg", other.site)
        np.testing.assert_allclose(one.samples[:], other.samples[:], rtol=1e-12)


def test_a_gap_is_zeros_that_mne_knows_as_not_recorded() -> None:
    gapped = night(
        channel("LAT", 200.0, noise(2000), unit="uV", role="leg"),
        segments=(Segment(start_s=0.0, duration_s=4.0), Segment(start_s=7.0, duration_s=6.0)),
    )
    raw = to_mne(gapped)[200.0]
    (data,) = raw.get_data()
    assert raw.n_times == 13 * 200
    assert not data[800:1400].any()
    np.testing.assert_allclose(data[:800], noise(2000)[:800] * 1e-6, rtol=1e-12)
    np.testing.assert_allclose(data[1400:], noise(2000)[800:] * 1e-6, rtol=1e-12)
    marks = [a for a in raw.annotations if a["description"] == "BAD_ACQ_SKIP"]
    assert [(mark["onset"], mark["duration"]) for mark in marks] == [(4.0, 3.0)]
    # what is before the gap does not know what comes after it
    alone = raw.copy().crop(tmax=4.0, include_tmax=False)
    settings = {"l_freq": 10, "h_freq": None, "picks": "emg", "verbose": "error"}
    np.testing.assert_array_equal(
        raw.copy().filter(**settings).get_data()[0, :800], alone.filter(**settings).get_data()[0]
    )


def test_a_file_with_gaps_keeps_its_times(tmp_path: Path) -> None:
    marks = annotations(
        [tal(f"+{at}") + tal(f"+{at}.5", "mark") for at in (0, 1, 10, 11)], samples=20
    )
    path = write(
        tmp_path / "gaps.edf",
        [ordinary(np.arange(800) % 99, 200, label="LAT"), marks],
        reserved="EDF+D",
    )
    raw = to_mne(read_recording(path))[200.0]
    assert raw.n_times == 12 * 200
    found = [(a["onset"], a["duration"], a["description"]) for a in raw.annotations]
    assert (2.0, 8.0, "BAD_ACQ_SKIP") in found
    assert (10.5, 0.0, "mark") in found
    assert raw.get_data()[0, 2000] == pytest.approx((400 % 99) * 1e-6)


def test_a_channel_without_meaning_is_left_out_and_refused_by_name(tmp_path: Path) -> None:
    flat = ordinary(np.arange(800) % 99, 200, label="broken", physical_min="5", physical_max="5")
    good = ordinary(np.arange(800) % 99, 200, label="LAT")
    recording = read_recording(write(tmp_path / "night.edf", [good, flat]))
    assert to_mne(recording)[200.0].ch_names == ["LAT"]
    with pytest.raises(ValueError, match="broken: "):
        to_mne(recording, ["broken"])
    with pytest.raises(KeyError, match="no channel 'RAT'; there are LAT, broken"):
        to_mne(recording, ["RAT"])


def test_a_recording_without_a_start_has_no_date() -> None:
    bare = Recording(
        source="",
        start=None,
        segments=(Segment(start_s=0.0, duration_s=10.0),),
        channels=(channel("LAT", 200.0, noise(2000), unit="uV"),),
    )
    assert to_mne(bare)[200.0].info["meas_date"] is None


def test_movements_become_annotations_that_are_found_again() -> None:
    moved = Movements.of(
        [1.0, 4.0, 7.0], [2.0, 5.5, 8.0], ["left_leg", "both_legs", "trunk"], "emg"
    )
    recording = legs()
    raw = to_mne(recording)[200.0]
    raw.set_annotations(movements_to_mne(moved, recording.start))
    found = events_from_annotations(from_mne(raw).annotations)
    assert found.kind.tolist() == ["lm"] * 4
    assert found.site.tolist() == ["left_leg", "left_leg", "right_leg", "trunk"]
    assert found.onset_s.tolist() == pytest.approx([1.0, 4.0, 4.0, 7.0])
    assert found.end_s.tolist() == pytest.approx([2.0, 5.5, 5.5, 8.0])
    assert len(movements_to_mne(Movements.of([], [], []))) == 0


def test_an_edf_through_us_is_the_edf_through_mne(shared: Path) -> None:
    path = shared / "data" / "knee-emg" / "3Asen.edf"
    theirs = mne.io.read_raw_edf(path, verbose="error")
    (ours,) = to_mne(read_recording(path)).values()
    assert ours.ch_names == theirs.ch_names
    assert ours.info["meas_date"] == theirs.info["meas_date"]
    volts = [row for row, kind in enumerate(ours.get_channel_types()) if kind == "emg"]
    assert len(volts) == 4
    np.testing.assert_allclose(ours.get_data(volts), theirs.get_data(volts), rtol=1e-5, atol=1e-9)


def test_a_recording_goes_to_mne_and_comes_back_by_its_own_methods() -> None:
    from psgkit.simulate import simulate_night

    recording = simulate_night("healthy", hours=0.1, seed=1).recording
    raws = to_mne(recording)
    assert sorted(raws) == sorted({channel.rate_hz for channel in recording.channels})
    back = from_mne(raws[recording.channel("LAT").rate_hz])
    assert back.channel("LAT").samples[:].tolist() == pytest.approx(
        recording.channel("LAT").samples[:].tolist(), abs=1e-4
    )
