"""Signals of a review: each pixel is the smallest and largest sample in it, gaps stay gaps."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from psgkit.core.recording import Channel, Recording, Segment
from psgkit.errors import SettingsError
from psgkit.io.edf.read import read_edf
from psgkit.review.montage import (
    Montage,
    Row,
    montage_for,
    montage_from,
    read_montage,
    write_montage,
)
from psgkit.review.pyramid import Filter, Window
from psgkit.review.signals import MIN_MAX, SAMPLES, SignalStore
from psgkit.review.view import recording_view
from tests.edf_maker import annotations, edf_bytes, ordinary, tal


def recording_of(
    rate_hz: float = 100.0, spans: tuple[tuple[float, float], ...] = ((0, 3600),)
) -> Recording:
    """Return noise in some stretches, whose samples are all in memory."""
    segments = tuple(Segment(start_s=first, duration_s=last - first) for first, last in spans)
    n = sum(round(one.duration_s * rate_hz) for one in segments)
    samples = np.random.default_rng(4).normal(size=n).astype(np.float32)
    channel = Channel(label="LAT", rate_hz=rate_hz, samples=samples, unit="uV", role="leg")
    return Recording(source="n.edf", start=None, segments=segments, channels=(channel,))


class Counted:
    """Samples that note which of them were read."""

    def __init__(self, samples: np.ndarray) -> None:
        self.samples, self.read = samples, np.zeros(len(samples), dtype=bool)

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, part: slice) -> np.ndarray:
        self.read[part] = True
        return self.samples[part]


@pytest.mark.parametrize("width", [1, 7, 100, 1111])
@pytest.mark.parametrize("span", [(0.0, 3600.0), (100.0, 160.0), (1234.5, 3333.0)])
def test_a_window_holds_the_extremes_of_its_samples(width: int, span: tuple[float, float]) -> None:
    recording = recording_of()
    samples = np.asarray(recording.channels[0].samples)
    window = Window(from_s=span[0], to_s=span[1], width_px=width)
    line = SignalStore(recording).line(0, window)
    assert line.kind == MIN_MAX
    edges = np.rint(window.edges() * 100).astype(int)
    pixels = [samples[first:last] for first, last in pairwise(edges)]
    low, high = line.values[0::2], line.values[1::2]
    # bins of a level, at most half a pixel wide, may lie across the edge of a pixel
    for k, pixel in enumerate(pixels):
        assert low[k : k + 2].min() <= pixel.min()
        assert high[k : k + 2].max() >= pixel.max()
        reach = len(pixel) // 2 + 1
        around = samples[max(edges[k] - reach, 0) : edges[k + 1] + reach]
        assert low[k] >= around.min()
        assert high[k] <= around.max()


def test_few_samples_a_pixel_are_drawn_as_they_are() -> None:
    recording = recording_of()
    line = SignalStore(recording).line(0, Window(from_s=10.0, to_s=12.0, width_px=400))
    assert line.kind == SAMPLES
    first = round(line.first_s * 100)
    np.testing.assert_array_equal(
        line.values, recording.channels[0].samples[first : first + len(line.values)]
    )


@pytest.mark.parametrize("length", [4.0, 400.0, 4000.0])
def test_what_was_not_recorded_is_a_gap(length: float) -> None:
    recording = recording_of(spans=((0, 1000), (1500, 2500)))
    line = SignalStore(recording).line(
        0, Window(from_s=1200.0 - length / 4, to_s=1200.0 + length * 3 / 4, width_px=400)
    )
    size = 2 if line.kind == MIN_MAX else 1
    at = line.first_s + line.step_s * (
        np.arange(len(line.values)) // size + (0.5 if size == 2 else 0)
    )
    known = np.isfinite(line.values)
    recorded = ((at > 0) & (at < 1000)) | ((at > 1500) & (at < 2500))
    inside = np.abs(at[:, None] - np.array([0, 1000, 1500, 2500])).min(axis=1) > 2 * line.step_s
    np.testing.assert_array_equal(known[inside], recorded[inside])


def test_only_the_blocks_of_a_window_are_read() -> None:
    source = recording_of(rate_hz=500.0, spans=((0, 7200),))
    counted = Counted(np.asarray(source.channels[0].samples))
    channel = Channel(label="LAT", rate_hz=500.0, samples=counted, unit="uV")
    store = SignalStore(
        Recording(source="n.edf", start=None, segments=source.segments, channels=(channel,))
    )
    store.line(0, Window(from_s=3600.0, to_s=3900.0, width_px=300))
    assert 0.03 < counted.read.mean() < 0.2
    counted.read[:] = False
    store.line(0, Window(from_s=3600.0, to_s=3900.0, width_px=300))
    assert not counted.read.any()


def test_a_filter_is_the_same_in_every_block() -> None:
    from scipy.signal import sosfiltfilt

    recording = recording_of(rate_hz=200.0, spans=((0, 3000),))
    chosen = Filter(low_hz=10.0, high_hz=80.0)
    line = SignalStore(recording).line(0, Window(from_s=0.0, to_s=3000.0, width_px=500), chosen)
    whole = sosfiltfilt(chosen.sections(200.0), np.asarray(recording.channels[0].samples))
    assert line.values[1::2].max() == pytest.approx(whole.max(), abs=1e-3)
    assert line.values[0::2].min() == pytest.approx(whole.min(), abs=1e-3)


def test_missing_samples_do_not_spread_through_a_filter() -> None:
    recording = recording_of()
    samples = np.array(recording.channels[0].samples)
    samples[5000:5100] = np.nan
    channel = Channel(label="LAT", rate_hz=100.0, samples=samples, unit="uV")
    store = SignalStore(
        Recording(source="n.edf", start=None, segments=recording.segments, channels=(channel,))
    )
    line = store.line(0, Window(from_s=40.0, to_s=60.0, width_px=2000), Filter(low_hz=10.0))
    assert np.isnan(line.values).sum() == 100


def test_a_montage_is_kept_and_read(tmp_path) -> None:  # noqa: ANN001
    montage = Montage(rows=(Row(label="LAT", height=2.0, colour="#112233", low_hz=0.5),))
    write_montage(tmp_path / "montage.json", montage)
    assert read_montage(tmp_path / "montage.json") == montage
    assert read_montage(tmp_path / "none.json") is None
    # a channel that the montage does not know follows
    other = montage_for(recording_of(), Montage(rows=(Row(label="C3"),)))
    assert [row.label for row in other.rows] == ["C3", "LAT"]


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ({"label": 3}, "label"),
        ({"label": "LAT", "height": 99}, "height"),
        ({"label": "LAT", "height": float("nan")}, "height"),
        ({"label": "LAT", "colour": "url(x)"}, "colour"),
        ({"label": "LAT", "shown": "yes"}, "shown"),
        ({"label": "LAT", "low_hz": True}, "low_hz"),
        ({"label": "LAT", "gain": 2}, "gain"),
        ([], "channel 1"),
    ],
)
def test_a_wrong_montage_is_refused_with_the_field(row: object, field: str) -> None:
    with pytest.raises(SettingsError, match=field):
        montage_from({"channels": [row]})


def test_a_night_of_many_channels_shows_what_has_room() -> None:
    source = recording_of(spans=((0, 10),))
    labels = [f"C{n}" for n in range(9)] + [f"C{n}-M1" for n in range(3)]
    samples = source.channels[0].samples
    eeg = [Channel(label=one, rate_hz=100.0, samples=samples, role="eeg") for one in labels]
    night = Recording(
        source="n.edf", start=None, segments=source.segments, channels=(*eeg, *source.channels)
    )
    rows = montage_for(night).rows
    assert len(rows) == 13
    shown = {row.label for row in rows if row.shown}
    assert shown == {"C0-M1", "C1-M1", "C2-M1", "C0", "LAT"}


class SlowDisk(Counted):
    """Samples of which each read takes a second, by a clock of its own."""

    def __init__(self, samples: np.ndarray) -> None:
        super().__init__(samples)
        self.now = 0.0
        self.reads = 0
        self.longest = 0

    def __getitem__(self, part: slice) -> np.ndarray:
        self.now += 1.0
        self.reads += 1
        found = super().__getitem__(part)
        self.longest = max(self.longest, len(found))
        return found


class Zeros:
    """A long recording that needs no memory."""

    dtype = np.dtype(np.float32)

    def __init__(self, n: int) -> None:
        self.n = n

    def __len__(self) -> int:
        return self.n

    def __getitem__(self, part: slice) -> np.ndarray:
        return np.zeros(len(range(*part.indices(self.n))), dtype=np.float32)


def store_of(samples: SlowDisk, rate_hz: float) -> SignalStore:
    segments = (Segment(start_s=0.0, duration_s=len(samples) / rate_hz),)
    channel = Channel(label="LAT", rate_hz=rate_hz, samples=samples, unit="uV")
    night = Recording(source="n.edf", start=None, segments=segments, channels=(channel,))
    return SignalStore(night, clock=lambda: samples.now)


def test_a_slow_disk_is_answered_in_parts_that_lie_all_over_the_window() -> None:
    disk = SlowDisk(np.asarray(recording_of(rate_hz=500.0, spans=((0, 7200),)).channels[0].samples))
    store = store_of(disk, 500.0)
    window = Window(from_s=0.0, to_s=7200.0, width_px=300)
    lines, reads = [], [0]
    while not lines or lines[-1].partial:
        lines.append(store.line(0, window, None, within_s=2.5))
        reads.append(disk.reads)
    assert max(np.diff(reads)) == 3
    assert len(lines) > 5
    known = np.flatnonzero(np.isfinite(lines[1].values[::2]))
    assert known.min() < 50
    assert known.max() > 200
    shares = [np.isfinite(line.values).mean() for line in lines]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    # whoever does not ask within a time waits for the same picture
    whole = store_of(SlowDisk(disk.samples), 500.0).line(0, window)
    np.testing.assert_array_equal(lines[-1].values, whole.values)
    before = disk.reads
    assert not store.line(0, window, None, within_s=2.5).partial
    assert disk.reads == before


def test_a_day_at_2_khz_is_read_in_small_pieces_and_kept_in_little_memory() -> None:
    n = 24 * 3600 * 2000
    disk = SlowDisk.__new__(SlowDisk)
    disk.samples, disk.read = Zeros(n), np.zeros(n // 2**12 + 1, dtype=bool)  # type: ignore[assignment]
    disk.read = type("Nowhere", (), {"__setitem__": lambda *_: None})()  # type: ignore[assignment]
    disk.now, disk.reads, disk.longest = 0.0, 0, 0
    store = store_of(disk, 2000.0)
    for within_s in (0.5, 0.5):
        day = Window(from_s=0.0, to_s=86400.0, width_px=1300)
        line = store.line(0, day, Filter(low_hz=10.0, high_hz=100.0), within_s)
        assert line.partial
    assert disk.reads == 2
    assert disk.longest < 2**18
    levels = store._pyramids[0, Filter(low_hz=10.0, high_hz=100.0)][0]._levels
    assert sum(level.nbytes for level in levels) < 10 * 2**20


def test_the_gaps_of_a_discontinuous_file_are_gaps(tmp_path: Path) -> None:
    notes = annotations([tal(f"+{start}") for start in (0, 1, 100, 101, 102, 900)])
    path = tmp_path / "gaps.edf"
    path.write_bytes(edf_bytes([ordinary(np.arange(24)), notes], reserved="EDF+D"))
    recording = read_edf(path)
    assert [(one["onset_s"], one["end_s"]) for one in recording_view(recording)["segments"]] == [
        (0.0, 2.0), (100.0, 103.0), (900.0, 901.0),
    ]  # fmt: skip
    for width, span in ((901, (0.0, 901.0)), (2000, (95.0, 105.0))):
        window = Window(from_s=span[0], to_s=span[1], width_px=width)
        line = SignalStore(recording).line(0, window)
        size = 2 if line.kind == MIN_MAX else 1
        at = line.first_s + line.step_s * (np.arange(len(line.values) // size) + 0.5)
        known = np.isfinite(line.values[::size])
        inside = np.zeros(len(at), dtype=bool)
        for first, last in ((0, 2), (100, 103), (900, 901)):
            inside |= (at > first) & (at < last)
        assert (known == inside).mean() > 0.99
        assert known.any()
