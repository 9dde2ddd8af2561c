"""Exports: each is read back by the tool it is for, or by our reader, with the same content."""

import csv
import io
import json
import re
import warnings
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from night_fixtures import (
    empty_night,
    hostile_night,
    known_sites,
    night_without_stages,
    ordinary_night,
)

import psgkit
from psgkit.core.events import Events
from psgkit.core.hypnogram import UNSCORED, Hypnogram
from psgkit.core.night_report import Lights, NightReport
from psgkit.core.recording import Channel, Recording, Segment
from psgkit.errors import InputFileError, SettingsError
from psgkit.report.exchange.edf import write_beside_signals
from psgkit.report.exchange.forms import FORMS, exported
from psgkit.report.exchange.names import Entities
from psgkit.report.write import write_contents

SAMPLES = Path(__file__).resolve().parents[2] / "sample_data"
SIDES = {"both_legs": ("left_leg", "right_leg"), "both_arms": ("left_arm", "right_arm")}
PLMS = re.compile(r"plm|\blm\b|clm|lms", re.IGNORECASE)


@pytest.fixture(scope="module")
def legs() -> NightReport:
    """The sample night of restless legs: two legs, arousals, breathing, a clock."""
    folder = SAMPLES / "rls"
    return psgkit.analyse_night(
        psgkit.read_recording(folder / "night.edf"),
        psgkit.read_hypnogram(folder / "hypnogram.csv"),
        psgkit.read_events(folder / "events.csv"),
    )


@pytest.fixture(scope="module")
def back() -> NightReport:
    """The worked case: legs, back, an accelerometer, no clock."""
    return psgkit.read_report(SAMPLES / "case" / "night-2.json")


@pytest.fixture(params=["legs", "back"])
def night(request: pytest.FixtureRequest) -> NightReport:
    found: NightReport = request.getfixturevalue(request.param)
    return found


def write(form: str, folder: Path, *nights: NightReport, **names: str) -> dict[str, Path]:
    """Return the files of an export by their endings."""
    paths = write_contents(exported(nights, form, Entities(**names)), folder)
    return {path.name.rsplit("_", 1)[-1] if "_" in path.name else path.name: path for path in paths}


def movements_of(night: NightReport, *, whole: bool = False) -> list[tuple[float, float, str]]:
    """Return onset, end and side of the movements that EMG showed, those of both sides twice.

    Large movements of the ``whole`` body are no limb movements where a mark has no site.
    """
    table = night.movements.movements
    rows = zip(table.onset_s, table.end_s, table.site, table.modality, strict=True)
    return sorted(
        (round(onset_s, 3), round(end_s, 3), side)
        for onset_s, end_s, site, modality in rows
        if modality != "accelerometer" and (whole or site != "whole_body")
        for side in SIDES.get(str(site), (str(site),))
    )


def sides_of(events: Events) -> list[tuple[float, float, str]]:
    found = events.of_kind(["lm"])
    rows = zip(found.onset_s, found.end_s, found.site, strict=True)
    return sorted(
        (round(onset_s, 3), round(end_s, 3), side)
        for onset_s, end_s, site in rows
        for side in SIDES.get(str(site), (str(site),))
    )


def near(found: list[tuple[float, float, str]], wanted: list[tuple[float, float, str]]) -> bool:
    """Return whether movements are the same, to a millisecond."""
    same_sites = [row[2] for row in found] == [row[2] for row in wanted]
    times = np.array([row[:2] for row in found]), np.array([row[:2] for row in wanted])
    return same_sites and bool(np.allclose(*times, rtol=0, atol=1.0005e-3))


def others_of(events: Events) -> list[tuple[float, float, str]]:
    kinds = ("arousal", "apnea", "hypopnea", "rera", "artifact")
    found = events.of_kind(kinds)
    rows = zip(found.onset_s, found.end_s, found.kind, strict=True)
    return sorted((round(onset_s, 3), round(end_s, 3), str(kind)) for onset_s, end_s, kind in rows)


def same_stages(found: Hypnogram, night: NightReport) -> bool:
    """Return whether stages are equal at the middle of every epoch of the night."""
    stages = night.hypnogram
    assert stages is not None
    middles_s = stages.epoch_starts_s() + stages.epoch_s / 2
    return bool((found.stage_at(middles_s) == stages.stages).all())


# --- read back ----------------------------------------------------------------------------------


