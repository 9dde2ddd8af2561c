"""Check a clinical context as a whole: raise for contradictions, report implausible entries."""

from collections.abc import Iterator
from datetime import date
from itertools import pairwise

from psgkit.core.finding import Finding
from psgkit.core.message import translatable
from psgkit.errors import SettingsError
from psgkit.profile.context.drug_classes import drug_classes, known_drug
from psgkit.profile.context.drug_names import (
    drug_key,
    nearest_drug,
    strength_in,
    substances_in,
)
from psgkit.profile.context.fields import Place, place_in
from psgkit.profile.context.laboratory import laboratory_test, level_range
from psgkit.profile.context.model import Context, Drug, Laboratory, Serum
from psgkit.profile.context.scales import odd_scales
from psgkit.profile.context.timeline import daily_mg, day_of, drug_time_line, times_in

FARTHEST_DAY = 40_000
"""More than a century on either side of day 0 is taken for a typing error (psgkit's own choice)."""
BARS_SHORTEST_MIN = 2.0
"""Seated and standing, at least two minutes each (Barnes 1989)."""
COURSE_TIMES_PER_WEEK = 2.0
"""Chronic-persistent is at least twice a week, intermittent less (Allen et al. 2014)."""
_TESTS = """
ferritin transferrin_saturation iron haemoglobin trace_elements creatinine egfr renal_function
liver_function prolactin crp glucose tsh
"""
KNOWN_TESTS = frozenset(_TESTS.split())
"""Tests from which evidence is drawn; ``renal_function`` where only the result is known."""

Odd = tuple[Place, str, str]
"""Place, code and message of something odd that leaves the rest usable."""


def check_context(context: Context, text: str, where: str) -> tuple[Finding, ...]:
    """Return findings on implausible entries; ``text`` is searched for the lines named in messages.

    Raises
    ------
    SettingsError
        If dates and days are mixed without ``day_0``, a time is out of order, a dose has no unit,
        a site is given twice, a class of drugs does not exist, or a range is upside down.
    """
    for check in (_times, _drugs, _nights, _symptoms, _ranges, odd_scales):
        for place, found, wanted in check(context):
            raise SettingsError(place_in(where, text, place), found, wanted)
    odd = [
        *_odd_drugs(context),
        *_odd_overlaps(context),
        *_odd_values(context),
        *_odd_bars(context),
        *_odd_course(context),
        *_odd_nights(context),
    ]
    return tuple(
        Finding("warning", f"context.{code}", place_in(where, text, place), message)
        for place, code, message in odd
    )


def _times(context: Context) -> Iterator[Odd]:
    """Find times on two axes, or absurdly far away."""
    times = list(times_in(context))
    dates = [place for place, when in times if isinstance(when, date)]
    days = [place for place, when in times if not isinstance(when, date)]
    if dates and days and context.day_0 is None:
        few, many = (days, "dates") if len(days) <= len(dates) else (dates, "days")
        kind = "a day" if few is days else "a date"
        yield few[0], f"{kind} among {many}", "all dates, all days, or day_0 with a date"
    for place, when in times:
        day = day_of(context, when)
        if day is not None and abs(day) > FARTHEST_DAY:
            yield place, f"day {day}", f"at most {FARTHEST_DAY} days from day 0"


def _drugs(context: Context) -> Iterator[Odd]:
    """Find doses without unit, unknown classes, and dates out of order within a drug."""
    from difflib import get_close_matches

    latest: dict[str, int] = {}
    for n, drug in enumerate(context.drugs):
        if drug.dose is not None and not (drug.unit or "").strip():
            yield ("drugs", n, "dose"), f"{drug.dose:g} without a unit", "a unit, as in 'mg/day'"
        if drug.drug_class is not None and drug.drug_class not in drug_classes():
            near = get_close_matches(drug.drug_class, drug_classes(), n=1)
            hint = f" (did you mean {near[0]!r}?)" if near else ""
            wanted = f"one of {', '.join(drug_classes())}{hint}"
            yield ("drugs", n, "class"), repr(drug.drug_class), wanted
        start, stop = day_of(context, drug.start), day_of(context, drug.stop)
        if start is not None and stop is not None and stop < start:
            yield ("drugs", n, "stop"), "a stop before the start", "dates in order"
        key = drug_key(drug.name)
        if start is not None and start < latest.get(key, start):
            yield ("drugs", n, "start"), "a start before that of the row above", "steps in order"
        if start is not None:
            latest[key] = start


