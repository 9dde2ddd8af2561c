"""Settings: what a TOML file changes, what it may not say, and that a report shows all of it."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from psgkit import cli
from psgkit.core.bounds import Span
from psgkit.core.events import Events
from psgkit.core.hypnogram import Hypnogram
from psgkit.document.write import night_as_dict
from psgkit.errors import SettingsError
from psgkit.night.scored import score_night
from psgkit.scoring.rules import AASM_3, RULE_SETS, WASM_2006, WASM_2016
from psgkit.settings import Settings, read_settings, rules_named, settings_from


def written(folder: Path, text: str) -> Path:
    path = folder / "lab.toml"
    path.write_text(text, encoding="utf-8")
    return path


# what a file changes


def test_an_empty_file_is_the_default(tmp_path: Path) -> None:
    assert read_settings(written(tmp_path, "")) == Settings()


def test_a_file_changes_nested_fields_and_nothing_else(tmp_path: Path) -> None:
    text = """
        lights_off_s = 600
        [rules]
        base = "wasm2006"
        candidate_max_duration_s = 5
        [rules.series]
        after_short_imi = "end"
        [rules.series.imi_s]
        high = 120
        [rules.respiratory]
        kinds = ["apnea"]
        [emg.rule]
        onset_above_rest_uv = 9.5
    """
    found = read_settings(written(tmp_path, text))
    wanted = Settings().as_dict() | {"rules": Settings(rules=WASM_2006).as_dict()["rules"]}
    wanted["lights_off_s"] = 600.0
    wanted["rules"] |= {
        "name": "wasm2006 with changes",
        "title": "WASM 2006 with changes",
        "candidate_max_duration_s": 5.0,
    }
    wanted["rules"]["series"]["after_short_imi"] = "end"
    wanted["rules"]["series"]["imi_s"]["high"] = 120.0
    wanted["rules"]["respiratory"]["kinds"] = ("apnea",)
    wanted["emg"]["rule"]["onset_above_rest_uv"] = 9.5
    assert found.as_dict() == wanted


@pytest.mark.parametrize("rules", RULE_SETS.values(), ids=list(RULE_SETS))
def test_the_base_alone_is_that_rule_set_unchanged(tmp_path: Path, rules: Any) -> None:  # noqa: ANN401
    path = written(tmp_path, f'[rules]\nbase = "{rules.name}"\n')
    assert read_settings(path).rules == rules


def test_a_named_rule_set_stands_in_for_the_base_of_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, '[rules]\nbase = "wasm2006"\n')
    assert read_settings(path, "aasm3").rules == AASM_3
    path = written(tmp_path, '[rules]\nbase = "wasm2006"\nmin_duration_s = 0.6\n')
    assert read_settings(path, "aasm3").rules.name == "aasm3 with changes"
    assert read_settings(path, "aasm3").rules.bilateral == AASM_3.bilateral


def test_changed_rules_may_have_a_name_of_their_own() -> None:
    found = settings_from({"rules": {"name": "lab", "title": "Our lab", "join_within_s": 0.4}})
    assert (found.rules.name, found.rules.title) == ("lab", "Our lab")
    assert found.rules.join_within_s == 0.4


def test_what_a_file_says_is_not_changed_by_reading_it() -> None:
    given = {"rules": {"base": "aasm3", "series": {"min_movements": 5}}}
    settings_from(given)
    assert given == {"rules": {"base": "aasm3", "series": {"min_movements": 5}}}


def test_a_span_keeps_the_end_that_is_not_named() -> None:
    found = settings_from({"rules": {"series": {"imi_s": {"includes_high": False}}}})
    assert found.rules.series.imi_s == Span(low=10.0, high=90.0, includes_high=False)


# what it may not say


@pytest.mark.parametrize(
    ("given", "where", "found", "advice"),
    [
        ({"rule": {}}, "settings", "'rule'", "Did you mean 'rules'?"),
        ({"light_off_s": 1}, "settings", "'light_off_s'", "Did you mean 'lights_off_s'?"),
        (
            {"rules": {"serie": {}}},
            "settings: rules",
            "'serie'",
            "Did you mean 'series'?",
        ),
        (
            {"rules": {"series": {"min_movement": 5}}},
            "settings: rules: series",
            "'min_movement'",
            "Did you mean 'min_movements'?",
        ),
        (
            {"rules": {"series": {"imi_s": {"hihg": 80}}}},
            "settings: rules: series: imi_s",
            "'hihg'",
            "Did you mean 'high'?",
        ),
        (
            {"emg": {"rule": {"onset_above_rest": 9}}},
            "settings: emg: rule",
            "'onset_above_rest'",
            "Did you mean 'onset_above_rest_uv'?",
        ),
        ({"colour": "red"}, "settings", "'colour'", ""),
    ],
)
def test_a_misspelt_field_is_refused_with_the_nearest_one(
    given: dict[str, Any], where: str, found: str, advice: str
) -> None:
    with pytest.raises(SettingsError, match="wanted one of") as caught:
        settings_from(given)
    assert (caught.value.where, caught.value.found) == (where, found)
    assert caught.value.advice == advice


@pytest.mark.parametrize(
    ("given", "where"),
    [
        ({"rules": {"series": {"min_movements": 4.5}}}, "rules.series.min_movements"),
        ({"rules": {"series": {"min_movements": "many"}}}, "rules.series.min_movements"),
        ({"rules": {"series": {"after_short_imi": "stop"}}}, "rules.series.after_short_imi"),
        ({"rules": {"series": 5}}, "rules.series"),
        ({"rules": {"series": {"imi_s": [10, 90]}}}, "rules.series.imi_s"),
        ({"rules": {"respiratory": {"kinds": "apnea"}}}, "rules.respiratory.kinds"),
        ({"rules": {"candidate_max_duration_s": "long"}}, "rules.candidate_max_duration_s"),
        ({"rules": {"title": 7}}, "rules.title"),
        ({"rules": "aasm3"}, "rules"),
        ({"emg": 3}, "emg"),
        ({"lights_off_s": "23:00"}, "lights_off_s"),
    ],
)
def test_a_value_of_the_wrong_type_is_refused_with_its_field(
    given: dict[str, Any], where: str
) -> None:
    with pytest.raises(SettingsError, match=f"settings: {where}") as caught:
        settings_from(given)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    "given",
    [{"lights_off_s": True}, {"rules": {"series": {"min_movements": "4"}}}],
    ids=["true for a number", "text for a number"],
)
def test_a_value_is_not_bent_into_the_wanted_type(given: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match="wanted"):
        settings_from(given)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"rules": {"series": {"min_movements": 1}}}, "a series needs 2 or more, got 1"),
        ({"rules": {"series": {"imi_s": {"low": 95}}}}, "a span needs low <= high, got 95"),
        ({"rules": {"min_duration_s": 11}}, "0 < min_duration_s <= candidate_max_duration_s"),
        ({"rules": {"arousal_within_s": -1}}, "arousal_within_s must be a finite number from 0"),
        ({"emg": {"rule": {"onset_above_rest_uv": 1}}}, "below the onset threshold"),
    ],
)
def test_numbers_that_make_no_rule_are_refused_in_the_words_of_the_rule(
    given: dict[str, Any], message: str
) -> None:
    with pytest.raises(SettingsError, match=message):
        settings_from(given)


@pytest.mark.parametrize(
    "rules",
    [
        {"join_within_s": float("nan")},
        {"arousal_within_s": float("nan")},
        {"bilateral": {"max_duration_s": -15.0}},
        {"bilateral": {"max_parts": -4}},
    ],
    ids=str,
)
def test_numbers_that_would_decide_everything_in_silence_are_refused(rules: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match="wanted"):
        settings_from({"rules": rules})


@pytest.mark.parametrize("name", ["wasm2017", "WASM2016", "", "3"])
def test_an_unknown_rule_set_is_refused_with_those_there_are(name: str) -> None:
    message = "one of wasm2016, wasm2006, aasm3"
    with pytest.raises(SettingsError, match=message):
        rules_named(name)
    with pytest.raises(SettingsError, match=message):
        settings_from({"rules": {"base": name}})


def test_files_that_cannot_be_read_are_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.toml: found no such file"):
        read_settings(tmp_path / "none.toml")
    with pytest.raises(SettingsError, match=r"lab\.toml, line 1: found .* wanted a TOML file"):
        read_settings(written(tmp_path, "[rules\n"))
    (tmp_path / "bytes.toml").write_bytes(b'name = "\x00"\n')
    with pytest.raises(SettingsError, match=r"bytes\.toml: found binary content"):
        read_settings(tmp_path / "bytes.toml")
    with pytest.raises(SettingsError, match="found a folder, wanted a TOML file"):
        read_settings(tmp_path)


def test_the_command_line_says_what_is_wrong_and_returns_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    events = tmp_path / "events.csv"
    events.write_text("onset_s,duration_s,kind,site\n60,2,lm,left_leg\n", encoding="utf-8")
    path = written(tmp_path, "[rules.series]\nmin_movement = 5\n")
    monkeypatch.setattr(sys, "argv", ["psgkit", "score", str(events), "--settings", str(path)])
    with pytest.raises(SystemExit) as end:
        cli.main()
    said = capsys.readouterr()
    assert (end.value.code, said.out) == (2, "")
    assert "lab.toml: rules: series" in said.err
    assert "Did you mean 'min_movements'?" in said.err


# what a report shows


def four_movements() -> Events:
    onsets = [60.0, 80.0, 100.0, 120.0]
    return Events.of(onsets, [t + 1 for t in onsets], ["lm"] * 4, ["left_leg"] * 4)


def test_a_report_shows_every_setting_it_was_made_with() -> None:
    chosen = settings_from(
        {"rules": {"series": {"min_movements": 5}}, "lights_off_s": 30, "lights_on_s": 270}
    )
    report = score_night(four_movements(), Hypnogram.of(["N2"] * 10), chosen)
    assert report.settings == chosen.as_dict()
    assert report.settings["rules"]["series"]["min_movements"] == 5
    assert report.settings["rules"]["name"] == "wasm2016 with changes"
    assert (report.lights.off_s, report.lights.on_s) == (30.0, 270.0)
    assert not report.movements.plm.any()


def test_settings_survive_the_journey_through_json() -> None:
    report = score_night(four_movements(), None, Settings(rules=AASM_3))
    stored = json.loads(json.dumps(night_as_dict(report)["settings"]))
    assert settings_from(stored) == Settings(rules=AASM_3)


def test_the_default_is_wasm_2016() -> None:
    assert Settings().rules == WASM_2016
    assert score_night(four_movements()).settings["rules"]["name"] == "wasm2016"
