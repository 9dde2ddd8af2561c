"""Markers and common events of two clocks: what `psgkit days` takes from them, and says of it."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from rounds import first_of
from typer.testing import CliRunner, Result
from week_maker import make_days

from psgkit.cli.app import app
from psgkit.core.days.clock_drift import ClockError, correct_clock
from psgkit.core.days.day_clock import DayClock
from psgkit.days.settings import DaysSettings
from psgkit.days.walk import analyse_days
from psgkit.errors import SettingsError, TableError
from psgkit.io.actigraphy.read import DayOptions, read_days

START = datetime(2024, 10, 25, 12, 0)
DAYS = 3


def run(*words: object) -> Result:
    return CliRunner().invoke(app, ["days", *map(str, words)])


def written(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return counts of somebody who sleeps from 23 to 7 by a device that does not change clocks."""
    rng = np.random.default_rng(3)
    rows = ["time,counts"]
    for minute in range(DAYS * 1440):
        at = START + timedelta(minutes=minute)
        rows.append(
            f"{at:%Y-%m-%dT%H:%M},{rng.poisson(200) if 7 <= at.hour < 23 else at.minute // 59}"
        )
    return written(tmp_path_factory.mktemp("week") / "week.csv", *rows)


def test_presses_near_the_ends_of_a_night_are_its_ends(table: Path, tmp_path: Path) -> None:
    presses = ("2024-10-25T22:40", "2024-10-26T03:00", "2024-10-26T07:20", "2024-10-26T23:30")
    pressed = written(tmp_path / "m.csv", "time", *presses)
    done = run(table, "--markers", pressed, "--json")
    assert done.exit_code == 0, done.exception
    found = json.loads(done.stdout)
    assert found["markers_s"] == [38400, 54000, 69600, 127800]
    first, second, third = found["nights"]
    assert first["window_s"] == [38400, 69600]
    assert first["window_from"].startswith("event markers, about the longest rest")
    assert second["window_s"][0] == 127800
    assert second["window_from"].startswith("event marker and longest rest")
    assert third["window_from"].startswith("longest rest")


def test_what_the_diary_says_goes_before_what_was_pressed(table: Path, tmp_path: Path) -> None:
    pressed = written(tmp_path / "m.csv", "time", "2024-10-25T22:40", "2024-10-26T22:40")
    diary = written(tmp_path / "d.csv", "date,lights_off,wake", "2024-10-25,23:00,07:00")
    done = run(table, "--markers", pressed, "--diary", diary, "--json")
    nights = json.loads(done.stdout)["nights"]
    assert [night["window_from"].split(",")[0] for night in nights][:2] == [
        "sleep diary",
        "event marker and longest rest of the scoring of sleep and wake (blocks and gaps of HDCZA)",
    ]
    assert nights[0]["window_s"] == [39600, 68400]


def test_of_two_sleeps_between_two_noons_the_longer_is_the_night(
    table: Path, tmp_path: Path
) -> None:
    rows = ("2024-10-25,2024-10-26 12:30,2024-10-26 16:00", "2024-10-26,23:00,07:00")
    diary = written(tmp_path / "d.csv", "date,lights_off,wake", *rows)
    found = json.loads(run(table, "--diary", diary, "--json").stdout)
    assert found["nights"][0]["window_from"].startswith("longest rest")
    assert found["nights"][1]["window_s"] == [126000, 154800]
    told = [one["message"] for one in found["findings"] if one["code"] == "days.second_sleep"]
    assert len(told) == 1
    assert told[0].startswith("1 of 2 nights of the diary")


def test_counts_of_an_unknown_kind_are_told_at_the_top_of_the_page(table: Path) -> None:
    told = "The unit of the counts is not known"
    assert told in run(table).stdout.split("Recording")[0]
    assert told not in run(table, "--count-scale", "0.01").stdout


