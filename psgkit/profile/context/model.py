"""The clinical context of one person, as plain frozen data."""

from datetime import date
from typing import Literal, TypeAlias

from psgkit.core.dataclass import dataclass
from psgkit.profile.context.fields import Answer, Site, When, asked, required, rows, section
from psgkit.profile.context.scale_model import Aims, Diepss, Irls, Naranjo, Rls6

_FIRST = 1
_MOST = 3
_WORST = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Bars:
    """Barnes Akathisia Rating Scale (Barnes 1989, Br J Psychiatry 154:672-676)."""

    objective: int | None = asked("objective restlessness, 0 to 3", _FIRST, ge=0, le=_MOST)
    awareness: int | None = asked("awareness of restlessness, 0 to 3", _FIRST, ge=0, le=_MOST)
    distress: int | None = asked("distress by restlessness, 0 to 3", _FIRST, ge=0, le=_MOST)
    global_score: int | None = asked(
        "global assessment, 0 to 5; it is no sum", _FIRST, alias="global", ge=0, le=_WORST
    )
    seated_min: float | None = asked("minutes observed seated", 2, ge=0, allow_inf_nan=False)
    standing_min: float | None = asked("minutes observed standing", 2, ge=0, allow_inf_nan=False)
    date: When | None = asked("when it was rated", "day 15")


Change: TypeAlias = Literal[
    "started", "stopped", "dose_raised", "dose_reduced", "not_a_drug", "no_change_made"
]


@dataclass(frozen=True, kw_only=True, slots=True)
class Conditions:
    """Other conditions of the person: true, false, or left out where not examined."""

    parkinsons_disease: bool | None = asked("Parkinson's disease", example=False)
    neuropathy: bool | None = asked("polyneuropathy", example=False)
    pregnancy: bool | None = asked("pregnancy", example=False)
    dialysis: bool | None = asked("dialysis", example=False)
    end_stage_renal_disease: bool | None = asked("end-stage renal disease", example=False)
    renal_disease: bool | None = asked("any renal disease", example=False)
    liver_disease: bool | None = asked("any liver disease", example=False)
    rheumatic_disease: bool | None = asked("rheumatic disease", example=False)
    iron_deficiency: bool | None = asked("iron deficiency", example=False)
    diabetes: bool | None = asked("diabetes", example=False)
    radiculopathy: bool | None = asked("radiculopathy, sciatica", example=False)
    arthritis: bool | None = asked("arthritis of the part", example=False)
    myalgia: bool | None = asked("muscle pain", example=False)
    cramps: bool | None = asked("cramps", example=False)
    venous_stasis: bool | None = asked("venous stasis", example=False)
    oedema: bool | None = asked("oedema", example=False)
    positional_discomfort: bool | None = asked("only from lying or sitting badly", example=False)
    habitual_foot_tapping: bool | None = asked("a habit of tapping the feet", example=False)
    adhd: bool | None = asked("attention deficit hyperactivity disorder", example=False)
    tardive_dyskinesia: bool | None = asked("tardive dyskinesia", example=False)
    propriospinal_myoclonus: bool | None = asked(
        "propriospinal myoclonus: jerks of the trunk while falling asleep", example=False
    )
    family_history: bool | None = asked("restless legs in close relatives", example=False)


Course: TypeAlias = Literal["chronic_persistent", "intermittent", "single_episode"]


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


