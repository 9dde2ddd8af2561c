"""Recordings written as EDF+C."""

from datetime import datetime
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from psgkit.core.recording import Channel, Recording, Segment
from psgkit.io.edf.write import record_length_s, write_edf


class Watched:
    """Samples that note the largest block anybody asked for."""

    def __init__(self, samples: np.ndarray) -> None:
        self.samples = samples
        self.largest = 0

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, part: slice, /) -> np.ndarray:
        found = self.samples[part]
        self.largest = max(self.largest, len(found))
        return found


def channel(rate_hz: float, duration_s: float, **changed: object) -> Channel:
    n = round(rate_hz * duration_s) if duration_s else 0
    samples = np.random.default_rng(n).normal(0.0, 40.0, n)
    return Channel(
        **{"label": f"C{rate_hz:.5g}", "unit": "uV", "samples": samples} | changed, rate_hz=rate_hz
    )


def recording(*channels: Channel, duration_s: float = 10.0, **changed: object) -> Recording:
    segments = (Segment(start_s=0.0, duration_s=duration_s),)
    start = datetime(2020, 3, 4, 23, 59, 58)
    return Recording(
        **{"start": start, "segments": segments} | changed, source="", channels=channels
    )


def read(path: Path) -> tuple[list[np.ndarray], list[float], tuple[np.ndarray, ...]]:
    import pyedflib

    with pyedflib.EdfReader(str(path)) as reader:
        count = reader.signals_in_file
        signals = [reader.readSignal(number) for number in range(count)]
        return (
            signals,
            [reader.getSampleFrequency(i) for i in range(count)],
            (reader.readAnnotations()),
        )


def steps(path: Path) -> list[float]:
    import pyedflib

    with pyedflib.EdfReader(str(path)) as reader:
        return [
            (reader.getPhysicalMaximum(i) - reader.getPhysicalMinimum(i)) / 65535
            for i in range(reader.signals_in_file)
        ]


def test_values_come_back_within_half_a_step(tmp_path: Path) -> None:
    path = tmp_path / "night.edf"
    given_ = recording(channel(256.0, 10.0), channel(32.0, 10.0), channel(1.0, 10.0))
    written = write_edf(given_, path)
    signals, rates_hz, _ = read(path)
    assert rates_hz == [256.0, 32.0, 1.0]
    for own, found, step in zip(given_.channels, signals, steps(path), strict=True):
        assert np.abs(found - own.samples[:]).max() <= 0.5 * step * 1.0001
    assert (written.record_s, written.records_n, written.padded_s) == (1.0, 10, 0.0)
    assert written.clipped_n == 0


def test_a_mixed_rate_recording_is_streamed(tmp_path: Path) -> None:
    duration_s = 1200.0
    watched = {
        rate_hz: Watched(np.random.default_rng(1).normal(0.0, 9.0, round(rate_hz * duration_s)))
        for rate_hz in (100 / 3, 200.0, 500.0)
    }
    channels = [channel(rate, 0.0, samples=samples) for rate, samples in watched.items()]
    path = tmp_path / "night.edf"
    written = write_edf(recording(*channels, duration_s=duration_s), path)
    assert written.record_s == 3.0
    signals, rates_hz, _ = read(path)
    assert rates_hz == pytest.approx([100 / 3, 200.0, 500.0])
    for (rate_hz, samples), found in zip(watched.items(), signals, strict=True):
        assert samples.largest <= 66 * rate_hz
        assert np.abs(found - samples.samples).max() < 0.01


def test_annotations_come_back_in_time_order(tmp_path: Path) -> None:
    path = tmp_path / "night.edf"
    rows = [(7.25, 3.5, "EEG arousal"), (0.0, 30.0, "Sleep stage W"), (2.1234, 0.0, "µ é")]
    write_edf(recording(channel(100.0, 10.0)), path, rows)
    onset_s, duration_s, text = read(path)[2]
    assert onset_s == pytest.approx([0.0, 2.1234, 7.25])
    assert duration_s == pytest.approx([30.0, -1.0, 3.5])  # pyedflib reads "none" as -1
    assert list(text) == ["Sleep stage W", "µ é", "EEG arousal"]


@pytest.mark.parametrize("text", ["x" * 40, "µ" * 20])
def test_annotations_of_40_bytes_come_back_whole(text: str, tmp_path: Path) -> None:
    path = tmp_path / "night.edf"
    write_edf(recording(channel(100.0, 10.0)), path, [(9.9999, 9999.9999, text)] * 20)
    assert list(read(path)[2][2]) == [text] * 20


