"""Tables of stages as programs and people write them: each row is one small table and its night.

A night of 8 epochs, ``W W N1 N2 N2 N3 R W``, from 22:00:00 on, in many shapes.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from psgkit.core.hypnogram import SLEEP_STAGES
from psgkit.errors import PsgkitError, TableError
from psgkit.io.scoring.read import read_scoring
from psgkit.io.scoring.table_parts import TableContext
from psgkit.io.scoring.tables import hypnogram_of_text

START = datetime(2024, 1, 5, 22, 0, 0)
NIGHT = ("W", "W", "N1", "N2", "N2", "N3", "R", "W")


def table(
    header: str, row: Callable[[int], str], stages: tuple[str, ...] = NIGHT, sep: str = ","
) -> str:
    """Return a table of one row an epoch; ``row`` makes the cells before the stage."""
    lines = [header, *(f"{row(k)}{sep}{stage}" for k, stage in enumerate(stages))]
    return "\n".join(lines)


def clock(k: int, form: str = "%H:%M:%S") -> str:
    return f"{START + timedelta(seconds=30 * k):{form}}"


SHAPES = {
    "start and end": table("start,end,stage", lambda k: f"{30 * k},{30 * k + 30}"),
    "begin and stop": table("Begin;Stop;Label", lambda k: f"{30 * k};{30 * k + 30}", sep=";"),
    "milliseconds": table("start_ms,dur_ms,stage", lambda k: f"{30000 * k},30000"),
    "minutes": table("onset_min,duration_sec,stage", lambda k: f"{k / 2},30"),
    "units in brackets": table("Start [s],Length [s],Stage", lambda k: f"{30 * k},30"),
    "units in parentheses": table("Time (sec),Stage", lambda k: f"{30 * k}"),
    "decimal commas": table("onset;dur;stage", lambda k: f"{30 * k},0;30,0", sep=";"),
    "tabs": table("onset\tduration\tsleep_stage", lambda k: f"{30 * k}\t30", sep="\t"),
    "blanks": table("onset duration stage", lambda k: f"{30 * k} 30", sep=" "),
    "bars": table("onset|duration|stage", lambda k: f"{30 * k}|30", sep="|"),
    "clock": table("Time,Stage", clock),
    "clock with dots": table("Clock,Stage", lambda k: clock(k, "%H.%M.%S")),
    "a.m. and p.m.": table("Time,Stage", lambda k: clock(k, "%I:%M:%S %p")),
    "date and time": table("datetime,stage", lambda k: clock(k, "%Y-%m-%d %H:%M:%S")),
    "german date": table("Zeit;Schlafstadium", lambda k: clock(k, "%d.%m.%Y %H:%M:%S"), sep=";"),
    "date apart": table("Date,Time,Stage", lambda k: clock(k, "%Y-%m-%d,%H:%M:%S")),
    "ISO with zone": table("timestamp,stage", lambda k: clock(k, "%Y-%m-%dT%H:%M:%S+01:00")),
    "ISO in UTC": table("timestamp,stage", lambda k: clock(k, "%Y-%m-%dT%H:%M:%S.000Z")),
    "Unix": table("timestamp,stage", lambda k: f"{1704492000 + 30 * k}"),
    "Unix in ms": table("timestamp,stage", lambda k: f"{1704492000000 + 30000 * k}"),
    "spreadsheet dates": table("time,stage", lambda k: f"{45296 + (79200 + 30 * k) / 86400:.9f}"),
    "spreadsheet times": table("time,stage", lambda k: f"{(79200 + 30 * k) / 86400:.9f}"),
    "elapsed": table("Elapsed time,Stage", lambda k: f"0:{k // 2:02d}:{30 * (k % 2):02d}"),
    "days of pandas": table("onset,stage", lambda k: f"0 days 00:{k // 2:02d}:{30 * (k % 2):02d}"),
    "from midnight": table("time,stage", lambda k: f"00:{k // 2:02d}:{30 * (k % 2):02d}"),
    "numbered from 0": table("epoch,stage", lambda k: f"{k}"),
    "numbered from 1": table("#,stage", lambda k: f"{k + 1}"),
    "index of pandas": table(",stage", lambda k: f"{k}"),
    "no times": "stage,confidence\n" + "\n".join(f"{stage},0.9" for stage in NIGHT),
    "one a line": "\n".join(NIGHT),
    "one a line below a title": "# scorer A\n" + "\n".join(NIGHT),
    "on one line": ",".join(NIGHT),
    "sep line of a spreadsheet": "sep=;\n"
    + table("onset;duration;stage", lambda k: f"{30 * k};30", sep=";"),
    "titles above": "Patient: A\nExported: today\n\n"
    + table("Onset,Duration,Stage", lambda k: f"{30 * k},30"),
    "comments above": "# made by hand\n% twice\n"
    + table("onset,duration,stage", lambda k: f"{30 * k},30"),
    "header in a comment": table("# onset, duration, description", lambda k: f"{30 * k},30"),
    "byte order mark": "\ufeff" + table("onset,duration,stage", lambda k: f"{30 * k},30"),
    "annotations": table("Onset,Duration,Annotation", lambda k: f"+{30 * k}.0000000,30"),
    "french": table("Debut;Duree;Stade", lambda k: f"{30 * k};30", sep=";"),
    "french accents": table(
        "Heure de d\u00e9but;Dur\u00e9e [s];Stade de sommeil", lambda k: f"{clock(k)};30", sep=";"
    ),
    "french clock": table("Heure;Stade", lambda k: clock(k, "%Hh%Mm%Ss"), sep=";"),
    "spanish": table(
        "Hora de inicio;Duraci\u00f3n;Fase de sue\u00f1o", lambda k: f"{clock(k)};30", sep=";"
    ),
    "italian": table("Inizio;Durata (s);Stadio del sonno", lambda k: f"{30 * k};30", sep=";"),
    "portuguese": table(
        "In\u00edcio;Dura\u00e7\u00e3o;Est\u00e1gio", lambda k: f"{30 * k};30", sep=";"
    ),
    "dutch": table("Begintijd;Duur;Slaapstadium", lambda k: f"{clock(k)};30", sep=";"),
    "swedish": table("Starttid;Varaktighet;S\u00f6mnstadium", lambda k: f"{30 * k};30", sep=";"),
    "polish": table("Pocz\u0105tek;Czas trwania;Faza snu", lambda k: f"{30 * k};30", sep=";"),
    "german clock": table("Uhrzeit;Stadium", lambda k: f"{clock(k)} Uhr", sep=";"),
    "durations as clock": table("onset,duration,stage", lambda k: f"{30 * k},00:00:30"),
    "durations unknown": table("onset,duration,stage", lambda k: f"{30 * k},n/a"),
    "expert and machine": table("onset,stage_ai,stage_hum", lambda k: f"{30 * k},N2"),
}


@pytest.mark.parametrize("name", SHAPES)
def test_every_shape_is_the_same_night(name: str) -> None:
    hypnogram, _ = hypnogram_of_text(SHAPES[name], "night.csv", TableContext(start=START))
    assert hypnogram.stages.tolist() == list(NIGHT)
    assert hypnogram.epoch_s == 30.0
    assert hypnogram.start_s == pytest.approx(0.0, abs=0.05)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "latin-1"])
def test_every_encoding_is_the_same_night(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "night.csv"
    path.write_bytes(SHAPES["french accents"].encode(encoding))
    found = read_scoring(path, START, "stages")
    assert found.hypnogram is not None
    assert found.hypnogram.stages.tolist() == list(NIGHT)


def test_a_table_of_stretches_has_their_time_asleep() -> None:
    text = "start,end,stage\n0,600,W\n600,1800,N2\n1800,3000,R\n"
    hypnogram, _ = hypnogram_of_text(text, "night.csv")
    asleep = sum(stage in SLEEP_STAGES for stage in hypnogram.stages.tolist())
    assert asleep * hypnogram.epoch_s / 60 == 40.0


# --- what costs an epoch and not the night -------------------------------------------------------

FAULTS = {
    "an unknown stage": ("90,30,Nx", "stages.unknown", 3),
    "an empty stage": ("90,30,", "stages.unknown", 3),
    "an onset that is none": ("abc,30,N2", "table.rows", 3),
    "an onset that is missing": ("n/a,30,N2", "table.rows", 3),
    "an onset off the grid": ("97,30,N2", "stages.off_grid", 3),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_costs_its_epoch_and_is_counted(name: str) -> None:
    row, code, epoch = FAULTS[name]
    lines = SHAPES["start and end"].replace("start,end", "onset,duration").splitlines()
    lines = [lines[0], *(f"{30 * k},30,{stage}" for k, stage in enumerate(NIGHT))]
    lines[1 + epoch] = row
    hypnogram, findings = hypnogram_of_text("\n".join(lines), "night.csv")
    wanted = ["UNSCORED" if k == epoch else stage for k, stage in enumerate(NIGHT)]
    assert hypnogram.stages.tolist() == wanted
    found = {one.code: one for one in findings}[code]
    assert found.severity == "warning"
    assert found.message.startswith("1 of 8 ")


@pytest.mark.parametrize("late_s", [0.001, -0.2, 0.499])
def test_onsets_almost_on_the_grid_are_moved(late_s: float) -> None:
    rows = [f"{30 * k + (late_s if k % 3 == 1 else 0)},30,{s}" for k, s in enumerate(NIGHT)]
    hypnogram, findings = hypnogram_of_text("\n".join(["onset,duration,stage", *rows]), "night.csv")
    assert (hypnogram.stages.tolist(), hypnogram.epoch_s) == (list(NIGHT), 30.0)
    assert [one.message[:6] for one in findings if one.code == "stages.snapped"] == ["3 of 8"]


@pytest.mark.parametrize("last_s", [4, 12.5, 29])
def test_a_short_last_epoch_leaves_the_others_long(last_s: float) -> None:
    text = table("onset,duration,stage", lambda k: f"{30 * k},{30 if k < 7 else last_s}")
    hypnogram, findings = hypnogram_of_text(text, "night.csv")
    assert (hypnogram.stages.tolist(), hypnogram.epoch_s) == (list(NIGHT), 30.0)
    assert "stages.last_epoch" in {one.code for one in findings}


def test_a_night_of_which_an_epoch_is_scored_twice_loses_that_epoch() -> None:
    text = SHAPES["annotations"] + "\n+90,30,R"
    hypnogram, findings = hypnogram_of_text(text, "night.csv")
    assert hypnogram.stages.tolist() == [*NIGHT[:3], "UNSCORED", *NIGHT[4:]]
    assert (
        "1 epochs have two stages" in {one.code: one.message for one in findings}["stages.overlap"]
    )


def test_epochs_counted_from_above_1_begin_later() -> None:
    text = table("Epoch,Stage", lambda k: f"{k + 21}")
    hypnogram, findings = hypnogram_of_text(text, "night.csv")
    assert (hypnogram.start_s, hypnogram.stages.tolist()) == (600.0, list(NIGHT))
    assert (
        "20 epochs before it" in {one.code: one.message for one in findings}["stages.first_epoch"]
    )


# --- what is refused, with what to write ---------------------------------------------------------

REFUSED = {
    "times without a name": (table("x,stage", lambda k: f"{30 * k}"), "onset_s"),
    "clock times without a name": (table("wann,stage", clock), "onset_s"),
    "ends alone": (table("end,stage", lambda k: f"{30 * k + 30}"), "onset_s"),
    "durations alone": (table("duration,stage", lambda _: "30"), "onset_s"),
    "samples": (table("onset_samples,stage", lambda k: f"{7680 * k}"), "Divide by the rate"),
    "hours with dots": ("time,stage\n22.40,W\n22.41,N1\n22.42,N2\n", "Write 22:40"),
    "six digits": ("time,stage\n224000,W\n224030,N1\n224100,N2\n", "Write 22:40:00"),
    "numbers of epochs as times": (table("start,stage", lambda k: f"{k}"), "the column epoch"),
    "no header, numbered": ("1,W\n2,N1\n3,N2\n", "epoch,stage"),
    "no header": ("0,30,W\n30,30,N1\n", "onset_s,duration_s,stage"),
    "two scorers": (
        table("onset,stage_scorer1,stage_scorer2", lambda k: f"{30 * k},N2"),
        "Name the right one stage",
    ),
    "two nights": ("case,onset,duration,stage\na,0,30,W\nb,0,30,W\n", "a table of its own"),
    "unknown words": (
        table("onset,stage", lambda k: f"{30 * k}", ("aa", "bb", "cc") * 3),
        '--stage-codes "aa=W,bb=N1,cc=N2"',
    ),
    "stages beside events": (
        "onset,duration,event,stage\n5,2,Limb movement,W\n61,9,Arousal,N2\n99,9,Apnea,N2\n",
        "--events",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_says_what_to_write(name: str) -> None:
    text, advice = REFUSED[name]
    with pytest.raises(PsgkitError) as caught:
        hypnogram_of_text(text, "night.csv")
    assert advice in caught.value.advice
    assert caught.value.where.startswith("night.csv")


def test_unknown_columns_are_named_and_counted() -> None:
    text = table("onset,duration,spo2,hr,stage", lambda k: f"{30 * k},30,97,60")
    _, findings = hypnogram_of_text(text, "night.csv")
    said = {one.code: one.message for one in findings}
    assert said["table.columns"] == "2 columns are not read: 'spo2', 'hr'"


def test_a_list_with_a_gap_is_refused() -> None:
    with pytest.raises(TableError, match="an empty line"):
        hypnogram_of_text("W\nN1\n\nN2\n", "night.txt")
