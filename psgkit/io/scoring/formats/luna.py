"""Read annotations of Luna (``.annot``): class, instance, channel, start, stop, meta, by tabs.

Shorter rows leave out the channel and the meta data, or the instance too.  A start is in seconds,
a clock time (``22:30:00``), elapsed (``0+00:30:00``), a date with time or an epoch (``e:12``); a
stop may be a length (``+30``) or go on to the next row (``...``).  ``.`` is an empty cell.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psgkit.errors import TableError
from psgkit.io.scoring.clocks import moments_of, written_time
from psgkit.io.scoring.marks import Mark, MarkList
from psgkit.io.scoring.stage_words import stage_among_events
from psgkit.io.text.read import lines_of
from psgkit.io.text.tables import quoted

FORMAT = "Luna annotations"
USUAL_EPOCH_S = 30.0
_SECONDS = re.compile(r"\d{1,9}(?:\.\d{1,9})?(?:[eE][+-]?\d)?")
_ELAPSED = re.compile(r"(\d{1,3})\+(\d{1,2}):(\d\d):(\d\d(?:\.\d{1,9})?)")
_EPOCH = re.compile(r"e:(?:(\d{1,4}):)?(\d{1,7})")
_LENGTH = re.compile(r"\+(\d{1,9}(?:\.\d{1,9})?)")
_HEADER = ("class", "instance", "channel", "start", "stop", "meta")
_LAYOUTS = {
    3: ("class", "start", "stop"),
    4: ("class", "instance", "start", "stop"),
    5: ("class", "instance", "channel", "start", "stop"),
    6: _HEADER,
}
_STAGE_CLASSES = (
    "stage",
    "stages",
    "sleepstage",
    "sleep_stage",
    "sleep stage",
    "susd",
    "hypnogram",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Row:
    """One line, by its parts."""

    spot: str
    cells: dict[str, str]


def is_luna(head: str) -> bool:
    """Return whether a text begins like annotations of Luna."""
    for line in lines_of(head):
        if not line.strip() or line.startswith("#"):
            continue
        cells = line.rstrip("\n").split("\t")
        if [cell.strip().lower() for cell in cells[:3]] == ["class", "instance", "channel"]:
            return True
        layout = _LAYOUTS.get(len(cells))
        if layout is None:
            return False
        row = dict(zip(layout, (cell.strip() for cell in cells), strict=True))
        is_time = _is_time(row["start"]) and (_is_time(row["stop"]) or _is_open(row["stop"]))
        return is_time and not _SECONDS.fullmatch(row["class"])
    return False


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
    clocks = {cell for row in rows for cell in (row.cells["start"], row.cells["stop"])}
    is_clock = any(written_time(_dated(cell)) for cell in clocks)
    starts, zero = (
        _starts_s(rows, start, where) if is_clock else (_plain_starts_s(rows, where), None)
    )
    marks = []
    for at, (row, onset_s) in enumerate(zip(rows, starts, strict=True)):
        following_s = starts[at + 1] if at + 1 < len(starts) else onset_s
        end_s = _end_s(row, onset_s, following_s, (zero, where))
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
    return MarkList(where=where, format=FORMAT, marks=tuple(marks), zero=zero)


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
            wanted = "class, instance, channel, start, stop and meta, parted by tabs"
            raise TableError(f"{where}, line {number}", f"{len(cells)} cells", wanted)
        named = dict(zip(layout, cells, strict=False))
        kept = {name: "" if cell == "." else cell for name, cell in named.items()}
        rows.append(_Row(spot=f"line {number}", cells=kept))
    return rows


def _is_time(cell: str) -> bool:
    return _elapsed_s(cell) is not None or written_time(_dated(cell)) is not None


def _is_open(cell: str) -> bool:
    return cell in ("", ".", "...") or _LENGTH.fullmatch(cell) is not None


def _dated(cell: str) -> str:
    """Return ``dd-mm-yy-hh:mm:ss`` with a blank before the clock time."""
    return re.sub(r"^(\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4})-", r"\1 ", cell)


def _elapsed_s(cell: str, *, stop: str = "") -> float | None:
    """Return the seconds from the start of the recording that a cell states; None if it does not.

    An epoch begins there; as a stop (``stop="stop"``) it ends there.
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
        return (int(epoch[2]) - (0 if stop else 1)) * length_s
    return None


def _plain_starts_s(rows: Sequence[_Row], where: str) -> list[float]:
    """Return the starts of rows that know no clock."""
    starts = []
    for row in rows:
        seconds = _elapsed_s(row.cells["start"])
        if seconds is None:
            raise _no_time(row, "start", where)
        starts.append(seconds)
    return starts


def _starts_s(
    rows: Sequence[_Row], start: datetime | None, where: str
) -> tuple[list[float], datetime | None]:
    """Return the starts of rows of which some are clock times, and what they are counted from."""
    times = [written_time(_dated(row.cells["start"])) for row in rows]
    clocks = [time for time in times if time is not None]
    moments, _ = moments_of(clocks, start, where)
    if len(clocks) < len(rows) and start is None:
        wanted = "one of them, or the recording that says when it starts"
        raise TableError(where, "clock times and elapsed times", wanted)
    zero = start if start is not None else min(moments, default=None)
    found, clock = [], iter(moments)
    for row, time in zip(rows, times, strict=True):
        if time is not None and zero is not None:
            found.append((next(clock) - zero).total_seconds())
            continue
        seconds = _elapsed_s(row.cells["start"])
        if seconds is None:
            raise _no_time(row, "start", where)
        found.append(seconds)
    return found, zero


def _end_s(row: _Row, onset_s: float, following_s: float, of: tuple[datetime | None, str]) -> float:
    """Return the end of a row that begins at ``onset_s``."""
    cell = row.cells["stop"]
    if not cell:
        return onset_s
    if cell == "...":
        return max(onset_s, following_s)
    length = _LENGTH.fullmatch(cell)
    if length:
        return onset_s + float(length[1])
    seconds = _elapsed_s(cell, stop="stop")
    if seconds is not None:
        return seconds
    time, (zero, where) = written_time(_dated(cell)), of
    if time is None or zero is None:
        raise _no_time(row, "stop", where)
    onset = written_time(_dated(row.cells["start"]))
    if time.numbers is None:
        began_s = onset.clock_s if onset is not None else onset_s
        return onset_s + (time.clock_s - began_s) % 86400.0
    (moment,), _ = moments_of([time], zero, where)
    return (moment - zero).total_seconds()


def _no_time(row: _Row, name: str, where: str) -> TableError:
    wanted = "seconds, 22:30:00, 0+00:30:00 or e:12"
    return TableError(f"{where}, {row.spot}, {name}", quoted(row.cells[name]), wanted)


def _said(cells: dict[str, str]) -> tuple[str, str | None]:
    """Return what a row says: its class, and its instance where the class says only "stage"."""
    said, instance = cells["class"], cells.get("instance", "")
    if said.lower() in _STAGE_CLASSES and instance:
        return instance, stage_among_events(instance)
    return said, stage_among_events(said)
