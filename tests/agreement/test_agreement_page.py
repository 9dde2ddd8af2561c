"""Page and tables of a comparison: every number of the document, for one scorer or several."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from psgkit.agreement.comparison import compare_scorings
from psgkit.agreement.sources import read_scored
from psgkit.report.agreement_page import agreement_figure, write_agreement
from psgkit.report.words.language import in_language

EVENTS = "onset_s,duration_s,kind,site\n"
STAGES = "onset_s,duration_s,stage\n"


@pytest.fixture
def scorings(tmp_path: Path) -> list[Path]:
    """Three tables of the same ten movements, the later ones less complete and later."""
    paths = []
    for number in range(3):
        rows = "".join(
            f"{100 + 30 * k + 0.1 * number},{2 + 0.1 * number},lm,left_leg\n"
            for k in range(10 - number)
        )
        path = tmp_path / f"scorer{number}.csv"
        path.write_text(EVENTS + rows, encoding="utf-8")
        paths.append(path)
    return paths


def compared(paths: list[Path]) -> list[dict[str, Any]]:
    first, *others = map(read_scored, paths)
    return [compare_scorings(first, one) for one in others]


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_tables_have_the_numbers_of_the_document(scorings: list[Path], tmp_path: Path) -> None:
    documents = compared(scorings)
    write_agreement(documents, tmp_path / "out")
    rows = rows_of(tmp_path / "out" / "events.csv")
    assert {row["candidate"] for row in rows} == {"scorer1.csv", "scorer2.csv"}
    given = [
        (row["site"] or "", way, row[way]["f1"]["value"])
        for document in documents
        for row in document["events"]
        for way in ("onset", "overlap")
    ]
    found = [(row["site"], row["matched_by"], float(row["f1"])) for row in rows]
    assert found == [(site, way, pytest.approx(f1, abs=1e-6)) for site, way, f1 in given]
    (onset, *_) = rows_of(tmp_path / "out" / "boundaries.csv")
    assert float(onset["median_s"]) == pytest.approx(0.1)
    assert json.loads((tmp_path / "out" / "compare-2.json").read_text())["schema"]
    assert not (tmp_path / "out" / "stages.csv").exists()


def test_the_table_of_epochs_counts_every_epoch(tmp_path: Path) -> None:
    for name, stages in (("a", "W N1 N2 N2 R"), ("b", "W N2 N2 N2 R")):
        rows = "".join(f"{30 * k},30,{stage}\n" for k, stage in enumerate(stages.split()))
        (tmp_path / f"{name}.csv").write_text(STAGES + rows, encoding="utf-8")
    documents = compared([tmp_path / "a.csv", tmp_path / "b.csv"])
    write_agreement(documents, tmp_path / "out")
    epochs = rows_of(tmp_path / "out" / "epochs.csv")
    assert sum(float(row["epochs_n"]) for row in epochs) == 5
    missed = [row for row in epochs if row["reference_stage"] == "N1" and float(row["epochs_n"])]
    assert [row["candidate_stage"] for row in missed] == ["N2"]
    page = (tmp_path / "out" / "compare.html").read_text(encoding="utf-8")
    assert "80.0" in page


def test_the_page_loads_nothing_names_both_and_is_german_when_asked(
    scorings: list[Path], tmp_path: Path
) -> None:
    documents = compared(scorings)
    for code, word in (("en", "Agreement of scorings"), ("de", "Übereinstimmung")):
        with in_language(code):
            write_agreement(documents, tmp_path / code)
        page = (tmp_path / code / "compare.html").read_text(encoding="utf-8")
        assert word in page
        assert all(path.name in page for path in scorings)
        assert "<script" not in page
        assert "src=" not in page
    assert "scorer2.csv" in agreement_figure(documents).svg


def test_hostile_names_are_text(tmp_path: Path) -> None:
    names = ("a.csv", "<img src=x onerror=alert(1)>.csv")
    for name in names:
        (tmp_path / name).write_text(EVENTS + "5,1,lm,left_leg\n", encoding="utf-8")
    write_agreement(compared([tmp_path / name for name in names]), tmp_path / "out")
    assert "<img" not in (tmp_path / "out" / "compare.html").read_text(encoding="utf-8")


def test_the_command_takes_several_scorers_and_writes_a_folder(
    psgkit: Callable[..., tuple[int, str, str]], scorings: list[Path], tmp_path: Path
) -> None:
    out = tmp_path / "agreement"
    code, said, told = psgkit("compare", *map(str, scorings), "--out", str(out))
    assert code == 0
    assert said.count("psgkit compare") == 2
    assert "compare.html" in told
    assert (out / "events.csv").exists()
    code, _said, told = psgkit("compare", *map(str, scorings), "--json")
    assert code == 2
    assert "--out FOLDER" in told


def test_candidates_of_one_name_are_numbered(scorings: list[Path], tmp_path: Path) -> None:
    (tmp_path / "again").mkdir()
    again = tmp_path / "again" / scorings[1].name
    again.write_bytes(scorings[2].read_bytes())
    out = tmp_path / "out"
    write_agreement(compared([scorings[0], scorings[1], again]), out)
    wanted = {"scorer1.csv (1)", "scorer1.csv (2)"}
    for table in ("events.csv", "boundaries.csv"):
        assert {row["candidate"] for row in rows_of(out / table)} == wanted
    page = (out / "compare.html").read_text(encoding="utf-8")
    assert all(name in page for name in wanted)
