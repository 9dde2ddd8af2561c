"""Stages with onset and duration to a hypnogram of equal epochs."""

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.finding import Finding
from psgkit.core.hypnogram import UNSCORED, Hypnogram
from psgkit.core.message import translatable
from psgkit.errors import TableError

USUAL_EPOCH_S = 30.0
SHORTEST_EPOCH_S = 1.0
SNAP_MS = 500
"""An onset that is off the grid of epochs by less is moved onto it."""
_USUAL_MS = (30_000, 20_000, 60_000, 10_000, 15_000)
LEAST_SHARE = 0.5
"""Share of the rows that must fit a usual epoch if no epoch fits them all."""
SURE_SHARE = 0.75
"""Share of the rows from which a usual epoch is taken although a shorter one fits them all."""
FEWEST_FOR_SHARE_N = 4
MOST_EPOCHS_N = 1_000_000
"""Eleven days of one-second epochs; more comes of a wrong onset, and would fill the memory."""
EPOCHWISE_SHARE = 0.25
"""Share of equal neighbours from which a file is taken to mark every epoch: in nights marked so
more than two thirds of them are equal; where only changes are marked none should be."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class StageRows:
    """Stages with onset and duration, shape ``(n,)``, in any order.

    ``places`` returns the place of a row in the file ``where`` (``line 12``), for messages.
    """

    onset_s: NDArray[np.float64]
    duration_s: NDArray[np.float64]
    stages: Sequence[str]
    places: Sequence[str]
    where: str


def hypnogram_from_rows(rows: StageRows) -> Hypnogram:
    """Return the hypnogram of the rows, without the findings of ``gridded``.

    Examples
    --------
    >>> rows = StageRows(
    ...     onset_s=np.array([0.0, 120.0]),
    ...     duration_s=np.array([60.0, 30.0]),
    ...     stages=["W", "N2"],
    ...     places=["line 2", "line 3"],
    ...     where="night.csv",
    ... )
    >>> hypnogram_from_rows(rows).stages.tolist()
    ['W', 'W', 'UNSCORED', 'UNSCORED', 'N2']

    Raises
    ------
    TableError
        If rows of different stages overlap, or no epoch fits.
    """
    return gridded(rows)[0]


def gridded(rows: StageRows) -> tuple[Hypnogram, tuple[Finding, ...]]:
    """Return the hypnogram of the rows, and what was cut, moved or left out for it.

    The epoch is 30 s if every duration and every onset after the first is a multiple of 30 s,
    otherwise the longest whole number of milliseconds, at least 1 s, that divides them all; the end
    of the last row does not matter.  If most rows fit a usual epoch to less than half a second,
    they are moved onto its grid, and the others are left out.  A longer row fills several epochs.
    Time between rows is UNSCORED, and so is an epoch of two stages, if most rows have none such.

    Raises
    ------
    TableError
        If a duration is not above 0, most epochs have two stages, or no epoch fits.
    """
    if len(rows.onset_s) == 0:
        return Hypnogram.of([]), ()
    for row in np.flatnonzero(rows.duration_s <= 0).tolist():
        found = f"a stage that lasts {rows.duration_s[row]:g} s"
        raise TableError(f"{rows.where}, {rows.places[row]}", found, "a duration above 0")
    start_s = float(rows.onset_s.min())
    onset_ms = np.rint((rows.onset_s - start_s) * 1000).astype(np.int64)
    stop_ms = onset_ms + np.rint(rows.duration_s * 1000).astype(np.int64)
    grid = _grid(onset_ms, stop_ms, rows.where)
    start_s += grid.late_ms / 1000
    first = np.rint((onset_ms - grid.late_ms) / grid.epoch_ms).astype(np.int64)
    # what reaches into an epoch by half a second or more is in it
    stop = np.ceil((stop_ms - grid.late_ms - SNAP_MS) / grid.epoch_ms).astype(np.int64)
    stop = np.maximum(stop, first + 1)
    before = int(first[~grid.off].min())
    start_s += before * grid.epoch_ms / 1000
    n_epochs = int(stop[~grid.off].max()) - before
    if n_epochs > MOST_EPOCHS_N:
        raise TableError(
            rows.where,
            f"stages over {stop_ms.max() / 3.6e6:.0f} h in epochs of {grid.epoch_ms / 1000:g} s",
            f"at most {MOST_EPOCHS_N} epochs",
            "Check the largest onset and the largest duration.",
        )
    spans = np.column_stack((first, stop)) - before
    stages, about_overlap = _filled(rows, spans, grid, n_epochs)
    hypnogram = Hypnogram.of(stages, epoch_s=grid.epoch_ms / 1000, start_s=start_s)
    return hypnogram, (*_about_grid(rows, grid, stop_ms), *about_overlap)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Grid:
    """Epochs of ``epoch_ms`` from ``late_ms`` after the first onset.

    ``off`` marks the rows that are not on it, ``moved_n`` counts those that are almost.
    """

    epoch_ms: int
    off: NDArray[np.bool_]
    late_ms: int = 0
    moved_n: int = 0


def _grid(onset_ms: NDArray[np.int64], stop_ms: NDArray[np.int64], where: str) -> _Grid:
    last = int(np.argmax(stop_ms))
    others = np.delete(stop_ms, last)
    none = np.zeros(len(onset_ms), dtype=bool)
    lasting_ms = stop_ms - onset_ms
    alone = [int(lasting_ms[last])] if len(onset_ms) == 1 else []
    common_ms = math.gcd(*onset_ms.tolist(), *others.tolist(), *alone)
    usual_ms = round(USUAL_EPOCH_S * 1000)
    if common_ms % usual_ms == 0:
        return _Grid(epoch_ms=usual_ms, off=none)
    if common_ms < SHORTEST_EPOCH_S * 1000:
        lengths, counts = np.unique(lasting_ms, return_counts=True)
        candidates, share = [*_USUAL_MS, int(lengths[np.argmax(counts)])], LEAST_SHARE
    else:
        candidates, share = [usual_ms] * (len(onset_ms) >= FEWEST_FOR_SHARE_N), SURE_SHARE
    for epoch_ms in candidates:
        if epoch_ms < SHORTEST_EPOCH_S * 1000:
            continue
        fitted = _fitted(onset_ms, stop_ms, epoch_ms)
        if (~fitted.off).mean() >= share:
            return fitted
    if common_ms < SHORTEST_EPOCH_S * 1000:
        raise TableError(
            where,
            "onsets and durations without a common epoch (their largest common divisor is "
            f"{common_ms} ms)",
            f"epochs of equal length, at least {SHORTEST_EPOCH_S:g} s",
            "At least half of the stages must begin and end on a grid of epochs.",
        )
    return _Grid(epoch_ms=common_ms, off=none)


def _fitted(onset_ms: NDArray[np.int64], stop_ms: NDArray[np.int64], epoch_ms: int) -> _Grid:
    """Return the grid of ``epoch_ms`` on which most rows begin."""
    phases, counts = np.unique(onset_ms % epoch_ms, return_counts=True)
    late_ms = int(phases[np.argmax(counts)])
    # the same phase a little before and after a full epoch
    late_ms -= epoch_ms if late_ms > epoch_ms - SNAP_MS else 0
    apart_ms = [
        np.abs((edge_ms - late_ms + epoch_ms // 2) % epoch_ms - epoch_ms // 2)
        for edge_ms in (onset_ms, stop_ms)
    ]
    begins, ends = (edge_ms < SNAP_MS for edge_ms in apart_ms)
    # a short or long last epoch is on the grid all the same
    ends[np.argmax(stop_ms)] = True
    on = begins & ends & (stop_ms - onset_ms >= SNAP_MS)
    moved = on & ((apart_ms[0] > 0) | ((apart_ms[1] > 0) & (apart_ms[1] < SNAP_MS)))
    return _Grid(epoch_ms=epoch_ms, off=~on, late_ms=late_ms, moved_n=int(moved.sum()))


def _filled(
    rows: StageRows, spans: NDArray[np.int64], grid: _Grid, n_epochs: int
) -> tuple[NDArray[np.str_], tuple[Finding, ...]]:
    """Return the stage of each epoch; refuse rows of which most have time with two stages."""
    stages = np.full(n_epochs, UNSCORED, dtype=f"<U{len(UNSCORED)}")
    owner = np.full(n_epochs, -1)
    disputed = np.zeros(n_epochs, dtype=bool)
    disputing: list[int] = []
    order = [row for row in np.argsort(rows.onset_s, kind="stable").tolist() if not grid.off[row]]
    for row in order:
        here = slice(*spans[row].tolist())
        other = (owner[here] >= 0) & (stages[here] != rows.stages[row])
        if other.any():
            disputed[here] |= other
            disputing += [*np.unique(owner[here][other]).tolist(), row]
        stages[here], owner[here] = rows.stages[row], row
    stages[disputed] = UNSCORED
    if not disputing:
        return stages, ()
    before, row = disputing[0], next(row for row in disputing[1:] if row != disputing[0])
    found = (
        f"{rows.stages[row]} at {rows.onset_s[row]:g} s while {rows.stages[before]} of "
        f"{rows.places[before]} lasts until {rows.onset_s[before] + rows.duration_s[before]:g} s"
    )
    if 2 * len(set(disputing)) >= len(order):
        raise TableError(f"{rows.where}, {rows.places[row]}", found, "one stage at a time")
    message = translatable(
        f"{int(disputed.sum())} epochs have two stages and are left unscored, first in "
        f"{rows.places[row]}: {found}"
    )
    return stages, (Finding("warning", "stages.overlap", rows.where, message),)


def _about_grid(rows: StageRows, grid: _Grid, stop_ms: NDArray[np.int64]) -> tuple[Finding, ...]:
    """Return findings on rows that were moved, cut or left out."""
    found = []
    epoch_s = grid.epoch_ms / 1000
    if grid.moved_n:
        message = translatable(
            f"{grid.moved_n} of {len(stop_ms)} stages begin or end less than half a second off the "
            f"grid of {epoch_s:g} s epochs and are moved onto it"
        )
        found.append(Finding("info", "stages.snapped", rows.where, message))
    if n_off := int(grid.off.sum()):
        row = int(np.argmax(grid.off))
        message = translatable(
            f"{n_off} of {len(stop_ms)} stages do not fit the grid of {epoch_s:g} s epochs and are "
            f"left out, first in {rows.places[row]} at {rows.onset_s[row]:g} s"
        )
        found.append(Finding("warning", "stages.off_grid", rows.where, message))
    last = int(np.argmax(stop_ms))
    short_ms = int(stop_ms[last] - grid.late_ms) % grid.epoch_ms
    if SNAP_MS <= short_ms <= grid.epoch_ms - SNAP_MS:
        message = translatable(
            f"the last epoch lasts {short_ms / 1000:g} s of {epoch_s:g} s and is kept as an epoch"
        )
        found.append(Finding("info", "stages.last_epoch", rows.where, message))
    return tuple(found)


def filled_durations_s(
    onset_s: NDArray[np.float64], duration_s: NDArray[np.float64], stages: Sequence[str]
) -> NDArray[np.float64]:
    """Return the durations with the missing ones (0) filled in; onsets in time order.

    A stage lasts until the next one, the last for an epoch of 30 s; if a file marks every epoch,
    at most for the most frequent distance.

    Examples
    --------
    >>> filled_durations_s(np.array([0.0, 60.0]), np.zeros(2), ["W", "N1"]).tolist()
    [60.0, 30.0]
    """
    steps_s = np.diff(onset_s)
    to_next_s = np.append(steps_s, USUAL_EPOCH_S)
    equal = [one == other for one, other in pairwise(stages)]
    if sum(equal) >= EPOCHWISE_SHARE * len(equal) and (steps_s > 0).any():
        lengths_s, counts = np.unique(np.round(steps_s[steps_s > 0], 3), return_counts=True)
        to_next_s = np.minimum(to_next_s, lengths_s[np.argmax(counts)])
    return np.where(duration_s > 0, duration_s, to_next_s)
