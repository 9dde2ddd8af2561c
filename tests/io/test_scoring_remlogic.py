"""RemLogic text: every head of the table, every kind of time, movements and series bars."""

from datetime import datetime
from pathlib import Path

import pytest

from psgkit.errors import TableError
from psgkit.io.scoring.marks import Scoring
from psgkit.io.scoring.read import read_scoring

START = datetime(2015, 4, 15, 23, 0)
TOP = [
    "RemLogic Event Export",
    "Patient:\tX",
    "Patient ID:\t17",
    "Recording Date:\t4/15/2015",
    "",
    "Events Included:",
    "SLEEP-S0",
    "PLM-LM",
    "",
]
SESSION = ["Scoring Session:", "Scorer Name:\tX", "Scoring Type:\tmanual", ""]
HEADS = [
    "Time [hh:mm:ss.xxx]\tEvent\tDuration[s]\tLocation",
    "Time [hh:mm:ss]\tEvent\tDuration[s]",
    "[hh:mm:ss.xxx]\tEvent\tDuration[s]\tLocation",
    "Sleep Stage\tPosition\tTime [hh:mm:ss]\tEvent\tDuration[s]\tLocation",
    "Heure [hh:mm:ss]\tEvénement\tDurée[s]\tEmplacement",
]
NIGHT = [
    ("23:59:00", "SLEEP-S0", "30", "ROC-LOC"),
    ("23:59:10", "PLM-LM", "2.5", "EMG.Tibialis-Leg-Left"),
    ("23:59:30", "SLEEP-S2", "30", "ROC-LOC"),
    ("00:00:00", "SLEEP-S3", "30", "ROC-LOC"),
    ("00:00:12", "AROUSAL-LM", "4.0", "EEG-C3-A2"),
    ("00:00:30", "SLEEP-REM", "30", "ROC-LOC"),
]


def iso(clock: str) -> str:
    return f"2015-04-{16 if clock < '12' else 15}T{clock}.000000"


def table(head: str, rows: list[tuple[str, str, str, str]]) -> list[str]:
    lines = [head]
    for time, event, seconds, place in rows:
        cells = [time, event, seconds]
        if "Location" in head or "Emplacement" in head:
            cells.append(place)
        lines.append("\t".join(["W", "Unknown Position", *cells] if "Position" in head else cells))
    return lines


def read(
    tmp_path: Path, lines: list[str], start: datetime | None = START, code: str = "utf-8"
) -> Scoring:
    path = tmp_path / "export"
    path.write_bytes("\r\n".join([*lines, ""]).encode(code))
    return read_scoring(path, start)


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("time", ["clock", "iso", "fraction", "dots"])
@pytest.mark.parametrize("session", [[], SESSION])
def test_every_dialect_is_the_same_night(
    tmp_path: Path, head: str, time: str, session: list[str]
) -> None:
    written = {"clock": str, "iso": iso, "fraction": "{}.000".format, "dots": _dotted}[time]
    rows = [(written(clock), *rest) for clock, *rest in NIGHT]
    found = read(tmp_path, [*TOP, *session, *table(head, rows)])
    assert found.format == "RemLogic text"
    assert found.hypnogram is not None
    assert found.events is not None
    assert found.hypnogram.stages.tolist() == ["W", "N2", "N3", "R"]
    assert found.hypnogram.start_s == 3540.0
    assert found.events.kind.tolist() == ["lm", "arousal"]
    assert found.events.onset_s.tolist() == [3550.0, 3612.0]
    has_place = "Location" in head or "Emplacement" in head
    assert found.events.site.tolist() == ["left_leg" if has_place else "", ""]


def _dotted(clock: str) -> str:
    return clock.replace(":", ".")


