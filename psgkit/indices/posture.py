"""How the night was spent: lying on which side, turning, up, out of bed; and movements by posture.

Everything counts between lights off and on only.  An upright trunk is all that a trunk sensor can
tell: who sits in bed is up as well, and "out of bed" means up or walking for long enough.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from psgkit.core.hypnogram import SLEEP_STAGES
from psgkit.core.index import Index
from psgkit.core.intervals import (
    Intervals,
    contains,
    drop_shorter_than,
    group_of_connected,
    intersect,
    total,
    union,
)
from psgkit.core.night_report import BreakdownRow
from psgkit.core.postures import LYING, UP, Postures, Turns
from psgkit.detect.posture.detect import TrunkPostures
from psgkit.indices.movement import GroupNight
from psgkit.sleep.time_in_stages import SECONDS_PER_HOUR, NightTime

SIZES_DEG = (15, 30, 60)
"""Turns are reported from these sizes on (rule sheet 4.4, a suggestion)."""

_SIDES = ("supine", "prone", "left", "right")
_LEFT_RIGHT = ("left", "right")
_LEVELS = (*_SIDES, "lying", *UP)
_SECONDS_PER_MINUTE = 60.0
_EDGE = 1e-6


@dataclass(frozen=True, kw_only=True, slots=True)
class OutOfBedRule:
    """What is being out of bed; the numbers are ours.

    Attributes
    ----------
    min_s : float
        Up for at least this long.
    join_s : float
        Bending down for no longer than this does not end it.
    """

    min_s: float = 30.0
    join_s: float = 10.0

    def __post_init__(self) -> None:
        if self.min_s <= 0 or self.join_s < 0:
            raise ValueError(f"out of bed needs min_s > 0 and join_s >= 0, got {self}")


def out_of_bed(postures: Postures, window: Intervals, rule: OutOfBedRule) -> Intervals:
    """Return when the trunk was up for long enough within ``window``, seconds, shape ``(n, 2)``.

    What cannot be told does not join: after a gap it may have been another night.

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
    lying (``turns_30_index``) and, beginning in sleep, per hour of sleep that the sensor saw
    (``turns_30_sleep_index``).  ``posture_changes_n`` counts changes between supine, prone, left,
    right and up; time that is unknown hides what happened in it.

    Parameters
    ----------
    time : NightTime
        Its ``observed`` is not asked: when postures are known is what the sensor saw.
    """
    lying = intersect(found.postures.stretches(LYING), time.window())
    turns = _turns_in_bed(found.turns, time.window())
    indices = {
        **_shares(found, time.window()),
        **_up(found.postures, time.window(), rule),
        **_turn_rates(found, turns, lying, time),
        **_turn_sizes(found.turns, turns),
        "posture_changes_n": _changes(found, time.window()),
    }
    if not found.reason:
        return indices
    return {name: Index.missing(name, one.unit, found.reason) for name, one in indices.items()}


def _shares(found: TrunkPostures, window: Intervals) -> dict[str, Index]:
    known = total(intersect(found.postures.stretches(LYING), window))
    indices = {}
    for side in _SIDES:
        name = f"{side}_pct"
        why = found.sides_reason or (found.left_right_reason if side in _LEFT_RIGHT else "")
        here = total(intersect(found.postures.stretches((side,)), window))
        if why or known <= 0:
            why = why or "no lying between lights off and on"
            indices[name] = Index.missing(name, "%", why)
        else:
            indices[name] = Index.plain(name, 100.0 * here / known, "%")
    return indices


def _up(postures: Postures, window: Intervals, rule: OutOfBedRule) -> dict[str, Index]:
    known = total(intersect(postures.stretches((*LYING, *UP)), window))
    minutes = {
        "upright_min": intersect(postures.stretches(("upright",)), window),
        "walking_min": intersect(postures.stretches(("walking",)), window),
        "out_of_bed_min": out_of_bed(postures, window, rule),
    }
    if known <= 0:
        why = "no known posture between lights off and on"
        missing = {name: Index.missing(name, "min", why) for name in minutes}
        return {**missing, "out_of_bed_n": Index.missing("out_of_bed_n", "1", why)}
    return {
        **{
            name: Index.plain(name, total(here) / _SECONDS_PER_MINUTE, "min")
            for name, here in minutes.items()
        },
        "out_of_bed_n": Index.plain("out_of_bed_n", float(len(minutes["out_of_bed_min"])), "1"),
    }


def _turns_in_bed(turns: Turns, window: Intervals) -> NDArray[np.bool_]:
    """Return which turns lead from lying to lying, or between positions nobody can name."""
    up = np.isin(turns.before, UP) | np.isin(turns.after, UP)
    return contains(window, turns.onset_s) & ~up


def _turn_rates(
    found: TrunkPostures, here: NDArray[np.bool_], lying: Intervals, time: NightTime
) -> dict[str, Index]:
    asleep = time.stretches(SLEEP_STAGES)
    seen = intersect(asleep, union(found.postures.stretches(LYING)))
    sleeping = here & contains(asleep, found.turns.onset_s)
    indices = {}
    for size in SIZES_DEG:
        large = found.turns.angle_deg >= size
        plain, staged = f"turns_{size}_index", f"turns_{size}_sleep_index"
        indices[plain] = Index.rate(
            plain,
            float((here & large).sum()),
            total(lying) / SECONDS_PER_HOUR,
            otherwise="no lying between lights off and on",
        )
        indices[staged] = Index.rate(
            staged,
            float((sleeping & large).sum()),
            total(seen) / SECONDS_PER_HOUR,
            otherwise="no sleep while the trunk sensor showed lying"
            if total(asleep)
            else time.why_no_hours(SLEEP_STAGES),
        )
    return indices


def _turn_sizes(turns: Turns, here: NDArray[np.bool_]) -> dict[str, Index]:
    columns = {
        "turn_size_median_deg": (turns.angle_deg, "deg"),
        "turn_speed_median_deg_s": (turns.speed_deg_s, "deg/s"),
    }
    if not here.any():
        why = "no turn between lights off and on"
        return {name: Index.missing(name, unit, why) for name, (_, unit) in columns.items()}
    return {
        name: Index.plain(name, float(np.median(values[here])), unit)
        for name, (values, unit) in columns.items()
    }


def _changes(found: TrunkPostures, window: Intervals) -> Index:
    name = "posture_changes_n"
    if found.sides_reason:
        return Index.missing(name, "1", found.sides_reason)
    posture = found.postures.posture
    named = np.where(np.isin(posture, UP), "up", posture)
    # two rows of lying that touch are the two sides, which is which unknown
    changed = (named[1:] != named[:-1]) | (named[1:] == "lying")
    changed &= (named[1:] != "unknown") & (named[:-1] != "unknown")
    inside = contains(window, found.postures.onset_s[1:])
    return Index.plain(name, float((changed & inside).sum()), "1")


def rates_by_posture(group: str, night: GroupNight, postures: Postures) -> tuple[BreakdownRow, ...]:
    """Return the movement rates of a group in each posture between lights off and on.

    One row for each posture that occurs, with ``lm_n clm_n plm_n`` and per observed hour
    ``lm_index clm_index plm_index``.  Sitting is not told from standing: both are ``upright``.
    Movements while walking are steps as much as anything else.
    """
    if night.reason:
        return ()
    onset_s = night.scored.movements.onset_s
    every = np.ones(len(onset_s), dtype=bool)
    chosen = {"lm": every, "clm": night.scored.candidate, "plm": night.scored.plm}
    rows = []
    for level in _LEVELS:
        part = intersect(postures.stretches((level,)), night.time.window())
        if not total(part):
            continue
        here = contains(union(part), onset_s)
        hours = night.time.hours_within(union(part))
        indices = {}
        for name, mask in chosen.items():
            count = float((here & mask).sum())
            indices[f"{name}_n"] = Index.plain(f"{name}_n", count, "1")
            indices[f"{name}_index"] = Index.rate(
                f"{name}_index",
                count,
                hours,
                otherwise=f"no time {level} while a movement could have been seen",
            )
        rows.append(BreakdownRow(group=group, by="posture", level=level, indices=indices))
    return tuple(rows)
