"""Sections on parts of the night and of the body: PLM table, course over the hours, others."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from psgkit.core.index import Index
from psgkit.core.index_catalogue import in_order
from psgkit.core.night_report import BreakdownRow, NightReport
from psgkit.document.values import finite, tidy
from psgkit.report.marked_numbers import Number, cell, in_words, index_key
from psgkit.report.page_model import Bars, Facts, Notes, Part, Table
from psgkit.report.words.language import Words, _, marked
from psgkit.report.words.messages import translated
from psgkit.report.words.number_format import NO_VALUE, clock, digits, unit_in_words
from psgkit.report.words.words import (
    BREAKDOWN_TITLES,
    MOVEMENT_MARK,
    POSTURE_NAMES,
    SENSOR_PREFIX,
    SITE_NAMES,
    STAGE_NAMES,
    capitalised,
    group_title,
    index_label,
    site_in_words,
    word_of,
)

_HOURLY = ("plms_index", "plm_index_recording", "plm_index", "plm_n", "lm_index_recording", "lm_n")
_DIVISIONS = ("night", "stage", "side", "third", "half", "hour", "posture")
_COLUMNS = ("lm_n", "clm_n", "plm_n", "plm_index", "plms_index", "plmnr_n", "plmnr_index")
_HEADS = Words(
    {
        "lm_n": marked("LM"),
        "clm_n": marked("CLM"),
        "plm_n": marked("PLM"),
        "plm_index": marked("PLM /h"),
        "plms_index": marked("PLMS /h"),
        "plmnr_n": marked("PLMnr"),
        "plmnr_index": marked("PLMnr /h"),
    }
)
_SENSOR_HEADS = Words(
    {
        "lm_n": marked("Movements"),
        "clm_n": marked("Candidates"),
        "plm_n": marked("Periodic"),
        "plm_index": marked("Periodic /h"),
        "plms_index": marked("in sleep /h"),
        "plmnr_n": marked("Without resp."),
        "plmnr_index": marked("Without resp. /h"),
    }
)
_WHOLE_NIGHT = Words(
    {"all": marked("Lights off to on"), "sleep": marked("Sleep"), "wake": marked("Wake")}
)
_PART_NAMES = Words(
    {"first": marked("first"), "second": marked("second"), "third": marked("third")}
)
_HOURS_AT_MOST = 36
"""Recordings of days have their course as bars only."""


def breakdown_parts(group: str, report: NightReport) -> tuple[Part, ...]:
    """Return one table of all parts of the night and body, and bars for the hours."""
    divided: dict[str, list[BreakdownRow]] = {}
    for row in report.breakdown:
        if row.group == group:
            divided.setdefault(row.by, []).append(row)
    order = list(STAGE_NAMES)
    divided.get("stage", []).sort(
        key=lambda row: order.index(row.level) if row.level in STAGE_NAMES else len(order)
    )
    said = {translated(index.reason or "") for index in report.indices[group].values()}
    tabled = {by: rows for by, rows in divided.items() if all(map(_counts_movements, rows))}
    parts: list[Part] = [_plm_table(tabled, report, said)] if tabled else []
    if "hour" in divided:
        parts.append(_hours(divided["hour"], report))
    parts += [_division(by, rows, said) for by, rows in divided.items() if by not in tabled]
    return tuple(parts)


def _counts_movements(row: BreakdownRow) -> bool:
    return MOVEMENT_MARK in row.indices and row.by in _DIVISIONS


def _plm_table(
    divided: Mapping[str, list[BreakdownRow]], report: NightReport, said: set[str]
) -> Table:
    """Return one line for each part of night or body, with and without respiratory movements."""
    group = next(iter(divided.values()))[0].group
    of_sensor = group.startswith(SENSOR_PREFIX)
    heads = _SENSOR_HEADS if of_sensor else _HEADS
    there = {name for rows in divided.values() for row in rows for name in row.indices}
    columns = [name for name in _COLUMNS if name in there]
    rows: list[tuple[str, ...]] = []
    for by in _DIVISIONS:
        if by not in divided or (by == "hour" and len(divided[by]) > _HOURS_AT_MOST):
            continue
        if by != "night":
            rows.append((BREAKDOWN_TITLES[by], *[""] * len(columns), ""))
        rows += [_plm_row(row, columns, report) for row in divided[by]]
    return Table(
        title=_("Movements by part of the night and of the body"),
        head=("", *(heads[name] for name in columns), _("hours")),
        rows=tuple(rows),
        foot=" ".join((_foot(of_sensor=of_sensor), *_reasons(divided.values(), columns, said))),
    )


def _foot(*, of_sensor: bool) -> str:
    """Return the explanation of the columns of the PLM table."""
    if of_sensor:
        return _(
            "Periodic: in a series, estimated. Without resp.: without respiratory movements, "
            "series rebuilt. Rates are per hour in which movements could be seen."
        )
    return _(
        "PLMnr: without respiratory movements, series rebuilt. Rates are per hour in which "
        "movements could be seen."
    )


def _plm_row(row: BreakdownRow, columns: Sequence[str], report: NightReport) -> tuple[str, ...]:
    """Return one part of the night or body, with its hours of observation."""
    rate = row.indices.get("plm_index")
    hours = None if rate is None else tidy(rate.denominator_h)
    key = _key(row, "plm_index")
    return (
        _level(row, report),
        *(_cell_of(row, name) if name in row.indices else "" for name in columns),
        NO_VALUE if hours is None else Number.of(digits(hours, 2), f"{key}.denominator_h", hours),
    )


def _reasons(
    divided: Iterable[Iterable[BreakdownRow]], names: Iterable[str], said: set[str]
) -> Iterator[str]:
    """Yield the reasons of missing values in a table that are not in ``said``."""
    found = dict.fromkeys(
        translated(finite(row.indices[name]).reason or "")
        for rows in divided
        for row in rows
        for name in names
        if name in row.indices
    )
    new = [reason for reason in found if reason and reason not in said]
    if new:
        yield _("{sign} not available: {reasons}.", sign=NO_VALUE, reasons="; ".join(new))


def _key(row: BreakdownRow, name: str) -> str:
    """Return the key in the JSON of an index of a part of the night or body."""
    return f"breakdown.{row.group}.{row.by}.{row.level}.{name}"


def _division(by: str, rows: list[BreakdownRow], said: set[str]) -> Table:
    """Return lines of indices with a column for each level, and reasons not in ``said``."""
    names = [
        name
        for name in in_order({name: None for row in rows for name in row.indices})
        if any(_cell_of(row, name) != NO_VALUE for row in rows)
    ]
    title = BREAKDOWN_TITLES.get(by) or _("By {name}", name=site_in_words(by))
    return Table(
        head=(title, *(_level_name(by, row.level) for row in rows)),
        rows=tuple(
            (_label_with_unit(name, rows), *(_cell_of(row, name) for row in rows)) for name in names
        ),
        foot=" ".join(_reasons([rows], names, said)),
    )


def _cell_of(row: BreakdownRow, name: str) -> str:
    """Return one value of a part of the night."""
    return cell(row.indices.get(name), _key(row, name))


def _label_with_unit(name: str, rows: Iterable[BreakdownRow]) -> str:
    """Return the label of a line of a division, with the unit of its values."""
    row = next(row for row in rows if name in row.indices)
    unit = unit_in_words(row.indices[name].unit)
    label = index_label(name, row.group)
    return f"{label}, {unit}" if unit else label


def _level(row: BreakdownRow, report: NightReport) -> str:
    """Return the label of a line of the PLM table."""
    if row.by == "hour":
        return _hour_label(row.level, report)
    return _level_name(row.by, row.level)


def _level_name(by: str, level: str) -> str:
    """Return the label of a part of the night or body."""
    if by == "stage":
        return STAGE_NAMES.get(level, level)
    if by == "night":
        return _WHOLE_NIGHT.get(level, level)
    words = {"posture": POSTURE_NAMES, "side": SITE_NAMES}.get(by, _PART_NAMES)
    return capitalised(word_of(words, level) or _("not stated"))


def _hours(rows: list[BreakdownRow], report: NightReport) -> Bars:
    """Return the course of an index through the night: the first preferred one that exists."""
    names = in_order({name: None for row in rows for name in row.indices})
    ranked = [*(name for name in _HOURLY if name in names), *names]
    name = next((n for n in ranked if any(_cell_of(row, n) != NO_VALUE for row in rows)), None)
    if name is None:
        return Bars(rows=())
    bars = tuple(
        (_hour_label(row.level, report), _length(row, name), _cell_of(row, name)) for row in rows
    )
    title = f"{_label_with_unit(name, rows)} \u00b7 {_('by hour from lights off')}"
    return Bars(title=title, rows=bars)


def _length(row: BreakdownRow, name: str) -> float | None:
    return finite(row.indices[name]).value if name in row.indices else None


def _hour_label(level: str, report: NightReport) -> str:
    """Return the begin of an hour, by the clock if there is one."""
    if report.start is None or not level.isdecimal():
        return _("hour {level}", level=level)
    return clock(report.start, report.lights.off_s + 3600 * (int(level) - 1)).rsplit(":", 1)[0]


_GROUP = "movement_relief"
_ENDS_WITH = "_episodes_n"
_RATES = ("before_rate", "up_rate", "after_rate")


def relief_parts(indices: Mapping[str, Index]) -> tuple[Part, ...]:
    """Return the number of times out of bed, and the rates before and after.

    Examples
    --------
    >>> relief_parts({"episodes_n": Index.missing("episodes_n", "no sensor at the trunk")})
    (Notes(lines=('Not available: no sensor at the trunk.',), title=''),)
    """
    found = {name: finite(index) for name, index in indices.items()}
    times = found["episodes_n"]
    if times.reason is not None:
        reason = translated(times.reason).rstrip(".")
        return (Notes(lines=(_("Not available: {reason}.", reason=reason),)),)
    shown = in_words(times, index_key(_GROUP, "episodes_n"))
    parts: tuple[Part, ...] = (Facts(rows=((_("Times up"), shown),)),)
    groups = [name.removesuffix(_ENDS_WITH) for name in found if name.endswith(_ENDS_WITH)]
    if not times.value:
        return parts
    head = (
        _("Movements an hour"),
        _("before"),
        _("up"),
        _("after"),
        _("after / before"),
        _("times up"),
    )
    return (*parts, Table(head=head, rows=tuple(_row(group, found) for group in groups)))


def _row(group: str, found: Mapping[str, Index]) -> tuple[str, ...]:
    low, high = (_shown(found, f"{group}_relief_ratio_{end}") for end in ("low", "high"))
    ratio = _shown(found, f"{group}_relief_ratio")
    shown = ratio
    if NO_VALUE not in (low, high):
        shown = _("{ratio} ({low} to {high})", ratio=ratio, low=low, high=high)
    return (
        group_title(group),
        *(_shown(found, f"{group}_{rate}") for rate in _RATES),
        Number.of(shown, ratio.key, ratio.value) if isinstance(ratio, Number) else shown,
        _shown(found, f"{group}{_ENDS_WITH}"),
    )


def _shown(found: Mapping[str, Index], name: str) -> str:
    return cell(found.get(name), index_key(_GROUP, name))