def test_presses_of_another_week_are_told_and_move_nothing(table: Path, tmp_path: Path) -> None:
    without = json.loads(run(table, "--json").stdout)
    pressed = written(tmp_path / "m.csv", "time", "2023-01-01T22:40")
    found = json.loads(run(table, "--markers", pressed, "--json").stdout)
    assert found["nights"] == without["nights"]
    told = [one for one in found["findings"] if one["code"] == "markers.outside"]
    assert told[0]["where"] == "m.csv"
    assert told[0]["message"] == "1 of 1 presses of the button lie outside the recording"


def test_markers_with_an_offset_mean_the_same_with_and_without_a_zone(tmp_path: Path) -> None:
    rows = ["time,counts"]
    for minute in range(1500):
        at = datetime(2024, 6, 1, 12) + timedelta(minutes=minute)
        rows.append(f"{at:%Y-%m-%dT%H:%M}:00+02:00,5")
    week = written(tmp_path / "w.csv", *rows)
    pressed = written(tmp_path / "m.csv", "time", "2024-06-01T13:00:00+02:00")
    for zone in ("", "Europe/Berlin"):
        days = read_days(week, DayOptions(zone=zone, markers=pressed))
        assert days.markers_s.tolist() == [3600.0]


def test_a_device_that_ran_slow_is_put_right(table: Path, tmp_path: Path) -> None:
    clock = written(
        tmp_path / "clock.csv",
        "device_time,reference_time",
        "2024-10-25T12:00:00,2024-10-25T12:00:30",
        "2024-10-26T12:00:00,2024-10-26T12:00:34",
        "2024-10-27T12:00:00,2024-10-27T12:00:38",
    )
    done = run(table, "--clock", clock, "--full", "--out", tmp_path / "out")
    assert done.exit_code == 0, done.exception
    found = json.loads((tmp_path / "out" / "report.json").read_text("utf-8"))
    told = found["recording"]["clock_correction"]
    assert (told["events_n"], told["offset_s"]) == (3, 30)
    assert told["drift_ppm"] == pytest.approx(4 / 86400 * 1e6, abs=1e-3)
    assert told["residual_s"] == pytest.approx([0, 0, 0], abs=1e-6)
    assert found["recording"]["start"] == "2024-10-25T12:00:30+00:00"
    assert "corrected by 30.0 s at the start and 46.3 ppm, from 3 common events" in " ".join(
        done.stdout.split()
    )
    message = next(one for one in found["findings"] if one["code"] == "days.clock_drift")["message"]
    assert message.startswith("3 common events: offset 30.00 s, drift 46.3 ppm (4.00 s a day)")
    # days stay days of 24 hours, and noon is that of the reference
    assert [night["clock_h"] for night in found["nights"]] == [24] * 4
    seconds = found["nights"][1]["bounds_s"][0]
    assert seconds == pytest.approx(86400 - 34, abs=0.01)
    minutes = (tmp_path / "out" / "minutes.csv").read_text("utf-8").splitlines()
    assert minutes[1 + 2 * 1440].startswith("2024-10-27T12:00:38+00:00,172800.0,")


def test_a_diary_is_in_the_time_of_the_reference_and_markers_in_that_of_the_device(
    table: Path, tmp_path: Path
) -> None:
    clock = written(tmp_path / "c.csv", "device_s,reference_s", "0,600", "86400,87000")
    diary = written(tmp_path / "d.csv", "date,lights_off,wake", "2024-10-25,23:10,07:10")
    pressed = written(tmp_path / "m.csv", "time", "2024-10-26T23:00", "2024-10-27T07:00")
    days = read_days(table, DayOptions(clock=clock, diary=diary, markers=pressed))
    report = analyse_days(days)
    assert report.nights[0].window.span_s == pytest.approx((39600.0, 68400.0))
    assert report.nights[1].window.span_s == pytest.approx((126000.0, 154800.0))


