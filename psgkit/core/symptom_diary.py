"""A diary of symptoms: when, where on the body, and how severe."""

from collections.abc import Iterator
from datetime import datetime

import numpy as np

from psgkit.core.dataclass import dataclass

SYMPTOM_SITES = ("legs", "arms", "back", "other")
SYMPTOM_POSTURES = ("lying", "seated", "standing", "walking")
MOVING_HELPED = ("yes", "partly", "no")
MOST_SEVERE = 10.0
_EVENING_FROM_H, _MORNING_FROM_H = 18, 6
"""Evening and night, in which restless legs are worse; psgkit's own limits."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SymptomEntry:
    """One line: ``severity`` from 0 to 10, ``words`` as they were written.

    ``posture`` is one of ``SYMPTOM_POSTURES`` and ``moving_helped`` one of ``MOVING_HELPED``; both
    are empty where nothing was written.
    """

    at: datetime
    site: str
    severity: float
    words: str = ""
    posture: str = ""
    moving_helped: str = ""

    @property
    def is_late(self) -> bool:
        """Return whether it is of the evening or the night (18 to 6 h)."""
        return self.at.hour >= _EVENING_FROM_H or self.at.hour < _MORNING_FROM_H


@dataclass(frozen=True, kw_only=True, slots=True)
class SiteSummary:
    """The entries of one site: number, mean severity, and that late and by day (None: no entry)."""

    site: str
    n: int
    mean: float
    late_n: int
    late_mean: float | None
    day_mean: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class SymptomDiary:
    """Entries in order of time; times are those of the person's clock.

    Examples
    --------
    >>> entry = SymptomEntry(at=datetime(2024, 1, 8, 22, 15), site="back", severity=6.0)
    >>> diary = SymptomDiary(source="diary.csv", entries=(entry,))
    >>> [(one.site, one.late_n, one.mean) for one in diary.by_site()], list(diary.by_hour())
    ([('back', 1, 6.0)], [(22, 1, 6.0)])
    """

    source: str
    entries: tuple[SymptomEntry, ...]

    def by_site(self) -> tuple[SiteSummary, ...]:
        """Return a summary of each site with entries."""
        return tuple(
            _summary(site, [one for one in self.entries if one.site == site])
            for site in SYMPTOM_SITES
            if any(one.site == site for one in self.entries)
        )

    def by_hour(self) -> Iterator[tuple[int, int, float]]:
        """Yield hour of the day, number of entries and mean severity, for hours with entries."""
        for hour in sorted({one.at.hour for one in self.entries}):
            found = [one.severity for one in self.entries if one.at.hour == hour]
            yield hour, len(found), float(np.mean(found))


def _summary(site: str, entries: list[SymptomEntry]) -> SiteSummary:
    late = [one.severity for one in entries if one.is_late]
    by_day = [one.severity for one in entries if not one.is_late]
    return SiteSummary(
        site=site,
        n=len(entries),
        mean=float(np.mean([one.severity for one in entries])),
        late_n=len(late),
        late_mean=float(np.mean(late)) if late else None,
        day_mean=float(np.mean(by_day)) if by_day else None,
    )
