"""Tables of single nights and single days for the page."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from psgkit.core.days.days_report import DayRow, DaysReport, NightRow
from psgkit.core.index import Index
from psgkit.detect.accelerometer.channels import GROUP_PREFIX
from psgkit.report.days.words import days_cell, local_clock
from psgkit.report.page_model import Notes, Section, Table
from psgkit.report.words.language import _
from psgkit.report.words.messages import translated
from psgkit.report.words.number_format import (
    NO_VALUE,
    day_and_month,
    digits,
    short_number,
    unit_in_words,
    with_unit,
)
from psgkit.report.words.words import capitalised, site_in_words

_GROUP, _SLEEP = "rest_activity", "sleep_estimated"
_PERIODIC = "plms_index"
_COLUMNS_AT_MOST = 2
_CLOCK_DAY_H = 24.0


def night_section(report: DaysReport) -> Section:
    """Return the section with one line for each night."""
    groups = _movement_groups(report.nights)
    shown_groups = groups[:_COLUMNS_AT_MOST]
    periodic = tuple(_("{place}, /h", place=_place(name)) for name in shown_groups)
    head = (
        _("Evening"),
        _("Window"),
        _("Sleep, h"),
        _("Awake, min"),
        _("Asleep, %"),
        _("Turns, /h"),
        *periodic,
    )
    rows = tuple(_night(night, report, shown_groups) for night in report.nights)
    table = _with_values(
        Table(
            head=head,
            rows=rows,
            n_text=2,
            foot=_(
                "Window: clock times of lying down to sleep and getting up; cut off "
                "where the night continues without recording or wear."
            ),
        )
    )
    parts = (
        _explained(
            table,
            periodic,
            _(
                "The last columns are periodic movements an hour of estimated sleep, by "
                "accelerometers there: not comparable with EMG."
            ),
        ),
        Notes(lines=tuple(_about_windows(report.nights))),
    )
    label = report.sleep_label
    note = f"{capitalised(label)}." if label else ""
    return Section(key="nights", title=_("Nights"), note=note, parts=parts)


def _place(group: str) -> str:
    """Return the place of the sensor of a group, as a column head."""
    return capitalised(site_in_words(group.removeprefix(GROUP_PREFIX)))


def _about_windows(nights: Sequence[NightRow]) -> Iterator[str]:
    """Yield the sources of the windows, and why some nights have none."""
    for source, count in Counter(night.window.source for night in nights).items():
        if source:
            yield _("Windows from {source}: {count}.", source=source, count=count)
    for night in nights:
        if night.window.reason:
            yield f"{day_and_month(night.window.evening)}: {translated(night.window.reason)}."


def _with_values(table: Table) -> Table:
    """Return a table without the columns that have no value in any line."""
    kept = [
        column
        for column in range(len(table.head))
        if column < table.n_text or any(row[column] != NO_VALUE for row in table.rows)
    ]
    return replace(
        table,
        head=tuple(table.head[column] for column in kept),
        rows=tuple(tuple(row[column] for column in kept) for row in table.rows),
    )


def _explained(table: Table, columns: Sequence[str], sentence: str) -> Table:
    """Return a table with an explanation below it if it has any of the columns explained."""
    if not set(columns) & set(table.head):
        return table
    return replace(table, foot=f"{table.foot} {sentence}")


def _day_of(day: date, clock_h: float) -> str:
    """Return a date, with its hours where they are not 24."""
    hours = "" if clock_h == _CLOCK_DAY_H else f" ({with_unit(short_number(clock_h), 'h')})"
    return f"{day_and_month(day)}{hours}"


def _movement_groups(nights: Sequence[NightRow]) -> list[str]:
    """Return the accelerometer groups with observed time, ankles first."""
    names = {
        group: any(
            night.indices[group][_PERIODIC].value is not None
            for night in nights
            if group in night.indices
        )
        for night in nights
        for group in night.indices
        if group.startswith(GROUP_PREFIX)
    }
    seen = [name for name, there in names.items() if there]
    return sorted(seen, key=lambda name: ("ankle" not in name, "wrist" in name))


def _night(night: NightRow, report: DaysReport, groups: Sequence[str]) -> tuple[str, ...]:
    window = night.window
    times = NO_VALUE
    if window.span_s is not None:
        begin, end = (local_clock(report, at) for at in window.span_s)
        cut = f" ({_('cut off')})" if window.cut_off else ""
        times = f"{_('{begin} to {end}', begin=begin, end=end)}{cut}"
    sleep = night.indices[_SLEEP]
    posture = night.indices.get("posture", {})
    return (
        _day_of(window.evening, night.clock_h),
        times,
        _hours(sleep["tst_min"]),
        days_cell(sleep["waso_min"]),
        days_cell(sleep["se_pct"]),
        _cell(posture.get("turns_30_index")),
        *(_cell(night.indices.get(group, {}).get(_PERIODIC)) for group in groups),
    )


def _hours(minutes: Index) -> str:
    return NO_VALUE if minutes.value is None else digits(minutes.value / 60, 2)


def _cell(index: Index | None) -> str:
    return NO_VALUE if index is None else days_cell(index)


def day_section(report: DaysReport) -> Section:
    """Return the section with one line for each day."""
    activity = report.activity
    unit = unit_in_words(activity.unit) if activity is not None else ""
    foot = (
        _("From midnight to midnight. Activity is the mean in {unit}.", unit=unit)
        if unit
        else _("From midnight to midnight. Activity is the mean.")
    )
    shares = (
        _("Seated, %"),
        _("Lying, %"),
        _("Walking, %"),
        _("Movements, /h"),
        _("Trains seated, /h"),
        _("Trains lying, /h"),
    )
    head = (_("Date"), _("Worn, h"), _("Activity"), *shares)
    rows = tuple(map(_day, report.days))
    table = _with_values(Table(head=head, rows=rows, foot=foot))
    table = _explained(
        table,
        shares,
        _(
            "Shares are of the time awake outside the windows of the nights; movements and "
            "trains are of ankles, an hour of waking rest."
        ),
    )
    return Section(key="days", title=_("Days"), parts=(table,))


def _day(day: DayRow) -> tuple[str, ...]:
    found = day.indices[_GROUP]
    shares = [found[f"{kind}_share"] for kind in ("seated", "lying", "walking")]
    return (
        _day_of(day.date, day.clock_h),
        digits(day.seen_h, 1),
        days_cell(found["activity_mean"]),
        *(NO_VALUE if one.value is None else digits(100 * one.value, 0) for one in shares),
        days_cell(found["movements_rest_per_h"]),
        days_cell(found["rhythmic_trains_seated_per_h"]),
        days_cell(found["rhythmic_trains_lying_per_h"]),
    )
