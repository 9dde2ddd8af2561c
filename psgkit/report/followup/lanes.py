"""Data of the figure of nights, in days: doses as steps, and indices."""

import math
from collections.abc import Sequence

from psgkit.core.dataclass import dataclass
from psgkit.followup.change import IndexCourse
from psgkit.followup.doses import DoseSpan
from psgkit.followup.walk import NightCourse
from psgkit.profile.context.drug_names import drug_key
from psgkit.profile.context.laboratory import SerumLevel, serum_levels
from psgkit.report.words.number_format import short_number, with_unit

DRAWN = ("plms_index", "plmw_index", "arousal_index", "se_pct", "sol_min")
"""Indices of the picture: one panel each, for every group that has it; the files have all."""
_PANELS_AT_MOST = 14


@dataclass(frozen=True, kw_only=True, slots=True)
class DoseStep:
    """A dose in force from ``first_day`` to ``last_day``, both included.

    Attributes
    ----------
    words : str
        The dose and the levels measured at it.
    first_day, last_day : float
        Minus infinity if the beginning is not stated, infinity if the end is not.
    seen_until : float
        Last day on which the dose is known to have been in force.
    share : float
        Dose relative to the largest dose of this drug.
    """

    words: str
    first_day: float
    last_day: float
    seen_until: float
    share: float


def drawn_indices(course: NightCourse, names: Sequence[str] = DRAWN) -> list[IndexCourse]:
    """Return the indices drawn, without those that are 0 or missing on every night."""
    found = [
        one
        for one in course.indices
        if one.name in names and any(index.value for index in one.nights)
    ]
    return sorted(found, key=lambda one: names.index(one.name))[:_PANELS_AT_MOST]


def scale_of(name: str, panels: Sequence[IndexCourse]) -> tuple[float, float]:
    """Return the scale of an index in all panels; it includes 0."""
    alike = [index.value for one in panels if one.name == name for index in one.nights]
    values = [value for value in alike if value is not None]
    return min([0.0, *values]), max([0.0, *values])


def days_of(course: NightCourse) -> tuple[float, float]:
    """Return the first and last day of nights, doses and symptoms; a night or more has a day."""
    days: list[float | None] = [night.on_line.day for night in course.nights]
    days += [day for span in course.spans for day in (span.first_day, span.last_day)]
    days += [one.day for one in course.symptom_points]
    known = [day for day in days if day is not None]
    return min(known), max(known)


def dose_steps(course: NightCourse) -> dict[str, list[DoseStep]]:
    """Return the steps of each drug, in the order of their first days."""
    levels = () if course.context is None else serum_levels(course.context.context)
    steps: dict[str, list[DoseStep]] = {}
    for key in dict.fromkeys(span.dose.key[0] for span in course.spans):
        spans = [span for span in course.spans if span.dose.key[0] == key]
        highest = max(map(_size, spans))
        steps[spans[0].dose.drug] = [
            DoseStep(
                words=_words(span, levels),
                first_day=_first(span),
                last_day=_last(span),
                seen_until=math.inf if span.seen_until is None else span.seen_until,
                share=_size(span) / highest if highest else 1.0,
            )
            for span in sorted(spans, key=_first)
        ]
    return steps


def _size(span: DoseSpan) -> float:
    """Return the dose in mg a day, 0 where it is not known."""
    size = span.dose.key[1]
    return size if isinstance(size, float) else 0.0


def _first(span: DoseSpan) -> float:
    """Return the first day of a span; minus infinity if not stated."""
    if span.of_night is not None:
        return span.of_night
    return -math.inf if span.first_day is None else span.first_day


def _last(span: DoseSpan) -> float:
    """Return the last day of a span that is not contradicted."""
    if span.of_night is not None:
        return span.of_night
    if span.before_day is not None:
        return span.before_day - 1
    return math.inf if span.last_day is None else span.last_day


def _words(span: DoseSpan, levels: Sequence[SerumLevel]) -> str:
    """Return a dose without its drug, and the levels measured at it."""
    dose = span.dose.words.removeprefix(span.dose.drug).strip() or span.dose.drug
    at_it = [
        with_unit(short_number(level.value), level.unit or "")
        for level in levels
        if level.value is not None and (drug_key(level.drug), level.daily_mg) == span.dose.key
    ]
    return " \u00b7 ".join((dose, *at_it))
