"""Features of akathisia: shares by hand, and a reason wherever something is not known."""

from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import pytest
from numpy.typing import NDArray

from psgkit.core.hypnogram import Hypnogram
from psgkit.core.index import Index
from psgkit.core.night_report import Lights
from psgkit.core.postures import Postures
from psgkit.core.rhythms import Rhythms
from psgkit.core.site import Site
from psgkit.indices.akathisia import AkathisiaNight, akathisia_findings, akathisia_indices
from psgkit.sleep.time_in_stages import NightTime

HOUR = 3600.0


@dataclass(frozen=True)
class Track:
    """A like of ``GravityTrack``."""

    movement_g: NDArray[np.float32]
    usable: NDArray[np.bool_]
    start_s: float = 0.0
    rate_hz: float = 2.0


def track(hours: float, movement_g: float) -> Track:
    n = round(hours * HOUR * 2)
    return Track(np.full(n, movement_g, dtype=np.float32), np.ones(n, dtype=bool))


def trains(
    *rows: tuple[float, float, float], place: str = "left_ankle", site: Site = Site.LEFT_LEG
) -> Rhythms:
    onset, end, hz = (list(column) for column in zip(*rows, strict=True))
    return Rhythms.of(
        onset,
        end,
        hz,
        site=site,
        place=place,
        modality="accelerometer",
        kind="rhythm",
        regularity=[0.9] * len(rows),
    )


def clock(stages: list[str] | None, hours: float = 3.0, off_h: float = 1.0) -> NightTime:
    """Return an hour to each stage; lights go off after ``off_h``."""
    hypnogram = None if stages is None else Hypnogram.of(np.repeat(stages, 120))
    lights = Lights(off_s=off_h * HOUR, on_s=hours * HOUR, off_source="", on_source="")
    return NightTime(hypnogram=hypnogram, lights=lights, observed=np.array([[0.0, hours * HOUR]]))


LEGS = {"left_ankle": Site.LEFT_LEG, "right_ankle": Site.RIGHT_LEG, "lumbar": Site.TRUNK}


def a_night(**changed: object) -> AkathisiaNight:
    """Return three hours, W W N2, with half an hour of trains in wake and a minute in sleep."""
    night = AkathisiaNight(
        time=clock(["W", "W", "N2"]),
        rhythms=trains((0, 900, 1.5), (3600, 4500, 2.5), (3 * HOUR - 360, 3 * HOUR, 1.0)),
        tracks={
            "left_ankle": track(3, 0.02),
            "right_ankle": track(3, 0.04),
            "lumbar": track(3, 0.01),
        },
        sites=LEGS,
    )
    return replace(night, **changed)


def value(found: dict[str, Index], name: str) -> float:
    number = found[name].value
    assert number is not None, found[name].reason
    return number


def test_shares_are_of_waking_rest() -> None:
    found = akathisia_indices(a_night())
    assert value(found, "waking_rest_min") == 120
    assert value(found, "rhythm_rest_share") == pytest.approx(0.25)
    assert value(found, "rhythm_asleep_share") == pytest.approx(0.1)
    assert value(found, "rhythm_longest_train_s") == 900
    assert value(found, "rhythm_regularity") == pytest.approx(0.9)
    assert value(found, "rhythm_frequency_hz") in (1.5, 2.5)


def test_the_dominant_frequency_is_that_of_most_time() -> None:
    night = a_night(rhythms=trains((0, 100, 3.0), (200, 700, 1.5), (800, 900, 3.2)))
    assert value(akathisia_indices(night), "rhythm_frequency_hz") == 1.5


def test_walking_and_turns_are_no_rest_and_their_trains_do_not_count() -> None:
    night = a_night(
        walking=np.array([[0.0, 900.0]]), disturbed=np.array([[900.0, 1800.0], [1000.0, 1100.0]])
    )
    found = akathisia_indices(night)
    assert value(found, "waking_rest_min") == 90
    assert value(found, "rhythm_rest_share") == pytest.approx(900 / 5400)
    assert value(found, "rhythm_frequency_hz") == 2.5


