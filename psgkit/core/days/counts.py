"""Activity counts: one number per epoch, written by a device or computed from samples."""

from dataclasses import field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.frozen import frozen, frozen_numbers
from psgkit.core.intervals import Intervals, runs_of_true
from psgkit.core.site import Site

if TYPE_CHECKING:
    import pandas as pd

NO_AXES: tuple[str, ...] = ()


def _none() -> NDArray[np.float64]:
    return np.empty((0, 0))


def _never() -> NDArray[np.bool_]:
    return np.empty(0, dtype=bool)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Counts:
    """Counts of consecutive epochs at one place on the body.

    Counts are in the unit of their definition only: those of two devices cannot be compared.

    Attributes
    ----------
    counts : float64 array, shape (n,)
        NaN where an epoch is missing.
    epoch_s, start_s : float
        Length of an epoch, and start of the first, seconds from the start of the recording.
    definition : str
        What one count is: the device or file that made it, or the rule it was computed by.
    place, site : str, Site
        Where it was worn, as in ``left_wrist``; empty and ``NONE`` if that is not stated.
    label : str
        Name of the column or channel.
    axis_names : tuple of str
        Names of the axes if the device counts each; ``counts`` is then what ``definition`` says.
    axes : float64 or float32 array, shape (n, len(axis_names))
    imputed : bool array, shape (n,)
        Epochs that were not measured and were filled on request.
    """

    counts: NDArray[np.float64]
    epoch_s: float
    start_s: float = 0.0
    definition: str = ""
    place: str = ""
    site: Site = Site.NONE
    label: str = "counts"
    axis_names: tuple[str, ...] = NO_AXES
    axes: NDArray[np.floating] = field(default_factory=_none)
    imputed: NDArray[np.bool_] = field(default_factory=_never)

    def __post_init__(self) -> None:
        counts = frozen(self.counts)
        if counts.ndim != 1:
            raise ValueError(f"counts are one row of epochs, got shape {counts.shape}")
        if not (np.isfinite(self.epoch_s) and self.epoch_s > 0):
            raise ValueError(f"an epoch needs a positive length, got {self.epoch_s} s")
        if np.isinf(counts).any() or (counts < 0).any():
            raise ValueError("counts are 0 or more, or NaN where missing")
        axes = frozen_numbers(self.axes if self.axis_names else np.empty((len(counts), 0)))
        if axes.shape != (len(counts), len(self.axis_names)):
            wanted = (len(counts), len(self.axis_names))
            raise ValueError(f"axes must have the shape {wanted}, got {axes.shape}")
        filled = self.imputed if len(self.imputed) else np.zeros(len(counts), dtype=bool)
        imputed = frozen(filled, bool)
        if imputed.shape != counts.shape:
            raise ValueError(f"imputed must have the shape {counts.shape}, got {imputed.shape}")
        object.__setattr__(self, "counts", counts)
        object.__setattr__(self, "axes", axes)
        object.__setattr__(self, "imputed", imputed)

    def __len__(self) -> int:
        return len(self.counts)

    @property
    def end_s(self) -> float:
        """Return the end of the last epoch."""
        return self.start_s + len(self.counts) * self.epoch_s

    @property
    def missing(self) -> NDArray[np.bool_]:
        """Return which epochs have no count."""
        return np.isnan(self.counts)

    def epoch_starts_s(self) -> NDArray[np.float64]:
        """Return the start of each epoch."""
        return np.asarray(self.start_s + np.arange(len(self.counts)) * self.epoch_s, np.float64)

    def spans(self, mask: NDArray[np.bool_]) -> Intervals:
        """Return the stretches of epochs in ``mask``, seconds, shape ``(n, 2)``.

        Examples
        --------
        >>> counts = Counts(counts=np.array([1.0, np.nan, np.nan, 4.0]), epoch_s=60.0)
        >>> counts.spans(counts.missing).tolist()
        [[60.0, 180.0]]
        """
        return self.start_s + runs_of_true(mask) * self.epoch_s

    def to_frame(self) -> "pd.DataFrame":
        """Return one row an epoch."""
        import pandas as pd

        columns = {
            "onset_s": self.epoch_starts_s(),
            "duration_s": self.epoch_s,
            self.label: self.counts,
            "imputed": self.imputed,
        }
        columns |= dict(zip(self.axis_names, self.axes.T, strict=True))
        return pd.DataFrame(columns)
