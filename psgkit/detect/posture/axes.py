"""The axes of the body in a trunk sensor whose mounting is not stated.

Gravity shows the long axis: it points up while walking, and lying directions are spread around it.
Which lying direction is supine and which side is left need assumptions.  Front is chosen among the
four quarters by the symmetry of gait, by how adults share their lying time and by how people lean
with a slanting trunk; left follows if the axes are right-handed.  Every assumption is reported, the
choice of the front with its probability under these assumptions.
"""

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.finding import Finding
from psgkit.core.message import translatable
from psgkit.detect.posture.gait import Gait
from psgkit.detect.posture.rule import Mounting, PostureRule
from psgkit.detect.posture.turns import Positions, Vectors, angle_between, unit_vectors

_QUARTER = 90.0
_FINE_STEPS = 5
_WAYS_N = 2000
_IN_PLANE_DEG = 30.0
_GOLDEN = np.pi * (3.0 - np.sqrt(5.0))


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class BodyAxes:
    """Directions of the body in the axes of the sensor.

    Attributes
    ----------
    up : float64 array, shape (3,), or None
        Towards the head; None when the long axis is unknown.
    front, left : float64 arrays, shape (3,), or None
        At right angles to ``up``.
    up_from, front_from : str
        ``stated``, ``walking``, ``lying`` (the normal of the lying directions), ``assumed`` or
        empty.
    head_known : bool
        Whether the head end of the long axis is known; without it, left and right are not.
    front_probability : float
        Of the chosen front against the three other quarters, under the assumptions; 1 if stated.
    """

    up: Vectors | None = None
    front: Vectors | None = None
    left: Vectors | None = None
    up_from: str = ""
    front_from: str = ""
    head_known: bool = False
    front_probability: float = 1.0

    def elevation_deg(self, ways: Vectors) -> NDArray[np.float64]:
        """Return how far the trunk rises above the horizontal, -90 to 90, shape ``(n,)``."""
        assert_up = np.zeros(3) if self.up is None else self.up
        return np.asarray(np.degrees(np.arcsin(np.clip(ways @ assert_up, -1.0, 1.0))))

    def roll_deg(self, ways: Vectors) -> NDArray[np.float64]:
        """Return the roll around the long axis, (-180, 180]: 0 supine, 90 left; NaN if unknown."""
        if self.front is None or self.left is None:
            return np.full(len(ways), np.nan)
        # lying on the left side, up is where the right side is
        return np.asarray(np.degrees(np.arctan2(-(ways @ self.left), ways @ self.front)))


def find_axes(
    positions: Positions, walking: Vectors, gait: Gait, mounting: Mounting, rule: PostureRule
) -> BodyAxes:
    """Find the axes of the body from held positions and the directions of walking episodes.

    Parameters
    ----------
    positions : Positions
        Without walking.
    walking : float64 array, shape (n, 3)
        The mean direction of each walking episode; empty without walking.
    gait : Gait
    """
    up, source, head_known = _long_axis(positions, walking, mounting, rule)
    if up is None:
        return BodyAxes()
    front, left = mounting.vector("front"), mounting.vector("left")
    if front is None and left is not None and source == "stated":
        front = np.cross(left, up)  # right-handed, as nothing else is known
    if front is not None:
        found, probability, front_from = front, 1.0, "stated"
    else:
        found, probability = _likely_front(positions, up, gait, rule)
        front_from = "assumed"
    front = unit_vectors(found - (found @ up) * up)
    across = np.cross(up, front)
    if left is not None:
        across = across * (1.0 if across @ left >= 0 else -1.0)
    return BodyAxes(
        up=up,
        front=front,
        left=across,
        up_from=source,
        front_from=front_from,
        head_known=head_known,
        front_probability=probability,
    )


