"""Tables of a cohort: what is in them, that they are stable, that order and shards do not show."""

import csv
import random
import runpy
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from cohort_fixtures import Night, simulated_report, with_values, write_cohort

from psgkit.cohort.out_folder import only_run
from psgkit.cohort.plan.night_identity import NightIdentity
from psgkit.cohort.tables import merge as tables
from psgkit.cohort.tables.index_columns import INDEX_COLUMNS
from psgkit.cohort.tables.merge import _for_csv, merge_tables, refresh_tables
from psgkit.cohort.tables.rows import read_rows, rows_as_bytes, write_rows
from psgkit.cohort.tables.schema import (
    TABLES,
    carried_name,
    columns_of_table,
    night_columns,
    schema_as_text,
)
from psgkit.core.finding import Finding
from psgkit.document.outside_text import csv_cell
from psgkit.document.rows import MOVEMENT_COLUMNS
from psgkit.errors import InputFileError, PsgkitError, SettingsError

FILES = [f"{name}.{suffix}" for name in TABLES for suffix in ("parquet", "csv")]
GOLDEN = Path(__file__).with_name("cohort_columns.txt")


def cohort(n: int = 7) -> list[Night]:
    kinds = ("rls", "healthy", "akathisia")
    nights = [
        Night(
            night_id=f"night-{k}",
            subject=f"S{k // 2}",
            extra={"group": kinds[k % 3]},
            report=simulated_report(kinds[k % 3]),
        )
        for k in range(n)
    ]
    return [*nights, Night(night_id="a-failed", subject="S0", extra={"age": "40"})]


@pytest.fixture(scope="module")
def merged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_cohort(tmp_path_factory.mktemp("cohort") / "out", cohort())
    merge_tables(folder)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in FILES}


# what is in them


def test_the_columns_are_those_of_the_golden_list() -> None:
    """A column that is renamed, moved or retyped breaks the scripts of its readers."""
    found = "".join(
        f"{table} {column.name} {column.kind} {column.unit}".rstrip() + "\n"
        for table in TABLES
        for column in columns_of_table(table)
    )
    assert found == GOLDEN.read_text(encoding="utf-8")


def test_the_schema_in_words_has_every_column_and_its_unit() -> None:
    lines = schema_as_text().splitlines()
    for column in (column for table in TABLES for column in columns_of_table(table)):
        mine = [line for line in lines if line.split()[:2] == [column.name, column.kind]]
        assert any(column.about in line for line in mine), column.name
        shown = f"[{column.unit}]" if column.unit not in ("", "1") else ""
        assert any(line.endswith(shown) for line in mine), column.name


def test_every_index_that_is_promised_is_reported_by_some_night_in_that_unit() -> None:
    reported = {
        f"{group}__{name}": index.unit
        for kind in ("rls", "akathisia", "ras", "rbs")
        for group, indices in simulated_report(kind).indices.items()
        for name, index in indices.items()
    }
    assert {name: reported.get(name) for name in INDEX_COLUMNS} == dict(INDEX_COLUMNS)


def test_a_failed_night_has_a_row_with_its_reason_and_nothing_else(merged: Path) -> None:
    nights = pd.read_parquet(merged / "nights.parquet")
    assert nights.night_id.tolist() == sorted(nights.night_id)
    assert len(nights) == 8
    failed = nights.iloc[0]
    assert (failed.night_id, failed.state, failed.error_kind) == (
        "a-failed",
        "failed",
        "EdfFormatError",
    )
    assert failed.reason.startswith("broken.edf: found no header")
    assert (failed.subject, failed.age, failed.group) == ("S0", "40", None)
    known = {"night_id", "subject", "recording", "age", "state", "reason", "error_kind"}
    assert failed.drop(list(known)).isna().all()


def test_values_of_the_wide_table_are_those_of_the_reports(merged: Path) -> None:
    nights = pd.read_parquet(merged / "nights.parquet").set_index("night_id")
    report = simulated_report("akathisia")
    row = nights.loc["night-2"]
    for group, indices in report.indices.items():
        for name, index in indices.items():
            found = row[f"{group}__{name}"]
            if index.value is None:
                assert pd.isna(found)
            else:
                assert found == pytest.approx(index.value, abs=1e-6)
    assert row.movements_n == len(report.movements)
    assert row.simulated
    assert row.rules == "wasm2016"
    assert "short_recording" in row.quality_flags.split("+")


