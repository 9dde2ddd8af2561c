"""Counts in tables: headers, delimiters and dates of many makers, and what is wrong with them."""

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rounds import cases

from psgkit.errors import PsgkitError, TableError
from psgkit.io.actigraphy.counts_tables import read_counts_table
from psgkit.io.actigraphy.read import DayOptions, read_days

BERLIN = "Europe/Berlin"
START = datetime(2024, 1, 31, 22, 0)


def rows(pattern: str, n: int = 200, head: str = "", step_s: float = 60.0) -> str:
    made = [START + timedelta(seconds=step_s * row) for row in range(n)]
    return head + "".join(
        made_one.strftime(pattern).replace("{n}", str(row)) + "\n"
        for row, made_one in enumerate(made)
    )


def codes(text: str, zone: str = BERLIN) -> list[str]:
    return [one.code for one in read_counts_table(text, "week.csv", zone).findings]


@pytest.mark.parametrize(
    ("head", "pattern"),
    [
        ("time,counts\n", "%Y-%m-%dT%H:%M:%S,{n}"),
        ("Timestamp;Activity\n", "%d.%m.%Y %H:%M:%S;{n}"),
        ("Date,Time,Activity,White Light\n", "%m/%d/%Y,%I:%M:%S %p,{n},1.5"),
        ("date\ttime\tPIM\n", "%d/%m/%Y\t%H:%M\t{n}"),
        ("Serial Number: XX\nEpoch: 60\n\n\"Datum\",\"Zeit\",\"Aktivität\"\n",
         '"%d.%m.%Y","%H:%M:%S","{n}"'),
        ("datetime,vector magnitude\n", "%d-%b-%Y %H:%M:%S,{n}"),
        ("epoch start,activity counts\n", "%Y-%m-%d %H:%M:%S+01:00,{n}"),
        ("time,counts\n", "%s,{n}"),
    ],
)  # fmt: skip
def test_headers_and_dates_of_many_makers_give_the_same_week(head: str, pattern: str) -> None:
    text = rows(pattern, head=head)
    if "%s" in pattern:  # seconds since 1970 are of UTC
        lines = [f"{1706734800 + 60 * row},{row}" for row in range(200)]
        text = head + "\n".join(lines)
    days = read_counts_table(text, "week.csv", BERLIN)
    assert days.clock.start.isoformat() == "2024-01-31T22:00:00+01:00"
    assert days.counts[0].epoch_s == 60.0
    assert days.counts[0].counts.tolist() == list(range(200))
    assert days.duration_s == 12000.0


def test_axes_become_a_vector_magnitude_and_stay() -> None:
    text = "time,x,y,z,lux\n2024-01-31T12:00,3,4,0,9\n2024-01-31T12:01,0,0,2,8\n"
    days = read_counts_table(text, "week.csv", BERLIN)
    assert days.counts[0].counts.tolist() == [5.0, 2.0]
    assert "vector magnitude of the columns x, y, z" in days.counts[0].definition
    assert days.counts[0].axes.tolist() == [[3, 4, 0], [0, 0, 2]]
    light = days.track("light")
    assert light is not None
    assert light.values.tolist() == [9.0, 8.0]


def test_several_places_are_several_counts() -> None:
    text = "time,left_ankle,counts_right_wrist\n2024-01-31T12:00,3,4\n2024-01-31T12:01,0,2\n"
    counts = read_counts_table(text, "week.csv", BERLIN).counts
    assert [(one.place, str(one.site)) for one in counts] == [
        ("left_ankle", "left_leg"),
        ("right_wrist", "right_arm"),
    ]


def test_gaps_duplicates_and_disorder_are_said_and_nothing_is_invented() -> None:
    text = (
        "time,counts\n2024-01-31T12:00,1\n2024-01-31T12:01,2\n2024-01-31T12:01,9\n"
        "2024-01-31T12:05,6\n2024-01-31T12:04,5\n2024-01-31T12:06,nan\n"
    )
    days = read_counts_table(text, "week.csv", BERLIN)
    assert str(days.counts[0].counts.tolist()) == "[1.0, 2.0, nan, nan, 5.0, 6.0, nan]"
    assert {"counts.gap", "counts.duplicate", "counts.order"} <= {one.code for one in days.findings}


def test_markers_stand_where_the_button_was_pressed() -> None:
    text = "time,counts,marker\n2024-01-31T12:00,1,0\n2024-01-31T12:01,2,1\n2024-01-31T12:02,2,\n"
    assert read_counts_table(text, "week.csv", "").markers_s.tolist() == [60.0]


