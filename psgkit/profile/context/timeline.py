"""One time axis in days for everything in a clinical context, and the drugs along it."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date, timedelta

from psgkit.core.dataclass import dataclass
from psgkit.core.regex import regex
from psgkit.profile.context.drug_classes import UNKNOWN, known_drug
from psgkit.profile.context.drug_names import drug_key
from psgkit.profile.context.fields import Place, When, fields_in_file
from psgkit.profile.context.model import Context, Drug

_MG = {"g": 1000.0, "mg": 1.0, "ug": 1e-3, "µg": 1e-3, "μg": 1e-3, "mcg": 1e-3}
_OFTEN = {
    "daily": 1.0,
    "once daily": 1.0,
    "once a day": 1.0,
    "twice daily": 2.0,
    "twice a day": 2.0,
    "three times daily": 3.0,
    "three times a day": 3.0,
    "weekly": 1 / 7,
    "once a week": 1 / 7,
}
_A_DAY = regex(
    r"(\d{1,2}) ?(?:(?:x|times)? ?(?:/|per|a) ?(?:day|d)|(?:x|times) ?(?:day|daily|d)|daily)"
)
_EVERY = regex(r"every (\d{1,3}) days?")
_DAYS = {"day": 1.0, "d": 1.0, "24h": 1.0, "week": 7.0, "month": 30.0}


@dataclass(frozen=True, kw_only=True, slots=True)
class DrugStep:
    """One drug at one dose along the time axis.

    Attributes
    ----------
    drug, key : str
        As written, and in the spelling that all rows of the drug share.
    drug_class : str
        ``unknown`` where neither the file nor the table states it.
    first_day, last_day : int or None
        Days of the axis, both included; None where the file does not say.
    first_date, last_date : date or None
        The same as dates, where the axis is tied to the calendar.
    end_is_next : bool
        The last day was not stated: the next dose of the drug ends this one.
    dose, unit, daily_mg : float, str, float or None
        As written, and per day in mg where unit and frequency are known.
    """

    drug: str
    key: str
    drug_class: str
    first_day: int | None
    last_day: int | None
    first_date: date | None
    last_date: date | None
    end_is_next: bool
    dose: float | None
    unit: str | None
    daily_mg: float | None


def times_in(context: Context) -> Iterator[tuple[Place, When]]:
    """Return every time in a context and its place, in the order of the file's sections.

    Examples
    --------
    >>> list(times_in(Context(drugs=(Drug(name="x", start=3),))))
    [(('drugs', 0, 'start'), 3)]
    """
    for section in fields(Context):
        value = getattr(context, section.name)
        rows = value if isinstance(value, tuple) else (value,)
        for number, row in enumerate(rows):
            if not is_dataclass(row):
                continue
            place = (section.name, number) if isinstance(value, tuple) else (section.name,)
            for name, one in fields_in_file(type(row)).items():
                when = getattr(row, one.name)
                if one.name in {"start", "stop", "onset", "end", "date"} and when is not None:
                    yield (*place, name), when


def day_zero(context: Context) -> date | None:
    """Return the date of day 0: the stated one, else the earliest date; None without dates.

    Examples
    --------
    >>> day_zero(Context(drugs=(Drug(name="x", start=date(2024, 3, 1)),)))
    datetime.date(2024, 3, 1)
    """
    if context.day_0 is not None:
        return context.day_0
    return min((when for _, when in times_in(context) if isinstance(when, date)), default=None)


def day_of(context: Context, when: When | None) -> int | None:
    """Return the day of the context's axis, or None where it cannot be placed.

    A time of day, as the start of a recording has, is left away.

    Examples
    --------
    >>> day_of(Context(day_0=date(2024, 3, 1)), date(2024, 3, 15))
    14
    """
    if not isinstance(when, date):
        return when
    zero = day_zero(context)
    return None if zero is None else when.toordinal() - zero.toordinal()


def date_of(context: Context, day: int | None) -> date | None:
    """Return the date of a day, or None where the axis is not tied to the calendar.

    Examples
    --------
    >>> date_of(Context(day_0=date(2024, 3, 1)), 14), date_of(Context(), 14)
    (datetime.date(2024, 3, 15), None)
    """
    zero = day_zero(context)
    if zero is None or day is None or not 1 <= zero.toordinal() + day <= date.max.toordinal():
        return None
    return zero + timedelta(days=day)


def class_of(context: Context, name: str | None) -> str:
    """Return the class of a drug: as the file states, else by the table, else ``unknown``.

    Examples
    --------
    >>> class_of(Context(), "benzhexol"), class_of(Context(), "moonshine")
    ('anticholinergic', 'unknown')
    """
    if name is None:
        return UNKNOWN
    stated = [
        drug.drug_class
        for drug in context.drugs
        if drug.drug_class and drug_key(drug.name) == drug_key(name)
    ]
    known = known_drug(name)
    return stated[0] if stated else known.drug_class if known else UNKNOWN


def daily_mg(drug: Drug) -> float | None:
    """Return the dose of a day in mg, or None where unit or frequency leave it open.

    Examples
    --------
    >>> daily_mg(Drug(name="x", dose=0.6, unit="g/day"))
    600.0
    >>> daily_mg(Drug(name="x", dose=25, unit="mg")) is None
    True
    """
    if drug.dose is None or drug.unit is None:
        return None
    return mass_per_day_mg(drug.dose, drug.unit, per_day=times_per_day(drug.frequency))


def mass_per_day_mg(dose: float, unit: str, *, per_day: float | None = None) -> float | None:
    """Return ``dose`` in mg a day; ``per_day`` is how often it is given if the unit has no day.

    Examples
    --------
    >>> mass_per_day_mg(0.4, "g/d"), mass_per_day_mg(25, "mg", per_day=2)
    (400.0, 50.0)
    """
    mass, _, span = unit.replace(" ", "").partition("/")
    factor = _MG.get(mass if mass in _MG else mass.casefold())
    if factor is None:
        return None
    if span:
        days = _DAYS.get(span.casefold())
        return None if days is None else dose * factor / days
    return None if per_day is None else dose * factor * per_day


def drug_time_line(context: Context) -> tuple[DrugStep, ...]:
    """Return the drugs along the time axis, the steps of one drug together, as the file has them.

    A dose whose last day was not stated ends the day before the next dose of the same drug.

    Examples
    --------
    >>> low = Drug(name="amisulpride", dose=0.4, unit="g/day", start=33)
    >>> high = Drug(name="amisulpride", dose=0.6, unit="g/day", start=0)
    >>> [(s.first_day, s.last_day, s.daily_mg) for s in drug_time_line(Context(drugs=(high, low)))]
    [(0, 32, 600.0), (33, None, 400.0)]
    """
    keys = list(dict.fromkeys(drug_key(drug.name) for drug in context.drugs))
    steps = []
    for key in keys:
        taken = [drug for drug in context.drugs if drug_key(drug.name) == key]
        for number, drug in enumerate(taken):
            after = taken[number + 1].start if number + 1 < len(taken) else None
            steps.append(_step(context, drug, after))
    return tuple(steps)


def _step(context: Context, drug: Drug, next_start: When | None) -> DrugStep:
    first, last = day_of(context, drug.start), day_of(context, drug.stop)
    following = day_of(context, next_start)
    ends_by_next = last is None and following is not None
    if ends_by_next and following is not None:
        last = following - 1 if first is None else max(first, following - 1)
    return DrugStep(
        drug=drug.name,
        key=drug_key(drug.name),
        drug_class=class_of(context, drug.name),
        first_day=first,
        last_day=last,
        first_date=date_of(context, first),
        last_date=date_of(context, last),
        end_is_next=ends_by_next,
        dose=drug.dose,
        unit=drug.unit,
        daily_mg=daily_mg(drug),
    )


def times_per_day(frequency: str | None) -> float | None:
    """Return how often a dose is taken on one day, or None where the words do not say.

    Examples
    --------
    >>> times_per_day("twice daily"), times_per_day("every 28 days"), times_per_day("as needed")
    (2.0, 0.03571428571428571, None)
    """
    words = " ".join((frequency or "").casefold().split())
    if words in _OFTEN:
        return _OFTEN[words]
    often, seldom = _A_DAY.fullmatch(words), _EVERY.fullmatch(words)
    if often and float(often[1]) > 0:
        return float(often[1])
    return 1 / float(seldom[1]) if seldom and float(seldom[1]) > 0 else None
