"""The doses in force on a night, and the doses as spans of days."""

from collections.abc import Sequence

from psgkit.core.dataclass import dataclass
from psgkit.profile.context.drug_names import drug_key
from psgkit.profile.context.model import Context, Night
from psgkit.profile.context.timeline import (
    DrugStep,
    day_of,
    drug_time_line,
    mass_per_day_mg,
    times_in,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Dose:
    """One drug at one dose: ``words`` for readers, ``key`` equal for the same drug and dose."""

    drug: str
    words: str
    key: tuple[str, float | str]


@dataclass(frozen=True, kw_only=True, slots=True)
class DoseSpan:
    """A dose over days, both ends included; None where an end is unknown.

    Attributes
    ----------
    dose : Dose
    first_day, last_day : int or None
        From the context.
    before_day : int or None
        Day of a night that states another dose of the drug, so that this dose ended before.
    seen_until : int or None
        The last day, else the day of the last night at this dose; later days are unknown.
    of_night : int or None
        The day of the night that states the dose, if the drugs of the context do not.
    """

    dose: Dose
    first_day: int | None = None
    last_day: int | None = None
    before_day: int | None = None
    seen_until: int | None = None
    of_night: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class NightOnLine:
    """Day of a night on the time line, and its entry in the context."""

    day: int | None
    entry: Night | None = None


def dose_of(drug: str, dose: float | None, unit: str | None) -> Dose:
    """Return a drug at a dose; equal for equal masses a day.

    Examples
    --------
    >>> dose_of("amisulpride", 0.6, "g/day").key == dose_of("Amisulpride", 600, "mg/day").key
    True
    """
    stated = "" if dose is None else f" {dose:g} {unit or ''}".rstrip()
    mass = None if dose is None or unit is None else mass_per_day_mg(dose, unit)
    return Dose(
        drug=drug, words=f"{drug}{stated}", key=(drug_key(drug), stated if mass is None else mass)
    )


def time_line_ends(context: Context) -> tuple[int, int | None] | None:
    """Return the first and last day of the context; None as last day if a drug is still taken.

    Nights are placed on this line and do not extend it.

    Examples
    --------
    >>> from psgkit.profile.context.model import Drug
    >>> time_line_ends(Context(drugs=(Drug(name="x", start=3),)))
    (3, None)
    """
    days = [
        day
        for place, when in times_in(context)
        if place[0] != "nights" and (day := day_of(context, when)) is not None
    ]
    if not days:
        return None
    steps = [step for step in drug_time_line(context) if step.first_day is not None]
    return min(days), None if any(step.last_day is None for step in steps) else max(days)


def doses_on(context: Context, night: NightOnLine) -> tuple[Dose, ...]:
    """Return the doses in force, in the order of the context; a dose stated by the night wins.

    A drug without any day is left out; one without a first day counts until its last day.

    Examples
    --------
    >>> from psgkit.profile.context.model import Drug
    >>> context = Context(drugs=(Drug(name="x", dose=2, unit="mg/day", start=0, stop=9),))
    >>> [dose.words for dose in doses_on(context, NightOnLine(day=9))]
    ['x 2 mg/day']
    >>> doses_on(context, NightOnLine(day=10))
    ()
    """
    stated = _stated(night.entry)
    found = [
        stated if stated is not None and step.key == stated.key[0] else _dose(step)
        for step in drug_time_line(context)
        if night.day is not None and _in_force(step, night.day)
    ]
    if stated is not None and stated not in found:
        found.append(stated)
    return tuple({dose.key[0]: dose for dose in found}.values())


def dose_spans(context: Context, nights: Sequence[NightOnLine]) -> tuple[DoseSpan, ...]:
    """Return the doses over days, then those that only a night states.

    Examples
    --------
    >>> from psgkit.profile.context.model import Drug
    >>> context = Context(drugs=(Drug(name="x", dose=2, unit="mg/day", start=0),))
    >>> other = Night(drug="x", dose=1, dose_unit="mg/day")
    >>> spans = dose_spans(context, [NightOnLine(day=5), NightOnLine(day=9, entry=other)])
    >>> [(s.dose.words, s.first_day, s.seen_until, s.before_day, s.of_night) for s in spans]
    [('x 2 mg/day', 0, 5, 9, None), ('x 1 mg/day', None, 9, None, 9)]
    """
    steps = [
        step
        for step in drug_time_line(context)
        if step.first_day is not None or step.last_day is not None
    ]
    spans = [_span(step, context, nights) for step in steps]
    for night in nights:
        stated = _stated(night.entry)
        if stated is None or night.day is None:
            continue
        if not any(_in_force(step, night.day) and _dose(step).key == stated.key for step in steps):
            spans.append(DoseSpan(dose=stated, seen_until=night.day, of_night=night.day))
    return tuple(spans)


def _span(step: DrugStep, context: Context, nights: Sequence[NightOnLine]) -> DoseSpan:
    """Return a step; without a last day it runs on until a night states another dose."""
    dose, first, last = _dose(step), step.first_day, step.last_day
    if first is None or last is not None:
        return DoseSpan(dose=dose, first_day=first, last_day=last, seen_until=last)
    stated = [(night.day, _stated(night.entry)) for night in nights]
    others = [
        day
        for day, other in stated
        if day is not None
        and day > first
        and other is not None
        and other.key[0] == dose.key[0]
        and other.key != dose.key
    ]
    before = min(others, default=None)
    seen = [
        night.day
        for night in nights
        if night.day is not None
        and night.day >= first
        and (before is None or night.day < before)
        and dose.key in [one.key for one in doses_on(context, night)]
    ]
    return DoseSpan(dose=dose, first_day=first, before_day=before, seen_until=max([first, *seen]))


def _stated(entry: Night | None) -> Dose | None:
    if entry is None or entry.drug is None:
        return None
    return dose_of(entry.drug, entry.dose, entry.dose_unit)


def _dose(step: DrugStep) -> Dose:
    found = dose_of(step.drug, step.dose, step.unit)
    if step.daily_mg is None:
        return found
    return Dose(drug=found.drug, words=found.words, key=(found.key[0], step.daily_mg))


def _in_force(step: DrugStep, day: int) -> bool:
    if step.first_day is None and step.last_day is None:
        return False
    begun = step.first_day is None or step.first_day <= day
    return begun and (step.last_day is None or day <= step.last_day)
