"""Sleep from the counts of a device, diaries of all kinds of sleepers, and what has no value."""

import sqlite3
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from psgkit.core.days.counts import Counts
from psgkit.core.days.day_clock import DayClock
from psgkit.core.days.day_recording import DayRecording
from psgkit.core.days.days_report import DaysReport
from psgkit.core.days.diary import Diary
from psgkit.core.days.epoch_motion import EpochMotion
from psgkit.core.days.sleep_wake import SleepWake
from psgkit.core.frozen import words
from psgkit.days.measure import Measured
from psgkit.days.settings import DaysSettings
from psgkit.days.sleep import count_scale, sleep_method
from psgkit.days.walk import analyse_days
from psgkit.errors import TableError
from psgkit.indices.days.sleep_regularity import sleep_regularity
from psgkit.io.actigraphy.diary import diary_of_text, markers_of_text
from psgkit.io.actigraphy.read import read_days

START = datetime(2024, 4, 3, 12)
CLOCK = DayClock.of(START, "Europe/Berlin")
ACTIGRAPH, ACTIWATCH = "ActiGraph counts of axis 1", "Actiwatch counts"


def counts_of(values: NDArray[np.float64], definition: str, epoch_s: float = 60.0) -> Counts:
    return Counts(counts=values, epoch_s=epoch_s, definition=definition, place="left_wrist")


def days_of(counts: Counts) -> DayRecording:
    return DayRecording(source="x", clock=CLOCK, duration_s=counts.end_s, counts=(counts,))


def nights(n_days: int, awake: float, asleep: float = 0.0) -> NDArray[np.float64]:
    """Return minutes from noon on, asleep from 23 to 7 h with some movement."""
    hour = (12 + np.arange(n_days * 1440) / 60) % 24
    rng = np.random.default_rng(0)
    level = np.where((hour >= 23) | (hour < 7), asleep, awake)
    return rng.poisson(level + 0.02).astype(float)


def value(report: DaysReport, name: str, group: str = "rest_activity") -> float | None:
    return report.indices[group][name].value


def messages(report: DaysReport, code: str) -> list[str]:
    return [one.message for one in report.findings if one.code == code]


# methods and factors


@pytest.mark.parametrize(
    ("definition", "epoch_s", "method"),
    [
        (ACTIWATCH, 60.0, "oakley_medium_60s"),
        (ACTIWATCH, 30.0, "oakley_medium_30s"),
        (ACTIWATCH, 15.0, "oakley_medium_15s"),
        (ACTIWATCH, 5.0, "oakley_medium_15s"),
        (ACTIWATCH, 2.0, "oakley_medium_30s"),
        ("Actiwatch counts (Actiware)", 60.0, "oakley_medium_60s"),
        (ACTIGRAPH, 60.0, "cole_kripke_1min_webster"),
        ("column 'counts' of the device", 60.0, "cole_kripke_1min_webster"),
    ],
)
def test_the_method_follows_from_the_device(definition: str, epoch_s: float, method: str) -> None:
    measured = Measured(counts=counts_of(np.zeros(9), definition, epoch_s))
    assert sleep_method(measured, DaysSettings()) == method
    assert sleep_method(measured, DaysSettings(sleep_by="sadeh_ps0")) == "sadeh_ps0"


@pytest.mark.parametrize(
    ("definition", "method", "scale", "known"),
    [
        (ACTIGRAPH, "cole_kripke_1min", 0.01, "as"),
        (ACTIGRAPH, "sadeh_ps-4", 1.0, "as"),
        (ACTIGRAPH, "oakley_medium_60s", 0.09, "wa"),
        (ACTIWATCH, "oakley_medium_60s", 1.0, "as"),
        (ACTIWATCH, "sadeh_ps0", 1.0, ""),
        ("column 'counts'", "oakley_medium_60s", 1.0, ""),
    ],
)
def test_the_factor_is_that_of_device_and_method(
    definition: str, method: str, scale: float, known: str
) -> None:
    found, how = count_scale(method, counts_of(np.zeros(9), definition), DaysSettings())
    assert (found, how[:2]) == (scale, known)


