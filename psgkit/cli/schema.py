"""``psgkit schema``: JSON Schema of what psgkit writes."""

import json
import sys
from typing import Annotated, Any

import typer

from psgkit.errors import SettingsError

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_JSON_TYPES = {
    "text": "string",
    "float": "number",
    "int": "integer",
    "bool": "boolean",
    "time": "string",
}


def schema(
    what: Annotated[
        str, typer.Argument(metavar="WHAT", help="night, days or cohort (the tables of a batch).")
    ],
) -> None:
    """Print the JSON Schema of report.json, of days.json, or of the tables of a cohort.

    In the tables every column has its description and unit; one table is an array of rows.

    \b
    Examples:
      psgkit schema night > night.schema.json
      psgkit schema cohort
    """
    makers = {"night": _night, "days": _days, "cohort": _cohort}
    if what not in makers:
        raise SettingsError("schema", repr(what), "night, days or cohort")
    found = {"$schema": _DRAFT, **makers[what]()}
    sys.stdout.write(json.dumps(found, indent=2, ensure_ascii=False) + "\n")


def _night() -> dict[str, Any]:
    from psgkit.document.model import night_document

    return night_document().json_schema() | {"title": "psgkit.night/1"}


def _days() -> dict[str, Any]:
    from psgkit.document.days_model import days_document

    return days_document().json_schema() | {"title": "psgkit.days/1"}


def _cohort() -> dict[str, Any]:
    """Return the tables as arrays of rows, each column with its description and unit."""
    from psgkit.cohort.tables.schema import NIGHT_ID, SCHEMA, TABLES, Column, columns_of_table

    def property_of(column: Column) -> dict[str, Any]:
        kind = _JSON_TYPES[column.kind]
        return {
            "type": kind if column == NIGHT_ID else [kind, "null"],
            **({"format": "date-time"} if column.kind == "time" else {}),
            "description": column.about,
            **({"unit": column.unit} if column.unit else {}),
        }

    rows = {
        name: {
            "type": "object",
            "properties": {column.name: property_of(column) for column in columns},
            "required": [column.name for column in columns],
        }
        for name in TABLES
        for columns in [columns_of_table(name)]
    }
    return {
        "title": SCHEMA,
        "type": "object",
        "properties": {name: {"type": "array", "items": row} for name, row in rows.items()},
    }
