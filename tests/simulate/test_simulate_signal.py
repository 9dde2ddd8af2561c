"""The signals of a simulated night are what the truth says."""

from dataclasses import replace

import numpy as np
import pytest

from psgkit.core.intervals import complement, paint
from psgkit.core.recording import Channel
from psgkit.simulate import SimulatedNight, SimulationOptions, simulate_night

QUIET = SimulationOptions(rest_drift=0.0, mains_hz=None, ecg_leak_uv=0.0, ecg_rate_hz=None)
NOISE = replace(QUIET, emg="noise")
MEAN_OF_RMS = np.sqrt(2.0 / np.pi)


def moved(night: SimulatedNight, channel: Channel) -> np.ndarray:
    """Return which samples of ``channel`` lie within or near a movement or distractor."""
    near = [
        table.where(table.site == str(channel.site)).intervals() + np.array([-0.3, 0.3])
        for table in (night.truth, night.distractors)
    ]
    spans = np.rint(np.concatenate(near) * channel.rate_hz).astype(np.int64)
    return paint(spans, len(channel.samples))


def kept(rate_hz: float) -> float:
    """Return the share of an amplitude in 10 to 100 Hz that a recording at this rate holds."""
    return float(np.sqrt((min(100.0, 0.45 * rate_hz) - 10.0) / 90.0))


@pytest.mark.parametrize("rate_hz", [100.0, 200.0, 512.0])
def test_rest_and_movements_are_as_strong_as_they_should_be(rate_hz: float) -> None:
    night = simulate_night("rls", hours=1.0, seed=1, options=replace(NOISE, rate_hz=rate_hz))
    for channel in night.recording.with_role("leg"):
        samples = np.asarray(channel.samples)
        rest = samples[~moved(night, channel)]
        assert np.sqrt(np.mean(rest**2)) == pytest.approx(2.0 * kept(rate_hz), rel=0.02)
        rest_uv = 2.0 * kept(rate_hz) * MEAN_OF_RMS
        own = night.truth.where(night.truth.site == str(channel.site))
        ratios = []
        for onset_s, end_s, amplitude_uv in zip(own.onset_s, own.end_s, own.amplitude, strict=True):
            inside = samples[int(onset_s * rate_hz) : int(end_s * rate_hz)]
            mean_uv = np.abs(inside).mean()
            assert mean_uv > rest_uv + 8.0 * kept(rate_hz)
            ratios.append((mean_uv - rest_uv) / amplitude_uv)
        assert np.mean(ratios) == pytest.approx(kept(rate_hz), abs=0.05)


def test_the_resting_level_wanders_around_its_usual_value() -> None:
    night = simulate_night("rls", seed=2, options=replace(NOISE, rate_hz=64.0, rest_drift=0.25))
    channel = night.recording.channels[0]
    rest = np.where(moved(night, channel), np.nan, np.asarray(channel.samples) ** 2)
    minutes_uv = np.sqrt(np.nanmean(rest.reshape(-1, 60 * 64), axis=1)) / kept(64.0)
    assert np.exp(np.log(minutes_uv).mean()) == pytest.approx(2.0, rel=0.35)
    assert 0.08 < np.log(minutes_uv).std() < 0.4
    assert minutes_uv.min() > 2.0 * np.exp(-2 * 0.25) * 0.9
    assert minutes_uv.max() < 2.0 * np.exp(2 * 0.25) * 1.1


@pytest.mark.parametrize(
    ("rate_hz", "mains_hz", "present"),
    [(256.0, 50.0, "hum"), (256.0, 60.0, "hum"), (100.0, 50.0, "none"), (256.0, None, "none")],
)
def test_mains_hum_is_there_unless_the_recorder_filters_it(
    rate_hz: float, mains_hz: float | None, present: str
) -> None:
    options = replace(QUIET, rate_hz=rate_hz, mains_hz=mains_hz, mains_uv=2.0)
    night = simulate_night("healthy", hours=0.2, options=options)
    channel = night.recording.channels[0]
    still = ~moved(night, channel)
    times_s = np.flatnonzero(still) / rate_hz
    wave = np.exp(-2j * np.pi * (mains_hz or 50.0) * times_s)
    hum_uv = np.sqrt(2.0) * abs(np.mean(np.asarray(channel.samples)[still] * wave))
    assert hum_uv == pytest.approx(2.0, rel=0.15) if present == "hum" else hum_uv < 0.3


def test_heart_beats_leak_into_the_legs_in_step_with_the_ecg() -> None:
    options = replace(QUIET, rate_hz=128.0, ecg_rate_hz=128.0, ecg_leak_uv=20.0)
    night = simulate_night("healthy", hours=0.5, options=options)
    leg, ecg = night.recording.channel("LAT"), night.recording.channel("ECG")
    high = np.asarray(ecg.samples) > 600.0
    beats = np.flatnonzero(high[1:] & ~high[:-1])
    intervals_s = np.diff(beats) / 128.0
    assert 60.0 / intervals_s.mean() == pytest.approx(62.0, rel=0.1)
    assert 0.02 < intervals_s.std() / intervals_s.mean() < 0.15
    quiet = ~moved(night, leg)
    at_beats = np.asarray(leg.samples)[beats + 1][quiet[beats + 1]]
    assert at_beats.mean() == pytest.approx(20.0, rel=0.35)


