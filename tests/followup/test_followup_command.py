"""``psgkit nights``: the worked case, what is written, and files that are refused."""

import csv
import json
import re
from pathlib import Path

import pytest
from night_reports import document, index_row, write_report
from typer.testing import CliRunner, Result

from psgkit.cli.app import app
from psgkit.errors import InputFileError

CASE = Path(__file__).parents[2] / "sample_data" / "case"
NIGHTS = sorted(CASE.glob("night-*.json"))


def run(*words: object) -> Result:
    return CliRunner().invoke(app, ["nights", *map(str, words)])


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("course")
    done = run(*NIGHTS, "--context", CASE / "context.toml", "--out", folder)
    assert done.exit_code == 0, done.exception
    return folder, done.stdout


def test_the_case_runs_and_says_that_it_is_simulated(case: tuple[Path, str]) -> None:
    folder, out = case
    words = " ".join(out.split())
    assert "All nights are SIMULATED: no person was recorded." in words
    assert "Change from aripiprazole 25 mg/day to amisulpride 0.6 g/day" in words
    assert "Change from amisulpride 0.6 g/day to amisulpride 0.4 g/day" in words
    assert "an interval needs 3 in each phase" in words
    assert "Trotti 2009" in words
    assert "This is no diagnosis." in words
    assert {path.name for path in folder.iterdir()} == {
        "nights.csv",
        "nights.html",
        "nights.json",
        "nights.svg",
    }


def test_the_case_in_json_is_the_case_in_the_reports(case: tuple[Path, str]) -> None:
    found = json.loads((case[0] / "nights.json").read_text("utf-8"), parse_constant=pytest.fail)
    assert found["schema"] == "psgkit.nights/1"
    assert [(n["day"], n["phase"], n["simulated"]) for n in found["nights"]] == [
        (-7, 1, True),
        (21, 2, True),
        (42, 3, True),
    ]
    reports = [json.loads(path.read_text("utf-8")) for path in NIGHTS]
    for row in found["indices"]:
        values = [r["indices"].get(row["group"], {}).get(row["name"]) for r in reports]
        assert row["values"] == [value and value["value"] for value in values]
        for value, reason in zip(row["values"], row["reasons"], strict=True):
            assert (value is None) == (reason is not None)
    trunk = {r["name"]: r["values"] for r in found["indices"] if r["group"] == "trunk"}
    before, during, after = trunk["plms_index"]
    assert before == after == 0 < during
    for row in found["changes"]:
        assert (row["change"] is None) == (row["reason"] is not None)
        assert (row["low"] is None) == (row["interval_reason"] is not None)
    assert found["statement"].endswith("This is no diagnosis.")


