"""Recordings of days in batches and cohorts: found, done as `psgkit days` does, told apart."""

import json
import re
import shutil
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from small_nights import small_night, variants
from small_weeks import write_week
from typer.testing import CliRunner

from psgkit.cli.app import app
from psgkit.cohort.plan.plan import Plan
from psgkit.cohort.run.batch import BatchRequest, WorkerChoice, known_of, prepare, run_batch
from psgkit.cohort.run.engine import Stop
from psgkit.cohort.tables.index_columns import DAY_NIGHT_COLUMNS, DAYS_COLUMNS
from psgkit.cohort.tables.merge import merge_tables
from psgkit.days.settings import DaysSettings
from psgkit.errors import SettingsError, TableError
from psgkit.io.actigraphy.read import _OWN_MINUTES, kind_of_days
from psgkit.report.days.document import MINUTE_COLUMNS

Told = tuple[dict[str, Any], str]
HEAD = "recording,subject,group,protocol,tz,diary,count_scale,hypnogram"
ROWS = (
    "night-1.edf,N1,a,,,,,",
    "night-2.edf,N2,b,night,,,,",
    "w0.csv,P0,a,,Europe/Berlin,diary.csv,,",
    "w1.csv,P1,a,days,Europe/Berlin,,0.01,",
    "w2.csv,P2,a,,Europe/Berlin,,,",
    "w3.csv,P3,b,,Europe/Berlin,,,",
    "w4.csv,P4,b,,Europe/Berlin,,,",
    "w5.csv,P5,b,,Europe/Berlin,,,",
    "broken.gt3x,P6,b,,,,,",
    "w0-again.csv,P0,a,,Europe/Berlin,,,,2",
)
WEEKS = ("P0", "P1", "P2", "P3", "P4", "P5")


@dataclass
class Watched:
    """Which recordings a batch set out to do."""

    steps: list[str] = field(default_factory=list)

    def planned(self, _found: object, plan: Plan) -> None:
        self.steps = sorted(step.night.night_id for step in plan.steps)

    def night(self, *_: object) -> None: ...
    def lost(self, *_: object) -> None: ...
    def said(self, *_: object) -> None: ...


def steps_of(source: Path, **changes: object) -> list[str]:
    """Return what a batch does of a source, after it was done."""
    watch = Watched()
    run_batch(request_of(source, **changes), WorkerChoice(), watch, Stop())
    return watch.steps


