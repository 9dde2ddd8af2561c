"""Groups of indices as sections: what there is in tables, what is missing once a reason."""

from collections.abc import Iterable, Mapping

from psgkit.core.index import Index
from psgkit.core.night_report import BreakdownRow, NightReport
from psgkit.report.as_json import in_schema_order
from psgkit.report.numbers import finite
from psgkit.report.parts import Bars, Facts, Notes, Part, Section, Table
from psgkit.report.relief_table import relief_parts
from psgkit.report.words import (
    BREAKDOWN_TITLES,
    MOVEMENT_MARK,
    NO_VALUE,
    PERIODICITY,
    STAGE_NAMES,
    clock,
    group_note,
    group_title,
    index_label,
    name_in_words,
    number,
    site_in_words,
    unit_in_words,
    value_in_words,
)

_STAGE_PREFIXES = ("n1", "n2", "n3", "r", "w", "unscored")
_HOURLY = ("plms_index", "plm_index_recording", "plm_index", "plm_n", "lm_index_recording", "lm_n")
_PER_HOUR = "1/h"
_ANY_MOVEMENT = "lm_index_recording"
_MOST_LISTED, _FIRST_LISTED = 40, 3


def group_section(group: str, report: NightReport, said: frozenset[str] = frozenset()) -> Section:
    """Return everything about one group of indices.

    What is missing for a reason that was ``said`` in a section before is counted, not listed.
    """
    if group == "movement_relief":
        parts: tuple[Part, ...] = relief_parts(report.indices[group])
        return Section(key=group, title=group_title(group), note=group_note(group), parts=parts)
    indices = {n: finite(report.indices[group][n]) for n in in_schema_order(report.indices[group])}
    if _is_still(indices):
        return Section(
            key=group, title=group_title(group), note=group_note(group), parts=(_still(indices),)
        )
    there = {name: index for name, index in indices.items() if index.value is not None}
    if group == "sleep":
        parts = _sleep_parts(there)
    elif is_about_movements(indices):
        parts = _movement_parts(group, there)
    else:
        parts = _plain_parts(group, there)
    parts += _breakdown_parts(group, report)
    missing = missing_lines(group, indices, said)
    if missing:
        parts += (Notes(lines=missing),)
    return Section(
        key=group,
        title=group_title(group),
        note=group_note(group),
        parts=tuple(part for part in parts if isinstance(part, Notes) or part.rows),
    )


def _is_still(indices: Mapping[str, Index]) -> bool:
    """Return whether movements could have been seen and there was none."""
    rate = indices.get(_ANY_MOVEMENT)
    return rate is not None and rate.value == 0


def _still(indices: Mapping[str, Index]) -> Notes:
    """Return one line instead of tables of zeros."""
    hours = indices[_ANY_MOVEMENT].denominator_h
    taken_out = indices.get("lmm_removed_n")
    told = (
        ""
        if taken_out is None or not taken_out.value
        else (f" {taken_out.value:.0f} were taken out as part of large movements.")
    )
    return Notes(lines=(f"No movement of its own in {hours:.2f} h observed.{told}",))


def is_measured(indices: Mapping[str, Index]) -> bool:
    """Return whether any index of a group has a value."""
    return any(finite(index).value is not None for index in indices.values())


def unmeasured_section(groups: Iterable[str], report: NightReport) -> Section:
    """Return why nothing of each of ``groups`` could be measured, a line each."""
    rows = tuple(
        (group_title(group), "; ".join(sorted(reasons_of(group, report), key=len)))
        for group in groups
    )
    return Section(key="unmeasured", title="Not measured", parts=(Facts(rows=rows),))


def is_about_movements(indices: Mapping[str, Index]) -> bool:
    """Return whether a group is about movements and series."""
    return MOVEMENT_MARK in indices


def reasons_of(group: str, report: NightReport) -> set[str]:
    """Return why indices of a group are missing."""
    return {index.reason for index in map(finite, report.indices[group].values()) if index.reason}


