"""Stability, fragmentation and strength of the rhythm of rest and activity, without a model.

Witting et al., Biol Psychiatry 1990;27:563-572, and Van Someren et al., Chronobiol Int
1999;16:505-518, second-hand from programs.
``IS = N sum_h (m_h - m)**2 / (p sum_i (x_i - m)**2)`` and
``IV = N sum (x_i - x_(i-1))**2 / ((N - 1) sum_i (x_i - m)**2)`` over hourly values, as GGIR
computes them.  In IS an hour of the clock is weighted by the number of its observations, which
keeps IS from exceeding 1 with gaps and changes nothing without (psgkit's own choice).  Programs
that divide variances of samples (pyActigraphy) give an IS that is 4.3 % larger over long
recordings.  L5 and M10 are the least active five and most active ten hours of the average day; RA
is ``(M10 - L5) / (M10 + L5)``.  ``denominator_h`` of every index holds the valid hours behind it;
days on which clocks change have 23 or 25.
"""

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.days.activity import MINUTES_PER_DAY, Activity, ActivityHours
from psgkit.core.index import Index, all_missing
from psgkit.core.index_catalogue import unit_of
from psgkit.core.ranges import check_ranges

_HOURS_PER_DAY = 24
_MINUTE_S = 60.0
_FLAT = "activity was the same in every hour"
_LEAST_AND_MOST = ("l5", "l5_start_h", "m10", "m10_start_h", "relative_amplitude")
REST_ACTIVITY_NAMES = ("interdaily_stability", "intradaily_variability", *_LEAST_AND_MOST)


@dataclass(frozen=True, kw_only=True, slots=True)
class RestActivityRule:
    """Least valid data; psgkit's own choice.

    Attributes
    ----------
    min_hour_valid : float
        Least valid share of an hour that has a value.
    min_days : float
        Least sum of valid hours, in days, for every index here.
    min_clock_hour_n : int
        Least number of days on which every hour of the clock was observed.
    l_h, m_h : float
        Lengths of the least and the most active window, in hours.
    """

    min_hour_valid: float = 0.5
    min_days: float = 2.0
    min_clock_hour_n: int = 2
    l_h: float = 5.0
    m_h: float = 10.0

    def __post_init__(self) -> None:
        check_ranges(self)
        if not 0 < self.min_hour_valid <= 1 or self.min_clock_hour_n < 1:
            raise ValueError(f"a share in (0, 1] and 1 day or more are needed, got {self}")
        if not (0 < self.l_h < _HOURS_PER_DAY and 0 < self.m_h < _HOURS_PER_DAY):
            raise ValueError(f"windows are longer than 0 and shorter than 24 h, got {self}")


def rest_activity_indices(
    activity: Activity, rule: RestActivityRule | None = None
) -> dict[str, Index]:
    """Return the indices of the rhythm by name.

    Examples
    --------
    >>> minutes = np.arange(3 * 1440.0)
    >>> day = Activity(level=1.0 * (minutes % 1440 >= 480), clock_min=minutes % 1440)
    >>> found = rest_activity_indices(day)
    >>> [round(found[n].value, 3) for n in ("interdaily_stability", "relative_amplitude")]
    [1.0, 1.0]
    >>> found["l5_start_h"].value, found["interdaily_stability"].denominator_h
    (0.0, 72.0)
    """
    rule = rule or RestActivityRule()
    hours = activity.hours(rule.min_hour_valid)
    return {
        "interdaily_stability": interdaily_stability(hours, rule),
        "intradaily_variability": intradaily_variability(hours, rule),
        **least_and_most_active(activity, rule),
    }


def interdaily_stability(hours: ActivityHours, rule: RestActivityRule) -> Index:
    """Return IS: 1 if all days are alike, 0 if activity does not depend on the hour of the clock.

    Examples
    --------
    >>> two = ActivityHours(level=np.array([1.0, 0.0] * 24), clock_hour=np.arange(48) % 24,
    ...     valid_h=48.0)
    >>> interdaily_stability(two, RestActivityRule()).value
    1.0
    """
    name = "interdaily_stability"
    why = _why_not(hours, rule)
    if why:
        return Index.missing(name, why)
    known = np.isfinite(hours.level)
    level, clock = hours.level[known], hours.clock_hour[known]
    count = np.bincount(clock, minlength=_HOURS_PER_DAY)
    if count.min() < rule.min_clock_hour_n:
        why = (
            f"{int(np.argmin(count))} h was seen on {count.min()} days, every hour of the clock is "
            f"needed on {rule.min_clock_hour_n}"
        )
        return Index.missing(name, why)
    by_hour = np.bincount(clock, weights=level, minlength=_HOURS_PER_DAY) / count
    # each hour of the clock weighted by its count: with gaps IS could otherwise exceed 1
    between = float((count * (by_hour - level.mean()) ** 2).sum())
    within = float(((level - level.mean()) ** 2).sum())
    return _ratio(name, between, within, hours.valid_h)


