"""Stages that a program estimated are called so beside every value, in every table and file."""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from psgkit import Hypnogram, analyse_night, simulate_night, summary
from psgkit.cohort.plan.night_identity import NightIdentity
from psgkit.cohort.tables.rows import read_rows, write_rows
from psgkit.core.index_catalogue import needs_stages
from psgkit.core.night_report import NightReport
from psgkit.core.sleeper import Sleeper
from psgkit.core.stage_estimate import PROBABLE_STAGES, StageEstimate
from psgkit.document.read import read_report
from psgkit.document.scoring import read_any_scoring
from psgkit.followup.reported import read_reported_night
from psgkit.followup.walk import follow_nights
from psgkit.night.files import NightChoice, NightFiles, report_of_files
from psgkit.report.csv_tables import indices_csv, stages_csv
from psgkit.report.exchange.forms import exported
from psgkit.report.followup.document import nights_csv
from psgkit.report.night.content import page_about
from psgkit.report.pdf.night import night_as_pdf
from psgkit.report.terminal import page_as_text
from psgkit.report.write import write_report
from psgkit.simulate.files import write_night

WORDS = "estimated by YASA 0.7.0, not scored"


@pytest.fixture(scope="module")
def night() -> NightReport:
    made = simulate_night("rls", hours=0.25, seed=1)
    stages = replace(made.hypnogram, estimated_by="YASA 0.7.0")
    return analyse_night(made.recording, stages, made.events)


@pytest.fixture(scope="module")
def scored() -> NightReport:
    made = simulate_night("rls", hours=0.25, seed=2)
    return analyse_night(made.recording, made.hypnogram, made.events)


def _rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_indices_csv_says_it_in_each_row_that_needs_stages(night: NightReport) -> None:
    for row in _rows(indices_csv(night)):
        if not row["by"]:
            wanted = WORDS if needs_stages(row["name"], row["group"]) else ""
            assert row["stages_from"] == wanted, row["name"]
        elif row["by"] == "stage":
            assert row["stages_from"] == WORDS


def test_frames_say_it(night: NightReport, scored: NightReport) -> None:
    frame = night.to_frame().set_index(["group", "name"])
    assert frame.loc[("legs", "plms_index"), "stages_from"] == WORDS
    assert frame.loc[("legs", "lm_n"), "stages_from"] is None
    assert summary([night, scored])["stages_from"].tolist() == [WORDS, "scored"]
    assert WORDS in repr(night.legs.plms_index)


def test_the_wide_table_says_it_and_which_columns_need_stages(night: NightReport) -> None:
    files = exported([night], "wide")
    row = _rows(files["nights_wide.csv"].decode())[0]
    assert row["stages_from"] == WORDS
    about = {one["column"]: one for one in _rows(files["nights_wide_columns.csv"].decode())}
    assert about["legs_plms_index"]["needs_stages"] == "true"
    assert about["legs_lm_n"]["needs_stages"] == "false"


@pytest.mark.parametrize("form", ["edf", "luna", "csv", "mne"])
def test_an_exported_estimate_is_an_estimate_when_it_is_read_again(
    night: NightReport, form: str, tmp_path: Path
) -> None:
    """Else a detour over another format would turn an estimate into a scoring."""
    read = []
    for name, content in exported([night], form).items():
        if name.endswith(("annotations.edf", ".annot", "hypnogram.csv", "annot.csv")):
            path = tmp_path / Path(name).name
            path.write_bytes(content)
            read.append(read_any_scoring(path, wanted="stages").hypnogram)
    assert read
    for stages in read:
        assert stages is not None
        assert stages.estimated_by == "YASA 0.7.0"


def test_bids_and_yasa_files_say_it(night: NightReport) -> None:
    files = exported([night], "bids")
    about = json.loads(next(text for name, text in files.items() if name.endswith("events.json")))
    assert about["trial_type"]["Levels"]["sleep_stage_N2"] == f"N2, {WORDS}"
    files = exported([night], "yasa")
    stated = json.loads(next(text for name, text in files.items() if name.endswith(".json")))
    assert stated["scorer"] == WORDS


