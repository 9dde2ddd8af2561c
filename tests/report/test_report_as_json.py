"""The JSON report: schema, missing values, bytes, speed."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from night_fixtures import (
    HOSTILE,
    NO_SLEEP,
    empty_night,
    hostile_night,
    night_without_stages,
    ordinary_night,
)
from rounds import processor_s

from psgkit import __version__
from psgkit.core.index import Index
from psgkit.core.night_report import NightReport
from psgkit.document.values import plain, tidy, tidy_column
from psgkit.document.write import night_as_dict, night_as_json

NIGHTS = [ordinary_night, hostile_night, night_without_stages, empty_night]
TOP_LEVEL = [
    "schema",
    "psgkit",
    "recording",
    "settings",
    "lights",
    "channels",
    "findings",
    "movements",
    "postures",
    "turns",
    "rhythms",
    "rejected",
    "relief",
    "events",
    "hypnogram",
    "epochs",
    "staging",
    "cautions",
    "reviewed",
    "person",
    "indices",
    "breakdown",
    "imi",
    "heart_rate",
    "sensitivity",
    "profile",
]
KEYS = {
    "recording": "file sha256 start duration_s segments",
    "lights": "off_s on_s off_source on_source",
    "channels": "label role site unit rate_hz status reason place axis rule",
    "findings": "severity code where message",
    "cautions": "code severity message advice concerns",
    "movements": "onset_s end_s duration_s site modality channels n_parts candidate respiratory "
    "arousal stage imi_s plm series plmnr series_nr amplitude amplitude_unit imi_nr_s intensity",
    "events": "onset_s end_s kind site",
    "hypnogram": "onset_s duration_s stage",
    "breakdown": "group by level indices",
    "profile": "statement evidence leaning rule missing answers timing recording together "
    "cautions matrix questions",
}


@pytest.mark.parametrize("night", NIGHTS)
def test_every_key_of_the_schema_is_there_in_its_order(night: Callable[[], NightReport]) -> None:
    found = json.loads(night_as_json(night()))
    assert list(found) == TOP_LEVEL
    assert found["schema"] == "psgkit.night/1"
    assert found["psgkit"] == {"version": __version__}
    for key, names in KEYS.items():
        rows = found[key] if isinstance(found[key], list) else [found[key]]
        assert all(list(row) == names.split() for row in rows)
    assert list(found["indices"])[:5] == ["sleep", "disruption", "legs", "arms", "trunk"]
    for group in found["indices"].values():
        for index in group.values():
            fields = ["value", "unit", "numerator", "denominator_h", "reason"]
            assert list(index) == fields


@pytest.mark.parametrize("night", NIGHTS)
def test_an_index_has_a_value_or_a_reason(night: Callable[[], NightReport]) -> None:
    found = night_as_dict(night())
    groups = [*found["indices"].values(), *(row["indices"] for row in found["breakdown"])]
    for group in groups:
        for index in group.values():
            assert (index["value"] is None) == (index["reason"] is not None)


def test_a_value_that_is_not_a_number_becomes_null_with_a_reason() -> None:
    night = ordinary_night(
        indices={"legs": {"imi_log_sd": Index.plain("imi_log_sd", float("nan"), "1")}}
    )
    index = night_as_dict(night)["indices"]["legs"]["imi_log_sd"]
    assert index["value"] is None
    assert index["reason"] == "the computed value is no finite number"


def test_a_night_without_stages_keeps_every_index_with_its_reason() -> None:
    found = night_as_dict(night_without_stages())
    assert found["hypnogram"] == []
    assert found["indices"]["legs"]["plms_index"] == {
        "value": None,
        "unit": "1/h",
        "numerator": None,
        "denominator_h": None,
        "reason": NO_SLEEP,
    }


def test_a_rate_carries_numerator_and_denominator() -> None:
    index = night_as_dict(ordinary_night())["indices"]["legs"]["plms_index"]
    assert index == {
        "value": 22.802850,
        "unit": "1/h",
        "numerator": 160,
        "denominator_h": 7.016667,
        "reason": None,
    }


def test_counts_are_integers() -> None:
    legs = night_as_dict(ordinary_night())["indices"]["legs"]
    assert repr(legs["lm_n"]["value"]) == "300"


def test_a_movement_outside_series_or_without_interval_has_nulls() -> None:
    rows = night_as_dict(ordinary_night())["movements"]
    assert rows[0]["imi_s"] is None
    assert rows[0]["amplitude"] is None
    assert rows[1]["imi_s"] == 20.0
    assert rows[1]["amplitude"] == 31.415927
    assert (rows[1]["plm"], rows[1]["series"]) == (True, 1)
    assert (rows[4]["plm"], rows[4]["series"]) == (False, None)
    assert rows[1]["series_nr"] is None
    assert rows[1]["duration_s"] == 2.125


def test_the_start_is_iso_or_null_and_the_file_has_no_folder() -> None:
    assert night_as_dict(ordinary_night())["recording"]["start"] == "2024-03-01T22:31:05"
    assert night_as_dict(empty_night())["recording"]["start"] is None
    night = ordinary_night(source="/home/jane_doe/night.edf")
    assert night_as_dict(night)["recording"]["file"] == "night.edf"
    assert "jane_doe" not in night_as_json(night)


def test_what_a_channel_does_not_state_is_null() -> None:
    used, refused, ignored = night_as_dict(ordinary_night())["channels"]
    assert used["reason"] is None
    assert used["site"] == "left_leg"
    assert refused["unit"] is None
    assert ignored["site"] is None


def test_settings_and_rates_keep_all_their_digits() -> None:
    found = night_as_dict(ordinary_night())
    assert found["settings"]["conditioning"]["tolerance"] == 1e-9
    assert found["channels"][1]["rate_hz"] == 100 / 3


def test_evidence_has_every_key_even_if_the_profile_says_little() -> None:
    (piece,) = night_as_dict(hostile_night())["profile"]["evidence"]
    assert list(piece) == [
        "id",
        "value",
        "unit",
        "reason",
        "supports",
        "against",
        "grade",
        "source",
        "source_status",
        "compared_with",
        "n",
        "text",
    ]
    assert piece["against"] == []
    assert piece["grade"] is None


@pytest.mark.parametrize("night", NIGHTS)
def test_the_same_night_gives_the_same_bytes_of_valid_utf8(
    night: Callable[[], NightReport],
) -> None:
    text = night_as_json(night())
    assert text.encode("utf-8") == night_as_json(night()).encode("utf-8")
    assert text.endswith("}\n")
    assert not re.search(r"\bNaN\b|\bInfinity\b|-0\.0\b", text)


def test_outside_text_survives_the_journey() -> None:
    labels = [row["label"] for row in json.loads(night_as_json(hostile_night()))["channels"]]
    assert labels == [text.replace("\udc80", "\ufffd") for text in HOSTILE]
    assert "\u00b5V" in night_as_json(ordinary_night(source="\u00b5V.edf"))


def test_three_thousand_movements_take_less_than_three_times_what_plain_json_takes() -> None:
    night = ordinary_night(3000)
    found = json.loads(night_as_json(night))
    written_s = processor_s(lambda: night_as_json(night), 5)
    assert written_s < 3 * processor_s(lambda: json.dumps(found, indent=1), 5)


def test_json_needs_no_heavy_import() -> None:
    code = (
        "import sys, psgkit.document.write\n"
        "print([n for n in ('pandas', 'scipy', 'jinja2', 'rich', 'pydantic') if n in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_tidy_is_idempotent_close_and_finite(value: float) -> None:
    once = tidy(value)
    if once is None:
        assert not np.isfinite(value)
        return
    assert tidy(once) == once
    assert str(once) != "-0.0"
    assert abs(once - value) <= max(5.1e-7, abs(value) * 1e-5)
    assert (once == 0) == (value == 0)


@given(st.lists(st.floats(-1e6, 1e6) | st.just(float("nan")), max_size=20))
def test_a_column_is_rounded_like_python_rounds_within_a_step(values: list[float]) -> None:
    for value, found in zip(values, tidy_column(np.array(values)), strict=True):
        assert (found is None) == np.isnan(value)
        if found is not None:
            assert abs(found - value) < 5.1e-7
            assert found == float(f"{found:.6f}")


def test_something_that_json_cannot_hold_is_an_error() -> None:
    with pytest.raises(TypeError, match="a report cannot hold"):
        plain({"key": object()})
    with pytest.raises(TypeError, match="a report cannot hold"):
        night_as_json(replace(ordinary_night(), settings={"raw": b"bytes"}))
