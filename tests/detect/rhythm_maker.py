"""Surface EMG with rhythmic trains, movements and heart beats at known places."""

from dataclasses import dataclass, field

import numpy as np

from psgkit.core.signal import Signal
from psgkit.detect.emg.detect import EmgDetection, EmgResult, detect_emg


@dataclass
class Emg:
    """Noise whose level follows an envelope, with whatever is added to it."""

    seconds: float
    rate_hz: float = 256.0
    seed: int = 0
    rest_uv: float = 3.0
    trains: list[tuple[float, float, float]] = field(default_factory=list)
    """Onset, end and frequency of each train."""

    def __post_init__(self) -> None:
        self.rng = np.random.default_rng(self.seed)
        self.level_uv = np.zeros(round(self.seconds * self.rate_hz))
        self.added_uv = np.zeros(len(self.level_uv))

    def burst(self, onset_s: float, width_s: float, level_uv: float) -> None:
        """Add a burst with edges of 20 ms."""
        first, stop = (round(t * self.rate_hz) for t in (onset_s, onset_s + width_s))
        at_s = np.arange(first, stop) / self.rate_hz
        edge_s = min(0.02, width_s / 2)
        rise = np.minimum(at_s - onset_s, onset_s + width_s - at_s) / edge_s
        part = self.level_uv[first:stop]
        np.maximum(part, level_uv * np.clip(rise, 0, 1), out=part)

    def train(
        self,
        onset_s: float,
        frequency_hz: float,
        n: int,
        *,
        width_s: float = 0.0,
        level_uv: float = 40.0,
        jitter: float = 0.05,
    ) -> float:
        """Add a train and return when it ends; intervals vary by ``jitter`` at one sigma."""
        varied = 1 + jitter * np.clip(self.rng.standard_normal(n - 1), -2.5, 2.5)
        starts_s = onset_s + np.append(0.0, np.cumsum(varied)) / frequency_hz
        width_s = width_s or min(0.4 / frequency_hz, 1.0)
        for start_s in starts_s.tolist():
            self.burst(start_s, width_s, level_uv * np.exp(0.1 * self.rng.standard_normal()))
        pace_hz = (n - 1) / (starts_s[-1] - starts_s[0])
        self.trains.append((onset_s, float(starts_s[-1]) + width_s, float(pace_hz)))
        return self.trains[-1][1]

    def heart(self, peak_uv: float, per_min: float = 70.0) -> None:
        """Add QRS complexes throughout."""
        n = round(self.seconds * per_min / 60)
        beats = np.cumsum(60 / per_min * (1 + 0.03 * self.rng.standard_normal(n)))
        for beat in beats[(beats > 0.1) & (beats < self.seconds - 0.1)]:
            at = np.arange(round((beat - 0.08) * self.rate_hz), round((beat + 0.08) * self.rate_hz))
            self.added_uv[at] += peak_uv * np.exp(-0.5 * ((at / self.rate_hz - beat) / 0.012) ** 2)

    def hum(self, amplitude_uv: float) -> None:
        at_s = np.arange(len(self.added_uv)) / self.rate_hz
        self.added_uv += amplitude_uv * np.sin(2 * np.pi * 50.0 * at_s)

    def samples(self) -> np.ndarray:
        """Return the signal; its density in the band is the same at every rate."""
        noise = np.random.default_rng(self.seed + 1).standard_normal(len(self.level_uv))
        noise *= np.sqrt(self.rate_hz / 200) * np.hypot(self.level_uv, self.rest_uv)
        return (noise + self.added_uv).astype(np.float32)

    def detected(self, detection: EmgDetection | None = None) -> EmgResult:
        return found_in(self.samples(), self.rate_hz, detection)


def found_in(
    samples: np.ndarray, rate_hz: float, detection: EmgDetection | None = None
) -> EmgResult:
    """Return what is found in an array of uV."""
    signal = Signal(samples=samples, rate_hz=rate_hz, unit="uV")
    return detect_emg(signal, detection or EmgDetection())


def spans(result: EmgResult) -> np.ndarray:
    """Return onset, end and frequency of the trains found, shape ``(n, 3)``."""
    rows = [(train.onset_s, train.end_s, train.frequency_hz) for train in result.trains]
    return np.array(rows).reshape(-1, 3)


def matched(result: EmgResult, emg: Emg) -> int:
    """Return how many trains are found to half a cycle and 0.1 Hz."""
    found = spans(result)
    return sum(
        bool(
            (
                (np.abs(found[:, :2] - (onset_s, end_s)).max(axis=1) <= 0.5 / pace_hz)
                & (np.abs(found[:, 2] - pace_hz) <= 0.1)
            ).any()
        )
        for onset_s, end_s, pace_hz in emg.trains
    )
