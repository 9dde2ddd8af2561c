"""Rule sets for limb movements and their series, as data with a source for every number.

A disputed clause is a field, so that a variant is ``dataclasses.replace(WASM_2016, ...)`` and
shows in the report.  ``rule_sources.SOURCES`` states the certainty of each number: "confirmed" was
read in the source itself, "second-hand" in a published table or an implementation from the field,
"open" is a choice among readings.
"""

import math
from collections.abc import Mapping
from dataclasses import field, replace
from typing import Literal

from psgkit.core.bounds import Span
from psgkit.core.dataclass import dataclass
from psgkit.core.events import RESPIRATORY_KINDS
from psgkit.core.ranges import check_ranges


def _check_word(name: str, word: str, known: tuple[str, ...]) -> None:
    if word not in known:
        raise ValueError(f"{name} must be one of {', '.join(known)}, got {word!r}")


@dataclass(frozen=True, kw_only=True, slots=True)
class BilateralRule:
    """When movements of both sides are one.

    Attributes
    ----------
    link : {"gap", "onset"}
        ``gap``: from the end of one to the onset of the other.  ``onset``: between their onsets.
    within_s : float
        Linked if less than this apart (excluded).  With ``gap`` overlapping movements always are;
        with ``onset`` they are not if their onsets lie farther apart.
    max_parts : int
        More parts make the movement no candidate; 0 for no limit.
    max_duration_s : float
        A longer movement is no candidate (exactly this long is one); 0 for no limit.
    """

    link: Literal["gap", "onset"] = "gap"
    within_s: float = 0.5
    max_parts: int = 4
    max_duration_s: float = 15.0

    def __post_init__(self) -> None:
        check_ranges(self)
        _check_word("link", self.link, ("gap", "onset"))


@dataclass(frozen=True, kw_only=True, slots=True)
class RespiratoryRule:
    """When a movement is tied to a respiratory event.

    ``window_s`` is added to the ``anchor``: the end of the event, or all of it (then ``low`` counts
    from its start and ``high`` from its end).  Both ends are included, any overlap counts.
    ``kinds`` lists the events.  ``scored_as`` decides whether such a movement stays a candidate in
    the first linking, as in WASM 2016, or is no candidate, as in the AASM manual.
    """

    anchor: Literal["end", "whole_event"] = "end"
    window_s: Span = field(default_factory=lambda: Span(low=-2.0, high=10.25))
    kinds: tuple[str, ...] = RESPIRATORY_KINDS
    scored_as: Literal["candidate", "no_candidate"] = "candidate"

    def __post_init__(self) -> None:
        check_ranges(self)
        _check_word("anchor", self.anchor, ("end", "whole_event"))
        _check_word("scored_as", self.scored_as, ("candidate", "no_candidate"))


@dataclass(frozen=True, kw_only=True, slots=True)
class SeriesRule:
    """When candidates form a periodic series.

    Attributes
    ----------
    imi_s : Span
        Inter-movement interval, onset to onset.
    min_movements : int
        Fewer are no series.
    after_short_imi : {"restart", "end", "skip"}
        ``restart``: a too short interval ends the series and its movement may open the next one.
        ``end``: it ends the series and its movement opens none.  ``skip``: the movement is passed
        over and the interval is measured to the next one.
    no_candidate : {"breaks", "ignored"}
        Effect on a series of a movement that is no candidate.
    """

    imi_s: Span = field(default_factory=lambda: Span(low=10.0, high=90.0))
    min_movements: int = 4
    after_short_imi: Literal["restart", "end", "skip"] = "restart"
    no_candidate: Literal["breaks", "ignored"] = "breaks"

    def __post_init__(self) -> None:
        check_ranges(self)
        _check_word("after_short_imi", self.after_short_imi, ("restart", "end", "skip"))
        _check_word("no_candidate", self.no_candidate, ("breaks", "ignored"))
        if self.min_movements < 2:  # noqa: PLR2004 - one interval needs two
            raise ValueError(f"a series needs 2 or more, got {self.min_movements}")