def _nights(context: Context) -> Iterator[Odd]:
    """Find nights with a dose of no drug or without a unit."""
    for n, night in enumerate(context.nights):
        if night.dose is not None and night.drug is None:
            yield ("nights", n, "dose"), f"{night.dose:g} of no drug", "the drug of the dose"
        if night.dose is not None and not (night.dose_unit or "").strip():
            yield ("nights", n, "dose"), f"{night.dose:g} without a unit", "dose_unit, as 'mg/day'"


def _symptoms(context: Context) -> Iterator[Odd]:
    """Find a site given twice and an end before the onset."""
    seen: set[str] = set()
    for n, symptom in enumerate(context.symptoms):
        if symptom.site in seen and symptom.site != "other":
            yield ("symptoms", n, "site"), f"{symptom.site!r} twice", "each site once"
        seen.add(symptom.site)
        onset, end = day_of(context, symptom.onset), day_of(context, symptom.end)
        if onset is not None and end is not None and end < onset:
            yield ("symptoms", n, "end"), "an end before the onset", "dates in order"


def _ranges(context: Context) -> Iterator[Odd]:
    """Find reference ranges that are upside down."""
    for place, row in _measured(context):
        if row.low is not None and row.high is not None and row.high < row.low:
            yield (*place, "high"), f"{row.high:g} below low = {row.low:g}", "low, then high"


def _measured(context: Context) -> Iterator[tuple[Place, Serum | Laboratory]]:
    for n, level in enumerate(context.serum):
        yield ("serum", n), level
    for n, value in enumerate(context.laboratory):
        yield ("laboratory", n), value


def _odd_drugs(context: Context) -> Iterator[Odd]:
    for n, drug in enumerate(context.drugs):
        if known_drug(drug.name) is None and drug.drug_class is None:
            yield ("drugs", n, "name"), "unknown_drug", _unknown_name(drug.name)
        if drug.dose is None and (strength := strength_in(drug.name)) is not None:
            message = translatable(
                f"the dose in {drug.name!r} is not read: write dose = {strength} "
                'and unit = "mg/day"'
            )
            yield ("drugs", n, "name"), "dose_in_name", message
        if drug.dose is not None and daily_mg(drug) is None:
            yield ("drugs", n, "unit"), "daily_dose", _open_dose(drug)
    names = {drug_key(drug.name) for drug in context.drugs}
    mentioned: list[tuple[Place, str | None]] = [
        *((("serum", n, "drug"), row.drug) for n, row in enumerate(context.serum)),
        *((("responses", n, "drug"), row.drug) for n, row in enumerate(context.responses)),
        *((("naranjo", n, "drug"), row.drug) for n, row in enumerate(context.naranjo)),
    ]
    for place, name in mentioned:
        if name is not None and drug_key(name) not in names:
            message = translatable(f"{name!r} is not among [[drugs]], so its dates are unknown")
            yield place, "drug_not_listed", message


def _odd_overlaps(context: Context) -> Iterator[Odd]:
    steps = drug_time_line(context)
    for before, after in pairwise(steps):
        last, first = before.last_day, after.first_day
        if before.key == after.key and last is not None and first is not None and last > first:
            message = translatable(
                f"two doses of {after.drug!r} overlap from day {first}; both are kept"
            )
            yield ("drugs",), "doses_overlap", message


