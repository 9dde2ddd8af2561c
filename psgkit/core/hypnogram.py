"""Sleep stages, one an epoch.

Conventions: the vocabulary is closed (``W N1 N2 N3 R SLEEP UNSCORED``); epochs are equally long and
follow each other without a gap; time without a score is UNSCORED, which is not wake.  SLEEP is
sleep whose stage the scorer did not tell (``NREM``, ``Light``): it supports sleep and wake only.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from psgkit.core.bounds import SLACK_S
from psgkit.core.dataclass import dataclass
from psgkit.core.frozen import words
from psgkit.core.intervals import Intervals, runs_of_true
from psgkit.core.shown import Shown, drawing
from psgkit.core.stage_source import stage_source

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

NREM_STAGES = ("N1", "N2", "N3")
ASLEEP = "SLEEP"
"""Sleep of an unknown stage."""
SLEEP_STAGES = (*NREM_STAGES, "R", ASLEEP)
"""All that is sleep; only ``ASLEEP`` is no stage of its own."""
UNSCORED = "UNSCORED"
STAGES = ("W", *SLEEP_STAGES, UNSCORED)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class Hypnogram(Shown):
    """Stages of consecutive epochs.

    Attributes
    ----------
    stages : str array, shape (n_epochs,)
        Each one of ``W N1 N2 N3 R SLEEP UNSCORED``.
    epoch_s : float
        Length of an epoch in seconds.
    start_s : float
        Start of the first epoch, seconds from the start of the recording; may be negative.
    estimated_by : str
        Program with its version that estimated the stages; empty where a scorer gave them.
    """

    stages: NDArray[np.str_]
    epoch_s: float = 30.0
    start_s: float = 0.0
    estimated_by: str = ""

    def __post_init__(self) -> None:
        stages = words(self.stages)
        unknown = sorted(set(stages.tolist()) - set(STAGES))
        if unknown:
            raise ValueError(f"unknown stages {unknown}; known are {', '.join(STAGES)}")
        if not self.epoch_s > 0:
            raise ValueError(f"an epoch needs a positive length, got {self.epoch_s} s")
        object.__setattr__(self, "stages", stages)

    def __len__(self) -> int:
        return len(self.stages)

    @classmethod
    def of(
        cls, stages: Sequence[str] | NDArray[Any], epoch_s: float = 30.0, start_s: float = 0.0
    ) -> "Hypnogram":
        """Return a hypnogram from a plain sequence.

        Examples
        --------
        >>> Hypnogram.of(["W", "N1", "N2"]).stage_at(np.array([31.0])).tolist()
        ['N1']
        """
        return cls(stages=words(stages), epoch_s=epoch_s, start_s=start_s)

    def moved(self, by_s: float) -> "Hypnogram":
        """Return the same stages, later by ``by_s``.

        Examples
        --------
        >>> Hypnogram.of(["W"]).moved(30.0).start_s
        30.0
        """
        return replace(self, start_s=self.start_s + by_s)

    @property
    def stages_from(self) -> str:
        """Return who or what gave the stages, in the words of tables.

        Examples
        --------
        >>> Hypnogram.of(["W"]).stages_from
        'scored'
        """
        return stage_source(self.estimated_by)

    @property
    def end_s(self) -> float:
        """Return the end of the last epoch."""
        return self.start_s + len(self.stages) * self.epoch_s

    @property
    def tells_stages(self) -> bool:
        """Return whether all sleep has a stage.

        Examples
        --------
        >>> Hypnogram.of(["W", "SLEEP"]).tells_stages
        False
        """
        return not (self.stages == ASLEEP).any()

    def epoch_starts_s(self) -> NDArray[np.float64]:
        """Return the start of each epoch."""
        return np.asarray(self.start_s + np.arange(len(self.stages)) * self.epoch_s, np.float64)

    def stage_at(self, times_s: NDArray[np.float64]) -> NDArray[np.str_]:
        """Return the stage of the epoch each time lies in; UNSCORED outside."""
        epoch = np.floor((times_s - self.start_s + SLACK_S) / self.epoch_s).astype(np.int64)
        inside = (epoch >= 0) & (epoch < len(self.stages))
        found = np.full(len(times_s), UNSCORED, dtype=f"<U{len(UNSCORED)}")
        found[inside] = self.stages[epoch[inside]]
        return found

    def stretches(self, stages: Sequence[str]) -> Intervals:
        """Return the stretches spent in any of ``stages``, in seconds, shape ``(n, 2)``."""
        return self.start_s + runs_of_true(np.isin(self.stages, list(stages))) * self.epoch_s

    def _line(self) -> str:
        counts = Counter(self.stages.tolist())
        said = ", ".join(f"{stage} {counts[stage]}" for stage in STAGES if counts[stage])
        line = f"{len(self)} epochs of {self.epoch_s:g} s: {said or 'none'}"
        return f"{line}; {self.stages_from}" if self.estimated_by else line

    def plot(self, axes: "Axes | None" = None) -> "Axes":
        """Draw the stages over time; see ``psgkit.plot_hypnogram``."""
        return drawing("plot_hypnogram")(self, axes)  # type: ignore[no-any-return]

    def to_frame(self) -> "pd.DataFrame":
        """Return one row an epoch."""
        import pandas as pd

        return pd.DataFrame(
            {
                "onset_s": self.epoch_starts_s(),
                "duration_s": self.epoch_s,
                "stage": self.stages.astype(object),
            }
        )
