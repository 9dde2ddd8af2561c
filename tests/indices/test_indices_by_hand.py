"""One small night whose every index can be counted on paper, and its variants."""

import math
from dataclasses import replace

import numpy as np
import pytest

from psgkit.core.events import Events
from psgkit.core.hypnogram import Hypnogram
from psgkit.core.index import Index
from psgkit.core.movements import Movements
from psgkit.core.night_report import BreakdownRow, Lights, NightReport
from psgkit.indices.breakdown import breakdown
from psgkit.indices.movement import GroupNight, movement_indices
from psgkit.night.scored import score_night
from psgkit.scoring.rules import AASM_3, WASM_2016
from psgkit.scoring.score import score_movements
from psgkit.settings import Settings
from psgkit.sleep.time_in_stages import NightTime

STAGES = Hypnogram.of(["W"] * 20 + ["N2"] * 100 + ["R"] * 60 + ["N3"] * 60)
"""Two hours: 600 s of wake, 3000 s of N2, 1800 s of R, 1800 s of N3."""
WAKE_H, TST_H, NREM_H, REM_H = 1 / 6, 11 / 6, 4 / 3, 0.5

ROWS = [
    # four in wake, 20 s apart
    *((t, t + 1.0, "left_leg") for t in (100.0, 120.0, 140.0, 160.0)),
    # ten in N2, 20 s apart; one follows an apnoea, two have an arousal
    *((1000.0 + 20 * n, 1001.0 + 20 * n, "right_leg") for n in range(10)),
    # four in R, 30 s apart, of both legs
    *((t, t + 1.5, "left_leg") for t in (4000.0, 4030.0, 4060.0, 4090.0)),
    *((t + 1, t + 2.0, "right_leg") for t in (4000.0, 4030.0, 4060.0, 4090.0)),
    # in R, one alone and one soon after it
    (5000.0, 5001.0, "left_leg"),
    (5005.0, 5006.0, "left_leg"),
    # in N3, too long for a candidate
    (6000.0, 6012.0, "right_leg"),
]
MARKS = [
    (1021.25, 1030.0, "arousal", ""),
    (1036.0, 1040.0, "arousal", ""),
    (2000.0, 2005.0, "arousal", ""),
    (1085.0, 1099.0, "apnea", ""),
]


def events(*more: tuple[float, float, str, str]) -> Events:
    rows = [*((onset, end, "lm", site) for onset, end, site in ROWS), *MARKS, *more]
    return Events.of(*([row[i] for row in rows] for i in range(4)))


def night(*more: tuple[float, float, str, str], settings: Settings | None = None) -> NightReport:
    return score_night(events(*more), STAGES, settings)


def legs_of(report: NightReport) -> dict[str, Index]:
    return dict(report.indices["legs"])


COUNTS = {
    "lm_n": 21,
    "clm_n": 20,
    "plm_n": 18,
    "plmnr_n": 17,
    "plms_n": 14,
    "plmw_n": 4,
    "plmsnr_n": 13,
    "series_n": 3,
}
RATES = {
    "plms_index": (14, TST_H),
    "plmw_index": (4, WAKE_H),
    "plms_nrem_index": (10, NREM_H),
    "plms_rem_index": (4, REM_H),
    "plmsnr_index": (13, TST_H),
    "plmsnr_nrem_index": (9, NREM_H),
    "plmsnr_rem_index": (4, REM_H),
    "plms_arousal_index": (2, TST_H),
    "plmsnr_arousal_index": (2, TST_H),
    "clms_index": (16, TST_H),
    "clmw_index": (4, WAKE_H),
    "clmsr_index": (1, TST_H),
    "isolated_lms_index": (1, TST_H),
    "isolated_lmw_index": (0, WAKE_H),
    "short_interval_lms_index": (1, TST_H),
    "short_interval_lmw_index": (0, WAKE_H),
    "lm_index_recording": (21, 2.0),
    "plm_index_recording": (18, 2.0),
}
LOGS = np.log([20.0] * 9 + [30.0] * 3)
REST = {
    "periodicity_index_wasm_sleep": 14 / 16,
    "periodicity_index_wasm_wake": 1.0,
    "periodicity_index_ferri": 12 / 16,
    "imi_log_mean_s": math.exp(LOGS.mean()),
    "imi_log_sd": LOGS.std(ddof=1),
    "plm_duration_mean_s": (14 * 1.0 + 4 * 2.0) / 18,
    "bilateral_share": 4 / 20,
}


@pytest.mark.parametrize("name", COUNTS)
def test_a_count_by_hand(name: str) -> None:
    index = legs_of(night())[name]
    assert (index.value, index.unit) == (COUNTS[name], "1")