def test_both_ankles_at_once_count_once() -> None:
    both = Rhythms.joined(
        [
            trains((0, 900, 1.5)),
            trains((450, 1800, 1.5), place="right_ankle", site=Site.RIGHT_LEG),
        ]
    )
    found = akathisia_indices(a_night(rhythms=both))
    assert value(found, "rhythm_rest_share") == pytest.approx(0.25)
    assert value(found, "rhythm_longest_train_s") == 1800


def test_only_ankles_and_feet_count() -> None:
    others = Rhythms.joined(
        [
            trains((0, 900, 1.5), place="lumbar", site=Site.TRUNK),
            trains((0, 900, 1.5), place="left_thigh", site=Site.LEFT_LEG),
            trains((0, 900, 1.5), place="left_wrist", site=Site.LEFT_ARM),
        ]
    )
    found = akathisia_indices(a_night(rhythms=others))
    assert value(found, "rhythm_rest_share") == 0
    assert found["rhythm_frequency_hz"].reason == "no rhythmic train in waking rest"


def test_postures_share_out_rest() -> None:
    postures = Postures(
        onset_s=np.array([0.0, 3600.0]),
        end_s=np.array([3600.0, 3 * HOUR]),
        posture=np.array(["upright", "left"]),
        angle_deg=np.array([np.nan, 90.0]),
    )
    night = a_night(postures=postures, rhythms=trains((0, 1800, 1.5), (3600, 3960, 1.5)))
    found = akathisia_indices(night)
    assert value(found, "rhythm_upright_share") == pytest.approx(0.5)
    assert value(found, "rhythm_lying_share") == pytest.approx(0.1)
    no_posture = akathisia_indices(a_night())
    assert "posture" in str(no_posture["rhythm_upright_share"].reason)


def test_ankle_over_waist_and_activity_at_rest() -> None:
    found = akathisia_indices(a_night())
    assert value(found, "ankle_waist_ratio") == pytest.approx(3.0, rel=1e-5)
    assert value(found, "rest_activity_mg") == pytest.approx(30, rel=1e-5)
    assert value(found, "rest_activity_mg_left_ankle") == pytest.approx(20, rel=1e-5)


def test_the_waist_is_the_trunk_sensor_nearest_to_it() -> None:
    tracks = {"sternum": track(3, 0.5), "lumbar": track(3, 0.01), "left_foot": track(3, 0.05)}
    sites = {"sternum": Site.TRUNK, "lumbar": Site.TRUNK, "left_foot": Site.LEFT_LEG}
    found = akathisia_indices(a_night(tracks=tracks, sites=sites))
    assert value(found, "ankle_waist_ratio") == pytest.approx(5.0, rel=1e-5)


def test_what_was_not_seen_is_in_no_denominator() -> None:
    half = track(3, 0.02)
    half.usable[: round(0.5 * HOUR * 2)] = False
    night = a_night(tracks={"left_ankle": half}, sites={"left_ankle": Site.LEFT_LEG})
    found = akathisia_indices(night)
    assert value(found, "waking_rest_min") == 90
    assert value(found, "rhythm_rest_share") == pytest.approx(900 / 5400)


def test_day_over_night() -> None:
    lively = track(10, 0.03)
    lively.movement_g[5 * 7200 :] = 0.01
    night = a_night(
        time=clock(None, 10, off_h=5),
        tracks={"left_ankle": lively},
        sites={"left_ankle": Site.LEFT_LEG},
        start=datetime(2026, 1, 1, 18, 0),
    )
    found = akathisia_indices(night)
    assert value(found, "day_night_ratio") == pytest.approx(3.0, rel=1e-5)
    late = akathisia_indices(replace(night, start=datetime(2026, 1, 1, 19, 30)))
    assert "0.5 h of the day" in str(late["day_night_ratio"].reason)
    paced = replace(night, walking=np.array([[0.0, 3601.0]]))
    assert "1.0 h of the day" in str(akathisia_indices(paced)["day_night_ratio"].reason)
    unknown = akathisia_indices(replace(night, start=None))
    assert "when it began" in str(unknown["day_night_ratio"].reason)