def test_the_table_has_one_row_a_night_and_index(case: tuple[Path, str]) -> None:
    with (case[0] / "nights.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found = json.loads((case[0] / "nights.json").read_text("utf-8"))
    assert len(rows) == 3 * len(found["indices"])
    assert {row["phase_label"] for row in rows} == {one["label"] for one in found["phases"]}
    assert all((row["value"] == "") == (row["reason"] != "") for row in rows)


def test_the_page_needs_nothing_else_and_has_the_figure(case: tuple[Path, str]) -> None:
    page = (case[0] / "nights.html").read_text("utf-8")
    tags = set(re.findall(r"<([a-z]+)", page))
    assert {"svg", "path", "table"} <= tags
    assert not {"script", "img", "link", "iframe"} & tags
    for words in (
        "0.6 g/day · 431\u2009ng/mL",
        "0.4 g/day · 325\u2009ng/mL",
        "dose whose end is not stated",
    ):
        assert words in page
    assert "Doses and indices over the nights (simulated)" in page


def test_the_figure_is_a_file_and_the_one_of_the_readme(case: tuple[Path, str]) -> None:
    drawn = (case[0] / "nights.svg").read_text("utf-8")
    shown = (CASE / "course.svg").read_text("utf-8")
    for svg in (drawn, shown):
        words = " ".join(re.findall(r"<text[^>]*>([^<]*)</text>", svg))
        assert "3 of 3 nights are SIMULATED: no person was recorded" in words
        # the index of the back, before, at 0.6 g/day and after
        assert "0.0 15.4 0.0" in words
    assert "](sample_data/case/course.svg)" in (CASE.parents[1] / "README.md").read_text("utf-8")


def test_the_case_is_small_and_its_reports_say_that_they_are_simulated() -> None:
    assert sum(path.stat().st_size for path in CASE.iterdir()) < 3e6
    assert len(NIGHTS) == 3
    for path in NIGHTS:
        found = json.loads(path.read_text("utf-8"))
        assert "simulate.simulated" in [one["code"] for one in found["findings"]]
        assert "simulated" in found["recording"]["file"]
        assert found["recording"]["start"] is None


def test_two_nights_are_enough_and_tell_very_little(tmp_path: Path) -> None:
    files = [
        write_report(tmp_path / name / "report.json", {"plms_index": value}, start)
        for name, value, start in (
            ("b", 10.0, "2024-03-09T22:00:00"),
            ("a", 40.0, "2024-03-01T22:00:00"),
        )
    ]
    done = run(*files)
    assert done.exit_code == 0, done.exception
    assert "Two nights say very little" in done.stdout
    assert "Without a context" in done.stdout
    assert done.stdout.index("a/report.json") < done.stdout.index("b/report.json")
    found = json.loads(run(*files, "--json").stdout)
    assert found["indices"][0]["values"] == [40.0, 10.0]
    assert found["context"] is None


def test_the_report_of_a_test_is_left_out_and_that_is_said(tmp_path: Path) -> None:
    files = [
        write_report(tmp_path / f"{n}.json", {"plms_index": n}, f"2024-03-0{n}T22:00:00")
        for n in (1, 2)
    ]
    test = tmp_path / "sit.json"
    test.write_text('{"schema": "psgkit.sit/1"}', encoding="utf-8")
    found = json.loads(run(*files, test, "--json").stdout)
    assert len(found["nights"]) == 2
    (said,) = [one for one in found["findings"] if one["code"] == "nights.test"]
    assert said["where"] == "sit.json"
    assert "--sit" in said["message"]
    alone = run(files[0], test)
    assert alone.exception is not None
    assert "1 report" in str(alone.exception)


def test_a_test_beside_its_night_is_followed_over_nights(tmp_path: Path) -> None:
    files = []
    for n, rate in ((1, 60.0), (2, 12.0)):
        group = {"legs": {}, "sit": {"sit_index_older": index_row(rate)}}
        start = f"2024-03-0{n}T22:00:00"
        files.append(write_report(tmp_path / f"{n}.json", {}, start, indices=group))
    found = json.loads(run(*files, "--json").stdout)
    (row,) = found["indices"]
    assert (row["group"], row["name"], row["values"]) == ("sit", "sit_index_older", [60.0, 12.0])
    assert "SIT index, older rule" in run(*files).stdout


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "an empty file"),
        ("{", "broken JSON"),
        ("[1]", "JSON without a schema"),
        ('{"schema": "psgkit.agreement/1"}', "psgkit.agreement/1"),
        ('{"schema": "psgkit.night/2"}', "psgkit.night/2"),
        ('{"schema": "psgkit.night/1"}', "nothing at psgkit"),
        (json.dumps(document({})).replace("28800.0", "NaN"), "NaN"),
        (json.dumps(document({"a": 1.0})).replace('"value": 1.0', '"value": true'), "True"),
        (json.dumps(document({"a": 1.0})).replace('"value": 1.0', '"value": null'), "value None"),
        (json.dumps(document({"a": 1.0})).replace('"numerator": null', '"numerator": "x"'), "'x'"),
        (
            json.dumps(document({"a": 1.0})).replace('"value": 1.0', f'"value": 1{"0" * 400}'),
            "legs.a",
        ),
        ("0       night", "an EDF recording"),
    ],
)
def test_a_wrong_file_is_refused_with_what_was_found(text: str, words: str, tmp_path: Path) -> None:
    good = write_report(tmp_path / "good.json", {"plms_index": 1.0})
    wrong = tmp_path / "wrong.json"
    wrong.write_text(text, encoding="utf-8")
    error = run(good, wrong).exception
    assert isinstance(error, InputFileError)
    assert error.exit_code == 3
    assert error.where == "wrong.json"
    assert words in error.found
    assert "psgkit.night/1" in str(error)


def test_text_of_a_report_cannot_move_the_terminal_or_the_page(tmp_path: Path) -> None:
    evil = {"file": "<b>\x1b[31m.edf", "sha256": None, "start": None, "duration_s": 1.0}
    files = [
        write_report(tmp_path / f"{n}.json", {"plms_index": 1.0}, recording=evil) for n in (1, 2)
    ]
    done = run(*files, "--out", tmp_path / "out")
    assert done.exit_code == 0, done.exception
    assert "\x1b" not in done.stdout
    page = (tmp_path / "out" / "nights.html").read_text("utf-8")
    assert "\x1b" not in page
    assert "<b>\\" not in page


def test_the_laboratory_of_the_settings_is_on_page_and_pdf(tmp_path: Path) -> None:
    settings = tmp_path / "lab.toml"
    settings.write_text('[lab]\nname = "Sleep laboratory of X"\n', encoding="utf-8")
    done = run(*NIGHTS[:2], "--settings", settings, "--out", tmp_path / "out", "--pdf")
    assert done.exit_code == 0, done.exception
    assert "Sleep laboratory of X" in (tmp_path / "out" / "nights.html").read_text("utf-8")
    reader = pytest.importorskip("pypdf").PdfReader(tmp_path / "out" / "nights.pdf")
    assert "Sleep laboratory of X" in reader.pages[0].extract_text()