@pytest.mark.parametrize("name", RATES)
def test_a_rate_by_hand(name: str) -> None:
    index = legs_of(night())[name]
    numerator, hours = RATES[name]
    assert index.numerator == numerator
    assert index.denominator_h == pytest.approx(hours)
    assert index.value == pytest.approx(numerator / hours)
    assert index.unit == "1/h"


@pytest.mark.parametrize("name", REST)
def test_a_share_or_a_mean_by_hand(name: str) -> None:
    assert legs_of(night())[name].value == pytest.approx(REST[name])


def test_every_index_of_the_hand_computed_night_was_computed_by_hand() -> None:
    assert set(legs_of(night())) == {*COUNTS, *RATES, *REST}


def test_the_periodicity_example_of_the_rule_sheet() -> None:
    onsets = [0.0, 20, 40, 60, 64, 90, 115, 140, 300]
    marks = Events.of(onsets, [t + 2 for t in onsets], ["lm"] * 9, ["left_leg"] * 9)
    asleep = Hypnogram.of(["N2"] * 20)
    found = legs_of(score_night(marks, asleep))
    assert found["periodicity_index_ferri"].value == 0.75
    assert found["periodicity_index_ferri"].numerator == 6
    assert found["periodicity_index_wasm_sleep"].value == pytest.approx(8 / 9)
    end = replace(WASM_2016, series=replace(WASM_2016.series, after_short_imi="end"))
    found = legs_of(score_night(marks, asleep, Settings(rules=end)))
    assert found["periodicity_index_wasm_sleep"].value == pytest.approx(4 / 9)
    assert found["periodicity_index_ferri"].value == 0.75


# by part


def rows_by(report: NightReport, by: str, group: str = "legs") -> dict[str, BreakdownRow]:
    return {row.level: row for row in report.breakdown if (row.group, row.by) == (group, by)}


def counted(report: NightReport, by: str, name: str) -> dict[str, float | None]:
    return {
        level: row.indices[name].numerator if name.endswith("_index") else row.indices[name].value
        for level, row in rows_by(report, by).items()
    }


def test_the_night_by_stage() -> None:
    assert counted(night(), "stage", "lm_n") == {
        "W": 4,
        "N1": 0,
        "N2": 10,
        "N3": 1,
        "R": 6,
        "UNSCORED": 0,
    }
    plm = {level: row.indices["plm_index"] for level, row in rows_by(night(), "stage").items()}
    assert plm["R"].value == pytest.approx(4 / REM_H)
    assert plm["N3"].value == 0
    assert plm["N1"].reason == "no N1 scored between lights off and on"


def test_the_night_by_hour_and_by_half() -> None:
    for by, levels in (("hour", ["1", "2"]), ("half", ["first", "second"])):
        assert counted(night(), by, "plm_n") == dict(zip(levels, [14, 4], strict=True))
        rows = rows_by(night(), by)
        first, second = (rows[level].indices["plms_index"] for level in levels)
        assert (first.numerator, first.denominator_h) == (10, pytest.approx(5 / 6))
        assert (second.numerator, second.denominator_h) == (4, pytest.approx(1.0))
        assert rows[levels[0]].indices["plm_index"].value == pytest.approx(14.0)


def test_hours_count_from_lights_off_and_the_last_may_be_short() -> None:
    report = night(settings=Settings(lights_off_s=900.0, lights_on_s=6000.0))
    assert counted(report, "hour", "clm_n") == {"1": 14, "2": 2}
    second = rows_by(report, "hour")["2"].indices["plm_index"]
    assert second.denominator_h == pytest.approx(1500 / 3600)
    assert counted(report, "half", "clm_n") == {"first": 10, "second": 6}


def test_the_night_by_side() -> None:
    assert counted(night(), "side", "lm_n") == {"left_leg": 6, "right_leg": 11, "both_legs": 4}
    plms = {level: row.indices["plms_index"] for level, row in rows_by(night(), "side").items()}
    assert {level: index.numerator for level, index in plms.items()} == {
        "left_leg": 0,
        "right_leg": 10,
        "both_legs": 4,
    }
    assert plms["right_leg"].denominator_h == pytest.approx(TST_H)


def test_a_movement_without_a_side_has_a_row_of_its_own() -> None:
    report = night((3000.0, 3001.0, "lm", ""))
    assert counted(report, "side", "lm_n")["side unknown"] == 1
    assert legs_of(report)["lm_n"].value == 22