def read_back_by_us(path: Path, night: NightReport, *, whole: bool = False) -> None:
    """Assert that our readers find movements, events and stages of the night in a file."""
    events = psgkit.read_events(path, night.start)
    assert near(sides_of(events), movements_of(night, whole=whole))
    assert others_of(events) == others_of(night.events)
    assert same_stages(psgkit.read_hypnogram(path, night.start), night)


def test_bids_events_are_read_back_by_us(night: NightReport, tmp_path: Path) -> None:
    read_back_by_us(write("bids", tmp_path, night)["events.tsv"], night, whole=True)


def test_annotations_of_luna_are_read_back_by_us(night: NightReport, tmp_path: Path) -> None:
    (path,) = write_contents(exported([night], "luna"), tmp_path)
    read_back_by_us(path, night)


def test_edf_annotations_are_read_back_by_us(night: NightReport, tmp_path: Path) -> None:
    (path,) = write_contents(exported([night], "edf"), tmp_path)
    read_back_by_us(path, night)


def test_the_tables_are_read_back_by_us(night: NightReport, tmp_path: Path) -> None:
    files = {path.name: path for path in write_contents(exported([night], "csv"), tmp_path)}
    events = psgkit.read_events(files["events.csv"])
    assert near(sides_of(events), movements_of(night, whole=True))
    assert others_of(events) == others_of(night.events)
    assert same_stages(psgkit.read_hypnogram(files["hypnogram.csv"]), night)


def test_scoring_the_exported_table_again_gives_the_same_series(
    legs: NightReport, tmp_path: Path
) -> None:
    files = {path.name: path for path in write_contents(exported([legs], "csv"), tmp_path)}
    again = psgkit.score_night(
        psgkit.read_events(files["events.csv"]), psgkit.read_hypnogram(files["hypnogram.csv"])
    )
    for name in ("lm_n", "plm_n", "plms_n", "plms_index"):
        assert again.indices["legs"][name].value == pytest.approx(legs.indices["legs"][name].value)


@pytest.mark.parametrize("ending", ["fif", "csv"])
def test_mne_reads_its_annotations_back(night: NightReport, ending: str, tmp_path: Path) -> None:
    import mne

    paths = write_contents(exported([night], "mne"), tmp_path)
    (path,) = (path for path in paths if path.suffix == f".{ending}")
    found = mne.read_annotations(path)
    assert found.orig_time is None if night.start is None else found.orig_time is not None
    if night.start is not None:
        assert found.orig_time.replace(tzinfo=None) == night.start
    rows = zip(found.onset, found.duration, found.description, strict=True)
    marks = [(onset, duration, str(text)) for onset, duration, text in rows]
    moved = sorted(
        (round(onset, 3), round(onset + duration, 3), place_of(text))
        for onset, duration, text in marks
        if text.startswith("Limb movement")
    )
    wanted = [(onset_s, end_s, "") for onset_s, end_s, _ in movements_of(night)]
    assert near([(*row[:2], "") for row in moved], wanted)
    stages = {round(onset, 3): text for onset, _, text in marks if text.startswith("Sleep stage")}
    assert night.hypnogram is not None
    starts_s, words = night.hypnogram.epoch_starts_s(), night.hypnogram.stages
    assert stages == {
        round(float(at_s), 3): f"Sleep stage {stage}"
        for at_s, stage in zip(starts_s, words, strict=True)
        if stage != UNSCORED
    }


def place_of(text: str) -> str:
    return text.partition("@@")[2]


def test_yasa_reads_its_hypnogram_back(night: NightReport, tmp_path: Path) -> None:
    import yasa

    files = {path.suffix: path for path in write_contents(exported([night], "yasa"), tmp_path)}
    found = yasa.Hypnogram.from_json(files[".json"])
    assert found.freq == "30s"
    assert (found.start is None) == (night.start is None)
    assert night.hypnogram is not None
    assert psgkit_stages(found.hypno) == night.hypnogram.stages.tolist()
    numbers = np.loadtxt(files[".txt"], dtype=int)
    assert psgkit_stages(yasa.Hypnogram.from_integers(numbers).hypno) == psgkit_stages(found.hypno)
    assert same_stages(psgkit.read_hypnogram(files[".txt"]), night)


def psgkit_stages(hypno: Any) -> list[str]:  # noqa: ANN401 - a pandas Series
    names = {"WAKE": "W", "REM": "R", "UNS": UNSCORED}
    return [names.get(stage, stage) for stage in hypno.tolist()]