def missing_lines(
    group: str, indices: Mapping[str, Index], said: frozenset[str] = frozenset()
) -> tuple[str, ...]:
    """Return what is missing and why: one line a reason, however many indices it concerns."""
    labels: dict[str, list[str]] = {}
    for name, index in indices.items():
        if index.reason is not None:
            labels.setdefault(index.reason, []).append(_label_apart(name, group))
    if len(labels) == 1 and sum(map(len, labels.values())) == len(indices):
        return (f"Not available: {next(iter(labels)).rstrip('.')}.",)
    return tuple(
        f"Not available, {reason}: {_listed(names, again=reason in said)}."
        for reason, names in labels.items()
    )


def _listed(names: list[str], *, again: bool) -> str:
    """Return the names, or only how many they are where their kind was listed before."""
    once = list(dict.fromkeys(names))
    if again and len(once) > _FIRST_LISTED:
        return f"{len(once)} values, as above"
    if len(once) > _MOST_LISTED:
        return f"{'; '.join(once[:_FIRST_LISTED])} and {len(once) - _FIRST_LISTED} more"
    return "; ".join(once)


def _label_apart(name: str, group: str) -> str:
    """Return the label of an index, with its unit where the label alone does not tell."""
    unit = {"_min": " (min)", "_pct": " (%)"}.get(name[-4:], "")
    return index_label(name, group) + (unit if name[:-4] in _STAGE_PREFIXES else "")


def _sleep_parts(there: Mapping[str, Index]) -> tuple[Part, ...]:
    """Return sleep as facts, and time a stage as a table."""
    stages = [p for p in _STAGE_PREFIXES if f"{p}_min" in there or f"{p}_pct" in there]
    by_stage = {f"{prefix}_{unit}" for prefix in stages for unit in ("min", "pct")}
    rows = tuple(
        (STAGE_NAMES[p.upper()], _cell(there.get(f"{p}_min")), _cell(there.get(f"{p}_pct")))
        for p in stages
    )
    others = {name: index for name, index in there.items() if name not in by_stage}
    return (
        Facts(rows=_facts(others, "sleep")),
        Table(head=("Stage", "min", "% of sleep"), rows=rows),
    )


def _movement_parts(group: str, there: Mapping[str, Index]) -> tuple[Part, ...]:
    """Return rates, then periodicity, then counts and the rest."""
    rates = {name: index for name, index in there.items() if index.unit == _PER_HOUR}
    periodicity = {name: there[name] for name in PERIODICITY if name in there}
    rest = {n: index for n, index in there.items() if n not in rates and n not in periodicity}
    return (
        _rates(rates, group),
        Facts(title="Counts", rows=_facts(rest, group)),
        Facts(title="Periodicity", rows=_facts(periodicity, group)),
    )


def _plain_parts(group: str, there: Mapping[str, Index]) -> tuple[Part, ...]:
    """Return rates, then the rest."""
    rates = {name: index for name, index in there.items() if index.unit == _PER_HOUR}
    rest = {name: index for name, index in there.items() if name not in rates}
    return (_rates(rates, group), Facts(rows=_facts(rest, group)))


def _rates(rates: Mapping[str, Index], group: str) -> Table:
    """Return rates with what was counted and over how long."""
    rows = tuple(
        (
            index_label(name, group),
            _cell(index),
            "" if index.numerator is None else number(index.numerator, "1", "_n"),
            "" if index.denominator_h is None else f"{index.denominator_h:.2f}",
        )
        for name, index in rates.items()
    )
    return Table(head=("Rate", "per hour", "number", "hours"), rows=rows)


def _facts(indices: Mapping[str, Index], group: str) -> tuple[tuple[str, str], ...]:
    """Return label and value of each index."""
    return tuple((index_label(n, group), value_in_words(index)) for n, index in indices.items())


