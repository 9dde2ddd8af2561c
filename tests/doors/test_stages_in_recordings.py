"""Stages annotated in a recording: faults cost epochs; a night without usable ones goes on."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from edf_maker import annotations, edf_bytes, ordinary, tal

Run = Callable[..., tuple[int, str, str]]

GOOD = [("0", "30", "Sleep stage W")] + [(f"{30 * k}", "30", "Sleep stage N2") for k in range(1, 8)]


def recording(path: Path, marks: list[tuple[str, str, str]]) -> Path:
    """Write 4 min of a quiet leg with annotations."""
    rate_hz, seconds = 200, 240
    samples = np.random.default_rng(1).integers(-50, 50, rate_hz * seconds)
    leg = ordinary(samples, rate_hz * seconds, label="EMG LAT")
    stamps = [tal("+0") + b"".join(tal(f"+{at}", text, duration=d) for at, d, text in marks)]
    path.write_bytes(
        edf_bytes([leg, annotations(stamps, 400)], reserved="EDF+C", record_s=str(seconds))
    )
    return path


@pytest.mark.parametrize(
    ("fault", "code", "asleep_min"),
    [
        (("60", "30", "Sleep stage X"), "stages.unknown", 3.0),
        (("67", "30", "Sleep stage N2"), "stages.off_grid", 3.0),
        (("60.2", "30", "Sleep stage N2"), "stages.snapped", 3.5),
        (("60", "30", "Sleep stage NREM"), "stages.sleep_only", 3.5),
    ],
)
def test_a_fault_costs_its_epoch(
    tmp_path: Path, psgkit: Run, fault: tuple[str, str, str], code: str, asleep_min: float
) -> None:
    marks = [*GOOD]
    marks[2] = fault
    path = recording(tmp_path / "night.edf", marks)
    done, out, _ = psgkit("report", path, "--json")
    night = json.loads(out)
    assert done == 0
    assert night["indices"]["sleep"]["tst_min"]["value"] == asleep_min
    assert code in {one["code"] for one in night["findings"]}
    done, out, _ = psgkit("check", path, "--json")
    assert done == 0
    assert code in {one["code"] for one in json.loads(out)["files"][0]["findings"]}


@pytest.mark.parametrize(
    "marks",
    [
        [(f"{30 * k}", "30", "Sleep stage X") for k in range(8)],
        [(f"{30 * k}", "30", "Sleep stage ?") for k in range(8)],
        [(f"{30 * k}", "60", f"Sleep stage {'WR'[k % 2]}") for k in range(8)],
    ],
)
def test_without_usable_stages_the_report_goes_on_without_them(
    tmp_path: Path, psgkit: Run, marks: list[tuple[str, str, str]]
) -> None:
    path = recording(tmp_path / "night.edf", marks)
    done, out, _ = psgkit("report", path, "--json")
    assert done == 0
    night = json.loads(out)
    assert night["indices"]["sleep"]["tst_min"]["value"] is None
    assert "stages.unusable" in {one["code"] for one in night["findings"]}
    assert "stages.unusable" in {one["code"] for one in night["cautions"]}
    done, out, _ = psgkit("check", path, "--json")
    assert done == 0
    found = json.loads(out)["files"][0]
    assert "stages.unusable" in {one["code"] for one in found["findings"]}


def test_codes_name_the_words_of_the_annotations(tmp_path: Path, psgkit: Run) -> None:
    marks = [(f"{30 * k}", "30", "wach" if k < 2 else "tief") for k in range(8)]
    path = recording(tmp_path / "night.edf", marks)
    done, out, _ = psgkit("report", path, "--stage-codes", "wach=W,tief=N3", "--json")
    assert done == 0
    sleep = json.loads(out)["indices"]["sleep"]
    assert (sleep["n3_min"]["value"], sleep["w_min"]["value"]) == (3.0, 1.0)
    (tmp_path / "map.toml").write_text('[stage_codes]\nwach = "W"\ntief = "N3"\n')
    done, out, _ = psgkit("report", path, "--channels", tmp_path / "map.toml", "--json")
    assert done == 0
    assert json.loads(out)["indices"]["sleep"]["n3_min"]["value"] == 3.0