def _unknown_name(name: str) -> str:
    """Return why the class of a drug is not known, and the line to write instead."""
    parts = substances_in(name)
    if len(parts) > 1:
        both, rows = " and ".join(parts), ", then ".join(f'name = "{part}"' for part in parts)
        return translatable(
            f"{name!r} holds {both}: kept, class unknown; write [[drugs]] for each, {rows}"
        )
    near = nearest_drug(name)
    if near:
        return translatable(
            f"{name!r} is not in the table of drugs: kept, class unknown; did you mean {near!r}? "
            f'Then write name = "{near}"; else state it with class = "..."'
        )
    return translatable(
        f'{name!r} is not in the table of drugs: kept, class unknown; state it with class = "..."'
    )


def _open_dose(drug: Drug) -> str:
    """Return the reason why the dose of a day is not known."""
    return translatable(
        f"{drug.dose:g} {drug.unit} of {drug.name!r} gives no dose per day: write a mass per day "
        "(mg/day), or a mass and a frequency; without, no rise of the dose can be seen"
    )


def _odd_values(context: Context) -> Iterator[Odd]:
    for place, row in _measured(context):
        if isinstance(row, Laboratory) and laboratory_test(row.name) not in KNOWN_TESTS:
            message = translatable(
                f"{row.name!r} is kept and shown, but no evidence is drawn from it"
            )
            yield (*place, "name"), "unknown_test", message
        stated = isinstance(row, Laboratory) and row.result is not None
        if row.value is None and not stated:
            yield place, "no_value", translatable("neither a value nor a result: not used")
        if row.value is not None and not (row.unit or "").strip():
            message = translatable(
                f"{row.value:g} has no unit: shown, but compared with its own range only"
            )
            yield (*place, "value"), "no_unit", message
        usual = isinstance(row, Serum) and level_range(row) is not None
        if row.value is not None and row.low is None and row.high is None and not stated | usual:
            message = translatable(
                f"{row.value:g} has no reference range, so neither normal nor abnormal"
            )
            yield (*place, "value"), "no_range", message


def _odd_bars(context: Context) -> Iterator[Odd]:
    for n, bars in enumerate(context.bars):
        for name, minutes in (("seated_min", bars.seated_min), ("standing_min", bars.standing_min)):
            if minutes is not None and minutes < BARS_SHORTEST_MIN:
                message = translatable(
                    f"{minutes:g} minutes; the scale asks for at least {BARS_SHORTEST_MIN:g}"
                )
                yield ("bars", n, name), "bars_too_short", message


def _odd_course(context: Context) -> Iterator[Odd]:
    for n, symptom in enumerate(context.symptoms):
        often, course = symptom.times_per_week, symptom.course
        if often is None:
            continue
        wrong = (course == "chronic_persistent" and often < COURSE_TIMES_PER_WEEK) or (
            course == "intermittent" and often >= COURSE_TIMES_PER_WEEK
        )
        if wrong:
            message = translatable(
                f"{often:g} days a week contradict the course {course!r}; both are kept"
            )
            yield ("symptoms", n, "times_per_week"), "course", message


def _odd_nights(context: Context) -> Iterator[Odd]:
    """Find nights outside the time line of drugs and symptoms."""
    steps = [step for step in drug_time_line(context) if step.first_day is not None]
    line = [
        day
        for place, when in times_in(context)
        if place[0] != "nights" and (day := day_of(context, when)) is not None
    ]
    if not line:
        return
    open_end = any(step.last_day is None for step in steps)
    for n, night in enumerate(context.nights):
        day = day_of(context, night.date)
        if day is None or night.drug is not None:
            continue
        if day < min(line) or (day > max(line) and not open_end):
            message = translatable(
                f"day {day} lies outside the time line (day {min(line)} to {max(line)}): "
                "kept, but the drugs of that day are unknown"
            )
            yield ("nights", n, "date"), "night_outside", message
