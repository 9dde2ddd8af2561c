"""The profile of a night: every item with its value, what is missing, and a leaning or none."""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.index import Index
from psgkit.core.message import translatable
from psgkit.core.night_report import NightReport, Profile
from psgkit.core.symptom_diary import SymptomDiary
from psgkit.profile.answer.diary import OWN_CUT_OFF
from psgkit.profile.answer.recorded import Kind, Recorded
from psgkit.profile.answer.statement import with_answer
from psgkit.profile.context.model import Context
from psgkit.profile.evidence.from_context import answer_of, answer_outside
from psgkit.profile.evidence.from_indices import Value, index_value, is_there, value_of
from psgkit.profile.evidence.items import (
    STATEMENT,
    TEST_GROUP,
    Band,
    Counts,
    Evidence,
    Item,
    all_evidence,
)

A_NIGHT = translatable("a recorded night (psgkit report NIGHT --sit FILE puts this test beside it)")
NOT_IN_A_TEST = translatable("an immobilisation test does not record it")
PART_ONLY = translatable(
    "only a part of the needed channels was recorded: the value is not interpreted"
)
CUT_OFF_WORDS = {
    "ours": OWN_CUT_OFF,
    "unconfirmed": translatable("The cut-off could not be confirmed."),
    "published": "",
    "none": "",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """An item with its value and the conditions it supports or contradicts."""

    item: Item
    value: Value
    band: Band
    lacks: tuple[str, ...] = ()


def with_profile(report: NightReport, context: Context | None = None) -> NightReport:
    """Return the report with its profile, with the answers of a context if there is one.

    Examples
    --------
    >>> from psgkit.core.events import Events
    >>> from psgkit.night.scored import score_night
    >>> with_profile(score_night(Events.none())).profile.leaning is None
    True
    """
    return replace(report, profile=profile_of(report, context))


def profile_of(
    report: NightReport,
    context: Context | None = None,
    *,
    kind: Kind = "night",
    diary: SymptomDiary | None = None,
) -> Profile:
    """Return the profile of a night, drawn from its indices and, where given, from answers.

    ``kind`` is what was recorded, for the sentence about it; ``diary`` one of symptoms.
    """
    evidence = all_evidence()
    recorded = [name for name, need in evidence.needs.items() if is_there(need, report)]
    absent = {name for name, need in evidence.needs.items() if need.probes} - set(recorded)
    found = [
        _found(
            item,
            answer_of(item, report, context) if item.from_context else value_of(item, report),
            absent,
        )
        for item in evidence.items
    ]
    profile = Profile(
        statement=STATEMENT,
        evidence=tuple(_entry(one) for one in found),
        missing=tuple(_missing(found, evidence)),
    )
    simulated = any(finding.says_simulated for finding in report.findings)
    seen = Recorded(evidence=profile.evidence, met=recorded, kind=kind, simulated=simulated)
    return with_answer(profile, context, seen, diary)


def profile_of_test(
    indices: Mapping[str, Index],
    context: Context | None = None,
    *,
    simulated: bool = False,
    kind: Kind = "test",
    met: Sequence[str] = ("sit",),
) -> Profile:
    """Return the profile of an immobilisation test: its own items and, where given, answers.

    All other items want a night and are missing.

    Parameters
    ----------
    indices : mapping of name to Index
        The group ``sit``.
    context : Context, optional
    simulated : bool
        Nobody was recorded.
    kind : Kind
        What was recorded, for the sentence about it.
    met : sequence of str
        The needs of the evidence that were recorded.

    Examples
    --------
    >>> found = profile_of_test({"test_awake_min": Index.plain("test_awake_min", 60.0, "min")})
    >>> found.leaning is None, found.missing[-1]["supply"][:5]
    (True, 'a rec')
    """
    evidence = all_evidence()
    found = []
    for item in evidence.items:
        if item.from_test:
            found.append(_found(item, index_value(item, {TEST_GROUP: indices}), set()))
        elif item.from_context and not item.asks_of_night:
            found.append(_found(item, answer_outside(item, context), set()))
    here = {one.item.id for one in found}
    rest = [item for item in evidence.items if item.id not in here]
    night = _lacking(A_NIGHT, rest, [NOT_IN_A_TEST] * len(rest))
    profile = Profile(
        statement=STATEMENT,
        evidence=tuple(_entry(one) for one in found),
        missing=(*_missing(found, evidence), night),
    )
    seen = Recorded(evidence=profile.evidence, met=met, kind=kind, simulated=simulated)
    return with_answer(profile, context, seen)


def _found(item: Item, value: Value, absent: Set[str]) -> Found:
    """Return an item with how its value bears: on nothing while anything it needs is ``absent``."""
    lacks = tuple(name for name in item.needs if name in absent)
    if value.value is None:
        return Found(item=item, value=value, band=Band(), lacks=lacks)
    band = item.bears(value.value)
    if lacks and _bears(band):
        words = " and ".join(all_evidence().needs[name].words for name in lacks)
        said = translatable(f"Not interpretable here: this needs {words}.")
        band = Band(says=said)
    return Found(item=item, value=value, band=band, lacks=lacks)


def _bears(band: Band) -> bool:
    return bool(band.supports or band.against)


def _entry(found: Found) -> dict[str, Any]:
    """Return an item as the schema has it; the keys after ``text`` came later."""
    item, value = found.item, found.value.value
    return {
        "id": item.id,
        "value": value,
        "unit": item.unit,
        "reason": found.value.reason if value is None else None,
        "supports": list(found.band.supports),
        "against": list(found.band.against),
        "grade": item.grade,
        "source": "; ".join(source.words for source in item.sources),
        "source_status": item.source_status,
        "compared_with": item.compared_with,
        "n": sum(item.n),
        "n_groups": list(item.n),
        "text": _text(found),
        "brief": "" if value is None else item.brief.format(value=shown(item, value)),
        "question": item.question,
        "family": item.family,
        "contradicts": found.band.contradicts,
        "reference": [reference.words for reference in item.references],
        "cut_offs": item.cut_offs,
        "likelihood": None
        if item.counts is None or value is None or not _bears(found.band)
        else _likelihood(item.counts, value),
    }


def _text(found: Found) -> str:
    """Return the sentence of an item; without a value it is the question."""
    item, value = found.item, found.value.value
    if value is None:
        return item.question
    said = item.text.format(value=shown(item, value), words=found.value.words)
    cut_offs = CUT_OFF_WORDS[item.cut_offs] if _bears(found.band) else ""
    return " ".join(part for part in (said, found.band.says, cut_offs) if part)


def shown(item: Item, value: float) -> str:
    """Return a value as it is read in a sentence.

    Examples
    --------
    >>> (item,) = [item for item in all_evidence().items if item.id == "plms_legs"]
    >>> shown(item, 12.34)
    '12 an hour'
    """
    number = f"{value:.{item.decimals}f}"
    words = {"1/h": " an hour", "%": " %", "": "", "times": " times"}
    if (item.unit, number) == ("days", "1"):
        return "1 day"
    return number + words.get(item.unit, f" {item.unit}")


def _likelihood(counts: Counts, value: float) -> dict[str, Any]:
    """Return the ratio for the finding, or for its absence, whichever the night shows."""
    present = value >= counts.start
    found = likelihood_ratio(counts.of_counts, counts.over_counts, present=present)
    return {
        "finding": counts.finding,
        "present": present,
        "of": counts.of,
        "over": counts.over,
        "of_counts": list(counts.of_counts),
        "over_counts": list(counts.over_counts),
        "ratio": found.ratio,
        "low": found.low,
        "high": found.high,
        "note": counts.note,
    }


def _missing(found: Iterable[Found], evidence: Evidence) -> Iterable[Mapping[str, Any]]:
    """Yield what would supply the items without a value, or whose value can bear on nothing."""
    lacking: dict[str, list[Item]] = {}
    reasons: dict[str, list[str]] = {}
    for one in found:
        if one.value.value is not None and not one.lacks:
            continue
        for name in one.lacks or _missing_needs(one.item, evidence):
            lacking.setdefault(name, []).append(one.item)
            reasons.setdefault(name, []).append(one.value.reason or PART_ONLY)
    for name, items in lacking.items():
        yield _lacking(evidence.needs[name].words, items, reasons[name])


def _lacking(supply: str, items: Sequence[Item], reasons: Sequence[str]) -> dict[str, Any]:
    return {
        "supply": supply,
        "items": [item.id for item in items],
        "questions": [item.question for item in items],
        "reasons": list(reasons),
    }


def _missing_needs(item: Item, evidence: Evidence) -> list[str]:
    """Return the needs of an item that no channel can tell."""
    return [name for name in item.needs if not evidence.needs[name].probes]


_STEPS = 1000
_COVERAGE = 0.95


@dataclass(frozen=True, kw_only=True, slots=True)
class LikelihoodRatio:
    """How many times as likely a finding is in one group as in another."""

    ratio: float
    low: float
    high: float


@cache
def likelihood_ratio(
    of: tuple[int, int], over: tuple[int, int], *, present: bool = True
) -> LikelihoodRatio:
    """Return the likelihood ratio of a finding, or of its absence.

    Parameters
    ----------
    of, over : (int, int)
        People with the finding, and all people, in the two groups.
    present : bool
        Whether the finding is there; if not, the ratio is that of its absence.

    Raises
    ------
    ValueError
        If a group has no people, or more with the finding than there are.

    Examples
    --------
    >>> found = likelihood_ratio((11, 11), (5, 9))
    >>> round(found.low, 1), round(found.ratio, 1), round(found.high, 1)
    (1.1, 1.7, 3.8)
    """
    for with_it, people in (of, over):
        if not 0 <= with_it <= people or not people:
            raise ValueError(f"counts need 0 <= with <= all and someone, got {with_it}, {people}")
    if not present:
        of, over = (of[1] - of[0], of[1]), (over[1] - over[0], over[1])
    first, second = _posterior(*of), _posterior(*over)
    edges = np.linspace(0.0, np.pi / 2, _STEPS + 1)
    cumulated = np.concatenate(([0.0], np.cumsum(first)))
    sines = np.sin(0.5 * (edges[:-1] + edges[1:]))
    tail = (1.0 - _COVERAGE) / 2

    def below(ln_ratio: float) -> float:
        """Return how probable it is that the ratio is lower, summed over the second share."""
        angles = np.arcsin(np.minimum(sines * np.exp(0.5 * ln_ratio), 1.0))
        return float(np.interp(angles, edges, cumulated) @ second)

    low, middle, high = (float(np.exp(_search(below, level))) for level in (tail, 0.5, 1.0 - tail))
    return LikelihoodRatio(ratio=middle, low=low, high=high)


def _posterior(with_it: int, people: int) -> NDArray[np.float64]:
    """Return the weights of a share, the square of the sine of angles in equal steps.

    In the angle the density has no singularities.
    """
    angle = (np.arange(_STEPS) + 0.5) * (np.pi / 2 / _STEPS)
    logs = 2 * with_it * np.log(np.sin(angle)) + 2 * (people - with_it) * np.log(np.cos(angle))
    weights = np.exp(logs - logs.max())
    return np.asarray(weights / weights.sum())


def _search(below: Callable[[float], float], level: float) -> float:
    """Return where a growing function reaches ``level``, by halving."""
    low, high = -25.0, 25.0
    for _ in range(40):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if below(middle) < level else (low, middle)
    return 0.5 * (low + high)
