"""What a person takes, what was measured in blood, what followed a change, which nights exist."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from psgkit.profile.context_fields import Site, When, asked, required

Change: TypeAlias = Literal[
    "started", "stopped", "dose_raised", "dose_reduced", "not_a_drug", "no_change_made"
]
Effect: TypeAlias = Literal["gone", "relieved", "no_change", "worse"]
Result: TypeAlias = Literal["low", "normal", "high"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Drug:
    """One drug at one dose; another dose of it is another row."""

    name: str = required("generic name", "amisulpride", min_length=1)
    dose: float | None = asked("a number; needs a unit", 0.6, gt=0, allow_inf_nan=False)
    unit: str | None = asked("g, mg, ug; with /day if the dose is that of a day", "g/day")
    frequency: str | None = asked(
        "2/day, twice daily, every 28 days, weekly, as needed", "once daily"
    )
    start: When | None = asked("first day at this dose: a date, or 'day 0'", "day 0")
    stop: When | None = asked("last day at this dose", "day 33")
    reason: str | None = asked("what it is given for", "schizophrenia")
    drug_class: str | None = asked(
        "only if the table of drugs does not know the name", "antipsychotic", alias="class"
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Serum:
    """A drug level in blood."""

    drug: str = required("generic name", "amisulpride", min_length=1)
    value: float | None = asked("a number; needs a unit", 431, ge=0, allow_inf_nan=False)
    unit: str | None = asked("as the laboratory gives it", "ng/mL")
    low: float | None = asked("therapeutic reference range, lower end", 100, allow_inf_nan=False)
    high: float | None = asked("and upper end", 320, allow_inf_nan=False)
    date: When | None = asked("when the blood was taken", "day 14")
    dose: float | None = asked(
        "dose at that time, where dates do not tell", 0.6, gt=0, allow_inf_nan=False
    )
    dose_unit: str | None = asked("g/day, mg/day", "g/day")


@dataclass(frozen=True, kw_only=True, slots=True)
class Response:
    """What the symptom did after one change."""

    change: Change = required(
        "started, stopped, dose_raised, dose_reduced, not_a_drug or no_change_made", "dose_reduced"
    )
    drug: str | None = asked("generic name", "amisulpride", min_length=1)
    words: str | None = asked("the change in words", "0.6 to 0.4 g/day")
    date: When | None = asked("when the change was made", "day 33")
    site: Site | None = asked("symptom: legs, arms, back or other", "back")
    effect: Effect | None = asked("gone, relieved, no_change or worse", "gone")
    after_days: float | None = asked("days until then", 7, ge=0, allow_inf_nan=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Laboratory:
    """One laboratory value with the reference range of the laboratory that measured it."""

    name: str = required(
        "ferritin, iron, creatinine, egfr, renal_function, liver_function, prolactin, crp, "
        "glucose, tsh; others are kept",
        "ferritin",
        min_length=1,
    )
    value: float | None = asked("a number; needs a unit", 80, allow_inf_nan=False)
    unit: str | None = asked("as the laboratory gives it", "ug/L")
    low: float | None = asked("reference range, lower end", 30, allow_inf_nan=False)
    high: float | None = asked("reference range, upper end", 400, allow_inf_nan=False)
    result: Result | None = asked("low, normal or high, where only that was told", "normal")
    date: When | None = asked("when the blood was taken", "day 14")


@dataclass(frozen=True, kw_only=True, slots=True)
class Night:
    """A recorded night on the time line."""

    file: str | None = asked("recording or report", "before.edf")
    date: When | None = asked("the evening it began", "day 14")
    label: str | None = asked("what it is called in figures", "at 0.6 g/day")
    drug: str | None = asked(
        "drug whose dose that night is told here, where dates do not tell",
        "amisulpride",
        min_length=1,
    )
    dose: float | None = asked("its dose that night", 0.6, gt=0, allow_inf_nan=False)
    dose_unit: str | None = asked("g/day, mg/day", "g/day")
