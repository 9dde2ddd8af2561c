"""The immobilisation test by hand-made series: two rules, denominators, steps, answers."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from catalogue_laws import check_all_computed, check_computed

from psgkit.core.discomfort import Discomfort
from psgkit.core.hypnogram import Hypnogram
from psgkit.core.movements import Movements
from psgkit.core.recording import Channel, Recording, Segment
from psgkit.core.site import Site
from psgkit.detect.emg.channels import GroupDetection
from psgkit.report.sit.document import sit_as_json
from psgkit.simulate import SimulationOptions, simulate_night
from psgkit.sit.evidence import figures_of
from psgkit.sit.indices import (
    GroupTest,
    discomfort_mean,
    group_indices,
    group_test,
    intervals_in_series,
    modal,
)
from psgkit.sit.report import PROTOCOLS, SitReport, SitSettings, SitTest
from psgkit.sit.rest_parts import RestPart
from psgkit.sit.rest_test import analyse_rest_test
from psgkit.sit.test_window import MarkedPart, find_part
from psgkit.sit.walk import analyse_sit

SETTINGS = SitSettings()
SHREDDED = [6.0, 12.0, 11.0]
"""Intervals of which 2016 allows two in a row: three movements, no series."""


def a_test(from_s: float = 0.0, to_s: float = 3600.0, name: str = "sit") -> SitTest:
    part = MarkedPart(from_s=from_s, to_s=to_s, source="--from, --to")
    return SitTest(protocol=PROTOCOLS[name], part=part)


def onsets(intervals: list[float], count: int, first_s: float = 0.0) -> list[float]:
    return [first_s, *(first_s + np.cumsum(np.resize(intervals, count - 1))).tolist()]


def group(
    onset_s: list[float],
    test: SitTest,
    awake: list[tuple[float, float]] | None = None,
    observed: list[tuple[float, float]] | None = None,
    lasts_s: float = 1.0,
) -> GroupTest:
    whole = [(test.part.from_s, test.part.to_s)]
    detected = GroupDetection(
        movements=Movements.of(onset_s, [t + lasts_s for t in onset_s], "left_leg"),
        observed=np.array(observed or [(0.0, 10_000.0)]),
        reason="",
    )
    return group_test(detected, test, np.array(awake or whole), SETTINGS)


def values(found: GroupTest, name: str = "sit") -> dict[str, float | None]:
    indices = group_indices(found, PROTOCOLS[name], SETTINGS)
    return {key: index.value for key, index in indices.items()}


# two rules


def test_the_older_rule_counts_a_series_that_2016_shreds() -> None:
    found = values(group(onsets(SHREDDED, 300), a_test(to_s=3600.0)))
    assert found["sit_index_older"] == 300.0
    assert found["sit_index_wasm2016"] == 0.0
    assert (found["plm_older_n"], found["plm_wasm2016_n"], found["lm_n"]) == (300.0, 0.0, 300.0)
    assert (found["series_older_n"], found["series_wasm2016_n"]) == (1.0, 0.0)


def test_three_long_intervals_in_a_row_are_a_series_for_both() -> None:
    found = values(group(onsets([6.0, 12.0, 11.0, 10.0], 80), a_test()))
    assert found["sit_index_older"] == 80.0
    # the first movement stands alone before the 6 s, and the last three are too few
    assert found["plm_wasm2016_n"] == 76.0
    assert found["series_wasm2016_n"] == 19.0


@pytest.mark.parametrize(("imi_s", "counts"), [(3.99, 0), (4.0, 4), (90.0, 4), (90.01, 0)])
def test_intervals_of_the_older_rule_include_4_and_90_s(imi_s: float, counts: int) -> None:
    assert values(group(onsets([imi_s], 4), a_test()))["plm_older_n"] == counts


@pytest.mark.parametrize(("lasts_s", "counts"), [(0.49, 0), (0.5, 4), (10.0, 4), (10.01, 0)])
def test_movements_of_half_a_second_to_ten_seconds_count(lasts_s: float, counts: int) -> None:
    found = group(onsets([20.0], 4), a_test(), lasts_s=lasts_s)
    assert values(found)["plm_older_n"] == counts


def test_intervals_are_described_within_series_only() -> None:
    # a series of five, a pause of 200 s, a series of four
    times = [*onsets([11.0, 12.0, 6.0, 11.5], 5), *onsets([30.0], 4, first_s=240.5)]
    found = group(times, a_test())
    assert intervals_in_series(found).tolist() == [11.0, 12.0, 6.0, 11.5, 30.0, 30.0, 30.0]
    indices = values(found)
    assert indices["imi_mean_s"] == pytest.approx(130.5 / 7)
    assert indices["imi_modal_s"] == pytest.approx(11.5)
    assert indices["short_imi_share"] == pytest.approx(1 / 7)


def test_the_modal_interval_of_equally_full_windows_is_the_lowest() -> None:
    assert modal(np.array([30.0, 5.0, 31.0, 6.0]), 2.0) == 5.5
    assert modal(np.array([7.0]), 2.0) == 7.0


def test_no_series_has_no_intervals_and_says_so() -> None:
    indices = group_indices(group([10.0, 20.0], a_test()), PROTOCOLS["sit"], SETTINGS)
    assert indices["sit_index_older"].value == 0.0
    assert indices["imi_mean_s"].value is None
    assert "no series" in str(indices["imi_mean_s"].reason)


# the part


def test_movements_count_that_begin_in_the_part_and_its_start_is_in_it() -> None:
    times = onsets([20.0], 30)  # 0 to 580 s
    found = values(group(times, a_test(from_s=100.0, to_s=300.0)))
    assert found["lm_n"] == found["plm_older_n"] == 10.0  # 100, 120, ..., 280


def test_no_series_reaches_across_an_end_of_the_part() -> None:
    times = onsets([20.0], 30)
    assert values(group(times, a_test(from_s=100.0, to_s=160.0)))["plm_older_n"] == 0.0
    assert values(group(times, a_test(from_s=100.0, to_s=160.1)))["plm_older_n"] == 4.0


def test_no_series_reaches_across_a_gap_and_its_time_is_not_counted() -> None:
    seen = [(0.0, 61.0), (79.0, 3600.0)]
    found = group([0.0, 20.0, 40.0, 80.0, 100.0, 120.0], a_test(), observed=seen)
    indices = group_indices(found, PROTOCOLS["sit"], SETTINGS)
    assert indices["plm_older_n"].value == 0.0
    assert indices["sit_index_older"].denominator_h == pytest.approx((3600 - 18) / 3600)


def test_a_gross_movement_ends_a_series_and_its_time_counts() -> None:
    onset_s = [0.0, 20.0, 40.0, 80.0, 100.0, 120.0]
    detected = GroupDetection(
        movements=Movements.of(onset_s, [t + 1 for t in onset_s], "trunk"),
        observed=np.array([(0.0, 3600.0)]),
        reason="",
        gross=Movements.of([60.0], [70.0], "trunk"),
    )
    found = group_test(detected, a_test(), np.array([(0.0, 3600.0)]), SETTINGS)
    index = group_indices(found, PROTOCOLS["sit"], SETTINGS)["sit_index_older"]
    assert (index.numerator, index.denominator_h) == (0.0, 1.0)


# denominators


def test_the_index_is_per_hour_however_short_the_test() -> None:
    found = group(onsets([12.0], 100), a_test(to_s=1200.0))
    index = group_indices(found, PROTOCOLS["sit"], SETTINGS)["sit_index_older"]
    assert (index.value, index.numerator, index.denominator_h) == (
        300.0,
        100.0,
        pytest.approx(1 / 3),
    )


def test_sleep_is_cut_out_of_numerator_and_denominator() -> None:
    # 12 s apart: 50 movements begin in the ten minutes of sleep
    awake = [(0.0, 1200.0), (1800.0, 3600.0)]
    found = group(onsets([12.0], 300), a_test(), awake=awake)
    index = group_indices(found, PROTOCOLS["sit"], SETTINGS)["sit_index_older"]
    assert (index.numerator, index.denominator_h) == (250.0, pytest.approx(3000 / 3600))
    assert index.value == pytest.approx(300.0)


def test_a_series_may_run_across_sleep_but_its_part_in_there_does_not_count() -> None:
    found = group(
        [0.0, 20.0, 40.0, 60.0, 80.0, 100.0], a_test(), awake=[(0.0, 30.0), (90.0, 120.0)]
    )
    assert values(found)["plm_older_n"] == 3.0


def test_a_test_slept_through_has_no_rate() -> None:
    found = group(onsets([12.0], 20), a_test(), awake=[(3599.0, 3599.0)])
    index = group_indices(found, PROTOCOLS["sit"], SETTINGS)["sit_index_older"]
    assert index.value is None
    assert "awake" in str(index.reason)


def test_the_multiple_test_has_names_of_its_own() -> None:
    names = group_indices(group([], a_test(name="msit")), PROTOCOLS["msit"], SETTINGS)
    assert {"msit_plmw", "msit_plmw_wasm2016"} <= set(names)
    assert not [name for name in names if name.startswith("sit_")]
    assert "not comparable" in PROTOCOLS["msit"].movement


# answers


def test_discomfort_is_the_mean_over_prompts_and_never_the_largest() -> None:
    found = discomfort_mean(Discomfort.of([0.0, 300.0, 600.0], [0, 10, 80]), "")
    assert (found.mean.value, found.n, found.mean.unit) == (30.0, 3, "mm")


# whole reports, from samples


def waking(seconds: float, legs: list[float], arms: list[float] | None = None) -> Recording:
    """Return a recording with bursts of 1.5 s in both legs, and in the left arm if wanted."""
    noise = np.random.default_rng(3)

    def channel(label: str, role: str, site: Site, bursts: list[float]) -> Channel:
        samples = noise.standard_normal(round(seconds * 200)).astype(np.float32)
        for onset_s in bursts:
            samples[round(onset_s * 200) : round((onset_s + 1.5) * 200)] *= 40
        return Channel(label=label, rate_hz=200.0, samples=samples, unit="uV", role=role, site=site)

    channels = [
        channel("LAT", "leg", Site.LEFT_LEG, legs),
        channel("RAT", "leg", Site.RIGHT_LEG, legs[::2]),
    ]
    if arms is not None:
        channels.append(channel("FDS-L", "arm", Site.LEFT_ARM, arms))
    return Recording(
        source="sit.edf",
        start=None,
        segments=(Segment(start_s=0.0, duration_s=seconds),),
        channels=tuple(channels),
    )


def report_of(recording: Recording, test: SitTest, hypnogram: Hypnogram | None = None) -> SitReport:
    return analyse_sit(recording, test, hypnogram)


def codes(report: SitReport) -> list[str]:
    return [finding.code for finding in report.findings]


LEGS = onsets(SHREDDED, 90, first_s=130.5)  # to 984.5 s


@pytest.fixture(scope="module")
def awake_report() -> SitReport:
    test = a_test(from_s=120.0, to_s=1020.0)
    answers = Discomfort.of([120.0, 420.0, 720.0, 1020.0, 1100.0], [0, 20, 30, 90, 100])
    recording = waking(1200.0, LEGS, onsets([30.0], 5, first_s=150.0))
    return report_of(recording, replace(test, discomfort=answers))


def test_a_recording_is_scored_by_both_rules_within_its_part(awake_report: SitReport) -> None:
    legs = awake_report.indices["legs"]
    assert legs["plm_older_n"].value == 90.0
    assert legs["sit_index_older"].value == pytest.approx(360.0)
    assert legs["sit_index_wasm2016"].value == 0.0
    assert awake_report.indices["arms"]["plm_older_n"].value == 5.0
    assert awake_report.counted.all()


def test_indices_of_a_test_and_entries_of_the_catalogue_are_the_same(
    awake_report: SitReport,
) -> None:
    both = []
    for name, protocol in PROTOCOLS.items():
        legs = group_indices(group(onsets([12.0], 40), a_test(name=name)), protocol, SETTINGS)
        test = replace(awake_report.test, protocol=protocol)
        report = replace(awake_report, test=test, indices={"legs": legs})
        both += [{"sit": figures_of(report).indices()}, {"sit": legs}]
    check_computed([awake_report.indices, {"rhythm": awake_report.rhythm}, *both])
    discomfort = {"discomfort_mean": awake_report.discomfort["all"].mean}
    part = RestPart(posture="lying", session="evening", from_s=0.0, to_s=600.0, source="")
    resting = analyse_rest_test(simulate_night("rls", hours=0.2, seed=1).recording, [part])
    rest = {"sit": dict(resting.summary)}
    check_all_computed(("sit",), [*both, rest, {"sit": discomfort}])


def test_without_stages_all_counts_as_awake_and_a_finding_says_so(awake_report: SitReport) -> None:
    assert awake_report.awake_s == 900.0
    assert {"sit.no_hypnogram", "sit.short", "sit.rules"} <= set(codes(awake_report))


def test_the_floor_is_explained_in_one_sentence(awake_report: SitReport) -> None:
    (rules,) = [found for found in awake_report.findings if found.code == "sit.rules"]
    assert "10 s floor" in rules.message
    assert rules.message.count(". ") == 0


def test_answers_outside_the_test_are_left_out_and_its_ends_are_in_it(
    awake_report: SitReport,
) -> None:
    assert awake_report.discomfort["all"].mean.value == 35.0
    assert awake_report.discomfort["all"].n == 4
    assert "discomfort.outside" in codes(awake_report)


def test_steps_of_ten_minutes_share_out_everything(awake_report: SitReport) -> None:
    steps = awake_report.steps
    assert [(step.from_s, step.to_s) for step in steps] == [(120.0, 720.0), (720.0, 1020.0)]
    whole = awake_report.indices["legs"]["sit_index_older"]
    parts = [step.indices["legs"]["sit_index_older"] for step in steps]
    assert sum(part.numerator or 0 for part in parts) == whole.numerator
    assert sum(part.denominator_h or 0 for part in parts) == pytest.approx(whole.denominator_h)
    # a prompt asks about the time before it; the first one belongs to the first step
    assert [step.discomfort.n for step in steps] == [3, 1]
    assert [step.discomfort.mean.value for step in steps] == [pytest.approx(50 / 3), 90.0]


def test_epochs_of_sleep_are_cut_out_and_said() -> None:
    stages = ["W"] * 20 + ["N1"] * 2 + ["W"] * 18
    found = report_of(waking(1200.0, LEGS), a_test(120.0, 1020.0), Hypnogram.of(stages))
    index = found.indices["legs"]["sit_index_older"]
    assert found.awake_s == 840.0
    assert index.denominator_h == pytest.approx(840 / 3600)
    inside = sum(600 <= onset_s < 660 for onset_s in LEGS)
    assert index.numerator == 90 - inside
    assert (~found.counted).sum() == inside
    (cut,) = [finding for finding in found.findings if finding.code == "sit.asleep"]
    assert "1.0 min" in cut.message
    assert set(found.movements.stage.tolist()) == {"W", "N1"}


def test_unscored_epochs_are_not_wake_either() -> None:
    stages = ["W"] * 30 + ["UNSCORED"] * 10
    found = report_of(waking(1200.0, LEGS), a_test(120.0, 1020.0), Hypnogram.of(stages))
    assert found.awake_s == 780.0
    assert "sit.unscored" in codes(found)


def test_time_that_was_not_recorded_is_not_awake() -> None:
    whole = waking(1200.0, LEGS)
    halves = (Segment(start_s=0.0, duration_s=600.0), Segment(start_s=700.0, duration_s=600.0))
    found = report_of(replace(whole, segments=halves), a_test(300.0, 1000.0))
    assert found.awake_s == 600.0
    assert found.indices["legs"]["sit_index_older"].denominator_h == pytest.approx(600 / 3600)
    assert [step.awake_s for step in found.steps] == [500.0, 100.0]


def test_stages_that_begin_after_the_test_say_nothing_about_it() -> None:
    night = Hypnogram.of(["W", "N1"] * 3, start_s=1020.0)
    found = report_of(waking(1200.0, LEGS), a_test(120.0, 1020.0), night)
    assert found.awake_s == 900.0
    assert "sit.no_hypnogram" in codes(found)


def test_a_group_without_a_channel_has_reasons_and_no_values() -> None:
    found = report_of(waking(1200.0, LEGS), a_test(120.0, 1020.0))
    for group_name in ("arms", "trunk"):
        for index in found.indices[group_name].values():
            assert index.value is None
            assert index.reason


def test_the_multiple_test_says_that_it_is_not_comparable() -> None:
    found = report_of(waking(1200.0, LEGS), a_test(120.0, 1020.0, name="msit"))
    assert found.indices["legs"]["msit_plmw"].value == pytest.approx(360.0)
    assert "msit.movement" in codes(found)


def test_a_full_hour_is_not_called_short() -> None:
    found = report_of(waking(3700.0, LEGS), a_test(50.0, 3650.0))
    assert "sit.short" not in codes(found)


def test_json_holds_the_schema_and_no_nan(awake_report: SitReport) -> None:
    def refuse(word: str) -> float:
        raise AssertionError(word)

    found = json.loads(sit_as_json(awake_report), parse_constant=refuse)
    assert list(found)[:12] == [
        "schema",
        "psgkit",
        "recording",
        "settings",
        "protocol",
        "channels",
        "reviewed",
        "findings",
        "movements",
        "indices",
        "per_10_min",
        "discomfort",
    ]
    assert found["schema"] == "psgkit.sit/1"
    assert found["protocol"]["name"] == "sit"
    assert found["settings"]["older"]["series"]["imi_s"]["low"] == 4.0
    assert found["discomfort"]["mean"] == 35.0
    assert found["discomfort"]["scale"] == "0-100"
    assert len(found["discomfort"]["prompts"]) == 4
    assert all(math.isfinite(row["onset_s"]) for row in found["movements"])
    cells = [
        index
        for groups in (found["indices"], *(step["indices"] for step in found["per_10_min"]))
        for indices in groups.values()
        for index in indices.values()
    ]
    assert all((cell["value"] is None) == (cell["reason"] is not None) for cell in cells)
    assert {reference["grade"] for reference in found["references"]} == {
        "confirmed",
        "unconfirmed",
    }


def test_no_answers_are_missing_with_a_reason() -> None:
    found = json.loads(sit_as_json(report_of(waking(1200.0, LEGS), a_test(120.0, 1020.0))))
    assert found["discomfort"]["mean"] is None
    assert found["discomfort"]["reason"]
    assert found["discomfort"]["prompts"] == []
    assert found["recording"]["sha256"] is None


def test_rhythmic_trains_are_set_apart_and_said() -> None:
    night = simulate_night(
        "akathisia", hours=0.75, seed=17, options=SimulationOptions(sensors="legs+ankles+lumbar")
    )
    seated = night.rhythms.where((night.rhythms.onset_s < 480) & (night.rhythms.site == "left_leg"))
    assert len(seated.where(seated.modality == "emg")) >= 3
    part, _ = find_part(night.recording, from_s=0.0, to_s=480.0)
    report = analyse_sit(night.recording, SitTest(protocol=PROTOCOLS["sit"], part=part))
    told = {f.where: f.message for f in report.findings if f.code == "sit.rhythm"}
    assert {"LAT", "left_ankle"} <= set(told)
    assert "are in no index of this test" in told["LAT"]
    assert not [f for f in report.findings if f.code.startswith("posture.")]
    # none of the bursts of a train became a movement
    legs = report.movements.movements
    inside = [
        (onset, end)
        for onset, end in seated.intervals().tolist()
        for at in legs.onset_s[legs.site == "left_leg"].tolist()
        if onset + 1 < at < end - 1
    ]
    assert inside == []
