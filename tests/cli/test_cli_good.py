"""What the commands print and write when all is well."""

import csv
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rounds import slow

from psgkit.cli.commands import SHORT_HELP

Command = Callable[..., tuple[int, str, str]]
Files = dict[str, Path]
ROOT = Path(__file__).resolve().parents[2]
COMMANDS = sorted(SHORT_HELP)

TOP = [
    "schema",
    "psgkit",
    "recording",
    "settings",
    "channels",
    "findings",
    "movements",
    "postures",
    "turns",
    "rhythms",
    "relief",
    "hypnogram",
    "indices",
    "profile",
]
RECORDING = ["file", "sha256", "start", "duration_s", "segments"]
CHANNEL = ["label", "role", "site", "unit", "rate_hz", "status", "reason"]
FINDING = ["severity", "code", "where", "message"]
MOVEMENT = [
    "onset_s",
    "end_s",
    "duration_s",
    "site",
    "modality",
    "channels",
    "n_parts",
    "candidate",
    "respiratory",
    "arousal",
    "stage",
    "imi_s",
    "plm",
    "series",
    "plmnr",
    "series_nr",
    "amplitude",
    "amplitude_unit",
]
INDEX = ["value", "unit", "numerator", "denominator_h", "reason"]
MOVEMENT_INDICES = [
    "lm_n",
    "clm_n",
    "plm_n",
    "plms_n",
    "plmw_n",
    "plms_index",
    "plmw_index",
    "plms_nrem_index",
    "plms_rem_index",
    "plmsnr_index",
    "plms_arousal_index",
    "clms_index",
    "clmw_index",
    "isolated_lms_index",
    "short_interval_lms_index",
    "lm_index_recording",
    "plm_index_recording",
    "periodicity_index_wasm_sleep",
    "periodicity_index_wasm_wake",
    "periodicity_index_ferri",
    "imi_log_mean_s",
    "imi_log_sd",
    "series_n",
    "plm_duration_mean_s",
    "bilateral_share",
]
SLEEP = [
    "tib_min",
    "trt_min",
    "spt_min",
    "tst_min",
    "sol_min",
    "waso_min",
    "se_pct",
    "sme_pct",
    "rem_latency_min",
    "n1_min",
    "n2_min",
    "n3_min",
    "r_min",
    "w_min",
    "n1_pct",
    "n2_pct",
    "n3_pct",
    "r_pct",
    "unscored_min",
]
DISRUPTION = [
    "arousal_index",
    "awakening_index",
    "stage_shift_index",
    "sfi_haba_rubio",
    "sfi_morrell",
    "wake_bouts_n",
    "sleep_bout_median_min",
    "transition_entropy_bits",
]


@pytest.fixture
def printed(psgkit: Command, good: Files) -> dict[str, Any]:
    code, out, err = psgkit("report", good["recording"], "--json")
    assert (code, err) == (0, "")
    found: dict[str, Any] = json.loads(out)
    return found


def test_the_report_as_json_has_every_key_of_its_schema(printed: dict[str, Any]) -> None:
    assert printed["schema"] == "psgkit.night/1"
    assert set(TOP) <= set(printed)
    assert set(RECORDING) <= set(printed["recording"])
    assert printed["settings"]["rules"]["name"] == "wasm2016"
    for rows, keys in (
        ("channels", CHANNEL),
        ("findings", FINDING),
        ("movements", MOVEMENT),
        ("hypnogram", ["onset_s", "duration_s", "stage"]),
    ):
        assert printed[rows], rows
        assert all(list(row)[: len(keys)] == keys for row in printed[rows]), rows
    indices = printed["indices"]
    for group, names in (
        ("sleep", SLEEP),
        ("disruption", DISRUPTION),
        ("legs", MOVEMENT_INDICES),
        ("arms", MOVEMENT_INDICES),
        ("trunk", MOVEMENT_INDICES),
    ):
        assert set(names) <= set(indices[group]), group
        for name, index in indices[group].items():
            assert list(index) == INDEX, name
            assert (index["value"] is None) == (index["reason"] is not None), name
    assert {"statement", "evidence", "leaning"} <= set(printed["profile"])


def test_the_report_as_json_says_what_was_analysed(printed: dict[str, Any], good: Files) -> None:
    import hashlib

    digest = hashlib.sha256(good["recording"].read_bytes()).hexdigest()
    assert printed["recording"]["file"] == "night.edf"
    assert printed["recording"]["sha256"] == digest
    assert printed["recording"]["start"] == "2001-01-01T22:30:00"
    assert printed["recording"]["duration_s"] == 1080
    assert [row["status"] for row in printed["channels"]] == ["used", "used", "ignored"]


