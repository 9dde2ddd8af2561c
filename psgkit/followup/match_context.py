"""Match each night with the context: its entry, its day on the time line, its phase."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import PurePath
from typing import Any

from psgkit.core.dataclass import dataclass
from psgkit.core.finding import Finding
from psgkit.core.message import translatable
from psgkit.core.recording import NO_DATE
from psgkit.core.stage_source import is_estimate
from psgkit.followup.doses import Dose, NightOnLine, doses_on, time_line_ends
from psgkit.followup.reported import ReportedNight
from psgkit.profile.context.model import Context, Night
from psgkit.profile.context.read import ContextFile
from psgkit.profile.context.timeline import date_of, day_of, day_zero

_NOON = 12
_OF_ONE_NIGHT = ("lights_off_s", "lights_on_s")
BEFORE = "before the time line"
AFTER = "after the time line"
NO_DRUG = "no drug on the time line"


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class PlacedNight:
    """A night with its day on the time line.

    Attributes
    ----------
    report : ReportedNight
    on_line : NightOnLine
        ``day`` is that of the context, without a context counted from the first night.
    label : str
        From the context, else the name of the recording.
    evening : date or None
        Calendar date of the evening, where it is known.
    phase : int or None
        Number of the phase; None if day and dose are unknown.
    """

    report: ReportedNight
    on_line: NightOnLine
    label: str
    evening: date | None = None
    phase: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Phase:
    """Nights in a row under the same doses."""

    label: str
    doses: tuple[Dose, ...]
    nights_n: int


def place_nights(
    reports: Sequence[ReportedNight], context: ContextFile | None
) -> tuple[tuple[PlacedNight, ...], tuple[Finding, ...]]:
    """Return the nights in order of time, and findings about their places.

    The order is by day of the context, then by start of the recording; nights without either come
    last, in the given order.
    """
    entries, findings = _entries(reports, context)
    line = None if context is None else context.context
    nights = [_placed(one, entry, line) for one, entry in zip(reports, entries, strict=True)]
    if line is None:
        nights = _counted_from_the_first(nights)
    nights.sort(key=_when)
    findings += _odd_places(nights, context)
    findings += _odd_nights(nights)
    return tuple(nights), tuple(findings)


def phases_of(
    nights: Sequence[PlacedNight], file: ContextFile | None
) -> tuple[tuple[PlacedNight, ...], tuple[Phase, ...]]:
    """Return the nights with their phases, and the phases; none without a context.

    A phase is a run of nights under the same doses; the same doses after others are a new phase.
    """
    if file is None:
        return tuple(nights), ()
    phases: list[Phase] = []
    placed = []
    for night in nights:
        label, doses = _doses_in_words(night.on_line, file.context)
        if label is None:
            placed.append(night)
            continue
        same = phases and (
            [one.key for one in phases[-1].doses] == [one.key for one in doses]
            and (bool(doses) or phases[-1].label == label)
        )
        if same:
            phases[-1] = replace(phases[-1], nights_n=phases[-1].nights_n + 1)
        else:
            phases.append(Phase(label=label, doses=doses, nights_n=1))
        placed.append(replace(night, phase=len(phases) - 1))
    return tuple(placed), tuple(phases)


def _doses_in_words(night: NightOnLine, context: Context) -> tuple[str | None, tuple[Dose, ...]]:
    """Return the label of the phase of a night, and its doses."""
    doses = doses_on(context, night)
    if doses:
        return " + ".join(dose.words for dose in doses), doses
    ends = time_line_ends(context)
    if night.day is None or ends is None:
        return None, ()
    if night.day < ends[0]:
        return BEFORE, ()
    return (NO_DRUG if ends[1] is None or night.day <= ends[1] else AFTER), ()


def _entries(
    reports: Sequence[ReportedNight], context: ContextFile | None
) -> tuple[list[Night | None], list[Finding]]:
    """Return the entry of each night in the context, found by the names of report and recording."""
    if context is None:
        return [None] * len(reports), []
    rows = context.context.nights
    fits = [[n for n, row in enumerate(rows) if _names(row, one)] for one in reports]
    wanted = [n for found in fits for n in found]
    entries: list[Night | None] = []
    findings = []
    for report, found in zip(reports, fits, strict=True):
        clear = len(found) == 1 and wanted.count(found[0]) == 1
        entries.append(rows[found[0]] if clear else None)
        if found and not clear:
            message = (
                "fits several of [[nights]], or one of them fits several reports: none is used; "
                "write the folder of each report into its file"
            )
            findings.append(Finding("warning", "nights.entry", report.name, message))
    for number, row in enumerate(rows):
        if number not in wanted:
            where = f"{context.source}: nights {number + 1}"
            name = row.file or row.label or "without a file"
            findings.append(Finding("info", "nights.not_given", where, f"no report of {name}"))
    return entries, findings


def _names(row: Night, report: ReportedNight) -> bool:
    """Return whether an entry names a report, by the end of its path or by its recording."""
    if not row.file:
        return False
    parts = PurePath(row.file).parts
    return report.path.parts[-len(parts) :] == parts or report.recording == parts[-1]


def _placed(report: ReportedNight, entry: Night | None, context: Context | None) -> PlacedNight:
    evening = _evening(report)
    day = None
    if context is not None and entry is not None and entry.date is not None:
        day = day_of(context, entry.date)
        evening = date_of(context, day) or evening
    elif context is not None and evening is not None and day_zero(context) is not None:
        day = day_of(context, evening)
    label = entry.label if entry is not None and entry.label else None
    return PlacedNight(
        report=report,
        on_line=NightOnLine(day=day, entry=entry),
        label=label or report.recording or report.name,
        evening=evening,
    )


def _evening(report: ReportedNight) -> date | None:
    """Return the date of the evening, for a night that begins after midnight the day before.

    None for a simulated night, whose date is arbitrary, and where no date is known.
    """
    if report.start is None or report.simulated or report.start.date() == NO_DATE:
        return None
    begun = report.start.date()
    after_midnight = report.start.hour < _NOON and begun > date.min
    return begun - timedelta(days=1) if after_midnight else begun


def _counted_from_the_first(nights: Sequence[PlacedNight]) -> list[PlacedNight]:
    """Return the nights with their days counted from the first one."""
    evenings = [night.evening for night in nights if night.evening is not None]
    first = min(evenings, default=None)
    return [
        night
        if night.evening is None or first is None
        else replace(night, on_line=NightOnLine(day=(night.evening - first).days))
        for night in nights
    ]


def _when(night: PlacedNight) -> tuple[bool, int, bool, str]:
    """Return the key to sort nights by."""
    day, start = night.on_line.day, night.report.start
    known = start is not None and not night.report.simulated
    return day is None, day or 0, not known, start.isoformat() if known and start else ""


def _odd_places(nights: Sequence[PlacedNight], context: ContextFile | None) -> Iterator[Finding]:
    """Find nights without a day, and nights outside the time line."""
    ends = None if context is None else time_line_ends(context.context)
    for night in nights:
        day, where = night.on_line.day, night.report.name
        if day is None:
            message = "no day: neither [[nights]] of a context nor the recording states one"
            if night.report.simulated:
                message = "no day: the date of a simulated night means nothing"
            if context is not None and night.evening is not None:
                message = "the context counts days without a date, and [[nights]] gives no day"
            yield Finding("warning", "nights.no_day", where, f"{message}; it is listed last")
        elif ends is not None and context is not None:
            outside = day < ends[0] or (ends[1] is not None and day > ends[1])
            if outside and not doses_on(context.context, night.on_line):
                yield _outside(night, ends, context)


def _outside(night: PlacedNight, ends: tuple[int, int | None], context: ContextFile) -> Finding:
    """Return the finding that the drugs of a night are unknown, with its line in the file."""
    line = f"day {ends[0]} to {'now' if ends[1] is None else ends[1]}"
    day, where = night.on_line.day, night.report.name
    message = f"day {day} lies outside the time line ({line}): drugs on that day are unknown"
    entries = context.context.nights
    own = [number for number, one in enumerate(entries) if one is night.on_line.entry]
    if own:
        message = f"{where}: {message}"
        where = context.place_of(("nights", own[0], "date"))
    return Finding("warning", "nights.outside", where, message)


def _scored_by(report: ReportedNight) -> dict[str, Any]:
    """Return rules and settings without lights, which differ between nights."""
    settings = {name: one for name, one in report.settings.items() if name not in _OF_ONE_NIGHT}
    return {"rules": report.rules, **settings}


def _odd_nights(nights: Sequence[PlacedNight]) -> Iterator[Finding]:
    """Find nights scored by other rules or versions, and nights given twice."""
    seen: dict[str, str] = {}
    for night in nights:
        report = night.report
        marks = [mark for mark in (report.sha256, str(report.path)) if mark is not None]
        again = [seen[mark] for mark in marks if mark in seen]
        if again:
            message = f"the same recording as {again[0]}: one night counts twice"
            yield Finding("warning", "nights.same_recording", report.name, message)
        seen.update(dict.fromkeys(marks, report.name))
    first = nights[0].report
    for night in nights[1:]:
        where = night.report.name
        if _scored_by(night.report) != _scored_by(first):
            rules = f" ({night.report.rules}, not {first.rules})"
            other = rules if night.report.rules != first.rules else ""
            message = f"other settings than {first.name}{other}: a change may come from them"
            yield Finding("warning", "nights.settings", where, message)
        if night.report.version != first.version:
            message = f"psgkit {night.report.version}, not {first.version} as {first.name}"
            yield Finding("info", "nights.version", where, message)
    yield from _mixed_stages(nights)


def _mixed_stages(nights: Sequence[PlacedNight]) -> Iterator[Finding]:
    """Find nights with estimated stages among nights with scored ones."""
    staged = [one.report for one in nights if one.report.stages_from is not None]
    kinds = dict.fromkeys(one.stages_from for one in staged)
    if len(kinds) < 2:  # noqa: PLR2004 - all alike
        return
    for report in staged:
        if is_estimate(report.stages_from):
            others = sum(one.stages_from != report.stages_from for one in staged)
            message = translatable(
                f"the stages are {report.stages_from}, and otherwise in {others} of {len(staged)} "
                "nights: a change of an index of sleep may come from that"
            )
            yield Finding("warning", "nights.stages", report.name, message)
