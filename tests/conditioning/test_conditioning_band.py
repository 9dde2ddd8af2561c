"""The overlap-save band-pass against ``scipy.signal.sosfiltfilt``."""

import numpy as np
import pytest
from scipy.signal import butter, sosfiltfilt, sosfreqz

from psgkit.conditioning.emg.band import (
    Band,
    filter_zero_phase,
    mirror_ends,
    response_samples,
    zero_phase_gain,
)

RATES_HZ = [100.0, 128.0, 200.0, 256.0, 500.0, 512.0, 1000.0, 1024.0, 2000.0]


def emg(rate_hz: float, seconds: float) -> np.ndarray:
    """Return noise with bursts, an offset, a drift and a heart beat."""
    rng = np.random.default_rng(4)
    at = np.arange(round(rate_hz * seconds)) / rate_hz
    level = np.where(at % 20 < 3, 40.0, 2.0)
    beats = 300.0 * np.exp(-0.5 * ((at % 0.9 - 0.45) / 0.01) ** 2)
    return level * rng.standard_normal(len(at)) + 500.0 + 30 * np.sin(at / 5) + beats


def filtered(samples: np.ndarray, rate_hz: float, band: Band) -> np.ndarray:
    pad = response_samples(rate_hz)
    return filter_zero_phase(mirror_ends(samples, pad, pad), band, rate_hz)


def wanted(samples: np.ndarray, rate_hz: float, band: Band) -> np.ndarray:
    edges = [band.low_hz, band.high_hz]
    return sosfiltfilt(butter(band.order, edges, "band", fs=rate_hz, output="sos"), samples)


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_it_equals_sosfiltfilt_inside(rate_hz: float) -> None:
    samples = emg(rate_hz, 60.0)
    band = Band().clipped(rate_hz)
    ours, theirs = filtered(samples, rate_hz, band), wanted(samples, rate_hz, band)
    inside = slice(round(rate_hz), -round(rate_hz))
    assert ours.shape == theirs.shape
    assert np.abs(ours - theirs)[inside].max() <= 1e-3 * np.abs(theirs).std()


@pytest.mark.parametrize("rate_hz", [200.0, 512.0])
def test_a_constant_and_a_drift_do_not_come_through_not_even_at_the_ends(rate_hz: float) -> None:
    at = np.arange(round(20 * rate_hz)) / rate_hz
    ours = filtered(1000.0 + 10 * at, rate_hz, Band().clipped(rate_hz))
    assert np.abs(ours).max() <= 0.01


@pytest.mark.parametrize("rate_hz", RATES_HZ)
@pytest.mark.parametrize("band", [Band(), Band(low_hz=20.0, order=5), Band(high_hz=40.0, order=2)])
def test_the_gain_is_that_of_the_design_run_twice(rate_hz: float, band: Band) -> None:
    band = band.clipped(rate_hz)
    edges = [band.low_hz, band.high_hz]
    sos = butter(band.order, edges, "band", fs=rate_hz, output="sos")
    # up to, not at, half the rate: there freqz divides by zero
    _, response = sosfreqz(sos, np.arange(1, 500) / 1000 * rate_hz, fs=rate_hz)
    gain = zero_phase_gain(band, rate_hz, 1000)[1:-1]
    np.testing.assert_allclose(gain, np.abs(response) ** 2, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("rate_hz", [200.0, 256.0, 1000.0])
def test_a_stretch_by_itself_gives_what_the_whole_gives(rate_hz: float) -> None:
    samples = emg(rate_hz, 120.0)
    pad = response_samples(rate_hz)
    whole = filtered(samples, rate_hz, Band().clipped(rate_hz))
    cuts = [0, 1, 777, round(40 * rate_hz), round(40 * rate_hz) + 3, round(99 * rate_hz)]
    parts = []
    for first, last in zip(cuts, [*cuts[1:], len(samples)], strict=True):
        low, high = max(0, first - pad), min(len(samples), last + pad)
        around = mirror_ends(samples[low:high], pad - (first - low), pad - (high - last))
        parts.append(filter_zero_phase(around, Band().clipped(rate_hz), rate_hz))
    joined = np.concatenate(parts)
    inside = slice(pad, -pad)
    assert len(joined) == len(whole)
    # the reflection of a short stretch at the very end knows less of the signal
    assert np.abs(joined - whole)[inside].max() <= 1e-4 * np.abs(whole).std()


@pytest.mark.parametrize("n_samples", [1, 2, 3, 100, 4999, 5000, 5001])
def test_any_length_gives_as_many_samples(n_samples: int) -> None:
    samples = np.random.default_rng(0).normal(0, 5, n_samples)
    ours = filtered(samples, 250.0, Band())
    assert ours.shape == (n_samples,)
    assert np.isfinite(ours).all()


def test_the_end_of_twelve_hours_is_as_exact_as_their_start() -> None:
    # the same second of noise again and again must give the same samples again and again
    rate_hz, n = 200.0, 200 * 3600 * 3
    second = np.random.default_rng(0).normal(0, 20, 400).astype(np.float32)
    ours = filtered(np.resize(second, n), rate_hz, Band().clipped(rate_hz))
    np.testing.assert_allclose(ours[-2000:-400], ours[2000:3600], atol=1e-3)


def test_a_band_is_clipped_to_what_a_rate_can_carry() -> None:
    assert Band().clipped(100.0) == Band(high_hz=45.0)
    assert Band().clipped(200.0) == Band(high_hz=90.0)
    assert Band().clipped(256.0) == Band()


@pytest.mark.parametrize("edges", [(0.0, 100.0), (-1.0, 100.0), (100.0, 100.0), (100.0, 10.0)])
def test_a_band_without_width_is_refused(edges: tuple[float, float]) -> None:
    low, high = edges
    with pytest.raises(ValueError, match=rf"{low} and {high} Hz|low_hz must be .* got {low}"):
        Band(low_hz=low, high_hz=high)


def test_mirrored_ends_are_those_of_odd_padding() -> None:
    samples = np.random.default_rng(0).normal(0, 5, 50)
    ours = mirror_ends(samples, 20, 30)
    head = 2 * samples[0] - samples[20:0:-1]
    tail = 2 * samples[-1] - samples[-2:-32:-1]
    np.testing.assert_allclose(ours, np.concatenate((head, samples, tail)))
    assert mirror_ends(samples, 0, 0) is samples
    assert mirror_ends(samples[:1], 2, 3).tolist() == [samples[0]] * 6
    assert len(mirror_ends(samples[:5], 20, 30)) == 55
