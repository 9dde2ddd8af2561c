"""Read a diary of symptoms: a table of ``time``, ``site``, ``severity`` (0-10) and ``words``.

``posture`` and ``moving_helped`` are columns that a diary may have.  A row that cannot be read is
left out, and an answer in these two columns that cannot be read stays open; a finding names the
lines.
"""

import os
import re
from collections.abc import Iterator, Mapping, Sequence

from psgkit.core.finding import Finding
from psgkit.core.message import translatable
from psgkit.core.regex import regex
from psgkit.core.symptom_diary import (
    MOST_SEVERE,
    MOVING_HELPED,
    SYMPTOM_POSTURES,
    SymptomDiary,
    SymptomEntry,
)
from psgkit.errors import TableError
from psgkit.io.actigraphy.times import as_datetime, is_instant, read_instants
from psgkit.io.text.read import file_name, read_text
from psgkit.io.text.tables import Table, parse_table

_TIMES = ("time", "date_time", "datetime", "when", "zeit")
_DATES, _CLOCKS = ("date", "day", "datum"), ("clock", "time", "zeit", "uhrzeit")
_SEVERITIES = ("severity", "score", "strength", "rating", "stärke")
_SITES_AT = ("site", "place", "where", "ort")
_WORDS_AT = ("words", "note", "text", "worte")
_POSTURES_AT = ("posture", "position", "lage", "haltung")
_HELPED_AT = ("moving_helped", "moving helped", "relief", "bewegung hilft", "bewegung_hilft")
_POSTURES = {
    **dict.fromkeys(("lying", "lying down", "in bed", "bed", "liegend", "im bett"), "lying"),
    **dict.fromkeys(("seated", "sitting", "sitzend"), "seated"),
    **dict.fromkeys(("standing", "stehend"), "standing"),
    **dict.fromkeys(("walking", "gehend"), "walking"),
}
_HELPED = {
    **dict.fromkeys(("yes", "y", "true", "1", "ja", "j"), "yes"),
    **dict.fromkeys(("partly", "p", "teilweise"), "partly"),
    **dict.fromkeys(("no", "n", "false", "0", "nein"), "no"),
}
_OPEN = frozenset({"", "-", "?", "n/a", "na"})
"""Cells that say that nothing was written."""
_SITES = {
    **dict.fromkeys(("legs", "leg", "left leg", "right leg", "both legs", "beine", "bein"), "legs"),
    **dict.fromkeys(("arms", "arm", "left arm", "right arm", "both arms", "arme"), "arms"),
    **dict.fromkeys(("back", "trunk", "rücken"), "back"),
    **dict.fromkeys(("other", "whole body", "body", "andere"), "other"),
}
_NUMBER = regex(r"\d{1,2}(?:[.,]\d{1,3})?", re.ASCII)
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

    Notes
    -----
    ``posture`` is lying, seated, standing or walking, ``moving_helped`` yes, partly or no; both
    columns, and each of their cells, may be left out.

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
    said = _cells(table, _WORDS_AT)
    postures, helped = _cells(table, _POSTURES_AT), _cells(table, _HELPED_AT)
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
            posture=_POSTURES.get(_plain(postures[row]), ""),
            moving_helped=_HELPED.get(_plain(helped[row]), ""),
        )
        for row, at in zip(kept, read.at, strict=True)
    ]
    diary = SymptomDiary(source=table.where, entries=tuple(sorted(entries, key=lambda one: one.at)))
    findings = [_left_out(table, why, rows) for why, rows in wrong.items() if any(rows)]
    findings += _left_open(table, kept, postures, (_POSTURES, "posture", SYMPTOM_POSTURES))
    findings += _left_open(table, kept, helped, (_HELPED, "moving_helped", MOVING_HELPED))
    message = translatable(
        f"{len(entries)} of {len(table)} rows read, times as the clock of the person"
    )
    if read.offset_s is not None:
        message += f"; {translatable('zones written behind them do not change the hour')}"
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
    return value if value <= MOST_SEVERE else None


def _cells(table: Table, names: tuple[str, ...]) -> Sequence[str]:
    """Return the cells of a column that may be missing."""
    column = table.first_of(names)
    return table.text(column) if column else ("",) * len(table)


def _plain(cell: str) -> str:
    return " ".join(cell.casefold().replace("_", " ").split())


def _left_out(table: Table, why: str, rows: list[bool]) -> Finding:
    lines = [table.lines[row] for row, wrong in enumerate(rows) if wrong]
    message = translatable(
        f"{len(lines)} of {len(table)} rows left out: {why} (line {_named(lines)})"
    )
    return Finding("warning", "symptoms.row", table.where, message)


def _left_open(
    table: Table,
    kept: Sequence[int],
    cells: Sequence[str],
    about: tuple[Mapping[str, str], str, tuple[str, ...]],
) -> Iterator[Finding]:
    """Yield a finding on cells of a column that are no known word: their rows are kept."""
    known, column, wanted = about
    rows = [row for row in kept if (cell := _plain(cells[row])) not in known and cell not in _OPEN]
    if rows:
        lines = [table.lines[row] for row in rows]
        message = translatable(
            f"{column} left open in {len(rows)} of {len(table)} rows, which are kept: "
            f"{cells[rows[0]]!r} is none of {', '.join(wanted)} (line {_named(lines)})"
        )
        yield Finding("warning", "symptoms.cell", table.where, message)


def _named(lines: Sequence[int]) -> str:
    return ", ".join(map(str, lines[:_MOST_LINES])) + (", ..." * (len(lines) > _MOST_LINES))
