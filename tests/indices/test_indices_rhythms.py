"""Indices of rhythmic trains, by hand."""

import numpy as np
import pytest

from psgkit.core.hypnogram import Hypnogram
from psgkit.core.night_report import Lights
from psgkit.core.rhythms import Rhythms
from psgkit.indices.rhythms import rhythm_indices, with_stages
from psgkit.sleep.time_in_stages import NightTime

HOUR = 3600.0
HYPNOGRAM = Hypnogram.of(["W"] * 120 + ["N1"] * 60 + ["N2"] * 180)
"""One hour of wake, two of sleep."""


def clock(hypnogram: Hypnogram | None = HYPNOGRAM, off_s: float = 0.0) -> NightTime:
    lights = Lights(off_s=off_s, on_s=3 * HOUR, off_source="", on_source="")
    return NightTime(hypnogram=hypnogram, lights=lights, observed=np.array([[0.0, 3 * HOUR]]))


def trains() -> Rhythms:
    """Return two trains of tremor in wake, one in sleep; ALMA of both legs in sleep."""
    tremor = Rhythms.of(
        [600.0, 1200.0, HOUR + 60.0],
        [660.0, 1230.0, HOUR + 120.0],
        [1.0, 2.0, 1.5],
        site="left_leg",
        modality="emg",
        kind="foot_tremor",
    )
    alma = [
        Rhythms.of([7200.0 + t], [7230.0 + t], [1.0], site=site, modality="emg", kind="alma")
        for t, site in ((0.0, "left_leg"), (0.5, "right_leg"))
    ]
    return with_stages(Rhythms.joined([tremor, *alma]), HYPNOGRAM)


def test_the_stage_is_that_at_the_onset() -> None:
    found = with_stages(trains(), HYPNOGRAM)
    assert found.stage.tolist() == ["W", "W", "N1", "N2", "N2"]
    assert found.kind.tolist() == trains().kind.tolist()
    assert set(with_stages(trains(), None).stage.tolist()) == {"UNSCORED"}
    assert len(with_stages(Rhythms.none(), HYPNOGRAM)) == 0


def test_an_onset_on_the_border_of_epochs_belongs_to_the_later_one() -> None:
    at = Rhythms.of([HOUR - 1e-3, HOUR], [4000.0, 4000.0], [1, 1], site="", modality="", kind="")
    assert with_stages(at, HYPNOGRAM).stage.tolist() == ["W", "N1"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("rhythm_n", 5.0),
        ("foot_tremor_n", 3.0),
        ("alma_n", 2.0),
        ("high_frequency_n", 0.0),
        ("rhythm_index_sleep", 1.5),
        ("rhythm_index_wake", 2.0),
        ("foot_tremor_index_sleep", 0.5),
        ("foot_tremor_index_wake", 2.0),
        ("alma_index_sleep", 1.0),
        ("alma_index_wake", 0.0),
        ("rhythm_index_recording", 5 / 3),
        ("rhythm_frequency_median_hz", 1.0),
        # both legs at once are one time
        ("rhythm_minutes", (60 + 30 + 60 + 30.5) / 60),
        ("rhythm_minutes_wake", 1.5),
        ("rhythm_minutes_sleep", 90.5 / 60),
    ],
)
def test_by_hand(name: str, value: float) -> None:
    index = rhythm_indices(trains(), clock())[name]
    assert index.name == name
    assert index.value == pytest.approx(value)


def test_trains_before_lights_off_do_not_count_but_in_the_recording() -> None:
    found = rhythm_indices(trains(), clock(off_s=700.0))
    assert found["rhythm_n"].value == 4
    assert found["foot_tremor_index_wake"].denominator_h == pytest.approx((HOUR - 700) / HOUR)
    assert found["rhythm_index_recording"].value == pytest.approx(5 / 3)


def test_without_a_hypnogram_rates_of_a_state_are_missing_with_a_reason() -> None:
    found = rhythm_indices(with_stages(trains(), None), clock(None))
    for name, index in found.items():
        if name.endswith(("_sleep", "_wake")):
            assert index.value is None
            assert index.reason == "no hypnogram: sleep and wake are unknown"
        else:
            assert index.value is not None


def test_without_a_channel_all_are_missing_with_its_reason() -> None:
    found = rhythm_indices(Rhythms.none(), clock(), reason="no leg EMG channel in the recording")
    assert {index.reason for index in found.values()} == {"no leg EMG channel in the recording"}
    assert found.keys() == rhythm_indices(trains(), clock()).keys()


def test_a_night_without_trains_has_none_and_no_frequency() -> None:
    found = rhythm_indices(Rhythms.none(), clock())
    assert found["rhythm_index_sleep"].value == 0.0
    assert found["rhythm_minutes"].value == 0.0
    assert found["rhythm_frequency_median_hz"].reason == "no rhythmic train"
