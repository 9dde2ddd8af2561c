"""Stages and lights on the clock of the recording."""

import math
from datetime import datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from psgkit.core.events import Events
from psgkit.core.hypnogram import STAGES, UNSCORED, Hypnogram
from psgkit.errors import HypnogramError, SettingsError
from psgkit.sleep.alignment import align, find_lights

U = UNSCORED
HOUR_S = 3600.0


# alignment


def test_a_hypnogram_of_the_whole_recording_stays_as_it_is() -> None:
    found = align(Hypnogram.of(["W", "N1", "N2"]), 90.0)
    assert found.stages.tolist() == ["W", "N1", "N2"]
    assert found.start_s == 0.0


def test_what_was_scored_before_the_recording_is_left_out() -> None:
    found = align(Hypnogram.of(["W", "W", "N1", "N2", "N3"], start_s=-60.0), 90.0)
    assert found.stages.tolist() == ["N1", "N2", "N3"]
    assert found.start_s == 0.0


def test_what_was_scored_after_the_recording_is_left_out() -> None:
    assert align(Hypnogram.of(["W", "N1", "N2", "N3"]), 60.0).stages.tolist() == ["W", "N1"]


def test_time_before_and_after_the_scoring_is_unscored() -> None:
    found = align(Hypnogram.of(["N2"], start_s=60.0), 150.0)
    assert found.stages.tolist() == [U, U, "N2", U, U]
    assert found.stretches(["W"]).tolist() == []


def test_an_epoch_half_before_the_recording_stays_whole_and_keeps_the_grid() -> None:
    found = align(Hypnogram.of(["N1", "N2", "N3"], start_s=-15.0), 75.0)
    assert found.start_s == -15.0
    assert found.stages.tolist() == ["N1", "N2", "N3"]
    assert found.stage_at(np.array([0.0, 14.9, 15.0, 74.9])).tolist() == ["N1", "N1", "N2", "N3"]


def test_a_start_off_the_grid_is_filled_with_whole_epochs() -> None:
    found = align(Hypnogram.of(["N1", "N2"], start_s=45.0), 110.0)
    assert found.start_s == -15.0
    assert found.stages.tolist() == [U, U, "N1", "N2", U]


def test_a_recording_that_ends_within_an_epoch_keeps_that_epoch() -> None:
    assert align(Hypnogram.of(["W", "N1", "N2"]), 61.0).stages.tolist() == ["W", "N1", "N2"]
    assert align(Hypnogram.of(["W", "N1", "N2"]), 60.0).stages.tolist() == ["W", "N1"]


@pytest.mark.parametrize("start_s", [-8 * HOUR_S, 8 * HOUR_S, -90.0, 95.0])
def test_a_hypnogram_mostly_outside_the_recording_is_of_another_night(start_s: float) -> None:
    with pytest.raises(HypnogramError, match=r"4 scored epochs .* of another night") as caught:
        align(Hypnogram.of(["N2"] * 4, start_s=start_s), 120.0, where="stages.csv")
    assert caught.value.where == "stages.csv"
    assert "which lasts 120 s" in caught.value.wanted
    assert caught.value.exit_code == 3


def test_half_of_the_scoring_within_the_recording_is_enough() -> None:
    assert align(Hypnogram.of(["N2"] * 4, start_s=-60.0), 120.0).stages.tolist() == [
        "N2",
        "N2",
        U,
        U,
    ]


def test_unscored_epochs_outside_do_not_make_it_another_night() -> None:
    padded = Hypnogram.of([U] * 100 + ["N2"] + [U] * 100, start_s=-3000.0)
    assert align(padded, 30.0).stages.tolist() == ["N2"]


@pytest.mark.parametrize("stages", [[], [U, U, U]])
def test_nothing_scored_is_unscored_throughout(stages: list[str]) -> None:
    assert align(Hypnogram.of(stages), 95.0).stages.tolist() == [U] * 4


def test_a_recording_of_no_time_has_no_epochs() -> None:
    assert len(align(Hypnogram.of([]), 0.0)) == 0


@given(
    stages=st.lists(st.sampled_from(STAGES), max_size=15),
    epoch_s=st.sampled_from([10.0, 20.0, 30.0]),
    start_s=st.integers(-100, 100),
    duration_s=st.integers(0, 600),
)
def test_aligning_changes_no_stage_within_the_recording(
    stages: list[str], epoch_s: float, start_s: int, duration_s: int
) -> None:
    given_stages = Hypnogram.of(stages, epoch_s=epoch_s, start_s=start_s)
    try:
        found = align(given_stages, float(duration_s))
    except HypnogramError:
        return
    inside = np.arange(0.5, duration_s)
    assert found.stage_at(inside).tolist() == given_stages.stage_at(inside).tolist()
    assert not len(found) or found.start_s <= 0 < found.start_s + epoch_s
    assert found.end_s >= duration_s or not duration_s
    again = align(found, float(duration_s))
    assert again.stages.tolist() == found.stages.tolist()


