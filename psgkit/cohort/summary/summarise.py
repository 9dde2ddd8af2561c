"""Everything the summary of a cohort says; pages and files only format it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from psgkit.cohort.summary.comparisons import Compared, compare_groups
from psgkit.cohort.summary.distributions import (
    Distribution,
    Outlier,
    OutlierRule,
    distributions,
    outliers,
)
from psgkit.cohort.summary.effect_sizes import EffectRule
from psgkit.cohort.summary.nights import CohortNights, read_cohort
from psgkit.cohort.summary.outcomes import Outcomes, outcomes_of
from psgkit.cohort.summary.statistics import Reliability, icc_one_way

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
    """How a cohort is summarised."""

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
    """A night that should be looked at: its quality flags and the values that lie far out."""

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
        Those with most values far out first, then those with most flags.
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
) -> CohortSummary:
    """Return the summary of what ``psgkit batch`` wrote into ``folder``.

    Raises
    ------
    InputFileError
        If there are neither ledgers nor tables, or they cannot be read.
    SettingsError
        If there is no such column.
    """
    return summary_of(read_cohort(folder, indices, by), rule or SummaryRule())


def summary_of(nights: CohortNights, rule: SummaryRule) -> CohortSummary:
    """Return the summary of nights that were read."""
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
    """Yield each index over all nights, then in each group; none without repeated nights."""
    done = nights.done
    parts: dict[str | None, NDArray[np.bool_]] = {None: np.ones(len(nights), dtype=np.bool_)}
    parts |= {group: np.asarray(nights.group == group) for group in groups}
    _, subject = np.unique(nights.subject.astype(str), return_inverse=True)
    if not len(subject) or np.bincount(subject[done], minlength=1).max() < 2:  # noqa: PLR2004
        return
    for column, values in nights.values.items():
        able = nights.having(column)
        # what was recorded once has no second night
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
    """Return the nights with anything to look at."""
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
