"""Words and numbers: labels for all, decimals by unit, harmless outside text."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psgkit.core.index import Index
from psgkit.core.index_catalogue import entry_of, index_order
from psgkit.document.outside_text import bare_name, csv_cell, visible
from psgkit.report.words.number_format import clock, elapsed, hours_minutes, value_in_words
from psgkit.report.words.rule_words import rule_facts, span_in_words
from psgkit.report.words.words import group_note, index_label
from psgkit.settings import Settings

SCHEMA_NAMES = """
lm_n clm_n plm_n plms_n plmw_n plms_index plmw_index plms_nrem_index plms_rem_index plmsnr_index
plms_arousal_index clms_index clmw_index isolated_lms_index short_interval_lms_index
lm_index_recording plm_index_recording periodicity_index_wasm_sleep periodicity_index_wasm_wake
periodicity_index_ferri imi_log_mean_s imi_log_sd series_n plm_duration_mean_s bilateral_share
tib_min trt_min spt_min tst_min sol_min waso_min se_pct sme_pct rem_latency_min n1_min n2_min
n3_min r_min w_min n1_pct n2_pct n3_pct r_pct unscored_min
arousal_index awakening_index stage_shift_index sfi_haba_rubio sfi_morrell wake_bouts_n
sleep_bout_median_min transition_entropy_bits
"""


def test_every_index_of_the_schema_has_a_label() -> None:
    for name in SCHEMA_NAMES.split():
        assert entry_of(name) is not None


# large movements, alternating trains and the test have groups of their own
ELSEWHERE = ("lmm_", "alma_", "msit_", "heart_")


def test_an_accelerometer_index_is_never_called_plm() -> None:
    for name in [n for n in index_order() if not n.startswith(ELSEWHERE)]:
        label = index_label(name, "accelerometer_left_ankle")
        assert "PLM" not in label
        assert "LM" not in label


@pytest.mark.parametrize(
    ("index", "shown"),
    [
        (Index.rate("plms_index", 30, 4.0, otherwise=""), "7.5\u2009/h"),
        (Index.plain("lm_n", 1234.0, "1"), "1,234"),
        (Index.plain("se_pct", 87.66, "%"), "87.7\u2009%"),
        (Index.plain("imi_log_mean_s", 23.46, "s"), "23.5\u2009s"),
        (Index.plain("bilateral_share", 1 / 3, "1"), "0.33"),
        (Index.plain("imi_log_sd", 0.412, "ln s"), "0.41"),
        (Index.plain("x", -0.001, "1/h"), "0.0\u2009/h"),
        (Index.missing("x", "no sleep", unit="1/h"), "not available: no sleep"),
    ],
)
def test_values_have_the_decimals_of_their_unit(index: Index, shown: str) -> None:
    assert value_in_words(index) == shown


def test_notes_on_trust() -> None:
    assert group_note("legs") == ""
    assert group_note("arms") == "Leg rules applied to the arm, no published standard."
    assert "Ferri et al. 2021" in group_note("whole_body")
    assert group_note("scratch").startswith("Experimental")
    assert group_note("sleep") == ""
    assert "not comparable with EMG" in group_note("accelerometer_trunk")


def test_times_are_read_off_the_clock_across_midnight() -> None:
    start = datetime(2024, 3, 1, 22, 31, 5)
    assert clock(start, 5400.0) == "00:01:05"
    assert clock(None, 5400.0) == "1:30:00"
    assert clock(datetime(9999, 12, 31, 23, 0), 7200.0) == "2:00:00"
    assert elapsed(-0.5) == "0:00:00"
    assert hours_minutes(28799.0) == "8\u2009h 00\u2009min"


def test_rules_are_told_with_their_units_and_their_open_ends() -> None:
    rules = {
        "name": "wasm2016",
        "title": "WASM 2016",
        "bilateral": {"max_parts": 0, "within_s": 0.5},
        "series": {"imi_s": {"low": 10.0, "high": 90.0, "includes_high": False}},
        "kinds": ("apnea", "rera"),
    }
    assert rule_facts({"rules": rules}) == (
        ("Rules", "WASM 2016 (wasm2016)"),
        (
            "Values",
            "bilateral max parts no limit; bilateral within 0.5\u2009s; "
            "series IMI 10 to below 90\u2009s; kinds: apnea, rera",
        ),
    )
    assert rule_facts({}) == (("Rules", "not named"),)
    assert span_in_words({"low": None, "high": 5.0, "includes_low": False}) == (
        "above no lower limit to 5"
    )


@given(st.text())
def test_visible_text_is_one_line_without_control_characters_and_stays_so(text: str) -> None:
    shown = visible(text)
    assert len(shown.splitlines()) <= 1
    assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 for c in shown)
    assert visible(shown) == shown
    shown.encode("utf-8")


@given(st.text())
def test_a_csv_cell_never_starts_a_formula(text: str) -> None:
    cell = csv_cell(text)
    assert cell[:1] not in ("=", "+", "-", "@", "\t", "\r")
    cell.encode("utf-8")


@given(st.text())
def test_a_bare_name_has_no_folder(text: str) -> None:
    assert "/" not in bare_name(text)
    assert "\\" not in bare_name(text)


def test_every_changed_setting_of_the_detector_is_told_also_one_without_a_limit() -> None:
    settings = Settings().as_dict()
    emg = settings["emg"]
    open_ended = {**emg["rhythm"]["frequency_hz"], "high": float("inf")}
    emg |= {
        "rule": {**emg["rule"], "offset_hold_s": 0.75},
        "cardiac": {**emg["cardiac"], "enabled": False},
        "rhythm": {**emg["rhythm"], "frequency_hz": open_ended},
    }
    assert dict(rule_facts(settings))["Changed"] == (
        "emg.rule.offset_hold_s = 0.75; emg.cardiac.enabled = no; "
        "emg.rhythm.frequency_hz.high = none"
    )
    assert "Changed" not in dict(rule_facts(Settings().as_dict()))
