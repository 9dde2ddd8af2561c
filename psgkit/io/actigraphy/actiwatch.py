"""Actiwatch: the Philips Actiware export, and AWD files.

An export is a CSV of sections, in the language of the program, with the epochs in the last one.
Only that section is read; the first ones have personal data.

An AWD file has seven lines of head (name, date, time, code of the epoch, age, serial number, sex),
then one count a line, which may be followed by ``, light`` and by ``M`` where the button was
pressed.  The codes of the epoch are those that pyActigraphy reads its sample files with.
"""

import re
from array import array
from dataclasses import replace
from datetime import datetime
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.days.counts import Counts
from psgkit.core.days.day_clock import DayClock
from psgkit.core.days.day_recording import DayRecording, Track
from psgkit.core.days.diary import Diary
from psgkit.core.finding import Finding
from psgkit.core.regex import regex
from psgkit.errors import TableError
from psgkit.io.actigraphy.count_columns import CountColumns, columns_of_line, find_columns
from psgkit.io.actigraphy.counts_tables import (
    numbers,
    recording_of_table,
    whole_rows,
)
from psgkit.io.actigraphy.epochs import MOST_ROWS
from psgkit.io.actigraphy.row_times import MOST_UNREADABLE
from psgkit.io.actigraphy.times import as_datetime, read_clock, read_instants
from psgkit.io.actigraphy.zones import zone_findings, zone_in_lines
from psgkit.io.channels.label_words import plain_words
from psgkit.io.text.lines import TextLines
from psgkit.io.text.read import lines_of
from psgkit.io.text.tables import Table, quoted

EXPORT_FORMAT = "Actiware export"
WRIST_WORDS = ("wrist", "handgelenk", "polso", "poignet", "muneca", "pulso", "pols", "handled")
"""A column whose name has one of these words is 1 while the device feels no wrist."""

_MOVED = {"counts.gap", "counts.duplicate", "counts.order"}
"""Findings about tables whose rows are not one epoch after the other."""


def is_actiware(text: str) -> bool:
    r"""Return whether a text begins like an export of Actiware.

    Examples
    --------
    >>> is_actiware('"Actiware-Exportdatei (Version 05.00 )"')
    True
    >>> is_actiware('"Exportdatei Actiware (Version 05.00)"')
    True
    """
    first = text.lstrip("\ufeff \r\n\t")[:200].partition("\n")[0].casefold()
    return "actiware" in first and not columns_of_line(first).has_counts


def read_actiware(
    text: str | TextLines, where: str, zone: str, *, day_first: bool | None = None
) -> DayRecording:
    """Return the epochs of an export.

    Parameters
    ----------
    text, where : str or TextLines, str
        The file, and its name.
    zone : str
        Time zone, empty if not stated; Windows zone names in the file are not used.
    day_first : bool, optional
        Order of ``03/04/2024``; left out, the rows decide.

    Raises
    ------
    TableError
        If there is no section of epochs, or a time or a count cannot be read.
    """
    lines = TextLines.of(text)
    at = next((row for row, line in enumerate(lines) if _is_header(line)), None)
    if at is None:
        wanted = "a section of epochs (Line, Date, Time, Activity)"
        raise TableError(where, "an Actiware export without one", wanted)
    table, findings = whole_rows(lines, at, where)
    off = _off_wrist_column(table)
    columns = replace(find_columns(table.header), also=() if off is None else (off,))
    stated = zone_in_lines(lines.first(at))
    days = recording_of_table(table, columns, zone or stated, day_first=day_first)
    counts = tuple(replace(one, definition="Actiwatch counts (Actiware)") for one in days.counts)
    days = replace(days, counts=counts, device="Actiwatch")
    days = days.with_findings(*findings, *zone_findings(stated, zone, days.clock, where))
    return _with_off_wrist(days, table)


def _off_wrist_column(table: Table) -> str | None:
    said = set(WRIST_WORDS)
    return next((name for name in table.header if said & set(plain_words(name).split())), None)


def _is_header(line: str) -> bool:
    columns: CountColumns = columns_of_line(line)
    return columns.has_times and columns.has_counts


