"""Scores of the rating scales of a context: totals, severity, probability of a drug reaction."""

from collections.abc import Iterator

from psgkit.core.dataclass import dataclass
from psgkit.profile.context.drug_names import drug_key
from psgkit.profile.context.fields import Place
from psgkit.profile.context.model import Context
from psgkit.profile.context.scale_model import Irls, Naranjo, Probability
from psgkit.profile.context.timeline import day_of

IRLS_ITEMS = 10
IRLS_ITEM_MOST = 4
_IRLS_SEVERITY = ((0, "none"), (10, "mild"), (20, "moderate"), (30, "severe"), (40, "very severe"))
"""Highest total of each severity, as the scale is commonly read."""
_NARANJO_POINTS = {
    "known": (1, 0),
    "after": (2, -1),
    "dechallenge": (1, 0),
    "rechallenge": (2, -1),
    "other_causes": (-1, 2),
    "placebo": (-1, 1),
    "level": (1, 0),
    "dose": (1, 0),
    "earlier": (1, 0),
    "objective": (1, 0),
}
"""Points for yes and for no; "do not know" gives none (Naranjo et al. 1981)."""
_DEFINITE, _PROBABLE, _POSSIBLE = 9, 5, 1


@dataclass(frozen=True, kw_only=True, slots=True)
class IrlsScore:
    """Total of one rating and its severity; both None where it cannot be known."""

    day: int | None
    total: int | None
    severity: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class NaranjoScore:
    """Points for one drug, and how probable that makes a reaction to it.

    ``unanswered`` questions count as "do not know"; with many of them the score says little.  None
    is listed where only the total was given; ``points`` is None where only the class was.
    """

    drug: str
    points: int | None
    probability: Probability
    unanswered: tuple[str, ...]


def irls_scores(context: Context) -> tuple[IrlsScore, ...]:
    """Return every rating of the severity of restless legs, in the order of the file.

    Examples
    --------
    >>> [(one.total, one.severity) for one in irls_scores(Context(irls=(Irls(total=22),)))]
    [(22, 'severe')]
    """
    return tuple(_irls(context, row) for row in context.irls)


NARANJO = tuple(_NARANJO_POINTS)
"""The ten questions, in their order."""


def naranjo_scores(context: Context) -> tuple[NaranjoScore, ...]:
    """Return the probability of a reaction to each drug that was asked about.

    Examples
    --------
    >>> asked = Naranjo(drug="amisulpride", known=True, after=True, dechallenge=True, dose=True)
    >>> (one,) = naranjo_scores(Context(naranjo=(asked,)))
    >>> one.points, one.probability, len(one.unanswered)
    (5, 'probable', 6)
    """
    return tuple(_naranjo(row) for row in context.naranjo)


def odd_scales(context: Context) -> Iterator[tuple[Place, str, str]]:
    """Yield place, found and wanted of items that do not fit their scale or its total."""
    for n, row in enumerate(context.irls):
        if row.items is None:
            continue
        if len(row.items) != IRLS_ITEMS:
            yield ("irls", n, "items"), f"{len(row.items)} items", f"{IRLS_ITEMS} items"
        elif not all(0 <= item <= IRLS_ITEM_MOST for item in row.items):
            yield ("irls", n, "items"), f"{list(row.items)}", f"items from 0 to {IRLS_ITEM_MOST}"
        elif row.total is not None and row.total != sum(row.items):
            wanted = f"total = {sum(row.items)}, the sum of the items"
            yield ("irls", n, "total"), f"{row.total}", wanted
    yield from _odd_naranjo(context)


def _irls(context: Context, row: Irls) -> IrlsScore:
    total = row.total if row.items is None else sum(row.items)
    severity = None
    if total is not None:
        severity = next(words for most, words in _IRLS_SEVERITY if total <= most)
    return IrlsScore(day=day_of(context, row.date), total=total, severity=severity)


def _naranjo(row: Naranjo) -> NaranjoScore:
    answers = {name: getattr(row, name) for name in _NARANJO_POINTS}
    if row.total is None and row.probability is not None and not _answered(row):
        return NaranjoScore(
            drug=row.drug, points=None, probability=row.probability, unanswered=NARANJO
        )
    if row.total is not None and not _answered(row):
        return NaranjoScore(
            drug=row.drug,
            points=row.total,
            probability=_probability(row.total),
            unanswered=(),
        )
    points = _points(row)
    unanswered = tuple(name for name, answer in answers.items() if answer is None)
    return NaranjoScore(
        drug=row.drug, points=points, probability=_probability(points), unanswered=unanswered
    )


def _answered(row: Naranjo) -> bool:
    return any(getattr(row, name) is not None for name in _NARANJO_POINTS)


def _points(row: Naranjo) -> int:
    points = 0
    for name, (yes, no) in _NARANJO_POINTS.items():
        answer: bool | None = getattr(row, name)
        if answer is not None:
            points += yes if answer else no
    return points


def _probability(points: int) -> Probability:
    if points >= _DEFINITE:
        return "definite"
    if points >= _PROBABLE:
        return "probable"
    return "possible" if points >= _POSSIBLE else "doubtful"


def _odd_naranjo(context: Context) -> Iterator[tuple[Place, str, str]]:
    """Yield a drug given twice, a total that is not that of the answers, a class not its own."""
    seen: set[str] = set()
    for n, row in enumerate(context.naranjo):
        if drug_key(row.drug) in seen:
            yield ("naranjo", n, "drug"), f"{row.drug!r} twice", "each drug once"
        seen.add(drug_key(row.drug))
        total = row.total
        if _answered(row):
            points = _points(row)
            if total is not None and total != points:
                wanted = (
                    f"total = {points}, the points of the answers (what is left out counts as "
                    '"do not know")'
                )
                yield ("naranjo", n, "total"), str(total), wanted
            total = points
        if total is not None and row.probability not in {None, _probability(total)}:
            wanted = f'probability = "{_probability(total)}", the class of {total} points'
            yield ("naranjo", n, "probability"), repr(row.probability), wanted