def test_out_holds_the_report_in_all_its_forms(
    psgkit: Command, good: Files, tmp_path: Path
) -> None:
    out = tmp_path / "new" / "report"
    code, text, err = psgkit("report", good["recording"], "--out", out, "--json")
    assert code == 0
    names = {path.name for path in out.iterdir()}
    assert names >= {"report.json", "report.html", "movements.csv", "indices.csv"}
    assert (out / "report.json").read_text(encoding="utf-8") == text
    found = json.loads(text)
    table = (out / "movements.csv").read_text(encoding="utf-8")
    movements = list(csv.DictReader(table.splitlines()))
    assert [float(row["onset_s"]) for row in movements] == pytest.approx(
        [row["onset_s"] for row in found["movements"]]
    )
    indices = (out / "indices.csv").read_text(encoding="utf-8")
    assert "plms_index" in indices
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "research software" in page.lower()
    assert all(str(out / name) in err for name in names)


def test_the_report_in_words(psgkit: Command, good: Files) -> None:
    code, text, err = psgkit("report", good["recording"])
    assert (code, err) == (0, "")
    assert "night.edf" in text
    assert "PLMS index" in text
    assert "not a medical device" in text
    assert "\x1b" not in text


def test_stages_and_events_in_tables_give_what_annotations_give(
    psgkit: Command, good: Files, printed: dict[str, Any]
) -> None:
    _, text, _ = psgkit(
        *("report", good["recording"], "--json"),
        *("--hypnogram", good["hypnogram"], "--events", good["events"]),
    )
    found = json.loads(text)
    assert found["hypnogram"] == printed["hypnogram"]
    assert found["movements"] == printed["movements"]
    assert found["indices"] == printed["indices"]


@pytest.mark.parametrize("rules", ["wasm2016", "wasm2006", "aasm3"])
def test_rules_are_chosen_by_name(psgkit: Command, good: Files, rules: str) -> None:
    _, text, _ = psgkit("report", good["recording"], "--rules", rules, "--json")
    assert json.loads(text)["settings"]["rules"]["name"] == rules


def test_settings_change_one_number_and_say_so(
    psgkit: Command, good: Files, tmp_path: Path, printed: dict[str, Any]
) -> None:
    path = tmp_path / "set.toml"
    path.write_text("[rules.series]\nmin_movements = 5\n")
    _, text, _ = psgkit("report", good["recording"], "--settings", path, "--json")
    rules = json.loads(text)["settings"]["rules"]
    assert rules["series"]["min_movements"] == 5
    assert rules["name"] == "wasm2016 with changes"
    rules["series"]["min_movements"] = 4
    assert rules["series"] == printed["settings"]["rules"]["series"]


@pytest.mark.parametrize(
    ("lights", "window"),
    [
        (["22:32", "22:40:30"], (120.0, 630.0)),
        (["120", "630"], (120.0, 630.0)),
        (["2001-01-01T22:32:00", "2001-01-01T22:40:30"], (120.0, 630.0)),
    ],
)
def test_lights_by_clock_and_by_seconds(
    psgkit: Command, good: Files, lights: list[str], window: tuple[float, float]
) -> None:
    words = ("--lights-off", lights[0], "--lights-on", lights[1])
    code, text, _ = psgkit("report", good["recording"], *words, "--json")
    assert code == 0
    found = json.loads(text)["lights"]
    assert (found["off_s"], found["on_s"]) == window
    assert (found["off_source"], found["on_source"]) == ("option", "option")


def test_lights_after_the_recording_are_refused(psgkit: Command, good: Files) -> None:
    words = ("--lights-off", "22:32", "--lights-on", "23:59")
    code, text, told = psgkit("report", good["recording"], *words, "--json")
    assert (code, text) == (2, "")
    assert "23:59" in told


def test_a_channel_map_overrides_labels(psgkit: Command, good: Files, tmp_path: Path) -> None:
    path = tmp_path / "map.toml"
    path.write_text('["RAT"]\nrole = "leg"\nsite = "left_leg"\n["LAT"]\nrole = ""\n')
    _, text, _ = psgkit("report", good["recording"], "--channels", path, "--json")
    found = json.loads(text)
    assert {row["label"]: row["status"] for row in found["channels"]}["LAT"] == "ignored"
    assert {row["site"] for row in found["movements"]} == {"left_leg"}
    assert {name for row in found["movements"] for name in row["channels"]} == {"RAT"}


def test_several_recordings_have_a_folder_each(
    psgkit: Command, good: Files, tmp_path: Path
) -> None:
    paths = [tmp_path / "one.edf", tmp_path / "two.edf"]
    for path in paths:
        path.write_bytes(good["recording"].read_bytes())
    code, text, _ = psgkit("report", *paths, "--out", tmp_path / "out")
    assert code == 0
    assert "one.edf" in text
    assert "two.edf" in text
    for name in ("one", "two"):
        assert (tmp_path / "out" / name / "report.json").is_file()


