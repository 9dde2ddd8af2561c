"""The answer of a profile as a whole: three voices, both together, cautions, matrix and leaning."""

from dataclasses import replace
from typing import Any

from psgkit.core.message import translatable
from psgkit.core.night_report import Profile
from psgkit.core.symptom_diary import SymptomDiary
from psgkit.profile.answer.cautions import cautions_of
from psgkit.profile.answer.diary import (
    answers_with_diary,
    diary_cautions,
    diary_counts,
    diary_evidence,
    with_diary_clauses,
)
from psgkit.profile.answer.matrix import matrix_of
from psgkit.profile.answer.phrases import listed
from psgkit.profile.answer.recorded import Recorded, recording_sentence
from psgkit.profile.answer.rule import RULE, Verdict, leaning_of, verdict_of
from psgkit.profile.answer.signs import PersonSigns, signs_of
from psgkit.profile.answer.spoken import (
    NO_ANSWERS,
    against_akathisia,
    answers_sentence,
    for_akathisia,
)
from psgkit.profile.answer.timing import timing_sentence
from psgkit.profile.answer.together import together_sentence
from psgkit.profile.context.model import Context
from psgkit.profile.evidence.items import profile_without_evidence

_NO_DATES = translatable("No dates were given")


def answer_of_context(context: Context, diary: SymptomDiary | None = None) -> Profile:
    """Return the answer that answers, a diary of symptoms and timing give without a recording.

    Examples
    --------
    >>> found = answer_of_context(Context())
    >>> found.recording, found.leaning is None
    ('No recording.', True)
    """
    return with_answer(profile_without_evidence(), context, None, diary)


def with_answer(
    profile: Profile,
    context: Context | None,
    recorded: Recorded | None,
    diary: SymptomDiary | None = None,
) -> Profile:
    """Return the profile with its answer: sentences, cautions, matrix, and the leaning.

    Parameters
    ----------
    profile : Profile
        With its evidence, if any.
    context : Context or None
        What was answered.
    recorded : Recorded or None
        What was recorded.
    diary : SymptomDiary, optional
        Counts of its entries answer what was left open, and become evidence.
    """
    counts = diary_counts(diary)
    asked = context
    if counts:
        context = answers_with_diary(context or Context(), counts)
    signs = signs_of(context or Context())
    verdict = verdict_of(signs, None if recorded is None else recorded.signs)
    return replace(
        profile,
        evidence=(*profile.evidence, *diary_evidence(counts)),
        answers=with_diary_clauses(
            f"{NO_ANSWERS}." if context is None else answers_sentence(signs, verdict), counts
        ),
        timing=f"{_NO_DATES}." if asked is None else timing_sentence(asked),
        recording=recording_sentence(recorded),
        together=together_sentence(context, signs, verdict, recorded),
        cautions=()
        if context is None
        else (*diary_cautions(asked or Context(), counts), *cautions_of(context, signs)),
        matrix=matrix_of(context, signs, recorded),
        questions=_questions(verdict, recorded),
        leaning=leaning_of(verdict, _because(signs, verdict, recorded)),
        rule="\n".join(RULE),
    )


def _questions(verdict: Verdict, recorded: Recorded | None) -> dict[str, Any]:
    """Return how both questions are answered, and where the recording alone points."""
    return {
        "sites": dict(verdict.sites),
        "akathisia": verdict.akathisia,
        "recording": [] if recorded is None else recorded.points_to,
    }


def _because(signs: PersonSigns, verdict: Verdict, recorded: Recorded | None) -> list[str]:
    """Return the reasons of the leaning, each a short phrase."""
    found = [
        f"{one.site}: {len(one.criteria.met)} of 5 criteria met"
        for one in signs.sites
        if verdict.sites[one.site] in {"weak", "moderate"}
    ]
    favours, against = for_akathisia(signs), against_akathisia(signs)
    if favours:
        found.append(f"for akathisia: {listed(favours)}")
    if against:
        found.append(f"against akathisia: {listed(against)}")
    if recorded is not None and not recorded.simulated and recorded.points_to:
        found.append(f"the recording points to {listed(recorded.points_to)}")
    return found
