"""``psgkit schema``: what psgkit writes fits the schema it prints."""

import json
from pathlib import Path

import jsonschema
import pytest
from typer.testing import CliRunner

from psgkit.cli.app import app
from psgkit.cohort.tables.schema import TABLES
from psgkit.days.walk import days_of_file
from psgkit.io.actigraphy.read import DayOptions
from psgkit.report.days.document import days_as_json

SAMPLES = Path(__file__).resolve().parents[2] / "sample_data"


def printed(what: str) -> dict:
    done = CliRunner().invoke(app, ["schema", what])
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    jsonschema.Draft202012Validator.check_schema(found)
    return found


def test_the_reports_of_the_worked_case_fit_the_schema_of_a_night() -> None:
    schema = printed("night")
    assert schema["title"] == "psgkit.night/1"
    for path in sorted((SAMPLES / "case").glob("night-*.json")):
        jsonschema.validate(json.loads(path.read_text(encoding="utf-8")), schema)
    broken = json.loads(path.read_text(encoding="utf-8"))
    broken["movements"][0]["site"] = "tail"
    with pytest.raises(jsonschema.ValidationError, match="'tail' is not one of"):
        jsonschema.validate(broken, schema)


def test_a_report_of_days_fits_the_schema_of_days_and_has_every_key() -> None:
    schema = printed("days")
    report = days_of_file(SAMPLES / "days" / "counts.csv", DayOptions(zone="Europe/Berlin"))
    found = json.loads(days_as_json(report))
    jsonschema.validate(found, schema)
    assert list(schema["properties"]) == list(found)


def test_the_schema_of_a_cohort_has_every_table_and_says_what_columns_are() -> None:
    tables = printed("cohort")["properties"]
    assert tuple(tables) == TABLES
    column = tables["nights"]["items"]["properties"]["legs__plms_index"]
    assert column["type"] == ["number", "null"]
    assert column["unit"] == "1/h"
    assert "PLMS" in column["description"]
    assert tables["movements"]["items"]["properties"]["night_id"]["type"] == "string"


def test_another_word_is_refused_with_the_three_there_are() -> None:
    done = CliRunner().invoke(app, ["schema", "week"])
    assert str(done.exception) == "schema: found 'week', wanted night, days or cohort."
