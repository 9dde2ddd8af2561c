"""Damaged files: a recording whose samples can be read, or an error of psgkit; nothing else."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from edf_maker import annotations, edf_bytes, ordinary, tal
from hypothesis import given
from hypothesis import strategies as st
from rounds import cases

from psgkit.errors import PsgkitError
from psgkit.io.read import read_recording

N_RECORDS = 5


def small_file(kind: str, sample_bytes: int) -> bytes:
    gap = 20 if kind.endswith("D") else 0
    stamps = [tal(f"+{i + gap * (i > 2)}") for i in range(N_RECORDS)]
    stamps[1] += tal("+1.5", "EEG arousal", duration="3")
    label = "EDF Annotations" if sample_bytes == 2 else "BDF Annotations"
    leg = ordinary(np.arange(40 * N_RECORDS) - 60, 40, label="EMG LAT")
    slow = ordinary(np.arange(N_RECORDS), 1, label="SpO2", unit="%", physical_min="0")
    signals = [leg, slow, annotations(stamps, 24, label=label)]
    return edf_bytes(signals, reserved=kind, sample_bytes=sample_bytes)


FILES = [small_file(*kind) for kind in (("EDF+C", 2), ("EDF+D", 2), ("BDF+C", 3), ("", 2))]
HEADER_BYTES = 256 * 4

places = st.one_of(
    st.integers(0, 255),
    st.integers(256, HEADER_BYTES - 1),
    st.integers(HEADER_BYTES, len(FILES[0]) - 1),
)
flips = st.lists(st.tuples(places, st.integers(0, 255)), min_size=0, max_size=6)
fields = st.sampled_from([(168, 8), (176, 8), (184, 8), (192, 44), (236, 8), (244, 8), (252, 4)])
values = st.one_of(
    st.sampled_from([b"", b"-1", b"0", b"nan", b"inf", b"1e308", b"1e-308", b"9999", b"2"]),
    st.sampled_from(
        [b"EDF+D", b"BDF+D", b"31.12.84", b"0,5", b"1_0", b"\xb2", b"\x00" * 8, b"0x1"]
    ),
    st.binary(max_size=8),
)


def read_everything(raw: bytes) -> None:
    """Read the file and all of its samples, or fail with an error of psgkit."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "night.edf"
        path.write_bytes(raw)
        try:
            recording = read_recording(path)
        except PsgkitError:
            return
        for channel in recording.channels:
            samples = channel.samples[:]
            assert len(samples) == len(channel.samples)
            assert np.isfinite(samples).all()
            assert np.isfinite(channel.rate_hz)
            parts = recording.signals(channel) if len(samples) else ()
            assert sum(len(part.samples) for part in parts) == len(samples)
        assert np.isfinite(recording.duration_s)
        assert np.isfinite(recording.annotations.onset_s).all()


@cases(500)
@given(st.sampled_from(FILES), flips, st.none() | st.integers(0, len(FILES[0])))
def test_flipped_bytes_and_a_cut_end(
    raw: bytes, changes: list[tuple[int, int]], length: int | None
) -> None:
    damaged = bytearray(raw)
    for at, value in changes:
        if at < len(damaged):
            damaged[at] = value
    read_everything(bytes(damaged[:length]))


@cases(300)
@given(st.sampled_from(FILES), st.lists(st.tuples(fields, values), min_size=1, max_size=3))
def test_header_fields_that_hold_something_else(
    raw: bytes, changes: list[tuple[tuple[int, int], bytes]]
) -> None:
    damaged = bytearray(raw)
    for (at, width), value in changes:
        damaged[at : at + width] = value[:width].ljust(width)
    read_everything(bytes(damaged))


@cases(300)
@given(
    st.sampled_from(FILES),
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 5), values), min_size=1, max_size=3),
)
def test_signal_fields_that_hold_something_else(
    raw: bytes, changes: list[tuple[int, int, bytes]]
) -> None:
    damaged = bytearray(raw)
    for row, field, value in changes:
        # unit, the four ends of the ranges, samples a record
        at = 256 + 3 * (96 + 8 * field if field < 5 else 216) + 8 * row
        damaged[at : at + 8] = value[:8].ljust(8)
    read_everything(bytes(damaged))


@cases(200)
@given(st.binary(max_size=600))
def test_any_bytes(raw: bytes) -> None:
    read_everything(raw)
    read_everything(b"0       " + raw)