Effect: TypeAlias = Literal["gone", "relieved", "no_change", "worse"]
Result: TypeAlias = Literal["low", "normal", "high"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Laboratory:
    """One laboratory value with the reference range of the laboratory that measured it."""

    name: str = required(
        "ferritin, transferrin_saturation, crp, iron, haemoglobin, trace_elements, creatinine, "
        "egfr, renal_function, liver_function, prolactin, glucose, tsh; others are kept",
        "ferritin",
        min_length=1,
    )
    value: float | None = asked("a number; needs a unit", 80, allow_inf_nan=False)
    unit: str | None = asked("as the laboratory gives it", "ug/L")
    low: float | None = asked("reference range, lower end", 30, allow_inf_nan=False)
    high: float | None = asked("reference range, upper end", 400, allow_inf_nan=False)
    result: Result | None = asked("low, normal or high, where only the result is known", "normal")
    date: When | None = asked("when the blood was taken", "day 14")


@dataclass(frozen=True, kw_only=True, slots=True)
class Night:
    """A recorded night on the time line."""

    file: str | None = asked("recording or report", "before.edf")
    date: When | None = asked("the evening it began", "day 14")
    label: str | None = asked("what it is called in figures", "at 0.6 g/day")
    drug: str | None = asked(
        "drug whose dose that night is stated here, where dates do not give it",
        "amisulpride",
        min_length=1,
    )
    dose: float | None = asked("its dose that night", 0.6, gt=0, allow_inf_nan=False)
    dose_unit: str | None = asked("g/day, mg/day", "g/day")


Sex: TypeAlias = Literal["female", "male", "other"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """Who: no name, no date of birth, because reports carry no patient data."""

    age: float | None = asked("in years; no date of birth", 50, ge=0, le=130, allow_inf_nan=False)
    sex: Sex | None = asked("female, male or other", "male")


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
    alternative: str | None = asked(
        "what the source names as an alternative to this change", "observation"
    )


Sensation: TypeAlias = Literal["itching", "burning", "crawling", "tingling", "pain", "ache"]


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
        "dose at that time, where dates do not give it", 0.6, gt=0, allow_inf_nan=False
    )
    dose_unit: str | None = asked("g/day, mg/day", "g/day")


@dataclass(frozen=True, kw_only=True, slots=True)
class Skin:
    """What was seen on the skin."""

    rash: Answer | None = asked("a rash where it itches", example=False)
    drug_rash: Answer | None = asked("a rash that a drug explains", example=False)
    skin_disease: Answer | None = asked("eczema, psoriasis, scabies or the like", example=False)
    scratch_marks: Answer | None = asked("marks of scratching", example=False)
    scratching: Answer | None = asked("the person scratches", example=True)
    scratching_helps: Answer | None = asked("scratching relieves it", example=False)
    dermatology: bool | None = asked("a dermatologist has looked", example=True)
    words: str | None = asked("what was found", "no lesion")
    date: When | None = asked("when the skin was looked at", "day 15")


@dataclass(frozen=True, kw_only=True, slots=True)
class Symptom:
    """An unpleasant feeling or restlessness in one place, and the criteria asked for that place."""

    site: Site = required("legs, arms, back or other", "back")
    words: str | None = asked("what the person says", "itch and crawling in the back")
    sensations: tuple[Sensation, ...] | None = asked(
        "any of itching, burning, crawling, tingling, pain, ache", ["itching", "crawling"]
    )
    localised: Answer | None = asked("felt in this part, with a border to show", example=True)
    inner_restlessness: Answer | None = asked("restless inside, not in one place", example=False)
    urge: Answer | None = asked("criterion 1: an urge to move this part", example=True)
    rest: Answer | None = asked("criterion 2: begins or worsens at rest", example=True)
    relief: Answer | None = asked("criterion 3: relieved by movement while it lasts", "partly")
    lying: Answer | None = asked("worse lying down than sitting or standing", example=True)
    pacing: Answer | None = asked("relieved only while pacing about", example=False)
    evening: Answer | None = asked(
        "criterion 4: only or worse in the evening or night", example=True
    )
    not_explained: Answer | None = asked(
        "criterion 5: no other condition explains it", example=True
    )
    began_first: bool | None = asked("this part was affected before any other", example=True)
    onset: When | None = asked("when it began: a date, or 'day 14'", "day 14")
    end: When | None = asked("when it was gone", "day 40")
    course: Course | None = asked(
        "chronic_persistent, intermittent or single_episode", "chronic_persistent"
    )
    times_per_week: float | None = asked("days a week with it", 5, ge=0, le=7, allow_inf_nan=False)
    relieved_by: tuple[str, ...] | None = asked("what helps at once", ["getting up", "walking"])
    worsened_by: tuple[str, ...] | None = asked("what makes it worse", ["lying down"])


@dataclass(frozen=True, kw_only=True, slots=True)
class Context:
    """Everything a recording cannot tell; whatever is left out is unknown, never "no".

    Attributes
    ----------
    source : str or None
        Where the facts come from.
    day_0 : date or None
        The calendar date of day 0; needed only where dates and days are mixed.
    polysomnography : bool or None
        Whether a night was recorded at all.
    """

    source: str | None = asked("where these facts come from", "notes of the ward")
    day_0: date | None = asked("the date of day 0, if days and dates are mixed", date(2024, 3, 1))
    polysomnography: bool | None = asked("whether any night was recorded", example=True)
    person: Person = section(Person, "Who: no name, no date of birth.")
    symptoms: tuple[Symptom, ...] = rows("One for each part of the body.")
    skin: Skin = section(Skin, "What was seen on the skin.")
    bars: tuple[Bars, ...] = rows("Barnes Akathisia Rating Scale, one for each rating.")
    irls: tuple[Irls, ...] = rows("Severity of restless legs (IRLS), one for each rating.")
    rls6: tuple[Rls6, ...] = rows("RLS-6 scales, one for each rating.")
    aims: tuple[Aims, ...] = rows("Abnormal Involuntary Movement Scale, one for each rating.")
    diepss: tuple[Diepss, ...] = rows("DIEPSS, one for each rating.")
    naranjo: tuple[Naranjo, ...] = rows("Was it the drug? Ten questions, one for each drug.")
    drugs: tuple[Drug, ...] = rows("One for each drug and dose: a new dose is a new [[drugs]].")
    serum: tuple[Serum, ...] = rows("Drug levels in blood.")
    responses: tuple[Response, ...] = rows("What the symptom did after each change.")
    laboratory: tuple[Laboratory, ...] = rows("Values with the range of the laboratory.")
    conditions: Conditions = section(Conditions, "true, false, or left out if not known.")
    nights: tuple[Night, ...] = rows("Recorded nights on the time line.")
