"""Hypnograms from tables, lists and annotations: epochs, gaps, alignment, and what is refused."""

import contextlib
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import yasa
from hypothesis import given
from hypothesis import strategies as st

from psgkit.core.finding import Finding
from psgkit.core.hypnogram import STAGES, Hypnogram
from psgkit.core.recording import Annotations, Recording
from psgkit.errors import InputFileError, PsgkitError, TableError
from psgkit.io.scoring.annotations import hypnogram_from_annotations, scoring_of_recording
from psgkit.io.scoring.read import read_hypnogram, read_hypnogram_with_findings
from psgkit.io.scoring.tables import hypnogram_of_text
from psgkit.io.text.read import decode_text

START = datetime(2024, 1, 1, 22, 0, 0)


def hypnogram_of_recording(
    scored: Recording, start: datetime | None = None
) -> tuple[Hypnogram, tuple[Finding, ...]]:
    found = scoring_of_recording(scored, start, "stages")
    assert found.hypnogram is not None
    return found.hypnogram, found.findings


def of_table(rows: Sequence[str], header: str = "onset_s,duration_s,stage") -> Hypnogram:
    return hypnogram_of_text("\n".join([header, *rows]), "night.csv")[0]


def marks(*rows: tuple[float, float, str]) -> Annotations:
    onset_s, duration_s, text = zip(*rows, strict=True)
    return Annotations(onset_s=onset_s, duration_s=duration_s, text=text)


def recording(annotations: Annotations, start: datetime | None = START) -> Recording:
    return Recording(
        source="scorer.edf", start=start, segments=(), channels=(), annotations=annotations
    )


# --- tables with times ---------------------------------------------------------------------------


def test_rows_of_several_epochs_are_expanded() -> None:
    hypnogram = of_table(["0,90,W", "90,30,N1", "120,60,R"])
    assert hypnogram.stages.tolist() == ["W", "W", "W", "N1", "R", "R"]
    assert hypnogram.epoch_s == 30.0


def test_rows_longer_than_an_epoch_keep_the_usual_epoch() -> None:
    assert len(of_table(["0,3600,N2"])) == 120


@pytest.mark.parametrize(
    ("rows", "epoch_s", "stages"),
    [
        (["0,20,W", "20,40,N1"], 20.0, ["W", "N1", "N1"]),
        (["0,15,W", "15,45,N1"], 15.0, ["W", "N1", "N1", "N1"]),
        (["0,10,W", "10,4,N1", "14,10,N2"], 2.0, ["W"] * 5 + ["N1"] * 2 + ["N2"] * 5),
        (["0,29.5,W", "29.5,29.5,N1"], 29.5, ["W", "N1"]),
        (["0,1,W", "1,1.0000001,N1"], 1.0, ["W", "N1"]),
        # the end of the last row does not matter
        (["0,10,W", "10,4,N1"], 10.0, ["W", "N1"]),
    ],
)
def test_other_epochs_are_the_longest_that_divide_all(
    rows: list[str], epoch_s: float, stages: list[str]
) -> None:
    hypnogram = of_table(rows)
    assert hypnogram.epoch_s == epoch_s
    assert hypnogram.stages.tolist() == stages


def test_times_without_a_common_epoch_are_refused() -> None:
    with pytest.raises(TableError, match=r"largest common divisor is 1 ms.*at least 1 s"):
        of_table(["0,17,W", "17.001,23.7,N1", "41.3,3.1,N1"])


def test_times_less_than_half_a_second_off_the_grid_are_moved_onto_it() -> None:
    text = "onset_s,duration_s,stage\n0,30,W\n30.001,30,N1\n60.4,29.8,N2\n"
    hypnogram, findings = hypnogram_of_text(text, "night.csv")
    assert (hypnogram.epoch_s, hypnogram.stages.tolist()) == (30.0, ["W", "N1", "N2"])
    assert [(one.code, one.message[:6]) for one in findings] == [("stages.snapped", "2 of 3")]


def test_gaps_are_unscored_and_not_wake() -> None:
    assert of_table(["0,30,W", "90,30,N2"]).stages.tolist() == ["W", "UNSCORED", "UNSCORED", "N2"]


