"""Indices compared between groups: rank tests corrected together, effect sizes with intervals.

Each subject counts once, with the mean over its nights in the group, because nights of one person
are not independent; the bootstrap draws subjects.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np

from psgkit.cohort.summary.effect_sizes import (
    USUAL_RULE,
    EffectRule,
    Effects,
    Floats,
    effects_between,
    effects_without_interval,
)
from psgkit.cohort.summary.nights import CohortNights
from psgkit.cohort.summary.statistics import (
    Distribution,
    RankTest,
    holm,
    kruskal_wallis,
    mann_whitney,
)
from psgkit.cohort.tables.index_columns import OF_DAYS, SEPARATOR
from psgkit.core.dataclass import dataclass

PAIRS_UP_TO = 4
"""Groups of which every pair is compared; of more, each with all others.  psgkit's own choice."""
OTHERS = None
"""In place of the second group: all others together."""
_SYMMETRIC = ("tst_min", "tib_min", "spt_min", "trt_min", "imi_log_mean_s", "imi_log_sd")
_SYMMETRIC_OF_DAYS = (
    *("interdaily_stability", "intradaily_variability", "relative_amplitude"),
    *("sleep_regularity_index", "tst_min_mean", "waso_min_mean", "se_pct_mean"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """One index in two groups.

    Attributes
    ----------
    column, unit : str
    first : str
    second : str or None
        None for all other groups together.
    first_n, second_n : int
        Subjects with a value.
    test : RankTest
    p_holm : float or None
        Holm-corrected for all tests of the cohort; None without a test.
    effects : Effects
        Of the first against the second.
    shown : {"hedges_g", "cliffs_delta"}
        The effect size shown for the index.
    """

    column: str
    unit: str
    first: str
    second: str | None
    first_n: int
    second_n: int
    test: RankTest
    effects: Effects
    shown: str
    p_holm: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Omnibus:
    """One index in three groups or more, of which any may differ."""

    column: str
    unit: str
    test: RankTest
    p_holm: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Compared:
    """All comparisons of a cohort.

    Attributes
    ----------
    omnibus, pairs : tuples
    tests_n : int
        Number of tests made, for the correction.
    shared_subjects_n : int
        Subjects with nights in several groups; these tests do not apply to them.
    """

    omnibus: tuple[Omnibus, ...] = ()
    pairs: tuple[Comparison, ...] = ()
    tests_n: int = 0
    shared_subjects_n: int = 0


def effect_that_suits(column: str, unit: str) -> str:
    """Return which effect size is shown for an index; psgkit's own choice.

    Hedges' g for durations and shares of sleep and for log intervals, which are about symmetric;
    Cliff's delta for counts, rates and others, which are skewed and often 0.

    Examples
    --------
    >>> effect_that_suits("sleep__tst_min", "min"), effect_that_suits("legs__plms_index", "1/h")
    ('hedges_g', 'cliffs_delta')
    """
    group, _, name = column.partition(SEPARATOR)
    if group.startswith(OF_DAYS):
        return "hedges_g" if name in _SYMMETRIC_OF_DAYS else "cliffs_delta"
    symmetric = name in _SYMMETRIC or (group == "sleep" and unit == "%")
    return "hedges_g" if symmetric else "cliffs_delta"


def compare_groups(
    nights: CohortNights,
    found: Sequence[Distribution],
    groups: Sequence[str],
    rule: EffectRule = USUAL_RULE,
) -> Compared:
    """Return every index compared between the groups.

    Parameters
    ----------
    nights : CohortNights
    found : sequence of Distribution
        Of every index in every group.
    groups : sequence of str
        With fewer than two there is nothing to compare.
    rule : EffectRule
    """
    if len(groups) < 2:  # noqa: PLR2004
        return Compared()
    shared_n = shared_subjects(nights)
    by_column: dict[str, dict[str, Distribution]] = {}
    for one in found:
        if one.group is not None:
            by_column.setdefault(one.column, {})[one.group] = one
    refused = None
    if shared_n:
        refused = f"groups that share subjects (here {shared_n}) are not independent"
    omnibus: list[Omnibus] = []
    pairs: list[Comparison] = []
    for column, members in by_column.items():
        if sum(one.subjects_n > 0 for one in members.values()) < 2:  # noqa: PLR2004
            continue
        unit = next(iter(members.values())).unit
        if len(groups) > 2:  # noqa: PLR2004
            test = kruskal_wallis([members[group].subjects for group in groups])
            omnibus.append(Omnibus(column=column, unit=unit, test=_unless(refused, test)))
        pairs += _pairs(members, groups, rule, refused)
    return _corrected(omnibus, pairs, shared_n)


def shared_subjects(nights: CohortNights) -> int:
    """Return how many subjects have finished nights in several groups."""
    pairs = {
        (whose, group)
        for whose, group in zip(nights.subject[nights.done], nights.group[nights.done], strict=True)
        if group is not None
    }
    return sum(n > 1 for n in Counter(whose for whose, _ in pairs).values())


def _pairs(
    members: Mapping[str, Distribution],
    groups: Sequence[str],
    rule: EffectRule,
    refused: str | None,
) -> Iterator[Comparison]:
    """Yield one index in every pair of groups, or in each group against all others."""
    column, unit = next((one.column, one.unit) for one in members.values())
    chosen: list[tuple[str, str | None, Floats, Floats]]
    if len(groups) <= PAIRS_UP_TO:
        chosen = [
            (a, b, members[a].subjects, members[b].subjects) for a, b in combinations(groups, 2)
        ]
    else:
        chosen = [
            (
                a,
                OTHERS,
                members[a].subjects,
                np.concatenate([members[b].subjects for b in groups if b != a]),
            )
            for a in groups
        ]
    for first, second, a, b in chosen:
        effects = (
            effects_without_interval(a, b, refused) if refused else effects_between(a, b, rule)
        )
        yield Comparison(
            column=column,
            unit=unit,
            first=first,
            second=second,
            first_n=len(a),
            second_n=len(b),
            test=_unless(refused, mann_whitney(a, b)),
            effects=effects,
            shown=effect_that_suits(column, unit),
        )


def _unless(refused: str | None, test: RankTest) -> RankTest:
    """Return the test, or a test without result and the reason."""
    return test if refused is None else RankTest(name=test.name, reason=refused)


def _corrected(omnibus: list[Omnibus], pairs: list[Comparison], shared_n: int) -> Compared:
    """Return the comparisons with p values corrected for all of them."""
    p = [*(one.test.p for one in omnibus), *(one.test.p for one in pairs)]
    made = [value for value in p if value is not None]
    corrected = iter(holm(made).tolist())
    all_p = [None if value is None else next(corrected) for value in p]
    return Compared(
        omnibus=tuple(
            replace(one, p_holm=value)
            for one, value in zip(omnibus, all_p[: len(omnibus)], strict=True)
        ),
        pairs=tuple(
            replace(one, p_holm=value)
            for one, value in zip(pairs, all_p[len(omnibus) :], strict=True)
        ),
        tests_n=len(made),
        shared_subjects_n=shared_n,
    )
