"""The CSV tables: columns, missing values, and cells a spreadsheet might run."""

import csv
import io

import pandas as pd
import pytest
from night_fixtures import (
    HOSTILE,
    NO_SLEEP,
    empty_night,
    hostile_night,
    night_without_stages,
    ordinary_night,
)

from psgkit.document.outside_text import csv_cell
from psgkit.document.rows import MOVEMENT_COLUMNS
from psgkit.report.csv_tables import INDEX_COLUMNS, indices_csv, movements_csv


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_movements_have_the_columns_and_numbers_of_the_json_report() -> None:
    rows = read(movements_csv(ordinary_night()))
    assert tuple(rows[0]) == MOVEMENT_COLUMNS
    assert len(rows) == 40
    assert (rows[1]["onset_s"], rows[1]["imi_s"], rows[1]["series"]) == ("620.0", "20.0", "1")
    assert (rows[4]["plm"], rows[4]["series"], rows[0]["imi_s"]) == ("false", "", "")
    assert rows[1]["amplitude"] == "31.415927"


def test_pandas_reads_flags_numbers_and_gaps_as_what_they_are() -> None:
    frame = pd.read_csv(io.StringIO(movements_csv(ordinary_night())))
    assert frame["plm"].sum() == 32
    assert frame["series"].isna().sum() == 8


def test_a_night_without_movements_has_a_header_only() -> None:
    assert movements_csv(empty_night()) == ",".join(MOVEMENT_COLUMNS) + "\n"
    assert indices_csv(empty_night()) == ",".join(INDEX_COLUMNS) + "\n"


def test_indices_of_the_night_come_first_and_then_those_of_its_parts() -> None:
    rows = read(indices_csv(ordinary_night()))
    night = [row for row in rows if not row["by"]]
    assert rows[: len(night)] == night
    (plms,) = [row for row in night if (row["group"], row["name"]) == ("legs", "plms_index")]
    assert (plms["value"], plms["unit"], plms["numerator"]) == ("22.80285", "1/h", "160")
    n3 = [row for row in rows if row["level"] == "N3" and row["name"] == "plms_index"]
    assert [(row["by"], row["value"], row["reason"]) for row in n3] == [("stage", "", "no N3")]


def test_a_missing_index_has_an_empty_value_and_its_reason() -> None:
    rows = read(indices_csv(night_without_stages()))
    (plms,) = [row for row in rows if (row["group"], row["name"]) == ("legs", "plms_index")]
    assert (plms["value"], plms["reason"]) == ("", NO_SLEEP)


def test_no_cell_of_a_hostile_night_starts_a_formula() -> None:
    night = hostile_night()
    for text in (movements_csv(night), indices_csv(night)):
        text.encode("utf-8")
        cells = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
        assert not [cell for cell in cells if cell[:1] in ("=", "+", "-", "@", "\t", "\r")]
    sites = [row["site"] for row in read(movements_csv(night))]
    assert sites == [csv_cell(text) for text in HOSTILE]


@pytest.mark.parametrize(
    "text", ["=1", "+1", "-1", "@x", "\tx", "\rx", "\nx", " =1", "\uff1d1", "=", "-"]
)
def test_a_cell_that_begins_like_a_formula_gets_a_quote(text: str) -> None:
    assert csv_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "LAT", "a=b", "left_leg", "1-2", "'x", "\u00b5V"])
def test_an_ordinary_cell_is_left_alone(text: str) -> None:
    assert csv_cell(text) == text


def test_negative_numbers_are_not_text() -> None:
    night = ordinary_night()
    rows = read(indices_csv(night))
    assert all(not row["value"].startswith("'") for row in rows)
