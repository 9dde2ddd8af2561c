"""Limb jerks of accelerometers: found, on time, whatever the sensor; turns are none."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from motion_maker import Breath, Jerk, Turn, acceleration, gravity, jerks, sensor

from psgkit.core.acceleration import Acceleration
from psgkit.core.intervals import intersect, total
from psgkit.core.movements import Movements
from psgkit.core.site import Site
from psgkit.detect.accelerometer.detect import (
    AccelerometerDetection,
    AccelerometerResult,
    detect_accelerometer,
)
from psgkit.detect.accelerometer.rule import AccelerometerRule
from psgkit.detect.accelerometer.stretch import _known_quantile

Z = (0.0, 0.0, 1.0)


def found_in(samples: np.ndarray, rate_hz: float, **fields: object) -> AccelerometerResult:
    return detect_accelerometer(sensor(samples, rate_hz, **fields))


def compared(found: Movements, truth: list[Jerk]) -> tuple[float, float, float]:
    """Return F1, and the median errors of onset and end of what was found."""
    spans = np.array([(j.onset_s, j.onset_s + j.duration_s) for j in truth])
    hits, errors = set(), []
    for onset_s, end_s in spans:
        shared = np.minimum(found.end_s, end_s) - np.maximum(found.onset_s, onset_s)
        row = int(np.argmax(shared)) if len(shared) else -1
        if row >= 0 and shared[row] > 0 and row not in hits:
            hits.add(row)
            errors.append((abs(found.onset_s[row] - onset_s), abs(found.end_s[row] - end_s)))
    f1 = 2 * len(hits) / max(len(truth) + len(found), 1)
    onset, end = np.median(np.array(errors), axis=0) if errors else (np.inf, np.inf)
    return f1, float(onset), float(end)


@pytest.mark.parametrize("rate_hz", [25.0, 32.0, 50.0, 100.0, 200.0])
@pytest.mark.parametrize("noise_g", [0.002, 0.005])
def test_jerks_above_three_times_the_floor_are_found_on_time(
    rate_hz: float, noise_g: float
) -> None:
    # the floor of a sensor of three axes is that of its magnitude
    floor_g = noise_g * np.sqrt(3)
    truth = jerks(np.random.default_rng(5), 3600, (3 * floor_g, 60 * floor_g))
    found = found_in(acceleration(3600, rate_hz, truth, noise_g=noise_g), rate_hz)
    f1, onset_s, end_s = compared(found.movements, truth)
    assert f1 >= 0.97
    assert onset_s <= 0.1
    assert end_s <= 0.1
    assert len(found.gross) == 0


@pytest.mark.parametrize("hz", [0.6, 1.0, 6.0])
def test_slow_and_fast_jerks_are_found(hz: float) -> None:
    rng = np.random.default_rng(7)
    truth = jerks(rng, 1200, (0.05, 0.5), hz=hz, duration_s=2.0)
    found = found_in(acceleration(1200, 50, truth), 50)
    f1, onset_s, end_s = compared(found.movements, truth)
    assert f1 == 1
    assert max(onset_s, end_s) <= 0.15


def test_a_loud_jerk_is_not_lengthened_by_the_filter() -> None:
    # a push in one direction leaves a tail of the opposite sign in any band without gravity
    truth = [Jerk(onset_s=t, duration_s=2, peak_g=1, hz=0.25, direction=Z) for t in (30, 60, 90)]
    found = found_in(acceleration(120, 100, truth, noise_g=0.002), 100)
    f1, onset_s, end_s = compared(found.movements, truth)
    assert f1 == 1
    assert max(onset_s, end_s) <= 0.3


def test_noise_alone_moves_nothing() -> None:
    for rate_hz in (25.0, 100.0):
        found = found_in(acceleration(2 * 3600, rate_hz, [], noise_g=0.004), rate_hz)
        assert len(found.movements) == len(found.gross) == 0


@pytest.mark.parametrize("angle_deg", [15, 30, 90, 180])
@pytest.mark.parametrize("linear", [False, True])
@pytest.mark.parametrize("noise_g", [0.001, 0.003])
def test_turns_are_never_jerks(angle_deg: float, noise_g: float, *, linear: bool) -> None:
    lengths = (0.5, 1, 2, 3, 5, 7, 10)
    turns = [
        Turn(
            onset_s=60 + 60 * row,
            duration_s=length,
            angle_deg=angle_deg * (-1) ** row,
            linear=linear,
        )
        for row, length in enumerate(lengths)
    ]
    found = found_in(acceleration(520, 50, [], turns=turns, noise_g=noise_g), 50)
    assert len(found.movements) == 0
    assert len(found.gross) >= 3  # slow small turns are below any threshold
    assert np.allclose(found.gross_angle_deg, angle_deg, atol=4)


def test_a_turn_and_the_jerks_beside_it_are_told_apart() -> None:
    turns = [Turn(onset_s=60, duration_s=2, angle_deg=90)]
    truth = [Jerk(onset_s=t, duration_s=1, peak_g=0.1, hz=3, direction=Z) for t in (50, 66)]
    found = found_in(acceleration(120, 50, truth, turns=turns), 50)
    assert compared(found.movements, truth)[0] == 1
    assert found.gross.onset_s == pytest.approx([60], abs=0.4)
    assert found.gross.end_s == pytest.approx([62], abs=0.4)
    assert found.gross_angle_deg == pytest.approx([90], abs=2)


@pytest.mark.parametrize(("every_s", "duration_s", "peak_g"), [(10, 3, 0.02), (5, 2, 0.05)])
def test_jerks_that_fill_the_night_do_not_hide(
    every_s: float, duration_s: float, peak_g: float
) -> None:
    truth = [
        Jerk(onset_s=t, duration_s=duration_s, peak_g=peak_g, hz=3, direction=Z)
        for t in np.arange(60, 500, every_s)
    ]
    found = found_in(acceleration(560, 50, truth), 50)
    assert compared(found.movements, truth)[0] == 1


@pytest.mark.parametrize("hold_s", [1.0, 4.0])
def test_a_limb_that_is_lifted_and_put_back_moved_once(hold_s: float) -> None:
    turns = [
        Turn(onset_s=60, duration_s=0.5, angle_deg=30),
        Turn(onset_s=60.5 + hold_s, duration_s=0.5, angle_deg=-30),
    ]
    found = found_in(acceleration(120, 50, [], turns=turns), 50)
    assert len(found.gross) == 0
    assert found.movements.onset_s == pytest.approx([60], abs=0.15)
    assert found.movements.end_s == pytest.approx([61 + hold_s], abs=0.15)


def test_what_lasts_longer_than_ten_seconds_is_gross() -> None:
    walk = [Jerk(onset_s=60, duration_s=40, peak_g=0.3, hz=2, direction=Z, flat=True)]
    short = [Jerk(onset_s=120, duration_s=9, peak_g=0.3, hz=2, direction=Z, flat=True)]
    found = found_in(acceleration(180, 50, walk + short), 50)
    assert compared(found.gross, walk) == (1, pytest.approx(0, abs=0.1), pytest.approx(0, abs=0.1))
    assert compared(found.movements, short)[0] == 1


def test_shorter_than_half_a_second_is_no_movement() -> None:
    twitch = [Jerk(onset_s=30, duration_s=0.3, peak_g=0.3, hz=4, direction=Z, flat=True)]
    assert len(found_in(acceleration(60, 100, twitch), 100).movements) == 0


# ---- laws


NIGHT = jerks(np.random.default_rng(11), 600, (0.05, 0.5))


def assert_same(found: Movements, wanted: Movements, within_s: float = 0.07) -> None:
    assert len(found) == len(wanted) > 10
    assert np.abs(found.onset_s - wanted.onset_s).max() <= within_s
    assert np.abs(found.end_s - wanted.end_s).max() <= within_s
    assert np.allclose(found.amplitude, wanted.amplitude, rtol=0.1)


@pytest.fixture(scope="module")
def samples() -> np.ndarray:
    return acceleration(600, 100, NIGHT)


@pytest.fixture(scope="module")
def wanted(samples: np.ndarray) -> Movements:
    return found_in(samples, 100).movements


def rotation(seed: int) -> np.ndarray:
    return np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))[0]


@pytest.mark.parametrize("seed", range(3))
def test_the_mounting_does_not_matter(samples: np.ndarray, wanted: Movements, seed: int) -> None:
    assert_same(found_in(samples @ rotation(seed), 100).movements, wanted, 0.04)


def test_order_and_sign_of_the_axes_do_not_matter(samples: np.ndarray, wanted: Movements) -> None:
    assert_same(found_in(samples[:, [2, 0, 1]] * [1, -1, 1], 100).movements, wanted, 0.04)


@pytest.mark.parametrize("rate_hz", [25.0, 32.0, 1000 / 30, 50.0, 200.0])
def test_the_rate_does_not_matter(wanted: Movements, rate_hz: float) -> None:
    # other noise as well, so edges of weak ones differ
    found = found_in(acceleration(600, rate_hz, NIGHT), rate_hz).movements
    assert len(found) == len(wanted)
    assert np.median(np.abs(found.onset_s - wanted.onset_s)) <= 0.07
    assert np.median(np.abs(found.end_s - wanted.end_s)) <= 0.07


def test_gain_and_offset_of_a_few_percent_do_not_matter(
    samples: np.ndarray, wanted: Movements
) -> None:
    stored = samples * [1.03, 0.98, 1.04] + [0.02, -0.03, 0.01]
    assert_same(found_in(stored, 100).movements, wanted)


@pytest.mark.parametrize("unit", [9.80665, 1000.0])
def test_a_unit_called_g_by_mistake_is_noticed(
    samples: np.ndarray, wanted: Movements, unit: float
) -> None:
    found = found_in(samples * unit, 100)
    assert_same(found.movements, wanted, 0.04)
    assert [finding.code for finding in found.calibration.findings] == ["accelerometer.unit"]


def test_the_start_of_the_recording_does_not_matter(samples: np.ndarray, wanted: Movements) -> None:
    found = found_in(samples, 100, start_s=1000.25).movements
    assert np.allclose(found.onset_s - 1000.25, wanted.onset_s)


def test_stretches_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    truth = jerks(np.random.default_rng(2), 4000, (0.05, 0.3))
    x = acceleration(4000, 25, truth)
    whole = found_in(x, 25)
    monkeypatch.setattr("psgkit.detect.accelerometer.detect._CORE_S", 700.0)
    parts = found_in(x, 25)
    assert np.array_equal(parts.movements.onset_s, whole.movements.onset_s)
    assert np.array_equal(parts.movements.end_s, whole.movements.end_s)
    assert np.allclose(parts.gravity.gravity_g, whole.gravity.gravity_g, atol=1e-5)
    assert len(parts.gravity) == 8000


# ---- odd sensors


def test_one_axis_is_enough_for_what_it_sees() -> None:
    truth = jerks(np.random.default_rng(3), 600, (0.05, 0.5), direction=Z)
    x = acceleration(600, 50, truth)[:, 2:]
    found = found_in(x, 50)
    assert compared(found.movements, truth)[0] == 1
    assert [f.code for f in found.calibration.findings] == ["accelerometer.not_calibrated"]


def test_two_axes_see_a_turn() -> None:
    turns = [Turn(onset_s=60, duration_s=2, angle_deg=60)]
    found = found_in(acceleration(120, 50, [], turns=turns)[:, 1:], 50)
    assert len(found.movements) == 0
    assert found.gross_angle_deg == pytest.approx([60], abs=3)


def test_a_device_that_is_off_is_unusable() -> None:
    x = acceleration(600, 50, [Jerk(onset_s=30, duration_s=2, peak_g=0.2, hz=3, direction=Z)])
    x[15000:] = 0.0
    found = found_in(x, 50)
    assert found.share["flat"] == pytest.approx(0.5, abs=0.01)
    assert len(found.movements) == 1
    assert len(found.gross) == 0
    assert found.unusable == pytest.approx(np.array([[299.5, 600.0]]), abs=0.05)
    assert not found.gravity.usable[620:].any()


def test_missing_samples_are_no_movement() -> None:
    x = acceleration(600, 50, NIGHT)
    wanted = found_in(x, 50).movements
    holes = x.copy()
    holes[5000:5500, 1] = np.nan
    found = found_in(holes, 50)
    outside = wanted.where((wanted.end_s < 97) | (wanted.onset_s > 113))
    kept = found.movements.where((found.movements.end_s < 97) | (found.movements.onset_s > 113))
    assert kept.onset_s == pytest.approx(outside.onset_s, abs=0.04)
    assert total(intersect(found.movements.intervals(), found.unusable)) == 0
    assert found.share["missing"] == pytest.approx(500 / 30000)


def test_nothing_at_all_is_found_in_nothing() -> None:
    for n in (0, 1, 30):
        found = found_in(np.tile([0.0, 0.0, 1.0], (n, 1)), 50)
        assert len(found.movements) == len(found.gross) == 0
        assert len(found.gravity) == n // 25
    only_missing = found_in(np.full((5000, 3), np.nan), 50)
    assert len(only_missing.movements) == 0
    assert only_missing.share["missing"] == 1
    assert np.isnan(only_missing.noise_floor_g)


def test_long_saturation_is_unusable_and_short_peaks_stay() -> None:
    x = acceleration(300, 50, [Jerk(onset_s=60, duration_s=3, peak_g=3, hz=3, direction=Z)])
    x[10000:10500, 0] = 2.0
    found = found_in(np.clip(x, -2, 2), 50, limits=(-2.0, 2.0))
    assert found.share["saturated"] == pytest.approx(500 / 15000, abs=0.005)
    assert (
        compared(found.movements, [Jerk(onset_s=60, duration_s=3, peak_g=1, hz=1, direction=Z)])[0]
        == 1
    )


def test_breath_does_not_move_a_trunk_sensor() -> None:
    rng = np.random.default_rng(0)
    t = np.arange(600 * 50) / 50
    depth = 0.012 * (1 + 0.4 * np.sin(2 * np.pi * t / 47))
    breath = depth * np.maximum(np.sin(2 * np.pi * 0.25 * t), -0.3)
    x = gravity(t, []) + rng.normal(0, 0.002, (len(t), 3))
    x[:, 1] += breath
    assert len(found_in(x, 50, site=Site.TRUNK, place="chest").movements) == 0


def on_time(found: Movements, truth: list[Jerk]) -> tuple[float, float]:
    """Return recall and precision of onsets within half a second."""
    onset_s = np.array([jerk.onset_s for jerk in truth])
    near = np.abs(found.onset_s[:, None] - onset_s) <= 0.5
    return float(near.any(axis=0).mean()), float(near.any(axis=1).mean())


@pytest.mark.parametrize(
    ("breath", "least"),
    [
        (Breath(depth_g=0.01), 0.95),
        (Breath(depth_g=0.01, hz=0.4), 0.95),
        (Breath(depth_g=0.01, hz=0.15), 0.95),
        (Breath(depth_g=0.01, harmonics=0.5), 0.95),
        (Breath(depth_g=0.01, drift=0.3), 0.95),
        (Breath(depth_g=0.03), 0.85),
        (Breath(depth_g=0.03, hz=0.15), 0.85),
        (Breath(depth_g=0.03, harmonics=0.4), 0.85),
    ],
)
@pytest.mark.parametrize("turns", [0, 3])
def test_breath_at_the_trunk_moves_no_onset(breath: Breath, least: float, turns: int) -> None:
    truth = jerks(np.random.default_rng(1), 1800, (0.03, 0.3))
    # a change of position in the longest rests
    rests = [later.onset_s - jerk.onset_s - jerk.duration_s for jerk, later in pairwise(truth)]
    longest = sorted(np.argsort(rests)[len(rests) - turns :])
    middle = [truth[row + 1].onset_s - rests[row] / 2 for row in longest]
    sides = [Turn(onset_s=at - 1, duration_s=2, angle_deg=50) for at in middle]
    samples = acceleration(1800, 50.0, truth, turns=sides)
    samples += breath.at((np.arange(len(samples)) + 0.5) / 50.0)
    found = found_in(samples, 50.0, site=Site.TRUNK, place="lumbar")
    recall, precision = on_time(found.movements, truth)
    assert recall >= least
    assert precision >= least
    assert len(found.gross) == turns


@pytest.mark.parametrize("noise_g", [0.001, 0.0015])
def test_faint_jerks_of_a_quiet_ankle_are_found(noise_g: float) -> None:
    truth = jerks(np.random.default_rng(1), 1800, (0.008, 0.012))
    found = found_in(acceleration(1800, 50.0, truth, noise_g=noise_g), 50.0).movements
    assert min(on_time(found, truth)) >= 0.95


def test_a_movement_at_either_end_is_found() -> None:
    truth = [
        Jerk(onset_s=t, duration_s=3, peak_g=0.2, hz=3, direction=Z, flat=True) for t in (-1, 58.5)
    ]
    found = found_in(acceleration(60, 50, truth), 50).movements
    assert found.onset_s == pytest.approx([0, 58.5], abs=0.2)
    assert found.end_s == pytest.approx([2, 60], abs=0.2)


def test_the_table_says_what_was_measured(wanted: Movements) -> None:
    assert set(wanted.modality) == {"accelerometer"}
    assert set(wanted.amplitude_unit) == {"g"}
    assert set(wanted.site) == {"left_leg"}
    assert set(wanted.channels) == {("X", "Y", "Z")}
    assert (wanted.amplitude > 0.003).all()


def test_too_slow_a_rate_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 10 Hz, got 5 Hz"):
        found_in(np.zeros((100, 3)), 5.0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"off_above_floor": 2.0}, "off and on must lie above"),
        ({"min_on_g": 0.001}, "min_off_g <= min_on_g"),
        ({"floor_quantile": 1.0}, "between 0 and 1"),
        ({"tilt_deg": 30.0}, "tilt_deg <= position_change_deg"),
        ({"hold_s": 0.0}, "durations must be positive"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(change: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(AccelerometerRule(), **change)


def test_a_stricter_rule_finds_less(samples: np.ndarray, wanted: Movements) -> None:
    strict = AccelerometerDetection(rule=AccelerometerRule(min_on_g=0.1, max_floor_g=0.1))
    acc: Acceleration = sensor(samples, 100)
    assert 0 < len(detect_accelerometer(acc, strict).movements) < len(wanted)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.65, 0.9])
def test_quantiles_of_known_values_are_those_of_numpy(share: float) -> None:
    rng = np.random.default_rng(0)
    rows = rng.gamma(1.0, 1.0, (40, 300))
    rows[rng.random(rows.shape) < 0.3] = np.nan
    rows[3] = np.append(1.0, np.full(299, np.nan))
    assert np.array_equal(_known_quantile(rows, share), np.nanquantile(rows, share, axis=1))
