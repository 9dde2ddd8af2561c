"""Read the discomfort scores of an immobilisation test.

The table has a time and a score per line.  A time is seconds or h:mm:ss from the start of the
recording, a clock time, or, in a column ``minute`` as on paper forms, minutes from the start of the
test.
"""

import os
import re
from collections.abc import Callable
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from psgkit.core.bounds import SLACK_S
from psgkit.core.discomfort import Discomfort
from psgkit.core.finding import Finding
from psgkit.core.regex import regex
from psgkit.errors import TableError
from psgkit.io.text.read import file_name, read_text
from psgkit.io.text.tables import MAX_TIME_S, Table, parse_table

SCALES = {"sit": 100.0, "msit": 10.0}
"""Largest score: 100 mm of a line in the test of 60 minutes [unconfirmed], 10 in the multiple one
(Garcia-Borreguero et al. 2013, abstract)."""

_TIME_COLUMNS = ("time", "time_s", "onset_s", "onset", "clock", "elapsed")
_MINUTE_COLUMNS = ("minute", "minutes", "min")
_SCORE_COLUMNS = ("score", "discomfort", "vas", "rating")
_SITES = {
    **dict.fromkeys(("", "n/a", "all", "body", "whole_body", "whole body"), ""),
    **dict.fromkeys(("legs", "leg", "left_leg", "right_leg", "both_legs"), "legs"),
    **dict.fromkeys(("arms", "arm", "left_arm", "right_arm", "both_arms"), "arms"),
    **dict.fromkeys(("back", "trunk"), "trunk"),
}
_SCALE = regex(r"(?:0\s*(?:-|\u2013|to|\.\.)\s*)?(100|10)\s*(?:mm|points?)?")
_CLOCK = regex(r"(\d{1,3}):([0-5]\d)(?::([0-5]\d(?:[.,]\d+)?))?")
_NUMBER = regex(r"\d+([.,]\d*)?|[.,]\d+", re.ASCII)
_DAY_S = 86400.0
_LOWEST_SCALE = 10.0


def read_discomfort(
    path: str | os.PathLike[str],
    part: tuple[float, float],
    recording_start: datetime | None = None,
    scale_max: float = 100.0,
) -> tuple[Discomfort, tuple[Finding, ...]]:
    r"""Return the answers in a table, and findings about how they were read.

    Parameters
    ----------
    path : path
        Columns ``time`` (or ``minute`` of the test), ``score``, and optionally ``site`` (legs,
        arms, back) and ``scale`` (``0-100`` or ``0-10``).
    part : (float, float)
        Start and end of the test, seconds from the start of the recording.
    recording_start : datetime, optional
        Needed for clock times.
    scale_max : float
        Largest score where no column ``scale`` states it.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "vas.csv"
    >>> _ = file.write_text("time,score\n300,12\n0:10:00,40\n")
    >>> read_discomfort(file, (0.0, 3600.0))[0].time_s.tolist()
    [300.0, 600.0]

    Raises
    ------
    InputFileError
        If the file cannot be read.
    TableError
        If a column is missing, or a time, score, site or scale cannot be one.
    """
    table = parse_table(read_text(path), file_name(path))
    column = table.one_of((*_TIME_COLUMNS, *_MINUTE_COLUMNS))
    if column in _MINUTE_COLUMNS:
        time_s, reading = _minutes(table, column, part), "minutes since the start of the test"
        doubts: tuple[Finding, ...] = ()
    else:
        time_s, reading, doubts = _times(table, column, part, recording_start)
    limit, source = _scale(table, scale_max)
    found = Discomfort.of(time_s.tolist(), _scores(table, limit), _sites(table), limit)
    message = f"{len(found)} scores, times read as {reading}, scale 0-{limit:g} {source}"
    findings = [Finding("info", "discomfort.read", table.where, message)]
    if limit > _LOWEST_SCALE and len(found) and found.score.max() <= _LOWEST_SCALE:
        message = (
            f"no score is above {_LOWEST_SCALE:g} on a scale of 0-{limit:g}: if it was 0-10, say "
            "so in a column scale"
        )
        findings.append(Finding("warning", "discomfort.scale", table.where, message))
    return found, (*findings, *doubts)


def _minutes(table: Table, column: str, part: tuple[float, float]) -> NDArray[np.float64]:
    return np.asarray(part[0] + 60.0 * table.times_s(column), dtype=np.float64)


