"""Events from tables and annotations: kinds, sites, clocks, and what is refused."""

import contextlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from psgkit.core.events import KNOWN_KINDS, Events
from psgkit.core.finding import Finding
from psgkit.core.recording import Annotations, Recording
from psgkit.core.site import Site
from psgkit.errors import InputFileError, PsgkitError, TableError
from psgkit.io.scoring.annotations import events_from_annotations, scoring_of_recording
from psgkit.io.scoring.read import read_events
from psgkit.io.scoring.tables import events_of_text
from psgkit.io.scoring.words import kind_of_text, site_of_text
from psgkit.io.text.read import decode_text

START = datetime(2024, 1, 1, 22, 0, 0)


def events_of_recording(
    scored: Recording, start: datetime | None = None
) -> tuple[Events, tuple[Finding, ...]]:
    found = scoring_of_recording(scored, start, "events")
    assert found.events is not None
    return found.events, found.findings


def of_table(rows: Sequence[str], header: str = "onset_s,duration_s,kind,site") -> Events:
    return events_of_text("\n".join([header, *rows]), "events.csv")[0]


def marks(*rows: tuple[float, float, str]) -> Annotations:
    onset_s, duration_s, text = zip(*rows, strict=True)
    return Annotations(onset_s=onset_s, duration_s=duration_s, text=text)


def recording(annotations: Annotations, start: datetime | None = START) -> Recording:
    return Recording(
        source="scorer.edf", start=start, segments=(), channels=(), annotations=annotations
    )


# --- words ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kind", "site"),
    [
        ("Limb movement@@EMG LAT", "lm", "left_leg"),
        ("Limb movement@@FDS R", "lm", "right_arm"),
        ("Limb movement@@Chin1-Chin2", "lm", ""),
        ("Limb movement - left", "lm", "left_leg"),
        ("Periodic leg movement - right|PLM (Right)", "lm", "right_leg"),
        ("LM", "lm", ""),
        ("PLM-LM", "lm", ""),
        ("MJ", "lm", ""),
        ("EEG arousal", "arousal", ""),
        ("Arousal", "arousal", ""),
        ("AROUSAL-RESP", "arousal", ""),
        ("PLM Arousal (EEG)", "arousal", ""),
        ("Micro-\u00e9veil", "arousal", ""),
        ("Hypopnea", "hypopnea", ""),
        ("Hypopn\u00e9e", "hypopnea", ""),
        ("Obstructive hypopnoea", "hypopnea", ""),
        ("Obstructive apnea", "apnea", ""),
        ("Central apnea", "apnea", ""),
        ("Mixed Apnoea", "apnea", ""),
        ("APNEA-OBSTRUCTIVE", "apnea", ""),
        ("Apnea", "apnea", ""),
        ("RERA", "rera", ""),
        ("Respiratory effort related arousal", "rera", ""),
        ("Lights off@@EEG F4-A1", "lights_off", ""),
        ("Lights out", "lights_off", ""),
        ("lights on", "lights_on", ""),
        ("Artefact", "artifact", ""),
        ("Movement artifact", "artifact", ""),
    ],
)
def test_words_of_scorers(text: str, kind: str, site: str) -> None:
    assert kind_of_text(text) == kind
    assert site_of_text(text) == site


@pytest.mark.parametrize(
    "text",
    [
        "PLM",
        "no arousal",
        "autonomic arousal",
        "arousal?",
        "Desaturation",
        "lms",
        "not lm",
        "",
        "@@",
    ],
)
def test_what_only_resembles_a_known_kind_is_not_one(text: str) -> None:
    assert kind_of_text(text) is None


@pytest.mark.parametrize("kind", KNOWN_KINDS)
def test_the_own_kinds_are_known(kind: str) -> None:
    assert kind_of_text(kind) == kind


def test_a_long_repetition_does_not_make_the_patterns_run_for_ever() -> None:
    assert kind_of_text("limb movement " * 9 + "!") is None
    assert kind_of_text("a" * 1_000_000) is None
    assert site_of_text("LM@@" + "flo" * 1_000_000) == ""


# --- tables --------------------------------------------------------------------------------------


def test_the_own_table_is_read() -> None:
    events = of_table(["60,2.5,lm,left_leg", "10,14.5,arousal,"])
    assert events.to_frame().to_numpy().tolist() == [
        [10.0, 14.5, "arousal", ""],
        [60.0, 2.5, "lm", "left_leg"],
    ]


