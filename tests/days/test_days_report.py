"""Reports of days: JSON that any reader takes, tables, the page, the actogram, the command."""

import csv
import dataclasses
import io
import json
import re
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from matplotlib.colors import to_hex
from typer.testing import CliRunner, Result
from week_maker import make_counts, two_days

from psgkit.cli.app import app
from psgkit.core.days.days_report import DaysReport
from psgkit.core.index import Index
from psgkit.core.index_catalogue import base_of
from psgkit.days.settings import DaysSettings
from psgkit.days.walk import analyse_days
from psgkit.errors import SettingsError
from psgkit.io.actigraphy.read import DayOptions, read_days
from psgkit.report.days.actogram import actogram_days
from psgkit.report.days.document import days_as_json, days_csv, indices_csv, minutes_csv, nights_csv
from psgkit.report.days.page import page_about_days
from psgkit.report.days.words import clock_of, days_value
from psgkit.report.figures.actogram import actogram_figure, plot_actogram
from psgkit.report.html.page import page_as_html
from psgkit.report.palette import LIGHT
from psgkit.report.pdf.typeset import page_as_pdf
from psgkit.report.terminal import page_as_text
from psgkit.report.words.words import index_label
from tests.report.drawn_svg import assert_words_inside


@pytest.fixture(scope="module")
def report() -> DaysReport:
    return two_days()


@pytest.fixture(scope="module")
def counted() -> DaysReport:
    rng = np.random.default_rng(0)
    clock = np.arange(5 * 1440) % 1440
    awake = (clock < 660) | (clock >= 1140)
    return analyse_days(make_counts(np.where(awake, rng.poisson(200, len(clock)), 0).astype(float)))


def days_as_html(report: DaysReport) -> str:
    return page_as_html(page_about_days(report), actogram_figure(report))


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_the_json_has_the_schema_and_no_number_that_json_has_not(report: DaysReport) -> None:
    text = days_as_json(report)
    found = json.loads(text, parse_constant=pytest.fail)
    assert found["schema"] == "psgkit.days/1"
    assert found["recording"]["zone"] == "Europe/Berlin"
    assert found["recording"]["start"] == "2024-03-30T12:00:00+01:00"
    assert [night["clock_h"] for night in found["nights"]] == [23, 24, 24]
    for night in found["nights"]:
        assert night["sleep_by"].startswith("sleep estimated from left wrist movement by")
        for indices in night["indices"].values():
            for name, row in indices.items():
                assert (row["value"] is None) == (row["reason"] is not None), name
    assert found["sleep"]["label"] == report.sleep_label
    assert days_as_json(report) == text, "the same report gives the same bytes"


def test_movements_of_the_json_lie_in_nights_and_carry_no_stage(report: DaysReport) -> None:
    found = json.loads(days_as_json(report))
    windows = [night["window_s"] for night in found["nights"] if night["window_s"]]
    rows = found["movements"]["accelerometer_left_ankle"]
    assert len(rows) > 500
    for row in rows:
        assert any(begin <= row["onset_s"] < end for begin, end in windows)
        assert "stage" not in row
    assert np.mean([row["asleep_estimated"] for row in rows]) > 0.8


def test_tables_hold_what_the_json_holds(report: DaysReport) -> None:
    found = json.loads(days_as_json(report))
    nights = rows_of(nights_csv(report))
    evenings = {"2024-03-30", "2024-03-31", "2024-04-01"}
    assert {row["evening"] for row in nights} == evenings
    first = next(r for r in nights if (r["group"], r["name"]) == ("sleep_estimated", "tst_min"))
    wanted = found["nights"][0]["indices"]["sleep_estimated"]["tst_min"]["value"]
    assert float(first["value"]) == wanted
    assert first["sleep_by"] == report.sleep_label
    begin = datetime.fromisoformat(first["window_start"])
    assert begin.utcoffset() == timedelta(hours=1), "before the clock changes"
    assert datetime.fromisoformat(first["window_end"]).utcoffset() == timedelta(hours=2)
    days = rows_of(days_csv(report))
    assert {(row["date"], row["clock_h"]) for row in days} == {
        ("2024-03-30", "24.0"),
        ("2024-03-31", "23.0"),
        ("2024-04-01", "24.0"),
    }
    overall = {(r["group"], r["name"]): r for r in rows_of(indices_csv(report))}
    for (group, name), row in overall.items():
        wanted = found["indices"][group][name]
        assert row["reason"] == (wanted["reason"] or "")
        assert (row["value"] == "") == bool(row["reason"])
    minutes = rows_of(minutes_csv(report))
    assert len(minutes) == 48 * 60
    states = [row["asleep"] for row in minutes]
    assert set(states[:-60]) == {"asleep", "awake"}
    assert set(states[-60:]) == {""}, "one hour of a night, too little for a window"