def test_more_annotations_than_records_all_come_back(tmp_path: Path) -> None:
    path = tmp_path / "night.edf"
    rows = [(number / 100, 0.0, f"event {number}") for number in range(300)]
    write_edf(recording(channel(100.0, 10.0)), path, rows)
    assert list(read(path)[2][2]) == [text for _, _, text in rows]


def test_a_partial_last_record_is_filled_with_the_last_sample(tmp_path: Path) -> None:
    path = tmp_path / "night.edf"
    own = channel(100.0, 10.4)
    written = write_edf(recording(own, duration_s=10.4), path)
    found = read(path)[0][0]
    assert (written.records_n, written.padded_s) == (11, 0.6)
    assert len(found) == 1100
    assert np.ptp(found[1039:]) == 0.0
    assert np.abs(found[:1040] - own.samples[:]).max() < 0.01


def test_samples_beyond_the_limits_are_stored_as_the_limit_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "night.edf"
    samples = np.zeros(1000)
    samples[[3, 4, 500]] = (70.0, -51.0, 50.0)
    written = write_edf(recording(channel(100.0, 0.0, samples=samples, limits=(-50.0, 50.0))), path)
    found = read(path)[0][0]
    assert written.clipped_n == 2
    assert found[[3, 4, 500]] == pytest.approx([50.0, -50.0, 50.0])


@pytest.mark.parametrize("value", [0.0, 1e-7, 123.4567891, -98765.4321])
def test_a_flat_channel_can_be_written(tmp_path: Path, value: float) -> None:
    path = tmp_path / "night.edf"
    write_edf(recording(channel(50.0, 0.0, samples=np.full(500, value))), path)
    assert read(path)[0][0] == pytest.approx(np.full(500, value), abs=1e-4)


@given(
    st.floats(-1e6, 1e6).map(lambda value: round(value, 4)),
    st.floats(1e-3, 1e5),
)
def test_the_header_says_the_limits_that_the_samples_were_stored_with(
    low: float, width: float
) -> None:
    # edflib alone writes 111056.7 as 111056.6, which moves every sample.
    with TemporaryDirectory() as folder:
        path = Path(folder) / "night.edf"
        samples = np.linspace(low, low + width, 100)
        write_edf(recording(channel(10.0, 0.0, samples=samples)), path)
        step = steps(path)[0]
        assert np.abs(read(path)[0][0] - samples).max() <= 0.5 * step + 1e-9 * abs(low)


@pytest.mark.parametrize("limits", [(-98766.0, -98764.9), (-3276.8, 3276.7), (1e-5, 2e-5)])
def test_limits_of_eight_characters_are_stored_exactly(
    tmp_path: Path, limits: tuple[float, float]
) -> None:
    path = tmp_path / "night.edf"
    samples = np.full(1000, np.mean(limits))
    write_edf(recording(channel(100.0, 0.0, samples=samples, limits=limits)), path)
    header = path.read_bytes()
    assert (float(header[464:472]), float(header[480:488])) == limits


def test_header_keeps_start_and_note(tmp_path: Path) -> None:
    path = tmp_path / "night.edf"
    write_edf(recording(channel(50.0, 10.0)), path, note="copied by hand")
    header = path.read_bytes()[:256]
    assert header[88:168].rstrip() == b"Startdate 04-MAR-2020 X X X copied_by_hand"
    assert header[168:184] == b"04.03.2023.59.58"
    write_edf(recording(channel(50.0, 10.0)), path, note="x" * 39)
    assert path.read_bytes()[88:168].rstrip().endswith(b" " + b"x" * 39)


def test_a_recording_without_a_start_starts_in_1985(tmp_path: Path) -> None:
    path = tmp_path / "night.edf"
    write_edf(recording(channel(50.0, 10.0), start=None), path)
    assert path.read_bytes()[168:184] == b"01.01.8500.00.00"


@given(
    st.lists(st.integers(1, 2000), min_size=1, max_size=5),
    st.lists(st.sampled_from([Fraction(100, 3), Fraction(125, 2), Fraction(1, 30)]), max_size=2),
)
def test_every_rate_has_whole_samples_in_a_record(whole: list[int], broken: list[Fraction]) -> None:
    rates = [Fraction(rate) for rate in whole] + broken
    length_s = record_length_s([float(rate) for rate in rates])
    assert 0 < length_s <= 60
    assert all((rate * length_s).denominator == 1 for rate in rates)