def test_noise_is_band_limited() -> None:
    night = simulate_night("healthy", hours=0.5, options=replace(NOISE, rate_hz=512.0))
    spectrum = np.abs(np.fft.rfft(np.asarray(night.recording.channels[0].samples))) ** 2
    frequencies_hz = np.fft.rfftfreq(len(night.recording.channels[0].samples), 1 / 512.0)
    inside = (frequencies_hz >= 10.0) & (frequencies_hz <= 100.0)
    assert spectrum[inside].sum() > 0.8 * spectrum.sum()
    assert spectrum[frequencies_hz < 3.0].sum() < 0.01 * spectrum.sum()


def test_the_legs_are_independent_noise() -> None:
    night = simulate_night("healthy", hours=0.5, options=QUIET)
    left, right = (np.asarray(channel.samples) for channel in night.recording.channels)
    still = ~(moved(night, night.recording.channels[0]) | moved(night, night.recording.channels[1]))
    assert abs(np.corrcoef(left[still], right[still])[0, 1]) < 0.02


def test_samples_are_whole_and_within_the_limits_of_the_recorder() -> None:
    loud = replace(QUIET, amplitude_uv=450.0, amplitude_max_uv=500.0, mains_uv=100.0, mains_hz=50.0)
    night = simulate_night("rls", hours=1.0, options=loud)
    for channel in night.recording.channels:
        assert np.isfinite(channel.samples[:]).all()
        assert channel.limits is not None
        assert np.min(channel.samples[:]) >= np.float32(channel.limits[0])
        assert np.max(channel.samples[:]) <= np.float32(channel.limits[1])
        assert channel.resolution == pytest.approx(
            (channel.limits[1] - channel.limits[0]) / 65535, rel=1e-6
        )


def test_the_recording_says_that_it_is_simulated() -> None:
    recording = simulate_night("rls", hours=0.2, seed=4).recording
    assert [finding.severity for finding in recording.findings] == ["info"]
    assert "simulated" in recording.findings[0].message
    assert [(channel.role, str(channel.site)) for channel in recording.with_role("leg")] == [
        ("leg", "left_leg"),
        ("leg", "right_leg"),
    ]
    assert all(len(recording.signals(channel)) == 1 for channel in recording.channels)


def test_a_simulated_night_is_the_same_every_time() -> None:
    one, two = (simulate_night("rls", hours=0.5, seed=7) for _ in range(2))
    for first, second in zip(one.recording.channels, two.recording.channels, strict=True):
        assert np.array_equal(first.samples[:], second.samples[:])


def test_quiet_time_is_most_of_the_night() -> None:
    night = simulate_night("rls", options=SimulationOptions(rate_hz=50.0, ecg_rate_hz=None))
    for site in ("left_leg", "right_leg"):
        own = night.truth.where(night.truth.site == site).intervals()
        still = complement(own, 0.0, night.recording.duration_s)
        assert (still[:, 1] - still[:, 0]).sum() > 0.9 * night.recording.duration_s


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"rate_hz": 40.0}, "rate_hz must be at least 50 Hz, got 40"),
        ({"rate_hz": float("nan")}, "rate_hz must be at least 50 Hz"),
        ({"rate_hz": 100.01}, "rate_hz must put whole samples into 30 s"),
        ({"ecg_rate_hz": 1.0}, "ecg_rate_hz must be at least 50 Hz"),
        ({"emg": "muscle"}, "emg must be units or noise, got 'muscle'"),
        ({"rest_uv_rms": 0.0}, "rest_uv_rms must be above 0 and at most 10"),
        ({"rest_drift": -0.1}, "rest_drift must be at least 0"),
        ({"mains_hz": 0.0}, "mains_hz must be above 0"),
        ({"mains_uv": -1.0}, "mains_uv must be at least 0"),
        ({"ecg_leak_uv": float("inf")}, "ecg_leak_uv must be"),
        ({"heart_rate_per_min": 300.0}, "heart_rate_per_min must be above 20 and at most 110"),
        ({"amplitude_min_uv": 8.0}, "amplitude_min_uv must be above 8"),
        ({"amplitude_uv": 10.0}, "amplitude_uv must lie between"),
        ({"amplitude_max_uv": 2000.0}, "amplitude_max_uv must be at least 0 and at most 500"),
        ({"bilateral_lag_s": 0.5}, "bilateral_lag_s must be at least 0 and at most 0.45"),
        ({"twitches_per_h": -1.0}, "twitches_per_h must be at least 0"),
        ({"respiratory_per_h": 1000.0}, "respiratory_per_h must be .* at most 120"),
    ],
)
def test_bad_options_are_refused(wrong: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        SimulationOptions(**wrong)


def test_an_unknown_kind_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="unknown kind 'insomnia'; known are healthy, rls"):
        simulate_night("insomnia")


@pytest.mark.parametrize("hours", [0.0, -1.0, 0.01, float("nan"), float("inf")])
def test_impossible_lengths_are_refused(hours: float) -> None:
    with pytest.raises(ValueError, match=r"hours must be at least 0\.1"):
        simulate_night("rls", hours=hours)
