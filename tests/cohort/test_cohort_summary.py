"""The summary of a cohort: figures as numpy and scipy have them, reasons, pages that agree."""

import csv
import io
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np
import pandas as pd
import pytest
import scipy.stats
from cohort_fixtures import Night, simulated_report, with_values, write_cohort
from typer.testing import CliRunner

from psgkit.cli.app import app
from psgkit.cohort.ledger import STATES
from psgkit.cohort.summary.distribution_sections import index_pictures
from psgkit.cohort.summary.document import cohort_as_dict, cohort_as_json, cohort_csvs
from psgkit.cohort.summary.outcome_sections import STATE_NAMES, flag_in_words
from psgkit.cohort.summary.page import page_about_cohort, write_summary
from psgkit.cohort.summary.summarise import CohortSummary, summarise_cohort
from psgkit.cohort.tables.quality import FLAGS
from psgkit.core.night_report import NightReport
from psgkit.errors import InputFileError, SettingsError
from psgkit.report.html.page import page_as_html
from psgkit.report.terminal import page_as_text

PLMS, TST = "legs__plms_index", "sleep__tst_min"
GROUPS = ("control", "rls", "treated")


def varied(number: int, group: int, **values: float | None) -> NightReport:
    """Return a night whose PLMS index and sleep follow from its number and group."""
    random = np.random.default_rng([number, group])
    made = {
        PLMS: float(random.gamma(2, 1 + 8 * group)),
        TST: float(random.normal(400 - 20 * group, 30)),
        "sleep__n3_pct": float(random.normal(18, 4)),
    }
    return with_values(simulated_report(), {**made, **values})


def three_groups(n: int = 36) -> list[Night]:
    """Return two nights a subject, a few failed, one without a value."""
    nights = []
    for k in range(n):
        subject, group = k // 2, k // 2 % 3
        reason = {5: "found 12 bytes, wanted 256.", 11: "found 99 bytes, wanted 256."}.get(k)
        missing = {PLMS: None} if k == 20 else {}
        nights.append(
            Night(
                night_id=f"s{subject:02d}-{k % 2 + 1}",
                subject=f"s{subject:02d}",
                extra={"group": GROUPS[group], "number": str(k)},
                report=None if reason else varied(subject, group, **missing),
                reason=reason or "",
            )
        )
    return nights


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_cohort(tmp_path_factory.mktemp("cohort") / "study", three_groups())


@pytest.fixture(scope="module")
def summary(folder: Path) -> CohortSummary:
    return summarise_cohort(folder)


def summary_of(tmp_path: Path, nights: list[Night], by: str | None = None) -> CohortSummary:
    return summarise_cohort(write_cohort(tmp_path / "out", nights), by)


def page_text(summary: CohortSummary) -> str:
    return page_as_text(page_about_cohort(summary), width=200)


def page_html(summary: CohortSummary) -> str:
    return page_as_html(page_about_cohort(summary), pictures=index_pictures(summary))


def test_a_group_of_indices_has_one_section_and_what_is_missing_alike_one_line(
    tmp_path: Path,
) -> None:
    moving = {"indices": dict(simulated_report().indices)}
    for place in ("accelerometer_left_ankle", "accelerometer_right_ankle"):
        moving["indices"][place] = moving["indices"]["legs"]
    nights = [
        Night(night_id="a", report=replace(simulated_report(), **moving)),
        Night(night_id="b", report=simulated_report()),
    ]
    page = page_about_cohort(summary_of(tmp_path, nights))
    keys = [section.key for section in page.sections]
    assert "indices-accelerometer_left_ankle" in keys
    assert len(keys) == len(set(keys))
    shown = page_text(summary_of(tmp_path / "again", nights))
    alike = "Periodic movements in sleep; Periodic movements in wake: missing in 1 of 2 nights: "
    assert shown.count(alike) == 2


def by_subject(folder: Path, column: str) -> dict[str, np.ndarray]:
    frame = pd.read_parquet(folder / "nights.parquet")
    done = frame[frame.state == "done"]
    means = done.groupby(["group", "subject"])[column].mean().dropna()
    return {group: means[group].to_numpy() for group in GROUPS}


# figures