def test_the_page_says_estimate_before_any_figure_and_marks_its_numbers(
    report: DaysReport,
) -> None:
    page = days_as_html(report)
    banner = page.index("It is no polysomnography")
    assert banner < page.index('class="tiles"')
    assert "never a diagnosis" in page
    marks = dict(re.findall(r'data-key="([^"]+)" data-value="([^"]+)"', page))
    found = json.loads(days_as_json(report))
    assert len(marks) > 20
    for key, shown in marks.items():
        value: object = found
        for part in key.split("."):
            assert isinstance(value, dict), key
            value = value[part]
        assert isinstance(value, int | float), key
        assert float(shown) == pytest.approx(value, rel=1e-5, abs=1e-6), key


def test_the_page_and_the_terminal_carry_no_foreign_text_unchanged(report: DaysReport) -> None:
    hostile = dataclasses.replace(
        report, source="/home/jane/<script>\x1b[31m.edf", device="<img src=x onerror=alert(1)>"
    )
    page = days_as_html(hostile)
    assert "<img" not in page
    assert "<script>" not in page.replace('<script type="application/json"', "")
    assert "/home/jane" not in page
    assert "/home/jane" not in days_as_json(hostile)
    assert "\x1b" not in page_as_text(page_about_days(hostile), width=100, colour=False)


def test_the_actogram_shows_every_day_twice_but_the_first(report: DaysReport) -> None:
    days = actogram_days(report)
    assert [str(day.evening) for day in days] == ["2024-03-30", "2024-03-31", "2024-04-01"]
    first, second, _ = days
    # the day from the second noon on is the right half of the first line and the left of the next
    right = first.bars[first.bars[:, 0] >= 24]
    assert np.allclose(right[:, 0] - 24, second.bars[: len(right), 0])
    assert np.allclose(right[:, 2], second.bars[: len(right), 2])
    assert first.bars[:, 2].max() <= 1
    assert (first.bars[:, :2] <= 48).all()


def test_the_hour_that_is_left_out_in_spring_is_empty_in_the_actogram(report: DaysReport) -> None:
    begins = actogram_days(report)[0].bars[:, 0]
    # from two to three in the night is 14 to 15 hours after noon
    assert not ((begins >= 14) & (begins < 15)).any()
    assert ((begins >= 13) & (begins < 14)).sum() == 6


def test_the_figure_holds_sleep_movements_and_what_was_not_seen(report: DaysReport) -> None:
    axes = plot_actogram(report)
    drawn = {to_hex(patch.get_facecolor()) for patch in axes.patches}
    styles = ("activity", "band", "asleep", "not-worn", "plm", "rhythm")
    assert {LIGHT[style] for style in styles} <= drawn
    legend = axes.get_legend()
    assert legend is not None
    assert {to_hex(one.get_facecolor()) for one in legend.get_patches()} <= drawn
    assert len(days_as_html(report)) < 600_000


def test_the_figure_draws_every_line_and_the_pdf_holds_it(report: DaysReport) -> None:
    axes = plot_actogram(report)
    assert [label.get_text() for label in axes.get_yticklabels()] == [
        *("Sat 30 Mar", "Sun 31 Mar", "Mon 01 Apr"),
    ]
    assert axes.get_xlim() == (0.0, 48.0)
    places = [box for patch in axes.patches for box in patch.get_path().to_polygons()]
    assert len(places) > 100
    assert all(xy[:, 0].min() >= -1e-6 and xy[:, 0].max() <= 48.1 for xy in places)
    figure = actogram_figure(report)
    assert figure is not None
    assert_words_inside(figure.svg)
    assert page_as_pdf(page_about_days(report), figure)[:5] == b"%PDF-"


def test_without_activity_there_is_a_page_without_a_picture() -> None:
    nothing = analyse_days(make_counts(np.full(1440, np.nan)))
    assert actogram_figure(nothing) is None
    page = days_as_html(nothing)
    assert "nothing was recorded and worn" in page
    assert rows_of(minutes_csv(nothing)) == []


def test_names_of_indices_are_words_and_hours_are_read_off_a_clock() -> None:
    assert index_label("interdaily_stability") == "Interdaily stability (IS)"
    assert base_of("midsleep_h_sd") == ("midsleep_h", "_sd")
    assert clock_of(23.9999) == "00:00"


def test_every_index_of_a_report_has_words(report: DaysReport, counted: DaysReport) -> None:
    for one in (report, counted):
        for group, indices in one.indices.items():
            for name in indices:
                label = index_label(base_of(name)[0], group)
                assert "_" not in label
                assert label[0].isupper()


# the command


def run(*words: object) -> Result:
    return CliRunner().invoke(app, ["days", *map(str, words)])