def manifest_of(folder: Path, rows: tuple[str, ...] = ROWS, head: str = HEAD) -> Path:
    path = folder / "study.csv"
    path.write_text("\n".join((head, *rows)) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the manifest of two nights, six recordings of days, one of them twice, one broken."""
    folder = tmp_path_factory.mktemp("study")
    for number, content in enumerate(variants(small_night(folder), 2), 1):
        (folder / f"night-{number}.edf").write_bytes(content)
    for seed in range(6):
        write_week(folder / f"w{seed}.csv", seed=seed, busy=150 + 40 * seed)
    write_week(folder / "w0-again.csv", seed=20, busy=150)
    (folder / "broken.gt3x").write_bytes(b"PK\x03\x04 no archive")
    (folder / "diary.csv").write_text("date,lights_off,wake\n2024-06-03,23:10,06:50\n")
    return manifest_of(folder, (*(f"{row}," for row in ROWS[:-1]), ROWS[-1]), f"{HEAD},session")


def request_of(source: Path, **changes: object) -> BatchRequest:
    folder = source if source.is_dir() else source.parent
    out = folder.with_name(f"{folder.name}-out")
    return BatchRequest(**{"source": str(source), "out": out, **changes})


@pytest.fixture(scope="module")
def done(study: Path) -> Path:
    """Return the folder of the batch, with its tables."""
    request = request_of(study, keep_names=True)
    result = run_batch(request, WorkerChoice(), Watched(), Stop())
    assert result.states == {"done": 9, "failed": 1, "set_aside": 0, "pending": 0}
    merge_tables(request.out)
    return request.out


def table(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_parquet(folder / f"{name}.parquet")


# the same results


def test_each_recording_of_days_is_to_the_byte_what_psgkit_days_writes(
    study: Path, done: Path, tmp_path: Path
) -> None:
    options = {
        "P0": ("w0.csv", "--diary", study.parent / "diary.csv"),
        "P1": ("w1.csv", "--count-scale", "0.01"),
    }
    for night_id, (name, *more) in options.items():
        out = tmp_path / night_id
        words = [study.parent / name, "--tz", "Europe/Berlin", *more, "--out", out]
        told = CliRunner().invoke(app, ["days", *map(str, words)])
        assert told.exit_code == 0, told.exception
        names = {path.name for path in out.iterdir()}
        assert names == {path.name for path in (done / "nights" / night_id).iterdir()} - {
            "rows.arrow"
        }
        for file in names:
            ours = (done / "nights" / night_id / file).read_bytes()
            assert ours == (out / file).read_bytes(), (night_id, file)


def test_counts_of_an_unknown_kind_are_flagged_where_no_factor_is_told(done: Path) -> None:
    flags = table(done, "days").set_index("night_id").quality_flags.fillna("")
    flagged = flags.str.split("+").map(lambda words: "no_count_scale" in words)
    assert flagged["P2"]
    assert not flagged["P1"]


def test_a_damaged_one_costs_itself_and_says_why(done: Path) -> None:
    days = table(done, "days").set_index("night_id")
    broken = days.loc["P6"]
    assert (broken.state, broken.subject) == ("failed", "P6")
    assert "broken.gt3x" in broken.reason
    facts = broken.drop(["subject", "recording", "group", "state", "reason", "error_kind"])
    assert facts.isna().all()
    assert not (done / "nights" / "P6").exists()


def test_nothing_is_done_twice_and_what_changed_is(study: Path, tmp_path: Path) -> None:
    folder = tmp_path / "again"
    folder.mkdir()
    for name in ("w1.csv", "w2.csv", "diary.csv", "night-1.edf"):
        shutil.copy(study.parent / name, folder / name)
    rows = ("night-1.edf,N1,a,,,,,", "w1.csv,P1,a,,,diary.csv,,", "w2.csv,P2,a,,,,,")
    manifest = manifest_of(folder, rows)
    assert steps_of(manifest) == ["N1", "P1", "P2"]
    assert steps_of(manifest) == []
    (folder / "diary.csv").write_text("date,lights_off,wake\n2024-06-03,23:30,06:30\n")
    assert steps_of(manifest) == ["P1"]
    manifest_of(folder, (rows[0], rows[1], "w2.csv,P2,a,,Europe/Berlin,,,"))
    assert steps_of(manifest) == ["P2"]
    manifest_of(folder, (rows[0], rows[1], "w2.csv,P2,a,,Europe/Berlin,,0.02,"))
    assert steps_of(manifest) == ["P2"]
    with pytest.raises(SettingsError, match=r"days\.sleep_by"):
        steps_of(manifest, days_settings=DaysSettings(sleep_by="sadeh_ps0"))


def test_names_of_files_stay_out_of_the_outputs(study: Path, tmp_path: Path) -> None:
    folder = tmp_path / "names"
    folder.mkdir()
    shutil.copy(study.parent / "w1.csv", folder / "Jane-Doe.csv")
    shutil.copy(study.parent / "diary.csv", folder / "Jane-Doe_diary.csv")
    steps_of(folder)
    out = tmp_path / "names-out"
    (night_id,) = (path.name for path in (out / "nights").iterdir())
    found = json.loads((out / "nights" / night_id / "report.json").read_text("utf-8"))
    assert found["recording"]["file"] == f"{night_id}.csv"
    assert found["nights"][0]["window_from"] == "sleep diary"
    for path in (out / "nights" / night_id).iterdir():
        assert b"Jane" not in path.read_bytes(), path.name


# which they are


def test_a_folder_is_searched_by_what_files_hold_and_how_long_they_are(
    study: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "mixed"
    folder.mkdir()
    shutil.copy(study.parent / "night-1.edf", folder / "a.edf")
    shutil.copy(study.parent / "w1.csv", folder / "week.csv")
    write_week(folder / "evening.csv", days=0.4)
    (folder / "a_counts.csv").write_bytes((folder / "week.csv").read_bytes())
    (folder / "notes.txt").write_text("time to go\n")
    (folder / "data.bin").write_bytes(b"\0" * 100)
    (folder / "lost.agd").write_bytes(b"")
    (folder / "minutes.csv").write_text(
        ",".join(MINUTE_COLUMNS) + "\n2024-06-03T12:00,0,1,c,awake\n" * 3
    )
    _, nights, _ = prepare(request_of(folder))
    found = {night.recording.name: night.identity.protocol for night in nights}
    assert found == {"a.edf": "night", "week.csv": "days", "lost.agd": "days"}
    assert _OWN_MINUTES == MINUTE_COLUMNS
    shutil.copy(study.parent / "diary.csv", folder / "diary.csv")
    (folder / "lost.agd").unlink()
    _, nights, _ = prepare(request_of(folder))
    week = next(night.days for night in nights if night.days is not None)
    assert week.diary == folder / "diary.csv"


@pytest.mark.slow
def test_a_simulated_week_in_edf_is_days_and_a_night_is_none(study: Path, tmp_path: Path) -> None:
    words = ["simulate", "rls", "--days", "1", "--out", str(tmp_path / "sim")]
    assert CliRunner().invoke(app, words).exit_code == 0
    assert kind_of_days(tmp_path / "sim" / "days.edf") == "EDF"
    assert kind_of_days(tmp_path / "sim" / "counts.csv") == "table of counts"
    for name in ("diary", "markers", "truth", "nights", "postures", "hypnogram"):
        assert kind_of_days(tmp_path / "sim" / f"{name}.csv") == "", name
    assert kind_of_days(study.parent / "night-1.edf") == ""
    assert kind_of_days(study) == ""


def test_a_dry_run_says_what_is_days(study: Path, tmp_path: Path) -> None:
    words = ["batch", str(study), "--out", str(tmp_path / "out"), "--dry-run", "--jobs", "1"]
    told = CliRunner().invoke(app, words)
    assert told.exit_code == 0, told.exception
    lines = told.stdout.splitlines()
    week = next(line for line in lines if line.startswith("P0 "))
    assert "diary; 2.5 days (table of counts)" in week
    assert "no diary; days (ActiGraph GT3X)" in next(line for line in lines if "P6" in line)
    assert "manifest: 2 nights, 8 recordings of days, 10 to do, 0 done, 0 failed before" in lines


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ((HEAD, "w1.csv,P,a,week,,,,"), (TableError, "line 2, column 'protocol': found 'week'")),
        ((HEAD, "w1.csv,P,a,,,,,h.csv"), (TableError, "column 'hypnogram'")),
        ((HEAD, "night-1.edf,P,a,,,diary.csv,,"), (TableError, "column 'diary'")),
        ((HEAD, "w1.csv,P,a,,,,-1,"), (TableError, "column 'count_scale': found '-1'")),
        (("recording,dates", "w1.csv,ymd"), (TableError, "column 'dates': found 'ymd'")),
        (("recording,dairy", "w1.csv,d.csv"), (SettingsError, "Did you mean 'diary'?")),
        (("recording,time_zone", "w1.csv,UTC"), (SettingsError, "Did you mean 'timezone'?")),
        (("recording,tz,timezone", "w1.csv,UTC,Asia/Tokyo"), (TableError, "column 'timezone'")),
    ],
)
def test_a_manifest_that_says_something_wrong_about_days_is_refused(
    study: Path, tmp_path: Path, written: tuple[str, str], told: tuple[type[Exception], str]
) -> None:
    (head, row), (kind, message) = written, told
    for name in ("w1.csv", "night-1.edf"):
        shutil.copy(study.parent / name, tmp_path / name)
    with pytest.raises(kind) as refused:
        prepare(request_of(manifest_of(tmp_path, (row,), head)))
    assert message in str(refused.value)


# tables


def test_every_column_that_is_promised_is_reported_in_that_unit(done: Path) -> None:
    report = json.loads((done / "nights" / "P2" / "report.json").read_text("utf-8"))
    unit = report["activity"]["unit"]
    found = {
        f"{group}__{name}": "activity" if row["unit"] == unit else row["unit"]
        for group, rows in report["indices"].items()
        for name, row in rows.items()
    }
    assert found == dict(DAYS_COLUMNS)
    night = report["nights"][0]["indices"]
    found = {
        f"{group}__{name}": row["unit"] for group in night for name, row in night[group].items()
    }
    assert {name: found.get(name) for name in DAY_NIGHT_COLUMNS} == dict(DAY_NIGHT_COLUMNS)


def test_tables_hold_what_the_reports_hold(done: Path) -> None:
    days = table(done, "days").set_index("night_id")
    nights = table(done, "day_nights")
    assert days.index.tolist() == ["P0", "P0_2", *WEEKS[1:], "P6"]
    for night_id in WEEKS:
        report = json.loads((done / "nights" / night_id / "report.json").read_text("utf-8"))
        for group, rows in report["indices"].items():
            for name, row in rows.items():
                value = days.loc[night_id, f"{group}__{name}"]
                assert (None if pd.isna(value) else value) == row["value"], name
        mine = nights[nights.night_id == night_id]
        assert mine.evening.tolist() == [night["evening"] for night in report["nights"]]
        for (_, line), night in zip(mine.iterrows(), report["nights"], strict=True):
            for name, row in night["indices"]["sleep_estimated"].items():
                value = line[f"sleep_estimated__{name}"]
                assert (None if pd.isna(value) else value) == row["value"], name
        assert days.loc[night_id, "nights_n"] == sum(
            night["window_s"] is not None for night in report["nights"]
        )
    first = nights.iloc[0]
    assert str(first.window_start) == "2024-06-03 23:10:00"
    assert first.window_from == "sleep diary"
    assert days.loc["P0", "activity_from"] == "counts"


def test_nights_and_days_have_tables_of_their_own_and_share_findings(done: Path) -> None:
    assert table(done, "nights").night_id.tolist() == ["N1", "N2"]
    assert set(table(done, "indices").night_id) == {"N1", "N2"}
    findings = table(done, "findings")
    assert set(findings.night_id) == {"N1", "N2", *WEEKS, "P0_2"}
    assert findings.night_id.is_monotonic_increasing
    indices = table(done, "day_indices")
    assert set(indices.of) == {"recording", "night", "day"}
    assert ((indices.value.isna()) == (indices.reason.notna())).all()
    line = (
        f"SELECT median(rest_activity__interdaily_stability) FROM '{done}/days.parquet' "
        "WHERE state = 'done'"
    )
    ((stability,),) = duckdb.sql(line).fetchall()
    assert 0 < stability <= 1


def test_tables_do_not_depend_on_the_order_or_on_chunks(
    done: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    names = ("days", "day_nights", "day_indices", "movements", "findings", "nights", "indices")
    before = {name: (done / f"{name}.csv").read_bytes() for name in names}
    copy = shutil.copytree(done, tmp_path / "copy")
    monkeypatch.setattr("psgkit.cohort.tables.merge.NIGHTS_AT_ONCE", 2)
    merge_tables(copy)
    assert {name: (copy / f"{name}.csv").read_bytes() for name in names} == before


# the cohort


@pytest.fixture(scope="module")
def summary(done: Path, tmp_path_factory: pytest.TempPathFactory) -> Told:
    out = tmp_path_factory.mktemp("summary")
    told = CliRunner().invoke(app, ["cohort", str(done), "--out", str(out)])
    assert told.exit_code == 0, told.exception
    return json.loads((out / "cohort.json").read_text("utf-8")), (out / "cohort.html").read_text(
        "utf-8"
    )


def test_a_cohort_counts_nights_and_recordings_of_days(summary: Told) -> None:
    found, page = summary
    assert found["nights"]["all_n"] == found["nights"]["done_n"] == 2
    assert (found["days"]["all_n"], found["days"]["done_n"], found["days"]["failed_n"]) == (8, 7, 1)
    assert found["nights"]["subjects_n"] == 8
    assert {one["protocol"]: one["nights_n"] for one in found["analyses"]}["night"] == 2
    assert "Recordings of days" in page


def test_distributions_of_days_are_over_recordings_of_days_alone(
    summary: Told,
    done: Path,
) -> None:
    found, _ = summary
    days = table(done, "days")
    days = days[days.state == "done"]
    by_name = {(one["index"], one["group"]): one for one in found["distributions"]}
    for name in ("interdaily_stability", "l5", "m10", "sleep_regularity_index", "kra"):
        one = by_name[f"days.rest_activity__{name}", None]
        column = days[f"rest_activity__{name}"]
        whose = column.groupby(days.subject).mean()
        assert (one["subjects_n"], one["nights_n"]) == (whose.notna().sum(), column.notna().sum())
        assert one["nights_n"] + one["missing_n"] == 7
        if one["subjects_n"]:
            assert one["median"] == pytest.approx(np.nanmedian(whose), abs=1e-6)
    assert by_name["days.rest_activity__l5", None]["unit"] == "counts/min"
    legs = by_name["legs__plm_index_recording", None]
    assert legs["nights_n"] + legs["missing_n"] == 2
    pair = next(one for one in found["pairs"] if one["index"] == "days.rest_activity__m10")
    assert (pair["first_n"], pair["second_n"]) == (3, 3)
    alike = next(one for one in found["reliability"] if one["index"] == "days.rest_activity__m10")
    assert (alike["subjects_n"], alike["nights_n"]) == (1, 2)


def test_numbers_on_the_page_are_those_of_the_json(summary: Told) -> None:
    found, page = summary
    marks = re.findall(r'data-key="([^"]+)" data-value="([^"]+)"', page)
    assert any(key.startswith("days.") for key, _ in marks)
    for key, shown in marks:
        value: Any = found
        for part in key.split("."):
            value = value[int(part)] if isinstance(value, list) else value[part]
        assert isinstance(value, int | float), key
        assert float(shown) == pytest.approx(value, rel=1e-5, abs=1e-6), key


def test_hours_of_the_clock_and_mixed_units_have_no_mean(done: Path, tmp_path: Path) -> None:
    words = ["cohort", str(done), "--out", str(tmp_path), "--json", "--index"]
    refused = CliRunner().invoke(app, [*words, "days.rest_activity__l5_start_h"])
    assert isinstance(refused.exception, SettingsError)
    assert "Hours of the clock go round" in str(refused.exception)
    days = table(done, "days")
    days.loc[days.night_id == "P3", "activity_unit"] = "mg"
    copy = tmp_path / "tables"
    copy.mkdir()
    for name in ("nights", "indices", "day_indices"):
        shutil.copy(done / f"{name}.parquet", copy)
    schema = pq.read_schema(done / "days.parquet")
    pq.write_table(pa.Table.from_pandas(days, schema, preserve_index=False), copy / "days.parquet")
    words[1] = str(copy)
    told = CliRunner().invoke(app, [*words, "days.rest_activity__m10"])
    assert told.exit_code == 0, told.exception
    found = json.loads(told.stdout[told.stdout.index("{") :])
    assert found["distributions"][0]["nights_n"] == 0
    assert "not in one unit" in found["missing"][0]["reason"]


def test_one_shard_of_days_after_the_other_makes_the_same_tables(
    done: Path, study: Path, tmp_path: Path
) -> None:
    request = request_of(study, keep_names=True, out=tmp_path / "shards")
    for number in (1, 2):
        run_batch(replace(request, shard=(number, 2)), WorkerChoice(), Watched(), Stop())
    assert sum(row.state == "done" for row in known_of(request.out).rows.values()) == 9
    merge_tables(request.out)
    for name in ("days", "day_nights", "day_indices", "findings"):
        assert (request.out / f"{name}.csv").read_bytes() == (done / f"{name}.csv").read_bytes()