def test_a_distribution_is_that_of_the_means_of_subjects(
    folder: Path, summary: CohortSummary
) -> None:
    about = cohort_as_dict(summary)
    expected = by_subject(folder, PLMS)
    for group in GROUPS:
        (row,) = [r for r in about["distributions"] if (r["index"], r["group"]) == (PLMS, group)]
        assert row["subjects_n"] == len(expected[group])
        assert row["median"] == pytest.approx(np.median(expected[group]), abs=1e-6)
        assert row["q25"] == pytest.approx(np.quantile(expected[group], 0.25), abs=1e-6)
        assert row["sd"] == pytest.approx(np.std(expected[group], ddof=1), abs=1e-6)
    (row,) = [r for r in about["distributions"] if (r["index"], r["group"]) == (PLMS, None)]
    assert (row["nights_n"], row["missing_n"]) == (33, 1)
    reasons = [one for one in about["missing"] if one["index"] == PLMS]
    assert reasons == [{"index": PLMS, "reason": "left out on purpose", "nights_n": 1}]


def test_tests_are_those_of_scipy_on_the_means_of_subjects(
    folder: Path, summary: CohortSummary
) -> None:
    about = cohort_as_dict(summary)
    groups = by_subject(folder, TST)
    (all_groups,) = [row for row in about["omnibus"] if row["index"] == TST]
    found = scipy.stats.kruskal(*groups.values())
    assert (all_groups["statistic"], all_groups["p"]) == pytest.approx(
        (found.statistic, found.pvalue), rel=1e-3
    )
    pair = next(
        row
        for row in about["pairs"]
        if (row["index"], row["first"], row["second"]) == (TST, "control", "treated")
    )
    found = scipy.stats.mannwhitneyu(groups["control"], groups["treated"])
    assert (pair["statistic"], pair["p"]) == pytest.approx(
        (found.statistic, found.pvalue), rel=1e-3
    )
    assert pair["shown"] == "hedges_g"


def test_every_test_that_was_made_is_counted_and_corrected_with_the_others(
    summary: CohortSummary,
) -> None:
    about = cohort_as_dict(summary)
    rows = [*about["omnibus"], *about["pairs"]]
    made = [row for row in rows if row["p"] is not None]
    assert about["comparisons"]["tests_n"] == len(made) > 10
    corrected = scipy.stats.false_discovery_control  # a weaker correction is never larger
    p = [row["p"] for row in made]
    assert (np.array([row["p_holm"] for row in made]) >= corrected(p) - 1e-3).all()
    assert min(row["p_holm"] for row in made) == pytest.approx(len(made) * min(p), rel=1e-3)
    assert all((row["p"] is None) == (row["test_reason"] is not None) for row in rows)
    assert f"{len(made)} tests were made together" in page_text(summary)


def test_failures_that_differ_in_numbers_alone_are_told_once(summary: CohortSummary) -> None:
    (failure,) = cohort_as_dict(summary)["failures"]
    assert failure["nights_n"] == 2
    assert failure["examples"] == ["s02-2", "s05-2"]
    assert "found 12 bytes" in page_text(summary)


def test_failures_that_differ_in_the_name_of_the_night_alone_are_told_once(tmp_path: Path) -> None:
    nights = [
        Night(night_id=name, reason=f"{name}.edf: found no header, wanted one.") for name in "ae"
    ]
    (failure,) = cohort_as_dict(summary_of(tmp_path, nights))["failures"]
    assert (failure["nights_n"], failure["reason"]) == (2, "a.edf: found no header, wanted one.")


def test_a_value_far_outside_its_own_group_is_an_outlier(tmp_path: Path) -> None:
    """In one group 100 is far out; in the other, where all are near 100, it is not."""
    report = simulated_report()
    near = [with_values(report, {PLMS: 10.0 + k}) for k in range(12)]
    far = [with_values(report, {PLMS: 95.0 + k}) for k in range(12)]
    odd = with_values(report, {PLMS: 100.0})
    nights = [
        Night(night_id=f"{group}{k:02d}", extra={"group": group}, report=one)
        for group, reports in (("a", [*near, odd]), ("b", far))
        for k, one in enumerate(reports)
    ]
    about = cohort_as_dict(summary_of(tmp_path, nights))
    flagged = {
        one["night_id"]: row["value"]
        for one in about["to_check"]
        for row in one["outliers"]
        if row["index"] == PLMS
    }
    assert flagged == {"a12": 100.0}
    assert about["to_check"][0]["night_id"] == "a12"


