"""Nouns show themselves: one line, HTML for notebooks, drawings, frames; names are suggested."""

import copy
import pickle
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import psgkit
from psgkit import Events, Hypnogram, Movements, NightReport, Settings
from psgkit.core.index import Index
from psgkit.errors import PsgkitError, SettingsError
from psgkit.simulate.files import write_night
from psgkit.simulate.simulated import SimulatedNight


@pytest.fixture(scope="module")
def night() -> SimulatedNight:
    return psgkit.simulate_night("rls", hours=0.5, seed=1)


@pytest.fixture(scope="module")
def report(night: SimulatedNight) -> NightReport:
    return psgkit.analyse_night(night.recording, night.hypnogram, night.events)


def test_a_repr_is_one_short_line(night: SimulatedNight, report: NightReport) -> None:
    shown = [night.recording, night.hypnogram, night.events, report, report.movements]
    shown += [report.movements.movements, report.legs, report.legs.plms_index]
    for one in shown:
        assert repr(one).startswith(f"<{type(one).__name__} "), one
        assert "\n" not in repr(one)
        assert len(repr(one)) < 200


def test_what_is_empty_says_so() -> None:
    assert repr(Events.none()) == "<Events none>"
    assert repr(Movements.of([], [], [])) == "<Movements none>"
    assert repr(Hypnogram.of([])) == "<Hypnogram 0 epochs of 30 s: none>"
    missing = Index.missing("plms_index", "no sleep scored")
    assert repr(missing) == "<Index plms_index: none, no sleep scored>"


def test_a_notebook_shows_every_noun(night: SimulatedNight, report: NightReport) -> None:
    for one in (night.recording, night.hypnogram, night.events, report, report.movements):
        html = one._repr_html_()
        assert html.startswith("<div>")
        assert html.count("<table>") == html.count("</table>") >= 1
    assert "<svg" in report._repr_html_()
    assert "Simulated" in report._repr_html_()
    assert "30.8" in report.legs.plms_index._repr_html_() or report.legs.plms_index.value != 30.8


def test_text_from_outside_is_inert_in_a_notebook() -> None:
    hostile = Events.of([1.0], [2.0], ["<script>alert(1)</script>"], ["\x1b[31m"])
    html = hostile._repr_html_()
    assert "<script" not in html
    assert "\x1b" not in html


def test_indices_by_key_and_by_attribute_are_the_same(report: NightReport) -> None:
    assert report["legs"]["plms_index"] is report.legs.plms_index
    assert report["legs"]["plms_index"] is report.indices["legs"]["plms_index"]
    assert dict(report["legs"]) == dict(report.indices["legs"])
    assert "legs" in dir(report)
    assert "plms_index" in dir(report.legs)


@pytest.mark.parametrize(
    ("name", "near"), [("leg", "legs"), ("sleeep", "sleep"), ("zzz", "there are sleep")]
)
def test_a_wrong_group_is_answered_by_near_ones(report: NightReport, name: str, near: str) -> None:
    with pytest.raises(KeyError, match=near):
        report[name]
    with pytest.raises(AttributeError, match=near):
        getattr(report, name)


def test_a_wrong_index_is_answered_by_near_ones(report: NightReport) -> None:
    with pytest.raises(KeyError, match="plms_index"):
        report["legs"]["plm_index"]
    with pytest.raises(AttributeError, match="plms_index"):
        report.legs.plmsindex  # noqa: B018


def test_a_report_survives_copies_and_pickles(report: NightReport) -> None:
    for again in (copy.copy(report), copy.deepcopy(report), pickle.loads(pickle.dumps(report))):
        assert again.legs.plms_index == report.legs.plms_index
        assert repr(again) == repr(report)


