"""The two questions, and the rule by which answers and a recording lean.

Question 1: is there a restless-legs-type condition, and at which site.  Question 2: is there
akathisia.  "Both" and "neither shown" are answers.  The rule is psgkit's own choice.
"""

from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

from psgkit.core.dataclass import dataclass
from psgkit.core.message import translatable
from psgkit.profile.answer.signs import PersonSigns, SiteSigns
from psgkit.profile.context.facts import AKATHISIA_FROM_GLOBAL, CRITERIA

OfSite: TypeAlias = Literal["moderate", "weak", "open", "against"]
OfAkathisia: TypeAlias = Literal["moderate", "weak", "open", "less likely", "not shown"]
LEANS = ("moderate", "weak")

RULE = (
    translatable("How the profile leans (psgkit's own choice, not tested on patients):"),
    translatable(
        "1. A site leans moderately with all five criteria met; weakly with two to four "
        "met, none denied, and no mimic present that criterion 5 has not judged."
    ),
    translatable(
        "2. A denied criterion speaks against a site; in a chronic course with rest and "
        "urge met, denied relief or evening leaves it open."
    ),
    translatable(
        "3. Akathisia leans moderately with a BARS global score of 2 or more and inner "
        "restlessness under a drug that provokes it; weakly with one of the two, or "
        "beside ADHD, tardive dyskinesia or movements without awareness."
    ),
    translatable(
        "4. Only what was compared between the two moves one against the other: inner "
        "restlessness for akathisia, a localised sensation against it. While akathisia "
        "leans, a site needs a localised sensation or evening worsening."
    ),
    translatable(
        "5. A recording never leans alone: with answers it makes weak moderate if it agrees, "
        "and a site open if it contradicts. It agrees by rhythmic or periodic movement (asleep, "
        "ten or more) or a finding compared with other people, if nothing speaks against; place, "
        "relief or evening alone is not enough."
    ),
    translatable(
        "6. Both can lean, none more than moderately; a quiet night excludes nothing, and a "
        "simulated recording changes nothing. A diary of symptoms answers what was left open, "
        "with two thirds of its entries, and denies nothing."
    ),
)
"""The rule as it is printed."""
_LEAST_MET = 2
_LATE = ("relief", "evening")
"""Criteria that severe disease may have lost (Allen et al. 2014)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordedSigns:
    """What a recording shows: conditions it supports or speaks against, and contradicted sites."""

    supports: frozenset[str] = frozenset()
    against: frozenset[str] = frozenset()
    contradicted: frozenset[str] = frozenset()
    simulated: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """How both questions are answered: each site that was asked about, and akathisia."""

    sites: Mapping[str, OfSite]
    akathisia: OfAkathisia

    @property
    def leaning(self) -> tuple[str, ...]:
        """Return the conditions that lean: ``rls``, ``ras``, ``rbs``, ``akathisia``."""
        conditions = {"legs": "rls", "arms": "ras", "back": "rbs"}
        found = [
            conditions[site]
            for site, answer in self.sites.items()
            if site in conditions and answer in LEANS
        ]
        return tuple([*found, "akathisia"] if self.akathisia in LEANS else found)

    @property
    def strength(self) -> str:
        """Return the strength that everything that leans has at least."""
        answers = [answer for answer in (*self.sites.values(), self.akathisia) if answer in LEANS]
        return "weak" if "weak" in answers else "moderate" if answers else ""

    @property
    def neither_shown(self) -> bool:
        """Return whether answers speak against every site asked about and against akathisia."""
        denied = bool(self.sites) and all(one == "against" for one in self.sites.values())
        return denied and self.akathisia == "not shown"


def verdict_of(signs: PersonSigns, recorded: RecordedSigns | None = None) -> Verdict:
    """Return the answers to both questions.

    Parameters
    ----------
    signs : PersonSigns
        What the person answered.
    recorded : RecordedSigns, optional
        What a recording shows; nothing without it.

    Examples
    --------
    >>> from psgkit.profile.answer.signs import signs_of
    >>> from psgkit.profile.context.model import Context, Symptom
    >>> back = Symptom(site="back", sensations=("itching",), rest=True, relief=True)
    >>> found = verdict_of(signs_of(Context(symptoms=(back,))))
    >>> dict(found.sites), found.akathisia, found.leaning
    ({'back': 'weak'}, 'less likely', ('rbs',))
    """
    akathisia = _akathisia(signs)
    sites = {one.site: _site(one, akathisia in LEANS) for one in signs.sites}
    if recorded is None or recorded.simulated:
        return Verdict(sites=sites, akathisia=akathisia)
    for one in signs.sites:
        if one.site in recorded.contradicted and sites[one.site] in LEANS:
            sites[one.site] = "open"
        elif sites[one.site] == "weak" and _agrees(recorded, one.condition):
            sites[one.site] = "moderate"
    if akathisia == "weak" and _agrees(recorded, "akathisia") and not signs.confounders:
        akathisia = "moderate"
    return Verdict(sites=sites, akathisia=akathisia)


def _agrees(recorded: RecordedSigns, condition: str) -> bool:
    return condition in recorded.supports and condition not in recorded.against


def _site(signs: SiteSigns, akathisia_leans: bool) -> OfSite:  # noqa: FBT001 - one of two rules
    """Return how question 1 is answered for a site."""
    criteria = signs.criteria
    denied = set(criteria.missing)
    if not signs.condition:
        return "open"
    if denied:
        lost = denied <= set(_LATE) and {"urge", "rest"} <= set(criteria.met)
        severe = lost and signs.symptom.course == "chronic_persistent"
        return "open" if severe else "against"
    if len(criteria.met) == len(CRITERIA):
        return "moderate"
    asked = [name for name in criteria.met if name != "not_explained"]
    if len(asked) < _LEAST_MET or signs.other_explanation:
        return "open"
    separates = signs.localised or "evening" in criteria.met
    return "weak" if separates or not akathisia_leans else "open"


def _akathisia(signs: PersonSigns) -> OfAkathisia:
    """Return how question 2 is answered."""
    score = None if signs.bars is None else signs.bars.global_score or 0
    rated = score is not None and score >= AKATHISIA_FROM_GLOBAL
    if score is not None and not rated:
        earlier = (signs.rated_before or 0) >= AKATHISIA_FROM_GLOBAL
        return "open" if signs.inner or earlier else "not shown"
    if not rated and not signs.inner:
        return "less likely" if signs.localised or signs.inner is False else "open"
    if signs.drugs_known and not signs.provoking:
        return "open"
    pseudo = bool(signs.bars and signs.bars.pseudoakathisia)
    moderate = rated and signs.inner and signs.provoking and not pseudo and not signs.confounders
    return "moderate" if moderate else "weak"


def leaning_of(verdict: Verdict, because: Sequence[str]) -> dict[str, object] | None:
    """Return the leaning as the document has it, or None: undetermined.

    Examples
    --------
    >>> leaning_of(Verdict(sites={"back": "weak"}, akathisia="less likely"), ["criteria 2 and 3"])
    {'toward': 'rbs', 'conditions': ['rbs'], 'strength': 'weak', 'because': ['criteria 2 and 3']}
    """
    found = verdict.leaning
    if found:
        both = "akathisia" in found and len(found) > 1
        toward = "both" if both else found[0]
    elif verdict.neither_shown:
        toward = "none"
    else:
        return None
    strength = verdict.strength or "weak"
    return {
        "toward": toward,
        "conditions": list(found),
        "strength": strength,
        "because": list(because),
    }
