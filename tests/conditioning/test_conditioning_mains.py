"""Mains hum goes, movements stay."""

import numpy as np
import pytest

from psgkit.conditioning.emg.band import Band, filter_zero_phase, mirror_ends, response_samples
from psgkit.conditioning.emg.mains import MainsLine, find_mains, without_mains

SECONDS = 120
BURSTS_S = [(20.0, 21.0), (50.0, 53.0), (80.0, 80.6), (100.0, 108.0)]


def band_passed(samples: np.ndarray, rate_hz: float) -> np.ndarray:
    pad = response_samples(rate_hz)
    return filter_zero_phase(mirror_ends(samples, pad, pad), Band().clipped(rate_hz), rate_hz)


def emg(rate_hz: float) -> np.ndarray:
    at = np.arange(round(SECONDS * rate_hz)) / rate_hz
    level = np.full(len(at), 2.0)
    for start, stop in BURSTS_S:
        level[(at >= start) & (at < stop)] = 50.0
    return level * np.random.default_rng(2).standard_normal(len(at))


def hum(rate_hz: float, frequency_hz: float, amplitude_uv: float) -> np.ndarray:
    """Return hum whose frequency, phase and amplitude wander as those of a real grid."""
    at = np.arange(round(SECONDS * rate_hz)) / rate_hz
    wander_hz = 0.03 * np.sin(2 * np.pi * at / 70)
    phase = 2 * np.pi * np.cumsum(frequency_hz + wander_hz) / rate_hz
    return amplitude_uv * (1 + 0.2 * np.sin(2 * np.pi * at / 90)) * np.sin(phase + 1.0)


def pieces_of(samples: np.ndarray, rate_hz: float) -> np.ndarray:
    length = round(4 * rate_hz)
    starts = np.linspace(0, len(samples) - length, 24).astype(int)
    return np.stack([samples[start : start + length] for start in starts])


@pytest.mark.parametrize("rate_hz", [200.0, 256.0, 512.0, 1000.0])
@pytest.mark.parametrize("frequency_hz", [50.0, 60.0])
@pytest.mark.parametrize("amplitude_uv", [3.0, 20.0])
def test_a_drifting_hum_is_found_and_removed_and_movements_keep_their_amplitude(
    rate_hz: float, frequency_hz: float, amplitude_uv: float
) -> None:
    clean = band_passed(emg(rate_hz), rate_hz)
    dirty = band_passed(emg(rate_hz) + hum(rate_hz, frequency_hz, amplitude_uv), rate_hz)
    line = find_mains(pieces_of(dirty, rate_hz), rate_hz, Band().clipped(rate_hz).high_hz, (50, 60))
    assert line is not None
    assert line.frequency_hz == frequency_hz
    assert line.amplitude_uv == pytest.approx(amplitude_uv, rel=0.25)
    found = without_mains(dirty, 0, rate_hz, line)
    assert found.shape == dirty.shape
    quiet = slice(round(25 * rate_hz), round(45 * rate_hz))
    left_uv = np.abs(found - clean)[quiet].mean()
    assert left_uv <= 0.1 * np.abs(dirty - clean)[quiet].mean() + 0.15
    assert np.abs(found)[quiet].mean() == pytest.approx(np.abs(clean)[quiet].mean(), abs=0.2)
    for start, stop in BURSTS_S:
        burst = slice(round(start * rate_hz), round(stop * rate_hz))
        assert np.abs(found)[burst].mean() == pytest.approx(np.abs(clean)[burst].mean(), rel=0.05)


@pytest.mark.parametrize("rate_hz", [200.0, 512.0])
def test_a_movement_does_not_ring(rate_hz: float) -> None:
    clean = band_passed(emg(rate_hz), rate_hz)
    found = without_mains(
        clean, 0, rate_hz, MainsLine(frequency_hz=50.0, amplitude_uv=1.0, share=0.5)
    )
    for start, _ in BURSTS_S:
        beside = slice(round((start - 1.0) * rate_hz), round((start - 0.05) * rate_hz))
        assert np.abs(found - clean)[beside].mean() < 0.3


