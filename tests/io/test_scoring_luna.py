"""Annotations of Luna: rows of three to six cells, every kind of time."""

from datetime import datetime
from pathlib import Path

import pytest

from psgkit.errors import TableError
from psgkit.io.scoring.marks import Scoring
from psgkit.io.scoring.read import read_scoring

START = datetime(2024, 1, 31, 22, 30)
HEADER = "class\tinstance\tchannel\tstart\tstop\tmeta"


def read(tmp_path: Path, lines: list[str], start: datetime | None = START) -> Scoring:
    path = tmp_path / "x.tab"
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")
    return read_scoring(path, start)


@pytest.mark.parametrize(
    ("start", "stop"),
    [
        ("90", "120"),
        ("90.000", "+30"),
        ("22:31:30", "22:32:00"),
        ("22:31:30.000", "+30"),
        ("0+00:01:30", "0+00:02:00"),
        ("31-01-24-22:31:30", "31-01-24-22:32:00"),
        ("31-01-2024-22:31:30", "31-01-2024-22:32:00"),
        ("e:4", "e:4"),
        ("e:4", "+30"),
    ],
)
def test_every_kind_of_time_is_the_same_epoch(tmp_path: Path, start: str, stop: str) -> None:
    found = read(tmp_path, [HEADER, f"N2\t.\t.\t{start}\t{stop}\t."])
    assert found.format == "Luna annotations"
    assert found.hypnogram is not None
    assert found.hypnogram.stages.tolist() == ["N2"]
    assert found.hypnogram.start_s == 90.0


@pytest.mark.parametrize(
    "row",
    [
        "arousal\t10\t15",
        "arousal\t.\t10\t15",
        "arousal\t.\tC4_M1\t10\t15",
        "arousal\t.\tC4_M1\t10\t15\tk=v",
        "arousal\t.\tC4_M1\t10\t15\tk=v\tmore",
    ],
)
def test_rows_of_every_length(tmp_path: Path, row: str) -> None:
    found = read(tmp_path, ["# arousal | EEG arousal", HEADER, row])
    assert found.events is not None
    assert found.events.to_frame().to_numpy().tolist() == [[10.0, 5.0, "arousal", ""]]


def test_a_file_without_any_header_is_known_by_its_first_row(tmp_path: Path) -> None:
    found = read(tmp_path, ["W\t.\t.\t0\t30\t.", "LM\t.\tLAT\t40\t42\t.", "R\t.\t.\t30\t60\t."])
    assert found.hypnogram is not None
    assert found.events is not None
    assert found.hypnogram.stages.tolist() == ["W", "R"]
    assert found.events.site.tolist() == ["left_leg"]


def test_a_class_that_only_says_stage_has_it_as_its_instance(tmp_path: Path) -> None:
    rows = ["SleepStage\tN1\t.\t0\t30\t.", "SleepStage\t?\t.\t30\t60\t."]
    found = read(tmp_path, [HEADER, *rows])
    assert found.hypnogram is not None
    assert found.hypnogram.stages.tolist() == ["N1", "UNSCORED"]


def test_words_of_luna(tmp_path: Path) -> None:
    names = ["apnea_obstructive", "hypopnea", "arousal_spontaneous", "lights_off", "desat"]
    rows = [f"{name}\t.\t.\t{k}\t{k + 1}\t." for k, name in enumerate(names)]
    found = read(tmp_path, [HEADER, *rows])
    assert found.events is not None
    assert found.events.kind.tolist() == ["apnea", "hypopnea", "arousal", "lights_off", "desat"]


def test_clock_times_cross_midnight_and_dots_reach_to_the_next_row(tmp_path: Path) -> None:
    rows = ["N1\t.\t.\t23:59:30\t...\t.", "N2\t.\t.\t00:00:00\t00:00:30\t."]
    found = read(tmp_path, [HEADER, *rows])
    assert found.hypnogram is not None
    assert found.hypnogram.start_s == 5370.0
    assert found.hypnogram.stages.tolist() == ["N1", "N2"]


def test_clock_times_without_a_start_count_from_the_first(tmp_path: Path) -> None:
    found = read(tmp_path, [HEADER, "N1\t.\t.\t23:59:30\t00:00:00\t."], None)
    assert found.hypnogram is not None
    assert found.hypnogram.start_s == 0.0
    assert "clock.own" in {finding.code for finding in found.findings}
    with pytest.raises(TableError, match="found clock times and elapsed times"):
        read(tmp_path, [HEADER, "N1\t.\t.\t23:59:30\t+30\t.", "N1\t.\t.\t30\t60\t."], None)


def test_empty_stops_are_moments(tmp_path: Path) -> None:
    found = read(tmp_path, [HEADER, "lights_on\t.\t.\t60\t.\t."])
    assert found.events is not None
    assert found.events.end_s.tolist() == [60.0]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("N2\t.\t.\tsoon\t30\t.", "line 2, start: found 'soon', wanted seconds"),
        ("N2\t.\t.\t0\tlater\t.", "line 2, stop: found 'later', wanted seconds"),
        ("N2\t.\t.\t60\t30\t.", "line 2: found a stop at '30' before its start"),
        ("N2\t0", "line 2: found 2 cells"),
        ("N2\t.\t.\t1e999\t1e999\t.", "line 2, start: found '1e999'"),
    ],
)
def test_a_faulty_row_names_its_line(tmp_path: Path, row: str, message: str) -> None:
    with pytest.raises(TableError, match=message):
        read(tmp_path, [HEADER, row])


def test_epoch_annotations_are_a_list_of_stages(tmp_path: Path) -> None:
    found = read(tmp_path, ["wake", "N1", "N2", "N3", "REM", "?"])
    assert found.format == "one stage a line"
    assert found.hypnogram is not None
    assert found.hypnogram.stages.tolist() == ["W", "N1", "N2", "N3", "R", "UNSCORED"]
