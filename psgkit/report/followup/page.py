"""Content of the page about several nights of one person, for terminal and browser."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from psgkit._version import __version__
from psgkit.core.caution import Caution
from psgkit.core.index import Index
from psgkit.document.outside_text import bare_name
from psgkit.followup.change import Compared, IndexCourse, PhaseChange
from psgkit.followup.doses import DoseSpan
from psgkit.followup.match_context import PlacedNight
from psgkit.followup.walk import NightCourse
from psgkit.profile.context.laboratory import serum_levels
from psgkit.profile.evidence.items import STATEMENT
from psgkit.report.followup.lanes import drawn_indices
from psgkit.report.night.answer import answer_sections
from psgkit.report.night.cautions import warned
from psgkit.report.page_model import (
    Facts,
    Notes,
    Page,
    Part,
    Remarks,
    Section,
    Simulated,
    Table,
    Warned,
)
from psgkit.report.symptoms import symptom_sections
from psgkit.report.words.language import Words, _, in_context, marked
from psgkit.report.words.messages import translated
from psgkit.report.words.number_format import (
    NO_VALUE,
    day_in_words,
    digits,
    number,
    short_number,
    signed_number,
    unit_in_words,
    with_unit,
)
from psgkit.report.words.words import disclaimer, group_title, index_label

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
"""Nights side by side in one table; psgkit's own choice."""
_VERDICTS = Words(
    {
        "none_known": marked("none known"),
        "inside": marked("inside"),
        "outside": marked("outside"),
    }
)
"""Whether a change lies inside the published spread from night to night."""


def page_about_nights(course: NightCourse, *, every_index: bool = False) -> Page:
    """Return the page about nights, with the main indices or all indices that have a value."""
    shown = [
        one for one in course.indices if one.mean is not None and (every_index or one.name in MAIN)
    ]
    context = _("without a context") if course.context is None else bare_name(course.context.source)
    return Page(
        title=_("Nights of one person"),
        subtitle=_("{n} nights, {context}", n=digits(len(course.nights), 0), context=context),
        banners=tuple(banners(course)),
        cautions=tuple(_cautions(course)),
        headline=(),
        sections=(
            *_answer(course),
            *in_short(course),
            _nights(course),
            *_drugs(course),
            *_indices(course, shown),
            *symptom_sections(course.symptoms, course.answer),
            *_changes(course, every_index=every_index),
            *_findings(course),
        ),
        disclaimer=f"{STATEMENT} {disclaimer(__version__)}",
    )


def _answer(course: NightCourse) -> tuple[Section, ...]:
    return () if course.answer is None else answer_sections(course.answer)


def _cautions(course: NightCourse) -> Iterator[Warned]:
    """Yield what limits the nights: each caution once, with the nights that have it."""
    nights_of: dict[str, list[tuple[int, Caution]]] = {}
    for row, night in enumerate(course.nights, 1):
        for one in night.report.cautions:
            if one.severity != "info":
                nights_of.setdefault(one.code, []).append((row, one))
    for found in nights_of.values():
        first = warned(found[0][1])
        numbers = ", ".join(dict.fromkeys(str(row) for row, _one in found))
        if len(found) == 1:
            message = _("Night {numbers}: {message}", numbers=numbers, message=first.message)
        else:
            message = _(
                "Nights {numbers}, the first of them: {message}",
                numbers=numbers,
                message=first.message,
            )
        yield replace(first, message=message)


def _nights(course: NightCourse) -> Section:
    rows = tuple(
        (
            str(row),
            night.label,
            _day(night),
            NO_VALUE if night.phase is None else course.phases[night.phase].label,
            (_("simulated") if night.report.simulated else _("recorded")),
            translated(night.report.stages_from or "") or NO_VALUE,
            night.report.name,
        )
        for row, night in enumerate(course.nights, 1)
    )
    head = ("", _("Night"), _("Day"), _("Doses in force"), "", _("Stages"), _("Report"))
    return Section(
        key="nights",
        title=_("Nights"),
        parts=(Table(head=head, rows=rows, n_text=len(head)),),
    )


def _day(night: PlacedNight) -> str:
    day = night.on_line.day
    if day is None:
        return NO_VALUE
    return day_in_words(day, night.evening)


def _drugs(course: NightCourse) -> Iterator[Section]:
    parts: list[Part] = []
    if course.spans:
        foot = _("{sign}: not stated. A drug without any day is not on the line.", sign=NO_VALUE)
        rows = tuple(map(_span, course.spans))
        head: tuple[str, ...] = (_("Dose"), _("From"), _("To"))
        parts.append(Table(head=head, rows=rows, n_text=3, foot=foot))
    levels = () if course.context is None else serum_levels(course.context.context)
    measured = tuple(
        (
            one.drug,
            _measured(one.value, one.unit or ""),
            _measured(one.daily_mg, "mg/day"),
            NO_VALUE if one.day is None else day_in_words(one.day),
        )
        for one in levels
    )
    if measured:
        head = (_("Drug"), _("Level"), in_context("daily dose", "At"), _("Day"))
        parts.append(Table(head=head, rows=measured, n_text=4, title=_("Serum levels")))
    if parts:
        yield Section(key="drugs", title=_("Drug time line"), parts=tuple(parts))


