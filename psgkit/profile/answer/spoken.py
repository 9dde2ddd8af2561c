"""The voice of the answers: one sentence on the criteria of each site and on akathisia."""

from collections.abc import Iterator, Sequence

from psgkit.core.message import translatable
from psgkit.profile.answer.phrases import CRITERION_WORDS, SITE_WORDS, listed
from psgkit.profile.answer.rule import LEANS, Verdict
from psgkit.profile.answer.signs import NOUNS, PersonSigns, SiteSigns
from psgkit.profile.context.facts import AKATHISIA_FROM_GLOBAL, CRITERIA

NO_ANSWERS = translatable("No answers were given")
_NO_SYMPTOM = translatable("No symptom and no scale is recorded")
_NUMBERS = {name: str(number) for number, name in enumerate(CRITERIA, start=1)}
_LATE = {"relief", "evening"}
_RANGE_FROM = 3
_AGAINST = {"less likely", "not shown"}


def answers_sentence(signs: PersonSigns, verdict: Verdict) -> str:
    """Return what the answers say about both questions, in one sentence.

    Examples
    --------
    >>> from psgkit.profile.answer.rule import verdict_of
    >>> from psgkit.profile.answer.signs import signs_of
    >>> from psgkit.profile.context.model import Context, Symptom
    >>> back = Symptom(site="back", sensations=("itching",), rest=True, relief=True)
    >>> signs = signs_of(Context(symptoms=(back,)))
    >>> answers_sentence(signs, verdict_of(signs))[:75]
    'Answers fit a restless back on criteria 2 and 3 (rest and relief; 1, 4 and '
    """
    if not signs.sites and signs.bars is None:
        return f"{_NO_SYMPTOM}."
    sites = list(_sites(signs, verdict)) or [translatable("name neither legs, arms nor back")]
    if not signs.sites:
        sites = [translatable("to the five criteria are not recorded")]
    return f"Answers {'; '.join([*sites, *_akathisia(signs, verdict)])}."


def _sites(signs: PersonSigns, verdict: Verdict) -> Iterator[str]:
    """Yield a clause for each site; sites answered alike share one."""
    clauses: dict[str, list[str]] = {}
    for one in signs.sites:
        if not one.condition and (one.symptom.inner_restlessness is True or not _asked(one)):
            continue
        clauses.setdefault(_fits(one, verdict), []).append(NOUNS.get(one.condition, ""))
    for pattern, nouns in clauses.items():
        yield pattern.format(listed(nouns))


def _fits(signs: SiteSigns, verdict: Verdict) -> str:
    """Return how a site fits, with ``{}`` for its condition."""
    criteria = signs.criteria
    if not signs.condition:
        return translatable("concern another part of the body, for which no criteria exist")
    if not _asked(signs):
        return translatable("leave {} open (none of the five criteria is recorded)")
    if criteria.missing:
        return _denied(signs)
    if len(criteria.met) == len(CRITERIA):
        return translatable("fit {} on all five criteria")
    return _in_part(signs, verdict)


def _in_part(signs: SiteSigns, verdict: Verdict) -> str:
    """Return how a site fits of which some criteria are met and none is denied."""
    met, besides = signs.criteria.met, _besides(signs)
    is_open = verdict.sites[signs.site] == "open"
    if is_open and met and verdict.akathisia in LEANS and not signs.localised:
        return translatable(f"leave {{}} open ({_numbered(met)} also met in akathisia{besides})")
    if signs.other_explanation:
        names = [cause.words for cause in signs.other_explanation]
        if len(names) == 1:
            return translatable(f"leave {{}} open until {names[0]} is judged (criterion 5)")
        return translatable(f"leave {{}} open until {listed(names)} are judged (criterion 5)")
    if not met:
        return translatable(f"leave {{}} open (no criterion clearly met{besides})")
    said = f"{_words(met)}{besides}"
    if is_open:
        return translatable(f"leave {{}} open with {_numbered(met)} ({said})")
    return translatable(f"fit {{}} on {_numbered(met)} ({said})")


def _asked(signs: SiteSigns) -> bool:
    criteria = signs.criteria
    return bool(criteria.met or criteria.partly or criteria.missing)


def _denied(signs: SiteSigns) -> str:
    criteria = signs.criteria
    if criteria.missing == ("not_explained",):
        return translatable("speak against {} (another condition explains the symptoms)")
    severe = set(criteria.missing) <= _LATE and {"urge", "rest"} <= set(criteria.met)
    if severe and signs.symptom.course == "chronic_persistent":
        lost = _words(criteria.missing)
        return translatable(
            f"leave {{}} open (rest and urge met; {lost} denied, as severe disease may lose them)"
        )
    denied, met = _words(criteria.missing), _words(criteria.met)
    if met:
        return translatable(f"speak against {{}} ({denied} denied; {met} met)")
    return translatable(f"speak against {{}} ({denied} denied)")