def test_the_fraction_of_the_first_onset_is_kept() -> None:
    hypnogram = of_table(["12.34375,30,W", "42.34375,30,N2"])
    assert hypnogram.start_s == 12.34375
    assert hypnogram.epoch_s == 30.0


def test_a_hypnogram_may_start_before_the_recording() -> None:
    assert of_table(["-60,30,W", "-30,60,N1"]).start_s == -60.0


def test_rows_may_come_in_any_order_and_with_an_end_instead_of_a_duration() -> None:
    shuffled = of_table(["60,90,N1", "0,60,W"], header="onset_s,end_s,stage")
    assert shuffled.stages.tolist() == ["W", "W", "N1"]


def test_equal_stages_may_overlap_and_different_ones_name_both_lines() -> None:
    assert of_table(["0,60,W", "30,60,W"]).stages.tolist() == ["W", "W", "W"]
    with pytest.raises(TableError, match=r"line 4: found N1 at 30 s while W of line 2 lasts until"):
        of_table(["0,60,W", "90,30,N2", "30,30,N1"])


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("30,30,N9", "line 3: found 'N9', wanted a stage"),
        ("30,-30,N1", "line 3, column 'duration_s': found '-30'"),
        ("x,30,N1", "line 3, column 'onset_s': found 'x'"),
        ("30,30,", "line 3: found an empty cell"),
        ("9e8,30,N1", "at most 1000000 epochs"),
    ],
)
def test_a_faulty_row_names_its_line(row: str, message: str) -> None:
    with pytest.raises(TableError, match=f"night.csv.*{message}"):
        of_table(["0,30,W", row])


@pytest.mark.parametrize("header", ["onset_s,duration_s,site", "0,30,W"])
def test_a_missing_column_lists_what_was_wanted(header: str) -> None:
    with pytest.raises(TableError, match=r"header line: found the columns .* wanted a column"):
        of_table(["0,30,W"], header=header)


def test_without_durations_a_stage_lasts_until_the_next() -> None:
    assert of_table(["0,W", "60,N1"], "onset_s,stage").stages.tolist() == ["W", "W", "N1"]
    assert of_table(["0,0,W", "60,0,N1"]).stages.tolist() == ["W", "W", "N1"]


def test_a_table_of_several_nights_is_refused_and_of_one_is_read() -> None:
    header = "case,onset_s,duration_s,stage"
    assert len(of_table(["R1,0,30,W", "R1,30,30,W"], header)) == 2
    with pytest.raises(TableError, match="several nights in one table"):
        of_table(["R1,0,30,W", "R2,30,30,W"], header)


def test_a_table_without_rows_is_an_empty_hypnogram() -> None:
    assert len(of_table([])) == 0


@pytest.mark.parametrize(
    ("header", "column"),
    [
        ("onset\tduration\tstage_ai\tstage_hum", "stage_hum"),
        ("onset\tduration\tstage_hum\tstage", "stage"),
        ("onset\tduration\tdescription\ttrial_type", "trial_type"),
        ("onset\tduration\tx\tsleep_stage", "sleep_stage"),
    ],
)
def test_the_preferred_column_is_read_and_named(header: str, column: str) -> None:
    _, findings = hypnogram_of_text(f"{header}\n0\t30\tN2\tN2\n", "events.tsv")
    assert f"the column '{column}'" in findings[0].message


def test_known_events_among_the_stages_of_a_mixed_column_are_left_out_and_said() -> None:
    text = "onset\tduration\ttrial_type\n0\t30\tSleep stage W\n12.5\t3\tEEG arousal\n30\t30\tN1\n"
    hypnogram, findings = hypnogram_of_text(text, "events.tsv")
    assert hypnogram.stages.tolist() == ["W", "N1"]
    assert "1 rows are events" in findings[1].message
    hypnogram, _ = hypnogram_of_text(text.replace("trial_type", "stage"), "events.tsv")
    assert hypnogram.stages.tolist() == ["W", "N1"]


# --- one stage a line ----------------------------------------------------------------------------


