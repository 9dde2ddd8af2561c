"""Sections on groups of indices: values in tables, missing ones listed by reason."""

from collections.abc import Callable, Iterable, Mapping

from psgkit.core.index import Index
from psgkit.core.index_catalogue import in_order
from psgkit.core.index_catalogue.entry import RATE
from psgkit.core.night_report import NightReport
from psgkit.document.values import finite
from psgkit.report.marked_numbers import cell, in_words, index_key, rate_numbers
from psgkit.report.night.breakdown import breakdown_parts, relief_parts
from psgkit.report.night.heart_rate import heart_rate_parts
from psgkit.report.night.norms import norm_note
from psgkit.report.night.rem_atonia import rem_atonia_parts
from psgkit.report.page_model import Facts, Notes, Part, Section, Table
from psgkit.report.words.language import _, in_context
from psgkit.report.words.messages import translated
from psgkit.report.words.number_format import digits, unit_in_words, with_unit
from psgkit.report.words.words import (
    MOVEMENT_MARK,
    PERIODICITY,
    STAGE_NAMES,
    group_note,
    group_title,
    index_label,
)

_STAGE_PREFIXES = ("n1", "n2", "n3", "r", "w", "unscored")
_ANY_MOVEMENT = "lm_index_recording"
_MOST_LISTED, _FIRST_LISTED = 40, 3


def group_section(group: str, report: NightReport, said: frozenset[str] = frozenset()) -> Section:
    """Return the section on one group of indices.

    Indices missing for a reason that an earlier section ``said`` are counted, not listed.
    """
    if group == "movement_relief":
        parts: tuple[Part, ...] = relief_parts(report.indices[group])
        return Section(key=group, title=group_title(group), note=group_note(group), parts=parts)
    indices = {n: finite(report.indices[group][n]) for n in in_order(report.indices[group])}
    if _is_still(indices):
        return Section(
            key=group, title=group_title(group), note=group_note(group), parts=(_still(indices),)
        )
    there = {name: index for name, index in indices.items() if index.value is not None}
    if group == "sleep":
        parts = _sleep_parts(there)
    elif group == "rem_atonia":
        parts = rem_atonia_parts(report, there)
    elif is_about_movements(indices):
        parts = _movement_parts(group, there)
    else:
        parts = _plain_parts(group, there)
    if group == "heart_rate":
        parts += heart_rate_parts(report)
    parts += breakdown_parts(group, report)
    missing = missing_lines(indices, lambda name: _label_apart(name, group), said)
    if missing:
        parts += (Notes(lines=missing),)
    return Section(
        key=group,
        title=group_title(group),
        note=" ".join(filter(None, (group_note(group), norm_note(report, group)))),
        parts=tuple(part for part in parts if isinstance(part, Notes) or part.rows),
    )


def _is_still(indices: Mapping[str, Index]) -> bool:
    """Return whether the group was observed and had no movement."""
    rate = indices.get(_ANY_MOVEMENT)
    return rate is not None and rate.value == 0


def _still(indices: Mapping[str, Index]) -> Notes:
    """Return one line instead of tables of zeros."""
    hours = indices[_ANY_MOVEMENT].denominator_h
    taken_out = indices.get("lmm_removed_n")
    lines = [
        _(
            "No movement of this group in {hours} observed.",
            hours=with_unit(digits(hours or 0.0, 2), "h"),
        )
    ]
    if taken_out is not None and taken_out.value:
        lines.append(
            _("{n} were removed as part of large movements.", n=digits(taken_out.value, 0))
        )
    return Notes(lines=(" ".join(lines),))


def is_measured(indices: Mapping[str, Index]) -> bool:
    """Return whether any index of a group has a value."""
    return any(finite(index).value is not None for index in indices.values())


def unmeasured_section(groups: Iterable[str], report: NightReport) -> Section:
    """Return the section on ``groups`` without any value: one line each, with the reason."""
    rows = tuple(
        (group_title(group), "; ".join(sorted(reasons_of(group, report), key=len)))
        for group in groups
    )
    return Section(key="unmeasured", title=_("Not measured"), parts=(Facts(rows=rows),))


def is_about_movements(indices: Mapping[str, Index]) -> bool:
    """Return whether a group is about movements and series."""
    return MOVEMENT_MARK in indices