def test_intervals_fall_into_bins_by_the_state_they_end_in() -> None:
    histogram = night().imi["legs"]
    edges = histogram.edges_s
    assert edges[0] == 1.0
    assert np.allclose(np.diff(np.log(edges)), 0.1)
    filled = {
        (round(low, 2), round(high, 2)): (int(sleep), int(wake))
        for low, high, sleep, wake in zip(
            edges, edges[1:], histogram.sleep_n, histogram.wake_n, strict=False
        )
        if sleep or wake
    }
    bins = [(math.floor(10 * math.log(imi)) / 10) for imi in (5, 20, 30)]
    wanted = [(round(math.exp(x), 2), round(math.exp(x + 0.1), 2)) for x in bins]
    assert filled == dict(zip(wanted, [(1, 0), (9, 3), (3, 0)], strict=True))


# what counts where


def test_only_movements_between_the_lights_count_except_per_hour_recorded() -> None:
    report = night(settings=Settings(lights_off_s=1010.0, lights_on_s=4090.0))
    found = legs_of(report)
    assert found["plms_n"].value == 9 + 3
    assert found["plmw_n"].value == 0
    assert found["plmw_index"].reason == "no W scored between lights off and on"
    assert found["plms_index"].denominator_h == pytest.approx((4090 - 1010) / 3600)
    assert found["plm_index_recording"].numerator == 18
    assert found["plm_index_recording"].denominator_h == 2.0


def test_a_movement_at_lights_off_counts_and_one_at_lights_on_does_not() -> None:
    found = legs_of(night(settings=Settings(lights_off_s=1020.0, lights_on_s=1080.0)))
    assert found["lm_n"].value == 3


def group_night(
    observed: list[list[float]], *, has_arousals: bool = True, reason: str = ""
) -> GroupNight:
    table = Movements.of(*([row[i] for row in ROWS] for i in range(3)))
    lights = Lights(off_s=0.0, on_s=7200.0, off_source="option", on_source="option")
    return GroupNight(
        scored=score_movements(table, STAGES, events()),
        time=NightTime(hypnogram=STAGES, lights=lights, observed=np.array(observed).reshape(-1, 2)),
        rules=WASM_2016,
        has_arousals=has_arousals,
        reason=reason,
    )


def test_time_nobody_could_see_a_movement_in_is_in_no_denominator() -> None:
    """Unseen: 60 s of wake, 600 s of N2, 900 s of N3."""
    hand = group_night([[60.0, 1800.0], [2400.0, 6300.0]])
    found = movement_indices(hand)
    assert found["plms_index"].denominator_h == pytest.approx(TST_H - 1500 / 3600)
    assert found["plms_nrem_index"].denominator_h == pytest.approx(NREM_H - 1500 / 3600)
    assert found["plms_rem_index"].denominator_h == pytest.approx(REM_H)
    assert found["plmw_index"].denominator_h == pytest.approx(540 / 3600)
    assert found["lm_index_recording"].denominator_h == pytest.approx(2 - 1560 / 3600)
    rows = {(row.by, row.level): row.indices for row in breakdown("legs", hand)}
    assert rows["stage", "N3"]["plm_index"].denominator_h == pytest.approx(900 / 3600)
    assert rows["hour", "1"]["plms_index"].denominator_h == pytest.approx(2400 / 3600)
    assert rows["half", "second"]["plm_index"].denominator_h == pytest.approx(2700 / 3600)
    assert rows["side", "left_leg"]["plms_index"].denominator_h == pytest.approx(
        TST_H - 1500 / 3600
    )


def test_sleep_nobody_could_see_a_movement_in_gives_a_reason() -> None:
    found = movement_indices(group_night([[0.0, 600.0]]))
    assert found["plms_index"].reason == "no sleep while a movement could have been seen"
    assert found["plms_rem_index"].reason == "no R while a movement could have been seen"
    assert found["plmw_index"].value == pytest.approx(24.0)


def test_a_group_without_channels_has_its_reason_everywhere_and_no_breakdown() -> None:
    hand = group_night([], reason="no leg EMG channel in the recording")
    found = movement_indices(hand)
    assert {index.value for index in found.values()} == {None}
    assert {index.reason for index in found.values()} == {"no leg EMG channel in the recording"}
    assert breakdown("legs", hand) == ()


def test_arousals_nobody_scored_are_missing_and_not_none() -> None:
    names = ("plms_arousal_index", "plmsnr_arousal_index")
    unknown = movement_indices(group_night([[0.0, 7200.0]], has_arousals=False))
    for name in names:
        assert (unknown[name].value, unknown[name].reason) == (
            None,
            "no scored arousals were given",
        )
    marks = events().of_kind(["lm", "apnea"])
    none = score_night(marks, STAGES)
    assert [legs_of(none)[name].value for name in names] == [0.0, 0.0]
    assert none.indices["disruption"]["arousal_index"].reason == "no scored arousals were given"


