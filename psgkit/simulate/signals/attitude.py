"""Attitude of trunk and limbs relative to gravity, and its changes.

Conventions: body axes are x to the front, y to the left, z to the head.  An attitude is a roll
about the long axis (0 supine, 90 on the left side) and a pitch of it (0 lying, 90 upright); what an
accelerometer at rest shows is the unit vector that points up.  Limbs have their own axes and follow
the trunk partly.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.frozen import words
from psgkit.core.postures import Postures, Turns
from psgkit.simulate.plan.course import Course, stream
from psgkit.simulate.plan.group import Span

CENTRES_DEG = {"supine": 0.0, "left": 90.0, "right": -90.0, "prone": 180.0}
CENTRE_SHARES = (0.36, 0.29, 0.29, 0.06)
AROUND_CENTRE_DEG = 20.0
LEAST_TURN_DEG = 20.0
TURN_S = (0.7, 5.0)
RISE_S = (1.5, 4.0)
LYING_PITCH_DEG = (0.0, 10.0)
SEATED_PITCH_DEG = (75.0, 88.0)
FOLLOWS_SHARE = 0.7
TRIES = 1000


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Attitude:
    """Roll and pitch with smooth changes.

    Attributes
    ----------
    starts_s, ends_s : float64 arrays, shape (n,)
        Changes, in order and apart.
    roll_deg, pitch_deg : float64 arrays, shape (n + 1,)
        Before the first change, and after each.
    """

    starts_s: NDArray[np.float64]
    ends_s: NDArray[np.float64]
    roll_deg: NDArray[np.float64]
    pitch_deg: NDArray[np.float64]

    def up(self, times_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the vector that points up at ``times_s``, shape (n, 3), of length 1.

        Examples
        --------
        >>> trunk = Attitude(starts_s=np.array([10.0]), ends_s=np.array([12.0]),
        ...                  roll_deg=np.array([0.0, 90.0]), pitch_deg=np.zeros(2))
        >>> np.abs(trunk.up(np.array([0.0, 20.0]))).round(6).tolist()
        [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]
        """
        begun = np.searchsorted(self.starts_s, times_s, side="right")
        up = vector_up(np.radians(self.roll_deg), np.radians(self.pitch_deg))[begun]
        ends_s = np.concatenate(([-np.inf], self.ends_s))
        changing = np.flatnonzero(times_s < ends_s[begun])
        after = begun[changing]
        lasts_s = (self.ends_s - self.starts_s)[after - 1]
        along = (times_s[changing] - self.starts_s[after - 1]) / lasts_s
        share = 0.5 - 0.5 * np.cos(np.pi * along)
        roll, pitch = (
            np.radians(angle[after - 1] + (angle[after] - angle[after - 1]) * share)
            for angle in (self.roll_deg, self.pitch_deg)
        )
        up[changing] = vector_up(roll, pitch)
        return np.asarray(up)