@pytest.mark.parametrize("device", ["followed", "not followed"])
def test_in_spring_rows_in_the_missing_hour_tell_whether_the_device_followed(
    device: str,
) -> None:
    start, follows = datetime(2024, 3, 31, 0), device == "followed"
    lines = ["time,counts"]
    for minute in range(0, 360, 10):
        wall = start + timedelta(minutes=minute)
        if follows and wall.hour >= 2:
            wall += timedelta(hours=1)
        lines.append(f"{wall.isoformat()},{minute}")
    days = read_counts_table("\n".join(lines), "week.csv", BERLIN)
    assert days.counts[0].counts.tolist() == list(range(0, 360, 10))
    message = next(one.message for one in days.findings if one.code == "days.clock_change")
    assert ("not followed" in message) is not follows
    assert days.clock.local(4 * 3600.0).hour == 5


@pytest.mark.parametrize("device", ["followed", "not followed"])
def test_in_autumn_a_step_back_tells_whether_the_device_followed(device: str) -> None:
    start, follows = datetime(2024, 10, 27, 0), device == "followed"
    lines = ["time,counts"]
    for minute in range(0, 360, 10):
        wall = start + timedelta(minutes=minute)
        if follows and minute >= 180:
            wall -= timedelta(hours=1)
        lines.append(f"{wall.isoformat()},{minute}")
    days = read_counts_table("\n".join(lines), "week.csv", BERLIN)
    assert days.counts[0].counts.tolist() == list(range(0, 360, 10))
    assert days.clock.local(4 * 3600.0).hour == 3
    assert codes("\n".join(lines), zone="").count("days.clock_change") == 0


def test_a_table_with_the_newest_row_first_is_the_same_night_of_the_clock_change() -> None:
    begin = datetime(2024, 10, 26, 22, tzinfo=ZoneInfo(BERLIN)).timestamp()
    walls = [datetime.fromtimestamp(begin + 60 * row, ZoneInfo(BERLIN)) for row in range(600)]
    lines = [f"{wall:%Y-%m-%d %H:%M},{row}\n" for row, wall in enumerate(walls)]
    for rows in (lines, lines[::-1]):
        days = read_counts_table("time,counts\n" + "".join(rows), "week.csv", BERLIN)
        assert days.counts[0].counts.tolist() == list(range(600))


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("a,b\n1,2\n", "a column of times"),
        ("time,counts\n2024-01-31T12:00,x\n2024-01-31T12:01,2\n", "line 2, column 'counts'"),
        ("time,counts\n2024-01-31T12:00,-3\n2024-01-31T12:01,2\n", "0 or more"),
        ("time,counts\nyesterday,3\n2024-01-31T12:01,2\n", "line 2, column 'time'"),
        ("time,counts\n2024-01-31T12:00,3\n", "two or more epochs"),
        ("time,counts\n", "no row"),
        ("time,counts\n2024-01-31T12:00,3\n2024-01-31T12:01+01:00,2\n", "an offset from UTC"),
        ("time,counts\n1024-01-31T12:00,3\n2024-01-31T12:01,2\n", "a year from 1800"),
        ("time,counts\n2004-01-31T12:00,3\n2024-01-31T12:01,2\n", "at most 400 days"),
        ("time,counts\n03/04/2024 12:00,3\n03/04/2024 12:01,2\n", "day and month"),
        (
            "time,counts\n" + "".join(f"2024-01-31T12:00:00.000{n},3\n" for n in range(1, 5)),
            "epochs of 0.01 s or more",
        ),
    ],
)
def test_a_table_that_cannot_be_read_is_refused_with_its_place(text: str, match: str) -> None:
    with pytest.raises(TableError, match=match):
        read_counts_table(text, "week.csv", BERLIN)


def test_a_week_of_minutes_is_read_in_order(tmp_path: Path) -> None:
    n = 7 * 1440
    file = tmp_path / "week.csv"
    file.write_text(rows("%Y-%m-%d %H:%M,{n}", n=n, head="time,counts\n"))
    days = read_days(file, DayOptions(zone=BERLIN))
    assert len(days.counts[0]) == n
    assert np.diff(days.day_bounds_s()).max() == 86400.0
    assert [one.code for one in days.findings] == []
    assert [one.code for one in read_days(file).clock.findings()] == ["days.zone"]


def test_an_unknown_zone_is_a_setting_that_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(PsgkitError, match="IANA") as caught:
        read_days(tmp_path / "week.csv", DayOptions(zone="Europe/Nowhere"))
    assert caught.value.exit_code == 2


@cases(150)
@given(text=st.text(alphabet="time,counts\n2024-01-31T12:00;./x\"'\t ", max_size=200))
def test_any_text_ends_in_a_recording_or_in_one_typed_error(text: str) -> None:
    try:
        days = read_counts_table("time,counts\n" + text, "week.csv", BERLIN)
    except PsgkitError:
        return
    assert days.duration_s >= 0