def test_few_movements_have_no_spread_of_intervals() -> None:
    def after(onsets: list[float]) -> dict[str, Index]:
        n = len(onsets)
        table = Events.of(onsets, [t + 1 for t in onsets], ["lm"] * n, ["left_leg"] * n)
        return legs_of(score_night(table, Hypnogram.of(["N2"] * 20)))

    one = after([100.0])
    assert one["periodicity_index_ferri"].reason == "no inter-movement interval"
    assert one["imi_log_mean_s"].reason == "no interval of 10-90 s"
    assert one["plm_duration_mean_s"].reason == "no periodic movement"
    assert one["periodicity_index_wasm_sleep"].value == 0.0
    assert one["periodicity_index_wasm_wake"].reason == "no candidate movement in wake"
    assert one["isolated_lms_index"].numerator == 1
    two = after([100.0, 120.0])
    assert two["imi_log_mean_s"].value == pytest.approx(20.0)
    assert two["imi_log_sd"].reason == "fewer than two intervals of 10-90 s"
    assert two["periodicity_index_ferri"].value == 0.0
    long = after([100.0, 120.0, 140.0])
    assert long["isolated_lms_index"].numerator == 3
    assert long["periodicity_index_ferri"].value == 0.0


def test_a_movement_that_opens_a_series_is_no_short_interval_one() -> None:
    onsets = [100.0, 105.0, 125.0, 145.0, 165.0, 168.0]
    table = Events.of(onsets, [t + 1 for t in onsets], ["lm"] * 6, ["left_leg"] * 6)
    found = legs_of(score_night(table, Hypnogram.of(["N2"] * 20)))
    assert found["plms_n"].value == 4
    assert found["isolated_lms_index"].numerator == 1
    assert found["short_interval_lms_index"].numerator == 1


def test_arms_have_indices_of_their_own() -> None:
    onsets = [3000.0, 3020.0, 3040.0, 3060.0]
    report = night(*((t, t + 1, "lm", "right_arm") for t in onsets))
    assert legs_of(report)["plm_n"].value == 18
    assert report.indices["arms"]["plms_n"].value == 4
    assert report.indices["arms"]["plms_index"].value == pytest.approx(4 / TST_H)
    assert report.indices["trunk"]["plms_n"].reason == "no movements of the trunk were scored"
    assert counted(report, "side", "lm_n")["right_leg"] == 11
    assert rows_by(report, "side", "arms")["right_arm"].indices["lm_n"].value == 4


def test_a_movement_of_the_whole_body_is_in_the_report_or_in_a_finding() -> None:
    report = night((3000.0, 3005.0, "lm", "whole_body"))
    said = any("whole_body" in f.message or "whole body" in f.message for f in report.findings)
    assert said or "whole_body" in report.movements.movements.site


def test_ten_seconds_are_periodic_in_a_series_and_not_in_the_index_of_ferri() -> None:
    def found(every_s: float) -> dict[str, Index]:
        onsets = [every_s * n for n in range(9)]
        marks = Events.of(onsets, [t + 1 for t in onsets], ["lm"] * 9, ["left_leg"] * 9)
        return legs_of(score_night(marks, Hypnogram.of(["N2"] * 30)))

    assert found(10.0)["periodicity_index_ferri"].value == 0.0
    assert found(10.1)["periodicity_index_ferri"].value == 1.0
    assert found(90.0)["periodicity_index_ferri"].value == 1.0
    assert found(10.0)["periodicity_index_wasm_sleep"].value == 1.0


def test_aasm_3_counts_a_movement_only_with_a_part_in_sleep() -> None:
    onsets = [1.0, 15.0, 29.5, 40.0, 55.0, 70.0, 85.0]
    marks = Events.of(onsets, [t + 1 for t in onsets], ["lm"] * 7, ["left_leg"] * 7)
    stages = Hypnogram.of(["W", "N2", "N2", "W"])
    found = legs_of(score_night(marks, stages, Settings(rules=AASM_3)))
    # the first two lie in wake; the third reaches into sleep
    assert found["clm_n"].value == 5
    assert found["plms_n"].value == 5
    for name in ("plmw_n", "plmw_index", "clmw_index", "periodicity_index_wasm_wake"):
        assert found[name].value is None
        assert found[name].reason == "these rules score no movement in wake"
    unstaged = legs_of(score_night(marks, None, Settings(rules=AASM_3)))
    assert unstaged["plm_n"].value == 7