@pytest.fixture
def table(tmp_path: Path) -> Path:
    rng = np.random.default_rng(3)
    start = datetime(2024, 10, 25, 12, 0)
    rows = ["time,counts"]
    for minute in range(3 * 1440):
        at = start + timedelta(minutes=minute)
        awake = 7 <= at.hour < 23
        rows.append(f"{at:%Y-%m-%dT%H:%M},{rng.poisson(200) if awake else 0}")
    path = tmp_path / "week.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_a_table_of_counts_is_reported_and_written(table: Path, tmp_path: Path) -> None:
    done = run(table, "--tz", "Europe/Berlin", "--out", tmp_path / "out")
    assert done.exit_code == 0, done.exception
    words = " ".join(done.stdout.split())
    assert "sleep estimated from movement by Cole-Kripke 1992" in words
    assert "This is no diagnosis." in words
    names = {path.name for path in (tmp_path / "out").iterdir()}
    wanted = {"nights.csv", "days.csv", "indices.csv", "minutes.csv", "report.html", "report.json"}
    assert wanted <= names
    found = json.loads((tmp_path / "out" / "report.json").read_text("utf-8"))
    assert len(found["recording"]["sha256"]) == 64


def test_json_goes_to_standard_output_and_names_the_method_asked_for(table: Path) -> None:
    done = run(table, "--tz", "Europe/Berlin", "--hypnogram-by", "sadeh_ps-4", "--json")
    assert done.exit_code == 0, done.exception
    found = json.loads(done.stdout)
    assert "Sadeh 1994 (PS above -4)" in found["sleep"]["label"]
    assert found["settings"]["sleep_by"] == "sadeh_ps-4"


def test_a_misspelt_method_and_an_unknown_zone_are_refused_with_advice(table: Path) -> None:
    wrong = run(table, "--hypnogram-by", "sadeh_ps4")
    assert isinstance(wrong.exception, SettingsError)
    assert wrong.exception.exit_code == 2
    assert "Did you mean 'sadeh_ps-4'?" in str(wrong.exception)
    zone = run(table, "--tz", "Europe/Berlim")
    assert isinstance(zone.exception, SettingsError)


def test_settings_come_from_a_file_and_options_take_precedence(table: Path, tmp_path: Path) -> None:
    file = tmp_path / "days.toml"
    file.write_text('sleep_by = "sadeh_ps0"\n[rest]\nday_h = [9.0, 18.0]\n', encoding="utf-8")
    done = run(table, "--settings", file, "--json")
    found = json.loads(done.stdout)["settings"]
    assert (found["sleep_by"], found["rest"]["day_h"]) == ("sadeh_ps0", [9, 18])
    over = run(table, "--settings", file, "--hypnogram-by", "oakley_auto_60s", "--json")
    assert json.loads(over.stdout)["settings"]["sleep_by"] == "oakley_auto_60s"
    file.write_text("[rest]\nday = 9\n", encoding="utf-8")
    wrong = run(table, "--settings", file)
    assert isinstance(wrong.exception, SettingsError)
    assert "Did you mean 'day_h'?" in str(wrong.exception)


def test_a_pdf_needs_a_folder_and_lies_in_it(table: Path, tmp_path: Path) -> None:
    assert isinstance(run(table, "--pdf").exception, SettingsError)
    assert run(table, "--pdf", "--out", tmp_path / "out").exit_code == 0
    assert (tmp_path / "out" / "report.pdf").read_bytes()[:5] == b"%PDF-"


def test_the_list_of_methods_is_printed_without_reading_anything() -> None:
    done = run("no-such-file.edf", "--hypnogram-by", "list")
    assert done.exit_code == 0
    assert done.stdout.splitlines()[0] == "van_hees"
    assert "cole_kripke_10s_pyactigraphy" in done.stdout.splitlines()


def test_what_stands_below_a_table_is_about_its_columns_and_clock_times_vary_in_hours() -> None:
    sample = Path(__file__).parents[2] / "sample_data/days/counts.csv"
    shown = CliRunner().invoke(app, ["days", str(sample), "--tz", "Europe/Berlin", "--full"]).stdout
    assert "From midnight to midnight." in shown
    assert "movements and trains are of ankles" not in shown
    assert "by accelerometers there" not in shown
    assert re.search(r"Window begins +\d\d:\d\d +\d+\.\d\d\sh\s", shown)


def test_counts_without_a_diary_tell_the_nights_of_the_sample_week() -> None:
    folder = Path(__file__).parents[2] / "sample_data" / "days"
    days = read_days(folder / "counts.csv", DayOptions(zone="Europe/Berlin"))
    report = analyse_days(days, DaysSettings(count_scale=0.0022))
    truth = rows_of((folder / "nights.csv").read_text(encoding="utf-8"))
    assert len(report.nights) == len(truth) == 7
    for night, row in zip(report.nights, truth, strict=True):
        assert night.window.span_s is not None
        begin_s, end_s = night.window.span_s
        assert abs(begin_s - float(row["bed_s"])) < 2 * 3600, "an evening at rest counts in"
        assert abs(end_s - float(row["up_s"])) < 3600


def test_a_value_that_is_no_number_has_a_reason_and_no_unit() -> None:
    said = days_value(Index.plain("l5", float("nan"), "mg"), "rest_activity")
    assert said == "not available: the computed value is no finite number"
