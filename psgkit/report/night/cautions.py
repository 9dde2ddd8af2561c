"""Cautions of a night as pages show them, and the mark on the numbers they concern."""

from psgkit.core.caution import Caution
from psgkit.core.night_report import NightReport
from psgkit.report.page_model import Warned
from psgkit.report.words.messages import translated

_MARK = "\u2009(!)"


def cautions_of(report: NightReport) -> tuple[Warned, ...]:
    """Return the cautions of a night in words, the gravest first."""
    return tuple(map(warned, report.cautions))


def warned(caution: Caution) -> Warned:
    """Return a caution in the language of the reader."""
    return Warned(
        severity=caution.severity,
        message=_in_words(caution.message),
        advice=_in_words(caution.advice),
    )


def _in_words(sentence: str) -> str:
    """Return a sentence in the language of the reader; catalogues hold it without full stop."""
    stop = "." if sentence.endswith(".") else ""
    return translated(sentence.removesuffix(".")) + stop


def caution_mark(report: NightReport, group: str, name: str) -> str:
    """Return the mark behind the label of an index that a caution concerns; else nothing."""
    return _MARK if any(one.touches(group, name) for one in report.cautions) else ""
