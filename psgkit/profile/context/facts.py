"""Facts of a clinical context alone: criteria of each site, first site, BARS ratings.

A question that was not asked stays unknown; it is never counted as "no".
"""

from psgkit.core.dataclass import dataclass
from psgkit.profile.context.fields import Answer
from psgkit.profile.context.model import Bars, Context, Symptom
from psgkit.profile.context.timeline import day_of

CRITERIA = ("urge", "rest", "relief", "evening", "not_explained")
"""The five of the IRLSSG (Allen et al. 2014, Sleep Med 15:860-873), in their order."""
AKATHISIA_FROM_GLOBAL = 2
"""A BARS global of 2 or more is akathisia (Barnes 1989, Br J Psychiatry 154:672-676)."""
_PARTIAL_RELIEF = "relief"
"""Criterion 3 reads "partly or totally relieved", so "partly" meets it; for others it does not."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CriteriaMet:
    """The five criteria asked for one site; every criterion is in exactly one of the four."""

    site: str
    met: tuple[str, ...]
    partly: tuple[str, ...]
    missing: tuple[str, ...]
    unknown: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class BarsRating:
    """One rating: its total (0 to 9), its global score, and the rating that follows.

    ``akathisia`` is None without a global.  ``pseudoakathisia`` (movements without any inner
    restlessness) is None unless objective and awareness were rated.
    """

    day: int | None
    total: int | None
    global_score: int | None
    akathisia: bool | None
    pseudoakathisia: bool | None


def criteria_met(context: Context, site: str) -> CriteriaMet | None:
    """Return the criteria asked for a site, or None without answers about that site.

    Of several symptoms elsewhere (``other``) the first is taken.

    Examples
    --------
    >>> back = Symptom(site="back", urge=True, relief="partly", evening=False)
    >>> criteria = criteria_met(Context(symptoms=(back,)), "back")
    >>> criteria.met, criteria.missing, criteria.unknown
    (('urge', 'relief'), ('evening',), ('rest', 'not_explained'))
    """
    for symptom in context.symptoms:
        if symptom.site == site:
            return _criteria_of(symptom)
    return None


def all_criteria(context: Context) -> tuple[CriteriaMet, ...]:
    """Return the criteria of every symptom, in the order of the file.

    Examples
    --------
    >>> [one.site for one in all_criteria(Context(symptoms=(Symptom(site="arms"),)))]
    ['arms']
    """
    return tuple(_criteria_of(symptom) for symptom in context.symptoms)


def first_site(context: Context) -> str | None:
    """Return the first site: the one stated, else that of the earliest known onset.

    None if two sites share it, or if any other site has no onset, which may be earlier.

    Examples
    --------
    >>> arms, legs = Symptom(site="arms", onset=3), Symptom(site="legs", onset=9)
    >>> first_site(Context(symptoms=(legs, arms)))
    'arms'
    """
    said = [symptom.site for symptom in context.symptoms if symptom.began_first]
    if said:
        return said[0] if len(said) == 1 else None
    if len(context.symptoms) == 1:
        return context.symptoms[0].site
    onsets = [(day_of(context, symptom.onset), symptom.site) for symptom in context.symptoms]
    days = [day for day, _ in onsets if day is not None]
    if not days or len(days) < len(onsets) or days.count(min(days)) > 1:
        return None
    return next(site for day, site in onsets if day == min(days))


def bars_ratings(context: Context) -> tuple[BarsRating, ...]:
    """Return every BARS rating, in the order of the file.

    Examples
    --------
    >>> (rating,) = bars_ratings(Context(bars=(Bars(global_score=2),)))
    >>> rating.akathisia, rating.total
    (True, None)
    """
    return tuple(_rating(context, bars) for bars in context.bars)


def _rating(context: Context, bars: Bars) -> BarsRating:
    parts = (bars.objective, bars.awareness, bars.distress)
    rated = [part for part in parts if part is not None]
    overall = bars.global_score
    both = bars.objective is not None and bars.awareness is not None
    return BarsRating(
        day=day_of(context, bars.date),
        total=sum(rated) if len(rated) == len(parts) else None,
        global_score=overall,
        akathisia=None if overall is None else overall >= AKATHISIA_FROM_GLOBAL,
        pseudoakathisia=bool(bars.objective) and bars.awareness == 0 if both else None,
    )


def _criteria_of(symptom: Symptom) -> CriteriaMet:
    answers: dict[str, Answer | None] = {name: getattr(symptom, name) for name in CRITERIA}

    def those(kind: str) -> tuple[str, ...]:
        return tuple(name for name, answer in answers.items() if _kind(name, answer) == kind)

    return CriteriaMet(
        site=symptom.site,
        met=those("met"),
        partly=those("partly"),
        missing=those("missing"),
        unknown=those("unknown"),
    )


def _kind(name: str, answer: Answer | None) -> str:
    if answer is None:
        return "unknown"
    if answer == "partly":
        return "met" if name == _PARTIAL_RELIEF else "partly"
    return "met" if answer else "missing"
