"""Walking, from the sensors there are, so that it can be excluded from rest.

Pacing raises every measure of movement at rest and must be excluded; swinging a leg while seated is
what those measures are for and must be kept.  Only a trunk sensor distinguishes them.
"""

from collections.abc import Sequence
from dataclasses import field

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.finding import Finding
from psgkit.core.intervals import (
    Intervals,
    complement,
    drop_shorter_than,
    intersect,
    no_intervals,
    runs_of_true,
    union,
)
from psgkit.core.message import translatable
from psgkit.core.postures import LYING, Postures
from psgkit.core.ranges import check_ranges
from psgkit.core.site import GROUP_SITES, Site
from psgkit.detect.accelerometer.trains.find import MotionScan

_NOTHING_ODD: tuple[Finding, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class WalkingRule:
    """When movement is walking.

    People take 0.7-1.1 strides and 1.4-2.2 steps a second, slowly to briskly (common knowledge of
    gait analysis, not in the rule sheet); the other numbers are psgkit's own choice.

    Attributes
    ----------
    low_hz, high_hz : float
        Strides at a leg, steps or strides at the trunk.
    trunk_g, leg_g : float
        Least root mean square of the movement with sensors at trunk and legs.
    leg_alone_g : float
        The same for a leg without a trunk sensor; higher, because a foot hits the floor hard.
    smooth_s : float
        Time over which a level is taken.
    join_s, least_s : float
        Longest stretch of irregular steps within a walk, and shortest walk.
    """

    low_hz: float = 0.7
    high_hz: float = 3.0
    trunk_g: float = 0.05
    leg_g: float = 0.1
    leg_alone_g: float = 0.3
    smooth_s: float = 2.0
    join_s: float = 3.0
    least_s: float = 5.0

    def __post_init__(self) -> None:
        check_ranges(self)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Walking:
    """When the sleeper walked.

    Attributes
    ----------
    intervals : float64 array, shape (n, 2)
        Seconds from the start of the recording.
    basis : str
        Which sensors walking is taken from, in words; empty if there are none.
    findings : tuple of Finding
    """

    intervals: Intervals = field(default_factory=lambda: no_intervals(np.float64))
    basis: str = ""
    findings: tuple[Finding, ...] = ()


def walking_intervals(
    scans: Sequence[MotionScan],
    postures: Postures | None = None,
    rule: WalkingRule | None = None,
) -> Walking:
    """Return when the sleeper walked, from the scans of all sensors.

    With a trunk sensor: steps or strides at trunk or a leg while both move, and not lying down.
    Without: strides of much acceleration at both legs, or at the only one, with a finding that
    vigorous swinging of a seated person's legs looks the same.  A wrist does not show walking.

    Examples
    --------
    >>> walking_intervals([]).findings[0].code
    'walking.no_sensor'
    """
    rule = rule or WalkingRule()
    trunk = [scan for scan in scans if scan.site in GROUP_SITES["trunk"]]
    legs = [scan for scan in scans if scan.site in GROUP_SITES["legs"]]
    if trunk:
        found = _with_trunk(trunk, legs, rule)
        basis, findings = translatable("trunk and legs") if legs else "trunk", _NOTHING_ODD
    elif legs:
        found, basis, findings = _legs_alone(legs, rule)
    else:
        message = translatable(
            "no accelerometer at trunk or leg: walking is not known and not cut out"
        )
        return Walking(findings=(Finding("warning", "walking.no_sensor", "walking", message),))
    if postures is not None and len(found):
        lying = union(postures.stretches(LYING).astype(np.float64))
        found = intersect(found, complement(lying, *_ends(found)))
    return Walking(intervals=_whole(found, rule), basis=basis, findings=findings)


def _with_trunk(trunk: list[MotionScan], legs: list[MotionScan], rule: WalkingRule) -> Intervals:
    trunk_moves = _moving(trunk, rule.trunk_g, rule)
    trunk_steps = _steps(trunk, rule.trunk_g, rule)
    if not legs:
        return trunk_steps
    leg_moves = _moving(legs, rule.leg_g, rule)
    leg_steps = _steps(legs, rule.leg_g, rule)
    return union(intersect(trunk_steps, leg_moves), intersect(leg_steps, trunk_moves))


def _legs_alone(
    legs: list[MotionScan], rule: WalkingRule
) -> tuple[Intervals, str, tuple[Finding, ...]]:
    sides = [
        _steps([scan for scan in legs if scan.site == site], rule.leg_alone_g, rule)
        for site in sorted({Site(scan.site) for scan in legs})
    ]
    found = _whole(sides[0], rule)
    for other in sides[1:]:
        found = intersect(found, _whole(other, rule))
    basis = translatable("both legs") if len(sides) > 1 else translatable("one leg")
    message = translatable(
        f"no trunk accelerometer: walking is taken from {basis} and cannot be distinguished from "
        "vigorous swinging of a seated person's legs"
    )
    return found, basis, (Finding("warning", "walking.no_trunk", "walking", message),)


def _steps(scans: list[MotionScan], least_g: float, rule: WalkingRule) -> Intervals:
    """Return the trains that are strong enough and have the frequency of steps."""
    parts = []
    for scan in scans:
        hz = scan.trains.frequency_hz
        chosen = (scan.rms_g >= least_g) & (hz >= rule.low_hz) & (hz <= rule.high_hz)
        parts.append(scan.trains.intervals()[chosen])
    return union(no_intervals(np.float64), *parts)


def _moving(scans: list[MotionScan], least_g: float, rule: WalkingRule) -> Intervals:
    """Return when any of the sensors moves enough."""
    parts = []
    for scan in scans:
        mask = _smooth(scan.level_g, round(rule.smooth_s * scan.level_rate_hz)) >= least_g
        parts.append(scan.level_start_s + runs_of_true(mask) / scan.level_rate_hz)
    return union(no_intervals(np.float64), *parts)


def _smooth(level_g: NDArray[np.float32], width: int) -> NDArray[np.float64]:
    """Return the root mean square over ``width`` values; missing ones count as 0."""
    energy = np.pad(np.nan_to_num(level_g.astype(np.float64)) ** 2, (width // 2 + 1, width), "edge")
    sums = np.cumsum(energy)
    return np.asarray(np.sqrt(np.maximum(sums[width:] - sums[:-width], 0) / width)[: len(level_g)])


def _whole(found: Intervals, rule: WalkingRule) -> Intervals:
    """Return walks: neighbouring pieces joined, short ones dropped."""
    if not len(found):
        return no_intervals(np.float64)
    wider = union(np.column_stack((found[:, 0], found[:, 1] + rule.join_s)))
    return drop_shorter_than(rule.least_s, wider - np.array([0.0, rule.join_s]))


def _ends(found: Intervals) -> tuple[float, float]:
    return float(found[:, 0].min()), float(found[:, 1].max())
