"""Noxturnal CSV: languages, dates either way round, stages among events, series bars."""

from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest

from psgkit.errors import TableError
from psgkit.io.scoring.marks import Scoring
from psgkit.io.scoring.read import read_scoring

FRENCH = "Heure de début,Heure de fin,Événement,Durée,"
ENGLISH = "Start Time,End Time,Event,Duration"
GERMAN = "Startzeit,Endzeit,Ereignis,Dauer,"


def read(
    tmp_path: Path,
    rows: list[str],
    head: str = FRENCH,
    start: datetime | None = None,
    code: str = "utf-16",
) -> Scoring:
    path = tmp_path / "x"
    path.write_bytes("\r\n".join([head, "[],[],[],[s],", *rows, ""]).encode(code))
    return read_scoring(path, start)


def row(clock: str, text: str, seconds: str = "30", day: str = "25/07/2018") -> str:
    return f"{day} {clock},{day} {clock},{text},{seconds},"


NIGHT = [
    row("23:46:00", "Éveil"),
    row("23:46:10", "Micro-éveil", "4.104"),
    row("23:46:30", "N1"),
    row("23:47:00", "MJ", "2.722"),
    row("23:47:00", "REM"),
]


@pytest.mark.parametrize("code", ["utf-16", "utf-16-le", "utf-8", "latin-1"])
def test_a_french_night(tmp_path: Path, code: str) -> None:
    found = read(tmp_path, NIGHT, code=code, start=datetime(2018, 7, 25, 23, 45))
    assert found.format == "Noxturnal CSV"
    assert found.hypnogram is not None
    assert found.events is not None
    assert found.hypnogram.stages.tolist() == ["W", "N1", "R"]
    assert found.hypnogram.start_s == 60.0
    assert found.events.kind.tolist() == ["arousal", "lm"]
    assert found.events.onset_s.tolist() == [70.0, 120.0]
    assert found.events.end_s[1] == pytest.approx(122.722)
    assert "events.no_side" in {finding.code for finding in found.findings}


@pytest.mark.parametrize(
    ("head", "wake", "arousal"),
    [
        (ENGLISH, "Wake", "Arousal"),
        (GERMAN, "Wach", "Weckreaktion"),
        (FRENCH, "Eveil", "Microeveil"),
    ],
)
def test_languages(tmp_path: Path, head: str, wake: str, arousal: str) -> None:
    rows = [row("23:00:00", wake), row("23:00:30", wake), row("23:00:40", arousal, "5")]
    found = read(tmp_path, rows, head)
    assert found.hypnogram is not None
    assert found.events is not None
    assert found.hypnogram.stages.tolist() == ["W", "W"]
    assert found.events.kind.tolist() == ["arousal"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("25/07/2018 23:59:30", "26/07/2018 00:00:00"),
        ("7/25/2018 11:59:30 PM", "7/26/2018 12:00:00 AM"),
        ("25.07.2018 23:59:30", "26.07.2018 00:00:00"),
        ("2018-07-25 23:59:30", "2018-07-26 00:00:00"),
        # either order is a date, but only day before month is one night
        ("05/06/2018 23:59:30", "06/06/2018 00:00:00"),
        # and here only month before day is
        ("06/05/2018 23:59:30", "06/06/2018 00:00:00"),
    ],
)
def test_dates_either_way_round_are_one_night(tmp_path: Path, first: str, second: str) -> None:
    rows = [f"{first},{first},N1,30", f"{second},{second},N2,30"]
    found = read(tmp_path, rows, ENGLISH)
    assert found.hypnogram is not None
    assert found.hypnogram.stages.tolist() == ["N1", "N2"]


def test_the_day_of_the_recording_decides_between_two_orders(tmp_path: Path) -> None:
    rows = [row("22:00:00", "N1", day="03/04/2018"), row("22:00:30", "N1", day="03/04/2018")]
    for start in (datetime(2018, 4, 3, 22), datetime(2018, 3, 4, 22)):
        found = read(tmp_path, rows, start=start)
        assert found.hypnogram is not None
        assert found.hypnogram.start_s == 0.0
    found = read(tmp_path, rows, start=datetime(2018, 9, 9, 22))
    codes = {finding.code for finding in found.findings}
    assert {"clock.date_order", "clock.days_apart"} <= codes


def test_a_stage_in_an_unknown_language_is_an_error_and_no_hole(tmp_path: Path) -> None:
    rows = [row("23:00:00", "Vaka"), row("23:00:30", "Vaka"), row("23:01:00", "N1")]
    rows += [row("23:01:30", "N2"), row("23:02:00", "Vaka"), row("23:02:30", "N2")]
    with pytest.raises(TableError, match="line 3: found 'Vaka', 3 times as long as an epoch"):
        read(tmp_path, rows)


def test_the_bar_over_a_series_is_no_movement(tmp_path: Path) -> None:
    rows = [row(f"23:0{k}:00", "MJ", "2") for k in range(4)]
    found = read(tmp_path, [row("23:00:00", "PLM", "126.925"), *rows])
    assert found.events is not None
    assert Counter(found.events.kind.tolist()) == {"lm": 4, "plm": 1}
    assert "events.plm_series" in {finding.code for finding in found.findings}


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (row("23:00:00", "N1", "long"), "line 3: found the duration 'long'"),
        ("yesterday,,N1,30,", "line 3: found 'yesterday', wanted a clock time"),
        ("32/13/2018 23:00:00,,N1,30,", "no order of day and month"),
        ("25/07/2018 23:00:00,,N1", "line 3: found 3 cells"),
    ],
)
def test_a_faulty_row_names_its_line(tmp_path: Path, bad: str, message: str) -> None:
    with pytest.raises(TableError, match=message):
        read(tmp_path, [bad, *NIGHT])


def test_two_real_nights(shared: Path) -> None:
    one = read_scoring(shared / "data/nox-psg/noxturnal-events_1.csv")
    two = read_scoring(shared / "data/nox-psg/noxturnal-events_2.csv")
    assert one.hypnogram is not None
    assert two.hypnogram is not None
    assert two.events is not None
    stages = Counter(one.hypnogram.stages.tolist())
    assert (stages["N2"], stages["N3"], stages["R"], stages["W"]) == (466, 364, 249, 213)
    stages = Counter(two.hypnogram.stages.tolist())
    assert stages == {"N2": 354, "N3": 141, "R": 146, "W": 169, "N1": 38}
    kinds = Counter(two.events.kind.tolist())
    assert (kinds["apnea"], kinds["hypopnea"], kinds["arousal"]) == (115, 89, 76)
    assert (kinds["lm"], kinds["plm"], kinds["artifact"]) == (29, 1, 22)
    assert two.start == datetime(2018, 7, 25, 23, 45, 40)
    assert two.hypnogram.start_s == 20.0
