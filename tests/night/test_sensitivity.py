"""How the index depends on the onset threshold, and when a reader is told."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from psgkit import Settings, analyse_night, simulate_night, threshold_sensitivity
from psgkit.cli.app import app
from psgkit.core.night_report import NightReport
from psgkit.core.recording import Channel, Recording, Segment
from psgkit.core.site import Site
from psgkit.document.read import read_report
from psgkit.document.write import night_as_json
from psgkit.io.edf.write import write_edf
from psgkit.report.figures.sensitivity import plot_sensitivity
from psgkit.report.html.page import night_as_html
from psgkit.report.terminal import night_as_text

RATE_HZ = 256.0
SECONDS = 900.0


def recording(peak_uv: float) -> Recording:
    """Return a leg with a movement every 30 s whose mean rectified amplitude rises by a height."""
    rng = np.random.default_rng(0)
    at = np.arange(round(SECONDS * RATE_HZ)) / RATE_HZ
    level = np.where(at % 30 < 2.5, 1.0 + peak_uv / 0.74, 1.0)
    leg = Channel(
        label="LAT",
        role="leg",
        site=Site("left_leg"),
        unit="uV",
        rate_hz=RATE_HZ,
        samples=level * rng.standard_normal(len(at)),
        limits=(-400.0, 400.0),
    )
    segment = Segment(start_s=0.0, duration_s=SECONDS)
    return Recording(source="", start=None, segments=(segment,), channels=(leg,))


@pytest.mark.parametrize(("peak_uv", "near"), [(7.0, True), (40.0, False)])
def test_movements_near_the_threshold_are_a_caution(peak_uv: float, *, near: bool) -> None:
    report = analyse_night(recording(peak_uv))
    assert ("emg.near_bound" in {one.code for one in report.findings}) == near
    assert ("emg.near_bound" in {one.code for one in report.cautions}) == near


def test_the_index_falls_with_the_threshold_where_movements_are_weak() -> None:
    night = recording(6.0)
    found = threshold_sensitivity(
        lambda own: analyse_night(night, settings=own), onsets_uv=(6.0, 8.0, 10.0), offsets_uv=()
    )
    numbers = [one.movements_n for one in found]
    assert numbers == sorted(numbers, reverse=True)
    assert numbers[0] > numbers[-1]
    axes = plot_sensitivity(found)
    assert list(axes.lines[0].get_xdata()) == [6.0, 8.0, 10.0]


def test_only_the_onset_threshold_changes() -> None:
    seen: list[Settings] = []

    def analysed(own: Settings) -> NightReport:
        seen.append(own)
        return analyse_night(recording(40.0), settings=own)

    threshold_sensitivity(analysed, onsets_uv=(2.0, 7.0), offsets_uv=(3.0,))
    usual = Settings().emg.rule
    rules = [
        replace(usual, onset_above_rest_uv=7.0),
        replace(usual, offset_above_rest_uv=3.0),
    ]
    assert seen == [replace(Settings(), emg=replace(Settings().emg, rule=rule)) for rule in rules]


def test_a_report_shows_the_index_at_each_threshold(tmp_path: Path) -> None:
    night = recording(6.0)
    report = analyse_night(night)
    found = threshold_sensitivity(
        lambda own: analyse_night(night, settings=own), onsets_uv=(6.0, 8.0), offsets_uv=(3.0,)
    )
    report = replace(report, sensitivity=found)
    path = tmp_path / "report.json"
    path.write_text(night_as_json(report), encoding="utf-8")
    assert read_report(path).sensitivity == found
    for text in (night_as_text(report, full=False), night_as_html(report)):
        assert "Sensitivity to the thresholds" in text
        assert f"{found[0].movements_n} movements" in text


def test_the_command_writes_table_and_figure(tmp_path: Path) -> None:
    night = simulate_night("rls", hours=0.2, seed=1)
    write_edf(night.recording, tmp_path / "night.edf")
    out = tmp_path / "out"
    result = CliRunner().invoke(
        app, ["report", str(tmp_path / "night.edf"), "--sensitivity", "--out", str(out)]
    )
    assert result.exit_code == 0, result.output
    with (out / "sensitivity.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["onset_uv"] for row in rows] == ["4", "6", "8", "8", "8", "8", "10", "12", "16"]
    assert "<svg" in (out / "sensitivity.svg").read_text(encoding="utf-8")
    assert "Sensitivity to the thresholds" in result.output
    assert "sensitivity" in json.loads((out / "report.json").read_text(encoding="utf-8"))
