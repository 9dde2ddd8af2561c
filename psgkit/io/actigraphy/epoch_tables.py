"""Tables of epochs that other programs measured from acceleration: ENMO, and the angle of the arm.

GGIR writes ``timestamp, anglez, ENMO`` (part 2, in g) or ``timenum, ACC, ... , invalidepoch,
anglez`` (part 5, in mg).  The tool of the UK Biobank writes ``time, acc, ..., imputed``, and for
its public tables one header such as ``acceleration (mg) - START - END - sampleRate = 5 seconds`` in
place of a column of times, all in mg.  Epochs that are marked invalid or imputed are missing.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.days.day_recording import DayRecording
from psgkit.core.days.epoch_motion import EpochMotion
from psgkit.core.finding import Finding
from psgkit.core.regex import regex
from psgkit.errors import TableError
from psgkit.io.actigraphy.count_columns import CountColumns, find_columns, first_of
from psgkit.io.actigraphy.counts_tables import (
    epochs_of_table,
    numbers,
    unused_columns,
    whole_rows,
)
from psgkit.io.actigraphy.times import as_datetime, read_instants
from psgkit.io.actigraphy.zones import zone_findings, zone_in_lines
from psgkit.io.channels.label_words import plain_words
from psgkit.io.text.lines import Cells, TextLines
from psgkit.io.text.read import lines_of
from psgkit.io.text.tables import Table, delimiter_of

FORMAT = "a table of ENMO and arm angle"
MOST_PREAMBLE_LINES = 60
MG_PER_G = 1000.0
LARGEST_IN_G = 1.0
"""A 95th percentile of ENMO above it is in mg; psgkit's own choice."""

ENMO_WORDS: tuple[str, ...] = (
    *("enmo", "enmo mg", "enmo g", "acc", "acc mg", "enmotrunc", "enmo trunc", "acceleration mg"),
    *("acceleration milli g", "mean enmo", "enmo mean"),
)
IN_MG = ("acc", "enmotrunc", "enmo trunc")
ANGLE_WORDS = ("anglez", "angle z", "z angle", "angle z deg", "anglez deg", "zangle")
INVALID_WORDS = ("invalidepoch", "invalid epoch", "imputed", "nonwear", "non wear", "invalid")
_ONE_HEADER = regex(
    r"acceleration \((mg|milli-?g)\)\s+-\s+(.+?)\s+-\s+(.+?)\s+-\s+samplerate = ([\d.]+) seconds?",
    re.IGNORECASE,
)
_IDLE = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class MotionColumns:
    """Columns of a table of epochs; names are those of the header, None without one."""

    times: CountColumns
    enmo: str | None
    angle: str | None
    invalid: str | None

    @property
    def used(self) -> frozenset[str]:
        """Return the names of the columns that are read."""
        times = (self.times.time, self.times.date, self.times.clock)
        names = (*times, self.enmo, self.angle, self.invalid)
        return frozenset(name for name in names if name is not None)


def motion_columns(header: Sequence[str]) -> MotionColumns | None:
    """Return the columns of a table of epochs, None if it is no such table.

    Examples
    --------
    >>> found = motion_columns(("timestamp", "anglez", "enmo"))
    >>> found.times.time, found.angle, found.enmo
    ('timestamp', 'anglez', 'enmo')
    >>> motion_columns(("time", "counts")) is None
    True
    """
    words = {name: plain_words(name) for name in header}
    alone = next((name for name in header if _ONE_HEADER.search(name)), None)
    found = MotionColumns(
        times=find_columns(tuple(header)),
        enmo=alone or first_of(words, ENMO_WORDS),
        angle=first_of(words, ANGLE_WORDS),
        invalid=first_of(words, INVALID_WORDS),
    )
    measured = found.enmo is not None or found.angle is not None
    return found if measured and (found.times.has_times or alone is not None) else None


def motion_header_line(text: str) -> int | None:
    r"""Return the line, from 0, that names the columns of a table of epochs; None without one.

    Examples
    --------
    >>> motion_header_line("timestamp,anglez,ENMO\n2024-01-31T12:00:00+0100,3.5,0.02\n")
    0
    """
    for number, line in enumerate(lines_of(text[:65536])[:MOST_PREAMBLE_LINES]):
        delimiter = delimiter_of(line) or "\t"
        names = [cell.strip().strip('"').casefold() for cell in line.split(delimiter)]
        if motion_columns(names) is not None:
            return number
    return None