@pytest.mark.parametrize("code", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_encodings(tmp_path: Path, code: str) -> None:
    rows = [*NIGHT, ("00:00:40", "Éveil X", "1", "")]
    found = read(tmp_path, [*TOP, *table(HEADS[0], rows)], code=code)
    assert found.events is not None
    assert found.events.kind.tolist()[-1] == "éveil x"


@pytest.mark.parametrize("word", ["W", "SLEEP-S0"])
def test_both_vocabularies_of_stages(tmp_path: Path, word: str) -> None:
    rows = [("23:59:00", word, "30", ""), ("23:59:30", "N3", "30", "")]
    rows += [("00:00:00", "SLEEP-UNSCORED", "30", ""), ("00:00:30", "SLEEP-MT", "30", "")]
    found = read(tmp_path, [*TOP, *table(HEADS[1], rows)])
    assert found.hypnogram is not None
    assert found.hypnogram.stages.tolist() == ["W", "N3", "UNSCORED", "UNSCORED"]
    assert found.events is None


def test_an_unknown_stage_names_its_line(tmp_path: Path) -> None:
    rows = [*NIGHT, ("00:01:00", "SLEEP-X9", "30", "")]
    found = read(tmp_path, [*TOP, *table(HEADS[0], rows)])
    said = {one.code: one.message for one in found.findings}
    assert "1 of 5 epochs have no known stage" in said["stages.unknown"]
    assert "'SLEEP-X9' (1), first in line 17" in said["stages.unknown"]


@pytest.mark.parametrize("date", ["4/15/2015", "15/04/2015", "15.04.2015", "4/16/2015"])
def test_the_recording_date_may_have_either_order(tmp_path: Path, date: str) -> None:
    top = [line.replace("4/15/2015", date) for line in TOP]
    found = read(tmp_path, [*top, *table(HEADS[0], NIGHT)])
    assert found.hypnogram is not None
    assert found.hypnogram.start_s == 3540.0
    assert "clock.days_apart" not in {finding.code for finding in found.findings}


def test_a_file_of_another_day_is_said_to_be_one(tmp_path: Path) -> None:
    found = read(tmp_path, [*TOP, *table(HEADS[0], NIGHT)], datetime(2015, 5, 20, 23))
    assert "clock.days_apart" in {finding.code for finding in found.findings}


def test_a_placeholder_date_leaves_the_time_of_day(tmp_path: Path) -> None:
    rows = [(iso(clock), *rest) for clock, *rest in NIGHT]
    found = read(tmp_path, [*TOP, *table(HEADS[0], rows)], datetime(1985, 1, 1, 23))
    assert found.hypnogram is not None
    assert found.hypnogram.start_s == 3540.0
    assert "clock.placeholder_date" in {finding.code for finding in found.findings}


def test_events_before_the_recording_have_negative_times(tmp_path: Path) -> None:
    found = read(tmp_path, [*TOP, *table(HEADS[0], NIGHT)], datetime(2015, 4, 15, 23, 59, 30))
    assert found.hypnogram is not None
    assert found.hypnogram.start_s == -30.0


def test_marks_of_0_s_are_kept_and_counted_where_a_duration_is_needed(tmp_path: Path) -> None:
    rows = [("23:10:00", "LIGHTS-OFF", "0", ""), ("23:30:00", "PLM-LM", "0", "RAT")]
    rows += [("23:31:00", "AROUSAL", "0", ""), *NIGHT]
    found = read(tmp_path, [*TOP, *table(HEADS[0], rows)])
    assert found.events is not None
    assert found.events.of_kind(["lights_off"]).onset_s.tolist() == [600.0]
    said = [one.message for one in found.findings if one.code == "events.no_duration"]
    assert [message[:12] for message in said] == ["1 events 'ar", "1 movements "]


def test_a_last_epoch_that_is_cut_short_does_not_make_every_epoch_short(tmp_path: Path) -> None:
    rows = [*NIGHT, ("00:01:00", "SLEEP-S2", "17", "")]
    found = read(tmp_path, [*TOP, *table(HEADS[0], rows)])
    assert found.hypnogram is not None
    assert found.hypnogram.epoch_s == 30.0
    assert len(found.hypnogram) == 5
    assert "17 s of 30 s" in {one.code: one.message for one in found.findings}["stages.last_epoch"]


# --- PLM: a movement or a bar --------------------------------------------------------------------


def plm_night(*rows: tuple[str, str, str, str]) -> list[str]:
    return [*TOP, *table(HEADS[0], [NIGHT[0], *rows])]


def test_a_bar_over_several_movements_is_none(tmp_path: Path) -> None:
    rows = [(f"23:59:{k}", "PLM-LM", "1", "LAT") for k in ("02", "08")]
    found = read(tmp_path, plm_night(("23:59:01", "PLM", "9", ""), *rows))
    assert found.events is not None
    assert found.events.kind.tolist() == ["plm", "lm", "lm"]


def test_a_long_bar_without_movements_is_none_either(tmp_path: Path) -> None:
    found = read(tmp_path, plm_night(("23:59:01", "PLM", "15.5", "")))
    assert found.events is not None
    assert found.events.kind.tolist() == ["plm"]


def test_short_marks_without_lm_are_the_movements_and_it_is_said(tmp_path: Path) -> None:
    rows = [(f"23:59:{k}", "PLM", "2", "RAT") for k in ("02", "25", "48")]
    found = read(tmp_path, plm_night(*rows))
    assert found.events is not None
    assert found.events.kind.tolist() == ["lm", "lm", "lm"]
    assert set(found.events.site.tolist()) == {"right_leg"}
    said = {one.code: one.message for one in found.findings}
    assert said["events.plm_movements"].startswith("3 marks 'PLM' are as long as a movement")


def test_a_mark_beside_the_same_movement_does_not_count_twice(tmp_path: Path) -> None:
    rows = [("23:59:02", "PLM", "2", "LAT"), ("23:59:02", "PLM-LM", "2.2", "LAT")]
    found = read(tmp_path, plm_night(*rows, ("23:59:20", "PLM", "2", "LAT")))
    assert found.events is not None
    assert sorted(found.events.kind.tolist()) == ["lm", "lm", "plm"]


def test_a_bar_of_the_left_leg_is_not_one_for_the_movements_of_the_right(tmp_path: Path) -> None:
    rows = [(f"23:59:{k}", "PLM-LM", "1", "RAT") for k in ("02", "08")]
    found = read(tmp_path, plm_night(("23:59:01", "PLM", "9", "LAT"), *rows))
    assert found.events is not None
    assert found.events.kind.tolist() == ["lm", "lm", "lm"]


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (("now", "PLM-LM", "2", ""), "found 'now', wanted a clock time"),
        (("23:59:00", "PLM-LM", "two", ""), "line 11: found 'two', wanted a duration in seconds"),
        (("23:59:00", "PLM-LM", "-2", ""), "line 11: found '-2', wanted a duration in seconds"),
        (("2015-04-15T23:59:00", "PLM-LM", "2", ""), "times with and without a date"),
    ],
)
def test_a_faulty_row_is_named(
    tmp_path: Path, bad: tuple[str, str, str, str], message: str
) -> None:
    with pytest.raises(TableError, match=message):
        read(tmp_path, [*TOP, *table(HEADS[0], [bad, *NIGHT])])


def test_a_head_without_a_table_says_what_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"found no head of a table, wanted a line 'Time \[hh"):
        read(tmp_path, TOP)