def test_luna_reads_its_annotations_back(legs: NightReport, tmp_path: Path) -> None:
    import lunapi

    (path,) = write_contents(exported([legs], "luna"), tmp_path)
    project = lunapi.proj()
    project.silence(True)  # noqa: FBT003 - its interface
    person = project.inst("night")
    person.attach_edf(str(SAMPLES / "rls" / "night.edf"))
    person.attach_annot(str(path))
    classes = person.annots()["Annotations"].tolist()
    assert {"LM", "W", "N2", "arousal"} <= set(classes)
    found = person.fetch_annots(["LM"])
    spans = sorted((round(a, 3), round(b, 3), "") for a, b in found[["Start", "Stop"]].to_numpy())
    wanted = sorted({(onset_s, end_s, "") for onset_s, end_s, _ in movements_of(legs)})
    assert near(sorted(set(spans)), wanted)
    stages = person.fetch_annots(["N2"])
    assert legs.hypnogram is not None
    assert len(stages) == (legs.hypnogram.stages == "N2").sum()


def test_a_copy_of_the_recording_holds_its_signals_and_the_annotations(
    legs: NightReport, tmp_path: Path
) -> None:
    recording = psgkit.read_recording(SAMPLES / "rls" / "night.edf")
    path = write_beside_signals(legs, recording, tmp_path / "scored.edf")
    copied = psgkit.read_recording(path)
    assert copied.labels() == recording.labels()
    for one, other in zip(copied.channels, recording.channels, strict=True):
        apart = np.abs(np.asarray(one.samples[:5000]) - np.asarray(other.samples[:5000]))
        assert apart.max() <= (other.resolution or 0.0) + 1e-6
    events = psgkit.read_events(path, legs.start)
    assert near(sides_of(events), movements_of(legs))
    assert same_stages(psgkit.read_hypnogram(path, legs.start), legs)


# --- names --------------------------------------------------------------------------------------


def derivative_names() -> list[re.Pattern[str]]:
    """Return what BIDS allows for names in a derivative, as its schema has it."""
    from bidsschematools.rules import regexify_filename_rules
    from bidsschematools.schema import load_schema

    schema = load_schema()
    rules = regexify_filename_rules(schema.rules.files.deriv.preprocessed_data, schema, level=1)
    rules += regexify_filename_rules(schema.rules.files.common.core, schema, level=1)
    return [re.compile(rule["regex"]) for rule in rules]


@pytest.mark.parametrize(
    "names",
    [
        {},
        {"sub": "01", "ses": "post", "task": "nap", "run": "2", "desc": "emg"},
        {"sub": "sub-07", "run": "run-03"},
    ],
)
def test_every_name_of_a_bids_export_is_allowed(
    names: dict[str, str], legs: NightReport, back: NightReport
) -> None:
    from bids_validator import BIDSValidator

    allowed = derivative_names()
    hostile = known_sites(hostile_night())
    for path in exported([legs, back, hostile], "bids", Entities(**names)):
        assert any(rule.fullmatch(path) for rule in allowed), path
        # the validator knows raw data sets, whose names differ by the description alone
        assert BIDSValidator().is_bids("/" + re.sub("_desc-[^_]+", "", path)), path
    assert not any(rule.fullmatch("sub-1/eeg/sub-2_task-x_events.tsv") for rule in allowed)


def test_no_name_tells_a_person_and_reports_of_one_subject_are_numbered(
    legs: NightReport, back: NightReport
) -> None:
    named = replace(legs, source="Smith, John 1950-01-02.edf", sha256="ab" * 32)
    assert not any("mith" in path or "1950" in path for path in exported([named], "bids"))
    both = [path for path in exported([legs, back], "bids", Entities(sub="1")) if "tsv" in path]
    assert [re.search(r"run-(\d+)", path)[1] for path in both] == ["1", "2"]  # type: ignore[index]
    twice = exported([legs, legs], "luna")
    assert list(twice) == ["night-1.annot", "night-2.annot"]


@pytest.mark.parametrize(
    ("names", "found"),
    [
        ({"sub": "John Smith"}, "--sub: found 'John Smith'"),
        ({"ses": "../x"}, "--ses"),
        ({"task": ""}, "--task: found nothing"),
        ({"run": "b"}, "--run"),
        ({"desc": "a_b"}, "--desc"),
    ],
)
def test_a_part_of_a_name_that_bids_does_not_allow_is_refused(
    names: dict[str, str], found: str
) -> None:
    with pytest.raises(SettingsError, match=found):
        Entities(**names)


