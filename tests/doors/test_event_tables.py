"""Tables of events as programs and people write them: each row is one small table and its marks."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from psgkit.errors import PsgkitError
from psgkit.io.scoring.read import read_scoring
from psgkit.io.scoring.table_parts import TableContext
from psgkit.io.scoring.tables import events_of_text, scoring_of_table

START = datetime(2024, 1, 5, 22, 0, 0)
Run = Callable[..., tuple[int, str, str]]

# Each holds a movement of 2 s of the left leg at 60 s, and an arousal of 5 s at 90 s.
SHAPES = {
    "psgkit": "onset_s,duration_s,kind,site\n60,2,lm,left_leg\n90,5,arousal,\n",
    "onset and offset": "onset,offset,event,side\n60,62,Limb movement,L\n90,95,Arousal,\n",
    "start and end": "Start;End;Event;Side\n60;62;LM;left\n90;95;EEG arousal;\n",
    "decimal commas": (
        "Start;Ende;Ereignis;Seite\n60,0;62,0;Beinbewegung;links\n90,0;95,0;Weckreaktion;\n"
    ),
    "milliseconds": (
        "start_ms\tduration_ms\tlabel\tleg\n60000\t2000\tLM\tLeft Leg\n90000\t5000\tArousal\t\n"
    ),
    "clock": "Time,Duration,Event,Location\n22:01:00,2,PLM-LM,LAT\n22:01:30,5,AROUSAL,C4-A1\n",
    "clock to clock": (
        "Begin,End,Type,Channel\n22:01:00,22:01:02,LM,EMG Tib L\n22:01:30,22:01:35,Arousal,EEG\n"
    ),
    "date and time": (
        "Date,Time,Duration,Event,Leg\n2024-01-05,22:01:00,2,LM,l\n2024-01-05,22:01:30,5,Arousal,\n"
    ),
    "BIDS": "onset\tduration\ttrial_type\tchannel\n60\t2\tLM\tleft\n90\t5\tarousal\tn/a\n",
    "EDFbrowser": (
        "Onset,Duration,Annotation\n"
        "+60.0000000,2.0,Limb movement (left)\n"
        "+90.0000000,5.0,EEG arousal\n"
    ),
    "EDFbrowser with comma": (
        "Onset,Duration,Annotation\n+60.0,2.0,Limb movement, left\n+90.0,5.0,EEG arousal\n"
    ),
    "MNE text": (
        "# MNE-Annotations\n# onset, duration, description\n60.0,2.0,LM left\n90.0,5.0,Arousal\n"
    ),
    "MNE without a date": (
        "onset,duration,description\n1970-01-01 00:00:00.000,0.0,Recording start\n"
        "1970-01-01 00:01:00.000,2.0,Limb movement@@EMG LAT\n"
        "1970-01-01 00:01:30.000,5.0,EEG arousal\n"
    ),
    "MNE with a date": (
        "onset,duration,description\n2024-01-05 22:01:00.000,2.0,Limb movement@@EMG LAT\n"
        "2024-01-05 22:01:30.000,5.0,EEG arousal\n"
    ),
    "french": (
        "Heure de d\u00e9but;Dur\u00e9e;\u00c9v\u00e9nement;Jambe\n"
        "22:01:00;2;Mouvement de jambe;gauche\n"
        "22:01:30;5;Micro-\u00e9veil;\n"
    ),
    "spanish": (
        "Inicio,Duraci\u00f3n,Evento,Lado\n60,2,Movimiento de piernas,izquierda\n90,5,Arousal,\n"
    ),
    "italian": "Inizio,Durata,Evento,Lato\n60,2,Movimento della gamba,sx\n90,5,Arousal,\n",
    "dutch": "Begin,Duur,Gebeurtenis,Zijde\n60,2,Beenbeweging,linker\n90,5,Arousal,\n",
    "movements.csv": (
        "onset_s,end_s,duration_s,site,modality,channels,n_parts,candidate,stage,plm\n"
        "60,62,2,left_leg,emg,LAT,1,True,N2,True\n"
    ),
    "PLM by hand": "onset_s,duration_s,kind,site\n60,2,PLM,left_leg\n90,5,arousal,\n",
    "NSRR words": "onset_s,duration_s,kind\n60,2,plm_left\n90,5,arousal\n",
}


@pytest.mark.parametrize("name", SHAPES)
def test_every_shape_is_the_same_movement(name: str) -> None:
    events, _ = events_of_text(SHAPES[name], "events.csv", TableContext(start=START))
    moved = events.of_kind(["lm"])
    assert moved.onset_s.tolist() == [60.0]
    assert moved.end_s.tolist() == [62.0]
    assert moved.site.tolist() == ["left_leg"]
    if name != "movements.csv":
        arousals = events.of_kind(["arousal"])
        assert (arousals.onset_s.tolist(), arousals.end_s.tolist()) == ([90.0], [95.0])


@pytest.mark.parametrize(
    ("cell", "site"),
    [
        *[("L", "left_leg"), ("r", "right_leg"), ("Left", "left_leg"), ("Right Leg", "right_leg")],
        *[("LAT", "left_leg"), ("RAT", "right_leg"), ("EMG Tib.R", "right_leg")],
        *[("links", "left_leg"), ("re", "right_leg"), ("gauche", "left_leg")],
        *[("jambe droite", "right_leg"), ("dx", "right_leg"), ("izq", "left_leg")],
        *[("both", "both_legs"), ("bilateral", "both_legs"), ("L+R", "both_legs")],
        *[
            ("bilaterally", "both_legs"),
            ("beide", "both_legs"),
            ("left arm", "left_arm"),
            ("FDS R", "right_arm"),
        ],
        *[("trunk", "trunk"), ("both_arms", "both_arms"), ("leg", ""), ("", ""), ("n/a", "")],
    ],
)
def test_sites_in_words(cell: str, site: str) -> None:
    text = f"onset_s,duration_s,kind,site\n60,2,lm,{cell}\n"
    assert events_of_text(text, "events.csv")[0].site.tolist() == [site]


# --- nothing is lost in silence ------------------------------------------------------------------

GOOD = [f"{60 + 30 * k},2,lm,left_leg" for k in range(5)]
PARTLY_UNKNOWN = {
    "an unknown onset": ("x,2,lm,left_leg", "table.rows", "1 of 6", 5),
    "an unknown duration": ("300,x,lm,left_leg", "table.durations", "1 of 6", 6),
    "a duration below 0": ("300,-2,lm,left_leg", "table.durations", "1 of 6", 6),
    "a duration not available": ("300,n/a,lm,left_leg", "events.unknown_duration", "1 events", 6),
    "an empty kind": ("300,2,,left_leg", "table.rows", "1 of 6", 5),
    "an unknown kind": ("300,2,zzz,left_leg", "events.unknown", "1 marks", 5),
    "an unknown site": ("300,2,lm,left_wing", "events.site", "1 movements", 5),
    "no site": ("300,2,lm,", "events.no_side", "1 of 6", 6),
    "a bar over a series": ("50,200,plm,left_leg", "events.plm_series", "1 marks", 5),
    "a movement marked twice": ("60,2,plm,left_leg", "events.plm_twice", "1 marks", 5),
}


@pytest.mark.parametrize("name", PARTLY_UNKNOWN)
def test_what_is_dropped_or_reinterpreted_is_a_warning_with_its_count(name: str) -> None:
    row, code, count, movements_n = PARTLY_UNKNOWN[name]
    text = "\n".join(["onset_s,duration_s,kind,site", *GOOD, row])
    events, findings = events_of_text(text, "events.csv")
    assert len(events.of_kind(["lm"])) == movements_n
    found = {one.code: one for one in findings}[code]
    assert found.severity == "warning"
    assert found.message.startswith(count)


REMLOGIC = (
    "RemLogic Event Export\nRecording Date:\t5/1/2024\n\n"
    "Time [hh:mm:ss]\tEvent\tDuration[s]\tLocation\n"
    "22:00:00\tSLEEP-S0\t30\t\n22:00:30\tSLEEP-S2\t30\t\n22:01:00\tSLEEP-S2\t30\t\n"
)
DOMINO = "Signal ID: X\\x\nStart Time: 05.01.2024 22:00:00\nSignal Type: Impuls\n\n"
LUNA = "class\tinstance\tchannel\tstart\tstop\tmeta\nW\t.\t.\t0\t30\t.\nN2\t.\t.\t30\t60\t.\n"
NOXTURNAL = (
    "Start Time,End Time,Event,Duration,\n"
    "[],[],[],[s],\n"
    "05/01/2024 22:00:00,05/01/2024 22:00:30,N2,30,\n"
)
NSRR = (
    "<PSGAnnotation><ScoredEvents><ScoredEvent><EventType>Stages|Stages</EventType>"
    "<EventConcept>Wake|0</EventConcept><Start>0</Start><Duration>60</Duration></ScoredEvent>{}"
    "</ScoredEvents></PSGAnnotation>"
)
EMBLA = (
    "<EventExport><Events><Event><Type>SLEEP-S0</Type><StartTime>2024-01-05T22:00:00</StartTime>"
    "<StopTime>2024-01-05T22:01:00</StopTime></Event><Event><Type>zzz</Type>"
    "<StartTime>2024-01-05T22:02:00</StartTime><StopTime>2024-01-05T22:02:02</StopTime></Event>"
    "</Events></EventExport>"
)
UNKNOWN_EVENT = NSRR.format(
    "<ScoredEvent><EventConcept>zzz</EventConcept><Start>9</Start><Duration>2</Duration></ScoredEvent>"
)
UNKNOWN_STAGE = NSRR.format(
    "<ScoredEvent><EventType>Stages|Stages</EventType><EventConcept>zzz</EventConcept>"
    "<Start>60</Start><Duration>30</Duration></ScoredEvent>"
    "<ScoredEvent><EventType>Stages|Stages</EventType><EventConcept>Wake|0</EventConcept>"
    "<Start>90</Start><Duration>30</Duration></ScoredEvent>"
)
PROFUSION = (
    "<CMPStudyConfig><EpochLength>30</EpochLength><SleepStages>"
    + "".join(f"<SleepStage>{code}</SleepStage>" for code in (0, 0, 2, 7))
    + "</SleepStages></CMPStudyConfig>"
)
YASA = '{"values": ["WAKE", "N2", "zzz"], "n_stages": 5, "freq": "30s", "start": null}'
EVERY_READER = {
    "a table of stages": ("onset,stage\n0,W\n30,N2\n60,zzz\n", "stages.unknown"),
    "a list": ("W\nN2\nzzz\n", "stages.unknown"),
    "a table of both": (
        "onset,duration,description\n0,30,W\n30,30,N2\n40,2,zzz\n",
        "events.unknown",
    ),
    "RemLogic, an event": (REMLOGIC + "22:01:10\tzzz\t2\t\n", "events.unknown"),
    "RemLogic, a stage": (REMLOGIC + "22:01:30\tSLEEP-X\t30\t\n", "stages.unknown"),
    "DOMINO": (DOMINO + "22:01:00,000-22:01:02,000; 2;zzz\n", "events.unknown"),
    "Luna": (LUNA + "zzz\t.\t.\t40\t42\t.\n", "events.unknown"),
    "Noxturnal": (
        NOXTURNAL + "05/01/2024 22:00:10,05/01/2024 22:00:12,zzz,2,\n",
        "events.unknown",
    ),
    "NSRR, an event": (UNKNOWN_EVENT, "events.unknown"),
    "NSRR, a stage": (UNKNOWN_STAGE, "stages.unknown"),
    "Profusion": (PROFUSION, "stages.unknown"),
    "Embla": (EMBLA, "events.unknown"),
    "YASA": (YASA, "stages.unknown"),
}


@pytest.mark.parametrize("name", EVERY_READER)
def test_every_reader_counts_what_it_does_not_know(name: str, tmp_path: Path, psgkit: Run) -> None:
    text, code = EVERY_READER[name]
    path = tmp_path / "scoring"
    path.write_text(text)
    found = {one.code: one for one in read_scoring(path).findings}[code]
    assert found.severity == "warning"
    assert found.message.startswith("1 ")
    assert "'zzz'" in found.message or "'SLEEP-X'" in found.message or "'7'" in found.message
    done, out, _ = psgkit("check", path, "--json")
    assert done == 0
    assert code in {one["code"] for one in json.loads(out)["files"][0]["findings"]}


# --- the official lists of a program -------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        *[("PLM-LM", "lm"), ("PLM-RRLM", "lm"), ("RESP-RERA", "rera"), ("AS-APNEA", "apnea")],
        *[("APNEA-CENTRAL", "apnea"), ("APNEA-MIXED", "apnea"), ("HYPOPNEA-MIXED", "hypopnea")],
        *[("AS-HYPOPNEA", "hypopnea"), ("AROUSAL-DESAT", "arousal"), ("AROUSAL-PLM", "arousal")],
        *[("AROUSAL-SNORE", "arousal"), ("AROUSAL-HYPOPNEA", "arousal")],
        *[("LIGHTS-OFF", "lights_off"), ("SIGNAL-ARTIFACT", "artifact")],
        *[("SLEEP-SPINDLE", "sleep-spindle"), ("SLEEP-KCOMPLEX", "sleep-kcomplex")],
        *[("AUTONOMIC-LM", "autonomic-lm"), ("SNORE-SINGLE", "snore-single")],
    ],
)
def test_event_types_of_remlogic(text: str, kind: str, tmp_path: Path) -> None:
    path = tmp_path / "night.txt"
    path.write_text(REMLOGIC + f"22:01:10\t{text}\t2\t\n")
    found = read_scoring(path)
    assert found.events is not None
    assert found.events.kind.tolist() == [kind]


@pytest.mark.parametrize(
    ("text", "stage"),
    [
        *[("SLEEP-S1", "N1"), ("SLEEP-S4", "N3"), ("SLEEP-REM", "R"), ("SLEEP-MT", "UNSCORED")],
        *[("SLEEP-N", "SLEEP"), ("SLEEP-TNREM", "SLEEP"), ("PEDSLEEP-QS", "SLEEP")],
        ("PEDSLEEP-W", "W"),
    ],
)
def test_stages_of_remlogic(text: str, stage: str, tmp_path: Path) -> None:
    path = tmp_path / "night.txt"
    path.write_text(REMLOGIC + f"22:01:30\t{text}\t30\t\n")
    found = read_scoring(path)
    assert found.hypnogram is not None
    assert found.hypnogram.stages.tolist() == ["W", "N2", "N2", stage]


# --- what is refused -----------------------------------------------------------------------------

REFUSED = {
    "no header": ("60,2,lm\n90,2,lm\n", "onset_s,duration_s,kind"),
    "no onset": ("duration_s,kind\n2,lm\n2,lm\n", "onset_s"),
    "most sites unknown": ("onset_s,duration_s,kind,site\n1,2,lm,wing\n", "left leg, L, LAT"),
    "onset in samples": ("onset_samples,duration,kind\n100,2,lm\n", "Divide by the rate"),
    "most durations unknown": ("onset_s,duration_s,kind\n1,x,lm\n", "n/a"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_says_what_to_write(name: str) -> None:
    text, advice = REFUSED[name]
    with pytest.raises(PsgkitError) as caught:
        events_of_text(text, "events.csv")
    assert advice in caught.value.advice


# --- stages and events in one table --------------------------------------------------------------


def test_a_table_of_both_gives_both() -> None:
    text = "onset,duration,description\n0,30,Sleep stage W\n30,30,Sleep stage N2\n40,2,LM left\n"
    found = scoring_of_table(text, "annot.csv")
    assert found.hypnogram is not None
    assert found.events is not None
    assert found.hypnogram.stages.tolist() == ["W", "N2"]
    assert found.events.kind.tolist() == ["lm"]


def test_the_stage_beside_an_event_is_no_hypnogram() -> None:
    text = "onset,duration,event,stage\n5,2,Limb movement,W\n61,9,Arousal,N2\n99,9,Apnea,N2\n"
    found = scoring_of_table(text, "events.csv")
    assert found.hypnogram is None
    assert found.events is not None
    assert len(found.events) == 3


# --- what psgkit itself writes, and the trials ---------------------------------------------------


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a report of eight movements, with its exports."""
    from psgkit import Events, Hypnogram, score_night
    from psgkit.report.exchange.forms import exported
    from psgkit.report.write import write_contents, write_report

    onsets = [600.0 + 25 * k for k in range(8)]
    table = Events.of(onsets, [t + 2 for t in onsets], ["lm"] * 8, ["left_leg"] * 8)
    night = score_night(table, Hypnogram.of(["W"] * 10 + ["N2"] * 50 + ["R"] * 20))
    folder = tmp_path_factory.mktemp("written")
    write_report(night, folder)
    for form in ("mne", "yasa", "luna", "csv", "bids"):
        write_contents(exported([night], form), folder / form)
    return folder


