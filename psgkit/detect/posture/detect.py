"""Find postures and turns of the trunk in the direction of gravity at one sensor."""

from dataclasses import field

import numpy as np
from numpy.typing import NDArray

from psgkit.core.bounds import samples_at_least
from psgkit.core.dataclass import dataclass
from psgkit.core.finding import Finding
from psgkit.core.intervals import Intervals, paint
from psgkit.core.message import translatable
from psgkit.core.postures import LYING, Postures, Turns
from psgkit.detect.posture.axes import BodyAxes, axes_findings, find_axes
from psgkit.detect.posture.gait import Gait
from psgkit.detect.posture.rule import Gravity, Mounting, PostureRule
from psgkit.detect.posture.turns import (
    MOST_POSITIONS,
    BareTurns,
    Positions,
    Vectors,
    angle_between,
    find_positions,
    find_turns,
    lain_in,
    readable,
    slept_in,
    unit_vectors,
)

_NAMES = np.array(
    ["unknown", "supine", "prone", "left", "right", "lying", "lying", "upright", "walking"]
)
_UNKNOWN, _SUPINE, _PRONE, _LEFT, _RIGHT, _LYING, _OTHER_SIDE, _UPRIGHT, _WALKING = range(9)
_N_AXES = 3
_Codes = NDArray[np.int8]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class TrunkPostures:
    """Postures and turns of the trunk.

    Attributes
    ----------
    postures, turns : Postures, Turns
    axes : BodyAxes
        How the body lies in the sensor, with what was assumed.
    findings : tuple of Finding
    reason : str
        Why there are no postures at all; empty if there are.
    sides_reason : str
        Why supine, prone, left and right are not distinguished; empty if they are.
    left_right_reason : str
        Why left and right are not distinguished; empty if they are.
    """

    postures: Postures
    turns: Turns
    axes: BodyAxes = field(default_factory=BodyAxes)
    findings: tuple[Finding, ...] = ()
    reason: str = ""
    sides_reason: str = ""
    left_right_reason: str = ""

    @classmethod
    def none(cls, reason: str) -> "TrunkPostures":
        """Return a result without postures, with the reason."""
        return cls(
            postures=Postures.none(),
            turns=Turns.none(),
            reason=reason,
            sides_reason=reason,
            left_right_reason=reason,
        )


def find_postures(
    track: Gravity,
    walking: Intervals,
    *,
    place: str,
    mounting: Mounting = Mounting(),  # noqa: B008 - frozen
    rule: PostureRule = PostureRule(),  # noqa: B008 - frozen
) -> TrunkPostures:
    """Find postures and turns of a trunk sensor.

    The trunk is up when it rises at least ``rule.upright_deg`` above the horizontal; lying, the
    roll around the long axis says on which side.  How the sensor is mounted is taken from
    ``mounting``; an axis that is not stated is found in the data (``psgkit.detect.posture.axes``)
    and reported.
    Without walking, and with fewer than three sides lain on, the long axis is unknown: then the
    commonest direction of a recording of an hour or more is taken for lying, and directions more
    than 45 degrees from it (either way up) are unknown.

    Parameters
    ----------
    track : GravityTrack
        Of a sensor with three axes at the trunk.
    walking : Intervals
        Seconds, shape ``(n, 2)``; may be empty.  ``find_postures_by_gait`` also uses the
        acceleration of the trunk while walking, and is surer of the front.
    place : str
        Name of the sensor, for findings.

    Returns
    -------
    TrunkPostures
        Postures cover the track without gaps; where none is known it is ``unknown``.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> up, back, side = [0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, -1.0]
    >>> way = np.repeat(np.array([up, back, side, back]), 120, axis=0)
    >>> track = SimpleNamespace(
    ...     start_s=0.0, rate_hz=2.0, gravity_g=way, usable=np.ones(len(way), dtype=bool))
    >>> found = find_postures(track, np.array([[0.0, 40.0]]), place="sternum")
    >>> found.postures.posture.tolist()
    ['walking', 'upright', 'supine', 'left', 'supine']
    >>> found.turns.angle_deg.round(3).tolist()
    [90.0, 90.0, 90.0]
    """
    gait = Gait(walking=walking)
    return find_postures_by_gait(track, gait, place=place, mounting=mounting, rule=rule)


