"""Clock times, dates of either order, tables of psgkit and BIDS read as any other format."""

import itertools
import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psgkit.errors import InputFileError, TableError
from psgkit.io.scoring.clocks import moments_of, times_of, unrolled_s, written_time
from psgkit.io.scoring.read import read_scoring

MINUTES = st.integers(0, 24 * 60 - 1)
STARTS = st.datetimes(datetime(1990, 1, 1), datetime(2080, 1, 1))


@given(STARTS, st.lists(st.integers(1, 11 * 3600), max_size=30))
def test_times_of_day_in_the_order_of_the_night_come_back(
    start: datetime, steps_s: list[int]
) -> None:
    start = start.replace(microsecond=0)
    night = [start]
    for step_s in steps_s:
        night.append(night[-1] + timedelta(seconds=step_s))
    written = [f"{moment:%H:%M:%S}" for moment in night]
    found, _ = moments_of(times_of(written, written, "f"), start, "f")
    assert found == night


@given(STARTS, st.sampled_from(["%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%Y-%m-%d", "%d-%m-%y"]))
def test_a_night_over_midnight_is_one_night_in_any_order_of_its_date(
    start: datetime, form: str
) -> None:
    night = [start.replace(hour=21, microsecond=0) + timedelta(hours=hours) for hours in range(9)]
    written = [moment.strftime(f"{form} %H:%M:%S") for moment in night]
    found, _ = moments_of(times_of(written, written, "f"), night[0], "f")
    assert found == night


@given(st.datetimes(datetime(1990, 1, 1), datetime(2080, 1, 1)))
def test_the_twelve_hour_clock_is_the_same_clock(moment: datetime) -> None:
    twelve = written_time(moment.strftime("%m/%d/%Y %I:%M:%S %p"))
    full = written_time(moment.strftime("%m/%d/%Y %H:%M:%S"))
    assert twelve is not None
    assert full is not None
    assert (twelve.clock_s, twelve.numbers) == (full.clock_s, full.numbers)


@given(st.lists(st.floats(0, 86399), max_size=20))
def test_unrolled_times_are_the_same_times_of_day(clock_s: list[float]) -> None:
    found = unrolled_s(clock_s)
    assert [second % 86400 for second in found] == pytest.approx(clock_s, abs=1e-6)
    steps_s = [abs(one - other) for one, other in itertools.pairwise(found)]
    assert all(step_s <= 43200 + 1e-6 for step_s in steps_s)


@pytest.mark.parametrize("text", ["", "24:00:00", "12:60", "noon", "1/2 12:00", "x" * 10**6])
def test_what_is_no_time_is_none(text: str) -> None:
    assert written_time(text) is None


def test_times_that_go_back_every_hour_are_no_night() -> None:
    clocks = [f"{(24 - 11 * k) % 24:02}:00:00" for k in range(600)]
    with pytest.raises(TableError, match=r"clock times that cross midnight 2.. times"):
        moments_of(times_of(clocks, clocks, "f"), None, "f")


# --- the formats of old --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "form", "stages", "kinds"),
    [
        ("onset_s,duration_s,stage\n0,60,N2\n", "a table of stages", ["N2", "N2"], None),
        ("onset_s,duration_s,kind,site\n1,2,lm,trunk\n", "a table of events", None, ["lm"]),
        ("onset\tduration\tstage\n0\t30\t4\n", "BIDS events", ["R"], None),
        (
            "onset\tduration\ttrial_type\n0\t30\tW\n5\t3\tarousal\n30\t30\tSleep stage R\n",
            "BIDS events",
            ["W", "R"],
            ["arousal"],
        ),
        ("W\nN1\n", "one stage a line", ["W", "N1"], None),
        ("0\n1\n4\n-1\n", "one stage a line", ["W", "N1", "R", "UNSCORED"], None),
    ],
)
def test_tables_and_lists(
    tmp_path: Path, text: str, form: str, stages: list[str] | None, kinds: list[str] | None
) -> None:
    path = tmp_path / "table"
    path.write_text(text)
    found = read_scoring(path)
    assert found.format == form
    assert (found.hypnogram and found.hypnogram.stages.tolist()) == stages
    assert (found.events and found.events.kind.tolist()) == kinds


CODES = "onset\tduration\tstage\n0\t30\t0\n30\t30\t4\n60\t30\t5\n"


@pytest.mark.parametrize(
    ("name", "folder"),
    [("sub-1_task-x_events.json", "."), ("task-x_events.json", ".."), ("events.json", "..")],
)
def test_the_json_of_a_bids_table_names_its_codes(tmp_path: Path, name: str, folder: str) -> None:
    path = tmp_path / "sub-1" / "sub-1_task-x_events.tsv"
    path.parent.mkdir()
    path.write_text(CODES)
    levels = {"0": "REM (R)", "4": "Wake", "5": {"Description": "Stage N1"}}
    (path.parent / folder / name).write_text(json.dumps({"stage": {"Levels": levels}}))
    found = read_scoring(path)
    assert found.hypnogram is not None
    assert found.hypnogram.stages.tolist() == ["R", "W", "N1"]
    assert "'0' is R, '4' is W, '5' is N1" in found.findings[0].message


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", "[" * 100_000, '{"stage": 1}', '{"stage": {"Levels": {"0": "W"}}}', "\x00"],
)
def test_a_json_that_does_not_help_leaves_the_usual_codes(tmp_path: Path, text: str) -> None:
    path = tmp_path / "sub-1_events.tsv"
    path.write_text(CODES.replace("\t5", "\t2"))
    path.with_suffix(".json").write_text(text)
    found = read_scoring(path)
    assert found.hypnogram is not None
    assert found.hypnogram.stages.tolist() == ["W", "R", "N2"]


@pytest.mark.parametrize("text", ["hello world\n", "a,b,c\n1,2,3\n", "{}", "version https://x\n"])
def test_an_unknown_format_says_what_was_looked_for(tmp_path: Path, text: str) -> None:
    path = tmp_path / "what"
    path.write_text(text)
    with pytest.raises(InputFileError, match=r"DOMINO text, RemLogic text.*Luna annotations"):
        read_scoring(path)


def test_annotations_of_a_real_scorer(shared: Path) -> None:
    path = shared / "data/multi-scorer-hypnograms/SN1_SleepStages_manual_scorer1.edf"
    found = read_scoring(path)
    assert found.format == "EDF+ annotations"
    assert found.hypnogram is not None
    assert found.events is not None
    assert found.events.kind.tolist() == ["lights_off", "lights_on"]
    later = read_scoring(path, (found.start or datetime.min) + timedelta(seconds=60))
    assert later.hypnogram is not None
    assert later.hypnogram.start_s == found.hypnogram.start_s - 60


def test_every_real_bids_night_is_one(shared: Path) -> None:
    for path in sorted((shared / "data/bids-hypnograms").iterdir()):
        found = read_scoring(path)
        assert found.format == "BIDS events"
        assert found.hypnogram is not None
        assert found.events is None