@pytest.mark.parametrize(
    ("method", "factor"),
    [
        ("cole_kripke_1min_webster", "0.01 for counts of an ActiGraph"),
        ("sadeh_ps-4", "1 for counts of an ActiGraph"),
        ("sadeh_ps0", "0.22 for counts of psgkit"),
        ("oakley_medium_60s", "1 for counts of an Actiwatch"),
    ],
)
def test_the_factor_advised_is_that_of_the_method_in_use(method: str, factor: str) -> None:
    days = days_of(counts_of(nights(1, 300.0), "column 'counts'"))
    (told,) = messages(analyse_days(days, DaysSettings(sleep_by=method)), "days.count_scale")
    assert factor in told


def test_a_factor_for_another_method_is_told_and_so_is_sleep_all_day() -> None:
    days = days_of(counts_of(nights(3, 300.0, 5.0), ACTIGRAPH))
    wrong = analyse_days(days, DaysSettings(sleep_by="sadeh_ps-4", count_scale=0.01))
    right = analyse_days(days, DaysSettings(sleep_by="sadeh_ps-4"))
    assert (
        "their factor for Sadeh 1994 (PS above -4) is 1"
        in messages(wrong, "days.count_scale_set")[0]
    )
    assert "24.0 h of 24 h" in messages(wrong, "days.implausible_sleep")[0]
    assert not messages(right, "days.count_scale_set")
    assert not messages(right, "days.implausible_sleep")
    assert value(wrong, "sleep_regularity_index") is None
    assert (value(right, "sleep_regularity_index") or 0) > 90


def test_an_actilife_week_gives_the_sleep_of_its_agd(tmp_path: Path) -> None:
    level = nights(3, 900.0, 20.0)
    head = (
        "--- Data Table File Created By ActiGraph GT3X+ ActiLife v6 date format M/d/yyyy ---\n"
        "Start Time 12:00:00\nStart Date 4/3/2024\nEpoch Period (hh:mm:ss) 00:01:00\n"
    )
    table = tmp_path / "week.csv"
    rows = "".join(f"{count:.0f},9999,1\n" for count in level)
    table.write_text(f"{head}Axis1,Axis2,Axis3\n{rows}")
    agd = tmp_path / "week.agd"
    with sqlite3.connect(agd) as base:
        base.execute("CREATE TABLE settings (settingName TEXT, settingValue TEXT)")
        base.execute("INSERT INTO settings VALUES ('epochlength', '60')")
        base.execute("CREATE TABLE data (dataTimestamp INTEGER, axis1 INTEGER, axis2 INTEGER)")
        ticks = 621_355_968_000_000_000 + 10**7 * int(
            (START - datetime(1970, 1, 1)).total_seconds()
        )
        base.executemany(
            "INSERT INTO data VALUES (?, ?, 9999)",
            [(ticks + 60 * 10**7 * row, int(count)) for row, count in enumerate(level)],
        )
    base.close()
    one, other = (analyse_days(read_days(file)) for file in (table, agd))
    assert one.sleep is not None
    assert other.sleep is not None
    assert one.sleep.state.tolist() == other.sleep.state.tolist()
    assert value(one, "tst_min_mean", "sleep_estimated") == pytest.approx(480.0, abs=15.0)


# regularity


@pytest.mark.parametrize(
    ("state", "found", "reason"),
    [
        (np.ones(4 * 1440), None, "wake takes 0.0 %"),
        (np.zeros(4 * 1440), None, "sleep takes 0.0 %"),
        (np.tile(np.repeat([1, 0], [1430, 10]), 4), None, "wake takes 0.7 %"),
        (np.tile(np.repeat([1, 0], [480, 960]), 4), 100.0, None),
        (np.full(4 * 1440, -1), None, "0.0 h scored"),
    ],
)
def test_regularity_needs_sleep_and_wake(
    state: NDArray[np.float64], found: float | None, reason: str | None
) -> None:
    index = sleep_regularity(SleepWake(state=state.astype(np.int8), epoch_s=60.0))
    assert index.value == found
    assert (index.reason or "").startswith(reason or "")