@pytest.mark.parametrize("rate_hz", [200.0, 512.0])
def test_noise_without_hum_has_none(rate_hz: float) -> None:
    clean = band_passed(emg(rate_hz), rate_hz)
    assert find_mains(pieces_of(clean, rate_hz), rate_hz, 90.0, (50.0, 60.0)) is None


def test_the_stronger_line_is_taken() -> None:
    dirty = emg(500.0) + hum(500.0, 50.0, 2.0) + hum(500.0, 60.0, 6.0)
    line = find_mains(pieces_of(band_passed(dirty, 500.0), 500.0), 500.0, 100.0, (50.0, 60.0))
    assert line is not None
    assert line.frequency_hz == 60.0


def test_hum_above_the_band_is_none_of_ours() -> None:
    dirty = band_passed(emg(100.0) + hum(100.0, 49.0, 9.0), 100.0)
    assert find_mains(pieces_of(dirty, 100.0), 100.0, 45.0, (50.0, 60.0)) is None


def test_silence_has_no_hum() -> None:
    assert find_mains(np.zeros((3, 400), dtype=np.float32), 100.0, 45.0, (50.0,)) is None


def test_a_stretch_goes_on_where_the_one_before_ended() -> None:
    rate_hz = 256.0
    dirty = band_passed(emg(rate_hz) + hum(rate_hz, 50.0, 8.0), rate_hz)
    line = MainsLine(frequency_hz=50.0, amplitude_uv=8.0, share=0.9)
    whole = without_mains(dirty, 0, rate_hz, line)
    first = round(30 * rate_hz)
    part = without_mains(dirty[first:], first, rate_hz, line)
    # the drift is taken from 20 s on each side; stretches overlap by 60 s
    inside = slice(round(25 * rate_hz), -round(5 * rate_hz))
    assert np.abs(part - whole[first:])[inside].max() < 0.05


def test_less_than_a_piece_is_left_as_it_is() -> None:
    line = MainsLine(frequency_hz=50.0, amplitude_uv=8.0, share=0.9)
    short = np.ones(10, dtype=np.float32)
    assert without_mains(short, 0, 256.0, line) is short


@pytest.mark.parametrize("rate_hz", [256.0, 1000.0])
@pytest.mark.parametrize("frequency_hz", [49.8, 50.2, 60.0])
@pytest.mark.parametrize("on_s", [(30.0, 75.0), (90.0, 120.0)])
def test_hum_that_is_switched_is_removed_up_to_its_edges(
    rate_hz: float, frequency_hz: float, on_s: tuple[float, float]
) -> None:
    """The estimate was a mean across the edge: hum stayed on one side, and came on the other."""
    at = np.arange(round(SECONDS * rate_hz)) / rate_hz
    on = (at >= on_s[0]) & (at < on_s[1])
    clean = band_passed(emg(rate_hz), rate_hz)
    added = 20.0 * on * np.sin(2 * np.pi * frequency_hz * at)
    dirty = band_passed(emg(rate_hz) + added, rate_hz)
    line = find_mains(pieces_of(dirty, rate_hz), rate_hz, 100.0, (50.0, 60.0))
    assert line is not None
    left = np.abs(without_mains(dirty, 0, rate_hz, line) - clean)
    for start, stop in BURSTS_S:
        left[(at >= start) & (at < stop)] = 0.0
    by_piece = left[: len(left) // round(0.25 * rate_hz) * round(0.25 * rate_hz)]
    by_piece = by_piece.reshape(-1, round(0.25 * rate_hz)).mean(axis=1)
    # half a second in which it is switched, and what the filter adds to it
    assert np.count_nonzero(by_piece > 3.0) <= 3 * (1 if on_s[1] == SECONDS else 2)