def test_a_frame_has_every_index_with_its_unit(report: NightReport) -> None:
    frame = report.to_frame().set_index(["group", "name"])
    assert len(frame) == sum(len(indices) for indices in report.indices.values())
    for group, indices in report.indices.items():
        for name, index in indices.items():
            row = frame.loc[(group, name)]
            assert row["unit"] == index.unit
            assert (row["value"] == index.value) or (np.isnan(row["value"]) and row["reason"])


def test_drawings_are_in_seconds_of_the_recording(
    night: SimulatedNight, report: NightReport
) -> None:
    assert night.recording.plot(60, 90).get_xlim() == (60.0, 90.0)
    assert night.recording.plot(60, 1200).get_xlim() == (60.0, 1200.0)
    assert night.hypnogram.plot().get_xlim() == (night.hypnogram.start_s, night.hypnogram.end_s)
    assert report.movements.plot().get_xlim()[1] == report.movements.movements.end_s.max()
    assert report.plot().get_xlim()[1] >= night.recording.duration_s
    psgkit.plot_hypnogram(Hypnogram.of([]))
    psgkit.plot_movements(Movements.of([], [], []))


def test_a_long_drawing_keeps_the_highest_peak(night: SimulatedNight) -> None:
    label = night.recording.with_role("leg")[0].label
    axes = night.recording.plot(0, 1800, channels=[label])
    (line,) = axes.lines
    signal = night.recording.signals(night.recording.channel(label))[0].samples[:]
    peak_s = float(np.argmax(signal)) / night.recording.channel(label).rate_hz
    drawn = line.get_xdata()[np.argmin(line.get_ydata())]
    assert len(line.get_xdata()) <= 2 * 2000
    # clipped at the edge of its lane, so the first sample there need not be the very highest
    assert line.get_ydata().min() == 0.0
    assert 0 <= drawn <= 1800
    near = np.abs(line.get_xdata() - peak_s) < 2.0
    assert line.get_ydata()[near].min() == 0.0


def test_a_drawing_of_nothing_is_refused(night: SimulatedNight) -> None:
    with pytest.raises(ValueError, match="stop must lie after start"):
        night.recording.plot(60, 30)
    with pytest.raises(KeyError, match="no channel 'EMG9'"):
        night.recording.plot(channels=["EMG9"])


def test_a_summary_has_a_row_a_night(report: NightReport) -> None:
    frame = psgkit.summary([report, report])
    assert len(frame) == 2
    assert frame["legs__plms_index"].tolist() == [report.legs.plms_index.value] * 2
    assert frame.attrs["units"]["legs__plms_index"] == "1/h"
    assert frame["simulated"].all()
    assert len(psgkit.summary([])) == 0


def test_a_column_is_added_to_a_summary_without_a_warning(report: NightReport) -> None:
    """Adding the group of each night made pandas warn that the frame is fragmented."""
    frame = psgkit.summary([report, report])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        frame["group"] = ["a", "b"]
    assert frame.attrs["units"]["legs__plms_index"] == "1/h"


def test_groups_are_compared_as_a_cohort_is() -> None:
    low, high = [2.0, 4.0, 3.0, 5.0, 1.0], [30.0, 25.0, 28.0, 40.0, 33.0]
    frame = pd.DataFrame({"legs__plms_index": low + high, "drug": ["no"] * 5 + ["yes"] * 5})
    (row,) = psgkit.compare_groups(frame, by="drug").to_dict("records")
    assert (row["first"], row["second"], row["effect"]) == ("no", "yes", -1.0)
    assert row["unit"] == "1/h"
    assert row["p"] == pytest.approx(2 / 252)  # exact: 10 over 5, two-sided
    with pytest.raises(KeyError, match="did you mean drug"):
        psgkit.compare_groups(frame, by="drugs")


def test_a_person_with_two_nights_counts_once() -> None:
    frame = pd.DataFrame(
        {
            "legs__plms_index": [1.0, 3.0, 2.0, 9.0, 8.0],
            "drug": ["no", "no", "no", "yes", "yes"],
            "person": ["a", "a", "b", "c", "d"],
        }
    )
    (row,) = psgkit.compare_groups(frame, by="drug", subject="person").to_dict("records")
    assert (row["first_n"], row["second_n"], row["first_median"]) == (2, 2, 2.0)