# epochs of other programs


def motion(*, angle: bool, epoch_s: float = 5.0) -> DayRecording:
    hour = (12 + np.arange(round(3 * 86400 / epoch_s)) * epoch_s / 3600) % 24
    asleep = (hour >= 23) | (hour < 7)
    rng = np.random.default_rng(0)
    turned = rng.normal(0, 30, len(hour)) * ~asleep
    return DayRecording(
        source="ggir.csv",
        clock=CLOCK,
        duration_s=3 * 86400.0,
        epochs=EpochMotion(
            enmo_g=np.where(asleep, 0.001, 0.05),
            mad_g=np.full(len(hour), np.nan),
            z_angle_deg=turned if angle else np.full(len(hour), np.nan),
            epoch_s=epoch_s,
        ),
    )


def test_epochs_of_ggir_give_nights_and_rhythm() -> None:
    report = analyse_days(motion(angle=True))
    assert value(report, "tst_min_mean", "sleep_estimated") == pytest.approx(480.0, abs=10.0)
    assert (value(report, "interdaily_stability") or 0) > 0.9
    assert report.activity is not None
    assert report.activity.unit == "mg"
    assert messages(report, "days.activity_by")
    assert "van Hees" in report.sleep_label


@pytest.mark.parametrize(
    ("days", "why"),
    [
        (motion(angle=False), "none was measured"),
        (motion(angle=True, epoch_s=60.0), "needs epochs of 5 s, the angle has 60 s"),
    ],
)
def test_epochs_without_a_usable_angle_give_the_rhythm_alone(days: DayRecording, why: str) -> None:
    report = analyse_days(days)
    assert report.sleep is None
    assert why in messages(report, "days.no_sleep")[0]
    assert (value(report, "interdaily_stability") or 0) > 0.9


# diaries


def hours(text: str, head: str = "date,bed,lights_off,wake,up") -> list[list[float]]:
    diary, _ = diary_of_text(f"{head}\n{text}\n", "diary.csv", CLOCK)
    return (diary.nights_s() / 3600).tolist()


@pytest.mark.parametrize(
    ("row", "from_h", "to_h"),
    [
        ("2024-04-03,22:00,22:30,06:30,07:00", 10.5, 18.5),
        ("2024-04-03,23:30,,12:30,13:00", 11.5, 24.5),
        ("2024-04-03,00:30,01:00,11:00,", 13.0, 23.0),
        ("2024-04-03,08:00,08:15,15:30,16:00", 20.25, 27.5),
        ("2024-04-03,13:00,13:10,20:00,", 1.1666666666666667, 8.0),
        ("2024-04-03,2024-04-03 14:00,,2024-04-03 18:00,", 2.0, 6.0),
        ("2024-04-03,24:00,24:00,08:00,", 12.0, 20.0),
        ("2024-04-03,11:15 PM,,7:00 AM,", 11.25, 19.0),
        ("2024-04-03,23.15,,7.00,", 11.25, 19.0),
        ("2024-04-03,23h15,,7h00,", 11.25, 19.0),
        ("03.04.2024,23:15,,07:00,", 11.25, 19.0),
    ],
)
def test_a_clock_time_follows_the_one_before_it(row: str, from_h: float, to_h: float) -> None:
    options = f"date,bed,lights_off,wake,up\n{row}\n"
    diary, _ = diary_of_text(options, "diary.csv", CLOCK, day_first=True)
    assert (diary.nights_s() / 3600).tolist() == [[from_h, to_h]]