def test_a_sensor_of_some_nights_is_null_in_the_others(merged: Path) -> None:
    nights = pd.read_parquet(merged / "nights.parquet").set_index("night_id")
    column = nights["accelerometer_left_ankle__plm_n"]
    assert column["night-2"] >= 0
    assert pd.isna(column["night-0"])


def test_every_missing_index_has_its_reason_and_every_present_one_none(merged: Path) -> None:
    indices = pd.read_parquet(merged / "indices.parquet")
    assert (indices.value.isna() == indices.reason.notna()).all()
    rate = indices[(indices.unit == "1/h") & indices.value.notna() & indices.numerator.notna()]
    assert len(rate) > 50
    np.testing.assert_allclose(rate.value, rate.numerator / rate.denominator_h, rtol=1e-5)


def test_movements_have_every_column_of_a_report_and_the_key(merged: Path) -> None:
    movements = pq.read_table(merged / "movements.parquet")
    assert tuple(movements.schema.names) == ("night_id", *MOVEMENT_COLUMNS)
    counted = pd.read_parquet(merged / "nights.parquet").movements_n.sum()
    assert movements.num_rows == counted > 40


def test_fields_say_what_they_are_and_in_which_unit(merged: Path) -> None:
    for name in TABLES:
        for column in pq.read_schema(merged / f"{name}.parquet"):
            assert column.metadata[b"description"]
            assert b"unit" in column.metadata
    nights = pq.read_schema(merged / "nights.parquet")
    assert nights.metadata[b"psgkit.schema"] == b"psgkit.cohort.tables/1"
    assert nights.field("legs__plms_index").metadata[b"unit"] == b"1/h"
    assert nights.field("legs__plm_n").type == pa.int64()
    assert not nights.field("night_id").nullable