def test_kinds_are_stripped_in_lower_case_and_unknown_ones_stay() -> None:
    events = of_table(["1,2, Arousal ,", "3,4,SpO2 Artefact X,", "5,6,PLM,"])
    assert events.kind.tolist() == ["arousal", "spo2 artefact x", "lm"]


def test_other_words_for_a_known_kind_are_understood_and_said() -> None:
    text = "onset_s,duration_s,kind,site\n1,2,Limb movement - left,\n3,4,EEG arousal,\n"
    events, findings = events_of_text(text, "events.csv")
    assert events.kind.tolist() == ["lm", "arousal"]
    assert events.site.tolist() == ["left_leg", ""]
    assert "'EEG arousal' (1) as arousal" in findings[0].message


def test_an_end_may_stand_for_the_duration_and_a_tab_for_the_comma() -> None:
    events = of_table(["1,5\t4\tlm\ttrunk"], header="onset\tend_s\tkind\tsite")
    assert (events.onset_s.tolist(), events.end_s.tolist()) == ([1.5], [4.0])


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (
            "1,2,lm,left_knee",
            "line 3, column 'site': found 'left_knee', wanted left_leg, right_leg",
        ),
        ("1,-2,lm,left_leg", "line 3, column 'duration_s': found '-2', wanted a duration of 0"),
        ("one,2,lm,left_leg", "line 3, column 'onset_s': found 'one', wanted a number"),
        ("1,2,,left_leg", "line 3, column 'kind': found an empty cell, wanted a kind of event"),
        ("1,2,lm", "line 3: found 3 cells, wanted 4"),
    ],
)
def test_a_faulty_row_names_its_line(row: str, message: str) -> None:
    with pytest.raises(TableError, match=f"events.csv, {message}"):
        of_table(["0,1,arousal,", row])


def test_an_end_before_its_onset_names_its_line() -> None:
    with pytest.raises(TableError, match="line 2, column 'end_s': found '4', wanted an end at"):
        of_table(["5,4,lm,left_leg"], header="onset_s,end_s,kind,site")


@pytest.mark.parametrize("missing", ["onset_s", "kind"])
def test_a_missing_column_is_named(missing: str) -> None:
    header = "onset_s,duration_s,kind,site".replace(missing, "x")
    with pytest.raises(TableError, match=f"wanted a column.*{missing}"):
        of_table(["1,2,3,"], header)


def test_only_a_movement_needs_the_column_for_its_site() -> None:
    header = "onset_s,duration_s,kind"
    assert of_table(["1,2,arousal"], header).site.tolist() == [""]
    assert of_table(["1,2,LM left"], header).site.tolist() == ["left_leg"]
    _, findings = events_of_text(f"{header}\n1,2,arousal\n1,2,lm\n", "events.csv")
    assert [one.code for one in findings] == ["events.no_side"]


def test_a_table_of_several_nights_is_refused() -> None:
    header = "case,onset_s,duration_s,kind,site"
    assert len(of_table(["R1,0,1,lm,left_leg"], header)) == 1
    with pytest.raises(TableError, match="several nights in one table"):
        of_table(["R1,0,1,lm,left_leg", "R2,0,1,lm,left_leg"], header)


def test_a_table_without_rows_is_empty() -> None:
    assert len(of_table([])) == 0


def test_movements_without_duration_are_counted() -> None:
    text = "onset_s,duration_s,kind,site\n1,0,lm,left_leg\n2,0,lights_off,\n"
    _, findings = events_of_text(text, "events.csv")
    assert [(finding.code, finding.message[:12]) for finding in findings] == [
        ("events.no_duration", "1 movements ")
    ]


def test_events_of_unknown_duration_are_counted() -> None:
    text = "onset_s,duration_s,kind\n1,n/a,arousal\n2,,lights off\n3,1,arousal\n"
    events, findings = events_of_text(text, "events.csv")
    assert events.end_s.tolist() == [1.0, 2.0, 4.0]
    assert "events.unknown_duration" in {one.code for one in findings}


# --- annotations ---------------------------------------------------------------------------------


def test_annotations_become_events_and_stages_do_not() -> None:
    events = events_from_annotations(
        marks(
            *[(0, 30, "Sleep stage W"), (5, 2, "Limb movement@@EMG RAT"), (9, 3, "Arousal@@C3")],
            *[(30, 30, "N2"), (40, 0, "Biocals"), (50, 0, "Sleep stage N9"), (60, 0, "")],
        )
    )
    assert events.to_frame().to_numpy().tolist() == [
        [5.0, 2.0, "lm", "right_leg"],
        [9.0, 3.0, "arousal", ""],
        [40.0, 0.0, "Biocals", ""],
        [60.0, 0.0, "", ""],
    ]


