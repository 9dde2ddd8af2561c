"""Surface EMG: muscle, heart and hum.

The muscle is one of motor units (``muscle.py``), or, with ``options.emg`` of ``noise``, noise of
muscle bandwidth times (rest + burst).  Either way the expected rectified mean is at every moment
that of the resting level plus the profile of the activation, so the truth is the same.
"""

from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.simulate.plan.activation import Activation
from psgkit.simulate.plan.kinds import ChannelPlan
from psgkit.simulate.plan.options import SimulationOptions
from psgkit.simulate.signals.heart import QRS, RESPIRATION_HZ, add_waves
from psgkit.simulate.signals.muscle import BLOCK_N, RMS_OF_MEAN, Level, muscle_emg

LIMITS_UV = (-3276.8, 3276.7)
STEP_UV = 0.1
BAND_HZ = (10.0, 100.0)
USABLE_SHARE = 0.45
FILTER_ORDER = 2
WARM_UP_S = 2.0
WANDER_STEP_S = 60.0
WANDER_SPAN_N = 20
STEP_LENGTH_S = 1.0
MOST_SDS = 2.0
TRUNK_ECG_PER_MOVEMENT = 5.0
ECG_BREATH_SHARE = 0.15


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Scene:
    """Parameters shared by all muscle channels of a night.

    Attributes
    ----------
    duration_s : float
    beats_s : float64 array
        R waves.
    turns_s : float64 array
        Times of turning over, in order.
    options : SimulationOptions
    """

    duration_s: float
    beats_s: NDArray[np.float64]
    turns_s: NDArray[np.float64]
    options: SimulationOptions


def simulate_emg(
    rng: np.random.Generator,
    scene: Scene,
    channel: ChannelPlan,
    activations: Sequence[Activation],
) -> NDArray[np.float32]:
    """Return the samples of one muscle in uV; ``activations`` are those of this muscle."""
    options = scene.options
    rate_hz = options.rate_hz
    level_uv = partial(_level_uv, resting_level(rng, scene), _breathing_uv(channel, options))
    hum_phase = rng.uniform(0.0, 2.0 * np.pi)
    if options.emg == "units":
        duration_s = scene.duration_s
        samples = muscle_emg(rng, rate_hz, level_uv, scene.turns_s, activations, duration_s)
    else:
        samples = _scaled_noise(rng, scene, level_uv, activations)
    hum_hz, hum_peak_uv = _hum(options)
    for first in range(0, len(samples), BLOCK_N):
        block = samples[first : first + BLOCK_N]
        times_s = (first + np.arange(len(block))) / rate_hz
        wave = np.sin(2.0 * np.pi * hum_hz * times_s + hum_phase)
        block += (hum_peak_uv * wave).astype(np.float32)
    add_waves(samples, rate_hz, scene.beats_s, QRS, _leak_uv(channel, scene))
    return np.clip(samples, *LIMITS_UV, out=samples)


def _scaled_noise(
    rng: np.random.Generator, scene: Scene, level_uv: Level, activations: Sequence[Activation]
) -> NDArray[np.float32]:
    """Return noise of muscle bandwidth, scaled by the resting level and the bursts."""
    rate_hz = scene.options.rate_hz
    samples = muscle_noise(rng, round(scene.duration_s * rate_hz), rate_hz)
    for one in activations:
        first = max(0, int(one.starts_s * rate_hz))
        burst = samples[first : int(one.stops_s * rate_hz) + 1]
        times_s = (first + np.arange(len(burst))) / rate_hz
        mean_uv = RMS_OF_MEAN * one.profile_uv(times_s)
        burst *= (1.0 + mean_uv / level_uv(times_s)).astype(np.float32)
    for first in range(0, len(samples), BLOCK_N):
        block = samples[first : first + BLOCK_N]
        block *= level_uv((first + np.arange(len(block))) / rate_hz).astype(np.float32)
    return samples


