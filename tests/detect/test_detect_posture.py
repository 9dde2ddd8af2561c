"""Postures: however the sensor is worn, what had to be assumed is said, nothing is told unseen."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from trunk_maker import How, Night, any_rotation, as_track, direction, make_night, usual_plan

from psgkit.conditioning.acceleration.gravity import GravityTrack
from psgkit.conditioning.acceleration.motion import Calibration
from psgkit.core.acceleration import Acceleration
from psgkit.core.postures import Postures
from psgkit.core.signal import Signal
from psgkit.detect.posture.detect import TrunkPostures, find_postures, find_postures_by_gait
from psgkit.detect.posture.gait import Gait, GaitRule, measured_gait
from psgkit.detect.posture.rule import Mounting, PostureRule, TurnRule

MOUNTED = Mounting(front="+x", up="+z", left="+y")
NOWHERE = np.empty((0, 2))


def at_seconds(postures: Postures, at_s: NDArray[np.float64]) -> NDArray[np.str_]:
    return postures.posture[np.searchsorted(postures.onset_s, at_s, side="right") - 1]


def share_right(night: Night, found: TrunkPostures) -> float:
    right = at_seconds(found.postures, night.at_s) == night.posture
    return float(right[night.away_from_turns()].mean())


def codes(found: TrunkPostures) -> list[str]:
    return [finding.code for finding in found.findings]


def held(*positions: tuple[float, float, float]) -> GravityTrack:
    """Return a track of (roll, elevation, seconds), one after the other at once."""
    ways = [np.repeat(direction(r, e)[None], round(2 * s), axis=0) for r, e, s in positions]
    return as_track(np.vstack(ways))


# however it is worn


@pytest.mark.parametrize("seed", range(6))
def test_under_any_rotation_99_percent_of_the_seconds_away_from_turns_are_right(seed: int) -> None:
    rng = np.random.default_rng(seed)
    night = make_night(usual_plan(rng), rng, rotation=any_rotation(rng))
    found = find_postures(night.track, night.walking, place="lumbar")
    assert share_right(night, found) >= 0.99
    assert found.axes.front_probability > 0.5


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 2, 0), (2, 0, 1), (0, 2, 1)])
def test_the_order_and_signs_of_the_axes_change_nothing_but_left_and_right(
    order: tuple[int, int, int],
) -> None:
    rng = np.random.default_rng(3)
    night = make_night(usual_plan(rng, 3.0), rng)
    straight = find_postures(night.track, night.walking, place="x").postures
    signs = np.array([-1, 1, -1], dtype=np.float32)
    turned = replace(night.track, gravity_g=night.track.gravity_g[:, order] * signs)
    other = find_postures(turned, night.walking, place="x").postures
    mirrored = order == (0, 2, 1)
    swap = {"left": "right", "right": "left"} if mirrored else {}
    np.testing.assert_allclose(other.onset_s, straight.onset_s)
    assert other.posture.tolist() == [swap.get(p, p) for p in straight.posture]
    signed = straight.angle_deg * (-1 if mirrored else 1)
    away = (other.angle_deg - signed + 180) % 360 - 180
    np.testing.assert_array_equal(np.isnan(other.angle_deg), np.isnan(straight.angle_deg))
    np.testing.assert_allclose(away[~np.isnan(away)], 0, atol=0.5)


def test_what_is_assumed_is_said_and_what_is_stated_is_not() -> None:
    rng = np.random.default_rng(1)
    night = make_night(usual_plan(rng, 2.0), rng)
    assumed = find_postures(night.track, night.walking, place="waist")
    assert codes(assumed) == ["posture.front_assumed", "posture.handedness_assumed"]
    assert all(finding.where == "waist" for finding in assumed.findings)
    stated = find_postures(night.track, night.walking, place="waist", mounting=MOUNTED)
    assert not stated.findings
    assert share_right(night, stated) >= 0.99


def test_a_stated_mounting_is_right_where_any_assumption_is_wrong() -> None:
    track = held((180, 0, 5000), (90, 0, 600), (180, 0, 3000))
    found = find_postures(track, NOWHERE, place="x", mounting=MOUNTED)
    assert found.postures.posture.tolist() == ["prone", "left", "prone"]
    flipped = replace(track, gravity_g=track.gravity_g * np.array([1, -1, 1], dtype=np.float32))
    mirrored = Mounting(front="+x", up="+z", left="-y")
    again = find_postures(flipped, NOWHERE, place="x", mounting=mirrored)
    assert again.postures.posture.tolist() == ["prone", "left", "prone"]


def test_left_and_up_alone_give_the_front_of_right_handed_axes() -> None:
    track = held((0, 0, 100), (90, 0, 100))
    found = find_postures(track, NOWHERE, place="x", mounting=Mounting(up="+z", left="+y"))
    assert found.postures.posture.tolist() == ["supine", "left"]


def test_the_start_of_the_track_only_shifts_the_times() -> None:
    track = held((0, 0, 100), (90, 0, 100))
    here = find_postures(track, NOWHERE, place="x", mounting=MOUNTED)
    later = find_postures(replace(track, start_s=77.25), NOWHERE, place="x", mounting=MOUNTED)
    np.testing.assert_allclose(later.postures.onset_s, here.postures.onset_s + 77.25)
    np.testing.assert_allclose(later.turns.onset_s, here.turns.onset_s + 77.25)
    assert later.postures.posture.tolist() == here.postures.posture.tolist()


# what gait tells


def walk_of_a_side_sleeper() -> tuple[GravityTrack, Gait, Gait]:
    """Return a track that time alone reads wrongly, with and without how the trunk shook."""
    track = held((0, 90, 100), (90, 0, 7000), (0, 0, 3000), (90, 0, 7000))
    at = np.arange(0, 90, 0.02)
    waves = np.column_stack([np.sin(2 * np.pi * hz * at) for hz in (1.8, 0.9, 1.8)])
    sensor = Acceleration(
        axes=tuple(Signal(samples=w, rate_hz=50.0, unit="g") for w in (0.2 * waves).T),
        place="lumbar",
    )
    walking = np.array([[0.0, 90.0]])
    gait = measured_gait([sensor], Calibration(), walking, GaitRule())
    return track, gait, Gait(walking=walking)


def test_gait_tells_sides_from_front_and_back_where_time_alone_is_wrong() -> None:
    track, gait, unmeasured = walk_of_a_side_sleeper()
    by_time = find_postures_by_gait(track, unmeasured, place="lumbar")
    by_gait = find_postures_by_gait(track, gait, place="lumbar")
    assert by_time.postures.posture.tolist()[2:] == ["supine", "right", "supine"]
    assert by_time.axes.front_probability < 0.7
    assert by_gait.postures.posture.tolist()[2:] == ["left", "supine", "left"]
    assert by_gait.axes.front_probability > 0.9


def test_gait_is_not_measured_at_too_low_a_rate_or_with_two_axes() -> None:
    axes = tuple(Signal(samples=np.ones(500), rate_hz=5.0, unit="g") for _ in range(3))
    walking = np.array([[0.0, 100.0]])
    for used in (axes, axes[:2]):
        sensor = Acceleration(axes=used, place="lumbar")
        gait = measured_gait([sensor], Calibration(), walking, GaitRule())
        assert gait.sideways(np.eye(3)[:2]) == (0.0, 0.0)


# what cannot be told


def test_without_walking_three_sides_show_the_long_axis_but_not_left_from_right() -> None:
    track = held((0, 3, 6000), (85, 0, 3000), (-80, 0, 3000), (5, 0, 3000))
    found = find_postures(track, NOWHERE, place="sternum")
    assert found.postures.posture.tolist() == ["supine", "lying", "lying", "supine"]
    assert found.axes.up_from == "lying"
    assert found.left_right_reason
    assert not found.sides_reason
    assert np.abs(found.postures.angle_deg[1:3]).tolist() == pytest.approx([85, 80], abs=5)
    assert found.postures.angle_deg[1] * found.postures.angle_deg[2] < 0
    assert "posture.never_walking" in codes(found)


def test_sitting_up_once_shows_the_head_end() -> None:
    track = held((0, 3, 6000), (85, 0, 3000), (10, 80, 300), (-80, 0, 3000))
    found = find_postures(track, NOWHERE, place="sternum")
    assert found.postures.posture.tolist() == ["supine", "left", "upright", "right"]
    assert not found.left_right_reason


def test_one_direction_all_night_is_lying_and_no_more() -> None:
    found = find_postures(held((0, 0, 3700)), NOWHERE, place="sternum")
    assert found.postures.posture.tolist() == ["lying"]
    assert found.sides_reason
    assert codes(found) == ["posture.long_axis_unknown"]


def test_one_direction_for_minutes_is_unknown() -> None:
    found = find_postures(held((0, 90, 284)), NOWHERE, place="lumbar")
    assert found.postures.posture.tolist() == ["unknown"]


@pytest.mark.parametrize("n_axes", [1, 2])
def test_fewer_than_three_axes_give_no_postures_and_a_reason(n_axes: int) -> None:
    track = as_track(np.ones((100, n_axes)))
    found = find_postures(track, NOWHERE, place="sternum")
    assert len(found.postures) == 0
    assert f"has {n_axes} of the 3 axes" in found.reason


@pytest.mark.parametrize("n", [0, 40])
def test_a_track_without_anything_usable_gives_a_reason(n: int) -> None:
    track = replace(as_track(np.ones((n, 3))), usable=np.zeros(n, dtype=bool))
    assert "no usable signal" in find_postures(track, NOWHERE, place="sternum").reason


def test_unusable_time_is_unknown_to_the_sample_and_the_rest_stays() -> None:
    track = held((0, 0, 100))
    usable = np.ones(200, dtype=bool)
    usable[60:100] = False
    usable[150] = False
    found = find_postures(replace(track, usable=usable), NOWHERE, place="x", mounting=MOUNTED)
    assert found.postures.posture.tolist() == ["supine", "unknown"] * 2 + ["supine"]
    assert found.postures.onset_s.tolist() == [0, 30, 50, 75, 75.5]
    assert len(found.turns) == 0


def test_a_dead_sensor_shows_no_posture() -> None:
    track = held((0, 0, 100))
    gravity = track.gravity_g.copy()
    gravity[100:140] = 0.001
    found = find_postures(replace(track, gravity_g=gravity), NOWHERE, place="x", mounting=MOUNTED)
    assert found.postures.posture.tolist() == ["supine", "unknown", "supine"]


# boundaries


@pytest.mark.parametrize(
    ("roll", "elevation", "expected"),
    [
        (44, 0, "supine"),
        (46, 0, "left"),
        (134, 0, "left"),
        (136, 0, "prone"),
        (-46, 0, "right"),
        (-136, 0, "prone"),
        (0, 34, "supine"),
        (0, 36, "upright"),
        (0, -36, "unknown"),
    ],
)
def test_boundaries_of_the_postures(roll: float, elevation: float, expected: str) -> None:
    found = find_postures(held((roll, elevation, 60)), NOWHERE, place="x", mounting=MOUNTED)
    assert found.postures.posture.tolist() == [expected]


def test_breathing_at_a_boundary_is_one_posture() -> None:
    at = np.arange(0, 300, 0.5)
    ways = np.array([direction(44.5 + 2 * np.sin(2 * np.pi * 0.2 * t), 0) for t in at])
    found = find_postures(as_track(ways), NOWHERE, place="x", mounting=MOUNTED)
    assert len(found.postures) == 1


def test_a_posture_too_short_belongs_to_the_one_before() -> None:
    track = held((0, 0, 60), (90, 0, 3.5), (0, 0, 60), (90, 0, 4), (0, 0, 60))
    found = find_postures(track, NOWHERE, place="x", mounting=MOUNTED)
    assert found.postures.posture.tolist() == ["supine", "left", "supine"]


def test_the_mean_angle_of_a_prone_posture_is_circular() -> None:
    track = held((170, 0, 60), (-170, 0, 60))
    found = find_postures(track, NOWHERE, place="x", mounting=MOUNTED)
    assert found.postures.posture.tolist() == ["prone"]
    assert abs(found.postures.angle_deg[0]) == pytest.approx(180, abs=1e-3)


def test_walking_that_is_one_false_episode_does_not_move_up() -> None:
    track = held((0, 90, 120), (0, 0, 3000), (0, 88, 120), (90, 0, 3000), (0, 90, 60))
    walking = np.array([[0.0, 100.0], [1000.0, 1020.0], [3130.0, 3200.0]])
    found = find_postures(track, walking, place="lumbar", mounting=Mounting(front="+x"))
    assert found.axes.up is not None
    assert found.axes.up[2] > 0.99
    assert {"supine", "left", "upright"} <= set(found.postures.posture.tolist())


# settings


@pytest.mark.parametrize("front", ["z", "+w", "++x", "x+"])
def test_a_mounting_that_is_no_axis_is_refused(front: str) -> None:
    with pytest.raises(ValueError, match="is none of"):
        Mounting(front=front)


def test_a_mounting_that_states_an_axis_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="stated twice"):
        Mounting(front="+x", up="-x")


def test_rules_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="upright_deg must lie between"):
        PostureRule(upright_deg=90.0)
    with pytest.raises(ValueError, match="turns need"):
        TurnRule(same_position_deg=20.0)


def test_jerks_change_no_posture() -> None:
    rng = np.random.default_rng(8)
    night = make_night([("walking", 60), ("supine", 7200)], rng, how=How(jerks_per_h=200))
    found = find_postures(night.track, night.walking, place="x", mounting=MOUNTED)
    assert found.postures.posture.tolist() == ["walking", "supine"]


def test_what_was_slept_in_is_lying_however_long_somebody_sat_before() -> None:
    rng = np.random.default_rng(4)
    hours, rate_hz = 4.0, 2.0
    n = int(hours * 3600 * rate_hz)
    seated = np.arange(n) < 2.2 * 3600 * rate_hz
    gravity = np.where(seated[:, None], [0.0, 1.0, 0.1], [0.0, 0.05, 1.0])
    gravity = (gravity + 0.002 * rng.standard_normal((n, 3))).astype(np.float32)
    track = GravityTrack(
        start_s=0.0,
        gravity_g=gravity,
        movement_g=np.full(n, 0.003, dtype=np.float32),
        usable=np.ones(n, dtype=bool),
    )
    asleep = np.array([[2.5 * 3600, 4 * 3600.0]])
    gait = Gait(walking=np.empty((0, 2)))
    without = find_postures_by_gait(track, gait, place="lumbar").postures
    found = find_postures_by_gait(track, gait, place="lumbar", asleep=asleep).postures
    at_s = 3.5 * 3600
    assert without.posture[np.searchsorted(without.onset_s, at_s) - 1] == "unknown"
    assert found.posture[np.searchsorted(found.onset_s, at_s) - 1] == "lying"
    assert found.posture[0] == "unknown"
