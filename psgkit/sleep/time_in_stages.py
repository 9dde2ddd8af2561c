"""Time spent in each stage between lights off and on, as far as it was observed."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from psgkit.core.dataclass import dataclass
from psgkit.core.hypnogram import ASLEEP, SLEEP_STAGES, UNSCORED, Hypnogram
from psgkit.core.intervals import Intervals, intersect, no_intervals, total
from psgkit.core.message import translatable
from psgkit.core.night_report import Lights

SECONDS_PER_HOUR = 3600.0
SLEEP_NOT_DIVIDED = translatable("the scoring tells sleep from wake, but not the stages of sleep")


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class NightTime:
    """Hypnogram, lights and observed time, from which indices take their hours.

    Attributes
    ----------
    hypnogram : Hypnogram or None
    lights : Lights
    observed : Intervals
        Seconds in which a movement could be detected; other time is in no denominator.
    """

    hypnogram: Hypnogram | None
    lights: Lights
    observed: Intervals

    @property
    def is_staged(self) -> bool:
        """Return whether stages are known."""
        return self.hypnogram is not None

    def stretches(self, stages: Sequence[str]) -> Intervals:
        """Return the stretches in ``stages`` between lights off and on, seconds, unobserved too."""
        if self.hypnogram is None:
            return no_intervals(np.float64)
        return _stretches(self.hypnogram, tuple(stages), self.lights.off_s, self.lights.on_s)

    def window(self) -> Intervals:
        """Return lights off and on, shape ``(1, 2)``."""
        return np.array([[self.lights.off_s, self.lights.on_s]])

    @property
    def tells_stages(self) -> bool:
        """Return whether all sleep between lights off and on has a stage."""
        return not len(self.stretches([ASLEEP]))

    def is_divided_for(self, stages: Sequence[str]) -> bool:
        """Return whether the hypnogram tells ``stages`` from other sleep."""
        some = set(stages) & set(SLEEP_STAGES)
        return not some or some == set(SLEEP_STAGES) or self.tells_stages

    def hours(self, stages: Sequence[str]) -> float:
        """Return the observed hours in ``stages`` between lights off and on.

        They are 0 for some stages of sleep in a hypnogram that does not tell them apart.
        """
        if not self.is_divided_for(stages):
            return 0.0
        return total(intersect(self.stretches(stages), self.observed)) / SECONDS_PER_HOUR

    def hours_within(self, part: Intervals) -> float:
        """Return the observed hours within ``part``, whatever the stage."""
        return total(intersect(part, self.observed)) / SECONDS_PER_HOUR

    def within(self, part: Intervals) -> "NightTime":
        """Return the clock of a part of the night."""
        return NightTime(
            hypnogram=self.hypnogram, lights=self.lights, observed=intersect(self.observed, part)
        )

    def why_no_hours(self, stages: Sequence[str]) -> str:
        """Return the reason why ``hours(stages)`` is 0."""
        if self.hypnogram is None:
            return translatable("no hypnogram: sleep and wake are unknown")
        if tuple(stages) == (UNSCORED,):
            return translatable("no unscored time between lights off and on")
        if not self.is_divided_for(stages):
            return SLEEP_NOT_DIVIDED
        names = "sleep" if tuple(stages) == SLEEP_STAGES else " or ".join(stages)
        if not total(self.stretches(stages)):
            return translatable(f"no {names} scored between lights off and on")
        return translatable(f"no {names} while a movement could have been seen")


# every rate asks for the same few sets of stages; a hypnogram cannot change
@lru_cache(maxsize=256)
def _stretches(
    hypnogram: Hypnogram, stages: tuple[str, ...], off_s: float, on_s: float
) -> Intervals:
    found = intersect(hypnogram.stretches(stages), np.array([[off_s, on_s]]))
    found.setflags(write=False)
    return found
