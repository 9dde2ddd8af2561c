"""Indices of posture: side lain on, turns, time up, time out of bed.

Only time between lights off and on counts.  A trunk sensor shows only that the trunk is upright:
sitting in bed is up as well, and "out of bed" means up or walking for long enough.
"""

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.hypnogram import SLEEP_STAGES
from psgkit.core.index import Index, all_missing
from psgkit.core.intervals import (
    Intervals,
    contains,
    drop_shorter_than,
    group_of_connected,
    intersect,
    total,
    union,
)
from psgkit.core.message import translatable
from psgkit.core.postures import LYING, UP, Postures, Turns
from psgkit.core.ranges import check_ranges
from psgkit.detect.posture.detect import TrunkPostures
from psgkit.sleep.time_in_stages import SECONDS_PER_HOUR, NightTime

SIZES_DEG = (15, 30, 60)
"""Turns are counted from these sizes on (rule sheet 4.4, a suggestion)."""

_SIDES = ("supine", "prone", "left", "right")
_LEFT_RIGHT = ("left", "right")
_SECONDS_PER_MINUTE = 60.0
_EDGE = 1e-6


@dataclass(frozen=True, kw_only=True, slots=True)
class OutOfBedRule:
    """When the person is out of bed; the numbers are psgkit's own choice.

    Attributes
    ----------
    min_s : float
        Up for at least this long.
    join_s : float
        Longest bending down that does not end it.
    """

    min_s: float = 30.0
    join_s: float = 10.0

    def __post_init__(self) -> None:
        check_ranges(self)
        if self.min_s <= 0 or self.join_s < 0:
            raise ValueError(f"out of bed needs min_s > 0 and join_s >= 0, got {self}")


def out_of_bed(postures: Postures, window: Intervals, rule: OutOfBedRule) -> Intervals:
    """Return when the trunk was up for long enough within ``window``, seconds, shape ``(n, 2)``.

    Stretches with unknown posture between them are not joined.

    Examples
    --------
    >>> night = Postures(onset_s=[0, 100, 140], end_s=[100, 140, 300],
    ...     posture=["supine", "upright", "left"], angle_deg=[0, np.nan, 90])
    >>> out_of_bed(night, np.array([[0.0, 300.0]]), OutOfBedRule()).tolist()
    [[100.0, 140.0]]
    """
    up = union(postures.stretches(UP))
    if not len(up):
        return up
    gaps = np.column_stack((up[:-1, 1], up[1:, 0]))
    unknown = postures.stretches(("unknown",))
    blind = np.array([total(intersect(gap[None], unknown)) > 0 for gap in gaps], dtype=bool)
    reach = up[:, 1] + rule.join_s + _EDGE
    reach[:-1][blind] = up[:-1, 1][blind]
    number = group_of_connected(up[:, 0], reach)
    first = np.flatnonzero(np.diff(number, prepend=-1))
    joined = np.column_stack((up[first, 0], up[np.r_[first[1:], len(up)] - 1, 1]))
    return drop_shorter_than(rule.min_s - _EDGE, intersect(joined, window))


def posture_indices(found: TrunkPostures, time: NightTime, rule: OutOfBedRule) -> dict[str, Index]:
    """Return the indices of the group ``posture`` by name.

    Shares are of the time lying on a known side; turns are those from lying to lying, per hour of
    lying (``turns_30_index``) and, beginning in sleep, per hour of sleep with known posture
    (``turns_30_sleep_index``).  ``posture_changes_n`` counts changes between supine, prone, left,
    right and up; changes during unknown time are missed.

    Parameters
    ----------
    time : NightTime
        Its ``observed`` is not used: observed is the time of known posture.
    """
    lying = intersect(found.postures.stretches(LYING), time.window())
    turns = _turns_in_bed(found.turns, time.window())
    indices = {
        **_shares(found, lying, time.window()),
        **_up(found.postures, time.window(), rule),
        **_turn_rates(found, turns, lying, time),
        **_turn_sizes(found.turns, turns),
        "posture_changes_n": _changes(found, time.window()),
    }
    return all_missing(indices, found.reason) if found.reason else indices


