"""Stage words: a closed table, and numbers that are read file by file."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psgkit.core.hypnogram import STAGES
from psgkit.errors import TableError
from psgkit.io.scoring.stage_codes import read_stages
from psgkit.io.scoring.words import stage_of_annotation, stage_of_word


def read(words: list[str]) -> list[str]:
    return read_stages(words, [f"line {n}" for n in range(1, len(words) + 1)], "night.txt").stages


@pytest.mark.parametrize(
    ("word", "stage"),
    [
        *[("W", "W"), ("wake", "W"), ("WAKE", "W"), ("Sleep stage W", "W"), ("SLEEP-S0", "W")],
        *[("\u00c9veil", "W"), ("Eveil", "W"), ("Wach", "W"), (" Wake ", "W")],
        *[("N1", "N1"), ("S1", "N1"), ("Sleep stage 1", "N1"), ("Sleep stage N1", "N1")],
        *[("NREM 2", "N2"), ("Stage 2", "N2"), ("SLEEP-S2", "N2"), ("n 2", "N2")],
        *[("N4", "N3"), ("S4", "N3"), ("Sleep stage 4", "N3"), ("Sleep stage 3", "N3")],
        *[("R", "R"), ("REM", "R"), ("SLEEP-REM", "R"), ("Sleep stage R", "R"), ("rem sleep", "R")],
        *[("?", "UNSCORED"), ("Sleep stage ?", "UNSCORED"), ("UNS", "UNSCORED")],
        *[("ART", "UNSCORED"), ("Movement time", "UNSCORED"), ("SLEEP-UNSCORED", "UNSCORED")],
        *[("UNSCORED", "UNSCORED"), ("Not scored", "UNSCORED"), ("Movement", "UNSCORED")],
    ],
)
def test_known_words(word: str, stage: str) -> None:
    assert stage_of_word(word) == stage
    assert read([word]) == [stage]


@pytest.mark.parametrize("stage", STAGES)
def test_the_own_vocabulary_is_known(stage: str) -> None:
    assert stage_of_word(stage) == stage


@pytest.mark.parametrize("word", ["", "N5", "7", "W?", "Sleep stage", "1.5", "10"])
def test_an_unknown_word_is_an_error_with_its_line(word: str) -> None:
    with pytest.raises(TableError, match=r"night.txt, line 2: found .*, wanted a stage: W N1 N2"):
        read(["W", word])


def test_rechtschaffen_and_kales_numbers_where_a_nine_is_unscored() -> None:
    assert read(["0", "1", "2", "3", "4", "5", "6", "9"]) == [
        *["W", "N1", "N2", "N3", "N3", "R", "UNSCORED", "UNSCORED"]
    ]


def test_bids_and_yasa_numbers_when_no_five_is_there() -> None:
    assert read(["0", "1", "2", "3", "4", "8", "-1", "-2"]) == [
        *["W", "N1", "N2", "N3", "R", "UNSCORED", "UNSCORED", "UNSCORED"]
    ]


def test_numbers_that_pandas_made_floats_are_the_same_numbers() -> None:
    assert read(["0.0", "2.0", "4.0"]) == read(["0", "2", "4"])


@pytest.mark.parametrize(
    ("words", "stage", "severity"),
    [
        (["0", "2", "4"], "R", "warning"),
        (["0", "2", "4", "8"], "R", "info"),
        (["0", "2", "4", "5", "9"], "N3", "info"),
        (["W", "2", "4", "R"], "N3", "info"),
    ],
)
def test_what_a_four_was_taken_for_is_said(words: list[str], stage: str, severity: str) -> None:
    found = read_stages(words, [""] * len(words), "night.txt")
    assert found.stages[words.index("4")] == stage
    assert [(one.severity, one.code) for one in found.findings] == [(severity, "stages.coding")]


@pytest.mark.parametrize("text", ["Sleep stage N2", "N2", "Sleep stage 2", "Sleep stage N2@@EEG"])
def test_annotations_that_state_a_stage(text: str) -> None:
    assert stage_of_annotation(text) == "N2"


@pytest.mark.parametrize(
    "text", ["2", "?", "A", "art", "S 1", "s2", "EEG arousal", "Lights off", "stage change", ""]
)
def test_annotations_that_may_mean_anything_are_no_stages(text: str) -> None:
    assert stage_of_annotation(text) is None


def test_an_annotated_stage_with_an_unknown_word_is_no_guess() -> None:
    with pytest.raises(TableError, match="'Sleep stage N7': found an unknown stage"):
        stage_of_annotation("Sleep stage N7")


@given(st.text(max_size=12))
def test_every_word_is_a_stage_or_unknown(word: str) -> None:
    assert stage_of_word(word) in (*STAGES, None)
