"""Nights of trains and movements into which a heart leaks, and the ECG beside them."""

import numpy as np
from heart_maker import ECG_WAVES, ECTOPIC_WAVES, waves
from rhythm_maker import Emg, spans

from psgkit.conditioning.cardiac.beats import BeatRule, Beats, find_beats
from psgkit.core.signal import Signal
from psgkit.detect.emg.detect import EmgDetection, EmgResult, detect_emg

LEAK_WAVES = ((-0.012, 0.010, 0.5), (0.0, 0.011, 1.0), (0.022, 0.010, -0.5))


def beat_times(
    rng: np.random.Generator, seconds: float, per_min: float, rhythm: str
) -> tuple[np.ndarray, np.ndarray]:
    """Return the beats of a sinus rhythm, one with ectopics or fibrillation; which are ectopic."""
    n = int(seconds * per_min / 60 * 1.6) + 10
    at_s = np.arange(n) * 60 / per_min
    relative = 1 + 0.04 * np.sin(2 * np.pi * 0.27 * at_s) + 0.02 * rng.standard_normal(n)
    relative += 0.07 * np.sin(2 * np.pi * at_s / 240 + rng.uniform(0, 6))
    ectopic = (rng.random(n) < 0.05) & (rhythm == "ectopic")
    if rhythm == "fibrillation":
        relative = np.clip(1 + 0.22 * rng.standard_normal(n), 0.45, 1.8)
    relative[ectopic] *= 0.65
    relative[np.roll(ectopic, 1)] *= 1.35
    times_s = np.cumsum(60 / per_min * relative)
    inside = (times_s > 0.2) & (times_s < seconds - 0.2)
    return times_s[inside], ectopic[inside]


def leak(emg: Emg, peak_uv: float, per_min: float, rhythm: str = "sinus") -> Signal:
    """Add a heart to ``emg`` and return the ECG."""
    rng = np.random.default_rng(emg.seed + 1000)
    times_s, ectopic = beat_times(rng, emg.seconds, per_min, rhythm)
    height = 1 + 0.15 * np.sin(2 * np.pi * 0.27 * times_s)
    n = len(emg.added_uv)
    ecg = 0.02 * rng.standard_normal(n)
    for which, leaked, shown in (
        (~ectopic, LEAK_WAVES, ECG_WAVES),
        (ectopic, ECTOPIC_WAVES, ECTOPIC_WAVES),
    ):
        at_s, high = times_s[which], height[which]
        emg.added_uv += peak_uv * waves(at_s, n, emg.rate_hz, leaked, high)
        ecg += waves(at_s, n, emg.rate_hz, shown, high)
    return Signal(samples=ecg.astype(np.float32), rate_hz=emg.rate_hz, unit="mV", label="ECG")


def night(seed: int, rate_hz: float = 256.0, seconds: float = 1800.0) -> tuple[Emg, np.ndarray]:
    """Return trains of any kind with movements 0.7 s and more beside them, shape ``(n, 2)``."""
    emg = Emg(seconds, rate_hz, seed, rest_uv=float(np.random.default_rng(seed).uniform(2, 5)))
    rng, end_s, moved = emg.rng, 0.0, []
    while end_s < seconds - 150:
        pace_hz = float(np.exp(rng.uniform(np.log(0.35), np.log(3.9))))
        n = int(rng.integers(6 if pace_hz < 0.5 else 4, 40))
        width_s = float(np.clip(rng.uniform(0.25, 0.6) / pace_hz, 0.08, 1.0))
        level_uv = float(np.exp(rng.uniform(np.log(15), np.log(120))))
        onset_s = end_s + rng.uniform(25, 45)
        jitter = rng.uniform(0.03, 0.1)
        end_s = emg.train(onset_s, pace_hz, n, width_s=width_s, level_uv=level_uv, jitter=jitter)
        lengths_s, gaps_s = rng.uniform(0.8, 5, 2), rng.uniform(0.7, 8, 2)
        if rng.random() < 0.5:
            moved.append((onset_s - gaps_s[0] - lengths_s[0], onset_s - gaps_s[0]))
        if rng.random() < 0.5:
            moved.append((end_s + gaps_s[1], end_s + gaps_s[1] + lengths_s[1]))
            end_s = moved[-1][1]
    for start_s, stop_s in moved:
        emg.burst(start_s, stop_s - start_s, rng.uniform(20, 100))
    return emg, np.array(moved)


def detected(emg: Emg, ecg: Signal | None = None) -> EmgResult:
    """Return what is found in ``emg``, with the beats of an ECG if there is one."""

    def beats() -> Beats:
        assert ecg is not None
        return find_beats(ecg, BeatRule())

    signal = Signal(samples=emg.samples(), rate_hz=emg.rate_hz, unit="uV")
    return detect_emg(signal, EmgDetection(), beats=None if ecg is None else beats)


def covered(result: EmgResult, emg: Emg) -> int:
    """Return how many trains are found by half of their length and to 0.1 Hz."""
    found = spans(result)
    hits = 0
    for onset_s, end_s, pace_hz in emg.trains:
        both_s = np.minimum(found[:, 1], end_s) - np.maximum(found[:, 0], onset_s)
        alike = np.abs(found[:, 2] - pace_hz) <= 0.1
        hits += bool((alike & (both_s >= 0.5 * (end_s - onset_s))).any())
    return hits


def kept(result: EmgResult, moved: np.ndarray) -> int:
    """Return how many movements are found with both edges to 0.3 s."""
    found = result.movements.intervals()
    return sum(bool((np.abs(found - one).max(axis=1) <= 0.3).any()) for one in moved)


def made_of_bursts(result: EmgResult, emg: Emg) -> int:
    """Return how many movements lie in a train by a third of their length."""
    trains = np.array(emg.trains)
    found = result.movements.intervals()
    low = np.maximum(found[:, :1], trains[:, 0])
    inside_s = np.clip(np.minimum(found[:, 1:], trains[:, 1]) - low, 0, None).sum(axis=1)
    return int((inside_s > 0.3 * (found[:, 1] - found[:, 0])).sum())