def _shares(found: TrunkPostures, lying: Intervals, window: Intervals) -> dict[str, Index]:
    indices = {}
    for side in _SIDES:
        why = found.sides_reason or (found.left_right_reason if side in _LEFT_RIGHT else "")
        why = why or (
            "" if total(lying) > 0 else translatable("no lying between lights off and on")
        )
        here = total(intersect(found.postures.stretches((side,)), window))
        value = None if why else 100.0 * here / total(lying)
        indices[f"{side}_pct"] = Index.plain(f"{side}_pct", value, otherwise=why)
    return indices


def _up(postures: Postures, window: Intervals, rule: OutOfBedRule) -> dict[str, Index]:
    stretches = {
        "upright_min": intersect(postures.stretches(("upright",)), window),
        "walking_min": intersect(postures.stretches(("walking",)), window),
        "out_of_bed_min": out_of_bed(postures, window, rule),
    }
    minutes = {name: total(here) / _SECONDS_PER_MINUTE for name, here in stretches.items()}
    values = {**minutes, "out_of_bed_n": len(stretches["out_of_bed_min"])}
    if total(intersect(postures.stretches((*LYING, *UP)), window)) <= 0:
        return all_missing(values, translatable("no known posture between lights off and on"))
    return {name: Index.plain(name, value) for name, value in values.items()}


def _turns_in_bed(turns: Turns, window: Intervals) -> NDArray[np.bool_]:
    """Return which turns lead from lying to lying, or between positions without a name."""
    up = np.isin(turns.before, UP) | np.isin(turns.after, UP)
    return contains(window, turns.onset_s) & ~up


def _turn_rates(
    found: TrunkPostures, here: NDArray[np.bool_], lying: Intervals, time: NightTime
) -> dict[str, Index]:
    asleep = time.stretches(SLEEP_STAGES)
    lying_h = total(lying) / SECONDS_PER_HOUR
    asleep_h = total(intersect(asleep, union(found.postures.stretches(LYING)))) / SECONDS_PER_HOUR
    sleeping = here & contains(asleep, found.turns.onset_s)
    why_not_lying = translatable("no lying between lights off and on")
    why_not_asleep = (
        translatable("no sleep while the trunk sensor showed lying")
        if total(asleep)
        else time.why_no_hours(SLEEP_STAGES)
    )
    indices = {}
    for size in SIZES_DEG:
        large = found.turns.angle_deg >= size
        for name, turns, hours, why in (
            (f"turns_{size}_index", here & large, lying_h, why_not_lying),
            (f"turns_{size}_sleep_index", sleeping & large, asleep_h, why_not_asleep),
        ):
            indices[name] = Index.rate(name, turns.sum(), hours, otherwise=why)
    return indices


def _turn_sizes(turns: Turns, here: NDArray[np.bool_]) -> dict[str, Index]:
    columns = {
        "turn_size_median_deg": turns.angle_deg[here],
        "turn_speed_median_deg_s": turns.speed_deg_s[here],
    }
    if not here.any():
        return all_missing(columns, translatable("no turn between lights off and on"))
    return {name: Index.plain(name, np.median(values)) for name, values in columns.items()}


def _changes(found: TrunkPostures, window: Intervals) -> Index:
    if found.sides_reason:
        return Index.missing("posture_changes_n", found.sides_reason)
    posture = found.postures.posture
    named = np.where(np.isin(posture, UP), "up", posture)
    # two rows of lying that touch are two sides, but it is unknown which
    changed = (named[1:] != named[:-1]) | (named[1:] == "lying")
    changed &= (named[1:] != "unknown") & (named[:-1] != "unknown")
    inside = contains(window, found.postures.onset_s[1:])
    return Index.plain("posture_changes_n", (changed & inside).sum())