def test_the_day_of_a_week_is_every_day() -> None:
    week = track(72, 0.01)
    hours = (20 + (np.arange(len(week.movement_g)) + 0.5) / 7200) % 24
    week.movement_g[(hours > 8) & (hours < 20)] = 0.04
    time = clock(None, 72, off_h=60)
    night = a_night(
        time=time,
        tracks={"left_ankle": week},
        sites={"left_ankle": Site.LEFT_LEG},
        start=datetime(2026, 1, 1, 20, 0),
    )
    assert value(akathisia_indices(night), "day_night_ratio") == pytest.approx(1.0, rel=1e-5)
    moved = replace(
        night,
        time=replace(time, lights=Lights(off_s=0.0, on_s=12 * HOUR, off_source="", on_source="")),
    )
    assert value(akathisia_indices(moved), "day_night_ratio") == pytest.approx(4.0, rel=1e-5)


def test_without_a_hypnogram_all_still_time_is_rest_and_that_is_said() -> None:
    night = a_night(time=clock(None))
    found = akathisia_indices(night)
    assert value(found, "waking_rest_min") == 180
    assert found["rhythm_asleep_share"].reason == "no hypnogram: sleep and wake are unknown"
    assert [f.code for f in akathisia_findings(night)] == ["akathisia.no_hypnogram"]


def test_leg_emg_stands_in_for_a_missing_ankle_and_that_is_said() -> None:
    emg = Rhythms.of(
        [0.0, 100.0], [720.0, 200.0], [1.5, 2.0], site="left_leg", modality="emg", kind="alma"
    )
    arm = Rhythms.of([0.0], [3600.0], [1.5], site="left_arm", modality="emg", kind="alma")
    night = a_night(rhythms=Rhythms.joined([emg, arm]), tracks={}, sites={}, leg_emg=True)
    found = akathisia_indices(night)
    assert value(found, "rhythm_rest_share") == pytest.approx(0.1)
    assert found["rhythm_regularity"].reason == "the trains carry no regularity"
    assert found["rest_activity_mg"].reason == "no accelerometer at an ankle or foot"
    assert [f.code for f in akathisia_findings(night)] == ["akathisia.leg_emg"]
    beside = akathisia_indices(a_night(rhythms=Rhythms.joined([emg, arm]), leg_emg=True))
    assert value(beside, "rhythm_rest_share") == 0


def test_without_any_leg_everything_is_missing_with_that_reason() -> None:
    night = a_night(tracks={"lumbar": track(3, 0.1)}, sites={"lumbar": Site.TRUNK})
    found = akathisia_indices(night)
    assert {index.value for index in found.values()} == {None}
    assert all("ankle" in str(i.reason) or "posture" in str(i.reason) for i in found.values())
    assert akathisia_findings(night) == []


def test_no_wake_is_no_rest() -> None:
    found = akathisia_indices(a_night(time=clock(["N2", "N2", "R"])))
    assert found["rhythm_rest_share"].reason == "no waking rest while a leg could be seen"
    assert value(found, "rhythm_asleep_share") == pytest.approx((900 + 900 + 360) / (3 * HOUR))


def test_walking_that_nobody_could_tell_is_said() -> None:
    codes = [f.code for f in akathisia_findings(a_night(walking_known=False))]
    assert codes == ["akathisia.walking_unknown"]


def test_names_are_the_same_whatever_is_missing() -> None:
    full, empty = akathisia_indices(a_night()), akathisia_indices(a_night(tracks={}, sites={}))
    assert set(empty) <= set(full)
    assert set(full) - set(empty) == {"rest_activity_mg_left_ankle", "rest_activity_mg_right_ankle"}
    assert [name for name, index in full.items() if index.name != name] == []