def test_no_night_takes_the_name_of_another_one() -> None:
    sources = ["a.edf", "a.edf", "a-1.edf", "b.edf", "b.edf", "b-2.edf", "b-2.edf"]
    nights = [ordinary_night(source=source) for source in sources]
    assert list(exported(nights, "luna")) == [
        *("a-2.annot", "a-3.annot", "a-1.annot", "b-1.annot", "b-2.annot"),
        *("b-2-1.annot", "b-2-2.annot"),
    ]


@pytest.mark.parametrize("form", FORMS)
def test_no_file_leaves_the_folder(form: str, tmp_path: Path) -> None:
    sources = [
        "../../x.edf",
        "/etc/passwd",
        "..",
        "",
        "con.edf",
        "C:\\a\\..\\b",
        "\x00\n",
        "a" * 900,
    ]
    for number, source in enumerate(sources):
        folder = tmp_path / str(number) / "b"
        for path in write_contents(exported([ordinary_night(source=source)], form), folder):
            assert folder in path.resolve().parents, source
            assert ".." not in path.parts, source
        assert [path.name for path in folder.parent.iterdir()] == ["b"], source


# --- content ------------------------------------------------------------------------------------


def texts_of(night: NightReport, form: str) -> Iterator[tuple[str, str]]:
    for name, content in exported([night], form).items():
        yield name, content.decode("utf-8" if not name.endswith(("edf", "fif")) else "latin-1")


def test_movements_of_an_accelerometer_are_never_called_plm(back: NightReport) -> None:
    table = back.movements.movements
    only = back.movements.where(table.modality == "accelerometer")
    assert len(only) > 10
    assert only.plm.any()
    group = {"accelerometer_lumbar": back.indices["accelerometer_lumbar"]}
    alone = replace(back, movements=only, indices=group, breakdown=())
    for form in ("luna", "edf", "mne"):
        for name, text in texts_of(alone, form):
            assert not PLMS.search(text), name
            assert "ccelerometer" in text, name
    (bids,) = (text for name, text in texts_of(alone, "bids") if name.endswith("tsv"))
    rows = list(csv.DictReader(io.StringIO(bids), delimiter="\t"))
    moved = [row for row in rows if row["trial_type"] == "accelerometer_movement"]
    assert len(moved) == len(only)
    assert {(row["plm"], row["plmnr"]) for row in moved} == {("n/a", "n/a")}
    assert sum(row["series"] != "n/a" for row in moved) == only.plm.sum()
    header, _, _ = dict(texts_of(alone, "wide"))["nights_wide.csv"].partition("\n")
    assert "accelerometer_lumbar_periodic_sleep_index" in header
    assert not PLMS.search(header.replace("_", " "))
    tables = dict(texts_of(alone, "csv"))
    (movements,) = (text for name, text in tables.items() if name.endswith("movements.csv"))
    assert {row["plm"] for row in csv.DictReader(io.StringIO(movements))} == {""}
    for name, text in tables.items():
        if not name.endswith("movements.csv"):
            assert not PLMS.search(text.replace("_", " ")), name


@pytest.mark.parametrize("form", FORMS)
def test_hostile_texts_break_no_file_and_run_nowhere(form: str) -> None:
    night = known_sites(hostile_night())
    for name, text in texts_of(night, form):
        if name.endswith((".edf", ".fif")):
            continue
        # CSV holds texts as they were found, for programs that look them up
        assert form == "csv" or not {"\x1b", "\u202e"} & set(text), name
        if name.endswith(("tsv", "annot")):
            cells = {line.count("\t") for line in text.splitlines()}
            assert len(cells) == 1, name
        if name.endswith((".csv", ".tsv")):
            delimiter = "\t" if name.endswith("tsv") else ","
            for row in csv.reader(io.StringIO(text), delimiter=delimiter):
                assert not any(cell.lstrip(" ")[:1] in "=+@\t\r" for cell in row if cell), row


@pytest.mark.parametrize("form", FORMS)
def test_a_night_without_movements_or_clock_exports_or_says_why_not(form: str) -> None:
    night = empty_night()
    if form == "yasa":
        with pytest.raises(InputFileError, match="a night without stages"):
            exported([night], form)
        return
    assert exported([night], form)


def test_without_stages_there_is_no_hypnogram_to_export() -> None:
    with pytest.raises(InputFileError, match=r"night\.edf: found a night without stages"):
        exported([night_without_stages()], "yasa")
    assert not any("hypnogram" in name for name in exported([night_without_stages()], "csv"))


