"""EMG of motor units: its laws, and its spectrum beside that of real muscles."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from psgkit.core.intervals import paint
from psgkit.simulate import SimulationOptions, simulate_night
from psgkit.simulate.signals.motor_units import (
    DRIVE_STEP_S,
    add_spikes,
    drive_for,
    expected_uv,
    motor_units,
    spike_times,
)
from psgkit.simulate.signals.muscle import muscle_emg

QUIET = SimulationOptions(rest_drift=0.0, mains_hz=None, ecg_leak_uv=0.0, ecg_rate_hz=None)
MEAN_OF_RMS = np.sqrt(2.0 / np.pi)


def steady(rate_hz: float, wanted_uv: float, seconds: float = 60.0) -> np.ndarray:
    """Return the EMG of a steady contraction; the same spikes at every rate."""
    rng = np.random.default_rng(0)
    units = motor_units(rng)
    times_s = np.arange(0.0, seconds, DRIVE_STEP_S)
    drive = np.full(len(times_s), drive_for(units, np.array([wanted_uv]))[0])
    samples = np.zeros(round(seconds * rate_hz), dtype=np.float32)
    add_spikes(samples, rate_hz, units, spike_times(rng, units, times_s, drive))
    return samples


def power_of(samples: np.ndarray, rate_hz: float) -> Callable[[float, float], float]:
    """Return a function that gives the power between two frequencies."""
    power = np.abs(np.fft.rfft(samples)) ** 2
    frequency_hz = np.fft.rfftfreq(len(samples), 1.0 / rate_hz)
    return lambda low_hz, high_hz: float(
        power[(frequency_hz >= low_hz) & (frequency_hz < high_hz)].sum()
    )


def in_band(samples: np.ndarray, rate_hz: float, high_hz: float = 100.0) -> np.ndarray:
    """Return ``samples`` from 10 Hz to ``high_hz``."""
    spectrum = np.fft.rfft(samples)
    frequency_hz = np.fft.rfftfreq(len(samples), 1.0 / rate_hz)
    spectrum[(frequency_hz < 10.0) | (frequency_hz > high_hz)] = 0.0
    return np.fft.irfft(spectrum, n=len(samples))


@pytest.mark.parametrize("wanted_uv", [10.0, 60.0, 400.0])
def test_the_spectrum_is_that_of_a_tibialis_anterior(wanted_uv: float) -> None:
    power = power_of(steady(1000.0, wanted_uv), 1000.0)
    whole = power(0.0, 500.0)
    assert power(0.0, 80.0) < 0.5 * whole < power(0.0, 120.0)
    assert power(25.0, 500.0) > 0.9 * whole
    assert power(0.0, 5.0) < 0.01 * whole
    # of real bursts the lower half of the band holds about half of the amplitude
    assert 0.45 < np.sqrt(power(10.0, 45.0) / power(10.0, 100.0)) < 0.65
    assert 0.6 < np.sqrt(power(10.0, 57.0) / power(10.0, 100.0)) < 0.8


@pytest.mark.parametrize("wanted_uv", [5.0, 20.0, 100.0, 400.0])
def test_a_steady_contraction_is_as_strong_as_wanted(wanted_uv: float) -> None:
    found = in_band(steady(512.0, wanted_uv), 512.0)
    assert found.std() == pytest.approx(wanted_uv, rel=0.05)
    # few units are spikier than noise, and their mean is a little lower
    least = 0.85 if wanted_uv < 10.0 else 0.94
    assert least < np.abs(found).mean() / (wanted_uv * MEAN_OF_RMS) < 1.04


@pytest.mark.parametrize("rate_hz", [128.0, 200.0, 500.0])
def test_the_same_spikes_are_sampled_at_every_rate(rate_hz: float) -> None:
    slow, fast = steady(rate_hz, 50.0), steady(2000.0, 50.0)
    high_hz = min(100.0, 0.38 * rate_hz)
    same = in_band(fast, 2000.0, high_hz)[:: round(2000.0 / rate_hz)]
    if 2000.0 % rate_hz:
        times_s = np.arange(len(slow)) / rate_hz
        same = np.interp(times_s, np.arange(len(fast)) / 2000.0, in_band(fast, 2000.0, high_hz))
    assert np.corrcoef(in_band(slow, rate_hz, high_hz), same)[0, 1] > 0.995


def test_units_are_recruited_in_order_and_fire_irregularly_and_faster() -> None:
    rng = np.random.default_rng(1)
    units = motor_units(rng)
    times_s = np.arange(0.0, 60.0, DRIVE_STEP_S)
    spikes_s, unit = spike_times(rng, units, times_s, np.linspace(0.0, units.strongest, 12000))
    first_s = np.array([spikes_s[unit == one].min() for one in range(200)])
    assert np.corrcoef(first_s, units.threshold[:200])[0, 1] > 0.99
    rates_per_s = units.rates_per_s(np.array([0.5, 3.0, units.strongest]))
    assert (rates_per_s[:, 0] == 0.0).all()
    assert 0.2 < (rates_per_s[:, 1] > 0.0).mean() < 0.5
    assert (rates_per_s[:, 2] >= 25.0).all()
    steady_s, unit = spike_times(rng, units, times_s, np.full(len(times_s), 5.0))
    intervals_s = np.diff(steady_s[unit == 0])
    assert intervals_s.std() / intervals_s.mean() == pytest.approx(0.2, rel=0.15)


def test_more_drive_is_never_less_amplitude() -> None:
    units = motor_units(np.random.default_rng(2))
    level_uv = expected_uv(units, np.geomspace(1.0, units.strongest, 30))
    assert (np.diff(level_uv) > -0.01 * level_uv[:-1]).all()
    assert drive_for(units, np.array([0.0, 1e9])).tolist() == [0.0, pytest.approx(units.strongest)]


@pytest.mark.parametrize(("kind", "role"), [("rls", "leg"), ("ras", "arm"), ("rbs", "trunk")])
def test_rest_and_movements_are_as_strong_as_the_truth_says(kind: str, role: str) -> None:
    options = replace(QUIET, rate_hz=512.0, sensors=f"{role}s".replace("trunks", "trunk"))
    options = replace(options, trunk_ecg_uv=0.0, trunk_breathing_uv=0.0)
    night = simulate_night(kind, hours=1.0, seed=1, options=options)
    for channel in night.recording.with_role(role):
        samples = in_band(np.asarray(channel.samples), 512.0)
        tables = (night.truth, night.distractors, night.rhythms)
        busy = [one.where(one.site == str(channel.site)).intervals() for one in tables]
        if role == "leg":
            busy.append(night.postures.stretches(("walking",)))
        spans = (np.concatenate(busy) + np.array([-0.3, 0.3])).clip(0.0)
        rest = samples[~paint(np.rint(spans * 512.0).astype(np.int64), len(samples))]
        assert rest.std() == pytest.approx(2.0, rel=0.03)
        own = night.truth.where(night.truth.site == str(channel.site))
        assert len(own) > 10
        ratios = [
            (np.abs(samples[int(on * 512) : int(off * 512)]).mean() - 2.0 * MEAN_OF_RMS) / height
            for on, off, height in zip(own.onset_s, own.end_s, own.amplitude, strict=True)
        ]
        assert np.mean(ratios) == pytest.approx(1.0, abs=0.05)


def test_rest_holds_units_that_fire_on_in_some_positions() -> None:
    turns_s = np.arange(30.0, 600.0, 30.0)
    samples = muscle_emg(
        np.random.default_rng(3), 512.0, lambda t: np.full(len(t), 2.0), turns_s, [], 600.0
    )
    positions = in_band(samples, 512.0).reshape(20, -1)
    assert positions.std(axis=1) == pytest.approx(np.full(20, 2.0), rel=0.2)
    spiky = (positions**4).mean(axis=1) / positions.var(axis=1) ** 2
    assert 2 <= np.count_nonzero(spiky > 3.3) <= 12
    assert np.median(spiky) == pytest.approx(3.0, abs=0.2)


def test_the_model_changes_no_truth() -> None:
    units, noise = (
        simulate_night("akathisia", hours=0.5, seed=4, options=replace(QUIET, emg=emg))
        for emg in ("units", "noise")
    )
    for name in ("truth", "distractors", "truth_accelerometer", "rhythms", "turns"):
        one, other = getattr(units, name), getattr(noise, name)
        assert np.array_equal(one.onset_s, other.onset_s)
        assert np.array_equal(one.end_s, other.end_s)