def muscle_noise(rng: np.random.Generator, n_samples: int, rate_hz: float) -> NDArray[np.float32]:
    """Return Gaussian noise of root mean square 1 from 10 to 100 Hz.

    At a rate that cuts the band the part up to 0.45 of the rate is left, and its amplitude.

    Examples
    --------
    >>> noise = muscle_noise(np.random.default_rng(0), 100_000, 256.0)
    >>> bool(abs(noise.std() - 1.0) < 0.02)
    True
    """
    from scipy.signal import butter, sosfilt

    band_hz = (BAND_HZ[0], min(BAND_HZ[1], USABLE_SHARE * rate_hz))
    sos = butter(FILTER_ORDER, band_hz, btype="bandpass", fs=rate_hz, output="sos")
    warm_up_n = round(WARM_UP_S * rate_hz)
    impulse = np.zeros(2 * warm_up_n)
    impulse[0] = 1.0
    kept = (band_hz[1] - band_hz[0]) / (BAND_HZ[1] - BAND_HZ[0])
    gain = np.sqrt(kept / np.sum(sosfilt(sos, impulse) ** 2))
    state = np.zeros((len(sos), 2))
    _, state = sosfilt(sos, rng.standard_normal(warm_up_n), zi=state)
    samples = np.empty(n_samples, dtype=np.float32)
    for first in range(0, n_samples, BLOCK_N):
        white = rng.standard_normal(min(BLOCK_N, n_samples - first), dtype=np.float32)
        shaped, state = sosfilt(sos, white, zi=state)
        samples[first : first + len(white)] = gain * shaped
    return samples


def resting_level(
    rng: np.random.Generator, scene: Scene
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return times and root mean squares in uV between which the resting level is linear."""
    drift = scene.options.rest_drift
    grid_s = np.arange(0.0, scene.duration_s + 2 * WANDER_STEP_S, WANDER_STEP_S)
    window = np.hanning(WANDER_SPAN_N + 2)[1:-1]
    window /= np.sqrt(np.sum(window**2))
    white = rng.standard_normal(len(grid_s) + WANDER_SPAN_N - 1)
    wander = np.convolve(white, window, mode="valid")
    postures = rng.standard_normal(len(scene.turns_s) + 1)
    knots_s = np.union1d(grid_s, np.concatenate((scene.turns_s, scene.turns_s + STEP_LENGTH_S)))
    posture = postures[np.searchsorted(scene.turns_s, knots_s, side="left")]
    both = np.sqrt(0.5) * (np.interp(knots_s, grid_s, wander) + posture)
    return knots_s, scene.options.rest_uv_rms * np.exp(drift * both.clip(-MOST_SDS, MOST_SDS))


def _level_uv(
    knots: tuple[NDArray[np.float64], NDArray[np.float64]],
    breathing_uv: float,
    times_s: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the root mean square at ``times_s`` without movement: rest and breathing."""
    level_uv = np.interp(times_s, *knots)
    if breathing_uv > 0:
        level_uv += 0.5 * breathing_uv * (1.0 + np.sin(2.0 * np.pi * RESPIRATION_HZ * times_s))
    return np.asarray(level_uv)


def _breathing_uv(channel: ChannelPlan, options: SimulationOptions) -> float:
    """Return the rise of the level of a muscle with every breath."""
    return options.trunk_breathing_uv if channel.role == "trunk" else 0.0


def _leak_uv(channel: ChannelPlan, scene: Scene) -> float | NDArray[np.float64]:
    """Return the R waves that leak into a muscle; in the trunk they are large and breathe."""
    options = scene.options
    if channel.role != "trunk":
        return options.ecg_leak_uv * channel.cardiac_share
    usual_uv = options.trunk_ecg_uv
    if usual_uv is None:
        usual_uv = TRUNK_ECG_PER_MOVEMENT * options.amplitude_uv
    breath = np.sin(2.0 * np.pi * RESPIRATION_HZ * scene.beats_s)
    return np.asarray(usual_uv * channel.cardiac_share * (1.0 + ECG_BREATH_SHARE * breath))


def _hum(options: SimulationOptions) -> tuple[float, float]:
    """Return frequency and peak of the mains hum that passes the recorder's filters."""
    if options.mains_hz is None or options.mains_hz >= USABLE_SHARE * options.rate_hz:
        return 0.0, 0.0
    return options.mains_hz, float(np.sqrt(2.0)) * options.mains_uv
