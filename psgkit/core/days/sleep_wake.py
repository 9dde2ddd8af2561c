"""Asleep or awake, epoch by epoch, as estimated from movement: sleep without stages."""

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.frozen import frozen
from psgkit.core.intervals import Intervals, runs_of_true

ASLEEP, AWAKE, UNSCORED = 1, 0, -1
"""States of an epoch; time not recorded or not worn is UNSCORED, which is neither."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class SleepWake:
    """States of consecutive epochs, and the method that scored them.

    Attributes
    ----------
    state : int8 array, shape (n,)
        ``ASLEEP``, ``AWAKE`` or ``UNSCORED``.
    epoch_s, start_s : float
        Length of an epoch, and start of the first, seconds from the start of the recording.
    label : str
        Such as ``sleep estimated from left wrist movement by van Hees 2015``.
    """

    state: NDArray[np.int8]
    epoch_s: float
    start_s: float = 0.0
    label: str = ""

    def __post_init__(self) -> None:
        if not self.epoch_s > 0:
            raise ValueError(f"an epoch needs a positive length, got {self.epoch_s} s")
        if not np.isin(self.state, (ASLEEP, AWAKE, UNSCORED)).all():
            raise ValueError("a state is asleep (1), awake (0) or unscored (-1)")
        object.__setattr__(self, "state", frozen(self.state, dtype=np.int8))

    def __len__(self) -> int:
        return len(self.state)

    @property
    def end_s(self) -> float:
        """Return the end of the last epoch."""
        return self.start_s + len(self.state) * self.epoch_s

    def stretches(self, state: int) -> Intervals:
        """Return the stretches in ``state``, seconds, shape ``(n, 2)``.

        Examples
        --------
        >>> found = SleepWake(state=np.array([0, 1, 1, -1]), epoch_s=60.0)
        >>> found.stretches(ASLEEP).tolist()
        [[60.0, 180.0]]
        """
        return self.start_s + runs_of_true(self.state == state) * self.epoch_s
