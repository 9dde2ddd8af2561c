"""Movement and arm angle of consecutive epochs, as measured by psgkit or read from a table."""

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.frozen import check_same_length, frozen

EPOCH_S = 5.0
"""The epoch of ENMO, MAD and z-angle in their papers."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class EpochMotion:
    """Movement and arm angle of consecutive epochs; NaN where it could not be measured.

    Attributes
    ----------
    enmo_g : float64 array, shape (n,)
        Euclidean norm minus one, negative values as zero, averaged (van Hees et al., PLoS ONE
        2013;8:e61691).
    mad_g : float64 array, shape (n,)
        Mean amplitude deviation: mean distance of the norm from its mean over the epoch
        (Vaha-Ypya et al., Clin Physiol Funct Imaging 2015;35:64-70).
    z_angle_deg : float64 array, shape (n,)
        Angle of the z axis above the horizontal (van Hees et al., PLoS ONE 2015;10:e0142533).
    epoch_s, start_s : float
        Length of an epoch, and start of the first, seconds from the start of the recording.
    """

    enmo_g: NDArray[np.float64]
    mad_g: NDArray[np.float64]
    z_angle_deg: NDArray[np.float64]
    epoch_s: float = EPOCH_S
    start_s: float = 0.0

    def __post_init__(self) -> None:
        columns = {name: frozen(getattr(self, name)) for name in MEASURES}
        check_same_length("EpochMotion", **columns)
        for name, column in columns.items():
            object.__setattr__(self, name, column)

    def __len__(self) -> int:
        return len(self.enmo_g)


MEASURES = ("enmo_g", "mad_g", "z_angle_deg")
