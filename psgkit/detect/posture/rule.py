"""Settings of postures and turns, and how a trunk sensor is mounted."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.ranges import check_ranges

_AXES = {"x": 0, "y": 1, "z": 2}


class Gravity(Protocol):
    """The direction of gravity at one sensor, as in ``GravityTrack``.

    ``gravity_g`` is low-passed acceleration, shape ``(n, n_axes)``; it points upwards, as an
    accelerometer at rest shows 1 g upwards.  ``usable`` has shape ``(n,)``.
    """

    @property
    def start_s(self) -> float:
        """Return the time of the first sample, seconds from the start of the recording."""

    @property
    def rate_hz(self) -> float:
        """Return samples a second."""

    @property
    def gravity_g(self) -> NDArray[np.float32]:
        """Return the low-passed acceleration in g."""

    @property
    def usable(self) -> NDArray[np.bool_]:
        """Return which samples can be relied on."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Mounting:
    """How the axes of a trunk sensor lie on the body, as far as it is stated.

    An axis is stated by a sign and ``x``, ``y`` or ``z`` (first, second, third axis of the
    sensor): ``front="+z"`` says that the third axis reads +1 g while lying on the back, ``up="+y"``
    that the second reads +1 g while standing, ``left="-x"`` that the first reads -1 g while lying
    on the right side.  What is empty is found in the data; ``left`` follows from the other two if
    the axes are right-handed.

    Raises
    ------
    ValueError
        If an axis is none of ``+x -x +y -y +z -z``, or is stated twice.

    Examples
    --------
    >>> Mounting(front="+z", up="-y").vector("up").tolist()
    [0.0, -1.0, 0.0]
    """

    front: str = ""
    up: str = ""
    left: str = ""

    def __post_init__(self) -> None:
        check_ranges(self)
        stated = [name for name in (self.front, self.up, self.left) if name]
        for name in stated:
            if len(name) != 2 or name[0] not in "+-" or name[1] not in _AXES:  # noqa: PLR2004
                raise ValueError(f"mounting: {name!r} is none of +x, -x, +y, -y, +z, -z")
        if len({name[1] for name in stated}) < len(stated):
            raise ValueError(f"mounting: an axis is stated twice in {', '.join(stated)}")

    def vector(self, side: str) -> NDArray[np.float64] | None:
        """Return the unit vector of ``front``, ``up`` or ``left``; None when it is not stated."""
        name = getattr(self, side)
        if not name:
            return None
        found = np.zeros(3)
        found[_AXES[name[1]]] = -1.0 if name[0] == "-" else 1.0
        return found


@dataclass(frozen=True, kw_only=True, slots=True)
class TurnRule:
    """When a change of the direction of gravity is a turn: it is quick and lasts.

    The three sizes at which turns are reported and the 10 s are suggestions of the rule sheet
    (4.4), not of a paper: Mirelman et al. 2020 do not print their thresholds in the abstract.
    The rest is psgkit's own choice.

    Attributes
    ----------
    min_angle_deg : float
        Smallest change of direction that is listed.
    max_duration_s, hold_s : float
        The change is complete within the first, and the new direction holds for the second.
    still_deg, still_span_s : float
        The sensor is still while its direction changes by no more than ``still_deg`` across
        ``still_span_s``, or by no more than ``noise_factor`` times the median of the night, so
        that breathing is not movement.
    same_position_deg : float
        Still directions before and after a movement are one position when they differ by less.
    """

    min_angle_deg: float = 15.0
    max_duration_s: float = 10.0
    hold_s: float = 10.0
    still_deg: float = 3.0
    still_span_s: float = 2.0
    noise_factor: float = 4.0
    same_position_deg: float = 8.0

    def __post_init__(self) -> None:
        check_ranges(self)
        if not 0 < self.same_position_deg <= self.min_angle_deg <= 180:  # noqa: PLR2004
            raise ValueError(
                "turns need 0 < same_position_deg <= min_angle_deg <= 180, got "
                f"{self.same_position_deg} and {self.min_angle_deg}"
            )
        if min(self.max_duration_s, self.hold_s, self.still_deg, self.still_span_s) <= 0:
            raise ValueError("the durations and still_deg of turns must be positive")
        if self.still_span_s >= self.hold_s:
            raise ValueError(
                f"still_span_s must be below hold_s, got {self.still_span_s}, {self.hold_s}"
            )

    @property
    def still_hold_s(self) -> float:
        """Return how long a held position is still; movements shorten it at both ends."""
        return self.hold_s - self.still_span_s


@dataclass(frozen=True, kw_only=True, slots=True)
class PostureRule:
    """How the direction of gravity becomes a posture; numbers without a source are psgkit's own.

    Attributes
    ----------
    upright_deg : float
        The trunk is up when it rises at least this far above the horizontal: between a raised
        head of the bed (30 degrees) and sitting reclined (45).
    side_deg : float
        Half the width of supine and of prone around the long axis; the sides take the rest.
    boundary_deg : float
        Within this angle of a boundary the mean direction of a position decides, not the moment.
    min_run_s : float
        A posture shorter than this belongs to the one before.
    min_walking_s : float
        Least walking that shows the upward direction.
    min_hours : float
        Without walking, only a recording of at least this length is assumed to be spent lying.
    max_empty_arc_deg, min_share : float
        Without walking, positions must leave no wider arc around the body empty for its long axis
        to be certain; one that holds a smaller share of the time does not count.
    min_upright_s : float
        Least time upright that shows the head end of a long axis found without walking.
    shares : (float, float, float, float)
        How an adult's lying time is taken to be shared by supine, left, right and prone: 38, 27,
        27 and 7 % (Skarpsno et al. 2017, Nat Sci Sleep 9:267, n = 664; from memory, unconfirmed).
    shares_weight : float
        Weight of these shares against the data (sum of the Dirichlet parameters).
    reclined : (float, float, float, float)
        How often a person with a slanting trunk leans back, left, right and forward.
    max_reclined : int
        Slanting positions count as at most this many independent observations.
    gait_weight : float
        Log likelihood that a perfectly clear sideways line of gait adds for or against a front.
    turns : TurnRule
    """

    upright_deg: float = 35.0
    side_deg: float = 45.0
    boundary_deg: float = 6.0
    min_run_s: float = 4.0
    min_walking_s: float = 10.0
    min_hours: float = 1.0
    max_empty_arc_deg: float = 210.0
    min_share: float = 0.02
    min_upright_s: float = 30.0
    shares: tuple[float, float, float, float] = (0.38, 0.27, 0.27, 0.07)
    shares_weight: float = 4.0
    reclined: tuple[float, float, float, float] = (0.6, 0.15, 0.15, 0.1)
    max_reclined: int = 3
    gait_weight: float = 2.5
    turns: TurnRule = TurnRule()

    def __post_init__(self) -> None:
        check_ranges(self)
        for name in ("upright_deg", "side_deg"):
            if not 0 < getattr(self, name) < 90:  # noqa: PLR2004
                raise ValueError(f"{name} must lie between 0 and 90, got {getattr(self, name)}")
        if min(*self.shares, *self.reclined, self.shares_weight) <= 0:
            raise ValueError("shares, reclined and shares_weight must be positive")