def test_everything_psgkit_writes_is_read_again(written: Path) -> None:
    from psgkit.document.scoring import read_any_scoring

    holding = {
        "report.json": (80, 8),
        "movements.csv": (None, 8),
        "mne/events-annot.csv": (80, 8),
        "yasa/events_hypnogram.json": (80, None),
        "yasa/events_hypnogram.txt": (80, None),
        "luna/events.annot": (80, 8),
        "csv/events/events.csv": (None, 8),
        "csv/events/movements.csv": (None, 8),
        "csv/events/hypnogram.csv": (80, None),
    }
    for name, (epochs_n, movements_n) in holding.items():
        found = read_any_scoring(written / name)
        stages = None if found.hypnogram is None else len(found.hypnogram)
        moved = None if found.events is None else len(found.events.of_kind(["lm"]))
        assert (name, stages, moved) == (name, epochs_n, movements_n)


def test_score_and_compare_take_movements_and_reports(written: Path, psgkit: Run) -> None:
    plain = json.loads((written / "report.json").read_text())["indices"]["legs"]
    for events, stages in (("movements.csv", "report.json"), ("report.json", "report.json")):
        done, out, err = psgkit(
            "score", written / events, "--hypnogram", written / stages, "--json"
        )
        assert (done, err) == (0, "")
        assert json.loads(out)["indices"]["legs"] == plain
    done, out, _ = psgkit("compare", written / "report.json", written / "movements.csv", "--json")
    assert done == 0
    assert '"f1"' in out