def axes_findings(
    axes: BodyAxes, mounting: Mounting, place: str, *, any_lying: bool
) -> tuple[Finding, ...]:
    """Return one finding for each assumption and for each direction that is not known."""
    if axes.up is None:
        done = (
            translatable("the commonest direction is taken for lying, on which side stays unknown")
            if any_lying
            else translatable("no posture is known")
        )
        return (
            Finding(
                "warning",
                "posture.long_axis_unknown",
                place,
                translatable(
                    "no walking and fewer than three sides were seen, so the direction of the head "
                    f"is unknown; {done}; state the mounting of the sensor to get postures"
                ),
            ),
        )
    found = []
    if axes.up_from == "lying":
        head = (
            ""
            if axes.head_known
            else translatable("; its head end is unknown, and so are left and right")
        )
        found.append(
            Finding(
                "warning",
                "posture.never_walking",
                place,
                translatable(
                    "no walking was seen; the long axis of the body is what the lying positions "
                    f"turn around{head}"
                ),
            )
        )
    if axes.front_from == "assumed":
        found.append(
            Finding(
                "warning",
                "posture.front_assumed",
                place,
                translatable(
                    "which lying position is supine is assumed from gait and how adults share "
                    f"their time and lean (probability {axes.front_probability:.2f} under that "
                    "assumption); state the mounting of the sensor to be sure"
                ),
            )
        )
    if axes.head_known and not (mounting.left and mounting.up and mounting.front):
        found.append(
            Finding(
                "info",
                "posture.handedness_assumed",
                place,
                translatable(
                    "left and right follow from head and front if the three axes are right-handed, "
                    "as is assumed; if one axis was stored with its sign turned, they are exchanged"
                ),
            )
        )
    return tuple(found)


def _long_axis(
    positions: Positions, walking: Vectors, mounting: Mounting, rule: PostureRule
) -> tuple[Vectors | None, str, bool]:
    stated = mounting.vector("up")
    if stated is not None:
        return stated, "stated", True
    if len(walking):
        return _middle(walking), "walking", True
    normal = _normal_of_lying(positions, rule)
    if normal is None:
        return None, "", False
    rise = np.degrees(np.arcsin(np.clip(positions.mean @ normal, -1.0, 1.0)))
    long = positions.still_n.astype(np.float64)
    above, below = long[rise >= rule.upright_deg].sum(), long[rise <= -rule.upright_deg].sum()
    known = max(above, below) > 0 and min(above, below) < max(above, below) / 4
    return (-normal if below > above else normal), "lying", bool(known)


def _middle(walking: Vectors) -> Vectors:
    """Return the mean of the episodes near the most central one, as an episode may be no walk."""
    apart = angle_between(walking[:, None, :], walking[None, :, :])
    middle = int(np.argmin(apart.sum(axis=1)))
    return unit_vectors(walking[apart[middle] <= _IN_PLANE_DEG].mean(axis=0))


def _normal_of_lying(positions: Positions, rule: PostureRule) -> Vectors | None:
    """Return the normal of the plane most time was spent in, or None if it is not certain.

    The plane must be filled on at least three sides: two directions always lie in one plane, be
    they supine and left or supine and upright.
    """
    share = positions.still_n / max(int(positions.still_n.sum()), 1)
    ways = positions.mean
    if not len(positions):
        return None
    inside = np.abs(ways @ _hemisphere().T) <= np.sin(np.radians(_IN_PLANE_DEG))
    normal = _hemisphere()[int(np.argmax(share @ inside))]
    for _ in range(_FINE_STEPS):
        near = np.abs(ways @ normal) <= np.sin(np.radians(_IN_PLANE_DEG))
        weighted = ways[near] * share[near, None]
        values, axes = np.linalg.eigh(weighted.T @ ways[near])
        if not near.any() or values[1] <= 0:
            return None
        normal = axes[:, 0]
    counts = near & (share >= rule.min_share)
    first, second = axes[:, 2], axes[:, 1]
    around = np.sort(np.degrees(np.arctan2(ways[counts] @ first, ways[counts] @ second)))
    empty = np.diff(np.r_[around, around[:1] + 360.0])
    full = len(around) > 2 and empty.max() <= rule.max_empty_arc_deg  # noqa: PLR2004
    return normal if full else None


def _hemisphere() -> Vectors:
    """Return directions spread evenly over half a sphere."""
    step = np.arange(_WAYS_N)
    z = (step + 0.5) / _WAYS_N
    flat = np.sqrt(1.0 - z**2)
    return np.column_stack((flat * np.cos(_GOLDEN * step), flat * np.sin(_GOLDEN * step), z))