def test_a_length_that_is_no_whole_number_of_seconds_is_found(tmp_path: Path) -> None:
    rate_hz = 12500 / 126
    assert record_length_s([rate_hz]) == Fraction(126, 125)
    path = tmp_path / "night.edf"
    own = channel(rate_hz, 25.2)
    write_edf(recording(own, duration_s=25.2), path)
    signals, rates_hz, _ = read(path)
    assert rates_hz == pytest.approx([rate_hz])
    assert np.abs(signals[0] - own.samples[:]).max() < 0.01


@pytest.mark.parametrize("rates_hz", [[np.pi * 40], [7 / 61, 100.0], [0.001], [-5.0], [np.nan]])
def test_rates_that_fit_no_record_are_refused(rates_hz: list[float], tmp_path: Path) -> None:
    channels = [channel(rate_hz, 0.0, samples=np.zeros(1)) for rate_hz in rates_hz]
    with pytest.raises(ValueError, match="no data record of at most 60 s holds whole samples"):
        write_edf(recording(*channels), tmp_path / "night.edf")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"label": "a label of 17 chr"}, "at most 16 ASCII"),
        ({"label": "µ"}, "at most 16 ASCII"),
        ({"unit": "microvolt"}, "at most 8 ASCII"),
        ({"samples": np.zeros(7)}, "7 samples, the segments need 1000"),
        ({"limits": (5.0, 5.0)}, "leave no range"),
        ({"limits": (-1e9, 1e9)}, "does not fit into the 8 characters"),
        ({"samples": np.full(1000, np.inf)}, "not all samples are finite"),
        (
            {"samples": np.array([0.0] * 500 + [np.nan] * 500), "limits": (-1.0, 1.0)},
            r"the sample at 5\.000 s is not finite",
        ),
    ],
)
def test_channels_that_edf_cannot_hold_are_refused(
    changed: dict[str, object], message: str, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match=message):
        write_edf(recording(channel(100.0, 10.0, **changed)), tmp_path / "night.edf")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ((-1.0, 0.0, "early"), "onset -1.0 s"),
        ((1.0, -1.0, "short"), "duration -1.0 s"),
        ((np.nan, 0.0, "never"), "onset nan s"),
        ((1.0, np.inf, "ever"), "duration inf s"),
        ((1.0, 0.0, ""), "1 to 40 printable bytes"),
        ((1.0, 0.0, "µ" * 21), "1 to 40 printable bytes"),
        ((1.0, 0.0, "a\x14b"), "1 to 40 printable bytes"),
    ],
)
def test_annotations_that_edf_would_lose_are_refused(
    row: tuple[float, float, str], message: str, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match=message):
        write_edf(recording(channel(100.0, 10.0)), tmp_path / "night.edf", [row])


def test_too_many_annotations_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="641 annotations do not fit into 10 records"):
        write_edf(recording(channel(100.0, 10.0)), tmp_path / "night.edf", [(0.0, 0.0, "x")] * 641)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"start": datetime(1984, 12, 31)}, "EDF holds the years 1985 to 2084"),
        ({"segments": ()}, "1000 samples, the segments need 0"),
        (
            {
                "segments": (
                    Segment(start_s=0.0, duration_s=4.0),
                    Segment(start_s=5.0, duration_s=6.0),
                )
            },
            "2 segments with 1000 samples",
        ),
    ],
)
def test_recordings_that_edf_cannot_hold_are_refused(
    changed: dict[str, object], message: str, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match=message):
        write_edf(recording(channel(100.0, 10.0), **changed), tmp_path / "night.edf")


def test_a_recording_without_channels_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least one channel"):
        write_edf(recording(), tmp_path / "night.edf")


def test_a_note_that_is_too_long_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at most 39 ASCII"):
        write_edf(recording(channel(100.0, 10.0)), tmp_path / "night.edf", note="x" * 40)


def test_a_file_that_failed_leaves_the_old_one_alone(tmp_path: Path) -> None:
    path = tmp_path / "night.edf"
    write_edf(recording(channel(100.0, 10.0)), path)
    before = path.read_bytes()
    broken = channel(100.0, 0.0, samples=np.array([0.0] * 999 + [np.nan]), limits=(-1.0, 1.0))
    with pytest.raises(ValueError, match="not finite"):
        write_edf(recording(broken), path)
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [before]


def test_a_missing_folder_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r".+"):
        write_edf(recording(channel(100.0, 10.0)), tmp_path / "nowhere" / "night.edf")
