"""Bouts of scratching at a wrist: 2-8 Hz, a second or more."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from swing_maker import fidget, jerk, rotation, sensor, still, swing

from psgkit.conditioning.acceleration.gravity import gravity_track
from psgkit.core.acceleration import Acceleration
from psgkit.core.rhythms import Rhythms
from psgkit.core.site import Site
from psgkit.detect.accelerometer.trains.find import why_unseen
from psgkit.detect.accelerometer.trains.scratch import SCRATCH, scan_scratch


def bouts_at(rate_hz: float, seed: int) -> tuple[Rhythms, list[tuple[float, float, float]]]:
    rng = np.random.default_rng(seed)
    time_s = np.arange(round(600 * rate_hz)) / rate_hz
    motion = still(600, rate_hz, rng)
    truth, at = [], 15.0
    while at < 580:
        length, hz = rng.uniform(1.6, 8), rng.uniform(2.2, 7.5)
        motion = motion + swing(
            time_s, at, at + length, hz, rng.uniform(0.05, 0.5), rng, jitter=0.06, harmonics=(0.2,)
        )
        truth.append((at, at + length, hz))
        at += length + rng.uniform(6, 20)
    acceleration = sensor(motion, rate_hz, place="left_wrist", site=Site.LEFT_ARM)
    return scan_scratch(acceleration).trains, truth


@pytest.mark.parametrize("rate_hz", [20.0, 32.0, 50.0, 100.0])
def test_bouts_are_found_and_measured(rate_hz: float) -> None:
    good = n = false = 0
    for seed in range(3):
        bouts, truth = bouts_at(rate_hz, seed)
        assert set(bouts.kind.tolist()) == {"scratch"}
        for onset_s, end_s, hz in truth:
            near = np.abs(bouts.onset_s - onset_s) + np.abs(bouts.end_s - end_s) < 1
            n += 1
            good += bool((near & (np.abs(bouts.frequency_hz - hz) < 0.4)).any())
        false += sum(
            all(min(e, end) <= max(o, on) for on, end, _ in truth) for o, e in bouts.intervals()
        )
    assert good >= 0.9 * n
    assert false == 0


@pytest.mark.parametrize("hz", [0.5, 1.0, 1.5])
def test_slow_rhythms_are_no_scratching(hz: float) -> None:
    time_s = np.arange(6000) / 50.0
    motion = ((time_s > 20) & (time_s < 60)) * 0.3 * np.sin(2 * np.pi * hz * time_s)
    assert len(scan_scratch(sensor(motion[None], 50.0)).trains) == 0


def test_jerks_and_fidgeting_are_no_scratching() -> None:
    rng = np.random.default_rng(4)
    time_s = np.arange(45000) / 50.0
    jerks = sum(jerk(time_s, at, rng) for at in range(10, 890, 11))
    restless = still(900, 50.0, rng) + fidget(time_s, rng)
    assert len(scan_scratch(sensor(still(900, 50.0, rng) + jerks, 50.0)).trains) <= 1
    assert len(scan_scratch(sensor(restless, 50.0)).trains) <= 1


def test_turning_the_sensor_changes_nothing() -> None:
    rng = np.random.default_rng(7)
    time_s = np.arange(6000) / 50.0
    motion = still(120, 50.0, rng) + swing(time_s, 30, 34, 5.0, 0.2, rng)
    plain = scan_scratch(sensor(motion, 50.0)).trains
    turned = scan_scratch(sensor(rotation(rng) @ motion, 50.0)).trains
    assert len(plain) == 1
    assert np.allclose(plain.intervals(), turned.intervals(), atol=0.05)


def test_a_slow_sensor_is_refused_in_words() -> None:
    slow = sensor(np.zeros((3, 10)), 16.0, place="left_wrist")
    assert why_unseen(slow, SCRATCH) == "left_wrist: 16 Hz, rhythms up to 8 Hz need 20 Hz"
    assert why_unseen(sensor(np.zeros((3, 10)), 20.0), SCRATCH) == ""


def test_minutes_without_movement_are_passed_over_and_bouts_stay_the_same() -> None:
    rng = np.random.default_rng(7)
    time_s = np.arange(50 * 5400) / 50.0
    bouts = [(1000.0, 4.0), (1003.0 + 900, 7.5), (4600.0, 2.2)]
    motion = still(5400, 50.0, rng) + sum(
        swing(time_s, at, at + 4, hz, 0.03, rng, jitter=0.02) for at, hz in bouts
    )
    wrist = CountedSamples.of(sensor(motion, 50.0))
    track = gravity_track(wrist.sensor)
    wanted = scan_scratch(wrist.sensor).trains
    wrist.read.clear()
    found = scan_scratch(wrist.sensor, track=track).trains
    assert len(found) >= len(bouts)
    assert np.array_equal(found.intervals(), wanted.intervals())
    assert np.array_equal(found.frequency_hz, wanted.frequency_hz)
    # four of six quarters of an hour, at most
    assert 0 < sum(wrist.read) < 0.75 * motion.size


@dataclass(frozen=True)
class CountedSamples:
    """A sensor that tells how many samples were read."""

    sensor: Acceleration
    read: list[int]

    @classmethod
    def of(cls, sensor: Acceleration) -> "CountedSamples":
        read: list[int] = []

        class Axis:
            def __init__(self, samples: np.ndarray) -> None:
                self.samples = samples

            def __len__(self) -> int:
                return len(self.samples)

            def __getitem__(self, part: slice) -> np.ndarray:
                piece = self.samples[part]
                read.append(len(piece))
                return piece

        axes = tuple(replace(axis, samples=Axis(axis.samples)) for axis in sensor.axes)
        return cls(replace(sensor, axes=axes), read)
