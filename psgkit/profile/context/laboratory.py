"""Laboratory values and drug levels of a clinical context, each against its own range."""

from typing import Literal, TypeAlias

from psgkit.core.dataclass import dataclass
from psgkit.core.message import translatable
from psgkit.profile.context.drug_effects import level_range_of
from psgkit.profile.context.drug_names import drug_key
from psgkit.profile.context.model import Context, Laboratory, Serum
from psgkit.profile.context.timeline import day_of, drug_time_line, mass_per_day_mg

_NG_PER_ML = {
    "ng/ml": 1.0,
    "ug/l": 1.0,
    "\u00b5g/l": 1.0,
    "\u03bcg/l": 1.0,
    "mcg/l": 1.0,
    "ug/ml": 1000.0,
    "\u00b5g/ml": 1000.0,
    "\u03bcg/ml": 1000.0,
    "mcg/ml": 1000.0,
    "mg/l": 1000.0,
}

_FERRITIN_PMOL_PER_UG = 2.247
_TEST_NAMES = {
    "tsat": "transferrin_saturation",
    "iron_saturation": "transferrin_saturation",
    "serum_ferritin": "ferritin",
    "serum_iron": "iron",
    "hb": "haemoglobin",
    "hgb": "haemoglobin",
    "hemoglobin": "haemoglobin",
    "c_reactive_protein": "crp",
    "hs_crp": "crp",
    "gfr": "egfr",
    "kidney_function": "renal_function",
}

RangeStatus: TypeAlias = Literal["low", "normal", "high"]


@dataclass(frozen=True, kw_only=True, slots=True)
class LaboratoryValue:
    """One value; ``status`` is None exactly when ``reason`` is set.

    ``value`` may be None where only the result is known.
    """

    name: str
    value: float | None
    unit: str | None
    low: float | None
    high: float | None
    day: int | None
    status: RangeStatus | None
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SerumLevel:
    """One drug level, the dose it was measured at, and the level per mg a day.

    ``per_mg`` is in the unit of the level, per mg of daily dose; it is None exactly when
    ``reason`` is set.  ``low`` and ``high`` are the stated range, else that of the AGNP if the unit
    of the level is one of mass; ``range_source`` names it.  ``status`` is None without a range.
    """

    drug: str
    value: float | None
    unit: str | None
    day: int | None
    daily_mg: float | None
    per_mg: float | None
    reason: str
    low: float | None
    high: float | None
    range_source: str
    status: RangeStatus | None


def against_range(value: float | None, low: float | None, high: float | None) -> RangeStatus | None:
    """Return where a value lies; both ends of a range belong to it; None without any end.

    Examples
    --------
    >>> against_range(30, 30, 400), against_range(29.9, 30, None), against_range(1, None, None)
    ('normal', 'low', None)
    """
    if value is None or (low is None and high is None):
        return None
    if low is not None and value < low:
        return "low"
    return "high" if high is not None and value > high else "normal"


def laboratory_test(name: str) -> str:
    """Return one spelling of the name of a laboratory test.

    Examples
    --------
    >>> laboratory_test("Transferrin saturation"), laboratory_test("hs-CRP")
    ('transferrin_saturation', 'crp')
    """
    key = "_".join(name.casefold().replace("-", " ").replace("_", " ").split())
    return _TEST_NAMES.get(key, key)


def laboratory_values(context: Context, name: str | None = None) -> tuple[LaboratoryValue, ...]:
    """Return all values, or those of one test, in the order of time as far as it is known.

    Examples
    --------
    >>> row = Laboratory(name="Ferritin", value=12, unit="ug/L", low=30, high=400)
    >>> laboratory_values(Context(laboratory=(row,)), "ferritin")[0].status
    'low'
    """
    chosen = [
        _value(context, row)
        for row in context.laboratory
        if name is None or laboratory_test(row.name) == laboratory_test(name)
    ]
    return tuple(sorted(chosen, key=lambda one: (one.day is None, one.day or 0)))


def latest_laboratory(context: Context, name: str) -> LaboratoryValue | None:
    """Return the last value of a test with a known status, else the last one, else None.

    Examples
    --------
    >>> latest_laboratory(Context(), "ferritin") is None
    True
    """
    values = laboratory_values(context, name)
    known = tuple(one for one in values if one.status is not None)
    chosen = known or values
    return chosen[-1] if chosen else None


