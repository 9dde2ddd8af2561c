"""What a person says and shows: symptoms by place, skin, BARS, other conditions.

Every field may be left out, and one that is left out is unknown, never "no".  The five criteria
are those of the IRLSSG (Allen et al. 2014, Sleep Med 15:860-873), asked for each place, as Ruppert
2019 (arms) and Suzuki 2013 (back) did; none of the adaptations has been validated.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from psgkit.profile.context_fields import Answer, Site, When, asked, required

Sensation: TypeAlias = Literal["itching", "burning", "crawling", "tingling", "pain", "ache"]
Course: TypeAlias = Literal["chronic_persistent", "intermittent", "single_episode"]
Sex: TypeAlias = Literal["female", "male", "other"]

_FIRST = 1
_MOST = 3
_WORST = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """Who: no name, no date of birth, because reports carry no patient data."""

    age: float | None = asked("in years; no date of birth", 50, ge=0, le=130, allow_inf_nan=False)
    sex: Sex | None = asked("female, male or other", "male")


@dataclass(frozen=True, kw_only=True, slots=True)
class Symptom:
    """An unpleasant feeling or restlessness in one place, and the criteria asked for that place."""

    site: Site = required("legs, arms, back or other", "back")
    words: str | None = asked("what the person says", "itch and crawling in the back")
    sensations: tuple[Sensation, ...] | None = asked(
        "any of itching, burning, crawling, tingling, pain, ache", ["itching", "crawling"]
    )
    inner_restlessness: Answer | None = asked("restless inside, not in one place", example=False)
    urge: Answer | None = asked("criterion 1: an urge to move this part", example=True)
    rest: Answer | None = asked("criterion 2: begins or worsens at rest", example=True)
    relief: Answer | None = asked("criterion 3: relieved by movement while it lasts", "partly")
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


@dataclass(frozen=True, kw_only=True, slots=True)
class Conditions:
    """What else the person has: true, false, or left out where nobody looked."""

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
    family_history: bool | None = asked("restless legs in close relatives", example=False)