@pytest.mark.parametrize("head", ["", "stage\n", "Stage\r\n", "\n"])
@pytest.mark.parametrize("end", ["", "\n", "\n\n\n"])
def test_one_stage_a_line_is_read_as_epochs_of_30_s(head: str, end: str) -> None:
    hypnogram, findings = hypnogram_of_text(f'{head}W\nN1\n"N2"{end}', "night.txt")
    assert hypnogram.stages.tolist() == ["W", "N1", "N2"]
    assert (hypnogram.epoch_s, hypnogram.start_s) == (30.0, 0.0)
    assert findings[0].code == "hypnogram.epochs_assumed"


def test_an_empty_line_in_a_list_would_move_every_later_epoch_and_is_refused() -> None:
    with pytest.raises(TableError, match="line 2: found an empty line"):
        hypnogram_of_text("W\n\nN1\n", "night.txt")


def test_a_text_that_is_no_hypnogram_says_what_was_looked_for() -> None:
    with pytest.raises(TableError, match="line 1: found '<html>', wanted a table with onset"):
        hypnogram_of_text("<html>\n<body>\n", "night.csv")


def test_what_yasa_writes_is_read(tmp_path: Path) -> None:
    written = yasa.Hypnogram(["WAKE", "N1", "N2", "N3", "REM", "ART", "UNS"], freq="30s")
    expected = ["W", "N1", "N2", "N3", "R", "UNSCORED", "UNSCORED"]
    for series in (written.hypno, written.as_int()):
        series.to_csv(tmp_path / "epochs.csv")
        series.to_csv(tmp_path / "list.txt", index=False, header=False)
        assert read_hypnogram(tmp_path / "epochs.csv").stages.tolist() == expected
        assert read_hypnogram(tmp_path / "list.txt").stages.tolist() == expected
    written.as_events().to_csv(tmp_path / "events.tsv", sep="\t")
    assert read_hypnogram(tmp_path / "events.tsv").stages.tolist() == expected


def test_a_missing_epoch_number_leaves_its_epoch_unscored() -> None:
    hypnogram, findings = hypnogram_of_text("Epoch,Stage\n0,W\n1,N1\n3,N2\n", "night.csv")
    assert hypnogram.stages.tolist() == ["W", "N1", "UNSCORED", "N2"]
    assert (
        "1 epochs have no row" in {one.code: one.message for one in findings}["stages.missing_rows"]
    )
    with pytest.raises(TableError, match="line 4, column 'epoch': found '1', wanted 2"):
        hypnogram_of_text("Epoch,Stage\n0,W\n1,N1\n1,N2\n", "night.csv")


# --- annotations ---------------------------------------------------------------------------------


def test_annotated_stages_become_epochs_and_other_texts_do_not_matter() -> None:
    found = hypnogram_from_annotations(
        marks((30, 60, "Sleep stage N1"), (41, 3, "EEG arousal"), (0, 30, "Sleep stage W"))
    )
    assert found is not None
    assert found.stages.tolist() == ["W", "N1", "N1"]


def test_annotations_without_stages_give_no_hypnogram() -> None:
    assert hypnogram_from_annotations(marks((0, 3, "Lights off"), (9, 0, "2"))) is None
    assert hypnogram_from_annotations(Annotations()) is None


def test_changes_without_durations_last_until_the_next_and_the_last_one_an_epoch() -> None:
    found = hypnogram_from_annotations(marks((0, 0, "W"), (90, 0, "N1"), (120, 0, "N2")))
    assert found is not None
    assert found.stages.tolist() == ["W", "W", "W", "N1", "N2"]


def test_where_every_epoch_is_marked_a_hole_stays_unscored() -> None:
    epochs = [(30.0 * k, 0.0, "Sleep stage N2") for k in (0, 1, 2, 3, 7, 8)]
    found = hypnogram_from_annotations(marks(*epochs))
    assert found is not None
    assert found.stages.tolist() == ["N2"] * 4 + ["UNSCORED"] * 3 + ["N2"] * 2


