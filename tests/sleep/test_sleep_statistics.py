"""Sleep statistics and fragmentation, by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from psgkit.core.events import Events
from psgkit.core.hypnogram import SLEEP_STAGES, STAGES, Hypnogram
from psgkit.core.index import Index
from psgkit.core.index_catalogue import names_of
from psgkit.core.night_report import Lights
from psgkit.sleep.alignment import align
from psgkit.sleep.statistics import disruption_indices, sleep_statistics
from psgkit.sleep.time_in_stages import SLEEP_NOT_DIVIDED, NightTime

EXAMPLE = ["W", "W", "W", "N1", "N2", "N2", "N3", "W", "N1", "N2", "R", "R", "N2", "W", "W"]
"""The example of the rule sheet, section 11: 15 epochs of 30 s."""


def night(
    stages: list[str] | None,
    lights: tuple[float, float] | None = None,
    observed: list[list[float]] | None = None,
) -> NightTime:
    end_s = 30.0 * len(stages or [0])
    off_s, on_s = lights or (0.0, end_s)
    return NightTime(
        hypnogram=None if stages is None else align(Hypnogram.of(stages), end_s),
        lights=Lights(off_s=off_s, on_s=on_s, off_source="option", on_source="option"),
        observed=np.array(observed or [[0.0, end_s]]),
    )


def values(indices: dict[str, Index]) -> dict[str, float | None]:
    return {name: index.value for name, index in indices.items()}


def statistics(
    stages: list[str] | None, lights: tuple[float, float] | None = None
) -> dict[str, float | None]:
    return values(sleep_statistics(night(stages, lights)))


def disruption(stages: list[str], lights: tuple[float, float] | None = None) -> dict[str, Index]:
    return disruption_indices(night(stages, lights), Events.none())


# the worked example


def test_the_sleep_statistics_of_the_worked_example() -> None:
    wanted = {
        "tib_min": 7.5,
        "trt_min": 7.5,
        "spt_min": 5.0,
        "tst_min": 4.5,
        "sol_min": 1.5,
        "waso_min": 1.5,
        "waso_within_spt_min": 0.5,
        "se_pct": 60.0,
        "sme_pct": 90.0,
        "rem_latency_min": 3.5,
        "lps_min": None,
        "cycles_n": 0,
        "n1_min": 1.0,
        "n2_min": 2.0,
        "n3_min": 0.5,
        "r_min": 1.0,
        "w_min": 3.0,
        "n1_pct": 100 / 4.5,
        "n2_pct": 200 / 4.5,
        "n3_pct": 50 / 4.5,
        "r_pct": 100 / 4.5,
        "unscored_min": 0.0,
    }
    found = statistics(EXAMPLE)
    assert found == pytest.approx(wanted)
    assert set(found) == set(names_of("sleep"))


def test_the_fragmentation_of_the_worked_example() -> None:
    """Seven shifts within the sleep period, one awakening and N1 after it, in 4.5 min of sleep."""
    tst_h = 4.5 / 60
    found = disruption(EXAMPLE)
    numerators = {
        "stage_shift_index": 7,
        "awakening_index": 1,
        "sfi_haba_rubio": 8,
        "sfi_morrell": 1,
        "sfi_yasa": 1,
        "arousal_index": 0,
    }
    for name, numerator in numerators.items():
        assert found[name].numerator == numerator, name
        assert found[name].denominator_h == pytest.approx(tst_h), name
        assert found[name].value == pytest.approx(numerator / tst_h), name
    assert found["wake_bouts_n"].value == 1
    assert found["sleep_bout_median_min"].value == pytest.approx((2.0 + 2.5) / 2)


def test_the_transition_entropy_of_the_worked_example() -> None:
    """N1 goes to N2 twice; N2 to N2, N3, R; R to R and N2; N3 and W go one way."""
    shares = {"N2": [1, 1, 1], "R": [1, 1]}
    bits = sum(-n / 9 * math.log2(n / sum(row)) for row in shares.values() for n in row)
    assert disruption(EXAMPLE)["transition_entropy_bits"].value == pytest.approx(bits)


# lights


def test_lights_off_the_grid_cut_the_epochs_they_lie_in() -> None:
    """Off 10 s into the first epoch of N1, on 20 s into the epoch of N3."""
    found = statistics(["W", "N1", "N2", "N3", "W"], lights=(40.0, 110.0))
    wanted = {"n1_min": 20 / 60, "n2_min": 0.5, "n3_min": 20 / 60, "w_min": 0.0, "sol_min": 0.0}
    assert {name: found[name] for name in wanted} == pytest.approx(wanted)
    assert found["tib_min"] == pytest.approx(70 / 60)
    assert found["se_pct"] == pytest.approx(100.0)


def test_sleep_before_lights_off_and_after_lights_on_does_not_count() -> None:
    stages = ["N2", "W", "W", "N2", "N2", "W", "N2"]
    found = statistics(stages, lights=(30.0, 180.0))
    assert found["sol_min"] == 1.0
    assert found["tst_min"] == 1.0
    assert found["waso_min"] == 0.5
    assert found["waso_within_spt_min"] == 0.0


def test_shifts_outside_the_lights_do_not_count() -> None:
    stages = ["N1", "N2", "W", "N2", "N2", "N3", "W", "N1"]
    found = disruption(stages, lights=(90.0, 180.0))
    assert found["stage_shift_index"].numerator == 1
    assert found["awakening_index"].numerator == 0


def test_sleep_latency_counts_from_lights_off() -> None:
    found = statistics(["W"] * 6 + ["N2", "R"], lights=(60.0, 240.0))
    assert found["sol_min"] == 2.0
    assert found["rem_latency_min"] == 0.5


# unscored is not wake


def test_unscored_time_is_neither_sleep_nor_wake() -> None:
    found = statistics(["UNSCORED", "N2", "UNSCORED", "N2", "UNSCORED", "W"])
    assert found["tst_min"] == 1.0
    assert found["w_min"] == 0.5
    assert found["unscored_min"] == 1.5
    assert found["waso_min"] == 0.5
    assert found["waso_within_spt_min"] == 0.0
    assert found["spt_min"] == 1.5
    assert found["sme_pct"] is None


def test_an_efficiency_of_which_a_fifth_is_unscored_is_given_and_more_is_not() -> None:
    a_fifth = sleep_statistics(night(["N2"] * 7 + ["UNSCORED"] * 2 + ["W"]))
    assert (a_fifth["se_pct"].value, a_fifth["sme_pct"].value) == (70.0, 100.0)
    more = sleep_statistics(night(["N2"] * 6 + ["UNSCORED"] * 3 + ["N2"]))
    for name, percent in (("se_pct", 30), ("sme_pct", 30)):
        reason = f"{percent} % of the time has no stage: efficiency would count it as wake"
        assert (more[name].value, more[name].reason) == (None, reason)
    assert sleep_statistics(night(["N2"] * 7 + ["UNSCORED"] * 3), 0.5)["se_pct"].value == 70.0


def test_waking_up_into_unscored_time_is_no_awakening() -> None:
    found = disruption(["N2", "UNSCORED", "N2", "N2"])
    assert found["awakening_index"].numerator == 0
    assert found["stage_shift_index"].numerator == 0
    assert found["sleep_bout_median_min"].value == 0.75


# no sleep, no stages


def test_without_a_hypnogram_only_the_time_in_bed_is_known() -> None:
    found = sleep_statistics(night(None))
    assert list(found) == list(names_of("sleep"))
    known = {name for name, index in found.items() if index.value is not None}
    assert known == {"tib_min", "trt_min"}
    assert found["tst_min"].reason == "no hypnogram: sleep and wake are unknown"
    fragmented = disruption_indices(night(None), Events.none())
    assert list(fragmented) == list(names_of("disruption"))
    assert all(index.reason for index in fragmented.values())


@pytest.mark.parametrize("stages", [["W"] * 4, ["UNSCORED"] * 4, ["W", "UNSCORED"] * 2])
def test_without_sleep_there_is_no_latency_and_no_share(stages: list[str]) -> None:
    found = sleep_statistics(night(stages))
    reason = "no sleep scored between lights off and on"
    for name in ("sol_min", "spt_min", "waso_min", "sme_pct", "rem_latency_min", "n2_pct"):
        assert (found[name].value, found[name].reason) == (None, reason), name
    assert found["tst_min"].value == 0.0
    assert found["w_min"].value == 0.5 * stages.count("W")
    assert found["unscored_min"].value == 0.5 * stages.count("UNSCORED")
    assert found["se_pct"].value == (None if "UNSCORED" in stages else 0.0)
    assert {index.reason for index in disruption(stages).values()} == {reason}


def test_sleep_outside_the_lights_is_no_sleep() -> None:
    found = sleep_statistics(night(["N2", "W", "W"], lights=(30.0, 90.0)))
    assert found["sol_min"].reason == "no sleep scored between lights off and on"


def test_without_rem_sleep_there_is_no_latency_to_it() -> None:
    found = sleep_statistics(night(["N1", "N2"]))
    assert found["rem_latency_min"].reason == "no R scored between lights off and on"
    assert found["r_pct"].value == 0.0


def test_one_epoch_of_sleep_has_no_next_one() -> None:
    found = disruption(["W", "N2", "W"])
    assert found["transition_entropy_bits"].reason == "fewer than two scored epochs of sleep"
    assert found["stage_shift_index"].value == 0.0


# definitions of fragmentation


@pytest.mark.parametrize(
    ("stages", "awakenings", "shifts", "to_n1"),
    [
        ("W N2 N2 N2 W", 0, 0, 0),
        ("N2 W N2", 1, 2, 0),
        ("N2 W W W N2", 1, 2, 0),
        ("N2 W N1 N2", 1, 3, 0),
        ("N1 N2 N1 R N1", 0, 4, 2),
        ("N2 W N1 N2 N1", 1, 4, 1),
        ("N2 W N2 W N2", 2, 4, 0),
    ],
)
def test_what_each_fragmentation_index_counts(
    stages: str, awakenings: int, shifts: int, to_n1: int
) -> None:
    found = disruption(stages.split())
    assert found["awakening_index"].numerator == awakenings
    assert found["wake_bouts_n"].value == awakenings
    assert found["sfi_yasa"].numerator == awakenings
    assert found["stage_shift_index"].numerator == shifts
    assert found["sfi_haba_rubio"].numerator == awakenings + shifts
    assert found["sfi_morrell"].numerator == awakenings + to_n1


@pytest.mark.parametrize(
    ("stages", "bits"),
    [
        ("N2 N2 N2 N2", 0.0),
        ("N1 N2 N1 N2 N1", 0.0),
        ("N2 N2 N1 N2 N2 N1", 0.8),  # N2 stays or leaves with 2 of 4 each; N1 always goes to N2
        ("N2 N2 N1 N1 N2", 1.0),
    ],
)
def test_the_transition_entropy_by_hand(stages: str, bits: float) -> None:
    assert disruption(stages.split())["transition_entropy_bits"].value == pytest.approx(bits)


# arousals


def arousals(*onsets: float) -> Events:
    n = len(onsets)
    return Events.of(onsets, [t + 4 for t in onsets], ["arousal"] * n, [""] * n)


def test_arousals_count_per_hour_of_sleep() -> None:
    found = disruption_indices(night(["N2"] * 120), arousals(10.0, 500.0, 3599.0))
    assert found["arousal_index"].value == pytest.approx(3.0)


def test_arousals_outside_the_lights_do_not_count() -> None:
    time = night(["N2"] * 120, lights=(600.0, 3000.0))
    found = disruption_indices(time, arousals(599.9, 600.0, 2999.9, 3000.0))
    assert found["arousal_index"].numerator == 2


def test_arousals_nobody_scored_are_not_none() -> None:
    time = night(["N2"] * 120)
    unknown = disruption_indices(time, None)["arousal_index"]
    assert (unknown.value, unknown.reason) == (None, "no scored arousals were given")
    assert disruption_indices(time, Events.none())["arousal_index"].value == 0.0


# laws


STAGES_OF_SLEEP = ("N1", "N2", "N3", "R")


def test_sleep_without_stages_gives_sleep_and_wake_alone() -> None:
    stages = ["W"] * 10 + ["SLEEP"] * 60 + ["W"] * 10 + ["SLEEP"] * 40
    found = sleep_statistics(night(stages))
    values = {name: found[name].value for name in ("tib_min", "tst_min", "sol_min", "waso_min")}
    assert values == {"tib_min": 60.0, "tst_min": 50.0, "sol_min": 5.0, "waso_min": 5.0}
    told = disruption(stages)
    assert told["awakening_index"].value == pytest.approx(60 / 50)
    for index in (found["n2_min"], found["r_pct"], found["rem_latency_min"]):
        assert (index.value, index.reason) == (None, SLEEP_NOT_DIVIDED)
    for name in ("stage_shift_index", "sfi_morrell", "transition_entropy_bits"):
        assert (told[name].value, told[name].reason) == (None, SLEEP_NOT_DIVIDED)


@given(
    st.lists(st.sampled_from(["W", *STAGES_OF_SLEEP, "UNSCORED"]), min_size=1, max_size=40),
    st.tuples(st.integers(0, 1200), st.integers(1, 1200)),
)
def test_the_parts_of_the_night_add_up(stages: list[str], window: tuple[int, int]) -> None:
    end_s = 30.0 * len(stages)
    off_s = min(window[0], end_s - 1)
    on_s = min(off_s + window[1], end_s)
    found = statistics(stages, lights=(off_s, on_s))
    minutes = {name: value or 0.0 for name, value in found.items()}
    asleep = sum(minutes[f"{stage.lower()}_min"] for stage in STAGES_OF_SLEEP)
    assert minutes["tst_min"] == pytest.approx(asleep)
    assert minutes["tib_min"] == pytest.approx((on_s - off_s) / 60)
    assert asleep + minutes["w_min"] + minutes["unscored_min"] == pytest.approx(minutes["tib_min"])
    if minutes["tst_min"]:
        assert sum(minutes[f"{stage.lower()}_pct"] for stage in STAGES_OF_SLEEP) == pytest.approx(
            100
        )
        assert minutes["waso_within_spt_min"] <= minutes["waso_min"] + 1e-9
        assert minutes["tst_min"] <= minutes["spt_min"] + 1e-9
        assert minutes["sol_min"] + minutes["spt_min"] <= minutes["tib_min"] + 1e-9


@given(st.lists(st.sampled_from(STAGES), min_size=1, max_size=40))
def test_every_name_is_there_with_a_value_or_a_reason(stages: list[str]) -> None:
    for found in (sleep_statistics(night(stages)), disruption(stages)):
        for name, index in found.items():
            assert index.name == name
            assert (index.value is None) == (index.reason is not None)
            assert index.reason != ""
            assert index.value is None or math.isfinite(index.value)
    assert set(sleep_statistics(night(stages))) == set(names_of("sleep"))
    assert set(disruption(stages)) == set(names_of("disruption"))


@given(st.lists(st.sampled_from(["W", "N1", "N2", "R"]), min_size=2, max_size=40))
def test_epochs_of_half_the_length_change_no_statistic(stages: list[str]) -> None:
    one = night(stages)
    twice = NightTime(
        hypnogram=Hypnogram.of([stage for stage in stages for _ in (0, 1)], epoch_s=15.0),
        lights=one.lights,
        observed=one.observed,
    )
    assert values(sleep_statistics(twice)) == pytest.approx(values(sleep_statistics(one)))
    per_epoch = "transition_entropy_bits"
    a, b = (values(disruption_indices(time, Events.none())) for time in (one, twice))
    assert {k: v for k, v in a.items() if k != per_epoch} == pytest.approx(
        {k: v for k, v in b.items() if k != per_epoch}
    )


# the clock of the indices


def test_time_nobody_could_see_a_movement_in_is_in_no_hour() -> None:
    time = night(["N2"] * 120, observed=[[0.0, 900.0], [1800.0, 3600.0]])
    assert time.hours(SLEEP_STAGES) == pytest.approx(0.75)
    assert time.hours_within(np.array([[600.0, 2000.0]])) == pytest.approx(500 / 3600)
    assert time.within(np.array([[0.0, 1000.0]])).hours(["N2"]) == pytest.approx(0.25)


def test_why_there_are_no_hours() -> None:
    assert night(None).why_no_hours(["W"]) == "no hypnogram: sleep and wake are unknown"
    awake = night(["W"])
    assert awake.why_no_hours(SLEEP_STAGES) == "no sleep scored between lights off and on"
    assert awake.why_no_hours(["R"]) == "no R scored between lights off and on"
    unseen = night(["N2", "W"], observed=[[30.0, 60.0]])
    assert unseen.hours(SLEEP_STAGES) == 0
    assert unseen.why_no_hours(SLEEP_STAGES) == "no sleep while a movement could have been seen"


def test_persistent_sleep_begins_with_ten_minutes_without_a_break() -> None:
    stages = ["W"] * 4 + ["N1"] * 19 + ["W"] + ["N2"] * 20
    found = statistics(stages)
    assert found["sol_min"] == 2.0
    assert found["lps_min"] == 12.0
    short = sleep_statistics(night(["N2"] * 19 + ["W"] + ["N2"] * 19))["lps_min"]
    assert short.reason == "no sleep of 10 minutes without a break"


@pytest.mark.parametrize(
    ("minutes", "cycles"),
    [
        ("N2 15 R 1", 1),
        ("N2 14.5 R 20", 0),
        ("N2 15 R 1 N2 15 R 4.5", 1),
        ("N2 15 R 1 N2 15 R 5", 2),
        ("N2 15 R 1 N2 14 R 20", 1),
        ("N2 15 R 1 N2 15 R 3 N2 5 R 2", 2),
        ("R 10 N2 60 R 10", 1),
        ("N2 90 W 5", 0),
    ],
)
def test_sleep_cycles(minutes: str, cycles: int) -> None:
    words = minutes.split()
    pairs = zip(words[::2], words[1::2], strict=True)
    stages = [stage for stage, spent in pairs for _ in range(int(2 * float(spent)))]
    assert statistics(stages)["cycles_n"] == cycles


def test_the_ahi_is_of_scored_apnoeas_and_hypopnoeas_with_a_part_in_sleep() -> None:
    stages = ["W"] * 2 + ["N2"] * 118
    onset_s = [10.0, 55.0, 100.0, 200.0, 300.0]
    kinds = ["apnea", "apnea", "hypopnea", "rera", "hypopnea"]
    events = Events.of(onset_s, [t + 15 for t in onset_s], kinds, [""] * 5)
    found = disruption_indices(night(stages), None, events)["ahi"]
    assert (found.numerator, found.denominator_h) == (3, pytest.approx(59 / 60))
    missing = disruption_indices(night(stages), None)["ahi"]
    assert missing.reason == "no scored respiratory events were given"
