"""The terminal page: what it says, how wide it is, and that nothing from outside takes over."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace

import pytest
from night_fixtures import (
    HOSTILE,
    NO_SLEEP,
    empty_night,
    hostile_night,
    movement_indices,
    night_without_stages,
    ordinary_night,
)

from psgkit.core.finding import Finding
from psgkit.core.index import Index
from psgkit.core.night_report import NightReport
from psgkit.report.terminal import night_as_text
from psgkit.report.words.number_format import NO_VALUE
from psgkit.report.words.words import research_only

NIGHTS = [ordinary_night, hostile_night, night_without_stages, empty_night]


def squeezed(text: str) -> str:
    return " ".join(text.split())


def test_the_page_has_what_a_technologist_looks_for_in_order() -> None:
    page = squeezed(night_as_text(ordinary_night()))
    wanted = [
        "Night report · night.edf",
        "(!) Only one leg was scored ('LAT', left leg). 'RAT' was refused: no unit. Do not",
        "PLMS index (!) 22.8 /h",
        "Start 2024-03-01 22:31:05",
        "Lights off 22:36:05 (0:05:00 after the start), from event table",
        "Rules WASM 2016",
        "IMI 10 to 90 s",
        "LAT left leg 200 Hz, µV used label LAT",
        "RAT right leg 33.3333 Hz refused label RAT; the unit is missing",
        "Not analysed: C3-M2.",
        "Total sleep time 421.0 min",
        "PLMS index, without respiratory 18.8 132 7.02",
        "Periodicity index, WASM, sleep 0.81",
        "Periodicity index, Ferri 0.66",
        f"By stage Wake 5 3.3 {NO_VALUE} N1 9 6.0",
        f"N3 0 {NO_VALUE} {NO_VALUE} R 0 0.0",
        "By side Left leg 50 33.3",
        f"{NO_VALUE} not available: no N3.",
        "22:36 35.0 ████",
        "Arousal index 14.1 99 7.02",
        "error RAT: no unit",
        "warning night.edf: fewer records",
        "info night.edf: the start has no century",
        "Leaning toward RLS: PLMS index above 15 per hour.",
        "Leg movements in series during sleep; nothing points to the arms.",
        research_only(),
    ]
    place = 0
    for line in wanted:
        assert line in page[place:], line
        place = page.index(line, place)


@pytest.mark.parametrize("night", NIGHTS)
@pytest.mark.parametrize("width", [40, 80, 100, 200])
def test_no_line_is_too_wide_or_ends_in_blanks(
    night: Callable[[], NightReport], width: int
) -> None:
    for line in night_as_text(night(), width=width).splitlines():
        assert len(line) <= width
        assert line == line.rstrip()


@pytest.mark.parametrize("night", NIGHTS)
def test_without_colour_there_is_no_control_character(night: Callable[[], NightReport]) -> None:
    page = night_as_text(night())
    page.encode("utf-8")
    assert not {c for c in page if unicodedata.category(c) in ("Cc", "Cf", "Cs")} - {"\n"}


def test_colour_adds_only_colours() -> None:
    coloured = night_as_text(hostile_night(), colour=True)
    assert "\x1b[" in coloured
    bare = re.sub(r"\x1b\[[0-9;]*m", "", coloured)
    assert [line.rstrip() for line in bare.splitlines()] == night_as_text(
        hostile_night()
    ).splitlines()


def test_a_finding_without_a_place_has_no_stray_colon() -> None:
    note = Finding("info", "a.code", "", "something odd")
    lines = night_as_text(ordinary_night(findings=(note,))).splitlines()
    assert "  info  something odd [a.code]" in lines


def test_markup_in_labels_is_shown_and_not_obeyed() -> None:
    page = squeezed(night_as_text(hostile_night(), width=200))
    assert "[bold red]boo[/bold red]" in page
    assert r"\x1b[2J\x07bell" in page
    assert r"\u202egnp.exe" in page
    assert "{{ 7*7 }}" in page


def test_the_surroundings_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    here = night_as_text(ordinary_night(), width=90)
    for name, value in {"COLUMNS": "30", "TERM": "dumb", "FORCE_COLOR": "1"}.items():
        monkeypatch.setenv(name, value)
    assert night_as_text(ordinary_night(), width=90) == here


def test_one_reason_for_a_whole_group_is_said_once_a_group() -> None:
    page = squeezed(night_as_text(night_without_stages()))
    assert page.count(NO_SLEEP) == 3
    assert page.count(f"Not available: {NO_SLEEP}.") == 2  # sleep and disruption
    assert f"Not available, {NO_SLEEP}: PLM in sleep (PLMS); PLM in wake (PLMW); PLMS index" in page
    assert "nan" not in page
    assert "None" not in page


def test_a_simulated_night_says_so_at_the_top() -> None:
    note = Finding("info", "simulate.truth", "night.edf", "made by a computer, seed 7")
    lines = night_as_text(replace(ordinary_night(), findings=(note,))).splitlines()
    assert lines[1] == "! Simulated: made by a computer, seed 7"


def test_groups_carry_their_honest_names() -> None:
    legs = movement_indices()
    night = ordinary_night(
        indices={"arms": legs, "trunk": legs, "accelerometer_left_ankle": legs}, breakdown=()
    )
    page = squeezed(night_as_text(night))
    assert "Leg rules applied to the arm, no published standard." in page
    assert "Leg rules applied to the trunk, no published standard." in page
    after = page[page.index("Accelerometer, left ankle") : page.index("Arousals around leg")]
    assert "Estimated, not comparable with EMG." in after
    assert "PLM" not in after
    assert "Periodic movements in sleep 22.8" in after


def test_a_name_nobody_foresaw_is_shown_in_words() -> None:
    indices = {
        "legs": {"plms_turning_index": Index.rate("plms_turning_index", 7, 2.0, otherwise="")}
    }
    assert "PLMS turning index 3.5 7 2.00" in squeezed(
        night_as_text(ordinary_night(indices=indices))
    )


def test_findings_of_one_severity_keep_their_order() -> None:
    notes = tuple(Finding("warning", "c", "f", f"number {k}") for k in range(5))
    page = night_as_text(replace(ordinary_night(), findings=notes))
    found = [page.index(f"number {k}") for k in range(5)]
    assert found == sorted(found)


def test_a_width_that_holds_no_table_is_refused() -> None:
    with pytest.raises(ValueError, match="width of at least 40"):
        night_as_text(ordinary_night(), width=39)


def test_every_hostile_text_is_in_the_page_somewhere() -> None:
    page = squeezed(night_as_text(hostile_night(), width=200))
    for text in HOSTILE:
        if text.isprintable() and "half" not in text:
            assert squeezed(text) in page
