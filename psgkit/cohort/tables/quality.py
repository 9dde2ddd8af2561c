"""Quality flags: what limits a night, as fixed words for counting and filtering."""

from collections.abc import Iterator

from psgkit.core.dataclass import dataclass
from psgkit.core.days.days_report import DaysReport
from psgkit.core.night_report import NightReport

_FLAG_OF_CODE = {
    "emg.refused": "refused_channel",
    "accelerometer.refused": "refused_channel",
    "night.no_hypnogram": "no_hypnogram",
}
"""Flags of the cautions that are not called by the flag itself."""

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


def quality_flags(report: NightReport) -> tuple[str, ...]:
    """Return the flags of a night, drawn from its cautions, in the order of ``FLAGS``."""
    found = {_FLAG_OF_CODE.get(one.code, one.code) for one in report.cautions}
    if any(one.severity == "error" for one in report.cautions):
        found.add("error")
    return tuple(flag for flag in FLAGS if flag in found)


def caution_codes(report: NightReport) -> tuple[str, ...]:
    """Return the codes of the cautions of a night, the gravest first, each once."""
    return tuple(dict.fromkeys(one.code for one in report.cautions))


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


DAY_FLAGS = (
    *("no_sleep_estimate", "implausible_sleep", "no_count_scale", "few_nights", "not_worn"),
    "no_zone",
)
"""Flags that only recordings of days have, gravest first."""


def day_flags(report: DaysReport, rule: DaysQualityRule = DaysQualityRule()) -> tuple[str, ...]:
    """Return the flags of a recording of days, in their order; ``error`` as for a night."""
    return tuple(_flags(report, rule))


def _flags(report: DaysReport, rule: DaysQualityRule) -> Iterator[str]:
    if any(finding.severity == "error" for finding in report.findings):
        yield "error"
    if report.sleep is None:
        yield "no_sleep_estimate"
    if report.implausible_sleep:
        yield "implausible_sleep"
    if report.count_scale_unknown:
        yield "no_count_scale"
    if sum(night.window.span_s is not None for night in report.nights) < rule.min_nights:
        yield "few_nights"
    worn_s = 3600 * sum(day.seen_h for day in report.days)
    if worn_s < rule.min_worn_share * report.duration_s:
        yield "not_worn"
    if not report.clock.zone_stated:
        yield "no_zone"
