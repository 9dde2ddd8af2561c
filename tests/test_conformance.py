"""66 scored nights give what PLMScoRe and Luna give for them, through the library and the command.

The tables lie beside the repository; see their README for how they were made.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from rounds import first_of

from psgkit import cli
from psgkit.core.events import Events
from psgkit.core.hypnogram import Hypnogram
from psgkit.core.movements import Movements
from psgkit.night.scored import score_night
from psgkit.scoring.score import score_movements

COLUMNS = [
    *("onset_s", "duration_s", "site", "n_parts", "candidate", "respiratory", "plm"),
    *("plmnr", "imi_s", "arousal", "stage"),
]
COUNTS = {
    "n_plms": "plms_index",
    "n_plmsnr": "plmsnr_index",
    "n_plmw": "plmw_index",
    "n_plms_arousal": "plms_arousal_index",
    "n_clms": "clms_index",
}
"""Column of the expected counts, and the rate it is the numerator of."""
PLAIN_COUNTS = {"n_lm": "lm_n", "n_clm": "clm_n", "n_plm": "plm_n", "n_plmnr": "plmnr_n"}
CASES = [
    *(f"R{n:03d}" for n in range(40)),
    *("B_imi10", "B_imi9_98", "B_imi90", "B_imi90p", "B_three", "B_four", "B_dur0.5"),
    *("B_dur<0.5", "B_dur10", "B_dur10p", "B_gap0.5_same", "B_gap<0.5_same", "B_gap0.5_bil"),
    *("B_gap<0.5_bil", "B_bil15", "B_bil15p", "B_bil4", "B_bil5", "B_bil_long"),
    *("B_short_start", "B_short_mid", "B_resp_edge", "B_resp_upper", "B_resp_upper_p"),
    *("B_resp_lower", "B_resp_lower_p"),
]


@dataclass(frozen=True)
class Tables:
    """The four tables, one frame a case."""

    events: dict[str, pd.DataFrame]
    hypnograms: dict[str, pd.DataFrame]
    movements: dict[str, pd.DataFrame]
    counts: dict[str, "pd.Series[Any]"]


@pytest.fixture(scope="module")
def tables(shared: Path) -> Tables:
    folder = shared / "conformance" / "wasm2016"
    frames = {
        name: pd.read_csv(folder / f"{name}.csv", keep_default_na=False, na_values=["", "NA"])
        for name in ("events", "hypnograms", "expected_movements", "expected_counts")
    }
    by_case = {
        name: {str(case): rows for case, rows in frame.groupby("case")}
        for name, frame in frames.items()
    }
    return Tables(
        events=by_case["events"],
        hypnograms=by_case["hypnograms"],
        movements=by_case["expected_movements"],
        counts={case: rows.iloc[0] for case, rows in by_case["expected_counts"].items()},
    )


def hypnogram_of(rows: pd.DataFrame) -> Hypnogram:
    assert (np.diff(rows.onset_s) == 30).all()
    assert (rows.duration_s == 30).all()
    return Hypnogram.of(rows.stage.to_numpy(), start_s=float(rows.onset_s.iloc[0]))


def events_of(rows: pd.DataFrame) -> Events:
    return Events.of(
        rows.onset_s.to_numpy(),
        (rows.onset_s + rows.duration_s).to_numpy(),
        rows.kind.to_numpy(),
        rows.site.fillna("").to_numpy(),
    )


def expected_rows(tables: Tables, case: str) -> list[tuple[Any, ...]]:
    """Return the expected movements as tuples; ``plmnr`` is None for a removed candidate."""
    if case not in tables.movements:
        return []
    rows = tables.movements[case]
    flags = {"candidate", "respiratory", "plm", "plmnr", "arousal"}
    columns = []
    for name in COLUMNS:
        values = rows[name].astype(object).where(rows[name].notna(), None)
        columns.append(
            [None if v is None else bool(int(v)) for v in values]
            if name in flags
            else values.tolist()
        )
    return list(zip(*columns, strict=True))


def test_the_cases_are_those_of_the_tables(tables: Tables) -> None:
    assert sorted(CASES) == sorted(tables.counts)
    assert len(CASES) == 66


@pytest.mark.parametrize("case", CASES)
def test_the_library_scores_every_movement_as_expected(tables: Tables, case: str) -> None:
    events = events_of(tables.events[case])
    marks = events.of_kind(["lm"])
    movements = Movements.of(marks.onset_s, marks.end_s, marks.site)
    frame = score_movements(movements, hypnogram_of(tables.hypnograms[case]), events).to_frame()
    frame = frame[COLUMNS].astype(object)
    found = list(frame.where(frame.notna(), None).itertuples(index=False, name=None))
    assert found == expected_rows(tables, case)


@pytest.mark.parametrize("case", CASES)
def test_the_library_counts_as_expected(tables: Tables, case: str) -> None:
    events = events_of(tables.events[case])
    night = score_night(events, hypnogram_of(tables.hypnograms[case]))
    legs = {
        name: {
            "value": index.value,
            "numerator": index.numerator,
            "denominator_h": index.denominator_h,
            "reason": index.reason,
        }
        for name, index in night.indices["legs"].items()
    }
    respiratory = int((night.movements.candidate & night.movements.respiratory).sum())
    check_counts(tables.counts[case], legs, respiratory)


def check_counts(
    wanted: "pd.Series[Any]", legs: dict[str, dict[str, Any]], respiratory: int
) -> None:
    assert respiratory == wanted["n_clm_respiratory"]
    for column, name in PLAIN_COUNTS.items():
        assert legs[name]["value"] == wanted[column], name
    for column, name in COUNTS.items():
        hours = wanted["wake_h"] if name == "plmw_index" else wanted["tst_h"]
        if hours == 0:
            assert legs[name]["value"] is None, name
            assert legs[name]["reason"], name
            continue
        assert legs[name]["numerator"] == wanted[column], name
        assert legs[name]["denominator_h"] == pytest.approx(hours, abs=1e-6), name
        assert legs[name]["value"] == pytest.approx(wanted[column] / hours, rel=1e-6), name


def written(tables: Tables, case: str, folder: Path) -> list[str]:
    """Write a night as two files and return the arguments that score it."""
    events, stages = folder / "events.csv", folder / "stages.csv"
    tables.events[case].drop(columns="case").to_csv(events, index=False)
    tables.hypnograms[case].drop(columns="case").to_csv(stages, index=False)
    return ["score", str(events), "--hypnogram", str(stages), "--json"]


def check_json(tables: Tables, case: str, text: str) -> None:
    night = json.loads(text)
    assert night["schema"] == "psgkit.night/1"
    assert night["settings"]["rules"]["name"] == "wasm2016"
    found = [tuple(row[name] for name in COLUMNS) for row in night["movements"]]
    assert found == expected_rows(tables, case)
    respiratory = sum(row["candidate"] and row["respiratory"] for row in night["movements"])
    check_counts(tables.counts[case], night["indices"]["legs"], respiratory)


@pytest.mark.parametrize("case", first_of(CASES[::-1], 15))
def test_the_command_line_scores_every_night_as_expected(
    tables: Tables,
    case: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "argv", ["psgkit", *written(tables, case, tmp_path)])
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == 0
    check_json(tables, case, capsys.readouterr().out)


@pytest.mark.parametrize("case", ["R002", "B_imi90", "B_gap<0.5_bil"])
def test_a_real_process_scores_a_night_as_expected(
    tables: Tables, case: str, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "psgkit", *written(tables, case, tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    check_json(tables, case, done.stdout)


def test_the_command_line_refuses_a_table_of_several_nights(
    shared: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    table = shared / "conformance" / "wasm2016" / "events.csv"
    monkeypatch.setattr(sys, "argv", ["psgkit", "score", str(table)])
    with pytest.raises(SystemExit) as end:
        cli.main()
    said = capsys.readouterr()
    assert end.value.code == 3
    assert said.out == ""
    assert "events.csv" in said.err
