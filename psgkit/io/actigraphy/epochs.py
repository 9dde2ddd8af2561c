"""Rows with times to epochs without gaps: missing ones are NaN, irregular ones give findings."""

from datetime import UTC, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.days.day_clock import DayClock
from psgkit.core.days.stated_offsets import StatedOffsets, offset_name
from psgkit.core.finding import Finding
from psgkit.errors import TableError
from psgkit.io.actigraphy.times import ReadInstants, as_datetime

MOST_EPOCHS = 5_000_000
"""Eight weeks of seconds, nine months of 5 s, nine years of minutes: what 300 MB of memory hold;
psgkit's own choice."""

MOST_ROWS = 3_000_000
"""Rows of a text, whose times are read beside its counts: five weeks of seconds; psgkit's own
choice."""

SHORTEST_EPOCH_S = 0.01
"""What has more rows a second is no table of counts; psgkit's own choice."""

OFF_GRID = 0.25
"""Rows farther than this share of an epoch from its start are irregular; psgkit's own choice."""

MOST_REPEATED = 0.05
"""Largest share of rows that may repeat the time of another; psgkit's own choice."""

FEW_EPOCHS = 2_000_000
"""Three weeks of seconds.  A longer grid, which takes much memory, must be filled with rows."""

MOST_GAPS_SHARE = 0.9
"""Largest share of a long grid that may be without a row; psgkit's own choice."""

