"""What a person answered that bears on the two questions, by site and for the whole body.

Asked and denied, partly, and not asked stay three different things: ``True``, ``"partly"``,
``False`` and ``None`` are kept as they were given.
"""

from collections.abc import Sequence

from psgkit.core.dataclass import dataclass
from psgkit.profile.context.causes import Cause, mimics
from psgkit.profile.context.drug_effects import provokes
from psgkit.profile.context.facts import BarsRating, CriteriaMet, all_criteria, bars_ratings
from psgkit.profile.context.fields import Answer
from psgkit.profile.context.model import Context, Symptom
from psgkit.profile.context.timeline import drug_time_line

CONDITION_OF = {"legs": "rls", "arms": "ras", "back": "rbs"}
"""The restlessness of each site; ``other`` has none of its own."""
NOUNS = {
    "rls": "restless legs",
    "ras": "restless arms",
    "rbs": "a restless back",
    "akathisia": "akathisia",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class SiteSigns:
    """The answers about one site.

    Attributes
    ----------
    site, condition : str
        ``condition`` is ``rls``, ``ras`` or ``rbs``, empty for another site.
    criteria : CriteriaMet
    symptom : Symptom
    localised : bool
        The sensation has a place: stated so, or named at this site.
    other_explanation : tuple of Cause
        Mimics that are present; empty if criterion 5 was answered as met.
    """

    site: str
    condition: str
    criteria: CriteriaMet
    symptom: Symptom
    localised: bool
    other_explanation: tuple[Cause, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonSigns:
    """The answers about one person.

    Attributes
    ----------
    sites : tuple of SiteSigns
    inner : bool or None
        Restless inside: at any site, denied at all that were asked, or not asked.
    pacing : bool
        Relieved only while pacing about.
    bars : BarsRating or None
        The latest rating with a global score.
    rated_before : int or None
        The highest earlier global score.
    provoking : tuple of str
        Drugs taken that are known to provoke akathisia.
    drugs_known : bool
        Any drug is recorded, so that none that provokes means something.
    confounders : tuple of str
        Conditions that look like akathisia on scales and sensors.
    """

    sites: tuple[SiteSigns, ...]
    inner: bool | None
    pacing: bool
    bars: BarsRating | None
    rated_before: int | None
    provoking: tuple[str, ...]
    drugs_known: bool
    confounders: tuple[str, ...]

    @property
    def localised(self) -> bool:
        """Return whether a sensation has a place at any site."""
        return any(site.localised for site in self.sites)


def signs_of(context: Context) -> PersonSigns:
    """Return the answers that bear on the two questions.

    Examples
    --------
    >>> back = Symptom(site="back", sensations=("itching",), rest=True)
    >>> found = signs_of(Context(symptoms=(back,)))
    >>> found.localised, found.inner, found.sites[0].criteria.met
    (True, None, ('rest',))
    """
    present = [cause for cause in mimics(context) if cause.status in {"present", "contradictory"}]
    criteria = all_criteria(context)
    inner = [symptom.inner_restlessness for symptom in context.symptoms]
    rated = _rated(bars_ratings(context))
    return PersonSigns(
        sites=tuple(map(_site, context.symptoms, criteria, [present] * len(criteria))),
        inner=_any(inner),
        pacing=any(symptom.pacing is True for symptom in context.symptoms),
        bars=rated[-1] if rated else None,
        rated_before=max((one.global_score or 0 for one in rated[:-1]), default=None),
        provoking=_provoking(context),
        drugs_known=bool(context.drugs),
        confounders=_confounders(context),
    )


def _site(symptom: Symptom, criteria: CriteriaMet, present: Sequence[Cause]) -> SiteSigns:
    condition = CONDITION_OF.get(symptom.site, "")
    stated = symptom.localised
    return SiteSigns(
        site=symptom.site,
        condition=condition,
        criteria=criteria,
        symptom=symptom,
        localised=stated is True or (stated is None and bool(symptom.sensations)),
        other_explanation=() if symptom.not_explained is True else tuple(present),
    )


def _any(answers: Sequence[Answer | None]) -> bool | None:
    """Return True if any is affirmed, False if all that were asked are denied, else None."""
    if any(answer is True for answer in answers):
        return True
    asked = [answer for answer in answers if answer is not None]
    return False if asked and all(answer is False for answer in asked) else None


def _rated(ratings: Sequence[BarsRating]) -> list[BarsRating]:
    """Return the ratings with a global score, in the order of time."""
    known = [rating for rating in ratings if rating.global_score is not None]
    return sorted(known, key=lambda one: float("-inf") if one.day is None else one.day)


def _provoking(context: Context) -> tuple[str, ...]:
    steps = drug_time_line(context)
    names = [step.drug for step in steps if provokes(step.drug, "akathisia", step.drug_class)]
    return tuple(dict.fromkeys(names))


def _confounders(context: Context) -> tuple[str, ...]:
    conditions = context.conditions
    named = {
        "ADHD": conditions.adhd,
        "tardive dyskinesia": conditions.tardive_dyskinesia,
        "a habit of tapping the feet": conditions.habitual_foot_tapping,
    }
    return tuple(name for name, present in named.items() if present)
