"""Content of the summary of a cohort; pages and files only format it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from psgkit.cohort.ledger import STATES
from psgkit.cohort.plan.night_identity import Protocol
from psgkit.cohort.summary.comparisons import Compared, compare_groups
from psgkit.cohort.summary.effect_sizes import EffectRule
from psgkit.cohort.summary.nights import CohortNights, read_cohort
from psgkit.cohort.summary.statistics import (
    Distribution,
    Outlier,
    OutlierRule,
    Reliability,
    distributions,
    icc_one_way,
    outliers,
)
from psgkit.cohort.tables.quality import DAY_FLAGS, FLAGS
from psgkit.core.dataclass import dataclass
from psgkit.core.regex import regex
from psgkit.core.stage_source import is_estimate

_Key = TypeVar("_Key")
_EXAMPLES = 3
_NUMBER = regex(r"\d+(?:[.,]\d+)*")


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """Nights that failed for one reason; reasons that differ only in numbers count as one.

    ``reason`` is that of the first night; ``examples`` are some of the nights.
    """

    kind: str
    reason: str
    state: str
    nights_n: int
    examples: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Analysis:
    """Nights, or recordings of days, analysed by the same rules, settings and version."""

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
        With more than one, nights may not be comparable.
    sites : tuple of (str, int)
        Signals and sites, as in ``leg:left_leg``, with the number of finished nights.
    channels : tuple of (str, int)
        Sets of sites of the nights, most frequent first; empty for none.
    flags : tuple of (str, int)
        Quality flags, gravest first, with the number of finished nights.
    subjects_n, nameless_n, simulated_n, groupless_n : int
        Subjects and, of the finished nights, those without a stated subject, those that are
        simulated, and those without a group where there are groups.
    stages : tuple of (str, int)
        Who or what gave the stages, with the number of finished nights that have any.
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
    stages: tuple[tuple[str, int], ...] = ()

    @property
    def estimated_n(self) -> int:
        """Return in how many finished nights a program estimated the stages."""
        return sum(n for source, n in self.stages if is_estimate(source))

    def states_of(self, protocol: Protocol) -> dict[str, int]:
        """Return the number of nights, or recordings of days, in each state that occurs."""
        days = dict(self.of_days)
        if protocol == "days":
            return days
        nights = {state: n - days.get(state, 0) for state, n in self.states}
        return {state: n for state, n in nights.items() if n}

    @property
    def done_n(self) -> int:
        """Return the number of nights with a result."""
        return dict(self.states).get("done", 0)


def outcomes_of(nights: CohortNights) -> Outcomes:
    """Return the counts of the nights."""
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
        stages=tuple(_ranked(Counter(one for one in head["stages_from"][done] if one))),
    )


def _failures(nights: CohortNights) -> Iterable[Failure]:
    """Return the nights without a result, grouped by reason."""
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
    """Return the counts, most frequent first, then by name."""
    return sorted(counts.items(), key=lambda one: (-one[1], str(one[0])))


MAIN = (
    "sleep__tst_min",
    "sleep__se_pct",
    "sleep__sol_min",
    "sleep__waso_min",
    "sleep__n3_pct",
    "sleep__r_pct",
    "disruption__arousal_index",
    "disruption__awakening_index",
    "legs__plms_index",
    "legs__plmsnr_index",
    "legs__plms_arousal_index",
    "legs__plmw_index",
    "legs__plm_index_recording",
    "legs__periodicity_index_wasm_sleep",
    "legs__imi_log_mean_s",
    "arms__plms_index",
    "arms__plmw_index",
    "trunk__plms_index",
    "trunk__plmw_index",
    "whole_body__lmm_index",
    "rhythms__rhythm_minutes_wake",
    "akathisia__rhythm_rest_share",
    "akathisia__rest_activity_mg",
    "accelerometer_*__plms_index",
    "accelerometer_*__plmw_index",
    "days.rest_activity__interdaily_stability",
    "days.rest_activity__intradaily_variability",
    "days.rest_activity__relative_amplitude",
    "days.rest_activity__l5",
    "days.rest_activity__m10",
    "days.rest_activity__sleep_regularity_index",
    "days.rest_activity__kra",
    "days.rest_activity__kar",
    "days.rest_activity__day_night_ratio",
    "days.rest_activity__rhythmic_trains_seated_per_h",
    "days.sleep_estimated__tst_min_mean",
    "days.sleep_estimated__tst_min_sd",
    "days.sleep_estimated__waso_min_mean",
    "days.sleep_estimated__se_pct_mean",
    "days.sleep_estimated__midsleep_h_sd",
    "days.akathisia__rhythm_rest_share",
    "days.accelerometer_*__plms_index_mean",
)
"""What is compared unless other indices are asked for; psgkit's own choice.  More indices mean
more tests to correct for."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SummaryRule:
    """Rules of effects, tests and outliers for the summary of a cohort."""

    effects: EffectRule = field(default_factory=EffectRule)
    outliers: OutlierRule = field(default_factory=OutlierRule)


