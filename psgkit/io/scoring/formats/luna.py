"""Read annotations of Luna (``.annot``): class, instance, channel, start, stop, meta, by tabs.

Shorter rows lack channel and meta data, or also the instance.  A start is in seconds, a clock time
(``22:30:00``), elapsed (``0+00:30:00``), a date with time or an epoch (``e:12``); a stop may be a
length (``+30``) or extend to the next row (``...``).  ``.`` is an empty cell.
"""

import re
from collections.abc import Sequence
from datetime import datetime

from psgkit.core.dataclass import dataclass
from psgkit.core.regex import regex
from psgkit.errors import TableError
from psgkit.io.scoring.clocks import DAY_S, moments_of, written_time
from psgkit.io.scoring.marks import Mark, MarkList
from psgkit.io.scoring.words import stage_among_events
from psgkit.io.text.read import lines_of
from psgkit.io.text.tables import quoted

USUAL_EPOCH_S = 30.0
_SECONDS = regex(r"\d{1,9}(?:\.\d{1,9})?(?:[eE][+-]?\d)?")
_ELAPSED = regex(r"(\d{1,3})\+(\d{1,2}):(\d\d):(\d\d(?:\.\d{1,9})?)")
_EPOCH = regex(r"e:(?:(\d{1,4}):)?(\d{1,7})")
_LENGTH = regex(r"\+(\d{1,9}(?:\.\d{1,9})?)")
_CLOCK = (
    r"(?:\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}[-T, ]+)?"
    r"\d{1,2}[:.]\d\d(?:[:.]\d\d(?:[.,]\d{1,9})?)?(?: ?[ap]\.?m\.?)?"
)
_TIME = f"(?:{_SECONDS.pattern}|{_ELAPSED.pattern}|{_EPOCH.pattern}|{_CLOCK})"
_SPAN = rf" *{_TIME} *\t *(?:{_TIME}|{_LENGTH.pattern}|\.|\.\.\.)? *"
_CELL = r"[^\t\n]*\t"
HEAD = regex(
    r"\A(?>(?:[ \t]*|#.*)\n)*+(?: *class *\t *instance *\t *channel *(?:\t|$)"
    rf"|(?! *{_SECONDS.pattern} *\t){_CELL}(?:(?:{_CELL}){{0,2}}{_SPAN}"
    rf"|(?:{_CELL}){{2}}{_SPAN}\t[^\t\n]*)$)",
    re.IGNORECASE | re.MULTILINE,
)
"""After comments the header, or a row of three to six cells with a start and a stop."""
_LAYOUTS = {
    3: ("class", "start", "stop"),
    4: ("class", "instance", "start", "stop"),
    5: ("class", "instance", "channel", "start", "stop"),
    6: ("class", "instance", "channel", "start", "stop", "meta"),
}
_STAGE_CLASS = regex(r"(sleep[ _]?)?stage|stages|susd|hypnogram", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Row:
    """The cells of one line, by the names of their columns."""

    spot: str
    cells: dict[str, str]


def luna_marks(text: str, where: str, start: datetime | None) -> MarkList:
    r"""Return the marks of an annotation file.

    Examples
    --------
    >>> text = "N2\t.\t.\t0\t30\t.\nLM\t.\tLAT\t0+00:00:10\t+2\t.\n"
    >>> luna_marks(text, "n.annot", None).marks[1].onset_s
    10.0

    Raises
    ------
    TableError
        If a row has too few cells or a time is none.
    """
    rows = _rows(text, where)
    head, rows = _without_head(rows)
    stated = _stated_start(head.get("start_hms", ""), start)
    starts, zero = _starts_s(rows, stated if stated is not None else start, where)
    zero = stated if stated is not None else zero
    marks = []
    for at, (row, onset_s) in enumerate(zip(rows, starts, strict=True)):
        following_s = starts[at + 1] if at + 1 < len(starts) else onset_s
        end_s = _end_s(row, (onset_s, following_s), zero, where)
        if end_s < onset_s:
            found = f"a stop at {quoted(row.cells['stop'])} before its start"
            raise TableError(f"{where}, {row.spot}", found, "a stop after the start")
        said, stage = _said(row.cells)
        marks.append(
            Mark(
                onset_s=onset_s,
                duration_s=end_s - onset_s,
                text=said,
                place=row.cells.get("channel", ""),
                spot=row.spot,
                stage=stage,
            )
        )
    return MarkList(marks=tuple(marks), zero=zero, duration_s=_stated_duration_s(head))


_SPECIAL = frozenset(("start_hms", "duration_hms", "duration_sec", "epoch_sec"))
"""Classes of rows about the recording; the value is the instance."""


def _without_head(rows: Sequence[_Row]) -> tuple[dict[str, str], list[_Row]]:
    """Return what rows say about the recording, and the other rows."""
    head = {
        row.cells["class"].lower(): row.cells.get("instance", "")
        for row in rows
        if row.cells["class"].lower() in _SPECIAL
    }
    return head, [row for row in rows if row.cells["class"].lower() not in _SPECIAL]


def _stated_start(cell: str, start: datetime | None) -> datetime | None:
    """Return the start of the recording that a file states, on the day of ``start``."""
    time = written_time(_dated(cell)) if cell else None
    if time is None:
        return None
    (moment,), _ = moments_of([time], start, "")
    return moment


def _stated_duration_s(head: dict[str, str]) -> float | None:
    for name in ("duration_sec", "duration_hms"):
        cell = head.get(name, "")
        if _SECONDS.fullmatch(cell):
            return float(cell)
        time = written_time(cell) if cell else None
        if time is not None:
            return time.clock_s
    return None


def _rows(text: str, where: str) -> list[_Row]:
    """Return the lines that are no comments and no header."""
    rows = []
    for number, line in enumerate(lines_of(text), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        cells = [cell.strip() for cell in line.split("\t")]
        if cells[0].lower() == "class" and len(cells) > 1 and cells[1].lower() == "instance":
            continue
        layout = _LAYOUTS.get(min(len(cells), 6))
        if layout is None:
            wanted = "class, instance, channel, start, stop and meta, separated by tabs"
            raise TableError(f"{where}, line {number}", f"{len(cells)} cells", wanted)
        named = dict(zip(layout, cells, strict=False))
        kept = {name: "" if cell == "." else cell for name, cell in named.items()}
        rows.append(_Row(spot=f"line {number}", cells=kept))
    return rows


def _dated(cell: str) -> str:
    """Return ``dd-mm-yy-hh:mm:ss`` with a blank before the clock time."""
    return re.sub(r"^(\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4})-", r"\1 ", cell)


def _elapsed_s(cell: str, *, is_stop: bool = False) -> float | None:
    """Return the seconds from the start of the recording that a cell states; None if it does not.

    For an epoch it is the begin, or for a stop the end.
    """
    if _SECONDS.fullmatch(cell):
        return float(cell)
    elapsed = _ELAPSED.fullmatch(cell)
    if elapsed:
        days, hours, minutes, seconds = (float(part) for part in elapsed.groups())
        return ((days * 24 + hours) * 60 + minutes) * 60 + seconds
    epoch = _EPOCH.fullmatch(cell)
    if epoch:
        length_s = float(epoch[1]) if epoch[1] else USUAL_EPOCH_S
        return (int(epoch[2]) - (0 if is_stop else 1)) * length_s
    return None


def _starts_s(
    rows: Sequence[_Row], start: datetime | None, where: str
) -> tuple[list[float], datetime | None]:
    """Return the starts, and the clock time they count from if the file has clock times."""
    times = [written_time(_dated(row.cells["start"])) for row in rows]
    clocks = [time for time in times if time is not None]
    has_clock = clocks or any(written_time(_dated(row.cells["stop"])) for row in rows)
    if has_clock and len(clocks) < len(rows) and start is None:
        wanted = "one of them, or the recording that says when it starts"
        raise TableError(where, "clock times and elapsed times", wanted)
    moments, _ = moments_of(clocks, start, where)
    first = min(moments, default=None) if start is None else start
    zero = first if has_clock else None
    found, clock = [], iter(moments)
    for row, time in zip(rows, times, strict=True):
        seconds = _elapsed_s(row.cells["start"])
        if time is not None and zero is not None:
            seconds = (next(clock) - zero).total_seconds()
        if seconds is None:
            raise _no_time(row, "start", where)
        found.append(seconds)
    return found, zero


def _end_s(row: _Row, starts_s: tuple[float, float], zero: datetime | None, where: str) -> float:
    """Return the end of a row, from its start and that of the following row."""
    onset_s, following_s = starts_s
    cell = row.cells["stop"]
    if not cell:
        return onset_s
    if cell == "...":
        return max(onset_s, following_s)
    length = _LENGTH.fullmatch(cell)
    if length:
        return onset_s + float(length[1])
    seconds = _elapsed_s(cell, is_stop=True)
    if seconds is not None:
        return seconds
    time = written_time(_dated(cell))
    if time is None or zero is None:
        raise _no_time(row, "stop", where)
    onset = written_time(_dated(row.cells["start"]))
    if time.numbers is None:
        began_s = onset.clock_s if onset is not None else onset_s
        return onset_s + (time.clock_s - began_s) % DAY_S
    (moment,), _ = moments_of([time], zero, where)
    return (moment - zero).total_seconds()


def _no_time(row: _Row, name: str, where: str) -> TableError:
    wanted = "seconds, 22:30:00, 0+00:30:00 or e:12"
    return TableError(f"{where}, {row.spot}, {name}", quoted(row.cells[name]), wanted)


def _said(cells: dict[str, str]) -> tuple[str, str | None]:
    """Return the text of a row: its class, or its instance if the class is only "stage"."""
    said, instance = cells["class"], cells.get("instance", "")
    if _STAGE_CLASS.fullmatch(said) and instance:
        return instance, stage_among_events(instance)
    return said, stage_among_events(said)
