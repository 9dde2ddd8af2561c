"""Sustained inactivity: the arm keeps its angle (van Hees et al., PLoS ONE 2015;10:e0142533)."""

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.days.sleep_wake import ASLEEP, AWAKE, UNSCORED
from psgkit.core.intervals import drop_shorter_than, paint, runs_of_true
from psgkit.core.ranges import check_ranges


@dataclass(frozen=True, kw_only=True, slots=True)
class InactivityRule:
    """No change of the angle by more than ``change_deg`` for at least ``least_s``.

    5 degrees and 5 minutes, from the code of GGIR by the author of the paper.  GGIR requires more
    than 5 minutes between two changes, psgkit 5 minutes or more.
    """

    change_deg: float = 5.0
    least_s: float = 300.0

    def __post_init__(self) -> None:
        check_ranges(self)


def sustained_inactivity(
    z_angle_deg: NDArray[np.float64], epoch_s: float = 5.0, rule: InactivityRule | None = None
) -> NDArray[np.int8]:
    """Return for each epoch whether it lies in sustained inactivity (``ASLEEP``) or not.

    An epoch without an angle is UNSCORED and ends inactivity.

    Examples
    --------
    >>> angles = np.array([0.0] * 60 + [20.0, 30.0] + [np.nan] * 2)
    >>> state = sustained_inactivity(angles)
    >>> state[:60].tolist() == [1] * 60, state[60:].tolist()
    (True, [0, 0, -1, -1])
    """
    rule = rule or InactivityRule()
    missing = np.isnan(z_angle_deg)
    with np.errstate(invalid="ignore"):
        kept = np.abs(np.diff(z_angle_deg)) <= rule.change_deg
    links = runs_of_true(kept)
    # n links join n + 1 epochs
    runs = np.column_stack((links[:, 0], links[:, 1] + 1))
    long = drop_shorter_than(np.ceil(rule.least_s / epoch_s - 1e-9), runs)
    state = np.where(paint(long, len(z_angle_deg)), ASLEEP, AWAKE)
    return np.where(missing, UNSCORED, state).astype(np.int8)