def test_a_scored_night_says_nothing_of_it(scored: NightReport) -> None:
    for form in ("edf", "luna", "csv", "bids", "yasa", "mne"):
        for content in exported([scored], form).values():
            assert b"estimated by" not in content


def test_a_report_read_back_and_used_as_stages_stays_an_estimate(
    night: NightReport, tmp_path: Path
) -> None:
    write_report(night, tmp_path)
    again = read_report(tmp_path / "report.json")
    assert again.stages_from == WORDS
    for group, indices in night.indices.items():
        for name, one in indices.items():
            assert again.indices[group][name].stages_from == one.stages_from
    stages = read_any_scoring(tmp_path / "report.json", wanted="stages").hypnogram
    assert stages is not None
    assert stages.estimated_by == "YASA 0.7.0"


def test_stages_of_a_table_or_of_the_recording_itself_that_say_it_become_a_caution(
    night: NightReport, tmp_path: Path
) -> None:
    made = simulate_night("rls", hours=0.25, seed=1)
    marked = exported([night], "edf")
    stages = tmp_path / "marks.edf"
    stages.write_bytes(next(iter(marked.values())))
    files = write_night(made, tmp_path / "made")
    recording = next(path for path in files.values() if path.suffix == ".edf")
    found = report_of_files(recording, NightFiles(hypnogram=stages), NightChoice())
    assert found.stages_from == WORDS
    assert "staging.estimated" in {one.code for one in found.cautions}
    assert found.legs.plms_index.stages_from == WORDS


def test_the_pages_say_it(night: NightReport) -> None:
    shown = page_as_text(page_about(night), width=100, colour=False)
    assert WORDS in shown
    assert night_as_pdf(night)


def test_nights_of_both_kinds_in_a_course_are_a_finding(
    night: NightReport, scored: NightReport, tmp_path: Path
) -> None:
    paths = []
    for name, one in (("a", night), ("b", scored)):
        write_report(one, tmp_path / name)
        paths.append(tmp_path / name / "report.json")
    course = follow_nights([read_reported_night(path) for path in paths])
    assert [one.code for one in course.findings].count("nights.stages") == 1
    rows = {(row["night"], row["name"]): row for row in _rows(nights_csv(course))}
    said = {rows[number, "plms_index"]["stages_from"] for number in ("1", "2")}
    assert said == {WORDS, "scored"}
    alike = follow_nights([read_reported_night(paths[1])] * 2)
    assert "nights.stages" not in {one.code for one in alike.findings}


def test_rows_of_a_cohort_say_it(night: NightReport, tmp_path: Path) -> None:
    identity = NightIdentity(night_id="n1", recording="n1.edf")
    tables = read_rows(write_rows(night, identity, tmp_path / "rows.arrow"))
    assert tables["facts"]["stages_from"].to_pylist() == [WORDS]
    rows = tables["indices"].to_pylist()
    assert {row["stages_from"] for row in rows} == {WORDS, None}


def test_epochs_that_a_reviewer_changed_are_not_called_estimated() -> None:
    sure = np.array([[0.9, 0.1, 0, 0, 0], [0.4, 0.3, 0.3, 0, 0], [np.nan] * 5])
    stages = Hypnogram.of(["W", "N1", "UNSCORED"])
    estimate = StageEstimate(
        method="YASA",
        version="0.7.0",
        hypnogram=replace(stages, estimated_by="YASA 0.7.0"),
        probability=sure,
        channels={},
        missing={},
        sleeper=Sleeper(),
    )
    assert PROBABLE_STAGES[0] == "W"
    rows = _rows(stages_csv(estimate, 0.5))
    assert [row["scorer"] for row in rows] == [WORDS, "changed by a reviewer", WORDS]
    assert [row["review"] for row in rows] == ["false", "false", "false"]