def _measured(value: float | None, unit: str) -> str:
    return NO_VALUE if value is None else with_unit(short_number(value), unit)


def _span(span: DoseSpan) -> tuple[str, ...]:
    if span.of_night is not None:
        return (
            span.dose.words,
            _("stated for the night of {day}", day=day_in_words(span.of_night)),
            "",
        )
    last = NO_VALUE if span.last_day is None else day_in_words(span.last_day)
    if span.before_day is not None:
        last = _("not stated; before {day}", day=day_in_words(span.before_day))
    first = NO_VALUE if span.first_day is None else day_in_words(span.first_day)
    return span.dose.words, first, last


def _indices(course: NightCourse, shown: Sequence[IndexCourse]) -> Iterator[Section]:
    for group, members in groupby(shown, key=lambda one: one.group):
        rows = list(members)
        parts = tuple(
            _index_table(course, rows, first)
            for first in range(0, len(course.nights), _COLUMNS_AT_MOST)
        )
        yield Section(key=f"indices-{group}", title=group_title(group), parts=parts)


def _index_table(course: NightCourse, rows: Sequence[IndexCourse], first: int) -> Table:
    numbers = range(first, min(first + _COLUMNS_AT_MOST, len(course.nights)))
    nights = (_("Night {n}", n=k + 1) for k in numbers)
    head = ("", *nights, _("Mean"), in_context("statistics", "Range"))
    lines = tuple(
        (
            f"{index_label(one.name, one.group)} {_unit(one)}".rstrip(),
            *(_value(one.nights[k]) for k in numbers),
            _number(one.mean, one.unit, one.name),
            _number(one.span, one.unit, one.name),
        )
        for one in rows
    )
    return Table(head=head, rows=lines)


def _changes(course: NightCourse, *, every_index: bool) -> Iterator[Section]:
    wanted = [one for one in course.changes if every_index or one.name in MAIN]
    if not course.phases:
        notes = Notes(
            lines=(
                _("Without a context with doses there are no phases and no change between them."),
            )
        )
        yield Section(key="changes", title=_("Changes"), parts=(notes,))
    elif not wanted:
        notes = Notes(
            lines=(
                _(
                    "All nights lie in one phase ({phase}): nothing is compared.",
                    phase=course.phases[0].label,
                ),
            )
        )
        yield Section(key="changes", title=_("Changes"), parts=(notes,))
    for (first, second), members in groupby(wanted, key=lambda one: (one.first, one.second)):
        before, after = course.phases[first], course.phases[second]
        rows = list(members)
        yield Section(
            key=f"change-{first}-{second}",
            title=_("Change from {before} to {after}", before=before.label, after=after.label),
            parts=(
                _change_table(rows, course.rule.coverage),
                Notes(lines=tuple(_change_notes(rows))),
            ),
        )
    if wanted:
        lines = (
            _(
                "A change inside the published night-to-night spread can be chance alone. One "
                "outside may be chance too: the published figures are typical sizes in people "
                "with RLS, not limits. Where two are published, inside one of them is inside. "
                "For other indices and sites none is known."
            ),
            _(
                "The interval is a bootstrap over the nights of each phase, widened for "
                "few nights (psgkit's own choice). It does not account for time, habits "
                "or anything else that changed with the dose, and with so many indices "
                "some intervals exclude 0 by chance."
            ),
        )
        yield Section(key="reading", title=_("How to read a change"), parts=(Notes(lines=lines),))


def _change_table(rows: Sequence[PhaseChange], coverage: float) -> Table:
    percent = with_unit(short_number(100 * coverage), "%")
    head = (
        "",
        _("Before"),
        _("After"),
        _("Change"),
        _("{percent} interval", percent=percent),
        _("Published spread"),
    )
    moved = [one for one in rows if one.change.before or one.change.after]
    none_n = len(rows) - len(moved)
    foot = _("{n} more are 0 or missing in both phases.", n=digits(none_n, 0)) if none_n else ""
    return Table(head=head, rows=tuple(map(_change_row, moved)), foot=foot)


def _change_row(one: PhaseChange) -> tuple[str, ...]:
    change = one.change
    interval = NO_VALUE
    if change.low is not None and change.high is not None:
        low, high = signed_number(change.low, one.unit), signed_number(change.high, one.unit)
        interval = _("{low} to {high}", low=low, high=high)
    return (
        f"{group_title(one.group)}: {index_label(one.name, one.group)} {_unit(one)}".rstrip(),
        _number(change.before, one.unit, ""),
        _number(change.after, one.unit, ""),
        NO_VALUE if change.change is None else signed_number(change.change, one.unit),
        interval,
        _VERDICTS[one.verdict or "none_known"],
    )


