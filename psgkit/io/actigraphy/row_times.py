"""Times of the rows of a table that are damaged: cells that are no time, a date that stands still.

Called by the readers of tables before rows become epochs; what is changed or left out is a finding
with the number of rows.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import compress

import numpy as np
from numpy.typing import NDArray

from psgkit.core.finding import Finding
from psgkit.errors import TableError
from psgkit.io.actigraphy.times import Instants, Places, ReadInstants, is_instant, read_instants
from psgkit.io.text.lines import Cells
from psgkit.io.text.tables import quoted

MOST_UNREADABLE = 0.1
"""Share of rows that may be unreadable; a column with more is another than its name says.
psgkit's own choice."""
DAY = np.timedelta64(86_400_000_000, "us")
_LONGEST_STEP = np.timedelta64(43_200_000_000, "us")
_FEW_ROWS = 3


def times_of_rows(
    cells: Sequence[str], where: Places, file: str, *, day_first: bool | None = None
) -> tuple[ReadInstants, NDArray[np.int64], list[Finding]]:
    """Return the times of the rows that have one, these rows, and findings.

    Parameters
    ----------
    cells : sequence of str
    where : function of int
        Place of the cell of a row, for messages.
    file : str
        Name of the file, for findings.
    day_first : bool, optional
        Order of ``03/04/2024``; by default the rows decide.

    Raises
    ------
    TableError
        If more than ``MOST_UNREADABLE`` of the cells are no times, or their order is unknown.
    """
    every = np.arange(len(cells))
    try:
        return read_instants(cells, where, day_first=day_first), every, []
    except TableError:
        known = np.fromiter(map(is_instant, cells), bool, len(cells))
        lost = np.flatnonzero(~known)
        if not 0 < len(lost) <= MOST_UNREADABLE * len(cells):
            raise
    rows = np.flatnonzero(known)
    kept = Cells(compress(cells, known))
    found = read_instants(kept, lambda row: where(int(rows[row])), day_first=day_first)
    first = int(lost[0])
    message = (
        f"{len(lost)} of {len(cells)} rows have no time that can be read, first "
        f"{where(first)}: {quoted(cells[first])}; left out"
    )
    return found, rows, [Finding("warning", "counts.time", file, message)]


def settled(times: ReadInstants, file: str) -> tuple[ReadInstants, list[Finding]]:
    """Return times whose date goes on at midnight, and whose repeated minutes are spread.

    Examples
    --------
    >>> cells = [f"2016-01-04 {clock}" for clock in ("23:58", "23:59", "00:00", "00:01")]
    >>> found, said = settled(read_instants(cells, str), "days.csv")
    >>> str(found.at[-1]), said[0].code
    ('2016-01-05T00:01:00.000000', 'counts.constant_date')
    """
    at = times.at
    if len(at) < _FEW_ROWS or times.offset_s is not None:
        return times, []
    rolled, passed = _rolled_over(at)
    if passed:
        message = (
            f"the date is {at[0].astype('datetime64[D]')} in all {len(at)} rows while the clock "
            f"passes midnight {passed} times: each time the next day was taken to begin; "
            "a gap of a day or more would not show"
        )
        return replace(times, at=rolled), [
            Finding("warning", "counts.constant_date", file, message)
        ]
    spread, repeats = _spread(at)
    if not repeats:
        return times, []
    message = (
        f"each time stands in {repeats} rows ({len(at)} rows in all): they were spread evenly up "
        "to the next time"
    )
    return replace(times, at=spread), [Finding("warning", "counts.spread", file, message)]


def _rolled_over(at: Instants) -> tuple[Instants, int]:
    """Return times with a day added at each midnight, and their number; 0 if dates change."""
    if at[0].astype("datetime64[D]") != at[-1].astype("datetime64[D]"):
        return at, 0
    days = at.astype("datetime64[D]")
    if not (days == days[0]).all():
        return at, 0
    newest_first = bool(np.median(np.diff(at).astype(np.int64)) < 0)
    ordered = at[::-1] if newest_first else at
    steps = np.diff(ordered)
    back = steps < np.timedelta64(0, "us")
    # the clock passes midnight where the step to the next day is no longer than half a day
    midnight = back & (steps + DAY > np.timedelta64(0, "us")) & (steps + DAY <= _LONGEST_STEP)
    if not midnight.any() or (back & ~midnight).any():
        return at, 0
    rolled = ordered + np.concatenate(([0], np.cumsum(midnight))) * DAY
    return (rolled[::-1] if newest_first else rolled), int(midnight.sum())


def _spread(at: Instants) -> tuple[Instants, int]:
    """Return times of which each stands in the same number of rows, spread; 0 if they are not."""
    if (at[1:] != at[:-1]).all():
        return at, 0
    change = np.flatnonzero(np.diff(at) != np.timedelta64(0, "us")) + 1
    if len(change) < _FEW_ROWS:
        return at, 0
    starts = np.concatenate(([0], change))
    sizes = np.diff(np.append(starts, len(at)))
    n = int(np.median(sizes[1:-1]))
    steps = np.diff(at[starts])
    usual = np.median(steps.astype(np.int64))
    whole = (sizes[1:-1] == n).all() and sizes[0] <= n and sizes[-1] <= n
    even = float((steps.astype(np.int64) == usual).mean()) >= 1.0 - MOST_UNREADABLE
    if n < 2 or not whole or usual <= 0 or not even:  # noqa: PLR2004 - a time alone repeats none
        return at, 0
    place = np.arange(len(at)) - np.repeat(starts, sizes)
    # the first group may have begun before the recording: its rows are the last of their minute
    place[: sizes[0]] += n - int(sizes[0])
    return at + (place * (usual / n)).astype(np.int64).astype("timedelta64[us]"), n
