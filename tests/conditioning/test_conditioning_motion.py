"""Bands of acceleration on one grid, gravity, and calibration from still moments."""

import numpy as np
import pytest

from psgkit.conditioning.acceleration.calibration import CalibrationRule, calibrate
from psgkit.conditioning.acceleration.gravity import GravityTrack, gravity_track
from psgkit.conditioning.acceleration.motion import (
    GRID_HZ,
    Calibration,
    MotionBands,
    filtered_motion,
    motion_stretches,
)
from psgkit.conditioning.emg.band import Band
from psgkit.core.acceleration import Acceleration
from psgkit.core.signal import Signal


def sensor(samples: np.ndarray, rate_hz: float) -> Acceleration:
    axes = (Signal(samples=axis, rate_hz=rate_hz, unit="g") for axis in samples.T)
    return Acceleration(axes=tuple(axes), place="left_ankle")


@pytest.mark.parametrize("rate_hz", [12.5, 25.0, 1000 / 30, 99.97, 128.0])
def test_the_grid_shows_a_tone_where_it_is(rate_hz: float) -> None:
    t = (np.arange(int(700 * rate_hz)) + 0.5) / rate_hz
    tone = sensor(0.1 * np.sin(2 * np.pi * 2 * t)[:, None] + 1, rate_hz)
    for stretch in motion_stretches(tone, Calibration(), core_s=200.0):
        found = filtered_motion(stretch, MotionBands())
        at = (found.first + np.arange(len(found)) + 0.5) / GRID_HZ
        inner = (at > 20) & (at < 680) & (at > at[0] + 15) & (at < at[-1] - 15)
        wanted = 0.1 * np.sin(2 * np.pi * 2 * at)
        assert np.abs(found.fast_g[inner, 0] - wanted[inner]).max() < 1e-3
        assert np.abs(found.smooth_g[inner, 0] - 1 - wanted[inner]).max() < 1e-3
        assert np.abs(found.gravity_g[inner, 0] - 1).max() < 1e-3


def test_cores_follow_each_other_on_the_grid() -> None:
    x = sensor(np.zeros((7001, 1)), 33.3)
    cores = [
        filtered_motion(stretch, MotionBands()).core
        for stretch in motion_stretches(x, Calibration(), core_s=50.0)
    ]
    assert [core[0] for core in cores[1:]] == [core[1] for core in cores[:-1]]
    assert cores[0][0] == 0
    assert cores[-1][1] == int(7001 / 33.3 * GRID_HZ)


def test_gravity_must_be_slower_than_movement() -> None:
    with pytest.raises(ValueError, match="gravity must lie below"):
        MotionBands(movement=Band(low_hz=0.2, high_hz=10.0), gravity_hz=0.25)


def test_gravity_follows_a_turn_and_not_a_jerk() -> None:
    rate_hz, n = 50.0, 20000
    x = np.tile([0.0, 0.0, 1.0], (n, 1)) + np.random.default_rng(0).normal(0, 0.002, (n, 3))
    x[10000:] = x[10000:, [2, 1, 0]]
    x[4000:4100, 1] += 0.5 * np.sin(2 * np.pi * 3 * np.arange(100) / rate_hz)
    track = gravity_track(sensor(x, rate_hz))
    assert len(track) == 800
    assert track.gravity_g[380] == pytest.approx([0, 0, 1], abs=0.01)
    assert track.gravity_g[420] == pytest.approx([1, 0, 0], abs=0.01)
    assert np.abs(track.gravity_g[150:180, 1]).max() < 0.02  # of 0.5
    assert track.movement_g[161:163].min() > 0.2
    assert track.movement_g[50:150].max() < 0.01
    assert track.times_s()[0] == 0.25
    assert track.end_s == 400


def test_a_track_needs_one_row_each() -> None:
    with pytest.raises(ValueError, match="one row each"):
        GravityTrack(
            start_s=0,
            gravity_g=np.zeros((2, 3), dtype=np.float32),
            movement_g=np.zeros(1, dtype=np.float32),
            usable=np.ones(2, dtype=bool),
        )


# ---- calibration