_CLOCK_CHANGE_S = 7200.0
_WHOLE_TOLERANCE = 0.02
_USUAL_SHARE = 0.3
_HOUR_S = 3600.0


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class EpochGrid:
    """Epochs of equal length, and the epoch of each row.

    Attributes
    ----------
    clock : DayClock
    epoch_s : float
    n_epochs : int
    row : int array, shape (k,)
        Rows of the table kept.
    epoch : int array, shape (k,)
        Epoch of each of them, rising.
    findings : tuple of Finding
    """

    clock: DayClock
    epoch_s: float
    n_epochs: int
    row: NDArray[np.integer]
    epoch: NDArray[np.integer]
    findings: tuple[Finding, ...] = ()

    @property
    def duration_s(self) -> float:
        """Return the time from the start of the first epoch to the end of the last."""
        return self.n_epochs * self.epoch_s

    def filled(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return a value for each epoch, NaN without a row; ``values`` has one for each row."""
        if len(self.row) == len(values) == self.n_epochs and _rises(self.row):
            return values  # each row is its epoch
        out = np.full((self.n_epochs, *values.shape[1:]), np.nan, dtype=values.dtype)
        out[self.epoch] = values[self.row]
        return out


def epoch_grid(
    times: ReadInstants, zone: str, where: str, epoch_s: float | None = None
) -> EpochGrid:
    """Return the epochs of the rows of a table.

    Parameters
    ----------
    times : ReadInstants
        Time of each row.
    zone : str
        Time zone, empty if it is not stated.
    where : str
        Name of the file.
    epoch_s : float, optional
        Length of an epoch; by default the most frequent step between rows.

    Raises
    ------
    TableError
        If there are fewer than two rows to determine the epoch, they span more than a year, or
        nearly all of a long grid would be gaps.
    """
    if not len(times.at):
        raise TableError(where, "no row", "rows with a time and a count")
    clock, seconds, findings = elapsed(times, zone, where)
    step_s = epoch_s or usual_step_s(seconds, where)
    nearest = seconds / step_s
    np.rint(nearest, out=nearest)
    n_epochs = int(nearest.max()) + 1
    if n_epochs > MOST_EPOCHS or seconds.max() > 400 * 24 * _HOUR_S:
        span = f"times from {as_datetime(times.at.min())} to {as_datetime(times.at.max())}"
        raise TableError(
            where,
            f"{span}, {n_epochs} epochs of {step_s:g} s",
            f"at most 400 days and {MOST_EPOCHS} epochs",
            "Look for a wrong date; export longer epochs, or the recording in parts.",
        )
    _refuse_gaps(n_epochs, len(nearest), step_s, where)
    found = nearest.astype(np.int32)  # MOST_EPOCHS fit
    del nearest
    kept, row = found, np.arange(len(found), dtype=np.int32)
    if not _rises(found):
        kept, first_row = np.unique(found, return_index=True)
        row = first_row.astype(np.int32)
    _refuse_repeats(len(found) - len(kept), len(found), step_s, where)
    findings += _grid_findings(seconds, found, kept, step_s, where)
    return EpochGrid(
        clock=clock,
        epoch_s=step_s,
        n_epochs=n_epochs,
        row=row,
        epoch=kept,
        findings=tuple(findings),
    )


def _rises(numbers: NDArray[Any]) -> bool:
    """Return whether each number is above the one before, without a copy of them."""
    return bool((numbers[1:] > numbers[:-1]).all())


def _refuse_gaps(n_epochs: int, rows: int, step_s: float, where: str) -> None:
    """Raise for a long grid with few rows, before memory is taken for it."""
    missing = n_epochs - rows
    if n_epochs <= FEW_EPOCHS or missing <= MOST_GAPS_SHARE * n_epochs:
        return
    raise TableError(
        where,
        f"{rows} rows on {n_epochs} epochs of {step_s:g} s ({100 * missing / n_epochs:.1f} % gaps)",
        f"at most {FEW_EPOCHS} epochs, or at most {100 * MOST_GAPS_SHARE:g} % gaps",
        "Look for a wrong date in the first or last row; give recordings far apart in files of "
        "their own.",
    )


def _refuse_repeats(repeated: int, rows: int, step_s: float, where: str) -> None:
    """Raise for a table in which more rows repeat a time than a change of clocks explains."""
    if repeated <= MOST_REPEATED * rows or repeated * step_s <= _CLOCK_CHANGE_S:
        return
    found = f"{repeated} of {rows} rows with the time of another row"
    advice = (
        "A clock of 12 hours needs AM and PM, a date must change at midnight, each device needs "
        "a table of its own. Write times as 2024-01-31 23:15:00."
    )
    raise TableError(where, found, "each time once", advice)


def usual_step_s(seconds: NDArray[np.float64], where: str) -> float:
    """Return the most frequent step between times, rounded to whole seconds if close."""
    steps = np.diff(np.unique(seconds))
    if not len(steps):
        raise TableError(where, f"{len(seconds)} rows at one time", "two or more epochs")
    kinds, times_n = np.unique(steps.round(3), return_counts=True)
    usual = times_n.max() >= _USUAL_SHARE * len(steps)
    step = float(kinds[np.argmax(times_n)] if usual else np.median(steps))
    if step < SHORTEST_EPOCH_S:
        wanted = f"epochs of {SHORTEST_EPOCH_S:g} s or more"
        raise TableError(where, f"a time every {step:g} s", wanted)
    whole = round(step)
    return float(whole) if whole and abs(step - whole) <= _WHOLE_TOLERANCE * step else step


def elapsed(
    times: ReadInstants, zone: str, where: str
) -> tuple[DayClock, NDArray[np.float64], list[Finding]]:
    """Return the clock, the elapsed seconds of each row, and findings about both.

    Times without an offset are local.  At a change of clocks the rows show whether the device
    followed: rows in the hour that does not exist, or no step back, mean that it did not.
    """
    findings: list[Finding] = []
    earliest = times.at.min()
    if times.offset_s is not None:
        return _elapsed_by_offset(times, zone, where)
    clock = DayClock.of(as_datetime(earliest), zone)
    seconds = _seconds(times.at - earliest)
    # some programs write the newest row first: steps back are searched in order of time
    newest_first = not _rises(seconds) and np.median(np.diff(seconds)) < 0
    order = slice(None, None, -1 if newest_first else 1)
    seconds = seconds[order]
    moments, shifts = clock.shifts(float(seconds.max()) + 2 * _HOUR_S)
    for moment_s, shift_s in zip(moments.tolist(), shifts.tolist(), strict=True):
        after = _after_change(seconds, moment_s, shift_s)
        seconds = seconds - after * shift_s
        when = clock.local(moment_s)
        done = "followed by the device" if after.any() else "not followed by the device"
        message = f"the clock changes by {shift_s / _HOUR_S:+g} h before {when:%d %b %H:%M}: {done}"
        findings.append(Finding("info", "days.clock_change", where, message))
    return clock, seconds[order], findings


def _elapsed_by_offset(
    times: ReadInstants, asked: str, where: str
) -> tuple[DayClock, NDArray[np.float64], list[Finding]]:
    """Return clock, seconds and findings of rows that state their offset from UTC.

    The zone asked for goes first, then a zone that the rows name, then their offsets, which are
    followed where they change.
    """
    offset_s = np.zeros(len(times.at)) if times.offset_s is None else times.offset_s
    utc = times.at - (offset_s * 1e6).astype(np.int64).astype("timedelta64[us]")
    first = int(np.argmin(utc))
    start_utc = as_datetime(utc[first])
    zone = asked or times.zone
    if zone:
        clock = DayClock.of(start_utc.replace(tzinfo=UTC), zone)
        stated_s = (clock.start.utcoffset() or timedelta()).total_seconds()
        findings = []
        if asked and offset_s[first] not in (0.0, stated_s):
            message = (
                f"the rows state {offset_name(float(offset_s[first]))} at their start, which is "
                f"not {asked}; {asked} was used as asked"
            )
            findings.append(Finding("warning", "days.zone_contradicts", where, message))
        return clock, _seconds(utc - utc[first]), findings
    order = np.argsort(utc, kind="stable")
    in_order = offset_s[order]
    rows = order[np.flatnonzero(np.diff(in_order, prepend=np.inf) != 0)]
    moments = utc[rows].astype("datetime64[us]").astype(np.int64) / 1e6
    changes = zip(moments.tolist(), offset_s[rows].tolist(), strict=True)
    clock = DayClock.of_offsets(start_utc, StatedOffsets(*changes))
    if (offset_s == 0).all():
        message = "times are in UTC, and so are days and nights; --tz gives local time"
        return clock, _seconds(utc - utc[first]), [Finding("warning", "days.utc", where, message)]
    message = f"local time follows the offsets that the rows state: {clock.zone}"
    return clock, _seconds(utc - utc[first]), [Finding("info", "days.offsets", where, message)]


def _after_change(
    seconds: NDArray[np.float64], moment_s: float, shift_s: float
) -> NDArray[np.bool_]:
    """Return the mask of rows after the change of clocks; all False if the device did not follow.

    ``seconds`` count from the start without any change, in the order of the file.
    """
    none = np.zeros(len(seconds), dtype=bool)
    if shift_s > 0:
        skipped = (seconds >= moment_s) & (seconds < moment_s + shift_s)
        return none if skipped.any() else seconds >= moment_s + shift_s
    steps_s = np.diff(seconds)
    near = (seconds[1:] >= moment_s + shift_s - _HOUR_S) & (seconds[1:] < moment_s + _HOUR_S)
    back = np.flatnonzero((steps_s < 0.5 * shift_s) & near)
    if not len(back):
        return none
    return np.asarray(np.arange(len(seconds)) > back[0])


def _seconds(spans: NDArray[np.timedelta64]) -> NDArray[np.float64]:
    return np.asarray(spans.astype("timedelta64[us]", copy=False).view(np.int64) / 1e6)


def _grid_findings(
    seconds: NDArray[np.float64],
    found: NDArray[np.int32],
    epochs: NDArray[np.int32],
    step_s: float,
    where: str,
) -> list[Finding]:
    """Return what is odd about rows, whose epochs are ``found``, each of them once ``epochs``."""
    findings = []
    unsorted = int(np.count_nonzero(seconds[1:] < seconds[:-1]))
    if unsorted:
        message = f"{unsorted} rows step back in time; all were put in order"
        findings.append(Finding("warning", "counts.order", where, message))
    repeated = len(found) - len(epochs)
    if repeated:
        message = f"{repeated} rows repeat the time of another; the first of each was kept"
        findings.append(Finding("warning", "counts.duplicate", where, message))
    missing = int(epochs[-1]) + 1 - len(epochs)
    if missing:
        holes = int(np.count_nonzero(np.diff(epochs) > 1))
        share = 100 * missing / (int(epochs[-1]) + 1)
        message = f"{missing} epochs of {step_s:g} s are missing ({share:.1f} %), in {holes} gaps"
        findings.append(Finding("warning", "counts.gap", where, message))
    apart = seconds / step_s
    apart -= found
    off = np.abs(apart, out=apart) > OFF_GRID
    if off.any():
        share = 100 * float(off.mean())
        message = f"{share:.1f} % of the rows do not lie on epochs of {step_s:g} s"
        findings.append(Finding("warning", "counts.irregular", where, message))
    return findings