def _change_notes(rows: Sequence[PhaseChange]) -> Iterator[str]:
    """Return the published night-to-night spreads used, and why intervals are missing."""
    for one in rows:
        for compared in one.compared:
            if one.change.before or one.change.after:
                yield _compared(one, compared)
    for reason in dict.fromkeys(one.change.interval_reason for one in rows):
        if reason is not None:
            yield _("No interval: {reason}.", reason=translated(reason))


def _compared(one: PhaseChange, compared: Compared) -> str:
    spread = compared.spread
    size = with_unit(short_number(spread.size), "%" if spread.kind == "percent" else "1/h")
    what = f"{group_title(one.group)}, {index_label(one.name, one.group)}"
    source = f"{size} ({spread.source}: {spread.population}; {spread.grade})"
    if compared.inside is None or compared.limit is None:
        return _("{what}: cannot be compared with the published {source}", what=what, source=source)
    limit = with_unit(number(compared.limit, one.unit), one.unit)
    words = {"what": what, "source": source, "limit": limit}
    if compared.inside:
        return _(
            "{what}: the change lies inside the published spread of {source}, here {limit}", **words
        )
    return _(
        "{what}: the change lies outside the published spread of {source}, here {limit}", **words
    )


def _findings(course: NightCourse) -> Iterator[Section]:
    if course.findings:
        rows = tuple(
            (one.severity, one.where, translated(one.message), one.code) for one in course.findings
        )
        yield Section(key="findings", title=_("Findings"), parts=(Remarks(rows=rows),))


def _unit(one: IndexCourse | PhaseChange) -> str:
    unit = unit_in_words(one.unit)
    return f"({unit})" if unit else ""


def _value(index: Index) -> str:
    return _number(index.value, index.unit, index.name)


def _number(value: float | None, unit: str, name: str) -> str:
    return NO_VALUE if value is None else number(value, unit, name)


ENOUGH_NIGHTS = 3
_LINES, _PLACES = 6, 4
"""Indices and phases at most; the tables have them all."""
_THEN = " \u2192 "


def few_nights_warning(course: NightCourse) -> str | None:
    """Return a warning about few nights; None where every phase has enough."""
    if len(course.nights) == 2:  # noqa: PLR2004 - one before, one after
        return _(
            "Two nights say very little: nights of one person vary, and a difference "
            "between two nights cannot be distinguished from that."
        )
    few = [phase.label for phase in course.phases if phase.nights_n < ENOUGH_NIGHTS]
    if not few:
        return None
    return _(
        "Fewer than {n} nights in a phase say little ({phases}): the variation between "
        "nights of this person is not known there.",
        n=ENOUGH_NIGHTS,
        phases="; ".join(few),
    )


def banners(course: NightCourse) -> Iterator[str]:
    """Yield the banners: simulated nights, few nights."""
    simulated = sum(night.report.simulated for night in course.nights)
    if simulated:
        if simulated == len(course.nights):
            yield Simulated(_("All nights are SIMULATED: no person was recorded."))
        else:
            yield Simulated(
                _("{n} nights are SIMULATED: no person was recorded.", n=digits(simulated, 0))
            )
    warning = few_nights_warning(course)
    if warning:
        yield warning


def in_short(course: NightCourse) -> Iterator[Section]:
    """Yield the indices of the figure, one line each, by phase or else by night."""
    names = [phase.label for phase in course.phases] or [one.label for one in course.nights]
    drawn = drawn_indices(course)
    if not drawn or not 1 < len(names) <= _PLACES:
        return
    rows = []
    for one in drawn[:_LINES]:
        known = [
            [
                index.value
                for night, index in enumerate(one.nights)
                if index.value is not None and _place(course, night) == place
            ]
            for place in range(len(names))
        ]
        means = _THEN.join(_mean(values, one.unit) for values in known)
        label = f"{group_title(one.group)}: {index_label(one.name, one.group)}"
        rows.append((label, with_unit(means, one.unit)))
    places = _THEN.join(names)
    note = (
        _("Mean of each phase, one after the other: {places}.", places=places)
        if course.phases
        else _("Each night, one after the other: {places}.", places=places)
    )
    yield Section(key="short", title=_("Summary"), note=note, parts=(Facts(rows=tuple(rows)),))


def _mean(values: list[float], unit: str) -> str:
    return number(sum(values) / len(values), unit) if values else NO_VALUE


def _place(course: NightCourse, night: int) -> int | None:
    """Return the phase of a night, or the night itself without phases."""
    return course.nights[night].phase if course.phases else night
