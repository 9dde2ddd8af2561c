"""What one pair of thresholds gives: a row of the sensitivity of an index to the EMG thresholds."""

from dataclasses import dataclass

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
