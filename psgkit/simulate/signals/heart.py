"""Heart beats: times, waveform, and leakage into a muscle channel."""

import numpy as np
from numpy.typing import NDArray

from psgkit.simulate.plan.options import SimulationOptions

RESPIRATION_HZ = 0.25
RESPIRATORY_SHARE = 0.03
JITTER_SHARE = 0.015
WANDER_SHARE = 0.07
WANDER_S = 120.0

# Lag from the R wave in s, width in s, height as a share of R.
QRS = ((-0.028, 0.009, -0.12), (0.0, 0.010, 1.0), (0.030, 0.010, -0.25))
WHOLE_BEAT = (*QRS, (-0.16, 0.025, 0.12), (0.24, 0.05, 0.28))
REACH_WIDTHS = 4.0


def beat_times(
    rng: np.random.Generator, duration_s: float, options: SimulationOptions
) -> NDArray[np.float64]:
    """Return the times of the R waves; the rate varies with breath, from beat to beat, slowly.

    Examples
    --------
    >>> beats_s = beat_times(np.random.default_rng(0), 3600.0, SimulationOptions())
    >>> bool(50 * 60 < len(beats_s) < 75 * 60)
    True
    """
    usual_s = 60.0 / options.heart_rate_per_min
    n = int(2.0 * duration_s / usual_s) + 10
    about_s = np.arange(n) * usual_s
    knots_s = np.arange(0.0, about_s[-1] + 2 * WANDER_S, WANDER_S)
    wander = np.interp(about_s, knots_s, rng.standard_normal(len(knots_s)).clip(-2.0, 2.0))
    breath = np.sin(2.0 * np.pi * RESPIRATION_HZ * about_s)
    relative = (
        1.0
        + WANDER_SHARE * wander
        + RESPIRATORY_SHARE * breath
        + JITTER_SHARE * rng.standard_normal(n).clip(-3.0, 3.0)
    )
    times_s = np.cumsum(usual_s * relative)
    return np.asarray(times_s[times_s < duration_s])


def add_waves(
    samples: NDArray[np.float32],
    rate_hz: float,
    beats_s: NDArray[np.float64],
    waves: tuple[tuple[float, float, float], ...],
    peak_uv: float | NDArray[np.float64],
) -> None:
    """Add ``waves`` with R waves of ``peak_uv`` (one for all or each) at every beat, in place."""
    peaks_uv = np.asarray(peak_uv).reshape(-1, 1)
    for lag_s, width_s, height in waves:
        centres_s = beats_s + lag_s
        reach_n = int(np.ceil(REACH_WIDTHS * width_s * rate_hz))
        nearest = np.rint(centres_s * rate_hz).astype(np.int64)
        rows = nearest[:, None] + np.arange(-reach_n, reach_n + 1)
        from_centre_s = rows / rate_hz - centres_s[:, None]
        bumps = peaks_uv * height * np.exp(-0.5 * (from_centre_s / width_s) ** 2)
        inside = (rows >= 0) & (rows < len(samples))
        # One wave never overlaps itself at the next beat, so plain indexing adds each once.
        samples[rows[inside]] += bumps[inside].astype(np.float32)