@pytest.mark.parametrize(
    ("name", "epochs_n", "kinds"),
    [
        ("domino_dated/PLM Events.txt", None, {"lm": 20}),
        ("domino_dated/Flow Events.txt", None, {"hypopnea": 5, "apnea": 4}),
        ("luna_specials/night.annot", 60, {"lm": 8}),
        ("remlogic_codes/night.txt", 40, {"lm": 10, "rera": 5}),
        ("nsrr_start/night-nsrr.xml", 80, {"lm": 6}),
        ("mne_annot/annot.csv", 3, {"lm": 2}),
        ("mne_annot/annot.txt", 3, {"lm": 2}),
    ],
)
def test_trials(shared: Path, name: str, epochs_n: int | None, kinds: dict[str, int]) -> None:
    path = shared / "trials/files" / name
    if not path.exists():
        pytest.skip(f"no {name} beside the checkout")
    found = read_scoring(path)
    assert (None if found.hypnogram is None else len(found.hypnogram)) == epochs_n
    assert found.events is not None
    assert {
        k: found.events.kind.tolist().count(k) for k in set(found.events.kind.tolist())
    } == kinds


@pytest.mark.parametrize(
    ("name", "clock", "lasts_s", "respiratory_n"),
    [
        ("luna_specials/night.annot", "22:10:00", 1800.0, 0),
        ("nsrr_start/night-nsrr.xml", "22:15:00", 3600.0, 0),
        ("remlogic_codes/night.txt", "23:00:00", 1200.0, 5),
    ],
)
def test_trials_scored(
    shared: Path, psgkit: Run, name: str, clock: str, lasts_s: float, respiratory_n: int
) -> None:
    path = shared / "trials/files" / name
    if not path.exists():
        pytest.skip(f"no {name} beside the checkout")
    done, out, _ = psgkit("score", path, "--json")
    assert done == 0
    night = json.loads(out)
    assert night["recording"]["start"].endswith(clock)
    assert night["recording"]["duration_s"] == lasts_s
    assert night["indices"]["sleep"]["tib_min"]["value"] == lasts_s / 60
    tied = [one for one in night["movements"] if one["candidate"] and one["respiratory"]]
    assert len(tied) == respiratory_n


@pytest.mark.parametrize(
    "kind", ["LM both", "bilateral limb movement", "Limb movement (bilateral)"]
)
def test_movements_of_both_legs_in_words(kind: str) -> None:
    events, _ = events_of_text(f"onset_s,duration_s,kind\n60,2,{kind}\n", "events.csv")
    assert (events.kind.tolist(), events.site.tolist()) == (["lm"], ["both_legs"])
