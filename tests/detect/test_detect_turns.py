"""Turns: all large ones found, none invented, sized and timed; boundaries of the rule."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from trunk_maker import How, any_rotation, as_track, between, direction, make_night, usual_plan

from psgkit.conditioning.acceleration.gravity import GravityTrack
from psgkit.core.postures import Turns
from psgkit.detect.posture.detect import find_postures
from psgkit.detect.posture.rule import Mounting, TurnRule
from psgkit.detect.posture.turns import (
    BareTurns,
    angle_between,
    find_positions,
    find_turns,
    unit_vectors,
)

RULE = TurnRule()
MOUNTED = Mounting(front="+x", up="+z", left="+y")


def turns_of(track: GravityTrack, rule: TurnRule = RULE) -> BareTurns:
    return find_turns(track, find_positions(track, rule), rule)


def rolled(*steps: tuple[float, float, float]) -> GravityTrack:
    """Return a track of (roll, seconds to get there, seconds held)."""
    parts: list[NDArray[np.float64]] = []
    for roll, moving_s, held_s in steps:
        way = direction(roll, 0)
        if parts:
            parts.append(between(parts[-1][-1], way, max(round(2 * moving_s), 1))[1:])
        parts.append(np.repeat(way[None], round(2 * held_s), axis=0))
    return as_track(np.vstack(parts))


# nights


@pytest.mark.parametrize("seed", range(6))
def test_all_turns_from_20_degrees_on_are_found_to_5_degrees_and_none_is_invented(
    seed: int,
) -> None:
    rng = np.random.default_rng(seed)
    night = make_night(usual_plan(rng, 5.0), rng, rotation=any_rotation(rng))
    found = find_postures(night.track, night.walking, place="lumbar").turns
    large = night.turn_deg >= 20
    assert large.sum() > 15
    for span, size in zip(night.turn_s[large], night.turn_deg[large], strict=True):
        near = (found.onset_s < span[1] + 2) & (found.end_s > span[0] - 2)
        assert near.sum() == 1
        assert found.angle_deg[near][0] == pytest.approx(size, abs=5)
        assert found.onset_s[near][0] == pytest.approx(span[0], abs=1.5)
        assert found.end_s[near][0] == pytest.approx(span[1], abs=1.5)
    assert matched(found, night.turn_s).all()


def matched(found: Turns, truth_s: NDArray[np.float64]) -> NDArray[np.bool_]:
    over = found.onset_s[:, None] < truth_s[:, 1] + 2
    return np.asarray((over & (found.end_s[:, None] > truth_s[:, 0] - 2)).any(axis=1))


def test_jerks_are_no_turns() -> None:
    rng = np.random.default_rng(4)
    night = make_night([("supine", 7200.0)], rng, how=How(jerks_per_h=300))
    assert len(turns_of(night.track).angle_deg) == 0


def test_turns_are_the_same_however_the_sensor_is_worn() -> None:
    rng = np.random.default_rng(5)
    night = make_night(usual_plan(rng, 2.0), rng)
    straight = turns_of(night.track)
    rotation = any_rotation(rng).astype(np.float32)
    other = turns_of(replace(night.track, gravity_g=night.track.gravity_g @ rotation.T))
    np.testing.assert_allclose(other.angle_deg, straight.angle_deg, atol=0.01)
    np.testing.assert_allclose(other.onset_s, straight.onset_s, atol=0.01)


def test_the_gain_of_the_sensor_changes_nothing() -> None:
    track = rolled((0, 0, 60), (70, 3, 60))
    louder = turns_of(replace(track, gravity_g=track.gravity_g * np.float32(1.3)))
    np.testing.assert_allclose(louder.angle_deg, turns_of(track).angle_deg, atol=1e-3)


# the rule


@pytest.mark.parametrize(("size", "n"), [(14.5, 0), (15.5, 1), (30, 1), (90, 1), (179, 1)])
def test_a_turn_has_15_degrees(size: float, n: int) -> None:
    found = turns_of(rolled((0, 0, 60), (size, 2, 60)))
    assert len(found.angle_deg) == n
    if n:
        assert found.angle_deg[0] == pytest.approx(size, abs=0.5)


@pytest.mark.parametrize(("held_s", "n"), [(9.0, 0), (10.5, 1)])
def test_a_new_direction_must_hold_10_seconds(held_s: float, n: int) -> None:
    track = rolled((0, 0, 60), (40, 1, held_s), (0, 1, 60))
    assert (len(turns_of(track).angle_deg) > 0) == bool(n)


@pytest.mark.parametrize(("moving_s", "n"), [(8.0, 1), (13.0, 0)])
def test_a_turn_is_complete_within_10_seconds(moving_s: float, n: int) -> None:
    found = turns_of(rolled((0, 0, 60), (90, moving_s, 60)))
    assert len(found.angle_deg) == n
    if n:
        assert found.end_s[0] - found.onset_s[0] == pytest.approx(moving_s, abs=1)


def test_a_slow_small_turn_is_seen_although_each_moment_of_it_is_still() -> None:
    assert len(turns_of(rolled((0, 0, 60), (22, 9, 60))).angle_deg) == 1


def test_a_turn_in_small_steps_is_one() -> None:
    steps = [(12.0 * k, 0.5, 1.5) for k in range(1, 4)]
    found = turns_of(rolled((0, 0, 60), *steps, (48, 0.5, 60)))
    assert found.angle_deg == pytest.approx([48], abs=1)


def test_after_a_pause_on_a_long_way_the_turn_is_from_the_pause() -> None:
    found = turns_of(rolled((0, 0, 60), (60, 2, 8), (120, 2, 60)))
    assert found.angle_deg == pytest.approx([60], abs=1)


def test_leaving_and_coming_back_is_no_turn() -> None:
    assert len(turns_of(rolled((0, 0, 60), (60, 2, 8), (0, 2, 60))).angle_deg) == 0


def test_a_very_quick_turn_to_the_opposite_is_read_through_the_moment_without_gravity() -> None:
    rng = np.random.default_rng(2)
    how = How(jitter_deg=0.0, turn_s=(0.3, 0.4), jerks_per_h=0, sensor_error=0.0)
    night = make_night([(0.0, 60), (172.0, 60)], rng, how=how)
    assert np.linalg.norm(night.track.gravity_g, axis=1).min() < 0.3
    assert turns_of(night.track).angle_deg == pytest.approx([172], abs=2)


def test_what_happened_in_unusable_time_is_no_turn() -> None:
    track = rolled((0, 0, 60), (90, 2, 60))
    usable = np.ones(len(track), dtype=bool)
    usable[118:128] = False
    assert len(turns_of(replace(track, usable=usable)).angle_deg) == 0


def test_a_turn_at_the_very_end_is_not_held_and_one_at_the_start_counts() -> None:
    assert len(turns_of(rolled((0, 0, 60), (90, 2, 5))).angle_deg) == 0
    assert len(turns_of(rolled((0, 0, 4), (90, 2, 60))).angle_deg) == 1


@pytest.mark.parametrize("n", [0, 1, 2, 5])
def test_almost_nothing_has_no_turns(n: int) -> None:
    track = as_track(np.repeat([[0.0, 0.0, 1.0]], n, axis=0))
    assert len(turns_of(track).angle_deg) == 0


def test_postures_before_and_after_and_the_speed_are_told() -> None:
    track = rolled((0, 0, 60), (90, 3, 60), (180, 4, 60))
    found = find_postures(track, np.empty((0, 2)), place="x", mounting=MOUNTED).turns
    assert found.before.tolist() == ["supine", "left"]
    assert found.after.tolist() == ["left", "prone"]
    assert found.speed_deg_s == pytest.approx([30, 22.5], rel=0.2)


def test_angles_are_exact_where_an_arc_cosine_is_not() -> None:
    near = unit_vectors(np.array([[1.0, 1e-5, 0.0]]))
    assert angle_between(near, np.array([[1.0, 0, 0]])) == pytest.approx(np.degrees(1e-5), rel=1e-6)
    assert angle_between(np.array([[1.0, 0, 0]]), np.array([[-1.0, 0, 0]])) == pytest.approx(180)