def test_reliability_is_of_all_nights_and_of_each_group(summary: CohortSummary) -> None:
    rows = [row for row in cohort_as_dict(summary)["reliability"] if row["index"] == TST]
    assert [row["group"] for row in rows] == [None, *GROUPS]
    # both nights of a subject were made alike
    assert rows[0]["icc"] == pytest.approx(1.0)


# what it is not


def test_pages_say_that_nobody_is_diagnosed_that_nights_are_simulated_and_how_many_failed(
    summary: CohortSummary,
) -> None:
    for page in (page_text(summary), page_html(summary)):
        assert "no person is diagnosed" in page
        assert "not a medical device" in page
        assert "All nights are SIMULATED" in page
        assert "Nights without a result: 2 of 36" in page


def test_nights_of_several_settings_or_without_a_subject_are_warned_of(tmp_path: Path) -> None:
    report = simulated_report()
    other = replace(report, settings={**report.settings, "rules": {"name": "aasm3"}})
    nights = [Night(night_id="a", report=report), Night(night_id="b", report=other)]
    page = page_text(summary_of(tmp_path, nights))
    assert "analysed in 2 different ways" in page
    assert "Nights without a stated subject: 2" in page
    assert "aasm3" in page


def test_every_flag_and_state_has_its_words() -> None:
    assert len({flag_in_words(flag) for flag in FLAGS}) == len(FLAGS)
    assert len({STATE_NAMES[state] for state in STATES}) == len(STATES)


# pages tell what the JSON tells


class Cells(HTMLParser):
    """Every number with its place in the JSON, and every link."""

    def __init__(self) -> None:
        super().__init__()
        self.numbers: list[tuple[str, float, str]] = []
        self.links: list[str] = []
        self._open: tuple[str, float] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        about = dict(attrs)
        self._open = None
        if "data-key" in about:
            self._open = (str(about["data-key"]), float(str(about["data-value"])))
        if tag == "a" and about.get("class") != "skip":
            self.links.append(str(about["href"]))

    def handle_data(self, data: str) -> None:
        if self._open is not None:
            self.numbers.append((*self._open, data))
            self._open = None


def at(document: Any, key: str) -> Any:  # noqa: ANN401
    for step in key.split("."):
        document = document[int(step)] if isinstance(document, list) else document[step]
    return document


def test_every_number_of_the_page_is_the_one_of_the_json(summary: CohortSummary) -> None:
    cells = Cells()
    cells.feed(page_html(summary))
    document = json.loads(cohort_as_json(summary))
    assert len(cells.numbers) > 150
    for key, value, shown in cells.numbers:
        assert at(document, key) == pytest.approx(value, rel=1e-9), key
        first = re.match(r"[+<\u2212]?([\d,.]+)", shown)
        assert first is not None, shown
        printed = float(first[1].replace(",", ""))
        if not shown.startswith("<"):
            assert printed == pytest.approx(abs(value), abs=0.051), key


def test_links_lead_to_the_reports_of_the_nights_from_wherever_the_page_is(
    folder: Path, summary: CohortSummary, tmp_path: Path
) -> None:
    for target in (folder, tmp_path / "elsewhere"):
        write_summary(summary, folder, target)
        cells = Cells()
        cells.feed((target / "cohort.html").read_text(encoding="utf-8"))
        # others lead to sections of the page itself
        links = [link for link in cells.links if not link.startswith("#")]
        assert len(links) == 2 * 34  # in the table of all nights, and of those to check
        for link in links:
            assert (target / unquote(link)).parent.is_dir()
            assert link.endswith("/report.html")
            assert not re.match(r"\w+:|/", link)


def test_files_are_the_same_bytes_every_time_and_complete(folder: Path, tmp_path: Path) -> None:
    first, second = (
        {
            path.name: path.read_bytes()
            for path in write_summary(summarise_cohort(folder), folder, d)
        }
        for d in (tmp_path / "one", tmp_path / "two")
    )
    assert list(first)[-1] == "cohort.json"
    # the pages of both lead to the same nights from folders beside each other
    assert first == second