def find_postures_by_gait(
    track: Gravity,
    gait: Gait,
    *,
    place: str,
    mounting: Mounting = Mounting(),  # noqa: B008 - frozen
    rule: PostureRule = PostureRule(),  # noqa: B008 - frozen
    asleep: Intervals | None = None,
) -> TrunkPostures:
    """Find postures and turns like ``find_postures``, with evidence of walking and sleep.

    ``gait`` is what ``measured_gait`` found in the same sensor.  ``asleep`` are seconds of scored
    sleep: people sleep lying, so positions without sleep do not show how the body lies.
    """
    if track.gravity_g.shape[1] != _N_AXES:
        return TrunkPostures.none(
            translatable(
                f"the sensor {place} has {track.gravity_g.shape[1]} of the 3 axes that postures "
                "need"
            )
        )
    good = readable(track)
    if not good.any():
        return TrunkPostures.none(translatable(f"the sensor {place} has no usable signal"))
    ways = unit_vectors(np.where(good[:, None], track.gravity_g, 0.0))
    positions = find_positions(track, rule.turns)
    stepping = paint(_in_samples(gait.walking, track), len(ways)) & good
    lying = lain_in(positions, stepping)
    if asleep is not None and len(asleep):
        slept = paint(_in_samples(asleep, track), len(ways))
        lying = slept_in(lying, slept) or lying
    axes = find_axes(
        lying,
        _episodes(ways, stepping, samples_at_least(rule.min_walking_s, track.rate_hz)),
        gait,
        mounting,
        rule,
    )
    codes = _codes(ways, positions, axes, rule)
    if axes.up is None:
        codes = _near_the_commonest(ways, lying, track, rule)
    codes = np.where(stepping, _WALKING, np.where(good, codes, _UNKNOWN)).astype(np.int8)
    codes = _settled(codes, good, samples_at_least(rule.min_run_s, track.rate_hz))
    turns = find_turns(track, positions, rule.turns)
    sides, left_right = _reasons(axes)
    return TrunkPostures(
        postures=_as_postures(codes, axes.roll_deg(ways), track),
        turns=_as_turns(turns, codes),
        axes=axes,
        findings=axes_findings(axes, mounting, place, any_lying=bool((codes == _LYING).any())),
        sides_reason=sides,
        left_right_reason=left_right,
    )


def _reasons(axes: BodyAxes) -> tuple[str, str]:
    if axes.up is None:
        reason = translatable(
            "the long axis of the body is unknown: too few positions and no walking were seen"
        )
        return reason, reason
    if not axes.head_known:
        return "", translatable(
            "never seen upright, so the head end and with it left and right are unknown"
        )
    return "", ""


def _in_samples(walking: Intervals, track: Gravity) -> Intervals:
    seconds = np.asarray(walking, dtype=np.float64).reshape(-1, 2)
    return np.rint((seconds - track.start_s) * track.rate_hz).astype(np.int64)


def _episodes(ways: Vectors, stepping: NDArray[np.bool_], fewest: int) -> Vectors:
    """Return the mean direction of each walking episode; none if all together are too short."""
    if stepping.sum() < fewest:
        return np.empty((0, 3))
    edge = np.diff(stepping.astype(np.int8), prepend=0)
    number = np.cumsum(edge == 1)[stepping] - 1
    sums = [np.bincount(number, weights=ways[stepping, axis]) for axis in range(_N_AXES)]
    return unit_vectors(np.column_stack(sums))[:MOST_POSITIONS]


def _codes(ways: Vectors, positions: Positions, axes: BodyAxes, rule: PostureRule) -> _Codes:
    """Return a posture for each sample; near a boundary the position as a whole decides."""
    own, margin = _named(ways, axes, rule)
    if not len(positions):
        return own
    whole, _ = _named(positions.mean, axes, rule)
    at = np.searchsorted(positions.runs[:, 0], np.arange(len(ways)), side="right") - 1
    inside = (at >= 0) & (np.arange(len(ways)) < positions.runs[np.maximum(at, 0), 1])
    unsure = inside & (margin < rule.boundary_deg)
    return np.where(unsure, whole[np.maximum(at, 0)], own).astype(np.int8)