def test_a_drift_does_not_move_the_change_of_the_clock() -> None:
    clock = DayClock.of(datetime(2024, 10, 26, 12, 0), "Europe/Berlin")
    fit = correct_clock([0.0, 86400.0], [0.0, 86420.0])
    true = clock.corrected(fit)
    (moment_s,), (shift_s,) = true.shifts(86400.0)
    assert (moment_s * (1 + fit.drift), shift_s) == (pytest.approx(54000.0), -3600.0)
    assert true.wall_s([86400.0])[0] == pytest.approx(clock.wall_s([86420.0])[0])
    assert true.seconds_of(true.local(50000.0)) == pytest.approx(50000.0, abs=1e-5)


@pytest.mark.parametrize(
    ("lines", "kind", "message"),
    [
        (("device_time", "2024-10-25T12:00:00"), TableError, "reference_time"),
        (
            (
                "device_time,reference_time",
                "2024-10-25T12:00,2024-10-25T12:00",
                "2024-10-26T12:00,",
            ),
            TableError,
            "c.csv, line 3, column 'reference_time'",
        ),
        (("device_time,reference_time", "2024-10-25T12:00,soon"), TableError, "c.csv, line 2"),
        (("device_s,reference_s", "0,0"), ClockError, "c.csv: found 1, wanted two or more"),
        (("device_s,reference_s", "0,0", "86400,86500"), ClockError, "a drift of 1157 ppm"),
        (("device_time,reference_time",), TableError, "two events or more"),
    ],
)
def test_events_that_tell_nothing_are_refused_by_file_and_line(
    table: Path, tmp_path: Path, lines: tuple[str, ...], kind: type[Exception], message: str
) -> None:
    refused = run(table, "--clock", written(tmp_path / "c.csv", *lines))
    assert isinstance(refused.exception, kind)
    assert message in str(refused.exception)


@pytest.mark.parametrize("scale", first_of([None, 0.0022]))
def test_a_factor_of_ours_is_warned_about_whenever_it_is_used(scale: float | None) -> None:
    settings = DaysSettings(sleep_by="sadeh_ps0", count_scale=scale)
    report = analyse_days(make_days(1.0, places=("left_wrist",), rate_hz=10.0), settings)
    (told,) = (one for one in report.findings if one.code == "days.count_scale_not_validated")
    assert told.severity == "warning"
    assert "counts of psgkit are multiplied by" in told.message
    assert "no factor for them has been validated" in told.message


def test_dates_that_can_be_read_in_two_ways_are_read_as_somebody_says(tmp_path: Path) -> None:
    rows = [f"03/04/2026 12:{minute:02d},5" for minute in range(60)]
    week = written(tmp_path / "w.csv", "time,counts", *rows)
    refused = run(week, "--json")
    assert isinstance(refused.exception, TableError)
    assert "w.csv, line 2, column 'time': found '03/04/2026 12:00'" in str(refused.exception)
    assert "Write dates as 2024-01-31, or say which comes first" in str(refused.exception)
    for order, start in (("dmy", "2026-04-03T12:00"), ("mdy", "2026-03-04T12:00")):
        told = run(week, "--json", "--dates", order)
        assert told.exit_code == 0, told.exception
        assert json.loads(told.stdout)["recording"]["start"].startswith(start)
    wrong = run(week, "--dates", "dmx")
    assert isinstance(wrong.exception, SettingsError)
    assert "wanted one of dmy, mdy" in str(wrong.exception)
    pressed = written(tmp_path / "m.csv", "time", "03/04/2026 12:30")
    diary = written(tmp_path / "d.csv", "date,lights_off,wake", "03/04/2026,23:00,07:00")
    options = DayOptions(markers=pressed, diary=diary, day_first=False)
    days = read_days(week, options)
    assert days.markers_s.tolist() == [1800.0]
    assert days.diary.nights_s().tolist() == [[39600.0, 68400.0]]
