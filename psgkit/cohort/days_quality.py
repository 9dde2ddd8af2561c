"""What limits a recording of days, as a few words that can be counted and filtered by."""

from collections.abc import Iterator
from dataclasses import dataclass

from psgkit.core.days_report import DaysReport


@dataclass(frozen=True, kw_only=True, slots=True)
class DaysQualityRule:
    """From where on a recording of days is flagged; the numbers are ours.

    Attributes
    ----------
    min_nights : int
        Fewer nights with a window are few.
    min_worn_share : float
        Of the recording; less is much left out.
    """

    min_nights: int = 3
    min_worn_share: float = 0.7


DAY_FLAGS = ("no_sleep_estimate", "no_count_scale", "few_nights", "not_worn", "no_zone")
"""Flags that only recordings of days have, gravest first."""


def day_flags(report: DaysReport, rule: DaysQualityRule = DaysQualityRule()) -> tuple[str, ...]:
    """Return the flags of a recording of days, in their order; ``error`` as for a night."""
    return tuple(_flags(report, rule))


def _flags(report: DaysReport, rule: DaysQualityRule) -> Iterator[str]:
    if any(finding.severity == "error" for finding in report.findings):
        yield "error"
    if report.sleep is None:
        yield "no_sleep_estimate"
    if report.count_scale_unknown:
        yield "no_count_scale"
    if sum(night.window.span_s is not None for night in report.nights) < rule.min_nights:
        yield "few_nights"
    worn_s = 3600 * sum(day.seen_h for day in report.days)
    if worn_s < rule.min_worn_share * report.duration_s:
        yield "not_worn"
    if not report.clock.zone_stated:
        yield "no_zone"
