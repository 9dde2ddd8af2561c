"""Surface EMG with bursts at known places."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from psgkit.conditioning.emg.resting import RestingLevelRule
from psgkit.core.movements import Movements
from psgkit.core.signal import Signal
from psgkit.detect.emg.detect import EmgDetection, EmgResult, detect_emg

DETECTION = EmgDetection()
Burst = tuple[float, float, float]
"""Start and end in seconds, level as a multiple of the noise."""


def emg(
    seconds: float,
    rate_hz: float,
    bursts: Sequence[Burst] = (),
    *,
    seed: int = 0,
    rest: float = 1.0,
) -> np.ndarray:
    """Return noise whose level in the pass band is the same at every rate from 200 Hz on."""
    n_samples = round(seconds * rate_hz)
    noise = np.random.default_rng(seed).standard_normal(n_samples, dtype=np.float32)
    noise *= np.float32(rest * np.sqrt(rate_hz / 200))
    for start_s, end_s, level in bursts:
        part = slice(round(start_s * rate_hz), round(end_s * rate_hz))
        noise[part] *= np.float32(level / rest)
    return noise


def bursts_until(seconds: float, every_s: float = 23.37, first_s: float = 12.0) -> list[Burst]:
    """Return bursts of 0.7 to 11 s, from 20 to 80 times the noise, the last well before the end."""
    starts = np.arange(first_s, seconds - 20, every_s)
    lengths = np.resize([0.7, 1.5, 3.0, 6.0, 11.0], len(starts))
    levels = np.resize([30.0, 40.0, 80.0, 20.0], len(starts))
    return list(zip(starts.tolist(), (starts + lengths).tolist(), levels.tolist(), strict=True))


def detect(
    samples: np.ndarray,
    rate_hz: float,
    detection: EmgDetection = DETECTION,
    limits: tuple[float, float] | None = None,
    start_s: float = 0.0,
) -> EmgResult:
    """Return what is detected in ``samples``."""
    signal = Signal(samples=samples, rate_hz=rate_hz, unit="uV", limits=limits, start_s=start_s)
    return detect_emg(signal, detection)


def scaled(factor: float) -> EmgDetection:
    """Return the detection with every threshold in microvolts times ``factor``."""
    rule = DETECTION.rule
    rest = RestingLevelRule(within_uv=DETECTION.conditioning.rest.within_uv * factor)
    return replace(
        DETECTION,
        rule=replace(
            rule,
            onset_above_rest_uv=factor * rule.onset_above_rest_uv,
            offset_above_rest_uv=factor * rule.offset_above_rest_uv,
            morphology_above_rest_uv=factor * rule.morphology_above_rest_uv,
        ),
        conditioning=replace(DETECTION.conditioning, rest=rest),
    )


def moved_by(one: Movements, other: Movements, rate_hz: float, shift_s: float = 0.0) -> np.ndarray:
    """Return by how many samples the ends of the same movements differ, shape ``(n, 2)``."""
    assert len(one) == len(other)
    return np.abs(other.intervals() - shift_s - one.intervals()) * rate_hz