def _times(
    table: Table, column: str, part: tuple[float, float], start: datetime | None
) -> tuple[NDArray[np.float64], str, tuple[Finding, ...]]:
    """Return the times in seconds of the recording, how they were read, and doubts about it."""
    cells = table.text(column)
    typed = np.array([":" in cell for cell in cells], dtype=bool)
    written = np.array([_seconds(table, row, column) for row in range(len(cells))])
    if not typed.any():
        return written, "seconds of the recording", ()
    as_clock = _after(start, written) if start is not None else None
    readings: list[tuple[NDArray[np.float64], str]] = [(written, "h:mm:ss of the recording")]
    if as_clock is not None:
        readings.insert(0, (as_clock, "clock times"))
    wanted = {"clock": "clock times", "elapsed": "h:mm:ss of the recording"}.get(column)
    if wanted == "clock times" and as_clock is None:
        row = int(np.flatnonzero(typed)[0])
        raise table.fault(row, column, "seconds: the recording does not say when it starts")
    named = [one for one in readings if one[1] == wanted]
    # the reading with more times inside the test; clock times if both have the same number
    fits = [_n_inside(time_s[typed], part) for time_s, _ in named or readings]
    best, how = (named or readings)[int(np.argmax(fits))]
    doubts: tuple[Finding, ...] = ()
    if len(fits) > 1 and fits[0] == fits[1] > 0 and not np.allclose(best[typed], written[typed]):
        message = (
            f"times fit the test as clock times and as {readings[1][1]}: taken as {how}; call the "
            "column clock or elapsed"
        )
        doubts = (Finding("warning", "discomfort.times", table.where, message),)
    return np.where(typed, best, written), how, doubts


def _seconds(table: Table, row: int, column: str) -> float:
    """Return one time as a number of seconds, of the recording or of the day."""
    cell = table.text(column)[row]
    match = _CLOCK.fullmatch(cell)
    if match is not None:
        hours, minutes = int(match[1]), int(match[2])
        return 3600.0 * hours + 60.0 * minutes + float((match[3] or "0").replace(",", "."))
    wanted = "seconds (300), h:mm:ss (0:05:00) or a clock time (20:05)"
    value = _number(cell)
    if value is None or value > MAX_TIME_S:
        raise table.fault(row, column, wanted)
    return value


def _number(cell: str) -> float | None:
    """Return a cell as a number of 0 or more; None if it is none."""
    return float(cell.replace(",", ".")) if _NUMBER.fullmatch(cell) else None


def _after(start: datetime, of_day_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return, for each clock time, the first moment after ``start`` that shows it."""
    midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
    begun_s = (start - midnight).total_seconds()
    since_s = of_day_s - begun_s
    return np.asarray(np.where(since_s < -SLACK_S, since_s + _DAY_S, since_s))


def _n_inside(time_s: NDArray[np.float64], part: tuple[float, float]) -> int:
    return int(((time_s >= part[0] - SLACK_S) & (time_s <= part[1] + SLACK_S)).sum())


def _each(table: Table, column: str, check: Callable[[str], bool], wanted: str) -> tuple[str, ...]:
    """Return the cells of a column in lower case; raise ``TableError`` for one that is wrong."""
    cells = tuple(cell.lower() for cell in table.text(column))
    for row, cell in enumerate(cells):
        if not check(cell):
            raise table.fault(row, column, wanted)
    return cells


def _scale(table: Table, given: float) -> tuple[float, str]:
    """Return the largest score, and where it is stated."""
    if "scale" not in table.header or not len(table):
        return given, "(no column scale)"
    wanted = "0-100 or 0-10"
    cells = _each(table, "scale", lambda cell: _SCALE.fullmatch(cell) is not None, wanted)
    limits = [float(match[1]) for match in map(_SCALE.fullmatch, cells) if match is not None]
    for row, limit in enumerate(limits):
        if limit != limits[0]:
            raise table.fault(
                row, "scale", f"one scale in the file, as in its first row {cells[0]!r}"
            )
    return limits[0], "by its column scale"


def _scores(table: Table, limit: float) -> list[float]:
    column = table.one_of(_SCORE_COLUMNS)
    wanted = f"a score from 0 to {limit:g}"
    values = []
    for row, cell in enumerate(table.text(column)):
        value = _number(cell)
        if value is None or value > limit:
            raise table.fault(row, column, wanted)
        values.append(value)
    if not values:
        raise TableError(table.where, "no line below the header", "a score a line")
    return values


def _sites(table: Table) -> list[str]:
    if "site" not in table.header:
        return [""] * len(table)
    cells = _each(table, "site", lambda cell: cell in _SITES, "legs, arms, back or nothing")
    return [_SITES[cell] for cell in cells]
