"""A diary of symptoms: what is read, what is left out and counted, and where it is shown."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from psgkit.errors import TableError
from psgkit.io.symptoms import read_symptoms

Command = Callable[..., tuple[int, str, str]]
CASE = Path(__file__).resolve().parents[2] / "sample_data" / "case"


def written(folder: Path, text: str) -> Path:
    path = folder / "diary.csv"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "text",
    [
        "time,site,severity,words\n2024-01-31 22:15,back,6.5,itching\n",
        "time;site;severity\n31.01.2024 22:15;Rücken;6,5\n",
        "date,time,site,severity\n2024-01-31,22:15,trunk,6.5\n",
        "time,site,severity\n2024-01-31T22:15:00+01:00,back,6.5\n",
    ],
)
def test_a_row_is_read_in_every_form(tmp_path: Path, text: str) -> None:
    diary, findings = read_symptoms(written(tmp_path, text))
    (entry,) = diary.entries
    assert (entry.site, entry.severity) == ("back", 6.5)
    assert entry.at.strftime("%Y-%m-%d %H:%M") == "2024-01-31 22:15"
    assert [one.code for one in findings] == ["symptoms.read"]


def test_rows_that_cannot_be_read_are_counted_with_their_lines(tmp_path: Path) -> None:
    rows = ["2024-01-31 22:15,legs,6", "yesterday,legs,6", "2024-01-31 23:00,tail,6"]
    rows += ["2024-01-31 23:00,legs,11", "2024-01-31 23:30,legs,-1"]
    diary, findings = read_symptoms(
        written(tmp_path, "time,site,severity\n" + "\n".join(rows) + "\n")
    )
    assert len(diary.entries) == 1
    said = [one.message for one in findings if one.code == "symptoms.row"]
    assert said == [
        "1 of 5 rows left out: time is no date with a clock time (line 3)",
        "1 of 5 rows left out: site is none of legs, arms, back, other (line 4)",
        "2 of 5 rows left out: severity is no number from 0 to 10 (line 5, 6)",
    ]


def test_a_file_without_a_row_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="no row can be read"):
        read_symptoms(written(tmp_path, "time,site,severity\nnever,legs,2\n"))


def test_evening_and_night_are_compared_with_the_day(tmp_path: Path) -> None:
    rows = ["2024-01-31 10:00,legs,1", "2024-01-31 19:00,legs,5", "2024-02-01 02:00,legs,7"]
    diary, _ = read_symptoms(written(tmp_path, "time,site,severity\n" + "\n".join(rows) + "\n"))
    (legs,) = diary.by_site()
    assert (legs.n, legs.late_n, legs.late_mean, legs.day_mean) == (3, 2, 6.0, 1.0)
    assert list(diary.by_hour()) == [(2, 1, 7.0), (10, 1, 1.0), (19, 1, 5.0)]


def test_posture_and_relief_are_read_and_what_cannot_be_stays_open(tmp_path: Path) -> None:
    rows = [
        "2024-01-31 22:15,back,6,in bed,ja",
        "2024-01-31 23:00,back,6,Sitting,partly",
        "2024-01-31 23:30,back,6,upside down,perhaps",
        "2024-02-01 10:00,back,6,,",
    ]
    text = "time,site,severity,posture,moving_helped\n" + "\n".join(rows) + "\n"
    diary, findings = read_symptoms(written(tmp_path, text))
    assert [one.posture for one in diary.entries] == ["lying", "seated", "", ""]
    assert [one.moving_helped for one in diary.entries] == ["yes", "partly", "", ""]
    said = [one.message for one in findings if one.code == "symptoms.cell"]
    assert said == [
        "posture left open in 1 of 4 rows, which are kept: 'upside down' is none of lying, seated, "
        "standing, walking (line 4)",
        "moving_helped left open in 1 of 4 rows, which are kept: 'perhaps' is none of yes, "
        "partly, no (line 4)",
    ]


def test_nights_show_it(tmp_path: Path, psgkit: Command) -> None:
    diary = written(tmp_path, "time,site,severity\n2024-01-31 22:15,back,6.5\nx,legs,1\n")
    nights = [CASE / f"night-{number}.json" for number in (1, 2)]
    code, out, err = psgkit("nights", *nights, "--symptoms", diary, "--json")
    assert code == 0, err
    found = json.loads(out)
    assert found["symptoms"]["by_hour"] == [{"hour": 22, "n": 1, "mean": 6.5}]
    assert "symptoms.row" in {one["code"] for one in found["findings"]}
    shown = psgkit("nights", *nights, "--symptoms", diary)[1]
    assert "Diary of symptoms" in shown
    without = json.loads(psgkit("nights", *nights, "--json")[1])
    assert without["symptoms"] is None
    assert without["answer"] is None