@dataclass(frozen=True, kw_only=True, slots=True)
class ScoringRules:
    """One standard for scoring limb movements.

    Attributes
    ----------
    name, title, reference : str
        Short name, such as ``wasm2016``; title in print; publication.
    join_within_s : float
        Movements of one site less than this apart (excluded) are one.
    min_duration_s : float
        Shorter movements are dropped after joining; exactly this long is kept.
    candidate_max_duration_s : float
        Longer one-sided movements are no candidates; exactly this long is one.
    bilateral, respiratory, series
        See there.
    arousal_within_s : float
        Tied to an arousal if they overlap or lie less than this apart (excluded), either order.
    counted_by : {"onset", "any_sleep"}
        ``onset``: the stage at its onset.  ``any_sleep``: the first sleep stage it touches, so that
        a movement that begins in wake and reaches into sleep counts as one in sleep.
    in_wake : {"scored", "no_candidate"}
        ``no_candidate``: a movement counts only if part of it lies in an epoch of sleep, so that
        none is periodic in wake. Without stages, and in epochs without one, movements count.
    """

    name: str
    title: str
    reference: str
    join_within_s: float = 0.5
    min_duration_s: float = 0.5
    candidate_max_duration_s: float = 10.0
    bilateral: BilateralRule = field(default_factory=BilateralRule)
    respiratory: RespiratoryRule = field(default_factory=RespiratoryRule)
    series: SeriesRule = field(default_factory=SeriesRule)
    arousal_within_s: float = 0.5
    counted_by: Literal["onset", "any_sleep"] = "onset"
    in_wake: Literal["scored", "no_candidate"] = "scored"

    def __post_init__(self) -> None:
        check_ranges(self)
        if not 0 < self.min_duration_s <= self.candidate_max_duration_s:
            raise ValueError(
                "durations need 0 < min_duration_s <= candidate_max_duration_s, got "
                f"{self.min_duration_s} and {self.candidate_max_duration_s}"
            )
        limits = (
            *(self.join_within_s, self.arousal_within_s, self.bilateral.within_s),
            *(self.bilateral.max_parts, self.bilateral.max_duration_s),
        )
        if not all(0 <= limit < math.inf for limit in limits):
            raise ValueError(f"gaps and bilateral limits must be 0 or more, got {limits}")
        _check_word("counted_by", self.counted_by, ("onset", "any_sleep"))
        _check_word("in_wake", self.in_wake, ("scored", "no_candidate"))


WASM_2016 = ScoringRules(
    name="wasm2016",
    title="WASM 2016",
    reference="Ferri, Fulda, Allen, Zucconi et al. 2016, Sleep Med 26:86-95",
)

WASM_2006 = ScoringRules(
    name="wasm2006",
    title="WASM 2006",
    reference="Zucconi, Ferri, Allen et al. 2006, Sleep Med 7:175-183",
    bilateral=BilateralRule(max_parts=0, max_duration_s=0.0),
    respiratory=RespiratoryRule(window_s=Span(low=-0.5, high=0.5)),
    series=SeriesRule(
        imi_s=Span(low=5.0, high=90.0), after_short_imi="skip", no_candidate="ignored"
    ),
)

AASM_3 = ScoringRules(
    name="aasm3",
    title="AASM 3",
    reference="Troester et al. 2023, AASM Manual for the Scoring of Sleep, version 3",
    bilateral=BilateralRule(link="onset", within_s=5.0, max_parts=0, max_duration_s=0.0),
    respiratory=RespiratoryRule(
        anchor="whole_event", window_s=Span(low=-0.5, high=0.5), scored_as="no_candidate"
    ),
    series=SeriesRule(
        imi_s=Span(low=5.0, high=90.0), after_short_imi="skip", no_candidate="ignored"
    ),
    counted_by="any_sleep",
    in_wake="no_candidate",
)

RULE_SETS: Mapping[str, ScoringRules] = {
    rules.name: rules for rules in (WASM_2016, WASM_2006, AASM_3)
}

SIT_MICHAUD = replace(
    WASM_2006,
    name="sit_michaud",
    title="SIT, Michaud 2001",
    reference="Montplaisir et al. 1998, Mov Disord 13; Michaud et al. 2001, Sleep Med 2:317-321",
    series=SeriesRule(
        imi_s=Span(low=4.0, high=90.0), after_short_imi="skip", no_candidate="ignored"
    ),
)
"""The older rule, by which the published values of the suggested immobilisation test were found."""

PROTOCOL_RULES: Mapping[str, ScoringRules] = {SIT_MICHAUD.name: SIT_MICHAUD}
"""Rule sets for one test each, not for nights."""