def test_a_stage_that_is_annotated_twice_counts_once() -> None:
    found = hypnogram_from_annotations(marks((0, 0, "W"), (0, 0, "W"), (30, 0, "N1")))
    assert found is not None
    assert found.stages.tolist() == ["W", "N1"]


def test_overlapping_annotations_name_the_file_and_the_time() -> None:
    with pytest.raises(
        TableError, match=r"scorer\.edf, annotation at 15 s: found N1 at 15 s while"
    ):
        hypnogram_of_recording(recording(marks((0, 30, "W"), (15, 30, "N1"))))


@pytest.mark.parametrize("late_s", [-45.0, 0.0, 0.25, 3600.0])
def test_a_second_file_is_shifted_by_the_difference_of_the_clocks(late_s: float) -> None:
    scored = recording(marks((0, 30, "W"), (30, 30, "N1")), START + timedelta(seconds=late_s))
    hypnogram, findings = hypnogram_of_recording(scored, START)
    assert hypnogram.start_s == late_s
    assert findings == ()


def test_a_file_without_a_clock_is_not_shifted_and_says_so() -> None:
    hypnogram, findings = hypnogram_of_recording(recording(marks((0, 30, "W")), None), START)
    assert hypnogram.start_s == 0.0
    assert [finding.code for finding in findings] == ["clock.unknown"]


def test_a_file_from_another_year_is_pointed_out() -> None:
    scored = recording(marks((0, 30, "W")), START + timedelta(days=400))
    _, findings = hypnogram_of_recording(scored, START)
    assert findings[0].code == "clock.days_apart"
    assert "400.0 days after" in findings[0].message


def test_missing_durations_and_impossible_times_are_counted_in_findings() -> None:
    _, findings = hypnogram_of_recording(
        recording(marks((0, 0, "W"), (30, 30, "N1"), (float("inf"), 30, "N2")))
    )
    assert [finding.code for finding in findings] == ["annotations.time", "hypnogram.no_duration"]


def test_a_recording_without_stages_is_no_hypnogram() -> None:
    with pytest.raises(InputFileError, match="found 1 annotations, none of them a sleep stage"):
        hypnogram_of_recording(recording(marks((0, 0, "Lights off"))))


# --- real files ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("subject", "counts"),
    [
        ("1", {"W": 200, "N1": 57, "N2": 398, "N3": 172, "R": 87, "UNSCORED": 1}),
        ("10", {"W": 50, "N1": 59, "N2": 756, "N3": 62, "R": 66}),
        ("119", {"W": 34, "N1": 36, "N2": 602, "R": 226}),
        ("3", {"W": 86, "N1": 20, "N2": 591, "N3": 81, "R": 219}),
        ("40", {"W": 290, "N1": 26, "N2": 396, "N3": 8, "R": 101, "UNSCORED": 12}),
        ("77", {"W": 54, "N1": 24, "N2": 736, "N3": 50, "R": 214}),
    ],
)
def test_real_bids_nights(shared: Path, subject: str, counts: dict[str, int]) -> None:
    name = f"sub-{subject}_task-Sleep_acq-psg_events.tsv"
    hypnogram, findings = read_hypnogram_with_findings(shared / "data/bids-hypnograms" / name)
    assert Counter(hypnogram.stages.tolist()) == counts
    assert hypnogram.epoch_s == 30.0
    assert "'stage_hum'; not read: 'stage_ai'" in findings[0].message


@pytest.mark.parametrize(
    ("scorer", "counts"),
    [
        (1, {"W": 46, "N1": 47, "N2": 475, "N3": 159, "R": 172, "UNSCORED": 2}),
        (4, {"W": 47, "N1": 169, "N2": 352, "N3": 173, "R": 160}),
        (6, {"W": 33, "N1": 125, "N2": 439, "N3": 169, "R": 131, "UNSCORED": 4}),
    ],
)
def test_one_real_night_staged_by_several_people(
    shared: Path, scorer: int, counts: dict[str, int]
) -> None:
    name = f"SN1_SleepStages_manual_scorer{scorer}.edf"
    path = shared / "data/multi-scorer-hypnograms" / name
    hypnogram = read_hypnogram(path, datetime(2001, 1, 1, 22, 28, 0))
    assert Counter(hypnogram.stages.tolist()) == counts
    assert hypnogram.start_s == -30.0