def reasons_of(group: str, report: NightReport) -> set[str]:
    """Return why indices of a group are missing."""
    reasons = (index.reason for index in map(finite, report.indices[group].values()))
    return {translated(reason) for reason in reasons if reason}


def missing_lines(
    indices: Mapping[str, Index], label: Callable[[str], str], said: frozenset[str] = frozenset()
) -> tuple[str, ...]:
    """Return one line for each reason, with the indices missing for it.

    ``label`` returns the label of an index; for a reason ``said`` before, many are only counted.
    """
    labels: dict[str, list[str]] = {}
    for name, index in indices.items():
        if index.reason is not None:
            labels.setdefault(translated(index.reason), []).append(label(name))
    if len(labels) == 1 and sum(map(len, labels.values())) == len(indices):
        return (_("Not available: {reason}.", reason=next(iter(labels)).rstrip(".")),)
    return tuple(
        _(
            "Not available, {reason}: {names}.",
            reason=reason,
            names=_listed(names, again=reason in said),
        )
        for reason, names in labels.items()
    )


def _listed(names: list[str], *, again: bool) -> str:
    """Return the names, or only their number if their kind was listed before."""
    once = list(dict.fromkeys(names))
    if again and len(once) > _FIRST_LISTED:
        return _("{n} values, as above", n=digits(len(once), 0))
    if len(once) > _MOST_LISTED:
        names_n = digits(len(once) - _FIRST_LISTED, 0)
        return _("{names} and {n} more", names="; ".join(once[:_FIRST_LISTED]), n=names_n)
    return "; ".join(once)


def _label_apart(name: str, group: str) -> str:
    """Return the label of an index, with its unit where the label alone is ambiguous."""
    suffix = {"_min": "min", "_pct": "%"}.get(name[-4:], "")
    unit = f" ({unit_in_words(suffix)})" if suffix else ""
    return index_label(name, group) + (unit if name[:-4] in _STAGE_PREFIXES else "")


def _sleep_parts(there: Mapping[str, Index]) -> tuple[Part, ...]:
    """Return sleep as facts, and the time in each stage as a table."""
    stages = [p for p in _STAGE_PREFIXES if f"{p}_min" in there or f"{p}_pct" in there]
    by_stage = {f"{prefix}_{unit}" for prefix in stages for unit in ("min", "pct")}
    rows = tuple(
        (
            STAGE_NAMES[p.upper()],
            *(cell(there.get(name), index_key("sleep", name)) for name in (f"{p}_min", f"{p}_pct")),
        )
        for p in stages
    )
    others = {name: index for name, index in there.items() if name not in by_stage}
    return (
        Facts(rows=_facts(others, "sleep")),
        Table(
            head=(_("Stage"), _("min"), _("% of sleep")),
            rows=rows,
        ),
    )


def _movement_parts(group: str, there: Mapping[str, Index]) -> tuple[Part, ...]:
    """Return rates, then periodicity, then counts and the rest."""
    rates = {name: index for name, index in there.items() if index.unit == RATE.unit}
    periodicity = {name: there[name] for name in PERIODICITY if name in there}
    rest = {n: index for n, index in there.items() if n not in rates and n not in periodicity}
    return (
        _rates(rates, group),
        Facts(title=_("Counts"), rows=_facts(rest, group)),
        Facts(title=_("Periodicity"), rows=_facts(periodicity, group)),
    )


def _plain_parts(group: str, there: Mapping[str, Index]) -> tuple[Part, ...]:
    """Return rates, then the rest."""
    rates = {name: index for name, index in there.items() if index.unit == RATE.unit}
    rest = {name: index for name, index in there.items() if name not in rates}
    return (_rates(rates, group), Facts(rows=_facts(rest, group)))


def _rates(rates: Mapping[str, Index], group: str) -> Table:
    """Return rates with count and hours."""
    rows = tuple(
        (
            index_label(name, group),
            *rate_numbers(index, index_key(group, name)),
        )
        for name, index in rates.items()
    )
    return Table(
        head=(in_context("per hour", "Rate"), _("per hour"), _("number"), _("hours")), rows=rows
    )


def _facts(indices: Mapping[str, Index], group: str) -> tuple[tuple[str, str], ...]:
    return tuple(
        (index_label(n, group), in_words(index, index_key(group, n)))
        for n, index in indices.items()
    )
