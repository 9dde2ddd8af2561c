"""What became of the nights of a cohort: done or not and why, by which rules and channels."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from psgkit.cohort.ledger import STATES
from psgkit.cohort.plan.night_identity import Protocol
from psgkit.cohort.summary.nights import CohortNights
from psgkit.cohort.tables.quality import DAY_FLAGS, FLAGS

_Key = TypeVar("_Key")
_EXAMPLES = 3
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """Nights that failed alike: reasons that differ only in numbers count as one.

    ``reason`` is that of the first of them; ``examples`` are some of the nights.
    """

    kind: str
    reason: str
    state: str
    nights_n: int
    examples: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Analysis:
    """Nights, or recordings of days, that were analysed by the same rules, settings and version."""

    protocol: str
    rules: str
    settings_id: str
    version: str
    nights_n: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcomes:
    """Counts of a cohort.

    Attributes
    ----------
    states : mapping-like tuple of (str, int)
        Nights and recordings of days of each state.
    of_days : tuple of (str, int)
        Recordings of days among them.
    failures : tuple of Failure
        Most frequent first.
    analyses : tuple of Analysis
        More than one means that nights may not be comparable.
    sites : tuple of (str, int)
        What was measured where, as in ``leg:left_leg``, and in how many finished nights.
    channels : tuple of (str, int)
        Sets of those that nights have, most frequent first; empty is none.
    flags : tuple of (str, int)
        Quality flags, gravest first, and how many finished nights have each.
    subjects_n, nameless_n, simulated_n, groupless_n : int
        Subjects and, of the finished nights, those without a stated subject, those that are
        simulated, and those without a group where there are groups.
    """

    states: tuple[tuple[str, int], ...]
    of_days: tuple[tuple[str, int], ...]
    failures: tuple[Failure, ...]
    analyses: tuple[Analysis, ...]
    sites: tuple[tuple[str, int], ...]
    channels: tuple[tuple[str, int], ...]
    flags: tuple[tuple[str, int], ...]
    subjects_n: int
    nameless_n: int
    simulated_n: int
    groupless_n: int

    def states_of(self, protocol: Protocol) -> dict[str, int]:
        """Return how many nights, or recordings of days, are in each state that any is in."""
        days = dict(self.of_days)
        if protocol == "days":
            return days
        nights = {state: n - days.get(state, 0) for state, n in self.states}
        return {state: n for state, n in nights.items() if n}

    @property
    def done_n(self) -> int:
        """Return how many nights have a result."""
        return dict(self.states).get("done", 0)


def outcomes_of(nights: CohortNights) -> Outcomes:
    """Return what became of the nights."""
    head, done = nights.head, nights.done
    states = Counter(head["state"])
    of_days = Counter(head["state"][nights.protocol == "days"])
    order = (*STATES[1:], STATES[0])
    analyses: Counter[tuple[Any, ...]] = Counter(
        zip(
            *(head[n][done] for n in ("rules", "settings_id", "psgkit_version")),
            nights.protocol[done],
            strict=True,
        )
    )
    flagged = Counter(_parts(head["quality_flags"][done]))
    return Outcomes(
        states=tuple((state, states[state]) for state in order if states[state]),
        of_days=tuple((state, of_days[state]) for state in order if of_days[state]),
        failures=tuple(_failures(nights)),
        analyses=tuple(
            Analysis(
                protocol=str(protocol),
                rules=str(rules),
                settings_id=str(hashed),
                version=str(version),
                nights_n=nights_n,
            )
            for (rules, hashed, version, protocol), nights_n in _ranked(analyses)
        ),
        sites=tuple(_ranked(Counter(_parts(head["sites_used"][done])))),
        channels=tuple(_ranked(Counter(cell or "" for cell in head["sites_used"][done]))),
        flags=tuple((flag, flagged[flag]) for flag in (*FLAGS, *DAY_FLAGS) if flagged[flag]),
        subjects_n=len(set(nights.subject[done])),
        nameless_n=sum(cell is None for cell in head["subject"][done]),
        simulated_n=sum(cell is True for cell in head["simulated"][done]),
        groupless_n=sum(cell is None for cell in nights.group[done]) if nights.by else 0,
    )


def _failures(nights: CohortNights) -> Iterable[Failure]:
    """Return the nights without a result, those of one reason together."""
    head = nights.head
    alike: dict[tuple[str, str, str], list[int]] = {}
    for number, state in enumerate(head["state"]):
        if state not in ("done", "pending"):
            reason = str(head["reason"][number] or "")
            pattern = _NUMBER.sub("#", reason.replace(head["recording"][number] or "\0", "\0"))
            key = (state, str(head["error_kind"][number] or ""), pattern)
            alike.setdefault(key, []).append(number)
    for (state, kind, _), numbers in sorted(alike.items(), key=lambda one: (-len(one[1]), one[0])):
        yield Failure(
            kind=kind,
            reason=str(head["reason"][numbers[0]] or ""),
            state=state,
            nights_n=len(numbers),
            examples=tuple(head["night_id"][number] for number in numbers[:_EXAMPLES]),
        )


def _parts(cells: Iterable[str | None]) -> Iterable[str]:
    """Yield the words of cells that are joined by ``+``."""
    return (part for cell in cells if cell for part in cell.split("+"))


def _ranked(counts: "Counter[_Key]") -> "list[tuple[_Key, int]]":
    """Return what was counted, most frequent first, then by name."""
    return sorted(counts.items(), key=lambda one: (-one[1], str(one[0])))