def vector_up(roll: NDArray[np.float64], pitch: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the unit vector that points up, of angles in radians, shape (n, 3)."""
    flat = np.cos(pitch)
    return np.stack((np.cos(roll) * flat, -np.sin(roll) * flat, np.sin(pitch)), axis=-1)


def trunk_attitude(seed: int, course: Course, large_s: Sequence[Span], share: float) -> Attitude:
    """Return the attitude of the trunk; it turns in ``share`` of the large movements in bed."""
    rng = stream(seed, "turns")
    lying_pitch, up_pitch = rng.uniform(*LYING_PITCH_DEG), rng.uniform(*SEATED_PITCH_DEG)
    changes_s = {span[0]: span for span in course.change_s}
    starts_s, ends_s = [], []
    roll_deg, pitch_deg = [0.0], [up_pitch]
    for span in sorted([*large_s, *course.change_s]):
        rolled_deg = _next_roll(rng, roll_deg[-1])
        length_s = rng.uniform(*(RISE_S if span[0] in changes_s else TURN_S))
        length_s = min(length_s, 0.8 * (span[1] - span[0]))
        start_s = span[0] + rng.uniform() * (span[1] - span[0] - length_s)
        if rng.random() >= share and span[0] not in changes_s:
            continue
        is_up = pitch_deg[-1] > 45.0  # noqa: PLR2004 - halfway
        rises = span[0] in changes_s and not is_up
        starts_s.append(start_s)
        ends_s.append(start_s + length_s)
        roll_deg.append(roll_deg[-1] if rises else rolled_deg)
        pitch_deg.append(up_pitch if rises else lying_pitch)
    return Attitude(
        starts_s=np.round(starts_s, 3),
        ends_s=np.round(ends_s, 3),
        roll_deg=np.array(roll_deg),
        pitch_deg=np.array(pitch_deg),
    )


def limb_attitude(
    rng: np.random.Generator, trunk: Attitude, large_s: Sequence[Span], pitch_up: Span
) -> Attitude:
    """Return the attitude of a limb: anew with the trunk, and a little in other large movements."""
    kept = [
        (start_s, end_s, number + 1)
        for number, (start_s, end_s) in enumerate(zip(trunk.starts_s, trunk.ends_s, strict=True))
    ]
    for from_s, to_s in large_s:
        if not ((trunk.starts_s < to_s) & (trunk.ends_s > from_s)).any():
            third_s = (to_s - from_s) / 3.0
            kept.append((from_s + third_s, to_s - third_s, 0))
    roll_deg, pitch_deg = [0.0], [rng.uniform(*pitch_up)]
    for _, _, number in sorted(kept):
        around_deg, shift_deg = rng.normal(0.0, 20.0, 2), rng.normal(0.0, 8.0, 2)
        upright_deg = rng.uniform(*pitch_up)
        if number == 0:
            roll_deg.append(roll_deg[-1] + shift_deg[0])
            pitch_deg.append(pitch_deg[-1] + shift_deg[1])
        elif trunk.pitch_deg[number] > 45.0:  # noqa: PLR2004 - halfway
            roll_deg.append(roll_deg[-1] + 0.2 * around_deg[0])
            pitch_deg.append(upright_deg)
        else:
            roll_deg.append(FOLLOWS_SHARE * trunk.roll_deg[number] + around_deg[0])
            pitch_deg.append(0.5 * around_deg[1])
    times_s = np.array([row[:2] for row in sorted(kept)]).reshape(-1, 2)
    return Attitude(
        starts_s=times_s[:, 0],
        ends_s=times_s[:, 1],
        roll_deg=np.array(roll_deg),
        pitch_deg=np.array(pitch_deg),
    )


def postures_of(trunk: Attitude, course: Course, duration_s: float) -> Postures:
    """Return the postures from the start to the end; each begins in the middle of its change."""
    middles_s = 0.5 * (trunk.starts_s + trunk.ends_s)
    walks_s = np.array(course.walks_s, dtype=np.float64).reshape(-1, 2)
    bounds_s = np.concatenate((middles_s, walks_s.ravel(), np.array([0.0, duration_s])))
    edges_s = np.unique(bounds_s.round(3))
    inside_s = 0.5 * (edges_s[:-1] + edges_s[1:])
    number = np.searchsorted(middles_s, inside_s)
    named = [_posture(trunk, one) for one in number]
    walking = ((inside_s[:, None] > walks_s[:, 0]) & (inside_s[:, None] < walks_s[:, 1])).any(1)
    posture = np.where(walking, "walking", named)
    angle_deg = _wrapped(trunk.roll_deg[number])
    return Postures(
        onset_s=edges_s[:-1],
        end_s=edges_s[1:],
        posture=words(posture),
        angle_deg=np.where(np.isin(posture, ("upright", "walking")), np.nan, angle_deg),
    )


def turns_of(trunk: Attitude) -> Turns:
    """Return the changes of position, getting up and lying down among them."""
    up = vector_up(np.radians(trunk.roll_deg), np.radians(trunk.pitch_deg))
    cosine = np.sum(up[:-1] * up[1:], axis=1)
    angle_deg = np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0)))
    named = [_posture(trunk, number) for number in range(len(up))]
    return Turns(
        onset_s=trunk.starts_s,
        end_s=trunk.ends_s,
        angle_deg=angle_deg,
        speed_deg_s=angle_deg / (trunk.ends_s - trunk.starts_s),
        before=words(named[:-1]),
        after=words(named[1:]),
    )


def _posture(trunk: Attitude, number: int) -> str:
    if trunk.pitch_deg[number] > 45.0:  # noqa: PLR2004 - halfway
        return "upright"
    names = list(CENTRES_DEG)
    away_deg = np.abs(_wrapped(trunk.roll_deg[number] - np.array(list(CENTRES_DEG.values()))))
    return names[int(np.argmin(away_deg))]


def _next_roll(rng: np.random.Generator, from_deg: float) -> float:
    """Return the roll after a turn by the shorter way; the angle continues beyond a full turn."""
    centres_deg = np.array(list(CENTRES_DEG.values()))
    drawn_deg = rng.choice(centres_deg, TRIES, p=CENTRE_SHARES)
    drawn_deg += rng.uniform(-AROUND_CENTRE_DEG, AROUND_CENTRE_DEG, TRIES)
    turn_deg = _wrapped(drawn_deg - from_deg)
    # two degrees more, because pitch reduces the angle between the directions
    return from_deg + float(turn_deg[np.argmax(np.abs(turn_deg) >= LEAST_TURN_DEG + 2.0)])


def _wrapped(angle_deg: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the angles between -180 (excluded) and 180."""
    return np.asarray(180.0 - np.mod(180.0 - angle_deg, 360.0))
