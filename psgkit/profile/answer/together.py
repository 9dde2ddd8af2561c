"""The sentence that puts the three voices together, and what to ask next."""

from collections.abc import Iterator

from psgkit.core.message import translatable
from psgkit.profile.answer.phrases import listed
from psgkit.profile.answer.recorded import Recorded
from psgkit.profile.answer.rule import Verdict
from psgkit.profile.answer.signs import CONDITION_OF, NOUNS, PersonSigns
from psgkit.profile.answer.timing import is_drug_induced
from psgkit.profile.context.model import Context

_ASK = {
    "urge": translatable("an urge to move"),
    "rest": translatable("worsening at rest"),
    "relief": translatable("relief by moving"),
    "evening": translatable("evening worsening"),
    "not_explained": translatable("other explanations"),
}
_ALL_FIVE = translatable("the five criteria at each site")
_UNDECIDED = translatable("neither question is decided")
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
    parts = [*(parts or [_UNDECIDED]), *_points(signs, recorded)]
    questions = questions_of(context, signs, verdict)
    if questions:
        parts.append(translatable(f"ask next about {listed(questions)}"))
    return f"Together {'; '.join(parts)}."


def _head(context: Context | None, signs: PersonSigns, verdict: Verdict) -> Iterator[str]:
    """Yield what leans, or that neither is shown, or that nothing was asked."""
    found = verdict.leaning
    if found:
        induced = context is not None and is_drug_induced(context)
        nouns = [NOUNS[name].removeprefix("a ") for name in found]
        what = listed(nouns)
        if "akathisia" in found and len(found) > 1:
            what = translatable(f"{what}, which can occur together")
        with_article = NOUNS[found[0]].startswith("a ")
        yield _leans(verdict.strength, what, induced=induced, with_article=with_article)
    elif verdict.neither_shown:
        yield translatable("neither a restless-legs-type condition nor akathisia is shown")
    elif not _interviewed(signs):
        yield translatable("neither question can be answered without an interview")


def _interviewed(signs: PersonSigns) -> bool:
    return bool(signs.sites) or signs.bars is not None


def _others(signs: PersonSigns, verdict: Verdict) -> Iterator[str]:
    """Yield what does not lean, sites first; nothing if everything is undecided."""
    if verdict.neither_shown or not _interviewed(signs):
        return
    answers = {*verdict.sites.values(), verdict.akathisia}
    if answers == {"open"}:
        return
    for answer in ("open", "against"):
        nouns = [
            NOUNS[CONDITION_OF[site]]
            for site, found in verdict.sites.items()
            if found == answer and site in CONDITION_OF
        ]
        if nouns:
            yield _is_open(nouns) if answer == "open" else _is_unlikely(nouns)
    score = "" if signs.bars is None else signs.bars.global_score
    unrated = translatable("no rating scale") if signs.bars is None else f"BARS {score}"
    about = {
        "less likely": translatable(f"akathisia is less likely, not excluded ({unrated})"),
        "not shown": translatable(f"akathisia is not shown ({unrated})"),
        "open": translatable("akathisia is undecided"),
    }
    if verdict.akathisia in about:
        yield about[verdict.akathisia]


def _points(signs: PersonSigns, recorded: Recorded | None) -> Iterator[str]:
    """Yield where a recording without answers points, which is no leaning."""
    if recorded is None or _interviewed(signs):
        return
    nouns = [NOUNS[name] for name in recorded.points_to]
    what = listed(nouns)
    real = translatable(f"the recording alone points to {what}, which is no leaning")
    made = translatable(f"the simulated recording alone points to {what}, which is no leaning")
    if nouns:
        yield made if recorded.simulated else real


def _leans(strength: str, what: str, *, induced: bool, with_article: bool) -> str:
    """Return the clause of what leans, with its strength."""
    manner = {"weak": "weakly", "moderate": "moderately"}[strength]
    if with_article:
        induced_one = translatable(f"this leans {manner} toward a possibly drug-induced {what}")
        return induced_one if induced else translatable(f"this leans {manner} toward a {what}")
    induced_one = translatable(f"this leans {manner} toward possibly drug-induced {what}")
    return induced_one if induced else translatable(f"this leans {manner} toward {what}")


def _is_open(nouns: list[str]) -> str:
    what = listed(nouns)
    one = translatable(f"{what} is undecided")
    return one if nouns == [NOUNS["rbs"]] else translatable(f"{what} are undecided")


def _is_unlikely(nouns: list[str]) -> str:
    what = listed(nouns)
    one = translatable(f"{what} is unlikely by the criteria")
    return one if nouns == [NOUNS["rbs"]] else translatable(f"{what} are unlikely by the criteria")


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
        found.append(translatable("a BARS rating"))
    dates = [symptom.onset for symptom in context.symptoms] if context is not None else []
    if signs.provoking and dates and None in dates:
        found.insert(0, translatable("the day of onset"))
    if len(found) > _MOST_QUESTIONS:
        # the scale stays: it is what akathisia cannot be told without
        found = [*found[: _MOST_QUESTIONS - 1], found[-1]]
    return tuple(found)
