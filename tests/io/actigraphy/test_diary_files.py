"""Diaries and markers: clock times belong to the night of their date, and lines are named."""

from datetime import datetime

import numpy as np
import pytest

from psgkit.core.days.day_clock import DayClock
from psgkit.errors import TableError
from psgkit.io.actigraphy.diary import diary_of_text, markers_of_text, outside_findings

CLOCK = DayClock.of(datetime(2024, 3, 30, 12), "Europe/Berlin")
HEAD = "date,bed,lights_off,wake,up\n"


def test_a_night_over_a_clock_change_is_an_hour_shorter() -> None:
    diary, _ = diary_of_text(HEAD + "2024-03-30,22:30,23:00,07:00,07:30\n", "diary.csv", CLOCK)
    assert (diary.nights_s() / 3600).tolist() == [[11.0, 18.0]]
    assert diary.bed_s[0] == 10.5 * 3600
    assert diary.date.tolist() == ["2024-03-30"]


def test_bedtime_after_midnight_is_of_the_evening_before_and_empty_cells_stay_empty() -> None:
    text = "Date;Lights off;Wake\n30.03.2024;00:30;08:00\n31.03.2024;;07:00\n"
    diary, _ = diary_of_text(text, "diary.csv", CLOCK)
    assert diary.lights_off_s[0] == 12.5 * 3600
    assert np.isnan(diary.lights_off_s[1])
    assert len(diary.nights_s()) == 1


def test_naps_and_times_without_the_device_are_of_the_date_itself() -> None:
    text = (
        "date,lights_off,nap_start,nap_end,off_start,off_end\n"
        "2024-03-30,23:00,14:00,14:30,23:50,00:10\n2024-03-31,23:00,,,,\n"
    )
    diary, _ = diary_of_text(text, "diary.csv", CLOCK)
    assert (diary.naps_s / 3600).tolist() == [[2.0, 2.5]]
    assert np.diff(diary.not_worn_s).tolist() == [[1200.0]]


@pytest.mark.parametrize(
    ("text", "match"),
    [
        (HEAD + "2024-03-30,22:30,23:00,25:00,07:30\n", "line 2, column 'wake'"),
        (HEAD + "2024-03-30,23:30,23:00,07:00,07:30\n", "line 2.*step back"),
        ("date,mood\n2024-03-30,fine\n", "one of bed"),
        ("bed,up\n22:00,07:00\n", "a column date"),
        (HEAD + "someday,22:30,23:00,07:00,07:30\n", "line 2, column 'date'"),
    ],
)
def test_a_diary_that_cannot_be_read_is_refused_with_its_line(text: str, match: str) -> None:
    with pytest.raises(TableError, match=match):
        diary_of_text(text, "diary.csv", CLOCK)


def test_a_diary_without_a_night_yet_is_an_empty_one() -> None:
    diary, _ = diary_of_text(HEAD, "diary.csv", CLOCK)
    assert len(diary) == 0
    assert diary.nights_s().shape == (0, 2)


def test_nights_outside_the_recording_are_said() -> None:
    diary, _ = diary_of_text(HEAD + "2024-04-30,22:30,23:00,07:00,07:30\n", "diary.csv", CLOCK)
    assert [one.code for one in outside_findings(diary, 86400.0, "d")] == ["diary.outside"]
    assert not outside_findings(diary, 60 * 86400.0, "d")


def test_markers_are_read_with_and_without_an_offset() -> None:
    wall = "time\n2024-03-31 12:00\n2024-03-30 22:15\n"
    assert markers_of_text(wall, "m.csv", CLOCK)[0].tolist() == [10.25 * 3600, 23 * 3600]
    utc = "time\n2024-03-31T10:00:00+00:00\n"
    assert markers_of_text(utc, "m.csv", CLOCK)[0].tolist() == [23 * 3600]
    assert markers_of_text("onset_s\n5\n3\n", "m.csv", CLOCK)[0].tolist() == [3.0, 5.0]