def intradaily_variability(hours: ActivityHours, rule: RestActivityRule) -> Index:
    """Return IV: 0 for a perfect sine, about 2 for noise; only hours that follow each other count.

    Examples
    --------
    >>> noisy = ActivityHours(level=np.array([1.0, 0.0] * 24), clock_hour=np.arange(48) % 24,
    ...     valid_h=48.0)
    >>> intradaily_variability(noisy, RestActivityRule()).value
    4.0
    """
    name = "intradaily_variability"
    why = _why_not(hours, rule)
    if why:
        return Index.missing(name, why)
    steps = np.diff(hours.level)
    steps = steps[np.isfinite(steps)]
    level = hours.level[np.isfinite(hours.level)]
    if not len(steps):
        return Index.missing(name, "no two valid hours follow each other")
    squares = len(level) * float((steps**2).sum())
    spread = len(steps) * float(((level - level.mean()) ** 2).sum())
    return _ratio(name, squares, spread, hours.valid_h)


def _why_not(hours: ActivityHours, rule: RestActivityRule) -> str:
    needed_h = rule.min_days * _HOURS_PER_DAY
    if hours.valid_h < needed_h:
        return f"{hours.valid_h:.1f} valid hours, {needed_h:g} are needed"
    return _FLAT if hours.is_flat else ""


def _ratio(name: str, numerator: float, denominator: float, hours: float) -> Index:
    if denominator <= 0:
        return Index.missing(name, _FLAT)
    value = numerator / denominator
    return Index.plain(name, value, numerator=numerator, denominator_h=hours)


def average_day(activity: Activity) -> NDArray[np.float64]:
    """Return the mean of each minute of the clock over all days; NaN where none was valid.

    Examples
    --------
    >>> day = average_day(Activity(level=np.array([1.0, 3.0]), clock_min=np.array([5.0, 5.0])))
    >>> day[5], int(np.isfinite(day).sum())
    (np.float64(2.0), 1)
    """
    n_bins = int(MINUTES_PER_DAY)
    known = np.isfinite(activity.level)
    longest = max(1, round(activity.epoch_s / _MINUTE_S))
    # an epoch of several minutes counts in each of them
    minute = np.floor(activity.clock_min[known]).astype(np.int64)[:, None] + np.arange(longest)
    minute = minute.ravel() % n_bins
    level = np.repeat(activity.level[known], longest)
    count = np.bincount(minute, minlength=n_bins)
    sums = np.bincount(minute, weights=level, minlength=n_bins)
    return np.asarray(np.divide(sums, count, out=np.full(n_bins, np.nan), where=count > 0))


def least_and_most_active(activity: Activity, rule: RestActivityRule) -> dict[str, Index]:
    """Return L5 and M10 with the hours of the clock at which they begin, and RA.

    Windows with a minute of the clock that was never valid are left out.
    """
    needed_h, valid_h = rule.min_days * _HOURS_PER_DAY, activity.valid_h
    day = average_day(activity)
    least, most = _windows(day, rule.l_h), _windows(day, rule.m_h)
    why = ""
    if valid_h < needed_h:
        why = f"{valid_h:.1f} valid hours, {needed_h:g} are needed"
    elif not (np.isfinite(least).any() and np.isfinite(most).any()):
        longer = max(rule.l_h, rule.m_h)
        why = f"no {longer:g} h of the average day without a minute that was never valid"
    if why:
        return all_missing(_LEAST_AND_MOST, why, activity.unit)
    low, high = int(np.nanargmin(least)), int(np.nanargmax(most))
    l5, m10 = float(least[low]), float(most[high])
    values = {"l5": l5, "l5_start_h": low / 60, "m10": m10, "m10_start_h": high / 60}
    found = {
        name: Index.plain(
            name, value, unit_of(name, activity_unit=activity.unit), denominator_h=valid_h
        )
        for name, value in values.items()
    }
    found["relative_amplitude"] = (
        Index.plain(
            "relative_amplitude",
            (m10 - l5) / (m10 + l5),
            numerator=m10 - l5,
            denominator_h=valid_h,
        )
        if m10 + l5 > 0
        else Index.missing("relative_amplitude", "no activity at all")
    )
    return found


def _windows(day: NDArray[np.float64], hours: float) -> NDArray[np.float64]:
    """Return the mean of the window that begins with each minute, around midnight too."""
    width = round(hours * 60)
    around = np.concatenate((day, day[: width - 1]))
    # no running sum, in which a minute without a value would spoil all later windows
    windows = np.lib.stride_tricks.sliding_window_view(around, width)
    return np.asarray(windows.mean(axis=1))
