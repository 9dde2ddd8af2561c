"""Accelerometers with known trains, made anywhere, at any rate, turned anyhow."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from psgkit.core.acceleration import Acceleration
from psgkit.core.signal import Signal
from psgkit.core.site import Site


def rotation(rng: np.random.Generator) -> NDArray[np.float64]:
    """Return a random rotation of space."""
    q, r = np.linalg.qr(rng.normal(size=(3, 3)))
    q = q * np.sign(np.diag(r))
    return q * np.sign(np.linalg.det(q))


def sensor(
    motion_g: NDArray[np.floating],
    rate_hz: float,
    *,
    place: str = "left_ankle",
    site: Site = Site.LEFT_LEG,
    start_s: float = 0.0,
) -> Acceleration:
    """Return an accelerometer from axes, shape (3, n)."""
    axes = tuple(
        Signal(samples=np.asarray(a, np.float32), rate_hz=rate_hz, unit="g", start_s=start_s)
        for a in motion_g
    )
    return Acceleration(axes=axes, place=place, site=site)


def still(
    duration_s: float, rate_hz: float, rng: np.random.Generator, floor_g: float = 0.003
) -> NDArray[np.float64]:
    """Return a sensor at rest: gravity in a random direction, white noise on each axis."""
    down = rotation(rng)[0]
    n = round(duration_s * rate_hz)
    return down[:, None] + rng.normal(0, floor_g, (3, n))


def swing(  # noqa: PLR0913 - the make of a train
    time_s: NDArray[np.float64],
    onset_s: float,
    end_s: float,
    frequency_hz: float,
    amplitude_g: float,
    rng: np.random.Generator,
    *,
    drift: float = 0.0,
    jitter: float = 0.0,
    harmonics: Sequence[float] = (0.3, 0.1),
) -> NDArray[np.float64]:
    """Return a train, shape (3, n): a swing along one axis, its harmonics along that and another.

    Peak of the fundamental is ``amplitude_g``; ``drift`` is the change of frequency from begin to
    end as a share; ``jitter`` the spread of the length of cycles.
    """
    length = end_s - onset_s
    cycles = int(length * frequency_hz * (1 + drift) + 4)
    rates = frequency_hz * np.linspace(1 - drift / 2, 1 + drift / 2, cycles)
    ends = np.concatenate(([0.0], np.cumsum((1 + jitter * rng.normal(size=cycles)) / rates)))
    phase = 2 * np.pi * np.interp(time_s - onset_s, ends, np.arange(cycles + 1))
    inside = (time_s >= onset_s) & (time_s < end_s)
    shifts = rng.uniform(0, 2 * np.pi, len(harmonics) + 1)
    main = np.cos(phase + shifts[0])
    side = np.zeros_like(main)
    for k, share in enumerate(harmonics):
        wave = share * np.cos((k + 2) * phase + shifts[k + 1])
        main, side = main + 0.5 * wave, side + wave
    axes = rotation(rng)
    return amplitude_g * inside * (axes[:, :1] * main + axes[:, 1:2] * side)


def jerk(
    time_s: NDArray[np.float64], at_s: float, rng: np.random.Generator, amplitude_g: float = 0.3
) -> NDArray[np.float64]:
    """Return one limb movement: 0.3-3 s, up to three swings, with a tilt that comes back."""
    length = rng.uniform(0.3, 3.0)
    hz = rng.uniform(0.5, 3.0) / length
    u = (time_s - at_s) / length
    window = np.where((u > 0) & (u < 1), np.sin(np.pi * np.clip(u, 0, 1)) ** 2, 0.0)
    wave = np.cos(2 * np.pi * hz * (time_s - at_s) + rng.uniform(0, 6))
    axes = rotation(rng)
    return amplitude_g * window * (axes[:, :1] * wave + 0.5 * axes[:, 1:2])


def fidget(
    time_s: NDArray[np.float64], rng: np.random.Generator, amplitude_g: float = 0.05
) -> NDArray[np.float64]:
    """Return movement without a rhythm: noise of 0.3-5 Hz on three axes that swells and ebbs."""
    n, rate = len(time_s), 1 / (time_s[1] - time_s[0])
    hz = np.fft.rfftfreq(n, 1 / rate)
    gain = (hz > 0.3) & (hz < 5)
    noise = np.fft.irfft(np.fft.rfft(rng.normal(size=(3, n))) * gain / (1 + hz), n)
    knots = np.arange(0, time_s[-1] + 3, 2)
    swell = np.interp(time_s, knots, rng.uniform(0.3, 1.5, len(knots)))
    return amplitude_g * swell * noise / noise.std()


def turn(time_s: NDArray[np.float64], at_s: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return what a turn in bed adds: gravity goes over to another direction in 1-4 s, shaking."""
    length = rng.uniform(1, 4)
    u = np.clip((time_s - at_s) / length, 0, 1)
    way = rotation(rng)[0] - rotation(rng)[0]
    return way[:, None] * (0.5 - 0.5 * np.cos(np.pi * u)) + jerk(time_s, at_s, rng)


def gait(
    time_s: NDArray[np.float64],
    onset_s: float,
    end_s: float,
    stride_hz: float,
    rng: np.random.Generator,
    *,
    at: str = "ankle",
) -> NDArray[np.float64]:
    """Return walking at an ankle (one hard stop a stride) or the trunk (a bounce a step)."""
    cycles = int((end_s - onset_s) * stride_hz * 1.2 + 4)
    lengths = (1 + 0.03 * rng.normal(size=cycles)) / stride_hz
    ends = np.concatenate(([0.0], np.cumsum(lengths)))
    phase = np.interp(time_s - onset_s, ends, np.arange(cycles + 1))
    inside = (time_s >= onset_s) & (time_s < end_s)
    axes = rotation(rng)
    if at == "ankle":
        stop = np.exp(-(((phase % 1) - 0.3) ** 2) / (2 * 0.05**2))
        leg = np.sin(2 * np.pi * phase) + 0.5 * np.sin(4 * np.pi * phase + 1)
        return inside * (axes[:, :1] * (0.5 * leg) + axes[:, 1:2] * (1.5 * stop + 0.3 * leg))
    bounce, sway = np.sin(4 * np.pi * phase), np.sin(2 * np.pi * phase)
    hit = 0.3 * np.sin(8 * np.pi * phase + 0.7)
    return inside * (axes[:, :1] * 0.2 * (bounce + hit) + axes[:, 1:2] * 0.08 * sway)
