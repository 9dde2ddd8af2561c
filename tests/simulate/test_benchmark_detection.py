"""The benchmark of detection runs, and its table says what happened."""

import csv
import runpy
from pathlib import Path

import numpy as np
import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "benchmark_detection.py"


@pytest.fixture(scope="module")
def benchmark() -> dict:
    return runpy.run_path(str(SCRIPT))


def test_two_conditions_run_and_are_written(
    benchmark: dict, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "table.csv"
    benchmark["main"](["--quick", "--conditions", "plain", "clonic", "--out", str(out)])
    with out.open(encoding="utf-8") as stream:
        rows = [row for row in csv.DictReader(stream) if row["detector"] == "psgkit"]
    assert [row["condition"] for row in rows] == ["plain", "clonic"]
    assert all(float(row["f1"]) >= 0.99 for row in rows)
    assert all(float(row["false_per_h"]) <= 1.0 for row in rows)
    printed = capsys.readouterr().out
    assert "plain" in printed
    assert "false/h" in printed


def test_a_night_that_finds_nothing_has_no_recall(
    benchmark: dict, monkeypatch: pytest.MonkeyPatch
) -> None:
    detectors = benchmark["DETECTORS"]
    monkeypatch.setitem(detectors, "psgkit", lambda _: np.zeros((0, 2)))
    row = benchmark["scored"]("plain", 1, 300.0)[0]
    assert (row["f1"], row["precision"], row["recall"], row["false_per_h"]) == (0, 0, 0, 0)


def test_conditions_disturb_the_same_movements(benchmark: dict) -> None:
    plain, loud, slow, off = (
        benchmark["made_leg"](name, 3, 0, 900.0) for name in ("plain", "rest6", "rate100", "disc")
    )
    assert np.array_equal(plain.truth_s, loud.truth_s)
    assert np.array_equal(plain.truth_s, slow.truth_s)
    assert len(slow.samples) == 90_000
    assert np.isin(off.truth_s[:, 0], plain.truth_s[:, 0]).all()
    assert len(off.truth_s) < len(plain.truth_s)
    assert (np.diff(plain.truth_s.ravel())[1::2] >= 3.0).all()


def test_every_condition_can_be_made(benchmark: dict) -> None:
    for name in benchmark["CONDITIONS"]:
        leg = benchmark["made_leg"](name, 1, 1, 60.0)
        assert np.isfinite(leg.samples).all()
        assert np.abs(leg.samples).max() <= np.max(np.abs(leg.limits))
