"""Trunk EMG with movements at known places, a heart and breathing; an ECG beside it."""

from dataclasses import dataclass

import numpy as np

from psgkit.core.signal import Signal
from psgkit.core.site import Site

# wave, lag from R in s, width in s, height in shares of R
ECG_WAVES = ((-0.17, 0.022, 0.10), (-0.025, 0.008, -0.1), (0.0, 0.011, 1.0), (0.028, 0.009, -0.3))
ECG_WAVES += ((0.27, 0.045, 0.25),)
TRUNK_WAVES = ((-0.16, 0.025, 0.12), (-0.008, 0.010, 0.8), (0.012, 0.008, -1.0), (0.03, 0.012, 0.3))
TRUNK_WAVES += ((0.25, 0.05, -0.3),)
ECTOPIC_WAVES = ((-0.02, 0.03, -0.8), (0.04, 0.025, 1.2), (0.3, 0.06, -0.4))


@dataclass(frozen=True, kw_only=True)
class TrunkNight:
    """How the night is made."""

    seconds: float = 1800.0
    rate_hz: float = 256.0
    ecg_rate_hz: float = 256.0
    rest_uv: float = 3.0
    movement_uv: float = 55.0
    qrs_uv: float = 275.0
    bpm: float = 66.0
    variability: float = 0.03
    qrs_breathing: float = 0.2
    breathing_uv: float = 0.0
    breathing_hz: float = 0.27
    ectopic_share: float = 0.0
    paced_share: float = 0.0
    spike_lags_s: tuple[float, ...] = (-0.045,)
    spike_uv: float = 800.0
    ecg_noise: float = 0.02
    every_s: float = 22.0
    seed: int = 0


@dataclass(frozen=True, kw_only=True)
class Made:
    """What was made; ``truth`` are seconds, shape (n, 2)."""

    emg: Signal
    ecg: Signal
    truth: np.ndarray
    beats_s: np.ndarray


def beat_times(night: TrunkNight, rng: np.random.Generator) -> np.ndarray:
    n = int(night.seconds * night.bpm / 60 * 1.5) + 10
    at = np.arange(n) * 60 / night.bpm
    relative = 1 + 0.04 * np.sin(2 * np.pi * night.breathing_hz * at)
    relative += night.variability * rng.standard_normal(n) + 0.1 * np.sin(2 * np.pi * at / 400)
    beats = 0.3 + np.cumsum(60 / night.bpm * np.maximum(relative, 0.6))
    return beats[beats < night.seconds]


def waves(
    times_s: np.ndarray, n: int, rate_hz: float, shape: tuple, heights: np.ndarray
) -> np.ndarray:
    """Return the sum of the waves of all beats."""
    out = np.zeros(n)
    for lag_s, width_s, height in shape:
        reach = int(5 * width_s * rate_hz) + 1
        whole = np.rint((times_s + lag_s) * rate_hz).astype(int)
        at = whole[:, None] + np.arange(-reach, reach + 1)
        bump = np.exp(-0.5 * ((at / rate_hz - times_s[:, None] - lag_s) / width_s) ** 2)
        inside = (at >= 0) & (at < n)
        np.add.at(out, at[inside], (heights[:, None] * height * bump)[inside])
    return out


def movements(night: TrunkNight, rng: np.random.Generator) -> np.ndarray:
    """Return movements of 0.6 to 9 s, at irregular places, shape (n, 2)."""
    rows, at = [], 15.0
    while at < night.seconds - 20:
        length = float(np.exp(rng.uniform(np.log(0.6), np.log(9.0))))
        rows.append((at, at + length))
        at += max(length + 2.5, night.every_s * rng.uniform(0.6, 1.6))
    return np.array(rows).reshape(-1, 2)


def make(night: TrunkNight, truth: np.ndarray | None = None) -> Made:
    """Return the night; rectified EMG in the pass band has the stated levels at every rate."""
    rng = np.random.default_rng(night.seed)
    if truth is None:
        truth = movements(night, rng)
    beats = beat_times(night, rng)
    n = round(night.seconds * night.rate_hz)
    t = np.arange(n) / night.rate_hz
    breath = np.sin(2 * np.pi * night.breathing_hz * t + 1.5 * np.sin(2 * np.pi * t / 60))
    # white noise of 1 uV in the band of 10 to 100 Hz; rectified it is sqrt(2 / pi)
    band = min(100.0, 0.45 * night.rate_hz) - 10
    unit = rng.standard_normal(n) * np.sqrt(night.rate_hz / 2 / band)
    level = np.full(n, night.rest_uv) + night.breathing_uv * np.sqrt(np.pi / 2) * (1 + breath) / 2
    for start, stop in truth:
        part = slice(round(start * night.rate_hz), round(stop * night.rate_hz))
        level[part] += night.movement_uv * np.sqrt(np.pi / 2) * rng.uniform(0.8, 1.25)
    height = 1 + night.qrs_breathing * np.sin(2 * np.pi * night.breathing_hz * beats)
    odd = rng.random(len(beats)) < max(night.ectopic_share, night.paced_share)
    emg = unit * level + night.qrs_uv * (
        waves(beats[~odd], n, night.rate_hz, TRUNK_WAVES, height[~odd])
        + waves(beats[odd], n, night.rate_hz, ECTOPIC_WAVES, height[odd])
    )
    if night.paced_share:
        for lag_s in night.spike_lags_s:
            at = np.rint((beats[odd] + lag_s) * night.rate_hz).astype(int)
            emg[at[(at >= 0) & (at < n)]] += night.spike_uv
    m = round(night.seconds * night.ecg_rate_hz)
    ecg = waves(beats[~odd], m, night.ecg_rate_hz, ECG_WAVES, height[~odd])
    ecg += waves(beats[odd], m, night.ecg_rate_hz, ECTOPIC_WAVES, height[odd])
    ecg += night.ecg_noise * rng.standard_normal(m)
    return Made(
        emg=Signal(
            samples=emg.astype(np.float32),
            rate_hz=night.rate_hz,
            unit="uV",
            label="T10",
            site=Site.TRUNK,
        ),
        ecg=Signal(
            samples=ecg.astype(np.float32), rate_hz=night.ecg_rate_hz, unit="mV", label="ECG"
        ),
        truth=truth,
        beats_s=beats,
    )


def matched(truth: np.ndarray, found: np.ndarray) -> tuple[float, np.ndarray]:
    """Return F1 of one-to-one pairs with at least half of their union in common, and end errors."""
    pairs, taken = [], set()
    for start, stop in truth:
        low = np.maximum(found[:, 0], start)
        both = np.minimum(found[:, 1], stop) - low
        share = both / (np.maximum(found[:, 1], stop) - np.minimum(found[:, 0], start))
        best = int(share.argmax()) if len(share) else -1
        if best >= 0 and share[best] >= 0.5 and best not in taken:
            taken.add(best)
            pairs.append((found[best, 0] - start, found[best, 1] - stop))
    f1 = 2 * len(pairs) / max(1, len(truth) + len(found))
    return f1, np.array(pairs).reshape(-1, 2)
