"""Philips Actiware export: a CSV of sections, in four languages, the epochs in the last of them.

Only that section is read.  The first sections hold the person; nothing of them is kept.
"""

from dataclasses import replace

from psgkit.core.days.day_recording import DayRecording
from psgkit.core.days.diary import Diary
from psgkit.core.finding import Finding
from psgkit.errors import TableError
from psgkit.io.actigraphy.columns import CountColumns, find_columns, numbers
from psgkit.io.actigraphy.counts_csv import columns_of_line, recording_of_table
from psgkit.io.channels.label_words import plain_words
from psgkit.io.text.read import lines_of
from psgkit.io.text.tables import Table, parse_table

FORMAT = "Actiware export"
FIRST_WORDS = ("Actiware", '"Actiware')
LINE_WORDS = ("line", "ligne", "zeile", "linea")
OFF_WORDS = ("off wrist status", "status nicht am handgelenk", "stato fuori polso")
"""Columns that are 1 while the device feels no wrist; that of French exports is not known."""

_MOVED = {"counts.gap", "counts.duplicate", "counts.order"}
"""Findings about tables whose rows are not one epoch after the other."""


def is_actiware(text: str) -> bool:
    """Return whether a text begins like an export of Actiware.

    Examples
    --------
    >>> is_actiware('"Actiware-Exportdatei (Version 05.00 )"')
    True
    """
    return text.lstrip("\ufeff \r\n\t").startswith(FIRST_WORDS)


def read_actiware(
    text: str, where: str, zone: str, *, day_first: bool | None = None
) -> DayRecording:
    """Return the epochs of an export.

    Parameters
    ----------
    text, where : str
        The file, and its name.
    zone : str
        Time zone, empty if it is not stated; the names of Windows in the file are no zones.
    day_first : bool, optional
        Order of ``03/04/2024``; left out, it is told from the rows.

    Raises
    ------
    TableError
        If there is no section of epochs, or a time or a count cannot be read.
    """
    lines = lines_of(text)
    at = next((row for row, line in enumerate(lines) if _is_header(line)), None)
    if at is None:
        wanted = "a section of epochs (Line, Date, Time, Activity)"
        raise TableError(where, "an Actiware export without one", wanted)
    # empty lines in place of the other sections keep the numbers of the lines
    table = parse_table("\n" * at + "\n".join(lines[at:]), where)
    columns = find_columns(table.header)
    days = recording_of_table(table, columns, zone, day_first=day_first)
    counts = tuple(replace(one, definition="Actiwatch counts (Actiware)") for one in days.counts)
    days = replace(days, counts=counts, device="Actiwatch")
    return _with_off_wrist(days, table)


def _is_header(line: str) -> bool:
    columns: CountColumns = columns_of_line(line)
    first = plain_words(line.strip().strip('"').split('"')[0].split(",")[0].split(";")[0])
    return first in LINE_WORDS and columns.has_times and columns.has_counts


def _with_off_wrist(days: DayRecording, table: Table) -> DayRecording:
    """Return the recording with the time that the device felt no wrist."""
    name = next((one for one in table.header if plain_words(one) in OFF_WORDS), None)
    if name is None or not days.counts:
        return days
    off = numbers(table, name) == 1
    counts = days.counts[0]
    # rows are epochs only as Actiware exports them, none missing, repeated or out of order
    if len(off) != len(counts) or _MOVED & {finding.code for finding in days.findings}:
        message = "the time off the wrist is not taken over: rows are missing, or repeat others"
        return days.with_findings(Finding("warning", "actiware.off_wrist", table.where, message))
    spans = counts.spans(off)
    if not len(spans):
        return days
    message = f"the device felt no wrist for {100 * float(off.mean()):.1f} % of the time"
    finding = Finding("info", "actiware.off_wrist", table.where, message)
    return replace(days, diary=Diary(not_worn_s=spans)).with_findings(finding)
