"""The sentence that puts the three voices together, and what to ask next."""

from collections.abc import Iterator

from psgkit.profile.answer.phrases import listed
from psgkit.profile.answer.recorded import Recorded
from psgkit.profile.answer.rule import Verdict
from psgkit.profile.answer.signs import CONDITION_OF, NOUNS, PersonSigns
from psgkit.profile.answer.timing import is_drug_induced
from psgkit.profile.context.model import Context

_ASK = {
    "urge": "an urge to move",
    "rest": "worsening at rest",
    "relief": "relief by moving",
    "evening": "evening worsening",
    "not_explained": "other explanations",
}
_ALL_FIVE = "the five criteria at each site"
_MOST_QUESTIONS = 5


def together_sentence(
    context: Context | None, signs: PersonSigns, verdict: Verdict, recorded: Recorded | None
) -> str:
    """Return both answers and what to ask next, in one sentence.

    Examples
    --------
    >>> from psgkit.profile.answer.rule import verdict_of
    >>> from psgkit.profile.answer.signs import signs_of
    >>> signs = signs_of(Context())
    >>> together_sentence(None, signs, verdict_of(signs), None)[:41]
    'Together neither question can be answered'
    """
    parts = [*_head(context, signs, verdict), *_others(signs, verdict)]
    parts = [*(parts or ["neither question is decided"]), *_points(signs, recorded)]
    questions = questions_of(context, signs, verdict)
    if questions:
        parts.append(f"ask next about {listed(questions)}")
    return f"Together {'; '.join(parts)}."


def _head(context: Context | None, signs: PersonSigns, verdict: Verdict) -> Iterator[str]:
    """Yield what leans, or that neither is shown, or that nothing was asked."""
    found = verdict.leaning
    if found:
        induced = context is not None and is_drug_induced(context)
        nouns = [NOUNS[name].removeprefix("a ") for name in found]
        article = "a " if NOUNS[found[0]].startswith("a ") else ""
        both = ", which can occur together" if "akathisia" in found and len(found) > 1 else ""
        possibly = "possibly drug-induced " * induced
        manner = {"weak": "weakly", "moderate": "moderately"}[verdict.strength]
        yield f"this leans {manner} toward {article}{possibly}{listed(nouns)}{both}"
    elif verdict.neither_shown:
        yield "neither a restless-legs-type condition nor akathisia is shown"
    elif not _interviewed(signs):
        yield "neither question can be answered without an interview"


def _interviewed(signs: PersonSigns) -> bool:
    return bool(signs.sites) or signs.bars is not None


def _others(signs: PersonSigns, verdict: Verdict) -> Iterator[str]:
    """Yield what does not lean, sites first; nothing if everything is undecided."""
    if verdict.neither_shown or not _interviewed(signs):
        return
    answers = {*verdict.sites.values(), verdict.akathisia}
    if answers == {"open"}:
        return
    for answer, said in (("open", "undecided"), ("against", "unlikely by the criteria")):
        nouns = [
            NOUNS[CONDITION_OF[site]]
            for site, found in verdict.sites.items()
            if found == answer and site in CONDITION_OF
        ]
        if nouns:
            verb = "is" if nouns == [NOUNS["rbs"]] else "are"
            yield f"{listed(nouns)} {verb} {said}"
    unrated = "no rating scale" if signs.bars is None else f"BARS {signs.bars.global_score}"
    about = {
        "less likely": f"akathisia is less likely, not excluded ({unrated})",
        "not shown": f"akathisia is not shown ({unrated})",
        "open": "akathisia is undecided",
    }
    if verdict.akathisia in about:
        yield about[verdict.akathisia]


def _points(signs: PersonSigns, recorded: Recorded | None) -> Iterator[str]:
    """Yield where a recording without answers points, which is no leaning."""
    if recorded is None or _interviewed(signs):
        return
    nouns = [NOUNS[name] for name in recorded.points_to]
    simulated = "simulated " if recorded.simulated else ""
    if nouns:
        yield f"the {simulated}recording alone points to {listed(nouns)}, which is no leaning"


def questions_of(context: Context | None, signs: PersonSigns, verdict: Verdict) -> tuple[str, ...]:
    """Return what to ask next, the most useful first.

    Examples
    --------
    >>> from psgkit.profile.answer.rule import verdict_of
    >>> from psgkit.profile.answer.signs import signs_of
    >>> signs = signs_of(Context())
    >>> questions_of(None, signs, verdict_of(signs))[-1]
    'a BARS rating'
    """
    found: list[str] = []
    if verdict.neither_shown:
        return ()
    if not signs.sites:
        found.append(_ALL_FIVE)
    asked = [
        one for one in signs.sites if verdict.sites[one.site] in {"weak", "open"} and one.condition
    ]
    for name, words in _ASK.items():
        if any(name in (*one.criteria.unknown, *one.criteria.partly) for one in asked):
            found.append(words)
    if signs.inner is None:
        found.append("inner restlessness")
    if signs.bars is None:
        found.append("a BARS rating")
    dates = [symptom.onset for symptom in context.symptoms] if context is not None else []
    if signs.provoking and dates and None in dates:
        found.insert(0, "the day of onset")
    if len(found) > _MOST_QUESTIONS:
        # the scale stays: it is what akathisia cannot be told without
        found = [*found[: _MOST_QUESTIONS - 1], found[-1]]
    return tuple(found)
