"""Rating scales in a clinical context: what was rated, as plain frozen data."""

from typing import Literal, TypeAlias

from psgkit.core.dataclass import dataclass
from psgkit.profile.context.fields import When, asked, required

_ITEM_IRLS = 4
_WORST = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Irls:
    """International RLS severity scale (Walters et al. 2003, Sleep Med 4:121-132)."""

    total: int | None = asked("sum of the ten items, 0 to 40", 22, ge=0, le=40)
    items: tuple[int, ...] | None = asked(
        "the ten items, 0 to 4 each", [2, 2, 3, 2, 2, 2, 3, 2, 2, 2]
    )
    date: When | None = asked("when it was rated", "day 15")


@dataclass(frozen=True, kw_only=True, slots=True)
class Rls6:
    """RLS-6 scales (Kohnen et al. 2016), each from 0 to 10 over the last seven days."""

    sleep: int | None = asked("satisfaction with sleep, 10 is worst", 4, ge=0, le=_WORST)
    falling_asleep: int | None = asked("severity when falling asleep", 6, ge=0, le=_WORST)
    night: int | None = asked("severity during the night", 5, ge=0, le=_WORST)
    day_rest: int | None = asked("severity by day at rest", 3, ge=0, le=_WORST)
    day_active: int | None = asked("severity by day while active", 0, ge=0, le=_WORST)
    tired: int | None = asked("tiredness by day", 4, ge=0, le=_WORST)
    date: When | None = asked("when it was rated", "day 15")


@dataclass(frozen=True, kw_only=True, slots=True)
class Aims:
    """Abnormal Involuntary Movement Scale: tardive dyskinesia."""

    total: int | None = asked("sum of items 1 to 7, 0 to 28", 0, ge=0, le=28)
    legs: int | None = asked("item 6, movements of the legs, 0 to 4", 0, ge=0, le=_ITEM_IRLS)
    severity: int | None = asked("item 8, overall severity, 0 to 4", 0, ge=0, le=_ITEM_IRLS)
    date: When | None = asked("when it was rated", "day 15")


@dataclass(frozen=True, kw_only=True, slots=True)
class Diepss:
    """Drug-Induced Extrapyramidal Symptoms Scale (Inada 1996)."""

    total: int | None = asked("sum of the eight items, 0 to 32", 2, ge=0, le=32)
    akathisia: int | None = asked("item akathisia, 0 to 4", 1, ge=0, le=_ITEM_IRLS)
    severity: int | None = asked("overall severity, 0 to 4", 1, ge=0, le=_ITEM_IRLS)
    date: When | None = asked("when it was rated", "day 15")


Probability: TypeAlias = Literal["definite", "probable", "possible", "doubtful"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Naranjo:
    """Adverse drug reaction probability scale (Naranjo et al. 1981, Clin Pharmacol Ther 30:239).

    A question that is left out counts as "do not know".
    """

    drug: str = required("generic name of the suspected drug", "amisulpride", min_length=1)
    known: bool | None = asked("1: conclusive reports of this reaction before", example=True)
    after: bool | None = asked("2: it appeared after the drug was given", example=True)
    dechallenge: bool | None = asked(
        "3: it improved when the drug was stopped or an antagonist given", example=True
    )
    rechallenge: bool | None = asked("4: it came back when the drug was given again", example=False)
    other_causes: bool | None = asked("5: other causes could explain it alone", example=False)
    placebo: bool | None = asked("6: it came back under a placebo", example=False)
    level: bool | None = asked("7: the drug was found in a toxic concentration", example=False)
    dose: bool | None = asked("8: worse at a higher, better at a lower dose", example=True)
    earlier: bool | None = asked("9: a similar reaction to such a drug before", example=False)
    objective: bool | None = asked("10: confirmed by objective evidence", example=False)
    total: int | None = asked("sum of the points, -4 to 13", 7, ge=-4, le=13)
    probability: Probability | None = asked(
        "class of the total: definite (9 or more), probable (5 to 8), possible (1 to 4), doubtful",
        "probable",
    )
