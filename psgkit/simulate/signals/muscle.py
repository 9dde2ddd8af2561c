"""EMG of a muscle at rest and in movements, by the motor units of ``motor_units.py``.

At every moment the expected rectified mean between 10 and 100 Hz, the band of the standard, is that
of the resting level plus the profile of the activation: powers of rest and units add.  Rest is the
noise of the instrument, far units beyond count, and in some positions a few units that fire on.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from psgkit.core.intervals import Intervals
from psgkit.simulate.plan.activation import Activation
from psgkit.simulate.signals.motor_units import (
    BAND_HZ,
    DRIVE_STEP_S,
    LOWEST_PER_S,
    MotorUnits,
    add_spikes,
    drive_for,
    expected_uv,
    motor_units,
    passed,
    potential_spectrum,
    spike_times,
)

RMS_OF_MEAN = float(np.sqrt(np.pi / 2.0))
"""Root mean square of Gaussian noise over its rectified mean."""

INSTRUMENT_POWER = 0.3
"""Share of the noise of electrodes and amplifier in the power of rest, 10 to 100 Hz."""

INSTRUMENT_FROM_HZ = 8.0
FAR_M = 0.02
NOISE_S = 0.064
BLOCK_N = 1 << 20
PAD_S = 0.1
TONIC_SHARE = 0.3
"""Share of the positions of the body in which some units fire at rest."""

TONIC_POWER = (0.2, 0.5)
TONIC_UNITS_N = 2
TONIC_DRIVE = 1.2

Level = Callable[[NDArray[np.float64]], NDArray[np.float64]]


def muscle_emg(
    rng: np.random.Generator,
    rate_hz: float,
    level_uv: Level,
    turns_s: NDArray[np.float64],
    activations: Sequence[Activation],
    duration_s: float,
) -> NDArray[np.float32]:
    """Return the samples of one muscle in uV.

    Parameters
    ----------
    rng : numpy.random.Generator
        Draws the muscle and its spikes first, so that they are the same at every rate.
    rate_hz, duration_s : float
    level_uv : callable
        Root mean square of rest at times in s.
    turns_s : float64 array
        Turns of the body; between them tonic units fire or do not.
    activations : sequence of Activation
    """
    units = motor_units(rng)
    times_s, wanted_uv = _wanted(activations, level_uv)
    drive = drive_for(units, wanted_uv)
    spikes = spike_times(rng, units, times_s, drive)
    tonic_s, tonic_power = _tonic_spans(rng, turns_s, duration_s)
    few, tonic_spikes, tonic_uv = _tonic(rng, units, tonic_s)
    samples = resting_noise(rng, round(duration_s * rate_hz), rate_hz)
    tonic = np.zeros(len(samples), dtype=np.float32)
    add_spikes(tonic, rate_hz, few, tonic_spikes)
    for (from_s, to_s), power in zip(tonic_s, tonic_power, strict=True):
        span = slice(round(from_s * rate_hz), round(to_s * rate_hz))
        samples[span] *= np.float32(np.sqrt(1.0 - power))
        samples[span] += np.float32(np.sqrt(power) / tonic_uv) * tonic[span]
    for first in range(0, len(samples), BLOCK_N):
        block = samples[first : first + BLOCK_N]
        block *= level_uv((first + np.arange(len(block))) / rate_hz).astype(np.float32)
    add_spikes(samples, rate_hz, units, spikes)
    return samples


def resting_noise(rng: np.random.Generator, n_samples: int, rate_hz: float) -> NDArray[np.float32]:
    """Return noise of instrument and far units, root mean square 1 from 10 to 100 Hz.

    Where the rate cuts that band, the part below 0.4 of the rate is left, and its amplitude.

    Examples
    --------
    >>> noise = resting_noise(np.random.default_rng(0), 100_000, 256.0)
    >>> 1.0 < float(noise.std()) < 1.5
    True
    """
    from scipy.signal import oaconvolve

    fine_hz = np.arange(BAND_HZ[0], BAND_HZ[1] + 0.5)
    taps_n = 2 * round(NOISE_S * rate_hz)
    frequency_hz = np.fft.rfftfreq(taps_n, 1.0 / rate_hz).astype(np.float64)
    per_hz = INSTRUMENT_POWER / (BAND_HZ[1] - BAND_HZ[0])
    instrument = per_hz * frequency_hz**2 / (frequency_hz**2 + INSTRUMENT_FROM_HZ**2)
    far = np.abs(potential_spectrum(frequency_hz, FAR_M)) ** 2
    far *= (1.0 - INSTRUMENT_POWER) / np.sum(np.abs(potential_spectrum(fine_hz, FAR_M)) ** 2)
    density = (instrument + far) * passed(frequency_hz, rate_hz) ** 2
    taps = np.fft.irfft(np.sqrt(0.5 * rate_hz * density), n=taps_n)
    taps = np.roll(taps, taps_n // 2).astype(np.float32)
    samples = np.empty(n_samples, dtype=np.float32)
    before = rng.standard_normal(taps_n - 1, dtype=np.float32)
    for first in range(0, n_samples, BLOCK_N):
        white = rng.standard_normal(min(BLOCK_N, n_samples - first), dtype=np.float32)
        white = np.concatenate((before, white))
        samples[first : first + BLOCK_N] = oaconvolve(white, taps, mode="valid")
        before = white[len(white) - taps_n + 1 :]
    return samples


def _wanted(
    activations: Sequence[Activation], level_uv: Level
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return times in and around activations, and the root mean square that units add there."""
    if not activations:
        return np.zeros(1), np.zeros(1)
    last_s = max(one.stops_s for one in activations) + PAD_S
    mean_uv = np.zeros(int(last_s / DRIVE_STEP_S) + 2)
    near = np.zeros(len(mean_uv), dtype=np.bool_)
    for one in activations:
        first = max(0, int((one.starts_s - PAD_S) / DRIVE_STEP_S))
        steps = np.arange(first, int((one.stops_s + PAD_S) / DRIVE_STEP_S) + 1)
        mean_uv[steps] += one.profile_uv((steps * DRIVE_STEP_S).astype(np.float64))
        near[steps] = True
    times_s = (np.flatnonzero(near) * DRIVE_STEP_S).astype(np.float64)
    rest_uv = level_uv(times_s)
    moving_uv = RMS_OF_MEAN * mean_uv[near]
    return times_s, np.sqrt(moving_uv * (2.0 * rest_uv + moving_uv))


