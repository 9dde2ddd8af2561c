"""Night report as CSV: one row for each movement, one row for each index.

Conventions: comma, quotes where needed, one header line, newline ends; a missing value is an empty
cell; flags are ``true`` and ``false``; channels of one movement are joined by ``+``; numbers are
those of the JSON report.  A text cell that a spreadsheet would take for a formula begins with a
quote.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from psgkit.core.index import Index
from psgkit.core.index_catalogue import in_order
from psgkit.core.night_report import NightReport
from psgkit.core.stage_estimate import PROBABILITY_COLUMNS, StageEstimate
from psgkit.document.outside_text import csv_cell
from psgkit.document.rows import (
    MOVEMENT_COLUMNS,
    epoch_rows,
    movement_rows,
    posture_rows,
    rhythm_rows,
    turn_rows,
)
from psgkit.document.values import tidy, tidy_column
from psgkit.document.write import INDEX_FIELDS, index_row
from psgkit.indices.night_course import cumulative_columns, hazard_columns, minute_columns

INDEX_COLUMNS = ("group", "name", *INDEX_FIELDS, "by", "level")


def movements_csv(report: NightReport) -> str:
    """Return one line for each movement."""
    return as_csv(MOVEMENT_COLUMNS, movement_rows(report.movements))


def indices_csv(report: NightReport) -> str:
    """Return one line for each index; ``by`` and ``level`` are empty for the whole night."""
    return as_csv(INDEX_COLUMNS, index_lines(report))


def sensor_csvs(report: NightReport) -> dict[str, str]:
    """Return the tables of postures, turns and rhythmic trains that have rows, by file name."""
    tables = {
        "postures.csv": posture_rows(report.postures),
        "turns.csv": turn_rows(report.turns),
        "rhythms.csv": rhythm_rows(report.rhythms),
    }
    return {name: as_csv(list(rows[0]), rows) for name, rows in tables.items() if rows}


def course_csvs(report: NightReport) -> dict[str, str]:
    """Return the tables of leg movements in time, by file name; none without any movement."""
    if not len(report.movements):
        return {}
    tables = {
        "arousal_hazard.csv": hazard_columns(report),
        "cumulative_plm.csv": cumulative_columns(report),
        "minutes.csv": minute_columns(report),
    }
    return {
        name: as_csv(tuple(columns), _tidy_rows(columns))
        for name, columns in tables.items()
        if any(columns.values())
    }


def _tidy_rows(columns: Mapping[str, list[Any]]) -> Iterator[dict[str, Any]]:
    for row in zip(*columns.values(), strict=True):
        tidied = (tidy(value) if isinstance(value, float) else value for value in row)
        yield dict(zip(columns, tidied, strict=True))


def stages_csv(estimate: StageEstimate, min_probability: float) -> str:
    """Return one line for each epoch of estimated stages, with probabilities.

    ``review`` marks epochs whose most probable stage is less probable than ``min_probability``;
    ``scorer`` is that of each epoch, as a review may have changed some of them.
    """
    tidied = (tidy_column(column) for column in estimate.probability.T)
    columns = dict(zip(PROBABILITY_COLUMNS, tidied, strict=True))
    confidence = tidy_column(estimate.confidence())
    unsure = estimate.unsure(min_probability).tolist()
    scorers = {False: estimate.hypnogram.stages_from, True: "changed by a reviewer"}
    changed = estimate.changed()
    rows = [
        {
            **row,
            "probability": confidence[n],
            **{name: column[n] for name, column in columns.items()},
            "review": unsure[n] and not changed[n],
            "scorer": scorers[changed[n]],
        }
        for n, row in enumerate(epoch_rows(estimate.hypnogram)[: len(confidence)])
    ]
    first = ("onset_s", "duration_s", "stage", "probability")
    return as_csv((*first, *PROBABILITY_COLUMNS, "review", "scorer"), rows)


def index_lines(report: NightReport) -> Iterator[dict[str, Any]]:
    """Return the indices of the whole night, then those of its parts."""
    for group, indices in report.indices.items():
        yield from _lines_of(indices, {"group": group, "by": None, "level": None})
    for row in report.breakdown:
        yield from _lines_of(row.indices, {"group": row.group, "by": row.by, "level": row.level})


def _lines_of(indices: Mapping[str, Index], place: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Return one line for each of ``indices``."""
    for name in in_order(indices):
        yield {**place, "name": name, **index_row(indices[name])}


def as_csv(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """Return the rows as CSV text."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(row[column]) for column in columns] for row in rows)
    return text.getvalue()


def _cell(value: Any) -> Any:  # noqa: ANN401
    """Return one value as a CSV cell; labels of several channels are joined."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        value = "+".join(value)
    return csv_cell(value) if isinstance(value, str) else value