def test_csv_holds_what_parquet_holds(merged: Path) -> None:
    for name in TABLES:
        parquet = pq.read_table(merged / f"{name}.parquet")
        with (merged / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            head, *rows = csv.reader(file)
        assert head == parquet.column_names
        assert len(rows) == parquet.num_rows
        number = parquet.column_names.index("night_id")
        assert [row[number] for row in rows] == parquet["night_id"].to_pylist()


# laws


def test_neither_the_order_of_arrival_nor_shards_nor_pieces_show(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nights = cohort()
    one = write_cohort(tmp_path / "one", nights)
    merge_tables(one)
    shuffled = random.Random(3).sample(nights, len(nights))
    several = tmp_path / "several"
    for shard in range(3):
        write_cohort(several, shuffled[shard::3], f"ledger-{shard + 1}-of-3.sqlite")
    merge_tables(several)
    assert contents(one) == contents(several)
    monkeypatch.setattr(tables, "NIGHTS_AT_ONCE", 2)
    in_pieces = write_cohort(tmp_path / "pieces", shuffled)
    merge_tables(in_pieces)
    for name in TABLES:
        assert pq.read_table(in_pieces / f"{name}.parquet").equals(
            pq.read_table(one / f"{name}.parquet")
        )
        assert (in_pieces / f"{name}.csv").read_bytes() == (one / f"{name}.csv").read_bytes()


def test_a_night_that_two_shards_know_counts_once_as_the_one_that_was_done(tmp_path: Path) -> None:
    report = simulated_report()
    write_cohort(tmp_path, [Night(night_id="x")], "ledger-1-of-2.sqlite")
    write_cohort(tmp_path, [Night(night_id="x", report=report)], "ledger-2-of-2.sqlite")
    merge_tables(tmp_path)
    assert pd.read_parquet(tmp_path / "nights.parquet").state.tolist() == ["done"]


def test_the_rows_of_a_night_are_the_same_bytes_every_time_and_come_back(tmp_path: Path) -> None:
    report = simulated_report("akathisia")
    identity = NightIdentity(night_id="x", recording="x.edf")
    path = write_rows(report, identity, tmp_path / "rows.arrow")
    assert path.read_bytes() == rows_as_bytes(report, identity)
    found = read_rows(path)
    assert found["facts"].num_rows == 1
    assert found["findings"].num_rows == len(report.findings)
    assert [p.name for p in tmp_path.iterdir()] == ["rows.arrow"]


# keeping them up to date


def test_tables_are_merged_again_only_when_the_ledger_says_something_else(tmp_path: Path) -> None:
    folder = write_cohort(tmp_path / "out", cohort(2))
    assert [path.name for path in refresh_tables(folder)][-1] == "nights.parquet"
    assert refresh_tables(folder) == []
    write_cohort(folder, [Night(night_id="another")])
    assert refresh_tables(folder)
    assert len(pq.read_table(folder / "nights.parquet")) == 4
    (folder / "movements.parquet").unlink()
    assert refresh_tables(folder)
    for ledger in folder.glob("ledger*"):
        ledger.unlink()
    assert refresh_tables(folder) == []


def test_a_night_whose_rows_are_lost_is_failed_with_that_reason(tmp_path: Path) -> None:
    folder = write_cohort(tmp_path / "out", cohort(3))
    (folder / "nights" / "night-0" / "rows.arrow").unlink()
    half = folder / "nights" / "night-1" / "rows.arrow"
    half.write_bytes(half.read_bytes()[:2000])
    merge_tables(folder)
    nights = pd.read_parquet(folder / "nights.parquet").set_index("night_id")
    assert nights.state.tolist() == ["failed", "failed", "failed", "done"]
    for name in ("night-0", "night-1"):
        assert nights.reason[name].startswith(f"{name}/rows.arrow: found")
        assert "Analyse the night again" in nights.reason[name]
    assert str(tmp_path) not in (folder / "nights.csv").read_text(encoding="utf-8")


def test_tables_of_nights_that_all_failed_are_empty_but_there(tmp_path: Path) -> None:
    folder = write_cohort(tmp_path / "out", [Night(night_id="a"), Night(night_id="b")])
    merge_tables(folder)
    assert len(pq.read_table(folder / "nights.parquet")) == 2
    for name in TABLES[1:]:
        columns = columns_of_table(name)
        table = pq.read_table(folder / f"{name}.parquet")
        assert (table.num_rows, len(table.column_names)) == (0, len(columns))
    assert pq.read_schema(folder / "nights.parquet").names == [c.name for c in night_columns()]


def test_what_fails_half_way_leaves_the_old_tables_and_no_other_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_cohort(tmp_path / "out", cohort(2))
    merge_tables(folder)
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tables, "_wide_table", full)
    with pytest.raises(PsgkitError, match="no room to write the tables"):
        merge_tables(folder)
    after = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    assert after == before


def test_what_a_killed_merge_was_writing_is_swept_away(tmp_path: Path) -> None:
    folder = write_cohort(tmp_path / "out", cohort(2))
    left = [f".{name}.0011.part" for name in ("nights", *FILES)]
    mine = [".notes.0011.part", "nights.part"]
    for name in [*left, *mine]:
        (folder / name).write_bytes(b"half")
    merge_tables(folder)
    assert [name for name in [*left, *mine] if (folder / name).exists()] == mine


def test_two_merges_never_share_a_folder(tmp_path: Path) -> None:
    folder = write_cohort(tmp_path / "out", cohort(2))
    at_work = pytest.raises(SettingsError, match="another batch at work on tables")
    with only_run(folder, "tables"), at_work:
        merge_tables(folder)
    assert merge_tables(folder)


@pytest.mark.skipif(not shutil.which("mount"), reason="needs mount")
def test_stale_tables_of_a_folder_that_is_read_only_are_refused_in_words(tmp_path: Path) -> None:
    folder = write_cohort(tmp_path / "out", cohort(2))
    made = subprocess.run(["mount", "--bind", "-o", "ro", folder, folder], check=False)
    if made.returncode:
        pytest.skip("no disk of its own can be made here")
    try:
        with pytest.raises(PsgkitError, match="out: found one that nothing can be written to"):
            merge_tables(folder)
    finally:
        subprocess.run(["umount", folder], check=True)


def test_a_folder_without_a_ledger_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match="no ledger, wanted the folder of a batch"):
        merge_tables(tmp_path)