def _with_off_wrist(days: DayRecording, table: Table) -> DayRecording:
    """Return the recording with the time that the device was off the wrist."""
    name = _off_wrist_column(table)
    if name is None or not days.counts:
        return days
    unread: list[Finding] = []
    off = numbers(table, name, unread) == 1
    days = days.with_findings(*unread)
    counts = days.counts[0]
    # off-wrist cells belong to epochs only if no row is missing, repeated or out of order
    if len(off) != len(counts) or _MOVED & {finding.code for finding in days.findings}:
        message = "the time off the wrist is not taken over: rows are missing, or repeat others"
        return days.with_findings(Finding("warning", "actiware.off_wrist", table.where, message))
    spans = counts.spans(off)
    if not len(spans):
        return days
    message = f"off the wrist for {100 * float(off.mean()):.1f} % of the time (by its sensor)"
    finding = Finding("info", "actiware.off_wrist", table.where, message)
    return replace(days, diary=Diary(not_worn_s=spans)).with_findings(finding)


AWD_FORMAT = "Actiwatch AWD"
HEAD_LINES = 7
EPOCH_CODES_S = {
    "1": 15.0,
    "2": 30.0,
    "4": 60.0,
    "8": 120.0,
    "20": 300.0,
    "81": 2.0,
    "C1": 5.0,
    "C2": 10.0,
}
LIGHT_MODELS = ("D", "L", "P")
"""First letters of the serial numbers of Actiwatches with a light sensor."""

MOST_HEAD_BYTES = 2000
MOST_PRESSES = 100_000
"""psgkit's own choice; a person presses the button a few times a day."""
_DATE = regex(r"\d{1,4}[./-](?:\d{1,2}|[^\W\d_]{3,5}\.?)[./-]\d{1,4}")
_ROW = regex(
    r"(\d{1,9}(?:\.\d{1,6})?)(?:\s*[,;\t]\s*(-?\d{1,9}(?:[.,]\d*)?))?\s*[,;]?\s*(M)?", re.ASCII
)


def is_awd(text: str) -> bool:
    r"""Return whether a text begins like an AWD file.

    Examples
    --------
    >>> is_awd("a\n22-Feb-2011\n12:00\n 4 \n04\nV665936\nF\n1124\n")
    True
    """
    head = text[:MOST_HEAD_BYTES].lstrip("\ufeff")
    lines = [line.strip() for line in lines_of(head)[: HEAD_LINES + 1]]
    if len(lines) <= HEAD_LINES or not _DATE.fullmatch(lines[1]):
        return False
    return read_clock(lines[2]) is not None and _ROW.fullmatch(lines[HEAD_LINES]) is not None


