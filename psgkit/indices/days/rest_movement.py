"""Movements at rest by day and at night, in the evening and in the morning.

A rate is movements per hour of observed rest, by the hour of the clock; ratios compare two rates.
In akathisia activity was higher by day, and the night did not differ (Poyurovsky 2000, abstract);
restless legs, arms and back occur in the evening and at night.  No limit is published and none is
applied.  Day is 8 to 20 h (rule sheet); evening and morning are psgkit's own choice.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.index import Index, all_missing
from psgkit.core.intervals import Intervals, contains, total
from psgkit.core.ranges import check_ranges

_HOUR_S = 3600.0


@dataclass(frozen=True, kw_only=True, slots=True)
class RestMovementRule:
    """Which hours are compared, and how many are needed.

    Attributes
    ----------
    day_h, evening_h, morning_h : (float, float)
        Hours of the clock, the second excluded.
    min_h : float
        Hours of rest needed on either side of a ratio.
    """

    day_h: tuple[float, float] = (8.0, 20.0)
    evening_h: tuple[float, float] = (18.0, 24.0)
    morning_h: tuple[float, float] = (6.0, 12.0)
    min_h: float = 1.0

    def __post_init__(self) -> None:
        check_ranges(self, min_h=(0.01, 366 * 24.0))
        for low, high in (self.day_h, self.evening_h, self.morning_h):
            if not 0 <= low < high <= 24:  # noqa: PLR2004 - hours of a day
                raise ValueError(f"hours of the clock rise from 0 to 24, got {low:g} to {high:g}")


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class RestPart:
    """A part of the days: its name, and its observed rest in seconds, disjoint."""

    words: str
    spans: Intervals

    @property
    def hours(self) -> float:
        """Return the hours of observed rest."""
        return total(self.spans) / _HOUR_S


def rest_rate(name: str, onset_s: NDArray[np.float64], part: RestPart) -> Index:
    """Return the events per hour of a part.

    Examples
    --------
    >>> day = RestPart(words="day", spans=np.array([[0.0, 7200.0]]))
    >>> rest_rate("movements_day_per_h", np.array([10.0, 20.0, 9000.0]), day).value
    1.0
    """
    inside = contains(part.spans, onset_s).sum()
    return Index.rate(name, inside, part.hours, otherwise=f"no rest seen: {part.words}")


def rate_ratio(
    name: str,
    onset_s: NDArray[np.float64],
    parts: tuple[RestPart, RestPart],
    rule: RestMovementRule | None = None,
) -> Index:
    """Return the rate in the first part over that in the second.

    Examples
    --------
    >>> day = RestPart(words="day", spans=np.array([[0.0, 7200.0]]))
    >>> night = RestPart(words="night", spans=np.array([[7200.0, 14400.0]]))
    >>> rate_ratio("day_night_ratio", np.array([1.0, 2.0, 8000.0]), (day, night)).value
    2.0
    >>> rate_ratio("day_night_ratio", np.array([1.0]), (day, night)).reason
    'no movement at rest: night'
    """
    rule = rule or RestMovementRule()
    first, second = parts
    hours = first.hours + second.hours
    if min(first.hours, second.hours) < rule.min_h:
        return Index.missing(
            name,
            f"{first.hours:.1f} h of rest ({first.words}) and {second.hours:.1f} h "
            f"({second.words}) were seen, {rule.min_h:g} h of each are needed",
        )
    rates = [np.count_nonzero(contains(part.spans, onset_s)) / part.hours for part in parts]
    if rates[1] <= 0:
        return Index.missing(name, f"no movement at rest: {second.words}")
    return Index.plain(name, rates[0] / rates[1], numerator=rates[0], denominator_h=hours)


def time_shares(spans: Mapping[str, Intervals], why: str = "") -> dict[str, Index]:
    """Return the share of each kind of time in all of them together, as ``<kind>_share``.

    ``numerator`` is its hours, ``denominator_h`` those of all.  With ``why`` all are missing.

    Examples
    --------
    >>> spans = {"lying": np.array([[0.0, 3600.0]]), "upright": np.array([[3600.0, 14400.0]])}
    >>> time_shares(spans)["lying_share"].value
    0.25
    """
    hours = {f"{kind}_share": total(one) / _HOUR_S for kind, one in spans.items()}
    whole = sum(hours.values())
    why = why or ("" if whole > 0 else "no posture known")
    if why:
        return all_missing(hours, why)
    return {
        name: Index.plain(name, own / whole, numerator=own, denominator_h=whole)
        for name, own in hours.items()
    }
