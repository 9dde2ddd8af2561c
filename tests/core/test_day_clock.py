"""Elapsed seconds and local time, over the changes of the clock."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from psgkit.core.days.day_clock import DAY_S, DayClock, UnknownZoneError

ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC", ""]
STARTS = st.datetimes(min_value=datetime(1999, 1, 1), max_value=datetime(2035, 1, 1))


@given(start=STARTS, zone=st.sampled_from(ZONES), days=st.floats(0.01, 200))
def test_days_follow_each_other_and_cover_the_recording(
    start: datetime, zone: str, days: float
) -> None:
    bounds = DayClock.of(start, zone).day_bounds_s(days * DAY_S)
    assert bounds[0, 0] <= 0 < bounds[0, 1]
    assert bounds[-1, 0] < days * DAY_S <= bounds[-1, 1]
    assert (bounds[1:, 0] == bounds[:-1, 1]).all()
    hours = np.diff(bounds) / 3600
    assert set(hours.ravel().round(6)) <= {23.0, 23.5, 24.0, 24.5, 25.0}


@given(start=STARTS, zone=st.sampled_from(ZONES), at_s=st.floats(0, 300 * DAY_S))
def test_the_wall_shows_what_the_database_of_zones_says(
    start: datetime, zone: str, at_s: float
) -> None:
    clock = DayClock.of(start, zone)
    expected = (clock.start.astimezone(UTC) + timedelta(seconds=at_s)).astimezone(
        ZoneInfo(zone or "UTC")
    )
    shown_s = float(clock.wall_s(at_s))
    midnight = clock.start.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    assert shown_s == pytest.approx(
        (expected.replace(tzinfo=None) - midnight).total_seconds(), abs=1e-5
    )
    assert clock.seconds_of(clock.local(at_s)) == pytest.approx(at_s, abs=1e-5)


@pytest.mark.parametrize(
    ("start", "hours", "moment_h", "shift_h"),
    [(datetime(2024, 3, 30, 18), 23.0, 8.0, 1.0), (datetime(2024, 10, 26, 18), 25.0, 9.0, -1.0)],
)
def test_the_day_of_a_clock_change_has_23_or_25_hours(
    start: datetime, hours: float, moment_h: float, shift_h: float
) -> None:
    clock = DayClock.of(start, "Europe/Berlin")
    bounds = clock.day_bounds_s(2 * DAY_S)
    assert (np.diff(bounds).ravel() / 3600).tolist() == [hours, 24.0, 24.0]
    moments, shifts = clock.shifts(2 * DAY_S)
    assert (moments / 3600).tolist() == [moment_h]
    assert (shifts / 3600).tolist() == [shift_h]


def test_midnight_days_begin_at_midnight_and_carry_their_dates() -> None:
    clock = DayClock.of(datetime(2024, 5, 1, 12), "Europe/Berlin")
    assert clock.day_bounds_s(DAY_S, at_hour=0).tolist() == [[-43200.0, 43200.0],
                                                             [43200.0, 129600.0]]  # fmt: skip
    assert [str(day) for day in clock.day_dates(DAY_S, at_hour=0)] == ["2024-05-01", "2024-05-02"]


def test_without_a_zone_days_have_24_hours_and_a_finding_says_so() -> None:
    clock = DayClock.of(datetime(2024, 3, 30, 12))
    assert set(np.diff(clock.day_bounds_s(3 * DAY_S)).ravel()) == {DAY_S}
    assert [one.code for one in clock.findings()] == ["days.zone"]
    assert "24 h" in clock.findings()[0].message
    assert not DayClock.of(datetime(2024, 3, 30, 12), "UTC").findings()


def test_of_the_hour_that_happens_twice_the_fold_chooses() -> None:
    clock = DayClock.of(datetime(2024, 10, 27, 0), "Europe/Berlin")
    again = datetime(2024, 10, 27, 2, 30)
    assert clock.seconds_of(again) == 2.5 * 3600
    assert clock.seconds_of(again.replace(fold=1)) == 3.5 * 3600


def test_no_duration_has_no_days() -> None:
    assert DayClock.of(datetime(2024, 1, 1)).day_bounds_s(0.0).shape == (0, 2)


@pytest.mark.parametrize(
    "name", ["Europe/Nowhere", "../../etc/passwd", "a\0b", "Europe", "x" * 500]
)
def test_an_unknown_zone_is_named(name: str) -> None:
    with pytest.raises(UnknownZoneError, match="no time zone"):
        DayClock.of(datetime(2024, 1, 1), name)


def test_a_naive_start_is_refused_by_the_constructor() -> None:
    with pytest.raises(ValueError, match="offset from UTC"):
        DayClock(start=datetime(2024, 1, 1), zone="UTC")