def test_nights_that_begin_in_the_morning_are_counted() -> None:
    rows = "2024-04-03,08:00,,15:30,\n2024-04-04,22:00,,07:00,\n"
    _, found = diary_of_text(f"date,bed,lights_off,wake,up\n{rows}", "d.csv", CLOCK)
    (told,) = (one.message for one in found if one.code == "diary.by_day")
    assert told.startswith("1 of 2 nights begin between 4 and 12 h")


GOOD = "2024-04-04,22:00,22:30,06:30,07:00\n"


@pytest.mark.parametrize(
    ("row", "place"),
    [
        ("2024-04-03,late,22:30,06:30,07:00", "line 2, column 'bed'"),
        ("2024-04-03,22:00,22:30,26:30,07:00", "line 2, column 'wake'"),
        ("2024-04-03,22:30,22:00,06:30,07:00", "line 2: found times of a night that step back"),
        ("soon,22:00,22:30,06:30,07:00", "line 2, column 'date'"),
        ("2024-04-03 10:00,22:00,22:30,06:30,07:00", "a date without a time"),
        (",22:00,22:30,06:30,07:00", "line 2, column 'date'"),
    ],
)
def test_a_bad_cell_costs_its_night_only(row: str, place: str) -> None:
    text = f"date,bed,lights_off,wake,up\n{row}\n{GOOD}"
    diary, found = diary_of_text(text, "d.csv", CLOCK)
    assert (diary.nights_s() / 3600).tolist() == [[34.5, 42.5]]
    (told,) = (one.message for one in found if one.code == "diary.row")
    assert told.startswith("1 of 2 nights cannot be read")
    assert place in told
    with pytest.raises(TableError):
        diary_of_text(f"date,bed,lights_off,wake,up\n{row}\n", "d.csv", CLOCK)


def test_a_night_that_occurs_twice_counts_once_and_a_bad_nap_costs_itself() -> None:
    head = "date,bed,wake,nap_start,nap_end,mood\n"
    rows = "2024-04-03,22:00,07:00,14:00,soon,fine\n2024-04-04,22:00,07:00,14:00,14:30,\n"
    diary, found = diary_of_text(head + rows + "2024-04-04,23:00,07:00,,,\n", "d.csv", CLOCK)
    assert len(diary.nights_s()) == 2
    assert (diary.naps_s / 3600).tolist() == [[26.0, 26.5]]
    assert [(one.code, one.message[:2]) for one in found] == [
        ("diary.row", "1 "), ("diary.row", "1 "), ("diary.columns", "1 "),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("bed_h", "up_h", "window_h"),
    [(10.0, None, (10.0, 19.0)), (None, 19.5, (11.0, 19.5)), (None, None, (11.0, 19.0))],
)
def test_one_end_of_a_night_is_completed_by_the_recording(
    bed_h: float | None, up_h: float | None, window_h: tuple[float, float]
) -> None:
    empty = np.array([np.nan])
    diary = Diary(
        date=words(["2024-04-03"]),
        bed_s=empty if bed_h is None else np.array([bed_h * 3600]),
        lights_off_s=empty,
        sleep_s=empty,
        wake_s=empty,
        up_s=empty if up_h is None else np.array([up_h * 3600]),
    )
    counts = counts_of(nights(1, 400.0), ACTIWATCH)
    report = analyse_days(replace(days_of(counts), diary=diary))
    window = report.nights[0].window
    assert window.span_s is not None
    assert np.array(window.span_s) / 3600 == pytest.approx(np.array(window_h), abs=0.2)
    one_sided = bed_h is not None or up_h is not None
    assert window.source.startswith("one end of the sleep diary") is one_sided
    assert bool(messages(report, "diary.one_sided")) is one_sided


def test_a_marker_that_cannot_be_read_costs_itself() -> None:
    cells = [f"{START + timedelta(hours=n):%Y-%m-%d %H:%M}" for n in range(12)]
    pressed, found = markers_of_text("time,who\n" + ",a\n".join([*cells, "x,b\n"]), "m.csv", CLOCK)
    assert (pressed / 3600).tolist() == list(range(12))
    assert [one.message[:4] for one in found] == ["1 of", "1 of"]
