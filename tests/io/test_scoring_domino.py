"""DOMINO text: profiles and events, the dialects of the start, midnight, bursts of limbs."""

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from psgkit.errors import InputFileError, TableError
from psgkit.io.scoring.marks import Scoring
from psgkit.io.scoring.read import (
    read_events,
    read_hypnogram,
    read_hypnogram_with_findings,
    read_scoring,
)

START = datetime(2020, 9, 23, 23, 0)


def head(start: str, kind: str = "Impuls", signal: str = r"FlowD\flow", rate: str = "") -> str:
    lines = [f"Signal ID: {signal}", f"Start Time: {start}", "Unit: s", f"Signal Type: {kind}"]
    return "\n".join([*lines, *([f"Rate: {rate}"] if rate else []), "", ""])


def profile(rows: str, start: str = "23.09.2020 23:00:00", rate: str = "30 s") -> str:
    return head(start, "Discret", r"SchlafProfil\profil", rate) + rows


def read(tmp_path: Path, text: str, start: datetime | None = START, code: str = "utf-8") -> Scoring:
    path = tmp_path / "any name.dat"
    path.write_bytes(text.encode(code))
    return read_scoring(path, start)


def test_a_profile_is_a_hypnogram_and_holds_no_events(tmp_path: Path) -> None:
    found = read(tmp_path, profile("23:00:00,000; Wake\n23:00:30,000; N4\n23:01:00,000; REM\n"))
    assert found.format == "DOMINO text"
    assert found.hypnogram is not None
    assert found.hypnogram.stages.tolist() == ["W", "N3", "R"]
    assert (found.hypnogram.start_s, found.hypnogram.epoch_s) == (0.0, 30.0)
    assert found.events is None


@pytest.mark.parametrize("code", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_encodings_and_line_ends_do_not_matter(tmp_path: Path, code: str, end: str) -> None:
    text = profile("23:00:00,000; Wake\n23:00:30,000; Éveil\n").replace("\n", end)
    found = read(tmp_path, text, code=code)
    assert found.hypnogram is not None
    assert found.hypnogram.stages.tolist() == ["W", "W"]


@pytest.mark.parametrize(
    "start",
    [
        "23.09.2020 23:00:00",
        "9/23/2020 11:00:00 PM",
        "9/23/2020 11:00:00 pm",
        "23/09/2020 23:00:00",
        "2020-09-23 23:00:00",
    ],
)
def test_every_dialect_of_the_start_is_the_same_moment(tmp_path: Path, start: str) -> None:
    found = read(tmp_path, profile("23:00:00,000; N1\n23:00:30,000; N1\n", start), None)
    assert found.start == START


def test_words_of_a_profile_that_are_no_sleep_are_unscored(tmp_path: Path) -> None:
    rows = "23:00:00,000; A\n23:00:30,000; Movement\n23:01:00,000; N2\n"
    found = read(tmp_path, profile(rows))
    assert found.hypnogram is not None
    assert found.hypnogram.stages.tolist() == ["UNSCORED", "UNSCORED", "N2"]


def test_an_unknown_stage_names_its_line(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="line 8: found 'SNORE', wanted a stage"):
        read(tmp_path, profile("23:00:00,000; N1\n23:00:30,000; SNORE\n"))


def test_a_clock_of_24_hours_crosses_midnight(tmp_path: Path) -> None:
    rows = "23:59:30,000; N1\n00:00:00,000; N2\n00:00:30,000; N2\n"
    found = read(tmp_path, profile(rows))
    assert found.hypnogram is not None
    assert found.hypnogram.start_s == 3570.0
    assert found.hypnogram.stages.tolist() == ["N1", "N2", "N2"]


def test_an_event_over_midnight_has_the_length_it_has(tmp_path: Path) -> None:
    rows = (
        "23:59:58,500-00:00:03,750; 5;Hypopnea\n00:10:00,000-00:10:12,000; 12;PLM Arousal (EEG)\n"
    )
    found = read(tmp_path, head("23.09.2020 23:00:00") + rows)
    assert found.events is not None
    assert found.events.to_frame().to_numpy().tolist() == [
        [3598.5, 5.25, "hypopnea", ""],
        [4200.0, 12.0, "arousal", ""],
    ]
    assert found.hypnogram is None


def test_the_name_is_the_first_field_that_is_no_number(tmp_path: Path) -> None:
    rows = "23:10:00,000-23:10:20,000; 20;Desaturation;89;4\n"
    found = read(tmp_path, head("23.09.2020 23:00:00") + rows)
    assert found.events is not None
    assert found.events.kind.tolist() == ["desaturation"]
    assert any("of no use here" in finding.message for finding in found.findings)


@pytest.mark.parametrize("late_s", [-30, 0, 45, 3600])
def test_times_are_on_the_clock_of_the_recording(tmp_path: Path, late_s: int) -> None:
    start = START + timedelta(seconds=late_s)
    found = read(tmp_path, profile("23:00:00,000; N1\n23:00:30,000; N1\n"), start)
    assert found.hypnogram is not None
    assert found.hypnogram.start_s == -late_s


def test_without_a_start_the_file_counts_from_its_own_and_says_so(tmp_path: Path) -> None:
    found = read(tmp_path, profile("23:10:00,000; N1\n23:10:30,000; N1\n"), None)
    assert found.hypnogram is not None
    assert found.hypnogram.start_s == 600.0
    assert "clock.own" in {finding.code for finding in found.findings}


def test_pm_beside_a_clock_of_24_hours_is_half_a_day_wrong_and_said(tmp_path: Path) -> None:
    text = head("9/23/2020 01:00:00 PM") + "01:18:00,000-01:18:02,000; 2;Arousal\n"
    for start in (None, datetime(2020, 9, 23, 1, 0)):
        found = read(tmp_path, text, start)
        assert found.events is not None
        assert found.events.onset_s.tolist() == [1080.0]
        assert "clock.half_day" in {finding.code for finding in found.findings}


def test_bursts_of_a_limb_are_movements_and_those_of_the_chin_are_not(tmp_path: Path) -> None:
    rows = [
        "23:10:00,000-23:10:01,000; LeftLegPhasic",
        "23:10:00,500-23:10:02,000; LeftLegAny",
        "23:10:02,000-23:10:03,000; LeftLegTonic",
        "23:10:00,500-23:10:02,500; RightArmAny",
        "23:10:05,000-23:10:06,000; ChinPhasic",
        "23:10:07,000-23:10:09,000; RightLegArtifact",
    ]
    found = read(tmp_path, head("23.09.2020 23:00:00", signal=r"Generic\g") + "\n".join(rows))
    assert found.events is not None
    assert found.events.to_frame().to_numpy().tolist() == [
        [600.0, 3.0, "lm", "left_leg"],
        [600.5, 2.0, "lm", "right_arm"],
        [605.0, 1.0, "chinphasic", ""],
        [607.0, 2.0, "artifact", "right_leg"],
    ]
    assert "4 bursts marked phasic, tonic or any are taken as 2" in " ".join(
        finding.message for finding in found.findings
    )


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("25:00:00,000; N1", "line 7: found '25:00:00,000', wanted a clock time"),
        ("23:00:00,000; N1\nhello", "line 8: found 'hello', wanted a row such as"),
        ("hello", "line 7: found 'hello', wanted a line of the head"),
    ],
)
def test_a_faulty_row_names_its_line(tmp_path: Path, row: str, message: str) -> None:
    with pytest.raises(TableError, match=message):
        read(tmp_path, profile(row))


