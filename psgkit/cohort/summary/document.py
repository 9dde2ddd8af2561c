"""Summary of a cohort to JSON (schema ``psgkit.cohort/1``) and CSV.

Conventions of the night report: fixed keys in a fixed order, null beside its reason for a missing
value, six decimals.  The same cohort always gives the same bytes.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from psgkit._version import __version__
from psgkit.cohort.summary.comparisons import Comparison, Omnibus
from psgkit.cohort.summary.effect_sizes import Effect
from psgkit.cohort.summary.statistics import Distribution, Outlier, RankTest
from psgkit.cohort.summary.summarise import CohortSummary, NightToCheck, ReliabilityRow
from psgkit.document.values import plain, tidy
from psgkit.document.write import as_lines
from psgkit.report.csv_tables import as_csv
from psgkit.report.words.language import marked

SCHEMA = "psgkit.cohort/1"
_P_DIGITS = 4
_STATES = ("done", "failed", "set_aside", "pending")
STATEMENT = marked(
    "Groups are compared, no person is diagnosed: a difference between groups says little about "
    "one person, and no figure here separates one illness from another."
)


def cohort_as_json(summary: CohortSummary) -> str:
    """Return the summary as JSON text."""
    return as_lines(cohort_as_dict(summary))


def cohort_as_dict(summary: CohortSummary) -> dict[str, Any]:
    """Return the summary as plain values, keyed as in the schema."""
    outcomes, compared = summary.outcomes, summary.compared
    return {
        "schema": SCHEMA,
        "psgkit": {"version": __version__},
        "cohort": summary.nights.name,
        "by": summary.nights.by,
        "settings": plain(summary.rule),
        "nights": {
            **_states(outcomes.states_of("night")),
            "subjects_n": outcomes.subjects_n,
            "without_subject_n": outcomes.nameless_n,
            "without_group_n": outcomes.groupless_n,
            "simulated_n": outcomes.simulated_n,
            "estimated_stages_n": outcomes.estimated_n,
        },
        "days": _states(outcomes.states_of("days")),
        "failures": [plain(one) for one in outcomes.failures],
        "analyses": [plain(one) for one in outcomes.analyses],
        "sites": [{"site": site, "nights_n": n} for site, n in outcomes.sites],
        "channels": [{"sites": sites, "nights_n": n} for sites, n in outcomes.channels],
        "stages": [{"stages_from": one, "nights_n": n} for one, n in outcomes.stages],
        "stages_chosen": summary.nights.stages,
        "flags": [{"flag": flag, "nights_n": n} for flag, n in outcomes.flags],
        "groups": list(summary.groups),
        "distributions": [_distribution(one) for one in summary.distributions],
        "missing": [
            {"index": column, "reason": reason, "nights_n": n}
            for column, reasons in summary.nights.reasons.items()
            for reason, n in reasons.items()
        ],
        "comparisons": {
            "tests_n": compared.tests_n,
            "correction": "holm",
            "shared_subjects_n": compared.shared_subjects_n,
        },
        "omnibus": [_omnibus(one) for one in compared.omnibus],
        "pairs": [_pair(one) for one in compared.pairs],
        "reliability": [_reliability(one) for one in summary.reliability],
        "to_check": [_to_check(one) for one in summary.to_check],
        "statement": STATEMENT,
    }


def _states(counted: dict[str, int]) -> dict[str, int]:
    return {
        "all_n": sum(counted.values()),
        **{f"{state}_n": counted.get(state, 0) for state in _STATES},
    }


def cohort_csvs(summary: CohortSummary) -> dict[str, str]:
    """Return the tables of the summary as CSV by file name; an empty one has a header only."""
    about = cohort_as_dict(summary)
    empty: dict[str, tuple[str, ...]] = {
        "cohort.csv": DISTRIBUTION_COLUMNS,
        "cohort_comparisons.csv": PAIR_COLUMNS,
        "cohort_reliability.csv": RELIABILITY_COLUMNS,
        "cohort_to_check.csv": CHECK_COLUMNS,
    }
    rows: dict[str, Iterable[dict[str, Any]]] = {
        "cohort.csv": about["distributions"],
        "cohort_comparisons.csv": [*_omnibus_lines(about["omnibus"]), *map(_flat, about["pairs"])],
        "cohort_reliability.csv": about["reliability"],
        "cohort_to_check.csv": _check_lines(about["to_check"]),
    }
    return {name: as_csv(columns, rows[name]) for name, columns in empty.items()}


DISTRIBUTION_COLUMNS = (
    "index", "unit", "group", "subjects_n", "nights_n", "missing_n", "estimated_n", "mean", "sd",
    "median", "q05", "q25", "q75", "q95", "min", "max",
)  # fmt: skip
PAIR_COLUMNS = (
    "index", "unit", "first", "second", "first_n", "second_n", "test", "statistic", "p", "p_holm",
    "test_reason", "shown", "hedges_g", "hedges_g_low", "hedges_g_high", "hedges_g_reason",
    "cliffs_delta", "cliffs_delta_low", "cliffs_delta_high", "cliffs_delta_reason",
)  # fmt: skip
RELIABILITY_COLUMNS = (
    "index", "unit", "group", "icc", "low", "high", "within_sd", "subjects_n", "nights_n", "reason",
)  # fmt: skip
CHECK_COLUMNS = ("night_id", "group", "what", "index", "unit", "value", "low", "high")


def _distribution(one: Distribution) -> dict[str, Any]:
    shares = {"median": 0.5, "q05": 0.05, "q25": 0.25, "q75": 0.75, "q95": 0.95, "min": 0, "max": 1}
    values = one.quantiles([*shares.values()])
    found = {name: tidy(value) for name, value in zip(shares, values, strict=True)}
    return {
        "index": one.column,
        "unit": one.unit,
        "group": one.group,
        "subjects_n": one.subjects_n,
        "nights_n": one.nights_n,
        "missing_n": one.missing_n,
        "estimated_n": one.estimated_n,
        "mean": tidy(one.mean),
        "sd": tidy(one.sd),
        **found,
    }


def _test(test: RankTest, p_holm: float | None) -> dict[str, Any]:
    return {
        "test": test.name,
        "statistic": tidy(test.statistic),
        "p": _p(test.p),
        "p_holm": _p(p_holm),
        "test_reason": test.reason,
    }


def _p(value: float | None) -> float | None:
    """Return a p value with significant digits, however small."""
    return None if value is None else float(f"{value:.{_P_DIGITS}g}")


def _omnibus(one: Omnibus) -> dict[str, Any]:
    return {
        "index": one.column,
        "unit": one.unit,
        "groups_n": one.test.groups_n,
        **_test(one.test, one.p_holm),
    }


def _pair(one: Comparison) -> dict[str, Any]:
    return {
        "index": one.column,
        "unit": one.unit,
        "first": one.first,
        "second": one.second,
        "first_n": one.first_n,
        "second_n": one.second_n,
        **_test(one.test, one.p_holm),
        "shown": one.shown,
        "hedges_g": _effect(one.effects.hedges_g),
        "cliffs_delta": _effect(one.effects.cliffs_delta),
    }


def _effect(effect: Effect) -> dict[str, Any]:
    return {
        "value": tidy(effect.value),
        "reason": effect.reason,
        "low": tidy(effect.low),
        "high": tidy(effect.high),
        "interval_reason": effect.interval_reason,
    }


def _flat(pair: dict[str, Any]) -> dict[str, Any]:
    """Return a comparison as one flat row, its effects in separate columns."""
    flat = {name: value for name, value in pair.items() if not isinstance(value, dict)}
    for name in ("hedges_g", "cliffs_delta"):
        effect = pair[name]
        flat[name] = effect["value"]
        flat |= {f"{name}_{bound}": effect[bound] for bound in ("low", "high")}
        flat[f"{name}_reason"] = effect["reason"] or effect["interval_reason"]
    return flat


def _omnibus_lines(rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the tests of all groups at once as lines of the same table."""
    for row in rows:
        yield {**dict.fromkeys(PAIR_COLUMNS), **row}


def _reliability(one: ReliabilityRow) -> dict[str, Any]:
    found = one.found
    return {
        "index": one.column,
        "unit": one.unit,
        "group": one.group,
        "icc": tidy(found.icc),
        "low": tidy(found.low),
        "high": tidy(found.high),
        "within_sd": tidy(found.within_sd),
        "subjects_n": found.subjects_n,
        "nights_n": found.nights_n,
        "reason": found.reason,
    }


def _to_check(one: NightToCheck) -> dict[str, Any]:
    return {
        "night_id": one.night_id,
        "group": one.group,
        "flags": list(one.flags),
        "outliers": [_outlier(outlier) for outlier in one.outliers],
    }


def _outlier(one: Outlier) -> dict[str, Any]:
    return {
        "index": one.column,
        "unit": one.unit,
        "value": tidy(one.value),
        "low": tidy(one.low),
        "high": tidy(one.high),
    }


def _check_lines(rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield one line for each outlier and each flag."""
    for row in rows:
        night = {**dict.fromkeys(CHECK_COLUMNS), **{n: row[n] for n in ("night_id", "group")}}
        for one in row["outliers"]:
            yield {**night, "what": "outlier", **one}
        for flag in row["flags"]:
            yield {**night, "what": flag}
