"""Indices of posture by hand; movements by posture; time out of bed."""

import numpy as np
import pytest

from psgkit.core.hypnogram import Hypnogram
from psgkit.core.movements import Movements
from psgkit.core.night_report import Lights
from psgkit.core.postures import Postures, Turns
from psgkit.detect.posture.detect import TrunkPostures
from psgkit.indices.breakdown import rates_by_posture
from psgkit.indices.movement import GroupNight
from psgkit.indices.posture import OutOfBedRule, out_of_bed, posture_indices
from psgkit.scoring.rules import WASM_2016
from psgkit.scoring.score import score_movements
from psgkit.sleep.time_in_stages import NightTime

RULE = OutOfBedRule()
HOUR = 3600.0


def postures(*rows: tuple[float, str]) -> Postures:
    """Return postures of (seconds, name), one after the other."""
    edges = np.r_[0.0, np.cumsum([seconds for seconds, _ in rows])]
    return Postures(
        onset_s=edges[:-1],
        end_s=edges[1:],
        posture=np.array([name for _, name in rows]),
        angle_deg=np.full(len(rows), np.nan),
    )


def turns(*rows: tuple[float, float, str, str]) -> Turns:
    """Return turns of (onset, degrees, before, after), 2 s each."""
    onset = np.array([row[0] for row in rows])
    angle = np.array([row[1] for row in rows])
    return Turns(
        onset_s=onset,
        end_s=onset + 2,
        angle_deg=angle,
        speed_deg_s=angle / 2,
        before=np.array([row[2] for row in rows]),
        after=np.array([row[3] for row in rows]),
    )


def clock(off_s: float, on_s: float, hypnogram: Hypnogram | None = None) -> NightTime:
    lights = Lights(off_s=off_s, on_s=on_s, off_source="x", on_source="x")
    return NightTime(hypnogram=hypnogram, lights=lights, observed=np.array([[off_s, on_s]]))


NIGHT = TrunkPostures(
    postures=postures(
        (HOUR / 2, "upright"),
        (2 * HOUR, "supine"),
        (HOUR, "left"),
        (240.0, "upright"),
        (60.0, "walking"),
        (HOUR / 2, "right"),
        (HOUR / 2, "unknown"),
    ),
    turns=turns(
        (2000.0, 20.0, "supine", "supine"),
        (9000.0, 90.0, "supine", "left"),
        (12599.0, 85.0, "left", "upright"),
        (13000.0, 40.0, "right", "right"),
    ),
)


def test_shares_are_of_the_time_lying_between_lights_off_and_on() -> None:
    found = posture_indices(NIGHT, clock(HOUR, 5 * HOUR), RULE)
    lying_h = 1.5 + 1 + 0.5
    assert found["supine_pct"].value == pytest.approx(100 * 1.5 / lying_h)
    assert found["left_pct"].value == pytest.approx(100 / lying_h)
    assert found["right_pct"].value == pytest.approx(50 / lying_h)
    assert found["prone_pct"].value == 0
    assert found["upright_min"].value == pytest.approx(4)
    assert found["walking_min"].value == pytest.approx(1)
    assert found["out_of_bed_n"].value == 1
    assert found["out_of_bed_min"].value == pytest.approx(5)
    assert found["posture_changes_n"].value == 3


def test_turns_are_those_from_lying_to_lying_per_hour_of_lying() -> None:
    found = posture_indices(NIGHT, clock(HOUR / 2, 5 * HOUR), RULE)
    assert found["turns_15_index"].denominator_h == pytest.approx(3.5)
    counts = [found[f"turns_{size}_index"].numerator for size in (15, 30, 60)]
    assert counts == [3, 2, 1]
    assert found["turn_size_median_deg"].value == 40
    assert found["turn_speed_median_deg_s"].value == 20


def test_turns_in_sleep_are_per_hour_of_sleep_the_sensor_saw() -> None:
    stages = np.repeat(["W", "N2", "W"], [120, 240, 180])
    found = posture_indices(NIGHT, clock(HOUR / 2, 4.5 * HOUR, Hypnogram(stages=stages)), RULE)
    assert found["turns_15_sleep_index"].value == pytest.approx(1 / 2)
    unstaged = posture_indices(NIGHT, clock(0, 5 * HOUR), RULE)
    assert unstaged["turns_15_sleep_index"].reason == "no hypnogram: sleep and wake are unknown"


