"""Days on end, from a recording to a report: known sleep and movements, and what is not there."""

import dataclasses
from datetime import date

import numpy as np
import pytest
from catalogue_laws import check_all_computed, check_computed
from week_maker import Habits, asleep_at, make_counts, make_days, two_days

from psgkit.core.days.days_report import DaysReport
from psgkit.core.days.diary import Diary
from psgkit.core.days.sleep_wake import ASLEEP
from psgkit.core.frozen import words
from psgkit.core.index import Index
from psgkit.days.settings import DaysSettings
from psgkit.days.walk import analyse_days
from psgkit.profile.evidence.items import all_evidence
from psgkit.profile.evidence.of_days import profile_of_days
from psgkit.profile.evidence.of_night import PART_ONLY

NIGHT_H = 8.0


@pytest.fixture(scope="module")
def report() -> DaysReport:
    return two_days()


def value(report: DaysReport, name: str, group: str = "rest_activity") -> float:
    index = report.indices[group][name]
    assert index.value is not None, index.reason
    return index.value


def test_indices_of_days_and_entries_of_the_catalogue_are_the_same(report: DaysReport) -> None:
    reports = [report.indices]
    reports += [row.indices for row in (*report.nights, *report.days)]
    assert report.activity is not None
    check_computed(reports, report.activity.unit)
    check_all_computed(("rest_activity", "sleep_estimated"), reports)


def test_days_on_which_clocks_change_say_how_long_they_are(report: DaysReport) -> None:
    assert [night.clock_h for night in report.nights] == [23.0, 24.0, 24.0]
    assert [day.date for day in report.days] == [date(2024, 3, d) for d in (30, 31)] + [
        date(2024, 4, 1)
    ]
    assert [day.clock_h for day in report.days] == [24.0, 23.0, 24.0]
    assert [day.seen_h for day in report.days] == [12.0, 23.0, 13.0]


def test_sleep_is_found_where_it_is_and_called_an_estimate(report: DaysReport) -> None:
    assert report.sleep is not None
    assert report.sleep_label.startswith("sleep estimated from left wrist movement by van Hees")
    middles = report.sleep.start_s + (np.arange(len(report.sleep)) + 0.5) * report.sleep.epoch_s
    truth = asleep_at(report.clock, middles)
    assert (report.sleep.state[truth] == ASLEEP).mean() > 0.9
    assert (report.sleep.state[~truth] == ASLEEP).mean() < 0.05
    assert "sleep" not in report.indices, "no group may be taken for scored sleep"


def test_each_night_is_counted_by_itself_and_a_short_one_says_why_not(report: DaysReport) -> None:
    first, second, third = report.nights
    for night, hours in ((first, 7.0), (second, 8.0)):
        tst = night.indices["sleep_estimated"]["tst_min"].value
        assert tst is not None
        assert tst / 60 == pytest.approx(hours, abs=0.8)
        plms = night.indices["accelerometer_left_ankle"]["plms_index"].value
        assert plms is not None
        assert plms == pytest.approx(144, rel=0.1)
    assert third.window.span_s is None
    assert third.window.reason == "1.0 h of 24 h were recorded and worn, 50 % are needed"
    assert {index.reason for index in third.indices["sleep_estimated"].values()} == {
        third.window.reason
    }


def test_groups_are_called_after_the_accelerometer_and_nothing_rests_on_a_stage(
    report: DaysReport,
) -> None:
    groups = set(report.nights[0].indices) - {"sleep_estimated", "posture", "scratch"}
    assert groups == {f"accelerometer_{p}" for p in ("left_wrist", "left_ankle", "lumbar")}
    for night in report.nights[:2]:
        for group in groups:
            assert not [name for name in night.indices[group] if "rem_" in name]


def test_trains_and_posture_by_day_are_those_that_were_made(report: DaysReport) -> None:
    # a train of 40 s every 700 s, all of them upright
    assert value(report, "rhythmic_trains_seated_per_h") == pytest.approx(3600 / 700, rel=0.1)
    assert value(report, "seated_share") > 0.95
    assert report.indices["rest_activity"]["rhythmic_trains_lying_per_h"].reason is not None
    assert value(report, "rhythm_day_night_ratio") > 3


