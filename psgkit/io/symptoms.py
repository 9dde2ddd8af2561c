"""Read a diary of symptoms: a table of ``time``, ``site``, ``severity`` (0-10) and ``words``.

A row that cannot be read is left out, and a finding names its line.
"""

import os
import re

from psgkit.core.finding import Finding
from psgkit.core.symptom_diary import SymptomDiary, SymptomEntry
from psgkit.errors import TableError
from psgkit.io.actigraphy.times import as_datetime, is_instant, read_instants
from psgkit.io.text.read import file_name, read_text
from psgkit.io.text.tables import Table, parse_table

_TIMES = ("time", "date_time", "datetime", "when", "zeit")
_DATES, _CLOCKS = ("date", "day", "datum"), ("clock", "time", "zeit", "uhrzeit")
_SEVERITIES = ("severity", "score", "strength", "rating", "stärke")
_SITES_AT = ("site", "place", "where", "ort")
_WORDS_AT = ("words", "note", "text", "worte")
_SITES = {
    **dict.fromkeys(("legs", "leg", "left leg", "right leg", "both legs", "beine", "bein"), "legs"),
    **dict.fromkeys(("arms", "arm", "left arm", "right arm", "both arms", "arme"), "arms"),
    **dict.fromkeys(("back", "trunk", "rücken"), "back"),
    **dict.fromkeys(("other", "whole body", "body", "andere"), "other"),
}
_NUMBER = re.compile(r"\d{1,2}(?:[.,]\d{1,3})?", re.ASCII)
_MOST = 10.0
_EXAMPLE = "time,site,severity,words\n2024-01-08 22:15,legs,6,crawling"
_MOST_LINES = 5


def read_symptoms(
    path: str | os.PathLike[str], *, day_first: bool | None = None
) -> tuple[SymptomDiary, tuple[Finding, ...]]:
    r"""Return the diary in a table, and findings about it.

    Parameters
    ----------
    path : path
    day_first : bool, optional
        Order of day and month where the dates do not say it.

    Raises
    ------
    TableError
        If a column is missing, or no row at all can be read.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "diary.csv"
    >>> _ = file.write_text("time;site;severity\n31.01.2024 22:15;legs;6,5\n")
    >>> diary, findings = read_symptoms(file)
    >>> [(one.site, one.severity, one.at.hour) for one in diary.entries]
    [('legs', 6.5, 22)]
    """
    table = parse_table(read_text(path), file_name(path))
    times = _times(table)
    sites = [cell.casefold().replace("_", " ") for cell in table.text(table.one_of(_SITES_AT))]
    severities = [_severity(cell) for cell in table.text(table.one_of(_SEVERITIES))]
    column = table.first_of(_WORDS_AT)
    said = table.text(column) if column else ("",) * len(table)
    wrong = {
        "time is no date with a clock time": [not is_instant(cell) for cell in times],
        "site is none of legs, arms, back, other": [site not in _SITES for site in sites],
        "severity is no number from 0 to 10": [value is None for value in severities],
    }
    kept = [row for row in range(len(table)) if not any(rows[row] for rows in wrong.values())]
    if not kept:
        found = next((why for why, rows in wrong.items() if any(rows)), "no line below the header")
        raise TableError(table.where, f"no row can be read: {found}", "rows as here", _EXAMPLE)
    read = read_instants(
        [times[row] for row in kept],
        lambda row: f"{table.where}, line {table.lines[kept[row]]}",
        day_first=day_first,
    )
    entries = [
        SymptomEntry(
            at=as_datetime(at),
            site=_SITES[sites[row]],
            severity=severities[row] or 0.0,
            words=said[row],
        )
        for row, at in zip(kept, read.at, strict=True)
    ]
    diary = SymptomDiary(source=table.where, entries=tuple(sorted(entries, key=lambda one: one.at)))
    findings = [_left_out(table, why, rows) for why, rows in wrong.items() if any(rows)]
    message = f"{len(entries)} of {len(table)} rows read, times as the clock of the person"
    if read.offset_s is not None:
        message += "; zones written behind them do not change the hour"
    findings.append(Finding("info", "symptoms.read", table.where, message))
    return diary, tuple(findings)


def _times(table: Table) -> list[str]:
    """Return date and clock time of each row, of one column or of two."""
    date = table.first_of(_DATES)
    if date is None:
        return list(table.text(table.one_of(_TIMES)))
    clocks = table.text(table.one_of(_CLOCKS))
    return [f"{day} {clock}" for day, clock in zip(table.text(date), clocks, strict=True)]


def _severity(cell: str) -> float | None:
    """Return a severity, with a decimal point or comma; None if it is none."""
    if not _NUMBER.fullmatch(cell):
        return None
    value = float(cell.replace(",", "."))
    return value if value <= _MOST else None


def _left_out(table: Table, why: str, rows: list[bool]) -> Finding:
    lines = [table.lines[row] for row, wrong in enumerate(rows) if wrong]
    named = ", ".join(map(str, lines[:_MOST_LINES])) + (", ..." * (len(lines) > _MOST_LINES))
    message = f"{len(lines)} of {len(table)} rows left out: {why} (line {named})"
    return Finding("warning", "symptoms.row", table.where, message)
