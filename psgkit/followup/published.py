"""How much an index differs from night to night in one person, as published.

Both sources are known here from abstract and citation only, and both are about legs in RLS; there
is no figure for arms, trunk, wake or sleep indices, and none is made up.
"""

import math
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True, slots=True)
class PublishedSpread:
    """One published within-person spread.

    Attributes
    ----------
    index : str
        Name of the index.
    groups : tuple of str
        Groups, or beginnings of groups, that it may be compared with.
    size : float
        The spread.
    kind : {"difference", "percent"}
        ``difference``: in the unit of the index.  ``percent``: of the mean of the two values; the
        source says percent without saying of what, so the mean is ours.
    of_log : bool
        The percentage is that of the natural logarithm of the index.
    source, population, grade : str
    """

    index: str
    groups: tuple[str, ...]
    size: float
    kind: Literal["difference", "percent"]
    of_log: bool = False
    source: str
    population: str
    grade: str

    def covers(self, group: str, index: str) -> bool:
        """Return whether this spread is about an index.

        Examples
        --------
        >>> PUBLISHED_SPREAD[0].covers("legs", "plms_index")
        True
        """
        return index == self.index and group in self.groups

    def limit(self, before: float, after: float) -> float | None:
        """Return how far two values may differ and be inside, in the unit of the index.

        None where a percentage has no meaning: of a mean of 0, or of a logarithm without one.

        Examples
        --------
        >>> PUBLISHED_SPREAD[0].limit(40.0, 20.0), PUBLISHED_SPREAD[1].limit(40.0, 20.0)
        (25.1, 12.96)
        """
        if self.kind == "difference":
            return self.size
        if self.of_log:
            return self._limit_of_log(before, after)
        middle = (before + after) / 2
        return self.size / 100 * middle if middle > 0 else None

    def _limit_of_log(self, before: float, after: float) -> float | None:
        """Return the limit around ``before`` on the side where ``after`` lies."""
        if min(before, after) <= 0:
            return None
        step = self.size / 100 * abs(math.log(before) + math.log(after)) / 2
        return before * (math.exp(step) - 1 if after >= before else 1 - math.exp(-step))


_ANKLES = ("accelerometer_left_ankle", "accelerometer_right_ankle")
PUBLISHED_SPREAD = (
    PublishedSpread(
        index="plms_index",
        groups=("legs", *_ANKLES),
        size=25.1,
        kind="difference",
        source="Trotti 2009, Sleep Med",
        population="20 people with RLS, 10 to 15 nights each, ankle sensor: range within a person",
        grade="one study, from its abstract",
    ),
    PublishedSpread(
        index="plms_index",
        groups=("legs",),
        size=43.2,
        kind="percent",
        source="Skeba 2016, Sleep Med 17:138",
        population="night-to-night variation of PLMS per hour",
        grade="one study, as cited by another",
    ),
    PublishedSpread(
        index="imi_log_mean_s",
        groups=("legs",),
        size=3.6,
        kind="percent",
        of_log=True,
        source="Skeba 2016, Sleep Med 17:138",
        population="night-to-night variation of the mean ln interval",
        grade="one study, as cited by another",
    ),
)
