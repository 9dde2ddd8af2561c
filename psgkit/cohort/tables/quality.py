"""Quality flags: what limits a night, as fixed words for counting and filtering."""

from collections.abc import Iterator
from dataclasses import dataclass

from psgkit.core.days.days_report import DaysReport
from psgkit.core.index import Index
from psgkit.core.night_report import NightReport


@dataclass(frozen=True, kw_only=True, slots=True)
class QualityRule:
    """Limits of the quality flags of a night; psgkit's own choice.

    Attributes
    ----------
    min_recorded_h, min_sleep_h : float
        Shorter recordings, or sleep, are flagged.
    max_unscored_share : float
        Share of the time between lights off and on.
    """

    min_recorded_h: float = 6.0
    min_sleep_h: float = 4.0
    max_unscored_share: float = 0.1


FLAGS = (
    "error",
    "no_legs",
    "one_leg",
    "refused_channel",
    "no_hypnogram",
    "unscored",
    "short_recording",
    "short_sleep",
    "gaps",
)
"""Every flag, gravest first; ``error`` is a finding that something could not be used."""


def quality_flags(report: NightReport, rule: QualityRule = QualityRule()) -> tuple[str, ...]:
    """Return the flags of a night, in the order of ``FLAGS``."""
    found = {*_of_channels(report), *_of_time(report, rule)}
    if any(finding.severity == "error" for finding in report.findings):
        found.add("error")
    return tuple(flag for flag in FLAGS if flag in found)


def _of_channels(report: NightReport) -> Iterator[str]:
    used = [channel for channel in report.channels if channel.status == "used"]
    legs = {channel.site for channel in used if channel.role == "leg"}
    scored = not report.channels and len(report.movements) > 0
    if len(legs) <= 1 and not scored:
        yield "one_leg" if legs else "no_legs"
    if any(channel.status == "refused" for channel in report.channels):
        yield "refused_channel"


def _of_time(report: NightReport, rule: QualityRule) -> Iterator[str]:
    """Yield the flags of recorded, slept and scored time."""
    recorded_h = sum(segment.duration_s for segment in report.segments) / 3600
    if recorded_h < rule.min_recorded_h:
        yield "short_recording"
    if len(report.segments) > 1:
        yield "gaps"
    if report.hypnogram is None:
        yield "no_hypnogram"
        return
    sleep = report.indices.get("sleep", {})
    slept, unscored, night = (_value(sleep.get(n)) for n in ("tst_min", "unscored_min", "tib_min"))
    if slept is not None and slept < 60 * rule.min_sleep_h:
        yield "short_sleep"
    if unscored is not None and night and unscored > rule.max_unscored_share * night:
        yield "unscored"


def _value(index: Index | None) -> float | None:
    """Return the value of an index; None if it is missing."""
    return None if index is None else index.value


@dataclass(frozen=True, kw_only=True, slots=True)
class DaysQualityRule:
    """Limits of the quality flags of a recording of days; psgkit's own choice.

    Attributes
    ----------
    min_nights : int
        Fewer nights with a window are flagged.
    min_worn_share : float
        Share of the recording; less is flagged.
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
