"""Cleaning of whole recordings of days: simulated weeks, and what real life does to them."""

from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest

from psgkit.core.days.counts import Counts
from psgkit.core.days.day_clock import DayClock
from psgkit.core.days.day_recording import DayRecording
from psgkit.core.hypnogram import SLEEP_STAGES
from psgkit.core.intervals import intersect, total
from psgkit.days.sensors import clean_days
from psgkit.days.settings import CleaningRule
from psgkit.simulate import DayChoice, simulate_days


def test_a_simulated_day_is_calibrated_and_its_time_on_a_table_is_found() -> None:
    choice = DayChoice(days=1, places=("left_ankle",))
    week = simulate_days("rls", seed=7, choice=choice)
    cleaned = clean_days(week.as_days())
    one = cleaned.sensors[0]
    assert one.calibration.norm_after_g == pytest.approx(1.0, abs=0.002)
    off = np.array([span for _, span in week.off])
    found = next(part.spans_s for part in one.wear.excluded if part.kind == "non_wear")
    assert total(intersect(found, off)) == total(found)
    assert total(found) > total(off) - 1800
    asleep = week.hypnogram.stretches(SLEEP_STAGES)
    assert total(intersect(one.wear.observed_s, asleep)) == pytest.approx(total(asleep))
    assert {"days.non_wear"} <= {finding.code for finding in cleaned.findings}


def days_of(values: np.ndarray) -> DayRecording:
    counts = Counts(counts=values, epoch_s=60.0, label="activity")
    clock = DayClock.of(datetime(2024, 3, 30, 12), "Europe/Berlin")
    return DayRecording(source="x", clock=clock, duration_s=counts.end_s, counts=(counts,))


def activity(n_days: int = 3) -> np.ndarray:
    return np.random.default_rng(1).integers(1, 900, n_days * 1440).astype(float)


def test_a_third_missing_is_said_and_not_filled() -> None:
    values = activity()
    values[1000:2500] = np.nan
    cleaned = clean_days(days_of(values))
    assert cleaned.counts[0].wear.share == pytest.approx(1 - 1500 / len(values))
    assert np.isnan(cleaned.counts[0].counts.counts[1000:2500]).all()
    assert {"days.gap", "days.little"} <= {one.code for one in cleaned.findings}


def test_filling_is_asked_for_and_marked() -> None:
    values = activity()
    values[1000:1100] = np.nan
    cleaned = clean_days(days_of(values), CleaningRule(fill=True))
    counts = cleaned.counts[0].counts
    assert np.flatnonzero(counts.imputed).tolist() == list(range(1000, 1100))
    assert not np.isnan(counts.counts).any()
    assert "days.imputed" in {one.code for one in cleaned.findings}
    assert cleaned.counts[0].wear.share < 1.0


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (np.zeros(4000), "every count is 0"),
        (np.full(4000, np.nan), "every count is missing"),
        (np.concatenate((np.zeros(3999), [3.0])), ""),
    ],
)
def test_counts_that_say_nothing_have_a_reason(values: np.ndarray, reason: str) -> None:
    cleaned = clean_days(days_of(values), CleaningRule(fill=True)).counts[0]
    assert cleaned.wear.reason == reason
    if reason:
        assert np.isnan(cleaned.counts.counts).all()
        assert not cleaned.counts.imputed.any()


def test_the_start_of_another_day_changes_no_share() -> None:
    days = days_of(activity())
    later = replace(days, clock=DayClock.of(datetime(2024, 7, 1, 3, 33)))
    assert clean_days(days).counts[0].wear.share == clean_days(later).counts[0].wear.share
