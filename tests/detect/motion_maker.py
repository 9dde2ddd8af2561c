"""Acceleration with known movements, from formulas, not from the detector."""

from dataclasses import dataclass

import numpy as np

from psgkit.core.acceleration import Acceleration
from psgkit.core.signal import Signal
from psgkit.core.site import Site


@dataclass(frozen=True, kw_only=True)
class Jerk:
    """One limb jerk: an oscillation under a sine-squared or flat envelope, in one direction."""

    onset_s: float
    duration_s: float
    peak_g: float
    hz: float
    direction: tuple[float, float, float]
    flat: bool = False

    def at(self, t: np.ndarray) -> np.ndarray:
        """Return the acceleration at times ``t``, shape (n, 3)."""
        u = (t - self.onset_s) / self.duration_s
        inside = (u >= 0) & (u < 1)
        # flat: up and down within 0.1 s
        edge = min(0.1 / self.duration_s, 0.5)
        ramp = np.clip(np.minimum(u, 1 - u) / edge, 0, 1) if self.flat else np.sin(np.pi * u)
        wave = np.sin(2 * np.pi * self.hz * (t - self.onset_s))
        return np.where(inside, self.peak_g * ramp * wave, 0.0)[:, None] * np.array(self.direction)


@dataclass(frozen=True, kw_only=True)
class Turn:
    """A change of position about an axis across gravity, smooth or of constant speed."""

    onset_s: float
    duration_s: float
    angle_deg: float
    linear: bool = False


def random_direction(rng: np.random.Generator) -> tuple[float, float, float]:
    """Return a unit vector."""
    v = rng.normal(size=3)
    v /= np.linalg.norm(v)
    return tuple(v.tolist())


def jerks(
    rng: np.random.Generator, until_s: float, peak_g: tuple[float, float], **fixed: object
) -> list[Jerk]:
    """Return jerks every 8 to 40 s; peaks log-uniform between the two of ``peak_g``."""
    found, t = [], 20.0
    while t < until_s - 15:
        row = {
            "onset_s": t,
            "duration_s": float(rng.uniform(0.5, 5)),
            "peak_g": float(np.exp(rng.uniform(*np.log(peak_g)))),
            "hz": float(rng.uniform(1, 6)),
            "direction": random_direction(rng),
            "flat": bool(rng.random() < 0.5),
        }
        found.append(Jerk(**{**row, **fixed}))
        t += found[-1].duration_s + float(rng.uniform(8, 35))
    return found


def gravity(t: np.ndarray, turns: list[Turn]) -> np.ndarray:
    """Return gravity at ``t``: it starts along z and turns about x."""
    angle = np.zeros(len(t))
    for turn in turns:
        u = np.clip((t - turn.onset_s) / turn.duration_s, 0, 1)
        share = u if turn.linear else (1 - np.cos(np.pi * u)) / 2
        angle += np.radians(turn.angle_deg) * share
    return np.stack((np.zeros(len(t)), np.sin(angle), np.cos(angle)), axis=1)


def acceleration(
    duration_s: float,
    rate_hz: float,
    events: list[Jerk],
    *,
    turns: list[Turn] | None = None,
    noise_g: float = 0.003,
) -> np.ndarray:
    """Return samples, shape (n, 3): noise of ``noise_g`` rms an axis at this rate."""
    n = int(duration_s * rate_hz)
    t = (np.arange(n) + 0.5) / rate_hz
    out = gravity(t, turns or [])
    for event in events:
        a, b = np.searchsorted(t, [event.onset_s, event.onset_s + event.duration_s])
        out[a:b] += event.at(t[a:b])
    return out + np.random.default_rng(int(rate_hz)).normal(0, noise_g, out.shape)


def sensor(samples: np.ndarray, rate_hz: float, **fields: object) -> Acceleration:
    """Return the axes of an array as one sensor."""
    limits = fields.pop("limits", None)
    start_s = fields.pop("start_s", 0.0)
    axes = tuple(
        Signal(
            samples=np.ascontiguousarray(axis, dtype=np.float32),
            rate_hz=rate_hz,
            unit="g",
            label=letter,
            limits=limits,
            start_s=start_s,
        )
        for axis, letter in zip(samples.T, "XYZ", strict=False)
    )
    return Acceleration(**{"place": "left_ankle", "site": Site.LEFT_LEG, "axes": axes, **fields})


@dataclass(frozen=True, kw_only=True)
class Breath:
    """Breath that tilts a sensor: rate and depth drift, harmonics make it no sine."""

    depth_g: float
    hz: float = 0.25
    harmonics: float = 0.25
    drift: float = 0.15
    direction: tuple[float, float, float] = (0.3, 0.9, 0.3)

    def at(self, t: np.ndarray, seed: int = 0) -> np.ndarray:
        """Return the acceleration at times ``t``, shape (n, 3)."""
        rng = np.random.default_rng(seed)
        knots = np.arange(0, t[-1] + 40, 20)
        rate, size = rng.standard_normal((2, len(knots))).clip(-2, 2)
        turns = np.cumsum(self.hz * (1 + self.drift * np.interp(t, knots, rate))) * (t[1] - t[0])
        phase, more = 2 * np.pi * turns, self.harmonics
        wave = np.sin(phase) + more * np.sin(2 * phase + 1) + more**2 * np.sin(3 * phase + 0.5)
        depth = self.depth_g * (1 + 0.2 * np.interp(t, knots, size)) / np.abs(wave).max()
        return (depth * wave)[:, None] * self.direction / np.linalg.norm(self.direction)
