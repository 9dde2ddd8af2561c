"""Cautions of a night as pages show them, and the mark on the numbers they concern."""

from psgkit.core.night_report import NightReport
from psgkit.report.page_model import Warned

_MARK = "\u2009(!)"


def cautions_of(report: NightReport) -> tuple[Warned, ...]:
    """Return the cautions of a night in words, the gravest first."""
    return tuple(
        Warned(severity=one.severity, message=one.message, advice=one.advice)
        for one in report.cautions
    )


def caution_mark(report: NightReport, group: str, name: str) -> str:
    """Return the mark behind the label of an index that a caution concerns; else nothing."""
    return _MARK if any(one.touches(group, name) for one in report.cautions) else ""