def orientations(n: int, seed: int = 0) -> np.ndarray:
    """Return gravity in ``n`` orientations of 20 s each at 10 Hz, with noise."""
    rng = np.random.default_rng(seed)
    directions = rng.normal(size=(n, 3))
    directions /= np.linalg.norm(directions, axis=1)[:, None]
    return np.repeat(directions, 200, axis=0) + rng.normal(0, 0.003, (200 * n, 3))


def test_many_orientations_give_offset_and_gain_of_each_axis() -> None:
    true = orientations(60)
    gain, offset = np.array([1.04, 0.97, 1.02]), np.array([0.03, -0.05, 0.02])
    found = calibrate(sensor(true / gain + offset, 10.0))
    assert found.method == "axes"
    assert found.calibration.offset_g == pytest.approx(offset, abs=0.002)
    assert found.calibration.gain == pytest.approx(gain, abs=0.002)
    assert found.norm_after_g == pytest.approx(1, abs=0.002)


def test_one_orientation_gives_one_scale_and_says_so() -> None:
    found = calibrate(sensor(np.tile([0.6, 0.0, 0.85], (6000, 1)), 10.0))
    assert found.method == "scale"
    assert found.calibration.gain == pytest.approx([0.961] * 3, abs=0.001)
    (finding,) = found.findings
    assert finding.code == "accelerometer.norm"
    assert "1.040 g at rest" in finding.message
    assert "all axes were scaled alike" in finding.message


def test_two_percent_are_not_worth_a_word() -> None:
    assert calibrate(sensor(np.tile([0.0, 0.0, 1.019], (6000, 1)), 10.0)).findings == ()
    assert len(calibrate(sensor(np.tile([0.0, 0.0, 1.021], (6000, 1)), 10.0)).findings) == 1


@pytest.mark.parametrize(
    ("norm", "unit", "said"),
    [
        (9.80665, "m/s^2", "m/s^2 called g"),
        (1000.0, "mg", "mg called g"),
        (0.001, "g", "g called mg"),
        (1 / 9.80665, "g", "g called m/s^2"),
        (1000 / 9.80665, "mg", "mg called m/s^2"),
        (9.80665e-3, "m/s^2", "m/s^2 called mg"),
    ],
)
@pytest.mark.parametrize("off", [0.96, 1.04])
def test_an_unmistakable_unit_is_converted(norm: float, unit: str, said: str, off: float) -> None:
    found = calibrate(sensor(orientations(3) * norm * off, 10.0))
    assert found.unit == unit
    assert said in found.findings[0].message
    assert found.norm_after_g == pytest.approx(1, abs=0.005)


@pytest.mark.parametrize("norm", [0.5, 2.0, 9.0, 900.0])
def test_anything_else_is_left_alone_and_said(norm: float) -> None:
    found = calibrate(sensor(np.tile([0.0, norm, 0.0], (6000, 1)), 10.0))
    assert found.method == "none"
    assert found.unit == ""
    assert "left as it is" in found.findings[0].message
    samples = np.ones((2, 3), dtype=np.float32)
    assert np.array_equal(found.calibration.applied(samples), samples)


def test_a_single_axis_cannot_be_checked() -> None:
    found = calibrate(sensor(np.ones((6000, 1)), 10.0))
    assert found.method == "none"
    assert found.findings[0].severity == "info"
    assert "1 of 3 axes" in found.findings[0].message


def test_a_sensor_that_is_never_still_is_not_calibrated() -> None:
    rng = np.random.default_rng(0)
    found = calibrate(sensor(rng.normal(0, 0.3, (6000, 3)), 10.0))
    assert found.method == "none"
    assert found.still_n == 0
    assert "0 still moments" in found.findings[0].message


def test_a_device_that_is_off_does_not_count_as_still() -> None:
    x = np.zeros((12000, 3))
    x[:3000] = orientations(15)
    found = calibrate(sensor(x, 10.0), CalibrationRule(max_windows=10_000))
    assert found.norm_at_rest_g == pytest.approx(1, abs=0.002)


def test_segments_are_calibrated_together() -> None:
    first, second = sensor(orientations(30), 10.0), sensor(orientations(30, 1), 10.0)
    assert calibrate((first, second)).still_n == 120
    assert calibrate(()).method == "none"
