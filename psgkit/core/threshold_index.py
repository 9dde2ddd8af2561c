"""What one pair of thresholds gives: a row of the sensitivity of an index to the EMG thresholds."""

from collections.abc import Sequence

from psgkit.core.dataclass import dataclass
from psgkit.core.index import Index


@dataclass(frozen=True, kw_only=True, slots=True)
class ThresholdIndex:
    """The index of periodic leg movements at one onset and one offset threshold.

    Attributes
    ----------
    onset_uv, offset_uv : float
        Above rest.
    movements_n : int
        Movements of the legs; one of both legs counts once.
    index : Index
        The PLMS index, or per hour of the recording where there are no stages.
    """

    onset_uv: float
    offset_uv: float
    movements_n: int
    index: Index


def usual_threshold(values: Sequence[float]) -> float | None:
    """Return the threshold of the settings, which most rows share; None without rows.

    Examples
    --------
    >>> usual_threshold([4.0, 8.0, 8.0, 10.0])
    8.0
    """
    return max(values, key=values.count, default=None)