def test_the_tables_have_a_line_for_what_the_json_has(summary: CohortSummary) -> None:
    about = cohort_as_dict(summary)
    rows = {
        name: list(csv.DictReader(io.StringIO(table)))
        for name, table in cohort_csvs(summary).items()
    }
    assert len(rows["cohort.csv"]) == len(about["distributions"])
    compared = rows["cohort_comparisons.csv"]
    assert len(compared) == len(about["omnibus"]) + len(about["pairs"])
    assert len(rows["cohort_reliability.csv"]) == len(about["reliability"])
    checked = sum(len(one["flags"]) + len(one["outliers"]) for one in about["to_check"])
    assert len(rows["cohort_to_check.csv"]) == checked
    pair = about["pairs"][0]
    line = next(row for row in compared if row["first"])
    assert float(line["cliffs_delta"]) == pytest.approx(pair["cliffs_delta"]["value"])


# groups of all sizes


def test_without_a_group_column_nothing_is_compared_and_nothing_is_missing(tmp_path: Path) -> None:
    nights = [replace(night, extra={}) for night in three_groups(12)]
    found = summary_of(tmp_path, nights)
    about = cohort_as_dict(found)
    assert (about["by"], about["groups"], about["pairs"]) == (None, [], [])
    assert {row["group"] for row in about["distributions"]} == {None}
    assert "nothing is compared" in page_text(found)
    assert "Total sleep time" in page_html(found)


def test_one_group_is_compared_with_nothing(tmp_path: Path) -> None:
    nights = [replace(night, extra={"group": "all"}) for night in three_groups(12)]
    about = cohort_as_dict(summary_of(tmp_path, nights))
    assert (about["groups"], about["pairs"], about["omnibus"]) == (["all"], [], [])


def test_groups_of_one_have_values_and_reasons_in_place_of_tests(tmp_path: Path) -> None:
    nights = [
        Night(night_id=name, extra={"group": name}, report=varied(k, k))
        for k, name in enumerate("ab")
    ]
    found = summary_of(tmp_path, nights)
    about = cohort_as_dict(found)
    assert about["comparisons"]["tests_n"] == 0
    for row in about["pairs"]:
        assert row["test_reason"].startswith("a test needs 3 subjects")
        assert row["hedges_g"]["reason"].startswith("a spread needs 2")
        assert row["cliffs_delta"]["interval_reason"].startswith("an interval needs 5")
    assert "No test could be made" in page_text(found)


def test_thirty_groups_are_each_compared_with_all_others(tmp_path: Path) -> None:
    nights = [
        Night(
            night_id=f"n{k:03d}",
            subject=f"s{k}",
            extra={"site": f"site {k % 30:02d}"},
            report=varied(k, k % 3),
        )
        for k in range(120)
    ]
    found = summary_of(tmp_path, nights, by="site")
    about = cohort_as_dict(found)
    mine = [row for row in about["pairs"] if row["index"] == PLMS]
    assert len(mine) == 30
    assert {row["second"] for row in mine} == {None}
    assert all((row["first_n"], row["second_n"]) == (4, 116) for row in mine)
    page = page_html(found)
    assert "smallest p" in page
    assert "Smaller groups, in cohort.csv: 18" in page


def test_more_groups_than_anybody_compares_are_refused(tmp_path: Path) -> None:
    nights = [
        Night(night_id=f"n{k}", extra={"age": str(k)}, report=simulated_report()) for k in range(51)
    ]
    with pytest.raises(SettingsError, match="found 51 values of 'age', wanted at most 50"):
        summary_of(tmp_path, nights, by="age")


def test_subjects_in_several_groups_are_not_tested_as_if_they_were_different_people(
    tmp_path: Path,
) -> None:
    nights = [
        Night(
            night_id=f"s{k}-{dose}",
            subject=f"s{k}",
            extra={"group": dose},
            report=varied(k, d),
        )
        for k in range(6)
        for d, dose in enumerate(("placebo", "drug"))
    ]
    found = summary_of(tmp_path, nights)
    about = cohort_as_dict(found)
    assert about["comparisons"] == {"tests_n": 0, "correction": "holm", "shared_subjects_n": 6}
    for row in about["pairs"]:
        assert row["test_reason"].startswith("groups that share subjects (here 6)")
        assert row["cliffs_delta"]["interval_reason"] == row["test_reason"]
        assert row["cliffs_delta"]["value"] is not None
    assert "nights in several groups: 6" in page_text(found)


