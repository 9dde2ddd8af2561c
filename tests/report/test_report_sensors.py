"""Postures, turns and rhythms in every form of the report."""

import csv
import io
import json
import re
from dataclasses import replace

import night_store
import numpy as np
import pytest
from night_fixtures import ordinary_night

from psgkit.core.index import Index
from psgkit.core.night_report import NightReport
from psgkit.core.postures import Postures, Turns
from psgkit.core.rhythms import Rhythms
from psgkit.document.write import night_as_json
from psgkit.report.csv_tables import sensor_csvs
from psgkit.report.html.overview import night_overview
from psgkit.report.html.page import night_as_html
from psgkit.report.terminal import night_as_text
from psgkit.report.words.number_format import NO_VALUE


def with_sensors(n_trains: int = 2) -> NightReport:
    onset_s = 700.0 + 100.0 * np.arange(n_trains)
    return ordinary_night(
        postures=Postures(
            onset_s=np.array([0.0, 3600.0, 3605.0]),
            end_s=np.array([3600.0, 3605.0, 28800.0]),
            posture=np.array(["supine", "walking", "left"]),
            angle_deg=np.array([1.0, np.nan, 88.0]),
        ),
        turns=Turns(
            onset_s=np.array([3600.0]),
            end_s=np.array([3602.5]),
            angle_deg=np.array([87.0]),
            speed_deg_s=np.array([34.8]),
            before=np.array(["supine"]),
            after=np.array(["left"]),
        ),
        rhythms=Rhythms.of(
            onset_s,
            onset_s + 12.0,
            np.full(n_trains, 1.53),
            site="left_leg",
            modality="emg",
            kind="foot_tremor",
            place="LAT",
            bursts_n=np.full(n_trains, 18),
        ),
    )


def test_json_holds_them_and_null_where_there_is_no_angle() -> None:
    found = json.loads(night_as_json(with_sensors()))
    assert found["postures"][1] == {
        "onset_s": 3600.0,
        "end_s": 3605.0,
        "posture": "walking",
        "angle_deg": None,
    }
    assert found["turns"][0]["speed_deg_s"] == pytest.approx(34.8)
    assert found["rhythms"][0]["frequency_hz"] == pytest.approx(1.53)
    assert found["rhythms"][0]["regularity"] is None


def test_tables_are_written_for_what_there_is() -> None:
    assert sensor_csvs(ordinary_night()) == {}
    tables = sensor_csvs(with_sensors())
    assert sorted(tables) == ["postures.csv", "rhythms.csv", "turns.csv"]
    rows = list(csv.DictReader(io.StringIO(tables["rhythms.csv"])))
    assert [row["onset_s"] for row in rows] == ["700.0", "800.0"]


def test_the_page_lists_the_longest_trains_and_counts_all() -> None:
    text = night_as_text(with_sensors(30), width=120)
    assert "The longest of 30" in text
    assert "Foot tremor" in text
    assert text.count("18") >= 10
    assert "Trains by kind" in text
    ordinary = night_as_text(ordinary_night())
    assert "Trains by kind" not in ordinary
    assert "Rhythmic trains" not in ordinary


def test_the_picture_has_a_lane_for_posture_and_rhythm() -> None:
    picture = night_overview(with_sensors())
    assert picture is not None
    labels = [name.title for name in picture.names]
    assert "Posture" in labels
    assert "Left leg, rhythm" in labels
    assert ("posture-supine", "supine") in picture.legend
    styles = {style for style, path in picture.shapes if path}
    assert {"rhythm", "posture-supine", "posture-left"} <= styles


def test_every_style_of_the_picture_is_drawn_by_the_page() -> None:
    page = night_as_html(with_sensors())
    picture = night_overview(with_sensors())
    assert picture is not None
    for style, _ in picture.legend:
        assert f".{style} {{ fill:" in page


def relief(*, episodes: int) -> dict[str, Index]:
    return {
        "episodes_n": Index.plain("episodes_n", float(episodes), "1"),
        "legs_episodes_n": Index.plain("legs_episodes_n", float(episodes), "1"),
        "legs_before_rate": Index.rate("legs_before_rate", 30, 0.5, otherwise=""),
        "legs_up_rate": Index.missing("legs_up_rate", "not enough time up", unit="1/h"),
        "legs_after_rate": Index.rate("legs_after_rate", 6, 0.5, otherwise=""),
        "legs_relief_ratio": Index.plain("legs_relief_ratio", 0.2, "1"),
        "legs_relief_ratio_low": Index.plain("legs_relief_ratio_low", 0.1, "1"),
        "legs_relief_ratio_high": Index.plain("legs_relief_ratio_high", 0.4, "1"),
    }


def test_relief_is_a_line_a_group_with_its_interval() -> None:
    night = ordinary_night(indices={"movement_relief": relief(episodes=4)})
    (line,) = [row for row in night_as_text(night, width=120).splitlines() if "0.20" in row]
    wanted = ["Leg", "movements", "60.0", NO_VALUE, "12.0", "0.20", "(0.10", "to", "0.40)", "4"]
    assert line.split() == wanted
    nobody_up = ordinary_night(indices={"movement_relief": relief(episodes=0)})
    text = night_as_text(nobody_up, width=120)
    assert "Times up  0" in text
    assert "0.20" not in text


def test_a_group_in_which_nothing_moved_is_one_line_and_keeps_its_zeros_in_the_table() -> None:
    still = {
        "lm_n": Index.plain("lm_n", 0.0, "1"),
        "plm_n": Index.plain("plm_n", 0.0, "1"),
        "lm_index_recording": Index.rate("lm_index_recording", 0, 7.5, otherwise=""),
        "lmm_removed_n": Index.plain("lmm_removed_n", 12.0, "1"),
    }
    night = ordinary_night(indices={"trunk": still})
    text = " ".join(night_as_text(night, width=120).split())
    assert "No movement of this group in 7.50 h observed. 12 were removed as part" in text
    assert json.loads(night_as_json(night))["indices"]["trunk"]["lm_n"]["value"] == 0


def test_what_an_accelerometer_shows_is_nowhere_called_plm() -> None:
    report = night_store.analysed("rls", hours=0.5)
    row = next(one for one in report.breakdown if one.group == "legs")
    sensor = "accelerometer_left_ankle"
    moves = replace(
        report.movements.movements,
        modality=np.full(len(report.movements), "accelerometer"),
    )
    only = replace(
        report,
        movements=replace(
            report.movements, movements=moves, series=np.ones(len(moves), dtype=np.int64)
        ),
        indices={sensor: report.indices["legs"]},
        breakdown=(replace(row, group=sensor),),
        imi={},
    )
    page = night_as_html(only)
    table = page[page.index('id="movement-table"') : page.index("</main>")]
    assert "periodic" in table
    assert "PLM" not in table
    (section,) = re.findall(
        r"<section[^>]*>\s*<details[^>]*><summary><h2[^>]*>Accelerometer.*?</section>",
        page,
        re.DOTALL,
    )
    words = re.sub(r"<[^>]*>", " ", section)
    assert "Periodic /h" in words
    assert not re.search(r"\bC?P?LMS?W?(nr)?\b", words)