def _besides(signs: SiteSigns) -> str:
    """Return what is only partly met and what is not recorded."""
    partly, unknown = signs.criteria.partly, signs.criteria.unknown
    parts = []
    if partly:
        parts.append(translatable(f"{_digits(partly)} only partly"))
    if unknown:
        parts.append(translatable(f"{_digits(unknown)} not recorded"))
    return "; " + ", ".join(parts) if parts else ""


def _numbered(names: Sequence[str]) -> str:
    numbers = _digits(names)
    one = translatable(f"criterion {numbers}")
    return one if len(names) == 1 else translatable(f"criteria {numbers}")


def _digits(names: Sequence[str]) -> str:
    """Return the numbers of criteria; three or more in a row as a range."""
    numbers = [_NUMBERS[name] for name in names]
    in_a_row = int(numbers[-1]) - int(numbers[0]) == len(numbers) - 1
    if in_a_row and len(numbers) >= _RANGE_FROM:
        return f"{numbers[0]} to {numbers[-1]}"
    return listed(numbers)


def _words(names: Sequence[str]) -> str:
    return listed([CRITERION_WORDS[name] for name in names])


def _akathisia(signs: PersonSigns, verdict: Verdict) -> Iterator[str]:
    """Yield what speaks for and against akathisia, or that nobody asked."""
    favours, against = for_akathisia(signs), against_akathisia(signs)
    if favours:
        said = listed(favours)
        one = translatable(f"{said} speaks for akathisia")
        yield translatable(f"{said} speak for akathisia") if _several(favours) else one
    if against and not (favours and verdict.akathisia in LEANS):
        plainly = verdict.akathisia in _AGAINST or signs.bars is not None
        yield _speaks_against(against) if plainly else _speaks_weakly_against(against)
    if not favours and not against:
        yield translatable("akathisia was not asked about")


def _several(parts: Sequence[str]) -> bool:
    return len(parts) > 1 or (" and " in parts[0] and not parts[0].startswith("a "))


def _speaks_against(parts: Sequence[str]) -> str:
    said = listed(parts)
    one = translatable(f"{said} speaks against akathisia")
    return translatable(f"{said} speak against akathisia") if _several(parts) else one


def _speaks_weakly_against(parts: Sequence[str]) -> str:
    said = listed(parts)
    one = translatable(f"{said} speaks weakly against akathisia")
    return translatable(f"{said} speak weakly against akathisia") if _several(parts) else one


def for_akathisia(signs: PersonSigns) -> list[str]:
    """Return the answers that speak for akathisia, in words."""
    found = []
    if signs.inner:
        found.append(translatable("inner restlessness"))
    score = None if signs.bars is None else signs.bars.global_score
    if score is not None and score >= AKATHISIA_FROM_GLOBAL:
        pseudo = bool(signs.bars and signs.bars.pseudoakathisia)
        rating = translatable(f"a BARS global score of {score}")
        found.append(translatable(f"{rating} without awareness") if pseudo else rating)
    if signs.pacing:
        found.append(translatable("relief only while pacing"))
    return found


def against_akathisia(signs: PersonSigns) -> list[str]:
    """Return the answers that speak against akathisia, in words."""
    found = []
    score = None if signs.bars is None else signs.bars.global_score
    if score is not None and score < AKATHISIA_FROM_GLOBAL:
        found.append(translatable(f"a BARS global score of {score}"))
    if signs.inner is False:
        found.append(translatable("no inner restlessness"))
    found += _sensations([one for one in signs.sites if one.localised])
    symptoms = [one.symptom for one in signs.sites]
    if any(one.relief in {True, "partly"} for one in symptoms) and not signs.pacing:
        up = any("up" in " ".join(one.relieved_by or ()).split() for one in symptoms)
        moving = translatable("relief by moving")
        found.append(translatable("relief on getting up") if up else moving)
    if any(one.lying is True for one in symptoms):
        found.append(translatable("worsening on lying down"))
    return list(dict.fromkeys(found))


def _sensations(sites: Sequence[SiteSigns]) -> list[str]:
    """Return the localised sensations in words; without a name the place says which."""
    named = [name for one in sites for name in one.symptom.sensations or ()]
    if named:
        sensations = listed(list(dict.fromkeys(named)))
        return [translatable(f"localised {sensations}")]
    places = [SITE_WORDS[one.site] for one in sites if one.condition]
    if places:
        return [f"a sensation localised in the {listed(places)}"]
    return [translatable("a localised sensation")] if sites else []
