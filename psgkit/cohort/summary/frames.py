"""Nights of a study as one frame, and groups in such a frame compared."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from psgkit.cohort.summary.comparisons import Comparison, Omnibus
from psgkit.cohort.summary.comparisons import compare_groups as compared_groups
from psgkit.cohort.summary.nights import CohortNights
from psgkit.cohort.summary.statistics import Distribution, distributions
from psgkit.cohort.summary.summarise import MAIN
from psgkit.cohort.tables.index_columns import SEPARATOR, column_in_words
from psgkit.cohort.tables.quality import caution_codes
from psgkit.core.days.days_report import DaysReport
from psgkit.core.index_catalogue import in_order, unit_of
from psgkit.core.index_group import no_such
from psgkit.core.night_report import NightReport

if TYPE_CHECKING:
    import pandas as pd

UNITS = "units"
"""Name under which ``frame.attrs`` holds the unit of each index column."""


def summary(reports: "Iterable[NightReport | DaysReport]") -> "pd.DataFrame":
    """Return one row a night, or recording of days, with a column for each index.

    Rows are in the order of the reports.  Columns ``recording``, ``start``, ``duration_h``,
    ``rules``, ``simulated``, ``cautions`` and ``stages_from`` (``scored``, or the words of an
    estimate), then indices as ``group__name``, as in the tables of
    a cohort; a value that is missing is NaN.  ``frame.attrs["units"]`` has the unit of each index.

    Parameters
    ----------
    reports : iterable of NightReport or DaysReport

    Examples
    --------
    >>> from psgkit import analyse_night, simulate_night, summary
    >>> night = simulate_night("rls", hours=0.5, seed=1)
    >>> frame = summary([analyse_night(night.recording, night.hypnogram, night.events)])
    >>> frame.attrs["units"]["legs__plms_index"], len(frame)
    ('1/h', 1)
    """
    import pandas as pd

    units: dict[str, str] = {}
    rows: list[dict[str, Any]] = []
    for report in reports:
        row = _facts(report)
        for group, indices in report.indices.items():
            for name in in_order(indices):
                column = f"{group}{SEPARATOR}{name}"
                units.setdefault(column, indices[name].unit)
                row[column] = indices[name].value
        rows.append(row)
    frame = pd.DataFrame(rows)
    # The copy is one block of memory: else pandas warns of each column that a user adds.
    frame = frame.astype(dict.fromkeys(units, "float64")).copy()
    frame.attrs[UNITS] = units
    return frame


def _facts(report: NightReport | DaysReport) -> dict[str, Any]:
    night = isinstance(report, NightReport)
    rules = report.settings.get("rules", {}) if night else {}
    return {
        "recording": report.source,
        "start": report.start if isinstance(report, NightReport) else None,
        "duration_h": report.duration_s / 3600,
        "rules": str(rules.get("name", "")),
        "simulated": any(finding.says_simulated for finding in report.findings),
        "cautions": "+".join(caution_codes(report)) if isinstance(report, NightReport) else "",
        "stages_from": report.stages_from if night else report.sleep_label or None,
    }


def compare_groups(
    frame: "pd.DataFrame",
    by: str,
    indices: Sequence[str] | None = None,
    subject: str | None = None,
) -> "pd.DataFrame":
    """Return every index compared between the groups of a frame, as ``psgkit cohort`` does.

    Each subject counts once, with the mean over its nights; rank tests are corrected together
    (Holm), effect sizes have bootstrap intervals.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a night, as ``summary`` returns, with a column of groups.
    by : str
        Column that makes the groups; rows without one are left out.
    indices : sequence of str, optional
        Columns to compare; by default the usual ones that the frame has.  More indices mean more
        tests to correct for.
    subject : str, optional
        Column that names the person; without it each row is a person of its own.

    Returns
    -------
    pandas.DataFrame
        One row a comparison: ``index``, ``label``, ``unit``, ``first``, ``second`` (missing where
        all groups are tested together), subjects and medians of both, ``test``, ``p``, ``p_holm``,
        ``effect_name``, ``effect``, its ``low`` and ``high``, and ``reason`` where one is missing.

    Raises
    ------
    KeyError
        If there is no such column; the nearest names are suggested.

    Examples
    --------
    >>> import pandas as pd
    >>> from psgkit import compare_groups
    >>> frame = pd.DataFrame({"legs__plms_index": [2, 4, 3, 30, 25, 28], "drug": list("aaabbb")})
    >>> compare_groups(frame, by="drug")[["first", "second", "effect"]].values.tolist()
    [['a', 'b', -1.0]]
    """
    import pandas as pd

    chosen = list(indices) if indices is not None else [name for name in MAIN if name in frame]
    for name in (by, *chosen, *([subject] if subject else [])):
        if name not in frame:
            raise KeyError(no_such("column", name, map(str, frame.columns)))
    nights = _nights(frame, by, chosen, subject)
    groups = nights.groups()
    found = tuple(distributions(nights, groups))
    compared = compared_groups(nights, found, groups)
    medians = {(one.column, one.group): one for one in found}
    rows = [_of_all(one) for one in compared.omnibus]
    rows += [_of_pair(one, medians) for one in compared.pairs]
    return pd.DataFrame(rows, columns=list(_COLUMNS))


_COLUMNS = (
    *("index", "label", "unit", "first", "second", "first_n", "second_n"),
    *("first_median", "second_median", "test", "p", "p_holm"),
    *("effect_name", "effect", "low", "high", "reason"),
)


def _nights(
    frame: "pd.DataFrame", by: str, chosen: Sequence[str], subject: str | None
) -> CohortNights:
    """Return the rows of a frame as nights of a cohort."""
    n = len(frame)
    groups = np.empty(n, dtype=object)
    groups[:] = [None if cell is None or cell != cell else str(cell) for cell in frame[by]]  # noqa: PLR0124 - NaN
    people = np.empty(n, dtype=object)
    people[:] = [
        f"row {row}" if cell is None or cell != cell else f"subject {cell}"  # noqa: PLR0124 - NaN
        for row, cell in enumerate(frame[subject] if subject else [None] * n)
    ]
    stated = frame.attrs.get(UNITS, {})
    return CohortNights(
        name="",
        by=by,
        protocol=np.full(n, "night", dtype=object),
        head={"state": np.full(n, "done", dtype=object)},
        subject=people,
        group=groups,
        values={name: frame[name].to_numpy(dtype=np.float64) for name in chosen},
        units={name: stated.get(name) or _unit(name) for name in chosen},
        reasons={},
    )


def _unit(column: str) -> str:
    """Return the unit of an index by its name; empty for a column that is no index of psgkit."""
    group, _separator, name = column.partition(SEPARATOR)
    try:
        return unit_of(name, group)
    except KeyError:
        return ""


def _of_all(one: Omnibus) -> dict[str, Any]:
    return {
        "index": one.column,
        "label": column_in_words(one.column),
        "unit": one.unit,
        "test": one.test.name,
        "p": one.test.p,
        "p_holm": one.p_holm,
        "reason": one.test.reason,
    }


def _of_pair(
    one: Comparison, found: "dict[tuple[str, str | None], Distribution]"
) -> dict[str, Any]:
    effect = getattr(one.effects, one.shown)
    second = found.get((one.column, one.second))
    return {
        **_of_all(Omnibus(column=one.column, unit=one.unit, test=one.test, p_holm=one.p_holm)),
        "first": one.first,
        "second": one.second if one.second is not None else "all others",
        "first_n": one.first_n,
        "second_n": one.second_n,
        "first_median": found[one.column, one.first].quantiles([0.5])[0],
        "second_median": second.quantiles([0.5])[0] if one.second and second else None,
        "effect_name": one.shown,
        "effect": effect.value,
        "low": effect.low,
        "high": effect.high,
        "reason": one.test.reason or effect.reason or effect.interval_reason,
    }