@pytest.mark.slow
def test_jerks_in_the_night_only_make_a_ratio_near_zero_and_by_day_one_above_one() -> None:
    place = ("left_wrist", "left_ankle")
    by_night = analyse_days(make_days(1.0, places=place))
    assert value(by_night, "day_night_ratio") < 0.1
    by_day = Habits(night_jerk_s=120.0, day_jerk_s=25.0, train_s=None)
    assert value(analyse_days(make_days(1.0, by_day, places=place)), "day_night_ratio") > 2


def test_every_rate_and_every_rhythm_says_how_many_hours(report: DaysReport) -> None:
    for name, index in report.indices["rest_activity"].items():
        if index.value is not None:
            assert index.denominator_h is not None, name
            assert 0 < index.denominator_h <= 48


def test_a_diary_decides_the_window_and_gives_a_sleep_latency() -> None:
    recording = make_days(1.0, places=("left_wrist",))
    bed_s, up_s = 10.5 * 3600.0, 18.0 * 3600.0
    empty = np.array([np.nan])
    diary = Diary(
        date=words(["2024-03-30"]),
        bed_s=np.array([bed_s]),
        lights_off_s=empty,
        sleep_s=empty,
        wake_s=empty,
        up_s=np.array([up_s]),
    )
    report = analyse_days(dataclasses.replace(recording, diary=diary))
    night = report.nights[0]
    assert night.window.span_s == (bed_s, up_s)
    assert night.window.source == "sleep diary"
    latency = night.indices["sleep_estimated"]["sol_min"]
    assert latency.value is not None
    assert 20 < latency.value < 60, "to bed at 22:30, asleep from 23 h on"


def test_a_recording_that_ends_in_the_night_does_not_say_how_long_it_was() -> None:
    report = analyse_days(make_days(15 / 24, places=("left_wrist",)))
    night = report.nights[0]
    assert night.window.cut_off
    tst = night.indices["sleep_estimated"]["tst_min"]
    assert tst.reason == "the night goes on where nothing was recorded or worn"


def test_settings_that_do_not_fit_say_so() -> None:
    with pytest.raises(ValueError, match="sleep is scored by one of"):
        DaysSettings(sleep_by="sadeh")
    with pytest.raises(ValueError, match="activity is one of"):
        DaysSettings(activity_by="steps")


# counts


def counted_days(n_days: int) -> np.ndarray:
    """Return counts: 300 a minute from 7 to 23 h with pauses, few in the night."""
    rng = np.random.default_rng(1)
    recording = make_counts(np.zeros(n_days * 1440))
    night = asleep_at(recording.clock, 60.0 * np.arange(n_days * 1440))
    return np.where(night, rng.poisson(0.05, len(night)), rng.poisson(300, len(night))).astype(
        float
    )


@pytest.mark.parametrize("method", ["", "sadeh_ps-4", "oakley_medium_60s", "cole_kripke_1min"])
def test_counts_give_nights_and_rhythm_by_every_method(method: str) -> None:
    report = analyse_days(make_counts(counted_days(4)), DaysSettings(sleep_by=method))
    hours = [night.window.span_s for night in report.nights]
    assert all(span is not None for span in hours[:4])
    lengths = [(span[1] - span[0]) / 3600 for span in hours[:4] if span is not None]
    assert lengths == pytest.approx([7.0, 8.0, 8.0, 8.0], abs=0.3)
    assert value(report, "interdaily_stability") > 0.95
    assert value(report, "sleep_regularity_index") > 85
    assert report.indices["rest_activity"]["day_night_ratio"].reason == (
        "no accelerometer at an ankle or foot"
    )
    assert any(finding.code == "days.count_scale" for finding in report.findings)


