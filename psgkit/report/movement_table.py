"""All movements of a night as a table of the page, the exact values beside the words."""

from dataclasses import dataclass
from typing import Any

from psgkit.core.night_report import NightReport
from psgkit.report.as_json import movement_rows
from psgkit.report.number_format import NO_VALUE, clock, digits, with_unit
from psgkit.report.texts import text
from psgkit.report.words import STAGE_NAMES, listed, site_in_words

_FIELDS = (
    ("site", ""),
    ("stage", ""),
    ("kind", ""),
    ("tied_to", ""),
    ("at", ""),
    ("onset", "onset_s"),
    ("duration", "duration_s"),
    ("interval", "imi_s"),
    ("series", "series"),
    ("series_nr", "series_nr"),
    ("amplitude", "amplitude"),
)
"""Columns of the table of movements, and which numbers of the JSON they are."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MovementTable:
    """The movements: name and JSON field of each column, and each cell with the exact value."""

    head: tuple[tuple[str, str], ...]
    rows: tuple[tuple[tuple[str, Any], ...], ...]


def movement_table(report: NightReport) -> MovementTable:
    """Return one line a movement."""
    return MovementTable(
        head=tuple((text(f"movements.{name}"), field) for name, field in _FIELDS),
        rows=tuple(_movement_line(row, report) for row in movement_rows(report)),
    )


def _movement_line(row: dict[str, Any], report: NightReport) -> tuple[tuple[str, Any], ...]:
    """Return one movement in words, with the exact values that the words round."""
    # what an accelerometer shows is never called PLM
    periodic = "periodic" if row["modality"] == "accelerometer" else "plm"
    kind = periodic if row["plm"] else "candidate" if row["candidate"] else "movement"
    tied = [text(f"movements.{name}") for name in ("arousal", "respiratory") if row[name]]
    return (
        (site_in_words(row["site"] or ""), None),
        (STAGE_NAMES.get(row["stage"], row["stage"]), None),
        (text(f"movements.kind_{kind}"), None),
        (listed(tied), None),
        (clock(report.start, row["onset_s"]), None),
        (digits(row["onset_s"], 2), row["onset_s"]),
        (digits(row["duration_s"], 2), row["duration_s"]),
        (NO_VALUE if row["imi_s"] is None else digits(row["imi_s"], 1), row["imi_s"]),
        (str(row["series"] or NO_VALUE), row["series"]),
        (str(row["series_nr"] or NO_VALUE), row["series_nr"]),
        (_amplitude(row), row["amplitude"]),
    )


def _amplitude(row: dict[str, Any]) -> str:
    """Return how strong a movement was, with its unit; acceleration in thousandths of g."""
    value, unit = row["amplitude"], row["amplitude_unit"]
    if value is None:
        return NO_VALUE
    if unit == "g":
        return with_unit(digits(1000 * value, 0), "mg")
    return with_unit(digits(value, 1), unit or "")