def test_a_cohort_of_which_every_night_failed_has_its_reasons_and_no_figures(
    tmp_path: Path,
) -> None:
    found = summary_of(tmp_path, [Night(night_id="a"), Night(night_id="b", state="set_aside")])
    page = page_text(found)
    assert "No night has a result" in page
    assert "found no header" in page
    about = cohort_as_dict(found)
    assert about["nights"]["set_aside_n"] == 1
    assert about["pairs"] == []
    assert page_html(found)
    assert cohort_csvs(found)["cohort.csv"].count("\n") > 1


def test_nights_without_a_group_are_left_out_of_groups_and_said(tmp_path: Path) -> None:
    nights = three_groups(12)
    nights[0] = replace(nights[0], extra={"group": " "})
    found = summary_of(tmp_path, nights)
    assert cohort_as_dict(found)["nights"]["without_group_n"] == 1
    assert "column 'group', which belong to no group: 1" in page_text(found)


def test_hostile_group_names_are_text_on_every_page_and_no_formula_in_a_table(
    tmp_path: Path,
) -> None:
    evil = ["<script>alert(1)</script>\"'", "=cmd|' /C calc'!A0", "{{ 7*7 }}{% x %}"]
    nights = [
        Night(
            night_id=f"n{k}",
            subject=f"+s{k}",
            extra={"group": evil[k % 3]},
            report=varied(k, k % 3),
        )
        for k in range(9)
    ]
    found = summary_of(tmp_path, nights)
    page = page_html(found)
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "{{ 7*7 }}" in page
    assert json.loads(cohort_as_json(found))["groups"] == sorted(evil, key=str.casefold)
    for table in cohort_csvs(found).values():
        for row in csv.reader(io.StringIO(table)):
            assert not any(cell.startswith("=") for cell in row)


# the command


def run(*arguments: str) -> Any:  # noqa: ANN401 - what click calls a result
    return CliRunner().invoke(app, ["cohort", *arguments])


def test_the_command_prints_the_page_and_writes_the_files(folder: Path, tmp_path: Path) -> None:
    done = run(str(folder), "--out", str(tmp_path / "x"))
    assert done.exit_code == 0
    assert "Leg movements" in done.stdout
    assert sorted(path.name for path in (tmp_path / "x").iterdir()) == [
        "cohort.csv",
        "cohort.html",
        "cohort.json",
        "cohort_comparisons.csv",
        "cohort_reliability.csv",
        "cohort_to_check.csv",
    ]


def test_the_command_prints_json_of_the_indices_that_were_asked_for(folder: Path) -> None:
    done = run(str(folder), "--json", "--by", "rules", "--index", PLMS)
    document: Mapping[str, Any] = json.loads(done.stdout)
    assert document["schema"] == "psgkit.cohort/1"
    assert (document["by"], document["groups"]) == ("rules", ["wasm2016"])
    assert {row["index"] for row in document["distributions"]} == {PLMS}


def test_the_command_prints_the_schema_without_a_folder() -> None:
    done = run("--schema")
    assert done.exit_code == 0
    assert "legs__plms_index" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (("--by", "sex"), SettingsError, r"--by: found 'sex', wanted a column .*\(group, number\)"),
        (("--by", PLMS), SettingsError, "--by: found 'legs__plms_index'"),
        (("--index", "plms"), SettingsError, "--index: found 'plms'"),
    ],
)
def test_what_is_not_there_is_refused_with_what_there_is(
    folder: Path, arguments: tuple[str, ...], error: type[Exception], message: str
) -> None:
    done = run(str(folder), *arguments)
    assert isinstance(done.exception, error)
    assert re.search(message, str(done.exception))


def test_folders_that_hold_no_cohort_are_refused(tmp_path: Path) -> None:
    for name, message in (("none", "no such folder"), ("", "no ledger")):
        done = run(str(tmp_path / name))
        assert isinstance(done.exception, InputFileError)
        assert message in str(done.exception)
    assert run().exit_code == 2


def test_tables_of_something_else_are_refused(folder: Path, tmp_path: Path) -> None:
    summarise_cohort(folder)
    for name in ("nights", "indices", "movements", "findings"):
        (tmp_path / f"{name}.parquet").write_bytes(b"PAR1 no table PAR1")
    with pytest.raises(InputFileError, match="no table"):
        summarise_cohort(tmp_path)
    movements = (folder / "movements.parquet").read_bytes()
    (tmp_path / "nights.parquet").write_bytes(movements)
    with pytest.raises(InputFileError, match="no column 'subject', wanted the nights of a cohort"):
        summarise_cohort(tmp_path)
