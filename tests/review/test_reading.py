"""Signals read in the background: answers never wait, are the same in the end, and are kept."""

import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from psgkit.core.recording import Channel, Recording, Segment
from psgkit.review.pyramid import Filter, Window
from psgkit.review.reading import LevelFiles, Reader
from psgkit.review.signals import SignalStore

BAND = Filter(low_hz=10.0, high_hz=80.0)
NIGHT = Window(from_s=0.0, to_s=7200.0, width_px=300)


class Watched:
    """Samples that count how often they were read."""

    def __init__(self, samples: np.ndarray) -> None:
        self.samples, self.reads = samples, 0

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, part: slice) -> np.ndarray:
        self.reads += 1
        return self.samples[part]


def night_of(n: int = 2) -> tuple[Recording, list[Watched]]:
    """Return two hours of noise with an offset, in two stretches."""
    dice = np.random.default_rng(5)
    segments = (Segment(start_s=0.0, duration_s=3000.0), Segment(start_s=4000.0, duration_s=3200.0))
    samples = [Watched((dice.normal(size=1_240_000) + 1000).astype(np.float32)) for _ in range(n)]
    channels = tuple(
        Channel(label=f"C{k}", rate_hz=200.0, samples=one, unit="uV")  # type: ignore[arg-type]
        for k, one in enumerate(samples)
    )
    return Recording(source="n.edf", start=None, segments=segments, channels=channels), samples


def reader_of(recording: Recording, folder: Path | None = None, chosen: Filter = BAND) -> Reader:
    store = SignalStore(recording)
    files = LevelFiles(folder=folder, sha256="ab" * 32)
    shown = [(k, chosen) for k in range(len(recording.channels))]
    return Reader(store=store, files=files, shown=lambda: shown)


def read_whole(reader: Reader, chosen: Filter = BAND) -> list[np.ndarray]:
    """Let the reader read everything and return the lines of the night."""
    n = len(reader.store.recording.channels)
    reader.want(NIGHT, [(k, chosen) for k in range(n)])
    while any((lines := [reader.store.ready(k, NIGHT, chosen) for k in range(n)])[k].partial
              for k in range(n)):  # fmt: skip
        time.sleep(0.005)
    return [line.values for line in lines]


def stopped(reader: Reader) -> None:
    reader.end()
    assert reader._thread is not None
    reader._thread.join()


def test_an_answer_reads_nothing_and_the_reader_makes_it_whole() -> None:
    recording, samples = night_of()
    reader = reader_of(recording)
    line = reader.store.ready(0, NIGHT, BAND)
    assert line.partial
    assert np.isnan(line.values).all()
    assert [one.reads for one in samples] == [0, 0]
    values = read_whole(reader)
    for channel, found in enumerate(values):
        wanted = SignalStore(recording).line(channel, NIGHT, BAND)
        np.testing.assert_array_equal(found, wanted.values)
    stopped(reader)


def test_what_is_not_filtered_yet_is_drawn_as_recorded_about_its_middle() -> None:
    recording, _samples = night_of()
    store = SignalStore(recording)
    for pyramid in store.raw(0):
        for block in range(pyramid.blocks_n):
            pyramid.build(block)
    line = store.ready(0, NIGHT, BAND)
    assert (line.partial, line.unfiltered) == (True, True)
    known = np.isfinite(line.values[::2])
    assert known.mean() == pytest.approx(6200 / 7200, abs=0.01)
    assert abs(np.nanmedian(line.values)) < 1.0
    first, *_ = store.stretches(0, BAND)
    first.build(0)
    mixed = store.ready(0, NIGHT, BAND)
    filtered = store.line(0, NIGHT, BAND, within_s=0.0)
    block = slice(0, 2 * int(first.block_samples / 200 / 7200 * 300) - 2)
    np.testing.assert_array_equal(mixed.values[block], filtered.values[block])


def test_finished_signals_are_kept_and_the_next_opening_reads_no_samples(tmp_path: Path) -> None:
    recording, samples = night_of()
    reader = reader_of(recording, tmp_path / "kept")
    values = read_whole(reader)
    while len(list((tmp_path / "kept").glob("*.npy"))) < 4:
        time.sleep(0.005)
    stopped(reader)
    before = [one.reads for one in samples]
    again = reader_of(recording, tmp_path / "kept")
    for found, wanted in zip(read_whole(again), values, strict=True):
        np.testing.assert_array_equal(found, wanted)
    stopped(again)
    assert [one.reads for one in samples] == before


@pytest.mark.parametrize("damage", ["cut", "empty", "other", "pickle"])
def test_a_damaged_file_is_made_again(tmp_path: Path, damage: str) -> None:
    recording, _samples = night_of(1)
    reader = reader_of(recording, tmp_path)
    values = read_whole(reader)
    while len(list(tmp_path.glob("*.npy"))) < 2:
        time.sleep(0.005)
    stopped(reader)
    path = min(tmp_path.glob("*.npy"))
    whole = path.read_bytes()
    if damage == "other":
        np.save(path, np.zeros((4, 2), dtype=np.float32))
    elif damage == "pickle":
        np.save(path, np.array([{}], dtype=object), allow_pickle=True)
    else:
        path.write_bytes(whole[:900] if damage == "cut" else b"")
    again = reader_of(recording, tmp_path)
    np.testing.assert_array_equal(read_whole(again)[0], values[0])
    stopped(again)


def test_another_filter_and_another_recording_leave_no_files_behind(tmp_path: Path) -> None:
    recording, _samples = night_of(1)
    (tmp_path / "0123456789abcdef-0-0-0123456789abcdef.npy").write_bytes(b"old")
    for chosen in (BAND, Filter(high_hz=30.0)):
        reader = reader_of(recording, tmp_path, chosen)
        read_whole(reader, chosen)
        while len(list(tmp_path.glob("*.npy"))) != 2 or reader._asking:
            time.sleep(0.005)
        stopped(reader)
    assert len(list(tmp_path.glob("*.npy"))) == 2


def test_a_folder_that_cannot_be_written_to_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    recording, _samples = night_of(1)
    reader = reader_of(recording, tmp_path / "file")
    assert np.isfinite(read_whole(reader)[0]).any()
    stopped(reader)
    assert (tmp_path / "file").read_text() == "no folder"


def test_a_change_of_what_is_shown_ends_what_was_being_read() -> None:
    recording, samples = night_of()
    shown: list[tuple[int, Filter]] = [(0, BAND)]
    store = SignalStore(recording)
    files = LevelFiles(folder=None, sha256="")
    reader = Reader(store=store, files=files, shown=lambda: list(shown))
    reader.begin()
    shown[:] = [(1, BAND)]
    reader.look_again()
    line: Any = store.ready(1, NIGHT, BAND)
    while line.partial:
        time.sleep(0.005)
        line = store.ready(1, NIGHT, BAND)
    assert samples[1].reads > 0
    stopped(reader)
