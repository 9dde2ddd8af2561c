"""Read the event export of RemLogic (Embla): a head, then a table separated by tabs.

The header of the table varies: with or without ``Sleep Stage`` and ``Position`` first, with or
without ``Location``, in several languages.  Times are ISO times, or clock times with the day in
``Recording Date``.
"""

import re
from datetime import datetime, timedelta

from psgkit.core.finding import Finding
from psgkit.core.regex import regex
from psgkit.errors import TableError
from psgkit.io.scoring.clocks import WrittenTime, moments_of, times_of, written_time
from psgkit.io.scoring.formats.column_words import column_called
from psgkit.io.scoring.formats.embla_codes import stage_of_code
from psgkit.io.scoring.marks import Mark, MarkList
from psgkit.io.text.read import lines_of
from psgkit.io.text.tables import quoted

_TIME = r"\[[ \t]*hh:mm:ss(\.x+)?[ \t]*\]"
HEAD = regex(
    rf"\A\s*remlogic event export|^(?=[^\n]*\t)[^\n]*{_TIME}", re.IGNORECASE | re.MULTILINE
)
_TIME_CELL = regex(_TIME, re.I)
_DATE_LINE = regex(r"(recording date|date d.enregistrement|aufnahmedatum) *:?\s+(\S+)", re.I)
_DURATION = regex(r"\d{1,9}(?:[.,]\d{1,9})?")


def remlogic_marks(text: str, where: str, start: datetime | None) -> MarkList:
    r"""Return the marks of an event export.

    Examples
    --------
    >>> table = "Time [hh:mm:ss]\tEvent\tDuration[s]\n23:59:30\tSLEEP-S2\t30\n"
    >>> remlogic_marks("RemLogic Event Export\n\n" + table, "night.txt", None).marks[0].stage
    'N2'

    Raises
    ------
    TableError
        If there is no table, or a time, a duration or a stage in it is none.
    """
    lines = lines_of(text)
    head_at = next(
        (at for at, line in enumerate(lines) if "\t" in line and _is_head(line.split("\t"))), None
    )
    if head_at is None:
        wanted = "a line 'Time [hh:mm:ss]', 'Event', 'Duration[s]' separated by tabs"
        raise TableError(where, "no head of a table", wanted)
    header = lines[head_at].split("\t")
    rows = [
        (f"line {number}", [cell.strip() for cell in line.split("\t")])
        for number, line in enumerate(lines[head_at + 1 :], start=head_at + 2)
        if line.strip()
    ]
    if not rows:
        return MarkList()
    cells = _Cells(header, where)
    spots = [spot for spot, _ in rows]
    times = times_of([cells.of("onset", row, spot) for spot, row in rows], spots, where)
    day, about_day = _recording_day(lines[:head_at], times, start, where)
    moments, about_dates = moments_of(times, day, where)
    zero = min(moments)
    marks = tuple(
        _mark(cells, row, spot, (moment - zero).total_seconds())
        for (spot, row), moment in zip(rows, moments, strict=True)
    )
    findings = (*about_day, *about_dates)
    return MarkList(marks=marks, zero=zero, findings=findings)


class _Cells:
    """Numbers of the columns of one file."""

    def __init__(self, header: list[str], where: str) -> None:
        self.where = where
        self._at = {name: column_called(name, header) for name in ("event", "duration", "place")}
        self._at["onset"] = next(at for at, cell in enumerate(header) if _is_time(cell))

    def of(self, name: str, row: list[str], spot: str) -> str:
        """Return the cell of a row; an optional one may be missing."""
        at = self._at[name]
        if at is not None and at < len(row):
            return row[at]
        if name in ("onset", "event"):
            found = f"{len(row)} cells"
            raise TableError(f"{self.where}, {spot}", found, f"a cell for the {name}")
        return ""


def _is_time(cell: str) -> bool:
    return _TIME_CELL.search(cell) is not None


def _is_head(cells: list[str]) -> bool:
    """Return whether cells are the head of the table: a time and an event."""
    return any(map(_is_time, cells)) and column_called("event", cells) is not None


def _mark(cells: _Cells, row: list[str], spot: str, onset_s: float) -> Mark:
    said = cells.of("event", row, spot)
    lasting = cells.of("duration", row, spot)
    if lasting and not _DURATION.fullmatch(lasting):
        wanted = "a duration in seconds"
        raise TableError(f"{cells.where}, {spot}", quoted(lasting), wanted)
    return Mark(
        onset_s=onset_s,
        duration_s=float(lasting.replace(",", ".")) if lasting else 0.0,
        text=said,
        place=cells.of("place", row, spot),
        spot=spot,
        stage=stage_of_code(said),
    )


def _recording_day(
    head: list[str], times: list[WrittenTime], start: datetime | None, where: str
) -> tuple[datetime | None, tuple[Finding, ...]]:
    """Return a time near the first one: the start, else the evening of the recording date.

    The recording date is the day of its begin; the first mark may be after midnight.
    """
    if times[0].numbers is not None:
        return start, ()
    found = next((match[2] for line in head if (match := _DATE_LINE.match(line.strip()))), None)
    date = written_time(f"{found} 00:00:00") if found else None
    if date is None:
        return start, ()
    (day,), about_date = moments_of([date], start, where)
    if start is None:
        # the evening: times from noon to noon belong to this night
        return day + timedelta(days=1), ()
    if abs(start - day) < timedelta(days=2):
        return start, ()
    return day + timedelta(days=1), about_date