def _named(ways: Vectors, axes: BodyAxes, rule: PostureRule) -> tuple[_Codes, NDArray[np.float64]]:
    """Return the posture of each direction, and its distance from the next posture in degrees."""
    rise, roll = axes.elevation_deg(ways), axes.roll_deg(ways)
    off = np.abs(roll)
    two = (_LEFT, _RIGHT) if axes.head_known else (_LYING, _OTHER_SIDE)
    sides = np.where(roll > 0, *two)
    lying = np.select(
        [off <= rule.side_deg, off >= 180.0 - rule.side_deg], [_SUPINE, _PRONE], sides
    )
    # without a known head end both directions of the long axis count as up
    up, down = rise >= rule.upright_deg, rise <= -rule.upright_deg
    codes = np.select([up, down], [_UPRIGHT, _UNKNOWN if axes.head_known else _UPRIGHT], lying)
    from_up = np.abs(np.abs(rise) - rule.upright_deg)
    from_side = np.minimum(np.abs(off - rule.side_deg), np.abs(off - 180.0 + rule.side_deg))
    steep = np.abs(rise) >= rule.upright_deg
    return codes.astype(np.int8), np.where(steep, from_up, np.minimum(from_up, from_side))


def _near_the_commonest(
    ways: Vectors, positions: Positions, track: Gravity, rule: PostureRule
) -> _Codes:
    """Return ``lying`` near the direction most time was spent in, ``unknown`` elsewhere."""
    unknown = np.full(len(ways), _UNKNOWN, dtype=np.int8)
    if positions.still_n.sum() < rule.min_hours * 3600.0 * track.rate_hz:
        return unknown
    apart = angle_between(positions.mean[:, None, :], positions.mean[None, :, :])
    middle = positions.mean[int(np.argmax((apart <= rule.side_deg) @ positions.still_n))]
    off = angle_between(ways, middle)
    return np.where(np.minimum(off, 180.0 - off) <= rule.side_deg, _LYING, unknown).astype(np.int8)


def _settled(codes: _Codes, good: NDArray[np.bool_], fewest: int) -> _Codes:
    """Return the postures; too short ones (except walking, unknown) join the one before."""
    first = np.flatnonzero(np.r_[True, codes[1:] != codes[:-1]])
    length = np.diff(np.r_[first, len(codes)])
    value = codes[first]
    keep = (length >= fewest) | (value == _WALKING) | ~good[first]
    source = np.maximum.accumulate(np.where(keep, np.arange(len(first)), -1))
    later = np.minimum.accumulate(np.where(keep, np.arange(len(first)), len(first))[::-1])[::-1]
    blind = (source < 0) | ~good[first[np.maximum(source, 0)]]
    chosen = np.where(keep, source, np.where(blind, np.minimum(later, len(first) - 1), source))
    return np.repeat(value[chosen], length)


def _as_postures(codes: _Codes, roll_deg: NDArray[np.float64], track: Gravity) -> Postures:
    """Return runs of one posture with their circular mean roll."""
    first = np.flatnonzero(np.r_[True, codes[1:] != codes[:-1]])
    stop = np.r_[first[1:], len(codes)]
    phase = np.where(np.isnan(roll_deg), 0.0, np.exp(1j * np.radians(roll_deg)))
    mean = np.add.reduceat(phase, first)
    names = _NAMES[codes[first]]
    has_roll = np.isin(names, LYING) & (np.abs(mean) > 0)
    return Postures(
        onset_s=track.start_s + first / track.rate_hz,
        end_s=track.start_s + stop / track.rate_hz,
        posture=names,
        angle_deg=np.where(has_roll, np.degrees(np.angle(mean)), np.nan),
    )


def _as_turns(turns: BareTurns, codes: _Codes) -> Turns:
    lasting = np.maximum(turns.end_s - turns.onset_s, 1e-3)
    return Turns(
        onset_s=turns.onset_s,
        end_s=turns.end_s,
        angle_deg=turns.angle_deg,
        speed_deg_s=turns.angle_deg / lasting,
        before=_NAMES[codes[np.minimum(turns.before, len(codes) - 1)]],
        after=_NAMES[codes[np.minimum(turns.after, len(codes) - 1)]],
    )