# lights


def scored(*rows: tuple[str, float]) -> Events:
    return Events.of(
        [t for _, t in rows], [t for _, t in rows], [kind for kind, _ in rows], [""] * len(rows)
    )


LIGHTS = scored(("lights_off", 600.0), ("lights_on", 3000.0))


def test_without_anything_the_lights_are_the_ends_of_the_recording() -> None:
    found = find_lights(Events.none(), HOUR_S, None, None)
    assert (found.off_s, found.on_s) == (0.0, HOUR_S)
    assert (found.off_source, found.on_source) == (
        "start of the recording",
        "end of the recording",
    )


def test_scored_lights_come_before_the_ends_of_the_recording() -> None:
    found = find_lights(LIGHTS, HOUR_S, None, None)
    assert (found.off_s, found.on_s) == (600.0, 3000.0)
    assert (found.off_source, found.on_source) == ("scored event", "scored event")


def test_options_come_before_scored_lights() -> None:
    found = find_lights(LIGHTS, HOUR_S, 900.0, 2700.0)
    assert (found.off_s, found.on_s) == (900.0, 2700.0)
    assert (found.off_source, found.on_source) == ("option", "option")


def test_each_end_has_its_own_source() -> None:
    found = find_lights(scored(("lights_on", 3000.0)), HOUR_S, 0.0, None)
    assert (found.off_s, found.on_s) == (0.0, 3000.0)
    assert (found.off_source, found.on_source) == ("option", "scored event")


def test_lights_that_go_on_in_the_night_count_from_first_off_to_last_on() -> None:
    events = scored(
        ("lights_off", 100.0), ("lights_on", 900.0), ("lights_off", 1000.0), ("lights_on", 3500.0)
    )
    found = find_lights(events, HOUR_S, None, None)
    assert (found.off_s, found.on_s) == (100.0, 3500.0)


def test_scored_lights_beyond_the_recording_are_cut_to_it() -> None:
    late = scored(("lights_off", 600.0), ("lights_on", 9000.0))
    found = find_lights(late, HOUR_S, None, None)
    assert (found.off_s, found.on_s) == (600.0, HOUR_S)
    assert found.on_source == "end of the recording; scored event lies after it"


@pytest.mark.parametrize(
    ("off_s", "on_s", "advice"),
    [
        (600.0, 9000.0, "Write --lights-on 3600 for the end of the recording, or leave it out."),
        (-100.0, 0.0, "Write --lights-off 0 for its start, or leave it out."),
        (math.nan, 1000.0, "Write --lights-off 0 for its start, or leave it out."),
        (0.0, math.nan, "Write --lights-on 3600 for the end of the recording, or leave it out."),
        (0.0, 1e300, "Write --lights-on 3600 for the end of the recording, or leave it out."),
    ],
)
def test_typed_lights_outside_the_recording_are_refused(
    off_s: float, on_s: float, advice: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        find_lights(Events.none(), HOUR_S, off_s, on_s)
    assert caught.value.advice == advice
    with pytest.raises(SettingsError):
        find_lights(Events.none(), HOUR_S, off_s, on_s, datetime(2024, 1, 1, 22, 30))


def test_a_scored_time_rounded_to_a_minute_is_the_end_of_the_recording() -> None:
    rounded = scored(("lights_off", -30.0), ("lights_on", HOUR_S + 59.0))
    found = find_lights(rounded, HOUR_S, None, None)
    assert (found.off_s, found.on_s, found.on_source) == (0.0, HOUR_S, "scored event")


@pytest.mark.parametrize(
    ("off_s", "on_s"),
    [
        (2000.0, 1000.0),
        (1000.0, 1000.0),
        (3600.0, 3600.0),
    ],
)
def test_lights_that_leave_no_window_are_refused(off_s: float, on_s: float) -> None:
    with pytest.raises(SettingsError, match=r"lights: found off at .*\(option\)") as caught:
        find_lights(Events.none(), HOUR_S, off_s, on_s)
    assert caught.value.wanted == "off before on, within the recording of 3600 s"
    assert caught.value.exit_code == 2


def test_scored_lights_in_the_wrong_order_are_refused_with_their_source() -> None:
    with pytest.raises(SettingsError, match=r"off at 3000 s \(scored event\)"):
        find_lights(scored(("lights_off", 3000.0), ("lights_on", 600.0)), HOUR_S, None, None)