def _tonic_spans(
    rng: np.random.Generator, turns_s: NDArray[np.float64], duration_s: float
) -> tuple[Intervals, NDArray[np.float64]]:
    """Return the positions with tonic units, and the share of these in the power of rest."""
    edges_s = np.concatenate(([0.0], turns_s, [duration_s]))
    drawn = rng.random(len(edges_s) - 1) < TONIC_SHARE
    power = rng.uniform(*TONIC_POWER, len(drawn))
    spans_s = np.stack((edges_s[:-1], edges_s[1:]), axis=1)
    kept = drawn & (np.diff(edges_s) > 0.0)
    return spans_s[kept], power[kept]


def _tonic(
    rng: np.random.Generator, units: MotorUnits, spans_s: Intervals
) -> tuple[MotorUnits, tuple[NDArray[np.float64], NDArray[np.int64]], float]:
    """Return a few units of the muscle, their spikes in ``spans_s``, their root mean square."""
    chosen = rng.choice(len(units.gain) // 4, TONIC_UNITS_N, replace=False)
    few = MotorUnits(
        threshold=np.ones(TONIC_UNITS_N),
        peak_per_s=np.full(TONIC_UNITS_N, LOWEST_PER_S + 1.0),
        distance_m=units.distance_m[chosen],
        gain=np.ones(TONIC_UNITS_N),
    )
    uv = float(expected_uv(few, np.array([TONIC_DRIVE]))[0])
    if np.sum(np.diff(spans_s)) <= DRIVE_STEP_S:
        return few, (np.zeros(0), np.zeros(0, dtype=np.int64)), uv
    times_s = np.concatenate(
        [np.arange(int(a / DRIVE_STEP_S), int(b / DRIVE_STEP_S)) * DRIVE_STEP_S for a, b in spans_s]
    )
    return few, spike_times(rng, few, times_s, np.full(len(times_s), TONIC_DRIVE)), uv
