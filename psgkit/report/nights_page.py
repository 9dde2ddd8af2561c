"""What a page about the same person over nights says, on a terminal and in a browser."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from psgkit import __version__
from psgkit.core.index import Index
from psgkit.nights.drug_line import DoseSpan
from psgkit.nights.follow import Compared, IndexCourse, NightCourse, PhaseChange
from psgkit.nights.place import PlacedNight
from psgkit.profile.context_laboratory import serum_levels
from psgkit.profile.statement import STATEMENT
from psgkit.report.nights_summary import banners, in_short
from psgkit.report.outside_text import bare_name
from psgkit.report.parts import Notes, Page, Part, Remarks, Section, Table
from psgkit.report.words import (
    NO_VALUE,
    disclaimer,
    group_title,
    index_label,
    number,
    unit_in_words,
)

MAIN = (
    "tst_min",
    "sol_min",
    "se_pct",
    "arousal_index",
    "awakening_index",
    "plms_index",
    "plmw_index",
    "imi_log_mean_s",
    "periodicity_index_wasm_sleep",
    "lmm_index",
    "limb_movement_index_sleep",
    "limb_movement_index_wake",
    "rhythm_minutes_wake",
    "rhythm_rest_share",
    "rest_activity_mg",
    "scratch_bouts_index",
    "sit_index_older",
    "sit_discomfort_mean",
    "msit_plmw",
    "msit_discomfort_mean",
)
"""What the terminal shows; the files have every index."""
_COLUMNS_AT_MOST = 7
"""Nights side by side in one table; the number is ours."""
_SPREAD_NOTE = (
    "A change inside the published night-to-night spread can be chance alone. One outside may be "
    "chance too: the published figures are typical sizes in people with RLS, not limits. Where two "
    "are published, inside one of them is inside. For other indices and sites none is known."
)
_INTERVAL_NOTE = (
    "The interval is a bootstrap over the nights of each phase, widened for few nights "
    "(ours). It knows nothing of time, habit or whatever else changed with the dose, and with "
    "so many indices some exclude 0 by chance."
)


def page_about_nights(course: NightCourse, *, every_index: bool = False) -> Page:
    """Return the page about nights, with the main indices or every one that has a value."""
    shown = [
        one for one in course.indices if one.mean is not None and (every_index or one.name in MAIN)
    ]
    context = "without a context" if course.context is None else bare_name(course.context.source)
    return Page(
        title="Nights of one person",
        subtitle=f"{len(course.nights)} nights, {context}",
        banners=tuple(banners(course)),
        headline=(),
        sections=(
            *in_short(course),
            _nights(course),
            *_drugs(course),
            *_indices(course, shown),
            *_changes(course, every_index=every_index),
            *_findings(course),
        ),
        disclaimer=f"{STATEMENT} {disclaimer(__version__)}",
    )


def _nights(course: NightCourse) -> Section:
    rows = tuple(
        (
            str(row),
            night.label,
            _day(night),
            NO_VALUE if night.phase is None else course.phases[night.phase].label,
            "simulated" if night.report.simulated else "recorded",
            night.report.name,
        )
        for row, night in enumerate(course.nights, 1)
    )
    head = ("", "Night", "Day", "Doses in force", "", "Report")
    return Section(
        key="nights", title="Nights", parts=(Table(head=head, rows=rows, n_text=len(head)),)
    )


def _day(night: PlacedNight) -> str:
    day = night.on_line.day
    if day is None:
        return NO_VALUE
    return f"day {day}" if night.evening is None else f"{night.evening.isoformat()} (day {day})"


def _drugs(course: NightCourse) -> Iterator[Section]:
    parts: list[Part] = []
    if course.spans:
        foot = f"{NO_VALUE} is not told. A drug without any day is not on the line."
        rows = tuple(map(_span, course.spans))
        parts.append(Table(head=("Dose", "From", "To"), rows=rows, n_text=3, foot=foot))
    levels = () if course.context is None else serum_levels(course.context.context)
    measured = tuple(
        (
            one.drug,
            NO_VALUE if one.value is None else f"{one.value:g} {one.unit or ''}".rstrip(),
            NO_VALUE if one.daily_mg is None else f"{one.daily_mg:g} mg/day",
            NO_VALUE if one.day is None else f"day {one.day}",
        )
        for one in levels
    )
    if measured:
        parts.append(
            Table(
                head=("Drug", "Level", "At", "Day"), rows=measured, n_text=4, title="Serum levels"
            )
        )
    if parts:
        yield Section(key="drugs", title="Drug time line", parts=tuple(parts))


def _span(span: DoseSpan) -> tuple[str, ...]:
    if span.of_night is not None:
        return span.dose.words, f"told for the night of day {span.of_night}", ""
    last = NO_VALUE if span.last_day is None else f"day {span.last_day}"
    if span.before_day is not None:
        last = f"not told; before day {span.before_day}"
    return span.dose.words, NO_VALUE if span.first_day is None else f"day {span.first_day}", last


def _indices(course: NightCourse, shown: Sequence[IndexCourse]) -> Iterator[Section]:
    for group, members in groupby(shown, key=lambda one: one.group):
        rows = list(members)
        parts = tuple(
            _index_table(course, rows, first)
            for first in range(0, len(course.nights), _COLUMNS_AT_MOST)
        )
        yield Section(key=f"indices-{group}", title=group_title(group), parts=parts)


def _index_table(course: NightCourse, rows: Sequence[IndexCourse], first: int) -> Table:
    """Return the table of some nights, a column each."""
    numbers = range(first, min(first + _COLUMNS_AT_MOST, len(course.nights)))
    head = ("", *(f"Night {k + 1}" for k in numbers), "Mean", "Range")
    lines = tuple(
        (
            f"{index_label(one.name, one.group)} {_unit(one)}".rstrip(),
            *(_value(one.nights[k]) for k in numbers),
            _number(one.mean, one.unit, ""),
            _number(one.span, one.unit, one.name),
        )
        for one in rows
    )
    return Table(head=head, rows=lines)


def _changes(course: NightCourse, *, every_index: bool) -> Iterator[Section]:
    wanted = [one for one in course.changes if every_index or one.name in MAIN]
    if not course.phases:
        line = "Without a context with doses there are no phases and no change between them."
        yield Section(key="changes", title="Changes", parts=(Notes(lines=(line,)),))
    elif not wanted:
        line = f"All nights lie in one phase ({course.phases[0].label}): nothing is compared."
        yield Section(key="changes", title="Changes", parts=(Notes(lines=(line,)),))
    for (first, second), members in groupby(wanted, key=lambda one: (one.first, one.second)):
        before, after = course.phases[first], course.phases[second]
        rows = list(members)
        yield Section(
            key=f"change-{first}-{second}",
            title=f"Change from {before.label} to {after.label}",
            parts=(
                _change_table(rows, course.rule.coverage),
                Notes(lines=tuple(_change_notes(rows))),
            ),
        )
    if wanted:
        lines = (_SPREAD_NOTE, _INTERVAL_NOTE)
        yield Section(key="reading", title="How to read a change", parts=(Notes(lines=lines),))


def _change_table(rows: Sequence[PhaseChange], coverage: float) -> Table:
    head = ("", "Before", "After", "Change", f"{100 * coverage:g} % interval", "Published spread")
    moved = [one for one in rows if one.change.before or one.change.after]
    none_n = len(rows) - len(moved)
    foot = f"{none_n} more are 0 or missing in both phases." if none_n else ""
    return Table(head=head, rows=tuple(map(_change_row, moved)), foot=foot)


def _change_row(one: PhaseChange) -> tuple[str, ...]:
    change = one.change
    interval = NO_VALUE
    if change.low is not None and change.high is not None:
        interval = f"{_signed(change.low, one)} to {_signed(change.high, one)}"
    return (
        f"{group_title(one.group)}: {index_label(one.name, one.group)} {_unit(one)}".rstrip(),
        _number(change.before, one.unit, ""),
        _number(change.after, one.unit, ""),
        NO_VALUE if change.change is None else _signed(change.change, one),
        interval,
        one.verdict or "none known",
    )


def _change_notes(rows: Sequence[PhaseChange]) -> Iterator[str]:
    """Return the published spreads that were used, and why intervals are missing."""
    for one in rows:
        for compared in one.compared:
            if one.change.before or one.change.after:
                yield _compared(one, compared)
    for reason in dict.fromkeys(one.change.interval_reason for one in rows):
        if reason is not None:
            yield f"No interval: {reason}."


def _compared(one: PhaseChange, compared: Compared) -> str:
    spread = compared.spread
    size = f"{spread.size:g} %" if spread.kind == "percent" else f"{spread.size:g} /h"
    what = f"{group_title(one.group)}, {index_label(one.name, one.group)}"
    source = f"{size} ({spread.source}: {spread.population}; {spread.grade})"
    if compared.inside is None or compared.limit is None:
        return f"{what}: cannot be put beside the published {source}"
    limit = f"{number(compared.limit, one.unit)} {unit_in_words(one.unit)}".rstrip()
    place = "inside" if compared.inside else "outside"
    return f"{what}: the change lies {place} the published spread of {source}, here {limit}"


def _findings(course: NightCourse) -> Iterator[Section]:
    if course.findings:
        rows = tuple((one.severity, one.where, one.message, one.code) for one in course.findings)
        yield Section(key="findings", title="Findings", parts=(Remarks(rows=rows),))


def _unit(one: IndexCourse | PhaseChange) -> str:
    unit = unit_in_words(one.unit)
    return f"({unit})" if unit else ""


def _value(index: Index) -> str:
    return _number(index.value, index.unit, index.name)


def _number(value: float | None, unit: str, name: str) -> str:
    return NO_VALUE if value is None else number(value, unit, name)


def _signed(value: float, one: PhaseChange) -> str:
    """Return a change with its sign, none if it rounds to nothing."""
    shown = number(value, one.unit)
    return f"+{shown}" if float(shown) > 0 else shown