def test_lights_that_nobody_scored_are_not_exported_as_scored() -> None:
    ends = Lights(
        off_s=0.0,
        on_s=28800.0,
        off_source="start of the recording",
        on_source="end of the recording",
    )
    text = exported([ordinary_night(lights=ends)], "luna")["night.annot"].decode()
    assert "lights" not in text
    scored = Lights(off_s=300.0, on_s=28500.0, off_source="scored event", on_source="option")
    text = exported([ordinary_night(lights=scored)], "luna")["night.annot"].decode()
    assert re.findall(r"^lights_\w+\t.\t.\t(\d+)", text, re.MULTILINE) == ["300", "28500"]


def test_an_epoch_that_begins_before_the_recording_is_cut_and_yasa_gets_its_true_start() -> None:
    night = ordinary_night(hypnogram=Hypnogram.of(["N1"] * 5, start_s=-10.0))
    line = exported([night], "luna")["night.annot"].decode().splitlines()[1]
    assert line.split("\t")[:5] == ["N1", ".", ".", "0", "20"]
    files = exported([night], "yasa")
    assert list(files) == ["night_hypnogram.json"]
    assert json.loads(files["night_hypnogram.json"])["start"] == "2024-03-01T22:30:55"
    with pytest.raises(InputFileError, match="no clock time"):
        exported([replace(night, start=None)], "yasa")


def test_a_start_that_edf_cannot_say_is_refused_by_edf_alone() -> None:
    night = ordinary_night(start=datetime(1970, 1, 1))
    with pytest.raises(InputFileError, match="EDF holds the years 1985 to 2084"):
        exported([night], "edf")
    assert exported([night], "luna")


def test_a_recording_with_a_gap_cannot_be_copied_and_the_message_says_so(tmp_path: Path) -> None:
    leg = Channel(label="LAT", unit="uV", rate_hz=10.0, samples=np.zeros(200))
    gap = (Segment(start_s=0.0, duration_s=10.0), Segment(start_s=60.0, duration_s=10.0))
    recording = Recording(source="night.edf", start=None, segments=gap, channels=(leg,))
    with pytest.raises(InputFileError, match=r"2 segments.*written alone"):
        write_beside_signals(ordinary_night(), recording, tmp_path / "scored.edf")
    assert list(tmp_path.iterdir()) == []


def test_the_wide_table_has_a_row_a_night_and_every_column_is_explained(
    legs: NightReport, back: NightReport
) -> None:
    files = exported([legs, back], "wide")
    rows = list(csv.DictReader(io.StringIO(files["nights_wide.csv"].decode())))
    assert [row["recording"] for row in rows] == ["night.edf", "night-2-simulated-rbs"]
    for row, night in zip(rows, (legs, back), strict=True):
        plms = night.indices["legs"]["plms_index"].value
        assert float(row["legs_plms_index"]) == pytest.approx(plms, abs=1e-6)
        (second,) = (
            r
            for r in night.breakdown
            if (r.group, r.level) == ("legs", "second") and r.by == "half"
        )
        assert int(row["legs_half_second_lm_n"]) == second.indices["lm_n"].value
    assert rows[0]["arms_plms_index"] == ""
    assert rows[1]["start"] == ""
    explained = csv.DictReader(io.StringIO(files["nights_wide_columns.csv"].decode()))
    lines = {line["column"]: line for line in explained}
    assert list(lines) == list(rows[0])
    assert all(line["label"] for line in lines.values())
    assert lines["legs_plms_index"]["unit"] == "1/h"


def test_a_bids_sidecar_explains_every_column_and_every_kind(back: NightReport) -> None:
    files = exported([back], "bids")
    (table,) = (text.decode() for name, text in files.items() if name.endswith("tsv"))
    (sidecar,) = (json.loads(text) for name, text in files.items() if name.endswith("events.json"))
    rows = list(csv.DictReader(io.StringIO(table), delimiter="\t"))
    assert list(sidecar) == list(rows[0])
    levels = sidecar["trial_type"]["Levels"]
    for kind in {row["trial_type"] for row in rows}:
        assert kind in levels or kind.startswith(("posture_", "rhythm_"))
    assert not re.search(r"\bnan\b", table)
    about = json.loads(files["dataset_description.json"])
    assert about["DatasetType"] == "derivative"
    assert about["GeneratedBy"][0]["Version"] == psgkit.__version__


def test_exports_do_not_warn(legs: NightReport) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for form in FORMS:
            exported([legs], form)
