"""Amplitudes are corrected for what a low rate or a low-pass filter takes away."""

from dataclasses import replace

import numpy as np
import pytest
from emg_maker import DETECTION, bursts_until, detect, emg

from psgkit.conditioning.emg.band import Band
from psgkit.conditioning.emg.band_lost import BandLostRule, band_lost, low_pass_seen

SECONDS = 600.0
RULE = BandLostRule()
OFF = replace(
    DETECTION, conditioning=replace(DETECTION.conditioning, band_lost=BandLostRule(enabled=False))
)


def filtered(samples: np.ndarray, rate_hz: float, corner_hz: float, order: int = 4) -> np.ndarray:
    """Return samples behind a Butterworth low-pass filter, as of a recorder."""
    from scipy.signal import butter, sosfilt

    return sosfilt(butter(order, corner_hz, fs=rate_hz, output="sos"), samples).astype(np.float32)


def pieces_of(samples: np.ndarray, rate_hz: float) -> list[np.ndarray]:
    n = round(4 * rate_hz)
    return [samples[at : at + n] for at in np.linspace(0, len(samples) - n, 24).astype(int)]


def muscle(rate_hz: float, peak_uv: float) -> tuple[np.ndarray, np.ndarray]:
    """Return quiet EMG with bursts that peak alike in the full band, and where they are."""
    bursts = np.array([(s, e) for s, e, _ in bursts_until(SECONDS)])
    level = peak_uv / 0.75
    fine = emg(SECONDS, 1000.0, [(s, e, level) for s, e in bursts.tolist()])
    if rate_hz == 1000.0:
        return fine, bursts
    from scipy.signal import resample_poly

    return resample_poly(fine, round(rate_hz), 1000).astype(np.float32), bursts


@pytest.mark.parametrize("rate_hz", [256.0, 512.0, 1000.0])
@pytest.mark.parametrize("corner_hz", [30.0, 35.0])
@pytest.mark.parametrize("order", [3, 4, 8])
def test_a_low_pass_filter_shows_in_the_spectrum(
    rate_hz: float, corner_hz: float, order: int
) -> None:
    samples = filtered(emg(SECONDS, rate_hz, bursts_until(SECONDS)), rate_hz, corner_hz, order)
    seen_hz = low_pass_seen(pieces_of(samples, rate_hz), rate_hz, RULE)
    assert seen_hz == pytest.approx(corner_hz, rel=0.25)


@pytest.mark.parametrize("rate_hz", [100.0, 128.0, 200.0, 256.0, 1000.0])
@pytest.mark.parametrize("hum_uv", [0.0, 30.0])
@pytest.mark.parametrize("frequency_hz", [50.0, 60.0])
def test_no_filter_is_seen_where_there_is_none(
    rate_hz: float, hum_uv: float, frequency_hz: float
) -> None:
    samples = emg(SECONDS, rate_hz, bursts_until(SECONDS))
    at = np.arange(len(samples)) / rate_hz
    samples = samples + hum_uv * np.sin(2 * np.pi * frequency_hz * at)
    assert low_pass_seen(pieces_of(samples, rate_hz), rate_hz, RULE) is None


@pytest.mark.parametrize("rate_hz", [100.0, 128.0])
def test_movements_at_a_low_rate_reach_the_threshold_they_reach_at_a_high_one(
    rate_hz: float,
) -> None:
    fine, bursts = muscle(1000.0, 12.5)
    coarse, _ = muscle(rate_hz, 12.5)
    assert len(detect(fine, 1000.0).movements) == len(bursts)
    assert len(detect(coarse, rate_hz).movements) == len(bursts)
    assert len(detect(coarse, rate_hz, OFF).movements) < len(bursts)


def test_movements_behind_a_filter_reach_the_threshold() -> None:
    fine, bursts = muscle(256.0, 13.0)
    narrow = filtered(fine, 256.0, 35.0)
    found = detect(narrow, 256.0)
    assert found.lost.cause == "filter"
    assert len(found.movements) == len(bursts)
    assert len(detect(narrow, 256.0, OFF).movements) < len(bursts)


@pytest.mark.parametrize("rate_hz", [50.0, 64.0, 100.0, 128.0, 199.0, 200.0, 512.0])
def test_the_factor_falls_to_one_at_the_rate_of_the_standard(rate_hz: float) -> None:
    lost = band_lost([], rate_hz, Band(), RULE)
    assert 1 <= lost.factor <= RULE.most
    assert (lost.factor == 1) == (rate_hz >= RULE.below_rate_hz)
    assert lost.factor >= band_lost([], rate_hz + 10, Band(), RULE).factor


@pytest.mark.parametrize("wrong", [{"exponent": 0.0}, {"most": 0.5}, {"least_drop_db": 0.0}])
def test_impossible_rules_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="a correction needs"):
        BandLostRule(**wrong)
