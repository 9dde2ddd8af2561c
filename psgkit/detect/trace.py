"""What a detector sees of a signal, for showing it: the same samples, levels and thresholds."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from psgkit.conditioning.acceleration.calibration import calibrate
from psgkit.conditioning.acceleration.motion import GRID_HZ
from psgkit.core.intervals import Intervals, paint
from psgkit.core.signal import Signal
from psgkit.detect.accelerometer.channels import Sensor
from psgkit.detect.accelerometer.detect import AccelerometerDetection, filtered_stretches
from psgkit.detect.accelerometer.stretch import magnitude_of, thresholds
from psgkit.detect.emg.detect import EmgDetection, emg_stretches, mains_line
from psgkit.detect.emg.envelope import (
    Interference,
    amplitude_of,
    blocked_in,
    filtered_stretch,
    neighbourhood,
)
from psgkit.detect.emg.grid import Grid
from psgkit.detect.emg.trunk import HeartFilter


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Seen:
    """One stretch of a channel as its detector sees it.

    Attributes
    ----------
    core_s : (float, float)
        Seconds this stretch answers for; the arrays may begin before and end after.
    start_s, rate_hz : float
        Time of the first sample, and samples a second.
    samples : float32 array, shape (n,)
        Filtered, without hum and heart; NaN where the signal is unusable.
    step : int
        Samples from one value of the levels to the next.
    level, rest, on, off : float32 arrays, shape (n_steps,)
        What is compared with the thresholds, the resting level, and the thresholds.
    """

    core_s: tuple[float, float]
    start_s: float
    rate_hz: float
    samples: NDArray[np.float32]
    step: int
    level: NDArray[np.float32]
    rest: NDArray[np.float32]
    on: NDArray[np.float32]
    off: NDArray[np.float32]


def emg_seen(
    signal: Signal,
    wanted: Intervals,
    detection: EmgDetection,
    heart: HeartFilter | None = None,
) -> Iterator[Seen]:
    """Yield the stretches of EMG that ``wanted`` seconds touch, as ``detect_emg`` measures them."""
    rule, conditioning, rate_hz = detection.rule, detection.conditioning, signal.rate_hz
    grid = Grid.of(rate_hz, rule, conditioning.band)
    interference = Interference(
        rate_hz=rate_hz, mains=mains_line(signal, conditioning, heart), heart=heart
    )
    for core in emg_stretches(len(signal.samples), rate_hz, grid.hop):
        core_s = (signal.start_s + core[0] / rate_hz, signal.start_s + core[1] / rate_hz)
        if not _touched(core_s, wanted):
            continue
        low, high = neighbourhood(signal, core, grid, conditioning.rest)
        first, last = core[0] - low, core[1] - low
        # a window of a whole second may end a little after the core
        end = min(high - low, last + grid.hop)
        filtered, unusable = filtered_stretch(signal, (low, high), conditioning)
        blocked = blocked_in(unusable, high - low, rate_hz, conditioning.usable)
        # a heart filter looks at what it takes out; hum alone need not be taken out twice
        left = interference if heart is not None else Interference(rate_hz=rate_hz)
        cleared = interference.taken_out(filtered.copy(), low)
        samples = cleared[first:end].copy()
        samples[paint(unusable.runs(), high - low)[first:end]] = np.nan
        found = amplitude_of(
            filtered if heart is not None else cleared,
            (low, first, last),
            blocked,
            (grid, conditioning),
            left,
        )
        level, rest = found.at_steps((first, end), grid)
        yield Seen(
            core_s=core_s,
            start_s=core_s[0],
            rate_hz=rate_hz,
            samples=samples,
            step=grid.step,
            level=level,
            rest=rest[: len(level)],
            on=rest[: len(level)] + np.float32(rule.onset_above_rest_uv),
            off=rest[: len(level)] + np.float32(rule.offset_above_rest_uv),
        )


def sensor_seen(
    sensor: Sensor, wanted: Intervals, detection: AccelerometerDetection
) -> Iterator[Seen]:
    """Yield the stretches of an accelerometer that ``wanted`` seconds touch, as magnitudes."""
    calibration = calibrate(sensor.parts, detection.calibration).calibration
    rule = detection.rule.for_step(max((c.resolution or 0.0) for c in sensor.channels))
    for part in sensor.parts:
        for motion in filtered_stretches(part, calibration, detection):
            low, high = (part.start_s + tick / GRID_HZ for tick in motion.core)
            if not _touched((low, high), wanted):
                continue
            own = rule.for_axes(motion.fast_g.shape[1])
            found = magnitude_of(motion, own)
            off, on = thresholds(found.floor_g, found.swell_g, own)
            samples = found.norm_g.copy()
            samples[paint(found.blocked, len(samples))] = np.nan
            yield Seen(
                core_s=(low, high),
                start_s=part.start_s + (motion.first + found.skip) / GRID_HZ,
                rate_hz=GRID_HZ,
                samples=samples,
                step=1,
                level=found.level_g(own),
                rest=found.floor_g,
                on=on,
                off=off,
            )


def _touched(core_s: tuple[float, float], wanted: Intervals) -> bool:
    """Return whether any of ``wanted`` reaches into the stretch."""
    return bool(((wanted[:, 0] < core_s[1]) & (wanted[:, 1] > core_s[0])).any())
