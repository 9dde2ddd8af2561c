"""Tell changes of position and gross movements from limb jerks."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from psgkit.conditioning.gravity import GravityTrack
from psgkit.conditioning.motion_filter import GRID_HZ
from psgkit.core.bounds import samples_at_least
from psgkit.core.intervals import Intervals, group_of_connected
from psgkit.detect.accelerometer_rule import AccelerometerRule
from psgkit.detect.accelerometer_stretch import Pieces

_NEAR_TICKS = int(0.75 * GRID_HZ)
"""A movement this near to turning belongs to the turn."""
_AWAY_ROWS = 2
_MEAN_ROWS = 4
"""Gravity beside a turn: a mean of 2 s, 1 s away from it."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Sorted:
    """Jerks, and gross movements with the angle by which each changed the direction of gravity."""

    jerks: Pieces
    gross: Pieces
    angle_deg: NDArray[np.float64]


def sort_movements(
    pieces: Pieces, turning: Intervals, track: GravityTrack, rule: AccelerometerRule
) -> Sorted:
    """Return the jerks, and what is more than that.

    What moves while gravity turns is looked at together: a turn of seconds moves the sensor when it
    starts and again when it stops, and neither alone turns it all the way.
    """
    if not len(pieces):
        return Sorted(jerks=pieces, gross=pieces, angle_deg=np.empty(0))
    group = _groups(pieces.ticks, turning)
    opens = np.concatenate(([True], group[1:] != group[:-1]))
    whole = pieces.merged(opens)
    angle = angles_deg(whole.before_g, whole.after_g)
    span = _spans(whole.ticks, turning)
    before, after = _beside(span, track)
    turned = span[:, 1] - span[:, 0] > whole.ticks[:, 1] - whole.ticks[:, 0]
    by_track = np.where(turned, angles_deg(before, after), 0.0)
    angle = np.fmax(angle, by_track)
    chord = np.linalg.norm(whole.after_g - whole.before_g, axis=1)
    by_tilt = (angle >= rule.tilt_deg) & (whole.peak_g <= rule.tilt_of_chord * chord)
    changed = (angle >= rule.position_change_deg) | by_tilt
    # a group that did not change the position is as many movements as it has
    alone = pieces.rows(~changed[np.cumsum(opens) - 1])
    long = alone.ticks[:, 1] - alone.ticks[:, 0] > rule.gross_s * GRID_HZ
    longer = alone.rows(long)
    gross = Pieces.concatenated(whole.rows(changed), longer)
    angles = np.concatenate((angle[changed], angles_deg(longer.before_g, longer.after_g)))
    order = np.argsort(gross.ticks[:, 0], kind="stable")
    least = samples_at_least(rule.min_duration_s, GRID_HZ)
    enough = alone.ticks[:, 1] - alone.ticks[:, 0] >= least
    return Sorted(
        jerks=alone.rows(~long & enough), gross=gross.rows(order), angle_deg=angles[order]
    )


def _groups(ticks: Intervals, turning: Intervals) -> NDArray[np.int64]:
    """Return a number for each movement, the same for those that one turn connects."""
    wide = np.column_stack((ticks[:, 0], ticks[:, 1] + 1))
    if not len(turning):
        return np.arange(len(ticks), dtype=np.int64)
    reach = np.column_stack((turning[:, 0] - _NEAR_TICKS, turning[:, 1] + _NEAR_TICKS))
    rows = np.concatenate((wide, reach))
    order = np.argsort(rows[:, 0], kind="stable")
    numbers = np.empty(len(rows), dtype=np.int64)
    numbers[order] = group_of_connected(rows[order, 0], rows[order, 1])
    return numbers[: len(ticks)]


def _spans(ticks: Intervals, turning: Intervals) -> Intervals:
    """Return each movement with the turning it overlaps, first tick and the one after the last."""
    if not len(turning):
        return ticks
    first = np.searchsorted(turning[:, 1] + _NEAR_TICKS, ticks[:, 0], side="left")
    last = np.searchsorted(turning[:, 0] - _NEAR_TICKS, ticks[:, 1], side="right") - 1
    found = last >= first
    first, last = np.minimum(first, len(turning) - 1), np.maximum(last, 0)
    low = np.where(found, np.minimum(ticks[:, 0], turning[first, 0]), ticks[:, 0])
    high = np.where(found, np.maximum(ticks[:, 1], turning[last, 1]), ticks[:, 1])
    return np.column_stack((low, high))


def _beside(
    span: Intervals, track: GravityTrack
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the mean gravity before and after each span of ticks."""
    n = len(track)
    if not n:
        nothing = np.full((len(span), track.gravity_g.shape[1]), np.nan)
        return nothing, nothing
    first = (span[:, 0] * track.rate_hz // GRID_HZ).astype(np.int64) - _AWAY_ROWS
    last = -(-span[:, 1] * track.rate_hz // GRID_HZ).astype(np.int64) + _AWAY_ROWS
    offsets = np.arange(_MEAN_ROWS)
    rows_before = np.clip(first[:, None] - 1 - offsets, 0, n - 1)
    rows_after = np.clip(last[:, None] + offsets, 0, n - 1)
    before = track.gravity_g[rows_before].mean(axis=1, dtype=np.float64)
    after = track.gravity_g[rows_after].mean(axis=1, dtype=np.float64)
    return before, after


def angles_deg(before_g: NDArray[np.float64], after_g: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the angle between two directions of gravity, 0 to 180 degrees, row by row.

    Fewer than three axes see a part of it; what they do not see is taken to be as much as is
    missing from 1 g, on the same side, which gives the smallest angle.

    Examples
    --------
    >>> angles_deg(np.array([[0.0, 0.0, 1.0]]), np.array([[0.0, 0.9, 0.0]])).round(1).tolist()
    [90.0]
    >>> angles_deg(np.array([[0.0]]), np.array([[0.5]])).round(1).tolist()
    [30.0]
    """
    if before_g.shape[1] < 3:  # noqa: PLR2004 - space has three
        before_g, after_g = _completed(before_g), _completed(after_g)
    lengths = np.linalg.norm(before_g, axis=1) * np.linalg.norm(after_g, axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        cosine = np.einsum("ij,ij->i", before_g, after_g) / lengths
    return np.asarray(np.degrees(np.arccos(np.clip(np.nan_to_num(cosine, nan=1.0), -1, 1))))


def _completed(seen_g: NDArray[np.float64]) -> NDArray[np.float64]:
    square = np.einsum("ij,ij->i", seen_g, seen_g)
    missing = np.sqrt(np.maximum(1 - square, 0))
    return np.column_stack((seen_g, missing))