def test_without_a_sensor_every_index_is_missing_with_the_reason() -> None:
    found = posture_indices(TrunkPostures.none("no trunk sensor"), clock(0, HOUR), RULE)
    assert {index.reason for index in found.values()} == {"no trunk sensor"}
    assert set(found) == set(posture_indices(NIGHT, clock(0, 5 * HOUR), RULE))


def test_what_the_axes_do_not_tell_is_missing() -> None:
    lying = TrunkPostures(
        postures=postures((HOUR, "lying")),
        turns=Turns.none(),
        sides_reason="no axis",
        left_right_reason="no axis",
    )
    found = posture_indices(lying, clock(0, HOUR), RULE)
    assert {found[f"{side}_pct"].reason for side in ("supine", "prone", "left")} == {"no axis"}
    assert found["turns_15_index"].value == 0
    assert found["turn_size_median_deg"].reason == "no turn between lights off and on"
    sides = TrunkPostures(
        postures=postures((HOUR, "supine"), (HOUR, "lying"), (HOUR, "lying")),
        turns=Turns.none(),
        left_right_reason="no head",
    )
    found = posture_indices(sides, clock(0, 3 * HOUR), RULE)
    assert found["supine_pct"].value == pytest.approx(100 / 3)
    assert found["left_pct"].reason == "no head"
    assert found["posture_changes_n"].value == 2


def test_a_night_that_nobody_lay_in_has_no_shares() -> None:
    found = posture_indices(
        TrunkPostures(postures=postures((HOUR, "upright")), turns=Turns.none()),
        clock(0, HOUR),
        RULE,
    )
    assert found["supine_pct"].reason == "no lying between lights off and on"
    assert found["turns_30_index"].value is None
    assert found["out_of_bed_min"].value == 60


@pytest.mark.parametrize(("seconds", "n"), [(29.5, 0), (30.0, 1)])
def test_out_of_bed_lasts_30_seconds(seconds: float, n: int) -> None:
    night = postures((100, "supine"), (seconds, "upright"), (100, "supine"))
    assert len(out_of_bed(night, np.array([[0.0, 1000.0]]), RULE)) == n


@pytest.mark.parametrize(("seconds", "n"), [(10.0, 1), (10.5, 2)])
def test_bending_down_for_10_seconds_does_not_end_it(seconds: float, n: int) -> None:
    night = postures((60, "walking"), (seconds, "prone"), (60, "upright"))
    assert len(out_of_bed(night, np.array([[0.0, 1000.0]]), RULE)) == n


def test_what_is_unknown_ends_being_out_of_bed() -> None:
    night = postures((60, "walking"), (5, "unknown"), (60, "upright"))
    assert len(out_of_bed(night, np.array([[0.0, 1000.0]]), RULE)) == 2


def test_out_of_bed_is_cut_to_the_window_and_empty_without_postures() -> None:
    night = postures((60, "upright"), (60, "supine"))
    assert out_of_bed(night, np.array([[20.0, 100.0]]), RULE).tolist() == [[20, 60]]
    assert len(out_of_bed(night, np.array([[40.0, 100.0]]), RULE)) == 0
    assert out_of_bed(Postures.none(), np.array([[0.0, 100.0]]), RULE).shape == (0, 2)


def test_rules_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="min_s > 0"):
        OutOfBedRule(min_s=0)


def test_rates_by_posture_share_out_the_movements() -> None:
    night = scored_night([1900.0, 2000.0, 9300.0, 9400.0, 9500.0, 13000.0], observed_to=4 * HOUR)
    rows = {row.level: row.indices for row in rates_by_posture("legs", night, NIGHT.postures)}
    assert {name: row["lm_n"].value for name, row in rows.items()} == {
        "supine": 2,
        "left": 3,
        "right": 1,
        "upright": 0,
        "walking": 0,
    }
    assert rows["supine"]["lm_index"].value == pytest.approx(1)
    assert rows["right"]["lm_index"].denominator_h == pytest.approx(0.5 - 300 / HOUR)
    assert all(row.by == "posture" for row in rates_by_posture("legs", night, NIGHT.postures))


def scored_night(onsets: list[float], observed_to: float) -> GroupNight:
    movements = Movements.of(onsets, np.array(onsets) + 1, "left_leg")
    lights = clock(HOUR / 2, 5 * HOUR).lights
    time = NightTime(hypnogram=None, lights=lights, observed=np.array([[0.0, observed_to]]))
    return GroupNight(scored=score_movements(movements), time=time, rules=WASM_2016)
