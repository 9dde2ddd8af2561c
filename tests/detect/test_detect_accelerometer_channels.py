"""Which accelerometer channels are used, and how their axes come together."""

import numpy as np
import pytest
from motion_maker import Jerk, acceleration

from psgkit.core.recording import Channel, Recording, Segment
from psgkit.detect.accelerometer.channels import (
    accelerometers,
    choose_accelerometers,
    detect_sensors,
)
from psgkit.io.channels.roles import assign_roles

JERKS = [
    Jerk(onset_s=t, duration_s=2, peak_g=0.2, hz=3, direction=(0.6, 0.0, 0.8)) for t in (20, 60)
]


def channel(label: str, samples: np.ndarray, rate_hz: float = 50.0, **fields: object) -> Channel:
    (found,) = assign_roles([(label, "g")])
    said = {"role": found.role, "site": found.site, "place": found.place, "axis": found.axis}
    return Channel(
        **{"label": label, "samples": samples, "rate_hz": rate_hz, "unit": "g", **said, **fields}
    )


def recording(*channels: Channel, duration_s: float = 120.0) -> Recording:
    segments = (Segment(start_s=0.0, duration_s=duration_s),)
    return Recording(source="made", start=None, segments=segments, channels=channels)


def triad(place: str, rate_hz: float = 50.0) -> list[Channel]:
    x = acceleration(120, rate_hz, JERKS)
    return [channel(f"{place} {axis}", x[:, row], rate_hz) for row, axis in enumerate("XYZ")]


def test_axes_of_a_place_are_one_sensor() -> None:
    made = choose_accelerometers(recording(*triad("Left Foot"), *triad("Right Wrist")))
    assert [(s.name, s.labels) for s in accelerometers(made)] == [
        ("left_foot", ("Left Foot X", "Left Foot Y", "Left Foot Z")),
        ("right_wrist", ("Right Wrist X", "Right Wrist Y", "Right Wrist Z")),
    ]
    assert {c.status for c in made.channels} == {"used"}
    assert made.findings == ()


def test_a_second_triad_at_the_place_is_numbered() -> None:
    second = [
        channel(f"{c.label}-1", np.asarray(c.samples), place=c.place, axis=c.axis, site=c.site)
        for c in triad("Lumbar")
    ]
    made = choose_accelerometers(recording(*triad("Lumbar"), *second))
    assert [s.name for s in accelerometers(made)] == ["lumbar", "lumbar_2"]


def test_a_label_without_an_axis_is_a_sensor_of_one() -> None:
    x = acceleration(120, 50, JERKS)[:, 2]
    made = choose_accelerometers(recording(channel("BackAcc", x)))
    (sensor,) = accelerometers(made)
    assert (sensor.name, len(sensor.parts[0].axes)) == ("back", 1)
    assert [finding.code for finding in made.findings] == ["accelerometer.missing_axis"]


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"unit": ""}, "unit unknown"),
        ({"unit": "uV"}, "unit 'uV' is not an acceleration"),
        ({"rate_hz": 8.0}, "8 Hz: too slow"),
        ({"resolution": 0.03}, "one step of the recorder is 30 mg: too coarse, at most 20 mg are"),
    ],
)
def test_what_cannot_be_used_is_refused_with_the_reason(
    fields: dict[str, object], why: str
) -> None:
    made = choose_accelerometers(recording(channel("Ankle L X", np.zeros(960), **fields)))
    assert made.channels[0].status == "refused"
    assert made.channels[0].reason.startswith(why)
    assert [finding.code for finding in made.findings] == ["accelerometer.refused"]
    assert accelerometers(made) == ()


def test_an_axis_of_another_rate_is_refused() -> None:
    axes = triad("Waist")
    axes[1] = channel("Waist Y", np.zeros(120 * 25), 25.0)
    made = choose_accelerometers(recording(*axes))
    assert [c.status for c in made.channels] == ["used", "refused", "used"]
    assert made.channels[1].reason == ("25 Hz, but Waist X, Waist Z of the same sensor have 50 Hz")
    assert [f.code for f in made.findings] == [
        "accelerometer.refused",
        "accelerometer.missing_axis",
    ]


def test_two_sensors_of_two_rates_at_one_place_are_both_used() -> None:
    others = [
        channel(f"{c.label}-1", np.asarray(c.samples), 25.0, place=c.place, axis=c.axis)
        for c in triad("Waist", 25.0)
    ]
    made = choose_accelerometers(recording(*triad("Waist"), *others))
    assert [s.name for s in accelerometers(made)] == ["waist", "waist_2"]


def test_sensors_become_groups_named_after_their_place() -> None:
    made = choose_accelerometers(recording(*triad("Left Ankle"), *triad("Chest")))
    found, findings = detect_sensors(made)
    assert list(found) == ["accelerometer_left_ankle", "accelerometer_chest"]
    ankle = found["accelerometer_left_ankle"]
    assert ankle.group.movements.onset_s == pytest.approx([20, 60], abs=0.15)
    assert set(ankle.group.movements.site) == {"left_leg"}
    assert ankle.group.observed.tolist() == [[0.0, 120.0]]
    assert ankle.group.reason == ""
    assert len(ankle.gross) == 0
    assert findings == []


def test_a_sensor_that_was_off_says_so() -> None:
    still = np.zeros(6000)
    made = choose_accelerometers(recording(*(channel(f"Hip {axis}", still) for axis in "XYZ")))
    found, findings = detect_sensors(made)
    assert found["accelerometer_hip"].group.reason == "no usable time in Hip X, Hip Y, Hip Z"
    assert "accelerometer.flat" in {finding.code for finding in findings}


def test_segments_are_detected_each_on_its_own() -> None:
    x = acceleration(120, 50, JERKS)
    axes = [channel(f"Foot L {axis}", x[:, row]) for row, axis in enumerate("XYZ")]
    made = Recording(
        source="made",
        start=None,
        segments=(
            Segment(start_s=0.0, duration_s=40.0),
            Segment(start_s=1000.0, duration_s=80.0),
        ),
        channels=tuple(axes),
    )
    found, _ = detect_sensors(choose_accelerometers(made))
    detected = found["accelerometer_left_foot"]
    assert detected.group.movements.onset_s == pytest.approx([20, 1020], abs=0.15)
    assert detected.group.observed.tolist() == [[0.0, 40.0], [1000.0, 1080.0]]
    assert len(detected.results) == 2


def test_a_recorder_with_coarse_steps_sees_no_toggling() -> None:
    step = 0.016
    rng = np.random.default_rng(1)
    true = np.tile([0.1, 0.2, 0.97], (30000, 1)) + rng.normal(0, 0.002, (30000, 3))
    stored = np.round(true / step) * step
    axes = [
        channel(f"Foot L {axis}", stored[:, row], resolution=step) for row, axis in enumerate("XYZ")
    ]
    made = choose_accelerometers(recording(*axes, duration_s=600.0))
    assert {f.code for f in made.findings} == {"accelerometer.coarse_step"}
    found, _ = detect_sensors(made)
    assert len(found["accelerometer_left_foot"].group.movements) == 0
