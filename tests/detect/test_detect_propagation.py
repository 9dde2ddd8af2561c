"""Jerks that run along the spine are told from those that come everywhere at once."""

from dataclasses import replace

import numpy as np
import pytest
from heart_maker import TRUNK_WAVES, waves
from rounds import first_of

from psgkit.core.recording import Channel, Recording, Segment
from psgkit.core.site import Site
from psgkit.detect.emg.channels import choose_channels, detect_group
from psgkit.detect.emg.detect import EmgDetection
from psgkit.detect.emg.propagation import (
    Propagation,
    PropagationRule,
    change_point,
    propagation,
    propagation_indices,
    spinal_level,
)

SECONDS, RATE_HZ = 240.0, 1000.0
LEVELS = ("T4", "T8", "T12", "L3")
JERKS_S = np.arange(10.0, 220.0, 12.7)


def recording(
    delays_s: tuple[float, ...] = (0.0, 0.012, 0.024, 0.036),
    labels: tuple[str, ...] = LEVELS,
    *,
    rate_hz: float = RATE_HZ,
    length_s: float = 0.8,
    heart_uv: float = 0.0,
) -> Recording:
    """Return EMG of jerks that begin ``delays_s`` late at each level."""
    rng = np.random.default_rng(0)
    beats_s = np.cumsum(0.9 + 0.03 * rng.standard_normal(260))
    n = round(SECONDS * rate_hz)
    channels = []
    for label, delay_s in zip(labels, delays_s, strict=True):
        level = np.full(n, 3.0)
        for start in JERKS_S + delay_s:
            level[round(start * rate_hz) : round((start + length_s) * rate_hz)] = 70.0
        samples = level * rng.standard_normal(n) * np.sqrt(rate_hz / 200)
        samples += heart_uv * waves(beats_s, n, rate_hz, TRUNK_WAVES, np.ones(len(beats_s)))
        channels.append(
            Channel(
                label=label,
                rate_hz=rate_hz,
                samples=samples.astype(np.float32),
                unit="uV",
                role="trunk",
                site=Site.TRUNK,
            )
        )
    # not from the top down: labels say what is above
    return Recording(
        source="x",
        start=None,
        segments=(Segment(start_s=0.0, duration_s=SECONDS),),
        channels=tuple(channels[::-1]),
    )


def found_in(night: Recording, mask: np.ndarray | None = None) -> Propagation:
    detection = EmgDetection()
    chosen = choose_channels(night, detection)
    group, _ = detect_group(chosen, "trunk", detection)
    return propagation(chosen, group.movements, group.beats, mask)


@pytest.mark.parametrize("direction", [1, -1])
@pytest.mark.parametrize("heart_uv", first_of([300.0, 0.0]))
def test_jerks_that_run_along_the_spine_do(direction: int, heart_uv: float) -> None:
    delays = (0.0, 0.012, 0.024, 0.036)[::direction]
    found = found_in(recording(delays, heart_uv=heart_uv))
    assert found.levels == LEVELS
    assert found.jerks_n == pytest.approx(len(JERKS_S), abs=1)
    assert found.propagated_n >= 0.9 * found.jerks_n
    rule = PropagationRule()
    metres = rule.height_m(22.0) - rule.height_m(11.0)
    assert found.speed_m_s == pytest.approx(metres / 0.036, rel=0.1)
    assert 5 < metres / 0.036 < 15


@pytest.mark.parametrize(
    "delays", [(0.0, 0.0, 0.0, 0.0), (0.0, 0.02, 0.0, 0.02), (0.0, 0.15, 0.3, 0.45)]
)
def test_other_jerks_do_not(delays: tuple[float, ...]) -> None:
    found = found_in(recording(delays))
    assert found.jerks_n >= len(JERKS_S) - 1
    assert found.propagated_n <= 0.1 * found.jerks_n


def test_only_jerks_in_the_mask_count() -> None:
    found = found_in(recording(), np.array([[0.0, 100.0]]))
    assert found.jerks_n == (JERKS_S < 100).sum()
    none = found_in(recording(), np.empty((0, 2)))
    assert none.jerks_n == 0
    assert none.propagation_share is None
    assert none.reason == "no jerk of at most 2 s at all levels"


def test_long_movements_are_no_jerks() -> None:
    assert found_in(recording(length_s=3.0)).jerks_n == 0


def test_too_slow_a_rate_and_too_few_levels_are_named() -> None:
    slow = found_in(recording(rate_hz=500.0))
    assert (
        slow.reason == "3 trunk levels of at least 1000 Hz are needed; 0 of 4 levels have that rate"
    )
    few = recording()
    few = replace(few, channels=few.channels[:2])
    assert found_in(few).reason.endswith("labels name 2")
    twice = recording((0.0, 0.01, 0.02, 0.03), ("T8", "EMG T8", "T12", "L3"))
    assert found_in(twice).reason.endswith("several channels are at one level")
    named = recording(labels=("Abd", "Rectus", "Back", "PSP"))
    assert found_in(named).reason.endswith("labels name 0")


def test_indices_have_a_value_or_a_reason() -> None:
    given = propagation_indices(Propagation(jerks_n=4, propagated_n=1, speed_m_s=8.0))
    assert {name: index.value for name, index in given.items()} == {
        "propagation_share": 0.25,
        "propagation_speed_m_s": 8.0,
    }
    assert given["propagation_speed_m_s"].unit == "m/s"
    missing = propagation_indices(Propagation(reason="no levels"))
    assert {index.reason for index in missing.values()} == {"no levels"}
    still = propagation_indices(Propagation(jerks_n=4))
    assert still["propagation_share"].value == 0
    assert still["propagation_speed_m_s"].reason == "no jerk ran along the spine"


@pytest.mark.parametrize(
    ("label", "level"),
    [
        ("T1", 8),
        ("T12", 19),
        ("L1", 20),
        ("L5", 24),
        ("S1", 25),
        ("C1", 1),
        ("Th10", 17),
        ("EMG L3", 22),
        ("T8-T9", 15.5),
        ("D9", 16),
        ("T13", None),
        ("L6", None),
        ("C0", None),
        ("Abdomen", None),
        ("LAT1", None),
        ("", None),
        ("FC3", None),
    ],
)
def test_levels_are_read_from_labels(label: str, level: float | None) -> None:
    assert spinal_level(label) == level


def test_heights_grow_down_the_spine() -> None:
    rule = PropagationRule()
    heights = [rule.height_m(level) for level in range(1, 26)]
    assert heights[0] == 0
    assert (np.diff(heights) > 0).all()
    assert rule.height_m(20) - rule.height_m(8) == pytest.approx(12 * rule.thoracic_m)


@pytest.mark.parametrize("at", [50, 200, 350])
def test_the_change_point_is_where_noise_becomes_louder(at: int) -> None:
    for seed in range(10):
        noise = np.random.default_rng(seed).standard_normal(400)
        noise[at:] *= 15
        assert abs(change_point(noise) - at) <= 3
