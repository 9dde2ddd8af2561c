"""Rhythmic trains: found where they are, at their frequency, and nowhere else."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from rounds import first_of
from swing_maker import fidget, jerk, rotation, sensor, still, swing, turn

from psgkit.conditioning.acceleration.motion import Calibration, motion_stretches
from psgkit.core.acceleration import Acceleration
from psgkit.core.rhythms import Rhythms
from psgkit.core.signal import Signal
from psgkit.detect.accelerometer.detect import detect_accelerometer
from psgkit.detect.accelerometer.trains.find import (
    RhythmRule,
    joined_trains,
    scan_motion,
    trains_of_stretch,
    why_unseen,
)
from psgkit.detect.accelerometer.trains.grid import MotionBand, motion_grid
from psgkit.io.edf.read import read_edf

RATES = [25.0, 1000 / 30, 50.0, 100.0, 128.0, 200.0]
"""1000/30 Hz: 1000 samples in a record of 30 s."""


def overlap_s(trains: Rhythms, onset_s: float, end_s: float) -> NDArray[np.float64]:
    return np.minimum(trains.end_s, end_s) - np.maximum(trains.onset_s, onset_s)


def same_trains(first: Rhythms, second: Rhythms, within_s: float = 0.2) -> bool:
    return (
        len(first) == len(second)
        and bool(np.allclose(first.intervals(), second.intervals(), atol=within_s))
        and bool(np.allclose(first.frequency_hz, second.frequency_hz, atol=0.05))
    )


def night_of_trains(
    seed: int, rate_hz: float
) -> tuple[Acceleration, list[tuple[float, float, float]]]:
    """Return 20 minutes with trains of any frequency, amplitude and length, and their truth."""
    rng = np.random.default_rng(seed)
    time_s = np.arange(round(1200 * rate_hz)) / rate_hz
    motion = still(1200, rate_hz, rng, rng.uniform(0.002, 0.005))
    truth, at = [], 20.0
    while True:
        hz = rng.uniform(0.5, 4)
        length = max(np.exp(rng.uniform(np.log(6), np.log(120))), 4.2 / hz)
        if at + length > 1180:
            return sensor(motion, rate_hz), truth
        amplitude = np.exp(rng.uniform(np.log(0.01), np.log(0.3)))
        motion = motion + swing(
            time_s, at, at + length, hz, amplitude, rng, drift=0.05, jitter=0.03
        )
        truth.append((at, at + length, hz))
        at += length + rng.uniform(10, 40)


@pytest.mark.parametrize("rate_hz", first_of(RATES, 2))
def test_nineteen_of_twenty_trains_are_found_and_measured(rate_hz: float) -> None:
    good = n = false = 0
    for seed in range(4):
        acceleration, truth = night_of_trains(seed, rate_hz)
        trains = scan_motion(acceleration).trains
        false += sum(
            all(min(e, end) <= max(o, on) for on, end, _ in truth) for o, e in trains.intervals()
        )
        for onset_s, end_s, hz in truth:
            n += 1
            common = overlap_s(trains, onset_s, end_s)
            if not len(common) or common.max() <= 0:
                continue
            row = int(np.argmax(common))
            good += bool(
                abs(trains.onset_s[row] - onset_s) <= 1
                and abs(trains.end_s[row] - end_s) <= 1
                and abs(trains.frequency_hz[row] - hz) <= 0.1
            )
    assert good >= 0.95 * n
    assert false == 0


def nothing(time_s: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    return 0 * time_s + 0 * rng.normal(size=(3, 1))


def loud_noise(time_s: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    return rng.normal(0, 0.05, (3, len(time_s)))


def periodic_jerks(time_s: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    return sum(jerk(time_s, at, rng) for at in 20 + 10 * np.arange(80))


def lone_jerks(time_s: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    return sum(jerk(time_s, at, rng) for at in 15 * np.arange(1, 59) + rng.uniform(-5, 5, 58))


def turns(time_s: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    return sum(turn(time_s, at, rng) for at in rng.uniform(20, 880, 20))


@pytest.mark.parametrize("seed", first_of(range(3)))
@pytest.mark.parametrize("make", [nothing, loud_noise, periodic_jerks, lone_jerks, turns, fidget])
def test_what_does_not_repeat_within_seconds_is_no_train(
    make: Callable[[NDArray[np.float64], np.random.Generator], NDArray[np.float64]], seed: int
) -> None:
    rng = np.random.default_rng(1000 + seed)
    time_s = np.arange(45000) / 50.0
    motion = still(900, 50.0, rng) + make(time_s, rng)
    assert len(scan_motion(sensor(motion, 50.0)).trains) == 0


def a_train(
    rate_hz: float = 50.0,
    hz: float = 1.3,
    shift_s: float = 0.0,
    turned: NDArray[np.float64] | None = None,
    start_s: float = 0.0,
) -> Acceleration:
    """Return two trains in two minutes, made of sines so that any rate samples the same motion."""
    time_s = np.arange(round(120 * rate_hz)) / rate_hz - shift_s
    rng = np.random.default_rng(5)
    motion = np.tile(np.array([[0.0], [0.6], [0.8]]), len(time_s))
    motion = motion + swing(time_s, 20, 40, hz, 0.05, rng, drift=0.05)
    motion = motion + swing(time_s, 60, 65, 2.5 * hz, 0.1, rng)
    return sensor(motion if turned is None else turned @ motion, rate_hz, start_s=start_s)


def test_turning_the_sensor_changes_nothing() -> None:
    plain = scan_motion(a_train())
    for seed in range(5):
        turned = scan_motion(a_train(turned=rotation(np.random.default_rng(seed))))
        assert same_trains(plain.trains, turned.trains, 0.05)
        assert np.allclose(plain.rms_g, turned.rms_g, rtol=1e-3)


def test_order_and_signs_of_axes_mean_nothing() -> None:
    plain, one = scan_motion(a_train()), a_train()
    x, y, z = (axis.samples[:] for axis in one.axes)
    assert same_trains(plain.trains, scan_motion(sensor([-z, x, -y], 50.0)).trains, 0.05)


@pytest.mark.parametrize("rate_hz", RATES)
def test_the_rate_of_the_sensor_changes_nothing(rate_hz: float) -> None:
    assert same_trains(scan_motion(a_train(200.0)).trains, scan_motion(a_train(rate_hz)).trains)


def test_the_time_of_the_recording_shifts_the_trains_and_nothing_else() -> None:
    plain, later = scan_motion(a_train()).trains, scan_motion(a_train(start_s=777.0)).trains
    assert np.allclose(later.intervals(), plain.intervals() + 777.0)
    inside = scan_motion(a_train(shift_s=13.0)).trains
    assert np.allclose(inside.intervals(), plain.intervals() + 13.0, atol=0.1)


def test_stretches_meet_without_a_seam() -> None:
    rng = np.random.default_rng(3)
    time_s = np.arange(30000) / 50.0
    motion = still(600, 50.0, rng) + swing(time_s, 50, 350, 1.1, 0.1, rng, drift=0.05)
    motion = motion + swing(time_s, 415, 421, 2.0, 0.1, rng)
    acceleration, rule = sensor(motion, 50.0), RhythmRule()
    whole = scan_motion(acceleration)
    for core_s in (60.0, 105.0, 209.0):
        walk = motion_stretches(acceleration, Calibration(), core_s=core_s)
        found = joined_trains([trains_of_stretch(s, rule) for s in walk], acceleration, rule)
        assert same_trains(whole.trains, found.trains, 0.3)
        assert found.level_g.shape == whole.level_g.shape


def test_a_swing_is_counted_once_though_its_norm_beats_twice() -> None:
    time_s = np.arange(6000) / 50.0
    inside = (time_s > 30) & (time_s < 60)
    swinging = inside * 0.1 * np.sin(2 * np.pi * 1.2 * time_s)
    centripetal = inside * 0.05 * np.cos(2 * np.pi * 2.4 * time_s)
    trains = scan_motion(sensor(np.stack((swinging, centripetal, 0 * time_s)), 50.0)).trains
    assert trains.frequency_hz.round(1).tolist() == [1.2]


@pytest.mark.parametrize(("hz", "found"), [(0.1, 0), (0.4, 0), (0.5, 1), (4.0, 1), (5.0, 0)])
def test_trains_are_of_half_to_four_cycles_a_second(hz: float, found: int) -> None:
    time_s = np.arange(6000) / 50.0
    inside = (time_s > 20) & (time_s < 100)
    motion = inside * 0.1 * np.sin(2 * np.pi * hz * time_s)
    trains = scan_motion(sensor(motion[None], 50.0)).trains
    assert len(trains) == found
    assert np.allclose(trains.frequency_hz, hz, atol=0.1)


@pytest.mark.parametrize(("cycles", "found"), [(3, 0), (4, 1), (5, 1)])
def test_a_train_has_four_cycles(cycles: int, found: int) -> None:
    time_s = np.arange(6000) / 50.0
    inside = (time_s >= 20) & (time_s < 20 + cycles)
    rng = np.random.default_rng(1)
    motion = still(120, 50.0, rng) + inside * 0.1 * np.sin(2 * np.pi * time_s)
    short = RhythmRule(least_s=2.5)
    assert len(scan_motion(sensor(motion, 50.0), rule=short).trains) == found


@pytest.mark.parametrize(("length_s", "found"), [(4.0, 0), (6.0, 1)])
def test_a_train_lasts_five_seconds(length_s: float, found: int) -> None:
    time_s = np.arange(6000) / 50.0
    inside = (time_s >= 20) & (time_s < 20 + length_s)
    rng = np.random.default_rng(1)
    motion = still(120, 50.0, rng) + inside * 0.1 * np.sin(4 * np.pi * time_s)
    assert len(scan_motion(sensor(motion, 50.0)).trains) == found


def test_trains_at_the_very_ends_are_found() -> None:
    time_s = np.arange(3000) / 50.0
    motion = 0.1 * np.sin(2 * np.pi * 1.5 * time_s) * ((time_s < 10) | (time_s >= 50))
    trains = scan_motion(sensor(motion[None], 50.0)).trains
    assert np.allclose(trains.intervals(), [[0, 10], [50, 60]], atol=0.5)


def test_missing_samples_are_neither_movement_nor_train() -> None:
    acceleration = a_train()
    gap = [axis.samples[:].copy() for axis in acceleration.axes]
    for axis in gap:
        axis[28 * 50 : 30 * 50] = np.nan
    scan = scan_motion(sensor(gap, 50.0))
    assert np.isnan(scan.level_g[56:60]).all()
    assert np.isfinite(scan.level_g[:56]).all()
    common = overlap_s(scan.trains, 28.0, 30.0)
    assert (common <= 0.5).all()
    assert (overlap_s(scan.trains, 20.0, 28.0) > 6).any()


def test_a_sensor_of_nothing_gives_nothing() -> None:
    for n in (0, 1, 5, 100):
        scan = scan_motion(sensor(np.zeros((3, n)), 50.0))
        assert len(scan.trains) == 0
        assert len(scan.rms_g) == 0
    assert len(scan_motion(sensor(np.full((3, 500), np.nan), 50.0)).trains) == 0


def test_level_has_a_value_every_half_second() -> None:
    scan = scan_motion(a_train())
    assert len(scan.level_g) == 240
    assert scan.level_g[100:118].max() < 0.001
    assert 0.03 < np.sqrt(np.mean(scan.level_g[50:70] ** 2)) < 0.05


def test_a_slow_sensor_is_refused_in_words() -> None:
    axis = Signal(samples=np.zeros(10), rate_hz=9.0, unit="g")
    assert "9 Hz" in why_unseen(Acceleration(axes=(axis,), place="left_ankle"))
    fast = Signal(samples=np.zeros(10), rate_hz=10.0, unit="g")
    assert why_unseen(Acceleration(axes=(fast,), place="left_ankle")) == ""


def test_the_grid_keeps_time_and_amplitude() -> None:
    acceleration = a_train(1000 / 30)
    stretch = next(motion_stretches(acceleration, Calibration()))
    grid = motion_grid(stretch, MotionBand())
    fine = motion_grid(next(motion_stretches(a_train(200.0), Calibration())), MotionBand())
    assert grid.rate_hz == pytest.approx(32.0)
    times = grid.start_s + np.arange(grid.motion_g.shape[1]) / grid.rate_hz
    others = fine.start_s + np.arange(fine.motion_g.shape[1]) / fine.rate_hz
    wanted = np.interp(times, others, fine.motion_g[0])
    assert np.abs(grid.motion_g[0] - wanted)[64:-64].max() < 0.004


def test_sensors_that_lie_on_a_table_and_are_picked_up_show_no_train(shared: Path) -> None:
    """Six sensors lie together for 261 s, then a hand carries all of them."""
    recording = read_edf(shared / "data" / "six-site-accelerometer" / "six-site.edf")
    channels = recording.with_role("accelerometer")
    for first in range(0, len(channels), 3):
        axes = tuple(recording.signals(c)[0] for c in channels[first : first + 3])
        scan = scan_motion(Acceleration(axes=axes, place=channels[first].label))
        assert len(scan.trains) == 0
        assert scan.level_g[20:500].max() < 0.01
        assert scan.level_g[524:].mean() > 0.05


# ---- in the walk that looks for jerks, too


@pytest.mark.parametrize("rate_hz", [25.0, 33.3, 100.0])
def test_trains_are_the_same_in_the_walk_for_jerks(rate_hz: float) -> None:
    motion = a_train(rate_hz, start_s=300.0)
    alone, shared = scan_motion(motion), detect_accelerometer(motion, rhythm=RhythmRule()).scan
    assert shared is not None
    assert len(alone.trains) > 0
    assert same_trains(alone.trains, shared.trains)
    assert shared.rms_g == pytest.approx(alone.rms_g, rel=0.02)
    assert len(shared.level_g) == len(alone.level_g)


def test_a_band_with_a_grid_of_its_own_has_a_walk_of_its_own() -> None:
    rule = RhythmRule(band=MotionBand(grid_hz=40.0))
    shared = detect_accelerometer(a_train(), rhythm=rule).scan
    assert shared is not None
    assert np.array_equal(shared.level_g, scan_motion(a_train(), Calibration(), rule).level_g)


def test_without_a_rule_no_trains_are_looked_for() -> None:
    assert detect_accelerometer(a_train()).scan is None
