"""Actiwatch AWD: seven lines of head, then one count a line.

Head: name, date, time, code of the epoch, age, serial number, sex.  A count may be followed by
``, light`` and by ``M`` where the button was pressed.  The codes of the epoch are those that
pyActigraphy reads its sample files with.
"""

import re
from datetime import datetime

import numpy as np

from psgkit.core.days.counts import Counts
from psgkit.core.days.day_clock import DayClock
from psgkit.core.days.day_recording import DayRecording, Track
from psgkit.errors import TableError
from psgkit.io.actigraphy.epochs import MOST_EPOCHS
from psgkit.io.actigraphy.times import as_datetime, read_clock, read_instants
from psgkit.io.text.read import lines_of
from psgkit.io.text.tables import quoted

FORMAT = "Actiwatch AWD"
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

_DATE = re.compile(r"\d{1,2}-[A-Za-z]{3}-\d{2,4}")
_ROW = re.compile(r"(\d{1,9})(?:\s*,\s*(-?\d{1,9}(?:\.\d*)?))?\s*(M)?", re.ASCII)


def is_awd(text: str) -> bool:
    r"""Return whether a text begins like an AWD file.

    Examples
    --------
    >>> is_awd("a\n22-Feb-2011\n12:00\n 4 \n04\nV665936\nF\n1124\n")
    True
    """
    lines = [line.strip() for line in lines_of(text[:2000])[: HEAD_LINES + 1]]
    if len(lines) <= HEAD_LINES or not _DATE.fullmatch(lines[1]):
        return False
    return read_clock(lines[2]) is not None and _ROW.fullmatch(lines[HEAD_LINES]) is not None


def read_awd(text: str, where: str, zone: str, epoch_s: float | None = None) -> DayRecording:
    r"""Return the counts, markers and light of an AWD file.

    Parameters
    ----------
    text, where : str
        The file, and its name.
    zone : str
        Time zone, empty if it is not stated.
    epoch_s : float, optional
        Length of an epoch, for a file whose code is none.

    Raises
    ------
    TableError
        If the code of the epoch is not known, or a line is no count; the message names it.

    Examples
    --------
    >>> head = "secret\n22-Feb-2011\n12:00\n 4 \n04\nP665936\nF\n"
    >>> days = read_awd(head + "11 , 0.5\n0 , 2.0 M\n", "a.awd", "Europe/Berlin")
    >>> days.counts[0].counts.tolist(), days.markers_s.tolist(), days.tracks[0].values.tolist()
    ([11.0, 0.0], [60.0], [0.5, 2.0])
    """
    lines = [line.strip() for line in lines_of(text)]
    while lines and not lines[-1]:
        lines.pop()
    start = _start(lines, where)
    step_s = epoch_s or _epoch_s(lines[3], where)
    rows = lines[HEAD_LINES:]
    if len(rows) > MOST_EPOCHS:
        raise TableError(where, f"{len(rows)} epochs", f"at most {MOST_EPOCHS}")
    found = []
    for number, line in enumerate(rows, HEAD_LINES + 1):
        match = _ROW.fullmatch(line)
        if match is None:
            wanted = "a count, maybe with , light and M for the button"
            raise TableError(f"{where}, line {number}", quoted(line), wanted)
        found.append(match.groups())
    if not found:
        raise TableError(where, "no count after the head", "a count a line")
    values, light, marks = zip(*found, strict=True)
    clock = DayClock.of(start, zone)
    tracks = []
    if any(light) and lines[5][:1].upper() in LIGHT_MODELS:
        lux = np.array([float(one) if one else np.nan for one in light])
        tracks.append(Track(name="light", unit="lux", values=lux, epoch_s=step_s))
    return DayRecording(
        source=where,
        clock=clock,
        duration_s=len(values) * step_s,
        counts=(
            Counts(
                counts=np.array(values, dtype=np.float64),
                epoch_s=step_s,
                definition="Actiwatch counts",
                label="activity",
            ),
        ),
        tracks=tuple(tracks),
        markers_s=step_s * np.flatnonzero([one is not None for one in marks]).astype(np.float64),
        device="Actiwatch",
    )


def _start(lines: list[str], where: str) -> datetime:
    time_of_day = read_clock(lines[2]) if len(lines) > HEAD_LINES else None
    if time_of_day is None:
        raise TableError(f"{where}, line 3", quoted(" ".join(lines[2:3])), "a time, as in 12:00")
    return as_datetime(read_instants([lines[1]], lambda _: f"{where}, line 2").at[0]) + time_of_day


def _epoch_s(code: str, where: str) -> float:
    found = EPOCH_CODES_S.get(code.upper())
    if found is None:
        wanted = f"a code of the epoch: {', '.join(EPOCH_CODES_S)}"
        raise TableError(
            f"{where}, line 4", quoted(code), wanted, "State the length of an epoch in seconds."
        )
    return found
