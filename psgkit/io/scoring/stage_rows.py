"""Stages with onset and duration to a hypnogram of equal epochs."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from psgkit.core.hypnogram import UNSCORED, Hypnogram
from psgkit.errors import TableError

USUAL_EPOCH_S = 30.0
SHORTEST_EPOCH_S = 1.0
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
    """Return the hypnogram of the rows.

    The epoch is 30 s if every duration and every onset after the first is a multiple of 30 s,
    otherwise the longest whole number of milliseconds, at least 1 s, that divides them all.  A
    longer row fills several epochs.  Time between rows is UNSCORED.

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
    if len(rows.onset_s) == 0:
        return Hypnogram.of([])
    for row in np.flatnonzero(rows.duration_s <= 0).tolist():
        found = f"a stage that lasts {rows.duration_s[row]:g} s"
        raise TableError(f"{rows.where}, {rows.places[row]}", found, "a duration above 0")
    order = np.argsort(rows.onset_s, kind="stable").tolist()
    start_s = float(rows.onset_s[order[0]])
    first_ms = np.rint((rows.onset_s - start_s) * 1000).astype(np.int64)
    stop_ms = first_ms + np.rint(rows.duration_s * 1000).astype(np.int64)
    _refuse_overlap(rows, order, first_ms, stop_ms)
    epoch_ms = _epoch_ms(first_ms, stop_ms, rows.where)
    n_epochs = int(stop_ms.max()) // epoch_ms
    if n_epochs > MOST_EPOCHS_N:
        raise TableError(
            rows.where,
            f"stages over {stop_ms.max() / 3.6e6:.0f} h in epochs of {epoch_ms / 1000:g} s",
            f"at most {MOST_EPOCHS_N} epochs",
            "Check the largest onset and the largest duration.",
        )
    stages = np.full(n_epochs, UNSCORED, dtype=f"<U{len(UNSCORED)}")
    for row in range(len(first_ms)):
        stages[first_ms[row] // epoch_ms : stop_ms[row] // epoch_ms] = rows.stages[row]
    return Hypnogram.of(stages, epoch_s=epoch_ms / 1000, start_s=start_s)


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


def _epoch_ms(first_ms: NDArray[np.int64], stop_ms: NDArray[np.int64], where: str) -> int:
    common_ms = math.gcd(*first_ms.tolist(), *stop_ms.tolist())
    usual_ms = round(USUAL_EPOCH_S * 1000)
    if common_ms % usual_ms == 0:
        return usual_ms
    if common_ms < SHORTEST_EPOCH_S * 1000:
        raise TableError(
            where,
            "onsets and durations without a common epoch (their largest common divisor is "
            f"{common_ms} ms)",
            f"epochs of equal length, at least {SHORTEST_EPOCH_S:g} s",
            "One onset off the grid is enough for this.",
        )
    return common_ms


def _refuse_overlap(
    rows: StageRows,
    order: list[int],
    first_ms: NDArray[np.int64],
    stop_ms: NDArray[np.int64],
) -> None:
    """Raise ``TableError`` if two rows of different stages share time."""
    latest = order[0]
    for row in order[1:]:
        if first_ms[row] < stop_ms[latest] and rows.stages[row] != rows.stages[latest]:
            raise TableError(
                f"{rows.where}, {rows.places[row]}",
                f"{rows.stages[row]} at {rows.onset_s[row]:g} s while {rows.stages[latest]} of "
                f"{rows.places[latest]} lasts until {stop_ms[latest] / 1000 + rows.onset_s.min():g}"
                " s",
                "one stage at a time",
            )
        if stop_ms[row] > stop_ms[latest]:
            latest = row