def _cell(index: Index | None) -> str:
    """Return a value without its unit, for below a head that states it."""
    if index is None or index.value is None:
        return NO_VALUE
    return number(index.value, index.unit, index.name)


def _breakdown_parts(group: str, report: NightReport) -> tuple[Part, ...]:
    """Return one table for each way the night was divided, bars for the hours."""
    divided: dict[str, list[BreakdownRow]] = {}
    for row in report.breakdown:
        if row.group == group:
            divided.setdefault(row.by, []).append(row)
    stage_order = list(STAGE_NAMES)
    divided.get("stage", []).sort(
        key=lambda row: (
            stage_order.index(row.level) if row.level in STAGE_NAMES else len(stage_order)
        )
    )
    said = {index.reason for index in report.indices[group].values()}
    parts: tuple[Part, ...] = ()
    for by, rows in divided.items():
        if by == "hour":
            parts += (_hours(rows, report),)
        else:
            parts += (_division(by, rows, said),)
    return parts


def _division(by: str, rows: list[BreakdownRow], said: set[str | None]) -> Table:
    """Return one line an index and one column a level, and the reasons not ``said`` before."""
    names = [
        name
        for name in in_schema_order({name: None for row in rows for name in row.indices})
        if any(_cell_of(row, name) != NO_VALUE for row in rows)
    ]
    title = BREAKDOWN_TITLES.get(by) or f"By {site_in_words(by)}"
    reasons = dict.fromkeys(
        finite(row.indices[name]).reason for row in rows for name in names if name in row.indices
    )
    new = [reason for reason in reasons if reason and reason not in said]
    return Table(
        head=(title, *(_level(by, row.level) for row in rows)),
        rows=tuple(
            (_label_with_unit(name, rows), *(_cell_of(row, name) for row in rows)) for name in names
        ),
        foot=f"{NO_VALUE} not available: {'; '.join(new)}." if new else "",
    )


def _cell_of(row: BreakdownRow, name: str) -> str:
    """Return one value of a part of the night."""
    return _cell(finite(row.indices[name])) if name in row.indices else NO_VALUE


def _label_with_unit(name: str, rows: Iterable[BreakdownRow]) -> str:
    """Return the label of a line of a division, with the unit of its values."""
    row = next(row for row in rows if name in row.indices)
    unit = unit_in_words(row.indices[name].unit)
    label = index_label(name, row.group)
    return f"{label}, {unit}" if unit else label


def _level(by: str, level: str) -> str:
    """Return what a part of the night or body is called."""
    if by == "stage":
        return STAGE_NAMES.get(level, level)
    return name_in_words(level) if by != "side" else site_in_words(level)


def _hours(rows: list[BreakdownRow], report: NightReport) -> Bars:
    """Return how an index runs through the night: the first of the preferred ones that exists."""
    names = in_schema_order({name: None for row in rows for name in row.indices})
    ranked = [*(name for name in _HOURLY if name in names), *names]
    name = next((n for n in ranked if any(_cell_of(row, n) != NO_VALUE for row in rows)), None)
    if name is None:
        return Bars(rows=())
    bars = tuple(
        (_hour_label(row.level, report), _length(row, name), _cell_of(row, name)) for row in rows
    )
    title = f"{_label_with_unit(name, rows)} \u00b7 {BREAKDOWN_TITLES['hour'].lower()}"
    return Bars(title=title, rows=bars)


def _length(row: BreakdownRow, name: str) -> float | None:
    """Return the length of a bar."""
    return finite(row.indices[name]).value if name in row.indices else None


def _hour_label(level: str, report: NightReport) -> str:
    """Return when an hour begins, by the clock if there is one."""
    if report.start is None or not level.isdecimal():
        return f"hour {level}"
    return clock(report.start, report.lights.off_s + 3600 * (int(level) - 1)).rsplit(":", 1)[0]
