"""Computed indices are those of the catalogue, and a new one is added in two places."""

import json
import subprocess
import sys
from pathlib import Path

import night_store
from catalogue_laws import check_all_computed, check_computed

from psgkit.core.index import Index

KINDS = ("rls", "ras", "rbs", "akathisia", "healthy")
OF_NIGHTS = (
    *("sleep", "disruption", "movements", "whole_body", "posture", "movement_relief", "rhythms"),
    *("akathisia", "scratch", "heart_rate", "rem_atonia"),
)


def test_indices_of_nights_and_entries_of_the_catalogue_are_the_same() -> None:
    reports: list[dict[str, dict[str, Index]]] = []
    for kind in KINDS:
        night = night_store.analysed(kind, hours=1.0)
        reports.append({group: dict(indices) for group, indices in night.indices.items()})
        reports += [{row.group: dict(row.indices)} for row in night.breakdown]
    check_computed(reports)
    check_all_computed(OF_NIGHTS, reports)


NEW_INDEX = """
import sys
from dataclasses import replace

from psgkit.core import index_catalogue
from psgkit.core.index_catalogue.entry import COUNT, IndexEntry
from psgkit.core.index_catalogue.sleep import DISRUPTION

entry = IndexEntry("shifts_n", "Shifts of stage", COUNT, "Changes of stage.", also="SSN")
with_entry = replace(DISRUPTION, entries=(*DISRUPTION.entries, entry))
index_catalogue.CATALOGUE = tuple(
    with_entry if subject is DISRUPTION else subject for subject in index_catalogue.CATALOGUE
)

from psgkit.core.index import Index
from psgkit.sleep import statistics

without = statistics.disruption_indices


def disruption_indices(time, *events):
    return {**without(time, *events), "shifts_n": Index.plain("shifts_n", 7)}


statistics.disruption_indices = disruption_indices

from psgkit.cli import main

for line in sys.stdin.read().splitlines():
    sys.argv = ["psgkit", *line.split()]
    try:
        main()
    except SystemExit as leaving:
        assert not leaving.code, line
"""


def test_a_new_index_is_an_entry_and_a_computation(tmp_path: Path) -> None:
    sample = Path(__file__).resolve().parents[1] / "sample_data" / "rls"
    commands = [
        f"score {sample}/truth.csv --hypnogram {sample}/hypnogram.csv --out {tmp_path}",
        "cohort --schema",
        "indices SSN",
    ]
    done = subprocess.run(
        [sys.executable, "-c", NEW_INDEX],
        input="\n".join(commands),
        capture_output=True,
        text=True,
        check=True,
        cwd=sample.parents[1],
    )
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert list(report["indices"]["disruption"])[-1] == "shifts_n"
    assert report["indices"]["disruption"]["shifts_n"]["value"] == 7
    table = (tmp_path / "indices.csv").read_text(encoding="utf-8")
    assert "disruption,shifts_n,7,1" in table
    assert "Shifts of stage" in (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "  disruption__shifts_n" in done.stdout
    assert "Sleep disruption: Shifts of stage" in done.stdout
    assert "shifts_n: Shifts of stage" in done.stdout