@dataclass(frozen=True, kw_only=True, slots=True)
class ReliabilityRow:
    """Night-to-night reliability of one index in one group, or (None) in all nights."""

    column: str
    unit: str
    group: str | None
    found: Reliability


@dataclass(frozen=True, kw_only=True, slots=True)
class NightToCheck:
    """A night to be checked: its quality flags and outliers."""

    night_id: str
    group: str | None
    flags: tuple[str, ...]
    outliers: tuple[Outlier, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class CohortSummary:
    """A cohort in figures.

    Attributes
    ----------
    nights : CohortNights
    rule : SummaryRule
    outcomes : Outcomes
    groups : tuple of str
    distributions : tuple of Distribution
        Each index over all finished nights, then in each group.
    compared : Compared
    reliability : tuple of ReliabilityRow
        Empty if no subject has several nights.
    to_check : tuple of NightToCheck
        By number of outliers, then by number of flags, most first.
    """

    nights: CohortNights
    rule: SummaryRule
    outcomes: Outcomes
    groups: tuple[str, ...]
    distributions: tuple[Distribution, ...]
    compared: Compared
    reliability: tuple[ReliabilityRow, ...]
    to_check: tuple[NightToCheck, ...]

    def over_all(self) -> tuple[Distribution, ...]:
        """Return each index over all finished nights."""
        return tuple(one for one in self.distributions if one.group is None)

    def in_groups(self, column: str) -> tuple[Distribution, ...]:
        """Return one index in each group, or over all nights if there are no groups."""
        mine = [one for one in self.distributions if one.column == column]
        return tuple(one for one in mine if (one.group is None) != bool(self.groups))


def summarise_cohort(
    folder: str | Path,
    by: str | None = None,
    indices: Sequence[str] = MAIN,
    rule: SummaryRule | None = None,
    stages: str | None = None,
) -> CohortSummary:
    """Return the summary of a folder written by ``psgkit batch``.

    Parameters are those of ``read_cohort``.

    Raises
    ------
    InputFileError
        If there are neither ledgers nor tables, or they cannot be read.
    SettingsError
        If there is no such column.
    """
    return summary_of(read_cohort(folder, indices, by, stages), rule or SummaryRule())


def summary_of(nights: CohortNights, rule: SummaryRule) -> CohortSummary:
    """Return the summary of nights already read."""
    groups = nights.groups()
    found = tuple(distributions(nights, groups))
    return CohortSummary(
        nights=nights,
        rule=rule,
        outcomes=outcomes_of(nights),
        groups=tuple(groups),
        distributions=found,
        compared=compare_groups(nights, found, groups, rule.effects),
        reliability=tuple(_reliability(nights, groups)),
        to_check=tuple(_to_check(nights, [*outliers(nights, groups, rule.outliers)])),
    )


def _reliability(nights: CohortNights, groups: Sequence[str]) -> Iterator[ReliabilityRow]:
    """Yield the reliability of each index over all nights, then in each group."""
    done = nights.done
    parts: dict[str | None, NDArray[np.bool_]] = {None: np.ones(len(nights), dtype=np.bool_)}
    parts |= {group: np.asarray(nights.group == group) for group in groups}
    _, subject = np.unique(nights.subject.astype(str), return_inverse=True)
    if not len(subject) or np.bincount(subject[done], minlength=1).max() < 2:  # noqa: PLR2004
        return
    for column, values in nights.values.items():
        able = nights.having(column)
        # recordings of days have no second night
        repeated = np.bincount(subject[able], minlength=1).max() > 1
        if repeated and np.isfinite(values[able]).any():
            for group, mine in parts.items():
                chosen = able & mine
                yield ReliabilityRow(
                    column=column,
                    unit=nights.units[column],
                    group=group,
                    found=icc_one_way(values[chosen], subject[chosen]),
                )


def _to_check(nights: CohortNights, far_out: Sequence[Outlier]) -> list[NightToCheck]:
    of_night: dict[str, list[Outlier]] = {}
    for one in far_out:
        of_night.setdefault(one.night_id, []).append(one)
    found = []
    for number in np.flatnonzero(nights.done):
        night_id = nights.head["night_id"][number]
        flags = nights.head["quality_flags"][number]
        if flags or night_id in of_night:
            found.append(
                NightToCheck(
                    night_id=night_id,
                    group=nights.group[number],
                    flags=tuple(flags.split("+")) if flags else (),
                    outliers=tuple(of_night.get(night_id, ())),
                )
            )
    return sorted(found, key=lambda one: (-len(one.outliers), -len(one.flags), one.night_id))