def test_the_channel_that_shows_an_arousal_is_not_its_site() -> None:
    events = events_from_annotations(marks((0, 3, "Arousal@@LAT"), (5, 3, "Lights off@@EMG RAT")))
    assert events.site.tolist() == ["", ""]


def test_no_annotations_are_no_events() -> None:
    assert len(events_from_annotations(Annotations())) == 0


@pytest.mark.parametrize("late_s", [-45.0, 0.0, 0.25, 3600.0])
def test_a_second_file_is_shifted_by_the_difference_of_the_clocks(late_s: float) -> None:
    scored = recording(marks((10, 2, "LM@@LAT")), START + timedelta(seconds=late_s))
    events, findings = events_of_recording(scored, START)
    assert events.onset_s.tolist() == [10 + late_s]
    assert events.end_s.tolist() == [12 + late_s]
    assert findings == ()


def test_a_recording_without_annotations_holds_no_scoring() -> None:
    with pytest.raises(InputFileError, match="found a recording without annotations"):
        events_of_recording(recording(Annotations()))


def test_impossible_times_are_left_out_and_counted() -> None:
    events, findings = events_of_recording(recording(marks((0, 1, "LM"), (1e300, 1, "LM"))))
    assert len(events) == 1
    assert findings[0].code == "annotations.time"


# --- real files ----------------------------------------------------------------------------------


def test_lights_of_a_real_night(shared: Path) -> None:
    path = shared / "data/multi-scorer-hypnograms/SN1_SleepStages_manual_scorer1.edf"
    events = read_events(path)
    assert events.kind.tolist() == ["lights_off", "lights_on"]
    assert events.onset_s.tolist() == [83.21, 26980.45]


def test_every_conformance_night_is_read_when_it_stands_alone(shared: Path) -> None:
    lines = (shared / "conformance/wasm2016/events.csv").read_text().splitlines()
    with pytest.raises(TableError, match="several nights"):
        events_of_text("\n".join(lines), "events.csv")
    nights: dict[str, list[str]] = {}
    for line in lines[1:]:
        nights.setdefault(line.split(",")[0], []).append(line)
    for rows in nights.values():
        assert len(of_table(rows, lines[0])) == len(rows)


# --- laws ----------------------------------------------------------------------------------------

TIMES_S = st.integers(-(10**6), 10**7).map(lambda k: k / 64)
DURATIONS_S = st.integers(0, 10**5).map(lambda k: k / 64)
KINDS = st.sampled_from([*KNOWN_KINDS, "desaturation", "x y"])
SITES = st.sampled_from([site.value for site in Site])


@given(
    st.lists(st.tuples(TIMES_S, DURATIONS_S, KINDS, SITES), max_size=20),
    st.sampled_from([",", ";", "\t"]),
)
def test_a_written_table_comes_back(
    rows: list[tuple[float, float, str, str]], delimiter: str
) -> None:
    onset_s, duration_s, kind, site = zip(*rows, strict=True) if rows else ((),) * 4
    written = Events.of(onset_s, np.add(onset_s, duration_s), kind, site)
    text = written.to_frame().to_csv(index=False, sep=delimiter)
    found, _ = events_of_text(text, "events.csv")
    np.testing.assert_array_equal(found.intervals(), written.intervals())
    assert found.kind.tolist() == written.kind.tolist()
    assert found.site.tolist() == written.site.tolist()


@given(st.binary(max_size=200))
def test_random_bytes_end_in_events_or_a_typed_error(content: bytes) -> None:
    with contextlib.suppress(PsgkitError):
        events_of_text(decode_text(content, "t"), "t")


@given(st.text(alphabet="0123459.,-elmrg_ft\n\t", max_size=60))
def test_almost_tables_end_in_events_or_a_typed_error(body: str) -> None:
    with contextlib.suppress(PsgkitError):
        events_of_text("onset_s,duration_s,kind,site\n0,3,lm,left_leg\n" + body, "t")


@given(
    st.lists(
        st.tuples(st.floats(allow_nan=False), st.floats(min_value=0, allow_nan=False), st.text()),
        min_size=1,
    )
)
def test_random_annotations_end_in_events(rows: list[tuple[float, float, str]]) -> None:
    events, _ = events_of_recording(recording(marks(*rows)), START + timedelta(days=3))
    assert len(events) <= len(rows)