def test_a_real_night_in_long_stages_of_the_old_rules(shared: Path) -> None:
    hypnogram = read_hypnogram(shared / "data/odd-edf/SC4001EC-Hypnogram.edf")
    counts = Counter(hypnogram.stages.tolist())
    assert counts == {"W": 1997, "N1": 58, "N2": 250, "N3": 220, "R": 125, "UNSCORED": 230}


@pytest.mark.parametrize(
    "name", ["domino/Flow Events - test1 Unbekannt.txt", "nox-psg/subject1.edf"]
)
def test_a_real_file_without_stages_that_we_read_is_a_typed_error(shared: Path, name: str) -> None:
    with pytest.raises(PsgkitError, match=Path(name).name):
        read_hypnogram(shared / "data" / name)


# --- laws ----------------------------------------------------------------------------------------

HYPNOGRAMS = st.builds(
    Hypnogram.of,
    st.lists(st.sampled_from(STAGES), min_size=1, max_size=40),
    st.sampled_from([1.0, 5.0, 20.0, 30.0]),
    st.integers(-100_000, 100_000).map(lambda k: k / 64),
)


@given(HYPNOGRAMS, st.sampled_from([",", ";", "\t"]))
def test_a_written_table_of_epochs_comes_back(hypnogram: Hypnogram, delimiter: str) -> None:
    text = hypnogram.to_frame().to_csv(index=False, sep=delimiter)
    found, findings = hypnogram_of_text(text, "night.csv")
    assert {one.code for one in findings} <= {"stages.sleep_only"}
    assert found.start_s == hypnogram.start_s
    at_s = hypnogram.epoch_starts_s() + hypnogram.epoch_s / 2
    np.testing.assert_array_equal(found.stage_at(at_s), hypnogram.stages)
    assert found.end_s == pytest.approx(hypnogram.end_s)


@given(HYPNOGRAMS)
def test_stretches_give_the_same_hypnogram_as_epochs(hypnogram: Hypnogram) -> None:
    stretches = [
        (start_s, end_s - start_s, f"Sleep stage {'?' if stage == 'UNSCORED' else stage}")
        for stage in STAGES
        for start_s, end_s in hypnogram.stretches([stage]).tolist()
    ]
    found = hypnogram_from_annotations(marks(*stretches))
    assert found is not None
    at_s = hypnogram.epoch_starts_s() + 0.5
    np.testing.assert_array_equal(found.stage_at(at_s), hypnogram.stages)


@given(st.lists(st.sampled_from(STAGES), min_size=1, max_size=40))
def test_a_written_list_comes_back(stages: list[str]) -> None:
    assert hypnogram_of_text("\n".join(stages), "t")[0].stages.tolist() == stages


@given(st.binary(max_size=200))
def test_random_bytes_end_in_a_hypnogram_or_a_typed_error(content: bytes) -> None:
    with contextlib.suppress(PsgkitError):
        text = decode_text(content, "t")
        if text.strip():
            hypnogram_of_text(text, "t")


@given(st.text(alphabet="0123459.,-WN R\n\t", max_size=60))
def test_almost_hypnograms_end_in_a_hypnogram_or_a_typed_error(body: str) -> None:
    for head in ("onset_s,duration_s,stage\n0,30,W\n", "W\n"):
        with contextlib.suppress(PsgkitError):
            hypnogram_of_text(head + body, "t")


@given(
    st.lists(
        st.tuples(
            st.floats(allow_nan=False),
            st.floats(min_value=0, allow_nan=False),
            st.sampled_from(["W", "Sleep stage 2", "R", "Sleep stage ?", "x", "Sleep stage x"]),
        ),
        min_size=1,
    )
)
def test_random_annotations_end_in_a_hypnogram_or_a_typed_error(
    rows: list[tuple[float, float, str]],
) -> None:
    with contextlib.suppress(PsgkitError):
        hypnogram_of_recording(recording(marks(*rows)))