def test_a_folder_is_analysed_with_the_stages_beside_its_nights(
    night: SimulatedNight, tmp_path: Path
) -> None:
    write_night(night, tmp_path / "one")
    two = write_night(night, tmp_path / "two")
    two["hypnogram"].rename(two["recording"].with_suffix(".csv"))
    reports = psgkit.analyse_many(tmp_path)
    codes = [{finding.code for finding in report.findings} for report in reports]
    assert ["sidecar.used" in found for found in codes] == [False, True]
    in_two = psgkit.analyse_many(tmp_path, jobs=2)
    assert [report.legs for report in in_two] == [report.legs for report in reports]


def test_a_night_that_cannot_be_used_is_told_or_left_out(
    night: SimulatedNight, tmp_path: Path
) -> None:
    write_night(night, tmp_path / "one")
    (tmp_path / "cut.edf").write_bytes(b"0       ")
    with pytest.raises(PsgkitError, match=r"cut\.edf"):
        psgkit.analyse_many(tmp_path)
    with pytest.warns(UserWarning, match=r"cut\.edf is left out"):
        assert len(psgkit.analyse_many(tmp_path, on_error="warn")) == 1
    (tmp_path / "empty").mkdir()
    with pytest.raises(PsgkitError, match="no recording"):
        psgkit.analyse_many(tmp_path / "empty")


def test_rules_are_taken_by_name() -> None:
    assert Settings(rules="aasm3").rules is psgkit.AASM_3


@pytest.mark.parametrize(
    ("field", "value", "wanted"),
    [
        ("rules", "aasm4", "one of wasm2016"),
        ("emg", 8.0, "EmgDetection"),
        ("lights_off_s", "22:00", "seconds"),
        ("lights_on_s", float("nan"), "seconds"),
        ("posture", None, "PostureRule"),
    ],
)
def test_wrong_settings_fail_when_they_are_made(field: str, value: object, wanted: str) -> None:
    with pytest.raises(SettingsError, match=wanted) as error:
        Settings(**{field: value})
    assert field in str(error.value)


def test_the_public_names_are_the_names_shown() -> None:
    assert dir(psgkit) == sorted(psgkit.__all__)
    for name in psgkit.__all__:
        assert getattr(psgkit, name) is not None


def test_a_rule_set_or_its_name_stands_for_settings(night: SimulatedNight) -> None:
    given = (night.recording, night.hypnogram, night.events)
    wanted = psgkit.analyse_night(*given, Settings(rules="aasm3"))
    for settings in (psgkit.AASM_3, "aasm3"):
        assert psgkit.analyse_night(*given, settings).settings == wanted.settings
    with pytest.raises(
        SettingsError, match=r"settings: found dict, wanted Settings\(\.\.\.\), a rule"
    ):
        psgkit.analyse_night(*given, {"rules": "aasm3"})
    with pytest.raises(SettingsError, match="rules: found 'aasm9'"):
        psgkit.analyse_night(*given, "aasm9")


def test_a_file_in_place_of_what_it_holds_says_how_to_read_it(night: SimulatedNight) -> None:
    with pytest.raises(
        ValueError, match=r"got str; read the file first: psgkit\.read_recording\('n"
    ):
        psgkit.analyse_night("night.edf")
    with pytest.raises(ValueError, match=r"read the file first: psgkit\.read_hypnogram\('st"):
        psgkit.analyse_night(night.recording, Path("stages.csv"))


def test_folders_may_be_listed(night: SimulatedNight, tmp_path: Path) -> None:
    for name in ("first", "second"):
        write_night(night, tmp_path / name)
    assert len(psgkit.analyse_many([tmp_path / "second", tmp_path / "first"])) == 2
