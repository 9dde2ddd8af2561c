"""The voice of the answers: one sentence on the criteria of each site and on akathisia."""

from collections.abc import Iterator, Sequence

from psgkit.profile.answer.phrases import CRITERION_WORDS, SITE_WORDS, listed
from psgkit.profile.answer.rule import LEANS, Verdict
from psgkit.profile.answer.signs import NOUNS, PersonSigns, SiteSigns
from psgkit.profile.context.facts import AKATHISIA_FROM_GLOBAL, CRITERIA

NO_ANSWERS = "No answers were given."
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
        return "No symptom and no scale is recorded."
    sites = list(_sites(signs, verdict)) or ["name neither legs, arms nor back"]
    if not signs.sites:
        sites = ["to the five criteria are not recorded"]
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
        return "concern another part of the body, for which no criteria exist"
    if not _asked(signs):
        return "leave {} open (none of the five criteria is recorded)"
    if criteria.missing:
        return _denied(signs)
    if len(criteria.met) == len(CRITERIA):
        return "fit {} on all five criteria"
    return _in_part(signs, verdict)


def _in_part(signs: SiteSigns, verdict: Verdict) -> str:
    """Return how a site fits of which some criteria are met and none is denied."""
    met, besides = signs.criteria.met, _besides(signs)
    is_open = verdict.sites[signs.site] == "open"
    if is_open and met and verdict.akathisia in LEANS and not signs.localised:
        return f"leave {{}} open ({_numbered(met)} also met in akathisia{besides})"
    if signs.other_explanation:
        names = [cause.name.replace("_", " ") for cause in signs.other_explanation]
        return f"leave {{}} open until {listed(names)} {_is(names)} judged (criterion 5)"
    if not met:
        return f"leave {{}} open (no criterion clearly met{besides})"
    verb = "leave {} open with" if is_open else "fit {} on"
    return f"{verb} {_numbered(met)} ({_words(met)}{besides})"


def _asked(signs: SiteSigns) -> bool:
    criteria = signs.criteria
    return bool(criteria.met or criteria.partly or criteria.missing)


def _denied(signs: SiteSigns) -> str:
    criteria = signs.criteria
    said = f"speak against {{}} ({_words(criteria.missing)} denied"
    if criteria.missing == ("not_explained",):
        return "speak against {} (another condition explains the symptoms)"
    severe = set(criteria.missing) <= _LATE and {"urge", "rest"} <= set(criteria.met)
    if severe and signs.symptom.course == "chronic_persistent":
        lost = _words(criteria.missing)
        return (
            f"leave {{}} open (rest and urge met; {lost} denied, as severe disease may lose them)"
        )
    return f"{said}; {_words(criteria.met)} met)" if criteria.met else f"{said})"


def _besides(signs: SiteSigns) -> str:
    """Return what is only partly met and what is not recorded."""
    partly, unknown = signs.criteria.partly, signs.criteria.unknown
    parts = []
    if partly:
        parts.append(f"{_digits(partly)} only partly")
    if unknown:
        parts.append(f"{_digits(unknown)} not recorded")
    return "; " + ", ".join(parts) if parts else ""


def _numbered(names: Sequence[str]) -> str:
    return f"{'criterion' if len(names) == 1 else 'criteria'} {_digits(names)}"


def _digits(names: Sequence[str]) -> str:
    """Return the numbers of criteria; three or more in a row as a range."""
    numbers = [_NUMBERS[name] for name in names]
    in_a_row = int(numbers[-1]) - int(numbers[0]) == len(numbers) - 1
    if in_a_row and len(numbers) >= _RANGE_FROM:
        return f"{numbers[0]} to {numbers[-1]}"
    return listed(numbers)


def _words(names: Sequence[str]) -> str:
    return listed([CRITERION_WORDS[name] for name in names])


def _is(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"


def _akathisia(signs: PersonSigns, verdict: Verdict) -> Iterator[str]:
    """Yield what speaks for and against akathisia, or that nobody asked."""
    favours, against = for_akathisia(signs), against_akathisia(signs)
    if favours:
        yield f"{_subject(favours)} for akathisia"
    if against and not (favours and verdict.akathisia in LEANS):
        weakly = "" if verdict.akathisia in _AGAINST or signs.bars is not None else " weakly"
        yield f"{_subject(against)}{weakly} against akathisia"
    if not favours and not against:
        yield "akathisia was not asked about"


def _subject(parts: Sequence[str]) -> str:
    plural = len(parts) > 1 or (" and " in parts[0] and not parts[0].startswith("a "))
    return f"{listed(parts)} {'speak' if plural else 'speaks'}"


def for_akathisia(signs: PersonSigns) -> list[str]:
    """Return the answers that speak for akathisia, in words."""
    found = []
    if signs.inner:
        found.append("inner restlessness")
    score = None if signs.bars is None else signs.bars.global_score
    if score is not None and score >= AKATHISIA_FROM_GLOBAL:
        pseudo = bool(signs.bars and signs.bars.pseudoakathisia)
        found.append(f"a BARS global score of {score}{' without awareness' * pseudo}")
    if signs.pacing:
        found.append("relief only while pacing")
    return found


def against_akathisia(signs: PersonSigns) -> list[str]:
    """Return the answers that speak against akathisia, in words."""
    found = []
    score = None if signs.bars is None else signs.bars.global_score
    if score is not None and score < AKATHISIA_FROM_GLOBAL:
        found.append(f"a BARS global score of {score}")
    if signs.inner is False:
        found.append("no inner restlessness")
    found += _sensations([one for one in signs.sites if one.localised])
    symptoms = [one.symptom for one in signs.sites]
    if any(one.relief in {True, "partly"} for one in symptoms) and not signs.pacing:
        up = any("up" in " ".join(one.relieved_by or ()).split() for one in symptoms)
        found.append("relief on getting up" if up else "relief by moving")
    if any(one.lying is True for one in symptoms):
        found.append("worsening on lying down")
    return list(dict.fromkeys(found))


def _sensations(sites: Sequence[SiteSigns]) -> list[str]:
    """Return the localised sensations in words; without a name the place says which."""
    named = [name for one in sites for name in one.symptom.sensations or ()]
    if named:
        return [f"localised {listed(list(dict.fromkeys(named)))}"]
    places = [SITE_WORDS[one.site] for one in sites if one.condition]
    if places:
        return [f"a sensation localised in the {listed(places)}"]
    return ["a localised sensation"] if sites else []
