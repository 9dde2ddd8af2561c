"""Activity counts of psgkit: movement of a sensor in an epoch, by an open definition.

One count is one mg of movement for one second.  The movement is the vector norm of the
band-passed acceleration (0.3 to 10 Hz, zero phase, see ``MotionBands``), averaged over half
seconds; movement below a dead band counts as zero, so that the noise of a sensor at rest does not
add up.  Band, dead band and unit are psgkit's own choice.  They are not the counts of any
manufacturer, whose constants do not hold for them without a scale.
"""

import numpy as np
from numpy.typing import NDArray

from psgkit.conditioning.acceleration.gravity import GravityTrack
from psgkit.core.dataclass import dataclass
from psgkit.core.ranges import check_ranges

MG_PER_G = 1000.0
OPEN_COUNTS = "psgkit counts: 1 mg of movement at 0.3-10 Hz for 1 s"
"""Definition of a count; counts of this definition have a known scale."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CountRule:
    """How movement becomes counts; the numbers are psgkit's own choice.

    Attributes
    ----------
    dead_band_g : float
        Half a second with a smaller mean movement counts as still; a quiet sensor has 2 to 5 mg.
    min_usable : float
        An epoch of which a smaller share could be measured has no count.
    """

    dead_band_g: float = 0.010
    min_usable: float = 0.5

    def __post_init__(self) -> None:
        check_ranges(self)
        if self.dead_band_g < 0 or not 0 < self.min_usable <= 1:
            raise ValueError(f"a dead band of 0 g or more and a share in (0, 1], got {self}")


def activity_counts(
    track: GravityTrack, epoch_s: float, rule: CountRule | None = None
) -> NDArray[np.float64]:
    """Return the counts of every whole epoch, NaN where too little could be measured.

    The missing part of an epoch is assumed to be like the rest.

    Examples
    --------
    >>> track = GravityTrack(start_s=0.0, gravity_g=np.zeros((4, 3)), usable=np.ones(4, bool),
    ...     movement_g=np.array([0.1, 0.005, 0.0, 0.0]))
    >>> np.round(activity_counts(track, 1.0), 3).tolist()
    [50.0, 0.0]
    """
    rule = rule or CountRule()
    rows = epoch_s * track.rate_hz
    if abs(rows - round(rows)) > 0 or rows < 1:
        raise ValueError(f"an epoch is made of {1 / track.rate_hz:g} s, got {epoch_s:g} s")
    rows = round(rows)
    whole = len(track) // rows * rows
    usable = track.usable[:whole].reshape(-1, rows)
    moved = np.where(track.movement_g < rule.dead_band_g, 0.0, track.movement_g)[:whole]
    seen = usable.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean_g = (moved.reshape(-1, rows) * usable).sum(axis=1) / seen
    return np.where(seen >= rule.min_usable * rows, mean_g * MG_PER_G * epoch_s, np.nan)