def test_a_third_missing_lowers_the_hours_and_is_nobodys_sleep() -> None:
    level = counted_days(4)
    gone = np.random.default_rng(2).random(len(level) // 30) < 0.3
    level[np.repeat(gone, 30)] = np.nan
    report = analyse_days(make_counts(level))
    assert report.sleep is not None
    missing = np.isnan(level)
    assert (report.sleep.state[missing] != ASLEEP).all()
    stable = report.indices["rest_activity"]["interdaily_stability"]
    assert stable.denominator_h == pytest.approx((~missing).sum() / 60, abs=2)
    assert [one.kind for one in report.left_out] == ["gap"]
    assert report.left_out[0].share == pytest.approx(missing.mean())


@pytest.mark.parametrize(
    ("level", "reason"),
    [
        (np.zeros(4 * 1440), "nothing was recorded and worn"),
        (np.tile([7.0, 7.0, 8.0], 1920), "activity was the same in every hour"),
        (np.full(4 * 1440, np.nan), "nothing was recorded and worn"),
        (np.zeros(0), "nothing was recorded and worn"),
    ],
)
def test_nothing_and_no_change_give_reasons_not_numbers(level: np.ndarray, reason: str) -> None:
    report = analyse_days(make_counts(level))
    assert report.indices["rest_activity"]["interdaily_stability"].reason == reason


def test_a_method_that_needs_an_arm_says_so_of_counts_and_a_night_has_no_window() -> None:
    report = analyse_days(make_counts(counted_days(2)), DaysSettings(sleep_by="van_hees"))
    assert report.sleep is None
    assert "angle of an arm" in report.nights[0].window.reason
    assert any(finding.code == "days.no_sleep" for finding in report.findings)


def test_epochs_too_long_for_a_method_are_refused_with_both_lengths() -> None:
    level = counted_days(2)[::2]
    report = analyse_days(
        make_counts(level, epoch_s=120.0), DaysSettings(sleep_by="cole_kripke_1min")
    )
    assert report.sleep is None
    assert "needs epochs of 60 s, counts have 120 s" in report.nights[0].window.reason


def test_a_flat_sensor_has_no_usable_time_and_gives_reasons() -> None:
    recording = make_days(1.0, places=("left_wrist",))
    assert recording.recording is not None
    still = {
        channel.label: dataclasses.replace(
            channel, samples=np.zeros(len(channel.samples), dtype=np.float32)
        )
        for channel in recording.recording.channels
    }
    flat = dataclasses.replace(recording, recording=recording.recording.with_channels(still))
    report = analyse_days(flat)
    assert report.indices["rest_activity"]["interdaily_stability"].value is None
    assert report.indices["rest_activity"]["relative_amplitude"].value is None


# evidence


def test_every_item_about_days_reads_what_days_have(report: DaysReport) -> None:
    evidence = all_evidence()
    read = {
        path for item in evidence.items for path in (*item.reads, *(p for p, _, _ in item.least))
    }
    read |= {path for need in evidence.needs.values() for path in need.probes}
    of_days = {path for path in read if path.startswith("rest_activity.")}
    assert len(of_days) > 4
    assert of_days <= {f"rest_activity.{name}" for name in report.indices["rest_activity"]}


def test_trains_of_the_feet_by_posture_and_hour_are_evidence_of_days(report: DaysReport) -> None:
    found = {piece["id"]: piece for piece in report.profile.evidence}
    assert found["days_day_night"]["value"] == value(report, "day_night_ratio")
    # awake these feet tremble, and awake they sit
    assert found["days_seated"]["reason"] == "no rest seen: awake and lying"
    both = {"rhythmic_trains_seated_per_h": 3.0, "rhythmic_trains_lying_per_h": 1.0}
    rates = {name: Index.rate(name, n, 1.0, otherwise="") for name, n in both.items()}
    indices = {**report.indices, "rest_activity": {**report.indices["rest_activity"], **rates}}
    seated = {p["id"]: p for p in profile_of_days(indices, report.duration_s).evidence}
    assert seated["days_seated"]["value"] == 75.0
    assert seated["days_seated"]["supports"] == ["akathisia"]


def test_what_is_missing_of_days_comes_with_its_question_and_its_reason() -> None:
    ratio = Index.rate("day_night_ratio", 3, 1.0, otherwise="")
    missing = profile_of_days({"rest_activity": {"day_night_ratio": ratio}}, 0.0).missing
    days = next(piece for piece in missing if "days_day_night" in piece["items"])
    assert days["reasons"][days["items"].index("days_day_night")] == PART_ONLY
    for piece in missing[:-1]:
        assert len(piece["items"]) == len(piece["questions"]) == len(piece["reasons"])
        assert all(piece["reasons"])


def test_waking_rest_of_days_bears_as_that_of_a_night(report: DaysReport) -> None:
    rhythm = {piece["id"]: piece for piece in report.profile.evidence}["rhythm_rest"]
    assert rhythm["value"] is not None
    assert "would need" not in rhythm["text"]
    assert report.profile.leaning is None
