"""``psgkit simulate`` with more than the legs."""

import csv
from pathlib import Path

import pytest
from typer.testing import CliRunner

from psgkit.cli.app import app
from psgkit.errors import SettingsError
from psgkit.io.read import read_recording

LUMBAR = ["LAT", "RAT", "ECG", "Lumbar X", "Lumbar Y", "Lumbar Z"]


def run(*words: object) -> str:
    done = CliRunner().invoke(app, ["simulate", *map(str, words)], catch_exceptions=False)
    assert done.exit_code == 0
    return done.stderr


def test_the_command_writes_every_table_of_the_new_kinds(tmp_path: Path) -> None:
    said = run("rbs", "--out", tmp_path, "--hours", 0.2, "--rate", 100)
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {
        "night.edf",
        *(f"{name}.csv" for name in ("hypnogram", "events", "truth", "distractors")),
        *(f"{name}.csv" for name in ("truth_accelerometer", "postures", "turns", "rhythms")),
    }
    assert all(name in said for name in names)
    with (tmp_path / "truth_accelerometer.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert {row["note"] for row in rows} >= {"lumbar large", "left_wrist large"}
    with (tmp_path / "postures.csv").open(encoding="utf-8") as stream:
        postures = list(csv.DictReader(stream))
    assert postures[0]["posture"] == "upright"
    assert postures[0]["angle_deg"] == ""
    assert float(postures[-1]["onset_s"]) + float(postures[-1]["duration_s"]) == 720.0


@pytest.mark.parametrize(
    ("sensors", "labels"), [("legs", LUMBAR[:3]), ("legs+lumbar", LUMBAR), ("lumbar", LUMBAR[2:])]
)
def test_the_command_records_what_it_is_asked_for(
    sensors: str, labels: list[str], tmp_path: Path
) -> None:
    run("rls", "--out", tmp_path, "--hours", 0.1, "--rate", 100, "--sensors", sensors)
    recording = read_recording(tmp_path / "night.edf")
    assert recording.labels() == labels
    for channel in recording.channels:
        if channel.label.startswith("Lumbar"):
            assert (channel.role, str(channel.site), channel.unit) == (
                "accelerometer",
                "trunk",
                "g",
            )


def test_a_strange_sensor_is_refused_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="legs arms trunk ankles wrists lumbar"):
        run("rls", "--out", tmp_path, "--sensors", "head")


def test_days_are_written_with_their_truth(tmp_path: Path) -> None:
    said = run("ras", "--days", 1, "--sensors", "left_wrist", "--out", tmp_path)
    tables = [
        "counts",
        "diary",
        "markers",
        "hypnogram",
        "nights",
        "truth",
        "rhythms",
        "postures",
        "off",
    ]
    names = {"days.edf", "about.json", *(f"{name}.csv" for name in tables)}
    assert {path.name for path in tmp_path.iterdir()} == names
    assert all(name in said for name in names)
    assert read_recording(tmp_path / "days.edf").duration_s == 86400.0


@pytest.mark.parametrize(
    ("words", "match"),
    [
        (["rls", "--days", 2, "--sensors", "ankles"], "left_ankle, right_ankle"),
        (["rls", "--days", 2, "--clock-change", "summer"], "none, spring, autumn"),
        (["rls", "--clock-change", "spring"], "--days"),
        (["sleepy", "--days", 1], "unknown kind"),
    ],
)
def test_days_that_cannot_be_simulated_are_refused(
    words: list[object], match: str, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError, match=match):
        run(*words, "--out", tmp_path)