# text from outside


def test_hostile_text_reaches_no_spreadsheet_as_a_formula_and_keeps_its_place(
    tmp_path: Path,
) -> None:
    evil = '=HYPERLINK("http://x","a"),\n"b"'
    report = replace(
        simulated_report(),
        source="Smith_John.edf",
        findings=(Finding("warning", "x.y", "Smith_John.edf: field", f"{evil} Smith_John_e.csv"),),
    )
    nights = [
        Night(night_id="n1", subject="+1", extra={evil: "@x", "State": "\uff1dx"}),
        Night(night_id="n2", extra={"legs__plms_index": "-2"}, report=report),
    ]
    folder = write_cohort(tmp_path / "out", nights)
    merge_tables(folder)
    table = pq.read_table(folder / "nights.parquet").to_pylist()
    assert table[0][evil] == "@x"
    assert (table[0]["subject"], table[0]["carried_State"]) == ("+1", "\uff1dx")
    assert table[1]["carried_legs__plms_index"] == "-2"
    (finding,) = pq.read_table(folder / "findings.parquet").to_pylist()
    assert (finding["where"], finding["message"]) == ("n2.edf: field", f"{evil} n2_e.csv")
    for name in ("nights.csv", "findings.csv"):
        with (folder / name).open(encoding="utf-8", newline="") as file:
            for row in csv.reader(file):
                assert not [c for c in row if c.lstrip(" ")[:1] in tuple("=+-@\uff1d") and c[:1]]


@pytest.mark.parametrize(
    "text", ["=1", " =1", "\t1", "a\n=1", "\r", "", "\uff0d", "plain", "'q", "\0=x"]
)
def test_a_text_column_is_made_harmless_as_one_cell_is(text: str) -> None:
    table = _for_csv(pa.table({"text": pa.array([text, None])}))
    assert table["text"].to_pylist() == [csv_cell(text), None]


def test_a_carried_column_never_takes_the_place_of_one_of_ours() -> None:
    names = ["group", "state", "STATE", "carried_state", "legs__plms_index", "", "night_id"]
    found = [carried_name(name) for name in names]
    assert len(set(found)) == len(names)
    ours = {column.name for column in night_columns()}
    assert not ours & {name.lower() for name in found}


# other programs read them


def test_duckdb_and_pandas_read_what_was_written(merged: Path) -> None:
    found = duckdb.sql(
        f"SELECT count(*), sum(movements_n) FROM '{merged}/nights.parquet' WHERE state = 'done'"
    ).fetchall()
    frame = pd.read_parquet(merged / "nights.parquet")
    assert found == [(7, frame.movements_n.sum())]
    medians = duckdb.sql(
        f"SELECT \"group\", median(legs__plms_index) FROM '{merged}/nights.parquet' "
        'WHERE state = \'done\' GROUP BY "group" ORDER BY "group"'
    ).fetchall()
    expected = frame[frame.state == "done"].groupby("group").legs__plms_index.median()
    assert dict(medians) == pytest.approx(expected.to_dict())


def test_values_that_were_left_out_stay_out(tmp_path: Path) -> None:
    report = with_values(simulated_report(), {"legs__plms_index": None, "legs__plm_n": 12.0})
    folder = write_cohort(tmp_path / "out", [Night(night_id="n", report=report)])
    merge_tables(folder)
    (row,) = pq.read_table(folder / "nights.parquet").to_pylist()
    assert (row["legs__plms_index"], row["legs__plm_n"]) == (None, 12)
    indices = pd.read_parquet(folder / "indices.parquet").set_index(["group", "name"])
    assert indices.reason["legs", "plms_index"] == "left out on purpose"


def test_the_benchmark_merges_what_it_makes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    script = Path(__file__).parents[2] / "scripts" / "benchmark_cohort.py"
    out = tmp_path / "benchmark.csv"
    arguments = ["--nights", "9", "--movements", "30", "--out", str(out)]
    monkeypatch.setattr("sys.argv", [script.name, *arguments])
    runpy.run_path(str(script), run_name="__main__")
    with out.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert rows[0]["what"] == "9 finished nights: merge all tables"
    assert len(capsys.readouterr().out.splitlines()) == len(rows) == 5