def test_no_report_carries_the_patient_or_where_the_file_lies(
    psgkit: Command, good: Files, tmp_path: Path
) -> None:
    raw = good["recording"].read_bytes()
    folder = tmp_path / "Doe_Jane_1970"
    folder.mkdir()
    path = folder / "night.edf"
    path.write_bytes(raw[:8] + b"MCH-0234567 F 02-MAY-1951 Doe_Jane".ljust(80) + raw[88:])
    out = tmp_path / "out"
    _, text, _ = psgkit("report", path, "--out", out)
    written = "".join(file.read_text(encoding="utf-8") for file in out.iterdir())
    for secret in ("Doe_Jane", "0234567", "02-MAY-1951", str(tmp_path)):
        assert secret not in text + written


def test_score_links_movements_that_somebody_scored(psgkit: Command, good: Files) -> None:
    words = ("score", good["truth"], "--hypnogram", good["hypnogram"])
    code, text, err = psgkit(*words, "--json")
    assert (code, err) == (0, "")
    found = json.loads(text)
    assert found["schema"] == "psgkit.night/1"
    assert set(TOP) <= set(found)
    assert found["recording"]["file"] == "truth.csv"
    assert {row["modality"] for row in found["movements"]} == {"scored"}
    assert found["channels"] == []
    code, text, _ = psgkit(*words)
    assert code == 0
    assert "PLMS index" in text


def test_score_writes_its_report(psgkit: Command, good: Files, tmp_path: Path) -> None:
    code, _, _ = psgkit("score", good["truth"], "--out", tmp_path / "out")
    assert code == 0
    assert (tmp_path / "out" / "report.html").is_file()


def test_simulate_writes_a_night_that_can_be_reported(psgkit: Command, tmp_path: Path) -> None:
    out = tmp_path / "night"
    code, text, err = psgkit("simulate", "healthy", "--out", out, "--hours", "0.1", "--seed", "3")
    assert (code, text) == (0, "")
    for name in ("night.edf", "hypnogram.csv", "events.csv", "truth.csv"):
        assert (out / name).is_file()
        assert name in err
    code, text, _ = psgkit("report", out / "night.edf", "--json")
    assert code == 0
    assert "edf.simulated" in {row["code"] for row in json.loads(text)["findings"]}


def test_simulate_writes_the_same_bytes_again(psgkit: Command, tmp_path: Path) -> None:
    for name in ("one", "two"):
        psgkit("simulate", "rls", "--out", tmp_path / name, "--hours", "0.1", "--seed", "5")
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes(), path.name


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_every_command_shows_an_example(psgkit: Command, command: str) -> None:
    code, text, err = psgkit(command, "--help")
    assert (code, err) == (0, "")
    assert f"psgkit {command} " in text.partition("Example")[2]


def test_the_help_of_the_program_names_every_command(psgkit: Command) -> None:
    for words in (["--help"], ["-h"]):
        code, text, _ = psgkit(*words)
        assert code == 0
        assert all(command in text for command in COMMANDS)
        assert "not a medical device" in text


def test_the_version_is_that_of_the_package(psgkit: Command) -> None:
    from psgkit import __version__

    assert psgkit("--version") == (0, f"psgkit {__version__}\n", "")


@pytest.mark.parametrize(
    "words",
    [
        ["report", "{recording}", "--json"],
        slow(["report", "{recording}"]),
        slow(["score", "{truth}", "--json"]),
        ["--help"],
        slow(["report", "--help"]),
        slow(["--version"]),
    ],
)
def test_a_reader_that_has_enough_is_no_fault(good: Files, words: list[str]) -> None:
    named = {name: str(path) for name, path in good.items()}
    process = subprocess.Popen(
        [sys.executable, "-m", "psgkit", *(word.format(**named) for word in words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
    )
    assert process.stdout is not None
    process.stdout.close()
    _, err = process.communicate()
    assert b"Traceback" not in err
    assert b"BrokenPipe" not in err
    assert process.returncode == 0


def test_report_takes_a_clinical_context(psgkit: Command) -> None:
    context = ROOT / "sample_data" / "case" / "context.toml"
    night = ROOT / "sample_data" / "rbs" / "night.edf"
    code, out, _ = psgkit("report", night, "--context", context, "--json")
    assert code == 0
    told = json.loads(out)["profile"]
    without = json.loads(psgkit("report", night, "--json")[1])["profile"]
    known, more = (
        {piece["id"] for piece in profile["evidence"] if piece["value"] is not None}
        for profile in (without, told)
    )
    assert known < more
    # a simulated night changes nothing
    assert told["leaning"]["conditions"] == ["rbs"]
    assert told["leaning"]["strength"] == "weak"
    assert "simulated recording" in told["recording"]
    assert without["leaning"] is None
