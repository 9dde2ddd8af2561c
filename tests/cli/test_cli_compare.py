"""``psgkit compare``: forms of a scoring, what is printed, and what cannot be compared."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from psgkit.cli.app import app
from psgkit.errors import PsgkitError, SettingsError

SAMPLES = Path(__file__).resolve().parents[2] / "sample_data"
RLS = SAMPLES / "rls"
HEAD = "onset_s,duration_s,kind,site\n"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["compare", *map(str, arguments)])


def compared(*arguments: object) -> dict[str, Any]:
    done = run(*arguments, "--json")
    assert done.exit_code == 0, done.exception
    return json.loads(done.stdout, parse_constant=pytest.fail)


def refused(*arguments: object) -> PsgkitError:
    error = run(*arguments).exception
    assert isinstance(error, PsgkitError), error
    return error


def table(folder: Path, name: str, rows: str, head: str = HEAD) -> Path:
    path = folder / name
    path.write_text(head + rows, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    done = CliRunner().invoke(
        app, ["report", str(RLS / "night.edf"), "--out", str(folder)], catch_exceptions=False
    )
    assert done.exit_code == 0
    return folder / "report.json"


def test_a_scoring_agrees_with_itself_in_all_it_states() -> None:
    found = compared(RLS / "night.edf", RLS / "night.edf")
    assert found["schema"] == "psgkit.agreement/1"
    assert [row["kind"] for row in found["events"]] == ["arousal", "hypopnea"]
    for row in found["events"]:
        assert row["count_difference_n"] == 0
        for way in ("onset", "overlap"):
            assert row[way]["f1"] == {"value": 1.0, "unit": "1", "reason": None}
    assert found["stages"]["kappa"]["value"] == 1.0
    assert found["stages"]["compared_n"] == 240
    assert found["stages_reason"] is None


def test_detected_movements_agree_with_the_truth_of_a_simulated_night(report: Path) -> None:
    found = compared(RLS / "truth.csv", report)
    rows = {row["site"]: row for row in found["events"]}
    assert set(rows) == {None, "left_leg", "right_leg", "both_legs"}
    for way in ("onset", "overlap"):
        assert rows[None][way]["f1"]["value"] > 0.97
    assert abs(rows[None]["onset"]["onset_error"]["median_s"]) < 0.05
    # the report joins both legs, the truth has one leg a row
    assert found["settings"]["joined_sides"]
    assert rows[None]["reference_n"] < found["reference"]["events_n"]["lm"] == 97
    assert "agreement.joined_sides" in [f["code"] for f in found["findings"]]
    assert found["stages"] is None
    assert "truth.csv" in found["stages_reason"]


def test_stages_of_an_edf_and_of_its_report_are_the_same(report: Path) -> None:
    found = compared(RLS / "night.edf", report)
    assert found["stages"]["agreement"]["value"] == 1.0
    assert found["stages"]["compared_n"] == 240
    assert compared(RLS / "hypnogram.csv", report)["stages"]["kappa"]["value"] == 1.0


def test_undefined_is_null_with_a_reason(tmp_path: Path) -> None:
    some = table(tmp_path, "some.csv", "10,2,lm,left_leg\n")
    none = table(tmp_path, "none.csv", "")
    (found, left) = compared(some, none)["events"]
    assert (found["site"], left["site"]) == (None, "left_leg")
    scores = found["onset"]
    assert scores["precision"] == {"value": None, "unit": "1", "reason": "no candidate event"}
    assert scores["recall"] == {"value": 0.0, "unit": "1", "reason": None}
    assert scores["onset_error"]["median_s"] is None
    assert scores["onset_error"]["reason"] == "no pair of events"
    back = compared(none, some)["events"][0]["onset"]
    assert back["recall"]["reason"] == "no reference event"
    neither = compared(none, none)["events"]
    assert neither[0]["overlap"]["f1"] == {
        "value": None,
        "unit": "1",
        "reason": "no event in either",
    }


def test_swapping_swaps_precision_and_recall(tmp_path: Path) -> None:
    one = table(tmp_path, "one.csv", "10,2,lm,left_leg\n30,2,lm,left_leg\n")
    other = table(tmp_path, "other.csv", "10.2,2,lm,left_leg\n")
    there, back = compared(one, other)["events"][0], compared(other, one)["events"][0]
    assert there["onset"]["precision"] == back["onset"]["recall"]
    assert there["onset"]["recall"] == back["onset"]["precision"]
    assert there["onset"]["onset_error"]["median_s"] == 0.2
    assert back["onset"]["onset_error"]["median_s"] == -0.2
    assert (there["count_difference_n"], back["count_difference_n"]) == (-1, 1)


def test_the_tolerance_is_included(tmp_path: Path) -> None:
    one = table(tmp_path, "one.csv", "10,2,lm,left_leg\n")
    other = table(tmp_path, "other.csv", "11,2,lm,left_leg\n")
    assert compared(one, other)["events"][0]["onset"]["matched_n"] == 0
    found = compared(one, other, "--tolerance", "1")
    assert found["events"][0]["onset"]["matched_n"] == 1
    assert found["settings"]["onset_tolerance_s"] == 1.0


def test_a_kind_that_only_one_states_is_named_and_not_scored(tmp_path: Path) -> None:
    one = table(tmp_path, "one.csv", "10,2,lm,left_leg\n40,3,arousal,\n")
    other = table(tmp_path, "other.csv", "10,2,lm,left_leg\n")
    found = compared(one, other)
    assert {row["kind"] for row in found["events"]} == {"lm"}
    (left_out,) = found["not_compared"]
    assert (left_out["kind"], left_out["reference_n"], left_out["candidate_n"]) == ("arousal", 1, 0)
    assert "other.csv has none" in left_out["reason"]
    assert "not compared: arousals" in run(one, other).stdout


def test_a_report_is_brought_to_the_clock_of_the_reference(report: Path, tmp_path: Path) -> None:
    night = json.loads(report.read_text(encoding="utf-8"))
    night["recording"]["start"] = "2001-01-01T22:29:00"
    for row in [*night["movements"], *night["hypnogram"]]:
        row["onset_s"] += 60
    for row in night["movements"]:
        row["end_s"] += 60
    night["epochs"]["start_s"] += 60
    late = tmp_path / "late.json"
    late.write_text(json.dumps(night), encoding="utf-8")
    found = compared(report, late)
    assert found["events"][0]["onset"]["f1"]["value"] == 1.0
    assert found["stages"]["kappa"]["value"] == 1.0
    # without the clock of the reference there is nothing to align to, and that is said
    lone = compared(RLS / "hypnogram.csv", late)
    assert lone["stages"]["agreement"]["value"] < 1.0
    assert "clock.unknown" in [f["code"] for f in lone["findings"]]


def test_movements_of_accelerometers_are_left_out(report: Path, tmp_path: Path) -> None:
    night = json.loads(report.read_text(encoding="utf-8"))
    for row in night["movements"][:5]:
        row["modality"] = "accelerometer"
    fewer = tmp_path / "fewer.json"
    fewer.write_text(json.dumps(night), encoding="utf-8")
    found = compared(report, fewer)
    assert found["events"][0]["count_difference_n"] == -5
    assert "report.modality" in [f["code"] for f in found["findings"]]


def test_the_page_fits_a_terminal_and_says_what_it_counts(report: Path) -> None:
    done = run(RLS / "truth.csv", report)
    assert done.exit_code == 0
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert "Matched by onset, at most 0.5 s apart" in done.stdout
    assert re.search(r"any site +66 +66 +0 +66 +1\.00 +1\.00 +1\.00", done.stdout)
    assert "not a medical device" in done.stdout


def test_the_page_shows_stages_and_what_was_left_out(tmp_path: Path) -> None:
    one = table(tmp_path, "one.txt", "W\nN1\nN2\nN2\n?\n", head="")
    other = table(tmp_path, "other.txt", "W\nN2\nN2\nN2\nR\n", head="")
    page = run(one, other).stdout
    assert "Agreement 75.0 %, Cohen's kappa 0.56, over 4 epochs of 30 s" in page
    assert re.search(r"^  N1 +0 +0 +1 +0 +0 +1 +0\.00$", page, flags=re.MULTILINE)
    assert "neither has N3" in page
    assert max(map(len, page.splitlines())) <= 80


def test_a_file_name_cannot_colour_the_page(tmp_path: Path) -> None:
    one = table(tmp_path, "a\x1b[31m.csv", "10,2,lm,left_leg\n")
    page = run(one, one).stdout
    assert "\x1b" not in page
    assert r"\x1b[31m" in page


def test_nothing_in_common_is_an_error_that_names_both_files() -> None:
    error = refused(RLS / "truth.csv", RLS / "hypnogram.csv")
    assert error.exit_code == 3
    assert "truth.csv: lm" in str(error)
    assert "hypnogram.csv: stages" in str(error)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "broken JSON"),
        ('{"schema": "psgkit.agreement/1"}', "the schema 'psgkit.night/1'"),
        ('{"schema": "psgkit.night/1"}', "nothing at psgkit"),
        ('{"schema": "psgkit.night/1", "movements": 3}', "no report as psgkit writes it"),
        ("<html></html>", "the root 'html'"),
        ("onset_s,duration_s,kind,site\n1,2,yawn,\n", "none a known event or a stage"),
        ("onset_s,duration_s,kind,site\n1,x,lm,left_leg\n", "a duration of 0 or more"),
        ("", "an empty file"),
    ],
)
@pytest.mark.parametrize("place", [0, 1])
def test_what_cannot_be_used_is_named(content: str, said: str, place: int, tmp_path: Path) -> None:
    bad = table(tmp_path, "bad.json", content, head="")
    sides = [RLS / "truth.csv"]
    sides.insert(place, bad)
    error = refused(*sides)
    assert error.exit_code == 3
    assert "bad.json" in str(error)
    assert said in str(error)


def test_another_night_is_refused(shared: Path) -> None:
    folder = shared / "data" / "nox-psg"
    files = [folder / f"noxturnal-events_{number}.csv" for number in (1, 2)]
    error = refused(*files)
    assert error.exit_code == 3
    assert "h apart by their clocks" in str(error)


def test_what_two_people_marked_in_another_program_is_compared(shared: Path) -> None:
    folder = shared / "data" / "domino"
    found = compared(folder / "Generic - test1 Unbekannt.txt", folder / "Generic_NO_test1.txt")
    rows = {row["site"]: row for row in found["events"] if row["kind"] == "lm"}
    assert set(rows) == {None, "left_leg", "right_leg", "left_arm", "right_arm"}
    for row in rows.values():
        assert 0.5 < row["onset"]["f1"]["value"] <= row["overlap"]["f1"]["value"] < 0.9


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert "nowhere.csv" in str(refused(tmp_path / "nowhere.csv", RLS / "truth.csv"))


@pytest.mark.parametrize("value", ["-0.1", "nan", "inf"])
def test_an_impossible_tolerance_is_bad_usage(value: str) -> None:
    error = refused(RLS / "truth.csv", RLS / "truth.csv", f"--tolerance={value}")
    assert isinstance(error, SettingsError)
    assert error.exit_code == 2


def test_the_same_files_give_the_same_bytes(report: Path) -> None:
    assert run(RLS / "truth.csv", report, "--json").stdout == (
        run(RLS / "truth.csv", report, "--json").stdout
    )


def test_people_of_the_real_night_are_compared(shared: Path) -> None:
    folder = shared / "data" / "multi-scorer-hypnograms"
    found = compared(*sorted(folder.glob("*.edf"))[:2])["stages"]
    assert found["compared_n"] + found["only_reference_n"] + found["neither_n"] == 901
    assert found["agreement"]["value"] == pytest.approx(769 / 898, abs=1e-6)
    assert sum(map(sum, found["confusion"]["epochs_n"])) == 898
