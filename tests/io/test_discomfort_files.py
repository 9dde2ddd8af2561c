"""Tables of discomfort scores: what is understood, and what is refused with its place."""

from datetime import datetime
from pathlib import Path

import pytest

from psgkit.core.discomfort import Discomfort
from psgkit.errors import InputFileError, TableError
from psgkit.sit.read_discomfort import read_discomfort

START = datetime(2024, 1, 1, 19, 50)
PART = (600.0, 4200.0)  # 20:00 to 21:00


def read(
    folder: Path, text: str, limit: float = 100.0, start: datetime | None = START
) -> Discomfort:
    return read_discomfort(written(folder, text), PART, start, limit)[0]


def written(folder: Path, text: str) -> Path:
    path = folder / "vas.csv"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "text",
    [
        "time,score\n900,12\n1200,40\n",
        "time_s\tscore\n900\t12\n1200\t40\n",
        "Time;Score\n900,0;12,0\n1200;40\n",
        "time,score\n20:05,12\n20:10,40\n",
        "time,score\n20:05:00,12\n20:10:00,40\n",
        "clock,vas\n20:05,12\n20:10,40\n",
        "time,score\n0:15:00,12\n0:20:00,40\n",
        "elapsed,score\n0:15:00,12\n0:20:00,40\n",
        "minute,score\n5,12\n10,40\n",
        "time,score,scale\n900,12,0-100\n1200,40,100 mm\n",
    ],
)
def test_times_and_delimiters_of_every_kind_say_the_same(tmp_path: Path, text: str) -> None:
    found = read(tmp_path, text)
    assert found.time_s.tolist() == [900.0, 1200.0]
    assert found.score.tolist() == [12.0, 40.0]
    assert found.unit == "mm"


def test_a_clock_runs_past_midnight(tmp_path: Path) -> None:
    start = datetime(2024, 1, 1, 23, 30)
    path = written(tmp_path, "time,score\n23:50,10\n0:10,20\n")
    found, _ = read_discomfort(path, (600.0, 4200.0), start)
    assert found.time_s.tolist() == [1200.0, 2400.0]


def test_how_times_were_read_is_said(tmp_path: Path) -> None:
    path = written(tmp_path, "time,score\n20:05,12\n")
    (found,) = read_discomfort(path, PART, START)[1]
    assert "clock times" in found.message
    path = written(tmp_path, "time,score\n0:15:00,12\n")
    (found,) = read_discomfort(path, PART, START)[1]
    assert "h:mm:ss of the recording" in found.message


def test_times_that_fit_both_readings_are_clock_times_and_doubted(tmp_path: Path) -> None:
    start = datetime(2024, 1, 1, 22, 0)
    path = written(tmp_path, "time,score\n0:15:00,60\n")
    found, findings = read_discomfort(path, (0.0, 28800.0), start)
    assert found.time_s.tolist() == [8100.0]
    assert [finding.code for finding in findings] == ["discomfort.read", "discomfort.times"]
    path = written(tmp_path, "elapsed,score\n0:15:00,60\n")
    found, findings = read_discomfort(path, (0.0, 28800.0), start)
    assert found.time_s.tolist() == [900.0]
    assert [finding.code for finding in findings] == ["discomfort.read"]


def test_sites_are_legs_arms_and_back(tmp_path: Path) -> None:
    text = "time,score,site\n900,1,legs\n900,2,Arm\n900,3,back\n900,4,\n"
    assert read(tmp_path, text).site.tolist() == ["legs", "arms", "trunk", ""]


def test_a_column_scale_goes_before_what_was_given(tmp_path: Path) -> None:
    found = read(tmp_path, "time,score,scale\n900,7,0-10\n")
    assert (found.scale_max, found.unit) == (10.0, "points")


def test_low_scores_on_a_long_scale_are_doubted(tmp_path: Path) -> None:
    path = written(tmp_path, "time,score\n900,7\n")
    codes = [found.code for found in read_discomfort(path, PART, START)[1]]
    assert codes == ["discomfort.read", "discomfort.scale"]


@pytest.mark.parametrize(
    ("text", "limit", "place"),
    [
        ("time,score\n900,12\n1200,101\n", 100.0, "line 3, column 'score'"),
        ("time,score\n900,-1\n", 100.0, "line 2, column 'score'"),
        ("time,score\n900,11\n", 10.0, "line 2, column 'score'"),
        ("time,score\n900,high\n", 100.0, "line 2, column 'score'"),
        ("time,score\n900,nan\n", 100.0, "line 2, column 'score'"),
        ("time,score\n900,\n", 100.0, "line 2, column 'score'"),
        ("time,score\nsoon,12\n", 100.0, "line 2, column 'time'"),
        ("time,score\n20:75,12\n", 100.0, "line 2, column 'time'"),
        ("time,score\n1e12,12\n", 100.0, "line 2, column 'time'"),
        ("time,score,site\n900,12,head\n", 100.0, "line 2, column 'site'"),
        ("time,score,scale\n900,12,0-7\n", 100.0, "line 2, column 'scale'"),
        ("time,score,scale\n900,1,0-10\n950,1,0-100\n", 100.0, "line 3, column 'scale'"),
        ("when,score\n900,12\n", 100.0, "header line"),
        ("time,much\n900,12\n", 100.0, "header line"),
        ("time,score\n", 100.0, "vas.csv"),
    ],
)
def test_what_cannot_be_is_refused_with_file_line_and_field(
    tmp_path: Path, text: str, limit: float, place: str
) -> None:
    with pytest.raises(TableError) as caught:
        read(tmp_path, text, limit)
    assert caught.value.exit_code == 3
    assert "vas.csv" in str(caught.value)
    assert place in str(caught.value)


def test_a_clock_needs_a_recording_that_says_when_it_starts(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="does not say when it starts"):
        read(tmp_path, "clock,score\n20:05,12\n", start=None)


def test_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match=r"none\.csv"):
        read_discomfort(tmp_path / "none.csv", PART)


def test_answers_are_checked_and_sorted() -> None:
    assert Discomfort.of([20.0, 10.0], [2, 1]).score.tolist() == [1.0, 2.0]
    with pytest.raises(ValueError, match="scores from 0 to 10"):
        Discomfort.of([1.0], [11], scale_max=10.0)
    with pytest.raises(ValueError, match="unknown sites"):
        Discomfort.of([1.0], [1], "head")
