"""The paragraph for a paper says what was done with these settings, and nothing else."""

import re
from dataclasses import replace

import night_store
import pytest
from night_fixtures import empty_night, hostile_night, ordinary_night

from psgkit.core.events import Events
from psgkit.core.hypnogram import Hypnogram
from psgkit.core.night_report import NightReport
from psgkit.night.scored import score_night
from psgkit.report.night.methods import bibtex_of, methods_section, provenance_section
from psgkit.scoring.rules import AASM_3, RULE_SETS, WASM_2006
from psgkit.settings import Settings, settings_from


def paragraph(report: NightReport) -> str:
    (notes,) = methods_section(report).parts
    (line,) = notes.lines  # type: ignore[union-attr]
    return re.sub(r"\s", " ", line)  # thin and unbreakable spaces, too


@pytest.fixture(scope="module")
def rls() -> NightReport:
    return night_store.analysed("rls", hours=0.5)


def test_it_states_the_numbers_that_were_used(rls: NightReport) -> None:
    said = paragraph(rls)
    for words in (
        "left leg (256 Hz), right leg (256 Hz)",
        "10-100 Hz",
        "began 8 \u00b5V above rest",
        "within 2 \u00b5V of rest for 0.5 s",
        "WASM 2016 (Ferri et al. 2016)",
        "0.5 to 10 s (up to 15 s if of both sides)",
        "At least 4 candidates with intervals of 10 to 90 s",
        "\u22122 to 10.25 s around the end of a respiratory event",
        "epochs of 30 s",
    ):
        assert words in said
    assert "arms and trunk" not in said
    assert "ccelerometer" not in said


def test_changed_settings_change_the_paragraph(rls: NightReport) -> None:
    changed = settings_from(
        {
            "rules": {"series": {"min_movements": 3}},
            "emg": {
                "rule": {"onset_above_rest_uv": 6.0},
                "conditioning": {"band": {"low_hz": 20.0}},
            },
        }
    )
    said = paragraph(replace(rls, settings=changed.as_dict()))
    assert "At least 3 candidates" in said
    assert "began 6 \u00b5V above rest" in said
    assert "20-100 Hz" in said
    assert "WASM 2016 with changes" in said


@pytest.mark.parametrize("rules", RULE_SETS.values(), ids=RULE_SETS)
def test_every_rule_set_has_its_own_paragraph(rls: NightReport, rules: object) -> None:
    said = paragraph(replace(rls, settings=Settings(rules=rules).as_dict()))  # type: ignore[arg-type]
    assert "{" not in said
    assert "no limit" not in said


def test_each_standard_is_cited_with_its_entry(rls: NightReport) -> None:
    for rules, key in ((WASM_2006, "zucconi2006wasm"), (AASM_3, "troester2023aasm")):
        entries = bibtex_of(replace(rls, settings=Settings(rules=rules).as_dict()))
        assert f"{{{key}," in entries
        assert "ferri2016wasm" not in entries
    assert "@article{ferri2016wasm," in bibtex_of(rls)
    assert "@software{psgkit," in bibtex_of(rls)


def test_braces_of_the_entries_are_balanced(rls: NightReport) -> None:
    entries = bibtex_of(rls)
    assert entries.count("{") == entries.count("}")


def test_without_stages_and_without_signals_it_says_so() -> None:
    table = Events.of([100.0], [101.0], ["lm"], ["left_leg"])
    assert "marked by a scorer" in paragraph(score_night(table, Hypnogram.of(["N2"] * 20)))
    assert "No sleep stages" in paragraph(score_night(table))


@pytest.mark.parametrize("night", [ordinary_night, hostile_night, empty_night])
def test_settings_that_say_little_make_a_short_paragraph(night: object) -> None:
    assert "Rates are per hour" in paragraph(night())  # type: ignore[operator]


def test_provenance_names_the_file_without_its_folder() -> None:
    night = replace(ordinary_night(), source="/home/someone/night.edf")
    (facts,) = provenance_section(night).parts
    shown = dict(facts.rows)  # type: ignore[arg-type, union-attr]
    assert shown["File"] == "night.edf"
    assert shown["SHA-256"] == "ab" * 32
