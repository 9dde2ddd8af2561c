"""Walking is cut out; swinging a leg while seated is not."""

import numpy as np
import pytest
from numpy.typing import NDArray
from swing_maker import gait, jerk, sensor, still, swing

from psgkit.core.postures import Postures
from psgkit.core.site import Site
from psgkit.detect.accelerometer.trains.find import MotionScan, scan_motion
from psgkit.detect.posture.walking import Walking, WalkingRule, walking_intervals

RATE_HZ = 50.0
TIME_S = np.arange(15000) / RATE_HZ
PLACES = {
    "left_ankle": Site.LEFT_LEG,
    "right_ankle": Site.RIGHT_LEG,
    "lumbar": Site.TRUNK,
    "left_wrist": Site.LEFT_ARM,
}


def scan(
    place: str, *motions: NDArray[np.float64], rng: np.random.Generator | None = None
) -> MotionScan:
    motion = still(300, RATE_HZ, rng or np.random.default_rng(0)) + sum(motions)
    return scan_motion(sensor(motion, RATE_HZ, place=place, site=PLACES[place]))


def walked(
    place: str, stride_hz: float = 0.9, onset_s: float = 100, end_s: float = 160
) -> MotionScan:
    rng = np.random.default_rng(len(place))
    at = "trunk" if place == "lumbar" else "ankle"
    return scan(place, gait(TIME_S, onset_s, end_s, stride_hz, rng, at=at))


def swung(place: str, amplitude_g: float = 0.2, hz: float = 1.5) -> MotionScan:
    return scan(place, swing(TIME_S, 100, 160, hz, amplitude_g, np.random.default_rng(1)))


def resting(place: str) -> MotionScan:
    return scan(place, 0 * TIME_S)


def is_the_walk(walking: Walking) -> bool:
    return walking.intervals.shape == (1, 2) and np.allclose(
        walking.intervals, [[100, 160]], atol=1.5
    )


@pytest.mark.parametrize("stride_hz", [0.75, 0.9, 1.1])
@pytest.mark.parametrize(
    "places",
    [("lumbar",), ("lumbar", "left_ankle"), ("left_ankle", "right_ankle"), ("left_ankle",)],
)
def test_a_walk_is_found_from_whichever_sensors_there_are(
    places: tuple[str, ...], stride_hz: float
) -> None:
    assert is_the_walk(walking_intervals([walked(place, stride_hz) for place in places]))


@pytest.mark.parametrize("amplitude_g", [0.05, 0.1, 0.3])
@pytest.mark.parametrize("hz", [1.0, 1.5, 3.0])
@pytest.mark.parametrize("trunk", [True, False])
def test_a_swinging_leg_is_not_walking(amplitude_g: float, hz: float, trunk: bool) -> None:  # noqa: FBT001
    legs = [swung("left_ankle", amplitude_g, hz), swung("right_ankle", amplitude_g, hz)]
    scans = [*legs, resting("lumbar")] if trunk else legs
    assert len(walking_intervals(scans).intervals) == 0


def test_however_hard_a_leg_swings_a_still_trunk_does_not_walk() -> None:
    scans = [swung("left_ankle", 1.5), resting("lumbar")]
    assert len(walking_intervals(scans).intervals) == 0


def test_a_rocking_trunk_with_still_legs_does_not_walk() -> None:
    scans = [resting("left_ankle"), swung("lumbar")]
    assert len(walking_intervals(scans).intervals) == 0


def test_one_leg_of_two_does_not_walk() -> None:
    assert len(walking_intervals([walked("left_ankle"), resting("right_ankle")]).intervals) == 0


def test_nobody_walks_lying_down() -> None:
    lying = Postures(
        onset_s=np.array([0.0]),
        end_s=np.array([120.0]),
        posture=np.array(["supine"]),
        angle_deg=np.array([0.0]),
    )
    found = walking_intervals([walked("lumbar")], lying).intervals
    assert np.allclose(found, [[120, 160]], atol=1.5)


def test_a_few_steps_are_no_walk_and_the_bound_is_in_the_rule() -> None:
    assert len(walking_intervals([walked("lumbar", 1.0, 100, 103.5)]).intervals) == 0
    scans = [walked("lumbar", 1.0, 100, 108)]
    assert len(walking_intervals(scans).intervals) == 1
    assert len(walking_intervals(scans, rule=WalkingRule(least_s=10.0)).intervals) == 0


def test_without_a_trunk_it_is_said_that_swinging_looks_alike() -> None:
    for places, basis in (
        (("left_ankle",), "one leg"),
        (("left_ankle", "right_ankle"), "both legs"),
    ):
        walking = walking_intervals([walked(place) for place in places])
        assert walking.basis == basis
        assert [finding.code for finding in walking.findings] == ["walking.no_trunk"]
        assert basis in walking.findings[0].message


def test_a_wrist_alone_says_nothing_about_walking() -> None:
    walking = walking_intervals([walked("left_wrist")])
    assert len(walking.intervals) == 0
    assert walking.basis == ""
    assert [finding.code for finding in walking.findings] == ["walking.no_sensor"]


def test_jerks_are_no_walk() -> None:
    rng = np.random.default_rng(2)
    jerks = sum(jerk(TIME_S, at, rng, 0.8) for at in range(10, 290, 8))
    scans = [scan("left_ankle", jerks), scan("lumbar", 0.3 * jerks)]
    assert len(walking_intervals(scans).intervals) == 0