def _likely_front(
    positions: Positions, up: Vectors, gait: Gait, rule: PostureRule
) -> tuple[Vectors, float]:
    """Return the likeliest front at right angles to ``up``, and its probability."""
    first = unit_vectors(np.cross(up, np.eye(3)[int(np.argmin(np.abs(up)))]))
    second = np.cross(up, first)
    rise = np.degrees(np.arcsin(np.clip(positions.mean @ up, -1.0, 1.0)))
    around = np.degrees(np.arctan2(positions.mean @ second, positions.mean @ first))
    lying = np.abs(rise) < rule.upright_deg
    slanting = (rise >= rule.upright_deg) & (rise < 90.0 - rule.upright_deg / 2)
    sideways, plain = gait.sideways(np.vstack((first, second)))
    if lying.any():
        base = _quartered(around[lying], positions.still_n[lying])
    else:
        base = sideways % _QUARTER
    score = _time_score(around[lying] - base, positions.still_n[lying], rule)
    score = score + _lean_score(around[slanting] - base, rule)
    across = np.radians(sideways - base - _QUARTER * np.arange(1, 5))
    score = score + rule.gait_weight * plain * np.cos(2 * across)
    chance = np.exp(score - score.max())
    best = int(np.argmax(chance))
    angle = base + _QUARTER * best
    angle += _slip_of_the_back(around[lying] - angle, positions.still_n[lying])
    front = np.cos(np.radians(angle)) * first + np.sin(np.radians(angle)) * second
    return front, float(chance[best] / chance.sum())


def _quartered(around_deg: NDArray[np.float64], weight: NDArray[np.int64]) -> float:
    """Return the angle, 0 to 90, that best aligns directions 90 degrees apart."""
    if not len(weight):
        return 0.0
    turned = np.sum(weight * np.exp(4j * np.radians(around_deg)))
    angle = float(np.degrees(np.angle(turned)) / 4)
    for _ in range(_FINE_STEPS):
        apart = (around_deg - angle + _QUARTER / 2) % _QUARTER - _QUARTER / 2
        angle += float(np.average(apart, weights=weight))
    return angle


def _slip_of_the_back(off_deg: NDArray[np.float64], weight: NDArray[np.int64]) -> float:
    """Return by how much supine and prone are off the front; on their sides people lean."""
    off = (off_deg + 180.0) % 360.0 - 180.0
    near = np.abs(off) <= _QUARTER / 2
    return float(np.average(off[near], weights=weight[near])) if weight[near].sum() else 0.0


def _quarters(off_deg: NDArray[np.float64], weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the weight in the quarters around 0, 90, 180 and 270 degrees."""
    quarter = np.round(off_deg / _QUARTER).astype(np.int64) % 4
    return np.bincount(quarter, weights=weight, minlength=4).astype(np.float64)


def _time_score(
    off_deg: NDArray[np.float64], weight: NDArray[np.int64], rule: PostureRule
) -> NDArray[np.float64]:
    """Return the log density of the shares of time for each quarter as the front."""
    spent = _quarters(off_deg, weight.astype(np.float64))
    spent = np.maximum(spent / max(spent.sum(), 1.0), rule.min_share)
    supine, left, right, prone = np.array(rule.shares) / sum(rule.shares) * rule.shares_weight
    parameters = np.array([supine, left, prone, right]) - 1.0
    return np.array([parameters @ np.log(np.roll(spent, -front)) for front in range(4)])


def _lean_score(off_deg: NDArray[np.float64], rule: PostureRule) -> NDArray[np.float64]:
    """Return the log likelihood of the slanting positions for each quarter as the front."""
    seen = _quarters(off_deg, np.ones(len(off_deg)))
    seen = seen * min(1.0, rule.max_reclined / max(seen.sum(), 1.0))
    back, left, right, forward = np.array(rule.reclined) / sum(rule.reclined)
    chances = np.log([back, left, forward, right])
    return np.array([chances @ np.roll(seen, -front) for front in range(4)])