def read_awd(
    text: str | TextLines,
    where: str,
    zone: str,
    epoch_s: float | None = None,
    *,
    day_first: bool | None = None,
) -> DayRecording:
    r"""Return the counts, markers and light of an AWD file.

    Light may have a decimal comma.  A line that is no count is missing, with a finding.

    Parameters
    ----------
    text, where : str or TextLines, str
        The file, and its name.
    zone : str
        Time zone, empty if it is not stated.
    epoch_s : float, optional
        Length of an epoch, for a file without a known code.
    day_first : bool, optional
        Order of ``03/04/2024``, which some programs write in place of ``03-Apr-2024``.

    Raises
    ------
    TableError
        If the code of the epoch is not known, or more than a tenth of the lines are no count; the
        message names the first.

    Examples
    --------
    >>> head = "secret\n22-Feb-2011\n12:00\n 4 \n04\nP665936\nF\n"
    >>> days = read_awd(head + "11 , 0.5\n0 , 2,0 M\n", "a.awd", "Europe/Berlin")
    >>> days.counts[0].counts.tolist(), days.markers_s.tolist(), days.tracks[0].values.tolist()
    ([11.0, 0.0], [60.0], [0.5, 2.0])
    """
    lines = TextLines.of(text)
    head = [line.strip() for line in lines.first(HEAD_LINES + 1)]
    start = _start(head, where, day_first)
    step_s = epoch_s or _epoch_s(head[3], where)
    rows = _awd_rows(lines, where)
    findings = _unread(rows, where)
    tracks: tuple[Track, ...] = ()
    n_light = len(rows.light) - int(np.isnan(rows.light).sum())
    if n_light and head[5][:1].upper() in LIGHT_MODELS:
        tracks = (Track(name="light", unit="lux", values=rows.light, epoch_s=step_s),)
    elif n_light:
        message = (
            f"{n_light} of {len(rows.counts)} lines have a second number, which is not used: the "
            "serial number is of a model without a light sensor"
        )
        findings = (*findings, Finding("warning", "awd.second_number", where, message))
    return DayRecording(
        source=where,
        clock=DayClock.of(start, zone),
        duration_s=len(rows.counts) * step_s,
        counts=(
            Counts(
                counts=rows.counts,
                epoch_s=step_s,
                definition="Actiwatch counts",
                label="activity",
            ),
        ),
        tracks=tracks,
        markers_s=step_s * rows.pressed.astype(np.float64),
        device="Actiwatch",
        findings=findings,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _AwdRows:
    """Counts and light of the lines of an AWD file, and what of them is no count."""

    counts: NDArray[np.float64]
    light: NDArray[np.float64]
    pressed: NDArray[np.int64]
    n_lost: int
    first_lost: tuple[int, str]


def _awd_rows(lines: TextLines, where: str) -> _AwdRows:
    """Return the lines after the head; empty ones at the end are none."""
    counts, light, pressed = array("d"), array("d"), array("q")
    n_lost = empty = 0
    first_lost = (0, "")
    for at, line in enumerate(map(str.strip, islice(lines, HEAD_LINES, None))):
        match = _ROW.fullmatch(line)
        value, lux, mark = match.groups() if match else (None, None, None)
        counts.append(float(value) if value else np.nan)
        light.append(float(lux.replace(",", ".")) if lux else np.nan)
        if mark is not None:
            pressed.append(at)
        if match is None:
            first_lost = first_lost if n_lost else (at, line)
            n_lost += 1
        empty = 0 if line else empty + 1
        if len(counts) - empty > MOST_ROWS:
            raise TableError(where, f"more than {MOST_ROWS} epochs", f"at most {MOST_ROWS}")
        if len(pressed) > MOST_PRESSES:
            found = f"the mark M in more than {MOST_PRESSES} lines"
            raise TableError(where, found, "M only where the button was pressed")
    n = len(counts) - empty
    if not n:
        raise TableError(where, "no count after the head", "a count a line")
    return _AwdRows(
        counts=np.frombuffer(counts)[:n],
        light=np.frombuffer(light)[:n],
        pressed=np.array(pressed, dtype=np.int64),
        n_lost=n_lost - empty,
        first_lost=first_lost,
    )


def _unread(rows: _AwdRows, where: str) -> tuple[Finding, ...]:
    """Return a finding about lines that are no count; raise if they are too many."""
    if not rows.n_lost:
        return ()
    first, found = rows.first_lost
    place = f"{where}, line {HEAD_LINES + first + 1}"
    n = len(rows.counts)
    if rows.n_lost > MOST_UNREADABLE * n:
        wanted = "a count, maybe with , light and M for the button"
        raise TableError(place, quoted(found), wanted)
    message = (
        f"{rows.n_lost} of {n} lines are no count, first {place}: {quoted(found)}; taken as missing"
    )
    return (Finding("warning", "counts.cell", where, message),)


def _start(lines: list[str], where: str, day_first: bool | None) -> datetime:  # noqa: FBT001
    time_of_day = read_clock(lines[2]) if len(lines) > HEAD_LINES else None
    if time_of_day is None:
        raise TableError(f"{where}, line 3", quoted(" ".join(lines[2:3])), "a time, as in 12:00")
    found = read_instants([lines[1]], lambda _: f"{where}, line 2", day_first=day_first)
    return as_datetime(found.at[0]) + time_of_day


def _epoch_s(code: str, where: str) -> float:
    found = EPOCH_CODES_S.get(code.upper())
    if found is None:
        wanted = f"a code of the epoch: {', '.join(EPOCH_CODES_S)}"
        raise TableError(
            f"{where}, line 4", quoted(code), wanted, "State the length of an epoch in seconds."
        )
    return found
