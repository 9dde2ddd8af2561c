"""What a diary of symptoms says to the two questions: counts by site, and the answers they give.

An entry counts where something can be compared: evening and night with the day, lying with other
postures, moving that helped with moving that did not.  A diary answers what the interview left
open; it never denies, because the hours without an entry are not known.  The limits are psgkit's
own choice.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Literal, TypeAlias, cast

import numpy as np

from psgkit.core.dataclass import dataclass
from psgkit.core.message import translatable
from psgkit.core.symptom_diary import MOST_SEVERE, SymptomDiary, SymptomEntry
from psgkit.profile.answer.phrases import SITE_WORDS
from psgkit.profile.context.fields import Site
from psgkit.profile.context.model import Context, Symptom

Asked: TypeAlias = Literal["evening", "lying", "relief"]
DIARY = "diary"
"""The family of the evidence of a diary."""
DIARY_SOURCE = "diary of this person"
OWN_CUT_OFF = translatable("The cut-off is psgkit's own choice.")
WITH_LYING = translatable("Lying and evening often coincide.")
FEWEST_ENTRIES = 3
"""On either side of a comparison."""
SHOWN_FROM, NOT_SHOWN_TO = 2 / 3, 1 / 3
"""Shares of entries from which a count shows a feature, and up to which it speaks against it."""
_MOST_CLAUSES = 3
_ORDER: tuple[Asked, ...] = ("evening", "lying", "relief")
_CONDITIONS = {"legs": "rls", "arms": "ras", "back": "rbs"}
_QUESTIONS: dict[Asked, str] = {
    "evening": "Are symptoms of the {site} worse in the evening or at night, by the diary?",
    "lying": "Are symptoms of the {site} worse while lying, by the diary?",
    "relief": "Does moving relieve symptoms of the {site}, by the diary?",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class DiaryCount:
    """``n`` of ``of`` entries of a site show a feature.

    Attributes
    ----------
    site, asked : str
        ``asked`` is ``evening``, ``lying`` or ``relief``.
    n, of : int
    words : str
        The count as a clause of a sentence.
    """

    site: str
    asked: Asked
    n: int
    of: int
    words: str

    @property
    def shown(self) -> bool | None:
        """Return whether most entries show it, or few; None in between."""
        share = self.n / self.of
        return True if share >= SHOWN_FROM else False if share <= NOT_SHOWN_TO else None


def diary_counts(diary: SymptomDiary | None) -> tuple[DiaryCount, ...]:
    """Return the counts of each site for which there are entries to compare.

    Examples
    --------
    >>> from datetime import datetime
    >>> entries = [
    ...     SymptomEntry(at=datetime(2024, 1, day, hour), site="back", severity=hour / 3)
    ...     for day in (8, 9, 10) for hour in (10, 22)
    ... ]
    >>> found = diary_counts(SymptomDiary(source="diary.csv", entries=tuple(entries)))
    >>> [one.words for one in found]
    ['3 of 3 evening entries of the back exceed the median by day (3.3)']
    """
    if diary is None:
        return ()
    return tuple(
        count
        for site in SITE_WORDS
        for count in _of_site(site, [one for one in diary.entries if one.site == site])
    )


def answers_with_diary(context: Context, counts: Sequence[DiaryCount]) -> Context:
    """Return the context with what a diary shows as answer to questions that were left open.

    Examples
    --------
    >>> count = DiaryCount(site="back", asked="evening", n=8, of=9, words="")
    >>> (back,) = answers_with_diary(Context(), [count]).symptoms
    >>> back.site, back.evening, back.lying
    ('back', True, None)
    """
    symptoms = list(context.symptoms)
    for one in counts:
        if not one.shown:
            continue
        row = next((n for n, symptom in enumerate(symptoms) if symptom.site == one.site), None)
        if row is None:
            row = len(symptoms)
            symptoms.append(Symptom(site=cast("Site", one.site)))
        if getattr(symptoms[row], one.asked) is None:
            answer: dict[str, Any] = {one.asked: True}
            symptoms[row] = replace(symptoms[row], **answer)
    return replace(context, symptoms=tuple(symptoms))


def with_diary_clauses(sentence: str, counts: Sequence[DiaryCount]) -> str:
    """Return the sentence of the answers with the counts of a diary at its end.

    Examples
    --------
    >>> count = DiaryCount(site="back", asked="relief", n=3, of=4, words="moving helped in 3 of 4")
    >>> with_diary_clauses("Answers fit a restless back.", [count])
    'Answers fit a restless back; by the diary moving helped in 3 of 4.'
    """
    if not counts:
        return sentence
    # what shows a feature comes before what shows none, then evening at each site
    ranked = sorted(counts, key=lambda one: (one.shown is not True, _ORDER.index(one.asked)))
    first = ranked[:_MOST_CLAUSES]
    said = ", ".join(one.words for one in first)
    more = len(counts) - len(first)
    all_said = translatable(f"by the diary {said}")
    counted = translatable(f"by the diary {said} ({more} more under Evidence)")
    return f"{sentence.removesuffix('.')}; {counted if more else all_said}."


def diary_cautions(context: Context, counts: Sequence[DiaryCount]) -> tuple[str, ...]:
    """Return a sentence for each answer of the interview that the diary does not bear out.

    Examples
    --------
    >>> asked = Context(symptoms=(Symptom(site="back", evening=False),))
    >>> count = DiaryCount(site="back", asked="evening", n=8, of=9, words="8 of 9 entries do")
    >>> diary_cautions(asked, [count])
    ('Interview and diary differ on evening worsening of the back: denied, but 8 of 9 entries do.',)
    """
    names = {"evening": "evening worsening", "lying": "worsening on lying", "relief": "relief"}
    found = []
    for one in counts:
        symptom = next((row for row in context.symptoms if row.site == one.site), None)
        said = None if symptom is None else getattr(symptom, one.asked)
        if isinstance(said, bool) and one.shown is not None and said != one.shown:
            answer = "affirmed" if said else "denied"
            what = names[one.asked]
            said_so = translatable(
                f"Interview and diary differ on {what} of the {one.site}: {answer}, but {one.words}"
            )
            found.append(f"{said_so}.")
    return tuple(found)


def diary_evidence(counts: Sequence[DiaryCount]) -> tuple[dict[str, Any], ...]:
    """Return the counts as pieces of evidence.

    Examples
    --------
    >>> count = DiaryCount(site="back", asked="evening", n=8, of=9, words="8 of 9 entries do")
    >>> (found,) = diary_evidence([count])
    >>> found["id"], found["supports"], found["source"], found["text"][:18]
    ('diary_evening_back', ['rbs'], 'diary of this person', '8 of 9 entries do.')
    """
    return tuple(map(_piece, counts))


def _piece(one: DiaryCount) -> dict[str, Any]:
    condition = [_CONDITIONS[one.site]]
    bears = one.shown is not None
    own = f" {OWN_CUT_OFF}" if bears else ""
    with_lying = f" {WITH_LYING}" if one.asked == "lying" and bears else ""
    return {
        "id": f"diary_{one.asked}_{one.site}",
        "value": 100.0 * one.n / one.of,
        "unit": "%",
        "reason": None,
        "supports": condition if one.shown else [],
        "against": condition if one.shown is False else [],
        "grade": "derived_by_us",
        "source": DIARY_SOURCE,
        "source_status": "ours",
        "compared_with": "none",
        "n": 0,
        "n_groups": [0, 0],
        "text": f"{one.words[:1].upper()}{one.words[1:]}.{with_lying}{own}",
        "brief": "",
        "question": _QUESTIONS[one.asked].format(site=one.site),
        "family": DIARY,
        "contradicts": False,
        "reference": [],
        "cut_offs": "ours" if bears else "none",
        "likelihood": None,
    }


def _of_site(site: str, entries: Sequence[SymptomEntry]) -> Iterator[DiaryCount]:
    late = [one.severity for one in entries if one.is_late]
    by_day = [one.severity for one in entries if not one.is_late]
    yield from _more_severe(site, "evening", late, by_day)
    lying = [one.severity for one in entries if one.posture == "lying"]
    up = [one.severity for one in entries if one.posture not in {"", "lying"}]
    yield from _more_severe(site, "lying", lying, up)
    helped = [one.moving_helped for one in entries if one.moving_helped]
    if len(helped) >= FEWEST_ENTRIES:
        n = sum(one in {"yes", "partly"} for one in helped)
        words = translatable(f"moving helped in {n} of {len(helped)} entries of the {site}")
        yield DiaryCount(site=site, asked="relief", n=n, of=len(helped), words=words)


def _more_severe(
    site: str, asked: Asked, entries: Sequence[float], others: Sequence[float]
) -> Iterator[DiaryCount]:
    """Yield how many entries exceed the median of others, where there are enough of both."""
    if min(len(entries), len(others)) < FEWEST_ENTRIES:
        return
    median = float(np.median(others))
    if median >= MOST_SEVERE:  # which nothing can exceed
        return
    n = int(np.sum(np.asarray(entries) > median))
    kind, compared = {
        "evening": ("evening", "by day"),
        "lying": ("lying", "in other postures"),
    }[asked]
    words = translatable(
        f"{n} of {len(entries)} {kind} entries of the {site} exceed the median {compared} "
        f"({round(median, 1):g})"
    )
    yield DiaryCount(site=site, asked=asked, n=n, of=len(entries), words=words)
