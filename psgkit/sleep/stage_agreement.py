"""Agreement of two hypnograms of one night.

Conventions
-----------
Hypnograms are compared in time, not row by row: epochs may differ in length and start.  Time is cut
wherever an epoch of either begins or ends, and each piece counts by its length, in epochs of the
shorter length.  On one grid that is the usual count of epochs.  Swapping the two transposes the
table and changes no score.

Only time scored in both is compared.  Kappa is Cohen's: agreement beyond the one expected by chance
from the shares of the stages.  If chance alone gives complete agreement (a single stage in both)
kappa is None.
"""

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.frozen import frozen
from psgkit.core.hypnogram import ASLEEP, NREM_STAGES, SLEEP_STAGES, UNSCORED, Hypnogram

COMPARED_STAGES = ("W", *NREM_STAGES, "R")
SLEEP_AND_WAKE = ("W", ASLEEP)
"""What is compared if a hypnogram does not tell the stages of sleep."""
_TIME_DECIMALS = 6
"""Of a second; rounding of float64 must not cut slivers."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class StageAgreement:
    """The agreement of two hypnograms.

    Attributes
    ----------
    epoch_s : float
        Length of the epochs that are counted.
    stages : tuple of str
        ``W N1 N2 N3 R``, or ``W SLEEP`` if either tells sleep from wake only.
    confusion_n : float64 array, shape (5, 5) or (2, 2)
        Epochs by stage of the reference (row) and of the candidate (column), in that order.
    only_reference_n, only_candidate_n, neither_n : float
        Epochs left out because only one hypnogram scored them, or none, between the first and the
        last epoch of both.
    """

    epoch_s: float
    stages: tuple[str, ...] = COMPARED_STAGES
    confusion_n: NDArray[np.float64]
    only_reference_n: float
    only_candidate_n: float
    neither_n: float

    @property
    def compared_n(self) -> float:
        """Return the number of epochs that both scored."""
        return float(self.confusion_n.sum())

    @property
    def agreement(self) -> float | None:
        """Return the share of compared epochs with the same stage; None without any."""
        compared_n = self.compared_n
        return float(np.trace(self.confusion_n)) / compared_n if compared_n else None

    @property
    def kappa(self) -> float | None:
        """Return Cohen's kappa over the five stages; None where it has no value."""
        return _kappa(self.confusion_n)

    def kappa_of(self, stage: str) -> float | None:
        """Return Cohen's kappa of one stage against all others; None where it has no value.

        Raises
        ------
        ValueError
            If ``stage`` is none of those compared.
        """
        return _kappa(self._against_others(stage))

    def _against_others(self, stage: str) -> NDArray[np.float64]:
        """Return the table of ``stage`` and all other stages, shape ``(2, 2)``."""
        if stage not in self.stages:
            raise ValueError(f"no stage {stage!r}; there are {', '.join(self.stages)}")
        row = self.stages.index(stage)
        both = self.confusion_n[row, row]
        reference = self.confusion_n[row].sum()
        candidate = self.confusion_n[:, row].sum()
        neither = self.compared_n - reference - candidate + both
        return np.array([[both, reference - both], [candidate - both, neither]])


def compare_stages(reference: Hypnogram, candidate: Hypnogram) -> StageAgreement:
    """Return how two hypnograms agree, aligned by time.

    Examples
    --------
    >>> one = Hypnogram.of(["W", "N1", "N2", "N2", "UNSCORED"])
    >>> other = Hypnogram.of(["W", "N2", "N2", "N2", "R"])
    >>> agreement = compare_stages(one, other)
    >>> agreement.compared_n, agreement.agreement, round(agreement.kappa, 3)
    (4.0, 0.75, 0.556)
    >>> agreement.only_candidate_n
    1.0
    """
    cuts_s = np.unique(
        np.round(np.concatenate((_edges_s(reference), _edges_s(candidate))), _TIME_DECIMALS)
    )
    middles_s = (cuts_s[1:] + cuts_s[:-1]) / 2
    epoch_s = min(reference.epoch_s, candidate.epoch_s)
    weight_n = np.round(np.diff(cuts_s) / epoch_s, 2 * _TIME_DECIMALS)
    nights = (reference, candidate)
    stages: tuple[str, ...] = COMPARED_STAGES
    if not all(night.tells_stages for night in nights):
        stages, nights = SLEEP_AND_WAKE, (_sleep_and_wake(reference), _sleep_and_wake(candidate))
    names = [*stages, UNSCORED]
    rows, columns = (
        np.argmax(night.stage_at(middles_s)[:, None] == np.array(names)[None, :], axis=1)
        for night in nights
    )
    table = np.zeros((len(names), len(names)))
    np.add.at(table, (rows, columns), weight_n)
    return StageAgreement(
        epoch_s=epoch_s,
        stages=stages,
        confusion_n=frozen(table[:-1, :-1]),
        only_reference_n=float(table[:-1, -1].sum()),
        only_candidate_n=float(table[-1, :-1].sum()),
        neither_n=float(table[-1, -1]),
    )


def _sleep_and_wake(hypnogram: Hypnogram) -> Hypnogram:
    asleep = np.isin(hypnogram.stages, SLEEP_STAGES)
    stages = np.where(asleep, ASLEEP, hypnogram.stages)
    return Hypnogram.of(stages, hypnogram.epoch_s, hypnogram.start_s)


def _edges_s(hypnogram: Hypnogram) -> NDArray[np.float64]:
    """Return where epochs begin and end; nothing without epochs."""
    if not len(hypnogram):
        return np.empty(0)
    return np.append(hypnogram.epoch_starts_s(), hypnogram.end_s)


def _kappa(counted: NDArray[np.float64]) -> float | None:
    """Return Cohen's kappa of a square table; None if nothing was counted or all is chance."""
    total = counted.sum()
    if not total:
        return None
    observed = np.trace(counted) / total
    by_chance = float(counted.sum(axis=1) @ counted.sum(axis=0)) / total**2
    # a sum of squares of shares is 1 only if one share is 1, up to rounding
    if 1 - by_chance < 1e-12:  # noqa: PLR2004
        return None
    return float((observed - by_chance) / (1 - by_chance))