def ug_per_l(value: LaboratoryValue) -> float | None:
    """Return a ferritin in ug/L, or None where its unit is not one of ferritin.

    Examples
    --------
    >>> row = Laboratory(name="ferritin", value=35, unit="ng/mL")
    >>> ug_per_l(laboratory_values(Context(laboratory=(row,)))[0])
    35.0
    """
    unit = "".join((value.unit or "").casefold().split())
    if value.value is None:
        return None
    if unit == "pmol/l":
        return value.value / _FERRITIN_PMOL_PER_UG
    return value.value * _NG_PER_ML[unit] if unit in _NG_PER_ML else None


def value_in_words(value: LaboratoryValue) -> str:
    """Return a value, its unit and where it lies, as sentences name it.

    Examples
    --------
    >>> row = Laboratory(name="ferritin", value=35, unit="ug/L", low=30)
    >>> value_in_words(laboratory_values(Context(laboratory=(row,)))[0])
    '35 ug/L (normal by its range)'
    """
    if value.value is None:
        return value.status or translatable("without a value")
    number = f"{value.value:g} {value.unit or ''}".strip()
    lies = translatable(f"{value.status} by its range")
    return f"{number} ({lies})" if value.status else number


def serum_levels(context: Context) -> tuple[SerumLevel, ...]:
    """Return the drug levels with the dose of that day: the stated one, else by the time line.

    Examples
    --------
    >>> row = Serum(drug="amisulpride", value=431, unit="ng/mL", dose=0.6, dose_unit="g/day")
    >>> level = serum_levels(Context(serum=(row,)))[0]
    >>> round(level.per_mg, 3), level.daily_mg, level.status, level.high
    (0.718, 600.0, 'high', 320.0)
    """
    return tuple(_level(context, row) for row in context.serum)


def level_range(row: Serum) -> tuple[float | None, float | None, str] | None:
    """Return both ends of the range of a level and whose it is, or None without a range.

    The stated range comes first, else that of the AGNP, in the unit of the level.

    Examples
    --------
    >>> level_range(Serum(drug="amisulpride", value=431, unit="ng/mL"))[:2]
    (100.0, 320.0)
    """
    if row.low is not None or row.high is not None:
        return row.low, row.high, translatable("as stated")
    usual = level_range_of(row.drug)
    per_unit = _NG_PER_ML.get("".join((row.unit or "").casefold().split()))
    if usual is None or per_unit is None:
        return None
    source = usual.source
    if usual.together:
        source = translatable(f"{source}, measured together with {usual.together}")
    return usual.low / per_unit, usual.high / per_unit, f"{source} [{usual.status}]"


def _value(context: Context, row: Laboratory) -> LaboratoryValue:
    measured = against_range(row.value, row.low, row.high)
    status, reason = measured or row.result, ""
    if measured is not None and row.result is not None and measured != row.result:
        said = translatable(f"stated as {row.result}, but {measured} by its range")
        status, reason = None, said
    elif status is None:
        no_value, no_range = translatable("no value"), translatable("no reference range")
        reason = no_value if row.value is None else no_range
    return LaboratoryValue(
        name=laboratory_test(row.name),
        value=row.value,
        unit=row.unit,
        low=row.low,
        high=row.high,
        day=day_of(context, row.date),
        status=status,
        reason=reason,
    )


def _level(context: Context, row: Serum) -> SerumLevel:
    day = day_of(context, row.date)
    low, high, source = level_range(row) or (None, None, "")
    daily, reason = _dose_at(context, row, day)
    if row.value is None:
        reason = "no value"
    per_mg = row.value / daily if row.value is not None and daily else None
    return SerumLevel(
        drug=row.drug,
        value=row.value,
        unit=row.unit,
        day=day,
        daily_mg=daily,
        per_mg=per_mg,
        reason="" if per_mg is not None else reason,
        low=low,
        high=high,
        range_source=source,
        status=against_range(row.value, low, high),
    )


def _dose_at(context: Context, row: Serum, day: int | None) -> tuple[float | None, str]:
    """Return the daily dose in mg when the blood was taken, or why it is not known."""
    if row.dose is not None:
        stated = mass_per_day_mg(row.dose, row.dose_unit or "")
        return stated, "the unit of its dose is no mass per day" if stated is None else ""
    if day is None:
        return None, "neither the day nor the dose is stated"
    key = drug_key(row.drug)
    on_day = [
        step
        for step in drug_time_line(context)
        if step.key == key
        and step.first_day is not None
        and step.first_day <= day
        and (step.last_day is None or step.last_day >= day)
    ]
    if not on_day:
        return None, f"no dose of it on day {day}"
    doses = [step.daily_mg for step in on_day if step.daily_mg is not None]
    if len(doses) < len(on_day):
        return None, "its dose per day is not known"
    return sum(doses), ""
