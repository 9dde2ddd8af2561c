"""Stages that a program estimated from EEG: what it used, and how sure it is of each epoch."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.hypnogram import UNSCORED, Hypnogram
from psgkit.core.sleeper import Sleeper

PROBABLE_STAGES = ("W", "N1", "N2", "N3", "R")
PROBABILITY_COLUMNS = tuple(f"probability_{stage.lower()}" for stage in PROBABLE_STAGES)
"""Names of the columns of a table, in the order of ``PROBABLE_STAGES``."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class StageEstimate:
    """Stages estimated by a program; never called scored.

    Attributes
    ----------
    method, version : str
        Name and version of the library: ``YASA``, ``0.8.1``.
    hypnogram : Hypnogram
        UNSCORED where the EEG has a gap or is flat.
    probability : float64 array, shape (n_epochs, 5)
        Of ``W N1 N2 N3 R``, in that order; NaN where UNSCORED.
    channels : mapping of str to str
        Label by role: ``eeg``, ``eog``, ``chin``; a missing role is absent.
    missing : mapping of str to str
        Why a role is absent.
    sleeper : Sleeper
        Age and sex as used by the method.
    """

    method: str
    version: str
    hypnogram: Hypnogram
    probability: NDArray[np.float64]
    channels: Mapping[str, str]
    missing: Mapping[str, str]
    sleeper: Sleeper

    @property
    def name(self) -> str:
        """Return the method with its version."""
        return f"{self.method} {self.version}"

    def confidence(self) -> NDArray[np.float64]:
        """Return the probability of the most probable stage of each epoch; NaN where UNSCORED."""
        if not len(self.probability):
            return np.empty(0)
        return np.asarray(self.probability.max(axis=1), dtype=np.float64)

    def changed(self) -> list[bool]:
        """Return which epochs have another stage than the most probable one: a review set it."""
        rows = np.nan_to_num(self.probability, nan=-1.0)
        likely = np.array(PROBABLE_STAGES)[rows.argmax(axis=1)] if len(rows) else np.empty(0, str)
        stages = self.hypnogram.stages[: len(rows)]
        estimated = np.where(np.isnan(self.probability).any(axis=1), UNSCORED, likely)
        found: list[bool] = (stages != estimated[: len(stages)]).tolist()
        return found

    def unsure(self, min_probability: float) -> NDArray[np.bool_]:
        """Return which epochs are to be reviewed: those below ``min_probability``.

        Examples
        --------
        >>> sure = np.array([[0.9, 0.1, 0, 0, 0], [0.4, 0.3, 0.3, 0, 0]])
        >>> estimate = StageEstimate(method="YASA", version="1", hypnogram=Hypnogram.of("WW"),
        ...     probability=sure, channels={}, missing={}, sleeper=Sleeper())
        >>> estimate.unsure(0.5).tolist()
        [False, True]
        """
        # NaN compares as False: an epoch without an estimate is unscored, not unsure
        return self.confidence() < min_probability
