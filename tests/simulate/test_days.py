"""Simulated weeks: the same for a seed, in local time, with truth that agrees with itself."""

import csv
import json
import runpy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rounds import first_of

from psgkit.core.hypnogram import SLEEP_STAGES
from psgkit.core.intervals import contains, intersect, total
from psgkit.io.actigraphy.read import DayOptions, read_days
from psgkit.simulate import DayChoice, SimulatedDays, simulate_days, write_days
from psgkit.simulate.week.files import write_day_tables
from psgkit.simulate.week.kinds import DAY_KINDS
from psgkit.simulate.week.walk import OPTIONS

ROOT = Path(__file__).resolve().parents[2]
ONE = DayChoice(days=1, places=("left_ankle",), options=replace(OPTIONS, accelerometer_rate_hz=20))


@pytest.fixture(scope="module")
def restless() -> dict[str, SimulatedDays]:
    # some seconds: five kinds, each with hundreds of movements and trains a day to be placed
    choice = DayChoice(days=2, places=("left_ankle", "left_wrist", "lumbar"))
    return {kind: simulate_days(kind, seed=5, choice=choice) for kind in DAY_KINDS}


@pytest.mark.parametrize(
    ("change", "hours"),
    first_of([("spring", [24, 23, 24]), ("autumn", [24, 25, 24]), ("none", [24, 24, 24])]),
)
def test_the_second_night_is_that_of_the_clock_change(change: str, hours: list[float]) -> None:
    week = simulate_days("healthy", choice=replace(ONE, days=3, clock_change=change))
    duration_s = week.recording.duration_s
    assert (np.diff(week.clock.day_bounds_s(duration_s)).ravel() / 3600).tolist() == hours
    assert duration_s == sum(hours) * 3600
    assert week.hypnogram.end_s == duration_s
    of_day_h = week.clock.time_of_day_h(week.nights.up_s)
    assert (of_day_h > 6).all()
    assert (of_day_h < 8).all()


@pytest.mark.slow
def test_the_same_seed_is_the_same_week_and_another_is_another() -> None:
    first, again = (simulate_days("ras", seed=2, choice=ONE) for _ in range(2))
    other = simulate_days("ras", seed=3, choice=ONE)
    part = slice(1_000_000, 1_100_000)
    samples = [week.recording.channels[0].samples[part] for week in (first, again, other)]
    assert np.array_equal(samples[0], samples[1])
    assert not np.array_equal(samples[0], samples[2])
    assert np.array_equal(first.truth.onset_s, again.truth.onset_s)


def test_samples_do_not_depend_on_how_they_are_read() -> None:
    week = simulate_days("rls", seed=1, choice=ONE)
    whole = week.recording.channels[1].samples[:]
    samples = simulate_days("rls", seed=1, choice=ONE).recording.channels[1].samples
    for first, last in (
        (1_500_000, 1_600_000),
        (0, 10),
        (700_000, 800_000),
        (1_727_999, 2_000_000),
    ):
        assert np.array_equal(samples[first:last], whole[first:last])
    assert len(whole) == 86400 * 20


def test_a_sensor_at_rest_shows_one_g_and_stays_within_its_errors() -> None:
    week = simulate_days("healthy", seed=1, choice=ONE)
    axes = np.stack([one.samples[: 6 * 3600 * 20] for one in week.recording.channels])
    assert np.median(np.linalg.norm(axes, axis=0)) == pytest.approx(1.0, abs=0.03)


@pytest.mark.slow
def test_series_come_at_rest_in_the_evening_and_trains_seated_by_day(
    restless: dict[str, SimulatedDays],
) -> None:
    for kind, site in (("rls", "left_leg"), ("ras", "left_arm"), ("rbs", "trunk")):
        week = restless[kind]
        lying = week.postures.stretches(("supine", "left", "right", "prone"))
        series = (week.truth_kinds == "plm") & (week.truth.site == site)
        assert np.count_nonzero(series) > 50, kind
        assert contains(lying, week.truth.onset_s[series]).all(), kind
        hour = week.clock.time_of_day_h(week.truth.onset_s[series])
        evening = np.count_nonzero((hour >= 19) | (hour < 3))
        assert evening > 2 * np.count_nonzero((hour >= 7) & (hour < 15)), kind
    feet = restless["akathisia"]
    upright = feet.postures.stretches(("upright",))
    shaking = feet.rhythms.site == "left_leg"
    up = contains(upright, feet.rhythms.onset_s[shaking])
    assert np.count_nonzero(up) > 300
    assert up.mean() > 0.9
    assert not np.count_nonzero(restless["healthy"].rhythms.site == "left_leg")