def test_a_sampled_signal_is_no_scoring(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match="found a sampled signal of DOMINO"):
        read(tmp_path, head("23.09.2020 23:00:00", "Analog") + "23:00:00,000; 97\n")


# --- real files ----------------------------------------------------------------------------------


def test_a_real_hour(shared: Path) -> None:
    folder = shared / "data/domino"
    hypnogram = read_hypnogram(folder / "Sleep profile - test1 Unbekannt.txt")
    assert Counter(hypnogram.stages.tolist()) == {"R": 63, "N2": 45, "N1": 10, "W": 3}
    arousals = read_events(folder / "Classification Arousals - test1 Unbekannt.txt")
    assert Counter(arousals.kind.tolist())["arousal"] == 26
    assert arousals.onset_s[0] == 60.75
    flow = read_events(folder / "Flow Events - test1 Unbekannt.txt")
    assert Counter(flow.kind.tolist()) == {"hypopnea": 13, "flow limitation": 1}
    _, findings = read_hypnogram_with_findings(folder / "Sleep profile - test1 Unbekannt SNORE.txt")
    said = {one.code: one.message for one in findings}
    assert "'SNORE' (5), first in line 89" in said["stages.unknown"]
    with pytest.raises(InputFileError, match="without sleep stages"):
        read_hypnogram(folder / "Flow Events - test1 Unbekannt.txt")
    with pytest.raises(InputFileError, match="with stages only"):
        read_events(folder / "Sleep profile - test1 Unbekannt.txt")


@pytest.mark.parametrize("name", ["Generic - test1 Unbekannt.txt", "Generic_NO_test1.txt"])
def test_two_real_scorers_of_bursts_have_the_same_clock(shared: Path, name: str) -> None:
    events = read_events(shared / "data/domino" / name, datetime(2020, 9, 23, 1, 0))
    movements = events.of_kind(["lm"])
    assert 1080 <= movements.onset_s[0] < 1090
    assert {"left_leg", "right_leg", "left_arm", "right_arm"} == set(movements.site.tolist())
    assert len(movements) > 500