def read_epoch_table(
    text: str | TextLines, where: str, zone: str, *, day_first: bool | None = None
) -> DayRecording:
    r"""Return the epochs of a table of ENMO and arm angle.

    Parameters
    ----------
    text, where : str or TextLines, str
        The file, and its name.
    zone : str
        Time zone, empty if it is not stated.
    day_first : bool, optional
        Order of ``03/04/2024``; by default the rows decide.

    Raises
    ------
    TableError
        If a column is missing, or more than a tenth of the cells cannot be read.

    Examples
    --------
    >>> text = "timestamp,anglez,ENMO\n2024-01-31T12:00:00,3.5,0.02\n2024-01-31T12:00:05,4,0.5\n"
    >>> epochs = read_epoch_table(text, "epochs.csv", "Europe/Berlin").epochs
    >>> epochs.enmo_g.tolist(), epochs.z_angle_deg.tolist(), epochs.epoch_s
    ([0.02, 0.5], [3.5, 4.0], 5.0)
    """
    lines = TextLines.of(text)
    skipped = motion_header_line(lines.head)
    if skipped is None:
        raise TableError(where, "no header line", "columns of times and of ENMO or anglez")
    table, cut = whole_rows(lines, skipped, where)
    columns = motion_columns(table.header)
    if columns is None:
        raise TableError(where, "no such columns", "columns of times and of ENMO or anglez")
    findings = [*cut, *unused_columns(table, columns.used)]
    step_s = None
    if not columns.times.has_times:
        table, columns, step_s = _timed(table, columns)
    stated = zone_in_lines(lines.first(skipped))
    table, grid, found = epochs_of_table(
        table, columns.times, zone or stated, day_first=day_first, epoch_s=step_s
    )
    findings += [*found, *zone_findings(stated, zone, grid.clock, where)]
    nothing = np.full(len(table), np.nan)
    enmo_g = nothing if columns.enmo is None else _enmo_g(table, columns.enmo, findings)
    angle = nothing if columns.angle is None else numbers(table, columns.angle, findings, least=-91)
    invalid = np.zeros(len(table), dtype=bool)
    if columns.invalid is not None:
        invalid = numbers(table, columns.invalid, findings) > _IDLE
    if invalid.any():
        message = (
            f"{int(invalid.sum())} of {len(table)} epochs are marked by the column "
            f"{columns.invalid!r}; taken as missing"
        )
        findings.append(Finding("warning", "epochs.invalid", where, message))
    return DayRecording(
        source=where,
        clock=grid.clock,
        duration_s=grid.duration_s,
        epochs=EpochMotion(
            enmo_g=grid.filled(np.where(invalid, np.nan, enmo_g)),
            mad_g=np.full(grid.n_epochs, np.nan),
            z_angle_deg=grid.filled(np.where(invalid, np.nan, angle)),
            epoch_s=grid.epoch_s,
        ),
        findings=tuple(findings),
    )


def _enmo_g(table: Table, name: str, findings: list[Finding]) -> NDArray[np.float64]:
    """Return a column of ENMO in g; without a unit in its name the values decide, and it is said.

    Values below 0, which some programs leave, count as 0, as ENMO is defined.
    """
    values = np.maximum(numbers(table, name, findings, least=-MG_PER_G), 0.0)
    said = plain_words(name)
    if " mg" in f" {said}" or "milli" in said or said in IN_MG:
        return values / MG_PER_G
    if "g" in said.split():
        return values
    known = values[np.isfinite(values)]
    in_mg = bool(len(known)) and float(np.percentile(known, 95)) > LARGEST_IN_G
    message = (
        f"the column {name!r} has no unit; by its values it is taken in {'mg' if in_mg else 'g'}"
    )
    findings.append(Finding("info", "epochs.unit", table.where, message))
    return values / MG_PER_G if in_mg else values


def _timed(table: Table, columns: MotionColumns) -> tuple[Table, MotionColumns, float]:
    """Return a table of the UK Biobank with a column of times, and its epoch."""
    match = _ONE_HEADER.search(columns.enmo or "")
    if match is None:
        raise TableError(table.where, "rows without times", "a column of times")
    place = f"{table.where}, header line"
    start, end = (
        as_datetime(read_instants([text], lambda _: place).at[0]) for text in match.groups()[1:3]
    )
    step_s = float(match[4])
    stated_n = round((end - start).total_seconds() / step_s) + 1 if step_s > 0 else 0
    if stated_n != len(table):
        raise TableError(
            place,
            f"{start} to {end} every {step_s:g} s, which are {stated_n} epochs, over "
            f"{len(table)} rows",
            "a row for each epoch",
            "Rows are missing: export the table again, or add a column time.",
        )
    times = Cells((start + timedelta(seconds=step_s * n)).isoformat() for n in range(len(table)))
    name = "time of the row"
    timed = replace(table, header=(*table.header, name), columns=(*table.columns, times))
    return timed, replace(columns, times=CountColumns(time=name)), step_s