@pytest.mark.slow
def test_nothing_is_true_of_a_sensor_that_lies_on_a_table(
    restless: dict[str, SimulatedDays],
) -> None:
    for week in restless.values():
        assert week.off
        site_of = {one.place: str(one.site) for one in week.recording.channels}
        for place, span in week.off:
            own = week.truth.site == site_of[place]
            spans = np.column_stack((week.truth.onset_s, week.truth.end_s))[own]
            assert total(intersect(spans, np.array([span]))) == 0.0
            channel = next(one for one in week.recording.channels if one.place == place)
            first, last = (int(at * 25) + 3 for at in span)
            assert np.std(channel.samples[first : last - 6]) < 0.004


@pytest.mark.slow
def test_sleep_lies_within_the_nights_and_the_diary_near_them(
    restless: dict[str, SimulatedDays],
) -> None:
    for week in restless.values():
        asleep = week.hypnogram.stretches(SLEEP_STAGES)
        nights = np.column_stack((week.nights.lights_off_s, week.nights.up_s))
        assert total(intersect(asleep, nights)) == total(asleep)
        assert np.abs(week.diary.bed_s - week.nights.bed_s).max() < 900
        assert (week.diary.bed_s % 300 == 0).all()


def test_files_are_read_back_as_what_they_are(tmp_path: Path) -> None:
    week = simulate_days("rls", seed=1, choice=replace(ONE, clock_change="spring"))
    paths = write_days(week, tmp_path)
    about = json.loads(paths["about"].read_text())
    assert about["simulated"] is True
    options = DayOptions(zone=about["zone"], diary=paths["diary"], markers=paths["markers"])
    days = read_days(paths["recording"], options)
    assert days.clock.start == week.clock.start
    assert days.diary.bed_s == pytest.approx(week.diary.bed_s)
    assert len(days.markers_s) == 2
    assert days.recording is not None
    read = days.recording.with_role("accelerometer")[0].samples[5000:6000]
    assert read == pytest.approx(week.recording.channels[0].samples[5000:6000], abs=2e-4)
    counts = read_days(paths["counts"], options)
    assert counts.clock.start == week.clock.start
    assert counts.duration_s == week.recording.duration_s
    assert counts.counts[0].place == "left_ankle"
    with paths["truth"].open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(week.truth)
    assert paths["counts"].read_text().startswith("# SIMULATED")


@pytest.mark.slow
def test_counts_are_high_by_day_low_at_night_and_nothing_on_a_table(tmp_path: Path) -> None:
    week = simulate_days("healthy", seed=4, choice=replace(ONE, days=2))
    counts = read_days(write_day_tables(week, tmp_path)["counts"]).counts[0]
    asleep = contains(week.hypnogram.stretches(SLEEP_STAGES), counts.epoch_starts_s())
    spans = np.array([span for _, span in week.off])
    off = contains(spans + np.array([[60.0, -120.0]]), counts.epoch_starts_s())
    assert counts.counts[off].max() == 0
    assert counts.counts[~asleep & ~off].mean() > 8 * counts.counts[asleep].mean()


@pytest.mark.parametrize(
    ("fields", "match"),
    [
        ({"days": 0}, "days must be"),
        ({"clock_change": "summer"}, "none, spring, autumn"),
        ({"places": ("knee",)}, "places must be out of"),
        ({"places": ()}, "places must be out of"),
    ],
)
def test_a_week_that_cannot_be_is_refused(fields: dict[str, object], match: str) -> None:
    with pytest.raises(ValueError, match=match):
        DayChoice(**fields)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="unknown kind"):
        simulate_days("sleepy")


@pytest.mark.slow
def test_the_sample_week_is_what_its_script_makes_and_says_that_it_is_simulated() -> None:
    script = runpy.run_path(str(ROOT / "scripts" / "make_sample_data.py"))
    kind, seed, choice = script["WEEK"]
    folder = ROOT / "sample_data" / "days"
    assert sorted(one.stem for one in folder.iterdir()) == sorted(script["OF_WEEK"])
    assert sum(one.stat().st_size for one in folder.iterdir()) < 1_500_000
    week = simulate_days(kind, seed=seed, choice=choice)
    days = read_days(
        folder / "counts.csv",
        DayOptions(
            zone="Europe/Berlin", diary=folder / "diary.csv", markers=folder / "markers.csv"
        ),
    )
    assert days.diary.bed_s == pytest.approx(week.diary.bed_s)
    assert days.duration_s == week.recording.duration_s
    assert [one.place for one in days.counts] == ["left_ankle", "left_wrist", "lumbar"]
    assert (np.diff(days.day_bounds_s()) / 3600).ravel().tolist() == [24, 23, 24, 24, 24, 24, 24]
    assert (folder / "counts.csv").read_text().startswith("# SIMULATED")
