"""ENMO, MAD, arm angle and counts of epochs: by hand, by a slow twin, by another program."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from psgkit.conditioning.acceleration.activity_counts import CountRule, activity_counts
from psgkit.conditioning.acceleration.epoch_motion import (
    EpochMotion,
    enmo,
    epoch_motion,
    joined_epochs,
    mad,
)
from psgkit.conditioning.acceleration.gravity import GravityTrack
from psgkit.conditioning.acceleration.motion import Calibration
from psgkit.core.acceleration import Acceleration
from psgkit.core.signal import Signal


def sensor(samples_g: NDArray[np.float64], rate_hz: float, start_s: float = 0.0) -> Acceleration:
    axes = tuple(
        Signal(samples=axis, rate_hz=rate_hz, unit="g", start_s=start_s) for axis in samples_g.T
    )
    return Acceleration(axes=axes, place="left_wrist")


def noise(n: int, seed: int = 0) -> NDArray[np.float64]:
    rng = np.random.default_rng(seed)
    return rng.normal([0.2, -0.4, 0.8], 0.3, (n, 3))


@pytest.mark.parametrize("rate_hz", [25.0, 30.0, 85.7, 31.25])
def test_epochs_equal_a_loop_over_samples_at_any_rate(rate_hz: float) -> None:
    samples = noise(round(40 * rate_hz))
    found = epoch_motion(sensor(samples, rate_hz))
    assert len(found) == 8
    for row in range(len(found)):
        inside = [k for k in range(len(samples)) if row * 5 <= k / rate_hz + 1e-9 < (row + 1) * 5]
        own = samples[inside].astype(np.float32).astype(np.float64)
        norm = np.sqrt((own**2).sum(axis=1))
        middle = np.median(own, axis=0)
        assert found.enmo_g[row] == pytest.approx(np.maximum(norm - 1, 0).mean(), rel=1e-5)
        assert found.mad_g[row] == pytest.approx(np.abs(norm - norm.mean()).mean(), rel=1e-5)
        angle = math.degrees(math.atan2(middle[2], math.hypot(middle[0], middle[1])))
        assert found.z_angle_deg[row] == pytest.approx(angle, abs=1e-4)


def test_reading_in_blocks_changes_nothing() -> None:
    samples = noise(4000 * 10)  # 4000 s: more than one block of half an hour
    whole = epoch_motion(sensor(samples, 10.0))
    tail = epoch_motion(sensor(samples[18_000:], 10.0, 1800.0))
    assert tail.start_s == 1800.0
    assert np.array_equal(whole.enmo_g[360:], tail.enmo_g)
    assert np.array_equal(whole.z_angle_deg[360:], tail.z_angle_deg)


def test_a_missing_sample_makes_its_epoch_missing_and_no_other() -> None:
    samples = noise(1000)
    samples[260, 1] = math.nan  # of the third epoch of 100 samples
    found = epoch_motion(sensor(samples, 20.0))
    for column in (found.enmo_g, found.mad_g, found.z_angle_deg):
        assert np.flatnonzero(np.isnan(column)).tolist() == [2]


def test_turning_the_sensor_changes_neither_enmo_nor_mad() -> None:
    samples = noise(2000)
    turn, _ = np.linalg.qr(np.random.default_rng(3).normal(size=(3, 3)))
    straight = epoch_motion(sensor(samples, 20.0))
    turned = epoch_motion(sensor(samples @ turn, 20.0))
    assert straight.enmo_g == pytest.approx(turned.enmo_g, abs=1e-6)
    assert straight.mad_g == pytest.approx(turned.mad_g, abs=1e-6)


def test_mad_needs_no_calibration_of_offset_along_gravity_but_enmo_does() -> None:
    still = np.tile([0.0, 0.0, 1.05], (500, 1))
    found = epoch_motion(sensor(still, 50.0))
    assert found.enmo_g.tolist() == pytest.approx([0.05, 0.05], abs=1e-6)
    assert found.mad_g.tolist() == pytest.approx([0.0, 0.0], abs=1e-6)
    fixed = Calibration(offset_g=np.zeros(3), gain=np.full(3, 1 / 1.05))
    assert epoch_motion(sensor(still, 50.0), fixed).enmo_g == pytest.approx([0, 0], abs=1e-6)


def test_segments_keep_their_time_and_what_lies_between_is_missing() -> None:
    first = epoch_motion(sensor(noise(200), 20.0))
    second = epoch_motion(sensor(noise(200, 1), 20.0, 31.0))
    found = joined_epochs([first, second])
    assert len(found) == 8
    assert np.isfinite(found.enmo_g).tolist() == [True] * 2 + [False] * 4 + [True] * 2


def test_one_axis_has_no_norm() -> None:
    one = Signal(samples=np.zeros(100), rate_hz=20.0, unit="g")
    with pytest.raises(ValueError, match="three axes"):
        epoch_motion(Acceleration(axes=(one,), place="hip"))
    with pytest.raises(ValueError, match="differ in length"):
        EpochMotion(enmo_g=np.zeros(1), mad_g=np.zeros(2), z_angle_deg=np.zeros(1))


@pytest.mark.parametrize("rate_hz", [20, 50])
def test_enmo_and_mad_are_those_of_scikit_digital_health(rate_hz: int) -> None:
    metrics = pytest.importorskip("skdh.activity.metrics")
    samples = noise(rate_hz * 600)
    norm = np.linalg.norm(samples, axis=1)
    first = np.arange(0, len(samples), 5 * rate_hz)
    wlen = 5 * rate_hz
    assert enmo(norm, first) == pytest.approx(metrics.metric_enmo(samples, wlen=wlen), abs=1e-9)
    assert mad(norm, first) == pytest.approx(metrics.metric_mad(samples, wlen=wlen), abs=1e-9)


def test_the_angle_of_an_arm_at_rest_is_that_of_scikit_digital_health() -> None:
    metrics = pytest.importorskip("skdh.activity.metrics")
    rng = np.random.default_rng(5)
    held = np.repeat(rng.normal(size=(60, 3)), 100, axis=0)
    held /= np.linalg.norm(held, axis=1)[:, None]
    found = epoch_motion(sensor(held + rng.normal(0, 0.003, held.shape), 20.0))
    theirs = metrics.metric_anglez(held, wlen=100)
    # median of the samples here, mean of their angles there
    assert found.z_angle_deg == pytest.approx(theirs, abs=0.1)


# counts


def track(movement_g: list[float], usable: list[bool] | None = None) -> GravityTrack:
    n = len(movement_g)
    return GravityTrack(
        start_s=0.0,
        gravity_g=np.zeros((n, 3)),
        movement_g=np.array(movement_g),
        usable=np.ones(n, dtype=bool) if usable is None else np.array(usable),
    )


def test_a_count_is_a_milli_g_for_a_second() -> None:
    # half seconds of 20, 0, 100, 30 mg
    assert activity_counts(track([0.02, 0.0, 0.1, 0.03]), 2.0) == pytest.approx([75.0], rel=1e-6)


def test_counts_add_up_over_longer_epochs_and_grow_with_the_movement() -> None:
    moved = np.random.default_rng(0).gamma(1.0, 0.05, 240)
    short = activity_counts(track(moved.tolist()), 10.0)
    long = activity_counts(track(moved.tolist()), 60.0)
    assert short.reshape(-1, 6).sum(axis=1) == pytest.approx(long)
    none = CountRule(dead_band_g=0.0)
    once = activity_counts(track(moved.tolist()), 60.0, none)
    twice = activity_counts(track((2 * moved).tolist()), 60.0, none)
    assert twice == pytest.approx(2 * once, rel=1e-6)


def test_noise_below_the_dead_band_adds_up_to_nothing() -> None:
    assert activity_counts(track([0.009] * 120), 60.0).tolist() == [0.0]
    assert activity_counts(track([0.011] * 120), 60.0) == pytest.approx([660.0], rel=1e-5)


def test_an_epoch_has_a_count_if_half_of_it_was_usable_as_if_the_rest_were_alike() -> None:
    half = activity_counts(track([0.1] * 4, [True, True, False, False]), 2.0)
    assert half == pytest.approx([200.0], rel=1e-6)
    assert np.isnan(activity_counts(track([0.1] * 4, [True, False, False, False]), 2.0)).all()


def test_epochs_that_are_no_whole_half_seconds_are_refused() -> None:
    with pytest.raises(ValueError, match=r"made of 0.5 s"):
        activity_counts(track([0.0] * 4), 0.7)
